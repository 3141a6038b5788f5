//! Witnesses of the log that is served: asked before each checkpoint is published.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread;
use std::time::Duration;

use surety_log::{Cosigner, Policy, SignedCheckpoint, Store};

use super::Report;
use crate::witness::{AskError, Asked, Witnesses};

/// Asks the witnesses of the policy of a log, and waits for them for a while.
///
/// What comes too late is not lost: whoever keeps the log asks again for what is published without its quorum
/// ([`WitnessCosigner::ask`]). Until an answer came, nothing waits for these witnesses again, so that one that is
/// down does not hold up the log.
pub struct WitnessCosigner {
    public: Arc<dyn Store>,
    wait: Duration,
    following: Mutex<Following>,
    report: Report,
}

/// The witnesses of the policy that applies.
#[derive(Default)]
struct Following {
    policy: String,
    witnesses: Option<Arc<Witnesses>>,
    /// Whether the last time brought a quorum, so that it is worth waiting.
    answering: bool,
    /// What a witness said that contradicts the log: it has seen another history, or a longer one.
    contradicted: Option<String>,
}

impl WitnessCosigner {
    /// Asks for cosignatures of what is in this store, and waits no longer than this for them. Nobody is asked
    /// before there is a policy.
    pub fn new(public: Arc<dyn Store>, wait: Duration, report: Report) -> Self {
        Self { public, wait, following: Mutex::default(), report }
    }

    /// Takes the witnesses of this policy, a C2SP `tlog-policy`, from now on.
    pub fn follow(&self, policy: &str) {
        let mut following = self.following();
        if following.policy == policy {
            return;
        }
        let parsed = Policy::parse(policy.as_bytes()).map_err(|error| error.to_string());
        let witnesses = parsed.and_then(|policy| Witnesses::new(policy).map_err(|error| error.to_string()));
        let witnesses = witnesses
            .map_err(|error| (self.report)(&format!("the policy of the log cannot be followed: {error}")))
            .ok();
        policy.clone_into(&mut following.policy);
        following.witnesses = witnesses.map(Arc::new);
        following.answering = true;
    }

    /// Whether a checkpoint has the quorum that the policy asks for.
    pub fn has_quorum(&self, checkpoint: &SignedCheckpoint) -> bool {
        let witnesses = self.following().witnesses.clone();
        witnesses.is_none_or(|witnesses| witnesses.policy().check(checkpoint).is_ok())
    }

    /// Whether witnesses should see a checkpoint now: it has no quorum, or the newest of the cosignatures that count
    /// is older than this. Otherwise a log that rests would look like one that is kept back.
    pub fn needs(&self, checkpoint: &SignedCheckpoint, age_max: Duration, now: u64) -> bool {
        let Some(witnesses) = self.following().witnesses.clone() else { return false };
        let Ok(cosigned) = witnesses.policy().check(checkpoint) else { return true };
        let newest = cosigned.iter().map(|cosigned| cosigned.time).max();
        newest.is_some_and(|newest| now.saturating_sub(newest) > age_max.as_secs())
    }

    /// Asks all witnesses, and waits for all: as long as the slowest takes. Gives the checkpoint with what they
    /// signed.
    pub fn ask(&self, checkpoint: &SignedCheckpoint) -> SignedCheckpoint {
        let Some(witnesses) = self.following().witnesses.clone() else { return checkpoint.clone() };
        self.note(witnesses.cosign(self.public.as_ref(), checkpoint))
    }

    /// What a witness said that contradicts the log. Whoever keeps it must not go on: it was forked, or an old copy
    /// was put in its place.
    pub fn contradicted(&self) -> Option<String> {
        self.following().contradicted.clone()
    }

    fn note(&self, asked: Asked) -> SignedCheckpoint {
        self.following().answering = asked.quorum.is_ok();
        for (address, error) in &asked.failures {
            if matches!(error, AskError::Ahead { .. } | AskError::Forked { .. }) {
                self.following().contradicted = Some(format!("the witness at {address}: {error}"));
            }
            (self.report)(&format!("the witness at {address} did not cosign: {error}"));
        }
        asked.checkpoint
    }

    fn following(&self) -> MutexGuard<'_, Following> {
        self.following.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Cosigner for WitnessCosigner {
    fn cosign(&self, checkpoint: SignedCheckpoint, _public: &dyn Store) -> SignedCheckpoint {
        let (witnesses, answering) = {
            let following = self.following();
            (following.witnesses.clone(), following.answering)
        };
        let Some(witnesses) = witnesses.filter(|witnesses| answering && witnesses.count() > 0) else {
            return checkpoint;
        };
        let (sender, receiver) = mpsc::sync_channel(1);
        let (public, asked) = (Arc::clone(&self.public), checkpoint.clone());
        let spawned = thread::Builder::new()
            .name("witnesses".to_owned())
            .spawn(move || drop(sender.send(witnesses.cosign(public.as_ref(), &asked))));
        if let Some(asked) = spawned.ok().and_then(|_| receiver.recv_timeout(self.wait).ok()) {
            return self.note(asked);
        }
        self.following().answering = false;
        (self.report)(&"witnesses did not answer in time: the checkpoint is published without them");
        checkpoint
    }
}
