//! Where logs are kept.
//!
//! A log that is kept in a folder looks like this: `public/` is what everybody may read, `private/` has the head and
//! the encrypted key, `log.vkey` the public key. A bucket has `public/` and `private/` too; its key is kept elsewhere.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::{env, fs};

use anyhow::{Context as _, bail};
use surety_log::{FolderStore, S3Store, Store, Stores, VerifierKey};
use surety_net::client::{AddressError, WebAddress, WebStore};

/// What everybody may read of a log.
pub(crate) const PUBLIC: &str = "public";

/// The head and the key.
pub(crate) const PRIVATE: &str = "private";

/// The encrypted key of a log that is kept in a folder.
pub(crate) const KEY_FILE: &str = "private/log.key";

/// Its public key.
pub(crate) const VERIFIER_FILE: &str = "log.vkey";

/// A folder, a bucket or a web address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Folder(PathBuf),
    Bucket(String),
    Web(WebAddress),
}

impl FromStr for Place {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once("://") {
            Some(("s3", _)) => Ok(Self::Bucket(text.trim_end_matches('/').to_owned())),
            Some(_) => Ok(Self::Web(text.parse()?)),
            None if text.is_empty() => Err(AddressError::Empty),
            None => Ok(Self::Folder(PathBuf::from(text))),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Bucket(address) => address.fmt(f),
            Self::Web(address) => address.fmt(f),
        }
    }
}

impl Place {
    /// The published files, for reading: of a log that is kept here, or of a copy.
    pub(crate) fn open(&self) -> anyhow::Result<Arc<dyn Store>> {
        Ok(match self {
            Self::Folder(path) => {
                let public = path.join(PUBLIC);
                Arc::new(FolderStore::read_only(if public.is_dir() { public } else { path.clone() })?)
            }
            Self::Bucket(address) => {
                let bucket = bucket(address)?;
                let public = bucket.under(PUBLIC)?;
                let is_kept =
                    public.get(surety_log::CHECKPOINT_KEY, surety_log::NOTE_LEN_MAX as u64)?.is_some();
                Arc::new(if is_kept { public } else { bucket })
            }
            Self::Web(address) => Arc::new(WebStore::new(address.clone())),
        })
    }

    /// The stores of a log, for writing. The head is under `private`, unless another place is given for it.
    pub(crate) fn writer(&self, head: Option<&Self>) -> anyhow::Result<Stores> {
        let head = match head {
            Some(head) => head.writable()?,
            None => self.under(PRIVATE)?,
        };
        Ok(Stores { public: self.under(PUBLIC)?, head })
    }

    fn under(&self, folder: &str) -> anyhow::Result<Arc<dyn Store>> {
        Ok(match self {
            Self::Folder(path) => Arc::new(FolderStore::writer(path.join(folder))?),
            Self::Bucket(address) => Arc::new(bucket(address)?.under(folder)?),
            Self::Web(address) => {
                bail!("a log cannot be kept at {address}: give a folder or s3://bucket/prefix")
            }
        })
    }

    fn writable(&self) -> anyhow::Result<Arc<dyn Store>> {
        Ok(match self {
            Self::Folder(path) => Arc::new(FolderStore::writer(path)?),
            Self::Bucket(address) => Arc::new(bucket(address)?),
            Self::Web(address) => {
                bail!("a head cannot be kept at {address}: give a folder or s3://bucket/prefix")
            }
        })
    }

    /// A file of a log that is kept in a folder.
    pub(crate) fn file(&self, name: &str) -> Option<PathBuf> {
        match self {
            Self::Folder(path) => Some(path.join(name)),
            Self::Bucket(_) | Self::Web(_) => None,
        }
    }

    /// The public key of the log: the one that is given as text or file, or else the one that is kept beside the log.
    pub(crate) fn verifier(&self, given: Option<&str>) -> anyhow::Result<VerifierKey> {
        if let Some(key) = given.and_then(|given| given.parse().ok()) {
            return Ok(key);
        }
        let file = given.map(PathBuf::from).or_else(|| self.file(VERIFIER_FILE));
        let file = file.context("say whose log it is: --key KEY, as its operator publishes it")?;
        let text = fs::read_to_string(&file).with_context(|| {
            format!("cannot read the key of the log in {}: give it with --key KEY", file.display())
        })?;
        text.trim().parse().with_context(|| format!("{}", file.display()))
    }
}

/// The settings are the environment variables that AWS tools use.
fn bucket(address: &str) -> anyhow::Result<S3Store> {
    Ok(S3Store::new(address, env::vars().filter(|(name, _)| name.starts_with("AWS_")))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_folder_a_bucket_or_an_address() {
        assert_eq!("logs/one".parse(), Ok(Place::Folder("logs/one".into())));
        assert_eq!("s3://bucket/logs/".parse(), Ok(Place::Bucket("s3://bucket/logs".to_owned())));
        assert!(matches!("https://log.example".parse(), Ok(Place::Web(_))));
        assert!("ftp://log.example".parse::<Place>().is_err());
        assert!("".parse::<Place>().is_err());
    }
}
