//! Why a statement is not admitted.

use surety_core::Date;

use crate::certificate::CertificateError;
use crate::content::Kind;
use crate::digest::Digest;
use crate::issuer_id::IssuerId;
use crate::key::KeyThumbprint;
use crate::payload::PayloadError;
use crate::signed::FormatError;

/// Why a statement is not admitted to a log. Every refusal says what to do.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The bytes are no signed statement.
    #[error("this is not a signed statement: {0}")]
    Format(#[from] FormatError),
    /// The digest of a document: nothing in it can be checked.
    #[error(
        "this statement is only the digest of a document, so nothing that it says can be checked: \
         log a statement that has the document as evidence, with its digest"
    )]
    Envelope,
    /// The first entry of a log.
    #[error(
        "the log has no root of trust yet: its first entry must be a `root` statement, signed by one of its officers"
    )]
    NoRoot,
    /// Nobody of that name.
    #[error("no issuer called `{0}` is admitted: ask the officers of the root to admit it")]
    UnknownIssuer(IssuerId),
    /// A key that the issuer does not have.
    #[error(
        "`{issuer}` has no key with the thumbprint {key}: sign with a key that is admitted, or have this one admitted"
    )]
    UnknownKey {
        /// The issuer.
        issuer: IssuerId,
        /// The key.
        key: KeyThumbprint,
    },
    /// A key that counts no longer.
    #[error(
        "the key {} of `{issuer}` ended at entry {entry} ({why}): nothing that it signs is logged any more", key.short()
    )]
    KeyEnded {
        /// The issuer.
        issuer: IssuerId,
        /// The key.
        key: KeyThumbprint,
        /// The entry that ended it.
        entry: u64,
        /// What happened to it.
        why: String,
    },
    /// A key past its last day.
    #[error("the key {} of `{issuer}` expired after {not_after}: have a new one admitted", key.short())]
    KeyExpired {
        /// The issuer.
        issuer: IssuerId,
        /// The key.
        key: KeyThumbprint,
        /// Its last day.
        not_after: Date,
    },
    /// The signature.
    #[error(
        "the signature is not by the key of `{0}` that it names: the statement was changed, or not signed by it"
    )]
    Signature(IssuerId),
    /// A certificate that is not for the key that signed.
    #[error(transparent)]
    Certificate(#[from] CertificateError),
    /// The payload.
    #[error(transparent)]
    Payload(#[from] PayloadError),
    /// Something that this issuer may not say.
    #[error("`{issuer}` may not say this ({kind}): {why}")]
    MayNotSay {
        /// The issuer.
        issuer: IssuerId,
        /// The kind.
        kind: Kind,
        /// Why.
        why: String,
    },
    /// It is in the log already.
    #[error("statement {number} of `{issuer}` is in the log already, as it is")]
    AlreadyLogged {
        /// The issuer.
        issuer: IssuerId,
        /// Its number.
        number: u64,
    },
    /// A number out of turn.
    #[error(
        "`{issuer}` has the number {expected} next, and this statement has {found}: number it anew and sign again"
    )]
    Number {
        /// The issuer.
        issuer: IssuerId,
        /// The number that is next.
        expected: u64,
        /// The number that it has.
        found: u64,
    },
    /// Not after the statement before it.
    #[error(
        "statement {number} of `{issuer}` does not follow the one before it: `previous` must be {}",
        expected.map_or_else(|| "null".to_owned(), |digest| digest.to_string())
    )]
    Previous {
        /// The issuer.
        issuer: IssuerId,
        /// Its number.
        number: u64,
        /// The digest that must stand there.
        expected: Option<Digest>,
    },
    /// A label given twice.
    #[error(
        "`{issuer}` has used the label `{label}` already: choose another, or say which statement this one corrects"
    )]
    Label {
        /// The issuer.
        issuer: IssuerId,
        /// The label.
        label: String,
    },
    /// A reference to what is not there.
    #[error("it refers to a statement that is not there: {0}")]
    Reference(String),
    /// A matter of trust that cannot be.
    #[error("this cannot be decided: {0}")]
    Policy(String),
}

impl Refusal {
    /// A word for it that stays the same.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Format(FormatError::TooLong(_)) => "too-long",
            Self::Format(_) => "malformed",
            Self::Envelope => "digest-only",
            Self::NoRoot => "no-root",
            Self::UnknownIssuer(_) => "unknown-issuer",
            Self::UnknownKey { .. } => "unknown-key",
            Self::KeyEnded { .. } => "key-ended",
            Self::KeyExpired { .. } => "key-expired",
            Self::Signature(_) => "bad-signature",
            Self::Certificate(_) => "bad-certificate",
            Self::Payload(_) => "bad-payload",
            Self::MayNotSay { .. } => "may-not-say",
            Self::AlreadyLogged { .. } => "already-logged",
            Self::Number { .. } => "wrong-number",
            Self::Previous { .. } => "wrong-previous",
            Self::Label { .. } => "label-taken",
            Self::Reference(_) => "bad-reference",
            Self::Policy(_) => "bad-policy",
        }
    }

    /// The HTTP status that tells it to a client.
    pub fn status(&self) -> u16 {
        match self {
            Self::Format(FormatError::TooLong(_)) => 413,
            Self::Format(_) => 400,
            Self::Signature(_)
            | Self::Certificate(_)
            | Self::UnknownIssuer(_)
            | Self::UnknownKey { .. }
            | Self::KeyEnded { .. }
            | Self::KeyExpired { .. }
            | Self::MayNotSay { .. } => 403,
            Self::AlreadyLogged { .. } | Self::Number { .. } | Self::Previous { .. } | Self::Label { .. } => {
                409
            }
            Self::Envelope | Self::NoRoot | Self::Payload(_) | Self::Reference(_) | Self::Policy(_) => 422,
        }
    }
}
