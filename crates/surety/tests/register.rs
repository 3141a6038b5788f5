//! What leaves a register: only what its readers may see, and in OSCAL as NIST's schema has it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const SCHEMA: &str = include_str!("../../surety-report/tests/oscal/oscal_complete_schema.json");
const PASSPHRASE: &str = "correct horse battery staple";

/// `surety register …` in a folder that has the passphrase in a file.
fn surety(folder: &Path, arguments: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surety"))
        .current_dir(folder)
        .args(["--as-of", "2025-12-31", "register"])
        .args(arguments.split(' '))
        .env("SURETY_REGISTER", "xaa.register")
        .env("SURETY_BY", "officer")
        .output()
        .unwrap()
}

fn done(folder: &Path, arguments: &str) -> (String, String) {
    let output = surety(folder, &format!("{arguments} --passphrase-file passphrase"));
    let (out, err) = (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap());
    assert!(output.status.success(), "{arguments}: {out}{err}");
    (out, err)
}

fn refused(folder: &Path, arguments: &str) -> String {
    let output = surety(folder, arguments);
    assert!(!output.status.success(), "{arguments}");
    assert_eq!(output.stdout, b"", "{arguments}");
    String::from_utf8(output.stderr).unwrap()
}

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("passphrase"), PASSPHRASE).unwrap();
    done(folder.path(), "sample xaa.register");
    folder
}

#[test]
fn exports_follow_the_schema_and_hold_nothing_of_a_narrower_level() {
    let folder = sample();
    let folder = folder.path();
    let validator = jsonschema::validator_for(&serde_json::from_str(SCHEMA).unwrap()).unwrap();
    let everything: Value =
        serde_json::from_str(&done(folder, "export assessments --level national").0).unwrap();
    let order = ["public", "partners", "national"];
    let mut left_out_before = u64::MAX;
    for (place, level) in order.iter().enumerate() {
        let (_, said) = done(folder, &format!("export --as oscal --level {level} --output {level}"));
        let mut found = String::new();
        let mut names = BTreeSet::new();
        for file in fs::read_dir(folder.join(level)).unwrap() {
            let file = file.unwrap();
            let text = fs::read_to_string(file.path()).unwrap();
            let json: Value = serde_json::from_str(&text).unwrap();
            let errors: Vec<String> = validator
                .iter_errors(&json)
                .map(|error| format!("{}: {error}", error.instance_path()))
                .take(5)
                .collect();
            assert!(errors.is_empty(), "{level} {}: {errors:?}", file.file_name().display());
            names.insert(file.file_name().into_string().unwrap());
            found += &text;
        }
        let expected = [
            "assessment-results.json",
            "catalog.json",
            "mapping-collection.json",
            "profile-civil.json",
            "profile-military.json",
        ];
        assert!(expected.iter().all(|name| names.contains(*name)), "{names:?}");
        // Every action of the sample is national.
        assert_eq!(names.contains("poam.json"), *level == "national");
        // The digest of its evidence tells each assessment from all others. The earlier ones do not count any more.
        for assessment in everything.as_array().unwrap() {
            let digest = assessment["evidence"][0]["sha256"].as_str().unwrap();
            let of = order.iter().position(|word| assessment["publication"] == *word).unwrap();
            if of > place {
                assert!(!found.contains(digest), "{level} shows {assessment}");
            } else if assessment["date"] == "2024-12-31" {
                assert!(found.contains(digest), "{level} lacks {assessment}");
            }
        }
        let left_out = match said.strip_prefix("surety: nothing was left out") {
            Some(_) => 0,
            None => said.split(' ').nth(1).unwrap().parse().unwrap(),
        };
        assert!(left_out < left_out_before, "{level}: {said}");
        left_out_before = left_out;
    }
    assert_eq!(left_out_before, 0, "nothing is left out for the State itself");
}

