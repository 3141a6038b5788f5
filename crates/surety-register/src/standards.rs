//! How far requirements are met, what reviews found, what is to be done, and what was promised.

use serde::{Deserialize, Serialize};
use surety_core::{Date, PartialDate};
use surety_material::Category;
use surety_material::StockMaterial;
use surety_standards::{
    Action, Answers, Assessment, Baseline, BaselineCategory, Catalogue, Finding, Maturity, Parity,
    Publication, Regime, current,
};

use crate::record::{named, said, short};
use crate::{By, Entry, Error, Note, Record, Register, Result};

/// An assessment is kept under requirement, regime and day: later ones stand beside earlier ones, and make the history.
impl Record for Assessment {
    const KIND: &'static str = "assessment";

    fn id(&self) -> String {
        format!("{} {} {}", self.requirement, self.regime, self.date)
    }

    fn check(&self, _: &Register) -> Result<()> {
        said(&self.assessor, "who assessed it")?;
        short(&self.note)?;
        short(self.not_applicable.as_deref().unwrap_or_default())?;
        for evidence in &self.evidence {
            said(&evidence.title, "the title of the evidence")?;
            said(&evidence.owner, "who keeps the evidence")?;
        }
        Ok(())
    }
}

impl Record for Finding {
    const KIND: &'static str = "finding";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn check(&self, _: &Register) -> Result<()> {
        named(&self.id, "a finding")?;
        said(&self.review, "the review")?;
        said(&self.text, "what was found")
    }
}

impl Record for Action {
    const KIND: &'static str = "action";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn check(&self, _: &Register) -> Result<()> {
        named(&self.id, "an action")?;
        said(&self.need, "what is needed")?;
        said(&self.owner, "who answers for it")?;
        short(&self.help_wanted)
    }
}

/// A step towards keeping a commitment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// When.
    pub date: Date,
    /// What was done.
    pub text: String,
    /// How much of it is done by then, in percent, where that can be told.
    pub percent: Option<u8>,
}

/// Something promised.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Commitment {
    /// Its id in the register.
    pub id: String,
    /// The day on which it was made.
    pub date: Date,
    /// To what.
    pub text: String,
    /// By when.
    pub due: Option<Date>,
    /// The material, when it is to reduce one.
    pub material: Option<StockMaterial>,
    /// What was done so far, in order of date.
    pub steps: Vec<Step>,
    /// Who may read it.
    pub publication: Publication,
}

impl Commitment {
    /// By when, as statements say it.
    pub fn due_date(&self) -> PartialDate {
        self.due.map_or(PartialDate::Unknown, PartialDate::Day)
    }
}

impl Record for Commitment {
    const KIND: &'static str = "commitment";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn check(&self, _: &Register) -> Result<()> {
        named(&self.id, "a commitment")?;
        said(&self.text, "what was promised")?;
        for step in &self.steps {
            said(&step.text, "what was done")?;
            if step.percent.is_some_and(|percent| percent > 100) {
                return Err(Error::Refused("no more than 100 percent can be done".to_owned()));
            }
        }
        Ok(())
    }
}

/// A law or regulation on nuclear security.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Regulation {
    /// Its id in the register.
    pub id: String,
    /// Since when it is in force.
    pub date: Date,
    /// Its title.
    pub title: String,
    /// Law, decree, order ….
    pub regulation_type: String,
    /// Whether its text is published: `yes`, `partly`, `no`.
    pub text_published: String,
    /// Who may know of it.
    pub publication: Publication,
}

impl Record for Regulation {
    const KIND: &'static str = "regulation";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn check(&self, _: &Register) -> Result<()> {
        named(&self.id, "a regulation")?;
        said(&self.title, "the title")?;
        short(&self.regulation_type)?;
        let published: Result<surety_statement::Publication, _> = self.text_published.parse();
        published.map(drop).map_err(|error| Error::Refused(error.to_string()))
    }
}

/// A peer review that was hosted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    /// Its id in the register.
    pub id: String,
    /// When.
    pub date: Date,
    /// `mission` or `follow-up`.
    pub kind: String,
    /// What was reviewed, at the level of policy.
    pub scope: String,
    /// What became public of the findings, such as `no` or `yes-redacted`.
    pub findings_published: String,
    /// Who may know of it.
    pub publication: Publication,
}

impl Record for Review {
    const KIND: &'static str = "review";

