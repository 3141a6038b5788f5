//! The charter: what the four aims ask of each State, action by action.
//!
//! An action is one line of [`CHARTER`] and one function that decides it. Rules for all:
//!
//! - Silence is [`NoPublicEvidence`](Verdict::NoPublicEvidence), unless the list that would name the State is known to be
//!   complete.
//! - A verdict is never better than its best supporting fact, whose assurance level it carries.
//! - A fact older than its action's window counts as [`PartlyMet`](Verdict::PartlyMet).
//! - Of two issuers who disagree the one with the higher standing for that kind of fact prevails; the other is
//!   cited as contradicting, never dropped.

mod confidence;
mod legal;
mod military;
mod minimisation;

pub use confidence::{Commitment, commitments_of};

use surety_core::{Aim, Date, Level, PartialDate, StateCode, Verdict, words};
use surety_statement::{Coverage, Stance, Statement, Topic};

use crate::base::{Base, Window};
use crate::finding::Finding;
use crate::holding::{Holding, HoldingStatus};

words! {
    /// The id of a charter action.
    pub enum ActionId("charter action") {
        /// Military material protected to the same or a higher standard.
        M1 = "M1",
        /// Standards at least consistent with IAEA guidance.
        M2 = "M2",
        /// Others reassured in the last five years.
        M3 = "M3",
        /// Military stock declared, or a register committed.
        M4 = "M4",
        /// Party to ICSANT.
        L1 = "L1",
        /// Party to the CPPNM.
        L2 = "L2",
        /// Bound by the 2005 Amendment.
        L3 = "L3",
        /// Carries out ICSANT's duties.
        L4 = "L4",
        /// Carries out the amended CPPNM's duties.
        L5 = "L5",
        /// Says so in public.
        L6 = "L6",
        /// Committed to IAEA guidance.
        L7 = "L7",
        /// Implements IAEA guidance.
        L8 = "L8",
        /// Hosted a peer review.
        C1 = "C1",
        /// Published what the review found.
        C2 = "C2",
        /// Publishes its regulations.
        C3 = "C3",
        /// Contributes to organisations of best practice.
        C4 = "C4",
        /// Takes part in workshops and training.
        C5 = "C5",
        /// Gives assistance.
        C6 = "C6",
        /// Reports regularly.
        C7 = "C7",
        /// Keeps its word.
        C8 = "C8",
        /// Civilian HEU none or falling.
        D1 = "D1",
        /// Civilian separated plutonium none or falling.
        D2 = "D2",
        /// Converts or closes civilian uses.
        D3 = "D3",
        /// Military stock none, falling, or excess disposed of.
        D4 = "D4",
        /// Fewer sites.
        D5 = "D5",
        /// Reduction commitment with a date, on track.
        D6 = "D6",
        /// Reports its stocks every year.
        D7 = "D7",
    }
}

/// Whom an action asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum AppliesTo {
    /// Every State.
    EveryState,
    /// Holders and States with nuclear facilities.
    HoldersAndFacilities,
    /// Holders with material outside civilian programmes.
    MilitaryHolders,
    /// Holders, and former holders to stay clear.
    HoldersPastAndPresent,
    /// Holders.
    Holders,
}

impl AppliesTo {
    /// The words shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::EveryState => "every State",
            Self::HoldersAndFacilities => "holders and States with nuclear facilities",
            Self::MilitaryHolders => "holders of military material",
            Self::HoldersPastAndPresent => "holders, and former holders to stay clear",
            Self::Holders => "holders",
        }
    }
}

/// One action of the charter.
#[derive(Debug, Clone, Copy)]
pub struct CharterAction {
    /// Its id.
    pub id: ActionId,
    /// The aim that it serves.
    pub aim: Aim,
    /// What a State that meets it does.
    pub title: &'static str,
    /// Whom it asks.
    pub applies_to: AppliesTo,
    /// What decides the verdict.
    pub decided_by: &'static str,
    /// The list of the dataset that would name a State that meets it, where there is one: how far it is complete
    /// decides what silence means.
    pub list: Option<&'static str>,
    judge: fn(&Case<'_, '_>) -> Finding,
}

