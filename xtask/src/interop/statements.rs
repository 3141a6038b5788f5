//! Signed statements: ours for others to verify, and theirs for ours to admit.
//!
//! A folder has one file `<name>.cose` for each statement, and lists them in `statements.tsv`: name, issuer,
//! subject, and the key as `<algorithm>:<base64>`.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use surety_core::{FactDate, SourceKind, StateCode};
use surety_law::{ActionKind, Instrument};
use surety_statement::{
    Accepted, Admission, AdmittedKey, Algorithm, Body, Content, Digest, Draft, Entitlement, Exhibit,
    IssuerId, IssuerKey, IssuerKind, Payload, Place, Refusal, Registry, RootKeys, RootOfficer, SEED_LEN,
    SecretKey, SignedStatement, StatementSigner as _, Subject,
};

use super::samples::write;

/// The file that lists the statements of a folder.
const LIST: &str = "statements.tsv";

/// The officer who alone decides in the samples.
const OFFICER: &str = "root.example/officer";

/// Whom the samples admit, with what they sign.
const ISSUERS: [(&str, IssuerKind, Algorithm, u8); 3] = [
    ("depositary.example", IssuerKind::Depositary, Algorithm::Ed25519, 11),
    ("authority.example/xaa", IssuerKind::StateAuthority, Algorithm::Es256, 12),
    ("observer.example", IssuerKind::Observer, Algorithm::MlDsa44, 13),
];

/// A registry that one officer keeps, and the place of its next statement.
struct Founded {
    registry: Registry,
    officer: SecretKey,
    /// Everything that was logged, in order.
    entries: Vec<SignedStatement>,
}

impl Founded {
    fn new() -> anyhow::Result<Self> {
        let officer = SecretKey::from_seed(Algorithm::Ed25519, &[10; SEED_LEN])?;
        let mut founded = Self { registry: Registry::new(), officer, entries: Vec::new() };
        let officer = RootOfficer { issuer: OFFICER.parse()?, key: founded.officer.key().clone() };
        founded.decide(Content::Root(RootKeys { threshold: 1, officers: vec![officer] }))?;
        Ok(founded)
    }

    fn admit(&mut self, issuer: &str, kind: IssuerKind, key: IssuerKey) -> anyhow::Result<()> {
        self.decide(Content::Issuer(Admission {
            issuer: issuer.parse()?,
            kind,
            name: issuer.to_owned(),
            state: if kind == IssuerKind::StateAuthority { Some(state()?) } else { None },
            keys: vec![AdmittedKey { key, not_after: None }],
            may_say: Entitlement::default(),
        }))
    }

    fn decide(&mut self, content: Content) -> anyhow::Result<()> {
        let issuer: IssuerId = OFFICER.parse()?;
        let payload = Payload::new(Subject::Policy, content, self.registry.next_place(&issuer));
        let signed = SignedStatement::sign(&Draft { issuer, payload }, &self.officer)?;
        self.accept(signed)?;
        Ok(())
    }

    fn accept(&mut self, signed: SignedStatement) -> Result<Accepted, Refusal> {
        let checked = self.registry.check(signed.bytes())?;
        let accepted = self.registry.accept(checked, self.registry.size())?;
        self.entries.push(signed);
        Ok(accepted)
    }
}

/// Writes statements of ours: trust and facts, with each algorithm. Gives them as entries of a log.
pub(crate) fn write_statements(folder: &Path) -> anyhow::Result<Vec<Vec<u8>>> {
    let mut founded = Founded::new()?;
    let mut keys = vec![(OFFICER, founded.officer.key().clone())];
    for (issuer, kind, algorithm, seed) in ISSUERS {
        let key = SecretKey::from_seed(algorithm, &[seed; SEED_LEN])?;
        keys.push((issuer, key.key().clone()));
        founded.admit(issuer, kind, key.key().clone())?;
        let draft = Draft { issuer: issuer.parse()?, payload: deposit()? };
        founded.accept(SignedStatement::sign(&draft, &key)?)?;
    }
    let mut list = String::new();
    for (number, signed) in founded.entries.iter().enumerate() {
        let key = keys
            .iter()
            .find(|(issuer, _)| *issuer == signed.issuer().as_str())
            .context("a stranger signed")?;
        list.push_str(&format!("{number}\t{}\t{}\t{}\n", signed.issuer(), signed.subject(), key.1));
        write(&folder.join(format!("{number}.cose")), signed.bytes())?;
    }
    write(&folder.join(LIST), list)?;
    Ok(founded.entries.into_iter().map(|signed| signed.bytes().to_vec()).collect())
}

/// What the invented State did, and where it can be read.
fn deposit() -> anyhow::Result<Payload> {
    let body = Body::TreatyAction {
        instrument: Instrument::Cppnm,
        action: ActionKind::Ratification,
        effective: None,
    };
    let exhibit = Exhibit {
        id: None,
        title: "A notification that nobody made".to_owned(),
        address: "https://depositary.example/xaa".to_owned(),
        sha256: Some(Digest::of(b"document")),
        read: None,
        kind: SourceKind::Depositary,
        trust: String::new(),
    };
    let content = Content::Fact(body);
    Ok(Payload {
        id: Some("T0001".to_owned()),
        date: FactDate::on("2014-06-27".parse()?),
        evidence: vec![exhibit],
        note: "A sample: ü, \u{2028}, \"quoted\".".to_owned(),
        ..Payload::new(Subject::State(state()?), content, Place::FIRST)
    })
}

fn state() -> anyhow::Result<StateCode> {
    Ok("XAA".parse()?)
}

/// Checks statements of others: each is admitted once its key is, and not with a byte changed.
pub(crate) fn read_statements(folder: &Path) -> anyhow::Result<usize> {
    let path = folder.join(LIST);
    let list = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut founded = Founded::new()?;
    for line in list.lines() {
        let [name, issuer, subject, key] = line.split('\t').collect::<Vec<_>>()[..] else {
            anyhow::bail!("{}: `{line}` has not four columns", path.display());
        };
        let file = folder.join(format!("{name}.cose"));
        let bytes = fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let shown = || file.display().to_string();
        let signed = SignedStatement::parse(&bytes).with_context(shown)?;
        ensure!(
            signed.issuer().as_str() == issuer && signed.subject().to_string() == subject,
            "{}: another head",
            shown()
        );
        founded.admit(issuer, IssuerKind::Observer, key.parse()?)?;
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            ensure!(founded.registry.check(&changed).is_err(), "{}: passes with byte {at} changed", shown());
        }
        let accepted = founded.accept(signed).with_context(shown)?;
        ensure!(accepted.statement().is_some(), "{}: says no fact", shown());
    }
    Ok(list.lines().count())
}
