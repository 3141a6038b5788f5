//! A log and its witnesses over real sockets: who signs what, and what no attack gets signed.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod parties;

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use axum::routing::post;
use parties::{Party, Servers, TestLog, log_key, policy, policy_text};
use surety_log::witness::AddCheckpoint;
use surety_log::{Policy, PolicyError, Reader, SignatureType, SignedCheckpoint, Signer as _};
use surety_net::witness::{AskError, Asked, Witnesses};
use ureq::Agent;

fn agent() -> Agent {
    Agent::config_builder().http_status_as_error(false).build().new_agent()
}

/// Status, content type and body of an answer.
fn ask(url: &str, body: &[u8]) -> (u16, String, String) {
    let mut response = agent().post(format!("{url}/add-checkpoint")).send(body).unwrap();
    let content_type = response.headers().get("content-type").map(|value| value.to_str().unwrap().to_owned());
    let body = response.body_mut().read_to_string().unwrap();
    (response.status().as_u16(), content_type.unwrap_or_default(), body)
}

fn request(log: &TestLog, old_size: u64) -> String {
    let (store, signed) = (log.store(), log.checkpoint());
    let (_, proof) = Reader::new(&store).root_at(old_size, &signed).unwrap();
    AddCheckpoint { old_size, proof, checkpoint: signed }.to_body()
}

fn cosign(witnesses: &Witnesses, log: &TestLog) -> Asked {
    witnesses.cosign(&log.store(), &log.checkpoint())
}

#[test]
fn every_answer_is_that_of_the_specification() {
    let (servers, party) = (Servers::new(), Party::new("w", 7));
    let url = servers.witness(&party);
    let mut log = TestLog::of("a", 5);
    let fork = TestLog::of("b", 5);
    let larger_fork = TestLog::of("b", 9);
    assert_eq!(ask(&url, request(&log, 5).as_bytes()).0, 409, "the witness starts at zero");

    let (status, content_type, lines) = ask(&url, request(&log, 0).as_bytes());
    assert_eq!((status, content_type.as_str()), (200, "text/plain; charset=utf-8"));
    let mut signed = log.checkpoint();
    let keys = party.verifiers();
    assert_eq!(signed.add_cosignatures(&lines, &keys.iter().collect::<Vec<_>>()), Ok(2), "one of each type");

    let conflict = (409, "text/x.tlog.size".to_owned(), "5\n".to_owned());
    assert_eq!(ask(&url, request(&log, 0).as_bytes()), conflict, "a replayed request");
    assert_eq!(ask(&url, request(&fork, 5).as_bytes()), conflict, "a fork of the same size");
    assert_eq!(ask(&url, request(&larger_fork, 5).as_bytes()).0, 422, "a fork that has grown");
    assert_eq!(ask(&url, request(&log, 5).as_bytes()).0, 200, "the same again");
    let replayed = request(&log, 0);
    log.grow("a", 8);
    assert_eq!(ask(&url, request(&log, 5).as_bytes()).0, 200);
    assert_eq!(ask(&url, replayed.as_bytes()).0, 409, "an old checkpoint");
    let rollback = replayed.replacen("old 0", "old 8", 1);
    assert_eq!(ask(&url, rollback.as_bytes()).0, 400, "the old size is beyond the checkpoint");

    let unsigned = request(&log, 8).replace("\u{2014} log.example/surety ", "\u{2014} log.example/other ");
    assert_eq!(ask(&url, unsigned.as_bytes()).0, 403);
    let unknown = request(&log, 8).replace("log.example/surety\n8", "log.example/other\n8");
    assert_eq!(ask(&url, unknown.as_bytes()).0, 404);
    assert_eq!(ask(&url, b"junk").0, 400);
    assert_eq!(ask(&url, &[0xff; 64]).0, 400);
    assert_eq!(ask(&url, &vec![b'x'; 1 << 20]).0, 413);
    assert_eq!(agent().get(format!("{url}/add-checkpoint")).call().unwrap().status(), 405);

    let mut about = agent().get(&url).call().unwrap();
    let about = about.body_mut().read_to_string().unwrap();
    let lines: Vec<&str> = about.lines().collect();
    assert_eq!(lines[..2], party.verifiers().iter().map(ToString::to_string).collect::<Vec<_>>());
    let last = lines[2].strip_prefix("log log.example/surety ").unwrap();
    let mut last = agent().get(format!("{url}/{last}/checkpoint")).call().unwrap();
    assert_eq!(last.body_mut().read_to_string().unwrap(), log.checkpoint().to_string());
}

