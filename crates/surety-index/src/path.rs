//! The cheapest way to a higher score.

use std::collections::BTreeMap;

use good_lp::{Expression, ResolutionError, Solution, SolverModel, Variable, constraint, microlp, variables};

use crate::framework::{Node, Role};
use crate::{Aggregate, Data, Error, Framework};

/// How many sets of changes are tried when effects do not add up.
const TRIES_MAX: usize = 100;

/// Something that a unit can do, what it costs, and which of its figures it changes.
#[derive(Debug, Clone, PartialEq)]
pub struct Change {
    /// What it is called.
    pub name: String,
    /// Its cost, in any unit, at least 0.
    pub cost: f64,
    /// The indicators it changes and their new figures. Of two changes that set the same indicator only one can be made.
    pub sets: Vec<(String, f64)>,
}

/// A set of changes that brings a unit to a target.
#[derive(Debug, Clone, PartialEq)]
pub struct Path {
    /// The changes, in the order given.
    pub changes: Vec<String>,
    /// Their cost together.
    pub cost: f64,
    /// The score before.
    pub before: f64,
    /// The score after, from the whole computation with all changes made.
    pub after: f64,
    /// Whether no cheaper set reaches the target. This is so when the effects of the changes add up, as they do
    /// under arithmetic means and fixed scales (or multiply, under geometric ones); otherwise the set
    /// is good but a cheaper one may exist.
    pub is_cheapest: bool,
}

/// Computes a unit's score with some changes made.
struct Trial<'a> {
    framework: &'a Framework,
    data: &'a Data,
    unit: &'a str,
    changes: &'a [Change],
}

impl Framework {
    /// The cheapest set of changes that brings a unit's score in the top group to at least `target`: an integer
    /// programme over the effect of each change, whose solution is then computed in full.
    ///
    /// Other units stay as they are. Where scales depend on the data (all but goalposts), the changes move
    /// them too, and the result says whether it is proven.
    pub fn cheapest_path(
        &self,
        data: &Data,
        unit: &str,
        target: f64,
        changes: &[Change],
    ) -> Result<Path, Error> {
        let trial = Trial { framework: self, data, unit, changes };
        trial.check(target)?;
        let before = trial.score(&[])?;
        if before >= target {
            return Ok(Path { changes: Vec::new(), cost: 0.0, before, after: before, is_cheapest: true });
        }
        let link = self.link();
        let start = link(before);
        let gains = (0..changes.len())
            .map(|change| Ok(link(trial.score(&[change])?) - start))
            .collect::<Result<Vec<f64>, Error>>()?;
        let scale = link(target).abs().max(start.abs()).max(f64::MIN_POSITIVE);
        let needed = link(target) - start - 1e-9 * scale;
        let mut failed: Vec<Vec<usize>> = Vec::new();
        while failed.len() < TRIES_MAX {
            let Some(chosen) = trial.solve(&gains, needed, &failed)? else { break };
            let after = trial.score(&chosen)?;
            if link(after) - start >= needed {
                let promised: f64 = chosen.iter().map(|&change| gains[change]).sum();
                let adds_up = (link(after) - start - promised).abs() <= 1e-9 * scale;
                return Ok(Path {
                    cost: chosen.iter().map(|&change| changes[change].cost).sum(),
                    changes: chosen.iter().map(|&change| changes[change].name.clone()).collect(),
                    before,
                    after,
                    is_cheapest: adds_up && failed.is_empty(),
                });
            }
            failed.push(chosen);
        }
        Err(Error::question(format!(
            "no set of these changes brings {unit} from {before:.1} to {target}: allow more changes or lower the target"
        )))
    }

    /// The function of the score in which effects add up, if they do.
    fn link(&self) -> fn(f64) -> f64 {
        let geometric =
            |node: &Node| matches!(node.role, Role::Group { aggregate: Aggregate::Geometric, .. });
        if self.groups().all(geometric) { f64::ln } else { |score| score }
    }
}

