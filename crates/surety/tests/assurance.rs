//! Assurance without exposure, end to end, with the processes that people run: XAA commits to its register, is reviewed,
//! reduces, commits again, proves what it did; and whoever holds only the log and the public files believes it.
#![expect(clippy::unwrap_used, clippy::panic, reason = "a test may fail loudly")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use surety_data::embedded;
use surety_standards::{Assessment, Publication, Regime};
use tempfile::TempDir;

const PASSPHRASE: &[&str] = &["--passphrase-file", "passphrase"];
/// All that is outside civilian programmes.
const OUTSIDE_CIVILIAN: &str = "military and naval and excess HEU";
const REGISTER: &[&str] = &["--register", "xaa.register", "--key-file", "register.key", "--by", "keeper"];

/// A folder with everybody's files.
struct Scene(TempDir);

impl Scene {
    fn new() -> Self {
        let scene = Self(tempfile::tempdir().unwrap());
        fs::write(scene.path("passphrase"), "correct horse battery staple\n").unwrap();
        for folder in ["published", "private"] {
            fs::create_dir(scene.path(folder)).unwrap();
        }
        scene
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_surety"));
        command.args(args).current_dir(self.0.path()).env("XDG_CACHE_HOME", self.path("cache"));
        command.output().unwrap()
    }

    fn said(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }

    fn refused(&self, args: &[&str]) -> String {
        let output = self.run(args);
        assert!(!output.status.success(), "{args:?} went well");
        String::from_utf8(output.stderr).unwrap()
    }

    fn register(&self, args: &[&str]) -> String {
        self.said(&[&["register"], args, REGISTER].concat())
    }

    /// Signs a draft with a key and logs it.
    fn log(&self, draft: &str, key: &str) {
        let signed = format!("{draft}.cose");
        self.said(
            &[&["statement", "sign", draft, "--key", key, "-o", &signed, "--log", "log"], PASSPHRASE]
                .concat(),
        );
        self.said(&[&["log", "submit", &signed, "--to", "log"], PASSPHRASE].concat());
    }

    /// Begins a log and admits XAA's authority and a reviewer.
    fn begin_log(&self) {
        self.said(
            &[
                &[
                    "log",
                    "init",
                    "log",
                    "--origin",
                    "log.example/surety",
                    "--keys",
                    "keys",
                    "--without-dataset",
                ],
                PASSPHRASE,
            ]
            .concat(),
        );
        for (issuer, kind, key) in [
            ("xaa.example/authority", "state-authority", "xaa.key"),
            ("peer.example/team", "reviewer", "reviewer.key"),
        ] {
            self.said(&[&["issuer", "new-key", issuer, "-o", key], PASSPHRASE].concat());
            let shown = self.said(&[&["issuer", "show", key, "--format", "json"], PASSPHRASE].concat());
            let shown: Value = serde_json::from_str(&shown).unwrap();
            let public = shown["public_key"].as_str().unwrap();
            let draft = format!("{key}.admission.json");
            let mut args =
                vec!["issuer", "draft-admission", issuer, "--kind", kind, "--name", issuer, "--key", public];
            if kind == "state-authority" {
                args.extend(["--state", "XAA"]);
            }
            self.said(&[&args[..], &["-o", &draft]].concat());
            self.log(&draft, "keys/officer-1.key");
        }
    }

