//! A witness that answers over HTTP.

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use surety_log::Origin;
use surety_log::witness::{REQUEST_LEN_MAX, Refusal, Witness, record_name};
use tokio::sync::Semaphore;
use tower_http::timeout::TimeoutLayer;

const TEXT: &str = "text/plain; charset=utf-8";

/// How a witness answers.
pub struct Options {
    /// The most requests that are worked on at once; more are told to come again.
    pub requests_max: usize,
    /// How long a request may take, body included.
    pub request_time_max: Duration,
    /// Gives the time, in seconds since 1970.
    pub clock: Box<dyn Fn() -> u64 + Send + Sync>,
    /// Is told of what the operator must mend: a disk, a clock, a key. Those who ask are not told details.
    pub on_failure: Box<dyn Fn(&Refusal) + Send + Sync>,
}

impl Options {
    /// The usual limits.
    pub fn new(
        clock: impl Fn() -> u64 + Send + Sync + 'static,
        on_failure: impl Fn(&Refusal) + Send + Sync + 'static,
    ) -> Self {
        Self {
            requests_max: 64,
            request_time_max: Duration::from_secs(30),
            clock: Box::new(clock),
            on_failure: Box::new(on_failure),
        }
    }
}

struct Served {
    witness: Witness,
    options: Options,
    permits: Arc<Semaphore>,
    about: String,
}

/// What a witness answers: `POST /add-checkpoint` to logs; to everybody `GET /` with its keys and the logs that it
/// knows, and for each log the checkpoint that it last cosigned, as `logs/<SHA-256 of the origin>/checkpoint`. So a
/// monitor can compare what a log shows to it with what the log has shown to a witness.
pub fn router(witness: Witness, options: Options) -> Router {
    let timeout = TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, options.request_time_max);
    let permits = Arc::new(Semaphore::new(options.requests_max));
    let about = about(&witness);
    Router::new()
        .route("/", get(show))
        .route("/health", get(|| async { "ok\n" }))
        .route("/add-checkpoint", post(add_checkpoint))
        .route("/logs/{name}/checkpoint", get(last_checkpoint))
        .layer(DefaultBodyLimit::max(REQUEST_LEN_MAX))
        .layer(timeout)
        .with_state(Arc::new(Served { witness, options, permits, about }))
}

fn about(witness: &Witness) -> String {
    let keys = witness.keys().map(|key| format!("{key}\n"));
    let logs = witness.logs().map(|origin| format!("log {origin} logs/{}\n", record_name(origin)));
    keys.chain(logs).collect()
}

async fn show(State(served): State<Arc<Served>>) -> Response {
    ([(header::CONTENT_TYPE, TEXT)], served.about.clone()).into_response()
}

async fn last_checkpoint(State(served): State<Arc<Served>>, Path(name): Path<String>) -> Response {
    let origin: Option<Origin> = served.witness.logs().find(|origin| record_name(origin) == name).cloned();
    let Some(origin) = origin else { return StatusCode::NOT_FOUND.into_response() };
    with_permit(served, move |served| match served.witness.last(&origin) {
        Ok(Some(record)) => ([(header::CONTENT_TYPE, TEXT)], record.checkpoint.to_string()).into_response(),
        Ok(None) => StatusCode::NOT_FOUND.into_response(),
        Err(refusal) => failed(served, &refusal),
    })
    .await
}

async fn add_checkpoint(State(served): State<Arc<Served>>, body: Bytes) -> Response {
    with_permit(served, move |served| answer(served, &body)).await
}

/// Does what waits for the disk, unless too much of it is being done already.
async fn with_permit(
    served: Arc<Served>,
    work: impl FnOnce(&Served) -> Response + Send + 'static,
) -> Response {
    let Ok(permit) = Arc::clone(&served.permits).try_acquire_owned() else {
        let again = [(header::RETRY_AFTER, "1"), (header::CONTENT_TYPE, TEXT)];
        let why = "too many requests at once: come again\n";
        return (StatusCode::SERVICE_UNAVAILABLE, again, why).into_response();
    };
    let worked = tokio::task::spawn_blocking(move || {
        let _permit = permit;
        work(&served)
    });
    worked.await.unwrap_or_else(|_| StatusCode::INTERNAL_SERVER_ERROR.into_response())
}

/// The record is durable before the signature leaves.
fn answer(served: &Served, body: &[u8]) -> Response {
    match served.witness.add_checkpoint(body, (served.options.clock)()) {
        Ok(lines) => ([(header::CONTENT_TYPE, TEXT)], lines).into_response(),
        Err(refusal) if refusal.status() == 500 => failed(served, &refusal),
        Err(refusal) => {
            let status = StatusCode::from_u16(refusal.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let (content_type, text) = refusal.answer();
            (status, [(header::CONTENT_TYPE, content_type)], text).into_response()
        }
    }
}

fn failed(served: &Served, refusal: &Refusal) -> Response {
    (served.options.on_failure)(refusal);
    let why = "the witness cannot sign now, and its operator was told why\n";
    (StatusCode::INTERNAL_SERVER_ERROR, [(header::CONTENT_TYPE, TEXT)], why).into_response()
}
