//! A log that serves: what clients get, and what those get who send something else.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod common;

use std::env;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{NO_LIMIT, Server, Setting, Writer, files, folders, log_verifier};
use coset::cbor::Value;
use coset::{CborSerializable as _, CoseKeySet, CoseSign1, Label, TaggedCborSerializable as _};
use surety_log::{
    FolderStore, Object, Options, Policy, Proof, SignedCheckpoint, Store, StoreError, Stores, fsck,
};
use surety_net::server::{Connections, Desk, Limits, PROBLEM_CBOR, Rate};
use surety_statement::{Algorithm, Digest, IssuerKey, LogPolicy};
use tempfile::TempDir;

fn start(setting: Setting) -> (TempDir, Server) {
    let root = tempfile::tempdir().unwrap();
    let server = Server::start(folders(root.path()), setting);
    (root, server)
}

fn proof_of(answer: &common::Answer, statement: &[u8]) -> u64 {
    let proof = Proof::parse(&answer.body).unwrap();
    proof.verify(statement, &Policy::log_only(log_verifier())).unwrap().index
}

#[test]
fn a_statement_goes_in_and_its_proofs_come_out() {
    let (_root, server) = start(Setting::default());
    let statement = server.say(0, "joined");
    let answer = server.submit(&statement, "Accept: text/plain\r\n");
    assert_eq!(answer.status, 201, "{answer:?}");
    assert_eq!(proof_of(&answer, &statement), 4, "after the root and three admissions");
    let place = answer.header("location").unwrap().to_owned();
    assert!(place.starts_with("/api/v1/entries/") && place.len() == 16 + 64, "{place}");

    let again = server.submit(&statement, "Accept: text/plain\r\n");
    assert_eq!((again.status, again.header("location")), (200, Some(place.as_str())));
    assert_eq!(proof_of(&again, &statement), 4, "the same place");

    for path in [format!("{place}/proof"), "/api/v1/entries/4/proof".to_owned()] {
        assert_eq!(proof_of(&server.get(&path, ""), &statement), 4);
    }
    assert_eq!(server.get(&format!("{place}/statement"), "").body, statement);
    let status: serde_json::Value =
        serde_json::from_slice(&server.get(&format!("{place}/status"), "").body).unwrap();
    assert_eq!((&status["index"], &status["size"]), (&4.into(), &5.into()));
    for (path, code) in [
        ("/api/v1/entries/5", "not-found"),
        ("/api/v1/entries/04", "locator"),
        (&format!("/api/v1/entries/{}", "0".repeat(64)), "not-found"),
        ("/api/v1/entries/4/nothing", "not-found"),
    ] {
        assert_eq!(server.get(path, "").code(), code, "{path}");
    }
}

#[test]
fn a_receipt_verifies_with_the_published_key() {
    let (_root, server) = start(Setting::default());
    let statement = server.say(0, "joined");
    let answer = server.submit(&statement, "Accept: application/cose\r\n");
    assert_eq!((answer.status, answer.header("content-type")), (201, Some("application/cose")));

    let keys = CoseKeySet::from_slice(&server.get("/.well-known/scitt-keys", "").body).unwrap();
    let key = &keys.0[0];
    let x = key.params.iter().find(|(label, _)| *label == Label::Int(-2)).unwrap().1.as_bytes().unwrap();
    let public = IssuerKey::new(Algorithm::Ed25519, x).unwrap();
    assert_eq!(key.key_id, public.thumbprint().0, "its id is its thumbprint");
    let one = server
        .get(&format!("/.well-known/scitt-keys/{}", Digest(key.key_id.clone().try_into().unwrap())), "");
    assert_eq!(one.body, key.clone().to_vec().unwrap());
    assert_eq!(server.get("/.well-known/scitt-keys/none", "").code(), "not-found");

    let receipt = CoseSign1::from_tagged_slice(&answer.body).unwrap();
    assert_eq!(receipt.protected.header.key_id, key.key_id);
    let inclusion = surety_statement::receipt::verify(&answer.body, &statement, &log_verifier()).unwrap();
    assert_eq!((inclusion.size, inclusion.index), (5, 4));
    let other = server.say(1, "another");
    assert!(surety_statement::receipt::verify(&answer.body, &other, &log_verifier()).is_err());
    assert_eq!(server.get("/api/v1/entries/4", "").body, answer.body, "the same receipt");
    let root = server.get("/api/v1/entries/0/receipt", "");
    surety_statement::receipt::verify(
        &root.body,
        &server.get("/api/v1/entries/0/statement", "").body,
        &log_verifier(),
    )
    .unwrap();
}

