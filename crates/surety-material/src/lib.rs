//! Nuclear material: [categories](category), [significant quantities](significant_quantity_mg) and
//! [stocks with ranges](Stock), whose [trends](trend) respect the uncertainty.
//!
//! ```
//! use surety_material::{Category, Irradiation, Material, Policy, category};
//!
//! let five_kg = 5_000_000; // milligrams of U-235
//! let heu = Material::enriched(900_000).ok_or("not enriched")?; // 90 % U-235
//! assert_eq!(category(heu, five_kg, Irradiation::Unirradiated, Policy::default()), Category::I);
//! # Ok::<(), &str>(())
//! ```

pub mod balance;
mod category;
mod stock;

pub use category::{
    Category, Irradiation, Material, Policy, category, significant_quantities, significant_quantity_mg,
};
pub use stock::{
    Basis, Purpose, SeriesKey, Stock, StockMaterial, Trend, YEARLY_DECLARATION, compared, contradictions,
    declared_rounding_kg, series, trend,
};
