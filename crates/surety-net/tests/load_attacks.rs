//! A log read whole by who trusts nobody: what counts, and every trick that a log or its server could try.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod common;
mod parties;

use std::fs;
use std::num::NonZero;
use std::path::Path;

use common::{Writer, founding, root_of};
use parties::{Party, TestLog, copied, log_key};
use surety_log::{CHECKPOINT_KEY, FolderStore, PolicyError, ReadError, Signer as _};
use surety_net::{Ask, LoadError, LoadedLog, Verified, load};
use surety_statement::{Digest, Registry, Trust};
use surety_world::Evidence;

/// A log with the statements of one observer, and who trusts it.
struct Spoken {
    log: TestLog,
    entries: Vec<Vec<u8>>,
    writer: Writer,
}

impl Spoken {
    /// A log of so many statements in these words, after the two founding entries.
    fn of(words: &str, count: usize) -> Self {
        let (entries, mut writers) = founding(1);
        let mut log = TestLog::new();
        log.append(&entries);
        let mut spoken = Self { log, entries, writer: writers.remove(0) };
        spoken.say(words, count);
        spoken
    }

    fn say(&mut self, words: &str, count: usize) {
        let said: Vec<_> = (0..count).map(|number| self.writer.say(&format!("{words} {number}"))).collect();
        self.log_all(said);
    }

    fn log_all(&mut self, entries: Vec<Vec<u8>>) {
        self.log.append(&entries);
        self.entries.extend(entries);
    }

    fn trust(&self, policy: &str) -> Trust {
        let mut registry = Registry::new();
        for (index, entry) in (0..).zip(&self.entries[..2]) {
            let checked = registry.check(entry).unwrap();
            registry.accept(checked, index).unwrap();
        }
        Trust::of_registry(&registry, policy).unwrap()
    }

    fn load(&self, ask: Ask) -> Result<LoadedLog, LoadError> {
        read(&self.log.public(), &self.trust(&log_only()), ask)
    }

    fn verified(&self) -> Verified {
        self.load(Ask::default()).unwrap().verified().unwrap()
    }
}

fn log_only() -> String {
    format!("log {}\nquorum none\n", log_key().verifier())
}

fn read(public: &Path, trust: &Trust, ask: Ask) -> Result<LoadedLog, LoadError> {
    load(
        &FolderStore::read_only(public).unwrap(),
        trust,
        ask,
        &Evidence::none(),
        NonZero::new(2).unwrap(),
        |_, _| (),
    )
}

fn knowing(verified: Verified) -> Ask {
    Ask { verified: Some(verified), ..Ask::default() }
}

#[test]
fn a_sound_log_counts_whole_and_as_it_was() {
    let spoken = Spoken::of("sound", 600);
    let whole = spoken.load(Ask::default()).unwrap();
    assert_eq!((whole.folded.size, whole.refused.len()), (602, 0));
    assert_eq!(whole.folded.root, spoken.log.checkpoint().checkpoint().root());
    assert_eq!(whole.registry.count(&spoken.writer.issuer), 600);
    for size in [1, 2, 256, 300, 602] {
        let early = spoken.load(Ask { size: Some(size), ..Ask::default() }).unwrap();
        assert_eq!((early.folded.size, early.registry.size()), (size, size));
        assert_eq!(spoken.load(knowing(early.folded)).unwrap().registry, whole.registry, "known to {size}");
    }
    let more = spoken.load(Ask { size: Some(603), ..Ask::default() });
    assert!(matches!(more, Err(LoadError::Size { asked: 603, has: 602 })), "{more:?}");
}

#[test]
fn a_log_without_its_quorum_is_not_believed() {
    let (spoken, party) = (Spoken::of("alone", 1), Party::new("w", 7));
    let policy = parties::policy_text(&[&[(&party, "http://127.0.0.1:9")]]);
    let refused = read(&spoken.log.public(), &spoken.trust(&policy), Ask::default());
    assert!(matches!(refused, Err(LoadError::Policy(PolicyError::NoQuorum { .. }))), "{refused:?}");
}

#[test]
fn another_root_of_trust_is_another_log() {
    let spoken = Spoken::of("founded", 1);
    let mut officer = Writer::new("root.example/officer", 99);
    let first = root_of(&mut officer);
    let mut usurped = TestLog::new();
    usurped.append(&[&first]);
    let refused = read(&usurped.public(), &spoken.trust(&log_only()), Ask::default());
    let Err(LoadError::OtherRoot { found, expected }) = refused else { panic!("{refused:?}") };
    assert_eq!((found, expected), (Digest::of(&first), Digest::of(&spoken.entries[0])));
}

