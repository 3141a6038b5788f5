//! Figures: SVG that stands alone as a file and takes the colours of a page inside one.
//!
//! Every figure has a table beside it that says the same. Colours are never alone: verdicts have patterns, bands have
//! edges, lines have labels.

mod chart;
mod file;
mod map;
mod materials;
mod treaty;

pub(crate) use map::{
    WorldMap, heading as map_heading, legend_list as map_legend, map, values as map_values,
};
pub(crate) use materials::{Whose, holders, ranges, slug as series_slug, stock, words as series_words};
pub(crate) use treaty::{counts, parties, undated};

use surety_core::StateCode;

use self::file::File;
use crate::address::{Address, instrument_of};
use crate::problem::Problem;
use crate::site::Cx;

/// The figure at a path below `figure/`, as a file.
pub(crate) fn answer(cx: &Cx<'_>, path: &str) -> Result<String, Problem> {
    let none = || Problem::not_found(&format!("figure/{path}"));
    let name = path.strip_suffix(".svg").ok_or_else(none)?;
    let words: Vec<&str> = name.split('/').collect();
    let file = match words.as_slice() {
        ["map", shown] => match Address::parse(&format!("map/{shown}")) {
            Some(Address::World(Some(shown))) => File::map(cx, shown)?,
            _ => return Err(none()),
        },
        ["treaty", slug] => {
            let instrument = instrument_of(slug).ok_or_else(none)?;
            File::chart(treaty::title(cx, instrument), parties(cx, instrument))
        }
        ["holders"] => File::chart(cx.t("chart-holders"), holders(cx)),
        ["stock", whose, series] => {
            let whose = match *whose {
                "world" => None,
                code => Some(code.parse::<StateCode>().map_err(|_| none())?),
            };
            let (title, drawing) = stock(cx, whose, series).ok_or_else(none)?;
            File::chart(title, drawing)
        }
        _ => return Err(none()),
    };
    Ok(format!("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n{}\n", file.draw(cx).into_string()))
}
