//! Who may speak in a log: what is done on the left, what follows on the right.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{
    Log, OFFICERS, about, accession, admission, code, commitment, id, key, key_of, payload, root, state,
};
use surety_core::Level;
use surety_law::Instrument;
use surety_statement::{
    AdmittedKey, Algorithm, Attachment, Body, Content, Digest, Draft, Entitlement, Envelope, Exhibit,
    IssuerKind, KeyRotation, Kind, Limits, LogPolicy, OPEN_DECISIONS_MAX, Payload, Place, ProvenClaim,
    Refusal, Registry, ReviewFinding, Revocation, SignedStatement, StatementSigner, Subject,
};

fn revoke(issuer: &str, keys: Vec<Digest>) -> Content {
    Content::Revocation(Revocation { issuer: id(issuer), keys, reason: "the device was lost".to_owned() })
}

#[test]
fn the_first_entry_is_the_root_and_nothing_else() {
    let mut log = Log::default();
    assert_eq!(code(log.say("observer", about("XAA"), accession(Instrument::Npt))), "no-root");
    assert_eq!(code(log.say("outsider", Subject::Policy, Content::Root(root(2, &OFFICERS)))), "no-root");
    let signed = log.sign("root/b", payload(Subject::Policy, Content::Root(root(2, &OFFICERS))));
    let checked = log.registry.check(signed.bytes()).unwrap();
    assert_eq!(code(log.registry.clone().accept(checked, 3)), "no-root", "it is entry 0");
    log.log(signed.bytes()).unwrap();
    assert_eq!(log.registry.root().unwrap().digest, Digest::of(signed.bytes()));
    assert_eq!(log.registry.size(), 1);
}

#[test]
fn a_root_whose_signature_is_by_another_key_is_refused() {
    let log = Log::default();
    let draft =
        Draft { issuer: id("root/a"), payload: payload(Subject::Policy, Content::Root(root(1, &OFFICERS))) };
    let forged = SignedStatement::sign(&draft, &key("root/b")).unwrap();
    assert_eq!(code(log.registry.check(forged.bytes())), "bad-signature");
}

#[test]
fn a_decision_counts_from_the_entry_at_which_enough_officers_stand_behind_it() {
    let mut log = Log::with_root(2);
    let admit = Content::Issuer(admission("observer", IssuerKind::Observer, None));
    let proposed = log.decide(admit).unwrap();
    assert!(proposed.decided.is_none());
    assert_eq!(log.registry.open_decisions().count(), 1);
    assert_eq!(code(log.say("observer", about("XAA"), commitment("reduce"))), "unknown-issuer");
    assert_eq!(
        code(log.endorse("root/a", proposed.reference())),
        "bad-policy",
        "it stands behind it already"
    );

    let mut other = proposed.reference();
    other.sha256 = Digest::of(b"another");
    assert_eq!(code(log.endorse("root/b", other)), "bad-reference");

    let endorsed = log.endorse("root/b", proposed.reference()).unwrap();
    assert_eq!(endorsed.decided.unwrap().kind(), Kind::Issuer);
    assert_eq!(log.registry.open_decisions().count(), 0);
    assert_eq!(log.registry.issuer(&id("observer")).unwrap().since, endorsed.index);
    log.say("observer", about("XAA"), commitment("reduce")).unwrap();
    assert_eq!(code(log.endorse("root/c", proposed.reference())), "bad-reference", "it is decided");
}

