//! The fault matrix: at every write step of a log, everything that can go wrong with it. Nothing that was
//! acknowledged is lost, no checkpoint that anybody saw is contradicted, and there is no gap.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod common;

use std::collections::BTreeMap;
use std::sync::Arc;

use common::{Disk, Fault, Process, identity, log_verifier};
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{CommitError, Expected, OpenError, Reader, Sequencer, SignedCheckpoint, Stores};

/// Batches that leave tiles partial, fill them exactly, and fill several at once.
const BATCHES: [u32; 7] = [1, 2, 252, 1, 0, 300, 2];

fn batch(number: usize) -> Vec<Vec<u8>> {
    (0..BATCHES[number]).map(|entry| format!("entry {entry} of batch {number}").into_bytes()).collect()
}

struct World {
    public: Arc<Disk>,
    private: Arc<Disk>,
    /// The place of each entry that was acknowledged.
    acknowledged: BTreeMap<Vec<u8>, u64>,
}

impl World {
    fn new() -> Self {
        Self { public: Arc::default(), private: Arc::default(), acknowledged: BTreeMap::new() }
    }

    fn stores(&self, process: &Arc<Process>) -> Stores {
        Stores { public: process.store(&self.public), head: process.store(&self.private) }
    }

    /// Makes the log, or opens it when an earlier process made it.
    fn start(&self, process: &Arc<Process>) -> Result<Sequencer, OpenError> {
        match Sequencer::open(self.stores(process), identity(), &Expected::default()) {
            Err(OpenError::NoLog) => Sequencer::create(self.stores(process), identity(), 0),
            other => other,
        }
    }

