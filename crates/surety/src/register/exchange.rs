//! What comes into a register and what leaves it: imports, exports, backups, drafts.

use std::fs;
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, bail, ensure};
use serde_json::json;
use surety_core::Date;
use surety_register::{Draft, Readers, Register, Source, StockChoice, TakenIn, read_changes};
use surety_report::{Content, LeftOut, oscal, table};
use surety_standards::{Action, Assessment, Finding, Publication, Regime};

use super::access::{ask, ask_day, ask_for, key_of, passphrase_of, salt};
use super::args::{Access, Common, DraftArgs, Export, ExportArgs, Form, Named, NewKey, OtherKey, StockArgs};
use super::material::{ask_area, numbers, told_behind};
use super::outcome::Outcome;
use crate::output::{Format, show};
use surety_view::Context;

pub(super) fn backup(access: &Access, to: &Path, other_key: &OtherKey) -> anyhow::Result<Outcome> {
    let register = access.open()?;
    let secret = match (&other_key.copy_passphrase_file, &other_key.copy_key_file) {
        (Some(file), _) => passphrase_of(file)?,
        (None, Some(file)) => key_of(file)?,
        (None, None) => access.secret(false)?,
    };
    register.backup(to, &secret, salt()?)?;
    let mut copy = Register::open(to, &secret)?;
    let checked = copy.check()?;
    if !checked.problems.is_empty() {
        bail!("the copy {} has problems: run `surety register check`", to.display());
    }
    let sentence = format!("Copied {} entries to {}, and checked the copy.", checked.entries, to.display());
    Outcome::said(sentence, json!({ "backup": to, "checked": checked }))
}

pub(super) fn restore(access: &Access, backup: &Path) -> anyhow::Result<Outcome> {
    let secret = access.secret(false)?;
    let path = access.path();
    let mut source = Register::open(backup, &secret)?;
    let checked = source.check()?;
    if !checked.problems.is_empty() {
        bail!(
            "the backup {} has problems, and was not restored:\n{}",
            backup.display(),
            checked.problems.join("\n")
        );
    }
    source.backup(&path, &secret, salt()?)?;
    let sentence = format!("Restored {} entries to {}.", checked.entries, path.display());
    Outcome::said(sentence, json!({ "register": path, "checked": checked }))
}

pub(super) fn import(access: &Access, file: &Path, again: bool) -> anyhow::Result<Outcome> {
    const REPORT_LENGTH_MAX: u64 = 1 << 28;
    let mut register = access.open()?;
    let note = access.note("an import")?;
    let (source, mut input) = Source::of(file)?;
    let source = Source { again, ..source };
    let name = source.name.clone();
    let mut first = [0; 4];
    let length = input.read(&mut first)?;
    input.rewind()?;
    let is_report = ["ICR", "PIL", "MBR"].iter().any(|kind| first[..length].starts_with(kind.as_bytes()));
    let taken = if is_report {
        let mut text = String::new();
        input
            .take(REPORT_LENGTH_MAX)
            .read_to_string(&mut text)
            .with_context(|| format!("{} is no text", file.display()))?;
        register.take_report(&note, Some(source), &text)?
    } else {
        TakenIn::Changes(register.book(&note, Some(source), read_changes(input)?)?)
    };
    match taken {
        TakenIn::Changes(booked) => {
            let sentence = format!(
                "Took in {name}: {}, {}; {}",
                counted(booked.changes, "change", "changes"),
                counted(booked.new_items, "new batch", "new batches"),
                numbers(&booked)
            );
            Ok(told_behind(Outcome::said(sentence, &booked)?, &booked))
        }
        TakenIn::Inventory(taken) => {
            Outcome::said(format!("Took in {name}, a physical inventory: {}", numbers(&taken.booked)), &taken)
        }
    }
}

fn counted(count: i64, one: &str, many: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { many })
}

pub(super) fn print_expected(access: &Access, area: Option<String>, day: Date) -> anyhow::Result<()> {
    let register = access.open()?;
    let mut list = Vec::new();
    register.write_expected(&ask_area(area)?, day, &mut list)?;
    Ok(io::stdout().lock().write_all(&list)?)
}

/// Opens the register with another key from now on.
pub(super) fn rekey(access: &Access, key: &NewKey) -> anyhow::Result<Outcome> {
    let register = access.open()?;
    // One key after the other: whoever is asked for something else in between types the new passphrase there.
    let secret = key.secret()?;
    let note = access.note("another key")?;
    let register = register.rekey(&note, &secret)?;
    let path = register.path();
    let sentence =
        format!("{} opens with the new key from now on, and with the old one no more.", path.display());
    Ok(Outcome::said(sentence, json!({ "register": path }))?
        .remark("Copies that were made before still open with the old key: make new ones, and destroy them."))
}

