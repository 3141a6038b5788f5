//! Civil and military side by side, and against the baseline.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use surety_core::{Date, words};

use crate::{Answer, Answers, Assessment, Catalogue, Maturity, Regime, Requirement, current};

words! {
    /// How one maturity stands to another.
    pub enum Standing("standing") {
        /// The same.
        Equal = "equal",
        /// Higher.
        Higher = "higher",
        /// Lower.
        Lower = "lower",
        /// One of them is not stated, or what is said conflicts.
        NotStated = "not stated",
        /// The requirement does not apply to one of them: there is nothing to compare.
        NotApplicable = "not applicable",
    }
}

impl Standing {
    fn of(this: &Answer<Maturity>, other: &Answer<Maturity>) -> Self {
        if this.is_not_applicable() || other.is_not_applicable() {
            return Self::NotApplicable;
        }
        match (this.value(), other.value()) {
            (Some(this), Some(other)) if this == other => Self::Equal,
            (Some(this), Some(other)) if this > other => Self::Higher,
            (Some(_), Some(_)) => Self::Lower,
            _ => Self::NotStated,
        }
    }

    /// Whether it is stated, and the same or higher.
    pub fn same_or_higher(self) -> bool {
        matches!(self, Self::Equal | Self::Higher)
    }
}

words! {
    /// The highest category of material that a regime holds. Orders upwards.
    pub enum BaselineCategory("category") {
        /// Category III.
        III = "III",
        /// Category II.
        II = "II",
        /// Category I.
        I = "I",
    }
}

/// The maturity that IAEA guidance asks of a regime that holds material up to a category.
///
/// It asks every item of the Nuclear Security Series that applies at that category, at maturity 3, which is by its
/// definition "done as the guidance asks". An item for category III applies at II and I too, one for category I at I
/// only. Items of treaties, resolutions and commitments are compared between the regimes, and have no baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Baseline {
    /// The highest category that the regime holds.
    pub category: BaselineCategory,
}

impl Baseline {
    /// What it asks of a requirement; none where it asks nothing.
    pub fn asks(self, requirement: &Requirement) -> Option<Maturity> {
        let from = match requirement.category.as_str() {
            "any" => BaselineCategory::III,
            category => category.parse().ok()?,
        };
        (requirement.document.starts_with("NSS ") && self.category >= from).then_some(Maturity::AS_ASKED)
    }
}

/// One requirement, both regimes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comparison<'a> {
    /// The requirement.
    #[serde(skip)]
    pub requirement: &'a Requirement,
    /// What the civil regime does.
    pub civil: Answers,
    /// What the military regime does.
    pub military: Answers,
    /// How military maturity stands to civil maturity.
    pub military_to_civil: Standing,
    /// How civil maturity stands to its baseline; none where that asks nothing.
    pub civil_to_baseline: Option<Standing>,
    /// How military maturity stands to its baseline; none where that asks nothing.
    pub military_to_baseline: Option<Standing>,
}

words! {
    /// Whether military material is protected to the same or a higher standard, and at least to the baseline.
    pub enum ParityVerdict("parity verdict") {
        /// For every requirement that applies.
        SameOrHigher = "same or higher",
        /// For some requirement it is lower.
        Lower = "lower",
        /// For none it is lower, and for some it is not stated.
        NotShown = "not shown",
    }
}

/// How many requirements stand how.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Counts {
    /// The same.
    pub equal: usize,
    /// Higher.
    pub higher: usize,
    /// Lower.
    pub lower: usize,
    /// Not stated.
    pub not_stated: usize,
    /// Not applicable.
    pub not_applicable: usize,
}

impl Counts {
    fn add(&mut self, standing: Standing) {
        *match standing {
            Standing::Equal => &mut self.equal,
            Standing::Higher => &mut self.higher,
            Standing::Lower => &mut self.lower,
            Standing::NotStated => &mut self.not_stated,
            Standing::NotApplicable => &mut self.not_applicable,
        } += 1;
    }

