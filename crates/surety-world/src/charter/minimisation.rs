//! D1 to D7: fewer materials, fewer sites.

use std::collections::BTreeMap;

use surety_core::{FactDate, PartialDate, Verdict};
use surety_material::{
    Basis, Purpose, SeriesKey, Stock, StockMaterial, Trend, YEARLY_DECLARATION, compared, contradictions,
    series, trend,
};
use surety_statement::{
    Body, Bound, Claim, Outcome, ProgrammeAction, ProvenClaim, RegisterMaterial, ReportKind, Stance,
};

use super::confidence::{Commitment, commitments};
use super::{ActionId, Case, silence};
use crate::base::Window;
use crate::figure::Figure;
use crate::finding::Finding;
use crate::holding::HoldingStatus;

/// Less than this is none: the State is no holder of it.
const NONE_BELOW_KG: f64 = 1.0;
/// The purposes outside civilian programmes.
const OUTSIDE_CIVILIAN: [Purpose; 3] = [Purpose::Military, Purpose::Naval, Purpose::ExcessDeclared];
/// Every purpose that a register knows.
const EVERY_PURPOSE: [Purpose; 4] =
    [Purpose::Civilian, Purpose::Military, Purpose::Naval, Purpose::ExcessDeclared];
const STAY_CLEAR: &str = "Stay clear.";

pub(super) fn civilian_heu(case: &Case<'_, '_>) -> Finding {
    none_or_falling(case, ActionId::D1, StockMaterial::Heu)
}

pub(super) fn civilian_plutonium(case: &Case<'_, '_>) -> Finding {
    none_or_falling(case, ActionId::D2, StockMaterial::SeparatedPlutonium)
}

fn none_or_falling(case: &Case<'_, '_>, action: ActionId, material: StockMaterial) -> Finding {
    let figures = held(case, |stock| stock.material == material && stock.purpose == Purpose::Civilian);
    if let Some(finding) = proven_fall(case, action, material, &[Purpose::Civilian]) {
        return case.cite(finding, figures.iter().map(|figure| figure.statement), Stance::Context);
    }
    cleared(case, action, material, &figures)
        .or_else(|| by_trend(case, action, &figures).map(|(finding, _)| finding))
        .unwrap_or_else(|| no_comparison(case, action, &figures))
}

/// Proven within the window: that there is none left, or that the total fell between two roots. The best proof decides:
/// what it covers, what it shows, its assurance, its date.
///
/// `asked` are the purposes that the action is about, the one that must be among those of a proof first. Of a part of
/// them, material can have moved to the rest: that is a part. A register counts all plutonium, separated or not: of its
/// fall only that nothing is left tells of separated plutonium.
fn proven_fall(
    case: &Case<'_, '_>,
    action: ActionId,
    material: StockMaterial,
    asked: &[Purpose],
) -> Option<Finding> {
    let counted = counted_as(material);
    let proofs = case.pick(|statement| match &statement.body {
        Body::Proof(proven) => match proven.claim {
            // Of more than is asked, that there is none says so of all of it.
            Claim::Elimination if asks(proven, counted, asked) => {
                Some((covers(proven, counted, asked), true))
            }
            Claim::Decrease if asks(proven, counted, asked) && is_nothing_else(proven, counted, asked) => {
                Some((covers(proven, counted, asked), false))
                    .filter(|_| material == StockMaterial::Heu && fell_by(proven).is_some())
            }
            _ => None,
        },
        _ => None,
    });
    let all: Vec<u32> = proofs.iter().map(|(index, _)| *index).collect();
    let recent = case.recent(&all, Window::STOCK).0;
    let (best, (is_whole, is_gone)) =
        proofs.into_iter().filter(|(index, _)| recent.contains(index)).max_by_key(|(index, shown)| {
            let statement = case.base.statement(*index);
            (*shown, statement.level, statement.date.date.last_day())
        })?;
    let Body::Proof(proven) = &case.base.statement(best).body else { return None };
    let of = of_words(proven, counted, asked);
    let note = if is_gone {
        format!("{of}: a proof shows that there is none; {}", case.when(&[best]))
    } else {
        let fell = fell_by(proven)?;
        let since = since(case, proven);
        format!(
            "{of}: a proof shows that it fell by at least {fell}{since}; where it went is not proven; {}",
            case.when(&[best])
        )
    };
    let finding = match (is_whole, is_gone) {
        (true, true) => case.met(action, [best]).step(STAY_CLEAR),
        (true, false) => case.met(action, [best]),
        (false, _) => case.partly(action, [best]).step(format!(
            "Prove it of `{}` together: of a part, material can have moved to the rest.",
            class_words(counted, asked)
        )),
    };
    Some(case.cite(finding.note(note), recent, Stance::Context))
}

