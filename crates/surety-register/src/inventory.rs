//! Taking a physical inventory, and what each period between two of them leaves unaccounted for.

use std::collections::{BTreeMap, HashMap, HashSet};

use rusqlite::params;
use serde::{Deserialize, Serialize};
use surety_core::Date;
use surety_material::balance::{Balance, Kind, Location};
use surety_material::{Amount, ChangeCode, Direction, MaterialKind};

use crate::book::{Booked, Booking, Source, area_number, refuse_again};
use crate::error::BadLine;
use crate::item::{Change, day_of_number, material_of_number, number_of_day, number_of_material};
use crate::journal::Rows;
use crate::record::Measurement;
use crate::register::{from_json, to_json};
use crate::rollup::amounts_on;
use crate::{Error, Note, Register, Result};

/// The kind of an entry that takes a physical inventory.
pub(crate) const INVENTORY: &str = "inventory";

/// What was found of one batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The line that it stands on in its file; 0 when it comes from none.
    pub line: u64,
    /// The name of the batch.
    pub batch: String,
    /// What it consists of.
    pub material: MaterialKind,
    /// How much was found.
    pub amount: Amount,
}

/// What an inventory found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Taken {
    /// What was booked, so that the books say what was found.
    pub booked: Booked,
    /// Material by material.
    pub differences: Vec<Difference>,
}

/// Book and physical inventory of one material.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// The material.
    pub material: MaterialKind,
    /// What the books said.
    pub book: Amount,
    /// What was found.
    pub physical: Amount,
}

impl Difference {
    /// The inventory difference, ID, the same as MUF: book less physical. A loss is positive.
    pub fn id(&self) -> Amount {
        self.book.plus(self.physical.negated()).unwrap_or_default()
    }
}

#[derive(Serialize, Deserialize)]
pub(crate) struct InventoryBody {
    pub(crate) area: String,
    pub(crate) day: Date,
    pub(crate) source: Option<Source>,
}

/// The material balance of one area and material between two inventories.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Period {
    /// The day of the inventory before; none for the first.
    pub from: Option<Date>,
    /// The day of the inventory that ends it.
    pub to: Date,
    /// The physical inventory at the beginning.
    pub beginning: Amount,
    /// What changed it, by code. Always as it is reported; the code says which way.
    pub changes: BTreeMap<String, Amount>,
    /// What the books say at the end.
    pub book: Amount,
    /// What was found at the end.
    pub physical: Amount,
    /// What is unaccounted for, MUF: book less physical. A loss is positive.
    pub muf: Amount,
}

impl Register {
    /// Takes a physical inventory of an area: keeps the list, and books the inventory difference of each batch, so that
    /// the books say what was found. A batch that is not listed was not found.
    pub fn take_inventory(
        &mut self,
        note: &Note,
        source: Option<Source>,
        area: &str,
        day: Date,
        listed: impl IntoIterator<Item = Result<Listed, BadLine>>,
    ) -> Result<Taken> {
        let number = area_number(self, area)?;
        if let Some(later) = self.inventory_days(area)?.into_iter().find(|(taken, _)| *taken >= day) {
            return Err(Error::Refused(format!(
                "an inventory of {area} was taken on {}: one on {day} comes too late",
                later.0
            )));
        }
        let transaction = self.writing()?;
        if let Some(source) = &source {
            refuse_again(&transaction, INVENTORY, source)?;
        }
        let mut stocktake = Stocktake {
            area: area.to_owned(),
            day,
            book: amounts_on(&transaction, day, Some(number))?,
            batches: batches(&transaction, number)?,
            seen: HashSet::new(),
            totals: BTreeMap::new(),
        };
        let mut booking = Booking::new(&transaction, note)?;
        let mut differences = Vec::new();
        {
            let mut insert = transaction.prepare("INSERT INTO listing VALUES (?1, ?2, ?3, ?4, ?5, ?6)")?;
            let mut next: i64 =
                transaction.query_row("SELECT ifnull(max(id), 0) + 1 FROM listing", [], |row| row.get(0))?;
            for line in listed {
                let found = line.and_then(|line| stocktake.list(line));
                if let Ok((item, Amount { element_mg, isotope_mg, pieces }, _)) = &found {
                    booking.digest.add(
                        Rows::Listings,
                        &[next, *item, *element_mg, *isotope_mg, *pieces],
                        &[],
                    );
                    insert.execute(params![next, booking.seq(), item, element_mg, isotope_mg, pieces])?;
                    next += 1;
                }
                differences.push(found.map(|(_, _, change)| change));
            }
        }
        differences.extend(stocktake.not_found().into_iter().map(|change| Ok(Some(change))));
        booking.book_all(differences.into_iter().filter_map(Result::transpose))?;
        let body = InventoryBody { area: area.to_owned(), day, source };
        let booked = booking.finish(INVENTORY, to_json(&body)?)?;
        transaction.commit()?;
        Ok(Taken { booked, differences: stocktake.totals.into_values().collect() })
    }

