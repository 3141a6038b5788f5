//! Attacks, each of which must fail. They stand here, and not under `tests`, because a cheat does not keep to what
//! the crate offers.

use std::collections::BTreeSet;

use curve25519_dalek::ristretto::RistrettoPoint;
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};
use surety_material::Category;
use tari_bulletproofs_plus::commitment_opening::CommitmentOpening;
use tari_bulletproofs_plus::generators::pedersen_gens::ExtensionDegree;
use tari_bulletproofs_plus::range_parameters::RangeParameters;
use tari_bulletproofs_plus::range_statement::RangeStatement;
use tari_bulletproofs_plus::range_witness::RangeWitness;
use tari_bulletproofs_plus::ristretto::{RistrettoRangeProof, create_pedersen_gens_with_extension_degree};

use crate::claims::{
    BalanceClaim, CategoryClaim, Claim, ClaimError, Compared, DecreaseClaim, EliminationClaim,
    FewerSitesClaim, ParityClaim, ProveError, ProvenClaim, SitesClaim, TotalClaim,
};
use crate::commitment::{
    Assignment, AssignmentError, Committed, Package, PackageError, Padding, Ranges, Record, record_hash,
};
use crate::encoding::Reader;
use crate::group::{ManyOpened, Opened, public, scalar};
use crate::range::{self, Bits};
use crate::register::{Class, Holder, Register, Scope};
use crate::secret::Secret;
use crate::tests::{
    HEU_CIVIL, HEU_MILITARY, HEU_NAVAL, KG, PU_MILITARY, assessments_year_2, balance, commit,
    committed_year_1, committed_year_2, holding, holdings_year_2, package, rng, xaa_year_1, xaa_year_2,
};
use crate::transcript::transcript;
use crate::{Anchor, Material};

const MILITARY: Scope = Scope::class(HEU_MILITARY);

fn at_most(kg: u64) -> Claim {
    Claim::Total(TotalClaim { scope: MILITARY, at_least_mg: None, at_most_mg: Some(kg * KG) })
}

fn at_least(kg: u64) -> Claim {
    Claim::Total(TotalClaim { scope: MILITARY, at_least_mg: Some(kg * KG), at_most_mg: None })
}

/// Both packages, with the range proofs of military HEU, and of civil HEU in year 2.
fn packages() -> [Package; 2] {
    [
        package(committed_year_1(), &[HEU_MILITARY]),
        package(committed_year_2(), &[HEU_MILITARY, HEU_CIVIL, HEU_NAVAL]),
    ]
}

fn proven(claim: &Claim) -> ProvenClaim {
    let older = claim.compares().then(committed_year_1);
    let bytes = committed_year_2().prove(claim, older, &mut rng()).unwrap();
    ProvenClaim::read(&bytes).unwrap()
}

fn verified(claim: &ProvenClaim, packages: &[Package]) -> Result<(), ClaimError> {
    claim.verify(&packages.iter().collect::<Vec<_>>())
}

/// A claim whose proof a cheat made: that this number is not negative.
fn cheated(claim: Claim, committed: &Committed, rest: Opened) -> ProvenClaim {
    let anchors = vec![committed.anchor()];
    let claimed = ProvenClaim::of(claim, anchors.clone());
    let base = transcript(&anchors, &claimed.claim().statement());
    let proof = range::prove(&base, b"total", Bits::SixtyFour, &ManyOpened(vec![rest]), &mut rng()).unwrap();
    ProvenClaim::with_proof(claimed.claim().clone(), anchors, proof)
}

/// One claim of each kind, true in year 2.
fn every_claim() -> Vec<Claim> {
    let site = Holder::Site;
    let requirements = (0..5).map(|number| Compared { number, baseline: 2 }).collect();
    vec![
        at_most(30),
        Claim::Decrease(DecreaseClaim { scope: MILITARY, by_mg: 9 * KG }),
        Claim::Elimination(EliminationClaim { scope: Scope::class(HEU_CIVIL) }),
        Claim::Category(CategoryClaim {
            scope: Scope::class(HEU_NAVAL),
            holder: Holder::Area,
            ceiling: Category::BelowIII,
        }),
        Claim::Sites(SitesClaim { scope: MILITARY, holder: site, at_most: 2 }),
        Claim::FewerSites(FewerSitesClaim { scope: MILITARY, holder: site, by: 2 }),
        Claim::Parity(ParityClaim { requirements, all: true }),
        Claim::Balance(BalanceClaim { threshold_mg_max: 1_000 }),
    ]
}