#[test]
fn static_files_are_those_of_the_log_and_nothing_else() {
    let (root, server) = start(Setting::default());
    std::fs::write(root.path().join("public/secret"), "not to be served").unwrap();
    let checkpoint = server.get("/checkpoint", "");
    assert_eq!(checkpoint.header("content-type"), Some("text/plain; charset=utf-8"));
    assert_eq!(checkpoint.header("cache-control"), Some("no-cache"));
    SignedCheckpoint::parse(&checkpoint.body).unwrap().verify([&log_verifier()]).unwrap();
    let tag = checkpoint.header("etag").unwrap();
    let again = server.get("/checkpoint", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((again.status, again.body.len()), (304, 0));

    let tile = server.get("/tile/0/000.p/4", "Accept-Encoding: gzip\r\n");
    assert_eq!((tile.status, tile.body.len()), (200, 128));
    assert_eq!(tile.header("content-type"), Some("application/octet-stream"));
    assert_eq!(tile.header("content-encoding"), None);
    assert!(tile.header("cache-control").unwrap().contains("immutable"));
    assert_eq!(server.get("/tile/entries/000.p/4", "").status, 200);
    let head = server.send(b"HEAD /tile/0/000.p/4 HTTP/1.1\r\nHost: log\r\nConnection: close\r\n\r\n");
    assert_eq!((head.status, head.header("content-length"), head.body.len()), (200, Some("128"), 0));

    for path in [
        "/tile/0/000",
        "/tile/0/000.p/5",
        "/tile/0/000.p/0",
        "/tile/0/000.p/04",
        "/tile/../secret",
        "/tile/%2e%2e/secret",
        "/tile/0/..%2f..%2f..%2fsecret",
        "/tile/0/000.p/4/",
        "//tile/0/000.p/4",
        "/tile/0//000.p/4",
        "/tile/0/000.p/4%00",
        "/tile/0/%30%30%30.p/4",
        "/secret",
        "/head",
        "/../private/head",
        "/.lock",
        "/",
    ] {
        assert_eq!(server.get(path, "").code(), "not-found", "{path}");
    }
    let wrong = server.send(b"DELETE /checkpoint HTTP/1.1\r\nHost: log\r\nConnection: close\r\n\r\n");
    assert_eq!((wrong.status, wrong.code().as_str()), (405, "method"));
    assert!(server.get("/healthz", "").text().starts_with("ok\n"));
}

#[test]
fn what_is_refused_says_why_and_changes_nothing() {
    let (root, server) = start(Setting::default());
    let before = files(root.path());
    let good = server.say(0, "the first");
    let later = server.say(0, "the second, before the first");
    let mut changed = good.clone();
    *changed.last_mut().unwrap() ^= 1;
    let mut stranger = Writer::new("stranger.example", 99);
    let mut forger = Writer::new("observer.example/2", 99);
    for (statement, status, code) in [
        (b"".to_vec(), 400, "malformed"),
        (b"junk".to_vec(), 400, "malformed"),
        (vec![0xd2; 65_535], 400, "malformed"),
        (changed, 403, "bad-signature"),
        (stranger.say("something"), 403, "unknown-issuer"),
        (forger.say("something"), 403, "unknown-key"),
        (later, 409, "wrong-number"),
        (vec![0; 65_536], 413, "too-long"),
    ] {
        let answer = server.submit(&statement, "");
        assert_eq!((answer.status, answer.code().as_str()), (status, code));
    }
    let chunks = format!("10000\r\n{}\r\n1\r\nx\r\n0\r\n\r\n", "a".repeat(65_536));
    let head = "POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nConnection: close\r\nContent-Type: application/cose\r\n\
                Transfer-Encoding: chunked\r\n\r\n";
    assert_eq!(server.send(format!("{head}{chunks}").as_bytes()).status, 413, "without a length");
    let typed =
        b"POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nConnection: close\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(server.send(typed).code(), "media-type");
    let cbor = server.submit(b"junk", "Accept: application/cose\r\n");
    assert_eq!((cbor.status, cbor.header("content-type")), (400, Some(PROBLEM_CBOR)));
    assert!(coset::cbor::from_reader::<Value, _>(cbor.body.as_slice()).unwrap().is_map());
    assert_eq!(files(root.path()), before, "not a byte");
    assert_eq!(server.submit(&good, "").status, 201);
}

#[test]
fn tricks_with_headers_get_nowhere() {
    let (_root, server) = start(Setting::default());
    let many = (0..100).map(|number| format!("X-{number}: y\r\n")).collect::<Vec<_>>().concat();
    for (request, status) in [
        (format!("GET /checkpoint HTTP/1.1\r\nHost: log\r\n{many}\r\n"), 431),
        (format!("GET /checkpoint HTTP/1.1\r\nHost: log\r\nX: {}\r\n\r\n", "y".repeat(100_000)), 431),
        (format!("GET /{} HTTP/1.1\r\nHost: log\r\n\r\n", "y".repeat(100_000)), 414),
        ("GET /checkpoint HTTP/9.9\r\n\r\n".to_owned(), 400),
        ("\u{0}\u{1}\u{2}\r\n\r\n".to_owned(), 400),
        (
            "POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello".to_owned(),
            400,
        ),
        (
            "POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nContent-Type: application/cose\r\nContent-Length: 99999999999999999999\r\n\r\n"
                .to_owned(),
            400,
        ),
    ] {
        let answer = server.send(request.as_bytes());
        let refused = answer.status == status || (status == 414 && answer.status == 431) || answer.status == 0;
        assert!(refused, "{status} expected: {answer:?}");
    }
    assert_eq!(server.get("/checkpoint", "").status, 200, "it goes on");
}

#[test]
fn a_key_that_hurries_is_told_to_wait() {
    let rate = Rate { burst: 2.0, per_second: 0.1 };
    let (_root, server) = start(Setting { rate, ..Setting::default() });
    let first = server.say(0, "1");
    assert_eq!(server.submit(&first, "").status, 201);
    assert_eq!(server.submit(&server.say(0, "2"), "").status, 201);
    let refused = server.submit(&server.say(0, "3"), "");
    assert_eq!((refused.status, refused.code().as_str()), (429, "key-rate"));
    let wait: u64 = refused.header("retry-after").unwrap().parse().unwrap();
    assert!((5..=11).contains(&wait), "{wait}");
    assert_eq!(server.submit(&first, "").status, 200, "asking for a receipt again is no new statement");
    assert_eq!(server.submit(&server.say(1, "1"), "").status, 201, "others are not held up");
}

/// How many junk submissions there are: `SURETY_JUNK=100000 cargo test -p surety-net --release --test server junk`.
fn junk_count() -> u32 {
    env::var("SURETY_JUNK").ok().map_or(1_500, |count| count.parse().unwrap())
}

/// The memory that this process holds, in KiB.
fn resident_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").trim().parse().unwrap()
}

