//! The fast path: many draws of weights at once, eight abreast.
//!
//! Where only weights vary and every mean above them is arithmetic, a score is a weighted sum of whatever
//! lies below the weights that vary. That is computed once; a batch of draws is then a product of two small matrices.
//! Everything here works on [`LANES`] draws side by side, in loops that a compiler turns into vector
//! instructions; [`pulp`] chooses the widest that the machine has. No sum depends on that choice.
#![allow(
    clippy::inline_always,
    reason = "only what is inlined into the dispatch is compiled for its instructions"
)]
#![allow(clippy::cast_possible_truncation, reason = "ranks fit 32 bits")]
#![allow(clippy::needless_range_loop, reason = "loops over lanes read alike and become one instruction")]

use crate::Aggregate;
use crate::Vary;
use crate::model::{Model, Scoped};

/// The number of draws that are worked on side by side.
pub(crate) const LANES: usize = 8;

/// One number for each of the draws side by side.
pub(crate) type Lane = [f64; LANES];

/// The number of units whose sums are kept in registers together.
const ROWS: usize = 4;

/// Ranks are counted in floating-point numbers, whose sums a compiler may not reorder: it works lane by lane,
/// three times as fast as what it makes of whole numbers. From 2^52 on, the last bits of such a number
/// are a whole number.
const BASE: f64 = 4_503_599_627_370_496.0;

/// A rank, from 0, as an index.
#[inline(always)]
pub(crate) fn rank_of(counted: f64) -> usize {
    (counted.to_bits() & 0xffff_ffff) as usize
}

/// The scores of a batch of draws, and the ranks that follow from them, from 0.
pub(crate) struct Batch {
    /// By unit; beyond the last, NaN up to a multiple of [`ROWS`].
    pub(crate) scores: Vec<Lane>,
    /// Counted up from [`BASE`], see [`rank_of`].
    pub(crate) ranks: Vec<Lane>,
}

impl Batch {
    pub(crate) fn new(units: usize) -> Self {
        let padded = units.next_multiple_of(ROWS);
        Self { scores: vec![[f64::NAN; LANES]; padded], ranks: vec![[BASE; LANES]; padded] }
    }

    /// Counts for each unit how many score above it: no branches, and ties come out right.
    #[inline(always)]
    pub(crate) fn rank(&mut self) {
        let (scores, _) = self.scores.as_chunks::<2>();
        let (ranks, _) = self.ranks.as_chunks_mut::<2>();
        for (mine, ranks) in scores.iter().zip(ranks) {
            let mut above = [[BASE; LANES]; 2];
            for other in &self.scores {
                for (above, mine) in above.iter_mut().zip(mine) {
                    for lane in 0..LANES {
                        above[lane] += if other[lane] > mine[lane] { 1.0 } else { 0.0 };
                    }
                }
            }
            *ranks = above;
        }
    }
}

/// A model reduced to what its varying weights multiply.
pub(crate) struct Linear {
    /// The nodes whose weights vary.
    moving: Vec<usize>,
    /// The groups above them, from the top down, with their members.
    groups: Vec<(usize, Vec<usize>)>,
    /// The members that are no such groups: what is multiplied.
    leaves: Vec<usize>,
    /// The scores in the leaves: for every [`ROWS`] units, leaf by leaf, the scores of these units.
    blocks: Vec<[f64; ROWS]>,
}

/// The weights of a batch of draws.
pub(crate) struct Weights {
    /// Of one draw.
    one: Vec<f64>,
    /// Of each node in each draw, then its share in the whole.
    nodes: Vec<Lane>,
    shares: Vec<Lane>,
    leaves: Vec<Lane>,
}

