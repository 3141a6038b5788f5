//! The static files of a log (C2SP `tlog-tiles`): the checkpoint, tiles of hashes, bundles of entries.

use std::sync::Arc;

use axum::extract::State;
use axum::http::header::{
    ACCESS_CONTROL_ALLOW_ORIGIN, CACHE_CONTROL, CONTENT_TYPE, ETAG, IF_NONE_MATCH, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse as _, Response};
use surety_log::tile::Tile;
use surety_log::{CHECKPOINT_KEY, Served};
use surety_statement::Digest;

use super::Site;
use super::problem::Problem;

/// The newest checkpoint, with what witnesses signed under it.
pub(super) async fn checkpoint(State(site): State<Arc<Site>>, headers: HeaderMap) -> Response {
    let text = site.desk.checkpoint().to_string();
    let tag = Digest::of(text.as_bytes()).to_string();
    file(CHECKPOINT_KEY, &tag, &headers, text.into_bytes())
}

/// A tile or bundle. Only the one path that leads to a tile leads anywhere: nothing is decoded or cleaned up.
pub(super) async fn tile(
    State(site): State<Arc<Site>>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let key = uri.path().trim_start_matches('/').to_owned();
    let tile: Tile = key.parse().map_err(|error| Problem::not_found(format!("{error}")))?;
    if is_known(&headers, &key) {
        return Ok(file(&key, &key, &headers, Vec::new()));
    }
    let public = Arc::clone(&site.public);
    let path = key.clone();
    let found = site.read(move || public.get(&path, tile.len_max())).await?;
    match found {
        Ok(Some(bytes)) => Ok(file(&key, &key, &headers, bytes)),
        Ok(None) => {
            let advice = if tile.is_full() {
                "the log is not that large"
            } else {
                "ask for the full tile, or for what the newest checkpoint needs"
            };
            Err(Problem::not_found(format!("there is no {key} here: {advice}")))
        }
        Err(error) => {
            site.report(&error);
            Err(Problem::internal("the file could not be read; the operator was told why"))
        }
    }
}

/// The answer with a file, or without it when the client has it already.
fn file(key: &str, tag: &str, request: &HeaderMap, bytes: Vec<u8>) -> Response {
    let served = Served::file(key);
    let mut response =
        if is_known(request, tag) { StatusCode::NOT_MODIFIED.into_response() } else { bytes.into_response() };
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(served.content_type));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static(served.cache_control));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // What everybody may read, pages of others may read too.
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{tag}\"")) {
        headers.insert(ETAG, tag);
    }
    response
}

/// Whether the client has the file with this tag.
fn is_known(request: &HeaderMap, tag: &str) -> bool {
    let named = request.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
    named.flat_map(|value| value.split(',')).any(|known| {
        let known = known.trim();
        known.strip_prefix("W/").unwrap_or(known).trim_matches('"') == tag
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_the_client_has_is_not_sent_again() {
        let request = HeaderMap::from_iter([(IF_NONE_MATCH, "\"a\", W/\"tile/0/000\"".parse().unwrap())]);
        let response = file("tile/0/000", "tile/0/000", &request, b"hashes".to_vec());
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED);
        let response = file("tile/0/001", "tile/0/001", &request, b"hashes".to_vec());
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[ETAG], "\"tile/0/001\"");
        assert_eq!(response.headers()[CONTENT_TYPE], "application/octet-stream");
    }
}
