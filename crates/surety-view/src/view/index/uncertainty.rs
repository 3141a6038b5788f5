//! `surety index` and `surety index uncertainty`: what each unit could score, and how it could rank.

use std::collections::BTreeMap;

use serde::Serialize;
use surety_core::{Date, Verdict};
use surety_index::{Run, Uncertainty};
use surety_world::ActionId;

use crate::context::Context;
use crate::index::{INTERVAL_SHARE, Sampling, Subject};
use crate::page::{Page, Sheet, Table, View};
use crate::view::index::{caution, interval, number, ranks, right};
use crate::view::remark_on_date;

/// So many units are compared pair by pair.
const PAIRS_MAX: usize = 12;

/// The draws of one model, summed up unit by unit.
#[derive(Debug, Serialize)]
pub struct Spread {
    /// The date asked.
    pub as_of: Date,
    /// The file of the framework.
    pub framework: String,
    /// How many draws were made.
    pub draws: u64,
    /// The seed that they follow from.
    pub seed: u64,
    /// The share of the draws that a likely interval holds.
    pub interval_share: f64,
    /// What was drawn.
    pub factors: Vec<String>,
    /// How many units were ranked.
    pub ranked: usize,
    /// The units shown, in the order of the data.
    pub units: Vec<UnitSpread>,
}

/// One unit: what it could score, and how it could rank.
#[derive(Debug, Serialize)]
pub struct UnitSpread {
    /// Its code.
    pub unit: String,
    /// Its name.
    pub name: String,
    /// Of a State, how many actions ask it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub asked: Option<usize>,
    /// Of a State, how many of them nothing public speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub silent: Option<usize>,
    /// The score without any doubt.
    pub score: Option<f64>,
    /// The score with every doubtful figure at its worst, and at its best.
    pub possible: Option<(f64, f64)>,
    /// The mean of the draws.
    pub mean: Option<f64>,
    /// Their standard deviation.
    pub sd: Option<f64>,
    /// The interval that holds the share of the draws.
    pub likely: Option<(f64, f64)>,
    /// The median rank.
    pub rank_median: Option<u32>,
    /// The interval of ranks that holds the share of the draws.
    pub rank_likely: Option<(u32, u32)>,
    /// Scores of the groups below the top.
    pub groups: BTreeMap<String, Option<f64>>,
    /// The share of the draws in which it has each rank.
    pub rank_probabilities: Vec<f64>,
    /// How likely each of the others shown is below this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub above: Option<BTreeMap<String, f64>>,
    #[serde(skip)]
    label: String,
}

impl Spread {
    /// Draws so often; `progress` is told how many draws are done, from any thread and out of order.
    pub fn new(
        context: &Context,
        subject: &Subject,
        draws: u64,
        sampling: Sampling,
        progress: &(dyn Fn(u64) + Sync),
    ) -> anyhow::Result<Self> {
        let model = subject.model()?;
        let run = Run { draws, seed: sampling.seed, threads: sampling.threads };
        let result = model.uncertainty(run, progress)?;
        let possible = subject.possible()?;
        let scores = model.nominal().scores();
        let groups: Vec<&str> = subject.framework.groups().map(surety_index::Node::code).collect();
        let top = subject.framework.top().code();
        let counts: Vec<bool> =
            ActionId::ALL.iter().map(|id| subject.framework.node(id.as_str()).is_ok()).collect();
        let units = subject.shown.iter().map(|&row| {
            let unit = subject.units()[row].as_str();
            // Screening can leave a unit out.
            let is_scored = scores.row(unit).is_some();
            let of_groups = groups.iter().filter(|group| **group != top);
            let mut one = UnitSpread {
                unit: unit.to_owned(),
                name: subject.names[row].clone(),
                asked: None,
                silent: None,
                score: scores.get(unit, top),
                possible: possible[row],
                mean: None,
                sd: None,
                likely: None,
                rank_median: None,
                rank_likely: None,
                groups: of_groups.map(|group| ((*group).to_owned(), scores.get(unit, group))).collect(),
                rank_probabilities: Vec::new(),
                above: None,
                label: subject.label(row),
            };
            if let Some(behind) = &subject.states {
                let count = |wanted: &dyn Fn(Verdict) -> bool| {
                    let findings = &behind.world.states[row].findings;
                    let counted = findings.iter().filter(|finding| counts[finding.action as usize]);
                    counted.filter(|finding| wanted(finding.verdict)).count()
                };
                one.asked = Some(count(&|verdict| verdict != Verdict::NotApplicable));
                one.silent = Some(count(&|verdict| verdict == Verdict::NoPublicEvidence));
            }
            if is_scored {
                one.fill(&result, unit)?;
            }
            Ok(one)
        });
        let mut units = units.collect::<anyhow::Result<Vec<_>>>()?;
        if units.len() > 1 && units.len() <= PAIRS_MAX {
            compare(&result, &mut units);
        }
        Ok(Self {
            as_of: context.as_of,
            framework: subject.file.clone(),
            draws,
            seed: sampling.seed,
            interval_share: INTERVAL_SHARE,
            factors: model.factor_names().into_iter().map(str::to_owned).collect(),
            ranked: scores.units().len(),
            units,
        })
    }

