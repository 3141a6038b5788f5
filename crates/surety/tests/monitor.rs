//! A monitor as a process, on logs in folders.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::Arc;

use serde_json::Value;
use surety_log::{FolderStore, Identity, SEED_LEN, Sequencer, SignatureType, Signer as _, SignerKey, Stores};

const ORIGIN: &str = "log.example/surety";

fn log_key() -> SignerKey {
    SignerKey::from_seed(ORIGIN.parse().unwrap(), SignatureType::Ed25519, &[42; SEED_LEN]).unwrap()
}

/// Makes a log of these entries; gives the folder that is published.
fn log(root: &Path, entries: &[&str]) -> PathBuf {
    let stores = Stores {
        public: Arc::new(FolderStore::writer(root.join("public")).unwrap()),
        head: Arc::new(FolderStore::writer(root.join("private")).unwrap()),
    };
    let identity = Identity::new(ORIGIN.parse().unwrap(), vec![Arc::new(log_key())]).unwrap();
    let mut sequencer = Sequencer::create(stores, identity, 0).unwrap();
    sequencer.commit(entries, 0).unwrap();
    root.join("public")
}

fn surety(args: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_surety")).args(args).stdin(Stdio::null()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn a_monitor_raises_once_and_its_evidence_is_checked_by_another_process() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let one = log(&folder.path().join("one"), &["junk"]);
    let other = log(&folder.path().join("other"), &["other junk"]);
    fs::write(at("policy"), format!("log {}\nquorum none\n", log_key().verifier())).unwrap();
    let (one, other) = (one.to_str().unwrap(), other.to_str().unwrap());
    let (monitor, policy) = (at("monitor"), at("policy"));
    let run = ["monitor", "run", &monitor, one, "--policy", &policy, "--also", other, "--once"];
    let first = surety(&run);
    assert_eq!(first.status.code(), Some(1), "{}", text(&first.stderr));
    let said = text(&first.stdout);
    assert!(said.contains("NEW ALARM, split-view") && said.contains("NEW ALARM, inadmissible"), "{said}");
    assert_eq!(text(&first.stderr), "surety: 2 new: see the evidence\n");
    let second = surety(&[&run[..], &["--format", "json"]].concat());
    assert_eq!(second.status.code(), Some(0), "{}", text(&second.stderr));
    let value: Value = serde_json::from_slice(&second.stdout).unwrap();
    let alarms = value["logs"][0]["alarms"].as_array().unwrap();
    assert_eq!((alarms.len(), &alarms[0]["new"]), (2, &Value::Bool(false)));

    let shown = surety(&["monitor", "show", &monitor, "--format", "json"]);
    let shown: Value = serde_json::from_slice(&shown.stdout).unwrap();
    for alarm in shown["alarms"].as_array().unwrap() {
        let file = alarm["evidence"].as_str().unwrap();
        let checked = surety(&["monitor", "check", file, "--policy", &policy]);
        assert!(checked.status.success(), "{}", text(&checked.stderr));
        let with_copy = surety(&["monitor", "check", file, "--policy", &policy, one]);
        let said = text(&with_copy.stdout);
        assert!(said.contains("remains the monitor's word: nothing"), "{said}{}", text(&with_copy.stderr));
        let touched = fs::read_to_string(file).unwrap().replace(ORIGIN, "log.example/another");
        fs::write(at("touched.json"), touched).unwrap();
        let refused = surety(&["monitor", "check", &at("touched.json"), "--policy", &policy]);
        assert!(!refused.status.success() && refused.stdout.is_empty());
    }
}

#[test]
fn what_is_wrong_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let good = format!("log {}\nquorum none\n", log_key().verifier());
    fs::write(at("policy"), good).unwrap();
    fs::write(at("bad"), "log nonsense\n").unwrap();
    let (monitor, policy, bad, none) = (at("monitor"), at("policy"), at("bad"), at("none"));
    for (args, says) in [
        (vec!["monitor", "run", &monitor, &none, "--once"], "--trust"),
        (vec!["monitor", "run", &monitor, &none, "--policy", &bad, "--once"], "line 1 of the policy"),
        (vec!["monitor", "run", &monitor, &none, "--policy", &policy, "--once"], "could not open the folder"),
        (vec!["monitor", "run", &monitor, "ftp://log.example", "--policy", &policy], "only http and https"),
        (vec!["monitor", "run", &monitor, &none, "--policy", &policy, "--interval", "5"], "is not a time"),
        (vec!["monitor", "check", &policy, "--policy", &policy], "no evidence file"),
        (vec!["monitor", "show", &none], "cannot read"),
    ] {
        let output = surety(&args);
        let error = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        assert!(error.contains(says), "{args:?}: {error}");
    }
}
