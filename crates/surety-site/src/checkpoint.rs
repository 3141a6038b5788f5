//! What every page is a function of, beside date and query.

use std::fmt::Write as _;

use surety_data::Dataset;
use surety_log::{Hash, tree};
use surety_statement::Statement;

/// The root of the tree of the statements, and how many there are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose tree it is.
    pub origin: String,
    /// How many statements.
    pub size: u64,
    /// The root, by RFC 6962.
    pub root: Hash,
    /// The leaves, in order.
    pub leaves: Vec<Hash>,
    /// The signed checkpoint of a log, as it is published; none of statements that stand in no log.
    pub signed: Option<String>,
}

impl Checkpoint {
    /// Of the statements of a dataset that stand in no log: the tree that they form in memory.
    pub fn of(dataset: &Dataset) -> Self {
        let leaves: Vec<Hash> = dataset.statements.iter().map(|one| tree::leaf_hash(entry(one).as_bytes())).collect();
        let root = tree::root_of(&leaves);
        let origin = format!("embedded dataset of {}", dataset.compiled);
        Self { origin, size: leaves.len() as u64, root, leaves, signed: None }
    }

    /// The root in hexadecimal digits.
    pub fn root_hex(&self) -> String {
        hex(self.root.as_ref())
    }
}

/// The bytes of a statement in the tree: its fields, one a line.
pub(crate) fn entry(statement: &Statement) -> String {
    let subject = statement.subject.map_or_else(|| "world".to_owned(), |code| code.to_string());
    let sources: Vec<&str> = statement.sources.iter().map(surety_core::SourceId::as_str).collect();
    let fields = [
        &statement.id,
        &statement.issuer.name,
        &subject,
        &statement.date.to_string(),
        &statement.body.summary(),
        &sources.join(" "),
        &statement.level.number().to_string(),
        &statement.note,
    ];
    fields.map(|field| field.replace('\n', " ")).join("\n")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
