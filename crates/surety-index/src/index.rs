//! From data to scores and ranks, step by step.

use std::sync::Arc;

use crate::aggregate::BadScore;
use crate::data::{Units, ranks};
use crate::framework::Role;
use crate::steps::Scale;
use crate::weights::{Member, balanced, benefit_of_the_doubt, pca_loadings};
use crate::{Aggregate, Data, Error, Framework, Normalise, Table, Treat, Treatment, Weighting};

/// The steps whose tables an [`Index`] keeps, in the order in which they are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Step {
    /// Each indicator divided by its denominator, where it has one.
    Denominated,
    /// Gaps filled.
    Imputed,
    /// Only the units with enough data.
    Screened,
    /// Outliers pulled in.
    Treated,
    /// On a common scale, more always better.
    Normalised,
}

/// An index computed: scores of every unit in every indicator and group, and how they came about.
#[derive(Debug, Clone, PartialEq)]
pub struct Index {
    steps: Arc<Steps>,
    scores: Table,
    weights: Vec<f64>,
    members: Vec<(String, Vec<String>)>,
}

/// What comes before groups are scored: it does not depend on weights.
#[derive(Debug, PartialEq)]
struct Steps {
    /// In the order of [`Step`].
    tables: [Table; 5],
    units: Units,
    dropped: Vec<String>,
    treatments: Vec<(String, Treatment)>,
}

impl Index {
    /// The table after a step.
    pub fn step(&self, step: Step) -> &Table {
        &self.steps.tables[step as usize]
    }

    /// The scores in every indicator and every group, from the lowest level to the top.
    pub fn scores(&self) -> &Table {
        &self.scores
    }

    /// The ranks of one indicator or group, the highest score first; `None` for a unit without a score.
    pub fn ranks(&self, code: &str) -> Option<Vec<Option<u32>>> {
        let index = self.scores.codes().iter().position(|known| known == code)?;
        Some(ranks(&self.scores.raw()[index]))
    }

    /// The units that screening left out.
    pub fn dropped(&self) -> &[String] {
        &self.steps.dropped
    }

    /// What was done to the indicators that needed treatment.
    pub fn treatments(&self) -> &[(String, Treatment)] {
        &self.steps.treatments
    }

    /// The weight that each indicator and group had within its group, in the order of [`scores`](Self::scores).
    pub fn weights(&self) -> &[f64] {
        &self.weights
    }

    /// The loadings of the first principal component of a group's members, by their codes.
    ///
    /// Their squares sum to 1. An eigenvector has no sign of its own; this one is turned so that the loadings
    /// sum to a positive number. Negative loadings show members that run against the rest.
    pub fn pca_loadings(&self, group: &str) -> Result<Vec<(&str, f64)>, Error> {
        let known = self.members.iter().map(|(code, _)| code.as_str()).collect();
        let (_, codes) = self
            .members
            .iter()
            .find(|(code, _)| code == group)
            .ok_or_else(|| Error::unknown_code(group, known))?;
        let members: Vec<Member<'_>> = codes.iter().filter_map(|code| self.member(code)).collect();
        let loadings = pca_loadings(&members).map_err(|what| Error::column(group, what))?;
        Ok(codes.iter().map(String::as_str).zip(loadings).collect())
    }

    fn member<'a>(&'a self, code: &'a str) -> Option<Member<'a>> {
        let index = self.scores.codes().iter().position(|known| known == code)?;
        Some(Member { code, scores: &self.scores.raw()[index] })
    }

    /// The scores of the top group, gaps as NaN.
    pub(crate) fn top(&self) -> &[f64] {
        self.scores.raw().last().map_or(&[], Vec::as_slice)
    }
}

impl Framework {
    /// Takes every step and scores every unit.
    ///
    /// Nothing that has no value passes silently: a figure divided by zero, a constant column, a geometric
    /// mean of zero are errors that say where they occur. What is a gap stays one, in scores and ranks too.
    pub fn compute(&self, data: &Data) -> Result<Index, Error> {
        self.score(&self.steps(data)?)
    }

