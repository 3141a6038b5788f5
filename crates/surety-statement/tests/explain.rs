//! What a statement with its proof shows to somebody who holds a trust file and nothing else. Good cases, and attacks.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::fmt::Write as _;

use common::{Log, about, accession, admission, commitment, id, key, payload, root};
use surety_core::parse_day;
use surety_law::Instrument;
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{Checkpoint, Proof, SEED_LEN, SignatureType, SignedCheckpoint, Signer, SignerKey};
use surety_statement::receipt::{Inclusion, issue};
use surety_statement::{
    Content, Draft, ExplainError, Explanation, IssuerKind, Payload, Refusal, Revocation, SignedStatement,
    Subject, TRUST_LEN_MAX, Trust, TrustError, explain,
};

/// 2026-03-01T00:00:00Z.
const MARCH: u64 = 1_772_323_200;
const DAY: u64 = 24 * 60 * 60;

fn signer(name: &str, kind: SignatureType) -> SignerKey {
    let mut seed = [0; SEED_LEN];
    seed[..name.len()].copy_from_slice(name.as_bytes());
    SignerKey::from_seed(name.parse().unwrap(), kind, &seed).unwrap()
}

fn log_key() -> SignerKey {
    signer("log.example", SignatureType::Ed25519)
}

fn witnesses() -> [SignerKey; 3] {
    ["w1.example", "w2.example", "w3.example"].map(|name| signer(name, SignatureType::Cosignature))
}

/// The log, and two of three witnesses.
fn policy() -> String {
    let mut policy = format!("log {}\n", log_key().verifier());
    for (at, witness) in witnesses().iter().enumerate() {
        writeln!(policy, "witness w{} {}", at + 1, witness.verifier()).unwrap();
    }
    policy + "group two 2 w1 w2 w3\nquorum two\n"
}

fn trust(log: &Log) -> Trust {
    Trust::of_registry(&log.registry, &policy()).unwrap()
}

fn tree(entries: &[Vec<u8>]) -> Tree {
    let mut tree = Tree::default();
    for entry in entries {
        tree.push(leaf_hash(entry));
    }
    tree
}

/// The proof of an entry in a log of these entries, cosigned by the first witnesses at a time.
fn proof_by(entries: &[Vec<u8>], index: usize, time: u64, cosigners: usize) -> Vec<u8> {
    let tree = tree(entries);
    let origin = "log.example".parse().unwrap();
    let checkpoint = Checkpoint::new(origin, tree.size(), tree.root()).unwrap();
    let mut signed = SignedCheckpoint::sign(checkpoint.clone(), &[&log_key()], time).unwrap();
    for witness in witnesses().iter().take(cosigners) {
        let cosigned = SignedCheckpoint::sign(checkpoint.clone(), &[witness], time).unwrap();
        let text = cosigned.to_string();
        let (_, lines) = text.rsplit_once("\n\n").unwrap();
        signed.add_cosignatures(lines, &[witness.verifier()]).unwrap();
    }
    Proof::new(index as u64, tree.prove_inclusion(index as u64).unwrap(), signed).to_string().into_bytes()
}

fn proof(entries: &[Vec<u8>], index: usize) -> Vec<u8> {
    proof_by(entries, index, MARCH, 2)
}

fn shown(log: &Log, index: usize) -> Result<Explanation, ExplainError> {
    explain(&log.entries[index], Some(&proof(&log.entries, index)), None, &trust(log))
}

fn said(result: Result<Explanation, ExplainError>) -> String {
    result.unwrap_err().to_string()
}

fn receipt(entries: &[Vec<u8>], index: usize) -> Vec<u8> {
    let tree = tree(entries);
    let path = tree.prove_inclusion(index as u64).unwrap();
    let inclusion = Inclusion { size: tree.size(), index: index as u64, path };
    issue(&entries[index], about("XAA"), &inclusion, &"log.example".parse().unwrap(), &log_key()).unwrap()
}