impl Linear {
    /// The reduced model, if the model allows it.
    pub(crate) fn new(model: &Model<'_>) -> Option<Self> {
        let is_weight = |scoped: &Scoped<'_>| {
            matches!(scoped.factor.vary, Vary::WeightsWithin(_) | Vary::WeightsDirichlet(_))
        };
        if !model.factors.iter().all(is_weight) {
            return None;
        }
        let nodes = &model.framework.nodes;
        let mut moving: Vec<usize> =
            model.factors.iter().flat_map(|scoped| scoped.nodes.iter().copied()).collect();
        moving.sort_unstable();
        moving.dedup();
        let mut above = vec![false; nodes.len()];
        for &node in &moving {
            let mut at = nodes[node].parent;
            while let Some(group) = at {
                above[group] = true;
                at = nodes[group].parent;
            }
        }
        let groups: Vec<(usize, Vec<usize>)> = (0..nodes.len())
            .rev()
            .filter(|&node| above[node])
            .map(|group| (group, nodes[group].members.clone()))
            .collect();
        let leaves: Vec<usize> = groups
            .iter()
            .flat_map(|(_, members)| members)
            .copied()
            .filter(|&member| !above[member])
            .collect();
        let columns = model.nominal.scores().raw();
        let sums = groups.iter().all(|(group, _)| {
            model.aggregate(*group) == Aggregate::Arithmetic && !model.is_benefit_of_the_doubt(*group)
        });
        let whole = leaves.iter().all(|&leaf| columns[leaf].iter().all(|score| !score.is_nan()));
        (sums && whole && !groups.is_empty()).then(|| {
            let units = model.nominal.top().len();
            let block = |first: usize, leaf: usize| {
                std::array::from_fn(|row| columns[leaf].get(first + row).copied().unwrap_or(f64::NAN))
            };
            let blocks = (0..units)
                .step_by(ROWS)
                .flat_map(|first| leaves.iter().map(move |&leaf| block(first, leaf)))
                .collect();
            Self { moving, groups, leaves, blocks }
        })
    }

    pub(crate) fn weights(&self, model: &Model<'_>) -> Weights {
        let one = model.nominal.weights().to_vec();
        let nodes: Vec<Lane> = one.iter().map(|weight| [*weight; LANES]).collect();
        Weights {
            one,
            shares: vec![[1.0; LANES]; nodes.len()],
            nodes,
            leaves: vec![[0.0; LANES]; self.leaves.len()],
        }
    }

    /// Draws the weights of one lane.
    #[inline(always)]
    pub(crate) fn draw(
        &self,
        model: &Model<'_>,
        seed: u64,
        point: &[f64],
        lane: usize,
        weights: &mut Weights,
    ) {
        for &node in &self.moving {
            weights.one[node] = model.nominal.weights()[node];
        }
        model.perturb(seed, point, &mut weights.one);
        for &node in &self.moving {
            weights.nodes[node][lane] = weights.one[node];
        }
    }

    /// The scores of a batch: shares from the top down, then the product.
    #[inline(always)]
    pub(crate) fn score(&self, weights: &mut Weights, batch: &mut Batch) {
        for (group, members) in &self.groups {
            let mut total = [0.0; LANES];
            for &member in members {
                for lane in 0..LANES {
                    total[lane] += weights.nodes[member][lane];
                }
            }
            let mut scale = weights.shares[*group];
            for lane in 0..LANES {
                scale[lane] /= total[lane];
            }
            for &member in members {
                for lane in 0..LANES {
                    weights.shares[member][lane] = scale[lane] * weights.nodes[member][lane];
                }
            }
        }
        for (all, &leaf) in weights.leaves.iter_mut().zip(&self.leaves) {
            *all = weights.shares[leaf];
        }
        let (rows, _) = batch.scores.as_chunks_mut::<ROWS>();
        for (rows, block) in rows.iter_mut().zip(self.blocks.chunks_exact(self.leaves.len())) {
            let mut sums = [[0.0; LANES]; ROWS];
            for (scores, shares) in block.iter().zip(&weights.leaves) {
                for (sum, score) in sums.iter_mut().zip(scores) {
                    for lane in 0..LANES {
                        sum[lane] += score * shares[lane];
                    }
                }
            }
            *rows = sums;
        }
    }
}
