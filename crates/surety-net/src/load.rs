//! The world of a log: every entry read, verified and folded.

use std::num::NonZero;
use std::sync::Arc;
use std::thread;

use surety_log::tile::{Edge, TILE_WIDTH, Tile, decode_first_entries, row};
use surety_log::{
    CheckpointError, Cosigned, Hash, Origin, PolicyError, ReadError, Reader, SignedCheckpoint, Store,
};
use surety_statement::{Checked, Digest, Refusal, Registry, Rules, Trust};
use surety_world::{Evidence, Fold, PublicRecord};

/// How many bundles are read and checked at once: enough for all cores, and little to hold.
const BUNDLES: usize = 16;

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
    let mut leaves = Leaves { edge: Edge::default(), verified };
    let mut folding = Folding {
        threads: Some(threads),
        size,
        verified: verified.map_or(0, |known| known.size),
        ..Folding::default()
    };
    // A bundle is read as it is published now, and what is beyond the size left alone.
    let bundles: Vec<Tile> =
        row(None, total).take_while(|bundle| bundle.index() * TILE_WIDTH < size).collect();
    // Who may speak stands at the beginning: with that known, the rest can be checked on all cores.
    let (first, rest) = bundles.split_at(bundles.len().min(1));
    for some in [first].into_iter().chain(rest.chunks(BUNDLES)) {
        folding.take(&reader, some, &mut leaves)?;
        progress(leaves.edge.size().min(size), size);
    }
    let folded = Verified { size, root: leaves.edge.root() };
    leaves.follow(&reader, total)?;
    if leaves.edge.root() != checkpoint.checkpoint().root() {
        return Err(ReadError::DamagedTiles.into());
    }
    let found = folding.registry.root().ok_or(LoadError::Empty)?.digest;
    if found != trust.root() {
        return Err(LoadError::OtherRoot { found, expected: trust.root() });
    }
    let origin = checkpoint.checkpoint().origin().clone();
    let record = folding.fold.finish_with(&Evidence { origin: Some(origin.as_str()), ..*evidence });
    Ok(LoadedLog {
        origin,
        folded,
        checkpoint,
        cosigned,
        record,
        registry: folding.registry,
        refused: folding.refused,
    })
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

/// The fold so far.
#[derive(Default)]
struct Folding {
    threads: Option<NonZero<usize>>,
    /// How many entries are folded.
    size: u64,
    /// Entries before this one need no look at their signatures.
    verified: u64,
    registry: Registry,
    fold: Fold,
    refused: Vec<(u64, Refusal)>,
}

/// A bundle whose entries were checked by the rules as they stood.
struct Bundle {
    bytes: Vec<u8>,
    leaves: Vec<Hash>,
    checked: Vec<Result<Checked, Refusal>>,
}

impl Folding {
    /// Reads and checks some bundles on all cores, then accepts their entries in order.
    fn take(&mut self, reader: &Reader<'_>, tiles: &[Tile], leaves: &mut Leaves) -> Result<(), LoadError> {
        let rules = self.registry.rules();
        for (tile, bundle) in tiles.iter().zip(self.check(reader, tiles, &rules)) {
            let Bundle { bytes, leaves: hashes, checked } = bundle?;
            for ((at, leaf), checked) in hashes.into_iter().enumerate().zip(checked) {
                let index = leaves.edge.size();
                leaves.push(leaf)?;
                // What was refused by rules that have changed since may be good by those of now.
                let stale = checked.is_err() && !Arc::ptr_eq(&rules, &self.registry.rules());
                let checked = if stale { self.check_again(&bytes, *tile, at, index) } else { checked };
                self.accept(checked, index);
            }
        }
        Ok(())
    }

    fn accept(&mut self, checked: Result<Checked, Refusal>, index: u64) {
        match checked.and_then(|checked| self.registry.accept(checked, index)) {
            Ok(accepted) => self.fold.add(&accepted),
            Err(refusal) if self.refused.len() < REFUSED_MAX => self.refused.push((index, refusal)),
            Err(_) => {}
        }
        self.registry.skip_to(index.saturating_add(1));
    }

    /// Checks bundles, each by one of the threads.
    fn check(&self, reader: &Reader<'_>, tiles: &[Tile], rules: &Rules) -> Vec<Result<Bundle, ReadError>> {
        let threads = self.threads.map_or(1, NonZero::get);
        let share = tiles.len().div_ceil(threads).max(1);
        let check_one = |tile: &Tile| self.check_bundle(reader, *tile, rules);
        thread::scope(|scope| {
            let workers: Vec<_> = tiles
                .chunks(share)
                .map(|share| (share, scope.spawn(move || share.iter().map(check_one).collect::<Vec<_>>())))
                .collect();
            // A worker that panicked is a defect; its share is done again here rather than lost.
            workers
                .into_iter()
                .flat_map(|(share, worker)| {
                    worker.join().unwrap_or_else(|_| share.iter().map(check_one).collect())
                })
                .collect()
        })
    }

    fn check_bundle(&self, reader: &Reader<'_>, tile: Tile, rules: &Rules) -> Result<Bundle, ReadError> {
        let (bytes, mut leaves) = reader.bundle(tile)?;
        let first = tile.index() * TILE_WIDTH;
        leaves.truncate(usize::try_from(self.size - first).unwrap_or(usize::MAX));
        let entries = decode_first_entries(&bytes, tile.width()).map_or_else(|_| Vec::new(), |(all, _)| all);
        let checked = (first..)
            .zip(entries)
            .take(leaves.len())
            .map(|(index, entry)| check_entry(rules, entry, index < self.verified))
            .collect();
        Ok(Bundle { bytes, leaves, checked })
    }

    fn check_again(&self, bytes: &[u8], tile: Tile, at: usize, index: u64) -> Result<Checked, Refusal> {
        let entries = decode_first_entries(bytes, tile.width()).map_or_else(|_| Vec::new(), |(all, _)| all);
        let entry = entries.get(at).copied().unwrap_or_default();
        check_entry(&self.registry.rules(), entry, index < self.verified)
    }
}

fn check_entry(rules: &Rules, entry: &[u8], verified: bool) -> Result<Checked, Refusal> {
    if verified { rules.check_but_signature(entry) } else { rules.check(entry) }
}
