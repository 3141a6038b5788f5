//! Officers, issuers and what they say, with the processes that people run: from two officers who decide together to a
//! comment of a State, new officers, and a log that was set back.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use age::secrecy::SecretString;
use serde_json::Value;
use surety_statement::keyfile::KeyFile;
use surety_statement::{Algorithm, Digest, SignedStatement};
use tempfile::TempDir;
use zeroize::Zeroizing;

const PASSPHRASE: &str = "correct horse battery staple";

/// A folder with everybody's files, and a log with two officers who decide together.
struct Scene(TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        let begun = scene.said(
            "log init log --origin log.example/surety --officers 2 --threshold 2 --keys keys \
                                --without-dataset",
        );
        assert!(begun.contains("log.example/surety/officer-2") && begun.contains("Threshold"), "{begun}");
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Runs the program with these words; `~` in a word is a space.
    fn run(&self, words: &str) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_surety"));
        command.args(words.split_whitespace().map(|word| word.replace('~', " "))).current_dir(self.0.path());
        command.env("XDG_CACHE_HOME", self.path("cache")).env("XDG_STATE_HOME", self.path("state"));
        command.env("SURETY_PASSPHRASE", PASSPHRASE).output().unwrap()
    }

    fn said(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, words: &str) -> String {
        let output = self.run(words);
        assert!(!output.status.success(), "{words} went well");
        String::from_utf8(output.stderr).unwrap()
    }

    fn json(&self, words: &str) -> Value {
        serde_json::from_str(&self.said(&format!("{words} --format json"))).unwrap()
    }

    /// Signs a draft and logs it.
    fn log(&self, draft: &str, key: &str) -> String {
        let signed = format!("{draft}.cose");
        self.said(&format!("statement sign {draft} --key {key} -o {signed} --log log"));
        self.said(&format!("log submit {signed} --to log --trust log/trust.toml"))
    }

    /// One officer proposes a draft, the other endorses it.
    fn decide(&self, draft: &str) {
        self.log(draft, "keys/officer-1.key");
        self.said(&format!("issuer draft-endorsement {draft}.cose -o {draft}.endorsement"));
        self.log(&format!("{draft}.endorsement"), "keys/officer-2.key");
    }

    fn new_key(&self, issuer: &str, file: &str) -> String {
        self.said(&format!("issuer new-key {issuer} -o {file}"));
        self.json(&format!("issuer show {file}"))["public_key"].as_str().unwrap().to_owned()
    }

    fn admit(&self, issuer: &str, kind: &str, file: &str) {
        let key = self.new_key(issuer, file);
        let words = format!(
            "issuer draft-admission {issuer} --kind {kind} --name {issuer} --key {key} -o {file}.admission"
        );
        self.said(&words);
        self.decide(&format!("{file}.admission"));
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.unwrap().file_name()));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).unwrap();
        }
    }
}

#[test]
fn officers_admit_issuers_who_speak_for_themselves_alone() {
    let scene = Scene::new();
    scene.admit("xaa.example/authority", "state-authority --state XAA", "xaa.key");
    scene.admit("ngo.example/observer", "observer", "observer.key");
    let listed = scene.said("issuer list --log log --format csv");
    assert!(listed.contains("2 decide together") && listed.contains("xaa.example/authority"), "{listed}");
    let listed = scene.json("issuer list --log log");
    assert_eq!(listed["officers"][1]["officer"], "log.example/surety/officer-2");
    assert_eq!(listed["officers"][0]["threshold"], 2);

    let told = scene.said(
        "statement new commitment --set about=XAA --set date.date=2026-01-05 --set says.text=Reduce~by~10~kg --set \
         says.due=2026 --set id=C1 --set says.material= -o c1.json",
    );
    assert!(told.contains("c1.json"), "{told}");
    let logged = scene.log("c1.json", "observer.key");
    assert!(logged.contains("is logged at 9, seen by no witness: c1.json.cose.tlog-proof"), "{logged}");
    let shown = scene.said("log show log 9");
    assert!(shown.contains("ngo.example/observer") && shown.contains("Reduce by 10 kg"), "{shown}");

    let text = fs::read_to_string(scene.path("c1.json")).unwrap();
    fs::write(scene.path("other.json"), text.replace("XAA", "XAB")).unwrap();
    let error = scene.refused("statement sign other.json --key xaa.key -o other.cose --log log");
    assert!(error.contains("the log would not take it") && error.contains("XAB"), "{error}");
    assert!(!scene.path("other.cose").exists(), "nothing is written that would be refused");

    let entry = scene.json("log show log 9");
    let reference = format!(
        "--set refers_to.issuer=ngo.example/observer --set refers_to.number=1 --set refers_to.sha256={}",
        entry["payload_sha256"].as_str().unwrap()
    );
    scene.said(&format!(
        "statement new comment --set about=XAA --set date.date=2026-02-01 --set says.text=We~said~2029 {reference} -o \
         comment.json"
    ));
    scene.log("comment.json", "xaa.key");
    let why = scene.said("why XAA C8 --log log --as-of 2027-03-01");
    assert!(why.contains("We said 2029"), "what a State says stands beside what it answers: {why}");
}

