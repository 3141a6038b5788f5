//! `surety diff`: what changed between two dates.

use std::collections::BTreeMap;

use serde::Serialize;
use surety_core::{Aim, Date, Level, StateCode, Verdict, add_years};
use surety_world::{ActionId, CHARTER, Change, World, diff};

use crate::context::{Chosen, Context, Filter, read_day};
use crate::page::{Page, Sheet, View};
use crate::view::codes;

/// Without `--from`, this many years before the later date.
const LOOK_BACK_YEARS: i16 = 5;

/// What changed between two dates.
pub struct Diff<'c> {
    context: &'c Context,
    before: World,
    after: World,
    chosen: Chosen,
}

#[derive(Serialize)]
struct DiffJson {
    as_of: Date,
    from: Date,
    to: Date,
    changes: Vec<ChangeJson>,
}

#[derive(Serialize)]
struct ChangeJson {
    state: StateCode,
    name: String,
    action: ActionId,
    aim: Aim,
    before: Option<Verdict>,
    after: Option<Verdict>,
    level_before: Option<Level>,
    level_after: Option<Level>,
    direction: &'static str,
}

impl<'c> Diff<'c> {
    /// From one date to another: five years before the date asked, and that date, where none is given.
    pub fn new(
        context: &'c Context,
        from: Option<&str>,
        to: Option<&str>,
        filter: &Filter,
    ) -> anyhow::Result<Self> {
        let to = to.map_or(Ok(context.as_of), |text| read_day("to", text))?;
        let from = from.map_or_else(|| Ok(add_years(to, -LOOK_BACK_YEARS)), |text| read_day("from", text))?;
        if from > to {
            anyhow::bail!("--from {from} lies after --to {to}: swap them");
        }
        let chosen = Chosen::new(context, filter)?;
        Ok(Self { context, before: context.base.world(from), after: context.base.world(to), chosen })
    }

    fn changes(&self) -> Vec<Change<'_>> {
        let mut changes = diff(&self.before, &self.after);
        changes.retain(|change| self.chosen.wants(change.state, change.action.action()));
        changes
    }
}

fn words(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("not asked", Verdict::as_str)
}

impl View for Diff<'_> {
    fn page(&self) -> Page {
        let changes = self.changes();
        let mut page = Page::new(&format!(
            "From {} to {}: {} findings changed",
            self.before.as_of,
            self.after.as_of,
            changes.len()
        ));
        for action in &CHARTER {
            let mut groups = BTreeMap::<_, Vec<StateCode>>::new();
            for change in changes.iter().filter(|change| change.action == action.id) {
                let key = (change.verdict_after(), change.verdict_before());
                groups.entry(key).or_default().push(change.state);
            }
            if groups.is_empty() {
                continue;
            }
            page.heading(&format!("{} {}", action.id, action.title));
            for ((after, before), states) in groups {
                let label = format!("  {} → {} ({}): ", words(before), words(after), states.len());
                page.indented(&label, &codes(states));
            }
        }
        if changes.is_empty() {
            page.line("Nothing that was asked changed.");
        } else {
            page.heading("How to read it");
            page.line("A fact that grows old makes a finding fall; a source that was read later makes it rise. surety why STATE ACTION --as-of DATE shows which.");
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let changes = self.changes().into_iter().map(|change| ChangeJson {
            state: change.state,
            name: self.context.name(change.state),
            action: change.action,
            aim: change.action.action().aim,
            before: change.verdict_before(),
            after: change.verdict_after(),
            level_before: change.before.map(|finding| finding.level),
            level_after: change.after.map(|finding| finding.level),
            direction: change.direction().as_str(),
        });
        DiffJson {
            as_of: self.after.as_of,
            from: self.before.as_of,
            to: self.after.as_of,
            changes: changes.collect(),
        }
    }

    fn sheet(&self) -> Sheet {
        let changes = self.changes();
        let rows = changes.iter().map(|change| {
            vec![
                change.state.to_string(),
                self.context.name(change.state),
                change.action.to_string(),
                change.action.action().aim.to_string(),
                words(change.verdict_before()).to_owned(),
                words(change.verdict_after()).to_owned(),
                change.direction().as_str().to_owned(),
            ]
        });
        Sheet::new(["state", "name", "action", "aim", "before", "after", "direction"], rows)
    }
}