    /// A register with 20 kg of military HEU at two sites, and every requirement assessed.
    fn make_register(&self) {
        self.register(&["new", "--state", "XAA", "--make-key"]);
        for (site, regime, area) in
            [("S1", "military", "XA01"), ("S2", "military", "XA02"), ("S3", "civil", "XA03")]
        {
            self.register(&["add", "site", site, "--regime", regime]);
            self.register(&["add", "area", area, "--site", site]);
        }
        for (area, batch, element_g, isotope_g) in [
            ("XA01", "B-1", "12000", "11000"),
            ("XA02", "B-2", "10000", "9000.5"),
            ("XA03", "B-3", "5000", "1500"),
        ] {
            self.register(&[
                "receive",
                area,
                batch,
                "--material",
                "enriched-uranium",
                "--element-g",
                element_g,
                "--isotope-g",
                isotope_g,
                "--form",
                "metal",
                "--irradiation",
                "unirradiated",
                "--date",
                "2024-03-01",
            ]);
        }
        let assessment = |requirement: &str, regime, maturity: &str| Assessment {
            requirement: requirement.to_owned(),
            regime,
            date: "2024-06-01".parse().unwrap(),
            assessor: "keeper".to_owned(),
            in_law: None,
            enforced: None,
            maturity: Some(maturity.parse().unwrap()),
            work: None,
            evidence: Vec::new(),
            confidence: None,
            publication: Publication::National,
            note: String::new(),
            not_applicable: None,
        };
        let all: Vec<Assessment> = embedded()
            .catalogue
            .requirements
            .iter()
            .flat_map(|requirement| {
                [(Regime::Civil, "3"), (Regime::Military, "4")]
                    .map(|(regime, maturity)| assessment(&requirement.id, regime, maturity))
            })
            .collect();
        fs::write(self.path("assessments.json"), serde_json::to_vec(&all).unwrap()).unwrap();
        self.register(&["assess", "--file", "assessments.json"]);
    }

    /// Commits on a day, publishes, and logs the root.
    fn commit(&self, date: &str) {
        let assignment = format!("private/XAA-{date}.assignment");
        let text =
            self.register(&["commit", "--date", date, "--to", "published", "--assignment", &assignment]);
        assert!(text.contains("root "), "{text}");
        self.log(&format!("published/XAA-{date}.root.json"), "xaa.key");
    }

    /// The reviewer draws, the State opens, the reviewer measures and signs.
    fn review(&self, date: &str, found_false: &str, name: &str) {
        self.review_of(OUTSIDE_CIVILIAN, "18", date, found_false, name);
    }

    /// What a reviewer asks for, by the log's checkpoint.
    fn challenge(&self, date: &str, of: &str, leaves: &str, name: &str) -> String {
        let package = format!("published/XAA-{date}.package");
        let challenge = format!("private/{name}.challenge");
        self.said(&[
            "review",
            "challenge",
            "--package",
            &package,
            "--of",
            of,
            "--leaves",
            leaves,
            "--beacon",
            "log/public/checkpoint",
            "-o",
            &challenge,
        ]);
        challenge
    }

    fn review_of(&self, of: &str, leaves: &str, date: &str, found_false: &str, name: &str) {
        let package = format!("published/XAA-{date}.package");
        let [sample, finding] = ["sample.age", "finding.json"].map(|end| format!("private/{name}.{end}"));
        let challenge = self.challenge(date, of, leaves, name);
        let reader = fs::read_to_string(self.path("private/reader.txt")).unwrap();
        self.register(&[
            "disclose",
            "--root",
            date,
            "--reader",
            reader.trim(),
            "--challenge",
            &challenge,
            "--despite-warning",
            "-o",
            &sample,
        ]);
        let root = root_of(&self.path(&format!("published/XAA-{date}.root.json")));
        let text = self.said(&[
            "disclosure",
            "check",
            &sample,
            "--identity",
            "private/reader.key",
            "--root",
            &root,
            "--challenge",
            &challenge,
        ]);
        assert!(text.contains("entries are what XAA committed to") && text.contains('%'), "{text}");
        let asked: Value = serde_json::from_str(&self.said(&[
            "disclosure",
            "check",
            &sample,
            "--identity",
            "private/reader.key",
            "--root",
            &root,
            "--format",
            "json",
        ]))
        .unwrap();
        let opened = asked["opened"].as_array().unwrap();
        assert!(opened.iter().all(|leaf| leaf.as_str().unwrap().starts_with("leaf ")), "{asked:#}");
        self.said(&[
            "review",
            "sign",
            "--package",
            &package,
            "--challenge",
            &challenge,
            "--disclosure",
            &sample,
            "--identity",
            "private/reader.key",
            "--assignment",
            &format!("private/XAA-{date}.assignment"),
            "--method",
            "items weighed",
            "--date",
            date,
            "--text",
            "as declared",
            "--found-false",
            found_false,
            "-o",
            &finding,
        ]);
        self.log(&finding, "reviewer.key");
    }

