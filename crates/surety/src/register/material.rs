//! Materials: sites, areas, changes, inventories, holdings, balances.

use std::collections::BTreeMap;
use std::fs::File;
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use serde_json::{Value, json};
use surety_core::Date;
use surety_material::balance::{Alarms, Balance, PAGE_K, Run, Statistics, Test};
use surety_material::{Amount, ChangeCode, MaterialKind, irradiation_word, show_grams};
use surety_register::{
    Area, BatchForm, Booked, By, Change, Choices, Commitment, Group, Holding, Measurement, Record, Register,
    Regulation, Review, Site, Source, read_listed,
};
use surety_standards::Finding;

use super::access::{ask, ask_for, read_list};
use super::args::{Access, Add, Batch, NewBatch};
use super::outcome::Outcome;
use surety_view::Context;

pub(super) fn add(context: &Context, access: &Access, what: &Add) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    match what {
        Add::Site { id, regime, note } => {
            let site = Site {
                id: ask("Its id, which should tell nothing, such as S1", "the id of the site", id.clone())?,
                regime: ask_for("civil or military?", "--regime", *regime)?,
                note: note.clone(),
            };
            put(access, &mut register, &[site])
        }
        Add::Area { code, site, facility, note } => {
            let area = Area {
                code: ask("Its code, such as XA01", "the code of the area", code.clone())?,
                site: ask("The site that it is part of", "--site", site.clone())?,
                facility: facility.clone(),
                note: note.clone(),
            };
            put(access, &mut register, &[area])
        }
        Add::Measurement { area, material, location, random_sd, systematic_sd } => {
            let measurement = Measurement {
                area: area.clone(),
                material: material.to_string(),
                location: location.clone(),
                random_sd: *random_sd,
                systematic_sd: *systematic_sd,
            };
            put(access, &mut register, &[measurement])
        }
        Add::Choice { reduce_irradiated } => {
            put(access, &mut register, &[Choices { reduce_irradiated: *reduce_irradiated }])
        }
        Add::Findings { file } => {
            let findings: Vec<Finding> = read_list(file)?;
            for finding in &findings {
                finding.check(&context.dataset.catalogue)?;
            }
            put(access, &mut register, &findings)
        }
        Add::Commitments { file } => put(access, &mut register, &read_list::<Commitment>(file)?),
        Add::Regulations { file } => put(access, &mut register, &read_list::<Regulation>(file)?),
        Add::Reviews { file } => put(access, &mut register, &read_list::<Review>(file)?),
    }
}

fn put<T: Record>(access: &Access, register: &mut Register, records: &[T]) -> anyhow::Result<Outcome> {
    let note = access.note(&format!("a new or changed {}", T::KIND))?;
    let ids: Vec<String> = records.iter().map(Record::id).collect();
    let known = ids.iter().map(|id| register.get::<T>(id)).collect::<Result<Vec<_>, _>>()?;
    let entries = register.put_all(&note, records)?;
    let Some(last) = entries.last() else { bail!("the list is empty: nothing was kept") };
    let sentence = format!("Kept {} {}, up to entry {}.", T::KIND, ids.join(", "), last.seq);
    let mut outcome = Outcome::said(sentence, json!({ "kind": T::KIND, "ids": ids, "entries": entries }))?;
    for ((id, known), record) in ids.iter().zip(known).zip(records) {
        let Some(known) = known else { continue };
        let changed = changed_fields(&serde_json::to_value(known)?, &serde_json::to_value(record)?);
        if !changed.is_empty() {
            outcome = outcome.remark(format!("{id} was there, and is another now: {}.", changed.join(", ")));
        }
    }
    Ok(outcome)
}

/// Which fields of a record are others than before.
fn changed_fields(before: &Value, after: &Value) -> Vec<String> {
    let fields = after.as_object().into_iter().flatten();
    let changed = fields.filter(|(field, value)| before.get(field) != Some(value));
    let shown = |value: Option<&Value>| value.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    changed
        .map(|(field, value)| {
            format!("{field} {} instead of {}", shown(Some(value)), shown(before.get(field)))
        })
        .collect()
}

