//! The book inventory: changes in, holdings out. The same arithmetic books a change and checks the whole journal.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;

use jiff::tz::TimeZone;
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde::{Deserialize, Serialize};
use surety_core::{Date, closest};
use surety_material::{
    Amount, Category, ChangeCode, Direction, Irradiation, MASS_MAX_MG, MaterialKind, Policy, Purpose,
    category, irradiation_word, show_grams,
};
use surety_standards::Regime;

use crate::error::BadLine;
use crate::inventory::INVENTORY;
use crate::item::{
    self, Change, check_name, number_of_day, number_of_irradiation, number_of_material, number_of_purpose,
};
use crate::journal::{Draft, Rows, RowsDigest};
use crate::register::{from_json, to_json};
use crate::rollup::forms;
use crate::{Area, Choices, Entry, Error, Note, Record, Register, Result, Site};

/// The kind of an entry that books inventory changes.
pub(crate) const CHANGES: &str = "changes";
/// No file may have more lines.
pub const LINES_MAX: u64 = 20_000_000;
/// So many bad lines are named; then reading stops.
const BAD_LINES_MAX: usize = 20;
const FIRST_DAY: Date = Date::constant(1940, 1, 1);

/// The file that changes come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub name: String,
    /// SHA-256 of its bytes, hexadecimal.
    pub sha256: String,
    /// Whether what the register has already is meant: it happened once more.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub again: bool,
}

/// What was booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Booked {
    /// The entry.
    pub entry: Entry,
    /// The number of its first change; later ones follow without a gap.
    pub first_change: i64,
    /// How many changes.
    pub changes: i64,
    /// How many items are new.
    pub new_items: i64,
    /// Areas with changes dated up to their last physical inventory: what was found there differs by as much more or
    /// less from the books now.
    pub behind: BTreeMap<String, Behind>,
}

/// Changes that came after the inventory before which they are dated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Behind {
    /// The last physical inventory.
    pub inventory: Date,
    /// How many changes are dated up to it.
    pub changes: u64,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct ChangesBody {
    pub(crate) source: Option<Source>,
}

impl Register {
    /// Books changes, all or none, with one entry. Lines that break a rule are named, and then nothing is booked. A line
    /// of a file that repeats what was booked before breaks one too, unless the file is to be taken in
    /// [again](Source::again).
    pub fn book(
        &mut self,
        note: &Note,
        source: Option<Source>,
        changes: impl IntoIterator<Item = Result<Change, BadLine>>,
    ) -> Result<Booked> {
        let transaction = self.writing()?;
        if let Some(source) = &source {
            refuse_again(&transaction, CHANGES, source)?;
        }
        let mut booking = Booking::new(&transaction, note)?;
        booking.refuses_repeats = source.as_ref().is_some_and(|source| !source.again);
        booking.book_all(changes)?;
        let booked = booking.finish(CHANGES, to_json(&ChangesBody { source })?)?;
        transaction.commit()?;
        Ok(booked)
    }
}

/// Refuses a file that was taken in before, unless that is meant.
pub(crate) fn refuse_again(connection: &Connection, kind: &str, source: &Source) -> Result<()> {
    if source.again {
        return Ok(());
    }
    let before: Option<i64> = connection
        .query_row(
            "SELECT seq FROM entry WHERE kind = ?1 AND body ->> '$.source.sha256' = ?2",
            [kind, &source.sha256],
            |row| row.get(0),
        )
        .optional()?;
    match before {
        Some(seq) => Err(Error::Refused(format!(
            "{} was taken in before, with entry {seq}: say with --again that it is meant once more",
            source.name
        ))),
        None => Ok(()),
    }
}

/// An item that an entry touches.
pub(crate) struct Touched {
    pub(crate) id: i64,
    area: i64,
    material: MaterialKind,
    irradiation: Irradiation,
    purpose: i64,
    form: Box<str>,
    pub(crate) amount: Amount,
    line: u64,
    changed: bool,
}

