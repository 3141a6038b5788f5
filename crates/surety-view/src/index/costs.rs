//! What changes cost, and which can be made.

use std::collections::BTreeMap;

use anyhow::{Context as _, bail};
use serde::Deserialize;
use surety_index::Change;

use super::{Document, Set, Subject};

/// The costs of the charter's actions, as they are built in.
const COSTS: &str = include_str!("../../../../data/frameworks/costs.toml");

/// A file of costs.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Its name, for messages.
    #[serde(skip)]
    pub file: String,
    /// What costs are counted in.
    pub unit: String,
    #[serde(default)]
    change: Vec<CostedChange>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct CostedChange {
    name: Option<String>,
    cost: f64,
    #[serde(default = "yes")]
    feasible: bool,
    #[serde(default)]
    not_for: Vec<String>,
    sets: BTreeMap<String, Value>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Value {
    Number(f64),
    Words(String),
}

fn yes() -> bool {
    true
}

impl Costs {
    /// Reads a file of costs, or takes those that are built in.
    pub fn new(document: Option<&Document>) -> anyhow::Result<Self> {
        let (file, text) = document
            .map_or(("costs.toml", COSTS), |document| (document.name.as_str(), document.text.as_str()));
        let read: Self = toml::from_str(text).map_err(|error| {
            let line = error.span().map_or(1, |span| 1 + text[..span.start].matches('\n').count());
            anyhow::anyhow!("{file}:{line}: {}", error.message())
        })?;
        Ok(Self { file: file.to_owned(), ..read })
    }

    /// The changes that a unit can make and that make its figures higher.
    pub fn changes(&self, subject: &Subject, unit: &str) -> anyhow::Result<Vec<Change>> {
        let mut changes = Vec::new();
        for change in &self.change {
            if !change.feasible || change.not_for.iter().any(|other| other == unit) {
                continue;
            }
            let mut sets = Vec::new();
            for (code, value) in &change.sets {
                let place = || format!("{}: `{code}`", self.file);
                subject.framework.node(code).with_context(place)?;
                let figure = match (value, &subject.states) {
                    (Value::Number(figure), _) => Some(*figure),
                    (Value::Words(words), Some(states)) => match Set::parse(words).with_context(place)? {
                        Some(Set::Finding(verdict, level)) => {
                            states.mapping.range(verdict, level).map(|[_, figure, _]| figure)
                        }
                        Some(Set::Figure(figure)) => Some(figure),
                        None => None,
                    },
                    (Value::Words(words), None) => {
                        bail!("{}: `{code}` is set to `{words}`: give a number", self.file)
                    }
                };
                sets.extend(figure.map(|figure| (code.clone(), figure)));
            }
            // An action that asks nothing of a State cannot help it; one that is met already need not be done.
            let helps = |(code, figure): &(String, f64)| {
                subject.data.get(unit, code).map_or(subject.states.is_none(), |now| now < *figure)
            };
            if subject.states.is_some() {
                sets.retain(helps);
            }
            if !sets.is_empty() {
                let codes: Vec<&str> = sets.iter().map(|(code, _)| code.as_str()).collect();
                let name = change.name.clone().unwrap_or_else(|| codes.join("+"));
                changes.push(Change { name, cost: change.cost, sets });
            }
        }
        Ok(changes)
    }
}
