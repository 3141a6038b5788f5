//! Which key on which token: PKCS#11 URIs (RFC 7512).

use std::fmt;
use std::path::{Path, PathBuf};
use std::str::FromStr;

const SCHEME: &str = "pkcs11:";

/// The most bytes of an address.
const LEN_MAX: usize = 2048;

/// Where the PIN of a token comes from. Never from the address itself: others can see the arguments of a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PinSource {
    /// A person, who is asked.
    Ask,
    /// The first line of a file.
    File(PathBuf),
    /// An environment variable.
    Environment(String),
}

/// Which key on which token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenAddress {
    text: String,
    module: PathBuf,
    pub(crate) token: Option<String>,
    pub(crate) serial: Option<String>,
    pub(crate) object: Option<String>,
    pub(crate) id: Option<Vec<u8>>,
    pin_source: PinSource,
}

/// The text does not name a key on a token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// Another scheme.
    #[error("the key of a token is written pkcs11:token=…;object=…?module-path=…&pin-source=…")]
    Scheme,
    /// More bytes than allowed.
    #[error("the key of a token is named with at most {LEN_MAX} bytes")]
    TooLong,
    /// An attribute that is unknown, there twice or has no value.
    #[error(
        "`{0}` in the name of the key: give each of token, serial, object, id, module-path and pin-source at most once"
    )]
    Attribute(String),
    /// Percent signs without two hex digits, or what is no text.
    #[error("the value of `{0}` is not well encoded: write special characters as % and two hex digits")]
    Encoding(String),
    /// No module.
    #[error(
        "the name of the key lacks module-path: the file with the PKCS#11 module of the maker of the token"
    )]
    NoModule,
    /// Neither label nor id.
    #[error("the name of the key lacks object or id: say which of the keys on the token it is")]
    NoObject,
    /// The PIN itself.
    #[error(
        "leave out pin-value: others can see it. Give pin-source=file:PATH or pin-source=env:NAME, or nothing to be asked"
    )]
    PinValue,
    /// A source that is not known.
    #[error("`{0}` is not a source of a PIN: write pin-source=file:PATH or pin-source=env:NAME")]
    PinSource(String),
}

impl TokenAddress {
    /// The PKCS#11 module of the maker of the token.
    pub fn module(&self) -> &Path {
        &self.module
    }

    /// Where its PIN comes from.
    pub fn pin_source(&self) -> &PinSource {
        &self.pin_source
    }

    /// Whether a text means a key on a token at all.
    pub fn is_meant(text: &str) -> bool {
        text.starts_with(SCHEME)
    }
}

impl fmt::Display for TokenAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for TokenAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let rest = text.strip_prefix(SCHEME).ok_or(AddressError::Scheme)?;
        if text.len() > LEN_MAX {
            return Err(AddressError::TooLong);
        }
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let mut draft = Draft::default();
        for attribute in path.split(';').chain(query.split('&')).filter(|attribute| !attribute.is_empty()) {
            draft.read(attribute)?;
        }
        if draft.object.is_none() && draft.id.is_none() {
            return Err(AddressError::NoObject);
        }
        Ok(Self {
            text: text.to_owned(),
            module: PathBuf::from(draft.module.ok_or(AddressError::NoModule)?),
            token: draft.token,
            serial: draft.serial,
            object: draft.object,
            id: draft.id,
            pin_source: draft.pin_source.unwrap_or(PinSource::Ask),
        })
    }
}

#[derive(Default)]
struct Draft {
    module: Option<String>,
    token: Option<String>,
    serial: Option<String>,
    object: Option<String>,
    id: Option<Vec<u8>>,
    pin_source: Option<PinSource>,
}

impl Draft {
    fn read(&mut self, attribute: &str) -> Result<(), AddressError> {
        let unknown = || AddressError::Attribute(attribute.to_owned());
        let (name, value) = attribute.split_once('=').ok_or_else(unknown)?;
        if name == "pin-value" {
            return Err(AddressError::PinValue);
        }
        let encoding = || AddressError::Encoding(name.to_owned());
        let bytes = decode(value).ok_or_else(encoding)?;
        if bytes.is_empty() {
            return Err(unknown());
        }
        if name == "id" {
            return set(&mut self.id, bytes).ok_or_else(unknown);
        }
        let text = String::from_utf8(bytes).map_err(|_| encoding())?;
        let taken = match name {
            "module-path" => set(&mut self.module, text),
            "token" => set(&mut self.token, text),
            "serial" => set(&mut self.serial, text),
            "object" => set(&mut self.object, text),
            // Only private keys are asked for.
            "type" if text == "private" => Some(()),
            "pin-source" => set(&mut self.pin_source, pin_source(&text)?),
            _ => None,
        };
        taken.ok_or_else(unknown)
    }
}

