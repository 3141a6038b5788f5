//! What every challenge depends on: protocol, State, dates, roots, statement, generators, bits, aggregation.
//!
//! A proof made for one statement verifies for no other, because all of this is hashed (Merlin) before the
//! first challenge is drawn.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use tari_merlin::Transcript;

use crate::Anchor;
use crate::group::{VALUE_BASE, blinding_base};

/// The beginning of every transcript: name and version of the protocol.
const PROTOCOL: &[u8] = b"surety-proof/1";

/// A transcript that is bound to what is proven, and about which roots, the older first.
pub(crate) fn transcript(anchors: &[Anchor], statement: &[u8]) -> Transcript {
    let mut transcript = Transcript::new(PROTOCOL);
    transcript.append_u64(b"roots", anchors.len() as u64);
    for anchor in anchors {
        transcript.append_message(b"state", anchor.state.as_str().as_bytes());
        transcript.append_message(b"date", anchor.date.to_string().as_bytes());
        transcript.append_message(b"root", &anchor.root.0);
    }
    transcript.append_message(b"statement", statement);
    append_point(&mut transcript, b"value base", &VALUE_BASE);
    append_point(&mut transcript, b"blinding base", &blinding_base());
    transcript
}

/// The transcript of one part of a proof: which part, and where in it.
pub(crate) fn part(base: &Transcript, name: &'static [u8], at: usize) -> Transcript {
    let mut transcript = base.clone();
    transcript.append_message(b"part", name);
    transcript.append_u64(b"at", at as u64);
    transcript
}

pub(crate) fn append_point(transcript: &mut Transcript, label: &'static [u8], point: &RistrettoPoint) {
    transcript.append_message(label, point.compress().as_bytes());
}

pub(crate) fn challenge(transcript: &mut Transcript) -> Scalar {
    let mut bytes = [0; 64];
    transcript.challenge_bytes(b"challenge", &mut bytes);
    Scalar::from_bytes_mod_order_wide(&bytes)
}
