//! An invented log: two officers of the root, an observer, an authority of XAA, a depositary and a reviewer.
#![allow(dead_code, unreachable_pub, reason = "each test file uses its part")]

use surety_core::{FactDate, StateCode};
use surety_law::{ActionKind, Instrument};
use surety_statement::{
    Accepted, Admission, AdmittedKey, Algorithm, Body, Content, Draft, Entitlement, IssuerId, IssuerKind,
    Payload, Place, Reference, Refusal, Registry, RootKeys, RootOfficer, SecretKey, SignedStatement,
    StatementSigner, Subject,
};

pub fn id(text: &str) -> IssuerId {
    text.parse().unwrap()
}

pub fn state(code: &str) -> StateCode {
    code.parse().unwrap()
}

pub fn about(code: &str) -> Subject {
    Subject::State(state(code))
}

/// A key that follows from a name.
pub fn key_of(algorithm: Algorithm, name: &str) -> SecretKey {
    SecretKey::from_seed(algorithm, &surety_statement::Digest::of(name.as_bytes()).0).unwrap()
}

pub fn key(name: &str) -> SecretKey {
    key_of(Algorithm::Ed25519, name)
}

pub fn accession(instrument: Instrument) -> Content {
    Content::Fact(Body::TreatyAction { instrument, action: ActionKind::Accession, effective: None })
}

pub fn commitment(text: &str) -> Content {
    Content::Fact(Body::Commitment { text: text.to_owned(), due: "2030".parse().unwrap(), material: None })
}

pub fn payload(subject: Subject, content: Content) -> Payload {
    let date: FactDate = "2026-01-02".parse().unwrap();
    Payload { date, ..Payload::new(subject, content, Place::FIRST) }
}

pub fn admission(name: &str, kind: IssuerKind, code: Option<&str>) -> Admission {
    Admission {
        issuer: id(name),
        kind,
        name: format!("the {kind} {name}"),
        state: code.map(state),
        keys: vec![AdmittedKey { key: key(name).key().clone(), not_after: None }],
        may_say: Entitlement::default(),
    }
}

pub fn root(threshold: u32, officers: &[&str]) -> RootKeys {
    let officers =
        officers.iter().map(|name| RootOfficer { issuer: id(name), key: key(name).key().clone() }).collect();
    RootKeys { threshold, officers }
}

pub const OFFICERS: [&str; 3] = ["root/a", "root/b", "root/c"];

/// A log in memory: its entries, and the registry folded from them.
#[derive(Clone, Default)]
pub struct Log {
    pub entries: Vec<Vec<u8>>,
    pub registry: Registry,
}

impl Log {
    /// A log whose root decides alone.
    pub fn with_root(threshold: u32) -> Self {
        let mut log = Self::default();
        log.say("root/a", Subject::Policy, Content::Root(root(threshold, &OFFICERS))).unwrap();
        log
    }

    /// A log with an issuer of each kind.
    pub fn new() -> Self {
        let mut log = Self::with_root(1);
        for (name, kind, code) in [
            ("observer", IssuerKind::Observer, None),
            ("xaa", IssuerKind::StateAuthority, Some("XAA")),
            ("depositary", IssuerKind::Depositary, None),
            ("reviewer", IssuerKind::Reviewer, None),
            ("organisation", IssuerKind::InternationalOrganisation, None),
        ] {
            log.decide(Content::Issuer(admission(name, kind, code))).unwrap();
        }
        log
    }

    /// Signs a payload with the key of its issuer, at its place in the issuer's sequence.
    pub fn sign(&self, issuer: &str, payload: Payload) -> SignedStatement {
        let place = self.registry.next_place(&id(issuer));
        let payload = Payload { number: place.number, previous: place.previous, ..payload };
        SignedStatement::sign(&Draft { issuer: id(issuer), payload }, &key(issuer)).unwrap()
    }

    pub fn log(&mut self, bytes: &[u8]) -> Result<Accepted, Refusal> {
        let checked = self.registry.check(bytes)?;
        let accepted = self.registry.accept(checked, self.entries.len() as u64)?;
        self.entries.push(bytes.to_vec());
        Ok(accepted)
    }

    pub fn put(&mut self, issuer: &str, payload: Payload) -> Result<Accepted, Refusal> {
        let signed = self.sign(issuer, payload);
        self.log(signed.bytes())
    }

    pub fn say(&mut self, issuer: &str, subject: Subject, content: Content) -> Result<Accepted, Refusal> {
        self.put(issuer, payload(subject, content))
    }

    /// A decision of the first officer.
    pub fn decide(&mut self, content: Content) -> Result<Accepted, Refusal> {
        self.say("root/a", Subject::Policy, content)
    }

    /// Another officer stands behind a decision.
    pub fn endorse(&mut self, officer: &str, decision: Reference) -> Result<Accepted, Refusal> {
        let content = Content::Fact(Body::Endorsement { capacity: "officer of the root".to_owned() });
        self.put(officer, Payload { refers_to: Some(decision), ..payload(Subject::Policy, content) })
    }

    /// The registry of the same entries, folded again.
    pub fn refolded(&self) -> Registry {
        let mut registry = Registry::new();
        for (index, entry) in self.entries.iter().enumerate() {
            let checked = registry.check(entry).unwrap();
            registry.accept(checked, index as u64).unwrap();
        }
        registry
    }
}

/// The code of a refusal.
pub fn code<T: std::fmt::Debug>(result: Result<T, Refusal>) -> &'static str {
    result.unwrap_err().code()
}
