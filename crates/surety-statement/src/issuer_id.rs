//! What issuers are called in what they sign.

use std::borrow::{Borrow, Cow};
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The most bytes of an issuer id.
pub const ISSUER_ID_LEN_MAX: usize = 255;

/// The id of an issuer: printable ASCII without spaces, by custom an address without scheme, such as
/// `surety.example/observer`. It need not be reachable.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct IssuerId(Arc<str>);

impl IssuerId {
    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for IssuerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

impl Borrow<str> for IssuerId {
    fn borrow(&self) -> &str {
        &self.0
    }
}

/// The text is not an issuer id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "this is not the id of an issuer: use 1 to {ISSUER_ID_LEN_MAX} printable ASCII characters without spaces, \
     such as surety.example/observer"
)]
pub struct ParseIssuerIdError;

impl FromStr for IssuerId {
    type Err = ParseIssuerIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let printable = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > ISSUER_ID_LEN_MAX || !printable {
            return Err(ParseIssuerIdError);
        }
        Ok(Self(text.into()))
    }
}

impl Serialize for IssuerId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for IssuerId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        surety_core::read_text(deserializer)
    }
}

impl JsonSchema for IssuerId {
    fn schema_name() -> Cow<'static, str> {
        "IssuerId".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^[!-~]{1,255}$",
            "description": "The id of an issuer: printable ASCII without spaces.",
        })
    }
}
