//! The key of the log for readers of receipts, and the receipts that it signs (RFC 9942).

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use coset::cbor::Value;
use coset::{CborSerializable as _, CoseKey, CoseKeyBuilder, CoseKeySet, iana};
use surety_log::{Proof, SignatureType, Signer, VerifierKey};
use surety_statement::receipt::{Inclusion, ReceiptError, issue};
use surety_statement::{Algorithm, Digest, IssuerKey, KeyError, SignedStatement};

use super::Site;
use super::problem::Problem;

/// The key of a log, for COSE: Ed25519. Its id is its thumbprint (RFC 9679).
pub struct LogKey {
    signer: Arc<dyn Signer>,
    public: Vec<u8>,
    thumbprint: Digest,
}

impl LogKey {
    /// The public key, as checkpoints name it.
    pub fn verifier(&self) -> &VerifierKey {
        self.signer.verifier()
    }

    /// The key that signs the checkpoints too.
    ///
    /// # Errors
    /// When it is not an Ed25519 key.
    pub fn new(signer: Arc<dyn Signer>) -> Result<Self, KeyError> {
        let verifier = signer.verifier();
        if verifier.signature_type() != SignatureType::Ed25519 {
            return Err(KeyError::Public(Algorithm::Ed25519));
        }
        let public = verifier.public_bytes().to_vec();
        let thumbprint = IssuerKey::new(Algorithm::Ed25519, &public)?.thumbprint();
        Ok(Self { signer, public, thumbprint })
    }

    /// The receipt that says the same of a statement as its proof. It has no cosignatures: alone it does not show that
    /// everybody sees the same log.
    pub fn receipt(&self, statement: &[u8], proof: &Proof) -> Result<Vec<u8>, ReceiptError> {
        let checkpoint = proof.checkpoint().checkpoint();
        let inclusion =
            Inclusion { size: checkpoint.size(), index: proof.index(), path: proof.hashes().to_vec() };
        let subject = SignedStatement::parse(statement).map(|signed| signed.subject());
        let subject = subject.map_err(|error| ReceiptError::Format(error.to_string()))?;
        issue(statement, subject, &inclusion, checkpoint.origin(), self.signer.as_ref())
    }

    fn cose_key(&self) -> CoseKey {
        CoseKeyBuilder::new_okp_key()
            .algorithm(iana::Algorithm::EdDSA)
            .key_id(self.thumbprint.0.to_vec())
            .param(
                iana::OkpKeyParameter::Crv as i64,
                Value::Integer((iana::EllipticCurve::Ed25519 as i64).into()),
            )
            .param(iana::OkpKeyParameter::X as i64, Value::Bytes(self.public.clone()))
            .build()
    }
}

/// `GET /.well-known/scitt-keys`: the keys of the log, as a COSE key set.
pub(super) async fn all(State(site): State<Arc<Site>>) -> Result<Response, Problem> {
    key_answer(CoseKeySet(vec![site.key.cose_key()]).to_vec())
}

/// `GET /.well-known/scitt-keys/{kid}`: one key by its id in base64url, as SCRAPI has it, or in hexadecimal digits.
pub(super) async fn one(State(site): State<Arc<Site>>, Path(kid): Path<String>) -> Result<Response, Problem> {
    let thumbprint = site.key.thumbprint;
    if kid == BASE64_URL_SAFE_NO_PAD.encode(thumbprint.0) || kid == thumbprint.to_string() {
        return key_answer(site.key.cose_key().to_vec());
    }
    Err(Problem::not_found("the log has no key with this id: see /.well-known/scitt-keys"))
}

fn key_answer(encoded: Result<Vec<u8>, coset::CoseError>) -> Result<Response, Problem> {
    let encoded = encoded.map_err(|error| Problem::internal(error.to_string()))?;
    let headers = [(CONTENT_TYPE, "application/cbor"), (CACHE_CONTROL, "public, max-age=3600")];
    Ok((headers, encoded).into_response())
}
