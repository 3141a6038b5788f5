//! Keys of logs and witnesses, their text forms, and what each type of signature signs.
//!
//! C2SP `signed-note` and `tlog-cosignature`. Ed25519 counts by `verify_strict` only: honest verifiers
//! disagree about the signatures that the strict rules refuse.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use ed25519_dalek::Signer as _;
use ml_dsa::MlDsa44;
use ml_dsa::signature::Keypair as _;
use sha2::{Digest, Sha256};

use crate::checkpoint::{Checkpoint, ParseCheckpointError};
use crate::text;

/// The most bytes of a key name: what an ML-DSA cosignature can name.
pub const KEY_NAME_LEN_MAX: usize = 255;

/// The bytes of a secret seed, for every type of key.
pub const SEED_LEN: usize = 32;

const ED25519_PUBLIC_LEN: usize = 32;
const ED25519_SIGNATURE_LEN: usize = 64;
const ML_DSA_44_PUBLIC_LEN: usize = 1312;
const ML_DSA_44_SIGNATURE_LEN: usize = 2420;
const TIME_LEN: usize = 8;

/// The latest time a cosignature can carry.
const TIME_MAX: u64 = i64::MAX as u64;

/// Who signs: by custom an address without scheme, such as `witness.example/w1`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyName(String);

impl KeyName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl FromStr for KeyName {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if text.is_empty() || text.len() > KEY_NAME_LEN_MAX || text.contains(refused) {
            return Err(KeyError::Name(text::excerpt(text)));
        }
        Ok(Self(text.to_owned()))
    }
}

/// Four bytes that tell keys of one name apart. Not a fingerprint: others can make a key with the same id.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(pub u32);

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:08x}", self.0)
    }
}

/// What a signature is made with, and over which bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SignatureType {
    /// Ed25519 over the text of a note (type 1): how a log signs.
    Ed25519,
    /// Ed25519 over a time and a checkpoint (type 4): how a witness cosigns.
    Cosignature,
    /// ML-DSA-44 over names, time, size and root of a checkpoint (type 6): logs and witnesses, where a
    /// signature must outlast Ed25519.
    MlDsa44,
}

impl SignatureType {
    /// Every type.
    pub const ALL: [Self; 3] = [Self::Ed25519, Self::Cosignature, Self::MlDsa44];

    /// The byte that identifies the type.
    pub fn byte(self) -> u8 {
        match self {
            Self::Ed25519 => 0x01,
            Self::Cosignature => 0x04,
            Self::MlDsa44 => 0x06,
        }
    }

    fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.byte() == byte)
    }

    /// Whether signatures of this type carry the time at which they were made.
    pub fn has_time(self) -> bool {
        self != Self::Ed25519
    }

    fn signature_len(self) -> usize {
        match self {
            Self::Ed25519 => ED25519_SIGNATURE_LEN,
            Self::Cosignature => TIME_LEN + ED25519_SIGNATURE_LEN,
            Self::MlDsa44 => TIME_LEN + ML_DSA_44_SIGNATURE_LEN,
        }
    }
}

/// A key text that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyError {
    /// The name.
    #[error(
        "`{0}` is not a key name: use 1 to {KEY_NAME_LEN_MAX} bytes without spaces or `+`, such as witness.example/w1"
    )]
    Name(String),
    /// The parts of the text.
    #[error("`{0}` is not a verifier key: it is written <name>+<id, 8 hex digits>+<base64>")]
    Form(String),
    /// The parts of a secret text. What was read is not shown.
    #[error("this is not a signer key: it is written PRIVATE+KEY+<name>+<id, 8 hex digits>+<base64>")]
    SecretForm,
    /// The type byte.
    #[error(
        "the key `{name}` is of type {byte:#04x}; Ed25519 (1), cosignature (4) and ML-DSA-44 (6) are known"
    )]
    Type {
        /// Name of the key.
        name: KeyName,
        /// Its type.
        byte: u8,
    },
    /// The public key.
    #[error("the key `{0}` has no valid public key in it: ask its owner for the text again")]
    PublicKey(KeyName),
    /// The id does not belong to name and key.
    #[error("the key `{name}` says its id is {said}, and it is {computed}: a character was lost or changed")]
    Id {
        /// Name of the key.
        name: KeyName,
        /// The id in the text.
        said: KeyId,
        /// The id of the key in the text.
        computed: KeyId,
    },
}

