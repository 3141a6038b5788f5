//! `surety treaty`: one instrument; its duties; what binds two States.

use serde::Serialize;
use surety_core::{Date, FactDate, State, StateCode};
use surety_law::{
    BindingText, Counts, Departure, Duty, EntryRule, Instrument, InstrumentKind, InstrumentStatus, Party,
    StateStatus, applicable, binding_between,
};
use surety_statement::{Body, Statement};

use crate::context::Context;
use crate::page::{Page, Sheet, Table, View};
use crate::view::summary::in_force;
use crate::view::{codes, named, official_count, remark_on_date};

/// One instrument: in force since when, parties, who is missing.
pub struct Treaty<'c> {
    context: &'c Context,
    status: InstrumentStatus,
    left: Vec<Departure>,
    /// States of that day that have not joined, in order of code.
    not_party: Vec<StateCode>,
    /// Of the Amendment: parties to the Convention that have not joined it.
    convention_parties_not_party: Vec<StateCode>,
}

#[derive(Serialize)]
struct TreatyJson<'a> {
    as_of: Date,
    instrument: Instrument,
    title: &'static str,
    kind: InstrumentKind,
    depositary: Option<&'static str>,
    in_force: Option<bool>,
    in_force_since: Option<Date>,
    enters_into_force_on: Option<Date>,
    counts: Counts,
    deposits_needed: Option<usize>,
    list_complete_to: Option<Date>,
    parties: &'a [Party],
    left: &'a [Departure],
    territories: Vec<TerritoryJson<'a>>,
    signatories_not_party: &'a [StateCode],
    not_party: Option<&'a [StateCode]>,
    not_known_to_be_party: &'a [StateCode],
    #[serde(skip_serializing_if = "Option::is_none")]
    convention_parties_not_party: Option<&'a [StateCode]>,
}

#[derive(Serialize)]
struct TerritoryJson<'a> {
    state: StateCode,
    territory: &'a str,
    effect: &'a str,
    date: FactDate,
}

impl<'c> Treaty<'c> {
    /// Of one instrument.
    pub fn new(context: &'c Context, instrument: Instrument) -> Self {
        let ledger = context.base.ledger();
        let status = ledger.status(instrument, context.as_of);
        let joined = |state: StateCode, of| ledger.state_status(of, state, context.as_of).period().is_some();
        let not_party: Vec<StateCode> = context
            .dataset
            .states
            .iter()
            .map(|state| state.code)
            .filter(|state| context.base.asks(*state, context.as_of) && !joined(*state, instrument))
            .collect();
        let convention_parties_not_party = if instrument == Instrument::CppnmAmendment {
            let parties = ledger.status(Instrument::Cppnm, context.as_of).parties;
            parties.iter().map(|party| party.state).filter(|state| !joined(*state, instrument)).collect()
        } else {
            Vec::new()
        };
        let left = ledger.departures(instrument, context.as_of);
        Self { context, status, left, not_party, convention_parties_not_party }
    }

    fn is_pledge(&self) -> bool {
        self.status.instrument.kind() == InstrumentKind::Pledge
    }

