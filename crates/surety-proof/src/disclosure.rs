//! Showing chosen entries to one reader, who needs nothing but the published root to check them.
//!
//! An opening must satisfy both commitments of its entry: the salted hash, which binds even whoever can take
//! discrete logarithms, and the Pedersen commitments, which hide even from them. It reveals nothing about any
//! other entry.

use std::collections::BTreeMap;
use std::str::FromStr as _;

use curve25519_dalek::scalar::Scalar;
use surety_log::Hash;
use surety_log::tree::{leaf_hash, verify_inclusion};
use zeroize::Zeroizing;

use crate::Anchor;
use crate::commitment::{Committed, Header, Record, record_hash};
use crate::encoding::{DecodeError, FileKind, Reader, Writer};
use crate::group::Opened;
use crate::register::{Class, Holder};

/// The most entries of one disclosure.
pub const OPENINGS_MAX: usize = 20_000;

/// A disclosure that shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DisclosureError {
    /// It cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// The reader's key is none.
    #[error("`{0}` is no key to encrypt to: it begins with `age1`, and `age-keygen` makes one")]
    ReaderKey(String),
    /// The secret key is none.
    #[error("this is no secret key: it begins with `AGE-SECRET-KEY-1`")]
    SecretKey,
    /// Sealing failed.
    #[error("the disclosure cannot be encrypted: {0}")]
    Seal(String),
    /// Opening the seal failed.
    #[error("the disclosure cannot be decrypted with this key: {0}")]
    Unseal(String),
    /// An entry that is not there.
    #[error("the commitment has {entries} entries: there is none at {index}")]
    NoEntry {
        /// What was asked.
        index: u64,
        /// How many there are.
        entries: u64,
    },
    /// Too many of them.
    #[error("{0} entries in one disclosure: at most {OPENINGS_MAX}")]
    Many(usize),
    /// An opening does not lead to the root.
    #[error("entry {0} is not what was committed to: its salted hash, its commitment or its path is wrong")]
    Entry(u64),
}

/// One opened entry, with its path to the root. What [`Disclosure::read`] gives has been checked.
#[derive(Clone, PartialEq, Eq)]
pub struct Opening {
    pub(crate) index: u64,
    pub(crate) salt: [u8; 32],
    pub(crate) record: Record,
    pub(crate) blindings: Vec<Scalar>,
    pub(crate) path: Vec<Hash>,
}

impl std::fmt::Debug for Opening {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Opening")
            .field("index", &self.index)
            .field("record", &self.record)
            .finish_non_exhaustive()
    }
}

impl Opening {
    /// Where it stands.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// What it holds.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The entry, as it stands in the tree.
    fn entry(&self) -> Vec<u8> {
        let mut writer = Writer::default();
        writer.bytes(&record_hash(&self.salt, self.index, &self.record.encode()));
        for (value, blinding) in self.record.values().into_iter().zip(&self.blindings) {
            writer.point(&Opened { value, blinding: *blinding }.commit());
        }
        writer.finish()
    }

    fn is_in(&self, tree_root: Hash, entries: u64) -> bool {
        verify_inclusion(leaf_hash(&self.entry()), self.index, entries, tree_root, &self.path).is_ok()
    }

    fn write(&self, writer: &mut Writer) {
        let record = self.record.encode();
        writer.u64(self.index).bytes(&self.salt);
        writer.u16(u16::try_from(record.len()).unwrap_or(u16::MAX)).bytes(&record);
        for blinding in &self.blindings {
            writer.scalar(blinding);
        }
        writer.hashes(&self.path);
    }

    fn read(reader: &mut Reader<'_>, header: &Header) -> Result<Self, DecodeError> {
        let index = reader.u64()?;
        let layout = &header.layout;
        let region = layout.region(index).ok_or_else(|| reader.error("there is no such entry"))?;
        let salt = reader.array()?;
        let len = usize::from(reader.u16()?);
        let record = Record::decode(reader.take(len)?, region, layout)?;
        let blindings = (0..layout.commitments(region)).map(|_| reader.scalar()).collect::<Result<_, _>>()?;
        Ok(Self { index, salt, record, blindings, path: reader.hashes()? })
    }
}

/// Opened entries of one commitment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Disclosure {
    header: Header,
    tree_root: Hash,
    openings: Vec<Opening>,
}

impl Disclosure {
    /// Opens entries, in the order of the tree.
    ///
    /// # Errors
    /// When there are too many of them, or one is not there.
    pub fn new(committed: &Committed, entries: &[u64]) -> Result<Self, DisclosureError> {
        if entries.len() > OPENINGS_MAX {
            return Err(DisclosureError::Many(entries.len()));
        }
        let mut entries = entries.to_vec();
        entries.sort_unstable();
        entries.dedup();
        let no_entry =
            |index| DisclosureError::NoEntry { index, entries: committed.header().layout.entries() };
        let openings = entries
            .into_iter()
            .map(|index| committed.open(index).ok_or_else(|| no_entry(index)))
            .collect::<Result<_, _>>()?;
        Ok(Self { header: committed.header().clone(), tree_root: committed.tree_root(), openings })
    }

