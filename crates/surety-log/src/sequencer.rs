//! The sequencer: gives entries their places, one batch after the other, and survives any crash.

use std::collections::HashMap;
use std::sync::Arc;

use crate::checkpoint::{Checkpoint, Origin, ParseCheckpointError};
use crate::head::{HEAD_KEY, HEAD_LEN_MAX, Head};
use crate::key::{SignError, Signer};
use crate::note::NOTE_LEN_MAX;
use crate::read::{CHECKPOINT_KEY, ReadError, read_bundle, read_hashes};
use crate::signed::{CheckpointError, SignedCheckpoint};
use crate::store::{Object, Store, StoreError};
use crate::tile::{
    ENTRY_LEN_MAX, Edge, EntryTooLong, TILE_WIDTH, Tile, encode_hashes, push_entry, row, row_len,
};
use crate::tree::{Hash, leaf_hash};

/// Where a log is kept.
#[derive(Clone)]
pub struct Stores {
    /// What everybody may read: checkpoint, tiles, bundles.
    pub public: Arc<dyn Store>,
    /// The head. Best kept elsewhere, so that an old copy of the public store is noticed.
    pub head: Arc<dyn Store>,
}

/// Asks witnesses to cosign a checkpoint of a log whose tiles are in a store, before anybody sees it.
pub trait Cosigner: Send + Sync {
    /// The checkpoint with the cosignatures that came in time. It is published with or without them, so this
    /// must come back soon.
    fn cosign(&self, checkpoint: SignedCheckpoint, public: &dyn Store) -> SignedCheckpoint;
}

/// Who a log is.
#[derive(Clone)]
pub struct Identity {
    origin: Origin,
    signers: Vec<Arc<dyn Signer>>,
    cosigner: Option<Arc<dyn Cosigner>>,
}

impl Identity {
    /// A log and its keys. The first makes the signature that everybody understands: Ed25519.
    ///
    /// # Errors
    /// When there is no key, or one of another name than the log: its signatures would not count.
    pub fn new(origin: Origin, signers: Vec<Arc<dyn Signer>>) -> Result<Self, IdentityError> {
        if signers.is_empty() {
            return Err(IdentityError::NoKey);
        }
        let stranger = signers.iter().find(|signer| signer.verifier().name().as_str() != origin.as_str());
        match stranger {
            Some(stranger) => Err(IdentityError::Name(stranger.verifier().name().to_string(), origin)),
            None => Ok(Self { origin, signers, cosigner: None }),
        }
    }

    /// The same, whose checkpoints are cosigned before they are published.
    #[must_use]
    pub fn with_cosigner(self, cosigner: Arc<dyn Cosigner>) -> Self {
        Self { cosigner: Some(cosigner), ..self }
    }

    /// The name of the log.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    fn sign(&self, size: u64, root: Hash, time: u64) -> Result<SignedCheckpoint, CommitError> {
        let checkpoint = Checkpoint::new(self.origin.clone(), size, root)?;
        let signers: Vec<&dyn Signer> = self.signers.iter().map(AsRef::as_ref).collect();
        Ok(SignedCheckpoint::sign(checkpoint, &signers, time)?)
    }

    /// Checks that we signed this. Gives the latest time it carries.
    fn check(&self, signed: &SignedCheckpoint) -> Result<u64, OpenError> {
        if signed.checkpoint().origin() != &self.origin {
            return Err(OpenError::OtherLog(signed.checkpoint().origin().clone()));
        }
        let verified = signed.verify(self.signers.iter().map(|signer| signer.verifier()))?;
        Ok(verified.iter().filter_map(|verified| verified.time).max().unwrap_or(0))
    }
}

/// Keys that do not belong to the log.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// No key.
    #[error("a log needs a key to sign its checkpoints")]
    NoKey,
    /// A key of another name.
    #[error("the key `{0}` is not called like the log, `{1}`: signatures of other names do not count")]
    Name(String, Origin),
}

/// A checkpoint that the caller knows from elsewhere.
#[derive(Debug, Clone, Default)]
pub struct Expected {
    /// The log must have this, or have grown from it. Take the last one that a witness cosigned.
    pub at_least: Option<Checkpoint>,
}

