//! The decoders of `surety-statement`.

use std::sync::OnceLock;

use coset::{CoseSign1, TaggedCborSerializable as _};
use surety_log::{Hash, Origin, SignatureType, Signer as _, SignerKey};
use surety_statement::receipt::{self, Inclusion};
use surety_statement::{
    Admission, AdmittedKey, Algorithm, Body, Content, Digest, Draft, Entitlement, Envelope, IssuerId,
    IssuerKey, IssuerKind, Payload, Registry, RootKeys, RootOfficer, SEED_LEN, SecretKey, SignedStatement,
    StatementSigner as _, Subject, Trust, certificate,
};

use crate::Decoder;
use crate::log::key;

/// The decoders.
pub(crate) const DECODERS: [Decoder; 6] = [
    Decoder { name: "statement", check: statement, seeds: statements },
    Decoder { name: "payload", check: payload, seeds: payloads },
    Decoder { name: "issuer_key", check: issuer_key, seeds: issuer_keys },
    Decoder { name: "receipt", check: receipt, seeds: receipts },
    Decoder { name: "trust", check: trust, seeds: trusts },
    Decoder { name: "certificate", check: is_certificate, seeds: certificates },
];

fn statement(bytes: &[u8]) -> bool {
    let Ok(statement) = SignedStatement::parse(bytes) else { return false };
    assert_eq!(statement.bytes(), bytes, "a statement is kept byte for byte");
    match CoseSign1::from_tagged_slice(bytes) {
        Ok(other) => {
            assert_eq!(
                other.payload.as_deref(),
                Some(statement.payload_bytes()),
                "another library reads it alike"
            );
            assert_eq!(other.to_tagged_vec().ok().as_deref(), Some(bytes), "and would write it alike");
        }
        Err(error) => unreachable!("another library refuses it: {error}"),
    }
    let _ = statement.payload();
    for secret in secrets() {
        let _ = statement.verify(secret.key());
    }
    let _ = founded().check(bytes);
    true
}

/// The payload of a statement about the invented State, about the world, and about policy.
fn payload(bytes: &[u8]) -> bool {
    let subjects = [subject(), Subject::World, Subject::Policy];
    let mut taken = false;
    for subject in subjects {
        let Ok(read) = Payload::parse(bytes, subject) else { continue };
        taken = true;
        let written = match read.to_bytes() {
            Ok(written) => written,
            Err(error) => unreachable!("a payload that was read cannot be written: {error}"),
        };
        match Payload::parse(&written, subject) {
            Ok(again) => assert_eq!(again, read, "what is written reads back"),
            Err(error) => unreachable!("a payload that was written cannot be read: {error}"),
        }
    }
    taken
}

fn issuer_key(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(key) = text.parse::<IssuerKey>() else { return false };
    assert_eq!(key.to_string(), text, "a key is written in one way");
    true
}

/// A receipt of the log of the samples, for the entry of the samples.
fn receipt(bytes: &[u8]) -> bool {
    let log = [SignatureType::Ed25519, SignatureType::MlDsa44].map(|kind| key(kind).verifier());
    log.into_iter().any(|log| receipt::verify(bytes, ENTRY, log).is_ok())
}

fn trust(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(trust) = Trust::parse(text) else { return false };
    let Ok(written) = trust.to_toml() else { unreachable!("a trust file that was read cannot be written") };
    match Trust::parse(&written) {
        Ok(again) => assert_eq!(again, trust, "what is written reads back"),
        Err(error) => unreachable!("a trust file that was written cannot be read: {error}"),
    }
    true
}

/// A certificate in DER of a key of the samples.
fn is_certificate(bytes: &[u8]) -> bool {
    secrets().iter().any(|secret| certificate::is_for_key(bytes, secret.key()).is_ok())
}

const ENTRY: &[u8] = b"entry";

/// A key of each algorithm, made once.
fn secrets() -> &'static [SecretKey] {
    static SECRETS: OnceLock<Vec<SecretKey>> = OnceLock::new();
    let make = |algorithm| SecretKey::from_seed(algorithm, &[21; SEED_LEN]).ok();
    SECRETS.get_or_init(|| {
        [Algorithm::Ed25519, Algorithm::Es256, Algorithm::MlDsa44].into_iter().filter_map(make).collect()
    })
}

#[expect(clippy::unwrap_used, reason = "the code is fixed, and good")]
fn subject() -> Subject {
    Subject::State("XAA".parse().unwrap())
}

#[expect(clippy::unwrap_used, reason = "the name is fixed, and good")]
fn issuer() -> IssuerId {
    "observer.example".parse().unwrap()
}