#[test]
fn an_officer_cannot_fill_the_table_and_a_new_root_clears_it() {
    let mut log = Log::with_root(2);
    for at in 0..=OPEN_DECISIONS_MAX {
        log.decide(Content::Issuer(admission(&format!("i{at}"), IssuerKind::Observer, None))).unwrap();
    }
    assert_eq!(log.registry.open_decisions().count(), OPEN_DECISIONS_MAX);
    let first = log.registry.open_decisions().next().unwrap().0.number;
    assert_eq!(first, 3, "the oldest gave way");

    let replaced = log.say("root/b", Subject::Policy, Content::Root(root(1, &["root/a", "root/d"]))).unwrap();
    let founding = log.registry.root().unwrap().digest;
    log.endorse("root/a", replaced.reference()).unwrap();
    assert_eq!(log.registry.open_decisions().count(), 0);
    assert_eq!(log.registry.root().unwrap().keys, root(1, &["root/a", "root/d"]));
    assert_eq!(log.registry.root().unwrap().digest, founding, "what readers pin stays");
    log.say("root/d", Subject::Policy, Content::Issuer(admission("x", IssuerKind::Observer, None))).unwrap();
    assert_eq!(code(log.decide(Content::Root(root(1, &["x"])))), "bad-policy", "an issuer is no officer");
    let mut borrowed = admission("y", IssuerKind::Observer, None);
    borrowed.keys = vec![AdmittedKey { key: key("x").key().clone(), not_after: None }];
    assert_eq!(code(log.decide(Content::Issuer(borrowed))), "bad-policy", "a key belongs to one issuer");
    let officer = Content::Issuer(admission("root/d", IssuerKind::Observer, None));
    assert_eq!(code(log.decide(officer)), "bad-policy");
    let content = Content::Issuer(admission("z", IssuerKind::Observer, None));
    assert_eq!(code(log.say("root/c", Subject::Policy, content)), "unknown-issuer", "an officer no longer");
}

#[test]
fn a_gap_a_fork_and_a_repetition_show() {
    let mut log = Log::new();
    let first = log.say("xaa", about("XAA"), commitment("first")).unwrap();
    let second = log.sign("xaa", payload(about("XAA"), commitment("second")));
    assert_eq!(log.log(second.bytes()).unwrap().payload.number, 2);
    assert_eq!(code(log.log(second.bytes())), "already-logged");

    let signed = |place: Place| {
        let payload = Payload {
            number: place.number,
            previous: place.previous,
            ..payload(about("XAA"), commitment("third"))
        };
        SignedStatement::sign(&Draft { issuer: id("xaa"), payload }, &key("xaa")).unwrap()
    };
    let last = log.registry.next_place(&id("xaa")).previous;
    assert_eq!(code(log.log(signed(Place { number: 4, previous: last }).bytes())), "wrong-number");
    assert_eq!(
        code(log.log(signed(Place { number: 2, previous: Some(first.digest) }).bytes())),
        "wrong-number"
    );
    assert_eq!(
        code(log.log(signed(Place { number: 3, previous: Some(first.digest) }).bytes())),
        "wrong-previous"
    );
    log.log(signed(Place { number: 3, previous: last }).bytes()).unwrap();
    assert_eq!(log.registry.count(&id("xaa")), 3);
}

#[test]
fn a_log_only_grows() {
    let log = Log::new();
    let next = log.sign("xaa", payload(about("XAA"), commitment("next")));
    for index in [0, log.registry.size() - 1] {
        let mut registry = log.registry.clone();
        let checked = registry.check(next.bytes()).unwrap();
        assert_eq!(code(registry.accept(checked, index)), "bad-policy", "entry {index} is taken");
        assert_eq!(registry, log.registry, "what is refused changes nothing");
    }
}

#[test]
fn a_label_is_given_once_and_again_only_to_correct() {
    let mut log = Log::new();
    let labelled =
        |text: &str| Payload { id: Some("C1".to_owned()), ..payload(about("XAA"), commitment(text)) };
    let first = log.put("xaa", labelled("reduce by 10 kg")).unwrap();
    assert_eq!(code(log.put("xaa", labelled("reduce by 1 kg"))), "label-taken");
    let corrects = Some(first.reference());
    log.put("xaa", Payload { corrects, ..labelled("reduce by 100 kg") }).unwrap();
    log.put("observer", labelled("of its own")).unwrap();
}

#[test]
fn references_lead_to_what_is_there() {
    let mut log = Log::new();
    let own = log.say("xaa", about("XAA"), commitment("reduce")).unwrap().reference();
    let others = log.say("observer", about("XAA"), commitment("reduce")).unwrap().reference();
    let withdrawal = |reference| Payload {
        refers_to: Some(reference),
        ..payload(about("XAA"), Content::Fact(Body::Withdrawal { reason: "an error".to_owned() }))
    };
    let comment = |reference| Payload {
        refers_to: Some(reference),
        ..payload(about("XAA"), Content::Fact(Body::Comment { text: "we did".to_owned() }))
    };
    assert_eq!(code(log.put("xaa", withdrawal(others.clone()))), "bad-reference", "another's");
    let mut later = own.clone();
    later.number = 9;
    assert_eq!(code(log.put("xaa", withdrawal(later.clone()))), "bad-reference", "not there yet");
    assert_eq!(code(log.put("xaa", comment(later))), "bad-reference");
    let corrects = Some(others.clone());
    let correction = Payload { corrects, ..payload(about("XAA"), commitment("reduce more")) };
    assert_eq!(code(log.put("xaa", correction)), "bad-reference", "another's");
    log.put("xaa", comment(others.clone())).unwrap();
    log.put("xaa", withdrawal(own)).unwrap();
    assert_eq!(code(log.put("observer", comment(others))), "may-not-say");
}

