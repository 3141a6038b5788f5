//! `surety index run`: every score and rank at every level.

use serde::Serialize;
use surety_core::Date;

use crate::context::Context;
use crate::index::Subject;
use crate::page::{Page, Sheet, Table, View};
use crate::view::index::{caution, number, right};

/// Every score and rank at every level.
#[derive(Serialize)]
pub struct Run {
    as_of: Date,
    framework: String,
    dropped: Vec<String>,
    scores: Vec<ScoreRow>,
    #[serde(skip)]
    top: String,
}

#[derive(Serialize)]
struct ScoreRow {
    unit: String,
    code: String,
    level: u32,
    score: Option<f64>,
    rank: Option<u32>,
    #[serde(skip)]
    label: String,
}

impl Run {
    /// Of what is scored.
    pub fn new(context: &Context, subject: &Subject) -> anyhow::Result<Self> {
        let index = subject.framework.compute(&subject.data)?;
        let table = index.scores();
        let ranks = table.ranks();
        let columns: Vec<Vec<Option<f64>>> =
            table.codes().iter().map(|code| table.column(code).unwrap_or_default()).collect();
        let mut scores = Vec::new();
        for &row in &subject.shown {
            let unit = &subject.units()[row];
            let Some(at) = table.row(unit) else { continue };
            for (number, code) in table.codes().iter().enumerate() {
                scores.push(ScoreRow {
                    unit: unit.clone(),
                    code: code.clone(),
                    level: subject.framework.node(code)?.level(),
                    score: columns[number][at],
                    rank: ranks[number][at],
                    label: subject.label(row),
                });
            }
        }
        Ok(Self {
            as_of: context.as_of,
            framework: subject.file.clone(),
            dropped: index.dropped().to_vec(),
            scores,
            top: subject.framework.top().code().to_owned(),
        })
    }
}

impl View for Run {
    fn page(&self) -> Page {
        let mut page = Page::new(&format!("Scores in `{}` without any doubt: {}", self.top, self.framework));
        let mut table = Table::new(&["", "score", "rank"]);
        for row in self.scores.iter().filter(|row| row.code == self.top) {
            table.row([
                row.label.as_str().into(),
                right(row.score.map_or_else(String::new, |score| format!("{score:.2}"))),
                right(row.rank.map_or_else(String::new, |rank| rank.to_string())),
            ]);
        }
        page.table(&table);
        if !self.dropped.is_empty() {
            page.line(&format!("Left out for want of data: {}.", self.dropped.join(" ")));
        }
        page.remark(
            "A score without its interval says too little: surety index uncertainty shows how far it can move. \
             Every level: --format csv.",
        );
        caution(&mut page);
        page
    }

    fn json(&self) -> impl Serialize {
        self
    }

    fn sheet(&self) -> Sheet {
        let rows = self.scores.iter().map(|row| {
            let rank = row.rank.map_or_else(String::new, |rank| rank.to_string());
            vec![row.unit.clone(), row.code.clone(), row.level.to_string(), number(row.score), rank]
        });
        Sheet::new(["unit", "code", "level", "score", "rank"], rows)
    }
}
