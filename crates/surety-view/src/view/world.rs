//! `surety world`: every action, and every State at a glance.

use std::fmt::Write;
use std::sync::Arc;

use comfy_table::Cell;
use serde::Serialize;
use surety_core::{Aim, Date, Verdict};
use surety_world::{ActionId, World, WorldSummary, summarise};
use unicode_width::UnicodeWidthChar;

use crate::context::{Checkpoint, Context};
use crate::page::{Page, Sheet, Table, View, verdict_sign};
use crate::view::summary::{TALLY_HEADER, tally_cells};
use crate::view::{FINDING_COLUMNS, StateJson, finding_row, remark_on_date};

/// Every charter action, and every State at a glance.
pub struct WorldView<'c> {
    context: &'c Context,
    checkpoint: Checkpoint,
    world: Arc<World>,
    summary: WorldSummary<'static>,
}

#[derive(Serialize)]
struct WorldJson<'a> {
    as_of: Date,
    checkpoint: &'a Checkpoint,
    states: Vec<StateJson<'a>>,
}

impl<'c> WorldView<'c> {
    /// On the date asked.
    pub fn new(context: &'c Context) -> anyhow::Result<Self> {
        let world = context.world();
        let summary = summarise(&context.base, &world);
        Ok(Self { context, checkpoint: context.checkpoint()?, world, summary })
    }
}

/// How wide the name of a State may be beside its signs.
const NAME_WIDTH: usize = 32;

impl View for WorldView<'_> {
    fn page(&self) -> Page {
        let mut page = Page::new(&format!("The world on {}, action by action", self.context.as_of));
        remark_on_date(self.context, &mut page);
        for aim in &self.summary.aims {
            page.heading(aim.aim.title());
            let mut table = Table::new(&[&["", "a State"], TALLY_HEADER.as_slice()].concat());
            for (action, tally) in &aim.actions {
                let labels = vec![Cell::new(action), Cell::new(action.action().title)];
                table.row([labels, tally_cells(*tally)].concat());
            }
            page.table(&table);
        }
        page.heading("Every State");
        let signs: Vec<String> =
            [Verdict::Met, Verdict::PartlyMet, Verdict::NotMet, Verdict::NoPublicEvidence]
                .iter()
                .map(|verdict| {
                    let (sign, style) = verdict_sign(*verdict);
                    format!("{style}{sign}{style:#} {verdict}")
                })
                .collect();
        page.raw(&format!("{}; empty: not applicable", signs.join("  ")));
        page.raw(&header_line());
        for state in &self.world.states {
            let mut line = fit(&format!("{} {}", state.state, self.context.name(state.state)), NAME_WIDTH);
            for finding in &state.findings {
                line.push_str(gap_before(finding.action));
                let (sign, style) = verdict_sign(finding.verdict);
                let _ = write!(line, "{style}{sign}{style:#} ");
            }
            page.raw(&line);
        }
        page.remark(&format!("Folded from {}.", self.checkpoint));
        page
    }

    fn json(&self) -> impl Serialize {
        WorldJson {
            as_of: self.context.as_of,
            checkpoint: &self.checkpoint,
            states: self.world.states.iter().map(|state| StateJson::new(self.context, state)).collect(),
        }
    }

    fn sheet(&self) -> Sheet {
        let rows = self.world.findings().map(|(state, finding)| finding_row(self.context, state, finding));
        Sheet::new(FINDING_COLUMNS, rows)
    }
}

/// The numbers of the actions above their columns, aim by aim.
fn header_line() -> String {
    let mut line = " ".repeat(NAME_WIDTH);
    for action in ActionId::ALL {
        line.push_str(gap_before(*action));
        let number = &action.as_str()[1..];
        let first = number == "1";
        if first {
            line.truncate(line.len() - 1);
            line.push_str(&action.as_str()[..1]);
        }
        line.push_str(number);
        line.push(' ');
    }
    line
}

/// Two columns between aims.
fn gap_before(action: ActionId) -> &'static str {
    let first_of_aim =
        Aim::ALL.iter().any(|aim| ActionId::ALL.iter().find(|id| id.action().aim == *aim) == Some(&action));
    if first_of_aim { "  " } else { "" }
}

/// Cuts or fills text to a width.
fn fit(text: &str, width: usize) -> String {
    let mut fitted = String::new();
    let mut used = 0;
    for letter in text.chars() {
        let wide = letter.width().unwrap_or(0);
        if used + wide > width {
            break;
        }
        used += wide;
        fitted.push(letter);
    }
    if fitted.len() < text.len() && fitted.pop().is_some() {
        fitted.push('…');
    }
    fitted + &" ".repeat(width - used)
}