#[test]
fn each_document_can_be_had_by_itself() {
    let folder = sample();
    let folder = folder.path();
    for (form, root) in [
        ("oscal-catalog", "catalog"),
        ("oscal-profile --regime military", "profile"),
        ("oscal-mapping", "mapping-collection"),
        ("oscal-assessment", "assessment-results"),
        ("oscal-poam", "plan-of-action-and-milestones"),
    ] {
        let (out, _) = done(folder, &format!("export --level national --as {form}"));
        let json: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(json.as_object().unwrap().keys().collect::<Vec<_>>(), [root]);
    }
    let (out, said) = done(folder, "export --as csv");
    let mut table = csv::Reader::from_reader(out.as_bytes());
    assert_eq!(table.records().count(), 199);
    assert!(said.contains("items were left out"), "{said}");
    let error = refused(folder, "export --as oscal-poam --passphrase-file passphrase");
    assert!(error.contains("nothing to write that may be read at level public"), "{error}");
    let error = refused(folder, "export --as oscal-profile --passphrase-file passphrase");
    assert!(error.contains("name it with --regime"), "{error}");
}

#[test]
fn item_detail_is_written_only_when_it_is_asked_for_by_its_level() {
    let folder = sample();
    let folder = folder.path();
    // Each with something that it holds; a balance report names no batch.
    for (what, held) in [
        ("changes", "PROCESS"),
        ("holdings", "PROCESS"),
        ("icr --area XA01", "PROCESS"),
        ("pil --area XA01", "PROCESS"),
        ("mbr --area XA01", "10098.476"),
    ] {
        for level in ["", " --level public", " --level partners"] {
            let arguments = format!("export {what}{level} --output out --passphrase-file passphrase");
            let error = refused(folder, &arguments);
            assert!(error.contains("ask for it with --level national"), "{error}");
            assert!(!folder.join("out").exists(), "{arguments}");
        }
        let (out, _) = done(folder, &format!("export {what} --level national"));
        assert!(out.contains(held), "{what}: {out}");
    }
}

#[test]
fn a_report_of_the_register_itself_doubles_nothing() {
    let folder = sample();
    let folder = folder.path();
    done(folder, "export icr --area XA01 --level national --output own.icr");
    let (held, _) = done(folder, "export holdings --level national");
    let error = refused(folder, "import own.icr --passphrase-file passphrase");
    assert!(error.contains("nothing was taken in:\nline 5, label 411: the register has this RS"), "{error}");
    assert!(error.contains("--again"), "{error}");
    assert_eq!(done(folder, "export holdings --level national").0, held);
    let (said, _) = done(folder, "import own.icr --again");
    assert!(said.contains("Took in own.icr"), "{said}");
}

#[test]
fn what_does_not_apply_is_told_apart_from_what_is_not_stated() {
    let folder = sample();
    let folder = folder.path();
    let parity =
        |folder: &Path| -> Value { serde_json::from_str(&done(folder, "parity --format json").0).unwrap() };
    let before = parity(folder)["counts"].clone();
    let assess = "assess NSS13-STATE-1 --regime military --publication public --date 2025-12-31";
    let error = refused(folder, &format!("{assess} --not-applicable none-held --maturity 3"));
    assert!(error.contains("--not-applicable"), "{error}");
    done(folder, &format!("{assess} --not-applicable none-held"));
    let after = parity(folder)["counts"].clone();
    assert_eq!((&before["not_applicable"], &after["not_applicable"]), (&Value::from(0), &Value::from(1)));
    assert_eq!(before["not_stated"], after["not_stated"]);
    let (page, _) = done(folder, "parity");
    assert!(page.contains("6 not stated, 1 not applicable."), "{page}");
    let (table, _) = done(folder, "export --as csv");
    assert!(table.contains("not applicable,,none-held,"), "{table}");
    let (oscal, _) = done(folder, "export --as oscal-assessment");
    assert!(oscal.contains("Does not apply: none-held"));
}

