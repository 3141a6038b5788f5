//! The private side of a commitment: who has it can open every entry and prove every claim.

use std::collections::BTreeMap;

use curve25519_dalek::scalar::Scalar;
use rand_core::CryptoRng;
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use surety_log::Hash;
use surety_log::tree::{Tree, leaf_hash};

use crate::Anchor;
use crate::claims::{Claim, ProveError};
use crate::disclosure::Opening;
use crate::encoding::{FileKind, Writer};
use crate::group::{ManyOpened, Opened};
use crate::register::{Balance, Class, Holder, Holding, Regime, Register, RegisterError, Scope};
use crate::secret::{Derivation, Secret};

use super::assignment::Assignment;
use super::layout::{Header, Layout, Padding};
use super::ranges::Ranges;
use super::record::{Record, record_hash};

/// What orders the lists that are no section of leaves.
const SITES_LIST: u64 = 256;
const AREAS_LIST: u64 = 257;
const BALANCES_LIST: u64 = 258;

/// Why a register cannot be committed to.
pub type CommitError = RegisterError;

/// A register that is committed to, with all that opens it.
///
/// The same register, padding and secret give the same commitment: so a register need only keep its records of
/// that day, the padding, and the [`Secret`].
pub struct Committed {
    header: Header,
    entries: Vec<Entry>,
    tree: Tree,
    package: Vec<u8>,
}

/// What opens one entry.
struct Entry {
    salt: [u8; 32],
    record: Record,
    opened: ManyOpened,
}

impl Committed {
    /// Commits to a register.
    ///
    /// # Errors
    /// When it has more of something than the protocol has room for.
    pub fn new(register: &Register, padding: Padding, secret: &Secret) -> Result<Self, CommitError> {
        let layout = Layout::fitting(register, padding)?;
        let header = Header { state: register.state(), date: register.date(), layout };
        let derivation = Derivation::new(secret, Sha256::digest(header.encode()).into());
        let entries = Entries { register, layout: &header.layout, derivation: &derivation }.all();
        Ok(Self::of_entries(header, entries))
    }

    fn of_entries(header: Header, entries: Vec<Entry>) -> Self {
        let bytes: Vec<Vec<u8>> =
            entries.par_iter().enumerate().map(|(index, entry)| entry.encode(index as u64)).collect();
        let hashes: Vec<Hash> = bytes.par_iter().map(|entry| leaf_hash(entry)).collect();
        let mut package = Writer::file(FileKind::Package);
        package.bytes(&header.encode()).bytes(&bytes.concat());
        Self { header, entries, tree: hashes.into_iter().collect(), package: package.finish() }
    }

    /// Whose register, as of when, and the root: what is published.
    pub fn anchor(&self) -> Anchor {
        self.header.anchor(self.tree.root())
    }

    /// What is public about the commitment.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The package: the file that is published with the root, and against which claims are verified.
    pub fn package(&self) -> &[u8] {
        &self.package
    }

    /// Makes the range proofs for every leaf of a class, once for each commitment and class. Claims on totals
    /// need them.
    ///
    /// # Errors
    /// When the class has no section.
    pub fn ranges(&self, class: Class, rng: &mut impl CryptoRng) -> Result<Vec<u8>, ProveError> {
        let leaves = self.leaves(class)?;
        Ranges::make(&self.anchor(), class, &leaves, rng)
    }

    /// Which leaf belongs to which site and balance area, as a file for a reviewer. It shows no mass and no
    /// label; it shows how many leaves, padding included, each anonymous holder has.
    pub fn assignment(&self) -> Vec<u8> {
        let slots: Vec<_> = self.entries.iter().filter_map(|entry| entry.record.slots()).collect();
        let sums = sums(&self.header.layout, &self.entries);
        let offsets = [Holder::Site, Holder::Area].map(|holder| {
            let entries = self.header.layout.holder_entries(holder).filter_map(|index| self.entry(index));
            let pairs = entries.zip(&sums[holder as usize]);
            let offsets = pairs.flat_map(|(entry, sums)| {
                entry.opened.0.iter().zip(&sums.0).map(|(entry, sum)| entry.blinding - sum.blinding)
            });
            offsets.collect::<Vec<_>>()
        });
        Assignment::encode(self.anchor().root, &slots, &offsets)
    }