    /// Every other claim is made, and verifies by itself; a bound that is not true is refused.
    fn claims_of_every_kind(&self) {
        let prove = |claim: &str, more: &[&str]| {
            let folder = format!("claims/{claim}");
            let words: Vec<&str> = claim.split(' ').collect();
            let args = [&["prove"], &words[..], more, &["--to", &folder, "--despite-warning"]].concat();
            self.register(&args);
            let files = fs::read_dir(self.path(&folder)).unwrap().map(|entry| entry.unwrap().path());
            let files: Vec<String> = files
                .filter(|path| path.extension().is_some_and(|end| end == "claim" || end == "ranges"))
                .map(|path| path.display().to_string())
                .collect();
            let mut verify =
                vec!["verify", "published/XAA-2024-12-31.package", "published/XAA-2025-12-31.package"];
            verify.extend(files.iter().map(String::as_str));
            let older: Vec<String> = fs::read_dir(self.path("published"))
                .unwrap()
                .map(|entry| entry.unwrap().path().display().to_string())
                .filter(|name| name.ends_with(".ranges"))
                .collect();
            verify.extend(older.iter().map(String::as_str));
            self.said(&verify)
        };
        let military = ["--of", "military HEU"];
        let since = ["--since", "2024-12-31"];
        let known = prove("total --at-least-g 1000 --at-most-g 90000", &military);
        assert!(known.contains("military HEU"), "{known}");
        prove("elimination", &["--of", "civil plutonium"]);
        prove("category --at-most below-III", &["--of", "civil plutonium"]);
        prove("sites --at-most 2", &military);
        let known = prove("fewer-sites --fewer-by 1", &[&military[..], &since].concat());
        assert!(known.contains("fell by at least 1"), "{known}");
        let refused = |args: &[&str]| {
            self.refused(&[&["register", "prove"], args, &["--to", "claims/no"], REGISTER].concat())
        };
        assert!(
            refused(&["fewer-sites", "--fewer-by", "2", "--of", "military HEU", "--since", "2024-12-31"])
                .contains("not true")
        );
        assert!(refused(&["balance", "--threshold-at-most-g", "1000"]).contains("no balance was closed"));
        assert!(
            refused(&["total", "--at-least-g", "5", "--at-most-g", "4", "--of", "HEU"]).contains("above")
        );
    }

    /// One root for a day, and none for a day to come; the files of one can be had again.
    fn has_one_root_for_a_day(&self) {
        let again =
            self.refused(&[&["register", "commit", "--date", "2024-12-31", "--to", "o"], REGISTER].concat());
        assert!(again.contains("already") && again.contains("--again"), "one root for a day: {again}");
        let late =
            self.refused(&[&["register", "commit", "--date", "2099-12-31", "--to", "o"], REGISTER].concat());
        assert!(late.contains("not over yet"), "{late}");
        self.register(&[
            "commit",
            "--again",
            "2024-12-31",
            "--to",
            "again",
            "--assignment",
            "again/XAA.assignment",
        ]);
        let package = |folder: &str| fs::read(self.path(folder).join("XAA-2024-12-31.package")).unwrap();
        assert_eq!(package("again"), package("published"));
    }

    /// A package of another root than the State signed is told as one.
    fn tells_another_root(&self) {
        let mine = self.register(&[
            "commit",
            "--date",
            "2025-12-31",
            "--another",
            "--to",
            "other",
            "--assignment",
            "a",
        ]);
        assert!(mine.contains("root "), "{mine}");
        let signed = "published/XAA-2025-12-31.root.json.cose";
        let package = self.one("other", ".package");
        let other = self.run(&["verify", "--trust", "later.toml", signed, &package]);
        let other = String::from_utf8(other.stdout).unwrap();
        assert!(other.contains("signed another for 2025-12-31"), "{other}");
    }

    /// A reviewer's finding tells of leaves, and says what its review says.
    fn compares_a_finding_with_its_review(&self) {
        let finding = "private/year-1.finding.json";
        let text = self.said(&["verify", "--trust", "later.toml", &format!("{finding}.cose")]);
        assert!(text.contains("reviewed 18 leaves (items weighed)"), "{text}");
        let other = fs::read_to_string(self.path(finding)).unwrap();
        let other = other.replace("\"consistent\": true", "\"consistent\": false");
        fs::write(self.path("private/other-finding.json"), other).unwrap();
        let other = self.sign("private/other-finding.json", "reviewer.key");
        let (text, _) = self.bad(&[&other]);
        assert!(text.contains("it says another result than the review that it names"), "{text}");
    }