pub(super) fn export(context: &Context, access: &Access, args: &ExportArgs) -> anyhow::Result<()> {
    let ExportArgs { what, form, level, .. } = args;
    let of_items = *what != Export::Assessments;
    if of_items && *level != Publication::National {
        bail!(
            "this is item detail, which is for the State alone: ask for it with --level national. Others get what \
             `draft` rounds, or assessments"
        );
    }
    if of_items && *form != Form::Json {
        bail!("--as is for assessments: changes and holdings are tables, reports have the form of Code 10");
    }
    let register = access.open()?;
    let of_area = || args.area.as_deref().context("a report is one of an area: name it with --area");
    let on = context.as_of;
    let mut bytes = Vec::new();
    match what {
        Export::Changes => register.write_changes(&mut bytes)?,
        Export::Holdings => write_holdings(&register, on, &mut bytes)?,
        Export::Icr => {
            let from = args.from.unwrap_or(Date::MIN);
            let readers = if args.as_new { Readers::HadNone } else { Readers::HadReports };
            bytes = register.change_report(of_area()?, from, on, readers)?.into_bytes();
        }
        Export::Pil => bytes = register.inventory_report(of_area()?, on)?.into_bytes(),
        Export::Mbr => bytes = register.balance_report(of_area()?, on)?.into_bytes(),
        Export::Assessments => return export_standards(context, &register, args),
    }
    put(&bytes, args.output.as_deref())
}

/// Assessments, findings and the plan, as far as the readers may see them.
fn export_standards(context: &Context, register: &Register, args: &ExportArgs) -> anyhow::Result<()> {
    let on = context.as_of;
    let subject = register.state().to_string();
    let (assessments, findings) = (register.all::<Assessment>()?, register.all::<Finding>()?);
    let actions = register.all::<Action>()?;
    let all = Content {
        subject: &subject,
        catalogue: &context.dataset.catalogue,
        assessments: &assessments,
        findings: &findings,
        actions: &actions,
        civil: register.baseline(Regime::Civil, Some(on))?,
        military: register.baseline(Regime::Military, Some(on))?,
        date: on,
        readers: args.level,
    };
    let output = args.output.as_deref();
    let left_out = match args.form {
        Form::Json => {
            let shown: Vec<&Assessment> =
                assessments.iter().filter(|assessment| assessment.publication.reaches(args.level)).collect();
            put(format!("{}\n", serde_json::to_string_pretty(&shown)?).as_bytes(), output)?;
            LeftOut { assessments: assessments.len() - shown.len(), ..LeftOut::default() }
        }
        Form::Csv => {
            let tables = table::tables(all);
            put(tables.requirements_csv()?.as_bytes(), output)?;
            let LeftOut { assessments, inferred, .. } = tables.left_out;
            LeftOut { assessments, inferred, ..LeftOut::default() }
        }
        form => {
            let export = oscal::export(all)?;
            put_oscal(&export, form, args)?;
            export.left_out
        }
    };
    say_left_out(left_out, args.level)
}

fn put_oscal(export: &oscal::Export, form: Form, args: &ExportArgs) -> anyhow::Result<()> {
    let file = match form {
        Form::OscalCatalog => "catalog.json".to_owned(),
        Form::OscalProfile => {
            let regime = args.regime.context("a profile is one of a regime: name it with --regime")?;
            format!("profile-{regime}.json")
        }
        Form::OscalMapping => "mapping-collection.json".to_owned(),
        Form::OscalAssessment => "assessment-results.json".to_owned(),
        Form::OscalPoam => "poam.json".to_owned(),
        Form::Oscal | Form::Json | Form::Csv => {
            let folder = args.output.as_deref().context("name the folder to make with --output")?;
            fs::create_dir(folder).with_context(|| format!("cannot make the folder {}", folder.display()))?;
            return export
                .documents
                .iter()
                .try_for_each(|document| put(&bytes_of(document)?, Some(&folder.join(&document.file))));
        }
    };
    let document = export.documents.iter().find(|document| document.file == file).with_context(|| {
        format!(
            "there is nothing to write that may be read at level {}: OSCAL knows no empty plan",
            args.level
        )
    })?;
    put(&bytes_of(document)?, args.output.as_deref())
}

