//! An index with uncertain factors: one point in the space of the factors gives one set of scores.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::data::present;
use crate::framework::Role;
use crate::index::{Prepared, Settings};
use crate::random::{Stream, hash};
use crate::steps::Scale;
use crate::{Aggregate, Data, Error, Factor, Framework, Index, Treat, Vary, Weighting};

/// The most combinations of treatments and normalisations that are computed beforehand.
const VARIANTS_MAX: usize = 1024;

/// What a figure could be, given what its source says.
#[derive(Debug, Clone, PartialEq)]
pub struct Doubt(Spread);

#[derive(Debug, Clone, PartialEq)]
enum Spread {
    Uniform {
        low: f64,
        high: f64,
    },
    Triangular {
        low: f64,
        best: f64,
        high: f64,
    },
    /// Values with the cumulated probabilities up to and including each.
    OneOf(Vec<(f64, f64)>),
}

impl Doubt {
    /// Anything between two figures is equally likely.
    pub fn uniform(low: f64, high: f64) -> Result<Self, Error> {
        if low <= high && low.is_finite() && high.is_finite() {
            return Ok(Self(Spread::Uniform { low, high }));
        }
        Err(Error::question(format!(
            "a range from {low} to {high}: the ends are numbers, the lower one first"
        )))
    }

    /// Between two figures, likelier the nearer to a best estimate.
    pub fn triangular(low: f64, best: f64, high: f64) -> Result<Self, Error> {
        Self::uniform(low, best)?;
        Self::uniform(best, high)?;
        Ok(Self(Spread::Triangular { low, best, high }))
    }

    /// One of several figures, each with its probability; the probabilities are rescaled to sum to 1.
    pub fn one_of(figures: &[(f64, f64)]) -> Result<Self, Error> {
        let total: f64 = figures.iter().map(|(_, probability)| probability).sum();
        let bad = |(value, probability): &(f64, f64)| !value.is_finite() || *probability < 0.0;
        if figures.iter().any(bad) || !total.is_finite() || total <= 0.0 {
            return Err(Error::question(
                "probabilities are at least 0, one is above 0, and the figures are numbers",
            ));
        }
        let mut reached = 0.0;
        let cumulated = figures.iter().map(|(value, probability)| {
            reached += probability / total;
            (*value, reached)
        });
        Ok(Self(Spread::OneOf(cumulated.collect())))
    }

    /// The same doubt about what a straight line makes of the figure.
    fn along(&self, line: impl Fn(f64) -> f64) -> Self {
        let ends = |low: f64, high: f64| (line(low).min(line(high)), line(low).max(line(high)));
        Self(match &self.0 {
            Spread::Uniform { low, high } => {
                let (low, high) = ends(*low, *high);
                Spread::Uniform { low, high }
            }
            Spread::Triangular { low, best, high } => {
                let (low, high) = ends(*low, *high);
                Spread::Triangular { low, best: line(*best), high }
            }
            Spread::OneOf(figures) => {
                Spread::OneOf(figures.iter().map(|(value, reached)| (line(*value), *reached)).collect())
            }
        })
    }

    /// The figures below which shares of the probability lie.
    #[expect(clippy::inline_always, reason = "compiled for the instructions of whoever calls it")]
    #[inline(always)]
    pub(crate) fn quantiles<const LANES: usize>(&self, shares: &[f64; LANES]) -> [f64; LANES] {
        let mut figures = [0.0; LANES];
        match &self.0 {
            Spread::Uniform { low, high } => {
                for (figure, u) in figures.iter_mut().zip(shares) {
                    *figure = low + u * (high - low);
                }
            }
            Spread::Triangular { low, best, high } => {
                let (below, above, width) = (best - low, high - best, high - low);
                // Both sides, and then the one that counts: no branch, so that lanes go abreast.
                let (mut up, mut down) = ([0.0; LANES], [0.0; LANES]);
                for lane in 0..LANES {
                    up[lane] = (shares[lane] * (width * below)).sqrt();
                }
                for lane in 0..LANES {
                    down[lane] = ((1.0 - shares[lane]) * (width * above)).sqrt();
                }
                for lane in 0..LANES {
                    let (low, high) = (low + up[lane], high - down[lane]);
                    figures[lane] = if shares[lane] * width <= below { low } else { high };
                }
            }
            Spread::OneOf(choices) => {
                for (figure, u) in figures.iter_mut().zip(shares) {
                    let at = choices.partition_point(|(_, reached)| reached <= u).min(choices.len() - 1);
                    *figure = choices[at].0;
                }
            }
        }
        figures
    }

