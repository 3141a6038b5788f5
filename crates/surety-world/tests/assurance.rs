//! Which proofs are facts, and how well assured: every way to claim more than was proven.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test may fail loudly")]

use std::collections::BTreeMap;

use rand::rngs::StdRng;
use rand_core::SeedableRng as _;
use surety_core::{FactDate, Level, StateCode};
use surety_proof::{
    Challenge, Claim, Class, Committed, DecreaseClaim, FileKind, Holder, Holding, Material, Padding,
    ProvenClaim, Purpose, Register, Review, Sampled, Scope, Secret, SitesClaim,
};
use surety_standards::Catalogue;
use surety_statement::{
    Accepted, Attachment, Body, Bound, Content, Digest, Issuer, IssuerId, IssuerKind, Payload, Place,
    Reference, RegisterRoot, ReviewFinding, Subject,
};
use surety_world::{Evidence, Fold, PublicRecord, SCHEME, claim_statement, media_type};

const HEU: Class = Class { material: Material::Heu, purpose: Purpose::Military };

fn rng() -> StdRng {
    StdRng::from_seed([3; 32])
}

fn state(code: &str) -> StateCode {
    code.parse().unwrap()
}

fn committed(code: &str, date: &str, masses_kg: &[u64]) -> Committed {
    let holdings = masses_kg.iter().zip(1..).map(|(kg, number): (_, u32)| Holding {
        id: format!("h-{number}"),
        site: format!("site-{number}"),
        area: format!("area-{number}"),
        class: HEU,
        mass_mg: kg * 1_000_000,
    });
    let register = Register::new(state(code), date.parse().unwrap(), holdings.collect(), vec![], vec![]);
    Committed::new(&register.unwrap(), Padding::PerClass, &Secret::from_bytes([8; 32])).unwrap()
}

/// A log in which people speak, and the files beside it.
#[derive(Default)]
struct Log {
    fold: Fold,
    size: u64,
    spoken: BTreeMap<IssuerId, u64>,
    files: BTreeMap<Digest, Vec<u8>>,
}

impl Log {
    fn say(&mut self, kind: IssuerKind, of: Option<&str>, about: &str, date: &str, body: Body) {
        self.correct(kind, of, about, date, body, None);
    }

    /// Says it in the place of an earlier statement of the same issuer, by its number.
    fn correct(
        &mut self,
        kind: IssuerKind,
        of: Option<&str>,
        about: &str,
        date: &str,
        body: Body,
        earlier: Option<u64>,
    ) {
        let id = format!("{}.example/{kind}", of.unwrap_or("peer").to_lowercase());
        let id: IssuerId = id.parse().unwrap();
        let number = self.spoken.entry(id.clone()).and_modify(|number| *number += 1).or_insert(1);
        let mut payload = Payload::new(Subject::State(state(about)), Content::Fact(body), Place::FIRST);
        payload.number = *number;
        payload.date = FactDate::on(date.parse().unwrap());
        let digest_of = |number: u64| Digest::of(format!("{id}{number}").as_bytes());
        let digest = digest_of(*number);
        payload.corrects =
            earlier.map(|number| Reference { issuer: id.clone(), number, sha256: digest_of(number) });
        let issuer = Some(Issuer { kind, name: id.to_string(), state: of.map(state) });
        self.fold.add(&Accepted { index: self.size, id, issuer, payload, digest, decided: None });
        self.size += 1;
    }

    fn attach(&mut self, kind: FileKind, bytes: &[u8]) -> Attachment {
        self.files.insert(Digest::of(bytes), bytes.to_vec());
        Attachment::at(&media_type(kind), bytes, "file".to_owned())
    }

    fn root(&mut self, committed: &Committed) -> Body {
        let package = self.attach(FileKind::Package, committed.package());
        Body::RegisterRoot(RegisterRoot {
            scheme: SCHEME.to_owned(),
            root: Digest(committed.anchor().root.0),
            leaves: committed.header().layout.leaves(),
            package: Some(package),
        })
    }

