//! What `surety index` takes from the command line.

mod args;

pub(crate) use args::{IndexArgs, IndexCommand, Sampling, read};
