//! The fast path: many draws of weights and of doubtful figures at once, eight abreast.
//!
//! Where only weights and figures vary and every mean above them is arithmetic, a score is a weighted sum of whatever
//! lies below what varies. That is computed once; a batch of draws is then a product of two small matrices, plus one
//! product for each doubtful figure. Units with the same gaps share their weights.
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

use crate::aggregate::enough;
use crate::model::{DoubtedScore, Model, Scoped, substream};
use crate::random::Streams;
use crate::{Aggregate, Doubt, Vary};

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

/// A model reduced to what its varying weights multiply, and to the scores that are drawn.
pub(crate) struct Linear {
    /// The nodes whose weights vary.
    moving: Vec<usize>,
    moves: Vec<Move>,
    /// What units have gaps in: units with the same gaps share their weights.
    patterns: Vec<Pattern>,
    /// The number of what is multiplied: members of the groups that move that are no such groups.
    leaves: usize,
    /// For every [`ROWS`] units with the same gaps: their pattern, their rows, and leaf by leaf their scores, 0 where
    /// there is none or it is drawn.
    blocks: Vec<Block>,
    /// A mean lies between the least and the greatest score in the leaves.
    pub(crate) span: Span,
}

/// What one factor does.
enum Move {
    /// Multiplies the weights of these nodes.
    Within { share: f64, nodes: Vec<usize> },
    /// Draws the weights of these nodes, with the shape of each.
    Dirichlet(Vec<(usize, f64)>),
    /// Draws scores; so many of the numbers are shared.
    Scores { ties: usize, cells: Vec<Cell> },
}

/// A score that is drawn.
struct Cell {
    /// The row of the unit and the number of its share; `None` if nothing depends on it.
    target: Option<(usize, usize)>,
    shared: Option<usize>,
    doubt: Doubt,
    /// Whether the doubt goes beyond the least or the greatest score.
    overshoots: bool,
    least: f64,
    greatest: f64,
}

#[derive(Default, PartialEq)]
struct Pattern {
    /// The groups that have a score, from the top down, with the members that have one.
    groups: Vec<(usize, Vec<usize>)>,
    /// The leaves that have a score, by number and node.
    leaves: Vec<(usize, usize)>,
}

struct Block {
    pattern: usize,
    rows: Vec<usize>,
    scores: Vec<[f64; ROWS]>,
}

/// The weights of a batch of draws.
pub(crate) struct Weights {
    /// Of each node in each draw, then its share in the whole.
    nodes: Vec<Lane>,
    shares: Vec<Lane>,
    /// Pattern by pattern, the share of each leaf.
    leaves: Vec<Lane>,
    /// The random numbers that several scores share.
    shared: Vec<Lane>,
}

