//! Claims that are proven without showing what they rest on: one file for each, with its statement, what it
//! hides, what it lets through, and what it does not prove.
//!
//! What no claim proves: that the register matches reality. A root binds a State to what it wrote down; whether
//! that is true, and whole, is the reviewer's part.

mod balance;
mod category;
mod decrease;
mod elimination;
mod parity;
mod sites;
mod total;

use std::fmt;

use curve25519_dalek::ristretto::RistrettoPoint;
use rand_core::CryptoRng;
use surety_core::Date;
use tari_bulletproofs_plus::errors::ProofError;
use tari_merlin::Transcript;

pub use balance::BalanceClaim;
pub use category::CategoryClaim;
pub use decrease::DecreaseClaim;
pub use elimination::EliminationClaim;
pub use parity::{Compared, ParityClaim};
pub use sites::{FewerSitesClaim, SitesClaim};
pub use total::TotalClaim;

use crate::commitment::{Committed, Package};
use crate::encoding::{DecodeError, FileKind, Reader, Writer};
use crate::range::{self, Batch, Bits};
use crate::register::{Class, Holder, Scope};
use crate::transcript::transcript;
use crate::{Anchor, Root};

/// The most milligrams of a bound: what a signed 64-bit number holds, nine thousand tonnes a thousand times
/// over.
pub const BOUND_MG_MAX: u64 = i64::MAX as u64;

/// A claim that cannot be proven.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError {
    /// It is false.
    #[error("the claim is not true of this register: nothing was made")]
    NotTrue,
    /// A class without a section.
    #[error("the commitment has no section for {0}")]
    NoSection(Class),
    /// The claim says something that no claim can.
    #[error("{0}")]
    Malformed(&'static str),
    /// The other commitment is missing, or there is one too many.
    #[error("{0}")]
    Older(&'static str),
    /// The library of range proofs refused.
    #[error("the range proofs cannot be made: {0}")]
    Library(String),
}

impl From<ProofError> for ProveError {
    fn from(error: ProofError) -> Self {
        Self::Library(error.to_string())
    }
}

/// A claim that is not shown to hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ClaimError {
    /// It cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The proof proves nothing.
    #[error("the proof does not hold: nothing is shown")]
    False,
    /// It is about another root.
    #[error("this is about another root than the package")]
    OtherRoot,
    /// The package of a root is missing.
    #[error(
        "it is about the register of {state} on {date}, root {root}, and no package here is of that root: give it, or a whole copy of it"
    )]
    NoPackage {
        /// Whose register.
        state: surety_core::StateCode,
        /// As of when.
        date: Date,
        /// Its root.
        root: Root,
    },
    /// A class without a section.
    #[error("the package has no section for {0}")]
    NoSection(Class),
    /// Range proofs are missing.
    #[error(
        "a sum of {class} means nothing before every leaf on {date} is shown to be a mass: give the range \
         proofs of that class too"
    )]
    NoRanges {
        /// Of which class.
        class: Class,
        /// For which commitment.
        date: Date,
    },
    /// Two roots that cannot be compared.
    #[error("{0}")]
    Roots(&'static str),
}

/// What is claimed of the register under one root, or of its change between two.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claim {
    /// A total lies within bounds.
    Total(TotalClaim),
    /// A total fell by at least so much.
    Decrease(DecreaseClaim),
    /// A total is zero.
    Elimination(EliminationClaim),
    /// No holder is above a category.
    Category(CategoryClaim),
    /// At most so many holders hold any.
    Sites(SitesClaim),
    /// So many fewer holders hold any.
    FewerSites(FewerSitesClaim),
    /// Military maturity is at least civil maturity, and at least the baseline.
    Parity(ParityClaim),
    /// Every |MUF| is within its alarm threshold.
    Balance(BalanceClaim),
}

