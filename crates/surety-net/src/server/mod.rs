//! Serving a log: static files for everybody, submission for admitted issuers.
//!
//! | what | where |
//! |---|---|
//! | `GET /checkpoint`, `GET /tile/…` | the static files of C2SP `tlog-tiles` |
//! | `POST /api/v1/entries` | submission, shaped like SCRAPI |
//! | `GET /api/v1/entries/{id}` | receipt, proof or statement of an entry |
//! | `GET /.well-known/scitt-keys` | the keys of the log, as a COSE key set |
//! | `GET /healthz` | whether it serves, and how large the log is |

mod accept;
mod cosign;
mod desk;
mod entries;
mod files;
mod keys;
mod limits;
mod problem;

use std::fmt::Display;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, Uri};
use axum::middleware;
use axum::routing::get;
use surety_log::{Store, VerifierKey};
use tokio::sync::Semaphore;
use tower_http::timeout::TimeoutLayer;

pub use accept::{Connections, serve};
pub use cosign::WitnessCosigner;
pub use desk::{Desk, FoldError, Logged, Refused};
pub use entries::{ENTRIES_PATH, PROOF_MEDIA_TYPE, STATEMENT_MEDIA_TYPE};
pub use keys::LogKey;
pub use limits::Rate;
pub use problem::{PROBLEM_CBOR, PROBLEM_JSON, Problem};

use limits::AddressRates;

/// Tells the operator what must be mended.
pub type Report = Arc<dyn Fn(&dyn Display) + Send + Sync>;

/// Limits on what a server does.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Limits {
    /// How long a request may take, body and answer included.
    pub request_time_max: Duration,
    /// How many files are read at once; more wait.
    pub reads_max: usize,
    /// How often one address may be refused before it is not heard for a while.
    pub failures: Rate,
    /// After what time witnesses are asked anew to cosign a log that rests.
    pub cosignature_age_max: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            request_time_max: Duration::from_secs(30),
            reads_max: 64,
            failures: Rate { burst: 100.0, per_second: 5.0 },
            cosignature_age_max: Duration::from_hours(12),
        }
    }
}

/// A log, as it is served.
pub struct Site {
    desk: Desk,
    public: Arc<dyn Store>,
    key: LogKey,
    cosigner: Option<Arc<WitnessCosigner>>,
    needs_quorum: bool,
    limits: Limits,
    reads: Semaphore,
    failures: AddressRates,
    report: Report,
}

impl Site {
    /// A log with its desk, its published files, and the key that signs receipts. `report` is told what the
    /// operator must mend; those who ask are not told details.
    pub fn new(desk: Desk, public: Arc<dyn Store>, key: LogKey, limits: Limits, report: Report) -> Self {
        let (reads, failures) = (Semaphore::new(limits.reads_max), AddressRates::new(limits.failures));
        Self { desk, public, key, cosigner: None, needs_quorum: false, limits, reads, failures, report }
    }

    /// The same log with its witnesses. With `needs_quorum`, a statement counts as registered only once its
    /// checkpoint has the quorum of the policy.
    #[must_use]
    pub fn with_witnesses(self, cosigner: Arc<WitnessCosigner>, needs_quorum: bool) -> Self {
        Self { cosigner: Some(cosigner), needs_quorum, ..self }
    }

    /// The public key of the log.
    pub fn verifier(&self) -> &VerifierKey {
        self.key.verifier()
    }

    /// The desk.
    pub fn desk(&self) -> &Desk {
        &self.desk
    }

    /// Follows the policy of the log, and asks the witnesses again for a checkpoint that was published without its
    /// quorum, or whose cosignatures are old. `now` is in seconds since 1970. Takes as long as the slowest of them; to
    /// be called every few seconds.
    pub fn mend_quorum(&self, now: u64) {
        let Some(cosigner) = &self.cosigner else { return };
        if let Some((_, policy)) = self.desk.rules().policy() {
            cosigner.follow(&policy.witnesses);
        }
        let checkpoint = self.desk.checkpoint();
        if cosigner.needs(&checkpoint, self.limits.cosignature_age_max, now) {
            self.desk.log().offer_cosigned(cosigner.ask(&checkpoint));
        }
    }

    fn report(&self, what: &dyn Display) {
        (self.report)(what);
    }

    /// Reads from the store, off the threads that answer requests.
    async fn read<T: Send + 'static>(&self, read: impl FnOnce() -> T + Send + 'static) -> Result<T, Problem> {
        let _permit = self.reads.acquire().await.map_err(|_| Problem::internal("the server is stopping"))?;
        tokio::task::spawn_blocking(read).await.map_err(|_| Problem::internal("reading failed"))
    }
}

/// What a log answers over HTTP.
pub fn router(site: Arc<Site>) -> Router {
    let time_max = site.limits.request_time_max;
    Router::new()
        .route("/checkpoint", get(files::checkpoint))
        .route("/tile/{*path}", get(files::tile))
        .route(ENTRIES_PATH, axum::routing::post(entries::submit))
        .route(&format!("{ENTRIES_PATH}/{{id}}"), get(entries::show))
        .route(&format!("{ENTRIES_PATH}/{{id}}/{{part}}"), get(entries::part))
        .route("/.well-known/scitt-keys", get(keys::all))
        .route("/.well-known/scitt-keys/{kid}", get(keys::one))
        .route("/healthz", get(health))
        .fallback(nothing)
        .method_not_allowed_fallback(wrong_method)
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, time_max))
        .layer(middleware::from_fn(problem::negotiate))
        .with_state(site)
}

async fn health(State(site): State<Arc<Site>>) -> String {
    format!("ok\n{}\n", site.desk.checkpoint().checkpoint().size())
}

async fn nothing(uri: Uri) -> Problem {
    let shown: String = uri.path().chars().take(80).collect();
    Problem::not_found(format!("there is nothing at {shown}: see /checkpoint, /tile/… and {ENTRIES_PATH}"))
}

async fn wrong_method() -> Problem {
    let detail = format!("statements are submitted with POST to {ENTRIES_PATH}; all else is read with GET");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method", "Method not allowed", detail)
}
