//! Keys of issuers: three algorithms behind one door.
//!
//! Ed25519 (RFC 8032) comes first and counts by `verify_strict` only: honest verifiers disagree about the signatures
//! that the strict rules refuse. ES256 (ECDSA on P-256 with SHA-256) is there for the certificates and security
//! modules that States have; ML-DSA-44 (RFC 9964) because thirty years is longer than the others may last.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use coset::iana;
use ed25519_dalek::Signer as _;
use ml_dsa::MlDsa44;
use ml_dsa::signature::Keypair as _;
use p256::ecdsa::signature::Verifier as _;
use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use surety_core::words;

use crate::digest::Digest;

/// The bytes of a secret seed, for every algorithm.
pub const SEED_LEN: usize = 32;

const ML_DSA_44_PUBLIC_LEN: usize = 1312;
const ES256_PUBLIC_LEN: usize = 33;

words! {
    /// A signature algorithm.
    pub enum Algorithm("signature algorithm") {
        /// Ed25519, COSE algorithm -8 (`EdDSA`) or -19 (`Ed25519`).
        Ed25519 = "ed25519",
        /// ECDSA on P-256 with SHA-256, COSE algorithm -7.
        Es256 = "es256",
        /// ML-DSA-44, COSE algorithm -48.
        MlDsa44 = "ml-dsa-44",
    }
}

impl Algorithm {
    /// The number under which it is signed. Ed25519 is written as -8, which every COSE library knows; -19 (RFC 9864)
    /// says the same and is read too, but libraries in wide use do not know it yet.
    pub fn cose(self) -> iana::Algorithm {
        match self {
            Self::Ed25519 => iana::Algorithm::EdDSA,
            Self::Es256 => iana::Algorithm::ES256,
            Self::MlDsa44 => iana::Algorithm::ML_DSA_44,
        }
    }

    pub(crate) fn from_cose(number: iana::Algorithm) -> Option<Self> {
        match number {
            iana::Algorithm::EdDSA | iana::Algorithm::Ed25519 => Some(Self::Ed25519),
            iana::Algorithm::ES256 => Some(Self::Es256),
            iana::Algorithm::ML_DSA_44 => Some(Self::MlDsa44),
            _ => None,
        }
    }
}

/// What identifies a key: its COSE key thumbprint (RFC 9679, SHA-256). It stands as `kid` in what the key signs.
pub type KeyThumbprint = Digest;

#[derive(Clone)]
enum PublicKey {
    Ed25519(ed25519_dalek::VerifyingKey),
    Es256(p256::ecdsa::VerifyingKey),
    MlDsa44(Arc<ml_dsa::VerifyingKey<MlDsa44>>),
}

/// The public key of an issuer, ready to verify with. As text it is `<algorithm>:<base64>`.
///
/// ```
/// use surety_statement::{Algorithm, IssuerKey};
///
/// let key: IssuerKey = "ed25519:11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=".parse()?;
/// assert_eq!(key.algorithm(), Algorithm::Ed25519);
/// assert_eq!(key.thumbprint().short(), "866eefbd");
/// # Ok::<(), surety_statement::KeyError>(())
/// ```
#[derive(Clone)]
pub struct IssuerKey {
    thumbprint: KeyThumbprint,
    public: Arc<[u8]>,
    key: PublicKey,
}

/// A key that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The form of the text.
    #[error("this is not a public key: it is written <algorithm>:<base64>, such as ed25519:11qYAYKx…")]
    Form,
    /// An algorithm that is not known.
    #[error(transparent)]
    Algorithm(#[from] surety_core::UnknownWord),
    /// The bytes are no key.
    #[error("this is not a valid {0} key: ask its owner for the text again")]
    Public(Algorithm),
}

/// Why a signature does not count: it is not of these bytes by this key, whatever else it may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the signature is not of these bytes by this key")]
pub struct SignatureMismatch;

