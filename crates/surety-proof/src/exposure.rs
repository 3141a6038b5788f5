//! What all claims and disclosures made so far reveal *together*: the narrowest interval for every total.
//!
//! Each claim says only what it says. But a claim "at most 500 kg" after one "at least 480 kg" leaves 20 kg, and
//! bounds chosen one after the other search a secret by halves. Whoever makes claims keeps this ledger, and looks
//! before the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use surety_core::Date;

use crate::claims::{Claim, ProvenClaim, kg};
use crate::commitment::{Header, Record};
use crate::disclosure::Disclosure;
use crate::register::{Class, Holder, Scope};
use crate::{Anchor, Root};

/// From when on claims that narrow one total are a search.
const SEARCH_FROM: usize = 3;

/// An interval narrower than this part of its upper end is called narrow.
const NARROW_PARTS: u64 = 10;

/// How often bounds are carried on: each round carries them one claim further.
const ROUNDS_MAX: usize = 64;

/// Something that was made and left the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    limits: Vec<Limit>,
    shown: Vec<Shown>,
}

/// What a claim limits.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Limit {
    AtLeast(Total, u64),
    AtMost(Total, u64),
    /// The first is at least so much more than the second.
    Exceeds(Total, Total, u64),
}

/// A mass that a reader was shown: an entry of a commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Shown {
    anchor: Anchor,
    index: u64,
    /// A leaf, or a sum of a kind of holder: masses of different kinds are not added.
    kind: Option<Holder>,
    class: Class,
    mass_mg: u64,
    /// How many such entries there are: who was shown all of them knows the total.
    of: u64,
}

/// A total: of which classes, under which root.
type Total = (Anchor, Scope);

impl Made {
    /// A claim, with the header of its newer root.
    pub fn claim(proven: &ProvenClaim, header: &Header) -> Self {
        let anchors = proven.anchors();
        let (Some(older), Some(newer)) = (anchors.first(), anchors.last()) else {
            return Self { limits: Vec::new(), shown: Vec::new() };
        };
        let limits = match proven.claim() {
            Claim::Total(claim) => {
                let total = (*newer, claim.scope);
                let least = claim.at_least_mg.map(|least_mg| Limit::AtLeast(total, least_mg));
                let most = claim.at_most_mg.map(|most_mg| Limit::AtMost(total, most_mg));
                least.into_iter().chain(most).collect()
            }
            Claim::Decrease(claim) => {
                vec![Limit::Exceeds((*older, claim.scope), (*newer, claim.scope), claim.by_mg)]
            }
            Claim::Elimination(claim) => vec![Limit::AtMost((*newer, claim.scope), 0)],
            Claim::Category(claim) => {
                let slots = u64::from(header.layout.holders(claim.holder));
                let most_mg = claim.most_mg().and_then(|most_mg| most_mg.checked_mul(slots));
                most_mg.map(|most_mg| Limit::AtMost((*newer, claim.scope), most_mg)).into_iter().collect()
            }
            Claim::Sites(claim) if claim.at_most == 0 => vec![Limit::AtMost((*newer, claim.scope), 0)],
            Claim::Sites(_) | Claim::FewerSites(_) | Claim::Parity(_) | Claim::Balance(_) => Vec::new(),
        };
        Self { limits, shown: Vec::new() }
    }

    /// That the total of a class is the same under two roots, which others may know or guess: what is shown of one is
    /// shown of the other.
    pub fn unchanged(one: Anchor, other: Anchor, class: Class) -> Self {
        let (one, other) = ((one, Scope::class(class)), (other, Scope::class(class)));
        Self { limits: vec![Limit::Exceeds(one, other, 0), Limit::Exceeds(other, one, 0)], shown: Vec::new() }
    }

