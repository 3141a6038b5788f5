//! What Surety shows, for whoever shows it: the command line and the pages in a browser share these views.
//!
//! [`Context`] is what every view is worked out from. A [`View`] gives a [`Page`] for people, JSON for programs and a
//! [`Sheet`] for spreadsheets. No rule and no formula lives here, and no clock is read: the date is an argument.
//!
//! ```
//! use surety_view::{Context, View as _, view::StateView};
//! let context = Context::new(surety_data::embedded(), surety_core::parse_day("2024-01-01")?);
//! let japan = StateView::new(&context, "Japan")?;
//! assert!(japan.page().as_str().contains("Japan (JPN) on 2024-01-01"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod context;
pub mod index;
mod page;
pub mod view;

pub use context::{Checkpoint, Context, Filter};
pub use page::{PAGE_WIDTH, Page, Sheet, Table, View, verdict_cell, verdict_sign};
