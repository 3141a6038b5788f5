//! The command line of Surety: it asks the crates below and shows what they say. No rule and no formula lives here.

mod args;
mod index;
mod output;
mod site;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use surety_core::Date;
use surety_view::index::{Costs, Subject};
use surety_view::{Context, view};

use crate::args::{Args, Command};
use crate::index::{IndexArgs, IndexCommand, Progress, Sampling, read};
use crate::output::{Format, View, save, show};
use crate::site::ExportCommand;

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
    let context = Context::new(surety_data::embedded(), args.as_of.unwrap_or_else(today));
    let (as_of, format) = (args.as_of, args.format);
    match &args.command {
        None => show(&view::Summary::new(&context), format),
        Some(Command::World) => show(&view::WorldView::new(&context), format),
        Some(Command::State { state }) => show(&view::StateView::new(&context, state)?, format),
        Some(Command::Gaps { filter }) => show(&view::Gaps::new(&context, &filter.into())?, format),
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
            show(&view::Diff::new(&context, from.as_deref(), to.as_deref(), &filter.into())?, format)
        }
        Some(Command::Why { state, action }) => show(&view::Why::new(&context, state, action)?, format),
        Some(Command::Sources { source }) => show(&view::Sources::new(&context, source.as_deref())?, format),
        Some(Command::Coverage) => show(&view::CoverageView::new(&context), format),
        Some(Command::States) => show(&view::States::new(&context), format),
        Some(Command::Requirements { id, area }) => {
            show(&view::Requirements::new(&context, id.as_deref(), area.as_deref())?, format)
        }
        Some(Command::Index(args)) => index(&context, args, format),
        Some(Command::Serve(args)) => site::serve(args, as_of, format),
        Some(Command::Export { what: ExportCommand::Site { folder } }) => site::export(folder, as_of, format),
    }
}

/// Draws for the page that shows where everybody stands.
const DRAWS: u64 = 10_000;

fn index(context: &Context, args: &IndexArgs, format: Format) -> anyhow::Result<()> {
    let subject = Subject::new(context, &args.input.read()?)?;
    let output = args.input.output.as_deref();
    let spread = |draws: u64, sampling: &Sampling| {
        let progress = Progress::new(draws);
        view::index::Spread::new(context, &subject, draws, sampling.into(), &|done| progress.at(done))
    };
    match &args.command {
        None => put(&(context, spread(DRAWS, &Sampling::default())?), format, output),
        Some(IndexCommand::Uncertainty { draws, sampling }) => {
            put(&view::index::UncertaintyView(spread(*draws, sampling)?), format, output)
        }
        Some(IndexCommand::Sensitivity { of, points, estimator, sampling }) => {
            let design = (*points, (*estimator).into());
            let view =
                view::index::Sensitivity::new(context, &subject, of.as_deref(), design, sampling.into())?;
            put(&view, format, output)
        }
        Some(IndexCommand::Drivers) => put(&view::index::Drivers::new(context, &subject)?, format, output),
        Some(IndexCommand::Path { unit, to, costs }) => {
            let costs = Costs::new(costs.as_deref().map(read).transpose()?.as_ref())?;
            put(&view::index::PathView::new(context, &subject, unit, *to, &costs)?, format, output)
        }
        Some(IndexCommand::WhatIf { unit, set }) => {
            put(&view::index::WhatIf::new(context, &subject, unit, set)?, format, output)
        }
        Some(IndexCommand::Audit { files }) => {
            let files = files.iter().map(|path| read(path)).collect::<anyhow::Result<Vec<_>>>()?;
            put(&view::index::Audit::new(context, &subject, &files)?, format, output)
        }
        Some(IndexCommand::Run) => put(&view::index::Run::new(context, &subject)?, format, output),
    }
}

/// The only place that reads the clock.
fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// Prints a view, or writes it to a file.
fn put(view: &impl View, format: Format, output: Option<&Path>) -> anyhow::Result<()> {
    output.map_or_else(|| show(view, format), |path| save(view, format, path))
}

/// A reader that has seen enough, such as `head`, is no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
