//! `surety log`: keeping a log, and reading one.

mod args;
mod open;
mod place;
mod read;
mod serve;
mod submit;

pub(crate) use args::LogArgs;

use args::LogCommand;

use crate::output::Format;

/// Does what was asked of a log.
pub(crate) fn run(args: &LogArgs, format: Format) -> anyhow::Result<()> {
    match &args.command {
        LogCommand::Serve(args) => serve::serve(args, format),
        LogCommand::Submit(args) => submit::submit(args, format),
        LogCommand::Checkpoint { log } => read::checkpoint(log, format),
        LogCommand::Prove { log, entry, output } => read::prove(log, entry, output.as_deref(), format),
        LogCommand::Export { log, to } => read::export(log, to, format),
        LogCommand::Fsck { log } => read::fsck(log, format),
    }
}
