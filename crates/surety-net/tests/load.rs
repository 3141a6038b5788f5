//! The world of a log is read from its entries: all of them, or the first, and never from another history.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod common;

use std::num::NonZero;

use common::{ORIGIN, Writer, folders, founding, log_key, log_verifier, observer, root_of};
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{
    FolderStore, Hash, Identity, PolicyError, SEED_LEN, Sequencer, SignatureType, Signer, SignerKey,
};
use surety_net::{Ask, LoadError, LoadedLog, REFUSED_MAX, Verified, load};
use surety_statement::{Content, Registry, Revocation, Subject, Trust};
use surety_world::Evidence;
use tempfile::TempDir;

/// A log as its operator has it, who may be a cheat.
struct Kept {
    root: TempDir,
    sequencer: Sequencer,
    entries: Vec<Vec<u8>>,
}

impl Kept {
    fn new(entries: Vec<Vec<u8>>) -> Self {
        let root = tempfile::tempdir().unwrap();
        let identity = Identity::new(ORIGIN.parse().unwrap(), vec![log_key()]).unwrap();
        let sequencer = Sequencer::create(folders(root.path()), identity, 0).unwrap();
        let mut kept = Self { root, sequencer, entries: Vec::new() };
        kept.append(entries);
        kept
    }

    fn append(&mut self, entries: Vec<Vec<u8>>) {
        self.sequencer.commit(&entries, 0).unwrap();
        self.entries.extend(entries);
    }

    /// What a machine has verified that has seen so many of its entries.
    fn known(&self, size: usize) -> Verified {
        let tree: Tree = self.entries[..size].iter().map(|entry| leaf_hash(entry)).collect();
        Verified { size: size as u64, root: tree.root() }
    }

    fn load(&self, ask: Ask) -> Result<LoadedLog, LoadError> {
        self.load_with(&trust(&self.entries, "quorum none\n"), ask)
    }

    fn load_with(&self, trust: &Trust, ask: Ask) -> Result<LoadedLog, LoadError> {
        self.load_on(2, trust, ask)
    }

    fn load_on(&self, threads: usize, trust: &Trust, ask: Ask) -> Result<LoadedLog, LoadError> {
        let store = FolderStore::read_only(self.root.path().join("public")).unwrap();
        load(&store, trust, ask, &Evidence::none(), NonZero::new(threads).unwrap(), |_, _| ())
    }
}

/// What somebody trusts who knows the first entry of a log.
fn trust(entries: &[Vec<u8>], quorum: &str) -> Trust {
    let mut registry = Registry::new();
    registry.accept(registry.check(&entries[0]).unwrap(), 0).unwrap();
    Trust::of_registry(&registry, &format!("log {}\n{quorum}", log_verifier())).unwrap()
}

/// A root of trust that admits one observer, and so many statements by it.
fn story(words: &str, count: u32) -> (Vec<Vec<u8>>, Writer) {
    let (mut entries, mut writers) = founding(1);
    let mut writer = writers.remove(0);
    entries.extend((0..count).map(|number| writer.say(&format!("{words} {number}"))));
    (entries, writer)
}

fn after(verified: Verified) -> Ask {
    Ask { verified: Some(verified), ..Ask::default() }
}

fn first(size: u64) -> Ask {
    Ask { size: Some(size), ..Ask::default() }
}

/// The same statement with a signature that is not its issuer's.
fn forged(mut statement: Vec<u8>) -> Vec<u8> {
    *statement.last_mut().unwrap() ^= 1;
    statement
}

#[test]
fn all_of_a_log_is_read_and_folded() {
    let log = Kept::new(story("said", 600).0);
    let mut seen = Vec::new();
    let store = FolderStore::read_only(log.root.path().join("public")).unwrap();
    let trust = trust(&log.entries, "quorum none\n");
    let loaded =
        load(&store, &trust, Ask::default(), &Evidence::none(), NonZero::<usize>::MIN, |done, size| {
            seen.push((done, size));
        })
        .unwrap();
    assert_eq!(loaded.folded, log.known(602));
    assert_eq!(loaded.verified(), Some(log.known(602)));
    assert_eq!((loaded.record.statements.len(), loaded.refused.len()), (600, 0));
    assert_eq!(loaded.registry.issuers().count(), 1);
    assert_eq!(loaded.origin.as_str(), ORIGIN);
    assert_eq!(seen.last(), Some(&(602, 602)));
    assert!(seen.is_sorted());

    let on_two = log.load(Ask::default()).unwrap();
    assert_eq!(format!("{:?}", on_two.record), format!("{:?}", loaded.record), "on any number of cores");
}

