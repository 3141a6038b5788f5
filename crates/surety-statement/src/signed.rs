//! The signed statement: a tagged `COSE_Sign1` (RFC 9052) with the claims of RFC 9597 in its protected header, as SCITT
//! (RFC 9943) asks. It is what a log keeps.
//!
//! Every byte but the signature is either signed or fixed: nobody can write a signed statement in another way. The order
//! of the labels in the protected header is the signer's, as other libraries choose it; everything else has one
//! encoding, and what is not byte for byte what would be written is refused.

use std::fmt;
use std::ops::Range;
use std::str::FromStr;

use coset::cbor::value::Value;
use coset::iana::{self, EnumI64 as _};
use coset::{CoseSign1Builder, Header, HeaderBuilder, TaggedCborSerializable as _};
use surety_core::StateCode;

use crate::cbor::{CborError, Item, Items};
use crate::digest::Digest;
use crate::issuer_id::{IssuerId, ParseIssuerIdError};
use crate::key::{Algorithm, IssuerKey, KeyThumbprint, SignError, SignatureMismatch, StatementSigner};
use crate::payload::{Draft, Payload, PayloadError};

/// The most bytes of a signed statement: what a log entry can hold.
pub const STATEMENT_LEN_MAX: usize = 65_535;

/// The media type of the payload.
pub const CONTENT_TYPE: &str = "application/vnd.surety.statement+json";

/// The most certificates that a statement carries.
pub const CERTIFICATES_MAX: usize = 8;

/// The tag of a `COSE_Sign1`.
const COSE_SIGN1: u64 = 18;

/// Labels of the protected header.
mod label {
    pub(super) const ALG: i64 = 1;
    pub(super) const CRIT: i64 = 2;
    pub(super) const CONTENT_TYPE: i64 = 3;
    pub(super) const KID: i64 = 4;
    pub(super) const IV: i64 = 5;
    pub(super) const COUNTER_SIGNATURE: i64 = 7;
    pub(super) const CWT_CLAIMS: i64 = 15;
    pub(super) const X5CHAIN: i64 = 33;
    pub(super) const PAYLOAD_HASH_ALG: i64 = 258;
    pub(super) const PREIMAGE_CONTENT_TYPE: i64 = 259;
    pub(super) const PAYLOAD_LOCATION: i64 = 260;

    pub(super) const KNOWN: [i64; 8] = [
        ALG,
        CONTENT_TYPE,
        KID,
        CWT_CLAIMS,
        X5CHAIN,
        PAYLOAD_HASH_ALG,
        PREIMAGE_CONTENT_TYPE,
        PAYLOAD_LOCATION,
    ];
}

/// Keys of CWT claims (RFC 8392).
const ISS: i64 = 1;
const SUB: i64 = 2;

/// SHA-256 in the registry of COSE algorithms.
const SHA_256: i64 = -16;

const ALG_ERROR: FormatError = FormatError::Header("alg (1) is none of Ed25519, ES256 and ML-DSA-44");
const KID_ERROR: FormatError =
    FormatError::Header("kid (4) is not the SHA-256 thumbprint (RFC 9679) of the key, 32 bytes");

/// What a statement is about: the `sub` claim of its header.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A State.
    State(StateCode),
    /// The world as a whole.
    World,
    /// Who may say what in a log.
    Policy,
}

impl Subject {
    /// The State, if it is about one.
    pub fn state(self) -> Option<StateCode> {
        match self {
            Self::State(state) => Some(state),
            Self::World | Self::Policy => None,
        }
    }
}

impl From<Option<StateCode>> for Subject {
    fn from(state: Option<StateCode>) -> Self {
        state.map_or(Self::World, Self::State)
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::State(state) => state.fmt(f),
            Self::World => f.pad("world"),
            Self::Policy => f.pad("policy"),
        }
    }
}

/// The text is not a subject.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this is not what a statement can be about: use a State code such as JPN, or `world`, or `policy`")]
pub struct ParseSubjectError;

impl FromStr for Subject {
    type Err = ParseSubjectError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "world" => Ok(Self::World),
            "policy" => Ok(Self::Policy),
            code => match code.parse::<StateCode>() {
                Ok(state) if state.as_str() == code => Ok(Self::State(state)),
                _ => Err(ParseSubjectError),
            },
        }
    }
}

/// A large document that is signed by its digest (RFC 9995): where the statement has its digest for a payload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    /// What the document is.
    pub content_type: String,
    /// Where it can be had, if the statement says so.
    pub location: Option<String>,
}

