//! **Total.** The total of these classes is at least, at most, or between published bounds.
//!
//! *Proven*: let `C` be the sum of the commitments of *every* leaf in the sections of these classes, which the
//! verifier adds up from the package. `C` opens to `t` with `t ≥ a` and `t ≤ b`. Every leaf is shown to be a
//! mass below 2^32 mg by the [range proofs](crate::Ranges) of its class, and there are at most 2^18 leaves, so
//! `t` is the true sum below 2^50, without sign and without wrap. No leaf can be left out (all are added),
//! none counted twice (each stands once in the package, whose tree is the root).
//!
//! *Hidden*: the total, every mass, how many holdings there are, at which sites.
//! *Let through*: the bounds; the padded length of the sections.
//! *Not proven*: that a leaf stands in the section where it belongs: an opening tells, and so does a sample.

use std::fmt;

use rand_core::CryptoRng;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::group::{self, ManyOpened, Opened};
use crate::register::Scope;

use super::{Bits, Checker, ClaimError, ProveError, Prover, kg, range, read_bound, signed, write_bound};

/// The total of these classes lies within bounds, each of which may be missing, but not both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TotalClaim {
    /// Of what.
    pub scope: Scope,
    /// At least so many milligrams.
    pub at_least_mg: Option<u64>,
    /// At most so many milligrams.
    pub at_most_mg: Option<u64>,
}

impl TotalClaim {
    pub(super) const NOT_PROVEN: &[&str] =
        &["that every holding stands in the section of its class: a reviewer's sample shows that"];

    pub(super) fn write(&self, writer: &mut Writer) {
        self.scope.write(writer);
        write_bound(writer, self.at_least_mg);
        write_bound(writer, self.at_most_mg);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let scope = Scope::read(reader)?;
        let (at_least_mg, at_most_mg) = (read_bound(reader)?, read_bound(reader)?);
        match (at_least_mg, at_most_mg) {
            (None, None) => Err(reader.error("a total has a bound")),
            (Some(least), Some(most)) if least > most => {
                Err(reader.error("no total lies between these bounds: the lower is above the upper"))
            }
            _ => Ok(Self { scope, at_least_mg, at_most_mg }),
        }
    }

    pub(super) fn prove(&self, prover: &Prover<'_>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let total = prover.newer.total(self.scope)?;
        let above = self.at_least_mg.map(|least| total.minus(&Opened::public(signed(least))));
        let below = self.at_most_mg.map(|most| Opened::public(signed(most)).minus(&total));
        let rests: ManyOpened = above.into_iter().chain(below).collect();
        range::prove(&prover.base, b"total", Bits::SixtyFour, &rests, rng)
    }

    pub(super) fn check(
        &self,
        checker: &mut Checker<'_, '_>,
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        let total = checker.newer.total(self.scope)?;
        let above = self.at_least_mg.map(|least| total - group::public(signed(least)));
        let below = self.at_most_mg.map(|most| group::public(signed(most)) - total);
        let rests: Vec<_> = above.into_iter().chain(below).collect();
        checker.ranges(b"total", Bits::SixtyFour, &rests, reader)
    }
}

impl fmt::Display for TotalClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the total of {} is ", self.scope)?;
        match (self.at_least_mg, self.at_most_mg) {
            (Some(least), Some(most)) => write!(f, "between {} and {}", kg(least), kg(most)),
            (Some(least), None) => write!(f, "at least {}", kg(least)),
            (None, Some(most)) => write!(f, "at most {}", kg(most)),
            (None, None) => f.write_str("anything"),
        }
    }
}
