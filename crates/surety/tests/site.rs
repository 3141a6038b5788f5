//! `surety serve` and `surety export site`, as they are typed.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use surety_log::{Policy, Proof, VerifierKey};

/// A server, and where it is; it ends with the test.
struct Served {
    child: Child,
    address: String,
}

impl Served {
    /// What it remembers is not for the machine of whoever runs this: it goes to `home`.
    fn start(home: &Path, args: &[&str]) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_surety"))
            .args(["serve", "--listen", "127.0.0.1:0"])
            .args(args)
            .env("SURETY_PASSPHRASE", PASSPHRASE)
            .env("XDG_CACHE_HOME", home)
            .env("XDG_STATE_HOME", home)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let address = line.split("http://").nth(1).unwrap().split(". Stop").next().unwrap().to_owned();
        Self { child, address }
    }

    /// The head and the body of an answer.
    fn get(&self, path: &str) -> (String, Vec<u8>) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream
            .write_all(format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").as_bytes())
            .unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        let end = answer.windows(4).position(|four| four == b"\r\n\r\n").unwrap();
        (String::from_utf8(answer[..end].to_vec()).unwrap(), answer[end + 4..].to_vec())
    }

    fn text(&self, path: &str) -> String {
        let (head, body) = self.get(path);
        assert!(head.starts_with("HTTP/1.1 200"), "{path}: {head}");
        String::from_utf8(body).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

const PASSPHRASE: &str = "only for this test";

#[test]
fn a_log_is_served_beside_the_pages_that_it_tells() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("log").display().to_string();
    let made = Command::new(env!("CARGO_BIN_EXE_surety"))
        .args(["log", "init", &log, "--origin", "log.example/site", "--without-dataset"])
        .env("SURETY_PASSPHRASE", PASSPHRASE)
        .env("XDG_STATE_HOME", folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let key = std::fs::read_to_string(folder.path().join("log/log.vkey")).unwrap();
    let policy = Policy::log_only(key.trim().parse::<VerifierKey>().unwrap());

    let read_only = Served::start(folder.path(), &["--log", &log]);
    let checkpoint = read_only.text("/checkpoint");
    assert!(checkpoint.starts_with("log.example/site\n3\n"), "{checkpoint}");
    let page = read_only.text("/log");
    assert!(page.contains("log.example/site\n3\n") && page.contains("/entry/2.tlog-proof"), "{page}");
    for place in 0..3 {
        let proof = Proof::parse(read_only.text(&format!("/entry/{place}.tlog-proof")).as_bytes()).unwrap();
        let (_, entry) = read_only.get(&format!("/entry/{place}.cose"));
        assert_eq!(proof.verify(&entry, &policy).unwrap().index, place);
    }
    assert!(read_only.get("/tile/0/000.p/3").0.starts_with("HTTP/1.1 200"));
    assert!(read_only.get("/api/v1/entries/0").0.starts_with("HTTP/1.1 404"));
    drop(read_only);

    let open = Served::start(folder.path(), &["--log", &log, "--submit"]);
    assert_eq!(open.text("/checkpoint"), checkpoint);
    assert!(open.text("/api/v1/entries/0/status").contains("\"index\""));
    assert!(open.text("/state/JPN").contains("<h1>Japan</h1>"));
}

#[test]
fn serve_prints_its_address_answers_and_stops_when_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Served::start(folder.path(), &["--as-of", "2024-01-01"]);
    assert!(server.text("/state/JPN").contains("<h1>Japan</h1>"));
    let stopped = Command::new("kill").arg(server.child.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn what_stands_in_the_way_is_named() {
    let run = |args: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_surety")).args(args).output().unwrap();
        (output.status.code(), String::from_utf8_lossy(&output.stderr).into_owned(), output.stdout.len())
    };
    let full = env!("CARGO_MANIFEST_DIR");
    let (code, error, printed) = run(&["export", "site", full]);
    assert_eq!((code, printed), (Some(2), 0));
    assert!(error.contains("is not empty: name a new folder"), "{error}");
    let (code, error, printed) = run(&["serve", "--listen", "nowhere"]);
    assert_eq!((code, printed), (Some(2), 0));
    assert!(error.contains("cannot listen on nowhere"), "{error}");
}