pub(super) fn receive(
    context: &Context,
    access: &Access,
    batch: &Batch,
    new: &NewBatch,
    from: Option<String>,
    foreign: bool,
    shipped: Option<(i64, Option<i64>)>,
) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let code = if foreign { ChangeCode::ReceiptForeign } else { ChangeCode::ReceiptDomestic };
    let mut receipt = asked(context, batch, Some(new), code)?;
    receipt.other = from;
    let mut changes = Vec::new();
    if let Some((element_mg, isotope_mg)) = shipped {
        let shipped = Amount {
            element_mg,
            isotope_mg: isotope_mg.unwrap_or(receipt.amount.isotope_mg),
            ..receipt.amount
        };
        // The books take the shipper's figures, and then the difference (DI).
        let difference = receipt.amount.minus(shipped).unwrap_or_default();
        receipt.amount = shipped;
        if difference != Amount::default() {
            let code = ChangeCode::ShipperReceiverDifference;
            changes.push(Change {
                code,
                amount: difference,
                form: None,
                irradiation: None,
                purpose: None,
                ..receipt.clone()
            });
        }
    }
    changes.insert(0, receipt);
    book(access, &mut register, changes, "a receipt")
}

pub(super) fn ship(
    context: &Context,
    access: &Access,
    batch: &Batch,
    to: Option<String>,
    foreign: bool,
) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let code = if foreign { ChangeCode::ShipmentForeign } else { ChangeCode::ShipmentDomestic };
    let mut shipment = of_batch(context, &register, batch, code)?.0;
    shipment.other = Some(ask("To which area or State?", "--to", to)?);
    book(access, &mut register, vec![shipment], "a shipment")
}

pub(super) fn move_batch(
    context: &Context,
    access: &Access,
    batch: &Batch,
    to: Option<String>,
) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let (mut shipment, held) = of_batch(context, &register, batch, ChangeCode::ShipmentDomestic)?;
    let to = ask("To which area?", "--to", to)?;
    if to == shipment.area {
        bail!("the batch is in {to} already");
    }
    shipment.other = Some(to.clone());
    let receipt = Change {
        area: to,
        code: ChangeCode::ReceiptDomestic,
        other: Some(shipment.area.clone()),
        form: Some(held.form).filter(|form| !form.is_empty()),
        irradiation: Some(held.irradiation),
        purpose: Some(held.purpose),
        ..shipment.clone()
    };
    book(access, &mut register, vec![shipment, receipt], "a move")
}

pub(super) fn change(
    context: &Context,
    access: &Access,
    batch: &Batch,
    new: &NewBatch,
    code: Option<ChangeCode>,
    corrects: Option<i64>,
) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let code = ask_for("The code of the change, such as LD", "--code", code)?;
    let mut change = asked(context, batch, Some(new), code)?;
    change.corrects = corrects;
    book(access, &mut register, vec![change], if corrects.is_some() { "a correction" } else { "a change" })
}

/// Gives a batch another form.
pub(super) fn set_form(
    access: &Access,
    area: Option<String>,
    batch: Option<String>,
    material: Option<MaterialKind>,
    form: Option<String>,
) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let area = ask_area(area)?;
    let batch = ask("Name of the batch", "the batch", batch)?;
    let known: BTreeMap<MaterialKind, Option<String>> = register
        .changes(None, Some(&batch))?
        .into_iter()
        .filter(|(_, change)| {
            change.area == area && material.is_none_or(|material| material == change.material)
        })
        .map(|(_, change)| (change.material, change.form))
        .collect();
    let (material, before) = match Vec::from_iter(known).as_slice() {
        [(material, before)] => (*material, before.clone()),
        [] => bail!("{area} knows no such batch `{batch}`: see `surety register holdings --items`"),
        several => {
            let materials: Vec<String> = several.iter().map(|(material, _)| material.to_string()).collect();
            bail!("batches `{batch}` are of {}: say which with --material", materials.join(" and "))
        }
    };
    let form = ask("Its physical and chemical form, as reports code it, such as CPCF", "--form", form)?;
    if before.as_ref() == Some(&form) {
        bail!("the form of batch `{batch}` is {form} already");
    }
    let note = access.note("the form of a batch")?;
    let set = BatchForm { area, batch, material: material.to_string(), form };
    let entry = register.put(&note, &set)?;
    let was = before.as_ref().map_or_else(|| "It had none.".to_owned(), |before| format!("It was {before}."));
    let sentence = format!(
        "The form of {} of {} is {} from now on: entry {}. {was}",
        set.batch, set.area, set.form, entry.seq
    );
    Outcome::said(sentence, json!({ "form": set, "before": before, "entry": entry }))
}

