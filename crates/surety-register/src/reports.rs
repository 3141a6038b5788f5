//! Accounting reports to the IAEA: taken in as inventory changes and inventories, and made from them.

use std::collections::BTreeMap;

use rusqlite::{OptionalExtension, params};
use surety_core::Date;
use surety_material::code10::{
    BalanceLine, Entry, EntryStatus, IsotopeLabels, Line, Report, ReportKind, Weight,
};
use surety_material::{
    Amount, ChangeCode, Direction, Irradiation, MaterialDescription, MaterialKind, MeasurementBasis,
};

use crate::error::BadLine;
use crate::item::{Change, number_of_day, number_of_material};
use crate::rollup::{form_of, forms};
use crate::{Area, Booked, Error, Listed, Note, Register, Result, Source, Taken};

/// What a report brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TakenIn {
    /// Inventory changes.
    Changes(Booked),
    /// A physical inventory.
    Inventory(Taken),
}

/// What the readers of a report know of the days before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readers {
    /// They had a report of each change when it was booked.
    HadReports,
    /// They had none.
    HadNone,
}

impl Register {
    /// Takes in a Code 10 report: an ICR as inventory changes, a PIL as a physical inventory. Nothing of a report that
    /// breaks a rule is taken in. An MBR says nothing that the others do not.
    pub fn take_report(&mut self, note: &Note, source: Option<Source>, text: &str) -> Result<TakenIn> {
        let report = Report::parse(text, IsotopeLabels::default()).map_err(|problems| {
            Error::Lines(
                problems
                    .0
                    .iter()
                    .map(|problem| {
                        let label = problem.label.map_or_else(String::new, |label| format!("label {label}"));
                        BadLine::new(problem.line, &label, &problem.rule)
                    })
                    .collect(),
            )
        })?;
        let entries = entry_lines(text).zip(&report.entries);
        match report.kind {
            ReportKind::InventoryChange => {
                let mut changes = Vec::new();
                for (line, entry) in entries {
                    self.changes_of(&report.area, line, entry, &mut changes)?;
                }
                self.book(note, source, changes).map(TakenIn::Changes).map_err(with_labels)
            }
            ReportKind::PhysicalInventory => {
                let day = report.day.ok_or_else(|| Error::Refused("the report has no day".to_owned()))?;
                let listed: Vec<_> = entries.flat_map(|(line, entry)| listed_of(line, entry)).collect();
                self.take_inventory(note, source, &report.area, day, listed)
                    .map(TakenIn::Inventory)
                    .map_err(with_labels)
            }
            ReportKind::MaterialBalance => Err(Error::Refused(
                "a material balance report follows from the others: take in the ICR and the PIL".to_owned(),
            )),
        }
    }

    /// The inventory change report of an area over some days.
    ///
    /// For readers who had reports of these days before, what was corrected since is a correction or a deletion of
    /// that. For others, such as an empty register, everything is new, as it stands after its corrections.
    pub fn change_report(&self, area: &str, from: Date, to: Date, readers: Readers) -> Result<String> {
        let mut entries = Vec::new();
        let corrected = self.corrected_changes()?;
        self.each_change(None, None, |number, change, _| {
            // What was corrected is reported as corrected, once.
            if change.area != area || !(from..=to).contains(&change.day) || corrected.contains(&number) {
                return Ok(());
            }
            let is_deleted = change.corrects.is_some() && change.amount == Amount::default();
            match readers {
                Readers::HadReports => entries.push(entry_of(&change)?),
                Readers::HadNone if is_deleted => {}
                Readers::HadNone => entries.push(entry_of(&Change { corrects: None, ..change })?),
            }
            Ok(())
        })?;
        self.report(ReportKind::InventoryChange, area, None, entries)
    }

    /// The physical inventory listing of an area: the one that was taken on a day.
    pub fn inventory_report(&self, area: &str, day: Date) -> Result<String> {
        let taken = self.inventory_days(area)?;
        let (_, seq) = *taken.iter().rev().find(|(taken, _)| *taken == day).ok_or_else(|| {
            let days: Vec<String> = taken.iter().map(|(day, _)| day.to_string()).collect();
            let days =
                if days.is_empty() { "on no day yet".to_owned() } else { format!("on {}", days.join(", ")) };
            Error::Refused(format!(
                "no inventory of {area} was taken on {day}; inventories were taken {days}"
            ))
        })?;
        let forms = forms(&self.connection)?;
        let mut statement = self.connection.prepare_cached(
            "SELECT batch, material, form, listing.element_mg, listing.isotope_mg, listing.pieces, item.id FROM listing \
             JOIN item ON item.id = listing.item WHERE listing.entry = ?1 ORDER BY listing.id",
        )?;
        let mut rows = statement.query([seq])?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next()? {
            let material = crate::item::material_of_number(row.get(1)?)?;
            let amount = Amount { element_mg: row.get(3)?, isotope_mg: row.get(4)?, pieces: row.get(5)? };
            let (batch, form): (String, String) = (row.get(0)?, form_of(&forms, row.get(6)?, row.get(2)?));
            entries.push(Entry {
                status: EntryStatus::New,
                description: Some(description(&batch, &form)?),
                batch: Some(batch),
                basis: Some(MeasurementBasis::HereNow),
                items: Some(amount.pieces),
                ..empty(weight(material, amount))
            });
        }
        self.report(ReportKind::PhysicalInventory, area, Some(day), entries)
    }

