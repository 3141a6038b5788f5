//! A key on a token, ready to sign.

use std::env;
use std::fmt;
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::Mechanism;
use cryptoki::mechanism::eddsa::{EddsaParams, EddsaSignatureScheme};
use cryptoki::object::{Attribute, AttributeType, KeyType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::Slot;
use cryptoki::types::AuthPin;
use sha2::{Digest as _, Sha256};
use surety_log::{KeyName, SignatureType, Signer, VerifierKey};
use surety_statement::{Algorithm, IssuerKey, StatementSigner};
use zeroize::Zeroizing;

use crate::address::{PinSource, TokenAddress};

/// The most bytes of a PIN.
const PIN_LEN_MAX: u64 = 256;

/// The parameters of P-256: the object identifier 1.2.840.10045.3.1.7 in DER.
const P256_PARAMETERS: &[u8] = &[0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07];

/// The bytes of an Ed25519 public key, and of an uncompressed point on P-256.
const ED25519_PUBLIC_LEN: usize = 32;
const P256_POINT_LEN: usize = 65;

/// Why a key on a token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The module cannot be loaded.
    #[error(
        "cannot load the PKCS#11 module {module}: {why}. Install what the maker of the token supplies, or correct module-path"
    )]
    Module {
        /// The file.
        module: String,
        /// Why not.
        why: String,
    },
    /// No such token.
    #[error("no token is called `{wanted}`; there are: {found}")]
    NoToken {
        /// What was asked for.
        wanted: String,
        /// What there is.
        found: String,
    },
    /// Several tokens fit.
    #[error("{0} tokens fit the name of the key: add token= or serial=")]
    ManyTokens(usize),
    /// The PIN could not be read.
    #[error("cannot read the PIN from {place}: {why}")]
    Pin {
        /// From where.
        place: String,
        /// Why not.
        why: String,
    },
    /// The token does not take the PIN.
    #[error("the token does not take this PIN; after a few more wrong ones it locks itself")]
    WrongPin,
    /// Too many wrong PINs.
    #[error("the token is locked after too many wrong PINs: its security officer can unlock it")]
    Locked,
    /// No such key, or several.
    #[error("{count} keys on the token fit `{address}`, and one must: correct object=, or add id=")]
    Key {
        /// The name of the key.
        address: String,
        /// How many fit.
        count: usize,
    },
    /// A key of another type, or of an unusable form.
    #[error(
        "the key is not usable: {0}. Statements are signed with Ed25519 or P-256 keys, checkpoints with Ed25519"
    )]
    Unusable(String),
    /// The token failed.
    #[error("the token failed to {doing}: {why}")]
    Token {
        /// What was tried.
        doing: &'static str,
        /// Why not.
        why: String,
    },
}

fn failed(doing: &'static str) -> impl FnOnce(Error) -> TokenError {
    move |error| match error {
        Error::Pkcs11(RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange, _) => {
            TokenError::WrongPin
        }
        Error::Pkcs11(RvError::PinLocked, _) => TokenError::Locked,
        error => TokenError::Token { doing, why: error.to_string() },
    }
}

/// A key on a token. What it signs is verified before it is handed out: a token that fails is noticed.
pub struct TokenKey {
    /// A session does one thing at a time.
    session: Mutex<Session>,
    handle: ObjectHandle,
    public: IssuerKey,
    certificates: Vec<Vec<u8>>,
}

impl TokenKey {
    /// Opens a key. `ask` is called for the PIN when nothing else supplies it, with the name of the token.
    pub fn open(
        address: &TokenAddress,
        ask: impl FnOnce(&str) -> io::Result<Zeroizing<String>>,
    ) -> Result<Self, TokenError> {
        let module = load(address.module())?;
        let (slot, label) = slot(&module, address)?;
        let pin = pin(address.pin_source(), &label, ask)?;
        let session = module.open_ro_session(slot).map_err(failed("open a session"))?;
        match session.login(UserType::User, Some(&AuthPin::new(pin.as_str().into()))) {
            // Another key of this process on the same token.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => {}
            Err(error) => return Err(failed("log in")(error)),
        }
        let handle = find(&session, ObjectClass::PRIVATE_KEY, address)?;
        let public = public_key(&session, handle, address)?;
        Ok(Self { session: Mutex::new(session), handle, public, certificates: Vec::new() })
    }

    /// The same key with its certificates in DER, its own first.
    #[must_use]
    pub fn with_certificates(mut self, certificates: Vec<Vec<u8>>) -> Self {
        self.certificates = certificates;
        self
    }

