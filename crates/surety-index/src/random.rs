//! Random numbers that follow from a seed and a position alone.

/// A stream of random numbers: `SplitMix64` (Steele, Lea and Flood 2014), started at a hash of the seed and
/// of the number of the stream. Streams need no order, so any number of threads draws the same.
#[derive(Debug, Clone)]
pub(crate) struct Stream(u64);

const GAMMA: u64 = 0x9e37_79b9_7f4a_7c15;

#[inline]
fn mix(mut bits: u64) -> u64 {
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// The first 52 bits as the fraction of a number from 1 to below 2, less 1: no conversion, so that lanes can do it.
#[inline]
fn unit(bits: u64) -> f64 {
    const ONE: u64 = 0x3ff0_0000_0000_0000;
    f64::from_bits(bits >> 12 | ONE) - 1.0
}

/// One hash of two numbers.
#[inline]
pub(crate) fn hash(seed: u64, index: u64) -> u64 {
    mix(mix(seed.wrapping_add(GAMMA)) ^ index.wrapping_mul(GAMMA).wrapping_add(GAMMA))
}

impl Stream {
    #[inline]
    pub(crate) fn new(seed: u64, index: u64) -> Self {
        Self(hash(seed, index))
    }

    #[inline]
    pub(crate) fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GAMMA);
        mix(self.0)
    }

    /// A number of at least 0 and below 1, 52 bits.
    #[inline]
    pub(crate) fn uniform(&mut self) -> f64 {
        unit(self.bits())
    }

    /// An index below `count`, which must not be 0 (Lemire 2019, without the rejection, whose bias of
    /// `count` in 2^64 nobody can see).
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let wide = u128::from(self.bits()) * count as u128;
        #[expect(clippy::cast_possible_truncation, reason = "the high half is below `count`")]
        let index = (wide >> 64) as usize;
        index
    }

    /// A normal number (Marsaglia's polar method).
    fn normal(&mut self) -> f64 {
        loop {
            let (a, b) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = a * a + b * b;
            if square > 0.0 && square < 1.0 {
                return a * (-2.0 * square.ln() / square).sqrt();
            }
        }
    }

    /// A gamma number of scale 1 (Marsaglia and Tsang 2000; below shape 1 by their power of a uniform).
    pub(crate) fn gamma(&mut self, shape: f64) -> f64 {
        if shape < 1.0 {
            return self.gamma(shape + 1.0) * (1.0 - self.uniform()).powf(shape.recip());
        }
        let d = shape - 1.0 / 3.0;
        let c = (9.0 * d).sqrt().recip();
        loop {
            let x = self.normal();
            let v = (1.0 + c * x).powi(3);
            if v > 0.0 && (1.0 - self.uniform()).ln() < 0.5 * x * x + d - d * v + d * v.ln() {
                return d * v;
            }
        }
    }
}

/// Streams side by side, one for each of the draws that are worked on together.
#[derive(Debug, Clone)]
pub(crate) struct Streams<const LANES: usize>([u64; LANES]);

impl<const LANES: usize> Streams<LANES> {
    pub(crate) fn new(streams: [Stream; LANES]) -> Self {
        Self(streams.map(|stream| stream.0))
    }

    /// [`Stream::uniform`] of each.
    #[expect(clippy::inline_always, reason = "compiled for the instructions of whoever calls it")]
    #[inline(always)]
    pub(crate) fn uniform(&mut self) -> [f64; LANES] {
        let mut numbers = [0.0; LANES];
        for (state, number) in self.0.iter_mut().zip(&mut numbers) {
            *state = state.wrapping_add(GAMMA);
            *number = unit(mix(*state));
        }
        numbers
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(mut draw: impl FnMut(&mut Stream) -> f64) -> (f64, f64) {
        let values: Vec<f64> = (0..40_000).map(|index| draw(&mut Stream::new(7, index))).collect();
        (crate::stats::mean(&values).unwrap(), crate::stats::sample_sd(&values).unwrap().powi(2))
    }

    #[test]
    fn streams_have_the_moments_of_their_distributions() {
        let (mean, variance) = moments(Stream::uniform);
        assert!((mean - 0.5).abs() < 0.01 && (variance - 1.0 / 12.0).abs() < 0.002);
        for shape in [0.3, 1.0, 4.5] {
            let (mean, variance) = moments(|stream| stream.gamma(shape));
            assert!((mean - shape).abs() < 0.05 * shape.sqrt().max(1.0), "{shape}: {mean}");
            assert!((variance - shape).abs() < 0.1 * shape.max(0.5), "{shape}: {variance}");
        }
        let (mean, _) = moments(|stream| stream.below(5) as f64);
        assert!((mean - 2.0).abs() < 0.03);
    }

    #[test]
    fn a_stream_follows_from_its_seed_and_number() {
        assert_eq!(Stream::new(1, 2).bits(), Stream::new(1, 2).bits());
        assert_ne!(Stream::new(1, 2).bits(), Stream::new(1, 3).bits());
        assert_ne!(Stream::new(2, 1).bits(), Stream::new(1, 2).bits());
    }
}
