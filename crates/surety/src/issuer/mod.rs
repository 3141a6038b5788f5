//! `surety issuer`: keys of issuers, and drafts of what the officers of a root decide about them.

mod list;

use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use anyhow::{Context as _, bail};
use clap::{Args as ClapArgs, Subcommand};
use surety_core::{Date, StateCode, parse_day};
use surety_law::Instrument;
use surety_log::{POLICY_LEN_MAX, Policy};
use surety_statement::certificate::{chain_from_pem, is_for_key};
use surety_statement::keyfile::{KEY_FILE_LEN_MAX, KeyFile};
use surety_statement::{
    Admission, AdmittedKey, Algorithm, Body, CERTIFICATES_MAX, Content, Entitlement, IssuerId, IssuerKey,
    IssuerKind, KeyRotation, KeyThumbprint, Kind, Limits, LogPolicy, Payload, Place, Reference, Revocation,
    RootKeys, RootOfficer, SEED_LEN, StatementSigner as _, Subject,
};
use zeroize::Zeroizing;

use crate::files;
use crate::output::{Format, show};
use crate::report::Report;
use crate::secret::Passphrase;
use crate::source::SourceArgs;
use crate::statement::{draft_of, read_signed};

/// The most bytes of a file of certificates.
const CHAIN_LEN_MAX: usize = 64 * 1024;

const EXAMPLES: &str = "\
To become an issuer:
  surety issuer new-key xaa.example/authority -o key.age
  surety issuer draft-admission xaa.example/authority --kind state-authority --state XAA \\
      --name \"Nuclear Security Authority of XAA\" --key ed25519:… -o admission.json
Send the draft to the officers of the root. One signs it; the others endorse what was signed:
  surety statement sign admission.json --key officer.age --after last.cose -o admission.cose
  surety issuer draft-endorsement admission.cose -o endorsement.json";

/// Keys of issuers, and drafts of what the officers of a root decide about them.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct IssuerArgs {
    #[command(subcommand)]
    command: IssuerCommand,
}