fn officer() -> &'static SecretKey {
    static OFFICER: OnceLock<SecretKey> = OnceLock::new();
    #[expect(clippy::unwrap_used, reason = "the seed is fixed, and good")]
    OFFICER.get_or_init(|| SecretKey::from_seed(Algorithm::Ed25519, &[22; SEED_LEN]).unwrap())
}

#[expect(clippy::unwrap_used, reason = "the name is fixed, and good")]
fn officer_id() -> IssuerId {
    "root.example/officer".parse().unwrap()
}

/// What the officer of the samples decides: a root, and the admission of an observer with every key.
fn decisions() -> [Content; 2] {
    let officer = RootOfficer { issuer: officer_id(), key: officer().key().clone() };
    let keys = secrets().iter().map(|secret| AdmittedKey { key: secret.key().clone(), not_after: None });
    let admission = Admission {
        issuer: issuer(),
        kind: IssuerKind::Observer,
        name: "An observer".to_owned(),
        state: None,
        keys: keys.collect(),
        may_say: Entitlement::default(),
    };
    [Content::Root(RootKeys { threshold: 1, officers: vec![officer] }), Content::Issuer(admission)]
}

/// The registry after what the officer decided, with the statements that say so.
fn founding() -> &'static (Registry, Vec<SignedStatement>) {
    static FOUNDING: OnceLock<(Registry, Vec<SignedStatement>)> = OnceLock::new();
    FOUNDING.get_or_init(|| {
        let (mut registry, mut statements) = (Registry::new(), Vec::new());
        for content in decisions() {
            let payload = Payload::new(Subject::Policy, content, registry.next_place(&officer_id()));
            let signed = SignedStatement::sign(&Draft { issuer: officer_id(), payload }, officer());
            if let Ok(signed) = signed
                && let Ok(checked) = registry.check(signed.bytes())
                && registry.accept(checked, registry.size()).is_ok()
            {
                statements.push(signed);
            }
        }
        (registry, statements)
    })
}

fn founded() -> &'static Registry {
    &founding().0
}

/// What the samples say.
fn drafts() -> Vec<Draft> {
    let place = founded().next_place(&issuer());
    let sites = Content::Fact(Body::Sites { min: 1, max: 2 });
    let listed = Content::Fact(Body::ListedHolder { list: "a list".to_owned() });
    let payloads = [Payload::new(subject(), sites, place), Payload::new(subject(), listed, place)];
    payloads.into_iter().map(|payload| Draft { issuer: issuer(), payload }).collect()
}

fn signed() -> Vec<SignedStatement> {
    let mut all = founding().1.clone();
    for secret in secrets() {
        all.extend(drafts().iter().filter_map(|draft| SignedStatement::sign(draft, secret).ok()));
        let envelope = Envelope { content_type: "application/pdf".to_owned(), location: None };
        let document = Digest::of(b"document");
        all.extend(SignedStatement::sign_document(&issuer(), subject(), document, &envelope, secret));
    }
    all
}

fn statements() -> Vec<Vec<u8>> {
    signed().iter().map(|statement| statement.bytes().to_vec()).collect()
}

fn payloads() -> Vec<Vec<u8>> {
    let whole = signed().into_iter().filter(|statement| statement.envelope().is_none());
    whole.map(|statement| statement.payload_bytes().to_vec()).collect()
}

fn issuer_keys() -> Vec<Vec<u8>> {
    secrets().iter().map(|secret| secret.key().to_string().into_bytes()).collect()
}

fn receipts() -> Vec<Vec<u8>> {
    let inclusion = Inclusion { size: 5, index: 3, path: vec![Hash([1; 32]), Hash([2; 32]), Hash([3; 32])] };
    let issue = |log: &SignerKey| {
        let origin: Origin = log_name(log)?;
        receipt::issue(ENTRY, subject(), &inclusion, &origin, log).ok()
    };
    [SignatureType::Ed25519, SignatureType::MlDsa44].iter().filter_map(|kind| issue(key(*kind))).collect()
}

fn log_name(log: &SignerKey) -> Option<Origin> {
    log.verifier().name().as_str().parse().ok()
}

fn trusts() -> Vec<Vec<u8>> {
    let log = key(SignatureType::Ed25519).verifier();
    let witness = key(SignatureType::MlDsa44).verifier();
    let policies =
        [format!("log {log}\nquorum none\n"), format!("log {log}\nwitness w {witness}\nquorum w\n")];
    let trust =
        |policy: &String| Trust::of_registry(founded(), policy).and_then(|trust| trust.to_toml()).ok();
    policies.iter().filter_map(trust).map(String::into_bytes).collect()
}

/// Certificates that sign themselves, for the keys of the samples: Ed25519, and P-256.
fn certificates() -> Vec<Vec<u8>> {
    vec![
        include_bytes!("certificates/ed25519.der").to_vec(),
        include_bytes!("certificates/es256.der").to_vec(),
    ]
}