    /// Without the package, or with another one in its place, the proofs show nothing.
    fn believes_nothing_without_the_package(&self) {
        fs::create_dir(self.path("nothing")).unwrap();
        assert_ne!(self.verdict("D4", "nothing", &[]).1, 5);
        let refused = self.run(&["why", "XAA", "D4", "--log", "log", "--attachments", "nothing"]);
        let refused = String::from_utf8(refused.stderr).unwrap();
        assert!(
            refused.contains("is no fact") && refused.contains("no package here is of that root"),
            "{refused}"
        );
        fs::create_dir(self.path("changed")).unwrap();
        for entry in fs::read_dir(self.path("published")).unwrap() {
            let entry = entry.unwrap();
            let mut bytes = fs::read(entry.path()).unwrap();
            if entry.file_name() == "XAA-2025-12-31.package" {
                let last = bytes.len() - 1;
                bytes[last] ^= 1;
            }
            fs::write(self.path("changed").join(entry.file_name()), bytes).unwrap();
        }
        assert_ne!(self.verdict("D4", "changed", &[]).1, 5);
    }

    /// Verdict and level of an action, for whoever holds the log and these files.
    fn verdict(&self, action: &str, files: &str, more: &[&str]) -> (String, u64) {
        let args = [
            "why",
            "XAA",
            action,
            "--log",
            "log",
            "--attachments",
            files,
            "--format",
            "json",
            "--as-of",
            "2026-06-01",
        ];
        let text = self.said(&[&args, more].concat());
        let json: Value = serde_json::from_str(&text).unwrap();
        let finding = json.get("finding").unwrap_or(&json);
        (
            finding["verdict"].as_str().unwrap().to_owned(),
            finding["level"].as_u64().unwrap_or_else(|| panic!("{json:#}")),
        )
    }
}

fn root_of(draft: &Path) -> String {
    let draft: Value = serde_json::from_slice(&fs::read(draft).unwrap()).unwrap();
    draft["says"]["root"].as_str().unwrap().to_owned()
}

fn met(level: u64) -> (String, u64) {
    ("met".to_owned(), level)
}

