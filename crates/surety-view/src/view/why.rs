//! `surety why`: the statements and sources behind one verdict.

use serde::Serialize;
use surety_core::{Date, FactDate, Level, Source, State, StateCode, Verdict};
use surety_statement::{Coverage, Issuer, Stance, Statement};
use surety_world::{CharterAction, Comment, Finding, find_action};

use crate::context::Context;
use crate::page::{Page, Sheet, View};
use crate::view::{FindingJson, named, remark_on_date};

/// The statements and sources behind one verdict.
pub struct Why<'c> {
    context: &'c Context,
    state: &'static State,
    action: &'static CharterAction,
    finding: Finding,
}

#[derive(Serialize)]
struct WhyJson<'a> {
    as_of: Date,
    state: StateCode,
    name: &'a str,
    applies_to: &'static str,
    decided_by: &'static str,
    finding: FindingJson<'a>,
    list: Option<&'a Coverage>,
    statements: Vec<StatementJson<'a>>,
}

#[derive(Serialize)]
struct StatementJson<'a> {
    id: &'a str,
    stance: Stance,
    date: FactDate,
    holds_from: Date,
    kind: &'static str,
    summary: String,
    issuer: &'a Issuer,
    level: Level,
    note: &'a str,
    comments: Vec<&'a Comment>,
    sources: Vec<&'a Source>,
}

impl<'c> Why<'c> {
    /// Of a State, by code or name, and a charter action.
    pub fn new(context: &'c Context, state: &str, action: &str) -> anyhow::Result<Self> {
        let (state, action) = (context.state(state)?, find_action(action)?);
        let mut findings = context.base.findings(state.code, context.as_of);
        let finding = findings.swap_remove(action.id as usize);
        Ok(Self { context, state, action, finding })
    }

    fn list(&self) -> Option<&'static Coverage> {
        self.context.base.coverage(self.action.list?)
    }

    /// What the State concerned says to it.
    fn comments(&self, statement: &'static Statement) -> impl Iterator<Item = &'static Comment> {
        self.context.dataset.comments.iter().filter(|comment| comment.on == statement.id)
    }

    fn sources(&self, statement: &'static Statement) -> Vec<&'static Source> {
        statement.sources.iter().filter_map(|id| self.context.dataset.source(id)).collect()
    }
}

impl View for Why<'_> {
    fn page(&self) -> Page {
        let (context, finding) = (self.context, &self.finding);
        let mut page = Page::new(&format!(
            "{} {}, {} on {}",
            self.action.id,
            self.action.title,
            named(context, self.state.code),
            context.as_of
        ));
        remark_on_date(context, &mut page);
        let level = format!("level {} ({})", finding.level.number(), finding.level);
        page.indented("Verdict:    ", &format!("{}, {level}", finding.verdict));
        if !finding.note.is_empty() {
            page.indented("Known:      ", &finding.note);
        }
        page.indented("Next step:  ", &finding.next_step);
        page.indented("Decided by: ", self.action.decided_by);
        page.indented("Asked of:   ", self.action.applies_to.as_str());
        for stance in [Stance::Supports, Stance::Contradicts, Stance::Context] {
            let cited: Vec<u32> = finding.cited(stance).collect();
            if cited.is_empty() {
                continue;
            }
            page.heading(match stance {
                Stance::Supports => "It rests on",
                Stance::Contradicts => "Against it, and not prevailing",
                Stance::Context => "Also read",
            });
            for index in cited {
                let statement = context.statement(index);
                page.indented(
                    &format!("{:<6} ", statement.id),
                    &format!("{}: {}", context.when(statement.date), statement.body.summary()),
                );
                page.indented(
                    "       ",
                    &format!(
                        "said by the {} {}, level {}",
                        statement.issuer.kind,
                        statement.issuer.name,
                        statement.level.number()
                    ),
                );
                if !statement.note.is_empty() {
                    page.indented("       note: ", &statement.note);
                }
                for comment in self.comments(statement) {
                    let said = format!("{} comments ({}): {}", comment.by.name, comment.date, comment.text);
                    page.indented("       ", &said);
                }
                for source in self.sources(statement) {
                    page.indented("       ", &format!("[{}] {} ({})", source.id, source.title, source.trust));
                    if !source.address.is_empty() {
                        page.indented("       ", &source.address);
                    }
                }
            }
        }
        if let Some(list) = self.list() {
            let by_absence =
                finding.verdict == Verdict::NotMet && finding.cited(Stance::Supports).next().is_none();
            page.heading(if by_absence {
                "It rests on the list that does not name it"
            } else {
                "The list that would name it"
            });
            let to = list
                .complete_to
                .map_or_else(|| "not complete".to_owned(), |day| format!("complete to {day}"));
            page.line(&match list.note.as_str() {
                "" => format!("{}: {to}", list.title),
                note => format!("{}: {to}; {note}", list.title),
            });
            for source in list.sources.iter().filter_map(|id| context.dataset.source(id)) {
                page.line(&format!("[{}] {} ({})", source.id, source.title, source.trust));
                if !source.address.is_empty() {
                    page.line(&source.address);
                }
            }
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let statements = self.finding.statements.iter().map(|cited| {
            let statement = self.context.statement(cited.statement);
            StatementJson {
                id: &statement.id,
                stance: cited.stance,
                date: statement.date,
                holds_from: statement.date.holds_from(self.context.dataset.compiled),
                kind: statement.body.kind(),
                summary: statement.body.summary(),
                issuer: &statement.issuer,
                level: statement.level,
                note: &statement.note,
                comments: self.comments(statement).collect(),
                sources: self.sources(statement),
            }
        });
        WhyJson {
            as_of: self.context.as_of,
            state: self.state.code,
            name: &self.state.name,
            applies_to: self.action.applies_to.as_str(),
            decided_by: self.action.decided_by,
            list: self.list(),
            statements: statements.collect(),
            finding: FindingJson::new(self.context, &self.finding),
        }
    }

    fn sheet(&self) -> Sheet {
        let header = [
            "id",
            "stance",
            "date",
            "kind",
            "summary",
            "issuer",
            "level",
            "note",
            "source",
            "source_title",
            "address",
        ];
        let rows = self.finding.statements.iter().flat_map(|cited| {
            let statement = self.context.statement(cited.statement);
            self.sources(statement).into_iter().map(move |source| {
                vec![
                    statement.id.clone(),
                    cited.stance.as_str().to_owned(),
                    statement.date.date.last_day().map_or_else(String::new, |_| statement.date.to_string()),
                    statement.body.kind().to_owned(),
                    statement.body.summary(),
                    statement.issuer.name.clone(),
                    statement.level.number().to_string(),
                    statement.note.clone(),
                    source.id.to_string(),
                    source.title.clone(),
                    source.address.clone(),
                ]
            })
        });
        Sheet::new(header, rows)
    }
}