#[test]
fn a_clock_that_goes_back_signs_nothing_and_tells_strangers_nothing() {
    let (servers, party) = (Servers::new(), Party::new("w", 7));
    let url = servers.witness(&party);
    let log = TestLog::of("a", 5);
    assert_eq!(ask(&url, request(&log, 0).as_bytes()).0, 200);
    party.clock.store(999, Ordering::Relaxed);
    let (status, _, text) = ask(&url, request(&log, 5).as_bytes());
    assert_eq!((status, text.contains("999")), (500, false), "{text}");
    party.clock.store(1_000, Ordering::Relaxed);
    assert_eq!(ask(&url, request(&log, 5).as_bytes()).0, 200);
}

#[test]
fn a_checkpoint_counts_with_its_quorum_and_not_before() {
    let servers = Servers::new();
    let parties = [Party::new("a1", 1), Party::new("b1", 2), Party::new("c1", 3), Party::new("c2", 4)];
    let [a1, b1, c1, c2] = &parties;
    let urls: Vec<String> = parties[..3].iter().map(|party| servers.witness(party)).collect();
    let nobody = "http://127.0.0.1:9";
    let policy = policy(&[&[(a1, &urls[0])], &[(b1, &urls[1])], &[(c1, &urls[2]), (c2, nobody)]]);
    let witnesses = Witnesses::new(policy.clone()).unwrap();
    let mut log = TestLog::of("a", 5);
    assert!(policy.check(&log.checkpoint()).is_err());
    for size in [5, 6, 300] {
        log.grow("a", size);
        let asked = cosign(&witnesses, &log);
        let names: Vec<String> = asked.quorum.unwrap().into_iter().map(|one| one.witness).collect();
        assert_eq!(names, ["a1", "b1", "c1"]);
        assert_eq!(asked.failures.len(), 1, "{:?}", asked.failures);
        assert_eq!(asked.failures[0].0.as_str(), nobody);
        log.publish(asked.checkpoint);
        assert!(policy.check(&parties::published(&log.public())).is_ok());
    }
    // Another process of the same log knows nothing of what was cosigned, and learns it.
    log.grow("a", 301);
    assert!(cosign(&Witnesses::new(policy).unwrap(), &log).quorum.is_ok());
}

#[test]
fn no_side_of_a_split_view_reaches_a_quorum_of_three_regions() {
    let servers = Servers::new();
    let parties: Vec<Party> =
        ["a", "b", "c"].iter().zip(1..).map(|(name, seed)| Party::new(name, seed)).collect();
    let urls: Vec<String> = parties.iter().map(|party| servers.witness(party)).collect();
    let at = |index: usize, up: bool| {
        (&parties[index], if up { urls[index].as_str() } else { "http://127.0.0.1:9" })
    };
    // The log shows one history to the first two regions, and another to the third.
    let (one, other) = (TestLog::of("one", 5), TestLog::of("other", 5));
    let to_two = Witnesses::new(policy(&[&[at(0, true)], &[at(1, true)], &[at(2, false)]])).unwrap();
    let to_third = Witnesses::new(policy(&[&[at(0, false)], &[at(1, false)], &[at(2, true)]])).unwrap();
    let to_all = Witnesses::new(policy(&[&[at(0, true)], &[at(1, true)], &[at(2, true)]])).unwrap();
    for (witnesses, log, cosigned) in [(&to_two, &one, 2), (&to_third, &other, 1)] {
        match cosign(witnesses, log).quorum {
            Err(PolicyError::NoQuorum { cosigned: found }) => assert_eq!(found.len(), cosigned),
            other => panic!("{other:?}"),
        }
    }
    // Whatever it tries from now on, each history lacks a region.
    for log in [&one, &other] {
        for _ in 0..2 {
            let asked = cosign(&to_all, log);
            assert!(asked.quorum.is_err());
            assert!(asked.failures.iter().any(|(_, error)| matches!(error, AskError::Forked { size: 5 })));
        }
    }
    // Nor can it put together what the two sides signed.
    let mut mixed = cosign(&to_all, &one).checkpoint;
    let theirs = cosign(&to_all, &other).checkpoint;
    let text = theirs.to_string();
    let (_, lines) = text.rsplit_once("\n\n").unwrap();
    let keys: Vec<_> = parties.iter().flat_map(Party::verifiers).collect();
    assert!(mixed.add_cosignatures(lines, &keys.iter().collect::<Vec<_>>()).is_err());
}

