//! L1 to L8: the legal foundation.

use std::collections::BTreeSet;

use surety_core::{Level, Verdict};
use surety_law::{BindingText, Instrument, Membership, StateStatus, duty_articles};
use surety_statement::{Body, Publication, Regime, ReportKind, Stance, Topic};

use super::{ActionId, Case, silence};
use crate::finding::Finding;

pub(super) fn party_to_icsant(case: &Case<'_, '_>) -> Finding {
    party(case, ActionId::L1, Instrument::Icsant)
}

pub(super) fn party_to_cppnm(case: &Case<'_, '_>) -> Finding {
    party(case, ActionId::L2, Instrument::Cppnm)
}

pub(super) fn bound_by_amendment(case: &Case<'_, '_>) -> Finding {
    party(case, ActionId::L3, Instrument::CppnmAmendment)
}

pub(super) fn carries_out_icsant(case: &Case<'_, '_>) -> Finding {
    not_open(case, ActionId::L4, Instrument::Icsant)
        .unwrap_or_else(|| carries_out(case, ActionId::L4, BindingText::Icsant, Instrument::Icsant))
}

/// A published regulation on nuclear security is part of what Article 2A(2)(a) asks, and no whole article.
pub(super) fn carries_out_cppnm(case: &Case<'_, '_>) -> Finding {
    let instrument = Instrument::CppnmAmendment;
    if let Some(finding) = not_open(case, ActionId::L5, instrument) {
        return finding;
    }
    let finding = carries_out(case, ActionId::L5, BindingText::CppnmAmended, instrument);
    let regulations = published_regulations(case);
    if finding.verdict != Verdict::NoPublicEvidence || regulations.is_empty() {
        return finding;
    }
    case.partly(ActionId::L5, regulations).note(
        "a published regulation is part of what Art. 2A(2)(a) asks; nothing is published article by article",
    )
}

/// A party notifies its laws (CPPNM Article 14(1)); a State that is not publishes its voluntary implementation.
pub(super) fn says_so_in_public(case: &Case<'_, '_>) -> Finding {
    if let Some(finding) = not_open(case, ActionId::L6, Instrument::Cppnm) {
        return finding;
    }
    let party = is_party(case, Instrument::Cppnm);
    let published =
        case.matching(|statement| matches!(statement.body, Body::Implementation { published: true, .. }));
    let reports = case.pick(|statement| match statement.body {
        Body::Report { kind: ReportKind::CppnmArticle14, filed, .. } => Some(filed),
        _ => None,
    });
    let filed: Vec<u32> = reports.iter().filter(|(_, filed)| *filed).map(|(index, _)| *index).collect();
    let announced: Vec<u32> = reports.iter().filter(|(_, filed)| !filed).map(|(index, _)| *index).collect();
    match (party, !filed.is_empty(), !published.is_empty()) {
        (true, true, _) => case.met(ActionId::L6, filed),
        (false, _, true) => {
            case.met(ActionId::L6, published).note("not party; its voluntary implementation is published")
        }
        (true, false, true) => {
            case.partly(ActionId::L6, published).note("published, and not notified under Article 14(1)")
        }
        (true, false, false) if !announced.is_empty() => {
            case.partly(ActionId::L6, announced).note("announced; no source shows that it was delivered")
        }
        (true, _, _) => silence(ActionId::L6),
        (false, _, _) => silence(ActionId::L6).step(
            "Publish, article by article, how the duties are carried out although the State is no party.",
        ),
    }
}

pub(super) fn committed_to_guidance(case: &Case<'_, '_>) -> Finding {
    let pledge = Instrument::Infcirc869;
    if let Some(finding) = not_open(case, ActionId::L7, pledge) {
        return finding;
    }
    match case.base.ledger().state_status(pledge, case.state, case.as_of).period() {
        Some(period) => case.met(ActionId::L7, [period.reference]),
        None => silence(ActionId::L7),
    }
}