    /// The least and the greatest figure there can be.
    fn ends(&self) -> (f64, f64) {
        match &self.0 {
            Spread::Uniform { low, high } | Spread::Triangular { low, high, .. } => (*low, *high),
            Spread::OneOf(figures) => {
                figures.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), (figure, _)| {
                    (low.min(*figure), high.max(*figure))
                })
            }
        }
    }
}

/// The figures about which there is doubt, by unit and then by indicator.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Doubts(BTreeMap<String, BTreeMap<String, Classed>>);

/// A doubt and how it belongs to others.
#[derive(Debug, Clone, PartialEq)]
struct Classed {
    doubt: Doubt,
    class: String,
    together: bool,
}

impl Doubts {
    /// Adds a doubt about one figure, in place of an earlier one. It is of class `""`.
    pub fn insert(&mut self, unit: &str, indicator: &str, doubt: Doubt) {
        self.insert_as("", unit, indicator, doubt, false);
    }

    /// Adds a doubt of a class, which a factor [`DataOf`](crate::Vary::DataOf) can name.
    ///
    /// Doubts are independent, unless they are `together`: those of one class about one unit are then all
    /// high or all low in the same draw. What is unknown about a unit for one reason does not average out.
    pub fn insert_as(&mut self, class: &str, unit: &str, indicator: &str, doubt: Doubt, together: bool) {
        let classed = Classed { doubt, class: class.to_owned(), together };
        if let Some(of_unit) = self.0.get_mut(unit) {
            of_unit.insert(indicator.to_owned(), classed);
        } else {
            self.0.insert(unit.to_owned(), BTreeMap::from([(indicator.to_owned(), classed)]));
        }
    }

    /// Takes a doubt away: the figure is what the data say.
    pub fn remove(&mut self, unit: &str, indicator: &str) {
        if let Some(of_unit) = self.0.get_mut(unit) {
            of_unit.remove(indicator);
            if of_unit.is_empty() {
                self.0.remove(unit);
            }
        }
    }

    /// The number of doubtful figures.
    pub fn len(&self) -> usize {
        self.0.values().map(BTreeMap::len).sum()
    }

    /// Whether there is no doubt about any figure.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The data with every doubtful figure at the end that scores least, and at the end that scores most: no
    /// draw of the figures can lie outside.
    pub fn ends(&self, framework: &Framework, data: &Data) -> Result<(Data, Data), Error> {
        let (mut worst, mut best) = (data.clone(), data.clone());
        for (unit, doubts) in &self.0 {
            let row = data.listed().find(unit)?;
            for (code, classed) in doubts {
                let (low, high) = classed.doubt.ends();
                let turned = matches!(
                    framework.nodes[framework.find(code)?].role,
                    Role::Indicator { lower_is_better: true, .. }
                );
                let (least, most) = if turned { (high, low) } else { (low, high) };
                worst.column_mut(code)?[row] = least;
                best.column_mut(code)?[row] = most;
            }
        }
        Ok((worst, best))
    }
}

/// A framework, its data and what is uncertain about both, ready to be drawn from.
///
/// Weights that the data give (principal components, correlations) are those of the nominal index, and stay
/// so when other factors vary.
#[derive(Debug)]
pub struct Model<'a> {
    pub(crate) framework: &'a Framework,
    data: &'a Data,
    pub(crate) factors: Vec<Scoped<'a>>,
    pub(crate) nominal: Index,
    prepared: Prepared,
    aggregates: Vec<Aggregate>,
    variants: Vec<Variant>,
    doubted: Vec<Doubted<'a>>,
    /// By factor; empty for a factor that is not of data.
    drawn: Vec<Drawn>,
}

