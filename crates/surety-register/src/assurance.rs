//! What a register committed to, and what it proved and disclosed of that.
//!
//! A commitment is kept whole: the records of that day as they were committed to, and the secret that opens them. Later
//! corrections of the register change nothing of it.

use std::collections::BTreeMap;

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng as _;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use surety_core::{Date, words};
use surety_material::{MaterialKind, Purpose};
use surety_proof::{
    Anchor, Class, Committed, Disclosure, Exposure, HOLDING_MASS_MG_MAX, Made, ProvenClaim, Root,
};
use surety_standards::{Catalogue, Regime};
use surety_statement::Digest;
use zeroize::Zeroizing;

use crate::record::{named, said};
use crate::register::{from_json, to_json};
use crate::{Area, Error, Grade, Holding, Note, Record, Register, Result, hex, unhex};

/// The most bytes of one part of what was committed to: an entry of the journal has room for it.
const PART_LENGTH_MAX: usize = 48_000;

/// A balance raises an alarm from so many standard deviations of MUF on.
const ALARM_SDS: f64 = 3.0;

words! {
    /// How the sections of a commitment are padded.
    pub enum Padding("padding") {
        /// Every section as long as the longest: only that is told, to the next power of two.
        Equal = "equal",
        /// Every section as long as it needs: smaller, and tells the order of magnitude of each.
        PerClass = "per-class",
    }
}

/// A commitment that was made. With its parts and its secret all of it can be opened.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommittedRoot {
    /// The root, hexadecimal.
    pub root: Digest,
    /// As of when.
    pub date: Date,
    /// How it is padded.
    pub padding: Padding,
    /// The secret of this commitment, hexadecimal: everything random in it.
    pub secret: String,
    /// In how many parts the records are kept.
    pub parts: u32,
}

/// A part of the records that were committed to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CommittedPart {
    /// The root.
    pub root: Digest,
    /// Which part, from 0.
    pub part: u32,
    /// A piece of the JSON of the records.
    pub text: String,
}

/// A claim that was proven: it may have left this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClaimMade {
    /// The digest of its file.
    pub sha256: Digest,
    /// What it says, in words.
    pub says: String,
    /// The file without its proof, hexadecimal.
    pub claim: String,
}

/// A disclosure that was made: it may have left this machine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DisclosureMade {
    /// The digest of its file.
    pub sha256: Digest,
    /// The root that it opens entries of.
    pub root: Digest,
    /// The key of its reader.
    pub reader: String,
    /// Which entries, by index.
    pub entries: Vec<u64>,
}

/// The most entries of one disclosure of a register: its journal has room for them.
pub const DISCLOSED_MAX: usize = 6_000;

impl Record for CommittedRoot {
    const KIND: &'static str = "root";

    fn id(&self) -> String {
        self.root.to_string()
    }

    fn check(&self, _: &Register) -> Result<()> {
        Ok(())
    }
}

impl Record for CommittedPart {
    const KIND: &'static str = "root-part";

    fn id(&self) -> String {
        format!("{} {:06}", self.root, self.part)
    }

    fn check(&self, _: &Register) -> Result<()> {
        Ok(())
    }
}

impl Record for ClaimMade {
    const KIND: &'static str = "claim";

    fn id(&self) -> String {
        self.sha256.to_string()
    }

    fn check(&self, _: &Register) -> Result<()> {
        said(&self.says, "what is claimed")
    }
}

impl Record for DisclosureMade {
    const KIND: &'static str = "disclosure";

    fn id(&self) -> String {
        self.sha256.to_string()
    }

    fn check(&self, register: &Register) -> Result<()> {
        if self.entries.len() > DISCLOSED_MAX {
            return Err(Error::Refused(format!(
                "{} entries in one disclosure: make several, of at most {DISCLOSED_MAX} each",
                self.entries.len()
            )));
        }
        register.require::<CommittedRoot>(&self.root.to_string(), "root").map(drop)
    }
}

/// The records of a commitment, as they are kept.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Records {
    holdings: Vec<(String, String, String, String, String, u64)>,
    assessments: Vec<(String, Option<u8>, Option<u8>)>,
    balances: Vec<(String, String, String, i64, i64)>,
}

/// What a register is committed to on a day, and what has no place in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commitable {
    /// The records.
    pub records: surety_proof::Register,
    /// What is left out, and why.
    pub left_out: Vec<String>,
}