/// One entry in the making, inside its transaction.
pub(crate) struct Booking<'t> {
    transaction: &'t Transaction<'t>,
    draft: Draft,
    today: Date,
    policy: Policy,
    areas: HashMap<String, (i64, Purpose)>,
    pub(crate) touched: Vec<Touched>,
    by_key: HashMap<String, usize>,
    key: String,
    pub(crate) digest: RowsDigest,
    first_change: i64,
    next_change: i64,
    first_item: i64,
    next_item: i64,
    inventories: HashMap<String, Date>,
    forms: HashMap<i64, String>,
    behind: BTreeMap<String, Behind>,
    /// Whether a change that was booked before this entry is refused.
    refuses_repeats: bool,
    repeats: bool,
}

impl<'t> Booking<'t> {
    pub(crate) fn new(transaction: &'t Transaction<'t>, note: &Note) -> Result<Self> {
        let next = |table: &str| -> Result<i64> {
            let sql = format!("SELECT ifnull(max(id), 0) + 1 FROM {table}");
            Ok(transaction.query_row(&sql, [], |row| row.get(0))?)
        };
        let (next_change, next_item) = (next("change")?, next("item")?);
        Ok(Self {
            transaction,
            draft: Draft::new(transaction, note)?,
            today: note.day(),
            policy: policy(transaction)?,
            areas: areas(transaction)?,
            touched: Vec::new(),
            by_key: HashMap::new(),
            key: String::new(),
            digest: RowsDigest::default(),
            first_change: next_change,
            next_change,
            first_item: next_item,
            next_item,
            inventories: last_inventories(transaction)?,
            forms: forms(transaction)?,
            behind: BTreeMap::new(),
            refuses_repeats: false,
            repeats: false,
        })
    }

    /// The number of the entry in the making.
    pub(crate) fn seq(&self) -> i64 {
        self.draft.seq
    }

    /// Books every change, or names the lines that cannot be.
    pub(crate) fn book_all(
        &mut self,
        changes: impl IntoIterator<Item = Result<Change, BadLine>>,
    ) -> Result<()> {
        let mut bad = Vec::new();
        for (count, change) in (0..).zip(changes) {
            let line = change.as_ref().map_or(0, |change| change.line);
            if count >= LINES_MAX {
                bad.push(BadLine::new(line, "", &format!("a file has at most {LINES_MAX} lines: divide it")));
            } else {
                match change {
                    Ok(change) => {
                        if let Err(Problem::Rule(label, rule)) = keep_store(self.one(&change))? {
                            bad.push(BadLine::new(line, label, &rule));
                        }
                    }
                    Err(line) => bad.push(line),
                }
            }
            if bad.len() >= BAD_LINES_MAX {
                break;
            }
        }
        if self.repeats {
            let rule = "Leave out what is booked already, or say with --again that it happened once more";
            bad.push(BadLine::new(0, "", rule));
        }
        if bad.is_empty() {
            bad = self.impossible();
        }
        if bad.is_empty() { Ok(()) } else { Err(Error::Lines(bad)) }
    }

    /// Items that would hold less than nothing.
    fn impossible(&self) -> Vec<BadLine> {
        let held = self.touched.iter().filter(|item| !item.amount.can_be_held());
        held.take(BAD_LINES_MAX)
            .map(|item| {
                let Amount { element_mg, isotope_mg, pieces } = item.amount;
                let rule = format!(
                    "the batch would hold {} g of the element, {} g of the isotope, {pieces} pieces",
                    show_grams(element_mg),
                    show_grams(isotope_mg)
                );
                BadLine::new(item.line, "element_g", &rule)
            })
            .collect()
    }

    fn one(&mut self, change: &Change) -> Result<(), Problem> {
        check_line(change, self.today)?;
        let direction = change
            .code
            .direction(change.material)
            .ok_or_else(|| rule("code", format!("{} is no change of {}", change.code, change.material)))?;
        let place = self.find(change, direction)?;
        if self.refuses_repeats {
            self.refuse_repeat(change, self.touched[place].id)?;
        }
        let mut amount = self.touched[place].amount;
        if let Some(corrected) = change.corrects {
            let before = self.corrected(corrected, self.touched[place].id, change, direction)?;
            amount = amount.plus(before.negated()).ok_or_else(too_much)?;
        }
        amount = amount.plus(change.amount.moved(direction)).ok_or_else(too_much)?;
        let item = &mut self.touched[place];
        item.amount = amount;
        item.line = change.line;
        item.changed = true;
        let item = item.id;
        self.insert_change(item, change)?;
        if let Some(inventory) = self.inventories.get(&change.area).filter(|day| change.day <= **day) {
            let behind = Behind { inventory: *inventory, changes: 0 };
            self.behind.entry(change.area.clone()).or_insert(behind).changes += 1;
        }
        Ok(())
    }

