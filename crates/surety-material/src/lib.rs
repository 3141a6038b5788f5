//! Nuclear material: [categories](category), [significant quantities](significant_quantity_mg) and
//! [stocks with ranges](Stock), whose [trends](trend) respect the uncertainty; [accounts](ChangeCode) in exact
//! milligrams, [what lies together in one place](Rollup), [how far a balance closes](balance), and
//! [IAEA reports](code10).
//!
//! ```
//! use surety_material::{Category, Irradiation, Material, Policy, category};
//!
//! let five_kg = 5_000_000; // milligrams of U-235
//! let heu = Material::enriched(900_000).ok_or("not enriched")?; // 90 % U-235
//! assert_eq!(category(heu, five_kg, Irradiation::Unirradiated, Policy::default()), Category::I);
//! # Ok::<(), &str>(())
//! ```

mod accounting;
pub mod balance;
mod category;
pub mod code10;
mod rollup;
mod stock;

pub use accounting::{
    Amount, ChangeCode, Direction, MASS_MAX_MG, MaterialDescription, MaterialKind, MeasurementBasis,
    ParseDescriptionError, book_inventory, inventory_difference, irradiation_word, parse_grams,
    parse_irradiation, shipper_receiver_difference, show_grams,
};
pub use category::{
    Category, Irradiation, Material, Policy, category, significant_quantities, significant_quantity_mg,
};
pub use rollup::Rollup;
pub use stock::{
    Basis, Purpose, SeriesKey, Stock, StockMaterial, Trend, YEARLY_DECLARATION, compared, contradictions,
    declared_rounding_kg, series, trend,
};