impl Trial<'_> {
    fn check(&self, target: f64) -> Result<(), Error> {
        self.data.listed().find(self.unit)?;
        if !target.is_finite() {
            return Err(Error::question("the target is not a number"));
        }
        for change in self.changes {
            if !change.cost.is_finite() || change.cost < 0.0 {
                let what = format!(
                    "change `{}` costs {}: a cost is a number of at least 0",
                    change.name, change.cost
                );
                return Err(Error::question(what));
            }
            for (code, _) in &change.sets {
                self.framework.find(code)?;
            }
        }
        Ok(())
    }

    fn score(&self, chosen: &[usize]) -> Result<f64, Error> {
        let mut data = self.data.clone();
        for &change in chosen {
            for (code, figure) in &self.changes[change].sets {
                data.set(self.unit, code, Some(*figure))?;
            }
        }
        let index = self.framework.compute(&data)?;
        let top = self.framework.top().code();
        let gap = || Error::cell(self.unit, top, "the unit has no score: it lacks too many figures");
        index.scores().get(self.unit, top).ok_or_else(gap)
    }

    /// The cheapest set whose effects add up to what is needed, other than those that failed; `None` if there is none.
    fn solve(&self, gains: &[f64], needed: f64, failed: &[Vec<usize>]) -> Result<Option<Vec<usize>>, Error> {
        let mut problem = variables!();
        let taken: Vec<Variable> = gains.iter().map(|_| problem.add(good_lp::variable().binary())).collect();
        let sum = |factors: &[f64]| -> Expression {
            taken.iter().zip(factors).map(|(one, factor)| *factor * *one).sum()
        };
        let costs: Vec<f64> = self.changes.iter().map(|change| change.cost).collect();
        let mut model = problem.minimise(sum(&costs)).using(microlp).with(constraint!(sum(gains) >= needed));
        for rivals in self.rivals() {
            let one: Expression = rivals.iter().map(|&change| 1.0 * taken[change]).sum();
            model = model.with(constraint!(one <= 1.0));
        }
        for set in failed {
            let signs: Vec<f64> =
                (0..gains.len()).map(|one| if set.contains(&one) { -1.0 } else { 1.0 }).collect();
            model = model.with(constraint!(sum(&signs) >= 1.0 - set.len() as f64));
        }
        match model.solve() {
            Ok(solution) => {
                Ok(Some((0..gains.len()).filter(|&one| solution.value(taken[one]) > 0.5).collect()))
            }
            Err(ResolutionError::Infeasible) => Ok(None),
            Err(error) => Err(Error::question(format!("the integer programme failed: {error}"))),
        }
    }

    /// The changes that set the same indicator.
    fn rivals(&self) -> Vec<Vec<usize>> {
        let mut by_indicator: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (number, change) in self.changes.iter().enumerate() {
            for (code, _) in &change.sets {
                by_indicator.entry(code).or_default().push(number);
            }
        }
        by_indicator.into_values().filter(|changes| changes.len() > 1).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    use proptest::prelude::*;

    fn framework(steps: &str) -> Framework {
        let mut text = format!(
            "[steps]\nnormalise = {{ goalposts = {{ lower = 0, upper = 10, scale = 100 }} }}\n{steps}\n[[group]]\ncode = \"index\"\n"
        );
        for (code, weight) in [("a", 3), ("b", 2), ("c", 1), ("d", 4)] {
            writeln!(text, "[[indicator]]\ncode = \"{code}\"\nparent = \"index\"\nweight = {weight}")
                .unwrap();
        }
        Framework::from_toml("f.toml", &text).unwrap()
    }

    fn data() -> Data {
        let data = Data::new(["X", "Y"]).unwrap();
        ["a", "b", "c", "d"].iter().fold(data, |data, code| data.with(code, &[Some(2.0), Some(9.0)]).unwrap())
    }

    fn change(name: &str, cost: f64, sets: &[(&str, f64)]) -> Change {
        let sets = sets.iter().map(|(code, figure)| ((*code).to_owned(), *figure)).collect();
        Change { name: name.into(), cost, sets }
    }

    fn choices() -> Vec<Change> {
        vec![
            change("law", 5.0, &[("a", 8.0)]),
            change("better law", 9.0, &[("a", 10.0)]),
            change("training", 2.0, &[("b", 6.0)]),
            change("review", 1.0, &[("c", 10.0)]),
            change("guards", 9.0, &[("d", 9.0)]),
        ]
    }

    #[test]
    fn the_cheapest_set_reaches_the_target_and_rivals_are_not_combined() {
        let path = framework("").cheapest_path(&data(), "X", 45.0, &choices()).unwrap();
        assert_eq!((path.changes, path.cost), (vec!["law".to_owned(), "review".into()], 6.0));
        assert!(path.is_cheapest && (path.before - 20.0).abs() < 1e-9 && (path.after - 46.0).abs() < 1e-9);
        let all = framework("").cheapest_path(&data(), "X", 88.0, &choices()).unwrap();
        assert_eq!(all.changes, ["better law", "training", "review", "guards"]);
    }

    #[test]
    fn effects_multiply_under_a_geometric_mean() {
        let path =
            framework("aggregate = \"geometric\"").cheapest_path(&data(), "X", 40.0, &choices()).unwrap();
        assert!(path.after >= 40.0 && path.is_cheapest, "{path:?}");
    }

    #[test]
    fn effects_that_do_not_add_up_are_found_and_said() {
        let path =
            framework("aggregate = \"harmonic\"").cheapest_path(&data(), "X", 30.0, &choices()).unwrap();
        assert!(path.after >= 30.0 && !path.is_cheapest, "{path:?}");
    }

    #[test]
    fn what_cannot_be_reached_or_asked_is_said() {
        let refused = |unit: &str, target: f64, changes: &[Change]| {
            framework("").cheapest_path(&data(), unit, target, changes).unwrap_err().to_string()
        };
        assert!(refused("X", 99.0, &choices()).contains("no set of these changes brings X from 20.0 to 99"));
        assert!(refused("Z", 30.0, &choices()).contains("`Z` is no unit"));
        assert!(refused("X", 30.0, &[change("x", -1.0, &[])]).contains("at least 0"));
        assert!(refused("X", 30.0, &[change("x", 1.0, &[("q", 1.0)])]).contains("`q` is no indicator"));
        let done = framework("").cheapest_path(&data(), "Y", 30.0, &choices()).unwrap();
        assert_eq!((done.changes.len(), done.cost), (0, 0.0));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn no_set_is_cheaper(costs in prop::collection::vec(0.0..10f64, 5), target in 25.0..85f64) {
            let mut changes = choices();
            changes.iter_mut().zip(&costs).for_each(|(change, cost)| change.cost = *cost);
            let (framework, data) = (framework(""), data());
            let path = framework.cheapest_path(&data, "X", target, &changes).unwrap();
            prop_assert!(path.after >= target - 1e-6);
            let trial = Trial { framework: &framework, data: &data, unit: "X", changes: &changes };
            for set in 0_u32..32 {
                let chosen: Vec<usize> = (0..5).filter(|one| set >> one & 1 == 1).collect();
                let cost: f64 = chosen.iter().map(|&one| costs[one]).sum();
                if set & 3 != 3 && trial.score(&chosen).unwrap() >= target + 1e-6 {
                    prop_assert!(path.cost <= cost + 1e-9, "{:?} costs {}", chosen, cost);
                }
            }
        }
    }
}