    /// Commits the batches from one on, in one process. Gives the first that was not acknowledged.
    fn run(&mut self, process: &Arc<Process>, from: usize) -> Option<usize> {
        let Ok(mut sequencer) = self.start(process) else { return Some(from) };
        for number in from..BATCHES.len() {
            let entries = batch(number);
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
    fn survive(&mut self, plans: &[Arc<Process>]) {
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

    fn check(&self, what: &str) {
        let total: u64 = BATCHES.iter().map(|size| u64::from(*size)).sum();
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

#[test]
fn at_every_write_everything_can_go_wrong() {
    let mut write = 0;
    loop {
        let mut reached = false;
        for fault in Fault::ALL {
            let mut world = World::new();
            let process = Process::failing_at(write, fault);
            world.survive(&[Arc::clone(&process)]);
            reached |= process.has_failed();
            world.check(&format!("write {write} {fault:?}"));
        }
        if !reached {
            break;
        }
        write += 1;
    }
    assert!(write > 20, "the matrix has {write} writes: too few to be the whole log");
}

#[test]
fn recovery_can_go_wrong_too() {
    for write in 0..12 {
        for again in 0..4 {
            for (fault, second) in [
                (Fault::KilledAfter, Fault::KilledHalfway),
                (Fault::KilledHalfway, Fault::FailsButPersists),
                (Fault::FailsButPersists, Fault::KilledBefore),
            ] {
                let mut world = World::new();
                world.survive(&[Process::failing_at(write, fault), Process::failing_at(again, second)]);
                world.check(&format!("write {write} {fault:?}, then {again} {second:?}"));
            }
        }
    }
}

#[test]
fn a_full_disk_says_what_to_do() {
    let world = World::new();
    let mut sequencer = world.start(&Process::failing_at(2, Fault::DiskFull)).unwrap();
    let error = sequencer.commit(&["entry"], 0).unwrap_err().to_string();
    assert!(error.contains("free some space"), "{error}");
}

#[test]
fn a_second_writer_on_the_same_head_is_refused() {
    let world = World::new();
    let mut first = world.start(&Process::sound()).unwrap();
    let mut second = world.start(&Process::sound()).unwrap();
    first.commit(&["of the first"], 0).unwrap();
    let error = second.commit(&["of the second"], 0).unwrap_err();
    assert!(error.is_conflict(), "{error}");
    assert!(error.to_string().contains("another process"), "{error}");
    first.commit(&["more"], 0).unwrap();
    assert_eq!(first.checkpoint().checkpoint().size(), 2);
}

/// A copy of a disk, as a backup makes it.
fn copy(disk: &Disk) -> Arc<Disk> {
    let copy = Disk::default();
    *copy.objects.lock().unwrap() = disk.objects.lock().unwrap().clone();
    Arc::new(copy)
}

#[test]
fn a_restored_old_folder_refuses_to_start() {
    let mut world = World::new();
    let mut sequencer = world.start(&Process::sound()).unwrap();
    sequencer.commit(&["a", "b"], 0).unwrap();
    let (old_public, old_private) = (copy(&world.public), copy(&world.private));
    sequencer.commit(&["c"], 0).unwrap();
    sequencer.commit(&["d"], 0).unwrap();
    let newest = sequencer.checkpoint().checkpoint().clone();
    let (public, private) = (Arc::clone(&world.public), Arc::clone(&world.private));

    world.public = Arc::clone(&old_public);
    let error = world.start(&Process::sound()).err().unwrap();
    assert!(matches!(error, OpenError::OldCopy { found: 2, known: 3 }), "{error}");
    assert!(error.to_string().contains("fork"), "{error}");

    world.public = Arc::default();
    let error = world.start(&Process::sound()).err().unwrap();
    assert!(matches!(error, OpenError::OldCopy { found: 0, known: 3 }), "{error}");

    (world.public, world.private) = (Arc::clone(&public), Arc::clone(&old_private));
    let error = world.start(&Process::sound()).err().unwrap();
    assert!(matches!(error, OpenError::OldHead { found: 2, known: 4 }), "{error}");

    world.private = Arc::default();
    let error = world.start(&Process::sound()).err().unwrap();
    assert!(matches!(error, OpenError::Exists), "never a new log over an old one: {error}");

    // Both old: only a checkpoint from elsewhere can tell.
    (world.public, world.private) = (old_public, old_private);
    let stores = world.stores(&Process::sound());
    let known = Expected { at_least: Some(newest.clone()) };
    let error = Sequencer::open(stores.clone(), identity(), &known).err().unwrap();
    assert!(matches!(error, OpenError::OldCopy { found: 2, known: 4 }), "{error}");
    let mut forked = Sequencer::open(stores.clone(), identity(), &Expected::default()).unwrap();
    forked.commit(&["x", "y", "z"], 0).unwrap();
    let error = Sequencer::open(stores, identity(), &known).err().unwrap();
    assert!(matches!(error, OpenError::Fork { size: 4 }), "{error}");

    (world.public, world.private) = (public, private);
    let stores = world.stores(&Process::sound());
    assert!(Sequencer::open(stores, identity(), &known).is_ok(), "the newest copy starts");
}

#[test]
fn a_resubmission_gets_the_same_place() {
    let world = World::new();
    let mut sequencer = world.start(&Process::sound()).unwrap();
    assert_eq!(sequencer.commit(&["a", "b", "a"], 0).unwrap(), [0, 1, 0]);
    assert_eq!(sequencer.commit(&["b"], 0).unwrap(), [1]);
    let mut sequencer = world.start(&Process::sound()).unwrap();
    assert_eq!(sequencer.commit(&["b", "c", ""], 0).unwrap(), [1, 2, 3]);
    assert_eq!(sequencer.place(b"c"), Some(2));
    assert_eq!(sequencer.place(b"d"), None);
}

#[test]
fn an_entry_that_is_too_long_is_refused_and_harms_nothing() {
    let world = World::new();
    let mut sequencer = world.start(&Process::sound()).unwrap();
    let longest = vec![1; surety_log::tile::ENTRY_LEN_MAX];
    let longer = vec![1; surety_log::tile::ENTRY_LEN_MAX + 1];
    assert!(matches!(sequencer.commit(&[b"a".to_vec(), longer], 0), Err(CommitError::Entry(_))));
    assert_eq!(sequencer.commit(&[longest], 0).unwrap(), [0]);
}
