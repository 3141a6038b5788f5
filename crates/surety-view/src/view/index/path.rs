//! `surety index path`: the cheapest set of actions that reaches a score.

use serde::Serialize;
use surety_core::Date;

use crate::context::Context;
use crate::index::{Costs, Subject};
use crate::page::{Page, Sheet, Table, View};
use crate::view::index::{number, right};

/// The cheapest set of actions that reaches a score.
#[derive(Serialize)]
pub struct PathView {
    as_of: Date,
    unit: String,
    name: String,
    target: f64,
    before: f64,
    after: f64,
    /// The least score after, if every doubtful finding that stays were at its worst.
    after_at_worst: Option<f64>,
    cost: f64,
    cost_unit: String,
    costs: String,
    cheapest: bool,
    steps: Vec<PathStep>,
}

#[derive(Serialize)]
struct PathStep {
    change: String,
    cost: f64,
    sets: Vec<Setting>,
}

#[derive(Serialize)]
struct Setting {
    code: String,
    name: String,
    before: Option<f64>,
    after: f64,
}

impl PathView {
    /// Of one unit, to a score of `target`.
    pub fn new(
        context: &Context,
        subject: &Subject,
        unit: &str,
        target: f64,
        costs: &Costs,
    ) -> anyhow::Result<Self> {
        let row = subject.row(context, unit)?;
        let unit = subject.units()[row].as_str();
        let framework = &subject.framework;
        let changes = costs.changes(subject, unit)?;
        let path = framework.cheapest_path(&subject.data, unit, target, &changes)?;
        let mut steps = Vec::new();
        let (mut data, mut doubts) = (subject.data.clone(), subject.doubts.clone());
        for change in changes.iter().filter(|change| path.changes.contains(&change.name)) {
            let mut sets = Vec::new();
            for (code, after) in &change.sets {
                data.set(unit, code, Some(*after))?;
                doubts.remove(unit, code);
                sets.push(Setting {
                    code: code.clone(),
                    name: framework.node(code)?.name().to_owned(),
                    before: subject.data.get(unit, code),
                    after: *after,
                });
            }
            steps.push(PathStep { change: change.name.clone(), cost: change.cost, sets });
        }
        let (worst, _) = doubts.ends(framework, &data)?;
        let top = framework.top().code();
        Ok(Self {
            as_of: context.as_of,
            unit: unit.to_owned(),
            name: subject.names[row].clone(),
            target,
            before: path.before,
            after: path.after,
            after_at_worst: framework.compute(&worst)?.scores().get(unit, top),
            cost: path.cost,
            cost_unit: costs.unit.clone(),
            costs: costs.file.clone(),
            cheapest: path.is_cheapest,
            steps,
        })
    }
}

impl View for PathView {
    fn page(&self) -> Page {
        let mut page = Page::new(&format!("{} to a score of {}, on {}", self.name, self.target, self.as_of));
        if self.steps.is_empty() {
            page.line(&format!("Nothing is needed: the score is {:.1} already.", self.before));
            return page;
        }
        page.line(&format!(
            "From {:.1} to {:.1} for {} {} (costs: {}).",
            self.before, self.after, self.cost, self.cost_unit, self.costs
        ));
        let mut table = Table::new(&["", "action", "figure", "cost"]);
        for step in &self.steps {
            for (number, set) in step.sets.iter().enumerate() {
                let before = set.before.map_or_else(|| "none".to_owned(), |before| before.to_string());
                table.row([
                    set.code.as_str().into(),
                    set.name.as_str().into(),
                    right(format!("{before} → {}", set.after)),
                    right(if number == 0 { step.cost.to_string() } else { String::new() }),
                ]);
            }
        }
        page.table(&table);
        page.remark(if self.cheapest {
            "No cheaper set of these changes reaches the target."
        } else {
            "The effects do not simply add up here: a cheaper set may exist."
        });
        if let Some(worst) = self.after_at_worst {
            page.remark(&format!(
                "Doubt remains about everything else: were all of it at its worst, the score would be {worst:.1}."
            ));
        }
        page
    }

    fn json(&self) -> impl Serialize {
        self
    }

    fn sheet(&self) -> Sheet {
        let rows = self.steps.iter().flat_map(|step| {
            step.sets.iter().map(|set| {
                let cells = [&step.change, &set.code, &set.name].map(Clone::clone);
                let figures = [number(set.before), set.after.to_string(), step.cost.to_string()];
                cells.into_iter().chain(figures).collect()
            })
        });
        Sheet::new(["change", "code", "name", "before", "after", "cost"], rows)
    }
}
