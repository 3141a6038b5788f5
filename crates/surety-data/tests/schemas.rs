//! The JSON Schemas and the types that read payloads agree: on every embedded payload, and on bad ones.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::HashMap;

use jsonschema::Validator;
use serde_json::{Value, json};
use surety_core::SourceId;
use surety_data::embedded;
use surety_statement::{Exhibit, Kind, Payload, Place, Subject, schema};

fn exhibit(id: &SourceId) -> Option<Exhibit> {
    embedded().source(id).map(Exhibit::of_source)
}

fn validators() -> HashMap<Kind, Validator> {
    let validator = |kind: Kind| {
        let schema: Value = serde_json::from_str(schema(kind)).unwrap();
        jsonschema::draft202012::meta::validate(&schema).unwrap();
        jsonschema::draft202012::new(&schema).unwrap()
    };
    Kind::ALL.iter().map(|kind| (*kind, validator(*kind))).collect()
}

fn payloads() -> Vec<Payload> {
    let dataset = embedded();
    let statements =
        dataset.statements.iter().map(|statement| Payload::of_statement(statement, Place::FIRST, exhibit));
    let lists = dataset.coverage.iter().map(|list| Payload::of_coverage(list, Place::FIRST, exhibit));
    let counts = dataset.counts.iter().map(|count| Payload::of_count(count, Place::FIRST, exhibit));
    let compilation = Payload::of_compilation(dataset.compiled, Place::FIRST);
    statements.chain(lists).chain(counts).chain([compilation]).collect()
}

#[test]
fn every_embedded_payload_is_as_its_schema_says() {
    let validators = validators();
    for payload in payloads() {
        let json: Value = serde_json::from_slice(&payload.to_bytes().unwrap()).unwrap();
        if let Err(error) = validators[&payload.kind()].validate(&json) {
            panic!("{json}: {error} at {}", error.instance_path());
        }
        for other in Kind::ALL.iter().filter(|other| **other != payload.kind()) {
            assert!(!validators[other].is_valid(&json), "a {} passes for a {other}", payload.kind());
        }
    }
}

/// One change to a good payload of each kind that is there: schema and types both refuse it.
#[test]
fn what_the_schema_refuses_the_types_refuse_too() {
    let validators = validators();
    let mut seen = Vec::new();
    for payload in payloads() {
        if seen.contains(&payload.kind()) {
            continue;
        }
        seen.push(payload.kind());
        let good: Value = serde_json::from_slice(&payload.to_bytes().unwrap()).unwrap();
        let mut changes: Vec<(String, Value)> = vec![
            ("/number".to_owned(), json!(0)),
            ("/number".to_owned(), json!("1")),
            ("/about".to_owned(), json!("xaa")),
            ("/date/date".to_owned(), json!("2026-1-2")),
            ("/previous".to_owned(), json!("00")),
            ("/corrects".to_owned(), json!({})),
            ("/refers_to".to_owned(), json!({})),
            ("/evidence".to_owned(), json!([{ "title": "x" }])),
            ("/says".to_owned(), json!({})),
            ("/says".to_owned(), json!("x")),
            ("/unknown".to_owned(), json!(1)),
            ("/says/unknown".to_owned(), json!(1)),
            ("/id".to_owned(), json!("")),
        ];
        let fields = good["says"].as_object().unwrap();
        changes.extend(fields.keys().map(|name| (format!("/says/{name}"), json!({ "x": [] }))));
        for (place, value) in changes {
            let mut bad = good.clone();
            let (parent, name) = place.rsplit_once('/').unwrap();
            bad.pointer_mut(parent).unwrap()[name] = value;
            assert!(!validators[&payload.kind()].is_valid(&bad), "{place} of {}", payload.kind());
            let bytes = serde_json::to_vec(&bad).unwrap();
            let subject = payload.subject;
            assert!(Payload::parse(&bytes, subject).is_err(), "{place} of {}", payload.kind());
        }
    }
    assert!(seen.len() > 15, "{seen:?}");
    assert!(payloads().iter().any(|payload| payload.subject == Subject::World));
}