/// The last assessment of the best-placed issuer decides. A checklist returned to the circular's sponsors is a part.
pub(super) fn implements_guidance(case: &Case<'_, '_>) -> Finding {
    let assessments = case.pick(|statement| match &statement.body {
        Body::Assessment(assessed) if assessed.regime == Regime::Civil => Some(*assessed),
        _ => None,
    });
    let claims: Vec<(u32, Verdict)> =
        assessments.iter().map(|(index, assessed)| (*index, share(assessed.met, assessed.of))).collect();
    if let Some(finding) = case.prevailing(ActionId::L8, Topic::Reviewed, &claims) {
        let shares =
            assessments.iter().find(|(index, _)| finding.cited(Stance::Supports).next() == Some(*index));
        return match shares {
            Some((_, assessed)) => {
                finding.note(format!("{} of {} requirements met", assessed.met, assessed.of))
            }
            None => finding,
        };
    }
    let checklists = case.matching(|statement| {
        matches!(statement.body, Body::Report { kind: ReportKind::Infcirc869Checklist, filed: true, .. })
    });
    if checklists.is_empty() {
        return silence(ActionId::L8);
    }
    case.partly(ActionId::L8, checklists).note("a checklist was returned; no assessment is published")
}

/// Met when all requirements are, not met when none is.
pub(super) fn share(met: u32, of: u32) -> Verdict {
    match met {
        0 => Verdict::NotMet,
        met if met >= of => Verdict::Met,
        _ => Verdict::PartlyMet,
    }
}

pub(super) fn published_regulations(case: &Case<'_, '_>) -> Vec<u32> {
    case.matching(|statement| {
        matches!(statement.body, Body::Regulation { publication: Publication::Yes, .. })
    })
}

/// An instrument that was not open yet asks nothing.
fn not_open(case: &Case<'_, '_>, action: ActionId, instrument: Instrument) -> Option<Finding> {
    let opened = instrument.opened()?;
    (case.as_of < opened).then(|| {
        Finding::new(action, Verdict::NotApplicable)
            .note(format!("{instrument} was not open before {opened}"))
    })
}

fn party(case: &Case<'_, '_>, action: ActionId, instrument: Instrument) -> Finding {
    if let Some(finding) = not_open(case, action, instrument) {
        return finding;
    }
    let ledger = case.base.ledger();
    let membership = ledger.membership(instrument, case.state);
    let finding = match ledger.state_status(instrument, case.state, case.as_of) {
        StateStatus::Bound(period) => {
            let finding = case.met(action, [period.reference]);
            match period.bound_since_as_known(case.as_of) {
                Some(since) => finding.note(format!("bound since {since}")),
                None => finding.note("bound; the sources do not give the day of its deposit"),
            }
        }
        StateStatus::Deposited(period) => {
            let finding = case.partly(action, [period.reference]);
            let in_force = ledger.entry_into_force(instrument, case.as_of);
            match (period.bound_since_as_known(case.as_of), in_force) {
                (Some(since), Some(_)) => finding
                    .note(format!("has deposited; bound from {since}"))
                    .step("Nothing more is asked: the day comes by itself."),
                (None, Some(_))
                    if instrument == Instrument::CppnmAmendment && !is_party(case, Instrument::Cppnm) =>
                {
                    finding
                        .note("has deposited; the Amendment binds nobody before the Convention does")
                        .step(joining_step(case, Instrument::Cppnm))
                }
                (_, Some(_)) => finding.note("has deposited; no source gives the day"),
                (_, None) => {
                    let needed = ledger.deposits_needed(instrument, case.as_of).unwrap_or_default();
                    finding.note(format!("has deposited; not in force, {needed} more deposits needed")).step(
                        format!(
                            "Urge others to deposit: {needed} more deposits are needed for entry into force."
                        ),
                    )
                }
            }
        }
        StateStatus::Signatory => {
            let signature = membership.and_then(|membership| membership.signature);
            let cited = signature.map(|signature| signature.reference);
            let finding = case.cite(absent(case, action, instrument, membership), cited, Stance::Context);
            if finding.verdict == Verdict::NotMet { finding.note("signed, not joined") } else { finding }
        }
        StateStatus::None => absent(case, action, instrument, membership),
    };
    let overruled = case.base.overruled(case.state).iter().copied().filter(|index| {
        let statement = case.base.statement(*index);
        statement.holds_on(case.as_of, case.base.facts.compiled)
            && matches!(&statement.body, Body::TreatyAction { instrument: of, .. } if *of == instrument)
    });
    case.cite(finding, overruled, Stance::Contradicts)
}

fn is_party(case: &Case<'_, '_>, instrument: Instrument) -> bool {
    case.base.ledger().state_status(instrument, case.state, case.as_of).period().is_some()
}

