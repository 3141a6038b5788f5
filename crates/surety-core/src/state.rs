//! States: their codes, and the table of them.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::{Date, closest, read_text, words};

/// A State by its ISO 3166-1 alpha-3 code; former States (`CSK`, `DDR`, `SCG`, `SUN`, `YUG`) by theirs from ISO
/// 3166-3; EURATOM, a party too, as `EUR-ATOM`; the invented State of samples as `XAA`.
///
/// ```
/// use surety_core::StateCode;
/// assert_eq!("jpn".parse::<StateCode>()?.as_str(), "JPN");
/// assert!("Japan".parse::<StateCode>().is_err());
/// # Ok::<(), surety_core::ParseStateCodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct StateCode([u8; 3]);

impl StateCode {
    /// The European Atomic Energy Community: a party that is no State.
    pub const EURATOM: Self = Self(*b"eur");

    /// Orders before every other code.
    pub const MIN: Self = Self([0; 3]);

    /// The code as text.
    pub fn as_str(&self) -> &str {
        if *self == Self::EURATOM { "EUR-ATOM" } else { std::str::from_utf8(&self.0).unwrap_or("???") }
    }

    /// Whether the State is invented: ISO 3166-1 leaves `XAA` to `XZZ` to their users.
    pub fn is_invented(self) -> bool {
        self.0[0] == b'X'
    }

    /// Whether this party is a State and not an organisation of States.
    pub fn is_state(self) -> bool {
        self != Self::EURATOM
    }
}

impl fmt::Debug for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for StateCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for StateCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// Reads the code exactly as it is written: three capital letters, or `EUR-ATOM`.
impl<'de> Deserialize<'de> for StateCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer)
    }
}

impl JsonSchema for StateCode {
    fn schema_name() -> Cow<'static, str> {
        "StateCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^([A-Z]{3}|EUR-ATOM)$",
            "description": "A State by its ISO 3166-1 alpha-3 code; EURATOM as EUR-ATOM.",
        })
    }
}

/// The text is not written like a State code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a State code: use three letters such as JPN, or EUR-ATOM")]
pub struct ParseStateCodeError(String);

impl FromStr for StateCode {
    type Err = ParseStateCodeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let upper = text.trim().to_ascii_uppercase();
        if upper == "EUR-ATOM" {
            return Ok(Self::EURATOM);
        }
        match <[u8; 3]>::try_from(upper.as_bytes()) {
            Ok(letters) if letters.iter().all(u8::is_ascii_uppercase) => Ok(Self(letters)),
            _ => Err(ParseStateCodeError(text.to_owned())),
        }
    }
}

words! {
    /// What an entry of the State table is.
    pub enum StateKind("kind of entry") {
        /// A State of today.
        State = "state",
        /// An organisation of States that is a party to treaties.
        Organization = "organization",
        /// A State that no longer exists.
        Former = "former",
        /// A territory or other subject that sources count apart.
        Other = "other",
    }
}

words! {
    /// Standing at the United Nations.
    pub enum UnStatus("standing at the United Nations") {
        /// Member State.
        Member = "member",
        /// Non-member State with observer status.
        Observer = "observer",
        /// Was a member, under this name.
        Former = "former",
        /// Neither.
        None = "none",
    }
}

words! {
    /// Membership of the IAEA, as far as the lists that could be read show it.
    pub enum IaeaStatus("standing at the IAEA") {
        /// Member State.
        Member = "member",
        /// Observer, not a member.
        Observer = "observer",
        /// Was a member, and is none.
        Former = "former",
        /// Never a member: not a State of today, or an organisation.
        None = "none",
        /// No list that could be read in full decides.
        Unknown = "unknown",
    }
}

/// One State of the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct State {
    /// Its code.
    pub code: StateCode,
    /// ISO 3166-1 numeric id, three digits, when it has one.
    pub numeric: Option<String>,
    /// Its name as the United Nations writes it.
    pub name: String,
    /// State, organization, former State or other.
    pub kind: StateKind,
    /// Its standing at the United Nations.
    pub un: UnStatus,
    /// Since when it has that standing.
    pub un_since: Option<Date>,
    /// Its standing at the IAEA.
    pub iaea: IaeaStatus,
    /// The year from which a list counts it a member of the IAEA, where one was read.
    pub iaea_since: Option<i16>,
    /// UN region.
    pub region: String,
    /// UN subregion.
    pub subregion: String,
    /// The last day of its existence, for a former State.
    pub until: Option<Date>,
    /// Of a former State, the State of today that is the same person in law and has its rows.
    pub continued_by: Option<StateCode>,
}