/// Sends junk over a few connections that are kept open. Gives how many were refused with which status.
fn send_junk(server: &Server, count: u32) -> std::collections::BTreeMap<u16, u32> {
    let threads = 4;
    std::thread::scope(|scope| {
        let senders: Vec<_> = (0..threads)
            .map(|thread| {
                scope.spawn(move || {
                    let mut stranger = Writer::new("stranger.example", u64::from(thread) + 1000);
                    let mut forger = Writer::new("observer.example/1", u64::from(thread) + 2000);
                    let kinds = [stranger.say("junk"), forger.say("junk"), vec![0; 20_000], b"junk".to_vec()];
                    let mut stream = TcpStream::connect(server.address).unwrap();
                    let mut answers = std::collections::BTreeMap::new();
                    let mut buffer = vec![0; 64 * 1024];
                    for number in 0..count / threads {
                        let mut junk = kinds[number as usize % kinds.len()].clone();
                        let last = junk.len() - 1;
                        junk[last] = junk[last].wrapping_add(number.to_le_bytes()[0]);
                        let head = format!(
                            "POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nContent-Type: application/cose\r\n\
                             Content-Length: {}\r\n\r\n",
                            junk.len()
                        );
                        if stream.write_all(&[head.as_bytes(), &junk].concat()).is_err() {
                            stream = TcpStream::connect(server.address).unwrap();
                            continue;
                        }
                        let len = stream.read(&mut buffer).unwrap_or(0);
                        let answer = common::Answer::parse(&buffer[..len]);
                        *answers.entry(answer.status).or_insert(0) += 1;
                        if len == 0 || answer.header("connection") == Some("close") {
                            stream = TcpStream::connect(server.address).unwrap();
                        }
                    }
                    answers
                })
            })
            .collect();
        let mut all = std::collections::BTreeMap::new();
        for sender in senders {
            for (status, count) in sender.join().unwrap() {
                *all.entry(status).or_insert(0) += count;
            }
        }
        all
    })
}

