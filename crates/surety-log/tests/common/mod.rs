//! What the tests share: keys, a store in memory, and a process that can fail at any write.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "every test uses its part of this")]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use surety_log::tree::{Tree, leaf_hash};
use surety_log::{
    CommitError, Expected, FolderStore, Identity, Object, OpenError, Reader, SEED_LEN, Sequencer,
    SignatureType, SignedCheckpoint, Signer as _, SignerKey, Store, StoreError, Stores, VerifierKey,
};

pub const ORIGIN: &str = "log.example/surety";

pub fn log_key() -> SignerKey {
    SignerKey::from_seed(ORIGIN.parse().unwrap(), SignatureType::Ed25519, &[42; SEED_LEN]).unwrap()
}

pub fn log_verifier() -> VerifierKey {
    log_key().verifier().clone()
}

pub fn identity() -> Identity {
    Identity::new(ORIGIN.parse().unwrap(), vec![Arc::new(log_key())]).unwrap()
}

/// The stores of a log in `root/public` and `root/private`.
pub fn folders(root: &std::path::Path) -> Stores {
    Stores {
        public: Arc::new(FolderStore::writer(root.join("public")).unwrap()),
        head: Arc::new(FolderStore::writer(root.join("private")).unwrap()),
    }
}

/// What survives when a process dies: a store, and all that anybody could have seen of it.
pub struct Disk {
    store: Arc<dyn Store>,
    /// Every checkpoint that was published.
    pub seen: Mutex<Vec<Vec<u8>>>,
}

impl Default for Disk {
    fn default() -> Self {
        let store: Arc<dyn Store> = Arc::<MemoryStore>::default();
        Self { store, seen: Mutex::default() }
    }
}

impl Disk {
    pub fn new(store: Arc<dyn Store>) -> Arc<Self> {
        Arc::new(Self { store, seen: Mutex::default() })
    }

    fn see(&self, key: &str, bytes: &[u8]) {
        if key == surety_log::CHECKPOINT_KEY {
            self.seen.lock().unwrap().push(bytes.to_vec());
        }
    }
}

/// A store in memory.
#[derive(Debug, Default)]
pub struct MemoryStore {
    pub objects: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl MemoryStore {
    /// A copy, as a backup makes it.
    pub fn copy(&self) -> Self {
        Self { objects: Mutex::new(self.objects.lock().unwrap().clone()) }
    }
}

impl Store for MemoryStore {
    fn get(&self, key: &str, len_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
        let found = self.objects.lock().unwrap().get(key).cloned();
        assert!(found.as_ref().is_none_or(|bytes| bytes.len() as u64 <= len_max), "{key} is too long");
        Ok(found)
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        self.objects.lock().unwrap().extend(objects.iter().cloned());
        Ok(())
    }

    fn swap(&self, key: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        let mut objects = self.objects.lock().unwrap();
        if objects.get(key).map(Vec::as_slice) != expected {
            return Err(StoreError::Conflict { key: key.to_owned() });
        }
        objects.insert(key.to_owned(), bytes.to_vec());
        Ok(())
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        self.objects.lock().unwrap().retain(|key, _| !key.starts_with(folder));
        Ok(())
    }
}

/// What happens at a write.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// It fails, and nothing is written.
    Fails,
    /// It fails, and all is written.
    FailsButPersists,
    /// It fails, and half of the objects are written.
    FailsHalfway,
    /// The process dies before it.
    KilledBefore,
    /// The process dies after half of the objects.
    KilledHalfway,
    /// The process dies after it, before it learns that all is written.
    KilledAfter,
    /// The disk is full from then on, until the process ends.
    DiskFull,
}

impl Fault {
    pub const ALL: [Self; 7] = [
        Self::Fails,
        Self::FailsButPersists,
        Self::FailsHalfway,
        Self::KilledBefore,
        Self::KilledHalfway,
        Self::KilledAfter,
        Self::DiskFull,
    ];

    fn ends_all(self) -> bool {
        matches!(self, Self::KilledBefore | Self::KilledHalfway | Self::KilledAfter | Self::DiskFull)
    }
}

/// Counts the writes of a process to all its stores, and fails at one of them.
#[derive(Debug, Default)]
pub struct Process {
    /// The write at which it happens, and what.
    plan: Option<(usize, Fault)>,
    writes: Mutex<usize>,
}

impl Process {
    pub fn failing_at(write: usize, fault: Fault) -> Arc<Self> {
        Arc::new(Self { plan: Some((write, fault)), writes: Mutex::default() })
    }

    pub fn sound() -> Arc<Self> {
        Arc::default()
    }

    pub fn has_failed(&self) -> bool {
        self.plan.is_some_and(|(at, _)| *self.writes.lock().unwrap() > at)
    }

    /// Its view of a disk.
    pub fn store(self: &Arc<Self>, disk: &Arc<Disk>) -> Arc<dyn Store> {
        Arc::new(FaultyStore { disk: Arc::clone(disk), process: Arc::clone(self) })
    }

