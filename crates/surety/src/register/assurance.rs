//! `surety register commit`, `disclose` and `prove`: what a State shows of its register, and what it does not.

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail, ensure};
use clap::{ArgGroup, Args as ClapArgs, Subcommand};
use serde_json::json;
use surety_core::{Date, parse_day};
use surety_material::{Category, parse_grams};
use surety_proof::{
    Anchor, BalanceClaim, CategoryClaim, Claim, Class, Committed, Compared, DecreaseClaim, Disclosure,
    DisclosureError, EliminationClaim, Exposure, FILE_LEN_MAX, FewerSitesClaim, FileKind, Holder, Made,
    Package, ParityClaim, ProveError, ProvenClaim, Record as Entry, Root, Scope, Secret, SitesClaim,
    TotalClaim,
};
use surety_register::{
    ClaimMade, Commitable, CommittedRoot, DISCLOSED_MAX, DisclosureMade, Padding, Register, hex,
};
use surety_standards::{BaselineCategory, Catalogue};
use surety_statement::{Attachment, Body, Digest, Reference, RegisterRoot};
use surety_view::Context;
use surety_world::{SCHEME, baseline_of, claim_statement};

use super::args::Access;
use super::outcome::Outcome;
use super::truth::truth;
use crate::assurance::{address, in_words, logged_roots, media_type, named, rng, scope, write_draft};
use crate::files;
use crate::review::Asked;
use crate::source::SourceArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct CommitArgs {
    /// The day whose register is committed to [default: today]
    #[arg(long, value_parser = day)]
    date: Option<Date>,
    /// Make one although there is a commitment of that day: the register was corrected since
    #[arg(long, conflicts_with = "again")]
    another: bool,
    /// Write the files of a commitment that was made: its date, or the beginning of its root
    #[arg(long, value_name = "ROOT", conflicts_with_all = ["date", "padding"])]
    again: Option<String>,
    /// Where to write the assignment, which is for a reviewer only [default: in the current folder, and not in DIR]
    #[arg(long, value_name = "FILE")]
    assignment: Option<PathBuf>,
    /// equal: every class looks as long as the longest; per-class: smaller, and tells the order of magnitude of each
    #[arg(long, default_value = "equal")]
    padding: Padding,
    #[command(flatten)]
    out: Out,
}

