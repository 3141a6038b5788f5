//! The decoders of `surety-log`.

use std::sync::{Arc, OnceLock};

use surety_log::tile::{Tile, decode_entries, decode_hashes, encode_hashes, push_entry};
use surety_log::tree::{Tree, leaf_hash};
use surety_log::witness::{AddCheckpoint, Witness};
use surety_log::{
    Checkpoint, Expected, Identity, Note, OpenError, Policy, Proof, SEED_LEN, Sequencer, SignatureType,
    SignedCheckpoint, Signer, SignerKey, Stores, VerifierKey, parse_signatures,
};

use crate::Decoder;
use crate::store::OneObject;

const ORIGIN: &str = "log.example/surety";

/// The decoders.
pub(crate) const DECODERS: [Decoder; 13] = [
    Decoder { name: "note", check: note, seeds: notes },
    Decoder { name: "signature_lines", check: signature_lines, seeds: all_signature_lines },
    Decoder { name: "verifier_key", check: verifier_key, seeds: verifier_keys },
    Decoder { name: "signer_key", check: signer_key, seeds: signer_keys },
    Decoder { name: "checkpoint", check: checkpoint, seeds: checkpoints },
    Decoder { name: "proof", check: proof, seeds: proofs },
    Decoder { name: "policy", check: policy, seeds: policies },
    Decoder { name: "tile_path", check: tile_path, seeds: tile_paths },
    Decoder { name: "hash_tile", check: hash_tile, seeds: hash_tiles },
    Decoder { name: "bundle", check: bundle, seeds: bundles },
    Decoder { name: "head", check: head, seeds: heads },
    Decoder { name: "witness_request", check: witness_request, seeds: witness_requests },
    Decoder { name: "witness_record", check: witness_record, seeds: witness_records },
];

fn note(bytes: &[u8]) -> bool {
    let Ok(note) = Note::parse(bytes) else { return false };
    assert_eq!(note.to_string().as_bytes(), bytes, "a note is written in one way");
    for kind in SignatureType::ALL {
        let _ = note.verify([key(kind).verifier()]);
    }
    true
}

fn signature_lines(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(signatures) = parse_signatures(text) else { return false };
    let written: String = signatures.iter().flat_map(|line| [line.to_string(), "\n".to_owned()]).collect();
    assert_eq!(written, text, "a signature line is written in one way");
    true
}

fn verifier_key(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(key) = text.parse::<VerifierKey>() else { return false };
    assert_eq!(key.to_string(), text, "a key is written in one way");
    true
}

fn signer_key(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(key) = SignerKey::from_secret_text(text) else { return false };
    assert_eq!(key.to_secret_text(), text, "a secret key is written in one way");
    true
}

fn checkpoint(bytes: &[u8]) -> bool {
    let Ok(signed) = SignedCheckpoint::parse(bytes) else { return false };
    assert_eq!(signed.to_string().as_bytes(), bytes, "a checkpoint is written in one way");
    let read: Checkpoint = match signed.checkpoint().to_string().parse() {
        Ok(read) => read,
        Err(error) => unreachable!("a checkpoint that was read does not read again: {error}"),
    };
    assert_eq!(&read, signed.checkpoint());
    let _ = Policy::log_only(key(SignatureType::Ed25519).verifier().clone()).check(&signed);
    true
}

fn proof(bytes: &[u8]) -> bool {
    let Ok(proof) = Proof::parse(bytes) else { return false };
    assert_eq!(proof.to_string().as_bytes(), bytes, "a proof is written in one way");
    let _ = proof.verify(b"entry", &Policy::log_only(key(SignatureType::Ed25519).verifier().clone()));
    true
}

fn policy(bytes: &[u8]) -> bool {
    let Ok(policy) = Policy::parse(bytes) else { return false };
    for signed in signed_checkpoints() {
        let _ = policy.check(signed);
    }
    true
}

fn tile_path(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let Ok(tile) = text.parse::<Tile>() else { return false };
    assert_eq!(tile.to_string(), text, "only one path leads to a tile");
    true
}

/// The first byte is the width that is asked for.
fn hash_tile(bytes: &[u8]) -> bool {
    let Some((width, tile)) = bytes.split_first() else { return false };
    let Ok(hashes) = decode_hashes(tile, u64::from(*width)) else { return false };
    assert_eq!(encode_hashes(&hashes), tile, "a tile is written in one way");
    true
}

