//! What is scored: units, their figures, and tables of figures.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use crate::{Error, Framework};

/// The codes of units, in order, each found by its code. Tables of the same units share them.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Units(Arc<Listed>);

#[derive(Debug, PartialEq)]
struct Listed {
    codes: Vec<String>,
    rows: HashMap<String, usize>,
}

impl Units {
    pub(crate) fn new(codes: Vec<String>) -> Result<Self, Error> {
        let mut rows = HashMap::with_capacity(codes.len());
        for (row, code) in codes.iter().enumerate() {
            if rows.insert(code.clone(), row).is_some() {
                return Err(Error::question(format!("unit `{code}` is given twice: keep one of them")));
            }
        }
        Ok(Self(Arc::new(Listed { codes, rows })))
    }

    /// Those in some of the rows.
    pub(crate) fn only(&self, rows: &[usize]) -> Result<Self, Error> {
        if rows.len() == self.codes().len() {
            return Ok(self.clone());
        }
        Self::new(rows.iter().map(|&row| self.codes()[row].clone()).collect())
    }

    pub(crate) fn codes(&self) -> &[String] {
        &self.0.codes
    }

    pub(crate) fn row(&self, code: &str) -> Option<usize> {
        self.0.rows.get(code).copied()
    }

    /// The row of a unit that must be there.
    pub(crate) fn find(&self, code: &str) -> Result<usize, Error> {
        self.row(code)
            .ok_or_else(|| Error::unknown_unit(code, self.codes().iter().map(String::as_str).collect()))
    }
}

/// Units by columns, with gaps.
///
/// A figure is finite or it is a gap; nothing else can be in a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    units: Units,
    codes: Vec<String>,
    /// One vector for each code; a gap is NaN, which never leaves this crate.
    columns: Vec<Vec<f64>>,
}

impl Table {
    pub(crate) fn new(units: Units, codes: Vec<String>, columns: Vec<Vec<f64>>) -> Self {
        Self { units, codes, columns }
    }

    /// The codes of the units, in the order of the data.
    pub fn units(&self) -> &[String] {
        self.units.codes()
    }

    /// The row of a unit; `None` for one that is not there.
    pub fn row(&self, unit: &str) -> Option<usize> {
        self.units.row(unit)
    }

    pub(crate) fn listed(&self) -> &Units {
        &self.units
    }

    /// The codes of the columns, in the order of the framework.
    pub fn codes(&self) -> &[String] {
        &self.codes
    }

    /// One figure; `None` is a gap, or a unit or code that is not there.
    pub fn get(&self, unit: &str, code: &str) -> Option<f64> {
        present(self.raw_column(code)?[self.row(unit)?])
    }

    /// The figures of one column, unit by unit.
    pub fn column(&self, code: &str) -> Option<Vec<Option<f64>>> {
        Some(self.raw_column(code)?.iter().copied().map(present).collect())
    }

    /// The same table of ranks: the highest figure first, gaps unranked.
    pub fn ranks(&self) -> Vec<Vec<Option<u32>>> {
        self.columns.iter().map(|column| ranks(column)).collect()
    }

    pub(crate) fn raw(&self) -> &[Vec<f64>] {
        &self.columns
    }

    fn raw_column(&self, code: &str) -> Option<&[f64]> {
        let index = self.codes.iter().position(|known| known == code)?;
        Some(&self.columns[index])
    }
}

/// A gap is `None` outside this crate.
pub(crate) fn present(value: f64) -> Option<f64> {
    (!value.is_nan()).then_some(value)
}

/// Ranks, the highest first, as in sport: units that tie share the best of their places and the next
/// place stays empty (1, 2, 2, 4). A gap has no rank and takes no place.
///
/// `rank(x_i) = 1 + |{ j : x_j > x_i }|`
pub(crate) fn ranks(values: &[f64]) -> Vec<Option<u32>> {
    let mut order: Vec<usize> = (0..values.len()).filter(|&unit| !values[unit].is_nan()).collect();
    order.sort_unstable_by(|&a, &b| values[b].total_cmp(&values[a]));
    let mut ranks = vec![None; values.len()];
    let mut rank = 0;
    for (place, &unit) in (1..).zip(&order) {
        if place == 1 || values[order[place as usize - 2]] > values[unit] {
            rank = place;
        }
        ranks[unit] = Some(rank);
    }
    ranks
}

/// The units and their figures as given, before any step.
///
/// ```
/// use surety_index::Data;
///
/// let data = Data::new(["FIN", "USA"])?.with("patents", &[Some(187.0), Some(289.0)])?;
/// assert_eq!(data.get("USA", "patents"), Some(289.0));
/// # Ok::<(), surety_index::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Data {
    units: Units,
    names: Vec<String>,
    figures: BTreeMap<String, Vec<f64>>,
    labels: BTreeMap<String, Vec<String>>,
}

