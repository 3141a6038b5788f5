//! A register: its file, its journal, and where things stand.

use std::path::{Path, PathBuf};

use rusqlite::{Connection, OptionalExtension, Transaction, TransactionBehavior, params};
use serde::{Deserialize, Serialize};
use surety_core::{StateCode, closest};

use crate::journal::{self, Draft, Hash, RowsDigest};
use crate::{Choices, Entry, Error, Note, Record, Result, Salt, Secret, store};

/// The kind of the first entry.
pub(crate) const OPENING: &str = "opening";
/// The kind of an entry that tells of a new key.
pub(crate) const REKEY: &str = "rekey";
/// The kind of an entry that takes a record away.
pub(crate) const WITHDRAWAL: &str = "withdrawal";

/// An open register.
///
/// ```
/// use surety_register::{Note, Register, Secret, Site};
/// use surety_standards::Regime;
/// let folder = tempfile::tempdir()?;
/// let secret = Secret::passphrase("correct horse battery staple")?;
/// let note = Note::new("officer", "first entries", "2026-01-31T12:00:00Z".parse()?)?;
/// let mut register = Register::create(&folder.path().join("xaa.register"), &secret, [7; 16], "XAA".parse()?, &note)?;
/// register.put(&note, &Site { id: "S1".to_owned(), regime: Regime::Civil, note: String::new() })?;
/// assert_eq!(register.all::<Site>()?.len(), 1);
/// assert_eq!(register.head()?.seq, 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Register {
    pub(crate) connection: Connection,
    path: PathBuf,
    state: StateCode,
}

#[derive(Serialize, Deserialize)]
struct Opening {
    state: String,
    /// Tells registers of one State apart.
    id: String,
}

#[derive(Serialize, Deserialize)]
pub(crate) struct Withdrawal {
    pub(crate) what: String,
    pub(crate) id: String,
}

impl Register {
    /// Makes a register with its first entry. The salt must be random, and of this register alone.
    pub fn create(path: &Path, secret: &Secret, salt: Salt, state: StateCode, note: &Note) -> Result<Self> {
        Self::create_filled(path, secret, salt, state, &journal::hex(&salt[..8]), note, |_| Ok(()))
    }