    fn pairs(&self, page: &mut Page) {
        let Some(first) = self.units.first().filter(|first| first.above.is_some()) else { return };
        let others: Vec<&str> =
            std::iter::once(first).chain(&self.units[1..]).map(|unit| unit.unit.as_str()).collect();
        page.heading("How likely the one on the left is above the one on top, in per cent");
        let mut table = Table::new(&[&[""], others.as_slice()].concat());
        for unit in &self.units {
            let above = |other: &&str| {
                let share = unit.above.as_ref().and_then(|above| above.get(*other));
                right(share.map_or_else(String::new, |share| format!("{:.0}", share * 100.0)))
            };
            table.row(std::iter::once(right(unit.unit.as_str())).chain(others.iter().map(above)));
        }
        page.table(&table);
    }

    fn rows(&self) -> impl Iterator<Item = Vec<String>> {
        let ends =
            |range: Option<(f64, f64)>| [number(range.map(|ends| ends.0)), number(range.map(|ends| ends.1))];
        self.units.iter().map(move |unit| {
            let whole = |value: Option<u32>| value.map_or_else(String::new, |value| value.to_string());
            let count = |value: Option<usize>| value.map_or_else(String::new, |value| value.to_string());
            let mut row = vec![unit.unit.clone(), unit.name.clone(), count(unit.asked), count(unit.silent)];
            row.push(number(unit.score));
            row.extend(ends(unit.possible));
            row.extend([number(unit.mean), number(unit.sd)]);
            row.extend(ends(unit.likely));
            row.extend([
                whole(unit.rank_median),
                whole(unit.rank_likely.map(|ranks| ranks.0)),
                whole(unit.rank_likely.map(|ranks| ranks.1)),
            ]);
            row
        })
    }
}

impl UnitSpread {
    fn fill(&mut self, drawn: &Uncertainty, unit: &str) -> anyhow::Result<()> {
        (self.mean, self.sd) = drawn.score_moments(unit)?.unzip();
        self.likely = drawn.score_interval(unit, INTERVAL_SHARE)?;
        self.rank_median = drawn.median_rank(unit)?;
        self.rank_likely = drawn.rank_interval(unit, INTERVAL_SHARE)?;
        self.rank_probabilities = drawn.rank_probabilities(unit)?;
        Ok(())
    }
}

fn compare(drawn: &Uncertainty, units: &mut [UnitSpread]) {
    let codes: Vec<String> = units.iter().map(|unit| unit.unit.clone()).collect();
    for unit in units {
        let others = codes.iter().filter(|other| **other != unit.unit);
        let above = |other: &String| Some((other.clone(), drawn.above(&unit.unit, other).ok()?));
        unit.above = Some(others.filter_map(above).collect());
    }
}

const COLUMNS: [&str; 14] = [
    "unit",
    "name",
    "asked",
    "silent",
    "score",
    "possible_low",
    "possible_high",
    "mean",
    "sd",
    "likely_low",
    "likely_high",
    "rank_median",
    "rank_low",
    "rank_high",
];

/// `surety index`: where everybody stands, by code and not by score.
impl View for (&Context, Spread) {
    fn page(&self) -> Page {
        let (context, spread) = self;
        let mut page = Page::new(&format!("The index on {}: {} units", spread.as_of, spread.ranked));
        remark_on_date(context, &mut page);
        page.line("In order of code: this is no ranking.");
        let mut table = Table::new(&["", "asked", "silent", "possible score", "likely score", "likely rank"]);
        for unit in &spread.units {
            let count =
                |value: Option<usize>| right(value.map_or_else(String::new, |value| value.to_string()));
            table.row([
                unit.label.as_str().into(),
                count(unit.asked),
                count(unit.silent),
                right(interval(unit.possible)),
                right(interval(unit.likely)),
                right(ranks(unit.rank_likely)),
            ]);
        }
        page.table(&table);
        page.remark(&format!(
            "Scores from 0 to 100. Possible: from every doubtful finding at its worst to every one at its best. \
             Likely: {:.0} % of {} draws of {}.",
            spread.interval_share * 100.0,
            spread.draws,
            spread.factors.join(", ")
        ));
        page.remark(
            "Silence is no failure: it makes the interval wide. What is asked differs from State to State.",
        );
        caution(&mut page);
        spread.pairs(&mut page);
        page
    }

    fn json(&self) -> impl Serialize {
        &self.1
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(COLUMNS, self.1.rows())
    }
}

/// `surety index uncertainty`: the same draws, with their moments.
pub struct UncertaintyView(pub Spread);

impl View for UncertaintyView {
    fn page(&self) -> Page {
        let spread = &self.0;
        let mut page = Page::new(&format!(
            "Uncertainty of the index on {}: {} draws, seed {}",
            spread.as_of, spread.draws, spread.seed
        ));
        page.line(&format!("Drawn at once: {}.", spread.factors.join(", ")));
        let mut table = Table::new(&["", "mean", "sd", "likely score", "median rank", "likely rank"]);
        for unit in &spread.units {
            let one =
                |value: Option<f64>| right(value.map_or_else(String::new, |value| format!("{value:.1}")));
            table.row([
                unit.label.as_str().into(),
                one(unit.mean),
                one(unit.sd),
                right(interval(unit.likely)),
                right(unit.rank_median.map_or_else(String::new, |rank| rank.to_string())),
                right(ranks(unit.rank_likely)),
            ]);
        }
        page.table(&table);
        page.remark(&format!("Likely: {:.0} % of the draws.", spread.interval_share * 100.0));
        caution(&mut page);
        spread.pairs(&mut page);
        page
    }

    fn json(&self) -> impl Serialize {
        &self.0
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(COLUMNS, self.0.rows())
    }
}
