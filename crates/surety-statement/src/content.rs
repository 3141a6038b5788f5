//! The kinds of statement, and what each says.

use serde::de::value::StrDeserializer;
use serde::de::{
    self, DeserializeSeed, Deserializer as _, EnumAccess, IntoDeserializer, VariantAccess, Visitor,
};
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};
use surety_core::words;

use crate::admission::{Admission, KeyRotation, LogPolicy, Revocation, RootKeys};
use crate::body::{Body, Initiative, InitiativeKind};
use crate::coverage::{Compilation, ListCoverage, PublishedCount};

words! {
    /// The kind of a statement, as it stands in its payload.
    pub enum Kind("kind of statement") {
        /// A treaty action: signature, deposit, succession, withdrawal, subscription to a pledge.
        TreatyAction = "treaty-action",
        /// How far a treaty extends for a party.
        Territory = "territory",
        /// Duties carried out, article by article, party or not.
        Implementation = "implementation",
        /// A law or regulation, and whether its text is published.
        Regulation = "regulation",
        /// A peer review hosted, and what became public of it.
        PeerReview = "peer-review",
        /// A contribution to an organisation of best practice.
        Contribution = "contribution",
        /// Training.
        Training = "training",
        /// A pledge to join a network of training and support centres.
        TrainingPledge = "training-pledge",
        /// Assistance to other States.
        Assistance = "assistance",
        /// Taking part in an initiative.
        Participation = "participation",
        /// Absence from it.
        Absence = "absence",
        /// Opposition to it.
        Opposition = "opposition",
        /// A report filed.
        Report = "report",
        /// A commitment.
        Commitment = "commitment",
        /// How far a commitment has come.
        Progress = "progress",
        /// How it ended.
        Fulfilment = "fulfilment",
        /// A stock of weapons-usable material at the end of a year.
        Stock = "stock",
        /// A list that names a holder.
        ListedHolder = "listed-holder",
        /// Clearance of a material.
        Cleared = "cleared",
        /// A step of a programme that reduces material.
        ReductionProgramme = "reduction-programme",
        /// A policy or rule, and the standard to which it holds military material.
        MilitaryPolicy = "military-policy",
        /// An assessment against the requirement catalogue.
        Assessment = "assessment",
        /// Military compared with civil protection.
        Parity = "parity",
        /// The root of a committed register.
        RegisterRoot = "register-root",
        /// A claim proven against it.
        Proof = "proof",
        /// A disclosure to one reader.
        Disclosure = "disclosure",
        /// The reader's receipt.
        DisclosureReceipt = "disclosure-receipt",
        /// What a reviewer found.
        ReviewFinding = "review-finding",
        /// The number of sites.
        Sites = "sites",
        /// An endorsement of another statement.
        Endorsement = "endorsement",
        /// A withdrawal of one's own statement.
        Withdrawal = "withdrawal",
        /// A comment by the State concerned.
        Comment = "comment",
        /// How far a list is complete.
        ListCoverage = "list-coverage",
        /// A count that someone in a position to know has published.
        OfficialCount = "official-count",
        /// The day to which what an issuer compiled from open sources goes.
        Compilation = "compilation",
        /// The root of trust of a log.
        Root = "root",
        /// The admission of an issuer.
        Issuer = "issuer",
        /// New keys for an issuer.
        KeyRotation = "key-rotation",
        /// The end of keys.
        Revocation = "revocation",
        /// The policy of a log.
        Policy = "policy",
    }
}

impl Kind {
    /// Whether it is a matter of trust in a log, and says nothing of the world.
    pub fn is_trust(self) -> bool {
        matches!(self, Self::Root | Self::Issuer | Self::KeyRotation | Self::Revocation | Self::Policy)
    }

    /// Whether it makes sense only with another statement that it refers to.
    pub fn refers(self) -> bool {
        matches!(self, Self::Endorsement | Self::Withdrawal | Self::Comment)
    }

    /// Its title for people.
    pub fn title(self) -> String {
        self.as_str().replace('-', " ")
    }
}

