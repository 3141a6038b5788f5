//! Statements: what someone says about a State, when, and on what evidence.
//!
//! Everything public enters the world as a [`Statement`]. Who says it is part of the fact: the
//! [`Issuer`] and the evidence decide the [assurance level](surety_core::Level), and with two issuers who disagree
//! the one with the higher [standing](Issuer::standing) for that kind of fact prevails.

mod admission;
mod body;
mod cbor;
pub mod certificate;
mod content;
mod coverage;
mod digest;
mod entitlement;
mod explain;
mod issuer;
mod issuer_id;
mod key;
pub mod keyfile;
mod payload;
pub mod receipt;
mod refusal;
mod register;
mod registry;
mod schema;
mod signed;
mod time;
mod trust;
mod wire;

pub use admission::{
    Admission, AdmittedKey, Entitlement, KEYS_MAX, KeyRotation, Limits, LogPolicy, Revocation, RootKeys,
    RootOfficer,
};
pub use body::{
    Assessed, Body, Claim, Initiative, InitiativeKind, MilitaryCoverage, MilitaryPolicy, MilitaryPolicyKind,
    MilitaryStandard, Outcome, Parity, Programme, ProgrammeAction, Publication, Regime, ReportKind,
    ReviewKind, ReviewPublication,
};
pub use content::{Content, Kind};
pub use coverage::{Compilation, Coverage, ListCoverage, OfficialCount, PublishedCount};
pub use digest::{Digest, ParseDigestError};
pub use explain::{ExplainError, Explanation, LoggedAt, explain};
pub use issuer::{Evidence, Issuer, IssuerKind, Topic, assurance};
pub use issuer_id::{ISSUER_ID_LEN_MAX, IssuerId, ParseIssuerIdError};
pub use key::{
    Algorithm, IssuerKey, KeyError, KeyThumbprint, SEED_LEN, SecretKey, SignError, SignatureMismatch,
    StatementSigner,
};
pub use payload::{Draft, EVIDENCE_MAX, Exhibit, LABEL_LEN_MAX, Payload, PayloadError, Place, Reference};
pub use refusal::Refusal;
pub use register::{
    Attachment, Bound, Disclosure, DisclosureReceipt, ProvenClaim, RegisterClass, RegisterMaterial,
    RegisterRoot, ReviewFinding,
};
pub use registry::{
    Accepted, Checked, Ended, FormerRoot, KeyRange, OPEN_DECISIONS_MAX, Record, Registry, Root, Rules,
};
pub use schema::schema;
pub use signed::{
    CERTIFICATES_MAX, CONTENT_TYPE, Envelope, FormatError, ParseSubjectError, STATEMENT_LEN_MAX,
    SignStatementError, SignedStatement, Subject,
};
pub use trust::{TRUST_LEN_MAX, Trust, TrustError, TrustedIssuer, TrustedKey, TrustedOfficer};

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
