//! `surety register`: the commands of a State's own register.

mod access;
mod args;
mod assurance;
mod exchange;
mod material;
mod outcome;
mod standards;
mod truth;

use std::io::Write as _;

use anyhow::bail;
use serde_json::json;
use surety_register::{Area, Register, Site, hex, sample, unhex};

pub(crate) use self::access::no_core_dumps;
use self::access::{make_key, salt};
pub(crate) use self::args::RegisterArgs;
use self::args::{Access, RegisterCommand as Command};
use self::outcome::Outcome;
use crate::output::{Format, show};
use crate::source::SourceArgs;
use surety_view::Context;

pub(crate) fn run(
    context: &Context,
    args: &RegisterArgs,
    source: &SourceArgs,
    format: Format,
) -> anyhow::Result<()> {
    let access = &args.access;
    let outcome = match &args.command {
        Command::New { state, make_key } => new(access, *state, *make_key)?,
        Command::Sample { file, seed } => make_sample(context, access, file, *seed)?,
        Command::Open => open(&access.open()?)?,
        Command::Add { what } => material::add(context, access, what)?,
        Command::Receive { batch, new, from, foreign, shipped_element_g, shipped_isotope_g } => {
            let shipped = shipped_element_g.map(|element_mg| (element_mg, *shipped_isotope_g));
            material::receive(context, access, batch, new, from.clone(), *foreign, shipped)?
        }
        Command::Ship { batch, to, foreign } => material::ship(context, access, batch, to.clone(), *foreign)?,
        Command::Move { batch, to } => material::move_batch(context, access, batch, to.clone())?,
        Command::Change { batch, new, code, corrects } => {
            material::change(context, access, batch, new, *code, *corrects)?
        }
        Command::Set { area, batch, material, form } => {
            material::set_form(access, area.clone(), batch.clone(), *material, form.clone())?
        }
        Command::Inventory { area, file, date, expected } => {
            let day = date.unwrap_or(context.as_of);
            if *expected {
                return exchange::print_expected(access, area.clone(), day);
            }
            material::inventory(access, area.clone(), file.clone(), day)?
        }
        Command::Holdings { group, items } => material::holdings(context, &access.open()?, group, *items)?,
        Command::Balance { area, material, false_alarm } => {
            material::balance(&access.open()?, area, *material, *false_alarm)?
        }
        Command::Assess { requirement, answer, file } => {
            standards::assess(context, access, requirement.as_deref(), answer, file.as_deref())?
        }
        Command::Parity { history, rises } => {
            let register = access.open()?;
            match (history, rises) {
                (true, _) => standards::history(context, &register)?,
                (_, true) => standards::rises(context, &register)?,
                _ => standards::parity(context, &register)?,
            }
        }
        Command::Plan { file } => standards::plan(context, access, file.as_deref())?,
        Command::Check { head } => return check(context, &mut access.open()?, head.as_deref(), format),
        Command::Backup { file, other_key } => exchange::backup(access, file, other_key)?,
        Command::Restore { backup } => exchange::restore(access, backup)?,
        Command::Import { file, again } => exchange::import(access, file, *again)?,
        Command::Commit(args) => assurance::commit(context, source, access, args)?,
        Command::Disclose(args) => assurance::disclose(access, args)?,
        Command::Prove(args) => assurance::prove(context, access, args)?,
        Command::Rekey(key) => exchange::rekey(access, key)?,
        Command::Export(args) => return exchange::export(context, access, args),
        Command::Draft { about } => return exchange::draft(context, access, about, format),
        Command::Journal { from, count, all, changes, batch } => {
            let register = access.open()?;
            let count = if *all { i64::MAX } else { *count };
            match (changes, batch) {
                (None, None) => journal(&register, *from, count, format)?,
                (entry, batch) => material::changes(&register, *entry, batch.as_deref())?,
            }
        }
    };
    show(&outcome, format)
}

fn new(access: &Access, state: Option<surety_core::StateCode>, make: bool) -> anyhow::Result<Outcome> {
    let path = access.path();
    let state = access::ask_for("Which State? (three letters)", "--state", state)?;
    let note = access.note("the register begins")?;
    if path.try_exists()? {
        bail!("{} is there already: choose another name with --register", path.display());
    }
    if let (true, Some(file)) = (make, &access.key_file) {
        make_key(file)?;
    }
    Register::create(&path, &access.secret(true)?, salt()?, state, &note)?;
    let sentence = format!(
        "Made {} for {state}. Without its passphrase or key file nobody can read it again: keep it where it is not lost.",
        path.display()
    );
    Outcome::said(sentence, json!({ "register": path, "state": state }))
}

