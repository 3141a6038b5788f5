//! The Merkle tree of RFC 6962: hashes, roots, inclusion and consistency proofs.
//!
//! A proof is a list of roots of *perfect* subtrees, combined where the right edge of the tree is not
//! perfect. So whoever can look up perfect subtrees ([`Nodes`]) can make any proof: a [`Tree`] in memory,
//! or the tiles of a published log.

use std::convert::Infallible;
use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

use crate::text;

/// The bytes of a hash.
pub const HASH_LEN: usize = 32;

/// The most hashes a proof can have: a tree is at most 63 levels high.
pub const PROOF_HASHES_MAX: usize = 63;

/// The largest tree: what fits a signed 64-bit number, as in other implementations.
pub const TREE_SIZE_MAX: u64 = i64::MAX as u64;

/// A SHA-256 hash of an entry, of a subtree, or of a whole tree; base64 as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash(pub [u8; HASH_LEN]);

impl Hash {
    /// The root of the tree without entries: SHA-256 of nothing.
    pub const EMPTY_TREE: Self = Self([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27,
        0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55,
    ]);
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&text::encode_base64(&self.0))
    }
}

/// The text is not a hash.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a hash: 32 bytes in base64 have 44 characters")]
pub struct ParseHashError(String);

impl FromStr for Hash {
    type Err = ParseHashError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let error = || ParseHashError(text::excerpt(text));
        let bytes = text::decode_base64(text).ok_or_else(error)?;
        bytes.try_into().map(Self).map_err(|_| error())
    }
}

/// The hash of an entry: SHA-256 of a zero byte and the entry.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    Hash(Sha256::new().chain_update([0]).chain_update(entry).finalize().into())
}

/// The hash of two subtrees: SHA-256 of a one byte and both hashes.
pub fn node_hash(left: Hash, right: Hash) -> Hash {
    let mut input = [1; 1 + 2 * HASH_LEN];
    input[1..=HASH_LEN].copy_from_slice(&left.0);
    input[1 + HASH_LEN..].copy_from_slice(&right.0);
    Hash(Sha256::digest(input).into())
}

/// The root over these hashes: RFC 6962's `MTH`, given what its leaves hash to.
///
/// The last hash may stand for a subtree smaller than the others.
pub fn root_of(hashes: &[Hash]) -> Hash {
    let mut row = hashes.to_vec();
    while row.len() > 1 {
        row = row.chunks(2).map(hash_of_pair).collect();
    }
    row.first().copied().unwrap_or(Hash::EMPTY_TREE)
}

/// A hash without a partner goes up as it is.
fn hash_of_pair(pair: &[Hash]) -> Hash {
    match *pair {
        [left, right] => node_hash(left, right),
        [alone, ..] => alone,
        [] => Hash::EMPTY_TREE,
    }
}

/// Where the roots of perfect subtrees are looked up.
pub trait Nodes {
    /// Why a lookup fails.
    type Error;

    /// The root over the `2^level` entries from `index * 2^level` on. Asked only for subtrees that are
    /// full in the tree at hand.
    fn node(&self, level: u8, index: u64) -> Result<Hash, Self::Error>;

    /// The root over entries `start..end`, where `start` is a multiple of a power of two ≥ `end - start`.
    fn subtree(&self, start: u64, end: u64) -> Result<Hash, Self::Error> {
        joined(self, start, end)
    }
}

/// Joins the perfect subtrees of which `start..end` consists, from the smallest, which is the last.
pub(crate) fn joined<N: Nodes + ?Sized>(nodes: &N, start: u64, end: u64) -> Result<Hash, N::Error> {
    let mut joined = None;
    let mut before = end - start;
    while before != 0 {
        let level = before.trailing_zeros();
        before -= 1 << level;
        // At most 63: the size of a tree is a 64-bit number.
        let left = nodes.node(u8::try_from(level).unwrap_or(u8::MAX), (start + before) >> level)?;
        joined = Some(joined.map_or(left, |right| node_hash(left, right)));
    }
    Ok(joined.unwrap_or(Hash::EMPTY_TREE))
}

/// A proof was asked of a tree that cannot have it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProveError<E> {
    /// The entry or the smaller tree lies outside of the tree.
    #[error("the tree has {size} entries: there is no proof for {asked}")]
    OutOfRange {
        /// The index or the size that was asked for.
        asked: u64,
        /// The size of the tree.
        size: u64,
    },
    /// A subtree could not be looked up.
    #[error(transparent)]
    Nodes(#[from] E),
}