    /// The public key.
    pub fn public(&self) -> &IssuerKey {
        &self.public
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, String> {
        let session = self.session.lock().unwrap_or_else(PoisonError::into_inner);
        let signed = if self.public.algorithm() == Algorithm::Es256 {
            session.sign(&Mechanism::Ecdsa, self.handle, &Sha256::digest(message))
        } else {
            let pure = Mechanism::Eddsa(EddsaParams::new(EddsaSignatureScheme::Ed25519));
            session.sign(&pure, self.handle, message)
        };
        let mut signature = signed.map_err(|error| error.to_string())?;
        if self.public.algorithm() == Algorithm::Es256 {
            let raw = p256::ecdsa::Signature::from_slice(&signature).map_err(|error| error.to_string())?;
            // Of the two forms of each signature, one is used: as keys in memory do.
            signature = raw.normalize_s().to_bytes().to_vec();
        }
        self.public
            .verify(message, &signature)
            .map_err(|_| "the token made a signature that does not verify")?;
        Ok(signature)
    }
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TokenKey({:?})", self.public)
    }
}

impl StatementSigner for TokenKey {
    fn key(&self) -> &IssuerKey {
        &self.public
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, surety_statement::SignError> {
        self.sign(message).map_err(surety_statement::SignError)
    }

    fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }
}

/// A key on a token that signs checkpoints: of its log, or as a witness.
#[derive(Debug)]
pub struct LogTokenKey {
    key: TokenKey,
    verifier: VerifierKey,
}

impl LogTokenKey {
    /// The key of a log or of a witness, called so.
    ///
    /// # Errors
    /// When it is not an Ed25519 key, or is to sign with ML-DSA.
    pub fn new(key: TokenKey, name: KeyName, kind: SignatureType) -> Result<Self, TokenError> {
        let unusable = |why: &str| TokenError::Unusable(why.to_owned());
        if key.public.algorithm() != Algorithm::Ed25519 || kind == SignatureType::MlDsa44 {
            return Err(unusable("checkpoints are signed with an Ed25519 key of the token"));
        }
        let verifier = VerifierKey::new(name, kind, key.public.public_bytes())
            .map_err(|error| TokenError::Unusable(error.to_string()))?;
        Ok(Self { key, verifier })
    }
}

impl Signer for LogTokenKey {
    fn verifier(&self) -> &VerifierKey {
        &self.verifier
    }

    fn sign_bytes(&self, message: &[u8]) -> Result<Vec<u8>, surety_log::SignError> {
        self.key.sign(message).map_err(surety_log::SignError)
    }
}

fn load(path: &Path) -> Result<Pkcs11, TokenError> {
    let unusable =
        |error: Error| TokenError::Module { module: path.display().to_string(), why: error.to_string() };
    let module = Pkcs11::new(path).map_err(unusable)?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        // Another key of this process behind the same module.
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(module),
        Err(error) => Err(unusable(error)),
    }
}

/// The one token that fits, and its label.
fn slot(module: &Pkcs11, address: &TokenAddress) -> Result<(Slot, String), TokenError> {
    let slots = module.get_slots_with_initialized_token().map_err(failed("list tokens"))?;
    let mut fitting = Vec::new();
    let mut found = Vec::new();
    for slot in slots {
        let token = module.get_token_info(slot).map_err(failed("describe itself"))?;
        let fits = |wanted: &Option<String>, is: &str| wanted.as_ref().is_none_or(|wanted| wanted == is);
        if fits(&address.token, token.label()) && fits(&address.serial, token.serial_number()) {
            fitting.push((slot, token.label().to_owned()));
        }
        found.push(format!("`{}` (serial {})", token.label(), token.serial_number()));
    }
    let count = fitting.len();
    match fitting.pop() {
        Some(slot) if count == 1 => Ok(slot),
        Some(_) => Err(TokenError::ManyTokens(count)),
        None => Err(TokenError::NoToken {
            wanted: address
                .token
                .clone()
                .or_else(|| address.serial.clone())
                .unwrap_or_else(|| "any".to_owned()),
            found: if found.is_empty() { "none".to_owned() } else { found.join(", ") },
        }),
    }
}

fn pin(
    source: &PinSource,
    token: &str,
    ask: impl FnOnce(&str) -> io::Result<Zeroizing<String>>,
) -> Result<Zeroizing<String>, TokenError> {
    match source {
        PinSource::Ask => ask(token)
            .map_err(|error| TokenError::Pin { place: "the terminal".to_owned(), why: error.to_string() }),
        PinSource::Environment(name) => env::var(name).map(Zeroizing::new).map_err(|error| TokenError::Pin {
            place: format!("the environment variable {name}"),
            why: error.to_string(),
        }),
        PinSource::File(path) => {
            let mut text = Zeroizing::new(String::new());
            let read = File::open(path).and_then(|file| file.take(PIN_LEN_MAX).read_to_string(&mut text));
            read.map_err(|error| TokenError::Pin {
                place: path.display().to_string(),
                why: error.to_string(),
            })?;
            Ok(Zeroizing::new(text.lines().next().unwrap_or_default().to_owned()))
        }
    }
}