#[test]
fn it_tells_who_says_what_when_and_who_saw_it() {
    let mut log = Log::new();
    let index = usize::try_from(log.say("xaa", about("XAA"), commitment("reduce")).unwrap().index).unwrap();
    let shown = shown(&log, index).unwrap();
    let logged = shown.logged.as_ref().unwrap();
    assert_eq!((logged.index, logged.size, logged.by), (index as u64, log.entries.len() as u64, Some(MARCH)));
    assert_eq!(logged.witnesses.len(), 2);
    assert_eq!(shown.level.number(), 2);
    let text: Vec<String> =
        shown.paragraphs().into_iter().map(|(what, text)| format!("{what}: {text}")).collect();
    assert_eq!(
        text,
        [
            "Who: xaa (the state-authority xaa, state-authority of XAA)",
            "About: XAA",
            "Says: commitment: reduce, due 2030 (commitment)",
            "Date of the fact: 2026-01-02",
            "Assurance: 2 (declared)",
            "Logged: as entry 6 of log.example, by 2026-03-01 00:00:00 UTC; shown as of then, when the log had 7 entries",
            "Witnesses: w1 (2026-03-01 00:00:00 UTC), w2 (2026-03-01 00:00:00 UTC)",
        ]
    );
    assert!(shown.assumed.iter().any(|line| line.contains("not that it is true")));
    assert!(shown.assumed.iter().any(|line| line.contains("earns no credit")));
}

#[test]
fn every_entry_of_a_log_is_explained_by_its_own_trust_file() {
    let mut log = Log::new();
    log.say("observer", about("XAB"), accession(Instrument::Npt)).unwrap();
    let read = Trust::parse(&trust(&log).to_toml().unwrap()).unwrap();
    assert_eq!(read, trust(&log), "it reads back");
    for index in 0..log.entries.len() {
        let proof = proof(&log.entries, index);
        explain(&log.entries[index], Some(&proof), None, &read).unwrap();
    }
}

#[test]
fn what_former_officers_decided_stays_and_what_one_of_two_proposes_is_no_decision_yet() {
    let mut log = Log::with_root(2);
    let proposed = log.decide(Content::Root(root(1, &["root/a", "root/d"]))).unwrap();
    log.endorse("root/b", proposed.reference()).unwrap();
    let last =
        log.say("root/d", Subject::Policy, Content::Issuer(admission("x", IssuerKind::Observer, None)));
    let trust = Trust::parse(&trust(&log).to_toml().unwrap()).unwrap();
    let alone = |index: u64| {
        let index = usize::try_from(index).unwrap();
        let shown = explain(&log.entries[index], Some(&proof(&log.entries, index)), None, &trust).unwrap();
        assert_eq!(shown.issuer, None, "an officer");
        shown.assumed.iter().any(|line| line.contains("the word of one"))
    };
    assert!(!alone(0), "the root decides for itself");
    assert!(alone(proposed.index) && alone(proposed.index + 1));
    assert!(!alone(last.unwrap().index), "one officer is enough now");

    let late = log.sign("root/b", payload(Subject::Policy, Content::Root(root(1, &["root/b"]))));
    let mut forged = log.entries.clone();
    forged.push(late.bytes().to_vec());
    let index = forged.len() - 1;
    let error = explain(&forged[index], Some(&proof(&forged, index)), None, &trust).unwrap_err();
    assert!(matches!(error, ExplainError::Range { .. }), "{error}");
}

#[test]
fn without_a_proof_little_is_shown_and_a_receipt_shows_less_than_a_proof() {
    let mut log = Log::new();
    let index = usize::try_from(log.say("xaa", about("XAA"), commitment("reduce")).unwrap().index).unwrap();
    let (entry, trust) = (&log.entries[index], trust(&log));
    let bare = explain(entry, None, None, &trust).unwrap();
    assert!(bare.assumed.iter().any(|line| line.contains("without a proof")));
    let receipt = receipt(&log.entries, index);
    let weak = explain(entry, None, Some(&receipt), &trust).unwrap();
    assert_eq!(weak.receipt.as_ref().unwrap().index, index as u64);
    assert!(weak.assumed.iter().any(|line| line.contains("split view")));
    let both = explain(entry, Some(&proof(&log.entries, index)), Some(&receipt), &trust).unwrap();
    assert!(both.logged.is_some() && both.receipt.is_some());
    let other = explain(&log.entries[1], None, Some(&receipt), &trust);
    assert!(said(other).contains("did not sign this receipt for this entry"));
}

#[test]
fn a_statement_swapped_under_a_proof_is_refused() {
    let mut log = Log::new();
    let first = usize::try_from(log.say("xaa", about("XAA"), commitment("reduce")).unwrap().index).unwrap();
    log.say("xaa", about("XAA"), commitment("reduce more")).unwrap();
    let swapped = explain(&log.entries[first + 1], Some(&proof(&log.entries, first)), None, &trust(&log));
    assert!(said(swapped).contains("does not show that this statement was logged"));
}

