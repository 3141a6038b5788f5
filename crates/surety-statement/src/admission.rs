//! Matters of trust: who may say what in a log, as statements in that log.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use surety_core::{Date, StateCode};
use surety_law::Instrument;

use crate::content::Kind;
use crate::issuer::IssuerKind;
use crate::issuer_id::IssuerId;
use crate::key::{IssuerKey, KeyThumbprint};
use crate::wire::{self, Day};

/// The most keys of a root, or of an issuer.
pub const KEYS_MAX: usize = 64;

/// The root of trust of a log: `threshold` of these officers decide together. It is entry 0.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RootKeys {
    /// How many different officers must stand behind a decision.
    #[schemars(range(min = 1, max = 64))]
    pub threshold: u32,
    /// The officers.
    #[schemars(length(min = 1, max = 64))]
    pub officers: Vec<RootOfficer>,
}

/// One holder of a root key. Each is an issuer with numbers of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RootOfficer {
    /// What it is called in what it signs.
    pub issuer: IssuerId,
    /// Its key.
    pub key: IssuerKey,
}

/// Admits an issuer, or changes what was said of it before: the last admission that counts applies.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Admission {
    /// What it is called in what it signs.
    pub issuer: IssuerId,
    /// What it is.
    pub kind: IssuerKind,
    /// The name it goes by.
    pub name: String,
    /// Of a State's authority, the State.
    pub state: Option<StateCode>,
    /// The keys it signs with. A key that was revoked cannot come back.
    #[schemars(length(max = 64))]
    pub keys: Vec<AdmittedKey>,
    /// What it may say, where that is less than what its kind of issuer may.
    pub may_say: Entitlement,
}

/// A key of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AdmittedKey {
    /// The key.
    pub key: IssuerKey,
    /// The last day (UTC) on which what it signs can be logged; null when it does not expire.
    #[serde(default, with = "wire::optional_day")]
    #[schemars(with = "Option<Day>")]
    pub not_after: Option<Date>,
}

/// What an issuer may say. An empty list leaves it as its kind of issuer may.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entitlement {
    /// Only these kinds of statement.
    pub kinds: Vec<Kind>,
    /// Only about these States.
    pub about: Vec<StateCode>,
    /// Treaty actions only on these instruments.
    pub instruments: Vec<Instrument>,
}

/// New keys for an issuer, and old ones that it signs with no longer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct KeyRotation {
    /// The issuer.
    pub issuer: IssuerId,
    /// Keys that count from now on.
    #[schemars(length(max = 64))]
    pub add: Vec<AdmittedKey>,
    /// Thumbprints of keys that count no longer. What they signed before stays.
    #[schemars(length(max = 64))]
    pub retire: Vec<KeyThumbprint>,
}

/// Ends keys of an issuer, or all of them. What was logged before stays; nothing new counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Revocation {
    /// The issuer.
    pub issuer: IssuerId,
    /// Thumbprints of the keys; an empty list ends all of them.
    #[schemars(length(max = 64))]
    pub keys: Vec<KeyThumbprint>,
    /// Why.
    pub reason: String,
}

/// The policy of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogPolicy {
    /// Which witnesses must have seen a checkpoint: the text of a C2SP `tlog-policy`.
    pub witnesses: String,
    /// How much one key may submit.
    pub limits: Limits,
}

/// Limits on submissions.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// The most statements that one key may submit in a minute; null for no limit.
    pub statements_per_minute: Option<u32>,
    /// The most bytes of a signed statement, where that is less than the log can hold.
    pub statement_bytes_max: Option<u32>,
}

impl RootKeys {
    /// The key of an officer.
    pub fn key(&self, issuer: &IssuerId) -> Option<&IssuerKey> {
        self.officers.iter().find(|officer| officer.issuer == *issuer).map(|officer| &officer.key)
    }

    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let officers = self.officers.len();
        if !(1..=KEYS_MAX).contains(&officers) {
            return Err("a root has 1 to 64 officers");
        }
        if !(1..=officers).contains(&usize::try_from(self.threshold).unwrap_or(usize::MAX)) {
            return Err("the threshold of a root is at least 1 and at most the number of its officers");
        }
        let twice = self.officers.iter().enumerate().any(|(at, officer)| {
            self.officers[..at].iter().any(|other| other.issuer == officer.issuer || other.key == officer.key)
        });
        if twice { Err("an officer of the root, or its key, is there twice") } else { Ok(()) }
    }
}

impl Admission {
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.state.is_some() != (self.kind == IssuerKind::StateAuthority) {
            return Err("a State's authority names its State, and no other issuer has one");
        }
        if self.name.trim().is_empty() || self.name.contains(char::is_control) {
            return Err("an issuer has a name on one line");
        }
        check_keys(&self.keys)
    }
}

impl KeyRotation {
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.add.is_empty() && self.retire.is_empty() {
            return Err("a rotation adds keys or retires some");
        }
        if self.retire.len() > KEYS_MAX {
            return Err("an issuer has at most 64 keys");
        }
        check_keys(&self.add)
    }
}

impl Revocation {
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        if self.keys.len() > KEYS_MAX { Err("an issuer has at most 64 keys") } else { Ok(()) }
    }
}

impl LogPolicy {
    pub(crate) fn check(&self) -> Result<(), &'static str> {
        let parsed = surety_log::Policy::parse(self.witnesses.as_bytes());
        if parsed.is_ok() { Ok(()) } else { Err("the policy on witnesses is not a C2SP tlog-policy") }
    }
}

fn check_keys(keys: &[AdmittedKey]) -> Result<(), &'static str> {
    if keys.len() > KEYS_MAX {
        return Err("an issuer has at most 64 keys");
    }
    let twice = keys.iter().enumerate().any(|(at, key)| keys[..at].iter().any(|other| other.key == key.key));
    if twice { Err("a key is there twice") } else { Ok(()) }
}
