//! Opening a log for writing: its stores, its key, its witnesses, its desk.

use std::fmt::Display;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, bail};
use surety_log::{Identity, Log, Options, SignatureType, Signer, Store};
use surety_net::server::{Desk, LogKey, Rate, WitnessCosigner};

use super::args::Unlock;
use super::kept::Kept;
use super::place::{KEY_FILE, Place};
use crate::now;
use crate::secret::Passphrase;
use crate::witness::key::{self, Keys};

/// Whoever has the key of the log needs no limit.
pub(super) const NO_LIMIT: Rate = Rate { burst: f64::MAX, per_second: f64::MAX };

/// How long a command waits for witnesses.
pub(super) const WITNESS_WAIT: Duration = Duration::from_secs(10);

/// A log that this process may append to.
pub(super) struct Opened {
    pub(super) desk: Desk,
    pub(super) public: Arc<dyn Store>,
    pub(super) key: LogKey,
    pub(super) cosigner: Arc<WitnessCosigner>,
    pub(super) kept: Kept,
}

/// Opens a log. What was committed before a crash is finished; old copies are refused.
pub(super) fn open(
    place: &Place,
    unlock: &Unlock,
    witness_wait: Duration,
    rate: Rate,
) -> anyhow::Result<Opened> {
    let key_file = unlock.key_file.clone().or_else(|| place.file(KEY_FILE));
    let key_file = key_file.context("say where the key of the log is: --key-file FILE")?;
    let signers = signers(&key_file, &unlock.passphrase)?;
    let signer = Arc::clone(&signers[0]);
    let key = LogKey::new(Arc::clone(&signer))
        .with_context(|| format!("the first key in {} must be an Ed25519 key", key_file.display()))?;

    let stores = place.writer(unlock.head.as_ref())?;
    let public = Arc::clone(&stores.public);
    let cosigner = Arc::new(WitnessCosigner::new(Arc::clone(&public), witness_wait, Arc::new(report)));
    let identity = Identity::new(signer.verifier().name().as_str().parse()?, signers)?;
    let identity = identity.with_cosigner(cosigner.clone());
    let options = Options::default();
    let kept = Kept::of(signer.verifier());
    let log = Log::open(stores, identity, &kept.expected(), options, now)
        .with_context(|| format!("cannot open the log in {place}"))?;
    let desk = Desk::open(log, Arc::clone(&public), options, rate, now)?;
    if let Some((_, policy)) = desk.rules().policy() {
        cosigner.follow(&policy.witnesses);
        // Witnesses remember what this machine may have lost.
        cosigner.ask(&desk.checkpoint());
        if let Some(why) = cosigner.contradicted() {
            bail!("the log in {place} is not what its witnesses have seen, so it is not opened: {why}");
        }
    }
    kept.keep(&desk.checkpoint());
    Ok(Opened { desk, public, key, cosigner, kept })
}

/// The keys that sign checkpoints, the one that everybody understands first.
fn signers(file: &Path, passphrase: &Passphrase) -> anyhow::Result<Vec<Arc<dyn Signer>>> {
    let keys = Keys::from_file(&key::read(file)?, passphrase);
    let mut signers = keys.with_context(|| file.display().to_string())?.into_signers();
    signers.sort_by_key(|signer| signer.verifier().signature_type() != SignatureType::Ed25519);
    if signers.is_empty() {
        bail!("there is no key in {}", file.display());
    }
    Ok(signers)
}

/// Tells the operator what to mend.
pub(super) fn report(what: &dyn Display) {
    let _ = writeln!(anstream::stderr(), "surety: {what}");
}