/// A factor and the nodes to which it applies.
#[derive(Debug)]
pub(crate) struct Scoped<'a> {
    pub(crate) factor: &'a Factor,
    pub(crate) nodes: Vec<usize>,
    /// For sets of weights: the nodes and weights of each set.
    sets: Vec<Vec<(usize, f64)>>,
}

/// The indicators under one combination of treatments and normalisations.
#[derive(Debug)]
struct Variant {
    settings: Settings,
    columns: Vec<Vec<f64>>,
    /// For each doubted indicator, what it is as scores, if each score depends on one figure.
    pointwise: Vec<Option<DoubtedScores>>,
}

/// The doubts about an indicator as doubts about its scores.
#[derive(Debug)]
struct DoubtedScores {
    least: f64,
    greatest: f64,
    /// The doubts, in the order of [`Doubted::cells`].
    doubts: Vec<Doubt>,
}

/// An indicator with doubts.
#[derive(Debug)]
struct Doubted<'a> {
    indicator: usize,
    cells: Vec<DoubtedCell<'a>>,
    /// What a figure is divided by, row by row in the data.
    divisors: Vec<f64>,
}

/// A figure with a doubt.
#[derive(Debug)]
struct DoubtedCell<'a> {
    /// The row in the data.
    row: usize,
    /// The row among the scored units, if it is one.
    scored: Option<usize>,
    classed: &'a Classed,
}

/// What a factor of data draws: for each figure, which of the factor's random numbers. The numbers that several figures
/// share come first; every other figure takes the next.
#[derive(Debug, Default)]
struct Drawn {
    shared: usize,
    /// The doubted indicator, the cell in it, and the shared number if it has one.
    cells: Vec<(usize, usize, Option<usize>)>,
}

/// A doubt about a score, for the fast path.
pub(crate) struct DoubtedScore<'a> {
    pub(crate) indicator: usize,
    /// The row among the scored units; the number is drawn even for a unit that is not scored.
    pub(crate) row: Option<usize>,
    pub(crate) shared: Option<usize>,
    pub(crate) doubt: &'a Doubt,
    pub(crate) least: f64,
    pub(crate) greatest: f64,
}

impl DoubtedScore<'_> {
    /// The least and the greatest score there can be.
    pub(crate) fn ends(&self) -> (f64, f64) {
        let (low, high) = self.doubt.ends();
        (low.clamp(self.least, self.greatest), high.clamp(self.least, self.greatest))
    }

    /// Whether the doubt goes beyond them.
    pub(crate) fn overshoots(&self) -> bool {
        let (low, high) = self.doubt.ends();
        low < self.least || high > self.greatest
    }
}

impl<'a> Model<'a> {
    /// Puts a model together. Whatever cannot be computed under some combination of treatment and
    /// normalisation is an error here and not in the thousandth draw.
    pub fn new(
        framework: &'a Framework,
        data: &'a Data,
        factors: &'a [Factor],
        doubts: &'a Doubts,
    ) -> Result<Self, Error> {
        let factors = factors.iter().map(|factor| scope(framework, factor)).collect::<Result<Vec<_>, _>>()?;
        let nominal = framework.compute(data)?;
        let prepared = framework.prepare(data)?;
        let settings = Settings::of(framework);
        let mut model = Self {
            framework,
            data,
            factors,
            nominal,
            prepared,
            aggregates: settings.aggregate.clone(),
            variants: Vec::new(),
            doubted: Vec::new(),
            drawn: Vec::new(),
        };
        model.doubted = model.resolve(doubts)?;
        model.drawn = model.factors.iter().map(|scoped| model.drawn_by(scoped)).collect();
        model.variants = model.compute_variants(&settings)?;
        Ok(model)
    }

    /// The index as the framework and the data have it, without any doubt.
    pub fn nominal(&self) -> &Index {
        &self.nominal
    }

    /// The names of the factors.
    pub fn factor_names(&self) -> Vec<&str> {
        self.factors.iter().map(|scoped| scoped.factor.name.as_str()).collect()
    }

