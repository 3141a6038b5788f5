//! What shows that an entry is in a log, as `surety verify` and other programs read it.

use surety_net::server::{PROOF_MEDIA_TYPE, STATEMENT_MEDIA_TYPE};

use crate::problem::Problem;
use crate::site::Cx;

/// `12.tlog-proof` is the proof of entry 12 (C2SP `tlog-proof`), `12.cose` the entry itself.
pub(crate) fn answer(cx: &Cx<'_>, name: &str) -> Result<(&'static str, Vec<u8>), Problem> {
    let entries = &cx.site.entries;
    let found = name.split_once('.').and_then(|(place, kind)| {
        let place = place.parse::<usize>().ok().filter(|number| number.to_string() == place)?;
        Some((place, entries.all().get(place)?, kind))
    });
    let (place, entry, kind) = found.ok_or_else(|| Problem::not_found(&format!("entry/{name}")))?;
    match kind {
        "cose" if entries.signed.is_some() => Ok((STATEMENT_MEDIA_TYPE, entry.bytes.clone())),
        "tlog-proof" => match entries.proof(place) {
            Some(proof) => Ok((PROOF_MEDIA_TYPE, proof.to_string().into_bytes())),
            None => Err(Problem::unknown(
                "No checkpoint is published for just these entries, so there is no proof with one.",
            )),
        },
        _ => Err(Problem::not_found(&format!("entry/{name}"))),
    }
}

/// The files of an entry, for links.
pub(crate) fn files(place: usize) -> [String; 2] {
    [format!("entry/{place}.tlog-proof"), format!("entry/{place}.cose")]
}
