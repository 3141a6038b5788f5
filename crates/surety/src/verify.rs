//! `surety verify`: what signed files show, offline.

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Value, json};
use surety_log::PROOF_LEN_MAX;
use surety_statement::{Explanation, STATEMENT_LEN_MAX, Trust, explain};

use crate::files;
use crate::output::{Format, Page, Sheet, View, show};
use crate::source::SourceArgs;

/// The ends of the names of what comes with a statement.
const PROOF: &str = "tlog-proof";
const RECEIPT: &str = "receipt";

#[derive(Debug, ClapArgs)]
pub(crate) struct VerifyArgs {
    /// Signed statements; FILE.tlog-proof and FILE.receipt beside each are read too
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
}

/// Some file does not verify: no failure of the program, and its exit code says so.
#[derive(Debug, thiserror::Error)]
#[error("{bad} of {all} files do not verify")]
pub(crate) struct NotVerified {
    bad: usize,
    all: usize,
}

pub(crate) fn run(args: &VerifyArgs, source: &SourceArgs, format: Format) -> anyhow::Result<()> {
    let trust = source.trust()?;
    let results = args.files.iter().filter(|file| !comes_with_another(file, &args.files));
    let results = results.map(|file| Verified::new(file, &trust)).collect::<anyhow::Result<Vec<_>>>()?;
    let (bad, all) = (results.iter().filter(|verified| verified.shown.is_err()).count(), results.len());
    show(&Verdicts(results), format)?;
    if bad == 0 { Ok(()) } else { Err(NotVerified { bad, all }.into()) }
}

/// Whether a file is the proof or receipt of another that was named: `*` names them all.
fn comes_with_another(file: &Path, all: &[PathBuf]) -> bool {
    [PROOF, RECEIPT].iter().any(|end| all.iter().any(|other| beside(other, end) == file))
}

fn beside(file: &Path, end: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(end);
    PathBuf::from(name)
}

/// What one file shows, or why it shows nothing.
struct Verified {
    file: PathBuf,
    shown: Result<Explanation, String>,
}

impl Verified {
    fn new(file: &Path, trust: &Trust) -> anyhow::Result<Self> {
        let statement = files::read(file, STATEMENT_LEN_MAX)?;
        let proof = read_beside(file, PROOF)?;
        let receipt = read_beside(file, RECEIPT)?;
        let shown = explain(&statement, proof.as_deref(), receipt.as_deref(), trust);
        Ok(Self { file: file.to_owned(), shown: shown.map_err(|error| error.to_string()) })
    }
}

fn read_beside(file: &Path, end: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let path = beside(file, end);
    if !path.try_exists().with_context(|| format!("cannot look at {}", path.display()))? {
        return Ok(None);
    }
    files::read(&path, PROOF_LEN_MAX).map(Some)
}

struct Verdicts(Vec<Verified>);

impl View for Verdicts {
    fn page(&self) -> Page {
        let mut page = Page::default();
        for Verified { file, shown } in &self.0 {
            page.heading(&format!(
                "{}: {}",
                file.display(),
                if shown.is_ok() { "verified" } else { "NOT VERIFIED" }
            ));
            match shown {
                Err(why) => page.indented("Why:  ", why),
                Ok(explanation) => {
                    for (name, text) in explanation.paragraphs() {
                        page.indented(&format!("{name:<17} "), &text);
                    }
                    for (at, assumed) in explanation.assumed.iter().enumerate() {
                        let name = if at == 0 { "Remains assumed" } else { "" };
                        page.indented(&format!("{name:<17} "), assumed);
                    }
                }
            }
        }
        page
    }

    fn json(&self) -> impl Serialize {
        json!({ "files": self.0.iter().map(as_json).collect::<Vec<_>>() })
    }

    fn sheet(&self) -> Sheet {
        let rows = self.0.iter().map(|Verified { file, shown }| {
            let (verified, issuer, about, says, level, index, why) = match shown {
                Err(why) => (
                    "no",
                    String::new(),
                    String::new(),
                    String::new(),
                    String::new(),
                    String::new(),
                    why.clone(),
                ),
                Ok(shown) => (
                    "yes",
                    shown.id.to_string(),
                    shown.payload.subject.to_string(),
                    shown.payload.content.summary(),
                    shown.level.number().to_string(),
                    shown.logged.as_ref().map_or_else(String::new, |logged| logged.index.to_string()),
                    String::new(),
                ),
            };
            vec![file.display().to_string(), verified.to_owned(), issuer, about, says, level, index, why]
        });
        Sheet::new(["file", "verified", "issuer", "about", "says", "level", "entry", "why"], rows)
    }
}

fn as_json(Verified { file, shown }: &Verified) -> Value {
    match shown {
        Err(why) => json!({ "file": file, "verified": false, "why": why }),
        Ok(shown) => json!({
            "file": file,
            "verified": true,
            "issuer": shown.id,
            "about": shown.payload.subject.to_string(),
            "kind": shown.payload.kind(),
            "says": shown.payload.content.summary(),
            "date": shown.payload.date,
            "level": shown.level,
            "logged": shown.logged.as_ref().map(|logged| json!({
                "log": logged.origin,
                "entry": logged.index,
                "size": logged.size,
                "by": logged.by,
                "witnesses": logged.witnesses.iter().map(|seen| json!({
                    "witness": seen.witness,
                    "time": seen.time,
                })).collect::<Vec<_>>(),
            })),
            "certified": shown.certified,
            "assumed": shown.assumed,
        }),
    }
}