/// A change with everything that was given or answered.
fn asked(
    context: &Context,
    batch: &Batch,
    new: Option<&NewBatch>,
    code: ChangeCode,
) -> anyhow::Result<Change> {
    let grams = |text: String| surety_material::parse_grams(&text).map_err(anyhow::Error::msg);
    let element_mg = match batch.element_g {
        Some(mass) => mass,
        None => grams(ask("Mass of the element, in grams", "--element-g", None)?)?,
    };
    let material = ask_for("Material, such as plutonium", "--material", batch.material)?;
    let isotope_mg = match batch.isotope_g {
        Some(mass) => mass,
        None if material == MaterialKind::EnrichedUranium && element_mg != 0 => {
            grams(ask("Mass of U-235, in grams", "--isotope-g", None)?)?
        }
        None => 0,
    };
    Ok(Change {
        line: 0,
        day: batch.date.unwrap_or(context.as_of),
        area: ask_area(batch.area.clone())?,
        batch: ask("Name of the batch", "the batch", batch.batch.clone())?,
        material,
        code,
        amount: Amount { element_mg, isotope_mg, pieces: batch.pieces.unwrap_or_default() },
        other: None,
        form: new.and_then(|new| new.form.clone()),
        irradiation: new.and_then(|new| new.irradiation),
        purpose: new.and_then(|new| new.purpose),
        corrects: None,
    })
}

/// A change of a batch that is held: of all of it, where no mass is given.
fn of_batch(
    context: &Context,
    register: &Register,
    batch: &Batch,
    code: ChangeCode,
) -> anyhow::Result<(Change, Holding)> {
    let area = ask_area(batch.area.clone())?;
    let name = ask("Name of the batch", "the batch", batch.batch.clone())?;
    let held: Vec<Holding> = register
        .holdings(None)?
        .into_iter()
        .filter(|held| held.area == area && held.batch == name)
        .filter(|held| batch.material.is_none_or(|material| material == held.material))
        .collect();
    let held = match <[Holding; 1]>::try_from(held) {
        Ok([held]) => held,
        Err(none) if none.is_empty() => {
            bail!("{area} holds nothing of a batch `{name}`: see `surety register holdings --items`")
        }
        Err(several) => {
            let materials: Vec<String> = several.iter().map(|held| held.material.to_string()).collect();
            bail!("batch `{name}` holds {}: say which with --material", materials.join(" and "))
        }
    };
    let amount = match batch.element_g {
        None => held.amount,
        Some(element_mg) => {
            let share = |part: i64| {
                let scaled =
                    i128::from(part) * i128::from(element_mg) / i128::from(held.amount.element_mg.max(1));
                i64::try_from(scaled).unwrap_or(part)
            };
            Amount {
                element_mg,
                isotope_mg: batch.isotope_g.unwrap_or_else(|| share(held.amount.isotope_mg)),
                pieces: batch.pieces.unwrap_or_default(),
            }
        }
    };
    let change = Change {
        line: 0,
        day: batch.date.unwrap_or(context.as_of),
        area,
        batch: name,
        material: held.material,
        code,
        amount,
        other: None,
        form: None,
        irradiation: None,
        purpose: None,
        corrects: None,
    };
    Ok((change, held))
}

fn book(
    access: &Access,
    register: &mut Register,
    changes: Vec<Change>,
    reason: &str,
) -> anyhow::Result<Outcome> {
    let note = access.note(reason)?;
    let codes: Vec<&str> = changes.iter().map(|change| change.code.as_str()).collect();
    let codes = codes.join(" and ");
    let booked = register.book(&note, None, changes.into_iter().map(Ok))?;
    let outcome = Outcome::said(format!("Booked {codes}: {}", numbers(&booked)), &booked)?;
    Ok(told_behind(outcome, &booked))
}

/// What changes dated up to the last inventory of their area do.
pub(super) fn told_behind(outcome: Outcome, booked: &Booked) -> Outcome {
    booked.behind.iter().fold(outcome, |outcome, (area, behind)| {
        let (number, are) = match behind.changes {
            1 => ("1 change".to_owned(), "is"),
            many => (format!("{many} changes"), "are"),
        };
        outcome.remark(format!(
            "{number} in {area} {are} dated up to its last physical inventory, of {}: the difference found there (MUF) is \
             another now. See `surety register balance {area}`.",
            behind.inventory
        ))
    })
}

/// `entry 9, change 7`, so that a person can name them later.
pub(super) fn numbers(booked: &Booked) -> String {
    let last = booked.first_change + booked.changes - 1;
    match booked.changes {
        0 => format!("entry {}.", booked.entry.seq),
        1 => format!("entry {}, change {last}.", booked.entry.seq),
        _ => format!("entry {}, changes {} to {last}.", booked.entry.seq, booked.first_change),
    }
}