/// What a statement says: a fact, a table of the dataset that verdicts use, or a matter of trust.
#[derive(Debug, Clone, PartialEq)]
pub enum Content {
    /// Something about a State or the world.
    Fact(Body),
    /// How far a list is complete.
    ListCoverage(ListCoverage),
    /// A published count.
    OfficialCount(PublishedCount),
    /// The day to which what an issuer compiled goes.
    Compilation(Compilation),
    /// The root of trust.
    Root(RootKeys),
    /// An issuer admitted.
    Issuer(Admission),
    /// New keys for an issuer.
    KeyRotation(KeyRotation),
    /// Keys ended.
    Revocation(Revocation),
    /// The policy of the log.
    Policy(LogPolicy),
}

/// What is said of an initiative: in what way the State takes part is the kind of the statement.
#[derive(Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct InitiativeSays {
    /// The initiative.
    name: String,
    /// In the words of the source.
    status: String,
}

impl Content {
    /// The kind of the statement.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Fact(body) => body.statement_kind(),
            Self::ListCoverage(_) => Kind::ListCoverage,
            Self::OfficialCount(_) => Kind::OfficialCount,
            Self::Compilation(_) => Kind::Compilation,
            Self::Root(_) => Kind::Root,
            Self::Issuer(_) => Kind::Issuer,
            Self::KeyRotation(_) => Kind::KeyRotation,
            Self::Revocation(_) => Kind::Revocation,
            Self::Policy(_) => Kind::Policy,
        }
    }

    /// Reads what stands under `says` in a statement of this kind.
    pub(crate) fn read(kind: Kind, says: &RawValue) -> serde_json::Result<Self> {
        let text = says.get();
        Ok(match kind {
            Kind::ListCoverage => Self::ListCoverage(serde_json::from_str(text)?),
            Kind::OfficialCount => Self::OfficialCount(serde_json::from_str(text)?),
            Kind::Compilation => Self::Compilation(serde_json::from_str(text)?),
            Kind::Root => Self::Root(serde_json::from_str(text)?),
            Kind::Issuer => Self::Issuer(serde_json::from_str(text)?),
            Kind::KeyRotation => Self::KeyRotation(serde_json::from_str(text)?),
            Kind::Revocation => Self::Revocation(serde_json::from_str(text)?),
            Kind::Policy => Self::Policy(serde_json::from_str(text)?),
            fact => Self::Fact(match initiative_kind(fact) {
                Some(kind) => {
                    let InitiativeSays { name, status } = serde_json::from_str(text)?;
                    Body::Initiative(Initiative { name, kind, status })
                }
                None => Body::deserialize(Variant { kind: fact, says: text })?,
            }),
        })
    }

    /// Writes what stands under `says`.
    pub(crate) fn write(&self) -> serde_json::Result<Box<RawValue>> {
        match self {
            Self::Fact(body) => write_body(body),
            Self::ListCoverage(says) => to_raw_value(says),
            Self::OfficialCount(says) => to_raw_value(says),
            Self::Compilation(says) => to_raw_value(says),
            Self::Root(says) => to_raw_value(says),
            Self::Issuer(says) => to_raw_value(says),
            Self::KeyRotation(says) => to_raw_value(says),
            Self::Revocation(says) => to_raw_value(says),
            Self::Policy(says) => to_raw_value(says),
        }
    }

    /// One line that says it to a person.
    pub fn summary(&self) -> String {
        match self {
            Self::Fact(body) => body.summary(),
            Self::ListCoverage(says) => says.summary(),
            Self::OfficialCount(says) => format!("{}: {}", says.measure, says.value),
            Self::Compilation(says) => format!("compiled from open sources to {}", says.compiled),
            Self::Root(root) => {
                format!("root of trust: {} of {} officers decide", root.threshold, root.officers.len())
            }
            Self::Issuer(admission) => {
                format!("admits {} ({}), {}", admission.issuer, admission.name, admission.kind)
            }
            Self::KeyRotation(rotation) => format!(
                "keys of {}: {} new, {} retired",
                rotation.issuer,
                rotation.add.len(),
                rotation.retire.len()
            ),
            Self::Revocation(revocation) => {
                let what = match revocation.keys.len() {
                    0 => "every key".to_owned(),
                    1 => "one key".to_owned(),
                    n => format!("{n} keys"),
                };
                format!("revokes {what} of {}: {}", revocation.issuer, revocation.reason)
            }
            Self::Policy(_) => "policy of the log".to_owned(),
        }
    }
}