/// Whoever checks goes ahead of whoever decides. Issuers come and go here in the middle of the log, in the same bundle as
/// what they say and in others.
#[test]
fn each_entry_is_judged_by_the_rules_at_its_place_on_any_number_of_cores() {
    let mut officer = Writer::new("root.example/officer", 0);
    let mut entries = vec![root_of(&mut officer)];
    let mut refused = Vec::new();
    for (seed, said) in (1..).zip([3, 400, 1_000, 250, 700]) {
        let mut writer = Writer::new(&format!("observer.example/{seed}"), seed);
        let early = writer.place;
        entries.push(writer.say("before it is admitted"));
        refused.push((entries.len() as u64 - 1, "unknown-issuer"));
        writer.place = early;
        entries.push(officer.sign(Subject::Policy, Content::Issuer(observer(&writer, None))));
        entries.extend((0..said).map(|number| writer.say(&format!("{number}"))));
        let revocation =
            Revocation { issuer: writer.issuer.clone(), keys: Vec::new(), reason: "lost".to_owned() };
        entries.push(officer.sign(Subject::Policy, Content::Revocation(revocation)));
        for _ in 0..300 {
            entries.push(writer.say("after its key was lost"));
            refused.push((entries.len() as u64 - 1, "key-ended"));
        }
    }
    let mut one_by_one = Registry::new();
    for (index, entry) in (0..).zip(&entries) {
        let _ = one_by_one.check(entry).and_then(|checked| one_by_one.accept(checked, index));
        one_by_one.skip_to(index + 1);
    }

    let log = Kept::new(entries);
    let trust = trust(&log.entries, "quorum none\n");
    refused.truncate(REFUSED_MAX);
    for threads in [1, 2, 3, 16] {
        let loaded = log.load_on(threads, &trust, Ask::default()).unwrap();
        let codes: Vec<_> = loaded.refused.iter().map(|(index, refusal)| (*index, refusal.code())).collect();
        assert_eq!(codes, refused, "{threads} threads");
        assert_eq!(loaded.registry, one_by_one, "{threads} threads");
        assert_eq!(loaded.record.statements.len(), 2_353, "{threads} threads");
    }
}

#[test]
fn the_first_entries_are_what_the_log_was_then() {
    let entries = story("said", 600).0;
    let log = Kept::new(entries.clone());
    for size in [1, 2, 3, 255, 256, 257, 511, 512, 513, 601, 602] {
        let then = Kept::new(entries[..size].to_vec()).load(Ask::default()).unwrap();
        let now = log.load(first(size as u64)).unwrap();
        assert_eq!(now.folded, then.folded, "{size}");
        assert_eq!(format!("{:?}", now.record), format!("{:?}", then.record), "{size}");
        assert_eq!(now.checkpoint.checkpoint().size(), 602, "under the checkpoint of today");
    }
    let error = log.load(first(603)).unwrap_err();
    assert!(matches!(error, LoadError::Size { asked: 603, has: 602 }), "{error}");
    assert!(matches!(log.load(first(0)), Err(LoadError::Empty)));
}

#[test]
fn what_was_verified_before_needs_no_second_look_and_all_after_it_does() {
    let (mut entries, mut writer) = story("said", 300);
    // Only who claims to have verified it takes this for good: so it is seen that nobody looks again.
    entries.push(forged(writer.say("forged")));
    entries.push(writer.say("after it"));
    let log = Kept::new(entries);
    let loaded = log.load(after(log.known(304))).unwrap();
    assert_eq!((loaded.record.statements.len(), loaded.refused.len()), (302, 0), "no look at signatures");

    for ask in [Ask::default(), after(log.known(302)), after(log.known(1))] {
        let loaded = log.load(ask).unwrap();
        let codes: Vec<_> = loaded.refused.iter().map(|(index, refusal)| (*index, refusal.code())).collect();
        // What follows refers to what does not count.
        assert_eq!(codes, [(302, "bad-signature"), (303, "wrong-number")], "{ask:?}");
        assert_eq!(loaded.record.statements.len(), 300);
    }
}

#[test]
fn an_entry_that_a_cheating_operator_logged_counts_neither_the_first_time_nor_the_second() {
    let (mut entries, mut writer) = story("said", 3);
    let statement = writer.say("never said");
    entries.push(forged(statement));
    let log = Kept::new(entries);
    let mut verified = None;
    for time in ["first", "second"] {
        let loaded = log.load(Ask { verified, ..Ask::default() }).unwrap();
        assert_eq!(loaded.refused.len(), 1, "{time}");
        assert_eq!((loaded.refused[0].0, loaded.refused[0].1.code()), (5, "bad-signature"), "{time}");
        assert_eq!(loaded.record.statements.len(), 3, "{time}");
        verified = loaded.verified();
        assert_eq!(verified, None, "only its signature tells, so it is looked at again");
    }
}

