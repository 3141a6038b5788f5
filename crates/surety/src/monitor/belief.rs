//! What is believed of a log before it is read: a trust file, or only a policy.

use std::path::PathBuf;

use anyhow::Context as _;
use clap::Args as ClapArgs;
use surety_log::{POLICY_LEN_MAX, Policy};
use surety_statement::Digest;

use crate::files;
use crate::source::SourceArgs;

#[derive(Debug, ClapArgs)]
pub(crate) struct Belief {
    /// Instead of a trust file only a policy: keys of the logs, witnesses, quorum (C2SP tlog-policy)
    #[arg(long, value_name = "FILE", conflicts_with = "trust")]
    policy: Option<PathBuf>,
}

/// The policy of a log and, where it is known, the root of trust that it must begin with.
pub(crate) struct Believed {
    pub(crate) policy: Policy,
    pub(crate) root: Option<Digest>,
}

impl Belief {
    pub(crate) fn read(&self, source: &SourceArgs) -> anyhow::Result<Believed> {
        let Some(path) = &self.policy else {
            let trust = source.trust()?;
            return Ok(Believed { policy: trust.policy().clone(), root: Some(trust.root()) });
        };
        let policy = Policy::parse(&files::read(path, POLICY_LEN_MAX)?);
        Ok(Believed { policy: policy.with_context(|| path.display().to_string())?, root: None })
    }
}
