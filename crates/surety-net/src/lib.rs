//! The log over HTTP: its static files, and the door through which signed statements come in. [`load`] reads a log
//! wherever it is, verifies it and folds it.

pub mod client;
mod entries;
mod load;
pub mod monitor;
pub mod server;
pub mod submit;
pub mod witness;

pub use load::{Ask, LoadError, LoadedLog, REFUSED_MAX, Verified, load};
