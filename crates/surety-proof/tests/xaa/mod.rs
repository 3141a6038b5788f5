//! The invented State XAA in two years: what the tests commit to.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::panic,
    reason = "every test takes what it needs, and stops without it"
)]

use std::sync::LazyLock;

use rand::rngs::StdRng;
use rand_core::SeedableRng as _;
use surety_proof::{
    Assessment, Balance, Class, Committed, Holding, Material, Package, Padding, Purpose, Register, Secret,
};

pub(crate) const HEU_MILITARY: Class = Class { material: Material::Heu, purpose: Purpose::Military };
pub(crate) const HEU_NAVAL: Class = Class { material: Material::Heu, purpose: Purpose::Naval };
pub(crate) const HEU_CIVIL: Class = Class { material: Material::Heu, purpose: Purpose::Civil };
pub(crate) const PU_MILITARY: Class = Class { material: Material::Plutonium, purpose: Purpose::Military };
pub(crate) const KG: u64 = 1_000_000;

pub(crate) fn holding(id: &str, site: &str, class: Class, mass_mg: u64) -> Holding {
    Holding { id: id.to_owned(), site: site.to_owned(), area: format!("{site}-area"), class, mass_mg }
}

/// Year 1: 32 kg of military HEU at four sites, 3 kg of civil HEU, 9.5 kg of military plutonium.
pub(crate) fn holdings_year_1() -> Vec<Holding> {
    vec![
        holding("h-01", "site-1", HEU_MILITARY, 12 * KG),
        holding("h-02", "site-1", HEU_MILITARY, 6 * KG),
        holding("h-03", "site-2", HEU_MILITARY, 9 * KG),
        holding("h-04", "site-3", HEU_MILITARY, 4 * KG + 1),
        holding("h-05", "site-4", HEU_MILITARY, KG - 1),
        holding("h-06", "site-5", HEU_CIVIL, 3 * KG),
        holding("p-01", "site-1", PU_MILITARY, 5 * KG),
        holding("p-02", "site-2", PU_MILITARY, 4 * KG + KG / 2),
    ]
}

/// Year 2: the 9 kg at site 2 and what was at site 4, a milligram less than a kilogram, are gone, and the civil HEU too.
pub(crate) fn holdings_year_2() -> Vec<Holding> {
    let gone = ["h-03", "h-05", "h-06"];
    holdings_year_1().into_iter().filter(|holding| !gone.contains(&holding.id.as_str())).collect()
}

fn assessment(requirement: &str, civil: Option<u8>, military: Option<u8>) -> Assessment {
    Assessment { requirement: requirement.to_owned(), civil, military }
}

/// Year 1: one requirement is met worse under the military regime, one is not stated.
pub(crate) fn assessments_year_1() -> Vec<Assessment> {
    vec![
        assessment("CPPNM-A-2A.1", Some(3), Some(4)),
        assessment("CPPNM-A-2A.3-B", Some(4), Some(3)),
        assessment("NSS13-3.1", Some(2), Some(2)),
        assessment("NSS13-3.2", Some(5), None),
        assessment("NSS20-1", Some(0), Some(3)),
    ]
}

/// Year 2: every military maturity is as high as the civil one.
pub(crate) fn assessments_year_2() -> Vec<Assessment> {
    vec![
        assessment("CPPNM-A-2A.1", Some(3), Some(4)),
        assessment("CPPNM-A-2A.3-B", Some(4), Some(4)),
        assessment("NSS13-3.1", Some(3), Some(3)),
        assessment("NSS13-3.2", Some(5), Some(5)),
        assessment("NSS20-1", Some(0), Some(3)),
    ]
}

pub(crate) fn balance(area: &str, period: &str, muf_mg: i64, threshold_mg: i64) -> Balance {
    Balance {
        area: area.to_owned(),
        material: Material::Heu,
        period: period.to_owned(),
        muf_mg,
        threshold_mg,
    }
}

pub(crate) fn balances(year: u32) -> Vec<Balance> {
    (1..=12)
        .map(|month| {
            let muf_mg = [120, -340, 55, 0, -77, 810, -1_000, 430, -2, 9, 640, -15][month - 1];
            balance("site-1-area", &format!("{year}-{month:02}"), muf_mg, 1_000)
        })
        .collect()
}

pub(crate) fn register(
    date: &str,
    holdings: Vec<Holding>,
    assessments: Vec<Assessment>,
    year: u32,
) -> Register {
    let (state, date) = ("XAA".parse().unwrap(), date.parse().unwrap());
    Register::new(state, date, holdings, assessments, balances(year)).unwrap()
}

pub(crate) fn xaa_year_1() -> Register {
    register("2026-12-31", holdings_year_1(), assessments_year_1(), 2026)
}

pub(crate) fn xaa_year_2() -> Register {
    register("2027-12-31", holdings_year_2(), assessments_year_2(), 2027)
}

/// Commits with a secret of its own for each seed.
pub(crate) fn commit(register: &Register, seed: u8) -> Committed {
    Committed::new(register, Padding::Equal, &Secret::from_bytes([seed; 32])).unwrap()
}

static YEAR_1: LazyLock<Committed> = LazyLock::new(|| commit(&xaa_year_1(), 1));
static YEAR_2: LazyLock<Committed> = LazyLock::new(|| commit(&xaa_year_2(), 2));

pub(crate) fn committed_year_1() -> &'static Committed {
    &YEAR_1
}

pub(crate) fn committed_year_2() -> &'static Committed {
    &YEAR_2
}

/// The package of a commitment, with the range proofs of these classes.
pub(crate) fn package(committed: &Committed, classes: &[Class]) -> Package {
    let mut package = Package::read(committed.package()).unwrap();
    for class in classes {
        package.accept(&committed.ranges(*class, &mut rng()).unwrap()).unwrap();
    }
    package
}

pub(crate) fn rng() -> StdRng {
    StdRng::from_seed([42; 32])
}
