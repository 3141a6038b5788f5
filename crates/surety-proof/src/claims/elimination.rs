//! **Elimination.** The total of these classes is exactly zero.
//!
//! *Proven*: the sum over every leaf, as for a total, opens to zero: its discrete logarithm to the blinding base
//! is known (Schnorr). As no leaf is negative, every single one is zero.
//!
//! *Hidden*: nothing of these classes is left to hide.
//! *Let through*: the padded length of the sections.
//! *Not proven*: where the material went.

use std::fmt;

use rand_core::CryptoRng;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::register::Scope;
use crate::sigma;
use crate::transcript::part;

use super::{Checker, ClaimError, ProveError, Prover};

/// There is none of these classes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EliminationClaim {
    /// Of what.
    pub scope: Scope,
}

impl EliminationClaim {
    pub(super) const NOT_PROVEN: &[&str] = &[
        "that every holding stands in the section of its class: a reviewer's sample shows that",
        "where the material went: what became of another purpose or material has left this total too",
    ];

    pub(super) fn write(&self, writer: &mut Writer) {
        self.scope.write(writer);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { scope: Scope::read(reader)? })
    }

    pub(super) fn prove(&self, prover: &Prover<'_>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let total = prover.newer.total(self.scope)?;
        if total.value != 0 {
            return Err(ProveError::NotTrue);
        }
        Ok(sigma::prove_zero(part(&prover.base, b"elimination", 0), &total.blinding, rng))
    }

    pub(super) fn check(
        &self,
        checker: &mut Checker<'_, '_>,
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        let total = checker.newer.total(self.scope)?;
        let transcript = part(&checker.base, b"elimination", 0);
        if sigma::is_zero(transcript, &total, reader)? { Ok(()) } else { Err(ClaimError::False) }
    }
}

impl fmt::Display for EliminationClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "there is no {}", self.scope)
    }
}
