//! Damaged logs on real files: fsck names the bytes, readers give errors and never wrong answers, and the
//! log refuses to start on what it cannot trust.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may fail too")]

mod common;

use std::fs;
use std::ops::Range;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use common::{folders, identity, log_verifier};
use surety_log::fsck::{self, FsckError};
use surety_log::{
    Expected, FolderStore, Identity, OpenError, Reader, SEED_LEN, Sequencer, SignatureType, SignerKey, Stores,
};
use tempfile::TempDir;

/// Two full tiles, a tile above that is partial, and 88 entries more.
const ENTRIES: usize = 600;

fn entry(number: usize) -> Vec<u8> {
    format!("entry {number:03}").into_bytes()
}

/// A log on disk whose writer is gone.
fn log() -> TempDir {
    let root = tempfile::tempdir().unwrap();
    let mut sequencer = Sequencer::create(folders(root.path()), identity(), 0).unwrap();
    let entries: Vec<_> = (0..ENTRIES).map(entry).collect();
    sequencer.commit(&entries[..300], 0).unwrap();
    sequencer.commit(&entries[300..], 0).unwrap();
    root
}

fn check(root: &Path) -> Result<u64, FsckError> {
    let store = FolderStore::read_only(root.join("public")).unwrap();
    let mut entries = 0;
    fsck::check(&store, &[log_verifier()], |_, _| entries += 1).map(|_| entries)
}

/// Damages a file, and says what fsck finds.
fn found(file: &str, damage: impl FnOnce(&mut Vec<u8>)) -> (String, Range<u64>) {
    let root = log();
    let path = root.path().join("public").join(file);
    let mut bytes = fs::read(&path).unwrap();
    damage(&mut bytes);
    fs::write(&path, bytes).unwrap();
    finding(root.path())
}

fn finding(root: &Path) -> (String, Range<u64>) {
    match check(root).unwrap_err() {
        FsckError::Damaged(damage) => (damage.file, damage.bytes),
        other => panic!("{other}"),
    }
}

#[test]
fn a_sound_log_is_found_sound() {
    assert_eq!(check(log().path()).unwrap(), ENTRIES as u64);
}

#[test]
fn fsck_names_the_first_bytes_that_are_wrong() {
    const ENTRY: u64 = 11;
    let flip = |at: usize| move |bytes: &mut Vec<u8>| bytes[at] ^= 1;
    for (file, at, expected) in [
        ("tile/entries/000", 3 * 11 + 5, 3 * ENTRY..4 * ENTRY),
        ("tile/entries/001", 10, 0..ENTRY),
        ("tile/entries/002.p/88", 87 * 11 + 9, 87 * ENTRY..88 * ENTRY),
        ("tile/0/000", 32 * 7 + 3, 32 * 7..32 * 8),
        ("tile/0/002.p/88", 87 * 32, 87 * 32..88 * 32),
        ("tile/1/000.p/2", 40, 32..64),
    ] {
        assert_eq!(found(file, flip(at)), (file.to_owned(), expected), "{file}, byte {at}");
    }
}

#[test]
fn fsck_names_what_is_missing_or_too_much() {
    let bundle = "tile/entries/001";
    assert_eq!(found(bundle, |bytes| bytes.truncate(102)), (bundle.to_owned(), 102..110), "cut in an entry");
    assert_eq!(
        found(bundle, |bytes| bytes.truncate(99)),
        (bundle.to_owned(), 99..101),
        "cut between entries"
    );
    assert_eq!(found(bundle, |bytes| bytes.push(0)), (bundle.to_owned(), 256 * 11..256 * 11 + 1));
    assert_eq!(found("tile/0/001", |bytes| bytes.truncate(8000)), ("tile/0/001".to_owned(), 8000..8192));
    let root = log();
    fs::remove_file(root.path().join("public/tile/0/001")).unwrap();
    assert_eq!(finding(root.path()).0, "tile/0/001");
}