    /// How far it extends for its parties, as far as sources say.
    fn territories(&self) -> Vec<TerritoryJson<'static>> {
        let context = self.context;
        let on_the_date =
            |statement: &&Statement| statement.holds_on(context.as_of, context.dataset.compiled);
        let told = context.dataset.statements.iter().filter(on_the_date);
        told.filter_map(|statement| match &statement.body {
            Body::Territory { instrument, territory, effect } if *instrument == self.status.instrument => {
                Some(TerritoryJson { state: statement.subject?, territory, effect, date: statement.date })
            }
            _ => None,
        })
        .collect()
    }

    /// Whether the list of those that have joined was ever known to be complete: only then is absence a no.
    fn is_complete(&self) -> bool {
        let list = self.context.base.coverage(self.status.instrument.as_str());
        list.is_some_and(|list| list.complete_to.is_some())
    }

    fn standing(&self, page: &mut Page) {
        let status = &self.status;
        let counts = status.counts;
        if self.is_pledge() {
            page.line(&format!("A pledge. Subscribers known here: {}.", counts.parties));
            return;
        }
        match status.deposits_needed {
            None if status.instrument.entry_rule() == EntryRule::NotComputed => {
                page.line("Surety lists its parties and computes no dates for it.");
            }
            None => return,
            Some(0) if status.in_force => page.line(&format!("In force {}.", in_force(status))),
            Some(0) => page.line(&format!("Not in force yet: it enters into force {}.", in_force(status))),
            Some(needed) => page.line(&format!("Not in force: {needed} more deposits were needed.")),
        }
        page.line(&format!(
            "{} parties ({} States); {} signed and are not party.",
            counts.parties, counts.states_parties, counts.signatories_not_party
        ));
        if let Some(official) = official_count(self.context, status.instrument) {
            page.line(&format!("Counted by others: {official}."));
        }
    }

    fn missing(&self, page: &mut Page) {
        if self.status.instrument == Instrument::CppnmAmendment
            && !self.convention_parties_not_party.is_empty()
        {
            page.heading(&format!(
                "Parties to the Convention that have not joined the Amendment: {}",
                self.convention_parties_not_party.len()
            ));
            page.line(
                &self
                    .convention_parties_not_party
                    .iter()
                    .map(|code| named(self.context, *code))
                    .collect::<Vec<_>>()
                    .join(", "),
            );
        }
        if !self.status.signatories_not_party.is_empty() {
            page.heading("Signed, not party");
            page.line(&codes(self.status.signatories_not_party.iter().copied()));
        }
        if !self.left.is_empty() {
            page.heading("Left");
            for departure in &self.left {
                let note = &self.context.statement(departure.reference).note;
                page.line(&format!("{}, {}: {note}", named(self.context, departure.state), departure.ended));
            }
        }
        let heading = match (self.is_pledge(), self.is_complete()) {
            (true, _) => "Not known to have subscribed",
            (false, true) => "States not party",
            (false, false) => "States not known to be party",
        };
        page.heading(&format!("{heading}: {}", self.not_party.len()));
        page.line(&codes(self.not_party.iter().copied()));
    }
}

impl View for Treaty<'_> {
    fn page(&self) -> Page {
        let instrument = self.status.instrument;
        let mut page =
            Page::new(&format!("{instrument}: {} — on {}", instrument.title(), self.context.as_of));
        remark_on_date(self.context, &mut page);
        if let Some(opened) = instrument.opened().filter(|opened| self.context.as_of < *opened) {
            page.line(&format!("Not in force: it was not open before {opened}."));
            return page;
        }
        self.standing(&mut page);
        if let Some(coverage) = self.context.base.coverage(instrument.as_str()) {
            match coverage.complete_to {
                Some(day) => page.remark(&format!("The list is complete to {day}: {}.", coverage.note)),
                None => page.remark(&format!("The list is not complete: {}.", coverage.note)),
            }
        }
        self.missing(&mut page);
        let territories = self.territories();
        if !territories.is_empty() {
            page.heading("Territories");
            for TerritoryJson { state, territory, effect, date } in territories {
                page.line(&format!("{state}: {territory}: {effect}, {date}"));
            }
        }
        page.heading(if self.is_pledge() { "Subscribers" } else { "Parties" });
        let header: &[&str] = if self.is_pledge() {
            &["subscriber", "subscribed"]
        } else {
            &["party", "deposited", "action", "bound since"]
        };
        let mut table = Table::new(header);
        for party in &self.status.parties {
            let cells = [
                named(self.context, party.state),
                party.deposited.to_string(),
                party.action.to_string(),
                party.bound_since.map_or_else(String::new, |since| since.to_string()),
            ];
            table.row(cells.into_iter().take(header.len()));
        }
        page.table(&table);
        page
    }

    fn json(&self) -> impl Serialize {
        let instrument = self.status.instrument;
        TreatyJson {
            as_of: self.context.as_of,
            instrument,
            title: instrument.title(),
            kind: instrument.kind(),
            depositary: instrument.depositary(),
            in_force: self.status.in_force_if_computed(),
            in_force_since: self.status.in_force_since,
            enters_into_force_on: self.status.enters_into_force_on,
            counts: self.status.counts,
            deposits_needed: self.status.deposits_needed,
            list_complete_to: self
                .context
                .base
                .coverage(instrument.as_str())
                .and_then(|coverage| coverage.complete_to),
            parties: &self.status.parties,
            left: &self.left,
            territories: self.territories(),
            signatories_not_party: &self.status.signatories_not_party,
            not_party: self.is_complete().then_some(&self.not_party),
            not_known_to_be_party: if self.is_complete() { &[] } else { &self.not_party },
            convention_parties_not_party: (instrument == Instrument::CppnmAmendment)
                .then_some(self.convention_parties_not_party.as_slice()),
        }
    }

    fn sheet(&self) -> Sheet {
        let rows = self.status.parties.iter().map(|party| {
            vec![
                party.state.to_string(),
                self.context.name(party.state),
                party.action.to_string(),
                party.deposited.date.last_day().map_or_else(String::new, |_| party.deposited.to_string()),
                party.bound_since.map_or_else(String::new, |since| since.to_string()),
            ]
        });
        Sheet::new(["state", "name", "action", "deposited", "bound_since"], rows)
    }
}

