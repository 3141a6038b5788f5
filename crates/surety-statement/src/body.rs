//! What statements say.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use surety_core::{Date, MassRange, PartialDate, StateCode, words};
use surety_law::{ActionKind, BindingText, Instrument};
use surety_material::{Stock, StockMaterial};
pub use surety_standards::Regime;

use crate::register::{Disclosure, DisclosureReceipt, ProvenClaim, RegisterRoot, ReviewFinding};
use crate::wire::{self, Day};

/// What one statement says of a State or of the world.
///
/// As JSON it is what stands under `says`; the name of the variant is the kind of the statement.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum Body {
    /// A treaty action: signature, deposit, succession, withdrawal, subscription to a pledge.
    TreatyAction {
        /// The instrument.
        instrument: Instrument,
        /// What the State did.
        action: ActionKind,
        /// Of a succession, the day from which it is bound.
        #[serde(default, with = "wire::optional_day")]
        #[schemars(with = "Option<Day>")]
        effective: Option<Date>,
    },
    /// How far a treaty extends for a party.
    Territory {
        /// The instrument.
        instrument: Instrument,
        /// The territory.
        territory: String,
        /// Extension, exclusion or limit.
        effect: String,
    },
    /// It carries out the duties of a text, article by article, party or not.
    Implementation {
        /// The text whose duties are carried out.
        text: BindingText,
        /// The articles, such as `2A`.
        articles: Vec<String>,
        /// Whether it says so in public.
        published: bool,
    },
    /// A law or regulation on nuclear security.
    Regulation {
        /// Its title.
        title: String,
        /// Law, decree, order ….
        regulation_type: String,
        /// Whether its text is published.
        publication: Publication,
        /// Its status as last read.
        status: String,
    },
    /// It hosted a peer review.
    #[serde(rename = "peer-review")]
    Review {
        /// A first mission or a follow-up.
        kind: ReviewKind,
        /// What became public of the findings.
        publication: ReviewPublication,
        /// What was reviewed.
        scope: String,
    },
    /// It takes part in an initiative. In what way is the kind of the statement.
    #[serde(skip)]
    Initiative(Initiative),
    /// It filed a report.
    Report {
        /// Which kind of report.
        kind: ReportKind,
        /// The date of the figures in it.
        data_date: PartialDate,
        /// The document.
        document: String,
        /// Whether it was delivered; false when only announced.
        filed: bool,
    },
    /// It committed itself.
    Commitment {
        /// To what.
        text: String,
        /// By when; unknown when no date was set.
        due: PartialDate,
        /// The material, when the commitment is to reduce one.
        material: Option<StockMaterial>,
    },
    /// How far a commitment has come.
    Progress {
        /// The id of the commitment.
        commitment: String,
        /// What was done.
        text: String,
        /// How much of it, in percent, where that can be told.
        #[schemars(range(max = 100))]
        percent: Option<u8>,
    },
    /// How a commitment ended.
    Fulfilment {
        /// The id of the commitment.
        commitment: String,
        /// Kept, late, broken or left.
        outcome: Outcome,
    },
    /// How much it has.
    Stock(Stock),
    /// A list names it among those with at least 1 kg of weapons-usable material. Where the list is known to be
    /// complete, the States that its edition does not name are no holders.
    ListedHolder {
        /// The list.
        list: String,
    },
    /// It was cleared of a material.
    Cleared {
        /// Of which.
        material: StockMaterial,
        /// By which programme.
        programme: String,
        /// How much went last.
        last_quantity: Option<MassRange>,
        /// Whether the source is firm.
        firm: bool,
    },
    /// A step of a programme that reduces material.
    #[serde(rename = "reduction-programme")]
    Programme(Programme),
    /// A policy or rule that speaks of military material.
    MilitaryPolicy(MilitaryPolicy),
    /// An assessment against the requirement catalogue or the IAEA baseline.
    Assessment(Assessed),
    /// The result of comparing military with civil protection, requirement by requirement.
    #[serde(rename = "parity")]
    ParityResult {
        /// How they compare.
        result: Parity,
    },
    /// The root of a committed register.
    RegisterRoot(RegisterRoot),
    /// A claim proven in zero knowledge against a committed root.
    Proof(ProvenClaim),
    /// Leaves of a committed register were shown to a reader.
    Disclosure(Disclosure),
    /// A reader confirms a disclosure.
    DisclosureReceipt(DisclosureReceipt),
    /// What a reviewer found.
    ReviewFinding(ReviewFinding),
    /// At how many sites it holds weapons-usable material.
    Sites {
        /// At least.
        min: u32,
        /// At most.
        max: u32,
    },
    /// A second officer, or a reviewer, stands behind the statement referred to.
    Endorsement {
        /// In what capacity, such as `second officer`.
        capacity: String,
    },
    /// The issuer takes back the statement referred to.
    Withdrawal {
        /// Why.
        reason: String,
    },
    /// The State concerned comments on the statement referred to.
    Comment {
        /// What it says.
        text: String,
    },
}

