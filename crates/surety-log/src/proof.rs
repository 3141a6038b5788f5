//! The proof file: everything that shows, offline, that an entry was logged and seen (C2SP `tlog-proof`).

use std::fmt;

use crate::checkpoint::Checkpoint;
use crate::note::NOTE_LEN_MAX;
use crate::policy::{Cosigned, Policy, PolicyError};
use crate::signed::{CheckpointError, SignedCheckpoint};
use crate::text;
use crate::tree::{
    Hash, PROOF_HASHES_MAX, ParseHashError, ProofError, TREE_SIZE_MAX, leaf_hash, verify_inclusion,
};

/// The first line of a proof file.
const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1";

/// The most bytes of the extra data.
pub const EXTRA_LEN_MAX: usize = 64 * 1024;

/// The most bytes of a proof file.
pub const PROOF_LEN_MAX: usize = NOTE_LEN_MAX + 2 * EXTRA_LEN_MAX;

/// That an entry is in a log, as a file. What it says may be believed only after [`Proof::verify`].
///
/// It names neither the entry nor the log that one should believe: the reader has both. Its extra data is
/// never authenticated: whoever passes the file on can change it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    extra: Option<Vec<u8>>,
    index: u64,
    hashes: Vec<Hash>,
    checkpoint: SignedCheckpoint,
}

/// What a proof has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The place of the entry in the log.
    pub index: u64,
    /// The checkpoint it is in.
    pub checkpoint: Checkpoint,
    /// The witnesses that saw this checkpoint, as the policy calls them, and when.
    pub cosigned: Vec<Cosigned>,
}

/// Why a proof file proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProofFileError {
    /// More bytes than allowed.
    #[error("the proof has {0} bytes, and {PROOF_LEN_MAX} are allowed")]
    TooLong(usize),
    /// Another kind of file.
    #[error("this is not a proof: its first line is not `{FIRST_LINE}`")]
    FirstLine,
    /// The lines before the checkpoint.
    #[error("the proof is damaged before its checkpoint: {0}")]
    Head(&'static str),
    /// A line that should be a hash.
    #[error("the path in the proof: {0}")]
    Hash(#[from] ParseHashError),
    /// The checkpoint cannot be read.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// The checkpoint does not count.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// The entry is not in the tree of the checkpoint.
    #[error("the entry is not at this place in the log: {0}")]
    Inclusion(#[from] ProofError),
}

impl Proof {
    /// Puts a proof together. [`Proof::verify`] tells whether its parts fit.
    pub fn new(index: u64, hashes: Vec<Hash>, checkpoint: SignedCheckpoint) -> Self {
        Self { extra: None, index, hashes, checkpoint }
    }

    /// The same with extra data, which nobody must trust.
    ///
    /// # Errors
    /// When there is more of it than [`EXTRA_LEN_MAX`].
    pub fn with_extra(mut self, extra: Vec<u8>) -> Result<Self, ProofFileError> {
        if extra.len() > EXTRA_LEN_MAX {
            return Err(ProofFileError::Head("the extra data is too long"));
        }
        self.extra = Some(extra);
        Ok(self)
    }

    /// Reads a proof file. Nothing is verified yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, ProofFileError> {
        if bytes.len() > PROOF_LEN_MAX {
            return Err(ProofFileError::TooLong(bytes.len()));
        }
        let all = std::str::from_utf8(bytes).map_err(|_| ProofFileError::Head("it is not text"))?;
        let rest = all.strip_prefix(FIRST_LINE).and_then(|rest| rest.strip_prefix('\n'));
        let rest = rest.ok_or(ProofFileError::FirstLine)?;
        let no_end = ProofFileError::Head("no empty line ends it");
        let (head, checkpoint) = rest.split_once("\n\n").ok_or(no_end)?;

        let mut lines = head.split('\n').peekable();
        let extra = match lines.next_if(|line| line.starts_with("extra ")) {
            Some(line) => Some(parse_extra(line)?),
            None => None,
        };
        let index = lines.next().and_then(|line| line.strip_prefix("index "));
        let index = index.and_then(|number| text::parse_decimal(number, TREE_SIZE_MAX));
        let index = index.ok_or(ProofFileError::Head("no line says `index <number>`"))?;
        if lines.clone().count() > PROOF_HASHES_MAX {
            return Err(ProofFileError::Head("the path is longer than any tree is high"));
        }
        let hashes = lines.map(str::parse).collect::<Result<_, _>>()?;
        Ok(Self { extra, index, hashes, checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())? })
    }

    /// Checks that the entry was logged, by a log and before witnesses that the policy believes.
    pub fn verify(&self, entry: &[u8], policy: &Policy) -> Result<Logged, ProofFileError> {
        let cosigned = policy.check(&self.checkpoint)?;
        let checkpoint = self.checkpoint.checkpoint();
        verify_inclusion(leaf_hash(entry), self.index, checkpoint.size(), checkpoint.root(), &self.hashes)?;
        Ok(Logged { index: self.index, checkpoint: checkpoint.clone(), cosigned })
    }

    /// The place at which it says the entry is.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// The path, from the leaf up.
    pub fn hashes(&self) -> &[Hash] {
        &self.hashes
    }

    /// The checkpoint that it carries.
    pub fn checkpoint(&self) -> &SignedCheckpoint {
        &self.checkpoint
    }

    /// Data that somebody put there. It is not authenticated by anything.
    pub fn untrusted_extra(&self) -> Option<&[u8]> {
        self.extra.as_deref()
    }
}

