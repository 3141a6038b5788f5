//! C1 to C8: confidence and accountability.

use std::collections::HashMap;

use surety_core::{Date, PartialDate, StateCode, Verdict};
use surety_material::StockMaterial;
use surety_statement::{
    Body, InitiativeKind, Outcome, ProgrammeAction, Publication, ReportKind, ReviewPublication, Stance, Topic,
};

use super::{ActionId, Case, silence};
use crate::base::{Base, Window};
use crate::finding::Finding;
use crate::holding::HoldingStatus;

pub(super) fn hosted_review(case: &Case<'_, '_>) -> Finding {
    let reviews = case.matching(|statement| matches!(statement.body, Body::Review { .. }));
    let finding = case.within_window(ActionId::C1, &reviews, Window::REVIEW);
    if finding.verdict == Verdict::NoPublicEvidence && case.holding.status != HoldingStatus::Holder {
        return finding
            .note("whether it has nuclear facilities is not in the dataset")
            .step("Say whether the State has nuclear facilities; if it does, invite an IPPAS mission from the IAEA.");
    }
    finding
}

pub(super) fn published_review(case: &Case<'_, '_>) -> Finding {
    let claims: Vec<(u32, Verdict)> = case.pick(|statement| match &statement.body {
        Body::Review { publication, .. } => match publication {
            ReviewPublication::Yes | ReviewPublication::Redacted | ReviewPublication::SummaryToParliament => {
                Some(Verdict::Met)
            }
            ReviewPublication::CountsOfFindings => Some(Verdict::PartlyMet),
            ReviewPublication::No => Some(Verdict::NotMet),
            ReviewPublication::Unknown => None,
        },
        _ => None,
    });
    let reviews = case.matching(|statement| matches!(statement.body, Body::Review { .. }));
    let finding = case.prevailing(ActionId::C2, Topic::Reviewed, &claims).unwrap_or_else(|| {
        let finding = silence(ActionId::C2);
        if reviews.is_empty() {
            let first = "Host a peer review first; then publish its report, or a summary of what it found.";
            finding.note("no peer review was read").step(first)
        } else {
            finding
        }
    });
    case.cite(finding, reviews, Stance::Context)
}

/// The best that the issuer of the highest standing says; another issuer's contrary word is shown.
pub(super) fn publishes_regulations(case: &Case<'_, '_>) -> Finding {
    let said = case.pick(|statement| match statement.body {
        Body::Regulation { publication: Publication::Yes, .. } => Some(Verdict::Met),
        Body::Regulation { publication: Publication::Partly, .. } => Some(Verdict::PartlyMet),
        Body::Regulation { publication: Publication::No, .. } => Some(Verdict::NotMet),
        _ => None,
    });
    let standing = |index: u32| case.rank(index, Topic::OwnAffairs).0;
    let Some(highest) = said.iter().map(|(index, _)| standing(*index)).max() else {
        return silence(ActionId::C3);
    };
    let (heard, others): (Vec<_>, Vec<_>) =
        said.iter().copied().partition(|(index, _)| standing(*index) == highest);
    // One published regulation makes the action; that another is not published yet does not undo it.
    let Some(verdict) = heard.iter().map(|(_, verdict)| *verdict).min() else { return silence(ActionId::C3) };
    let mut finding = Finding::new(ActionId::C3, verdict);
    for (index, other) in heard {
        let stance = if other == verdict { Stance::Supports } else { Stance::Context };
        finding = case.cite(finding, [index], stance);
    }
    for (index, other) in others {
        let stance = if other == verdict { Stance::Supports } else { Stance::Contradicts };
        finding = case.cite(finding, [index], stance);
    }
    finding
}

pub(super) fn contributes(case: &Case<'_, '_>) -> Finding {
    let contributions = takes_part(case, InitiativeKind::Contribution);
    if contributions.is_empty() {
        return silence(ActionId::C4);
    }
    let note = case.when(&contributions);
    case.met(ActionId::C4, contributions).note(note)
}

/// Training hosted or attended; a pledge to join a network of centres is a promise, and so a part.
pub(super) fn trains(case: &Case<'_, '_>) -> Finding {
    let training = takes_part(case, InitiativeKind::Training);
    let pledged = takes_part(case, InitiativeKind::TrainingPledge);
    if !training.is_empty() {
        let note = case.when(&training);
        return case.cite(case.met(ActionId::C5, training).note(note), pledged, Stance::Context);
    }
    if pledged.is_empty() {
        return silence(ActionId::C5);
    }
    case.partly(ActionId::C5, pledged)
        .note("pledged to take part in a network of training and support centres; no event was read")
}

/// Assistance programmes, and removals from other States that it helped with.
pub(super) fn assists(case: &Case<'_, '_>) -> Finding {
    let helped = case.base.helped_by(case.state).iter().copied().filter(|index| {
        let statement = case.base.statement(*index);
        statement.holds_on(case.as_of, case.base.facts.compiled)
            && matches!(&statement.body, Body::Programme(programme)
                if programme.done && matches!(programme.action, ProgrammeAction::Removal | ProgrammeAction::RemovalTotal))
    });
    let supports: Vec<u32> = takes_part(case, InitiativeKind::Assistance).into_iter().chain(helped).collect();
    if supports.is_empty() {
        return silence(ActionId::C6);
    }
    let note = case.when(&supports);
    case.met(ActionId::C6, supports).note(note)
}