#[test]
fn honest_claims_of_every_kind_hold() {
    let packages = packages();
    for claim in every_claim() {
        let proven = proven(&claim);
        assert_eq!(verified(&proven, &packages), Ok(()), "{claim}");
        assert_eq!(ProvenClaim::read(&proven.encode()), Ok(proven), "{claim}");
    }
}

#[test]
fn what_is_not_true_cannot_be_proven() {
    let site = Holder::Site;
    let one = |number, baseline| vec![Compared { number, baseline }];
    for (committed, claim) in [
        (committed_year_1(), at_most(31)),
        (committed_year_1(), at_least(33)),
        (committed_year_2(), Claim::Decrease(DecreaseClaim { scope: MILITARY, by_mg: 10 * KG })),
        (committed_year_1(), Claim::Elimination(EliminationClaim { scope: MILITARY })),
        (
            committed_year_1(),
            Claim::Category(CategoryClaim { scope: MILITARY, holder: site, ceiling: Category::II }),
        ),
        (committed_year_1(), Claim::Sites(SitesClaim { scope: MILITARY, holder: site, at_most: 3 })),
        (committed_year_2(), Claim::FewerSites(FewerSitesClaim { scope: MILITARY, holder: site, by: 3 })),
        // Lower than civil; military not stated; below the baseline.
        (committed_year_1(), Claim::Parity(ParityClaim { requirements: one(1, 0), all: false })),
        (committed_year_1(), Claim::Parity(ParityClaim { requirements: one(3, 0), all: false })),
        (committed_year_1(), Claim::Parity(ParityClaim { requirements: one(2, 3), all: false })),
        (committed_year_1(), Claim::Balance(BalanceClaim { threshold_mg_max: 999 })),
    ] {
        let older = claim.compares().then(committed_year_1);
        assert_eq!(committed.prove(&claim, older, &mut rng()), Err(ProveError::NotTrue), "{claim}");
    }
}

#[test]
fn what_is_not_stated_never_passes_for_equal() {
    let (civil, military) = (Some(3), Some(3));
    for (civil, military) in [(None, None), (None, military), (civil, None)] {
        let assessment = crate::Assessment { requirement: "R".to_owned(), civil, military };
        let (state, date) = ("XAA".parse().unwrap(), "2026-01-01".parse().unwrap());
        let register = Register::new(state, date, vec![], vec![assessment], vec![]).unwrap();
        let claim = ParityClaim { requirements: vec![Compared { number: 0, baseline: 0 }], all: true };
        let made = commit(&register, 9).prove(&Claim::Parity(claim), None, &mut rng());
        assert_eq!(made, Err(ProveError::NotTrue), "{civil:?}, {military:?}");
    }
}

#[test]
fn a_changed_bound() {
    let packages = packages();
    let honest = proven(&at_most(30));
    for claim in [at_most(31), at_most(29), at_least(30)] {
        let changed = ProvenClaim::with_proof(claim, honest.anchors().to_vec(), honest.proof().to_vec());
        assert_eq!(verified(&changed, &packages), Err(ClaimError::False), "{}", changed.claim());
    }
}

#[test]
fn a_swapped_root() {
    let packages = packages();
    let honest = proven(&at_most(30));
    let swapped = ProvenClaim::with_proof(
        honest.claim().clone(),
        vec![committed_year_1().anchor()],
        honest.proof().to_vec(),
    );
    assert_eq!(verified(&swapped, &packages), Err(ClaimError::False));
}

#[test]
fn a_swapped_state_or_date() {
    let packages = packages();
    let honest = proven(&at_most(30));
    let anchor = honest.anchors()[0];
    for other in [
        Anchor { state: "XAB".parse().unwrap(), ..anchor },
        Anchor { date: "2028-12-31".parse().unwrap(), ..anchor },
    ] {
        let swapped = ProvenClaim::with_proof(honest.claim().clone(), vec![other], honest.proof().to_vec());
        assert!(matches!(verified(&swapped, &packages), Err(ClaimError::NoPackage { .. })));
    }
    // The same package under another State has another root.
    let mut bytes = committed_year_2().package().to_vec();
    let at = bytes.windows(3).position(|window| window == b"XAA").unwrap();
    bytes[at + 2] = b'B';
    let other = Package::read(&bytes).unwrap();
    assert_ne!(other.anchor().root, anchor.root);
    let ranges = committed_year_2().ranges(HEU_MILITARY, &mut rng()).unwrap();
    assert_eq!(Ranges::verify(&ranges, &other), Err(ClaimError::OtherRoot));
}

