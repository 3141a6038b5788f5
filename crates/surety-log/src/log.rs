//! A log that many submit to at once: a bounded queue before the sequencer, and group commit.

use std::collections::{HashSet, VecDeque};
use std::mem;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::sequencer::{CommitError, Expected, Identity, OpenError, Sequencer, Stores};
use crate::signed::SignedCheckpoint;
use crate::tile::{ENTRY_LEN_MAX, EntryTooLong};
use crate::tree::{Hash, leaf_hash};

/// The limits of a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// The most entries that wait.
    pub queue_entries_max: usize,
    /// The most bytes that wait.
    pub queue_bytes_max: usize,
    /// The most entries that are committed at once.
    pub batch_entries_max: usize,
    /// The most bytes that are committed at once.
    pub batch_bytes_max: usize,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            queue_entries_max: 16_384,
            queue_bytes_max: 64 * 1024 * 1024,
            batch_entries_max: 4_096,
            batch_bytes_max: 16 * 1024 * 1024,
        }
    }
}

/// That an entry was logged.
#[derive(Debug, Clone)]
pub struct Receipt {
    /// Its place.
    pub index: u64,
    /// A published checkpoint that has it.
    pub checkpoint: Arc<SignedCheckpoint>,
}

/// Why an entry was not acknowledged.
#[derive(Debug, Clone, thiserror::Error)]
pub enum AppendError {
    /// It does not fit the format.
    #[error(transparent)]
    TooLong(#[from] EntryTooLong),
    /// Too much waits already.
    #[error("too many entries wait to be logged: try again in a moment")]
    Busy,
    /// The log takes no more entries.
    #[error("the log takes no more entries here: it is ending, or another process writes to it")]
    Closed,
    /// Its place went to nothing or to another entry, after entries before it were lost.
    #[error("entries before it were not logged, so it cannot be at {place}: submit it again")]
    Displaced {
        /// The place that was kept for it.
        place: u64,
    },
    /// It may have been logged or not: whoever submits it again gets its one place.
    #[error("the entry was not acknowledged, so submit it again: {0}")]
    NotAcknowledged(Arc<CommitError>),
    /// After a failure, the log could not be opened again.
    #[error("the log stopped after a failure and could not be opened again: {0}")]
    Stopped(Arc<OpenError>),
}

/// What is called when an entry was logged, or was not.
type Done = Box<dyn FnOnce(Result<Receipt, AppendError>) + Send>;

/// A log open for appending. Entries that wait while a batch is committed make the next batch.
///
/// After a failure it opens itself anew for the next batch, the same way as after a crash.
pub struct Log {
    shared: Arc<Shared>,
    worker: Option<JoinHandle<()>>,
}

struct Shared {
    options: Options,
    queue: Mutex<Queue>,
    filled: Condvar,
    published: Mutex<Arc<SignedCheckpoint>>,
}

/// An entry with its hash, which is worked out once: by whoever submits it, not by the one thread that logs.
pub struct Entry {
    leaf: Hash,
    bytes: Vec<u8>,
}

impl Entry {
    /// The hash of the entry.
    pub fn leaf(&self) -> Hash {
        self.leaf
    }

    /// The entry itself.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl From<Vec<u8>> for Entry {
    fn from(bytes: Vec<u8>) -> Self {
        Self { leaf: leaf_hash(&bytes), bytes }
    }
}

/// What waits for its turn.
struct Waiting {
    /// None for who only waits for the others.
    entry: Option<Entry>,
    /// The one place that will do.
    place: Option<u64>,
    done: Done,
}

impl Waiting {
    fn len(&self) -> usize {
        self.entry.as_ref().map_or(0, |entry| entry.bytes.len())
    }
}

#[derive(Default)]
struct Queue {
    waiting: VecDeque<Waiting>,
    bytes: usize,
    cosigned: Option<SignedCheckpoint>,
    closed: bool,
}

impl Log {
    /// Makes a new log. `clock` gives the time in seconds since 1970.
    pub fn create(
        stores: Stores,
        identity: Identity,
        options: Options,
        clock: impl Fn() -> u64 + Send + 'static,
    ) -> Result<Self, OpenError> {
        let sequencer = Sequencer::create(stores.clone(), identity.clone(), clock())?;
        Ok(Self::start(sequencer, stores, identity, options, clock))
    }

    /// Opens a log, as [`Sequencer::open`] does. `clock` gives the time in seconds since 1970.
    pub fn open(
        stores: Stores,
        identity: Identity,
        expected: &Expected,
        options: Options,
        clock: impl Fn() -> u64 + Send + 'static,
    ) -> Result<Self, OpenError> {
        let sequencer = Sequencer::open(stores.clone(), identity.clone(), expected)?;
        Ok(Self::start(sequencer, stores, identity, options, clock))
    }

