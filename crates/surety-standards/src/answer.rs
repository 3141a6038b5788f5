//! One answer feeds every requirement that it answers: what a regime does about a requirement, said outright or inferred.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use crate::{Assessment, Catalogue, Extent, Maturity, Publication, Regime, Relation};

/// One step of an inference: from a requirement to one that it equals or lies inside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// What the requirement before is of this one: `equal` or `subset`.
    pub relation: Relation,
    /// The id of this one.
    pub to: String,
    /// Whether both ends of the mapping were read in a source; otherwise the step rests on memory.
    pub both_ends_read: bool,
}

/// Where an inferred answer comes from: the steps from the requirement to the one that was assessed, which is the last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trail {
    /// At least one.
    pub steps: Vec<Step>,
}

impl Trail {
    /// The id of the requirement that was assessed.
    pub fn origin(&self) -> &str {
        self.steps.last().map_or("", |step| step.to.as_str())
    }
}

/// What is known of one field.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "basis", rename_all = "kebab-case")]
pub enum Answer<T> {
    /// Nobody said anything.
    NotStated,
    /// The requirement itself was assessed.
    Direct {
        /// What was said.
        value: T,
    },
    /// Others were, that it equals or lies inside, and they agree.
    Inferred {
        /// What they say.
        value: T,
        /// Which.
        from: Vec<Trail>,
    },
    /// It does not apply to the regime.
    NotApplicable {
        /// The others that say so; empty when it was said outright.
        from: Vec<Trail>,
    },
    /// Others were, and they do not agree: assess this one itself.
    Conflicting {
        /// Which, and what each says; none where it does not apply.
        from: Vec<(Option<T>, Trail)>,
    },
}

impl<T: Copy> Answer<T> {
    /// The value, when there is one. Answers that conflict give none.
    pub fn value(&self) -> Option<T> {
        match self {
            Self::Direct { value } | Self::Inferred { value, .. } => Some(*value),
            Self::NotStated | Self::NotApplicable { .. } | Self::Conflicting { .. } => None,
        }
    }

    /// Whether it is inferred.
    pub fn is_inferred(&self) -> bool {
        matches!(self, Self::Inferred { .. })
    }

    /// Whether the requirement does not apply.
    pub fn is_not_applicable(&self) -> bool {
        matches!(self, Self::NotApplicable { .. })
    }

    /// The requirements that it was taken from; none when it was said outright.
    pub fn origins(&self) -> BTreeSet<&str> {
        match self {
            Self::NotStated | Self::Direct { .. } => BTreeSet::new(),
            Self::Inferred { from, .. } | Self::NotApplicable { from } => {
                from.iter().map(Trail::origin).collect()
            }
            Self::Conflicting { from } => from.iter().map(|(_, trail)| trail.origin()).collect(),
        }
    }
}

/// What one regime does about one requirement.
///
/// # What may be inferred
///
/// Of what relates to a requirement, only what it **equals** and what it **lies inside** answers it: who answers a whole
/// answers for each of its parts, and answers the part by itself where it differs. An answer about a part says nothing
/// about the whole, and what merely overlaps says nothing. An answer given outright always wins; then one about an equal
/// requirement; then one about a whole. Inference stops at the first requirement on each way that has an answer. Several
/// that do not agree give none. That a requirement does not apply is an answer too: what lies inside it does not apply
/// either.
///
/// Law, enforcement and maturity are inferred, each by itself. Evidence, work status and confidence belong to the
/// assessment that was made, and are found at the origin.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Answers {
    /// Whether law or a binding rule asks it.
    pub in_law: Answer<Extent>,
    /// Whether that is enforced.
    pub enforced: Answer<Extent>,
    /// How mature the implementation is.
    pub maturity: Answer<Maturity>,
    /// The strictest publication level of the assessments behind these answers; none when there are none.
    pub publication: Option<Publication>,
    /// Where it does not apply: why, as each assessment behind that says. As secret as the answers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<String>,
}