/// Where files go.
#[derive(Debug, ClapArgs)]
struct Out {
    /// The folder for the files; made when it is not there
    #[arg(long, value_name = "DIR")]
    to: PathBuf,
    /// Where you publish them, such as `https://xaa.example/assurance` [default: only their names are given]
    #[arg(long, value_name = "URL")]
    address: Option<String>,
    /// What a reader of the statement should know
    #[arg(long, default_value = "")]
    note: String,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct DiscloseArgs {
    /// The commitment: its date, or the beginning of its root [default: the latest]
    #[arg(long)]
    root: Option<String>,
    /// The reader's key to encrypt to, as age-keygen prints it
    #[arg(long, value_name = "age1…")]
    reader: String,
    /// A batch; repeat it
    #[arg(long, value_name = "BATCH")]
    item: Vec<String>,
    /// A site, with everything that it holds; repeat it
    #[arg(long)]
    site: Vec<String>,
    /// A material balance area, with everything that it holds; repeat it
    #[arg(long)]
    mba: Vec<String>,
    /// A requirement, under both regimes; repeat it
    #[arg(long, value_name = "ID")]
    requirement: Vec<String>,
    /// The leaves that a reviewer drew: a file made by `surety review challenge`
    #[arg(long, value_name = "FILE")]
    challenge: Option<PathBuf>,
    #[command(flatten)]
    despite: Despite,
    /// The file to write
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

/// Whether to go on when everything that was made so far, and this, gives something away.
#[derive(Debug, ClapArgs)]
struct Despite {
    /// Make it although all of it together gives a total away
    #[arg(long)]
    despite_warning: bool,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ProveArgs {
    #[command(subcommand)]
    claim: ClaimArgs,
}

/// About which commitments, and where files go.
#[derive(Debug, ClapArgs)]
struct About {
    /// The commitment: its date, or the beginning of its root [default: the latest]
    #[arg(long)]
    root: Option<String>,
    #[command(flatten)]
    despite: Despite,
    #[command(flatten)]
    out: Out,
}

/// An earlier commitment to compare with.
#[derive(Debug, ClapArgs)]
struct Since {
    /// The earlier commitment: its date, or the beginning of its root
    #[arg(long, value_name = "ROOT")]
    since: String,
}

/// Sites or areas.
#[derive(Debug, ClapArgs)]
struct Each {
    /// site or MBA
    #[arg(long, default_value = "site")]
    each: Holder,
}

/// Of what.
#[derive(Debug, ClapArgs)]
struct Of {
    /// Which material, such as "military HEU", "military and naval HEU", or HEU for every purpose
    #[arg(long, value_parser = scope)]
    of: Scope,
}

#[derive(Debug, Subcommand)]
enum ClaimArgs {
    /// The total is at least, at most, or between bounds
    #[command(group(ArgGroup::new("bounds").args(["at_least_g", "at_most_g"]).required(true).multiple(true)))]
    Total {
        #[command(flatten)]
        of: Of,
        /// At least so much of the element or isotope that is counted
        #[arg(long, value_name = "GRAMS", value_parser = parse_grams)]
        at_least_g: Option<i64>,
        /// At most so much
        #[arg(long, value_name = "GRAMS", value_parser = parse_grams)]
        at_most_g: Option<i64>,
        #[command(flatten)]
        about: About,
    },
    /// The total fell since an earlier commitment
    Decrease {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        since: Since,
        /// By at least so much
        #[arg(long, value_name = "GRAMS", value_parser = parse_grams)]
        by_g: i64,
        #[command(flatten)]
        about: About,
    },
    /// There is none
    Elimination {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        about: About,
    },
    /// No site holds more than a category has
    Category {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        each: Each,
        /// The highest category that any has: II, III or below-III
        #[arg(long, value_parser = ceiling)]
        at_most: Category,
        #[command(flatten)]
        about: About,
    },
    /// At most so many sites hold any
    Sites {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        each: Each,
        /// How many
        #[arg(long, value_name = "N")]
        at_most: u16,
        #[command(flatten)]
        about: About,
    },
    /// Fewer sites hold any than under an earlier commitment
    FewerSites {
        #[command(flatten)]
        of: Of,
        #[command(flatten)]
        each: Each,
        #[command(flatten)]
        since: Since,
        /// By at least so many
        #[arg(long, value_name = "N")]
        fewer_by: u16,
        #[command(flatten)]
        about: About,
    },
    /// Military maturity is at least civil maturity and at least the IAEA baseline
    Parity {
        /// Only this requirement; repeat it [default: every requirement of the catalogue]
        #[arg(long, value_name = "ID")]
        requirement: Vec<String>,
        /// The highest category of material that the military regime holds
        #[arg(long, default_value = "I")]
        category: BaselineCategory,
        #[command(flatten)]
        about: About,
    },
    /// Every |MUF| is within its alarm threshold
    Balance {
        /// No threshold is above so much
        #[arg(long, value_name = "GRAMS", value_parser = parse_grams)]
        threshold_at_most_g: i64,
        #[command(flatten)]
        about: About,
    },
}

pub(super) fn commit(
    context: &Context,
    source: &SourceArgs,
    access: &Access,
    args: &CommitArgs,
) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    if let Some(wanted) = &args.again {
        let kept = register.find_committed(Some(wanted))?;
        let committed = register.committed(&kept)?;
        let replaces = Replaces::find(&register, source, &kept)?;
        return write_commitment(
            &committed,
            &args.out,
            new_files(&register, &committed, args)?,
            &replaces,
            &[],
        );
    }
    let note = access.note("a commitment")?;
    let on = args.date.unwrap_or(context.as_of);
    ensure!(on <= crate::today(), "{on} is not over yet: a register is committed to as it is, or was");
    if let Some(kept) = register.committed_on(on)?.last().filter(|_| !args.another) {
        bail!(
            "there is a commitment of {on} already, with the root {}: --again {on} writes its files again; --another \
             makes one more",
            kept.root
        );
    }
    let commitable = register.commitable(&context.dataset.catalogue, on)?;
    let remarks = look_at(&register, &commitable, on)?;
    let secret = Secret::random(&mut rng()?);
    let committed = Committed::new(&commitable.records, args.padding.into(), &secret)?;
    let anchor = committed.anchor();
    let files = new_files(&register, &committed, args)?;
    // What opens the root is safe before the root is anywhere else.
    let kept = register.keep_committed(&note, &commitable.records, args.padding, &secret, anchor.root)?;
    let written = Replaces::find(&register, source, &kept)
        .and_then(|replaces| write_commitment(&committed, &args.out, files, &replaces, &commitable.left_out));
    let outcome = written.with_context(|| {
        let root = kept.root.short();
        format!(
            "the commitment is in the register; `commit --again {root}` writes its files once this is mended"
        )
    })?;
    Ok(remarks.into_iter().fold(outcome, Outcome::remark))
}

/// What to know of a day on which the register holds nothing. A day before it began is a slip: nothing is committed to.
fn look_at(register: &Register, commitable: &Commitable, on: Date) -> anyhow::Result<Option<String>> {
    if !commitable.records.holdings().is_empty() {
        return Ok(None);
    }
    let first = register.span()?.map(|(first, _)| first);
    let first = first.map_or_else(
        || "no inventory change is booked in it".to_owned(),
        |first| format!("its first inventory change is of {first}"),
    );
    let stated =
        |assessed: &surety_proof::Assessment| assessed.civil.is_some() || assessed.military.is_some();
    ensure!(
        commitable.records.assessments().iter().any(stated) || !commitable.records.balances().is_empty(),
        "the register has nothing on {on}, and {first}: choose another day"
    );
    Ok(Some(format!("The register has no material that counts on {on}: {first}.")))
}

/// The earlier root of the same day that a commitment takes the place of.
#[derive(Default)]
struct Replaces {
    /// The statement with it, where the log is at hand.
    logged: Option<Reference>,
    /// What to know.
    remark: Option<String>,
}

impl Replaces {
    /// Nothing, where it is the only commitment of its day or not the last one.
    fn find(register: &Register, source: &SourceArgs, kept: &CommittedRoot) -> anyhow::Result<Self> {
        let of_day = register.committed_on(kept.date)?;
        if of_day.len() < 2 || of_day.last().is_none_or(|last| last.root != kept.root) {
            return Ok(Self::default());
        }
        let date = kept.date;
        let Some(place) = &source.log else {
            let remark = format!(
                "It is not the only root of {date}. If an earlier one is in a log, the statement must correct that one: \
                 `commit --again {} --log LOG` writes a draft that does",
                kept.root.short()
            );
            return Ok(Self { logged: None, remark: Some(remark) });
        };
        let roots = logged_roots(source, place, register.state(), 0)?.roots;
        let earlier = roots.into_iter().rev().find(|root| root.day == Some(date) && root.root != kept.root);
        Ok(earlier.map_or_else(Self::default, |earlier| Self {
            remark: Some(format!(
                "The draft corrects entry {} of the log, the earlier root of {date}. Claims on that root count no more: \
                 prove them again",
                earlier.index
            )),
            logged: Some(earlier.reference),
        }))
    }
}

/// What tells the files of a further root of a day from those of the first: some digits of the root.
fn mark(register: &Register, anchor: &Anchor) -> anyhow::Result<String> {
    let root = Digest(anchor.root.0);
    let is_further = register.committed_on(anchor.date)?.first().is_some_and(|first| first.root != root);
    Ok(if is_further { format!("{}.", root.short()) } else { String::new() })
}

/// The package, the assignment and the draft of a commitment, none of which is there yet.
fn new_files(register: &Register, committed: &Committed, args: &CommitArgs) -> anyhow::Result<[PathBuf; 3]> {
    let anchor = committed.anchor();
    let mark = mark(register, &anchor)?;
    let path = |folder: &Path, end: &str| named(folder, anchor.state, anchor.date, &format!("{mark}{end}"));
    let assignment = args.assignment.clone().unwrap_or_else(|| path(Path::new(""), "assignment"));
    let files = [path(&args.out.to, "package"), assignment, path(&args.out.to, "root.json")];
    let [package, assignment, draft] = files.each_ref().map(PathBuf::as_path);
    ensure!(
        !assignment.exists(),
        "{} is there already: name another file for the assignment with --assignment",
        assignment.display()
    );
    check_new(&[package, draft])?;
    make_folder(&args.out.to)?;
    Ok(files)
}

fn write_commitment(
    committed: &Committed,
    out: &Out,
    [package, assignment, draft]: [PathBuf; 3],
    replaces: &Replaces,
    left_out: &[String],
) -> anyhow::Result<Outcome> {
    let anchor = committed.anchor();
    files::write_new(&package, committed.package())?;
    files::write_secret(&assignment, &committed.assignment())?;
    let leaves = committed.header().layout.leaves();
    let says = RegisterRoot {
        scheme: SCHEME.to_owned(),
        root: Digest(anchor.root.0),
        leaves,
        package: Some(Attachment::at(
            &media_type(FileKind::Package),
            committed.package(),
            address(out.address.as_deref(), &package),
        )),
    };
    let corrects = replaces.logged.clone();
    write_draft(&draft, anchor.state, anchor.date, &out.note, corrects, Body::RegisterRoot(says))?;
    let mut outcome = Outcome::said(
        format!("Committed to the register of {} on {}: root {}", anchor.state, anchor.date, anchor.root),
        json!({ "root": anchor.root, "date": anchor.date, "leaves": leaves, "package": package,
                "assignment": assignment, "draft": draft, "corrects": replaces.logged,
                "left_out": left_out }),
    )?
    .line(format!("{}: publish it. It shows nothing but how long its padding is.", package.display()))
    .line(format!(
        "{}: for a reviewer only. It shows how many leaves each nameless site has.",
        assignment.display()
    ))
    .line(format!("{}: sign it and log it.", draft.display()));
    if let Some(remark) = &replaces.remark {
        outcome = outcome.remark(format!("{remark}."));
    }
    for left_out in left_out {
        outcome = outcome.remark(format!("Left out: {left_out}."));
    }
    Ok(outcome.remark("What opens the root is in the register, and nowhere else: back it up."))
}

/// The folder that files go to, before anything is entered in the journal.
fn make_folder(folder: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(folder).with_context(|| format!("cannot make the folder {}", folder.display()))
}

pub(super) fn disclose(access: &Access, args: &DiscloseArgs) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let note = access.note("a disclosure")?;
    check_new(&[&args.output])?;
    let folder = args.output.parent().filter(|folder| !folder.as_os_str().is_empty());
    ensure!(folder.is_none_or(Path::is_dir), "{} is in no folder that is there", args.output.display());
    let kept = register.find_committed(args.root.as_deref())?;
    let committed = register.committed(&kept)?;
    let entries = chosen(&committed, args)?;
    ensure!(
        entries.len() <= DISCLOSED_MAX,
        "{} entries at once: disclose at most {DISCLOSED_MAX}",
        entries.len()
    );
    let disclosure = Disclosure::new(&committed, &entries)?;
    let sealed = disclosure.seal(&args.reader).map_err(|error| match &error {
        DisclosureError::ReaderKey(key) if key.starts_with("age1") => anyhow::anyhow!(
            "the reader's key `{key}` is damaged or incomplete: it begins with age1, and what follows is no key. Copy the \
             whole line that `age-keygen` printed"
        ),
        _ => error.into(),
    })?;
    let warned = warn(&register.exposure()?, Made::disclosure(&disclosure), args.despite.despite_warning)?;
    let made = DisclosureMade {
        sha256: Digest::of(&sealed),
        root: kept.root,
        reader: args.reader.clone(),
        entries: disclosure.openings().iter().map(surety_proof::Opening::index).collect(),
    };
    register.put(&note, &made)?;
    files::write_new(&args.output, &sealed)?;
    let sentence = format!(
        "Opened {} entries of the commitment of {} for {}: {}",
        made.entries.len(),
        kept.date,
        args.reader,
        args.output.display()
    );
    let json =
        json!({ "root": kept.root, "entries": made.entries.len(), "file": args.output, "warnings": warned });
    Ok(with_warnings(Outcome::said(sentence, json)?, &warned))
}

/// The entries that were asked for.
fn chosen(committed: &Committed, args: &DiscloseArgs) -> anyhow::Result<Vec<u64>> {
    let mut entries = Vec::new();
    if let Some(path) = &args.challenge {
        let asked = Asked::read(path)?;
        ensure!(
            asked.challenge()?.root() == committed.anchor().root,
            "{} asks for leaves of another root: name its commitment with --root",
            path.display()
        );
        entries.extend(asked.choose(&committed.header().layout)?);
    }
    let mut add = |what: &str, name: &str, found: Vec<u64>| {
        ensure!(!found.is_empty(), "the commitment has no {what} {name}");
        entries.extend(found);
        Ok(())
    };
    for item in &args.item {
        let is_it =
            |id: &str| id.split_once(':').is_some_and(|(_, batch)| batch.split('~').next() == Some(item));
        add(
            "batch",
            item,
            committed.find(|record| matches!(record, Entry::Holding { holding, .. } if is_it(&holding.id))),
        )?;
    }
    for (what, holder, names) in [("site", Holder::Site, &args.site), ("area", Holder::Area, &args.mba)] {
        for name in names {
            let opened = Disclosure::of_holder(committed, holder, name)?;
            add(what, name, opened.openings().iter().map(surety_proof::Opening::index).collect())?;
        }
    }
    for wanted in &args.requirement {
        add(
            "requirement",
            wanted,
            committed.find(|record| matches!(record, Entry::Requirement { id, .. } if id == wanted)),
        )?;
    }
    ensure!(!entries.is_empty(), "say what to open: --item, --site, --mba, --requirement or --challenge");
    entries.sort_unstable();
    entries.dedup();
    Ok(entries)
}

pub(super) fn prove(context: &Context, access: &Access, args: &ProveArgs) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let note = access.note("a claim")?;
    let catalogue = &context.dataset.catalogue;
    let about = args.claim.about();
    let kept = register.find_committed(about.root.as_deref())?;
    let newer = register.committed(&kept)?;
    let older_kept = args.claim.since().map(|since| register.find_committed(Some(since))).transpose()?;
    let older = older_kept.as_ref().map(|kept| register.committed(kept)).transpose()?;
    let claim = args.claim.claim(&newer, catalogue)?;
    let out = &about.out;
    let since = older.as_ref().map(|older| older.anchor().root);
    let name = format!("{}-{}", claim.word().replace(' ', "-"), short(&claim, since));
    let mark = mark(&register, &newer.anchor())?;
    let path = |end: &str| named(&out.to, register.state(), kept.date, &format!("{mark}{name}.{end}"));
    let (file, draft) = (path("claim"), path("proof.json"));
    check_new(&[&file, &draft])?;