    /// Proves a claim; one that compares two roots needs the older commitment too.
    ///
    /// # Errors
    /// When the claim is not true, or not one about these commitments.
    pub fn prove(
        &self,
        claim: &Claim,
        older: Option<&Self>,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, ProveError> {
        claim.prove(self, older, rng)
    }

    /// Opens the entry at an index; none beyond the last.
    pub fn open(&self, index: u64) -> Option<Opening> {
        let entry = self.entries.get(usize::try_from(index).ok()?)?;
        Some(Opening {
            index,
            path: self.tree.prove_inclusion(index).ok()?,
            salt: entry.salt,
            record: entry.record.clone(),
            blindings: entry.opened.0.iter().map(|opened| opened.blinding).collect(),
        })
    }

    /// The root of the tree of entries, without the header.
    pub(crate) fn tree_root(&self) -> Hash {
        self.tree.root()
    }

    /// The index of each entry whose record passes a test.
    pub fn find(&self, test: impl Fn(&Record) -> bool) -> Vec<u64> {
        let passed = self.entries.iter().zip(0..).filter(|(entry, _)| test(&entry.record));
        passed.map(|(_, index)| index).collect()
    }

    /// What opens the sum of all leaves of these classes.
    pub(crate) fn total(&self, scope: Scope) -> Result<Opened, ProveError> {
        let mut total = Opened::default();
        for class in scope.classes() {
            total = self.leaves(class)?.0.iter().fold(total, |total, leaf| total.plus(leaf));
        }
        Ok(total)
    }

    /// What opens the sum of these classes at each holder.
    pub(crate) fn holders(&self, holder: Holder, scope: Scope) -> Result<ManyOpened, ProveError> {
        let columns = self.header.layout.columns(scope).map_err(ProveError::NoSection)?;
        let range = self.header.layout.holder_entries(holder);
        let entries = range.filter_map(|index| self.entry(index));
        Ok(entries
            .map(|entry| {
                columns.iter().fold(Opened::default(), |sum, column| sum.plus(&entry.opened.0[*column]))
            })
            .collect())
    }

    /// What opens the maturity of a requirement.
    pub(crate) fn requirement(&self, number: usize, regime: Regime) -> Option<Opened> {
        let index = self.header.layout.requirement_entry(number, regime);
        self.entry(index).map(|entry| entry.opened.0[0])
    }

    /// What opens the difference and the threshold of each balance.
    pub(crate) fn balances(&self) -> Vec<[Opened; 2]> {
        let entries = self.header.layout.balance_entries().filter_map(|index| self.entry(index));
        entries.map(|entry| [entry.opened.0[0], entry.opened.0[1]]).collect()
    }

    fn leaves(&self, class: Class) -> Result<ManyOpened, ProveError> {
        let range = self.header.layout.leaf_entries(class).ok_or(ProveError::NoSection(class))?;
        Ok(range.filter_map(|index| self.entry(index)).map(|entry| entry.opened.0[0]).collect())
    }

    fn entry(&self, index: u64) -> Option<&Entry> {
        self.entries.get(usize::try_from(index).ok()?)
    }
}

impl Entry {
    fn encode(&self, index: u64) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.bytes(&record_hash(&self.salt, index, &self.record.encode()));
        for opened in &self.opened.0 {
            writer.point(&opened.commit());
        }
        writer.finish()
    }
}

/// Makes the entries of a register, in the order of the layout.
struct Entries<'a> {
    register: &'a Register,
    layout: &'a Layout,
    derivation: &'a Derivation,
}

