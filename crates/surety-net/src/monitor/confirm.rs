//! Confirming evidence about entries against a copy of the log.

use surety_log::{CheckpointError, Policy, PolicyError, ReadError, Reader, Store};

use super::evidence::{Alarm, Evidence, EvidenceError, Shown, check_evidence};
use super::judge::Judge;

/// Why evidence is not confirmed.
#[derive(Debug, thiserror::Error)]
pub enum ConfirmError {
    /// The evidence itself.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
    /// The copy of the log.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The checkpoint of the copy.
    #[error("the copy of the log does not count: {0}")]
    Policy(#[from] PolicyError),
    /// Another log.
    #[error("the evidence speaks of the log `{said}`, and this is `{found}`")]
    OtherLog {
        /// What the evidence says.
        said: String,
        /// What the copy is.
        found: String,
    },
    /// The copy is too short.
    #[error(
        "this copy of the log has {size} entries, and the evidence is about entry {index}: take a newer copy"
    )]
    TooShort {
        /// The entries of the copy.
        size: u64,
        /// The entry.
        index: u64,
    },
    /// The copy has another entry there.
    #[error(
        "entry {0} is another one in this copy of the log: the log has signed two histories, or the copy is of another log"
    )]
    OtherEntry(u64),
    /// The finding cannot be repeated.
    #[error("the entries are in the log, and they show no {0}")]
    NotSo(&'static str),
}

impl From<CheckpointError> for ConfirmError {
    fn from(error: CheckpointError) -> Self {
        Self::Policy(error.into())
    }
}

/// Checks evidence, and repeats with a copy of the log what led to it: nothing remains the monitor's word then,
/// except what a log showed when.
pub fn confirm(evidence: &Evidence, policy: &Policy, copy: &dyn Store) -> Result<Shown, ConfirmError> {
    let shown = check_evidence(evidence, policy)?;
    let reader = Reader::new(copy);
    let signed = reader.checkpoint()?;
    policy.check(&signed)?;
    let (found, size) = (signed.checkpoint().origin().as_str(), signed.checkpoint().size());
    if found != evidence.log {
        return Err(ConfirmError::OtherLog { said: evidence.log.clone(), found: found.to_owned() });
    }
    for (index, entry) in &shown.entries {
        if *index >= size {
            return Err(ConfirmError::TooShort { size, index: *index });
        }
        if reader.entry(*index, &signed)? != *entry {
            return Err(ConfirmError::OtherEntry(*index));
        }
    }
    let mut judge = Judge::new();
    let holds = match &evidence.alarm {
        // These are between checkpoints: a copy adds nothing.
        Alarm::SplitView { .. } | Alarm::Rollback { .. } | Alarm::Stale { .. } => return Ok(shown),
        Alarm::Inadmissible { code, entry } => {
            judge.read(copy, &signed, 0)?;
            let expired = code == "key-expired";
            expired
                || judge.refused().iter().any(|refused| refused.index == entry.index && refused.code == code)
        }
        Alarm::Contradiction { prevails, contradicts } => {
            judge.read(copy, &signed, 0)?;
            judge.contradictions().contains(&(prevails.index, contradicts.index))
        }
        Alarm::Overdue { entry, due, as_of } => {
            judge.read(copy, &signed, 0)?;
            judge.overdue(*as_of).contains(&(entry.index, *due))
        }
    };
    if !holds {
        return Err(ConfirmError::NotSo(evidence.alarm.word()));
    }
    // That a key had expired shows only to who watched: a copy adds nothing to the monitor's word.
    let expired = matches!(&evidence.alarm, Alarm::Inadmissible { code, .. } if code == "key-expired");
    Ok(if expired { shown } else { Shown { assumed: None, ..shown } })
}
