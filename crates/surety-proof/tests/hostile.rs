//! Whatever bytes come: no panic, no more memory than they have themselves, and nothing that reads differently than it
//! was written.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test that cannot run should stop")]

mod xaa;

use std::sync::LazyLock;

use proptest::prelude::*;
use surety_proof::verify::verify;
use surety_proof::{
    Assignment, Claim, Class, Committed, FileKind, Holding, Material, Package, Padding, ProveError,
    ProvenClaim, Purpose, Register, Review, Scope, Secret, TotalClaim,
};
use xaa::{HEU_MILITARY, committed_year_1, rng};

/// The files that a commitment makes, one of each kind that is read.
static HONEST: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let committed = committed_year_1();
    let claim =
        TotalClaim { scope: Scope::class(HEU_MILITARY), at_least_mg: None, at_most_mg: Some(1 << 40) };
    vec![
        committed.package().to_vec(),
        committed.ranges(HEU_MILITARY, &mut rng()).unwrap(),
        committed.assignment(),
        committed.prove(&Claim::Total(claim), None, &mut rng()).unwrap(),
    ]
});

fn any_file() -> impl Strategy<Value = Vec<u8>> {
    let kind = proptest::sample::select(FileKind::ALL.to_vec());
    (kind, proptest::collection::vec(any::<u8>(), 0..300))
        .prop_map(|(kind, tail)| [kind.first_line().as_bytes(), &tail].concat())
}

/// Holdings of two classes at a few sites.
fn holdings() -> impl Strategy<Value = Vec<Holding>> {
    let one = (0u8..4, proptest::bool::ANY, 0u64..1 << 32).prop_map(|(site, civil, mass_mg)| {
        let purpose = if civil { Purpose::Civil } else { Purpose::Military };
        (site, Class { material: Material::Heu, purpose }, mass_mg)
    });
    proptest::collection::vec(one, 0..9).prop_map(|holdings| {
        let holding = |(number, (site, class, mass_mg)): (usize, (u8, Class, u64))| Holding {
            id: format!("h-{number}"),
            site: format!("s-{site}"),
            area: "a".to_owned(),
            class,
            mass_mg,
        };
        holdings.into_iter().enumerate().map(holding).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn files_of_random_bytes(files in proptest::collection::vec(any_file(), 0..6)) {
        let files: Vec<&[u8]> = files.iter().map(Vec::as_slice).collect();
        let report = verify(&files);
        prop_assert_eq!(report.files().len(), files.len());
        for bytes in files {
            let _ = (Package::read(bytes), ProvenClaim::read(bytes), Review::read(bytes));
        }
    }

    #[test]
    fn honest_files_with_damage(
        which in 0usize..4, at in any::<prop::sample::Index>(), byte in any::<u8>(), cut in any::<prop::sample::Index>(),
    ) {
        let mut files = HONEST.clone();
        let at = at.index(files[which].len());
        let changed = files[which][at] != byte;
        files[which][at] = byte;
        let package = Package::read(committed_year_1().package()).unwrap();
        match which {
            0 => {
                let read = Package::read(&files[0]).map(|read| read.anchor().root).ok();
                prop_assert_eq!(read == Some(package.anchor().root), !changed);
            }
            2 => prop_assert_eq!(Assignment::read(&files[2], &package).is_ok(), !changed),
            _ => {
                let report = verify(&files.iter().map(Vec::as_slice).collect::<Vec<_>>());
                prop_assert_eq!(report.files()[which].is_ok(), !changed);
            }
        }
        let cut = cut.index(files[which].len());
        prop_assert!(verify(&[&files[which][..cut]]).files()[0].is_err());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10))]

    #[test]
    fn true_totals_hold_and_false_ones_cannot_be_made(
        holdings in holdings(), slack in 0u64..1 << 40, seed in any::<[u8; 32]>(),
    ) {
        let total_mg: u64 =
            holdings.iter().filter(|holding| holding.class == HEU_MILITARY).map(|holding| holding.mass_mg).sum();
        let (state, date) = ("XAB".parse().unwrap(), "2026-06-30".parse().unwrap());
        let register = Register::new(state, date, holdings, vec![], vec![]).unwrap();
        let committed = Committed::new(&register, Padding::PerClass, &Secret::from_bytes(seed)).unwrap();
        let mut package = Package::read(committed.package()).unwrap();
        package.accept(&committed.ranges(HEU_MILITARY, &mut rng()).unwrap()).unwrap();
        let scope = Scope::class(HEU_MILITARY);
        let claim = |least, most| Claim::Total(TotalClaim { scope, at_least_mg: least, at_most_mg: most });
        let between = claim(Some(total_mg.saturating_sub(slack)), Some(total_mg + slack));
        let proven = ProvenClaim::read(&committed.prove(&between, None, &mut rng()).unwrap()).unwrap();
        prop_assert_eq!(proven.verify(&[&package]), Ok(()));
        prop_assert!(proven.proof_len() <= 2_048);
        let above = committed.prove(&claim(Some(total_mg + 1), None), None, &mut rng());
        prop_assert_eq!(above, Err(ProveError::NotTrue));
        if total_mg > 0 {
            let below = committed.prove(&claim(None, Some(total_mg - 1)), None, &mut rng());
            prop_assert_eq!(below, Err(ProveError::NotTrue));
        }
        prop_assert!(Assignment::read(&committed.assignment(), &package).is_ok());
    }
}
