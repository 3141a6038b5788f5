//! Fixed vocabularies: an enum whose variants are the words of the data, of tables and of JSON.

/// The text is none of the words allowed at its place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{found}` is not a {what}: use one of {allowed}")]
pub struct UnknownWord {
    /// What was found.
    pub found: String,
    /// What it should have been.
    pub what: &'static str,
    /// The words allowed, separated by spaces.
    pub allowed: &'static str,
}

/// Makes an enum of words, with `ALL`, `as_str`, `Display`, `FromStr` and `Serialize`, so that each word is
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
