//! Tiles: the static files in which a log publishes its tree and its entries (C2SP `tlog-tiles`).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use crate::text;
use crate::tree::{HASH_LEN, Hash, Nodes, TREE_SIZE_MAX, Tree, joined, root_of};

/// The hashes or entries of a full tile.
pub const TILE_WIDTH: u64 = 256;

/// The tree levels that a tile spans.
const TILE_HEIGHT: u8 = 8;

/// The highest level a tile path can name.
const TILE_LEVEL_MAX: u8 = 63;

/// The most bytes of an entry: what its length prefix can say.
pub const ENTRY_LEN_MAX: usize = u16::MAX as usize;

/// The bytes of the length before each entry of a bundle.
const ENTRY_PREFIX_LEN: usize = 2;

/// The most bytes of a tile of hashes.
pub const HASH_TILE_LEN_MAX: u64 = TILE_WIDTH * HASH_LEN as u64;

/// The most bytes of a bundle of entries.
pub const BUNDLE_LEN_MAX: u64 = TILE_WIDTH * (ENTRY_PREFIX_LEN + ENTRY_LEN_MAX) as u64;

/// Which file: a tile of hashes at some level, or a bundle of entries; its place in the row; its width.
///
/// ```
/// use surety_log::tile::Tile;
///
/// let tile: Tile = "tile/0/x001/x234/067.p/8".parse()?;
/// assert_eq!(tile, Tile::hashes(0, 1_234_067, 8));
/// assert_eq!(Tile::entries(0, 256).to_string(), "tile/entries/000");
/// # Ok::<(), surety_log::tile::ParseTileError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Tile {
    /// The level of its hashes; none for entries.
    level: Option<u8>,
    index: u64,
    /// From 1 to 256.
    width: u64,
}

impl Tile {
    /// The tile of hashes number `index` at a level. A width beyond a full tile is a full tile.
    pub fn hashes(level: u8, index: u64, width: u64) -> Self {
        Self { level: Some(level.min(TILE_LEVEL_MAX)), index, width: width.clamp(1, TILE_WIDTH) }
    }

    /// The bundle of entries number `index`. A width beyond a full bundle is a full bundle.
    pub fn entries(index: u64, width: u64) -> Self {
        Self { level: None, index, width: width.clamp(1, TILE_WIDTH) }
    }

    /// The level of its hashes; none for entries.
    pub fn level(self) -> Option<u8> {
        self.level
    }

    /// Its place in the row.
    pub fn index(self) -> u64 {
        self.index
    }

    /// How many hashes or entries it has.
    pub fn width(self) -> u64 {
        self.width
    }

    /// Whether it will never grow.
    pub fn is_full(self) -> bool {
        self.width == TILE_WIDTH
    }

    /// The full tile that this one becomes.
    #[must_use]
    pub fn full(self) -> Self {
        Self { width: TILE_WIDTH, ..self }
    }

    /// The folder in which the partial tiles on the way to this one are.
    pub fn partials(self) -> String {
        format!("{}.p/", self.full())
    }

    /// The most bytes it can have.
    pub fn len_max(self) -> u64 {
        if self.level.is_some() { HASH_TILE_LEN_MAX } else { BUNDLE_LEN_MAX }
    }
}

/// The tiles of one row, of hashes or of entries, that a tree of `size` entries has.
pub fn row(level: Option<u8>, size: u64) -> impl Iterator<Item = Tile> {
    let count = row_len(level.unwrap_or(0), size);
    let tile = move |index: u64| {
        let width = (count - index * TILE_WIDTH).min(TILE_WIDTH);
        Tile { level, index, width }
    };
    (0..count.div_ceil(TILE_WIDTH)).map(tile)
}

/// How many hashes the row of tiles at a level has in a tree of `size` entries.
pub fn row_len(level: u8, size: u64) -> u64 {
    size.checked_shr(u32::from(level) * u32::from(TILE_HEIGHT)).unwrap_or(0)
}