    let bytes = match newer.prove(&claim, older.as_ref(), &mut rng()?) {
        Ok(bytes) => bytes,
        Err(error) => return Err(why_not(&register, &claim, &kept, older_kept.as_ref(), error)),
    };
    let proven = ProvenClaim::read(&bytes)?;
    let warned =
        warn(&register.exposure()?, Made::claim(&proven, newer.header()), about.despite.despite_warning)?;
    let made =
        ClaimMade { sha256: Digest::of(&bytes), says: in_words(&claim), claim: hex(&proven.without_proof()) };
    make_folder(&out.to)?;
    register.put(&note, &made)?;

    let mut rests_on = Vec::new();
    for committed in older.iter().chain([&newer]) {
        for class in claim.scope().into_iter().flat_map(Scope::classes) {
            rests_on.push(ranges(&register, committed, class, out)?);
        }
    }
    files::write_new(&file, &bytes)?;
    let proof =
        Attachment::new(&media_type(FileKind::Claim), &bytes, || address(out.address.as_deref(), &file));
    let attached: Vec<Attachment> = rests_on.iter().map(|(_, attachment)| attachment.clone()).collect();
    let says = claim_statement(&proven, newer.header(), catalogue, proof, attached);
    write_draft(&draft, register.state(), kept.date, &out.note, None, Body::Proof(says))?;
    let ranges: Vec<&PathBuf> = rests_on.iter().map(|(path, _)| path).collect();
    let mut outcome = Outcome::said(
        format!("Proven: {}", in_words(&claim)),
        json!({ "claim": in_words(&claim), "file": file, "bytes": bytes.len(), "range_proofs": ranges,
                "draft": draft, "warnings": warned }),
    )?
    .line(format!("{} ({} bytes): publish it.", file.display(), bytes.len()));
    for path in ranges {
        outcome = outcome.line(format!("{}: publish it; it rests on that.", path.display()));
    }
    outcome = outcome.line(format!("{}: sign it and log it.", draft.display()));
    for not_proven in claim.not_proven() {
        outcome = outcome.remark(format!("It does not prove {not_proven}."));
    }
    Ok(with_warnings(outcome, &warned))
}

