//! The signed statement: a tagged `COSE_Sign1` (RFC 9052) with the claims of RFC 9597 in its protected header, as SCITT
//! (RFC 9943) asks. It is what a log keeps.
//!
//! Every byte but the signature is either signed or fixed: nobody can write a signed statement in another way. The order
//! of the labels in the protected header is the signer's, as other libraries choose it; everything else has one
//! encoding, and what is not byte for byte what would be written is refused.

use std::fmt;
use std::str::FromStr;

use coset::cbor::value::Value;
use coset::iana::EnumI64 as _;
use coset::{
    Algorithm as CoseAlgorithm, ContentType, CoseSign1, CoseSign1Builder, Header, HeaderBuilder, Label,
    TaggedCborSerializable,
};
use surety_core::StateCode;

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

/// Labels of the protected header beyond those that every COSE library reads.
mod label {
    pub(super) const CWT_CLAIMS: i64 = 15;
    pub(super) const X5CHAIN: i64 = 33;
    pub(super) const PAYLOAD_HASH_ALG: i64 = 258;
    pub(super) const PREIMAGE_CONTENT_TYPE: i64 = 259;
    pub(super) const PAYLOAD_LOCATION: i64 = 260;
}

/// Keys of CWT claims (RFC 8392).
const ISS: i64 = 1;
const SUB: i64 = 2;

/// SHA-256 in the registry of COSE algorithms.
const SHA_256: i64 = -16;

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
    cose: CoseSign1,
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
    Cose(String),
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
        let cose =
            CoseSign1::from_tagged_slice(bytes).map_err(|error| FormatError::Cose(error.to_string()))?;
        if !cose.unprotected.is_empty() {
            return Err(FormatError::Unprotected);
        }
        if cose.payload.is_none() {
            return Err(FormatError::Header("the payload is detached: attach it"));
        }
        let head = Head::read(&cose.protected.header)?;
        let signed = Self {
            bytes: bytes.to_vec(),
            algorithm: head.algorithm,
            key: head.key,
            issuer: head.issuer,
            subject: head.subject,
            certificates: head.certificates,
            envelope: head.envelope,
            cose,
        };
        if signed.is_canonical() { Ok(signed) } else { Err(FormatError::Encoding) }
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
        let bytes = cose.to_tagged_vec().map_err(|error| FormatError::Cose(error.to_string()))?;
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
        self.cose.payload.as_deref().unwrap_or_default()
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
        key.verify(&self.cose.tbs_data(&[]), &self.cose.signature)
    }

    /// Whether nothing is written longer than need be. In the protected header another order of labels is not longer.
    fn is_canonical(&self) -> bool {
        let Some(header) = &self.cose.protected.original_data else { return false };
        let header_is_short = header.len() == header_len(&self.cose.protected.header);
        // Tag, array and the empty unprotected header are a byte each. Whatever is written otherwise is longer.
        let strings = [Some(header), self.cose.payload.as_ref(), Some(&self.cose.signature)];
        let shortest =
            3 + strings.into_iter().flatten().map(|string| string_len(string.len())).sum::<usize>();
        header_is_short && self.bytes.len() == shortest
    }
}

/// How long a protected header that [`Head::read`] lets in is in CBOR, where nothing is longer than need be.
fn header_len(header: &Header) -> usize {
    let algorithm = match &header.alg {
        Some(CoseAlgorithm::Assigned(number)) => Some(integer_len(number.to_i64().into())),
        _ => None,
    };
    let content_type = match &header.content_type {
        Some(ContentType::Text(text)) => Some(string_len(text.len())),
        _ => None,
    };
    let key_id = Some(string_len(header.key_id.len()));
    // Their labels are a byte each.
    let known = [algorithm, content_type, key_id].into_iter().flatten().map(|len| 1 + len);
    let rest = header.rest.iter().map(|(label, value)| label_len(label) + value_len(value));
    let (count, len) = known.chain(rest).fold((0, 0), |(count, sum), len| (count + 1, sum + len));
    head_len(count) + len
}

fn label_len(label: &Label) -> usize {
    match label {
        Label::Int(number) => integer_len((*number).into()),
        Label::Text(text) => string_len(text.len()),
    }
}

fn value_len(value: &Value) -> usize {
    match value {
        Value::Integer(number) => integer_len((*number).into()),
        Value::Bytes(bytes) => string_len(bytes.len()),
        Value::Text(text) => string_len(text.len()),
        Value::Array(values) => head_len(values.len() as u64) + values.iter().map(value_len).sum::<usize>(),
        Value::Map(pairs) => {
            let pair_len = |(key, value): &(Value, Value)| value_len(key) + value_len(value);
            head_len(pairs.len() as u64) + pairs.iter().map(pair_len).sum::<usize>()
        }
        // No label has another kind of value.
        _ => 0,
    }
}