    /// The days of the inventories taken of an area, with the entry of each, in order.
    pub fn inventory_days(&self, area: &str) -> Result<Vec<(Date, i64)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT seq, body FROM entry WHERE kind = ?1 AND body ->> '$.area' = ?2 ORDER BY seq",
        )?;
        let rows = statement
            .query_map([INVENTORY, area], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))?;
        let mut days = rows
            .map(|row| {
                let (seq, body) = row?;
                Ok((from_json::<InventoryBody>(&body)?.day, seq))
            })
            .collect::<Result<Vec<_>>>()?;
        days.sort_unstable();
        Ok(days)
    }

    /// The material balance of an area and material, period by period.
    pub fn periods(&self, area: &str, material: MaterialKind) -> Result<Vec<Period>> {
        let number = area_number(self, area)?;
        let mut periods: Vec<Period> = Vec::new();
        for (to, seq) in self.inventory_days(area)? {
            let from = periods.last().map(|period| period.to);
            let beginning = periods.last().map_or_else(Amount::default, |period| period.physical);
            let changes = self.flows(number, material, from, to)?;
            let mut book = beginning;
            for (code, amount) in &changes {
                let code: ChangeCode = code
                    .parse()
                    .map_err(|error: surety_core::UnknownWord| Error::Damaged(error.to_string()))?;
                let moved = code.direction(material).map(|direction| amount.moved(direction));
                book = moved.and_then(|moved| book.plus(moved)).ok_or_else(too_large)?;
            }
            let physical = self.found(seq, material)?;
            let muf = book.plus(physical.negated()).ok_or_else(too_large)?;
            periods.push(Period { from, to, beginning, changes, book, physical, muf });
        }
        Ok(periods)
    }

    /// The same for the statistics: each code and the inventory a location, with the measurement errors that the register
    /// knows; amounts in kilograms of what categories count. The total of a code in a period counts as one measurement.
    pub fn balance(&self, area: &str, material: MaterialKind) -> Result<Balance> {
        let periods = self.periods(area, material)?;
        // The first inventory opens the first period.
        let Some((opening, periods)) = periods.split_first().filter(|(_, rest)| !rest.is_empty()) else {
            return Err(Error::Refused(format!("{area} needs two inventories of {material} for a balance")));
        };
        let errors = |location: &str| -> Result<(f64, f64)> {
            let id = Measurement::id_of(area, material, location);
            let known = self.get::<Measurement>(&id)?.ok_or_else(|| Error::Unknown {
                what: "measurement error",
                name: id,
                hint: ": `surety register add measurement` says how well it is measured".to_owned(),
            })?;
            Ok((known.random_sd, known.systematic_sd))
        };
        let codes: std::collections::BTreeSet<&String> =
            periods.iter().flat_map(|period| period.changes.keys()).collect();
        let mut locations = Vec::new();
        for code in codes {
            let direction = code.parse::<ChangeCode>().ok().and_then(|code| code.direction(material));
            let counted = periods
                .iter()
                .map(|period| kilograms(material, period.changes.get(code).copied().unwrap_or_default()));
            let amounts: Vec<f64> = counted.collect();
            let kind = match direction {
                Some(Direction::Decrease) => Kind::Output,
                _ => Kind::Input,
            };
            if amounts.iter().any(|amount| *amount < 0.0) {
                // A difference of either sign is neither a flow in nor one out: it has its own two locations.
                for (name, kind, sign) in [("+", Kind::Input, 1.0), ("-", Kind::Output, -1.0)] {
                    let amounts = amounts.iter().map(|amount| (amount * sign).max(0.0)).collect();
                    let (random_sd, systematic_sd) = errors(code)?;
                    locations.push(Location {
                        name: format!("{code}{name}"),
                        kind,
                        random_sd,
                        systematic_sd,
                        amounts,
                    });
                }
                continue;
            }
            let (random_sd, systematic_sd) = errors(code)?;
            locations.push(Location { name: code.clone(), kind, random_sd, systematic_sd, amounts });
        }
        let (random_sd, systematic_sd) = errors(INVENTORY)?;
        let amounts =
            std::iter::once(opening).chain(periods).map(|period| kilograms(material, period.physical));
        let (name, kind, amounts) = (INVENTORY.to_owned(), Kind::Inventory, amounts.collect());
        locations.push(Location { name, kind, random_sd, systematic_sd, amounts });
        Balance::new(periods.len(), locations).map_err(|error| Error::Refused(error.to_string()))
    }

    /// The flows of a period, by code, without inventory differences.
    fn flows(
        &self,
        area: i64,
        material: MaterialKind,
        from: Option<Date>,
        to: Date,
    ) -> Result<BTreeMap<String, Amount>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT code, element_mg, isotope_mg, pieces FROM change JOIN item ON item.id = change.item \
             WHERE item.area = ?1 AND item.material = ?2 AND day > ?3 AND day <= ?4 AND code NOT IN ('L+', 'L-') \
             AND NOT EXISTS (SELECT 1 FROM change AS later WHERE later.corrects = change.id)",
        )?;
        let from = from.map_or(i64::MIN, number_of_day);
        let mut rows =
            statement.query(params![area, number_of_material(material), from, number_of_day(to)])?;
        let mut flows: BTreeMap<String, Amount> = BTreeMap::new();
        while let Some(row) = rows.next()? {
            let amount = Amount { element_mg: row.get(1)?, isotope_mg: row.get(2)?, pieces: row.get(3)? };
            let flow = flows.entry(row.get(0)?).or_default();
            *flow = flow.plus(amount).ok_or_else(too_large)?;
        }
        Ok(flows)
    }

    fn found(&self, entry: i64, material: MaterialKind) -> Result<Amount> {
        let mut statement = self.connection.prepare_cached(
            "SELECT element_mg, isotope_mg, pieces FROM listing JOIN item ON item.id = listing.item \
             WHERE listing.entry = ?1 AND item.material = ?2",
        )?;
        let mut rows = statement.query([entry, number_of_material(material)])?;
        let mut found = Amount::default();
        while let Some(row) = rows.next()? {
            let amount = Amount { element_mg: row.get(0)?, isotope_mg: row.get(1)?, pieces: row.get(2)? };
            found = found.plus(amount).ok_or_else(too_large)?;
        }
        Ok(found)
    }

    /// The last day on which an inventory of an area was taken.
    pub fn last_inventory(&self, area: &str) -> Result<Option<Date>> {
        Ok(self.inventory_days(area)?.last().map(|(day, _)| *day))
    }

    /// The days of the first and the last change.
    pub fn span(&self) -> Result<Option<(Date, Date)>> {
        let days: (Option<i64>, Option<i64>) =
            self.connection.query_row("SELECT min(day), max(day) FROM change", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })?;
        match days {
            (Some(first), Some(last)) => Ok(Some((day_of_number(first)?, day_of_number(last)?))),
            _ => Ok(None),
        }
    }
}

