//! `surety verify`: what signed files show, offline.

mod signed;

use std::path::{Path, PathBuf};

use anyhow::Context as _;
use clap::Args as ClapArgs;
use serde::Serialize;
use serde_json::{Value, json};
use surety_log::PROOF_LEN_MAX;
use surety_proof::verify::{PUBLISHED, Shown};
use surety_proof::{FILE_LEN_MAX, FileKind};
use surety_statement::{
    Attachment, Body, Content, Digest, Explanation, IssuerId, STATEMENT_LEN_MAX, SignedStatement, Trust,
    explain,
};

use self::signed::{Files, SignedRoots};
use crate::assurance::shown_in_words;
use crate::files::{self, beside};
use crate::output::{Format, Page, Sheet, View, show};
use crate::source::SourceArgs;
use crate::statement::not_signed;

/// The ends of the names of what comes with a statement.
const PROOF: &str = "tlog-proof";
const RECEIPT: &str = "receipt";

const EXAMPLES: &str = "\
Examples:
  surety verify s1.cose --trust trust.toml             with s1.cose.tlog-proof beside it
  surety verify s1.cose --log https://log.example --trust trust.toml    as the log stands now
  surety verify *.package *.ranges *.claim             a claim about a register, without any log";

#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct VerifyArgs {
    /// Signed statements, and what is made of a register: packages, range proofs, claims, assignments, reviews. With a
    /// statement FILE.tlog-proof and FILE.receipt beside it are read too; claims need the packages of their roots
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
    let mut given = Given::default();
    for file in args.files.iter().filter(|file| !comes_with_another(file, &args.files)) {
        given.take(file)?;
    }
    let mut said = given.of_statements(source)?;
    let mut signed = SignedRoots::default();
    for statement in &said {
        given.carried(statement);
        signed.take(statement);
    }
    let mut shown = given.of_registers();
    for verified in &mut shown {
        signed.compare(verified);
    }
    let files = Files::new(&given.of_registers, &shown);
    for statement in &mut said {
        files.compare(statement);
        signed.compare_root(statement);
    }
    for (at, note) in files.not_named(&said) {
        shown[at].notes.push(note);
    }
    let results: Vec<Verified> = said.into_iter().chain(shown).chain(given.unknown).collect();
    let (bad, all) = (results.iter().filter(|verified| verified.shown.is_err()).count(), results.len());
    show(&Verdicts(results), format)?;
    if bad == 0 { Ok(()) } else { Err(NotVerified { bad, all }.into()) }
}

/// The files that were named, and what statements among them carry.
#[derive(Default)]
struct Given {
    statements: Vec<(PathBuf, Vec<u8>)>,
    /// What is made of a register, verified in one batch.
    of_registers: Vec<OfRegister>,
    /// What is neither. It shows nothing, and takes nothing else with it.
    unknown: Vec<Verified>,
}

/// A file that is made of a register.
struct OfRegister {
    file: PathBuf,
    bytes: Vec<u8>,
    digest: Digest,
    /// Who signed the statement that carries it, if one does.
    signed_by: Option<IssuerId>,
}

impl OfRegister {
    fn new(file: PathBuf, bytes: Vec<u8>, signed_by: Option<IssuerId>) -> Self {
        Self { file, digest: Digest::of(&bytes), bytes, signed_by }
    }
}

impl Given {
    fn take(&mut self, file: &Path) -> anyhow::Result<()> {
        let bytes = files::read(file, FILE_LEN_MAX)?;
        if FileKind::of(&bytes).is_some() {
            self.of_registers.push(OfRegister::new(file.to_owned(), bytes, None));
        } else if let Some(why) = not_a_statement(&bytes) {
            self.unknown.push(Verified::of(file.to_owned(), Err(why)));
        } else {
            self.statements.push((file.to_owned(), bytes));
        }
        Ok(())
    }

    /// Verifies the statements. Whom to believe is asked only where there is one.
    fn of_statements(&mut self, source: &SourceArgs) -> anyhow::Result<Vec<Verified>> {
        if self.statements.is_empty() {
            return Ok(Vec::new());
        }
        let trust = source.trust_now()?;
        let statements = std::mem::take(&mut self.statements).into_iter();
        statements.map(|(file, statement)| Verified::of_statement(&file, &statement, &trust)).collect()
    }

