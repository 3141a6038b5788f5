//! C1 to C8: confidence and accountability.

use surety_core::{PartialDate, Verdict};
use surety_statement::{
    Body, InitiativeKind, Outcome, ProgrammeAction, Publication, ReportKind, ReviewPublication, Stance, Topic,
};

use super::{ActionId, Case, legal, silence};
use crate::finding::Finding;
use crate::holding::HoldingStatus;

const REVIEWED_WITHIN_YEARS: i16 = 10;
const REPORTED_WITHIN_YEARS: i16 = 5;

pub(super) fn hosted_review(case: &Case<'_, '_>) -> Finding {
    let reviews = case.matching(|statement| matches!(statement.body, Body::Review { .. }));
    let finding = case.within_window(ActionId::C1, &reviews, REVIEWED_WITHIN_YEARS);
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
        if reviews.is_empty() { finding.note("no peer review was read") } else { finding }
    });
    case.cite(finding, reviews, Stance::Context)
}

pub(super) fn publishes_regulations(case: &Case<'_, '_>) -> Finding {
    let of = |wanted: Publication| {
        case.matching(move |statement| matches!(statement.body, Body::Regulation { publication, .. } if publication == wanted))
    };
    let (published, partly, unpublished) =
        (legal::published_regulations(case), of(Publication::Partly), of(Publication::No));
    if !published.is_empty() {
        let finding = case.met(ActionId::C3, published);
        return case.cite(finding, partly.into_iter().chain(unpublished), Stance::Context);
    }
    if !partly.is_empty() {
        return case.partly(ActionId::C3, partly);
    }
    if !unpublished.is_empty() {
        return case.not_met(ActionId::C3, unpublished);
    }
    silence(ActionId::C3)
}

pub(super) fn contributes(case: &Case<'_, '_>) -> Finding {
    let contributions = takes_part(case, InitiativeKind::Contribution);
    if contributions.is_empty() { silence(ActionId::C4) } else { case.met(ActionId::C4, contributions) }
}

/// What could be read are pledges to join a network of training centres: a promise, and so a part.
pub(super) fn trains(case: &Case<'_, '_>) -> Finding {
    let training = takes_part(case, InitiativeKind::Training);
    if training.is_empty() {
        return silence(ActionId::C5);
    }
    let pledged = |index: &u32| match &case.base.statement(*index).body {
        Body::Initiative(initiative) => initiative.status == "signatory",
        _ => false,
    };
    if training.iter().all(pledged) {
        return case
            .partly(ActionId::C5, training)
            .note("pledged to take part in a network of training and support centres; no event was read");
    }
    case.met(ActionId::C5, training)
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
    if supports.is_empty() { silence(ActionId::C6) } else { case.met(ActionId::C6, supports) }
}

pub(super) fn reports(case: &Case<'_, '_>) -> Finding {
    let filed = case.matching(|statement| match statement.body {
        Body::Report { kind, filed, .. } => filed && is_national_report(kind),
        _ => false,
    });
    case.within_window(ActionId::C7, &filed, REPORTED_WITHIN_YEARS)
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

/// A commitment whose day has come, and how it ended.
struct Due {
    commitment: u32,
    outcome: Option<(u32, Outcome)>,
}

pub(super) fn keeps_its_word(case: &Case<'_, '_>) -> Finding {
    let due = commitments_due(case);
    if due.is_empty() {
        return silence(ActionId::C8).note("no commitment whose date has come was read");
    }
    let count =
        |wanted: Option<Outcome>| due.iter().filter(|due| due.outcome.map(|(_, how)| how) == wanted).count();
    let (kept, late, unknown) = (count(Some(Outcome::Kept)), count(Some(Outcome::Late)), count(None));
    let broken = count(Some(Outcome::Broken)) + count(Some(Outcome::Left));
    let verdict = match (kept, late, broken) {
        (0, 0, 0) => Verdict::NoPublicEvidence,
        (_, 0, 0) if unknown == 0 => Verdict::Met,
        (0, 0, _) => Verdict::NotMet,
        _ => Verdict::PartlyMet,
    };
    let mut finding = Finding::new(ActionId::C8, verdict)
        .note(format!("{} due: {kept} kept, {late} late, {broken} broken, {unknown} unknown", due.len()));
    for Due { commitment, outcome } in &due {
        let stance = if outcome.is_some() { Stance::Supports } else { Stance::Context };
        finding = case.cite(finding, outcome.map(|(index, _)| index), stance);
        finding = case.cite(finding, [*commitment], stance);
    }
    finding
}

fn commitments_due(case: &Case<'_, '_>) -> Vec<Due> {
    let outcomes = case.pick(|statement| match &statement.body {
        Body::Fulfilment { commitment, outcome } => Some((commitment, *outcome)),
        _ => None,
    });
    case.pick(|statement| match &statement.body {
        Body::Commitment { due, .. } => Some(*due),
        _ => None,
    })
    .into_iter()
    .filter(|(_, due)| *due != PartialDate::Unknown && due.last_day().is_some_and(|day| day < case.as_of))
    .map(|(commitment, _)| {
        let id = &case.base.statement(commitment).id;
        let outcome =
            outcomes.iter().rev().find(|(_, (of, _))| *of == id).map(|(index, (_, how))| (*index, *how));
        Due { commitment, outcome }
    })
    .collect()
}