impl Answers {
    /// What the assessments that count ([`crate::current`]) say of one requirement and regime.
    pub fn of(
        catalogue: &Catalogue,
        current: &BTreeMap<(&str, Regime), &Assessment>,
        requirement: &str,
        regime: Regime,
    ) -> Self {
        let said = |id: &str| current.get(&(id, regime)).copied();
        let mut answers = Self {
            in_law: answer(catalogue, requirement, |id| field(said(id)?, |one| one.in_law)),
            enforced: answer(catalogue, requirement, |id| field(said(id)?, |one| one.enforced)),
            maturity: answer(catalogue, requirement, |id| field(said(id)?, |one| one.maturity)),
            publication: None,
            reasons: Vec::new(),
        };
        if let Answer::NotApplicable { from } = &answers.maturity {
            let own = from.is_empty().then_some(requirement);
            let origins = own.into_iter().chain(from.iter().map(Trail::origin));
            answers.reasons = origins.filter_map(|id| said(id)?.not_applicable.clone()).collect();
        }
        let mut origins = BTreeSet::from([requirement]);
        origins.extend(answers.in_law.origins());
        origins.extend(answers.enforced.origins());
        origins.extend(answers.maturity.origins());
        answers.publication = origins.into_iter().filter_map(|id| Some(said(id)?.publication)).max();
        answers
    }
}

/// What an assessment says of one field.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Said<T> {
    Value(T),
    NotApplicable,
}

impl<T> Said<T> {
    fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::NotApplicable => None,
        }
    }
}

/// One field of an assessment; none where it is not stated.
fn field<T>(assessment: &Assessment, stated: impl Fn(&Assessment) -> Option<T>) -> Option<Said<T>> {
    if assessment.not_applicable.is_some() {
        return Some(Said::NotApplicable);
    }
    stated(assessment).map(Said::Value)
}

/// One field of one requirement.
fn answer<T: Copy + PartialEq>(
    catalogue: &Catalogue,
    requirement: &str,
    said: impl Fn(&str) -> Option<Said<T>>,
) -> Answer<T> {
    match said(requirement) {
        Some(Said::Value(value)) => return Answer::Direct { value },
        Some(Said::NotApplicable) => return Answer::NotApplicable { from: Vec::new() },
        None => {}
    }
    for relations in [&[Relation::Equal][..], &[Relation::Equal, Relation::Subset]] {
        let found = reach(catalogue, requirement, relations, &said);
        if let Some((value, _)) = found.first() {
            if found.iter().all(|(other, _)| other == value) {
                let value = *value;
                let from = found.into_iter().map(|(_, trail)| trail).collect();
                return match value {
                    Said::Value(value) => Answer::Inferred { value, from },
                    Said::NotApplicable => Answer::NotApplicable { from },
                };
            }
            let from = found.into_iter().map(|(said, trail)| (said.value(), trail)).collect();
            return Answer::Conflicting { from };
        }
    }
    Answer::NotStated
}

