//! The checkpoint: origin, size and root of a log, as the text that is signed (C2SP `tlog-checkpoint`).

use std::fmt;
use std::str::FromStr;

use crate::text;
use crate::tree::{Hash, ParseHashError, TREE_SIZE_MAX};

/// The most bytes of an origin: what an ML-DSA cosignature can name.
pub const ORIGIN_LEN_MAX: usize = 255;

/// The name that identifies a log: the first line of its checkpoints.
///
/// By custom an address without scheme, such as `log.example/surety`; it need not be reachable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Origin(String);

impl Origin {
    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for Origin {
    type Err = ParseCheckpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let well_formed = !text.is_empty() && text.len() <= ORIGIN_LEN_MAX && !text.contains(|c| c < ' ');
        if well_formed {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseCheckpointError::Origin(text::excerpt(text)))
        }
    }
}

/// What a log commits to: its first `size` entries have this root.
///
/// ```
/// use surety_log::Checkpoint;
///
/// let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
/// let checkpoint: Checkpoint = text.parse()?;
/// assert_eq!(checkpoint.size(), 20_852_163);
/// assert_eq!(checkpoint.to_string(), text);
/// # Ok::<(), surety_log::ParseCheckpointError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    origin: Origin,
    size: u64,
    root: Hash,
    /// Lines after the third, opaque; each with its newline.
    extension: String,
}

impl Checkpoint {
    /// A checkpoint without extension lines: the only kind that our log makes.
    ///
    /// # Errors
    /// When the size is beyond [`TREE_SIZE_MAX`].
    pub fn new(origin: Origin, size: u64, root: Hash) -> Result<Self, ParseCheckpointError> {
        if size > TREE_SIZE_MAX {
            return Err(ParseCheckpointError::Size(size.to_string()));
        }
        Ok(Self { origin, size, root, extension: String::new() })
    }

    /// Which log it is of.
    pub fn origin(&self) -> &Origin {
        &self.origin
    }

    /// How many entries the log has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The root over them.
    pub fn root(&self) -> Hash {
        self.root
    }

    /// Lines that another log added, opaque; each ends in a newline.
    pub fn extension(&self) -> &str {
        &self.extension
    }
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n{}\n{}\n{}", self.origin, self.size, self.root, self.extension)
    }
}

/// The text is not a checkpoint.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ParseCheckpointError {
    /// The first line.
    #[error(
        "`{0}` is not an origin: use 1 to {ORIGIN_LEN_MAX} bytes on one line, such as log.example/surety"
    )]
    Origin(String),
    /// The second line.
    #[error("`{0}` is not a tree size: use a decimal number up to {TREE_SIZE_MAX}, without leading zeros")]
    Size(String),
    /// The third line.
    #[error("the root of the checkpoint: {0}")]
    Root(#[from] ParseHashError),
    /// Fewer lines than three, an empty line, or no newline at the end.
    #[error("a checkpoint has an origin, a size and a root, one on each line, and no empty line")]
    Lines,
}

impl FromStr for Checkpoint {
    type Err = ParseCheckpointError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut parts = text.splitn(4, '\n');
        let mut line = || parts.next().ok_or(ParseCheckpointError::Lines);
        let (origin, size, root, extension) = (line()?, line()?, line()?, line()?);
        let extension_is_lines = extension.is_empty()
            || extension
                .strip_suffix('\n')
                .is_some_and(|lines| lines.split('\n').all(|line| !line.is_empty()));
        if !extension_is_lines {
            return Err(ParseCheckpointError::Lines);
        }
        let parsed_size = text::parse_decimal(size, TREE_SIZE_MAX);
        Ok(Self {
            origin: origin.parse()?,
            size: parsed_size.ok_or_else(|| ParseCheckpointError::Size(text::excerpt(size)))?,
            root: root.parse()?,
            extension: extension.to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const ROOT: &str = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";

    #[test]
    fn a_checkpoint_reads_back_as_written() {
        for good in [
            format!("example.com/behind-the-sofa\n20852163\n{ROOT}\n"),
            format!("log\n0\n{ROOT}\n"),
            format!("origin with spaces\n1\n{ROOT}\nextension\nanother\n"),
        ] {
            assert_eq!(good.parse::<Checkpoint>().unwrap().to_string(), good);
        }
    }

    #[test]
    fn what_is_not_a_checkpoint_is_refused() {
        for bad in [
            String::new(),
            "\n".to_owned(),
            "log\n1\n".to_owned(),
            format!("log\n1\n{ROOT}"),
            format!("\n1\n{ROOT}\n"),
            format!("log\n01\n{ROOT}\n"),
            format!("log\n+1\n{ROOT}\n"),
            format!("log\n9223372036854775808\n{ROOT}\n"),
            format!("log\n1\n{ROOT}\n\n"),
            format!("log\n1\n{ROOT}\nextension\n\nanother\n"),
            format!("log\n1\n{ROOT}\nextension"),
            format!("log\n1\n{ROOT} \n"),
            format!("log\r\n1\n{ROOT}\n"),
            format!("{}\n1\n{ROOT}\n", "o".repeat(256)),
        ] {
            assert!(bad.parse::<Checkpoint>().is_err(), "{bad:?}");
        }
    }

    #[test]
    fn a_tree_has_a_limit() {
        let new = |size| Checkpoint::new("log".parse().unwrap(), size, ROOT.parse().unwrap());
        assert!(new(TREE_SIZE_MAX).is_ok());
        assert!(new(TREE_SIZE_MAX + 1).is_err());
    }

    proptest! {
        #[test]
        fn what_parses_is_canonical(text in "([a-z]{0,3}\n){0,2}[0-9]{0,3}\n(CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n?)?[a-z\n]{0,5}") {
            if let Ok(checkpoint) = text.parse::<Checkpoint>() {
                prop_assert_eq!(checkpoint.to_string(), text);
            }
        }
    }
}
