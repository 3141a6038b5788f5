//! `surety serve` and `surety export site`, as they are typed.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn serve_prints_its_address_answers_and_stops_when_asked() {
    let mut server = Command::new(env!("CARGO_BIN_EXE_surety"))
        .args(["serve", "--listen", "127.0.0.1:0", "--as-of", "2024-01-01"])
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(server.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    let address = line.split("http://").nth(1).unwrap().split(". Stop").next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(b"GET /state/JPN HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
    let mut page = String::new();
    stream.read_to_string(&mut page).unwrap();
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("<h1>Japan</h1>"), "{page}");
    let stopped = Command::new("kill").arg(server.id().to_string()).status().unwrap();
    assert!(stopped.success());
    assert!(server.wait().unwrap().success());
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
