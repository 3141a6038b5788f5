//! The statistics of one sequence of MUFs.

use super::covariance::Factor;
use super::{Balance, Covariance, Error};

/// The usual reference value of Page's test: half a standard deviation of each period is forgiven.
pub const PAGE_K: f64 = 0.5;

/// A balance whose covariance is worked out: any number of sequences can be judged by it.
#[derive(Debug, Clone, PartialEq)]
pub struct Prepared {
    covariance: Covariance,
    factor: Factor,
    seid: Vec<f64>,
    cumuf_sd: Vec<f64>,
}

/// Every statistic of one sequence, period by period.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Material unaccounted for, in the unit of the amounts.
    pub muf: Vec<f64>,
    /// Its running sum.
    pub cumuf: Vec<f64>,
    /// What is new in each period, in standard deviations: independent standard normals where nothing is lost.
    pub sitmuf: Vec<f64>,
    /// Page's trend test on SITMUF.
    pub page: Vec<f64>,
    /// MUFᵀV⁻¹MUF over the periods so far.
    pub gemuf: Vec<f64>,
}

impl Balance {
    /// Works out the covariance and its factor.
    pub fn prepare(&self) -> Result<Prepared, Error> {
        let covariance = self.covariance();
        let factor = covariance.factor()?;
        Ok(Prepared { seid: covariance.seid(), cumuf_sd: covariance.cumuf_sd(), covariance, factor })
    }
}

impl Prepared {
    /// The covariance of the MUFs.
    pub fn covariance(&self) -> &Covariance {
        &self.covariance
    }

    /// The standard deviation of each MUF, in the unit of the amounts.
    pub fn seid(&self) -> &[f64] {
        &self.seid
    }

    /// The standard deviation of each CUMUF, in the unit of the amounts.
    pub fn cumuf_sd(&self) -> &[f64] {
        &self.cumuf_sd
    }

    /// Every statistic of a sequence of MUFs, one for each period; `page_k` is what Page's test forgives
    /// ([`PAGE_K`] as a rule).
    pub fn evaluate(&self, muf: &[f64], page_k: f64) -> Result<Statistics, Error> {
        if muf.len() != self.seid.len() {
            return Err(Error::question(format!(
                "{} values of MUF for {} periods: give one for each",
                muf.len(),
                self.seid.len()
            )));
        }
        let mut sitmuf = muf.to_vec();
        self.factor.solve(&mut sitmuf);
        Ok(Statistics {
            muf: muf.to_vec(),
            cumuf: running(muf, 0.0, |sum, muf| sum + muf),
            page: running(&sitmuf, 0.0, |page, new| (page + new - page_k).max(0.0)),
            // MUFᵀV⁻¹MUF = |L⁻¹MUF|², and the factor of a leading block is the leading block of the factor.
            gemuf: running(&sitmuf, 0.0, |sum, new| sum + new * new),
            sitmuf,
        })
    }
}

