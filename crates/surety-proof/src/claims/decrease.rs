//! **Decrease.** Between two roots the total of these classes fell by at least Δ.
//!
//! *Proven*: with `C₁` and `C₂` the sums over every leaf under the older and the newer root, as for a total,
//! `C₁ − C₂ − Δ·B` opens to a number in [0, 2^64). Both sums are true sums below 2^50, so `t₁ − t₂ ≥ Δ`. Both
//! roots are of one State, and the older one is of an earlier date.
//!
//! *Hidden*: both totals, and by how much more than Δ it fell.
//! *Let through*: Δ; the padded lengths under both roots.
//! *Not proven*: where the material went. What moved to a class outside the claim has decreased here too: a
//! claim over all purposes of a material excludes that.

use std::fmt;

use rand_core::CryptoRng;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::group::{self, ManyOpened, Opened};
use crate::register::Scope;

use super::{Bits, Checker, ClaimError, ProveError, Prover, kg, range, read_mg, signed};

/// The total of these classes fell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DecreaseClaim {
    /// Of what.
    pub scope: Scope,
    /// By at least so many milligrams.
    pub by_mg: u64,
}

impl DecreaseClaim {
    pub(super) const NOT_PROVEN: &[&str] = &[
        "that every holding stands in the section of its class: a reviewer's sample shows that",
        "where the material went: what became of another purpose or material has left this total too",
    ];

    pub(super) fn write(&self, writer: &mut Writer) {
        self.scope.write(writer);
        writer.u64(self.by_mg);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let claim = Self { scope: Scope::read(reader)?, by_mg: read_mg(reader)? };
        if claim.by_mg == 0 { Err(reader.error("a decrease is by more than nothing")) } else { Ok(claim) }
    }

    pub(super) fn prove(&self, prover: &Prover<'_>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let (older, newer) = (prover.older()?.total(self.scope)?, prover.newer.total(self.scope)?);
        let rest = older.minus(&newer).minus(&Opened::public(signed(self.by_mg)));
        range::prove(&prover.base, b"decrease", Bits::SixtyFour, &ManyOpened(vec![rest]), rng)
    }

    pub(super) fn check(
        &self,
        checker: &mut Checker<'_, '_>,
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        let (older, newer) = (checker.older()?.total(self.scope)?, checker.newer.total(self.scope)?);
        let rest = older - newer - group::public(signed(self.by_mg));
        checker.ranges(b"decrease", Bits::SixtyFour, &[rest], reader)
    }
}

impl fmt::Display for DecreaseClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the total of {} fell by at least {}", self.scope, kg(self.by_mg))
    }
}
