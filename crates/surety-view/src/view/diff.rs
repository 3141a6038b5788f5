//! `surety diff`: what changed between two dates.

use std::collections::BTreeMap;

use serde::Serialize;
use surety_core::{Aim, Date, Level, PartialDate, StateCode, Verdict, add_years};
use surety_world::{ActionId, CHARTER, Cause, Change, World, diff};

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
    cause: Cause,
    newest_fact: Option<PartialDate>,
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
        let mut changes = diff(&self.context.base, &self.before, &self.after);
        changes.retain(|change| self.chosen.wants(change.state, change.action.action()));
        changes
    }
}

fn words(verdict: Option<Verdict>) -> &'static str {
    verdict.map_or("not asked", Verdict::as_str)
}

/// What the changes of one cause have in common.
pub(crate) fn cause_heading(cause: Cause) -> &'static str {
    match cause {
        Cause::Event => "What happened",
        Cause::BecameKnown => "Became known: no source dates it between the two dates",
        Cause::TimePassed => "Nothing new was read: facts grew old, or a day came",
    }
}

/// Action by action, which verdict became which, and whose.
fn by_action(page: &mut Page, changes: &[&Change<'_>]) {
    for action in &CHARTER {
        let mut groups = BTreeMap::<_, Vec<&Change<'_>>>::new();
        for change in changes.iter().filter(|change| change.action == action.id) {
            groups.entry((change.verdict_after(), change.verdict_before())).or_default().push(change);
        }
        if groups.is_empty() {
            continue;
        }
        page.line(&format!("{} {}", action.id, action.title));
        for ((after, before), changes) in groups {
            let label = format!("  {} → {} ({}): ", words(before), words(after), changes.len());
            page.indented(&label, &states(&changes));
        }
    }
}

/// The States, and where nothing new was read, of when what was read last is.
fn states(changes: &[&Change<'_>]) -> String {
    if changes.iter().any(|change| change.cause != Cause::TimePassed) {
        return codes(changes.iter().map(|change| change.state));
    }
    let mut by_newest = BTreeMap::<_, Vec<StateCode>>::new();
    for change in changes {
        let newest = change.newest.unwrap_or_default();
        by_newest.entry((newest.last_day(), newest.to_string())).or_default().push(change.state);
    }
    let told = by_newest
        .into_iter()
        .rev()
        .map(|((_, newest), states)| format!("{} (newest read: {newest})", codes(states)));
    told.collect::<Vec<_>>().join(", ")
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
        for cause in Cause::ALL.iter().copied() {
            let of_cause: Vec<&Change<'_>> = changes.iter().filter(|change| change.cause == cause).collect();
            if !of_cause.is_empty() {
                page.heading(&format!("{} ({})", cause_heading(cause), of_cause.len()));
                by_action(&mut page, &of_cause);
            }
        }
        if changes.is_empty() {
            page.line("Nothing that was asked changed.");
        } else {
            page.heading("How to read it");
            page.line("Only what comes first tells of events. A finding that falls while nothing new was read does not say that a State stopped: surety why STATE ACTION --as-of DATE shows what was read last.");
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
            cause: change.cause,
            newest_fact: change.newest,
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
                change.cause.to_string(),
                change.newest.map_or_else(String::new, |newest| newest.to_string()),
            ]
        });
        let header =
            ["state", "name", "action", "aim", "before", "after", "direction", "cause", "newest_fact"];
        Sheet::new(header, rows)
    }
}
