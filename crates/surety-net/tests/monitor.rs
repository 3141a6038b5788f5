//! A monitor on real logs, honest and not: what it mirrors, what it raises, and what its evidence shows to others.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod parties;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

use parties::{Party, Servers, TestLog, copied, copy, log_key, policy};
use surety_core::{FactDate, parse_day};
use surety_law::{ActionKind, Instrument};
use surety_log::{
    CHECKPOINT_KEY, FolderStore, Policy, Reader, SignedCheckpoint, Signer as _, Store as _, fsck,
};
use surety_net::client::Location;
use surety_net::monitor::{
    Alarm, Evidence, EvidenceError, Followed, Mirror, MirrorError, Moment, Monitor, MonitorError, Round,
    check_evidence, confirm,
};
use surety_net::witness::Witnesses;
use surety_statement::{
    Admission, AdmittedKey, Algorithm, Body, Content, Digest, Draft, Entitlement, IssuerId, IssuerKind,
    Outcome, Payload, Place, RootKeys, RootOfficer, SecretKey, SignedStatement, StatementSigner as _,
    Subject,
};

const HOUR: u64 = 3600;

fn moment(now: u64) -> Moment {
    Moment { now, as_of: parse_day("2026-01-01").unwrap(), age_max: 24 * HOUR }
}

fn log_only() -> Policy {
    Policy::log_only(log_key().verifier().clone())
}

/// Monitors a log in one place, with a folder of its own.
struct Watch {
    folder: tempfile::TempDir,
    followed: Followed,
}

impl Watch {
    fn of(location: Location) -> Self {
        let followed = Followed { location, policy: log_only(), root: None, also: Vec::new() };
        Self { folder: tempfile::tempdir().unwrap(), followed }
    }

    fn also(mut self, location: Location) -> Self {
        self.followed.also.push(location);
        self
    }

    /// A round by a process that has just begun.
    fn any_round(&self) -> Result<Round, MonitorError> {
        Monitor::new(self.folder.path(), self.followed.clone()).round(moment(1_000))
    }

    /// A round in which nothing fails.
    fn try_round(&self, moment: Moment) -> Result<Round, MonitorError> {
        let mut round = Monitor::new(self.folder.path(), self.followed.clone()).round(moment)?;
        round.failures.pop().map_or(Ok(round), Err)
    }

    fn round(&self) -> Round {
        self.try_round(moment(1_000)).unwrap()
    }

    fn log_folder(&self) -> PathBuf {
        let found: Vec<_> = fs::read_dir(self.folder.path()).unwrap().collect();
        assert_eq!(found.len(), 1, "one log, one folder");
        found.into_iter().next().unwrap().unwrap().path()
    }

    fn mirror(&self) -> PathBuf {
        self.log_folder().join("mirror")
    }

    fn files(&self) -> Vec<Evidence> {
        let mut all: Vec<_> = fs::read_dir(self.log_folder().join("alarms"))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.extension().is_some_and(|kind| kind == "json"))
            .collect();
        all.sort();
        all.iter().map(|path| Evidence::parse(&fs::read(path).unwrap()).unwrap()).collect()
    }
}

fn words(round: &Round) -> Vec<&'static str> {
    round.alarms.iter().map(|raised| raised.evidence.alarm.word()).collect()
}

fn only(round: &Round) -> &Evidence {
    assert_eq!(round.alarms.len(), 1, "{:?} {:?}", words(round), round.notices);
    &round.alarms[0].evidence
}

fn sound(folder: &Path) -> u64 {
    let store = FolderStore::read_only(folder).unwrap();
    let found = fsck::check(&store, &[log_key().verifier().clone()], |_, _| ()).unwrap();
    found.checkpoint.checkpoint().size()
}

/// A log with statements in it: a root of trust, an observer and a State.
struct StatementLog {
    log: TestLog,
    places: BTreeMap<String, Place>,
}

fn issuer_key(name: &str) -> SecretKey {
    let mut seed = [7; 32];
    seed[..name.len().min(32)].copy_from_slice(&name.as_bytes()[..name.len().min(32)]);
    SecretKey::from_seed(Algorithm::Ed25519, &seed).unwrap()
}

