//! `surety review` and `surety disclosure`: what a reviewer or another reader does, offline.

mod beacon;
mod challenge;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clap::{Args as ClapArgs, Subcommand};
use serde_json::json;
use surety_core::{Date, parse_day};
use surety_proof::{
    Assignment, Disclosure, FILE_LEN_MAX, FileKind, Holder, LABEL_LEN_MAX, Opening, Package, Record, Review,
    Root, Sampled, Scope, detection_probability, sample_size,
};
use surety_statement::{Attachment, Body, Digest, ReviewFinding};
use zeroize::Zeroizing;

use self::beacon::Beacon;
pub(crate) use self::challenge::Asked;
use crate::assurance::{media_type, read_package, rng, scope, write_draft};
use crate::files;
use crate::output::{Format, show};
use crate::report::Report;
use crate::source::SourceArgs;

const EXAMPLES: &str = "\
A review, step by step:
  surety review challenge --package XAA-2026-12-31.package --of \"military HEU\" --beacon checkpoint -o challenge.json
  (the State answers with `surety register disclose --challenge challenge.json`)
  surety review sign --package XAA-2026-12-31.package --assignment XAA-2026-12-31.assignment \\
      --challenge challenge.json --disclosure sample.age --identity reviewer.key \\
      --method \"items weighed\" --text \"as declared\" -o finding.json
  surety statement sign finding.json --key reviewer.age -o finding.cose

The beacon must be younger than the root and not the State's to choose: take the checkpoint of a log that has the root.
With --log LOG it is checked that it has.";

#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct ReviewArgs {
    #[command(subcommand)]
    command: ReviewCommand,
}

