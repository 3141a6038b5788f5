//! Reading a log where it is: in a folder or behind a web address.
//!
//! Everything that reads a log reads a [`Store`]; so a reader, `fsck`, a mirror or a monitor works on either.
//! Nothing that a server sends is believed: what is read is checked against a signed checkpoint by whoever reads.

use std::fmt;
use std::io::{self, Read as _};
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use surety_log::{FolderStore, Object, Store, StoreError};
use ureq::http::Uri;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};
use ureq::{Agent, Error};

/// The most bytes of a web address.
const ADDRESS_LEN_MAX: usize = 2048;

/// How often a request is made before it counts as failed.
pub(crate) const ATTEMPTS_MAX: u32 = 3;

/// The pause after the first failure; each further one is four times as long.
const PAUSE: Duration = Duration::from_millis(200);

const CONNECT_TIME_MAX: Duration = Duration::from_secs(10);

/// Enough for the largest bundle over a slow line.
const READ_TIME_MAX: Duration = Duration::from_mins(2);

/// Where a log is: a folder, or a web address under which its files are.
///
/// ```
/// use surety_net::client::Location;
///
/// let there: Location = "https://log.example/surety/".parse()?;
/// assert_eq!(there.to_string(), "https://log.example/surety");
/// assert!(matches!("mirrors/surety".parse()?, Location::Folder(_)));
/// # Ok::<(), surety_net::client::AddressError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Location {
    /// A folder.
    Folder(PathBuf),
    /// A web address.
    Web(WebAddress),
}

impl Location {
    /// Opens it for reading.
    pub fn open(&self) -> Result<Arc<dyn Store>, StoreError> {
        match self {
            // A log that is kept here has what it publishes in a folder of its own.
            Self::Folder(path) => {
                let public = path.join("public");
                Ok(Arc::new(FolderStore::read_only(if public.is_dir() { &public } else { path })?))
            }
            Self::Web(address) => Ok(Arc::new(WebStore::new(address.clone()))),
        }
    }
}

impl fmt::Display for Location {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(path) => path.display().fmt(f),
            Self::Web(address) => address.fmt(f),
        }
    }
}

impl FromStr for Location {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once("://") {
            Some(_) => Ok(Self::Web(text.parse()?)),
            None if text.is_empty() => Err(AddressError::Empty),
            None => Ok(Self::Folder(PathBuf::from(text))),
        }
    }
}

/// A web address under which there is something: `http` or `https`, a host, perhaps a path; nothing else.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WebAddress(String);

impl WebAddress {
    /// The address without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The address of something under it.
    pub(crate) fn join(&self, path: &str) -> String {
        format!("{}/{path}", self.0)
    }
}

impl fmt::Display for WebAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// The text is neither a folder nor a web address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AddressError {
    /// No text.
    #[error("name a folder or a web address such as https://log.example/surety")]
    Empty,
    /// Not an address.
    #[error("`{0}` is not a web address such as https://log.example/surety")]
    Form(String),
    /// Neither `http` nor `https`.
    #[error("`{0}`: only http and https are understood")]
    Scheme(String),
    /// More than scheme, host, port and path.
    #[error("`{0}`: leave out user names, `?` and `#`: files are read under this address")]
    Extra(String),
}

impl FromStr for WebAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let shown = || text.chars().take(80).collect::<String>();
        if text.len() > ADDRESS_LEN_MAX {
            return Err(AddressError::Form(shown()));
        }
        match text.split_once("://") {
            Some(("http" | "https", _)) => {}
            Some((scheme, _)) if !scheme.is_empty() => return Err(AddressError::Scheme(shown())),
            _ => return Err(AddressError::Form(shown())),
        }
        let uri: Uri = text.parse().map_err(|_| AddressError::Form(shown()))?;
        if uri.host().is_none_or(str::is_empty) {
            return Err(AddressError::Form(shown()));
        }
        if uri.query().is_some() || text.contains(['#', '@']) {
            return Err(AddressError::Extra(shown()));
        }
        Ok(Self(text.trim_end_matches('/').to_owned()))
    }
}

/// The published files of a log behind a web address, for reading.
///
/// A request takes its time at most, and no more bytes than asked for; it is repeated a few times when the server or
/// the line fails. A redirect is not followed: the error says where it leads.
#[derive(Debug, Clone)]
pub struct WebStore {
    agent: Agent,
    address: WebAddress,
}

impl WebStore {
    /// The files under an address. Nothing is asked yet.
    pub fn new(address: WebAddress) -> Self {
        Self { agent: agent(READ_TIME_MAX), address }
    }

    fn get_once(&self, url: &str, len_max: u64) -> Result<Got, Failure> {
        let mut response = self.agent.get(url).call().map_err(|error| Failure::of(&error))?;
        match response.status().as_u16() {
            200 => {}
            404 | 410 => return Ok(Got::Nothing),
            status => {
                let location = response.headers().get("location").and_then(|to| to.to_str().ok());
                return Err(Failure::status(status, location));
            }
        }
        let mut bytes = Vec::new();
        let read = response.body_mut().as_reader().take(len_max.saturating_add(1)).read_to_end(&mut bytes);
        match read {
            Ok(len) if len as u64 > len_max => Ok(Got::TooMuch),
            Ok(_) => Ok(Got::Bytes(bytes)),
            Err(error) => Err(Failure { again: true, why: error.to_string() }),
        }
    }
}

