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

/// The lanes of Argon2id.
const LANES: u32 = 4;

/// How much work it is to derive a key: Argon2id over 4 lanes, with so much memory and so many passes. It is one byte,
/// and takes the place of the first byte of the salt: so each file says itself how its key is derived, and later
/// versions can ask more of new files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost(u8);

impl Cost {
    /// RFC 9106, section 4, second recommended option: 64 MiB, 3 passes, 4 lanes.
    pub const RECOMMENDED: Self = Self(16 << 3 | 3);

    /// `2^memory_log2` KiB of memory, from 32 KiB to 1 GiB, and 1 to 7 passes; none outside these limits.
    ///
    /// ```
    /// use surety_register::Cost;
    /// assert_eq!(Cost::new(16, 3), Some(Cost::RECOMMENDED));
    /// assert_eq!(Cost::new(21, 3), None);
    /// ```
    pub fn new(memory_log2: u8, passes: u8) -> Option<Self> {
        ((5..=20).contains(&memory_log2) && (1..=7).contains(&passes))
            .then_some(Self(memory_log2 << 3 | passes))
    }

    /// What the salt of a file says; none when this version knows no such cost.
    pub fn of(salt: &Salt) -> Option<Self> {
        Self::new(salt[0] >> 3, salt[0] & 7)
    }

    /// Memory in KiB.
    pub fn memory_kib(self) -> u32 {
        1 << (self.0 >> 3)
    }

    /// Passes over it.
    pub fn passes(self) -> u32 {
        u32::from(self.0 & 7)
    }
}

/// What opens a register. Never shown, and wiped when dropped.
#[derive(Clone)]
pub struct Secret {
    bytes: Zeroizing<Vec<u8>>,
    cost: Cost,
}

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
        Ok(Self::new(text.as_bytes()))
    }

    /// What a key file holds: at least [`KEY_FILE_LENGTH_MIN`] bytes, best of all random ones.
    pub fn key_file(bytes: &[u8]) -> Result<Self> {
        if !(KEY_FILE_LENGTH_MIN..=KEY_FILE_LENGTH_MAX).contains(&bytes.len()) {
            return Err(Error::WeakSecret("a key file has at least 32 bytes and at most 65,536"));
        }
        Ok(Self::new(bytes))
    }

    fn new(bytes: &[u8]) -> Self {
        Self { bytes: Zeroizing::new(bytes.to_vec()), cost: Cost::RECOMMENDED }
    }

    /// The same secret with another cost for the files that are made under it. A file that is there keeps its own.
    #[must_use]
    pub fn with_cost(self, cost: Cost) -> Self {
        Self { cost, ..self }
    }

    /// The salt of a new file: random bytes, the first of which gives way to the cost.
    pub(crate) fn salt(&self, random: &Salt) -> Salt {
        let mut salt = *random;
        salt[0] = self.cost.0;
        salt
    }

    /// The statement that gives `SQLCipher` the key and the salt as they are, without a derivation of its own.
    pub(crate) fn key_statement(&self, salt: &Salt) -> Result<Zeroizing<String>> {
        Ok(statement("key", self.key(salt)?.iter().chain(salt)))
    }

    /// The statement that encrypts an open file under this secret. The salt of the file stays.
    pub(crate) fn rekey_statement(&self, salt: &Salt) -> Result<Zeroizing<String>> {
        Ok(statement("rekey", self.key(salt)?.iter()))
    }

    fn key(&self, salt: &Salt) -> Result<Zeroizing<[u8; 32]>> {
        let cost = Cost::of(salt).ok_or(Error::WeakSecret("the salt names no way to derive a key"))?;
        let mut key = Zeroizing::new([0; 32]);
        Params::new(cost.memory_kib(), cost.passes(), LANES, Some(key.len()))
            .map(|params| Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
            .and_then(|argon2| argon2.hash_password_into(&self.bytes, salt, key.as_mut()))
            .map_err(|_| Error::WeakSecret("no key can be derived: there is not enough memory for it"))?;
        Ok(key)
    }
}

fn statement<'b>(verb: &str, bytes: impl Iterator<Item = &'b u8>) -> Zeroizing<String> {
    // Long enough from the start: a text that grows would leave copies behind.
    let mut text = Zeroizing::new(String::with_capacity(128));
    text.push_str("PRAGMA ");
    text.push_str(verb);
    text.push_str(" = \"x'");
    for byte in bytes {
        for digit in [byte >> 4, byte & 15] {
            text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    text.push_str("'\"");
    text
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
        let cheap = Cost::new(5, 1).unwrap();
        let (one, other) = (one.with_cost(cheap), other.with_cost(cheap));
        let (salt, other_salt) = (one.salt(&[1; 16]), one.salt(&[2; 16]));
        let statement = one.key_statement(&salt).unwrap();
        assert_eq!(*statement, *one.key_statement(&salt).unwrap());
        assert_ne!(statement[..80], one.key_statement(&other_salt).unwrap()[..80]);
        assert_ne!(*statement, *other.key_statement(&salt).unwrap());
        assert_eq!(statement.len(), "PRAGMA key = \"x''\"".len() + 96);
        assert_eq!(other.rekey_statement(&salt).unwrap().len(), "PRAGMA rekey = \"x''\"".len() + 64);
    }

    #[test]
    fn a_salt_says_how_the_key_is_derived() {
        let usual = Secret::passphrase("passphrase one").unwrap();
        let salt = usual.salt(&[1; 16]);
        assert_eq!((salt[0], &salt[1..]), (131, &[1; 15][..]));
        let cost = Cost::of(&salt).unwrap();
        assert_eq!((cost.memory_kib(), cost.passes()), (64 * 1_024, 3));
        for byte in 0..=u8::MAX {
            let cost = Cost::of(&[byte; 16]);
            let known =
                cost.is_some_and(|cost| cost.0 == byte && (32..=1 << 20).contains(&cost.memory_kib()));
            assert_eq!(known, cost.is_some(), "{byte}");
        }
        assert!(usual.key_statement(&[0; 16]).unwrap_err().to_string().contains("no way to derive a key"));
    }

    #[test]
    fn a_key_file_is_neither_empty_nor_a_film() {
        assert!(Secret::key_file(&[7; 31]).is_err());
        assert!(Secret::key_file(&[7; 32]).is_ok());
        assert!(Secret::key_file(&vec![7; KEY_FILE_LENGTH_MAX + 1]).is_err());
    }
}