impl StatementLog {
    fn new() -> Self {
        let mut made = Self { log: TestLog::new(), places: BTreeMap::default() };
        let officer = RootOfficer { issuer: id("root"), key: issuer_key("root").key().clone() };
        made.say("root", Subject::Policy, Content::Root(RootKeys { threshold: 1, officers: vec![officer] }));
        made.admit("observer", IssuerKind::Observer, None);
        made.admit("state", IssuerKind::StateAuthority, Some("XAA"));
        made
    }

    fn admit(&mut self, name: &str, kind: IssuerKind, state: Option<&str>) {
        let keys = vec![AdmittedKey { key: issuer_key(name).key().clone(), not_after: None }];
        let admission = Admission {
            issuer: id(name),
            kind,
            name: name.to_owned(),
            state: state.map(|code| code.parse().unwrap()),
            keys,
            may_say: Entitlement::default(),
        };
        self.say("root", Subject::Policy, Content::Issuer(admission));
    }

    fn draft(&self, name: &str, subject: Subject, content: Content) -> Draft {
        let place = self.places.get(name).copied().unwrap_or(Place::FIRST);
        Draft { issuer: id(name), payload: Payload::new(subject, content, place) }
    }

    fn say(&mut self, name: &str, subject: Subject, content: Content) -> u64 {
        let draft = self.draft(name, subject, content);
        self.log_draft(name, &draft)
    }

    fn fact(&mut self, name: &str, label: &str, date: &str, body: Body) -> u64 {
        let mut draft = self.draft(name, Subject::State("XAA".parse().unwrap()), Content::Fact(body));
        draft.payload.date = FactDate::on(parse_day(date).unwrap());
        draft.payload.id = Some(label.to_owned()).filter(|label| !label.is_empty());
        self.log_draft(name, &draft)
    }

    /// Many at once.
    fn many_facts(&mut self, name: &str, count: u32) {
        let mut entries = Vec::new();
        for number in 0..count {
            let body = Content::Fact(Body::Sites { min: number, max: number });
            let draft = self.draft(name, Subject::State("XAA".parse().unwrap()), body);
            let signed = SignedStatement::sign(&draft, &issuer_key(name)).unwrap();
            self.places.insert(name.to_owned(), Place::after(draft.payload.number, signed.payload_digest()));
            entries.push(signed.bytes().to_vec());
        }
        self.log.append(&entries);
    }

    fn log_draft(&mut self, name: &str, draft: &Draft) -> u64 {
        let signed = SignedStatement::sign(draft, &issuer_key(name)).unwrap();
        let next = Place::after(draft.payload.number, signed.payload_digest());
        self.places.insert(name.to_owned(), next);
        self.log.append(&[signed.bytes()]);
        self.log.checkpoint().checkpoint().size() - 1
    }

    fn root(&self) -> Digest {
        Digest::of(&Reader::new(&self.log.store()).entry(0, &self.log.checkpoint()).unwrap())
    }

    fn watch(&self) -> Watch {
        Watch::of(self.log.location())
    }
}

fn id(name: &str) -> IssuerId {
    format!("surety.example/{name}").parse().unwrap()
}

fn deposit() -> Body {
    Body::TreatyAction { instrument: Instrument::Icsant, action: ActionKind::Ratification, effective: None }
}

fn commitment(due: &str) -> Body {
    let due = surety_core::PartialDate::Day(parse_day(due).unwrap());
    Body::Commitment { text: "to publish its regulations".to_owned(), due, material: None }
}

