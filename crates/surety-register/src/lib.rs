//! A State's confidential register of materials and standards.

mod assurance;
mod book;
mod check;
mod draft;
mod error;
mod inventory;
mod item;
mod journal;
mod key;
mod record;
mod register;
mod reports;
mod rollup;
mod sample;
mod standards;
mod store;
mod table;

pub use assurance::{
    ClaimMade, Commitable, CommittedPart, CommittedRoot, DISCLOSED_MAX, DisclosureMade, Padding,
};
pub use book::{Booked, LINES_MAX, Source};
pub use check::Checked;
pub use draft::{Draft, DraftKind, StockChoice};
pub use error::{BadLine, Error, Result};
pub use inventory::{Difference, Listed, Period, Taken};
pub use item::{Change, purposes};
pub use journal::{Entry, Hash, Note, hex, unhex};
pub use key::{Cost, KEY_FILE_LENGTH_MAX, KEY_FILE_LENGTH_MIN, PASSPHRASE_LENGTH_MIN, Salt, Secret};
pub use record::{Area, BatchForm, Choices, Measurement, Record, Site};
pub use register::Register;
pub use reports::{Readers, TakenIn};
pub use rollup::{By, Grade, Group, Holding, Sum};
pub use sample::{SAMPLE_SEED, sample};
pub use standards::{Assessed, Commitment, Regulation, Review, Step};
pub use table::{CHANGE_COLUMNS, LISTED_COLUMNS, read_changes, read_listed};
