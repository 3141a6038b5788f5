//! Checking a whole log: every entry, every hash, and where the first damage is.
//!
//! Entries and tiles say the same thing twice, and the signed checkpoint says which of them is right. So a
//! damaged byte is named as such: a bad entry is not blamed on the tile, nor the other way round.

use std::fmt;
use std::ops::Range;

use crate::head::{HEAD_KEY, HEAD_LEN_MAX, Head};
use crate::key::VerifierKey;
use crate::read::{CHECKPOINT_KEY, ReadError, Reader};
use crate::sequencer::{OpenError, check_age};
use crate::signed::SignedCheckpoint;
use crate::store::{Store, StoreError};
use crate::tile::{Edge, TILE_WIDTH, Tile, TileError, decode_entries, decode_hashes, row};
use crate::tree::{HASH_LEN, Hash, leaf_hash, root_of};

/// The first bytes of a log that are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damage {
    /// The file.
    pub file: String,
    /// Its bytes that are wrong or missing.
    pub bytes: Range<u64>,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, bytes, what } = self;
        write!(f, "{file}, bytes {} to {}: {what}", bytes.start, bytes.end)
    }
}

/// Why a log is not sound.
#[derive(Debug, thiserror::Error)]
pub enum FsckError {
    /// It is damaged.
    #[error("{0}. Restore that file from a mirror")]
    Damaged(Damage),
    /// The checkpoint cannot be believed, so nothing can be compared with it.
    #[error(transparent)]
    Checkpoint(ReadError),
    /// The store could not be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A log that is sound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sound {
    /// Its checkpoint.
    pub checkpoint: SignedCheckpoint,
    /// The bytes of all entries.
    pub entry_bytes: u64,
}

/// Checks a whole published log against the checkpoint that one of these keys signed. `visit` gets every
/// entry with its place, in order, before all is known to be sound: to check more, or to show progress.
///
/// Reads each file once, and none beyond what it can have; so it ends, whatever is there.
pub fn check(
    store: &dyn Store,
    keys: &[VerifierKey],
    mut visit: impl FnMut(u64, &[u8]),
) -> Result<Sound, FsckError> {
    let signed = Reader::new(store).checkpoint().map_err(|error| match error {
        ReadError::Store(error) => FsckError::Store(error),
        other => FsckError::Checkpoint(other),
    })?;
    signed.verify(keys).map_err(|error| FsckError::Checkpoint(error.into()))?;

    let size = signed.checkpoint().size();
    let mut check =
        Check { store, size, from_entries: Edge::default(), from_tiles: Edge::default(), first: None };
    let mut entry_bytes = 0;
    for tile in row(None, size) {
        let compared = check.bundle(tile, |place, entry| {
            entry_bytes += entry.len() as u64;
            visit(place, entry);
        });
        compared.map_err(|error| check.earlier_than(error))?;
    }
    check.finish(&signed)?;
    Ok(Sound { checkpoint: signed, entry_bytes })
}

/// How often a head is read again because the log has gone on in between.
const HEAD_TRIES: usize = 100;

/// Checks that the head of a log, which its keeper has, belongs to what is published: neither is an old copy. The log may
/// go on meanwhile.
///
/// # Errors
/// When it does not, is damaged, or is not there: what [`Sequencer::open`](crate::Sequencer::open) would refuse too.
pub fn check_head(head: &dyn Store, public: &dyn Store, keys: &[VerifierKey]) -> Result<(), OpenError> {
    let read = || head.get(HEAD_KEY, HEAD_LEN_MAX)?.ok_or(OpenError::NoLog);
    let mut bytes = read()?;
    let mut published = Reader::new(public).checkpoint()?;
    for _ in 0..HEAD_TRIES {
        // Both were there at one time only if the head stayed while the checkpoint was read.
        let now = read()?;
        if now == bytes {
            break;
        }
        (bytes, published) = (now, Reader::new(public).checkpoint()?);
    }
    published.verify(keys)?;
    let head = Head::parse(&bytes).ok_or(OpenError::DamagedHead)?;
    head.checkpoint.verify(keys)?;
    head.entries().ok_or(OpenError::DamagedHead)?;
    check_age(&head, Some(&published))
}

/// Where two files first say different things. Which of them is wrong may show only at the end.
struct Difference {
    /// What is wrong if the entries are those that the log signed.
    tile: Damage,
    /// What is wrong if the hashes of the lowest tiles are.
    entries: Damage,
    /// What is wrong, as far as one can tell, if neither are: there is more damage further on.
    either: Damage,
}

struct Check<'s> {
    store: &'s dyn Store,
    size: u64,
    /// The tree that the entries make.
    from_entries: Edge,
    /// The tree that the lowest tiles make.
    from_tiles: Edge,
    first: Option<Difference>,
}

