//! What this machine remembers of the logs that it keeps, away from them: an old copy that is put in their place is
//! refused, even when all of its folder is old.

use std::fs;
use std::path::PathBuf;

use surety_log::{Checkpoint, Expected, NOTE_LEN_MAX, SignedCheckpoint, VerifierKey};
use surety_statement::Digest;

use crate::files::{user_folder, write_whole};

/// The last checkpoint of a log, as it was when this machine last opened or closed it.
pub(super) struct Kept {
    key: VerifierKey,
    path: Option<PathBuf>,
}

impl Kept {
    /// Of the log with this key.
    pub(super) fn of(key: &VerifierKey) -> Self {
        let state = user_folder("XDG_STATE_HOME", ".local/state");
        let name = Digest::of(key.to_string().as_bytes()).to_string();
        Self { key: key.clone(), path: state.map(|state| state.join("logs").join(name)) }
    }

    /// What the log must at least have.
    pub(super) fn expected(&self) -> Expected {
        Expected { at_least: self.last() }
    }

    fn last(&self) -> Option<Checkpoint> {
        let path = self.path.as_ref()?;
        fs::metadata(path).ok().filter(|file| file.len() <= NOTE_LEN_MAX as u64)?;
        let signed = SignedCheckpoint::parse(&fs::read(path).ok()?).ok()?;
        signed.verify([&self.key]).ok()?;
        Some(signed.checkpoint().clone())
    }

    /// Remembers a checkpoint. That it could not be written is no reason to stop a log.
    pub(super) fn keep(&self, signed: &SignedCheckpoint) {
        let Some(path) = &self.path else { return };
        if self.last().is_some_and(|known| known.size() >= signed.checkpoint().size()) {
            return;
        }
        let made = path.parent().map_or(Ok(()), fs::create_dir_all);
        let _ = made.map(|()| write_whole(path, signed.to_string().as_bytes()));
    }
}
