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
use std::io;
use std::num::NonZero;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use surety_log::tile::Edge;
use surety_log::{
    AppendError, Entry, Hash, Log, Options, Proof, ReadError, Reader, Receipt, SignedCheckpoint, Store,
};
use surety_statement::{Checked, Digest, Refusal, Registry, Rules};

use crate::entries::{CheckedEntry, Entries};

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
    /// It is longer than the policy of the log lets it be.
    #[error("the policy of this log takes statements of at most {0} bytes")]
    TooLong(u32),
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
    /// The log stopped.
    #[error(transparent)]
    Log(#[from] AppendError),
    /// The machine gives no thread.
    #[error("the machine starts no more threads: {0}")]
    Thread(#[from] io::Error),
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
    /// What statements are checked by. As new as the registry.
    rules: RwLock<Arc<Rules>>,
    intake: Mutex<Intake>,
    /// How often a key may submit, where the policy of the log says nothing else.
    rate: Rate,
    /// The time of the log, in seconds since 1970.
    clock: Box<dyn Fn() -> u64 + Send + Sync>,
    /// What waits to be logged: never more than the queue of the log takes.
    waiting: Waiting,
    rates: KnownRates<Digest>,
    tasks: Mutex<mpsc::Sender<Task>>,
    /// Whether the desk ends: a store that fails must not hold it up.
    ending: AtomicBool,
}

/// How much waits.
#[derive(Default)]
struct Waiting {
    entries: AtomicUsize,
    bytes: AtomicUsize,
}

/// What is decided under the lock.
struct Intake {
    registry: Registry,
    /// The place of each statement that was accepted, by the hash of its entry.
    places: HashMap<Hash, u64>,
    /// The place of the next.
    next: u64,
    standing: Standing,
}

/// Whether the desk takes statements in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Open,
    /// A commit failed, so that what was accepted may not be logged. Nothing is accepted until the registry is
    /// folded anew.
    Stale,
    /// The log takes no more entries.
    Closed,
}

impl Intake {
    fn check_open(&self) -> Result<(), Refused> {
        match self.standing {
            Standing::Open => Ok(()),
            Standing::Stale => Err(Refused::Busy),
            Standing::Closed => Err(AppendError::Closed.into()),
        }
    }
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
    /// Opens the desk of a log: folds its registry from all entries.
    ///
    /// `public` is where the log publishes; `options` are those it was opened with; `rate` is how often each key
    /// may submit, where the policy of the log says nothing else; `clock` gives the time of the log in seconds since
    /// 1970, by which keys expire.
    pub fn open(
        log: Log,
        public: Arc<dyn Store>,
        options: Options,
        rate: Rate,
        clock: impl Fn() -> u64 + Send + Sync + 'static,
    ) -> Result<Self, FoldError> {
        let checkpoint = log.settle()?;
        let intake = fold(public.as_ref(), &checkpoint)?;
        let (tasks, received) = mpsc::channel();
        let shared = Arc::new(Shared {
            log,
            options,
            public,
            rules: RwLock::new(intake.registry.rules()),
            intake: Mutex::new(intake),
            rate,
            clock: Box::new(clock),
            waiting: Waiting::default(),
            rates: KnownRates::default(),
            tasks: Mutex::new(tasks),
            ending: AtomicBool::new(false),
        });
        let clerk = Clerk { shared: Arc::clone(&shared), tasks: received };
        let clerk = thread::Builder::new().name("clerk".to_owned()).spawn(move || clerk.run())?;
        Ok(Self { shared, clerk: Some(clerk) })
    }

    /// The checkpoint that is published.
    pub fn checkpoint(&self) -> Arc<SignedCheckpoint> {
        self.shared.log.checkpoint()
    }

    /// The log behind the desk.
    pub fn log(&self) -> &Log {
        &self.shared.log
    }

    /// Who may say what, as of the last statement that was accepted.
    pub fn rules(&self) -> Arc<Rules> {
        Arc::clone(&self.shared.rules.read().unwrap_or_else(PoisonError::into_inner))
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
        let entry = Entry::from(statement);
        let (leaf, len) = (entry.leaf(), entry.bytes().len());
        let shared = &self.shared;
        let intake = shared.intake();
        if let Some(place) = intake.places.get(&leaf).copied() {
            return shared.submit_again(&intake, place, entry, Box::new(done));
        }
        drop(intake);
        // Before the work of a check, and again when it is done.
        shared.check_room(len)?;
        let checked = self.check(entry.bytes(), now)?;

        let mut intake = shared.intake();
        if let Some(place) = intake.places.get(&leaf).copied() {
            return shared.submit_again(&intake, place, entry, Box::new(done));
        }
        intake.check_open()?;
        shared.check_room(len)?;
        let place = intake.next;
        let accepted = intake.registry.accept(checked, place)?;
        if accepted.decided.is_some() {
            shared.set_rules(intake.registry.rules());
        }
        intake.places.insert(leaf, place);
        intake.next += 1;
        // Under the lock, so that statements stand in line in the order of their places.
        let submitted = shared.stand_in_line(place, entry, Box::new(done));
        if submitted.is_err() {
            shared.recover(&mut intake);
        }
        submitted
    }