#[test]
fn after_a_revocation_nothing_new_counts_and_what_was_logged_stays() {
    let mut log = Log::new();
    log.say("xaa", about("XAA"), commitment("before")).unwrap();
    let in_flight = log.sign("xaa", payload(about("XAA"), commitment("in flight")));
    let checked = log.registry.check(in_flight.bytes()).unwrap();
    log.decide(revoke("xaa", Vec::new())).unwrap();
    let index = log.registry.size();
    assert_eq!(code(log.registry.accept(checked, index)), "key-ended", "checked before, accepted after");
    assert_eq!(code(log.say("xaa", about("XAA"), commitment("after"))), "key-ended");
    assert_eq!(log.registry.count(&id("xaa")), 1);

    let again = Content::Issuer(admission("xaa", IssuerKind::StateAuthority, Some("XAA")));
    assert_eq!(code(log.decide(again)), "bad-policy", "a revoked key does not come back");
    let mut renewed = admission("xaa", IssuerKind::StateAuthority, Some("XAA"));
    renewed.keys = vec![AdmittedKey { key: key("xaa/2").key().clone(), not_after: None }];
    log.decide(Content::Issuer(renewed)).unwrap();
    assert_eq!(log.refolded().size(), log.registry.size(), "the log as a whole still folds");
}

#[test]
fn an_issuer_can_end_its_own_key_and_nobody_elses() {
    let mut log = Log::new();
    assert_eq!(code(log.say("xaa", Subject::Policy, revoke("observer", Vec::new()))), "may-not-say");
    let ended = log.say("xaa", Subject::Policy, revoke("xaa", Vec::new())).unwrap();
    assert_eq!(ended.decided.unwrap().kind(), Kind::Revocation);
    assert_eq!(code(log.say("xaa", about("XAA"), commitment("after"))), "key-ended");
    log.say("observer", about("XAA"), commitment("goes on")).unwrap();
}

#[test]
fn keys_are_rotated_and_the_old_one_ends() {
    let mut log = Log::new();
    let (old, new) = (key("xaa"), key_of(Algorithm::MlDsa44, "xaa/2"));
    let rotation = |retire| {
        Content::KeyRotation(KeyRotation {
            issuer: id("xaa"),
            add: vec![AdmittedKey { key: new.key().clone(), not_after: None }],
            retire,
        })
    };
    assert_eq!(code(log.decide(rotation(vec![Digest::of(b"no key")]))), "unknown-key");
    log.decide(rotation(vec![old.key().thumbprint()])).unwrap();
    assert_eq!(code(log.say("xaa", about("XAA"), commitment("old key"))), "key-ended");
    let draft = Draft { issuer: id("xaa"), payload: payload(about("XAA"), commitment("new key")) };
    let signed = SignedStatement::sign(&draft, &new).unwrap();
    log.log(signed.bytes()).unwrap();
    let record = log.registry.issuer(&id("xaa")).unwrap();
    assert_eq!(record.active_keys().count(), 1);
    assert_eq!(record.keys[1].from, record.keys[0].ended.as_ref().unwrap().entry + 1);
}

#[test]
fn an_expired_key_is_told_by_the_time_of_others() {
    let mut log = Log::new();
    let mut lasting = admission("xab", IssuerKind::StateAuthority, Some("XAB"));
    lasting.keys[0].not_after = Some(surety_core::parse_day("2026-06-30").unwrap());
    log.decide(Content::Issuer(lasting)).unwrap();
    let signed = log.sign("xab", payload(about("XAB"), commitment("reduce")));
    let checked = log.registry.check(signed.bytes()).unwrap();
    assert!(checked.check_time(1_782_863_999).is_ok(), "2026-06-30T23:59:59Z");
    assert_eq!(code(checked.check_time(1_782_864_000)), "key-expired", "2026-07-01T00:00:00Z");
    assert_eq!(code(checked.check_time(u64::MAX)), "key-expired");
}

