//! `check`: whether the register is what its journal says.

use std::collections::BTreeMap;

use rusqlite::{Connection, Row};
use serde::Serialize;
use surety_material::{Amount, ChangeCode, MaterialKind, Policy};

use crate::book::{category_of, number_of_category};
use crate::inventory::INVENTORY;
use crate::item::{irradiation_of_number, material_of_number};
use crate::journal::{Entry, NOTHING, Rows, RowsDigest};
use crate::register::{OPENING, REKEY, WITHDRAWAL, Withdrawal, from_json};
use crate::{Area, Error, Hash, Record, Register, Result, store};

/// So many problems of one kind are named; the rest is counted.
const NAMED_MAX: usize = 20;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// How many entries the journal has.
    pub entries: i64,
    /// How many inventory changes.
    pub changes: i64,
    /// How many items.
    pub items: i64,
    /// How many records.
    pub records: i64,
    /// The hash of the last entry. Whoever notes it can tell later that nothing before it was rewritten.
    #[serde(serialize_with = "hash_as_hex")]
    pub head: Hash,
    /// What is wrong. Empty when all is well.
    pub problems: Vec<String>,
    /// What deserves a look, and can be right.
    pub remarks: Vec<String>,
}

fn hash_as_hex<S: serde::Serializer>(hash: &Hash, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(&crate::hex(hash))
}

impl Register {
    /// Checks pages, chain, rows, sums, categories and links: makes everything again from the journal and compares.
    pub fn check(&mut self) -> Result<Checked> {
        // One transaction: a single moment is checked, whoever writes meanwhile.
        let transaction = self.connection.transaction()?;
        let mut check = Check::default();
        check.pages(&transaction)?;
        let journal = check.chain(&transaction)?;
        let digests = check.rows(&transaction)?;
        check.digests(&journal, digests);
        check.records(&transaction, &journal)?;
        check.holdings(&transaction)?;
        check.links(&transaction)?;
        let last = journal.entries.last();
        Ok(Checked {
            entries: last.map_or(0, |entry| entry.seq),
            changes: check.changes,
            items: count(check.items.len().saturating_sub(1)),
            records: count(journal.records.len()),
            head: last.map_or(NOTHING, |entry| entry.hash),
            problems: check.problems.told(),
            remarks: check.remarks.told(),
        })
    }
}

#[derive(Default)]
struct Told {
    kinds: Vec<(&'static str, Vec<String>, usize)>,
}

impl Told {
    fn add(&mut self, kind: &'static str, text: String) {
        let place = self.kinds.iter().position(|(known, ..)| *known == kind).unwrap_or_else(|| {
            self.kinds.push((kind, Vec::new(), 0));
            self.kinds.len() - 1
        });
        let (_, named, all) = &mut self.kinds[place];
        *all += 1;
        if named.len() < NAMED_MAX {
            named.push(text);
        }
    }

    fn told(self) -> Vec<String> {
        let mut told = Vec::new();
        for (kind, named, all) in self.kinds {
            let more = all - named.len();
            told.extend(named.into_iter().map(|text| format!("{kind}: {text}")));
            if more > 0 {
                told.push(format!("{kind}: and {more} more"));
            }
        }
        told
    }
}

/// What the journal says by itself.
#[derive(Default)]
struct Journal {
    entries: Vec<Summary>,
    records: BTreeMap<(String, String), (i64, String)>,
}

struct Summary {
    seq: i64,
    hash: Hash,
    row_count: i64,
    rows_digest: Hash,
    kind: String,
}

/// An item, with what the changes make of it.
#[derive(Clone, Copy)]
struct Item {
    area: i64,
    material: MaterialKind,
    irradiation: i64,
    purpose: i64,
    amount: Amount,
}

#[derive(Default)]
struct Check {
    problems: Told,
    remarks: Told,
    /// By number; the first place is empty.
    items: Vec<Option<Item>>,
    changes: i64,
    /// How often an area sent to another (true) or received from it.
    transfers: BTreeMap<(i64, String, MaterialKind, bool), i64>,
}

impl Check {
    fn pages(&mut self, connection: &Connection) -> Result<()> {
        for problem in store::damage(connection)? {
            self.problems.add("pages", problem);
        }
        let (found, expected) = (store::definitions(connection)?, store::definitions_expected()?);
        for missing in expected.iter().filter(|sql| !found.contains(sql)) {
            let first = missing.split(" (").next().unwrap_or_default();
            self.problems.add(
                "schema",
                format!("missing or changed: {}", first.split(" BEFORE").next().unwrap_or(first)),
            );
        }
        for foreign in found.iter().filter(|sql| !expected.contains(sql)) {
            let first = foreign.split('(').next().unwrap_or_default();
            self.problems.add("schema", format!("not of this program: {first}"));
        }
        Ok(())
    }

