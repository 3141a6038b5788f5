//! The dataset as payloads that an observer signs, and a log's statements as a dataset.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use surety_core::{Date, FactDate, PartialDate, Source, SourceId, State, StateCode};
use surety_log::Hash;
use surety_log::tree::{Tree, leaf_hash};
use surety_statement::{Body, Content, Digest, Exhibit, Payload, PayloadError, Place, Reference};
use surety_world::PublicRecord;

use crate::{Dataset, embedded};

/// The id under which the built-in observer speaks.
pub const OBSERVER_ID: &str = "surety/observer";

/// What an issuer has in a log, by label: each statement as it stands, with what refers to it.
/// A statement that was withdrawn is there without its payload: its label can be used again to correct it only.
pub type Published = BTreeMap<String, (Reference, Option<Payload>)>;

impl Dataset {
    /// Everything that the dataset says, as payloads in a sequence that begins at `place`. The same dataset gives
    /// the same bytes.
    ///
    /// # Errors
    /// When something in it cannot be said as a statement.
    pub fn payloads(&self, place: Place) -> Result<Vec<Payload>, PayloadError> {
        in_sequence(self.unplaced(), place)
    }

    /// What must be said so that a log that already has `published` says what this dataset says: corrections of what
    /// changed, withdrawals of what is gone, and what is new. Nothing that was said is rewritten.
    ///
    /// # Errors
    /// When something in it cannot be said as a statement.
    pub fn changes(&self, published: &Published, place: Place) -> Result<Vec<Payload>, PayloadError> {
        let mut changes = Vec::new();
        let mut gone: BTreeMap<&str, (&Reference, &Payload)> = published
            .iter()
            .filter_map(|(label, (reference, before))| Some((label.as_str(), (reference, before.as_ref()?))))
            .collect();
        for mut payload in self.unplaced() {
            let label = payload.id.clone().unwrap_or_default();
            gone.remove(label.as_str());
            match published.get(&label) {
                Some((_, Some(before))) if says_the_same(before, &payload, self.compiled) => continue,
                Some((reference, _)) => payload.corrects = Some(reference.clone()),
                None => {}
            }
            changes.push(payload);
        }
        changes.extend(gone.into_values().map(|(reference, before)| {
            let reason = "no longer in the dataset".to_owned();
            Payload {
                refers_to: Some(reference.clone()),
                date: FactDate::on(self.compiled),
                ..Payload::new(before.subject, Content::Fact(Body::Withdrawal { reason }), Place::FIRST)
            }
        }));
        in_sequence(changes, place)
    }

    /// Size and root of the tree (RFC 6962) whose entries are the payloads: what identifies the dataset as long as
    /// no log has it.
    ///
    /// # Errors
    /// When something in it cannot be said as a statement.
    pub fn root(&self) -> Result<(u64, Hash), PayloadError> {
        let mut tree = Tree::default();
        for payload in self.payloads(Place::FIRST)? {
            tree.push(leaf_hash(&payload.to_bytes()?));
        }
        Ok((tree.size(), tree.root()))
    }

    /// What a log says, with the tables that are part of the program: States, duties and the catalogue.
    pub fn of_record(record: PublicRecord) -> Self {
        let tables = embedded();
        let by_tables: HashSet<&SourceId> = tables
            .catalogue
            .requirements
            .iter()
            .flat_map(|requirement| &requirement.sources)
            .chain(&tables.cited_elsewhere)
            .collect();
        let own = tables.sources.iter().filter(|source| by_tables.contains(&source.id));
        // Nobody in a log says what the program's own tables cite.
        let mut sources: BTreeMap<&SourceId, &Source> =
            record.sources.iter().map(|source| (&source.id, source)).collect();
        sources.extend(own.map(|source| (&source.id, source)));
        // The State table has no invented State; who speaks of one makes it known.
        let invented: BTreeSet<StateCode> = record
            .statements
            .iter()
            .filter_map(|statement| statement.subject)
            .filter(|state| state.is_invented())
            .collect();
        Self {
            compiled: record.compiled.unwrap_or(tables.compiled),
            states: tables.states.clone().with(invented.into_iter().map(State::invented)),
            sources: sources.into_values().cloned().collect(),
            coverage: record.coverage,
            counts: record.counts,
            duties: tables.duties.clone(),
            catalogue: tables.catalogue.clone(),
            statements: record.statements,
            comments: record.comments,
            cited_elsewhere: tables.cited_elsewhere.clone(),
        }
    }

    /// Every payload, at no place in a sequence yet.
    fn unplaced(&self) -> Vec<Payload> {
        let exhibit = |id: &SourceId| self.source(id).map(Exhibit::of_source);
        let place = Place::FIRST;
        let mut payloads = vec![Payload::of_compilation(self.compiled, place)];
        payloads.extend(self.coverage.iter().map(|list| Payload::of_coverage(list, place, exhibit)));
        payloads.extend(self.counts.iter().map(|count| Payload::of_count(count, place, exhibit)));
        payloads.extend(self.statements.iter().map(|said| Payload::of_statement(said, place, exhibit)));
        payloads
    }
}

/// Notes what an issuer says next, in the order of the log.
pub fn note_published(published: &mut Published, reference: Reference, payload: Payload) {
    if let (Content::Fact(Body::Withdrawal { .. }), Some(gone)) = (&payload.content, &payload.refers_to) {
        let withdrawn = published.values_mut().filter(|(reference, _)| reference == gone);
        withdrawn.for_each(|(_, payload)| *payload = None);
    } else if let Some(label) = payload.id.clone() {
        published.insert(label, (reference, Some(payload)));
    }
}

/// Gives payloads their numbers, each with the digest of the one before.
fn in_sequence(payloads: Vec<Payload>, mut place: Place) -> Result<Vec<Payload>, PayloadError> {
    payloads
        .into_iter()
        .map(|payload| {
            let payload = Payload { number: place.number, previous: place.previous, ..payload };
            place = Place::after(payload.number, Digest::of(&payload.to_bytes()?));
            Ok(payload)
        })
        .collect()
}

/// Whether two payloads say the same, wherever they stand in the sequence. What no source dates was known on the day
/// of the earlier dataset already.
fn says_the_same(before: &Payload, now: &Payload, compiled: Date) -> bool {
    let mut now = Payload {
        number: before.number,
        previous: before.previous,
        corrects: before.corrects.clone(),
        ..now.clone()
    };
    if now.date.date == PartialDate::Unknown && now.date.known_by == Some(compiled) {
        now.date.known_by = before.date.known_by;
    }
    *before == now
}
