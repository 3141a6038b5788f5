//! What is said when something cannot be shown: RFC 9457 problem details, and a page that helps.

use serde::Serialize;
use surety_core::UnknownState;
use surety_law::UnknownInstrument;
use utoipa::ToSchema;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Problem {
    /// A name for the kind of problem; always `about:blank`: the status says it.
    r#type: &'static str,
    /// What the status means.
    pub(crate) title: &'static str,
    /// The status of HTTP.
    pub(crate) status: u16,
    /// What is wrong, and what to do.
    pub(crate) detail: String,
}

impl Problem {
    fn new(status: u16, title: &'static str, detail: impl Into<String>) -> Self {
        Self { r#type: "about:blank", title, status, detail: detail.into() }
    }

    pub(crate) fn not_found(path: &str) -> Self {
        let shown: String = path.chars().filter(|letter| !letter.is_control()).take(100).collect();
        Self::new(404, "Not Found", format!("There is nothing at `/{shown}`."))
    }

    /// What was named is not known.
    pub(crate) fn unknown(detail: impl Into<String>) -> Self {
        Self::new(404, "Not Found", detail)
    }

    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self::new(400, "Bad Request", detail)
    }

    pub(crate) fn method_not_allowed() -> Self {
        Self::new(405, "Method Not Allowed", "This address is read with GET or HEAD.")
    }

    pub(crate) fn busy() -> Self {
        Self::new(503, "Service Unavailable", "Too many requests are being answered: try again in a moment.")
    }

    pub(crate) fn failed() -> Self {
        Self::new(
            500,
            "Internal Server Error",
            "This is a defect, and it has been written to the log of the server.",
        )
    }

    /// As RFC 9457 has it.
    pub(crate) fn json(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

impl From<UnknownState> for Problem {
    fn from(error: UnknownState) -> Self {
        let near =
            error.near.map_or_else(String::new, |(code, name)| format!(" Did you mean {name} ({code})?"));
        Self::unknown(format!("No State is called `{}`.{near}", error.asked))
    }
}

impl From<UnknownInstrument> for Problem {
    fn from(error: UnknownInstrument) -> Self {
        Self::unknown(error.to_string())
    }
}

/// The words of an error without the hyphens of the command line: in a query the same names have none.
fn without_options(text: &str) -> String {
    text.split(' ').map(|word| word.trim_start_matches("--")).collect::<Vec<_>>().join(" ")
}

/// What a view refuses was asked wrongly.
impl From<anyhow::Error> for Problem {
    fn from(error: anyhow::Error) -> Self {
        match error.downcast::<UnknownState>() {
            Ok(unknown) => unknown.into(),
            Err(error) => Self::bad_request(without_options(&format!("{error:#}"))),
        }
    }
}
