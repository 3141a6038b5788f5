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
#![allow(
    clippy::cast_possible_truncation,
    clippy::cast_possible_wrap,
    reason = "the last 32 bits are what is meant"
)]
#![allow(clippy::needless_range_loop, reason = "loops over lanes read alike and become one instruction")]

use pulp::Simd;

use crate::Aggregate;
use crate::Vary;
use crate::model::{Model, Scoped};
use crate::stats::range;

/// The number of draws that are worked on side by side.
pub(crate) const LANES: usize = 8;

/// One number for each of the draws side by side.
pub(crate) type Lane = [f64; LANES];

/// The number of units whose sums are kept in registers together.
const ROWS: usize = 4;

/// The scores of a batch of draws, and the ranks that follow from them, from 0.
pub(crate) struct Batch {
    units: usize,
    /// By unit; beyond the last, NaN up to a multiple of [`ROWS`].
    pub(crate) scores: Vec<Lane>,
    keys: Vec<[i32; LANES]>,
    pub(crate) ranks: Vec<[u32; LANES]>,
}

impl Batch {
    pub(crate) fn new(units: usize) -> Self {
        let padded = units.next_multiple_of(ROWS);
        let (scores, keys, ranks) =
            (vec![[f64::NAN; LANES]; padded], vec![[0; LANES]; padded], vec![[0; LANES]; padded]);
        Self { units, scores, keys, ranks }
    }

    /// Counts for each unit how many score above it: no branches, and ties come out right.
    ///
    /// The counts are floating-point numbers, whose sums a compiler may not reorder: it works lane by lane. From
    /// 2^52 on, the last bits of such a number are a whole number.
    #[inline(always)]
    pub(crate) fn rank(&mut self) {
        const BASE: f64 = 4_503_599_627_370_496.0;
        for (mine, ranks) in self.scores.iter().zip(&mut self.ranks) {
            let mut above = [BASE; LANES];
            for other in &self.scores {
                for lane in 0..LANES {
                    above[lane] += if other[lane] > mine[lane] { 1.0 } else { 0.0 };
                }
            }
            *ranks = above.map(|count| count.to_bits() as u32);
        }
    }

    /// [`rank`](Self::rank) in a third of the time, for scores that all lie within `span`: they are rounded to
    /// 30 bits first, of which twice as many fit a vector.
    ///
    /// Rounding keeps the order but may make two scores level. Then, and only then, the ranks do not sum to
    /// n (n − 1) / 2, and the exact ones are taken; so they are when units truly tie.
    #[inline(always)]
    pub(crate) fn rank_within<S: Simd>(&mut self, simd: S, span: Span) {
        for (keys, scores) in self.keys.iter_mut().zip(&self.scores) {
            *keys = scores.map(|score| span.key(score));
        }
        if self.rank_keys(simd).iter().any(|sum| *sum as usize != self.units * (self.units - 1) / 2) {
            self.rank();
        }
    }

    /// Ranks by keys, and the sum of the ranks in each draw.
    #[inline(always)]
    fn rank_keys<S: Simd>(&mut self, simd: S) -> [u32; LANES] {
        let vectors = LANES / S::I32_LANES;
        let (keys, _) = S::as_simd_i32s(self.keys.as_flattened());
        let (ranks, _) = S::as_mut_simd_u32s(self.ranks.as_flattened_mut());
        let (zero, one) = (simd.splat_u32s(0), simd.splat_u32s(1));
        let units = &keys[..self.units * vectors];
        for (rows, ranks) in keys.chunks_exact(ROWS * vectors).zip(ranks.chunks_exact_mut(ROWS * vectors)) {
            for vector in 0..vectors {
                let mine: [S::i32s; ROWS] = std::array::from_fn(|row| rows[row * vectors + vector]);
                let mut above = [zero; ROWS];
                for other in units.chunks_exact(vectors) {
                    for row in 0..ROWS {
                        let is_above = simd.less_than_i32s(mine[row], other[vector]);
                        above[row] = simd.add_u32s(above[row], simd.select_u32s(is_above, one, zero));
                    }
                }
                for row in 0..ROWS {
                    ranks[row * vectors + vector] = above[row];
                }
            }
        }
        self.ranks[..self.units]
            .iter()
            .fold([0; LANES], |sums, ranks| std::array::from_fn(|lane| sums[lane] + ranks[lane]))
    }
}

/// Between which numbers all scores of a model lie.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Span {
    low: f64,
    scale: f64,
}

impl Span {
    fn new(low: f64, high: f64) -> Self {
        const STEPS: f64 = 1_073_741_824.0;
        Self { low, scale: if high > low { STEPS / (high - low) } else { 0.0 } }
    }

    /// A score as a whole number: added to 1.5 · 2^52, it stands in the last bits of the sum.
    #[inline(always)]
    fn key(self, score: f64) -> i32 {
        const BASE: f64 = 6_755_399_441_055_744.0;
        ((score - self.low) * self.scale + BASE).to_bits() as u32 as i32
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
    /// A mean lies between the least and the greatest score in the leaves.
    pub(crate) span: Span,
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
        (sums && whole && !groups.is_empty()).then_some(()).and_then(|()| {
            let units = model.nominal.top().len();
            let block = |first: usize, leaf: usize| {
                std::array::from_fn(|row| columns[leaf].get(first + row).copied().unwrap_or(f64::NAN))
            };
            let blocks = (0..units)
                .step_by(ROWS)
                .flat_map(|first| leaves.iter().map(move |&leaf| block(first, leaf)))
                .collect();
            let (low, high) =
                range(&leaves.iter().flat_map(|&leaf| &columns[leaf]).copied().collect::<Vec<f64>>())?;
            Some(Self { moving, groups, leaves, blocks, span: Span::new(low, high) })
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
