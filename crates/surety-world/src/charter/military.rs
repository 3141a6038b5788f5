//! M1 to M4: military materials.

use surety_core::{Level, Verdict};
use surety_material::{Basis, Purpose, Stock, StockMaterial, YEARLY_DECLARATION};
use surety_statement::{
    Body, Claim, MilitaryCoverage, MilitaryPolicyKind, MilitaryStandard, Parity, ProvenClaim, Regime, Stance,
    Topic,
};

use super::{ActionId, Case, legal, silence};
use crate::base::Window;
use crate::finding::Finding;

/// A statement, a parity result or a proof. A separate regime, or words on responsibility, decide nothing.
pub(super) fn same_or_higher_standard(case: &Case<'_, '_>) -> Finding {
    let claims: Vec<(u32, Verdict)> = case.pick(|statement| match &statement.body {
        Body::MilitaryPolicy(policy) => match policy.standard {
            MilitaryStandard::SameOrHigher => Some(Verdict::Met),
            MilitaryStandard::Partly => Some(Verdict::PartlyMet),
            _ => None,
        },
        Body::ParityResult { result: Parity::SameOrHigher } => Some(Verdict::Met),
        Body::Proof(proven) => proven_parity(proven),
        Body::ParityResult { result: Parity::Partly } => Some(Verdict::PartlyMet),
        Body::ParityResult { result: Parity::Lower } => Some(Verdict::NotMet),
        _ => None,
    });
    let finding =
        case.prevailing(ActionId::M1, Topic::Reviewed, &claims).unwrap_or_else(|| silence(ActionId::M1));
    let read = case.matching(|statement| matches!(statement.body, Body::MilitaryPolicy(_)));
    case.cite(what_parity_rests_on(case, finding), read, Stance::Context)
}

/// Tells of a finding that a proof of parity supports how much it covers, and what reviewers did not look at.
fn what_parity_rests_on(case: &Case<'_, '_>, finding: Finding) -> Finding {
    let supports =
        finding.cited(Stance::Supports).map(|index| case.base.statement(index)).collect::<Vec<_>>();
    let Some((proven, level)) = supports.iter().find_map(|statement| match &statement.body {
        Body::Proof(proven) if proven.claim == Claim::Parity => Some((proven, statement.level)),
        _ => None,
    }) else {
        return finding;
    };
    let finding = match proven.requirements.len() {
        0 => finding,
        1 => finding.note("proven for one requirement only"),
        some => finding.note(format!("proven for {some} of the requirements only")),
    };
    match level {
        Level::Proven => finding.note(
            "reviewers compared what is held with the register; that the assessments are right is the State's word",
        ),
        _ => finding,
    }
}

/// A proof of parity for every requirement of the catalogue; for some of them it is a part.
fn proven_parity(proven: &ProvenClaim) -> Option<Verdict> {
    match (proven.claim, proven.requirements.is_empty()) {
        (Claim::Parity, true) => Some(Verdict::Met),
        (Claim::Parity, false) => Some(Verdict::PartlyMet),
        _ => None,
    }
}

/// A published rule that covers military material is a part; an assessment against the baseline decides.
pub(super) fn consistent_with_guidance(case: &Case<'_, '_>) -> Finding {
    let assessments: Vec<(u32, Verdict)> = case.pick(|statement| match &statement.body {
        Body::Assessment(assessed) if assessed.regime == Regime::Military => {
            Some(legal::share(assessed.met, assessed.of))
        }
        // Parity is proven against the baseline too.
        Body::Proof(proven) => proven_parity(proven),
        _ => None,
    });
    let rules = case.pick(|statement| match &statement.body {
        Body::MilitaryPolicy(policy) if policy.kind == MilitaryPolicyKind::Law => Some(policy.covers),
        _ => None,
    });
    let covering: Vec<u32> = rules
        .iter()
        .filter(|(_, covers)| matches!(covers, MilitaryCoverage::Yes | MilitaryCoverage::Partly))
        .map(|(index, _)| *index)
        .collect();
    let finding = match case.prevailing(ActionId::M2, Topic::Reviewed, &assessments) {
        Some(finding) => finding,
        None if covering.is_empty() => silence(ActionId::M2),
        None => case
            .partly(ActionId::M2, covering)
            .note("a published rule covers it, in whole or in part; no assessment against the IAEA baseline was read"),
    };
    let rules = rules.into_iter().map(|(index, _)| index);
    case.cite(what_parity_rests_on(case, finding), rules, Stance::Context)
}

pub(super) fn reassured_others(case: &Case<'_, '_>) -> Finding {
    let reassuring = case.matching(|statement| match &statement.body {
        Body::MilitaryPolicy(policy) => {
            policy.exchange
                || (policy.kind == MilitaryPolicyKind::Law
                    && matches!(policy.covers, MilitaryCoverage::Yes | MilitaryCoverage::Partly))
        }
        Body::Stock(stock) => is_declared_military(stock),
        Body::Disclosure(_) | Body::Proof(_) | Body::ParityResult { .. } => true,
        _ => false,
    });
    case.within_window(ActionId::M3, &reassuring, Window::REPORT)
}

/// Each material that the State holds outside civilian programmes must have been declared, or a register committed; a
/// proven total is of such a register.
pub(super) fn declared_stock(case: &Case<'_, '_>) -> Finding {
    let roots = case.matching(|statement| match &statement.body {
        Body::RegisterRoot(_) => true,
        Body::Proof(proven) => proven.claim == Claim::Total && is_military(proven),
        _ => false,
    });
    let stocks = case.pick(|statement| match &statement.body {
        Body::Stock(stock) => Some(stock),
        _ => None,
    });
    let held = |material: StockMaterial| {
        stocks.iter().any(|(_, stock)| {
            stock.material == material
                && stock.purpose.is_military()
                && stock.is_holding()
                && stock.at_least_kg() > 0.0
        })
    };
    let declared: Vec<&(u32, &Stock)> =
        stocks.iter().filter(|(_, stock)| is_declared_military(stock)).collect();
    let missing: Vec<&str> = [StockMaterial::Heu, StockMaterial::SeparatedPlutonium]
        .into_iter()
        .filter(|material| held(*material) && !declared.iter().any(|(_, stock)| stock.material == *material))
        .map(StockMaterial::as_str)
        .collect();
    let supports = roots.iter().copied().chain(declared.iter().map(|(index, _)| *index));
    match (roots.is_empty() && declared.is_empty(), roots.is_empty() && !missing.is_empty()) {
        (true, _) => silence(ActionId::M4),
        (false, true) => {
            case.partly(ActionId::M4, supports).note(format!("no declared figure for {}", missing.join(", ")))
        }
        (false, false) => case.met(ActionId::M4, supports),
    }
}

/// Whether a claim is about weapons-usable material outside civilian programmes, and about nothing else.
pub(super) fn is_military(proven: &ProvenClaim) -> bool {
    !proven.of.is_empty()
        && proven.of.iter().all(|of| of.material.is_weapons_usable() && of.purpose != Purpose::Civilian)
}

/// A figure that the State itself gave for material outside civilian programmes, or for all of it. The yearly
/// declarations of civil plutonium are not meant.
fn is_declared_military(stock: &Stock) -> bool {
    stock.basis == Basis::Declared
        && stock.compiler != YEARLY_DECLARATION
        && matches!(stock.purpose, Purpose::Military | Purpose::Naval | Purpose::Unspecified)
}