fn bytes_of(document: &oscal::Document) -> anyhow::Result<Vec<u8>> {
    let mut bytes = serde_json::to_vec_pretty(&document.json)?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Tells what readers of that level do not get.
fn say_left_out(left_out: LeftOut, level: Publication) -> anyhow::Result<()> {
    let parts = [
        (left_out.assessments, "assessments"),
        (left_out.inferred, "inferred answers"),
        (left_out.findings, "findings"),
        (left_out.actions, "actions"),
        (left_out.links, "links"),
    ];
    let parts: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
    let said = if parts.is_empty() {
        format!("nothing was left out: all may be read at level {level}")
    } else {
        let total = left_out.total();
        format!(
            "{total} items were left out, because their level is narrower than {level}: {}",
            parts.join(", ")
        )
    };
    Ok(writeln!(anstream::stderr(), "surety: {said}")?)
}

fn write_holdings(register: &Register, on: Date, to: &mut Vec<u8>) -> anyhow::Result<()> {
    use surety_material::{irradiation_word, show_grams};
    let mut table = csv::Writer::from_writer(to);
    table.write_record([
        "site",
        "regime",
        "mba",
        "batch",
        "material",
        "form",
        "irradiation",
        "purpose",
        "element_g",
        "isotope_g",
        "pieces",
        "category",
    ])?;
    for held in register.holdings(Some(on))? {
        table.write_record([
            &held.site,
            held.regime.as_str(),
            &held.area,
            &held.batch,
            held.material.as_str(),
            &held.form,
            irradiation_word(held.irradiation),
            held.purpose.as_str(),
            &show_grams(held.amount.element_mg),
            &show_grams(held.amount.isotope_mg),
            &held.amount.pieces.to_string(),
            &held.category.to_string(),
        ])?;
    }
    Ok(table.flush()?)
}

/// Prints, or writes a file that only its owner may read and that was not there before.
fn put(bytes: &[u8], output: Option<&Path>) -> anyhow::Result<()> {
    let Some(path) = output else { return Ok(io::stdout().lock().write_all(bytes)?) };
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path).with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(bytes)?;
    Ok(file.sync_all()?)
}

pub(super) fn draft(
    context: &Context,
    access: &Access,
    about: &DraftArgs,
    format: Format,
) -> anyhow::Result<()> {
    let register = access.open()?;
    let on = context.as_of;
    let (draft, common) = match about {
        DraftArgs::Parity(common) => {
            (register.draft_parity(&context.dataset.catalogue, over(on)?, &common.note)?, common)
        }
        DraftArgs::Assessment { regime, common } => {
            let regime = ask_for("civil or military?", "--regime", *regime)?;
            (register.draft_assessment(regime, over(on)?, &common.note)?, common)
        }
        DraftArgs::Holdings { stock, year, common } => {
            let (stock, year) = (choice(stock)?, ask_for("At the end of which year?", "--year", *year)?);
            over(Date::new(year, 12, 31).with_context(|| format!("{year} is no year"))?)?;
            (register.draft_holdings(stock, year, &common.note)?, common)
        }
        DraftArgs::Sites { band, common } => (register.draft_sites(over(on)?, *band, &common.note)?, common),
        DraftArgs::Reduction { stock, from, to, action, programme, common } => {
            let stock = choice(stock)?;
            let from = ask_day("From which day?", "--from", *from)?;
            let to = over(ask_day("To which day?", "--to", *to)?)?;
            let question = "What was done: downblending, removal, disposal …?";
            let action = ask_for(question, "--action", *action)?;
            let programme = ask("The name of the programme", "--programme", programme.clone())?;
            (register.draft_reduction(stock, (from, to), action, &programme, &common.note)?, common)
        }
        DraftArgs::Regulation(what) => (named(&register, what, Register::draft_regulation)?, &what.common),
        DraftArgs::Review(what) => (named(&register, what, Register::draft_review)?, &what.common),
        DraftArgs::Commitment(what) => (named(&register, what, Register::draft_commitment)?, &what.common),
        DraftArgs::Progress(what) => (named(&register, what, Register::draft_progress)?, &what.common),
    };
    finish(&draft, common, format)
}

/// A day that is over: of another one nobody knows what is held.
fn over(day: Date) -> anyhow::Result<Date> {
    ensure!(day <= crate::today(), "{day} is not over yet: nobody knows what is held then");
    Ok(day)
}

fn choice(stock: &StockArgs) -> anyhow::Result<StockChoice> {
    Ok(StockChoice {
        material: ask_for("HEU, separated-Pu or Pu-in-spent-fuel?", "--material", stock.material)?,
        purpose: ask_for("civilian, military, naval or excess-declared?", "--purpose", stock.purpose)?,
        round_kg: stock.round_kg,
    })
}

/// The draft of a record of the register.
fn named(
    register: &Register,
    what: &Named,
    draft: impl Fn(&Register, &str, &str) -> surety_register::Result<Draft>,
) -> anyhow::Result<Draft> {
    let id = ask("Its id in the register", "its id", what.id.clone())?;
    Ok(draft(register, &id, &what.common.note)?)
}

fn finish(draft: &Draft, common: &Common, format: Format) -> anyhow::Result<()> {
    let Some(path) = &common.output else {
        return put(format!("{}\n", draft.json).as_bytes(), None);
    };
    put(draft.json.as_bytes(), Some(path))?;
    let outcome = Outcome::said(
        format!("Drafted {}: {}", path.display(), draft.summary),
        json!({ "draft": path, "summary": draft.summary }),
    )?
    .remark("Nothing is published: read the draft, and sign it if it says what you mean.");
    show(&outcome, format)
}
