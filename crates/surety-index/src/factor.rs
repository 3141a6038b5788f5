//! What can be uncertain about an index.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::{Aggregate, Normalise, Treat};

/// Something in a framework or its data that could as well be otherwise.
///
/// Factors are independent of each other. In a framework file:
///
/// ```toml
/// [[factor]]
/// name = "weights of aims"
/// level = 2
/// vary = { weights-within = 0.25 }
///
/// [[factor]]
/// name = "aggregation"
/// vary = { aggregate = ["arithmetic", "geometric"] }
/// ```
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Factor {
    /// What it is called in results.
    pub name: String,
    /// Only the indicator or group with this code and what is below it.
    #[serde(default)]
    pub under: Option<String>,
    /// Only nodes of this level.
    #[serde(default)]
    pub level: Option<u32>,
    /// What varies.
    pub vary: Vary,
}

/// How a factor varies. What has alternatives takes each with the same probability.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Vary {
    /// Each weight is multiplied by a number between 1 − x and 1 + x, all equally likely.
    WeightsWithin(f64),
    /// The weights of each group are Dirichlet distributed: their mean is the framework's and their
    /// concentration (the sum of the parameters) the given number. The higher, the closer to the mean.
    WeightsDirichlet(f64),
    /// One of these sets of weights; what a set does not name keeps its weight.
    WeightSets(Vec<BTreeMap<String, f64>>),
    /// One of these normalisations.
    Normalise(Vec<Normalise>),
    /// One of these aggregations.
    Aggregate(Vec<Aggregate>),
    /// One of these treatments.
    Treat(Vec<Treat>),
    /// The node named by `under` is there, or it is not and its weight goes to the others of its group.
    Presence,
    /// The figures about which there is doubt take any value that the doubt allows.
    Data,
    /// The same, but only for the doubts of one class: see [`Doubts::insert_as`](crate::Doubts::insert_as).
    DataOf(String),
}

impl Factor {
    /// The number of alternatives, if it is finite.
    pub fn alternatives(&self) -> Option<usize> {
        match &self.vary {
            Vary::WeightsWithin(_) | Vary::WeightsDirichlet(_) | Vary::Data | Vary::DataOf(_) => None,
            Vary::WeightSets(sets) => Some(sets.len()),
            Vary::Normalise(choices) => Some(choices.len()),
            Vary::Aggregate(choices) => Some(choices.len()),
            Vary::Treat(choices) => Some(choices.len()),
            Vary::Presence => Some(2),
        }
    }

    /// Whether the factor makes sense by itself.
    pub(crate) fn check(&self) -> Result<(), String> {
        let refuse = |what: &str| Err(format!("factor `{}`: {what}", self.name));
        match &self.vary {
            Vary::WeightsWithin(share) if !(0.0..=1.0).contains(share) => {
                refuse("weights-within is a share, from 0 to 1")
            }
            Vary::WeightsDirichlet(sum) if *sum <= 0.0 || !sum.is_finite() => {
                refuse("the concentration of weights-dirichlet is a number above 0")
            }
            Vary::WeightSets(sets)
                if sets
                    .iter()
                    .flat_map(BTreeMap::values)
                    .any(|weight| *weight < 0.0 || !weight.is_finite()) =>
            {
                refuse("a weight is a number of at least 0")
            }
            Vary::Normalise(choices) => {
                choices.iter().try_for_each(Normalise::check).or_else(|what| refuse(&what))
            }
            Vary::Aggregate(choices) => {
                choices.iter().try_for_each(|choice| choice.check()).or_else(|what| refuse(&what))
            }
            Vary::Presence if self.under.is_none() => refuse("name the indicator or group in `under`"),
            _ if self.alternatives() == Some(0) => refuse("give at least one alternative"),
            _ => Ok(()),
        }
    }
}