    /// The number of alternatives of each factor, if all are finite.
    pub fn alternatives(&self) -> Option<Vec<usize>> {
        self.factors.iter().map(|scoped| scoped.factor.alternatives()).collect()
    }

    /// The scores in the top group at one point: for each factor a number from 0 to below 1. A factor with
    /// k alternatives takes the one whose k-th part of that interval the number lies in; another uses the number,
    /// with the seed, to draw whatever it needs.
    pub fn scores_at(&self, seed: u64, point: &[f64]) -> Result<Vec<Option<f64>>, Error> {
        if point.len() != self.factors.len() {
            let (given, factors) = (point.len(), self.factors.len());
            return Err(Error::question(format!(
                "{given} numbers are given for {factors} factors: give one for each"
            )));
        }
        Ok(self.evaluate(seed, point)?.into_iter().map(present).collect())
    }

    /// The scores in the top group when each factor takes the alternative with this number, from 0.
    pub fn scores_of(&self, alternatives: &[usize]) -> Result<Vec<Option<f64>>, Error> {
        self.scores_at(0, &self.point_of(alternatives)?)
    }

    /// A point at which each factor takes the given alternative.
    pub(crate) fn point_of(&self, alternatives: &[usize]) -> Result<Vec<f64>, Error> {
        let middle = |(scoped, &chosen): (&Scoped<'_>, &usize)| match scoped.factor.alternatives() {
            Some(count) if chosen < count => Ok((chosen as f64 + 0.5) / count as f64),
            _ => Err(Error::question(format!(
                "factor `{}` has no alternative number {chosen}",
                scoped.factor.name
            ))),
        };
        self.factors.iter().zip(alternatives).map(middle).collect()
    }

    /// The scores in the top group at one point, gaps as NaN.
    pub(crate) fn evaluate(&self, seed: u64, point: &[f64]) -> Result<Vec<f64>, Error> {
        let mut aggregates = Cow::Borrowed(&self.aggregates);
        for (scoped, &u) in self.factors.iter().zip(point) {
            if let Vary::Aggregate(choices) = &scoped.factor.vary {
                let chosen = choices[choose(u, choices.len())];
                scoped.nodes.iter().for_each(|&node| aggregates.to_mut()[node] = chosen);
            }
        }
        let mut weights = self.nominal.weights().to_vec();
        self.perturb(seed, point, &mut weights);
        let columns = self.columns(seed, point)?;
        let groups =
            self.framework.score_groups(&aggregates, &self.prepared.units, &columns, |group, _| {
                Ok(self.framework.nodes[group].members.iter().map(|&member| weights[member]).collect())
            })?;
        Ok(groups.into_iter().next_back().unwrap_or_default())
    }

    /// Applies every factor of weights and presence to the nominal weights.
    #[inline]
    pub(crate) fn perturb(&self, seed: u64, point: &[f64], weights: &mut [f64]) {
        for (number, (scoped, &u)) in self.factors.iter().zip(point).enumerate() {
            match &scoped.factor.vary {
                Vary::WeightsWithin(share) => {
                    let mut stream = substream(seed, number, u);
                    for &node in &scoped.nodes {
                        weights[node] *= 1.0 + share * (2.0 * stream.uniform() - 1.0);
                    }
                }
                Vary::WeightsDirichlet(concentration) => {
                    let mut stream = substream(seed, number, u);
                    for &node in &scoped.nodes {
                        let Some(share) = self.share(node) else { continue };
                        weights[node] = if share > 0.0 { stream.gamma(concentration * share) } else { 0.0 };
                    }
                }
                Vary::WeightSets(_) => {
                    for &(node, weight) in &scoped.sets[choose(u, scoped.sets.len())] {
                        weights[node] = weight;
                    }
                }
                Vary::Presence if choose(u, 2) == 1 => weights[scoped.nodes[0]] = 0.0,
                _ => {}
            }
        }
    }

    /// The share of a node in its group, by nominal weights.
    pub(crate) fn share(&self, node: usize) -> Option<f64> {
        let members = &self.framework.nodes[self.framework.nodes[node].parent?].members;
        let total: f64 = members.iter().map(|&member| self.nominal.weights()[member]).sum();
        Some(self.nominal.weights()[node] / total)
    }