    /// Refuses a change that was booked before this entry: of the same batch, day and code, and of the same amount. What
    /// only one of both tells does not tell them apart: reports leave out some of it. A correction repeats the change
    /// that it names, and no other: it may go back to an earlier figure.
    fn refuse_repeat(&mut self, change: &Change, item: i64) -> Result<(), Problem> {
        if item >= self.first_item {
            return Ok(());
        }
        let Amount { element_mg, isotope_mg, pieces } = change.amount;
        let found: Option<(i64, Option<i64>)> = self
            .transaction
            .prepare_cached(
                "SELECT id, (SELECT id FROM change AS later WHERE later.corrects = change.id) FROM change \
                 WHERE item = ?1 AND day = ?2 AND code = ?3 AND element_mg = ?4 AND id < ?5 \
                 AND (isotope_mg = ?6 OR isotope_mg = 0 OR ?6 = 0) AND (pieces = ?7 OR pieces = 0 OR ?7 = 0) \
                 AND (other = ?8 OR other IS NULL OR ?8 IS NULL) AND (id = ?9 OR ?9 IS NULL) ORDER BY id LIMIT 1",
            )?
            .query_row(
                params![
                    item,
                    number_of_day(change.day),
                    change.code.as_str(),
                    element_mg,
                    self.first_change,
                    isotope_mg,
                    pieces,
                    change.other,
                    change.corrects
                ],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
            .optional()?;
        let Some((number, later)) = found else { return Ok(()) };
        self.repeats = true;
        let later = later.map_or_else(String::new, |later| format!(", which {later} took the place of"));
        Err(rule(
            "code",
            format!(
                "the register has this {} of batch {} on {} already: it is change {number}{later}",
                change.code, change.batch, change.day
            ),
        ))
    }

    /// What the change with this number did; only once, only to the same item and in the same direction.
    fn corrected(
        &self,
        number: i64,
        item: i64,
        by: &Change,
        direction: Direction,
    ) -> Result<Amount, Problem> {
        let found = self
            .transaction
            .prepare_cached(
                "SELECT item, code, element_mg, isotope_mg, pieces, \
                 (SELECT id FROM change AS later WHERE later.corrects = change.id) FROM change WHERE id = ?1",
            )?
            .query_row([number], |row| {
                let amount = Amount { element_mg: row.get(2)?, isotope_mg: row.get(3)?, pieces: row.get(4)? };
                Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, amount, row.get::<_, Option<i64>>(5)?))
            })
            .optional()?;
        let Some((of, code, amount, later)) = found else {
            return Err(rule("corrects", format!("no change has the number {number}")));
        };
        if of != item {
            return Err(rule("corrects", format!("change {number} is one of another batch")));
        }
        if let Some(later) = later {
            return Err(rule(
                "corrects",
                format!("change {number} was corrected by {later}: correct that one"),
            ));
        }
        let was = code.parse::<ChangeCode>().ok().and_then(|code| code.direction(by.material));
        let was = was.ok_or_else(|| Error::Damaged(format!("change {number} has code {code}")))?;
        if was != direction {
            return Err(rule(
                "corrects",
                format!(
                    "change {number} is {code}, and {} goes the other way: correct it to 0 g of {code}, and book {} anew",
                    by.code, by.code
                ),
            ));
        }
        Ok(amount.moved(was))
    }

    fn find(&mut self, change: &Change, direction: Direction) -> Result<usize, Problem> {
        let Some(&(area, usual)) = self.areas.get(&change.area) else {
            // The same hint every time: of several that are as near, the first.
            let mut codes: Vec<&str> = self.areas.keys().map(String::as_str).collect();
            codes.sort_unstable_by(|a, b| b.cmp(a));
            let near = closest(&change.area, codes)
                .map_or_else(String::new, |near| format!(": did you mean {near}?"));
            return Err(rule("mba", format!("no material balance area is called `{}`{near}", change.area)));
        };
        self.key.clear();
        let _ = write!(self.key, "{area} {} {}", change.material.letter(), change.batch);
        let place = if let Some(place) = self.by_key.get(&self.key) {
            *place
        } else {
            let item = match self.load(area, change)? {
                Some(item) => item,
                None if direction == Direction::Increase => self.insert_item(area, usual, change)?,
                None => {
                    let (batch, material, area) = (&change.batch, change.material, &change.area);
                    let text =
                        format!("{area} holds no batch `{batch}` of {material}: what leaves must have come");
                    return Err(rule("batch", text));
                }
            };
            self.touched.push(item);
            self.by_key.insert(self.key.clone(), self.touched.len() - 1);
            self.touched.len() - 1
        };
        same_as_before(change, &self.touched[place])?;
        Ok(place)
    }

    fn load(&self, area: i64, change: &Change) -> Result<Option<Touched>> {
        self.transaction
            .prepare_cached(
                "SELECT item.id, item.irradiation, item.purpose, element_mg, isotope_mg, pieces, item.form \
                 FROM item JOIN holding ON holding.item = item.id \
                 WHERE item.area = ?1 AND batch = ?2 AND item.material = ?3",
            )?
            .query_row(params![area, change.batch, number_of_material(change.material)], |row| {
                Ok((
                    row.get(0)?,
                    row.get::<_, i64>(1)?,
                    row.get(2)?,
                    Amount { element_mg: row.get(3)?, isotope_mg: row.get(4)?, pieces: row.get(5)? },
                    row.get::<_, Box<str>>(6)?,
                ))
            })
            .optional()?
            .map(|(id, irradiation, purpose, amount, form)| {
                let form = self.forms.get(&id).map_or(form, |set| set.as_str().into());
                let irradiation = item::irradiation_of_number(irradiation)?;
                let (material, line) = (change.material, change.line);
                Ok(Touched { id, area, material, irradiation, purpose, form, amount, line, changed: false })
            })
            .transpose()
    }

    fn insert_item(&mut self, area: i64, usual: Purpose, change: &Change) -> Result<Touched, Problem> {
        let id = self.next_item;
        self.next_item += 1;
        let purpose = number_of_purpose(change.purpose.unwrap_or(usual))
            .map_err(|error| rule("purpose", error.to_string()))?;
        let irradiation = change.irradiation.unwrap_or(Irradiation::Unirradiated);
        let form = change.form.as_deref().unwrap_or_default();
        let material = number_of_material(change.material);
        let hot = number_of_irradiation(irradiation);
        self.digest.add(Rows::Items, &[id, area, material, hot, purpose], &[&change.batch, form]);
        self.transaction
            .prepare_cached("INSERT INTO item VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)")?
            .execute(params![id, self.draft.seq, area, change.batch, material, form, hot, purpose])?;
        let (material, amount, line) = (change.material, Amount::default(), change.line);
        let form = form.into();
        Ok(Touched { id, area, material, irradiation, purpose, form, amount, line, changed: true })
    }

    fn insert_change(&mut self, item: i64, change: &Change) -> Result<()> {
        let id = self.next_change;
        self.next_change += 1;
        let (day, code) = (number_of_day(change.day), change.code.as_str());
        let Amount { element_mg, isotope_mg, pieces } = change.amount;
        let other = change.other.as_deref();
        self.digest.add(
            Rows::Changes,
            &[id, item, day, element_mg, isotope_mg, pieces, change.corrects.unwrap_or_default()],
            &[code, other.unwrap_or_default()],
        );
        self.transaction
            .prepare_cached("INSERT INTO change VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
            .execute(params![
                id,
                self.draft.seq,
                item,
                day,
                code,
                element_mg,
                isotope_mg,
                pieces,
                other,
                change.corrects
            ])?;
        Ok(())
    }

    /// Writes what the touched items hold now, and the entry.
    pub(crate) fn finish(mut self, kind: &str, body: String) -> Result<Booked> {
        self.touched.retain(|item| item.changed);
        self.touched.sort_unstable_by_key(|item| item.id);
        {
            let mut insert = self
                .transaction
                .prepare("INSERT OR REPLACE INTO holding VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)")?;
            for item in &self.touched {
                let category = category_of(item.material, item.amount, item.irradiation, self.policy);
                insert.execute(params![
                    item.id,
                    item.area,
                    number_of_material(item.material),
                    number_of_irradiation(item.irradiation),
                    item.purpose,
                    number_of_category(category),
                    item.amount.element_mg,
                    item.amount.isotope_mg,
                    item.amount.pieces
                ])?;
            }
        }
        let entry = self.draft.append(self.transaction, kind, body, self.digest)?;
        Ok(Booked {
            entry,
            first_change: self.first_change,
            changes: self.next_change - self.first_change,
            new_items: self.next_item - self.first_item,
            behind: self.behind,
        })
    }
}

