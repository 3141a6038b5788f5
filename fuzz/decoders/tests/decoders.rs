//! No decoder panics, and none takes what is not the one way to write it: on good inputs, on good inputs that were
//! changed at random, and on noise.

use std::sync::LazyLock;

use proptest::prelude::*;
use proptest::sample::Index;
use surety_decoders::{Decoder, decoders};

/// Every decoder with its good inputs.
static SEEDED: LazyLock<Vec<(Decoder, Vec<Vec<u8>>)>> =
    LazyLock::new(|| decoders().into_iter().map(|decoder| (decoder, (decoder.seeds)())).collect());

/// A change to an input.
#[derive(Debug, Clone)]
enum Change {
    Flip { at: Index, bit: u8 },
    Set { at: Index, byte: u8 },
    Insert { at: Index, bytes: Vec<u8> },
    Remove { at: Index, len: usize },
    Repeat { at: Index, len: usize },
    Truncate { at: Index },
}

fn change() -> impl Strategy<Value = Change> {
    let at = any::<Index>;
    // Bytes that the formats are made of are worth more than others.
    let byte = || {
        prop_oneof![proptest::sample::select(b"\n \t+-=/.0129ax\xe2\x80\x94\xff\x00".to_vec()), any::<u8>()]
    };
    prop_oneof![
        (at(), 0u8..8).prop_map(|(at, bit)| Change::Flip { at, bit }),
        (at(), byte()).prop_map(|(at, byte)| Change::Set { at, byte }),
        (at(), proptest::collection::vec(byte(), 1..6)).prop_map(|(at, bytes)| Change::Insert { at, bytes }),
        (at(), 1usize..60).prop_map(|(at, len)| Change::Remove { at, len }),
        (at(), 1usize..60).prop_map(|(at, len)| Change::Repeat { at, len }),
        at().prop_map(|at| Change::Truncate { at }),
    ]
}

fn apply(bytes: &mut Vec<u8>, change: &Change) {
    let place = |at: &Index, len: usize| at.index(len + 1);
    let len = bytes.len();
    match change {
        Change::Flip { at, bit } => {
            if let Some(byte) = bytes.get_mut(place(at, len)) {
                *byte ^= 1 << bit;
            }
        }
        Change::Set { at, byte: to } => {
            if let Some(byte) = bytes.get_mut(place(at, len)) {
                *byte = *to;
            }
        }
        Change::Insert { at, bytes: more } => {
            let at = place(at, len);
            bytes.splice(at..at, more.iter().copied());
        }
        Change::Remove { at, len: count } => {
            let at = place(at, len);
            bytes.drain(at..len.min(at + count));
        }
        Change::Repeat { at, len: count } => {
            let at = place(at, len);
            let part = bytes[at..len.min(at + count)].to_vec();
            bytes.splice(at..at, part);
        }
        Change::Truncate { at } => bytes.truncate(place(at, len)),
    }
}

#[test]
fn good_inputs_are_taken() {
    for (Decoder { name, check, .. }, seeds) in SEEDED.iter() {
        assert!(seeds.len() >= 2, "{name} has too few good inputs");
        for (number, seed) in seeds.iter().enumerate() {
            assert!(check(seed), "{name}: good input {number} is refused: {}", String::from_utf8_lossy(seed));
        }
        assert!(!check(b"\xff\x00 noise"), "{name} takes noise");
    }
}

#[test]
fn names_are_different() {
    let mut names: Vec<_> = decoders().iter().map(|decoder| decoder.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), decoders().len());
}

#[test]
fn good_inputs_cut_off_anywhere_harm_nothing() {
    for (decoder, seeds) in SEEDED.iter() {
        for seed in seeds {
            for len in (0..seed.len()).step_by(1 + seed.len() / 200) {
                (decoder.check)(&seed[..len]);
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn changed_inputs_harm_nothing(seed in any::<Index>(), changes in proptest::collection::vec(change(), 1..5)) {
        for (decoder, seeds) in SEEDED.iter() {
            let mut bytes = seeds[seed.index(seeds.len())].clone();
            for change in &changes {
                apply(&mut bytes, change);
            }
            (decoder.check)(&bytes);
        }
    }

    #[test]
    fn noise_harms_nothing(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        for decoder in decoders() {
            (decoder.check)(&bytes);
        }
    }
}

#[test]
fn every_decoder_has_a_fuzz_target() {
    let manifest = include_str!("../../Cargo.toml");
    let targets: Vec<&str> =
        manifest.split("[[bin]]\nname = \"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
    let names: Vec<&str> = decoders().iter().map(|decoder| decoder.name).collect();
    assert_eq!(targets, names, "write the same names into fuzz/Cargo.toml, in the same order");
}
