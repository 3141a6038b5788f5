//! The words every other crate uses: [State codes](StateCode), [dates as sources give them](FactDate),
//! [masses with ranges](MassRange), [sources](Source), [verdicts](Verdict) and
//! [assurance levels](Level).
//!
//! Nothing here reads a file, a clock or a network. A value that exists is valid: every type is made
//! by parsing.
//!
//! ```
//! use surety_core::{FactDate, StateCode};
//!
//! let state: StateCode = "JPN".parse()?;
//! let deposited: FactDate = "2014-06-27".parse()?;
//! assert_eq!(format!("{state} deposited on {deposited}"), "JPN deposited on 2014-06-27");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod date;
mod mass;
mod source;
mod state;
mod suggest;
mod verdict;
mod word;

pub use date::{Date, FactDate, ParseDateError, PartialDate, add_years, parse_day};
pub use mass::{MassRange, ParseMassError, Qualifier};
pub use source::{Source, SourceId, SourceKind};
pub use state::{
    IaeaStatus, ParseStateCodeError, State, StateCode, StateKind, StateTable, UnStatus, UnknownState,
};
pub use suggest::closest;
pub use verdict::{Aim, Level, ParseAimError, Verdict};
pub use word::UnknownWord;

#[doc(hidden)]
pub use word::read_text;
#[doc(hidden)]
pub use {schemars, serde};