    /// A disclosure.
    pub fn disclosure(disclosure: &Disclosure) -> Self {
        let anchor = disclosure.anchor();
        let layout = &disclosure.header().layout;
        let sections: BTreeMap<Class, u32> = layout.sections().collect();
        let mut shown = Vec::new();
        let mut leaf = |index, class: Class, mass_mg| {
            let of = sections.get(&class).copied().map_or(0, u64::from);
            shown.push(Shown { anchor, index, kind: None, class, mass_mg, of });
        };
        let mut sums = Vec::new();
        for opening in disclosure.openings() {
            let index = opening.index();
            match opening.record() {
                Record::Holding { holding, .. } => leaf(index, holding.class, holding.mass_mg),
                Record::EmptyLeaf { .. } => {
                    if let Some(crate::Region::Leaf(class)) = layout.region(index) {
                        leaf(index, class, 0);
                    }
                }
                Record::Holder { sums_mg, .. } => {
                    let Some(crate::Region::Holder(holder, _)) = layout.region(index) else { continue };
                    sums.extend(sections.keys().zip(sums_mg).map(|(class, sum_mg)| Shown {
                        anchor,
                        index,
                        kind: Some(holder),
                        class: *class,
                        mass_mg: u64::try_from(*sum_mg).unwrap_or(0),
                        of: layout.holders(holder).into(),
                    }));
                }
                Record::Requirement { .. } | Record::Balance(_) => {}
            }
        }
        shown.extend(sums);
        Self { limits: Vec::new(), shown }
    }
}

/// Between which bounds a total is known to lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Interval {
    /// At least so many milligrams.
    pub at_least_mg: u64,
    /// At most so many; none when nothing limits it.
    pub at_most_mg: Option<u64>,
}

impl Interval {
    /// How many milligrams lie between; none when nothing limits it from above.
    pub fn width_mg(self) -> Option<u64> {
        self.at_most_mg.map(|most_mg| most_mg.saturating_sub(self.at_least_mg))
    }

    fn raise(&mut self, least_mg: u64) -> bool {
        let higher = least_mg > self.at_least_mg;
        self.at_least_mg = self.at_least_mg.max(least_mg);
        higher
    }

    fn lower(&mut self, most_mg: u64) -> bool {
        let lower = self.at_most_mg.is_none_or(|known_mg| most_mg < known_mg);
        if lower {
            self.at_most_mg = Some(most_mg);
        }
        lower
    }

    /// Whether a search has come a step further: there is an upper bound now, or a tenth of the width is gone.
    fn is_much_narrower_than(self, known: Self) -> bool {
        match (self.width_mg(), known.width_mg()) {
            (Some(_), None) => true,
            (Some(width_mg), Some(known_mg)) => width_mg < known_mg - known_mg / NARROW_PARTS,
            (None, _) => self.at_least_mg > known.at_least_mg + known.at_least_mg / NARROW_PARTS,
        }
    }

    fn is_narrow(self) -> bool {
        match (self.at_most_mg, self.width_mg()) {
            (Some(most_mg), Some(width_mg)) => most_mg > 0 && width_mg <= most_mg / NARROW_PARTS,
            _ => false,
        }
    }
}

impl fmt::Display for Interval {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at_most_mg {
            Some(most_mg) if most_mg == self.at_least_mg => write!(f, "exactly {}", kg(most_mg)),
            Some(most_mg) => write!(f, "between {} and {}", kg(self.at_least_mg), kg(most_mg)),
            None => write!(f, "at least {}", kg(self.at_least_mg)),
        }
    }
}

/// What should make one think before the next claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Warning {
    /// A total is all but known.
    Narrow {
        /// As of when.
        date: Date,
        /// Of what.
        scope: Scope,
        /// What is known.
        interval: Interval,
    },
    /// Claim after claim has narrowed one total.
    Search {
        /// As of when.
        date: Date,
        /// Of what.
        scope: Scope,
        /// How many of them did.
        claims: usize,
        /// What is known.
        interval: Interval,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Narrow { date, scope, interval } => write!(
                f,
                "all of it together shows the total of {scope} on {date} to a tenth or better: {interval}"
            ),
            Self::Search { date, scope, claims, interval } => write!(
                f,
                "{claims} claims and disclosures have narrowed the total of {scope} on {date} one after the other, as \
                 a search by halves does: {interval}. Choose bounds before they are asked for, and for all alike"
            ),
        }
    }
}

/// The ledger of all that was made.
#[derive(Debug, Clone, Default)]
pub struct Exposure {
    made: Vec<Made>,
}

impl Exposure {
    /// A ledger of these, in the order in which they were made.
    pub fn of(made: Vec<Made>) -> Self {
        Self { made }
    }

