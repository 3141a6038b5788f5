//! D1 to D7: fewer materials, fewer sites.

use std::collections::BTreeMap;

use surety_core::{PartialDate, Verdict};
use surety_material::{
    Basis, Purpose, SeriesKey, Stock, StockMaterial, Trend, contradictions, series, trend,
};
use surety_statement::{Body, Claim, Outcome, ProgrammeAction, ReportKind, Stance};

use super::{ActionId, Case, silence};
use crate::finding::Finding;
use crate::holding::HoldingStatus;

const TREND_YEARS: i16 = 5;
const REPORTED_WITHIN_YEARS: i16 = 2;
/// Less than this is none: the State is no holder of it.
const NONE_BELOW_KG: f64 = 1.0;

pub(super) fn civilian_heu(case: &Case<'_, '_>) -> Finding {
    none_or_falling(case, ActionId::D1, StockMaterial::Heu)
}

pub(super) fn civilian_plutonium(case: &Case<'_, '_>) -> Finding {
    none_or_falling(case, ActionId::D2, StockMaterial::SeparatedPlutonium)
}

fn none_or_falling(case: &Case<'_, '_>, action: ActionId, material: StockMaterial) -> Finding {
    let figures = stocks(case, |stock| stock.material == material && stock.purpose == Purpose::Civilian);
    if let Some(finding) = cleared(case, action, material, &figures) {
        return finding;
    }
    by_trend(case, action, &figures).unwrap_or_else(|| {
        let finding = silence(action).note("no figures over five years are comparable");
        case.cite(finding, figures.iter().map(|stock| stock.reference), Stance::Context)
    })
}

/// Cleared of the material, with no later figure of 1 kg or more; or never known to hold it, and no holder any more.
fn cleared(
    case: &Case<'_, '_>,
    action: ActionId,
    material: StockMaterial,
    figures: &[&Stock],
) -> Option<Finding> {
    let stay = "Stay clear.";
    let clearings = case.pick(|statement| match &statement.body {
        Body::Cleared { material: of, firm, .. } if *of == material => Some(*firm),
        _ => None,
    });
    let last_clearing = clearings
        .iter()
        .map(|(index, _)| case.base.statement(*index).date.holds_from(case.base.facts.compiled))
        .max();
    let held_since = figures.iter().any(|stock| {
        stock.mass.best_kg().unwrap_or(stock.mass.max_kg()) >= NONE_BELOW_KG
            && PartialDate::Year(stock.year).last_day() > last_clearing
    });
    if !clearings.is_empty() && !held_since {
        let firm = clearings.iter().any(|(_, firm)| *firm);
        let finding = case.met(action, clearings.into_iter().map(|(index, _)| index)).step(stay);
        return Some(if firm { finding } else { finding.note("the source is not firm on when") });
    }
    if case.holding.status == HoldingStatus::Former && figures.is_empty() {
        return Some(
            Finding::new(action, Verdict::NotApplicable).note(format!("no civilian {material} is known")),
        );
    }
    None
}

/// What the comparable figures show: declared ones before estimates, the freshest first.
fn by_trend(case: &Case<'_, '_>, action: ActionId, figures: &[&Stock]) -> Option<Finding> {
    let latest = figures.iter().max_by_key(|stock| (stock.year, stock.basis == Basis::Declared))?;
    let is_fresh =
        |stock: &Stock| case.base.statement(stock.reference).date.within_years(TREND_YEARS, case.as_of);
    let too_old = format!("the latest figure is of {}", latest.year);
    let finding = if latest.mass.max_kg() < NONE_BELOW_KG {
        let supports = [latest.reference];
        if is_fresh(latest) {
            case.met(action, supports).note("none").step("Stay clear.")
        } else {
            case.partly(action, supports).note(format!("none, but {too_old}"))
        }
    } else {
        let all = series(figures.iter().copied());
        let (best, moves) = decisive(&all)?;
        let supports = compared(best).map(|stock| stock.reference);
        let fresh = best.last().is_some_and(|stock| is_fresh(stock));
        let finding = match (moves, fresh) {
            (Trend::Falling, true) => case.met(action, supports),
            (Trend::Falling, false) => case.partly(action, supports).note(&too_old),
            // A rise shows at once; that nothing fell is only told by figures as far apart as the window.
            (Trend::NoClearChange, true) if years_apart(best) < TREND_YEARS => {
                let short = format!("no fall, but over less than {TREND_YEARS} years");
                case.cite(silence(action).note(short), supports, Stance::Context)
            }
            (_, true) => case.not_met(action, supports),
            (_, false) => case.cite(silence(action).note(&too_old), supports, Stance::Context),
        };
        let finding = finding.note(format!("{moves}{}", span(best)));
        let opposed = all.values().filter(|other| {
            let other_way = trend(other, TREND_YEARS);
            matches!((moves, other_way), (Trend::Falling, Trend::Rising) | (Trend::Rising, Trend::Falling))
        });
        case.cite(finding, opposed.flatten().map(|stock| stock.reference), Stance::Contradicts)
    };
    let at_odds: Vec<u32> = contradictions(figures)
        .into_iter()
        .filter(|(a, b)| a.year == latest.year && b.year == latest.year)
        .flat_map(|(a, b)| [a.reference, b.reference])
        .collect();
    let supported: Vec<u32> = finding.cited(Stance::Supports).collect();
    let contradicts = at_odds.into_iter().filter(move |index| !supported.contains(index));
    let finding = case.cite(finding, contradicts, Stance::Contradicts);
    Some(case.cite(finding, figures.iter().map(|stock| stock.reference), Stance::Context))
}