    fn id(&self) -> String {
        self.id.clone()
    }

    fn check(&self, _: &Register) -> Result<()> {
        named(&self.id, "a review")?;
        short(&self.scope)?;
        let refuse = |error: surety_core::UnknownWord| Error::Refused(error.to_string());
        self.kind.parse::<surety_statement::ReviewKind>().map_err(refuse)?;
        self.findings_published.parse::<surety_statement::ReviewPublication>().map_err(refuse)?;
        Ok(())
    }
}

/// One requirement and regime, with the maturity that counts on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Assessed {
    /// The id of the requirement.
    pub requirement: String,
    /// The regime.
    pub regime: Regime,
    /// Its maturity, its own or inferred; none where it is not stated or does not apply.
    pub maturity: Option<Maturity>,
}

impl Register {
    /// Keeps assessments, all or none. Each requirement must be one of the catalogue.
    pub fn assess(
        &mut self,
        note: &Note,
        catalogue: &Catalogue,
        assessments: &[Assessment],
    ) -> Result<Vec<Entry>> {
        for assessment in assessments {
            assessment.check(catalogue).map_err(|error| Error::Refused(error.to_string()))?;
        }
        self.put_all(note, assessments)
    }

    /// Keeps a finding of a review, or a new version of it.
    pub fn find(&mut self, note: &Note, catalogue: &Catalogue, finding: &Finding) -> Result<Entry> {
        finding.check(catalogue).map_err(|error| Error::Refused(error.to_string()))?;
        self.put(note, finding)
    }

    /// Keeps an action of the plan, or a new version of it.
    pub fn plan(&mut self, note: &Note, catalogue: &Catalogue, action: &Action) -> Result<Entry> {
        action.check(catalogue, &self.all()?).map_err(|error| Error::Refused(error.to_string()))?;
        self.put(note, action)
    }

    /// The baseline of a regime: that of the highest category it holds on a day.
    pub fn baseline(&self, regime: Regime, on: Option<Date>) -> Result<Baseline> {
        let groups = self.roll_up(&[By::Regime, By::Site], on)?;
        let of_regime =
            groups.iter().filter(|group| group.key.first().is_some_and(|word| word == regime.as_str()));
        let highest = of_regime.map(|group| group.category).max().unwrap_or(Category::BelowIII);
        let category = match highest {
            Category::I => BaselineCategory::I,
            Category::II => BaselineCategory::II,
            Category::III | Category::BelowIII => BaselineCategory::III,
        };
        Ok(Baseline { category })
    }

    /// Civil and military side by side, and each against the baseline of what it holds.
    pub fn parity<'c>(&self, catalogue: &'c Catalogue, on: Date) -> Result<Parity<'c>> {
        let civil = self.baseline(Regime::Civil, Some(on))?;
        let military = self.baseline(Regime::Military, Some(on))?;
        Ok(Parity::on(catalogue, &self.all::<Assessment>()?, civil, military, on))
    }

    /// Every requirement of the catalogue in both regimes, with the maturity that counts on a day.
    pub fn assessed(&self, catalogue: &Catalogue, on: Date) -> Result<Vec<Assessed>> {
        let assessments = self.all::<Assessment>()?;
        let current = current(&assessments, on);
        let both = catalogue.requirements.iter().flat_map(|requirement| {
            Regime::ALL.iter().map(|regime| {
                let answers = Answers::of(catalogue, &current, &requirement.id, *regime);
                Assessed {
                    requirement: requirement.id.clone(),
                    regime: *regime,
                    maturity: answers.maturity.value(),
                }
            })
        });
        Ok(both.collect())
    }

    /// What refers to requirements or findings that are not there.
    pub fn check_standards(&self, catalogue: &Catalogue) -> Result<Vec<String>> {
        let mut problems = Vec::new();
        for assessment in self.all::<Assessment>()? {
            problems.extend(assessment.check(catalogue).err().map(|error| error.to_string()));
        }
        let findings = self.all::<Finding>()?;
        for finding in &findings {
            problems.extend(finding.check(catalogue).err().map(|error| error.to_string()));
        }
        for action in self.all::<Action>()? {
            problems.extend(action.check(catalogue, &findings).err().map(|error| error.to_string()));
        }
        Ok(problems.into_iter().map(|problem| format!("standards: {problem}")).collect())
    }
}
