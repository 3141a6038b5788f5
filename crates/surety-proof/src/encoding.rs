//! Bytes in and out: one way to write each thing, and every reader total.
//!
//! Whole numbers are big-endian; points and scalars are the canonical 32 bytes of Ristretto and of its
//! scalars; a text is its length in one byte and its bytes. What does not read back to the same bytes is
//! refused. Nothing is allocated before the bytes for it are there.

use curve25519_dalek::ristretto::{CompressedRistretto, RistrettoPoint};
use curve25519_dalek::scalar::Scalar;
use curve25519_dalek::traits::IsIdentity as _;
use surety_core::words;
use surety_log::Hash;

/// The most bytes of any file.
pub const FILE_LEN_MAX: usize = 64 * 1024 * 1024;

/// The most bytes of a label: of a holding, a site, a requirement.
pub const LABEL_LEN_MAX: usize = 64;

/// The most hashes of an inclusion proof: no tree of a package is higher.
const PATH_LEN_MAX: usize = 32;

words! {
    /// The kinds of file. Each begins with a line that names its kind.
    pub enum FileKind("file of assurance") {
        /// What is published with a root.
        Package = "package",
        /// Range proofs for the leaves of one class.
        Ranges = "ranges",
        /// Which leaf belongs to which site and balance area.
        Assignment = "assignment",
        /// Opened entries, once decrypted.
        Disclosure = "disclosure",
        /// A claim with its proof.
        Claim = "claim",
        /// What a reviewer found.
        Review = "review",
    }
}

impl FileKind {
    /// The first line of a file of this kind.
    pub fn first_line(self) -> String {
        format!("surety-proof/1 {self}\n")
    }

    /// The kind that these bytes say they are.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        Self::ALL.iter().copied().find(|kind| bytes.starts_with(kind.first_line().as_bytes()))
    }
}

/// The bytes are not what they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the {what} is damaged at byte {at}: {problem}")]
pub struct DecodeError {
    /// What was read.
    pub what: &'static str,
    /// At which byte.
    pub at: usize,
    /// What is wrong there.
    pub problem: &'static str,
}

/// Writes what [`Reader`] reads.
#[derive(Default)]
pub(crate) struct Writer(Vec<u8>);

impl Writer {
    pub(crate) fn file(kind: FileKind) -> Self {
        Self(kind.first_line().into_bytes())
    }

    pub(crate) fn bytes(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn u8(&mut self, number: u8) -> &mut Self {
        self.bytes(&[number])
    }

    pub(crate) fn u16(&mut self, number: u16) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    pub(crate) fn u32(&mut self, number: u32) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    pub(crate) fn u64(&mut self, number: u64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    pub(crate) fn i64(&mut self, number: i64) -> &mut Self {
        self.bytes(&number.to_be_bytes())
    }

    /// A label: whoever made it has seen to its length.
    pub(crate) fn label(&mut self, label: &str) -> &mut Self {
        self.u8(u8::try_from(label.len()).unwrap_or(u8::MAX)).bytes(label.as_bytes())
    }

    pub(crate) fn point(&mut self, point: &RistrettoPoint) -> &mut Self {
        self.bytes(point.compress().as_bytes())
    }

    pub(crate) fn scalar(&mut self, scalar: &Scalar) -> &mut Self {
        self.bytes(scalar.as_bytes())
    }

    pub(crate) fn hashes(&mut self, hashes: &[Hash]) -> &mut Self {
        self.u8(u8::try_from(hashes.len()).unwrap_or(u8::MAX));
        for hash in hashes {
            self.bytes(&hash.0);
        }
        self
    }

    pub(crate) fn finish(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.0)
    }
}

/// Reads bytes from front to back.
pub(crate) struct Reader<'a> {
    what: &'static str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    /// Opens a file of a kind: its first line is read.
    pub(crate) fn file(kind: FileKind, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Self::new(kind.as_str(), bytes);
        if bytes.len() > FILE_LEN_MAX {
            return Err(reader.error("it is larger than 64 MiB"));
        }
        if FileKind::of(bytes) != Some(kind) {
            return Err(reader.error("its first line names another kind of file, or another version"));
        }
        reader.at = kind.first_line().len();
        Ok(reader)
    }

    pub(crate) fn new(what: &'static str, bytes: &'a [u8]) -> Self {
        Self { what, bytes, at: 0 }
    }

    pub(crate) fn error(&self, problem: &'static str) -> DecodeError {
        DecodeError { what: self.what, at: self.at, problem }
    }

