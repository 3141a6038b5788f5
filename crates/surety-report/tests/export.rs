//! Exports of an invented State, against the schema of NIST and for each kind of reader.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests fail by panicking")]

use std::sync::LazyLock;

use proptest::prelude::*;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use surety_report::oscal::{self, Export};
use surety_report::{Content, LeftOut, table};
use surety_standards::{
    Action, Assessment, Baseline, BaselineCategory, Catalogue, Confidence, Confirmation, Digest, Evidence,
    Extent, Finding, FindingKind, FollowUp, FollowUpStatus, Gap, Mapping, Maturity, Priority, Publication,
    Regime, Relation, Requirement, WorkStatus,
};

const SCHEMA: &str = include_str!("oscal/oscal_complete_schema.json");
const SCHEMA_SHA256: &str = "384324105c7a817af0f65b120a963146caa0e0d55d969cf0daf60e063b87a206";

static VALIDATOR: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let found = Digest::from(<[u8; 32]>::from(Sha256::digest(SCHEMA)));
    assert_eq!(found.to_string(), SCHEMA_SHA256, "the schema is not the one that NIST published");
    jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap()
});

fn validate(json: &Value) -> Result<(), String> {
    let errors: Vec<String> =
        VALIDATOR.iter_errors(json).map(|error| format!("{}: {error}", error.instance_path())).collect();
    if errors.is_empty() { Ok(()) } else { Err(errors.join("\n").chars().take(2_000).collect()) }
}

fn requirement(id: &str, area: &str) -> Requirement {
    Requirement {
        id: id.to_owned(),
        document: "NSS 13 (INFCIRC/225/Rev.5)".to_owned(),
        paragraph: String::new(),
        area: area.to_owned(),
        text: "The State does what is asked.".to_owned(),
        applies_to: "state".to_owned(),
        material: "NM".to_owned(),
        category: "any".to_owned(),
        scope: "Civil".to_owned(),
        evidence_expected: "A law".to_owned(),
        confirmation: Confirmation::NotConfirmed,
        sources: Vec::new(),
    }
}

fn catalogue() -> Catalogue {
    let mapping = |from: &str, relation, to: &str| Mapping {
        from: from.to_owned(),
        to: to.to_owned(),
        relation,
        rationale: "same objective".to_owned(),
        both_ends_read: false,
    };
    Catalogue {
        requirements: vec![
            requirement("NSS20-EE1", "legal & regulatory framework"),
            requirement("NSS13-3.46", "computer security"),
            requirement("CPPNM-2A-1a", "legal & regulatory framework"),
        ],
        mappings: vec![
            mapping("CPPNM-2A-1a", Relation::Subset, "NSS20-EE1"),
            mapping("NSS13-3.46", Relation::Intersects, "NSS20-EE1"),
        ],
    }
}

fn assessment(
    requirement: &str,
    regime: Regime,
    maturity: Option<u8>,
    publication: Publication,
) -> Assessment {
    Assessment {
        requirement: requirement.to_owned(),
        regime,
        date: "2025-01-01".parse().unwrap(),
        assessor: "Authority of XAA".to_owned(),
        in_law: Some(Extent::Yes),
        enforced: None,
        maturity: maturity.map(|number| Maturity::try_from(number).unwrap()),
        work: Some(WorkStatus::Done),
        evidence: vec![Evidence {
            title: "Regulation 7".to_owned(),
            date: "2020-05-06".parse().unwrap(),
            owner: "Authority of XAA".to_owned(),
            sha256: Digest::from([7; 32]),
        }],
        confidence: Some(Confidence::High),
        publication,
        note: "Only by regulation.".to_owned(),
        not_applicable: None,
    }
}

fn not_applicable(requirement: &str, regime: Regime, publication: Publication) -> Assessment {
    Assessment {
        in_law: None,
        work: None,
        not_applicable: Some("XAA has no military material.".to_owned()),
        ..assessment(requirement, regime, None, publication)
    }
}

fn findings() -> Vec<Finding> {
    vec![Finding {
        id: "F1".to_owned(),
        review: "IPPAS 2024".to_owned(),
        date: "2024-06-01".parse().unwrap(),
        kind: FindingKind::Recommendation,
        regime: Regime::Civil,
        requirements: vec!["NSS20-EE1".to_owned()],
        text: "Inspections should be planned.".to_owned(),
        follow_up: vec![FollowUp {
            date: "2024-09-01".parse().unwrap(),
            status: FollowUpStatus::InProgress,
            note: "drafted".to_owned(),
        }],
        publication: Publication::Partners,
    }]
}

