//! Duties by article: what an instrument asks of its parties, and which text binds a pair of States.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use surety_core::schemars::{self, JsonSchema};
use surety_core::{Date, FactDate, StateCode, words};

use crate::instrument::Instrument;
use crate::ledger::{Ledger, StateStatus};

words! {
    /// What a duty is about.
    pub enum DutyKind("kind of duty") {
        /// Protect material or information.
        Protect = "protect",
        /// Make an act a crime.
        Criminalize = "criminalize",
        /// Prosecute or extradite.
        Extradite = "extradite",
        /// Help other parties.
        Cooperate = "cooperate",
        /// Tell other parties or the depositary.
        Inform = "inform",
        /// Name an authority or a point of contact.
        Designate = "designate",
        /// Protect material in transport.
        Transport = "transport",
        /// Anything else.
        Other = "other",
    }
}

words! {
    /// Whether an item asks, allows or limits.
    pub enum DutyNature("nature of a treaty item") {
        /// The party must do it.
        Duty = "duty",
        /// The party may do it.
        Option = "option",
        /// Where the duties end.
        Limit = "limit",
        /// Scope, aim or procedure.
        Rule = "rule",
    }
}

/// One item of a treaty text, in our own words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duty {
    /// The instrument whose text holds it. The items of the Amendment stand under `CPPNM-A`.
    pub instrument: Instrument,
    /// The article, such as `2A`.
    pub article: String,
    /// The paragraph, such as `3 Principle G`; empty when the article has none.
    pub paragraph: String,
    /// What it says, in our own words.
    pub text: String,
    /// Whom it addresses.
    pub addressee: String,
    /// What it is about.
    pub kind: DutyKind,
    /// Whether it asks, allows or limits.
    pub nature: DutyNature,
    /// Of the 1980 text: whether the Amendment put another text in its place.
    pub replaced_by_amendment: bool,
}

impl Duty {
    /// Where it stands, such as `CPPNM-A Art. 2A para. 3 Principle G`.
    pub fn citation(&self) -> String {
        let paragraph = match self.paragraph.as_str() {
            "" => String::new(),
            point if point.starts_with('(') => point.to_owned(),
            paragraph => format!(" para. {paragraph}"),
        };
        format!("{} Art. {}{paragraph}", self.instrument, self.article)
    }

    /// Whether it is a duty of States, not of a depositary or an organisation.
    pub fn asks_a_state(&self) -> bool {
        self.nature == DutyNature::Duty
            && !["depositary", "UN Secretary-General", "regional organization"]
                .contains(&self.addressee.as_str())
    }
}

/// To what a treaty extends, or does not, for one party.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Territory {
    /// The party.
    pub state: StateCode,
    /// The instrument.
    pub instrument: Instrument,
    /// The territory, or how far the application reaches.
    pub territory: String,
    /// Extension, exclusion or limit.
    pub effect: String,
    /// Since when.
    pub date: FactDate,
}

/// The text that binds two States towards each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
pub enum BindingText {
    /// The Convention as amended in 2005.
    #[serde(rename = "CPPNM as amended")]
    CppnmAmended,
    /// The text of 1980.
    #[serde(rename = "CPPNM, 1980 text")]
    Cppnm1980,
    /// ICSANT.
    #[serde(rename = "ICSANT")]
    Icsant,
}

impl BindingText {
    /// The name shown to people.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::CppnmAmended => "CPPNM as amended",
            Self::Cppnm1980 => "CPPNM, 1980 text",
            Self::Icsant => "ICSANT",
        }
    }
}

/// Which texts bind `a` and `b` towards each other on a date.
///
/// Between a State bound by the Amendment and a party that is not, the 1980 text applies (Vienna Convention
/// on the Law of Treaties, Art. 40(4) and 30(4)(b)).
pub fn binding_between(ledger: &Ledger, a: StateCode, b: StateCode, date: Date) -> Vec<BindingText> {
    let both = |instrument| {
        [a, b]
            .into_iter()
            .all(|state| matches!(ledger.state_status(instrument, state, date), StateStatus::Bound(_)))
    };
    let mut texts = Vec::new();
    if both(Instrument::CppnmAmendment) {
        texts.push(BindingText::CppnmAmended);
    } else if both(Instrument::Cppnm) {
        texts.push(BindingText::Cppnm1980);
    }
    if both(Instrument::Icsant) {
        texts.push(BindingText::Icsant);
    }
    texts
}

/// The items that apply under a text, in the order of the table.
pub fn applicable(duties: &[Duty], text: BindingText) -> impl Iterator<Item = &Duty> {
    duties.iter().filter(move |duty| match (text, duty.instrument) {
        (BindingText::CppnmAmended, Instrument::Cppnm) => !duty.replaced_by_amendment,
        (BindingText::CppnmAmended, Instrument::CppnmAmendment)
        | (BindingText::Cppnm1980, Instrument::Cppnm)
        | (BindingText::Icsant, Instrument::Icsant) => true,
        _ => false,
    })
}

/// The articles of a text that ask something of States: the unit in which implementation is counted.
pub fn duty_articles(duties: &[Duty], text: BindingText) -> BTreeSet<&str> {
    applicable(duties, text).filter(|duty| duty.asks_a_state()).map(|duty| duty.article.as_str()).collect()
}
