//! Where each entry of a commitment stands. All of it is public, so it must not tell how much there is.

use std::collections::BTreeMap;
use std::ops::Range;

use sha2::{Digest, Sha256};
use surety_core::{Date, StateCode, parse_day};
use surety_log::Hash;

use crate::encoding::{DecodeError, Reader, Writer};
use crate::register::{Class, Holder, Regime, Register, RegisterError, Scope};
use crate::{Anchor, Root};

/// The fewest slots of a section: range proofs come by eight.
pub const SLOTS_MIN: u32 = 8;

/// The most leaves in all sections together.
pub const LEAVES_MAX: u32 = 1 << 18;

/// The most slots for holders of a kind.
const HOLDERS_MAX: u32 = 1 << 12;

/// The most slots for balances.
const BALANCES_MAX: u32 = 1 << 14;

/// The most requirements.
pub const REQUIREMENTS_MAX: usize = 1 << 12;

/// How sections are padded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Padding {
    /// Every section as long as the longest: what is published tells only how long that is, to the next
    /// power of two.
    Equal,
    /// Every section as long as it needs, to the next power of two: smaller, and the order of magnitude of
    /// the number of items in each class is public.
    PerClass,
}

/// What kind of entry stands at an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Region {
    /// A holding of a class, or padding.
    Leaf(Class),
    /// The sums of one holder over every class, or padding.
    Holder(Holder, u32),
    /// One requirement under one regime.
    Requirement(usize, Regime),
    /// A balance, or padding.
    Balance,
}

/// The places of all entries: leaves class by class, then sites, balance areas, requirements (civil before
/// military), balances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    sections: BTreeMap<Class, u32>,
    sites: u32,
    areas: u32,
    requirements: Vec<String>,
    balances: u32,
}

impl Layout {
    /// The layout for a register. Every class of weapons-usable material has a section, filled or not.
    pub(crate) fn fitting(register: &Register, padding: Padding) -> Result<Self, RegisterError> {
        let usable = Class::all().filter(|class| class.material.is_weapons_usable());
        let mut counts: BTreeMap<Class, usize> = usable.map(|class| (class, 0)).collect();
        for holding in register.holdings() {
            *counts.entry(holding.class).or_default() += 1;
        }
        let longest = counts.values().copied().max().unwrap_or(0);
        let mut sections = BTreeMap::new();
        for (class, count) in counts {
            let count = if padding == Padding::Equal { longest } else { count };
            sections.insert(class, slots(count, "leaves of one class", LEAVES_MAX)?);
        }
        let leaves = sections.values().map(|slots| *slots as usize).sum();
        if leaves > LEAVES_MAX as usize {
            return Err(RegisterError::Many { of: "leaves", count: leaves, max: LEAVES_MAX as usize });
        }
        let requirements: Vec<_> =
            register.assessments().iter().map(|assessment| assessment.requirement.clone()).collect();
        if requirements.len() > REQUIREMENTS_MAX {
            let (count, max) = (requirements.len(), REQUIREMENTS_MAX);
            return Err(RegisterError::Many { of: "requirements", count, max });
        }
        Ok(Self {
            sections,
            sites: slots(register.holders(Holder::Site).len(), "sites", HOLDERS_MAX)?,
            areas: slots(register.holders(Holder::Area).len(), "material balance areas", HOLDERS_MAX)?,
            requirements,
            balances: slots(register.balances().len(), "balances", BALANCES_MAX)?,
        })
    }

    /// Every class that has a section, with the number of its leaves.
    pub fn sections(&self) -> impl ExactSizeIterator<Item = (Class, u32)> {
        self.sections.iter().map(|(class, slots)| (*class, *slots))
    }

    /// The ids of the requirements, in order.
    pub fn requirements(&self) -> &[String] {
        &self.requirements
    }

    /// How many slots there are for holders of a kind.
    pub fn holders(&self, holder: Holder) -> u32 {
        match holder {
            Holder::Site => self.sites,
            Holder::Area => self.areas,
        }
    }

    /// How many leaves there are, padding included.
    pub fn leaves(&self) -> u64 {
        self.sections.values().map(|slots| u64::from(*slots)).sum()
    }

    /// How many entries there are.
    pub fn entries(&self) -> u64 {
        self.balance_entries().end
    }

