//! **Parity.** For every requirement, or for a published subset, military maturity is at least civil maturity, and
//! at least a published baseline.
//!
//! *Proven*: for each requirement, with `m` and `c` the committed maturities and `b` the baseline, `m − c` and
//! `m − b` open to numbers in [0, 16). A maturity that is not stated is committed to as 100: it fails one of the
//! two whatever the other is, so "not stated" never passes for equal.
//!
//! *Hidden*: every maturity, and by how much the military one is higher.
//! *Let through*: the requirements and their baselines, which are public anyway; that all of them are stated under
//! both regimes.
//! *Not proven*: that an assessment is right; that the requirements are all there are: compare the ids with the
//! catalogue.

use std::fmt;

use rand_core::CryptoRng;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::group::{self, ManyOpened, Opened};
use crate::register::{MATURITY_MAX, Regime};

use super::{Bits, Checker, ClaimError, ProveError, Prover, range};

/// One requirement that is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Compared {
    /// Its number in the list of the header.
    pub number: u16,
    /// The maturity that the IAEA baseline asks, from 0 to 5.
    pub baseline: u8,
}

/// Military maturity is at least civil maturity, and at least the baseline.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParityClaim {
    /// The requirements, in the order of the header.
    pub requirements: Vec<Compared>,
    /// Whether they are all that the header has.
    pub all: bool,
}

impl ParityClaim {
    pub(super) const NOT_PROVEN: &[&str] = &[
        "that an assessment is right: the reviewer's part",
        "that the requirements are all there are: compare their ids with the catalogue",
    ];

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.u8(u8::from(self.all)).u16(u16::try_from(self.requirements.len()).unwrap_or(u16::MAX));
        for compared in &self.requirements {
            writer.u16(compared.number).u8(compared.baseline);
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let all = match reader.u8()? {
            0 => false,
            1 => true,
            _ => return Err(reader.error("either all requirements are compared, or some")),
        };
        let mut requirements: Vec<Compared> = Vec::new();
        for _ in 0..reader.u16()? {
            let compared = Compared { number: reader.u16()?, baseline: reader.u8()? };
            if requirements.last().is_some_and(|last| last.number >= compared.number) {
                return Err(reader.error("requirements stand in order, each once"));
            }
            if compared.baseline > MATURITY_MAX {
                return Err(reader.error("a baseline is a number from 0 to 5"));
            }
            requirements.push(compared);
        }
        if requirements.is_empty() {
            return Err(reader.error("no requirement is compared"));
        }
        Ok(Self { requirements, all })
    }

    /// Whether the claim is about all requirements, when it says so. They stand in order, each once.
    fn covers(&self, count: usize) -> bool {
        !self.all || self.requirements.len() == count
    }

    pub(super) fn prove(&self, prover: &Prover<'_>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let committed = prover.newer;
        let malformed = ProveError::Malformed("the requirements are not those of the commitment");
        if !self.covers(committed.header().layout.requirements().len()) {
            return Err(malformed);
        }
        let (mut over_civil, mut over_baseline) = (ManyOpened::default(), ManyOpened::default());
        for compared in &self.requirements {
            let number = usize::from(compared.number);
            if number >= committed.header().layout.requirements().len() {
                return Err(malformed);
            }
            let maturity = |regime| committed.requirement(number, regime).ok_or(malformed.clone());
            let military = maturity(Regime::Military)?;
            over_civil.0.push(military.minus(&maturity(Regime::Civil)?));
            over_baseline.0.push(military.minus(&Opened::public(compared.baseline.into())));
        }
        let mut proof = range::prove(&prover.base, b"over civil", Bits::Four, &over_civil, rng)?;
        proof.extend(range::prove(&prover.base, b"over baseline", Bits::Four, &over_baseline, rng)?);
        Ok(proof)
    }

    pub(super) fn check(
        &self,
        checker: &mut Checker<'_, '_>,
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        let package = checker.newer;
        if !self.covers(package.header().layout.requirements().len()) {
            return Err(ClaimError::False);
        }
        let (mut over_civil, mut over_baseline) = (Vec::new(), Vec::new());
        for compared in &self.requirements {
            let maturity =
                |regime| package.requirement(compared.number.into(), regime).ok_or(ClaimError::False);
            let military = maturity(Regime::Military)?;
            over_civil.push(military - maturity(Regime::Civil)?);
            over_baseline.push(military - group::public(compared.baseline.into()));
        }
        checker.ranges(b"over civil", Bits::Four, &over_civil, reader)?;
        checker.ranges(b"over baseline", Bits::Four, &over_baseline, reader)
    }
}

impl fmt::Display for ParityClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.requirements.len();
        let which = if self.all {
            format!("each of all {count} requirements")
        } else {
            format!("each of {count} published requirements")
        };
        write!(f, "for {which}, military maturity is at least civil maturity and at least the baseline")
    }
}
