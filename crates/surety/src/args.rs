//! What can be typed.

use clap::{Args as ClapArgs, Parser, Subcommand};
use surety_core::{Aim, Date, parse_day};

use crate::balance::BalanceArgs;
use crate::index::IndexArgs;
use crate::issuer::IssuerArgs;
use crate::log::LogArgs;
use crate::monitor::MonitorArgs;
use crate::output::Format;
use crate::register::RegisterArgs;
use crate::review::{DisclosureArgs, ReviewArgs};
use crate::site::{ExportCommand, ServeArgs};
use crate::source::SourceArgs;
use crate::statement::StatementArgs;
use crate::verify::VerifyArgs;
use crate::witness::WitnessArgs;

const EXAMPLES: &str = "\
Examples:
  surety                                        where the world stands today
  surety --as-of 2014-01-09                     where it stood on that day
  surety state Japan                            one State: treaties, findings, next steps
  surety gaps --action L3                       who is not bound by the 2005 Amendment
  surety treaty CPPNM-A --as-of 2016-04-08      parties, dates, deposits still needed
  surety diff --from 2014-01-01 --to 2024-01-01 what changed in ten years
  surety why JPN L3                             the statements and sources behind a verdict

Every verdict leads to its sources. \"No public evidence\" is silence, never failure.";

/// A global nuclear security system in software: which gaps does each State still have to close, on any date?
#[derive(Debug, Parser)]
#[command(version, after_help = EXAMPLES, max_term_width = 100)]
pub(crate) struct Args {
    /// The date asked: YYYY-MM-DD [default: today]
    #[arg(long, global = true, value_name = "DATE", value_parser = day)]
    pub(crate) as_of: Option<Date>,
    /// How to print
    #[arg(long, global = true, value_enum, default_value_t = Format::Table)]
    pub(crate) format: Format,
    #[command(flatten)]
    pub(crate) source: SourceArgs,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// What is asked about the world.
#[derive(Debug, Subcommand)]
pub(crate) enum Question {
    /// Every charter action, and every State at a glance
    World,
    /// One State: treaties, holdings, findings with next steps
    State {
        /// Code or name, such as JPN or "Japan"
        state: String,
    },
    /// What is left to do, by whom
    Gaps {
        #[command(flatten)]
        filter: Filter,
    },
    /// One instrument: in force since when, parties, who is missing
    Treaty {
        /// CPPNM, CPPNM-A, ICSANT, NPT, CTBT, or a pledge such as INFCIRC/869
        instrument: String,
        /// Show its duties, options and limits, article by article
        #[arg(long)]
        duties: bool,
        /// Show which text and which duties bind two States towards each other
        #[arg(long, num_args = 2, value_names = ["STATE", "STATE"], conflicts_with = "duties")]
        between: Option<Vec<String>>,
    },
    /// Stocks of weapons-usable material, with ranges and trends; holders
    Stocks {
        /// States by code or name; without one, the world and every holder
        #[arg(value_delimiter = ',')]
        states: Vec<String>,
    },
    /// What changed between two dates
    Diff {
        /// The earlier date [default: five years before the later]
        #[arg(long, value_name = "DATE")]
        from: Option<String>,
        /// The later date [default: the date asked]
        #[arg(long, value_name = "DATE")]
        to: Option<String>,
        #[command(flatten)]
        filter: Filter,
    },
    /// The statements and sources behind one verdict
    Why {
        /// Code or name of the State
        state: String,
        /// Charter action, such as L3
        action: String,
    },
    /// Every source, or one with what it is cited for
    Sources {
        /// The id of one source
        source: Option<String>,
    },
    /// Which lists are complete, to which day, and how our counts compare with official ones
    Coverage,
    /// Every State with its codes
    States,
    /// The requirement catalogue, with how well each citation is confirmed
    Requirements {
        /// The id of one requirement
        id: Option<String>,
        /// Only this area, such as transport
        #[arg(long, conflicts_with = "id")]
        area: Option<String>,
    },
    /// The charter as an index: scores with their uncertainty, and indices of your own
    Index(IndexArgs),
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    #[command(flatten)]
    World(Question),
    /// The pages in a browser, and the API
    Serve(ServeArgs),
    /// The pages as files
    Export {
        #[command(subcommand)]
        what: ExportCommand,
    },
    /// How far a material balance closes: MUF and its uncertainty, tests, and how likely a loss would be found
    Balance(BalanceArgs),
    /// Verify statements, claims, packages and reviews offline: what is known, on whose word, what remains assumed
    Verify(VerifyArgs),
    /// Draft, sign, show and check statements
    Statement(StatementArgs),
    /// Keys of issuers, and drafts of what the officers of a root decide about them
    Issuer(IssuerArgs),
    /// Keep a log of signed statements, and read one
    Log(LogArgs),
    /// Cosign the checkpoints of logs, and never two that contradict each other
    Witness(WitnessArgs),
    /// Follow logs: mirror them, check every entry, raise what they must not do
    Monitor(MonitorArgs),
    /// A State's own confidential register of materials and standards, on its own machine
    Register(RegisterArgs),
    /// Review a register under its root: draw a sample, check what was opened, draft the finding
    Review(ReviewArgs),
    /// Read what a State opened for you of its register
    Disclosure(DisclosureArgs),
}

/// Which findings to show.
#[derive(Debug, ClapArgs)]
pub(crate) struct Filter {
    /// Only this aim: legal, military, confidence or minimisation
    #[arg(long)]
    pub(crate) aim: Option<Aim>,
    /// Only these States, by code or name; repeat it, or separate by commas
    #[arg(long, value_delimiter = ',')]
    pub(crate) state: Vec<String>,
    /// Only these charter actions, such as L3; repeat it, or separate by commas
    #[arg(long, value_delimiter = ',')]
    pub(crate) action: Vec<String>,
}

impl From<&Filter> for surety_view::Filter {
    fn from(filter: &Filter) -> Self {
        Self { aim: filter.aim, state: filter.state.clone(), action: filter.action.clone() }
    }
}

fn day(text: &str) -> Result<Date, String> {
    parse_day(text).map_err(|error| error.to_string())
}
