//! A monitor judges each entry by the rules at its place, however far the checks go ahead.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{ORIGIN, Writer, folders, log_key, observer, root_of};
use surety_log::{Identity, Sequencer, Stores};
use surety_net::monitor::judge::Judge;
use surety_statement::{Content, Subject};

/// 2026-08-01, in seconds since 1970.
const AUGUST: u64 = 1_785_542_400;

/// The last day of a key is moved, with more or fewer other entries between that and what the key signs then.
#[test]
fn the_last_day_of_a_key_is_the_one_at_the_place_of_the_entry() {
    for (moved_to, expired) in [("2026-12-31", 0), ("2026-07-15", 400)] {
        for between in [0, 5, 600] {
            let root = tempfile::tempdir().unwrap();
            let stores = folders(root.path());
            let (first, second) = history(moved_to, between);
            let identity = Identity::new(ORIGIN.parse().unwrap(), vec![log_key()]).unwrap();
            let mut sequencer = Sequencer::create(stores.clone(), identity, 0).unwrap();
            let mut judge = Judge::new();
            sequencer.commit(&first, 0).unwrap();
            read(&mut judge, &stores, &sequencer, 0);
            sequencer.commit(&second, 0).unwrap();
            read(&mut judge, &stores, &sequencer, AUGUST);
            assert!(
                judge.refused().iter().all(|refused| refused.code == "key-expired"),
                "{:?}",
                judge.refused()
            );
            assert_eq!(judge.refused_count(), expired, "{between} entries after the key ends on {moved_to}");
        }
    }
}

fn read(judge: &mut Judge, stores: &Stores, sequencer: &Sequencer, earliest: u64) {
    judge.read(stores.public.as_ref(), &sequencer.checkpoint(), earliest).unwrap();
}

/// Two issuers, one with a key to the end of June or, where that is moved back, to the end of the year; then the moved day,
/// what the other says, and what the first says after that.
fn history(moved_to: &str, between: usize) -> (Vec<Vec<u8>>, Vec<Vec<u8>>) {
    let at_first = if moved_to == "2026-12-31" { "2026-06-30" } else { "2026-12-31" };
    let mut officer = Writer::new("root.example/officer", 0);
    let (mut writer, mut other) =
        (Writer::new("observer.example/1", 1), Writer::new("observer.example/2", 2));
    let first = vec![
        root_of(&mut officer),
        officer.sign(Subject::Policy, Content::Issuer(observer(&writer, Some(at_first)))),
        officer.sign(Subject::Policy, Content::Issuer(observer(&other, None))),
    ];
    let mut second = vec![officer.sign(Subject::Policy, Content::Issuer(observer(&writer, Some(moved_to))))];
    second.extend((0..between).map(|number| other.say(&format!("meanwhile {number}"))));
    second.extend((0..400).map(|number| writer.say(&format!("then {number}"))));
    (first, second)
}
