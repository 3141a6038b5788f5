//! The files of a log, for reading only (C2SP `tlog-tiles`).

use std::sync::Arc;

use axum::Router;
use axum::extract::State;
use axum::http::header::{ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE};
use axum::http::{HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use surety_log::tile::Tile;
use surety_log::{CHECKPOINT_KEY, NOTE_LEN_MAX, Served, Store};
use tokio::sync::Semaphore;

use crate::problem::Problem;
use crate::server::refused;

/// How many files are read at once; more wait.
const READS_MAX: usize = 64;

struct Mirror {
    store: Arc<dyn Store>,
    reads: Semaphore,
}

/// Answers the checkpoint and the tiles of a log that somebody else may be writing, and takes nothing in.
pub fn mirror(store: Arc<dyn Store>) -> Router {
    Router::new()
        .route("/checkpoint", get(checkpoint))
        .route("/tile/{*path}", get(tile))
        .fallback(nothing)
        .with_state(Arc::new(Mirror { store, reads: Semaphore::new(READS_MAX) }))
}

async fn checkpoint(State(mirror): State<Arc<Mirror>>) -> Response {
    file(&mirror, CHECKPOINT_KEY.to_owned(), NOTE_LEN_MAX as u64).await
}

/// A tile or bundle. Only the one path that leads to a tile leads anywhere: nothing is decoded or cleaned up.
async fn tile(State(mirror): State<Arc<Mirror>>, uri: Uri) -> Response {
    let key = uri.path().trim_start_matches('/');
    match key.parse::<Tile>() {
        Ok(tile) => file(&mirror, key.to_owned(), tile.len_max()).await,
        Err(error) => refused(&Problem::unknown(error.to_string())),
    }
}

async fn nothing(uri: Uri) -> Response {
    let path = uri.path().trim_start_matches('/');
    refused(&Problem::unknown(format!("There is nothing at /{path}: this server takes no statements in.")))
}

async fn file(mirror: &Mirror, key: String, len_max: u64) -> Response {
    let Ok(_permit) = mirror.reads.acquire().await else { return refused(&Problem::busy()) };
    let (store, path) = (Arc::clone(&mirror.store), key.clone());
    match tokio::task::spawn_blocking(move || store.get(&path, len_max)).await {
        Ok(Ok(Some(bytes))) => {
            let served = Served::file(&key);
            let mut response = (StatusCode::OK, bytes).into_response();
            let headers = response.headers_mut();
            headers.insert(CONTENT_TYPE, HeaderValue::from_static(served.content_type));
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(served.cache_control));
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            response
        }
        Ok(Ok(None)) => refused(&Problem::not_found(&key)),
        Ok(Err(error)) => {
            tracing::error!(%error, "a file of the log cannot be read");
            refused(&Problem::failed())
        }
        Err(_) => refused(&Problem::failed()),
    }
}
