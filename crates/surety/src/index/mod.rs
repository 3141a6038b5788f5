//! What `surety index` takes from the command line.

mod args;
mod progress;

pub(crate) use args::{IndexArgs, IndexCommand, Sampling, read};
pub(crate) use progress::Progress;