    /// Makes a register that appears under its name only when `fill` is done with it.
    pub(crate) fn create_filled(
        path: &Path,
        secret: &Secret,
        salt: Salt,
        state: StateCode,
        id: &str,
        note: &Note,
        fill: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<Self> {
        let opening = Opening { state: state.to_string(), id: id.to_owned() };
        let body = to_json(&opening)?;
        store::create(path, secret, &salt, |connection| {
            store::prepare(connection)?;
            let transaction = connection.transaction()?;
            Draft::new(&transaction, note)?.append(&transaction, OPENING, body, RowsDigest::default())?;
            transaction.commit()?;
            let connection = std::mem::replace(connection, Connection::open_in_memory()?);
            let mut register = Self { connection, path: path.to_owned(), state };
            fill(&mut register)?;
            register.connection.close().map_err(|(_, error)| error)?;
            Ok(())
        })?;
        Self::open(path, secret)
    }

    /// Opens a register. A wrong key is told, and nothing is touched.
    pub fn open(path: &Path, secret: &Secret) -> Result<Self> {
        let connection = store::open(path, secret)?;
        let body: Option<String> = connection
            .query_row("SELECT body FROM entry WHERE seq = 1 AND kind = ?1", [OPENING], |row| row.get(0))
            .optional()?;
        let opening: Opening =
            from_json(&body.ok_or_else(|| Error::Damaged("it has no first entry".to_owned()))?)?;
        let state = opening.state.parse().map_err(|error| Error::Damaged(format!("its State: {error}")))?;
        Ok(Self { connection, path: path.to_owned(), state })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The State whose register it is.
    pub fn state(&self) -> StateCode {
        self.state
    }

    /// The last entry of the journal.
    pub fn head(&self) -> Result<Entry> {
        journal::last(&self.connection)?.ok_or_else(|| Error::Damaged("its journal is empty".to_owned()))
    }

    /// The entries from `first` on, at most `count`, in order.
    pub fn entries(&self, first: i64, count: i64) -> Result<Vec<Entry>> {
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM entry WHERE seq >= ?1 ORDER BY seq LIMIT ?2")?;
        Ok(statement.query_map([first, count.max(0)], Entry::read)?.collect::<rusqlite::Result<_>>()?)
    }

    /// Puts a record: a new one, or a new version of one.
    pub fn put<T: Record>(&mut self, note: &Note, record: &T) -> Result<Entry> {
        self.put_all(note, std::slice::from_ref(record)).and_then(|entries| {
            entries.into_iter().next().ok_or_else(|| Error::Damaged("no entry was made".to_owned()))
        })
    }

    /// Puts several records, each with an entry of its own, all or none.
    pub fn put_all<T: Record>(&mut self, note: &Note, records: &[T]) -> Result<Vec<Entry>> {
        for record in records {
            record.check(self)?;
        }
        let transaction = self.writing()?;
        let mut entries = Vec::with_capacity(records.len());
        for record in records {
            let draft = Draft::new(&transaction, note)?;
            let body = to_json(record)?;
            keep(&transaction, draft.seq, T::KIND, &record.id(), &body)?;
            entries.push(draft.append(&transaction, T::KIND, body, RowsDigest::default())?);
        }
        if T::KIND == Choices::KIND {
            crate::book::categorise_all(&transaction)?;
        }
        transaction.commit()?;
        Ok(entries)
    }

    /// Takes a record away. The journal keeps what it was.
    pub fn withdraw<T: Record>(&mut self, note: &Note, id: &str) -> Result<Entry> {
        self.require::<T>(id, T::KIND)?;
        if ["site", "area"].contains(&T::KIND) {
            return Err(Error::Refused(format!("items may refer to the {} {id}: it stays", T::KIND)));
        }
        let transaction = self.writing()?;
        let draft = Draft::new(&transaction, note)?;
        drop_record(&transaction, T::KIND, id)?;
        let body = to_json(&Withdrawal { what: T::KIND.to_owned(), id: id.to_owned() })?;
        let entry = draft.append(&transaction, WITHDRAWAL, body, RowsDigest::default())?;
        transaction.commit()?;
        Ok(entry)
    }

    /// A record by its id.
    pub fn get<T: Record>(&self, id: &str) -> Result<Option<T>> {
        let body: Option<String> = self
            .connection
            .prepare_cached("SELECT body FROM record WHERE kind = ?1 AND id = ?2")?
            .query_row([T::KIND, id], |row| row.get(0))
            .optional()?;
        body.map(|body| from_json(&body)).transpose()
    }

    /// Every record of a kind, in order of id.
    pub fn all<T: Record>(&self) -> Result<Vec<T>> {
        let mut statement =
            self.connection.prepare_cached("SELECT body FROM record WHERE kind = ?1 ORDER BY id")?;
        let bodies = statement.query_map([T::KIND], |row| row.get::<_, String>(0))?;
        bodies.map(|body| from_json(&body?)).collect()
    }

    /// Every version of every record of a kind that the journal tells, in order.
    pub fn versions<T: Record>(&self) -> Result<Vec<(Entry, T)>> {
        let mut statement =
            self.connection.prepare_cached("SELECT * FROM entry WHERE kind = ?1 ORDER BY seq")?;
        let entries = statement.query_map([T::KIND], Entry::read)?;
        entries
            .map(|entry| {
                let entry = entry?;
                let record = from_json(&entry.body)?;
                Ok((entry, record))
            })
            .collect()
    }

    /// What the State chose where the rules leave it a choice.
    pub fn choices(&self) -> Result<Choices> {
        Ok(self.get::<Choices>("")?.unwrap_or_default())
    }

    /// Refuses an id that no record has, and names the nearest.
    pub(crate) fn require<T: Record>(&self, id: &str, what: &'static str) -> Result<T> {
        if let Some(record) = self.get(id)? {
            return Ok(record);
        }
        let all: Vec<String> = self.all::<T>()?.iter().map(Record::id).collect();
        let hint = closest(id, all.iter().map(String::as_str))
            .map_or_else(String::new, |near| format!(": did you mean {near}?"));
        Err(Error::Unknown { what, name: id.to_owned(), hint })
    }

    /// Copies the register into another file, encrypted under a key of its own, while others use it.
    pub fn backup(&self, to: &Path, secret: &Secret, salt: Salt) -> Result<()> {
        store::copy(&self.connection, to, secret, &salt)
    }

    /// Encrypts the register under another key. Copies that were made before keep the old one.
    pub fn rekey(mut self, note: &Note, secret: &Secret) -> Result<Self> {
        store::lock(&self.connection)?;
        let transaction = self.writing()?;
        Draft::new(&transaction, note)?.append(
            &transaction,
            REKEY,
            "{}".to_owned(),
            RowsDigest::default(),
        )?;
        transaction.commit()?;
        store::rekey(self.connection, &self.path, secret)?;
        // The store does not say whether it could; the file does.
        Self::open(&self.path, secret).map_err(|error| match error {
            Error::WrongKey(_) => Error::Refused(
                "the key could not be changed: the old one still opens the register".to_owned(),
            ),
            other => other,
        })
    }

    /// A transaction that no other writer can come before.
    pub(crate) fn writing(&mut self) -> Result<Transaction<'_>> {
        Ok(self.connection.transaction_with_behavior(TransactionBehavior::Immediate)?)
    }

    /// Whether the journal has an entry with this number and hash: what an auditor noted earlier still stands.
    pub fn has(&self, seq: i64, hash: &Hash) -> Result<bool> {
        let found: Option<Hash> = self
            .connection
            .query_row("SELECT hash FROM entry WHERE seq = ?1", [seq], |row| row.get(0))
            .optional()?;
        Ok(found.as_ref() == Some(hash))
    }
}

/// Keeps the current version of a record.
pub(crate) fn keep(connection: &Connection, seq: i64, kind: &str, id: &str, body: &str) -> Result<()> {
    connection
        .prepare_cached("INSERT OR REPLACE INTO record (kind, id, entry, body) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![kind, id, seq, body])?;
    if kind == crate::Area::KIND {
        let area: crate::Area = from_json(body)?;
        connection
            .prepare_cached(
                "INSERT INTO area (code, site) VALUES (?1, ?2) ON CONFLICT (code) DO UPDATE SET site = excluded.site",
            )?
            .execute([&area.code, &area.site])?;
    }
    Ok(())
}

pub(crate) fn drop_record(connection: &Connection, kind: &str, id: &str) -> Result<()> {
    connection.prepare_cached("DELETE FROM record WHERE kind = ?1 AND id = ?2")?.execute([kind, id])?;
    Ok(())
}

pub(crate) fn to_json(value: &impl Serialize) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| Error::Refused(format!("cannot be written as JSON: {error}")))
}

pub(crate) fn from_json<T: serde::de::DeserializeOwned>(text: &str) -> Result<T> {
    serde_json::from_str(text).map_err(|error| Error::Damaged(format!("an entry cannot be read: {error}")))
}