fn set<T>(place: &mut Option<T>, value: T) -> Option<()> {
    place.is_none().then(|| *place = Some(value))
}

fn pin_source(text: &str) -> Result<PinSource, AddressError> {
    match text.split_once(':') {
        Some(("file", path)) if !path.is_empty() => {
            Ok(PinSource::File(PathBuf::from(path.strip_prefix("//").unwrap_or(path))))
        }
        Some(("env", name)) if !name.is_empty() => Ok(PinSource::Environment(name.to_owned())),
        _ => Err(AddressError::PinSource(text.to_owned())),
    }
}

/// Undoes percent encoding.
fn decode(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'%' {
            let (digits, after) = after.split_at_checked(2)?;
            let digits = std::str::from_utf8(digits).ok().filter(|digits| !digits.starts_with('+'))?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = after;
        } else {
            bytes.push(*first);
            rest = after;
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_a_key_and_where_its_pin_comes_from() {
        let address: TokenAddress =
            "pkcs11:token=State%20of%20XAA;serial=12;id=%01%fF;object=log;type=private?module-path=/m.so&pin-source=file:///run/pin"
                .parse()
                .unwrap();
        assert_eq!(address.token.as_deref(), Some("State of XAA"));
        assert_eq!((address.serial.as_deref(), address.object.as_deref()), (Some("12"), Some("log")));
        assert_eq!(address.id, Some(vec![1, 255]));
        assert_eq!(address.module(), Path::new("/m.so"));
        assert_eq!(address.pin_source(), &PinSource::File(PathBuf::from("/run/pin")));
        let asked: TokenAddress = "pkcs11:object=log?module-path=/m.so".parse().unwrap();
        assert_eq!(asked.pin_source(), &PinSource::Ask);
    }

    #[test]
    fn an_address_that_names_no_key_says_why() {
        use AddressError as E;
        let encoding = |name: &str| E::Encoding(name.to_owned());
        for (bad, why) in [
            ("token=a", E::Scheme),
            ("pkcs11:", E::NoObject),
            ("pkcs11:token=a?module-path=/m.so", E::NoObject),
            ("pkcs11:object=a", E::NoModule),
            ("pkcs11:object=a?module-path=/m.so&pin-value=1234", E::PinValue),
            ("pkcs11:object=a;pin-value=1234?module-path=/m.so", E::PinValue),
            ("pkcs11:object=a?module-path=/m.so&pin-source=|cat", E::PinSource("|cat".to_owned())),
            ("pkcs11:object=a?module-path=/m.so&pin-source=env:", E::PinSource("env:".to_owned())),
            ("pkcs11:object=a;object=b?module-path=/m.so", E::Attribute("object=b".to_owned())),
            ("pkcs11:object=?module-path=/m.so", E::Attribute("object=".to_owned())),
            ("pkcs11:object=a;colour=red?module-path=/m.so", E::Attribute("colour=red".to_owned())),
            ("pkcs11:object=a;type=public?module-path=/m.so", E::Attribute("type=public".to_owned())),
            ("pkcs11:object=a;x?module-path=/m.so", E::Attribute("x".to_owned())),
            ("pkcs11:object=%1?module-path=/m.so", encoding("object")),
            ("pkcs11:object=%+1?module-path=/m.so", encoding("object")),
            ("pkcs11:object=%ff?module-path=/m.so", encoding("object")),
        ] {
            assert_eq!(bad.parse::<TokenAddress>(), Err(why), "{bad}");
        }
        let long = format!("pkcs11:object={}?module-path=/m.so", "a".repeat(LEN_MAX));
        assert_eq!(long.parse::<TokenAddress>(), Err(E::TooLong));
    }
}
