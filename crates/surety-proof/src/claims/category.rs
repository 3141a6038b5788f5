//! **Category.** No site, or no material balance area, holds more of a material than a category allows.
//!
//! *Proven*: with `S` the committed sum of these classes at each slot for a holder, `S` and `T − S` open to
//! numbers in [0, 2^32), where `T` is the most that is not above the category, unirradiated (CPPNM Annex II). All
//! slots are covered, and together they are all leaves: the package is refused otherwise. Every leaf is a mass by the
//! [range proofs](crate::Ranges) of its class, so that no negative leaf hides what else stands at its own site.
//!
//! *Hidden*: what any holder has, how many holders there are, which are empty.
//! *Let through*: the category; the padded number of slots.
//! *Not proven*: that the sum of a holder is that of *its* leaves. The State could have moved mass from one slot
//! to another when it made the commitment. Whoever has the [assignment](crate::Assignment) checks every sum at
//! once; a reviewer does. Nor that two slots are not one site in reality.

use std::fmt;

use rand_core::CryptoRng;
use surety_material::Category;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::group::{self, ManyOpened, Opened};
use crate::register::{Holder, Scope};

use super::{Bits, Checker, ClaimError, ProveError, Prover, range, read_holder, signed};

/// No holder is above a category with one material.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CategoryClaim {
    /// Of what: classes of one material.
    pub scope: Scope,
    /// Sites, or material balance areas.
    pub holder: Holder,
    /// The highest category that any of them has.
    pub ceiling: Category,
}

/// The categories by their number in files.
const CEILINGS: [Category; 3] = [Category::BelowIII, Category::III, Category::II];

impl CategoryClaim {
    /// The most milligrams that a holder may have; none when the claim is not one that can be made.
    pub fn most_mg(&self) -> Option<u64> {
        self.scope.one_material()?.most_mg_within(self.ceiling)
    }

    pub(super) const NOT_PROVEN: &[&str] = &[
        "that the sum of a holder is that of its leaves: whoever has the assignment checks that",
        "that two holders in the register are not one in reality",
    ];

    pub(super) fn write(&self, writer: &mut Writer) {
        self.scope.write(writer);
        let ceiling = CEILINGS.iter().position(|ceiling| *ceiling == self.ceiling);
        let ceiling = ceiling.and_then(|at| u8::try_from(at).ok()).unwrap_or(u8::MAX);
        writer.u8(self.holder as u8).u8(ceiling);
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let (scope, holder) = (Scope::read(reader)?, read_holder(reader)?);
        let ceiling = CEILINGS.get(usize::from(reader.u8()?)).copied();
        let claim = ceiling.map(|ceiling| Self { scope, holder, ceiling });
        claim
            .filter(|claim| claim.most_mg().is_some())
            .ok_or_else(|| reader.error("one material, and a category that a mass of it can exceed"))
    }

    pub(super) fn prove(&self, prover: &Prover<'_>, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let sums = prover.newer.holders(self.holder, self.scope)?;
        let most = Opened::public(signed(self.most_mg().ok_or(ProveError::NotTrue)?));
        let rests: ManyOpened = sums.0.iter().map(|sum| most.minus(sum)).collect();
        let mut proof = range::prove(&prover.base, b"holds", Bits::ThirtyTwo, &sums, rng)?;
        proof.extend(range::prove(&prover.base, b"rest", Bits::ThirtyTwo, &rests, rng)?);
        Ok(proof)
    }

    pub(super) fn check(
        &self,
        checker: &mut Checker<'_, '_>,
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        let sums = checker.newer.holders(self.holder, self.scope)?;
        let most = group::public(signed(self.most_mg().ok_or(ClaimError::False)?));
        let rests: Vec<_> = sums.iter().map(|sum| most - sum).collect();
        checker.ranges(b"holds", Bits::ThirtyTwo, &sums, reader)?;
        checker.ranges(b"rest", Bits::ThirtyTwo, &rests, reader)
    }
}

impl fmt::Display for CategoryClaim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let category = match self.ceiling {
            Category::BelowIII => "category III or above".to_owned(),
            Category::III => "a category above III".to_owned(),
            Category::II | Category::I => "a category above II".to_owned(),
        };
        write!(f, "no {} holds {} of {category}", self.holder, self.scope)
    }
}