#[derive(Debug, Subcommand)]
enum IssuerCommand {
    /// Make a secret key, encrypted with a passphrase
    NewKey {
        /// What the issuer is called in what it signs, such as xaa.example/authority
        issuer: IssuerId,
        /// ed25519; es256 for certificates of a State; ml-dsa-44 to outlast quantum computers
        #[arg(long, default_value = "ed25519")]
        algorithm: Algorithm,
        #[command(flatten)]
        passphrase: Passphrase,
        /// Where to write the key
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Show whose key a file holds, and its public part
    Show {
        /// The key
        key: PathBuf,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Put the certificates of a key into a copy of its file: all that it signs carries them
    Certify {
        /// The key
        key: PathBuf,
        /// Certificates in PEM: that of the key first, then each that vouches for the one before
        #[arg(long, value_name = "FILE")]
        chain: PathBuf,
        #[command(flatten)]
        passphrase: Passphrase,
        /// Where to write the key with its certificates
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Draft the policy of the log: which witnesses must have seen a checkpoint, for the officers of the root
    DraftPolicy {
        /// A C2SP tlog-policy, with the `log` line of the log
        policy: PathBuf,
        /// How much one key may submit in a minute
        #[arg(long, value_name = "N")]
        statements_per_minute: Option<u32>,
        /// The most bytes of a signed statement
        #[arg(long, value_name = "N")]
        statement_bytes_max: Option<u32>,
        #[command(flatten)]
        output: Output,
    },
    /// Draft the admission of an issuer, for the officers of the root
    DraftAdmission {
        /// The issuer
        issuer: IssuerId,
        /// depositary, state-authority, international-organisation, reviewer or observer
        #[arg(long)]
        kind: IssuerKind,
        /// The name it goes by
        #[arg(long)]
        name: String,
        /// Of a State's authority, the State
        #[arg(long)]
        state: Option<StateCode>,
        /// A public key of it; repeat it
        #[arg(long, required = true)]
        key: Vec<IssuerKey>,
        /// The last day on which what the keys sign can be logged
        #[arg(long, value_name = "DATE", value_parser = day)]
        not_after: Option<Date>,
        #[command(flatten)]
        may_say: MaySay,
        #[command(flatten)]
        output: Output,
    },
    /// Draft new keys for an issuer, and the end of old ones
    DraftRotation {
        /// The issuer
        issuer: IssuerId,
        /// A new public key; repeat it
        #[arg(long)]
        key: Vec<IssuerKey>,
        /// The last day on which what the new keys sign can be logged
        #[arg(long, value_name = "DATE", value_parser = day)]
        not_after: Option<Date>,
        /// The thumbprint of a key that ends; repeat it
        #[arg(long, value_name = "THUMBPRINT")]
        retire: Vec<KeyThumbprint>,
        #[command(flatten)]
        output: Output,
    },
    /// Draft the revocation of keys: nothing that they sign counts any more, what was logged stays
    Revoke {
        /// The issuer
        issuer: IssuerId,
        /// The thumbprint of a key; repeat it; without any, all of them
        #[arg(long, value_name = "THUMBPRINT")]
        key: Vec<KeyThumbprint>,
        /// Why
        #[arg(long)]
        reason: String,
        #[command(flatten)]
        output: Output,
    },
    /// Draft a root of trust: its officers, and how many of them decide together
    DraftRoot {
        /// How many decide
        #[arg(long)]
        threshold: u32,
        /// An officer and its public key, as ID=KEY; repeat it
        #[arg(long, required = true, value_name = "ID=KEY", value_parser = officer)]
        officer: Vec<RootOfficer>,
        #[command(flatten)]
        output: Output,
    },
    /// Draft an endorsement of a signed statement: by another officer of the root, a second officer, a reviewer
    DraftEndorsement {
        /// The signed statement
        statement: PathBuf,
        /// In what capacity
        #[arg(long, default_value = "officer of the root")]
        capacity: String,
        #[command(flatten)]
        output: Output,
    },
    /// List the issuers of a trust file (--trust), or of a log as it stands (--log), with their keys
    List,
}

/// What an issuer may say, where that is less than what its kind of issuer may.
#[derive(Debug, ClapArgs)]
struct MaySay {
    /// It may make only this kind of statement; repeat it
    #[arg(long, value_name = "KIND")]
    only_kind: Vec<Kind>,
    /// It may speak only about this State; repeat it
    #[arg(long, value_name = "STATE")]
    only_about: Vec<StateCode>,
    /// It may tell treaty actions only on this instrument; repeat it
    #[arg(long, value_name = "INSTRUMENT")]
    only_instrument: Vec<Instrument>,
}

/// Where a draft goes.
#[derive(Debug, ClapArgs)]
struct Output {
    /// Where to write the draft
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

fn day(text: &str) -> Result<Date, String> {
    parse_day(text).map_err(|error| error.to_string())
}

fn officer(text: &str) -> Result<RootOfficer, String> {
    let (issuer, key) = text.split_once('=').ok_or("write ID=KEY, such as a.example/officer=ed25519:…")?;
    let issuer = issuer.parse().map_err(|error: surety_statement::ParseIssuerIdError| error.to_string())?;
    let key = key.parse().map_err(|error: surety_statement::KeyError| error.to_string())?;
    Ok(RootOfficer { issuer, key })
}

pub(crate) fn run(args: &IssuerArgs, source: &SourceArgs, format: Format) -> anyhow::Result<()> {
    match &args.command {
        IssuerCommand::NewKey { issuer, algorithm, passphrase, output } => {
            new_key(issuer, *algorithm, passphrase, output, format)
        }
        IssuerCommand::Show { key, passphrase } => {
            let key = open(key, passphrase)?;
            show(&described(Report::new(format!("A key of {}", key.issuer)), &key)?, format)
        }
        IssuerCommand::Certify { key, chain, passphrase, output } => {
            certify(key, chain, passphrase, output, format)
        }
        IssuerCommand::List => show(&list::Issuers(source.trust_now()?), format),
        draft => {
            let (payload, output) = drafted(draft)?;
            write_draft(&payload, &output.output, format)
        }
    }
}

/// What a command drafts.
fn drafted(command: &IssuerCommand) -> anyhow::Result<(Payload, &Output)> {
    let admitted = |keys: &[IssuerKey], not_after: Option<Date>| {
        keys.iter().map(|key| AdmittedKey { key: key.clone(), not_after }).collect::<Vec<_>>()
    };
    let (content, output) = match command {
        IssuerCommand::DraftAdmission { issuer, kind, name, state, key, not_after, may_say, output } => {
            let may_say = Entitlement {
                kinds: may_say.only_kind.clone(),
                about: may_say.only_about.clone(),
                instruments: may_say.only_instrument.clone(),
            };
            let keys = admitted(key, *not_after);
            let (issuer, name) = (issuer.clone(), name.clone());
            let admission = Admission { issuer, kind: *kind, name, state: *state, keys, may_say };
            (Content::Issuer(admission), output)
        }
        IssuerCommand::DraftRotation { issuer, key, not_after, retire, output } => {
            let add = admitted(key, *not_after);
            let rotation = KeyRotation { issuer: issuer.clone(), add, retire: retire.clone() };
            (Content::KeyRotation(rotation), output)
        }
        IssuerCommand::Revoke { issuer, key, reason, output } => {
            let revocation = Revocation { issuer: issuer.clone(), keys: key.clone(), reason: reason.clone() };
            (Content::Revocation(revocation), output)
        }
        IssuerCommand::DraftRoot { threshold, officer, output } => {
            let root = RootKeys { threshold: *threshold, officers: officer.clone() };
            (Content::Root(root), output)
        }
        IssuerCommand::DraftPolicy { policy, statements_per_minute, statement_bytes_max, output } => {
            let witnesses = String::from_utf8(files::read(policy, POLICY_LEN_MAX)?)
                .with_context(|| format!("{} is not text", policy.display()))?;
            let parsed = Policy::parse(witnesses.as_bytes()).with_context(|| policy.display().to_string())?;
            if parsed.logs().is_empty() {
                bail!("{} names no log: begin it with `log` and the key of the log", policy.display());
            }
            let limits = Limits {
                statements_per_minute: *statements_per_minute,
                statement_bytes_max: *statement_bytes_max,
            };
            (Content::Policy(LogPolicy { witnesses, limits }), output)
        }
        IssuerCommand::DraftEndorsement { statement, capacity, output } => {
            return Ok((endorsement(statement, capacity)?, output));
        }
        IssuerCommand::NewKey { .. }
        | IssuerCommand::Show { .. }
        | IssuerCommand::Certify { .. }
        | IssuerCommand::List => bail!("this command drafts nothing"),
    };
    Ok((Payload::new(Subject::Policy, content, Place::FIRST), output))
}

fn endorsement(path: &Path, capacity: &str) -> anyhow::Result<Payload> {
    let signed = read_signed(path)?;
    let reference = Reference {
        issuer: signed.issuer().clone(),
        number: signed.payload()?.number,
        sha256: signed.payload_digest(),
    };
    let content = Content::Fact(Body::Endorsement { capacity: capacity.to_owned() });
    let refers_to = Some(reference);
    Ok(Payload { refers_to, ..Payload::new(signed.subject(), content, Place::FIRST) })
}

fn write_draft(payload: &Payload, path: &Path, format: Format) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(&draft_of(payload)?)? + "\n";
    files::write_new(path, text.as_bytes())?;
    let report = Report::new(format!("Drafted: {}", payload.content.summary()))
        .fact("kind", payload.kind().as_str())
        .fact("file", path.display().to_string())
        .next("Read it, then sign it: surety statement sign");
    show(&report, format)
}

fn new_key(
    issuer: &IssuerId,
    algorithm: Algorithm,
    passphrase: &Passphrase,
    output: &Path,
    format: Format,
) -> anyhow::Result<()> {
    let mut seed = Zeroizing::new([0; SEED_LEN]);
    getrandom::fill(&mut *seed).context("the system gives no randomness")?;
    let key = KeyFile::new(issuer.clone(), algorithm, seed);
    let passphrase = passphrase.new_one()?;
    files::write_secret(output, key.seal(&passphrase, None)?.as_bytes())?;
    let report = described(Report::new(format!("A new key of {issuer} is in {}", output.display())), &key)?
        .fact("file", output.display().to_string())
        .next("Keep the file and the passphrase apart. Nobody can restore either.")
        .next("Next: surety issuer draft-admission");
    show(&report, format)
}

fn certify(
    path: &Path,
    chain: &Path,
    passphrase: &Passphrase,
    output: &Path,
    format: Format,
) -> anyhow::Result<()> {
    let passphrase = passphrase.known()?;
    let mut key = open_with(path, &passphrase)?;
    let shown = || chain.display().to_string();
    let pem = String::from_utf8(files::read(chain, CHAIN_LEN_MAX)?).with_context(shown)?;
    key.certificates = chain_from_pem(&pem).with_context(shown)?;
    if key.certificates.len() > CERTIFICATES_MAX {
        bail!("{} has more than {CERTIFICATES_MAX} certificates", chain.display());
    }
    is_for_key(&key.certificates[0], key.secret_key()?.key()).with_context(shown)?;
    files::write_secret(output, key.seal(&passphrase, None)?.as_bytes())?;
    let title = format!("The key of {} with its certificates is in {}", key.issuer, output.display());
    let report = described(Report::new(title), &key)?
        .fact("certificates", key.certificates.len())
        .next("Readers who have the anchor of your authority in their trust file see whose key it is.");
    show(&report, format)
}

fn described(report: Report, key: &KeyFile) -> anyhow::Result<Report> {
    let secret = key.secret_key()?;
    let public = secret.key();
    Ok(report
        .fact("issuer", key.issuer.as_str())
        .fact("algorithm", key.algorithm.as_str())
        .fact("public_key", public.to_string())
        .fact("thumbprint", public.thumbprint().to_string()))
}

/// Opens the file of a key.
pub(crate) fn open(path: &Path, passphrase: &Passphrase) -> anyhow::Result<KeyFile> {
    open_with(path, &passphrase.known()?)
}

fn open_with(path: &Path, passphrase: &SecretString) -> anyhow::Result<KeyFile> {
    let bytes = files::read(path, KEY_FILE_LEN_MAX)?;
    KeyFile::open(&bytes, passphrase).with_context(|| path.display().to_string())
}
