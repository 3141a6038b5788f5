//! The payload of a statement: JSON, carried verbatim, read strictly.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use surety_core::{Date, FactDate, Level, Source, SourceId, SourceKind, StateCode, UnknownWord};

use crate::Statement;
use crate::body::Body;
use crate::content::{Content, Kind};
use crate::coverage::{Compilation, Coverage, ListCoverage, OfficialCount, PublishedCount};
use crate::digest::Digest;
use crate::issuer::{Evidence, Issuer, IssuerKind, assurance};
use crate::issuer_id::IssuerId;
use crate::register::Attachment;
use crate::signed::Subject;
use crate::wire::{self, Day};

/// The most pieces of evidence of one statement.
pub const EVIDENCE_MAX: usize = 64;

/// The most bytes of a label.
pub const LABEL_LEN_MAX: usize = 128;

/// Another statement: by its issuer, its number and the digest of its payload.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Reference {
    /// Its issuer.
    pub issuer: IssuerId,
    /// Its number.
    #[schemars(range(min = 1))]
    pub number: u64,
    /// The digest of its payload.
    pub sha256: Digest,
}

/// Where a fact can be read. With the digest, whoever has the document can tell that it is the one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Exhibit {
    /// An id of the issuer's own for it, such as `fedlex-cppnm-2022`.
    #[serde(default)]
    pub id: Option<String>,
    /// Its title, with the edition.
    pub title: String,
    /// Its public address; empty when it has none.
    pub address: String,
    /// The digest of the document.
    #[serde(default)]
    pub sha256: Option<Digest>,
    /// The day on which it was read.
    #[serde(default, with = "wire::optional_day")]
    #[schemars(with = "Option<Day>")]
    pub read: Option<Date>,
    /// Who published it.
    pub kind: SourceKind,
    /// How far it can be trusted, in the words of whoever read it.
    pub trust: String,
}

/// Everything that a statement says, besides who says it.
#[derive(Debug, Clone, PartialEq)]
pub struct Payload {
    /// A label of the issuer's own, such as `T0276`: given once, and again only to correct.
    pub id: Option<String>,
    /// About whom. It stands in the signed header too.
    pub subject: Subject,
    /// The date of the fact.
    pub date: FactDate,
    /// The running number of the issuer, from 1.
    pub number: u64,
    /// The digest of the payload of its previous statement; none at number 1.
    pub previous: Option<Digest>,
    /// The statement of the same issuer in whose place this one stands.
    pub corrects: Option<Reference>,
    /// The statement that an endorsement, a withdrawal or a comment is about.
    pub refers_to: Option<Reference>,
    /// Where it can be read.
    pub evidence: Vec<Exhibit>,
    /// What a reader should know about it.
    pub note: String,
    /// What it says.
    pub content: Content,
}

/// The payload as it is written, in this order.
#[derive(Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct Wire<'a> {
    /// The kind of the statement.
    #[serde(borrow)]
    kind: Cow<'a, str>,
    /// A label of the issuer's own, such as `T0276`: given once, and again only to correct.
    #[serde(default)]
    #[schemars(length(min = 1, max = 128))]
    id: Option<String>,
    /// The State that it is about; null for the world as a whole, and for matters of trust.
    about: Option<StateCode>,
    /// The date of the fact.
    #[serde(with = "wire::fact_date")]
    #[schemars(with = "wire::WireFactDate")]
    date: FactDate,
    /// The running number of the issuer.
    #[schemars(range(min = 1))]
    number: u64,
    /// The digest of the payload of its previous statement; null at number 1.
    previous: Option<Digest>,
    /// The statement of the same issuer in whose place this one stands.
    #[serde(default)]
    corrects: Option<Reference>,
    /// The statement that an endorsement, a withdrawal or a comment is about.
    #[serde(default)]
    refers_to: Option<Reference>,
    /// Where it can be read.
    #[serde(default)]
    #[schemars(length(max = 64))]
    evidence: Vec<Exhibit>,
    /// What a reader should know about it.
    #[serde(default)]
    note: String,
    /// What it says, by its kind.
    #[serde(borrow)]
    #[schemars(with = "serde_json::Value")]
    says: &'a RawValue,
}