/// Why a signature does not count.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// The signature has the wrong length or form.
    #[error("the signature is malformed")]
    Form,
    /// It is not a signature of this text by this key.
    #[error("the signature is not of this text by this key")]
    Mismatch,
    /// Its time is beyond what the format allows.
    #[error("the signature says it was made at {0}, which is no time")]
    Time(u64),
    /// The type signs checkpoints only.
    #[error("the text is not a checkpoint, and this type of key signs nothing else: {0}")]
    NotACheckpoint(#[from] ParseCheckpointError),
}

#[derive(Clone)]
enum PublicKey {
    Ed25519(ed25519_dalek::VerifyingKey),
    MlDsa44(Arc<ml_dsa::VerifyingKey<MlDsa44>>),
}

/// A public key with its name: all that is needed to verify what it signed.
///
/// ```
/// use surety_log::{SignatureType, VerifierKey};
///
/// let key: VerifierKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k".parse()?;
/// assert_eq!(key.name().as_str(), "example.com/foo");
/// assert_eq!(key.signature_type(), SignatureType::Ed25519);
/// # Ok::<(), surety_log::KeyError>(())
/// ```
#[derive(Clone)]
pub struct VerifierKey {
    name: KeyName,
    id: KeyId,
    kind: SignatureType,
    public: Vec<u8>,
    key: PublicKey,
}

impl VerifierKey {
    /// Makes a key from its parts.
    ///
    /// # Errors
    /// When the bytes are not a public key of this type.
    pub fn new(name: KeyName, kind: SignatureType, public: &[u8]) -> Result<Self, KeyError> {
        let key = match kind {
            SignatureType::Ed25519 | SignatureType::Cosignature => ed25519_public(public),
            SignatureType::MlDsa44 => ml_dsa_public(public),
        };
        let key = key.ok_or_else(|| KeyError::PublicKey(name.clone()))?;
        Ok(Self { id: key_id(&name, kind, public), name, kind, public: public.to_vec(), key })
    }

    /// Who signs with it.
    pub fn name(&self) -> &KeyName {
        &self.name
    }

    /// Its id.
    pub fn id(&self) -> KeyId {
        self.id
    }

    /// What it signs.
    pub fn signature_type(&self) -> SignatureType {
        self.kind
    }

    /// The bare public key. Two keys with the same one are the same key under different names.
    pub fn public_bytes(&self) -> &[u8] {
        &self.public
    }

    /// Checks a signature, as it stands in a note after the key id. Gives the time at which it was made,
    /// where the type has one.
    pub fn verify(&self, text: &str, signature: &[u8]) -> Result<Option<u64>, SignatureError> {
        if signature.len() != self.kind.signature_len() {
            return Err(SignatureError::Form);
        }
        let (time, raw) = match signature.split_first_chunk::<TIME_LEN>() {
            Some((time, raw)) if self.kind.has_time() => (Some(u64::from_be_bytes(*time)), raw),
            _ => (None, signature),
        };
        let message = self.message(text, time.unwrap_or(0))?;
        if self.verify_bytes(&message, raw) { Ok(time) } else { Err(SignatureError::Mismatch) }
    }

    /// Whether these bytes were signed with this key: 64 bytes of Ed25519, by the strict rules, or 2,420 of
    /// ML-DSA-44 with an empty context. What [`Signer::sign_bytes`] makes.
    pub fn verify_bytes(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.key {
            PublicKey::Ed25519(key) => ed25519_dalek::Signature::from_slice(signature)
                .is_ok_and(|signature| key.verify_strict(message, &signature).is_ok()),
            PublicKey::MlDsa44(key) => ml_dsa::Signature::<MlDsa44>::try_from(signature)
                .is_ok_and(|signature| key.verify_with_context(message, &[], &signature)),
        }
    }

    /// The bytes that this key signs for a text at a time, which is left out by types without one.
    ///
    /// # Errors
    /// When the type signs checkpoints only and the text is none, or when the time is out of range.
    pub fn message(&self, text: &str, time: u64) -> Result<Vec<u8>, SignatureError> {
        if time > TIME_MAX {
            return Err(SignatureError::Time(time));
        }
        match self.kind {
            SignatureType::Ed25519 => Ok(text.as_bytes().to_vec()),
            SignatureType::Cosignature => {
                text.parse::<Checkpoint>()?;
                Ok(format!("cosignature/v1\ntime {time}\n{text}").into_bytes())
            }
            SignatureType::MlDsa44 => Ok(cosigned_message(&self.name, time, &text.parse()?)),
        }
    }
}

