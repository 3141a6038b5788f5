//! A figure as a file: with the title, date, source and legend that a page has around it.

use maud::{Markup, html};

use super::chart::{HEIGHT, WIDTH, px};
use super::map;
use crate::address::Shown;
use crate::problem::Problem;
use crate::site::Cx;

/// The space at the sides.
const MARGIN: f64 = 16.0;
/// From one line of the title to the next.
const TITLE_LINE: f64 = 24.0;
/// A letter of the title, and one of the legend, on average.
const LETTER: (f64, f64) = (9.6, 6.6);
/// The height of a row of the legend, and of the line with the source.
const ROW: f64 = 22.0;

/// What a file shows.
pub(super) struct File {
    title: String,
    /// Width and height of the drawing.
    size: (f64, f64),
    drawing: Markup,
    /// Classes of the map and what they mean.
    legend: Vec<(String, String)>,
}

impl File {
    /// The map, with its legend.
    pub(super) fn map(cx: &Cx<'_>, shown: Shown) -> Result<Self, Problem> {
        let (title, drawing) = (map::heading(cx, shown), map(cx, shown, &map::values(cx, shown)?));
        Ok(Self { title, size: map::SIZE, drawing, legend: map::legend(cx, shown) })
    }

    /// A chart: its lines carry their own words.
    pub(super) fn chart(title: String, drawing: Markup) -> Self {
        Self { title, size: (WIDTH, HEIGHT), drawing, legend: Vec::new() }
    }

    /// The whole file.
    pub(super) fn draw(&self, cx: &Cx<'_>) -> Markup {
        let (width, height) = self.size;
        let heading = format!("{} · {}", self.title, cx.as_of());
        let lines = broken(&heading, width);
        let below = count(lines.len()) * TITLE_LINE + MARGIN;
        let (legend, rows) = self.placed_legend();
        let foot = below + height + count(rows) * ROW + ROW;
        html! {
            svg xmlns="http://www.w3.org/2000/svg" viewBox={"0 0 " (width) " " (px(foot + MARGIN / 2.0))} width=(width) height=(px(foot + MARGIN / 2.0)) font-family="system-ui, sans-serif" {
                title { (heading) }
                rect width="100%" height="100%" fill="#fff" {}
                @for (number, line) in (1..).zip(&lines) {
                    text x=(MARGIN) y=(px(f64::from(number) * TITLE_LINE)) font-size="18" font-weight="600" fill="#1c2127" { (line) }
                }
                svg x="0" y=(px(below)) width=(width) height=(height) { (self.drawing) }
                @for (x, row, class, words) in &legend {
                    g transform={"translate(" (px(*x)) " " (px(below + height + count(*row) * ROW)) ")"} {
                        (map::swatch(class))
                        text x="28" y="12" font-size="12" fill="#1c2127" { (words) }
                    }
                }
                text x=(MARGIN) y=(px(foot)) font-size="11" fill="#555" { (source(cx)) }
            }
        }
    }

    /// Where each entry of the legend stands, and how many rows there are.
    fn placed_legend(&self) -> (Vec<(f64, usize, &str, &str)>, usize) {
        let (mut x, mut row) = (MARGIN, 0);
        let mut placed = Vec::new();
        for (class, words) in &self.legend {
            let wide = 44.0 + count(words.chars().count()) * LETTER.1;
            if x > MARGIN && x + wide > self.size.0 {
                (x, row) = (MARGIN, row + 1);
            }
            placed.push((x, row, class.as_str(), words.as_str()));
            x += wide;
        }
        let rows = if placed.is_empty() { 0 } else { row + 1 };
        (placed, rows)
    }
}

/// Where the figure comes from.
fn source(cx: &Cx<'_>) -> String {
    let root = cx.site.entries.root_hex();
    let base = cx.site.settings.public_address.as_deref().unwrap_or_default();
    let compiled = cx.context.dataset.compiled.to_string();
    let words = cx.tf("figure-source", [("root", root[..16].into()), ("compiled", compiled.into())]);
    if base.is_empty() { words } else { format!("{words} · {base}") }
}

/// A title in lines that fit.
fn broken(text: &str, width: f64) -> Vec<String> {
    let fits = |line: &str| count(line.chars().count()) * LETTER.0 <= width - 2.0 * MARGIN;
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if fits(&format!("{line} {word}")) => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

/// A small number, to place things with.
fn count(number: usize) -> f64 {
    f64::from(u32::try_from(number).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_title_is_broken_between_words() {
        let title =
            "Plutonium military, held (country total; compiled by somebody with a long name) · 2026-01-01";
        let lines = broken(title, WIDTH);
        assert!(lines.len() == 2 && lines.iter().all(|line| line.len() < 75), "{lines:?}");
        assert_eq!(lines.join(" "), title);
    }
}
