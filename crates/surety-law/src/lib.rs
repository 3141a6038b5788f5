//! The treaty engine: deposits in, status out.
//!
//! Nothing here stores a date on which a treaty entered into force. Each is derived from the deposits,
//! by the rule that the instrument itself gives ([`EntryRule`]). The same holds for the day from which each
//! party is bound.
//!
//! ```
//! use surety_core::{FactDate, parse_day};
//! use surety_law::{ActionKind, Former, Instrument, Ledger, TreatyAction};
//!
//! let accession = TreatyAction {
//!     state: "XAA".parse()?,
//!     instrument: Instrument::Icsant,
//!     kind: ActionKind::Accession,
//!     date: "2024-09-25".parse::<FactDate>()?,
//!     effective: None,
//!     reference: 0,
//! };
//! let today = parse_day("2026-01-01")?;
//! let ledger = Ledger::new(&[accession], &Former::new(), today);
//! let status = ledger.status(Instrument::Icsant, today);
//! assert!(!status.in_force);
//! assert_eq!(status.deposits_needed, Some(21)); // Article 25(1) asks for 22
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod duty;
mod instrument;
mod ledger;

pub use duty::{
    BindingText, Duty, DutyKind, DutyNature, Territory, applicable, binding_between, duty_articles,
};
pub use instrument::{ActionKind, EntryRule, Instrument, InstrumentKind, UnknownInstrument};
pub use ledger::{
    Counts, Departure, Former, InstrumentStatus, Ledger, Membership, Party, Period, Signature, StateStatus,
    TreatyAction,
};
