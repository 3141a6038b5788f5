//! Pages for people, JSON and CSV for programs.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use comfy_table::{Attribute, Cell, Color, ContentArrangement, Table as Grid, presets};
use serde::Serialize;
use surety_core::Verdict;
use unicode_width::UnicodeWidthStr;

/// Pages fit into this many columns.
pub const PAGE_WIDTH: u16 = 100;

/// What one command shows, in each format.
pub trait View {
    /// Text for people.
    fn page(&self) -> Page;
    /// What a program reads.
    fn json(&self) -> impl Serialize;
    /// A table for spreadsheets.
    fn sheet(&self) -> Sheet;
}

/// A table for spreadsheets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    /// The names of the columns.
    pub header: Vec<&'static str>,
    /// The cells, row by row.
    pub rows: Vec<Vec<String>>,
}

impl Sheet {
    /// From names of columns and rows.
    pub fn new(header: impl Into<Vec<&'static str>>, rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        Self { header: header.into(), rows: rows.into_iter().collect() }
    }
}

/// Text for people, with colours that the stream drops where they are not wanted.
#[derive(Debug, Clone, Default)]
pub struct Page {
    text: String,
}

impl Page {
    /// A page with its title.
    pub fn new(title: &str) -> Self {
        let mut page = Self::default();
        for line in wrap(title, usize::from(PAGE_WIDTH)) {
            page.push_styled(&line, Style::new().bold());
        }
        page
    }

    /// A heading after an empty line.
    pub fn heading(&mut self, text: &str) {
        self.text.push('\n');
        for line in wrap(text, usize::from(PAGE_WIDTH)) {
            self.push_styled(&line, Style::new().bold());
        }
    }

    /// A line of text, wrapped to the page.
    pub fn line(&mut self, text: &str) {
        self.indented("", text);
    }

    /// Text wrapped to the page, with every line after the first indented as far as `label` is wide.
    pub fn indented(&mut self, label: &str, text: &str) {
        let indent = label.width();
        let width = usize::from(PAGE_WIDTH).saturating_sub(indent);
        let mut first = true;
        for line in wrap(text, width) {
            let prefix = if first { label.to_owned() } else { " ".repeat(indent) };
            self.text.push_str(format!("{prefix}{line}").trim_end());
            self.text.push('\n');
            first = false;
        }
    }

    /// A remark in a quiet colour.
    pub fn remark(&mut self, text: &str) {
        for line in wrap(text, usize::from(PAGE_WIDTH)) {
            self.push_styled(&line, Style::new().dimmed());
        }
    }

    /// A line that is laid out already.
    pub fn raw(&mut self, line: &str) {
        self.text.push_str(line.trim_end());
        self.text.push('\n');
    }

    /// A table, laid out to the page.
    pub fn table(&mut self, table: &Table) {
        for line in table.grid.lines() {
            self.text.push_str(line.trim_end());
            self.text.push('\n');
        }
    }

    /// The text, with the codes that colour it.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    fn push_styled(&mut self, text: &str, style: Style) {
        // Writing to a string cannot fail.
        let _ = writeln!(self.text, "{style}{text}{style:#}");
    }
}

/// Breaks text at spaces. A word longer than the width stands on a line of its own. What a terminal would obey
/// instead of showing is replaced: the text can be somebody else's.
fn wrap(text: &str, width: usize) -> Vec<String> {
    let text = text.replace(char::is_control, "\u{fffd}");
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let line = lines.last_mut().map(|line| line.as_str()).unwrap_or_default();
        if !line.is_empty() && line.width() + 1 + word.width() > width {
            lines.push(word.to_owned());
        } else if let Some(line) = lines.last_mut() {
            if !line.is_empty() {
                line.push(' ');
            }
            line.push_str(word);
        }
    }
    lines
}

/// A table that fits the page.
#[derive(Debug, Clone)]
pub struct Table {
    grid: Grid,
}

impl Table {
    /// A table without rows.
    pub fn new(header: &[&str]) -> Self {
        let mut grid = Grid::new();
        grid.load_style(presets::NOTHING)
            .set_content_arrangement(ContentArrangement::Dynamic)
            .set_width(PAGE_WIDTH)
            .enforce_styling()
            .set_header(header.iter().map(|title| Cell::new(title).add_attribute(Attribute::Underlined)));
        // Padding without style can be trimmed.
        grid.style_text_only();
        Self { grid }
    }

    /// Adds a row.
    pub fn row<C: Into<Cell>>(&mut self, cells: impl IntoIterator<Item = C>) {
        self.grid.add_row(cells.into_iter().map(Into::into).collect::<Vec<Cell>>());
    }

    /// Whether it has no row.
    pub fn is_empty(&self) -> bool {
        self.grid.is_empty()
    }
}

/// A verdict in its colour; the words say the same.
pub fn verdict_cell(verdict: Verdict) -> Cell {
    let cell = Cell::new(verdict.as_str());
    match verdict {
        Verdict::Met => cell.fg(Color::Green),
        Verdict::PartlyMet => cell.fg(Color::Yellow),
        Verdict::NotMet => cell.fg(Color::Red),
        Verdict::NoPublicEvidence | Verdict::NotApplicable => cell.add_attribute(Attribute::Dim),
    }
}

/// One sign for a verdict, and its colour.
pub fn verdict_sign(verdict: Verdict) -> (char, Style) {
    let colour = |colour: AnsiColor| Style::new().fg_color(Some(colour.into()));
    match verdict {
        Verdict::Met => ('●', colour(AnsiColor::Green)),
        Verdict::PartlyMet => ('◐', colour(AnsiColor::Yellow)),
        Verdict::NotMet => ('✗', colour(AnsiColor::Red)),
        Verdict::NoPublicEvidence => ('·', Style::new().dimmed()),
        Verdict::NotApplicable => (' ', Style::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_wraps_at_spaces_and_keeps_every_word() {
        let lines = wrap("one two three four", 9);
        assert_eq!(lines, ["one two", "three", "four"]);
        assert_eq!(wrap("a\u{1b}[2Jb", 20), ["a\u{fffd}[2Jb"]);
        assert_eq!(wrap("averyveryverylongword x", 5), ["averyveryverylongword", "x"]);
    }

    #[test]
    fn every_verdict_has_a_sign_of_its_own() {
        let signs: std::collections::HashSet<char> =
            Verdict::ALL.iter().map(|verdict| verdict_sign(*verdict).0).collect();
        assert_eq!(signs.len(), Verdict::ALL.len());
    }
}