#[test]
fn a_state_is_believed_by_whoever_holds_only_the_log() {
    use age::secrecy::ExposeSecret as _;
    let scene = Scene::new();
    let identity = age::x25519::Identity::generate();
    fs::write(scene.path("private/reader.key"), identity.to_string().expose_secret()).unwrap();
    fs::write(scene.path("private/reader.txt"), identity.to_public().to_string()).unwrap();
    scene.begin_log();
    scene.make_register();

    // Year 1: what it holds, to twenty kilograms, and a root that binds it to the rest.
    scene.register(&[
        "draft",
        "holdings",
        "--material",
        "HEU",
        "--purpose",
        "military",
        "--year",
        "2024",
        "--round-kg",
        "20",
        "--output",
        "stock.json",
    ]);
    scene.log("stock.json", "xaa.key");
    scene.commit("2024-12-31");
    scene.review("2024-12-31", "0", "year-1");

    scene.has_one_root_for_a_day();

    // It gives up a site, and commits again.
    scene.register(&["ship", "XA02", "B-2", "--foreign", "--to", "XAB", "--date", "2025-06-01"]);
    scene.commit("2025-12-31");

    // What is not true cannot be proven; what is, can.
    let decrease = |by_g: &'static str| {
        [
            "prove",
            "decrease",
            "--of",
            OUTSIDE_CIVILIAN,
            "--since",
            "2024-12-31",
            "--by-g",
            by_g,
            "--to",
            "published",
            "--despite-warning",
        ]
    };
    let refused = scene.refused(&[&["register"], &decrease("9001")[..], REGISTER].concat());
    assert!(refused.contains("not true"), "{refused}");
    let text = scene.register(&decrease("5000"));
    assert!(text.contains("fell by at least 5 kg") && !text.contains("9000"), "{text}");
    let nothing = scene.refused(&[&["register"], &decrease("0")[..], REGISTER].concat());
    assert!(nothing.contains("more than nothing"), "what did not fall is no decrease: {nothing}");
    scene.register(&["prove", "parity", "--to", "published"]);
    scene.claims_of_every_kind();
    let drafts: Vec<String> = fs::read_dir(scene.path("published"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".proof.json"))
        .map(|name| format!("published/{name}"))
        .collect();
    assert_eq!(drafts.len(), 2, "{drafts:?}");
    let claims_more = claims_more(&scene, &drafts);
    for draft in &drafts {
        scene.log(draft, "xaa.key");
    }

    // Nobody reviewed the second root yet: it is the State's word.
    assert_eq!(scene.verdict("D4", "published", &[]), met(2));
    assert_eq!(scene.verdict("M1", "published", &[]), met(2));
    // Who looked at other material says nothing of this.
    scene.review_of("naval HEU", "6", "2025-12-31", "0", "year-2-naval");
    assert_eq!(scene.verdict("D4", "published", &[]), met(2));
    scene.review("2025-12-31", "0", "year-2");

    // Whoever holds only the log and the public files sees it proven.
    for action in ["D4", "M1", "M3"] {
        assert_eq!(scene.verdict(action, "published", &[]), met(5), "{action}");
    }
    let page =
        scene.said(&["state", "XAA", "--log", "log", "--attachments", "published", "--as-of", "2026-06-01"]);
    assert!(page.contains("invented"), "{page}");
    assert!(scene.refused(&["state", "XAA"]).contains("no State"), "the built-in world knows no XAA");

    // Each file verifies by itself, offline, and says what remains assumed.
    let files: Vec<String> = fs::read_dir(scene.path("published"))
        .unwrap()
        .map(|entry| format!("published/{}", entry.unwrap().file_name().into_string().unwrap()))
        .filter(|name| [".package", ".ranges", ".claim", ".cose"].iter().any(|end| name.ends_with(end)))
        .collect();
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    scene.said(&["log", "trust", "log", "-o", "later.toml"]);
    let text = scene.said(&[&["verify", "--trust", "later.toml"], &files[..]].concat());
    assert!(text.contains("only inspection can") && !text.contains("NOT VERIFIED"), "{text}");

    assert!(
        text.contains("is the one that the State signed"),
        "roots are compared with what was signed: {text}"
    );

    scene.compares_a_finding_with_its_review();
    scene.believes_nothing_without_the_package();

    // A statement that claims more than its proof shows is no fact, and leaves what stands.
    scene.log(&claims_more, "xaa.key");
    let output = scene.run(&["why", "XAA", "D4", "--log", "log", "--attachments", "published"]);
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("says other than its proof shows"), "{told}");
    assert_eq!(scene.verdict("D4", "published", &[]), met(5));

    // One false leaf, and nothing of that root is proven any more.
    scene.review("2025-12-31", "1", "year-2-again");
    assert_eq!(scene.verdict("D4", "published", &[]), met(2));
    assert_eq!(scene.verdict("M1", "published", &[]), met(2));

    scene.tells_another_root();
}

/// The draft of the decrease, with a larger number than was proven.
fn claims_more(scene: &Scene, drafts: &[String]) -> String {
    let draft = drafts.iter().find(|name| name.contains("decrease")).unwrap();
    let text = fs::read_to_string(scene.path(draft)).unwrap();
    let more = text.replace("\"value\": \"5000\"", "\"value\": \"9000\"");
    assert_ne!(text, more);
    fs::write(scene.path("private/more.json"), more).unwrap();
    "private/more.json".to_owned()
}

/// XAA with two roots and a decrease between them, all logged; and whoever looks at the files by a trust file.
fn decreased() -> Scene {
    let scene = Scene::new();
    scene.begin_log();
    scene.make_register();
    scene.commit("2024-12-31");
    scene.register(&["ship", "XA02", "B-2", "--foreign", "--to", "XAB", "--date", "2025-06-01"]);
    scene.commit("2025-12-31");
    scene.register(&DECREASE);
    scene.said(&["log", "trust", "log", "-o", "later.toml"]);
    scene
}

const DECREASE: [&str; 9] = [
    "prove",
    "decrease",
    "--of",
    "military HEU",
    "--since",
    "2024-12-31",
    "--by-g=5000",
    "--to=published",
    "--despite-warning",
];

impl Scene {
    /// The only file of a folder whose name ends so.
    fn one(&self, folder: &str, end: &str) -> String {
        let all = fs::read_dir(self.path(folder)).unwrap();
        let names = all.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names = names.filter(|name| name.ends_with(end));
        let name = names.next().unwrap_or_else(|| panic!("no {end} in {folder}"));
        assert_eq!(names.next(), None, "two {end} in {folder}");
        format!("{folder}/{name}")
    }

