//! The COSE receipt (RFC 9942): that an entry is in a log, in the form that other SCITT tools read.
//!
//! It is the same path through the tree as in a `.tlog-proof`, signed by the log once more. **Alone it does not stop a
//! split view**: no witness has seen the root that it signs, and a log can sign two. Trust rests on the proof file,
//! which carries the witnesses' cosignatures.
//!
//! A receipt is a tagged `COSE_Sign1`. Protected: alg (1), kid (4), claims (15) with the origin of the log as issuer (1)
//! and the subject of the statement as subject (2), and the kind of tree (395) = 1, `RFC9162_SHA256`. Unprotected: the
//! proofs (396), `{-1: [<inclusion proof>]}`, where the inclusion proof is `[tree size, leaf index, [hash, …]]` in a byte
//! string. The payload, the root, is detached: whoever verifies works it out.

use coset::cbor::value::Value;
use coset::{
    Algorithm as CoseAlgorithm, CborSerializable, CoseSign1, CoseSign1Builder, Header, HeaderBuilder, Label,
    TaggedCborSerializable,
};
use surety_log::tree::{self, PROOF_HASHES_MAX};
use surety_log::{Hash, Origin, SignatureType, Signer, VerifierKey};

use crate::key::{Algorithm, IssuerKey};
use crate::signed::Subject;

/// The most bytes of a receipt.
pub const RECEIPT_LEN_MAX: usize = 16 * 1024;

mod label {
    pub(super) const CWT_CLAIMS: i64 = 15;
    pub(super) const VERIFIABLE_DATA_STRUCTURE: i64 = 395;
    pub(super) const VERIFIABLE_DATA_PROOFS: i64 = 396;
}

/// `RFC9162_SHA256` in the registry of verifiable data structures.
const RFC9162_SHA256: i64 = 1;

/// The key of inclusion proofs in the map of proofs.
const INCLUSION: i64 = -1;

/// Where an entry is in a tree.
///
/// In a receipt, size and index are signed by nobody: the log signs the root alone, and paths of other trees can lead to
/// the same root. Only a checkpoint, and so the proof file, ties them to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inclusion {
    /// The size of the tree.
    pub size: u64,
    /// The place of the entry.
    pub index: u64,
    /// The hashes beside its path, from the leaf up.
    pub path: Vec<Hash>,
}

/// Why a receipt shows nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptError {
    /// It is no receipt.
    #[error("this is not a COSE receipt: {0}")]
    Format(String),
    /// A key that cannot sign receipts, or that could not.
    #[error("the key of the log cannot sign a receipt: {0}")]
    Key(String),
    /// It is of another log.
    #[error("the receipt is of the log `{found}`, and the key of `{expected}`")]
    OtherLog {
        /// Of the receipt.
        found: String,
        /// Of the key.
        expected: String,
    },
    /// The path is not one through a tree of this size.
    #[error("the path in the receipt does not fit its tree: {0}")]
    Path(#[from] tree::ProofError),
    /// The log did not sign the root that entry and path lead to.
    #[error(
        "the log did not sign this receipt for this entry: another entry, a changed path, or another key"
    )]
    Signature,
}

/// Makes a receipt for an entry.
pub fn issue(
    entry: &[u8],
    subject: Subject,
    inclusion: &Inclusion,
    origin: &Origin,
    signer: &dyn Signer,
) -> Result<Vec<u8>, ReceiptError> {
    let Inclusion { size, index, path } = inclusion;
    let root = tree::root_from_inclusion(tree::leaf_hash(entry), *index, *size, path)?;
    let key = issuer_key(signer.verifier())?;
    let text = |value: String| Value::Text(value);
    let claims = vec![(1.into(), text(origin.to_string())), (2.into(), text(subject.to_string()))];
    let protected = HeaderBuilder::new()
        .algorithm(key.algorithm().cose())
        .key_id(key.thumbprint().0.to_vec())
        .value(label::CWT_CLAIMS, Value::Map(claims))
        .value(label::VERIFIABLE_DATA_STRUCTURE, RFC9162_SHA256.into())
        .build();
    let hashes = path.iter().map(|hash| Value::Bytes(hash.0.to_vec())).collect();
    let proof = Value::Array(vec![(*size).into(), (*index).into(), Value::Array(hashes)]);
    let proof = proof.to_vec().map_err(|error| ReceiptError::Format(error.to_string()))?;
    let proofs = Value::Map(vec![(INCLUSION.into(), Value::Array(vec![Value::Bytes(proof)]))]);
    let receipt = CoseSign1Builder::new()
        .protected(protected)
        .unprotected(HeaderBuilder::new().value(label::VERIFIABLE_DATA_PROOFS, proofs).build())
        .try_create_detached_signature(&root.0, &[], |message| signer.sign_bytes(message))
        .map_err(|error| ReceiptError::Key(error.to_string()))?
        .build();
    receipt.to_tagged_vec().map_err(|error| ReceiptError::Format(error.to_string()))
}

