//! A progress bar for what lasts over a second.

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// What is quicker shows no bar.
const PATIENCE: Duration = Duration::from_secs(1);

/// Shows how far a long piece of work has come, on the standard error and on a terminal only.
pub(crate) struct Progress {
    started: Instant,
    total: u64,
    bar: OnceLock<ProgressBar>,
}

impl Progress {
    pub(crate) fn new(total: u64) -> Self {
        Self { started: Instant::now(), total, bar: OnceLock::new() }
    }

    /// So much is done. May be called from any thread, and out of order.
    pub(crate) fn at(&self, done: u64) {
        if self.started.elapsed() >= PATIENCE {
            let bar = self.bar.get_or_init(|| {
                let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len}, {eta} left");
                let bar = ProgressBar::new(self.total);
                style.map(|style| bar.clone().with_style(style)).unwrap_or(bar)
            });
            bar.set_position(bar.position().max(done));
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = self.bar.get() {
            bar.finish_and_clear();
        }
    }
}
