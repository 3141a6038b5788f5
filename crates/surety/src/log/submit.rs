//! `surety log submit`.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use surety_net::submit::{Submitted, Submitter};

use super::args::SubmitArgs;
use super::open::{NO_LIMIT, Opened, WITNESS_WAIT, open};
use super::place::Place;
use super::read::read_statement;
use crate::files::write_whole;
use crate::output::{Format, say};

/// Submits files one after the other, and writes proof and receipt beside each. Stops at the first that is refused.
pub(super) fn submit(args: &SubmitArgs, format: Format) -> anyhow::Result<()> {
    let log = Target::open(args)?;
    let (mut text, mut all) = (String::new(), Vec::<Value>::new());
    for file in &args.files {
        let statement = read_statement(file)?;
        let submitted = log.submit(&statement).with_context(|| said(&text, file))?;
        let (proof, receipt) = (beside(file, "tlog-proof"), beside(file, "receipt"));
        write_whole(&proof, submitted.proof.to_string().as_bytes())?;
        write_whole(&receipt, &submitted.receipt)?;
        let index = submitted.proof.index();
        let word = if submitted.again { "was logged before, at" } else { "is logged at" };
        let _ = writeln!(text, "{} {word} {index}: {}", file.display(), proof.display());
        all.push(json!({
            "file": file,
            "index": index,
            "again": submitted.again,
            "proof_file": proof,
            "receipt_file": receipt,
        }));
    }
    log.remember();
    say(text.trim_end(), &json!({ "logged": all }), format)
}

/// What went well before something did not.
fn said(before: &str, file: &Path) -> String {
    format!("{before}{}", file.display())
}

/// A file beside another, such as `x.cose.tlog-proof` beside `x.cose`.
fn beside(file: &Path, kind: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    PathBuf::from(name)
}

enum Target {
    Web(Submitter),
    Here(Box<Opened>),
}

impl Target {
    fn open(args: &SubmitArgs) -> anyhow::Result<Self> {
        Ok(match &args.to {
            Place::Web(address) => Self::Web(Submitter::new(address.clone())),
            here => Self::Here(Box::new(open(here, &args.unlock, WITNESS_WAIT, NO_LIMIT)?)),
        })
    }

    fn remember(&self) {
        if let Self::Here(opened) = self {
            opened.kept.keep(&opened.desk.checkpoint());
        }
    }

    fn submit(&self, statement: &[u8]) -> anyhow::Result<Submitted> {
        let opened = match self {
            Self::Web(submitter) => return Ok(submitter.submit(statement)?),
            Self::Here(opened) => opened,
        };
        let (sender, receiver) = mpsc::sync_channel(1);
        let done = move |result| drop(sender.send(result));
        opened.desk.submit(statement.to_vec(), Instant::now(), done)?;
        let Ok(logged) = receiver.recv() else { bail!("the log stopped") };
        let logged = logged?;
        let receipt = opened.key.receipt(statement, &logged.proof)?;
        Ok(Submitted { proof: logged.proof, receipt, again: logged.again })
    }
}
