//! Where each page lives: one place that reads addresses and writes them.

use std::fmt::Write as _;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use surety_core::{Aim, Date, StateCode, parse_day};
use surety_law::Instrument;
use surety_world::{ActionId, find_action};

/// The longest query that is read.
const QUERY_LEN_MAX: usize = 2_000;
/// The most values that a query may have.
const VALUES_MAX: usize = 40;

/// The first day that can be asked about.
pub(crate) const FIRST_DAY: Date = Date::constant(1980, 1, 1);
/// The last day that can be asked about.
pub(crate) const LAST_DAY: Date = Date::constant(2100, 12, 31);

/// What the map of the world shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Shown {
    /// The verdict on one action.
    Action(ActionId),
    /// The share of an aim's actions that are met.
    Aim(Aim),
    /// The interval of possible scores.
    Index,
}

impl Shown {
    /// Everything that a map can show, in order.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        let aims = Aim::ALL.into_iter().map(Self::Aim);
        let actions = ActionId::ALL.iter().map(|id| Self::Action(*id));
        aims.chain(actions).chain([Self::Index])
    }

    /// The word in the address.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Action(id) => id.as_str(),
            Self::Aim(aim) => aim.as_str(),
            Self::Index => "index",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Self::all().find(|shown| shown.as_str() == text)
    }
}

/// A page.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Address {
    World(Option<Shown>),
    States,
    State(StateCode),
    /// The statements and sources behind one verdict.
    Why(StateCode, ActionId),
    Treaties,
    Treaty(Instrument),
    /// What binds two States: they stand in the query.
    Pair,
    Materials,
    Commitments,
    Reviews,
    Reports,
    Requirements,
    Requirement(String),
    Index,
    Log,
    Verify,
    Compare,
    Search,
    Method,
    MethodOf(ActionId),
    Data,
    Sources,
    Source(String),
    Statement(String),
    /// How to say that a value is wrong.
    Correct(String),
    About,
}

/// Letters that stand in a path as they are.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// The name of an instrument in addresses: `INFCIRC/869` is `INFCIRC-869`.
pub(crate) fn instrument_slug(instrument: Instrument) -> String {
    instrument.as_str().replace('/', "-")
}

/// The instrument of a name in addresses.
pub(crate) fn instrument_of(slug: &str) -> Option<Instrument> {
    Instrument::ALL.into_iter().find(|instrument| instrument_slug(*instrument).eq_ignore_ascii_case(slug))
}

impl Address {
    /// The path without its first slash.
    pub(crate) fn path(&self) -> String {
        let fixed = match self {
            Self::World(None) => "",
            Self::States => "states",
            Self::Treaties => "treaties",
            Self::Pair => "pair",
            Self::Materials => "materials",
            Self::Commitments => "commitments",
            Self::Reviews => "reviews",
            Self::Reports => "reports",
            Self::Requirements => "requirements",
            Self::Index => "index",
            Self::Log => "log",
            Self::Verify => "verify",
            Self::Compare => "compare",
            Self::Search => "search",
            Self::Method => "method",
            Self::Data => "data",
            Self::Sources => "sources",
            Self::About => "about",
            Self::World(Some(shown)) => return format!("map/{}", shown.as_str()),
            Self::State(code) => return format!("state/{code}"),
            Self::Why(code, action) => return format!("state/{code}/{action}"),
            Self::Treaty(instrument) => return format!("treaty/{}", instrument_slug(*instrument)),
            Self::Requirement(id) => return format!("requirement/{}", segment(id)),
            Self::MethodOf(action) => return format!("method/{action}"),
            Self::Source(id) => return format!("source/{}", segment(id)),
            Self::Statement(id) => return format!("statement/{}", segment(id)),
            Self::Correct(about) => return format!("correct/{}", segment(about)),
        };
        fixed.to_owned()
    }

