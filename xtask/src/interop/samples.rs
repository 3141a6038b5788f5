//! What ours writes for others to check. The keys are those of samples: their seeds stand here.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use surety_log::witness::{AddCheckpoint, Witness};
use surety_log::{
    FolderStore, Hash, Identity, Reader, SEED_LEN, Sequencer, SignatureType, SignedCheckpoint, Signer,
    SignerKey, Stores,
};

/// The log of the samples.
const ORIGIN: &str = "log.example/surety";

/// Enough for three levels of tiles: one full tile of the second, and a start of the third.
const ENTRY_COUNT: usize = 66_000;

/// How many entries it has at its old checkpoint.
const OLD_COUNT: usize = 40_000;

/// When it was signed, in seconds since 1970.
const TIME: u64 = 1_763_805_600;

/// The log of ours: the files of a folder are listed in `docs/interop.md`.
pub(crate) fn write_log(folder: &Path) -> anyhow::Result<()> {
    let log = key(ORIGIN, SignatureType::Ed25519, 42)?;
    let witnesses = [
        key("witness.example/w1", SignatureType::Cosignature, 1)?,
        key("witness.example/w2", SignatureType::MlDsa44, 2)?,
    ];
    write(&folder.join("log.vkey"), format!("{}\n", log.verifier()))?;
    let lines: String =
        witnesses.iter().flat_map(|witness| [witness.verifier().to_string(), "\n".to_owned()]).collect();
    write(&folder.join("witness.vkey"), &lines)?;

    let stores = Stores {
        public: Arc::new(FolderStore::writer(folder.join("log"))?),
        head: Arc::new(FolderStore::writer(folder.join("private"))?),
    };
    let public = Arc::clone(&stores.public);
    let log_verifier = log.verifier().clone();
    let identity = Identity::new(ORIGIN.parse()?, vec![Arc::new(log)])?;
    let mut sequencer = Sequencer::create(stores, identity, TIME)?;
    let entries: Vec<String> = (0..ENTRY_COUNT).map(|number| format!("entry {number} of Surety")).collect();
    sequencer.commit(&entries[..OLD_COUNT], TIME)?;
    let old = sequencer.checkpoint();
    write(&folder.join("old.checkpoint"), old.to_string())?;
    sequencer.commit(&entries[OLD_COUNT..], TIME)?;

    let mut cosigned = SignedCheckpoint::clone(&sequencer.checkpoint());
    for (number, witness) in (1..).zip(witnesses) {
        let verifier = witness.verifier().clone();
        let store = FolderStore::writer(folder.join(format!("witness-{number}")))?;
        let witness = Witness::new([log_verifier.clone()], vec![Arc::new(witness)], Arc::new(store))?;
        let request = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: cosigned.clone() };
        let answer = witness.add_checkpoint(request.to_body().as_bytes(), TIME)?;
        cosigned.add_cosignatures(&answer, &[&verifier])?;
    }
    sequencer.publish_cosigned(cosigned.clone())?;

    let reader = Reader::new(public.as_ref());
    for index in [0, 1, 255, 256, 39_999, 65_535, 65_536, ENTRY_COUNT as u64 - 1] {
        let proof = reader.prove(index, &cosigned)?;
        write(&folder.join(format!("proofs/{index}.tlog-proof")), proof.to_string())?;
    }
    let growth = reader.prove_consistency(OLD_COUNT as u64, &cosigned)?;
    write(&folder.join("growth"), hash_lines(&growth))
}

/// The key that Go signs its log with, in the text form of `sumdb/note`.
pub(crate) fn write_key_of_go(folder: &Path) -> anyhow::Result<()> {
    let key = key("log.example/go", SignatureType::Ed25519, 3)?;
    write(&folder.join("log.skey"), format!("{}\n", key.to_secret_text()))?;
    write(&folder.join("log.vkey"), format!("{}\n", key.verifier()))
}

/// The seeds of the keys that Python signs its log with. It says itself which keys they are.
pub(crate) fn write_seeds_of_python(folder: &Path) -> anyhow::Result<()> {
    write(&folder.join("log.seed"), [4; SEED_LEN])?;
    write(&folder.join("witness.seed"), [5; SEED_LEN])
}

fn key(name: &str, kind: SignatureType, seed: u8) -> anyhow::Result<SignerKey> {
    Ok(SignerKey::from_seed(name.parse()?, kind, &[seed; SEED_LEN])?)
}

fn hash_lines(hashes: &[Hash]) -> String {
    hashes.iter().flat_map(|hash| [hash.to_string(), "\n".to_owned()]).collect()
}

/// Writes a file, and the folders above it.
pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> anyhow::Result<()> {
    let folder = path.parent().unwrap_or(path);
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    fs::write(path, bytes).with_context(|| format!("cannot write {}", path.display()))
}
