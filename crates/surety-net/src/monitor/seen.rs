//! What a monitor remembers of a log beside the mirror: checkpoints seen elsewhere that the mirror has not reached,
//! and since when the log shows what it shows.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use surety_log::{FolderStore, NOTE_LEN_MAX, SignedCheckpoint, Store as _};

use super::MonitorError;

const KEY: &str = "seen.json";

/// The most checkpoints that wait; the earliest go first.
const WAITING_MAX: usize = 16;

/// The most bytes of the file: JSON writes some characters as six.
const LEN_MAX: u64 = (WAITING_MAX as u64 + 1) * NOTE_LEN_MAX as u64 * 6;

#[derive(Debug, Default, Serialize, Deserialize)]
struct Contents {
    waiting: Vec<Waiting>,
    shown: Option<Shown>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Waiting {
    location: String,
    checkpoint: String,
}

/// What the log shows, and since when.
#[derive(Debug, Serialize, Deserialize)]
struct Shown {
    checkpoint: String,
    since: u64,
}

pub(super) struct Seen {
    store: FolderStore,
    contents: Contents,
}

impl Seen {
    pub(super) fn open(folder: PathBuf) -> Result<Self, MonitorError> {
        let store = FolderStore::writer(folder)?;
        let contents = match store.get(KEY, LEN_MAX)? {
            Some(bytes) => {
                serde_json::from_slice(&bytes).map_err(|_| MonitorError::DamagedState(KEY.to_owned()))?
            }
            None => Contents::default(),
        };
        Ok(Self { store, contents })
    }

    /// The checkpoints that wait, and where each was seen.
    pub(super) fn waiting(&self) -> Result<Vec<(SignedCheckpoint, String)>, MonitorError> {
        let read = |waiting: &Waiting| {
            let signed = SignedCheckpoint::parse(waiting.checkpoint.as_bytes());
            signed.map(|signed| (signed, waiting.location.clone()))
        };
        let all: Result<Vec<_>, _> = self.contents.waiting.iter().map(read).collect();
        all.map_err(|_| MonitorError::DamagedState(KEY.to_owned()))
    }

    /// Keeps a checkpoint until the mirror reaches it.
    pub(super) fn remember(&mut self, signed: &SignedCheckpoint, location: &str) -> Result<(), MonitorError> {
        let is_there = self.waiting()?.iter().any(|(other, _)| other.checkpoint() == signed.checkpoint());
        if is_there {
            return Ok(());
        }
        if self.contents.waiting.len() == WAITING_MAX {
            self.contents.waiting.remove(0);
        }
        self.contents.waiting.push(Waiting { location: location.to_owned(), checkpoint: signed.to_string() });
        self.save()
    }

    /// Lets a checkpoint go.
    pub(super) fn forget(&mut self, signed: &SignedCheckpoint) -> Result<(), MonitorError> {
        let text = signed.to_string();
        self.contents.waiting.retain(|waiting| waiting.checkpoint != text);
        self.save()
    }

    /// Since when the log shows this checkpoint.
    pub(super) fn first_seen(&mut self, signed: &SignedCheckpoint, now: u64) -> Result<u64, MonitorError> {
        let checkpoint = signed.checkpoint().to_string();
        match &self.contents.shown {
            Some(shown) if shown.checkpoint == checkpoint => Ok(shown.since),
            _ => {
                self.contents.shown = Some(Shown { checkpoint, since: now });
                self.save()?;
                Ok(now)
            }
        }
    }

    fn save(&self) -> Result<(), MonitorError> {
        let bytes = serde_json::to_vec_pretty(&self.contents)
            .map_err(|_| MonitorError::DamagedState(KEY.to_owned()))?;
        Ok(self.store.put(&[(KEY.to_owned(), bytes)])?)
    }
}