    /// What its query may hold besides the date. A name that ends in a hyphen begins names.
    pub(crate) fn parameters(&self) -> &'static [&'static str] {
        match self {
            Self::World(Some(Shown::Index)) | Self::Index => &["weights", "w-", "peers"],
            Self::World(_) => &["show"],
            Self::Pair => &["text", "a", "b"],
            Self::Requirements => &["area"],
            Self::Log => &["page"],
            Self::Compare => &["states"],
            Self::Search => &["q"],
            _ => &[],
        }
    }

    /// Reads a path without its first slash. `None` where no page can be: whether a State, source or requirement of
    /// that name exists is the page's to say.
    pub(crate) fn parse(path: &str) -> Option<Self> {
        let segments: Vec<String> = path.split('/').map(decoded).collect::<Option<_>>()?;
        let words: Vec<&str> = segments.iter().map(String::as_str).collect();
        Some(match words.as_slice() {
            [""] => Self::World(None),
            ["map", shown] => Self::World(Some(Shown::parse(shown)?)),
            ["states"] => Self::States,
            ["state", code] => Self::State(code.parse().ok()?),
            ["state", code, action] => Self::Why(code.parse().ok()?, find_action(action).ok()?.id),
            ["treaties"] => Self::Treaties,
            ["treaty", slug] => Self::Treaty(instrument_of(slug)?),
            ["pair"] => Self::Pair,
            ["materials"] => Self::Materials,
            ["commitments"] => Self::Commitments,
            ["reviews"] => Self::Reviews,
            ["reports"] => Self::Reports,
            ["requirements"] => Self::Requirements,
            ["requirement", id] => Self::Requirement((*id).to_owned()),
            ["index"] => Self::Index,
            ["log"] => Self::Log,
            ["verify"] => Self::Verify,
            ["compare"] => Self::Compare,
            ["search"] => Self::Search,
            ["method"] => Self::Method,
            ["method", action] => Self::MethodOf(find_action(action).ok()?.id),
            ["data"] => Self::Data,
            ["sources"] => Self::Sources,
            ["source", id] => Self::Source((*id).to_owned()),
            ["statement", id] => Self::Statement((*id).to_owned()),
            ["correct", about] => Self::Correct((*about).to_owned()),
            ["about"] => Self::About,
            _ => return None,
        })
    }
}

/// One segment of a path. A slash inside it is escaped.
pub(crate) fn segment(text: &str) -> String {
    utf8_percent_encode(text, PATH).to_string()
}

pub(crate) fn decoded(segment: &str) -> Option<String> {
    let text = percent_decode_str(segment).decode_utf8().ok()?;
    (!text.chars().any(char::is_control)).then(|| text.into_owned())
}

/// The values after the question mark, in the order given.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(crate) struct Query(Vec<(String, String)>);

/// The query cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    #[error(
        "the query is longer than {QUERY_LEN_MAX} bytes or has more than {VALUES_MAX} values: ask for less"
    )]
    TooLong,
    #[error("the query is not written in UTF-8 with percent signs before two hexadecimal digits")]
    Encoding,
    #[error(
        "`as_of={0}` is not a date from {FIRST_DAY} to {LAST_DAY}: write YYYY-MM-DD, for example 2016-05-08"
    )]
    Date(String),
    #[error("`{name}` means nothing here: {allowed}")]
    Unknown { name: String, allowed: String },
}