#[test]
fn an_honest_log_is_mirrored_and_nothing_is_raised() {
    let servers = Servers::new();
    let mut made = StatementLog::new();
    let url = servers.serve_folder(&made.log.public());
    let mut watch = Watch::of(url.parse().unwrap());
    watch.followed.root = Some(made.root());
    let round = watch.round();
    assert_eq!((round.size, round.new_entries, words(&round)), (3, 3, vec![]), "{:?}", round.notices);
    made.many_facts("observer", 600);
    let round = watch.round();
    assert_eq!((round.size, round.new_entries, words(&round)), (603, 600, vec![]), "{:?}", round.notices);
    assert_eq!(sound(&watch.mirror()), 603);
    // Whoever serves the mirror serves the log: byte for byte what the log itself has.
    let (mirror, log) = (FolderStore::read_only(watch.mirror()).unwrap(), made.log.store());
    for key in [
        CHECKPOINT_KEY,
        "tile/0/000",
        "tile/0/002.p/91",
        "tile/1/000.p/2",
        "tile/entries/001",
        "tile/entries/002.p/91",
    ] {
        let (ours, theirs) = (mirror.get(key, 1 << 24).unwrap(), log.get(key, 1 << 24).unwrap());
        assert!(ours.is_some() && ours == theirs, "{key}");
    }
    let again = watch.round();
    assert_eq!((again.new_entries, words(&again)), (0, vec![]));
}

#[test]
fn one_monitor_goes_on_where_another_process_would_begin_anew() {
    let mut made = StatementLog::new();
    let watch = made.watch();
    let mut monitor = Monitor::new(watch.folder.path(), watch.followed.clone());
    for number in 0..5 {
        made.fact("observer", "", "2020-01-01", Body::Sites { min: number, max: number });
        let round = monitor.round(moment(1_000)).unwrap();
        assert_eq!((round.new_entries, words(&round)), (if number == 0 { 4 } else { 1 }, vec![]));
    }
    let second = watch.try_round(moment(1_000)).unwrap_err();
    assert!(second.to_string().contains("stop that one first"), "{second}");
}

#[test]
fn a_fork_is_raised_with_evidence_that_convicts_the_log_alone() {
    for (before, after) in [(5, 5), (5, 9), (300, 301), (9, 5), (300, 260)] {
        let (one, other) = (TestLog::of("one", before), TestLog::of("other", after));
        let shown = copied(&one.public());
        let watch = Watch::of(Location::Folder(shown.path().to_owned()));
        watch.round();
        fs::remove_dir_all(shown.path()).unwrap();
        copy(&other.public(), shown.path());
        let round = watch.round();
        let evidence = round
            .alarms
            .iter()
            .map(|raised| &raised.evidence)
            .find(|evidence| evidence.alarm.word() == "split-view");
        let evidence = evidence.unwrap_or_else(|| panic!("{before} then {after}: {:?}", round.notices));
        let checked = check_evidence(evidence, &log_only()).unwrap();
        assert!(checked.proven.contains("two histories") && checked.assumed.is_none(), "{}", checked.proven);
        assert_eq!(round.size, before, "the mirror stays with the first");
        assert_eq!(sound(&watch.mirror()), before);
        // The same is found again, and written once.
        let split = |evidence: &Evidence| evidence.alarm.word() == "split-view";
        let again = watch.round();
        let found: Vec<bool> = again
            .alarms
            .iter()
            .filter(|raised| split(&raised.evidence))
            .map(|raised| raised.is_new)
            .collect();
        assert_eq!(found, [false]);
        assert_eq!(watch.files().iter().filter(|evidence| split(evidence)).count(), 1);
    }
}

#[test]
fn a_fork_elsewhere_is_raised_whichever_is_larger() {
    for (here, there) in [(5, 5), (5, 9), (9, 5), (300, 260), (260, 300)] {
        let (one, other) = (TestLog::of("one", here), TestLog::of("other", there));
        let watch = Watch::of(one.location()).also(other.location());
        let round = watch.round();
        let split: Vec<_> =
            round.alarms.iter().filter(|raised| raised.evidence.alarm.word() == "split-view").collect();
        assert_eq!(split.len(), 1, "{here} and {there}: {:?} {:?}", words(&round), round.notices);
        assert!(check_evidence(&split[0].evidence, &log_only()).is_ok());
        assert_eq!(split[0].evidence.shown_by, [one.location().to_string(), other.location().to_string()]);
    }
}