    /// XAA says its roots, each of its day.
    fn say_roots(&mut self, roots: &[Committed]) {
        for root in roots {
            let (body, day) = (self.root(root), root.anchor().date.to_string());
            self.say(IssuerKind::StateAuthority, Some("XAA"), "XAA", &day, body);
        }
    }

    fn proof(
        &mut self,
        claim: &Claim,
        older: Option<&Committed>,
        newer: &Committed,
    ) -> surety_statement::ProvenClaim {
        let bytes = newer.prove(claim, older, &mut rng()).unwrap();
        let proven = ProvenClaim::read(&bytes).unwrap();
        let ranges: Vec<Attachment> = older
            .into_iter()
            .chain([newer])
            .map(|committed| self.attach(FileKind::Ranges, &committed.ranges(HEU, &mut rng()).unwrap()))
            .collect();
        let proof = Attachment::new(&media_type(FileKind::Claim), &bytes, String::new);
        claim_statement(&proven, newer.header(), &Catalogue::default(), proof, ranges)
    }

    fn finish(self) -> PublicRecord {
        let attachments = |sha256: Digest| self.files.get(&sha256).cloned();
        self.fold.finish_with(&Evidence {
            attachments: &attachments,
            catalogue: &Catalogue::default(),
            origin: Some("log.example"),
        })
    }
}

/// The level of the proof in a record; none when it is no fact.
fn level(record: &PublicRecord) -> Option<Level> {
    let proof = record.statements.iter().find(|statement| matches!(statement.body, Body::Proof(_)));
    proof.map(|statement| statement.level)
}

const OLD: &str = "2024-12-31";
const NEW: &str = "2025-12-31";
const REVIEWED: &str = "2026-01-31";
/// A checkpoint that has every root.
const LATER: &str = "log.example\n99\nroot\n";

/// XAA commits twice, and proves a decrease of 5 kg; what a test changes of it.
struct Story {
    log: Log,
    roots: [Committed; 2],
    proof: surety_statement::ProvenClaim,
    reviewed: [Option<bool>; 2],
    reviewer_of: Option<&'static str>,
    /// What a reviewer writes otherwise than the review has it.
    finding: Option<fn(&mut ReviewFinding)>,
    assignment_checked: bool,
    speaker: (IssuerKind, &'static str),
    date: &'static str,
}

impl Story {
    fn new() -> Self {
        let mut log = Log::default();
        let roots = [committed("XAA", OLD, &[11, 9]), committed("XAA", NEW, &[11])];
        let claim = Claim::Decrease(DecreaseClaim { scope: Scope::class(HEU), by_mg: 5_000_000 });
        let proof = log.proof(&claim, Some(&roots[0]), &roots[1]);
        Self {
            log,
            roots,
            proof,
            reviewed: [Some(true); 2],
            reviewer_of: None,
            finding: None,
            assignment_checked: true,
            speaker: (IssuerKind::StateAuthority, "XAA"),
            date: NEW,
        }
    }

