//! Pedersen commitments on Ristretto: a number hidden in a point.
//!
//! The commitment to `v` with blinding `r` is `v·B + r·G`, where `B` is the base point of Ristretto and `G` a
//! point hashed from a label, so that nobody knows how one is a multiple of the other. It hides `v`
//! perfectly, whatever the reader can compute; it binds whoever cannot take discrete logarithms. Sums of
//! commitments are commitments to sums.

use std::sync::LazyLock;

use curve25519_dalek::constants::RISTRETTO_BASEPOINT_POINT;
use curve25519_dalek::ristretto::{RistrettoBasepointTable, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use rayon::prelude::*;
use tari_bulletproofs_plus::generators::pedersen_gens::ExtensionDegree;
use tari_bulletproofs_plus::ristretto::create_pedersen_gens_with_extension_degree;
use zeroize::{Zeroize, ZeroizeOnDrop};

/// The base of values, `B`.
pub(crate) const VALUE_BASE: RistrettoPoint = RISTRETTO_BASEPOINT_POINT;

/// The base of blindings, `G`: hashed by SHA3-512 from `RISTRETTO_MASKING_BASEPOINT_1`, as the library of
/// range proofs has it.
static BLINDING_TABLE: LazyLock<RistrettoBasepointTable> = LazyLock::new(|| {
    let generators = create_pedersen_gens_with_extension_degree(ExtensionDegree::DefaultPedersen);
    // The degree asked for has exactly one; the fallback is never taken.
    let blinding_base = generators.g_base_vec.first().copied().unwrap_or(VALUE_BASE);
    RistrettoBasepointTable::create(&blinding_base)
});

/// The base of blindings, `G`.
pub(crate) fn blinding_base() -> RistrettoPoint {
    BLINDING_TABLE.basepoint()
}

/// `r·G`, in constant time.
pub(crate) fn blind(blinding: &Scalar) -> RistrettoPoint {
    &*BLINDING_TABLE * blinding
}

/// A number that is committed to, with its blinding: what opens a commitment.
#[derive(Clone, Copy, Default, PartialEq, Eq, Zeroize)]
pub(crate) struct Opened {
    pub(crate) value: i64,
    pub(crate) blinding: Scalar,
}

/// Many of them, wiped when they go. One alone is a copy like any number.
#[derive(Clone, Default, Zeroize, ZeroizeOnDrop)]
pub(crate) struct ManyOpened(pub(crate) Vec<Opened>);

impl FromIterator<Opened> for ManyOpened {
    fn from_iter<I: IntoIterator<Item = Opened>>(opened: I) -> Self {
        Self(opened.into_iter().collect())
    }
}

impl Opened {
    /// The commitment that this opens, in constant time.
    pub(crate) fn commit(&self) -> RistrettoPoint {
        RistrettoPoint::mul_base(&scalar(self.value)) + blind(&self.blinding)
    }

    /// Opens the sum of both commitments. Values are masses of one State: their sums are far from 2^63 mg.
    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self { value: self.value.saturating_add(other.value), blinding: self.blinding + other.blinding }
    }

    /// Opens the difference of both commitments.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        Self { value: self.value.saturating_sub(other.value), blinding: self.blinding - other.blinding }
    }

    /// A public number: its blinding is zero.
    pub(crate) fn public(value: i64) -> Self {
        Self { value, blinding: Scalar::ZERO }
    }
}

/// The commitment to a public number: its blinding is zero.
pub(crate) fn public(value: i64) -> RistrettoPoint {
    RistrettoPoint::mul_base(&scalar(value))
}

/// A number of either sign as a scalar, without a branch on it.
pub(crate) fn scalar(value: i64) -> Scalar {
    const SHIFT: u64 = 1 << 63;
    Scalar::from(value.cast_unsigned() ^ SHIFT) - Scalar::from(SHIFT)
}

/// Commits to many values, on all cores.
pub(crate) fn commit_all(opened: &ManyOpened) -> Vec<RistrettoPoint> {
    opened.0.par_iter().map(Opened::commit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The same commitment by another implementation, which has its own copy of the curve.
    fn committed_by_others(value: u64, blinding: [u8; 32]) -> [u8; 32] {
        use curve25519_dalek_4::ristretto::CompressedRistretto;
        let blinding_base = CompressedRistretto(blinding_base().compress().to_bytes()).decompress();
        let value_base = bulletproofs::PedersenGens::default().B;
        let generators = bulletproofs::PedersenGens { B: value_base, B_blinding: blinding_base.unwrap() };
        let blinding = curve25519_dalek_4::scalar::Scalar::from_canonical_bytes(blinding).unwrap();
        generators.commit(value.into(), blinding).compress().to_bytes()
    }

    #[test]
    fn the_bases_are_those_of_the_protocol() {
        let hex = |point: RistrettoPoint| crate::Root(point.compress().to_bytes()).to_string();
        assert_eq!(hex(VALUE_BASE), "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76");
        assert_eq!(hex(blinding_base()), "044fad914b346d1623f0a123c90bec712c6bac717f2acbc48e12db5f6dcaef79");
    }

    #[test]
    fn a_signed_number_is_its_scalar() {
        for value in [0, 1, -1, i64::MAX, i64::MIN] {
            let expected = if value < 0 {
                -Scalar::from(value.unsigned_abs())
            } else {
                Scalar::from(value.unsigned_abs())
            };
            assert_eq!(scalar(value), expected, "{value}");
        }
    }

    proptest! {
        #[test]
        fn commitments_equal_those_of_another_library(value in 0i64.., seed in any::<[u8; 32]>()) {
            let opened = Opened { value, blinding: Scalar::from_bytes_mod_order(seed) };
            let others = committed_by_others(value.unsigned_abs(), opened.blinding.to_bytes());
            prop_assert_eq!(opened.commit().compress().to_bytes(), others);
        }

        #[test]
        fn sums_of_commitments_are_commitments_to_sums(a in -1i64 << 60..1 << 60, b in -1i64 << 60..1 << 60) {
            let first = Opened { value: a, blinding: Scalar::from(7u8) };
            let second = Opened { value: b, blinding: Scalar::from(9u8) };
            prop_assert_eq!(first.commit() + second.commit(), first.plus(&second).commit());
            prop_assert_eq!(first.commit() - second.commit(), first.minus(&second).commit());
        }
    }
}