    fn chain(&mut self, connection: &Connection) -> Result<Journal> {
        let mut journal = Journal::default();
        let mut statement = connection.prepare("SELECT * FROM entry ORDER BY seq")?;
        let mut rows = statement.query([])?;
        let (mut previous, mut expected_seq) = (NOTHING, 1);
        let mut last_at = jiff::Timestamp::MIN;
        while let Some(row) = rows.next()? {
            let entry = Entry::read(row)?;
            if entry.seq != expected_seq {
                self.problems.add("chain", format!("entry {expected_seq} is missing"));
            }
            if entry.previous != previous {
                self.problems.add("chain", format!("entry {} does not follow the one before it", entry.seq));
            }
            if entry.hash != entry.expected_hash() {
                self.problems.add("chain", format!("entry {} was rewritten: its hash is another", entry.seq));
            }
            if entry.at < last_at {
                self.problems.add("chain", format!("entry {} is older than the one before it", entry.seq));
            }
            if (entry.seq == 1) != (entry.kind == OPENING) {
                self.problems.add("chain", format!("entry {} is a {}", entry.seq, entry.kind));
            }
            (previous, expected_seq, last_at) = (entry.hash, entry.seq + 1, entry.at);
            self.replay(&mut journal, &entry);
            journal.entries.push(Summary {
                seq: entry.seq,
                hash: entry.hash,
                row_count: entry.row_count,
                rows_digest: entry.rows_digest,
                kind: entry.kind,
            });
        }
        Ok(journal)
    }

    /// Does again to the records what the entry did.
    fn replay(&mut self, journal: &mut Journal, entry: &Entry) {
        match entry.kind.as_str() {
            OPENING | REKEY | INVENTORY | crate::book::CHANGES => {}
            WITHDRAWAL => match from_json::<Withdrawal>(&entry.body) {
                Ok(Withdrawal { what, id }) => {
                    journal.records.remove(&(what, id));
                }
                Err(error) => self.problems.add("chain", format!("entry {}: {error}", entry.seq)),
            },
            kind => match crate::record::id_of(kind, &entry.body) {
                Ok(id) => {
                    journal.records.insert((kind.to_owned(), id), (entry.seq, entry.body.clone()));
                }
                Err(error) => self.problems.add("chain", format!("entry {}: {error}", entry.seq)),
            },
        }
    }

    /// Reads every row once: digests by entry, and what the changes add up to.
    fn rows(&mut self, connection: &Connection) -> Result<BTreeMap<i64, RowsDigest>> {
        let mut digests = BTreeMap::new();
        self.read_items(connection, &mut digests)?;
        self.read_changes(connection, &mut digests)?;
        read_listings(connection, &mut digests)?;
        Ok(digests)
    }

