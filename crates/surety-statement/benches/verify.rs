//! How fast statements are verified, against the signatures alone: `cargo bench -p surety-statement`.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;
use std::num::NonZero;
use std::thread;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use surety_core::SourceKind;
use surety_law::{ActionKind, Instrument};
use surety_statement::{
    Admission, AdmittedKey, Algorithm, Body, Content, Draft, Entitlement, Exhibit, IssuerId, IssuerKind,
    Payload, Registry, RootKeys, RootOfficer, SEED_LEN, SecretKey, SignedStatement, StatementSigner, Subject,
};

const STATEMENTS: usize = 8192;

fn say(
    registry: &mut Registry,
    issuer: &str,
    key: &SecretKey,
    subject: Subject,
    content: Content,
) -> Vec<u8> {
    let issuer: IssuerId = issuer.parse().unwrap();
    let exhibit = Exhibit {
        id: Some("fedlex-cppnm-2022".to_owned()),
        title: "Status list of the Convention, as of 2022".to_owned(),
        address: "https://depositary.example/status".to_owned(),
        sha256: None,
        read: None,
        kind: SourceKind::Depositary,
        trust: "official".to_owned(),
    };
    let place = registry.next_place(&issuer);
    let payload = Payload { evidence: vec![exhibit], ..Payload::new(subject, content, place) };
    let signed = SignedStatement::sign(&Draft { issuer, payload }, key).unwrap();
    let checked = registry.check(signed.bytes()).unwrap();
    registry.accept(checked, registry.size()).unwrap();
    signed.bytes().to_vec()
}

/// A registry with one observer, and what it says after that.
fn log() -> (Registry, Vec<Vec<u8>>, SecretKey) {
    let key = |seed| SecretKey::from_seed(Algorithm::Ed25519, &[seed; SEED_LEN]).unwrap();
    let (officer, observer) = (key(1), key(2));
    let mut registry = Registry::new();
    let officers = vec![RootOfficer { issuer: "root".parse().unwrap(), key: officer.key().clone() }];
    let root = Content::Root(RootKeys { threshold: 1, officers });
    say(&mut registry, "root", &officer, Subject::Policy, root);
    let admission = Admission {
        issuer: "observer".parse().unwrap(),
        kind: IssuerKind::Observer,
        name: "observer".to_owned(),
        state: None,
        keys: vec![AdmittedKey { key: observer.key().clone(), not_after: None }],
        may_say: Entitlement::default(),
    };
    say(&mut registry, "root", &officer, Subject::Policy, Content::Issuer(admission));
    let before = registry.clone();
    let subject = Subject::State("XAA".parse().unwrap());
    let deposit = || {
        let (instrument, action) = (Instrument::Cppnm, ActionKind::Accession);
        Content::Fact(Body::TreatyAction { instrument, action, effective: None })
    };
    let entries =
        (0..STATEMENTS).map(|_| say(&mut registry, "observer", &observer, subject, deposit())).collect();
    (before, entries, observer)
}

fn verify(c: &mut Criterion) {
    let (registry, entries, key) = log();
    let read: Vec<SignedStatement> =
        entries.iter().map(|entry| SignedStatement::parse(entry).unwrap()).collect();
    let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let mut group = c.benchmark_group("verify");
    group.throughput(Throughput::Elements(STATEMENTS as u64)).sample_size(10);
    group.bench_function("signatures alone, all cores", |b| {
        b.iter(|| {
            thread::scope(|scope| {
                for share in read.chunks(read.len().div_ceil(threads.get())) {
                    let public = key.key();
                    scope.spawn(move || share.iter().for_each(|signed| signed.verify(public).unwrap()));
                }
            });
        });
    });
    group.bench_function("signatures, shape, admission; all cores", |b| {
        b.iter(|| {
            thread::scope(|scope| {
                for share in entries.chunks(entries.len().div_ceil(threads.get())) {
                    let rules = registry.rules();
                    scope.spawn(move || {
                        for entry in share {
                            black_box(rules.check(entry).unwrap());
                        }
                    });
                }
            });
        });
    });
    group.bench_function("parse", |b| {
        b.iter(|| entries.iter().for_each(|entry| drop(black_box(SignedStatement::parse(entry).unwrap()))));
    });
    group.bench_function("payload", |b| {
        b.iter(|| read.iter().for_each(|signed| drop(black_box(signed.payload().unwrap()))));
    });
    group.finish();
}

criterion_group!(benches, verify);
criterion_main!(benches);