/// The root of the first `size` entries.
pub fn root<N: Nodes>(size: u64, nodes: &N) -> Result<Hash, N::Error> {
    nodes.subtree(0, size)
}

/// The proof that entry `index` is in the tree of `size` entries: the hashes beside its path, from the
/// leaf up.
pub fn prove_inclusion<N: Nodes>(
    index: u64,
    size: u64,
    nodes: &N,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if index >= size || size > TREE_SIZE_MAX {
        return Err(ProveError::OutOfRange { asked: index, size });
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end - start > 1 {
        let middle = start + split(end - start);
        if index < middle {
            proof.push(nodes.subtree(middle, end)?);
            end = middle;
        } else {
            proof.push(nodes.subtree(start, middle)?);
            start = middle;
        }
    }
    proof.reverse();
    Ok(proof)
}

/// The proof that the tree of `old_size` entries is a prefix of the tree of `size` entries. Empty when the
/// old tree is empty or the same.
pub fn prove_consistency<N: Nodes>(
    old_size: u64,
    size: u64,
    nodes: &N,
) -> Result<Vec<Hash>, ProveError<N::Error>> {
    if old_size > size || size > TREE_SIZE_MAX {
        return Err(ProveError::OutOfRange { asked: old_size, size });
    }
    if old_size == 0 {
        return Ok(Vec::new());
    }
    let (mut start, mut end) = (0, size);
    let mut proof = Vec::new();
    while end != old_size {
        let middle = start + split(end - start);
        if old_size <= middle {
            proof.push(nodes.subtree(middle, end)?);
            end = middle;
        } else {
            proof.push(nodes.subtree(start, middle)?);
            start = middle;
        }
    }
    // The verifier knows the old root, so a proof whose path ends in the whole old tree leaves it out.
    if start != 0 {
        proof.push(nodes.subtree(start, end)?);
    }
    proof.reverse();
    Ok(proof)
}

/// A proof does not show what it should show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProofError {
    /// The entry or the old tree lies outside of the tree.
    #[error("the proof is for {asked}, and the tree has {size} entries")]
    OutOfRange {
        /// The index or the size that the proof is for.
        asked: u64,
        /// The size of the tree.
        size: u64,
    },
    /// Too many or too few hashes.
    #[error("the proof has {found} hashes, which is not the number that these sizes need")]
    Length {
        /// How many hashes it has.
        found: usize,
    },
    /// The hashes do not lead to the root.
    #[error("the proof leads to another root: what it should show is not so")]
    Root,
}

/// Checks that an entry is in a tree.
pub fn verify_inclusion(
    leaf: Hash,
    index: u64,
    size: u64,
    root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if root_from_inclusion(leaf, index, size, proof)? == root { Ok(()) } else { Err(ProofError::Root) }
}

