//! What a monitor has found, as a file that anybody can check without believing the monitor.

use std::fmt;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use surety_core::Date;
use surety_log::tree::{ParseHashError, verify_consistency};
use surety_log::{
    CheckpointError, Hash, Origin, Policy, Proof, ProofFileError, SignedCheckpoint, VerifierKey,
};

/// What stands first in every evidence file.
const FORMAT: &str = "surety-evidence/v1";

/// The most bytes of an evidence file: two entries with their proofs and notes, and room.
pub const EVIDENCE_LEN_MAX: usize = 4 * 1024 * 1024;

/// What a monitor raises.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "alarm", rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Alarm {
    /// The log signed two histories.
    SplitView {
        /// The checkpoint with fewer entries, or either of two with as many; the note verbatim.
        smaller: String,
        /// The other one.
        larger: String,
        /// What leads to the larger one from the number of entries of the smaller.
        growth: Growth,
    },
    /// The log showed a checkpoint after a larger one.
    Rollback {
        /// What it showed first; the note verbatim.
        before: String,
        /// What it showed after that.
        after: String,
        /// Shows that the second is an earlier state of the first.
        growth: Growth,
    },
    /// No witness has seen the log for too long: it may be an old copy, shown as current.
    Stale {
        /// What the log shows; the note verbatim.
        checkpoint: String,
        /// When a witness last saw it, or when it was first seen here, in seconds since 1970.
        seen: u64,
        /// When this was found, in seconds since 1970.
        now: u64,
        /// How old it may be, in seconds.
        age_max: u64,
    },
    /// An entry that the rules of the log keep out: by an issuer that was not admitted, out of number, or no statement.
    Inadmissible {
        /// Why, as a word: that of the refusal when it is submitted.
        code: String,
        /// The entry.
        entry: Logged,
    },
    /// Two statements that cannot both be true.
    Contradiction {
        /// The statement of higher standing, or the earlier one.
        prevails: Logged,
        /// The other.
        contradicts: Logged,
    },
    /// A commitment whose day has passed, and nothing says how it ended.
    Overdue {
        /// The commitment.
        entry: Logged,
        /// By when.
        due: Date,
        /// The day for which this was found.
        as_of: Date,
    },
}

/// That a tree has grown: what it was at an earlier size, and the proof that leads on (RFC 9162, section 2.1.4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Growth {
    /// The root that the larger tree had at the size of the smaller, in base64.
    pub root: String,
    /// The consistency proof, in base64.
    pub proof: Vec<String>,
}

impl Growth {
    /// A root with its proof.
    pub fn new(root: Hash, proof: &[Hash]) -> Self {
        Self { root: root.to_string(), proof: proof.iter().map(Hash::to_string).collect() }
    }
}

/// An entry with what proves that it was logged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Logged {
    /// Its place.
    pub index: u64,
    /// Its bytes, in base64.
    pub entry: String,
    /// Its proof file, verbatim (C2SP `tlog-proof`).
    pub proof: String,
}

impl Logged {
    /// An entry with its proof.
    pub fn new(entry: &[u8], proof: &Proof) -> Self {
        Self { index: proof.index(), entry: BASE64_STANDARD.encode(entry), proof: proof.to_string() }
    }
}

impl Alarm {
    /// What it is, as a word.
    pub fn word(&self) -> &'static str {
        match self {
            Self::SplitView { .. } => "split-view",
            Self::Rollback { .. } => "rollback",
            Self::Stale { .. } => "stale",
            Self::Inadmissible { .. } => "inadmissible",
            Self::Contradiction { .. } => "contradiction",
            Self::Overdue { .. } => "overdue",
        }
    }

    /// Names the same finding always, however often and with however many cosignatures it is made.
    fn identity(&self) -> String {
        let text = |note: &String| {
            let parsed = SignedCheckpoint::parse(note.as_bytes());
            parsed.map_or_else(|_| note.clone(), |signed| signed.checkpoint().to_string())
        };
        match self {
            Self::SplitView { smaller, larger, .. } => format!("{}\n{}", text(smaller), text(larger)),
            Self::Rollback { before, after, .. } => format!("{}\n{}", text(before), text(after)),
            Self::Stale { checkpoint, .. } => text(checkpoint),
            Self::Inadmissible { entry, .. } | Self::Overdue { entry, .. } => entry.index.to_string(),
            Self::Contradiction { prevails, contradicts } => {
                format!("{} {}", prevails.index, contradicts.index)
            }
        }
    }
}

/// An evidence file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    format: String,
    /// The log that it speaks of.
    pub log: String,
    /// When it was found, in seconds since 1970: the monitor's word.
    pub found: u64,
    /// Where: the monitor's word.
    pub shown_by: Vec<String>,
    /// What it says, for people.
    pub says: String,
    /// What was found, with all that proves it.
    #[serde(flatten)]
    pub alarm: Alarm,
}

