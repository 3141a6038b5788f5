//! CBOR in which every item has one encoding: the shortest, with its length before it (RFC 8949 section 4.2.1). The order
//! of the keys of maps is left to their writer.

use std::ops::Range;
use std::str;

use ciborium_ll::{Decoder, Header, simple::NULL};

/// One item; of a collection, how many items or pairs follow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item<'b> {
    Integer(i64),
    Bytes(&'b [u8]),
    Text(&'b str),
    Array(usize),
    Map(usize),
    Tag(u64),
    Null,
    /// True, a floating-point number, an integer of more than 64 bits with its sign, and the like.
    Other,
}

/// Why bytes are not items of that kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CborError {
    /// They are no CBOR, or end too early or too late.
    Malformed,
    /// They are not of the kind that is asked for.
    Kind,
    /// They are longer than need be.
    Encoding,
}

/// Items, one after the other.
pub(crate) struct Items<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Items<'b> {
    pub(crate) fn new(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next item. There must be one.
    pub(crate) fn next(&mut self) -> Result<Item<'b>, CborError> {
        let mut decoder = Decoder::from(self.bytes.get(self.at..).unwrap_or_default());
        let header = decoder.pull().map_err(|_| CborError::Malformed)?;
        let head_len = decoder.offset();
        self.at += head_len;
        let (number, item) = match header {
            Header::Positive(number) => (number, i64::try_from(number).map_or(Item::Other, Item::Integer)),
            Header::Negative(number) => {
                (number, i64::try_from(number).map_or(Item::Other, |number| Item::Integer(-1 - number)))
            }
            Header::Tag(number) => (number, Item::Tag(number)),
            Header::Bytes(Some(len)) => (len as u64, Item::Bytes(self.take(len)?)),
            Header::Text(Some(len)) => {
                let text = str::from_utf8(self.take(len)?).map_err(|_| CborError::Malformed)?;
                (len as u64, Item::Text(text))
            }
            Header::Array(Some(count)) => (count as u64, Item::Array(count)),
            Header::Map(Some(count)) => (count as u64, Item::Map(count)),
            // What is of no known length is longer than need be.
            Header::Bytes(None) | Header::Text(None) | Header::Array(None) | Header::Map(None) => {
                return Err(CborError::Encoding);
            }
            Header::Simple(NULL) => return Ok(Item::Null),
            Header::Float(_) | Header::Simple(_) | Header::Break => return Ok(Item::Other),
        };
        if head_len == shortest_head_len(number) { Ok(item) } else { Err(CborError::Encoding) }
    }

    /// The next item, which must be a byte string: where its bytes are.
    pub(crate) fn byte_string(&mut self) -> Result<Range<usize>, CborError> {
        match self.next()? {
            Item::Bytes(bytes) => Ok(self.place_of(bytes)),
            _ => Err(CborError::Kind),
        }
    }

    /// Where the string is that was read last.
    pub(crate) fn place_of(&self, string: &[u8]) -> Range<usize> {
        self.at - string.len()..self.at
    }

    /// There must be nothing more.
    pub(crate) fn end(&self) -> Result<(), CborError> {
        if self.at == self.bytes.len() { Ok(()) } else { Err(CborError::Malformed) }
    }

    fn take(&mut self, len: usize) -> Result<&'b [u8], CborError> {
        let end = self.at.checked_add(len).ok_or(CborError::Malformed)?;
        let taken = self.bytes.get(self.at..end).ok_or(CborError::Malformed)?;
        self.at = end;
        Ok(taken)
    }
}

/// How long the head of an item with this number, length or count must be.
fn shortest_head_len(number: u64) -> usize {
    match number {
        0..24 => 1,
        24..0x100 => 2,
        0x100..0x1_0000 => 3,
        0x1_0000..0x1_0000_0000 => 5,
        _ => 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use coset::CborSerializable as _;
    use coset::cbor::value::Value;
    use proptest::prelude::*;

    fn read(bytes: &[u8]) -> Result<Item<'_>, CborError> {
        let mut items = Items::new(bytes);
        let item = items.next()?;
        items.end()?;
        Ok(item)
    }

    /// Examples of RFC 8949, appendix A.
    #[test]
    fn items_read_as_the_standard_has_them() {
        for (bytes, item) in [
            (&[0x17][..], Item::Integer(23)),
            (&[0x18, 0x18], Item::Integer(24)),
            (&[0x19, 0x03, 0xe8], Item::Integer(1000)),
            (&[0x1a, 0x00, 0x0f, 0x42, 0x40], Item::Integer(1_000_000)),
            (&[0x1b, 0, 0, 0, 0xe8, 0xd4, 0xa5, 0x10, 0], Item::Integer(1_000_000_000_000)),
            (&[0x20], Item::Integer(-1)),
            (&[0x39, 0x03, 0xe7], Item::Integer(-1000)),
            (&[0x3b, 127, 255, 255, 255, 255, 255, 255, 255], Item::Integer(i64::MIN)),
            (&[0x3b, 255, 255, 255, 255, 255, 255, 255, 255], Item::Other),
            (&[0x44, 1, 2, 3, 4], Item::Bytes(&[1, 2, 3, 4])),
            (&[0x62, 0xc3, 0xbc], Item::Text("ü")),
            (&[0x80], Item::Array(0)),
            (&[0xa0], Item::Map(0)),
            (&[0xd2], Item::Tag(18)),
            (&[0xf6], Item::Null),
            (&[0xf5], Item::Other),
            (&[0xf9, 0, 0], Item::Other),
        ] {
            assert_eq!(read(bytes), Ok(item), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_is_longer_than_need_be_is_refused() {
        for bytes in [
            &[0x18, 0x17][..],
            &[0x19, 0, 0xff],
            &[0x1a, 0, 0, 0xff, 0xff],
            &[0x1b, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff],
            &[0x38, 0x00],
            &[0x58, 0x01, 7],
            &[0x78, 0x01, b'a'],
            &[0x98, 0x00],
            &[0xb8, 0x00],
            &[0xd8, 0x12],
            &[0x5f, 0x41, 7, 0xff],
            &[0x7f, 0x61, b'a', 0xff],
            &[0x9f, 0xff],
            &[0xbf, 0xff],
        ] {
            assert_eq!(read(bytes), Err(CborError::Encoding), "{bytes:02x?}");
        }
    }

    #[test]
    fn what_is_cut_short_or_no_cbor_is_refused() {
        for bytes in [
            &[][..],
            &[0x18],
            &[0x1c],
            &[0x42, 1],
            &[0x61, 0xff],
            &[0x00, 0x00],
            &[0x5b, 255, 255, 255, 255, 255, 255, 255, 255],
        ] {
            assert_eq!(read(bytes), Err(CborError::Malformed), "{bytes:02x?}");
        }
    }

    proptest! {
        #[test]
        fn numbers_and_strings_read_as_another_library_writes_them(number in any::<i64>(), text in ".{0,300}") {
            let written = Value::from(number).to_vec().unwrap();
            prop_assert_eq!(read(&written), Ok(Item::Integer(number)));
            let written = Value::Text(text.clone()).to_vec().unwrap();
            prop_assert_eq!(read(&written), Ok(Item::Text(&text)));
            let written = Value::Bytes(text.clone().into_bytes()).to_vec().unwrap();
            prop_assert_eq!(read(&written), Ok(Item::Bytes(text.as_bytes())));
        }

        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let mut items = Items::new(&bytes);
            while items.next().is_ok() {}
        }
    }
}