    /// Every step up to the scores of the indicators.
    fn steps(&self, data: &Data) -> Result<Arc<Steps>, Error> {
        let settings = Settings::of(self);
        let prepared = self.prepare(data)?;
        let mut treatments = Vec::new();
        let (mut treated, mut normalised) = (Vec::new(), Vec::new());
        for (indicator, column) in prepared.screened.iter().enumerate() {
            let (scale, column, treatment) =
                self.rescale(&settings, &prepared.units, indicator, column.clone())?;
            normalised.push(column.iter().map(|value| scale.score(*value)).collect());
            treatments.extend(treatment.map(|treatment| (self.nodes[indicator].code.clone(), treatment)));
            treated.push(column);
        }
        let codes: Vec<String> =
            self.nodes[..self.indicator_count()].iter().map(|node| node.code.clone()).collect();
        let table = |units: &Units, columns: Vec<Vec<f64>>| Table::new(units.clone(), codes.clone(), columns);
        let all = data.listed();
        Ok(Arc::new(Steps {
            tables: [
                table(all, prepared.denominated),
                table(all, prepared.imputed),
                table(&prepared.units, prepared.screened),
                table(&prepared.units, treated),
                table(&prepared.units, normalised),
            ],
            dropped: all.codes().iter().filter(|code| prepared.units.row(code).is_none()).cloned().collect(),
            units: prepared.units,
            treatments,
        }))
    }

    /// The scores of every group on top of those of the indicators.
    fn score(&self, steps: &Arc<Steps>) -> Result<Index, Error> {
        let normalised = steps.tables[Step::Normalised as usize].raw();
        let aggregates = Settings::of(self).aggregate;
        let mut weights: Vec<f64> = self.nodes.iter().map(|node| node.weight).collect();
        let groups = self.score_groups(&aggregates, &steps.units, normalised, |group, members| {
            self.set_weights_of(group, members, &mut weights)
        })?;
        let codes = self.nodes.iter().map(|node| node.code.clone()).collect();
        let columns = normalised.iter().cloned().chain(groups).collect();
        let code = |&member: &usize| self.nodes[member].code.clone();
        Ok(Index {
            scores: Table::new(steps.units.clone(), codes, columns),
            steps: Arc::clone(steps),
            weights,
            members: self
                .groups()
                .map(|group| (group.code.clone(), group.members.iter().map(code).collect()))
                .collect(),
        })
    }

    /// Scores each unit with one indicator or group left out at a time: what hangs on it?
    ///
    /// Gives the index without each indicator or group that has a sibling with weight, in the order of the
    /// framework. Leaving out an only member would leave out its group, which stands in the list itself.
    pub fn leave_one_out(&self, data: &Data) -> Result<Vec<(&str, Index)>, Error> {
        let steps = self.steps(data)?;
        let mut results = Vec::new();
        for node in &self.nodes {
            let Some(parent) = node.parent else { continue };
            let others: f64 =
                self.nodes[parent].members.iter().map(|&member| self.nodes[member].weight).sum();
            if others > node.weight && node.weight > 0.0 {
                let without = self.clone().with_weights(&[(node.code.as_str(), 0.0)])?;
                results.push((node.code.as_str(), without.score(&steps)?));
            }
        }
        Ok(results)
    }

    /// Everything before treatment.
    pub(crate) fn prepare(&self, data: &Data) -> Result<Prepared, Error> {
        let mut denominated = Vec::new();
        let mut imputed = Vec::new();
        for indicator in 0..self.indicator_count() {
            let raw = data.figures(&self.nodes[indicator].code, "an indicator")?;
            denominated.push(self.denominate(data, indicator, raw)?);
            imputed.push(self.impute(data, indicator, denominated[indicator].clone())?);
        }
        let rows = self.rows_kept(data, &denominated, &imputed)?;
        let screened = imputed.iter().map(|column| rows.iter().map(|&row| column[row]).collect()).collect();
        let units = data.listed().only(&rows)?;
        Ok(Prepared { denominated, imputed, screened, units, rows })
    }