/// Who may say what. `ok` on the right means that it is logged.
#[test]
fn each_issuer_speaks_on_its_own_ground() {
    let deposit = || accession(Instrument::Icsant);
    let finding = || {
        Content::Fact(Body::ReviewFinding(ReviewFinding {
            root: None,
            method: "sample".to_owned(),
            examined: 3,
            consistent: true,
            text: "as declared".to_owned(),
            review: None,
        }))
    };
    let proof = || {
        Content::Fact(Body::Proof(ProvenClaim {
            claim: surety_statement::Claim::Total,
            roots: vec![Digest::of(b"root")],
            of: Vec::new(),
            rests_on: Vec::new(),
            bounds: Vec::new(),
            requirements: Vec::new(),
            proof: Attachment {
                media_type: "application/octet-stream".to_owned(),
                sha256: Digest::of(b"proof"),
                base64: Some("cHJvb2Y=".to_owned()),
                address: None,
            },
        }))
    };
    for (issuer, subject, content, expected) in [
        ("observer", about("XAA"), deposit(), "ok"),
        ("observer", about("XAB"), commitment("reduce"), "ok"),
        ("depositary", about("XAA"), deposit(), "ok"),
        ("depositary", about("XAA"), commitment("reduce"), "may-not-say"),
        ("xaa", about("XAA"), deposit(), "ok"),
        ("xaa", about("XAA"), proof(), "ok"),
        ("xaa", about("XAB"), commitment("reduce"), "may-not-say"),
        ("xaa", Subject::World, commitment("reduce"), "may-not-say"),
        ("xaa", about("XAA"), finding(), "may-not-say"),
        ("reviewer", about("XAA"), finding(), "ok"),
        ("reviewer", about("XAA"), commitment("reduce"), "may-not-say"),
        ("organisation", about("XAA"), commitment("reduce"), "ok"),
        ("organisation", about("XAA"), proof(), "may-not-say"),
        ("root/a", about("XAA"), commitment("reduce"), "may-not-say"),
        ("observer", Subject::Policy, revoke("xaa", Vec::new()), "may-not-say"),
        ("stranger", about("XAA"), commitment("reduce"), "unknown-issuer"),
    ] {
        let mut log = Log::new();
        let kind = content.kind();
        let found = log.say(issuer, subject, content).map_or_else(|refusal| refusal.code(), |_| "ok");
        assert_eq!(found, expected, "{issuer} says a {kind} about {subject}");
    }
}

#[test]
fn an_admission_can_ask_for_less() {
    let mut log = Log::new();
    let mut narrow = admission("observer", IssuerKind::Observer, None);
    narrow.may_say = Entitlement {
        kinds: vec![Kind::TreatyAction],
        about: vec![state("XAA")],
        instruments: vec![Instrument::Npt],
    };
    log.say("observer", about("XAB"), commitment("reduce")).unwrap();
    let in_flight = log.sign("observer", payload(about("XAB"), commitment("in flight")));
    let checked = log.registry.check(in_flight.bytes()).unwrap();
    log.decide(Content::Issuer(narrow)).unwrap();
    let index = log.registry.size();
    assert_eq!(code(log.registry.accept(checked, index)), "may-not-say", "the last admission applies");
    for (subject, content, expected) in [
        (about("XAA"), accession(Instrument::Npt), "ok"),
        (about("XAB"), accession(Instrument::Npt), "may-not-say"),
        (about("XAA"), accession(Instrument::Icsant), "may-not-say"),
        (about("XAA"), commitment("reduce"), "may-not-say"),
    ] {
        let found = log.say("observer", subject, content).map_or_else(|refusal| refusal.code(), |_| "ok");
        assert_eq!(found, expected);
    }
}