#[derive(Debug, Subcommand)]
enum ReviewCommand {
    /// Draw a sample of leaves that nobody could foresee, for the State to open
    Challenge {
        /// The package of the root
        #[arg(long, value_name = "FILE")]
        package: PathBuf,
        /// Which material, such as "military HEU"
        #[arg(long, value_parser = scope)]
        of: Scope,
        /// How many leaves; without it, as many as find five false ones in a hundred with 95 %
        #[arg(long)]
        leaves: Option<u64>,
        /// Something public that was fixed after the root: the checkpoint of a log that has it
        #[arg(long, value_name = "FILE")]
        beacon: PathBuf,
        /// The challenge to write
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Check the sample that was opened, and draft the finding to sign
    #[command(visible_alias = "draft")]
    Sign(SignArgs),
}

#[derive(Debug, ClapArgs)]
struct SignArgs {
    /// The package of the root
    #[arg(long, value_name = "FILE")]
    package: PathBuf,
    /// The challenge that was asked
    #[arg(long, value_name = "FILE")]
    challenge: PathBuf,
    /// What the State opened for it
    #[arg(long, value_name = "FILE")]
    disclosure: PathBuf,
    /// The secret key that it is encrypted to, as age-keygen writes it
    #[arg(long, value_name = "FILE")]
    identity: PathBuf,
    /// The assignment of leaves to sites: with it every sum of every site is checked
    #[arg(long, value_name = "FILE")]
    assignment: Option<PathBuf>,
    /// How what was opened was compared with what is there, in a few words
    #[arg(long)]
    method: String,
    /// The day of the review [default: today]
    #[arg(long, value_parser = day)]
    date: Option<Date>,
    /// How many of the opened leaves are not as the State has them
    #[arg(long, value_name = "N", default_value_t = 0)]
    found_false: u64,
    /// The finding, in words that can be public
    #[arg(long)]
    text: String,
    /// The draft to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DisclosureArgs {
    #[command(subcommand)]
    command: DisclosureCommand,
}

#[derive(Debug, Subcommand)]
enum DisclosureCommand {
    /// Decrypt what a State opened for you, and check it against the root that it published
    Check {
        /// The disclosure
        file: PathBuf,
        /// Your secret key, as age-keygen writes it
        #[arg(long, value_name = "FILE")]
        identity: PathBuf,
        /// The root that the State published
        #[arg(long)]
        root: Root,
        /// The challenge that it answers, if it is a sample
        #[arg(long, value_name = "FILE")]
        challenge: Option<PathBuf>,
    },
}

pub(crate) fn run(args: &ReviewArgs, source: &SourceArgs, today: Date, format: Format) -> anyhow::Result<()> {
    let report = match &args.command {
        ReviewCommand::Challenge { package, of, leaves, beacon, output } => {
            ask(&read_package(package)?, source, *of, *leaves, beacon, output)?
        }
        ReviewCommand::Sign(args) => sign(args, today)?,
    };
    show(&report, format)
}

pub(crate) fn run_disclosure(args: &DisclosureArgs, format: Format) -> anyhow::Result<()> {
    let DisclosureCommand::Check { file, identity, root, challenge } = &args.command;
    let disclosure = unseal(file, identity)?;
    ensure!(
        disclosure.anchor().root == *root,
        "{} opens entries of the root {}, and not of {root}: it shows nothing about that",
        file.display(),
        disclosure.anchor().root
    );
    let asked = challenge.as_deref().map(Asked::read).transpose()?;
    show(&shown(&disclosure, asked.as_ref())?, format)
}

fn ask(
    package: &Package,
    source: &SourceArgs,
    of: Scope,
    leaves: Option<u64>,
    beacon: &Path,
    output: &Path,
) -> anyhow::Result<Report> {
    const BEACON_LEN_MAX: usize = 4_096;
    let all = leaves_of(package, of);
    let leaves = leaves.or_else(|| sample_size(all, all.div_ceil(20), 0.95)).unwrap_or(all);
    ensure!(leaves > 0, "a sample of no leaf shows nothing");
    let file = beacon;
    let beacon = files::read(file, BEACON_LEN_MAX)?;
    let public =
        Beacon::read(&beacon).with_context(|| format!("{} is published with the review", file.display()))?;
    let younger = public.is_younger(source, package).with_context(|| file.display().to_string())?;
    let mut nonce = [0; 32];
    rand_core::Rng::fill_bytes(&mut rng()?, &mut nonce);
    let asked = Asked::new(package.anchor().root, of, leaves, &beacon, nonce);
    let chosen = asked.choose(&package.header().layout)?;
    files::write_new(output, (serde_json::to_string_pretty(&asked)? + "\n").as_bytes())?;
    Ok(Report::new(format!("{} of {all} leaves of {of} are asked for: {}", chosen.len(), output.display()))
        .fact("root", package.anchor().root.to_string())
        .fact("leaves", chosen)
        .fact("beacon", younger)
        .fact("challenge", output.display().to_string())
        .next("Hand it to the State: surety register disclose --challenge"))
}

fn leaves_of(package: &Package, of: Scope) -> u64 {
    let sections = of.classes().filter_map(|class| package.header().layout.leaf_entries(class));
    sections.map(|section| section.end - section.start).sum()
}

fn sign(args: &SignArgs, today: Date) -> anyhow::Result<Report> {
    check_said(
        &args.method,
        "--method",
        "how was what was opened compared with what is there, such as \"items weighed\"?",
    )?;
    check_said(&args.text, "--text", "what was found, in words that can be public?")?;
    ensure!(
        args.method.len() <= LABEL_LEN_MAX,
        "--method has {} bytes: say it in at most {LABEL_LEN_MAX}, and the rest in --text",
        args.method.len()
    );
    let package = read_package(&args.package)?;
    let disclosure = unseal(&args.disclosure, &args.identity)?;
    let asked = Asked::read(&args.challenge)?;
    let assignment = args
        .assignment
        .as_deref()
        .map(|path| -> anyhow::Result<_> {
            let bytes = files::read(path, FILE_LEN_MAX)?;
            Assignment::read(&bytes, &package).with_context(|| path.display().to_string())
        })
        .transpose()?;
    let (challenge, of) = (asked.challenge()?, asked.scope()?);
    let mut sample =
        Sampled::of_disclosure(challenge, of, asked.leaves, &package, &disclosure, assignment.as_ref())?;
    ensure!(
        args.found_false <= sample.examined,
        "{} leaves were opened: no more can be false",
        sample.examined
    );
    sample.found_false = args.found_false;
    let anchor = package.anchor();
    let date = args.date.unwrap_or(today);
    ensure!(date <= crate::today(), "{date} is not here yet: a review is signed when it is done");
    ensure!(date >= anchor.date, "{date} is before the day of the root, {}", anchor.date);
    let review = Review {
        anchor,
        date,
        method: args.method.clone(),
        samples: vec![sample],
        assignment_checked: assignment.is_some(),
    };
    let examined = review.samples.iter().map(|sample| sample.examined).sum();
    let bytes = review.encode()?;
    let finding = ReviewFinding {
        root: Some(Digest(anchor.root.0)),
        method: args.method.clone(),
        examined,
        consistent: review.is_consistent(),
        text: args.text.clone(),
        review: Some(Attachment::new(&media_type(FileKind::Review), &bytes, String::new)),
    };
    let says = Body::ReviewFinding(finding);
    write_draft(&args.output, anchor.state, review.date, "", None, says)?;
    Ok(Report::new(format!("Drafted the finding: {}", args.output.display()))
        .fact("root", anchor.root.to_string())
        .fact("found", review.to_string())
        .fact("consistent", review.is_consistent())
        .fact("would_have_found", chances(&review.samples[0]))
        .fact("draft", args.output.display().to_string())
        .next("Read it, and sign it with your key: surety statement sign"))
}

/// What a reader needs is not left empty.
fn check_said(text: &str, flag: &str, question: &str) -> anyhow::Result<()> {
    ensure!(!text.trim().is_empty(), "{flag} is empty: {question}");
    Ok(())
}

/// What a sample shows: how likely it would have found false leaves.
fn chances(sample: &Sampled) -> Vec<String> {
    [1, 2, 5, 10, 50, 100]
        .into_iter()
        .filter(|count| *count <= sample.leaves)
        .map(|count| chance(count, sample.leaves, sample.examined))
        .collect()
}

fn chance(false_leaves: u64, leaves: u64, examined: u64) -> String {
    let probability = 100.0 * detection_probability(leaves, false_leaves, examined);
    format!("{probability:.1} % when {false_leaves} of {leaves} leaves are false")
}

fn shown(disclosure: &Disclosure, asked: Option<&Asked>) -> anyhow::Result<Report> {
    let anchor = disclosure.anchor();
    let opened: Vec<String> = disclosure.openings().iter().map(numbered).collect();
    let totals: Vec<String> = disclosure
        .shown_mg()
        .into_iter()
        .map(|(class, mg)| {
            format!("{} g of {class}", surety_material::show_grams(i64::try_from(mg).unwrap_or(i64::MAX)))
        })
        .collect();
    let mut report = Report::new(format!(
        "{} entries are what {} committed to for {}",
        opened.len(),
        anchor.state,
        anchor.date
    ))
    .fact("root", anchor.root.to_string())
    .fact("opened", opened)
    .fact("adds_up_to", totals)
    .fact("sites_shown_whole", json!(disclosure.whole_holders(Holder::Site)))
    .fact("mbas_shown_whole", json!(disclosure.whole_holders(Holder::Area)));
    if let Some(asked) = asked {
        ensure!(asked.challenge()?.root() == anchor.root, "the challenge is for another root");
        let layout = &disclosure.header().layout;
        let chosen = asked.choose(layout)?;
        let is_open = |leaf: &u64| disclosure.openings().iter().any(|opening| opening.index() == *leaf);
        if let Some(missing) = chosen.iter().find(|leaf| !is_open(leaf)) {
            bail!("leaf {missing} was drawn and is not opened: the sample shows nothing");
        }
        let sections =
            asked.scope()?.classes().filter_map(|class| layout.leaf_entries(class)).collect::<Vec<_>>();
        let leaves: u64 = sections.iter().map(|section| section.end - section.start).sum();
        let examined = u64::try_from(chosen.len())?;
        let chances: Vec<String> = [1, 2, 5, 10, 50, 100]
            .into_iter()
            .filter(|count| *count <= leaves)
            .map(|count| chance(count, leaves, examined))
            .collect();
        report = report.fact("sample_would_find_a_false_leaf", chances);
    }
    Ok(report.next(format!("Assumed: {}.", surety_proof::verify::ONLY_INSPECTION)))
}

/// An entry with its number: that of a leaf is the one that a challenge asks for.
fn numbered(opening: &Opening) -> String {
    let what = match opening.record() {
        Record::Holding { .. } | Record::EmptyLeaf { .. } => "leaf",
        _ => "entry",
    };
    format!("{what} {}: {}", opening.index(), say(opening.record()))
}

fn say(record: &Record) -> String {
    let grams = |mg: u64| surety_material::show_grams(i64::try_from(mg).unwrap_or(i64::MAX));
    match record {
        Record::Holding { holding, .. } => format!(
            "{}: {} g of {}, at {} in {}",
            holding.id,
            grams(holding.mass_mg),
            holding.class,
            holding.site,
            holding.area
        ),
        Record::EmptyLeaf { .. } => "a leaf that holds nothing".to_owned(),
        Record::Holder { label: Some(label), .. } => format!("what {label} holds in all"),
        Record::Holder { label: None, .. } => "a place without a site".to_owned(),
        Record::Requirement { id, regime, maturity } => {
            let maturity = maturity.map_or_else(|| "not stated".to_owned(), |maturity| maturity.to_string());
            format!("{id}, {regime}: maturity {maturity}")
        }
        Record::Balance(Some(balance)) => format!(
            "{} in {}, {}: MUF {} g, alarm from {} g on",
            balance.material,
            balance.area,
            balance.period,
            surety_material::show_grams(balance.muf_mg),
            surety_material::show_grams(balance.threshold_mg)
        ),
        Record::Balance(None) => "a place without a balance".to_owned(),
    }
}

/// Decrypts a disclosure with a key as `age-keygen` writes it.
fn unseal(file: &Path, identity: &Path) -> anyhow::Result<Disclosure> {
    const KEY_LEN_MAX: usize = 4_096;
    crate::register::no_core_dumps();
    let key = Zeroizing::new(files::read(identity, KEY_LEN_MAX)?);
    let text = std::str::from_utf8(&key).with_context(|| format!("{} is not text", identity.display()))?;
    let secret = text.lines().map(str::trim).find(|line| line.starts_with("AGE-SECRET-KEY-1"));
    let secret = secret.with_context(|| {
        format!(
            "{} has no line that begins with AGE-SECRET-KEY-1: `age-keygen` makes one",
            identity.display()
        )
    })?;
    let sealed = files::read(file, FILE_LEN_MAX)?;
    Disclosure::unseal(&sealed, secret).with_context(|| file.display().to_string())
}

fn day(text: &str) -> Result<Date, String> {
    parse_day(text).map_err(|error| error.to_string())
}
