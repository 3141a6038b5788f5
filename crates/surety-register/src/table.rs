//! CSV in and out: inventory changes, physical inventories, holdings.

use std::fs::File;
use std::io::{self, Read, Seek, Write};
use std::path::Path;

use csv::StringRecord;
use sha2::{Digest as _, Sha256};
use surety_core::{Date, closest, parse_day};
use surety_material::{Amount, MaterialKind, irradiation_word, parse_grams, parse_irradiation, show_grams};

use crate::error::BadLine;
use crate::item::{self, Change, day_of_number};
use crate::{Error, Listed, Register, Result, Source, hex};

/// The columns of a table of inventory changes. Those after `element_g` may be missing or empty.
pub const CHANGE_COLUMNS: [&str; 13] = [
    "date",
    "mba",
    "batch",
    "material",
    "code",
    "element_g",
    "isotope_g",
    "pieces",
    "other",
    "form",
    "irradiation",
    "purpose",
    "corrects",
];
const CHANGE_COLUMNS_NEEDED: usize = 6;

/// The columns of a physical inventory. Those after `element_g` may be missing or empty.
pub const LISTED_COLUMNS: [&str; 5] = ["batch", "material", "element_g", "isotope_g", "pieces"];
const LISTED_COLUMNS_NEEDED: usize = 3;

/// A line longer than this, in bytes, is none of a table.
const LINE_LENGTH_MAX: usize = 4_096;

impl Source {
    /// A file with its digest, rewound to its beginning.
    pub fn of(path: &Path) -> Result<(Self, File)> {
        let in_file = |error| Error::File { path: path.to_owned(), error };
        let mut file = File::open(path).map_err(in_file)?;
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer).map_err(in_file)? {
                0 => break,
                length => hasher.update(&buffer[..length]),
            }
        }
        file.rewind().map_err(in_file)?;
        let name = path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
        Ok((Self { name, sha256: hex(&hasher.finalize()), again: false }, file))
    }
}

/// Reads a table of inventory changes. Lines are counted as a text editor counts them.
///
/// ```
/// let table = "date,mba,batch,material,code,element_g\n2026-01-31,XA01,B1,plutonium,RD,1250.5\n";
/// let changes: Vec<_> = surety_register::read_changes(table.as_bytes())?.collect::<Result<_, _>>().unwrap();
/// assert_eq!(changes[0].amount.element_mg, 1_250_500);
/// # Ok::<(), surety_register::Error>(())
/// ```
pub fn read_changes<'r>(input: impl Read + 'r) -> Result<impl Iterator<Item = Result<Change, BadLine>> + 'r> {
    let table = Table::new(input, &CHANGE_COLUMNS, CHANGE_COLUMNS_NEEDED)?;
    Ok(table.lines(change))
}

/// Reads a physical inventory.
pub fn read_listed<'r>(input: impl Read + 'r) -> Result<impl Iterator<Item = Result<Listed, BadLine>> + 'r> {
    let table = Table::new(input, &LISTED_COLUMNS, LISTED_COLUMNS_NEEDED)?;
    Ok(table.lines(listed))
}

fn change(cells: &Cells<'_>) -> Result<Change, BadLine> {
    Ok(Change {
        line: cells.line,
        day: cells.parse("date", |text| parse_day(text).map_err(|error| error.to_string()))?,
        area: cells.word("mba")?.to_owned(),
        batch: cells.word("batch")?.to_owned(),
        material: cells.parse("material", parse_material)?,
        code: cells.parse("code", |text| {
            text.parse().map_err(|error: surety_core::UnknownWord| error.to_string())
        })?,
        amount: amount(cells)?,
        other: cells.optional("other", |text| Ok(text.to_owned()))?,
        form: cells.optional("form", |text| Ok(text.to_owned()))?,
        irradiation: cells.optional("irradiation", parse_irradiation)?,
        purpose: cells.optional("purpose", |text| {
            text.parse().map_err(|error: surety_core::UnknownWord| error.to_string())
        })?,
        corrects: cells.optional("corrects", |text| {
            text.parse().map_err(|_| format!("`{text}` is no number of a change"))
        })?,
    })
}

fn listed(cells: &Cells<'_>) -> Result<Listed, BadLine> {
    Ok(Listed {
        line: cells.line,
        batch: cells.word("batch")?.to_owned(),
        material: cells.parse("material", parse_material)?,
        amount: amount(cells)?,
    })
}

