//! The embedded public dataset: real facts, each with its source, read into statements.
//!
//! [`embedded`] gives what is built into the binary. [`Dataset::read`] reads any set of tables of the same shape and
//! refuses bad data with file, line, column and what to do: `cargo xtask data` runs it over the folder `data/`.

mod check;
mod found;
mod load;
mod publish;
mod table;

use std::sync::OnceLock;

use surety_core::{Date, Source, SourceId, StateTable};
use surety_law::Duty;
use surety_standards::Catalogue;
use surety_statement::{Coverage, OfficialCount, Statement};
use surety_world::{Comment, Facts};

pub use found::{FoundError, Founding, Signatory, sign_all};
pub use publish::{OBSERVER_ID, Published, note_published};
pub use table::Problem;

/// A table by its file name, such as `states.csv`, and its text.
pub type File<'a> = (&'a str, &'a str);

macro_rules! files {
    ($($name:literal),+ $(,)?) => {
        [$(($name, include_str!(concat!("../../../data/", $name)))),+]
    };
}

/// The tables that are built in, in the order in which they are read.
pub const FILES: [File<'static>; 23] = files![
    "dataset.csv",
    "sources.csv",
    "states.csv",
    "aliases.csv",
    "lists.csv",
    "official_counts.csv",
    "duties.csv",
    "requirements.csv",
    "mappings.csv",
    "treaty_actions.csv",
    "pledges.csv",
    "territories.csv",
    "reviews.csv",
    "initiatives.csv",
    "regulations.csv",
    "reports.csv",
    "military_policies.csv",
    "stocks.csv",
    "infcirc549.csv",
    "cleared.csv",
    "holders.csv",
    "programmes.csv",
    "commitments.csv",
];

/// Everything in the dataset.
#[derive(Debug, Clone)]
pub struct Dataset {
    /// The day on which it was compiled: facts without a date count from here.
    pub compiled: Date,
    /// The States.
    pub states: StateTable,
    /// The sources, in order of id.
    pub sources: Vec<Source>,
    /// What is complete and what is not.
    pub coverage: Vec<Coverage>,
    /// What others have counted.
    pub counts: Vec<OfficialCount>,
    /// Treaty articles and duties.
    pub duties: Vec<Duty>,
    /// Requirements and how they relate.
    pub catalogue: Catalogue,
    /// The facts, as statements of the built-in observer.
    pub statements: Vec<Statement>,
    /// What States say to them; none without a log.
    pub comments: Vec<Comment>,
    /// Sources that the tables of States and duties cite: they are no statements.
    pub(crate) cited_elsewhere: Vec<SourceId>,
}

impl Dataset {
    /// Reads and checks a set of tables.
    ///
    /// # Errors
    /// Every problem found, in order of file and line. A dataset with one problem is no dataset.
    pub fn read(files: &[File<'_>]) -> Result<Self, Vec<Problem>> {
        load::read(files)
    }

    /// The source with this id.
    pub fn source(&self, id: &SourceId) -> Option<&Source> {
        self.sources.binary_search_by(|source| source.id.cmp(id)).ok().map(|index| &self.sources[index])
    }

    /// What the world is folded from.
    pub fn facts(&self) -> Facts<'_> {
        Facts {
            compiled: self.compiled,
            states: &self.states,
            coverage: &self.coverage,
            duties: &self.duties,
            statements: &self.statements,
        }
    }
}

/// The dataset that is built in.
///
/// # Panics
/// Never in a build that passed its tests: they read the same bytes.
pub fn embedded() -> &'static Dataset {
    static DATASET: OnceLock<Dataset> = OnceLock::new();
    DATASET.get_or_init(|| match Dataset::read(&FILES) {
        Ok(dataset) => dataset,
        #[expect(clippy::panic, reason = "the bytes are part of the program, and a test reads them")]
        Err(problems) => panic!("the embedded dataset is damaged: {}", problems[0]),
    })
}
