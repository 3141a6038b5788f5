//! Where the world comes from: the statements that are built in, or a log.

use std::io::Write as _;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::{fs, thread};

use anyhow::{Context as _, bail};
use clap::Args as ClapArgs;
use serde::{Deserialize, Serialize};
use surety_core::Date;
use surety_data::{Dataset, embedded};
use surety_log::Hash;
use surety_net::{Ask, LoadedLog, Verified, load};
use surety_statement::{Digest, TRUST_LEN_MAX, Trust};
use surety_view::{Checkpoint, Context};
use surety_world::{Evidence, Unproven};

use crate::assurance::Attachments;
use crate::files::{self, user_folder, write_whole};
use crate::log::{KEY_FILE, Place};
use crate::output::plain;
use crate::progress::Progress;

/// The trust file that a log keeps beside itself.
pub(crate) const TRUST_FILE: &str = "trust.toml";

/// The folder with what statements name by digest, beside a log.
const ATTACHMENTS: &str = "attachments";

#[derive(Debug, ClapArgs)]
pub(crate) struct SourceArgs {
    /// Fold the world from this log instead of the statements that are built in
    #[arg(long, global = true, value_name = "DIR|URL")]
    pub(crate) log: Option<Place>,
    /// Of the log, only the first entries, so many
    #[arg(long, global = true, value_name = "N", requires = "log")]
    pub(crate) size: Option<u64>,
    /// Which log, root and issuers are believed (TOML) [default: trust.toml of a log that is kept here]
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) trust: Option<PathBuf>,
    /// The folder with packages, range proofs and claims that statements name [default: `attachments` of a log in a
    /// folder]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) attachments: Option<PathBuf>,
}

impl SourceArgs {
    /// What every view is worked out from.
    pub(crate) fn context(&self, as_of: Date) -> anyhow::Result<Context> {
        let Some(place) = &self.log else { return Ok(Context::new(embedded(), as_of)) };
        let loaded = self.load(place)?;
        tell_refused(place, &loaded);
        tell_unproven(place, &loaded);
        let checkpoint = Checkpoint {
            log: Some(loaded.origin.to_string()),
            size: loaded.folded.size,
            root: loaded.folded.root,
        };
        // It serves until the process ends.
        let dataset: &'static Dataset = Box::leak(Box::new(Dataset::of_record(loaded.record)));
        Ok(Context::of_log(dataset, checkpoint, as_of))
    }

    /// The trust file that was given, or the one beside a log that is kept here. A copy does not say whom to believe.
    pub(crate) fn trust(&self) -> anyhow::Result<Trust> {
        let kept = self.log.as_ref().filter(|place| place.file(KEY_FILE).is_some_and(|key| key.is_file()));
        let beside = || kept.and_then(|place| place.file(TRUST_FILE)).filter(|path| path.is_file());
        let path = self.trust.clone().or_else(beside).context(
            "say whom you believe: --trust FILE. Ask the operator of the log for its trust file, or somebody you trust more",
        )?;
        read_trust(&path)
    }

    /// What is believed as the log of `--log` stands, or else the trust file as it is.
    pub(crate) fn trust_now(&self) -> anyhow::Result<Trust> {
        let trust = self.trust()?;
        let Some(place) = &self.log else { return Ok(trust) };
        Ok(Trust::of_registry(&self.load(place)?.registry, trust.policy_text())?)
    }

    /// Reads, verifies and folds a log. What this machine has verified before is not verified again.
    pub(crate) fn load(&self, place: &Place) -> anyhow::Result<LoadedLog> {
        let trust = self.trust()?;
        let store = place.open()?;
        let memory = Memory::of(&trust);
        let ask = Ask { size: self.size, verified: memory.recall() };
        let mut progress = None;
        let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        if let Some(folder) = self.attachments.as_ref().filter(|folder| !folder.is_dir()) {
            bail!("--attachments {}: there is no such folder", folder.display());
        }
        let attachments = Attachments::of(self.attachments.clone().or_else(|| place.file(ATTACHMENTS)));
        let evidence = Evidence {
            attachments: &|sha256| attachments.bytes(sha256),
            catalogue: &embedded().catalogue,
            ..Evidence::none()
        };
        let loaded = load(store.as_ref(), &trust, ask, &evidence, threads, |done, size| {
            progress.get_or_insert_with(|| Progress::new(size)).at(done);
        })
        .with_context(|| format!("the log in {place}"))?;
        drop(progress);
        if let Some(verified) = loaded.verified() {
            memory.keep(verified);
        }
        Ok(loaded)
    }
}

/// The most that is told of what does not count.
const TOLD_MAX: usize = 3;

/// Reads a trust file.
pub(crate) fn read_trust(path: &Path) -> anyhow::Result<Trust> {
    let bytes = files::read(path, TRUST_LEN_MAX)?;
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{} is not text", path.display()))?;
    Trust::parse(text).with_context(|| path.display().to_string())
}

fn tell_refused(place: &Place, loaded: &LoadedLog) {
    for (index, refusal) in loaded.refused.iter().take(TOLD_MAX) {
        let _ = writeln!(
            anstream::stderr(),
            "surety: {place}: entry {index} does not count: {}",
            plain(&refusal.to_string())
        );
    }
    if let more @ 1.. = loaded.refused.len().saturating_sub(TOLD_MAX) {
        let _ = writeln!(anstream::stderr(), "surety: {place}: nor do {more} more: see `surety monitor`");
    }
}

fn tell_unproven(place: &Place, loaded: &LoadedLog) {
    for Unproven { id, why, .. } in loaded.record.unproven.iter().take(TOLD_MAX) {
        let _ = writeln!(anstream::stderr(), "surety: {place}: {id} is no fact: {}", plain(why));
    }
    if let more @ 1.. = loaded.record.unproven.len().saturating_sub(TOLD_MAX) {
        let _ = writeln!(anstream::stderr(), "surety: {place}: nor are {more} more");
    }
}

/// What this machine has verified of a log before: a file in the cache of its user. Who can write there could as well
/// change this program.
struct Memory {
    path: Option<PathBuf>,
}

#[derive(Serialize, Deserialize)]
struct Remembered {
    size: u64,
    root: String,
}

impl Memory {
    /// Of a log with this root of trust and these keys.
    fn of(trust: &Trust) -> Self {
        let cache = user_folder("XDG_CACHE_HOME", ".cache");
        let believed = Digest::of(format!("{}\n{}", trust.root(), trust.policy_text()).as_bytes());
        Self { path: cache.map(|cache| cache.join("verified").join(believed.to_string())) }
    }

    /// Nothing, when nothing is remembered or the file is damaged: then all is verified again.
    fn recall(&self) -> Option<Verified> {
        let bytes = fs::read(self.path.as_ref()?).ok()?;
        let Remembered { size, root } = serde_json::from_slice(&bytes).ok()?;
        let root: Hash = root.parse().ok()?;
        Some(Verified { size, root })
    }

    /// Remembers the most that was verified. That it could not be written costs time only.
    fn keep(&self, verified: Verified) {
        if self.recall().is_some_and(|known| known.size >= verified.size) {
            return;
        }
        let Some(path) = &self.path else { return };
        let remembered = Remembered { size: verified.size, root: verified.root.to_string() };
        let written = serde_json::to_vec(&remembered).map_err(anyhow::Error::from).and_then(|bytes| {
            fs::create_dir_all(path.parent().unwrap_or(path))?;
            write_whole(path, &bytes)
        });
        drop(written);
    }
}