    /// Counts standings.
    pub fn of(standings: impl IntoIterator<Item = Standing>) -> Self {
        let mut counts = Self::default();
        standings.into_iter().for_each(|standing| counts.add(standing));
        counts
    }

    /// How many in all.
    pub fn total(self) -> usize {
        self.equal + self.higher + self.lower + self.not_stated + self.not_applicable
    }
}

/// What must rise, and by how much.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Rise<'a> {
    /// The requirement.
    #[serde(skip)]
    pub requirement: &'a Requirement,
    /// The regime.
    pub regime: Regime,
    /// Where it stands; none where it is not stated: assess it first.
    pub from: Option<Maturity>,
    /// Where it must be.
    pub to: Maturity,
    /// Whether the civil regime asks it: for military material, where civil maturity is above the baseline.
    pub for_parity: bool,
}

impl Rise<'_> {
    /// By how much it must rise; none where it is not stated.
    pub fn by(&self) -> Option<u8> {
        Some(self.to.number().saturating_sub(self.from?.number()))
    }
}

/// Every requirement, both regimes, on one day.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parity<'a> {
    /// The day.
    pub date: Date,
    /// The requirements, in the order of the catalogue.
    pub rows: Vec<Comparison<'a>>,
    civil: Baseline,
    military: Baseline,
}

impl<'a> Parity<'a> {
    /// Compares both regimes on a day, each with its own baseline.
    pub fn on(
        catalogue: &'a Catalogue,
        assessments: &[Assessment],
        civil: Baseline,
        military: Baseline,
        date: Date,
    ) -> Self {
        let current = current(assessments, date);
        let rows = catalogue.requirements.iter().map(|requirement| {
            let of = |regime| Answers::of(catalogue, &current, &requirement.id, regime);
            let (civil_answers, military_answers) = (of(Regime::Civil), of(Regime::Military));
            let (low, high) = (&civil_answers.maturity, &military_answers.maturity);
            let against = |baseline: Baseline, maturity| {
                let asked = Answer::Direct { value: baseline.asks(requirement)? };
                Some(Standing::of(maturity, &asked))
            };
            Comparison {
                requirement,
                military_to_civil: Standing::of(high, low),
                civil_to_baseline: against(civil, low),
                military_to_baseline: against(military, high),
                civil: civil_answers,
                military: military_answers,
            }
        });
        Self { date, rows: rows.collect(), civil, military }
    }

    /// Whether military material is protected to the same or a higher standard, and at least to the baseline. What does
    /// not apply is left out of it; where nothing is left, nothing is shown.
    pub fn verdict(&self) -> ParityVerdict {
        let mut standings = self
            .rows
            .iter()
            .flat_map(|row| [Some(row.military_to_civil), row.military_to_baseline])
            .flatten()
            .filter(|standing| *standing != Standing::NotApplicable);
        let compared = self.rows.iter().any(|row| row.military_to_civil.same_or_higher());
        if standings.clone().any(|standing| standing == Standing::Lower) {
            ParityVerdict::Lower
        } else if compared && standings.all(Standing::same_or_higher) {
            ParityVerdict::SameOrHigher
        } else {
            ParityVerdict::NotShown
        }
    }

    /// How military stands to civil, in all.
    pub fn counts(&self) -> Counts {
        Counts::of(self.rows.iter().map(|row| row.military_to_civil))
    }

    /// How a regime stands to its baseline, over the requirements of which the baseline asks something.
    pub fn baseline_counts(&self, regime: Regime) -> Counts {
        Counts::of(self.rows.iter().filter_map(|row| match regime {
            Regime::Civil => row.civil_to_baseline,
            Regime::Military => row.military_to_baseline,
        }))
    }

