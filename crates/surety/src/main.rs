//! The command line of Surety: it asks the crates below and shows what they say. No rule and no formula lives here.

mod args;
mod assurance;
mod balance;
mod files;
mod index;
mod issuer;
mod log;
mod monitor;
mod output;
mod progress;
mod register;
mod report;
mod review;
mod secret;
mod site;
mod source;
mod statement;
mod verify;
mod witness;

use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use surety_core::Date;
use surety_view::index::{Costs, Subject};
use surety_view::{Context, view};

use crate::args::{Args, Command, Question};
use crate::index::{IndexArgs, IndexCommand, Sampling, read};
use crate::output::{Format, View, plain, save, show};
use crate::progress::Progress;
use crate::site::ExportCommand;

/// What was checked was found bad: a monitor raised something new, or a file does not verify.
const EXIT_BAD: u8 = 1;

/// What was asked cannot be answered: a State, instrument, action or date that is not known.
const EXIT_USAGE: u8 = 2;

fn main() -> ExitCode {
    register::no_core_dumps();
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) if is_closed_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let _ = writeln!(anstream::stderr(), "surety: {}", plain(&format!("{error:#}")));
            ExitCode::from(exit_code(&error))
        }
    }
}

fn exit_code(error: &anyhow::Error) -> u8 {
    let found_bad = error.is::<monitor::NewAlarms>() || error.is::<verify::NotVerified>();
    if found_bad { EXIT_BAD } else { EXIT_USAGE }
}

fn run(args: &Args) -> anyhow::Result<()> {
    let format = args.format;
    let as_of = args.as_of.unwrap_or_else(today);
    match &args.command {
        None => show(&view::Summary::new(&args.source.context(as_of)?)?, format),
        Some(Command::World(question)) => ask(&args.source.context(as_of)?, question, format),
        Some(Command::Serve(serve)) => site::serve(serve, &args.source, args.as_of, format),
        Some(Command::Export { what: ExportCommand::Site { folder } }) => {
            site::export(folder, &args.source, as_of, format)
        }
        Some(Command::Balance(args)) => put(&args.view(as_of)?, format, args.output.as_deref()),
        Some(Command::Statement(statement)) => statement::run(statement, &args.source, format),
        Some(Command::Issuer(issuer)) => issuer::run(issuer, &args.source, format),
        Some(Command::Log(log)) => log::run(log, &args.source, format),
        Some(Command::Witness(args)) => witness::run(args, format),
        Some(Command::Monitor(monitor)) => monitor::run(monitor, &args.source, args.as_of, format),
        Some(Command::Verify(verify)) => verify::run(verify, &args.source, format),
        Some(Command::Review(review)) => review::run(review, &args.source, as_of, format),
        Some(Command::Disclosure(args)) => review::run_disclosure(args, format),
        Some(Command::Register(register)) => {
            register::run(&Context::new(surety_data::embedded(), as_of), register, &args.source, format)
        }
    }
}

/// Answers a question about the world.
fn ask(context: &Context, question: &Question, format: Format) -> anyhow::Result<()> {
    match question {
        Question::World => show(&view::WorldView::new(context)?, format),
        Question::State { state } => show(&view::StateView::new(context, state)?, format),
        Question::Gaps { filter } => show(&view::Gaps::new(context, &filter.into())?, format),
        Question::Treaty { instrument, duties, between } => {
            let instrument = instrument.parse()?;
            if let Some(pair) = between {
                show(&view::Pair::new(context, instrument, pair)?, format)
            } else if *duties {
                show(&view::Duties::new(context, instrument)?, format)
            } else {
                show(&view::Treaty::new(context, instrument), format)
            }
        }
        Question::Stocks { states } => show(&view::Stocks::new(context, states)?, format),
        Question::Diff { from, to, filter } => {
            show(&view::Diff::new(context, from.as_deref(), to.as_deref(), &filter.into())?, format)
        }
        Question::Why { state, action } => show(&view::Why::new(context, state, action)?, format),
        Question::Sources { source } => show(&view::Sources::new(context, source.as_deref())?, format),
        Question::Coverage => show(&view::CoverageView::new(context), format),
        Question::States => show(&view::States::new(context), format),
        Question::Requirements { id, area } => {
            show(&view::Requirements::new(context, id.as_deref(), area.as_deref())?, format)
        }
        Question::Index(args) => index(context, args, format),
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
fn moment() -> Timestamp {
    Timestamp::now()
}

fn today() -> Date {
    moment().to_zoned(TimeZone::UTC).date()
}

/// Seconds since 1970.
fn now() -> u64 {
    u64::try_from(moment().as_second()).unwrap_or(0)
}

/// Prints a view, or writes it to a file.
fn put(view: &impl View, format: Format, output: Option<&Path>) -> anyhow::Result<()> {
    output.map_or_else(|| show(view, format), |path| save(view, format, path))
}

/// A reader that has seen enough, such as `head`, is no error.
fn is_closed_pipe(error: &anyhow::Error) -> bool {
    error.downcast_ref::<io::Error>().is_some_and(|error| error.kind() == io::ErrorKind::BrokenPipe)
}