#[test]
fn junk_leaves_not_a_byte_behind() {
    for failures in [NO_LIMIT, Limits::default().failures] {
        let limits = Limits { failures, ..Limits::default() };
        let (root, server) = start(Setting { limits, ..Setting::default() });
        send_junk(&server, junk_count() / 10);
        let (before, memory) = (files(root.path()), resident_kib());
        let answers = send_junk(&server, junk_count());
        assert_eq!(files(root.path()), before, "not a byte on disk");
        let grown = resident_kib().saturating_sub(memory);
        assert!(grown < 64 * 1024, "{grown} KiB more in memory");
        assert!(answers.keys().all(|status| [0, 400, 403, 429].contains(status)), "{answers:?}");
        let refused: u32 = answers.iter().filter(|(status, _)| **status != 0).map(|(_, count)| count).sum();
        assert!(refused > junk_count() / 2, "{answers:?}");
        if failures != NO_LIMIT {
            assert!(answers[&429] > answers.get(&403).copied().unwrap_or(0), "{answers:?}");
            assert_eq!(server.submit(b"junk", "").code(), "address-rate");
        }
        drop(server);
    }
}

#[test]
fn a_slow_client_is_cut_off_and_holds_up_nobody() {
    let connections = Connections { head_time_max: Duration::from_millis(300), ..Connections::default() };
    let limits =
        Limits { request_time_max: Duration::from_millis(600), failures: NO_LIMIT, ..Limits::default() };
    let (_root, server) = start(Setting { limits, connections, ..Setting::default() });
    let started = Instant::now();
    let slow: Vec<_> = (0..20)
        .map(|number| {
            let address = server.address;
            std::thread::spawn(move || {
                let mut stream = TcpStream::connect(address).unwrap();
                let head = "POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nContent-Type: application/cose\r\nContent-Length: 100\r\n";
                let text = if number % 2 == 0 { head.to_owned() } else { format!("{head}\r\n") };
                for byte in text.bytes().chain(std::iter::repeat_n(b'x', 60)) {
                    if stream.write_all(&[byte]).is_err() {
                        return;
                    }
                    std::thread::sleep(Duration::from_millis(if byte == b'x' { 50 } else { 1 }));
                }
                let _ = stream.read_to_end(&mut Vec::new());
            })
        })
        .collect();
    assert_eq!(server.submit(&server.say(0, "meanwhile"), "").status, 201);
    for slow in slow {
        slow.join().unwrap();
    }
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
}

#[test]
fn many_clients_get_places_without_gap() {
    let (root, server) = start(Setting { observers: 8, ..Setting::default() });
    let mut places: Vec<u64> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|writer| {
                let server = &server;
                scope.spawn(move || {
                    let say = |number: u32| {
                        let statement = server.say(writer, &format!("statement {number}"));
                        let answer = server.submit(&statement, "Accept: text/plain\r\n");
                        assert_eq!(answer.status, 201, "{}", answer.text());
                        proof_of(&answer, &statement)
                    };
                    (0..10).map(say).collect::<Vec<_>>()
                })
            })
            .collect();
        clients.into_iter().flat_map(|client| client.join().unwrap()).collect()
    });
    places.sort_unstable();
    assert_eq!(places, (9..89).collect::<Vec<_>>());
    drop(server);
    let store = FolderStore::read_only(root.path().join("public")).unwrap();
    let sound = fsck::check(&store, &[log_verifier()], |_, _| ()).unwrap();
    assert_eq!(sound.checkpoint.checkpoint().size(), 89);
}

