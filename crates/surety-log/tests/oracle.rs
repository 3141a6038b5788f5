//! Others' code agrees: `tlog_tiles` and `signed_note` (ports of Go's `sumdb`) and torchwood, on the same input.

#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

use std::cell::RefCell;

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