/// A proof that was good once, shown for what it does not prove: another place, another statement, another log.
#[test]
fn a_replayed_proof_is_refused() {
    let mut log = Log::new();
    let index = usize::try_from(log.say("xaa", about("XAA"), commitment("reduce")).unwrap().index).unwrap();
    let again = usize::try_from(log.say("xaa", about("XAA"), commitment("reduce")).unwrap().index).unwrap();
    let (good, trust) = (proof(&log.entries, index), trust(&log));
    explain(&log.entries[index], Some(&good), None, &trust).unwrap();
    // The same words again are another statement: it has its own number.
    assert!(explain(&log.entries[again], Some(&good), None, &trust).is_err());
    let text = String::from_utf8(good).unwrap();
    let elsewhere = text.replacen(&format!("index {index}\n"), &format!("index {again}\n"), 1);
    assert_ne!(elsewhere, text);
    assert!(explain(&log.entries[index], Some(elsewhere.as_bytes()), None, &trust).is_err());
    // The witnesses of this log have seen another one too, which its operator signed.
    let tree = tree(&log.entries);
    let checkpoint = Checkpoint::new("other.example".parse().unwrap(), tree.size(), tree.root()).unwrap();
    let [first, second, _] = witnesses();
    let stranger = signer("other.example", SignatureType::Ed25519);
    let mut signed = SignedCheckpoint::sign(checkpoint.clone(), &[&stranger], MARCH).unwrap();
    for witness in [first, second] {
        let cosigned = SignedCheckpoint::sign(checkpoint.clone(), &[&witness], MARCH).unwrap().to_string();
        let (_, lines) = cosigned.rsplit_once("\n\n").unwrap();
        assert_eq!(signed.add_cosignatures(lines, &[witness.verifier()]).unwrap(), 1);
    }
    let path = tree.prove_inclusion(index as u64).unwrap();
    let other = Proof::new(index as u64, path, signed).to_string();
    assert!(explain(&log.entries[index], Some(other.as_bytes()), None, &trust).is_err());
}

/// A statement can say that it is of any day. When it was logged, its witnesses say.
#[test]
fn a_back_dated_statement_is_as_old_as_its_witnesses_say() {
    let mut log = Log::new();
    let mut lasting = admission("xab", IssuerKind::StateAuthority, Some("XAB"));
    lasting.keys[0].not_after = Some(parse_day("2026-02-28").unwrap());
    log.decide(Content::Issuer(lasting)).unwrap();
    let back_dated = |code: &str| {
        let date = surety_core::FactDate::on(parse_day("2020-01-01").unwrap());
        Payload { date, ..payload(about(code), commitment("promised long ago")) }
    };
    let index = usize::try_from(log.put("xaa", back_dated("XAA")).unwrap().index).unwrap();
    let paragraphs = shown(&log, index).unwrap().paragraphs();
    let logged = &paragraphs.iter().find(|(what, _)| *what == "Logged").unwrap().1;
    assert!(logged.contains("2026-03-01 00:00:00 UTC") && !logged.contains("2020"), "{logged}");
    // An early date does not show that a key had not expired: that remains to be assumed.
    let index = usize::try_from(log.put("xab", back_dated("XAB")).unwrap().index).unwrap();
    let assumed = shown(&log, index).unwrap().assumed.join("\n");
    assert!(assumed.contains("logged by 2026-02-28, the last day of its key"), "{assumed}");
    assert!(assumed.contains("the proof shows it by 2026-03-01 00:00:00 UTC only"), "{assumed}");
}

#[test]
fn a_forged_statement_is_refused_even_inside_a_log() {
    let log = Log::new();
    let draft = Draft { issuer: id("xaa"), payload: payload(about("XAA"), commitment("all is well")) };
    let forged = SignedStatement::sign(&draft, &key("mallory")).unwrap();
    let mut entries = log.entries.clone();
    entries.push(forged.bytes().to_vec());
    let last = entries.len() - 1;
    let result = explain(&entries[last], Some(&proof(&entries, last)), None, &trust(&log));
    assert!(matches!(result, Err(ExplainError::Refused(Refusal::UnknownKey { .. }))));

    // The key id of xaa, and the signature of somebody else.
    let good = log.sign("xaa", payload(about("XAA"), commitment("reduce")));
    let mut bytes = good.bytes().to_vec();
    *bytes.last_mut().unwrap() ^= 1;
    entries.push(bytes);
    let last = entries.len() - 1;
    let result = explain(&entries[last], Some(&proof(&entries, last)), None, &trust(&log));
    assert!(matches!(result, Err(ExplainError::Refused(Refusal::Signature(_)))));
}

