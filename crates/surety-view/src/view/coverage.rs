//! `surety coverage`: what is complete and what is not, and what others have counted.

use serde::Serialize;
use surety_core::Date;
use surety_statement::{Coverage, OfficialCount};

use crate::context::Context;
use crate::page::{Page, Sheet, Table, View};

/// Which lists are complete, to which day, and how our counts compare with official ones.
pub struct CoverageView<'c> {
    context: &'c Context,
}

#[derive(Serialize)]
struct CoverageJson<'a> {
    as_of: Date,
    compiled: Date,
    lists: &'a [Coverage],
    official_counts: &'a [OfficialCount],
}

impl<'c> CoverageView<'c> {
    /// Of every list of the dataset.
    pub fn new(context: &'c Context) -> Self {
        Self { context }
    }
}

impl View for CoverageView<'_> {
    fn page(&self) -> Page {
        let dataset = self.context.dataset;
        let mut page =
            Page::new(&format!("What is complete and what is not (compiled on {})", dataset.compiled));
        page.line("A State that an incomplete list does not name is unknown: silence, never a no.");
        page.heading("Lists");
        let mut table = Table::new(&["list", "complete to", "what", "what is missing"]);
        for coverage in &dataset.coverage {
            table.row([
                coverage.list.clone(),
                coverage.complete_to.map_or_else(|| "never".to_owned(), |day| day.to_string()),
                coverage.title.clone(),
                coverage.note.clone(),
            ]);
        }
        page.table(&table);
        page.heading("What others have counted");
        let mut table = Table::new(&["measure", "count", "as of", "source", "note"]);
        for count in &dataset.counts {
            let measure = if count.measure == "parties" {
                format!("{} parties", count.list)
            } else {
                count.measure.clone()
            };
            let source = count.sources.first().map_or_else(String::new, |id| self.context.source_title(id));
            table.row([measure, count.value.clone(), count.date.to_string(), source, count.note.clone()]);
        }
        page.table(&table);
        page
    }

    fn json(&self) -> impl Serialize {
        let dataset = self.context.dataset;
        CoverageJson {
            as_of: self.context.as_of,
            compiled: dataset.compiled,
            lists: &dataset.coverage,
            official_counts: &dataset.counts,
        }
    }

    fn sheet(&self) -> Sheet {
        let rows = self.context.dataset.coverage.iter().map(|coverage| {
            vec![
                coverage.list.clone(),
                coverage.title.clone(),
                coverage.complete_to.map_or_else(String::new, |day| day.to_string()),
                coverage.sources.iter().map(surety_core::SourceId::as_str).collect::<Vec<_>>().join(" "),
                coverage.note.clone(),
            ]
        });
        Sheet::new(["list", "title", "complete_to", "sources", "note"], rows)
    }
}
