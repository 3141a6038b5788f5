//! The log over HTTP: its static files, and the door through which signed statements come in.

pub mod client;
pub mod monitor;
pub mod server;
pub mod witness;