    pub(crate) fn denominate(&self, data: &Data, indicator: usize, raw: &[f64]) -> Result<Vec<f64>, Error> {
        let node = &self.nodes[indicator];
        let Role::Indicator { denominator: Some(name), .. } = &node.role else { return Ok(raw.to_vec()) };
        let denominators = data.figures(name, "a denominator")?;
        let quotients: Vec<f64> = raw.iter().zip(denominators).map(|(value, by)| value / by).collect();
        let impossible = |(row, value): (usize, &f64)| {
            !value.is_nan() && !denominators[row].is_nan() && !quotients[row].is_finite()
        };
        if let Some(row) = raw.iter().enumerate().position(impossible) {
            let what =
                format!("cannot be divided by {name} = {}: correct it or leave a gap", denominators[row]);
            return Err(Error::cell(&data.units()[row], &node.code, what));
        }
        Ok(quotients)
    }

    pub(crate) fn impute(
        &self,
        data: &Data,
        indicator: usize,
        mut column: Vec<f64>,
    ) -> Result<Vec<f64>, Error> {
        let impute = &self.plan.steps.impute;
        let labels = impute.grouping().map_or(Ok(&[][..]), |name| data.labels(name).map(Vec::as_slice))?;
        impute.fill(&mut column, labels).map_err(|what| Error::column(&self.nodes[indicator].code, what))?;
        Ok(column)
    }

    fn rows_kept(&self, data: &Data, given: &[Vec<f64>], imputed: &[Vec<f64>]) -> Result<Vec<usize>, Error> {
        let all = 0..data.units().len();
        let Some(screen) = self.plan.steps.screen else { return Ok(all.collect()) };
        let columns = if screen.after_imputing { imputed } else { given };
        let least = screen.min_present * columns.len() as f64;
        let present = |row: usize| columns.iter().filter(|column| !column[row].is_nan()).count() as f64;
        let rows: Vec<usize> = all.filter(|&row| present(row) >= least).collect();
        if rows.is_empty() {
            let share = screen.min_present;
            return Err(Error::question(format!(
                "no unit has figures for a share of {share} of the indicators: lower min-present"
            )));
        }
        Ok(rows)
    }

    /// Treats a screened column and fits its scale.
    pub(crate) fn rescale(
        &self,
        settings: &Settings,
        units: &Units,
        indicator: usize,
        mut column: Vec<f64>,
    ) -> Result<(Scale, Vec<f64>, Option<Treatment>), Error> {
        let refuse = |what: String| Error::column(&self.nodes[indicator].code, what);
        let treatment = settings.treat[indicator].apply(&mut column).map_err(refuse)?;
        let row = |unit: &str| units.row(unit);
        let lower_is_better =
            matches!(self.nodes[indicator].role, Role::Indicator { lower_is_better: true, .. });
        let scale = settings.normalise[indicator].fit(&column, lower_is_better, row).map_err(refuse)?;
        Ok((scale, column, treatment))
    }

