//! What every command needs: the dataset, the prepared statements, the date asked.

use std::fmt;
use std::sync::{Arc, OnceLock};

use anyhow::Context as _;
use serde::{Serialize, Serializer};
use surety_core::{Aim, Date, FactDate, SourceId, State, StateCode, parse_day};
use surety_data::Dataset;
use surety_log::Hash;
use surety_statement::Statement;
use surety_world::{Base, CharterAction, StateFindings, World, find_action};

/// What identifies the statements that a view was worked out from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checkpoint {
    /// The log; none for the statements that are built in.
    pub log: Option<String>,
    /// How many entries.
    pub size: u64,
    /// The root of the tree (RFC 6962) that they form.
    #[serde(serialize_with = "as_text")]
    pub root: Hash,
}

impl fmt::Display for Checkpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { log, size, root } = self;
        match log {
            Some(log) => write!(f, "the first {size} entries of {log}, root {root}"),
            None => write!(f, "the {size} statements that are built in, root {root}"),
        }
    }
}

fn as_text<S: Serializer>(root: &Hash, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(root)
}

/// What every view is worked out from.
#[derive(Debug, Clone)]
pub struct Context {
    /// The tables.
    pub dataset: &'static Dataset,
    /// Of what stands in a log, up to where. What is built in is hashed only when somebody asks.
    logged: Option<Checkpoint>,
    /// The statements, prepared.
    pub base: Arc<Base<'static>>,
    /// The date asked.
    pub as_of: Date,
    /// The world on that date, once somebody asked.
    world: OnceLock<Arc<World>>,
}

/// Which findings to show.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Only this aim.
    pub aim: Option<Aim>,
    /// Only these States, by code or name.
    pub state: Vec<String>,
    /// Only these charter actions.
    pub action: Vec<String>,
}

impl Context {
    /// Prepares a dataset for questions about a date.
    pub fn new(dataset: &'static Dataset, as_of: Date) -> Self {
        Self {
            dataset,
            logged: None,
            base: Arc::new(Base::new(dataset.facts())),
            as_of,
            world: OnceLock::new(),
        }
    }

    /// Prepares what was folded from a log.
    pub fn of_log(dataset: &'static Dataset, checkpoint: Checkpoint, as_of: Date) -> Self {
        Self { logged: Some(checkpoint), ..Self::new(dataset, as_of) }
    }

    /// What identifies the statements: with the same, everybody sees the same.
    ///
    /// # Errors
    /// When something in the tables cannot be said as a statement.
    pub fn checkpoint(&self) -> anyhow::Result<Checkpoint> {
        if let Some(logged) = &self.logged {
            return Ok(logged.clone());
        }
        let (size, root) = self.dataset.root()?;
        Ok(Checkpoint { log: None, size, root })
    }

    /// The same facts on another date. Nothing is prepared again.
    #[must_use]
    pub fn on(&self, as_of: Date) -> Self {
        let base = Arc::clone(&self.base);
        Self { dataset: self.dataset, logged: self.logged.clone(), base, as_of, world: OnceLock::new() }
    }

    /// The world on the date asked. It is worked out once.
    pub fn world(&self) -> Arc<World> {
        Arc::clone(self.world.get_or_init(|| Arc::new(self.base.world(self.as_of))))
    }

    /// The State with this code or name.
    pub fn state(&self, text: &str) -> anyhow::Result<&'static State> {
        Ok(self.dataset.states.find(text)?)
    }

    /// The name of a State.
    pub fn name(&self, code: StateCode) -> String {
        self.dataset.states.name(code)
    }

    /// When a fact happened, in words; the day of compilation is no date of its own.
    pub fn when(&self, date: FactDate) -> String {
        date.in_words(self.dataset.compiled)
    }

    /// The statement with this index.
    pub fn statement(&self, index: u32) -> &'static Statement {
        self.base.statement(index)
    }

    /// The title of a source, or its id.
    pub fn source_title(&self, id: &SourceId) -> String {
        self.dataset.source(id).map_or_else(|| id.to_string(), |source| source.title.clone())
    }
}

/// A filter whose States and actions are known to exist.
pub(crate) struct Chosen {
    states: Vec<StateCode>,
    actions: Vec<&'static CharterAction>,
    aim: Option<Aim>,
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
