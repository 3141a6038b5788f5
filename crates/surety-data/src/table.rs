//! Reading CSV so that every problem names its file, line and column.

use std::cell::RefCell;
use std::fmt;
use std::str::FromStr;

use surety_core::SourceId;

/// Something wrong in a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file.
    pub file: String,
    /// The line, counted from 1; the header is line 1.
    pub line: u64,
    /// The column, counted from 1, and its name; none when the whole line is meant.
    pub column: Option<(usize, String)>,
    /// What is wrong, and what to do.
    pub message: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)?;
        if let Some((number, name)) = &self.column {
            write!(f, ":{number} ({name})")?;
        }
        write!(f, ": {}", self.message)
    }
}

/// The problems found so far.
#[derive(Debug, Default)]
pub(crate) struct Problems(RefCell<Vec<Problem>>);

impl Problems {
    pub(crate) fn add(&self, problem: Problem) {
        self.0.borrow_mut().push(problem);
    }

    pub(crate) fn into_inner(self) -> Vec<Problem> {
        self.0.into_inner()
    }
}

/// One line of a table, with the place to report problems to.
pub(crate) struct Row<'a> {
    file: &'a str,
    header: &'a csv::StringRecord,
    record: csv::StringRecord,
    line: u64,
    problems: &'a Problems,
}

impl Row<'_> {
    pub(crate) fn line(&self) -> u64 {
        self.line
    }

    /// Reports a problem with the whole line.
    pub(crate) fn problem(&self, message: impl fmt::Display) {
        self.report(None, message);
    }

    /// Reports a problem with one cell.
    pub(crate) fn problem_in(&self, column: &str, message: impl fmt::Display) {
        let number = self.header.iter().position(|name| name == column).map_or(0, |index| index + 1);
        self.report(Some((number, column.to_owned())), message);
    }

    fn report(&self, column: Option<(usize, String)>, message: impl fmt::Display) {
        self.problems.add(Problem {
            file: self.file.to_owned(),
            line: self.line,
            column,
            message: message.to_string(),
        });
    }

    /// The text of a cell.
    pub(crate) fn text(&self, column: &str) -> &str {
        self.header
            .iter()
            .position(|name| name == column)
            .and_then(|index| self.record.get(index))
            .unwrap_or_default()
    }

    pub(crate) fn owned(&self, column: &str) -> String {
        self.text(column).to_owned()
    }

    /// The text of a cell that must not be empty.
    pub(crate) fn filled(&self, column: &str) -> Option<String> {
        let text = self.text(column);
        if text.is_empty() {
            self.problem_in(column, "is empty: fill it in");
            return None;
        }
        Some(text.to_owned())
    }

    /// Reads a cell that must be filled.
    pub(crate) fn parse<T: FromStr<Err: fmt::Display>>(&self, column: &str) -> Option<T> {
        self.filled(column)?.parse().map_err(|error| self.problem_in(column, error)).ok()
    }

    /// Reads a cell that may be empty: `Some(None)` when it is, `None` when it is wrong.
    #[expect(clippy::option_option, reason = "wrong, empty and filled are three things")]
    pub(crate) fn optional<T: FromStr<Err: fmt::Display>>(&self, column: &str) -> Option<Option<T>> {
        match self.text(column) {
            "" => Some(None),
            text => text.parse().map(Some).map_err(|error| self.problem_in(column, error)).ok(),
        }
    }

    /// Reads a cell whose type has its own meaning for "empty".
    pub(crate) fn parse_or_empty<T: FromStr<Err: fmt::Display>>(&self, column: &str) -> Option<T> {
        self.text(column).parse().map_err(|error| self.problem_in(column, error)).ok()
    }

    pub(crate) fn yes_or_no(&self, column: &str) -> Option<bool> {
        match self.text(column) {
            "yes" => Some(true),
            "no" => Some(false),
            other => {
                self.problem_in(column, format_args!("`{other}` is neither yes nor no"));
                None
            }
        }
    }

    /// The ids in the column `sources`, separated by semicolons.
    pub(crate) fn sources(&self) -> Vec<SourceId> {
        self.text("sources").split(';').filter(|id| !id.is_empty()).map(SourceId::from).collect()
    }
}

/// Reads every row of a table with `read`, which reports what is wrong and gives up the row.
pub(crate) fn rows<T>(
    file: &str,
    text: &str,
    columns: &[&str],
    problems: &Problems,
    mut read: impl FnMut(&Row<'_>) -> Option<T>,
) -> Vec<T> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let whole = |line, message: String| Problem { file: file.to_owned(), line, column: None, message };
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => {
            problems.add(whole(1, format!("cannot be read as CSV: {error}")));
            return Vec::new();
        }
    };
    let found: Vec<&str> = header.iter().collect();
    if found != columns {
        let message = format!("the header is `{}`: make it `{}`", found.join(","), columns.join(","));
        problems.add(whole(1, message));
        return Vec::new();
    }
    let mut values = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = match record {
            Ok(record) => record,
            Err(error) => {
                problems.add(whole(index as u64 + 2, format!("cannot be read as CSV: {error}")));
                continue;
            }
        };
        let line = record.position().map_or(index as u64 + 2, csv::Position::line);
        if record.len() != columns.len() {
            let message = format!(
                "has {} cells where the header has {}: check the commas and quotes",
                record.len(),
                columns.len()
            );
            problems.add(whole(line, message));
            continue;
        }
        let row = Row { file, header: &header, record, line, problems };
        values.extend(read(&row));
    }
    values
}
