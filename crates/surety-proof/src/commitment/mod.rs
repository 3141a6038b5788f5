//! Committing to a register: one root over salted leaves, and what is published with it.
//!
//! | what | where |
//! |---|---|
//! | which entry stands where, and what is public about that | [`Layout`], [`Header`] |
//! | what an entry holds | [`Record`] |
//! | the private side: everything can be opened | [`Committed`] |
//! | the public side: everything is committed to, nothing shown | [`Package`] |
//! | range proofs for every leaf of a class | [`Ranges`] |
//! | which leaf belongs to which holder | [`Assignment`] |

mod assignment;
mod committed;
mod layout;
mod package;
mod ranges;
mod record;

pub use assignment::{Assignment, AssignmentError};
pub use committed::{CommitError, Committed};
pub use layout::{Header, LEAVES_MAX, Layout, Padding, REQUIREMENTS_MAX, Region, SLOTS_MIN};
pub(crate) use layout::{read_date, read_state};
pub use package::{Package, PackageError};
pub use ranges::Ranges;
pub use record::{Record, record_hash};
