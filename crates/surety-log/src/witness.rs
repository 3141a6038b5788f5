//! A witness: it cosigns the checkpoints of logs, and never two that contradict each other (C2SP
//! `tlog-witness`).
//!
//! [`decide`] is pure. [`Witness`] keeps what was decided, durably, before it answers; so it may be killed
//! at any time and will not sign a fork or a rollback afterwards.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use sha2::{Digest as _, Sha256};

use crate::checkpoint::{Checkpoint, Origin};
use crate::key::{SignError, SignatureType, Signer, VerifierKey};
use crate::note::{NOTE_LEN_MAX, Note, NoteError};
use crate::signed::{CheckpointError, SignedCheckpoint};
use crate::store::{Store, StoreError};
use crate::text;
use crate::tree::{Hash, PROOF_HASHES_MAX, TREE_SIZE_MAX, verify_consistency};

/// The most bytes of a request.
pub const REQUEST_LEN_MAX: usize = NOTE_LEN_MAX + 64 * 64;

/// A request to cosign a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddCheckpoint {
    /// The size up to which the log knows this witness to have cosigned.
    pub old_size: u64,
    /// The proof that the checkpoint has grown from that size.
    pub proof: Vec<Hash>,
    /// The checkpoint.
    pub checkpoint: SignedCheckpoint,
}

impl AddCheckpoint {
    /// Reads the body of a request.
    pub fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let malformed = |why: &str| Refusal::Malformed(why.to_owned());
        if bytes.len() > REQUEST_LEN_MAX {
            return Err(malformed("it is too long"));
        }
        let body = std::str::from_utf8(bytes).map_err(|_| malformed("it is not text"))?;
        let (head, checkpoint) =
            body.split_once("\n\n").ok_or_else(|| malformed("no empty line stands before the checkpoint"))?;
        let mut lines = head.split('\n');
        let old_size = lines.next().and_then(|line| line.strip_prefix("old "));
        let old_size = old_size.and_then(|number| text::parse_decimal(number, TREE_SIZE_MAX));
        let old_size = old_size.ok_or_else(|| malformed("the first line is not `old <size>`"))?;
        if lines.clone().count() > PROOF_HASHES_MAX {
            return Err(malformed("the proof has more than 63 lines"));
        }
        let proof: Result<Vec<Hash>, _> = lines.map(str::parse).collect();
        Ok(Self {
            old_size,
            proof: proof.map_err(|error| Refusal::Malformed(error.to_string()))?,
            checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes())
                .map_err(|error| Refusal::Malformed(error.to_string()))?,
        })
    }

    /// The body of the request, for logs that ask.
    pub fn to_body(&self) -> String {
        let proof: String = self.proof.iter().flat_map(|hash| [hash.to_string(), "\n".to_owned()]).collect();
        format!("old {}\n{proof}\n{}", self.old_size, self.checkpoint)
    }
}

/// Why a witness does not cosign.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The request cannot be read.
    #[error("the request cannot be read: {0}")]
    Malformed(String),
    /// The old size is beyond the checkpoint.
    #[error("the old size, {old_size}, is beyond the checkpoint, which has {size} entries")]
    OldSize {
        /// The old size of the request.
        old_size: u64,
        /// The size of the checkpoint.
        size: u64,
    },
    /// The log is not known.
    #[error("this witness does not know the log `{0}`")]
    UnknownLog(Origin),
    /// No known key of the log signed.
    #[error("the checkpoint is not signed by the log: {0}")]
    Signature(CheckpointError),
    /// The old size is not that of the last checkpoint that was cosigned; or it is, and the root is another.
    #[error(
        "this witness last cosigned {size} entries of the log, and the request does not go on from there"
    )]
    Conflict {
        /// The size that was last cosigned.
        size: u64,
    },
    /// The log may have forked.
    #[error("the proof does not show that the log has only grown")]
    Proof,
    /// The clock of the witness.
    #[error("the clock says {now}, and the last cosignature was made at {last}: set the clock right")]
    Clock {
        /// What the clock says.
        now: u64,
        /// When the last cosignature was made.
        last: u64,
    },
    /// The record of the witness.
    #[error("what was cosigned cannot be recorded or read: {0}")]
    Store(#[from] StoreError),
    /// The record cannot be understood.
    #[error(
        "the record of what was cosigned for the log `{0}` is damaged: restore the newest copy, never an older one"
    )]
    DamagedRecord(Origin),
    /// The key of the witness.
    #[error(transparent)]
    Sign(#[from] SignError),
}

impl Refusal {
    /// The HTTP status that says so.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed(_) | Self::OldSize { .. } => 400,
            Self::Signature(_) => 403,
            Self::UnknownLog(_) => 404,
            Self::Conflict { .. } => 409,
            Self::Proof => 422,
            Self::Clock { .. } | Self::Store(_) | Self::DamagedRecord(_) | Self::Sign(_) => 500,
        }
    }

    /// Content type and body of the answer. After a conflict, a log learns from it where to go on.
    pub fn answer(&self) -> (&'static str, String) {
        match self {
            Self::Conflict { size } => ("text/x.tlog.size", format!("{size}\n")),
            other => ("text/plain; charset=utf-8", format!("{other}\n")),
        }
    }
}