impl State {
    /// An invented State of samples and tests. The State table does not have it: it is known only where somebody speaks
    /// of it.
    pub fn invented(code: StateCode) -> Self {
        Self {
            code,
            numeric: None,
            name: format!("{code} (an invented State)"),
            kind: StateKind::State,
            un: UnStatus::None,
            un_since: None,
            iaea: IaeaStatus::None,
            iaea_since: None,
            region: String::new(),
            subregion: String::new(),
            until: None,
            continued_by: None,
        }
    }

    /// Whether it is a State that can be asked on a date: a State of today, or a former one in its lifetime whose
    /// rows do not stand under its continuing State.
    pub fn can_be_asked_on(&self, date: Date) -> bool {
        match self.kind {
            StateKind::State => true,
            StateKind::Former => self.continued_by.is_none() && self.until.is_some_and(|until| date <= until),
            StateKind::Organization | StateKind::Other => false,
        }
    }
}

/// No State is known by that name or code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no State is called `{asked}`{}", suggestion(.near.as_ref()))]
pub struct UnknownState {
    /// What was asked for.
    pub asked: String,
    /// The nearest code and name.
    pub near: Option<(StateCode, String)>,
}

fn suggestion(near: Option<&(StateCode, String)>) -> String {
    near.map_or_else(
        || ": use a three-letter code such as JPN (`surety states` lists them)".to_owned(),
        |(code, name)| format!(": did you mean {code} ({name})?"),
    )
}

/// Every State that Surety knows, by code and by name.
#[derive(Debug, Clone, Default)]
pub struct StateTable {
    states: Vec<State>,
    by_code: HashMap<StateCode, usize>,
    /// Other names, lower case, with the State they mean.
    aliases: Vec<(String, usize)>,
}

impl StateTable {
    /// Makes the table. States are kept in order of code. An alias of an unknown code is dropped, and a
    /// code given twice counts once: the loader of the data refuses both before it comes here.
    pub fn new(mut states: Vec<State>, aliases: &[(StateCode, String)]) -> Self {
        states.sort_by_key(|state| state.code);
        states.dedup_by_key(|state| state.code);
        let by_code: HashMap<_, _> =
            states.iter().enumerate().map(|(index, state)| (state.code, index)).collect();
        let aliases = aliases
            .iter()
            .filter_map(|(code, alias)| Some((alias.to_lowercase(), *by_code.get(code)?)))
            .collect();
        Self { states, by_code, aliases }
    }

    /// The same table with more entries.
    #[must_use]
    pub fn with(mut self, more: impl IntoIterator<Item = State>) -> Self {
        self.states.extend(more);
        let aliases: Vec<_> =
            self.aliases.into_iter().map(|(alias, index)| (self.states[index].code, alias)).collect();
        Self::new(self.states, &aliases)
    }

    /// All entries, in order of code.
    pub fn iter(&self) -> impl Iterator<Item = &State> {
        self.states.iter()
    }

    /// The entry with this code.
    pub fn get(&self, code: StateCode) -> Option<&State> {
        self.by_code.get(&code).map(|index| &self.states[*index])
    }

    /// The name of a State, or its code where the table does not have it.
    pub fn name(&self, code: StateCode) -> String {
        self.get(code).map_or_else(|| code.to_string(), |state| state.name.clone())
    }

    /// Finds a State by code, name or another common name, in any case.
    ///
    /// # Errors
    /// When nothing matches; the error carries the nearest match.
    pub fn find(&self, text: &str) -> Result<&State, UnknownState> {
        let wanted = text.trim().to_lowercase();
        let by_code = wanted.parse().ok().and_then(|code| self.get(code));
        by_code
            .or_else(|| self.states.iter().find(|state| state.name.to_lowercase() == wanted))
            .or_else(|| {
                let (_, index) = self.aliases.iter().find(|(alias, _)| *alias == wanted)?;
                Some(&self.states[*index])
            })
            .ok_or_else(|| UnknownState { asked: text.to_owned(), near: self.nearest(&wanted) })
    }