impl Evidence {
    /// Evidence for an alarm.
    pub fn new(log: &Origin, found: u64, shown_by: Vec<String>, says: String, alarm: Alarm) -> Self {
        Self { format: FORMAT.to_owned(), log: log.to_string(), found, shown_by, says, alarm }
    }

    /// The name of its file: the same for the same finding.
    pub fn file_name(&self) -> String {
        Self::name(&self.log, self.alarm.word(), &self.alarm.identity())
    }

    pub(super) fn name(log: &impl fmt::Display, word: &str, identity: &str) -> String {
        let digest = Sha256::digest(format!("{log}\n{word}\n{identity}"));
        let start = u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default());
        format!("{word}-{start:016x}.json")
    }

    /// Its bytes.
    pub fn to_bytes(&self) -> Result<Vec<u8>, EvidenceError> {
        let mut bytes =
            serde_json::to_vec_pretty(self).map_err(|error| EvidenceError::Form(error.to_string()))?;
        bytes.push(b'\n');
        Ok(bytes)
    }

    /// Reads an evidence file. Nothing in it is believed yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, EvidenceError> {
        if bytes.len() > EVIDENCE_LEN_MAX {
            return Err(EvidenceError::TooLong(bytes.len()));
        }
        let evidence: Self =
            serde_json::from_slice(bytes).map_err(|error| EvidenceError::Form(error.to_string()))?;
        if evidence.format == FORMAT { Ok(evidence) } else { Err(EvidenceError::Format(evidence.format)) }
    }
}

/// Why evidence does not show what it says.
#[derive(Debug, thiserror::Error)]
pub enum EvidenceError {
    /// More bytes than allowed.
    #[error("the file has {0} bytes, and evidence has at most {EVIDENCE_LEN_MAX}")]
    TooLong(usize),
    /// Not such a file.
    #[error("this is no evidence file: {0}")]
    Form(String),
    /// Another version.
    #[error("the format `{0}` is not known here; `{FORMAT}` is")]
    Format(String),
    /// A note in it.
    #[error("a checkpoint in it does not count: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A hash in it.
    #[error(transparent)]
    Hash(#[from] ParseHashError),
    /// Bytes in it.
    #[error("entry {0} is not base64")]
    Base64(u64),
    /// A proof in it.
    #[error("entry {index} is not proven to be logged: {why}")]
    Proof {
        /// The entry.
        index: u64,
        /// Why not.
        why: ProofFileError,
    },
    /// It speaks of one log, and its notes are of another.
    #[error("it speaks of the log `{said}`, and a checkpoint in it is of `{found}`")]
    OtherLog {
        /// What it says.
        said: String,
        /// What the checkpoint says.
        found: Origin,
    },
    /// The proof of growth.
    #[error("the proof in it does not lead from one checkpoint to the other")]
    Growth,
    /// The two agree.
    #[error("the checkpoints in it agree with each other: they show no {0}")]
    NoConflict(&'static str),
    /// The entry stands elsewhere.
    #[error("it says entry {said}, and the proof is of entry {found}")]
    Index {
        /// What it says.
        said: u64,
        /// What the proof says.
        found: u64,
    },
    /// The times in it.
    #[error("by its own times it was not older than allowed")]
    NotOld,
}

/// What evidence shows, after it was checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// What is proven, by the signatures of the log.
    pub proven: String,
    /// What remains the monitor's word, if anything.
    pub assumed: Option<String>,
    /// The entries that it is about, with their places: proven to be in the log.
    pub entries: Vec<(u64, Vec<u8>)>,
}

/// Checks evidence against the keys of the log, which the reader must have from elsewhere: a policy. Whether entries
/// are inadmissible or contradict each other is for who knows the log before them: see [`super::judge`].
pub fn check_evidence(evidence: &Evidence, policy: &Policy) -> Result<Shown, EvidenceError> {
    let keys: Vec<VerifierKey> = policy.logs().iter().map(|log| log.key.clone()).collect();
    let check = Check { log: &evidence.log, keys: &keys };
    match &evidence.alarm {
        Alarm::SplitView { smaller, larger, growth } => check.split_view(smaller, larger, growth),
        Alarm::Rollback { before, after, growth } => check.rollback(before, after, growth),
        Alarm::Stale { checkpoint, seen, now, age_max } => {
            let signed = check.note(checkpoint)?;
            let latest = policy.check(&signed).ok().and_then(|all| all.iter().map(|one| one.time).max());
            if now.saturating_sub(latest.unwrap_or(0).max(*seen)) <= *age_max {
                return Err(EvidenceError::NotOld);
            }
            Ok(Shown {
                proven: format!("the log signed a checkpoint of {} entries", signed.checkpoint().size()),
                assumed: Some("that it showed no later one at that time".to_owned()),
                entries: Vec::new(),
            })
        }
        Alarm::Inadmissible { code, entry } => check.entries(
            [entry],
            Some(format!("that the rules of the log keep it out ({code}): fold the log up to it to see")),
        ),
        Alarm::Contradiction { prevails, contradicts } => check.entries(
            [prevails, contradicts],
            Some(
                "that the two cannot both be true, and that neither was taken back: fold the log to see"
                    .to_owned(),
            ),
        ),
        Alarm::Overdue { entry, as_of, .. } => check.entries(
            [entry],
            Some(format!("that no later entry said by {as_of} how it ended: fold the log to see")),
        ),
    }
}

struct Check<'e> {
    log: &'e str,
    keys: &'e [VerifierKey],
}

