//! Answers over HTTP: cached, compressed, limited, counted.

use std::future::Future;
use std::io::{self, Write as _};
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Response, StatusCode, header};
use axum::middleware::{self, Next};
use axum::routing::get;
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};
use quick_cache::{Weighter, sync::Cache};
use surety_core::Date;
use surety_net::server::Connections;
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tower::ServiceExt as _;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::problem::Problem;
use crate::site::{HTML, Reply, SVG, Site};

/// What a server does not exceed.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Connections.
    pub connections: Connections,
    /// The most bytes of a body.
    pub body_len_max: usize,
    /// The longest that an answer may take.
    pub time_max: Duration,
    /// How many answers are made at once; a few more wait, and the rest is told to come back.
    pub at_once_max: usize,
    /// The most bytes of answers that are kept.
    pub cache_len_max: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: Connections::default(),
            body_len_max: 64 * 1024,
            time_max: Duration::from_secs(10),
            at_once_max: 256,
            cache_len_max: 128 << 20,
        }
    }
}

/// The longest address that is answered.
const ADDRESS_LEN_MAX: usize = 4_096;
/// What is shorter is sent as it is.
const COMPRESS_FROM: usize = 512;

/// What browsers may do with a page: nothing but show it, with its own style and script.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data: blob:; \
    connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
/// A figure may be shown anywhere, and runs nothing.
const FIGURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// How anything here can be asked.
const METHODS: &str = "GET, HEAD, OPTIONS";

/// How an answer is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Packing {
    Plain,
    Gzip,
    Brotli,
}

/// What the client can unpack, the smallest first.
fn packing(headers: &HeaderMap) -> Packing {
    let accepted =
        headers.get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let accepts = |name: &str| {
        accepted.split(',').any(|entry| {
            let mut parts = entry.split(';').map(str::trim);
            let refused =
                |part: &str| part.strip_prefix("q=").is_some_and(|q| q.trim_matches(['0', '.']).is_empty());
            parts.next() == Some(name) && !parts.any(refused)
        })
    };
    if accepts("br") {
        Packing::Brotli
    } else if accepts("gzip") {
        Packing::Gzip
    } else {
        Packing::Plain
    }
}

type Key = (String, String, Date, Packing);

/// An answer, ready to be sent.
struct Ready {
    status: StatusCode,
    content_type: &'static str,
    body: Bytes,
    packing: Packing,
    etag: Option<HeaderValue>,
    location: Option<HeaderValue>,
    fresh_s: u32,
}

#[derive(Clone)]
struct ByLength;

impl Weighter<Key, Arc<Ready>> for ByLength {
    fn weight(&self, key: &Key, ready: &Arc<Ready>) -> u64 {
        (ready.body.len() + key.0.len() + key.1.len() + 256) as u64
    }
}

/// A site on a server.
struct Server {
    site: Arc<Site>,
    today: Box<dyn Fn() -> Date + Send + Sync>,
    cache: Cache<Key, Arc<Ready>, ByLength>,
    at_once: Semaphore,
    metrics: PrometheusHandle,
}

/// The addresses of a site. `today` is asked for the date where none is named; `log` answers the addresses of a log,
/// where there is one.
///
/// # Errors
/// When the process has no room for the thread-free recorder of its figures.
pub fn router(
    site: Arc<Site>,
    today: impl Fn() -> Date + Send + Sync + 'static,
    limits: Limits,
    log: Option<Router>,
) -> Router {
    let recorder = PrometheusBuilder::new().build_recorder();
    let metrics = recorder.handle();
    // A second server in one process, as in tests, goes on counting with the first one's recorder.
    let _ = metrics::set_global_recorder(recorder);
    let server = Arc::new(Server {
        site,
        today: Box::new(today),
        cache: Cache::with_weighter(4_096, limits.cache_len_max, ByLength),
        at_once: Semaphore::new(limits.at_once_max),
        metrics,
    });
    let mut router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
        .fallback(answer)
        .with_state(Arc::clone(&server));
    if let Some(log) = log {
        router = router.layer(middleware::from_fn(move |request: Request, next: Next| {
            let log = log.clone();
            async move {
                if !is_of_log(request.uri().path()) {
                    return next.run(request).await;
                }
                log.oneshot(request).await.unwrap_or_else(|never| match never {})
            }
        }));
    }
    router
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            tracing::error!("an answer could not be made: a defect");
            refused(&Problem::failed())
        }))
        .layer(RequestBodyLimitLayer::new(limits.body_len_max))
        .layer(TimeoutLayer::with_status_code(StatusCode::SERVICE_UNAVAILABLE, limits.time_max))
        .layer(middleware::from_fn(headers))
        .layer(middleware::from_fn(count))
}