/// A rule that a line breaks, or a store that fails.
pub(crate) enum Problem {
    Rule(&'static str, String),
    Store(Error),
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// A failing store ends everything; a broken rule is told of its line.
fn keep_store(outcome: Result<(), Problem>) -> Result<Result<(), Problem>> {
    match outcome {
        Err(Problem::Store(error)) => Err(error),
        other => Ok(other),
    }
}

fn rule(label: &'static str, text: String) -> Problem {
    Problem::Rule(label, text)
}

fn too_much() -> Problem {
    rule("element_g", "the sum is more than any State holds".to_owned())
}

impl BadLine {
    pub(crate) fn new(line: u64, label: &str, rule: &str) -> Self {
        Self { line, label: label.to_owned(), rule: rule.to_owned() }
    }
}

/// What can be said of a line without looking at the register.
fn check_line(change: &Change, today: Date) -> Result<(), Problem> {
    check_name(&change.batch, "a batch").map_err(|text| rule("batch", text))?;
    if let Some(other) = &change.other {
        check_name(other, "an area or State").map_err(|text| rule("other", text))?;
    }
    if let Some(form) = change.form.as_ref().filter(|form| !form.is_empty()) {
        check_name(form, "a form").map_err(|text| rule("form", text))?;
    }
    if !(FIRST_DAY..=today).contains(&change.day) {
        return Err(rule(
            "date",
            format!("{} lies before {FIRST_DAY} or after the day of the entry", change.day),
        ));
    }
    let Amount { element_mg, isotope_mg, pieces } = change.amount;
    let signed = change.code == ChangeCode::ShipperReceiverDifference;
    let mass = |mg: i64| {
        if signed { mg.unsigned_abs() <= MASS_MAX_MG.unsigned_abs() } else { (0..=MASS_MAX_MG).contains(&mg) }
    };
    if !mass(element_mg) {
        return Err(rule(
            "element_g",
            format!("{} says by itself which way it goes: write a mass of at least 0", change.code),
        ));
    }
    let free = signed || change.code.is_inventory_difference();
    if (!free && !(0..=element_mg).contains(&isotope_mg))
        || isotope_mg.unsigned_abs() > MASS_MAX_MG.unsigned_abs()
    {
        return Err(rule(
            "isotope_g",
            "an isotope weighs at least 0 and no more than its element".to_owned(),
        ));
    }
    if !free && change.material == MaterialKind::EnrichedUranium && element_mg > 0 && isotope_mg == 0 {
        return Err(rule("isotope_g", "enriched uranium needs its mass of U-235".to_owned()));
    }
    if pieces.unsigned_abs() > 1_000_000_000 || (!free && pieces < 0) {
        return Err(rule(
            "pieces",
            "there are at most a thousand million pieces, and no fewer than 0".to_owned(),
        ));
    }
    if change.amount == Amount::default() && change.corrects.is_none() {
        return Err(rule("element_g", "a change of nothing is none".to_owned()));
    }
    Ok(())
}

/// What a line says of a known batch must be what is known.
fn same_as_before(change: &Change, item: &Touched) -> Result<(), Problem> {
    if change.irradiation.is_some_and(|said| said != item.irradiation) {
        let known = irradiation_word(item.irradiation);
        return Err(rule(
            "irradiation",
            format!("the batch is {known}: rebatch it (RM, RP) under another name"),
        ));
    }
    if let Some(said) = change.form.as_deref().filter(|said| *said != &*item.form) {
        let known =
            if item.form.is_empty() { "has no form".to_owned() } else { format!("is `{}`", item.form) };
        return Err(rule(
            "form",
            format!(
                "the batch {known}, and not `{said}`: correct that with `surety register set --form {said}`, or rebatch (RM, RP) what became of it"
            ),
        ));
    }
    if let Some(said) = change.purpose {
        let said = number_of_purpose(said).map_err(|error| rule("purpose", error.to_string()))?;
        if said != item.purpose {
            let known = item::purpose_of_number(item.purpose)?;
            return Err(rule(
                "purpose",
                format!("the batch is {known}: rebatch it (RM, RP) under another name"),
            ));
        }
    }
    Ok(())
}

impl Note {
    /// The day of the entry.
    pub fn day(&self) -> Date {
        self.at().to_zoned(TimeZone::UTC).date()
    }
}

/// The category of one item.
pub(crate) fn category_of(
    material: MaterialKind,
    amount: Amount,
    irradiation: Irradiation,
    policy: Policy,
) -> Category {
    let Amount { element_mg, isotope_mg, .. } = amount;
    let counted = u64::try_from(material.counted_mg(element_mg, isotope_mg)).unwrap_or(0);
    category(material.material(element_mg, isotope_mg), counted, irradiation, policy)
}

/// 1, 2 and 3 for categories I, II and III; 4 for what is below.
pub(crate) fn number_of_category(category: Category) -> i64 {
    match category {
        Category::I => 1,
        Category::II => 2,
        Category::III => 3,
        Category::BelowIII => 4,
    }
}

pub(crate) fn category_of_number(number: i64) -> Result<Category> {
    Ok(match number {
        1 => Category::I,
        2 => Category::II,
        3 => Category::III,
        4 => Category::BelowIII,
        other => return Err(Error::Damaged(format!("{other} is the number of no category"))),
    })
}

pub(crate) fn policy(connection: &Connection) -> Result<Policy> {
    let body: Option<String> = connection
        .query_row("SELECT body FROM record WHERE kind = ?1", [Choices::KIND], |row| row.get(0))
        .optional()?;
    let choices: Option<Choices> = body.map(|body| from_json(&body)).transpose()?;
    Ok(choices.unwrap_or_default().policy())
}

/// Every area with its number, and what material there is usually for.
fn areas(connection: &Connection) -> Result<HashMap<String, (i64, Purpose)>> {
    let mut statement = connection.prepare(
        "SELECT area.id, area.code, record.body FROM area JOIN record ON record.kind = ?1 AND record.id = area.site",
    )?;
    let rows = statement.query_map([Site::KIND], |row| {
        Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, row.get::<_, String>(2)?))
    })?;
    rows.map(|row| {
        let (id, code, body) = row?;
        let site: Site = from_json(&body)?;
        let usual = match site.regime {
            Regime::Civil => Purpose::Civilian,
            Regime::Military => Purpose::Military,
        };
        Ok((code, (id, usual)))
    })
    .collect()
}

