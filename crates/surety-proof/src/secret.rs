//! One secret for each commitment, and everything random in it derived from that (HKDF-SHA256).
//!
//! So the register keeps 32 bytes beside its records and can open whatever it committed to; and who is shown
//! the salt and blinding of one entry learns nothing about those of another.

use curve25519_dalek::scalar::Scalar;
use hkdf::Hkdf;
use rand_core::CryptoRng;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The salt of HKDF: name and version of the protocol.
const PROTOCOL: &[u8] = b"surety-proof/1";

/// The secret of one commitment. Whoever has it can open everything; losing it makes the root useless.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// A fresh one. Every commitment needs its own.
    pub fn random(rng: &mut impl CryptoRng) -> Self {
        let mut bytes = [0; 32];
        rng.fill_bytes(&mut bytes);
        Self(bytes)
    }

    /// One that was kept.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// What to keep.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// What is derived from a secret for one header: another State, date or layout gives other salts.
pub(crate) struct Derivation {
    hkdf: Hkdf<Sha256>,
    header_hash: [u8; 32],
}

impl Derivation {
    pub(crate) fn new(secret: &Secret, header_hash: [u8; 32]) -> Self {
        Self { hkdf: Hkdf::new(Some(PROTOCOL), &secret.0), header_hash }
    }

    /// The salt of the entry at an index.
    pub(crate) fn salt(&self, index: u64) -> [u8; 32] {
        *self.expand("salt", index, 0)
    }

    /// One of the blindings of the entry at an index.
    pub(crate) fn blinding(&self, index: u64, number: u64) -> Scalar {
        Scalar::from_bytes_mod_order_wide(&self.expand("blinding", index, number))
    }

    /// By what the `number`th record of a list is ordered: sorting by it shuffles the list.
    pub(crate) fn order(&self, list: u64, number: u64) -> [u8; 16] {
        *self.expand("order", list, number)
    }

    /// To which of so many places padding goes: a power of two, so that all are as likely.
    pub(crate) fn place(&self, index: u64, which: u64, places: u32) -> u16 {
        let drawn = u32::from_be_bytes(*self.expand("place", index, which));
        u16::try_from(drawn % places.max(1)).unwrap_or(u16::MAX)
    }

    /// HKDF-Expand for the info `header hash ‖ label ‖ first ‖ second`.
    fn expand<const N: usize>(&self, label: &str, first: u64, second: u64) -> Zeroizing<[u8; N]> {
        let mut out = Zeroizing::new([0; N]);
        let (first, second) = (first.to_be_bytes(), second.to_be_bytes());
        let info = [&self.header_hash[..], label.as_bytes(), &first, &second];
        // Fails only for outputs of more than 8,160 bytes.
        let expanded = self.hkdf.expand_multi_info(&info, &mut *out);
        debug_assert!(expanded.is_ok(), "outputs are short");
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn nothing_derived_is_ever_the_same_twice() {
        let secret = Secret::from_bytes([1; 32]);
        let mut seen = BTreeSet::new();
        for header in [[1; 32], [2; 32]] {
            let derivation = Derivation::new(&secret, header);
            for index in 0..10 {
                seen.insert(derivation.salt(index).to_vec());
                seen.insert(derivation.order(index, 1).to_vec());
                seen.insert(derivation.blinding(index, 0).to_bytes().to_vec());
                seen.insert(derivation.blinding(index, 1).to_bytes().to_vec());
            }
        }
        assert_eq!(seen.len(), 2 * 10 * 4);
        let other = Derivation::new(&Secret::from_bytes([2; 32]), [1; 32]);
        assert!(!seen.contains(&other.salt(0)[..]));
    }

    #[test]
    fn padding_goes_everywhere() {
        let derivation = Derivation::new(&Secret::from_bytes([1; 32]), [0; 32]);
        let places: BTreeSet<_> = (0..200).map(|index| derivation.place(index, 0, 8)).collect();
        assert_eq!(places, (0..8).collect());
    }
}