    fn nearest(&self, wanted: &str) -> Option<(StateCode, String)> {
        let named = |state: &State| (state.code, state.name.clone());
        if wanted.len() <= 3 {
            let code = closest(wanted, self.states.iter().map(|state| state.code.as_str()))
                .or_else(|| one_letter_off(wanted, self.states.iter().map(|state| state.code.as_str())))?;
            return self.states.iter().find(|state| state.code.as_str() == code).map(named);
        }
        let known: Vec<(String, usize)> = self
            .states
            .iter()
            .enumerate()
            .map(|(index, state)| (state.name.to_lowercase(), index))
            .chain(self.aliases.iter().cloned())
            .collect();
        let near = closest(wanted, known.iter().map(|(name, _)| name.as_str())).or_else(|| {
            let mut starting =
                known.iter().map(|(name, _)| name.as_str()).filter(|name| name.starts_with(wanted));
            starting.next()
        })?;
        let (_, index) = known.iter().find(|(name, _)| name == near)?;
        self.states.get(*index).map(named)
    }
}

/// Codes are so short that one wrong letter is already a third of the word.
fn one_letter_off<'a>(wanted: &str, mut codes: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = wanted.to_uppercase();
    codes.find(|code| strsim::damerau_levenshtein(&wanted, code) == 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> StateTable {
        let state = |code: &str, name: &str, un, since: Option<&str>| State {
            code: code.parse().unwrap(),
            numeric: None,
            name: name.to_owned(),
            kind: StateKind::State,
            un,
            un_since: since.map(|day| crate::parse_day(day).unwrap()),
            iaea: IaeaStatus::Unknown,
            iaea_since: None,
            region: String::new(),
            subregion: String::new(),
            until: None,
            continued_by: None,
        };
        StateTable::new(
            vec![
                state("SSD", "South Sudan", UnStatus::Member, Some("2011-07-14")),
                state("JPN", "Japan", UnStatus::Member, Some("1956-12-18")),
                state("NIU", "Niue", UnStatus::None, None),
            ],
            &[("JPN".parse().unwrap(), "Nippon".to_owned())],
        )
    }

    #[test]
    fn codes_are_three_letters_or_euratom() {
        for good in ["JPN", "jpn", " XAA ", "EUR-ATOM", "eur-atom"] {
            assert!(good.parse::<StateCode>().is_ok(), "{good}");
        }
        for bad in ["", "JP", "JPNN", "J1N", "日本国"] {
            assert!(bad.parse::<StateCode>().is_err(), "{bad}");
        }
        assert_eq!("EUR-ATOM".parse::<StateCode>().unwrap().to_string(), "EUR-ATOM");
        assert_ne!("EUR".parse::<StateCode>().unwrap(), StateCode::EURATOM);
    }

    #[test]
    fn a_state_is_found_by_code_name_or_other_name() {
        let table = table();
        for name in ["JPN", "japan", "NIPPON"] {
            assert_eq!(table.find(name).unwrap().code.as_str(), "JPN", "{name}");
        }
    }

    #[test]
    fn an_unknown_state_gets_the_nearest_one() {
        let table = table();
        for (asked, near) in [("JPX", "JPN"), ("Japn", "JPN"), ("south sudn", "SSD")] {
            let error = table.find(asked).unwrap_err();
            assert_eq!(
                error.near.clone().map(|(code, _)| code.to_string()).as_deref(),
                Some(near),
                "{asked}"
            );
            assert!(error.to_string().contains(asked) && error.to_string().contains("did you mean"));
        }
        assert!(table.find("zzzzzz").unwrap_err().to_string().contains("three-letter code"));
    }

    #[test]
    fn a_former_state_can_be_asked_in_its_lifetime() {
        let base = table().get("NIU".parse().unwrap()).unwrap().clone();
        let until = crate::parse_day("1992-12-31").unwrap();
        let former = State { kind: StateKind::Former, until: Some(until), ..base };
        assert!(former.can_be_asked_on(until));
        assert!(!former.can_be_asked_on(until.tomorrow().unwrap()));
        let continued = State { continued_by: "JPN".parse().ok(), ..former };
        assert!(!continued.can_be_asked_on(until));
    }
}
