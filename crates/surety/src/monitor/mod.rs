//! `surety monitor`: follow logs, mirror them, and raise what they must not do.

mod belief;

use std::fmt::Write as _;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use anyhow::{Context as _, bail};
use clap::{Args as ClapArgs, Subcommand};
use serde_json::{Value, json};
use surety_core::Date;
use surety_log::{FolderStore, Store as _};
use surety_net::client::Location;
use surety_net::monitor::{
    EVIDENCE_LEN_MAX, Evidence, Followed, Moment, Monitor, MonitorError, Round, check_evidence, confirm,
};

use crate::now;
use crate::output::{Format, say};
use crate::source::SourceArgs;
use belief::{Belief, Believed};

/// Something new stands against a log: no failure of the monitor, and its exit code says so.
#[derive(Debug, thiserror::Error)]
#[error("{0} new: see the evidence")]
pub(crate) struct NewAlarms(usize);

const EXAMPLES: &str = "\
Examples:
  surety monitor run WATCH https://log.example --trust trust.toml --once
  surety monitor run WATCH https://log.example --trust trust.toml --also https://mirror.example
  surety monitor show WATCH                            what was raised so far
  surety monitor check ALARM.json --trust trust.toml   whether its evidence proves it";

#[derive(Debug, ClapArgs)]
#[command(after_help = EXAMPLES)]
pub(crate) struct MonitorArgs {
    #[command(subcommand)]
    pub(crate) command: MonitorCommand,
}

const RUN_HELP: &str = "\
With --once, the exit code is 0 when nothing new was raised, 1 when something was, and 2 when a log could not
be looked at. What is raised is written to <FOLDER>/<log>/alarms, one file each; check one with
`surety monitor check`. <FOLDER>/<log>/mirror is a whole copy of the log for any web server.";

#[derive(Debug, Subcommand)]
pub(crate) enum MonitorCommand {
    /// Follow logs: mirror them, check every entry, raise what they must not do
    #[command(after_help = RUN_HELP)]
    Run {
        /// The folder for mirrors, alarms and what is remembered; made when it is not there
        folder: PathBuf,
        /// The logs to follow: folders or web addresses
        #[arg(required = true, value_name = "DIR|URL")]
        logs: Vec<Location>,
        #[command(flatten)]
        belief: Belief,
        /// Where else the logs are shown: a mirror, the record of a witness, a file with a checkpoint or a proof
        #[arg(long, value_name = "DIR|URL|FILE")]
        also: Vec<Location>,
        /// Look once, and end
        #[arg(long)]
        once: bool,
        /// How long to wait between looks
        #[arg(long, default_value = "5m", value_name = "TIME", value_parser = duration, conflicts_with = "once")]
        interval: Duration,
        /// How long a log may go without a witness seeing it
        #[arg(long, default_value = "24h", value_name = "TIME", value_parser = duration)]
        stale_after: Duration,
    },
    /// What was raised so far
    Show {
        /// The folder of the monitor
        folder: PathBuf,
    },
    /// Check an evidence file without believing who made it
    Check {
        /// The evidence file
        file: PathBuf,
        #[command(flatten)]
        belief: Belief,
        /// A copy of the log, to repeat what led to the alarm
        #[arg(value_name = "DIR|URL")]
        copy: Option<Location>,
    },
}

pub(crate) fn run(
    args: &MonitorArgs,
    source: &SourceArgs,
    as_of: Option<Date>,
    format: Format,
) -> anyhow::Result<()> {
    match &args.command {
        MonitorCommand::Run { folder, logs, belief, also, once, interval, stale_after } => {
            let trust = belief.read(source)?;
            let follow = |location: &Location| {
                let followed = Followed {
                    location: location.clone(),
                    policy: trust.policy.clone(),
                    root: trust.root,
                    also: also.clone(),
                };
                Monitor::new(folder.clone(), followed)
            };
            let mut monitors: Vec<(String, Monitor)> =
                logs.iter().map(|location| (location.to_string(), follow(location))).collect();
            loop {
                let looked = look(&mut monitors, as_of, stale_after.as_secs(), format);
                match looked {
                    looked if *once => return looked,
                    Err(error) => {
                        let _ = writeln!(anstream::stderr(), "surety: {error:#}");
                    }
                    Ok(()) => {}
                }
                thread::sleep(*interval);
            }
        }
        MonitorCommand::Show { folder } => show(folder, format),
        MonitorCommand::Check { file, belief, copy } => {
            check(file, &belief.read(source)?, copy.as_ref(), format)
        }
    }
}

/// Looks at every log once. One that cannot be looked at does not keep the others from it.
fn look(
    monitors: &mut [(String, Monitor)],
    as_of: Option<Date>,
    age_max: u64,
    format: Format,
) -> anyhow::Result<()> {
    let (mut new, mut failed) = (0, 0_usize);
    let (mut text, mut logs) = (String::new(), Vec::new());
    for (location, monitor) in &mut *monitors {
        let moment = Moment { now: now(), as_of: as_of.unwrap_or_else(crate::today), age_max };
        match monitor.round(moment) {
            Ok(round) => {
                new += round.alarms.iter().filter(|raised| raised.is_new).count();
                text.push_str(&told(&round));
                logs.push(as_json(location, &round));
                failed += usize::from(!round.failures.is_empty());
                round.failures.iter().for_each(|error| tell_failure(location, error));
            }
            Err(error) => {
                failed += 1;
                tell_failure(location, &error);
                logs.push(json!({ "location": location, "failed": error.to_string() }));
            }
        }
    }
    say(text.trim_end(), &json!({ "logs": logs }), format)?;
    match (failed, new) {
        (0, 0) => Ok(()),
        (0, new) => Err(NewAlarms(new).into()),
        (failed, _) => {
            bail!("{failed} of {} logs could not be looked at, or not in every way", monitors.len())
        }
    }
}