#[test]
fn a_log_that_cannot_be_read_does_not_hide_what_it_shows_elsewhere() {
    let (mut log, other) = (TestLog::of("one", 5), TestLog::of("other", 5));
    let mut watch = Watch::of(log.location());
    watch.round();
    log.grow("one", 9);
    fs::write(log.public().join("tile/entries/000.p/9"), "junk").unwrap();
    watch.followed.also.push(other.location());
    let round = watch.any_round().unwrap();
    assert_eq!((round.failures.len(), round.size), (1, 5), "{:?}", round.failures);
    assert!(words(&round).contains(&"split-view"), "{:?} {:?}", words(&round), round.notices);
}

#[test]
fn a_checkpoint_from_a_file_is_compared_once_the_mirror_reaches_it() {
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("seen.txt");
    fs::write(&note, TestLog::of("other", 9).checkpoint().to_string()).unwrap();
    let mut log = TestLog::of("one", 5);
    let watch = Watch::of(log.location()).also(Location::Folder(note.clone()));
    let round = watch.round();
    assert!(!words(&round).contains(&"split-view"), "nothing proves it yet");
    assert!(round.notices.iter().any(|notice| notice.contains("shows 9 entries")), "{:?}", round.notices);
    // What was seen is remembered, even when the file is gone.
    fs::remove_file(&note).unwrap();
    log.grow("one", 12);
    let round = watch.round();
    assert!(words(&round).contains(&"split-view"), "{:?} {:?}", words(&round), round.notices);
}

#[test]
fn a_checkpoint_that_the_log_did_not_sign_proves_nothing() {
    let log = TestLog::of("one", 5);
    let signed = TestLog::of("other", 5).checkpoint();
    let stranger = parties::key("log.example/surety", surety_log::SignatureType::Ed25519, 1);
    let forged = SignedCheckpoint::sign(signed.checkpoint().clone(), &[&stranger], 0).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let note = folder.path().join("seen.txt");
    fs::write(&note, forged.to_string()).unwrap();
    let round = Watch::of(log.location()).also(Location::Folder(note)).round();
    assert!(!words(&round).contains(&"split-view"), "{:?}", words(&round));
    assert!(
        round.notices.iter().any(|notice| notice.starts_with("cannot compare with")),
        "{:?}",
        round.notices
    );
}

#[test]
fn what_a_log_showed_to_its_witness_is_compared_too() {
    let (servers, party) = (Servers::new(), Party::new("w", 7));
    let url = servers.witness(&party);
    let (honest, hidden) = (TestLog::of("one", 5), TestLog::of("other", 5));
    let seen_by = policy(&[&[(&party, &url)]]);
    let asked = Witnesses::new(seen_by).unwrap().cosign(&hidden.store(), &hidden.checkpoint());
    assert!(asked.quorum.is_ok());
    let origin = honest.checkpoint().checkpoint().origin().clone();
    let last = format!("{url}/logs/{}", surety_log::witness::record_name(&origin));
    let watch = Watch::of(honest.location()).also(last.parse().unwrap());
    assert!(words(&watch.round()).contains(&"split-view"));
}

#[test]
fn a_rollback_is_raised_and_the_mirror_keeps_what_was_taken_back() {
    let mut log = TestLog::of("a", 5);
    let old = copied(&log.public());
    log.grow("a", 9);
    let shown = copied(&log.public());
    let watch = Watch::of(Location::Folder(shown.path().to_owned()));
    watch.round();
    fs::remove_dir_all(shown.path()).unwrap();
    copy(old.path(), shown.path());
    let round = watch.round();
    let evidence = round.alarms.iter().find(|raised| raised.evidence.alarm.word() == "rollback").unwrap();
    let checked = check_evidence(&evidence.evidence, &log_only()).unwrap();
    assert!(checked.proven.contains("9 and of 5") && checked.assumed.is_some(), "{checked:?}");
    assert_eq!((round.size, sound(&watch.mirror())), (9, 9));
}