/// Why a payload is refused.
#[derive(Debug, thiserror::Error)]
pub enum PayloadError {
    /// It is not JSON, or not of the shape that its kind asks.
    #[error("the payload: {0}")]
    Json(#[from] serde_json::Error),
    /// What it says.
    #[error("the payload says a {kind}, and it is none: {why}")]
    Says {
        /// The kind.
        kind: Kind,
        /// What is wrong.
        why: serde_json::Error,
    },
    /// Its kind.
    #[error("the payload: {0}")]
    Kind(#[from] UnknownWord),
    /// What the shape alone does not tell.
    #[error("the payload: {0}")]
    Rule(String),
}

impl Payload {
    /// Reads a payload. Its subject stands in the signed header; what the payload says of it must agree.
    pub fn parse(bytes: &[u8], subject: Subject) -> Result<Self, PayloadError> {
        let wire: Wire<'_> = serde_json::from_slice(bytes)?;
        let kind: Kind = wire.kind.parse()?;
        let content = Content::read(kind, wire.says).map_err(|why| PayloadError::Says { kind, why })?;
        let payload = Self {
            id: wire.id,
            subject,
            date: wire.date,
            number: wire.number,
            previous: wire.previous,
            corrects: wire.corrects,
            refers_to: wire.refers_to,
            evidence: wire.evidence,
            note: wire.note,
            content,
        };
        if wire.about != subject.state() {
            let said = wire.about.map_or_else(|| "null".to_owned(), |state| state.to_string());
            return Err(PayloadError::Rule(format!("it is about {said}, and its header about {subject}")));
        }
        payload.check()?;
        Ok(payload)
    }

    /// Writes it: always the same bytes for the same payload.
    pub fn to_bytes(&self) -> Result<Vec<u8>, PayloadError> {
        self.check()?;
        let says = self.content.write()?;
        Ok(serde_json::to_vec(&Wire {
            kind: self.kind().as_str().into(),
            id: self.id.clone(),
            about: self.subject.state(),
            date: self.date,
            number: self.number,
            previous: self.previous,
            corrects: self.corrects.clone(),
            refers_to: self.refers_to.clone(),
            evidence: self.evidence.clone(),
            note: self.note.clone(),
            says: &says,
        })?)
    }

    /// Its kind.
    pub fn kind(&self) -> Kind {
        self.content.kind()
    }

    /// What the shape alone does not tell.
    fn check(&self) -> Result<(), PayloadError> {
        let rule = |text: &str| Err(PayloadError::Rule(text.to_owned()));
        let kind = self.kind();
        if self.number == 0 {
            return rule("numbers begin at 1");
        }
        if (self.number == 1) != self.previous.is_none() {
            return rule("number 1 has no previous statement, and every other has one");
        }
        let label = self.id.as_deref().unwrap_or("x");
        if label.is_empty() || label.len() > LABEL_LEN_MAX || label.contains(char::is_control) {
            return rule("a label has 1 to 128 bytes on one line");
        }
        // The world makes the ids of statements without a label with it.
        if label.contains('#') {
            return rule("a label has no `#`");
        }
        if self.evidence.len() > EVIDENCE_MAX {
            return rule("there are more than 64 pieces of evidence");
        }
        if kind.refers() != self.refers_to.is_some() {
            return rule(
                "an endorsement, a withdrawal and a comment refer to a statement, and nothing else does",
            );
        }
        if kind.is_trust() != (self.subject == Subject::Policy) && kind != Kind::Endorsement {
            return rule("matters of trust are about `policy`, and nothing else is");
        }
        if self.corrects.is_some() && (kind.is_trust() || kind.refers()) {
            return rule("this kind is not corrected: make a new statement");
        }
        self.content.check().or_else(rule)
    }
}

/// What an issuer is about to sign.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// Who says it.
    pub issuer: IssuerId,
    /// What it says.
    pub payload: Payload,
}

/// From the model of the world to payloads, and back.
impl Payload {
    /// A statement as a payload, with number and previous of its place in the sequence of its issuer. `exhibit`
    /// gives the evidence behind a source.
    pub fn of_statement(
        statement: &Statement,
        place: Place,
        exhibit: impl Fn(&SourceId) -> Option<Exhibit>,
    ) -> Self {
        Self {
            id: Some(statement.id.clone()).filter(|id| !id.is_empty()),
            date: statement.date,
            evidence: statement.sources.iter().filter_map(exhibit).collect(),
            note: statement.note.clone(),
            ..Self::new(statement.subject.into(), Content::Fact(statement.body.clone()), place)
        }
    }

