//! The fault matrix: at every write step of a log, everything that can go wrong with it. Nothing that was
//! acknowledged is lost, no checkpoint that anybody saw is contradicted, and there is no gap.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod common;

use std::sync::Arc;

use common::{Fault, MemoryStore, ORIGIN, Process, World, identity, log_key};
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{
    Checkpoint, CommitError, Expected, Hash, Identity, IdentityError, OpenError, SEED_LEN, Sequencer,
    SignatureType, SignedCheckpoint, Signer, SignerKey, Stores,
};

/// Batches that leave tiles partial, fill them exactly, and fill several at once.
const BATCHES: &[u32] = &[1, 2, 252, 1, 0, 300, 2];

fn new_world() -> World {
    World::new(Arc::<MemoryStore>::default(), Arc::<MemoryStore>::default(), BATCHES)
}

#[test]
fn at_every_write_everything_can_go_wrong() {
    let mut write = 0;
    loop {
        let mut reached = false;
        for fault in Fault::ALL {
            let mut world = new_world();
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
                let mut world = new_world();
                world.survive(&[Process::failing_at(write, fault), Process::failing_at(again, second)]);
                world.check(&format!("write {write} {fault:?}, then {again} {second:?}"));
            }
        }
    }
}

#[test]
fn a_full_disk_says_what_to_do() {
    let world = new_world();
    let mut sequencer = world.start(&Process::failing_at(2, Fault::DiskFull)).unwrap();
    let error = sequencer.commit(&["entry"], 0).unwrap_err().to_string();
    assert!(error.contains("free some space"), "{error}");
}

#[test]
fn a_second_writer_on_the_same_head_is_refused() {
    let world = new_world();
    let mut first = world.start(&Process::sound()).unwrap();
    let mut second = world.start(&Process::sound()).unwrap();
    first.commit(&["of the first"], 0).unwrap();
    let error = second.commit(&["of the second"], 0).unwrap_err();
    assert!(error.is_conflict(), "{error}");
    assert!(error.to_string().contains("another process"), "{error}");
    first.commit(&["more"], 0).unwrap();
    assert_eq!(first.checkpoint().checkpoint().size(), 2);
}

fn stores(public: &Arc<MemoryStore>, head: &Arc<MemoryStore>) -> Stores {
    Stores { public: Arc::clone(public) as _, head: Arc::clone(head) as _ }
}

fn open(
    public: &Arc<MemoryStore>,
    head: &Arc<MemoryStore>,
    expected: &Expected,
) -> Result<Sequencer, OpenError> {
    Sequencer::open(stores(public, head), identity(), expected)
}

#[test]
fn a_restored_old_folder_refuses_to_start() {
    let (public, private) = (Arc::<MemoryStore>::default(), Arc::<MemoryStore>::default());
    let start =
        |public: &Arc<MemoryStore>, private: &Arc<MemoryStore>| open(public, private, &Expected::default());
    let mut sequencer = Sequencer::create(stores(&public, &private), identity(), 0).unwrap();
    sequencer.commit(&["a", "b"], 0).unwrap();
    let (old_public, old_private) = (Arc::new(public.copy()), Arc::new(private.copy()));
    sequencer.commit(&["c"], 0).unwrap();
    sequencer.commit(&["d"], 0).unwrap();
    let newest = sequencer.checkpoint().checkpoint().clone();

    let error = start(&old_public, &private).err().unwrap();
    assert!(matches!(error, OpenError::OldCopy { found: 2, known: 3 }), "{error}");
    assert!(error.to_string().contains("fork"), "{error}");

    let error = start(&Arc::default(), &private).err().unwrap();
    assert!(matches!(error, OpenError::OldCopy { found: 0, known: 3 }), "{error}");

    let error = start(&public, &old_private).err().unwrap();
    assert!(matches!(error, OpenError::OldHead { found: 2, known: 4 }), "{error}");

    let error = Sequencer::create(stores(&public, &Arc::default()), identity(), 0).err().unwrap();
    assert!(matches!(error, OpenError::Exists), "never a new log over an old one: {error}");

    // Both old: only a checkpoint from elsewhere can tell.
    let known = Expected { at_least: Some(newest.clone()) };
    let error = open(&old_public, &old_private, &known).err().unwrap();
    assert!(matches!(error, OpenError::OldCopy { found: 2, known: 4 }), "{error}");
    let mut forked = start(&old_public, &old_private).unwrap();
    forked.commit(&["x", "y", "z"], 0).unwrap();
    let error = open(&old_public, &old_private, &known).err().unwrap();
    assert!(matches!(error, OpenError::Fork { size: 4 }), "{error}");

    assert!(open(&public, &private, &known).is_ok(), "the newest copy starts");
}

/// A log of three entries, in which the published checkpoint is another one that its own key signed.
fn started_on(origin: &str, size: u64, root: Hash) -> Option<OpenError> {
    let (public, private) = (Arc::<MemoryStore>::default(), Arc::<MemoryStore>::default());
    let mut sequencer = Sequencer::create(stores(&public, &private), identity(), 0).unwrap();
    sequencer.commit(&["a", "b", "c"], 0).unwrap();
    let checkpoint = Checkpoint::new(origin.parse().unwrap(), size, root).unwrap();
    let signed = SignedCheckpoint::sign(checkpoint, &[&log_key()], 0).unwrap();
    let bytes = signed.to_string().into_bytes();
    public.objects.lock().unwrap().insert(surety_log::CHECKPOINT_KEY.to_owned(), bytes);
    open(&public, &private, &Expected::default()).err()
}

