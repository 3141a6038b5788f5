//! `surety statement`: draft, sign, show and check statements.

mod ask;
mod draft;
pub(crate) mod show;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args as ClapArgs, Subcommand};
use serde_json::Value;
use surety_statement::{
    Draft, IssuerId, IssuerKey, Kind, Payload, Place, Registry, STATEMENT_LEN_MAX, SignedStatement,
    StatementSigner, Subject, schema,
};
use surety_token::{TokenAddress, TokenKey};

use crate::files;
use crate::now;
use crate::output::{Format, show};
use crate::report::Report;
use crate::review::Asked;
use crate::secret::{Passphrase, ask_pin};
use crate::source::SourceArgs;

const EXAMPLES: &str = "\
Examples:
  surety statement new commitment -o draft.json        answer what it asks
  surety statement sign draft.json --key key.age -o s1.cose
  surety statement sign draft.json --key key.age --after s1.cose -o s2.cose
  surety statement sign draft.json --key key.age --log https://log.example/surety --trust log.toml -o s3.cose
  surety statement show s1.cose
  surety statement schema commitment                   the JSON Schema, for tools of your own";

/// Draft, sign, show and check statements.
#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct StatementArgs {
    #[command(subcommand)]
    command: StatementCommand,
}

#[derive(Debug, Subcommand)]
enum StatementCommand {
    /// Write a draft: it asks for what its kind needs, and checks it
    New {
        /// The kind, such as commitment; `surety statement schema` lists them
        kind: Kind,
        /// An answer in advance, such as about=XAA or says.text="Reduce by 10 kg"; repeat it
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = draft::answer)]
        answers: Vec<(String, String)>,
        /// Where to write the draft [default: the standard output]
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Sign a draft
    Sign {
        /// The draft
        draft: PathBuf,
        /// The key of its issuer: a file made by `surety issuer new-key`, or a key on a token
        /// (pkcs11:token=…;object=…?module-path=…&pin-source=…)
        #[arg(long, value_name = "FILE|URI")]
        key: String,
        /// Of a key on a token, whose it is
        #[arg(long, value_name = "ID")]
        issuer: Option<IssuerId>,
        #[command(flatten)]
        passphrase: Passphrase,
        /// The issuer's last signed statement, which this one follows; with --log, the log is asked for it; with
        /// neither, this is its first
        #[arg(long, value_name = "FILE", conflicts_with = "log")]
        after: Option<PathBuf>,
        /// Where to write the signed statement
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Print a signed statement or a draft for people
    Show {
        /// The file
        file: PathBuf,
    },
    /// Check that files are signed statements or drafts, as a log would before it looks at who signed
    Check {
        /// The files
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// The key that must have signed them, such as ed25519:11qYAYKx…
        #[arg(long)]
        key: Option<IssuerKey>,
    },
    /// Print the JSON Schema of a kind of statement; without one, list the kinds
    Schema {
        /// The kind
        kind: Option<Kind>,
    },
}

pub(crate) fn run(args: &StatementArgs, source: &SourceArgs, format: Format) -> anyhow::Result<()> {
    match &args.command {
        StatementCommand::New { kind, answers, output } => new(*kind, answers, output.as_deref(), format),
        StatementCommand::Sign { draft, key, issuer, passphrase, after, output } => {
            let key = Key::open(key, issuer.as_ref(), passphrase)?;
            let log = source.log.as_ref().map(|log| source.load(log)).transpose()?;
            let registry = log.map(|log| log.registry);
            let place = match &registry {
                Some(registry) => registry.next_place(&key.issuer),
                None => place_after(&key.issuer, after.as_deref())?,
            };
            sign(draft, &key, place, registry, output, format)
        }
        StatementCommand::Show { file } => {
            let (payload, signed) = read(file)?;
            show(&show::Shown { payload, signed }, format)
        }
        StatementCommand::Check { files, key } => check(files, key.as_ref(), format),
        StatementCommand::Schema { kind: Some(kind) } => show(&show::SchemaView(schema(*kind)), format),
        StatementCommand::Schema { kind: None } => show(&show::Kinds, format),
    }
}

fn new(
    kind: Kind,
    answers: &[(String, String)],
    output: Option<&Path>,
    format: Format,
) -> anyhow::Result<()> {
    let draft = draft::new(kind, answers)?;
    let good = draft::check(&draft);
    let text = serde_json::to_string_pretty(&draft)? + "\n";
    match output {
        None => {
            good?;
            show(&show::Draft(draft), format)
        }
        Some(path) => {
            files::write_new(path, text.as_bytes())?;
            // What somebody has typed is not thrown away.
            good.with_context(|| {
                let path = path.display();
                format!(
                    "your answers are in {path}; mend them there, and try `surety statement check {path}`"
                )
            })?;
            let report = Report::new(format!("A draft of a {} is in {}", kind.title(), path.display()))
                .fact("kind", kind.as_str())
                .fact("file", path.display().to_string())
                .next("Read it, then sign it: surety statement sign");
            show(&report, format)
        }
    }
}

/// A key to sign with, and whose it is.
struct Key {
    issuer: IssuerId,
    signer: Box<dyn StatementSigner>,
}

