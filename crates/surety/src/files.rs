//! Files that commands read and write. Nothing is overwritten, and what is written is whole or not there.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::Path;

use anyhow::{Context as _, ensure};

/// Reads a file of at most `len_max` bytes; `-` is the standard input.
pub(crate) fn read(path: &Path, len_max: usize) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(len_max).unwrap_or(u64::MAX).saturating_add(1);
    let result = if path == Path::new("-") {
        std::io::stdin().lock().take(most).read_to_end(&mut bytes)
    } else {
        File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes))
    };
    result.with_context(|| format!("cannot read {}", path.display()))?;
    ensure!(bytes.len() <= len_max, "{} is too long: at most {len_max} bytes are read", path.display());
    Ok(bytes)
}

/// Writes a new file that everybody may read.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write(path, bytes, false)
}

/// Writes a new file that only its owner may read.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write(path, bytes, true)
}

fn write(path: &Path, bytes: &[u8], secret: bool) -> anyhow::Result<()> {
    let name = path.file_name().with_context(|| format!("{} is no name of a file", path.display()))?;
    let part = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if secret { 0o600 } else { 0o644 });
    }
    let write = || {
        let mut file = options.open(&part)?;
        file.write_all(bytes)?;
        file.sync_all()?;
        // Unlike a rename, a link does not replace what is there.
        fs::hard_link(&part, path)
    };
    let result = write();
    let _ = fs::remove_file(&part);
    result.with_context(|| {
        format!("cannot write {}: it must be a new file in a folder that is there", path.display())
    })
}
