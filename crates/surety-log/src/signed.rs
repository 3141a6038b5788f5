//! A checkpoint as it is published: with the signature of its log and the cosignatures of witnesses.

use std::fmt;

use crate::checkpoint::{Checkpoint, Origin, ParseCheckpointError};
use crate::key::{SignError, Signer, VerifierKey};
use crate::note::{Note, NoteError, Verified, parse_signatures};

/// Why a signed checkpoint is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CheckpointError {
    /// The note around it.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// The text in it.
    #[error(transparent)]
    Text(#[from] ParseCheckpointError),
    /// No key is known for a log of this name.
    #[error("no key of a log called `{0}` is trusted here")]
    UnknownLog(Origin),
}

/// A checkpoint and the note that carries it, always in step. What it says may be believed only after
/// [`SignedCheckpoint::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    note: Note,
}

impl SignedCheckpoint {
    /// Signs a checkpoint with each key of its log, at a time in seconds since 1970.
    pub fn sign(checkpoint: Checkpoint, signers: &[&dyn Signer], time: u64) -> Result<Self, SignError> {
        let mut note = Note::new(checkpoint.to_string()).map_err(|error| SignError(error.to_string()))?;
        for signer in signers {
            note.sign(*signer, time)?;
        }
        Ok(Self { checkpoint, note })
    }

    /// Reads a checkpoint. Nothing is verified yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, CheckpointError> {
        let note = Note::parse(bytes)?;
        Ok(Self { checkpoint: note.text().parse()?, note })
    }

    /// What it says, verified or not.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// The note that carries it.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// Checks that the log it names signed it. Of the trusted keys, those with the name of the log count.
    pub fn verify<'k>(
        &self,
        trusted: impl IntoIterator<Item = &'k VerifierKey>,
    ) -> Result<Vec<Verified<'k>>, CheckpointError> {
        let origin = self.checkpoint.origin();
        let mut keys = trusted.into_iter().filter(|key| key.name().as_str() == origin.as_str()).peekable();
        if keys.peek().is_none() {
            return Err(CheckpointError::UnknownLog(origin.clone()));
        }
        Ok(self.note.verify(keys)?)
    }

    /// Takes over, from the signature lines that a witness answered, those by a known witness, in the place of its
    /// earlier ones. Gives how many there were.
    ///
    /// # Errors
    /// When the lines are malformed, or when a signature by a known witness is not good; then nothing is taken
    /// over.
    pub fn add_cosignatures(&mut self, lines: &str, witnesses: &[&VerifierKey]) -> Result<usize, NoteError> {
        let offered = parse_signatures(lines)?;
        let mut note = self.note.clone();
        let mut taken = 0;
        for key in witnesses {
            for signature in offered.iter().filter(|signature| signature.is_by(key)) {
                key.verify(note.text(), &signature.bytes)
                    .map_err(|why| NoteError::Signature { name: key.name().clone(), why })?;
                note.replace(key, signature.clone())?;
                taken += 1;
            }
        }
        self.note = note;
        Ok(taken)
    }
}

impl fmt::Display for SignedCheckpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.note.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{SEED_LEN, SignatureType, SignerKey};
    use crate::tree::Hash;

    fn key(name: &str, kind: SignatureType, seed: u8) -> SignerKey {
        SignerKey::from_seed(name.parse().unwrap(), kind, &[seed; SEED_LEN]).unwrap()
    }

    fn signed(origin: &str, key: &SignerKey) -> SignedCheckpoint {
        let checkpoint = Checkpoint::new(origin.parse().unwrap(), 5, Hash([5; 32])).unwrap();
        SignedCheckpoint::sign(checkpoint, &[key], 1_000).unwrap()
    }

    #[test]
    fn a_log_speaks_for_itself_only() {
        let ours = key("log.example", SignatureType::Ed25519, 1);
        let other = key("other.example", SignatureType::Ed25519, 2);
        let trusted = [ours.verifier(), other.verifier()];
        assert!(signed("log.example", &ours).verify(trusted).is_ok());
        let error = signed("log.example", &other).verify(trusted).unwrap_err();
        assert_eq!(error, CheckpointError::Note(NoteError::NoTrustedKey(1)));
        let error = signed("third.example", &ours).verify(trusted).unwrap_err();
        assert!(matches!(error, CheckpointError::UnknownLog(_)));
    }

    #[test]
    fn cosignatures_are_taken_over_from_known_witnesses_only() {
        let log = key("log.example", SignatureType::Ed25519, 1);
        let known = key("witness.example/w1", SignatureType::MlDsa44, 2);
        let unknown = key("witness.example/w2", SignatureType::Cosignature, 3);
        let mut published = signed("log.example", &log);
        let mut note = Note::new(published.note().text().to_owned()).unwrap();
        note.sign(&known, 2_000).unwrap();
        note.sign(&unknown, 2_000).unwrap();
        let text = note.to_string();
        let (_, lines) = text.rsplit_once("\n\n").unwrap();

        assert_eq!(published.add_cosignatures(lines, &[known.verifier()]), Ok(1));
        assert_eq!(published.note().signatures().len(), 2);
        let read = SignedCheckpoint::parse(published.to_string().as_bytes()).unwrap();
        assert_eq!(read.note().verify([known.verifier()]).unwrap()[0].time, Some(2_000));

        let mut other = signed("other.example", &key("other.example", SignatureType::Ed25519, 4));
        let before = other.clone();
        assert!(other.add_cosignatures(lines, &[known.verifier()]).is_err(), "of another log");
        assert!(other.add_cosignatures("no lines", &[known.verifier()]).is_err());
        assert_eq!(other, before);
    }
}
