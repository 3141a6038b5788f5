//! **Balance.** In every balance, |MUF| is within its alarm threshold, and no threshold is above a published one.
//!
//! *Proven*: for each slot, with `m` the committed difference and `t` its threshold, `t − m`, `t + m` and `T − t` open
//! to numbers in [0, 2^32). The first two add up to `2t`, the third keeps `t` small, so `t` is a whole number from
//! 0 to `T`, and `|m| ≤ t`.
//!
//! *Hidden*: every difference and threshold, how many balances there are.
//! *Let through*: `T`; the padded number of balances.
//! *Not proven*: that a balance is right; that there is any, that no period and no area is missing, which a disclosure of the
//! balances shows.

use std::fmt;

use rand_core::CryptoRng;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::group::{self, ManyOpened, Opened};
use crate::register::BALANCE_MG_MAX;

use super::{Bits, Checker, ClaimError, ProveError, Prover, kg, range, read_mg, signed};

/// Every |MUF| is within its threshold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BalanceClaim {
    /// No threshold is above so many milligrams.
    pub threshold_mg_max: u64,
}

impl BalanceClaim {
    pub(super) const NOT_PROVEN: &[&str] = &[
        "that a balance was struck rightly: the reviewer's part",
        "that there is any balance, or that no period and no area is missing: a disclosure of the balances shows that",
    ];

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u64(self.threshold_mg_max);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let threshold_mg_max = read_mg(reader)?;
        if signed(threshold_mg_max) > BALANCE_MG_MAX {
            return Err(reader.error("a threshold is at most 2,147 kg"));
        }
        Ok(Self { threshold_mg_max })
    }

    pub(super) fn prove(&self, prover: &Prover<'_>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let balances = prover.newer.balances();
        let most = Opened::public(signed(self.threshold_mg_max));
        let parts: [(&'static [u8], ManyOpened); 3] = [
            (b"below", balances.iter().map(|[muf, threshold]| threshold.minus(muf)).collect()),
            (b"above", balances.iter().map(|[muf, threshold]| threshold.plus(muf)).collect()),
            (b"threshold", balances.iter().map(|[_, threshold]| most.minus(threshold)).collect()),
        ];
        let mut proof = Vec::new();
        for (name, opened) in parts {
            proof.extend(range::prove(&prover.base, name, Bits::ThirtyTwo, &opened, rng)?);
        }
        Ok(proof)
    }

    pub(super) fn check(
        &self,
        checker: &mut Checker<'_, '_>,
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        let balances = checker.newer.balances();
        let most = group::public(signed(self.threshold_mg_max));
        let below: Vec<_> = balances.iter().map(|[muf, threshold]| threshold - muf).collect();
        let above: Vec<_> = balances.iter().map(|[muf, threshold]| threshold + muf).collect();
        let within: Vec<_> = balances.iter().map(|[_, threshold]| most - threshold).collect();
        checker.ranges(b"below", Bits::ThirtyTwo, &below, reader)?;
        checker.ranges(b"above", Bits::ThirtyTwo, &above, reader)?;
        checker.ranges(b"threshold", Bits::ThirtyTwo, &within, reader)
    }
}

impl fmt::Display for BalanceClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "in every balance |MUF| is within its alarm threshold, and no threshold is above {}",
            kg(self.threshold_mg_max)
        )
    }
}