impl Entries<'_> {
    fn all(&self) -> Vec<Entry> {
        let slots = [Holder::Site, Holder::Area].map(|holder| self.holder_slots(holder));
        let mut entries = self.leaves(&slots);
        let sums = sums(self.layout, &entries);
        for (holder, sums, slots) in
            [(Holder::Site, &sums[0], &slots[0]), (Holder::Area, &sums[1], &slots[1])]
        {
            entries.extend(self.holders(holder, sums, slots));
        }
        entries.extend(self.requirements());
        entries.extend(self.balances());
        entries
    }

    /// To which slot each holder goes, by its label.
    fn holder_slots(&self, holder: Holder) -> BTreeMap<&str, u16> {
        let list = if holder == Holder::Site { SITES_LIST } else { AREAS_LIST };
        let labels = self.register.holders(holder);
        let order = self.shuffled(list, self.layout.holders(holder).into());
        let slot_of = |number: usize| u16::try_from(order[number]).unwrap_or(u16::MAX);
        labels.into_iter().map(|(label, number)| (label, slot_of(number))).collect()
    }

    /// The numbers below a count, shuffled.
    fn shuffled(&self, list: u64, count: u64) -> Vec<u64> {
        let mut numbers: Vec<u64> = (0..count).collect();
        numbers.sort_by_cached_key(|number| self.derivation.order(list, *number));
        numbers
    }

    fn leaves(&self, slots: &[BTreeMap<&str, u16>; 2]) -> Vec<Entry> {
        let mut of_class: BTreeMap<Class, Vec<&Holding>> = BTreeMap::new();
        for holding in self.register.holdings() {
            of_class.entry(holding.class).or_default().push(holding);
        }
        for holdings in of_class.values_mut() {
            holdings.sort_by_key(|holding| &holding.id);
        }
        let leaves: Vec<Option<&Holding>> = self
            .layout
            .sections()
            .flat_map(|(class, count)| {
                let holdings = of_class.get(&class).map_or(&[][..], Vec::as_slice);
                let order = self.shuffled(class.code().into(), count.into());
                order.into_iter().map(|number| holdings.get(usize::try_from(number).ok()?).copied())
            })
            .collect();
        leaves
            .into_par_iter()
            .enumerate()
            .map(|(index, holding)| self.leaf(index as u64, holding, slots))
            .collect()
    }

    fn leaf(&self, index: u64, holding: Option<&Holding>, slots: &[BTreeMap<&str, u16>; 2]) -> Entry {
        let slot = |holder: Holder, which: u64| match holding {
            Some(holding) => slots[holder as usize].get(holding.holder(holder)).copied().unwrap_or(u16::MAX),
            None => self.derivation.place(index, which, self.layout.holders(holder)),
        };
        let (site, area) = (slot(Holder::Site, 0), slot(Holder::Area, 1));
        let record = match holding {
            Some(holding) => Record::Holding { holding: holding.clone(), site, area },
            None => Record::EmptyLeaf { site, area },
        };
        self.entry(index, record)
    }

    /// An entry whose blindings are its own.
    fn entry(&self, index: u64, record: Record) -> Entry {
        let opened = record
            .values()
            .into_iter()
            .zip(0..)
            .map(|(value, number)| Opened { value, blinding: self.derivation.blinding(index, number) });
        let opened = ManyOpened(opened.collect());
        Entry { salt: self.derivation.salt(index), record, opened }
    }

    /// The sums of each holder of a kind.
    ///
    /// The blinding of a sum is the sum of the blindings of its leaves and an offset, so that a holder without
    /// leaves is hidden like any other. The offsets of a class add up to nothing: so all sums together *are*
    /// all leaves together, which anybody can check.
    fn holders(&self, holder: Holder, sums: &[ManyOpened], slots: &BTreeMap<&str, u16>) -> Vec<Entry> {
        let labels: BTreeMap<u16, &str> = slots.iter().map(|(label, slot)| (*slot, *label)).collect();
        let indices = self.layout.holder_entries(holder);
        let last = indices.end - 1;
        let mut offset_sums = vec![Scalar::ZERO; self.layout.sections().len()];
        let mut entries = Vec::with_capacity(sums.len());
        for ((index, sums), slot) in indices.zip(sums).zip(0..) {
            let mut opened = sums.clone();
            for ((opened, offset_sum), column) in opened.0.iter_mut().zip(&mut offset_sums).zip(0..) {
                let offset =
                    if index == last { -*offset_sum } else { self.derivation.blinding(index, column) };
                *offset_sum += offset;
                opened.blinding += offset;
            }
            let label = labels.get(&slot).map(|label| (*label).to_owned());
            let sums_mg = sums.0.iter().map(|sum| sum.value).collect();
            entries.push(Entry {
                salt: self.derivation.salt(index),
                record: Record::Holder { label, sums_mg },
                opened,
            });
        }
        entries
    }

    fn requirements(&self) -> Vec<Entry> {
        let records = self.register.assessments().iter().flat_map(|assessment| {
            Regime::ALL.iter().map(|regime| Record::Requirement {
                id: assessment.requirement.clone(),
                regime: *regime,
                maturity: assessment.maturity(*regime),
            })
        });
        let start = self.layout.requirement_entry(0, Regime::Civil);
        (start..).zip(records).map(|(index, record)| self.entry(index, record)).collect()
    }

    fn balances(&self) -> Vec<Entry> {
        let mut balances: Vec<&Balance> = self.register.balances().iter().collect();
        balances.sort_by_key(|balance| (&balance.area, balance.material, &balance.period));
        let indices = self.layout.balance_entries();
        let order = self.shuffled(BALANCES_LIST, indices.end - indices.start);
        indices
            .zip(order)
            .map(|(index, number)| {
                let balance = usize::try_from(number).ok().and_then(|number| balances.get(number).copied());
                self.entry(index, Record::Balance(balance.cloned()))
            })
            .collect()
    }
}

