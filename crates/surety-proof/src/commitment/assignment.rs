//! Which leaf belongs to which site and balance area, for a reviewer.
//!
//! With it the reviewer checks *every* sum, not a sample: the commitment to what a holder has of a class, less
//! the commitments of its leaves, is an offset that the file names. It shows no mass.

use curve25519_dalek::ristretto::RistrettoPoint;
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::Identity as _;
use rayon::prelude::*;

use crate::Root;
use crate::encoding::{DecodeError, FileKind, Reader, Writer};
use crate::group::blind;
use crate::register::{Class, Holder};

use super::package::Package;

/// An assignment that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AssignmentError {
    /// It cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// It is for another root.
    #[error("this assignment is for another root than the package")]
    OtherRoot,
    /// A sum is not that of its leaves.
    #[error("what {holder} {slot} has of {class} is not the sum of its leaves: the commitment is false")]
    Sum {
        /// Which kind of holder.
        holder: Holder,
        /// Its slot.
        slot: usize,
        /// Of which class.
        class: Class,
    },
}

/// To which slots each leaf belongs. One that was read has been checked against its package: every sum is that
/// of its leaves, and every leaf counts once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assignment {
    root: Root,
    slots: Vec<[u16; 2]>,
}

impl Assignment {
    pub(crate) fn encode(root: Root, slots: &[[u16; 2]], offsets: &[Vec<Scalar>; 2]) -> Vec<u8> {
        let mut writer = Writer::file(FileKind::Assignment);
        writer.bytes(&root.0);
        for slot in slots.iter().flatten() {
            writer.u16(*slot);
        }
        for offset in offsets.iter().flatten() {
            writer.scalar(offset);
        }
        writer.finish()
    }

    /// The root that an assignment is for.
    pub(crate) fn root_of(bytes: &[u8]) -> Result<[u8; 32], DecodeError> {
        Reader::file(FileKind::Assignment, bytes)?.array()
    }

    /// Reads an assignment and checks every sum of the package against it.
    pub fn read(bytes: &[u8], package: &Package) -> Result<Self, AssignmentError> {
        let mut reader = Reader::file(FileKind::Assignment, bytes)?;
        if reader.array()? != package.anchor().root.0 {
            return Err(AssignmentError::OtherRoot);
        }
        let layout = &package.header().layout;
        let mut slots = Vec::new();
        for _ in 0..layout.leaves() {
            let pair = [reader.u16()?, reader.u16()?];
            for (slot, holder) in pair.iter().zip(Holder::ALL) {
                if u32::from(*slot) >= layout.holders(*holder) {
                    return Err(reader.error("there is no such slot").into());
                }
            }
            slots.push(pair);
        }
        for holder in Holder::ALL {
            check_sums(package, *holder, &slots, &mut reader)?;
        }
        reader.finish()?;
        Ok(Self { root: package.anchor().root, slots })
    }

    /// The root that it is for.
    pub fn root(&self) -> Root {
        self.root
    }

    /// The slots of site and balance area of a leaf; none beyond the last.
    pub fn slots(&self, leaf: u64) -> Option<[u16; 2]> {
        self.slots.get(usize::try_from(leaf).ok()?).copied()
    }

    /// The leaves of a holder.
    pub fn leaves(&self, holder: Holder, slot: u16) -> Vec<u64> {
        let of_holder = self.slots.iter().zip(0..).filter(|(slots, _)| slots[holder as usize] == slot);
        of_holder.map(|(_, leaf)| leaf).collect()
    }
}

fn check_sums(
    package: &Package,
    holder: Holder,
    slots: &[[u16; 2]],
    reader: &mut Reader<'_>,
) -> Result<(), AssignmentError> {
    let layout = &package.header().layout;
    let (rows, columns) = (layout.holders(holder) as usize, layout.sections().len());
    let mut sums = vec![RistrettoPoint::identity(); rows * columns];
    let mut slots = slots.iter();
    for (column, (class, _)) in layout.sections().enumerate() {
        let leaves = package.leaves(class).unwrap_or_default();
        for (leaf, slots) in leaves.iter().zip(slots.by_ref()) {
            sums[usize::from(slots[holder as usize]) * columns + column] += leaf;
        }
    }
    let offsets = sums.iter().map(|_| reader.scalar()).collect::<Result<Vec<_>, _>>()?;
    let wrong = sums.par_iter().zip(offsets).enumerate().find_first(|(at, (sum, offset))| {
        package.holder(holder, at / columns, at % columns) != Some(*sum + blind(offset))
    });
    let named = wrong.and_then(|(at, _)| Some((at / columns, layout.sections().nth(at % columns)?.0)));
    named.map_or(Ok(()), |(slot, class)| Err(AssignmentError::Sum { holder, slot, class }))
}