/// The root to which a proof leads that an entry is in a tree. It shows nothing until somebody vouches for the root.
pub fn root_from_inclusion(leaf: Hash, index: u64, size: u64, proof: &[Hash]) -> Result<Hash, ProofError> {
    if index >= size || size > TREE_SIZE_MAX {
        return Err(ProofError::OutOfRange { asked: index, size });
    }
    let length = ProofError::Length { found: proof.len() };
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf;
    for sibling in proof {
        if last == 0 {
            return Err(length);
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(*sibling, hash);
            while node.is_multiple_of(2) && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(length);
    }
    Ok(hash)
}

/// Checks that an old tree is a prefix of a tree.
pub fn verify_consistency(
    old_size: u64,
    old_root: Hash,
    size: u64,
    root: Hash,
    proof: &[Hash],
) -> Result<(), ProofError> {
    if old_size > size || size > TREE_SIZE_MAX {
        return Err(ProofError::OutOfRange { asked: old_size, size });
    }
    let length = ProofError::Length { found: proof.len() };
    if old_size == 0 || old_size == size {
        let expected_old = if old_size == 0 { Hash::EMPTY_TREE } else { root };
        return match proof {
            [] if old_root == expected_old => Ok(()),
            [] => Err(ProofError::Root),
            _ => Err(length),
        };
    }
    let (mut node, mut last) = (old_size - 1, size - 1);
    while node % 2 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    // A path that ends in the whole old tree leaves its root out.
    let (first, siblings) = match proof {
        _ if node == 0 => (old_root, proof),
        [first, siblings @ ..] => (*first, siblings),
        [] => return Err(length),
    };
    let (mut old_hash, mut hash) = (first, first);
    for sibling in siblings {
        if last == 0 {
            return Err(length);
        }
        if node % 2 == 1 || node == last {
            old_hash = node_hash(*sibling, old_hash);
            hash = node_hash(*sibling, hash);
            while node.is_multiple_of(2) && node != 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(hash, *sibling);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    if last != 0 {
        return Err(length);
    }
    if old_hash == old_root && hash == root { Ok(()) } else { Err(ProofError::Root) }
}

/// The largest power of two smaller than `count`, which is at least two.
fn split(count: u64) -> u64 {
    1 << (count - 1).ilog2()
}

/// A tree in memory: every perfect subtree of it, about two hashes for each entry.
///
/// ```
/// use surety_log::tree::{Tree, leaf_hash, verify_inclusion};
///
/// let mut tree = Tree::default();
/// for entry in ["a", "b", "c"] {
///     tree.push(leaf_hash(entry.as_bytes()));
/// }
/// let proof = tree.prove_inclusion(2)?;
/// verify_inclusion(leaf_hash(b"c"), 2, 3, tree.root(), &proof)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Default)]
pub struct Tree {
    /// The full subtrees of each level, left to right; level 0 are the leaves.
    levels: Vec<Vec<Hash>>,
}

impl Tree {
    /// How many entries it has.
    pub fn size(&self) -> u64 {
        self.levels.first().map_or(0, |leaves| leaves.len() as u64)
    }

    /// Appends the hash of an entry.
    pub fn push(&mut self, leaf: Hash) {
        let mut hash = leaf;
        for level in 0.. {
            if level == self.levels.len() {
                self.levels.push(Vec::new());
            }
            let row = &mut self.levels[level];
            row.push(hash);
            let [.., left, right] = row[..] else { return };
            if row.len() % 2 == 1 {
                return;
            }
            hash = node_hash(left, right);
        }
    }

    /// The root over all entries.
    pub fn root(&self) -> Hash {
        self.root_at(self.size()).unwrap_or(Hash::EMPTY_TREE)
    }

    /// The root as it was at an earlier size; none beyond the tree.
    pub fn root_at(&self, size: u64) -> Option<Hash> {
        if size > self.size() {
            return None;
        }
        match root(size, self) {
            Ok(root) => Some(root),
            Err(never) => match never {},
        }
    }

    /// Proves that an entry is in the tree.
    pub fn prove_inclusion(&self, index: u64) -> Result<Vec<Hash>, ProveError<Infallible>> {
        prove_inclusion(index, self.size(), self)
    }

    /// Proves that the tree of `old_size` entries is a prefix of this one.
    pub fn prove_consistency(&self, old_size: u64) -> Result<Vec<Hash>, ProveError<Infallible>> {
        prove_consistency(old_size, self.size(), self)
    }
}

impl FromIterator<Hash> for Tree {
    fn from_iter<I: IntoIterator<Item = Hash>>(leaves: I) -> Self {
        let mut tree = Self::default();
        leaves.into_iter().for_each(|leaf| tree.push(leaf));
        tree
    }
}

impl Nodes for Tree {
    type Error = Infallible;

    fn node(&self, level: u8, index: u64) -> Result<Hash, Infallible> {
        let row = self.levels.get(usize::from(level));
        let node = row.and_then(|row| row.get(usize::try_from(index).ok()?));
        // Only full subtrees of this tree are asked for.
        Ok(node.copied().unwrap_or(Hash::EMPTY_TREE))
    }
}

#[cfg(test)]
#[expect(clippy::cast_possible_truncation, reason = "the trees of the tests are small")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The entries and roots that Certificate Transparency has used as known answers since RFC 6962.
    const ENTRIES: [&str; 8] =
        ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];
    const ROOTS: [&str; 9] = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];

    fn from_hex(text: &str) -> Vec<u8> {
        (0..text.len() / 2).map(|at| u8::from_str_radix(&text[2 * at..2 * at + 2], 16).unwrap()).collect()
    }

    fn hash_from_hex(text: &str) -> Hash {
        Hash(from_hex(text).try_into().unwrap())
    }

    fn known_tree() -> Tree {
        ENTRIES.iter().map(|entry| leaf_hash(&from_hex(entry))).collect()
    }

    fn leaves(count: u64) -> Vec<Hash> {
        (0..count).map(|number| leaf_hash(&number.to_be_bytes())).collect()
    }

    /// RFC 6962, section 2.1, as it stands there.
    fn naive_root(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => Hash(Sha256::digest([]).into()),
            [leaf] => *leaf,
            _ => {
                let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
                node_hash(naive_root(left), naive_root(right))
            }
        }
    }

    /// `PATH` of section 2.1.1.
    fn naive_path(index: usize, leaves: &[Hash]) -> Vec<Hash> {
        if leaves.len() == 1 {
            return Vec::new();
        }
        let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
        let (mut path, sibling) = if index < left.len() {
            (naive_path(index, left), naive_root(right))
        } else {
            (naive_path(index - left.len(), right), naive_root(left))
        };
        path.push(sibling);
        path
    }

    /// `SUBPROOF` of section 2.1.2.
    fn naive_subproof(old_size: usize, leaves: &[Hash], whole: bool) -> Vec<Hash> {
        if old_size == leaves.len() {
            return if whole { Vec::new() } else { vec![naive_root(leaves)] };
        }
        let (left, right) = leaves.split_at(1 << (leaves.len() - 1).ilog2());
        let (mut proof, sibling) = if old_size <= left.len() {
            (naive_subproof(old_size, left, whole), naive_root(right))
        } else {
            (naive_subproof(old_size - left.len(), right, false), naive_root(left))
        };
        proof.push(sibling);
        proof
    }

    #[test]
    fn the_roots_are_those_of_certificate_transparency() {
        let tree = known_tree();
        for (size, root) in ROOTS.iter().enumerate() {
            assert_eq!(tree.root_at(size as u64), Some(hash_from_hex(root)), "{size} entries");
        }
        assert_eq!(Hash::EMPTY_TREE, hash_from_hex(ROOTS[0]));
        assert_eq!(tree.root_at(9), None);
    }

    #[test]
    fn the_proofs_are_those_of_certificate_transparency() {
        let expected = [
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ];
        assert_eq!(known_tree().prove_inclusion(5).unwrap(), expected.map(hash_from_hex));
        let expected = [
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ];
        assert_eq!(known_tree().prove_consistency(6).unwrap(), expected.map(hash_from_hex));
    }

    #[test]
    fn every_small_tree_proves_what_the_definition_says() {
        let leaves = leaves(70);
        for size in 0..=leaves.len() {
            let tree: Tree = leaves[..size].iter().copied().collect();
            let root = naive_root(&leaves[..size]);
            assert_eq!(tree.root(), root, "{size}");
            assert_eq!(root_of(&leaves[..size]), root, "{size}");
            let size = size as u64;
            for index in 0..size {
                let proof = tree.prove_inclusion(index).unwrap();
                assert_eq!(proof, naive_path(index as usize, &leaves[..size as usize]), "{index} of {size}");
                assert_eq!(verify_inclusion(leaves[index as usize], index, size, root, &proof), Ok(()));
            }
            for old in 0..=size {
                let proof = tree.prove_consistency(old).unwrap();
                if old > 0 {
                    assert_eq!(
                        proof,
                        naive_subproof(old as usize, &leaves[..size as usize], true),
                        "{old}, {size}"
                    );
                }
                let old_root = naive_root(&leaves[..old as usize]);
                assert_eq!(verify_consistency(old, old_root, size, root, &proof), Ok(()), "{old} to {size}");
            }
            assert!(tree.prove_inclusion(size).is_err() && tree.prove_consistency(size + 1).is_err());
        }
    }

    #[test]
    fn a_proof_for_something_else_is_refused() {
        let leaves = leaves(13);
        let tree: Tree = leaves.iter().copied().collect();
        let root = tree.root();
        for index in 0..13 {
            let proof = tree.prove_inclusion(index).unwrap();
            let verify =
                |leaf, index, size, root, proof: &[Hash]| verify_inclusion(leaf, index, size, root, proof);
            let leaf = leaves[index as usize];
            for other in (0..13).filter(|other| *other != index) {
                assert!(verify(leaf, other, 13, root, &proof).is_err(), "{index} as {other}");
            }
            assert!(verify(leaf_hash(b"other"), index, 13, root, &proof).is_err());
            assert!(verify(leaf, index, 13, leaf_hash(b"other"), &proof).is_err());
            assert!(verify(leaf, index, 13, root, &proof[1..]).is_err());
            let longer: Vec<Hash> = proof.iter().copied().chain([root]).collect();
            assert!(verify(leaf, index, 13, root, &longer).is_err());
            let beyond = Err(ProofError::OutOfRange { asked: 13, size: 13 });
            assert_eq!(verify(leaf, 13, 13, root, &proof), beyond);
            assert!(verify(leaf, index, u64::MAX, root, &proof).is_err());
        }
    }

    #[test]
    fn a_rewritten_past_is_refused() {
        let honest: Tree = leaves(13).into_iter().collect();
        let mut rewritten = leaves(13);
        rewritten[3] = leaf_hash(b"other");
        let rewritten: Tree = rewritten.into_iter().collect();
        for old in 4..13 {
            let proof = rewritten.prove_consistency(old).unwrap();
            let old_root = honest.root_at(old).unwrap();
            assert_eq!(
                verify_consistency(old, old_root, 13, rewritten.root(), &proof),
                Err(ProofError::Root)
            );
            let proof = honest.prove_consistency(old).unwrap();
            assert!(verify_consistency(old, old_root, 13, honest.root(), &proof[1..]).is_err(), "{old}");
            let rollback = Err(ProofError::OutOfRange { asked: 13, size: old });
            assert_eq!(verify_consistency(13, honest.root(), old, old_root, &proof), rollback);
            let shorter = &proof[..proof.len() - 1];
            let short = Err(ProofError::Length { found: shorter.len() });
            assert_eq!(verify_consistency(old, old_root, 13, honest.root(), shorter), short, "{old}");
        }
        assert_eq!(verify_consistency(13, honest.root(), 13, rewritten.root(), &[]), Err(ProofError::Root));
        assert_eq!(verify_consistency(0, honest.root(), 13, honest.root(), &[]), Err(ProofError::Root));
        assert!(verify_consistency(0, Hash::EMPTY_TREE, 13, honest.root(), &[honest.root()]).is_err());
    }

    #[test]
    fn a_hash_is_written_one_way_only() {
        let hash = leaf_hash(b"a");
        assert_eq!(hash.to_string().parse(), Ok(hash));
        for bad in
            ["", "AA==", &format!("{hash} "), &hash.to_string()[1..], &hash.to_string().replace('=', "")]
        {
            assert!(bad.parse::<Hash>().is_err(), "{bad}");
        }
        let spare_bits =
            hash.to_string().replace('=', "").chars().take(42).chain("9=".chars()).collect::<String>();
        assert!(spare_bits.parse::<Hash>().is_err(), "{spare_bits}");
    }

    proptest! {
        #[test]
        fn proofs_hold_and_a_changed_bit_breaks_them(
            size in 1u64..2000, pick in any::<u64>(), old in any::<u64>(), byte in 0usize..32, bit in 0u8..8,
        ) {
            let leaves = leaves(size);
            let tree: Tree = leaves.iter().copied().collect();
            let (index, old) = (pick % size, old % (size + 1));
            let mut proof = tree.prove_inclusion(index).unwrap();
            prop_assert_eq!(verify_inclusion(leaves[index as usize], index, size, tree.root(), &proof), Ok(()));
            let mut consistency = tree.prove_consistency(old).unwrap();
            let old_root = naive_root(&leaves[..old as usize]);
            prop_assert_eq!(verify_consistency(old, old_root, size, tree.root(), &consistency), Ok(()));
            if !proof.is_empty() {
                let at = pick as usize % proof.len();
                proof[at].0[byte] ^= 1 << bit;
                prop_assert!(verify_inclusion(leaves[index as usize], index, size, tree.root(), &proof).is_err());
            }
            if !consistency.is_empty() {
                let at = pick as usize % consistency.len();
                consistency[at].0[byte] ^= 1 << bit;
                prop_assert!(verify_consistency(old, old_root, size, tree.root(), &consistency).is_err());
            }
        }

        #[test]
        fn no_proof_makes_the_verifier_panic(
            a in any::<u64>(), b in any::<u64>(), count in 0usize..70,
        ) {
            let hash = Hash::EMPTY_TREE;
            let proof = vec![hash; count];
            let _ = verify_inclusion(hash, a, b, hash, &proof);
            let _ = verify_consistency(a, hash, b, hash, &proof);
        }
    }
}