    fn read_items(&mut self, connection: &Connection, digests: &mut BTreeMap<i64, RowsDigest>) -> Result<()> {
        let mut statement = connection.prepare(
            "SELECT id, entry, area, batch, material, form, irradiation, purpose FROM item ORDER BY id",
        )?;
        let mut rows = statement.query([])?;
        self.items.push(None);
        let mut current = Current::default();
        while let Some(row) = rows.next()? {
            let id: i64 = row.get(0)?;
            let [area, material, irradiation, purpose] = numbers(row, [2, 4, 6, 7])?;
            current.of(digests, row.get(1)?).add(
                Rows::Items,
                &[id, area, material, irradiation, purpose],
                &[text(row, 3)?, text(row, 5)?],
            );
            if id != count(self.items.len()) {
                self.problems.add("rows", format!("item {} is missing", self.items.len()));
                self.items.resize(usize::try_from(id).unwrap_or(0).max(self.items.len()).min(1 << 26), None);
            }
            let item = material_of_number(material).map(|material| Item {
                area,
                material,
                irradiation,
                purpose,
                amount: Amount::default(),
            });
            match item {
                Ok(item) => self.items.push(Some(item)),
                Err(error) => {
                    self.items.push(None);
                    self.problems.add("rows", format!("item {id}: {error}"));
                }
            }
        }
        current.put_back(digests);
        Ok(())
    }