fn action(id: &str, closes: Gap, publication: Publication) -> Action {
    Action {
        id: id.to_owned(),
        need: "an inspection programme".to_owned(),
        priority: Priority::High,
        owner: "Authority of XAA".to_owned(),
        due: "2026-06-01".parse().unwrap(),
        help_wanted: "training of inspectors".to_owned(),
        closes,
        done: None,
        publication,
    }
}

#[derive(Debug)]
struct World {
    catalogue: Catalogue,
    assessments: Vec<Assessment>,
    findings: Vec<Finding>,
    actions: Vec<Action>,
}

impl World {
    fn sample() -> Self {
        let requirement = Gap::Requirement { id: "NSS20-EE1".to_owned(), regime: Regime::Military };
        Self {
            catalogue: catalogue(),
            assessments: vec![
                assessment("NSS20-EE1", Regime::Civil, Some(4), Publication::Public),
                assessment("NSS20-EE1", Regime::Military, Some(2), Publication::Partners),
                assessment("NSS13-3.46", Regime::Civil, Some(3), Publication::National),
            ],
            findings: findings(),
            actions: vec![
                action("P1", requirement, Publication::Partners),
                action("P2", Gap::Finding { id: "F1".to_owned() }, Publication::Public),
            ],
        }
    }

    fn content(&self, readers: Publication) -> Content<'_> {
        let baseline = Baseline { category: BaselineCategory::I };
        Content {
            subject: "XAA",
            catalogue: &self.catalogue,
            assessments: &self.assessments,
            findings: &self.findings,
            actions: &self.actions,
            civil: baseline,
            military: baseline,
            date: "2025-12-31".parse().unwrap(),
            readers,
        }
    }

    fn export(&self, readers: Publication) -> Export {
        oscal::export(self.content(readers)).unwrap()
    }
}

fn text(export: &Export) -> String {
    export.documents.iter().map(|document| serde_json::to_string_pretty(&document.json).unwrap()).collect()
}

#[test]
fn every_document_is_valid_oscal() {
    for readers in Publication::ALL {
        let export = World::sample().export(*readers);
        let files: Vec<&str> = export.documents.iter().map(|document| document.file.as_str()).collect();
        let expected = [
            "catalog.json",
            "profile-civil.json",
            "profile-military.json",
            "mapping-collection.json",
            "assessment-results.json",
            "poam.json",
        ];
        assert_eq!(files, expected);
        for document in &export.documents {
            validate(&document.json).unwrap_or_else(|error| panic!("{readers}, {}: {error}", document.file));
        }
    }
}

#[test]
fn the_schema_refuses_what_is_no_oscal() {
    let json = World::sample().export(Publication::National).documents.remove(0).json;
    assert_eq!(validate(&json), Ok(()));
    for (pointer, bad) in [
        ("/catalog/uuid", Value::from("1")),
        ("/catalog/metadata/version", Value::from(" ")),
        ("/catalog/groups", Value::from(Vec::<u8>::new())),
        ("/catalog/groups/0/controls/0/id", Value::from("1 no token")),
    ] {
        let mut json = json.clone();
        *json.pointer_mut(pointer).unwrap() = bad;
        assert!(validate(&json).is_err(), "{pointer}");
    }
}

#[test]
fn readers_see_what_they_may_and_how_much_they_do_not() {
    let world = World::sample();
    for (readers, expected) in [
        (Publication::National, LeftOut::default()),
        (Publication::Partners, LeftOut { assessments: 1, ..LeftOut::default() }),
        // The military assessment is for partners, and so is what is inferred from it.
        (Publication::Public, LeftOut { assessments: 2, inferred: 1, findings: 1, actions: 1, links: 1 }),
    ] {
        let export = world.export(readers);
        assert_eq!(export.left_out, expected, "{readers}");
        let text = text(&export);
        assert!(text.contains(&format!("{} items were left out", expected.total())));
        assert_eq!(text.contains("Inspections should be planned."), readers != Publication::Public);
        assert_eq!(text.contains("NSS13-3.46, civil regime"), readers == Publication::National);
        assert_eq!(table::tables(world.content(readers)).left_out, expected);
    }
}