/// Why a claim cannot be proven, for whoever keeps the register: what is there instead.
fn why_not(
    register: &Register,
    claim: &Claim,
    newer: &CommittedRoot,
    older: Option<&CommittedRoot>,
    error: ProveError,
) -> anyhow::Error {
    if error != ProveError::NotTrue {
        return error.into();
    }
    if let Claim::Parity(_) = claim {
        let date = newer.date;
        return anyhow::anyhow!(
            "{error}. `surety register parity --rises --as-of {date}` lists what must rise"
        );
    }
    let records = |kept: &CommittedRoot| register.records(kept).ok();
    let (newer, older) = (records(newer), older.and_then(records));
    match newer.and_then(|newer| truth(claim, &newer, older.as_ref())) {
        Some(truth) => anyhow::anyhow!("{error}. For your eyes only: {truth}"),
        None => error.into(),
    }
}

/// The range proofs of a class: the same for each folder, or what is in the folder from before.
fn ranges(
    register: &Register,
    committed: &Committed,
    class: Class,
    out: &Out,
) -> anyhow::Result<(PathBuf, Attachment)> {
    let anchor = committed.anchor();
    let end = format!("{}{}.ranges", mark(register, &anchor)?, class.to_string().replace(' ', "-"));
    let path = named(&out.to, anchor.state, anchor.date, &end);
    let bytes = if path.is_file() {
        let bytes = files::read(&path, FILE_LEN_MAX)?;
        let mut package = Package::read(committed.package())?;
        package.accept(&bytes).with_context(|| {
            format!("{} are not the range proofs of {class} for this root: move it away", path.display())
        })?;
        bytes
    } else {
        let bytes = register.ranges(committed, class)?;
        files::write_new(&path, &bytes)?;
        bytes
    };
    let address = address(out.address.as_deref(), &path);
    let attachment = Attachment::at(&media_type(FileKind::Ranges), &bytes, address);
    Ok((path, attachment))
}

