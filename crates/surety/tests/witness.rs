//! A witness as a process: made, served, shown, and killed again and again.
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests may unwrap too")]

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use surety_log::tree::{Tree, leaf_hash};
use surety_log::witness::AddCheckpoint;
use surety_log::{
    Checkpoint, SEED_LEN, SignatureType, SignedCheckpoint, Signer as _, SignerKey, VerifierKey,
};

const ORIGIN: &str = "log.example/surety";
const CYCLES: std::ops::Range<u32> = 10..60;
const TIME_MAX: Duration = Duration::from_secs(12);

fn log_key() -> SignerKey {
    SignerKey::from_seed(ORIGIN.parse().unwrap(), SignatureType::Ed25519, &[42; SEED_LEN]).unwrap()
}

fn surety(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surety")).args(args).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = surety(&[args, &["--format", "json"]].concat());
    assert!(output.status.success(), "{}", text(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn init(folder: &Path, more: &[&str]) -> Output {
    let log = log_key().verifier().to_string();
    let folder = folder.to_str().unwrap();
    surety(&[&["witness", "init", folder, "--name", "witness.example/w1", "--log-key", &log], more].concat())
}

/// A witness that serves; it dies with the test.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    fn start(folder: &Path, more: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_surety"))
            .args(["witness", "serve", folder.to_str().unwrap(), "--listen", "127.0.0.1:0"])
            .args(more)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let Some((_, address)) = line.trim().rsplit_once("http://") else {
            child.kill().unwrap();
            let mut error = String::new();
            child.stderr.take().unwrap().read_to_string(&mut error).unwrap();
            panic!("it did not start: {line}{error}");
        };
        Self { address: address.to_owned(), child }
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Status and body; none when the witness died before it answered in full.
fn post(address: &str, body: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let head = format!(
        "POST /add-checkpoint HTTP/1.1\r\nhost: {address}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).ok()?;
    stream.write_all(body.as_bytes()).ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// The log with one kind of entries. Two kinds are a fork.
fn tree(kind: &str, size: u64) -> Tree {
    (0..size).map(|number| leaf_hash(format!("{kind} {number}").as_bytes())).collect()
}

fn request(kind: &str, old_size: u64, size: u64) -> AddCheckpoint {
    let tree = tree(kind, size);
    let proof = if old_size == 0 { Vec::new() } else { tree.prove_consistency(old_size).unwrap() };
    let checkpoint = Checkpoint::new(ORIGIN.parse().unwrap(), size, tree.root()).unwrap();
    let checkpoint = SignedCheckpoint::sign(checkpoint, &[&log_key()], 0).unwrap();
    AddCheckpoint { old_size, proof, checkpoint }
}

fn size_on_record(folder: &Path) -> u64 {
    json(&["witness", "show", folder.to_str().unwrap()])["logs"][0]["size"].as_u64().unwrap_or(0)
}

#[test]
fn a_witness_is_made_and_answers_with_the_keys_that_it_told() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("witness");
    let passphrase = folder.path().join("passphrase");
    fs::write(&passphrase, "five words are long enough\n").unwrap();
    let passphrase = ["--passphrase-file", passphrase.to_str().unwrap()];
    let made = init(&home, &passphrase);
    assert!(made.status.success(), "{}", text(&made.stderr));
    let told = text(&made.stdout);
    assert_eq!(told.matches("\nwitness w1 witness.example/w1+").count(), 2, "{told}");
    let secret = fs::read_to_string(home.join("keys")).unwrap();
    assert!(
        secret.starts_with("-----BEGIN AGE ENCRYPTED FILE-----") && !secret.contains("PRIVATE"),
        "{secret}"
    );
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(home.join("keys")).unwrap().permissions().mode() & 0o777, 0o600);
    }

    let served = Served::start(&home, &passphrase);
    let asked = request("a", 0, 5);
    let (status, lines) = post(&served.address, &asked.to_body()).unwrap();
    assert_eq!(status, 200, "{lines}");
    let shown = json(&["witness", "show", home.to_str().unwrap()]);
    let keys: Vec<VerifierKey> =
        shown["keys"].as_array().unwrap().iter().map(|key| key.as_str().unwrap().parse().unwrap()).collect();
    let mut cosigned = asked.checkpoint;
    assert_eq!(cosigned.add_cosignatures(&lines, &keys.iter().collect::<Vec<_>>()), Ok(2));
    assert_eq!((&shown["logs"][0]["origin"], &shown["logs"][0]["size"]), (&ORIGIN.into(), &5.into()));
    // One record, one writer.
    let second = surety(&[&["witness", "serve", home.to_str().unwrap()], &passphrase[..]].concat());
    assert!(text(&second.stderr).contains("stop that one first"), "{}", text(&second.stderr));
}

#[test]
fn what_is_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("witness");
    let short = folder.path().join("short");
    fs::write(&short, "short\n").unwrap();
    let refused = |output: Output, says: &str| {
        let error = text(&output.stderr);
        assert!(!output.status.success() && error.contains(says), "{says}: {error}");
        assert!(output.stdout.is_empty(), "{says}");
    };
    refused(init(&home, &[]), "use --passphrase-file");
    refused(init(&home, &["--passphrase-file", short.to_str().unwrap()]), "12 characters or more");
    refused(
        init(&home, &["--token", "pkcs11:object=a?module-path=/m.so&pin-value=1"]),
        "leave out pin-value",
    );
    refused(surety(&["witness", "serve", home.to_str().unwrap()]), "surety witness init");
    assert!(init(&home, &["--unencrypted"]).status.success());
    refused(init(&home, &["--unencrypted"]), "has a witness in it already");
    fs::write(home.join("logs"), "# none yet\n").unwrap();
    refused(surety(&["witness", "serve", home.to_str().unwrap()]), "no log is known");
    fs::write(home.join("logs"), "# a log\nnonsense\n").unwrap();
    refused(surety(&["witness", "serve", home.to_str().unwrap()]), "line 2");
    fs::write(home.join("logs"), fs::read(home.join("keys.pub")).unwrap()).unwrap();
    refused(surety(&["witness", "serve", home.to_str().unwrap()]), "the key of a witness, not of a log");
}

#[test]
fn however_often_it_is_killed_it_signs_one_history_that_only_grows() {
    let folder = tempfile::tempdir().unwrap();
    let home = folder.path().join("witness");
    assert!(init(&home, &["--unencrypted"]).status.success());
    let started = Instant::now();
    let mut random = 0x9e37_79b9_7f4a_7c15u64;
    let (mut cycles, mut signed, mut chosen) = (0, 0, None);
    while cycles < CYCLES.start || (cycles < CYCLES.end && started.elapsed() < TIME_MAX) {
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        // Soon after the requests, or about when they are answered.
        let delay = Duration::from_micros(random >> 32 & if cycles % 2 == 0 { 0x3fff } else { 0x7_ffff });
        let old_size = size_on_record(&home);
        let mut served = Served::start(&home, &[]);
        // The log asks for both of its histories at once, larger and larger, while the witness is killed.
        let answers = thread::scope(|scope| {
            let asking: Vec<_> = ["a", "b"]
                .into_iter()
                .flat_map(|kind| (1..=4).map(move |step| (kind, step)))
                .map(|(kind, step)| {
                    let address = served.address.clone();
                    scope.spawn(move || {
                        let size = old_size + step;
                        let answer = post(&address, &request(kind, old_size, size).to_body());
                        (
                            kind,
                            size,
                            answer.is_some_and(|(status, lines)| status == 200 && lines.ends_with('\n')),
                        )
                    })
                })
                .collect();
            thread::sleep(delay);
            served.child.kill().unwrap();
            served.child.wait().unwrap();
            asking.into_iter().map(|asked| asked.join().unwrap()).collect::<Vec<_>>()
        });
        drop(served);
        let now = size_on_record(&home);
        assert!(now >= old_size, "the record went back from {old_size} to {now}");
        for (kind, size, _) in answers.into_iter().filter(|(_, _, good)| *good) {
            assert_eq!(*chosen.get_or_insert(kind), kind, "it signed both histories, now at {size}");
            assert!(size <= now, "it signed {size} entries, and has {now} on record");
            signed += 1;
        }
        cycles += 1;
    }
    // The other history is refused for good.
    let size = size_on_record(&home);
    let other = if chosen == Some("a") { "b" } else { "a" };
    let served = Served::start(&home, &[]);
    if size > 0 && chosen.is_some() {
        for (old, new) in [(0, size), (size, size), (size, size + 1), (0, size + 9)] {
            let answer = post(&served.address, &request(other, old, new).to_body()).unwrap();
            assert_ne!(answer.0, 200, "{old} to {new}");
        }
    }
    assert!(signed >= 1, "{cycles} cycles, {signed} signed");
    println!("{cycles} kills, {signed} cosignatures, {size} entries");
}