#[test]
fn an_omitted_and_a_doubled_leaf() {
    let committed = committed_year_1();
    let packages = packages();
    let total = committed.total(MILITARY).unwrap();
    let heaviest =
        committed.find(|record| matches!(record, Record::Holding { holding, .. } if holding.id == "h-01"))[0];
    let opening = committed.open(heaviest).unwrap();
    let leaf = Opened { value: opening.record().values()[0], blinding: opening.blindings[0] };

    // 32 kg less the 12 kg of one leaf would be at most 25 kg.
    let omitted = Opened::public(scalar_mg(25)).minus(&total.minus(&leaf));
    assert_eq!(verified(&cheated(at_most(25), committed, omitted), &packages), Err(ClaimError::False));
    // 32 kg and 12 kg once more would be at least 40 kg.
    let doubled = total.plus(&leaf).minus(&Opened::public(scalar_mg(40)));
    assert_eq!(verified(&cheated(at_least(40), committed, doubled), &packages), Err(ClaimError::False));
}

fn scalar_mg(kg: u64) -> i64 {
    i64::try_from(kg * KG).unwrap()
}

#[test]
fn a_leaf_copied_over_another_in_the_package() {
    let committed = committed_year_1();
    let section = committed.header().layout.leaf_entries(HEU_MILITARY).unwrap();
    let bytes = committed.package();
    let entries_at = bytes.len() - entries_len(committed);
    let entry = |index: u64| entries_at + 64 * usize::try_from(index).unwrap();
    let mut copied = bytes.to_vec();
    let (from, to) = (entry(section.start), entry(section.start + 1));
    copied.copy_within(from..from + 64, to);
    let refused = Package::read(&copied).unwrap_err();
    assert!(matches!(refused, PackageError::Sums { class: HEU_MILITARY, .. }), "{refused}");
    // A record is bound to its place: the copy opens nowhere.
    let opening = committed.open(section.start).unwrap();
    let record = opening.record().encode();
    assert_eq!(record_hash(&opening.salt, section.start, &record)[..], bytes[from..from + 32]);
    assert_ne!(record_hash(&opening.salt, section.start + 1, &record)[..], bytes[from..from + 32]);
}

fn entries_len(committed: &Committed) -> usize {
    let layout = &committed.header().layout;
    (0..layout.entries()).map(|index| 32 * (1 + layout.commitments(layout.region(index).unwrap()))).sum()
}

#[test]
fn a_leaf_left_out_of_the_package() {
    let committed = committed_year_1();
    let bytes = committed.package();
    let entries_at = bytes.len() - entries_len(committed);
    let cut = [&bytes[..entries_at], &bytes[entries_at + 64..]].concat();
    assert!(matches!(Package::read(&cut), Err(PackageError::Decode(_))));
}