impl Body {
    /// The kind of a statement that says this.
    pub fn statement_kind(&self) -> Kind {
        match self {
            Self::TreatyAction { .. } => Kind::TreatyAction,
            Self::Territory { .. } => Kind::Territory,
            Self::Implementation { .. } => Kind::Implementation,
            Self::Regulation { .. } => Kind::Regulation,
            Self::Review { .. } => Kind::PeerReview,
            Self::Initiative(initiative) => match initiative.kind {
                InitiativeKind::Contribution => Kind::Contribution,
                InitiativeKind::Training => Kind::Training,
                InitiativeKind::TrainingPledge => Kind::TrainingPledge,
                InitiativeKind::Assistance => Kind::Assistance,
                InitiativeKind::Participation => Kind::Participation,
                InitiativeKind::Absence => Kind::Absence,
                InitiativeKind::Opposition => Kind::Opposition,
            },
            Self::Report { .. } => Kind::Report,
            Self::Commitment { .. } => Kind::Commitment,
            Self::Progress { .. } => Kind::Progress,
            Self::Fulfilment { .. } => Kind::Fulfilment,
            Self::Stock(_) => Kind::Stock,
            Self::ListedHolder { .. } => Kind::ListedHolder,
            Self::Cleared { .. } => Kind::Cleared,
            Self::Programme(_) => Kind::ReductionProgramme,
            Self::MilitaryPolicy(_) => Kind::MilitaryPolicy,
            Self::Assessment(_) => Kind::Assessment,
            Self::ParityResult { .. } => Kind::Parity,
            Self::RegisterRoot(_) => Kind::RegisterRoot,
            Self::Proof(_) => Kind::Proof,
            Self::Disclosure(_) => Kind::Disclosure,
            Self::DisclosureReceipt(_) => Kind::DisclosureReceipt,
            Self::ReviewFinding(_) => Kind::ReviewFinding,
            Self::Sites { .. } => Kind::Sites,
            Self::Endorsement { .. } => Kind::Endorsement,
            Self::Withdrawal { .. } => Kind::Withdrawal,
            Self::Comment { .. } => Kind::Comment,
        }
    }
}

/// The participation that a kind of statement tells of.
pub(crate) fn initiative_kind(kind: Kind) -> Option<InitiativeKind> {
    Some(match kind {
        Kind::Contribution => InitiativeKind::Contribution,
        Kind::Training => InitiativeKind::Training,
        Kind::TrainingPledge => InitiativeKind::TrainingPledge,
        Kind::Assistance => InitiativeKind::Assistance,
        Kind::Participation => InitiativeKind::Participation,
        Kind::Absence => InitiativeKind::Absence,
        Kind::Opposition => InitiativeKind::Opposition,
        _ => return None,
    })
}

/// `{"<kind>":<says>}` without the kind: the variant's name stands elsewhere in the payload.
fn write_body(body: &Body) -> serde_json::Result<Box<RawValue>> {
    if let Body::Initiative(Initiative { name, status, .. }) = body {
        let says = InitiativeSays { name: name.clone(), status: status.clone() };
        return to_raw_value(&says);
    }
    let tagged = serde_json::to_string(body)?;
    let says = tagged.split_once(':').and_then(|(_, rest)| rest.strip_suffix('}')).unwrap_or_default();
    RawValue::from_string(says.to_owned())
}

/// A variant of [`Body`] whose name and content stand at two places of the payload.
struct Variant<'de> {
    kind: Kind,
    says: &'de str,
}

impl<'de> de::Deserializer<'de> for Variant<'de> {
    type Error = serde_json::Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> serde_json::Result<V::Value> {
        visitor.visit_enum(self)
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map struct enum identifier ignored_any
    }
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = serde_json::Error;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> serde_json::Result<(S::Value, Self)> {
        let name: StrDeserializer<'static, serde_json::Error> = self.kind.as_str().into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = serde_json::Error;

    fn unit_variant(self) -> serde_json::Result<()> {
        Err(de::Error::custom("every kind of statement says something"))
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> serde_json::Result<S::Value> {
        seed.deserialize(&mut serde_json::Deserializer::from_str(self.says))
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> serde_json::Result<V::Value> {
        serde_json::Deserializer::from_str(self.says).deserialize_tuple(len, visitor)
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> serde_json::Result<V::Value> {
        serde_json::Deserializer::from_str(self.says).deserialize_struct("says", fields, visitor)
    }
}