/// Checks that a log signed a root that has this entry under it, and says where.
pub fn verify(receipt: &[u8], entry: &[u8], log: &VerifierKey) -> Result<Inclusion, ReceiptError> {
    let format = |why: &str| ReceiptError::Format(why.to_owned());
    if receipt.len() > RECEIPT_LEN_MAX {
        return Err(format("it is too long"));
    }
    let cose = CoseSign1::from_tagged_slice(receipt).map_err(|error| format(&error.to_string()))?;
    if cose.payload.is_some() {
        return Err(format("its payload is attached, and the root must be worked out"));
    }
    let key = issuer_key(log)?;
    let origin = check_protected(&cose.protected.header, key.algorithm())?;
    if origin.as_deref().is_some_and(|origin| origin != log.name().as_str()) {
        let (found, expected) = (origin.unwrap_or_default(), log.name().to_string());
        return Err(ReceiptError::OtherLog { found, expected });
    }
    let inclusion = read_inclusion(&cose.unprotected)?;
    let Inclusion { size, index, path } = &inclusion;
    let root = tree::root_from_inclusion(tree::leaf_hash(entry), *index, *size, path)?;
    cose.verify_detached_signature(&root.0, &[], |signature, message| key.verify(message, signature))
        .map_err(|_| ReceiptError::Signature)?;
    Ok(inclusion)
}

/// The key of a log, as COSE has it.
fn issuer_key(log: &VerifierKey) -> Result<IssuerKey, ReceiptError> {
    let algorithm = match log.signature_type() {
        SignatureType::Ed25519 => Algorithm::Ed25519,
        SignatureType::MlDsa44 => Algorithm::MlDsa44,
        SignatureType::Cosignature => return Err(ReceiptError::Key("it is the key of a witness".to_owned())),
    };
    IssuerKey::new(algorithm, log.public_bytes()).map_err(|error| ReceiptError::Key(error.to_string()))
}

/// Checks what is signed in the header. Gives the name of the log, when it says one.
fn check_protected(header: &Header, algorithm: Algorithm) -> Result<Option<String>, ReceiptError> {
    let format = |why: &str| ReceiptError::Format(why.to_owned());
    if !header.crit.is_empty() {
        return Err(format("it marks labels as critical"));
    }
    let said = match &header.alg {
        Some(CoseAlgorithm::Assigned(number)) => Algorithm::from_cose(*number),
        _ => None,
    };
    if said != Some(algorithm) {
        return Err(format("its algorithm (1) is not that of the key"));
    }
    let value = |wanted: i64| {
        header.rest.iter().find(|(label, _)| *label == Label::Int(wanted)).map(|(_, value)| value)
    };
    let tree = value(label::VERIFIABLE_DATA_STRUCTURE).and_then(Value::as_integer).map(i128::from);
    if tree != Some(RFC9162_SHA256.into()) {
        return Err(format("its kind of tree (395) is not RFC9162_SHA256 (1)"));
    }
    let claims = value(label::CWT_CLAIMS).and_then(Value::as_map);
    let issuer = claims.into_iter().flatten().find(|(claim, _)| *claim == Value::from(1));
    Ok(issuer.and_then(|(_, issuer)| issuer.as_text()).map(str::to_owned))
}

/// Reads the one inclusion proof. Nobody signed it; but only the right one leads to the root that is signed.
fn read_inclusion(header: &Header) -> Result<Inclusion, ReceiptError> {
    let format = || ReceiptError::Format("its proofs (396) are not one inclusion proof (-1)".to_owned());
    let [(Label::Int(label::VERIFIABLE_DATA_PROOFS), Value::Map(proofs))] = &header.rest[..] else {
        return Err(format());
    };
    let [(kind, Value::Array(proofs))] = &proofs[..] else { return Err(format()) };
    let [Value::Bytes(proof)] = &proofs[..] else { return Err(format()) };
    if *kind != Value::from(INCLUSION) {
        return Err(format());
    }
    let Ok(Value::Array(parts)) = Value::from_slice(proof) else { return Err(format()) };
    let [Value::Integer(size), Value::Integer(index), Value::Array(path)] = &parts[..] else {
        return Err(format());
    };
    if path.len() > PROOF_HASHES_MAX {
        return Err(format());
    }
    let hash = |value: &Value| value.as_bytes()?.as_slice().try_into().ok().map(Hash);
    Ok(Inclusion {
        size: (*size).try_into().map_err(|_| format())?,
        index: (*index).try_into().map_err(|_| format())?,
        path: path.iter().map(hash).collect::<Option<_>>().ok_or_else(format)?,
    })
}