    /// Checks all of a statement but whether it is its turn.
    fn check(&self, statement: &[u8], now: Instant) -> Result<Checked, Refused> {
        let rules = self.rules();
        let limits = rules.policy().map(|(_, policy)| policy.limits).unwrap_or_default();
        if let Some(len_max) =
            limits.statement_bytes_max.filter(|max| statement.len() as u64 > u64::from(*max))
        {
            return Err(Refused::TooLong(len_max));
        }
        let checked = rules.check(statement)?;
        checked.check_time((self.shared.clock)())?;
        let rate = limits.statements_per_minute.map_or(self.shared.rate, |count| Rate {
            burst: f64::from(count).max(1.0),
            per_second: f64::from(count) / 60.0,
        });
        self.shared.rates.take(checked.key(), rate, now).map_err(Refused::Rate)?;
        Ok(checked)
    }
}

impl Shared {
    fn set_rules(&self, rules: Arc<Rules>) {
        *self.rules.write().unwrap_or_else(PoisonError::into_inner) = rules;
    }

    fn intake(&self) -> MutexGuard<'_, Intake> {
        self.intake.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn check_room(&self, len: usize) -> Result<(), Refused> {
        let has_room = self.waiting.entries.load(Ordering::Relaxed) < self.options.queue_entries_max
            && self.waiting.bytes.load(Ordering::Relaxed) + len <= self.options.queue_bytes_max;
        if has_room { Ok(()) } else { Err(Refused::Busy) }
    }

    /// A statement that was accepted before gets the same place. Under the lock: were the registry folded anew in
    /// between, the place could go to a statement that nobody checks again.
    fn submit_again(
        self: &Arc<Self>,
        intake: &Intake,
        place: u64,
        entry: Entry,
        done: Done,
    ) -> Result<(), Refused> {
        let checkpoint = self.log.checkpoint();
        if place < checkpoint.checkpoint().size() {
            let receipt = Receipt { index: place, checkpoint };
            self.give(Task::Prove { leaf: entry.leaf(), again: true, receipt, done });
            return Ok(());
        }
        intake.check_open()?;
        self.check_room(entry.bytes().len())?;
        self.stand_in_line(place, entry, done)
    }

    fn stand_in_line(self: &Arc<Self>, place: u64, entry: Entry, done: Done) -> Result<(), Refused> {
        let (leaf, len) = (entry.leaf(), entry.bytes().len());
        self.waiting.entries.fetch_add(1, Ordering::Relaxed);
        self.waiting.bytes.fetch_add(len, Ordering::Relaxed);
        let shared = Arc::downgrade(self);
        let submitted = self.log.submit_at(place, entry, move |result| {
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
        if intake.standing == Standing::Open {
            intake.standing = Standing::Stale;
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
        self.shared.ending.store(true, Ordering::Relaxed);
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

    /// Folds the registry from what is logged, until that works or the desk ends. The log is opened again by the way.
    fn recover(&self) {
        while !self.shared.ending.load(Ordering::Relaxed) {
            let folded = self.shared.log.settle().map_err(FoldError::from);
            match folded.and_then(|checkpoint| fold(self.shared.public.as_ref(), &checkpoint)) {
                Ok(intake) => {
                    let mut current = self.shared.intake();
                    self.shared.set_rules(intake.registry.rules());
                    *current = intake;
                    return;
                }
                Err(FoldError::Log(AppendError::Closed)) => {
                    self.shared.intake().standing = Standing::Closed;
                    return;
                }
                Err(_) => thread::sleep(PAUSE),
            }
        }
    }
}

/// Folds the registry from the entries of a checkpoint. An entry that does not count has its place all the same.
fn fold(public: &dyn Store, checkpoint: &SignedCheckpoint) -> Result<Intake, FoldError> {
    let (mut registry, mut places, mut edge) = (Registry::new(), HashMap::new(), Edge::default());
    let size = checkpoint.checkpoint().size();
    let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
    let entries = Entries { reader: &Reader::new(public), size, range: 0..size, threads };
    let check = |rules: &Rules, _, entry: &[u8]| rules.check(entry);
    entries.visit(&mut registry, check, |registry, CheckedEntry { index, leaf, checked }| {
        places.entry(leaf).or_insert(index);
        edge.push(leaf, |_, _| ());
        let _ = checked.and_then(|checked| registry.accept(checked, index));
        registry.skip_to(index.saturating_add(1));
        Ok::<(), ReadError>(())
    })?;
    if edge.root() != checkpoint.checkpoint().root() {
        return Err(ReadError::DamagedTiles.into());
    }
    Ok(Intake { registry, places, next: size, standing: Standing::Open })
}