    /// Takes the claim or review that a statement carries, under the name of the statement.
    fn carried(&mut self, verified: &Verified) {
        let Ok(Known::Said(explanation)) = &verified.shown else { return };
        let attachment = match &explanation.payload.content {
            Content::Fact(Body::Proof(proven)) => Some(&proven.proof),
            Content::Fact(Body::ReviewFinding(finding)) => finding.review.as_ref(),
            _ => None,
        };
        if let Some(bytes) = attachment.and_then(Attachment::bytes) {
            let mut name = verified.file.as_os_str().to_owned();
            name.push(" (carries)");
            let signed_by = Some(explanation.id.clone());
            self.of_registers.push(OfRegister::new(PathBuf::from(name), bytes, signed_by));
        }
    }

    fn of_registers(&self) -> Vec<Verified> {
        let bytes: Vec<&[u8]> = self.of_registers.iter().map(|given| given.bytes.as_slice()).collect();
        let report = surety_proof::verify::verify(&bytes);
        let files = self.of_registers.iter().zip(report.files());
        files
            .map(|(OfRegister { file, signed_by, .. }, shown)| {
                let signed_by = signed_by.clone();
                let known = |shown| {
                    Known::Shown(Box::new(OfRegisters { shown, signed_by, signed: false, published: false }))
                };
                let shown = shown.clone().map(known).map_err(|error| error.to_string());
                Verified::of(file.clone(), shown)
            })
            .collect()
    }
}

/// Why bytes that are not made of a register are no signed statement either, in words for whoever has the file.
fn not_a_statement(bytes: &[u8]) -> Option<String> {
    /// How a tagged `COSE_Sign1` begins.
    const TAG: u8 = 0xd2;
    if bytes.starts_with(b"age-encryption.org/") {
        return Some("it is encrypted: its reader opens it with `surety disclosure check`".to_owned());
    }
    if let Some(why) = not_signed(bytes) {
        return Some(why.to_owned());
    }
    if bytes.len() <= STATEMENT_LEN_MAX && SignedStatement::parse(bytes).is_ok() {
        return None;
    }
    Some(if bytes.first() == Some(&TAG) && bytes.len() <= STATEMENT_LEN_MAX {
        "it begins as a signed statement does, and is damaged: get it again".to_owned()
    } else {
        "it is neither a signed statement nor a package, range proofs, a claim, an assignment or a review; or its \
         beginning is damaged: get it again"
            .to_owned()
    })
}

/// Whether a file is the proof or receipt of another that was named: `*` names them all.
fn comes_with_another(file: &Path, all: &[PathBuf]) -> bool {
    [PROOF, RECEIPT].iter().any(|end| all.iter().any(|other| beside(other, end) == file))
}

/// What one file shows, or why it shows nothing.
struct Verified {
    file: PathBuf,
    shown: Result<Known, String>,
    /// What else is to be known of it, seen beside the other files.
    notes: Vec<String>,
}

/// What is known once a file is verified.
enum Known {
    /// What a signed statement says.
    Said(Box<Explanation>),
    /// What something that is made of a register shows.
    Shown(Box<OfRegisters>),
}

/// What a file that is made of a register shows, and what is known of it besides.
struct OfRegisters {
    shown: Shown,
    /// Who signed the statement that carries it.
    signed_by: Option<IssuerId>,
    /// Whether the State signed every root that it is about, in statements among the files.
    signed: bool,
    /// Whether these are in a log.
    published: bool,
}

impl OfRegisters {
    fn on_whose_word(&self) -> String {
        match (&self.shown, &self.signed_by) {
            (Shown::Review(_), Some(reviewer)) => format!("the reviewer's: {reviewer} signed it"),
            (shown, _) => shown.on_whose_word().to_owned(),
        }
    }

    fn assumed(&self) -> impl Iterator<Item = &'static str> {
        let assumed = self.shown.assumed().into_iter();
        assumed.filter(|assumed| !(self.published && *assumed == PUBLISHED))
    }
}

impl Verified {
    fn of(file: PathBuf, shown: Result<Known, String>) -> Self {
        Self { file, shown, notes: Vec::new() }
    }