/// How a register counts a material of stocks.
fn counted_as(material: StockMaterial) -> RegisterMaterial {
    match material {
        StockMaterial::Heu => RegisterMaterial::Heu,
        StockMaterial::SeparatedPlutonium | StockMaterial::PlutoniumInSpentFuel => {
            RegisterMaterial::Plutonium
        }
    }
}

/// Whether a proof is about a material for the purpose that is asked before all others.
fn asks(proven: &ProvenClaim, material: RegisterMaterial, asked: &[Purpose]) -> bool {
    proven.of.iter().any(|of| of.material == material && Some(&of.purpose) == asked.first())
}

/// Whether a proof is about nothing but a material for purposes that are asked.
fn is_nothing_else(proven: &ProvenClaim, material: RegisterMaterial, asked: &[Purpose]) -> bool {
    proven.of.iter().all(|of| of.material == material && asked.contains(&of.purpose))
}

/// Whether a proof is about a material for every purpose that is asked.
fn covers(proven: &ProvenClaim, material: RegisterMaterial, asked: &[Purpose]) -> bool {
    let is_of =
        |purpose: &Purpose| proven.of.iter().any(|of| of.material == material && of.purpose == *purpose);
    asked.iter().all(is_of)
}

/// What of that which is asked a proof is about, as registers call it: `military and naval HEU`.
fn of_words(proven: &ProvenClaim, material: RegisterMaterial, asked: &[Purpose]) -> String {
    let of_it = proven.of.iter().filter(|of| of.material == material && asked.contains(&of.purpose));
    class_words(material, &of_it.map(|of| of.purpose).collect::<Vec<_>>())
}

fn class_words(material: RegisterMaterial, purposes: &[Purpose]) -> String {
    let word = |purpose: &Purpose| match purpose {
        Purpose::Civilian => "civil",
        Purpose::ExcessDeclared => "excess",
        other => other.as_str(),
    };
    format!("{} {material}", purposes.iter().map(word).collect::<Vec<_>>().join(" and "))
}

/// The day of the earlier of two roots.
fn since(case: &Case<'_, '_>, proven: &ProvenClaim) -> String {
    let older = case.pick(|statement| match &statement.body {
        Body::RegisterRoot(root) if proven.roots.first() == Some(&root.root) => Some(statement.date.date),
        _ => None,
    });
    older.first().map_or_else(String::new, |(_, date)| format!(" since {date}"))
}

/// By how much a proof shows that a stock fell; none where it allows that nothing did.
fn fell_by(proven: &ProvenClaim) -> Option<String> {
    let bound = proven.bounds.iter().find(|bound| bound.name == "by-at-least")?;
    let amount = bound.value.parse::<f64>().ok().filter(|amount| *amount > 0.0)?;
    let isotope = match proven.of.first()?.material {
        RegisterMaterial::Plutonium => "",
        RegisterMaterial::Uranium233 => " of U-233",
        RegisterMaterial::Heu | RegisterMaterial::Leu10To20 | RegisterMaterial::LeuBelow10 => " of U-235",
    };
    Some(format!("{amount} {}{isotope}", bound.unit))
}

