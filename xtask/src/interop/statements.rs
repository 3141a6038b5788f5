//! Signed statements: ours for others to verify, and theirs for ours to admit.
//!
//! A folder has one file `<name>.cose` for each statement, and lists them in `statements.tsv`: name, issuer,
//! subject, and the key as `<algorithm>:<base64>`. The COSE receipt of each, in the log of all of them in order, is
//! `<name>.receipt`; `receipts.tsv` has name and key of the log.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use surety_core::{FactDate, SourceKind, StateCode};
use surety_law::{ActionKind, Instrument};
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{SignatureType, Signer as _, SignerKey, VerifierKey};
use surety_statement::receipt::{self, Inclusion};
use surety_statement::{
    Accepted, Admission, AdmittedKey, Algorithm, Body, Content, Digest, Draft, Entitlement, Exhibit,
    IssuerId, IssuerKey, IssuerKind, Payload, Place, Refusal, Registry, RootKeys, RootOfficer, SEED_LEN,
    SecretKey, SignedStatement, StatementSigner as _, Subject,
};

use super::samples::write;

/// The log that makes receipts.
const LOG: &str = "log.example/receipts";

/// The file that lists the receipts of a folder.
const RECEIPTS: &str = "receipts.tsv";

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

/// Writes statements of ours: trust and facts, with each algorithm; and their receipts.
pub(crate) fn write_statements(folder: &Path) -> anyhow::Result<()> {
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
        writeln!(list, "{number}\t{}\t{}\t{}", signed.issuer(), signed.subject(), key.1)?;
        write(&folder.join(format!("{number}.cose")), signed.bytes())?;
    }
    write(&folder.join(LIST), list)?;
    write_receipts(folder, &founded.entries)
}

fn write_receipts(folder: &Path, entries: &[SignedStatement]) -> anyhow::Result<()> {
    let log = SignerKey::from_seed(LOG.parse()?, SignatureType::Ed25519, &[14; SEED_LEN])?;
    let key = IssuerKey::new(Algorithm::Ed25519, log.verifier().public_bytes())?;
    let tree: Tree = entries.iter().map(|signed| leaf_hash(signed.bytes())).collect();
    let mut list = String::new();
    for (index, signed) in (0..).zip(entries) {
        let inclusion = Inclusion { size: tree.size(), index, path: tree.prove_inclusion(index)? };
        let receipt = receipt::issue(signed.bytes(), signed.subject(), &inclusion, &LOG.parse()?, &log)?;
        write(&folder.join(format!("{index}.receipt")), receipt)?;
        writeln!(list, "{index}\t{key}")?;
    }
    write(&folder.join(RECEIPTS), list)
}

/// Checks receipts of others: each for its own entry, at its place, and not with a byte changed that matters.
pub(crate) fn read_receipts(folder: &Path) -> anyhow::Result<usize> {
    let path = folder.join(RECEIPTS);
    let list = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let count = list.lines().count();
    for (index, line) in (0..).zip(list.lines()) {
        let (name, key) = line.split_once('\t').with_context(|| format!("{}: `{line}`", path.display()))?;
        let key: IssuerKey = key.parse()?;
        let log = VerifierKey::new(LOG.parse()?, SignatureType::Ed25519, key.public_bytes())?;
        let entry = fs::read(folder.join(format!("{name}.cose")))?;
        let receipt = fs::read(folder.join(format!("{name}.receipt")))?;
        let inclusion =
            receipt::verify(&receipt, &entry, &log).with_context(|| format!("receipt of {name}"))?;
        ensure!(
            (inclusion.index, inclusion.size) == (index, count as u64),
            "the receipt of {name}: another place"
        );
        ensure!(receipt::verify(&receipt, b"another entry", &log).is_err(), "{name}: another entry passes");
        for at in 0..receipt.len() {
            let mut changed = receipt.clone();
            changed[at] ^= 1;
            // The log signs a root, and no size: another size with the same path to the same root is as good.
            let taken = receipt::verify(&changed, &entry, &log)
                .is_ok_and(|other| other.path != inclusion.path || other.index != index);
            ensure!(!taken, "the receipt of {name} passes with byte {at} changed");
        }
    }
    ensure!(count > 0, "{}: no receipts", path.display());
    Ok(count)
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