    fn sign(&self, draft: &str, key: &str) -> String {
        let signed = format!("{draft}.cose");
        self.said(
            &[&["statement", "sign", draft, "--key", key, "-o", &signed, "--log", "log"], PASSPHRASE]
                .concat(),
        );
        signed
    }

    /// What `verify` tells of these files when one of them is bad, file by file.
    fn bad(&self, files: &[&str]) -> (String, Value) {
        let args = [&["verify", "--trust", "later.toml"], files].concat();
        let output = self.run(&args);
        assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
        let json = self.run(&[&args[..], &["--format", "json"]].concat());
        (String::from_utf8(output.stdout).unwrap(), serde_json::from_slice(&json.stdout).unwrap())
    }

    /// A file with its first bytes, or its first line, not as they were.
    fn damaged(&self, file: &str, name: &str) -> String {
        let mut bytes = fs::read(self.path(file)).unwrap();
        bytes[3] ^= 0x55;
        let name = format!("private/{name}");
        fs::write(self.path(&name), bytes).unwrap();
        name
    }
}

/// What the answer of `verify` in JSON has of a file.
fn of_file<'a>(json: &'a Value, file: &str) -> &'a Value {
    let files = json["files"].as_array().unwrap();
    files.iter().find(|found| found["file"] == file).unwrap_or_else(|| panic!("no {file}: {json:#}"))
}

