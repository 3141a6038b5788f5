//! Bad data is refused with file, line, column and what to do; the embedded data are not.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use surety_data::{Dataset, FILES, File};

/// The embedded tables with one cell text replaced by another in one file.
fn damaged(file: &str, from: &str, to: &str) -> Vec<String> {
    let original = FILES.iter().find(|(name, _)| *name == file).unwrap().1;
    assert!(original.contains(from), "{file} does not contain {from:?}");
    let text = original.replacen(from, to, 1);
    let files: Vec<File<'_>> = FILES
        .iter()
        .map(|(name, old)| if *name == file { (*name, text.as_str()) } else { (*name, *old) })
        .collect();
    match Dataset::read(&files) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn the_embedded_tables_are_sound() {
    let dataset = Dataset::read(&FILES).unwrap();
    assert_eq!(dataset.states.iter().filter(|state| state.un.as_str() == "member").count(), 193);
    assert_eq!(dataset.catalogue.requirements.len(), 199);
    assert_eq!(dataset.catalogue.mappings.len(), 195);
    assert_eq!(dataset.duties.len(), 176);
    assert!(dataset.statements.iter().all(|statement| !statement.sources.is_empty()));
}

/// File, what to replace, by what, and what the refusal must say.
const BAD: &[(&str, &str, &str, &str)] = &[
    (
        "treaty_actions.csv",
        "T0001,AFG,",
        "T0001,AFX,",
        "treaty_actions.csv:2:2 (state): AFX is not in states.csv",
    ),
    ("treaty_actions.csv", "T0001,AFG,", "T0001,Afghanistan,", "(state): `Afghanistan` is not a State code"),
    (
        "treaty_actions.csv",
        "2003-09-12",
        "2003-09-31",
        "treaty_actions.csv:2:5 (date): `2003-09-31` is not a date",
    ),
    ("treaty_actions.csv", "2003-09-12", "1979-09-12", "CPPNM was not open before 1980-03-03"),
    ("treaty_actions.csv", "2003-09-12", "2093-09-12", "the fact lies after 2026-11-22"),
    ("treaty_actions.csv", "T0002,", "T0001,", "the id `T0001` stands at treaty_actions.csv:2 too"),
    ("treaty_actions.csv", "T0001,AFG,CPPNM,accession", "T0001,AFG,CPPNN,accession", "did you mean CPPNM"),
    (
        "treaty_actions.csv",
        "T0001,AFG,CPPNM,accession",
        "T0001,AFG,CPPNM,joining",
        "`joining` is not a treaty action",
    ),
    (
        "treaty_actions.csv",
        "T0001,AFG,CPPNM,accession",
        "T0001,AFG,INFCIRC/869,subscription",
        "does not belong into this table",
    ),
    (
        "treaty_actions.csv",
        "fedlex-cppnm-2022",
        "fedlex-cppnm-2021",
        "no source has the id `fedlex-cppnm-2021`",
    ),
    ("treaty_actions.csv", "id,state,", "id,country,", "treaty_actions.csv:1: the header is"),
    ("treaty_actions.csv", "T0001,AFG,", "T0001,", "cells where the header has 9"),
    (
        "pledges.csv",
        "S001,NLD,INFCIRC/869,subscription",
        "S001,NLD,INFCIRC/869,signature",
        "States subscribe to pledges",
    ),
    ("states.csv", "AFG,004,", "AFG,4,", "write three digits"),
    ("states.csv", "AGO,024,", "AFG,024,", "AFG is given twice"),
    ("stocks.csv", "K001,IND,1996", "K001,IND,1896", "1896 cannot be right"),
    (
        "stocks.csv",
        "civilian,held,estimated,ISIS,0.5,",
        "civilian,held,estimated,ISIS,-0.5,",
        "a mass must be a number of at least 0",
    ),
    (
        "stocks.csv",
        "civilian,held,estimated,ISIS,0.5,",
        "civilian,held,guessed,ISIS,0.5,",
        "`guessed` is not a basis",
    ),
    (
        "stocks.csv",
        "civilian,held,estimated,ISIS,0.5,",
        "civilian,held,estimated,ISIS,half,",
        "stocks.csv:2:9 (quantity_t)",
    ),
    ("stocks.csv", ",,,,=,whole,", ",,2,1,=,whole,", "the lower end of the range lies above its upper end"),
    (
        "holders.csv",
        "H001,ARG,2012,32",
        "H001,ARG,2012,33",
        "the edition counts 33 holders and the table names 1",
    ),
    (
        "mappings.csv",
        "CPPNM-2A-FP-A,NSS20-EE1",
        "CPPNM-2A-FP-A,NSS20-EE99",
        "no requirement has the id `NSS20-EE99`",
    ),
    ("reviews.csv", "2013-11,,,mission", "2013-11,,2012-01-01,mission", "lies before the beginning"),
    ("duties.csv", "ICSANT,5,(a),", "ICSANN,5,(a),", "did you mean ICSANT"),
    (
        "lists.csv",
        "CPPNM,Parties to the CPPNM,yes,2022-04-07",
        "CPPNM,Parties to the CPPNM,no,2022-04-07",
        "(complete_to)",
    ),
    (
        "sources.csv",
        "https://www.fedlex.admin.ch/eli/cc/1987",
        "www.fedlex.admin.ch/eli/cc/1987",
        "is not a web address",
    ),
    ("sources.csv", ",depositary,", ",gossip,", "`gossip` is not a kind of publisher"),
    ("dataset.csv", "2026-11-22", "yesterday", "`yesterday` is not a date"),
];

#[test]
fn each_kind_of_bad_data_is_named_with_its_place() {
    for (file, from, to, expected) in BAD {
        let problems = damaged(file, from, to);
        assert!(
            problems.iter().any(|problem| problem.contains(expected)),
            "{file}: {from} → {to}: {problems:#?}"
        );
    }
}

#[test]
fn the_same_fact_twice_is_refused_with_both_places() {
    let row = "T0001,AFG,CPPNM,accession,2003-09-12,,,fedlex-cppnm-2022;ieadb-2911;bgbl-153-2005,\n";
    let problems = damaged("treaty_actions.csv", row, &format!("{row}{}", row.replace("T0001", "T9999")));
    assert_eq!(
        problems,
        ["treaty_actions.csv:3: says the same as treaty_actions.csv:2: keep one and join the sources"]
    );
}

#[test]
fn a_source_that_nothing_cites_is_refused() {
    let header = "id,title,address,kind,trust\n";
    let problems = damaged("sources.csv", header, &format!("{header}nobody,Title,,press,press\n"));
    assert_eq!(problems, ["sources.csv:2:1 (id): nothing cites the source `nobody`: cite it or remove it"]);
}

#[test]
fn a_missing_table_is_named() {
    let files: Vec<File<'_>> = FILES.iter().copied().filter(|(name, _)| *name != "cleared.csv").collect();
    let problems = Dataset::read(&files).unwrap_err();
    assert!(
        problems
            .iter()
            .any(|problem| problem.to_string() == "cleared.csv:1: the table is missing: put it back")
    );
}

#[test]
fn no_table_of_noise_makes_the_reader_panic() {
    for noise in ["", "\u{0}", "\"", "id,\"x\n,,,", "\u{feff}id", "a,b\n\"c,d"] {
        for (name, _) in FILES {
            let files: Vec<File<'_>> = FILES
                .iter()
                .map(|(file, text)| if *file == name { (*file, noise) } else { (*file, *text) })
                .collect();
            assert!(Dataset::read(&files).is_err(), "{name} {noise:?}");
        }
    }
}