/// What a server sent.
enum Got {
    Bytes(Vec<u8>),
    Nothing,
    TooMuch,
}

impl Store for WebStore {
    fn get(&self, key: &str, len_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
        if !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_'))
        {
            return Err(StoreError::Key(key.to_owned()));
        }
        let url = self.address.join(key);
        match with_retries(|| self.get_once(&url, len_max)) {
            Ok(Got::Bytes(bytes)) => Ok(Some(bytes)),
            Ok(Got::Nothing) => Ok(None),
            Ok(Got::TooMuch) => Err(StoreError::TooLong { key: url, len_max }),
            Err(failure) => {
                Err(StoreError::Io { doing: "read", place: url, source: io::Error::other(failure.why) })
            }
        }
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        objects.first().map_or(Ok(()), |(key, _)| Err(StoreError::ReadOnly { key: self.address.join(key) }))
    }

    fn swap(&self, key: &str, _expected: Option<&[u8]>, _bytes: &[u8]) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly { key: self.address.join(key) })
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        Err(StoreError::ReadOnly { key: self.address.join(folder) })
    }
}

/// Why a request failed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// Whether to ask again may help.
    pub(crate) again: bool,
    /// Why, for people.
    pub(crate) why: String,
}

impl Failure {
    pub(crate) fn of(error: &Error) -> Self {
        let again = matches!(
            error,
            Error::Io(_)
                | Error::Timeout(_)
                | Error::HostNotFound
                | Error::ConnectionFailed
                | Error::Protocol(_)
        );
        Self { again, why: error.to_string() }
    }

    pub(crate) fn status(status: u16, location: Option<&str>) -> Self {
        let why = match (status, location) {
            (300..=399, Some(to)) => {
                format!("the server says it has moved to `{to}`: give that address instead")
            }
            (401 | 403, _) => format!(
                "the server refuses it (status {status}); a bucket must be listable, or it says so of files that are not there"
            ),
            _ => format!("the server answered with status {status}"),
        };
        Self { again: matches!(status, 408 | 425 | 429 | 500..=599), why }
    }
}

/// Asks until there is an answer, or no use in asking again.
pub(crate) fn with_retries<T>(mut ask: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    let mut pause = PAUSE;
    for _ in 1..ATTEMPTS_MAX {
        match ask() {
            Err(failure) if failure.again => thread::sleep(pause),
            answer => return answer,
        }
        pause *= 4;
    }
    ask()
}

/// Makes requests: every one ends in time, goes where it was sent, and believes the certificates that the machine
/// believes.
pub(crate) fn agent(time_max: Duration) -> Agent {
    let tls = TlsConfig::builder()
        .provider(TlsProvider::Rustls)
        .root_certs(RootCerts::PlatformVerifier)
        .unversioned_rustls_crypto_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .build();
    Agent::config_builder()
        .tls_config(tls)
        .http_status_as_error(false)
        .max_redirects(0)
        .max_redirects_will_error(false)
        .timeout_connect(Some(CONNECT_TIME_MAX))
        .timeout_global(Some(time_max))
        .user_agent(concat!("surety/", env!("CARGO_PKG_VERSION")))
        .build()
        .new_agent()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_is_a_folder_or_an_address() {
        for (text, shown) in [
            ("https://log.example", "https://log.example"),
            ("https://log.example/", "https://log.example"),
            ("http://127.0.0.1:8080/a/b//", "http://127.0.0.1:8080/a/b"),
            ("http://[::1]:80/x", "http://[::1]:80/x"),
        ] {
            let location: Location = text.parse().unwrap();
            assert!(matches!(location, Location::Web(_)), "{text}");
            assert_eq!(location.to_string(), shown);
        }
        for text in ["log", "./log", "/var/lib/surety", "C:\\log"] {
            assert_eq!(text.parse(), Ok(Location::Folder(PathBuf::from(text))));
        }
    }

    #[test]
    fn an_address_that_cannot_be_read_from_is_refused() {
        for bad in ["ftp://log.example", "file:///etc/passwd", "s3://bucket/log"] {
            assert!(matches!(bad.parse::<Location>(), Err(AddressError::Scheme(_))), "{bad}");
        }
        for bad in ["https://", "https:///x", "https://log example/", "://x"] {
            assert!(bad.parse::<Location>().is_err(), "{bad}");
        }
        for bad in ["https://user:word@log.example", "https://log.example/?a=b", "https://log.example/#top"] {
            assert!(matches!(bad.parse::<Location>(), Err(AddressError::Extra(_))), "{bad}");
        }
        assert_eq!("".parse::<Location>(), Err(AddressError::Empty));
    }
}
