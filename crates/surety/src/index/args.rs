//! What can be typed after `surety index`.

use std::fs;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::{Args as ClapArgs, Subcommand};
use surety_view::index::Document;

#[derive(Debug, ClapArgs)]
pub(crate) struct IndexArgs {
    #[command(flatten)]
    pub(crate) input: Input,
    #[command(subcommand)]
    pub(crate) command: Option<IndexCommand>,
}

/// What is scored, and how.
#[derive(Debug, ClapArgs)]
pub(crate) struct Input {
    /// Another framework than the charter's, in TOML; with --imeta, what is done with its indicators
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) framework: Option<PathBuf>,
    /// Units of your own instead of States: a CSV table as `COINr` reads it as iData
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) idata: Option<PathBuf>,
    /// The indicators of --idata: a CSV table as `COINr` reads it as iMeta
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) imeta: Option<PathBuf>,
    /// Other weights, such as legal=2,L3=0.5; the rest keep theirs
    #[arg(long, global = true, value_name = "CODE=WEIGHT", value_delimiter = ',', value_parser = weight)]
    pub(crate) weights: Vec<(String, f64)>,
    /// Show only these States or units, and how likely each is above the others; ranks are among all
    #[arg(long, global = true, value_name = "UNIT", value_delimiter = ',')]
    pub(crate) peers: Vec<String>,
    /// Write to this file, whole or not at all, instead of the standard output
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// How draws are made.
#[derive(Debug, Clone, ClapArgs)]
pub(crate) struct Sampling {
    /// The seed: the same seed gives the same bytes, for any number of threads
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of threads [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
}

impl Input {
    /// Reads the files that were named.
    pub(crate) fn read(&self) -> anyhow::Result<surety_view::index::Input> {
        if self.imeta.is_some() && self.idata.is_none() {
            bail!("--imeta names indicators of your own: give their data with --idata FILE");
        }
        let read = |path: &Option<PathBuf>| path.as_deref().map(read).transpose();
        Ok(surety_view::index::Input {
            framework: read(&self.framework)?,
            idata: read(&self.idata)?,
            imeta: read(&self.imeta)?,
            weights: self.weights.clone(),
            peers: self.peers.clone(),
        })
    }
}

impl From<&Sampling> for surety_view::index::Sampling {
    fn from(sampling: &Sampling) -> Self {
        let threads = sampling
            .threads
            .unwrap_or_else(|| std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN));
        Self { seed: sampling.seed, threads }
    }
}

impl Default for Sampling {
    fn default() -> Self {
        Self { seed: 1, threads: None }
    }
}

/// How indices of sensitivity are found where they cannot be enumerated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Estimate {
    /// Scrambled Sobol sequence, output centred
    Centred,
    /// As `COINr` 1.1 does, to compare with old results
    Coinr,
}

impl From<Estimate> for surety_view::index::Estimate {
    fn from(estimate: Estimate) -> Self {
        match estimate {
            Estimate::Centred => Self::Centred,
            Estimate::Coinr => Self::Coinr,
        }
    }
}

#[derive(Debug, Subcommand)]
pub(crate) enum IndexCommand {
    /// How scores and ranks spread when everything uncertain is drawn at once
    Uncertainty {
        /// The number of draws
        #[arg(long, value_name = "N", default_value_t = 10_000)]
        draws: u64,
        #[command(flatten)]
        sampling: Sampling,
    },
    /// Which uncertain factor drives the spread
    Sensitivity {
        /// Watch the score of this State or unit instead of the mean shift of all ranks
        #[arg(long, value_name = "UNIT")]
        of: Option<String>,
        /// Base points; the index is computed so often times the number of factors and two more
        #[arg(long, value_name = "N", default_value_t = 512)]
        points: u32,
        /// How to estimate; factors that are all finite and few are enumerated exactly
        #[arg(long, value_enum, default_value_t = Estimate::Centred)]
        estimator: Estimate,
        #[command(flatten)]
        sampling: Sampling,
    },
    /// What has most weight in fact, and what hangs on each part
    Drivers,
    /// The cheapest set of actions that brings a State or unit to a score
    Path {
        /// The State or unit
        unit: String,
        /// The score to reach
        #[arg(long, value_name = "SCORE")]
        to: f64,
        /// Costs and feasibility in TOML [default: the costs built in, in points of effort]
        #[arg(long, value_name = "FILE")]
        costs: Option<PathBuf>,
    },
    /// How scores move when findings or figures are otherwise
    WhatIf {
        /// The State or unit
        unit: String,
        /// Findings as ACTION=VERDICT or ACTION=VERDICT@LEVEL (met, partly-met, not-met, silence; level 3 if
        /// none is given), or figures as CODE=NUMBER; CODE=na leaves it out
        #[arg(long, value_name = "CODE=VALUE", value_delimiter = ',', required = true)]
        set: Vec<String>,
    },
    /// Recompute published tables and say which scores and ranks do not follow
    Audit {
        /// CSV tables with the columns unit, score or rank or both, and code if not of the top
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
    },
    /// Every score and rank at every level, of an index of your own or of the States
    Run,
}

/// Reads a file that was named on the command line.
pub(crate) fn read(path: &Path) -> anyhow::Result<Document> {
    let name = path.display().to_string();
    let text = fs::read_to_string(path).with_context(|| format!("cannot read {name}"))?;
    Ok(Document { name, text })
}

fn weight(text: &str) -> Result<(String, f64), String> {
    let (code, weight) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is not CODE=WEIGHT, such as legal=2"))?;
    let weight = weight.trim().parse().map_err(|_| format!("`{weight}` is not a number"))?;
    Ok((code.trim().to_owned(), weight))
}
