//! `surety witness`: cosign the checkpoints of logs, and never two that contradict each other.

pub(crate) mod key;
pub(crate) mod serve;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use age::secrecy::SecretString;
use anyhow::{Context as _, bail};
use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;
use surety_log::witness::record_name;
use surety_log::{FolderStore, KeyName, SignatureType, Signer, Store as _, VerifierKey};

use crate::output::{Format, say};
use crate::secret::Passphrase;
use key::Keys;

/// The files in the folder of a witness.
const KEYS_FILE: &str = "keys";
const LOGS_FILE: &str = "logs";
const RECORD_FOLDER: &str = "record";

/// The most bytes of the file of logs.
const LOGS_LEN_MAX: u64 = 1024 * 1024;

const EXAMPLES: &str = "\
Examples:
  surety witness init W --name witness.example/w1 --log-key log.example/surety+f1e4d61f+AXM…
  surety witness serve W --listen 127.0.0.1:8089
  surety witness show W                                its keys, and what it last cosigned";

#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct WitnessArgs {
    #[command(subcommand)]
    pub(crate) command: WitnessCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum WitnessCommand {
    /// Make the folder of a witness, with new keys: Ed25519 and ML-DSA-44
    Init {
        /// The folder to make
        folder: PathBuf,
        /// What the witness is called: by custom an address without scheme, such as witness.example/w1
        #[arg(long)]
        name: KeyName,
        /// The key of a log to cosign, as its operator publishes it; repeat it for more logs
        #[arg(long, value_name = "VKEY")]
        log_key: Vec<VerifierKey>,
        /// Sign with an Ed25519 key on a token: pkcs11:token=…;object=…?module-path=…&pin-source=…
        #[arg(long, value_name = "URI", conflicts_with_all = ["unencrypted", "passphrase_file"])]
        token: Option<surety_token::TokenAddress>,
        /// Keep the keys without a passphrase: for machines that start unattended. Guard the file
        #[arg(long, conflicts_with = "passphrase_file")]
        unencrypted: bool,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Answer logs that ask for a cosignature (C2SP tlog-witness)
    Serve {
        /// The folder of the witness
        folder: PathBuf,
        /// Where to listen; put a TLS proxy before it
        #[arg(long, default_value = "127.0.0.1:8089", value_name = "ADDRESS:PORT")]
        listen: std::net::SocketAddr,
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Its keys, the logs that it knows, and what it last cosigned of each
    Show {
        /// The folder of the witness
        folder: PathBuf,
    },
}

pub(crate) fn run(args: &WitnessArgs, format: Format) -> anyhow::Result<()> {
    match &args.command {
        WitnessCommand::Init { folder, name, log_key, token, unencrypted, passphrase } => {
            let keys = match token {
                Some(address) => Keys::on_token(name, address)?,
                None => Keys::generate(name)?,
            };
            let passphrase = if *unencrypted || token.is_some() { None } else { Some(passphrase.new_one()?) };
            init(folder, &keys, log_key, passphrase.as_ref(), format)
        }
        WitnessCommand::Serve { folder, listen, passphrase } => {
            serve::run(folder, *listen, passphrase, format)
        }
        WitnessCommand::Show { folder } => show(folder, format),
    }
}

fn init(
    folder: &Path,
    keys: &Keys,
    logs: &[VerifierKey],
    passphrase: Option<&SecretString>,
    format: Format,
) -> anyhow::Result<()> {
    if let Some(other) = logs.iter().find(|key| key.signature_type() == SignatureType::Cosignature) {
        bail!("`{}` is the key of a witness: --log-key takes the key of a log", other.name());
    }
    if folder.join(KEYS_FILE).exists() {
        bail!("{} has a witness in it already: choose another folder", folder.display());
    }
    let store = FolderStore::writer(folder)?;
    // What is public comes first, the secret last: an interrupted start is simply begun again.
    let public = lines(keys.verifiers());
    let known = lines(logs.iter());
    store.put(&[("keys.pub".to_owned(), public.into_bytes()), (LOGS_FILE.to_owned(), known.into_bytes())])?;
    key::write(&folder.join(KEYS_FILE), &keys.to_file(passphrase)?)?;
    let lines: Vec<String> = keys
        .verifiers()
        .map(|key| format!("witness {} {key} https://<address>", short(key.name())))
        .collect();
    let text = format!(
        "{} is a witness now. It knows {} {}; add the keys of more to the file `{LOGS_FILE}`, one on each line.\n\
         Give its keys to those who write policies, with the address at which it answers:\n\n{}\n\n\
         Start it with: surety witness serve {}",
        folder.display(),
        logs.len(),
        if logs.len() == 1 { "log" } else { "logs" },
        lines.join("\n"),
        folder.display()
    );
    let verifiers: Vec<String> = keys.verifiers().map(ToString::to_string).collect();
    say(&text, &json!({ "folder": folder, "keys": verifiers, "logs": names(logs) }), format)
}

/// A name for a policy: the last part of the name of the key.
fn short(name: &KeyName) -> &str {
    name.as_str().rsplit('/').find(|part| !part.is_empty()).unwrap_or("witness")
}

fn names(logs: &[VerifierKey]) -> Vec<&str> {
    logs.iter().map(|key| key.name().as_str()).collect()
}

/// The logs that a witness knows.
fn logs(folder: &Path) -> anyhow::Result<Vec<VerifierKey>> {
    let text = read_text(folder, LOGS_FILE)?;
    let path = folder.join(LOGS_FILE);
    let mut logs = Vec::new();
    for (number, line) in (1..).zip(text.lines().map(str::trim)) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let key: VerifierKey = line.parse().with_context(|| format!("{}, line {number}", path.display()))?;
        if key.signature_type() == SignatureType::Cosignature {
            bail!(
                "{}, line {number}: `{}` is the key of a witness, not of a log",
                path.display(),
                key.name()
            );
        }
        logs.push(key);
    }
    Ok(logs)
}

fn read_text(folder: &Path, name: &str) -> anyhow::Result<String> {
    let not_one = || {
        format!("{} is not the folder of a witness: make one with `surety witness init`", folder.display())
    };
    let store = FolderStore::read_only(folder).with_context(not_one)?;
    let bytes = store.get(name, LOGS_LEN_MAX)?.with_context(not_one)?;
    String::from_utf8(bytes).with_context(|| format!("{} is not text", folder.join(name).display()))
}

fn show(folder: &Path, format: Format) -> anyhow::Result<()> {
    let public = read_text(folder, "keys.pub")?;
    let mut text = String::from("Keys\n");
    for line in public.lines() {
        let _ = writeln!(text, "  {line}");
    }
    text.push_str("\nLogs\n");
    let mut rows = Vec::new();
    let record = folder.join(RECORD_FOLDER);
    for key in logs(folder)? {
        let Ok(origin) = key.name().as_str().parse() else { continue };
        // The record is read as it lies there, so that a witness at work is not disturbed.
        let path = record.join("witness").join(record_name(&origin));
        let last = fs::read_to_string(&path).ok().and_then(|text| last_cosigned(&text));
        if let Some((size, time)) = last {
            let _ = writeln!(text, "  {origin}: {size} entries cosigned at {}", at(time));
            rows.push(json!({ "origin": origin.as_str(), "size": size, "time": time }));
        } else {
            let _ = writeln!(text, "  {origin}: nothing cosigned yet");
            rows.push(json!({ "origin": origin.as_str(), "size": null, "time": null }));
        }
    }
    let keys: Vec<&str> = public.lines().collect();
    say(text.trim_end(), &json!({ "keys": keys, "logs": rows }), format)
}

fn lines<'k>(keys: impl Iterator<Item = &'k VerifierKey>) -> String {
    keys.flat_map(|key| [key.to_string(), "\n".to_owned()]).collect()
}

/// Size and time of a record.
fn last_cosigned(record: &str) -> Option<(u64, i64)> {
    let (time, checkpoint) = record.split_once("\n\n")?;
    let size = checkpoint.lines().nth(1)?.parse().ok()?;
    Some((size, time.strip_prefix("time ")?.parse().ok()?))
}

fn at(seconds: i64) -> String {
    jiff::Timestamp::from_second(seconds).map_or_else(|_| seconds.to_string(), |time| time.to_string())
}

/// The keys of a witness, and what they sign with.
fn signers(folder: &Path, passphrase: &Passphrase) -> anyhow::Result<Vec<std::sync::Arc<dyn Signer>>> {
    let path = folder.join(KEYS_FILE);
    let bytes = key::read(&path).with_context(|| {
        format!("{} is not the folder of a witness: make one with `surety witness init`", folder.display())
    })?;
    Keys::from_file(&bytes, passphrase).with_context(|| path.display().to_string()).map(Keys::into_signers)
}
