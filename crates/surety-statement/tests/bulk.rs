//! Verifying a whole log gives what verifying it entry by entry gives, on any number of threads.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::num::NonZero;
use std::ops::ControlFlow;

use common::{Log, about, admission, commitment, id};
use surety_statement::{Content, IssuerKind, Registry, Revocation, verify_entries};

fn verified(entries: &[Vec<u8>], threads: usize) -> (Registry, Vec<&'static str>) {
    let mut registry = Registry::new();
    let mut seen = Vec::new();
    verify_entries(&mut registry, entries, NonZero::new(threads).unwrap(), |index, result| {
        assert_eq!(index, seen.len() as u64);
        seen.push(result.map_or_else(|refusal| refusal.code(), |_| "ok"));
        ControlFlow::Continue(())
    });
    (registry, seen)
}

/// Decisions and what they allow stand in one batch: each entry is judged by the rules at its place.
#[test]
fn a_whole_log_verifies_on_any_number_of_threads() {
    let mut log = Log::new();
    for at in 0..200 {
        log.say("observer", about("XAA"), commitment(&at.to_string())).unwrap();
        log.say("xaa", about("XAA"), commitment(&at.to_string())).unwrap();
    }
    log.decide(Content::Issuer(admission("late", IssuerKind::Observer, None))).unwrap();
    log.say("late", about("XAA"), commitment("at last")).unwrap();
    for threads in [1, 2, 3, 64] {
        let (registry, seen) = verified(&log.entries, threads);
        assert!(seen.iter().all(|code| *code == "ok"), "{threads} threads: {seen:?}");
        assert_eq!(registry, log.registry);
    }
}

#[test]
fn what_is_refused_is_named_and_does_not_count() {
    let mut log = Log::new();
    let good = log.say("xaa", about("XAA"), commitment("reduce")).unwrap().index;
    let good = usize::try_from(good).unwrap();
    let mut entries = log.entries.clone();
    let mut forged = entries[good].clone();
    *forged.last_mut().unwrap() ^= 1;
    entries.insert(good, forged);
    entries.insert(good, b"junk".to_vec());
    let keys = Vec::new();
    log.decide(Content::Revocation(Revocation { issuer: id("xaa"), keys, reason: "lost".to_owned() }))
        .unwrap();
    entries.push(log.entries.last().unwrap().clone());
    let mut other = log.clone();
    other.registry = {
        let mut copy = Log::new();
        copy.log(&log.entries[good]).unwrap();
        copy.registry
    };
    entries.push(other.sign("xaa", common::payload(about("XAA"), commitment("too late"))).bytes().to_vec());

    let (registry, seen) = verified(&entries, 2);
    assert_eq!(seen[good..], ["malformed", "bad-signature", "ok", "ok", "key-ended"]);
    assert_eq!(registry.size(), entries.len() as u64);
    assert_eq!(registry.count(&id("xaa")), 1);
}

#[test]
fn it_stops_when_asked() {
    let log = Log::new();
    let mut registry = Registry::new();
    verify_entries(&mut registry, &log.entries, NonZero::<usize>::MIN, |_, _| ControlFlow::Break(()));
    assert_eq!(registry.size(), 1);
}