#[test]
fn what_a_script_leaves_out_is_named_by_its_flag() {
    let folder = sample();
    let folder = folder.path();
    for (arguments, missing) in [
        ("assess", "the id of the requirement, or --file,"),
        ("assess NSS13-STATE-1", "--regime"),
        (
            "assess NSS13-STATE-1 --regime civil",
            "--maturity (or --in-law, --enforced, --work, or --not-applicable",
        ),
        ("inventory", "the area"),
        ("inventory --expected", "the area"),
        ("inventory XA01", "--file"),
        ("set", "the area"),
        ("set XA01", "the batch"),
        ("set XA01 PROCESS", "--form"),
        ("draft assessment", "--regime"),
        ("draft holdings", "--material"),
        ("draft holdings --material HEU", "--purpose"),
        ("draft holdings --material HEU --purpose naval", "--year"),
        ("draft reduction --material HEU --purpose naval", "--from"),
        ("draft reduction --material HEU --purpose naval --from 2021-12-31", "--to"),
        ("draft reduction --material HEU --purpose naval --from 2021-12-31 --to 2022-12-31", "--action"),
        (
            "draft reduction --material HEU --purpose naval --from 2021-12-31 --to 2022-12-31 --action disposal",
            "--programme",
        ),
        ("draft regulation", "its id"),
    ] {
        let error = refused(folder, &format!("{arguments} --passphrase-file passphrase"));
        assert!(error.starts_with(&format!("surety: {missing}")), "{arguments}: {error}");
        assert!(error.contains("is missing: give it, or run this at a terminal"), "{arguments}: {error}");
    }
}

/// The same as a person does it: what the command shows, each answer given when its question is there.
#[cfg(unix)]
fn at_a_terminal(folder: &Path, arguments: &str, answers: &[(&str, &str)]) -> String {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    use std::io::{Read as _, Write as _};
    use std::process::Stdio;
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap().into_string().unwrap();
    let theirs = || fs::OpenOptions::new().read(true).write(true).open(&name).unwrap();
    let mut child = Command::new(env!("CARGO_BIN_EXE_surety"))
        .current_dir(folder)
        .args(["--as-of", "2025-12-31", "register"])
        .args(arguments.split(' '))
        .args(["--passphrase-file", "passphrase"])
        .envs([("SURETY_REGISTER", "xaa.register"), ("TERM", "xterm")])
        .env_remove("SURETY_BY")
        .stdin(Stdio::from(theirs()))
        .stdout(Stdio::from(theirs()))
        .stderr(Stdio::from(theirs()))
        .spawn()
        .unwrap();
    let mut ours = fs::File::from(ours);
    let mut reader = ours.try_clone().unwrap();
    let (to, shown) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = [0; 4_096];
        // The end of a terminal is an error.
        while let Ok(length @ 1..) = reader.read(&mut bytes) {
            if to.send(String::from_utf8_lossy(&bytes[..length]).into_owned()).is_err() {
                return;
            }
        }
    });
    let mut page = String::new();
    let mut seen = 0;
    for (question, answer) in answers {
        while !page[seen..].contains(question) {
            let more = shown.recv_timeout(std::time::Duration::from_mins(2));
            page += &more.unwrap_or_else(|_| panic!("{arguments}: `{question}` was not asked: {page}"));
        }
        seen = page.len();
        ours.write_all(format!("{answer}\n").as_bytes()).unwrap();
    }
    assert!(child.wait().unwrap().success(), "{arguments}: {page}");
    while let Ok(more) = shown.recv_timeout(std::time::Duration::from_millis(500)) {
        page += &more;
    }
    page
}

