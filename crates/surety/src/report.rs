//! What a command that acts tells: a line for each thing, the same as JSON, and as a table.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::output::{Page, Sheet, View};

/// Facts under their names, in order, and what to do next.
#[derive(Default)]
pub(crate) struct Report {
    title: String,
    facts: Vec<(&'static str, Value)>,
    next: Vec<String>,
}

impl Report {
    pub(crate) fn new(title: impl Into<String>) -> Self {
        Self { title: title.into(), ..Self::default() }
    }

    /// Adds a fact. Its name has small letters and `_`: it is the key in JSON.
    #[must_use]
    pub(crate) fn fact(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.facts.push((name, value.into()));
        self
    }

    /// Adds a hint for people.
    #[must_use]
    pub(crate) fn next(mut self, text: impl Into<String>) -> Self {
        self.next.push(text.into());
        self
    }
}

/// A name as people read it.
fn label(name: &str) -> String {
    let mut label = name.replace('_', " ");
    if let Some(first) = label.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    label
}

/// A value on one line.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".to_owned(),
        Value::Array(items) => items.iter().map(text).collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}

impl View for Report {
    fn page(&self) -> Page {
        let mut page = Page::new(&self.title);
        let width = self.facts.iter().map(|(name, _)| name.len()).max().unwrap_or_default();
        for (name, value) in &self.facts {
            match value {
                Value::Array(items) if items.len() > 1 => {
                    for (at, item) in items.iter().enumerate() {
                        let name = if at == 0 { label(name) } else { String::new() };
                        page.indented(&format!("{name:width$}  "), &text(item));
                    }
                }
                value => page.indented(&format!("{:width$}  ", label(name)), &text(value)),
            }
        }
        for line in &self.next {
            page.remark(line);
        }
        page
    }

    fn json(&self) -> impl Serialize {
        self.facts.iter().cloned().map(|(name, value)| (name.to_owned(), value)).collect::<Map<_, _>>()
    }

    fn sheet(&self) -> Sheet {
        let rows = self.facts.iter().map(|(name, value)| vec![(*name).to_owned(), text(value)]);
        Sheet::new(["name", "value"], rows)
    }
}
