//! What a State says about its committed register, and what others say who were shown some of it.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use surety_core::words;
use surety_material::Purpose;

use crate::body::Claim;
use crate::digest::Digest;

/// The most files that a claim rests on: range proofs of every class under two roots are fewer.
const RESTS_ON_MAX: usize = 64;

/// A State commits to its whole register on a date, the date of the statement. Nothing of it can be told from this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterRoot {
    /// How the root was made, such as `surety-proof/1`.
    pub scheme: String,
    /// The root.
    pub root: Digest,
    /// How many leaves the tree has. Padded, so that it does not tell the number of items.
    pub leaves: u64,
    /// The package of the commitment: every entry, hidden. Claims are verified against it.
    #[serde(default)]
    pub package: Option<Attachment>,
}

words! {
    /// A material as a register counts it.
    pub enum RegisterMaterial("material of a register") {
        /// Plutonium, by the element.
        Plutonium = "plutonium",
        /// Uranium with 20 % U-235 or more, by U-235.
        Heu = "HEU",
        /// Uranium-233, by the isotope.
        Uranium233 = "uranium-233",
        /// Uranium with 10 % to less than 20 % U-235, by U-235.
        Leu10To20 = "LEU-10-to-20",
        /// Uranium above natural with less than 10 % U-235, by U-235.
        LeuBelow10 = "LEU-below-10",
    }
}

impl RegisterMaterial {
    /// Whether it is usable in weapons.
    pub fn is_weapons_usable(self) -> bool {
        matches!(self, Self::Plutonium | Self::Heu | Self::Uranium233)
    }
}

/// A material held for a purpose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterClass {
    /// The material.
    pub material: RegisterMaterial,
    /// What it is kept for.
    pub purpose: Purpose,
}

/// A claim that a proof shows, against one root or between two.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ProvenClaim {
    /// What is claimed.
    pub claim: Claim,
    /// The roots it is about, the earlier first.
    #[schemars(length(min = 1, max = 2))]
    pub roots: Vec<Digest>,
    /// What it is about, all of it together; nothing where the claim is about no material.
    pub of: Vec<RegisterClass>,
    /// The published bounds.
    pub bounds: Vec<Bound>,
    /// The requirements that a claim of parity covers; none when it covers all.
    pub requirements: Vec<String>,
    /// The claim with its proof, as `surety-proof` reads it.
    pub proof: Attachment,
    /// What it rests on beside the packages of its roots: range proofs.
    #[serde(default)]
    #[schemars(length(max = 64))]
    pub rests_on: Vec<Attachment>,
}

/// One published bound of a claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bound {
    /// What is bounded, such as `at-most`.
    pub name: String,
    /// The bound as text, so that no digit is lost.
    pub value: String,
    /// Its unit, such as `g`; empty for a number.
    pub unit: String,
}

/// Bytes that a statement carries, or says where to find.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Attachment {
    /// What the bytes are.
    pub media_type: String,
    /// The digest of the bytes.
    pub sha256: Digest,
    /// The bytes in base64, when the statement carries them.
    pub base64: Option<String>,
    /// Where they can be had, when it does not.
    pub address: Option<String>,
}

/// A State opened leaves of its register for one reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Disclosure {
    /// The root that they belong to.
    pub root: Digest,
    /// How many leaves were opened.
    pub leaves: u64,
    /// The reader.
    pub reader: String,
    /// What was handed over, encrypted to the reader.
    pub package: Option<Attachment>,
}

/// A reader confirms what was disclosed to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct DisclosureReceipt {
    /// The root.
    pub root: Digest,
    /// How many leaves it could open.
    pub leaves: u64,
    /// Whether every one of them belongs to the root.
    pub verified: bool,
}

