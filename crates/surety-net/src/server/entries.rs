//! Submission and its results, shaped like SCRAPI (draft-ietf-scitt-scrapi).

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Json;
use axum::body::{Body, to_bytes};
use axum::extract::{ConnectInfo, Path, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, LOCATION, RETRY_AFTER};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use surety_log::tile::ENTRY_LEN_MAX;
use surety_log::tree::leaf_hash;
use surety_log::{AppendError, Hash, Proof, ReadError, Reader, SignedCheckpoint};
use surety_statement::Digest;
use tokio::sync::oneshot;

use super::Site;
use super::desk::{Logged, Refused};
use super::problem::{Problem, accepts};

/// Where statements are submitted and found.
pub const ENTRIES_PATH: &str = "/api/v1/entries";

/// The media type of signed statements and of receipts.
pub const STATEMENT_MEDIA_TYPE: &str = "application/cose";

/// The media type of a C2SP `tlog-proof`, which is text and has none of its own.
pub const PROOF_MEDIA_TYPE: &str = "text/plain; charset=utf-8";

/// `POST /api/v1/entries`: registers a signed statement. Answers when it is durable and in a published checkpoint.
pub(super) async fn submit(
    State(site): State<Arc<Site>>,
    ConnectInfo(peer): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Problem> {
    let now = Instant::now();
    site.failures.look(peer.ip(), now).map_err(too_many_failures)?;
    let submitted = register(&site, &headers, body, now).await;
    if submitted.as_ref().is_err_and(|problem| problem.status.is_client_error()) {
        site.failures.fail(peer.ip(), now);
    }
    let (logged, statement) = submitted?;
    let status = if logged.again { StatusCode::OK } else { StatusCode::CREATED };
    if awaits_witnesses(&site, logged.proof.checkpoint()) {
        return Ok(running(StatusCode::SEE_OTHER, logged.leaf));
    }
    let mut response = result(&site, status, &headers, &statement, &logged.proof)?;
    locate(&mut response, logged.leaf);
    Ok(response)
}

async fn register(
    site: &Arc<Site>,
    headers: &HeaderMap,
    body: Body,
    now: Instant,
) -> Result<(Logged, Vec<u8>), Problem> {
    check_media_type(headers)?;
    if let Some(why) = site.cosigner.as_ref().and_then(|cosigner| cosigner.contradicted()) {
        let detail = format!("The log takes nothing in until its operator has mended it: {why}");
        let title = "The log was contradicted by a witness";
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "log-contradicted", title, detail));
    }
    let statement = read_body(headers, body).await?;
    let (sender, receiver) = oneshot::channel();
    let submitted = site.desk.submit(statement.clone(), now, move |result| drop(sender.send(result)));
    submitted.map_err(|refused| problem(site, &refused))?;
    let logged = receiver.await.unwrap_or(Err(Refused::Log(AppendError::Closed)));
    Ok((logged.map_err(|refused| problem(site, &refused))?, statement))
}

fn check_media_type(headers: &HeaderMap) -> Result<(), Problem> {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let name = named.split(';').next().unwrap_or_default().trim();
    if name.eq_ignore_ascii_case(STATEMENT_MEDIA_TYPE) {
        return Ok(());
    }
    let detail = format!("send the signed statement with `Content-Type: {STATEMENT_MEDIA_TYPE}`");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media-type", "Unsupported media type", detail))
}

async fn read_body(headers: &HeaderMap, body: Body) -> Result<Vec<u8>, Problem> {
    let too_long = || {
        let detail = format!(
            "a signed statement has at most {ENTRY_LEN_MAX} bytes: name a larger document in its evidence, by its SHA-256"
        );
        Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", "Statement too long", detail)
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
    if announced.is_some_and(|len| len > ENTRY_LEN_MAX as u64) {
        return Err(too_long());
    }
    match to_bytes(body, ENTRY_LEN_MAX).await {
        Ok(bytes) => Ok(bytes.into()),
        Err(error) => {
            let source = std::error::Error::source(&error);
            if source.is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>) {
                return Err(too_long());
            }
            let detail = "the body broke off: send the whole signed statement";
            Err(Problem::new(StatusCode::BAD_REQUEST, "body", "Malformed request", detail))
        }
    }
}