    fn read_changes(
        &mut self,
        connection: &Connection,
        digests: &mut BTreeMap<i64, RowsDigest>,
    ) -> Result<()> {
        let mut before = connection.prepare(
            "SELECT item, code, element_mg, isotope_mg, pieces, ifnull(other, '') FROM change WHERE id = ?1",
        )?;
        let mut statement = connection.prepare(
            "SELECT id, entry, item, day, code, element_mg, isotope_mg, pieces, other, corrects FROM change ORDER BY id",
        )?;
        let mut rows = statement.query([])?;
        let mut current = Current::default();
        let mut expected = 1;
        while let Some(row) = rows.next()? {
            let [id, item, day, element_mg, isotope_mg, pieces] = numbers(row, [0, 2, 3, 5, 6, 7])?;
            let code = text(row, 4)?;
            let other = row.get_ref(8)?.as_str_or_null().map_err(rusqlite::Error::from)?.unwrap_or_default();
            let corrects: Option<i64> = row.get(9)?;
            current.of(digests, row.get(1)?).add(
                Rows::Changes,
                &[id, item, day, element_mg, isotope_mg, pieces, corrects.unwrap_or_default()],
                &[code, other],
            );
            if id != expected {
                self.problems.add("rows", format!("change {expected} is missing"));
            }
            expected = id + 1;
            self.changes += 1;
            self.apply(id, item, (code, other), Amount { element_mg, isotope_mg, pieces }, 1);
            if let Some(corrects) = corrects {
                let found = before.query_row([corrects], |row| {
                    let amount =
                        Amount { element_mg: row.get(2)?, isotope_mg: row.get(3)?, pieces: row.get(4)? };
                    Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?, amount, row.get::<_, String>(5)?))
                });
                match found {
                    Ok((of, code, amount, other)) if of == item && corrects < id => {
                        self.apply(id, item, (&code, &other), amount, -1);
                    }
                    _ => self.problems.add(
                        "links",
                        format!("change {id} corrects {corrects}, which is no earlier one of its item"),
                    ),
                }
            }
        }
        current.put_back(digests);
        Ok(())
    }

    fn apply(&mut self, change: i64, number: i64, (code, other): (&str, &str), amount: Amount, times: i64) {
        let item =
            usize::try_from(number).ok().and_then(|place| self.items.get_mut(place)).and_then(Option::as_mut);
        let Some(item) = item else {
            self.problems
                .add("links", format!("change {change} is one of item {number}, which is not there"));
            return;
        };
        if !other.is_empty() && ["SD", "RD"].contains(&code) && amount != Amount::default() {
            let transfer = (item.area, other.to_owned(), item.material, code == "SD");
            *self.transfers.entry(transfer).or_default() += times;
        }
        let direction = code.parse::<ChangeCode>().ok().and_then(|code| code.direction(item.material));
        let moved = direction.map(|direction| amount.moved(direction));
        let moved = moved.map(|moved| if times < 0 { moved.negated() } else { moved });
        match moved.and_then(|moved| item.amount.plus(moved)) {
            Some(sum) => item.amount = sum,
            None => self
                .problems
                .add("sums", format!("change {change} cannot be added up: {code} of {}", item.material)),
        }
    }

    fn digests(&mut self, journal: &Journal, mut digests: BTreeMap<i64, RowsDigest>) {
        for entry in &journal.entries {
            let (row_count, digest) = digests.remove(&entry.seq).unwrap_or_default().finish();
            if row_count != entry.row_count {
                self.problems.add(
                    "rows",
                    format!("entry {} has {row_count} rows, and says {}", entry.seq, entry.row_count),
                );
            } else if digest != entry.rows_digest {
                self.problems
                    .add("rows", format!("rows of entry {} ({}) were rewritten", entry.seq, entry.kind));
            }
        }
        for entry in digests.keys() {
            self.problems.add("rows", format!("rows belong to entry {entry}, which is not there"));
        }
    }

    fn records(&mut self, connection: &Connection, journal: &Journal) -> Result<()> {
        let mut statement =
            connection.prepare("SELECT kind, id, entry, body FROM record ORDER BY kind, id")?;
        let mut rows = statement.query([])?;
        let mut seen = 0;
        while let Some(row) = rows.next()? {
            seen += 1;
            let key: (String, String) = (row.get(0)?, row.get(1)?);
            let found = (row.get::<_, i64>(2)?, row.get::<_, String>(3)?);
            if journal.records.get(&key) != Some(&found) {
                self.problems.add("records", format!("{} {} is not what the journal says", key.0, key.1));
            }
        }
        if seen < journal.records.len() {
            self.problems.add("records", format!("{} are missing", journal.records.len() - seen));
        }
        Ok(())
    }

    fn holdings(&mut self, connection: &Connection) -> Result<()> {
        let policy: Policy = crate::book::policy(connection)?;
        let mut statement = connection.prepare(
            "SELECT item, area, material, irradiation, purpose, category, element_mg, isotope_mg, pieces \
             FROM holding ORDER BY item",
        )?;
        let mut rows = statement.query([])?;
        let mut expected = 1;
        while let Some(row) = rows.next()? {
            let [id, area, material, irradiation, purpose] = numbers(row, [0, 1, 2, 3, 4])?;
            let [category, element_mg, isotope_mg, pieces] = numbers(row, [5, 6, 7, 8])?;
            while expected < id {
                self.problems.add("sums", format!("what item {expected} holds is missing"));
                expected += 1;
            }
            expected = id + 1;
            let item = usize::try_from(id).ok().and_then(|place| self.items.get(place)).copied().flatten();
            let Some(item) = item else {
                self.problems.add("links", format!("something is held of item {id}, which is not there"));
                continue;
            };
            let amount = Amount { element_mg, isotope_mg, pieces };
            if amount != item.amount {
                self.problems.add(
                    "sums",
                    format!(
                        "item {id} holds {element_mg} mg, its changes add up to {} mg",
                        item.amount.element_mg
                    ),
                );
            }
            if !item.amount.can_be_held() {
                self.problems.add("sums", format!("the changes of item {id} add up to less than nothing"));
            }
            if (area, material_of_number(material).ok(), irradiation, purpose)
                != (item.area, Some(item.material), item.irradiation, item.purpose)
            {
                self.problems
                    .add("links", format!("what is held of item {id} is described otherwise than the item"));
            }
            let right =
                category_of(item.material, item.amount, irradiation_of_number(item.irradiation)?, policy);
            if number_of_category(right) != category {
                self.problems
                    .add("categories", format!("item {id} is of category {right}, and stored as another"));
            }
        }
        for missing in expected..count(self.items.len()) {
            self.problems.add("sums", format!("what item {missing} holds is missing"));
        }
        Ok(())
    }

    fn links(&mut self, connection: &Connection) -> Result<()> {
        connection.pragma_query(None, "foreign_key_check", |row| {
            let (table, of): (String, String) = (row.get(0)?, row.get(2)?);
            self.problems.add("links", format!("a row of {table} refers to a row of {of} that is not there"));
            Ok(())
        })?;
        let places = crate::rollup::places(connection)?;
        let mut areas = connection.prepare("SELECT id, code, site FROM area")?;
        let mut rows = areas.query([])?;
        while let Some(row) = rows.next()? {
            let (id, code, site): (i64, String, String) = (row.get(0)?, row.get(1)?, row.get(2)?);
            let body: Option<String> = rusqlite::OptionalExtension::optional(connection.query_row(
                "SELECT body FROM record WHERE kind = ?1 AND id = ?2",
                [Area::KIND, &code],
                |row| row.get(0),
            ))?;
            let known: Option<Area> = body.map(|body| from_json(&body)).transpose()?;
            if known.is_none_or(|known| known.site != site) || !places.contains_key(&id) {
                self.problems
                    .add("links", format!("area {code} at site {site} is not what the journal says"));
            }
        }
        for item in self.items.iter().flatten() {
            if !places.contains_key(&item.area) {
                self.problems.add("links", format!("an item is in area {}, which is not there", item.area));
            }
        }
        self.in_transit(&places);
        Ok(())
    }

    /// Shipments inside the State that nobody received, and receipts that nobody sent.
    fn in_transit(&mut self, places: &std::collections::HashMap<i64, crate::rollup::Place>) {
        let code = |area: &i64| places.get(area).map_or("?", |place| place.area.as_str());
        let known: Vec<&str> = places.values().map(|place| place.area.as_str()).collect();
        let mut counts: BTreeMap<(&str, &str, MaterialKind), [i64; 2]> = BTreeMap::new();
        for ((area, other, material, sent), count) in &self.transfers {
            if known.contains(&other.as_str()) {
                let (from, to) =
                    if *sent { (code(area), other.as_str()) } else { (other.as_str(), code(area)) };
                counts.entry((from, to, *material)).or_default()[usize::from(!*sent)] += count;
            }
        }
        for ((from, to, material), [sent, came]) in counts {
            if sent != came {
                let text = format!(
                    "{from} booked {sent} shipments of {material} to {to}, and {to} booked {came} receipts"
                );
                self.remarks.add("in transit", text);
            }
        }
    }
}