#[test]
fn an_old_checkpoint_shown_as_current_grows_stale() {
    let (servers, party) = (Servers::new(), Party::new("w", 7));
    let url = servers.witness(&party);
    let seen_by = policy(&[&[(&party, &url)]]);
    let mut made = StatementLog::new();
    party.clock.store(100 * HOUR, Ordering::Relaxed);
    let cosign = |made: &mut StatementLog| {
        let asked =
            Witnesses::new(seen_by.clone()).unwrap().cosign(&made.log.store(), &made.log.checkpoint());
        assert!(asked.quorum.is_ok(), "{:?}", asked.failures);
        made.log.publish(asked.checkpoint);
    };
    cosign(&mut made);
    let mut watch = made.watch();
    watch.followed.policy = seen_by.clone();
    assert_eq!(words(&watch.try_round(moment(124 * HOUR)).unwrap()), Vec::<&str>::new());
    let round = watch.try_round(moment(124 * HOUR + 1)).unwrap();
    let evidence = only(&round);
    assert_eq!(evidence.alarm.word(), "stale");
    assert!(check_evidence(evidence, &seen_by).is_ok());
    // Seen anew by the witness, it is fresh again, though nothing was added.
    party.clock.store(130 * HOUR, Ordering::Relaxed);
    cosign(&mut made);
    assert_eq!(words(&watch.try_round(moment(131 * HOUR)).unwrap()), Vec::<&str>::new());
}

#[test]
fn a_checkpoint_without_its_quorum_is_not_followed() {
    let (servers, party) = (Servers::new(), Party::new("w", 7));
    let url = servers.witness(&party);
    let seen_by = policy(&[&[(&party, &url)]]);
    let made = StatementLog::new();
    let mut watch = made.watch();
    watch.followed.policy = seen_by.clone();
    let round = watch.round();
    assert_eq!((round.size, words(&round)), (0, vec![]));
    assert!(round.notices.iter().any(|notice| notice.contains("does not count yet")), "{:?}", round.notices);
    // Nobody witnesses it for a day: whoever shows it may be alone with it.
    let round = watch.try_round(moment(1_001 + 24 * HOUR)).unwrap();
    assert_eq!(only(&round).alarm.word(), "stale");
    // Evidence does not need the quorum, but it needs the log.
    assert!(check_evidence(only(&round), &seen_by).is_ok());
}

#[test]
fn what_a_cheating_operator_lets_in_is_raised_entry_by_entry() {
    let mut made = StatementLog::new();
    let sites = |number: u32| Body::Sites { min: number, max: number };
    let xaa = Subject::State("XAA".parse().unwrap());
    let junk = made.log.checkpoint().checkpoint().size();
    made.log.append(&["junk"]);
    let stranger = made.fact("stranger", "", "2020-01-01", sites(1));
    // The observer's number 3 without its numbers 1 and 2.
    let mut out_of_turn = made.draft("observer", xaa, Content::Fact(sites(2)));
    out_of_turn.payload.number = 3;
    out_of_turn.payload.previous = Some(Digest::of(b"nothing"));
    let signed = SignedStatement::sign(&out_of_turn, &issuer_key("observer")).unwrap();
    let number = made.log.checkpoint().checkpoint().size();
    made.log.append(&[signed.bytes()]);
    // A statement in the observer's name with somebody else's key.
    let forged = made.draft("observer", xaa, Content::Fact(sites(3)));
    let signed = SignedStatement::sign(&forged, &issuer_key("stranger")).unwrap();
    let forged = made.log.checkpoint().checkpoint().size();
    made.log.append(&[signed.bytes()]);
    // One that was admitted is still heard after all that.
    let good = made.fact("observer", "", "2020-01-01", sites(4));
    // State XAA speaks for itself; it may not decide who else may.
    let usurper = made.draft(
        "state",
        Subject::Policy,
        Content::Root(RootKeys {
            threshold: 1,
            officers: vec![RootOfficer { issuer: id("state"), key: issuer_key("state").key().clone() }],
        }),
    );
    let signed = SignedStatement::sign(&usurper, &issuer_key("state")).unwrap();
    let place = made.log.checkpoint().checkpoint().size();
    made.log.append(&[signed.bytes()]);

    let watch = made.watch();
    let round = watch.round();
    let mut raised: Vec<(u64, String)> = round
        .alarms
        .iter()
        .map(|raised| match &raised.evidence.alarm {
            Alarm::Inadmissible { code, entry } => (entry.index, code.clone()),
            other => panic!("{other:?}"),
        })
        .collect();
    raised.sort();
    let expected = [
        (junk, "malformed"),
        (stranger, "unknown-issuer"),
        (number, "out-of-turn"),
        (forged, "unknown-key"),
        (place, "may-not-say"),
    ];
    let places: Vec<u64> = raised.iter().map(|(index, _)| *index).collect();
    assert_eq!(places, expected.map(|(index, _)| index), "{raised:?}");
    assert!(!places.contains(&good));
    for (index, code) in [expected[0], expected[1], expected[3]] {
        assert!(raised.contains(&(index, code.to_owned())), "{index} {code}: {raised:?}");
    }
    for alarm in &round.alarms {
        let checked = check_evidence(&alarm.evidence, &log_only()).unwrap();
        assert!(checked.proven.contains("is in the log") && checked.assumed.is_some());
        // With a copy of the log nothing is left to believe.
        let confirmed = confirm(&alarm.evidence, &log_only(), &made.log.store()).unwrap();
        assert_eq!(confirmed.assumed, None);
    }
    let again = watch.round();
    assert_eq!((again.alarms.len(), again.alarms.iter().any(|raised| raised.is_new)), (5, false));
}