#[test]
fn a_stranger_is_told_as_one() {
    let mut log = Log::new();
    let known = trust(&log);
    log.decide(Content::Issuer(admission("late", IssuerKind::Observer, None))).unwrap();
    let index = usize::try_from(log.say("late", about("XAA"), commitment("x")).unwrap().index).unwrap();
    let result = explain(&log.entries[index], Some(&proof(&log.entries, index)), None, &known);
    assert!(said(result).contains("does not know `late`"));
}

#[test]
fn a_revoked_key_counts_for_what_was_logged_before_and_for_nothing_after() {
    let mut log = Log::new();
    let before = usize::try_from(log.say("xaa", about("XAA"), commitment("before")).unwrap().index).unwrap();
    let late = log.sign("xaa", payload(about("XAA"), commitment("after")));
    let keys = Vec::new();
    log.decide(Content::Revocation(Revocation { issuer: id("xaa"), keys, reason: "lost".to_owned() }))
        .unwrap();
    shown(&log, before).unwrap();
    // A log that took it in all the same, or a thief with a log of his own.
    let mut entries = log.entries.clone();
    entries.push(late.bytes().to_vec());
    let last = entries.len() - 1;
    let result = explain(&entries[last], Some(&proof(&entries, last)), None, &trust(&log));
    assert!(said(result).contains("counts in entries 3 to 7 only"));
    let unproven = explain(late.bytes(), None, None, &trust(&log));
    assert!(matches!(unproven, Err(ExplainError::Refused(Refusal::KeyEnded { .. }))));
    // A receipt with another place that leads to the same root does not make it earlier.
    let path = tree(&entries).prove_inclusion(last as u64).unwrap();
    assert_eq!((last, path.len()), (8, 1), "a lone entry beside a full tree");
    let moved = Inclusion { size: 5, index: 4, path };
    let moved =
        issue(late.bytes(), about("XAA"), &moved, &"log.example".parse().unwrap(), &log_key()).unwrap();
    let moved = explain(late.bytes(), None, Some(&moved), &trust(&log));
    assert!(matches!(moved, Err(ExplainError::Refused(Refusal::KeyEnded { .. }))));
    // Before its admission it counted as little.
    let mut early = log.entries.clone();
    early.insert(1, late.bytes().to_vec());
    let result = explain(&early[1], Some(&proof(&early, 1)), None, &trust(&log));
    assert!(said(result).contains("it is entry 1"));
}

#[test]
fn an_expired_key_is_told_by_the_time_of_the_witnesses() {
    let mut log = Log::new();
    let mut lasting = admission("xab", IssuerKind::StateAuthority, Some("XAB"));
    lasting.keys[0].not_after = Some(parse_day("2026-03-01").unwrap());
    log.decide(Content::Issuer(lasting)).unwrap();
    let index = usize::try_from(log.say("xab", about("XAB"), commitment("x")).unwrap().index).unwrap();
    let at = |time| {
        let proof = proof_by(&log.entries, index, time, 3);
        explain(&log.entries[index], Some(&proof), None, &trust(&log))
    };
    let in_time =
        |shown: &Explanation| !shown.assumed.iter().any(|line| line.contains("last day of its key"));
    assert!(in_time(&at(MARCH + DAY - 1).unwrap()));
    // A later proof shows less, and the statement was logged all the same.
    assert!(!in_time(&at(MARCH + DAY).unwrap()));
    let unproven = explain(&log.entries[index], None, None, &trust(&log)).unwrap();
    assert!(unproven.assumed.iter().any(|line| line.contains("the last day of its key")));
}

#[test]
fn one_state_does_not_speak_for_another() {
    let log = Log::new();
    let signed = log.sign("xaa", payload(about("XAB"), commitment("XAB will reduce")));
    let mut entries = log.entries.clone();
    entries.push(signed.bytes().to_vec());
    let last = entries.len() - 1;
    let result = explain(&entries[last], Some(&proof(&entries, last)), None, &trust(&log));
    assert!(said(result).contains("speaks for XAA only, not about XAB"));
    let signed = log.sign(
        "observer",
        payload(Subject::Policy, Content::Issuer(admission("m", IssuerKind::Observer, None))),
    );
    assert!(said(explain(signed.bytes(), None, None, &trust(&log))).contains("only officers of the root"));
}