impl Linear {
    /// The reduced model, if the model allows it: only weights and scores vary, each score by its own figure alone, and
    /// every mean above them is arithmetic.
    pub(crate) fn new(model: &Model<'_>) -> Option<Self> {
        let nominal = model.nominal.weights();
        let mut moving = Vec::new();
        let mut drawn = Vec::new();
        for (number, Scoped { factor, nodes: scope, .. }) in model.factors.iter().enumerate() {
            match factor.vary {
                Vary::WeightsWithin(_) | Vary::WeightsDirichlet(_) => moving.extend(scope),
                Vary::Data | Vary::DataOf(_) => drawn.push((number, model.doubted_scores(number)?)),
                _ => return None,
            }
        }
        moving.sort_unstable();
        moving.dedup();
        let doubted = || drawn.iter().flat_map(|(_, (_, scores))| scores);
        let (groups, leaves) =
            above(model, moving.iter().copied().chain(doubted().map(|score| score.indicator)))?;

        // The scores in the leaves, NaN for gaps, and which of them are drawn.
        let raw = model.nominal.scores().raw();
        let mut columns: Vec<Vec<f64>> = leaves.iter().map(|&leaf| raw[leaf].clone()).collect();
        let leaf_of = |node: usize| leaves.iter().position(|&leaf| leaf == node);
        let mut ends: Vec<(f64, f64)> = Vec::new();
        for score in doubted() {
            let (Some(leaf), Some(row)) = (leaf_of(score.indicator), score.row) else { continue };
            if columns[leaf][row].is_infinite() {
                // Two factors draw the same score.
                return None;
            }
            columns[leaf][row] = f64::INFINITY;
            ends.push(score.ends());
        }

        let units = model.nominal.top().len();
        let mut patterns: Vec<Pattern> = Vec::new();
        let mut pattern_of = Vec::with_capacity(units);
        let mut rows_of: Vec<Vec<usize>> = Vec::new();
        for row in 0..units {
            let pattern = Pattern::of(model, &groups, &leaves, &|leaf| !columns[leaf][row].is_nan());
            let number = patterns.iter().position(|known| *known == pattern).unwrap_or_else(|| {
                patterns.push(pattern);
                rows_of.push(Vec::new());
                patterns.len() - 1
            });
            rows_of[number].push(row);
            pattern_of.push(number);
        }
        let still = |leaf: usize, row: usize| Some(columns[leaf][row]).filter(|score| score.is_finite());
        let mut blocks = Vec::new();
        for (pattern, rows) in rows_of.iter().enumerate() {
            let none = if patterns[pattern].groups.is_empty() { f64::NAN } else { 0.0 };
            for rows in rows.chunks(ROWS) {
                let score = |leaf: usize, at: usize| {
                    rows.get(at).and_then(|&row| still(leaf, row)).unwrap_or(0.0) + none
                };
                let scores = (0..leaves.len()).map(|leaf| std::array::from_fn(|at| score(leaf, at)));
                blocks.push(Block { pattern, rows: rows.to_vec(), scores: scores.collect() });
            }
        }

        let (low, high) = (0..leaves.len())
            .flat_map(|leaf| (0..units).filter_map(move |row| still(leaf, row)))
            .map(|score| (score, score))
            .chain(ends)
            .reduce(|(low, high), (least, most)| (low.min(least), high.max(most)))?;
        let target = |score: &DoubtedScore<'_>| {
            let (leaf, row) = (leaf_of(score.indicator)?, score.row?);
            Some((row, pattern_of[row] * leaves.len() + leaf))
        };
        let moves = moves(model, drawn, target);
        moving.retain(|&node| nominal[node] > 0.0);
        Some(Self { moving, moves, patterns, leaves: leaves.len(), blocks, span: Span::new(low, high) })
    }

    pub(crate) fn weights(&self, model: &Model<'_>) -> Weights {
        let nodes: Vec<Lane> = model.nominal.weights().iter().map(|weight| [*weight; LANES]).collect();
        Weights {
            shares: vec![[1.0; LANES]; nodes.len()],
            nodes,
            leaves: vec![[0.0; LANES]; self.patterns.len() * self.leaves],
            shared: Vec::new(),
        }
    }

    /// The scores of a batch of draws, whose points are given lane by lane: weights first, then what is drawn on top.
    #[inline(always)]
    pub(crate) fn score(
        &self,
        model: &Model<'_>,
        seed: u64,
        points: &[Lane],
        weights: &mut Weights,
        batch: &mut Batch,
    ) {
        for &node in &self.moving {
            weights.nodes[node] = [model.nominal.weights()[node]; LANES];
        }
        for (factor, (one, point)) in self.moves.iter().zip(points).enumerate() {
            let streams = || point.map(|u| substream(seed, factor, u));
            match one {
                Move::Within { share, nodes } => {
                    let mut streams = Streams::new(streams());
                    for &node in nodes {
                        let numbers = streams.uniform();
                        let mut drawn = weights.nodes[node];
                        for lane in 0..LANES {
                            drawn[lane] *= 1.0 + share * (2.0 * numbers[lane] - 1.0);
                        }
                        weights.nodes[node] = drawn;
                    }
                }
                Move::Dirichlet(nodes) => {
                    for (lane, mut stream) in streams().into_iter().enumerate() {
                        for &(node, shape) in nodes {
                            weights.nodes[node][lane] = if shape > 0.0 { stream.gamma(shape) } else { 0.0 };
                        }
                    }
                }
                Move::Scores { .. } => {}
            }
        }
        self.share_out(weights);
        self.multiply(weights, batch);
        for (factor, (one, point)) in self.moves.iter().zip(points).enumerate() {
            if let Move::Scores { ties, cells } = one {
                let mut streams = Streams::new(point.map(|u| substream(seed, factor, u)));
                add_drawn(*ties, cells, &mut streams, weights, batch);
            }
        }
    }

    /// The share of each leaf in the whole, from the top down, for each pattern of gaps.
    #[inline(always)]
    fn share_out(&self, weights: &mut Weights) {
        for (pattern, leaves) in self.patterns.iter().zip(weights.leaves.chunks_exact_mut(self.leaves)) {
            for (group, members) in &pattern.groups {
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
            for &(leaf, node) in &pattern.leaves {
                leaves[leaf] = weights.shares[node];
            }
        }
    }

    /// Scores times shares. The products are fused with the sums, which gives the same bits on every machine.
    #[inline(always)]
    fn multiply(&self, weights: &Weights, batch: &mut Batch) {
        for block in &self.blocks {
            let shares = &weights.leaves[block.pattern * self.leaves..][..self.leaves];
            let mut sums = [[0.0; LANES]; ROWS];
            for (scores, shares) in block.scores.iter().zip(shares) {
                for (sum, score) in sums.iter_mut().zip(scores) {
                    for lane in 0..LANES {
                        sum[lane] = score.mul_add(shares[lane], sum[lane]);
                    }
                }
            }
            for (&row, sum) in block.rows.iter().zip(sums) {
                batch.scores[row] = sum;
            }
        }
    }
}