impl Body {
    /// The name of the kind of statement, for people and JSON.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TreatyAction { .. } => "treaty action",
            Self::Territory { .. } => "territory",
            Self::Implementation { .. } => "implementation",
            Self::Regulation { .. } => "regulation",
            Self::Review { .. } => "peer review",
            Self::Initiative(initiative) => initiative.kind.as_str(),
            Self::Report { .. } => "report",
            Self::Commitment { .. } => "commitment",
            Self::Progress { .. } => "progress",
            Self::Fulfilment { .. } => "fulfilment",
            Self::Stock(_) => "stock",
            Self::ListedHolder { .. } => "listed holder",
            Self::Cleared { .. } => "cleared",
            Self::Programme(_) => "reduction programme",
            Self::MilitaryPolicy(_) => "military policy",
            Self::Assessment(_) => "assessment",
            Self::ParityResult { .. } => "parity",
            Self::RegisterRoot(_) => "register root",
            Self::Proof(_) => "proof",
            Self::Disclosure(_) => "disclosure",
            Self::DisclosureReceipt(_) => "disclosure receipt",
            Self::ReviewFinding(_) => "review finding",
            Self::Sites { .. } => "sites",
            Self::Endorsement { .. } => "endorsement",
            Self::Withdrawal { .. } => "withdrawal",
            Self::Comment { .. } => "comment",
        }
    }

    /// One line that says it to a person.
    pub fn summary(&self) -> String {
        match self {
            Self::TreatyAction { instrument, action, effective } => match effective {
                Some(day) => format!("{instrument}: {action}, effective {day}"),
                None => format!("{instrument}: {action}"),
            },
            Self::Territory { instrument, territory, effect } => {
                format!("{instrument}: {territory}: {effect}")
            }
            Self::Implementation { text, articles, published } => {
                let public = if *published { "published" } else { "not published" };
                format!("carries out {} articles of {} ({public})", articles.len(), text.as_str())
            }
            Self::Regulation { title, publication, status, .. } => {
                let status = if status.is_empty() { String::new() } else { format!("; {status}") };
                format!("{title} (text published: {publication}{status})")
            }
            Self::Review { kind, publication, .. } => match publication {
                ReviewPublication::Unknown => format!("hosted an IPPAS {kind}"),
                known => format!("hosted an IPPAS {kind}; published: {known}"),
            },
            Self::Initiative(initiative) => format!("{}: {}", initiative.name, initiative.status),
            Self::Report { kind, document, filed, .. } => {
                let document = if document.is_empty() { String::new() } else { format!(" ({document})") };
                let announced = if *filed { "" } else { ", announced or delayed, delivery not confirmed" };
                format!("{}{document}{announced}", kind.title())
            }
            Self::Commitment { text, due, .. } => match due {
                PartialDate::Unknown => format!("commitment: {text}"),
                due => format!("commitment: {text}, due {due}"),
            },
            Self::Progress { commitment, text, percent } => {
                let share = percent.map_or_else(String::new, |percent| format!(" ({percent} %)"));
                format!("progress on the commitment {commitment}{share}: {text}")
            }
            Self::Fulfilment { commitment, outcome } => format!("{outcome}: the commitment {commitment}"),
            Self::Stock(stock) => format!(
                "{} {}, {}: {} at the end of {} ({}, compiled by {})",
                stock.purpose,
                stock.material,
                stock.measure,
                stock.mass,
                stock.year,
                stock.basis,
                stock.compiler
            ),
            Self::ListedHolder { .. } => {
                "listed among the holders of at least 1 kg of weapons-usable material".to_owned()
            }
            Self::Cleared { material, programme, .. } => format!("cleared of {material} ({programme})"),
            Self::Programme(programme) => programme.summary(),
            Self::MilitaryPolicy(policy) => format!("{}: {}", policy.document, policy.text),
            Self::Assessment(assessed) => {
                format!(
                    "{} assessment: {} of {} requirements met",
                    assessed.regime, assessed.met, assessed.of
                )
            }
            Self::ParityResult { result } => format!("military compared with civil protection: {result}"),
            Self::RegisterRoot(root) => root.summary(),
            Self::Proof(proven) => proven.summary(),
            Self::Disclosure(disclosure) => disclosure.summary(),
            Self::DisclosureReceipt(receipt) => receipt.summary(),
            Self::ReviewFinding(finding) => finding.summary(),
            Self::Sites { min, max } => format!("weapons-usable material at {min} to {max} sites"),
            Self::Endorsement { capacity } => format!("endorsed as {capacity}"),
            Self::Withdrawal { reason } => format!("withdrawn: {reason}"),
            Self::Comment { text } => format!("comment: {text}"),
        }
    }
}