/// A leaf of −20 kg would hide 20 kg of others; one of 2^32 mg and more could be anything.
#[test]
fn a_negative_mass_and_an_overflow() {
    for by_mg in [-20_000_000 - 1, 1 << 32, i64::MAX >> 1] {
        let committed = commit(&xaa_year_1(), 1);
        let section = committed.header().layout.leaf_entries(HEU_MILITARY).unwrap();
        let empty = committed.find(|record| matches!(record, Record::EmptyLeaf { .. }));
        let leaf = empty.into_iter().find(|leaf| section.contains(leaf)).unwrap();
        let forged = committed.with_leaf_changed(leaf, by_mg);

        // The package is consistent: nothing in it shows the cheat.
        let mut package = Package::read(forged.package()).unwrap();
        assert_eq!(forged.ranges(HEU_MILITARY, &mut rng()), Err(ProveError::NotTrue), "{by_mg} mg");
        // Range proofs of the honest leaves, with the root exchanged, do not hold either.
        let mut honest = committed_year_1().ranges(HEU_MILITARY, &mut rng()).unwrap();
        let at = crate::FileKind::Ranges.first_line().len();
        honest[at..at + 32].copy_from_slice(&forged.anchor().root.0);
        assert_eq!(package.accept(&honest), Err(ClaimError::False));
        // And without range proofs no total counts, however true its proof.
        let claim = forged.prove(&at_least(0), None, &mut rng());
        if let Ok(claim) = claim {
            let refused = ProvenClaim::read(&claim).unwrap().verify(&[&package]);
            assert!(matches!(refused, Err(ClaimError::NoRanges { .. })), "{by_mg} mg");
        }
        // Nor does a claim on what each site holds: the leaf would hide what else there is at its own.
        for claim in [
            Claim::Category(CategoryClaim { scope: MILITARY, holder: Holder::Site, ceiling: Category::II }),
            Claim::Sites(SitesClaim { scope: MILITARY, holder: Holder::Site, at_most: 8 }),
        ] {
            let claim = ProvenClaim::of(claim, vec![forged.anchor()]);
            let refused = claim.verify(&[&package]);
            assert!(matches!(refused, Err(ClaimError::NoRanges { .. })), "{by_mg} mg: {}", claim.claim());
        }
        // Who is shown that leaf sees that it is false.
        let opening = crate::Disclosure::new(&forged, &[leaf]).unwrap();
        assert_eq!(
            crate::Disclosure::read(&opening.encode()).unwrap_err(),
            crate::DisclosureError::Entry(leaf)
        );
    }
}

#[test]
fn mass_moved_between_sites() {
    let honest = commit(&xaa_year_1(), 1);
    let slot = |label: &str| {
        let start = honest.header().layout.holder_entries(Holder::Site).start;
        let of_label = honest
            .find(|record| matches!(record, Record::Holder { label: Some(known), .. } if known == label));
        of_label[0] - start
    };
    let slots = [slot("site-1"), slot("site-5")];
    let forged = commit(&xaa_year_1(), 1).with_sum_moved(HEU_MILITARY, slots, 14_000_000);
    // Sums still add up to all leaves, so that the package alone does not show it; the assignment does.
    let package = Package::read(forged.package()).unwrap();
    let refused = Assignment::read(&forged.assignment(), &package).unwrap_err();
    assert!(matches!(refused, AssignmentError::Sum { holder: Holder::Site, .. }), "{refused}");
    let honest_package = Package::read(honest.package()).unwrap();
    assert!(Assignment::read(&honest.assignment(), &honest_package).is_ok());
    assert_eq!(Assignment::read(&honest.assignment(), &package), Err(AssignmentError::OtherRoot));
}

#[test]
fn a_proof_from_another_transcript() {
    let packages = packages();
    let (most, fell) = (at_most(30), Claim::Decrease(DecreaseClaim { scope: MILITARY, by_mg: KG }));
    let (total, decrease) = (proven(&most), proven(&fell));
    assert_eq!(total.proof_len(), decrease.proof_len());
    for (claim, anchors, proof) in
        [(most.clone(), total.anchors(), decrease.proof()), (fell.clone(), decrease.anchors(), total.proof())]
    {
        let mixed = ProvenClaim::with_proof(claim, anchors.to_vec(), proof.to_vec());
        assert_eq!(verified(&mixed, &packages), Err(ClaimError::False));
    }
    // Another class, another root, another part of the same proof.
    let committed = committed_year_1();
    let mut ranges = committed.ranges(HEU_NAVAL, &mut rng()).unwrap();
    let at = crate::FileKind::Ranges.first_line().len() + 32;
    ranges[at] = HEU_MILITARY.code();
    assert_eq!(Ranges::verify(&ranges, &packages[0]), Err(ClaimError::False));
    let of_year_2 = committed_year_2().ranges(HEU_MILITARY, &mut rng()).unwrap();
    assert_eq!(Ranges::verify(&of_year_2, &packages[0]), Err(ClaimError::OtherRoot));
    let balance = proven(&Claim::Balance(BalanceClaim { threshold_mg_max: 1_000 }));
    let mut turned = balance.proof().to_vec();
    let third = turned.len() / 3;
    turned.rotate_left(third);
    let turned = ProvenClaim::with_proof(balance.claim().clone(), balance.anchors().to_vec(), turned);
    assert_eq!(verified(&turned, &packages), Err(ClaimError::False));
}

