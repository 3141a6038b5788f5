//! What commitments, claims, disclosures and reviews have in common on the command line.

mod attachments;
mod logged;
mod mass;
mod scope;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use rand::rngs::StdRng;
use rand_core::SeedableRng as _;
use surety_core::{Date, FactDate, StateCode};
use surety_proof::{FILE_LEN_MAX, FileKind, Package};
use surety_statement::{Body, Content, Payload, Place, Reference, Subject};
use zeroize::Zeroizing;

pub(crate) use self::attachments::Attachments;
pub(crate) use self::logged::{LoggedRoots, logged_roots};
pub(crate) use self::mass::{counted, in_words, kg, shown_in_words};
pub(crate) use self::scope::scope;
use crate::files;
use crate::statement::draft_of;

/// Randomness of the operating system.
pub(crate) fn rng() -> anyhow::Result<StdRng> {
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut *seed)
        .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
    Ok(StdRng::from_seed(*seed))
}

/// Reads a package.
pub(crate) fn read_package(path: &Path) -> anyhow::Result<Package> {
    let bytes = files::read(path, FILE_LEN_MAX)?;
    Package::read(&bytes).with_context(|| path.display().to_string())
}

/// Writes a draft of a statement on a State, for its issuer to read and sign. It may take the place of an earlier one.
pub(crate) fn write_draft(
    path: &Path,
    state: StateCode,
    date: Date,
    note: &str,
    corrects: Option<Reference>,
    body: Body,
) -> anyhow::Result<()> {
    let payload = Payload {
        date: FactDate::on(date),
        corrects,
        note: note.to_owned(),
        ..Payload::new(Subject::State(state), Content::Fact(body), Place::FIRST)
    };
    let text = serde_json::to_string_pretty(&draft_of(&payload)?)? + "\n";
    files::write_new(path, text.as_bytes())
}

/// A file in a folder, such as `XAA-2026-12-31.package`.
pub(crate) fn named(folder: &Path, state: StateCode, date: Date, end: &str) -> PathBuf {
    folder.join(format!("{state}-{date}.{end}"))
}

/// Where whoever reads a statement finds a file that it only names: under an address, or beside the log.
pub(crate) fn address(base: Option<&str>, path: &Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    base.map_or_else(|| name.to_string(), |base| format!("{}/{name}", base.trim_end_matches('/')))
}

/// A kind of file as it is called in statements.
pub(crate) fn media_type(kind: FileKind) -> String {
    surety_world::media_type(kind)
}
