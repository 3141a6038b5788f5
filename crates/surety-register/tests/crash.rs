//! Killed at any moment, a register loses nothing that it acknowledged, and shows nothing half done.
//! `cargo test -p surety-register --release --test crash -- --ignored` does it hundreds of times.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a test may fail loudly")]

mod common;

use std::io::{BufRead, BufReader, Write};
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

fn kill_again_and_again(times: u32) {
    let (_folder, path, register) = common::new();
    let first = register.head().unwrap().seq;
    drop(register);
    let mut acknowledged = first;
    let mut journals_left = 0;
    for time in 0..times {
        let mut child = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "the_process_that_is_killed", "--nocapture"])
            .env(REGISTER, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // Let it begin, then kill it a little later each time: somewhere inside a commit, before or after it.
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
        std::thread::sleep(Duration::from_micros(u64::from(time) * 1_237 % 5_000));
        child.kill().unwrap();
        child.wait().unwrap();
        for line in lines.map_while(Result::ok) {
            last = line.strip_prefix("acknowledged ").and_then(|seq| seq.parse().ok()).or(last);
        }
        acknowledged = last.unwrap_or(acknowledged);
        journals_left += u32::from(path.with_file_name("xaa.register-journal").exists());
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
