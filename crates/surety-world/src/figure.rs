//! A stock, and the statement that gives it.

use std::borrow::Borrow;
use std::ops::Deref;

use surety_material::Stock;

/// A figure for a stock, with the statement that gives it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Figure<'a> {
    /// The index in [`Facts::statements`](crate::Facts::statements).
    pub statement: u32,
    /// The figure.
    pub stock: &'a Stock,
}

impl Deref for Figure<'_> {
    type Target = Stock;

    fn deref(&self) -> &Stock {
        self.stock
    }
}

impl Borrow<Stock> for Figure<'_> {
    fn borrow(&self) -> &Stock {
        self.stock
    }
}