/// A disk that can be full, and that can be slow.
struct Disk {
    store: FolderStore,
    full: Arc<AtomicBool>,
    pause: Duration,
}

impl Store for Disk {
    fn get(&self, key: &str, len_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(key, len_max)
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        self.store.put(objects)
    }

    fn swap(&self, key: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        std::thread::sleep(self.pause);
        if self.full.load(Ordering::SeqCst) {
            let source = std::io::ErrorKind::StorageFull.into();
            return Err(StoreError::Io { doing: "write", place: "the disk of the test".to_owned(), source });
        }
        self.store.swap(key, expected, bytes)
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        self.store.remove_under(folder)
    }
}

fn start_on_disk(setting: Setting, pause: Duration) -> (TempDir, Arc<AtomicBool>, Server) {
    let root = tempfile::tempdir().unwrap();
    let full = Arc::new(AtomicBool::new(false));
    let head = FolderStore::writer(root.path().join("private")).unwrap();
    let stores = Stores {
        public: Arc::new(FolderStore::writer(root.path().join("public")).unwrap()),
        head: Arc::new(Disk { store: head, full: Arc::clone(&full), pause }),
    };
    (root, full, Server::start(stores, setting))
}

#[test]
fn after_a_full_disk_the_log_goes_on_without_a_gap() {
    let (_root, full, server) = start_on_disk(Setting::default(), Duration::ZERO);
    assert_eq!(server.submit(&server.say(0, "before"), "").status, 201);
    full.store(true, Ordering::SeqCst);
    let lost = server.say(0, "while the disk is full");
    let next = server.say(0, "after it");
    let answer = server.submit(&lost, "");
    assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"));
    assert!(answer.header("retry-after").is_some());
    let answer = server.submit(&next, "");
    assert!([409, 503].contains(&answer.status), "what follows on it is not taken: {answer:?}");
    let told = server.reports.lock().unwrap().join("\n");
    assert!(told.contains("free some space"), "the operator knows what to do: {told}");

    full.store(false, Ordering::SeqCst);
    let started = Instant::now();
    while server.submit(&lost, "").status == 503 && started.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(100));
    }
    assert!([200, 201].contains(&server.submit(&lost, "").status));
    let answer = server.submit(&next, "Accept: text/plain\r\n");
    assert_eq!((answer.status, proof_of(&answer, &next)), (201, 6));
}

#[test]
fn a_full_queue_says_when_to_come_again() {
    let options = Options { queue_entries_max: 2, batch_entries_max: 1, ..Options::default() };
    let setting = Setting { observers: 12, options, ..Setting::default() };
    let (_root, _full, server) = start_on_disk(setting, Duration::from_millis(150));
    let answers: Vec<_> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..12)
            .map(|writer| {
                let server = &server;
                scope.spawn(move || server.submit(&server.say(writer, "all at once"), ""))
            })
            .collect();
        clients.into_iter().map(|client| client.join().unwrap()).collect()
    });
    let busy: Vec<_> = answers.iter().filter(|answer| answer.status == 503).collect();
    assert!(!busy.is_empty() && busy.len() < 12, "{answers:?}");
    for answer in busy {
        assert_eq!((answer.code().as_str(), answer.header("retry-after")), ("busy", Some("1")));
    }
}

#[test]
fn a_full_desk_does_no_work_for_what_it_cannot_take() {
    let options = Options { queue_entries_max: 1, batch_entries_max: 1, ..Options::default() };
    let setting = Setting { observers: 2, options, ..Setting::default() };
    let (_root, _full, server) = start_on_disk(setting, Duration::from_millis(1_500));
    let mut forged = server.say(1, "forged");
    if let Some(last) = forged.last_mut() {
        *last ^= 1;
    }
    let answers: Vec<_> = std::thread::scope(|scope| {
        let other = scope.spawn(|| server.submit(&server.say(0, "takes its time"), ""));
        let mut answers = Vec::new();
        while !other.is_finished() {
            answers.push(server.submit(&forged, ""));
            std::thread::sleep(Duration::from_millis(20));
        }
        answers
    });
    let busy = answers.iter().filter(|answer| (answer.status, answer.code().as_str()) == (503, "busy"));
    assert!(busy.count() > 0, "its signature was looked at each time: {answers:?}");
}