impl Register {
    /// The whole register on a day: every holding of plutonium, enriched uranium and uranium-233; every requirement
    /// under both regimes; every balance that was closed in the year before.
    pub fn commitable(&self, catalogue: &Catalogue, on: Date) -> Result<Commitable> {
        let mut left_out = Vec::new();
        let mut holdings = Vec::new();
        let mut not_counted = 0usize;
        for held in self.holdings(Some(on))? {
            match class_of(&held)? {
                Some(class) => holdings.extend(leaves_of(&held, class)?),
                None => not_counted += 1,
            }
        }
        if not_counted > 0 {
            left_out.push(format!(
                "{not_counted} items of natural or depleted uranium or thorium: a commitment has no class for them"
            ));
        }
        let mut assessments: BTreeMap<String, surety_proof::Assessment> = BTreeMap::new();
        for assessed in self.assessed(catalogue, on)? {
            let requirement = assessed.requirement.clone();
            let of_both = assessments
                .entry(assessed.requirement)
                .or_insert_with(|| surety_proof::Assessment { requirement, civil: None, military: None });
            let maturity = assessed.maturity.map(surety_standards::Maturity::number);
            match assessed.regime {
                Regime::Civil => of_both.civil = maturity,
                Regime::Military => of_both.military = maturity,
            }
        }
        let balances = self.closed_balances(on, &mut left_out)?;
        let assessments = assessments.into_values().collect();
        let records = surety_proof::Register::new(self.state(), on, holdings, assessments, balances);
        Ok(Commitable { records: records.map_err(refused)?, left_out })
    }

    /// The balances that were closed in the year up to a day, each with three standard deviations of MUF as its
    /// threshold.
    fn closed_balances(&self, on: Date, left_out: &mut Vec<String>) -> Result<Vec<surety_proof::Balance>> {
        let year_ago = surety_core::add_years(on, -1);
        let mut closed = Vec::new();
        for area in self.all::<Area>()? {
            for (kind, material) in [
                (MaterialKind::Plutonium, surety_proof::Material::Plutonium),
                (MaterialKind::EnrichedUranium, surety_proof::Material::Heu),
                (MaterialKind::Uranium233, surety_proof::Material::Uranium233),
            ] {
                let periods = self.periods(&area.code, kind)?;
                let of_year = periods.iter().enumerate().skip(1).filter(|(_, period)| {
                    period.to > year_ago && period.to <= on && period.beginning != period.physical.negated()
                });
                let of_year: Vec<_> = of_year.collect();
                if of_year.is_empty() {
                    continue;
                }
                let prepared = self
                    .balance(&area.code, kind)
                    .and_then(|balance| balance.prepare().map_err(|error| Error::Refused(error.to_string())));
                let seid = match &prepared {
                    Ok(prepared) => prepared.seid(),
                    Err(error) => {
                        left_out.push(format!("the balances of {kind} in {}: {error}", area.code));
                        continue;
                    }
                };
                for (at, period) in of_year {
                    let muf_mg = kind.counted_mg(period.muf.element_mg, period.muf.isotope_mg);
                    closed.push(surety_proof::Balance {
                        area: area.code.clone(),
                        material,
                        period: period.to.to_string(),
                        muf_mg,
                        threshold_mg: milligrams(ALARM_SDS * seid.get(at - 1).copied().unwrap_or_default()),
                    });
                }
            }
        }
        Ok(closed)
    }

    /// Keeps a commitment: its records and its secret.
    pub fn keep_committed(
        &mut self,
        note: &Note,
        records: &surety_proof::Register,
        padding: Padding,
        secret: &surety_proof::Secret,
        root: Root,
    ) -> Result<CommittedRoot> {
        let root = Digest(root.0);
        let kept: BTreeMap<String, CommittedRoot> =
            self.all::<CommittedRoot>()?.into_iter().map(|kept| (kept.secret.clone(), kept)).collect();
        let secret = Zeroizing::new(hex(secret.as_bytes()));
        if kept.contains_key(&*secret) {
            return Err(Error::Refused("the secret of a commitment serves once".to_owned()));
        }
        let text = to_json(&Records::of(records))?;
        let parts: Vec<CommittedPart> = pieces(&text)
            .into_iter()
            .zip(0..)
            .map(|(text, part)| CommittedPart { root, part, text: text.to_owned() })
            .collect();
        let count = u32::try_from(parts.len()).unwrap_or(u32::MAX);
        self.put_all(note, &parts)?;
        // Last, so that a root that is there has all its parts.
        let committed = CommittedRoot {
            root,
            date: records.date(),
            padding,
            secret: String::clone(&secret),
            parts: count,
        };
        self.put(note, &committed)?;
        Ok(committed)
    }