/// The groups above some nodes, from the top down, and their members that are no such groups; `None` unless every one of
/// these groups is an arithmetic mean.
fn above(model: &Model<'_>, nodes: impl Iterator<Item = usize>) -> Option<(Vec<usize>, Vec<usize>)> {
    let all = &model.framework.nodes;
    let mut above = vec![false; all.len()];
    for node in nodes {
        let mut at = all[node].parent;
        while let Some(group) = at {
            above[group] = true;
            at = all[group].parent;
        }
    }
    let groups: Vec<usize> = (0..all.len()).rev().filter(|&node| above[node]).collect();
    let is_sum = |&group: &usize| {
        model.aggregate(group) == Aggregate::Arithmetic && !model.is_benefit_of_the_doubt(group)
    };
    let members = groups.iter().flat_map(|&group| &all[group].members).copied();
    let leaves = members.filter(|&member| !above[member]).collect();
    (!groups.is_empty() && groups.iter().all(is_sum)).then_some((groups, leaves))
}

/// What each factor does; `drawn` are the factors of data with what they draw, in order.
fn moves<'m>(
    model: &'m Model<'_>,
    drawn: Vec<(usize, (usize, Vec<DoubtedScore<'m>>))>,
    target: impl Fn(&DoubtedScore<'_>) -> Option<(usize, usize)>,
) -> Vec<Move> {
    let mut drawn = drawn.into_iter().map(|(_, drawn)| drawn);
    let of = |Scoped { factor, nodes, .. }: &Scoped<'_>| match factor.vary {
        Vary::WeightsWithin(share) => Move::Within { share, nodes: nodes.clone() },
        Vary::WeightsDirichlet(concentration) => {
            let shape = |&node: &usize| Some((node, concentration * model.share(node)?));
            Move::Dirichlet(nodes.iter().filter_map(shape).collect())
        }
        _ => {
            let (ties, scores) = drawn.next().unwrap_or_default();
            let cell = |score: DoubtedScore<'_>| Cell {
                target: target(&score),
                shared: score.shared,
                doubt: score.doubt.clone(),
                overshoots: score.overshoots(),
                least: score.least,
                greatest: score.greatest,
            };
            Move::Scores { ties, cells: scores.into_iter().map(cell).collect() }
        }
    };
    model.factors.iter().map(of).collect()
}

/// Adds the scores that are drawn, each with its share.
#[inline(always)]
fn add_drawn(
    ties: usize,
    cells: &[Cell],
    streams: &mut Streams<LANES>,
    weights: &mut Weights,
    batch: &mut Batch,
) {
    weights.shared.clear();
    weights.shared.extend((0..ties).map(|_| streams.uniform()));
    for cell in cells {
        let numbers = match cell.shared {
            Some(shared) => weights.shared[shared],
            None => streams.uniform(),
        };
        let Some((row, share)) = cell.target else { continue };
        let mut scores = cell.doubt.quantiles(&numbers);
        if cell.overshoots {
            scores = scores.map(|score| score.clamp(cell.least, cell.greatest));
        }
        let (shares, mut sums) = (&weights.leaves[share], batch.scores[row]);
        for lane in 0..LANES {
            sums[lane] = scores[lane].mul_add(shares[lane], sums[lane]);
        }
        batch.scores[row] = sums;
    }
}

impl Pattern {
    /// What has a score, given which leaves have one; empty if the top has none.
    fn of(model: &Model<'_>, groups: &[usize], leaves: &[usize], is_there: &dyn Fn(usize) -> bool) -> Self {
        let nodes = &model.framework.nodes;
        let mut present = vec![false; nodes.len()];
        let mut by_group = Vec::new();
        for (number, &leaf) in leaves.iter().enumerate() {
            present[leaf] = is_there(number);
        }
        for &group in groups.iter().rev() {
            let weighed = || {
                nodes[group].members.iter().copied().filter(|&member| model.nominal.weights()[member] > 0.0)
            };
            let members: Vec<usize> = weighed().filter(|&member| present[member]).collect();
            present[group] = enough(members.len(), weighed().count(), model.framework.plan.steps.min_present);
            if present[group] {
                by_group.push((group, members));
            }
        }
        let mut pattern = Self::default();
        if groups.first().is_none_or(|&top| !present[top]) {
            return pattern;
        }
        // Only what is counted all the way up: a group that is left out leaves out what is below it.
        let mut counted = vec![false; nodes.len()];
        counted[groups[0]] = true;
        for (group, members) in by_group.into_iter().rev() {
            if counted[group] {
                for &member in &members {
                    counted[member] = true;
                }
                pattern.groups.push((group, members));
            }
        }
        pattern.leaves =
            leaves.iter().copied().enumerate().filter(|&(_, leaf)| counted[leaf] && present[leaf]).collect();
        pattern
    }
}