    /// The scores of every group, from the lowest level to the top. `weigh` gives the weights of a
    /// group's members, which by then have scores.
    pub(crate) fn score_groups<C: AsRef<[f64]>>(
        &self,
        aggregates: &[Aggregate],
        units: &Units,
        indicators: &[C],
        mut weigh: impl FnMut(usize, &[Member<'_>]) -> Result<Vec<f64>, Error>,
    ) -> Result<Vec<Vec<f64>>, Error> {
        let mut groups: Vec<Vec<f64>> = Vec::with_capacity(self.nodes.len() - indicators.len());
        for (index, node) in self.nodes.iter().enumerate().skip(indicators.len()) {
            let member = |at: &usize| Member {
                code: &self.nodes[*at].code,
                scores: indicators
                    .get(*at)
                    .map_or_else(|| groups[*at - indicators.len()].as_slice(), AsRef::as_ref),
            };
            let members: Vec<Member<'_>> = node.members.iter().map(member).collect();
            let weights = weigh(index, &members)?;
            groups.push(self.score_group(aggregates[index], units, index, &members, &weights)?);
        }
        Ok(groups)
    }

    fn score_group(
        &self,
        aggregate: Aggregate,
        units: &Units,
        group: usize,
        members: &[Member<'_>],
        weights: &[f64],
    ) -> Result<Vec<f64>, Error> {
        let code = &self.nodes[group].code;
        let (members, weights): (Vec<Member<'_>>, Vec<f64>) = members
            .iter()
            .zip(weights)
            .filter(|(_, weight)| **weight > 0.0)
            .map(|(member, weight)| (*member, *weight))
            .unzip();
        if matches!(self.nodes[group].role, Role::Group { weights: Weighting::BenefitOfTheDoubt, .. }) {
            return benefit_of_the_doubt(&members).map_err(|what| Error::column(code, what));
        }
        let columns: Vec<&[f64]> = members.iter().map(|member| member.scores).collect();
        let mut scores = vec![f64::NAN; units.codes().len()];
        aggregate
            .combine(&columns, &weights, self.plan.steps.min_present, &mut scores)
            .map_err(|BadScore { member, row, score, needs }| {
                let what = format!("scores {score} and {needs} for `{code}`: normalise onto a scale above 0, or aggregate otherwise");
                Error::cell(&units.codes()[row], members[member].code, what)
            })?;
        match scores.iter().position(|score| score.is_infinite()) {
            Some(row) => Err(Error::cell(
                &units.codes()[row],
                code,
                "the score is too large for a number: check the data and the scale",
            )),
            None => Ok(scores),
        }
    }

    /// The weights of a group's members, which are also noted in `weights`.
    fn set_weights_of(
        &self,
        group: usize,
        members: &[Member<'_>],
        weights: &mut [f64],
    ) -> Result<Vec<f64>, Error> {
        let node = &self.nodes[group];
        let given: Vec<f64> = node.members.iter().map(|&member| self.nodes[member].weight).collect();
        let Role::Group { weights: weighting, .. } = node.role else { return Ok(given) };
        let refuse = |what: String| Error::column(&node.code, what);
        let found = match weighting {
            Weighting::Given | Weighting::BenefitOfTheDoubt => given,
            Weighting::Equal => vec![1.0; given.len()],
            Weighting::Pca => pca_loadings(members).map_err(refuse)?,
            Weighting::Correlation => balanced(members, &given).map_err(refuse)?,
        };
        if let Some(negative) = found.iter().position(|weight| *weight < 0.0) {
            let code = members[negative].code;
            return Err(refuse(format!(
                "the principal component gives `{code}` a negative weight: use other weights for this group"
            )));
        }
        for (&member, weight) in node.members.iter().zip(&found) {
            weights[member] = *weight;
        }
        Ok(found)
    }
}

/// What is done with each node: the part of a framework that an uncertain factor can change.
#[derive(Debug, Clone)]
pub(crate) struct Settings {
    /// By indicator.
    pub(crate) treat: Vec<Treat>,
    /// By indicator.
    pub(crate) normalise: Vec<Normalise>,
    /// By node; those of indicators mean nothing.
    pub(crate) aggregate: Vec<Aggregate>,
}

impl Settings {
    pub(crate) fn of(framework: &Framework) -> Self {
        let mut settings = Self { treat: Vec::new(), normalise: Vec::new(), aggregate: Vec::new() };
        for node in &framework.nodes {
            match &node.role {
                Role::Indicator { treat, normalise, .. } => {
                    settings.treat.push(*treat);
                    settings.normalise.push(normalise.clone());
                    settings.aggregate.push(Aggregate::default());
                }
                Role::Group { aggregate, .. } => settings.aggregate.push(*aggregate),
            }
        }
        settings
    }
}

/// The indicators before treatment, column by column.
#[derive(Debug, Clone)]
pub(crate) struct Prepared {
    pub(crate) denominated: Vec<Vec<f64>>,
    pub(crate) imputed: Vec<Vec<f64>>,
    /// Only the rows of the units that are scored.
    pub(crate) screened: Vec<Vec<f64>>,
    /// The units that are scored.
    pub(crate) units: Units,
    /// Their rows in the data.
    pub(crate) rows: Vec<usize>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn framework(steps: &str) -> Framework {
        let text = format!(
            "[steps]\n{steps}\n[[group]]\ncode = \"index\"\n[[indicator]]\ncode = \"law\"\nparent = \"index\"\n\
             [[indicator]]\ncode = \"theft\"\nparent = \"index\"\ndirection = \"lower-is-better\"\ndenominator = \"sites\"\n"
        );
        Framework::from_toml("f.toml", &text).unwrap()
    }

    fn data() -> Data {
        Data::new(["A", "B", "C"])
            .unwrap()
            .with("law", &[Some(0.0), Some(5.0), Some(10.0)])
            .unwrap()
            .with("theft", &[Some(2.0), Some(4.0), None])
            .unwrap()
            .with("sites", &[Some(2.0), Some(1.0), Some(1.0)])
            .unwrap()
    }

    #[test]
    fn the_steps_follow_each_other() {
        let index = framework("impute = \"mean\"").compute(&data()).unwrap();
        assert_eq!(index.step(Step::Denominated).get("A", "theft"), Some(1.0));
        assert_eq!(index.step(Step::Denominated).get("C", "theft"), None);
        assert_eq!(index.step(Step::Imputed).get("C", "theft"), Some(2.5));
        assert_eq!(index.step(Step::Normalised).get("B", "theft"), Some(0.0));
        assert_eq!(index.scores().column("index").unwrap(), [Some(50.0), Some(25.0), Some(75.0)]);
        assert_eq!(index.ranks("index").unwrap(), [Some(2), Some(3), Some(1)]);
    }

    #[test]
    fn a_gap_left_open_shares_its_weight_and_a_unit_with_too_few_figures_goes() {
        assert_eq!(framework("").compute(&data()).unwrap().scores().get("C", "index"), Some(100.0));
        let index = framework("screen = { min-present = 0.6 }").compute(&data()).unwrap();
        assert_eq!((index.dropped(), index.scores().units().len()), (&["C".to_owned()][..], 2));
        assert_eq!(framework("min-present = 1").compute(&data()).unwrap().ranks("index").unwrap()[2], None);
    }

    #[test]
    fn what_has_no_value_is_an_error_that_says_where() {
        let refused = |steps: &str, data: &Data| framework(steps).compute(data).unwrap_err().to_string();
        let error = refused("aggregate = \"geometric\"", &data());
        assert!(
            error.starts_with("unit A, indicator law: scores 0") && error.contains("scale above 0"),
            "{error}"
        );
        let mut zero = data();
        zero.set("B", "sites", Some(0.0)).unwrap();
        assert!(refused("", &zero).starts_with("unit B, indicator theft: cannot be divided by sites = 0"));
        let mut flat = data();
        flat.set("A", "law", Some(5.0)).unwrap();
        flat.set("C", "law", Some(5.0)).unwrap();
        assert!(refused("", &flat).starts_with("law: every unit has the same figure"));
        let lacking = Data::new(["A"]).unwrap().with("law", &[Some(1.0)]).unwrap();
        assert!(
            refused("", &lacking).contains("no column `theft`, which the framework uses as an indicator")
        );
        assert!(refused("impute = { group-mean = \"region\" }", &data()).contains("no column `region`"));
    }

    #[test]
    fn leaving_an_indicator_out_gives_the_rest_its_weight() {
        let framework = framework("impute = \"mean\"");
        let without = framework.leave_one_out(&data()).unwrap();
        assert_eq!(without.iter().map(|(code, _)| *code).collect::<Vec<_>>(), ["law", "theft"]);
        assert_eq!(without[1].1.scores().column("index").unwrap(), [Some(0.0), Some(50.0), Some(100.0)]);
    }
}