/// Why a log cannot be opened. Nothing was changed, unless it says so.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no log.
    #[error("there is no log here: make one first, or correct the place of its head")]
    NoLog,
    /// There is one already.
    #[error("there is a log here already: open it, or choose another place")]
    Exists,
    /// The head cannot be read.
    #[error("the head of the log is damaged: restore the newest copy of it, never an older one")]
    DamagedHead,
    /// A checkpoint is not by our keys.
    #[error("a checkpoint in the log does not count: {0}")]
    Checkpoint(#[from] CheckpointError),
    /// A checkpoint of another log.
    #[error("this is the log `{0}`, not the one whose keys were given")]
    OtherLog(Origin),
    /// The public store is older than the head.
    #[error(
        "the published log has {found} entries and had {known} before: an old copy was restored. Bring back the newest copy; going on from here would fork the log"
    )]
    OldCopy {
        /// How many entries it has.
        found: u64,
        /// How many it is known to have had.
        known: u64,
    },
    /// The head is older than the public store.
    #[error(
        "the head has {found} entries and the published log has {known}: an old head was restored. Bring back the newest one; going on from here would fork the log"
    )]
    OldHead {
        /// How many entries the head has.
        found: u64,
        /// How many entries are published.
        known: u64,
    },
    /// Two histories.
    #[error(
        "head, published checkpoint or the checkpoint known from elsewhere contradict each other at {size} entries: the log was forked. Do not go on; keep all of them as evidence"
    )]
    Fork {
        /// Up to where they should agree.
        size: u64,
    },
    /// A published file.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// The hashes do not add up.
    #[error("the published tiles do not have the root that was signed. Check the log with fsck")]
    DamagedTiles,
    /// What was committed could not be published.
    #[error("could not finish what was committed: {0}")]
    Unfinished(#[from] CommitError),
}

/// Why a batch was not acknowledged. It may have been committed all the same; submitting it again after
/// [`Sequencer::open`] gives its entries the same places or new ones, never both.
#[derive(Debug, thiserror::Error)]
pub enum CommitError {
    /// The store.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The key, or the device that keeps it.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The tree is full.
    #[error(transparent)]
    Size(#[from] ParseCheckpointError),
    /// An entry that does not fit.
    #[error(transparent)]
    Entry(#[from] EntryTooLong),
    /// An earlier batch failed.
    #[error("an earlier write failed: open the log again first")]
    Broken,
}

impl CommitError {
    /// Whether somebody else writes to the same log.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Store(error) if error.is_conflict())
    }
}

/// The one writer of a log. Without threads or clocks of its own.
///
/// # How a batch is committed
///
/// 1. The head, with the new checkpoint and the entries of the batch, replaces the head before
///    ([`Store::swap`], durable). **This commits the batch.** Nothing of it was written elsewhere before.
/// 2. Tiles and bundles are written ([`Store::put`], durable).
/// 3. The checkpoint is published, with the cosignatures that witnesses gave in time ([`Cosigner`]). It
///    replaces the one before ([`Store::swap`]), so a writer that was overtaken cannot set it back.
/// 4. Now the entries are acknowledged.
///
/// If anything fails, the sequencer refuses all further work: only [`Sequencer::open`] can tell what was
/// committed, and it does the same after an error as after a crash. It reads the head, writes what step 2
/// may have left undone, and publishes.
///
/// # What a restored folder does
///
/// The head is best kept in a store of its own, away from the published folder. Then an old copy of either
/// one is refused at the next start, because the other one knows more. An old copy of *both* is
/// indistinguishable from the past: no record on the same machine can tell. So [`Expected::at_least`] takes
/// a checkpoint from elsewhere, such as the last one a witness cosigned; and a witness will not cosign what
/// contradicts it, so the fork stays without a quorum.
pub struct Sequencer {
    stores: Stores,
    identity: Identity,
    edge: Edge,
    /// The bundle that is not full.
    bundle: Vec<u8>,
    /// The place of every entry, by its hash. Built from the tiles at the start.
    places: HashMap<Hash, u64>,
    /// The head as it was last written: the next swap expects it.
    head: Vec<u8>,
    published: Arc<SignedCheckpoint>,
    /// The published checkpoint as it was last written: the next swap expects it.
    written: Option<Vec<u8>>,
    /// The latest time that was signed: no later signature carries an earlier one.
    time: u64,
    /// Whether a write failed, so that memory and stores may differ.
    broken: bool,
}

impl Sequencer {
    /// Makes a new log without entries.
    pub fn create(stores: Stores, identity: Identity, time: u64) -> Result<Self, OpenError> {
        if stores.public.get(CHECKPOINT_KEY, NOTE_LEN_MAX as u64)?.is_some() {
            return Err(OpenError::Exists);
        }
        let checkpoint = identity.sign(0, Hash::EMPTY_TREE, time)?;
        let head = Head { base_size: 0, base_root: Hash::EMPTY_TREE, checkpoint, batch: Vec::new() };
        match stores.head.swap(HEAD_KEY, None, &head.to_bytes()) {
            Err(StoreError::Conflict { .. }) => return Err(OpenError::Exists),
            other => other?,
        }
        Self::open(stores, identity, &Expected::default())
    }

