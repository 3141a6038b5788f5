//! What the index scores: the States by the charter, or anybody's own units by their own framework.

mod charter;
mod costs;

use std::num::NonZeroUsize;
use std::sync::{Arc, OnceLock};

use anyhow::{Context as _, bail};
use surety_index::{Data, Doubt, Doubts, Framework, Model, Plan};
use surety_world::World;

pub use charter::{Mapping, Set};
pub use costs::Costs;

use crate::context::Context;

/// The framework of the charter, as it is built in.
const CHARTER_FILE: &str = "charter.toml";
const CHARTER: &str = include_str!("../../../../data/frameworks/charter.toml");

/// The share of the draws that the intervals on every page hold.
pub const INTERVAL_SHARE: f64 = 0.9;

/// A text that somebody gave, with the name it goes by in messages.
#[derive(Debug, Clone)]
pub struct Document {
    /// The name of its file.
    pub name: String,
    /// What stands in it.
    pub text: String,
}

/// What is scored, and how.
#[derive(Debug, Clone, Default)]
pub struct Input {
    /// Another framework than the charter's, in TOML; with `imeta`, what is done with its indicators.
    pub framework: Option<Document>,
    /// Units of one's own instead of States: a CSV table as `COINr` reads it as iData.
    pub idata: Option<Document>,
    /// The indicators of `idata`: a CSV table as `COINr` reads it as iMeta.
    pub imeta: Option<Document>,
    /// Other weights by code; the rest keep theirs.
    pub weights: Vec<(String, f64)>,
    /// Show only these States or units; ranks are among all.
    pub peers: Vec<String>,
}

/// How draws are made.
#[derive(Debug, Clone, Copy)]
pub struct Sampling {
    /// The seed: the same seed gives the same bytes, for any number of threads.
    pub seed: u64,
    /// The number of threads.
    pub threads: NonZeroUsize,
}

/// How indices of sensitivity are found where they cannot be enumerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Estimate {
    /// Scrambled Sobol sequence, output centred.
    Centred,
    /// As `COINr` 1.1 does, to compare with old results.
    Coinr,
}

/// A framework, the figures it scores, and what is doubtful about them.
#[derive(Debug)]
pub struct Subject {
    /// The file of the framework, for messages and titles.
    pub file: String,
    /// How scores are made.
    pub framework: Framework,
    /// What is scored.
    pub data: Data,
    /// How far the figures can be otherwise.
    pub doubts: Doubts,
    /// Names of the units, in the order of the data.
    pub names: Vec<String>,
    /// The rows to show.
    pub shown: Vec<usize>,
    /// Where the figures come from findings on States.
    pub states: Option<States>,
}

/// The findings behind the figures, and how they became figures.
#[derive(Debug)]
pub struct States {
    /// Which figure a finding becomes.
    pub mapping: Mapping,
    /// The findings, in the order of the data.
    pub world: Arc<World>,
}

/// The score of a unit; none for one without figures.
#[derive(Debug, Clone, Copy)]
pub struct Score {
    /// By the figures as they are.
    pub nominal: Option<f64>,
    /// The least and the greatest that it could be, whatever its doubtful figures are.
    pub possible: Option<(f64, f64)>,
}

impl Subject {
    /// Reads the framework and the figures, or takes those that are built in.
    pub fn new(context: &Context, input: &Input) -> anyhow::Result<Self> {
        let mut subject = match &input.idata {
            Some(idata) => Self::own(input, idata)?,
            None => Self::of_states(context, input)?,
        };
        let weights: Vec<(&str, f64)> =
            input.weights.iter().map(|(code, weight)| (code.as_str(), *weight)).collect();
        subject.framework = subject.framework.with_weights(&weights).context("--weights")?;
        if !input.peers.is_empty() {
            let row = |peer: &String| subject.row(context, peer);
            subject.shown = input.peers.iter().map(row).collect::<anyhow::Result<_>>().context("--peers")?;
            subject.shown.sort_unstable();
            subject.shown.dedup();
        }
        Ok(subject)
    }

    /// Every State that the charter asks on the date.
    fn of_states(context: &Context, input: &Input) -> anyhow::Result<Self> {
        let (file, (framework, mapping)) = match &input.framework {
            Some(document) => (document.name.as_str(), read(&document.name, &document.text)?),
            None => (CHARTER_FILE, built_in()?),
        };
        let world = context.world();
        let findings = &world.states;
        if findings.is_empty() {
            bail!("the charter asks no State on {}: ask for a later date", context.as_of);
        }
        let (data, doubts) = charter::figures(file, &framework, &mapping, findings)?;
        let names: Vec<String> = findings.iter().map(|state| context.name(state.state)).collect();
        let shown = (0..names.len()).collect();
        let states = Some(States { mapping, world });
        Ok(Self { file: file.to_owned(), framework, data, doubts, names, shown, states })
    }

