//! Every embedded statement is said again by its payload, whole.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use surety_core::SourceId;
use surety_data::embedded;
use surety_statement::{Exhibit, Issuer, Payload, Place};

fn exhibit(id: &SourceId) -> Option<Exhibit> {
    embedded().source(id).map(Exhibit::of_source)
}

fn read_back(payload: &Payload) -> Payload {
    let bytes = payload.to_bytes().unwrap();
    let read = Payload::parse(&bytes, payload.subject).unwrap();
    assert_eq!(&read, payload);
    assert_eq!(read.to_bytes().unwrap(), bytes, "always the same bytes");
    read
}

#[test]
fn statements_lists_and_counts_read_back_as_they_were() {
    let dataset = embedded();
    let observer = Issuer::built_in_observer();
    for statement in &dataset.statements {
        let payload = read_back(&Payload::of_statement(statement, Place::FIRST, exhibit));
        assert_eq!(payload.statement(&observer).as_ref(), Some(statement));
    }
    for coverage in &dataset.coverage {
        let payload = read_back(&Payload::of_coverage(coverage, Place::FIRST, exhibit));
        assert_eq!(payload.coverage().as_ref(), Some(coverage));
    }
    for count in &dataset.counts {
        let payload = read_back(&Payload::of_count(count, Place::FIRST, exhibit));
        assert_eq!(payload.count().as_ref(), Some(count));
    }
    assert!(dataset.statements.len() > 1000, "the dataset is there");
}

#[test]
fn the_sources_travel_with_the_statements() {
    let dataset = embedded();
    for statement in &dataset.statements {
        let payload = Payload::of_statement(statement, Place::FIRST, exhibit);
        for exhibit in &payload.evidence {
            assert_eq!(Some(&exhibit.source()), dataset.source(&exhibit.source_id()));
        }
    }
}
