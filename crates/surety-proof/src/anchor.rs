//! What a claim, a disclosure or a review is about: one commitment, by its root.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use surety_core::{Date, StateCode};

use crate::commitment::{read_date, read_state};
use crate::encoding::{DecodeError, Reader, Writer};

/// The root of a commitment: binds its State, date, layout and every entry. Hexadecimal as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Root(pub [u8; 32]);

impl fmt::Display for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl Serialize for Root {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The text is no root.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a root is written as 64 hexadecimal digits in lower case")]
pub struct ParseRootError;

impl FromStr for Root {
    type Err = ParseRootError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let digits = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if text.len() != 64 || !digits {
            return Err(ParseRootError);
        }
        let mut root = [0; 32];
        for (at, byte) in root.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).map_err(|_| ParseRootError)?;
        }
        Ok(Self(root))
    }
}

/// Whose register, as of when, and its root.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Anchor {
    /// The root. It binds the two others; they are here to be read.
    pub root: Root,
    /// Whose register.
    pub state: StateCode,
    /// As of when.
    pub date: Date,
}

impl Anchor {
    pub(crate) fn write(&self, writer: &mut Writer) {
        writer.bytes(&self.root.0).label(self.state.as_str()).label(&self.date.to_string());
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        Ok(Self { root: Root(reader.array()?), state: read_state(reader)?, date: read_date(reader)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_is_written_one_way_only() {
        let root = Root([0xa5; 32]);
        assert_eq!(root.to_string().parse(), Ok(root));
        for bad in ["", "a5", &"A5".repeat(32), &"g5".repeat(32), &format!("{root} ")] {
            assert_eq!(bad.parse::<Root>(), Err(ParseRootError), "{bad}");
        }
    }
}
