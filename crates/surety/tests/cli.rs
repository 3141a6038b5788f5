//! What a person sees and what a program reads, pinned. `TRYCMD=overwrite cargo test -p surety` renews the pages.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::Value;

fn surety(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surety")).args(args).output().unwrap()
}

fn json(args: &[&str]) -> Value {
    let output = surety(&[args, &["--format", "json"]].concat());
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

#[test]
fn the_pages() {
    trycmd::TestCases::new().case("tests/cmd/*.trycmd").case("../../README.md");
}

#[test]
fn every_page_fits_100_columns() {
    for args in [
        &["--as-of", "2024-01-01"][..],
        &["world", "--as-of", "2024-01-01"],
        &["state", "GBR", "--as-of", "2024-01-01"],
        &["state", "Democratic People's Republic of Korea", "--as-of", "1990-01-01"],
        &["gaps", "--as-of", "2024-01-01"],
        &["gaps", "--action", "L3", "--as-of", "2024-01-01"],
        &["treaty", "CPPNM-A", "--as-of", "2014-01-09"],
        &["treaty", "ICSANT", "--duties"],
        &["treaty", "CPPNM", "--between", "JPN", "ZMB", "--as-of", "2024-01-01"],
        &["stocks", "--as-of", "2024-01-01"],
        &["stocks", "GBR", "--as-of", "2024-01-01"],
        &["diff", "--from", "2014-01-01", "--to", "2024-01-01"],
        &["coverage"],
        &["states"],
        &["requirements"],
        &["requirements", "CPPNM-2A-FP-C"],
        &["balance", "tests/balance/area.csv", "--realisations", "1000", "--loss", "protracted:1:5:12"],
    ] {
        let output = surety(args);
        assert!(output.status.success(), "{args:?}");
        for line in String::from_utf8(output.stdout).unwrap().lines() {
            // A web address is one word, however long.
            let width = unicode_width::UnicodeWidthStr::width(line);
            assert!(width <= 100 || line.contains("://"), "{args:?}: {width} columns: {line}");
            assert!(!line.contains('\u{1b}'), "{args:?}: colour without a terminal: {line:?}");
        }
    }
}

#[test]
fn what_is_not_known_is_named_with_what_would_be_right() {
    for (args, expected) in [
        (&["state", "JPX"][..], "did you mean JPN (Japan)?"),
        (&["state", "Japn"], "did you mean JPN (Japan)?"),
        (&["why", "JPN", "L9"], "did you mean one of L1, L2"),
        (&["why", "XXX", "L1"], "no State is called `XXX`"),
        (&["gaps", "--action", "Z1"], "use M1 to M4, L1 to L8, C1 to C8 or D1 to D7"),
        (&["gaps", "--aim", "leagl"], "use military, legal, confidence or minimisation"),
        (&["gaps", "--aim", "legal", "--action", "C1"], "C1 belongs to the aim confidence"),
        (&["treaty", "CPPNM-B"], "did you mean CPPNM"),
        (&["treaty", "Geneva"], "use one of CPPNM, CPPNM-A, ICSANT"),
        (&["treaty", "NPT", "--duties"], "use CPPNM, CPPNM-A or ICSANT"),
        (&["treaty", "CPPNM", "--between", "JPN", "JPN"], "two different States"),
        (&["--as-of", "2016-02-30"], "`2016-02-30` is not a date"),
        (&["world", "--as-of", "yesterday"], "`yesterday` is not a date"),
        (&["diff", "--from", "2020"], "`2020` is not a date"),
        (&["diff", "--from", "2024-01-01", "--to", "2014-01-01"], "swap them"),
        (&["sources", "fedlex-cppnm-2021"], "did you mean fedlex-cppnm-2022"),
        (&["requirements", "CPPNM-2A-FP-Z"], "did you mean CPPNM-2A-FP-"),
        (&["requirements", "--area", "transprot"], "did you mean transport?"),
        (&["stocks", "Atlantis"], "no State is called `Atlantis`"),
        (&["balance", "tests/balance/bad.csv"], "tests/balance/bad.csv:9: `inptu` is not a kind of location"),
        (&["balance", "tests/balance/area.csv", "--loss", "abrupt:6:1"], "the balance has periods 1 to 5"),
        (&["balance", "tests/balance/area.csv", "--loss", "sudden:1:1"], "protracted:FROM:TO:AMOUNT"),
        (&["balance", "tests/balance/area.csv", "--false-alarm", "1"], "between 0 and 1, not 1"),
        (&["balance", "tests/balance/none.csv"], "cannot read tests/balance/none.csv"),
        (&["wrold"], "world"),
    ] {
        let output = surety(args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{args:?} printed on stdout");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
}

#[test]
fn json_of_a_treaty() {
    let treaty = json(&["treaty", "CPPNM-A", "--as-of", "2016-04-08"]);
    for key in ["as_of", "instrument", "in_force", "in_force_since", "counts", "deposits_needed", "parties"] {
        assert!(keys(&treaty).contains(key), "{key}");
    }
    assert_eq!(treaty["as_of"], "2016-04-08");
    assert_eq!(treaty["instrument"], "CPPNM-A");
    assert_eq!(treaty["in_force"], false);
    assert_eq!(treaty["in_force_since"], Value::Null);
    assert_eq!(treaty["enters_into_force_on"], "2016-05-08");
    assert_eq!(json(&["treaty", "CPPNM-A", "--as-of", "2016-05-08"])["in_force_since"], "2016-05-08");
    assert_eq!(treaty["deposits_needed"], 0);
    assert_eq!(treaty["counts"]["states_parties"], 102);
    assert_eq!(treaty["counts"]["parties"], 103);
    assert_eq!(keys(&treaty["parties"][0]), BTreeSet::from(["state", "action", "deposited", "bound_since"]));
    let convention = json(&["treaty", "CPPNM", "--as-of", "2016-04-08"]);
    assert_eq!(convention["counts"]["states_parties"], 152);
}

#[test]
fn json_of_the_amendment_before_it_was_in_force() {
    let treaty = json(&["treaty", "cppnm-a", "--as-of", "2014-01-09"]);
    assert_eq!(treaty["in_force"], false);
    assert_eq!(treaty["in_force_since"], Value::Null);
    let (convention, joined) = (
        &json(&["treaty", "CPPNM", "--as-of", "2014-01-09"])["counts"]["states_parties"],
        &treaty["counts"]["states_parties"],
    );
    let needed = (2 * convention.as_u64().unwrap()).div_ceil(3) - joined.as_u64().unwrap();
    assert_eq!(treaty["deposits_needed"], needed);
    let gaps = json(&["gaps", "--action", "L3", "--as-of", "2014-01-09"]);
    let asked = json(&["world", "--as-of", "2014-01-09"])["states"].as_array().unwrap().len();
    assert_eq!(gaps["gaps"].as_array().unwrap().len(), asked, "a gap for the whole world");
}

#[test]
fn json_names_each_party_to_the_convention_that_has_not_joined_the_amendment() {
    let date = ["--as-of", "2023-11-14"];
    let codes = |value: &Value| -> BTreeSet<String> {
        value.as_array().unwrap().iter().map(|row| row["state"].as_str().unwrap().to_owned()).collect()
    };
    let convention = codes(&json(&[&["treaty", "CPPNM"], &date[..]].concat())["parties"]);
    let amendment_json = json(&[&["treaty", "CPPNM-A"], &date[..]].concat());
    let amendment = codes(&amendment_json["parties"]);
    let missing: BTreeSet<String> = convention.difference(&amendment).cloned().collect();
    let named: BTreeSet<String> = amendment_json["convention_parties_not_party"]
        .as_array()
        .unwrap()
        .iter()
        .map(|code| code.as_str().unwrap().to_owned())
        .collect();
    assert_eq!(named, missing);
    let gaps = codes(&json(&[&["gaps", "--action", "L3"], &date[..]].concat())["gaps"]);
    assert!(missing.is_subset(&gaps));
}

#[test]
fn json_of_world_state_gaps_stocks_diff_and_why() {
    let world = json(&["world", "--as-of", "2024-01-01"]);
    let state = json(&["state", "JPN", "--as-of", "2024-01-01"]);
    for view in [&world, &state] {
        let finding = &view["states"][0]["findings"][0];
        for key in ["action", "verdict", "level", "next_step", "statements"] {
            assert!(keys(finding).contains(key), "{key}");
        }
        assert_eq!(view["states"][0]["findings"].as_array().unwrap().len(), 27);
        assert_eq!(view["as_of"], "2024-01-01");
    }
    let japan = world["states"].as_array().unwrap().iter().find(|state| state["state"] == "JPN").unwrap();
    assert_eq!(japan, &state["states"][0], "one State reads the same in both");
    let gaps = json(&["gaps", "--state", "JPN", "--as-of", "2024-01-01"]);
    let open = state["states"][0]["findings"].as_array().unwrap().iter().filter(|finding| {
        ["partly met", "not met", "no public evidence"].contains(&finding["verdict"].as_str().unwrap())
    });
    assert_eq!(gaps["gaps"].as_array().unwrap().len(), open.count());
    assert!(!json(&["stocks", "GBR"])["stocks"].as_array().unwrap().is_empty());
    let diff = json(&["diff", "--from", "2014-01-01", "--to", "2024-01-01"]);
    assert!(diff["changes"].as_array().unwrap().iter().any(|change| {
        change["state"] == "JPN"
            && change["action"] == "L3"
            && change["before"] == "not met"
            && change["after"] == "met"
    }));
    let why = json(&["why", "JPN", "L3", "--as-of", "2024-01-01"]);
    assert!(why["statements"][0]["sources"][0]["address"].as_str().unwrap().starts_with("https://"));
}

#[test]
fn json_of_a_balance_is_the_same_for_any_number_of_threads() {
    let ask = |threads: &str| {
        let loss = ["--loss", "abrupt:3:8", "--realisations", "2000", "--as-of", "2026-01-01"];
        json(&[&["balance", "tests/balance/area.csv", "--threads", threads], &loss[..]].concat())
    };
    let balance = ask("1");
    assert_eq!(balance, ask("3"));
    assert_eq!(balance["as_of"], "2026-01-01");
    assert_eq!(balance["unit"], "kg");
    assert_eq!(balance["periods"].as_array().unwrap().len(), 5);
    assert_eq!(balance["periods"][0]["muf"], 1.0);
    assert_eq!(
        keys(&balance["tests"][0]),
        BTreeSet::from(["test", "threshold", "greatest", "chance", "alarms"])
    );
    let found = &balance["losses"][0]["tests"];
    assert!(found.as_array().unwrap().iter().all(|test| test["probability"].as_f64().unwrap() > 0.5));
}

#[test]
fn before_1980_nothing_was_in_force() {
    for instrument in ["CPPNM", "CPPNM-A", "ICSANT"] {
        let treaty = json(&["treaty", instrument, "--as-of", "1979-12-31"]);
        assert_eq!(treaty["in_force"], false);
        assert_eq!(treaty["counts"]["parties"], 0);
    }
    let page = String::from_utf8(surety(&["--as-of", "1979-12-31"]).stdout).unwrap();
    assert!(page.contains("No nuclear security treaty was in force on that date."), "{page}");
}

#[test]
fn csv_has_a_row_for_every_finding() {
    let output = surety(&["world", "--as-of", "2024-01-01", "--format", "csv"]);
    let mut reader = csv::Reader::from_reader(output.stdout.as_slice());
    assert!(reader.headers().unwrap().iter().any(|column| column == "verdict"));
    let states = json(&["world", "--as-of", "2024-01-01"])["states"].as_array().unwrap().len();
    assert_eq!(reader.records().map(Result::unwrap).count(), states * 27);
}

#[test]
fn the_same_question_gets_the_same_bytes() {
    let ask = || surety(&["world", "--format", "json", "--as-of", "2020-02-29"]).stdout;
    assert_eq!(ask(), ask());
}