/// The series whose trend decides: one that has a trend, declared before estimated, then the freshest, then the
/// longest.
fn decisive<'s, 'a>(all: &'s BTreeMap<SeriesKey, Vec<&'a Stock>>) -> Option<(&'s [&'a Stock], Trend)> {
    all.iter()
        .map(|(key, figures)| (key, figures, trend(figures, TREND_YEARS)))
        .filter(|(_, _, moves)| *moves != Trend::Unknown)
        .max_by_key(|(key, figures, _)| {
            (key.basis == Basis::Declared, figures.last().map(|stock| stock.year), figures.len())
        })
        .map(|(_, figures, moves)| (figures.as_slice(), moves))
}

/// The two figures that a trend compares: the last, and the first that is at most the window older.
fn compared<'s, 'a>(figures: &'s [&'a Stock]) -> impl Iterator<Item = &'a Stock> + use<'s, 'a> {
    let last = figures.last().copied();
    let first = last.and_then(|last| {
        figures.iter().find(|stock| stock.year < last.year && stock.year >= last.year - TREND_YEARS).copied()
    });
    first.into_iter().chain(last)
}

fn years_apart(figures: &[&Stock]) -> i16 {
    let years: Vec<i16> = compared(figures).map(|stock| stock.year).collect();
    years.last().zip(years.first()).map_or(0, |(last, first)| last - first)
}

/// The years and figures that a trend compares.
fn span(figures: &[&Stock]) -> String {
    let told: Vec<String> =
        compared(figures).map(|stock| format!("{} at the end of {}", stock.mass, stock.year)).collect();
    format!(": {}", told.join(", "))
}

/// The figures on what the State holds that hold on the date and that `wanted` accepts.
fn stocks<'a>(case: &Case<'_, 'a>, wanted: impl Fn(&Stock) -> bool) -> Vec<&'a Stock> {
    case.pick(|statement| match &statement.body {
        Body::Stock(stock) if !stock.part && stock.measure.starts_with("held") && wanted(stock) => {
            Some(stock)
        }
        _ => None,
    })
    .into_iter()
    .map(|(_, stock)| stock)
    .collect()
}

fn programmes(case: &Case<'_, '_>, wanted: &[ProgrammeAction], done: bool) -> Vec<u32> {
    case.matching(|statement| {
        matches!(&statement.body, Body::Programme(programme)
            if programme.done == done && wanted.contains(&programme.action))
    })
}

pub(super) fn converts_or_closes(case: &Case<'_, '_>) -> Finding {
    let steps = [ProgrammeAction::Conversion, ProgrammeAction::Shutdown, ProgrammeAction::Removal];
    let cleared = case.matching(|statement| matches!(statement.body, Body::Cleared { .. }));
    let done: Vec<u32> = programmes(case, &steps, true).into_iter().chain(cleared).collect();
    if !done.is_empty() {
        return case.met(ActionId::D3, done);
    }
    let begun = programmes(case, &steps, false);
    if begun.is_empty() {
        silence(ActionId::D3)
    } else {
        case.partly(ActionId::D3, begun).note("begun, not completed")
    }
}

/// Excess declared and disposed of, or a stock that falls. A holder without military material has none.
pub(super) fn military_stock(case: &Case<'_, '_>) -> Finding {
    let figures = stocks(case, |stock| matches!(stock.purpose, Purpose::Military | Purpose::Naval));
    if !case.holding.military {
        let known_none: Vec<u32> = figures.iter().map(|stock| stock.reference).collect();
        let finding = Finding::new(ActionId::D4, Verdict::NotApplicable)
            .note("no material outside civilian programmes is known");
        return case.cite(finding, known_none, Stance::Context);
    }
    let declared = programmes(case, &[ProgrammeAction::ExcessDeclaration], true);
    let disposed = programmes(case, &[ProgrammeAction::Downblending, ProgrammeAction::Disposal], true);
    let trend = by_trend(case, ActionId::D4, &figures);
    let supports = declared.iter().chain(&disposed).copied();
    let finding = match (declared.is_empty(), disposed.is_empty(), trend) {
        (false, false, trend) => {
            let finding = case.met(ActionId::D4, supports).note("excess declared and disposed of");
            match trend {
                Some(other)
                    if other.verdict == Verdict::NotMet
                        && other.note.contains(&Trend::Rising.to_string()) =>
                {
                    case.cite(finding, other.cited(Stance::Supports).collect::<Vec<_>>(), Stance::Contradicts)
                }
                _ => finding,
            }
        }
        (_, _, Some(trend)) if trend.verdict != Verdict::NoPublicEvidence => trend,
        (false, true, _) => case.partly(ActionId::D4, supports).note("excess declared; no disposal was read"),
        (_, _, Some(trend)) => trend,
        _ => silence(ActionId::D4).note("no figures over five years are comparable"),
    };
    case.cite(finding, figures.iter().map(|stock| stock.reference), Stance::Context)
}