    /// How military stands to civil, area by area.
    pub fn by_area(&self) -> BTreeMap<&'a str, Counts> {
        let mut areas = BTreeMap::<&str, Counts>::new();
        for row in &self.rows {
            areas.entry(&row.requirement.area).or_default().add(row.military_to_civil);
        }
        areas
    }

    /// What must rise, and by how much, so that parity holds: the military regime to the civil one and to its baseline,
    /// the civil one to its baseline. What is not stated and asked stands here too, what does not apply does not.
    pub fn rises(&self) -> Vec<Rise<'a>> {
        let mut rises = Vec::new();
        for row in &self.rows {
            let requirement = row.requirement;
            let (civil, military) = (row.civil.maturity.value(), row.military.maturity.value());
            let asked = self.military.asks(requirement);
            let must_rise = |answers: &Answers, to: Maturity| {
                !answers.maturity.is_not_applicable() && answers.maturity.value() < Some(to)
            };
            if let Some(to) = asked.max(civil).filter(|to| must_rise(&row.military, *to)) {
                rises.push(Rise {
                    requirement,
                    regime: Regime::Military,
                    from: military,
                    to,
                    for_parity: civil > asked,
                });
            }
            if let Some(to) = self.civil.asks(requirement).filter(|to| must_rise(&row.civil, *to)) {
                rises.push(Rise { requirement, regime: Regime::Civil, from: civil, to, for_parity: false });
            }
        }
        rises
    }
}

