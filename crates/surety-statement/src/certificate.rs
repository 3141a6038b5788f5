//! Certificates (RFC 5280) that a statement carries in `x5chain`: that an authority vouches for the key of an issuer.
//!
//! A certificate admits nobody: only the registry does. It tells a reader who has the anchors of a State's own authority
//! that the key belongs to whom it says, without asking the officers of the root.

use surety_core::Date;
use x509_cert::Certificate;
use x509_cert::der::{Decode as _, DecodePem as _, Encode as _};
use x509_cert::ext::pkix::{BasicConstraints, KeyUsage};
use x509_cert::spki::ObjectIdentifier;

use crate::key::{Algorithm, IssuerKey};
use crate::time;

const ED25519: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.101.112");
const EC_PUBLIC_KEY: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.2.1");
const P_256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.3.1.7");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");

/// The extensions that are understood; an unknown one that is critical refuses the certificate (RFC 5280, 4.2).
const UNDERSTOOD: [ObjectIdentifier; 2] =
    [ObjectIdentifier::new_unwrap("2.5.29.15"), ObjectIdentifier::new_unwrap("2.5.29.19")];

/// Why certificates vouch for nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// It cannot be read.
    #[error("a certificate cannot be read: {0}")]
    Form(String),
    /// A kind of key or signature that is not known here.
    #[error(
        "the certificate of {0} has a key or a signature that is neither Ed25519 nor ECDSA on P-256 with SHA-256"
    )]
    Algorithm(String),
    /// It is for another key.
    #[error("the certificate of {0} is for another key than the one that signed")]
    OtherKey(String),
    /// No anchor leads to it.
    #[error("no anchor that is trusted here vouches for the certificate of {0}")]
    NoAnchor(String),
    /// One that may not sign others.
    #[error("the certificate of {0} may not vouch for another")]
    NoAuthority(String),
    /// A signature in the chain.
    #[error("the certificate of {0} is not signed by the one above it")]
    Signature(String),
    /// Outside its dates.
    #[error("the certificate of {name} counts from {from} to {until}, and not on {day}")]
    Dates {
        /// Of whom.
        name: String,
        /// Its first day.
        from: Date,
        /// Its last day.
        until: Date,
        /// The day asked.
        day: Date,
    },
    /// Something critical that is not understood.
    #[error("the certificate of {0} asks for something that is not understood here")]
    Critical(String),
}

/// A certificate that a reader trusts to vouch for others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    certificate: Certificate,
    pem: String,
}

impl Anchor {
    /// Reads an anchor from PEM.
    pub fn from_pem(pem: &str) -> Result<Self, CertificateError> {
        let certificate =
            Certificate::from_pem(pem).map_err(|error| CertificateError::Form(error.to_string()))?;
        Ok(Self { certificate, pem: pem.to_owned() })
    }

    /// The anchor as it was read.
    pub fn pem(&self) -> &str {
        &self.pem
    }
}

/// Reads certificates in PEM, one after the other, into DER.
///
/// # Errors
/// When one of them cannot be read, or there is none.
pub fn chain_from_pem(pem: &str) -> Result<Vec<Vec<u8>>, CertificateError> {
    let form = |error: x509_cert::der::Error| CertificateError::Form(error.to_string());
    let chain = Certificate::load_pem_chain(pem.as_bytes()).map_err(form)?;
    if chain.is_empty() {
        return Err(CertificateError::Form("there is none".to_owned()));
    }
    chain.iter().map(|certificate| certificate.to_der().map_err(form)).collect()
}

/// Whether the first certificate is for this key. A statement whose certificate is for another is refused.
pub fn is_for_key(certificate: &[u8], key: &IssuerKey) -> Result<(), CertificateError> {
    let certificate = read(certificate)?;
    let name = name(&certificate);
    match public_key(&certificate) {
        Ok(own) if own == *key => Ok(()),
        _ => Err(CertificateError::OtherKey(name)),
    }
}

/// Checks that a chain, the certificate of the key first, leads to one of the anchors at a time in seconds since 1970.
/// Gives the name that the certificate of the key bears.
pub fn verify_chain(
    chain: &[Vec<u8>],
    key: &IssuerKey,
    anchors: &[Anchor],
    time: u64,
) -> Result<String, CertificateError> {
    let chain = chain.iter().map(|der| read(der)).collect::<Result<Vec<_>, _>>()?;
    let [leaf, ..] = &chain[..] else { return Err(CertificateError::NoAnchor("nobody".to_owned())) };
    if public_key(leaf)? != *key {
        return Err(CertificateError::OtherKey(name(leaf)));
    }
    let mut below = leaf;
    check_dates(below, time)?;
    check_extensions(below)?;
    for (depth, above) in chain[1..].iter().enumerate() {
        if anchors.iter().any(|anchor| anchor.certificate == *below) {
            return Ok(name(leaf));
        }
        check_dates(above, time)?;
        check_extensions(above)?;
        check_authority(above, depth)?;
        check_signed(below, above)?;
        below = above;
    }
    let depth = chain.len() - 1;
    for Anchor { certificate, .. } in anchors {
        if certificate == below {
            return Ok(name(leaf));
        }
        if certificate.tbs_certificate().subject() == below.tbs_certificate().issuer()
            && check_signed(below, certificate).is_ok()
        {
            check_dates(certificate, time)?;
            check_authority(certificate, depth)?;
            return Ok(name(leaf));
        }
    }
    Err(CertificateError::NoAnchor(name(below)))
}

