//! **Sites.** At most *n* holders hold any of these classes. **Fewer sites.** Between two roots their number fell.
//!
//! *Proven*: for each slot the prover commits to a bit and shows that bit and sum are both zero, or the bit is
//! one. So a slot that holds anything has the bit one; every leaf is a mass by the [range proofs](crate::Ranges) of
//! its class, so that no negative leaf makes a sum zero. The sum of the bits over all slots is at most *n*: `n` less
//! that sum opens to a number in [0, 2^32). For a comparison the bits under the older root are shown in addition
//! to be no more than the sums (the sum less the bit lies in [0, 2^64)), so that no empty slot was counted, and
//! the difference of both sums of bits is at least Δ.
//!
//! *Hidden*: the number itself, which slots are empty, what any holds.
//! *Let through*: the bound; the padded number of slots.
//! *Not proven*: as for a category: that the sum of a holder is that of its leaves, which whoever has the
//! [assignment](crate::Assignment) checks; that two slots are not one site in reality, nor one slot two.

use std::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use rand::rngs::StdRng;
use rand_core::{CryptoRng, SeedableRng as _};
use rayon::prelude::*;
use tari_merlin::Transcript;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::group::{self, ManyOpened, Opened, commit_all};
use crate::register::{Holder, Scope};
use crate::sigma::{BIT_PROOF_LEN, is_bit, prove_bit};
use crate::transcript::{append_point, part};

use super::{Bits, Checker, ClaimError, ProveError, Prover, holders, range, read_holder};

/// At most so many holders hold any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitesClaim {
    /// Of what.
    pub scope: Scope,
    /// Sites, or material balance areas.
    pub holder: Holder,
    /// At most so many.
    pub at_most: u16,
}

/// The number of holders that hold any fell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FewerSitesClaim {
    /// Of what.
    pub scope: Scope,
    /// Sites, or material balance areas.
    pub holder: Holder,
    /// By at least so many.
    pub by: u16,
}

/// What neither claim shows.
pub(super) const NOT_PROVEN: &[&str] = &[
    "that the sum of a holder is that of its leaves: whoever has the assignment checks that",
    "that two holders in the register are not one in reality, nor one of them two",
];

impl SitesClaim {
    pub(super) fn write(&self, writer: &mut Writer) {
        self.scope.write(writer);
        writer.u8(self.holder as u8).u16(self.at_most);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { scope: Scope::read(reader)?, holder: read_holder(reader)?, at_most: reader.u16()? })
    }

    pub(super) fn prove(&self, prover: &Prover<'_>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let sums = prover.newer.holders(self.holder, self.scope)?;
        let (mut proof, count) = prove_bits(&prover.base, b"newer", &sums, rng);
        let rest = Opened::public(self.at_most.into()).minus(&count);
        proof.extend(range::prove(&prover.base, b"rest", Bits::ThirtyTwo, &ManyOpened(vec![rest]), rng)?);
        Ok(proof)
    }

    pub(super) fn check(
        &self,
        checker: &mut Checker<'_, '_>,
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        let sums = checker.newer.holders(self.holder, self.scope)?;
        let count: RistrettoPoint = check_bits(&checker.base, b"newer", &sums, reader)?.iter().sum();
        let rest = group::public(self.at_most.into()) - count;
        checker.ranges(b"rest", Bits::ThirtyTwo, &[rest], reader)
    }
}

impl FewerSitesClaim {
    pub(super) fn write(&self, writer: &mut Writer) {
        self.scope.write(writer);
        writer.u8(self.holder as u8).u16(self.by);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let claim = Self { scope: Scope::read(reader)?, holder: read_holder(reader)?, by: reader.u16()? };
        if claim.by == 0 { Err(reader.error("fewer sites are one or more fewer")) } else { Ok(claim) }
    }

    pub(super) fn prove(&self, prover: &Prover<'_>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let older = prover.older()?.holders(self.holder, self.scope)?;
        let newer = prover.newer.holders(self.holder, self.scope)?;
        let (mut proof, count) = prove_bits(&prover.base, b"newer", &newer, rng);
        let bits = bits_of(&older, rng);
        proof.extend(prove_bits_with(&prover.base, b"older", &older, &bits, rng));
        let held: ManyOpened = older.0.iter().zip(&bits.0).map(|(sum, bit)| sum.minus(bit)).collect();
        proof.extend(range::prove(&prover.base, b"held", Bits::SixtyFour, &held, rng)?);
        let rest = sum(&bits).minus(&count).minus(&Opened::public(self.by.into()));
        proof.extend(range::prove(&prover.base, b"rest", Bits::ThirtyTwo, &ManyOpened(vec![rest]), rng)?);
        Ok(proof)
    }