/// What a witness last cosigned for a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    /// The checkpoint, as the log signed it: evidence, should the log ever contradict it.
    pub checkpoint: SignedCheckpoint,
    /// When, in seconds since 1970.
    pub time: u64,
}

impl Record {
    fn to_bytes(&self) -> Vec<u8> {
        format!("time {}\n\n{}", self.time, self.checkpoint).into_bytes()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (time, checkpoint) = std::str::from_utf8(bytes).ok()?.split_once("\n\n")?;
        let time = text::parse_decimal(time.strip_prefix("time ")?, TREE_SIZE_MAX)?;
        Some(Self { checkpoint: SignedCheckpoint::parse(checkpoint.as_bytes()).ok()?, time })
    }
}

/// Two checkpoints of one log, both signed by it, of which this witness cosigned the first and refused the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// What was cosigned.
    pub cosigned: SignedCheckpoint,
    /// What was refused. Of the same size, it proves that the log was forked; of a larger one, it was not shown to
    /// have grown from what was cosigned, and the log is to be asked.
    pub refused: SignedCheckpoint,
}

impl Fork {
    /// Whether the two alone prove that the log was forked.
    pub fn is_proven(&self) -> bool {
        self.cosigned.checkpoint().size() == self.refused.checkpoint().size()
    }

    /// One after the other, the length of the first before it.
    fn to_bytes(&self) -> Vec<u8> {
        let cosigned = self.cosigned.to_string();
        format!("cosigned {}\n\n{cosigned}{}", cosigned.len(), self.refused).into_bytes()
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let (head, both) = std::str::from_utf8(bytes).ok()?.split_once("\n\n")?;
        let len = text::parse_decimal(head.strip_prefix("cosigned ")?, NOTE_LEN_MAX as u64)?;
        let (cosigned, refused) = both.split_at_checked(usize::try_from(len).ok()?)?;
        let signed = |text: &str| SignedCheckpoint::parse(text.as_bytes()).ok();
        Some(Self { cosigned: signed(cosigned)?, refused: signed(refused)? })
    }
}

/// Keeps a checkpoint that the log signed and that contradicts the last one, before it is refused: nobody else may
/// ever see it. One for each log: what proves a fork stays, and takes the place of what does not.
fn keep_evidence(
    store: &dyn Store,
    request: &AddCheckpoint,
    last: Option<&Record>,
    refusal: &Refusal,
) -> Result<(), Refusal> {
    let Some(last) = last else { return Ok(()) };
    let fork = Fork { cosigned: last.checkpoint.clone(), refused: request.checkpoint.clone() };
    let (known, new) = (fork.cosigned.checkpoint(), fork.refused.checkpoint());
    let contradicts = match refusal {
        Refusal::Conflict { .. } | Refusal::Proof if known.size() == new.size() => known.root() != new.root(),
        Refusal::Proof => true,
        _ => false,
    };
    if !contradicts {
        return Ok(());
    }
    let key = fork_key(known.origin());
    let before = store.get(&key, 2 * REQUEST_LEN_MAX as u64)?;
    let is_proven = before.as_deref().and_then(Fork::parse).is_some_and(|before| before.is_proven());
    if !is_proven {
        store.swap(&key, before.as_deref(), &fork.to_bytes())?;
    }
    Ok(())
}

/// Decides whether to cosign: pure. Gives what must be recorded before the signature leaves.
///
/// `keys` are those that the witness knows of the log; `last` is what it cosigned last; `now` is its time.
pub fn decide(
    request: &AddCheckpoint,
    keys: &[VerifierKey],
    last: Option<&Record>,
    now: u64,
) -> Result<Record, Refusal> {
    let checkpoint = request.checkpoint.checkpoint();
    request.checkpoint.verify(keys).map_err(|error| match error {
        CheckpointError::UnknownLog(origin) => Refusal::UnknownLog(origin),
        other => Refusal::Signature(other),
    })?;
    let (old_size, size) = (request.old_size, checkpoint.size());
    if old_size > size {
        return Err(Refusal::OldSize { old_size, size });
    }
    let (last_size, last_root) = last.map_or((0, Hash::EMPTY_TREE), |last| {
        (last.checkpoint.checkpoint().size(), last.checkpoint.checkpoint().root())
    });
    if old_size != last_size || (size == last_size && checkpoint.root() != last_root) {
        return Err(Refusal::Conflict { size: last_size });
    }
    verify_consistency(old_size, last_root, size, checkpoint.root(), &request.proof)
        .map_err(|_| Refusal::Proof)?;
    if let Some(last) = last.filter(|last| now < last.time) {
        return Err(Refusal::Clock { now, last: last.time });
    }
    Ok(Record { checkpoint: request.checkpoint.clone(), time: now })
}

