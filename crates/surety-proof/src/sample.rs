//! A reviewer's sample: leaves chosen by a challenge that nobody knew when the commitment was made, and what
//! it shows when all of them are found true.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use crate::Root;
use crate::commitment::Layout;
use crate::encoding::{DecodeError, Reader, Writer};
use crate::register::Scope;

/// The most bytes of a beacon.
const BEACON_LEN_MAX: usize = 4096;

/// What decides which leaves are chosen: the root, something public that was fixed after the root was
/// published, and a number that the reviewer chose.
///
/// The beacon is, for instance, a cosigned checkpoint of a log that includes the statement with the root, or
/// a later value of a public randomness beacon. Neither State nor reviewer can steer the choice alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    root: Root,
    beacon: Vec<u8>,
    nonce: [u8; 32],
}

impl Challenge {
    /// Puts a challenge together; none when the beacon is empty or longer than 4,096 bytes.
    pub fn new(root: Root, beacon: &[u8], nonce: [u8; 32]) -> Option<Self> {
        let fits = (1..=BEACON_LEN_MAX).contains(&beacon.len());
        fits.then(|| Self { root, beacon: beacon.to_vec(), nonce })
    }

    /// The root that it is for.
    pub fn root(&self) -> Root {
        self.root
    }

    /// What was public when the leaves were chosen.
    pub fn beacon(&self) -> &[u8] {
        &self.beacon
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        writer
            .u16(u16::try_from(self.beacon.len()).unwrap_or(u16::MAX))
            .bytes(&self.beacon)
            .bytes(&self.nonce);
    }

    pub(crate) fn read(root: Root, reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let len = usize::from(reader.u16()?);
        let beacon = reader.take(len)?;
        Self::new(root, beacon, reader.array()?).ok_or_else(|| reader.error("a beacon has 1 to 4,096 bytes"))
    }

    /// Chooses `count` different leaves of these classes, every set as likely as any other; none when there
    /// are not so many, or a class has no section.
    ///
    /// Leaf numbers are indices of the tree, in ascending order.
    pub fn choose(&self, layout: &Layout, scope: Scope, count: u64) -> Option<Vec<u64>> {
        let sections = scope.classes().map(|class| layout.leaf_entries(class)).collect::<Option<Vec<_>>>()?;
        let leaves: u64 = sections.iter().map(|section| section.end - section.start).sum();
        if count > leaves {
            return None;
        }
        let mut draws = Draws { seed: self.seed(scope, count), block: 0 };
        // The first steps of a shuffle (Fisher and Yates); what has moved is in the map.
        let mut moved = BTreeMap::new();
        let mut chosen = Vec::new();
        for at in 0..count {
            let pick = at + draws.below(leaves - at);
            let picked = moved.get(&pick).copied().unwrap_or(pick);
            let first = moved.get(&at).copied().unwrap_or(at);
            moved.insert(pick, first);
            chosen.push(picked);
        }
        let index = |mut leaf: u64| {
            for section in &sections {
                let len = section.end - section.start;
                if leaf < len {
                    return section.start + leaf;
                }
                leaf -= len;
            }
            u64::MAX
        };
        let mut indices: Vec<u64> = chosen.into_iter().map(index).collect();
        indices.sort_unstable();
        Some(indices)
    }

    fn seed(&self, scope: Scope, count: u64) -> [u8; 32] {
        let mut writer = Writer::default();
        writer.bytes(b"surety-proof/1 sample\n").bytes(&self.root.0);
        self.write(&mut writer);
        scope.write(&mut writer);
        Sha256::digest(writer.u64(count).finish()).into()
    }
}

/// Numbers from a seed: SHA-256 of the seed and a counter, eight bytes of each.
struct Draws {
    seed: [u8; 32],
    block: u64,
}

impl Draws {
    /// A number below another, each as likely.
    fn below(&mut self, bound: u64) -> u64 {
        // Numbers beyond the last multiple of the bound are drawn again.
        let beyond = u64::MAX - u64::MAX % bound;
        loop {
            let hash =
                Sha256::new().chain_update(self.seed).chain_update(self.block.to_be_bytes()).finalize();
            self.block += 1;
            let mut bytes = [0; 8];
            bytes.copy_from_slice(&hash[..8]);
            let number = u64::from_be_bytes(bytes);
            if number < beyond {
                return number % bound;
            }
        }
    }
}

/// With what probability a sample finds at least one of `false_leaves` among `leaves` (hypergeometric).
///
/// ```
/// // 300 of 4,096 leaves, of which 50 are false: all but certain. One false leaf: 7 %.
/// assert!(surety_proof::detection_probability(4_096, 50, 300) > 0.97);
/// assert!((surety_proof::detection_probability(4_096, 1, 300) - 300.0 / 4_096.0).abs() < 1e-12);
/// ```
pub fn detection_probability(leaves: u64, false_leaves: u64, sampled: u64) -> f64 {
    let (false_leaves, sampled) = (false_leaves.min(leaves), sampled.min(leaves));
    if false_leaves + sampled > leaves {
        return 1.0;
    }
    // Missing is the same whichever of both is drawn; take the fewer factors.
    let (few, many) = (false_leaves.min(sampled), false_leaves.max(sampled));
    #[expect(clippy::cast_precision_loss, reason = "numbers of leaves are below 2^53")]
    let missed: f64 = (0..few).map(|at| (leaves - many - at) as f64 / (leaves - at) as f64).product();
    1.0 - missed
}

