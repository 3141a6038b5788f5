//! Certificates that vouch for keys: chains on the left, what follows on the right. Whose keys are in them is in
//! `certificates/README.md`.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{about, commitment, id, key_of, payload};
use surety_statement::certificate::{Anchor, is_for_key, verify_chain};
use surety_statement::{Algorithm, Draft, SignedStatement, StatementSigner};
use x509_cert::Certificate;
use x509_cert::der::{DecodePem as _, Encode as _};

/// 2026-03-01T00:00:00Z.
const MARCH: u64 = 1_772_323_200;
const YEAR: u64 = 365 * 24 * 60 * 60;

fn pem(name: &str) -> String {
    let path = format!("{}/tests/certificates/{name}.pem", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn der(name: &str) -> Vec<u8> {
    Certificate::from_pem(pem(name)).unwrap().to_der().unwrap()
}

#[test]
fn a_chain_leads_to_an_anchor_or_vouches_for_nothing() {
    for (algorithm, chain, anchor, time, expected) in [
        (
            Algorithm::Es256,
            &["leaf", "intermediate"][..],
            "anchor",
            MARCH,
            "Nuclear Security Authority of XAA",
        ),
        (
            Algorithm::Es256,
            &["leaf", "intermediate", "anchor"],
            "anchor",
            MARCH,
            "Nuclear Security Authority of XAA",
        ),
        (Algorithm::Es256, &["leaf"], "intermediate", MARCH, "Nuclear Security Authority of XAA"),
        (Algorithm::Ed25519, &["ed25519-leaf"], "ed25519-anchor", MARCH, "Authority of XAA"),
        (Algorithm::Es256, &["leaf", "intermediate"], "other-anchor", MARCH, "no anchor"),
        (Algorithm::Es256, &["leaf"], "anchor", MARCH, "no anchor"),
        (Algorithm::Es256, &["other-leaf", "intermediate"], "anchor", MARCH, "for another key"),
        (Algorithm::Ed25519, &["leaf", "intermediate"], "anchor", MARCH, "for another key"),
        (Algorithm::Es256, &["leaf", "no-authority"], "anchor", MARCH, "may not vouch"),
        (Algorithm::Es256, &["leaf", "forged-intermediate"], "anchor", MARCH, "no anchor"),
        (Algorithm::Es256, &["leaf", "expired-intermediate"], "anchor", MARCH, "and not on 2026-03-01"),
        (Algorithm::Es256, &["leaf", "anchor"], "anchor", MARCH, "not signed by the one above"),
        (Algorithm::Es256, &["leaf", "intermediate"], "anchor", MARCH + YEAR, "and not on 2027-03-01"),
        (Algorithm::Es256, &["leaf", "intermediate"], "anchor", MARCH - 2 * YEAR, "and not on 2024-03-01"),
        (Algorithm::Es256, &["critical-leaf", "intermediate"], "anchor", MARCH, "not understood"),
        (Algorithm::Es256, &[], "anchor", MARCH, "no anchor"),
    ] {
        let chain_der: Vec<Vec<u8>> = chain.iter().map(|name| der(name)).collect();
        let anchors = [Anchor::from_pem(&pem(anchor)).unwrap()];
        let found = verify_chain(&chain_der, key_of(algorithm, "xaa").key(), &anchors, time);
        let found = found.unwrap_or_else(|error| error.to_string());
        assert!(found.contains(expected), "{chain:?} under {anchor} at {time}: {found}");
    }
}

#[test]
fn a_certificate_of_a_key_is_no_authority() {
    let chain = ["leaf-as-authority", "leaf", "intermediate"].map(der);
    let anchors = [Anchor::from_pem(&pem("anchor")).unwrap()];
    let key = key_of(Algorithm::Es256, "xab");
    let error = verify_chain(&chain, key.key(), &anchors, MARCH).unwrap_err().to_string();
    assert!(error.contains("may not vouch"), "{error}");
}

#[test]
fn a_statement_carries_its_chain_and_the_first_is_for_its_key() {
    let log = common::Log::new();
    let draft = Draft { issuer: id("xaa"), payload: payload(about("XAA"), commitment("reduce")) };
    for chain in [vec![der("leaf")], vec![der("leaf"), der("intermediate")]] {
        let secret = key_of(Algorithm::Es256, "xaa").with_certificates(chain.clone());
        let signed = SignedStatement::sign(&draft, &secret).unwrap();
        assert_eq!(SignedStatement::parse(signed.bytes()).unwrap().certificates(), chain);
        is_for_key(&chain[0], secret.key()).unwrap();
    }
    let secret = common::key("xaa").with_certificates(vec![der("leaf")]);
    let signed = SignedStatement::sign(&draft, &secret).unwrap();
    let refusal = log.registry.check(signed.bytes()).unwrap_err();
    assert_eq!(refusal.code(), "bad-certificate");
    let secret = common::key("xaa").with_certificates(vec![der("ed25519-leaf")]);
    log.registry.check(SignedStatement::sign(&draft, &secret).unwrap().bytes()).unwrap();
}

#[test]
fn no_bytes_make_reading_panic() {
    let good = der("leaf");
    let key = key_of(Algorithm::Es256, "xaa");
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 0x41;
        let anchors = [Anchor::from_pem(&pem("anchor")).unwrap()];
        assert!(
            verify_chain(&[changed, der("intermediate")], key.key(), &anchors, MARCH).is_err(),
            "byte {at}"
        );
        let _ = is_for_key(&good[..at], key.key());
    }
}