#[test]
fn a_server_that_is_stopped_finishes_what_it_took_in() {
    let (_root, _full, mut server) = start_on_disk(Setting::default(), Duration::from_millis(300));
    let statement = server.say(0, "the last one");
    let address = server.address;
    let mut stream = TcpStream::connect(address).unwrap();
    let head = format!(
        "POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nAccept: text/plain\r\nContent-Type: application/cose\r\n\
         Content-Length: {}\r\n\r\n",
        statement.len()
    );
    stream.write_all(&[head.as_bytes(), &statement].concat()).unwrap();
    std::thread::sleep(Duration::from_millis(100));
    server.stop();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let answer = common::Answer::parse(&answer);
    assert_eq!(answer.status, 201, "{answer:?}");
    proof_of(&answer, &statement);
    assert!(TcpStream::connect(address).is_err(), "it takes no more");
}

#[test]
fn a_key_that_expired_by_the_clock_of_the_log_signs_no_more() {
    static NOW: AtomicU64 = AtomicU64::new(1_782_863_999);
    let setting =
        Setting { keys_end: Some("2026-06-30"), clock: || NOW.load(Ordering::Relaxed), ..Setting::default() };
    let (root, server) = start(setting);
    let (last, late) = (server.say(0, "on the last day"), server.say(0, "a second later"));
    assert_eq!(server.submit(&last, "").status, 201, "2026-06-30T23:59:59Z");
    NOW.store(1_782_864_000, Ordering::Relaxed);
    let before = files(root.path());
    let answer = server.submit(&late, "");
    assert_eq!((answer.status, answer.code().as_str()), (403, "key-expired"), "2026-07-01T00:00:00Z");
    assert_eq!(files(root.path()), before, "not a byte");
    assert_eq!(server.submit(&last, "").status, 200, "what was logged stays");
}

#[test]
fn the_limits_of_the_policy_hold_for_each_key() {
    let limits =
        surety_statement::Limits { statements_per_minute: Some(3), statement_bytes_max: Some(2_000) };
    let policy = LogPolicy { witnesses: format!("log {}\nquorum none\n", log_verifier()), limits };
    let (root, server) = start(Setting { policy: Some(policy), ..Setting::default() });
    for number in 0..3 {
        assert_eq!(server.submit(&server.say(0, &format!("statement {number}")), "").status, 201);
    }
    let before = files(root.path());
    let fourth = server.say(0, "one too many");
    let answer = server.submit(&fourth, "");
    assert_eq!((answer.status, answer.code().as_str()), (429, "key-rate"));
    let wait: u64 = answer.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=21).contains(&wait), "three a minute are one in 20 seconds: {wait}");
    let long = server.say(1, &"x".repeat(2_000));
    let answer = server.submit(&long, "");
    assert_eq!((answer.status, answer.code().as_str()), (413, "too-long"));
    assert!(answer.text().contains("2000"), "{answer:?}");
    assert_eq!(files(root.path()), before, "not a byte");
    assert_eq!(server.submit(&server.say(2, "another key"), "").status, 201, "others are not held up");
}

#[test]
fn a_log_that_rests_is_cosigned_anew() {
    static NOW: AtomicU64 = AtomicU64::new(1_000_000);
    const HOUR: u64 = 3600;
    let clock = || NOW.load(Ordering::Relaxed);
    let root = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _runtime = start_witness(&root.path().join("witness"), listener, clock);
    let key = surety_log::Signer::verifier(witness_key().as_ref()).clone();
    let text = format!("log {}\nwitness w {key} http://{address}\nquorum w\n", log_verifier());
    let policy = Policy::parse(text.as_bytes()).unwrap();
    let stores = folders(root.path());
    let wait = Duration::from_secs(5);
    let cosigner = Arc::new(surety_net::server::WitnessCosigner::new(
        Arc::clone(&stores.public),
        wait,
        Arc::new(|_: &dyn std::fmt::Display| ()),
    ));
    cosigner.follow(&text);
    let server = Server::start(stores, Setting { cosigner: Some(cosigner), clock, ..Setting::default() });

    let seen_at = || {
        let checkpoint = server.site.desk().log().settle().unwrap();
        let seen = policy.check(&checkpoint).unwrap();
        assert_eq!(seen.len(), 1, "the new cosignature takes the place of the old one");
        seen[0].time
    };
    assert_eq!(seen_at(), 1_000_000);
    for (hours, last) in [(11, 0), (12, 0), (13, 13), (25, 13), (26, 26)] {
        NOW.store(1_000_000 + hours * HOUR, Ordering::Relaxed);
        server.site.mend_quorum(clock());
        assert_eq!(seen_at(), 1_000_000 + last * HOUR, "after {hours} h");
    }
    assert_eq!(server.site.desk().checkpoint().checkpoint().size(), 4, "nothing was logged for it");
}

