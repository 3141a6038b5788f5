//! A monitor: it follows logs, mirrors them, and raises what they must not do, with evidence.
//!
//! A log could show one history to some and another to others, take entries back, or let in what its own rules keep
//! out. [`Monitor::round`] looks at a log once: it compares what the log shows with the mirror and with what others
//! were shown, copies what is new when every byte of it was checked, and reads every entry. What it raises is an
//! [`Evidence`] file each: checkpoints and proofs verbatim, so that nobody has to believe the monitor
//! ([`check_evidence`]).

mod confirm;
mod evidence;
pub mod judge;
mod mirror;
mod seen;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use surety_core::Date;
use surety_log::witness::record_name;
use surety_log::{
    CheckpointError, FolderStore, NOTE_LEN_MAX, Origin, PROOF_LEN_MAX, Policy, Proof, ReadError, Reader,
    SignedCheckpoint, Store, StoreError,
};
use surety_statement::Digest;

pub use confirm::{ConfirmError, confirm};
pub use evidence::{Alarm, EVIDENCE_LEN_MAX, Evidence, EvidenceError, Growth, Logged, Shown, check_evidence};
pub use mirror::{Mirror, MirrorError};

use crate::client::Location;
use judge::{Judge, Refused};
use seen::Seen;

/// The most entries that are raised in one round: a log full of junk does not fill the disk of who watches it.
const RAISED_MAX: u64 = 256;

/// The most alarms of earlier rounds that a round tells of again.
const ALARMS_MAX: usize = 4_096;

/// A log to follow.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Where it is.
    pub location: Location,
    /// Who must have signed its checkpoints.
    pub policy: Policy,
    /// The digest of its first entry, the root of trust, if it is known.
    pub root: Option<Digest>,
    /// Where else its checkpoints are shown: mirrors, witnesses, files with a checkpoint or a proof in them.
    pub also: Vec<Location>,
}

/// When a round takes place, and what counts as old.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// Seconds since 1970.
    pub now: u64,
    /// The day by which commitments are judged.
    pub as_of: Date,
    /// How long a log may go unseen by witnesses, in seconds.
    pub age_max: u64,
}

/// What a round found.
#[derive(Debug)]
pub struct Round {
    /// The log; none when nothing readable was there.
    pub log: Option<Origin>,
    /// How many entries the mirror has.
    pub size: u64,
    /// How many of them are new.
    pub new_entries: u64,
    /// What stands against the log.
    pub alarms: Vec<Raised>,
    /// What could not be compared, and what is not yet an alarm.
    pub notices: Vec<String>,
    /// What could not be done. The rest was done all the same: a log that cannot be read must not hide what it
    /// shows elsewhere.
    pub failures: Vec<MonitorError>,
}

/// An alarm and its file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Raised {
    /// What was found.
    pub evidence: Evidence,
    /// Its file.
    pub file: PathBuf,
    /// Whether it was found for the first time.
    pub is_new: bool,
}

/// Why a round could not be made.
#[derive(Debug, thiserror::Error)]
pub enum MonitorError {
    /// The monitor's own folder.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The mirror.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// What the log shows cannot be read.
    #[error("cannot read the log at {location}: {why}")]
    Log {
        /// Where.
        location: String,
        /// Why.
        why: ReadError,
    },
    /// What the log shows is not signed by it.
    #[error("what {location} shows does not count: {why}")]
    Checkpoint {
        /// Where.
        location: String,
        /// Why.
        why: CheckpointError,
    },
    /// A file of its own.
    #[error("`{0}` in the folder of the monitor is damaged: remove it; it is made anew")]
    DamagedState(String),
    /// Another log.
    #[error(
        "the log `{log}` begins with the root of trust {found}, and not with {expected}: it is another log, or the trust file is of another"
    )]
    Root {
        /// The log.
        log: Origin,
        /// How it begins.
        found: String,
        /// How it should.
        expected: Digest,
    },
    /// Evidence could not be written.
    #[error(transparent)]
    Evidence(#[from] EvidenceError),
}

/// A monitor with its folder: a mirror of each log, what it has seen elsewhere, and its evidence.
///
/// ```text
/// <folder>/<log>/mirror/   the log, for any static server
/// <folder>/<log>/seen/     checkpoints seen elsewhere that the mirror has not reached yet
/// <folder>/<log>/alarms/   one evidence file for each finding
/// ```
pub struct Monitor {
    followed: Followed,
    log: Option<Open>,
    folder: PathBuf,
}

