//! The journal: who changed what, when and why, each entry chained to the one before by its hash.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use serde::Serialize;
use sha2::{Digest as _, Sha256};

use crate::{Error, Result};

/// A SHA-256 hash.
pub type Hash = [u8; 32];

/// The hash before the first entry.
pub(crate) const NOTHING: Hash = [0; 32];

const TEXT_LENGTH_MAX: usize = 1_000;
/// An entry larger than this, in bytes, is refused: what is large comes as rows.
const BODY_LENGTH_MAX: usize = 1 << 16;

/// Who makes an entry, why and when.
///
/// ```
/// use surety_register::Note;
/// let at = "2026-01-31T12:00:00Z".parse()?;
/// assert!(Note::new("accountancy officer", "", at).is_err(), "an auditor wants to know why");
/// assert!(Note::new("accountancy officer", "monthly report", at).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    who: String,
    why: String,
    at: Timestamp,
}

impl Note {
    /// A note whose author and reason are given, on one line each.
    pub fn new(who: &str, why: &str, at: Timestamp) -> Result<Self> {
        let said = |text: &str, missing| {
            let text = text.trim();
            let fits = !text.is_empty() && text.len() <= TEXT_LENGTH_MAX && !text.contains(char::is_control);
            fits.then(|| text.to_owned()).ok_or(Error::Note(missing))
        };
        Ok(Self {
            who: said(who, "who makes the entry is missing, or is no line of text: give it with --by")?,
            why: said(why, "why the entry is made is missing, or is no line of text: give it with --why")?,
            at,
        })
    }
}

/// One entry of the journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Its number, from 1.
    pub seq: i64,
    /// When it was made.
    pub at: Timestamp,
    /// By whom.
    pub who: String,
    /// Why.
    pub why: String,
    /// The kind of event.
    pub kind: String,
    /// The event, as JSON.
    pub body: String,
    /// How many rows belong to it: items, changes and lines of inventories.
    pub row_count: i64,
    /// SHA-256 of these rows.
    #[serde(serialize_with = "as_hex")]
    pub rows_digest: Hash,
    /// Hash of the entry before; zeros for the first.
    #[serde(serialize_with = "as_hex")]
    pub previous: Hash,
    /// Its own hash, over everything above.
    #[serde(serialize_with = "as_hex")]
    pub hash: Hash,
}

impl Entry {
    /// The hash that the entry must have.
    pub fn expected_hash(&self) -> Hash {
        let mut hasher = Sha256::new();
        hasher.update(b"surety-register/entry/1\0");
        hasher.update(self.seq.to_be_bytes());
        for text in [&self.at.to_string(), &self.who, &self.why, &self.kind, &self.body] {
            hasher.update((text.len() as u64).to_be_bytes());
            hasher.update(text);
        }
        hasher.update(self.row_count.to_be_bytes());
        hasher.update(self.rows_digest);
        hasher.update(self.previous);
        hasher.finalize().into()
    }

    pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Self> {
        let at: String = row.get("at")?;
        Ok(Self {
            seq: row.get("seq")?,
            // A time that cannot be read has another hash than the entry says.
            at: at.parse().unwrap_or(Timestamp::MIN),
            who: row.get("who")?,
            why: row.get("why")?,
            kind: row.get("kind")?,
            body: row.get("body")?,
            row_count: row.get("row_count")?,
            rows_digest: row.get("rows_digest")?,
            previous: row.get("previous")?,
            hash: row.get("hash")?,
        })
    }
}

/// The next entry, before its rows are known.
pub(crate) struct Draft {
    pub(crate) seq: i64,
    previous: Hash,
    note: Note,
}

impl Draft {
    pub(crate) fn new(connection: &Connection, note: &Note) -> Result<Self> {
        let last = last(connection)?;
        let at = last.as_ref().map_or(note.at, |last| note.at.max(last.at));
        if at > note.at {
            return Err(Error::Refused(format!(
                "the last entry was made at {at}, after this one: set the clock of this machine"
            )));
        }
        let (seq, previous) = last.map_or((1, NOTHING), |last| (last.seq + 1, last.hash));
        Ok(Self { seq, previous, note: note.clone() })
    }

    /// Writes the entry. Its rows are written before or after it, in the same transaction.
    pub(crate) fn append(
        self,
        connection: &Connection,
        kind: &str,
        body: String,
        rows: RowsDigest,
    ) -> Result<Entry> {
        if body.len() > BODY_LENGTH_MAX {
            return Err(Error::Refused(format!(
                "an entry has at most {BODY_LENGTH_MAX} bytes, this one {}",
                body.len()
            )));
        }
        let (row_count, rows_digest) = rows.finish();
        let mut entry = Entry {
            seq: self.seq,
            at: self.note.at,
            who: self.note.who,
            why: self.note.why,
            kind: kind.to_owned(),
            body,
            row_count,
            rows_digest,
            previous: self.previous,
            hash: NOTHING,
        };
        entry.hash = entry.expected_hash();
        insert(connection, &entry)?;
        Ok(entry)
    }
}

pub(crate) fn insert(connection: &Connection, entry: &Entry) -> Result<()> {
    connection
        .prepare_cached("INSERT INTO entry VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)")?
        .execute(params![
            entry.seq,
            entry.at.to_string(),
            entry.who,
            entry.why,
            entry.kind,
            entry.body,
            entry.row_count,
            entry.rows_digest,
            entry.previous,
            entry.hash
        ])?;
    Ok(())
}

pub(crate) fn last(connection: &Connection) -> Result<Option<Entry>> {
    let mut statement = connection.prepare_cached("SELECT * FROM entry ORDER BY seq DESC LIMIT 1")?;
    Ok(statement.query_row([], Entry::read).optional()?)
}

/// The digest of the rows of one entry: of items, changes and listings apart, each in order of their numbers.
#[derive(Default)]
pub(crate) struct RowsDigest {
    count: i64,
    parts: [Part; 3],
}

/// Which table a row belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rows {
    Items = 0,
    Changes = 1,
    Listings = 2,
}

#[derive(Default)]
struct Part {
    hasher: Sha256,
    // Rows are short: hashing many at a time is quicker.
    buffer: Vec<u8>,
}

impl RowsDigest {
    const BUFFER: usize = 1 << 14;

    /// Adds a row: numbers and texts in the order of the columns, without the entry.
    pub(crate) fn add(&mut self, rows: Rows, numbers: &[i64], texts: &[&str]) {
        self.count += 1;
        let part = &mut self.parts[rows as usize];
        for number in numbers {
            part.buffer.extend_from_slice(&number.to_be_bytes());
        }
        for text in texts {
            part.buffer.extend_from_slice(&(text.len() as u64).to_be_bytes());
            part.buffer.extend_from_slice(text.as_bytes());
        }
        if part.buffer.len() >= Self::BUFFER {
            part.hasher.update(&part.buffer);
            part.buffer.clear();
        }
    }

    pub(crate) fn finish(self) -> (i64, Hash) {
        let mut all = Sha256::new();
        all.update(b"surety-register/rows/1\0");
        for mut part in self.parts {
            part.hasher.update(&part.buffer);
            all.update(part.hasher.finalize());
        }
        (self.count, all.finalize().into())
    }
}

/// A hash as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Bytes from hexadecimal digits.
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

fn as_hex<S: serde::Serializer>(hash: &Hash, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    serializer.serialize_str(&hex(hash))
}

impl Note {
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }
}