fn make_sample(
    context: &Context,
    access: &Access,
    file: &std::path::Path,
    seed: u64,
) -> anyhow::Result<Outcome> {
    let secret = access.secret(true)?;
    sample(file, &secret, salt()?, &context.dataset.catalogue, seed)?;
    let sentence = format!(
        "Made {}, a register of the invented State XAA: two civil and two military sites, five years of balances, both \
         regimes assessed. One area loses a little every year.",
        file.display()
    );
    Ok(Outcome::said(sentence, json!({ "register": file, "state": "XAA", "seed": seed }))?
        .remark(format!("Look around: surety register open --register {}", file.display())))
}

fn open(register: &Register) -> anyhow::Result<Outcome> {
    let head = register.head()?;
    let (sites, areas) = (register.all::<Site>()?, register.all::<Area>()?);
    let civil = sites.iter().filter(|site| site.regime == surety_standards::Regime::Civil).count();
    let span = register.span()?;
    let changes = span.map_or_else(
        || "No inventory change is booked yet.".to_owned(),
        |(first, last)| format!("Inventory changes from {first} to {last}."),
    );
    let json = json!({
        "state": register.state(),
        "civil_sites": civil,
        "military_sites": sites.len() - civil,
        "areas": areas.len(),
        "entries": head.seq,
        "head": hex(&head.hash),
        "first_change": span.map(|(first, _)| first),
        "last_change": span.map(|(_, last)| last),
    });
    Ok(Outcome::said(format!("Register of {}", register.state()), json)?
        .line(format!("{civil} civil sites, {} military sites, {} material balance areas.", sites.len() - civil, areas.len()))
        .line(changes)
        .line(format!("{} entries, the last {} by {}: {}.", head.seq, head.at, head.who, head.why))
        .line(format!("Head of the journal: {}:{}", head.seq, hex(&head.hash)))
        .remark("Note the head somewhere else: `surety register check --head` tells later whether it still stands."))
}

fn check(
    context: &Context,
    register: &mut Register,
    head: Option<&str>,
    format: Format,
) -> anyhow::Result<()> {
    let mut checked = register.check()?;
    checked.problems.extend(register.check_standards(&context.dataset.catalogue)?);
    if let Some(noted) = head {
        let parts = noted.split_once(':').and_then(|(seq, hash)| {
            Some((seq.parse::<i64>().ok()?, <[u8; 32]>::try_from(unhex(hash)?).ok()?))
        });
        let Some((seq, hash)) = parts else {
            bail!("`{noted}` is no head: write it as NUMBER:HASH, as `surety register open` prints it");
        };
        if seq > checked.entries {
            checked.problems.push(format!(
                "chain: the journal ends with entry {}, and entry {seq} was noted: its end is gone, or this is an older \
                 copy",
                checked.entries
            ));
        } else if !register.has(seq, &hash)? {
            checked
                .problems
                .push(format!("chain: entry {seq} is not the one that was noted: the journal was rewritten"));
        }
    }
    let verdict = match checked.problems.len() {
        0 => "All is as the journal says.".to_owned(),
        1 => "1 problem.".to_owned(),
        many => format!("{many} problems."),
    };
    let mut outcome =
        Outcome::table(verdict, ["problem"], checked.problems.iter().map(|problem| vec![problem.clone()]))
            .line(format!(
                "{} entries, {} changes, {} items, {} records. Head: {}:{}",
                checked.entries,
                checked.changes,
                checked.items,
                checked.records,
                checked.entries,
                hex(&checked.head)
            ))
            .json(&checked)?;
    for remark in &checked.remarks {
        outcome = outcome.remark(remark);
    }
    show(&outcome, format)?;
    if checked.problems.is_empty() { Ok(()) } else { bail!("the register is not what its journal says") }
}

fn journal(register: &Register, from: Option<i64>, count: i64, format: Format) -> anyhow::Result<Outcome> {
    let total = register.head()?.seq;
    let first = from.unwrap_or_else(|| (total - count).max(0) + 1);
    let entries = register.entries(first, count)?;
    let is_cut = entries.len() < usize::try_from(total)?;
    let shown = match entries.as_slice() {
        [] => bail!("the journal ends with entry {total}: --from {first} lies behind it"),
        _ if !is_cut => format!("All {total} entries."),
        [.., last] if from.is_some() => {
            format!("Entries {first} to {} of {total}; --all shows all.", last.seq)
        }
        last => format!("The last {} of {total} entries; --all shows all.", last.len()),
    };
    if is_cut && format == Format::Csv {
        // A table of cells has no place for it.
        writeln!(anstream::stderr(), "surety: {shown}")?;
    }
    let rows = entries.iter().map(|entry| {
        vec![
            entry.seq.to_string(),
            entry.at.to_string(),
            entry.who.clone(),
            entry.kind.clone(),
            entry.why.clone(),
            entry.row_count.to_string(),
            hex(&entry.hash[..6]),
        ]
    });
    let header = ["entry", "at", "who", "what", "why", "rows", "hash"];
    Outcome::table(format!("Journal of {}", register.state()), header, rows)
        .line(shown)
        .json(json!({ "entries": entries, "total": total }))
}