/// What is open of a log.
struct Open {
    origin: Origin,
    mirror: Mirror,
    judge: Judge,
    seen: Seen,
    alarms: FolderStore,
    folder: PathBuf,
}

impl Monitor {
    /// A monitor of a log, with its folder. Nothing is read yet.
    pub fn new(folder: impl Into<PathBuf>, followed: Followed) -> Self {
        Self { followed, log: None, folder: folder.into() }
    }

    /// Looks at the log once. It may be killed at any time, and looks again the next time.
    ///
    /// # Errors
    /// When nothing could be looked at.
    pub fn round(&mut self, moment: Moment) -> Result<Round, MonitorError> {
        let location = self.followed.location.to_string();
        let source = self.followed.location.open()?;
        let shown = Reader::new(source.as_ref())
            .checkpoint()
            .map_err(|why| MonitorError::Log { location: location.clone(), why })?;
        shown
            .verify(self.followed.policy.logs().iter().map(|log| &log.key))
            .map_err(|why| MonitorError::Checkpoint { location: location.clone(), why })?;
        let origin = shown.checkpoint().origin();
        let open = match self.log.take().filter(|open| open.origin == *origin) {
            Some(open) => open,
            None => Open::new(&self.folder, origin)?,
        };
        let open = self.log.insert(open);
        let mut work =
            Work { open, followed: &self.followed, moment, alarms: Vec::new(), notices: Vec::new() };
        let old_size = work.open.mirror.size();
        let earliest = work.last_cosigned();
        let done = [
            work.follow(source.as_ref(), &shown, &location),
            work.compare_elsewhere(),
            work.notice_age(&shown, &location),
            work.judge(earliest),
        ];
        Ok(Round {
            log: Some(work.open.origin.clone()),
            size: work.open.mirror.size(),
            new_entries: work.open.mirror.size() - old_size,
            alarms: work.alarms,
            notices: work.notices,
            failures: done.into_iter().filter_map(Result::err).collect(),
        })
    }
}

/// The folder of a log in the folder of a monitor: readable, and one for each origin.
fn folder_name(origin: &Origin) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' };
    let readable: String = origin.as_str().chars().take(60).map(plain).collect();
    let hash = record_name(origin);
    format!("{}-{}", readable.trim_start_matches('.'), hash.get(..8).unwrap_or_default())
}

impl Open {
    fn new(folder: &Path, origin: &Origin) -> Result<Self, MonitorError> {
        let folder = folder.join(folder_name(origin));
        Ok(Self {
            origin: origin.clone(),
            mirror: Mirror::open(folder.join("mirror"))?,
            judge: Judge::new(),
            seen: Seen::open(folder.join("seen"))?,
            alarms: FolderStore::writer(folder.join("alarms"))?,
            folder,
        })
    }
}

/// One round on one log.
struct Work<'w> {
    open: &'w mut Open,
    followed: &'w Followed,
    moment: Moment,
    alarms: Vec<Raised>,
    notices: Vec<String>,
}

/// A checkpoint that is shown elsewhere, and the tiles there if there are any.
type Elsewhere = (SignedCheckpoint, Option<Arc<dyn Store>>);