    /// The entries of the leaves of a class; none when it has no section.
    pub fn leaf_entries(&self, class: Class) -> Option<Range<u64>> {
        let slots = u64::from(*self.sections.get(&class)?);
        let start = self.sections.range(..class).map(|(_, slots)| u64::from(*slots)).sum();
        Some(start..start + slots)
    }

    pub(crate) fn holder_entries(&self, holder: Holder) -> Range<u64> {
        let sites = self.leaves() + u64::from(self.sites);
        match holder {
            Holder::Site => self.leaves()..sites,
            Holder::Area => sites..sites + u64::from(self.areas),
        }
    }

    /// At which place of a holder's sums each class of a scope stands.
    ///
    /// # Errors
    /// With the first class that has no section.
    pub(crate) fn columns(&self, scope: Scope) -> Result<Vec<usize>, Class> {
        let column = |class: Class| self.sections.keys().position(|known| *known == class).ok_or(class);
        scope.classes().map(column).collect()
    }

    pub(crate) fn requirement_entry(&self, number: usize, regime: Regime) -> u64 {
        self.holder_entries(Holder::Area).end + 2 * number as u64 + u64::from(regime == Regime::Military)
    }

    pub(crate) fn balance_entries(&self) -> Range<u64> {
        let start = self.requirement_entry(self.requirements.len(), Regime::Civil);
        start..start + u64::from(self.balances)
    }

    /// What stands at an index; none beyond the last.
    pub fn region(&self, index: u64) -> Option<Region> {
        let leaf = self
            .sections()
            .find(|(class, _)| self.leaf_entries(*class).is_some_and(|entries| entries.contains(&index)));
        if let Some((class, _)) = leaf {
            return Some(Region::Leaf(class));
        }
        for holder in Holder::ALL {
            let entries = self.holder_entries(*holder);
            if entries.contains(&index) {
                return Some(Region::Holder(*holder, u32::try_from(index - entries.start).ok()?));
            }
        }
        let balances = self.balance_entries();
        if index < balances.start {
            let at = index - self.requirement_entry(0, Regime::Civil);
            let regime = if at.is_multiple_of(2) { Regime::Civil } else { Regime::Military };
            return Some(Region::Requirement(usize::try_from(at / 2).ok()?, regime));
        }
        balances.contains(&index).then_some(Region::Balance)
    }

    /// How many commitments an entry of a region has.
    pub(crate) fn commitments(&self, region: Region) -> usize {
        match region {
            Region::Leaf(_) | Region::Requirement(..) => 1,
            Region::Holder(..) => self.sections.len(),
            Region::Balance => 2,
        }
    }

    fn write(&self, writer: &mut Writer) {
        writer.u8(u8::try_from(self.sections.len()).unwrap_or(u8::MAX));
        for (class, slots) in &self.sections {
            writer.u8(class.code()).u8(exponent(*slots));
        }
        writer.u8(exponent(self.sites)).u8(exponent(self.areas)).u8(exponent(self.balances));
        writer.u16(u16::try_from(self.requirements.len()).unwrap_or(u16::MAX));
        for requirement in &self.requirements {
            writer.label(requirement);
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut sections = BTreeMap::new();
        for _ in 0..reader.u8()? {
            let class = Class::read(reader)?;
            if sections.last_key_value().is_some_and(|(last, _)| *last >= class) {
                return Err(reader.error("classes stand in order, each once"));
            }
            sections.insert(class, read_slots(reader, LEAVES_MAX)?);
        }
        if sections.is_empty()
            || sections.values().map(|slots| u64::from(*slots)).sum::<u64>() > u64::from(LEAVES_MAX)
        {
            return Err(reader.error("there is no leaf, or more of them than the protocol has room for"));
        }
        let sites = read_slots(reader, HOLDERS_MAX)?;
        let areas = read_slots(reader, HOLDERS_MAX)?;
        let balances = read_slots(reader, BALANCES_MAX)?;
        let count = usize::from(reader.u16()?);
        if count > REQUIREMENTS_MAX {
            return Err(reader.error("there are more requirements than the protocol has room for"));
        }
        let mut requirements = Vec::new();
        for _ in 0..count {
            requirements.push(reader.label()?.to_owned());
        }
        let mut sorted: Vec<_> = requirements.iter().collect();
        sorted.sort_unstable();
        if sorted.windows(2).any(|pair| pair[0] == pair[1]) {
            return Err(reader.error("a requirement is there twice"));
        }
        Ok(Self { sections, sites, areas, requirements, balances })
    }
}

/// The next power of two, and no fewer than eight.
fn slots(count: usize, of: &'static str, max: u32) -> Result<u32, RegisterError> {
    let slots = u32::try_from(count).ok().and_then(u32::checked_next_power_of_two);
    slots.map(|slots| slots.max(SLOTS_MIN)).filter(|slots| *slots <= max).ok_or(RegisterError::Many {
        of,
        count,
        max: max as usize,
    })
}

fn exponent(slots: u32) -> u8 {
    u8::try_from(slots.ilog2()).unwrap_or(u8::MAX)
}

fn read_slots(reader: &mut Reader<'_>, max: u32) -> Result<u32, DecodeError> {
    let slots = 1u32.checked_shl(u32::from(reader.u8()?)).filter(|slots| (SLOTS_MIN..=max).contains(slots));
    slots.ok_or_else(|| reader.error("a section has from 8 slots to as many as the protocol has room for"))
}

/// What is public about a commitment: whose it is, as of when, and what stands where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// Whose register it is.
    pub state: StateCode,
    /// As of when.
    pub date: Date,
    /// What stands where.
    pub layout: Layout,
}