impl Check<'_> {
    /// Compares a bundle with the tile of its hashes, and with the tiles above that are full by it.
    fn bundle(&mut self, bundle: Tile, mut visit: impl FnMut(u64, &[u8])) -> Result<(), FsckError> {
        let tile = Tile::hashes(0, bundle.index(), bundle.width());
        let (found, bytes) = self.read(bundle)?;
        let entries = decode_entries(&bytes, found.width()).map_err(|error| malformed(found, &error))?;
        let hashes = self.hashes(tile)?;
        let mut leaves = Vec::with_capacity(entries.len());
        let mut wrong = None;
        let mut start = 0;
        for (at, (entry, hash)) in (0..bundle.width()).zip(entries.into_iter().zip(&hashes)) {
            visit(bundle.index() * TILE_WIDTH + at, entry);
            let leaf = leaf_hash(entry);
            let end = start + 2 + entry.len() as u64;
            if leaf != *hash && wrong.is_none() {
                let entry = damage(found, start..end, "the entry is not the one that was logged");
                wrong = Some((entry, damage(tile, hash_range(at), "the hash is not that of the entry")));
            }
            start = end;
            leaves.push(leaf);
        }
        if let (Some((entry, hash)), None) = (wrong, &self.first) {
            let either = self.likelier(tile, &leaves, &hashes, &entry, &hash);
            self.first = Some(Difference { tile: hash, entries: entry, either });
        }
        let mut full = Vec::new();
        for (leaf, hash) in leaves.into_iter().zip(hashes) {
            self.from_entries.push(leaf, |tile, hashes| full.push((tile, hashes.to_vec())));
            self.from_tiles.push(hash, |_, _| ());
        }
        full.iter().try_for_each(|(tile, hashes)| self.upper(*tile, hashes))
    }

    /// Asks the tile above which of both it was made from.
    fn likelier(
        &self,
        tile: Tile,
        leaves: &[Hash],
        hashes: &[Hash],
        entry: &Damage,
        hash: &Damage,
    ) -> Damage {
        let above =
            row(Some(1), self.size).nth(usize::try_from(tile.index() / TILE_WIDTH).unwrap_or(usize::MAX));
        let above = above.filter(|_| tile.is_full()).and_then(|above| self.hashes(above).ok());
        let place = usize::try_from(tile.index() % TILE_WIDTH).unwrap_or(usize::MAX);
        match above.as_ref().and_then(|above| above.get(place)) {
            Some(above) if *above == root_of(leaves) => hash.clone(),
            Some(above) if *above == root_of(hashes) => entry.clone(),
            _ => Damage { what: format!("{}, or its hash in {tile} is wrong", entry.what), ..entry.clone() },
        }
    }

    /// Compares a tile above the lowest with what the entries make of it.
    fn upper(&mut self, tile: Tile, expected: &[Hash]) -> Result<(), FsckError> {
        let level = tile.level().unwrap_or(0);
        if level == 0 || self.first.is_some() {
            return Ok(());
        }
        let hashes = self.hashes(tile)?;
        let wrong = (0..).zip(hashes.iter().zip(expected)).find(|(_, (found, expected))| found != expected);
        if let Some((at, _)) = wrong {
            let hash = damage(tile, hash_range(at), "the hash is not that of the tile below");
            let below = (tile.index() * TILE_WIDTH + at) * TILE_WIDTH.pow(u32::from(level) - 1);
            let what = "the entries are not those that were logged, nor are their hashes";
            let (bundle, bytes) = self.read(Tile::entries(below, TILE_WIDTH))?;
            let replaced = damage(bundle, 0..bytes.len() as u64, what);
            self.first = Some(Difference { tile: hash, entries: replaced.clone(), either: replaced });
        }
        Ok(())
    }

    /// Compares with what the log signed, and names the first damage.
    fn finish(mut self, signed: &SignedCheckpoint) -> Result<(), FsckError> {
        let root = signed.checkpoint().root();
        let partials: Vec<(Tile, Vec<Hash>)> =
            self.from_entries.partials().map(|(tile, hashes)| (tile, hashes.to_vec())).collect();
        for (tile, hashes) in partials {
            self.upper(tile, &hashes)?;
        }
        let (entries_signed, tiles_signed) =
            (self.from_entries.root() == root, self.from_tiles.root() == root);
        match self.first {
            Some(first) if entries_signed => Err(FsckError::Damaged(first.tile)),
            Some(first) if tiles_signed => Err(FsckError::Damaged(first.entries)),
            Some(first) => Err(FsckError::Damaged(first.either)),
            None if entries_signed => Ok(()),
            None => {
                let what = "entries and tiles agree with each other, and not with this checkpoint: they were \
                            replaced, or it is of another tree";
                let bytes = 0..signed.to_string().len() as u64;
                let file = CHECKPOINT_KEY.to_owned();
                Err(FsckError::Damaged(Damage { file, bytes, what: what.to_owned() }))
            }
        }
    }

    /// A difference that was found before an unreadable file goes first.
    fn earlier_than(&mut self, error: FsckError) -> FsckError {
        match (self.first.take(), error) {
            (Some(first), FsckError::Damaged(_)) => FsckError::Damaged(first.either),
            (_, error) => error,
        }
    }

    fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, FsckError> {
        let (found, bytes) = self.read(tile)?;
        decode_hashes(&bytes, found.width()).map_err(|error| malformed(found, &error))
    }

    /// A tile, or the full one that took its place.
    fn read(&self, tile: Tile) -> Result<(Tile, Vec<u8>), FsckError> {
        for candidate in [tile, tile.full()] {
            match self.store.get(&candidate.to_string(), tile.len_max()) {
                Ok(Some(bytes)) => return Ok((candidate, bytes)),
                Ok(None) => {}
                Err(StoreError::TooLong { len_max, .. }) => {
                    let what = "the file is longer than any such file can be";
                    return Err(FsckError::Damaged(damage(candidate, len_max..len_max + 1, what)));
                }
                Err(StoreError::NotAFile { .. }) => {
                    return Err(FsckError::Damaged(damage(candidate, 0..1, "this is not a file")));
                }
                Err(error) => return Err(error.into()),
            }
        }
        Err(FsckError::Damaged(damage(tile, 0..1, "there is no such file")))
    }
}

fn hash_range(at: u64) -> Range<u64> {
    let len = HASH_LEN as u64;
    at * len..(at + 1) * len
}

fn malformed(tile: Tile, error: &TileError) -> FsckError {
    FsckError::Damaged(damage(tile, error.offset..error.offset + error.len, &error.what))
}

fn damage(tile: Tile, bytes: Range<u64>, what: &str) -> Damage {
    Damage { file: tile.to_string(), bytes, what: what.to_owned() }
}