    /// The normalised indicators at one point.
    fn columns(&self, seed: u64, point: &[f64]) -> Result<Vec<Cow<'_, [f64]>>, Error> {
        let variant = &self.variants[self.variant_at(point)];
        let mut columns: Vec<Cow<'_, [f64]>> =
            variant.columns.iter().map(|column| Cow::Borrowed(column.as_slice())).collect();
        // The random number of each doubtful figure; NaN where no factor draws it.
        let mut numbers: Vec<Vec<f64>> = Vec::new();
        for (number, (drawn, &u)) in self.drawn.iter().zip(point).enumerate() {
            if drawn.cells.is_empty() {
                continue;
            }
            if numbers.is_empty() {
                numbers = self.doubted.iter().map(|doubted| vec![f64::NAN; doubted.cells.len()]).collect();
            }
            let mut stream = substream(seed, number, u);
            let shared: Vec<f64> = (0..drawn.shared).map(|_| stream.uniform()).collect();
            for &(doubted, cell, tie) in &drawn.cells {
                numbers[doubted][cell] = tie.map_or_else(|| stream.uniform(), |tie| shared[tie]);
            }
        }
        for ((doubted, scores), numbers) in self.doubted.iter().zip(&variant.pointwise).zip(&numbers) {
            let drawn = || numbers.iter().enumerate().filter(|(_, number)| !number.is_nan());
            let Some(scores) = scores else {
                if drawn().next().is_some() {
                    columns[doubted.indicator] = Cow::Owned(self.redraw(variant, doubted, numbers)?);
                }
                continue;
            };
            for (cell, number) in drawn() {
                let Some(row) = doubted.cells[cell].scored else { continue };
                let [score] = scores.doubts[cell].quantiles(&[*number]);
                columns[doubted.indicator].to_mut()[row] = score.clamp(scores.least, scores.greatest);
            }
        }
        Ok(columns)
    }

    /// One indicator with its doubtful figures drawn anew, from imputation to normalisation.
    fn redraw(&self, variant: &Variant, doubted: &Doubted, numbers: &[f64]) -> Result<Vec<f64>, Error> {
        let indicator = doubted.indicator;
        let mut figures = self.prepared.denominated[indicator].clone();
        for (cell, number) in doubted.cells.iter().zip(numbers).filter(|(_, number)| !number.is_nan()) {
            let [figure] = cell.classed.doubt.quantiles(&[*number]);
            figures[cell.row] = figure / doubted.divisors[cell.row];
        }
        let imputed = self.framework.impute(self.data, indicator, figures)?;
        let screened = self.prepared.rows.iter().map(|&row| imputed[row]).collect();
        let (scale, column, _) =
            self.framework.rescale(&variant.settings, &self.prepared.units, indicator, screened)?;
        Ok(column.into_iter().map(|value| scale.score(value)).collect())
    }

    /// What a factor of data draws, in order; nothing for another factor.
    fn drawn_by(&self, scoped: &Scoped<'_>) -> Drawn {
        let class = match &scoped.factor.vary {
            Vary::Data => None,
            Vary::DataOf(class) => Some(class),
            _ => return Drawn::default(),
        };
        let mut ties: BTreeMap<(usize, &str), usize> = BTreeMap::new();
        let mut cells = Vec::new();
        for (number, doubted) in self.doubted.iter().enumerate() {
            if !scoped.nodes.contains(&doubted.indicator) {
                continue;
            }
            for (at, cell) in doubted.cells.iter().enumerate() {
                if class.is_none_or(|class| *class == cell.classed.class) {
                    let next = ties.len();
                    let tie = cell
                        .classed
                        .together
                        .then(|| *ties.entry((cell.row, &cell.classed.class)).or_insert(next));
                    cells.push((number, at, tie));
                }
            }
        }
        Drawn { shared: ties.len(), cells }
    }

    /// The doubts that a factor draws as doubts about scores, with how many numbers they share; `None` if some
    /// score depends on more than its own figure, or on another factor.
    pub(crate) fn doubted_scores(&self, factor: usize) -> Option<(usize, Vec<DoubtedScore<'_>>)> {
        let [variant] = self.variants.as_slice() else { return None };
        let drawn = &self.drawn[factor];
        let score = |&(number, cell, shared): &(usize, usize, Option<usize>)| {
            let (doubted, scores) = (&self.doubted[number], variant.pointwise[number].as_ref()?);
            Some(DoubtedScore {
                indicator: doubted.indicator,
                row: doubted.cells[cell].scored,
                shared,
                doubt: &scores.doubts[cell],
                least: scores.least,
                greatest: scores.greatest,
            })
        };
        Some((drawn.shared, drawn.cells.iter().map(score).collect::<Option<_>>()?))
    }

    /// Whether the score of each figure of an indicator depends on that figure alone.
    fn is_pointwise(&self, settings: &Settings, indicator: usize) -> bool {
        let filled = self.prepared.denominated[indicator].iter().any(|figure| figure.is_nan())
            && self.framework.plan.steps.impute != crate::Impute::None;
        settings.treat[indicator] == Treat::None && settings.normalise[indicator].is_pointwise() && !filled
    }

    /// The number of the variant at a point: the alternatives as the digits of a number.
    fn variant_at(&self, point: &[f64]) -> usize {
        self.factors.iter().zip(point).fold(0, |number, (scoped, &u)| match &scoped.factor.vary {
            Vary::Treat(choices) => number * choices.len() + choose(u, choices.len()),
            Vary::Normalise(choices) => number * choices.len() + choose(u, choices.len()),
            _ => number,
        })
    }

    /// Every combination of treatments and normalisations, in the order of [`variant_at`](Self::variant_at).
    fn compute_variants(&self, nominal: &Settings) -> Result<Vec<Variant>, Error> {
        let mut combinations = vec![nominal.clone()];
        for Scoped { factor, nodes, .. } in &self.factors {
            let count = match &factor.vary {
                Vary::Treat(choices) => choices.len(),
                Vary::Normalise(choices) => choices.len(),
                _ => continue,
            };
            if combinations.len() * count > VARIANTS_MAX {
                let what = format!(
                    "more than {VARIANTS_MAX} combinations of treatments and normalisations: give fewer alternatives"
                );
                return Err(Error::question(what));
            }
            let with = |settings: &Settings, choice: usize| {
                let mut settings = settings.clone();
                for &node in nodes {
                    match &factor.vary {
                        Vary::Treat(choices) => settings.treat[node] = choices[choice],
                        Vary::Normalise(choices) => settings.normalise[node] = choices[choice].clone(),
                        _ => {}
                    }
                }
                settings
            };
            combinations = combinations
                .iter()
                .flat_map(|settings| (0..count).map(move |choice| with(settings, choice)))
                .collect();
        }
        combinations.into_iter().map(|settings| self.variant(settings)).collect()
    }

    fn variant(&self, settings: Settings) -> Result<Variant, Error> {
        let (mut scales, mut columns) = (Vec::new(), Vec::new());
        for (indicator, column) in self.prepared.screened.iter().enumerate() {
            let (scale, treated, _) =
                self.framework.rescale(&settings, &self.prepared.units, indicator, column.clone())?;
            columns.push(treated.iter().map(|value| scale.score(*value)).collect());
            scales.push(scale);
        }
        let pointwise =
            self.doubted.iter().map(|doubted| self.pointwise(&settings, doubted, &scales)).collect();
        Ok(Variant { settings, columns, pointwise })
    }

    /// The doubts about an indicator as doubts about scores, where these depend on one figure each.
    fn pointwise(
        &self,
        settings: &Settings,
        doubted: &Doubted<'_>,
        scales: &[Scale],
    ) -> Option<DoubtedScores> {
        let scale = &scales[doubted.indicator];
        let (least, greatest) = scale.ends().filter(|_| self.is_pointwise(settings, doubted.indicator))?;
        let score = |row: usize| move |figure: f64| scale.unbounded(figure / doubted.divisors[row]);
        let doubts = doubted.cells.iter().map(|cell| cell.classed.doubt.along(score(cell.row)));
        Some(DoubtedScores { least, greatest, doubts: doubts.collect() })
    }

    fn resolve(&self, doubts: &'a Doubts) -> Result<Vec<Doubted<'a>>, Error> {
        let mut by_indicator: BTreeMap<usize, Vec<DoubtedCell<'a>>> = BTreeMap::new();
        let all = doubts.0.iter().flat_map(|(unit, doubts)| {
            doubts.iter().map(move |(code, classed)| (unit.as_str(), code.as_str(), classed))
        });
        for (unit, code, classed) in all {
            let indicator = self.framework.find(code)?;
            if !self.framework.nodes[indicator].members.is_empty() {
                return Err(Error::cell(unit, code, "a doubt is about an indicator, and this is a group"));
            }
            let row = self.data.listed().find(unit)?;
            let scored = self.prepared.units.row(unit);
            by_indicator.entry(indicator).or_default().push(DoubtedCell { row, scored, classed });
        }
        let units = vec![1.0; self.data.units().len()];
        let doubted = |(indicator, cells): (usize, Vec<_>)| {
            let divisors = match &self.framework.nodes[indicator].role {
                Role::Indicator { denominator: Some(name), .. } => {
                    self.data.figures(name, "a denominator")?.clone()
                }
                _ => units.clone(),
            };
            Ok(Doubted { indicator, cells, divisors })
        };
        by_indicator.into_iter().map(doubted).collect()
    }

    /// Whether a group takes its scores from benefit of the doubt and not from weights.
    pub(crate) fn is_benefit_of_the_doubt(&self, group: usize) -> bool {
        matches!(self.framework.nodes[group].role, Role::Group { weights: Weighting::BenefitOfTheDoubt, .. })
    }

    /// How a group is aggregated when no factor changes that.
    pub(crate) fn aggregate(&self, group: usize) -> Aggregate {
        self.aggregates[group]
    }
}