words! {
    /// Whether a text is published.
    pub enum Publication("publication") {
        /// It is.
        Yes = "yes",
        /// In part.
        Partly = "partly",
        /// It is not, or is a draft.
        No = "no",
        /// No source says.
        Unknown = "unknown",
    }
}

words! {
    /// A mission or its follow-up.
    pub enum ReviewKind("kind of review") {
        /// A mission.
        Mission = "mission",
        /// A follow-up to an earlier mission.
        FollowUp = "follow-up",
    }
}

words! {
    /// What became public of a review's findings.
    pub enum ReviewPublication("publication of a review") {
        /// The report.
        Yes = "yes",
        /// The report, redacted.
        Redacted = "yes-redacted",
        /// A summary, to parliament.
        SummaryToParliament = "summary-to-parliament",
        /// The number of findings only.
        CountsOfFindings = "counts-of-findings-only",
        /// Nothing, says a source.
        No = "no",
        /// No source says.
        Unknown = "unknown",
    }
}

words! {
    /// What a State does in an initiative.
    pub enum InitiativeKind("kind of participation") {
        /// It gives to an organisation of best practice.
        Contribution = "contribution",
        /// It runs training, or takes part in it.
        Training = "training",
        /// It pledged to join a network of training and support centres.
        TrainingPledge = "training-pledge",
        /// It assists other States.
        Assistance = "assistance",
        /// It takes part.
        Participation = "participation",
        /// It was absent.
        Absence = "absence",
        /// It opposed.
        Opposition = "opposition",
    }
}

/// Taking part in an initiative.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initiative {
    /// The initiative.
    pub name: String,
    /// In what way.
    pub kind: InitiativeKind,
    /// In the words of the source.
    pub status: String,
}

words! {
    /// A kind of report.
    pub enum ReportKind("kind of report") {
        /// Information on laws under CPPNM Article 14(1).
        CppnmArticle14 = "cppnm-art-14",
        /// Annual declaration of civil plutonium.
        Infcirc549 = "infcirc-549",
        /// Acceptance of the plutonium management guidelines.
        Infcirc549Guidelines = "infcirc-549-guidelines",
        /// Highly enriched uranium inside the declaration of civil plutonium.
        Infcirc549Heu = "infcirc-549-heu",
        /// Checklist on INFCIRC/869.
        Infcirc869Checklist = "infcirc-869-checklist",
        /// Report on civil highly enriched uranium.
        Infcirc912 = "infcirc-912",
        /// National progress report to a Nuclear Security Summit.
        SummitReport = "summit-report",
        /// Report to the 1540 Committee.
        Unscr1540Report = "unscr-1540-report",
        /// Action plan given to the 1540 Committee.
        Unscr1540Plan = "unscr-1540-plan",
        /// Consolidated national nuclear security report.
        Consolidated = "consolidated",
    }
}

impl ReportKind {
    /// The name shown to people.
    pub fn title(self) -> &'static str {
        match self {
            Self::CppnmArticle14 => "CPPNM Article 14(1) information on laws",
            Self::Infcirc549 => "INFCIRC/549 declaration of civil plutonium",
            Self::Infcirc549Guidelines => "INFCIRC/549 guidelines accepted",
            Self::Infcirc549Heu => "HEU figures inside the INFCIRC/549 declaration",
            Self::Infcirc869Checklist => "INFCIRC/869 implementation checklist",
            Self::Infcirc912 => "INFCIRC/912 report on civil HEU",
            Self::SummitReport => "Nuclear Security Summit progress report",
            Self::Unscr1540Report => "UNSCR 1540 report",
            Self::Unscr1540Plan => "UNSCR 1540 action plan",
            Self::Consolidated => "consolidated national report",
        }
    }
}

words! {
    /// How a commitment ended.
    pub enum Outcome("outcome") {
        /// Done by its date.
        Kept = "kept",
        /// Done after its date.
        Late = "late",
        /// Not done, says a source.
        Broken = "broken",
        /// The State left the agreement.
        Left = "left",
    }
}