fn tell_failure(location: &str, error: &MonitorError) {
    let _ = writeln!(anstream::stderr(), "surety: {location}: {error}");
}

fn told(round: &Round) -> String {
    let log = round.log.as_ref().map_or("unknown log", |log| log.as_str());
    let mut text = format!("{log}: {} entries, {} new\n", round.size, round.new_entries);
    let (new, known): (Vec<_>, Vec<_>) = round.alarms.iter().partition(|raised| raised.is_new);
    for raised in new {
        let _ = writeln!(text, "  NEW ALARM, {}: {}", raised.evidence.alarm.word(), raised.evidence.says);
        let _ = writeln!(text, "    evidence: {}", raised.file.display());
    }
    if !known.is_empty() {
        let _ = writeln!(text, "  {} raised earlier: `surety monitor show` lists them", known.len());
    }
    for notice in &round.notices {
        let _ = writeln!(text, "  {notice}");
    }
    text
}

fn as_json(location: &str, round: &Round) -> Value {
    let alarms: Vec<Value> = round
        .alarms
        .iter()
        .map(|raised| {
            json!({
                "alarm": raised.evidence.alarm.word(),
                "new": raised.is_new,
                "says": raised.evidence.says,
                "evidence": raised.file,
            })
        })
        .collect();
    json!({
        "location": location,
        "log": round.log.as_ref().map(surety_log::Origin::as_str),
        "entries": round.size,
        "new_entries": round.new_entries,
        "alarms": alarms,
        "notices": round.notices,
        "failures": round.failures.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

/// What was raised so far, the latest last.
fn show(folder: &Path, format: Format) -> anyhow::Result<()> {
    let mut all = Vec::new();
    let logs = fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))?;
    for log in logs {
        let alarms = log?.path().join("alarms");
        if !alarms.is_dir() {
            continue;
        }
        for entry in fs::read_dir(&alarms).with_context(|| format!("cannot read {}", alarms.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|kind| kind == "json") {
                all.push((read_evidence(&path)?, path));
            }
        }
    }
    all.sort_by_key(|(a, _)| (a.found, a.file_name()));
    let mut text = String::new();
    for (evidence, path) in &all {
        let word = evidence.alarm.word();
        let _ = writeln!(
            text,
            "{} {}, {word}: {}\n  {}",
            at(evidence.found),
            evidence.log,
            evidence.says,
            path.display()
        );
    }
    if all.is_empty() {
        text.push_str("Nothing was raised so far.");
    }
    let rows: Vec<Value> = all
        .iter()
        .map(|(evidence, path)| {
            json!({
                "found": evidence.found,
                "log": evidence.log,
                "alarm": evidence.alarm.word(),
                "says": evidence.says,
                "evidence": path,
            })
        })
        .collect();
    say(text.trim_end(), &json!({ "alarms": rows }), format)
}

fn check(file: &Path, trust: &Believed, copy: Option<&Location>, format: Format) -> anyhow::Result<()> {
    let evidence = read_evidence(file)?;
    let shown = match copy {
        Some(location) => confirm(&evidence, &trust.policy, location.open()?.as_ref())?,
        None => check_evidence(&evidence, &trust.policy)?,
    };
    let mut text = format!(
        "{}\n  said by the monitor: {}\n  proven by the signatures of `{}`: {}\n",
        evidence.alarm.word(),
        evidence.says,
        evidence.log,
        shown.proven
    );
    let _ = write!(text, "  remains the monitor's word: {}", shown.assumed.as_deref().unwrap_or("nothing"));
    let value = json!({
        "alarm": evidence.alarm.word(),
        "log": evidence.log,
        "says": evidence.says,
        "proven": shown.proven,
        "assumed": shown.assumed,
    });
    say(&text, &value, format)
}

fn read_evidence(path: &Path) -> anyhow::Result<Evidence> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
    let bytes = FolderStore::read_only(folder)?.get(name, EVIDENCE_LEN_MAX as u64)?;
    let Some(bytes) = bytes else { bail!("there is no file {}", path.display()) };
    Evidence::parse(&bytes).with_context(|| path.display().to_string())
}

fn at(seconds: u64) -> String {
    let time = i64::try_from(seconds).ok().and_then(|seconds| jiff::Timestamp::from_second(seconds).ok());
    time.map_or_else(|| seconds.to_string(), |time| time.to_string())
}

/// Reads `90s`, `5m`, `24h` or `7d`.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || format!("`{text}` is not a time: write a number with s, m, h or d, such as 5m");
    let unit = text.chars().last().ok_or_else(wrong)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3600,
        'd' => 86_400,
        _ => return Err(wrong()),
    };
    let number: u64 = text.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    match number.checked_mul(seconds) {
        Some(seconds) if (1..=366 * 86_400).contains(&seconds) => Ok(Duration::from_secs(seconds)),
        _ => Err(format!("`{text}` is not between one second and a year")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_has_a_unit() {
        for (text, seconds) in [("90s", 90), ("5m", 300), ("24h", 86_400), ("7d", 604_800)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)));
        }
        for bad in ["", "5", "m", "-5m", "5.5h", "5 m", "0s", "400d", "99999999999999999d", "5ü"] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }
}
