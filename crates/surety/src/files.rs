//! Files that commands read and write. Nothing is overwritten unless that is asked for, and what is written is whole or
//! not there.

use std::env;
use std::fs::{self, File};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Path, PathBuf};

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

/// A folder of the user for what this program keeps: where the environment says (XDG Base Directory Specification), or
/// else in the home. None without either.
pub(crate) fn user_folder(variable: &str, in_home: &str) -> Option<PathBuf> {
    let absolute = |name: &str| env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let folder = absolute(variable).or_else(|| Some(absolute("HOME")?.join(in_home)))?;
    Some(folder.join("surety"))
}

/// A file beside another, such as `x.cose.tlog-proof` beside `x.cose`.
pub(crate) fn beside(file: &Path, kind: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".");
    name.push(kind);
    PathBuf::from(name)
}

/// Writes a new file that everybody may read.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write(path, bytes, false)
}

/// Writes a new file that only its owner may read.
pub(crate) fn write_secret(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    write(path, bytes, true)
}

/// Writes a file, in the place of what is there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let part = write_part(path, bytes, false)?;
    let renamed = fs::rename(&part, path).and_then(|()| sync_folder(path));
    renamed
        .inspect_err(|_| drop(fs::remove_file(&part)))
        .with_context(|| format!("cannot write {}", path.display()))
}

fn write(path: &Path, bytes: &[u8], secret: bool) -> anyhow::Result<()> {
    let part = write_part(path, bytes, secret)?;
    // Unlike a rename, a link does not replace what is there.
    let linked = match fs::hard_link(&part, path) {
        // Sticks and shares often have no links.
        Err(error) if error.kind() != ErrorKind::AlreadyExists && path.symlink_metadata().is_err() => {
            fs::rename(&part, path)
        }
        linked => linked,
    };
    let _ = fs::remove_file(&part);
    linked.and_then(|()| sync_folder(path)).with_context(|| cannot_write_new(path))
}

fn cannot_write_new(path: &Path) -> String {
    format!("cannot write {}: it must be a new file in a folder that is there", path.display())
}

/// Writes a file beside the one that it is to become.
fn write_part(path: &Path, bytes: &[u8], secret: bool) -> anyhow::Result<PathBuf> {
    let name = path.file_name().with_context(|| format!("{} is no name of a file", path.display()))?;
    let part = path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id()));
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(if secret { 0o600 } else { 0o644 });
    }
    let written = options.open(&part).and_then(|mut file| {
        file.write_all(bytes)?;
        file.sync_all()
    });
    written.inspect_err(|_| drop(fs::remove_file(&part))).with_context(|| cannot_write_new(path))?;
    Ok(part)
}

/// A new name lasts once its folder is written.
fn sync_folder(path: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        File::open(folder.unwrap_or(Path::new(".")))?.sync_all()?;
    }
    Ok(())
}
