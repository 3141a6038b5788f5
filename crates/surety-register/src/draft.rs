//! Drafts of statements: the only bridge from the register to what others see. A draft holds what was chosen and nothing
//! else: no site, no item, no text that was not given for it, and no record whose publication level is below public.

use std::fmt::Write as _;

use serde::Serialize;
use surety_core::{Date, FactDate, MassRange, Qualifier, words};
use surety_material::{Basis, MaterialKind, Purpose, Stock, StockMaterial};
use surety_standards::{
    Assessment, Catalogue, Comparison, Counts, Maturity, ParityVerdict, Publication, Regime, current,
};
use surety_statement::{
    Assessed, Body, Content, Parity, Payload, Place, Programme, ProgrammeAction, Subject,
};

use crate::{Commitment, Error, Grade, Holding, Record, Register, Regulation, Result, Review};

words! {
    /// What a draft can be about.
    pub enum DraftKind("kind of draft") {
        /// Military against civil protection.
        Parity = "parity",
        /// How many requirements a regime meets.
        Assessment = "assessment",
        /// A stock on a day.
        Holdings = "holdings",
        /// At how many sites there is weapons-usable material.
        Sites = "sites",
        /// A regulation.
        Regulation = "regulation",
        /// A peer review.
        Review = "review",
        /// A commitment.
        Commitment = "commitment",
        /// The last step towards a commitment.
        Progress = "progress",
        /// How much a stock fell between two days.
        Reduction = "reduction",
    }
}

/// What is published of a stock.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct StockChoice {
    /// The material.
    pub material: StockMaterial,
    /// What it is for.
    pub purpose: Purpose,
    /// Rounded to how many kilograms: the true mass lies anywhere within the range that is published.
    pub round_kg: u32,
}

/// A draft, with what its author should look at before it is signed.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Draft {
    /// The payload, as [`Payload::parse`] reads it. Number and previous are those of a first statement; who signs it
    /// puts in its own.
    pub json: String,
    /// What it says, in one line.
    pub summary: String,
}

/// Whether a requirement applies to the civil regime and not to the military one.
fn only_civil(row: &Comparison<'_>) -> bool {
    row.military.maturity.is_not_applicable() && !row.civil.maturity.is_not_applicable()
}

impl Register {
    /// Military against civil protection, requirement by requirement, as one word.
    pub fn draft_parity(&self, catalogue: &Catalogue, on: Date, note: &str) -> Result<Draft> {
        let parity = self.parity(catalogue, on)?;
        let result = match parity.verdict() {
            // What does not apply to the military regime alone is not shown to be as high there.
            ParityVerdict::SameOrHigher if parity.rows.iter().any(only_civil) => Parity::Partly,
            ParityVerdict::SameOrHigher => Parity::SameOrHigher,
            ParityVerdict::Lower => {
                let Counts { equal, higher, .. } = parity.counts();
                if equal + higher > 0 { Parity::Partly } else { Parity::Lower }
            }
            ParityVerdict::NotShown => {
                return Err(Error::Refused(
                    "some requirement is not stated for one of the regimes: parity is not shown, and not to be claimed"
                        .to_owned(),
                ));
            }
        };
        let mut draft = self.draft(on, note, Body::ParityResult { result })?;
        match parity.counts().not_applicable {
            0 => {}
            1 => draft.summary.push_str(". 1 requirement does not apply, and counts for nothing"),
            many => {
                let _ = write!(draft.summary, ". {many} requirements do not apply, and count for nothing");
            }
        }
        Ok(draft)
    }

    /// How many of the assessed requirements a regime meets: those of maturity 3 or more. What does not apply is not
    /// assessed.
    pub fn draft_assessment(&self, regime: Regime, on: Date, note: &str) -> Result<Draft> {
        let assessments = self.all::<Assessment>()?;
        let assessed: Vec<Maturity> = current(&assessments, on)
            .into_iter()
            .filter(|((_, of), _)| *of == regime)
            .filter_map(|(_, assessment)| assessment.maturity)
            .collect();
        if assessed.is_empty() {
            return Err(Error::Refused(format!(
                "no requirement of the {regime} regime was assessed by {on}"
            )));
        }
        let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        let met = count(assessed.iter().filter(|maturity| **maturity >= Maturity::AS_ASKED).count());
        self.draft(on, note, Body::Assessment(Assessed { regime, met, of: count(assessed.len()) }))
    }

