//! The entries that the statements stand in: their bytes, their tree, and where each statement stands.

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::Context as _;
use surety_data::Dataset;
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{Hash, Proof, SignedCheckpoint};
use surety_statement::{Kind, Payload, Place, SignedStatement, Subject};

/// The entries of a log, or those that the statements of a dataset form in memory.
#[derive(Debug)]
pub struct Entries {
    /// Whose they are.
    pub origin: String,
    /// The hashes of the entries, in order.
    pub leaves: Vec<Hash>,
    /// The signed checkpoint of a log, as it is published; none of statements that stand in no log.
    pub signed: Option<SignedCheckpoint>,
    tree: Tree,
    entries: Vec<Entry>,
    /// Where the statement with this id stands: where it was corrected, the last.
    places: HashMap<String, usize>,
}

/// One entry.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) bytes: Vec<u8>,
    /// What it says; none where it cannot be read.
    pub(crate) said: Option<Said>,
}

/// What an entry says, in a line.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) id: Option<String>,
    pub(crate) subject: Subject,
    pub(crate) kind: Kind,
    pub(crate) summary: String,
    /// Who signed it; none of statements that stand in no log.
    pub(crate) issuer: Option<String>,
}

impl Said {
    fn of(payload: Payload, issuer: Option<String>) -> Self {
        let (kind, summary) = (payload.kind(), payload.content.summary());
        Self { id: payload.id, subject: payload.subject, kind, summary, issuer }
    }
}

impl Entries {
    /// Of the statements of a dataset that stand in no log.
    ///
    /// # Errors
    /// When something in the dataset cannot be said as a statement.
    pub fn of(dataset: &Dataset) -> anyhow::Result<Self> {
        let payloads = dataset.payloads(Place::FIRST).context("the statements of the dataset")?;
        let entry = |payload: Payload| -> anyhow::Result<Entry> {
            Ok(Entry { bytes: payload.to_bytes()?, said: Some(Said::of(payload, None)) })
        };
        let entries = payloads.into_iter().map(entry).collect::<Result<_, _>>()?;
        Ok(Self::new(format!("embedded dataset of {}", dataset.compiled), entries, None))
    }

    /// Of the entries of a log, and its checkpoint where it is published for just these.
    pub fn of_log(origin: String, entries: Vec<Vec<u8>>, signed: Option<SignedCheckpoint>) -> Self {
        let said = |bytes: &[u8]| {
            let statement = SignedStatement::parse(bytes).ok()?;
            Some(Said::of(statement.payload().ok()?, Some(statement.issuer().to_string())))
        };
        let entries = entries.into_iter().map(|bytes| Entry { said: said(&bytes), bytes }).collect();
        Self::new(origin, entries, signed)
    }

    fn new(origin: String, entries: Vec<Entry>, signed: Option<SignedCheckpoint>) -> Self {
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(&entry.bytes)).collect();
        let label = |(place, entry): (usize, &Entry)| Some((entry.said.as_ref()?.id.clone()?, place));
        let places = entries.iter().enumerate().filter_map(label).collect();
        Self { origin, tree: leaves.iter().copied().collect(), leaves, signed, entries, places }
    }

    /// The root of their tree, by RFC 6962.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The path from an entry to the root.
    pub(crate) fn path(&self, place: usize) -> Option<Vec<Hash>> {
        self.tree.prove_inclusion(place as u64).ok()
    }

    /// The proof that an entry is in a log, with its checkpoint; none of statements that stand in no log.
    pub(crate) fn proof(&self, place: usize) -> Option<Proof> {
        Some(Proof::new(place as u64, self.path(place)?, self.signed.clone()?))
    }

    /// How many entries.
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The root in hexadecimal digits.
    pub fn root_hex(&self) -> String {
        hex(&self.root().0)
    }

    /// All of them, in order.
    pub(crate) fn all(&self) -> &[Entry] {
        &self.entries
    }

    /// Where a statement stands, and its bytes there.
    pub fn entry(&self, id: &str) -> Option<(usize, &[u8])> {
        let place = *self.places.get(id)?;
        Some((place, self.entries.get(place)?.bytes.as_slice()))
    }
}

/// Bytes in hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
