//! `surety log` as a process: served, read, killed.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

#[path = "../../surety-net/tests/common/mod.rs"]
mod common;

use std::collections::BTreeMap;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{Writer, clock, folders, founding, log_key, log_verifier};
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{FolderStore, Identity, Log, Options, Policy, Proof, Reader, SignedCheckpoint, fsck};
use surety_net::submit::{SubmitError, Submitter};
use tempfile::TempDir;

/// A log in a folder, as `surety log` keeps it, with its first entries.
fn make_log(observers: u64) -> (TempDir, Vec<Writer>) {
    let root = tempfile::tempdir().unwrap();
    let (entries, writers) = founding(observers);
    let identity = Identity::new(common::ORIGIN.parse().unwrap(), vec![log_key()]).unwrap();
    let log = Log::create(folders(root.path()), identity, Options::default(), clock).unwrap();
    for entry in entries {
        log.submit(entry, |logged| drop(logged.unwrap())).unwrap();
    }
    log.settle().unwrap();
    fs::write(root.path().join("private/log.key"), format!("{}\n", log_key().to_secret_text())).unwrap();
    fs::write(root.path().join("log.vkey"), format!("{}\n", log_verifier())).unwrap();
    (root, writers)
}

/// The program, with a home of its own: all logs of these tests have one key, and what one test remembers of its log is
/// no business of another.
fn program() -> Command {
    static HOME: AtomicU64 = AtomicU64::new(0);
    let home = std::env::temp_dir().join(format!(
        "surety-test-{}-{}",
        std::process::id(),
        HOME.fetch_add(1, Ordering::Relaxed)
    ));
    let mut command = Command::new(env!("CARGO_BIN_EXE_surety"));
    command.env("XDG_STATE_HOME", home.join("state")).env("XDG_CACHE_HOME", home.join("cache"));
    command
}