/// An inventory being taken.
struct Stocktake {
    area: String,
    day: Date,
    book: HashMap<i64, Amount>,
    batches: HashMap<(String, MaterialKind), i64>,
    seen: HashSet<i64>,
    totals: BTreeMap<MaterialKind, Difference>,
}

impl Stocktake {
    /// The item of a line, what was found of it, and the difference to be booked.
    fn list(&mut self, listed: Listed) -> Result<(i64, Amount, Option<Change>), BadLine> {
        let Listed { line, batch, material, amount } = listed;
        if !amount.can_be_held() {
            return Err(BadLine::new(
                line,
                "isotope_g",
                "an isotope weighs at least 0 and no more than its element",
            ));
        }
        let key = (batch, material);
        let Some(item) = self.batches.get(&key).copied() else {
            let rule = format!(
                "the books of {} know no batch `{}` of {material}: book first what brought it (GA for a gain)",
                self.area, key.0
            );
            return Err(BadLine::new(line, "batch", &rule));
        };
        if !self.seen.insert(item) {
            return Err(BadLine::new(
                line,
                "batch",
                &format!("batch `{}` of {material} is listed twice", key.0),
            ));
        }
        let book = self.book.get(&item).copied().unwrap_or_default();
        self.total(material, book, amount);
        Ok((item, amount, self.difference(line, key.0, material, book, amount)))
    }