#[test]
fn a_log_that_was_rolled_back_learns_it_from_its_witness() {
    let (servers, party) = (Servers::new(), Party::new("w", 7));
    let url = servers.witness(&party);
    let policy = policy(&[&[(&party, &url)]]);
    assert!(cosign(&Witnesses::new(policy.clone()).unwrap(), &TestLog::of("a", 9)).quorum.is_ok());
    let asked = cosign(&Witnesses::new(policy.clone()).unwrap(), &TestLog::of("a", 5));
    assert!(matches!(asked.failures[0].1, AskError::Ahead { cosigned: 9, size: 5 }), "{:?}", asked.failures);
    let asked = cosign(&Witnesses::new(policy.clone()).unwrap(), &TestLog::of("b", 12));
    assert!(asked.failures[0].1.to_string().contains("did not only grow"), "{:?}", asked.failures);
    let asked = cosign(&Witnesses::new(policy).unwrap(), &TestLog::of("b", 9));
    assert!(matches!(asked.failures[0].1, AskError::Forked { size: 9 }), "{:?}", asked.failures);
}

#[test]
fn what_a_false_witness_sends_does_not_count() {
    let (servers, party) = (Servers::new(), Party::new("w", 7));
    let log = TestLog::of("a", 5);
    let stranger = parties::key("stranger.example", SignatureType::Cosignature, 99);
    let others = TestLog::of("b", 5).checkpoint();
    let lines = |signer: &surety_log::SignerKey, signed: &SignedCheckpoint| {
        let mut note = surety_log::Note::new(signed.note().text().to_owned()).unwrap();
        note.sign(signer, 5).unwrap();
        note.to_string().rsplit_once("\n\n").unwrap().1.to_owned()
    };
    for (status, body, says) in [
        (200, "junk".to_owned(), "does not count"),
        (200, String::new(), "none of the signatures"),
        (200, lines(&stranger, &log.checkpoint()), "none of the signatures"),
        (200, lines(&party.keys()[0], &others), "does not count"),
        (200, "x".repeat(1 << 20), "does not count"),
        (409, "5\n".to_owned(), "another size each time"),
        (409, "99\n".to_owned(), "it has cosigned 99 entries"),
        (409, "05\n".to_owned(), "refuses with status 409"),
        (409, "five\u{1b}[31m".to_owned(), "refuses with status 409: five [31m"),
        (404, "who?".to_owned(), "refuses with status 404: who?"),
        (302, String::new(), "status 302"),
    ] {
        let asked_sizes = Arc::new(AtomicU32::new(0));
        let sent = body.clone();
        let answer = move || {
            let number = asked_sizes.fetch_add(1, Ordering::Relaxed);
            // A restless witness names 5, then 4, then 5 …
            let sent = if sent == "5\n" && number % 2 == 1 { "4\n".to_owned() } else { sent.clone() };
            async move { (StatusCode::from_u16(status).unwrap(), sent).into_response() }
        };
        let url = servers.serve(Router::new().route("/add-checkpoint", post(answer)));
        let witnesses = Witnesses::new(policy(&[&[(&party, &url)]])).unwrap();
        let asked = cosign(&witnesses, &log);
        assert!(asked.quorum.is_err());
        let said = asked.failures[0].1.to_string();
        assert!(said.contains(says), "{status} {:?}: {said}", body.chars().take(30).collect::<String>());
    }
}

#[test]
fn a_witness_with_two_keys_is_asked_once_for_both() {
    let (servers, party) = (Servers::new(), Party::new("w", 7));
    let url = servers.witness(&party);
    let keys = party.verifiers();
    let text = format!(
        "log {}\nwitness now {} {url}\nwitness later {} {url}/\ngroup both all now later\nquorum both\n",
        log_key().verifier(),
        keys[0],
        keys[1]
    );
    let witnesses = Witnesses::new(Policy::parse(text.as_bytes()).unwrap()).unwrap();
    assert_eq!(witnesses.count(), 1);
    assert_eq!(cosign(&witnesses, &TestLog::of("a", 5)).quorum.unwrap().len(), 2);
}

#[test]
fn a_policy_whose_witness_has_no_web_address_is_refused() {
    let party = Party::new("w", 7);
    let text = policy_text(&[&[(&party, "ftp://w.example")]]);
    assert!(Witnesses::new(Policy::parse(text.as_bytes()).unwrap()).is_err());
}
