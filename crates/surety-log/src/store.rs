//! Where a log keeps its files: a small trait, and what can go wrong.

use std::io;

use crate::text;

/// An object to write: its key, which is a path such as `tile/0/000`, and its bytes.
pub type Object = (String, Vec<u8>);

/// A store of whole objects. Folders of files are one ([`crate::FolderStore`]); a bucket with conditional
/// puts can be another.
///
/// The log needs no more than this. It writes the same bytes to the key of a tile always, because it
/// writes tiles only of what is committed; so writing again what may be half written is safe.
pub trait Store: Send + Sync {
    /// The bytes of an object; none when there is no such object.
    ///
    /// # Errors
    /// Also when it has more than `len_max` bytes: nothing that is read may be without limit.
    fn get(&self, key: &str, len_max: u64) -> Result<Option<Vec<u8>>, StoreError>;

    /// Writes objects, over those that are there. When it returns, all of them are durable; when it fails,
    /// any of them may be there or not, but none in part.
    fn put(&self, objects: &[Object]) -> Result<(), StoreError>;

    /// Writes an object if it is still as expected: these bytes, or not there. Durable when it returns.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when it is not as expected. After any other error it may have been written.
    fn swap(&self, key: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError>;

    /// Removes all objects whose keys start with this, which ends in a slash. It need not be durable.
    fn remove_under(&self, folder: &str) -> Result<(), StoreError>;
}

/// A store did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system refused.
    #[error("could not {doing} {place}: {source}{}", advice(.source.kind()))]
    Io {
        /// What was tried.
        doing: &'static str,
        /// On what.
        place: String,
        /// Why not.
        source: io::Error,
    },
    /// An object is not as the caller left it.
    #[error(
        "`{key}` was changed since it was last written here: another process writes to the same place; stop one of them"
    )]
    Conflict {
        /// The object.
        key: String,
    },
    /// Somebody else has the store open for writing.
    #[error("{place} is in use by another process that writes to it: stop that one first")]
    Locked {
        /// The folder.
        place: String,
    },
    /// An object is larger than any such object can be.
    #[error("`{key}` has more than {len_max} bytes, which none of ours has")]
    TooLong {
        /// The object.
        key: String,
        /// The most bytes it can have.
        len_max: u64,
    },
    /// Not a regular file.
    #[error("`{key}` is not a file")]
    NotAFile {
        /// The object.
        key: String,
    },
    /// The store was opened for reading.
    #[error("the store was opened for reading, and cannot write `{key}`")]
    ReadOnly {
        /// The object.
        key: String,
    },
    /// Not the address of a store.
    #[error("`{0}` is not the address of a bucket: write it like s3://bucket/prefix")]
    Address(String),
    /// Not the key of an object.
    #[error("`{0}` is not the key of an object")]
    Key(String),
}

impl StoreError {
    /// Whether somebody else writes to the same place.
    pub fn is_conflict(&self) -> bool {
        matches!(self, Self::Conflict { .. } | Self::Locked { .. })
    }
}

fn advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            " (free some space and submit again; nothing that was acknowledged is lost)"
        }
        io::ErrorKind::PermissionDenied => {
            " (give the account that runs this the right to read and write there)"
        }
        io::ErrorKind::ReadOnlyFilesystem => " (mount it for writing)",
        io::ErrorKind::NotFound => " (create the folder, or correct its name)",
        _ => "",
    }
}

/// Keys are relative paths of plain names: nothing hidden, nothing above.
pub(crate) fn check_key(key: &str) -> Result<(), StoreError> {
    let plain = |name: &str| !name.is_empty() && !name.starts_with('.') && !name.contains(['\\', '\0', ':']);
    if key.split('/').all(plain) { Ok(()) } else { Err(StoreError::Key(text::excerpt(key))) }
}
