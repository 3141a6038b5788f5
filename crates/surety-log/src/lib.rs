//! A transparency log: bytes in, proofs out.

mod checkpoint;
mod key;
mod note;
mod policy;
mod proof;
mod signed;
mod text;
pub mod tile;
pub mod tree;

pub use checkpoint::{Checkpoint, ORIGIN_LEN_MAX, Origin, ParseCheckpointError};
pub use key::{
    KEY_NAME_LEN_MAX, KeyError, KeyId, KeyName, SEED_LEN, SignError, SignatureError, SignatureType, Signer,
    SignerKey, VerifierKey,
};
pub use note::{NOTE_LEN_MAX, Note, NoteError, SIGNATURES_MAX, Signature, Verified, parse_signatures};
pub use policy::{
    Cosigned, POLICY_LEN_MAX, ParsePolicyError, Policy, PolicyError, PolicyLog, PolicyProblem, PolicyWitness,
};
pub use proof::{EXTRA_LEN_MAX, Logged, PROOF_LEN_MAX, Proof, ProofFileError};
pub use signed::{CheckpointError, SignedCheckpoint};
pub use tree::Hash;