fn running(values: &[f64], start: f64, step: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let mut state = start;
    values
        .iter()
        .map(|value| {
            state = step(state, *value);
            state
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests::{balances, worked_case};
    use super::*;
    use proptest::prelude::*;

    fn close(what: &str, ours: &[f64], expected: &[f64]) {
        assert_eq!(ours.len(), expected.len(), "{what}");
        for (at, (a, b)) in ours.iter().zip(expected).enumerate() {
            assert!((a - b).abs() <= 1e-10 * b.abs(), "{what} of period {}: {a}, not {b}", at + 1);
        }
    }

    #[test]
    fn every_value_of_the_worked_case() {
        let balance = worked_case();
        let prepared = balance.prepare().unwrap();
        let found = prepared.evaluate(&balance.muf(), PAGE_K).unwrap();
        close("MUF", &found.muf, &[1.0, -0.5, 0.5, 0.200_000_000_000_002_84, 0.299_999_999_999_997_16]);
        close("CUMUF", &found.cumuf, &[1.0, 0.5, 1.0, 1.200_000_000_000_002_8, 1.5]);
        let cumuf_sd = [
            2.031_119_149_631_552_4,
            2.751_977_107_462_924,
            3.269_668_025_962_269,
            3.948_996_328_182_643_5,
            4.532_672_721_474_605,
        ];
        close("CUMUF sd", prepared.cumuf_sd(), &cumuf_sd);
        let covariance = [
            [4.125_445, -0.634_006, 0.372_374, 0.424_253, 0.391_511],
            [-0.634_006, 4.715_945, -0.780_771, 0.464_228, 0.428_291],
            [0.372_374, -0.780_771, 3.934_145, -0.655_192, 0.358_891],
            [0.424_253, 0.464_228, -0.655_192, 4.437_265, -0.795_963],
            [0.391_511, 0.428_291, 0.358_891, -0.795_963, 4.185_09],
        ];
        for (row, expected) in covariance.iter().enumerate() {
            let ours: Vec<f64> =
                (0..5).map(|column| prepared.covariance().get(row, column).unwrap()).collect();
            close("covariance", &ours, expected);
        }
        let seid = [
            2.031_119_149_631_552_4,
            2.171_622_665_197_616_7,
            1.983_467_922_604_245,
            2.106_481_663_817_656,
            2.045_749_251_496_869,
        ];
        close("SEID", prepared.seid(), &seid);
        let sitmuf = [
            0.492_339_408_144_224_94,
            -0.161_147_779_137_617_63,
            0.182_666_990_649_775,
            0.094_358_082_213_133_33,
            0.122_728_245_753_779_6,
        ];
        close("SITMUF", &found.sitmuf, &sitmuf);
        close("Page", &found.page, &[0.0; 5]);
        let gemuf = [
            0.242_398_092_811_805_72,
            0.268_366_699_532_792_1,
            0.301_733_929_005_837_06,
            0.310_637_376_684_777_53,
            0.325_699_598_990_577_65,
        ];
        close("GEMUF", &found.gemuf, &gemuf);
    }

    #[test]
    fn the_trend_test_adds_up_what_single_periods_hide() {
        let prepared = worked_case().prepare().unwrap();
        // One standard deviation of what is new in every period: 0.5 is forgiven each time.
        let found = prepared.evaluate(&[0.0; 5], PAGE_K).unwrap();
        assert_eq!(found.page, [0.0; 5]);
        let muf = [3.0; 5];
        let found = prepared.evaluate(&muf, PAGE_K).unwrap();
        assert!(found.page.windows(2).all(|pair| pair[0] < pair[1]), "{:?}", found.page);
        assert!(
            prepared.evaluate(&muf[1..], PAGE_K).unwrap_err().to_string().contains("4 values of MUF for 5")
        );
    }

    proptest! {
        #[test]
        fn statistics_do_not_depend_on_the_unit(balance in balances(), power in -3i32..4) {
            let by = 10f64.powi(power);
            let mut locations = balance.locations().to_vec();
            for location in &mut locations {
                for amount in &mut location.amounts {
                    *amount *= by;
                }
            }
            let scaled = Balance::new(balance.periods(), locations).unwrap();
            let of = |balance: &Balance| balance.prepare().unwrap().evaluate(&balance.muf(), PAGE_K).unwrap();
            let (one, other) = (of(&balance), of(&scaled));
            for (a, b) in one.sitmuf.iter().zip(&other.sitmuf) {
                prop_assert!((a - b).abs() <= 1e-6 * (1.0 + a.abs()));
            }
        }

        #[test]
        fn later_periods_do_not_change_earlier_ones(balance in balances()) {
            let of = |balance: &Balance| balance.prepare().unwrap().evaluate(&balance.muf(), PAGE_K).unwrap();
            let whole = of(&balance);
            let periods = balance.periods() - 1;
            if periods > 0 {
                let mut locations = balance.locations().to_vec();
                for location in &mut locations {
                    location.amounts.pop();
                }
                let shorter = of(&Balance::new(periods, locations).unwrap());
                for (a, b) in shorter.sitmuf.iter().zip(&whole.sitmuf) {
                    prop_assert!((a - b).abs() <= 1e-9 * (1.0 + a.abs()));
                }
            }
        }
    }
}