fn amount(cells: &Cells<'_>) -> Result<Amount, BadLine> {
    Ok(Amount {
        element_mg: cells.parse("element_g", parse_grams)?,
        isotope_mg: cells.optional("isotope_g", parse_grams)?.unwrap_or_default(),
        pieces: cells
            .optional("pieces", |text| text.parse().map_err(|_| format!("`{text}` is no number of pieces")))?
            .unwrap_or_default(),
    })
}

fn parse_material(text: &str) -> Result<MaterialKind, String> {
    text.parse().map_err(|error: surety_core::UnknownWord| error.to_string())
}

/// A table whose header is known.
struct Table<R> {
    reader: csv::Reader<R>,
    columns: &'static [&'static str],
    /// Where each column stands.
    places: Vec<Option<usize>>,
}

impl<R: Read> Table<R> {
    fn new(input: R, columns: &'static [&'static str], needed: usize) -> Result<Self> {
        let mut reader =
            csv::ReaderBuilder::new().trim(csv::Trim::All).buffer_capacity(1 << 16).from_reader(input);
        let header = reader.headers().map_err(|error| Error::Lines(vec![unreadable(&error)]))?;
        let mut bad = Vec::new();
        let mut places = vec![None; columns.len()];
        for (at, title) in header.iter().enumerate() {
            let title = title.trim_start_matches('\u{feff}');
            match columns.iter().position(|column| *column == title) {
                Some(place) if places[place].is_none() => places[place] = Some(at),
                Some(_) => bad.push(BadLine::new(1, title, "this column stands twice")),
                None => {
                    let hint = closest(title, columns.iter().copied()).map_or_else(
                        || format!("the columns are {}", columns.join(", ")),
                        |near| format!("did you mean {near}?"),
                    );
                    bad.push(BadLine::new(1, title, &format!("there is no such column: {hint}")));
                }
            }
        }
        for (column, place) in columns.iter().zip(&places).take(needed) {
            if place.is_none() {
                bad.push(BadLine::new(1, column, "this column is missing"));
            }
        }
        if bad.is_empty() { Ok(Self { reader, columns, places }) } else { Err(Error::Lines(bad)) }
    }

    fn lines<T>(
        mut self,
        read: impl Fn(&Cells<'_>) -> Result<T, BadLine>,
    ) -> impl Iterator<Item = Result<T, BadLine>> {
        let mut record = StringRecord::new();
        let mut ended = false;
        std::iter::from_fn(move || {
            if ended {
                return None;
            }
            match self.reader.read_record(&mut record) {
                Ok(true) => {
                    let line = record.position().map_or(0, csv::Position::line);
                    if record.as_slice().len() > LINE_LENGTH_MAX {
                        return Some(Err(BadLine::new(line, "", "the line is too long")));
                    }
                    Some(read(&Cells { line, columns: self.columns, places: &self.places, record: &record }))
                }
                Ok(false) => None,
                Err(error) => {
                    // A reader that fails can fail for ever.
                    ended = error.is_io_error();
                    Some(Err(unreadable(&error)))
                }
            }
        })
    }
}

/// The cells of one line.
struct Cells<'l> {
    line: u64,
    columns: &'static [&'static str],
    places: &'l [Option<usize>],
    record: &'l StringRecord,
}

impl Cells<'_> {
    fn cell(&self, column: &str) -> &str {
        let place = self.columns.iter().position(|known| *known == column);
        place.and_then(|place| self.places[place]).and_then(|at| self.record.get(at)).unwrap_or_default()
    }

    fn word(&self, column: &'static str) -> Result<&str, BadLine> {
        match self.cell(column) {
            "" => Err(BadLine::new(self.line, column, "the cell is empty")),
            text => Ok(text),
        }
    }

    fn parse<T>(
        &self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<T, BadLine> {
        parse(self.word(column)?).map_err(|rule| BadLine::new(self.line, column, &rule))
    }

    fn optional<T>(
        &self,
        column: &'static str,
        parse: impl Fn(&str) -> Result<T, String>,
    ) -> Result<Option<T>, BadLine> {
        match self.cell(column) {
            "" => Ok(None),
            text => parse(text).map(Some).map_err(|rule| BadLine::new(self.line, column, &rule)),
        }
    }
}

fn unreadable(error: &csv::Error) -> BadLine {
    let line = error.position().map_or(1, csv::Position::line);
    let rule = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("it has {len} cells, and the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { .. } => "it is no text in UTF-8".to_owned(),
        _ => error.to_string(),
    };
    BadLine::new(line, "", &rule)
}

