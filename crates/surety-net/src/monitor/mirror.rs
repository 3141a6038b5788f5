//! A verified copy of a log, in a folder that any static server can serve.

use std::path::PathBuf;

use surety_log::tile::{Edge, TILE_WIDTH, Tile, encode_hashes, row};
use surety_log::{
    CHECKPOINT_KEY, FolderStore, Hash, Object, ReadError, Reader, SignedCheckpoint, Store, StoreError,
};

/// The most entries that are taken over at once: half a gigabyte of hashes in memory.
const GROWTH_MAX: u64 = 1 << 24;

/// Files are written when so many bytes of them wait.
const BATCH_LEN: usize = 8 * 1024 * 1024;

/// A verified copy of a log. Every tile and every bundle is written only when it was checked against a checkpoint
/// that the caller believes, and the checkpoint last; so whoever reads the folder finds a sound log at any time.
pub struct Mirror {
    store: FolderStore,
    edge: Edge,
    checkpoint: Option<SignedCheckpoint>,
}

/// Why a log could not be copied.
#[derive(Debug, thiserror::Error)]
pub enum MirrorError {
    /// The folder of the copy.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The copy is not what was written: only its own disk can be to blame.
    #[error("the mirror is damaged: {0}. Remove its folder, and it is copied anew")]
    Damaged(ReadError),
    /// The log.
    #[error(transparent)]
    Source(#[from] ReadError),
    /// What the log publishes has not grown out of what it published before, or is damaged.
    #[error("the tiles of the log do not lead from {old_size} entries to the checkpoint of {size}")]
    Differs {
        /// The size of the copy.
        old_size: u64,
        /// The size that was to be reached.
        size: u64,
    },
    /// A bundle does not have the entries that the tree has.
    #[error("`{0}` does not have the entries of the tree: the log is damaged there. Check the log with fsck")]
    Entries(Tile),
    /// Too much at once.
    #[error(
        "the log has grown by {0} entries since the last time, and at most {GROWTH_MAX} can be taken over at once"
    )]
    TooMuch(u64),
}

impl Mirror {
    /// Opens the copy in a folder, or begins one. Its tiles are compared with its checkpoint.
    pub fn open(root: impl Into<PathBuf>) -> Result<Self, MirrorError> {
        let store = FolderStore::writer(root)?;
        let reader = Reader::new(&store);
        let checkpoint = match reader.checkpoint() {
            Ok(checkpoint) => Some(checkpoint),
            Err(ReadError::NoCheckpoint) => None,
            Err(error) => return Err(MirrorError::Damaged(error)),
        };
        let size = checkpoint.as_ref().map_or(0, |signed| signed.checkpoint().size());
        let edge = Edge::load(size, |tile| reader.hashes(tile)).map_err(MirrorError::Damaged)?;
        let root = checkpoint.as_ref().map_or(Hash::EMPTY_TREE, |signed| signed.checkpoint().root());
        if edge.root() != root {
            return Err(MirrorError::Damaged(ReadError::DamagedTiles));
        }
        Ok(Self { store, edge, checkpoint })
    }

    /// What was copied last.
    pub fn checkpoint(&self) -> Option<&SignedCheckpoint> {
        self.checkpoint.as_ref()
    }

    /// How many entries it has.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Its files.
    pub fn store(&self) -> &dyn Store {
        &self.store
    }

