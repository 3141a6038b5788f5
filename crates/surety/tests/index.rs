//! `surety index` as a program uses it. The ASEM tables are not part of the project: they are looked for in a folder
//! `shared` beside the repository or above it; without them the test says so and passes.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "tests fail by panicking and say what they skip"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn surety(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surety"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .args(args)
        .output()
        .unwrap()
}

fn stdout(args: &[&str]) -> String {
    let output = surety(args);
    assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn json(args: &[&str]) -> Value {
    serde_json::from_str(&stdout(&[args, &["--format", "json"]].concat())).unwrap()
}

fn keys(value: &Value) -> BTreeSet<&str> {
    value.as_object().unwrap().keys().map(String::as_str).collect()
}

/// A folder of its own for the files of one test.
fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).unwrap();
    folder
}

const ON: [&str; 2] = ["--as-of", "2024-01-01"];
const TAI: [&str; 5] =
    ["index", "--idata", "tests/index/tai/data.csv", "--framework", "tests/index/tai/framework.toml"];

#[test]
fn keys_of_the_json_stay() {
    let index = json(&[&["index"], &ON[..]].concat());
    let spread = ["as_of", "framework", "draws", "seed", "interval_share", "factors", "ranked", "units"];
    assert_eq!(keys(&index), BTreeSet::from(spread));
    let unit = [
        "unit",
        "name",
        "asked",
        "silent",
        "score",
        "possible",
        "mean",
        "sd",
        "likely",
        "rank_median",
        "rank_likely",
        "groups",
        "rank_probabilities",
    ];
    assert_eq!(keys(&index["units"][0]), BTreeSet::from(unit));
    let pair = json(&[&["index", "uncertainty", "--draws", "500", "--peers", "JPN,KOR"], &ON[..]].concat());
    assert!(pair["units"][0]["above"]["KOR"].as_f64().unwrap() <= 1.0);
    assert_eq!(pair["ranked"], index["ranked"], "ranks are among all");
    let path = json(&[&["index", "path", "JPN", "--to", "70"], &ON[..]].concat());
    for key in ["as_of", "unit", "target", "before", "after", "cost", "cost_unit", "cheapest", "steps"] {
        assert!(keys(&path).contains(key), "{key}");
    }
    let drivers = json(&[&["index", "drivers"], &ON[..]].concat());
    assert_eq!(
        keys(&drivers["parts"][0]),
        BTreeSet::from([
            "code",
            "name",
            "level",
            "weight",
            "effective_weight",
            "rank_shift_mean",
            "rank_shift_max"
        ])
    );
    let sensitivity = json(&[&["index", "sensitivity", "--points", "64", "--of", "JPN"], &ON[..]].concat());
    assert_eq!(
        keys(&sensitivity["factors"][0]),
        BTreeSet::from(["factor", "first", "first_interval", "total", "total_interval"])
    );
}

#[test]
fn every_draw_lies_within_what_is_possible_and_silence_is_never_zero() {
    let index = json(&[&["index"], &ON[..]].concat());
    for unit in index["units"].as_array().unwrap() {
        let ends = |key: &str| [0, 1].map(|end| unit[key][end].as_f64().unwrap());
        let ([low, high], [likely_low, likely_high]) = (ends("possible"), ends("likely"));
        // The weights, which are drawn too, move the ends a little.
        assert!(likely_low >= low - 10.0 && likely_high <= high + 10.0, "{unit}");
        if unit["silent"].as_u64() > Some(0) {
            assert!(high > low, "{unit}");
        }
    }
}

#[test]
fn any_number_of_threads_gives_the_same_bytes() {
    let ask = |threads: &str| {
        let args = ["index", "uncertainty", "--draws", "3000", "--seed", "7", "--threads", threads];
        stdout(&[&args, &ON[..], &["--format", "json"]].concat())
    };
    assert_eq!(ask("1"), ask("3"));
}

#[test]
fn a_met_action_and_a_weight_move_the_score_they_should() {
    let what_if = json(&[&["index", "what-if", "JPN", "--set", "C7=met@5"], &ON[..]].concat());
    let score = |code: &str| {
        what_if["scores"].as_array().unwrap().iter().find(|row| row["code"] == code).unwrap().clone()
    };
    assert_eq!(score("C7")["after"], 100.0);
    assert!(score("index")["after"].as_f64() > score("index")["before"].as_f64());
    assert_eq!(score("legal")["after"], score("legal")["before"]);
    let run =
        |weights: &str| json(&[&["index", "run", "--weights", weights, "--peers", "JPN"], &ON[..]].concat());
    let of = |run: &Value, code: &str| {
        run["scores"].as_array().unwrap().iter().find(|row| row["code"] == code).unwrap()["score"].clone()
    };
    let only_legal = run("military=0,confidence=0,minimisation=0");
    assert_eq!(of(&only_legal, "index"), of(&only_legal, "legal"));
}