#[test]
fn a_fork_of_what_was_verified_is_refused() {
    let log = Kept::new(story("said", 300).0);
    let fork = Kept::new(story("said otherwise", 400).0);
    for size in [3, 256, 302] {
        for ask in [after(log.known(size)), Ask { size: Some(2), ..after(log.known(size)) }] {
            let error = fork.load(ask).unwrap_err();
            assert!(matches!(error, LoadError::Forked { size: at } if at == size as u64), "{size}: {error}");
        }
    }
    assert!(fork.load(after(log.known(2))).is_ok(), "so far they agree");
    let nothing = Verified { size: 302, root: Hash([0; 32]) };
    assert!(matches!(log.load(after(nothing)), Err(LoadError::Forked { size: 302 })));
}

#[test]
fn a_log_that_was_rolled_back_is_refused() {
    let entries = story("said", 300).0;
    let (log, old) = (Kept::new(entries.clone()), Kept::new(entries[..250].to_vec()));
    let known = log.known(302);
    let error = old.load(after(known)).unwrap_err();
    assert!(matches!(error, LoadError::RolledBack { found: 250, known: 302 }), "{error}");
    assert!(error.to_string().contains("--size 250"), "{error}");
    let shown = old.load(Ask { size: Some(250), ..after(known) }).unwrap();
    assert_eq!(shown.folded, log.known(250), "it may be looked at all the same");
}

#[test]
fn a_log_with_another_root_of_trust_is_another_log() {
    let log = Kept::new(story("said", 3).0);
    let mut other = Writer::new("root.example/other", 77);
    let error = log.load_with(&trust(&[root_of(&mut other)], "quorum none\n"), Ask::default()).unwrap_err();
    assert!(matches!(error, LoadError::OtherRoot { .. }), "{error}");
}

#[test]
fn a_log_without_entries_or_without_a_root_says_nothing() {
    let entries = story("said", 3).0;
    let trust = trust(&entries, "quorum none\n");
    assert!(matches!(Kept::new(Vec::new()).load_with(&trust, Ask::default()), Err(LoadError::Empty)));
    let rootless = Kept::new(entries[1..].to_vec());
    assert!(matches!(rootless.load_with(&trust, Ask::default()), Err(LoadError::Empty)));
}

#[test]
fn a_checkpoint_without_its_quorum_does_not_count() {
    let mut log = Kept::new(story("said", 3).0);
    let name = "w.example".parse().unwrap();
    let witness = SignerKey::from_seed(name, SignatureType::Cosignature, &[8; SEED_LEN]).unwrap();
    let trust = trust(&log.entries, &format!("witness w {}\nquorum w\n", witness.verifier()));
    let error = log.load_with(&trust, Ask::default()).unwrap_err();
    assert!(matches!(error, LoadError::Policy(PolicyError::NoQuorum { .. })), "{error}");

    let mut cosigned = log.sequencer.checkpoint().as_ref().clone();
    let mut note = surety_log::Note::new(cosigned.checkpoint().to_string()).unwrap();
    note.sign(&witness, 7).unwrap();
    let line = format!("{}\n", note.signatures()[0]);
    cosigned.add_cosignatures(&line, &[witness.verifier()]).unwrap();
    log.sequencer.publish_cosigned(cosigned).unwrap();
    let loaded = log.load_with(&trust, Ask::default()).unwrap();
    assert_eq!((loaded.cosigned[0].witness.as_str(), loaded.cosigned[0].time), ("w", 7));
}

#[test]
fn damage_is_found_even_below_what_was_verified_and_beyond_what_is_shown() {
    let log = Kept::new(story("said", 600).0);
    let known = log.known(602);
    let of_first = vec![Ask { size: Some(10), ..after(known) }, first(10)];
    let of_all = [of_first.clone(), vec![after(known)]].concat();
    // Where all entries are read, the hashes follow from them.
    for (file, asks) in
        [("tile/entries/000", of_all), ("tile/0/001", of_first.clone()), ("tile/0/002.p/90", of_first)]
    {
        let path = log.root.path().join("public").join(file);
        let whole = std::fs::read(&path).unwrap();
        let mut damaged = whole.clone();
        damaged[40] ^= 1;
        std::fs::write(&path, damaged).unwrap();
        for ask in asks {
            assert!(log.load(ask).is_err(), "{file}, {ask:?}");
        }
        std::fs::write(&path, whole).unwrap();
    }
    assert!(log.load(after(known)).is_ok());
}