    /// A stock at the end of a year, rounded.
    pub fn draft_holdings(&self, choice: StockChoice, year: i16, note: &str) -> Result<Draft> {
        let day = Date::new(year, 12, 31).map_err(|_| Error::Refused(format!("{year} is no year")))?;
        let mass_mg = self.stock_mg(choice, day)?;
        let stock = Stock {
            year,
            material: choice.material,
            purpose: choice.purpose,
            measure: "held".to_owned(),
            basis: Basis::Declared,
            compiler: self.state().to_string(),
            mass: rounded(mass_mg, choice.round_kg)?,
            part: false,
        };
        self.draft(day, note, Body::Stock(stock))
    }

    /// By how much a stock fell between two days, rounded down: at least that much is true.
    pub fn draft_reduction(
        &self,
        choice: StockChoice,
        (from, to): (Date, Date),
        action: ProgrammeAction,
        programme: &str,
        note: &str,
    ) -> Result<Draft> {
        let fell_mg = self.stock_mg(choice, from)? - self.stock_mg(choice, to)?;
        let step_mg = i128::from(choice.round_kg.max(1)) * 1_000_000;
        let steps = fell_mg / step_mg;
        if fell_mg <= 0 || steps == 0 {
            return Err(Error::Refused(format!(
                "{} {} did not fall by {} kg between {from} and {to}: nothing is to be claimed",
                choice.purpose,
                choice.material,
                choice.round_kg.max(1)
            )));
        }
        let amount_kg = kilograms(steps * step_mg);
        let amount = MassRange::new(Some(amount_kg), None, None, None, Qualifier::AtLeast)
            .map_err(|error| Error::Refused(error.to_string()))?;
        let programme = Programme {
            action,
            materials: vec![choice.material],
            amount: Some(amount),
            cumulative: false,
            name: programme.to_owned(),
            partner: None,
            done: true,
        };
        self.draft(to, note, Body::Programme(programme))
    }

    /// At how many sites there is a kilogram or more of weapons-usable material, in a band as wide as is chosen.
    pub fn draft_sites(&self, on: Date, band: u32, note: &str) -> Result<Draft> {
        const KILOGRAM_MG: i128 = 1_000_000;
        let sites = self.roll_up(&[crate::By::Site], Some(on))?;
        let holds = |group: &&crate::Group| {
            let usable = group.sums.iter().filter(|sum| sum.grade.is_weapons_usable());
            usable.map(|sum| sum.element_mg).sum::<i128>() >= KILOGRAM_MG
        };
        let count = u32::try_from(sites.iter().filter(holds).count()).unwrap_or(u32::MAX);
        let band = band.max(1);
        let min = count / band * band;
        self.draft(on, note, Body::Sites { min, max: min + band - 1 })
    }

    /// A regulation.
    pub fn draft_regulation(&self, id: &str, note: &str) -> Result<Draft> {
        let regulation: Regulation = self.public(id, |regulation: &Regulation| regulation.publication)?;
        let publication = regulation.text_published.parse().map_err(word)?;
        let Regulation { title, regulation_type, date, .. } = regulation;
        self.draft(
            date,
            note,
            Body::Regulation { title, regulation_type, publication, status: "in force".to_owned() },
        )
    }

    /// A peer review.
    pub fn draft_review(&self, id: &str, note: &str) -> Result<Draft> {
        let review: Review = self.public(id, |review: &Review| review.publication)?;
        let kind = review.kind.parse().map_err(word)?;
        let publication = review.findings_published.parse().map_err(word)?;
        self.draft(review.date, note, Body::Review { kind, publication, scope: review.scope })
    }

