//! What others wrote, checked with ours.

use std::fs;
use std::path::Path;

use anyhow::{Context, ensure};
use surety_log::tree::{leaf_hash, verify_consistency, verify_inclusion};
use surety_log::{FolderStore, Hash, Policy, Proof, Reader, SignedCheckpoint, VerifierKey, fsck};

/// Checks a log, its proofs, and that it has grown from its old checkpoint.
pub(crate) fn read_log(folder: &Path) -> anyhow::Result<()> {
    let log: VerifierKey = read(&folder.join("log.vkey"))?.trim().parse()?;
    let witness = folder.join("witness.vkey");
    let witness = if witness.exists() { Some(read(&witness)?.trim().parse()?) } else { None };
    let policy = policy(&log, witness.as_ref())?;
    let store = FolderStore::read_only(folder.join("log"))?;
    let mut entries = Vec::new();
    fsck::check(&store, std::slice::from_ref(&log), |_, entry| entries.push(entry.to_vec()))?;
    let reader = Reader::new(&store);
    let published = reader.checkpoint()?;
    policy.check(&published)?;

    let mut proofs = 0;
    for file in fs::read_dir(folder.join("proofs"))? {
        let path = file?.path();
        let proof = Proof::parse(read(&path)?.as_bytes())?;
        let entry = usize::try_from(proof.index()).ok().and_then(|index| entries.get(index));
        let entry = entry.with_context(|| format!("{}: beyond the log", path.display()))?;
        proof.verify(entry, &policy).with_context(|| path.display().to_string())?;
        ensure!(proof.verify(b"another entry", &policy).is_err(), "{}: another entry passed", path.display());
        ensure!(
            reader.prove(proof.index(), &published)? == proof,
            "{}: ours makes another proof",
            path.display()
        );
        let checkpoint = proof.checkpoint().checkpoint();
        verify_inclusion(
            leaf_hash(entry),
            proof.index(),
            checkpoint.size(),
            checkpoint.root(),
            proof.hashes(),
        )?;
        proofs += 1;
    }
    ensure!(proofs > 0, "{}: there are no proofs", folder.display());

    let old = SignedCheckpoint::parse(read(&folder.join("old.checkpoint"))?.as_bytes())?;
    policy.check(&old)?;
    let growth = read(&folder.join("growth"))?.lines().map(str::parse).collect::<Result<Vec<Hash>, _>>()?;
    let (old, new) = (old.checkpoint(), published.checkpoint());
    verify_consistency(old.size(), old.root(), new.size(), new.root(), &growth)?;
    ensure!(
        reader.prove_consistency(old.size(), &published)? == growth,
        "ours makes another proof of growth"
    );
    println!(
        "surety: {} entries of {}, {proofs} proofs, growth from {}",
        new.size(),
        new.origin(),
        old.size()
    );
    Ok(())
}

/// Believes the log, before its witness where it has one.
fn policy(log: &VerifierKey, witness: Option<&VerifierKey>) -> anyhow::Result<Policy> {
    let text = match witness {
        Some(witness) => format!("log {log}\nwitness w {witness}\nquorum w\n"),
        None => format!("log {log}\nquorum none\n"),
    };
    Ok(Policy::parse(text.as_bytes())?)
}

fn read(path: &Path) -> anyhow::Result<String> {
    fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))
}
