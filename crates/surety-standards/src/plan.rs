//! What reviews found, and what is to be done.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use surety_core::{Date, words};

use crate::assessment::check_id;
use crate::{AssessmentError, Catalogue, Publication, Regime, Rise};

words! {
    /// What a review says of what it found.
    pub enum FindingKind("kind of finding") {
        /// It should be changed, to meet what is asked.
        Recommendation = "recommendation",
        /// It could be better.
        Suggestion = "suggestion",
        /// Others could learn from it.
        GoodPractice = "good-practice",
    }
}

words! {
    /// How far a finding has been followed up.
    pub enum FollowUpStatus("follow-up status") {
        /// Not yet.
        Open = "open",
        /// In progress.
        InProgress = "in-progress",
        /// Done, as the State says.
        Done = "done",
        /// Closed by a later review.
        Closed = "closed",
    }
}

/// One step of the follow-up of a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FollowUp {
    /// When.
    pub date: Date,
    /// How far it has come.
    pub status: FollowUpStatus,
    /// What was done.
    pub note: String,
}

/// What a peer review found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// Its id in the register.
    pub id: String,
    /// The review, such as `IPPAS 2024`.
    pub review: String,
    /// The day of the report.
    pub date: Date,
    /// Recommendation, suggestion or good practice.
    pub kind: FindingKind,
    /// The regime that was reviewed.
    pub regime: Regime,
    /// The requirements that it is about.
    pub requirements: Vec<String>,
    /// What was found, at the level of policy.
    pub text: String,
    /// What was done about it, in order of date.
    pub follow_up: Vec<FollowUp>,
    /// Who may read it.
    pub publication: Publication,
}

impl Finding {
    /// How far it had been followed up on a day.
    pub fn status(&self, on: Date) -> FollowUpStatus {
        let by_then = self.follow_up.iter().filter(|step| step.date <= on);
        by_then.max_by_key(|step| step.date).map_or(FollowUpStatus::Open, |step| step.status)
    }

    /// Whether something was still to be done on a day. A good practice asks nothing.
    pub fn is_open(&self, on: Date) -> bool {
        self.kind != FindingKind::GoodPractice
            && self.date <= on
            && matches!(self.status(on), FollowUpStatus::Open | FollowUpStatus::InProgress)
    }

    /// Checks it against the catalogue.
    pub fn check(&self, catalogue: &Catalogue) -> Result<(), PlanError> {
        self.requirements.iter().try_for_each(|id| check_id(catalogue, id).map_err(PlanError::from))
    }
}

words! {
    /// How urgent an action is.
    pub enum Priority("priority") {
        /// First.
        High = "high",
        /// Then.
        Medium = "medium",
        /// Last.
        Low = "low",
    }
}

/// What an action closes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Gap {
    /// A requirement that one regime does not meet.
    Requirement {
        /// Its id.
        id: String,
        /// The regime.
        regime: Regime,
    },
    /// A finding of a review.
    Finding {
        /// Its id.
        id: String,
    },
}

/// One action of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Action {
    /// Its id in the register.
    pub id: String,
    /// What is needed.
    pub need: String,
    /// How urgent it is.
    pub priority: Priority,
    /// Who answers for it.
    pub owner: String,
    /// By when.
    pub due: Date,
    /// What help from others is wanted; empty when none.
    pub help_wanted: String,
    /// What it closes.
    pub closes: Gap,
    /// When it was done.
    pub done: Option<Date>,
    /// Who may read it.
    pub publication: Publication,
}

/// Why a finding or an action cannot be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// A requirement is not known.
    #[error(transparent)]
    Requirement(#[from] AssessmentError),
    /// A finding is not known.
    #[error("action {action} closes the finding `{finding}`, and no finding has that id")]
    UnknownFinding {
        /// The id of the action.
        action: String,
        /// The id that it names.
        finding: String,
    },
}

impl Action {
    /// Checks what it closes against the catalogue and the findings.
    pub fn check(&self, catalogue: &Catalogue, findings: &[Finding]) -> Result<(), PlanError> {
        match &self.closes {
            Gap::Requirement { id, .. } => Ok(check_id(catalogue, id)?),
            Gap::Finding { id } if findings.iter().any(|finding| finding.id == *id) => Ok(()),
            Gap::Finding { id } => {
                Err(PlanError::UnknownFinding { action: self.id.clone(), finding: id.clone() })
            }
        }
    }

    /// Whether it was done by a day.
    pub fn is_done(&self, on: Date) -> bool {
        self.done.is_some_and(|done| done <= on)
    }
}

/// The actions that were due before a day and not done by it, the longest overdue first.
pub fn overdue(actions: &[Action], on: Date) -> Vec<&Action> {
    let mut overdue: Vec<_> =
        actions.iter().filter(|action| action.due < on && !action.is_done(on)).collect();
    overdue.sort_by_key(|action| (action.due, &action.id));
    overdue
}

