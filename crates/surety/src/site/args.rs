//! What can be typed after `surety serve` and `surety export`.

use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand, ValueEnum};

use crate::log::{Serving, Unlock};

#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// Where to listen
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8080")]
    pub(super) listen: String,
    /// The address under which others reach it, such as <https://surety.example>, for citations
    #[arg(long, value_name = "URL")]
    pub(super) address: Option<String>,
    /// An address for mail about errors
    #[arg(long, value_name = "MAIL")]
    pub(super) contact: Option<String>,
    /// Take statements in for the log of --log, as `surety log serve` does: this needs the key of the log
    #[arg(long, requires = "log")]
    pub(super) submit: bool,
    #[command(flatten)]
    pub(super) unlock: Unlock,
    #[command(flatten)]
    pub(super) serving: Serving,
    /// How to write the log of requests, on the standard error
    #[arg(long, value_enum, default_value_t = LogFormat::Text)]
    pub(super) log_format: LogFormat,
    /// What to write there: error, warn, info or off
    #[arg(long = "log-level", value_name = "LEVEL", default_value = "warn")]
    pub(super) verbosity: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum LogFormat {
    /// For people
    Text,
    /// One JSON object a line
    Json,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ExportCommand {
    /// The pages, figures and tables as files that need no server
    Site {
        /// A new or empty folder
        folder: PathBuf,
    },
}
