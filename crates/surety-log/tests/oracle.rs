//! Others' code agrees: `tlog_tiles` and `signed_note` (ports of Go's `sumdb`), `ct-merkle` and torchwood, on the
//! same input.

#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

use std::cell::RefCell;

use ct_merkle::mem_backed_tree::MemoryBackedTree;
use ct_merkle::{ConsistencyProof, InclusionProof, RootHash};
use proptest::prelude::*;
use sha2::Sha256;
use surety_log::tile;
use surety_log::tree::{self, Tree};
use surety_log::{Checkpoint, Note, SignatureType, Signer as _, SignerKey, VerifierKey};
use tlog_tiles::tlog::{self, HashReader};

/// The hashes that the other implementation stores.
#[derive(Default)]
struct Stored(RefCell<Vec<tlog::Hash>>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<tlog::Hash>, tlog::Error> {
        let stored = self.0.borrow();
        Ok(indexes.iter().map(|index| stored[usize::try_from(*index).unwrap()]).collect())
    }
}

impl Stored {
    fn append(&self, number: u64, entry: &[u8]) {
        let new = tlog::stored_hashes(number, entry, self).unwrap();
        self.0.borrow_mut().extend(new);
    }
}

fn theirs(hash: tree::Hash) -> tlog::Hash {
    tlog::Hash(hash.0)
}

fn ours(hashes: &[tlog::Hash]) -> Vec<tree::Hash> {
    hashes.iter().map(|hash| tree::Hash(hash.0)).collect()
}

#[test]
fn another_implementation_makes_and_accepts_the_same_proofs() {
    let stored = Stored::default();
    let mut our_tree = Tree::default();
    for number in 0..600u64 {
        let entry = number.to_string();
        stored.append(number, entry.as_bytes());
        our_tree.push(tree::leaf_hash(entry.as_bytes()));
        let size = number + 1;
        let root = our_tree.root();
        assert_eq!(tlog::tree_hash(size, &stored).unwrap(), theirs(root), "root of {size}");
        if !size.is_multiple_of(37) && size > 40 {
            continue;
        }
        for index in 0..size {
            let their_proof = tlog::prove_record(size, index, &stored).unwrap();
            assert_eq!(ours(&their_proof), our_tree.prove_inclusion(index).unwrap(), "{index} in {size}");
            let their_proof = tlog::prove_tree(size, size - index, &stored).unwrap();
            assert_eq!(
                ours(&their_proof),
                our_tree.prove_consistency(size - index).unwrap(),
                "{index}, {size}"
            );
        }
    }
}

/// The root that a tree of ours has, as `ct-merkle` has it.
fn their_root(tree: &Tree) -> RootHash<Sha256> {
    RootHash::new(tree.root().0.into(), tree.size())
}

fn bytes(hashes: &[tree::Hash]) -> Vec<u8> {
    hashes.iter().flat_map(|hash| hash.0).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn ct_merkle_makes_and_accepts_the_same_proofs(
        entries in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..40), 1..700),
        index in any::<prop::sample::Index>(),
        old_size in any::<prop::sample::Index>(),
        flipped in any::<prop::sample::Index>(),
    ) {
        let mut theirs = MemoryBackedTree::<Sha256, Vec<u8>>::new();
        for entry in &entries {
            theirs.push(entry.clone());
        }
        let ours: Tree = entries.iter().map(|entry| tree::leaf_hash(entry)).collect();
        prop_assert_eq!(theirs.root().as_bytes().to_vec(), ours.root().0.to_vec());

        let index = index.index(entries.len());
        let proof = ours.prove_inclusion(index as u64).unwrap();
        prop_assert_eq!(theirs.prove_inclusion(index).as_bytes().to_vec(), bytes(&proof));
        let check = |entry: &Vec<u8>, proof: &[tree::Hash]| {
            let theirs = InclusionProof::try_from_bytes(bytes(proof)).unwrap();
            let theirs = their_root(&ours).verify_inclusion(entry, index as u64, &theirs).is_ok();
            let leaf = tree::leaf_hash(entry);
            let ours = tree::verify_inclusion(leaf, index as u64, ours.size(), ours.root(), proof).is_ok();
            (ours, theirs)
        };
        prop_assert_eq!(check(&entries[index], &proof), (true, true));
        prop_assert_eq!(check(&[&entries[index][..], b"x"].concat(), &proof), (false, false));
        prop_assert_eq!(check(&entries[index], &changed(&proof, flipped)), (proof.is_empty(), proof.is_empty()));

        let old_size = 1 + old_size.index(entries.len());
        let old: Tree = entries[..old_size].iter().map(|entry| tree::leaf_hash(entry)).collect();
        let growth = ours.prove_consistency(old_size as u64).unwrap();
        let their_growth = theirs.prove_consistency(entries.len() - old_size);
        prop_assert_eq!(their_growth.as_bytes().to_vec(), bytes(&growth));
        let check = |proof: &[tree::Hash]| {
            let theirs = ConsistencyProof::try_from_bytes(bytes(proof)).unwrap();
            let theirs = their_root(&ours).verify_consistency(&their_root(&old), &theirs).is_ok();
            let ours =
                tree::verify_consistency(old.size(), old.root(), ours.size(), ours.root(), proof).is_ok();
            (ours, theirs)
        };
        prop_assert_eq!(check(&growth), (true, true));
        prop_assert_eq!(check(&changed(&growth, flipped)), (growth.is_empty(), growth.is_empty()));
    }
}