/// What opens the sums of the leaves of every site and of every balance area, over each class.
fn sums(layout: &Layout, leaves: &[Entry]) -> [Vec<ManyOpened>; 2] {
    let mut sums = [Holder::Site, Holder::Area].map(|holder| {
        let empty = ManyOpened(vec![Opened::default(); layout.sections().len()]);
        vec![empty; layout.holders(holder) as usize]
    });
    let mut leaves = leaves.iter();
    for (column, (_, count)) in layout.sections().enumerate() {
        for leaf in leaves.by_ref().take(count as usize) {
            let Some(slots) = leaf.record.slots() else { continue };
            for (sums, slot) in sums.iter_mut().zip(slots) {
                let sum = &mut sums[usize::from(slot)].0[column];
                *sum = sum.plus(&leaf.opened.0[0]);
            }
        }
    }
    sums
}

/// What a State could do that does not keep to the protocol.
#[cfg(test)]
impl Committed {
    /// Commits to another number in a leaf than its record says, and to sums that fit.
    pub(crate) fn with_leaf_changed(self, leaf: u64, by_mg: i64) -> Self {
        let Self { header, mut entries, .. } = self;
        let at = usize::try_from(leaf).unwrap();
        let slots = entries[at].record.slots().unwrap();
        let crate::Region::Leaf(class) = header.layout.region(leaf).unwrap() else { panic!("no leaf") };
        let column = header.layout.columns(Scope::class(class)).unwrap()[0];
        entries[at].opened.0[0].value += by_mg;
        for (holder, slot) in Holder::ALL.iter().zip(slots) {
            let sums = header.layout.holder_entries(*holder).start + u64::from(slot);
            entries[usize::try_from(sums).unwrap()].opened.0[column].value += by_mg;
        }
        Self::of_entries(header, entries)
    }

    /// Commits to sums between which mass was moved.
    pub(crate) fn with_sum_moved(self, class: Class, slots: [u64; 2], mg: i64) -> Self {
        let Self { header, mut entries, .. } = self;
        let column = header.layout.columns(Scope::class(class)).unwrap()[0];
        let start = header.layout.holder_entries(Holder::Site).start;
        for (slot, by_mg) in slots.into_iter().zip([-mg, mg]) {
            entries[usize::try_from(start + slot).unwrap()].opened.0[column].value += by_mg;
        }
        Self::of_entries(header, entries)
    }
}