    /// The same with one more: look at its warnings before making that.
    #[must_use]
    pub fn with(&self, next: Made) -> Self {
        Self { made: self.made.iter().cloned().chain([next]).collect() }
    }

    /// The narrowest interval for every total that something was said about, and for each of its classes.
    pub fn intervals(&self) -> BTreeMap<(Date, Root, Scope), Interval> {
        let known = Known::of(&self.made);
        known
            .totals
            .into_iter()
            .map(|((anchor, scope), interval)| ((anchor.date, anchor.root, scope), interval))
            .collect()
    }

    /// What all of it together gives away.
    pub fn warnings(&self) -> Vec<Warning> {
        let mut narrowed: BTreeMap<Total, usize> = BTreeMap::new();
        let mut before = Known::default();
        for count in 1..=self.made.len() {
            let after = Known::of(&self.made[..count]);
            for (total, interval) in &after.totals {
                let known = before.totals.get(total).copied().unwrap_or_default();
                if interval.is_much_narrower_than(known) {
                    *narrowed.entry(*total).or_default() += 1;
                }
            }
            before = after;
        }
        let mut warnings = Vec::new();
        for ((anchor, scope), interval) in before.totals {
            let (date, claims) = (anchor.date, narrowed.get(&(anchor, scope)).copied().unwrap_or(0));
            if interval.is_narrow() {
                warnings.push(Warning::Narrow { date, scope, interval });
            }
            if claims >= SEARCH_FROM {
                warnings.push(Warning::Search { date, scope, claims, interval });
            }
        }
        warnings
    }
}

/// What is known of each total.
#[derive(Default)]
struct Known {
    totals: BTreeMap<Total, Interval>,
}

impl Known {
    fn of(made: &[Made]) -> Self {
        let mut known = Self::default();
        let limits: Vec<&Limit> = made.iter().flat_map(|made| &made.limits).collect();
        for limit in &limits {
            match limit {
                Limit::AtLeast(total, _) | Limit::AtMost(total, _) => known.mention(*total),
                Limit::Exceeds(more, less, _) => {
                    known.mention(*more);
                    known.mention(*less);
                }
            }
        }
        known.show(made.iter().flat_map(|made| &made.shown));
        for _ in 0..ROUNDS_MAX {
            let applied = limits.iter().fold(false, |changed, limit| known.apply(limit) | changed);
            if !(known.carry() | applied) {
                break;
            }
        }
        known
    }

    /// A total and each of its classes.
    fn mention(&mut self, (anchor, scope): Total) {
        self.totals.entry((anchor, scope)).or_default();
        for class in scope.classes() {
            self.totals.entry((anchor, Scope::class(class))).or_default();
        }
    }

