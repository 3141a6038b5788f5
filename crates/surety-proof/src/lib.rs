//! Assurance without exposure: a State commits to its register, shows chosen parts of it, and proves what it
//! claims, without showing the rest.
//!
//! ```
//! use rand::rngs::StdRng;
//! use rand_core::SeedableRng as _;
//! use surety_proof::{
//!     Class, Claim, Committed, Holding, Material, Package, Padding, ProvenClaim, Purpose, Register, Scope,
//!     Secret, TotalClaim,
//! };
//!
//! # let mut rng = StdRng::from_seed([1; 32]); // At the edge: randomness of the operating system.
//! let class = Class { material: Material::Heu, purpose: Purpose::Naval };
//! let holding = |id: &str, mass_mg| Holding {
//!     id: id.into(), site: "site-1".into(), area: "area-1".into(), class, mass_mg,
//! };
//! let holdings = vec![holding("item-1", 30_000_000), holding("item-2", 12_000_000)];
//! let register = Register::new("XAA".parse()?, "2026-12-31".parse()?, holdings, vec![], vec![])?;
//!
//! // The State keeps the secret, and publishes the root, the package and the range proofs.
//! let committed = Committed::new(&register, Padding::Equal, &Secret::random(&mut rng))?;
//! let ranges = committed.ranges(class, &mut rng)?;
//! let claim = TotalClaim { scope: Scope::class(class), at_least_mg: None, at_most_mg: Some(50_000_000) };
//! let proven = committed.prove(&Claim::Total(claim), None, &mut rng)?;
//!
//! // Anybody checks the claim, and learns nothing else.
//! let mut package = Package::read(committed.package())?;
//! package.accept(&ranges)?;
//! let proven = ProvenClaim::read(&proven)?;
//! proven.verify(&[&package])?;
//! assert_eq!(proven.claim().to_string(), "the total of naval HEU is at most 50 kg");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Where things are
//!
//! | what | where |
//! |---|---|
//! | what is committed to | [`Register`], [`Holding`], [`Assessment`], [`Balance`], [`Class`], [`Scope`] |
//! | committing | [`Committed`], [`Secret`], [`Padding`], [`Layout`] |
//! | what is published with a root | [`Package`], [`Ranges`] |
//! | showing entries to one reader | [`Disclosure`] |
//! | a reviewer's sample and finding | [`Challenge`], [`detection_probability`], [`Assignment`], [`Review`] |
//! | claims, each with what it hides and what it does not prove | [`Claim`], [`ProvenClaim`] |
//! | many files at once, in plain words | [`verify`] |
//! | what all claims together reveal | [`Exposure`] |
//!
//! `docs/proofs.md` is the protocol, precise enough for a second implementation. Nothing here does I/O or reads
//! a clock; randomness is an argument, except that [`Disclosure::seal`] leaves encryption to `age`, which takes it
//! from the operating system.

#[cfg(test)]
extern crate self as surety_proof;

mod anchor;
mod claims;
mod commitment;
mod disclosure;
mod encoding;
mod exposure;
mod group;
mod range;
mod register;
mod review;
mod sample;
mod secret;
mod sigma;
mod transcript;
pub mod verify;

pub use anchor::{Anchor, ParseRootError, Root};
pub use claims::{
    BOUND_MG_MAX, BalanceClaim, CategoryClaim, Claim, ClaimError, Compared, DecreaseClaim, EliminationClaim,
    FewerSitesClaim, ParityClaim, ProveError, ProvenClaim, SitesClaim, TotalClaim,
};
pub use commitment::{
    Assignment, AssignmentError, CommitError, Committed, Header, LEAVES_MAX, Layout, Package, PackageError,
    Padding, REQUIREMENTS_MAX, Ranges, Record, Region, SLOTS_MIN, record_hash,
};
pub use disclosure::{Disclosure, DisclosureError, OPENINGS_MAX, Opening};
pub use encoding::{DecodeError, FILE_LEN_MAX, FileKind, LABEL_LEN_MAX};
pub use exposure::{Exposure, Interval, Made, Warning};
pub use register::{
    Assessment, BALANCE_MG_MAX, Balance, Class, HOLDING_MASS_MG_MAX, Holder, Holding, MATURITY_MAX, Material,
    Purpose, Regime, Register, RegisterError, Scope,
};
pub use review::{Review, SampleError, Sampled};
pub use sample::{Challenge, detection_probability, sample_size};
pub use secret::Secret;

#[cfg(test)]
mod attacks;
#[cfg(test)]
#[path = "../tests/xaa/mod.rs"]
mod tests;
