//! Killed at any moment, a register loses nothing that it acknowledged, and shows nothing half done.
//! `cargo test -p surety-register --release --test crash -- --ignored` does it hundreds of times.
#![expect(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, reason = "a test may fail loudly")]

mod common;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use common::{change, note, secret};
use surety_register::{Error, Register, Secret};

const REGISTER: &str = "SURETY_TEST_CRASH_REGISTER";
/// Rows of each entry: enough that a commit takes a while.
const ROWS: usize = 40;

/// Books until it is killed, and says what is booked once it is.
#[test]
fn the_process_that_is_killed() {
    let Ok(path) = std::env::var(REGISTER) else { return };
    let mut register = Register::open(path.as_ref(), &secret()).unwrap();
    let mut out = std::io::stdout().lock();
    for number in register.head().unwrap().seq.. {
        let changes: Vec<_> =
            (0..ROWS).map(|row| Ok(change(&format!("XA01 B{number}-{row} plutonium RD 1 0")))).collect();
        let booked = register.book(&note("a report"), None, changes).unwrap();
        writeln!(out, "acknowledged {}", booked.entry.seq).unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn nothing_acknowledged_is_lost_when_the_process_is_killed() {
    kill_again_and_again(10);
}

#[test]
#[ignore = "takes minutes"]
fn nothing_acknowledged_is_lost_in_hundreds_of_kills() {
    kill_again_and_again(400);
}

#[test]
fn a_process_killed_while_it_changes_the_key_leaves_the_old_one_or_the_new_one() {
    kill_while_the_key_changes(10);
}

#[test]
#[ignore = "takes minutes"]
fn hundreds_of_kills_while_the_key_changes() {
    kill_while_the_key_changes(200);
}

/// Changes the key until it is killed, and says what is booked once it is.
#[test]
fn the_process_that_is_killed_while_it_changes_the_key() {
    let Ok(path) = std::env::var(REGISTER) else { return };
    let (mut register, _) = opened_with_either(path.as_ref());
    let mut out = std::io::stdout().lock();
    loop {
        let next = register.head().unwrap().seq + 1;
        register = register.rekey(&note("an officer left"), &key(next)).unwrap();
        writeln!(out, "acknowledged {next}").unwrap();
        out.flush().unwrap();
    }
}

/// The key from an entry on: two of them take turns.
fn key(seq: i64) -> Secret {
    if seq % 2 == 0 { secret() } else { Secret::key_file(&[3; 32]).unwrap().with_cost(common::cheap()) }
}

/// The register, and the number of an entry whose key opens it: exactly one of the two does.
fn opened_with_either(path: &Path) -> (Register, i64) {
    let opened = [0, 1].map(|seq| (Register::open(path, &key(seq)), seq));
    let mut open = opened.into_iter().filter_map(|(register, seq)| match register {
        Ok(register) => Some((register, seq)),
        Err(error) => {
            assert!(matches!(error, Error::WrongKey(_)), "{error}");
            None
        }
    });
    let (register, seq) = open.next().expect("neither the old key nor the new one opens the register");
    assert!(open.next().is_none(), "both keys open the register");
    (register, seq)
}

fn kill_while_the_key_changes(times: u32) {
    let (_folder, path, mut register) = common::new();
    // Enough pages that encrypting them all takes a while.
    let changes: Vec<_> = (0..5_000).map(|row| change(&format!("XA01 B{row} plutonium RD 1 0"))).collect();
    common::book(&mut register, &changes).unwrap();
    let first = register.head().unwrap().seq;
    drop(register.rekey(&note("the first change"), &key(first + 1)).unwrap());
    let (mut journals_left, mut not_done) = (0, 0);
    for time in 0..times {
        let test = "the_process_that_is_killed_while_it_changes_the_key";
        let acknowledged =
            killed(test, &path, time, Duration::from_millis(80)).expect("it was killed before it began");
        journals_left += u32::from(has_journal(&path));
        let (mut register, of) = opened_with_either(&path);
        let checked = register.check().unwrap();
        assert_eq!(checked.problems, [""; 0], "kill {time}");
        assert_eq!(checked.changes, 5_000, "kill {time}");
        assert!(
            checked.entries == acknowledged || checked.entries == acknowledged + 1,
            "kill {time}: {acknowledged} was acknowledged, {} is there",
            checked.entries
        );
        if checked.entries == acknowledged {
            assert_eq!(of, acknowledged % 2, "kill {time}: the key that was acknowledged opens it");
        } else {
            not_done += u32::from(of == acknowledged % 2);
        }
    }
    println!("{times} kills, {journals_left} of them inside a commit, {not_done} before a key was changed");
    assert!(times < 100 || journals_left > 0, "no kill hit a commit: the test shows nothing");
}

fn kill_again_and_again(times: u32) {
    let (_folder, path, register) = common::new();
    let first = register.head().unwrap().seq;
    drop(register);
    let mut acknowledged = first;
    let mut journals_left = 0;
    for time in 0..times {
        let last = killed("the_process_that_is_killed", &path, time, Duration::from_millis(5));
        acknowledged = last.unwrap_or(acknowledged);
        journals_left += u32::from(has_journal(&path));
        if time % 4 == 0 {
            // Somebody tries another key before the right one.
            let wrong = Register::open(&path, &Secret::key_file(&[1; 32]).unwrap()).err().unwrap();
            assert!(matches!(wrong, Error::WrongKey(_)), "{wrong}");
        }
        let mut register = Register::open(&path, &secret()).unwrap();
        let checked = register.check().unwrap();
        assert_eq!(checked.problems, [""; 0], "kill {time}");
        assert!(
            checked.entries >= acknowledged,
            "kill {time}: {acknowledged} was acknowledged, {} is there",
            checked.entries
        );
        let rows = i64::try_from(ROWS).unwrap();
        assert_eq!(checked.changes, (checked.entries - first) * rows, "an entry is whole or not there");
    }
    println!("{times} kills, {journals_left} of them inside a commit; {} entries kept", acknowledged - first);
}

/// Starts a test in a process of its own, lets it begin, and kills it a little later each time, at most so much later:
/// somewhere inside a commit, before or after it. Gives the last entry that it acknowledged.
fn killed(test: &str, path: &Path, time: u32, later: Duration) -> Option<i64> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", test, "--nocapture"])
        .env(REGISTER, path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut last = None;
    let mut until = None;
    for line in lines.by_ref() {
        let line = line.unwrap();
        if let Some(seq) = line.strip_prefix("acknowledged ") {
            last = Some(seq.parse::<i64>().unwrap());
            let delay = Duration::from_micros(u64::from(time) * 7_919 % 40_000);
            if Instant::now() >= *until.get_or_insert(Instant::now() + delay) {
                break;
            }
        }
    }
    let later = u64::try_from(later.as_micros()).unwrap();
    std::thread::sleep(Duration::from_micros(u64::from(time) * 1_237 * (later / 5_000) % later));
    child.kill().unwrap();
    child.wait().unwrap();
    for line in lines.map_while(Result::ok) {
        last = line.strip_prefix("acknowledged ").and_then(|seq| seq.parse().ok()).or(last);
    }
    last
}

fn has_journal(path: &Path) -> bool {
    path.with_file_name("xaa.register-journal").exists()
}