/// Does the same with whatever claim it is.
macro_rules! each_claim {
    ($claim:expr, $inner:ident => $do:expr) => {
        match $claim {
            Claim::Total($inner) => $do,
            Claim::Decrease($inner) => $do,
            Claim::Elimination($inner) => $do,
            Claim::Category($inner) => $do,
            Claim::Sites($inner) => $do,
            Claim::FewerSites($inner) => $do,
            Claim::Parity($inner) => $do,
            Claim::Balance($inner) => $do,
        }
    };
}

impl Claim {
    /// The word for its kind, as statements have it.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Total(_) => "total",
            Self::Decrease(_) => "decrease",
            Self::Elimination(_) => "elimination",
            Self::Category(_) => "category",
            Self::Sites(_) => "sites",
            Self::FewerSites(_) => "fewer sites",
            Self::Parity(_) => "parity",
            Self::Balance(_) => "balance",
        }
    }

    /// Whether it compares two roots.
    pub fn compares(&self) -> bool {
        matches!(self, Self::Decrease(_) | Self::FewerSites(_))
    }

    /// Which classes it speaks of; none when it speaks of requirements or balances.
    pub fn scope(&self) -> Option<Scope> {
        match self {
            Self::Total(claim) => Some(claim.scope),
            Self::Decrease(claim) => Some(claim.scope),
            Self::Elimination(claim) => Some(claim.scope),
            Self::Category(claim) => Some(claim.scope),
            Self::Sites(claim) => Some(claim.scope),
            Self::FewerSites(claim) => Some(claim.scope),
            Self::Parity(_) | Self::Balance(_) => None,
        }
    }

    /// Whether it rests on the sums of holders being those of their leaves, which only a reviewer with the
    /// assignment can tell.
    pub fn rests_on_holders(&self) -> bool {
        matches!(self, Self::Category(_) | Self::Sites(_) | Self::FewerSites(_))
    }

    /// What the proof does not show, beside whether the register is true and whole.
    pub fn not_proven(&self) -> &'static [&'static str] {
        match self {
            Self::Total(_) => TotalClaim::NOT_PROVEN,
            Self::Decrease(_) => DecreaseClaim::NOT_PROVEN,
            Self::Elimination(_) => EliminationClaim::NOT_PROVEN,
            Self::Category(_) => CategoryClaim::NOT_PROVEN,
            Self::Sites(_) | Self::FewerSites(_) => sites::NOT_PROVEN,
            Self::Parity(_) => ParityClaim::NOT_PROVEN,
            Self::Balance(_) => BalanceClaim::NOT_PROVEN,
        }
    }

    fn write(&self, writer: &mut Writer) {
        let kind = match self {
            Self::Total(_) => 1,
            Self::Decrease(_) => 2,
            Self::Elimination(_) => 3,
            Self::Category(_) => 4,
            Self::Sites(_) => 5,
            Self::FewerSites(_) => 6,
            Self::Parity(_) => 7,
            Self::Balance(_) => 8,
        };
        writer.u8(kind);
        each_claim!(self, claim => claim.write(writer));
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(match reader.u8()? {
            1 => Self::Total(TotalClaim::read(reader)?),
            2 => Self::Decrease(DecreaseClaim::read(reader)?),
            3 => Self::Elimination(EliminationClaim::read(reader)?),
            4 => Self::Category(CategoryClaim::read(reader)?),
            5 => Self::Sites(SitesClaim::read(reader)?),
            6 => Self::FewerSites(FewerSitesClaim::read(reader)?),
            7 => Self::Parity(ParityClaim::read(reader)?),
            8 => Self::Balance(BalanceClaim::read(reader)?),
            _ => return Err(reader.error("there is no such claim")),
        })
    }

    pub(crate) fn statement(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        self.write(&mut writer);
        writer.finish()
    }

    pub(crate) fn prove(
        &self,
        newer: &Committed,
        older: Option<&Committed>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, ProveError> {
        let anchors: Vec<Anchor> = older.into_iter().chain([newer]).map(Committed::anchor).collect();
        check_anchors(self, &anchors).map_err(ProveError::Older)?;
        let statement = self.statement();
        // Whoever reads it must find it well-formed: no claim is made that a verifier would not take.
        let read = Self::read(&mut Reader::new("claim", &statement));
        if read.map_err(|error| ProveError::Malformed(error.problem))? != *self {
            return Err(ProveError::Malformed("this claim has a bound that no register can meet or miss"));
        }
        let base = transcript(&anchors, &statement);
        let prover = Prover { base, newer, older };
        let proof = each_claim!(self, claim => claim.prove(&prover, rng))?;
        Ok(ProvenClaim { claim: self.clone(), anchors, proof }.encode())
    }
}

