//! Reading a published log: checkpoint, entries, proofs.

use crate::note::NOTE_LEN_MAX;
use crate::proof::Proof;
use crate::signed::{CheckpointError, SignedCheckpoint};
use crate::store::{Store, StoreError};
use crate::tile::{
    Edge, TILE_WIDTH, Tile, TileError, TileNodes, decode_first_entries, decode_hashes, row, row_len,
};
use crate::tree::{
    HASH_LEN, Hash, Nodes as _, ProveError, leaf_hash, prove_consistency, prove_inclusion, root,
    verify_consistency, verify_inclusion,
};

/// The key of the published checkpoint.
pub const CHECKPOINT_KEY: &str = "checkpoint";

/// Why a published log cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is published.
    #[error("there is no checkpoint here: this is not a log, or not the right place")]
    NoCheckpoint,
    /// The checkpoint.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
    /// A tile or bundle.
    #[error(
        "`{file}` is missing or damaged: {why}. Check the log with fsck, and restore that file from a mirror"
    )]
    Damaged {
        /// The file.
        file: String,
        /// What is wrong.
        why: String,
    },
    /// The hashes do not add up.
    #[error("the published tiles do not have the root of the checkpoint. Check the log with fsck")]
    DamagedTiles,
    /// No such entry or tree.
    #[error("the log has {size} entries: there is nothing at {asked}")]
    OutOfRange {
        /// What was asked for.
        asked: u64,
        /// The size of the log.
        size: u64,
    },
}

impl From<ProveError<ReadError>> for ReadError {
    fn from(error: ProveError<ReadError>) -> Self {
        match error {
            ProveError::OutOfRange { asked, size } => Self::OutOfRange { asked, size },
            ProveError::Nodes(error) => error,
        }
    }
}

/// Reads a published log from any store. What it gives is checked against the checkpoint that the caller
/// hands in and has verified, so a damaged file gives an error and never a wrong answer.
pub struct Reader<'s> {
    store: &'s dyn Store,
}

impl<'s> Reader<'s> {
    /// Reads from this store.
    pub fn new(store: &'s dyn Store) -> Self {
        Self { store }
    }

    /// The checkpoint that is published. Not verified yet.
    pub fn checkpoint(&self) -> Result<SignedCheckpoint, ReadError> {
        let bytes = self.store.get(CHECKPOINT_KEY, NOTE_LEN_MAX as u64)?.ok_or(ReadError::NoCheckpoint)?;
        Ok(SignedCheckpoint::parse(&bytes)?)
    }

    /// The hashes of a tile, as they are published. Not verified.
    pub fn hashes(&self, tile: Tile) -> Result<Vec<Hash>, ReadError> {
        read_hashes(self.store, tile)
    }

    /// The bytes of a bundle, as they are published, and the hashes of its entries. Not verified.
    pub fn bundle(&self, tile: Tile) -> Result<(Vec<u8>, Vec<Hash>), ReadError> {
        read_bundle(self.store, tile)
    }

    /// The entries of a bundle, as they are published, each with its hash. Not verified.
    pub fn entries(&self, tile: Tile) -> Result<Vec<(Hash, Vec<u8>)>, ReadError> {
        let bytes = read_file(self.store, tile)?;
        let (entries, _) = decode_first_entries(&bytes, tile.width()).map_err(|why| damaged(tile, &why))?;
        Ok(entries.into_iter().map(|entry| (leaf_hash(entry), entry.to_vec())).collect())
    }

    /// The root that the tree of a checkpoint had at an earlier size, with the proof that leads from there to the
    /// checkpoint. The proof is good, or there is an error.
    pub fn root_at(&self, size: u64, signed: &SignedCheckpoint) -> Result<(Hash, Vec<Hash>), ReadError> {
        let checkpoint = signed.checkpoint();
        if size == checkpoint.size() {
            return Ok((checkpoint.root(), Vec::new()));
        }
        if size == 0 {
            return Ok((Hash::EMPTY_TREE, Vec::new()));
        }
        let nodes = TileNodes::new(checkpoint.size(), |tile| read_hashes(self.store, tile));
        let hashes = prove_consistency(size, checkpoint.size(), &nodes)?;
        let old_root = root(size, &nodes)?;
        verify_consistency(size, old_root, checkpoint.size(), checkpoint.root(), &hashes)
            .map_err(|_| ReadError::DamagedTiles)?;
        Ok((old_root, hashes))
    }

    /// Proves that an entry is in the tree of a checkpoint.
    pub fn prove(&self, index: u64, signed: &SignedCheckpoint) -> Result<Proof, ReadError> {
        self.prover(signed).prove(index)
    }

    /// Proves that the tree of `old_size` entries is a prefix of the tree of a checkpoint.
    pub fn prove_consistency(
        &self,
        old_size: u64,
        signed: &SignedCheckpoint,
    ) -> Result<Vec<Hash>, ReadError> {
        self.prover(signed).prove_consistency(old_size)
    }

