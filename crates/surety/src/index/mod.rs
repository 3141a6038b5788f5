//! What `surety index` scores: the States by the charter, or anybody's own units by their own framework.

mod args;
mod charter;
mod costs;
mod progress;

use std::fs;
use std::path::Path;

use anyhow::{Context as _, bail};
use surety_index::{Data, Doubt, Doubts, Framework, Model, Plan};
use surety_world::StateFindings;

pub(crate) use args::{Estimate, IndexArgs, IndexCommand, Input, Sampling};
pub(crate) use charter::{Mapping, Set};
pub(crate) use costs::Costs;
pub(crate) use progress::Progress;

use crate::context::Context;

/// The framework of the charter, as it is built in.
const CHARTER: &str = include_str!("../../../../data/frameworks/charter.toml");

/// The share of the draws that the intervals on every page hold.
pub(crate) const INTERVAL_SHARE: f64 = 0.9;

/// A framework, the figures it scores, and what is doubtful about them.
pub(crate) struct Subject {
    /// The file of the framework, for messages and titles.
    pub(crate) file: String,
    pub(crate) framework: Framework,
    pub(crate) data: Data,
    pub(crate) doubts: Doubts,
    /// Names of the units, in the order of the data.
    pub(crate) names: Vec<String>,
    /// The rows to show.
    pub(crate) shown: Vec<usize>,
    /// Where the figures come from findings on States.
    pub(crate) states: Option<States>,
}

/// The findings behind the figures, and how they became figures.
pub(crate) struct States {
    pub(crate) mapping: Mapping,
    pub(crate) findings: Vec<StateFindings>,
}

impl Subject {
    pub(crate) fn new(context: &Context, input: &Input) -> anyhow::Result<Self> {
        let mut subject = match &input.idata {
            Some(idata) => Self::own(input, idata)?,
            None if input.imeta.is_some() => {
                bail!("--imeta names indicators of your own: give their data with --idata FILE")
            }
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
        let (file, text) = match &input.framework {
            Some(path) => (path.display().to_string(), read(path)?),
            None => ("charter.toml".to_owned(), CHARTER.to_owned()),
        };
        let framework = Framework::from_toml(&file, &text)?;
        let mapping = Mapping::from_toml(&file, &text)?;
        let findings = context.world().states;
        if findings.is_empty() {
            bail!("the charter asks no State on {}: ask for a later date", context.as_of);
        }
        let (data, doubts) = charter::figures(&file, &framework, &mapping, &findings)?;
        let names: Vec<String> = findings.iter().map(|state| context.name(state.state)).collect();
        let shown = (0..names.len()).collect();
        Ok(Self { file, framework, data, doubts, names, shown, states: Some(States { mapping, findings }) })
    }

    /// Units of the user's own, from a table in the form of `COINr`'s `iData.csv`.
    fn own(input: &Input, idata: &Path) -> anyhow::Result<Self> {
        let framework = input.framework.as_deref().map(|path| Ok::<_, anyhow::Error>((path, read(path)?)));
        let framework = framework.transpose()?;
        let (file, framework) = match (&input.imeta, framework) {
            (Some(imeta), plan) => {
                let plan = match plan {
                    Some((path, text)) => Plan::from_toml(&path.display().to_string(), &text)?,
                    None => Plan::default(),
                };
                let file = imeta.display().to_string();
                (file.clone(), Framework::from_imeta(&file, &read(imeta)?, plan)?)
            }
            (None, Some((path, text))) => {
                let file = path.display().to_string();
                (file.clone(), Framework::from_toml(&file, &text)?)
            }
            (None, None) => bail!(
                "--idata needs its indicators: give --imeta FILE, or --framework FILE with groups and indicators"
            ),
        };
        let (name, text) = (idata.display().to_string(), read(idata)?);
        let data = Data::from_csv(&name, &text, &framework)?;
        let doubts = ranges(&name, &text, &framework, &data)?;
        let names = data.names().to_vec();
        let shown = (0..names.len()).collect();
        Ok(Self { file, framework, data, doubts, names, shown, states: None })
    }

    pub(crate) fn units(&self) -> &[String] {
        self.data.units()
    }

    /// The row of a unit: a State by code or name, another unit by its code.
    pub(crate) fn row(&self, context: &Context, text: &str) -> anyhow::Result<usize> {
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
    pub(crate) fn label(&self, row: usize) -> String {
        let (code, name) = (&self.units()[row], &self.names[row]);
        if code == name { code.clone() } else { format!("{code} {name}") }
    }

    pub(crate) fn model(&self) -> anyhow::Result<Model<'_>> {
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
    pub(crate) fn bounds(&self) -> anyhow::Result<Vec<Option<(f64, f64)>>> {
        let (worst, best) = self.doubts.ends(&self.framework, &self.data)?;
        let top = self.framework.top().code();
        let (worst, best) = (self.framework.compute(&worst)?, self.framework.compute(&best)?);
        let bound = |unit: &String| Some((worst.scores().get(unit, top)?, best.scores().get(unit, top)?));
        Ok(self.units().iter().map(bound).collect())
    }
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

pub(crate) fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