impl fmt::Display for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        each_claim!(self, claim => claim.fmt(f))
    }
}

/// One root, or two in order of their dates, of one State.
fn check_anchors(claim: &Claim, anchors: &[Anchor]) -> Result<(), &'static str> {
    match (claim.compares(), anchors) {
        (true, [older, newer]) if older.state != newer.state => Err("both roots must be of one State"),
        (true, [older, newer]) if older.date >= newer.date => {
            Err("the older root must be of an earlier date")
        }
        (false, [_]) | (true, [_, _]) => Ok(()),
        (true, _) => Err("this claim compares two roots: it needs the older commitment too"),
        (false, _) => Err("this claim is about one root alone"),
    }
}

/// A claim with its proof: a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProvenClaim {
    claim: Claim,
    anchors: Vec<Anchor>,
    proof: Vec<u8>,
}

impl ProvenClaim {
    /// A claim without a proof: what it would say.
    #[cfg(test)]
    pub(crate) fn of(claim: Claim, anchors: Vec<Anchor>) -> Self {
        Self { claim, anchors, proof: Vec::new() }
    }

    /// A claim with whatever bytes for a proof.
    #[cfg(test)]
    pub(crate) fn with_proof(claim: Claim, anchors: Vec<Anchor>, proof: Vec<u8>) -> Self {
        Self { claim, anchors, proof }
    }

    #[cfg(test)]
    pub(crate) fn proof(&self) -> &[u8] {
        &self.proof
    }

    /// Reads a claim. Nothing is verified yet.
    pub fn read(bytes: &[u8]) -> Result<Self, ClaimError> {
        let mut reader = Reader::file(FileKind::Claim, bytes)?;
        let claim = Claim::read(&mut reader)?;
        let count = if claim.compares() { 2 } else { 1 };
        let anchors: Vec<_> = (0..count).map(|_| Anchor::read(&mut reader)).collect::<Result<_, _>>()?;
        check_anchors(&claim, &anchors).map_err(ClaimError::Roots)?;
        let proof = reader.rest().to_vec();
        Ok(Self { claim, anchors, proof })
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::file(FileKind::Claim);
        self.claim.write(&mut writer);
        for anchor in &self.anchors {
            anchor.write(&mut writer);
        }
        writer.bytes(&self.proof).finish()
    }

    /// The file without its proof: what is claimed, and about which roots. It reads back, and proves nothing.
    pub fn without_proof(&self) -> Vec<u8> {
        Self { proof: Vec::new(), ..self.clone() }.encode()
    }

    /// What is claimed.
    pub fn claim(&self) -> &Claim {
        &self.claim
    }

    /// About which roots, the older first.
    pub fn anchors(&self) -> &[Anchor] {
        &self.anchors
    }

    /// How many bytes the proof has, without the claim.
    pub fn proof_len(&self) -> usize {
        self.proof.len()
    }

    /// Verifies it against the packages of its roots.
    pub fn verify(&self, packages: &[&Package]) -> Result<(), ClaimError> {
        let mut batch = Batch::default();
        self.check(packages, 0, &mut batch)?;
        if batch.false_files().is_empty() { Ok(()) } else { Err(ClaimError::False) }
    }