/// How military stood to civil on every day on which something was assessed, up to a day.
pub fn history(
    catalogue: &Catalogue,
    assessments: &[Assessment],
    civil: Baseline,
    military: Baseline,
    until: Date,
) -> Vec<(Date, Counts)> {
    let days: BTreeSet<Date> =
        assessments.iter().map(|assessment| assessment.date).filter(|date| *date <= until).collect();
    let on = |date| (date, Parity::on(catalogue, assessments, civil, military, date).counts());
    days.into_iter().map(on).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Relation;
    use crate::answer::tests::catalogue;
    use crate::assessment::tests::{assessment, not_applicable};
    use proptest::prelude::*;

    const BASELINE: Baseline = Baseline { category: BaselineCategory::I };

    fn parity<'a>(catalogue: &'a Catalogue, said: &[(&str, Regime, u8)]) -> Parity<'a> {
        let all: Vec<_> = said
            .iter()
            .map(|(id, regime, number)| assessment(id, *regime, "2025-01-01", Some(*number)))
            .collect();
        Parity::on(catalogue, &all, BASELINE, BASELINE, "2026-01-01".parse().unwrap())
    }

    #[test]
    fn what_does_not_apply_is_neither_equal_nor_a_gap() {
        use Standing::{Equal, Higher, NotApplicable, NotStated};
        let catalogue = catalogue(&["A", "B"], &[]);
        let said = |id: &str, regime, answer: Option<Option<u8>>| {
            answer.map(|maturity| match maturity {
                Some(_) => assessment(id, regime, "2025-01-01", maturity),
                None => not_applicable(id, regime, "There is no such material."),
            })
        };
        let (none, three, four) = (Some(None), Some(Some(3)), Some(Some(4)));
        // Of A civil and military; B is equal in both. How A stands, and in which regimes it must rise.
        for (civil, military, to_civil, [civil_base, military_base], rises, verdict) in [
            (three, none, NotApplicable, [Equal, NotApplicable], vec![], ParityVerdict::SameOrHigher),
            (none, four, NotApplicable, [NotApplicable, Higher], vec![], ParityVerdict::SameOrHigher),
            (none, none, NotApplicable, [NotApplicable; 2], vec![], ParityVerdict::SameOrHigher),
            (
                None,
                none,
                NotApplicable,
                [NotStated, NotApplicable],
                vec![Regime::Civil],
                ParityVerdict::SameOrHigher,
            ),
            (
                none,
                None,
                NotApplicable,
                [NotApplicable, NotStated],
                vec![Regime::Military],
                ParityVerdict::NotShown,
            ),
        ] {
            let all = [
                said("A", Regime::Civil, civil),
                said("A", Regime::Military, military),
                said("B", Regime::Civil, three),
                said("B", Regime::Military, three),
            ];
            let all: Vec<Assessment> = all.into_iter().flatten().collect();
            let on = "2026-01-01".parse().unwrap();
            let parity = Parity::on(&catalogue, &all, BASELINE, BASELINE, on);
            let row = &parity.rows[0];
            assert_eq!(row.military_to_civil, to_civil, "{all:?}");
            assert_eq!(
                [row.civil_to_baseline, row.military_to_baseline],
                [civil_base, military_base].map(Some)
            );
            assert_eq!(parity.rises().iter().map(|rise| rise.regime).collect::<Vec<_>>(), rises, "{all:?}");
            assert_eq!(parity.verdict(), verdict, "{all:?}");
            let counts = parity.counts();
            assert_eq!((counts.equal, counts.not_applicable, counts.total()), (1, 1, 2));
        }
        // Where nothing applies, nothing is shown.
        let all = ["A", "B"].map(|id| not_applicable(id, Regime::Military, "There is no military material."));
        let parity = Parity::on(&catalogue, &all, BASELINE, BASELINE, "2026-01-01".parse().unwrap());
        assert_eq!(parity.verdict(), ParityVerdict::NotShown);
    }

    #[test]
    fn every_standing_and_what_must_rise() {
        use Standing::{Equal, Higher, Lower, NotStated};
        let catalogue = catalogue(&["A"], &[]);
        // Civil, military; military to civil, to the baseline of 3; what the military and the civil regime must rise by.
        for (civil, military, to_civil, to_baseline, military_rise, civil_rise) in [
            (Some(3), Some(3), Equal, Equal, None, None),
            (Some(2), Some(2), Equal, Lower, Some(Some(1)), Some(Some(1))),
            (Some(3), Some(5), Higher, Higher, None, None),
            (Some(5), Some(3), Lower, Equal, Some(Some(2)), None),
            (Some(4), None, NotStated, NotStated, Some(None), None),
            (None, Some(4), NotStated, Higher, None, Some(None)),
            (None, None, NotStated, NotStated, Some(None), Some(None)),
        ] {
            let said = [(civil, Regime::Civil), (military, Regime::Military)];
            let said: Vec<_> = said
                .iter()
                .filter_map(|(number, regime)| number.map(|number| ("A", *regime, number)))
                .collect();
            let parity = parity(&catalogue, &said);
            let row = &parity.rows[0];
            assert_eq!(
                (row.military_to_civil, row.military_to_baseline),
                (to_civil, Some(to_baseline)),
                "{said:?}"
            );
            let rises = parity.rises();
            let by = |regime| rises.iter().find(|rise| rise.regime == regime).map(Rise::by);
            assert_eq!((by(Regime::Military), by(Regime::Civil)), (military_rise, civil_rise), "{said:?}");
        }
    }

    #[test]
    fn the_baseline_asks_what_applies_at_the_category() {
        let mut requirement = catalogue(&["A"], &[]).requirements.remove(0);
        let asks = |requirement: &Requirement, category| Baseline { category }.asks(requirement).is_some();
        for (applies, at_iii, at_ii, at_i) in [
            ("any", true, true, true),
            ("III", true, true, true),
            ("II", false, true, true),
            ("I", false, false, true),
        ] {
            requirement.category = applies.to_owned();
            let found = [BaselineCategory::III, BaselineCategory::II, BaselineCategory::I]
                .map(|category| asks(&requirement, category));
            assert_eq!(found, [at_iii, at_ii, at_i], "{applies}");
        }
        requirement.document = "CPPNM as amended".to_owned();
        assert!(!asks(&requirement, BaselineCategory::I), "a treaty is no guidance");
    }

    #[test]
    fn the_verdict_needs_every_requirement() {
        let catalogue = catalogue(&["A", "B"], &[]);
        let verdict = |said: &[(&str, Regime, u8)]| parity(&catalogue, said).verdict();
        let (civil, military) = (Regime::Civil, Regime::Military);
        let all = [("A", civil, 3), ("A", military, 3), ("B", civil, 3), ("B", military, 4)];
        assert_eq!(verdict(&all), ParityVerdict::SameOrHigher);
        assert_eq!(verdict(&all[..3]), ParityVerdict::NotShown);
        assert_eq!(verdict(&[("A", civil, 4), ("A", military, 3)]), ParityVerdict::Lower);
        let below = [("A", civil, 2), ("A", military, 2), ("B", civil, 3), ("B", military, 4)];
        assert_eq!(verdict(&below), ParityVerdict::Lower, "equal, and below the baseline");
        assert_eq!(verdict(&[]), ParityVerdict::NotShown);
    }

    #[test]
    fn history_follows_from_the_dates_of_the_assessments() {
        let catalogue = catalogue(&["A"], &[]);
        let all = [
            assessment("A", Regime::Civil, "2023-01-01", Some(3)),
            assessment("A", Regime::Military, "2024-01-01", Some(2)),
            assessment("A", Regime::Military, "2025-01-01", Some(3)),
        ];
        let found = history(&catalogue, &all, BASELINE, BASELINE, "2024-12-31".parse().unwrap());
        let found: Vec<_> =
            found.iter().map(|(date, counts)| (date.year(), counts.not_stated, counts.lower)).collect();
        assert_eq!(found, [(2023, 1, 0), (2024, 0, 1)]);
    }

    proptest! {
        #[test]
        fn not_stated_is_never_equal(
            said in prop::collection::vec(
                (prop::sample::select(vec!["A", "B", "C"]), prop::sample::select(Regime::ALL), 0..=5u8), 0..5),
            mappings in prop::collection::vec((
                prop::sample::select(vec!["A", "B", "C"]), prop::sample::select(Relation::ALL),
                prop::sample::select(vec!["A", "B", "C"])), 0..4),
        ) {
            let catalogue = catalogue(&["A", "B", "C"], &mappings);
            let parity = parity(&catalogue, &said);
            for row in &parity.rows {
                let (civil, military) = (row.civil.maturity.value(), row.military.maturity.value());
                let stated = civil.is_some() && military.is_some();
                prop_assert_eq!(row.military_to_civil == Standing::NotStated, !stated);
                prop_assert_eq!(row.military_to_civil == Standing::Equal, stated && civil == military);
                prop_assert_eq!(row.military_to_baseline == Some(Standing::NotStated), military.is_none());
            }
            prop_assert_eq!(parity.counts().total(), 3);
            prop_assert_eq!(parity.by_area().values().map(|counts| counts.total()).sum::<usize>(), 3);
            if parity.rows.iter().any(|row| row.military.maturity.value().is_none()) {
                prop_assert_ne!(parity.verdict(), ParityVerdict::SameOrHigher);
            }
        }

        #[test]
        fn what_rises_as_it_must_reaches_parity(
            numbers in prop::collection::vec((0..=5u8, 0..=5u8), 1..4),
        ) {
            let ids = &["A", "B", "C"][..numbers.len()];
            let catalogue = catalogue(ids, &[]);
            let mut said: Vec<_> = ids.iter().zip(&numbers).flat_map(|(id, (civil, military))| {
                [(*id, Regime::Civil, *civil), (*id, Regime::Military, *military)]
            }).collect();
            for rise in parity(&catalogue, &said.clone()).rises() {
                for (id, regime, number) in &mut said {
                    if *id == rise.requirement.id && *regime == rise.regime {
                        *number = rise.to.number();
                    }
                }
            }
            prop_assert_eq!(parity(&catalogue, &said).verdict(), ParityVerdict::SameOrHigher);
        }
    }
}