pub(super) fn reports(case: &Case<'_, '_>) -> Finding {
    let filed = case.matching(|statement| match statement.body {
        Body::Report { kind, filed, .. } => filed && is_national_report(kind),
        _ => false,
    });
    case.within_window(ActionId::C7, &filed, Window::REPORT)
}

fn is_national_report(kind: ReportKind) -> bool {
    matches!(
        kind,
        ReportKind::Unscr1540Report
            | ReportKind::Unscr1540Plan
            | ReportKind::CppnmArticle14
            | ReportKind::Consolidated
            | ReportKind::SummitReport
    )
}

fn takes_part(case: &Case<'_, '_>, kind: InitiativeKind) -> Vec<u32> {
    case.matching(
        |statement| matches!(&statement.body, Body::Initiative(initiative) if initiative.kind == kind),
    )
}

/// Of the commitments whose day has come, or that ended otherwise: kept, late, broken, left, unknown.
pub(super) fn keeps_its_word(case: &Case<'_, '_>) -> Finding {
    let due: Vec<Commitment> =
        commitments(case).into_iter().filter(|commitment| commitment.is_judged(case.as_of)).collect();
    if due.is_empty() {
        return silence(ActionId::C8).note("no commitment whose date has come was read");
    }
    let count =
        |wanted: Option<Outcome>| due.iter().filter(|commitment| commitment.outcome() == wanted).count();
    let [kept, late, broken, left] =
        [Outcome::Kept, Outcome::Late, Outcome::Broken, Outcome::Left].map(|how| count(Some(how)));
    let unknown = count(None);
    let verdict = match (kept, late, broken + left, unknown) {
        (0, 0, 0, _) => Verdict::NoPublicEvidence,
        (_, 0, 0, 0) => Verdict::Met,
        (0, 0, _, _) => Verdict::NotMet,
        _ => Verdict::PartlyMet,
    };
    let mut finding = Finding::new(ActionId::C8, verdict).note(format!(
        "{} judged: {kept} kept, {late} late, {broken} broken, {left} left, {unknown} unknown",
        due.len()
    ));
    for commitment in &due {
        let stance = match commitment.outcome() {
            None => Stance::Context,
            Some(Outcome::Broken | Outcome::Left) if verdict != Verdict::NotMet => Stance::Contradicts,
            Some(_) => Stance::Supports,
        };
        finding = commitment.cite(case, finding, stance);
    }
    finding
}

/// A commitment, and how it ended as far as is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitment {
    /// The statement that makes it.
    pub statement: u32,
    /// By when.
    pub due: PartialDate,
    /// The material, when it is to reduce one.
    pub material: Option<StockMaterial>,
    /// The statement that prevails on how it ended, and what it says.
    told: Option<(u32, Outcome)>,
    /// Statements that say otherwise.
    denied: Vec<u32>,
}

impl Commitment {
    /// How it ended.
    pub fn outcome(&self) -> Option<Outcome> {
        self.told.map(|(_, outcome)| outcome)
    }

    /// The statement that says how it ended.
    pub fn told_by(&self) -> Option<u32> {
        self.told.map(|(index, _)| index)
    }

    /// Whether its day has come.
    pub fn is_due(&self, as_of: Date) -> bool {
        self.due.last_day().is_some_and(|day| day < as_of)
    }

    fn is_judged(&self, as_of: Date) -> bool {
        self.is_due(as_of) || matches!(self.outcome(), Some(Outcome::Broken | Outcome::Left))
    }

    /// Cites the promise before its end, and what contradicts the end.
    pub(super) fn cite(&self, case: &Case<'_, '_>, finding: Finding, stance: Stance) -> Finding {
        let told = self.told.map(|(index, _)| index);
        let finding = case.cite(finding, [self.statement].into_iter().chain(told), stance);
        case.cite(finding, self.denied.iter().copied(), Stance::Contradicts)
    }
}

/// The commitments that a State made by a date, and how they ended.
pub fn commitments_of(base: &Base<'_>, state: StateCode, as_of: Date) -> Vec<Commitment> {
    commitments(&Case::new(base, state, as_of))
}

/// The commitments of a State. Of several words on how one ended, the one of the highest standing prevails, then the
/// latest.
pub(super) fn commitments(case: &Case<'_, '_>) -> Vec<Commitment> {
    let mut ends = HashMap::<&str, Vec<(u32, Outcome)>>::new();
    for (index, (commitment, outcome)) in case.pick(|statement| match &statement.body {
        Body::Fulfilment { commitment, outcome } => Some((commitment.as_str(), *outcome)),
        _ => None,
    }) {
        ends.entry(commitment).or_default().push((index, outcome));
    }
    case.pick(|statement| match &statement.body {
        Body::Commitment { due, material, .. } => Some((*due, *material)),
        _ => None,
    })
    .into_iter()
    .map(|(statement, (due, material))| {
        let words = ends.get(case.base.statement(statement).id.as_str()).map_or(&[][..], Vec::as_slice);
        let told = words.iter().copied().max_by_key(|(index, _)| case.rank(*index, Topic::OwnAffairs));
        let denied = words.iter().filter(|(_, outcome)| told.is_some_and(|(_, how)| how != *outcome));
        Commitment { statement, due, material, told, denied: denied.map(|(index, _)| *index).collect() }
    })
    .collect()
}
