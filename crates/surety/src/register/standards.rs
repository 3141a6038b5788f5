//! Standards: assessments, parity, plan.

use std::path::Path;

use serde_json::json;
use surety_register::Register;
use surety_standards::{
    Action, Assessment, AssessmentError, Counts, Finding, Gap, Regime, Rise, history as history_of, overdue,
    without_action,
};

use super::access::{ask, ask_for, ask_if_known, read_list};
use super::args::{Access, AnswerArgs};
use super::outcome::Outcome;
use surety_view::Context;

pub(super) fn assess(
    context: &Context,
    access: &Access,
    requirement: Option<&str>,
    answer: &AnswerArgs,
    file: Option<&Path>,
) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let catalogue = &context.dataset.catalogue;
    let assessments = match (file, requirement) {
        (Some(file), _) => read_list::<Assessment>(file)?,
        (None, requirement) => {
            let question = "Which requirement? (its id; `surety requirements` lists them)";
            let missing = "the id of the requirement, or --file,";
            let requirement = ask(question, missing, requirement.map(str::to_owned))?;
            let mut assessment = Assessment {
                requirement,
                regime: ask_for("civil or military?", "--regime", answer.regime)?,
                date: answer.date.unwrap_or(context.as_of),
                assessor: ask("Who assessed it?", "--by", access.by.clone())?,
                in_law: answer.in_law,
                enforced: answer.enforced,
                maturity: answer.maturity,
                work: answer.work,
                evidence: Vec::new(),
                confidence: answer.confidence,
                publication: answer.publication,
                note: answer.note.clone(),
                not_applicable: answer.not_applicable.clone(),
            };
            if assessment.check(catalogue) == Err(AssessmentError::Empty(assessment.requirement.clone())) {
                ask_answer(&mut assessment)?;
            }
            vec![assessment]
        }
    };
    let note = access.note("an assessment")?;
    let entries = register.assess(&note, catalogue, &assessments)?;
    let sentence = match &assessments[..] {
        [one] => {
            format!("Kept the assessment of {} ({}), entry {}.", one.requirement, one.regime, entries[0].seq)
        }
        many => format!("Kept {} assessments.", many.len()),
    };
    Outcome::said(sentence, json!({ "assessments": assessments.len(), "entries": entries }))
}

/// Asks how far a requirement is done of which nothing was said.
fn ask_answer(assessment: &mut Assessment) -> anyhow::Result<()> {
    let question =
        "Maturity, 0 (nothing in place) to 5 (kept up and improved); `none` where it does not apply";
    let missing = "--maturity (or --in-law, --enforced, --work, or --not-applicable with the reason)";
    let answer = ask(question, missing, None)?;
    if answer.trim() == "none" {
        assessment.not_applicable = Some(ask("Why does it not apply?", "--not-applicable", None)?);
        return Ok(());
    }
    assessment.maturity = Some(answer.trim().parse()?);
    assessment.in_law = ask_if_known("In law? yes, partly or no; empty where it is not stated", None)?;
    assessment.enforced = ask_if_known("Enforced? yes, partly or no; empty where it is not stated", None)?;
    Ok(())
}

pub(super) fn parity(context: &Context, register: &Register) -> anyhow::Result<Outcome> {
    let parity = register.parity(&context.dataset.catalogue, context.as_of)?;
    let counts = parity.counts();
    let rows = parity.by_area().into_iter().map(|(area, counts)| {
        vec![
            area.to_owned(),
            counts.equal.to_string(),
            counts.higher.to_string(),
            counts.lower.to_string(),
            counts.not_stated.to_string(),
            counts.not_applicable.to_string(),
        ]
    });
    let baselines = [Regime::Civil, Regime::Military].map(|regime| (regime, parity.baseline_counts(regime)));
    let mut outcome = Outcome::table(
        format!("Military against civil protection on {}: {}", context.as_of, parity.verdict()),
        ["area", "equal", "higher", "lower", "not_stated", "not_applicable"],
        rows,
    )
    .line(format!(
        "Of {} requirements: {} equal, {} higher, {} lower, {} not stated{}.",
        counts.total(),
        counts.equal,
        counts.higher,
        counts.lower,
        counts.not_stated,
        not_applicable(counts)
    ));
    for (regime, counts) in baselines {
        outcome = outcome.line(format!(
            "{regime} against the IAEA baseline: {} at it or above, {} below, {} not stated{}.",
            counts.equal + counts.higher,
            counts.lower,
            counts.not_stated,
            not_applicable(counts)
        ));
    }
    let requirements: Vec<_> = parity
        .rows
        .iter()
        .map(|row| json!({ "requirement": row.requirement.id, "area": row.requirement.area, "comparison": row }))
        .collect();
    outcome
        .remark("\"Not stated\" is never \"equal\". What must rise: surety register parity --rises")
        .json(json!({ "on": context.as_of, "verdict": parity.verdict(), "counts": counts,
                      "baselines": baselines.map(|(regime, counts)| json!({ "regime": regime, "counts": counts })),
                      "requirements": requirements }))
}