/// A proof that the number fell, or two declared numbers that show it. One number alone is a part.
pub(super) fn fewer_sites(case: &Case<'_, '_>) -> Finding {
    let proofs = case.matching(|statement| matches!(statement.body, Body::Proof(Claim::Sites)));
    if !proofs.is_empty() {
        return case.met(ActionId::D5, proofs);
    }
    let mut declared = case.pick(|statement| match statement.body {
        Body::Sites { min, max } => Some((min, max)),
        _ => None,
    });
    declared.sort_by_key(|(index, _)| case.base.statement(*index).date.holds_from(case.base.facts.compiled));
    let all = declared.iter().map(|(index, _)| *index);
    match (declared.first(), declared.last()) {
        (Some((first, (min, _))), Some((last, (_, max)))) if first != last && max < min => {
            case.met(ActionId::D5, all).note("the declared number fell")
        }
        (Some(_), Some(_)) => {
            case.partly(ActionId::D5, all).note("a number is declared; it did not clearly fall")
        }
        _ => silence(ActionId::D5),
    }
}

/// The commitments to reduce, each as good as it stands; the best decides.
pub(super) fn reduction_commitment(case: &Case<'_, '_>) -> Finding {
    let outcomes = case.pick(|statement| match &statement.body {
        Body::Fulfilment { commitment, outcome } => Some((commitment, *outcome)),
        _ => None,
    });
    let commitments = case.pick(|statement| match &statement.body {
        Body::Commitment { due, material: Some(_), .. } => Some(*due),
        _ => None,
    });
    let mut found = Vec::new();
    for (index, due) in commitments {
        let id = &case.base.statement(index).id;
        let outcome = outcomes.iter().find(|(_, (of, _))| *of == id).map(|(told, (_, how))| (*told, *how));
        let overdue = due.last_day().is_some_and(|day| day < case.as_of);
        let (verdict, note) = match (outcome.map(|(_, how)| how), due) {
            (Some(Outcome::Kept), _) => (Verdict::Met, "kept"),
            (Some(Outcome::Late), _) => (Verdict::PartlyMet, "kept late"),
            (Some(Outcome::Broken), _) => (Verdict::NotMet, "broken"),
            (Some(Outcome::Left), _) => (Verdict::NotMet, "the agreement was left"),
            (None, PartialDate::Unknown) => (Verdict::PartlyMet, "committed, without a date"),
            (None, _) if overdue => (Verdict::PartlyMet, "its date has passed; the outcome is not known"),
            (None, _) => (Verdict::PartlyMet, "committed to a date; no source shows whether it is on track"),
        };
        found.push((verdict, note, index, outcome.map(|(told, _)| told)));
    }
    let Some((verdict, note, _, _)) = found.iter().min_by_key(|(verdict, ..)| *verdict).copied() else {
        return silence(ActionId::D6);
    };
    let mut finding = Finding::new(ActionId::D6, verdict).note(note);
    for (other, _, index, told) in found {
        let stance = if other == verdict { Stance::Supports } else { Stance::Context };
        finding = case.cite(finding, told.into_iter().chain([index]), stance);
    }
    finding
}

/// The latest yearly figures that it reported itself must not be older than two years: one year, and one more in
/// which they are published.
pub(super) fn reports_stocks(case: &Case<'_, '_>) -> Finding {
    let reported = case.pick(|statement| match &statement.body {
        Body::Report { kind, data_date, filed: true, .. } if is_stock_report(*kind) => {
            Some(if *data_date == PartialDate::Unknown { statement.date.date } else { *data_date })
        }
        Body::Stock(stock)
            if stock.compiler == "INFCIRC/549" && stock.basis == Basis::Declared && !stock.part =>
        {
            Some(PartialDate::Year(stock.year))
        }
        _ => None,
    });
    let Some(latest) = reported.iter().map(|(_, date)| *date).max_by_key(|date| date.last_day()) else {
        return silence(ActionId::D7);
    };
    let (newest, older): (Vec<_>, Vec<_>) = reported.iter().partition(|(_, date)| *date == latest);
    let newest = newest.into_iter().map(|(index, _)| index);
    let fresh = surety_core::FactDate::from(latest).within_years(REPORTED_WITHIN_YEARS, case.as_of);
    let finding = if fresh { case.met(ActionId::D7, newest) } else { case.partly(ActionId::D7, newest) };
    let finding = finding.note(format!("latest figures: {latest}"));
    case.cite(finding, older.into_iter().map(|(index, _)| index), Stance::Context)
}

fn is_stock_report(kind: ReportKind) -> bool {
    matches!(kind, ReportKind::Infcirc549 | ReportKind::Infcirc912 | ReportKind::Infcirc549Heu)
}
