//! What every command needs: the dataset, the prepared statements, the date asked.

use anyhow::Context as _;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use surety_core::{Date, SourceId, State, StateCode, parse_day};
use surety_data::{Dataset, embedded};
use surety_statement::Statement;
use surety_world::{Base, CharterAction, StateFindings, World, find_action};

use crate::args::Filter;

/// The only place that reads the clock.
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

pub(crate) struct Context {
    pub(crate) dataset: &'static Dataset,
    pub(crate) base: Base<'static>,
    pub(crate) as_of: Date,
}

impl Context {
    pub(crate) fn new(as_of: Option<Date>) -> Self {
        let dataset = embedded();
        let as_of = as_of.unwrap_or_else(|| now().to_zoned(TimeZone::UTC).date());
        Self { dataset, base: Base::new(dataset.facts()), as_of }
    }

    pub(crate) fn world(&self) -> World {
        self.base.world(self.as_of)
    }

    pub(crate) fn state(&self, text: &str) -> anyhow::Result<&'static State> {
        Ok(self.dataset.states.find(text)?)
    }

    pub(crate) fn name(&self, code: StateCode) -> String {
        self.dataset.states.name(code)
    }

    pub(crate) fn statement(&self, index: u32) -> &'static Statement {
        self.base.statement(index)
    }

    /// The title of a source, or its id.
    pub(crate) fn source_title(&self, id: &SourceId) -> String {
        self.dataset.source(id).map_or_else(|| id.to_string(), |source| source.title.clone())
    }
}

/// A filter whose States and actions are known to exist.
pub(crate) struct Chosen {
    states: Vec<StateCode>,
    actions: Vec<&'static CharterAction>,
    aim: Option<surety_core::Aim>,
}

impl Chosen {
    pub(crate) fn new(context: &Context, filter: &Filter) -> anyhow::Result<Self> {
        let states =
            filter.state.iter().map(|text| Ok(context.state(text)?.code)).collect::<anyhow::Result<_>>()?;
        let actions =
            filter.action.iter().map(|text| Ok(find_action(text)?)).collect::<anyhow::Result<Vec<_>>>()?;
        if let (Some(aim), Some(other)) =
            (filter.aim, actions.iter().find(|action| Some(action.aim) != filter.aim))
        {
            anyhow::bail!("{} belongs to the aim {}, not {aim}: drop --aim or --action", other.id, other.aim);
        }
        Ok(Self { states, actions, aim: filter.aim })
    }

    pub(crate) fn is_everything(&self) -> bool {
        self.states.is_empty() && self.actions.is_empty() && self.aim.is_none()
    }

    /// Whether the filter names States, or a single action: few enough rows to show one by one.
    pub(crate) fn is_narrow(&self) -> bool {
        !self.states.is_empty() || self.actions.len() == 1
    }

    pub(crate) fn wants(&self, state: StateCode, action: &CharterAction) -> bool {
        (self.states.is_empty() || self.states.contains(&state))
            && (self.actions.is_empty() || self.actions.iter().any(|wanted| wanted.id == action.id))
            && self.aim.is_none_or(|aim| aim == action.aim)
    }

    /// The States that were named and that the charter does not ask on the date of this world.
    pub(crate) fn not_asked<'w>(&'w self, world: &'w World) -> impl Iterator<Item = StateCode> + 'w {
        self.states.iter().copied().filter(|state| world.state(*state).is_none())
    }
}

/// Reads a date given to an option.
pub(crate) fn read_day(option: &str, text: &str) -> anyhow::Result<Date> {
    parse_day(text).with_context(|| format!("--{option}"))
}

/// The findings on a State, asked or not.
pub(crate) fn findings_of(context: &Context, state: StateCode) -> StateFindings {
    StateFindings { state, findings: context.base.findings(state, context.as_of) }
}