    /// Makes many proofs for one checkpoint: tiles are read once for all of them.
    pub fn prover<'c>(&self, signed: &'c SignedCheckpoint) -> Prover<'c, TileReader<'s>> {
        let store = self.store;
        let read: TileReader<'s> = Box::new(move |tile| read_hashes(store, tile));
        Prover { signed, nodes: TileNodes::new(signed.checkpoint().size(), read) }
    }

    /// An entry, checked to be in the tree of a checkpoint.
    pub fn entry(&self, index: u64, signed: &SignedCheckpoint) -> Result<Vec<u8>, ReadError> {
        let checkpoint = signed.checkpoint();
        let proof = self.prove(index, signed)?;
        let number = index / TILE_WIDTH;
        let tile = Tile::entries(number, row_len(0, checkpoint.size()) - number * TILE_WIDTH);
        let bytes = read_file(self.store, tile)?;
        let (entries, _) = decode_first_entries(&bytes, tile.width()).map_err(|why| damaged(tile, &why))?;
        let place = usize::try_from(index % TILE_WIDTH).unwrap_or(usize::MAX);
        let entry = entries.get(place).copied().unwrap_or_default();
        verify_inclusion(leaf_hash(entry), index, checkpoint.size(), checkpoint.root(), proof.hashes())
            .map_err(|why| ReadError::Damaged { file: tile.to_string(), why: why.to_string() })?;
        Ok(entry.to_vec())
    }

    /// Visits all entries of a checkpoint in order, each with its hash. Only when this returns without an error
    /// were they those that the log signed.
    pub fn visit<E>(
        &self,
        signed: &SignedCheckpoint,
        mut visit: impl FnMut(u64, Hash, &[u8]) -> Result<(), E>,
    ) -> Result<(), VisitError<E>> {
        let checkpoint = signed.checkpoint();
        let mut edge = Edge::default();
        for tile in row(None, checkpoint.size()) {
            for (leaf, entry) in self.entries(tile).map_err(VisitError::Read)? {
                visit(edge.size(), leaf, &entry).map_err(VisitError::Visit)?;
                edge.push(leaf, |_, _| ());
            }
        }
        if edge.root() == checkpoint.root() { Ok(()) } else { Err(VisitError::Read(ReadError::DamagedTiles)) }
    }
}

/// Why reading all entries ended early.
#[derive(Debug)]
pub enum VisitError<E> {
    /// The log.
    Read(ReadError),
    /// The visitor.
    Visit(E),
}

/// How a [`Prover`] of a [`Reader`] reads tiles.
pub type TileReader<'s> = Box<dyn Fn(Tile) -> Result<Vec<Hash>, ReadError> + 's>;

/// Makes proofs for one checkpoint.
pub struct Prover<'c, F> {
    signed: &'c SignedCheckpoint,
    nodes: TileNodes<F>,
}

impl<F: Fn(Tile) -> Result<Vec<Hash>, ReadError>> Prover<'_, F> {
    /// Proves that an entry is in the tree. The proof is good, or there is an error.
    pub fn prove(&self, index: u64) -> Result<Proof, ReadError> {
        let checkpoint = self.signed.checkpoint();
        let hashes = prove_inclusion(index, checkpoint.size(), &self.nodes)?;
        let leaf = self.nodes.node(0, index)?;
        verify_inclusion(leaf, index, checkpoint.size(), checkpoint.root(), &hashes)
            .map_err(|_| ReadError::DamagedTiles)?;
        Ok(Proof::new(index, hashes, self.signed.clone()))
    }

    /// Proves that the tree of `old_size` entries is a prefix of the tree.
    pub fn prove_consistency(&self, old_size: u64) -> Result<Vec<Hash>, ReadError> {
        let checkpoint = self.signed.checkpoint();
        let hashes = prove_consistency(old_size, checkpoint.size(), &self.nodes)?;
        let old_root = root(old_size, &self.nodes)?;
        verify_consistency(old_size, old_root, checkpoint.size(), checkpoint.root(), &hashes)
            .map_err(|_| ReadError::DamagedTiles)?;
        Ok(hashes)
    }
}

/// The hashes of a tile, or the first ones of the full tile that took its place.
pub(crate) fn read_hashes(store: &dyn Store, tile: Tile) -> Result<Vec<Hash>, ReadError> {
    let bytes = read_file(store, tile)?;
    let needed = usize::try_from(tile.width()).unwrap_or(usize::MAX).saturating_mul(HASH_LEN);
    let bytes = bytes.get(..needed).unwrap_or(&bytes);
    decode_hashes(bytes, tile.width()).map_err(|why| damaged(tile, &why))
}

/// A bundle, or the start of the full one that took its place, and the hashes of its entries.
pub(crate) fn read_bundle(store: &dyn Store, tile: Tile) -> Result<(Vec<u8>, Vec<Hash>), ReadError> {
    let mut bytes = read_file(store, tile)?;
    let (entries, rest) = decode_first_entries(&bytes, tile.width()).map_err(|why| damaged(tile, &why))?;
    let leaves = entries.into_iter().map(leaf_hash).collect();
    let len = bytes.len() - rest.len();
    bytes.truncate(len);
    Ok((bytes, leaves))
}

fn read_file(store: &dyn Store, tile: Tile) -> Result<Vec<u8>, ReadError> {
    if let Some(bytes) = store.get(&tile.to_string(), tile.len_max())? {
        return Ok(bytes);
    }
    let full = if tile.is_full() { None } else { store.get(&tile.full().to_string(), tile.len_max())? };
    full.ok_or_else(|| ReadError::Damaged { file: tile.to_string(), why: "there is no such file".to_owned() })
}

fn damaged(tile: Tile, why: &TileError) -> ReadError {
    ReadError::Damaged { file: tile.to_string(), why: why.to_string() }
}
