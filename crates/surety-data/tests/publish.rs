//! What the dataset says, said as statements, is the dataset again.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use surety_core::PartialDate;
use surety_data::{Dataset, Founding, OBSERVER_ID, Published, Signatory, embedded, note_published};
use surety_statement::{
    Algorithm, Body, Content, Digest, Issuer, IssuerId, Payload, Place, Reference, Registry, SecretKey,
};
use surety_world::Fold;

/// Payloads as an observer would log them.
fn references(payloads: &[Payload]) -> Vec<Reference> {
    payloads
        .iter()
        .map(|payload| Reference {
            issuer: OBSERVER_ID.parse().unwrap(),
            number: payload.number,
            sha256: Digest::of(&payload.to_bytes().unwrap()),
        })
        .collect()
}

fn fold(payloads: &[Payload]) -> Dataset {
    let mut fold = Fold::default();
    for (payload, reference) in payloads.iter().zip(references(payloads)) {
        fold.say(&reference, &Issuer::built_in_observer(), payload);
    }
    Dataset::of_record(fold.finish())
}

fn published(payloads: &[Payload]) -> Published {
    let by_label = |(payload, reference): (&Payload, Reference)| {
        (payload.id.clone().unwrap(), (reference, Some(payload.clone())))
    };
    payloads.iter().zip(references(payloads)).map(by_label).collect()
}

fn assert_same(a: &Dataset, b: &Dataset) {
    assert_eq!(a.compiled, b.compiled);
    assert_eq!(a.sources, b.sources);
    assert_eq!(a.coverage, b.coverage);
    assert_eq!(a.counts, b.counts);
    assert_eq!(a.statements.len(), b.statements.len());
    for (one, other) in a.statements.iter().zip(&b.statements) {
        assert_eq!(one, other);
    }
}

#[test]
fn the_dataset_folded_from_its_payloads_is_the_dataset() {
    let payloads = embedded().payloads(Place::FIRST).unwrap();
    assert_same(embedded(), &fold(&payloads));
}

#[test]
fn the_same_dataset_gives_the_same_root_and_another_another() {
    let (size, root) = embedded().root().unwrap();
    let dataset = embedded();
    assert_eq!(
        usize::try_from(size).unwrap(),
        1 + dataset.coverage.len() + dataset.counts.len() + dataset.statements.len()
    );
    assert_eq!(embedded().root().unwrap(), (size, root));
    let mut other = dataset.clone();
    other.statements[7].note.push('.');
    assert_ne!(other.root().unwrap().1, root);
}

#[test]
fn an_unchanged_dataset_adds_nothing_even_when_compiled_later() {
    let before = published(&embedded().payloads(Place::FIRST).unwrap());
    assert!(embedded().changes(&before, Place::FIRST).unwrap().is_empty());

    let mut later = embedded().clone();
    later.compiled = later.compiled.tomorrow().unwrap();
    let mut undated = 0;
    for statement in &mut later.statements {
        if statement.date.date == PartialDate::Unknown && statement.date.known_by == Some(embedded().compiled)
        {
            statement.date.known_by = Some(later.compiled);
            undated += 1;
        }
    }
    assert!(undated > 0);
    let changes = later.changes(&before, Place::FIRST).unwrap();
    let labels: Vec<_> = changes.iter().map(|payload| payload.id.as_deref()).collect();
    assert_eq!(labels, [Some("compilation")]);
}

#[test]
fn a_newer_dataset_adds_corrections_and_rewrites_nothing() {
    let payloads = embedded().payloads(Place::FIRST).unwrap();
    let mut newer = embedded().clone();
    let gone = newer.statements.remove(3);
    newer.statements[0].note = "read again".to_owned();
    let last = newer.statements.last().unwrap().clone();
    newer.statements.push(surety_statement::Statement { id: "X1".to_owned(), ..last });

    let place = Place::after(payloads.len() as u64, references(&payloads).last().unwrap().sha256);
    let changes = newer.changes(&published(&payloads), place).unwrap();
    assert_eq!(changes.len(), 3);
    assert_eq!(
        changes[0].corrects.as_ref().map(|corrects| corrects.number),
        Some(
            payloads
                .iter()
                .find(|payload| payload.id.as_deref() == Some(&newer.statements[0].id))
                .unwrap()
                .number
        )
    );
    assert_eq!(changes[1].id.as_deref(), Some("X1"));
    assert!(matches!(changes[2].content, Content::Fact(Body::Withdrawal { .. })));
    assert_eq!(changes[0].number, payloads.len() as u64 + 1);

    let mut all: Vec<Payload> = payloads.into_iter().chain(changes).collect();
    let folded = fold(&all);
    assert_same(&newer, &folded);

    // What was withdrawn and comes back corrects what was withdrawn: a label is given once.
    let mut said = Published::new();
    for (payload, reference) in all.iter().zip(references(&all)) {
        note_published(&mut said, reference, payload.clone());
    }
    newer.statements.push(gone.clone());
    let place = Place::after(all.len() as u64, references(&all).last().unwrap().sha256);
    let back = newer.changes(&said, place).unwrap();
    assert_eq!(back.len(), 1);
    assert!(back[0].corrects.is_some());
    all.extend(back);
    assert_same(&newer, &fold(&all));
    newer.statements.pop();
    assert!(folded.statements.iter().all(|statement| statement.id != gone.id));
}

/// A log begins with what its own rules accept, and the world folded from it is that of the dataset.
#[test]
fn a_log_that_begins_with_the_dataset_says_what_the_dataset_says() {
    let ids: Vec<IssuerId> =
        ["root.example/1", "root.example/2", "root.example/3"].map(|id| id.parse().unwrap()).into();
    let key = |seed: u8| SecretKey::from_seed(Algorithm::Ed25519, &[seed; 32]).unwrap();
    let (keys, observer_key) = ([key(1), key(2), key(3)], key(4));
    let observer: IssuerId = OBSERVER_ID.parse().unwrap();
    for threshold in [1, 2] {
        let founding = Founding {
            officers: ids.iter().zip(&keys).map(|(id, key)| Signatory { id, key }).collect(),
            threshold,
            observer: Signatory { id: &observer, key: &observer_key },
            policy: "quorum none\n".to_owned(),
        };
        let entries = founding.entries(Some(embedded())).unwrap();
        assert_eq!(entries, founding.entries(Some(embedded())).unwrap(), "the same bytes each time");

        let (mut registry, mut fold, mut published) = (Registry::new(), Fold::default(), Published::new());
        for (index, entry) in (0..).zip(&entries) {
            let accepted = registry.accept(registry.check(entry).unwrap(), index).unwrap();
            fold.add(&accepted);
            if accepted.id == observer {
                note_published(&mut published, accepted.reference(), accepted.payload);
            }
        }
        assert_same(embedded(), &Dataset::of_record(fold.finish()));
        assert!(embedded().changes(&published, registry.next_place(&observer)).unwrap().is_empty());
    }
}
