//! The files that statements name by their digests: packages, range proofs, claims.

use std::cell::OnceCell;
use std::collections::HashMap;
use std::fs;
use std::path::{Path, PathBuf};

use surety_proof::{FILE_LEN_MAX, FileKind};
use surety_statement::Digest;

use crate::files;

/// The most files of a folder that are looked at.
const FILES_MAX: usize = 10_000;

/// A folder with files of assurance. It is looked through once, and only when something is asked for.
#[derive(Debug, Default)]
pub(crate) struct Attachments {
    folder: Option<PathBuf>,
    known: OnceCell<HashMap<Digest, PathBuf>>,
}

impl Attachments {
    /// The files of a folder; none without one.
    pub(crate) fn of(folder: Option<PathBuf>) -> Self {
        Self { folder, known: OnceCell::new() }
    }

    /// The bytes with this digest. What cannot be read is not there.
    pub(crate) fn bytes(&self, sha256: Digest) -> Option<Vec<u8>> {
        let known = self.known.get_or_init(|| self.folder.as_deref().map(index).unwrap_or_default());
        files::read(known.get(&sha256)?, FILE_LEN_MAX).ok()
    }
}

fn index(folder: &Path) -> HashMap<Digest, PathBuf> {
    let Ok(entries) = fs::read_dir(folder) else { return HashMap::new() };
    let digest = |path: PathBuf| {
        let is_file =
            fs::metadata(&path).is_ok_and(|data| data.is_file() && data.len() <= FILE_LEN_MAX as u64);
        let bytes = is_file.then(|| files::read(&path, FILE_LEN_MAX).ok()).flatten()?;
        FileKind::of(&bytes).map(|_| (Digest::of(&bytes), path))
    };
    entries.take(FILES_MAX).filter_map(|entry| digest(entry.ok()?.path())).collect()
}