/// `--duties`: what the text asks, allows and limits.
pub struct Duties<'c> {
    context: &'c Context,
    instrument: Instrument,
    duties: Vec<&'static Duty>,
}

#[derive(Serialize)]
struct DutiesJson<'a> {
    as_of: Date,
    instrument: Instrument,
    duties: &'a [&'static Duty],
}

impl<'c> Duties<'c> {
    /// Of one instrument whose articles are in the dataset.
    pub fn new(context: &'c Context, instrument: Instrument) -> anyhow::Result<Self> {
        let duties: Vec<_> =
            context.dataset.duties.iter().filter(|duty| duty.instrument == instrument).collect();
        if duties.is_empty() {
            anyhow::bail!(
                "the articles of {instrument} are not in the dataset: use CPPNM, CPPNM-A or ICSANT"
            );
        }
        Ok(Self { context, instrument, duties })
    }
}

impl View for Duties<'_> {
    fn page(&self) -> Page {
        let mut page =
            Page::new(&format!("{}: duties, options and limits, in our own words", self.instrument));
        if self.instrument == Instrument::Cppnm {
            page.line("Marked *: the Amendment put another text in its place, for those that it binds.");
        }
        list_duties(&self.duties, &mut page);
        page
    }

    fn json(&self) -> impl Serialize {
        DutiesJson { as_of: self.context.as_of, instrument: self.instrument, duties: &self.duties }
    }

    fn sheet(&self) -> Sheet {
        duty_sheet(&self.duties)
    }
}

/// One item after the other: where it stands, what it is, and what it says.
fn list_duties(duties: &[&Duty], page: &mut Page) {
    for duty in duties {
        let replaced = if duty.replaced_by_amendment { " *" } else { "" };
        let (nature, kind, whom) = (duty.nature, duty.kind, &duty.addressee);
        page.line(&format!("{}{replaced} [{nature}, {kind}; {whom}]", duty.citation()));
        page.indented("    ", &duty.text);
    }
}

fn duty_sheet(duties: &[&Duty]) -> Sheet {
    let header = [
        "instrument",
        "article",
        "paragraph",
        "nature",
        "kind",
        "addressee",
        "replaced_by_amendment",
        "text",
    ];
    let rows = duties.iter().map(|duty| {
        vec![
            duty.instrument.to_string(),
            duty.article.clone(),
            duty.paragraph.clone(),
            duty.nature.to_string(),
            duty.kind.to_string(),
            duty.addressee.clone(),
            duty.replaced_by_amendment.to_string(),
            duty.text.clone(),
        ]
    });
    Sheet::new(header, rows)
}