/// Every action, in order.
pub const CHARTER: [CharterAction; 27] = [
    CharterAction {
        id: ActionId::M1,
        aim: Aim::Military,
        title: "protects military material to the same or a higher standard than civilian material",
        applies_to: AppliesTo::MilitaryHolders,
        decided_by: "a statement to that effect; a parity result; a proof of parity",
        list: Some("MILITARY"),
        judge: military::same_or_higher_standard,
    },
    CharterAction {
        id: ActionId::M2,
        aim: Aim::Military,
        title: "applies standards to it at least consistent with IAEA guidance",
        applies_to: AppliesTo::MilitaryHolders,
        decided_by: "published policy or regulation that covers it; an assessment against the IAEA baseline; a proof of parity",
        list: Some("MILITARY"),
        judge: military::consistent_with_guidance,
    },
    CharterAction {
        id: ActionId::M3,
        aim: Aim::Military,
        title: "has reassured others in the last five years",
        applies_to: AppliesTo::MilitaryHolders,
        decided_by: "a published regulation for military sites, a peer review or best-practice exchange, a briefing, a declared stock, a disclosure or a proof",
        list: Some("MILITARY"),
        judge: military::reassured_others,
    },
    CharterAction {
        id: ActionId::M4,
        aim: Aim::Military,
        title: "has declared its military stock, or committed to a register of it",
        applies_to: AppliesTo::MilitaryHolders,
        decided_by: "a declared total (a range will do), a committed root, a proven total",
        list: Some("STOCKS"),
        judge: military::declared_stock,
    },
    CharterAction {
        id: ActionId::L1,
        aim: Aim::Legal,
        title: "is party to ICSANT",
        applies_to: AppliesTo::EveryState,
        decided_by: "the treaty engine",
        list: Some("ICSANT"),
        judge: legal::party_to_icsant,
    },
    CharterAction {
        id: ActionId::L2,
        aim: Aim::Legal,
        title: "is party to the CPPNM",
        applies_to: AppliesTo::EveryState,
        decided_by: "the treaty engine",
        list: Some("CPPNM"),
        judge: legal::party_to_cppnm,
    },
    CharterAction {
        id: ActionId::L3,
        aim: Aim::Legal,
        title: "is bound by the 2005 Amendment",
        applies_to: AppliesTo::EveryState,
        decided_by: "the treaty engine",
        list: Some("CPPNM-A"),
        judge: legal::bound_by_amendment,
    },
    CharterAction {
        id: ActionId::L4,
        aim: Aim::Legal,
        title: "carries out ICSANT's duties, party or not",
        applies_to: AppliesTo::EveryState,
        decided_by: "statements of implementation, article by article; share of duties covered",
        list: None,
        judge: legal::carries_out_icsant,
    },
    CharterAction {
        id: ActionId::L5,
        aim: Aim::Legal,
        title: "carries out the amended CPPNM's duties, party or not",
        applies_to: AppliesTo::EveryState,
        decided_by: "statements of implementation, article by article; share of duties covered",
        list: None,
        judge: legal::carries_out_cppnm,
    },
    CharterAction {
        id: ActionId::L6,
        aim: Aim::Legal,
        title: "says so in public",
        applies_to: AppliesTo::EveryState,
        decided_by: "non-party: voluntary implementation published; party: laws notified under CPPNM Art. 14(1)",
        list: Some("REPORTS"),
        judge: legal::says_so_in_public,
    },
    CharterAction {
        id: ActionId::L7,
        aim: Aim::Legal,
        title: "has committed itself to IAEA guidance",
        applies_to: AppliesTo::EveryState,
        decided_by: "subscription to INFCIRC/869",
        list: Some("INFCIRC/869"),
        judge: legal::committed_to_guidance,
    },
    CharterAction {
        id: ActionId::L8,
        aim: Aim::Legal,
        title: "implements IAEA guidance",
        applies_to: AppliesTo::EveryState,
        decided_by: "a published assessment against the Nuclear Security Series; share of requirements met",
        list: Some("REPORTS"),
        judge: legal::implements_guidance,
    },
    CharterAction {
        id: ActionId::C1,
        aim: Aim::Confidence,
        title: "has hosted a peer review in the last ten years",
        applies_to: AppliesTo::HoldersAndFacilities,
        decided_by: "IPPAS missions and follow-ups",
        list: Some("IPPAS"),
        judge: confidence::hosted_review,
    },
    CharterAction {
        id: ActionId::C2,
        aim: Aim::Confidence,
        title: "has published what the review found",
        applies_to: AppliesTo::HoldersAndFacilities,
        decided_by: "report, summary, or a reviewer's statement",
        list: Some("IPPAS"),
        judge: confidence::published_review,
    },
    CharterAction {
        id: ActionId::C3,
        aim: Aim::Confidence,
        title: "publishes its nuclear security regulations",
        applies_to: AppliesTo::EveryState,
        decided_by: "regulations, with where to read them",
        list: Some("REGULATIONS"),
        judge: confidence::publishes_regulations,
    },
    CharterAction {
        id: ActionId::C4,
        aim: Aim::Confidence,
        title: "contributes to organisations that promote best practice",
        applies_to: AppliesTo::EveryState,
        decided_by: "IAEA Nuclear Security Fund, WINS, and the like",
        list: Some("INITIATIVES"),
        judge: confidence::contributes,
    },
    CharterAction {
        id: ActionId::C5,
        aim: Aim::Confidence,
        title: "takes part in workshops and training",
        applies_to: AppliesTo::EveryState,
        decided_by: "support centres, hosted or attended events",
        list: Some("INITIATIVES"),
        judge: confidence::trains,
    },
    CharterAction {
        id: ActionId::C6,
        aim: Aim::Confidence,
        title: "gives security assistance to other States",
        applies_to: AppliesTo::EveryState,
        decided_by: "assistance programmes, Global Partnership, removals helped",
        list: Some("INITIATIVES"),
        judge: confidence::assists,
    },
    CharterAction {
        id: ActionId::C7,
        aim: Aim::Confidence,
        title: "reports regularly",
        applies_to: AppliesTo::EveryState,
        decided_by: "UNSCR 1540, CPPNM Art. 14, consolidated or summit reports, in the last five years",
        list: Some("REPORTS"),
        judge: confidence::reports,
    },
    CharterAction {
        id: ActionId::C8,
        aim: Aim::Confidence,
        title: "keeps its word",
        applies_to: AppliesTo::EveryState,
        decided_by: "of its commitments that are due: kept, late, broken, unknown",
        list: None,
        judge: confidence::keeps_its_word,
    },
    CharterAction {
        id: ActionId::D1,
        aim: Aim::Minimisation,
        title: "civilian HEU: none, or falling",
        applies_to: AppliesTo::HoldersPastAndPresent,
        decided_by: "stocks over five years, ranges respected: a change inside the uncertainty is not a trend; a proof that none is left, or that it fell",
        list: Some("STOCKS"),
        judge: minimisation::civilian_heu,
    },
    CharterAction {
        id: ActionId::D2,
        aim: Aim::Minimisation,
        title: "civilian separated plutonium: none, or falling",
        applies_to: AppliesTo::HoldersPastAndPresent,
        decided_by: "stocks over five years, ranges respected: a change inside the uncertainty is not a trend; a proof that none is left, or that it fell",
        list: Some("STOCKS"),
        judge: minimisation::civilian_plutonium,
    },
    CharterAction {
        id: ActionId::D3,
        aim: Aim::Minimisation,
        title: "converts or closes civilian uses of weapons-usable material",
        applies_to: AppliesTo::HoldersPastAndPresent,
        decided_by: "conversions, shutdowns, removals",
        list: Some("CLEARED"),
        judge: minimisation::converts_or_closes,
    },
    CharterAction {
        id: ActionId::D4,
        aim: Aim::Minimisation,
        title: "military stock: none, falling, or excess declared and disposed of",
        applies_to: AppliesTo::Holders,
        decided_by: "stocks, programmes; a proof that none is left, or that it fell",
        list: Some("STOCKS"),
        judge: minimisation::military_stock,
    },
    CharterAction {
        id: ActionId::D5,
        aim: Aim::Minimisation,
        title: "fewer sites",
        applies_to: AppliesTo::Holders,
        decided_by: "declared number of sites or a band; a proof that the number fell",
        list: None,
        judge: minimisation::fewer_sites,
    },
    CharterAction {
        id: ActionId::D6,
        aim: Aim::Minimisation,
        title: "has a reduction commitment with a date, and is on track",
        applies_to: AppliesTo::Holders,
        decided_by: "commitments against stocks",
        list: None,
        judge: minimisation::reduction_commitment,
    },
    CharterAction {
        id: ActionId::D7,
        aim: Aim::Minimisation,
        title: "reports its stocks every year",
        applies_to: AppliesTo::Holders,
        decided_by: "INFCIRC/549, INFCIRC/912, national reports",
        list: Some("INFCIRC/549"),
        judge: minimisation::reports_stocks,
    },
];