/// The smallest sample that finds one of `false_leaves` with at least this probability; none when there is
/// nothing to find.
pub fn sample_size(leaves: u64, false_leaves: u64, probability: f64) -> Option<u64> {
    if false_leaves == 0 || false_leaves > leaves || !(0.0..=1.0).contains(&probability) {
        return None;
    }
    let (mut short, mut enough) = (0, leaves);
    while enough - short > 1 {
        let middle = short + (enough - short) / 2;
        if detection_probability(leaves, false_leaves, middle) >= probability {
            enough = middle;
        } else {
            short = middle;
        }
    }
    Some(if probability == 0.0 { 0 } else { enough })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::{HEU_MILITARY, committed_year_1};
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn challenge(beacon: &[u8]) -> Challenge {
        Challenge::new(committed_year_1().anchor().root, beacon, [1; 32]).unwrap()
    }

    #[test]
    fn anybody_chooses_the_same_leaves_and_nobody_others() {
        let layout = &committed_year_1().header().layout;
        let scope = Scope::class(HEU_MILITARY);
        let chosen = challenge(b"checkpoint 1").choose(layout, scope, 5).unwrap();
        assert_eq!(challenge(b"checkpoint 1").choose(layout, scope, 5), Some(chosen.clone()));
        assert_ne!(challenge(b"checkpoint 2").choose(layout, scope, 5), Some(chosen.clone()));
        assert!(chosen.windows(2).all(|pair| pair[0] < pair[1]));
        let section = layout.leaf_entries(HEU_MILITARY).unwrap();
        assert!(chosen.iter().all(|leaf| section.contains(leaf)));
        let all = section.end - section.start;
        assert_eq!(challenge(b"c").choose(layout, scope, all), Some(section.collect()));
        assert_eq!(challenge(b"c").choose(layout, scope, all + 1), None);
    }

    #[test]
    fn every_leaf_is_chosen_about_as_often() {
        let layout = &committed_year_1().header().layout;
        let scope = Scope::class(HEU_MILITARY);
        let section = layout.leaf_entries(HEU_MILITARY).unwrap();
        let leaves = usize::try_from(section.end - section.start).unwrap();
        let mut counts = vec![0u32; leaves];
        let rounds = 4_000;
        for round in 0..rounds {
            let beacon = u32::to_be_bytes(round);
            for leaf in challenge(&beacon).choose(layout, scope, 2).unwrap() {
                counts[usize::try_from(leaf - section.start).unwrap()] += 1;
            }
        }
        let expected = f64::from(rounds) * 2.0 / f64::from(u32::try_from(leaves).unwrap());
        for count in counts {
            // Six standard deviations.
            assert!((f64::from(count) - expected).abs() < 6.0 * expected.sqrt(), "{count} of {expected}");
        }
    }

    #[test]
    fn detection_equals_the_count_of_samples() {
        // Of all samples of 3 among 8 leaves, count those that hit one of the first 2.
        let samples = (0u32..256).filter(|set| set.count_ones() == 3);
        let (hits, all) =
            samples.fold((0, 0), |(hits, all), set| (hits + u32::from(set & 0b11 != 0), all + 1));
        let expected = f64::from(hits) / f64::from(all);
        assert!((detection_probability(8, 2, 3) - expected).abs() < 1e-12);
        assert!((detection_probability(8, 3, 2) - detection_probability(8, 2, 3)).abs() < 1e-12);
        assert!((detection_probability(8, 0, 3)).abs() < 1e-12);
        assert!((detection_probability(8, 6, 3) - 1.0).abs() < 1e-12);
    }

    proptest! {
        #[test]
        fn the_sample_size_is_the_smallest_that_suffices(
            leaves in 1u64..5_000, share in 0.001f64..1.0, probability in 0.01f64..0.999,
        ) {
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, clippy::cast_precision_loss, reason = "small")]
            let false_leaves = ((leaves as f64 * share) as u64).max(1);
            let size = sample_size(leaves, false_leaves, probability).unwrap();
            prop_assert!(detection_probability(leaves, false_leaves, size) >= probability);
            prop_assert!(detection_probability(leaves, false_leaves, size - 1) < probability);
        }

        #[test]
        fn chosen_leaves_are_different(count in 0u64..20, nonce in any::<[u8; 32]>()) {
            let layout = &committed_year_1().header().layout;
            let challenge = Challenge::new(Root([1; 32]), b"b", nonce).unwrap();
            let scope = Scope::material(crate::Material::Heu);
            let chosen = challenge.choose(layout, scope, count).unwrap();
            prop_assert_eq!(chosen.iter().collect::<BTreeSet<_>>().len() as u64, count);
        }
    }
}