/// The last physical inventory of each area.
fn last_inventories(connection: &Connection) -> Result<HashMap<String, Date>> {
    let mut statement = connection.prepare(
        "SELECT body ->> '$.area', max(body ->> '$.day') FROM entry WHERE kind = ?1 GROUP BY body ->> '$.area'",
    )?;
    let rows =
        statement.query_map([INVENTORY], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    rows.map(|row| {
        let (area, day) = row?;
        let day = day.parse().map_err(|_| Error::Damaged(format!("an inventory of {area}")))?;
        Ok((area, day))
    })
    .collect()
}

/// Works out the category of every item again, after the State chose otherwise.
pub(crate) fn categorise_all(connection: &Connection) -> Result<()> {
    let policy = policy(connection)?;
    let mut changed = Vec::new();
    {
        let mut statement = connection.prepare(
            "SELECT item, material, irradiation, category, element_mg, isotope_mg FROM holding WHERE irradiation = 1",
        )?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let material = item::material_of_number(row.get(1)?)?;
            let amount = Amount { element_mg: row.get(4)?, isotope_mg: row.get(5)?, pieces: 0 };
            let category = number_of_category(category_of(
                material,
                amount,
                item::irradiation_of_number(row.get(2)?)?,
                policy,
            ));
            if category != row.get::<_, i64>(3)? {
                changed.push((row.get::<_, i64>(0)?, category));
            }
        }
    }
    let mut update = connection.prepare("UPDATE holding SET category = ?2 WHERE item = ?1")?;
    for (item, category) in changed {
        update.execute([item, category])?;
    }
    Ok(())
}

/// The number of an area.
pub(crate) fn area_number(register: &Register, code: &str) -> Result<i64> {
    register.require::<Area>(code, "material balance area")?;
    Ok(register.connection.query_row("SELECT id FROM area WHERE code = ?1", [code], |row| row.get(0))?)
}