words! {
    /// A step of a reduction programme.
    pub enum ProgrammeAction("programme step") {
        /// Military HEU, or HEU declared excess, blended down.
        Downblending = "downblending",
        /// Civilian HEU blended down.
        CivilDownblending = "civil-downblending",
        /// A civil use converted away from weapons-usable material.
        Conversion = "conversion",
        /// A civil use shut down.
        Shutdown = "shutdown",
        /// Material removed from the State.
        Removal = "removal",
        /// Running total of removals, for all States together.
        RemovalTotal = "removal-total",
        /// Running total of conversions, for all States together.
        ConversionCount = "conversion-count",
        /// Production for weapons ended.
        ProductionEnd = "production-end",
        /// Military material declared excess.
        ExcessDeclaration = "excess-declaration",
        /// Excess material disposed of.
        Disposal = "disposal",
        /// An agreement entered into force.
        AgreementInForce = "agreement-in-force",
        /// An agreement was suspended.
        AgreementSuspended = "agreement-suspended",
        /// An agreement was left.
        AgreementLeft = "agreement-left",
        /// The method of disposition changed.
        ChangeOfMethod = "change-of-method",
    }
}

/// A step of a programme that reduces material.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Programme {
    /// What was done.
    pub action: ProgrammeAction,
    /// Of which materials.
    pub materials: Vec<StockMaterial>,
    /// How much.
    pub amount: Option<MassRange>,
    /// Whether the amount is a running total.
    pub cumulative: bool,
    /// The programme.
    pub name: String,
    /// The State that helped.
    pub partner: Option<StateCode>,
    /// Whether it is done, not only planned or under way.
    pub done: bool,
}

impl Programme {
    fn summary(&self) -> String {
        let materials: Vec<&str> = self.materials.iter().map(|material| material.as_str()).collect();
        let amount = self.amount.map_or_else(String::new, |amount| format!(" {amount}"));
        let total = if self.cumulative { " so far" } else { "" };
        let planned = if self.done { "" } else { ", not completed as last read" };
        format!("{}: {} of {}{amount}{total}{planned}", self.name, self.action, materials.join(" and "))
    }
}

words! {
    /// A kind of text that speaks of military material.
    pub enum MilitaryPolicyKind("kind of military policy") {
        /// A law, regulation or order.
        Law = "law",
        /// A statement or speech.
        Statement = "statement",
        /// A joint statement of States.
        JointStatement = "joint-statement",
        /// A summit communiqué.
        Communique = "communique",
        /// A national report.
        Report = "report",
        /// An audit.
        Audit = "audit",
    }
}

words! {
    /// Whether a rule reaches military material.
    pub enum MilitaryCoverage("coverage of military material") {
        /// It does.
        Yes = "yes",
        /// In part.
        Partly = "partly",
        /// The text does not show.
        Unclear = "unclear",
        /// It does not.
        No = "no",
    }
}

words! {
    /// What a text says of the standard to which military material is held.
    pub enum MilitaryStandard("military standard") {
        /// The same as civilian material, or higher.
        SameOrHigher = "same-or-higher",
        /// The same in part.
        Partly = "partly",
        /// A separate regime, not compared.
        SeparateRegime = "separate-regime",
        /// That States are responsible, and no more.
        ResponsibilityOnly = "responsibility-only",
        /// Safety, not security.
        SafetyOnly = "safety-only",
        /// Nothing clear.
        Unclear = "unclear",
        /// Nothing.
        Silent = "silent",
        /// Nothing, in a text of which one might expect it.
        NotStated = "not-stated",
        /// The text is about something else.
        NotApplicable = "not-applicable",
    }
}

/// A policy or rule that speaks of military material.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MilitaryPolicy {
    /// What kind of text it is.
    pub kind: MilitaryPolicyKind,
    /// The document.
    pub document: String,
    /// Whether it reaches military material.
    pub covers: MilitaryCoverage,
    /// What it says of the standard.
    pub standard: MilitaryStandard,
    /// Whether it tells of briefings or exchanges with others.
    pub exchange: bool,
    /// What it says, in our own words.
    pub text: String,
}

/// The result of an assessment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Assessed {
    /// Of which regime.
    pub regime: Regime,
    /// How many requirements are met.
    pub met: u32,
    /// Of how many assessed.
    pub of: u32,
}

words! {
    /// Military against civil protection.
    pub enum Parity("parity") {
        /// For every requirement the same or higher, and at least the IAEA baseline.
        SameOrHigher = "same or higher",
        /// For some requirements.
        Partly = "partly",
        /// Lower.
        Lower = "lower",
    }
}

words! {
    /// A claim that can be proven in zero knowledge.
    pub enum Claim("claim") {
        /// A total lies within published bounds.
        Total = "total",
        /// A total fell between two roots.
        Decrease = "decrease",
        /// A total is zero.
        Elimination = "elimination",
        /// No site is above a category's threshold.
        Category = "category",
        /// The number of sites is at most a bound.
        Sites = "sites",
        /// The number of sites fell between two roots.
        FewerSites = "fewer sites",
        /// Military maturity is at least civil maturity, and at least the baseline.
        Parity = "parity",
        /// Every material balance lies within its alarm threshold.
        Balance = "balance",
    }
}
