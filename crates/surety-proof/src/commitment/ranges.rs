//! Range proofs for every leaf of a class: each is a mass from 0 to 4,294 kg, so that none can be negative and
//! hide what another holds, and no sum can wrap.
//!
//! They are made once for each root and class and are part of what is published; claims on totals rest on
//! them.

use rand_core::CryptoRng;
use tari_merlin::Transcript;

use crate::Anchor;
use crate::claims::{ClaimError, ProveError};
use crate::encoding::{FileKind, Reader, Writer};
use crate::group::ManyOpened;
use crate::range::{self, Batch, Bits};
use crate::register::Class;
use crate::transcript::transcript;

use super::package::Package;

/// Makes and reads the file of range proofs for one class.
#[derive(Debug)]
pub struct Ranges;

impl Ranges {
    pub(crate) fn make(
        anchor: &Anchor,
        class: Class,
        leaves: &ManyOpened,
        rng: &mut impl CryptoRng,
    ) -> Result<Vec<u8>, ProveError> {
        let proofs = range::prove(&base(anchor, class), b"leaf", Bits::ThirtyTwo, leaves, rng)?;
        Ok(Writer::file(FileKind::Ranges).bytes(&anchor.root.0).u8(class.code()).bytes(&proofs).finish())
    }

    /// The root that a file of range proofs is for.
    pub(crate) fn root(bytes: &[u8]) -> Result<[u8; 32], ClaimError> {
        Ok(Reader::file(FileKind::Ranges, bytes)?.array()?)
    }

    /// Reads the proofs into a batch.
    pub(crate) fn read(
        bytes: &[u8],
        package: &Package,
        file: usize,
        batch: &mut Batch,
    ) -> Result<Class, ClaimError> {
        let mut reader = Reader::file(FileKind::Ranges, bytes)?;
        if reader.array()? != package.anchor().root.0 {
            return Err(ClaimError::OtherRoot);
        }
        let class = Class::read(&mut reader)?;
        let base = base(&package.anchor(), class);
        batch.read(file, &base, b"leaf", Bits::ThirtyTwo, package.leaves(class)?, &mut reader)?;
        reader.finish()?;
        Ok(class)
    }

    pub(crate) fn verify(bytes: &[u8], package: &Package) -> Result<Class, ClaimError> {
        let mut batch = Batch::default();
        let class = Self::read(bytes, package, 0, &mut batch)?;
        if batch.false_files().is_empty() { Ok(class) } else { Err(ClaimError::False) }
    }
}

fn base(anchor: &Anchor, class: Class) -> Transcript {
    let statement = Writer::default().bytes(b"ranges").u8(class.code()).finish();
    transcript(&[*anchor], &statement)
}