#[test]
fn the_level_follows_from_who_says_it_and_what_backs_it() {
    use surety_core::SourceKind::{Depositary, Press, State};
    let record = |kind, sha256| Exhibit {
        id: None,
        title: "a document".to_owned(),
        address: "https://xaa.example/document".to_owned(),
        sha256,
        read: None,
        kind,
        trust: "official".to_owned(),
    };
    let digest = Some(Digest::of(b"document"));
    for (issuer, content, evidence, level) in [
        ("observer", commitment("x"), None, Level::Reported),
        ("observer", commitment("x"), Some(record(State, digest)), Level::Reported),
        ("observer", commitment("x"), Some(record(Depositary, digest)), Level::Reported),
        ("observer", accession(Instrument::Npt), Some(record(Press, digest)), Level::Reported),
        ("observer", accession(Instrument::Npt), Some(record(Depositary, None)), Level::Evidenced),
        ("depositary", accession(Instrument::Npt), None, Level::Evidenced),
        ("xaa", commitment("x"), None, Level::Declared),
        ("xaa", commitment("x"), Some(record(State, None)), Level::Declared),
        ("xaa", commitment("x"), Some(record(State, digest)), Level::Evidenced),
        ("organisation", commitment("x"), None, Level::Declared),
    ] {
        let mut log = Log::new();
        let said = Payload { evidence: evidence.into_iter().collect(), ..payload(about("XAA"), content) };
        let statement = log.put(issuer, said).unwrap().statement().unwrap();
        assert_eq!(statement.level, level, "{issuer}: {}", statement.body.summary());
    }
}

#[test]
fn the_last_policy_applies() {
    let mut log = Log::new();
    let policy = |witnesses: &str| {
        let limits = Limits { statements_per_minute: Some(60), statement_bytes_max: None };
        Content::Policy(LogPolicy { witnesses: witnesses.to_owned(), limits })
    };
    log.decide(policy("quorum none\n")).unwrap();
    let since = log.decide(policy("# none yet\nquorum none\n")).unwrap().index;
    assert_eq!(log.registry.policy().unwrap().0, since);
    let draft = Draft { issuer: id("root/a"), payload: payload(Subject::Policy, policy("no policy")) };
    assert!(SignedStatement::sign(&draft, &key("root/a")).is_err());
}

#[test]
fn a_digest_alone_is_not_logged() {
    let log = Log::new();
    let envelope = Envelope { content_type: "application/pdf".to_owned(), location: None };
    let digest = Digest::of(b"document");
    let signed =
        SignedStatement::sign_document(&id("xaa"), about("XAA"), digest, &envelope, &key("xaa")).unwrap();
    assert_eq!(signed.payload_bytes(), digest.0);
    assert_eq!(code(log.registry.check(signed.bytes())), "digest-only");
}

#[test]
fn the_same_entries_give_the_same_registry() {
    let mut log = Log::new();
    for at in 0..5 {
        log.say("observer", about("XAA"), commitment(&at.to_string())).unwrap();
        log.say("xaa", about("XAA"), commitment(&at.to_string())).unwrap();
    }
    log.decide(revoke("observer", Vec::new())).unwrap();
    assert_eq!(log.refolded(), log.registry);
}

/// Between two decisions, the statements of different issuers can come in any order.
#[test]
fn issuers_do_not_wait_for_each_other() {
    let log = Log::new();
    let first = log.sign("observer", payload(about("XAA"), commitment("a")));
    let second = log.sign("xaa", payload(about("XAA"), commitment("b")));
    let fold = |order: [&SignedStatement; 2]| {
        let mut log = log.clone();
        for signed in order {
            log.log(signed.bytes()).unwrap();
        }
        (log.registry.next_place(&id("observer")), log.registry.next_place(&id("xaa")))
    };
    assert_eq!(fold([&first, &second]), fold([&second, &first]));
}

#[test]
fn every_refusal_says_what_to_do() {
    let registry = Registry::new();
    for (bytes, said) in [
        (&b""[..], "not a tagged COSE_Sign1"),
        (&[0xd2, 0x84][..], "not a tagged COSE_Sign1"),
        (&vec![0; 65_536][..], "at most 65535"),
    ] {
        let refusal = registry.check(bytes).unwrap_err();
        assert!(refusal.to_string().contains(said), "{refusal}");
        assert!((400..500).contains(&refusal.status()));
    }
    let Err(refusal) = registry.check(&vec![0; 65_536]) else { panic!("too long") };
    assert_eq!((refusal.code(), refusal.status()), ("too-long", 413));
    assert!(matches!(refusal, Refusal::Format(_)));
}
