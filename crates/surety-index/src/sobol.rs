//! Points that fill a cube evenly: the Sobol sequence, plain or scrambled.

use crate::Error;
use crate::random::hash;

/// Joe and Kuo's direction numbers; the first dimension needs none.
const DIRECTIONS: &str = include_str!("joe-kuo.txt");

/// The number of bits of a coordinate.
const BITS: usize = 32;

/// The Sobol sequence (Sobol 1967) with the direction numbers of Joe and Kuo (2008), in the order of Gray's
/// code (Antonov and Saleev 1979).
///
/// ```
/// use surety_index::Sobol;
///
/// let points = Sobol::new(2, None)?;
/// assert_eq!(points.point(2), [0.75, 0.25]);
/// # Ok::<(), surety_index::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct Sobol {
    directions: Vec<[u32; BITS]>,
    seed: Option<u64>,
}

impl Sobol {
    /// The most dimensions.
    pub const DIMENSIONS_MAX: usize = 256;

    /// The sequence in so many dimensions. With a seed it is scrambled as Owen (1995) does: every half of
    /// every interval, at every scale, changes places with the other or does not, each by a bit of its own.
    /// The points stay as even as they were, and each is uniformly distributed.
    pub fn new(dimensions: usize, seed: Option<u64>) -> Result<Self, Error> {
        if dimensions > Self::DIMENSIONS_MAX {
            let most = Self::DIMENSIONS_MAX;
            return Err(Error::question(format!(
                "{dimensions} dimensions: the direction numbers reach to {most}"
            )));
        }
        let first = std::array::from_fn(|bit| 1 << (BITS - 1 - bit));
        let lines = DIRECTIONS.lines().filter(|line| !line.starts_with('#'));
        let directions = std::iter::once(first).chain(lines.map(directions)).take(dimensions).collect();
        Ok(Self { directions, seed })
    }

    /// The point with this number, from 0.
    pub fn point(&self, number: u32) -> Vec<f64> {
        (0..self.directions.len()).map(|dimension| self.coordinate(number, dimension)).collect()
    }

    fn coordinate(&self, number: u32, dimension: usize) -> f64 {
        let gray = number ^ (number >> 1);
        let bits = (0..BITS).filter(|bit| gray >> bit & 1 == 1);
        let plain = bits.fold(0, |sum, bit| sum ^ self.directions[dimension][bit]);
        let unit = 2.0_f64.powi(-32);
        match self.seed {
            None => f64::from(plain) * unit,
            Some(seed) => (f64::from(scramble(plain, hash(seed, dimension as u64))) + 0.5) * unit,
        }
    }
}

/// The direction numbers of one line: dimension, degree, polynomial, and as many initial numbers as the degree.
fn directions(line: &str) -> [u32; BITS] {
    let numbers: Vec<u32> = line.split_ascii_whitespace().filter_map(|number| number.parse().ok()).collect();
    let (degree, polynomial, initial) = (numbers[1] as usize, numbers[2], &numbers[3..]);
    let mut directions = [0; BITS];
    for bit in 0..BITS {
        directions[bit] = if bit < degree {
            initial[bit] << (BITS - 1 - bit)
        } else {
            let before = directions[bit - degree];
            let taps = (1..degree).filter(|tap| polynomial >> (degree - 1 - tap) & 1 == 1);
            taps.fold(before ^ (before >> degree), |sum, tap| sum ^ directions[bit - tap])
        };
    }
    directions
}

/// Flips each bit, or not, by a hash of the bits above it.
fn scramble(plain: u32, seed: u64) -> u32 {
    (0..BITS).fold(plain, |scrambled, bit| {
        let above = u64::from(plain) >> bit >> 1;
        let flip = hash(seed, (bit as u64) << BITS | above) & 1 == 1;
        scrambled ^ (u32::from(flip) << bit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_points_are_those_of_joe_and_kuo() {
        let points = Sobol::new(8, None).unwrap();
        for (number, expected) in [
            (1, [0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5]),
            (2, [0.75, 0.25, 0.25, 0.25, 0.75, 0.75, 0.25, 0.75]),
            (4, [0.375, 0.375, 0.625, 0.875, 0.375, 0.125, 0.375, 0.875]),
            (7, [0.125, 0.625, 0.375, 0.125, 0.125, 0.375, 0.625, 0.625]),
            (28, [0.28125, 0.28125, 0.15625, 0.21875, 0.71875, 0.53125, 0.59375, 0.78125]),
        ] {
            assert_eq!(points.point(number), expected, "point {number}");
        }
    }

    #[test]
    fn scrambling_keeps_the_points_even_in_every_dimension() {
        let points = Sobol::new(Sobol::DIMENSIONS_MAX, Some(3)).unwrap();
        let all: Vec<Vec<f64>> = (0..64).map(|number| points.point(number)).collect();
        for dimension in 0..Sobol::DIMENSIONS_MAX {
            let mut cells: Vec<f64> = all.iter().map(|point| (point[dimension] * 64.0).floor()).collect();
            cells.sort_unstable_by(f64::total_cmp);
            assert_eq!(cells, (0..64).map(f64::from).collect::<Vec<_>>(), "dimension {dimension}");
        }
        assert_ne!(points.point(5), Sobol::new(256, Some(4)).unwrap().point(5));
        assert!(Sobol::new(257, None).unwrap_err().to_string().contains("256"));
    }
}