#[test]
fn the_path_reaches_its_target_and_a_file_of_costs_changes_it() {
    let folder = folder("path");
    let path = json(&[&["index", "path", "JPN", "--to", "75"], &ON[..]].concat());
    assert!(path["after"].as_f64() >= Some(75.0));
    assert_eq!(path["cheapest"], true);
    let costs = folder.join("costs.toml");
    fs::write(
        &costs,
        "unit = \"millions\"\n[[change]]\ncost = 2.5\nsets = { C7 = \"met@5\", L5 = \"met@5\" }\n",
    )
    .unwrap();
    let own = json(
        &[&["index", "path", "JPN", "--to", "65", "--costs", costs.to_str().unwrap()], &ON[..]].concat(),
    );
    assert_eq!((own["cost"].as_f64(), own["cost_unit"].as_str()), (Some(2.5), Some("millions")));
}

#[test]
fn every_published_rank_of_the_technology_index_follows_from_its_data() {
    let published = "tests/index/tai/published.csv";
    let audit = json(&[&TAI[..], &["audit", published]].concat());
    assert_eq!((&audit["tables"][0]["checked"], &audit["tables"][0]["follow"]), (&23.into(), &23.into()));
    let folder = folder("tai");
    let framework = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(TAI[4])).unwrap();
    let without: Vec<&str> = framework.lines().filter(|line| !line.contains("normalise")).collect();
    let own = folder.join("framework.toml");
    fs::write(&own, without.join("\n")).unwrap();
    let audit = json(&["index", "--idata", TAI[2], "--framework", own.to_str().unwrap(), "audit", published]);
    assert_eq!(audit["tables"][0]["differences"].as_array().unwrap().len(), 12, "with min-max instead");
}

