//! Limits on who may ask how often, in bounded memory.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher as _, Hash};
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often something may be done: so many at once, then so many a second.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    /// How many in a row after a pause.
    pub burst: f64,
    /// How many a second, on and on.
    pub per_second: f64,
}

/// The longest wait that is told: a policy may allow nothing at all, and change.
const WAIT_MAX: Duration = Duration::from_hours(24);

/// What is left of a rate: a token bucket.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    tokens: f64,
    filled: Option<Instant>,
}

impl Bucket {
    const FULL: Self = Self { tokens: f64::INFINITY, filled: None };

    fn fill(&mut self, rate: Rate, now: Instant) {
        let passed = self.filled.map_or(Duration::ZERO, |filled| now.saturating_duration_since(filled));
        self.tokens = (self.tokens + passed.as_secs_f64() * rate.per_second).min(rate.burst);
        self.filled = Some(now);
    }

    /// Whether one more is allowed; if not, after what time.
    fn look(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        self.fill(rate, now);
        if self.tokens >= 1.0 {
            return Ok(());
        }
        let wait = Duration::try_from_secs_f64((1.0 - self.tokens) / rate.per_second);
        Err(wait.map_or(WAIT_MAX, |wait| wait.min(WAIT_MAX)))
    }

    fn take(&mut self, rate: Rate, now: Instant) -> Result<(), Duration> {
        self.look(rate, now)?;
        self.tokens -= 1.0;
        Ok(())
    }
}

/// How often each of a known set does something: as many buckets as there are members.
#[derive(Debug)]
pub(super) struct KnownRates<K>(Mutex<HashMap<K, Bucket>>);

impl<K> Default for KnownRates<K> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<K: Eq + Hash> KnownRates<K> {
    /// Takes one; if none is left, says after what time there will be.
    pub(super) fn take(&self, who: K, rate: Rate, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        buckets.entry(who).or_insert(Bucket::FULL).take(rate, now)
    }
}

/// The buckets of [`AddressRates`]: about 2 MiB.
const SLOTS: usize = 1 << 16;

/// How often each address may fail. Addresses are without number, buckets are not: two addresses may share
/// one, by a hash that nobody can foresee.
#[derive(Debug)]
pub(super) struct AddressRates {
    rate: Rate,
    hasher: RandomState,
    buckets: Mutex<Vec<Bucket>>,
}

impl AddressRates {
    pub(super) fn new(rate: Rate) -> Self {
        Self { rate, hasher: RandomState::new(), buckets: Mutex::new(vec![Bucket::FULL; SLOTS]) }
    }

    /// Whether an address has failed too often lately; then says after what time it may try again.
    pub(super) fn look(&self, address: IpAddr, now: Instant) -> Result<(), Duration> {
        self.with(address, |bucket| bucket.look(self.rate, now))
    }

    /// Notes that an address failed.
    pub(super) fn fail(&self, address: IpAddr, now: Instant) {
        // Whether it may go on is asked before the next request.
        let _ = self.with(address, |bucket| bucket.take(self.rate, now));
    }

    fn with<T>(&self, address: IpAddr, act: impl FnOnce(&mut Bucket) -> T) -> T {
        let hash = self.hasher.hash_one(network(address));
        let slot = usize::try_from(hash % SLOTS as u64).unwrap_or(0);
        act(&mut self.buckets.lock().unwrap_or_else(PoisonError::into_inner)[slot])
    }
}

/// One customer has 2^64 addresses of IPv6.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) >> 64 << 64).into()),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate { burst: 3.0, per_second: 2.0 };

    #[test]
    fn a_burst_then_so_many_a_second() {
        let rates = KnownRates::default();
        let start = Instant::now();
        assert_eq!((0..5).filter(|_| rates.take("a", RATE, start).is_ok()).count(), 3);
        assert!(rates.take("b", RATE, start).is_ok(), "others are not held up");
        let wait = rates.take("a", RATE, start).unwrap_err();
        assert!(wait <= Duration::from_millis(500) && wait > Duration::from_millis(490), "{wait:?}");
        assert!(rates.take("a", RATE, start + wait).is_ok());
        assert!(rates.take("a", RATE, start + wait).is_err());
        let later = start + Duration::from_hours(1);
        assert_eq!(
            (0..5).filter(|_| rates.take("a", RATE, later).is_ok()).count(),
            3,
            "no more than a burst"
        );
    }

    #[test]
    fn a_rate_of_nothing_tells_a_wait_that_can_be_said() {
        let rates = KnownRates::default();
        let (start, nothing) = (Instant::now(), Rate { burst: 1.0, per_second: 0.0 });
        assert!(rates.take("a", nothing, start).is_ok());
        assert_eq!(rates.take("a", nothing, start), Err(WAIT_MAX));
    }

    #[test]
    fn an_address_that_fails_is_held_up_with_its_whole_network() {
        let rates = AddressRates::new(RATE);
        let now = Instant::now();
        let address: IpAddr = "2001:db8::1".parse().unwrap();
        for _ in 0..3 {
            assert!(rates.look(address, now).is_ok());
            rates.fail(address, now);
        }
        assert!(rates.look(address, now).is_err());
        assert!(rates.look("2001:db8::ffff:1".parse().unwrap(), now).is_err());
        assert!(rates.look("2001:db8:0:1::1".parse().unwrap(), now).is_ok());
        rates.fail(address, now);
        assert!(rates.look(address, now + Duration::from_millis(501)).is_ok(), "failing more costs no more");
    }

    #[test]
    fn a_clock_that_stands_still_or_goes_back_is_no_way_out() {
        let rates = KnownRates::default();
        let now = Instant::now() + Duration::from_secs(10);
        while rates.take("a", RATE, now).is_ok() {}
        assert!(rates.take("a", RATE, now.checked_sub(Duration::from_secs(5)).unwrap()).is_err());
    }
}
