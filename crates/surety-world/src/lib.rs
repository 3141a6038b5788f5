//! The world as a fold of statements: findings, conflicts and gaps of every State, on any date.
//!
//! [`Base`] prepares the statements once. [`Base::world`] gives the world on a date: a pure function of the statements
//! and the date. [`Base::days`] walks from day to day and judges anew only what can have changed; that it gives
//! the same findings as judging from scratch is a tested law.
//!
//! [`Fold`] turns what a log says into those statements: corrected, without what was withdrawn, and of registers only
//! what is proven or said by those who may.
//!
//! The [charter](CHARTER) lists what the four aims ask of each State, and one function decides each.

mod account;
mod assurance;
mod base;
mod charter;
mod diff;
mod figure;
mod finding;
mod holding;
mod public_record;
mod summary;
mod timeline;

pub use account::{Contradiction, contradictions, overdue};
pub use assurance::{
    Evidence, SCHEME, Unproven, baseline_of, claim_statement, media_type, says_what_is_proven,
    says_what_was_reviewed,
};
pub use base::{Base, Facts, StateFindings, World};
pub use charter::{ActionId, CHARTER, CharterAction, Commitment, UnknownAction, commitments_of, find_action};
pub use diff::{Cause, Change, Direction, diff};
pub use figure::Figure;
pub use finding::{Cited, Finding};
pub use holding::{Holding, HoldingStatus};
pub use public_record::{Comment, Fold, PublicRecord};
pub use summary::{AimSummary, CommitmentTally, StockSummary, Tally, WorldSummary, stock_series, summarise};
pub use timeline::Days;
