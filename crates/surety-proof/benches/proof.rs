//! What assurance costs: `cargo bench -p surety-proof`. Sizes are printed once, at the start.
#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark that cannot run should stop"
)]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use curve25519_dalek::scalar::Scalar;
use rand::rngs::StdRng;
use rand_core::SeedableRng as _;
use surety_material::Category;
use surety_proof::{
    Assessment, Assignment, Balance, BalanceClaim, CategoryClaim, Claim, Class, Committed, Compared,
    DecreaseClaim, FewerSitesClaim, Holder, Holding, Material, Package, Padding, ParityClaim, ProvenClaim,
    Purpose, Register, Scope, Secret, SitesClaim, TotalClaim, verify,
};
use tari_bulletproofs_plus::commitment_opening::CommitmentOpening;
use tari_bulletproofs_plus::generators::pedersen_gens::ExtensionDegree;
use tari_bulletproofs_plus::range_parameters::RangeParameters;
use tari_bulletproofs_plus::range_proof::{RangeProof, VerifyAction};
use tari_bulletproofs_plus::range_statement::RangeStatement;
use tari_bulletproofs_plus::range_witness::RangeWitness;
use tari_bulletproofs_plus::ristretto::{RistrettoRangeProof, create_pedersen_gens_with_extension_degree};
use tari_merlin::Transcript;

const HOLDINGS: usize = 10_000;
const REQUIREMENTS: usize = 199;
const HEU: Class = Class { material: Material::Heu, purpose: Purpose::Military };

fn rng() -> StdRng {
    StdRng::from_seed([5; 32])
}

/// A register with so many holdings over the twelve classes of weapons-usable material, at so many sites.
fn register(date: &str, holdings: usize, sites: usize) -> Register {
    let classes: Vec<Class> = Class::all().filter(|class| class.material.is_weapons_usable()).collect();
    let holding = |number: usize| Holding {
        id: format!("item-{number:05}"),
        site: format!("site-{:04}", number % sites),
        area: format!("area-{:04}", number % sites),
        class: classes[number % classes.len()],
        mass_mg: 1_000 + number as u64,
    };
    let assessment = |number: usize| Assessment {
        requirement: format!("R-{number:03}"),
        civil: Some(u8::try_from(number % 4).unwrap()),
        military: Some(u8::try_from(number % 4 + 1).unwrap()),
    };
    let balance = |month: usize| Balance {
        area: "area-0001".to_owned(),
        material: Material::Heu,
        period: format!("2026-{month:02}"),
        muf_mg: 17,
        threshold_mg: 900,
    };
    Register::new(
        "XAA".parse().unwrap(),
        date.parse().unwrap(),
        (0..holdings).map(holding).collect(),
        (0..REQUIREMENTS).map(assessment).collect(),
        (1..=12).map(balance).collect(),
    )
    .unwrap()
}

fn commit(register: &Register, padding: Padding, seed: u8) -> Committed {
    Committed::new(register, padding, &Secret::from_bytes([seed; 32])).unwrap()
}

fn parity() -> Claim {
    let compared = |number| Compared { number, baseline: 1 };
    let requirements = (0..u16::try_from(REQUIREMENTS).unwrap()).map(compared).collect();
    Claim::Parity(ParityClaim { requirements, all: true })
}

fn committing(criterion: &mut Criterion) {
    let register = register("2026-12-31", HOLDINGS, 100);
    let mut group = criterion.benchmark_group("commit, 10,000 holdings, 199 requirements x 2");
    group.sample_size(10);
    for padding in [Padding::PerClass, Padding::Equal] {
        let committed = commit(&register, padding, 1);
        println!(
            "package ({padding:?}): {} bytes, {} leaves",
            committed.package().len(),
            committed.header().layout.leaves()
        );
        group
            .bench_function(format!("{padding:?}"), |bencher| bencher.iter(|| commit(&register, padding, 1)));
        group.bench_function(format!("read package, {padding:?}"), |bencher| {
            bencher.iter(|| Package::read(black_box(committed.package())).unwrap());
        });
    }
    let committed = commit(&register, Padding::PerClass, 1);
    let package = Package::read(committed.package()).unwrap();
    let ranges = committed.ranges(HEU, &mut rng()).unwrap();
    println!(
        "ranges of {} leaves: {} bytes",
        committed.header().layout.leaf_entries(HEU).unwrap().count(),
        ranges.len()
    );
    group.bench_function("ranges of one class, make", |bencher| {
        bencher.iter(|| committed.ranges(HEU, &mut rng()));
    });
    group.bench_function("ranges of one class, verify", |bencher| {
        bencher.iter(|| package.clone().accept(&ranges).unwrap());
    });
    let assignment = committed.assignment();
    println!("assignment: {} bytes", assignment.len());
    group.bench_function("assignment, verify", |bencher| {
        bencher.iter(|| Assignment::read(&assignment, &package).unwrap());
    });
    group.finish();
}