#[test]
fn a_log_full_of_junk_does_not_fill_the_disk_of_who_watches() {
    let mut log = StatementLog::new().log;
    log.grow("junk", 600);
    let watch = Watch::of(log.location());
    let mut raised = 0;
    for expected in [256, 512, 597, 597] {
        let round = watch.round();
        assert_eq!(watch.files().len(), expected);
        assert_eq!(round.notices.is_empty(), expected == 597, "{:?}", round.notices);
        raised += round.alarms.iter().filter(|raised| raised.is_new).count();
    }
    assert_eq!(raised, 597);
}

#[test]
fn contradictory_statements_and_overdue_commitments_are_raised() {
    let mut made = StatementLog::new();
    let first = made.fact("observer", "T1", "2014-06-27", deposit());
    let second = made.fact("state", "T1", "2015-06-27", deposit());
    let promise = made.fact("state", "C1", "2020-01-01", commitment("2024-12-31"));
    made.fact("state", "C2", "2020-01-01", commitment("2030-12-31"));
    let watch = made.watch();
    let round = watch.round();
    let mut found = words(&round);
    found.sort_unstable();
    assert_eq!(found, ["contradiction", "overdue"], "{:?}", round.notices);
    for raised in &round.alarms {
        let shown = confirm(&raised.evidence, &log_only(), &made.log.store()).unwrap();
        let places: Vec<u64> = shown.entries.iter().map(|(index, _)| *index).collect();
        match &raised.evidence.alarm {
            Alarm::Contradiction { .. } => assert_eq!(places, [second, first], "the State knows better"),
            Alarm::Overdue { due, .. } => {
                assert_eq!((places, due.to_string()), (vec![promise], "2024-12-31".to_owned()));
            }
            other => panic!("{other:?}"),
        }
        assert!(raised.evidence.says.contains("XAA"), "{}", raised.evidence.says);
    }
    // Answered for, it is overdue no longer; what was found stays on file.
    let kept = Body::Fulfilment { commitment: "C1".to_owned(), outcome: Outcome::Late };
    made.fact("state", "", "2025-03-01", kept);
    assert_eq!(words(&watch.round()), ["contradiction"]);
    assert_eq!(watch.files().len(), 2);
    // And the observer corrects itself.
    let mut draft = made.draft("observer", Subject::State("XAA".parse().unwrap()), Content::Fact(deposit()));
    let wrong = Reader::new(&made.log.store()).entry(first, &made.log.checkpoint()).unwrap();
    let wrong = SignedStatement::parse(&wrong).unwrap();
    draft.payload.corrects = Some(surety_statement::Reference {
        issuer: id("observer"),
        number: wrong.payload().unwrap().number,
        sha256: wrong.payload_digest(),
    });
    draft.payload.date = FactDate::on(parse_day("2015-06-27").unwrap());
    made.log_draft("observer", &draft);
    assert_eq!(words(&watch.round()), Vec::<&str>::new());
}