fn read(der: &[u8]) -> Result<Certificate, CertificateError> {
    Certificate::from_der(der).map_err(|error| CertificateError::Form(error.to_string()))
}

fn name(certificate: &Certificate) -> String {
    let name = certificate.tbs_certificate().subject().to_string();
    if name.is_empty() { "nobody named".to_owned() } else { format!("`{name}`") }
}

/// The key that a certificate is for.
fn public_key(certificate: &Certificate) -> Result<IssuerKey, CertificateError> {
    let unknown = || CertificateError::Algorithm(name(certificate));
    let info = certificate.tbs_certificate().subject_public_key_info();
    let bytes = info.subject_public_key.as_bytes().ok_or_else(unknown)?;
    match info.algorithm.oid {
        ED25519 => IssuerKey::new(Algorithm::Ed25519, bytes).map_err(|_| unknown()),
        EC_PUBLIC_KEY => {
            let parameters = info.algorithm.parameters.as_ref().ok_or_else(unknown)?;
            let curve: ObjectIdentifier = parameters.decode_as().map_err(|_| unknown())?;
            let key = p256::ecdsa::VerifyingKey::from_sec1_bytes(bytes).map_err(|_| unknown())?;
            let point = key.to_sec1_point(true);
            if curve != P_256 {
                return Err(unknown());
            }
            IssuerKey::new(Algorithm::Es256, point.as_bytes()).map_err(|_| unknown())
        }
        _ => Err(unknown()),
    }
}

/// That `above` signed `below`, and that each names the other.
fn check_signed(below: &Certificate, above: &Certificate) -> Result<(), CertificateError> {
    let unknown = || CertificateError::Algorithm(name(below));
    let refused = || CertificateError::Signature(name(below));
    if below.tbs_certificate().issuer() != above.tbs_certificate().subject()
        || below.tbs_certificate().signature() != below.signature_algorithm()
    {
        return Err(refused());
    }
    let message =
        below.tbs_certificate().to_der().map_err(|error| CertificateError::Form(error.to_string()))?;
    let signature = below.signature().as_bytes().ok_or_else(unknown)?;
    let key = public_key(above)?;
    match (below.signature_algorithm().oid, key.algorithm()) {
        (ED25519, Algorithm::Ed25519) => key.verify(&message, signature).map_err(|_| refused()),
        (ECDSA_WITH_SHA256, Algorithm::Es256) => {
            let signature = p256::ecdsa::Signature::from_der(signature).map_err(|_| refused())?;
            key.verify(&message, &signature.to_bytes()).map_err(|_| refused())
        }
        _ => Err(unknown()),
    }
}

fn check_dates(certificate: &Certificate, time: u64) -> Result<(), CertificateError> {
    let validity = certificate.tbs_certificate().validity();
    let seconds = |time: x509_cert::time::Time| time.to_unix_duration().as_secs();
    let (from, until) = (seconds(validity.not_before), seconds(validity.not_after));
    if (from..=until).contains(&time) {
        return Ok(());
    }
    let (from, until, day) = (time::day(from), time::day(until), time::day(time));
    Err(CertificateError::Dates { name: name(certificate), from, until, day })
}

fn check_extensions(certificate: &Certificate) -> Result<(), CertificateError> {
    let extensions = certificate.tbs_certificate().extensions().into_iter().flatten();
    match extensions
        .filter(|extension| extension.critical)
        .find(|extension| !UNDERSTOOD.contains(&extension.extn_id))
    {
        Some(_) => Err(CertificateError::Critical(name(certificate))),
        None => Ok(()),
    }
}

/// That a certificate may sign others, with `depth` authorities between it and the key.
fn check_authority(certificate: &Certificate, depth: usize) -> Result<(), CertificateError> {
    let refused = || CertificateError::NoAuthority(name(certificate));
    let tbs = certificate.tbs_certificate();
    let constraints = tbs.get_extension::<BasicConstraints>().ok().flatten().ok_or_else(refused)?.1;
    let deep = constraints.path_len_constraint.is_some_and(|most| depth > usize::from(most));
    let usage = tbs.get_extension::<KeyUsage>().map_err(|_| refused())?;
    let may_sign = usage.is_none_or(|(_, usage)| usage.key_cert_sign());
    if constraints.ca && !deep && may_sign { Ok(()) } else { Err(refused()) }
}
