//! The command line of Surety: it asks the crates below and shows what they say. No rule and no formula lives here.

mod args;
mod context;
mod output;
mod view;

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Command};
use crate::context::Context;
use crate::output::show;

/// What was asked cannot be answered: a State, instrument, action or date that is not known.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "surety: {error:#}");
            ExitCode::from(EXIT_USAGE)
        }
    }
}

fn run(args: &Args) -> anyhow::Result<()> {
    let context = Context::new(args.as_of);
    let format = args.format;
    match &args.command {
        None => show(&view::Summary::new(&context), format),
        Some(Command::World) => show(&view::WorldView::new(&context), format),
        Some(Command::State { state }) => show(&view::StateView::new(&context, state)?, format),
        Some(Command::Gaps { filter }) => show(&view::Gaps::new(&context, filter)?, format),
        Some(Command::Treaty { instrument, duties, between }) => {
            let instrument = instrument.parse()?;
            if let Some(pair) = between {
                show(&view::Pair::new(&context, instrument, pair)?, format)
            } else if *duties {
                show(&view::Duties::new(&context, instrument)?, format)
            } else {
                show(&view::Treaty::new(&context, instrument), format)
            }
        }
        Some(Command::Stocks { states }) => show(&view::Stocks::new(&context, states)?, format),
        Some(Command::Diff { from, to, filter }) => {
            show(&view::Diff::new(&context, from.as_deref(), to.as_deref(), filter)?, format)
        }
        Some(Command::Why { state, action }) => show(&view::Why::new(&context, state, action)?, format),
        Some(Command::Sources { source }) => show(&view::Sources::new(&context, source.as_deref())?, format),
        Some(Command::Coverage) => show(&view::CoverageView::new(&context), format),
        Some(Command::States) => show(&view::States::new(&context), format),
        Some(Command::Requirements { id, area }) => {
            show(&view::Requirements::new(&context, id.as_deref(), area.as_deref())?, format)
        }
    }
}

/// A reader that has seen enough, such as `head`, is no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