    /// How far a list is complete, as a payload.
    pub fn of_coverage(
        coverage: &Coverage,
        place: Place,
        exhibit: impl Fn(&SourceId) -> Option<Exhibit>,
    ) -> Self {
        let Coverage { list, title, complete_to, sources, note } = coverage;
        let says = ListCoverage { list: list.clone(), title: title.clone(), complete_to: *complete_to };
        Self {
            id: Some(format!("list:{list}")),
            date: complete_to.map(FactDate::on).unwrap_or_default(),
            evidence: sources.iter().filter_map(exhibit).collect(),
            note: note.clone(),
            ..Self::new(Subject::World, Content::ListCoverage(says), place)
        }
    }

    /// A published count as a payload.
    pub fn of_count(
        count: &OfficialCount,
        place: Place,
        exhibit: impl Fn(&SourceId) -> Option<Exhibit>,
    ) -> Self {
        let OfficialCount { id, list, measure, value, date, sources, note } = count;
        let says = PublishedCount { list: list.clone(), measure: measure.clone(), value: value.clone() };
        Self {
            id: Some(id.clone()),
            date: (*date).into(),
            evidence: sources.iter().filter_map(exhibit).collect(),
            note: note.clone(),
            ..Self::new(Subject::World, Content::OfficialCount(says), place)
        }
    }

    /// The day to which a compilation goes, as a payload.
    pub fn of_compilation(compiled: Date, place: Place) -> Self {
        Self {
            id: Some("compilation".to_owned()),
            date: FactDate::on(compiled),
            ..Self::new(Subject::World, Content::Compilation(Compilation { compiled }), place)
        }
    }

    /// A payload with nothing but what every one has.
    pub fn new(subject: Subject, content: Content, place: Place) -> Self {
        Self {
            id: None,
            subject,
            date: FactDate::default(),
            number: place.number,
            previous: place.previous,
            corrects: None,
            refers_to: None,
            evidence: Vec::new(),
            note: String::new(),
            content,
        }
    }

    /// The statement for the world, if it is a fact. Its level follows from who says it and what backs it, never
    /// from what the payload says.
    pub fn statement(&self, issuer: &Issuer) -> Option<Statement> {
        self.statement_called(issuer, || {
            self.id.clone().unwrap_or_else(|| format!("{}#{}", issuer.name, self.number))
        })
    }

    /// The same with an id from whoever knows which ids are taken.
    pub fn statement_called(&self, issuer: &Issuer, id: impl FnOnce() -> String) -> Option<Statement> {
        let Content::Fact(body) = &self.content else { return None };
        Some(Statement {
            id: id(),
            issuer: issuer.clone(),
            subject: self.subject.state(),
            date: self.date,
            body: body.clone(),
            sources: self.evidence.iter().map(Exhibit::source_id).collect(),
            level: self.level(issuer),
            note: self.note.clone(),
        })
    }

    /// How far a list is complete, if it says that.
    pub fn coverage(&self) -> Option<Coverage> {
        let Content::ListCoverage(says) = &self.content else { return None };
        Some(Coverage {
            list: says.list.clone(),
            title: says.title.clone(),
            complete_to: says.complete_to,
            sources: self.evidence.iter().map(Exhibit::source_id).collect(),
            note: self.note.clone(),
        })
    }

    /// The published count, if it says one.
    pub fn count(&self) -> Option<OfficialCount> {
        let Content::OfficialCount(says) = &self.content else { return None };
        Some(OfficialCount {
            id: self.id.clone().unwrap_or_default(),
            list: says.list.clone(),
            measure: says.measure.clone(),
            value: says.value.clone(),
            date: self.date.date,
            sources: self.evidence.iter().map(Exhibit::source_id).collect(),
            note: self.note.clone(),
        })
    }

