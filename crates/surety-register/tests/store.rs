//! The file: encrypted, refused with a wrong key, migrated, copied while in use.

mod common;

use std::fs;

use common::{PASSPHRASE, book, change, note, secret};
use rusqlite::Connection;
use surety_register::{Cost, Error, Register, Secret, Site};
use surety_standards::Regime;

#[test]
fn the_file_shows_nothing_of_what_was_entered() {
    let (_folder, path, mut register) = common::new();
    let secret_words =
        ["NOTEWORTHY-SITE", "REMEMBERED", "accountancy officer", "XA01", "BATCH-4711", "plutonium", "PuO2"];
    let site =
        Site { id: "NOTEWORTHY-SITE".to_owned(), regime: Regime::Civil, note: "REMEMBERED".to_owned() };
    register.put(&note("a reason"), &site).unwrap();
    let mut received = change("XA01 BATCH-4711 plutonium RD 1000 10");
    received.form = Some("PuO2".to_owned());
    book(&mut register, &[received]).unwrap();
    let copy = path.with_extension("copy");
    register.backup(&copy, &secret(), [9; 16]).unwrap();
    drop(register);
    for file in [&path, &copy] {
        let bytes = fs::read(file).unwrap();
        for word in secret_words.iter().chain(&[PASSPHRASE, "SQLite format", "entry", "CREATE TABLE"]) {
            for plain in [word.as_bytes().to_vec(), word.encode_utf16().flat_map(u16::to_le_bytes).collect()]
            {
                assert!(
                    !bytes.windows(plain.len()).any(|window| window == plain),
                    "{word} stands in {}",
                    file.display()
                );
            }
        }
        // Ciphertext has no pattern: every byte occurs about as often as any other.
        let mut counts = [0_f64; 256];
        bytes[16..].iter().for_each(|byte| counts[usize::from(*byte)] += 1.0);
        let expected = counts.iter().sum::<f64>() / 256.0;
        let chi_square: f64 = counts.iter().map(|count| (count - expected).powi(2) / expected).sum();
        assert!(chi_square < 400.0, "χ² = {chi_square} for 255 degrees of freedom in {}", file.display());
    }
    let beside: Vec<_> =
        fs::read_dir(path.parent().unwrap()).unwrap().map(|file| file.unwrap().file_name()).collect();
    assert_eq!(beside.len(), 2, "one file for each register, and nothing else: {beside:?}");
}

#[test]
fn a_wrong_key_is_told_and_touches_nothing() {
    let (_folder, path, register) = common::new();
    drop(register);
    let before = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    for wrong in [Secret::passphrase("another passphrase").unwrap(), Secret::key_file(&[1; 32]).unwrap()] {
        let error = Register::open(&path, &wrong).err().unwrap();
        assert!(matches!(error, Error::WrongKey(_)), "{error}");
        assert!(!error.to_string().contains("another passphrase"));
    }
    let after = (fs::read(&path).unwrap(), fs::metadata(&path).unwrap().modified().unwrap());
    assert_eq!(before, after);
    Register::open(&path, &secret()).unwrap();
}

#[test]
fn what_is_no_register_is_told() {
    // A register comes first: it readies the store for the plain database, too.
    let (folder, _, _register) = common::new();
    let path = folder.path().join("file");
    let open = || Register::open(&path, &secret()).err().unwrap().to_string();
    assert!(open().contains("No such file"), "{}", open());
    fs::write(&path, "a text").unwrap();
    assert!(open().contains("too short"), "{}", open());
    Connection::open(folder.path().join("plain")).unwrap().execute_batch("CREATE TABLE t (x)").unwrap();
    fs::copy(folder.path().join("plain"), &path).unwrap();
    assert!(open().contains("not encrypted"), "{}", open());
    fs::write(&path, [0; 4_096]).unwrap();
    assert!(open().contains("no way to derive its key"), "{}", open());
}

#[test]
fn a_newer_schema_is_refused_and_left_alone() {
    let (_folder, path, register) = common::new();
    drop(register);
    common::raw(&path).pragma_update(None, "user_version", 99).unwrap();
    let before = fs::read(&path).unwrap();
    let error = Register::open(&path, &secret()).err().unwrap();
    assert!(matches!(error, Error::Newer { found: 99, .. }), "{error}");
    assert_eq!(before, fs::read(&path).unwrap());
}