impl Check<'_> {
    fn note(&self, note: &str) -> Result<SignedCheckpoint, EvidenceError> {
        let signed = SignedCheckpoint::parse(note.as_bytes())?;
        self.of_the_log(&signed)?;
        Ok(signed)
    }

    fn of_the_log(&self, signed: &SignedCheckpoint) -> Result<(), EvidenceError> {
        signed.verify(self.keys)?;
        let found = signed.checkpoint().origin();
        if found.as_str() == self.log {
            Ok(())
        } else {
            Err(EvidenceError::OtherLog { said: self.log.to_owned(), found: found.clone() })
        }
    }

    /// The root that the larger tree had at the size of the smaller: proven.
    fn root_at(
        smaller: &SignedCheckpoint,
        larger: &SignedCheckpoint,
        growth: &Growth,
    ) -> Result<Hash, EvidenceError> {
        let root: Hash = growth.root.parse()?;
        let proof = growth.proof.iter().map(|hash| hash.parse()).collect::<Result<Vec<Hash>, _>>()?;
        let (small, large) = (smaller.checkpoint(), larger.checkpoint());
        verify_consistency(small.size(), root, large.size(), large.root(), &proof)
            .map_err(|_| EvidenceError::Growth)?;
        Ok(root)
    }

    fn split_view(&self, smaller: &str, larger: &str, growth: &Growth) -> Result<Shown, EvidenceError> {
        let (smaller, larger) = (self.note(smaller)?, self.note(larger)?);
        let root = Self::root_at(&smaller, &larger, growth)?;
        if root == smaller.checkpoint().root() {
            return Err(EvidenceError::NoConflict("split view"));
        }
        let (small, large) = (smaller.checkpoint().size(), larger.checkpoint().size());
        Ok(Shown {
            proven: format!(
                "the log signed two histories: its checkpoints of {small} and {large} entries differ within the first {small}"
            ),
            assumed: None,
            entries: Vec::new(),
        })
    }

    fn rollback(&self, before: &str, after: &str, growth: &Growth) -> Result<Shown, EvidenceError> {
        let (before, after) = (self.note(before)?, self.note(after)?);
        let root = Self::root_at(&after, &before, growth)?;
        if root != after.checkpoint().root() || after.checkpoint().size() >= before.checkpoint().size() {
            return Err(EvidenceError::NoConflict("rollback"));
        }
        let (large, small) = (before.checkpoint().size(), after.checkpoint().size());
        Ok(Shown {
            proven: format!("the log signed checkpoints of {large} and of {small} entries"),
            assumed: Some(format!("that it showed the one of {small} after the one of {large}")),
            entries: Vec::new(),
        })
    }

    fn entries<'l>(
        &self,
        entries: impl IntoIterator<Item = &'l Logged>,
        assumed: Option<String>,
    ) -> Result<Shown, EvidenceError> {
        let mut shown = Vec::new();
        for logged in entries {
            shown.push((logged.index, self.entry(logged)?));
        }
        let places: Vec<String> = shown.iter().map(|(index, _)| index.to_string()).collect();
        let (noun, verb) = if shown.len() == 1 { ("entry", "is") } else { ("entries", "are") };
        let proven = format!("{noun} {} {verb} in the log", places.join(" and "));
        Ok(Shown { proven, assumed, entries: shown })
    }

    fn entry(&self, logged: &Logged) -> Result<Vec<u8>, EvidenceError> {
        let index = logged.index;
        let bytes = BASE64_STANDARD.decode(&logged.entry).map_err(|_| EvidenceError::Base64(index))?;
        let proof =
            Proof::parse(logged.proof.as_bytes()).map_err(|why| EvidenceError::Proof { index, why })?;
        self.of_the_log(proof.checkpoint())?;
        let key = self.keys.iter().find(|key| key.name().as_str() == self.log);
        let key = key.ok_or_else(|| EvidenceError::Form("no key of its log is known".to_owned()))?;
        // That the log signed is what convicts it; who else did says nothing here.
        let by_log = Policy::log_only(key.clone());
        let found = proof.verify(&bytes, &by_log).map_err(|why| EvidenceError::Proof { index, why })?;
        if found.index == index {
            Ok(bytes)
        } else {
            Err(EvidenceError::Index { said: index, found: found.index })
        }
    }
}