fn no_comparison(case: &Case<'_, '_>, action: ActionId, figures: &[Figure<'_>]) -> Finding {
    let finding = silence(action).note("no figures over five years are comparable");
    case.cite(finding, figures.iter().map(|figure| figure.statement), Stance::Context)
}

/// Cleared of the material, with no later figure of 1 kg or more; or never known to hold it, and no holder any more.
fn cleared(
    case: &Case<'_, '_>,
    action: ActionId,
    material: StockMaterial,
    figures: &[Figure<'_>],
) -> Option<Finding> {
    let clearings = case.pick(|statement| match &statement.body {
        Body::Cleared { material: of, firm, .. } if *of == material => Some(*firm),
        _ => None,
    });
    let compiled = case.base.facts.compiled;
    let last = clearings.iter().map(|(index, _)| case.base.statement(*index).date.holds_from(compiled)).max();
    let held_since = figures.iter().any(|figure| {
        figure.mass.best_kg().unwrap_or(figure.mass.max_kg()) >= NONE_BELOW_KG
            && PartialDate::Year(figure.year).last_day() > last
    });
    if !clearings.is_empty() && !held_since {
        let firm = clearings.iter().any(|(_, firm)| *firm);
        let finding = case.met(action, clearings.into_iter().map(|(index, _)| index)).step(STAY_CLEAR);
        return Some(if firm { finding } else { finding.note("the source is not firm on when") });
    }
    if case.holding.status == HoldingStatus::Former && figures.is_empty() {
        return Some(
            Finding::new(action, Verdict::NotApplicable).note(format!("no civilian {material} is known")),
        );
    }
    None
}

/// Whether a figure is young enough to tell how things stand.
fn is_fresh(case: &Case<'_, '_>, figure: &Stock) -> bool {
    FactDate::from(PartialDate::Year(figure.year)).within_years(Window::STOCK.years(), case.as_of)
}

/// What the figures show: that there is none, or how the series that decides has moved. With it, its trend.
fn by_trend(case: &Case<'_, '_>, action: ActionId, figures: &[Figure<'_>]) -> Option<(Finding, Trend)> {
    let latest = figures.iter().max_by_key(|figure| (figure.year, figure.basis == Basis::Declared))?;
    let (finding, moves) = if latest.mass.min_kg() == 0.0 && latest.at_least_kg() < NONE_BELOW_KG {
        (none_left(case, action, latest), Trend::Unknown)
    } else {
        moved(case, action, figures)?
    };
    let of_that_year: Vec<Figure<'_>> =
        figures.iter().filter(|figure| figure.year == latest.year).copied().collect();
    let supported: Vec<u32> = finding.cited(Stance::Supports).collect();
    let at_odds = contradictions(&of_that_year)
        .into_iter()
        .flat_map(|(a, b)| [a.statement, b.statement])
        .filter(|index| !supported.contains(index));
    let finding = case.cite(finding, at_odds, Stance::Contradicts);
    Some((case.cite(finding, figures.iter().map(|figure| figure.statement), Stance::Context), moves))
}

/// The latest figure is zero, or so small that zero is inside its range.
fn none_left(case: &Case<'_, '_>, action: ActionId, latest: &Figure<'_>) -> Finding {
    let supports = [latest.statement];
    let told = format!("{} at the end of {}", latest.mass, latest.year);
    match (is_fresh(case, latest), latest.mass.max_kg() < NONE_BELOW_KG) {
        (true, true) => case.met(action, supports).note(told).step(STAY_CLEAR),
        (true, false) => case.partly(action, supports).note(format!("{told}: none, or too little to tell")),
        (false, _) => case.partly(action, supports).note(format!("{told}: too long ago to tell")),
    }
}

fn moved(case: &Case<'_, '_>, action: ActionId, figures: &[Figure<'_>]) -> Option<(Finding, Trend)> {
    let all = series(figures.iter().copied());
    let (deciding, moves) = decisive(case, &all)?;
    let (first, last) = compared(deciding, Window::STOCK.years())?;
    let supports = [first.statement, last.statement];
    let apart = last.year - first.year;
    let told = format!(
        "{moves}: {} at the end of {}, {} at the end of {}",
        first.mass, first.year, last.mass, last.year
    );
    let finding = match (moves, is_fresh(case, last)) {
        (Trend::Falling, true) => case.met(action, supports).note(told),
        (Trend::Falling, false) => case.partly(action, supports).note(told).note("too long ago to tell"),
        (_, false) => {
            case.cite(silence(action).note(told).note("too long ago to tell"), supports, Stance::Context)
        }
        (Trend::Rising, true) => case.not_met(action, supports).note(told),
        // A rise shows at once; that nothing fell is only told by figures as far apart as the window.
        (_, true) if apart < Window::STOCK.years() => {
            let short = format!("over less than {} years", Window::STOCK.years());
            case.cite(silence(action).note(told).note(short), supports, Stance::Context)
        }
        (_, true) if last.at_least_kg() < first.at_least_kg() => {
            case.partly(action, supports).note(told).note("a fall inside the uncertainty is not a trend")
        }
        (_, true) => case.not_met(action, supports).note(told),
    };
    let opposed = all.values().filter(|other| {
        let same_time = other.last().is_some_and(|newest| newest.year >= first.year);
        let other_way = trend(other, Window::STOCK.years());
        same_time
            && matches!((moves, other_way), (Trend::Falling, Trend::Rising) | (Trend::Rising, Trend::Falling))
    });
    Some((case.cite(finding, opposed.flatten().map(|figure| figure.statement), Stance::Contradicts), moves))
}

/// The series whose trend decides: one that has a trend; fresh before old, declared before estimated, then the newest,
/// then the longest.
fn decisive<'s, 'a>(
    case: &Case<'_, '_>,
    all: &'s BTreeMap<SeriesKey, Vec<Figure<'a>>>,
) -> Option<(&'s [Figure<'a>], Trend)> {
    all.iter()
        .map(|(key, figures)| (key, figures, trend(figures, Window::STOCK.years())))
        .filter(|(_, _, moves)| *moves != Trend::Unknown)
        .max_by_key(|(key, figures, _)| {
            let fresh = figures.last().is_some_and(|last| is_fresh(case, last));
            (fresh, key.basis == Basis::Declared, figures.last().map(|last| last.year), figures.len())
        })
        .map(|(_, figures, moves)| (figures.as_slice(), moves))
}

/// The figures on what the State holds that hold on the date and that `wanted` accepts.
fn held<'a>(case: &Case<'_, 'a>, wanted: impl Fn(&Stock) -> bool) -> Vec<Figure<'a>> {
    case.pick(|statement| match &statement.body {
        Body::Stock(stock) if stock.is_holding() && wanted(stock) => Some(stock),
        _ => None,
    })
    .into_iter()
    .map(|(statement, stock)| Figure { statement, stock })
    .collect()
}

fn programmes(
    case: &Case<'_, '_>,
    wanted: &[ProgrammeAction],
    done: bool,
    material: Option<StockMaterial>,
) -> Vec<u32> {
    case.matching(|statement| {
        matches!(&statement.body, Body::Programme(programme)
            if programme.done == done
                && wanted.contains(&programme.action)
                && material.is_none_or(|material| programme.materials.contains(&material)))
    })
}

pub(super) fn converts_or_closes(case: &Case<'_, '_>) -> Finding {
    let steps = [
        ProgrammeAction::Conversion,
        ProgrammeAction::Shutdown,
        ProgrammeAction::Removal,
        ProgrammeAction::CivilDownblending,
    ];
    let cleared = case.matching(|statement| matches!(statement.body, Body::Cleared { .. }));
    let done: Vec<u32> = programmes(case, &steps, true, None).into_iter().chain(cleared).collect();
    if !done.is_empty() {
        let note = case.when(&done);
        return case.met(ActionId::D3, done).note(note);
    }
    let begun = programmes(case, &steps, false, None);
    if begun.is_empty() {
        silence(ActionId::D3)
    } else {
        case.partly(ActionId::D3, begun).note("begun, not completed")
    }
}

/// Each material that the State holds outside civilian programmes is judged; all must be met.
pub(super) fn military_stock(case: &Case<'_, '_>) -> Finding {
    let figures = held(case, |stock| matches!(stock.purpose, Purpose::Military | Purpose::Naval));
    if case.holding.military == Some(false) {
        let finding = Finding::new(ActionId::D4, Verdict::NotApplicable)
            .note("no material outside civilian programmes is known");
        return case.cite(finding, figures.iter().map(|figure| figure.statement), Stance::Context);
    }
    let materials = [StockMaterial::Heu, StockMaterial::SeparatedPlutonium];
    let judged: Vec<Finding> =
        materials.into_iter().filter_map(|material| military_material(case, material, &figures)).collect();
    let Some(verdict) = weakest(judged.iter().map(|finding| finding.verdict)) else {
        return no_comparison(case, ActionId::D4, &figures);
    };
    let mut all = Finding::new(ActionId::D4, verdict);
    for finding in judged {
        let supports =
            if finding.verdict == Verdict::NoPublicEvidence { Stance::Context } else { Stance::Supports };
        let stances = [
            (Stance::Supports, supports),
            (Stance::Contradicts, Stance::Contradicts),
            (Stance::Context, Stance::Context),
        ];
        for (was, becomes) in stances {
            all = case.cite(all, finding.cited(was).collect::<Vec<_>>(), becomes);
        }
        if all.next_step.is_empty() && !finding.next_step.is_empty() && finding.verdict != Verdict::Met {
            all.next_step = finding.next_step;
        }
        all = all.note(finding.note);
    }
    all
}

/// Excess declared and disposed of, or a stock that falls; a rise is shown beside a disposal.
fn military_material(
    case: &Case<'_, '_>,
    material: StockMaterial,
    figures: &[Figure<'_>],
) -> Option<Finding> {
    let of_it: Vec<Figure<'_>> =
        figures.iter().filter(|figure| figure.material == material).copied().collect();
    if let Some(finding) = proven_fall(case, ActionId::D4, material, &OUTSIDE_CIVILIAN) {
        return Some(case.cite(finding, of_it.iter().map(|figure| figure.statement), Stance::Context));
    }
    let declared = programmes(case, &[ProgrammeAction::ExcessDeclaration], true, Some(material));
    let disposed =
        programmes(case, &[ProgrammeAction::Downblending, ProgrammeAction::Disposal], true, Some(material));
    if of_it.iter().all(|figure| figure.at_least_kg() == 0.0) && declared.is_empty() {
        return None;
    }
    let trends: Vec<(Finding, Trend)> = [Purpose::Military, Purpose::Naval]
        .into_iter()
        .filter_map(|purpose| {
            let kept: Vec<Figure<'_>> =
                of_it.iter().filter(|figure| figure.purpose == purpose).copied().collect();
            by_trend(case, ActionId::D4, &kept)
        })
        .collect();
    let rising = trends.iter().filter(|(_, moves)| *moves == Trend::Rising);
    let rising: Vec<u32> = rising.flat_map(|(finding, _)| finding.cited(Stance::Supports)).collect();
    let by_trends = weakest(trends.iter().map(|(finding, _)| finding.verdict));
    let supports = declared.iter().chain(&disposed).copied();
    Some(match (declared.is_empty(), disposed.is_empty(), by_trends) {
        (false, false, _) => {
            let finding = case
                .met(ActionId::D4, supports)
                .note(format!("{material}: excess declared, disposal done or under way"));
            case.cite(finding, rising, Stance::Contradicts)
        }
        (_, _, Some(verdict)) if verdict != Verdict::NoPublicEvidence => {
            let mut finding = Finding::new(ActionId::D4, verdict);
            for (by_trend, _) in trends {
                finding = case.cite(
                    finding,
                    by_trend.cited(Stance::Supports).collect::<Vec<_>>(),
                    Stance::Supports,
                );
                finding = finding.note(format!("{material} {}", by_trend.note));
            }
            finding
        }
        (false, true, _) => case
            .partly(ActionId::D4, supports)
            .note(format!("{material}: excess declared; no disposal was read")),
        _ => {
            let finding = silence(ActionId::D4)
                .note(format!("{material}: no fresh figures over five years are comparable"));
            case.cite(finding, of_it.iter().map(|figure| figure.statement), Stance::Context)
        }
    })
}

/// All met is met; one not met is not met; silence about some and something about others is a part.
fn weakest(verdicts: impl IntoIterator<Item = Verdict>) -> Option<Verdict> {
    let verdicts: Vec<Verdict> = verdicts.into_iter().collect();
    let all = |wanted| verdicts.iter().all(|verdict| *verdict == wanted);
    match verdicts.first()? {
        _ if all(Verdict::Met) => Some(Verdict::Met),
        _ if verdicts.contains(&Verdict::NotMet) => Some(Verdict::NotMet),
        _ if all(Verdict::NoPublicEvidence) => Some(Verdict::NoPublicEvidence),
        _ => Some(Verdict::PartlyMet),
    }
}

/// A proof that the number fell, or two declared numbers that show it. One number alone is a part.
pub(super) fn fewer_sites(case: &Case<'_, '_>) -> Finding {
    let proven = |claim: Claim| {
        case.pick(move |statement| match &statement.body {
            Body::Proof(of) if of.claim == claim && counts_sites(of) => {
                Some(of.of.iter().all(|class| covers(of, class.material, &EVERY_PURPOSE)))
            }
            _ => None,
        })
    };
    let fell = proven(Claim::FewerSites);
    let whole: Vec<u32> = fell.iter().filter(|(_, is_whole)| *is_whole).map(|(index, _)| *index).collect();
    if !whole.is_empty() {
        return case.met(ActionId::D5, whole);
    }
    let part = fell.iter().map(|(index, _)| *index);
    let mut declared = case.pick(|statement| match statement.body {
        Body::Sites { min, max } => Some((min, max)),
        _ => None,
    });
    declared.sort_by_key(|(index, _)| case.base.statement(*index).date.date.last_day());
    let known = proven(Claim::Sites).into_iter().map(|(index, _)| index);
    let all: Vec<u32> = declared.iter().map(|(index, _)| *index).chain(part).chain(known).collect();
    match (declared.first(), declared.last()) {
        (Some((first, (min, _))), Some((last, (_, max)))) if first != last && max < min => {
            case.met(ActionId::D5, all).note("the declared number fell")
        }
        _ if all.is_empty() => silence(ActionId::D5),
        _ if !fell.is_empty() => case
            .partly(ActionId::D5, all)
            .note("the number of sites with some of it fell; material can have moved to others")
            .step("Prove it of the material for every purpose together."),
        _ => case.partly(ActionId::D5, all).note("a number is known; it did not clearly fall"),
    }
}

/// Whether a claim counts sites, not balance areas, that hold weapons-usable material.
fn counts_sites(proven: &ProvenClaim) -> bool {
    let is_site = |bound: &Bound| bound.name == "each" && bound.value == "site";
    proven.bounds.iter().any(is_site) && proven.of.iter().all(|of| of.material.is_weapons_usable())
}

/// The commitments to reduce, each as good as it stands; the best decides, and one that failed contradicts it.
pub(super) fn reduction_commitment(case: &Case<'_, '_>) -> Finding {
    let judged: Vec<(Verdict, &str, Commitment)> = commitments(case)
        .into_iter()
        .filter_map(|commitment| {
            let (verdict, note) = on_track(case, &commitment, commitment.material?);
            Some((verdict, note, commitment))
        })
        .collect();
    let Some((verdict, note)) =
        judged.iter().map(|(verdict, note, _)| (*verdict, *note)).min_by_key(|(verdict, _)| *verdict)
    else {
        return silence(ActionId::D6);
    };
    let mut finding = Finding::new(ActionId::D6, verdict).note(note);
    for (other, _, commitment) in &judged {
        let stance = match other {
            other if *other == verdict => Stance::Supports,
            Verdict::NotMet => Stance::Contradicts,
            _ => Stance::Context,
        };
        finding = commitment.cite(case, finding, stance);
    }
    finding
}

fn on_track(
    case: &Case<'_, '_>,
    commitment: &Commitment,
    material: StockMaterial,
) -> (Verdict, &'static str) {
    let ended_lately = commitment.due.last_day().is_some()
        && FactDate::from(commitment.due).within_years(Window::REPORT.years(), case.as_of);
    match (commitment.outcome(), commitment.due) {
        (Some(Outcome::Kept), _) if ended_lately => (Verdict::Met, "kept"),
        (Some(Outcome::Kept), _) => {
            (Verdict::PartlyMet, "kept, more than five years ago; none with a date to come")
        }
        (Some(Outcome::Late), _) => (Verdict::PartlyMet, "kept late"),
        (Some(Outcome::Broken), _) => (Verdict::NotMet, "broken"),
        (Some(Outcome::Left), _) => (Verdict::NotMet, "the agreement was left"),
        (None, PartialDate::Unknown) => (Verdict::PartlyMet, "committed, without a date"),
        (None, _) if commitment.is_due(case.as_of) => {
            (Verdict::PartlyMet, "its date has passed; the outcome is not known")
        }
        (None, _) => match by_trend(case, ActionId::D6, &held(case, |stock| stock.material == material)) {
            Some((finding, Trend::Falling)) if finding.verdict == Verdict::Met => {
                (Verdict::Met, "committed to a date, and the stock is falling")
            }
            _ => (Verdict::PartlyMet, "committed to a date; no stock shows that it is on track"),
        },
    }
}

/// The latest yearly figures that it reported itself must not be older than two years.
pub(super) fn reports_stocks(case: &Case<'_, '_>) -> Finding {
    let reported = case.pick(|statement| match &statement.body {
        Body::Report { kind, data_date, filed: true, .. } if is_stock_report(*kind) => {
            Some(if *data_date == PartialDate::Unknown { statement.date.date } else { *data_date })
        }
        Body::Stock(stock)
            if stock.compiler == YEARLY_DECLARATION && stock.basis == Basis::Declared && !stock.part =>
        {
            Some(PartialDate::Year(stock.year))
        }
        _ => None,
    });
    let Some(latest) = reported.iter().map(|(_, date)| *date).max_by_key(|date| date.last_day()) else {
        return silence(ActionId::D7);
    };
    let (newest, older): (Vec<_>, Vec<_>) =
        reported.iter().partition(|(_, date)| date.last_day() == latest.last_day());
    let newest = newest.into_iter().map(|(index, _)| index);
    let fresh = FactDate::from(latest).within_years(Window::YEARLY.years(), case.as_of);
    let finding = if fresh { case.met(ActionId::D7, newest) } else { case.partly(ActionId::D7, newest) };
    let finding = finding.note(format!("latest figures: {latest}"));
    case.cite(finding, older.into_iter().map(|(index, _)| index), Stance::Context)
}

fn is_stock_report(kind: ReportKind) -> bool {
    matches!(kind, ReportKind::Infcirc549 | ReportKind::Infcirc912 | ReportKind::Infcirc549Heu)
}