/// The path of the file under the address of the log.
impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.level {
            Some(level) => write!(f, "tile/{level}/")?,
            None => write!(f, "tile/entries/")?,
        }
        let mut groups = vec![self.index % 1000];
        let mut rest = self.index / 1000;
        while rest > 0 {
            groups.push(rest % 1000);
            rest /= 1000;
        }
        for group in groups[1..].iter().rev() {
            write!(f, "x{group:03}/")?;
        }
        write!(f, "{:03}", groups[0])?;
        if self.is_full() { Ok(()) } else { write!(f, ".p/{}", self.width) }
    }
}

/// The path is not that of a tile.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not the path of a tile, such as tile/0/x001/234 or tile/entries/000.p/7")]
pub struct ParseTileError(String);

impl FromStr for Tile {
    type Err = ParseTileError;

    fn from_str(path: &str) -> Result<Self, Self::Err> {
        parse_path(path)
            // Only one path leads to a tile.
            .filter(|tile| tile.to_string() == path)
            .ok_or_else(|| ParseTileError(text::excerpt(path)))
    }
}

fn parse_path(path: &str) -> Option<Tile> {
    let (level, rest) = path.strip_prefix("tile/")?.split_once('/')?;
    let level = match level {
        "entries" => None,
        level => Some(u8::try_from(text::parse_decimal(level, TILE_LEVEL_MAX.into())?).ok()?),
    };
    let (number, width) = match rest.split_once(".p/") {
        Some((number, width)) => {
            (number, text::parse_decimal(width, TILE_WIDTH - 1).filter(|width| *width > 0)?)
        }
        None => (rest, TILE_WIDTH),
    };
    let mut index = 0u64;
    for group in number.split('/') {
        let digits = group.strip_prefix('x').unwrap_or(group);
        if digits.len() != 3 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        index = index.checked_mul(1000)?.checked_add(digits.parse().ok()?)?;
    }
    Some(Tile { level, index, width })
}

/// A file is not the tile it should be: something is wrong from a byte on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct TileError {
    /// The first byte that is wrong or missing.
    pub offset: u64,
    /// How many bytes are wrong or missing, as far as one can tell; at least one.
    pub len: u64,
    /// What is wrong.
    pub what: String,
}

/// The bytes of a tile of hashes.
pub fn encode_hashes(hashes: &[Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

/// Reads a tile of hashes of this width, no more and no less.
pub fn decode_hashes(bytes: &[u8], width: u64) -> Result<Vec<Hash>, TileError> {
    let (found, expected) = (bytes.len() as u64, width * HASH_LEN as u64);
    if found != expected {
        let what = format!("{width} hashes have {expected} bytes, and there are {found}");
        return Err(TileError { offset: found.min(expected), len: found.abs_diff(expected), what });
    }
    let (hashes, _) = bytes.as_chunks::<HASH_LEN>();
    Ok(hashes.iter().copied().map(Hash).collect())
}

/// Appends an entry to a bundle.
///
/// # Errors
/// When it is longer than [`ENTRY_LEN_MAX`].
pub fn push_entry(bundle: &mut Vec<u8>, entry: &[u8]) -> Result<(), EntryTooLong> {
    let len = u16::try_from(entry.len()).map_err(|_| EntryTooLong(entry.len()))?;
    bundle.extend(len.to_be_bytes());
    bundle.extend(entry);
    Ok(())
}

/// The entry does not fit the format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the entry has {0} bytes, and at most {ENTRY_LEN_MAX} can be logged: log a hash of it instead")]
pub struct EntryTooLong(pub usize);

/// Reads a bundle of this many entries, no more and no less.
pub fn decode_entries(bundle: &[u8], width: u64) -> Result<Vec<&[u8]>, TileError> {
    let (entries, rest) = decode_first_entries(bundle, width)?;
    if rest.is_empty() {
        return Ok(entries);
    }
    let what = format!("there are bytes after the last of {width} entries");
    Err(TileError { offset: (bundle.len() - rest.len()) as u64, len: rest.len() as u64, what })
}

/// Reads this many entries from the start of a bundle, and gives the bytes after them too.
pub fn decode_first_entries(bundle: &[u8], width: u64) -> Result<(Vec<&[u8]>, &[u8]), TileError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    for number in 1..=width {
        let missing = |len: usize| TileError {
            offset: bundle.len() as u64,
            len: len as u64,
            what: format!("the bundle ends in entry {number} of {width}"),
        };
        let Some((len, after)) = rest.split_first_chunk::<ENTRY_PREFIX_LEN>() else {
            return Err(missing(ENTRY_PREFIX_LEN - rest.len()));
        };
        let len = usize::from(u16::from_be_bytes(*len));
        let (entry, after) = after.split_at_checked(len).ok_or_else(|| missing(len - after.len()))?;
        entries.push(entry);
        rest = after;
    }
    Ok((entries, rest))
}

/// The right edge of a tree: all one must remember to append to it and to publish what is new.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Edge {
    /// The partial tile of each level, with 0 to 255 hashes; no level is empty to the top.
    rows: Vec<Vec<Hash>>,
    size: u64,
}