#[test]
fn another_history_signed_with_the_key_of_the_log_is_a_fork() {
    let root = |entries: &[&str]| -> Hash {
        entries.iter().map(|entry| leaf_hash(entry.as_bytes())).collect::<Tree>().root()
    };
    let (ours, other) = (root(&["a", "b", "c"]), root(&["a", "b", "x"]));
    assert!(started_on(ORIGIN, 3, ours).is_none());
    assert!(matches!(started_on(ORIGIN, 3, other), Some(OpenError::Fork { size: 3 })));
    assert!(matches!(started_on("log.example/other", 3, ours), Some(OpenError::OtherLog(_))));
}

#[test]
fn what_is_known_of_another_log_and_keys_of_another_name_are_none_of_this_log() {
    let (public, private) = (Arc::<MemoryStore>::default(), Arc::<MemoryStore>::default());
    let mut sequencer = Sequencer::create(stores(&public, &private), identity(), 0).unwrap();
    sequencer.commit(&["a"], 0).unwrap();
    let known = |origin: &str| {
        let checkpoint = Checkpoint::new(origin.parse().unwrap(), 1, leaf_hash(b"a")).unwrap();
        open(&public, &private, &Expected { at_least: Some(checkpoint) })
    };
    assert!(known(ORIGIN).is_ok());
    assert!(matches!(known("log.example/other").err(), Some(OpenError::Fork { size: 1 })));
    let other = Identity::new("log.example/other".parse().unwrap(), vec![Arc::new(log_key())]);
    assert!(matches!(other.err(), Some(IdentityError::Name(..))));
}

#[test]
fn a_clock_that_goes_back_takes_no_signature_back_in_time() {
    let (public, private) = (Arc::<MemoryStore>::default(), Arc::<MemoryStore>::default());
    let timed = SignerKey::from_seed(ORIGIN.parse().unwrap(), SignatureType::Cosignature, &[7; SEED_LEN]);
    let timed = Arc::new(timed.unwrap());
    let keys: Vec<Arc<dyn Signer>> = vec![Arc::new(log_key()), Arc::clone(&timed) as _];
    let identity = Identity::new(ORIGIN.parse().unwrap(), keys).unwrap();
    let mut sequencer = Sequencer::create(stores(&public, &private), identity, 100).unwrap();
    for (entry, now, signed) in [("a", 200, 200), ("b", 150, 200), ("c", 201, 201)] {
        sequencer.commit(&[entry], now).unwrap();
        let checkpoint = sequencer.checkpoint();
        let verified = checkpoint.note().verify([timed.verifier()]).unwrap();
        assert_eq!(verified[0].time, Some(signed), "{entry}");
    }
}

#[test]
fn cosignatures_of_an_earlier_checkpoint_are_left_alone() {
    let world = new_world();
    let mut sequencer = world.start(&Process::sound()).unwrap();
    sequencer.commit(&["a"], 0).unwrap();
    let earlier = sequencer.checkpoint();
    sequencer.commit(&["b"], 0).unwrap();
    assert!(!sequencer.publish_cosigned((*earlier).clone()).unwrap());
    assert_eq!(sequencer.checkpoint().checkpoint().size(), 2);
    assert!(sequencer.publish_cosigned((*sequencer.checkpoint()).clone()).unwrap());
}

#[test]
fn a_writer_that_was_overtaken_does_not_set_the_checkpoint_back() {
    let world = new_world();
    let mut first = world.start(&Process::failing_at(3, Fault::Fails)).unwrap();
    assert!(first.commit(&["of the first"], 0).is_err(), "committed, and stopped before it was published");
    let mut second = world.start(&Process::sound()).unwrap();
    second.commit(&["of the second"], 0).unwrap();
    let error = first.publish_cosigned((*second.checkpoint()).clone()).unwrap_err();
    assert!(matches!(error, CommitError::Broken), "{error}");

    let mut third = world.start(&Process::sound()).unwrap();
    let seen = third.checkpoint();
    second.commit(&["more"], 0).unwrap();
    let error = third.publish_cosigned((*seen).clone()).unwrap_err();
    assert!(error.is_conflict(), "an older checkpoint over a newer one: {error}");
}

#[test]
fn a_resubmission_gets_the_same_place() {
    let world = new_world();
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
    let world = new_world();
    let mut sequencer = world.start(&Process::sound()).unwrap();
    let longest = vec![1; surety_log::tile::ENTRY_LEN_MAX];
    let longer = vec![1; surety_log::tile::ENTRY_LEN_MAX + 1];
    assert!(matches!(sequencer.commit(&[b"a".to_vec(), longer], 0), Err(CommitError::Entry(_))));
    assert_eq!(sequencer.commit(&[longest], 0).unwrap(), [0]);
}
