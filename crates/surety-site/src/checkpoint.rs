//! The entries that the statements stand in: their bytes, their tree, and where each statement stands.

use std::collections::HashMap;
use std::fmt::Write as _;

use anyhow::Context as _;
use surety_data::Dataset;
use surety_log::Hash;
use surety_log::tree::{Tree, leaf_hash};
use surety_statement::{Payload, Place};

/// The entries of a log, or those that the statements of a dataset form in memory.
#[derive(Debug)]
pub struct Entries {
    /// Whose they are.
    pub origin: String,
    /// The hashes of the entries, in order.
    pub leaves: Vec<Hash>,
    /// The signed checkpoint of a log, as it is published; none of statements that stand in no log.
    pub signed: Option<String>,
    tree: Tree,
    entries: Vec<Vec<u8>>,
    /// Where the statement with this id stands: where it was corrected, the last.
    places: HashMap<String, usize>,
}

impl Entries {
    /// Of the statements of a dataset that stand in no log.
    ///
    /// # Errors
    /// When something in the dataset cannot be said as a statement.
    pub fn of(dataset: &Dataset) -> anyhow::Result<Self> {
        let payloads = dataset.payloads(Place::FIRST).context("the statements of the dataset")?;
        let entries = payloads.iter().map(Payload::to_bytes).collect::<Result<Vec<_>, _>>()?;
        let labels = payloads.into_iter().map(|payload| payload.id);
        Ok(Self::new(format!("embedded dataset of {}", dataset.compiled), entries, labels, None))
    }

    /// Of entries, each with the id of its statement where it has one.
    pub fn new(
        origin: String,
        entries: Vec<Vec<u8>>,
        labels: impl IntoIterator<Item = Option<String>>,
        signed: Option<String>,
    ) -> Self {
        let leaves: Vec<Hash> = entries.iter().map(|entry| leaf_hash(entry)).collect();
        let places =
            labels.into_iter().enumerate().filter_map(|(place, label)| Some((label?, place))).collect();
        Self { origin, tree: leaves.iter().copied().collect(), leaves, signed, entries, places }
    }

    /// The root of their tree, by RFC 6962.
    pub fn root(&self) -> Hash {
        self.tree.root()
    }

    /// The path from an entry to the root.
    pub(crate) fn prove(&self, place: usize) -> Option<Vec<Hash>> {
        self.tree.prove_inclusion(place as u64).ok()
    }

    /// How many entries.
    pub fn size(&self) -> u64 {
        self.leaves.len() as u64
    }

    /// The root in hexadecimal digits.
    pub fn root_hex(&self) -> String {
        hex(&self.root().0)
    }

    /// Where a statement stands, and its bytes there.
    pub fn entry(&self, id: &str) -> Option<(usize, &[u8])> {
        let place = *self.places.get(id)?;
        Some((place, self.entries.get(place)?.as_slice()))
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
