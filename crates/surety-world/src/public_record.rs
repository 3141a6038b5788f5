//! The fold of a log's statements into what the world is worked out from.

use std::collections::{BTreeMap, HashMap};

use serde::Serialize;
use surety_core::{Date, FactDate, Level, Source, SourceId};
use surety_statement::{
    Accepted, Body, Content, Coverage, Digest, Issuer, IssuerId, IssuerKind, OfficialCount, Payload,
    Reference, Statement, Topic,
};

use crate::assurance::{self, Evidence, Told, Unproven};

/// What a log says, up to some entry: each statement as it stands after its corrections, without what was withdrawn.
#[derive(Debug, Clone, PartialEq)]
pub struct PublicRecord {
    /// The latest day to which somebody's compilation of open sources goes.
    pub compiled: Option<Date>,
    /// The facts, in the order in which each was first said.
    pub statements: Vec<Statement>,
    /// Where they can be read, in order of id.
    pub sources: Vec<Source>,
    /// How far lists are complete.
    pub coverage: Vec<Coverage>,
    /// What others have counted.
    pub counts: Vec<OfficialCount>,
    /// What States say to what others say about them.
    pub comments: Vec<Comment>,
    /// How many statements stand in the place of an earlier one.
    pub corrected: usize,
    /// How many were withdrawn.
    pub withdrawn: usize,
    /// What was said of registers and is no fact, and why.
    pub unproven: Vec<Unproven>,
}

/// A State's comment on a statement about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Comment {
    /// The id of the statement.
    pub on: String,
    /// Who comments.
    pub by: Issuer,
    /// When.
    pub date: FactDate,
    /// What it says.
    pub text: String,
}

/// Folds accepted statements, in the order of the log.
///
/// What the embedded dataset says and what a log says come in by this one way.
#[derive(Debug, Default)]
pub struct Fold {
    said: Vec<Said>,
    /// Where each statement went, by its issuer and number, with the digest of its payload.
    places: HashMap<IssuerId, BTreeMap<u64, (Digest, usize)>>,
    sources: Sources,
    ids: Ids,
    compiled: Option<Date>,
    comments: Vec<Comment>,
    corrected: usize,
    withdrawn: usize,
}

/// One statement as it stands.
#[derive(Debug)]
struct Said {
    issuer: Issuer,
    /// The version that stands.
    reference: Reference,
    /// The entry of the log that has it.
    entry: Option<u64>,
    what: What,
}

#[derive(Debug)]
enum What {
    Fact(Box<Statement>),
    Coverage(Coverage),
    Count(OfficialCount),
    /// It says nothing of the world, or was withdrawn.
    Nothing,
}

impl Fold {
    /// Takes in the next statement.
    pub fn add(&mut self, accepted: &Accepted) {
        if let Some(issuer) = &accepted.issuer {
            self.say_at(Some(accepted.index), &accepted.reference(), issuer, &accepted.payload);
        }
    }

    /// Takes in what an issuer says next. Matters of trust in a log say nothing of the world.
    pub fn say(&mut self, reference: &Reference, issuer: &Issuer, payload: &Payload) {
        self.say_at(None, reference, issuer, payload);
    }

    fn say_at(&mut self, entry: Option<u64>, reference: &Reference, issuer: &Issuer, payload: &Payload) {
        if payload.kind().is_trust() {
            return;
        }
        self.refer(reference, issuer, payload);
        let what = self.what(&reference.issuer, issuer, payload);
        let mut said = Said { issuer: issuer.clone(), reference: reference.clone(), entry, what };
        let corrected = payload.corrects.as_ref().and_then(|corrects| self.place(corrects));
        let place = if let Some(place) = corrected {
            self.corrected += 1;
            said.keep_id_of(&self.said[place]);
            said.keep_entry_of(&self.said[place]);
            self.said[place] = said;
            place
        } else {
            self.said.push(said);
            self.said.len() - 1
        };
        let places = self.places.entry(reference.issuer.clone()).or_default();
        places.insert(reference.number, (reference.sha256, place));
    }

    /// Where a statement stands that can still be corrected, withdrawn or endorsed.
    fn place(&self, reference: &Reference) -> Option<usize> {
        let (digest, place) = self.places.get(&reference.issuer)?.get(&reference.number)?;
        let stands = !matches!(self.said[*place].what, What::Nothing);
        (*digest == reference.sha256 && stands).then_some(*place)
    }