    /// Checks everything but the range proofs, which go into a batch.
    pub(crate) fn check(
        &self,
        packages: &[&Package],
        file: usize,
        batch: &mut Batch,
    ) -> Result<(), ClaimError> {
        let found = self.anchors.iter().map(|anchor| {
            let known = packages.iter().find(|package| package.anchor() == *anchor);
            let Anchor { root, state, date } = *anchor;
            known.copied().ok_or(ClaimError::NoPackage { state, date, root })
        });
        let found = found.collect::<Result<Vec<_>, _>>()?;
        let (newer, older) = match found.as_slice() {
            [newer] => (*newer, None),
            [older, newer] => (*newer, Some(*older)),
            _ => return Err(ClaimError::Roots("a claim is about one root or two")),
        };
        let base = transcript(&self.anchors, &self.claim.statement());
        let mut reader = Reader::new("claim", &self.proof);
        let mut checker = Checker { base, newer, older, file, batch };
        each_claim!(&self.claim, claim => claim.check(&mut checker, &mut reader))?;
        Ok(reader.finish()?)
    }
}

/// What a claim is proven from.
struct Prover<'a> {
    base: Transcript,
    newer: &'a Committed,
    older: Option<&'a Committed>,
}

impl<'a> Prover<'a> {
    fn older(&self) -> Result<&'a Committed, ProveError> {
        self.older.ok_or(ProveError::Older("this claim compares two roots"))
    }
}

/// What a claim is checked against.
struct Checker<'a, 'b> {
    base: Transcript,
    newer: &'a Package,
    older: Option<&'a Package>,
    file: usize,
    batch: &'b mut Batch,
}

impl<'a> Checker<'a, '_> {
    fn older(&self) -> Result<&'a Package, ClaimError> {
        self.older.ok_or(ClaimError::Roots("this claim compares two roots"))
    }

    fn ranges(
        &mut self,
        name: &'static [u8],
        bits: Bits,
        commitments: &[RistrettoPoint],
        reader: &mut Reader<'_>,
    ) -> Result<(), ClaimError> {
        Ok(self.batch.read(self.file, &self.base, name, bits, commitments, reader)?)
    }
}

fn write_bound(writer: &mut Writer, bound: Option<u64>) {
    match bound {
        None => writer.u8(0),
        Some(bound) => writer.u8(1).u64(bound),
    };
}

fn read_bound(reader: &mut Reader<'_>) -> Result<Option<u64>, DecodeError> {
    match reader.u8()? {
        0 => Ok(None),
        1 => read_mg(reader).map(Some),
        _ => Err(reader.error("a bound is there or not")),
    }
}

fn read_mg(reader: &mut Reader<'_>) -> Result<u64, DecodeError> {
    let mg = reader.u64()?;
    if mg > BOUND_MG_MAX { Err(reader.error("a bound has at most 63 bits")) } else { Ok(mg) }
}

fn read_holder(reader: &mut Reader<'_>) -> Result<Holder, DecodeError> {
    let at = usize::from(reader.u8()?);
    Holder::ALL.get(at).copied().ok_or_else(|| reader.error("there is no such holder"))
}

/// A bound as a number: bounds have at most 63 bits.
fn signed(bound: u64) -> i64 {
    i64::try_from(bound).unwrap_or(i64::MAX)
}

/// Milligrams for people: in kilograms, all digits that there are.
pub(crate) fn kg(mg: u64) -> String {
    let (whole, rest) = (mg / 1_000_000, mg % 1_000_000);
    if rest == 0 {
        format!("{whole} kg")
    } else {
        format!("{whole}.{rest:06}").trim_end_matches('0').to_owned() + " kg"
    }
}

/// More than one holder of a kind.
fn holders(holder: Holder) -> &'static str {
    match holder {
        Holder::Site => "sites",
        Holder::Area => "MBAs",
    }
}
