//! `surety log init`, `surety log update`, `surety log trust`.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use surety_data::{Founding, Published as Said, Signatory, embedded, note_published, sign_all};
use surety_log::{
    Identity, KeyName, POLICY_LEN_MAX, Policy, Reader, SEED_LEN, Sequencer, SignatureType, Signer, SignerKey,
    VerifierKey,
};
use surety_statement::keyfile::{KeyFile, SecretString};
use surety_statement::{
    Algorithm, IssuerId, Place as Sequel, Reference, Registry, SecretKey, SignedStatement, Trust,
};
use zeroize::Zeroizing;

use super::args::{InitArgs, UpdateArgs};
use super::open::{NO_LIMIT, WITNESS_WAIT, open};
use super::place::{KEY_FILE, PRIVATE, Place, VERIFIER_FILE};
use crate::issuer;
use crate::output::{Format, show};
use crate::report::Report;
use crate::source::{SourceArgs, TRUST_FILE};
use crate::witness::key::{Keys, WORK_FACTOR};
use crate::{files, now};

/// Where the keys of officers and observer go, unless another folder is named.
const KEYS: &str = "keys";

/// The most officers of a new root.
const OFFICERS_MAX: u32 = 16;

/// Makes a new log: its key, the root of trust, the observer, and everything that the dataset says.
pub(super) fn init(args: &InitArgs, format: Format) -> anyhow::Result<()> {
    ensure!((1..=OFFICERS_MAX).contains(&args.officers), "a new root has 1 to {OFFICERS_MAX} officers");
    let folder = args.folder.as_path();
    let keys = args.keys.clone().unwrap_or_else(|| folder.join(KEYS));
    ensure!(!folder.join(KEY_FILE).exists(), "there is a log in {} already", folder.display());
    let passphrase = args.passphrase.new_one()?;

    let name: KeyName = args.origin.as_str().parse().context("the origin serves as the name of the key")?;
    let log_key = SignerKey::from_seed(name, SignatureType::Ed25519, &*random()?)?;
    let verifier = log_key.verifier().clone();
    let policy = policy_text(args.policy.as_deref(), &verifier)?;
    let observer_id: IssuerId = match &args.observer {
        Some(id) => id.clone(),
        None => format!("{}/observer", args.origin).parse()?,
    };
    let observer = NewKey::new(observer_id)?;
    let officers = (1..=args.officers)
        .map(|number| NewKey::new(format!("{}/officer-{number}", args.origin).parse()?))
        .collect::<anyhow::Result<Vec<_>>>()?;

    let founding = Founding {
        officers: officers.iter().map(NewKey::signatory).collect(),
        threshold: args.threshold,
        observer: observer.signatory(),
        policy: policy.clone(),
    };
    let dataset = (!args.without_dataset).then(embedded);
    let entries = founding.entries(dataset)?;
    let trust = Trust::of_registry(&fold(&entries)?, &policy)?;

    // Keys first: should the rest fail, there is no log that nobody can write to.
    make_private(&folder.join(PRIVATE))?;
    make_private(&keys)?;
    let log_keys = Keys::InMemory(vec![log_key]);
    files::write_secret(&folder.join(KEY_FILE), log_keys.to_file(Some(&passphrase))?.as_bytes())?;
    let mut written = Vec::new();
    for (name, key) in officers.iter().enumerate().map(|(at, key)| (format!("officer-{}", at + 1), key)) {
        written.push(key.write(&keys, &name, &passphrase)?);
    }
    let observer_file = observer.write(&keys, "observer", &passphrase)?;

    let stores = Place::Folder(folder.to_owned()).writer(None)?;
    let identity = Identity::new(args.origin.clone(), log_keys.into_signers())?;
    let mut log = Sequencer::create(stores, identity, now())?;
    for batch in entries.chunks(4_096) {
        log.commit(batch, now())?;
    }
    files::write_new(&folder.join(VERIFIER_FILE), format!("{verifier}\n").as_bytes())?;
    files::write_new(&folder.join(TRUST_FILE), trust.to_toml()?.as_bytes())?;

    let checkpoint = log.checkpoint();
    let path = |path: &Path| path.display().to_string();
    let report = Report::new(format!("{} is begun in {}", args.origin, folder.display()))
        .fact("entries", checkpoint.checkpoint().size())
        .fact("root", checkpoint.checkpoint().root().to_string())
        .fact("root_of_trust", trust.root().to_string())
        .fact("log_key", verifier.to_string())
        .fact("trust_file", path(&folder.join(TRUST_FILE)))
        .fact("observer_key", path(&observer_file))
        .fact("officers", officers.iter().map(|key| key.file.issuer.to_string()).collect::<Vec<_>>())
        .fact("threshold", args.threshold)
        .fact("officer_keys", written.iter().map(|file| path(file)).collect::<Vec<_>>())
        .next("Take the keys of the officers off this machine: each to its officer. The log does not need them.")
        .next(format!("See the world that it tells: surety world --log {}", folder.display()))
        .next(format!("Serve it: surety log serve {}", folder.display()));
    show(&report, format)
}