impl Edge {
    /// The edge of a published tree of `size` entries; `read` gives the hashes of a tile, no more and no less. They
    /// are believed as they are: compare the root.
    pub fn load<E>(size: u64, mut read: impl FnMut(Tile) -> Result<Vec<Hash>, E>) -> Result<Self, E> {
        let mut rows = Vec::new();
        for level in 0..=TILE_LEVEL_MAX {
            let count = row_len(level, size);
            if count == 0 {
                break;
            }
            let width = count % TILE_WIDTH;
            let tile = Tile::hashes(level, count / TILE_WIDTH, width);
            rows.push(if width == 0 { Vec::new() } else { read(tile)? });
        }
        Ok(Self { rows, size })
    }

    /// How many entries the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        let mut below: Option<Hash> = None;
        for row in &self.rows {
            let hashes: Vec<Hash> = row.iter().copied().chain(below).collect();
            if !hashes.is_empty() {
                below = Some(root_of(&hashes));
            }
        }
        below.unwrap_or(Hash::EMPTY_TREE)
    }

    /// Appends the hash of an entry, and hands over each tile that is full by it, lowest first.
    pub fn push(&mut self, leaf: Hash, mut full: impl FnMut(Tile, &[Hash])) {
        self.size += 1;
        let mut hash = leaf;
        for level in 0u8.. {
            let at = usize::from(level);
            if at == self.rows.len() {
                self.rows.push(Vec::new());
            }
            let row = &mut self.rows[at];
            row.push(hash);
            if (row.len() as u64) < TILE_WIDTH {
                return;
            }
            full(Tile::hashes(level, row_len(level, self.size) / TILE_WIDTH - 1, TILE_WIDTH), row);
            hash = root_of(row);
            row.clear();
        }
    }

    /// The tiles that are not full, lowest first.
    pub fn partials(&self) -> impl Iterator<Item = (Tile, &[Hash])> {
        let rows = (0u8..).zip(&self.rows).filter(|(_, row)| !row.is_empty());
        rows.map(|(level, row)| {
            let index = row_len(level, self.size) / TILE_WIDTH;
            (Tile::hashes(level, index, row.len() as u64), row.as_slice())
        })
    }
}

/// The most tiles that are remembered: about 16 MiB of hashes.
const REMEMBERED_MAX: usize = 1024;

/// Perfect subtrees of a tree that is published as tiles. Each tile is read once, as long as not too many are
/// needed.
///
/// A tile is believed as it is; whoever makes a proof from it checks the proof against a checkpoint.
pub struct TileNodes<F> {
    size: u64,
    read: F,
    remembered: RefCell<BTreeMap<Tile, Tree>>,
    /// The subtrees at the right edge, by where they start: nearly every proof has one, and they are not in the tiles.
    edge: RefCell<BTreeMap<u64, Hash>>,
}