    /// What a statement does to the one that it refers to.
    fn refer(&mut self, by: &Reference, issuer: &Issuer, payload: &Payload) {
        let Some(place) = payload.refers_to.as_ref().and_then(|reference| self.place(reference)) else {
            return;
        };
        let own = payload.refers_to.as_ref().is_some_and(|reference| reference.issuer == by.issuer);
        // Whoever endorsed an earlier version has not seen this one.
        let stands = payload.refers_to.as_ref() == Some(&self.said[place].reference);
        match (&payload.content, &mut self.said[place].what) {
            (Content::Fact(Body::Withdrawal { .. }), what) if own => {
                *what = What::Nothing;
                self.withdrawn += 1;
            }
            // An independent reviewer who signs too is what "reviewed" means; nobody reviews oneself.
            (Content::Fact(Body::Endorsement { .. }), What::Fact(statement))
                if !own
                    && stands
                    && issuer.kind == IssuerKind::Reviewer
                    && payload.subject.state() == statement.subject =>
            {
                statement.level = statement.level.max(Level::Reviewed);
            }
            // A State has its say on what is said about it, and on nothing else.
            (Content::Fact(Body::Comment { text }), What::Fact(statement))
                if payload.subject.state() == statement.subject =>
            {
                let on = statement.id.clone();
                let comment = Comment { on, by: issuer.clone(), date: payload.date, text: text.clone() };
                self.comments.push(comment);
            }
            _ => {}
        }
    }

    fn what(&mut self, id: &IssuerId, issuer: &Issuer, payload: &Payload) -> What {
        let sources = payload.evidence.iter().map(|exhibit| self.sources.add(id, exhibit.source())).collect();
        if let Content::Fact(Body::Withdrawal { .. }) = &payload.content {
            return What::Nothing;
        }
        if let Some(mut statement) = payload.statement_called(issuer, || self.ids.of(id, payload)) {
            statement.sources = sources;
            if let Body::Fulfilment { commitment, .. } | Body::Progress { commitment, .. } =
                &mut statement.body
            {
                *commitment = self.ids.find(id, commitment);
            }
            return What::Fact(Box::new(statement));
        }
        if let Some(coverage) = payload.coverage() {
            return What::Coverage(Coverage { sources, ..coverage });
        }
        if let Some(count) = payload.count() {
            let id = self.ids.of(id, payload);
            return What::Count(OfficialCount { id, sources, ..count });
        }
        if let Content::Compilation(compilation) = &payload.content {
            self.compiled = self.compiled.max(Some(compilation.compiled));
        }
        What::Nothing
    }

    /// What all of it says, as far as it can be told without any attachment.
    pub fn finish(self) -> PublicRecord {
        self.finish_with(&Evidence::none())
    }

    /// What all of it says, once proofs are verified.
    pub fn finish_with(mut self, evidence: &Evidence<'_>) -> PublicRecord {
        let told = self.said.iter_mut().filter_map(|Said { issuer, entry, what, .. }| match what {
            What::Fact(statement) => Some(Told { issuer, statement, entry: *entry }),
            _ => None,
        });
        let (no_facts, unproven) = assurance::judge(told.collect::<Vec<Told<'_>>>(), evidence);
        let mut fact = 0;
        let (mut statements, mut counts) = (Vec::new(), Vec::new());
        let mut coverage: Vec<(Issuer, Coverage)> = Vec::new();
        for Said { issuer, what, .. } in self.said {
            match what {
                What::Fact(statement) => {
                    if !no_facts.contains(&fact) {
                        statements.push(*statement);
                    }
                    fact += 1;
                }
                What::Count(count) => counts.push(count),
                What::Coverage(said) => prevail(&mut coverage, issuer, said),
                What::Nothing => {}
            }
        }
        PublicRecord {
            comments: self.comments,
            compiled: self.compiled,
            statements,
            sources: self.sources.by_id.into_values().map(|(_, source)| source).collect(),
            coverage: coverage.into_iter().map(|(_, coverage)| coverage).collect(),
            counts,
            corrected: self.corrected,
            withdrawn: self.withdrawn,
            unproven,
        }
    }
}

impl Said {
    /// A root that is said again was known from its first entry on.
    fn keep_entry_of(&mut self, corrected: &Self) {
        if let (What::Fact(now), What::Fact(before)) = (&self.what, &corrected.what)
            && let (Body::RegisterRoot(now), Body::RegisterRoot(before)) = (&now.body, &before.body)
            && now.root == before.root
        {
            self.entry = corrected.entry;
        }
    }

