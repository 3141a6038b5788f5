//! `surety index drivers`: what has most weight in fact, and what hangs on each part.

use std::collections::HashMap;

use serde::Serialize;
use surety_core::Date;

use crate::context::Context;
use crate::index::Subject;
use crate::page::{Page, Sheet, Table, View};
use crate::view::index::{number, right};

/// What has most weight in fact, and what hangs on each part.
#[derive(Serialize)]
pub struct Drivers {
    as_of: Date,
    framework: String,
    parts: Vec<Part>,
}

#[derive(Serialize)]
struct Part {
    code: String,
    name: String,
    level: u32,
    weight: f64,
    effective_weight: f64,
    /// The mean shift of ranks when it is left out; none for the top and for an only member.
    rank_shift_mean: Option<f64>,
    rank_shift_max: Option<u32>,
}

impl Drivers {
    /// Of what is scored.
    pub fn new(context: &Context, subject: &Subject) -> anyhow::Result<Self> {
        let framework = &subject.framework;
        let top = framework.top().code();
        let nominal = framework.compute(&subject.data)?.ranks(top).unwrap_or_default();
        let mut shifts = HashMap::new();
        for (code, index) in framework.leave_one_out(&subject.data)? {
            let ranks = index.ranks(top).unwrap_or_default();
            let moved: Vec<u32> =
                ranks.iter().zip(&nominal).filter_map(|(now, was)| Some((*now)?.abs_diff((*was)?))).collect();
            let mean = f64::from(moved.iter().sum::<u32>()) / f64::from(u32::try_from(moved.len().max(1))?);
            shifts.insert(code, (mean, moved.iter().max().copied()));
        }
        let mut parts = Vec::new();
        for (code, share) in framework.effective_weights() {
            let node = framework.node(code)?;
            let shift = shifts.get(code);
            parts.push(Part {
                code: code.to_owned(),
                name: node.name().to_owned(),
                level: node.level(),
                weight: node.weight(),
                effective_weight: share,
                rank_shift_mean: shift.map(|shift| shift.0),
                rank_shift_max: shift.and_then(|shift| shift.1),
            });
        }
        Ok(Self { as_of: context.as_of, framework: subject.file.clone(), parts })
    }
}

impl View for Drivers {
    fn page(&self) -> Page {
        let mut page = Page::new(&format!("What the index of {} hangs on", self.framework));
        let mut table = Table::new(&["", "", "weight", "in the whole", "ranks move, mean", "most"]);
        let mut parts: Vec<&Part> = self.parts.iter().collect();
        parts.sort_by(|a, b| b.level.cmp(&a.level).then(b.effective_weight.total_cmp(&a.effective_weight)));
        for part in parts {
            table.row([
                part.code.as_str().into(),
                part.name.as_str().into(),
                right(format!("{}", part.weight)),
                right(format!("{:.1} %", part.effective_weight * 100.0)),
                right(part.rank_shift_mean.map_or_else(String::new, |mean| format!("{mean:.1}"))),
                right(part.rank_shift_max.map_or_else(String::new, |most| most.to_string())),
            ]);
        }
        page.table(&table);
        page.remark(
            "In the whole: the weight of a unit to which everything applies. Ranks move: by how many places, when \
             the part is left out and its weight goes to the rest of its group.",
        );
        page
    }

    fn json(&self) -> impl Serialize {
        self
    }

    fn sheet(&self) -> Sheet {
        let header =
            ["code", "name", "level", "weight", "effective_weight", "rank_shift_mean", "rank_shift_max"];
        let rows = self.parts.iter().map(|part| {
            vec![
                part.code.clone(),
                part.name.clone(),
                part.level.to_string(),
                part.weight.to_string(),
                part.effective_weight.to_string(),
                number(part.rank_shift_mean),
                part.rank_shift_max.map_or_else(String::new, |most| most.to_string()),
            ]
        });
        Sheet::new(header, rows)
    }
}
