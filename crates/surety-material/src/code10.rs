//! Accounting reports to the IAEA with the labels of Code 10: inventory change reports (ICR), physical inventory
//! listings (PIL) and material balance reports (MBR).
//!
//! A report that exists is right in itself: every label is known, every code is one of the published ones, every mass
//! is exact, and a balance closes. What is wrong is named with its line, its label and the rule that it breaks, and
//! nothing of such a file is taken in.
//!
//! ```text
//! ICR
//! 207:XAA-1
//! 307:XA-A
//!
//! 309:N
//! 411:RD
//! 412:20250401
//! 370:XA-B
//! 446:B-17
//! 430:CPCF
//! 469:N
//! 470:3
//! 630:1234.5
//! 640:246.9
//! ```
//!
//! # What is published, and what is a choice of ours
//!
//! Labels, codes and units are those of an extract of Appendix D of the Canadian REGDOC-2.13.1, which reuses the numbers
//! of Code 10. Neither the whole appendix nor Code 10 was read. So these are choices, to be compared with the Subsidiary Arrangement
//! of the State before a report is sent:
//!
//! - the frame: the kind of report on the first line, one `label:value` on each line, an empty line between entries;
//! - dates as `YYYYMMDD`, and for PIL and MBR the day of the inventory under label 412 in the head;
//! - which of the labels 640, 660 and 670 carries which isotope: see [`IsotopeLabels`];
//! - the lines of an MBR under label 411 besides change codes: PB, BA, PE and MF, the terms of the material balance
//!   equation;
//! - lengths of texts.

use std::fmt::{self, Write as _};

use surety_core::{Date, words};

use crate::accounting::{
    ChangeCode, Direction, MASS_MAX_MG, MaterialDescription, MaterialKind, MeasurementBasis, decimal,
    show_decimal,
};

/// No report has more entries.
pub const ENTRIES_MAX: usize = 1_000_000;
/// So many problems are named; then reading stops.
pub const PROBLEMS_MAX: usize = 20;
/// No text in a report is longer.
pub const TEXT_LENGTH_MAX: usize = 200;

words! {
    /// The kind of a report.
    pub enum ReportKind("kind of report") {
        /// Inventory change report.
        InventoryChange = "ICR",
        /// Physical inventory listing.
        PhysicalInventory = "PIL",
        /// Material balance report.
        MaterialBalance = "MBR",
    }
}

words! {
    /// What an entry is (label 309).
    pub enum EntryStatus("entry status") {
        /// New.
        New = "N",
        /// Corrects an earlier one.
        Correction = "C",
        /// Deletes an earlier one.
        Deletion = "D",
        /// Inventory difference or rounding.
        Difference = "U",
    }
}

words! {
    /// A line of a material balance that is no inventory change (label 411).
    pub enum BalanceLine("line of a material balance") {
        /// Beginning physical inventory.
        Beginning = "PB",
        /// Ending book inventory: PB and all changes.
        Book = "BA",
        /// Ending physical inventory.
        Ending = "PE",
        /// Material unaccounted for: BA less PE.
        Unaccounted = "MF",
    }
}

/// What label 411 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Line {
    /// An inventory change; in a material balance the sum of all of that code.
    Change(ChangeCode),
    /// Another line of a material balance.
    Balance(BalanceLine),
}

impl Line {
    /// The code.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Change(code) => code.as_str(),
            Self::Balance(line) => line.as_str(),
        }
    }
}

/// Which label carries the weight of which isotope. What could be read lists the labels 640, 660 and 670 and the
/// isotopes U-235, U-233 and both together, without saying which is whose: by default they are taken in that order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IsotopeLabels {
    /// Of U-235.
    pub u235: u16,
    /// Of U-233.
    pub u233: u16,
}

impl Default for IsotopeLabels {
    fn default() -> Self {
        Self { u235: 640, u233: 660 }
    }
}

/// The mass of one material in an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Weight {
    /// The material: enriched uranium or uranium-233 by the isotope that is weighed.
    pub material: MaterialKind,
    /// Of the element, in milligrams. Below 0 only for a shipper/receiver difference or material unaccounted for.
    pub element_mg: i64,
    /// Of U-235 or U-233, in milligrams; 0 for other materials.
    pub isotope_mg: i64,
}

/// One entry of a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// New, corrected, deleted (309).
    pub status: EntryStatus,
    /// What changed, or the line of the balance (411); none in a PIL.
    pub line: Option<Line>,
    /// The day of the change (412); in an ICR only.
    pub day: Option<Date>,
    /// From which area or State (370).
    pub from: Option<String>,
    /// To which area or State (372).
    pub to: Option<String>,
    /// Key measurement point (407).
    pub key_measurement_point: Option<String>,
    /// Material description code (430).
    pub description: Option<MaterialDescription>,
    /// Description in words (436).
    pub words: Option<String>,
    /// Name of the batch (446).
    pub batch: Option<String>,
    /// Name that the shipper gave the batch (447).
    pub shippers_batch: Option<String>,
    /// How the mass was found (469).
    pub basis: Option<MeasurementBasis>,
    /// Number of items (470).
    pub items: Option<i64>,
    /// At least one mass, each material once, in the order of the labels.
    pub weights: Vec<Weight>,
}