impl ActionId {
    /// The line of the charter.
    pub fn action(self) -> &'static CharterAction {
        &CHARTER[self as usize]
    }
}

/// No action has that id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no charter action is called `{asked}`: {hint}")]
pub struct UnknownAction {
    asked: String,
    hint: String,
}

/// Finds an action by its id, in any case.
///
/// # Errors
/// When no action has it; the error names those of the same aim, or all.
pub fn find_action(text: &str) -> Result<&'static CharterAction, UnknownAction> {
    let wanted = text.trim().to_uppercase();
    if let Ok(id) = wanted.parse::<ActionId>() {
        return Ok(id.action());
    }
    let of_that_aim: Vec<&str> =
        ActionId::ALL.iter().map(|id| id.as_str()).filter(|id| wanted.starts_with(&id[..1])).collect();
    let hint = if of_that_aim.is_empty() {
        "use M1 to M4, L1 to L8, C1 to C8 or D1 to D7".to_owned()
    } else {
        format!("did you mean one of {}?", of_that_aim.join(", "))
    };
    Err(UnknownAction { asked: text.to_owned(), hint })
}

/// One State on one date, with what is known of it: all that a verdict may look at.
pub(crate) struct Case<'b, 'a> {
    pub(crate) base: &'b Base<'a>,
    pub(crate) state: StateCode,
    pub(crate) as_of: Date,
    pub(crate) holding: Holding,
    /// The statements about the State that hold on the date, in the order given.
    known: Vec<u32>,
}