/// The gaps on a day that no action closes: what must rise, and findings that are open. An action that was done and did
/// not close its gap counts no longer.
pub fn without_action(rises: &[Rise<'_>], findings: &[Finding], actions: &[Action], on: Date) -> Vec<Gap> {
    let planned: BTreeSet<&Gap> =
        actions.iter().filter(|action| !action.is_done(on)).map(|action| &action.closes).collect();
    let rises =
        rises.iter().map(|rise| Gap::Requirement { id: rise.requirement.id.clone(), regime: rise.regime });
    let findings = findings
        .iter()
        .filter(|finding| finding.is_open(on))
        .map(|finding| Gap::Finding { id: finding.id.clone() });
    rises.chain(findings).filter(|gap| !planned.contains(gap)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Maturity;
    use crate::answer::tests::catalogue;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn finding(kind: FindingKind) -> Finding {
        Finding {
            id: "F1".to_owned(),
            review: "IPPAS 2024".to_owned(),
            date: day("2024-06-01"),
            kind,
            regime: Regime::Civil,
            requirements: vec!["A".to_owned()],
            text: "The authority has no inspection programme.".to_owned(),
            follow_up: Vec::new(),
            publication: Publication::Partners,
        }
    }

    fn action(closes: Gap) -> Action {
        Action {
            id: "P1".to_owned(),
            need: "an inspection programme".to_owned(),
            priority: Priority::High,
            owner: "authority of XAA".to_owned(),
            due: day("2025-06-01"),
            help_wanted: String::new(),
            closes,
            done: None,
            publication: Publication::Partners,
        }
    }

    #[test]
    fn a_finding_is_open_until_it_is_followed_up() {
        let mut one = finding(FindingKind::Recommendation);
        assert!(!one.is_open(day("2024-05-31")), "not found yet");
        assert!(one.is_open(day("2024-06-01")));
        let step = |date: &str, status| FollowUp { date: day(date), status, note: String::new() };
        one.follow_up = vec![
            step("2024-09-01", FollowUpStatus::InProgress),
            step("2025-03-01", FollowUpStatus::Done),
            step("2026-02-01", FollowUpStatus::Open),
        ];
        assert!(one.is_open(day("2024-12-01")));
        assert!(!one.is_open(day("2025-03-01")));
        assert!(one.is_open(day("2026-02-01")), "a later review opened it again");
        assert!(!finding(FindingKind::GoodPractice).is_open(day("2025-01-01")));
    }

    #[test]
    fn what_no_action_closes_is_named() {
        let catalogue = catalogue(&["A"], &[]);
        let rise = Rise {
            requirement: &catalogue.requirements[0],
            regime: Regime::Military,
            from: None,
            to: Maturity::AS_ASKED,
            for_parity: false,
        };
        let findings = [finding(FindingKind::Recommendation)];
        let gap = Gap::Requirement { id: "A".to_owned(), regime: Regime::Military };
        let of_finding = Gap::Finding { id: "F1".to_owned() };
        let on = day("2025-01-01");
        assert_eq!(without_action(&[rise], &findings, &[], on), [gap.clone(), of_finding.clone()]);
        let mut one = action(gap.clone());
        assert_eq!(without_action(&[rise], &findings, &[one.clone()], on), [of_finding]);
        one.done = Some(day("2024-12-01"));
        assert_eq!(without_action(&[rise], &[], &[one], on), [gap], "done, and the gap is still there");
    }

    #[test]
    fn what_is_overdue_comes_longest_first() {
        let first = action(Gap::Finding { id: "F1".to_owned() });
        let later = Action { id: "P2".to_owned(), due: day("2025-07-01"), ..first.clone() };
        let done = Action { id: "P3".to_owned(), done: Some(day("2025-05-01")), ..first.clone() };
        let all = [later, done, first];
        let ids =
            |on: &str| overdue(&all, day(on)).iter().map(|action| action.id.clone()).collect::<Vec<_>>();
        assert_eq!(ids("2025-06-01"), Vec::<String>::new());
        assert_eq!(ids("2025-06-02"), ["P1"]);
        assert_eq!(ids("2026-01-01"), ["P1", "P2"]);
    }

    #[test]
    fn an_action_that_closes_nothing_known_is_refused() {
        let catalogue = catalogue(&["A"], &[]);
        let check = |closes| action(closes).check(&catalogue, &[finding(FindingKind::Suggestion)]);
        let requirement = |id: &str| Gap::Requirement { id: id.to_owned(), regime: Regime::Civil };
        assert_eq!(check(requirement("A")), Ok(()));
        assert_eq!(check(Gap::Finding { id: "F1".to_owned() }), Ok(()));
        assert!(check(requirement("Z")).unwrap_err().to_string().contains("no requirement has the id `Z`"));
        assert!(check(Gap::Finding { id: "F9".to_owned() }).unwrap_err().to_string().contains("`F9`"));
    }

    #[test]
    fn findings_and_actions_read_back_from_json() {
        let one = action(Gap::Requirement { id: "A".to_owned(), regime: Regime::Military });
        let json = serde_json::to_string(&one).unwrap();
        assert!(json.contains(r#""closes":{"requirement":{"id":"A","regime":"military"}}"#), "{json}");
        assert_eq!(serde_json::from_str::<Action>(&json).unwrap(), one);
        let one = finding(FindingKind::Suggestion);
        assert_eq!(serde_json::from_str::<Finding>(&serde_json::to_string(&one).unwrap()).unwrap(), one);
    }
}