fn claims(criterion: &mut Criterion) {
    let older = commit(&register("2025-12-31", HOLDINGS, 1_000), Padding::PerClass, 2);
    let newer = commit(&register("2026-12-31", HOLDINGS / 2, 900), Padding::PerClass, 3);
    let packages = [&older, &newer].map(|committed| {
        let mut package = Package::read(committed.package()).unwrap();
        package.accept(&committed.ranges(HEU, &mut rng()).unwrap()).unwrap();
        package
    });
    let packages = [&packages[0], &packages[1]];
    let (scope, holder) = (Scope::class(HEU), Holder::Site);
    let kilogram = 1_000_000;
    let total = TotalClaim { scope, at_least_mg: Some(kilogram / 10), at_most_mg: Some(1_000 * kilogram) };
    let mut group = criterion.benchmark_group("claims, 10,000 holdings at 1,000 sites");
    group.sample_size(10);
    for claim in [
        Claim::Total(total),
        Claim::Decrease(DecreaseClaim { scope, by_mg: 1 }),
        Claim::Category(CategoryClaim { scope, holder, ceiling: Category::II }),
        Claim::Sites(SitesClaim { scope, holder, at_most: 1_000 }),
        Claim::FewerSites(FewerSitesClaim { scope, holder, by: 1 }),
        parity(),
        Claim::Balance(BalanceClaim { threshold_mg_max: 1_000 }),
    ] {
        let other = claim.compares().then_some(&older);
        let bytes = newer.prove(&claim, other, &mut rng()).unwrap();
        let proven = ProvenClaim::read(&bytes).unwrap();
        println!("{}: {} bytes", claim.word(), bytes.len());
        group.bench_function(format!("{}, make", claim.word()), |bencher| {
            bencher.iter(|| newer.prove(&claim, other, &mut rng()).unwrap());
        });
        group.bench_function(format!("{}, verify", claim.word()), |bencher| {
            bencher.iter(|| proven.verify(black_box(&packages)).unwrap());
        });
    }

    let many: Vec<Vec<u8>> = (0..64)
        .map(|most| {
            let claim = TotalClaim { scope, at_least_mg: None, at_most_mg: Some(1_000 * kilogram + most) };
            newer.prove(&Claim::Total(claim), None, &mut rng()).unwrap()
        })
        .collect();
    let ranges = newer.ranges(HEU, &mut rng()).unwrap();
    let base: Vec<&[u8]> = vec![newer.package(), &ranges];
    let all: Vec<&[u8]> = base.iter().copied().chain(many.iter().map(Vec::as_slice)).collect();
    group.bench_function("verify package and ranges", |bencher| {
        bencher.iter(|| verify::verify(black_box(&base)));
    });
    group.bench_function("verify package, ranges and 64 totals", |bencher| {
        bencher.iter(|| verify::verify(black_box(&all)));
    });
    group.finish();
}

/// The library of range proofs alone, on as many bits: 8 numbers at a time, one thread for each core.
fn library_alone(criterion: &mut Criterion) {
    use rayon::prelude::*;
    let bases = create_pedersen_gens_with_extension_degree(ExtensionDegree::DefaultPedersen);
    let parameters = RangeParameters::init(32, 8, bases).unwrap();
    let blindings: Vec<Scalar> = (1..=8u8).map(Scalar::from).collect();
    let openings = || blindings.iter().map(|blinding| CommitmentOpening::new(77, vec![*blinding])).collect();
    let commitments: Vec<_> = blindings
        .iter()
        .map(|blinding| parameters.pc_gens().commit(&Scalar::from(77u8), &[*blinding]).unwrap())
        .collect();
    let statement = RangeStatement::init(parameters, commitments, vec![None; 8], None).unwrap();
    let prove = || {
        let witness = RangeWitness::init(openings()).unwrap();
        RistrettoRangeProof::prove_with_rng(&mut Transcript::new(b"x"), &statement, &witness, &mut rng())
            .unwrap()
    };
    let proof = prove();
    let mut group = criterion.benchmark_group("range proofs alone, 1,024 numbers of 32 bits");
    group.sample_size(10);
    group.bench_function("make", |bencher| {
        bencher.iter(|| (0..128).into_par_iter().map(|_| prove()).collect::<Vec<_>>());
    });
    let statements: Vec<_> = (0..128).map(|_| statement.clone()).collect();
    let proofs: Vec<_> = (0..128).map(|_| proof.clone()).collect();
    group.bench_function("verify in one batch", |bencher| {
        bencher.iter(|| {
            let mut transcripts = vec![Transcript::new(b"x"); 128];
            RangeProof::verify_batch(&mut transcripts, &statements, &proofs, VerifyAction::VerifyOnly)
                .unwrap()
        });
    });
    group.finish();
}

criterion_group!(benches, committing, claims, library_alone);
criterion_main!(benches);
