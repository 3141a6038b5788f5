//! What a register shows its readers: the standards part of a register as [OSCAL](oscal), and as [tables](table), at a
//! chosen publication level.
//!
//! An export holds what its readers may see and nothing else, and says how many items were left out because of their
//! level. The same content gives the same bytes: ids follow from names.

mod links;
pub mod oscal;
pub mod table;
mod visible;

pub use links::{Broken, Links, check_links};
pub use visible::{Content, LeftOut};