    /// Units of the user's own, from a table in the form of `COINr`'s `iData.csv`.
    fn own(input: &Input, idata: &Document) -> anyhow::Result<Self> {
        let (file, framework) = match (&input.imeta, &input.framework) {
            (Some(imeta), plan) => {
                let plan = match plan {
                    Some(plan) => Plan::from_toml(&plan.name, &plan.text)?,
                    None => Plan::default(),
                };
                (imeta.name.clone(), Framework::from_imeta(&imeta.name, &imeta.text, plan)?)
            }
            (None, Some(framework)) => {
                (framework.name.clone(), Framework::from_toml(&framework.name, &framework.text)?)
            }
            (None, None) => bail!(
                "--idata needs its indicators: give --imeta FILE, or --framework FILE with groups and indicators"
            ),
        };
        let data = Data::from_csv(&idata.name, &idata.text, &framework)?;
        let doubts = ranges(&idata.name, &idata.text, &framework, &data)?;
        let names = data.names().to_vec();
        let shown = (0..names.len()).collect();
        Ok(Self { file, framework, data, doubts, names, shown, states: None })
    }

    /// The codes of the units, in the order of the data.
    pub fn units(&self) -> &[String] {
        self.data.units()
    }

    /// The row of a unit: a State by code or name, another unit by its code.
    pub fn row(&self, context: &Context, text: &str) -> anyhow::Result<usize> {
        let code = match self.states {
            Some(_) => context.state(text)?.code.to_string(),
            None => text.to_owned(),
        };
        if let Some(row) = self.units().iter().position(|unit| *unit == code) {
            return Ok(row);
        }
        if self.states.is_some() {
            bail!("the charter asks nothing of {code} on {}: ask for another date", context.as_of);
        }
        let nearest = surety_core::closest(text, self.units().iter().map(String::as_str));
        let hint = nearest.map_or_else(String::new, |unit| format!("; did you mean `{unit}`?"));
        bail!("`{text}` is no unit of the data{hint}")
    }

    /// What to call a unit on a page.
    pub fn label(&self, row: usize) -> String {
        let (code, name) = (&self.units()[row], &self.names[row]);
        if code == name { code.clone() } else { format!("{code} {name}") }
    }

    /// The framework with what is uncertain about it.
    pub fn model(&self) -> anyhow::Result<Model<'_>> {
        let factors = &self.framework.plan().factors;
        if factors.is_empty() {
            bail!(
                "{} names nothing uncertain: add a [[factor]], as docs/index.md shows, to the framework",
                self.file
            );
        }
        Ok(Model::new(&self.framework, &self.data, factors, &self.doubts)?)
    }

    /// The least and the greatest score that each unit could have in the top group, whatever its doubtful figures are.
    pub fn possible(&self) -> anyhow::Result<Vec<Option<(f64, f64)>>> {
        let (worst, best) = self.doubts.ends(&self.framework, &self.data)?;
        let top = self.framework.top().code();
        let (worst, best) = (self.framework.compute(&worst)?, self.framework.compute(&best)?);
        let ends = |unit: &String| worst.scores().get(unit, top).zip(best.scores().get(unit, top));
        Ok(self.units().iter().map(ends).collect())
    }

    /// What each unit scores in the top group, and could.
    pub fn scores(&self) -> anyhow::Result<Vec<Score>> {
        let nominal = self.framework.compute(&self.data)?;
        let top = self.framework.top().code();
        let score =
            |(unit, possible): (&String, _)| Score { nominal: nominal.scores().get(unit, top), possible };
        Ok(self.units().iter().zip(self.possible()?).map(score).collect())
    }
}

/// A framework whose indicators are actions of the charter, and which figure a finding becomes.
fn read(file: &str, text: &str) -> anyhow::Result<(Framework, Mapping)> {
    Ok((Framework::from_toml(file, text)?, Mapping::from_toml(file, text)?))
}

/// The framework of the charter; it is read once.
fn built_in() -> anyhow::Result<(Framework, Mapping)> {
    static READ: OnceLock<(Framework, Mapping)> = OnceLock::new();
    if let Some(known) = READ.get() {
        return Ok(known.clone());
    }
    let known = read(CHARTER_FILE, CHARTER)?;
    Ok(READ.get_or_init(|| known).clone())
}

/// Doubts from pairs of columns `CODE.low` and `CODE.high` beside the column `CODE`.
fn ranges(file: &str, text: &str, framework: &Framework, data: &Data) -> anyhow::Result<Doubts> {
    let mut doubts = Doubts::default();
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers()?.clone();
    let column = |name: String| headers.iter().position(|header| header == name);
    let pairs: Vec<(&str, usize, usize)> = framework
        .indicators()
        .filter_map(|node| {
            let code = node.code();
            Some((code, column(format!("{code}.low"))?, column(format!("{code}.high"))?))
        })
        .collect();
    for (record, unit) in reader.records().zip(data.units()) {
        let record = record?;
        let line = record.position().map_or(0, csv::Position::line);
        for (code, low, high) in &pairs {
            let number = |at: usize| match record.get(at).unwrap_or_default() {
                "" | "NA" => Ok(None),
                text => text.parse::<f64>().map(Some).with_context(|| {
                    format!("{file}:{line}: column `{}`: `{text}` is not a number", &headers[at])
                }),
            };
            if let (Some(low), Some(high)) = (number(*low)?, number(*high)?) {
                let doubt = match data.get(unit, code) {
                    Some(best) => Doubt::triangular(low, best, high),
                    None => Doubt::uniform(low, high),
                };
                let doubt =
                    doubt.with_context(|| format!("{file}:{line}: unit {unit}, the range of `{code}`"))?;
                doubts.insert_as("range", unit, code, doubt, false);
            }
        }
    }
    Ok(doubts)
}