impl Query {
    pub(crate) fn parse(text: &str) -> Result<Self, QueryError> {
        if text.len() > QUERY_LEN_MAX {
            return Err(QueryError::TooLong);
        }
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let read = |part: &str| decoded(&part.replace('+', " ")).ok_or(QueryError::Encoding);
            Ok((read(name)?, read(value)?))
        });
        let pairs = pairs.collect::<Result<Vec<_>, _>>()?;
        if pairs.len() > VALUES_MAX { Err(QueryError::TooLong) } else { Ok(Self(pairs)) }
    }

    /// The first value of a name that is not empty.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(known, value)| known == name && !value.trim().is_empty())
            .map(|(_, value)| value.trim())
    }

    /// Every value of a name that is not empty.
    pub(crate) fn values<'q>(&'q self, name: &'q str) -> impl Iterator<Item = &'q str> {
        self.0
            .iter()
            .filter(move |(known, _)| known == name)
            .map(|(_, value)| value.trim())
            .filter(|v| !v.is_empty())
    }

    /// Names and values, in the order given.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// The date asked; none where none is given.
    pub(crate) fn as_of(&self) -> Result<Option<Date>, QueryError> {
        let Some(text) = self.get("as_of") else { return Ok(None) };
        match parse_day(text) {
            Ok(day) if (FIRST_DAY..=LAST_DAY).contains(&day) => Ok(Some(day)),
            _ => Err(QueryError::Date(text.to_owned())),
        }
    }

    /// Refuses names that mean nothing: what is misspelt must not pass for another answer. A name that ends in a hyphen
    /// begins names.
    pub(crate) fn allows(&self, names: &[&str]) -> Result<(), QueryError> {
        let fits = |name: &str| {
            let begins = |known: &&str| known.ends_with('-') && name.starts_with(*known);
            name == "as_of" || names.contains(&name) || names.iter().any(begins)
        };
        let Some((name, _)) = self.pairs().find(|(name, _)| !fits(name)) else { return Ok(()) };
        let known: Vec<&str> = std::iter::once("as_of").chain(names.iter().copied()).collect();
        let name = name.chars().take(40).collect();
        Err(QueryError::Unknown { name, allowed: format!("the query may hold {}", known.join(", ")) })
    }

    /// The query as it is written, with its question mark; empty when it is.
    pub(crate) fn written(&self) -> String {
        let mut text = String::new();
        for (name, value) in &self.0 {
            let before = if text.is_empty() { '?' } else { '&' };
            // Writing to a string cannot fail.
            let _ = write!(text, "{before}{}={}", segment(name), segment(value));
        }
        text
    }
}

impl<const N: usize> From<[(&str, &str); N]> for Query {
    fn from(pairs: [(&str, &str); N]) -> Self {
        Self(pairs.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_address_reads_back_as_it_is_written() {
        let japan = "JPN".parse().unwrap();
        let mut addresses: Vec<Address> = Shown::all().map(|shown| Address::World(Some(shown))).collect();
        addresses.extend(Instrument::ALL.map(Address::Treaty));
        addresses.extend([
            Address::World(None),
            Address::State(japan),
            Address::State(StateCode::EURATOM),
            Address::Why(japan, ActionId::L3),
            Address::Requirement("CPPNM 2A/3".to_owned()),
            Address::Correct("state/JPN/L3".to_owned()),
            Address::Log,
        ]);
        for address in addresses {
            assert_eq!(Address::parse(&address.path()), Some(address.clone()), "{address:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_none() {
        for path in
            ["..", "../etc/passwd", "state", "state/", "state/JPN/L3/x", "state/%ff", "state/J%00N", "map/L9"]
        {
            assert_eq!(Address::parse(path), None, "{path}");
        }
    }

    #[test]
    fn a_query_is_read_with_limits() {
        let query = Query::parse("as_of=2016-05-08&q=Cote%20d+Ivoire&q=&states=JPN").unwrap();
        assert_eq!(query.as_of().unwrap().unwrap().to_string(), "2016-05-08");
        assert_eq!(query.get("q"), Some("Cote d Ivoire"));
        assert_eq!(Query::parse("q=%ff"), Err(QueryError::Encoding));
        assert_eq!(Query::parse(&"a=1&".repeat(41)), Err(QueryError::TooLong));
        for bad in ["2016-02-30", "1979-12-31", "2101-01-01", "today", "-1"] {
            assert!(Query::from([("as_of", bad)]).as_of().is_err(), "{bad}");
        }
    }
}