    /// Copies what a log has more, up to a checkpoint that the caller believes. On error the copy stays as it was.
    pub fn extend(&mut self, source: &dyn Store, signed: &SignedCheckpoint) -> Result<(), MirrorError> {
        if self.checkpoint.as_ref() == Some(signed) {
            return Ok(());
        }
        let reader = Reader::new(source);
        let leaves = self.new_leaves(&reader, signed)?;
        let mut edge = self.edge.clone();
        let mut full = Vec::new();
        let mut waiting = Waiting { store: &self.store, objects: Vec::new(), len: 0 };
        let mut rest = leaves.as_slice();
        for bundle in self.new_tiles(None, signed) {
            let known = self.known_leaves(bundle);
            let (new, after) = rest.split_at(rest.len().min(width(bundle) - known.len()));
            let (bytes, found) = reader.bundle(bundle)?;
            if !found.iter().eq(known.iter().chain(new)) {
                return Err(MirrorError::Entries(bundle));
            }
            let mut hashed = Vec::new();
            for leaf in new {
                edge.push(*leaf, |tile, hashes| hashed.push((tile, encode_hashes(hashes))));
            }
            full.extend(
                hashed.iter().map(|(tile, _)| *tile).chain(Some(bundle).filter(|tile| tile.is_full())),
            );
            waiting.push(bundle, bytes)?;
            hashed.into_iter().try_for_each(|(tile, bytes)| waiting.push(tile, bytes))?;
            rest = after;
        }
        for (tile, hashes) in edge.partials() {
            waiting.push(tile, encode_hashes(hashes))?;
        }
        waiting.flush()?;
        self.store.put(&[(CHECKPOINT_KEY.to_owned(), signed.to_string().into_bytes())])?;
        for tile in full {
            // The full tile serves instead. What cannot be removed is in nobody's way.
            let _ = self.store.remove_under(&tile.partials());
        }
        self.edge = edge;
        self.checkpoint = Some(signed.clone());
        Ok(())
    }

    /// The hashes of the entries that are new, checked against the root of the checkpoint.
    fn new_leaves(&self, reader: &Reader<'_>, signed: &SignedCheckpoint) -> Result<Vec<Hash>, MirrorError> {
        let (old_size, size) = (self.edge.size(), signed.checkpoint().size());
        let differs = MirrorError::Differs { old_size, size };
        let Some(growth) = size.checked_sub(old_size) else { return Err(differs) };
        if growth > GROWTH_MAX {
            return Err(MirrorError::TooMuch(growth));
        }
        let mut leaves = Vec::new();
        let mut edge = self.edge.clone();
        for tile in self.new_tiles(Some(0), signed) {
            let known = self.known_leaves(tile).len();
            leaves.extend(reader.hashes(tile)?.into_iter().skip(known));
        }
        for leaf in &leaves {
            edge.push(*leaf, |_, _| ());
        }
        if edge.root() == signed.checkpoint().root() { Ok(leaves) } else { Err(differs) }
    }

    /// The tiles of the lowest row, or the bundles, that have entries which the copy does not have.
    fn new_tiles(&self, level: Option<u8>, signed: &SignedCheckpoint) -> impl Iterator<Item = Tile> {
        let (old_size, size) = (self.edge.size(), signed.checkpoint().size());
        let known = if size == old_size { size.div_ceil(TILE_WIDTH) } else { old_size / TILE_WIDTH };
        row(level, size).skip(usize::try_from(known).unwrap_or(usize::MAX))
    }

    /// The hashes of the entries in a tile of the lowest row, or in a bundle, that the copy has already.
    fn known_leaves(&self, tile: Tile) -> &[Hash] {
        let lowest = self.edge.partials().find(|(partial, _)| partial.level() == Some(0));
        lowest.filter(|(partial, _)| partial.index() == tile.index()).map_or(&[], |(_, hashes)| hashes)
    }
}

fn width(tile: Tile) -> usize {
    usize::try_from(tile.width()).unwrap_or(usize::MAX)
}

/// Files that are checked and not written yet.
struct Waiting<'s> {
    store: &'s FolderStore,
    objects: Vec<Object>,
    len: usize,
}

impl Waiting<'_> {
    fn push(&mut self, tile: Tile, bytes: Vec<u8>) -> Result<(), StoreError> {
        self.len += bytes.len();
        self.objects.push((tile.to_string(), bytes));
        if self.len < BATCH_LEN { Ok(()) } else { self.flush() }
    }

    fn flush(&mut self) -> Result<(), StoreError> {
        self.store.put(&std::mem::take(&mut self.objects))?;
        self.len = 0;
        Ok(())
    }
}