fn too_many_failures(wait: Duration) -> Problem {
    let detail = "too many refused requests came from this address: mend them, and try again later";
    Problem::new(StatusCode::TOO_MANY_REQUESTS, "address-rate", "Too many requests", detail)
        .retry_after(wait.as_secs() + 1)
}

fn problem(site: &Site, refused: &Refused) -> Problem {
    let detail = refused.to_string();
    match refused {
        Refused::Statement(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::BAD_REQUEST);
            Problem::new(status, refusal.code(), "Rejected", detail)
        }
        Refused::TooLong(_) => {
            Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-long", "Statement too long", detail)
        }
        Refused::Rate(wait) => {
            Problem::new(StatusCode::TOO_MANY_REQUESTS, "key-rate", "Too many requests", detail)
                .retry_after(wait.as_secs() + 1)
        }
        Refused::Busy | Refused::Log(AppendError::Busy | AppendError::Displaced { .. }) => {
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "busy", "The log is busy", detail).retry_after(1)
        }
        Refused::Log(error) => {
            site.report(error);
            let detail =
                "the log could not take the statement, and its operator was told why: submit it again later";
            Problem::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", "The log is not available", detail)
                .retry_after(10)
        }
        Refused::Proof { index, .. } => {
            site.report(refused);
            Problem::internal(format!("the statement was logged at {index}; ask for its proof later"))
        }
    }
}

/// What a client asks to see of an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Receipt,
    Proof,
    Statement,
    Status,
}

impl Part {
    /// By the media types that the client accepts. Receipts first, as SCRAPI has it.
    fn of(headers: &HeaderMap) -> Self {
        if accepts(headers, STATEMENT_MEDIA_TYPE) {
            Self::Receipt
        } else if accepts(headers, "text/plain") {
            Self::Proof
        } else if accepts(headers, "application/json") {
            Self::Status
        } else {
            Self::Receipt
        }
    }
}

/// `GET /api/v1/entries/{id}`: the receipt of an entry, or its proof or status where the client accepts that only.
pub(super) async fn show(
    State(site): State<Arc<Site>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    find(&site, &id, Part::of(&headers)).await
}