    /// Opens a holder: its sums, and every leaf that belongs to it.
    ///
    /// # Errors
    /// When there are too many of them.
    pub fn of_holder(committed: &Committed, holder: Holder, label: &str) -> Result<Self, DisclosureError> {
        let entries = committed.find(|record| match record {
            Record::Holding { holding, .. } => holding.holder(holder) == label,
            _ => false,
        });
        let layout = &committed.header().layout;
        let sums = layout.holder_entries(holder).filter(|index| {
            let opening = committed.open(*index);
            opening.is_some_and(|opening| {
                matches!(opening.record, Record::Holder { label: Some(ref known), .. } if known == label)
            })
        });
        Self::new(committed, &sums.chain(entries).collect::<Vec<_>>())
    }

    /// The file, encrypted to one reader's key.
    ///
    /// # Errors
    /// When the key is none.
    pub fn seal(&self, reader_key: &str) -> Result<Vec<u8>, DisclosureError> {
        let key = age::x25519::Recipient::from_str(reader_key)
            .map_err(|_| DisclosureError::ReaderKey(reader_key.to_owned()))?;
        let plain = Zeroizing::new(self.encode());
        age::encrypt(&key, &plain).map_err(|error| DisclosureError::Seal(error.to_string()))
    }

    /// Decrypts a file with the reader's secret key, and checks every opening in it.
    pub fn unseal(sealed: &[u8], secret_key: &str) -> Result<Self, DisclosureError> {
        let key = age::x25519::Identity::from_str(secret_key).map_err(|_| DisclosureError::SecretKey)?;
        if sealed.len() > crate::FILE_LEN_MAX {
            return Err(DisclosureError::Unseal("it is larger than 64 MiB".to_owned()));
        }
        let plain = age::decrypt(&key, sealed).map_err(|error| DisclosureError::Unseal(error.to_string()))?;
        Self::read(&Zeroizing::new(plain))
    }

