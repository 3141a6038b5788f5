//! The head: the one object whose writing commits entries.
//!
//! It has the signed checkpoint, and the entries since the checkpoint before. Writing it is atomic, so an
//! entry is either committed, with its place and the signature over it, or it is not. Tiles are written
//! only afterwards, from what is committed; a crash before they are whole is mended from the head.

use crate::signed::SignedCheckpoint;
use crate::text;
use crate::tile::decode_entries;
use crate::tree::{Hash, TREE_SIZE_MAX};

/// The key of the head in its store.
pub(crate) const HEAD_KEY: &str = "head";

/// The most bytes of a head: more than any batch.
pub(crate) const HEAD_LEN_MAX: u64 = 256 * 1024 * 1024;

const FIRST_LINE: &str = "surety-log head v1";

/// What is committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Head {
    /// The size whose tiles are published for sure.
    pub(crate) base_size: u64,
    /// Its root.
    pub(crate) base_root: Hash,
    /// What the log says now.
    pub(crate) checkpoint: SignedCheckpoint,
    /// The entries between, as a bundle.
    pub(crate) batch: Vec<u8>,
}

impl Head {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let checkpoint = self.checkpoint.to_string();
        let (size, root, len) = (self.base_size, self.base_root, checkpoint.len());
        let mut bytes =
            format!("{FIRST_LINE}\nbase {size} {root}\ncheckpoint {len}\n\n{checkpoint}").into_bytes();
        bytes.extend(&self.batch);
        bytes
    }

    /// Reads a head; none when it is damaged. The signature is not checked here.
    pub(crate) fn parse(bytes: &[u8]) -> Option<Self> {
        let end = bytes.windows(2).position(|pair| pair == b"\n\n")?;
        let mut lines = std::str::from_utf8(&bytes[..end]).ok()?.split('\n');
        if lines.next()? != FIRST_LINE {
            return None;
        }
        let (base_size, base_root) = lines.next()?.strip_prefix("base ")?.split_once(' ')?;
        let len = text::parse_decimal(lines.next()?.strip_prefix("checkpoint ")?, u64::from(u32::MAX))?;
        let (checkpoint, batch) = bytes[end + 2..].split_at_checked(usize::try_from(len).ok()?)?;
        let head = Self {
            base_size: text::parse_decimal(base_size, TREE_SIZE_MAX)?,
            base_root: base_root.parse().ok()?,
            checkpoint: SignedCheckpoint::parse(checkpoint).ok()?,
            batch: batch.to_vec(),
        };
        let is_whole = lines.next().is_none() && head.entries().is_some();
        is_whole.then_some(head)
    }

    /// The entries since the base.
    pub(crate) fn entries(&self) -> Option<Vec<&[u8]>> {
        let count = self.checkpoint.checkpoint().size().checked_sub(self.base_size)?;
        decode_entries(&self.batch, count).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checkpoint::Checkpoint;
    use crate::policy::tests::log_key;
    use crate::tile::push_entry;

    fn head() -> Head {
        let checkpoint = Checkpoint::new("log.example".parse().unwrap(), 7, Hash([7; 32])).unwrap();
        let mut batch = Vec::new();
        push_entry(&mut batch, b"sixth\n\n").unwrap();
        push_entry(&mut batch, b"seventh").unwrap();
        let checkpoint = SignedCheckpoint::sign(checkpoint, &[&log_key()], 0).unwrap();
        Head { base_size: 5, base_root: Hash([5; 32]), checkpoint, batch }
    }

    #[test]
    fn a_head_reads_back() {
        let read = Head::parse(&head().to_bytes()).unwrap();
        assert_eq!(read, head());
        assert_eq!(read.entries().unwrap(), [&b"sixth\n\n"[..], b"seventh"]);
    }

    #[test]
    fn a_cut_off_head_is_refused() {
        let bytes = head().to_bytes();
        for len in 0..bytes.len() {
            assert_eq!(Head::parse(&bytes[..len]), None, "{len} bytes");
        }
        assert_eq!(Head::parse(&[&bytes[..], b"x"].concat()), None);
    }
}