/// What all that was made gives away together with what comes next. It stops where that is more than before, unless that
/// is wanted.
fn warn(before: &Exposure, next: Made, despite: bool) -> anyhow::Result<Vec<String>> {
    let known = before.warnings();
    let warnings = before.with(next).warnings();
    let new: Vec<String> =
        warnings.iter().filter(|warning| !known.contains(warning)).map(ToString::to_string).collect();
    if !new.is_empty() && !despite {
        bail!(
            "{}. Nothing was made. Choose wider bounds, or say --despite-warning if all of this may be known",
            new.join("; ")
        );
    }
    Ok(warnings.iter().map(ToString::to_string).collect())
}

fn with_warnings(outcome: Outcome, warnings: &[String]) -> Outcome {
    warnings.iter().fold(outcome, |outcome, warning| outcome.remark(format!("Known now: {warning}.")))
}

/// A few digits that tell one claim of a kind from another.
fn short(claim: &Claim, since: Option<Root>) -> String {
    let since = since.map_or_else(String::new, |root| root.to_string());
    Digest::of(format!("{claim}{since}").as_bytes()).short()
}

fn check_new(paths: &[&Path]) -> anyhow::Result<()> {
    match paths.iter().find(|path| path.exists()) {
        Some(path) => bail!("{} is there already: choose another folder or name", path.display()),
        None => Ok(()),
    }
}