#[test]
fn too_few_witnesses_are_no_quorum() {
    let log = Log::new();
    let alone = proof_by(&log.entries, 1, MARCH, 1);
    assert!(said(explain(&log.entries[1], Some(&alone), None, &trust(&log))).contains("too few witnesses"));
}

#[test]
fn another_root_of_trust_is_refused() {
    let log = Log::new();
    let other = Log::with_root(2);
    let result = explain(&other.entries[0], Some(&proof(&other.entries, 0)), None, &trust(&log));
    assert!(matches!(result, Err(ExplainError::OtherRoot)));
}

#[test]
fn an_old_proof_says_how_old_it_is() {
    let mut log = Log::new();
    let index = usize::try_from(log.say("xaa", about("XAA"), commitment("x")).unwrap().index).unwrap();
    let old = proof_by(&log.entries, index, MARCH - 30 * DAY, 2);
    for at in 0..5 {
        log.say("xaa", about("XAA"), commitment(&at.to_string())).unwrap();
    }
    let shown = explain(&log.entries[index], Some(&old), None, &trust(&log)).unwrap();
    let when = shown.paragraphs().into_iter().find(|(what, _)| *what == "Logged").unwrap().1;
    assert!(when.contains("2026-01-30 00:00:00 UTC; shown as of then, when the log had 7 entries"), "{when}");
    assert!(shown.assumed.iter().any(|line| line.contains("corrected or withdrawn since")));
}

/// Whoever passes a proof on can change its extra line: it changes nothing.
#[test]
fn what_nobody_signed_says_nothing() {
    let mut log = Log::new();
    let index = usize::try_from(log.say("xaa", about("XAA"), commitment("x")).unwrap().index).unwrap();
    let clean = proof(&log.entries, index);
    let with_extra = Proof::parse(&clean).unwrap().with_extra(b"logged in 1970".to_vec()).unwrap();
    let trust = trust(&log);
    let entry = &log.entries[index];
    assert_eq!(
        explain(entry, Some(with_extra.to_string().as_bytes()), None, &trust).unwrap(),
        explain(entry, Some(&clean), None, &trust).unwrap()
    );
    // Every other byte of the proof counts.
    for at in 0..clean.len() {
        let mut changed = clean.clone();
        changed[at] ^= 1;
        if let Ok(shown) = explain(entry, Some(&changed), None, &trust) {
            // A cosignature that is not understood is one that is not there: two of three are still needed.
            assert!(shown.logged.is_some_and(|logged| logged.witnesses.len() >= 2), "byte {at}");
        }
    }
}

/// The place in a receipt is signed by nobody: a lone entry beside a full tree can be moved to a smaller one.
#[test]
fn a_receipt_and_a_proof_that_disagree_are_refused() {
    let mut log = Log::new();
    let said: Vec<u64> =
        (0..3).map(|at| log.say("xaa", about("XAA"), commitment(&at.to_string())).unwrap().index).collect();
    assert_eq!(said, [6, 7, 8]);
    let path = tree(&log.entries).prove_inclusion(8).unwrap();
    let moved = Inclusion { size: 5, index: 4, path };
    let origin = "log.example".parse().unwrap();
    let moved = issue(&log.entries[8], about("XAA"), &moved, &origin, &log_key()).unwrap();
    let (proof, trust) = (proof(&log.entries, 8), trust(&log));
    explain(&log.entries[8], Some(&proof), Some(&receipt(&log.entries, 8)), &trust).unwrap();
    let refused = explain(&log.entries[8], Some(&proof), Some(&moved), &trust);
    assert!(matches!(refused, Err(ExplainError::Disagree { receipt: 4, proof: 8 })), "{refused:?}");
}

#[test]
fn a_trust_file_has_a_limit() {
    assert!(matches!(Trust::parse(&"#".repeat(TRUST_LEN_MAX + 1)), Err(TrustError::TooLong)));
    assert!(matches!(Trust::parse(&"#".repeat(TRUST_LEN_MAX)), Err(TrustError::Toml(_))));
}

#[test]
fn a_trust_file_that_is_none_is_refused() {
    let good = trust(&Log::new()).to_toml().unwrap();
    Trust::parse(&good).unwrap();
    for (from, to) in [
        ("quorum two", "quorum three"),
        ("root = \"", "root = \"x"),
        ("kind = \"observer\"", "kind = \"king\""),
        ("id = \"observer\"", "id = \"reviewer\""),
        ("size = ", "sizes = "),
    ] {
        assert!(good.contains(from), "{good}");
        assert!(Trust::parse(&good.replacen(from, to, 1)).is_err(), "{from}");
    }
}