#[test]
fn new_officers_follow_and_a_policy_names_witnesses() {
    let scene = Scene::new();
    scene.admit("ngo.example/observer", "observer", "observer.key");
    let key = scene.new_key("root.example/new", "new.key");
    scene.said(&format!("issuer draft-root --threshold 1 --officer root.example/new={key} -o root.json"));
    scene.decide("root.json");
    scene.said("log trust log -o newer.toml");
    let verified = scene.said("verify observer.key.admission.cose --trust newer.toml");
    assert!(verified.contains("officer of the root") && verified.contains("the word of one"), "{verified}");

    fs::write(scene.path("policy"), "quorum none\n").unwrap();
    let error = scene.refused("issuer draft-policy policy -o policy.json");
    assert!(error.contains("policy"), "a policy names its log: {error}");
    let vkey = fs::read_to_string(scene.path("log/log.vkey")).unwrap();
    fs::write(scene.path("policy"), format!("log {vkey}quorum none\n")).unwrap();
    scene.said("issuer draft-policy policy --statements-per-minute 60 -o policy.json");
    let error = scene.refused("statement sign policy.json --key keys/officer-1.key -o no.cose --log log");
    assert!(error.contains("the log would not take it"), "an officer no longer: {error}");
    scene.log("policy.json", "new.key");
    assert!(scene.said("issuer list --log log --format csv").contains("decides alone"));
}

#[test]
fn a_log_that_was_set_back_is_refused_where_it_was_kept() {
    let scene = Scene::new();
    scene.admit("ngo.example/observer", "observer", "observer.key");
    copy(&scene.path("log"), &scene.path("old"));
    let draft = "statement new commitment --set about=XAA --set date.date=2026 --set says.text=Less --set says.due=2030 \
                 --set says.material= -o c.json";
    scene.said(draft);
    scene.log("c.json", "observer.key");
    assert!(scene.said("log fsck log").contains("its head belongs to it"));
    fs::remove_dir_all(scene.path("log")).unwrap();
    copy(&scene.path("old"), &scene.path("log"));
    let error = scene.refused("log submit c.json.cose --to log");
    assert!(error.contains("an old copy was restored"), "{error}");

    copy(&scene.path("old/private"), &scene.path("log/private"));
    fs::write(scene.path("log/private/head"), "junk").unwrap();
    let error = scene.refused("log fsck log");
    assert!(error.contains("head") && error.contains("damaged"), "{error}");
}

#[test]
fn a_key_carries_the_certificates_of_its_authority() {
    let scene = Scene::new();
    let seed = Zeroizing::new(Digest::of(b"xaa").0);
    let key = KeyFile::new("xaa.example/authority".parse().unwrap(), Algorithm::Es256, seed);
    let sealed = key.seal(&SecretString::from(PASSPHRASE.to_owned()), Some(5)).unwrap();
    fs::write(scene.path("xaa.key"), sealed).unwrap();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../surety-statement/tests/certificates");
    let pem = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    fs::write(scene.path("chain.pem"), pem("leaf.pem") + &pem("intermediate.pem")).unwrap();
    fs::write(scene.path("other.pem"), pem("other-leaf.pem")).unwrap();
    let error = scene.refused("issuer certify xaa.key --chain other.pem -o no.key");
    assert!(error.contains("for another key"), "{error}");
    scene.said("issuer certify xaa.key --chain chain.pem -o certified.key");
    scene.said(
        "statement new commitment --set about=XAA --set date.date=2026 --set says.text=Less --set says.due=2030 --set \
         says.material= -o c.json",
    );
    scene.said("statement sign c.json --key certified.key -o c.cose");
    let signed = SignedStatement::parse(&fs::read(scene.path("c.cose")).unwrap()).unwrap();
    assert_eq!(signed.certificates().len(), 2);
}
