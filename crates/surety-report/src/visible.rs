//! What an export is made from, and what of it its readers may see.

use std::collections::BTreeMap;

use serde::Serialize;
use surety_core::Date;
use surety_standards::{
    Action, Answer, Answers, Assessment, Baseline, Catalogue, Comparison, Finding, Gap, Parity, Publication,
    Regime, current,
};

/// What an export is made from.
#[derive(Debug, Clone, Copy)]
pub struct Content<'a> {
    /// Who exports: a State's code, or a name without meaning.
    pub subject: &'a str,
    /// The requirements.
    pub catalogue: &'a Catalogue,
    /// Every assessment, of whatever date.
    pub assessments: &'a [Assessment],
    /// What reviews found.
    pub findings: &'a [Finding],
    /// The action plan.
    pub actions: &'a [Action],
    /// What guidance asks of the civil regime.
    pub civil: Baseline,
    /// What guidance asks of the military regime.
    pub military: Baseline,
    /// The day whose state is exported.
    pub date: Date,
    /// For whom.
    pub readers: Publication,
}

/// How many items an export left out because of their level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct LeftOut {
    /// Assessments that count on the day.
    pub assessments: usize,
    /// Answers inferred from them, which are not assessments of their own.
    pub inferred: usize,
    /// Findings of reviews.
    pub findings: usize,
    /// Actions of the plan.
    pub actions: usize,
    /// Links of actions that are shown to findings that are not.
    pub links: usize,
}

impl LeftOut {
    /// How many in all.
    pub fn total(self) -> usize {
        self.assessments + self.inferred + self.findings + self.actions + self.links
    }
}

/// The part of the content that its readers may see.
pub(crate) struct Visible<'a> {
    pub(crate) content: Content<'a>,
    /// The assessments that count, by requirement and regime.
    pub(crate) assessments: BTreeMap<(&'a str, Regime), &'a Assessment>,
    pub(crate) parity: Parity<'a>,
    pub(crate) findings: Vec<&'a Finding>,
    pub(crate) actions: Vec<&'a Action>,
    pub(crate) left_out: LeftOut,
}

impl<'a> Visible<'a> {
    pub(crate) fn new(content: Content<'a>) -> Self {
        let Content { catalogue, readers, date, .. } = content;
        let all = current(content.assessments, date);
        let mut assessments = all.clone();
        assessments.retain(|_, assessment| assessment.publication.reaches(readers));
        let parity = Parity::on(catalogue, content.assessments, content.civil, content.military, date);
        let in_time: Vec<&Finding> = content.findings.iter().filter(|finding| finding.date <= date).collect();
        let findings: Vec<&Finding> =
            in_time.iter().copied().filter(|finding| finding.publication.reaches(readers)).collect();
        let actions: Vec<&Action> =
            content.actions.iter().filter(|action| action.publication.reaches(readers)).collect();
        let hidden = |action: &&&Action| match &action.closes {
            Gap::Finding { id } => !findings.iter().any(|finding| finding.id == *id),
            Gap::Requirement { .. } => false,
        };
        let is_hidden = |level: Publication| !level.reaches(readers);
        // What is hidden, and not because of an assessment of its own, is hidden because of others'.
        let inferred = |row: &Comparison<'_>, regime, answers: &Answers| {
            let own = all.get(&(row.requirement.id.as_str(), regime));
            answers.publication.is_some_and(is_hidden) && !own.is_some_and(|own| is_hidden(own.publication))
        };
        let inferred = parity.rows.iter().map(|row| {
            usize::from(inferred(row, Regime::Civil, &row.civil))
                + usize::from(inferred(row, Regime::Military, &row.military))
        });
        let left_out = LeftOut {
            assessments: all.len() - assessments.len(),
            inferred: inferred.sum(),
            findings: in_time.len() - findings.len(),
            actions: content.actions.len() - actions.len(),
            links: actions.iter().filter(hidden).count(),
        };
        Self { content, assessments, parity, findings, actions, left_out }
    }

    /// The answers of one regime to one requirement, when its readers may see them.
    pub(crate) fn answers<'r>(&self, row: &'r Comparison<'_>, regime: Regime) -> Option<&'r Answers> {
        let answers = match regime {
            Regime::Civil => &row.civil,
            Regime::Military => &row.military,
        };
        answers.publication.is_none_or(|level| level.reaches(self.content.readers)).then_some(answers)
    }

    /// The finding that an action closes, when it may be seen.
    pub(crate) fn finding(&self, action: &Action) -> Option<&'a Finding> {
        match &action.closes {
            Gap::Finding { id } => self.findings.iter().copied().find(|finding| finding.id == *id),
            Gap::Requirement { .. } => None,
        }
    }
}

/// One word for where an answer comes from.
pub(crate) fn basis<T>(answer: &Answer<T>) -> &'static str {
    match answer {
        Answer::NotStated => "not stated",
        Answer::Direct { .. } => "direct",
        Answer::Inferred { .. } => "inferred",
        Answer::NotApplicable { .. } => "not applicable",
        Answer::Conflicting { .. } => "conflicting",
    }
}