/// Witnesses that answer on this machine.
fn start_witness(
    root: &std::path::Path,
    listener: std::net::TcpListener,
    clock: fn() -> u64,
) -> tokio::runtime::Runtime {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let store = Arc::new(FolderStore::writer(root).unwrap());
    let witness = surety_log::witness::Witness::new([log_verifier()], vec![witness_key()], store).unwrap();
    let options = surety_net::witness::Options::new(clock, |_| ());
    let router = surety_net::witness::router(witness, options);
    listener.set_nonblocking(true).unwrap();
    runtime.spawn(async move {
        let listener = tokio::net::TcpListener::from_std(listener).unwrap();
        axum::serve(listener, router).await.unwrap();
    });
    runtime
}

fn witness_key() -> Arc<surety_log::SignerKey> {
    let name = "witness.example/w".parse().unwrap();
    let key = surety_log::SignerKey::from_seed(name, surety_log::SignatureType::Cosignature, &[9; 32]);
    Arc::new(key.unwrap())
}

#[test]
fn the_proof_has_the_witnesses_and_waits_for_them() {
    let root = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let runtime = start_witness(&root.path().join("witness"), listener, common::clock);
    let key = surety_log::Signer::verifier(witness_key().as_ref()).clone();
    let text = format!("log {}\nwitness w {key} http://{address}\nquorum w\n", log_verifier());
    let policy = Policy::parse(text.as_bytes()).unwrap();

    let stores = folders(root.path());
    let report = Arc::new(|_: &dyn std::fmt::Display| ());
    let wait = Duration::from_secs(5);
    let cosigner =
        Arc::new(surety_net::server::WitnessCosigner::new(Arc::clone(&stores.public), wait, report));
    cosigner.follow(&text);
    let setting = Setting { cosigner: Some(cosigner), needs_quorum: true, ..Setting::default() };
    let server = Server::start(stores, setting);

    let statement = server.say(0, "seen by a witness");
    let client = surety_net::submit::Submitter::new(format!("http://{}", server.address).parse().unwrap());
    let submitted = client.submit(&statement).unwrap();
    let logged = submitted.proof.verify(&statement, &policy).unwrap();
    assert_eq!((logged.index, logged.cosigned.len(), submitted.again), (4, 1, false));
    assert!(client.submit(&statement).unwrap().again);
    let error = client.submit(b"junk").unwrap_err().to_string();
    assert!(error.contains("malformed"), "{error}");

    runtime.shutdown_timeout(Duration::from_secs(1));
    let alone = server.say(0, "while the witness is down");
    let answer = server.submit(&alone, "Accept: text/plain\r\n");
    assert_eq!(answer.status, 303, "{answer:?}");
    let place = answer.header("location").unwrap().to_owned();
    let waiting = server.get(&format!("{place}/proof"), "");
    assert_eq!((waiting.status, waiting.header("retry-after")), (302, Some("1")));

    let listener = std::net::TcpListener::bind(address).unwrap();
    let _runtime = start_witness(&root.path().join("witness"), listener, common::clock);
    server.site.mend_quorum(common::clock());
    let started = Instant::now();
    while server.get(&format!("{place}/proof"), "").status == 302
        && started.elapsed() < Duration::from_secs(10)
    {
        std::thread::sleep(Duration::from_millis(20));
    }
    let proof = Proof::parse(&server.get(&format!("{place}/proof"), "").body).unwrap();
    assert_eq!(proof.verify(&alone, &policy).unwrap().cosigned.len(), 1);
}

