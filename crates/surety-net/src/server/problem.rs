//! What went wrong, as HTTP says it: RFC 9457 problem details, or RFC 9290 for clients of SCRAPI.

use axum::Json;
use axum::body::Body;
use axum::extract::Request;
use axum::http::header::{ACCEPT, CONTENT_TYPE, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use coset::cbor::Value;
use serde::Serialize;

/// The media type of a problem in JSON (RFC 9457).
pub const PROBLEM_JSON: &str = "application/problem+json";

/// The media type of a problem in CBOR (RFC 9290).
pub const PROBLEM_CBOR: &str = "application/concise-problem-details+cbor";

/// Why a request was refused, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The HTTP status.
    #[serde(serialize_with = "status_number")]
    pub status: StatusCode,
    /// A stable word for programs, such as `rate-limit`.
    pub code: String,
    /// The kind of problem, for people.
    pub title: String,
    /// What was wrong with this request, and what to do.
    pub detail: String,
    /// After how many seconds to try again, where that helps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub retry_after_s: Option<u64>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for this signature")]
fn status_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}

impl Problem {
    /// A problem of a kind that is known by its code.
    pub fn new(status: StatusCode, code: &str, title: &str, detail: impl Into<String>) -> Self {
        let detail = detail.into();
        Self { status, code: code.to_owned(), title: title.to_owned(), detail, retry_after_s: None }
    }

    /// The same, with the time after which to try again.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after_s: Some(seconds), ..self }
    }

    /// There is nothing at this place.
    pub fn not_found(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, "not-found", "Not found", detail)
    }

    /// The server failed, not the client.
    pub fn internal(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "The server failed", detail)
    }

    fn to_cbor(&self) -> Vec<u8> {
        let number = |number: i64| Value::Integer(number.into());
        // RFC 9290: -1 title, -2 detail, -4 response code. Its code is no registered key, so it has a text one.
        let map = Value::Map(vec![
            (number(-1), Value::Text(self.title.clone())),
            (number(-2), Value::Text(self.detail.clone())),
            (Value::Text("code".to_owned()), Value::Text(self.code.clone())),
        ]);
        let mut bytes = Vec::new();
        // Writing to memory does not fail.
        let _ = coset::cbor::into_writer(&map, &mut bytes);
        bytes
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = (self.status, Json(&self)).into_response();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_JSON));
        if let Some(seconds) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Gives problems in CBOR to clients that accept COSE or CBOR and no JSON, as SCRAPI asks.
pub(super) async fn negotiate(request: Request, next: Next) -> Response {
    let cbor = prefers_cbor(request.headers());
    let mut response = next.run(request).await;
    if let Some(problem) = response.extensions_mut().remove::<Problem>().filter(|_| cbor) {
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(PROBLEM_CBOR));
        headers.remove(axum::http::header::CONTENT_LENGTH);
        *response.body_mut() = Body::from(problem.to_cbor());
    }
    response
}

fn prefers_cbor(headers: &HeaderMap) -> bool {
    accepts(headers, PROBLEM_CBOR)
        || (!accepts(headers, PROBLEM_JSON)
            && !accepts(headers, "application/json")
            && (accepts(headers, "application/cose") || accepts(headers, "application/cbor")))
}

/// Whether a client names this media type as one it accepts.
pub(super) fn accepts(headers: &HeaderMap, media_type: &str) -> bool {
    let named = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|range| {
        let name = range.split(';').next().unwrap_or_default().trim();
        name.eq_ignore_ascii_case(media_type)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepting(accept: &str) -> HeaderMap {
        HeaderMap::from_iter([(ACCEPT, accept.parse().unwrap())])
    }

    #[test]
    fn a_client_gets_problems_in_its_own_language() {
        for (accept, cbor) in [
            ("*/*", false),
            ("application/cose", true),
            ("application/cbor, application/cose", true),
            ("application/cose;q=1, application/problem+json", false),
            ("application/concise-problem-details+cbor, application/json", true),
            ("text/html", false),
        ] {
            assert_eq!(prefers_cbor(&accepting(accept)), cbor, "{accept}");
        }
    }

    #[test]
    fn a_problem_says_what_to_do_in_both() {
        let problem = Problem::not_found("there is nothing: go on").retry_after(3);
        let json = serde_json::to_value(&problem).unwrap();
        assert_eq!(
            json,
            serde_json::json!({"status": 404, "code": "not-found", "title": "Not found",
                "detail": "there is nothing: go on", "retry_after_s": 3})
        );
        let cbor: Value = coset::cbor::from_reader(problem.to_cbor().as_slice()).unwrap();
        let map = cbor.into_map().unwrap();
        assert_eq!(map[1], (Value::Integer((-2).into()), Value::Text("there is nothing: go on".to_owned())));
    }
}