impl Data {
    /// Units without any figures yet.
    pub fn new<S: Into<String>>(units: impl IntoIterator<Item = S>) -> Result<Self, Error> {
        let units = Units::new(units.into_iter().map(Into::into).collect())?;
        let names = units.codes().to_vec();
        Ok(Self { names, units, figures: BTreeMap::new(), labels: BTreeMap::new() })
    }

    /// Adds a column of figures, one for each unit in order; `None` is a gap.
    pub fn with(mut self, code: &str, figures: &[Option<f64>]) -> Result<Self, Error> {
        self.check_length(code, figures.len())?;
        if let Some(row) = figures.iter().position(|figure| figure.is_some_and(|value| !value.is_finite())) {
            return Err(Error::cell(
                &self.units()[row],
                code,
                "the figure is not finite: give a number or leave a gap",
            ));
        }
        let column = figures.iter().map(|figure| figure.unwrap_or(f64::NAN)).collect();
        self.figures.insert(code.to_owned(), column);
        Ok(self)
    }

    /// Adds a column of labels, such as the region of each unit, by which gaps can be filled.
    pub fn with_labels(mut self, name: &str, labels: &[&str]) -> Result<Self, Error> {
        self.check_length(name, labels.len())?;
        self.labels.insert(name.to_owned(), labels.iter().map(|&label| label.to_owned()).collect());
        Ok(self)
    }

    /// Reads a table with one line for each unit: `COINr`'s `iData.csv` as it is.
    ///
    /// Column `uCode` (or `unit`) holds the codes, `uName` the names if there are any. The columns that
    /// the framework uses as indicators or denominators must hold numbers; an empty cell or `NA` is a
    /// gap. Every other column is kept as a label.
    pub fn from_csv(file: &str, text: &str, framework: &Framework) -> Result<Self, Error> {
        let sheet = Sheet::parse(file, text)?;
        let unit_column = sheet.find("uCode").or_else(|| sheet.find("unit")).ok_or_else(|| {
            Error::parse(format!("{file}:1"), "no column `uCode` or `unit` with the codes of the units")
        })?;
        let units: Vec<&str> = sheet.rows.iter().map(|row| row.cells[unit_column].as_str()).collect();
        let mut data =
            Self::new(units.iter().copied()).map_err(|error| Error::parse(file, error.to_string()))?;
        let numeric = framework.data_columns();
        for (index, header) in sheet.headers.iter().enumerate().filter(|&(index, _)| index != unit_column) {
            let cells: Vec<&str> = sheet.rows.iter().map(|row| row.cells[index].as_str()).collect();
            if header == "uName" {
                data.names = cells.into_iter().map(str::to_owned).collect();
            } else if numeric.contains(header.as_str()) {
                let column = sheet
                    .rows
                    .iter()
                    .map(|row| sheet.number(row, index, &row.cells[unit_column]))
                    .collect::<Result<Vec<_>, _>>()?;
                data = data.with(header, &column)?;
            } else {
                data = data.with_labels(header, &cells)?;
            }
        }
        Ok(data)
    }

    /// The codes of the units.
    pub fn units(&self) -> &[String] {
        self.units.codes()
    }

    pub(crate) fn listed(&self) -> &Units {
        &self.units
    }

    /// The names of the units; where the data give none, their codes.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// One figure as given.
    pub fn get(&self, unit: &str, code: &str) -> Option<f64> {
        present(self.figures.get(code)?[self.units.row(unit)?])
    }

    /// Changes one figure: what if it were otherwise? `None` makes a gap.
    pub fn set(&mut self, unit: &str, code: &str, figure: Option<f64>) -> Result<(), Error> {
        let row = self.units.find(unit)?;
        if figure.is_some_and(|value| !value.is_finite()) {
            return Err(Error::cell(unit, code, "the figure is not finite: give a number or leave a gap"));
        }
        self.column_mut(code)?[row] = figure.unwrap_or(f64::NAN);
        Ok(())
    }

    pub(crate) fn column_mut(&mut self, code: &str) -> Result<&mut Vec<f64>, Error> {
        let role = "an indicator";
        self.figures.get_mut(code).ok_or_else(|| Error::MissingColumn { column: code.to_owned(), role })
    }

    pub(crate) fn figures(&self, column: &str, role: &'static str) -> Result<&Vec<f64>, Error> {
        self.figures.get(column).ok_or_else(|| Error::MissingColumn { column: column.to_owned(), role })
    }

    pub(crate) fn labels(&self, column: &str) -> Result<&Vec<String>, Error> {
        let role = "the grouping by which gaps are filled";
        self.labels.get(column).ok_or_else(|| Error::MissingColumn { column: column.to_owned(), role })
    }

