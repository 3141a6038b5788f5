//! The key of the log for readers of receipts, and the receipts that it signs (RFC 9942).

use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use coset::cbor::Value;
use coset::{
    CborSerializable as _, CoseKey, CoseKeyBuilder, CoseKeySet, CoseSign1Builder, Header, HeaderBuilder,
    TaggedCborSerializable as _, iana,
};
use surety_log::{Hash, Proof, SignError, SignatureType, Signer};
use surety_statement::{Algorithm, Digest, IssuerKey, KeyError};

use super::Site;
use super::problem::Problem;

/// The label of the kind of tree in the protected header, and RFC 9162 with SHA-256 as its value.
const TREE: i64 = 395;
const RFC9162_SHA256: u64 = 1;

/// The label of proofs in the unprotected header, and inclusion proofs under it.
const PROOFS: i64 = 396;
const INCLUSION: i64 = -1;

/// The key of a log, for COSE: Ed25519. Its id is its thumbprint (RFC 9679).
pub struct LogKey {
    signer: Arc<dyn Signer>,
    public: Vec<u8>,
    thumbprint: Digest,
    /// The signature over the last root: all receipts of one checkpoint have the same.
    last: Mutex<Option<(Hash, Vec<u8>)>>,
}

impl LogKey {
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
        Ok(Self { signer, public, thumbprint, last: Mutex::default() })
    }

    /// The receipt that says the same as a proof. It has no cosignatures: alone it does not show that everybody
    /// sees the same log.
    pub(super) fn receipt(&self, proof: &Proof) -> Result<Vec<u8>, SignError> {
        let checkpoint = proof.checkpoint().checkpoint();
        let path = proof.hashes().iter().map(|hash| Value::Bytes(hash.0.to_vec())).collect();
        let inclusion = Value::Array(vec![
            Value::Integer(checkpoint.size().into()),
            Value::Integer(proof.index().into()),
            Value::Array(path),
        ]);
        let proofs = Value::Array(vec![Value::Bytes(encode(inclusion)?)]);
        let mut unprotected = Header::default();
        let inclusions = Value::Map(vec![(Value::Integer(INCLUSION.into()), proofs)]);
        unprotected.rest.push((coset::Label::Int(PROOFS), inclusions));

        let unsigned = CoseSign1Builder::new().protected(self.protected()).unprotected(unprotected);
        let root = checkpoint.root();
        let signed =
            unsigned.try_create_detached_signature(&root.0, &[], |message| self.sign(root, message))?.build();
        signed.to_tagged_vec().map_err(|error| SignError(error.to_string()))
    }

    fn protected(&self) -> Header {
        HeaderBuilder::new()
            .algorithm(iana::Algorithm::EdDSA)
            .key_id(self.thumbprint.0.to_vec())
            .value(TREE, Value::Integer(RFC9162_SHA256.into()))
            .build()
    }

    fn sign(&self, root: Hash, message: &[u8]) -> Result<Vec<u8>, SignError> {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, signature)) = last.as_ref().filter(|(signed, _)| *signed == root) {
            return Ok(signature.clone());
        }
        let signature = self.signer.sign_bytes(message)?;
        *last = Some((root, signature.clone()));
        Ok(signature)
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

fn encode(value: Value) -> Result<Vec<u8>, SignError> {
    let mut bytes = Vec::new();
    coset::cbor::into_writer(&value, &mut bytes).map_err(|error| SignError(error.to_string()))?;
    Ok(bytes)
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