#[test]
fn what_rests_in_part_on_a_secret_is_left_out_and_counted() {
    let mut world = World::sample();
    // Law is stated for everybody; maturity is inferred from an assessment for partners.
    let mut part = assessment("CPPNM-2A-1a", Regime::Military, None, Publication::Public);
    part.evidence.clear();
    world.assessments.push(part);
    let public = table::tables(world.content(Publication::Public));
    assert_eq!(public.left_out.inferred, 1);
    let row = public.requirements.iter().find(|row| row.requirement == "CPPNM-2A-1a").unwrap();
    assert_eq!((row.military.basis, row.military.in_law.as_deref()), ("left out", None));
}

#[test]
fn an_inferred_finding_says_so_and_leads_to_its_observation() {
    let export = World::sample().export(Publication::National);
    let results =
        &export.documents.iter().find(|document| document.file == "assessment-results.json").unwrap().json;
    let civil = &results["assessment-results"]["results"][0];
    let finding = |id: &str| {
        let title = format!("{id}, civil regime");
        civil["findings"]
            .as_array()
            .unwrap()
            .iter()
            .find(|finding| finding["title"] == *title)
            .unwrap()
            .clone()
    };
    let (whole, part) = (finding("NSS20-EE1"), finding("CPPNM-2A-1a"));
    assert_eq!(part["description"], "Inferred from NSS20-EE1: done, tested and evaluated.");
    assert_eq!(part["related-observations"], whole["related-observations"]);
    assert_eq!(part["target"]["target-id"], "CPPNM-2A-1a_smt");
    let military = &results["assessment-results"]["results"][1];
    assert_eq!(military["findings"][0]["target"]["status"]["state"], "not-satisfied");
}

#[test]
fn what_does_not_apply_has_an_observation_with_its_reason_and_no_finding() {
    let mut world = World::sample();
    world.assessments[1] = not_applicable("NSS20-EE1", Regime::Military, Publication::Partners);
    for (readers, seen) in [(Publication::Public, false), (Publication::Partners, true)] {
        let export = world.export(readers);
        for document in &export.documents {
            validate(&document.json).unwrap_or_else(|error| panic!("{readers}, {}: {error}", document.file));
        }
        let results = export.documents.iter().find(|one| one.file == "assessment-results.json").unwrap();
        let military = &results.json["assessment-results"]["results"][1];
        assert!(military["findings"].is_null(), "neither satisfied nor not: {military}");
        let observation = military["observations"][0].to_string();
        assert_eq!(observation.contains("Does not apply: XAA has no military material."), seen);
        assert_eq!(observation.contains("not-applicable"), seen);
        let tables = table::tables(world.content(readers));
        let rows = &tables.requirements;
        // The part of what does not apply does not either, and is as secret.
        for (row, origins) in [(&rows[0], vec![]), (&rows[2], vec!["NSS20-EE1"])] {
            let standing = seen.then_some(surety_standards::Standing::NotApplicable);
            assert_eq!(row.military_to_civil, standing, "{row:?}");
            let reasons = vec!["XAA has no military material."; usize::from(seen)];
            assert_eq!(row.military.reasons, reasons, "{row:?}");
            assert_eq!(row.military.basis, if seen { "not applicable" } else { "left out" });
            assert_eq!(row.military.origins, if seen { origins } else { vec![] });
        }
        let csv = tables.requirements_csv().unwrap();
        assert_eq!(csv.contains("XAA has no military material."), seen, "{csv}");
    }
}

#[test]
fn the_same_content_gives_the_same_bytes() {
    let export = || text(&World::sample().export(Publication::Partners));
    assert_eq!(export(), export());
}

#[test]
fn tables_leave_out_the_same() {
    let world = World::sample();
    let public = table::tables(world.content(Publication::Public));
    let row = public.requirements.iter().find(|row| row.requirement == "NSS20-EE1").unwrap();
    assert_eq!((row.civil.maturity, row.military.basis, row.military_to_civil), (Some(4), "left out", None));
    let csv = public.requirements_csv().unwrap();
    assert!(csv.starts_with("requirement,area,civil_in_law,"), "{csv}");
    assert!(
        csv.contains("NSS20-EE1,legal & regulatory framework,yes,,4,direct,,,,,,left out,,,,higher,"),
        "{csv}"
    );
    assert!(csv.contains("CPPNM-2A-1a,legal & regulatory framework,yes,,4,inferred,NSS20-EE1,"), "{csv}");
    assert!(!public.actions_csv().unwrap().contains("F1"));
    assert_eq!(public.findings_csv().unwrap().lines().count(), 1);
    let national = table::tables(world.content(Publication::National));
    assert!(national.actions_csv().unwrap().contains("F1"));
    assert!(national.findings_csv().unwrap().contains("in-progress"));
}