/// The area that a command is about.
pub(super) fn ask_area(area: Option<String>) -> anyhow::Result<String> {
    ask("Material balance area", "the area", area)
}

pub(super) fn inventory(
    access: &Access,
    area: Option<String>,
    file: Option<PathBuf>,
    day: Date,
) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let area = ask_area(area)?;
    let file = match file {
        Some(file) => file,
        None => ask("The table of what was found, as --expected prints it", "--file", None)?.into(),
    };
    let (source, table): (Source, File) = Source::of(&file)?;
    let note = access.note("a physical inventory")?;
    let taken = register.take_inventory(&note, Some(source), &area, day, read_listed(table)?)?;
    let rows = taken.differences.iter().map(|difference| {
        let (book, found, id) = (difference.book, difference.physical, difference.id());
        vec![
            difference.material.to_string(),
            show_grams(book.element_mg),
            show_grams(found.element_mg),
            show_grams(id.element_mg),
            show_grams(id.isotope_mg),
        ]
    });
    let header = ["material", "book_g", "found_g", "difference_g", "difference_isotope_g"];
    Outcome::table(format!("Inventory of {area} on {day}"), header, rows)
        .line(format!("Booked what was found: {}", numbers(&taken.booked)))
        .remark("The difference is book less found (ID, the same as MUF): a loss is positive.")
        .json(&taken)
}

pub(super) fn holdings(
    context: &Context,
    register: &Register,
    by: &[By],
    items: bool,
) -> anyhow::Result<Outcome> {
    let on = context.as_of;
    if items {
        let holdings = register.holdings(Some(on))?;
        let rows = holdings.iter().map(|held| {
            vec![
                held.site.clone(),
                held.area.clone(),
                held.batch.clone(),
                held.material.to_string(),
                show_grams(held.amount.element_mg),
                show_grams(held.amount.isotope_mg),
                held.amount.pieces.to_string(),
                irradiation_word(held.irradiation).to_owned(),
                held.purpose.to_string(),
                held.category.to_string(),
            ]
        });
        let header = [
            "site",
            "mba",
            "batch",
            "material",
            "element_g",
            "isotope_g",
            "pieces",
            "irradiation",
            "purpose",
            "category",
        ];
        return Outcome::table(format!("{} items held on {on}", holdings.len()), header, rows)
            .json(json!({ "on": on, "items": holdings }));
    }
    let groups = register.roll_up(by, Some(on))?;
    let rows = groups.iter().flat_map(|group| group.sums.iter().map(|sum| group_row(group, sum)));
    let words: Vec<&str> = by.iter().map(|by| by.as_str()).collect();
    let header = ["group", "in_category", "material", "irradiation", "items", "element_g", "isotope_g", "sq"];
    Outcome::table(format!("Held on {on}, by {}", words.join(" and ")), header, rows)
        .remark(
            "A group is in the category of all of it together. SQ: significant quantities. Each item's own category \
             counts where it is higher.",
        )
        .json(json!({ "on": on, "by": words, "groups": groups }))
}

fn group_row(group: &Group, sum: &surety_register::Sum) -> Vec<String> {
    let grams = |mass: i128| i64::try_from(mass).map_or_else(|_| format!("{mass} mg"), show_grams);
    vec![
        group.key.join(", "),
        group.category.to_string(),
        sum.grade.to_string(),
        irradiation_word(sum.irradiation).to_owned(),
        sum.items.to_string(),
        grams(sum.element_mg),
        grams(sum.isotope_mg),
        sum.significant_quantities().map_or_else(String::new, |sq| format!("{sq:.2}")),
    ]
}

/// What the statistics say of a balance.
struct Found {
    seid: Vec<f64>,
    statistics: Statistics,
    /// In which periods, counted from 1, each test alarms.
    alarms: Vec<(Test, Vec<usize>)>,
}

impl Found {
    fn of(balance: &Balance, false_alarm: f64) -> anyhow::Result<Self> {
        let run = Run {
            realisations: 10_000,
            seed: 1,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
        };
        let prepared = balance.prepare()?;
        let statistics = prepared.evaluate(&balance.muf(), PAGE_K)?;
        let alarms = Alarms::find(balance, &prepared, false_alarm, PAGE_K, run).context("--false-alarm")?;
        let raised = |test: &Test| (*test, alarms.raised(&prepared, *test, &statistics));
        Ok(Self {
            seid: prepared.seid().to_vec(),
            alarms: Test::ALL.iter().map(raised).collect(),
            statistics,
        })
    }

