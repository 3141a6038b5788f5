//! What only the first moment of a process shows: each try is a process of its own.

mod common;

use std::process::Command;
use std::sync::Barrier;

const THREADS: usize = 8;
const TRIES: usize = 40;
/// Set in the processes that the test starts.
const TRY: &str = "SURETY_TEST_FIRST_USE";

#[test]
fn many_may_open_the_first_registers_of_a_process_at_once() {
    if std::env::var_os(TRY).is_some() {
        return open_at_once();
    }
    for _ in 0..TRIES {
        let tried = Command::new(std::env::current_exe().unwrap()).env(TRY, "1").output().unwrap();
        assert!(tried.status.success(), "{}", String::from_utf8_lossy(&tried.stdout));
    }
}

fn open_at_once() {
    let together = Barrier::new(THREADS);
    std::thread::scope(|scope| {
        for _ in 0..THREADS {
            scope.spawn(|| {
                together.wait();
                common::new();
            });
        }
    });
}
