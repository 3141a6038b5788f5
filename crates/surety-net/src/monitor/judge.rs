//! What the entries of a log say, and whether its own rules let them in.

use std::collections::HashMap;
use std::num::NonZero;
use std::{mem, thread};

use surety_core::Date;
use surety_log::tile::Edge;
use surety_log::{ReadError, Reader, SignedCheckpoint, Store};
use surety_statement::{Accepted, Body, Digest, IssuerId, Kind, Refusal, Registry, Rules, Statement};
use surety_world::{contradictions, overdue};

use crate::entries::{CheckedEntry, Entries};

/// The most refused entries that are kept; more are counted.
pub(crate) const REFUSED_MAX: usize = 4_096;

/// Folds the entries of a log in order: who may speak, what counts, and what its rules keep out.
#[derive(Default)]
pub struct Judge {
    registry: Registry,
    edge: Edge,
    facts: Vec<Fact>,
    /// The place in `facts` of each statement that can still be corrected or withdrawn.
    places: HashMap<(IssuerId, u64), (Digest, usize)>,
    refused: Vec<Refused>,
    refused_count: u64,
}

/// A statement of the kinds that can contradict others or be overdue.
struct Fact {
    index: u64,
    /// None once it was corrected or withdrawn.
    statement: Option<Statement>,
}

/// An entry that the rules of the log keep out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refused {
    /// Its place.
    pub index: u64,
    /// Why, as a word that stays the same.
    pub code: &'static str,
    /// Why, for people.
    pub why: String,
}

impl Judge {
    /// Judges an empty log.
    pub fn new() -> Self {
        Self::default()
    }

    /// How many entries it has judged.
    pub fn size(&self) -> u64 {
        self.edge.size()
    }

    /// Who may speak, after these entries.
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// The root of trust that the log began with.
    pub fn root(&self) -> Option<Digest> {
        self.registry.root().map(|root| root.digest)
    }

    /// The entries that the rules of the log keep out, in order: the first of them.
    pub fn refused(&self) -> &[Refused] {
        &self.refused
    }

    /// How many there are.
    pub fn refused_count(&self) -> u64 {
        self.refused_count
    }

    /// Judges the entries up to a checkpoint, of which the caller knows that it counts. `earliest` is a time before
    /// which none of the new entries was logged, in seconds since 1970.
    ///
    /// # Errors
    /// When the entries are not those of the checkpoint. Then this judge is of no further use.
    pub fn read(
        &mut self,
        store: &dyn Store,
        signed: &SignedCheckpoint,
        earliest: u64,
    ) -> Result<(), ReadError> {
        let size = signed.checkpoint().size();
        let threads = thread::available_parallelism().unwrap_or(NonZero::<usize>::MIN);
        let entries = Entries { reader: &Reader::new(store), size, range: self.size()..size, threads };
        let check = |rules: &Rules, _, entry: &[u8]| rules.check(entry);
        let mut registry = mem::take(&mut self.registry);
        entries.visit(&mut registry, check, |registry, CheckedEntry { index, leaf, checked }| {
            self.edge.push(leaf, |_, _| ());
            let late = checked.as_ref().ok().and_then(|checked| checked.check_time(earliest).err());
            match checked.and_then(|checked| registry.accept(checked, index)) {
                Ok(accepted) => self.take(&accepted),
                Err(refusal) => self.refuse(index, &refusal),
            }
            // It has its number all the same: others that fold the log do not know the time.
            if let Some(refusal) = late {
                self.refuse(index, &refusal);
            }
            Ok::<(), ReadError>(())
        })?;
        self.registry = registry;
        if self.edge.root() == signed.checkpoint().root() { Ok(()) } else { Err(ReadError::DamagedTiles) }
    }

    fn refuse(&mut self, index: u64, refusal: &Refusal) {
        self.refused_count += 1;
        if self.refused.len() < REFUSED_MAX {
            self.refused.push(Refused { index, code: refusal.code(), why: refusal.to_string() });
        }
    }

    fn take(&mut self, accepted: &Accepted) {
        let payload = &accepted.payload;
        let replaced = payload
            .corrects
            .iter()
            .chain(payload.refers_to.iter().filter(|_| payload.kind() == Kind::Withdrawal));
        for reference in replaced {
            // Another digest means another payload: what stands is not what it refers to.
            let known = self.places.get(&(reference.issuer.clone(), reference.number));
            let place = known.filter(|(digest, _)| *digest == reference.sha256).map(|(_, place)| *place);
            if let Some(fact) = place.and_then(|place| self.facts.get_mut(place)) {
                fact.statement = None;
            }
        }
        let statement = accepted.statement().filter(|statement| is_held_to(&statement.body));
        if let Some(statement) = statement {
            let place = (accepted.digest, self.facts.len());
            self.places.insert((accepted.id.clone(), payload.number), place);
            self.facts.push(Fact { index: accepted.index, statement: Some(statement) });
        }
    }

    /// The statements that stand, with their places.
    fn standing(&self) -> (Vec<u64>, Vec<Statement>) {
        let standing = self.facts.iter().filter_map(|fact| Some((fact.index, fact.statement.clone()?)));
        standing.unzip()
    }

    /// Pairs of entries that cannot both be true: the one that prevails, and the other. In the order of the other.
    pub fn contradictions(&self) -> Vec<(u64, u64)> {
        let (places, statements) = self.standing();
        let place = |index: u32| places.get(index as usize).copied().unwrap_or_default();
        let found = contradictions(&statements);
        let mut pairs: Vec<(u64, u64)> =
            found.iter().map(|pair| (place(pair.prevails), place(pair.contradicts))).collect();
        pairs.sort_unstable_by_key(|(prevails, contradicts)| (*contradicts, *prevails));
        pairs
    }

    /// Entries with commitments that are overdue on a day, and by when each was due.
    pub fn overdue(&self, as_of: Date) -> Vec<(u64, Date)> {
        let (places, statements) = self.standing();
        let place = |index: u32| places.get(index as usize).copied().unwrap_or_default();
        overdue(&statements, as_of).into_iter().map(|(index, due)| (place(index), due)).collect()
    }

    /// What a statement says, for people, if it stands.
    pub fn summary(&self, index: u64) -> Option<String> {
        let at = self.facts.binary_search_by_key(&index, |fact| fact.index).ok()?;
        let statement = self.facts.get(at)?.statement.as_ref()?;
        let about = statement.subject.map_or_else(|| "the world".to_owned(), |state| state.to_string());
        Some(format!("{} on {about}: {}", statement.issuer.name, statement.body.summary()))
    }
}

/// Whether a statement can contradict another or be overdue. The others need not be kept.
fn is_held_to(body: &Body) -> bool {
    matches!(
        body,
        Body::TreatyAction { .. } | Body::Commitment { .. } | Body::Fulfilment { .. } | Body::Stock(_)
    )
}