    /// What was committed to.
    pub fn records(&self, kept: &CommittedRoot) -> Result<surety_proof::Register> {
        let mut text = String::new();
        for part in 0..kept.parts {
            let id = CommittedPart { root: kept.root, part, text: String::new() }.id();
            text.push_str(&self.require::<CommittedPart>(&id, "part of a commitment")?.text);
        }
        from_json::<Records>(&text)?.read(self.state(), kept.date)
    }

    /// Opens a commitment that was kept.
    pub fn committed(&self, kept: &CommittedRoot) -> Result<Committed> {
        let records = self.records(kept)?;
        let secret =
            unhex(&kept.secret).map(Zeroizing::new).and_then(|bytes| <[u8; 32]>::try_from(&bytes[..]).ok());
        let secret = secret.ok_or_else(|| Error::Damaged("the secret of a commitment".to_owned()))?;
        let secret = surety_proof::Secret::from_bytes(secret);
        let committed = Committed::new(&records, kept.padding.into(), &secret).map_err(refused)?;
        if committed.anchor().root.0 == kept.root.0 {
            Ok(committed)
        } else {
            Err(Error::Damaged(format!("what is kept of the root {} leads to another root", kept.root)))
        }
    }

    /// The range proofs of a class. Statements name them by their digest, so they are the same bytes whenever they are
    /// made: what is random in them follows from the secret of the commitment, which nobody else has, and from root and
    /// class.
    pub fn ranges(&self, committed: &Committed, class: Class) -> Result<Vec<u8>> {
        let root = Digest(committed.anchor().root.0);
        let kept = self.require::<CommittedRoot>(&root.to_string(), "root")?;
        let mut seed = Sha256::new();
        seed.update(b"surety-register ranges of surety-proof/1\n");
        seed.update(kept.secret.as_bytes());
        seed.update(format!("\n{root}\n{class}\n").as_bytes());
        let mut rng = ChaCha20Rng::from_seed(seed.finalize().into());
        committed.ranges(class, &mut rng).map_err(|error| Error::Refused(error.to_string()))
    }

    /// The commitment that somebody means by its root, the beginning of it, or its date; without either, the latest.
    pub fn find_committed(&self, wanted: Option<&str>) -> Result<CommittedRoot> {
        let all = self.committed_roots()?;
        let mut all: Vec<CommittedRoot> = all.into_iter().map(|(_, kept)| kept).collect();
        let Some(wanted) = wanted else {
            return all.pop().ok_or_else(|| {
                Error::Refused("nothing is committed to yet: `surety register commit` does".to_owned())
            });
        };
        let meant: Vec<CommittedRoot> = all
            .into_iter()
            .filter(|kept| kept.root.to_string().starts_with(wanted) || kept.date.to_string() == wanted)
            .collect();
        match <[CommittedRoot; 1]>::try_from(meant) {
            Ok([kept]) => Ok(kept),
            Err(meant) if meant.is_empty() => {
                Err(Error::Refused(format!("no commitment has the root or date {wanted}")))
            }
            Err(meant) => {
                let roots: Vec<String> = meant.iter().map(|kept| kept.root.to_string()).collect();
                Err(Error::Refused(format!(
                    "several commitments are meant by {wanted}: {}",
                    roots.join(", ")
                )))
            }
        }
    }

    /// Every commitment with the number of its entry: the latest day last, of one day the one that was made last.
    fn committed_roots(&self) -> Result<Vec<(i64, CommittedRoot)>> {
        let all = self.versions::<CommittedRoot>()?;
        let mut all: Vec<(i64, CommittedRoot)> =
            all.into_iter().map(|(entry, kept)| (entry.seq, kept)).collect();
        all.sort_by_key(|(seq, kept)| (kept.date, *seq));
        Ok(all)
    }