#[test]
fn a_log_that_was_rolled_back_is_told_and_can_still_be_looked_at() {
    let mut spoken = Spoken::of("before", 20);
    let old = copied(&spoken.log.public());
    spoken.say("after", 5);
    let known = spoken.verified();
    let trust = spoken.trust(&log_only());
    let refused = read(old.path(), &trust, knowing(known));
    assert!(matches!(refused, Err(LoadError::RolledBack { found: 22, known: 27 })), "{refused:?}");
    assert!(refused.unwrap_err().to_string().contains("--size 22"));
    let ask = Ask { size: Some(22), verified: Some(known) };
    assert_eq!(read(old.path(), &trust, ask).unwrap().folded.size, 22);
}

#[test]
fn a_forked_log_is_told_however_it_grew() {
    let known = Spoken::of("one history", 300).verified();
    for count in [300, 301, 700] {
        let refused = Spoken::of("another", count).load(knowing(known));
        assert!(matches!(refused, Err(LoadError::Forked { size: 302 })), "{count}: {refused:?}");
    }
    // Only the first entries are asked for: the fork beyond them shows all the same.
    let fork = Spoken::of("another", 700).load(Ask { size: Some(2), verified: Some(known) });
    assert!(matches!(fork, Err(LoadError::Forked { size: 302 })), "{fork:?}");
}

#[test]
fn tiles_of_another_log_under_a_checkpoint_do_not_count() {
    let (spoken, other) = (Spoken::of("one", 300), Spoken::of("other", 300));
    let mixed = copied(&other.log.public());
    fs::copy(spoken.log.public().join(CHECKPOINT_KEY), mixed.path().join(CHECKPOINT_KEY)).unwrap();
    for size in [None, Some(2)] {
        let refused = read(mixed.path(), &spoken.trust(&log_only()), Ask { size, verified: None });
        assert!(matches!(refused, Err(LoadError::Read(ReadError::DamagedTiles))), "{refused:?}");
    }
}

#[test]
fn a_changed_byte_of_any_bundle_is_found() {
    let spoken = Spoken::of("sound", 300);
    let trust = spoken.trust(&log_only());
    for name in ["tile/entries/000", "tile/entries/001.p/46"] {
        let bytes = fs::read(spoken.log.public().join(name)).unwrap();
        for at in [0, 1, 2, bytes.len() / 2, bytes.len() - 1] {
            let changed = copied(&spoken.log.public());
            let mut bad = bytes.clone();
            bad[at] ^= 1;
            fs::write(changed.path().join(name), bad).unwrap();
            let refused = read(changed.path(), &trust, Ask::default());
            assert!(matches!(refused, Err(LoadError::Read(_))), "{name}, byte {at}: {refused:?}");
        }
    }
}

/// A log that cheats can log what it likes. It does not count.
#[test]
fn what_nobody_signed_is_in_the_log_and_does_not_count() {
    let mut spoken = Spoken::of("sound", 3);
    let mut forged = spoken.writer.say("forged");
    *forged.last_mut().unwrap() ^= 1;
    spoken.log_all(vec![forged, b"junk".to_vec()]);
    let loaded = spoken.load(Ask::default()).unwrap();
    let refused: Vec<_> = loaded.refused.iter().map(|(index, why)| (*index, why.code())).collect();
    assert_eq!(refused, [(5, "bad-signature"), (6, "malformed")]);
    assert_eq!(loaded.registry.count(&spoken.writer.issuer), 3);
    assert_eq!(loaded.verified(), None, "its signatures are looked at again");
}

/// What was verified before is known up to its size, and not beyond.
#[test]
fn signatures_after_what_was_verified_are_verified() {
    let mut spoken = Spoken::of("sound", 3);
    let known = spoken.verified();
    let mut forged = spoken.writer.say("forged");
    *forged.last_mut().unwrap() ^= 1;
    spoken.log_all(vec![forged]);
    let loaded = spoken.load(knowing(known)).unwrap();
    assert_eq!(loaded.refused.len(), 1);
    assert_eq!(loaded.registry.count(&spoken.writer.issuer), 3);
}

#[test]
fn a_log_of_nothing_says_so() {
    let empty = TestLog::new();
    let trust = Spoken::of("any", 0).trust(&log_only());
    let refused = read(&empty.public(), &trust, Ask::default());
    assert!(matches!(refused, Err(LoadError::Empty)), "{refused:?}");
    let folder = tempfile::tempdir().unwrap();
    let nothing = read(folder.path(), &trust, Ask::default());
    assert!(matches!(nothing, Err(LoadError::Read(ReadError::NoCheckpoint))), "{nothing:?}");
}
