//! What the tests share: keys, a store in memory, and a process that can fail at any write.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "every test uses its part of this")]

use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};

use surety_log::{
    FolderStore, Identity, Object, SEED_LEN, SignatureType, Signer as _, SignerKey, Store, StoreError,
    Stores, VerifierKey,
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

/// What survives when a process dies.
#[derive(Debug, Default)]
pub struct Disk {
    pub objects: Mutex<BTreeMap<String, Vec<u8>>>,
    /// Every checkpoint that anybody could have seen.
    pub seen: Mutex<Vec<Vec<u8>>>,
}

impl Disk {
    fn write(&self, key: &str, bytes: &[u8]) {
        if key == surety_log::CHECKPOINT_KEY {
            self.seen.lock().unwrap().push(bytes.to_vec());
        }
        self.objects.lock().unwrap().insert(key.to_owned(), bytes.to_vec());
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

    /// Does one write, or what the plan says.
    fn write(
        &self,
        steps: &mut dyn Iterator<Item = Box<dyn FnOnce() + '_>>,
        count: usize,
    ) -> Result<(), StoreError> {
        let mut writes = self.writes.lock().unwrap();
        let now = *writes;
        *writes += 1;
        let fault = match self.plan {
            Some((at, fault)) if now == at || (now > at && fault.ends_all()) => fault,
            _ => {
                steps.for_each(|step| step());
                return Ok(());
            }
        };
        let first = self.plan.is_some_and(|(at, _)| now == at);
        let written = match fault {
            Fault::FailsButPersists => count,
            Fault::KilledAfter if first => count,
            Fault::FailsHalfway => count / 2,
            Fault::KilledHalfway if first => count / 2,
            _ => 0,
        };
        steps.take(written).for_each(|step| step());
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
        let found = self.disk.objects.lock().unwrap().get(key).cloned();
        assert!(found.as_ref().is_none_or(|bytes| bytes.len() as u64 <= len_max), "{key} is too long");
        Ok(found)
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let mut steps = objects
            .iter()
            .map(|(key, bytes)| -> Box<dyn FnOnce() + '_> { Box::new(|| self.disk.write(key, bytes)) });
        self.process.write(&mut steps, objects.len())
    }

    fn swap(&self, key: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        if self.disk.objects.lock().unwrap().get(key).map(Vec::as_slice) != expected {
            return Err(StoreError::Conflict { key: key.to_owned() });
        }
        let step: Box<dyn FnOnce() + '_> = Box::new(|| self.disk.write(key, bytes));
        self.process.write(&mut [step].into_iter(), 1)
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        let step: Box<dyn FnOnce() + '_> =
            Box::new(|| self.disk.objects.lock().unwrap().retain(|key, _| !key.starts_with(folder)));
        self.process.write(&mut [step].into_iter(), 1)
    }
}