#[test]
fn a_register_of_an_older_schema_is_brought_up_to_date() {
    let (_folder, path, mut register) = common::new();
    book(&mut register, &[change("XA01 B1 plutonium RD 10 0")]).unwrap();
    let head = register.head().unwrap();
    drop(register);
    let first = "DROP INDEX change_item; CREATE INDEX change_item ON change (item); PRAGMA user_version = 1";
    common::raw(&path).execute_batch(first).unwrap();
    let mut register = Register::open(&path, &secret()).unwrap();
    assert_eq!(register.check().unwrap().problems, [""; 0]);
    assert_eq!(register.head().unwrap(), head);
}

#[test]
fn a_register_never_takes_the_place_of_a_file() {
    let (_folder, path, mut register) = common::new();
    let before = fs::read(&path).unwrap();
    let again = Register::create(&path, &secret(), [8; 16], "XAA".parse().unwrap(), &note("again"));
    assert!(matches!(again.err(), Some(Error::Exists(_))));
    assert!(matches!(register.backup(&path, &secret(), [8; 16]), Err(Error::Exists(_))));
    assert_eq!(before, fs::read(&path).unwrap());
    assert_eq!(register.check().unwrap().problems, [""; 0]);
}

#[test]
fn a_register_takes_another_key_and_keeps_everything() {
    let (_folder, path, mut register) = common::new();
    book(&mut register, &[change("XA01 B1 plutonium RD 10 0")]).unwrap();
    let head = register.head().unwrap();
    let new = Secret::key_file(&[3; 32]).unwrap();
    let mut register = register.rekey(&note("an officer left"), &new).unwrap();
    assert_eq!(register.check().unwrap().problems, [""; 0]);
    assert!(register.has(head.seq, &head.hash).unwrap());
    assert_eq!(register.head().unwrap().kind, "rekey");
    book(&mut register, &[change("XA01 B2 plutonium RD 10 0")]).unwrap();
    drop(register);
    assert!(matches!(Register::open(&path, &secret()), Err(Error::WrongKey(_))));
    assert_eq!(common::held_mg(&Register::open(&path, &new).unwrap(), "B2"), 10_000);
}

#[test]
fn each_file_says_what_its_key_costs() {
    let (_folder, path, register) = common::new();
    let copy = path.with_extension("copy");
    let dearer = secret().with_cost(Cost::new(9, 2).unwrap());
    register.backup(&copy, &dearer, [9; 16]).unwrap();
    for (file, byte) in [(&path, 8 << 3 | 1), (&copy, 9 << 3 | 2)] {
        assert_eq!(fs::read(file).unwrap()[0], byte);
        // What new files would cost does not matter to one that is there.
        Register::open(file, &Secret::passphrase(PASSPHRASE).unwrap()).unwrap();
    }
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_the_file() {
    use std::os::unix::fs::PermissionsExt;
    let (_folder, path, _register) = common::new();
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn a_copy_made_while_others_write_is_whole_and_opens_with_its_own_key() {
    let (_folder, path, mut register) = common::new();
    let stop = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writer = scope.spawn(|| {
            let mut other = Register::open(&path, &secret()).unwrap();
            for number in 0.. {
                if stop.load(std::sync::atomic::Ordering::Relaxed) {
                    return number;
                }
                book(&mut other, &[change(&format!("XA01 B{number} plutonium RD 10 0"))]).unwrap();
            }
            0
        });
        let other_key = Secret::key_file(&[3; 32]).unwrap();
        for number in 0..5 {
            let copy = path.with_extension(number.to_string());
            register.backup(&copy, &other_key, [number; 16]).unwrap();
            let mut copy = Register::open(&copy, &other_key).unwrap();
            let checked = copy.check().unwrap();
            assert_eq!(checked.problems, [""; 0]);
            assert!(
                register.has(checked.entries, &checked.head).unwrap(),
                "the copy is a moment of the register"
            );
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        assert!(writer.join().unwrap() > 0);
    });
    assert_eq!(register.check().unwrap().problems, [""; 0]);
}