/// Whether an address is one of a log: its files, submission, its keys.
fn is_of_log(path: &str) -> bool {
    let starts = ["/tile/", "/api/v1/entries/", "/.well-known/"];
    ["/checkpoint", "/api/v1/entries"].contains(&path) || starts.iter().any(|start| path.starts_with(start))
}

/// Serves until `stop` is done; then finishes what is being answered.
///
/// # Errors
/// When the listener cannot take connections.
pub async fn serve(
    listener: TcpListener,
    router: Router,
    limits: Limits,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    surety_net::server::serve(listener, router, limits.connections, stop).await
}

async fn ready(State(server): State<Arc<Server>>) -> String {
    let checkpoint = &server.site.entries;
    format!("ready\n{}\n{}\n", checkpoint.size(), checkpoint.root_hex())
}

async fn figures(State(server): State<Arc<Server>>) -> Response<Body> {
    let mut response = Response::new(Body::from(server.metrics.render()));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; version=0.0.4"));
    response
}

async fn answer(State(server): State<Arc<Server>>, request: Request) -> Response<Body> {
    if request.method() == Method::OPTIONS {
        return options();
    }
    if request.method() != Method::GET && request.method() != Method::HEAD {
        let mut response = refused(&Problem::method_not_allowed());
        response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(METHODS));
        return response;
    }
    let uri = request.uri();
    let (path, query) = (uri.path().trim_start_matches('/'), uri.query().unwrap_or_default());
    if path.len() + query.len() > ADDRESS_LEN_MAX {
        return refused(&Problem::bad_request(format!(
            "The address is longer than {ADDRESS_LEN_MAX} bytes."
        )));
    }
    let packing = packing(request.headers());
    let key = (path.to_owned(), query.to_owned(), (server.today)(), packing);
    let ready = match server.cache.get(&key) {
        Some(ready) => ready,
        None => match make(&server, key).await {
            Ok(ready) => ready,
            Err(problem) => return refused(&problem),
        },
    };
    send(&ready, request.headers())
}

/// What may be asked, for whoever asks first.
fn options() -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::NO_CONTENT;
    response.headers_mut().insert(header::ALLOW, HeaderValue::from_static(METHODS));
    response
}

/// Makes an answer off the threads that carry others, and keeps it.
async fn make(server: &Arc<Server>, key: Key) -> Result<Arc<Ready>, Problem> {
    let _permit = server.at_once.try_acquire().map_err(|_| Problem::busy())?;
    let own = Arc::clone(server);
    let made = tokio::task::spawn_blocking(move || {
        let reply = own.site.answer(&key.0, &key.1, key.2);
        let ready = Arc::new(pack(reply, key.3));
        // What is refused is not worth its place.
        if ready.status == StatusCode::OK {
            own.cache.insert(key, Arc::clone(&ready));
        }
        ready
    });
    made.await.map_err(|_| {
        tracing::error!("an answer could not be made: a defect");
        Problem::failed()
    })
}

fn pack(reply: Reply, packing: Packing) -> Ready {
    let (body, packing) = match packing {
        _ if reply.body.len() < COMPRESS_FROM => (reply.body, Packing::Plain),
        Packing::Plain => (reply.body, Packing::Plain),
        Packing::Gzip => match gzip(&reply.body) {
            Ok(packed) => (packed, packing),
            Err(_) => (reply.body, Packing::Plain),
        },
        Packing::Brotli => match brotli(&reply.body) {
            Ok(packed) => (packed, packing),
            Err(_) => (reply.body, Packing::Plain),
        },
    };
    Ready {
        status: StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR),
        content_type: reply.content_type,
        body: body.into(),
        packing,
        etag: HeaderValue::from_str(&reply.etag).ok().filter(|tag| !tag.is_empty()),
        location: reply.location.and_then(|location| HeaderValue::from_str(&location).ok()),
        fresh_s: reply.fresh_s,
    }
}

