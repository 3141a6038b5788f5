//! What every page is a function of, beside date and query.

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::Context as _;
use surety_data::Dataset;
use surety_log::{Hash, tree};
use surety_statement::{Payload, Place};

/// The tree of the statements: its root, its entries, and where each statement stands in it.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    /// Whose tree it is.
    pub origin: String,
    /// The root, by RFC 6962.
    pub root: Hash,
    /// The hashes of the entries, in order.
    pub leaves: Vec<Hash>,
    /// The signed checkpoint of a log, as it is published; none of statements that stand in no log.
    pub signed: Option<String>,
    entries: Vec<Vec<u8>>,
    /// Where the statement with this id stands.
    places: HashMap<String, usize>,
}

impl Checkpoint {
    /// Of the statements of a dataset that stand in no log: the tree that they form in memory.
    ///
    /// # Errors
    /// When something in the dataset cannot be said as a statement.
    pub fn of(dataset: &Dataset) -> anyhow::Result<Self> {
        let payloads = dataset.payloads(Place::FIRST).context("the statements of the dataset")?;
        let entries = payloads.iter().map(Payload::to_bytes).collect::<Result<Vec<_>, _>>()?;
        let labels = payloads.into_iter().map(|payload| payload.id);
        Ok(Self::new(format!("embedded dataset of {}", dataset.compiled), entries, labels, None))
    }

    /// Of the entries of a tree, each with the id of its statement where it has one.
    pub fn new(
        origin: String,
        entries: Vec<Vec<u8>>,
        labels: impl IntoIterator<Item = Option<String>>,
        signed: Option<String>,
    ) -> Self {
        let leaves: Vec<Hash> = entries.iter().map(|entry| tree::leaf_hash(entry)).collect();
        let places =
            labels.into_iter().enumerate().filter_map(|(place, label)| Some((label?, place))).collect();
        Self { origin, root: tree::root_of(&leaves), leaves, signed, entries, places }
    }

    /// How many entries.
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The root in hexadecimal digits.
    pub fn root_hex(&self) -> String {
        hex(&self.root.0)
    }

    /// Where a statement stands, and its bytes there.
    pub fn entry(&self, id: &str) -> Option<(usize, &[u8])> {
        let place = *self.places.get(id)?;
        Some((place, self.entries.get(place)?))
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