fn parse_extra(line: &str) -> Result<Vec<u8>, ProofFileError> {
    let extra = line.strip_prefix("extra ").and_then(text::decode_base64);
    extra
        .filter(|extra| extra.len() <= EXTRA_LEN_MAX)
        .ok_or(ProofFileError::Head("the extra data is not base64, or too long"))
}

impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{FIRST_LINE}")?;
        if let Some(extra) = &self.extra {
            writeln!(f, "extra {}", text::encode_base64(extra))?;
        }
        writeln!(f, "index {}", self.index)?;
        self.hashes.iter().try_for_each(|hash| writeln!(f, "{hash}"))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Signer as _;
    use crate::policy::tests::{log_key, witness_key};
    use crate::tree::Tree;
    use proptest::prelude::*;

    /// A log of five entries, and the proof of the fourth.
    fn proof() -> Proof {
        let tree: Tree = (0..5u8).map(|number| leaf_hash(&[number])).collect();
        let checkpoint = Checkpoint::new("log.example".parse().unwrap(), 5, tree.root()).unwrap();
        let (log, witness) = (log_key(), witness_key(2));
        let signed = SignedCheckpoint::sign(checkpoint, &[&log, &witness], 9_000).unwrap();
        Proof::new(3, tree.prove_inclusion(3).unwrap(), signed)
    }

    fn policy() -> Policy {
        let (log, witness) = (log_key(), witness_key(2));
        Policy::parse(
            format!("log {}\nwitness w {}\nquorum w\n", log.verifier(), witness.verifier()).as_bytes(),
        )
        .unwrap()
    }

    #[test]
    fn a_proof_file_shows_offline_what_was_logged_and_who_saw_it() {
        let text = proof().with_extra(b"context".to_vec()).unwrap().to_string();
        assert!(text.starts_with("c2sp.org/tlog-proof@v1\nextra Y29udGV4dA==\nindex 3\n"), "{text}");
        let read = Proof::parse(text.as_bytes()).unwrap();
        assert_eq!(read.to_string(), text);
        assert_eq!(read.untrusted_extra(), Some(&b"context"[..]));
        let logged = read.verify(&[3], &policy()).unwrap();
        assert_eq!((logged.index, logged.checkpoint.size()), (3, 5));
        assert_eq!(logged.cosigned, [Cosigned { witness: "w".to_owned(), time: 9_000 }]);
    }

    #[test]
    fn a_single_entry_needs_no_path() {
        let checkpoint = Checkpoint::new("log.example".parse().unwrap(), 1, leaf_hash(b"only")).unwrap();
        let signed = SignedCheckpoint::sign(checkpoint, &[&log_key()], 0).unwrap();
        let text = Proof::new(0, Vec::new(), signed).to_string();
        let policy = Policy::log_only(log_key().verifier().clone());
        assert!(Proof::parse(text.as_bytes()).unwrap().verify(b"only", &policy).is_ok());
    }

    #[test]
    fn an_entry_swapped_under_a_proof_is_refused() {
        let error = proof().verify(&[4], &policy()).unwrap_err();
        assert_eq!(error, ProofFileError::Inclusion(ProofError::Root));
        let moved = Proof { index: 4, ..proof() };
        assert!(moved.verify(&[3], &policy()).is_err());
        assert!(moved.verify(&[4], &policy()).is_err());
    }

    #[test]
    fn every_changed_byte_but_the_extra_ones_is_refused() {
        let text = proof().with_extra(b"context".to_vec()).unwrap().to_string();
        let extra = text.find("extra ").unwrap() + 6..text.find("\nindex").unwrap();
        let policy = policy();
        for at in (0..text.len()).filter(|at| !extra.contains(at)) {
            let mut changed = text.clone().into_bytes();
            changed[at] ^= 1;
            let verified = Proof::parse(&changed).and_then(|proof| proof.verify(&[3], &policy));
            assert!(verified.is_err(), "byte {at} of\n{text}");
        }
    }

    #[test]
    fn what_is_not_a_proof_is_refused() {
        let text = proof().to_string();
        for (good, bad) in [
            ("@v1", "@v2"),
            ("index 3", "index 03"),
            ("index 3", "index"),
            ("index 3", "index 18446744073709551616"),
            ("index 3", "extra !\nindex 3"),
            ("index 3", "index 3\nextra AAAA"),
            ("index 3\n", "index 3\n\n"),
            ("\n", "\r\n"),
        ] {
            assert!(Proof::parse(text.replacen(good, bad, 1).as_bytes()).is_err(), "{good} as {bad}");
        }
        let hashes = format!("index 3\n{}", format!("{}\n", leaf_hash(b"")).repeat(64));
        assert!(Proof::parse(text.replacen("index 3\n", &hashes, 1).as_bytes()).is_err());
        assert!(proof().with_extra(vec![0; EXTRA_LEN_MAX + 1]).is_err());
        let too_long = Proof::parse(&vec![b'a'; PROOF_LEN_MAX + 1]);
        assert_eq!(too_long, Err(ProofFileError::TooLong(PROOF_LEN_MAX + 1)));
        let extra = |len: usize| format!("extra {}\nindex 3", text::encode_base64(&vec![0; len]));
        let with = |len: usize| Proof::parse(text.replacen("index 3", &extra(len), 1).as_bytes());
        assert!(with(EXTRA_LEN_MAX).is_ok());
        assert!(with(EXTRA_LEN_MAX + 1).is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_parser_panic(tail in proptest::collection::vec(any::<u8>(), 0..60)) {
            let _ = Proof::parse(&tail);
            let _ = Proof::parse(&[FIRST_LINE.as_bytes(), b"\n", &tail].concat());
        }
    }
}
