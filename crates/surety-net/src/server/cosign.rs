//! Witnesses of the log that is served: asked before each checkpoint is published.

use std::fmt::Display;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::Duration;

use surety_log::{Cosigner, SignedCheckpoint, Store};

use crate::witness::{Asked, Witnesses};

/// Asks the witnesses of a policy, and waits for them for a while.
///
/// What comes too late is not lost: whoever keeps the log asks again for what is published without its quorum
/// ([`WitnessCosigner::ask`]). Until an answer came, nothing waits for these witnesses again, so that one that is
/// down does not hold up the log.
pub struct WitnessCosigner {
    witnesses: Arc<Witnesses>,
    public: Arc<dyn Store>,
    wait: Duration,
    /// Whether the last time brought a quorum, so that it is worth waiting.
    answering: Arc<AtomicBool>,
    report: Arc<dyn Fn(&dyn Display) + Send + Sync>,
}

impl WitnessCosigner {
    /// Asks for cosignatures of what is in this store, and waits no longer than this for them.
    pub fn new(
        witnesses: Arc<Witnesses>,
        public: Arc<dyn Store>,
        wait: Duration,
        report: Arc<dyn Fn(&dyn Display) + Send + Sync>,
    ) -> Self {
        Self { witnesses, public, wait, answering: Arc::new(AtomicBool::new(true)), report }
    }

    /// Whether a checkpoint has the quorum that the policy asks for.
    pub fn has_quorum(&self, checkpoint: &SignedCheckpoint) -> bool {
        self.witnesses.policy().check(checkpoint).is_ok()
    }

    /// Asks all witnesses, and waits for all. It takes as long as the slowest.
    pub fn ask(&self, checkpoint: &SignedCheckpoint) -> Asked {
        let asked = self.witnesses.cosign(self.public.as_ref(), checkpoint);
        self.note(&asked);
        asked
    }

    fn note(&self, asked: &Asked) {
        self.answering.store(asked.quorum.is_ok(), Ordering::Relaxed);
        for (address, error) in &asked.failures {
            (self.report)(&format!("the witness at {address} did not cosign: {error}"));
        }
    }
}

impl Cosigner for WitnessCosigner {
    fn cosign(&self, checkpoint: SignedCheckpoint, _public: &dyn Store) -> SignedCheckpoint {
        if self.witnesses.count() == 0 || !self.answering.load(Ordering::Relaxed) {
            return checkpoint;
        }
        let (sender, receiver) = mpsc::sync_channel(1);
        let (witnesses, public) = (Arc::clone(&self.witnesses), Arc::clone(&self.public));
        let asked = checkpoint.clone();
        let spawned = thread::Builder::new()
            .name("witnesses".to_owned())
            .spawn(move || drop(sender.send(witnesses.cosign(public.as_ref(), &asked))));
        let answer = spawned.ok().and_then(|_| receiver.recv_timeout(self.wait).ok());
        let Some(asked) = answer else {
            self.answering.store(false, Ordering::Relaxed);
            (self.report)(&"witnesses did not answer in time: the checkpoint is published without them");
            return checkpoint;
        };
        self.note(&asked);
        asked.checkpoint
    }
}
