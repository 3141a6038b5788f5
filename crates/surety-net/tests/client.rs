//! A log is read the same from a folder and from a web server, and no server can harm who reads.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod parties;

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::routing::get;
use parties::{Servers, TestLog, log_key};
use surety_log::{Reader, Signer as _, Store as _, StoreError, fsck};
use surety_net::client::{Location, WebStore};

fn web(url: &str) -> WebStore {
    WebStore::new(url.parse().unwrap())
}

#[test]
fn a_served_log_is_read_and_checked_like_a_folder() {
    let (servers, log) = (Servers::new(), TestLog::of("a", 300));
    let url = servers.serve_folder(&log.public());
    let location: Location = format!("{url}/").parse().unwrap();
    let store = location.open().unwrap();
    let mut entries = 0;
    let sound = fsck::check(store.as_ref(), &[log_key().verifier().clone()], |_, _| entries += 1).unwrap();
    assert_eq!((sound.checkpoint.to_string(), entries), (log.checkpoint().to_string(), 300));
    let reader = Reader::new(store.as_ref());
    assert_eq!(reader.entry(299, &log.checkpoint()).unwrap(), b"a 299");
    assert!(reader.prove_consistency(7, &log.checkpoint()).is_ok());
}

#[test]
fn a_partial_tile_that_has_grown_is_read_from_the_full_one() {
    let (servers, mut log) = (Servers::new(), TestLog::of("a", 200));
    let old = log.checkpoint();
    log.grow("a", 300);
    let store = web(&servers.serve_folder(&log.public()));
    assert_eq!(Reader::new(&store).entry(150, &old).unwrap(), b"a 150");
}

#[test]
fn no_more_is_read_than_was_asked_for() {
    let servers = Servers::new();
    let endless = || async { "x".repeat(1_000_000) };
    let store = web(&servers.serve(Router::new().route("/checkpoint", get(endless))));
    assert!(matches!(store.get("checkpoint", 999_999), Err(StoreError::TooLong { .. })));
    assert_eq!(store.get("checkpoint", 1_000_000).unwrap().unwrap().len(), 1_000_000);
    assert_eq!(store.get("other", 9).unwrap(), None);
    for bad in ["a b", "a?b", "a#b", "é", "a%2e"] {
        assert!(matches!(store.get(bad, 9), Err(StoreError::Key(_))), "{bad}");
    }
}

#[test]
fn a_redirect_is_told_and_not_followed() {
    let servers = Servers::new();
    let asked = Arc::new(AtomicU32::new(0));
    let count = Arc::clone(&asked);
    let other = servers.serve(Router::new().fallback(move || async move {
        count.fetch_add(1, Ordering::Relaxed);
        "somebody else's"
    }));
    let to = format!("{other}/checkpoint");
    let url = servers.serve(Router::new().fallback(move || async move { Redirect::permanent(&to) }));
    let error = web(&url).get("checkpoint", 99).unwrap_err().to_string();
    assert!(error.contains(&other) && error.contains("give that address instead"), "{error}");
    assert_eq!(asked.load(Ordering::Relaxed), 0);
}

#[test]
fn a_server_that_fails_now_and_then_is_asked_again_and_not_for_ever() {
    let servers = Servers::new();
    let asked = Arc::new(AtomicU32::new(0));
    let failing = |until: u32, status: StatusCode| {
        let asked = Arc::clone(&asked);
        asked.store(0, Ordering::Relaxed);
        servers.serve(Router::new().fallback(move || async move {
            let number = asked.fetch_add(1, Ordering::Relaxed);
            if number < until { status.into_response() } else { "here".into_response() }
        }))
    };
    let url = failing(2, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(web(&url).get("checkpoint", 9).unwrap().as_deref(), Some(&b"here"[..]));
    let url = failing(99, StatusCode::BAD_GATEWAY);
    let error = web(&url).get("checkpoint", 9).unwrap_err().to_string();
    assert!(error.contains("502") && error.contains(&url), "{error}");
    assert_eq!(asked.load(Ordering::Relaxed), 3);
    let url = failing(99, StatusCode::FORBIDDEN);
    assert!(web(&url).get("checkpoint", 9).unwrap_err().to_string().contains("403"));
    assert_eq!(asked.load(Ordering::Relaxed), 1, "a refusal is an answer");
}

#[test]
fn a_file_that_is_cut_off_on_the_way_is_an_error() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 1024]);
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly this");
        }
    });
    assert!(matches!(web(&url).get("checkpoint", 999), Err(StoreError::Io { .. })));
}

#[test]
fn nobody_there_is_an_error_that_names_the_address() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let error = web(&format!("http://{free}/log")).get("checkpoint", 9).unwrap_err().to_string();
    assert!(error.contains(&format!("http://{free}/log/checkpoint")), "{error}");
}

#[test]
fn nothing_is_written_over_the_web() {
    let store = web("http://127.0.0.1:9");
    let object = ("checkpoint".to_owned(), Vec::new());
    assert!(matches!(store.put(&[object]), Err(StoreError::ReadOnly { .. })));
    assert!(matches!(store.swap("head", None, b""), Err(StoreError::ReadOnly { .. })));
    assert!(matches!(store.remove_under("tile/"), Err(StoreError::ReadOnly { .. })));
}

#[test]
fn compressed_answers_are_not_unpacked() {
    let servers = Servers::new();
    let bomb = || async {
        Response::from(([(header::CONTENT_ENCODING, "gzip")], "not what it says").into_response())
    };
    let store = web(&servers.serve(Router::new().fallback(bomb)));
    assert_eq!(store.get("checkpoint", 99).unwrap().as_deref(), Some(&b"not what it says"[..]));
}
