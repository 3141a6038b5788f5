//! Standards: what is asked, how far it is done, and how civil and military compare.
//!
//! The [requirement catalogue](Catalogue) lists what CPPNM, ICSANT, the Nuclear Security Series and others ask, item
//! by item, each with how well its citation is confirmed; and how items of different documents relate. An
//! [`Assessment`] says how far one requirement is done in one [`Regime`]. [`Answers`] carries it to every requirement
//! that it answers too. [`Parity`] sets civil and military side by side, and against the [`Baseline`]. [`Finding`] and
//! [`Action`] are what a review found and what is to be done.
//!
//! "Not stated" is a value of its own, and never "equal". So is "not applicable", which is no gap either.

mod answer;
mod assessment;
mod catalogue;
mod parity;
mod plan;

pub use answer::{Answer, Answers, Step, Trail};
pub use assessment::{
    Assessment, AssessmentError, Confidence, Digest, Evidence, Extent, Maturity, ParseDigestError,
    ParseMaturityError, Publication, Regime, WorkStatus, current,
};
pub use catalogue::{Catalogue, Confirmation, Mapping, Relation, Requirement};
pub use parity::{
    Baseline, BaselineCategory, Comparison, Counts, Parity, ParityVerdict, Rise, Standing, history,
};
pub use plan::{
    Action, Finding, FindingKind, FollowUp, FollowUpStatus, Gap, PlanError, Priority, overdue, without_action,
};