/// A reviewer signs what it examined, how, and what it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ReviewFinding {
    /// The root of the register that was examined, if it was one.
    pub root: Option<Digest>,
    /// By which method.
    pub method: String,
    /// How many items were examined; of a sample, how many leaves were opened, those that hold nothing among them.
    pub examined: u64,
    /// Whether what was examined agrees with what the State says.
    pub consistent: bool,
    /// The finding, in words that can be public.
    pub text: String,
    /// Which samples of the register were drawn, and how: a review as `surety-proof` reads it.
    #[serde(default)]
    pub review: Option<Attachment>,
}

impl RegisterRoot {
    pub(crate) fn summary(&self) -> String {
        format!("committed to a register ({} leaves, root {})", self.leaves, self.root.short())
    }
}

impl ProvenClaim {
    pub(crate) fn summary(&self) -> String {
        let bounds: Vec<String> = self
            .bounds
            .iter()
            .map(|bound| format!("{} {} {}", bound.name, bound.value, bound.unit).trim_end().to_owned())
            .collect();
        let bounds = if bounds.is_empty() { String::new() } else { format!(" ({})", bounds.join(", ")) };
        let of: Vec<String> = self.of.iter().map(|of| format!("{} {}", of.purpose, of.material)).collect();
        let of = if of.is_empty() { String::new() } else { format!(" of {}", of.join(" and ")) };
        format!("claims to prove: {}{of}{bounds}", self.claim)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.roots.is_empty() || self.roots.len() > 2 {
            return Err("a claim is about one root, or about two");
        }
        if self.rests_on.len() > RESTS_ON_MAX {
            return Err("a claim rests on at most 64 files");
        }
        [&self.proof].into_iter().chain(&self.rests_on).try_for_each(Attachment::check)
    }
}

impl Disclosure {
    pub(crate) fn summary(&self) -> String {
        format!("disclosed {} leaves of its register to {}", self.leaves, self.reader)
    }
}

impl DisclosureReceipt {
    pub(crate) fn summary(&self) -> String {
        let found = if self.verified { "they belong to its root" } else { "they do not belong to its root" };
        format!("received {} leaves of a register: {found}", self.leaves)
    }
}

impl ReviewFinding {
    pub(crate) fn summary(&self) -> String {
        let found = if self.consistent { "consistent" } else { "not consistent" };
        let what = if self.review.is_some() { "leaves" } else { "items" };
        format!("reviewed {} {what} ({}): {found}: {}", self.examined, self.method, self.text)
    }
}

impl Attachment {
    /// The most bytes that a statement carries; what is larger has an address.
    pub const CARRIED_LEN_MAX: usize = 45_000;

    /// Bytes that the statement carries, or says the address of when they are many.
    pub fn new(media_type: &str, bytes: &[u8], address: impl FnOnce() -> String) -> Self {
        let fits = bytes.len() <= Self::CARRIED_LEN_MAX;
        Self {
            media_type: media_type.to_owned(),
            sha256: Digest::of(bytes),
            base64: fits.then(|| BASE64_STANDARD.encode(bytes)),
            address: (!fits).then(address),
        }
    }

    /// Bytes that the statement only says the address of.
    pub fn at(media_type: &str, bytes: &[u8], address: String) -> Self {
        let sha256 = Digest::of(bytes);
        Self { media_type: media_type.to_owned(), sha256, base64: None, address: Some(address) }
    }

    /// The bytes, when it carries them.
    pub fn bytes(&self) -> Option<Vec<u8>> {
        BASE64_STANDARD.decode(self.base64.as_ref()?).ok()
    }

    /// Whether it carries its bytes, whole, or says where they are.
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        match (&self.base64, &self.address) {
            (Some(_), Some(_)) | (None, None) => {
                Err("an attachment carries its bytes in base64, or says their address: one of the two")
            }
            (None, Some(_)) => Ok(()),
            (Some(_), None) => match self.bytes() {
                None => Err("an attachment is not base64"),
                Some(bytes) if Digest::of(&bytes) != self.sha256 => {
                    Err("the bytes of an attachment do not have the digest that stands beside them")
                }
                Some(_) => Ok(()),
            },
        }
    }
}