    fn told(mut self) -> PublicRecord {
        let own = IssuerKind::StateAuthority;
        for (root, reviewed) in self.roots.iter().zip(self.reviewed) {
            let date = root.anchor().date.to_string();
            let body = self.log.root(root);
            self.log.say(own, Some("XAA"), "XAA", &date, body);
            if let Some(consistent) = reviewed {
                let mut body =
                    sampled(&mut self.log, root, LATER, u64::from(!consistent), self.assignment_checked);
                if let (Body::ReviewFinding(finding), Some(change)) = (&mut body, self.finding) {
                    change(finding);
                }
                self.log.say(IssuerKind::Reviewer, self.reviewer_of, "XAA", REVIEWED, body);
            }
        }
        let (kind, about) = self.speaker;
        let of = (kind == own).then_some(about);
        self.log.say(kind, of, about, self.date, Body::Proof(self.proof));
        self.log.finish()
    }
}

#[test]
fn a_proof_against_reviewed_roots_is_proven_and_against_others_the_states_word() {
    for (reviewed, expected) in [
        ([Some(true), Some(true)], Level::Proven),
        ([Some(true), None], Level::Declared),
        ([None, None], Level::Declared),
        ([Some(true), Some(false)], Level::Declared),
    ] {
        let record = Story { reviewed, ..Story::new() }.told();
        assert_eq!((level(&record), record.unproven.len()), (Some(expected), 0), "{reviewed:?}");
    }
    let record = Story { reviewer_of: Some("XAA"), ..Story::new() }.told();
    assert_eq!(level(&record), Some(Level::Declared), "nobody reviews oneself");
}

#[test]
fn a_finding_assures_what_its_review_shows_and_nothing_by_itself() {
    type Change = fn(&mut ReviewFinding);
    let word = Story { finding: Some(|finding| finding.review = None), ..Story::new() }.told();
    assert_eq!((level(&word), word.unproven.len()), (Some(Level::Declared), 0), "a word is no sample");
    let cases: [(&str, Change); 5] = [
        ("is not here", |finding| {
            finding.review = Some(Attachment::at("a/b", b"another", "file".to_owned()));
        }),
        ("another number examined", |finding| finding.examined += 1),
        ("another method", |finding| finding.method = "everything weighed".to_owned()),
        ("another root", |finding| finding.root = Some(Digest::of(b"another"))),
        ("another result", |finding| finding.consistent = !finding.consistent),
    ];
    for (why, change) in cases {
        let mut story = Story { finding: Some(change), ..Story::new() };
        // Whoever writes that all is well over a review that found something false is told, too.
        if why == "another result" {
            story.reviewed = [Some(false); 2];
        }
        let record = story.told();
        assert_eq!(level(&record), Some(Level::Declared), "{why}");
        let told = record.unproven.iter().filter(|one| one.why.contains(why)).count();
        assert_eq!(told, 2, "{why}: {:?}", record.unproven);
    }
}

#[test]
fn what_is_not_proven_is_no_fact() {
    type Change = fn(&mut Story);
    let cases: [(&str, &str, Change); 9] = [
        ("a larger number", "says other", |story| {
            story.proof.bounds =
                vec![Bound { name: "by-at-least".into(), value: "9000".into(), unit: "g".into() }];
        }),
        ("another material", "says other", |story| story.proof.of.clear()),
        ("another root", "says other", |story| story.proof.roots.reverse()),
        ("a later date", "is dated", |story| story.date = "2026-06-01"),
        ("an observer", "own authority", |story| story.speaker = (IssuerKind::Observer, "XAA")),
        ("another State", "was not logged", |story| {
            story.speaker = (IssuerKind::StateAuthority, "XAB");
        }),
        ("a root that was not logged", "was not logged", |story| {
            story.roots[0] = committed("XAA", OLD, &[12, 9]);
        }),
        ("without range proofs", "mass", |story| {
            let ranges: Vec<Digest> = story.proof.rests_on.iter().map(|ranges| ranges.sha256).collect();
            story.log.files.retain(|sha256, _| !ranges.contains(sha256));
        }),
        ("without its bytes", "is not here", |story| {
            story.proof.proof.base64 = None;
        }),
    ];
    for (what, why, change) in cases {
        let mut story = Story::new();
        change(&mut story);
        let record = story.told();
        assert_eq!(level(&record), None, "{what}");
        assert_eq!(record.unproven.len(), 1, "{what}: {:?}", record.unproven);
        assert!(record.unproven[0].why.contains(why), "{what}: {}", record.unproven[0].why);
    }
}

#[test]
fn a_claim_on_what_each_site_holds_needs_a_reviewer_who_checked_the_sums() {
    for (assignment_checked, expected) in [(true, Level::Proven), (false, Level::Declared)] {
        let mut story = Story { assignment_checked, ..Story::new() };
        let claim = Claim::Sites(SitesClaim { scope: Scope::class(HEU), holder: Holder::Site, at_most: 1 });
        story.proof = story.log.proof(&claim, None, &story.roots[1]);
        assert_eq!(level(&story.told()), Some(expected));
    }
}

#[test]
fn a_package_of_another_root_shows_that_the_root_is_false() {
    let mut log = Log::default();
    let (said, other) = (committed("XAA", OLD, &[11]), committed("XAA", OLD, &[10]));
    let mut root = log.root(&said);
    let Body::RegisterRoot(says) = &mut root else { return };
    says.package = Some(log.attach(FileKind::Package, other.package()));
    log.say(IssuerKind::StateAuthority, Some("XAA"), "XAA", OLD, root);
    let record = log.finish();
    assert!(record.statements.is_empty(), "{record:?}");
    assert!(record.unproven[0].why.contains("another root"), "{:?}", record.unproven);
}

#[test]
fn of_two_roots_of_a_day_the_later_counts() {
    let mut log = Log::default();
    let [first, second] = [committed("XAA", NEW, &[11]), committed("XAA", NEW, &[12])];
    let claim = Claim::Sites(SitesClaim { scope: Scope::class(HEU), holder: Holder::Site, at_most: 1 });
    let proofs = [log.proof(&claim, None, &first), log.proof(&claim, None, &second)];
    let own = IssuerKind::StateAuthority;
    for body in [log.root(&first), log.root(&second)] {
        log.say(own, Some("XAA"), "XAA", NEW, body);
    }
    for proof in proofs {
        log.say(own, Some("XAA"), "XAA", NEW, Body::Proof(proof));
    }
    let record = log.finish();
    let counted: Vec<&Digest> = record
        .statements
        .iter()
        .filter_map(|statement| match &statement.body {
            Body::RegisterRoot(root) => Some(&root.root),
            Body::Proof(proof) => proof.roots.first(),
            _ => None,
        })
        .collect();
    let last = Digest(second.anchor().root.0);
    assert_eq!(counted, [&last, &last]);
    assert!(record.unproven.iter().all(|one| one.why.contains("another root of the same day")), "{record:?}");
    assert_eq!(record.unproven.len(), 2);
}

/// A review of every leaf, drawn by a checkpoint of so many entries.
fn sampled(
    log: &mut Log,
    root: &Committed,
    checkpoint: &str,
    found_false: u64,
    assignment_checked: bool,
) -> Body {
    let challenge = Challenge::new(root.anchor().root, checkpoint.as_bytes(), [7; 32]).unwrap();
    let leaves = root.header().layout.leaf_entries(HEU).unwrap().count() as u64;
    let sample = Sampled { challenge, scope: Scope::class(HEU), leaves, examined: leaves, found_false };
    let review = Review {
        anchor: root.anchor(),
        date: REVIEWED.parse().unwrap(),
        method: "items weighed".to_owned(),
        samples: vec![sample],
        assignment_checked,
    };
    let file = log.attach(FileKind::Review, &review.encode().unwrap());
    Body::ReviewFinding(ReviewFinding {
        root: Some(Digest(root.anchor().root.0)),
        method: "items weighed".to_owned(),
        examined: leaves,
        consistent: found_false == 0,
        text: "as declared".to_owned(),
        review: Some(file),
    })
}

#[test]
fn a_sample_that_could_be_known_before_the_root_assures_nothing_and_what_it_found_false_stays() {
    let level_with = |checkpoint: &str, found_false: u64| {
        let Story { mut log, roots, proof, .. } = Story::new();
        let own = IssuerKind::StateAuthority;
        log.say_roots(&roots);
        let old = sampled(&mut log, &roots[0], "log.example\n2\nroot\n", 0, true);
        log.say(IssuerKind::Reviewer, None, "XAA", REVIEWED, old);
        let new = sampled(&mut log, &roots[1], checkpoint, found_false, true);
        log.say(IssuerKind::Reviewer, None, "XAA", REVIEWED, new);
        log.say(own, Some("XAA"), "XAA", NEW, Body::Proof(proof));
        let record = log.finish();
        (level(&record), record.unproven.iter().map(|one| one.why.clone()).collect::<Vec<_>>())
    };
    // The newer root is entry 1: the second.
    assert_eq!(level_with("log.example\n2\nroot\n", 0), (Some(Level::Proven), vec![]));
    assert_eq!(level_with("another.example\n1\nroot\n", 0), (Some(Level::Proven), vec![]));
    let (level, why) = level_with("log.example\n1\nroot\n", 0);
    assert_eq!((level, why.len()), (Some(Level::Declared), 1));
    assert!(why[0].contains("a checkpoint of 1 entries, which has not the root yet"), "{why:?}");
    assert_eq!(level_with("log.example\n1\nroot\n", 1), (Some(Level::Declared), vec![]));
}

#[test]
fn a_root_that_is_said_again_keeps_its_reviews_and_one_of_another_day_is_none() {
    let Story { mut log, roots, proof, .. } = Story::new();
    let own = IssuerKind::StateAuthority;
    log.say_roots(&roots);
    for root in &roots {
        let body = sampled(&mut log, root, "log.example\n2\nroot\n", 0, true);
        log.say(IssuerKind::Reviewer, None, "XAA", REVIEWED, body);
    }
    log.say(own, Some("XAA"), "XAA", NEW, Body::Proof(proof));
    // Its statement is corrected after the review, and said once more; the older one also of a day long before.
    let body = log.root(&roots[1]);
    log.correct(own, Some("XAA"), "XAA", NEW, body.clone(), Some(2));
    log.say(own, Some("XAA"), "XAA", NEW, body);
    let Body::RegisterRoot(root) = log.root(&roots[0]) else { unreachable!("a root") };
    for package in [root.package.clone(), None] {
        let body = Body::RegisterRoot(RegisterRoot { package, ..root.clone() });
        log.say(own, Some("XAA"), "XAA", "2015-12-31", body);
    }
    let record = log.finish();
    assert_eq!(level(&record), Some(Level::Proven), "{:?}", record.unproven);
    let why: Vec<&str> = record.unproven.iter().map(|one| one.why.as_str()).collect();
    assert_eq!(why, ["its package is of another day"; 2]);
}

#[test]
fn a_root_that_was_said_of_a_wrong_day_takes_the_place_of_none() {
    let mut log = Log::default();
    let own = IssuerKind::StateAuthority;
    let [honest, misdated] = [committed("XAA", OLD, &[11]), committed("XAA", NEW, &[12])];
    let said = [(&honest, OLD, true), (&misdated, OLD, false), (&misdated, NEW, true)];
    for (root, day, with_package) in said {
        let Body::RegisterRoot(root) = log.root(root) else { unreachable!("a root") };
        let package = root.package.clone().filter(|_| with_package);
        log.say(own, Some("XAA"), "XAA", day, Body::RegisterRoot(RegisterRoot { package, ..root }));
    }
    let record = log.finish();
    let why: Vec<&str> = record.unproven.iter().map(|one| one.why.as_str()).collect();
    assert_eq!((record.statements.len(), why), (2, vec!["its package is of another day"]));
}

#[test]
fn a_review_of_fewer_leaves_than_the_root_has_is_none() {
    let Story { mut log, roots, proof, .. } = Story::new();
    let own = IssuerKind::StateAuthority;
    log.say_roots(&roots);
    for root in &roots {
        let challenge = Challenge::new(root.anchor().root, LATER.as_bytes(), [7; 32]).unwrap();
        // One leaf of one was examined, says the reviewer; the root has more.
        let sample = Sampled { challenge, scope: Scope::class(HEU), leaves: 1, examined: 1, found_false: 0 };
        let review = Review {
            anchor: root.anchor(),
            date: REVIEWED.parse().unwrap(),
            method: "items weighed".to_owned(),
            samples: vec![sample],
            assignment_checked: true,
        };
        let file = log.attach(FileKind::Review, &review.encode().unwrap());
        let body = Body::ReviewFinding(ReviewFinding {
            root: Some(Digest(root.anchor().root.0)),
            method: "items weighed".to_owned(),
            examined: 1,
            consistent: true,
            text: "as declared".to_owned(),
            review: Some(file),
        });
        log.say(IssuerKind::Reviewer, None, "XAA", REVIEWED, body);
    }
    log.say(own, Some("XAA"), "XAA", NEW, Body::Proof(proof));
    let record = log.finish();
    assert_eq!(level(&record), Some(Level::Declared));
    assert!(record.unproven.iter().all(|one| one.why.contains("1 leaves of military HEU")), "{record:?}");
    assert_eq!(record.unproven.len(), 2);
}
