//! The key of a register: derived by Argon2id from a passphrase or from what a key file holds, and wiped when it
//! is no longer needed.

use std::fmt;

use argon2::{Algorithm, Argon2, Params, Version};
use zeroize::Zeroizing;

use crate::{Error, Result};

/// A passphrase shorter than this is refused.
pub const PASSPHRASE_LENGTH_MIN: usize = 12;
/// A key file shorter than this, in bytes, is refused.
pub const KEY_FILE_LENGTH_MIN: usize = 32;
/// A key file longer than this, in bytes, is none.
pub const KEY_FILE_LENGTH_MAX: usize = 1 << 16;

/// Random bytes that make the key of each register another one. They are the first 16 bytes of the file.
pub type Salt = [u8; 16];

/// RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes.
const MEMORY_KIB: u32 = 1 << 16;
const PASSES: u32 = 3;
const LANES: u32 = 4;

/// What opens a register. Never shown, and wiped when dropped.
#[derive(Clone)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A passphrase of at least [`PASSPHRASE_LENGTH_MIN`] characters.
    ///
    /// ```
    /// use surety_register::Secret;
    /// assert!(Secret::passphrase("short").is_err());
    /// assert!(Secret::passphrase("correct horse battery staple").is_ok());
    /// ```
    pub fn passphrase(text: &str) -> Result<Self> {
        if text.chars().count() < PASSPHRASE_LENGTH_MIN {
            return Err(Error::WeakSecret("a passphrase has at least 12 characters: take several words"));
        }
        Ok(Self(Zeroizing::new(text.as_bytes().to_vec())))
    }

    /// What a key file holds: at least [`KEY_FILE_LENGTH_MIN`] bytes, best of all random ones.
    pub fn key_file(bytes: &[u8]) -> Result<Self> {
        if !(KEY_FILE_LENGTH_MIN..=KEY_FILE_LENGTH_MAX).contains(&bytes.len()) {
            return Err(Error::WeakSecret("a key file has at least 32 bytes and at most 65,536"));
        }
        Ok(Self(Zeroizing::new(bytes.to_vec())))
    }

    /// The statement that gives `SQLCipher` the key and the salt as they are, without a derivation of its own.
    pub(crate) fn pragma(&self, salt: &Salt) -> Result<Zeroizing<String>> {
        let mut key = Zeroizing::new([0; 32]);
        let params = Params::new(MEMORY_KIB, PASSES, LANES, Some(key.len()));
        params
            .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
            .and_then(|argon2| argon2.hash_password_into(&self.0, salt, key.as_mut()))
            .map_err(|_| Error::WeakSecret("no key can be derived: 64 MiB of memory are needed for it"))?;
        let mut pragma = Zeroizing::new(String::with_capacity(128));
        pragma.push_str("PRAGMA key = \"x'");
        for byte in key.iter().chain(salt) {
            for digit in [byte >> 4, byte & 15] {
                pragma.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        pragma.push_str("'\"");
        Ok(pragma)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_never_shows() {
        let secret = Secret::passphrase("correct horse battery").unwrap();
        assert_eq!(format!("{secret:?}"), "Secret(…)");
    }

    #[test]
    fn each_salt_and_each_secret_give_another_key() {
        let (one, other) =
            (Secret::passphrase("passphrase one").unwrap(), Secret::passphrase("passphrase two").unwrap());
        let pragma = one.pragma(&[1; 16]).unwrap();
        assert_eq!(*pragma, *one.pragma(&[1; 16]).unwrap());
        assert_ne!(pragma[..80], one.pragma(&[2; 16]).unwrap()[..80]);
        assert_ne!(*pragma, *other.pragma(&[1; 16]).unwrap());
        assert_eq!(pragma.len(), "PRAGMA key = \"x''\"".len() + 96);
    }

    #[test]
    fn a_key_file_is_neither_empty_nor_a_film() {
        assert!(Secret::key_file(&[7; 31]).is_err());
        assert!(Secret::key_file(&[7; 32]).is_ok());
        assert!(Secret::key_file(&vec![7; KEY_FILE_LENGTH_MAX + 1]).is_err());
    }
}