    /// How many bytes are left.
    pub(crate) fn left(&self) -> usize {
        self.bytes.len() - self.at
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        if count > self.left() {
            return Err(self.error("it ends too early"));
        }
        let taken = &self.bytes[self.at..self.at + count];
        self.at += count;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N)?);
        Ok(array)
    }

    pub(crate) fn u8(&mut self) -> Result<u8, DecodeError> {
        self.array().map(u8::from_be_bytes)
    }

    pub(crate) fn u16(&mut self) -> Result<u16, DecodeError> {
        self.array().map(u16::from_be_bytes)
    }

    pub(crate) fn u32(&mut self) -> Result<u32, DecodeError> {
        self.array().map(u32::from_be_bytes)
    }

    pub(crate) fn u64(&mut self) -> Result<u64, DecodeError> {
        self.array().map(u64::from_be_bytes)
    }

    pub(crate) fn i64(&mut self) -> Result<i64, DecodeError> {
        self.array().map(i64::from_be_bytes)
    }

    pub(crate) fn label(&mut self) -> Result<&'a str, DecodeError> {
        let len = usize::from(self.u8()?);
        let label = std::str::from_utf8(self.take(len)?).ok().filter(|label| is_label(label));
        label.ok_or_else(|| self.error("a label has 1 to 64 bytes of text without control characters"))
    }

    /// A point that is not the identity: the identity hides nothing.
    pub(crate) fn point(&mut self) -> Result<RistrettoPoint, DecodeError> {
        let point = CompressedRistretto(self.array()?).decompress();
        point
            .filter(|point| !point.is_identity())
            .ok_or_else(|| self.error("this is no canonical point, or it is the identity"))
    }

    pub(crate) fn scalar(&mut self) -> Result<Scalar, DecodeError> {
        let scalar: Option<Scalar> = Scalar::from_canonical_bytes(self.array()?).into();
        scalar.ok_or_else(|| self.error("this is no canonical scalar"))
    }

    pub(crate) fn hashes(&mut self) -> Result<Vec<Hash>, DecodeError> {
        let count = usize::from(self.u8()?);
        if count > PATH_LEN_MAX {
            return Err(self.error("the path is longer than any tree is high"));
        }
        (0..count).map(|_| self.array().map(Hash)).collect()
    }

    /// Whatever is left.
    pub(crate) fn rest(&mut self) -> &'a [u8] {
        let rest = &self.bytes[self.at..];
        self.at = self.bytes.len();
        rest
    }

    pub(crate) fn finish(self) -> Result<(), DecodeError> {
        if self.left() == 0 { Ok(()) } else { Err(self.error("more bytes follow than belong there")) }
    }
}

/// Whether a text can be a label.
pub(crate) fn is_label(text: &str) -> bool {
    (1..=LABEL_LEN_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_written_reads_back() {
        let bytes = Writer::default().u8(1).u16(2).u32(3).u64(4).i64(-5).label("plant A").finish();
        let mut reader = Reader::new("test", &bytes);
        assert_eq!((reader.u8(), reader.u16(), reader.u32(), reader.u64()), (Ok(1), Ok(2), Ok(3), Ok(4)));
        assert_eq!((reader.i64(), reader.label()), (Ok(-5), Ok("plant A")));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn points_and_scalars_have_one_encoding() {
        let identity = [0; 32];
        assert!(Reader::new("test", &identity).point().is_err());
        // The order of the group, and a field element above the prime.
        let order = [
            0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
            0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
        ];
        assert!(Reader::new("test", &order).scalar().is_err());
        assert!(Reader::new("test", &[0xff; 32]).point().is_err());
        let mut above_prime = [0xff; 32];
        (above_prime[0], above_prime[31]) = (0xf3, 0x7f);
        assert!(Reader::new("test", &above_prime).point().is_err());
    }

    #[test]
    fn labels_are_short_and_printable() {
        for bad in [&b"\x00"[..], b"\x01\n", b"\x02\xff\xff", b"\x05abc"] {
            assert!(Reader::new("test", bad).label().is_err(), "{bad:?}");
        }
        assert!(!is_label(&"a".repeat(LABEL_LEN_MAX + 1)));
    }

    proptest! {
        #[test]
        fn no_bytes_make_a_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new("test", &bytes);
            let _ = (reader.label(), reader.hashes(), reader.point(), reader.scalar(), reader.u64());
            let _ = FileKind::of(&bytes);
        }
    }
}
