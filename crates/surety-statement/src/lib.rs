//! Statements: what someone says about a State, when, and on what evidence.
//!
//! Everything public enters the world as a [`Statement`]. Who says it is part of the fact: the
//! [`Issuer`] and the evidence decide the [assurance level](surety_core::Level), and with two issuers who disagree
//! the one with the higher [standing](Issuer::standing) for that kind of fact prevails.

mod body;
mod coverage;
mod issuer;

pub use body::{
    Assessed, Body, Claim, Initiative, InitiativeKind, MilitaryCoverage, MilitaryPolicy, MilitaryPolicyKind,
    MilitaryStandard, Outcome, Parity, Programme, ProgrammeAction, Publication, Regime, ReportKind,
    ReviewKind, ReviewPublication,
};
pub use coverage::{Coverage, OfficialCount};
pub use issuer::{Evidence, Issuer, IssuerKind, Topic, assurance};

use serde::Serialize;
use surety_core::{Date, FactDate, Level, SourceId, StateCode};

/// One thing said about one State, or about the world.
#[derive(Debug, Clone, PartialEq)]
pub struct Statement {
    /// Its id: of the embedded dataset, the id of its row.
    pub id: String,
    /// Who says it.
    pub issuer: Issuer,
    /// About whom; none for the world as a whole.
    pub subject: Option<StateCode>,
    /// The date of the fact.
    pub date: FactDate,
    /// What is said.
    pub body: Body,
    /// Where it can be read.
    pub sources: Vec<SourceId>,
    /// How well it is assured.
    pub level: Level,
    /// What a reader should know about it.
    pub note: String,
}

impl Statement {
    /// Whether the fact is sure to hold on a date. A fact that no source dates holds from `undated_from`.
    pub fn holds_on(&self, date: Date, undated_from: Date) -> bool {
        self.date.holds_from(undated_from) <= date
    }
}

/// What a statement is to a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stance {
    /// The verdict rests on it.
    Supports,
    /// It says otherwise, and does not prevail.
    Contradicts,
    /// It was read and decides nothing.
    Context,
}

impl Stance {
    /// The word shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Supports => "supports",
            Self::Contradicts => "contradicts",
            Self::Context => "context",
        }
    }
}