impl Header {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.label(self.state.as_str()).label(&self.date.to_string());
        self.layout.write(&mut writer);
        writer.finish()
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let state = read_state(reader)?;
        let date = read_date(reader)?;
        Ok(Self { state, date, layout: Layout::read(reader)? })
    }

    /// The root that this header and the tree of all entries make together.
    pub(crate) fn root(&self, tree_root: Hash) -> Root {
        let header = self.encode();
        let hash = Sha256::new()
            .chain_update(b"surety-proof/1 root\n")
            .chain_update(Sha256::digest(&header))
            .chain_update(tree_root.0)
            .finalize();
        Root(hash.into())
    }

    pub(crate) fn anchor(&self, tree_root: Hash) -> Anchor {
        Anchor { root: self.root(tree_root), state: self.state, date: self.date }
    }
}

pub(crate) fn read_state(reader: &mut Reader<'_>) -> Result<StateCode, DecodeError> {
    let text = reader.label()?;
    let state = text.parse::<StateCode>().ok().filter(|state| state.as_str() == text);
    state.ok_or_else(|| reader.error("this is no State code"))
}

pub(crate) fn read_date(reader: &mut Reader<'_>) -> Result<Date, DecodeError> {
    parse_day(reader.label()?).map_err(|_| reader.error("this is no day, YYYY-MM-DD"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{xaa_year_1, xaa_year_2};
    use proptest::prelude::*;

    #[test]
    fn every_entry_has_one_place() {
        let layout = Layout::fitting(&xaa_year_1(), Padding::PerClass).unwrap();
        let mut counted = 0;
        for index in 0..layout.entries() {
            let region = layout.region(index).unwrap();
            let place = match region {
                Region::Leaf(class) => layout.leaf_entries(class).unwrap().contains(&index),
                Region::Holder(holder, slot) => {
                    layout.holder_entries(holder).start + u64::from(slot) == index
                }
                Region::Requirement(number, regime) => layout.requirement_entry(number, regime) == index,
                Region::Balance => layout.balance_entries().contains(&index),
            };
            assert!(place, "{index}: {region:?}");
            counted += 1;
        }
        assert_eq!(counted, layout.entries());
        assert_eq!(layout.region(layout.entries()), None);
    }

    #[test]
    fn equal_sections_tell_nothing_about_single_classes() {
        let layout = Layout::fitting(&xaa_year_1(), Padding::Equal).unwrap();
        let mut slots: Vec<_> = layout.sections().map(|(_, slots)| slots).collect();
        slots.dedup();
        assert_eq!(slots.len(), 1);
        assert!(layout.sections().len() >= 12);
    }

    #[test]
    fn a_header_reads_back_and_every_shorter_one_is_refused() {
        let layout = Layout::fitting(&xaa_year_2(), Padding::PerClass).unwrap();
        let header = Header { state: "XAA".parse().unwrap(), date: "2027-12-31".parse().unwrap(), layout };
        let bytes = header.encode();
        assert_eq!(Header::read(&mut Reader::new("header", &bytes)), Ok(header));
        for len in 0..bytes.len() {
            assert!(Header::read(&mut Reader::new("header", &bytes[..len])).is_err(), "{len} bytes");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
            let _ = Header::read(&mut Reader::new("header", &bytes));
            let _ = Layout::read(&mut Reader::new("layout", &bytes));
        }
    }
}
