//! A store of one object: what a log or a witness finds when it starts.

use surety_log::{Object, Store, StoreError};

/// Gives the same bytes for every key, and takes no others.
pub(crate) struct OneObject(pub(crate) Vec<u8>);

impl Store for OneObject {
    fn get(&self, key: &str, len_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if self.0.len() as u64 > len_max {
            return Err(StoreError::TooLong { key: key.to_owned(), len_max });
        }
        Ok(Some(self.0.clone()))
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        objects.first().map_or(Ok(()), |(key, _)| Err(StoreError::ReadOnly { key: key.clone() }))
    }

    fn swap(&self, key: &str, _: Option<&[u8]>, _: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly { key: key.to_owned() })
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly { key: folder.to_owned() })
    }
}