    /// The material balance report of an area: the period that ended on a day.
    pub fn balance_report(&self, area: &str, day: Date) -> Result<String> {
        let mut lines: BTreeMap<(u8, &'static str), (Line, Vec<Weight>)> = BTreeMap::new();
        for material in MaterialKind::ALL {
            let Some(period) = self.periods(area, *material)?.into_iter().find(|period| period.to == day)
            else {
                continue;
            };
            let mut put = |order: u8, line: Line, amount: Amount| {
                let (_, weights) = lines.entry((order, line.as_str())).or_insert_with(|| (line, Vec::new()));
                weights.push(weight(*material, amount));
            };
            if period.book == Amount::default()
                && period.physical == Amount::default()
                && period.changes.is_empty()
            {
                continue;
            }
            put(0, Line::Balance(BalanceLine::Beginning), period.beginning);
            for (code, amount) in &period.changes {
                let code: ChangeCode = code
                    .parse()
                    .map_err(|error: surety_core::UnknownWord| Error::Damaged(error.to_string()))?;
                put(1, Line::Change(code), *amount);
            }
            put(2, Line::Balance(BalanceLine::Book), period.book);
            put(3, Line::Balance(BalanceLine::Ending), period.physical);
            put(4, Line::Balance(BalanceLine::Unaccounted), period.muf);
        }
        let mut entries = Vec::new();
        for (line, weights) in lines.into_values() {
            for weight in weights {
                entries.push(Entry { line: Some(line), ..empty(weight) });
            }
        }
        self.report(ReportKind::MaterialBalance, area, Some(day), entries)
    }

    fn report(&self, kind: ReportKind, area: &str, day: Option<Date>, entries: Vec<Entry>) -> Result<String> {
        let known: Area = self.require(area, "material balance area")?;
        if known.facility.is_empty() {
            return Err(Error::Refused(format!(
                "{area} has no facility code, and a report needs one: add it to the area"
            )));
        }
        if entries.is_empty() {
            return Err(Error::Refused(format!("there is nothing to report of {area} for this time")));
        }
        let report = Report { kind, facility: known.facility, area: known.code, day, entries };
        report
            .write(IsotopeLabels::default())
            .map_err(|problems| Error::Refused(format!("the report cannot be written:\n{problems}")))
    }

    fn changes_of(
        &self,
        area: &str,
        line: u64,
        entry: &Entry,
        changes: &mut Vec<Result<Change, BadLine>>,
    ) -> Result<()> {
        let (Some(Line::Change(code)), Some(day), Some(batch)) = (entry.line, entry.day, &entry.batch) else {
            return Ok(());
        };
        for (place, weight) in entry.weights.iter().enumerate() {
            let amount = amount(entry, place, weight);
            let mut change = Change {
                line,
                day,
                area: area.to_owned(),
                batch: batch.clone(),
                material: weight.material,
                code,
                amount,
                other: entry.from.clone().or_else(|| entry.to.clone()),
                form: entry.description.map(|description| description.to_string()),
                irradiation: None,
                purpose: None,
                corrects: None,
            };
            if code.direction(weight.material) == Some(Direction::Increase)
                && entry.description.is_some_and(MaterialDescription::is_irradiated)
                && !self.has_item(area, batch, weight.material)?
            {
                change.irradiation = Some(Irradiation::Above1GrayPerHourAt1m);
            }
            if matches!(entry.status, EntryStatus::Correction | EntryStatus::Deletion) {
                match self.reported(&change)?[..] {
                    [earlier] => change.corrects = Some(earlier),
                    ref found => {
                        let rule = format!(
                            "it corrects one earlier {code} of batch {batch} on {day}, and {} are known",
                            found.len()
                        );
                        changes.push(Err(BadLine::new(line, "status", &rule)));
                        continue;
                    }
                }
                if entry.status == EntryStatus::Deletion {
                    change.amount = Amount::default();
                }
            }
            changes.push(Ok(change));
        }
        Ok(())
    }

    /// Whether a batch is known in an area.
    pub(crate) fn has_item(&self, area: &str, batch: &str, material: MaterialKind) -> Result<bool> {
        let found = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM item JOIN area ON area.id = item.area WHERE code = ?1 AND batch = ?2 AND material = ?3",
            )?
            .query_row(params![area, batch, number_of_material(material)], |_| Ok(()))
            .optional()?;
        Ok(found.is_some())
    }

