//! The public face of Surety: pages, figures and an API, for people and programs.
//!
//! Every answer is a pure function of a checkpoint, a date and a query: [`Site::answer`] gives it, and [`serve`] and
//! [`write()`] only carry it, over HTTP or into files. HTML and SVG are complete without scripts. Words stand in one
//! place, `words/en.ftl`; how pages look, in `assets/site.css`; what a script adds, in `web/`.
//!
//! ```
//! use surety_site::{Entries, Settings, Site};
//! use surety_view::Context;
//! let dataset = surety_data::embedded();
//! let context = Context::new(dataset, dataset.compiled);
//! let site = Site::new(&context, Entries::of(dataset)?, Settings::default())?;
//! let page = site.answer("state/JPN", "as_of=2024-01-01", dataset.compiled);
//! assert_eq!(page.status, 200);
//! assert!(String::from_utf8(page.body)?.contains("<h1>Japan</h1>"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod address;
mod api;
mod assets;
mod checkpoint;
mod export;
mod figure;
mod layout;
mod mirror;
mod openapi;
mod page;
mod parts;
mod problem;
mod proof;
mod server;
mod site;
mod words;

pub use checkpoint::Entries;
pub use export::{Written, write};
pub use mirror::mirror;
pub use server::{Limits, router, serve};
pub use site::{Links, Reply, Settings, Site};