/// The catalogue that is built in, from its tables.
fn embedded() -> Catalogue {
    let table = |file: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data").join(file);
        let mut reader = csv::Reader::from_path(path).unwrap();
        reader.records().map(Result::unwrap).collect::<Vec<_>>()
    };
    let requirement = |row: &csv::StringRecord| Requirement {
        id: row[0].to_owned(),
        document: row[1].to_owned(),
        paragraph: row[2].to_owned(),
        area: row[3].to_owned(),
        text: row[4].to_owned(),
        applies_to: row[5].to_owned(),
        material: row[6].to_owned(),
        category: row[7].to_owned(),
        scope: row[8].to_owned(),
        evidence_expected: row[9].to_owned(),
        confirmation: row[10].parse().unwrap(),
        sources: row[11].split_whitespace().map(Into::into).collect(),
    };
    let mapping = |row: &csv::StringRecord| Mapping {
        from: row[0].to_owned(),
        to: row[1].to_owned(),
        relation: row[2].parse().unwrap(),
        rationale: row[3].to_owned(),
        both_ends_read: &row[4] == "read",
    };
    Catalogue {
        requirements: table("requirements.csv").iter().map(requirement).collect(),
        mappings: table("mappings.csv").iter().map(mapping).collect(),
    }
}

#[test]
fn the_built_in_catalogue_is_valid_oscal_and_one_answer_feeds_many() {
    let catalogue = embedded();
    assert!(catalogue.requirements.len() >= 199 && catalogue.mappings.len() >= 195);
    let answered: Vec<Assessment> = catalogue
        .requirements
        .iter()
        .filter(|requirement| requirement.id.starts_with("NSS20-"))
        .map(|requirement| assessment(&requirement.id, Regime::Civil, Some(3), Publication::Public))
        .collect();
    let said = answered.len();
    let world = World { catalogue, assessments: answered, findings: Vec::new(), actions: Vec::new() };
    let export = world.export(Publication::Public);
    for document in &export.documents {
        validate(&document.json).unwrap_or_else(|error| panic!("{}: {error}", document.file));
    }
    let rows = table::tables(world.content(Publication::Public)).requirements;
    let known = rows.iter().filter(|row| row.civil.maturity.is_some()).count();
    assert!(known > said, "{said} answers feed {known} requirements");
}

fn worlds() -> impl Strategy<Value = World> {
    let id = prop::sample::select(vec!["NSS20-EE1", "NSS13-3.46", "CPPNM-2A-1a"]);
    let (regime, level) = (prop::sample::select(Regime::ALL), prop::sample::select(Publication::ALL));
    let assessments = prop::collection::vec(
        (id.clone(), regime.clone(), prop::option::of(0..=5u8), level.clone(), "\\PC{0,12}"),
        0..6,
    );
    let actions = prop::collection::vec((any::<bool>(), level.clone(), "\\PC{1,12}"), 0..4);
    (assessments, actions, level).prop_map(|(assessments, actions, level)| World {
        catalogue: catalogue(),
        assessments: assessments
            .into_iter()
            .map(|(id, regime, maturity, level, assessor)| {
                let said = match maturity {
                    Some(_) => assessment(id, regime, maturity, level),
                    None => not_applicable(id, regime, level),
                };
                Assessment { assessor, ..said }
            })
            .collect(),
        findings: findings().into_iter().map(|finding| Finding { publication: level, ..finding }).collect(),
        actions: actions
            .into_iter()
            .enumerate()
            .map(|(at, (of_finding, level, need))| {
                let closes = if of_finding {
                    Gap::Finding { id: "F1".to_owned() }
                } else {
                    Gap::Requirement { id: "NSS13-3.46".to_owned(), regime: Regime::Civil }
                };
                Action { need: format!("need {need}"), ..action(&format!("P{at}"), closes, level) }
            })
            .collect(),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn whatever_is_entered_the_export_is_valid_and_tells_no_secret(
        world in worlds(), readers in prop::sample::select(Publication::ALL)
    ) {
        let export = oscal::export(world.content(readers)).map_err(|links| TestCaseError::fail(links.to_string()))?;
        for document in &export.documents {
            validate(&document.json).map_err(|error| TestCaseError::fail(format!("{}: {error}", document.file)))?;
        }
        let text = text(&export);
        for level in Publication::ALL.iter().filter(|level| **level > readers) {
            prop_assert!(!text.contains(&format!("\"value\": \"{level}\"")), "an item for {level} in an export for {readers}");
        }
    }
}