fn surety(args: &[&str]) -> Output {
    program().args(args).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn refused(output: &Output) -> String {
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(output.stdout.is_empty(), "{output:?}");
    String::from_utf8(output.stderr.clone()).unwrap()
}

/// A process that serves, and where.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(log: &Path) -> Self {
        let mut child = program()
            .args(["log", "serve", &log.display().to_string(), "--listen", "127.0.0.1:0", "--rate", "100000"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.trim().rsplit(' ').next().unwrap().to_owned();
        assert!(address.starts_with("http://"), "{line}");
        Self { child, address }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_log_is_served_read_and_copied() {
    let (root, mut writers) = make_log(2);
    let log = root.path().display().to_string();
    let mut served = Served::start(root.path());
    let statement = writers[0].say("joined");
    let file = root.path().join("joined.cose").display().to_string();
    fs::write(&file, &statement).unwrap();

    let text = said(&surety(&["log", "submit", &file, "--to", &served.address]));
    assert!(
        text.starts_with(&format!("{file} is logged at 3: {file}.tlog-proof\nWhether witnesses")),
        "{text}"
    );
    let proof = Proof::parse(&fs::read(format!("{file}.tlog-proof")).unwrap()).unwrap();
    assert_eq!(proof.verify(&statement, &Policy::log_only(log_verifier())).unwrap().index, 3);
    assert!(fs::read(format!("{file}.receipt")).unwrap().starts_with(&[0xd2]), "a tagged COSE_Sign1");
    let text = said(&surety(&["log", "submit", &file, "--to", &served.address, "--format", "json"]));
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!((&json["logged"][0]["index"], &json["logged"][0]["again"]), (&3.into(), &true.into()));
    fs::write(root.path().join("junk"), "junk").unwrap();
    let junk = root.path().join("junk").display().to_string();
    let error = refused(&surety(&["log", "submit", &junk, "--to", &served.address]));
    assert!(error.contains("junk: it is no signed statement"), "{error}");
    fs::write(root.path().join("draft.json"), "{}").unwrap();
    let draft = root.path().join("draft.json").display().to_string();
    let error = refused(&surety(&["log", "submit", &draft, "--to", &served.address]));
    assert!(error.contains("draft.json: it is a draft: sign it first") && !error.contains("CBOR"), "{error}");

    let error = refused(&surety(&["log", "serve", &log, "--listen", "127.0.0.1:0"]));
    assert!(error.contains("in use by another process"), "{error}");

    let key = log_verifier().to_string();
    for place in [log.as_str(), &served.address] {
        let text = said(&surety(&["log", "checkpoint", place, "--key", &key]));
        assert_eq!(SignedCheckpoint::parse(text.as_bytes()).unwrap().checkpoint().size(), 4);
        let text = said(&surety(&["log", "prove", place, &file, "--key", &key]));
        assert_eq!(Proof::parse(text.as_bytes()).unwrap().index(), 3);
        let text = said(&surety(&["log", "fsck", place, "--key", &key]));
        assert!(text.starts_with("log.example/surety is sound: 4 entries"), "{text}");
    }
    let error = refused(&surety(&["log", "checkpoint", &served.address]));
    assert!(error.contains("--key"), "{error}");
    let other = "log.example/other+dddbb6be+AW2sQVlVCvVN5fhJfjfFeX4CIL1KUe4K4eLIEjDO0JT9";
    assert!(!surety(&["log", "checkpoint", &log, "--key", other]).status.success());

    let copy = root.path().join("copy").display().to_string();
    let text = said(&surety(&["log", "export", &served.address, "--key", &key, "--to", &copy]));
    assert!(text.contains("4 entries"), "{text}");
    said(&surety(&["log", "fsck", &copy, "--key", &key]));
    let bundle = root.path().join("copy/tile/entries/000.p/4");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[2] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    let error = refused(&surety(&["log", "fsck", &copy, "--key", &key]));
    assert!(error.contains("tile/entries/000.p/4, bytes 0 to"), "{error}");

    // SIGTERM: it ends by itself.
    Command::new("kill").arg(served.child.id().to_string()).status().unwrap();
    assert!(served.child.wait().unwrap().success());
    let text = said(&surety(&["log", "submit", &file, "--to", &log]));
    assert!(text.contains("was logged before, at 3"), "into a folder that nobody serves: {text}");
}

#[test]
fn what_keeps_a_log_from_starting_says_what_to_do() {
    let (root, _) = make_log(1);
    let log = root.path().display().to_string();
    let serve =
        |extra: &[&str]| surety(&[&["log", "serve", &log, "--listen", "127.0.0.1:0"], extra].concat());
    let none = root.path().join("none").display().to_string();
    let error = refused(&surety(&["log", "serve", &none, "--listen", "127.0.0.1:0"]));
    assert!(error.contains("log.key"), "{error}");
    let error = refused(&serve(&["--head", &none]));
    assert!(error.contains("there is no log here"), "{error}");
    let error = refused(&surety(&[
        "log",
        "serve",
        "https://log.example",
        "--key-file",
        &format!("{log}/private/log.key"),
    ]));
    assert!(error.contains("s3://bucket/prefix"), "{error}");
    assert!(!serve(&["--listen", "nowhere"]).status.success());

    fs::rename(root.path().join("private/head"), root.path().join("head")).unwrap();
    fs::create_dir(root.path().join("private/head")).unwrap();
    let error = refused(&serve(&[]));
    assert!(error.contains("`head` is not a file"), "{error}");
    fs::remove_dir(root.path().join("private/head")).unwrap();
    fs::write(root.path().join("private/head"), "damaged").unwrap();
    let error = refused(&serve(&[]));
    assert!(error.contains("damaged"), "{error}");
}

/// As another user, because root may do everything.
#[cfg(unix)]
#[test]
fn without_the_right_to_write_it_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    use std::os::unix::process::CommandExt as _;

    let (root, _) = make_log(1);
    fs::set_permissions(root.path(), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_surety"));
    command.args(["log", "serve", &root.path().display().to_string(), "--listen", "127.0.0.1:0"]);
    if fs::metadata("/proc/self").is_ok_and(|process| std::os::unix::fs::MetadataExt::uid(&process) == 0) {
        command.uid(65_534);
    } else {
        for folder in ["public", "private"] {
            fs::set_permissions(root.path().join(folder), fs::Permissions::from_mode(0o555)).unwrap();
        }
    }
    let Ok(output) = command.output() else { panic!("the program cannot be run as another user") };
    let error = refused(&output);
    assert!(error.contains("Permission denied") || error.contains("permission"), "{error}");
}

/// How often it is killed: `SURETY_KILLS=300 cargo test --release -p surety --test log killed`.
fn kills() -> u32 {
    std::env::var("SURETY_KILLS").ok().map_or(10, |count| count.parse().unwrap())
}

#[test]
fn nothing_acknowledged_is_lost_however_often_it_is_killed() {
    let (root, writers) = make_log(6);
    // Of each writer, what it has signed and does not know to be logged.
    let writers: Vec<_> = writers.into_iter().map(|writer| Mutex::new((writer, None::<Vec<u8>>))).collect();
    let acknowledged = Mutex::new(BTreeMap::<u64, Vec<u8>>::new());
    let mut seen = Vec::new();
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    for _ in 0..kills() {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        let mut served = Served::start(root.path());
        let address = served.address.clone();
        std::thread::scope(|scope| {
            for writer in &writers {
                let (address, acknowledged) = (&address, &acknowledged);
                scope.spawn(move || submit_until_killed(address, &mut writer.lock().unwrap(), acknowledged));
            }
            std::thread::sleep(Duration::from_millis(20 + (random >> 33) % 300));
            served.child.kill().unwrap();
            served.child.wait().unwrap();
        });
        let store = FolderStore::read_only(root.path().join("public")).unwrap();
        seen.push(Reader::new(&store).checkpoint().unwrap());
    }
    drop(Served::start(root.path()));

    let store = FolderStore::read_only(root.path().join("public")).unwrap();
    let mut logged = Vec::new();
    fsck::check(&store, &[log_verifier()], |_, entry| logged.push(entry.to_vec())).unwrap();
    let acknowledged = acknowledged.into_inner().unwrap();
    assert!(acknowledged.len() >= kills() as usize, "{} acknowledged", acknowledged.len());
    for (index, statement) in &acknowledged {
        assert_eq!(logged.get(usize::try_from(*index).unwrap()), Some(statement), "at {index}");
    }
    let tree: Tree = logged.iter().map(|entry| leaf_hash(entry)).collect();
    for checkpoint in seen.iter().map(SignedCheckpoint::checkpoint) {
        assert_eq!(tree.root_at(checkpoint.size()), Some(checkpoint.root()), "no fork");
    }
    let mut registry = surety_statement::Registry::new();
    for (index, entry) in (0..).zip(&logged) {
        let accepted = registry.check(entry).and_then(|checked| registry.accept(checked, index));
        assert!(accepted.is_ok(), "no gap in anybody's numbers, at {index}: {:?}", accepted.err());
    }
}

/// Submits one statement after the other, and keeps the one that was not acknowledged for the next time.
fn submit_until_killed(
    address: &str,
    (writer, open): &mut (Writer, Option<Vec<u8>>),
    acknowledged: &Mutex<BTreeMap<u64, Vec<u8>>>,
) {
    let client = Submitter::new(address.parse().unwrap()).with_patience(Duration::ZERO);
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(30) {
        let statement = open.take().unwrap_or_else(|| writer.say("under load"));
        match client.submit(&statement) {
            Ok(submitted) => {
                let before = acknowledged.lock().unwrap().insert(submitted.proof.index(), statement.clone());
                assert!(before.is_none_or(|before| before == statement), "two statements at one place");
            }
            Err(error) => {
                *open = Some(statement);
                assert!(matches!(error, SubmitError::Failed(_) | SubmitError::Proof(_)), "{error}");
                return;
            }
        }
    }
}