fn gzip(body: &[u8]) -> io::Result<Vec<u8>> {
    let mut packer = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    packer.write_all(body)?;
    packer.finish()
}

/// Quality 5: smaller than gzip, and as quick.
fn brotli(body: &[u8]) -> io::Result<Vec<u8>> {
    let params = brotli::enc::BrotliEncoderParams { quality: 5, ..Default::default() };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &body[..], &mut packed, &params)?;
    Ok(packed)
}

fn send(ready: &Ready, asked: &HeaderMap) -> Response<Body> {
    let known = asked.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let tag = ready.etag.as_ref().and_then(|tag| tag.to_str().ok());
    let is_known =
        tag.is_some_and(|tag| known.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
    let mut response = Response::new(if is_known { Body::empty() } else { Body::from(ready.body.clone()) });
    *response.status_mut() = if is_known { StatusCode::NOT_MODIFIED } else { ready.status };
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(ready.content_type));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    let control = if ready.fresh_s == 0 {
        "no-store".to_owned()
    } else {
        format!("public, max-age={}, stale-while-revalidate=86400", ready.fresh_s)
    };
    if let Ok(control) = HeaderValue::from_str(&control) {
        headers.insert(header::CACHE_CONTROL, control);
    }
    // The packings of one answer are different bytes: the tag is a weak one.
    if let Some(tag) = tag.and_then(|tag| HeaderValue::from_str(&format!("W/{tag}")).ok()) {
        headers.insert(header::ETAG, tag);
    }
    if let Some(location) = &ready.location {
        headers.insert(header::LOCATION, location.clone());
    }
    match ready.packing {
        Packing::Plain => {}
        Packing::Gzip => drop(headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))),
        Packing::Brotli => drop(headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("br"))),
    }
    response
}

pub(crate) fn refused(problem: &Problem) -> Response<Body> {
    let mut response = Response::new(Body::from(problem.json()));
    *response.status_mut() =
        StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// What every answer tells the browser: who may read it, and what it may do.
async fn headers(request: Request, next: Next) -> Response<Body> {
    let path = request.uri().path();
    let is_open = is_of_log(path) || path.starts_with("/entry/") || path.starts_with("/api");
    let is_asked_first = request.method() == Method::OPTIONS;
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    let content_type =
        headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let (is_page, is_figure) = (content_type == HTML, content_type == SVG);
    let mut set =
        |name: HeaderName, value: &'static str| headers.insert(name, HeaderValue::from_static(value));
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    set(header::REFERRER_POLICY, "no-referrer");
    set(header::CONTENT_SECURITY_POLICY, if is_figure { FIGURE_POLICY } else { POLICY });
    set(
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=(), interest-cohort=()",
    );
    if is_page {
        set(header::X_FRAME_OPTIONS, "DENY");
        set(HeaderName::from_static("cross-origin-opener-policy"), "same-origin");
    }
    if is_open || is_figure {
        set(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
        set(header::ACCESS_CONTROL_EXPOSE_HEADERS, "ETag");
        if is_asked_first {
            set(header::ACCESS_CONTROL_ALLOW_METHODS, METHODS);
            set(header::ACCESS_CONTROL_ALLOW_HEADERS, "Accept, If-None-Match");
        }
        set(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin");
    } else {
        set(HeaderName::from_static("cross-origin-resource-policy"), "same-origin");
    }
    response
}

/// Counts and times every answer, and writes a line about it.
async fn count(request: Request, next: Next) -> Response<Body> {
    let started = Instant::now();
    let method = request.method().as_str().to_owned();
    let path: String = request.uri().path().chars().take(200).collect();
    let response = next.run(request).await;
    let took = started.elapsed();
    let status = response.status().as_u16();
    metrics::counter!("surety_requests_total", "status" => status.to_string()).increment(1);
    metrics::histogram!("surety_request_seconds").record(took.as_secs_f64());
    tracing::info!(
        method,
        path,
        status,
        took_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX),
        "answered"
    );
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_smallest_packing_that_the_client_takes() {
        for (accepted, expected) in [
            ("gzip, deflate, br", Packing::Brotli),
            ("gzip", Packing::Gzip),
            ("br;q=0, gzip;q=0.5", Packing::Gzip),
            ("identity", Packing::Plain),
            ("br;q=0.0", Packing::Plain),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            assert_eq!(packing(&headers), expected, "{accepted}");
        }
    }
}
