//! A submitter and a log that cheats: what it answers counts only if it proves that it has this statement.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod parties;

use axum::Router;
use axum::http::StatusCode;
use axum::routing::{get, post};
use parties::{Servers, TestLog};
use surety_log::{Reader, tree::leaf_hash};
use surety_net::server::ENTRIES_PATH;
use surety_net::submit::{SubmitError, Submitter};

/// A log that says to every statement that it is entry `index`.
fn log_that_answers(servers: &Servers, log: &TestLog, index: u64) -> Submitter {
    let proof = Reader::new(&log.store()).prove(index, &log.checkpoint()).unwrap().to_string();
    let place = format!("{ENTRIES_PATH}/{}", leaf_hash(b"any"));
    let receipt = format!("{place}/receipt");
    let router = Router::new()
        .route(ENTRIES_PATH, post(move || async move { (StatusCode::CREATED, [("location", place)], proof) }))
        .route(&receipt, get(|| async { "a receipt" }));
    Submitter::new(servers.serve(router).parse().unwrap())
}

#[test]
fn the_proof_of_another_statement_is_no_answer() {
    let (servers, log) = (Servers::new(), TestLog::of("a", 3));
    let submitter = log_that_answers(&servers, &log, 1);
    assert_eq!(submitter.submit(b"a 1").unwrap().proof.index(), 1);
    for statement in [&b"a 0"[..], b"a 2", b"never logged", b""] {
        let refused = submitter.submit(statement);
        assert!(matches!(refused, Err(SubmitError::Proof(_))), "{refused:?}");
    }
}
