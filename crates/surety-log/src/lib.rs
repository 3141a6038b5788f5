//! A transparency log: bytes in, proofs out.
//!
//! Whoever submits an entry gets its place in an append-only log, and a file that proves it offline, to
//! anybody, with anybody's tools. The formats are those of the C2SP transparency-log specifications; the
//! tree is that of RFC 6962. What an entry means is not known here.
//!
//! This is what everything hangs on: a *checkpoint*, the signed statement that the log has so many entries
//! and this root, with the cosignature of a *witness* that saw it grow from every earlier one.
//!
//! ```
//! use surety_log::{Policy, SignedCheckpoint};
//!
//! let published = "\
//! log.example/surety
//! 2
//! 42AoLEAvaSBpCTVkwfdWKR76vUjEA7gcOpmWr7mqfNg=
//!
//! — log.example/surety 8eTWHxokrfr6ztWS6S6ZPW3n78FCvB35dOJU4UrCgqYF5MpXONinsyCeEpS+6CTK/PC5AOtS/D9L+1JWmpkKLSFStwQ=
//! — witness.example/w1 qkoJ0QAAAABpIYmg1o9ZAfMNlCd1QBrfQCS5m+Bm1vQDrsBCyQu6Xb6RG47mhhTkRlEdoDC4/ISpY7aDBkKdDbU3Q3fj19JrJr7ZDQ==
//! ";
//! let policy = Policy::parse(
//!     b"log log.example/surety+f1e4d61f+ARl/ayPhbIUyxqvIOPrNXqeJvgx2spIDNAOb+os9No1h
//! witness w1 witness.example/w1+aa4a09d1+BOpKbGPinFIKvvVQexMuxfmVR3auvr57kkIe6mkURtIs
//! quorum w1
//! ")?;
//!
//! let checkpoint = SignedCheckpoint::parse(published.as_bytes())?;
//! let cosigned = policy.check(&checkpoint)?;
//! assert_eq!(checkpoint.checkpoint().size(), 2);
//! assert_eq!((cosigned[0].witness.as_str(), cosigned[0].time), ("w1", 1_763_805_600));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where things are
//!
//! | what | where |
//! |---|---|
//! | hashes, roots, inclusion and consistency proofs | [`tree`] |
//! | the static files of a log, and proofs from them | [`tile`], [`Reader`] |
//! | signed notes, keys, cosignatures | [`Note`], [`VerifierKey`], [`SignerKey`], [`Signer`] |
//! | checkpoints | [`Checkpoint`], [`SignedCheckpoint`] |
//! | proof files, and who must have signed | [`Proof`], [`Policy`] |
//! | appending, durably | [`Sequencer`] (one batch after the other), [`Log`] (many submitters) |
//! | where it is kept | [`Store`], [`FolderStore`], and `S3Store` with the feature `s3` |
//! | with which headers it is served | [`Served`] |
//! | checking a whole log | [`fsck`] |
//! | cosigning the logs of others | [`witness`] |
//!
//! Tree, notes, tiles, policies and proofs do no I/O; only stores do, and what is given one. Time is always
//! an argument. Every input has a limit, and no input makes anything here panic.

#[cfg(feature = "s3")]
mod bucket;
mod checkpoint;
mod folder;
pub mod fsck;
mod head;
mod key;
mod log;
mod note;
mod policy;
mod proof;
mod read;
mod sequencer;
mod served;
mod signed;
mod store;
mod text;
pub mod tile;
pub mod tree;
pub mod witness;

#[cfg(feature = "s3")]
pub use bucket::S3Store;
pub use checkpoint::{Checkpoint, ORIGIN_LEN_MAX, Origin, ParseCheckpointError};
pub use folder::FolderStore;
pub use key::{
    KEY_NAME_LEN_MAX, KeyError, KeyId, KeyName, SEED_LEN, SignError, SignatureError, SignatureType, Signer,
    SignerKey, VerifierKey,
};
pub use log::{AppendError, Entry, Log, Options, Receipt};
pub use note::{NOTE_LEN_MAX, Note, NoteError, SIGNATURES_MAX, Signature, Verified, parse_signatures};
pub use policy::{
    Cosigned, POLICY_LEN_MAX, ParsePolicyError, Policy, PolicyError, PolicyLog, PolicyProblem, PolicyWitness,
};
pub use proof::{EXTRA_LEN_MAX, Logged, PROOF_LEN_MAX, Proof, ProofFileError};
pub use read::{CHECKPOINT_KEY, Prover, ReadError, Reader, TileReader, VisitError};
pub use sequencer::{CommitError, Cosigner, Expected, Identity, IdentityError, OpenError, Sequencer, Stores};
pub use served::Served;
pub use signed::{CheckpointError, SignedCheckpoint};
pub use store::{Object, Store, StoreError};
pub use tree::Hash;
