//! Composite indices: units scored by indicators through a hierarchy of levels, with what is uncertain
//! about the scores, what drives them, and the cheapest way to a better one.
//!
//! - A [`Framework`] says which indicators and groups there are and what is done with them; it is read
//!   from TOML, or from `COINr`'s `iMeta.csv` with a [`Plan`].
//! - [`Data`] are the figures of the units; they are read from a table such as `COINr`'s `iData.csv`.
//! - [`Framework::compute`] takes every step and gives an [`Index`]: scores and ranks at every level.
//!
//! Nothing here knows what a unit is, reads a file or a clock, or draws a random number that does not
//! follow from a seed and the number of the draw.
//!
//! ```
//! use surety_index::{Data, Framework};
//!
//! let framework = Framework::from_toml(
//!     "index.toml",
//!     r#"
//!     [[group]]
//!     code = "index"
//!     [[indicator]]
//!     code = "law"
//!     parent = "index"
//!     [[indicator]]
//!     code = "thefts"
//!     parent = "index"
//!     direction = "lower-is-better"
//!     "#,
//! )?;
//! let data = Data::from_csv("data.csv", "unit,law,thefts\nA,1,4\nB,3,0\nC,2,1\n", &framework)?;
//! let index = framework.compute(&data)?;
//! assert_eq!(index.scores().get("C", "index"), Some(62.5));
//! assert_eq!(index.ranks("index").unwrap(), [Some(3), Some(1), Some(2)]);
//! # Ok::<(), surety_index::Error>(())
//! ```
#![allow(clippy::cast_precision_loss, reason = "counts of units, indicators and draws stay far below 2^52")]
#![cfg_attr(test, allow(clippy::float_cmp, reason = "the tests compare with figures that are exact"))]

mod aggregate;
mod data;
mod draws;
mod error;
mod factor;
mod framework;
mod index;
mod model;
mod path;
mod random;
mod sensitivity;
mod sobol;
mod stats;
mod steps;
mod uncertainty;
mod weights;

pub use aggregate::Aggregate;
pub use data::{Data, Table};
pub use error::Error;
pub use factor::{Factor, Vary};
pub use framework::{Framework, LevelPlan, Node, Plan, Steps};
pub use index::{Index, Step};
pub use model::{Doubt, Doubts, Model};
pub use path::{Change, Path};
pub use sensitivity::{
    Design, Estimate, Estimator, Indices, Output, coinr_alternatives, enumerate, estimate,
};
pub use sobol::Sobol;
pub use steps::{Impute, Normalise, Outliers, Screen, Treat, Treatment};
pub use uncertainty::{Run, Uncertainty};
pub use weights::Weighting;