    /// Opens a log, finishes what was committed before a crash, and refuses old copies.
    pub fn open(stores: Stores, identity: Identity, expected: &Expected) -> Result<Self, OpenError> {
        let bytes = stores.head.get(HEAD_KEY, HEAD_LEN_MAX)?.ok_or(OpenError::NoLog)?;
        let head = Head::parse(&bytes).ok_or(OpenError::DamagedHead)?;
        let time = identity.check(&head.checkpoint)?;
        let written = stores.public.get(CHECKPOINT_KEY, NOTE_LEN_MAX as u64)?;
        let published = written.as_deref().map(|bytes| read_published(bytes, &identity)).transpose()?;
        check_age(&head, published.as_ref())?;

        let mut sequencer = Self {
            stores,
            identity,
            edge: Edge::default(),
            bundle: Vec::new(),
            places: HashMap::new(),
            head: bytes,
            published: Arc::new(head.checkpoint.clone()),
            written,
            time,
            broken: false,
        };
        sequencer.load(head.base_size)?;
        if sequencer.edge.root() != head.base_root {
            return Err(OpenError::DamagedTiles);
        }
        sequencer.finish(&head, published)?;
        sequencer.check_expected(expected)?;
        Ok(sequencer)
    }

    /// What is published.
    pub fn checkpoint(&self) -> Arc<SignedCheckpoint> {
        Arc::clone(&self.published)
    }

    /// The place of an entry, if it was logged.
    pub fn place(&self, entry: &[u8]) -> Option<u64> {
        self.place_of(leaf_hash(entry))
    }

    /// The place of the entry with this hash, if it was logged.
    pub(crate) fn place_of(&self, leaf: Hash) -> Option<u64> {
        self.places.get(&leaf).copied()
    }

    /// Logs entries: gives the place of each. Entries that are logged already keep their place.
    ///
    /// When it returns, all are durable and in the published checkpoint. When it fails, none is
    /// acknowledged, and the log must be opened again.
    pub fn commit<E: AsRef<[u8]>>(&mut self, entries: &[E], time: u64) -> Result<Vec<u64>, CommitError> {
        let entries = entries.iter().map(AsRef::as_ref);
        let hashed: Vec<(Hash, &[u8])> = entries.map(|entry| (leaf_hash(entry), entry)).collect();
        self.commit_hashed(&hashed, time)
    }