/// The `cosigned_message` of `tlog-cosignature`, for a whole tree.
fn cosigned_message(name: &KeyName, time: u64, checkpoint: &Checkpoint) -> Vec<u8> {
    const WHOLE_TREE_START: u64 = 0;
    let mut message = b"subtree/v1\n\0".to_vec();
    push_short_text(&mut message, name.as_str());
    message.extend(time.to_be_bytes());
    push_short_text(&mut message, checkpoint.origin().as_str());
    message.extend(WHOLE_TREE_START.to_be_bytes());
    message.extend(checkpoint.size().to_be_bytes());
    message.extend(checkpoint.root().0);
    message
}

/// Key names and origins have at most 255 bytes: their types see to it.
fn push_short_text(message: &mut Vec<u8>, text: &str) {
    message.push(u8::try_from(text.len()).unwrap_or(u8::MAX));
    message.extend(text.as_bytes());
}

fn ed25519_public(bytes: &[u8]) -> Option<PublicKey> {
    let bytes: &[u8; ED25519_PUBLIC_LEN] = bytes.try_into().ok()?;
    let key = ed25519_dalek::VerifyingKey::from_bytes(bytes).ok()?;
    // Of a point with several encodings, only the canonical one is a key: one key has one text.
    let canonical = key.to_edwards().compress().to_bytes() == *bytes;
    (!key.is_weak() && canonical).then_some(PublicKey::Ed25519(key))
}

fn ml_dsa_public(bytes: &[u8]) -> Option<PublicKey> {
    if bytes.len() != ML_DSA_44_PUBLIC_LEN {
        return None;
    }
    let encoded = bytes.try_into().ok()?;
    Some(PublicKey::MlDsa44(Arc::new(ml_dsa::VerifyingKey::decode(encoded))))
}

fn key_id(name: &KeyName, kind: SignatureType, public: &[u8]) -> KeyId {
    let digest = Sha256::new()
        .chain_update(name.as_str())
        .chain_update(b"\n")
        .chain_update([kind.byte()])
        .chain_update(public)
        .finalize();
    KeyId(u32::from_be_bytes([digest[0], digest[1], digest[2], digest[3]]))
}

impl PartialEq for VerifierKey {
    fn eq(&self, other: &Self) -> bool {
        (&self.name, self.kind, &self.public) == (&other.name, other.kind, &other.public)
    }
}

impl Eq for VerifierKey {}

impl fmt::Debug for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "VerifierKey({}+{})", self.name, self.id)
    }
}

impl fmt::Display for VerifierKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let material = [&[self.kind.byte()], &self.public[..]].concat();
        write!(f, "{}+{}+{}", self.name, self.id, text::encode_base64(&material))
    }
}

impl FromStr for VerifierKey {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = || KeyError::Form(text::excerpt(text));
        let (name, said, kind, public) = key_parts(text, form)?;
        let key = Self::new(name, kind, &public)?;
        key.with_id(said)
    }
}

impl VerifierKey {
    fn with_id(self, said: KeyId) -> Result<Self, KeyError> {
        if said == self.id {
            Ok(self)
        } else {
            Err(KeyError::Id { name: self.name, said, computed: self.id })
        }
    }
}

/// Takes `<name>+<id>+<base64 of type and material>` apart. The base64 may have a `+` in it.
fn key_parts(
    text: &str,
    form: impl Fn() -> KeyError,
) -> Result<(KeyName, KeyId, SignatureType, Vec<u8>), KeyError> {
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(material)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(form());
    };
    let name: KeyName = name.parse()?;
    let id_is_hex = id.len() == 8 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
    let id = u32::from_str_radix(id, 16).ok().filter(|_| id_is_hex).ok_or_else(&form)?;
    let material = text::decode_base64(material).ok_or_else(&form)?;
    let (byte, material) = material.split_first().ok_or_else(&form)?;
    let kind =
        SignatureType::from_byte(*byte).ok_or_else(|| KeyError::Type { name: name.clone(), byte: *byte })?;
    Ok((name, KeyId(id), kind, material.to_vec()))
}

/// The signing device failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("could not sign: {0}")]
pub struct SignError(pub String);

impl From<SignatureError> for SignError {
    fn from(error: SignatureError) -> Self {
        Self(error.to_string())
    }
}

/// Whatever can sign: a key in memory, or a device that keeps it.
pub trait Signer: Send + Sync {
    /// The key that verifies its signatures.
    fn verifier(&self) -> &VerifierKey;

    /// Signs bytes: 64 of Ed25519 or 2,420 of ML-DSA-44 with an empty context.
    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, SignError>;

