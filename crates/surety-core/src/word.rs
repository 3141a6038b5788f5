//! Fixed vocabularies: an enum whose variants are the words of the data, of tables and of JSON.

use std::fmt::{self, Write as _};
use std::marker::PhantomData;
use std::str::FromStr;

use serde::de::{self, Visitor};
use serde::{Deserialize, Deserializer};

/// The text is none of the words allowed at its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not {} {what}: use one of {allowed}", article(.what))]
pub struct UnknownWord {
    /// What was found.
    pub found: String,
    /// What it should have been.
    pub what: &'static str,
    /// The words allowed, separated by spaces.
    pub allowed: &'static str,
}

fn article(what: &str) -> &'static str {
    if what.starts_with(['a', 'e', 'i', 'o']) { "an" } else { "a" }
}

/// A value read from text that is spelled exactly as the value is written.
pub(crate) struct Exact<T>(pub(crate) T);

impl<'de, T: FromStr<Err: fmt::Display> + fmt::Display> Deserialize<'de> for Exact<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        read_text(deserializer).map(Self)
    }
}

/// Reads a value from text and refuses every spelling but the one in which it is written.
pub fn read_text<'de, T, D>(deserializer: D) -> Result<T, D::Error>
where
    T: FromStr<Err: fmt::Display> + fmt::Display,
    D: Deserializer<'de>,
{
    struct Text<T>(PhantomData<T>);

    impl<T: FromStr<Err: fmt::Display> + fmt::Display> Visitor<'_> for Text<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("text")
        }

        fn visit_str<E: de::Error>(self, text: &str) -> Result<T, E> {
            let value: T = text.parse().map_err(E::custom)?;
            if spelled(&value, text) {
                return Ok(value);
            }
            Err(E::custom(format_args!("write `{value}`, not `{text}`")))
        }
    }

    deserializer.deserialize_str(Text(PhantomData))
}

/// Whether a value is written as this text, without making a text of it.
fn spelled(value: &impl fmt::Display, text: &str) -> bool {
    struct Rest<'a>(&'a str);

    impl fmt::Write for Rest<'_> {
        fn write_str(&mut self, part: &str) -> fmt::Result {
            self.0 = self.0.strip_prefix(part).ok_or(fmt::Error)?;
            Ok(())
        }
    }

    let mut rest = Rest(text);
    write!(rest, "{value}").is_ok() && rest.0.is_empty()
}

/// Makes an enum of words, with `ALL`, `as_str`, `Display`, `FromStr`, serde and JSON Schema, so that each word is
/// written once.
///
/// ```
/// surety_core::words! {
///     /// A colour of a traffic light.
///     pub enum Light("colour") {
///         /// Stop.
///         Red = "red",
///         /// Go.
///         Green = "green",
///     }
/// }
///
/// assert_eq!("green".parse(), Ok(Light::Green));
/// assert_eq!("blue".parse::<Light>().unwrap_err().to_string(), "`blue` is not a colour: use one of red green");
/// ```
#[macro_export]
macro_rules! words {
    (
        $(#[$doc:meta])*
        pub enum $type:ident($what:literal) {
            $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $type { $($(#[$variant_doc])* $variant),+ }

        impl $type {
            /// Every one, in order.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word in the data, in tables and in JSON.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl ::std::fmt::Display for $type {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                f.pad(self.as_str())
            }
        }

        impl $crate::serde::Serialize for $type {
            fn serialize<S: $crate::serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(self.as_str())
            }
        }

        /// Reads the word exactly as it is written.
        impl<'de> $crate::serde::Deserialize<'de> for $type {
            fn deserialize<D: $crate::serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::read_text(deserializer)
            }
        }

        impl $crate::schemars::JsonSchema for $type {
            fn schema_name() -> ::std::borrow::Cow<'static, str> {
                stringify!($type).into()
            }

            fn json_schema(_: &mut $crate::schemars::SchemaGenerator) -> $crate::schemars::Schema {
                let words: Vec<&str> = Self::ALL.iter().map(|word| word.as_str()).collect();
                $crate::schemars::json_schema!({ "type": "string", "enum": words })
            }
        }

        impl ::std::str::FromStr for $type {
            type Err = $crate::UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($word => Ok(Self::$variant),)+
                    other => Err($crate::UnknownWord {
                        found: other.to_owned(),
                        what: $what,
                        allowed: concat!($($word, " "),+).trim_ascii_end(),
                    }),
                }
            }
        }
    };
}
