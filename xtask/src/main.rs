//! Developer commands: `cargo xtask --help`.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a command line tool talks to its user")]

mod data;
mod floors;
mod fuzz;
mod interop;
mod mutants;
mod process;
mod test;
mod web;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Developer commands.
#[derive(Parser)]
struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run everything that must pass: format, lints, tests, docs, data, floors, interop, script, browser, licences
    Test,
    /// Check the tables under data/, naming file, line and column of what is wrong
    Data {
        /// Another folder with the same tables
        #[arg(default_value_os_t = root().join("data"))]
        folder: PathBuf,
    },
    /// Check that crates depend downwards only
    Floors,
    /// Check that Go's sumdb and packages of `PyPI` agree with our log, proofs and statements
    Interop,
    /// Build the script of the pages from web/src
    Web,
    /// Try the pages in a browser
    Browser,
    /// Fuzz the decoders, from good inputs on
    Fuzz {
        /// Only these decoders
        names: Vec<String>,
        /// How long to fuzz each, in seconds
        #[arg(long, default_value_t = 60)]
        seconds: u32,
    },
    /// Disable each verification step in turn, and see whether a test notices (minutes)
    Mutants(mutants::Args),
}

fn main() -> ExitCode {
    let done = match Args::parse().command {
        Command::Test => test::run(&root()),
        Command::Data { folder } => data::check(&folder),
        Command::Floors => floors::check(&root()),
        Command::Interop => interop::check(&root()),
        Command::Web => web::build(&root()),
        Command::Browser => web::browser(&root()),
        Command::Fuzz { names, seconds } => fuzz::run_all(&root(), &names, seconds),
        Command::Mutants(args) => mutants::run_all(&root(), &args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf)
}
