//! What is believed of a log before it is read: a trust file, or a policy.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::Args as ClapArgs;
use serde::Deserialize;
use surety_log::{POLICY_LEN_MAX, Policy};
use surety_statement::Digest;

#[derive(Debug, ClapArgs)]
#[group(required = true, multiple = false)]
pub(crate) struct TrustArgs {
    /// The trust file of the logs (TOML): their policy, and the digest of the root statement
    #[arg(long, value_name = "FILE")]
    trust: Option<PathBuf>,
    /// Only a policy: keys of the logs, witnesses, quorum (C2SP tlog-policy)
    #[arg(long, value_name = "FILE")]
    policy: Option<PathBuf>,
}

pub(crate) struct Trust {
    pub(crate) policy: Policy,
    pub(crate) root: Option<Digest>,
}

/// What matters here of a trust file. It has more.
#[derive(Deserialize)]
struct TrustFile {
    policy: String,
    root: Option<String>,
}

impl TrustArgs {
    pub(crate) fn read(&self) -> anyhow::Result<Trust> {
        let read = |path: &PathBuf| {
            let len = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
            if len > 16 * POLICY_LEN_MAX as u64 {
                bail!("{} is too long", path.display());
            }
            fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
        };
        match (&self.trust, &self.policy) {
            (Some(path), _) => {
                let file: TrustFile = toml::from_str(&read(path)?)
                    .with_context(|| format!("{} is no trust file", path.display()))?;
                let policy =
                    Policy::parse(file.policy.as_bytes()).with_context(|| path.display().to_string())?;
                let root = file.root.map(|root| root.parse()).transpose();
                Ok(Trust { policy, root: root.with_context(|| path.display().to_string())? })
            }
            (None, Some(path)) => {
                let policy =
                    Policy::parse(read(path)?.as_bytes()).with_context(|| path.display().to_string())?;
                Ok(Trust { policy, root: None })
            }
            (None, None) => bail!("give --trust or --policy"),
        }
    }
}