impl Register {
    /// Writes every inventory change as a table that [`read_changes`] reads, oldest first. Corrections keep their
    /// numbers: an empty register that takes the table in has the same changes.
    pub fn write_changes(&self, to: impl Write) -> Result<()> {
        let mut table = csv::Writer::from_writer(to);
        table.write_record(CHANGE_COLUMNS).map_err(written)?;
        self.each_change(None, None, |_, change, first| {
            let new = |text: &str| if first { text.to_owned() } else { String::new() };
            table
                .write_record([
                    &change.day.to_string(),
                    &change.area,
                    &change.batch,
                    change.material.as_str(),
                    change.code.as_str(),
                    &show_grams(change.amount.element_mg),
                    &show_grams(change.amount.isotope_mg),
                    &change.amount.pieces.to_string(),
                    change.other.as_deref().unwrap_or_default(),
                    &new(change.form.as_deref().unwrap_or_default()),
                    &new(change.irradiation.map(irradiation_word).unwrap_or_default()),
                    &new(change.purpose.map(surety_material::Purpose::as_str).unwrap_or_default()),
                    &change.corrects.map(|number| number.to_string()).unwrap_or_default(),
                ])
                .map_err(written)
        })?;
        table.flush().map_err(|error| written(error.into()))
    }

    /// The inventory changes of one entry, or of a batch, with their numbers.
    pub fn changes(&self, entry: Option<i64>, batch: Option<&str>) -> Result<Vec<(i64, Change)>> {
        let mut changes = Vec::new();
        self.each_change(entry, batch, |number, change, _| {
            changes.push((number, change));
            Ok(())
        })?;
        Ok(changes)
    }

    /// Every inventory change in order, with its number, and whether it is the first of its item.
    pub(crate) fn each_change(
        &self,
        entry: Option<i64>,
        batch: Option<&str>,
        mut each: impl FnMut(i64, Change, bool) -> Result<()>,
    ) -> Result<()> {
        let places = crate::rollup::places(&self.connection)?;
        let forms = crate::rollup::forms(&self.connection)?;
        let mut statement = self.connection.prepare(
            "SELECT day, item.area, batch, item.material, code, element_mg, isotope_mg, pieces, other, form, \
             irradiation, purpose, corrects, item.id, change.id FROM change JOIN item ON item.id = change.item \
             WHERE (?1 IS NULL OR change.entry = ?1) AND (?2 IS NULL OR batch = ?2) ORDER BY change.id",
        )?;
        let mut rows = statement.query(rusqlite::params![entry, batch])?;
        let mut last_item = 0;
        while let Some(row) = rows.next()? {
            let code: String = row.get(4)?;
            let item: i64 = row.get(13)?;
            // Items have their numbers in the order of their first changes.
            let first = item > last_item;
            last_item = last_item.max(item);
            let change = Change {
                line: 0,
                day: day_of_number(row.get(0)?)?,
                area: crate::rollup::place(&places, row.get(1)?)?.area.clone(),
                batch: row.get(2)?,
                material: item::material_of_number(row.get(3)?)?,
                code: code
                    .parse()
                    .map_err(|error: surety_core::UnknownWord| Error::Damaged(error.to_string()))?,
                amount: Amount { element_mg: row.get(5)?, isotope_mg: row.get(6)?, pieces: row.get(7)? },
                other: row.get(8)?,
                form: Some(crate::rollup::form_of(&forms, item, row.get(9)?)).filter(|form| !form.is_empty()),
                irradiation: Some(item::irradiation_of_number(row.get(10)?)?),
                purpose: Some(item::purpose_of_number(row.get(11)?)?),
                corrects: row.get(12)?,
            };
            each(row.get(14)?, change, first)?;
        }
        Ok(())
    }

    /// Writes the physical inventory of an area that the books expect on a day, as a table that [`read_listed`] reads:
    /// to be filled in while counting.
    pub fn write_expected(&self, area: &str, day: Date, to: impl Write) -> Result<()> {
        let mut table = csv::Writer::from_writer(to);
        table.write_record(LISTED_COLUMNS).map_err(written)?;
        crate::book::area_number(self, area)?;
        for holding in self.holdings(Some(day))?.iter().filter(|holding| holding.area == area) {
            let Amount { element_mg, isotope_mg, pieces } = holding.amount;
            table
                .write_record([
                    &holding.batch,
                    holding.material.as_str(),
                    &show_grams(element_mg),
                    &show_grams(isotope_mg),
                    &pieces.to_string(),
                ])
                .map_err(written)?;
        }
        table.flush().map_err(|error| written(error.into()))
    }
}

fn written(error: csv::Error) -> Error {
    let error = match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    };
    Error::File { path: "the table".into(), error }
}