fn integer_len(number: i128) -> usize {
    let magnitude = if number < 0 { -1 - number } else { number };
    head_len(u64::try_from(magnitude).unwrap_or(u64::MAX))
}

/// How long a byte or text string is in CBOR, its head included.
fn string_len(len: usize) -> usize {
    head_len(len as u64) + len
}

/// How long the head of a value is in CBOR: a number, a length, a count.
fn head_len(number: u64) -> usize {
    match number {
        0..24 => 1,
        24..0x100 => 2,
        0x100..0x1_0000 => 3,
        0x1_0000..0x1_0000_0000 => 5,
        _ => 9,
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
    fn read(header: &Header) -> Result<Self, FormatError> {
        if !header.crit.is_empty() {
            return Err(FormatError::Header("it marks labels as critical, and none need be"));
        }
        if !(header.iv.is_empty() && header.partial_iv.is_empty() && header.counter_signatures.is_empty()) {
            return Err(FormatError::Header(
                "only alg, content type, kid, claims and certificates belong there",
            ));
        }
        let algorithm = match &header.alg {
            Some(CoseAlgorithm::Assigned(number)) => Algorithm::from_cose(*number),
            _ => None,
        };
        let algorithm =
            algorithm.ok_or(FormatError::Header("alg (1) is none of Ed25519, ES256 and ML-DSA-44"))?;
        let key = header.key_id.as_slice().try_into().map(Digest);
        let key = key.map_err(|_| {
            FormatError::Header("kid (4) is not the SHA-256 thumbprint (RFC 9679) of the key, 32 bytes")
        })?;
        let mut labels = Labels::default();
        for (label, value) in &header.rest {
            labels.read(label, value)?;
        }
        let (issuer, subject) = labels.claims.ok_or(FormatError::Header("the claims (15) are missing"))?;
        let envelope = match (&header.content_type, labels.hash, labels.content_type) {
            (Some(ContentType::Text(text)), false, None)
                if text == CONTENT_TYPE && labels.location.is_none() =>
            {
                None
            }
            (None, true, Some(content_type)) => Some(Envelope { content_type, location: labels.location }),
            _ => {
                return Err(FormatError::Header(
                    "the content type (3) is not application/vnd.surety.statement+json, or the labels of a hash \
                     envelope (258 to 260) are not together",
                ));
            }
        };
        Ok(Self { algorithm, key, issuer, subject, certificates: labels.certificates, envelope })
    }
}

/// The labels that COSE libraries leave to their users.
#[derive(Default)]
struct Labels {
    claims: Option<(IssuerId, Subject)>,
    certificates: Vec<Vec<u8>>,
    hash: bool,
    content_type: Option<String>,
    location: Option<String>,
}

impl Labels {
    fn read(&mut self, label: &Label, value: &Value) -> Result<(), FormatError> {
        match (label, value) {
            (Label::Int(label::CWT_CLAIMS), Value::Map(claims)) => self.claims = Some(read_claims(claims)?),
            (Label::Int(label::X5CHAIN), Value::Bytes(one)) => self.certificates = vec![one.clone()],
            (Label::Int(label::X5CHAIN), Value::Array(many))
                if (2..=CERTIFICATES_MAX).contains(&many.len()) =>
            {
                let bytes = |value: &Value| value.as_bytes().cloned();
                let many: Option<Vec<Vec<u8>>> = many.iter().map(bytes).collect();
                self.certificates = many.ok_or(FormatError::Header("a certificate (33) is not bytes"))?;
            }
            (Label::Int(label::PAYLOAD_HASH_ALG), Value::Integer(number))
                if i128::from(*number) == SHA_256.into() =>
            {
                self.hash = true;
            }
            (Label::Int(label::PREIMAGE_CONTENT_TYPE), Value::Text(text)) => {
                self.content_type = Some(text.clone());
            }
            (Label::Int(label::PAYLOAD_LOCATION), Value::Text(text)) => self.location = Some(text.clone()),
            (Label::Int(known), _) if [15, 33, 258, 259, 260].contains(known) => {
                return Err(FormatError::Header("the value of a label is not of the kind that it must be"));
            }
            (label, _) => return Err(FormatError::Label(shown(label))),
        }
        Ok(())
    }
}

fn shown(label: &Label) -> String {
    match label {
        Label::Int(number) => number.to_string(),
        Label::Text(text) => format!("`{}`", text.chars().take(40).collect::<String>().escape_debug()),
    }
}

/// `{1: iss, 2: sub}` and nothing else.
fn read_claims(claims: &[(Value, Value)]) -> Result<(IssuerId, Subject), FormatError> {
    match claims {
        [(Value::Integer(first), Value::Text(issuer)), (Value::Integer(second), Value::Text(subject))]
            if i128::from(*first) == ISS.into() && i128::from(*second) == SUB.into() =>
        {
            Ok((issuer.parse()?, subject.parse()?))
        }
        _ => Err(FormatError::Header("the claims (15) are not the issuer (1) and the subject (2), as text")),
    }
}
