//! COSE receipts: what verifies, and what does not.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use coset::{CoseSign1, HeaderBuilder, TaggedCborSerializable};
use proptest::prelude::*;
use surety_log::tree::{Tree, leaf_hash};
use surety_log::{Hash, SEED_LEN, SignatureType, SignerKey};
use surety_statement::Subject;
use surety_statement::receipt::{Inclusion, RECEIPT_LEN_MAX, ReceiptError, issue, verify};

fn log_key(kind: SignatureType) -> SignerKey {
    SignerKey::from_seed("log.example/surety".parse().unwrap(), kind, &[3; SEED_LEN]).unwrap()
}

fn entry(index: u64) -> Vec<u8> {
    format!("entry {index}").into_bytes()
}

fn tree(size: u64) -> Tree {
    let mut tree = Tree::default();
    (0..size).for_each(|index| tree.push(leaf_hash(&entry(index))));
    tree
}

fn receipt(index: u64, size: u64, kind: SignatureType) -> Vec<u8> {
    let path = tree(size).prove_inclusion(index).unwrap();
    let inclusion = Inclusion { size, index, path };
    let origin = "log.example/surety".parse().unwrap();
    issue(&entry(index), Subject::World, &inclusion, &origin, &log_key(kind)).unwrap()
}

#[test]
fn a_receipt_shows_where_its_entry_is() {
    for kind in [SignatureType::Ed25519, SignatureType::MlDsa44] {
        let key = log_key(kind);
        for size in 1..=9 {
            for index in 0..size {
                let bytes = receipt(index, size, kind);
                let shown = verify(&bytes, &entry(index), key_of(&key)).unwrap();
                assert_eq!((shown.index, shown.size), (index, size));
                assert!(verify(&bytes, &entry(index + 1), key_of(&key)).is_err());
            }
        }
    }
}

fn key_of(key: &SignerKey) -> &surety_log::VerifierKey {
    surety_log::Signer::verifier(key)
}

#[test]
fn a_witness_signs_no_receipts_and_another_log_is_another() {
    let bytes = receipt(2, 5, SignatureType::Ed25519);
    let witness = log_key(SignatureType::Cosignature);
    assert!(matches!(verify(&bytes, &entry(2), key_of(&witness)), Err(ReceiptError::Key(_))));
    let other =
        SignerKey::from_seed("other.example".parse().unwrap(), SignatureType::Ed25519, &[3; SEED_LEN])
            .unwrap();
    assert!(matches!(verify(&bytes, &entry(2), key_of(&other)), Err(ReceiptError::OtherLog { .. })));
    let name = "log.example/surety".parse().unwrap();
    let forged = SignerKey::from_seed(name, SignatureType::Ed25519, &[4; SEED_LEN]).unwrap();
    assert_eq!(verify(&bytes, &entry(2), key_of(&forged)), Err(ReceiptError::Signature));
}

/// Another kind of tree, named where it is signed, and said before the signature is looked at.
#[test]
fn a_receipt_of_another_kind_of_tree_is_refused() {
    let key = log_key(SignatureType::Ed25519);
    let whole = CoseSign1::from_tagged_slice(&receipt(2, 5, SignatureType::Ed25519)).unwrap();
    for kind in [None, Some(0), Some(2)] {
        let mut changed = whole.clone();
        changed.protected.original_data = None;
        let rest = &mut changed.protected.header.rest;
        rest.retain(|(label, _)| *label != coset::Label::Int(395));
        rest.extend(kind.map(|kind: i64| (coset::Label::Int(395), kind.into())));
        let refused = verify(&changed.to_tagged_vec().unwrap(), &entry(2), key_of(&key)).unwrap_err();
        assert!(refused.to_string().contains("kind of tree (395)"), "{kind:?}: {refused}");
    }
}

#[test]
fn a_receipt_has_a_limit() {
    let key = log_key(SignatureType::Ed25519);
    let refused = verify(&vec![0; RECEIPT_LEN_MAX + 1], &entry(2), key_of(&key)).unwrap_err();
    assert!(refused.to_string().contains("it is too long"), "{refused}");
    let refused = verify(&vec![0; RECEIPT_LEN_MAX], &entry(2), key_of(&key)).unwrap_err();
    assert!(!refused.to_string().contains("it is too long"), "{refused}");
}

#[test]
fn a_root_that_is_attached_or_a_proof_that_is_not_there_is_refused() {
    let key = log_key(SignatureType::Ed25519);
    let bytes = receipt(2, 5, SignatureType::Ed25519);
    let whole = CoseSign1::from_tagged_slice(&bytes).unwrap();
    let refused = |changed: CoseSign1| {
        verify(&changed.to_tagged_vec().unwrap(), &entry(2), key_of(&key)).unwrap_err();
    };
    let mut changed = whole.clone();
    changed.payload = Some(tree(5).root().0.to_vec());
    refused(changed);
    let mut changed = whole.clone();
    changed.unprotected = HeaderBuilder::new().build();
    refused(changed);
}

proptest! {
    #[test]
    fn no_changed_byte_verifies(at in any::<prop::sample::Index>(), flip in 1u8..=255) {
        let mut bytes = receipt(4, 7, SignatureType::Ed25519);
        let at = at.index(bytes.len());
        bytes[at] ^= flip;
        let key = log_key(SignatureType::Ed25519);
        // What is not signed is a hint where to look: it may be written otherwise, and cannot say anything else.
        if let Ok(shown) = verify(&bytes, &entry(4), key_of(&key)) {
            let path = tree(7).prove_inclusion(4).unwrap();
            prop_assert_eq!(shown, Inclusion { size: 7, index: 4, path });
        }
    }

    #[test]
    fn no_path_makes_issuing_panic(index in any::<u64>(), size in any::<u64>(), hashes in 0usize..70) {
        let inclusion = Inclusion { size, index, path: vec![Hash([0; 32]); hashes] };
        let key = log_key(SignatureType::Ed25519);
        let _ = issue(b"entry", Subject::World, &inclusion, &"log.example/surety".parse().unwrap(), &key);
    }

    #[test]
    fn no_bytes_make_verifying_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = verify(&bytes, b"entry", key_of(&log_key(SignatureType::Ed25519)));
    }
}