/// How a State that is no party joins: a signatory ratifies, others accede (CPPNM Art. 18, ICSANT Art. 24); the
/// Amendment is for parties to the Convention (Art. 20).
fn joining_step(case: &Case<'_, '_>, instrument: Instrument) -> String {
    let ledger = case.base.ledger();
    let signed = ledger.state_status(instrument, case.state, case.as_of) == StateStatus::Signatory;
    let open = ledger.entry_into_force(instrument, case.as_of).is_some_and(|since| since <= case.as_of);
    match instrument {
        Instrument::CppnmAmendment if !is_party(case, Instrument::Cppnm) => {
            "Join the CPPNM and the 2005 Amendment together: deposit both instruments with the Director General of the IAEA.".to_owned()
        }
        Instrument::Cppnm if !signed && !open => {
            "Sign the CPPNM, and deposit an instrument of ratification, acceptance or approval with the Director General of the IAEA.".to_owned()
        }
        Instrument::Cppnm if signed => {
            "Deposit an instrument of ratification, acceptance or approval of the CPPNM with the Director General of the IAEA.".to_owned()
        }
        Instrument::Icsant if signed => {
            "Deposit an instrument of ratification, acceptance or approval of ICSANT with the Secretary-General of the United Nations.".to_owned()
        }
        Instrument::Icsant => {
            "Deposit an instrument of accession to ICSANT with the Secretary-General of the United Nations.".to_owned()
        }
        other => format!("Deposit an instrument for {other} with its depositary."),
    }
}

/// The depositary's list does not name the State. How far the list is complete decides what that means.
fn absent(
    case: &Case<'_, '_>,
    action: ActionId,
    instrument: Instrument,
    membership: Option<&Membership>,
) -> Finding {
    let joined_by = membership.into_iter().flat_map(|membership| &membership.periods).find(|period| {
        let earliest = period.deposited.date.first_day();
        case.as_of < period.counts_from && earliest.is_none_or(|earliest| earliest <= case.as_of)
    });
    if let Some(period) = joined_by {
        let finding =
            silence(action).note(format!("joined by {}, on a day that no source gives", period.counts_from));
        return case.cite(finding, [period.reference], Stance::Context);
    }
    let Some((complete_to, gap)) = case
        .base
        .coverage(instrument.as_str())
        .and_then(|coverage| Some((coverage.complete_to?, &coverage.note)))
    else {
        return silence(action).note("the list of parties is not known to be complete");
    };
    let mut finding = Finding::new(action, Verdict::NotMet);
    if instrument != Instrument::CppnmAmendment || !is_party(case, Instrument::Cppnm) {
        finding = finding.step(joining_step(case, instrument));
    }
    if case.as_of <= complete_to {
        finding.level = Level::Evidenced;
    } else {
        finding.level = Level::Reported;
        finding = finding.note(format!("not on the list complete to {complete_to}; {gap}"));
    }
    if case.base.ledger().entry_into_force(instrument, case.as_of).is_none() {
        let needed = case.base.ledger().deposits_needed(instrument, case.as_of).unwrap_or_default();
        finding = finding.note(format!("not in force: {needed} more deposits needed"));
    }
    finding
}

fn carries_out(case: &Case<'_, '_>, action: ActionId, text: BindingText, instrument: Instrument) -> Finding {
    let said = case.pick(|statement| match &statement.body {
        Body::Implementation { text: of, articles, published } if *of == text => Some((articles, *published)),
        _ => None,
    });
    if said.is_empty() {
        return silence(action);
    }
    let asked = duty_articles(case.base.facts.duties, text);
    let covered: BTreeSet<&str> = said
        .iter()
        .flat_map(|(_, (articles, _))| articles.iter().map(String::as_str))
        .filter(|article| asked.contains(article))
        .collect();
    if covered.is_empty() {
        return silence(action);
    }
    let supports = said.iter().map(|(index, _)| *index);
    let finding =
        if covered.len() == asked.len() { case.met(action, supports) } else { case.partly(action, supports) };
    let party = is_party(case, instrument);
    let how = if party { "" } else { "not party, but " };
    let freely = if party { "" } else { " voluntarily" };
    let public = if said.iter().any(|(_, (_, published))| *published) { " and has published it" } else { "" };
    finding.note(format!("{how}implements {} of {} duties{freely}{public}", covered.len(), asked.len()))
}