fn read_listings(connection: &Connection, digests: &mut BTreeMap<i64, RowsDigest>) -> Result<()> {
    let mut statement = connection
        .prepare("SELECT id, entry, item, element_mg, isotope_mg, pieces FROM listing ORDER BY id")?;
    let mut rows = statement.query([])?;
    let mut current = Current::default();
    while let Some(row) = rows.next()? {
        let numbers: [i64; 5] = numbers(row, [0, 2, 3, 4, 5])?;
        current.of(digests, row.get(1)?).add(Rows::Listings, &numbers, &[]);
    }
    current.put_back(digests);
    Ok(())
}

/// The digest of the entry whose rows are being read: they come one entry after another.
#[derive(Default)]
struct Current(Option<(i64, RowsDigest)>);

impl Current {
    fn of(&mut self, digests: &mut BTreeMap<i64, RowsDigest>, entry: i64) -> &mut RowsDigest {
        if self.0.as_ref().is_none_or(|(open, _)| *open != entry) {
            self.put_back(digests);
        }
        &mut self.0.get_or_insert_with(|| (entry, digests.remove(&entry).unwrap_or_default())).1
    }

    fn put_back(&mut self, digests: &mut BTreeMap<i64, RowsDigest>) {
        if let Some((entry, digest)) = self.0.take() {
            digests.insert(entry, digest);
        }
    }
}

fn numbers<const N: usize>(row: &Row<'_>, columns: [usize; N]) -> Result<[i64; N]> {
    let mut numbers = [0; N];
    for (number, column) in numbers.iter_mut().zip(columns) {
        *number = row.get(column)?;
    }
    Ok(numbers)
}

fn text<'r>(row: &'r Row<'_>, column: usize) -> Result<&'r str> {
    row.get_ref(column)?.as_str().map_err(|error| Error::Store(error.into()))
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