/// A report on one material balance area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Which.
    pub kind: ReportKind,
    /// The facility (207).
    pub facility: String,
    /// The material balance area (307).
    pub area: String,
    /// The day of the inventory (412); none in an ICR.
    pub day: Option<Date>,
    /// The entries.
    pub entries: Vec<Entry>,
}

/// What is wrong with a report, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line, counted from 1; for what is missing, the first line of its entry.
    pub line: u64,
    /// The label; none when the line has none.
    pub label: Option<u16>,
    /// The rule that it breaks, and what to do.
    pub rule: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}", self.line)?;
        if let Some(label) = self.label {
            write!(f, ", label {label}")?;
        }
        write!(f, ": {}", self.rule)
    }
}

/// Every problem of a report that was not taken in.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Problems(pub Vec<Problem>);

const KILOGRAM_DECIMALS: usize = 6;
const GRAM_DECIMALS: usize = 3;

/// The element weights: label, material, and the decimals that a milligram has in its unit.
const ELEMENTS: [(u16, MaterialKind, usize); 5] = [
    (610, MaterialKind::NaturalUranium, KILOGRAM_DECIMALS),
    (620, MaterialKind::DepletedUranium, KILOGRAM_DECIMALS),
    (630, MaterialKind::EnrichedUranium, GRAM_DECIMALS),
    (700, MaterialKind::Plutonium, GRAM_DECIMALS),
    (800, MaterialKind::Thorium, KILOGRAM_DECIMALS),
];

impl Report {
    /// Reads a report. The text is taken in whole or not at all.
    pub fn parse(text: &str, isotopes: IsotopeLabels) -> Result<Self, Problems> {
        let mut reader = Reader { isotopes, problems: Vec::new() };
        let report = reader.report(text);
        match report {
            Some(report) if reader.problems.is_empty() => Ok(report),
            _ => Err(Problems(reader.problems)),
        }
    }

    /// Writes a report. What was written reads back as the same report, or is refused with the rule that it breaks.
    pub fn write(&self, isotopes: IsotopeLabels) -> Result<String, Problems> {
        let mut text = format!("{}\n", self.kind);
        put(&mut text, 207, Some(&self.facility));
        put(&mut text, 307, Some(&self.area));
        put(&mut text, 412, self.day.map(show_day).as_deref());
        for entry in &self.entries {
            text.push('\n');
            entry.write(&mut text, isotopes);
        }
        match Self::parse(&text, isotopes) {
            Ok(read) if read == *self => Ok(text),
            Ok(_) => Err(Problems(vec![Problem {
                line: 1,
                label: None,
                rule: "the report holds a value that its labels cannot carry: give each material once, in the order of \
                       the labels, and isotopes to enriched uranium and uranium-233 only"
                    .to_owned(),
            }])),
            Err(problems) => Err(problems),
        }
    }
}

impl Entry {
    fn write(&self, text: &mut String, isotopes: IsotopeLabels) {
        let mut put = |label, value: Option<&str>| put(text, label, value);
        put(309, Some(self.status.as_str()));
        put(370, self.from.as_deref());
        put(372, self.to.as_deref());
        put(407, self.key_measurement_point.as_deref());
        put(411, self.line.map(Line::as_str));
        put(412, self.day.map(show_day).as_deref());
        put(430, self.description.as_ref().map(MaterialDescription::as_str));
        put(436, self.words.as_deref());
        put(446, self.batch.as_deref());
        put(447, self.shippers_batch.as_deref());
        put(469, self.basis.map(MeasurementBasis::as_str));
        put(470, self.items.map(|items| items.to_string()).as_deref());
        for weight in &self.weights {
            let material = match weight.material {
                MaterialKind::Uranium233 => MaterialKind::EnrichedUranium,
                other => other,
            };
            let Some((label, _, decimals)) = ELEMENTS.iter().find(|(_, known, _)| *known == material) else {
                continue;
            };
            let digits =
                |mass: i64, decimals: usize| show_decimal(mass, u32::try_from(decimals).unwrap_or(0));
            put(*label, Some(&digits(weight.element_mg, *decimals)));
            let isotope = match weight.material {
                MaterialKind::EnrichedUranium => Some(isotopes.u235),
                MaterialKind::Uranium233 => Some(isotopes.u233),
                _ => None,
            };
            if let Some(label) = isotope {
                put(label, Some(&digits(weight.isotope_mg, GRAM_DECIMALS)));
            }
        }
    }
}

/// Writes one line, where there is a value.
fn put(text: &mut String, label: u16, value: Option<&str>) {
    if let Some(value) = value {
        // Writing to a string cannot fail.
        let _ = writeln!(text, "{label}:{value}");
    }
}