    fn of_statement(file: &Path, statement: &[u8], trust: &Trust) -> anyhow::Result<Self> {
        let proof = read_beside(file, PROOF)?;
        let receipt = read_beside(file, RECEIPT)?;
        let shown = explain(statement, proof.as_deref(), receipt.as_deref(), trust);
        let shown = shown.map(|said| Known::Said(Box::new(said))).map_err(|error| error.to_string());
        Ok(Self::of(file.to_owned(), shown))
    }
}

impl Known {
    fn paragraphs(&self) -> Vec<(&'static str, String)> {
        match self {
            Self::Said(said) => said.paragraphs(),
            Self::Shown(known) => {
                let mut all =
                    vec![("Known", shown_in_words(&known.shown)), ("On whose word", known.on_whose_word())];
                if known.signed {
                    all.push(("Its root", "is the one that the State signed".to_owned()));
                }
                if let Shown::Review(review) = &known.shown {
                    let chance = |sample: &surety_proof::Sampled| {
                        let found = 100.0 * sample.detection_probability(sample.leaves.div_ceil(20));
                        format!(
                            "of {} it would find one of {} false leaves with {found:.1} %",
                            sample.scope,
                            sample.leaves.div_ceil(20)
                        )
                    };
                    let chances: Vec<String> = review.samples.iter().map(chance).collect();
                    all.push(("The sample", chances.join("; ")));
                }
                all
            }
        }
    }

    fn assumed(&self) -> Vec<String> {
        match self {
            Self::Said(said) => said.assumed.iter().map(ToString::to_string).collect(),
            Self::Shown(known) => known.assumed().map(str::to_owned).collect(),
        }
    }
}

fn read_beside(file: &Path, end: &str) -> anyhow::Result<Option<Vec<u8>>> {
    let path = beside(file, end);
    if !path.try_exists().with_context(|| format!("cannot look at {}", path.display()))? {
        return Ok(None);
    }
    files::read(&path, PROOF_LEN_MAX).map(Some)
}

/// In a few words. Without a proof, nothing shows that anybody else has seen a statement.
fn verdict(shown: &Result<Known, String>) -> &'static str {
    match shown {
        Ok(Known::Said(said)) if said.logged.is_none() => "signature good, NOT SHOWN TO BE LOGGED",
        Ok(_) => "verified",
        Err(_) => "NOT VERIFIED",
    }
}

struct Verdicts(Vec<Verified>);

impl View for Verdicts {
    fn page(&self) -> Page {
        let mut page = Page::default();
        for Verified { file, shown, notes } in &self.0 {
            page.heading(&format!("{}: {}", file.display(), verdict(shown)));
            match shown {
                Err(why) => page.indented("Why:  ", why),
                Ok(known) => {
                    for (name, text) in known.paragraphs() {
                        page.indented(&format!("{name:<17} "), &text);
                    }
                    for note in notes {
                        page.indented(&format!("{:<17} ", "Note"), note);
                    }
                    for (at, assumed) in known.assumed().iter().enumerate() {
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
        let rows = self.0.iter().map(|Verified { file, shown, .. }| {
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
                Ok(Known::Shown(known)) => (
                    "yes",
                    known.signed_by.as_ref().map_or_else(String::new, ToString::to_string),
                    known.shown.anchors().first().map_or_else(String::new, |anchor| anchor.state.to_string()),
                    shown_in_words(&known.shown),
                    String::new(),
                    String::new(),
                    String::new(),
                ),
                Ok(Known::Said(shown)) => (
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

fn as_json(Verified { file, shown, notes }: &Verified) -> Value {
    match shown {
        Err(why) => json!({ "file": file, "verified": false, "why": why }),
        Ok(Known::Shown(known)) => json!({
            "file": file,
            "verified": true,
            "shows": shown_in_words(&known.shown),
            "roots_signed": known.signed,
            "roots": known.shown.anchors().iter().map(|anchor| json!({
                "state": anchor.state,
                "date": anchor.date,
                "root": anchor.root,
            })).collect::<Vec<_>>(),
            "on_whose_word": known.on_whose_word(),
            "notes": notes,
            "assumed": known.assumed().collect::<Vec<_>>(),
        }),
        Ok(Known::Said(shown)) => json!({
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
            "notes": notes,
            "assumed": shown.assumed,
        }),
    }
}
