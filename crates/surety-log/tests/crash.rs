//! A loaded log whose process is killed at random moments, on real files, again and again.
//!
//! A killed process keeps what the system has buffered, so this shows that every moment is a good one to
//! die; that bytes are on the disk is what the order of writes and `fsync` in `FolderStore` is for.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod common;

use std::collections::BTreeMap;
use std::env;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use common::{folders, identity, log_verifier};
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{Expected, FolderStore, Log, OpenError, Options, Reader, fsck};

const FOLDER: &str = "SURETY_LOG_CRASH_FOLDER";
const CYCLE: &str = "SURETY_LOG_CRASH_CYCLE";
const CYCLES_MAX: u32 = 250;
const TIME_MAX: Duration = Duration::from_secs(15);
const SUBMITTERS: u32 = 8;

/// Not a test of its own: the process that is killed. It logs entries and says which were acknowledged.
#[test]
fn the_process_that_is_killed() {
    let (Ok(folder), Ok(cycle)) = (env::var(FOLDER), env::var(CYCLE)) else { return };
    let root = Path::new(&folder);
    let clock = || 0;
    let options = Options { batch_entries_max: 5, ..Options::default() };
    let opened = Log::open(folders(root), identity(), &Expected::default(), options, clock);
    let log = match opened {
        Err(OpenError::NoLog) => Log::create(folders(root), identity(), options, clock).unwrap(),
        other => other.unwrap(),
    };
    thread::scope(|scope| {
        for submitter in 0..SUBMITTERS {
            let (log, cycle) = (&log, &cycle);
            scope.spawn(move || {
                for number in 0.. {
                    let entry = format!("cycle {cycle} submitter {submitter} entry {number}");
                    let receipt = log.append(entry.clone().into_bytes()).unwrap();
                    writeln!(std::io::stdout().lock(), "\nlogged {} {entry}", receipt.index).unwrap();
                }
            });
        }
    });
}

/// Runs the process and kills it: after a while from its start, so that it dies while it mends the log, or
/// from its first acknowledgement, so that it dies while it appends. Gives what it acknowledged.
fn killed_after(delay: Duration, from_first: bool, root: &Path, cycle: u32) -> Vec<(u64, String)> {
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "the_process_that_is_killed", "--nocapture", "--test-threads=1"])
        .env(FOLDER, root)
        .env(CYCLE, cycle.to_string())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut output = BufReader::new(child.stdout.take().unwrap());
    let (sender, receiver) = mpsc::channel();
    let reader = thread::spawn(move || {
        let mut line = String::new();
        // A last line without its newline was cut off.
        while output.read_line(&mut line).is_ok_and(|_| line.ends_with('\n')) {
            if let Some(logged) = parse(line.trim_end()) {
                sender.send(logged).unwrap();
            }
            line.clear();
        }
    });
    let first = if from_first { receiver.recv_timeout(Duration::from_secs(5)).ok() } else { None };
    thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap();
    reader.join().unwrap();
    first.into_iter().chain(receiver.try_iter()).collect()
}

fn parse(line: &str) -> Option<(u64, String)> {
    let (index, entry) = line.strip_prefix("logged ")?.split_once(' ')?;
    Some((index.parse().ok()?, entry.to_owned()))
}

#[test]
fn nothing_acknowledged_is_lost_however_often_it_is_killed() {
    let root = tempfile::tempdir().unwrap();
    let started = Instant::now();
    let mut acknowledged = BTreeMap::new();
    let mut checkpoints = Vec::new();
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let mut cycles = 0;
    while cycles < CYCLES_MAX && started.elapsed() < TIME_MAX {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let delay = Duration::from_micros(random >> 32 & 0x7fff);
        for (index, entry) in killed_after(delay, cycles % 2 == 1, root.path(), cycles) {
            let before = acknowledged.insert(index, entry.clone());
            assert_eq!(before, None, "two entries at {index}, the second is {entry}");
        }
        let store = FolderStore::read_only(root.path().join("public"));
        checkpoints.extend(store.ok().and_then(|store| Reader::new(&store).checkpoint().ok()));
        cycles += 1;
    }

    drop(
        Log::open(folders(root.path()), identity(), &Expected::default(), Options::default(), || 0).unwrap(),
    );
    let store = FolderStore::read_only(root.path().join("public")).unwrap();
    let mut logged = Vec::new();
    let sound = fsck::check(&store, &[log_verifier()], |_, entry| logged.push(entry.to_vec())).unwrap();
    assert_eq!(sound.checkpoint.checkpoint().size(), logged.len() as u64);
    for (index, entry) in &acknowledged {
        let found = logged.get(usize::try_from(*index).unwrap()).unwrap();
        assert_eq!(String::from_utf8_lossy(found), *entry, "at {index}");
    }
    let tree: Tree = logged.iter().map(|entry| leaf_hash(entry)).collect();
    for seen in &checkpoints {
        let seen = seen.checkpoint();
        assert_eq!(
            tree.root_at(seen.size()),
            Some(seen.root()),
            "a checkpoint of {} was forked",
            seen.size()
        );
    }
    assert!(cycles >= 20 && acknowledged.len() >= 20, "{cycles} cycles, {} acknowledged", acknowledged.len());
    writeln!(
        std::io::stdout(),
        "{cycles} kills, {} entries, {} acknowledged",
        logged.len(),
        acknowledged.len()
    )
    .unwrap();
}