impl Work<'_> {
    /// Compares what the log shows with the mirror, and copies what is new if a quorum of witnesses saw it.
    fn follow(
        &mut self,
        source: &dyn Store,
        shown: &SignedCheckpoint,
        location: &str,
    ) -> Result<(), MonitorError> {
        let known = self.open.mirror.checkpoint().cloned();
        if let Some(known) = &known
            && shown.checkpoint().size() <= known.checkpoint().size()
        {
            let agrees = self.compare_with_mirror(shown, location)?;
            if agrees && shown.checkpoint().size() < known.checkpoint().size() {
                self.raise_rollback(known, shown, location)?;
            }
            if !agrees || shown.checkpoint().size() < known.checkpoint().size() {
                return Ok(());
            }
        }
        if let Err(error) = self.followed.policy.check(shown) {
            let size = shown.checkpoint().size();
            self.notices
                .push(format!("the checkpoint of {size} entries at {location} does not count yet: {error}"));
            // Without a quorum nothing is copied; a fork is shown all the same.
            if let Some(known) = &known {
                self.compare_with_larger(known, source, shown, location)?;
            }
            return Ok(());
        }
        match self.open.mirror.extend(source, shown) {
            Ok(()) => Ok(()),
            Err(MirrorError::Differs { .. }) if known.is_some() => {
                let known = known.unwrap_or_else(|| shown.clone());
                if self.compare_with_larger(&known, source, shown, location)? {
                    self.notices.push(format!(
                        "the tiles at {location} do not have the root of their checkpoint: check the log with fsck"
                    ));
                }
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Compares a checkpoint with a mirror that has as many entries or more. Whether they agree.
    fn compare_with_mirror(
        &mut self,
        shown: &SignedCheckpoint,
        location: &str,
    ) -> Result<bool, MonitorError> {
        let Some(known) = self.open.mirror.checkpoint().cloned() else { return Ok(true) };
        let reader = Reader::new(self.open.mirror.store());
        let (root, proof) =
            reader.root_at(shown.checkpoint().size(), &known).map_err(MirrorError::Damaged)?;
        if root == shown.checkpoint().root() {
            return Ok(true);
        }
        let (smaller, larger) = (shown.to_string(), known.to_string());
        let alarm = Alarm::SplitView { smaller, larger, growth: Growth::new(root, &proof) };
        self.raise_split_view(alarm, location)?;
        Ok(false)
    }

    /// Compares the mirror with a larger tree elsewhere. Whether they agree, as far as can be told.
    fn compare_with_larger(
        &mut self,
        known: &SignedCheckpoint,
        source: &dyn Store,
        larger: &SignedCheckpoint,
        location: &str,
    ) -> Result<bool, MonitorError> {
        if larger.checkpoint().size() <= known.checkpoint().size() {
            return Ok(true);
        }
        match Reader::new(source).root_at(known.checkpoint().size(), larger) {
            Ok((root, _)) if root == known.checkpoint().root() => Ok(true),
            Ok((root, proof)) => {
                let (smaller, larger) = (known.to_string(), larger.to_string());
                let alarm = Alarm::SplitView { smaller, larger, growth: Growth::new(root, &proof) };
                self.raise_split_view(alarm, location)?;
                Ok(false)
            }
            Err(error) => {
                self.notices.push(format!("cannot compare the mirror with {location}: {error}"));
                Ok(true)
            }
        }
    }

    /// Compares with what others were shown, now and earlier.
    fn compare_elsewhere(&mut self) -> Result<(), MonitorError> {
        for elsewhere in &self.followed.also {
            match self.shown_elsewhere(elsewhere) {
                Ok(Some((signed, store))) => {
                    self.compare(&signed, store.as_deref(), &elsewhere.to_string())?;
                }
                Ok(None) => {}
                Err(why) => self.notices.push(format!("cannot compare with {elsewhere}: {why}")),
            }
        }
        for (signed, location) in self.open.seen.waiting()? {
            if signed.checkpoint().size() <= self.open.mirror.size() {
                self.compare_with_mirror(&signed, &location)?;
                self.open.seen.forget(&signed)?;
            }
        }
        Ok(())
    }

    fn compare(
        &mut self,
        signed: &SignedCheckpoint,
        store: Option<&dyn Store>,
        location: &str,
    ) -> Result<(), MonitorError> {
        if signed.checkpoint().size() <= self.open.mirror.size() {
            self.compare_with_mirror(signed, location)?;
            return Ok(());
        }
        let known = self.open.mirror.checkpoint().cloned();
        if let (Some(known), Some(store)) = (&known, store) {
            self.compare_with_larger(known, store, signed, location)?;
        }
        self.notices.push(format!(
            "{location} shows {} entries, and {} shows {} that count",
            signed.checkpoint().size(),
            self.followed.location,
            self.open.mirror.size()
        ));
        self.open.seen.remember(signed, location)?;
        Ok(())
    }

    /// What is shown elsewhere of this log, if anything.
    fn shown_elsewhere(&self, elsewhere: &Location) -> Result<Option<Elsewhere>, String> {
        let (signed, store) = match elsewhere {
            Location::Folder(path) if path.is_file() => (read_note(path)?, None),
            other => {
                let store = other.open().map_err(|error| error.to_string())?;
                let signed = Reader::new(store.as_ref()).checkpoint().map_err(|error| error.to_string())?;
                (signed, Some(store))
            }
        };
        if *signed.checkpoint().origin() != self.open.origin {
            return Ok(None);
        }
        let keys = self.followed.policy.logs().iter().map(|log| &log.key);
        signed.verify(keys).map_err(|error| error.to_string())?;
        Ok(Some((signed, store)))
    }

    /// When a witness last saw what the mirror has, in seconds since 1970: what is new was logged after that.
    fn last_cosigned(&self) -> u64 {
        let cosigned =
            self.open.mirror.checkpoint().and_then(|signed| self.followed.policy.check(signed).ok());
        cosigned.and_then(|all| all.iter().map(|one| one.time).max()).unwrap_or(0)
    }

    /// Reads every entry of the mirror that was not read yet, and raises what should not be there.
    fn judge(&mut self, earliest: u64) -> Result<(), MonitorError> {
        let Some(signed) = self.open.mirror.checkpoint().cloned() else { return Ok(()) };
        // What the mirror had before this process began was logged at a time that nobody here knows.
        let earliest = if self.open.judge.size() == 0 { 0 } else { earliest };
        let mut judge = std::mem::take(&mut self.open.judge);
        judge.read(self.open.mirror.store(), &signed, earliest).map_err(MirrorError::Damaged)?;
        let raised = self.raise_judged(&judge, &signed);
        let root = self.check_root(&judge);
        self.open.judge = judge;
        raised.and(root)
    }

    fn check_root(&self, judge: &Judge) -> Result<(), MonitorError> {
        match self.followed.root {
            Some(expected) if judge.size() > 0 && judge.root() != Some(expected) => Err(MonitorError::Root {
                log: self.open.origin.clone(),
                found: judge.root().map_or_else(|| "none".to_owned(), |root| root.to_string()),
                expected,
            }),
            _ => Ok(()),
        }
    }

    fn raise_judged(&mut self, judge: &Judge, signed: &SignedCheckpoint) -> Result<(), MonitorError> {
        let as_of = self.moment.as_of;
        let mut found: Vec<Judged> = judge.refused().iter().cloned().map(Judged::Refused).collect();
        found.extend(
            judge
                .contradictions()
                .into_iter()
                .map(|(prevails, other)| Judged::Contradiction(prevails, other)),
        );
        found.extend(judge.overdue(as_of).into_iter().map(|(index, due)| Judged::Overdue(index, due)));
        let mut new = 0;
        let mut left = 0;
        for judged in found {
            let name = Evidence::name(&self.open.origin, judged.word(), &judged.identity());
            match self.open.alarms.get(&name, EVIDENCE_LEN_MAX as u64)? {
                Some(bytes) => self.keep(
                    Evidence::parse(&bytes).map_err(|_| MonitorError::DamagedState(name.clone()))?,
                    &name,
                    false,
                ),
                None if new == RAISED_MAX => left += 1,
                None => {
                    new += 1;
                    let says = judged.says(judge);
                    let alarm = judged
                        .alarm(self.open.mirror.store(), signed, as_of)
                        .map_err(MirrorError::Damaged)?;
                    self.raise(alarm, says, vec![self.followed.location.to_string()])?;
                }
            }
        }
        let uncounted = judge.refused_count() - judge.refused().len() as u64;
        if left + uncounted > 0 {
            self.notices.push(format!(
                "{} more entries should not be there: they are raised in later rounds",
                left + uncounted
            ));
        }
        Ok(())
    }

    /// Raises what shows no sign of life.
    fn notice_age(&mut self, shown: &SignedCheckpoint, location: &str) -> Result<(), MonitorError> {
        let cosigned = self.followed.policy.check(shown).ok();
        let cosigned = cosigned.and_then(|all| all.iter().map(|one| one.time).max()).unwrap_or(0);
        let first = self.open.seen.first_seen(shown, self.moment.now)?;
        // A cosignature says when the log was seen; a log without witnesses is as old as it has not changed here.
        let seen = if cosigned > 0 { cosigned } else { first };
        let Moment { now, age_max, .. } = self.moment;
        let age = now.saturating_sub(seen);
        if age <= age_max {
            return Ok(());
        }
        let says = format!(
            "The log shows a checkpoint of {} entries that nobody has seen anew for {} hours: it may be an old copy",
            shown.checkpoint().size(),
            age / 3600
        );
        let alarm = Alarm::Stale { checkpoint: shown.to_string(), seen, now, age_max };
        self.raise(alarm, says, vec![location.to_owned()])
    }

    fn raise_split_view(&mut self, alarm: Alarm, location: &str) -> Result<(), MonitorError> {
        let says = "The log signed two histories: it shows one to some and another to others".to_owned();
        self.raise(alarm, says, vec![self.followed.location.to_string(), location.to_owned()])
    }

    fn raise_rollback(
        &mut self,
        known: &SignedCheckpoint,
        shown: &SignedCheckpoint,
        location: &str,
    ) -> Result<(), MonitorError> {
        let size = shown.checkpoint().size();
        let (root, proof) =
            Reader::new(self.open.mirror.store()).root_at(size, known).map_err(MirrorError::Damaged)?;
        let says = format!(
            "The log shows {size} entries and showed {} before: an old copy, or entries were taken back",
            known.checkpoint().size()
        );
        let growth = Growth::new(root, &proof);
        let alarm = Alarm::Rollback { before: known.to_string(), after: shown.to_string(), growth };
        self.raise(alarm, says, vec![location.to_owned()])
    }

    /// Writes evidence, unless it is there already.
    fn raise(&mut self, alarm: Alarm, says: String, mut shown_by: Vec<String>) -> Result<(), MonitorError> {
        shown_by.dedup();
        let evidence = Evidence::new(&self.open.origin, self.moment.now, shown_by, says, alarm);
        let name = evidence.file_name();
        let known = self.open.alarms.get(&name, EVIDENCE_LEN_MAX as u64)?;
        let is_new = known.is_none();
        let evidence = if let Some(bytes) = known {
            Evidence::parse(&bytes).map_err(|_| MonitorError::DamagedState(name.clone()))?
        } else {
            self.open.alarms.put(&[(name.clone(), evidence.to_bytes()?)])?;
            evidence
        };
        self.keep(evidence, &name, is_new);
        Ok(())
    }

    fn keep(&mut self, evidence: Evidence, name: &str, is_new: bool) {
        let file = self.open.folder.join("alarms").join(name);
        let is_there = self.alarms.iter().any(|raised| raised.file == file);
        if !is_there && (is_new || self.alarms.len() < ALARMS_MAX) {
            self.alarms.push(Raised { evidence, file, is_new });
        }
    }
}

/// What reading the entries found.
enum Judged {
    Refused(Refused),
    Contradiction(u64, u64),
    Overdue(u64, Date),
}

impl Judged {
    fn word(&self) -> &'static str {
        match self {
            Self::Refused(_) => "inadmissible",
            Self::Contradiction(..) => "contradiction",
            Self::Overdue(..) => "overdue",
        }
    }

    /// As the alarm has it.
    fn identity(&self) -> String {
        match self {
            Self::Refused(Refused { index, .. }) | Self::Overdue(index, _) => index.to_string(),
            Self::Contradiction(prevails, other) => format!("{prevails} {other}"),
        }
    }

    fn says(&self, judge: &Judge) -> String {
        let summary = |index: u64| judge.summary(index).unwrap_or_default();
        match self {
            Self::Refused(Refused { index, why, .. }) => {
                format!("Entry {index} is in the log, and by the rules of the log it should not be: {why}")
            }
            Self::Contradiction(prevails, other) => format!(
                "Entries {prevails} and {other} cannot both be true: {}; {}",
                summary(*prevails),
                summary(*other)
            ),
            Self::Overdue(index, due) => {
                format!(
                    "Entry {index} is overdue since {due}, and nothing says how it ended: {}",
                    summary(*index)
                )
            }
        }
    }

    fn alarm(self, store: &dyn Store, signed: &SignedCheckpoint, as_of: Date) -> Result<Alarm, ReadError> {
        let reader = Reader::new(store);
        let logged = |index: u64| -> Result<Logged, ReadError> {
            Ok(Logged::new(&reader.entry(index, signed)?, &reader.prove(index, signed)?))
        };
        match self {
            Self::Refused(Refused { index, code, .. }) => {
                Ok(Alarm::Inadmissible { code: code.to_owned(), entry: logged(index)? })
            }
            Self::Contradiction(prevails, other) => {
                Ok(Alarm::Contradiction { prevails: logged(prevails)?, contradicts: logged(other)? })
            }
            Self::Overdue(index, due) => Ok(Alarm::Overdue { entry: logged(index)?, due, as_of }),
        }
    }
}

/// A checkpoint in a file: alone, or in a proof.
fn read_note(path: &Path) -> Result<SignedCheckpoint, String> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().and_then(|name| name.to_str()).ok_or("its name is not text")?;
    let store = FolderStore::read_only(folder).map_err(|error| error.to_string())?;
    let bytes = store.get(name, PROOF_LEN_MAX as u64).map_err(|error| error.to_string())?;
    let bytes = bytes.ok_or("there is no such file")?;
    match Proof::parse(&bytes) {
        Ok(proof) => Ok(proof.checkpoint().clone()),
        Err(_) if bytes.len() <= NOTE_LEN_MAX => {
            SignedCheckpoint::parse(&bytes).map_err(|error| error.to_string())
        }
        Err(error) => Err(error.to_string()),
    }
}