    /// The changes with this area, batch, material, code and day that nothing has corrected.
    fn reported(&self, change: &Change) -> Result<Vec<i64>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT change.id FROM change JOIN item ON item.id = change.item JOIN area ON area.id = item.area \
             WHERE area.code = ?1 AND batch = ?2 AND material = ?3 AND change.code = ?4 AND day = ?5 \
             AND NOT EXISTS (SELECT 1 FROM change AS later WHERE later.corrects = change.id)",
        )?;
        let found = statement.query_map(
            params![
                change.area,
                change.batch,
                number_of_material(change.material),
                change.code.as_str(),
                number_of_day(change.day)
            ],
            |row| row.get(0),
        )?;
        Ok(found.collect::<rusqlite::Result<_>>()?)
    }

    fn corrected_changes(&self) -> Result<std::collections::HashSet<i64>> {
        let mut statement =
            self.connection.prepare("SELECT corrects FROM change WHERE corrects IS NOT NULL")?;
        Ok(statement.query_map([], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?)
    }
}

fn amount(entry: &Entry, place: usize, weight: &Weight) -> Amount {
    // The pieces are those of the batch: they count once.
    let pieces = if place == 0 { entry.items.unwrap_or_default() } else { 0 };
    Amount { element_mg: weight.element_mg, isotope_mg: weight.isotope_mg, pieces }
}

/// The first line of each entry of a report: what stands after an empty line, but for the head.
fn entry_lines(text: &str) -> impl Iterator<Item = u64> {
    let mut after_nothing = true;
    let lines = (1..).zip(text.lines()).skip(1);
    let first = lines.filter(move |(_, line)| {
        let begins = after_nothing && !line.is_empty();
        after_nothing = line.is_empty();
        begins
    });
    first.map(|(number, _)| number).skip(1)
}

/// The same problems with the labels that a report has in place of columns.
fn with_labels(error: Error) -> Error {
    let Error::Lines(mut lines) = error else { return error };
    for line in &mut lines {
        let label = match line.label.as_str() {
            "mba" => 307,
            "status" => 309,
            "code" => 411,
            "date" => 412,
            "form" | "irradiation" => 430,
            "batch" => 446,
            "pieces" => 470,
            _ => continue,
        };
        line.label = format!("label {label}");
    }
    Error::Lines(lines)
}

fn listed_of(line: u64, entry: &Entry) -> Vec<Result<Listed, BadLine>> {
    let Some(batch) = &entry.batch else {
        return vec![Err(BadLine::new(line, "batch", "it has no batch"))];
    };
    let listed = entry.weights.iter().enumerate().map(|(place, weight)| {
        Ok(Listed {
            line,
            batch: batch.clone(),
            material: weight.material,
            amount: amount(entry, place, weight),
        })
    });
    listed.collect()
}

fn entry_of(change: &Change) -> Result<Entry> {
    let receipt = matches!(change.code, ChangeCode::ReceiptDomestic | ChangeCode::ReceiptForeign);
    let shipment = matches!(change.code, ChangeCode::ShipmentDomestic | ChangeCode::ShipmentForeign);
    let difference = change.code.is_inventory_difference()
        || matches!(change.code, ChangeCode::RoundingPlus | ChangeCode::RoundingMinus);
    let status = match (change.corrects, change.amount == Amount::default()) {
        (Some(_), true) => EntryStatus::Deletion,
        (Some(_), false) => EntryStatus::Correction,
        (None, _) if difference => EntryStatus::Difference,
        (None, _) => EntryStatus::New,
    };
    Ok(Entry {
        status,
        line: Some(Line::Change(change.code)),
        day: Some(change.day),
        from: change.other.clone().filter(|_| receipt),
        to: change.other.clone().filter(|_| shipment),
        description: Some(description(&change.batch, change.form.as_deref().unwrap_or_default())?),
        batch: Some(change.batch.clone()),
        basis: Some(MeasurementBasis::HereNow),
        items: Some(change.amount.pieces),
        ..empty(weight(change.material, change.amount))
    })
}

fn description(batch: &str, form: &str) -> Result<MaterialDescription> {
    form.parse()
        .map_err(|error| Error::Refused(format!("the form of batch {batch} is no code for reports: {error}")))
}

/// Reports weigh isotopes of uranium only.
fn weight(material: MaterialKind, amount: Amount) -> Weight {
    let isotope_mg = match material {
        MaterialKind::EnrichedUranium | MaterialKind::Uranium233 => amount.isotope_mg,
        _ => 0,
    };
    Weight { material, element_mg: amount.element_mg, isotope_mg }
}

fn empty(weight: Weight) -> Entry {
    Entry {
        status: EntryStatus::New,
        line: None,
        day: None,
        from: None,
        to: None,
        key_measurement_point: None,
        description: None,
        words: None,
        batch: None,
        shippers_batch: None,
        basis: None,
        items: None,
        weights: vec![weight],
    }
}
