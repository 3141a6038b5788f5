//! What must hold of every decoder, whatever it is given.
//!
//! A [`Decoder`] has a check, which takes any bytes, and some good inputs to start from. The check panics where a
//! decoder of ours is wrong: when it panics itself, or when it takes an input that is not the one way to write what
//! it says. Tests call the checks with good inputs that were changed at random; fuzzers (`cargo xtask fuzz`)
//! with what they come up with.

mod assurance;
mod log;
mod statement;
mod store;

/// A decoder under test.
#[derive(Debug, Clone, Copy)]
pub struct Decoder {
    /// Its name: that of its fuzz target.
    pub name: &'static str,
    /// Whether it takes an input. Panics where the decoder is wrong.
    pub check: fn(&[u8]) -> bool,
    /// Inputs that it takes.
    pub seeds: fn() -> Vec<Vec<u8>>,
}

/// Every decoder of what comes from others.
pub fn decoders() -> Vec<Decoder> {
    log::DECODERS.into_iter().chain(statement::DECODERS).chain(assurance::DECODERS).collect()
}

/// Calls the check of a decoder: what a fuzz target does.
///
/// # Panics
/// Where the decoder is wrong, and when there is none of this name.
pub fn check(name: &str, bytes: &[u8]) {
    let decoder = decoders().into_iter().find(|decoder| decoder.name == name);
    assert!(
        decoder.is_some_and(|decoder| {
            (decoder.check)(bytes);
            true
        }),
        "there is no decoder called {name}"
    );
}