    fn start(
        sequencer: Sequencer,
        stores: Stores,
        identity: Identity,
        options: Options,
        clock: impl Fn() -> u64 + Send + 'static,
    ) -> Self {
        let shared = Arc::new(Shared {
            options,
            queue: Mutex::default(),
            filled: Condvar::new(),
            published: Mutex::new(sequencer.checkpoint()),
        });
        let worker = Worker {
            shared: Arc::clone(&shared),
            sequencer: Some(sequencer),
            refusal: None,
            stores,
            identity,
        };
        let worker = thread::spawn(move || worker.run(clock));
        Self { shared, worker: Some(worker) }
    }

    /// Submits an entry, and calls back when it is logged or was not. The callback must be quick.
    ///
    /// # Errors
    /// When it is refused at once; then there is no callback.
    pub fn submit(
        &self,
        entry: impl Into<Entry>,
        done: impl FnOnce(Result<Receipt, AppendError>) + Send + 'static,
    ) -> Result<(), AppendError> {
        self.wait_in_line(Waiting { entry: Some(entry.into()), place: None, done: Box::new(done) })
    }

    /// Submits an entry that must be at this place in the log, or not in it: what it says depends on those before.
    /// An entry that is logged already keeps its place.
    ///
    /// # Errors
    /// When it is refused at once; then there is no callback. The callback gets [`AppendError::Displaced`] when
    /// the place is not the next one at its turn.
    pub fn submit_at(
        &self,
        place: u64,
        entry: impl Into<Entry>,
        done: impl FnOnce(Result<Receipt, AppendError>) + Send + 'static,
    ) -> Result<(), AppendError> {
        self.wait_in_line(Waiting { entry: Some(entry.into()), place: Some(place), done: Box::new(done) })
    }

    /// Waits until all that was submitted before is logged or was not, and opens the log again if it failed.
    /// Gives a checkpoint with all that is logged then.
    pub fn settle(&self) -> Result<Arc<SignedCheckpoint>, AppendError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        let done = Box::new(move |result| drop(sender.send(result)));
        self.wait_in_line(Waiting { entry: None, place: None, done })?;
        let receipt = receiver.recv().unwrap_or(Err(AppendError::Closed))?;
        Ok(receipt.checkpoint)
    }

    fn wait_in_line(&self, waiting: Waiting) -> Result<(), AppendError> {
        if waiting.len() > ENTRY_LEN_MAX {
            return Err(EntryTooLong(waiting.len()).into());
        }
        let mut queue = lock(&self.shared.queue);
        let options = &self.shared.options;
        if queue.closed {
            return Err(AppendError::Closed);
        }
        let is_full = queue.waiting.len() >= options.queue_entries_max
            || queue.bytes + waiting.len() > options.queue_bytes_max;
        if is_full && waiting.entry.is_some() {
            return Err(AppendError::Busy);
        }
        queue.bytes += waiting.len();
        queue.waiting.push_back(waiting);
        // The worker waits for nothing but the first.
        if queue.waiting.len() == 1 {
            self.shared.filled.notify_one();
        }
        Ok(())
    }

    /// Appends an entry: returns when it is durable and in a published checkpoint.
    pub fn append(&self, entry: impl Into<Entry>) -> Result<Receipt, AppendError> {
        let (sender, receiver) = mpsc::sync_channel(1);
        self.submit(entry, move |result| drop(sender.send(result)))?;
        receiver.recv().unwrap_or(Err(AppendError::Closed))
    }

    /// The checkpoint that is published.
    pub fn checkpoint(&self) -> Arc<SignedCheckpoint> {
        Arc::clone(&lock(&self.shared.published))
    }

    /// Hands in a checkpoint to which witnesses added signatures. It is published before the next batch, if
    /// the log has not grown since.
    pub fn offer_cosigned(&self, cosigned: SignedCheckpoint) {
        lock(&self.shared.queue).cosigned = Some(cosigned);
        self.shared.filled.notify_one();
    }
}

/// Commits what waits, and ends.
impl Drop for Log {
    fn drop(&mut self) {
        lock(&self.shared.queue).closed = true;
        self.shared.filled.notify_one();
        if let Some(worker) = self.worker.take() {
            // It ends by itself; had it panicked, there would be nothing left to do.
            let _ = worker.join();
        }
    }
}

struct Worker {
    shared: Arc<Shared>,
    /// None after a failure.
    sequencer: Option<Sequencer>,
    /// Why no more is committed: another writer is at work, and to go on would be to race it.
    refusal: Option<AppendError>,
    stores: Stores,
    identity: Identity,
}

/// After a batch of so many entries more are on their way. A short pause makes the next batch larger: every batch
/// costs as many files, however few its entries are.
const LOADED_ENTRIES: usize = 64;
const LOADED_PAUSE: Duration = Duration::from_millis(5);

/// What the worker does next.
struct Work {
    batch: Vec<Waiting>,
    cosigned: Option<SignedCheckpoint>,
}

impl Worker {
    fn run(mut self, clock: impl Fn() -> u64) {
        while let Some(work) = self.next_work() {
            let is_loaded = work.batch.len() >= LOADED_ENTRIES;
            if let Some(cosigned) = work.cosigned {
                self.publish_cosigned(cosigned);
            }
            if !work.batch.is_empty() {
                self.commit(work.batch, clock());
            }
            if is_loaded {
                thread::sleep(LOADED_PAUSE);
            }
        }
    }

