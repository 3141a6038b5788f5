//! `surety index sensitivity`: which uncertain factor drives the spread.

use serde::Serialize;
use surety_core::Date;
use surety_index::{Design, Estimator, Indices, Output};

use crate::context::Context;
use crate::index::{Estimate, INTERVAL_SHARE, Sampling, Subject};
use crate::page::{Page, Sheet, Table, View};
use crate::view::index::{number, right};

/// The most combinations of alternatives that are computed one by one.
const COMBINATIONS_MAX: usize = 20_000;
/// How often the points are resampled for intervals.
const RESAMPLES: u32 = 400;

/// Which uncertain factor drives the spread.
#[derive(Serialize)]
pub struct Sensitivity {
    as_of: Date,
    framework: String,
    of: Option<String>,
    exact: bool,
    evaluations: usize,
    mean: f64,
    variance: f64,
    interval_share: f64,
    factors: Vec<FactorRow>,
}

#[derive(Serialize)]
struct FactorRow {
    factor: String,
    first: f64,
    first_interval: Option<(f64, f64)>,
    total: f64,
    total_interval: Option<(f64, f64)>,
}

impl Sensitivity {
    /// With so many base points, found by so an estimate; of one unit's score, or of the mean shift of all ranks.
    pub fn new(
        context: &Context,
        subject: &Subject,
        of: Option<&str>,
        (points, estimator): (u32, Estimate),
        sampling: Sampling,
    ) -> anyhow::Result<Self> {
        let model = subject.model()?;
        let of = of.map(|unit| Ok::<_, anyhow::Error>(subject.units()[subject.row(context, unit)?].clone()));
        let of = of.transpose()?;
        let output = of.clone().map_or(Output::RankShift, Output::Score);
        let combinations = model
            .alternatives()
            .and_then(|counts| counts.iter().try_fold(1_usize, |product, count| product.checked_mul(*count)));
        let exact =
            estimator == Estimate::Centred && combinations.is_some_and(|count| count <= COMBINATIONS_MAX);
        let indices: Indices = if exact {
            model.exact_indices(&output)?
        } else {
            let estimator = match estimator {
                Estimate::Centred => Estimator::Centred,
                Estimate::Coinr => Estimator::Coinr,
            };
            let design = Design {
                points,
                seed: sampling.seed,
                resamples: RESAMPLES,
                share: INTERVAL_SHARE,
                threads: sampling.threads,
                estimator,
            };
            model.estimated_indices(&output, design)?
        };
        let factors = model.factor_names().into_iter().zip(indices.first.iter().zip(&indices.total));
        Ok(Self {
            as_of: context.as_of,
            framework: subject.file.clone(),
            of,
            exact,
            evaluations: indices.evaluations,
            mean: indices.mean,
            variance: indices.variance,
            interval_share: INTERVAL_SHARE,
            factors: factors
                .map(|(name, (first, total))| FactorRow {
                    factor: name.to_owned(),
                    first: first.value,
                    first_interval: first.interval,
                    total: total.value,
                    total_interval: total.interval,
                })
                .collect(),
        })
    }
}

/// Three decimals, and no minus before nothing.
fn three(value: f64) -> String {
    format!("{:.3}", if value.abs() < 0.0005 { 0.0 } else { value })
}

impl View for Sensitivity {
    fn page(&self) -> Page {
        let watched = self
            .of
            .as_ref()
            .map_or_else(|| "the mean shift of all ranks".to_owned(), |unit| format!("the score of {unit}"));
        let mut page = Page::new(&format!("What drives {watched}, on {}", self.as_of));
        page.line(&format!(
            "Mean {:.2}, standard deviation {:.2}; {} evaluations, {}.",
            self.mean,
            self.variance.sqrt(),
            self.evaluations,
            if self.exact { "every combination: exact" } else { "estimated" }
        ));
        let mut table = Table::new(&["factor", "first order", "likely", "total", "likely"]);
        let range = |ends: Option<(f64, f64)>| {
            ends.map_or_else(String::new, |(low, high)| format!("{} to {}", three(low), three(high)))
        };
        for row in &self.factors {
            table.row([
                row.factor.as_str().into(),
                right(three(row.first)),
                range(row.first_interval).into(),
                right(three(row.total)),
                range(row.total_interval).into(),
            ]);
        }
        page.table(&table);
        page.remark(
            "First order: the share of the variance that would vanish on average if the factor were known. \
             Total: the share that would remain if all others were. They differ by interactions.",
        );
        page
    }

    fn json(&self) -> impl Serialize {
        self
    }

    fn sheet(&self) -> Sheet {
        let header = ["factor", "first", "first_low", "first_high", "total", "total_low", "total_high"];
        let ends =
            |range: Option<(f64, f64)>| [number(range.map(|ends| ends.0)), number(range.map(|ends| ends.1))];
        let rows = self.factors.iter().map(|row| {
            let mut cells = vec![row.factor.clone(), row.first.to_string()];
            cells.extend(ends(row.first_interval));
            cells.push(row.total.to_string());
            cells.extend(ends(row.total_interval));
            cells
        });
        Sheet::new(header, rows)
    }
}
