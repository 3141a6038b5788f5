//! `surety index audit`: do published scores and ranks follow from the published data?

use anyhow::{Context as _, bail};
use serde::Serialize;
use surety_core::Date;

use crate::context::Context;
use crate::index::{Document, Subject};
use crate::page::{Page, Sheet, Table, View};
use crate::view::index::{number, right};

/// Which published scores and ranks follow from the published data.
#[derive(Serialize)]
pub struct Audit {
    as_of: Date,
    framework: String,
    tables: Vec<Published>,
}

#[derive(Serialize)]
struct Published {
    file: String,
    checked: usize,
    follow: usize,
    differences: Vec<Difference>,
}

/// A figure that does not follow.
#[derive(Serialize)]
struct Difference {
    unit: String,
    code: String,
    what: &'static str,
    published: String,
    recomputed: Option<f64>,
    line: u64,
}

impl Audit {
    /// Of published tables.
    pub fn new(context: &Context, subject: &Subject, files: &[Document]) -> anyhow::Result<Self> {
        let index = subject.framework.compute(&subject.data)?;
        let tables = files.iter().map(|file| check(subject, &index, file)).collect::<anyhow::Result<_>>()?;
        Ok(Self { as_of: context.as_of, framework: subject.file.clone(), tables })
    }
}

fn check(subject: &Subject, index: &surety_index::Index, document: &Document) -> anyhow::Result<Published> {
    let Document { name: file, text } = document;
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
    let headers = reader.headers().with_context(|| file.clone())?.clone();
    let find = |names: &[&str]| headers.iter().position(|header| names.contains(&header));
    let unit_column =
        find(&["unit", "uCode"]).with_context(|| format!("{file}:1: no column `unit` with the codes"))?;
    let (code_column, score_column, rank_column) = (find(&["code"]), find(&["score"]), find(&["rank"]));
    if score_column.is_none() && rank_column.is_none() {
        bail!("{file}:1: no column `score` and no column `rank`: there is nothing to check");
    }
    let mut table = Published { file: file.clone(), checked: 0, follow: 0, differences: Vec::new() };
    for record in reader.records() {
        let record = record.with_context(|| file.clone())?;
        let line = record.position().map_or(0, csv::Position::line);
        let place = || format!("{file}:{line}");
        let cell = |column: Option<usize>| column.and_then(|at| record.get(at)).unwrap_or_default();
        let (unit, code) = (cell(Some(unit_column)), cell(code_column));
        let code = if code.is_empty() { subject.framework.top().code() } else { code };
        subject.framework.node(code).with_context(place)?;
        if !subject.units().iter().any(|known| known == unit) {
            bail!("{file}:{line}: `{unit}` is no unit of the data");
        }
        let row = index.scores().row(unit);
        let rank = row.and_then(|row| index.ranks(code)?[row]).map(f64::from);
        for (what, column, ours) in
            [("score", score_column, index.scores().get(unit, code)), ("rank", rank_column, rank)]
        {
            let published = cell(column);
            if published.is_empty() || published == "NA" {
                continue;
            }
            let theirs: f64 = published
                .parse()
                .with_context(|| format!("{file}:{line}: column `{what}`: `{published}` is not a number"))?;
            table.checked += 1;
            if ours.is_some_and(|ours| (ours - theirs).abs() <= tolerance(published, theirs)) {
                table.follow += 1;
            } else {
                let (unit, code, published) = (unit.to_owned(), code.to_owned(), published.to_owned());
                table.differences.push(Difference { unit, code, what, published, recomputed: ours, line });
            }
        }
    }
    Ok(table)
}

/// Half of the last digit that is printed, and the rounding of the computation.
fn tolerance(printed: &str, value: f64) -> f64 {
    let digits = printed
        .split_once('.')
        .map_or(0, |(_, decimals)| decimals.bytes().take_while(u8::is_ascii_digit).count());
    let half = 0.5 * 10_f64.powi(-i32::try_from(digits).unwrap_or(i32::MAX));
    half * (1.0 + 1e-9) + 1e-12 * value.abs()
}

impl View for Audit {
    fn page(&self) -> Page {
        let mut page = Page::new(&format!("What follows from the data under {}", self.framework));
        for table in &self.tables {
            page.heading(&format!(
                "{}: {} of {} published figures follow",
                table.file, table.follow, table.checked
            ));
            if table.differences.is_empty() {
                page.line("All of them follow.");
                continue;
            }
            let mut grid = Table::new(&["unit", "code", "", "published", "recomputed", "line"]);
            for difference in &table.differences {
                grid.row([
                    difference.unit.as_str().into(),
                    difference.code.as_str().into(),
                    difference.what.into(),
                    right(difference.published.as_str()),
                    right(difference.recomputed.map_or_else(
                        || "none".to_owned(),
                        |value| {
                            if difference.what == "rank" { value.to_string() } else { format!("{value:.6}") }
                        },
                    )),
                    right(difference.line.to_string()),
                ]);
            }
            page.table(&grid);
        }
        page.remark(
            "A score follows if it is ours to half of the last digit printed; a rank if it is the same.",
        );
        page
    }

    fn json(&self) -> impl Serialize {
        self
    }

    fn sheet(&self) -> Sheet {
        let rows = self.tables.iter().flat_map(|table| {
            table.differences.iter().map(|difference| {
                vec![
                    table.file.clone(),
                    difference.line.to_string(),
                    difference.unit.clone(),
                    difference.code.clone(),
                    difference.what.to_owned(),
                    difference.published.clone(),
                    number(difference.recomputed),
                ]
            })
        });
        Sheet::new(["file", "line", "unit", "code", "what", "published", "recomputed"], rows)
    }
}