    fn check_length(&self, code: &str, length: usize) -> Result<(), Error> {
        let units = self.units().len();
        if length == units {
            return Ok(());
        }
        Err(Error::column(
            code,
            format!("{length} figures are given for {units} units: give one for each, in order"),
        ))
    }
}

/// A CSV file with its headers and the line of each row.
pub(crate) struct Sheet {
    pub(crate) file: String,
    pub(crate) headers: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

/// One line of a CSV file.
pub(crate) struct Row {
    pub(crate) line: u64,
    pub(crate) cells: Vec<String>,
}

impl Sheet {
    pub(crate) fn parse(file: &str, text: &str) -> Result<Self, Error> {
        let broken = |error: csv::Error| {
            let line = error.position().map_or(1, csv::Position::line);
            Error::parse(format!("{file}:{line}"), format!("not a CSV table: {error}"))
        };
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let headers: Vec<String> = reader.headers().map_err(broken)?.iter().map(str::to_owned).collect();
        let mut seen = HashSet::new();
        if let Some(twice) = headers.iter().find(|header| !seen.insert(header.as_str())) {
            return Err(Error::parse(
                format!("{file}:1"),
                format!("column `{twice}` occurs twice: keep one of them"),
            ));
        }
        let rows = reader
            .records()
            .map(|record| {
                let record = record.map_err(broken)?;
                let line = record.position().map_or(0, csv::Position::line);
                Ok(Row { line, cells: record.iter().map(str::to_owned).collect() })
            })
            .collect::<Result<_, Error>>()?;
        Ok(Self { file: file.to_owned(), headers, rows })
    }

    pub(crate) fn find(&self, header: &str) -> Option<usize> {
        self.headers.iter().position(|known| known == header)
    }

    pub(crate) fn place(&self, row: &Row) -> String {
        format!("{}:{}", self.file, row.line)
    }

    /// A cell as a number; empty and `NA` are gaps.
    fn number(&self, row: &Row, column: usize, unit: &str) -> Result<Option<f64>, Error> {
        let cell = row.cells[column].as_str();
        if cell.is_empty() || cell == "NA" {
            return Ok(None);
        }
        match cell.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Some(value)),
            _ => {
                let what = format!(
                    "unit {unit}, column `{}`: `{cell}` is not a number; leave the cell empty if there is none",
                    self.headers[column]
                );
                Err(Error::parse(self.place(row), what))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn units_that_tie_share_the_best_place_and_gaps_have_none() {
        let figures = [2.0, f64::NAN, 5.0, 2.0, 1.0];
        assert_eq!(ranks(&figures), [Some(2), None, Some(1), Some(2), Some(4)]);
        assert_eq!(ranks(&[0.0, -0.0]), [Some(1), Some(1)]);
    }

    #[test]
    fn a_figure_that_is_none_is_refused_with_its_place() {
        let framework = Framework::from_toml(
            "f.toml",
            "[[group]]\ncode = \"all\"\n[[indicator]]\ncode = \"gdp\"\nparent = \"all\"\n",
        )
        .unwrap();
        let error =
            Data::from_csv("d.csv", "uCode,gdp\nAUT,1\nBEL,many\n", &framework).unwrap_err().to_string();
        assert_eq!(
            error,
            "d.csv:3: unit BEL, column `gdp`: `many` is not a number; leave the cell empty if there is none"
        );
        let error = Data::from_csv("d.csv", "uCode,gdp\nAUT,1\nAUT,2\n", &framework).unwrap_err().to_string();
        assert!(error.contains("`AUT` is given twice"), "{error}");
        let error = Data::from_csv("d.csv", "country,gdp\nAUT,1\n", &framework).unwrap_err().to_string();
        assert!(error.contains("d.csv:1: no column `uCode`"), "{error}");
        let data = Data::from_csv("d.csv", "uCode,gdp,region\nAUT,NA,Europe\n", &framework).unwrap();
        assert_eq!(data.get("AUT", "gdp"), None);
    }

    proptest! {
        #[test]
        fn ranks_follow_the_units_when_these_change_places(figures in prop::collection::vec(-3i8..3, 1..20), turn in 0usize..20) {
            let figures: Vec<f64> = figures.into_iter().map(f64::from).collect();
            let turn = turn % figures.len();
            let mut turned = figures.clone();
            turned.rotate_left(turn);
            let mut expected = ranks(&figures);
            expected.rotate_left(turn);
            prop_assert_eq!(ranks(&turned), expected);
        }

        #[test]
        fn a_rank_is_one_more_than_the_number_above(figures in prop::collection::vec(-3i8..3, 1..20)) {
            let figures: Vec<f64> = figures.into_iter().map(f64::from).collect();
            for (figure, rank) in figures.iter().zip(ranks(&figures)) {
                let above = figures.iter().filter(|other| *other > figure).count();
                prop_assert_eq!(rank, Some(1 + u32::try_from(above).unwrap()));
            }
        }
    }
}
