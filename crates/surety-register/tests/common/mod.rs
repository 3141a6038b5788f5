//! A register of the invented State XAA to test with.
#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of tests, which may fail loudly"
)]
#![allow(dead_code, reason = "not every test file uses everything")]

use std::path::{Path, PathBuf};

use surety_core::Date;
use surety_material::{Amount, parse_grams};
use surety_register::{Area, Booked, Change, Cost, Note, Register, Result, Secret, Site};
use surety_standards::Regime;
use tempfile::TempDir;

pub const PASSPHRASE: &str = "correct horse battery staple";

pub fn secret() -> Secret {
    Secret::passphrase(PASSPHRASE).unwrap().with_cost(cheap())
}

/// A derivation that takes no time: tests make and open many registers.
pub fn cheap() -> Cost {
    Cost::new(8, 1).unwrap()
}

pub fn note(why: &str) -> Note {
    Note::new("accountancy officer", why, "2026-01-31T12:00:00Z".parse().unwrap()).unwrap()
}

pub fn day(text: &str) -> Date {
    text.parse().unwrap()
}

/// A civil site with two areas, and a military one with one.
pub fn new() -> (TempDir, PathBuf, Register) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("xaa.register");
    let register = fill(&path);
    (folder, path, register)
}

pub fn fill(path: &Path) -> Register {
    let mut register =
        Register::create(path, &secret(), [7; 16], "XAA".parse().unwrap(), &note("begin")).unwrap();
    for (id, regime) in [("S1", Regime::Civil), ("S2", Regime::Military)] {
        register.put(&note("a site"), &Site { id: id.to_owned(), regime, note: String::new() }).unwrap();
    }
    for (code, site) in [("XA01", "S1"), ("XA02", "S1"), ("XA03", "S2")] {
        register.put(&note("an area"), &area(code, site)).unwrap();
    }
    register
}

pub fn area(code: &str, site: &str) -> Area {
    Area { code: code.to_owned(), site: site.to_owned(), facility: String::new(), note: String::new() }
}

/// `XA01 B1 plutonium RD 1000 10`: area, batch, material, code, grams of the element and of the isotope.
pub fn change(text: &str) -> Change {
    let words: Vec<&str> = text.split(' ').collect();
    let [area, batch, material, code, element, isotope] = words[..] else { panic!("{text}") };
    Change {
        line: 1,
        day: day("2026-01-10"),
        area: area.to_owned(),
        batch: batch.to_owned(),
        material: material.parse().unwrap(),
        code: code.parse().unwrap(),
        amount: Amount {
            element_mg: parse_grams(element).unwrap(),
            isotope_mg: parse_grams(isotope).unwrap(),
            pieces: 0,
        },
        other: None,
        form: None,
        irradiation: None,
        purpose: None,
        corrects: None,
    }
}

pub fn book(register: &mut Register, changes: &[Change]) -> Result<Booked> {
    register.book(&note("a report"), None, changes.iter().cloned().map(Ok))
}

/// What the register holds of one batch, in milligrams of the element.
pub fn held_mg(register: &Register, batch: &str) -> i64 {
    let holdings = register.holdings(None).unwrap();
    holdings.iter().filter(|held| held.batch == batch).map(|held| held.amount.element_mg).sum()
}

/// Opens the file below the register, as somebody with the key could.
pub fn raw(path: &Path) -> rusqlite::Connection {
    use argon2::{Algorithm, Argon2, Params, Version};
    use std::fmt::Write as _;
    let salt = &std::fs::read(path).unwrap()[..16];
    let mut key = [0; 32];
    // As docs/register.md promises.
    let params = Params::new(1 << (salt[0] >> 3), u32::from(salt[0] & 7), 4, Some(32)).unwrap();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(PASSPHRASE.as_bytes(), salt, &mut key)
        .unwrap();
    let digits = key.iter().chain(salt).fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    });
    let connection = rusqlite::Connection::open(path).unwrap();
    connection.execute_batch(&format!("PRAGMA key = \"x'{digits}'\"")).unwrap();
    connection
}
