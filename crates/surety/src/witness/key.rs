//! The keys of a witness on disk: encrypted with a passphrase (`age`), plain for machines that start unattended, or
//! only the name of a key on a token.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::Path;
use std::sync::Arc;

use age::secrecy::SecretString;
use anyhow::{Context as _, bail};
use surety_log::{KeyName, SEED_LEN, SignatureType, Signer, SignerKey, VerifierKey};
use surety_token::{LogTokenKey, TokenAddress, TokenKey};
use zeroize::Zeroizing;

use crate::secret::{Passphrase, ask_pin};

/// The first bytes of an encrypted file.
const AGE: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";

/// The most bytes of the file.
const LEN_MAX: u64 = 64 * 1024;

/// The work of opening a key that is made here: 2^17 rounds of scrypt, 128 MiB.
pub(crate) const WORK_FACTOR: u8 = 17;

/// The most work that opening it may ask: 2^20 rounds of scrypt.
const WORK_FACTOR_MAX: u8 = 20;

pub(crate) enum Keys {
    InMemory(Vec<SignerKey>),
    OnToken { address: TokenAddress, key: Box<LogTokenKey> },
}

impl Keys {
    /// New keys, one for each type of cosignature.
    pub(crate) fn generate(name: &KeyName) -> anyhow::Result<Self> {
        let mut keys = Vec::new();
        for kind in [SignatureType::Cosignature, SignatureType::MlDsa44] {
            let mut seed = Zeroizing::new([0; SEED_LEN]);
            getrandom::fill(&mut *seed)
                .map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
            keys.push(SignerKey::from_seed(name.clone(), kind, &seed)?);
        }
        Ok(Self::InMemory(keys))
    }

    /// An Ed25519 key on a token.
    pub(crate) fn on_token(name: &KeyName, address: &TokenAddress) -> anyhow::Result<Self> {
        let key = TokenKey::open(address, ask_pin)?;
        let key = LogTokenKey::new(key, name.clone(), SignatureType::Cosignature)?;
        Ok(Self::OnToken { address: address.clone(), key: Box::new(key) })
    }

    pub(crate) fn verifiers(&self) -> impl Iterator<Item = &VerifierKey> {
        let keys: Vec<&VerifierKey> = match self {
            Self::InMemory(keys) => keys.iter().map(Signer::verifier).collect(),
            Self::OnToken { key, .. } => vec![key.verifier()],
        };
        keys.into_iter()
    }

    pub(crate) fn into_signers(self) -> Vec<Arc<dyn Signer>> {
        match self {
            Self::InMemory(keys) => keys.into_iter().map(|key| Arc::new(key) as Arc<dyn Signer>).collect(),
            Self::OnToken { key, .. } => vec![Arc::new(*key)],
        }
    }

    /// The contents of the file.
    pub(crate) fn to_file(&self, passphrase: Option<&SecretString>) -> anyhow::Result<Zeroizing<String>> {
        let mut text = Zeroizing::new(String::with_capacity(4096));
        match self {
            Self::InMemory(keys) => {
                for key in keys {
                    text.push_str(&Zeroizing::new(key.to_secret_text()));
                    text.push('\n');
                }
            }
            Self::OnToken { address, key } => {
                let _ = writeln!(text, "{} {address}", key.verifier().name());
            }
        }
        let Some(passphrase) = passphrase else { return Ok(text) };
        let mut recipient = age::scrypt::Recipient::new(passphrase.clone());
        recipient.set_work_factor(WORK_FACTOR);
        let sealed =
            age::encrypt_and_armor(&recipient, text.as_bytes()).context("cannot encrypt the keys")?;
        Ok(Zeroizing::new(sealed))
    }

    /// Reads the file. A passphrase is asked for only when the keys are encrypted.
    pub(crate) fn from_file(bytes: &[u8], passphrase: &Passphrase) -> anyhow::Result<Self> {
        let opened;
        let text = if bytes.starts_with(AGE) {
            let mut identity = age::scrypt::Identity::new(passphrase.known()?);
            identity.set_max_work_factor(WORK_FACTOR_MAX);
            let decrypted = age::decrypt(&identity, bytes);
            opened = Zeroizing::new(decrypted.context("the passphrase does not open it, or it is damaged")?);
            std::str::from_utf8(&opened)
        } else {
            std::str::from_utf8(bytes)
        };
        let text = text.context("it is not text")?;
        if let Some((name, address)) =
            text.trim_end().split_once(' ').filter(|(_, rest)| TokenAddress::is_meant(rest))
        {
            return Self::on_token(&name.parse()?, &address.parse()?);
        }
        let keys = text.lines().map(SignerKey::from_secret_text).collect::<Result<Vec<_>, _>>()?;
        if keys.is_empty() {
            bail!("there is no key in it");
        }
        Ok(Self::InMemory(keys))
    }
}

/// Writes a file that only its owner may read; never over another.
pub(crate) fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options.open(path).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    });
    written.with_context(|| format!("cannot write {}", path.display()))
}

pub(crate) fn read(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut bytes = Zeroizing::new(Vec::new());
    fs::File::open(path)
        .and_then(|file| file.take(LEN_MAX).read_to_end(&mut bytes))
        .with_context(|| format!("cannot read {}", path.display()))?;
    Ok(bytes)
}