impl<E, F: Fn(Tile) -> Result<Vec<Hash>, E>> TileNodes<F> {
    /// The subtrees of a tree of `size` entries; `read` gives the hashes of a tile.
    pub fn new(size: u64, read: F) -> Self {
        Self { size: size.min(TREE_SIZE_MAX), read, remembered: RefCell::default(), edge: RefCell::default() }
    }
}

impl<E, F: Fn(Tile) -> Result<Vec<Hash>, E>> Nodes for TileNodes<F> {
    type Error = E;

    fn node(&self, level: u8, index: u64) -> Result<Hash, E> {
        let (tile_level, height) = (level / TILE_HEIGHT, level % TILE_HEIGHT);
        let tile_index = index >> (TILE_HEIGHT - height);
        let width = row_len(tile_level, self.size).saturating_sub(tile_index * TILE_WIDTH);
        let tile = Tile::hashes(tile_level, tile_index, width);
        let index = index - (tile_index << (TILE_HEIGHT - height));
        if let Some(hashes) = self.remembered.borrow().get(&tile) {
            return Ok(node_in(hashes, height, index));
        }
        let hashes: Tree = (self.read)(tile)?.into_iter().collect();
        let node = node_in(&hashes, height, index);
        let mut remembered = self.remembered.borrow_mut();
        if remembered.len() >= REMEMBERED_MAX {
            remembered.clear();
        }
        remembered.insert(tile, hashes);
        Ok(node)
    }

    fn subtree(&self, start: u64, end: u64) -> Result<Hash, E> {
        if end != self.size || (end - start).is_power_of_two() {
            return joined(self, start, end);
        }
        if let Some(root) = self.edge.borrow().get(&start) {
            return Ok(*root);
        }
        let root = joined(self, start, end)?;
        self.edge.borrow_mut().insert(start, root);
        Ok(root)
    }
}

