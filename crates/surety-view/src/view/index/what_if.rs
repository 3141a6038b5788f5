//! `surety index what-if`: how scores move when findings or figures are otherwise.

use anyhow::{Context as _, bail};
use serde::Serialize;
use surety_core::Date;
use surety_index::{Data, Doubts};

use crate::context::Context;
use crate::index::{Set, Subject};
use crate::page::{Page, Sheet, Table, View};
use crate::view::index::{caution, interval, number, right};

/// How scores move when findings or figures are otherwise.
#[derive(Serialize)]
pub struct WhatIf {
    as_of: Date,
    unit: String,
    name: String,
    set: Vec<String>,
    scores: Vec<Moved>,
}

#[derive(Serialize)]
struct Moved {
    code: String,
    name: String,
    level: u32,
    before: Option<f64>,
    before_possible: Option<(f64, f64)>,
    after: Option<f64>,
    after_possible: Option<(f64, f64)>,
}

impl WhatIf {
    /// Of one unit, with findings or figures set as `CODE=VALUE`.
    pub fn new(context: &Context, subject: &Subject, unit: &str, set: &[String]) -> anyhow::Result<Self> {
        let row = subject.row(context, unit)?;
        let unit = subject.units()[row].as_str();
        let (mut data, mut doubts) = (subject.data.clone(), subject.doubts.clone());
        let mut touched = Vec::new();
        for entry in set {
            let (code, value) = entry
                .split_once('=')
                .with_context(|| format!("--set: `{entry}` is not CODE=VALUE, such as L1=met"))?;
            let node = subject.framework.node(code.trim()).context("--set")?;
            let value = Set::parse(value).with_context(|| format!("--set: {}", node.code()))?;
            apply(subject, (&mut data, &mut doubts), (unit, node.code()), value)
                .with_context(|| format!("--set: {}", node.code()))?;
            touched.push(node.code());
        }
        let before = Scores::new(subject, &subject.data, &subject.doubts, unit)?;
        let after = Scores::new(subject, &data, &doubts, unit)?;
        let nodes = subject.framework.indicators().filter(|node| touched.contains(&node.code()));
        let moved = nodes.chain(subject.framework.groups()).map(|node| {
            let code = node.code();
            Moved {
                code: code.to_owned(),
                name: node.name().to_owned(),
                level: node.level(),
                before: before.score(code),
                before_possible: before.possible(code),
                after: after.score(code),
                after_possible: after.possible(code),
            }
        });
        Ok(Self {
            as_of: context.as_of,
            unit: unit.to_owned(),
            name: subject.names[row].clone(),
            set: set.to_vec(),
            scores: moved.filter(|moved| moved.before.is_some() || moved.after.is_some()).collect(),
        })
    }
}

fn apply(
    subject: &Subject,
    (data, doubts): (&mut Data, &mut Doubts),
    (unit, code): (&str, &str),
    value: Option<Set>,
) -> anyhow::Result<()> {
    match (value, &subject.states) {
        (Some(Set::Finding(verdict, level)), Some(states)) => {
            states.mapping.set(data, doubts, (unit, code), (verdict, level))?;
        }
        (Some(Set::Finding(..)), None) => bail!("these units have figures and no findings: give a number"),
        (Some(Set::Figure(figure)), _) => {
            data.set(unit, code, Some(figure))?;
            doubts.remove(unit, code);
        }
        (None, _) => {
            data.set(unit, code, None)?;
            doubts.remove(unit, code);
        }
    }
    Ok(())
}

/// The scores of one unit, and between what they can lie.
struct Scores<'a> {
    unit: &'a str,
    tables: [surety_index::Index; 3],
}

impl<'a> Scores<'a> {
    fn new(subject: &Subject, data: &Data, doubts: &Doubts, unit: &'a str) -> anyhow::Result<Self> {
        let framework = &subject.framework;
        let (worst, best) = doubts.ends(framework, data)?;
        Ok(Self {
            unit,
            tables: [framework.compute(data)?, framework.compute(&worst)?, framework.compute(&best)?],
        })
    }

    fn get(&self, table: usize, code: &str) -> Option<f64> {
        self.tables[table].scores().get(self.unit, code)
    }

    fn score(&self, code: &str) -> Option<f64> {
        self.get(0, code)
    }

    fn possible(&self, code: &str) -> Option<(f64, f64)> {
        self.get(1, code).zip(self.get(2, code))
    }
}

impl View for WhatIf {
    fn page(&self) -> Page {
        let mut page = Page::new(&format!("{} on {}, if {}", self.name, self.as_of, self.set.join(", ")));
        let mut table = Table::new(&["", "", "score", "possible", "would be", "possible"]);
        let one = |value: Option<f64>| right(value.map_or_else(String::new, |value| format!("{value:.1}")));
        for moved in &self.scores {
            table.row([
                moved.code.as_str().into(),
                moved.name.as_str().into(),
                one(moved.before),
                right(interval(moved.before_possible)),
                one(moved.after),
                right(interval(moved.after_possible)),
            ]);
        }
        page.table(&table);
        caution(&mut page);
        page
    }

    fn json(&self) -> impl Serialize {
        self
    }

    fn sheet(&self) -> Sheet {
        let header = [
            "code",
            "name",
            "level",
            "before",
            "before_low",
            "before_high",
            "after",
            "after_low",
            "after_high",
        ];
        let ends =
            |range: Option<(f64, f64)>| [number(range.map(|ends| ends.0)), number(range.map(|ends| ends.1))];
        let rows = self.scores.iter().map(|moved| {
            let mut row = vec![moved.code.clone(), moved.name.clone(), moved.level.to_string()];
            row.push(number(moved.before));
            row.extend(ends(moved.before_possible));
            row.push(number(moved.after));
            row.extend(ends(moved.after_possible));
            row
        });
        Sheet::new(header, rows)
    }
}