#[test]
fn fsck_finds_every_flipped_bit_in_the_file_where_it_is() {
    let files =
        ["tile/entries/000", "tile/entries/002.p/88", "tile/0/000", "tile/0/002.p/88", "tile/1/000.p/2"];
    let root = log();
    for file in files {
        let path = root.path().join("public").join(file);
        let sound = fs::read(&path).unwrap();
        for at in (0..sound.len()).step_by(sound.len() / 20 + 1) {
            let mut bytes = sound.clone();
            bytes[at] ^= 0x10;
            fs::write(&path, &bytes).unwrap();
            assert_eq!(finding(root.path()).0, file, "byte {at}");
        }
        fs::write(&path, sound).unwrap();
    }
    assert!(check(root.path()).is_ok());
}

#[test]
fn fsck_looks_at_every_level() {
    let root = tempfile::tempdir().unwrap();
    let mut sequencer = Sequencer::create(folders(root.path()), identity(), 0).unwrap();
    let entries: Vec<Vec<u8>> = (0..65_537_u32).map(|number| number.to_be_bytes().to_vec()).collect();
    sequencer.commit(&entries, 0).unwrap();
    drop(sequencer);
    assert_eq!(check(root.path()).unwrap(), 65_537);
    let path = root.path().join("public/tile/1/000");
    let mut bytes = fs::read(&path).unwrap();
    bytes[40] ^= 1;
    fs::write(path, bytes).unwrap();
    assert_eq!(finding(root.path()), ("tile/1/000".to_owned(), 32..64));
}

#[test]
fn a_head_belongs_to_what_is_published_also_while_the_log_goes_on() {
    let root = tempfile::tempdir().unwrap();
    let mut sequencer = Sequencer::create(folders(root.path()), identity(), 0).unwrap();
    let read_only = |folder: &str| FolderStore::read_only(root.path().join(folder)).unwrap();
    let check = || fsck::check_head(&read_only("private"), &read_only("public"), &[log_verifier()]);
    let old = fs::read(root.path().join("private/head")).unwrap();
    for number in 0..3 {
        sequencer.commit(&[entry(number)], 0).unwrap();
        check().unwrap();
    }
    std::thread::scope(|scope| {
        let writer =
            scope.spawn(|| (3..60).for_each(|number| drop(sequencer.commit(&[entry(number)], 0).unwrap())));
        while !writer.is_finished() {
            check().unwrap();
        }
    });
    fs::write(root.path().join("private/head"), old).unwrap();
    assert!(matches!(check(), Err(OpenError::OldHead { found: 0, known: 60 })));
}

#[test]
fn the_first_of_several_damages_is_named() {
    let root = log();
    for (file, at) in [("tile/entries/001", 500), ("tile/0/000", 99), ("tile/1/000.p/2", 5)] {
        let path = root.path().join("public").join(file);
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
    }
    let FsckError::Damaged(damage) = check(root.path()).unwrap_err() else { panic!() };
    assert_eq!((damage.file.as_str(), damage.bytes), ("tile/entries/000", 33..44));
    assert!(
        damage.what.contains("or its hash in tile/0/000"),
        "with so much damage nobody can tell: {}",
        damage.what
    );
}

#[test]
fn entries_and_hashes_replaced_together_are_found_where_they_are() {
    let (ours, other) = (log(), tempfile::tempdir().unwrap());
    let mut sequencer = Sequencer::create(folders(other.path()), identity(), 0).unwrap();
    sequencer.commit(&(0..ENTRIES).map(|number| entry(number + 1)).collect::<Vec<_>>(), 0).unwrap();
    for file in ["tile/entries/001", "tile/0/001"] {
        fs::copy(other.path().join("public").join(file), ours.path().join("public").join(file)).unwrap();
    }
    assert_eq!(finding(ours.path()), ("tile/entries/001".to_owned(), 0..256 * 11));
}