    /// The tests that alarm in a period, counted from 1.
    fn alarms_in(&self, period: usize) -> String {
        let raised = self.alarms.iter().filter(|(_, periods)| periods.contains(&period));
        raised.map(|(test, _)| test.as_str()).collect::<Vec<_>>().join(" ")
    }
}

pub(super) fn balance(
    register: &Register,
    area: &str,
    material: MaterialKind,
    false_alarm: f64,
) -> anyhow::Result<Outcome> {
    let periods = register.periods(area, material)?;
    let title = format!("Material balance of {area}: {material}");
    let found = match register.balance(area, material) {
        Ok(balance) => Some(Found::of(&balance, false_alarm)?),
        Err(_) if periods.len() < 2 => None,
        Err(surety_register::Error::Unknown { what: "measurement error", .. }) => None,
        Err(other) => return Err(other.into()),
    };
    let rows = periods.iter().enumerate().map(|(number, period)| {
        // The first inventory opens the first balance.
        let place = number.checked_sub(1);
        let show = |pick: &dyn Fn(&Found, usize) -> f64| {
            let value = found.as_ref().zip(place).map(|(found, place)| pick(found, place));
            value.map_or_else(String::new, |value| format!("{value:.3}"))
        };
        vec![
            period.to.to_string(),
            show_grams(period.beginning.element_mg),
            show_grams(period.book.element_mg),
            show_grams(period.physical.element_mg),
            show_grams(period.muf.element_mg),
            show(&|found, place| found.seid[place] * 1_000.0),
            show(&|found, place| found.statistics.sitmuf[place]),
            show(&|found, place| found.statistics.page[place]),
            show(&|found, place| found.statistics.cumuf[place] * 1_000.0),
            found.as_ref().map_or_else(String::new, |found| found.alarms_in(number)),
        ]
    });
    let header = [
        "until",
        "beginning_g",
        "book_g",
        "found_g",
        "muf_g",
        "seid_g",
        "sitmuf",
        "page",
        "cumuf_g",
        "alarms",
    ];
    let mut outcome = Outcome::table(title, header, rows);
    outcome = match &found {
        None => outcome.remark(
            "No statistics: they need two inventories, and `surety register add measurement` for each code and for the \
             inventory.",
        ),
        Some(_) => outcome
            .remark(
                "MUF is book less found, of the element. SEID, SITMUF, Page's test and CUMUF count what categories \
                 count.",
            )
            .remark(format!(
                "Where nothing is lost, each test alarms in {} % of all such balances. MUF and SITMUF alarm on a sudden \
                 loss; Page and CUMUF also on a small one that repeats.",
                false_alarm * 100.0
            )),
    };
    let statistics = found.map(|Found { seid, statistics: found, alarms }| {
        let alarms = alarms.iter().map(|(test, periods)| json!({ "test": test, "periods": periods }));
        json!({ "unit": "kg", "muf": found.muf, "seid": seid, "sitmuf": found.sitmuf, "page": found.page,
                "cumuf": found.cumuf, "gemuf": found.gemuf, "false_alarm": false_alarm,
                "alarms": alarms.collect::<Vec<_>>() })
    });
    outcome.json(json!({ "area": area, "material": material, "periods": periods, "statistics": statistics }))
}

pub(super) fn changes(
    register: &Register,
    entry: Option<i64>,
    batch: Option<&str>,
) -> anyhow::Result<Outcome> {
    let changes = register.changes(entry, batch)?;
    let rows = changes.iter().map(|(number, change)| {
        vec![
            number.to_string(),
            change.day.to_string(),
            change.area.clone(),
            change.batch.clone(),
            change.material.to_string(),
            change.code.to_string(),
            show_grams(change.amount.element_mg),
            show_grams(change.amount.isotope_mg),
            change.amount.pieces.to_string(),
            change.other.clone().unwrap_or_default(),
            change.corrects.map_or_else(String::new, |number| number.to_string()),
        ]
    });
    let header = [
        "change",
        "date",
        "mba",
        "batch",
        "material",
        "code",
        "element_g",
        "isotope_g",
        "pieces",
        "other",
        "corrects",
    ];
    Ok(Outcome::table(format!("{} inventory changes", changes.len()), header, rows))
}