    /// Waits for work; none when the log is closed and all is done.
    fn next_work(&self) -> Option<Work> {
        let options = &self.shared.options;
        let mut queue = lock(&self.shared.queue);
        while queue.waiting.is_empty() && queue.cosigned.is_none() {
            if queue.closed {
                return None;
            }
            queue = self.shared.filled.wait(queue).unwrap_or_else(PoisonError::into_inner);
        }
        let mut batch = Vec::new();
        let mut batch_bytes = 0;
        while let Some(len) = queue.waiting.front().map(Waiting::len) {
            batch_bytes += len;
            let is_full = batch.len() >= options.batch_entries_max || batch_bytes > options.batch_bytes_max;
            if is_full && !batch.is_empty() {
                break;
            }
            queue.bytes -= len;
            batch.extend(queue.waiting.pop_front());
        }
        Some(Work { batch, cosigned: mem::take(&mut queue.cosigned) })
    }

    /// If it cannot be written, the next one that witnesses sign will be, after the log was opened again.
    fn publish_cosigned(&mut self, cosigned: SignedCheckpoint) {
        let Some(mut sequencer) = self.sequencer.take() else { return };
        match sequencer.publish_cosigned(cosigned) {
            Ok(_) => {
                *lock(&self.shared.published) = sequencer.checkpoint();
                self.sequencer = Some(sequencer);
            }
            Err(error) => drop(self.note_failure(error)),
        }
    }

    /// Commits a batch, and tells each what became of it.
    fn commit(&mut self, batch: Vec<Waiting>, time: u64) {
        let sequencer = match self.open() {
            Ok(sequencer) => sequencer,
            Err(error) => return batch.into_iter().for_each(|waiting| (waiting.done)(Err(error.clone()))),
        };
        let (batch, displaced) = in_place(&sequencer, batch);
        for waiting in displaced {
            let place = waiting.place.unwrap_or_default();
            (waiting.done)(Err(AppendError::Displaced { place }));
        }
        let entries = batch.iter().filter_map(|waiting| waiting.entry.as_ref());
        let entries: Vec<(Hash, &[u8])> = entries.map(|entry| (entry.leaf, entry.bytes())).collect();
        match self.commit_entries(sequencer, &entries, time) {
            Ok((places, checkpoint)) => {
                let mut places = places.into_iter();
                for waiting in batch {
                    let size = checkpoint.checkpoint().size();
                    let index = if waiting.entry.is_some() { places.next().unwrap_or(size) } else { size };
                    (waiting.done)(Ok(Receipt { index, checkpoint: Arc::clone(&checkpoint) }));
                }
            }
            Err(error) => batch.into_iter().for_each(|waiting| (waiting.done)(Err(error.clone()))),
        }
    }

    /// The sequencer, opened again after a failure.
    fn open(&mut self) -> Result<Sequencer, AppendError> {
        if let Some(refusal) = &self.refusal {
            return Err(refusal.clone());
        }
        match self.sequencer.take() {
            Some(sequencer) => Ok(sequencer),
            None => Sequencer::open(self.stores.clone(), self.identity.clone(), &Expected::default())
                .map_err(|error| AppendError::Stopped(Arc::new(error))),
        }
    }

    fn commit_entries(
        &mut self,
        mut sequencer: Sequencer,
        entries: &[(Hash, &[u8])],
        time: u64,
    ) -> Result<(Vec<u64>, Arc<SignedCheckpoint>), AppendError> {
        let places = sequencer.commit_hashed(entries, time).map_err(|error| self.note_failure(error))?;
        let checkpoint = sequencer.checkpoint();
        self.sequencer = Some(sequencer);
        *lock(&self.shared.published) = Arc::clone(&checkpoint);
        Ok((places, checkpoint))
    }

    /// Closes the log for good when somebody else writes to it.
    fn note_failure(&mut self, error: CommitError) -> AppendError {
        let is_conflict = error.is_conflict();
        let error = AppendError::NotAcknowledged(Arc::new(error));
        if is_conflict {
            lock(&self.shared.queue).closed = true;
            self.refusal = Some(error.clone());
        }
        error
    }
}

/// Parts a batch into those that will be where they must be, and those that would not.
fn in_place(sequencer: &Sequencer, batch: Vec<Waiting>) -> (Vec<Waiting>, Vec<Waiting>) {
    let mut next = sequencer.checkpoint().checkpoint().size();
    let mut new = HashSet::new();
    batch.into_iter().partition(|waiting| {
        let Some(entry) = &waiting.entry else { return true };
        // Only places that were kept matter; the sequencer finds what was submitted twice.
        let leaf = entry.leaf;
        if new.contains(&leaf) || sequencer.place_of(leaf).is_some() {
            return true;
        }
        let fits = waiting.place.is_none_or(|place| place == next);
        if fits {
            new.insert(leaf);
            next += 1;
        }
        fits
    })
}

/// A thread that panicked left the data whole: every change under our locks is a single step.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