impl ClaimArgs {
    fn about(&self) -> &About {
        match self {
            Self::Total { about, .. }
            | Self::Decrease { about, .. }
            | Self::Elimination { about, .. }
            | Self::Category { about, .. }
            | Self::Sites { about, .. }
            | Self::FewerSites { about, .. }
            | Self::Parity { about, .. }
            | Self::Balance { about, .. } => about,
        }
    }

    fn since(&self) -> Option<&str> {
        match self {
            Self::Decrease { since, .. } | Self::FewerSites { since, .. } => Some(&since.since),
            _ => None,
        }
    }

    fn claim(&self, newer: &Committed, catalogue: &Catalogue) -> anyhow::Result<Claim> {
        Ok(match self {
            Self::Total { of, at_least_g, at_most_g, .. } => Claim::Total(TotalClaim {
                scope: of.of,
                at_least_mg: at_least_g.map(positive).transpose()?,
                at_most_mg: at_most_g.map(positive).transpose()?,
            }),
            Self::Decrease { of, by_g, .. } => {
                Claim::Decrease(DecreaseClaim { scope: of.of, by_mg: positive(*by_g)? })
            }
            Self::Elimination { of, .. } => Claim::Elimination(EliminationClaim { scope: of.of }),
            Self::Category { of, each, at_most, .. } => {
                let claim = CategoryClaim { scope: of.of, holder: each.each, ceiling: *at_most };
                ensure!(
                    claim.scope.one_material().is_some(),
                    "{} is more than one material: prove a category of each by itself",
                    claim.scope
                );
                ensure!(
                    claim.most_mg().is_some(),
                    "no mass of {} is of a category above {at_most}, so there is nothing to prove: use --at-most below-III",
                    claim.scope
                );
                Claim::Category(claim)
            }
            Self::Sites { of, each, at_most, .. } => {
                Claim::Sites(SitesClaim { scope: of.of, holder: each.each, at_most: *at_most })
            }
            Self::FewerSites { of, each, fewer_by, .. } => {
                Claim::FewerSites(FewerSitesClaim { scope: of.of, holder: each.each, by: *fewer_by })
            }
            Self::Parity { requirement, category, .. } => parity(newer, catalogue, requirement, *category)?,
            Self::Balance { threshold_at_most_g, .. } => {
                let struck = newer.find(|record| matches!(record, Entry::Balance(Some(_))));
                ensure!(!struck.is_empty(), "no balance was closed in the year before this commitment");
                Claim::Balance(BalanceClaim { threshold_mg_max: positive(*threshold_at_most_g)? })
            }
        })
    }
}

