//! The public side of a commitment: everything is committed to, and nothing shown.

use std::collections::{BTreeMap, BTreeSet};

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::traits::Identity as _;
use rayon::prelude::*;
use surety_log::tree::{leaf_hash, root_of};

use crate::Anchor;
use crate::claims::ClaimError;
use crate::encoding::{DecodeError, FileKind, Reader};
use crate::register::{Class, Holder, Regime, Scope};

use super::layout::{Header, Layout, Region};
use super::ranges::Ranges;

/// A package that cannot be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PackageError {
    /// It cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The holders do not have what the leaves have.
    #[error("the sums of every {holder} do not add up to all leaves of {class}: this package is false")]
    Sums {
        /// Which holders.
        holder: Holder,
        /// Of which class.
        class: Class,
    },
}

/// What is published with a root: the header, and every entry as a salted hash and its commitments.
///
/// A package that was read is consistent: every point is one, and the sums of all sites, and of all balance
/// areas, are the sum of all leaves, class by class. Whether it is the one that a State published is told by
/// its [root](Package::anchor).
#[derive(Debug, Clone)]
pub struct Package {
    header: Header,
    anchor: Anchor,
    leaves: BTreeMap<Class, Vec<RistrettoPoint>>,
    totals: BTreeMap<Class, RistrettoPoint>,
    /// For sites and for balance areas: the sums of each slot, one for each class.
    holders: [Vec<Vec<RistrettoPoint>>; 2],
    requirements: Vec<RistrettoPoint>,
    balances: Vec<[RistrettoPoint; 2]>,
    ranged: BTreeSet<Class>,
}

impl Package {
    /// Reads a package, and checks that it is consistent.
    pub fn read(bytes: &[u8]) -> Result<Self, PackageError> {
        let mut reader = Reader::file(FileKind::Package, bytes)?;
        let header = Header::read(&mut reader)?;
        let slices = entry_slices(&header.layout, &mut reader)?;
        reader.finish()?;
        let hashes: Vec<_> = slices.par_iter().map(|entry| leaf_hash(entry)).collect();
        let points = slices.par_iter().map(|entry| read_points(entry)).collect::<Result<Vec<_>, _>>()?;
        let package = Self::of_points(header.anchor(root_of(&hashes)), header, points);
        package.check_sums()?;
        Ok(package)
    }

    fn of_points(anchor: Anchor, header: Header, points: Vec<Vec<RistrettoPoint>>) -> Self {
        let mut points = points.into_iter();
        let layout = &header.layout;
        let leaves: BTreeMap<Class, Vec<_>> = layout
            .sections()
            .map(|(class, count)| (class, points.by_ref().take(count as usize).flatten().collect()))
            .collect();
        let totals = leaves.iter().map(|(class, leaves)| (*class, leaves.iter().sum())).collect();
        let holders = [Holder::Site, Holder::Area]
            .map(|holder| points.by_ref().take(layout.holders(holder) as usize).collect());
        let requirements = points.by_ref().take(2 * layout.requirements().len()).flatten().collect();
        let balances = points.filter_map(|pair| pair.try_into().ok()).collect();
        Self { anchor, leaves, totals, holders, requirements, balances, ranged: BTreeSet::new(), header }
    }

    fn check_sums(&self) -> Result<(), PackageError> {
        for holder in Holder::ALL {
            for (column, (class, total)) in self.totals.iter().enumerate() {
                let sum: RistrettoPoint =
                    self.holders[*holder as usize].iter().map(|sums| sums[column]).sum();
                if sum != *total {
                    return Err(PackageError::Sums { holder: *holder, class: *class });
                }
            }
        }
        Ok(())
    }

    /// Whose register, as of when, and the root.
    pub fn anchor(&self) -> Anchor {
        self.anchor
    }

    /// What is public about the commitment.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Takes note that every leaf of a class is shown to be a mass.
    ///
    /// # Errors
    /// When the file does not show it for this root.
    pub fn accept(&mut self, ranges: &[u8]) -> Result<Class, ClaimError> {
        let class = Ranges::verify(ranges, self)?;
        self.ranged.insert(class);
        Ok(class)
    }