    /// A correction is known by the id of what it corrects, whatever label it bears.
    fn keep_id_of(&mut self, corrected: &Self) {
        match (&mut self.what, &corrected.what) {
            (What::Fact(now), What::Fact(before)) => now.id.clone_from(&before.id),
            (What::Count(now), What::Count(before)) => now.id.clone_from(&before.id),
            _ => {}
        }
    }
}

/// Of two who say how far a list is complete, the one with the higher standing prevails; of two with the same, the one
/// who claims less. For where a list is complete, silence is a no: nobody may make it one by claiming more.
fn prevail(known: &mut Vec<(Issuer, Coverage)>, issuer: Issuer, coverage: Coverage) {
    let standing = |issuer: &Issuer| issuer.standing(Topic::Deposit, None);
    match known.iter_mut().find(|(_, other)| other.list == coverage.list) {
        None => known.push((issuer, coverage)),
        Some(other) => {
            let claims_less =
                (standing(&issuer), other.1.complete_to) > (standing(&other.0), coverage.complete_to);
            if claims_less {
                *other = (issuer, coverage);
            }
        }
    }
}

/// The sources, each under an id of its own. The first issuer to use an id has it; another one that means another
/// document by it gets its own name before it.
#[derive(Debug, Default)]
struct Sources {
    by_id: BTreeMap<SourceId, (IssuerId, Source)>,
}

impl Sources {
    fn add(&mut self, issuer: &IssuerId, source: Source) -> SourceId {
        let id = source.id.clone();
        match self.by_id.get_mut(&id) {
            None => {
                self.by_id.insert(id.clone(), (issuer.clone(), source));
                id
            }
            Some((_, known)) if *known == source => id,
            // The same issuer may have learned more of it.
            Some((owner, known)) if owner == issuer => {
                *known = source;
                id
            }
            Some(_) => {
                let id = SourceId::from(format!("{issuer}/{id}").as_str());
                let source = Source { id: id.clone(), ..source };
                self.by_id.insert(id.clone(), (issuer.clone(), source));
                id
            }
        }
    }
}

/// The ids of statements. The first issuer to use a label has it; others get their name before it.
#[derive(Debug, Default)]
struct Ids {
    owners: HashMap<String, IssuerId>,
}

impl Ids {
    fn of(&mut self, issuer: &IssuerId, payload: &Payload) -> String {
        let Some(label) = &payload.id else { return format!("{issuer}#{}", payload.number) };
        let owner = self.owners.entry(label.clone()).or_insert_with(|| issuer.clone());
        if owner == issuer {
            return label.clone();
        }
        let mut own = format!("{issuer}/{label}");
        // Somebody may bear that as a label.
        while self.owners.get(&own).is_some_and(|owner| owner != issuer) {
            own = format!("{issuer}/{own}");
        }
        self.owners.entry(own.clone()).or_insert_with(|| issuer.clone());
        own
    }

