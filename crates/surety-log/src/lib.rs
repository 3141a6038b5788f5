//! A transparency log: bytes in, proofs out.

mod checkpoint;
mod folder;
mod head;
mod key;
mod log;
mod note;
mod policy;
mod proof;
mod read;
mod sequencer;
mod signed;
mod store;
mod text;
pub mod tile;
pub mod tree;

pub use checkpoint::{Checkpoint, ORIGIN_LEN_MAX, Origin, ParseCheckpointError};
pub use folder::FolderStore;
pub use key::{
    KEY_NAME_LEN_MAX, KeyError, KeyId, KeyName, SEED_LEN, SignError, SignatureError, SignatureType, Signer,
    SignerKey, VerifierKey,
};
pub use log::{AppendError, Log, Options, Receipt};
pub use note::{NOTE_LEN_MAX, Note, NoteError, SIGNATURES_MAX, Signature, Verified, parse_signatures};
pub use policy::{
    Cosigned, POLICY_LEN_MAX, ParsePolicyError, Policy, PolicyError, PolicyLog, PolicyProblem, PolicyWitness,
};
pub use proof::{EXTRA_LEN_MAX, Logged, PROOF_LEN_MAX, Proof, ProofFileError};
pub use read::{CHECKPOINT_KEY, ReadError, Reader};
pub use sequencer::{CommitError, Expected, Identity, IdentityError, OpenError, Sequencer, Stores};
pub use signed::{CheckpointError, SignedCheckpoint};
pub use store::{Object, Store, StoreError};
pub use tree::Hash;