#[cfg(unix)]
#[test]
fn what_a_person_leaves_out_is_asked_for() {
    let folder = sample();
    let folder = folder.path();
    for (arguments, answers, expected) in [
        (
            "assess",
            &[
                ("Which requirement?", "NSS13-STATE-1"),
                ("civil or military?", "civil"),
                ("Who assessed it?", "officer"),
                ("Maturity, 0 (nothing in place)", "4"),
                ("In law?", "yes"),
                ("Enforced?", ""),
                ("Who makes the entry?", "officer"),
            ][..],
            "Kept the assessment of NSS13-STATE-1 (civil)",
        ),
        (
            "assess NSS13-STATE-1 --regime military --by officer",
            &[("`none` where it does not apply", "none"), ("Why does it not apply?", "No such material.")],
            "Kept the assessment of NSS13-STATE-1 (military)",
        ),
        ("inventory --expected", &[("Material balance area", "XA01")], "batch,material,element_g"),
        (
            "draft holdings",
            &[("separated-Pu", "HEU"), ("excess-declared?", "naval"), ("which year?", "2024")],
            "\"kind\":\"stock\"",
        ),
        ("draft commitment", &[("Its id", "K1")], "\"kind\":\"commitment\""),
    ] {
        let page = at_a_terminal(folder, arguments, answers);
        assert!(page.contains(expected), "{arguments}: {page}");
    }
    let list: Value = serde_json::from_str(&done(folder, "export --level national").0).unwrap();
    let said = |regime: &str| {
        let mut all = list.as_array().unwrap().iter();
        all.rfind(|one| one["requirement"] == "NSS13-STATE-1" && one["regime"] == regime).unwrap().clone()
    };
    let civil = said("civil");
    assert_eq!((&civil["maturity"], &civil["in_law"]), (&Value::from(4), &Value::from("yes")));
    assert!(civil["enforced"].is_null() && said("military")["not_applicable"] == "No such material.");
}

#[test]
fn the_journal_says_how_much_of_it_is_shown() {
    let folder = sample();
    let folder = folder.path();
    for (arguments, said, first, last) in [
        ("journal", "The last 50 of 883 entries; --all shows all.", 834, 883),
        ("journal --count 2", "The last 2 of 883 entries; --all shows all.", 882, 883),
        ("journal --from 3 --count 4", "Entries 3 to 6 of 883; --all shows all.", 3, 6),
        ("journal --from 880", "Entries 880 to 883 of 883; --all shows all.", 880, 883),
        ("journal --all", "All 883 entries.", 1, 883),
    ] {
        let (page, _) = done(folder, arguments);
        assert!(page.contains(said), "{arguments}: {page}");
        let json: Value =
            serde_json::from_str(&done(folder, &format!("{arguments} --format json")).0).unwrap();
        let entries = json["entries"].as_array().unwrap();
        assert_eq!(
            (&entries[0]["seq"], &entries.last().unwrap()["seq"]),
            (&Value::from(first), &Value::from(last))
        );
        assert_eq!(json["total"], 883);
        let (table, err) = done(folder, &format!("{arguments} --format csv"));
        assert_eq!(table.lines().count(), entries.len() + 1, "{arguments}");
        assert_eq!(err, if entries.len() < 883 { format!("surety: {said}\n") } else { String::new() });
    }
    let error = refused(folder, "journal --from 884 --passphrase-file passphrase");
    assert!(error.contains("the journal ends with entry 883: --from 884 lies behind it"), "{error}");
}

#[test]
fn a_register_opens_with_its_new_key_alone() {
    let folder = sample();
    let folder = folder.path();
    done(folder, "rekey --new-key-file key --make-key");
    let error = refused(folder, "check --passphrase-file passphrase");
    assert!(error.contains("does not open with this passphrase or key file"), "{error}");
    let output = surety(folder, "check --key-file key");
    let out = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success() && out.contains("All is as the journal says"), "{out}");
    let error = refused(folder, "rekey --key-file key --new-key-file key --make-key");
    assert!(error.contains("cannot make the key file"), "{error}");
    assert!(surety(folder, "check --key-file key").status.success(), "the key of before stays");
}