/// The alternative, of `count`, at a number from 0 to below 1.
fn choose(u: f64, count: usize) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ u < 1")]
    let chosen = (u * count as f64) as usize;
    chosen.min(count - 1)
}

/// The random numbers of one factor at one point.
#[inline]
pub(crate) fn substream(seed: u64, factor: usize, u: f64) -> Stream {
    Stream::new(hash(seed, factor as u64 + 1), u.to_bits())
}

/// Finds the nodes to which a factor applies; a factor that applies to none is a mistake.
fn scope<'a>(framework: &Framework, factor: &'a Factor) -> Result<Scoped<'a>, Error> {
    factor.check().map_err(Error::question)?;
    let under = factor.under.as_deref().map(|code| framework.find(code)).transpose()?;
    let suits = |&index: &usize| {
        let node = &framework.nodes[index];
        let kind = match factor.vary {
            Vary::WeightsWithin(_) | Vary::WeightsDirichlet(_) => node.parent.is_some(),
            Vary::Normalise(_) | Vary::Treat(_) | Vary::Data | Vary::DataOf(_) => node.members.is_empty(),
            Vary::Aggregate(_) => !node.members.is_empty(),
            Vary::Presence => Some(index) == under && node.parent.is_some(),
            Vary::WeightSets(_) => true,
        };
        kind && factor.level.is_none_or(|level| level == node.level)
            && under.is_none_or(|ancestor| framework.is_under(index, ancestor))
    };
    let nodes: Vec<usize> = (0..framework.nodes.len()).filter(suits).collect();
    if nodes.is_empty() {
        let what = format!("factor `{}` applies to nothing: change `level` or `under`", factor.name);
        return Err(Error::question(what));
    }
    let mut sets = Vec::new();
    if let Vary::WeightSets(given) = &factor.vary {
        for set in given {
            let weights = set.iter().map(|(code, weight)| Ok((framework.find(code)?, *weight)));
            sets.push(weights.collect::<Result<_, Error>>()?);
        }
    }
    Ok(Scoped { factor, nodes, sets })
}