#[test]
fn a_file_is_written_whole_or_not_at_all() {
    let folder = folder("output");
    let file = folder.join("run.csv");
    let args = [&TAI[..], &["run", "--format", "csv", "--output", file.to_str().unwrap()]].concat();
    assert_eq!(stdout(&args), "");
    let text = fs::read_to_string(&file).unwrap();
    assert!(text.starts_with("unit,code,level,score,rank\n"), "{text}");
    assert_eq!(text.lines().count(), 1 + 23 * 9);
    assert_eq!(fs::read_dir(&folder).unwrap().count(), 1, "nothing is left beside it");
    let nowhere = folder.join("no/run.csv");
    let output = surety(&[&TAI[..], &["run", "--output", nowhere.to_str().unwrap()]].concat());
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn a_range_in_the_data_is_a_doubt() {
    let folder = folder("range");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let framework = file(
        "f.toml",
        "[steps]\nnormalise = { goalposts = { lower = 0, upper = 10, scale = 100 } }\n[[group]]\ncode = \"all\"\n\
         [[indicator]]\ncode = \"law\"\nparent = \"all\"\n[[factor]]\nname = \"data\"\nvary = \"data\"\n",
    );
    let data = file("d.csv", "unit,law,law.low,law.high\nA,5,,\nB,4,2,9\nC,,0,10\n");
    let spread = json(&["index", "uncertainty", "--idata", &data, "--framework", &framework]);
    let possible: Vec<String> = (0..3).map(|unit| spread["units"][unit]["possible"].to_string()).collect();
    assert_eq!(possible, ["[50.0,50.0]", "[20.0,90.0]", "[0.0,100.0]"]);
    let data = file("d.csv", "unit,law,law.low,law.high\nA,5,8,9\n");
    let output = surety(&["index", "uncertainty", "--idata", &data, "--framework", &framework]);
    assert!(String::from_utf8_lossy(&output.stderr).contains("d.csv:2: unit A, the range of `law`"));
}

#[test]
fn what_is_wrong_is_named_with_exit_code_2_and_nothing_on_stdout() {
    let folder = folder("bad");
    let file = |name: &str, text: &str| {
        let path = folder.join(name);
        fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let no_data = file(
        "no-data.toml",
        "[[group]]\ncode = \"index\"\n[[indicator]]\ncode = \"L1\"\nparent = \"index\"\n",
    );
    let typo = file("typo.toml", "[[gruop]]\ncode = \"index\"\n");
    let costs = file("costs.toml", "unit = \"x\"\n[[change]]\ncost = 1\nsets = { L9 = \"met\" }\n");
    let data = file("data.csv", "unit,law\nA,many\n");
    let framework =
        file("law.toml", "[[group]]\ncode = \"all\"\n[[indicator]]\ncode = \"law\"\nparent = \"all\"\n");
    let published = file("published.csv", "unit,score\nA,x\n");
    let good = file("good.csv", "unit,law\nA,1\nB,2\n");
    let cases: [(&[&str], &str); 14] = [
        (&["index", "--weights", "legl=2"], "did you mean `legal`?"),
        (&["index", "--weights", "legal=-1"], "weight"),
        (&["index", "--weights", "legal"], "is not CODE=WEIGHT"),
        (&["index", "--peers", "Japn"], "did you mean JPN"),
        (&["index", "--framework", &no_data], "no [data]"),
        (&["index", "--framework", &typo], "typo.toml:1:"),
        (&["index", "--framework", "nowhere.toml"], "cannot read nowhere.toml"),
        (&["index", "--imeta", "iMeta.csv"], "--idata FILE"),
        (&["index", "what-if", "JPN", "--set", "L1=mett"], "no verdict and no number"),
        (&["index", "path", "JPN", "--to", "70", "--costs", &costs], "`L9` is no indicator"),
        (&["index", "run", "--idata", &data, "--framework", &framework], "data.csv:2: unit A, column `law`"),
        (&["index", "uncertainty", "--idata", &good, "--framework", &framework], "names nothing uncertain"),
        (&["index", "audit", &published, "--idata", &good, "--framework", &framework], "published.csv:2:"),
        (&["index", "uncertainty", "--draws", "0"], "at least 1"),
    ];
    for (args, expected) in cases {
        let output = surety(args);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {stderr}");
        assert!(output.stdout.is_empty(), "{args:?} printed on stdout");
        assert!(stderr.contains(expected), "{args:?}: {stderr}");
    }
}

#[test]
fn before_anything_was_signed_there_is_an_index_all_the_same() {
    let index = json(&["index", "--as-of", "1970-01-01"]);
    assert!(index["units"].as_array().unwrap().len() > 100);
}

#[test]
fn pages_fit_100_columns() {
    for args in [
        &["index"][..],
        &["index", "--peers", "USA,RUS,CHN,FRA,GBR,IND,PAK,ISR,PRK,JPN,DEU,CAN"],
        &["index", "uncertainty", "--draws", "1000"],
        &["index", "sensitivity", "--points", "64"],
        &["index", "drivers"],
        &["index", "run"],
        &["index", "path", "USA", "--to", "60"],
        &["index", "what-if", "USA", "--set", "D1=met,M1=met"],
    ] {
        for line in stdout(&[args, &ON[..]].concat()).lines() {
            assert!(line.chars().count() <= 100, "{args:?}: {line}");
        }
    }
}

#[test]
fn every_rank_of_the_asem_index_equals_the_reference() {
    let Some(asem) = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .map(|folder| folder.join("shared/data/index/asem"))
        .find(|folder| folder.is_dir())
    else {
        eprintln!("\n*** SKIPPED: no folder shared/data/index/asem beside the repository or above it ***\n");
        return;
    };
    let plan = folder("asem").join("plan.toml");
    let steps = "[steps]\nimpute = { group-mean = \"EurAsia_group\" }\n\
        screen = { min-present = 0.9, after-imputing = true }\n\
        treat = { outliers = { winsorise = 5, skew = 2, kurtosis = 3.5, log = true } }\n";
    fs::write(&plan, steps).unwrap();
    let path = |name: &str| asem.join(name).to_str().unwrap().to_owned();
    let (idata, imeta) = (path("iData.csv"), path("iMeta.csv"));
    let run = stdout(&[
        "index",
        "run",
        "--idata",
        &idata,
        "--imeta",
        &imeta,
        "--framework",
        plan.to_str().unwrap(),
        "--format",
        "csv",
    ]);
    let mut ours = BTreeMap::new();
    for row in csv::Reader::from_reader(run.as_bytes()).records().map(Result::unwrap) {
        ours.insert((row[0].to_owned(), row[1].to_owned()), row[4].to_owned());
    }
    let reference = fs::read_to_string(asem.join("ranks_all_levels.csv")).unwrap();
    let mut reader = csv::Reader::from_reader(reference.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let mut compared = 0;
    for row in reader.records().map(Result::unwrap) {
        for (code, rank) in headers.iter().zip(&row).skip(1) {
            assert_eq!(ours[&(row[0].to_owned(), code.to_owned())], rank, "{} {code}", &row[0]);
            compared += 1;
        }
    }
    assert!(compared > 51 * 10, "{compared}");
}
