//! What no single row can tell: ids given twice, facts said twice, sources that nothing cites.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use surety_core::SourceId;
use surety_law::{ActionKind, Instrument};
use surety_statement::{Body, Statement};
use surety_world::CHARTER;

use crate::Dataset;
use crate::load::Places;
use crate::table::{Problem, Problems};

pub(crate) fn dataset(
    dataset: &Dataset,
    places: &Places,
    source_lines: &BTreeMap<SourceId, u64>,
    problems: &Problems,
) {
    let report = |index: usize, message: String| {
        let (file, line) = places[index].clone();
        problems.add(Problem { file, line, column: None, message });
    };
    let mut ids = HashMap::<&str, usize>::new();
    let mut facts = HashMap::<String, usize>::new();
    let place = |index: usize| format!("{}:{}", places[index].0, places[index].1);
    for (index, statement) in dataset.statements.iter().enumerate() {
        if let Some(first) = ids.insert(&statement.id, index) {
            report(
                index,
                format!("the id `{}` stands at {} too: give each row its own", statement.id, place(first)),
            );
        }
        if let Some(fact) = fingerprint(statement)
            && let Some(first) = facts.insert(fact, index)
        {
            report(index, format!("says the same as {}: keep one and join the sources", place(first)));
        }
    }
    for (index, statement) in dataset.statements.iter().enumerate() {
        if let Body::Fulfilment { commitment, .. } = &statement.body
            && !ids.contains_key(commitment.as_str())
        {
            report(index, format!("no commitment has the id `{commitment}`"));
        }
    }
    unused_sources(dataset, source_lines, problems);
    missing_lists(dataset, problems);
}

/// A list that decides what silence means must say how far it is complete.
fn missing_lists(dataset: &Dataset, problems: &Problems) {
    let treaties = Instrument::ALL.iter().map(|instrument| instrument.as_str());
    let needed: BTreeSet<&str> =
        CHARTER.iter().filter_map(|action| action.list).chain(treaties).chain(["HOLDERS"]).collect();
    for list in needed {
        if !dataset.coverage.iter().any(|coverage| coverage.list == list) {
            let message =
                format!("the list {list} is missing: say to which day it is complete, or that it is not");
            problems.add(Problem { file: "lists.csv".to_owned(), line: 1, column: None, message });
        }
    }
}

/// What makes two rows say the same thing, for the kinds of rows of which that is sure.
fn fingerprint(statement: &Statement) -> Option<String> {
    let subject = statement.subject?;
    match &statement.body {
        Body::TreatyAction { instrument, action, .. } if *action != ActionKind::Subscription => {
            Some(format!("{subject} {instrument} {action} {}", statement.date))
        }
        Body::TreatyAction { instrument, .. } => Some(format!("{subject} {instrument}")),
        Body::Report { kind, data_date, document, .. } => {
            Some(format!("{subject} {kind} {} {data_date} {document}", statement.date))
        }
        Body::ListedHolder { .. } => Some(format!("{subject} holder {}", statement.date)),
        Body::Cleared { material, .. } => Some(format!("{subject} cleared {material} {}", statement.date)),
        _ => None,
    }
}

fn unused_sources(dataset: &Dataset, source_lines: &BTreeMap<SourceId, u64>, problems: &Problems) {
    let cited: HashSet<&SourceId> = dataset
        .statements
        .iter()
        .flat_map(|statement| &statement.sources)
        .chain(dataset.coverage.iter().flat_map(|coverage| &coverage.sources))
        .chain(dataset.counts.iter().flat_map(|count| &count.sources))
        .chain(dataset.catalogue.requirements.iter().flat_map(|requirement| &requirement.sources))
        .chain(&dataset.cited_elsewhere)
        .collect();
    for source in dataset.sources.iter().filter(|source| !cited.contains(&source.id)) {
        problems.add(Problem {
            file: "sources.csv".to_owned(),
            line: source_lines.get(&source.id).copied().unwrap_or(1),
            column: Some((1, "id".to_owned())),
            message: format!("nothing cites the source `{}`: cite it or remove it", source.id),
        });
    }
}
