//! `surety log submit`.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::mpsc;
use std::time::Instant;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use surety_log::Proof;
use surety_net::submit::{Submitted, Submitter};
use surety_statement::{SignedStatement, Trust};

use super::args::SubmitArgs;
use super::open::{NO_LIMIT, Opened, WITNESS_WAIT, open, report};
use super::place::Place;
use super::read::read_statement;
use crate::files::{beside, write_whole};
use crate::output::{Format, say};
use crate::source::{SourceArgs, read_trust};
use crate::statement::not_signed;

/// Submits files one after the other, and writes proof and receipt beside each. Stops at the first that is refused.
pub(super) fn submit(args: &SubmitArgs, source: &SourceArgs, format: Format) -> anyhow::Result<()> {
    let trust = source.trust.as_deref().map(read_trust).transpose()?;
    let log = Target::open(args)?;
    let (mut text, mut all) = (String::new(), Vec::<Value>::new());
    for file in &args.files {
        let statement = read_statement(file)?;
        check_signed(&statement).with_context(|| said(&text, file))?;
        let submitted = log.submit(&statement).with_context(|| said(&text, file))?;
        let (proof, receipt) = (beside(file, "tlog-proof"), beside(file, "receipt"));
        write_whole(&proof, submitted.proof.to_string().as_bytes())?;
        write_whole(&receipt, &submitted.receipt)?;
        let index = submitted.proof.index();
        let witnesses = trust.as_ref().map(|trust| seen_by(&submitted.proof, &statement, trust)).transpose();
        let witnesses = witnesses.with_context(|| said(&text, file))?;
        let word = if submitted.again { "was logged before, at" } else { "is logged at" };
        let seen = match witnesses {
            None => String::new(),
            Some(0) => ", seen by no witness".to_owned(),
            Some(1) => ", seen by 1 witness".to_owned(),
            Some(witnesses) => format!(", seen by {witnesses} witnesses"),
        };
        let _ = writeln!(text, "{} {word} {index}{seen}: {}", file.display(), proof.display());
        all.push(json!({
            "file": file,
            "index": index,
            "again": submitted.again,
            "witnesses": witnesses,
            "proof_file": proof,
            "receipt_file": receipt,
        }));
    }
    log.remember();
    if trust.is_none() {
        text.push_str(
            "Whether witnesses have seen it was not checked: `surety verify FILE --trust FILE` does.",
        );
    }
    say(text.trim_end(), &json!({ "logged": all }), format)
}

/// What nobody signed is told in words, and no log is asked.
fn check_signed(bytes: &[u8]) -> anyhow::Result<()> {
    if let Some(why) = not_signed(bytes) {
        bail!("{why}");
    }
    if SignedStatement::parse(bytes).is_err() {
        bail!("it is no signed statement, or it is damaged: `surety statement sign` writes one");
    }
    Ok(())
}

/// How many witnesses have seen a statement in the log, as its reader will count them.
fn seen_by(proof: &Proof, statement: &[u8], trust: &Trust) -> anyhow::Result<usize> {
    let logged = proof.verify(statement, trust.policy());
    let logged = logged.context("the log gave a proof that the trust file does not believe")?;
    let mut witnesses: Vec<_> = logged.cosigned.iter().map(|cosigned| &cosigned.witness).collect();
    witnesses.dedup();
    Ok(witnesses.len())
}

/// What went well before something did not.
fn said(before: &str, file: &Path) -> String {
    format!("{before}{}", file.display())
}

enum Target {
    Web(Submitter),
    Here(Box<Opened>),
}

fn tell(why: &str) {
    report(&format_args!("{why}; asking again"));
}

impl Target {
    fn open(args: &SubmitArgs) -> anyhow::Result<Self> {
        Ok(match &args.to {
            Place::Web(address) => Self::Web(Submitter::new(address.clone()).telling(tell)),
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
