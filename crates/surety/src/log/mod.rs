//! `surety log`: keeping a log, and reading one.

mod args;
mod init;
mod kept;
mod open;
mod place;
mod read;
mod serve;
mod submit;

pub(crate) use args::{LogArgs, Unlock};
pub(crate) use place::{KEY_FILE, Place};
pub(crate) use serve::{Serving, mend};

use args::LogCommand;

use crate::output::Format;
use crate::source::SourceArgs;

/// Does what was asked of a log.
pub(crate) fn run(args: &LogArgs, source: &SourceArgs, format: Format) -> anyhow::Result<()> {
    match &args.command {
        LogCommand::Init(args) => init::init(args, format),
        LogCommand::Update(args) => init::update(args, format),
        LogCommand::Trust { place, output } => init::trust(place, output, source, format),
        LogCommand::Serve(args) => serve::serve(args, format),
        LogCommand::Submit(args) => submit::submit(args, source, format),
        LogCommand::Checkpoint { log } => read::checkpoint(log, format),
        LogCommand::Prove { log, entry, output } => read::prove(log, entry, output.as_deref(), format),
        LogCommand::Show { log, entry, output } => read::entry(log, entry, output.as_deref(), format),
        LogCommand::Export { log, to } => read::export(log, to, format),
        LogCommand::Fsck { log } => read::fsck(log, format),
    }
}
