//! Secret keys at rest: encrypted with a passphrase by `age`, so that anybody's `age` opens them too.

use age::scrypt;
use age::secrecy::ExposeSecret as _;
/// A passphrase. Wiped when dropped; never shown by `Debug`.
pub use age::secrecy::SecretString;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use zeroize::Zeroizing;

use crate::issuer_id::IssuerId;
use crate::key::{Algorithm, SEED_LEN, SecretKey};

/// The most bytes of a key file.
pub const KEY_FILE_LEN_MAX: usize = 64 * 1024;

/// The most work that opening a key file may ask: 2^20 rounds of scrypt, 1 GiB of memory for a second or a few.
const WORK_FACTOR_MAX: u8 = 20;

/// The first line inside.
const FIRST_LINE: &str = "surety-issuer-key/v1";

/// The secret key of an issuer, with its name. Wiped when dropped.
pub struct KeyFile {
    /// Whose key it is.
    pub issuer: IssuerId,
    /// For which algorithm.
    pub algorithm: Algorithm,
    seed: Zeroizing<[u8; SEED_LEN]>,
    /// Certificates for the key in DER, its own first.
    pub certificates: Vec<Vec<u8>>,
}

/// Why a key file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyFileError {
    /// It is too long to be one.
    #[error("it is too long to be the file of a key")]
    TooLong,
    /// It is not a file that age wrote with a passphrase.
    #[error("it is not a key encrypted with a passphrase: {0}")]
    Age(String),
    /// The passphrase.
    #[error("the passphrase does not open it: try again")]
    Passphrase,
    /// What is inside.
    #[error("it was opened, and what is inside is no key of an issuer")]
    Inside,
}

impl KeyFile {
    /// A key made from 32 bytes, which must come from a source of secret randomness.
    pub fn new(issuer: IssuerId, algorithm: Algorithm, seed: Zeroizing<[u8; SEED_LEN]>) -> Self {
        Self { issuer, algorithm, seed, certificates: Vec::new() }
    }

    /// The key to sign with.
    pub fn secret_key(&self) -> Result<SecretKey, KeyFileError> {
        let key = SecretKey::from_seed(self.algorithm, &self.seed).map_err(|_| KeyFileError::Inside)?;
        Ok(key.with_certificates(self.certificates.clone()))
    }

    /// Encrypts it with a passphrase. `work_factor` is the binary logarithm of scrypt's cost; without it, opening the file
    /// takes about a second on this machine.
    pub fn seal(&self, passphrase: &SecretString, work_factor: Option<u8>) -> Result<String, KeyFileError> {
        let mut recipient = scrypt::Recipient::new(passphrase.clone());
        if let Some(work_factor) = work_factor {
            recipient.set_work_factor(work_factor);
        }
        let text = self.to_text();
        age::encrypt_and_armor(&recipient, text.as_bytes())
            .map_err(|error| KeyFileError::Age(error.to_string()))
    }

    /// Opens a key file with its passphrase.
    pub fn open(bytes: &[u8], passphrase: &SecretString) -> Result<Self, KeyFileError> {
        if bytes.len() > KEY_FILE_LEN_MAX {
            return Err(KeyFileError::TooLong);
        }
        let mut identity = scrypt::Identity::new(passphrase.clone());
        identity.set_max_work_factor(WORK_FACTOR_MAX);
        let text = age::decrypt(&identity, bytes).map(Zeroizing::new).map_err(|error| match error {
            age::DecryptError::DecryptionFailed | age::DecryptError::KeyDecryptionFailed => {
                KeyFileError::Passphrase
            }
            other => KeyFileError::Age(other.to_string()),
        })?;
        let text = std::str::from_utf8(&text).map_err(|_| KeyFileError::Inside)?;
        Self::from_text(text).ok_or(KeyFileError::Inside)
    }