#[test]
fn verify_tells_of_each_file_whether_it_holds_beside_the_others() {
    let scene = decreased();
    let packages = ["published/XAA-2024-12-31.package", "published/XAA-2025-12-31.package"];
    let ranges =
        ["published/XAA-2024-12-31.military-HEU.ranges", "published/XAA-2025-12-31.military-HEU.ranges"];
    let claim = scene.one("published", ".claim");
    let draft = scene.one("published", ".proof.json");

    // A statement that says more than the claim that it names.
    let more = claims_more(&scene, std::slice::from_ref(&draft));
    let says_more = scene.sign(&more, "xaa.key");
    let all = [&packages[..], &ranges, &[&claim, &says_more]].concat();
    let (text, json) = scene.bad(&all);
    let why = of_file(&json, &says_more)["why"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned();
    assert!(why.contains("says other than its proof shows") && why.contains("5 kg"), "{why}");
    assert_eq!(of_file(&json, &claim)["verified"], true, "the claim itself holds");
    // One that says what its claim shows is verified, and says where the claim is not here.
    let says = scene.sign(&draft, "xaa.key");
    let all = [&packages[..], &ranges, &[&claim, &says]].concat();
    let text = scene.said(&[&["verify", "--trust", "later.toml"], &all[..]].concat());
    assert!(!text.contains("That it is proven"), "{text}");

    // A file whose beginning is damaged takes nothing else with it, and no word of encodings is said.
    let broken = [
        scene.damaged(packages[1], "broken.package"),
        scene.damaged(&claim, "broken.claim"),
        scene.damaged("published/XAA-2024-12-31.root.json.cose", "broken.cose"),
        draft.clone(),
    ];
    let challenge = scene.challenge("2024-12-31", "military HEU", "2", "2024-12-31");
    let broken: Vec<&str> = broken.iter().map(String::as_str).chain([challenge.as_str()]).collect();
    let (text, json) = scene.bad(&[&packages[..], &broken].concat());
    assert_eq!(json["files"].as_array().unwrap().len(), 7, "{text}");
    for file in packages {
        assert_eq!(of_file(&json, file)["verified"], true, "{text}");
    }
    for (file, says) in broken.iter().zip([
        "beginning is damaged",
        "beginning",
        "is damaged",
        "is a draft",
        "the challenge of a reviewer",
    ]) {
        let why = of_file(&json, file)["why"].as_str().unwrap_or_else(|| panic!("{file}: {text}"));
        assert!(why.contains(says) && !why.contains("CBOR") && !why.contains("tag"), "{file}: {why}");
    }

    // Range proofs that no statement names are no help to whoever reads the log.
    let others = scene.ranges_made_again(ranges[1]);
    let all = [&packages[..], &[ranges[0], &others, &says]].concat();
    let text = scene.said(&[&["verify", "--trust", "later.toml"], &all[..]].concat());
    assert!(text.contains("no statement here names it"), "{text}");

    scene.tells_two_roots_of_a_day();
}

impl Scene {
    /// Range proofs of the same root and class as a file has, with other bytes: as another program makes them.
    fn ranges_made_again(&self, file: &str) -> String {
        let key = surety_register::Secret::key_file(&fs::read(self.path("register.key")).unwrap()).unwrap();
        let register = surety_register::Register::open(&self.path("xaa.register"), &key).unwrap();
        let committed = register.committed(&register.find_committed(None).unwrap()).unwrap();
        let class = "military HEU";
        let class = surety_proof::Class::all().find(|known| known.to_string() == class).unwrap();
        let mut rng = <rand::rngs::StdRng as rand_core::SeedableRng>::from_seed([1; 32]);
        let bytes = committed.ranges(class, &mut rng).unwrap();
        assert_ne!(bytes, fs::read(self.path(file)).unwrap());
        fs::write(self.path("private/other.ranges"), bytes).unwrap();
        "private/other.ranges".to_owned()
    }

    /// Whoever is given both signed roots of a day is told so, of each of them and of what is made of them.
    fn tells_two_roots_of_a_day(&self) {
        self.register(&["commit", "--date", "2025-12-31", "--another", "--to", "second"]);
        let draft = self.one("second", ".root.json");
        let second = self.sign(&draft, "xaa.key");
        let first = "published/XAA-2025-12-31.root.json.cose";
        let package = self.one("second", ".package");
        assert!(package != "second/XAA-2025-12-31.package", "both can be in one folder");
        let files = [first, &second, "published/XAA-2025-12-31.package", &package];
        let args = [&["verify", "--trust", "later.toml", "--format", "json"], &files[..]].concat();
        let json: Value = serde_json::from_str(&self.said(&args)).unwrap();
        for file in files {
            let note =
                of_file(&json, file)["notes"][0].as_str().unwrap_or_else(|| panic!("{file}: {json:#}"));
            assert!(note.contains("another root for 2025-12-31"), "{file}: {note}");
        }
        // With the log at hand, the draft takes the place of the one that is logged.
        let root = root_of(&self.path(&draft));
        let said = self.register(&[
            "commit",
            "--again",
            &root,
            "--log",
            "log",
            "--to",
            "third",
            "--assignment",
            "private/third.assignment",
        ]);
        assert!(said.contains("The draft corrects entry"), "{said}");
        let draft: Value =
            serde_json::from_slice(&fs::read(self.path(&self.one("third", ".root.json"))).unwrap()).unwrap();
        assert_eq!(draft["corrects"]["issuer"], "xaa.example/authority", "{draft:#}");
        let third = self.sign(&self.one("third", ".root.json"), "xaa.key");
        let args = ["verify", "--trust", "later.toml", "--format", "json", first, &third];
        let json: Value = serde_json::from_str(&self.said(&args)).unwrap();
        let note = |file| of_file(&json, file)["notes"][0].as_str().unwrap();
        assert!(
            note(first).contains("counts no more") && note(&third).contains("takes the place"),
            "{json:#}"
        );
    }
}

/// What goes wrong at the keeper's desk is told in words that help.
#[test]
fn what_is_refused_says_what_to_do() {
    let scene = decreased();
    let refused = |args: &[&str]| scene.refused(&[&["register"], args, REGISTER].concat());

    // What is not true is told with what is, and leaves nothing behind.
    for (claim, truth) in [
        (
            &["total", "--of", "military HEU", "--at-least-g", "60000"][..],
            "the register has 11 kg of U-235 on",
        ),
        (
            &["decrease", "--of", "military HEU", "--by-g", "10000", "--since", "2024-12-31"],
            "the register has 20.0005 kg of U-235 on 2024-12-31; the register has 11 kg of U-235 on 2025-12-31",
        ),
        (&["elimination", "--of", "civil HEU"], "the register has 1.5 kg of U-235"),
        (&["category", "--of", "military HEU", "--at-most", "II"], "site S1 has 11 kg of U-235"),
        (&["sites", "--of", "HEU", "--at-most", "1"], "2 sites hold any on 2025-12-31"),
        (
            &["fewer-sites", "--of", "HEU", "--fewer-by", "2", "--since", "2024-12-31"],
            "3 sites hold any on 2024-12-31; 2 sites hold any on 2025-12-31",
        ),
    ] {
        let why = refused(&[&["prove"], claim, &["--to", "nothing"]].concat());
        assert!(why.contains("not true") && why.contains(truth), "{claim:?}: {why}");
    }
    assert!(!scene.path("nothing").exists(), "a refused proof leaves no folder");

    for (args, says) in [
        (&["prove", "total", "--of", "HEU", "--to", "o"][..], "--at-least-g <GRAMS>|--at-most-g <GRAMS>"),
        (
            &["prove", "category", "--of", "civil LEU-below-10", "--at-most", "III", "--to", "o"],
            "no mass of civil LEU-below-10 is of a category above III",
        ),
        (
            &["prove", "category", "--of", "HEU, plutonium", "--at-most", "II", "--to", "o"],
            "more than one material",
        ),
        (&["commit", "--date", "2019-12-31", "--to", "o"], "its first inventory change is of 2024-03-01"),
        (
            &["disclose", "--reader", "age1foo", "--item", "B-1", "-o", "d.age"],
            "`age1foo` is damaged or incomplete",
        ),
    ] {
        let why = refused(args);
        assert!(why.contains(says), "{args:?}: {why}");
    }
    let why = refused(&[
        "commit",
        "--date",
        "2025-12-31",
        "--another",
        "--to",
        "other",
        "--assignment",
        "private/XAA-2025-12-31.assignment",
    ]);
    assert!(why.contains("with --assignment"), "{why}");

    // Range proofs are the same in whatever folder they are made.
    let total = ["prove", "total", "--of", "military HEU", "--at-most-g", "90000", "--to", "again"];
    let proven = scene.register(&[&total[..], &["--despite-warning"]].concat());
    assert!(proven.contains("is at most 90 kg of U-235"), "{proven}");
    let name = "XAA-2025-12-31.military-HEU.ranges";
    let read = |folder: &str| fs::read(scene.path(folder).join(name)).unwrap();
    assert!(read("again") == read("published"), "copied together, no digest that was logged is lost");

    let missing = scene.refused(&["state", "XAA", "--log", "log", "--attachments", "nofolder"]);
    assert!(missing.contains("nofolder: there is no such folder"), "{missing}");
}

#[test]
fn a_sample_is_not_drawn_by_what_the_state_could_know() {
    let scene = Scene::new();
    scene.begin_log();
    scene.make_register();
    fs::copy(scene.path("log/public/checkpoint"), scene.path("old")).unwrap();
    scene.commit("2024-12-31");
    let challenge = |beacon: &str, output: &str, more: &[&str]| {
        let args = [
            "review",
            "challenge",
            "--package",
            "published/XAA-2024-12-31.package",
            "--of",
            "military HEU",
            "--leaves",
            "2",
            "--beacon",
            beacon,
            "-o",
            output,
        ];
        scene.run(&[&args, more].concat())
    };
    let said = |output: Output| {
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let stale = challenge("old", "no.json", &["--log", "log"]);
    let why = String::from_utf8(stale.stderr).unwrap();
    assert!(stale.status.code() == Some(2) && why.contains("it is older than the root"), "{why}");
    assert!(!scene.path("no.json").exists());
    let text = said(challenge("log/public/checkpoint", "yes.json", &["--log", "log"]));
    assert!(text.contains("it has the root: entry 5 of the 6 of"), "{text}");
    let text = said(challenge("old", "unknown.json", &[]));
    assert!(text.contains("NOT CHECKED") && text.contains("--log LOG checks it"), "{text}");

    // A finding without words is none.
    let sign = |method: &str, text: &str| {
        scene.refused(&[
            "review",
            "sign",
            "--package",
            "published/XAA-2024-12-31.package",
            "--challenge",
            "yes.json",
            "--disclosure",
            "sample.age",
            "--identity",
            "reader.key",
            "--method",
            method,
            "--text",
            text,
            "-o",
            "finding.json",
        ])
    };
    assert!(sign("", "as declared").contains("--method is empty"));
    assert!(sign("items weighed", " ").contains("--text is empty"));
}