/// A register as small as the protocol allows, so that a proof can be broken at every byte.
fn small(date: &str, masses_kg: &[u64]) -> Committed {
    let holdings = masses_kg.iter().zip(1..);
    let holdings = holdings.map(|(kg, number): (_, u32)| {
        holding(&format!("h-{number}"), &format!("site-{number}"), HEU_MILITARY, kg * KG)
    });
    let register = Register::new(
        "XAA".parse().unwrap(),
        date.parse().unwrap(),
        holdings.collect(),
        assessments_year_2()[..2].to_vec(),
        vec![balance("area-1", "2026-01", -5, 10)],
    );
    Committed::new(&register.unwrap(), Padding::PerClass, &Secret::from_bytes([8; 32])).unwrap()
}

#[test]
fn every_changed_byte_and_every_cut() {
    let (older, newer) = (small("2026-12-31", &[3, 2]), small("2027-12-31", &[1]));
    let packages = [package(&older, &[HEU_MILITARY]), package(&newer, &[HEU_MILITARY, HEU_CIVIL])];
    let packages = [&packages[0], &packages[1]];
    let site = Holder::Site;
    let requirements = (0..2).map(|number| Compared { number, baseline: 2 }).collect();
    for claim in [
        Claim::Total(TotalClaim { scope: MILITARY, at_least_mg: Some(1), at_most_mg: Some(2 * KG) }),
        Claim::Decrease(DecreaseClaim { scope: MILITARY, by_mg: KG }),
        Claim::Elimination(EliminationClaim { scope: Scope::class(HEU_CIVIL) }),
        Claim::Category(CategoryClaim { scope: MILITARY, holder: site, ceiling: Category::II }),
        Claim::Sites(SitesClaim { scope: MILITARY, holder: site, at_most: 1 }),
        Claim::FewerSites(FewerSitesClaim { scope: MILITARY, holder: site, by: 1 }),
        Claim::Parity(ParityClaim { requirements, all: true }),
        Claim::Balance(BalanceClaim { threshold_mg_max: 10 }),
    ] {
        let bytes = newer.prove(&claim, claim.compares().then_some(&older), &mut rng()).unwrap();
        let holds = |bytes: &[u8]| ProvenClaim::read(bytes).and_then(|claim| claim.verify(&packages)).is_ok();
        assert!(holds(&bytes), "{claim}");
        (0..bytes.len()).into_par_iter().for_each(|at| {
            let mut changed = bytes.clone();
            changed[at] ^= 1 << (at % 8);
            assert!(!holds(&changed), "{claim}: byte {at} of {}", bytes.len());
            assert!(!holds(&bytes[..at]), "{claim}: {at} bytes");
        });
        assert!(!holds(&[&bytes[..], b"\0"].concat()), "{claim}: a byte more");
    }
}

#[test]
fn every_changed_byte_of_range_proofs_and_package() {
    let committed = small("2026-12-31", &[3]);
    let package = Package::read(committed.package()).unwrap();
    let ranges = committed.ranges(HEU_MILITARY, &mut rng()).unwrap();
    (0..ranges.len()).into_par_iter().for_each(|at| {
        let mut changed = ranges.clone();
        changed[at] ^= 1 << (at % 8);
        assert!(Ranges::verify(&changed, &package).is_err(), "byte {at}");
        assert!(Ranges::verify(&ranges[..at], &package).is_err(), "{at} bytes");
    });
    let bytes = committed.package();
    // Every seventh byte, so that every place within the 32 of a hash or point comes up.
    (0..bytes.len()).into_par_iter().step_by(7).for_each(|at| {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1 << (at % 8);
        // What still reads is the package of another root.
        let other = Package::read(&changed).map(|package| package.anchor().root);
        assert_ne!(other, Ok(committed.anchor().root), "byte {at}");
        assert!(Package::read(&bytes[..at]).is_err(), "{at} bytes");
    });
}