    /// The id of the statement that an issuer means by a label: one of its own before one of others.
    fn find(&self, issuer: &IssuerId, label: &str) -> String {
        let own = format!("{issuer}/{label}");
        if self.owners.contains_key(&own) { own } else { label.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use surety_core::{FactDate, SourceKind, StateCode};
    use surety_statement::{Exhibit, ListCoverage, Outcome, Place, Subject};

    struct Speaker {
        id: IssuerId,
        issuer: Issuer,
        place: Place,
    }

    impl Speaker {
        fn new(id: &str, kind: IssuerKind) -> Self {
            let state = (kind == IssuerKind::StateAuthority).then(xaa);
            Self {
                id: id.parse().unwrap(),
                issuer: Issuer { kind, name: id.to_owned(), state },
                place: Place::FIRST,
            }
        }

        fn says(&mut self, fold: &mut Fold, change: impl FnOnce(&mut Payload)) -> Reference {
            let content = Content::Fact(Body::Sites { min: 1, max: 3 });
            let mut payload = Payload::new(Subject::State(xaa()), content, self.place);
            payload.date = FactDate::on("2020-01-01".parse().unwrap());
            change(&mut payload);
            let sha256 = Digest::of(&payload.to_bytes().unwrap());
            let reference = Reference { issuer: self.id.clone(), number: payload.number, sha256 };
            fold.say(&reference, &self.issuer, &payload);
            self.place = Place::after(payload.number, sha256);
            reference
        }
    }

    fn xaa() -> StateCode {
        "XAA".parse().unwrap()
    }

    fn coverage(list: &str, complete_to: Option<&str>) -> impl FnOnce(&mut Payload) {
        let complete_to = complete_to.map(|day| day.parse().unwrap());
        let says = ListCoverage { list: list.to_owned(), title: list.to_owned(), complete_to };
        move |payload| {
            payload.subject = Subject::World;
            payload.content = Content::ListCoverage(says);
        }
    }

    fn label(label: &'static str) -> impl FnOnce(&mut Payload) {
        move |payload| payload.id = Some(label.to_owned())
    }

    #[test]
    fn a_correction_stands_in_the_place_of_what_it_corrects() {
        let (mut fold, mut observer) = (Fold::default(), Speaker::new("o.example", IssuerKind::Observer));
        let first = observer.says(&mut fold, label("A1"));
        observer.says(&mut fold, label("A2"));
        let second = observer.says(&mut fold, |payload| {
            payload.id = Some("A1".to_owned());
            payload.corrects = Some(first.clone());
            payload.note = "corrected".to_owned();
        });
        let again = |corrects: &Reference| {
            let corrects = corrects.clone();
            move |payload: &mut Payload| {
                payload.corrects = Some(corrects);
                payload.note = "again".to_owned();
            }
        };
        observer.says(&mut fold, again(&second));
        let record = fold.finish();
        let notes: Vec<&str> = record.statements.iter().map(|statement| statement.note.as_str()).collect();
        assert_eq!((notes, record.corrected), (vec!["again", ""], 2));
    }

    #[test]
    fn what_is_withdrawn_is_gone_and_only_its_issuer_can_withdraw_it() {
        let mut fold = Fold::default();
        let mut observer = Speaker::new("o.example", IssuerKind::Observer);
        let mut other = Speaker::new("p.example", IssuerKind::Observer);
        let said = observer.says(&mut fold, |_| ());
        let withdraw = |reference: Reference| {
            |payload: &mut Payload| {
                payload.content = Content::Fact(Body::Withdrawal { reason: "an error".to_owned() });
                payload.refers_to = Some(reference);
            }
        };
        other.says(&mut fold, withdraw(said.clone()));
        let sites = |fold: &Fold| {
            let is_sites = |said: &&Said| matches!(&said.what, What::Fact(statement) if matches!(statement.body, Body::Sites { .. }));
            fold.said.iter().filter(is_sites).count()
        };
        assert_eq!(sites(&fold), 1);
        let swapped = Reference { sha256: Digest::of(b"another payload"), ..said.clone() };
        observer.says(&mut fold, withdraw(swapped));
        assert_eq!(sites(&fold), 1, "another payload under the same number");
        observer.says(&mut fold, withdraw(said.clone()));
        assert_eq!(sites(&fold), 0);
        observer.says(&mut fold, |payload| payload.corrects = Some(said));
        assert_eq!(sites(&fold), 1, "what was withdrawn cannot be corrected: this is said anew");
    }

    #[test]
    fn a_reviewer_who_signs_too_raises_the_level_and_nobody_else_does() {
        for (kind, level) in [
            (IssuerKind::Reviewer, Level::Reviewed),
            (IssuerKind::StateAuthority, Level::Declared),
            (IssuerKind::Observer, Level::Declared),
        ] {
            let mut fold = Fold::default();
            let said = Speaker::new("xaa.example", IssuerKind::StateAuthority).says(&mut fold, |_| ());
            Speaker::new("second.example", kind).says(&mut fold, |payload| {
                payload.content = Content::Fact(Body::Endorsement { capacity: "reviewer".to_owned() });
                payload.refers_to = Some(said);
            });
            assert_eq!(fold.finish().statements[0].level, level, "{kind}");
        }
    }

    #[test]
    fn an_endorsement_is_of_what_the_reviewer_has_seen_and_about_the_state_that_it_names() {
        let endorse = |said: Reference, about: &str| {
            let about = Subject::State(about.parse().unwrap());
            move |payload: &mut Payload| {
                payload.subject = about;
                payload.content = Content::Fact(Body::Endorsement { capacity: "reviewer".to_owned() });
                payload.refers_to = Some(said);
            }
        };
        let mut fold = Fold::default();
        let mut state = Speaker::new("xaa.example", IssuerKind::StateAuthority);
        let mut reviewer = Speaker::new("reviewer.example", IssuerKind::Reviewer);
        let first = state.says(&mut fold, |_| ());
        let second = state.says(&mut fold, |payload| payload.corrects = Some(first.clone()));
        let level = |fold: &Fold| match &fold.said[0].what {
            What::Fact(statement) => statement.level,
            other => panic!("{other:?}"),
        };
        reviewer.says(&mut fold, endorse(first, "XAA"));
        assert_eq!(level(&fold), Level::Declared, "it was corrected since");
        reviewer.says(&mut fold, endorse(second.clone(), "XAB"));
        assert_eq!(level(&fold), Level::Declared, "it may speak about XAB only");
        reviewer.says(&mut fold, endorse(second, "XAA"));
        assert_eq!(level(&fold), Level::Reviewed);
    }

    #[test]
    fn a_correction_keeps_the_id_of_what_it_corrects() {
        let (mut fold, mut observer) = (Fold::default(), Speaker::new("o.example", IssuerKind::Observer));
        let first = observer.says(&mut fold, label("A1"));
        observer.says(&mut fold, label("A2"));
        observer.says(&mut fold, |payload| {
            payload.id = Some("A2".to_owned());
            payload.corrects = Some(first);
        });
        let record = fold.finish();
        let ids: Vec<&str> = record.statements.iter().map(|statement| statement.id.as_str()).collect();
        assert_eq!(ids, ["A1", "A2"]);
    }

    #[test]
    fn nobody_makes_silence_a_no_by_claiming_that_a_list_is_complete() {
        let mut fold = Fold::default();
        let mut speakers: Vec<Speaker> =
            ["a.example", "b.example"].map(|id| Speaker::new(id, IssuerKind::Observer)).into();
        speakers[0].says(&mut fold, coverage("HOLDERS", None));
        speakers[1].says(&mut fold, coverage("HOLDERS", Some("2026-01-01")));
        speakers[0].says(&mut fold, coverage("CPPNM", Some("2022-01-01")));
        speakers[1].says(&mut fold, coverage("CPPNM", Some("2020-01-01")));
        Speaker::new("iaea.example", IssuerKind::Depositary)
            .says(&mut fold, coverage("ICSANT", Some("2025-01-01")));
        speakers[1].says(&mut fold, coverage("ICSANT", None));
        let record = fold.finish();
        let to: Vec<_> = record
            .coverage
            .iter()
            .map(|list| (list.list.as_str(), list.complete_to.map(|day| day.to_string())))
            .collect();
        let day = |text: &str| Some(text.to_owned());
        assert_eq!(to, [("HOLDERS", None), ("CPPNM", day("2020-01-01")), ("ICSANT", day("2025-01-01"))]);
    }

    #[test]
    fn labels_and_sources_of_two_issuers_stay_apart() {
        let mut fold = Fold::default();
        let exhibit = |title: &str| Exhibit {
            id: Some("gazette".to_owned()),
            title: title.to_owned(),
            address: String::new(),
            sha256: None,
            read: None,
            kind: SourceKind::State,
            trust: "official".to_owned(),
        };
        let mut a = Speaker::new("a.example", IssuerKind::Observer);
        let mut b = Speaker::new("b.example", IssuerKind::Observer);
        for (speaker, title) in [(&mut a, "of XAA"), (&mut b, "of XAB")] {
            speaker.says(&mut fold, |payload| {
                payload.id = Some("O1".to_owned());
                payload.evidence = vec![exhibit(title)];
            });
            speaker.says(&mut fold, |payload| {
                let (commitment, outcome) = ("O1".to_owned(), Outcome::Kept);
                payload.content = Content::Fact(Body::Fulfilment { commitment, outcome });
            });
        }
        let record = fold.finish();
        let ids: Vec<&str> = record.statements.iter().map(|statement| statement.id.as_str()).collect();
        assert_eq!(ids, ["O1", "a.example#2", "b.example/O1", "b.example#2"]);
        let kept: Vec<&str> = record
            .statements
            .iter()
            .filter_map(|statement| match &statement.body {
                Body::Fulfilment { commitment, .. } => Some(commitment.as_str()),
                _ => None,
            })
            .collect();
        assert_eq!(kept, ["O1", "b.example/O1"]);
        let sources: Vec<(&str, &str)> =
            record.sources.iter().map(|source| (source.id.as_str(), source.title.as_str())).collect();
        assert_eq!(sources, [("b.example/gazette", "of XAB"), ("gazette", "of XAA")]);
    }
}
