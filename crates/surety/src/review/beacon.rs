//! What a sample is drawn by: something public that nobody could know when the root was committed to.

use anyhow::{Context as _, bail, ensure};
use surety_log::SignedCheckpoint;
use surety_proof::Package;
use surety_statement::Digest;

use crate::assurance::{LoggedRoots, logged_roots};
use crate::source::SourceArgs;

/// Something public: the checkpoint of a log, or what a beacon gave. Another file may be one that nobody should see.
pub(super) enum Beacon {
    Checkpoint(Box<SignedCheckpoint>),
    Digits,
}

impl Beacon {
    pub(super) fn read(bytes: &[u8]) -> anyhow::Result<Self> {
        let digits = bytes.trim_ascii();
        if !digits.is_empty() && digits.iter().all(u8::is_ascii_hexdigit) {
            return Ok(Self::Digits);
        }
        match SignedCheckpoint::parse(bytes) {
            Ok(checkpoint) => Ok(Self::Checkpoint(Box::new(checkpoint))),
            Err(_) => bail!(
                "it is neither a checkpoint (`surety log checkpoint LOG > FILE`) nor the hexadecimal digits of a public \
                 beacon"
            ),
        }
    }

    /// What is known of whether it is younger than the root of a package. A sample that the State could foresee shows
    /// nothing: a checkpoint that has not the root is refused, where the log is at hand that tells.
    pub(super) fn is_younger(&self, source: &SourceArgs, package: &Package) -> anyhow::Result<String> {
        let root = package.anchor().root;
        let checkpoint = match self {
            Self::Digits => {
                return Ok(format!(
                    "NOT CHECKED: it must have been made after the root {root} was logged, or the State could foresee the \
                     sample"
                ));
            }
            Self::Checkpoint(signed) => signed.checkpoint(),
        };
        let (origin, size) = (checkpoint.origin(), checkpoint.size());
        let Some(place) = &source.log else {
            return Ok(format!(
                "NOT CHECKED: the first {size} entries of {origin} must have the root {root}, or the State could foresee the \
                 sample. --log LOG checks it"
            ));
        };
        let logged = logged_roots(source, place, package.anchor().state, size)?;
        let entry = has_root(checkpoint, &logged, Digest(root.0))?;
        if let Self::Checkpoint(signed) = self {
            let policy = source.trust()?;
            policy
                .policy()
                .check(signed)
                .context("the log did not sign this checkpoint as the trust file asks")?;
        }
        Ok(format!("it has the root: entry {entry} of the {size} of {origin}"))
    }
}

/// At which entry a checkpoint of a log has a root.
fn has_root(checkpoint: &surety_log::Checkpoint, log: &LoggedRoots, root: Digest) -> anyhow::Result<u64> {
    let (origin, size) = (checkpoint.origin(), checkpoint.size());
    ensure!(
        *origin == log.origin,
        "it is a checkpoint of {origin}, and the log is {}: take one of the log that has the root",
        log.origin
    );
    let entry = log.roots.iter().find(|logged| logged.root == root).map(|logged| logged.index);
    let entry = entry.with_context(|| {
        format!("the log has not the root {root}: its State must sign and log it before leaves are drawn")
    })?;
    ensure!(
        entry < size,
        "it is older than the root: it has {size} entries, and the root is entry {entry}, so the State could have known it \
         when it committed. Take the checkpoint of now: `surety log checkpoint LOG`"
    );
    ensure!(
        size <= log.size,
        "it has {size} entries, and the log at hand only {}: read the log as it stands now",
        log.size
    );
    ensure!(
        log.tree == Some(checkpoint.root()),
        "its {size} entries are not those of the log: one of both is forged or was forked. Keep both, and tell whoever \
         watches this log"
    );
    Ok(entry)
}