fn parity(
    newer: &Committed,
    catalogue: &Catalogue,
    only: &[String],
    category: BaselineCategory,
) -> anyhow::Result<Claim> {
    let known = newer.header().layout.requirements();
    if let Some(missing) = only.iter().find(|id| !known.contains(id)) {
        bail!("the commitment has no requirement {missing}: `surety requirements` lists them");
    }
    let mut requirements = Vec::new();
    for (number, id) in (0..).zip(known) {
        if only.is_empty() || only.contains(id) {
            let baseline = catalogue.get(id).map_or(0, |requirement| baseline_of(category, requirement));
            requirements.push(Compared { number, baseline });
        }
    }
    Ok(Claim::Parity(ParityClaim { all: requirements.len() == known.len(), requirements }))
}

fn positive(mg: i64) -> anyhow::Result<u64> {
    u64::try_from(mg).context("a mass in a claim is not negative")
}

fn ceiling(text: &str) -> Result<Category, String> {
    match text {
        "II" => Ok(Category::II),
        "III" => Ok(Category::III),
        "below-III" => Ok(Category::BelowIII),
        _ => Err("use II, III or below-III".to_owned()),
    }
}

fn day(text: &str) -> Result<Date, String> {
    parse_day(text).map_err(|error| error.to_string())
}