/// The first byte is the width that is asked for.
fn bundle(bytes: &[u8]) -> bool {
    let Some((width, bundle)) = bytes.split_first() else { return false };
    let entries = match decode_entries(bundle, u64::from(*width)) {
        Ok(entries) => entries,
        Err(error) => {
            assert!(error.len > 0 && error.offset <= bundle.len() as u64, "{error:?} is no place");
            return false;
        }
    };
    let mut written = Vec::new();
    for entry in &entries {
        assert_eq!(push_entry(&mut written, entry), Ok(()));
    }
    assert_eq!(written, bundle, "a bundle is written in one way");
    true
}

/// The head of a log, as the log finds it when it starts. Taken when the head itself was in order.
fn head(bytes: &[u8]) -> bool {
    let stores =
        Stores { public: Arc::new(OneObject(Vec::new())), head: Arc::new(OneObject(bytes.to_vec())) };
    let Some(identity) = identity() else { return false };
    match Sequencer::open(stores, identity, &Expected::default()) {
        Ok(_) => unreachable!("a log opened that has nothing but a head"),
        Err(error) => !matches!(error, OpenError::DamagedHead),
    }
}

fn witness_request(bytes: &[u8]) -> bool {
    let Ok(request) = AddCheckpoint::parse(bytes) else { return false };
    assert_eq!(request.to_body().as_bytes(), bytes, "a request is written in one way");
    true
}

/// What a witness finds of a log that it cosigned before.
fn witness_record(bytes: &[u8]) -> bool {
    let signers: Vec<Arc<dyn Signer>> = vec![Arc::new(key_from_seed(SignatureType::Cosignature))];
    let log = key(SignatureType::Ed25519).verifier().clone();
    let Ok(witness) = Witness::new([log], signers, Arc::new(OneObject(bytes.to_vec()))) else { return false };
    let Ok(origin) = ORIGIN.parse() else { return false };
    witness.last(&origin).is_ok_and(|record| record.is_some())
}

/// A key of each type, made once: that of ML-DSA takes its time.
pub(crate) fn key(kind: SignatureType) -> &'static SignerKey {
    static KEYS: OnceLock<[SignerKey; 3]> = OnceLock::new();
    let keys = KEYS.get_or_init(|| SignatureType::ALL.map(key_from_seed));
    keys.iter().find(|key| key.verifier().signature_type() == kind).unwrap_or(&keys[0])
}

#[expect(clippy::unwrap_used, reason = "name and seed are fixed, and good")]
fn key_from_seed(kind: SignatureType) -> SignerKey {
    SignerKey::from_seed(ORIGIN.parse().unwrap(), kind, &[42; SEED_LEN]).unwrap()
}

fn identity() -> Option<Identity> {
    Identity::new(ORIGIN.parse().ok()?, vec![Arc::new(key_from_seed(SignatureType::Ed25519))]).ok()
}

fn tree(size: u64) -> Tree {
    (0..size).map(|number| leaf_hash(&number.to_be_bytes())).collect()
}

/// Checkpoints, made once.
fn signed_checkpoints() -> &'static [SignedCheckpoint] {
    static MADE: OnceLock<Vec<SignedCheckpoint>> = OnceLock::new();
    MADE.get_or_init(sign_checkpoints)
}

/// A checkpoint signed with each type of key in turn, and one with all.
fn sign_checkpoints() -> Vec<SignedCheckpoint> {
    let [one, two, three] = SignatureType::ALL.map(key);
    let signers: [&[&dyn Signer]; 4] = [&[one], &[two], &[three], &[one, two, three]];
    let sign = |(size, signers): (u64, &&[&dyn Signer])| {
        let checkpoint = Checkpoint::new(ORIGIN.parse().ok()?, size, tree(size).root()).ok()?;
        SignedCheckpoint::sign(checkpoint, signers, 1_763_805_600).ok()
    };
    [0, 1, 7, 300].into_iter().zip(&signers).filter_map(sign).collect()
}

fn checkpoints() -> Vec<Vec<u8>> {
    signed_checkpoints().iter().map(|signed| signed.to_string().into_bytes()).collect()
}

fn notes() -> Vec<Vec<u8>> {
    let text = Note::new("a text\n\nwith an empty line\n".to_owned()).ok();
    let signed = text.and_then(|mut note| note.sign(key(SignatureType::Ed25519), 0).ok().map(|()| note));
    checkpoints().into_iter().chain(signed.map(|note| note.to_string().into_bytes())).collect()
}

