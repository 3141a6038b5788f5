//! How the files of a log are served, by whatever serves them (C2SP `tlog-tiles`).

use crate::read::CHECKPOINT_KEY;
use crate::tile::Tile;

/// The headers under which a file of a log is served, so that any cache between may keep what never changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Served {
    /// What the file is: `Content-Type`.
    pub content_type: &'static str,
    /// How long it may be kept: `Cache-Control`.
    pub cache_control: &'static str,
}

impl Served {
    /// The headers of the file with this key.
    ///
    /// ```
    /// use surety_log::Served;
    ///
    /// assert_eq!(Served::file("checkpoint").cache_control, "no-cache");
    /// assert!(Served::file("tile/0/000").cache_control.ends_with("immutable"));
    /// assert_eq!(Served::file("head").cache_control, "no-store");
    /// ```
    pub fn file(key: &str) -> Self {
        if key == CHECKPOINT_KEY {
            Self { content_type: "text/plain; charset=utf-8", cache_control: "no-cache" }
        } else if key.parse::<Tile>().is_ok() {
            // A partial tile goes one day, but under its name nothing else will ever be.
            let cache_control = "public, max-age=31536000, immutable";
            Self { content_type: "application/octet-stream", cache_control }
        } else {
            Self { content_type: "application/octet-stream", cache_control: "no-store" }
        }
    }
}
