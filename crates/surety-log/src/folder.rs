//! A store in a folder of files.

use std::collections::BTreeSet;
use std::fs::{self, File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use crate::store::{Object, Store, StoreError, check_key};

/// The file that the writer holds locked.
const LOCK: &str = ".lock";

/// Where files are until they are whole.
const UNFINISHED: &str = ".unfinished";

/// A store in a folder, for one writer and any number of readers: web servers, mirrors, people.
///
/// Every file is written whole under another name, made durable, and then given its name; then the folder
/// is made durable. So a reader never sees part of a file, and what was written survives a power failure,
/// as far as the file system and the disk keep their promises about `fsync`.
#[derive(Debug)]
pub struct FolderStore {
    root: PathBuf,
    /// Held by the writer for as long as it lives; none for readers.
    lock: Option<Mutex<File>>,
}

impl FolderStore {
    /// Opens an existing folder for reading.
    pub fn read_only(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        let found = fs::metadata(&root)
            .and_then(|found| if found.is_dir() { Ok(()) } else { Err(io::ErrorKind::NotADirectory.into()) });
        found.map_err(io_error("open the folder", &root))?;
        Ok(Self { root, lock: None })
    }

    /// Opens a folder for writing, and creates it if need be. A second writer is refused.
    ///
    /// The lock is the operating system's: it is free again when its holder dies. File systems shared
    /// between machines may not honour it.
    pub fn writer(root: impl Into<PathBuf>) -> Result<Self, StoreError> {
        let root = root.into();
        create_folder(&root)?;
        let lock_path = root.join(LOCK);
        let lock = File::options().create(true).truncate(false).write(true).open(&lock_path);
        let lock = lock.map_err(io_error("open the lock", &lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(StoreError::Locked { place: root.display().to_string() });
            }
            Err(TryLockError::Error(error)) => return Err(io_error("lock", &lock_path)(error)),
        }
        let unfinished = root.join(UNFINISHED);
        remove_folder(&unfinished)?;
        create_folder(&unfinished)?;
        Ok(Self { root, lock: Some(Mutex::new(lock)) })
    }

    /// Writes one file whole, and durable but for the folder it is in, which is given back.
    fn write(&self, key: &str, bytes: &[u8]) -> Result<PathBuf, StoreError> {
        check_key(key)?;
        let path = self.root.join(key);
        let folder = path.parent().unwrap_or(&self.root).to_owned();
        create_folder(&folder)?;
        // There is one writer, and it writes one file at a time.
        let unfinished = self.root.join(UNFINISHED).join("file");
        let written = File::create(&unfinished).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        written.map_err(io_error("write", &unfinished))?;
        fs::rename(&unfinished, &path).map_err(io_error("write", &path))?;
        Ok(folder)
    }

    /// Waits for the right to write.
    fn writing(&self, key: &str) -> Result<std::sync::MutexGuard<'_, File>, StoreError> {
        let lock = self.lock.as_ref().ok_or_else(|| StoreError::ReadOnly { key: key.to_owned() })?;
        Ok(lock.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn write_all(&self, objects: &[Object]) -> Result<(), StoreError> {
        let mut folders = BTreeSet::new();
        for (key, bytes) in objects {
            folders.insert(self.write(key, bytes)?);
        }
        folders.iter().try_for_each(|folder| sync_folder(folder))
    }
}

impl Store for FolderStore {
    fn get(&self, key: &str, len_max: u64) -> Result<Option<Vec<u8>>, StoreError> {
        check_key(key)?;
        let path = self.root.join(key);
        match fs::metadata(&path) {
            // Opening a pipe would wait for somebody to write into it.
            Ok(found) if !found.is_file() => return Err(StoreError::NotAFile { key: key.to_owned() }),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(io_error("read", &path)(error)),
        }
        let mut bytes = Vec::new();
        let read = File::open(&path).and_then(|file| file.take(len_max + 1).read_to_end(&mut bytes));
        match read {
            Ok(len) if len as u64 > len_max => Err(StoreError::TooLong { key: key.to_owned(), len_max }),
            Ok(_) => Ok(Some(bytes)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(io_error("read", &path)(error)),
        }
    }

    fn put(&self, objects: &[Object]) -> Result<(), StoreError> {
        let Some((key, _)) = objects.first() else { return Ok(()) };
        let _writing = self.writing(key)?;
        self.write_all(objects)
    }

    fn swap(&self, key: &str, expected: Option<&[u8]>, bytes: &[u8]) -> Result<(), StoreError> {
        let _writing = self.writing(key)?;
        let found = self.get(key, u64::MAX - 1)?;
        if found.as_deref() != expected {
            return Err(StoreError::Conflict { key: key.to_owned() });
        }
        let folder = self.write(key, bytes)?;
        sync_folder(&folder)
    }

    fn remove_under(&self, folder: &str) -> Result<(), StoreError> {
        let _writing = self.writing(folder)?;
        let name = folder.strip_suffix('/').unwrap_or(folder);
        check_key(name)?;
        remove_folder(&self.root.join(name))
    }
}

/// Creates a folder and those above it, each durable before the next.
fn create_folder(path: &Path) -> Result<(), StoreError> {
    if path.is_dir() {
        return Ok(());
    }
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    if let Some(above) = above {
        create_folder(above)?;
    }
    match fs::create_dir(path) {
        Err(error) if error.kind() != io::ErrorKind::AlreadyExists || !path.is_dir() => {
            Err(io_error("create the folder", path)(error))
        }
        _ => sync_folder(above.unwrap_or(Path::new("."))),
    }
}

/// Makes the names in a folder durable: without it a file may be gone after a power failure.
fn sync_folder(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|folder| folder.sync_all()).map_err(io_error("make durable", path))
}

fn remove_folder(path: &Path) -> Result<(), StoreError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(io_error("remove", path)(error)),
        _ => Ok(()),
    }
}

