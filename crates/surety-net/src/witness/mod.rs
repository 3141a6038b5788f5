//! Witnesses over HTTP (C2SP `tlog-witness`): one that answers, and a log that asks several.
//!
//! What may be cosigned is decided, and recorded first, by [`surety_log::witness`].

mod ask;
mod serve;

pub use ask::{AskError, Asked, Witnesses};
pub use serve::{Options, router};