fn all_signature_lines() -> Vec<Vec<u8>> {
    let lines = signed_checkpoints().iter().map(|signed| {
        let lines = signed.note().signatures().iter().flat_map(|line| [line.to_string(), "\n".to_owned()]);
        lines.collect::<String>().into_bytes()
    });
    lines.collect()
}

fn verifier_keys() -> Vec<Vec<u8>> {
    SignatureType::ALL.map(|kind| key(kind).verifier().to_string().into_bytes()).into()
}

fn signer_keys() -> Vec<Vec<u8>> {
    SignatureType::ALL.map(|kind| key(kind).to_secret_text().into_bytes()).into()
}

fn proofs() -> Vec<Vec<u8>> {
    let mut proofs = Vec::new();
    for signed in signed_checkpoints() {
        let size = signed.checkpoint().size();
        for index in [0, size / 2, size.saturating_sub(1)] {
            if let Ok(hashes) = tree(size).prove_inclusion(index) {
                let proof = Proof::new(index, hashes, signed.clone());
                proofs.push(proof.to_string().into_bytes());
                proofs.extend(proof.with_extra(vec![7; 40]).map(|proof| proof.to_string().into_bytes()));
            }
        }
    }
    proofs
}

fn policies() -> Vec<Vec<u8>> {
    let [log, witness, other] = SignatureType::ALL.map(|kind| key(kind).verifier());
    [
        format!("log {log}\nquorum none\n"),
        format!("# a comment\nlog {log} https://log.example/\nwitness w {witness}\nquorum w\n"),
        format!(
            "log {log}\nwitness w1 {witness} https://w1.example/\nwitness w2 {other}\ngroup g 1 w1 w2\nquorum g\n"
        ),
        format!("log {log}\nwitness w1 {witness}\nwitness w2 {other}\ngroup g all w1 w2\ngroup h any g\nquorum h\n"),
    ]
    .map(String::into_bytes)
    .into()
}

fn tile_paths() -> Vec<Vec<u8>> {
    let tiles = [
        Tile::hashes(0, 0, 256),
        Tile::hashes(63, 1_234_067, 8),
        Tile::hashes(1, u64::MAX, 255),
        Tile::entries(0, 1),
        Tile::entries(1_000, 256),
    ];
    tiles.map(|tile| tile.to_string().into_bytes()).into()
}

fn hash_tiles() -> Vec<Vec<u8>> {
    [0u8, 1, 3, 255].map(|width| [vec![width], vec![width; usize::from(width) * 32]].concat()).into()
}

fn bundles() -> Vec<Vec<u8>> {
    let bundle = |lens: &[usize]| {
        let mut bundle = vec![u8::try_from(lens.len()).unwrap_or(u8::MAX)];
        for len in lens {
            // What is too long is left out, and there is none.
            let _ = push_entry(&mut bundle, &vec![9; *len]);
        }
        bundle
    };
    vec![bundle(&[]), bundle(&[0]), bundle(&[1, 2, 3]), bundle(&[300, 0, 70])]
}

/// Heads in the form that `Sequencer` writes: see `head.rs` of the log.
fn heads() -> Vec<Vec<u8>> {
    let mut heads = Vec::new();
    for signed in signed_checkpoints() {
        let (checkpoint, size) = (signed.to_string(), signed.checkpoint().size());
        let base = size / 2;
        let (root, len) = (tree(base).root(), checkpoint.len());
        let mut head =
            format!("surety-log head v1\nbase {base} {root}\ncheckpoint {len}\n\n{checkpoint}").into_bytes();
        for number in base..size {
            let _ = push_entry(&mut head, &number.to_be_bytes());
        }
        heads.push(head);
    }
    heads
}

fn witness_requests() -> Vec<Vec<u8>> {
    let mut requests = Vec::new();
    for checkpoint in signed_checkpoints() {
        let size = checkpoint.checkpoint().size();
        for old_size in [0, size / 3, size] {
            if let Ok(proof) = tree(size).prove_consistency(old_size) {
                let request = AddCheckpoint { old_size, proof, checkpoint: checkpoint.clone() };
                requests.push(request.to_body().into_bytes());
            }
        }
    }
    requests
}

fn witness_records() -> Vec<Vec<u8>> {
    let record = |signed: &SignedCheckpoint| format!("time 1763805600\n\n{signed}").into_bytes();
    signed_checkpoints().iter().map(record).collect()
}