/// The nearest answered requirements along these relations, each with the shortest trail to it, in order of id.
fn reach<T: Copy>(
    catalogue: &Catalogue,
    requirement: &str,
    relations: &[Relation],
    said: &impl Fn(&str) -> Option<T>,
) -> Vec<(T, Trail)> {
    let mut seen = BTreeSet::from([requirement.to_owned()]);
    let mut waiting = VecDeque::from([(requirement.to_owned(), Trail { steps: Vec::new() })]);
    let mut found = Vec::new();
    while let Some((at, trail)) = waiting.pop_front() {
        let mut next: Vec<_> =
            catalogue.related(&at).filter(|(_, relation, _)| relations.contains(relation)).collect();
        next.sort_unstable_by_key(|(to, relation, _)| (*to, *relation));
        for (to, relation, mapping) in next {
            if !seen.insert(to.to_owned()) {
                continue;
            }
            let mut trail = trail.clone();
            trail.steps.push(Step { relation, to: to.to_owned(), both_ends_read: mapping.both_ends_read });
            match said(to) {
                Some(value) => found.push((value, trail)),
                None => waiting.push_back((to.to_owned(), trail)),
            }
        }
    }
    found.sort_by(|(_, one), (_, other)| one.origin().cmp(other.origin()));
    found
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::assessment::tests::{assessment, not_applicable};
    use crate::{Confirmation, Mapping, Requirement, current};
    use proptest::prelude::*;

    pub(crate) fn catalogue(ids: &[&str], mappings: &[(&str, Relation, &str)]) -> Catalogue {
        let requirement = |id: &&str| Requirement {
            id: (*id).to_owned(),
            document: "NSS 13 (INFCIRC/225/Rev.5)".to_owned(),
            paragraph: String::new(),
            area: "transport".to_owned(),
            text: format!("does {id}"),
            applies_to: "state".to_owned(),
            material: "NM".to_owned(),
            category: "any".to_owned(),
            scope: String::new(),
            evidence_expected: String::new(),
            confirmation: Confirmation::Confirmed,
            sources: Vec::new(),
        };
        let mapping = |(from, relation, to): &(&str, Relation, &str)| Mapping {
            from: (*from).to_owned(),
            to: (*to).to_owned(),
            relation: *relation,
            rationale: String::new(),
            both_ends_read: true,
        };
        Catalogue {
            requirements: ids.iter().map(requirement).collect(),
            mappings: mappings.iter().map(mapping).collect(),
        }
    }

    fn maturity(catalogue: &Catalogue, said: &[(&str, u8)], requirement: &str) -> Answer<Maturity> {
        let all: Vec<_> = said
            .iter()
            .map(|(id, number)| assessment(id, Regime::Civil, "2025-01-01", Some(*number)))
            .collect();
        let current = current(&all, "2026-01-01".parse().unwrap());
        Answers::of(catalogue, &current, requirement, Regime::Civil).maturity
    }

    #[test]
    fn what_may_be_inferred_in_which_direction() {
        use Relation::{Equal, Intersects, Subset, Superset};
        // What A is of B; what is inferred for A from B at 3, and for B from A at 3.
        for (relation, a_from_b, b_from_a) in [
            (Equal, Some(3), Some(3)),
            (Subset, Some(3), None),
            (Superset, None, Some(3)),
            (Intersects, None, None),
        ] {
            let catalogue = catalogue(&["A", "B"], &[("A", relation, "B")]);
            let value = |said, of| maturity(&catalogue, &[(said, 3)], of).value().map(Maturity::number);
            assert_eq!(value("B", "A"), a_from_b, "A is {relation} of B");
            assert_eq!(value("A", "B"), b_from_a, "A is {relation} of B");
        }
    }

    #[test]
    fn an_inferred_answer_is_marked_and_shows_where_it_comes_from() {
        let catalogue =
            catalogue(&["A", "B", "C"], &[("A", Relation::Equal, "B"), ("B", Relation::Subset, "C")]);
        let answer = maturity(&catalogue, &[("C", 2)], "A");
        let Answer::Inferred { value, from } = &answer else { panic!("{answer:?}") };
        assert_eq!(value.number(), 2);
        let trail: Vec<_> = from[0].steps.iter().map(|step| (step.relation, step.to.as_str())).collect();
        assert_eq!(trail, [(Relation::Equal, "B"), (Relation::Subset, "C")]);
        assert!(answer.is_inferred() && from[0].origin() == "C");
        // A nearer answer stands before the one behind it.
        assert_eq!(maturity(&catalogue, &[("C", 2), ("B", 4)], "A").origins(), BTreeSet::from(["B"]));
        assert_eq!(
            maturity(&catalogue, &[("A", 1), ("B", 4)], "A"),
            Answer::Direct { value: Maturity::try_from(1).unwrap() }
        );
    }

    #[test]
    fn wholes_that_do_not_agree_give_no_answer() {
        let catalogue =
            catalogue(&["A", "B", "C"], &[("A", Relation::Subset, "B"), ("A", Relation::Subset, "C")]);
        let answer = maturity(&catalogue, &[("B", 2), ("C", 4)], "A");
        assert!(matches!(answer, Answer::Conflicting { .. }), "{answer:?}");
        assert_eq!((answer.value(), answer.origins()), (None, BTreeSet::from(["B", "C"])));
        assert_eq!(maturity(&catalogue, &[("B", 2), ("C", 2)], "A").origins().len(), 2);
    }

    #[test]
    fn what_rests_on_a_national_assessment_is_national() {
        let catalogue = catalogue(&["A", "B"], &[("A", Relation::Subset, "B")]);
        let all = [assessment("B", Regime::Civil, "2025-01-01", Some(3))];
        let current = current(&all, "2026-01-01".parse().unwrap());
        let of = |regime| Answers::of(&catalogue, &current, "A", regime).publication;
        assert_eq!(of(Regime::Civil), Some(Publication::National));
        assert_eq!(of(Regime::Military), None, "one regime says nothing of the other");
    }

    #[test]
    fn what_lies_inside_what_does_not_apply_does_not_apply_either() {
        use Relation::{Equal, Intersects, Subset, Superset};
        let none = || not_applicable("B", Regime::Military, "There is no military material.");
        let regime = Regime::Military;
        let of = |catalogue: &Catalogue, all: &[Assessment]| {
            Answers::of(catalogue, &current(all, "2026-01-01".parse().unwrap()), "A", regime)
        };
        for (relation, inferred) in [(Equal, true), (Subset, true), (Superset, false), (Intersects, false)] {
            let answers = of(&catalogue(&["A", "B"], &[("A", relation, "B")]), &[none()]);
            assert_eq!(answers.maturity.is_not_applicable(), inferred, "A is {relation} of B");
            assert_eq!(answers.maturity.value(), None);
            assert_eq!(answers.reasons, vec!["There is no military material."; usize::from(inferred)]);
            assert_eq!(answers.publication, inferred.then_some(Publication::National));
        }
        // It is an answer: what stands behind it is not asked, and what is said outright wins.
        let chain =
            catalogue(&["A", "B", "C"], &[("A", Subset, "B"), ("B", Subset, "C"), ("A", Subset, "D")]);
        let done = |id: &str| assessment(id, regime, "2025-01-01", Some(3));
        assert!(of(&chain, &[none(), done("C")]).maturity.is_not_applicable());
        let outright = of(&chain, &[none(), done("A")]);
        assert!(matches!(outright.maturity, Answer::Direct { .. }) && outright.reasons.is_empty());
        let own = Assessment { requirement: "A".to_owned(), ..none() };
        assert_eq!(of(&chain, &[own, done("B")]).maturity, Answer::NotApplicable { from: Vec::new() });
        // One whole that applies and one that does not: nobody can tell of the part.
        let both = of(&chain, &[none(), done("D")]);
        assert!(matches!(both.maturity, Answer::Conflicting { .. }), "{both:?}");
        assert!(both.reasons.is_empty());
    }

    const IDS: [&str; 6] = ["A", "B", "C", "D", "E", "F"];

    fn worlds() -> impl Strategy<Value = (Catalogue, Vec<(&'static str, u8)>)> {
        let id = || prop::sample::select(IDS.to_vec());
        let mapping = (id(), prop::sample::select(Relation::ALL), id());
        (prop::collection::vec(mapping, 0..10), prop::collection::btree_map(id(), 0..=5u8, 0..5))
            .prop_map(|(mappings, said)| (catalogue(&IDS, &mappings), said.into_iter().collect()))
    }

    proptest! {
        #[test]
        fn a_direct_answer_always_wins((catalogue, said) in worlds()) {
            for (id, number) in &said {
                let value = Maturity::try_from(*number).unwrap();
                prop_assert_eq!(maturity(&catalogue, &said, id), Answer::Direct { value });
            }
        }

        #[test]
        fn nothing_comes_from_nothing((catalogue, said) in worlds()) {
            for id in IDS {
                let answer = maturity(&catalogue, &said, id);
                if let Some(value) = answer.value() {
                    prop_assert!(said.iter().any(|(_, number)| *number == value.number()));
                }
                prop_assert_eq!(maturity(&catalogue, &[], id), Answer::NotStated);
            }
        }

        #[test]
        fn the_order_of_the_mappings_never_matters((mut catalogue, said) in worlds()) {
            let before: Vec<_> = IDS.iter().map(|id| maturity(&catalogue, &said, id).value()).collect();
            catalogue.mappings.reverse();
            let after: Vec<_> = IDS.iter().map(|id| maturity(&catalogue, &said, id).value()).collect();
            prop_assert_eq!(before, after);
        }
    }
}
