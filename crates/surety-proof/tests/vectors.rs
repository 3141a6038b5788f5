//! Test vectors for a second implementation: `vectors.json`. What follows from the secret is worked out again here; what
//! was proven at random is verified. `UPDATE_VECTORS=1 cargo test -p surety-proof --test vectors` writes the file anew.
#![allow(missing_docs, clippy::unwrap_used, reason = "a test that cannot run should stop")]

mod xaa;

use serde_json::{Value, json};
use surety_proof::verify::verify;
use surety_proof::{
    Challenge, Claim, Committed, Disclosure, EliminationClaim, Padding, Register, Scope, Secret, SitesClaim,
    TotalClaim,
};
use xaa::{HEU_MILITARY, HEU_NAVAL, KG, assessments_year_2, balance, holding, rng};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors.json");

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().unwrap().as_bytes();
    hex.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

fn committed() -> Committed {
    let holdings = vec![
        holding("h-1", "site-1", HEU_MILITARY, 3 * KG),
        holding("h-2", "site-2", HEU_MILITARY, 2 * KG + 5),
    ];
    let (state, date) = ("XAA".parse().unwrap(), "2026-12-31".parse().unwrap());
    let balances = vec![balance("site-1-area", "2026-12", -5, 10)];
    let register =
        Register::new(state, date, holdings, assessments_year_2()[..1].to_vec(), balances).unwrap();
    Committed::new(&register, Padding::PerClass, &Secret::from_bytes([0x5a; 32])).unwrap()
}

/// What follows from the register, the padding and the secret alone.
fn derived(committed: &Committed) -> Value {
    let (layout, root) = (&committed.header().layout, committed.anchor().root);
    let scope = Scope::class(HEU_MILITARY);
    let section = layout.leaf_entries(HEU_MILITARY).unwrap();
    let all: Vec<u64> = (0..layout.entries()).collect();
    let challenge = Challenge::new(root, b"beacon", [7; 32]).unwrap();
    json!({
        "secret": hex(&[0x5a; 32]),
        "padding": "per class",
        "root": root.to_string(),
        "entries": layout.entries(),
        "leaves of military HEU": [section.start, section.end],
        "package": hex(committed.package()),
        "assignment": hex(&committed.assignment()),
        "disclosure of the first leaf": hex(&Disclosure::new(committed, &[0]).unwrap().encode()),
        "disclosure of all entries, SHA-256":
            hex(&sha256(&Disclosure::new(committed, &all).unwrap().encode())),
        "sample": {
            "beacon": hex(b"beacon"),
            "nonce": hex(&[7; 32]),
            "k": 3,
            "chosen": challenge.choose(layout, scope, 3).unwrap(),
        },
    })
}

fn sha256(bytes: &[u8]) -> [u8; 32] {
    use sha2::{Digest as _, Sha256};
    Sha256::digest(bytes).into()
}

/// What was proven with fresh randomness.
fn proven(committed: &Committed) -> Value {
    let scope = Scope::class(HEU_MILITARY);
    let holder = surety_proof::Holder::Site;
    let total = TotalClaim { scope, at_least_mg: Some(5 * KG), at_most_mg: Some(6 * KG) };
    let prove = |claim: Claim| hex(&committed.prove(&claim, None, &mut rng()).unwrap());
    json!({
        "ranges of military HEU": hex(&committed.ranges(HEU_MILITARY, &mut rng()).unwrap()),
        "ranges of naval HEU": hex(&committed.ranges(HEU_NAVAL, &mut rng()).unwrap()),
        "total": prove(Claim::Total(total)),
        "elimination": prove(Claim::Elimination(EliminationClaim { scope: Scope::class(HEU_NAVAL) })),
        "sites": prove(Claim::Sites(SitesClaim { scope, holder, at_most: 2 })),
    })
}

#[test]
fn the_vectors_are_those_of_the_protocol() {
    let committed = committed();
    let derived = derived(&committed);
    if std::env::var_os("UPDATE_VECTORS").is_some() {
        let vectors = json!({ "derived": derived, "proven": proven(&committed) });
        std::fs::write(PATH, serde_json::to_string_pretty(&vectors).unwrap() + "\n").unwrap();
    }
    let vectors: Value = serde_json::from_str(&std::fs::read_to_string(PATH).unwrap()).unwrap();
    assert_eq!(vectors["derived"], derived);

    let mut files = vec![bytes(&vectors["derived"]["package"]), bytes(&vectors["derived"]["assignment"])];
    files.push(bytes(&vectors["derived"]["disclosure of the first leaf"]));
    let proven = vectors["proven"].as_object().unwrap();
    files.extend(proven.values().map(bytes));
    assert_eq!(files.len(), 8);
    let report = verify(&files.iter().map(Vec::as_slice).collect::<Vec<_>>());
    for file in report.files() {
        assert!(file.is_ok(), "{}", file.as_ref().unwrap_err());
    }
}
