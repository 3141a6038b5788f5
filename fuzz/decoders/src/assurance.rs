//! What is made of a register: packages, and files that are read beside one.

use std::sync::LazyLock;

use rand::SeedableRng as _;
use rand::rngs::StdRng;
use surety_core::parse_day;
use surety_proof::verify::verify;
use surety_proof::{Class, Committed, Holding, Material, Package, Padding, Purpose, Register, Secret};

use crate::Decoder;

pub(super) const DECODERS: [Decoder; 2] = [
    Decoder { name: "register_package", check: package, seeds: packages },
    Decoder { name: "register_file", check: file, seeds: files },
];

/// A commitment to two holdings of the invented State XAA.
static COMMITTED: LazyLock<Option<Committed>> = LazyLock::new(|| commitment(2));

fn commitment(holdings: usize) -> Option<Committed> {
    let class = Class { material: Material::Heu, purpose: Purpose::Military };
    let holding = |id: &str, mass_mg| Holding {
        id: id.to_owned(),
        site: "s-1".to_owned(),
        area: "a-1".to_owned(),
        class,
        mass_mg,
    };
    let holdings = [holding("h-1", 5_000_000), holding("h-2", 70)].into_iter().take(holdings).collect();
    let day = parse_day("2026-12-31").ok()?;
    let register = Register::new("XAA".parse().ok()?, day, holdings, Vec::new(), Vec::new()).ok()?;
    Committed::new(&register, Padding::PerClass, &Secret::from_bytes([7; 32])).ok()
}

fn package(bytes: &[u8]) -> bool {
    let Ok(package) = Package::read(bytes) else { return false };
    assert_eq!(verify(&[bytes]).files().len(), 1, "every file is told of");
    package.header().layout.leaves() > 0
}

/// Whatever is read beside the package that it is about.
fn file(bytes: &[u8]) -> bool {
    let Some(committed) = &*COMMITTED else { return false };
    let report = verify(&[committed.package(), bytes]);
    assert!(report.files()[0].is_ok(), "a file takes nothing else with it");
    report.files()[1].is_ok()
}

fn packages() -> Vec<Vec<u8>> {
    (1..=2).filter_map(commitment).map(|committed| committed.package().to_vec()).collect()
}

fn files() -> Vec<Vec<u8>> {
    let class = Class { material: Material::Plutonium, purpose: Purpose::Civil };
    let of_one = |committed: &Committed| {
        [Some(committed.assignment()), committed.ranges(class, &mut StdRng::from_seed([3; 32])).ok()]
    };
    COMMITTED.iter().flat_map(of_one).flatten().collect()
}