#[test]
fn a_swapped_entry_never_reaches_the_mirror() {
    let log = TestLog::of("a", 600);
    for file in ["tile/entries/001", "tile/entries/002.p/88", "tile/0/001", "tile/0/002.p/88"] {
        let shown = copied(&log.public());
        let path = shown.path().join(file);
        let mut bytes = fs::read(&path).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        fs::write(&path, bytes).unwrap();
        let watch = Watch::of(Location::Folder(shown.path().to_owned()));
        let error = watch.try_round(moment(1_000));
        assert!(error.is_err(), "{file}");
        assert!(!watch.mirror().join(CHECKPOINT_KEY).exists(), "{file}: nothing is published");
        // The log is mended, and the monitor goes on.
        fs::copy(log.public().join(file), &path).unwrap();
        assert_eq!(watch.round().size, 600);
        assert_eq!(sound(&watch.mirror()), 600);
    }
}

#[test]
fn another_log_than_the_trusted_one_is_refused() {
    let made = StatementLog::new();
    let mut watch = made.watch();
    watch.followed.root = Some(Digest::of(b"another root"));
    let error = watch.try_round(moment(1_000)).unwrap_err();
    assert!(matches!(error, MonitorError::Root { .. }), "{error}");
    watch.followed.root = Some(made.root());
    assert!(watch.try_round(moment(1_000)).is_ok());
    let stranger = parties::key("log.example/surety", surety_log::SignatureType::Ed25519, 1);
    watch.followed.policy = Policy::log_only(stranger.verifier().clone());
    assert!(matches!(watch.try_round(moment(1_000)).unwrap_err(), MonitorError::Checkpoint { .. }));
    fs::write(made.log.public().join(CHECKPOINT_KEY), "junk").unwrap();
    assert!(matches!(watch.try_round(moment(1_000)).unwrap_err(), MonitorError::Log { .. }));
}