    pub(super) fn check(
        &self,
        checker: &mut Checker<'_, '_>,
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        let older = checker.older()?.holders(self.holder, self.scope)?;
        let newer = checker.newer.holders(self.holder, self.scope)?;
        let newer_bits = check_bits(&checker.base, b"newer", &newer, reader)?;
        let older_bits = check_bits(&checker.base, b"older", &older, reader)?;
        let held: Vec<_> = older.iter().zip(&older_bits).map(|(sum, bit)| sum - bit).collect();
        checker.ranges(b"held", Bits::SixtyFour, &held, reader)?;
        let (before, after) =
            (older_bits.iter().sum::<RistrettoPoint>(), newer_bits.iter().sum::<RistrettoPoint>());
        let rest = before - after - group::public(self.by.into());
        checker.ranges(b"rest", Bits::ThirtyTwo, &[rest], reader)
    }
}

/// Commits to one bit for each sum, whether it is above zero.
fn bits_of(sums: &ManyOpened, rng: &mut impl CryptoRng) -> ManyOpened {
    let bit = |sum: &Opened| Opened { value: i64::from(sum.value != 0), blinding: Scalar::random(rng) };
    sums.0.iter().map(bit).collect()
}

fn sum(opened: &ManyOpened) -> Opened {
    opened.0.iter().fold(Opened::default(), |sum, opened| sum.plus(opened))
}

fn prove_bits(
    base: &Transcript,
    name: &'static [u8],
    sums: &ManyOpened,
    rng: &mut impl CryptoRng,
) -> (Vec<u8>, Opened) {
    let bits = bits_of(sums, rng);
    (prove_bits_with(base, name, sums, &bits, rng), sum(&bits))
}

/// The commitments to the bits, and the proof of each; every proof depends on all of them.
fn prove_bits_with(
    base: &Transcript,
    name: &'static [u8],
    sums: &ManyOpened,
    bits: &ManyOpened,
    rng: &mut impl CryptoRng,
) -> Vec<u8> {
    let points = commit_all(bits);
    let base = with_bits(base, &points);
    let jobs: Vec<_> = sums
        .0
        .iter()
        .zip(&bits.0)
        .map(|(sum, bit)| {
            let mut seed = [0; 32];
            rng.fill_bytes(&mut seed);
            (sum, bit, seed)
        })
        .collect();
    let proofs = jobs.into_par_iter().enumerate().map(|(at, (sum, bit, seed))| {
        prove_bit(part(&base, name, at), bit, sum, &mut StdRng::from_seed(seed))
    });
    let mut writer = Writer::default();
    for point in &points {
        writer.point(point);
    }
    writer.bytes(&proofs.collect::<Vec<_>>().concat()).finish()
}

/// The commitments to the bits, after a check that each is zero only where the sum is.
fn check_bits(
    base: &Transcript,
    name: &'static [u8],
    sums: &[RistrettoPoint],
    reader: &mut Reader<'_>,
) -> Result<Vec<RistrettoPoint>, ClaimError> {
    let points = sums.iter().map(|_| reader.point()).collect::<Result<Vec<_>, _>>()?;
    let proofs = sums.iter().map(|_| reader.take(BIT_PROOF_LEN)).collect::<Result<Vec<_>, _>>()?;
    let base = with_bits(base, &points);
    let jobs: Vec<_> = points.iter().zip(sums).zip(proofs).collect();
    let all = jobs.into_par_iter().enumerate().map(|(at, ((bit, sum), proof))| {
        if is_bit(part(&base, name, at), bit, sum, proof)? { Ok(()) } else { Err(ClaimError::False) }
    });
    all.collect::<Result<(), _>>()?;
    Ok(points)
}

fn with_bits(base: &Transcript, points: &[RistrettoPoint]) -> Transcript {
    let mut base = base.clone();
    for point in points {
        append_point(&mut base, b"bit", point);
    }
    base
}

impl fmt::Display for SitesClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at_most {
            1 => write!(f, "at most one {} holds any {}", self.holder, self.scope),
            most => write!(f, "at most {most} {} hold any {}", holders(self.holder), self.scope),
        }
    }
}

impl fmt::Display for FewerSitesClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "the number of {} that hold any {} fell by at least {}",
            holders(self.holder),
            self.scope,
            self.by
        )
    }
}