    /// The same for entries whose hashes are known.
    pub(crate) fn commit_hashed(
        &mut self,
        entries: &[(Hash, &[u8])],
        time: u64,
    ) -> Result<Vec<u64>, CommitError> {
        if self.broken {
            return Err(CommitError::Broken);
        }
        if let Some((_, entry)) = entries.iter().find(|(_, entry)| entry.len() > ENTRY_LEN_MAX) {
            return Err(EntryTooLong(entry.len()).into());
        }
        self.broken = true;
        let (base_size, base_root) = (self.edge.size(), self.edge.root());
        let mut growth = Growth::default();
        let mut places = Vec::with_capacity(entries.len());
        for (leaf, entry) in entries {
            places.push(self.append(*leaf, entry, &mut growth)?);
        }
        if self.edge.size() > base_size {
            self.time = self.time.max(time);
            let checkpoint = self.identity.sign(self.edge.size(), self.edge.root(), self.time)?;
            let batch = std::mem::take(&mut growth.batch);
            let head = Head { base_size, base_root, checkpoint, batch };
            let bytes = head.to_bytes();
            self.stores.head.swap(HEAD_KEY, Some(&self.head), &bytes)?;
            self.head = bytes;
            self.publish(base_size, growth, head.checkpoint)?;
        }
        self.broken = false;
        Ok(places)
    }

    /// Publishes the checkpoint again with more signatures: those that witnesses sent. Gives false when the
    /// log has grown since.
    ///
    /// # Errors
    /// When it could not be written; the log must be opened again.
    pub fn publish_cosigned(&mut self, cosigned: SignedCheckpoint) -> Result<bool, CommitError> {
        if self.broken {
            return Err(CommitError::Broken);
        }
        if cosigned.checkpoint() != self.published.checkpoint() {
            return Ok(false);
        }
        self.broken = true;
        self.replace_published(cosigned)?;
        self.broken = false;
        Ok(true)
    }

    fn replace_published(&mut self, checkpoint: SignedCheckpoint) -> Result<(), StoreError> {
        let bytes = checkpoint.to_string().into_bytes();
        self.stores.public.swap(CHECKPOINT_KEY, self.written.as_deref(), &bytes)?;
        self.written = Some(bytes);
        self.published = Arc::new(checkpoint);
        Ok(())
    }

    /// Appends an entry in memory, if it is new.
    fn append(&mut self, leaf: Hash, entry: &[u8], growth: &mut Growth) -> Result<u64, EntryTooLong> {
        let place = self.edge.size();
        if let Some(place) = self.places.get(&leaf) {
            return Ok(*place);
        }
        push_entry(&mut growth.batch, entry)?;
        push_entry(&mut self.bundle, entry)?;
        self.places.insert(leaf, place);
        let objects = &mut growth.full;
        self.edge.push(leaf, |tile, hashes| objects.push((tile, encode_hashes(hashes))));
        if self.edge.size().is_multiple_of(TILE_WIDTH) {
            let bundle = std::mem::take(&mut self.bundle);
            objects.push((Tile::entries(place / TILE_WIDTH, TILE_WIDTH), bundle));
        }
        Ok(place)
    }

    /// Writes the tiles that are new since `old_size`, then the checkpoint.
    fn publish(
        &mut self,
        old_size: u64,
        growth: Growth,
        checkpoint: SignedCheckpoint,
    ) -> Result<(), CommitError> {
        let is_new = |tile: &Tile| {
            let level = tile.level().unwrap_or(0);
            row_len(level, old_size) < row_len(level, self.edge.size())
        };
        let partials = self.edge.partials().filter(|(tile, _)| is_new(tile));
        let mut objects: Vec<Object> =
            partials.map(|(tile, hashes)| (tile.to_string(), encode_hashes(hashes))).collect();
        if let Some(tile) = row(None, self.edge.size()).last().filter(|tile| !tile.is_full()) {
            objects.push((tile.to_string(), self.bundle.clone()));
        }
        let full: Vec<Tile> = growth.full.iter().map(|(tile, _)| *tile).collect();
        objects.extend(growth.full.into_iter().map(|(tile, bytes)| (tile.to_string(), bytes)));
        if !objects.is_empty() {
            self.stores.public.put(&objects)?;
        }
        let checkpoint = match &self.identity.cosigner {
            Some(cosigner) => cosigner.cosign(checkpoint, self.stores.public.as_ref()),
            None => checkpoint,
        };
        self.replace_published(checkpoint)?;
        let was_partial = |tile: &&Tile| {
            let before = row_len(tile.level().unwrap_or(0), old_size);
            before / TILE_WIDTH == tile.index() && !before.is_multiple_of(TILE_WIDTH)
        };
        for tile in full.iter().filter(was_partial) {
            // The full tile serves instead. What cannot be removed is in nobody's way.
            let _ = self.stores.public.remove_under(&tile.partials());
        }
        Ok(())
    }