#[test]
fn evidence_that_was_touched_shows_nothing() {
    let (one, other) = (TestLog::of("one", 5), TestLog::of("other", 9));
    let round = Watch::of(one.location()).also(other.location()).round();
    let split = round.alarms.iter().find(|raised| raised.evidence.alarm.word() == "split-view").unwrap();
    let good = split.evidence.clone();
    assert!(check_evidence(&good, &log_only()).is_ok());
    let tampered = |change: &dyn Fn(&mut Evidence)| {
        let mut evidence = good.clone();
        change(&mut evidence);
        check_evidence(&evidence, &log_only())
    };
    let with = |evidence: &mut Evidence,
                change: &dyn Fn(&mut String, &mut String, &mut surety_net::monitor::Growth)| {
        if let Alarm::SplitView { smaller, larger, growth } = &mut evidence.alarm {
            change(smaller, larger, growth);
        }
    };
    // An honest log: the same note twice, or one that has only grown.
    let mut honest = TestLog::of("one", 5);
    let small = honest.checkpoint();
    honest.grow("one", 9);
    let large = honest.checkpoint();
    let (root, proof) = Reader::new(&honest.store()).root_at(5, &large).unwrap();
    let growth = surety_net::monitor::Growth::new(root, &proof);
    let error = tampered(&|evidence| {
        evidence.alarm = Alarm::SplitView {
            smaller: small.to_string(),
            larger: large.to_string(),
            growth: growth.clone(),
        };
    });
    assert!(matches!(error, Err(EvidenceError::NoConflict("split view"))), "{error:?}");
    let error = tampered(&|evidence| with(evidence, &|smaller, larger, _| *larger = smaller.clone()));
    assert!(error.is_err(), "{error:?}");
    let error = tampered(&|evidence| with(evidence, &|_, _, growth| growth.proof.clear()));
    assert!(matches!(error, Err(EvidenceError::Growth)), "{error:?}");
    let error = tampered(&|evidence| {
        with(evidence, &|_, _, growth| growth.root = surety_log::Hash([1; 32]).to_string());
    });
    assert!(matches!(error, Err(EvidenceError::Growth)), "{error:?}");
    let error =
        tampered(&|evidence| with(evidence, &|smaller, _, _| *smaller = smaller.replace("\n5\n", "\n4\n")));
    assert!(matches!(error, Err(EvidenceError::Checkpoint(_))), "{error:?}");
    let error = tampered(&|evidence| evidence.log = "other.example".to_owned());
    assert!(matches!(error, Err(EvidenceError::OtherLog { .. })), "{error:?}");

    // Entries: with the proof of another, at another place, or of another log.
    let made = StatementLog::new();
    let mut log = made.log;
    log.append(&["junk", "more junk"]);
    let round = Watch::of(log.location()).round();
    let entries: Vec<Evidence> = round.alarms.iter().map(|raised| raised.evidence.clone()).collect();
    let [Alarm::Inadmissible { entry: first, .. }, Alarm::Inadmissible { entry: second, .. }] =
        [&entries[0].alarm, &entries[1].alarm]
    else {
        panic!("{entries:?}")
    };
    for (entry, proof, index) in
        [(first, second, first.index), (second, first, second.index), (first, first, second.index)]
    {
        let mut evidence = entries[0].clone();
        let entry =
            surety_net::monitor::Logged { index, entry: entry.entry.clone(), proof: proof.proof.clone() };
        evidence.alarm = Alarm::Inadmissible { code: "malformed".to_owned(), entry };
        assert!(check_evidence(&evidence, &log_only()).is_err());
    }
    // What is in the log and in order is no wrong: a copy of the log shows it.
    let mut evidence = entries[0].clone();
    let (reader, signed): (_, SignedCheckpoint) = (log.store(), log.checkpoint());
    let reader = Reader::new(&reader);
    let fine = surety_net::monitor::Logged::new(
        &reader.entry(1, &signed).unwrap(),
        &reader.prove(1, &signed).unwrap(),
    );
    evidence.alarm = Alarm::Inadmissible { code: "malformed".to_owned(), entry: fine };
    assert!(check_evidence(&evidence, &log_only()).is_ok(), "that it is in the log is true");
    let error = confirm(&evidence, &log_only(), &log.store()).unwrap_err();
    assert!(error.to_string().contains("show no inadmissible"), "{error}");
    for bad in ["", "{}", "[]", "{\"format\":\"surety-evidence/v1\"}"] {
        assert!(Evidence::parse(bad.as_bytes()).is_err(), "{bad}");
    }
    let other_version =
        String::from_utf8(good.to_bytes().unwrap()).unwrap().replace("evidence/v1", "evidence/v9");
    assert!(matches!(Evidence::parse(other_version.as_bytes()), Err(EvidenceError::Format(_))));
    assert_eq!(Evidence::parse(&good.to_bytes().unwrap()).unwrap(), good);
}

#[test]
fn a_damaged_mirror_is_noticed_and_made_anew() {
    let log = TestLog::of("a", 300);
    let watch = Watch::of(log.location());
    watch.round();
    let tile = watch.mirror().join("tile/0/001.p/44");
    fs::write(&tile, vec![0; 44 * 32]).unwrap();
    assert!(matches!(Mirror::open(watch.mirror()), Err(MirrorError::Damaged(_))));
    let error = watch.try_round(moment(1_000)).unwrap_err().to_string();
    assert!(error.contains("the mirror is damaged") && error.contains("copied anew"), "{error}");
    fs::remove_dir_all(watch.mirror()).unwrap();
    assert_eq!(watch.round().size, 300);
    // A bundle that nobody but the judge reads.
    let bundle = watch.mirror().join("tile/entries/000");
    let mut bytes = fs::read(&bundle).unwrap();
    bytes[3] ^= 1;
    fs::write(&bundle, bytes).unwrap();
    assert!(watch.try_round(moment(1_000)).unwrap_err().to_string().contains("the mirror is damaged"));
}