    /// Signs a text at a time, given as seconds since 1970: what stands in a note after the key id.
    fn sign(&self, text: &str, time: u64) -> Result<Vec<u8>, SignError> {
        let message = self.verifier().message(text, time)?;
        let raw = self.sign_bytes(&message)?;
        let with_time = self.verifier().signature_type().has_time();
        Ok(if with_time { [&time.to_be_bytes(), &raw[..]].concat() } else { raw })
    }
}

enum SecretKey {
    Ed25519(Box<ed25519_dalek::SigningKey>),
    MlDsa44(Box<ml_dsa::SigningKey<MlDsa44>>),
}

/// A secret key in memory. Wiped when dropped; never shown by `Debug`.
pub struct SignerKey {
    secret: SecretKey,
    verifier: VerifierKey,
}

impl SignerKey {
    /// Derives a key from 32 bytes, which must come from a source of secret randomness.
    ///
    /// # Errors
    /// Never in practice: the seed would have to give a weak key.
    pub fn from_seed(name: KeyName, kind: SignatureType, seed: &[u8; SEED_LEN]) -> Result<Self, KeyError> {
        let (secret, public) = match kind {
            SignatureType::Ed25519 | SignatureType::Cosignature => {
                let key = Box::new(ed25519_dalek::SigningKey::from_bytes(seed));
                let public = key.verifying_key().to_bytes().to_vec();
                (SecretKey::Ed25519(key), public)
            }
            SignatureType::MlDsa44 => {
                let key = Box::new(ml_dsa::SigningKey::<MlDsa44>::from_seed(&(*seed).into()));
                let public = key.verifying_key().encode().to_vec();
                (SecretKey::MlDsa44(key), public)
            }
        };
        Ok(Self { secret, verifier: VerifierKey::new(name, kind, &public)? })
    }

    /// Reads `PRIVATE+KEY+<name>+<id>+<base64 of type and seed>`, the form of Go's `sumdb/note`.
    pub fn from_secret_text(text: &str) -> Result<Self, KeyError> {
        let rest = text.strip_prefix("PRIVATE+KEY+").ok_or(KeyError::SecretForm)?;
        let (name, said, kind, seed) = key_parts(rest, || KeyError::SecretForm)?;
        let seed = seed.as_slice().try_into().map_err(|_| KeyError::SecretForm)?;
        let mut key = Self::from_seed(name, kind, seed)?;
        key.verifier = key.verifier.with_id(said)?;
        Ok(key)
    }

    /// The key as text. Whoever reads it can sign.
    pub fn to_secret_text(&self) -> String {
        let seed = match &self.secret {
            SecretKey::Ed25519(key) => key.to_bytes(),
            SecretKey::MlDsa44(key) => key.to_seed().into(),
        };
        let VerifierKey { name, id, kind, .. } = &self.verifier;
        let material = [&[kind.byte()], &seed[..]].concat();
        format!("PRIVATE+KEY+{name}+{id}+{}", text::encode_base64(&material))
    }
}

impl Signer for SignerKey {
    fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        match &self.secret {
            SecretKey::Ed25519(key) => Ok(key.sign(message).to_bytes().to_vec()),
            SecretKey::MlDsa44(key) => key
                .expanded_key()
                .sign_deterministic(message, &[])
                .map(|signature| signature.encode().to_vec())
                .map_err(|error| SignError(error.to_string())),
        }
    }
}

