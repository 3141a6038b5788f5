//! What can be wrong with a framework, its data or a question about them, and what to do about it.

/// Why an index cannot be read, computed or asked about.
///
/// Every message names the place (file and line, or unit and indicator) and the remedy.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file is not what its format asks for.
    #[error("{place}: {what}")]
    Parse {
        /// File, line and, where it is known, column.
        place: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// A code is not that of an indicator or group of the framework.
    #[error("`{code}` is no indicator or group of this framework{}", did_you_mean(.nearest.as_deref()))]
    UnknownCode {
        /// The code as given.
        code: String,
        /// The nearest known code.
        nearest: Option<String>,
    },
    /// A code is not that of a unit of the data.
    #[error("`{code}` is no unit of the data{}", did_you_mean(.nearest.as_deref()))]
    UnknownUnit {
        /// The code as given.
        code: String,
        /// The nearest known code.
        nearest: Option<String>,
    },
    /// The data lack a column that the framework names.
    #[error(
        "the data have no column `{column}`, which the framework uses as {role}: add it or change the framework"
    )]
    MissingColumn {
        /// The column.
        column: String,
        /// What it is used as.
        role: &'static str,
    },
    /// A cell makes a step impossible.
    #[error("unit {unit}, indicator {indicator}: {what}")]
    Cell {
        /// Code of the unit.
        unit: String,
        /// Code of the indicator or group.
        indicator: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// The values of one indicator or group, taken together, make a step impossible.
    #[error("{code}: {what}")]
    Column {
        /// Code of the indicator or group.
        code: String,
        /// What is wrong and what to do.
        what: String,
    },
    /// A question that cannot be answered as it is put.
    #[error("{0}")]
    Question(String),
}

impl Error {
    pub(crate) fn parse(place: impl Into<String>, what: impl Into<String>) -> Self {
        Self::Parse { place: place.into(), what: what.into() }
    }

    pub(crate) fn cell(unit: &str, indicator: &str, what: impl Into<String>) -> Self {
        Self::Cell { unit: unit.to_owned(), indicator: indicator.to_owned(), what: what.into() }
    }

    pub(crate) fn column(code: &str, what: impl Into<String>) -> Self {
        Self::Column { code: code.to_owned(), what: what.into() }
    }

    pub(crate) fn question(what: impl Into<String>) -> Self {
        Self::Question(what.into())
    }

    pub(crate) fn unknown_code(code: &str, known: Vec<&str>) -> Self {
        Self::UnknownCode { code: code.to_owned(), nearest: nearest(code, known) }
    }

    pub(crate) fn unknown_unit(code: &str, known: Vec<&str>) -> Self {
        Self::UnknownUnit { code: code.to_owned(), nearest: nearest(code, known) }
    }
}

fn nearest(code: &str, known: Vec<&str>) -> Option<String> {
    surety_core::closest(code, known).map(str::to_owned)
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or(String::new(), |word| format!("; did you mean `{word}`?"))
}