    /// What was shown is there at least, and no more where every entry was; one that was shown twice counts once.
    fn show<'a>(&mut self, shown: impl Iterator<Item = &'a Shown>) {
        let mut seen = BTreeSet::new();
        let mut all: BTreeMap<(Anchor, Class, Option<Holder>), Vec<&Shown>> = BTreeMap::new();
        for shown in shown {
            if seen.insert((shown.anchor, shown.index, shown.class)) {
                all.entry((shown.anchor, shown.class, shown.kind)).or_default().push(shown);
            }
        }
        for ((anchor, class, _), shown) in all {
            let sum_mg = shown.iter().map(|shown| shown.mass_mg).sum();
            let total = self.totals.entry((anchor, Scope::class(class))).or_default();
            total.raise(sum_mg);
            if shown.first().is_some_and(|one| one.of == shown.len() as u64) {
                total.lower(sum_mg);
            }
        }
    }

    fn apply(&mut self, limit: &Limit) -> bool {
        match *limit {
            Limit::AtLeast(total, least_mg) => self.total(total).raise(least_mg),
            Limit::AtMost(total, most_mg) => self.total(total).lower(most_mg),
            Limit::Exceeds(more, less, by_mg) => {
                let least_mg = self.total(less).at_least_mg.saturating_add(by_mg);
                let raised = self.total(more).raise(least_mg);
                let most_mg = self.total(more).at_most_mg.map(|most_mg| most_mg.saturating_sub(by_mg));
                most_mg.is_some_and(|most_mg| self.total(less).lower(most_mg)) | raised
            }
        }
    }

    fn total(&mut self, total: Total) -> &mut Interval {
        self.totals.entry(total).or_default()
    }

    /// Carries bounds from parts to wholes and back.
    fn carry(&mut self) -> bool {
        let keys: Vec<Total> = self.totals.keys().copied().collect();
        let mut changed = false;
        for (anchor, scope) in &keys {
            changed |= self.carry_classes(*anchor, *scope);
            for (other, part) in keys.iter().filter(|(other, part)| other == anchor && part != scope) {
                if scope.contains(*part) {
                    let least_mg = self.total((*other, *part)).at_least_mg;
                    changed |= self.total((*anchor, *scope)).raise(least_mg);
                    if let Some(most_mg) = self.total((*anchor, *scope)).at_most_mg {
                        changed |= self.total((*other, *part)).lower(most_mg);
                    }
                }
            }
        }
        changed
    }

    /// A total is the sum of its classes.
    fn carry_classes(&mut self, anchor: Anchor, scope: Scope) -> bool {
        let classes: Vec<Total> = scope.classes().map(|class| (anchor, Scope::class(class))).collect();
        if classes.len() < 2 {
            return false;
        }
        let parts: Vec<Interval> = classes.iter().map(|class| *self.total(*class)).collect();
        let least_mg = parts.iter().fold(0u64, |sum, part| sum.saturating_add(part.at_least_mg));
        let mut changed = self.total((anchor, scope)).raise(least_mg);
        let most_mg = parts.iter().try_fold(0u64, |sum, part| sum.checked_add(part.at_most_mg?));
        if let Some(most_mg) = most_mg {
            changed |= self.total((anchor, scope)).lower(most_mg);
        }
        let whole = *self.total((anchor, scope));
        for (at, class) in classes.iter().enumerate() {
            let others =
                || parts.iter().enumerate().filter(move |(other, _)| *other != at).map(|(_, part)| part);
            let others_least_mg = others().fold(0u64, |sum, part| sum.saturating_add(part.at_least_mg));
            if let Some(most_mg) = whole.at_most_mg {
                changed |= self.total(*class).lower(most_mg.saturating_sub(others_least_mg));
            }
            let others_most_mg = others().try_fold(0u64, |sum, part| sum.checked_add(part.at_most_mg?));
            if let Some(most_mg) = others_most_mg {
                changed |= self.total(*class).raise(whole.at_least_mg.saturating_sub(most_mg));
            }
        }
        changed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{HEU_MILITARY, HEU_NAVAL, KG, committed_year_1, committed_year_2};
    use crate::{DecreaseClaim, EliminationClaim, Material, TotalClaim};

    fn made(claim: Claim, compares: bool) -> Made {
        let (older, newer) = (committed_year_1(), committed_year_2());
        let anchors = if compares { vec![older.anchor(), newer.anchor()] } else { vec![newer.anchor()] };
        Made::claim(&ProvenClaim::of(claim, anchors), newer.header())
    }

    fn total(scope: Scope, least_kg: Option<u64>, most_kg: Option<u64>) -> Made {
        let claim = TotalClaim {
            scope,
            at_least_mg: least_kg.map(|kg| kg * KG),
            at_most_mg: most_kg.map(|kg| kg * KG),
        };
        made(Claim::Total(claim), false)
    }

    fn known(exposure: &Exposure, anchor: Anchor, scope: Scope) -> String {
        exposure.intervals()[&(anchor.date, anchor.root, scope)].to_string()
    }

    #[test]
    fn bounds_carry_over_between_totals_classes_and_years() {
        let (military, heu) = (Scope::class(HEU_MILITARY), Scope::material(Material::Heu));
        let naval = Scope::class(HEU_NAVAL);
        let decrease = made(Claim::Decrease(DecreaseClaim { scope: military, by_mg: 7 * KG }), true);
        let exposure =
            Exposure::of(vec![total(military, Some(20), None), total(heu, None, Some(30)), decrease]);
        let (older, newer) = (committed_year_1().anchor(), committed_year_2().anchor());
        assert_eq!(known(&exposure, newer, military), "between 20 kg and 30 kg");
        assert_eq!(known(&exposure, newer, heu), "between 20 kg and 30 kg");
        assert_eq!(known(&exposure, newer, naval), "between 0 kg and 10 kg");
        assert_eq!(known(&exposure, older, military), "at least 27 kg");
        assert_eq!(exposure.warnings(), []);
    }

    #[test]
    fn a_search_by_halves_is_noticed() {
        let scope = Scope::class(HEU_MILITARY);
        let bounds = [(0, 100), (0, 50), (25, 50), (37, 50), (37, 43), (40, 43)];
        let steps = bounds.map(|(least, most)| total(scope, Some(least), Some(most)));
        let exposure = Exposure::of(steps.to_vec());
        let warnings: Vec<String> = exposure.warnings().iter().map(Warning::to_string).collect();
        assert_eq!(warnings.len(), 2, "{warnings:?}");
        assert!(warnings[0].contains("to a tenth or better: between 40 kg and 43 kg"), "{}", warnings[0]);
        assert!(warnings[1].starts_with("6 claims and disclosures"), "{}", warnings[1]);
        assert!(Exposure::of(steps[..2].to_vec()).warnings().is_empty());
        assert_eq!(Exposure::of(steps[..2].to_vec()).with(steps[2].clone()).warnings().len(), 1);
    }

    #[test]
    fn what_a_reader_was_shown_is_there_at_least_and_counts_once() {
        let committed = committed_year_1();
        let site = Disclosure::of_holder(committed, Holder::Site, "site-1").unwrap();
        let item = committed.find(|record| {
            matches!(record, Record::Holding { holding, .. } if ["h-01", "h-03"].contains(&holding.id.as_str()))
        });
        let item = Disclosure::new(committed, &item).unwrap();
        let exposure = Exposure::of(vec![Made::disclosure(&site), Made::disclosure(&item)]);
        // 12 kg and 6 kg at site 1, and the 9 kg at site 2.
        assert_eq!(known(&exposure, committed.anchor(), Scope::class(HEU_MILITARY)), "at least 27 kg");
    }

    #[test]
    fn who_is_shown_every_leaf_of_a_class_knows_its_total() {
        let committed = committed_year_1();
        let range = committed.header().layout.leaf_entries(HEU_MILITARY).unwrap();
        let all: Vec<u64> = range.collect();
        let exposure = |entries: &[u64]| {
            Exposure::of(vec![Made::disclosure(&Disclosure::new(committed, entries).unwrap())])
        };
        assert!(
            known(&exposure(&all), committed.anchor(), Scope::class(HEU_MILITARY)).starts_with("exactly")
        );
        assert_eq!(exposure(&all).warnings().len(), 1);
        assert!(exposure(&all[1..]).warnings().is_empty(), "one is not shown");
    }

    #[test]
    fn bounds_of_two_roots_with_the_same_total_come_together() {
        let scope = Scope::class(HEU_MILITARY);
        let (older, newer) = (committed_year_1(), committed_year_2());
        let claim = TotalClaim { scope, at_least_mg: None, at_most_mg: Some(30 * KG) };
        let most = ProvenClaim::of(Claim::Total(claim), vec![older.anchor()]);
        let apart = Exposure::of(vec![total(scope, Some(29), None), Made::claim(&most, older.header())]);
        assert!(apart.warnings().is_empty());
        let same = Made::unchanged(older.anchor(), newer.anchor(), HEU_MILITARY);
        assert!(!apart.with(same).warnings().is_empty());
    }

    #[test]
    fn bounds_that_tell_nothing_new_are_no_search() {
        let scope = Scope::class(HEU_MILITARY);
        let steps = [(0, 5_000), (0, 4_999), (1, 4_998), (1, 4_900), (2, 4_890)];
        let steps = steps.map(|(least, most)| total(scope, Some(least), Some(most)));
        assert!(Exposure::of(steps.to_vec()).warnings().is_empty());
    }

    #[test]
    fn zero_is_exact() {
        let scope = Scope::class(HEU_NAVAL);
        let exposure = Exposure::of(vec![made(Claim::Elimination(EliminationClaim { scope }), false)]);
        assert_eq!(known(&exposure, committed_year_2().anchor(), scope), "exactly 0 kg");
        assert_eq!(exposure.warnings(), []);
    }
}