impl fmt::Debug for SignerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SignerKey({}+{})", self.verifier.name, self.verifier.id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Hash;

    const SPEC_KEY: &str = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
    const GO_SECRET: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
    const GO_KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    fn key(kind: SignatureType) -> SignerKey {
        SignerKey::from_seed("witness.example/w1".parse().unwrap(), kind, &[7; SEED_LEN]).unwrap()
    }

    fn checkpoint() -> String {
        Checkpoint::new("log.example".parse().unwrap(), 5, Hash([9; 32])).unwrap().to_string()
    }

    #[test]
    fn the_keys_of_others_read_back_as_written() {
        for text in [
            SPEC_KEY,
            GO_KEY,
            "TEST+7997405c+AQcC+FTVKf0jlTdHDY3rbevmnKxxPjigCXlVtGe6RIr6",
            "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
        ] {
            assert_eq!(text.parse::<VerifierKey>().unwrap().to_string(), text);
        }
    }

    #[test]
    fn a_secret_key_of_go_gives_its_public_key() {
        let key = SignerKey::from_secret_text(GO_SECRET).unwrap();
        assert_eq!(key.verifier().to_string(), GO_KEY);
        assert_eq!(key.to_secret_text(), GO_SECRET);
        assert!(!format!("{key:?}").contains("AYEK"));
    }

    #[test]
    fn every_type_reads_back_and_signs_a_checkpoint() {
        for kind in SignatureType::ALL {
            let key = SignerKey::from_secret_text(&key(kind).to_secret_text()).unwrap();
            let verifier: VerifierKey = key.verifier().to_string().parse().unwrap();
            let signature = key.sign(&checkpoint(), 1_679_315_147).unwrap();
            let time = kind.has_time().then_some(1_679_315_147);
            assert_eq!(verifier.verify(&checkpoint(), &signature), Ok(time), "{kind:?}");
            for at in [0, 8, signature.len() - 1] {
                let mut changed = signature.clone();
                changed[at] ^= 1;
                assert!(verifier.verify(&checkpoint(), &changed).is_err(), "{kind:?}, byte {at}");
            }
            let other = checkpoint().replace("\n5\n", "\n6\n");
            assert_eq!(verifier.verify(&other, &signature), Err(SignatureError::Mismatch), "{kind:?}");
            assert_eq!(
                verifier.verify(&checkpoint(), &signature[1..]),
                Err(SignatureError::Form),
                "{kind:?}"
            );
            assert_eq!(verifier.verify(&checkpoint(), &[]), Err(SignatureError::Form), "{kind:?}");
        }
    }

    #[test]
    fn one_secret_under_two_types_makes_signatures_that_do_not_stand_for_each_other() {
        let (log, witness) = (key(SignatureType::Ed25519), key(SignatureType::Cosignature));
        assert_ne!(log.verifier().id(), witness.verifier().id());
        let cosignature = witness.sign(&checkpoint(), 5).unwrap();
        assert!(log.verifier().verify(&checkpoint(), &cosignature[8..]).is_err());
    }

    #[test]
    fn a_cosignature_signs_exactly_the_bytes_of_the_specification() {
        let verifier = key(SignatureType::Cosignature).verifier().clone();
        let text = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
        let expected = format!("cosignature/v1\ntime 1679315147\n{text}");
        assert_eq!(verifier.message(text, 1_679_315_147).unwrap(), expected.as_bytes());

        let verifier = key(SignatureType::MlDsa44).verifier().clone();
        let root = text.parse::<Checkpoint>().unwrap().root();
        let mut expected = b"subtree/v1\n\0\x12witness.example/w1".to_vec();
        expected.extend([0, 0, 0, 0, 0x64, 0x18, 0x50, 0xcb]);
        expected.extend(b"\x1bexample.com/behind-the-sofa");
        expected.extend([0; 8]);
        expected.extend([0, 0, 0, 0, 0x01, 0x3e, 0x2d, 0xc3]);
        expected.extend(root.0);
        assert_eq!(verifier.message(text, 1_679_315_147).unwrap(), expected);
    }

    #[test]
    fn a_cosigner_signs_nothing_but_checkpoints() {
        for kind in [SignatureType::Cosignature, SignatureType::MlDsa44] {
            assert!(key(kind).sign("hello\n", 0).is_err(), "{kind:?}");
            assert!(key(kind).sign(&checkpoint(), u64::MAX).is_err(), "{kind:?}");
        }
        assert!(key(SignatureType::Ed25519).sign("hello\n", 0).is_ok());
    }

    #[test]
    fn a_damaged_key_is_refused() {
        for bad in [
            "",
            "example.com/foo",
            "example.com/foo+530d903a",
            "example.com/foo+530d903a+",
            "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "a b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "a\u{a0}b+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+30d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903b+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foO+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k ",
            "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2",
            "example.com/foo+530d903a+BekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        ] {
            assert!(bad.parse::<VerifierKey>().is_err(), "{bad}");
        }
        assert!(SignerKey::from_secret_text(GO_KEY).is_err());
        assert!(SignerKey::from_secret_text(&GO_SECRET.replace("c74f20a3", "c74f20a4")).is_err());
        assert!("n".repeat(256).parse::<KeyName>().is_err());
    }

    #[test]
    fn a_weak_public_key_is_refused() {
        let name: KeyName = "weak".parse().unwrap();
        let mut identity = [0; 32];
        identity[0] = 1;
        assert!(VerifierKey::new(name.clone(), SignatureType::Ed25519, &identity).is_err());
        assert!(VerifierKey::new(name, SignatureType::Cosignature, &[0; 32]).is_err());
    }
}