/// `GET /api/v1/entries/{id}/receipt`, `/proof`, `/statement`, `/status`.
pub(super) async fn part(
    State(site): State<Arc<Site>>,
    Path((id, part)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let part = match part.as_str() {
        "receipt" => Part::Receipt,
        "proof" => Part::Proof,
        "statement" => Part::Statement,
        "status" => Part::Status,
        _ => return Err(Problem::not_found("an entry has `receipt`, `proof`, `statement` and `status`")),
    };
    find(&site, &id, part).await
}

/// The status of an entry, for programs.
#[derive(Debug, Serialize)]
struct Status {
    /// Its place in the log.
    index: u64,
    /// The hash of the entry in hexadecimal digits, as in RFC 6962: its name here.
    id: String,
    /// The size of the checkpoint that has it.
    size: u64,
    /// Whether that checkpoint has the quorum of witnesses that the policy of the log asks for.
    quorum: bool,
}

async fn find(site: &Arc<Site>, id: &str, part: Part) -> Result<Response, Problem> {
    let checkpoint = site.desk.checkpoint();
    let logged = checkpoint.checkpoint().size();
    let place = match parse_id(id)? {
        Id::Index(index) => Some(index),
        Id::Leaf(leaf) => site.desk.place(leaf),
    };
    let unknown = || Problem::not_found(format!("the log has no entry {id}: it has {logged} entries"));
    let index = place.ok_or_else(unknown)?;
    if index >= logged {
        return match parse_id(id)? {
            Id::Leaf(leaf) => Ok(running(StatusCode::FOUND, leaf)),
            Id::Index(_) => Err(unknown()),
        };
    }
    let (public, signed) = (Arc::clone(&site.public), Arc::clone(&checkpoint));
    let read = site.read(move || {
        let reader = Reader::new(public.as_ref());
        let proof = reader.prove(index, &signed)?;
        Ok::<_, ReadError>((proof, reader.entry(index, &signed)?))
    });
    let (proof, entry) = read.await?.map_err(|error| {
        site.report(&error);
        Problem::internal("the entry could not be read; the operator was told why")
    })?;
    let leaf = leaf_hash(&entry);
    if matches!(part, Part::Receipt | Part::Proof) && awaits_witnesses(site, &checkpoint) {
        return Ok(running(StatusCode::FOUND, leaf));
    }
    let mut response = match part {
        Part::Statement => ([(CONTENT_TYPE, STATEMENT_MEDIA_TYPE)], entry).into_response(),
        Part::Status => {
            let quorum = has_quorum(site, &checkpoint);
            Json(Status { index, id: hex(leaf), size: logged, quorum }).into_response()
        }
        Part::Proof => proof_answer(&proof),
        Part::Receipt => receipt_answer(site, &entry, &proof)?,
    };
    locate(&mut response, leaf);
    Ok(response)
}

enum Id {
    Index(u64),
    Leaf(Hash),
}

/// An id is a place in decimal digits, or the hash of the entry in hexadecimal ones.
fn parse_id(id: &str) -> Result<Id, Problem> {
    let plain = id.bytes().all(|byte| byte.is_ascii_digit()) && (id == "0" || !id.starts_with('0'));
    let index = id.parse().ok().filter(|_| plain && id.len() < 20);
    index.map(Id::Index).or_else(|| id.parse().ok().map(|Digest(hash)| Id::Leaf(Hash(hash)))).ok_or_else(
        || {
            let detail =
                "an entry is named by its place, such as 42, or by the 64 hexadecimal digits of its hash";
            Problem::new(StatusCode::BAD_REQUEST, "locator", "Invalid locator", detail)
        },
    )
}

fn hex(hash: Hash) -> String {
    Digest(hash.0).to_string()
}

/// A receipt, or the proof where the client accepts text only.
fn result(
    site: &Site,
    status: StatusCode,
    headers: &HeaderMap,
    statement: &[u8],
    proof: &Proof,
) -> Result<Response, Problem> {
    let mut response = match Part::of(headers) {
        Part::Proof => proof_answer(proof),
        _ => receipt_answer(site, statement, proof)?,
    };
    *response.status_mut() = status;
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    Ok(response)
}

fn receipt_answer(site: &Site, statement: &[u8], proof: &Proof) -> Result<Response, Problem> {
    let receipt = site.key.receipt(statement, proof).map_err(|error| {
        site.report(&error);
        Problem::internal("the receipt could not be signed; the operator was told why")
    })?;
    Ok(([(CONTENT_TYPE, STATEMENT_MEDIA_TYPE)], receipt).into_response())
}

fn proof_answer(proof: &Proof) -> Response {
    ([(CONTENT_TYPE, PROOF_MEDIA_TYPE)], proof.to_string()).into_response()
}

fn has_quorum(site: &Site, checkpoint: &SignedCheckpoint) -> bool {
    site.cosigner.as_ref().is_none_or(|cosigner| cosigner.has_quorum(checkpoint))
}

fn awaits_witnesses(site: &Site, checkpoint: &SignedCheckpoint) -> bool {
    site.needs_quorum && !has_quorum(site, checkpoint)
}

/// The statement waits for its checkpoint, or that for its witnesses: ask again.
fn running(status: StatusCode, leaf: Hash) -> Response {
    let mut response = (status, [(RETRY_AFTER, "1")]).into_response();
    locate(&mut response, leaf);
    response
}

fn locate(response: &mut Response, leaf: Hash) {
    if let Ok(place) = HeaderValue::from_str(&format!("{ENTRIES_PATH}/{}", hex(leaf))) {
        response.headers_mut().insert(LOCATION, place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_place_or_a_hash() {
        let leaf = leaf_hash(b"entry");
        assert!(matches!(parse_id(&hex(leaf)), Ok(Id::Leaf(found)) if found == leaf));
        assert!(matches!(parse_id("0"), Ok(Id::Index(0))));
        assert!(matches!(parse_id("1844674407370955161"), Ok(Id::Index(_))));
        for bad in
            ["", "-1", "+1", "01", "1.0", "18446744073709551616", &hex(leaf).to_uppercase(), "../1", "é"]
        {
            assert!(parse_id(bad).is_err(), "{bad}");
        }
    }
}
