//! What can be typed after `surety log`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args as ClapArgs, Subcommand};
use surety_log::Origin;
use surety_statement::IssuerId;

use super::place::Place;
use super::serve::Serving;
use crate::secret::Passphrase;

const EXAMPLES: &str = "\
Examples:
  surety log init LOG --origin log.example/surety      begin a log in the folder LOG
  surety log serve LOG                                 serve it at http://127.0.0.1:7300
  surety log submit s1.cose --to http://127.0.0.1:7300 --trust trust.toml
  surety log show LOG 5                                what entry 5 says
  surety log export https://log.example --key KEY --to COPY
  surety log fsck COPY --key KEY                       check every byte of a copy";

#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct LogArgs {
    #[command(subcommand)]
    pub(crate) command: LogCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum LogCommand {
    /// Begin a log: its key, a root of trust, an observer, and everything that the built-in dataset says
    #[command(after_help = INIT_HELP)]
    Init(InitArgs),
    /// Log what the built-in dataset says now: corrections, withdrawals and what is new; nothing is rewritten
    Update(UpdateArgs),
    /// Verify a log by a trust file, and write one of the log as it stands
    Trust {
        /// Where the log is: a folder, <s3://bucket/prefix>, or a web address
        #[arg(value_name = "PLACE")]
        place: Place,
        /// Where to write the trust file
        #[arg(short, long, value_name = "FILE")]
        output: PathBuf,
    },
    /// Serve a log: its files for everybody, submission for admitted issuers
    Serve(ServeArgs),
    /// Submit signed statements, and write proof and receipt beside each
    Submit(SubmitArgs),
    /// Print the checkpoint of a log
    Checkpoint {
        #[command(flatten)]
        log: Published,
    },
    /// Prove that an entry is in a log
    Prove {
        #[command(flatten)]
        log: Published,
        /// The entry: its place, the 64 hexadecimal digits of its hash, or the file of the statement
        entry: String,
        /// Write the proof to this file instead of the standard output
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Show what an entry says, with the issuer, number and digest by which others refer to it
    Show {
        #[command(flatten)]
        log: Published,
        /// The entry: its place, or the 64 hexadecimal digits of its hash
        entry: String,
        /// Write the signed statement to this file too
        #[arg(long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Copy a whole log into a folder that any web server or USB stick can serve
    Export {
        #[command(flatten)]
        log: Published,
        /// The folder
        #[arg(long, value_name = "DIR")]
        to: PathBuf,
    },
    /// Check every byte of a log, and name the first that is wrong
    Fsck {
        #[command(flatten)]
        log: Published,
    },
}

/// A log to read, and the key that its checkpoints must be signed with.
#[derive(Debug, ClapArgs)]
pub(crate) struct Published {
    /// Where the log is: a folder, <s3://bucket/prefix>, or a web address
    #[arg(value_name = "PLACE")]
    pub(crate) place: Place,
    /// The key of the log, or a file with it [default: the file log.vkey of a log that is kept here]
    #[arg(long, value_name = "KEY")]
    pub(crate) key: Option<String>,
}

/// The key with which a log signs.
#[derive(Debug, ClapArgs)]
pub(crate) struct Unlock {
    /// The file with the encrypted key of the log [default: private/log.key of the folder]
    #[arg(long, value_name = "FILE")]
    pub(crate) key_file: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: Passphrase,
    /// Where the head of the log is kept, away from what is published [default: `private` beside it]
    #[arg(long, value_name = "PLACE")]
    pub(crate) head: Option<Place>,
}

const INIT_HELP: &str = "\
The officers of the root decide who may speak in the log: M of N of them together. Their keys are made here for a
start; take each to its officer, and the passphrase with it. The log needs its own key and the observer's only.";

#[derive(Debug, ClapArgs)]
pub(crate) struct InitArgs {
    /// The folder of the log; made when it is not there
    #[arg(value_name = "DIR")]
    pub(crate) folder: PathBuf,
    /// The name of the log: by custom an address without scheme, such as log.example/surety
    #[arg(long)]
    pub(crate) origin: Origin,
    /// What the observer is called who says what the dataset says [default: ORIGIN/observer]
    #[arg(long, value_name = "ID")]
    pub(crate) observer: Option<IssuerId>,
    /// How many officers the root of trust has
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) officers: u32,
    /// How many of them decide together
    #[arg(long, value_name = "M", default_value_t = 1)]
    pub(crate) threshold: u32,
    /// Witnesses and quorum: a C2SP tlog-policy without a log [default: no witnesses]
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The folder for the keys of officers and observer [default: keys in the folder of the log]
    #[arg(long, value_name = "DIR")]
    pub(crate) keys: Option<PathBuf>,
    /// Log only who may speak, and nothing of the dataset
    #[arg(long)]
    pub(crate) without_dataset: bool,
    #[command(flatten)]
    pub(crate) passphrase: Passphrase,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct UpdateArgs {
    /// Where the log is: a folder, or <s3://bucket/prefix>
    #[arg(value_name = "PLACE")]
    pub(crate) place: Place,
    /// The key of the observer: the same passphrase opens it
    #[arg(long, value_name = "FILE")]
    pub(crate) observer_key: PathBuf,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct ServeArgs {
    /// Where the log is: a folder, or <s3://bucket/prefix>
    #[arg(value_name = "PLACE")]
    pub(crate) place: Place,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
    /// The address to listen on; port 0 takes any that is free
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7300")]
    pub(crate) listen: SocketAddr,
    #[command(flatten)]
    pub(crate) serving: Serving,
    /// The most connections at once
    #[arg(long, value_name = "N", default_value_t = 4_096)]
    pub(crate) connections: usize,
}

#[derive(Debug, ClapArgs)]
pub(crate) struct SubmitArgs {
    /// Files, each with one signed statement; proof and receipt are written beside each
    #[arg(value_name = "FILE", required = true)]
    pub(crate) files: Vec<PathBuf>,
    /// The log: a web address, or a folder that nobody serves at the moment
    #[arg(long, value_name = "PLACE")]
    pub(crate) to: Place,
    #[command(flatten)]
    pub(crate) unlock: Unlock,
}
