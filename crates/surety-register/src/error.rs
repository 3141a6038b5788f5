//! What can go wrong, told so that a person knows what to do.

use std::path::PathBuf;

use rusqlite::ErrorCode;

/// The code of `SQLite` for an error that has no other.
const SQLITE_ERROR: i32 = 1;

/// Why a register could not do what was asked. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The passphrase or key file is not the one of this register.
    #[error(
        "{0} does not open with this passphrase or key file: it is another one, or the file is damaged. Nothing was touched"
    )]
    WrongKey(PathBuf),
    /// A passphrase or key file that protects nothing.
    #[error("{0}")]
    WeakSecret(&'static str),
    /// The file is no register.
    #[error("{path} is no register: {reason}")]
    NotARegister {
        /// The file.
        path: PathBuf,
        /// How it shows.
        reason: &'static str,
    },
    /// The file was written by a newer program.
    #[error("{path} has schema {found}; this program knows {known} and nothing newer: use a newer program")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest schema known here.
        known: i64,
    },
    /// There is a file already where one would be written.
    #[error("{0} is there already: choose another name, or move it away first")]
    Exists(PathBuf),
    /// A file cannot be read or written.
    #[error("{path}: {error}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// Who or why is missing: an entry without them helps no auditor.
    #[error("{0}")]
    Note(&'static str),
    /// A thing that is named is not there.
    #[error("no {what} is called `{name}`{hint}")]
    Unknown {
        /// What kind of thing.
        what: &'static str,
        /// The name given.
        name: String,
        /// What may have been meant; empty, or begins with a colon.
        hint: String,
    },
    /// A thing would contradict what is there.
    #[error("{0}")]
    Refused(String),
    /// Lines of a file break rules; nothing of the file was taken in.
    #[error("{}", lines(.0))]
    Lines(Vec<BadLine>),
    /// The store failed.
    #[error("the store failed: {0}")]
    Store(rusqlite::Error),
    /// The store holds what this program did not write.
    #[error("the register is damaged: {0}. `surety register check` may tell more; restore a backup")]
    Damaged(String),
}

/// A line of a file that breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadLine {
    /// Its number, from 1; 0 when it stands on no line.
    pub line: u64,
    /// The column or label.
    pub label: String,
    /// The rule that it breaks.
    pub rule: String,
}

impl std::fmt::Display for BadLine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { line, label, rule } = self;
        if *line == 0 {
            return if label.is_empty() { f.write_str(rule) } else { write!(f, "{label}: {rule}") };
        }
        if label.is_empty() {
            write!(f, "line {line}: {rule}")
        } else {
            write!(f, "line {line}, {label}: {rule}")
        }
    }
}

fn lines(bad: &[BadLine]) -> String {
    let shown: Vec<String> = bad.iter().map(BadLine::to_string).collect();
    format!("nothing was taken in:\n{}", shown.join("\n"))
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error() {
            // The statements are ours and good: what fails in them for no other reason is a page that does not decrypt.
            Some(failure)
                if matches!(failure.code, ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
                    || failure.extended_code == SQLITE_ERROR =>
            {
                Self::Damaged("a page of its file cannot be read".to_owned())
            }
            _ => Self::Store(error),
        }
    }
}

/// What every function of this crate gives.
pub type Result<T, E = Error> = std::result::Result<T, E>;