    /// Reads the published tree of this size into memory.
    fn load(&mut self, size: u64) -> Result<(), OpenError> {
        let store = self.stores.public.as_ref();
        for tile in row(Some(0), size) {
            for leaf in read_hashes(store, tile)? {
                self.places.entry(leaf).or_insert(self.edge.size());
                self.edge.push(leaf, |_, _| ());
            }
        }
        if let Some(tile) = row(None, size).last().filter(|tile| !tile.is_full()) {
            let (bundle, leaves) = read_bundle(store, tile)?;
            let in_tree = self.edge.partials().next().map(|(_, hashes)| hashes);
            if in_tree != Some(&leaves) {
                let why = "its entries are not those in the tree".to_owned();
                return Err(ReadError::Damaged { file: tile.to_string(), why }.into());
            }
            self.bundle = bundle;
        }
        Ok(())
    }

    /// Applies the batch of the head, and publishes it if that was not done.
    fn finish(&mut self, head: &Head, published: Option<SignedCheckpoint>) -> Result<(), OpenError> {
        let mut growth = Growth::default();
        for entry in head.entries().ok_or(OpenError::DamagedHead)? {
            self.append(leaf_hash(entry), entry, &mut growth).map_err(CommitError::from)?;
        }
        let checkpoint = head.checkpoint.checkpoint();
        if (self.edge.size(), self.edge.root()) != (checkpoint.size(), checkpoint.root()) {
            return Err(OpenError::DamagedHead);
        }
        match published {
            // It may have more signatures than the one in the head.
            Some(published) if published.checkpoint() == checkpoint => self.published = Arc::new(published),
            _ => self.publish(head.base_size, growth, head.checkpoint.clone())?,
        }
        Ok(())
    }

    /// Compares with what is known from elsewhere.
    fn check_expected(&self, expected: &Expected) -> Result<(), OpenError> {
        let Some(known) = &expected.at_least else { return Ok(()) };
        if known.size() > self.edge.size() {
            return Err(OpenError::OldCopy { found: self.edge.size(), known: known.size() });
        }
        let mut edge = Edge::default();
        'tree: for tile in row(Some(0), self.edge.size()) {
            for leaf in read_hashes(self.stores.public.as_ref(), tile)? {
                if edge.size() == known.size() {
                    break 'tree;
                }
                edge.push(leaf, |_, _| ());
            }
        }
        let agrees = known.origin() == self.identity.origin() && known.root() == edge.root();
        if agrees { Ok(()) } else { Err(OpenError::Fork { size: known.size() }) }
    }
}

/// What a batch adds.
#[derive(Default)]
struct Growth {
    /// Its entries, as a bundle.
    batch: Vec<u8>,
    /// The tiles and bundles that are full by it.
    full: Vec<(Tile, Vec<u8>)>,
}

fn read_published(bytes: &[u8], identity: &Identity) -> Result<SignedCheckpoint, OpenError> {
    let signed = SignedCheckpoint::parse(bytes)?;
    identity.check(&signed)?;
    Ok(signed)
}

/// The published log is at the head, or at the base of the head: anything else is an old copy or a fork.
pub(crate) fn check_age(head: &Head, published: Option<&SignedCheckpoint>) -> Result<(), OpenError> {
    let committed = head.checkpoint.checkpoint();
    let (size, root) = published
        .map_or((0, Hash::EMPTY_TREE), |signed| (signed.checkpoint().size(), signed.checkpoint().root()));
    if size > committed.size() {
        return Err(OpenError::OldHead { found: committed.size(), known: size });
    }
    if size < head.base_size {
        return Err(OpenError::OldCopy { found: size, known: head.base_size });
    }
    let is_committed = (size, root) == (committed.size(), committed.root());
    let is_base = (size, root) == (head.base_size, head.base_root);
    if is_committed || is_base { Ok(()) } else { Err(OpenError::Fork { size }) }
}