    /// How well it is assured by who says it and by what backs it.
    ///
    /// An observer reports (1); a deposit that it shows from a record of the depositary is evidenced (3). A State that
    /// speaks of itself declares (2), or evidences with the digest of a published document (3). A State that
    /// speaks of another is an observer.
    pub fn level(&self, issuer: &Issuer) -> Level {
        let of_another = issuer.kind == IssuerKind::StateAuthority && issuer.state != self.subject.state();
        let kind = if of_another { IssuerKind::Observer } else { issuer.kind };
        let deposit = matches!(self.kind(), Kind::TreatyAction | Kind::Territory);
        let is_record =
            |exhibit: &Exhibit| exhibit.kind == SourceKind::Depositary && !exhibit.address.is_empty();
        let recorded = deposit && self.evidence.iter().any(is_record);
        let published =
            self.evidence.iter().any(|exhibit| exhibit.sha256.is_some() && !exhibit.address.is_empty());
        let evidence = match kind {
            IssuerKind::Observer if recorded => Evidence::DepositaryRecord,
            IssuerKind::StateAuthority | IssuerKind::InternationalOrganisation if published => {
                Evidence::DocumentWithDigest
            }
            _ => Evidence::WordAlone,
        };
        assurance(kind, evidence)
    }
}

/// The place of a statement in the sequence of its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its number, from 1.
    pub number: u64,
    /// The digest of the payload before it.
    pub previous: Option<Digest>,
}

impl Place {
    /// The place of the first statement of an issuer.
    pub const FIRST: Self = Self { number: 1, previous: None };

    /// The place after a statement with this number and this digest of its payload.
    pub fn after(number: u64, payload: Digest) -> Self {
        Self { number: number.saturating_add(1), previous: Some(payload) }
    }
}

impl Exhibit {
    /// A source of the dataset, as evidence.
    pub fn of_source(source: &Source) -> Self {
        Self {
            id: Some(source.id.to_string()),
            title: source.title.clone(),
            address: source.address.clone(),
            sha256: None,
            read: None,
            kind: source.kind,
            trust: source.trust.clone(),
        }
    }

    /// The id under which the world knows it: its own, or one made of what it is.
    pub fn source_id(&self) -> SourceId {
        if let Some(id) = &self.id {
            return SourceId::from(id.as_str());
        }
        let named = format!("{}\n{}", self.title, self.address);
        let digest = self.sha256.unwrap_or_else(|| Digest::of(named.as_bytes()));
        SourceId::from(format!("sha256-{}", digest.short()).as_str())
    }

    /// The source that it is for the world.
    pub fn source(&self) -> Source {
        Source {
            id: self.source_id(),
            title: self.title.clone(),
            address: self.address.clone(),
            kind: self.kind,
            trust: self.trust.clone(),
        }
    }
}

impl Content {
    /// What the shape alone does not tell.
    fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Fact(body) => body.check(),
            Self::Root(root) => root.check(),
            Self::Issuer(admission) => admission.check(),
            Self::KeyRotation(rotation) => rotation.check(),
            Self::Revocation(revocation) => revocation.check(),
            Self::Policy(policy) => policy.check(),
            Self::ListCoverage(_) | Self::OfficialCount(_) | Self::Compilation(_) => Ok(()),
        }
    }
}

/// Every class of a register has at least so many leaves.
const LEAVES_STEP: u64 = 8;

fn check_attached(attached: Option<&Attachment>) -> Result<(), &'static str> {
    attached.map_or(Ok(()), Attachment::check)
}

impl Body {
    fn check(&self) -> Result<(), &'static str> {
        match self {
            Self::Sites { min, max } if min > max => Err("the least number of sites is above the most"),
            Self::Assessment(assessed) if assessed.met > assessed.of => {
                Err("more requirements are met than were assessed")
            }
            Self::Progress { percent: Some(101..), .. } => Err("progress is beyond 100 percent"),
            Self::RegisterRoot(root) if root.leaves == 0 || !root.leaves.is_multiple_of(LEAVES_STEP) => {
                Err("the leaves of a register are padded, class by class, to a power of two of eight or more")
            }
            Self::RegisterRoot(root) => check_attached(root.package.as_ref()),
            Self::Proof(proven) => proven.check(),
            Self::Disclosure(disclosure) => check_attached(disclosure.package.as_ref()),
            Self::ReviewFinding(finding) => check_attached(finding.review.as_ref()),
            _ => Ok(()),
        }
    }
}
