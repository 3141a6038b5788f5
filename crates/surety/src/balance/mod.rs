//! `surety balance`: how far a material balance closes, from a plain CSV table.

mod view;

use std::num::NonZeroUsize;
use std::path::PathBuf;

use clap::Args as ClapArgs;
use surety_core::Date;
use surety_material::balance::{Balance, Loss, PAGE_K, Run};

use crate::index::read;

pub(crate) use view::BalanceView;

/// What can be typed after `surety balance`.
#[derive(Debug, ClapArgs)]
pub(crate) struct BalanceArgs {
    /// A CSV table with the columns period, location, kind (input, output or inventory), amount (or `amount_kg`, …),
    /// `random_sd` and `systematic_sd` (relative: 0.01 is 1 %); period 0 holds the opening inventories
    file: PathBuf,
    /// How often each test may raise an alarm, over all periods, where nothing is lost
    #[arg(long, value_name = "RATE", default_value_t = 0.05)]
    false_alarm: f64,
    /// How likely a loss would be found: abrupt:PERIOD:AMOUNT or protracted:FROM:TO:AMOUNT; repeat it for more
    #[arg(long, value_name = "LOSS")]
    loss: Vec<Loss>,
    /// What Page's test forgives in each period, in standard deviations
    #[arg(long, value_name = "K", default_value_t = PAGE_K)]
    page_k: f64,
    /// How often the balance is drawn, to find thresholds and, once more, for each loss
    #[arg(long, value_name = "N", default_value_t = 10_000)]
    realisations: u32,
    /// The seed: the same seed gives the same bytes, for any number of threads
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The number of threads [default: as many as there are processors]
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,
    /// Write to this file, whole or not at all, instead of the standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

impl BalanceArgs {
    pub(crate) fn view(&self, as_of: Date) -> anyhow::Result<BalanceView> {
        if !(self.page_k.is_finite() && self.page_k >= 0.0) {
            anyhow::bail!("--page-k {} is no number of 0 or more", self.page_k);
        }
        let file = read(&self.file)?;
        let balance = Balance::from_csv(&file.name, &file.text)?;
        let threads = || std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN);
        let run = Run {
            realisations: self.realisations,
            seed: self.seed,
            threads: self.threads.unwrap_or_else(threads),
        };
        BalanceView::new(as_of, file.name, balance, self.false_alarm, self.page_k, run, &self.loss)
    }
}