fn node_in(tile: &Tree, level: u8, index: u64) -> Hash {
    match tile.node(level, index) {
        Ok(hash) => hash,
        Err(never) => match never {},
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::{leaf_hash, prove_consistency, prove_inclusion};
    use proptest::prelude::*;
    use std::convert::Infallible;

    #[test]
    fn a_path_leads_to_one_tile_and_a_tile_has_one_path() {
        for (tile, path) in [
            (Tile::hashes(0, 0, 256), "tile/0/000"),
            (Tile::hashes(0, 273, 112), "tile/0/273.p/112"),
            (Tile::hashes(63, 1_234_067, 1), "tile/63/x001/x234/067.p/1"),
            (Tile::entries(999, 255), "tile/entries/999.p/255"),
            (Tile::entries(1000, 256), "tile/entries/x001/000"),
        ] {
            assert_eq!(tile.to_string(), path);
            assert_eq!(path.parse(), Ok(tile));
        }
        for bad in [
            "",
            "tile/0/",
            "tile/0/00",
            "tile/0/0000",
            "tile/64/000",
            "tile/00/000",
            "tile/-1/000",
            "tile/0/x000/000",
            "tile/0/001/000",
            "tile/0/x001/x000",
            "tile/0/000.p/0",
            "tile/0/000.p/256",
            "tile/0/000.p/01",
            "tile/0/000.p/",
            "tile/data/000",
            "/tile/0/000",
            "tile/0/000/",
            "tile/0/../000",
            "tile/0/x018/x446/x744/x073/x709/x551/616",
        ] {
            assert!(bad.parse::<Tile>().is_err(), "{bad}");
        }
    }

    #[test]
    fn a_tree_of_70_000_has_the_tiles_of_the_specification() {
        let widths = |level| row(Some(level), 70_000).map(Tile::width).collect::<Vec<_>>();
        assert_eq!((widths(0).len(), widths(0)[272], widths(0)[273]), (274, 256, 112));
        assert_eq!(widths(1), [256, 17]);
        assert_eq!(widths(2), [1]);
        assert!(widths(3).is_empty());
        assert_eq!(row(Some(1), 256).collect::<Vec<_>>(), [Tile::hashes(1, 0, 1)]);
        assert_eq!(row(None, 0).count(), 0);
    }

    #[test]
    fn a_bundle_reads_back_and_a_damaged_one_says_where() {
        let mut bundle = Vec::new();
        for entry in [&b"one"[..], b"", &vec![7; ENTRY_LEN_MAX]] {
            push_entry(&mut bundle, entry).unwrap();
        }
        assert_eq!(push_entry(&mut bundle.clone(), &vec![0; ENTRY_LEN_MAX + 1]), Err(EntryTooLong(65_536)));
        assert_eq!(decode_entries(&bundle, 3).unwrap()[2].len(), ENTRY_LEN_MAX);
        let place =
            |bytes: &[u8], width| decode_entries(bytes, width).map_err(|e| (e.offset, e.len)).unwrap_err();
        assert_eq!(place(&bundle, 2), (7, 65_537), "more than it should have");
        assert_eq!(place(&bundle, 4), (bundle.len() as u64, 2), "one entry is missing");
        assert_eq!(place(&bundle[..4], 3), (4, 1), "truncated in an entry");
        assert_eq!(place(&bundle[..6], 3), (6, 1), "truncated in a length");
        assert_eq!(place(&[], 1), (0, 2));
        assert_eq!(decode_hashes(&[0; 64], 2).unwrap().len(), 2);
        assert_eq!(decode_hashes(&[0; 63], 2).unwrap_err().offset, 63);
        assert_eq!(decode_hashes(&[0; 65], 2).unwrap_err().offset, 64);
    }

    /// A tree in memory, its edge, and the tiles that were published on the way.
    fn published(size: u64) -> (Tree, Edge, BTreeMap<Tile, Vec<Hash>>) {
        let (mut tree, mut edge, mut tiles) = (Tree::default(), Edge::default(), BTreeMap::new());
        for number in 0..size {
            let leaf = leaf_hash(&number.to_be_bytes());
            tree.push(leaf);
            edge.push(leaf, |tile, hashes| drop(tiles.insert(tile, hashes.to_vec())));
        }
        tiles.extend(edge.partials().map(|(tile, hashes)| (tile, hashes.to_vec())));
        (tree, edge, tiles)
    }

    #[test]
    fn proofs_from_tiles_are_those_of_the_tree() {
        for size in [1, 2, 255, 256, 257, 600, 65_536, 70_000] {
            let (tree, edge, tiles) = published(size);
            assert_eq!((edge.root(), edge.size()), (tree.root(), size));
            let expected: usize = (0..4).map(|level| row(Some(level), size).count()).sum();
            assert_eq!(tiles.len(), expected, "{size}");
            let nodes = TileNodes::new(size, |tile| Ok::<_, Infallible>(tiles[&tile].clone()));
            for index in [0, size / 3, size / 2, size - 1] {
                assert_eq!(
                    prove_inclusion(index, size, &nodes),
                    tree.prove_inclusion(index),
                    "{index} in {size}"
                );
                assert_eq!(
                    prove_consistency(index, size, &nodes),
                    tree.prove_consistency(index),
                    "{index}, {size}"
                );
            }
        }
    }

    #[test]
    fn the_edge_has_the_root_of_the_tree_at_every_size() {
        let (mut tree, mut edge) = (Tree::default(), Edge::default());
        for number in 0..1000u64 {
            assert_eq!(edge.root(), tree.root(), "{number}");
            tree.push(leaf_hash(&number.to_be_bytes()));
            edge.push(leaf_hash(&number.to_be_bytes()), |_, _| ());
        }
    }

    proptest! {
        #[test]
        fn every_tile_reads_back(level in 0u8..64, index in any::<u64>(), width in 1u64..=256) {
            for tile in [Tile::hashes(level, index, width), Tile::entries(index, width)] {
                prop_assert_eq!(tile.to_string().parse(), Ok(tile));
            }
        }

        #[test]
        fn no_bytes_make_the_bundle_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40), width in 0u64..5) {
            let _ = decode_entries(&bytes, width);
        }
    }
}
