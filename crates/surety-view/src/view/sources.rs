//! `surety sources`: where the facts were read.

use std::collections::HashMap;

use serde::Serialize;
use surety_core::{Date, Source, SourceId, closest};
use surety_statement::Statement;

use crate::context::Context;
use crate::page::{Page, Sheet, View};

/// Every source, or one with what it is cited for.
pub struct Sources<'c> {
    context: &'c Context,
    sources: Vec<&'static Source>,
    cited: HashMap<&'static SourceId, usize>,
    one: bool,
}

#[derive(Serialize)]
struct SourcesJson<'a> {
    as_of: Date,
    sources: Vec<SourceJson<'a>>,
}

#[derive(Serialize)]
struct SourceJson<'a> {
    #[serde(flatten)]
    source: &'a Source,
    statements: Vec<&'a str>,
}

impl<'c> Sources<'c> {
    /// Of one source, by id, or of all.
    pub fn new(context: &'c Context, id: Option<&str>) -> anyhow::Result<Self> {
        let all = &context.dataset.sources;
        let sources = match id {
            None => all.iter().collect(),
            Some(id) => match all.iter().find(|source| source.id.as_str().eq_ignore_ascii_case(id)) {
                Some(source) => vec![source],
                None => match closest(id, all.iter().map(|source| source.id.as_str())) {
                    Some(near) => anyhow::bail!("no source has the id `{id}`: did you mean {near}?"),
                    None => anyhow::bail!("no source has the id `{id}`: `surety sources` lists them"),
                },
            },
        };
        let mut cited = HashMap::new();
        for id in context.dataset.statements.iter().flat_map(|statement| &statement.sources) {
            *cited.entry(id).or_default() += 1;
        }
        Ok(Self { context, sources, cited, one: id.is_some() })
    }

    fn statements(&self, source: &Source) -> impl Iterator<Item = &'static Statement> {
        let id = source.id.clone();
        self.context.dataset.statements.iter().filter(move |statement| statement.sources.contains(&id))
    }

    fn times_cited(&self, source: &Source) -> usize {
        self.cited.get(&source.id).copied().unwrap_or_default()
    }
}

impl View for Sources<'_> {
    fn page(&self) -> Page {
        if let (true, Some(source)) = (self.one, self.sources.first()) {
            let mut page = Page::new(&format!("{}: {}", source.id, source.title));
            page.line(&source.address);
            page.line(&format!("Publisher: {}. Trust: {}.", source.kind, source.trust));
            page.heading(&format!("Cited for {} statements", self.times_cited(source)));
            for statement in self.statements(source) {
                let subject = statement.subject.map_or_else(|| "world".to_owned(), |code| code.to_string());
                page.indented(
                    &format!("{:<6} {subject:<9}", statement.id),
                    &format!("{}: {}", self.context.when(statement.date), statement.body.summary()),
                );
            }
            return page;
        }
        let mut page = Page::new(&format!("{} sources", self.sources.len()));
        for source in &self.sources {
            page.indented(&format!("{}  ", source.id), &source.title);
            page.line(&format!(
                "  {}; {}; cited {} times",
                source.kind,
                source.trust,
                self.times_cited(source)
            ));
            if !source.address.is_empty() {
                page.line(&format!("  {}", source.address));
            }
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let mut by_source = HashMap::<&SourceId, Vec<&str>>::new();
        for statement in &self.context.dataset.statements {
            for id in &statement.sources {
                by_source.entry(id).or_default().push(&statement.id);
            }
        }
        let sources = self.sources.iter().map(|source| SourceJson {
            source,
            statements: by_source.get(&source.id).cloned().unwrap_or_default(),
        });
        SourcesJson { as_of: self.context.as_of, sources: sources.collect() }
    }

    fn sheet(&self) -> Sheet {
        let rows = self.sources.iter().map(|source| {
            vec![
                source.id.to_string(),
                source.title.clone(),
                source.address.clone(),
                source.kind.to_string(),
                source.trust.clone(),
                self.times_cited(source).to_string(),
            ]
        });
        Sheet::new(["id", "title", "address", "kind", "trust", "cited"], rows)
    }
}