#[test]
fn an_old_root_replayed() {
    let packages = packages();
    let old = ProvenClaim::read(&committed_year_1().prove(&at_most(40), None, &mut rng()).unwrap()).unwrap();
    // It holds of the year it is about, and says so; it says nothing of year 2.
    assert_eq!(old.anchors()[0].date.year(), 2026);
    assert!(matches!(verified(&old, &packages[1..]), Err(ClaimError::NoPackage { .. })));
    let fell = Claim::Decrease(DecreaseClaim { scope: MILITARY, by_mg: KG });
    let (year_1, year_2) = (committed_year_1(), committed_year_2());
    for (newer, older) in [(year_1, Some(year_2)), (year_2, Some(year_2)), (year_2, None)] {
        assert!(matches!(newer.prove(&fell, older, &mut rng()), Err(ProveError::Older(_))));
    }
    let honest = proven(&fell);
    let turned: Vec<_> = honest.anchors().iter().rev().copied().collect();
    let turned = ProvenClaim::with_proof(fell, turned, honest.proof().to_vec());
    assert!(matches!(ProvenClaim::read(&turned.encode()), Err(ClaimError::Roots(_))));
}

#[test]
fn guessing_every_plausible_mass_from_anything_published() {
    let committed = committed_year_1();
    let ranges = committed.ranges(HEU_MILITARY, &mut rng()).unwrap();
    let claim = committed.prove(&at_most(40), None, &mut rng()).unwrap();
    let published = [committed.package(), &ranges, &claim, &committed.assignment()].concat();
    let published: BTreeSet<&[u8]> = published.windows(32).collect();
    let record_of = |index: u64| committed.open(index).unwrap().record().clone();
    let holdings = committed.find(|record| matches!(record, Record::Holding { .. }));
    // The masses themselves are among the guesses: every gram up to 20 kg, and each mass as it is.
    let masses = xaa_year_1().holdings().iter().map(|holding| holding.mass_mg).collect::<Vec<_>>();
    let mut guess = RistrettoPoint::mul_base(&scalar(0));
    let gram = RistrettoPoint::mul_base(&scalar(1_000));
    let exact = masses.iter().map(|mass_mg| public(i64::try_from(*mass_mg).unwrap()));
    let by_gram = (0..20_000).map(|_| {
        guess += gram;
        guess
    });
    for point in by_gram.chain(exact) {
        assert!(!published.contains(&point.compress().as_bytes()[..]));
    }
    for index in holdings {
        let record = record_of(index).encode();
        for salt in [[0; 32], [0xff; 32], committed.anchor().root.0] {
            assert!(!published.contains(&record_hash(&salt, index, &record)[..]));
        }
        assert!(!published.contains(&Sha256::digest(&record)[..]));
    }
    // Equal masses, and equal records in another year, give other points and other hashes.
    let (first, second) = (commit(&xaa_year_2(), 2), commit(&xaa_year_2(), 3));
    let second: BTreeSet<&[u8]> = second.package().chunks(32).collect();
    let entries = &first.package()[first.package().len() - entries_len(&first)..];
    assert!(entries.chunks(32).all(|chunk| !second.contains(chunk)));
    let points: Vec<&[u8]> = entries.chunks(32).collect();
    assert_eq!(points.iter().collect::<BTreeSet<_>>().len(), points.len());
}

#[test]
fn a_proof_over_more_numbers_than_the_protocol_allows() {
    let packages = packages();
    let bases = create_pedersen_gens_with_extension_degree(ExtensionDegree::DefaultPedersen);
    let parameters = RangeParameters::init(64, 16, bases).unwrap();
    let opened = Opened { value: 7, blinding: scalar(5) };
    let witness = RangeWitness::init(vec![CommitmentOpening::new(7, vec![opened.blinding]); 16]).unwrap();
    let statement =
        RangeStatement::init(parameters, vec![opened.commit(); 16], vec![None; 16], None).unwrap();
    let honest = proven(&at_most(30));
    let base = transcript(honest.anchors(), &honest.claim().statement());
    let large =
        RistrettoRangeProof::prove_with_rng(&mut base.clone(), &statement, &witness, &mut rng()).unwrap();
    let large = ProvenClaim::with_proof(honest.claim().clone(), honest.anchors().to_vec(), large.to_bytes());
    assert!(matches!(verified(&large, &packages), Err(ClaimError::Decode(_) | ClaimError::False)));
    // It is refused by its length, before anything is verified.
    let mut batch = range::Batch::default();
    let read = batch.read(
        0,
        &base,
        b"total",
        Bits::SixtyFour,
        &[opened.commit()],
        &mut Reader::new("test", large.proof()),
    );
    assert!(read.is_err() || large.proof_len() > 577);
}