    /// A commitment.
    pub fn draft_commitment(&self, id: &str, note: &str) -> Result<Draft> {
        let commitment: Commitment = self.public(id, |commitment: &Commitment| commitment.publication)?;
        let due = commitment.due_date();
        let Commitment { text, material, date, .. } = commitment;
        self.draft(date, note, Body::Commitment { text, due, material })
    }

    /// The last step towards a commitment.
    pub fn draft_progress(&self, id: &str, note: &str) -> Result<Draft> {
        let commitment: Commitment = self.public(id, |commitment: &Commitment| commitment.publication)?;
        let step = commitment
            .steps
            .into_iter()
            .max_by_key(|step| step.date)
            .ok_or_else(|| Error::Refused(format!("no step towards {id} is recorded")))?;
        let (text, percent) = (step.text, step.percent);
        self.draft(step.date, note, Body::Progress { commitment: commitment.id, text, percent })
    }

    fn draft(&self, date: Date, note: &str, body: Body) -> Result<Draft> {
        let summary = body.summary();
        let subject = Subject::State(self.state());
        let payload = Payload {
            date: FactDate::on(date),
            note: note.to_owned(),
            ..Payload::new(subject, Content::Fact(body), Place { number: 1, previous: None })
        };
        let bytes = payload.to_bytes().map_err(|error| Error::Refused(error.to_string()))?;
        let json = String::from_utf8(bytes).map_err(|_| Error::Refused("the draft is no text".to_owned()))?;
        Ok(Draft { json, summary })
    }

    /// A record that everybody may read, or a refusal.
    fn public<T: Record>(&self, id: &str, level: impl Fn(&T) -> Publication) -> Result<T> {
        let record: T = self.require(id, T::KIND)?;
        match level(&record) {
            Publication::Public => Ok(record),
            level => Err(Error::Refused(format!(
                "the publication level of {id} is {level}: it is not for the public. Make it public first, if it is to be"
            ))),
        }
    }

    fn stock_mg(&self, choice: StockChoice, on: Date) -> Result<i128> {
        let of_stock = |held: &&Holding| {
            held.purpose == choice.purpose && stock_material(held.material, held) == Some(choice.material)
        };
        let holdings = self.holdings(Some(on))?;
        Ok(holdings.iter().filter(of_stock).map(|held| i128::from(held.amount.element_mg)).sum())
    }
}

/// In which stock a holding counts.
fn stock_material(material: MaterialKind, held: &Holding) -> Option<StockMaterial> {
    let irradiated = held.irradiation != surety_material::Irradiation::Unirradiated;
    match Grade::of(material, held.amount) {
        Grade::Heu => Some(StockMaterial::Heu),
        Grade::Plutonium | Grade::Plutonium238 if irradiated => Some(StockMaterial::PlutoniumInSpentFuel),
        Grade::Plutonium | Grade::Plutonium238 => Some(StockMaterial::SeparatedPlutonium),
        _ => None,
    }
}

/// A mass rounded to a step, with the range in which the true one lies.
fn rounded(mass_mg: i128, round_kg: u32) -> Result<MassRange> {
    let step_mg = i128::from(round_kg.max(1)) * 1_000_000;
    let nearest_mg = (mass_mg + step_mg / 2) / step_mg * step_mg;
    let half_kg = kilograms(step_mg) / 2.0;
    MassRange::new(Some(kilograms(nearest_mg)), Some(half_kg), None, None, Qualifier::Equal)
        .map_err(|error| Error::Refused(error.to_string()))
}

#[expect(clippy::cast_precision_loss, reason = "whole kilograms, far below 2^53")]
fn kilograms(mass_mg: i128) -> f64 {
    mass_mg as f64 / 1e6
}

#[expect(clippy::needless_pass_by_value, reason = "it is given to map_err")]
fn word(error: surety_core::UnknownWord) -> Error {
    Error::Damaged(error.to_string())
}