/// The one object of a class that the address names.
fn find(session: &Session, class: ObjectClass, address: &TokenAddress) -> Result<ObjectHandle, TokenError> {
    let mut template = vec![Attribute::Class(class)];
    template.extend(address.object.iter().map(|label| Attribute::Label(label.clone().into_bytes())));
    template.extend(address.id.iter().map(|id| Attribute::Id(id.clone())));
    one(session, &template, address)
}

fn one(
    session: &Session,
    template: &[Attribute],
    address: &TokenAddress,
) -> Result<ObjectHandle, TokenError> {
    let found = session.find_objects(template).map_err(failed("find the key"))?;
    match found[..] {
        [handle] => Ok(handle),
        _ => Err(TokenError::Key { address: address.to_string(), count: found.len() }),
    }
}

/// The public key that belongs to a private one.
fn public_key(
    session: &Session,
    private: ObjectHandle,
    address: &TokenAddress,
) -> Result<IssuerKey, TokenError> {
    let wanted = [AttributeType::KeyType, AttributeType::EcParams, AttributeType::EcPoint, AttributeType::Id];
    let told = session.get_attributes(private, &wanted).map_err(failed("describe the key"))?;
    let algorithm = algorithm(&told)?;
    let point = match point(&told) {
        Some(point) => point,
        None => point_of_public(session, &told, address)?,
    };
    let public = match algorithm {
        Algorithm::Es256 => {
            let point = p256::ecdsa::VerifyingKey::from_sec1_bytes(unwrapped(&point, P256_POINT_LEN)?)
                .map_err(|error| TokenError::Unusable(error.to_string()))?;
            point.to_sec1_point(true).as_bytes().to_vec()
        }
        _ => unwrapped(&point, ED25519_PUBLIC_LEN)?.to_vec(),
    };
    IssuerKey::new(algorithm, &public).map_err(|error| TokenError::Unusable(error.to_string()))
}

fn algorithm(told: &[Attribute]) -> Result<Algorithm, TokenError> {
    let key_type = told
        .iter()
        .find_map(|attribute| if let Attribute::KeyType(value) = attribute { Some(*value) } else { None });
    let is_p256 = told.iter().any(|attribute| *attribute == Attribute::EcParams(P256_PARAMETERS.to_vec()));
    match key_type {
        // Of another curve than Ed25519, the public key has another length.
        Some(KeyType::EC_EDWARDS) => Ok(Algorithm::Ed25519),
        Some(KeyType::EC) if is_p256 => Ok(Algorithm::Es256),
        Some(KeyType::EC) => Err(TokenError::Unusable("it is on another curve than P-256".to_owned())),
        Some(other) => Err(TokenError::Unusable(format!("it is of the type {other}"))),
        None => Err(TokenError::Unusable("the token does not tell its type".to_owned())),
    }
}

fn point(told: &[Attribute]) -> Option<Vec<u8>> {
    told.iter().find_map(|attribute| match attribute {
        Attribute::EcPoint(point) if !point.is_empty() => Some(point.clone()),
        _ => None,
    })
}

/// Many tokens tell the point of the public key only, which has the id of the private one, or its label.
fn point_of_public(
    session: &Session,
    private: &[Attribute],
    address: &TokenAddress,
) -> Result<Vec<u8>, TokenError> {
    let id = private.iter().find(|attribute| matches!(attribute, Attribute::Id(id) if !id.is_empty()));
    let label = address.object.iter().map(|label| Attribute::Label(label.clone().into_bytes()));
    let same: Vec<Attribute> = id.cloned().map_or_else(|| label.collect(), |id| vec![id]);
    let template = [&[Attribute::Class(ObjectClass::PUBLIC_KEY)], &same[..]].concat();
    let public = one(session, &template, address)?;
    let told =
        session.get_attributes(public, &[AttributeType::EcPoint]).map_err(failed("tell the public key"))?;
    point(&told).ok_or_else(|| TokenError::Unusable("the token does not tell its public key".to_owned()))
}

/// A point is wrapped in a DER octet string, as the standard says, or bare, as some tokens have it.
fn unwrapped(point: &[u8], len: usize) -> Result<&[u8], TokenError> {
    match point {
        [0x04, said, rest @ ..] if usize::from(*said) == len && rest.len() == len => Ok(rest),
        bare if bare.len() == len => Ok(bare),
        _ => Err(TokenError::Unusable(format!(
            "its public key has {} bytes, and {len} were expected",
            point.len()
        ))),
    }
}