impl<'b, 'a> Case<'b, 'a> {
    pub(crate) fn new(base: &'b Base<'a>, state: StateCode, as_of: Date) -> Self {
        let known = base
            .statements_about(state)
            .iter()
            .copied()
            .filter(|index| base.statement(*index).holds_on(as_of, base.facts.compiled))
            .collect();
        Self { base, state, as_of, holding: Holding::of(base, state, as_of), known }
    }

    /// The statements about the State that hold on the date and of which `pick` wants something.
    fn pick<T>(&self, pick: impl Fn(&'a Statement) -> Option<T>) -> Vec<(u32, T)> {
        self.known.iter().filter_map(|index| Some((*index, pick(self.base.statement(*index))?))).collect()
    }

    /// Of the statements that hold, those that `wanted` accepts.
    fn matching(&self, wanted: impl Fn(&'a Statement) -> bool) -> Vec<u32> {
        self.pick(|statement| wanted(statement).then_some(())).into_iter().map(|(index, ())| index).collect()
    }

    /// Splits statements into those whose date lies within a window before the date asked, and the rest.
    fn recent(&self, statements: &[u32], window: Window) -> (Vec<u32>, Vec<u32>) {
        let is_recent = |index: u32| self.base.statement(index).date.within_years(window.years(), self.as_of);
        statements.iter().partition(|index| is_recent(**index))
    }

    /// The latest date of some statements, for a reader.
    fn latest(&self, statements: &[u32]) -> Option<PartialDate> {
        statements
            .iter()
            .map(|index| self.base.statement(*index).date.date)
            .max_by_key(|date| date.last_day())
    }

    /// The same, as a note.
    fn when(&self, statements: &[u32]) -> String {
        match self.latest(statements) {
            None | Some(PartialDate::Unknown) => "no source gives its date".to_owned(),
            Some(date) => format!("the latest is of {date}"),
        }
    }

    fn cite(&self, finding: Finding, cited: impl IntoIterator<Item = u32>, stance: Stance) -> Finding {
        finding.cite(self.base.facts.statements, cited, stance)
    }

    fn met(&self, action: ActionId, supports: impl IntoIterator<Item = u32>) -> Finding {
        self.cite(Finding::new(action, Verdict::Met), supports, Stance::Supports)
    }

    fn partly(&self, action: ActionId, supports: impl IntoIterator<Item = u32>) -> Finding {
        self.cite(Finding::new(action, Verdict::PartlyMet), supports, Stance::Supports)
    }

    fn not_met(&self, action: ActionId, supports: impl IntoIterator<Item = u32>) -> Finding {
        self.cite(Finding::new(action, Verdict::NotMet), supports, Stance::Supports)
    }

    /// Met when a fact lies within the window, partly met when all are older, silence when there are none.
    fn within_window(&self, action: ActionId, statements: &[u32], window: Window) -> Finding {
        let (recent, older) = self.recent(statements, window);
        if !recent.is_empty() {
            let note = self.when(&recent);
            return self.cite(self.met(action, recent).note(note), older, Stance::Context);
        }
        if older.is_empty() {
            return silence(action);
        }
        let note = match self.latest(&older) {
            None | Some(PartialDate::Unknown) => self.when(&older),
            Some(_) => format!("{}, more than {} years ago", self.when(&older), window.years()),
        };
        self.partly(action, older).note(note)
    }

    /// How far a statement carries on a topic: the standing of its issuer, then its date. One without a date comes
    /// before all that have one.
    fn rank(&self, index: u32, topic: Topic) -> (u8, Option<Date>) {
        let statement = self.base.statement(index);
        (statement.issuer.standing(topic, statement.subject), statement.date.date.last_day())
    }

    /// Of statements that each come to a verdict, the one of the issuer with the highest standing prevails, and of
    /// that issuer the latest. Others that come to another verdict contradict it; older ones of the same issuer are
    /// superseded.
    fn prevailing(&self, action: ActionId, topic: Topic, claims: &[(u32, Verdict)]) -> Option<Finding> {
        let (best, verdict) = claims.iter().copied().max_by_key(|(index, _)| self.rank(*index, topic))?;
        let issuer = &self.base.statement(best).issuer;
        let mut finding = Finding::new(action, verdict);
        finding = self.cite(finding, [best], Stance::Supports);
        for (index, other) in claims {
            let stance = match (*other == verdict, self.base.statement(*index).issuer == *issuer) {
                (true, _) => Stance::Supports,
                (false, true) => Stance::Context,
                (false, false) => Stance::Contradicts,
            };
            finding = self.cite(finding, [*index], stance);
        }
        Some(finding)
    }
}

/// Nothing public says either way.
fn silence(action: ActionId) -> Finding {
    Finding::new(action, Verdict::NoPublicEvidence)
}

/// The finding on a State that the charter does not ask on the date.
pub(crate) fn not_asked(action: ActionId) -> Finding {
    Finding::new(action, Verdict::NotApplicable)
        .note("the charter does not ask it on this date")
        .step("Nothing is asked.")
}

/// The finding on one action. Silence of a list that is known to be complete on the date is a no. A verdict without
/// a next step of its own gets the one that fits the verdict.
pub(crate) fn judge(action: &CharterAction, case: &Case<'_, '_>) -> Finding {
    let exempt = exempt(action, case);
    let judged = exempt.is_none();
    let mut finding = exempt.unwrap_or_else(|| (action.judge)(case));
    let list = action.list.and_then(|list| case.base.coverage(list));
    let complete_to = list.and_then(|list| list.complete_to);
    let is_silent = finding.verdict == Verdict::NoPublicEvidence && finding.statements.is_empty();
    if is_silent && complete_to.is_some_and(|day| case.as_of <= day) && asks_without_doubt(action, case) {
        finding.verdict = Verdict::NotMet;
        finding.level = Level::Reported;
        finding.note = String::from("not on the list, which is complete");
    }
    let silent = judged && finding.verdict == Verdict::NoPublicEvidence;
    let doubt = list.filter(|_| silent).and_then(Coverage::doubt);
    if finding.next_step.is_empty() {
        finding.next_step = match finding.verdict {
            Verdict::Met => "Nothing more is asked: keep it so.".to_owned(),
            Verdict::NotApplicable => "Nothing is asked.".to_owned(),
            _ => next_step(action.id).to_owned(),
        };
    }
    if let Some(doubt) = doubt {
        finding.next_step = if_not_yet(&finding.next_step);
        finding = finding.note(doubt);
    }
    finding
}

/// A step of a State that may have taken it already, where Surety has not read all that would tell.
fn if_not_yet(step: &str) -> String {
    let (first, rest) = step.split_at(step.chars().next().map_or(0, char::len_utf8));
    format!(
        "If it has not yet: {}{}, and tell us if it has.",
        first.to_lowercase(),
        rest.trim_end_matches('.')
    )
}

/// Whether it is known that the action asks this State.
fn asks_without_doubt(action: &CharterAction, case: &Case<'_, '_>) -> bool {
    match action.applies_to {
        AppliesTo::EveryState => true,
        AppliesTo::MilitaryHolders => case.holding.military == Some(true),
        _ => case.holding.status == HoldingStatus::Holder,
    }
}

/// The finding on a State that the action does not ask, or of which that is not known.
fn exempt(action: &CharterAction, case: &Case<'_, '_>) -> Option<Finding> {
    let not_asked = |note: &str| {
        let finding = Finding::new(action.id, Verdict::NotApplicable).note(note);
        Some(case.cite(finding, case.holding.statements.iter().copied(), Stance::Context))
    };
    let holder = case.holding.status == HoldingStatus::Holder;
    match (action.applies_to, case.holding.status) {
        (AppliesTo::EveryState | AppliesTo::HoldersAndFacilities, _) => None,
        (_, HoldingStatus::Unknown) => {
            Some(silence(action.id).note("no list of holders and no stock of that time was read"))
        }
        (AppliesTo::MilitaryHolders, _) if holder => match case.holding.military {
            Some(true) => None,
            Some(false) => not_asked("no material outside civilian programmes is known"),
            None => Some(silence(action.id).note("no military stock of that time was read")),
        },
        (AppliesTo::Holders | AppliesTo::HoldersPastAndPresent, _) if holder => None,
        (AppliesTo::HoldersPastAndPresent, HoldingStatus::Former) => None,
        (_, HoldingStatus::Former) => not_asked("no longer a holder of 1 kg or more"),
        _ => not_asked("not among the holders of 1 kg or more on the last complete list"),
    }
}

/// What a State with a gap should do, where.
fn next_step(action: ActionId) -> &'static str {
    match action {
        ActionId::M1 => {
            "State in public that military material is protected at least to the civil standard, and publish a parity result against the requirement catalogue."
        }
        ActionId::M2 => {
            "Publish the policy or regulation that covers military material, and an assessment of it against the IAEA baseline (INFCIRC/225/Rev.5)."
        }
        ActionId::M3 => {
            "Brief others, host a best-practice exchange, declare a stock, or publish the rules for military sites; repeat it at least every five years."
        }
        ActionId::M4 => {
            "Declare the military stock of each material (a range will do), or commit to a register of it."
        }
        ActionId::L1 => {
            "Deposit an instrument of ratification or accession to ICSANT with the Secretary-General of the United Nations."
        }
        ActionId::L2 => {
            "Deposit an instrument of accession to the CPPNM with the Director General of the IAEA."
        }
        ActionId::L3 => {
            "Deposit an instrument of ratification, acceptance or approval of the 2005 Amendment with the Director General of the IAEA."
        }
        ActionId::L4 => "Publish, article by article, how ICSANT's duties are carried out.",
        ActionId::L5 => "Publish, article by article, how the duties of the amended CPPNM are carried out.",
        ActionId::L6 => {
            "Notify the laws and regulations to the Director General of the IAEA under CPPNM Article 14(1)."
        }
        ActionId::L7 => "Subscribe to INFCIRC/869 by a note to the Director General of the IAEA.",
        ActionId::L8 => {
            "Publish an assessment against the Nuclear Security Series, requirement by requirement."
        }
        ActionId::C1 => "Invite an IPPAS mission, or a follow-up, from the IAEA.",
        ActionId::C2 => "Publish the report of the last mission, or a summary of what it found.",
        ActionId::C3 => "Publish the nuclear security regulations, and say where to read them.",
        ActionId::C4 => "Contribute to the IAEA Nuclear Security Fund, in money or in kind.",
        ActionId::C5 => {
            "Host or attend nuclear security training, and say so; open a support centre to others."
        }
        ActionId::C6 => {
            "Offer assistance to States that ask for it, through the IAEA or the Global Partnership."
        }
        ActionId::C7 => {
            "File an update: to the 1540 Committee, under CPPNM Article 14, or as one consolidated national report."
        }
        ActionId::C8 => "Report on each commitment whose date has come.",
        ActionId::D1 => "Publish the civilian HEU stock under INFCIRC/912 each year, and reduce it.",
        ActionId::D2 => "Publish the civilian plutonium stock under INFCIRC/549 each year, and reduce it.",
        ActionId::D3 => {
            "Convert or close the civilian uses of weapons-usable material, and send the material back or blend it down."
        }
        ActionId::D4 => "Declare excess military material, and dispose of it.",
        ActionId::D5 => {
            "Declare the number of sites with weapons-usable material, or a band, and consolidate them."
        }
        ActionId::D6 => "Commit to a reduction with an amount and a date.",
        ActionId::D7 => "Report the stocks as of 31 December each year, under INFCIRC/549 and INFCIRC/912.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_stands_at_its_place() {
        assert_eq!(CHARTER.len(), ActionId::ALL.len());
        for (id, action) in ActionId::ALL.iter().zip(&CHARTER) {
            assert_eq!(*id, action.id);
            let first = action.id.as_str().chars().next().unwrap();
            let aim = match first {
                'M' => Aim::Military,
                'L' => Aim::Legal,
                'C' => Aim::Confidence,
                _ => Aim::Minimisation,
            };
            assert_eq!(action.aim, aim);
        }
    }

    #[test]
    fn an_unknown_action_gets_the_near_ones() {
        assert_eq!(find_action("l3").unwrap().id, ActionId::L3);
        for (asked, hint) in [("L9", "L1, L2"), ("Z", "M1 to M4"), ("C11", "C1, C2")] {
            let error = find_action(asked).unwrap_err().to_string();
            assert!(error.contains(asked) && error.contains(hint), "{error}");
        }
    }
}