#[test]
fn a_log_that_another_writer_took_over_takes_nothing_in() {
    let root = tempfile::tempdir().unwrap();
    let stores = folders(root.path());
    let mut server = Server::start(stores.clone(), Setting::default());
    let identity =
        surety_log::Identity::new(common::ORIGIN.parse().unwrap(), vec![common::log_key()]).unwrap();
    let other = surety_log::Log::open(
        stores,
        identity,
        &surety_log::Expected::default(),
        Options::default(),
        common::clock,
    );
    other.unwrap().append(b"by another process".to_vec()).unwrap();

    let (first, second) = (server.say(0, "first"), server.say(1, "second"));
    assert_eq!(server.submit(&first, "").code(), "unavailable");
    let told = server.reports.lock().unwrap().join("\n");
    assert!(told.contains("another process"), "{told}");
    let started = Instant::now();
    while server.submit(&second, "").code() == "busy" && started.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(50));
    }
    for statement in [&first, &second] {
        let answer = server.submit(statement, "");
        assert_eq!((answer.status, answer.code().as_str()), (503, "unavailable"), "it does not go on");
    }
    server.stop();
}

/// The hashes in the tree are sound, and an entry under them is not: who may speak must not follow from it.
#[test]
fn a_log_with_a_damaged_entry_takes_nothing_in() {
    let root = tempfile::tempdir().unwrap();
    let identity =
        surety_log::Identity::new(common::ORIGIN.parse().unwrap(), vec![common::log_key()]).unwrap();
    let mut sequencer = surety_log::Sequencer::create(folders(root.path()), identity.clone(), 0).unwrap();
    sequencer.commit(&common::founding(300).0, 0).unwrap();
    drop(sequencer);
    let bundle = root.path().join("public/tile/entries/000");
    let open = || {
        let stores = folders(root.path());
        let expected = surety_log::Expected::default();
        let (identity, options) = (identity.clone(), Options::default());
        let log = surety_log::Log::open(stores.clone(), identity, &expected, options, common::clock).unwrap();
        Desk::open(log, stores.public, options, NO_LIMIT, common::clock)
    };
    assert!(open().is_ok());
    let mut bytes = std::fs::read(&bundle).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&bundle, bytes).unwrap();
    let refused = open().err().map(|error| error.to_string());
    assert!(refused.as_ref().is_some_and(|error| error.contains("fsck")), "{refused:?}");
}

#[test]
fn a_server_ends_while_its_disk_is_full() {
    let (root, full, server) = start_on_disk(Setting::default(), Duration::ZERO);
    full.store(true, Ordering::SeqCst);
    assert_eq!(server.submit(&server.say(0, "lost"), "").status, 503);
    let (sender, ended) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        drop(server);
        sender.send(()).unwrap();
    });
    ended.recv_timeout(Duration::from_secs(20)).unwrap();
    drop(root);
}

#[test]
fn a_log_that_a_witness_contradicts_takes_nothing_in() {
    let root = tempfile::tempdir().unwrap();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let _runtime = start_witness(&root.path().join("witness"), listener, common::clock);
    let key = surety_log::Signer::verifier(witness_key().as_ref()).clone();
    let policy = format!("log {}\nwitness w {key} http://{address}\nquorum w\n", log_verifier());
    let serve = |name: &str| {
        let stores = folders(&root.path().join(name));
        let report = Arc::new(|_: &dyn std::fmt::Display| ());
        let public = Arc::clone(&stores.public);
        let cosigner = surety_net::server::WitnessCosigner::new(public, Duration::from_secs(5), report);
        cosigner.follow(&policy);
        let setting =
            Setting { cosigner: Some(Arc::new(cosigner)), needs_quorum: true, ..Setting::default() };
        Server::start(stores, setting)
    };
    let first = serve("first");
    for words in ["one", "two"] {
        assert_eq!(first.submit(&first.say(0, words), "").status, 201, "the witness sees it");
    }
    let restored = serve("restored");
    let size = || restored.site.desk().checkpoint().checkpoint().size();
    let before = size();
    let answer = restored.submit(&restored.say(0, "on an old copy"), "");
    assert_eq!((answer.status, answer.code().as_str()), (503, "log-contradicted"), "{answer:?}");
    assert!(answer.text().contains(&address.to_string()), "it says which witness: {answer:?}");
    assert_eq!(size(), before, "nothing was logged");
}