impl Key {
    /// A file, or a key that stays on its token.
    fn open(key: &str, issuer: Option<&IssuerId>, passphrase: &Passphrase) -> anyhow::Result<Self> {
        if TokenAddress::is_meant(key) {
            let issuer = issuer.context("a token does not say whose key it has: give --issuer ID")?;
            let signer = TokenKey::open(&key.parse()?, ask_pin)?;
            return Ok(Self { issuer: issuer.clone(), signer: Box::new(signer) });
        }
        let file = crate::issuer::open(Path::new(key), passphrase)?;
        if let Some(issuer) = issuer.filter(|issuer| **issuer != file.issuer) {
            bail!("{key} is the key of `{}`, not of `{issuer}`", file.issuer);
        }
        Ok(Self { signer: Box::new(file.secret_key()?), issuer: file.issuer })
    }
}

/// The place of what an issuer signs next, after a file of its own.
fn place_after(issuer: &IssuerId, after: Option<&Path>) -> anyhow::Result<Place> {
    let Some(path) = after else { return Ok(Place::FIRST) };
    let last = read_signed(path)?;
    if last.issuer() != issuer {
        bail!("{} is by `{}`, and the key of `{issuer}`", path.display(), last.issuer());
    }
    Ok(Place::after(last.payload()?.number, last.payload_digest()))
}

fn sign(
    draft: &Path,
    key: &Key,
    place: Place,
    registry: Option<Registry>,
    output: &Path,
    format: Format,
) -> anyhow::Result<()> {
    let payload = draft::read(draft, Some(place))?;
    let draft = Draft { issuer: key.issuer.clone(), payload };
    let signed = SignedStatement::sign(&draft, key.signer.as_ref())?;
    if let Some(mut registry) = registry {
        let taken = registry.check(signed.bytes()).and_then(|checked| {
            checked.check_time(now())?;
            registry.accept(checked, registry.size())
        });
        taken.context("the log would not take it, so it is not written")?;
    }
    files::write_new(output, signed.bytes())?;
    let report = Report::new(format!("Signed: {}", draft.payload.content.summary()))
        .fact("issuer", draft.issuer.as_str())
        .fact("about", signed.subject().to_string())
        .fact("kind", draft.payload.kind().as_str())
        .fact("number", place.number)
        .fact("payload_sha256", signed.payload_digest().to_string())
        .fact("file", output.display().to_string())
        .next("It binds you once it is in a log. Keep the file: your next statement follows it.");
    show(&report, format)
}

fn check(paths: &[PathBuf], key: Option<&IssuerKey>, format: Format) -> anyhow::Result<()> {
    let mut good = Vec::new();
    for path in paths {
        let shown = || path.display().to_string();
        let (payload, signed) = read(path)?;
        match (&signed, key) {
            (Some(signed), Some(key)) => signed.verify(key).with_context(shown)?,
            (None, Some(_)) => bail!("{}: it is a draft, and nobody signed it", path.display()),
            (_, None) => {}
        }
        let what = if signed.is_some() { "signed statement" } else { "draft" };
        good.push(Value::from(format!("{}: {what}, {}", path.display(), payload.kind())));
    }
    let title = match (good.len(), key) {
        (1, Some(_)) => "The file is good, and signed by this key".to_owned(),
        (1, None) => "The file is good".to_owned(),
        (n, Some(_)) => format!("{n} files are good, and signed by this key"),
        (n, None) => format!("{n} files are good"),
    };
    let mut report = Report::new(title).fact("files", good);
    if key.is_none() {
        report = report.next("Who signed was not checked: give --key, or verify with a trust file.");
    }
    show(&report, format)
}

/// Reads a signed statement, or a draft.
fn read(path: &Path) -> anyhow::Result<(Payload, Option<SignedStatement>)> {
    let bytes = files::read(path, STATEMENT_LEN_MAX)?;
    let shown = || path.display().to_string();
    if bytes.first().is_some_and(|first| first.is_ascii_whitespace() || *first == b'{') {
        return Ok((draft::read_bytes(&bytes, None).with_context(shown)?, None));
    }
    let signed = SignedStatement::parse(&bytes).with_context(shown)?;
    let payload = signed.payload().with_context(shown)?;
    Ok((payload, Some(signed)))
}

/// Reads a signed statement.
pub(crate) fn read_signed(path: &Path) -> anyhow::Result<SignedStatement> {
    let bytes = files::read(path, STATEMENT_LEN_MAX)?;
    SignedStatement::parse(&bytes).with_context(|| format!("{} is not a signed statement", path.display()))
}

/// What a file in JSON is that somebody takes for a signed statement, and what to do with it.
pub(crate) fn not_signed(bytes: &[u8]) -> Option<&'static str> {
    if !bytes.trim_ascii_start().starts_with(b"{") {
        return None;
    }
    Some(if Asked::is_one(bytes) {
        "it is the challenge of a reviewer: nobody signs it, the State answers it with `surety register disclose \
         --challenge`"
    } else {
        "it is a draft: sign it first (`surety statement sign`)"
    })
}

/// A draft as JSON: a payload without the place that it gets when it is signed.
pub(crate) fn draft_of(payload: &Payload) -> anyhow::Result<Value> {
    draft::of(payload)
}

/// The subject of a statement of this kind about a State, or about nobody.
fn subject_of(kind: Kind, about: &Value) -> anyhow::Result<Subject> {
    match about {
        Value::String(state) => Ok(Subject::State(state.parse()?)),
        _ if kind.is_trust() || kind == Kind::Endorsement => Ok(Subject::Policy),
        _ => Ok(Subject::World),
    }
}
