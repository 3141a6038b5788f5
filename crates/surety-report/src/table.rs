//! CSV and JSON: the parity of every requirement, the findings and the plan, for the same readers.

use serde::Serialize;
use surety_core::Date;
use surety_standards::{Action, Answers, Comparison, Finding, Gap, Publication, Regime, Standing};

use crate::visible::{Content, LeftOut, Visible, basis};

/// What one regime does about a requirement, as far as it may be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Side {
    /// Whether law asks it: `yes`, `partly`, `no`; none when not stated.
    pub in_law: Option<String>,
    /// Whether it is enforced.
    pub enforced: Option<String>,
    /// Maturity, 0 to 5.
    pub maturity: Option<u8>,
    /// Where the maturity comes from: `direct`, `inferred`, `conflicting`, `not stated`, `not applicable`, or `left out`.
    pub basis: &'static str,
    /// The requirements that it was inferred from.
    pub origins: Vec<String>,
    /// Why it does not apply, where it does not.
    pub reasons: Vec<String>,
}

/// One requirement, both regimes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Its id.
    pub requirement: String,
    /// Its area.
    pub area: String,
    /// The civil regime.
    pub civil: Side,
    /// The military regime.
    pub military: Side,
    /// Military against civil; none when either was left out.
    pub military_to_civil: Option<Standing>,
    /// Civil against its baseline; none where that asks nothing, or when it was left out.
    pub civil_to_baseline: Option<Standing>,
    /// Military against its baseline; the same.
    pub military_to_baseline: Option<Standing>,
}

/// Everything that readers of one level may see.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tables {
    /// Who exports.
    pub subject: String,
    /// The day whose state it is.
    pub date: Date,
    /// For whom.
    pub readers: Publication,
    /// What they may not see.
    pub left_out: LeftOut,
    /// Every requirement, in the order of the catalogue.
    pub requirements: Vec<Row>,
    /// Findings of reviews.
    pub findings: Vec<Finding>,
    /// The plan.
    pub actions: Vec<Action>,
}

/// The tables for the readers that the content names. It serialises as JSON.
pub fn tables(content: Content<'_>) -> Tables {
    let visible = Visible::new(content);
    let actions = visible.actions.iter().map(|action| {
        let mut shown = (*action).clone();
        // The id of a finding that may not be seen stays out too.
        if let (Gap::Finding { id }, None) = (&mut shown.closes, visible.finding(action)) {
            id.clear();
        }
        shown
    });
    Tables {
        subject: content.subject.to_owned(),
        date: content.date,
        readers: content.readers,
        left_out: visible.left_out,
        requirements: visible.parity.rows.iter().map(|row| self::row(&visible, row)).collect(),
        findings: visible.findings.iter().map(|finding| (*finding).clone()).collect(),
        actions: actions.collect(),
    }
}

fn row(visible: &Visible<'_>, row: &Comparison<'_>) -> Row {
    let (civil, military) = (visible.answers(row, Regime::Civil), visible.answers(row, Regime::Military));
    Row {
        requirement: row.requirement.id.clone(),
        area: row.requirement.area.clone(),
        military_to_civil: civil.and(military).map(|_| row.military_to_civil),
        civil_to_baseline: civil.and(row.civil_to_baseline),
        military_to_baseline: military.and(row.military_to_baseline),
        civil: side(civil),
        military: side(military),
    }
}

fn side(answers: Option<&Answers>) -> Side {
    let Some(answers) = answers else {
        return Side {
            in_law: None,
            enforced: None,
            maturity: None,
            basis: "left out",
            origins: Vec::new(),
            reasons: Vec::new(),
        };
    };
    Side {
        in_law: answers.in_law.value().map(|extent| extent.to_string()),
        enforced: answers.enforced.value().map(|extent| extent.to_string()),
        maturity: answers.maturity.value().map(surety_standards::Maturity::number),
        basis: basis(&answers.maturity),
        origins: answers.maturity.origins().into_iter().map(str::to_owned).collect(),
        reasons: answers.reasons.clone(),
    }
}

impl Tables {
    /// The parity of every requirement as CSV.
    pub fn requirements_csv(&self) -> Result<String, csv::Error> {
        let mut header = vec!["requirement".to_owned(), "area".to_owned()];
        for regime in Regime::ALL {
            header.extend(
                ["in_law", "enforced", "maturity", "basis", "origins", "reasons"]
                    .map(|field| format!("{regime}_{field}")),
            );
        }
        header.extend(["military_to_civil", "civil_to_baseline", "military_to_baseline"].map(str::to_owned));
        let rows = self.requirements.iter().map(|row| {
            let mut cells = vec![row.requirement.clone(), row.area.clone()];
            for side in [&row.civil, &row.military] {
                cells.extend([
                    side.in_law.clone().unwrap_or_default(),
                    side.enforced.clone().unwrap_or_default(),
                    side.maturity.map(|maturity| maturity.to_string()).unwrap_or_default(),
                    side.basis.to_owned(),
                    side.origins.join(" "),
                    side.reasons.join(" "),
                ]);
            }
            let standings = [row.military_to_civil, row.civil_to_baseline, row.military_to_baseline];
            cells.extend(
                standings.map(|standing| standing.map_or_else(String::new, |standing| standing.to_string())),
            );
            cells
        });
        sheet(&header, rows)
    }

    /// The findings of reviews as CSV, each with its status on the day.
    pub fn findings_csv(&self) -> Result<String, csv::Error> {
        let header =
            ["id", "review", "date", "kind", "regime", "requirements", "status", "text"].map(str::to_owned);
        let rows = self.findings.iter().map(|finding| {
            vec![
                finding.id.clone(),
                finding.review.clone(),
                finding.date.to_string(),
                finding.kind.to_string(),
                finding.regime.to_string(),
                finding.requirements.join(" "),
                finding.status(self.date).to_string(),
                finding.text.clone(),
            ]
        });
        sheet(&header, rows)
    }

    /// The plan as CSV.
    pub fn actions_csv(&self) -> Result<String, csv::Error> {
        let header = ["id", "need", "priority", "owner", "due", "done", "help_wanted", "closes", "regime"]
            .map(str::to_owned);
        let rows = self.actions.iter().map(|action| {
            let (closes, regime) = match &action.closes {
                Gap::Requirement { id, regime } => (id.clone(), regime.to_string()),
                Gap::Finding { id } => (id.clone(), String::new()),
            };
            vec![
                action.id.clone(),
                action.need.clone(),
                action.priority.to_string(),
                action.owner.clone(),
                action.due.to_string(),
                action.done.map_or_else(String::new, |done| done.to_string()),
                action.help_wanted.clone(),
                closes,
                regime,
            ]
        });
        sheet(&header, rows)
    }
}

fn sheet(header: &[String], rows: impl Iterator<Item = Vec<String>>) -> Result<String, csv::Error> {
    let mut table = csv::Writer::from_writer(Vec::new());
    table.write_record(header)?;
    for row in rows {
        table.write_record(row)?;
    }
    let bytes = table.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
