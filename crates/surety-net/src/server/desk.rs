//! The desk where statements are handed in: admission first, then the log, then the proof.
//!
//! A statement passes three doors. It is *checked* against the registry, which is most of the work and needs no
//! lock. It is *accepted* under a lock: its number follows that of its issuer's last statement, and it gets its
//! place in the log. Then it waits for the log to commit it at that place. Whoever is refused at the first two
//! doors has not made the log write a byte.
//!
//! Should a commit fail, what was accepted after it stands on nothing. The log refuses it, because its place is
//! not the next one, and the registry is folded anew from what is logged.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use surety_log::tree::leaf_hash;
use surety_log::{
    AppendError, Hash, Log, Options, Proof, ReadError, Reader, Receipt, SignedCheckpoint, Store, VisitError,
};
use surety_statement::{Digest, Refusal, Registry};

use super::limits::{KnownRates, Rate};

/// What a submitter gets: where the statement is in the log, and what proves it.
#[derive(Debug, Clone)]
pub struct Logged {
    /// The hash of the entry: its name in the API.
    pub leaf: Hash,
    /// Whether it was logged before.
    pub again: bool,
    /// The proof, with a published checkpoint.
    pub proof: Proof,
}

/// Why a statement was not logged.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The registry refuses it.
    #[error(transparent)]
    Statement(#[from] Refusal),
    /// Its key has signed too many in a short time.
    #[error("this key has signed too many statements in a short time: go on in {} s", .0.as_secs() + 1)]
    Rate(Duration),
    /// Too much waits, or the registry is being folded anew.
    #[error("the log is busy: submit it again in a moment")]
    Busy,
    /// The log could not take it.
    #[error(transparent)]
    Log(#[from] AppendError),
    /// It was logged, and its proof could not be made.
    #[error("it was logged at {index}, but the proof could not be made: {why}")]
    Proof {
        /// Where it is.
        index: u64,
        /// Why not.
        why: Arc<ReadError>,
    },
}

/// Why a log cannot be opened for submissions.
#[derive(Debug, thiserror::Error)]
pub enum FoldError {
    /// It cannot be read.
    #[error(transparent)]
    Read(#[from] ReadError),
    /// It has an entry that the registry refuses.
    #[error("entry {index} of the log counts for nothing: {refusal}")]
    Entry {
        /// Where it is.
        index: u64,
        /// Why.
        refusal: Refusal,
    },
    /// The log stopped.
    #[error(transparent)]
    Log(#[from] AppendError),
}

type Done = Box<dyn FnOnce(Result<Logged, Refused>) + Send>;

/// Takes statements in for a log.
pub struct Desk {
    shared: Arc<Shared>,
    clerk: Option<thread::JoinHandle<()>>,
}

struct Shared {
    log: Log,
    options: Options,
    public: Arc<dyn Store>,
    registry: RwLock<Registry>,
    /// Locked before the registry, never after it.
    intake: Mutex<Intake>,
    /// What waits to be logged: never more than the queue of the log takes.
    waiting: Waiting,
    rates: KnownRates<Digest>,
    tasks: Mutex<mpsc::Sender<Task>>,
}

/// How much waits.
#[derive(Default)]
struct Waiting {
    entries: AtomicUsize,
    bytes: AtomicUsize,
}

/// What is decided under the lock.
struct Intake {
    /// The place of each statement that was accepted, by the hash of its entry.
    places: HashMap<Hash, u64>,
    /// The place of the next.
    next: u64,
    /// Whether a commit failed, so that what was accepted may not be logged. Nothing is accepted until the
    /// registry is folded anew.
    stale: bool,
}

/// What the clerk does, one after the other.
enum Task {
    /// Makes the proof of a statement that is logged.
    Prove { leaf: Hash, again: bool, receipt: Receipt, done: Done },
    /// Folds the registry anew after a failure.
    Recover,
    /// Ends.
    Stop,
}

impl Desk {
    /// Opens the desk of a log: folds its registry from all entries, each of which must count.
    ///
    /// `public` is where the log publishes; `options` are those it was opened with; `rate` is how often each key
    /// may submit.
    pub fn open(log: Log, public: Arc<dyn Store>, options: Options, rate: Rate) -> Result<Self, FoldError> {
        let checkpoint = log.settle()?;
        let (registry, intake) = fold(public.as_ref(), &checkpoint)?;
        let (tasks, received) = mpsc::channel();
        let shared = Arc::new(Shared {
            log,
            options,
            public,
            registry: RwLock::new(registry),
            intake: Mutex::new(intake),
            waiting: Waiting::default(),
            rates: KnownRates::new(rate),
            tasks: Mutex::new(tasks),
        });
        let clerk = Clerk { shared: Arc::clone(&shared), tasks: received };
        let clerk = thread::Builder::new().name("clerk".to_owned()).spawn(move || clerk.run());
        Ok(Self { shared, clerk: clerk.ok() })
    }

    /// The checkpoint that is published.
    pub fn checkpoint(&self) -> Arc<SignedCheckpoint> {
        self.shared.log.checkpoint()
    }

    /// The log behind the desk.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// What the registry says.
    pub fn with_registry<T>(&self, ask: impl FnOnce(&Registry) -> T) -> T {
        ask(&self.shared.registry.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// The place of the entry with this hash, if it was accepted. It is logged once the checkpoint is beyond it.
    pub fn place(&self, leaf: Hash) -> Option<u64> {
        self.shared.intake().places.get(&leaf).copied()
    }

    /// Hands in a statement. Calls back once it is logged, with its proof, or was not.
    ///
    /// What takes time here is the check of the signature, so many threads may call this at once.
    ///
    /// # Errors
    /// When it is refused at once; then there is no callback, and nothing was written.
    pub fn submit(
        &self,
        statement: Vec<u8>,
        now: Instant,
        done: impl FnOnce(Result<Logged, Refused>) + Send + 'static,
    ) -> Result<(), Refused> {
        let leaf = leaf_hash(&statement);
        let shared = &self.shared;
        if let Some(place) = self.place(leaf) {
            return shared.submit_again(leaf, place, statement, Box::new(done));
        }
        let checked = self.with_registry(|registry| registry.check(&statement))?;
        shared.rates.take(checked.key(), now).map_err(Refused::Rate)?;

        let mut intake = shared.intake();
        if let Some(place) = intake.places.get(&leaf).copied() {
            drop(intake);
            return shared.submit_again(leaf, place, statement, Box::new(done));
        }
        if intake.stale || !shared.has_room(statement.len()) {
            return Err(Refused::Busy);
        }
        let place = intake.next;
        let mut registry = shared.registry.write().unwrap_or_else(PoisonError::into_inner);
        registry.accept(checked, place)?;
        drop(registry);
        intake.places.insert(leaf, place);
        intake.next += 1;
        // Under the lock, so that statements stand in line in the order of their places.
        let submitted = shared.stand_in_line(leaf, place, statement, Box::new(done));
        if submitted.is_err() {
            shared.recover(&mut intake);
        }
        submitted
    }
}

impl Shared {
    fn intake(&self) -> MutexGuard<'_, Intake> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn has_room(&self, len: usize) -> bool {
        self.waiting.entries.load(Ordering::Relaxed) < self.options.queue_entries_max
            && self.waiting.bytes.load(Ordering::Relaxed) + len <= self.options.queue_bytes_max
    }

    /// A statement that was accepted before gets the same place.
    fn submit_again(
        self: &Arc<Self>,
        leaf: Hash,
        place: u64,
        statement: Vec<u8>,
        done: Done,
    ) -> Result<(), Refused> {
        let checkpoint = self.log.checkpoint();
        if place < checkpoint.checkpoint().size() {
            let receipt = Receipt { index: place, checkpoint };
            self.give(Task::Prove { leaf, again: true, receipt, done });
            return Ok(());
        }
        if self.intake().stale || !self.has_room(statement.len()) {
            return Err(Refused::Busy);
        }
        self.stand_in_line(leaf, place, statement, done)
    }

    fn stand_in_line(
        self: &Arc<Self>,
        leaf: Hash,
        place: u64,
        statement: Vec<u8>,
        done: Done,
    ) -> Result<(), Refused> {
        let len = statement.len();
        self.waiting.entries.fetch_add(1, Ordering::Relaxed);
        self.waiting.bytes.fetch_add(len, Ordering::Relaxed);
        let shared = Arc::downgrade(self);
        let submitted = self.log.submit_at(place, statement, move |result| {
            // The log ends before the desk does, and calls back before it ends.
            let Some(shared) = shared.upgrade() else { return };
            shared.leave_line(len);
            match result {
                Ok(receipt) => shared.give(Task::Prove { leaf, again: false, receipt, done }),
                Err(error) => {
                    shared.recover(&mut shared.intake());
                    done(Err(error.into()));
                }
            }
        });
        if submitted.is_err() {
            self.leave_line(len);
        }
        Ok(submitted?)
    }

    fn leave_line(&self, len: usize) {
        self.waiting.entries.fetch_sub(1, Ordering::Relaxed);
        self.waiting.bytes.fetch_sub(len, Ordering::Relaxed);
    }

    /// Stops taking statements in until the registry is folded anew.
    fn recover(&self, intake: &mut Intake) {
        if !intake.stale {
            intake.stale = true;
            self.give(Task::Recover);
        }
    }

    fn give(&self, task: Task) {
        let tasks = self.tasks.lock().unwrap_or_else(PoisonError::into_inner);
        // The clerk is there for as long as the desk.
        let _ = tasks.send(task);
    }
}

/// Lets the log commit what waits, answers all, and ends.
impl Drop for Desk {
    fn drop(&mut self) {
        let _ = self.shared.log.settle();
        self.shared.give(Task::Stop);
        if let Some(clerk) = self.clerk.take() {
            let _ = clerk.join();
        }
    }
}

/// Makes proofs, many from one reading of tiles, and mends the registry after a failure.
struct Clerk {
    shared: Arc<Shared>,
    tasks: mpsc::Receiver<Task>,
}

/// The pause between attempts to fold the registry anew.
const PAUSE: Duration = Duration::from_millis(500);

impl Clerk {
    fn run(self) {
        let mut next = self.tasks.recv().ok();
        while let Some(task) = next {
            next = match task {
                Task::Stop => return,
                Task::Recover => {
                    self.recover();
                    self.tasks.recv().ok()
                }
                task @ Task::Prove { .. } => self.prove_all(task),
            };
        }
    }

    /// Makes the proof of a statement, and of those that follow for the same checkpoint. Gives the task after.
    fn prove_all(&self, first: Task) -> Option<Task> {
        let Task::Prove { receipt: Receipt { checkpoint, .. }, .. } = &first else { return Some(first) };
        let checkpoint = Arc::clone(checkpoint);
        let prover = Reader::new(self.shared.public.as_ref()).prover(&checkpoint);
        let mut next = Some(first);
        while let Some(Task::Prove { leaf, again, receipt, done }) = next {
            if !Arc::ptr_eq(&receipt.checkpoint, &checkpoint) {
                return Some(Task::Prove { leaf, again, receipt, done });
            }
            let proof = prover.prove(receipt.index);
            let logged = proof.map(|proof| Logged { leaf, again, proof });
            done(logged.map_err(|why| Refused::Proof { index: receipt.index, why: Arc::new(why) }));
            next = self.tasks.try_recv().ok();
        }
        next.or_else(|| self.tasks.recv().ok())
    }

    /// Folds the registry from what is logged, until that works. The log is opened again by the way.
    fn recover(&self) {
        loop {
            let folded = self.shared.log.settle().map_err(FoldError::from);
            match folded.and_then(|checkpoint| fold(self.shared.public.as_ref(), &checkpoint)) {
                Ok((registry, intake)) => {
                    let mut current = self.shared.intake();
                    *self.shared.registry.write().unwrap_or_else(PoisonError::into_inner) = registry;
                    *current = intake;
                    return;
                }
                // It never opens again: every submission is told so by the log.
                Err(FoldError::Log(AppendError::Closed)) => return,
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }
}

/// Folds the registry from the entries of a checkpoint.
fn fold(public: &dyn Store, checkpoint: &SignedCheckpoint) -> Result<(Registry, Intake), FoldError> {
    let (mut registry, mut places) = (Registry::new(), HashMap::new());
    let visited = Reader::new(public).visit(checkpoint, |index, leaf, entry| {
        places.insert(leaf, index);
        let accepted = registry.check(entry).and_then(|checked| registry.accept(checked, index));
        accepted.map(drop).map_err(|refusal| FoldError::Entry { index, refusal })
    });
    visited.map_err(|error| match error {
        VisitError::Read(error) => error.into(),
        VisitError::Visit(error) => error,
    })?;
    Ok((registry, Intake { places, next: checkpoint.checkpoint().size(), stale: false }))
}
