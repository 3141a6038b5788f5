//! The world of a log: every entry read, verified and folded.

use std::num::NonZero;

use surety_log::tile::{Edge, TILE_WIDTH, row};
use surety_log::{
    CheckpointError, Cosigned, Hash, Origin, PolicyError, ReadError, Reader, SignedCheckpoint, Store,
};
use surety_statement::{Digest, Refusal, Registry, Rules, Trust};
use surety_world::{Evidence, Fold, PublicRecord};

use crate::entries::{CheckedEntry, Entries};

/// What a machine has verified of a log before. The same entries need no second look at their signatures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Verified {
    /// How many entries.
    pub size: u64,
    /// Their root.
    pub root: Hash,
}

/// What is asked of a log.
#[derive(Debug, Clone, Copy, Default)]
pub struct Ask {
    /// Only the first entries, so many; all of them when none.
    pub size: Option<u64>,
    /// What this machine has verified before.
    pub verified: Option<Verified>,
}

/// A log as it was read.
#[derive(Debug)]
pub struct LoadedLog {
    /// The log.
    pub origin: Origin,
    /// How many entries were folded, and their root.
    pub folded: Verified,
    /// The checkpoint under which they were read: it may have more entries.
    pub checkpoint: SignedCheckpoint,
    /// The witnesses that saw it.
    pub cosigned: Vec<Cosigned>,
    /// What it says.
    pub record: PublicRecord,
    /// Who may speak after these entries.
    pub registry: Registry,
    /// The entries that do not count, the first of them, and why.
    pub refused: Vec<(u64, Refusal)>,
}

impl LoadedLog {
    /// What need not be verified again on this machine. Nothing, where an entry does not count: only its signature
    /// may tell that.
    pub fn verified(&self) -> Option<Verified> {
        self.refused.is_empty().then_some(self.folded)
    }
}

/// The most entries that do not count of which it is kept why.
pub const REFUSED_MAX: usize = 1_024;

/// Why a log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It cannot be read, or is damaged.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// Its checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// Its checkpoint does not count.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// It begins with another root of trust.
    #[error(
        "entry 0 of the log is {found}, and the trust file names {expected}: this is another log, or one that was begun anew"
    )]
    OtherRoot {
        /// What the log begins with.
        found: Digest,
        /// What the trust file names.
        expected: Digest,
    },
    /// It has no entry.
    #[error("the log has no entry yet, so nobody may speak in it")]
    Empty,
    /// More is asked for than there is.
    #[error("the log has {has} entries, so its first {asked} cannot be shown")]
    Size {
        /// What was asked.
        asked: u64,
        /// What there is.
        has: u64,
    },
    /// It is shorter than what this machine has seen.
    #[error(
        "the log shows {found} entries, and this machine has seen {known}: it is an old copy, or the log was rolled back. Look at it all the same with --size {found}, and tell its monitors"
    )]
    RolledBack {
        /// What it shows.
        found: u64,
        /// What was seen.
        known: u64,
    },
    /// It contradicts what this machine has seen.
    #[error(
        "the first {size} entries are not those that this machine has verified before: the log was forked. Do not rely on it; keep this copy and tell its monitors"
    )]
    Forked {
        /// Up to where they should agree.
        size: u64,
    },
}

/// Reads a log, verifies what was not verified before, and folds it.
///
/// Every byte is bound to the checkpoint, which must count by the policy of the trust file; entry 0 must be the root of
/// trust that it names. Entries that the log's own rules keep out do not count, and are told. Proofs are verified with
/// `evidence`. `progress` is called with the number of entries folded so far, and with how many will be.
pub fn load(
    store: &dyn Store,
    trust: &Trust,
    ask: Ask,
    evidence: &Evidence<'_>,
    threads: NonZero<usize>,
    mut progress: impl FnMut(u64, u64),
) -> Result<LoadedLog, LoadError> {
    let reader = Reader::new(store);
    let checkpoint = reader.checkpoint()?;
    let cosigned = trust.policy().check(&checkpoint)?;
    let total = checkpoint.checkpoint().size();
    if let Some(known) = ask.verified.filter(|known| ask.size.is_none() && known.size > total) {
        return Err(LoadError::RolledBack { found: total, known: known.size });
    }
    let size = ask.size.unwrap_or(total);
    if size > total {
        return Err(LoadError::Size { asked: size, has: total });
    }
    let verified = ask.verified.filter(|known| known.size <= total);
    let signatures_from = verified.map_or(0, |known| known.size);
    let mut leaves = Leaves { edge: Edge::default(), verified };
    let (mut registry, mut fold, mut refused) = (Registry::new(), Fold::default(), Vec::new());
    // A bundle is read as it is published now, and what is beyond the size left alone.
    let entries = Entries { reader: &reader, size: total, range: 0..size, threads };
    let check = |rules: &Rules, index: u64, entry: &[u8]| {
        if index < signatures_from { rules.check_but_signature(entry) } else { rules.check(entry) }
    };
    entries.visit(&mut registry, check, |registry, CheckedEntry { index, leaf, checked }| {
        leaves.push(leaf)?;
        match checked.and_then(|checked| registry.accept(checked, index)) {
            Ok(accepted) => fold.add(&accepted),
            Err(refusal) if refused.len() < REFUSED_MAX => refused.push((index, refusal)),
            Err(_) => {}
        }
        let done = index.saturating_add(1);
        registry.skip_to(done);
        if done.is_multiple_of(TILE_WIDTH) || done == size {
            progress(done, size);
        }
        Ok::<(), LoadError>(())
    })?;
    let folded = Verified { size, root: leaves.edge.root() };
    leaves.follow(&reader, total)?;
    if leaves.edge.root() != checkpoint.checkpoint().root() {
        return Err(ReadError::DamagedTiles.into());
    }
    let found = registry.root().ok_or(LoadError::Empty)?.digest;
    if found != trust.root() {
        return Err(LoadError::OtherRoot { found, expected: trust.root() });
    }
    let origin = checkpoint.checkpoint().origin().clone();
    let record = fold.finish_with(&Evidence { origin: Some(origin.as_str()), ..*evidence });
    Ok(LoadedLog { origin, folded, checkpoint, cosigned, record, registry, refused })
}

/// The tree as it is read again, leaf by leaf.
struct Leaves {
    edge: Edge,
    /// What it must agree with on the way.
    verified: Option<Verified>,
}

impl Leaves {
    fn push(&mut self, leaf: Hash) -> Result<(), LoadError> {
        self.edge.push(leaf, |_, _| ());
        match self.verified {
            Some(known) if known.size == self.edge.size() && known.root != self.edge.root() => {
                Err(LoadError::Forked { size: known.size })
            }
            _ => Ok(()),
        }
    }

    /// Goes on to the end of the log by the hashes of entries alone.
    fn follow(&mut self, reader: &Reader<'_>, total: u64) -> Result<(), LoadError> {
        let from = self.edge.size();
        for tile in row(Some(0), total).skip_while(|tile| (tile.index() + 1) * TILE_WIDTH <= from) {
            let before = usize::try_from(from.saturating_sub(tile.index() * TILE_WIDTH)).unwrap_or(0);
            for leaf in reader.hashes(tile)?.into_iter().skip(before) {
                self.push(leaf)?;
            }
        }
        Ok(())
    }
}