    /// The differences of what the books know and nobody found.
    fn not_found(&mut self) -> Vec<Change> {
        let mut missing: Vec<(String, MaterialKind, Amount)> = Vec::new();
        for ((batch, material), item) in &self.batches {
            let book = self.book.get(item).copied().unwrap_or_default();
            if !self.seen.contains(item) && book != Amount::default() {
                missing.push((batch.clone(), *material, book));
            }
        }
        missing.sort_unstable_by(|a, b| (&a.0, a.1).cmp(&(&b.0, b.1)));
        let mut changes = Vec::new();
        for (batch, material, book) in missing {
            self.total(material, book, Amount::default());
            changes.extend(self.difference(0, batch, material, book, Amount::default()));
        }
        changes
    }

    fn total(&mut self, material: MaterialKind, book: Amount, physical: Amount) {
        let none = Difference { material, book: Amount::default(), physical: Amount::default() };
        let total = self.totals.entry(material).or_insert(none);
        total.book = total.book.plus(book).unwrap_or(total.book);
        total.physical = total.physical.plus(physical).unwrap_or(total.physical);
    }

    fn difference(
        &self,
        line: u64,
        batch: String,
        material: MaterialKind,
        book: Amount,
        physical: Amount,
    ) -> Option<Change> {
        let found = physical.plus(book.negated()).filter(|found| *found != Amount::default())?;
        let (code, amount) = if (found.element_mg, found.isotope_mg, found.pieces) < (0, 0, 0) {
            (ChangeCode::FoundLess, found.negated())
        } else {
            (ChangeCode::FoundMore, found)
        };
        Some(Change {
            line,
            day: self.day,
            area: self.area.clone(),
            batch,
            material,
            code,
            amount,
            other: None,
            form: None,
            irradiation: None,
            purpose: None,
            corrects: None,
        })
    }
}

fn batches(connection: &rusqlite::Connection, area: i64) -> Result<HashMap<(String, MaterialKind), i64>> {
    let mut statement = connection.prepare("SELECT batch, material, id FROM item WHERE area = ?1")?;
    let mut rows = statement.query([area])?;
    let mut batches = HashMap::new();
    while let Some(row) = rows.next()? {
        batches.insert((row.get(0)?, material_of_number(row.get(1)?)?), row.get(2)?);
    }
    Ok(batches)
}

fn kilograms(material: MaterialKind, amount: Amount) -> f64 {
    // Exact up to 2^53 mg, nine thousand tonnes; statistics need no more.
    #[expect(clippy::cast_precision_loss, reason = "statistics are made of fractions")]
    let counted = material.counted_mg(amount.element_mg, amount.isotope_mg) as f64;
    counted / 1e6
}

fn too_large() -> Error {
    Error::Damaged("a sum is more than 64 bits hold".to_owned())
}