    /// The commitments of a day, the one that was made last at the end.
    pub fn committed_on(&self, day: Date) -> Result<Vec<CommittedRoot>> {
        let all = self.committed_roots()?.into_iter().map(|(_, kept)| kept);
        Ok(all.filter(|kept| kept.date == day).collect())
    }

    /// What binds commitments to each other: the classes of which neighbouring ones have the same total.
    fn unchanged(&self) -> Result<Vec<Made>> {
        let mut made = Vec::new();
        let mut before: Option<(Anchor, BTreeMap<Class, u64>)> = None;
        for (_, kept) in self.committed_roots()? {
            let anchor = Anchor { state: self.state(), date: kept.date, root: Root(kept.root.0) };
            let mut totals: BTreeMap<Class, u64> = BTreeMap::new();
            for holding in self.records(&kept)?.holdings() {
                *totals.entry(holding.class).or_default() += holding.mass_mg;
            }
            if let Some((older, known)) = &before {
                let same = totals.iter().filter(|(class, total)| known.get(class) == Some(total));
                made.extend(same.map(|(class, _)| Made::unchanged(*older, anchor, *class)));
            }
            before = Some((anchor, totals));
        }
        Ok(made)
    }

    /// The ledger of everything that was proven and disclosed so far.
    pub fn exposure(&self) -> Result<Exposure> {
        let mut opened = Opened { register: self, known: BTreeMap::new() };
        let mut made: Vec<(i64, Made)> = Vec::new();
        for (entry, claim) in self.versions::<ClaimMade>()? {
            let bytes = unhex(&claim.claim).ok_or_else(|| Error::Damaged("a claim".to_owned()))?;
            let proven = ProvenClaim::read(&bytes).map_err(|error| Error::Damaged(error.to_string()))?;
            let newest = proven.anchors().last().ok_or_else(|| Error::Damaged("a claim".to_owned()))?;
            made.push((entry.seq, Made::claim(&proven, opened.root(Digest(newest.root.0))?.header())));
        }
        for (entry, disclosed) in self.versions::<DisclosureMade>()? {
            let disclosure = Disclosure::new(opened.root(disclosed.root)?, &disclosed.entries);
            let disclosure = disclosure.map_err(|error| Error::Damaged(error.to_string()))?;
            made.push((entry.seq, Made::disclosure(&disclosure)));
        }
        made.sort_by_key(|(seq, _)| *seq);
        let mut all = self.unchanged()?;
        all.extend(made.into_iter().map(|(_, made)| made));
        Ok(Exposure::of(all))
    }
}

/// Commitments that were opened, each once.
struct Opened<'a> {
    register: &'a Register,
    known: BTreeMap<Digest, Committed>,
}

impl Opened<'_> {
    fn root(&mut self, root: Digest) -> Result<&Committed> {
        if !self.known.contains_key(&root) {
            let kept = self.register.require::<CommittedRoot>(&root.to_string(), "root")?;
            self.known.insert(root, self.register.committed(&kept)?);
        }
        self.known.get(&root).ok_or_else(|| Error::Damaged(format!("the root {root}")))
    }
}

impl From<Padding> for surety_proof::Padding {
    fn from(padding: Padding) -> Self {
        match padding {
            Padding::Equal => Self::Equal,
            Padding::PerClass => Self::PerClass,
        }
    }
}

impl Records {
    fn of(register: &surety_proof::Register) -> Self {
        let holding = |held: &surety_proof::Holding| {
            let Class { material, purpose } = held.class;
            (
                held.id.clone(),
                held.site.clone(),
                held.area.clone(),
                material.to_string(),
                purpose.to_string(),
                held.mass_mg,
            )
        };
        let assessment = |assessed: &surety_proof::Assessment| {
            (assessed.requirement.clone(), assessed.civil, assessed.military)
        };
        let balance = |balance: &surety_proof::Balance| {
            let surety_proof::Balance { area, material, period, muf_mg, threshold_mg } = balance;
            (area.clone(), material.to_string(), period.clone(), *muf_mg, *threshold_mg)
        };
        Self {
            holdings: register.holdings().iter().map(holding).collect(),
            assessments: register.assessments().iter().map(assessment).collect(),
            balances: register.balances().iter().map(balance).collect(),
        }
    }