impl IssuerKey {
    /// Makes a key from its bytes: 32 for Ed25519, the compressed point of 33 for ES256, 1,312 for ML-DSA-44.
    pub fn new(algorithm: Algorithm, public: &[u8]) -> Result<Self, KeyError> {
        let key = match algorithm {
            Algorithm::Ed25519 => ed25519(public),
            Algorithm::Es256 => es256(public),
            Algorithm::MlDsa44 => ml_dsa_44(public),
        };
        let key = key.ok_or(KeyError::Public(algorithm))?;
        Ok(Self { thumbprint: thumbprint(&key, public), public: public.into(), key })
    }

    /// Its algorithm.
    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            PublicKey::Ed25519(_) => Algorithm::Ed25519,
            PublicKey::Es256(_) => Algorithm::Es256,
            PublicKey::MlDsa44(_) => Algorithm::MlDsa44,
        }
    }

    /// What identifies it.
    pub fn thumbprint(&self) -> KeyThumbprint {
        self.thumbprint
    }

    /// Its bytes.
    pub fn public_bytes(&self) -> &[u8] {
        &self.public
    }

    /// Checks a signature.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), SignatureMismatch> {
        let good = match &self.key {
            PublicKey::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            PublicKey::Es256(key) => p256::ecdsa::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify(message, &signature).is_ok()),
            PublicKey::MlDsa44(key) => ml_dsa::Signature::<MlDsa44>::try_from(signature)
                .is_ok_and(|signature| key.verify_with_context(message, &[], &signature)),
        };
        if good { Ok(()) } else { Err(SignatureMismatch) }
    }
}

fn ed25519(bytes: &[u8]) -> Option<PublicKey> {
    let key = ed25519_dalek::VerifyingKey::from_bytes(bytes.try_into().ok()?).ok()?;
    // Of a point with several encodings, only the canonical one is a key.
    let canonical = key.to_edwards().compress().to_bytes() == bytes;
    (!key.is_weak() && canonical).then_some(PublicKey::Ed25519(key))
}

fn es256(bytes: &[u8]) -> Option<PublicKey> {
    if bytes.len() != ES256_PUBLIC_LEN {
        return None;
    }
    p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).ok().map(PublicKey::Es256)
}

fn ml_dsa_44(bytes: &[u8]) -> Option<PublicKey> {
    if bytes.len() != ML_DSA_44_PUBLIC_LEN {
        return None;
    }
    let encoded = bytes.try_into().ok()?;
    Some(PublicKey::MlDsa44(Arc::new(ml_dsa::VerifyingKey::decode(encoded))))
}

/// The thumbprint of RFC 9679: the digest of the required members of the COSE key, deterministically encoded.
fn thumbprint(key: &PublicKey, public: &[u8]) -> KeyThumbprint {
    let encoded = match key {
        // {1: 1 (OKP), -1: 6 (Ed25519), -2: x}
        PublicKey::Ed25519(_) => [&[0xa3, 0x01, 0x01, 0x20, 0x06, 0x21, 0x58, 0x20], public].concat(),
        // {1: 2 (EC2), -1: 1 (P-256), -2: x, -3: y}
        PublicKey::Es256(key) => {
            let point = key.to_sec1_point(false);
            let point = point.as_bytes();
            let (x, y) = (&point[1..33], &point[33..65]);
            [&[0xa4, 0x01, 0x02, 0x20, 0x01, 0x21, 0x58, 0x20], x, &[0x22, 0x58, 0x20], y].concat()
        }
        // {1: 7 (AKP), 3: -48 (ML-DSA-44), -1: pub}
        PublicKey::MlDsa44(_) => {
            [&[0xa3, 0x01, 0x07, 0x03, 0x38, 0x2f, 0x20, 0x59, 0x05, 0x20], public].concat()
        }
    };
    Digest::of(&encoded)
}

impl fmt::Display for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.algorithm(), BASE64_STANDARD.encode(&self.public))
    }
}

impl fmt::Debug for IssuerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "IssuerKey({} {})", self.algorithm(), self.thumbprint.short())
    }
}

impl PartialEq for IssuerKey {
    fn eq(&self, other: &Self) -> bool {
        self.thumbprint == other.thumbprint
    }
}

