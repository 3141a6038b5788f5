//! What a command of the register shows: a sentence, and where there is more a table.

use serde::Serialize;
use serde_json::{Value, json};

use crate::output::{Page, Sheet, Table, View};

/// A table with a title.
pub(crate) struct Outcome {
    title: String,
    /// Lines under the title.
    lines: Vec<String>,
    header: Vec<&'static str>,
    rows: Vec<Vec<String>>,
    /// Lines under the table.
    remarks: Vec<String>,
    json: Value,
}

impl Outcome {
    /// One sentence, and what a program reads.
    pub(crate) fn said(sentence: impl Into<String>, json: impl Serialize) -> anyhow::Result<Self> {
        Ok(Self {
            title: sentence.into(),
            lines: Vec::new(),
            header: Vec::new(),
            rows: Vec::new(),
            remarks: Vec::new(),
            json: serde_json::to_value(json)?,
        })
    }

    /// A table; programs read its rows as objects.
    pub(crate) fn table(
        title: impl Into<String>,
        header: impl Into<Vec<&'static str>>,
        rows: impl IntoIterator<Item = Vec<String>>,
    ) -> Self {
        let (header, rows) = (header.into(), rows.into_iter().collect::<Vec<_>>());
        let objects = rows.iter().map(|row| {
            header
                .iter()
                .zip(row)
                .map(|(key, cell)| ((*key).to_owned(), json!(cell)))
                .collect::<serde_json::Map<_, _>>()
        });
        let json = json!({ "rows": objects.collect::<Vec<_>>() });
        Self { title: title.into(), lines: Vec::new(), header, rows, remarks: Vec::new(), json }
    }

    /// The same with other JSON.
    pub(crate) fn json(mut self, json: impl Serialize) -> anyhow::Result<Self> {
        self.json = serde_json::to_value(json)?;
        Ok(self)
    }

    /// The same with a line under its title.
    pub(crate) fn line(mut self, line: impl Into<String>) -> Self {
        self.lines.push(line.into());
        self
    }

    /// The same with a remark at its end.
    pub(crate) fn remark(mut self, remark: impl Into<String>) -> Self {
        self.remarks.push(remark.into());
        self
    }
}

impl View for Outcome {
    fn page(&self) -> Page {
        let mut page = Page::new(&self.title);
        for line in &self.lines {
            page.line(line);
        }
        if !self.rows.is_empty() {
            page.line("");
            let mut table = Table::new(&self.header);
            for row in &self.rows {
                table.row(row);
            }
            page.table(&table);
        }
        if !self.remarks.is_empty() {
            page.line("");
        }
        for remark in &self.remarks {
            page.remark(remark);
        }
        page
    }

    fn json(&self) -> impl Serialize {
        &self.json
    }

    fn sheet(&self) -> Sheet {
        if self.header.is_empty() {
            return Sheet::new(["outcome"], [vec![self.title.clone()]]);
        }
        Sheet::new(self.header.clone(), self.rows.clone())
    }
}