/// A witness for some logs, with its keys and its records.
pub struct Witness {
    logs: BTreeMap<Origin, Vec<VerifierKey>>,
    signers: Vec<Arc<dyn Signer>>,
    /// Held from reading a record to having written the next: no two requests decide on the same one.
    store: Mutex<Arc<dyn Store>>,
}

/// The witness cannot be what it is asked to be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WitnessError {
    /// A key of the wrong type, or none.
    #[error("a witness signs with keys for cosignatures: Ed25519 (type 4) or ML-DSA-44 (type 6)")]
    KeyType,
}

impl Witness {
    /// A witness that knows these logs by their keys; the name of a key is the origin of its log.
    pub fn new(
        logs: impl IntoIterator<Item = VerifierKey>,
        signers: Vec<Arc<dyn Signer>>,
        store: Arc<dyn Store>,
    ) -> Result<Self, WitnessError> {
        let cosigns = |signer: &Arc<dyn Signer>| signer.verifier().signature_type() != SignatureType::Ed25519;
        if signers.is_empty() || !signers.iter().all(cosigns) {
            return Err(WitnessError::KeyType);
        }
        let mut by_origin: BTreeMap<Origin, Vec<VerifierKey>> = BTreeMap::new();
        for key in logs {
            // A name that is no origin can be on no checkpoint.
            if let Ok(origin) = key.name().as_str().parse() {
                by_origin.entry(origin).or_default().push(key);
            }
        }
        Ok(Self { logs: by_origin, signers, store: Mutex::new(store) })
    }

    /// The keys that it signs with.
    pub fn keys(&self) -> impl Iterator<Item = &VerifierKey> {
        self.signers.iter().map(|signer| signer.verifier())
    }

    /// The logs that it knows, in order.
    pub fn logs(&self) -> impl Iterator<Item = &Origin> {
        self.logs.keys()
    }

    /// Answers a request: the signature lines, once it is on record that they were made.
    pub fn add_checkpoint(&self, body: &[u8], now: u64) -> Result<String, Refusal> {
        let request = AddCheckpoint::parse(body)?;
        let origin = request.checkpoint.checkpoint().origin();
        let keys = self.logs.get(origin).ok_or_else(|| Refusal::UnknownLog(origin.clone()))?;

        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let key = record_key(origin);
        let bytes = store.get(&key, REQUEST_LEN_MAX as u64)?;
        let last = bytes.as_deref().map(|bytes| read_record(bytes, origin)).transpose()?;
        let record = match decide(&request, keys, last.as_ref(), now) {
            Err(refusal) => {
                keep_evidence(store.as_ref(), &request, last.as_ref(), &refusal)?;
                return Err(refusal);
            }
            Ok(record) => record,
        };
        store.swap(&key, bytes.as_deref(), &record.to_bytes())?;
        drop(store);

        self.cosign(request.checkpoint.checkpoint(), record.time)
    }

    /// What was last cosigned for a log.
    pub fn last(&self, origin: &Origin) -> Result<Option<Record>, Refusal> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = store.get(&record_key(origin), REQUEST_LEN_MAX as u64)?;
        bytes.as_deref().map(|bytes| read_record(bytes, origin)).transpose()
    }

    /// What a log signed that contradicts what was cosigned for it before, if it ever did.
    pub fn fork(&self, origin: &Origin) -> Result<Option<Fork>, Refusal> {
        let store = self.store.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = store.get(&fork_key(origin), 2 * REQUEST_LEN_MAX as u64)?;
        bytes
            .map(|bytes| Fork::parse(&bytes).ok_or_else(|| Refusal::DamagedRecord(origin.clone())))
            .transpose()
    }

    fn cosign(&self, checkpoint: &Checkpoint, time: u64) -> Result<String, Refusal> {
        let unsigned = |error: NoteError| Refusal::Sign(SignError(error.to_string()));
        let mut note = Note::new(checkpoint.to_string()).map_err(unsigned)?;
        for signer in &self.signers {
            note.sign(signer.as_ref(), time)?;
        }
        Ok(note.signatures().iter().flat_map(|signature| [signature.to_string(), "\n".to_owned()]).collect())
    }
}

fn read_record(bytes: &[u8], origin: &Origin) -> Result<Record, Refusal> {
    Record::parse(bytes)
        .filter(|record| record.checkpoint.checkpoint().origin() == origin)
        .ok_or_else(|| Refusal::DamagedRecord(origin.clone()))
}

fn record_key(origin: &Origin) -> String {
    format!("witness/{}", record_name(origin))
}

fn fork_key(origin: &Origin) -> String {
    format!("forks/{}", record_name(origin))
}

/// The name under which a witness keeps its record of a log. Origins are not file names; their SHA-256 in hex is.
pub fn record_name(origin: &Origin) -> String {
    text::encode_hex(&Sha256::digest(origin.as_str()))
}