    fn read(self, state: surety_core::StateCode, date: Date) -> Result<surety_proof::Register> {
        let damaged = |error: surety_core::UnknownWord| Error::Damaged(error.to_string());
        let holdings = self.holdings.into_iter().map(|(id, site, area, material, purpose, mass_mg)| {
            let class = Class {
                material: material.parse().map_err(damaged)?,
                purpose: purpose.parse().map_err(damaged)?,
            };
            Ok(surety_proof::Holding { id, site, area, class, mass_mg })
        });
        let assessments = self
            .assessments
            .into_iter()
            .map(|(requirement, civil, military)| surety_proof::Assessment { requirement, civil, military });
        let balances = self.balances.into_iter().map(|(area, material, period, muf_mg, threshold_mg)| {
            let material = material.parse().map_err(damaged)?;
            Ok(surety_proof::Balance { area, material, period, muf_mg, threshold_mg })
        });
        let (holdings, balances) = (holdings.collect::<Result<_>>()?, balances.collect::<Result<_>>()?);
        surety_proof::Register::new(state, date, holdings, assessments.collect(), balances).map_err(refused)
    }
}

/// The class that a holding counts in; none where a commitment has no class for it.
fn class_of(held: &Holding) -> Result<Option<Class>> {
    let material = match Grade::of(held.material, held.amount) {
        Grade::Plutonium | Grade::Plutonium238 => surety_proof::Material::Plutonium,
        Grade::Heu => surety_proof::Material::Heu,
        Grade::Uranium233 => surety_proof::Material::Uranium233,
        Grade::LeuFrom10 => surety_proof::Material::Leu10To20,
        Grade::LeuBelow10 => surety_proof::Material::LeuBelow10,
        Grade::NaturalUranium | Grade::DepletedUranium | Grade::Thorium => return Ok(None),
    };
    let purpose = match held.purpose {
        Purpose::Civilian => surety_proof::Purpose::Civil,
        Purpose::Military => surety_proof::Purpose::Military,
        Purpose::Naval => surety_proof::Purpose::Naval,
        Purpose::ExcessDeclared => surety_proof::Purpose::Excess,
        Purpose::Unspecified => {
            return Err(Error::Refused(format!(
                "what batch {} of {} is for is not known",
                held.batch, held.area
            )));
        }
    };
    Ok(Some(Class { material, purpose }))
}

/// A holding as leaves: several where it is heavier than one can be.
fn leaves_of(held: &Holding, class: Class) -> Result<Vec<surety_proof::Holding>> {
    let counted_mg = held.material.counted_mg(held.amount.element_mg, held.amount.isotope_mg);
    let Ok(mut left_mg) = u64::try_from(counted_mg) else {
        return Err(Error::Refused(format!(
            "batch {} of {} holds less than nothing: book what is missing first",
            held.batch, held.area
        )));
    };
    named(&held.batch, "a batch")?;
    let mut leaves = Vec::new();
    while left_mg > 0 {
        let mass_mg = left_mg.min(HOLDING_MASS_MG_MAX);
        left_mg -= mass_mg;
        let part = if leaves.is_empty() { String::new() } else { format!("~{}", leaves.len() + 1) };
        leaves.push(surety_proof::Holding {
            id: format!("{}:{}{part}", held.item, held.batch),
            site: held.site.clone(),
            area: held.area.clone(),
            class,
            mass_mg,
        });
    }
    Ok(leaves)
}

/// A text in pieces, none of them longer than an entry has room for. Quotes and backslashes count twice there.
fn pieces(text: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let (mut start, mut length) = (0, 0);
    for (at, one) in text.char_indices() {
        let cost = if matches!(one, '"' | '\\') { 2 } else { one.len_utf8() };
        if length + cost > PART_LENGTH_MAX {
            pieces.push(&text[start..at]);
            (start, length) = (at, 0);
        }
        length += cost;
    }
    pieces.push(&text[start..]);
    pieces
}

#[expect(clippy::cast_possible_truncation, reason = "a threshold is far below 2^53 mg, and is checked later")]
fn milligrams(kilograms: f64) -> i64 {
    (kilograms * 1e6).round() as i64
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn refused(error: surety_proof::CommitError) -> Error {
    Error::Refused(error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_make_the_text_again() {
        let text = "\"a\\\u{e9}".repeat(40_000);
        let pieces = pieces(&text);
        assert!(pieces.len() > 1 && pieces.concat() == text);
        for piece in pieces {
            assert!(to_json(&piece).unwrap().len() <= PART_LENGTH_MAX + 2);
        }
    }
}