#[test]
fn fsck_ends_whatever_is_there() {
    let root = log();
    let path = root.path().join("public/tile/entries/001");
    fs::remove_file(&path).unwrap();
    let made = Command::new("mkfifo").arg(&path).status().is_ok_and(|status| status.success());
    if made {
        assert_eq!(finding(root.path()), ("tile/entries/001".to_owned(), 0..1), "a pipe nobody writes to");
        fs::remove_file(&path).unwrap();
    }
    let file = fs::File::create(&path).unwrap();
    file.set_len(1 << 40).unwrap();
    assert_eq!(finding(root.path()).0, "tile/entries/001", "a file without end");
}

#[test]
fn a_replaced_history_is_found_though_it_agrees_with_itself() {
    let (ours, other) = (log(), tempfile::tempdir().unwrap());
    let mut sequencer = Sequencer::create(folders(other.path()), identity(), 0).unwrap();
    sequencer.commit(&(0..ENTRIES).map(|number| entry(number + 1)).collect::<Vec<_>>(), 0).unwrap();
    let public = |root: &TempDir| root.path().join("public/tile");
    fs::remove_dir_all(public(&ours)).unwrap();
    fs::rename(public(&other), public(&ours)).unwrap();
    assert_eq!(finding(ours.path()).0, "checkpoint");
}

#[test]
fn fsck_believes_no_checkpoint_of_others() {
    let root = log();
    let path = root.path().join("public/checkpoint");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("\n600\n", "\n9000000000000000000\n", 1)).unwrap();
    assert!(matches!(check(root.path()), Err(FsckError::Checkpoint(_))));
    fs::remove_file(&path).unwrap();
    assert!(matches!(check(root.path()), Err(FsckError::Checkpoint(_))));
}

#[test]
fn a_reader_gives_no_wrong_answer() {
    let root = log();
    let store = FolderStore::read_only(root.path().join("public")).unwrap();
    let reader = Reader::new(&store);
    let signed = reader.checkpoint().unwrap();
    assert_eq!(reader.entry(299, &signed).unwrap(), entry(299));
    assert!(reader.prove(299, &signed).is_ok() && reader.prove_consistency(300, &signed).is_ok());
    assert!(reader.entry(600, &signed).is_err() && reader.prove(600, &signed).is_err());
    for (file, at) in [("tile/entries/001", 43 * 11 + 4), ("tile/0/001", 43 * 32)] {
        let path = root.path().join("public").join(file);
        let sound = fs::read(&path).unwrap();
        let mut bytes = sound.clone();
        bytes[at] ^= 1;
        fs::write(&path, bytes).unwrap();
        match reader.entry(299, &signed) {
            Ok(found) => assert_eq!(found, entry(299), "{file}"),
            Err(error) => assert!(error.to_string().contains("fsck"), "{error}"),
        }
        fs::write(&path, sound).unwrap();
    }
    let damage = |file: &str| {
        let path = root.path().join("public").join(file);
        let mut bytes = fs::read(&path).unwrap();
        bytes[0] ^= 1;
        fs::write(path, bytes).unwrap();
    };
    assert!(reader.root_at(256, &signed).is_ok());
    damage("tile/1/000.p/2");
    assert!(reader.root_at(256, &signed).is_err(), "nor is a root from which none leads to that of the log");
    damage("tile/1/000.p/2");
    damage("tile/0/001");
    assert!(reader.prove_consistency(300, &signed).is_err(), "nor a proof of growth that would not verify");
    damage("tile/0/001");
    assert!(reader.prove_consistency(300, &signed).is_ok());
    damage("tile/0/000");
    assert!(reader.prove(3, &signed).is_err(), "a proof that would not verify is not given");
}

#[test]
fn a_damaged_log_refuses_to_start_and_says_what_to_do() {
    for (file, at) in [("tile/0/000", 50), ("tile/0/001", 50)] {
        let root = log();
        let path = root.path().join("public").join(file);
        let mut bytes = fs::read(&path).unwrap();
        bytes[at] ^= 1;
        fs::write(path, bytes).unwrap();
        // The damage lies below the base of the head, so it cannot be mended from the head.
        let result = Sequencer::open(folders(root.path()), identity(), &Expected::default());
        let error = result.err().map(|error| error.to_string());
        assert!(error.as_ref().is_some_and(|error| error.contains("fsck")), "{file}: {error:?}");
    }
    let root = log();
    fs::write(root.path().join("private/head"), b"surety-log head v1\n").unwrap();
    let error = Sequencer::open(folders(root.path()), identity(), &Expected::default()).err().unwrap();
    assert!(matches!(error, OpenError::DamagedHead), "{error}");
}