/// A proof with a bit flipped in one of its hashes, if it has any.
fn changed(proof: &[tree::Hash], at: prop::sample::Index) -> Vec<tree::Hash> {
    let mut proof = proof.to_vec();
    if !proof.is_empty() {
        let at = at.index(proof.len() * tree::HASH_LEN);
        proof[at / tree::HASH_LEN].0[at % tree::HASH_LEN] ^= 1;
    }
    proof
}

#[test]
fn a_checkpoint_that_torchwood_signed_with_ml_dsa_44_verifies() {
    let key: VerifierKey = include_str!("data/torchwood-ml-dsa-44.vkey").trim_end().parse().unwrap();
    let text = include_str!("data/torchwood-ml-dsa-44.checkpoint");
    let note = Note::parse(text.as_bytes()).unwrap();
    assert_eq!(note.verify([&key]).unwrap()[0].time, Some(0));
    assert_eq!(note.to_string(), text);
    let other = Note::parse(text.replacen("\n1\n", "\n2\n", 1).as_bytes()).unwrap();
    assert!(other.verify([&key]).is_err());
}

#[test]
fn another_implementation_verifies_our_notes_and_we_theirs() {
    let seed = [42; 32];
    let ours =
        SignerKey::from_seed("log.example/surety".parse().unwrap(), SignatureType::Ed25519, &seed).unwrap();
    let checkpoint =
        Checkpoint::new("log.example/surety".parse().unwrap(), 3, tree::leaf_hash(b"root")).unwrap();
    let mut note = Note::new(checkpoint.to_string()).unwrap();
    note.sign(&ours, 0).unwrap();

    let verifier = signed_note::StandardVerifier::new(&ours.verifier().to_string()).unwrap();
    let verifiers = signed_note::VerifierList::new(vec![Box::new(verifier)]);
    let theirs = signed_note::Note::from_bytes(note.to_string().as_bytes()).unwrap();
    assert_eq!(theirs.verify(&verifiers).unwrap().0.len(), 1);

    let signer = signed_note::StandardSigner::new(&ours.to_secret_text()).unwrap();
    let mut theirs = signed_note::Note::new(checkpoint.to_string().as_bytes(), &[]).unwrap();
    theirs.add_sigs(&[&signer]).unwrap();
    assert_eq!(theirs.to_bytes(), note.to_string().as_bytes());

    let parsed = tlog_tiles::Checkpoint::from_bytes(note.text().as_bytes()).unwrap();
    assert_eq!((parsed.origin(), parsed.size()), ("log.example/surety", 3));
}

#[test]
fn another_implementation_names_the_same_tiles() {
    for (old, new) in [(0, 1), (0, 300), (255, 257), (69_000, 70_000), (0, 70_000)] {
        let theirs = tlog_tiles::Tile::new_tiles(8, old, new);
        let ours: Vec<String> = (0..4)
            .flat_map(|level| {
                let published = tile::row(Some(level), old).collect::<Vec<_>>();
                tile::row(Some(level), new).filter(move |tile| !published.contains(tile))
            })
            .map(|tile| tile.to_string())
            .collect();
        let theirs: Vec<String> =
            theirs.iter().map(|tile| tile.path().replacen("tile/8/", "tile/", 1)).collect();
        assert_eq!(ours, theirs, "{old} to {new}");
    }
}