/// `, 3 not applicable`, where there are any.
fn not_applicable(counts: Counts) -> String {
    match counts.not_applicable {
        0 => String::new(),
        some => format!(", {some} not applicable"),
    }
}

pub(super) fn rises(context: &Context, register: &Register) -> anyhow::Result<Outcome> {
    let parity = register.parity(&context.dataset.catalogue, context.as_of)?;
    let rises = parity.rises();
    let rows = rises.iter().map(|rise| {
        vec![
            rise.requirement.id.clone(),
            rise.regime.to_string(),
            rise.from.map_or_else(|| "not stated".to_owned(), |from| from.number().to_string()),
            rise.to.number().to_string(),
            if rise.for_parity { "civil standard" } else { "IAEA baseline" }.to_owned(),
        ]
    });
    Ok(Outcome::table(
        format!("What must rise, on {}: {} items", context.as_of, rises.len()),
        ["requirement", "regime", "from", "to", "because_of"],
        rows,
    ))
}

pub(super) fn history(context: &Context, register: &Register) -> anyhow::Result<Outcome> {
    let on = context.as_of;
    let (civil, military) =
        (register.baseline(Regime::Civil, Some(on))?, register.baseline(Regime::Military, Some(on))?);
    let days = history_of(&context.dataset.catalogue, &register.all::<Assessment>()?, civil, military, on);
    let rows = days.into_iter().map(|(day, counts)| {
        vec![
            day.to_string(),
            counts.equal.to_string(),
            counts.higher.to_string(),
            counts.lower.to_string(),
            counts.not_stated.to_string(),
            counts.not_applicable.to_string(),
        ]
    });
    Ok(Outcome::table(
        "Military against civil protection over time",
        ["on", "equal", "higher", "lower", "not_stated", "not_applicable"],
        rows,
    ))
}

pub(super) fn plan(context: &Context, access: &Access, file: Option<&Path>) -> anyhow::Result<Outcome> {
    let mut register = access.open()?;
    let catalogue = &context.dataset.catalogue;
    if let Some(file) = file {
        let actions: Vec<Action> = read_list(file)?;
        let findings = register.all::<Finding>()?;
        for action in &actions {
            action.check(catalogue, &findings)?;
        }
        let note = access.note("the action plan")?;
        let entries = register.put_all(&note, &actions)?;
        return Outcome::said(format!("Kept {} actions.", actions.len()), json!({ "entries": entries }));
    }
    let on = context.as_of;
    let (actions, findings) = (register.all::<Action>()?, register.all::<Finding>()?);
    let late = overdue(&actions, on);
    let parity = register.parity(catalogue, on)?;
    let rises: Vec<Rise<'_>> = parity.rises();
    let open = without_action(&rises, &findings, &actions, on);
    let rows = actions.iter().map(|action| {
        let state = if action.is_done(on) {
            "done"
        } else if late.iter().any(|late| late.id == action.id) {
            "overdue"
        } else {
            "open"
        };
        let closes = match &action.closes {
            Gap::Requirement { id, regime } => format!("{id} ({regime})"),
            Gap::Finding { id } => format!("finding {id}"),
        };
        vec![
            action.id.clone(),
            action.priority.to_string(),
            action.due.to_string(),
            state.to_owned(),
            action.owner.clone(),
            closes,
            action.need.clone(),
        ]
    });
    let title = format!("Action plan on {on}: {} actions, {} overdue", actions.len(), late.len());
    Outcome::table(title, ["id", "priority", "due", "state", "owner", "closes", "need"], rows)
        .remark(format!("{} gaps have no action that is still open.", open.len()))
        .json(json!({ "on": on, "actions": actions, "overdue": late.iter().map(|action| &action.id).collect::<Vec<_>>(),
                      "findings": findings, "without_action": open }))
}