impl Eq for IssuerKey {}

impl FromStr for IssuerKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (algorithm, public) = text.split_once(':').ok_or(KeyError::Form)?;
        let algorithm: Algorithm = algorithm.parse()?;
        let public = BASE64_STANDARD.decode(public).map_err(|_| KeyError::Form)?;
        Self::new(algorithm, &public)
    }
}

impl Serialize for IssuerKey {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for IssuerKey {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        surety_core::read_text(deserializer)
    }
}

impl JsonSchema for IssuerKey {
    fn schema_name() -> Cow<'static, str> {
        "IssuerKey".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^(ed25519|es256|ml-dsa-44):[A-Za-z0-9+/]+=*$",
            "description": "A public key: the algorithm, a colon, and the key in base64.",
        })
    }
}

/// The signing device failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not sign: {0}")]
pub struct SignError(pub String);

/// Whatever can sign statements: a key in memory, or a device that keeps it.
pub trait StatementSigner: Send + Sync {
    /// The key that verifies its signatures.
    fn key(&self) -> &IssuerKey;

    /// Signs bytes: 64 of Ed25519, 64 of ES256 (r, then s), 2,420 of ML-DSA-44 with an empty context.
    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// The certificates for the key in DER, its own first; empty where there are none.
    fn certificates(&self) -> &[Vec<u8>] {
        &[]
    }
}

enum Secret {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    Es256(Box<p256::ecdsa::SigningKey>),
    MlDsa44(Box<ml_dsa::SigningKey<MlDsa44>>),
}

/// A secret key in memory. Wiped when dropped; never shown by `Debug`.
pub struct SecretKey {
    secret: Secret,
    key: IssuerKey,
    certificates: Vec<Vec<u8>>,
}

impl SecretKey {
    /// Derives a key from 32 bytes, which must come from a source of secret randomness.
    ///
    /// # Errors
    /// Never in practice: the seed would have to be zero or beyond the order of P-256.
    pub fn from_seed(algorithm: Algorithm, seed: &[u8; SEED_LEN]) -> Result<Self, KeyError> {
        let (secret, public) = match algorithm {
            Algorithm::Ed25519 => {
                let key = Box::new(ed25519_dalek::SigningKey::from_bytes(seed));
                let public = key.verifying_key().to_bytes().to_vec();
                (Secret::Ed25519(key), public)
            }
            Algorithm::Es256 => {
                let key = p256::ecdsa::SigningKey::from_slice(seed);
                let key = Box::new(key.map_err(|_| KeyError::Public(algorithm))?);
                let public = key.verifying_key().to_sec1_point(true).as_bytes().to_vec();
                (Secret::Es256(key), public)
            }
            Algorithm::MlDsa44 => {
                let key = Box::new(ml_dsa::SigningKey::<MlDsa44>::from_seed(&(*seed).into()));
                let public = key.verifying_key().encode().to_vec();
                (Secret::MlDsa44(key), public)
            }
        };
        Ok(Self { secret, key: IssuerKey::new(algorithm, &public)?, certificates: Vec::new() })
    }

    /// The same key with its certificates in DER, its own first.
    #[must_use]
    pub fn with_certificates(mut self, certificates: Vec<Vec<u8>>) -> Self {
        self.certificates = certificates;
        self
    }
}

impl StatementSigner for SecretKey {
    fn key(&self) -> &IssuerKey {
        &self.key
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let failed = |error: &dyn fmt::Display| SignError(error.to_string());
        match &self.secret {
            Secret::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            Secret::Es256(key) => {
                let signature: p256::ecdsa::Signature =
                    key.try_sign(message).map_err(|error| failed(&error))?;
                Ok(signature.normalize_s().to_bytes().to_vec())
            }
            Secret::MlDsa44(key) => key
                .expanded_key()
                .sign_deterministic(message, &[])
                .map(|signature| signature.encode().to_vec())
                .map_err(|error| failed(&error)),
        }
    }

    fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey({} {})", self.key.algorithm(), self.key.thumbprint.short())
    }
}