fn io_error(doing: &'static str, place: &Path) -> impl FnOnce(io::Error) -> StoreError {
    move |source| StoreError::Io { doing, place: place.display().to_string(), source }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(key: &str, bytes: &[u8]) -> Object {
        (key.to_owned(), bytes.to_vec())
    }

    #[test]
    fn what_is_written_is_there_for_readers() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().join("new/log");
        let store = FolderStore::writer(&root).unwrap();
        store
            .put(&[
                object("tile/0/000.p/1", b"a"),
                object("tile/0/000.p/2", b"b"),
                object("checkpoint", b"c"),
            ])
            .unwrap();
        let reader = FolderStore::read_only(&root).unwrap();
        assert_eq!(reader.get("tile/0/000.p/2", 1).unwrap().as_deref(), Some(&b"b"[..]));
        assert_eq!(reader.get("tile/0/000", 1).unwrap(), None);
        assert!(matches!(reader.get("checkpoint", 0), Err(StoreError::TooLong { .. })));
        assert!(matches!(reader.get("tile", 9), Err(StoreError::NotAFile { .. })));
        assert!(matches!(reader.put(&[object("x", b"")]), Err(StoreError::ReadOnly { .. })));
        store.remove_under("tile/0/000.p/").unwrap();
        store.remove_under("tile/0/001.p/").unwrap();
        assert_eq!(reader.get("tile/0/000.p/2", 1).unwrap(), None);
    }

    #[test]
    fn a_second_writer_is_refused_until_the_first_is_gone() {
        let folder = tempfile::tempdir().unwrap();
        let first = FolderStore::writer(folder.path()).unwrap();
        let error = FolderStore::writer(folder.path()).unwrap_err();
        assert!(error.is_conflict() && error.to_string().contains("stop that one first"), "{error}");
        drop(first);
        assert!(FolderStore::writer(folder.path()).is_ok());
    }

    #[test]
    fn a_swap_needs_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::writer(folder.path()).unwrap();
        assert!(store.swap("head", Some(b"a"), b"b").unwrap_err().is_conflict());
        store.swap("head", None, b"a").unwrap();
        assert!(store.swap("head", None, b"b").unwrap_err().is_conflict());
        assert!(store.swap("head", Some(b"x"), b"b").unwrap_err().is_conflict());
        store.swap("head", Some(b"a"), b"b").unwrap();
        assert_eq!(store.get("head", 9).unwrap().as_deref(), Some(&b"b"[..]));
    }

    #[test]
    fn no_key_leads_out_of_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let store = FolderStore::writer(folder.path()).unwrap();
        for bad in ["", "/etc/passwd", "../x", "a/../x", "a//b", "a/", ".lock", "a\\b"] {
            assert!(matches!(store.get(bad, 9), Err(StoreError::Key(_))), "{bad}");
            assert!(matches!(store.put(&[object(bad, b"")]), Err(StoreError::Key(_))), "{bad}");
        }
        assert!(FolderStore::read_only(folder.path().join("none")).is_err());
    }

    #[test]
    fn the_leavings_of_a_crash_are_cleared() {
        let folder = tempfile::tempdir().unwrap();
        drop(FolderStore::writer(folder.path()).unwrap());
        let leavings = folder.path().join(UNFINISHED).join("file");
        fs::write(&leavings, b"half").unwrap();
        let store = FolderStore::writer(folder.path()).unwrap();
        assert!(!leavings.exists());
        store.put(&[object("a", b"whole")]).unwrap();
    }

    #[test]
    fn a_file_in_the_way_of_a_folder_is_named() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("tile"), b"").unwrap();
        let store = FolderStore::writer(folder.path()).unwrap();
        let error = store.put(&[object("tile/0/000", b"")]).unwrap_err().to_string();
        assert!(error.contains("tile"), "{error}");
    }
}