#[test]
fn points_and_scalars_that_are_not_canonical() {
    let packages = packages();
    let honest = proven(&Claim::Elimination(EliminationClaim { scope: Scope::class(HEU_CIVIL) }));
    let with_proof = |proof: Vec<u8>| {
        let claim = ProvenClaim::with_proof(honest.claim().clone(), honest.anchors().to_vec(), proof);
        verified(&claim, &packages)
    };
    assert_eq!(with_proof(honest.proof().to_vec()), Ok(()));
    // The same scalar with the order of the group added: the same number, written otherwise.
    let order = scalar(-1).to_bytes();
    let mut written_otherwise = honest.proof().to_vec();
    let mut carry = 1u16;
    for (byte, order) in written_otherwise[32..].iter_mut().zip(order) {
        let sum = u16::from(*byte) + u16::from(order) + carry;
        *byte = u8::try_from(sum & 0xff).unwrap();
        carry = sum >> 8;
    }
    assert_eq!(carry, 0);
    assert!(matches!(with_proof(written_otherwise), Err(ClaimError::Decode(_))));
    // A negative field element, and the identity.
    for first in [[1; 32], [0; 32]] {
        let mut proof = honest.proof().to_vec();
        proof[..32].copy_from_slice(&first);
        assert!(matches!(with_proof(proof), Err(ClaimError::Decode(_))), "{first:?}");
    }
}

#[test]
fn identity_points_in_a_package() {
    let committed = committed_year_1();
    let entries_at = committed.package().len() - entries_len(committed);
    let mut bytes = committed.package().to_vec();
    bytes[entries_at + 32..entries_at + 64].fill(0);
    let refused = Package::read(&bytes).unwrap_err();
    assert!(refused.to_string().contains("it is the identity"), "{refused}");
}

#[test]
fn a_total_without_range_proofs_means_nothing() {
    let packages = [package(committed_year_1(), &[]), package(committed_year_2(), &[HEU_MILITARY])];
    for claim in [at_most(30), Claim::Decrease(DecreaseClaim { scope: MILITARY, by_mg: KG })] {
        let on_both = verified(&proven(&claim), &packages);
        assert_eq!(on_both.is_ok(), !claim.compares(), "{claim}");
    }
    let other = Scope::of([HEU_MILITARY, PU_MILITARY]).unwrap();
    let claim = Claim::Total(TotalClaim { scope: other, at_least_mg: None, at_most_mg: Some(90 * KG) });
    let refused = verified(&proven(&claim), &packages);
    assert!(matches!(refused, Err(ClaimError::NoRanges { class: PU_MILITARY, .. })), "{refused:?}");
}

#[test]
fn parity_over_some_does_not_pass_for_parity_over_all() {
    let packages = packages();
    let requirements: Vec<_> = (0..4).map(|number| Compared { number, baseline: 2 }).collect();
    let some = proven(&Claim::Parity(ParityClaim { requirements: requirements.clone(), all: false }));
    assert_eq!(verified(&some, &packages), Ok(()));
    let all = Claim::Parity(ParityClaim { requirements, all: true });
    assert!(committed_year_2().prove(&all, None, &mut rng()).is_err());
    let all = ProvenClaim::with_proof(all, some.anchors().to_vec(), some.proof().to_vec());
    assert_eq!(verified(&all, &packages), Err(ClaimError::False));
}

#[test]
fn a_bound_that_no_claim_may_have() {
    let huge = Claim::Total(TotalClaim { scope: MILITARY, at_least_mg: None, at_most_mg: Some(u64::MAX) });
    let none = Claim::Total(TotalClaim { scope: MILITARY, at_least_mg: None, at_most_mg: None });
    let any = CategoryClaim {
        scope: Scope::material(Material::LeuBelow10),
        holder: Holder::Site,
        ceiling: Category::III,
    };
    for claim in [huge, none, Claim::Category(any)] {
        let refused = committed_year_1().prove(&claim, None, &mut rng());
        assert!(matches!(refused, Err(ProveError::Malformed(_))), "{claim}: {refused:?}");
    }
    let no_section = Scope::class(Class { material: Material::LeuBelow10, purpose: crate::Purpose::Civil });
    let claim = Claim::Elimination(EliminationClaim { scope: no_section });
    assert!(matches!(committed_year_1().prove(&claim, None, &mut rng()), Err(ProveError::NoSection(_))));
    assert_eq!(holdings_year_2().len() + 3, xaa_year_1().holdings().len());
}