    /// The file as it is before it is encrypted: what [`Disclosure::read`] reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::file(FileKind::Disclosure);
        writer.bytes(&self.header.encode()).bytes(&self.tree_root.0);
        writer.u16(u16::try_from(self.openings.len()).unwrap_or(u16::MAX));
        for opening in &self.openings {
            opening.write(&mut writer);
        }
        writer.finish()
    }

    /// Reads a decrypted disclosure, and checks that every opening leads to [its root](Self::anchor).
    pub fn read(bytes: &[u8]) -> Result<Self, DisclosureError> {
        let mut reader = Reader::file(FileKind::Disclosure, bytes)?;
        let header = Header::read(&mut reader)?;
        let tree_root = Hash(reader.array()?);
        let count = usize::from(reader.u16()?);
        if count > OPENINGS_MAX {
            return Err(DisclosureError::Many(count));
        }
        let mut openings: Vec<Opening> = Vec::new();
        for _ in 0..count {
            let opening = Opening::read(&mut reader, &header)?;
            if openings.last().is_some_and(|last| last.index >= opening.index) {
                return Err(reader.error("entries stand in order, each once").into());
            }
            openings.push(opening);
        }
        reader.finish()?;
        let entries = header.layout.entries();
        match openings.iter().find(|opening| !opening.is_in(tree_root, entries)) {
            Some(opening) => Err(DisclosureError::Entry(opening.index)),
            None => Ok(Self { header, tree_root, openings }),
        }
    }

    /// Whose register, as of when, and the root that every opening leads to.
    pub fn anchor(&self) -> Anchor {
        self.header.anchor(self.tree_root)
    }

    /// What is public about the commitment.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The opened entries.
    pub fn openings(&self) -> &[Opening] {
        &self.openings
    }

    /// Milligrams of each class in the opened holdings.
    pub fn shown_mg(&self) -> BTreeMap<Class, u64> {
        let mut shown = BTreeMap::new();
        for opening in &self.openings {
            if let Record::Holding { holding, .. } = &opening.record {
                *shown.entry(holding.class).or_insert(0) += holding.mass_mg;
            }
        }
        shown
    }

    /// The opened holders of which every leaf with a mass is opened too: what the leaves hold is what the sums
    /// say, class by class. Where it is not, something was left out, or a sum is false.
    pub fn whole_holders(&self, holder: Holder) -> Vec<&str> {
        let sections: Vec<_> = self.header.layout.sections().map(|(class, _)| class).collect();
        let whole = self.openings.iter().filter_map(|opening| {
            let crate::Region::Holder(kind, slot) = self.header.layout.region(opening.index)? else {
                return None;
            };
            let Record::Holder { label: Some(label), sums_mg } = &opening.record else { return None };
            let shown = self.shown_at(holder, slot);
            let adds_up = sections
                .iter()
                .zip(sums_mg)
                .all(|(class, sum_mg)| i64::try_from(shown.get(class).copied().unwrap_or(0)) == Ok(*sum_mg));
            (kind == holder && adds_up).then_some(label.as_str())
        });
        whole.collect()
    }

    fn shown_at(&self, holder: Holder, slot: u32) -> BTreeMap<Class, u64> {
        let mut shown = BTreeMap::new();
        for opening in &self.openings {
            if let Record::Holding { holding, site, area } = &opening.record {
                let at = if holder == Holder::Site { *site } else { *area };
                if u32::from(at) == slot {
                    *shown.entry(holding.class).or_insert(0) += holding.mass_mg;
                }
            }
        }
        shown
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{committed_year_1, xaa_year_1};

    fn reader_keys() -> (String, String) {
        use age::secrecy::ExposeSecret as _;
        let identity = age::x25519::Identity::generate();
        (identity.to_public().to_string(), identity.to_string().expose_secret().to_owned())
    }

    #[test]
    fn a_reader_checks_what_was_sealed_to_its_key_and_nobody_else_reads_it() {
        let committed = committed_year_1();
        let disclosure = Disclosure::of_holder(committed, Holder::Site, "site-1").unwrap();
        let (public, secret) = reader_keys();
        let sealed = disclosure.seal(&public).unwrap();
        let found = Disclosure::unseal(&sealed, &secret).unwrap();
        assert_eq!(found, disclosure);
        assert_eq!(found.anchor(), committed.anchor());
        assert_eq!(found.whole_holders(Holder::Site), ["site-1"]);
        let held = xaa_year_1().holdings().iter().filter(|holding| holding.site == "site-1").count();
        assert_eq!(found.openings().len(), held + 1);

        assert!(matches!(Disclosure::unseal(&sealed, &reader_keys().1), Err(DisclosureError::Unseal(_))));
        assert!(!sealed.windows(6).any(|window| window == b"site-1"), "it is encrypted");
        assert!(matches!(disclosure.seal("age1nonsense"), Err(DisclosureError::ReaderKey(_))));
    }

    #[test]
    fn a_leaf_that_is_left_out_is_noticed() {
        let committed = committed_year_1();
        let mut disclosure = Disclosure::of_holder(committed, Holder::Site, "site-1").unwrap();
        let at = disclosure.openings.iter().position(
            |opening| matches!(&opening.record, Record::Holding { holding, .. } if holding.mass_mg > 0),
        );
        disclosure.openings.remove(at.unwrap());
        let found = Disclosure::read(&disclosure.encode()).unwrap();
        assert!(found.whole_holders(Holder::Site).is_empty());
    }

    #[test]
    fn an_opening_must_satisfy_both_commitments() {
        let committed = committed_year_1();
        let index = committed.find(|record| matches!(record, Record::Holding { .. }))[0];
        let honest = Disclosure::new(committed, &[index]).unwrap();
        let change = |change: &dyn Fn(&mut Opening)| {
            let mut changed = honest.clone();
            change(&mut changed.openings[0]);
            Disclosure::read(&changed.encode())
        };
        assert!(change(&|_| ()).is_ok());
        let refused = Err(DisclosureError::Entry(index));
        assert_eq!(change(&|opening| opening.salt[0] ^= 1), refused);
        assert_eq!(change(&|opening| opening.blindings[0] += Scalar::ONE), refused);
        assert_eq!(change(&|opening| opening.path[0].0[0] ^= 1), refused);
        let lighter = |opening: &mut Opening| {
            if let Record::Holding { holding, .. } = &mut opening.record {
                holding.mass_mg -= 1;
            }
        };
        assert_eq!(change(&lighter), refused);
    }

    #[test]
    fn every_changed_byte_and_every_cut_is_refused_or_leads_to_another_root() {
        let committed = committed_year_1();
        let index = committed.find(|record| matches!(record, Record::Holding { .. }))[0];
        let bytes = Disclosure::new(committed, &[index]).unwrap().encode();
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            let other = Disclosure::read(&changed).map(|found| found.anchor());
            assert_ne!(other, Ok(committed.anchor()), "byte {at}");
            assert!(Disclosure::read(&bytes[..at]).is_err(), "{at} bytes");
        }
    }

    #[test]
    fn an_entry_that_is_not_there_cannot_be_opened() {
        let committed = committed_year_1();
        let entries = committed.header().layout.entries();
        assert_eq!(
            Disclosure::new(committed, &[entries]),
            Err(DisclosureError::NoEntry { index: entries, entries })
        );
    }
}