/// Damages a byte of a file, and says why the log does not start.
fn refusal(file: &str, at: impl FnOnce(&[u8]) -> usize) -> OpenError {
    let root = log();
    let path = root.path().join(file);
    let mut bytes = fs::read(&path).unwrap();
    let at = at(&bytes);
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
    Sequencer::open(folders(root.path()), identity(), &Expected::default()).err().unwrap()
}

#[test]
fn an_entry_changed_in_the_head_or_in_the_last_bundle_stops_the_log() {
    let error = refusal("private/head", |bytes| bytes.len() - 1);
    assert!(matches!(error, OpenError::DamagedHead), "{error}");
    // Entry 260, in the bundle that was partial at the base of the head.
    let error = refusal("public/tile/entries/001", |_| 4 * 11 + 5);
    assert!(error.to_string().contains("tile/entries/001"), "{error}");
}

#[test]
fn a_log_of_other_keys_or_with_a_forged_checkpoint_does_not_start() {
    let root = log();
    let name = common::ORIGIN.parse().unwrap();
    let other = SignerKey::from_seed(name, SignatureType::Ed25519, &[1; SEED_LEN]).unwrap();
    let stranger = Identity::new(common::ORIGIN.parse().unwrap(), vec![Arc::new(other)]).unwrap();
    let error = Sequencer::open(folders(root.path()), stranger, &Expected::default()).err().unwrap();
    assert!(matches!(error, OpenError::Checkpoint(_)), "{error}");
    for file in ["private/head", "public/checkpoint"] {
        // A character in the middle of the signature.
        let error = refusal(file, |bytes| {
            let line = bytes.windows(3).position(|dash| dash == "\u{2014}".as_bytes()).unwrap();
            line + 60
        });
        assert!(matches!(error, OpenError::Checkpoint(_)), "{file}: {error}");
    }
}

#[test]
fn without_the_right_to_write_nothing_is_acknowledged() {
    use std::os::unix::fs::PermissionsExt as _;
    let root = log();
    let public = root.path().join("public");
    let mut sequencer = Sequencer::open(folders(root.path()), identity(), &Expected::default()).unwrap();
    let unfinished = public.join(".unfinished");
    fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o500)).unwrap();
    let may_write_all_the_same = fs::write(unfinished.join("probe"), b"").is_ok();
    let error = if may_write_all_the_same {
        // This account is above permissions; a folder that is gone must do.
        fs::remove_dir_all(&unfinished).unwrap();
        let error = sequencer.commit(&["more"], 0).unwrap_err().to_string();
        assert!(error.contains("create the folder"), "{error}");
        error
    } else {
        let error = sequencer.commit(&["more"], 0).unwrap_err().to_string();
        fs::set_permissions(&unfinished, fs::Permissions::from_mode(0o700)).unwrap();
        assert!(error.contains("right to read and write"), "{error}");
        error
    };
    drop(sequencer);
    let mut sequencer = Sequencer::open(folders(root.path()), identity(), &Expected::default()).unwrap();
    assert_eq!(sequencer.commit(&["more"], 0).unwrap(), [600], "after: {error}");
    drop(sequencer);
    assert_eq!(check(root.path()).unwrap(), 601);
}

#[test]
fn a_log_opened_for_reading_writes_nothing() {
    let root = log();
    let stores = Stores {
        public: Arc::new(FolderStore::read_only(root.path().join("public")).unwrap()),
        head: Arc::new(FolderStore::read_only(root.path().join("private")).unwrap()),
    };
    let mut sequencer = Sequencer::open(stores, identity(), &Expected::default()).unwrap();
    let error = sequencer.commit(&["more"], 0).unwrap_err().to_string();
    assert!(error.contains("opened for reading"), "{error}");
}
