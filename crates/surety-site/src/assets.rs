//! Style sheet, script and sign: built in.

use std::sync::OnceLock;

use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use crate::checkpoint::hex;
use crate::site::Reply;

#[derive(RustEmbed)]
#[folder = "assets/"]
struct Assets;

/// The asset at a path: some programs look for theirs at fixed places.
pub(crate) fn name_of(path: &str) -> Option<&str> {
    match path {
        "robots.txt" => Some(path),
        "favicon.ico" => Some("icon.svg"),
        _ => path.strip_prefix("assets/"),
    }
}

/// A file that every page uses.
pub(crate) fn get(name: &str) -> Option<Reply> {
    let file = Assets::get(name)?;
    let content_type = match name.rsplit('.').next() {
        Some("css") => "text/css; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    };
    let etag = format!("\"{}\"", &hex(&file.metadata.sha256_hash())[..32]);
    Some(Reply {
        status: 200,
        content_type,
        body: file.data.into_owned(),
        etag,
        fresh_s: 3_600,
        location: None,
    })
}

/// The names of all of them.
pub(crate) fn names() -> impl Iterator<Item = String> {
    Assets::iter().map(std::borrow::Cow::into_owned)
}

/// Names all of them together: a page is another one when its script is.
pub(crate) fn digest() -> &'static [u8; 32] {
    static DIGEST: OnceLock<[u8; 32]> = OnceLock::new();
    DIGEST.get_or_init(|| {
        let files = names().filter_map(|name| Assets::get(&name));
        files
            .fold(Sha256::new(), |hash, file| hash.chain_update(file.metadata.sha256_hash()))
            .finalize()
            .into()
    })
}

/// The address of an asset, with what names its content.
pub(crate) fn address(name: &str) -> String {
    format!("assets/{name}")
}