/// `--between`: which text, and which duties, bind two States towards each other.
pub struct Pair<'c> {
    context: &'c Context,
    instrument: Instrument,
    pair: [&'static State; 2],
    text: Option<BindingText>,
    duties: Vec<&'static Duty>,
}

#[derive(Serialize)]
struct PairJson<'a> {
    as_of: Date,
    instrument: Instrument,
    between: [StateCode; 2],
    text: Option<BindingText>,
    duties: &'a [&'static Duty],
}

impl<'c> Pair<'c> {
    /// Of two States, by code or name.
    pub fn new(context: &'c Context, instrument: Instrument, pair: &[String]) -> anyhow::Result<Self> {
        let [a, b] = pair else { anyhow::bail!("--between needs two States, such as --between JPN KEN") };
        let pair = [context.state(a)?, context.state(b)?];
        if pair[0].code == pair[1].code {
            anyhow::bail!("--between needs two different States, and {} was named twice", pair[0].code);
        }
        let family: &[BindingText] = match instrument {
            Instrument::Cppnm | Instrument::CppnmAmendment => {
                &[BindingText::CppnmAmended, BindingText::Cppnm1980]
            }
            Instrument::Icsant => &[BindingText::Icsant],
            other => {
                anyhow::bail!("the articles of {other} are not in the dataset: use CPPNM, CPPNM-A or ICSANT")
            }
        };
        let binding = binding_between(context.base.ledger(), pair[0].code, pair[1].code, context.as_of);
        let text = binding.into_iter().find(|text| family.contains(text));
        let duties = text.map_or_else(Vec::new, |text| applicable(&context.dataset.duties, text).collect());
        Ok(Self { context, instrument, pair, text, duties })
    }

    fn standing(&self, state: &State) -> String {
        let (ledger, as_of) = (self.context.base.ledger(), self.context.as_of);
        let of = |instrument| match ledger.state_status(instrument, state.code, as_of) {
            StateStatus::Bound(period) => match period.bound_since_as_known(as_of) {
                Some(since) => format!("bound by {instrument} since {since}"),
                None => format!("bound by {instrument}"),
            },
            StateStatus::Deposited(_) => format!("not bound by {instrument} yet"),
            _ => format!("not bound by {instrument}"),
        };
        match self.instrument {
            Instrument::Icsant => of(Instrument::Icsant),
            _ => format!("{}; {}", of(Instrument::Cppnm), of(Instrument::CppnmAmendment)),
        }
    }
}

impl View for Pair<'_> {
    fn page(&self) -> Page {
        let [a, b] = self.pair;
        let mut page = Page::new(&format!("Between {} and {} on {}", a.name, b.name, self.context.as_of));
        for state in self.pair {
            page.line(&format!("{}: {}", state.name, self.standing(state)));
        }
        match self.text {
            Some(text) => {
                page.heading(&format!("The text that binds them: {}", text.as_str()));
                let amended = |state: &State| {
                    let ledger = self.context.base.ledger();
                    let standing =
                        ledger.state_status(Instrument::CppnmAmendment, state.code, self.context.as_of);
                    matches!(standing, StateStatus::Bound(_))
                };
                if text == BindingText::Cppnm1980 && amended(a) != amended(b) {
                    page.line("Between a State bound by the Amendment and a party that is not, the 1980 text applies.");
                }
                list_duties(&self.duties, &mut page);
            }
            None => page.line(&format!("{} does not bind them towards each other.", self.instrument)),
        }
        page
    }

    fn json(&self) -> impl Serialize {
        PairJson {
            as_of: self.context.as_of,
            instrument: self.instrument,
            between: self.pair.map(|state| state.code),
            text: self.text,
            duties: &self.duties,
        }
    }

    fn sheet(&self) -> Sheet {
        duty_sheet(&self.duties)
    }
}