fn show_day(day: Date) -> String {
    format!("{:04}{:02}{:02}", day.year(), day.month(), day.day())
}

/// One `label:value`.
#[derive(Clone, Copy)]
struct Field<'a> {
    line: u64,
    label: u16,
    value: &'a str,
}

struct Reader {
    isotopes: IsotopeLabels,
    problems: Vec<Problem>,
}

impl Reader {
    fn refuse(&mut self, line: u64, label: Option<u16>, rule: impl Into<String>) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { line, label, rule: rule.into() });
        }
    }

    fn report(&mut self, text: &str) -> Option<Report> {
        let mut lines = (1..).zip(text.lines());
        let kind = match lines.next().map(|(_, first)| first.trim_end().parse::<ReportKind>()) {
            Some(Ok(kind)) => kind,
            Some(Err(unknown)) => {
                self.refuse(1, None, format!("the first line is the kind of report: {unknown}"));
                return None;
            }
            None => {
                self.refuse(1, None, "the file is empty: its first line is ICR, PIL or MBR");
                return None;
            }
        };
        let mut groups: Vec<Vec<Field<'_>>> = vec![Vec::new()];
        for (line, content) in lines {
            let content = content.strip_suffix('\r').unwrap_or(content);
            if content.is_empty() {
                groups.push(Vec::new());
                continue;
            }
            if groups.len() > 2 * ENTRIES_MAX {
                self.refuse(line, None, format!("a report has at most {ENTRIES_MAX} entries: split it"));
                return None;
            }
            match self.field(line, content) {
                Some(field) => groups.last_mut()?.push(field),
                None if self.problems.len() >= PROBLEMS_MAX => return None,
                None => {}
            }
        }
        let mut groups = groups.into_iter().filter(|group| !group.is_empty());
        let head = groups.next().unwrap_or_default();
        let head = self.head(kind, &head);
        let mut entries = Vec::new();
        for group in groups {
            if let Some(entry) = self.entry(kind, &group) {
                entries.push((group[0].line, entry));
            }
            if self.problems.len() >= PROBLEMS_MAX {
                return None;
            }
        }
        if kind == ReportKind::MaterialBalance && self.problems.is_empty() {
            self.balance(&entries);
        }
        let (facility, area, day) = head?;
        Some(Report {
            kind,
            facility,
            area,
            day,
            entries: entries.into_iter().map(|(_, entry)| entry).collect(),
        })
    }

    fn field<'a>(&mut self, line: u64, content: &'a str) -> Option<Field<'a>> {
        let Some((label, value)) = content.split_once(':') else {
            self.refuse(line, None, "a line is LABEL:VALUE, such as 411:RD");
            return None;
        };
        let Some(label) = label.parse::<u16>().ok().filter(|_| label.len() == 3) else {
            self.refuse(line, None, format!("`{label}` is no label: labels have three digits, such as 411"));
            return None;
        };
        if value.is_empty() || value.trim() != value {
            self.refuse(line, Some(label), "a value has at least one character, and no space at either end: leave the line out if there is none");
            return None;
        }
        if value.len() > TEXT_LENGTH_MAX
            || !value.chars().all(|letter| letter == ' ' || letter.is_ascii_graphic())
        {
            self.refuse(
                line,
                Some(label),
                format!("a value has at most {TEXT_LENGTH_MAX} characters, all printable ASCII"),
            );
            return None;
        }
        Some(Field { line, label, value })
    }

    fn head(&mut self, kind: ReportKind, fields: &[Field<'_>]) -> Option<(String, String, Option<Date>)> {
        let line = fields.first().map_or(2, |field| field.line);
        let needs_day = kind != ReportKind::InventoryChange;
        for field in fields {
            let known = matches!(field.label, 207 | 307) || (needs_day && field.label == 412);
            if !known {
                let day = if needs_day { ", 412 (day of the inventory)" } else { "" };
                self.refuse(
                    field.line,
                    Some(field.label),
                    format!("the head of a report has the labels 207 (facility), 307 (material balance area){day}; an empty line begins the entries"),
                );
            }
        }
        let facility = self.one(line, fields, 207, Some("the facility"));
        let area = self.one(line, fields, 307, Some("the material balance area"));
        let day =
            if needs_day { self.one(line, fields, 412, Some("the day of the inventory")) } else { None };
        let day = day.and_then(|field| self.day(field));
        Some((facility?.value.to_owned(), area?.value.to_owned(), day))
    }

    /// The field with a label; one that is missing and needed, or stands twice, is a problem.
    fn one<'a>(
        &mut self,
        line: u64,
        fields: &[Field<'a>],
        label: u16,
        needed: Option<&str>,
    ) -> Option<Field<'a>> {
        let mut found = fields.iter().filter(|field| field.label == label);
        let first = found.next().copied();
        if let Some(second) = found.next() {
            self.refuse(second.line, Some(label), "the label stands twice in one entry");
        }
        if let (None, Some(what)) = (first, needed) {
            self.refuse(line, Some(label), format!("{what} is missing: add the label"));
        }
        first
    }

    fn day(&mut self, field: Field<'_>) -> Option<Date> {
        let dashed = (field.value.len() == 8)
            .then(|| format!("{}-{}-{}", &field.value[..4], &field.value[4..6], &field.value[6..]));
        let day = dashed.and_then(|text| surety_core::parse_day(&text).ok());
        if day.is_none() {
            self.refuse(
                field.line,
                Some(field.label),
                format!("`{}` is no day: write YYYYMMDD, such as 20250401", field.value),
            );
        }
        day
    }

    fn word<T: std::str::FromStr>(&mut self, field: Option<Field<'_>>) -> Option<T>
    where
        T::Err: fmt::Display,
    {
        let field = field?;
        field
            .value
            .parse()
            .map_err(|error: T::Err| self.refuse(field.line, Some(field.label), error.to_string()))
            .ok()
    }

    fn entry(&mut self, kind: ReportKind, fields: &[Field<'_>]) -> Option<Entry> {
        let start = fields.first()?.line;
        let before = self.problems.len();
        for field in fields {
            self.known(kind, *field);
        }
        let (changes, batches) = (kind == ReportKind::InventoryChange, kind != ReportKind::MaterialBalance);
        let needed = |when: bool, what: &'static str| when.then_some(what);
        let status = self.one(start, fields, 309, Some("the entry status"));
        let code = self.one(
            start,
            fields,
            411,
            needed(kind != ReportKind::PhysicalInventory, "the inventory change code"),
        );
        let line = code.and_then(|field| self.line(kind, field));
        let change = match line {
            Some(Line::Change(code)) if changes => Some(code),
            _ => None,
        };
        let receipt = matches!(change, Some(ChangeCode::ReceiptDomestic | ChangeCode::ReceiptForeign));
        let shipment = matches!(change, Some(ChangeCode::ShipmentDomestic | ChangeCode::ShipmentForeign));
        let day = self.one(start, fields, 412, needed(changes, "the day of the change"));
        let from = self.one(start, fields, 370, needed(receipt, "where a receipt comes from"));
        let to = self.one(start, fields, 372, needed(shipment, "where a shipment goes to"));
        let batch = self.one(start, fields, 446, needed(batches, "the name of the batch"));
        let description = self.one(start, fields, 430, needed(batches, "the material description code"));
        let basis = self.one(start, fields, 469, needed(batches, "the measurement basis"));
        let items = self.one(start, fields, 470, needed(batches, "the number of items"));
        let mut text = |label| self.one(start, fields, label, None).map(|field| field.value.to_owned());
        let (key_measurement_point, words, shippers_batch) = (text(407), text(436), text(447));
        let owned = |field: Option<Field<'_>>| field.map(|field| field.value.to_owned());
        let (from, to, batch) = (owned(from), owned(to), owned(batch));
        let day = day.and_then(|field| self.day(field));
        let status = self.status(line, status);
        let (description, basis) = (self.word(description), self.word(basis));
        let items = items.and_then(|field| self.count(field));
        let weights = self.weights(start, fields, line);
        let entry = Entry {
            status: status?,
            line,
            day,
            from,
            to,
            key_measurement_point,
            description,
            words,
            batch,
            shippers_batch,
            basis,
            items,
            weights,
        };
        (self.problems.len() == before).then_some(entry)
    }

    /// Whether a label can stand in an entry of this kind of report.
    fn known(&mut self, kind: ReportKind, field: Field<'_>) {
        let in_all =
            [309, 610, 620, 630, 700, 800, self.isotopes.u235, self.isotopes.u233].contains(&field.label);
        let in_this = match kind {
            ReportKind::InventoryChange => {
                [370, 372, 407, 411, 412, 430, 436, 446, 447, 469, 470].contains(&field.label)
            }
            ReportKind::PhysicalInventory => [407, 430, 436, 446, 469, 470].contains(&field.label),
            ReportKind::MaterialBalance => field.label == 411,
        };
        if [640, 660, 670].contains(&field.label) && !in_all {
            self.refuse(
                field.line,
                Some(field.label),
                "U-235 and U-233 weighed together cannot be told apart: enter them as two batches",
            );
        } else if !in_all && !in_this {
            self.refuse(field.line, Some(field.label), format!("no entry of an {kind} has this label"));
        }
    }

    fn line(&mut self, kind: ReportKind, field: Field<'_>) -> Option<Line> {
        if let (ReportKind::MaterialBalance, Ok(line)) = (kind, field.value.parse()) {
            return Some(Line::Balance(line));
        }
        self.word(Some(field)).map(Line::Change)
    }

    fn status(&mut self, line: Option<Line>, field: Option<Field<'_>>) -> Option<EntryStatus> {
        let status = self.word(field)?;
        let difference = matches!(
            line,
            Some(Line::Change(
                ChangeCode::FoundMore
                    | ChangeCode::FoundLess
                    | ChangeCode::RoundingPlus
                    | ChangeCode::RoundingMinus
            ))
        );
        if let (Some(field), true) = (field, (status == EntryStatus::Difference) && !difference) {
            self.refuse(field.line, Some(309), "the status U is for the changes L+, L-, R+ and R- only");
        }
        Some(status)
    }

    fn count(&mut self, field: Field<'_>) -> Option<i64> {
        let count = field.value.parse().ok().filter(|count| (0..=1_000_000_000).contains(count));
        if count.is_none() {
            self.refuse(field.line, Some(field.label), format!("`{}` is no number of items", field.value));
        }
        count
    }

    fn weights(&mut self, start: u64, fields: &[Field<'_>], line: Option<Line>) -> Vec<Weight> {
        let mut weights = Vec::new();
        let (u235, u233) = (self.isotopes.u235, self.isotopes.u233);
        let isotope = match (self.one(start, fields, u235, None), self.one(start, fields, u233, None)) {
            (Some(_), Some(second)) => {
                self.refuse(
                    second.line,
                    Some(second.label),
                    "an entry weighs one isotope of uranium: enter two batches",
                );
                None
            }
            (first, second) => first.or(second),
        };
        let isotope_mg = isotope.and_then(|field| self.mass(field, GRAM_DECIMALS));
        let mut enriched = false;
        for (label, material, decimals) in ELEMENTS {
            let Some(field) = self.one(start, fields, label, None) else { continue };
            let Some(element_mg) = self.mass(field, decimals) else { continue };
            let mut weight = Weight { material, element_mg, isotope_mg: 0 };
            if material == MaterialKind::EnrichedUranium {
                enriched = true;
                let Some(isotope) = isotope else {
                    self.refuse(field.line, Some(label), format!("enriched uranium needs the weight of its isotope: add label {u235} (U-235) or {u233} (U-233)"));
                    continue;
                };
                if isotope.label == u233 {
                    weight.material = MaterialKind::Uranium233;
                }
                weight.isotope_mg = isotope_mg.unwrap_or(0);
                if weight.isotope_mg.unsigned_abs() > element_mg.unsigned_abs()
                    || weight.isotope_mg.signum() * element_mg.signum() < 0
                {
                    self.refuse(
                        isotope.line,
                        Some(isotope.label),
                        "there is more of the isotope than of its element",
                    );
                }
            }
            self.allowed(field, line, weight);
            weights.push(weight);
        }
        if let (Some(isotope), false) = (isotope, enriched) {
            self.refuse(
                isotope.line,
                Some(isotope.label),
                "the weight of an isotope needs the weight of enriched uranium: add label 630",
            );
        }
        if weights.is_empty()
            && !fields.iter().any(|field| ELEMENTS.iter().any(|(label, ..)| *label == field.label))
        {
            self.refuse(start, None, "the entry has no weight: add label 610, 620, 630, 700 or 800");
        }
        weights
    }

    /// Whether a change can befall this material, and with this sign.
    fn allowed(&mut self, field: Field<'_>, line: Option<Line>, weight: Weight) {
        let signed = match line {
            Some(Line::Change(code)) => {
                let Some(direction) = code.direction(weight.material) else {
                    let rule = format!("{code} is no change of {}", weight.material);
                    self.refuse(field.line, Some(field.label), rule);
                    return;
                };
                direction == Direction::Signed
            }
            Some(Line::Balance(line)) => line == BalanceLine::Unaccounted,
            None => false,
        };
        if !signed && weight.element_mg.min(weight.isotope_mg) < 0 {
            self.refuse(field.line, Some(field.label), "only DI and MF can be below 0");
        }
    }

    /// A mass in its unit, as milligrams.
    fn mass(&mut self, field: Field<'_>, decimals: usize) -> Option<i64> {
        /// No mass has more decimals, zeros included.
        const DECIMALS_MAX: usize = 6;
        let unit = if decimals == KILOGRAM_DECIMALS { "kilograms" } else { "grams" };
        let fits = field.value.split_once('.').is_none_or(|(_, fraction)| fraction.len() <= DECIMALS_MAX);
        let mass = decimal(field.value, decimals).filter(|mass| fits && mass.abs() <= MASS_MAX_MG);
        if mass.is_none() {
            self.refuse(
                field.line,
                Some(field.label),
                format!(
                    "`{}` is no mass in {unit}, to a milligram, of at most a million tonnes",
                    field.value
                ),
            );
        }
        mass
    }

    /// A material balance closes, material by material.
    fn balance(&mut self, entries: &[(u64, Entry)]) {
        for kind in MaterialKind::ALL {
            let of_kind = |(at, entry): &(u64, Entry)| {
                let weight = entry.weights.iter().find(|weight| weight.material == *kind)?;
                Some((*at, entry.line?, [weight.element_mg.into(), weight.isotope_mg.into()]))
            };
            let lines: Vec<(u64, Line, Masses)> = entries.iter().filter_map(of_kind).collect();
            if let Some((start, ..)) = lines.first() {
                self.closes(*kind, *start, &lines);
            }
        }
    }

    /// BA = PB + changes, and MF = BA − PE; each of the four is there once.
    fn closes(&mut self, kind: MaterialKind, start: u64, lines: &[(u64, Line, Masses)]) {
        let mut once = |wanted: BalanceLine| {
            let mut found = lines.iter().filter(|(_, line, _)| *line == Line::Balance(wanted));
            let (at, rule) = match (found.next(), found.next()) {
                (Some((.., masses)), None) => return Some(*masses),
                (None, _) => (start, format!("the balance of {kind} has no line {wanted}: add it")),
                (_, Some((second, ..))) => (*second, format!("the balance of {kind} has two lines {wanted}")),
            };
            self.refuse(at, Some(411), rule);
            None
        };
        let [Some(beginning), Some(book), Some(ending), Some(unaccounted)] =
            [BalanceLine::Beginning, BalanceLine::Book, BalanceLine::Ending, BalanceLine::Unaccounted]
                .map(&mut once)
        else {
            return;
        };
        let changed = lines.iter().fold(beginning, |sum, (_, line, masses)| match line {
            Line::Change(code) if code.direction(kind) == Some(Direction::Decrease) => minus(sum, *masses),
            Line::Change(_) => [sum[0] + masses[0], sum[1] + masses[1]],
            Line::Balance(_) => sum,
        });
        if changed != book {
            let rule = format!("the balance of {kind} does not add up: BA is PB and all changes");
            self.refuse(start, Some(411), rule);
        }
        if minus(book, ending) != unaccounted {
            self.refuse(start, Some(411), format!("the balance of {kind} does not close: MF is BA less PE"));
        }
    }
}

/// Of the element and of the isotope, in milligrams; wide enough for any sum.
type Masses = [i128; 2];

fn minus(one: Masses, other: Masses) -> Masses {
    [one[0] - other[0], one[1] - other[1]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ICR: &str = "ICR\n207:XAA-1\n307:XA-A\n";
    const ENTRY: &str =
        "309:N\n411:RD\n412:20250401\n370:XA-B\n446:B-17\n430:CPCF\n469:N\n470:3\n630:1234.5\n640:246.9\n";

    fn parse(text: &str) -> Result<Report, Problems> {
        Report::parse(text, IsotopeLabels::default())
    }

    #[test]
    fn an_inventory_change_report() {
        let report =
            parse(&format!("{ICR}\n{ENTRY}\n\n{}", ENTRY.replace("RD", "LD").replace('\n', "\r\n"))).unwrap();
        assert_eq!(
            (report.facility.as_str(), report.area.as_str(), report.entries.len()),
            ("XAA-1", "XA-A", 2)
        );
        let entry = &report.entries[0];
        assert_eq!(entry.line, Some(Line::Change(ChangeCode::ReceiptDomestic)));
        assert_eq!(entry.day, Some(Date::constant(2025, 4, 1)));
        let weight =
            Weight { material: MaterialKind::EnrichedUranium, element_mg: 1_234_500, isotope_mg: 246_900 };
        assert_eq!(entry.weights, [weight]);
        let others = IsotopeLabels { u235: 670, u233: 640 };
        let other = Report::parse(&format!("{ICR}\n{ENTRY}"), others).unwrap();
        assert_eq!(other.entries[0].weights[0].material, MaterialKind::Uranium233);
    }

    #[test]
    fn a_material_balance_closes() {
        let balance = |book: &str, unaccounted: &str| {
            let line = |code: &str, mass: &str| format!("\n309:N\n411:{code}\n700:{mass}\n");
            let head = "MBR\n207:XAA-1\n307:XA-A\n412:20251231\n";
            let lines = [
                ("PB", "100"),
                ("RD", "20.5"),
                ("LD", "0.5"),
                ("BA", book),
                ("PE", "119"),
                ("MF", unaccounted),
            ];
            format!("{head}{}", lines.map(|(code, mass)| line(code, mass)).concat())
        };
        assert_eq!(parse(&balance("120", "1")).unwrap().entries.len(), 6);
        for (book, unaccounted, expected) in [
            ("121", "2", "does not add up: BA is PB and all changes"),
            ("120", "0.999", "does not close: MF is BA less PE"),
        ] {
            let error = parse(&balance(book, unaccounted)).unwrap_err().to_string();
            assert!(error.contains(expected) && error.contains("label 411"), "{error}");
        }
        let error = parse(&balance("120", "1").replace("411:PE", "411:RP")).unwrap_err().to_string();
        assert!(error.contains("the balance of plutonium has no line PE"), "{error}");
    }

    #[test]
    fn a_bad_line_is_named_with_its_number_its_label_and_the_rule() {
        for (from, to, expected) in [
            ("411:RD", "411:XX", "line 6, label 411: `XX` is not an inventory change code"),
            ("411:RD\n", "", "line 5, label 411: the inventory change code is missing"),
            ("309:N", "309:X", "line 5, label 309: `X` is not an entry status"),
            ("309:N", "309:U", "line 5, label 309: the status U is for the changes"),
            ("412:20250401", "412:20250231", "line 7, label 412: `20250231` is no day"),
            ("412:20250401", "412:2025-4-1", "line 7, label 412: `2025-4-1` is no day"),
            ("370:XA-B\n", "", "line 5, label 370: where a receipt comes from is missing"),
            ("430:CPCF", "430:CPCX", "line 10, label 430: `CPCX` is no material description: its state"),
            ("469:N", "469:Z", "line 11, label 469: `Z` is not a measurement basis"),
            ("470:3", "470:-3", "line 12, label 470: `-3` is no number of items"),
            (
                "630:1234.5",
                "630:1234.5004",
                "line 13, label 630: `1234.5004` is no mass in grams, to a milligram",
            ),
            ("630:1234.5", "630:1.0000000", "line 13, label 630"),
            ("630:1234.5", "630:-1234.5", "label 640: there is more of the isotope"),
            ("630:1234.5\n640:246.9", "700:-1", "line 13, label 700: only DI and MF can be below 0"),
            (
                "640:246.9",
                "640:1234.6",
                "line 14, label 640: there is more of the isotope than of its element",
            ),
            ("640:246.9\n", "", "line 13, label 630: enriched uranium needs the weight of its isotope"),
            ("640:246.9", "670:246.9", "line 14, label 670: U-235 and U-233 weighed together"),
            ("630:1234.5\n", "", "label 640: the weight of an isotope needs the weight of enriched uranium"),
            ("630:1234.5\n640:246.9\n", "", "line 5: the entry has no weight"),
            ("411:RD", "411:EN", ""),
            ("446:B-17", "446:B-17\n446:B-18", "line 10, label 446: the label stands twice"),
            ("446:B-17", "999:B-17", "line 9, label 999: no entry of an ICR has this label"),
            ("446:B-17", "446: B-17", "label 446: a value has at least one character, and no space"),
            ("446:B-17", "446:B\u{e9}", "printable ASCII"),
            ("446:B-17", "B-17", "line 9: a line is LABEL:VALUE"),
            ("446:B-17", "44x:B-17", "line 9: `44x` is no label"),
        ] {
            let text = format!("{ICR}\n{}", ENTRY.replace(from, to));
            let text = if to == "411:EN" { text.replace("630:1234.5\n640:246.9", "700:5") } else { text };
            let expected =
                if to == "411:EN" { "line 13, label 700: EN is no change of plutonium" } else { expected };
            let error = parse(&text).unwrap_err().to_string();
            assert!(error.contains(expected), "{to}: {error}");
        }
        for (text, expected) in [
            ("", "line 1: the file is empty"),
            (
                "XYZ\n",
                "line 1: the first line is the kind of report: `XYZ` is not a kind of report: use one of ICR PIL MBR",
            ),
            ("ICR\n", "line 2, label 207: the facility is missing"),
            ("PIL\n207:A\n307:B\n", "line 2, label 412: the day of the inventory is missing"),
            (
                "ICR\n207:A\n307:B\n412:20250101\n",
                "line 4, label 412: the head of a report has the labels 207",
            ),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(expected), "{text}: {error}");
        }
    }

    #[test]
    fn one_bad_entry_keeps_the_whole_file_out_and_many_are_named() {
        let bad = ENTRY.replace("411:RD", "411:XX");
        let error = parse(&format!("{ICR}\n{ENTRY}\n{bad}\n{bad}")).unwrap_err();
        assert_eq!(error.0.iter().map(|problem| problem.line).collect::<Vec<_>>(), [17, 28]);
        let many = format!("{ICR}\n{}", vec![bad; 100].join("\n"));
        assert_eq!(parse(&many).unwrap_err().0.len(), PROBLEMS_MAX);
    }

    #[test]
    fn what_cannot_be_written_is_refused() {
        let mut report = parse(&format!("{ICR}\n{ENTRY}")).unwrap();
        report.entries[0].batch = Some("two\nlines".to_owned());
        assert!(report.write(IsotopeLabels::default()).is_err());
        report.entries[0].batch = Some("B".to_owned());
        report.entries[0].weights[0].material = MaterialKind::Plutonium;
        let error = report.write(IsotopeLabels::default()).unwrap_err().to_string();
        assert!(error.contains("a value that its labels cannot carry"), "{error}");
    }

    fn texts() -> impl Strategy<Value = String> {
        "[!-~]([ -~]{0,20}[!-~])?"
    }

    fn weights(code: Option<ChangeCode>) -> impl Strategy<Value = Vec<Weight>> {
        let all = [
            MaterialKind::NaturalUranium,
            MaterialKind::DepletedUranium,
            MaterialKind::EnrichedUranium,
            MaterialKind::Plutonium,
            MaterialKind::Thorium,
        ];
        let fitting: Vec<_> =
            all.into_iter().filter(|kind| code.is_none_or(|code| code.direction(*kind).is_some())).collect();
        let count = fitting.len();
        let signed = code == Some(ChangeCode::ShipperReceiverDifference);
        (prop::sample::subsequence(fitting, 1..=count), any::<bool>(), 0..=MASS_MAX_MG, 0..=1_000i64)
            .prop_map(move |(kinds, u233, mass, part)| {
                let element_mg = if signed { -mass } else { mass };
                let weight = |material| {
                    let enriched = material == MaterialKind::EnrichedUranium;
                    // A category change is of the kinds N, D and E; uranium-233 is none of them.
                    let of_233 =
                        u233 && code.is_none_or(|code| code.direction(MaterialKind::Uranium233).is_some());
                    Weight {
                        material: if enriched && of_233 { MaterialKind::Uranium233 } else { material },
                        element_mg,
                        isotope_mg: if enriched { element_mg / 1_000 * part } else { 0 },
                    }
                };
                kinds.into_iter().map(weight).collect()
            })
    }

    fn entries(kind: ReportKind) -> impl Strategy<Value = Entry> {
        let code = prop::sample::select(ChangeCode::ALL);
        let texts = (prop::option::of(texts()), prop::option::of(texts()), texts(), texts());
        let codes = (
            prop::sample::select(vec![EntryStatus::New, EntryStatus::Correction, EntryStatus::Deletion]),
            prop::sample::select(MeasurementBasis::ALL),
            prop::sample::select(vec!["CPCF", "LNFI", "EBSN"]),
            1..28i8,
            0..1_000i64,
        );
        (code, texts, codes).prop_flat_map(
            move |(code, (point, words, batch, place), (status, basis, description, day, items))| {
                let changes = kind == ReportKind::InventoryChange;
                let line = changes.then_some(code);
                weights(line).prop_map(move |weights| Entry {
                    status,
                    line: line.map(Line::Change),
                    day: changes.then(|| Date::constant(2025, 4, day)),
                    from: changes.then(|| place.clone()),
                    to: changes.then(|| place.clone()),
                    key_measurement_point: point.clone(),
                    description: Some(description.parse().unwrap()),
                    words: words.clone(),
                    batch: Some(batch.clone()),
                    shippers_batch: changes.then(|| batch.clone()),
                    basis: Some(basis),
                    items: Some(items),
                    weights,
                })
            },
        )
    }

    /// A balance of plutonium that closes.
    fn balances() -> impl Strategy<Value = Report> {
        let changes =
            prop::collection::vec((prop::sample::select(vec!["RD", "SD", "LD", "DI"]), 0..1_000i64), 0..5);
        (1_000_000..2_000_000i64, 0..3_000_000i64, changes).prop_map(|(beginning, ending, changes)| {
            let entry = |line, element_mg| Entry {
                status: EntryStatus::New,
                line: Some(line),
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
                weights: vec![Weight { material: MaterialKind::Plutonium, element_mg, isotope_mg: 0 }],
            };
            let mut book = beginning;
            let mut entries = vec![entry(Line::Balance(BalanceLine::Beginning), beginning)];
            for (code, mass) in changes {
                let code: ChangeCode = code.parse().unwrap();
                book += if code.direction(MaterialKind::Plutonium) == Some(Direction::Decrease) {
                    -mass
                } else {
                    mass
                };
                entries.push(entry(Line::Change(code), mass));
            }
            entries.push(entry(Line::Balance(BalanceLine::Book), book));
            entries.push(entry(Line::Balance(BalanceLine::Ending), ending));
            entries.push(entry(Line::Balance(BalanceLine::Unaccounted), book - ending));
            Report {
                kind: ReportKind::MaterialBalance,
                facility: "XAA-1".to_owned(),
                area: "XA-A".to_owned(),
                day: Some(Date::constant(2025, 12, 31)),
                entries,
            }
        })
    }

    fn reports() -> impl Strategy<Value = Report> {
        let kinds = prop::sample::select(vec![ReportKind::InventoryChange, ReportKind::PhysicalInventory]);
        (kinds, texts(), texts()).prop_flat_map(|(kind, facility, area)| {
            let day = (kind == ReportKind::PhysicalInventory).then_some(Date::constant(2025, 12, 31));
            prop::collection::vec(entries(kind), 0..5).prop_map(move |entries| Report {
                kind,
                facility: facility.clone(),
                area: area.clone(),
                day,
                entries,
            })
        })
    }

    proptest! {
        #[test]
        fn a_report_reads_back_as_it_was_written(report in prop_oneof![3 => reports(), 1 => balances()]) {
            let isotopes = IsotopeLabels::default();
            let text = report.write(isotopes).map_err(|problems| TestCaseError::fail(problems.to_string()))?;
            prop_assert_eq!(Report::parse(&text, isotopes), Ok(report));
        }

        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,80}", lines in prop::collection::vec("[2-8][0-9]{2}:[A-Z0-9.\\-]{0,9}", 0..12)) {
            let _ = parse(&text);
            for kind in ReportKind::ALL {
                let _ = parse(&format!("{kind}\n207:A\n307:B\n412:20250101\n\n{}", lines.join("\n")));
            }
        }
    }
}