/// A signed statement. What it says may be believed only after [`SignedStatement::verify`].
#[derive(Debug, Clone)]
pub struct SignedStatement {
    bytes: Vec<u8>,
    /// Where its parts are in the bytes, one after the other: `parse` alone makes them, from the same bytes, so that none
    /// lies outside.
    protected: Range<usize>,
    payload: Range<usize>,
    signature: Range<usize>,
    algorithm: Algorithm,
    key: KeyThumbprint,
    issuer: IssuerId,
    subject: Subject,
    certificates: Vec<Vec<u8>>,
    envelope: Option<Envelope>,
}

impl PartialEq for SignedStatement {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

impl Eq for SignedStatement {}

/// Why bytes are not a signed statement.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// More bytes than a log entry can hold.
    #[error(
        "it has {0} bytes, and a statement has at most {STATEMENT_LEN_MAX}: sign the digest of a large document"
    )]
    TooLong(usize),
    /// Not COSE.
    #[error("it is not a tagged COSE_Sign1: {0}")]
    Cose(&'static str),
    /// COSE in another encoding than the one allowed.
    #[error("its encoding is not the one that RFC 8949 section 4.2.1 prescribes: encode it again")]
    Encoding,
    /// Something in the header that nobody signed.
    #[error("its unprotected header is not empty: what stands there is signed by nobody")]
    Unprotected,
    /// Something that is missing from the protected header, or malformed in it.
    #[error("its protected header: {0}")]
    Header(&'static str),
    /// A label that means nothing here.
    #[error("its protected header has the label {0}, which is not known here")]
    Label(String),
    /// The issuer.
    #[error(transparent)]
    Issuer(#[from] ParseIssuerIdError),
    /// The subject.
    #[error(transparent)]
    Subject(#[from] ParseSubjectError),
}

impl From<CborError> for FormatError {
    fn from(error: CborError) -> Self {
        match error {
            CborError::Malformed => Self::Cose("its CBOR is broken, or something is missing or too much"),
            CborError::Kind => Self::Cose("its protected header or its signature is no byte string"),
            CborError::Encoding => Self::Encoding,
        }
    }
}

/// Why a statement could not be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignStatementError {
    /// What it says.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// The signing device.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// What came out is none.
    #[error("the signed statement: {0}")]
    Format(#[from] FormatError),
    /// The device signs with another key than it says.
    #[error("the signature is not by the key that the signer names: {0}")]
    Key(#[from] SignatureMismatch),
}

impl SignedStatement {
    /// Reads a signed statement. Nothing is verified yet.
    pub fn parse(bytes: &[u8]) -> Result<Self, FormatError> {
        if bytes.len() > STATEMENT_LEN_MAX {
            return Err(FormatError::TooLong(bytes.len()));
        }
        let mut items = Items::new(bytes);
        if items.next()? != Item::Tag(COSE_SIGN1) || items.next()? != Item::Array(4) {
            return Err(FormatError::Cose("it does not begin with tag 18 and an array of four"));
        }
        let protected = items.byte_string()?;
        match items.next()? {
            Item::Map(0) => {}
            Item::Map(_) => return Err(FormatError::Unprotected),
            _ => return Err(FormatError::Cose("its unprotected header is no map")),
        }
        let payload = match items.next()? {
            Item::Bytes(payload) => items.place_of(payload),
            Item::Null => return Err(FormatError::Header("the payload is detached: attach it")),
            _ => return Err(FormatError::Cose("its payload is no byte string")),
        };
        let signature = items.byte_string()?;
        items.end()?;
        let head = Head::read(&bytes[protected.clone()])?;
        Ok(Self {
            bytes: bytes.to_vec(),
            protected,
            payload,
            signature,
            algorithm: head.algorithm,
            key: head.key,
            issuer: head.issuer,
            subject: head.subject,
            certificates: head.certificates,
            envelope: head.envelope,
        })
    }

    /// Signs a draft.
    pub fn sign(draft: &Draft, signer: &dyn StatementSigner) -> Result<Self, SignStatementError> {
        let payload = draft.payload.to_bytes()?;
        let header =
            header(signer, &draft.issuer, draft.payload.subject).content_type(CONTENT_TYPE.to_owned());
        let header = with_certificates(header, signer.certificates());
        Self::sign_header(header.build(), payload, signer)
    }

    /// Signs the digest of a document, which stays where it is (RFC 9995).
    pub fn sign_document(
        issuer: &IssuerId,
        subject: Subject,
        document: Digest,
        envelope: &Envelope,
        signer: &dyn StatementSigner,
    ) -> Result<Self, SignStatementError> {
        let mut header = with_certificates(header(signer, issuer, subject), signer.certificates())
            .value(label::PAYLOAD_HASH_ALG, SHA_256.into())
            .value(label::PREIMAGE_CONTENT_TYPE, Value::Text(envelope.content_type.clone()));
        if let Some(location) = &envelope.location {
            header = header.value(label::PAYLOAD_LOCATION, Value::Text(location.clone()));
        }
        Self::sign_header(header.build(), document.0.to_vec(), signer)
    }

    fn sign_header(
        header: Header,
        payload: Vec<u8>,
        signer: &dyn StatementSigner,
    ) -> Result<Self, SignStatementError> {
        let cose = CoseSign1Builder::new()
            .protected(header)
            .payload(payload)
            .try_create_signature(&[], |message| signer.sign_bytes(message))?
            .build();
        let bytes = cose.to_tagged_vec().map_err(|_| FormatError::Cose("it cannot be written"))?;
        let statement = Self::parse(&bytes)?;
        statement.verify(signer.key())?;
        Ok(statement)
    }

    /// Who says it.
    pub fn issuer(&self) -> &IssuerId {
        &self.issuer
    }

    /// About whom.
    pub fn subject(&self) -> Subject {
        self.subject
    }

    /// The algorithm of its signature.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key that is said to have signed it.
    pub fn key(&self) -> KeyThumbprint {
        self.key
    }

    /// The certificates that it carries in DER, that of the key first.
    pub fn certificates(&self) -> &[Vec<u8>] {
        &self.certificates
    }

    /// Of a document signed by its digest, what the document is.
    pub fn envelope(&self) -> Option<&Envelope> {
        self.envelope.as_ref()
    }

    /// The payload, byte for byte: JSON, or the digest of a document.
    pub fn payload_bytes(&self) -> &[u8] {
        &self.bytes[self.payload.clone()]
    }

    /// What identifies the payload in references, and in `previous` of the next statement.
    pub fn payload_digest(&self) -> Digest {
        Digest::of(self.payload_bytes())
    }

    /// What the statement says.
    pub fn payload(&self) -> Result<Payload, PayloadError> {
        if self.envelope.is_some() {
            let why = "it is the digest of a document and not JSON: check the document against it";
            return Err(PayloadError::Rule(why.to_owned()));
        }
        Payload::parse(self.payload_bytes(), self.subject)
    }

    /// The signed statement, byte for byte.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Checks that this key signed it.
    pub fn verify(&self, key: &IssuerKey) -> Result<(), SignatureMismatch> {
        if key.thumbprint() != self.key || key.algorithm() != self.algorithm {
            return Err(SignatureMismatch);
        }
        key.verify(&self.signed_bytes(), &self.bytes[self.signature.clone()])
    }

    /// What the signature is over: `Sig_structure` of RFC 9052, section 4.4, which is an array of `Signature1`, the
    /// protected header, no further data, and the payload. As nothing has two encodings, they are copied as they stand.
    fn signed_bytes(&self) -> Vec<u8> {
        let tag_and_array = 2;
        let unprotected = 1;
        let protected = &self.bytes[tag_and_array..self.protected.end];
        let payload = &self.bytes[self.protected.end + unprotected..self.payload.end];
        [b"\x84\x6aSignature1", protected, b"\x40", payload].concat()
    }
}

fn header(signer: &dyn StatementSigner, issuer: &IssuerId, subject: Subject) -> HeaderBuilder {
    let text = |value: &dyn fmt::Display| Value::Text(value.to_string());
    let claims = vec![(ISS.into(), text(issuer)), (SUB.into(), text(&subject))];
    HeaderBuilder::new()
        .algorithm(signer.key().algorithm().cose())
        .key_id(signer.key().thumbprint().0.to_vec())
        .value(label::CWT_CLAIMS, Value::Map(claims))
}

fn with_certificates(header: HeaderBuilder, certificates: &[Vec<u8>]) -> HeaderBuilder {
    match certificates {
        [] => header,
        [one] => header.value(label::X5CHAIN, Value::Bytes(one.clone())),
        many => header
            .value(label::X5CHAIN, Value::Array(many.iter().map(|one| Value::Bytes(one.clone())).collect())),
    }
}

/// What the protected header says.
struct Head {
    algorithm: Algorithm,
    key: KeyThumbprint,
    issuer: IssuerId,
    subject: Subject,
    certificates: Vec<Vec<u8>>,
    envelope: Option<Envelope>,
}

impl Head {
    fn read(header: &[u8]) -> Result<Self, FormatError> {
        let labels = Labels::read(header)?;
        let algorithm = labels.algorithm.ok_or(ALG_ERROR)?;
        let key = labels.key.ok_or(KID_ERROR)?;
        let (issuer, subject) = labels.claims.ok_or(FormatError::Header("the claims (15) are missing"))?;
        let envelope = match (labels.content_type, labels.hash, labels.preimage) {
            (Some(CONTENT_TYPE), None, None) if labels.location.is_none() => None,
            (None, Some(()), Some(content_type)) => {
                Some(Envelope { content_type, location: labels.location })
            }
            _ => {
                return Err(FormatError::Header(
                    "the content type (3) is not application/vnd.surety.statement+json, or the labels of a hash \
                     envelope (258 to 260) are not together",
                ));
            }
        };
        Ok(Self {
            algorithm,
            key,
            issuer,
            subject,
            certificates: labels.certificates.unwrap_or_default(),
            envelope,
        })
    }
}

/// The labels of a protected header, as they stand there.
#[derive(Default)]
struct Labels<'b> {
    algorithm: Option<Algorithm>,
    content_type: Option<&'b str>,
    key: Option<KeyThumbprint>,
    claims: Option<(IssuerId, Subject)>,
    certificates: Option<Vec<Vec<u8>>>,
    /// Whether the payload is a digest.
    hash: Option<()>,
    preimage: Option<String>,
    location: Option<String>,
}

impl<'b> Labels<'b> {
    fn read(header: &'b [u8]) -> Result<Self, FormatError> {
        let mut items = Items::new(header);
        let Item::Map(count) = items.next()? else { return Err(FormatError::Header("it is no map")) };
        let mut labels = Self::default();
        for _ in 0..count {
            match items.next()? {
                Item::Integer(label) => labels.read_value(label, &mut items)?,
                Item::Text(label) => return Err(FormatError::Label(shown(label))),
                _ => return Err(FormatError::Header("a label is neither a number of COSE nor text")),
            }
        }
        items.end()?;
        Ok(labels)
    }

    fn read_value(&mut self, label: i64, items: &mut Items<'b>) -> Result<(), FormatError> {
        match (label, items.next()?) {
            (label::CRIT, _) => Err(FormatError::Header("it marks labels as critical, and none need be")),
            (label::IV..=label::COUNTER_SIGNATURE, _) => {
                Err(FormatError::Header("only alg, content type, kid, claims and certificates belong there"))
            }
            (label::ALG, Item::Integer(number)) => set(&mut self.algorithm, algorithm(number)?),
            (label::CONTENT_TYPE, Item::Text(text)) => set(&mut self.content_type, text),
            (label::KID, Item::Bytes(bytes)) => set(&mut self.key, thumbprint(bytes)?),
            (label::CWT_CLAIMS, Item::Map(2)) => set(&mut self.claims, read_claims(items)?),
            (label::X5CHAIN, Item::Bytes(one)) => set(&mut self.certificates, vec![one.to_vec()]),
            (label::X5CHAIN, Item::Array(count @ 2..=CERTIFICATES_MAX)) => {
                set(&mut self.certificates, read_certificates(count, items)?)
            }
            (label::PAYLOAD_HASH_ALG, Item::Integer(SHA_256)) => set(&mut self.hash, ()),
            (label::PREIMAGE_CONTENT_TYPE, Item::Text(text)) => set(&mut self.preimage, text.to_owned()),
            (label::PAYLOAD_LOCATION, Item::Text(text)) => set(&mut self.location, text.to_owned()),
            (known, _) if label::KNOWN.contains(&known) => {
                Err(FormatError::Header("the value of a label is not of the kind that it must be"))
            }
            (label, _) => Err(FormatError::Label(label.to_string())),
        }
    }
}

/// A label stands in a header once.
fn set<T>(slot: &mut Option<T>, value: T) -> Result<(), FormatError> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(FormatError::Header("a label stands there twice")),
    }
}

fn algorithm(number: i64) -> Result<Algorithm, FormatError> {
    iana::Algorithm::from_i64(number).and_then(Algorithm::from_cose).ok_or(ALG_ERROR)
}

fn thumbprint(bytes: &[u8]) -> Result<KeyThumbprint, FormatError> {
    bytes.try_into().map(Digest).map_err(|_| KID_ERROR)
}

fn read_certificates(count: usize, items: &mut Items<'_>) -> Result<Vec<Vec<u8>>, FormatError> {
    let one = |_| match items.next()? {
        Item::Bytes(bytes) => Ok(bytes.to_vec()),
        _ => Err(FormatError::Header("a certificate (33) is not bytes")),
    };
    (0..count).map(one).collect()
}

/// `{1: iss, 2: sub}` and nothing else.
fn read_claims(items: &mut Items<'_>) -> Result<(IssuerId, Subject), FormatError> {
    match (items.next()?, items.next()?, items.next()?, items.next()?) {
        (Item::Integer(ISS), Item::Text(issuer), Item::Integer(SUB), Item::Text(subject)) => {
            Ok((issuer.parse()?, subject.parse()?))
        }
        _ => Err(FormatError::Header("the claims (15) are not the issuer (1) and the subject (2), as text")),
    }
}

fn shown(label: &str) -> String {
    format!("`{}`", label.chars().take(40).collect::<String>().escape_debug())
}