    /// Does one write of so many steps, or what the plan says: `write` does the first so many of them.
    fn write(
        &self,
        count: usize,
        write: impl FnOnce(usize) -> Result<(), StoreError>,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes.lock().unwrap();
        let now = *writes;
        *writes += 1;
        let fault = match self.plan {
            Some((at, fault)) if now == at || (now > at && fault.ends_all()) => fault,
            _ => return write(count),
        };
        let first = self.plan.is_some_and(|(at, _)| now == at);
        let written = match fault {
            Fault::FailsButPersists => count,
            Fault::KilledAfter if first => count,
            Fault::FailsHalfway => count / 2,
            Fault::KilledHalfway if first => count / 2,
            _ => 0,
        };
        if written > 0 {
            write(written)?;
        }
        let kind = if fault == Fault::DiskFull { io::ErrorKind::StorageFull } else { io::ErrorKind::Other };
        Err(StoreError::Io { doing: "write", place: "the disk of the test".to_owned(), source: kind.into() })
    }
}

struct FaultyStore {
    disk: Arc<Disk>,
    process: Arc<Process>,
}

impl Store for FaultyStore {
    fn get(&self, key: &str, len_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.disk.store.get(key, len_max)
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        self.process.write(objects.len(), |count| {
            objects[..count].iter().for_each(|(key, bytes)| self.disk.see(key, bytes));
            self.disk.store.put(&objects[..count])
        })
    }

    fn swap(&self, key: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        if self.disk.store.get(key, 1 << 28)?.as_deref() != expected {
            return Err(StoreError::Conflict { key: key.to_owned() });
        }
        self.process.write(1, |_| {
            self.disk.see(key, bytes);
            self.disk.store.swap(key, expected, bytes)
        })
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        self.process.write(1, |_| self.disk.store.remove_under(folder))
    }
}

/// A log through whose life processes come and go.
pub struct World {
    pub public: Arc<Disk>,
    pub private: Arc<Disk>,
    /// How many entries are submitted at once, batch by batch.
    batches: &'static [u32],
    /// The place of each entry that was acknowledged.
    acknowledged: BTreeMap<Vec<u8>, u64>,
}

impl World {
    pub fn new(public: Arc<dyn Store>, private: Arc<dyn Store>, batches: &'static [u32]) -> Self {
        let (public, private) = (Disk::new(public), Disk::new(private));
        Self { public, private, batches, acknowledged: BTreeMap::new() }
    }

    pub fn stores(&self, process: &Arc<Process>) -> Stores {
        Stores { public: process.store(&self.public), head: process.store(&self.private) }
    }

    /// Makes the log, or opens it when an earlier process made it.
    pub fn start(&self, process: &Arc<Process>) -> Result<Sequencer, OpenError> {
        match Sequencer::open(self.stores(process), identity(), &Expected::default()) {
            Err(OpenError::NoLog) => Sequencer::create(self.stores(process), identity(), 0),
            other => other,
        }
    }

    fn batch(&self, number: usize) -> Vec<Vec<u8>> {
        (0..self.batches[number])
            .map(|entry| format!("entry {entry} of batch {number}").into_bytes())
            .collect()
    }

    /// Commits the batches from one on, in one process. Gives the first that was not acknowledged.
    fn run(&mut self, process: &Arc<Process>, from: usize) -> Option<usize> {
        let Ok(mut sequencer) = self.start(process) else { return Some(from) };
        for number in from..self.batches.len() {
            let entries = self.batch(number);
            let Ok(places) = sequencer.commit(&entries, 0) else {
                let again = sequencer.commit(&entries, 0);
                assert!(matches!(again, Err(CommitError::Broken)), "a broken log must be opened again");
                return Some(number);
            };
            for (entry, place) in entries.into_iter().zip(places) {
                let before = self.acknowledged.insert(entry, place);
                assert!(before.is_none_or(|before| before == place), "two places for one entry");
            }
        }
        None
    }

    /// Runs processes that fail as planned, then sound ones, until all is acknowledged.
    pub fn survive(&mut self, plans: &[Arc<Process>]) {
        let mut next = Some(0);
        for process in plans {
            if let Some(from) = next {
                next = self.run(process, from);
            }
        }
        if let Some(from) = next {
            assert_eq!(self.run(&Process::sound(), from), None, "a sound process finishes");
        }
    }

    pub fn check(&self, what: &str) {
        let total: u64 = self.batches.iter().map(|size| u64::from(*size)).sum();
        assert_eq!(self.acknowledged.len() as u64, total, "{what}");
        let store = Process::sound().store(&self.public);
        let reader = Reader::new(store.as_ref());
        let signed = reader.checkpoint().unwrap();
        signed.verify([&log_verifier()]).unwrap();
        assert_eq!(signed.checkpoint().size(), total, "no gap, nothing twice: {what}");
        let mut leaves = BTreeMap::new();
        for (entry, place) in &self.acknowledged {
            leaves.insert(*place, leaf_hash(entry));
        }
        let tree: Tree = leaves.into_values().collect();
        assert_eq!(tree.root(), signed.checkpoint().root(), "what was acknowledged is what is there: {what}");
        for seen in self.public.seen.lock().unwrap().iter() {
            let seen = SignedCheckpoint::parse(seen).unwrap();
            let (size, root) = (seen.checkpoint().size(), seen.checkpoint().root());
            assert_eq!(tree.root_at(size), Some(root), "no fork: {what}");
        }
        for (entry, place) in self.acknowledged.iter().step_by(37) {
            assert_eq!(&reader.entry(*place, &signed).unwrap(), entry, "{what}");
        }
    }
}