    fn to_text(&self) -> Zeroizing<String> {
        let seed = Zeroizing::new(BASE64_STANDARD.encode(*self.seed));
        let Self { issuer, algorithm, certificates, .. } = self;
        let mut text = Zeroizing::new(String::with_capacity(KEY_FILE_LEN_MAX));
        for part in [FIRST_LINE, "\nissuer ", issuer.as_str(), "\nalgorithm ", algorithm.as_str(), "\nseed "]
        {
            text.push_str(part);
        }
        text.push_str(&seed);
        for certificate in certificates {
            text.push_str("\ncertificate ");
            text.push_str(&BASE64_STANDARD.encode(certificate));
        }
        text.push('\n');
        text
    }

    fn from_text(text: &str) -> Option<Self> {
        let mut lines = text.strip_suffix('\n')?.split('\n');
        lines.next().filter(|line| *line == FIRST_LINE)?;
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let issuer = field("issuer")?.parse().ok()?;
        let algorithm = field("algorithm")?.parse().ok()?;
        let seed = Zeroizing::new(BASE64_STANDARD.decode(field("seed")?).ok()?);
        let seed = Zeroizing::new(<[u8; SEED_LEN]>::try_from(seed.as_slice()).ok()?);
        let certificate = |line: &str| BASE64_STANDARD.decode(line.strip_prefix("certificate ")?).ok();
        let certificates = lines.map(certificate).collect::<Option<_>>()?;
        Some(Self { issuer, algorithm, seed, certificates })
    }
}

/// A passphrase that is long enough to keep a key: 12 characters or more.
pub fn check_passphrase(passphrase: &SecretString) -> Result<(), &'static str> {
    const CHARS_MIN: usize = 12;
    if passphrase.expose_secret().chars().count() < CHARS_MIN {
        return Err("the passphrase is too short: take 12 characters or more, such as five words");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::StatementSigner as _;

    const QUICK: Option<u8> = Some(2);

    fn key_file(algorithm: Algorithm) -> KeyFile {
        KeyFile::new("surety.example/observer".parse().unwrap(), algorithm, Zeroizing::new([7; SEED_LEN]))
    }

    fn passphrase(text: &str) -> SecretString {
        SecretString::from(text.to_owned())
    }

    #[test]
    fn a_key_opens_with_its_passphrase_and_no_other() {
        for algorithm in Algorithm::ALL.iter().copied() {
            let mut file = key_file(algorithm);
            file.certificates = vec![vec![1, 2, 3], vec![4]];
            let sealed = file.seal(&passphrase("five words are long enough"), QUICK).unwrap();
            assert!(sealed.starts_with("-----BEGIN AGE ENCRYPTED FILE-----"));
            let opened = KeyFile::open(sealed.as_bytes(), &passphrase("five words are long enough")).unwrap();
            assert_eq!(opened.issuer, file.issuer);
            assert_eq!(opened.certificates, file.certificates);
            assert_eq!(opened.secret_key().unwrap().key(), file.secret_key().unwrap().key());
            let refused = KeyFile::open(sealed.as_bytes(), &passphrase("another")).err();
            assert_eq!(refused, Some(KeyFileError::Passphrase));
        }
    }

    #[test]
    fn what_is_no_key_file_is_refused() {
        let open = |bytes: &[u8]| KeyFile::open(bytes, &passphrase("x")).err().unwrap();
        assert!(matches!(open(b"no key"), KeyFileError::Age(_)));
        assert_eq!(open(&vec![0; KEY_FILE_LEN_MAX + 1]), KeyFileError::TooLong);
        let sealed = |text: &str| {
            let mut recipient = scrypt::Recipient::new(passphrase("x"));
            recipient.set_work_factor(2);
            age::encrypt_and_armor(&recipient, text.as_bytes()).unwrap()
        };
        let good = key_file(Algorithm::Ed25519).to_text();
        assert!(KeyFile::open(sealed(&good).as_bytes(), &passphrase("x")).is_ok());
        for bad in
            ["", "\n", &good.replace("v1", "v2"), &good.replace("seed", "sead"), &good[..good.len() - 1]]
        {
            assert_eq!(open(sealed(bad).as_bytes()), KeyFileError::Inside, "{bad:?}");
        }
    }

    #[test]
    fn a_short_passphrase_is_refused() {
        assert!(check_passphrase(&passphrase("too short")).is_err());
        assert!(check_passphrase(&passphrase("five words are long enough")).is_ok());
    }
}