/// Logs what the built-in dataset says now and the log does not.
pub(super) fn update(args: &UpdateArgs, format: Format) -> anyhow::Result<()> {
    let opened = open(&args.place, &args.unlock, WITNESS_WAIT, NO_LIMIT)?;
    let observer = issuer::open(&args.observer_key, &args.unlock.passphrase)?;
    let id = observer.issuer.clone();
    let (said, place) = said_by(&id, &Reader::new(opened.public.as_ref()))?;
    let changes = embedded().changes(&said, place)?;
    let corrected = changes.iter().filter(|payload| payload.corrects.is_some()).count();
    let withdrawn = changes.iter().filter(|payload| payload.refers_to.is_some()).count();
    let key = observer.secret_key()?;
    let signed = sign_all(&changes, Signatory { id: &id, key: &key })?;
    for statement in signed {
        let (sender, receiver) = mpsc::sync_channel(1);
        opened.desk.submit(statement, Instant::now(), move |result| drop(sender.send(result)))?;
        receiver.recv().context("the log stopped")??;
    }
    opened.kept.keep(&opened.desk.checkpoint());
    let report = Report::new(format!("{} says what the built-in dataset says", args.place))
        .fact("new", changes.len() - corrected - withdrawn)
        .fact("corrected", corrected)
        .fact("withdrawn", withdrawn)
        .fact("entries", opened.desk.checkpoint().checkpoint().size());
    show(&report, format)
}

/// Writes a trust file of a log as it stands, once it was verified by an older one.
pub(super) fn trust(place: &Place, output: &Path, source: &SourceArgs, format: Format) -> anyhow::Result<()> {
    let source = SourceArgs {
        log: Some(place.clone()),
        size: source.size,
        trust: source.trust.clone(),
        attachments: source.attachments.clone(),
    };
    let before = source.trust()?;
    let loaded = source.load(place)?;
    let policy =
        loaded.registry.policy().map_or_else(|| before.policy_text(), |(_, policy)| &policy.witnesses);
    let trust = Trust::of_registry(&loaded.registry, policy)?;
    files::write_new(output, trust.to_toml()?.as_bytes())?;
    let report = Report::new(format!("{} as of {} entries", loaded.origin, loaded.folded.size))
        .fact("trust_file", output.display().to_string())
        .fact("entries", loaded.folded.size)
        .fact("root_of_trust", trust.root().to_string())
        .fact("issuers", loaded.registry.issuers().count());
    show(&report, format)
}

/// A key that is made here.
struct NewKey {
    file: KeyFile,
    key: SecretKey,
}

impl NewKey {
    fn new(issuer: IssuerId) -> anyhow::Result<Self> {
        let file = KeyFile::new(issuer, Algorithm::Ed25519, random()?);
        let key = file.secret_key()?;
        Ok(Self { file, key })
    }

    fn signatory(&self) -> Signatory<'_> {
        Signatory { id: &self.file.issuer, key: &self.key }
    }

    fn write(&self, folder: &Path, name: &str, passphrase: &SecretString) -> anyhow::Result<PathBuf> {
        let path = folder.join(format!("{name}.key"));
        files::write_secret(&path, self.file.seal(passphrase, Some(WORK_FACTOR))?.as_bytes())?;
        Ok(path)
    }
}

fn random() -> anyhow::Result<Zeroizing<[u8; SEED_LEN]>> {
    let mut seed = Zeroizing::new([0; SEED_LEN]);
    getrandom::fill(&mut *seed)
        .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
    Ok(seed)
}

/// The policy that was given, with the key of the new log; without one, the log stands alone.
fn policy_text(given: Option<&Path>, log: &VerifierKey) -> anyhow::Result<String> {
    let rest = match given {
        None => "quorum none\n".to_owned(),
        Some(path) => String::from_utf8(files::read(path, POLICY_LEN_MAX)?)
            .with_context(|| format!("{} is not text", path.display()))?,
    };
    let text = format!("log {log}\n{rest}");
    let check = Policy::parse(text.as_bytes());
    check.with_context(|| {
        "the policy names witnesses and a quorum, and no log: its `log` line is added here".to_owned()
    })?;
    Ok(text)
}

/// The registry of entries of which each must count.
fn fold(entries: &[Vec<u8>]) -> anyhow::Result<Registry> {
    let mut registry = Registry::new();
    for (index, entry) in (0..).zip(entries) {
        let checked = registry.check(entry)?;
        registry.accept(checked, index)?;
    }
    Ok(registry)
}

/// What an issuer has said in a log, as it stands, and the place of what it says next.
fn said_by(issuer: &IssuerId, reader: &Reader<'_>) -> anyhow::Result<(Said, Sequel)> {
    let signed = reader.checkpoint()?;
    let (mut said, mut next) = (Said::new(), Sequel::FIRST);
    let visit = |_, _, entry: &[u8]| -> anyhow::Result<()> {
        let statement = SignedStatement::parse(entry)?;
        if statement.issuer() == issuer {
            let payload = statement.payload()?;
            let sha256 = statement.payload_digest();
            next = Sequel::after(payload.number, sha256);
            let reference = Reference { issuer: issuer.clone(), number: payload.number, sha256 };
            note_published(&mut said, reference, payload);
        }
        Ok(())
    };
    match reader.visit(&signed, visit) {
        Ok(()) => Ok((said, next)),
        Err(surety_log::VisitError::Read(error)) => Err(error.into()),
        Err(surety_log::VisitError::Visit(error)) => Err(error),
    }
}

/// Makes a folder for keys. One that is there is left as it is: each key in it is private by itself.
fn make_private(folder: &Path) -> anyhow::Result<()> {
    if folder.is_dir() {
        return Ok(());
    }
    fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))
            .with_context(|| format!("cannot make {} private", folder.display()))?;
    }
    Ok(())
}