    /// Marks a class whose range proofs were verified in a batch.
    pub(crate) fn mark_ranged(&mut self, class: Class) {
        self.ranged.insert(class);
    }

    /// The classes of which every leaf is shown to be a mass.
    pub fn ranged(&self) -> &BTreeSet<Class> {
        &self.ranged
    }

    /// The commitments to the leaves of a class.
    pub(crate) fn leaves(&self, class: Class) -> Result<&[RistrettoPoint], ClaimError> {
        self.leaves.get(&class).map(Vec::as_slice).ok_or(ClaimError::NoSection(class))
    }

    /// The commitment to the sum of *all* leaves of these classes, each of which is shown to be a mass.
    pub(crate) fn total(&self, scope: Scope) -> Result<RistrettoPoint, ClaimError> {
        let mut total = RistrettoPoint::identity();
        for class in scope.classes() {
            total += self.totals.get(&class).ok_or(ClaimError::NoSection(class))?;
        }
        self.check_ranged(scope)?;
        Ok(total)
    }

    fn check_ranged(&self, scope: Scope) -> Result<(), ClaimError> {
        match scope.classes().find(|class| !self.ranged.contains(class)) {
            Some(class) => Err(ClaimError::NoRanges { class, date: self.anchor.date }),
            None => Ok(()),
        }
    }

    /// The commitments to the sums of these classes at each holder, of which every leaf is shown to be a mass: a
    /// negative leaf could otherwise hide what else a holder has.
    pub(crate) fn holders(&self, holder: Holder, scope: Scope) -> Result<Vec<RistrettoPoint>, ClaimError> {
        let columns = self.header.layout.columns(scope).map_err(ClaimError::NoSection)?;
        self.check_ranged(scope)?;
        let of_one = |sums: &Vec<RistrettoPoint>| columns.iter().map(|column| sums[*column]).sum();
        Ok(self.holders[holder as usize].iter().map(of_one).collect())
    }

    pub(crate) fn holder(&self, holder: Holder, slot: usize, column: usize) -> Option<RistrettoPoint> {
        self.holders[holder as usize].get(slot)?.get(column).copied()
    }

    /// The commitment to the maturity of a requirement.
    pub(crate) fn requirement(&self, number: usize, regime: Regime) -> Option<RistrettoPoint> {
        self.requirements.get(2 * number + usize::from(regime == Regime::Military)).copied()
    }

    /// The commitments to the difference and the threshold of each balance.
    pub(crate) fn balances(&self) -> &[[RistrettoPoint; 2]] {
        &self.balances
    }
}

/// The bytes of each entry, after a check that exactly so many are there.
fn entry_slices<'a>(layout: &Layout, reader: &mut Reader<'a>) -> Result<Vec<&'a [u8]>, DecodeError> {
    let lens = entry_lens(layout);
    let total: u64 = lens.iter().map(|(count, len)| count * *len as u64).sum();
    if reader.left() as u64 != total {
        return Err(reader.error("the entries are not as long as the header says"));
    }
    let mut slices = Vec::new();
    for (count, len) in lens {
        for _ in 0..count {
            slices.push(reader.take(len)?);
        }
    }
    Ok(slices)
}

/// How many entries of which length follow one another.
fn entry_lens(layout: &Layout) -> [(u64, usize); 4] {
    let len = |region| 32 * (1 + layout.commitments(region));
    let holders = u64::from(layout.holders(Holder::Site)) + u64::from(layout.holders(Holder::Area));
    let balances = layout.balance_entries();
    [
        (layout.leaves(), 64),
        (holders, len(Region::Holder(Holder::Site, 0))),
        (2 * layout.requirements().len() as u64, len(Region::Requirement(0, Regime::Civil))),
        (balances.end - balances.start, len(Region::Balance)),
    ]
}

/// The points of an entry, after its hash.
fn read_points(entry: &[u8]) -> Result<Vec<RistrettoPoint>, DecodeError> {
    let mut reader = Reader::new("entry of the package", entry);
    reader.take(32)?;
    let mut points = Vec::with_capacity(reader.left() / 32);
    while reader.left() > 0 {
        points.push(reader.point()?);
    }
    Ok(points)
}
