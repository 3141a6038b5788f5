//! The file: one `SQLite` database, encrypted by `SQLCipher`. Its first 16 bytes are the salt, everything after them is
//! ciphertext. The first byte of the salt says what the derivation of its key costs. The file is written whole by one
//! transaction after another; between transactions it stands alone.

use std::fs::{self, File, OpenOptions};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::time::Duration;

use rusqlite::backup::{Backup, StepResult};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use rusqlite_migration::{M, Migrations};

use crate::{Cost, Error, Result, Salt, Secret};

/// `SREG`: what tells a register from other databases.
const APPLICATION_ID: i32 = 0x5352_4547;
const MIGRATIONS: &[M<'static>] = &[
    M::up(include_str!("schema.sql")),
    // Whether a change of some batch and day is there already is asked for every line of a file.
    M::up("DROP INDEX change_item; CREATE INDEX change_item ON change (item, day);"),
];
/// How long to wait for another process that is writing.
const WAIT: Duration = Duration::from_secs(20);
/// Pages copied in one step of a backup: between steps, others may write.
const PAGES_PER_STEP: i32 = 1_000;
/// How often a backup waits for a writer before it gives up.
const BACKUP_PATIENCE: u32 = 2_000;

/// The schema that this program writes.
pub(crate) fn schema() -> i64 {
    i64::try_from(MIGRATIONS.len()).unwrap_or(i64::MAX)
}

/// Makes a file that appears under its name only when `fill` is done with it.
pub(crate) fn create<T>(
    path: &Path,
    secret: &Secret,
    salt: &Salt,
    fill: impl FnOnce(&mut Connection) -> Result<T>,
) -> Result<T> {
    if path.try_exists().map_err(|error| in_file(path, error))? {
        return Err(Error::Exists(path.to_owned()));
    }
    let part = beside(path)?;
    let made = private(&part).and_then(|()| {
        let mut connection = connect(&part, secret, &secret.salt(salt))?;
        let made = fill(&mut connection)?;
        connection.close().map_err(|(_, error)| error)?;
        Ok(made)
    });
    let placed = made.and_then(|made| {
        // A link, unlike a rename, never takes the place of a file that came in between.
        match fs::hard_link(&part, path) {
            Ok(()) => Ok(made),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Err(Error::Exists(path.to_owned()))
            }
            Err(_) => fs::rename(&part, path).map(|()| made).map_err(|error| in_file(path, error)),
        }
    });
    let _ = fs::remove_file(&part);
    let made = placed?;
    sync_folder(path)?;
    Ok(made)
}

/// Sets up what a new register needs before its first entry.
pub(crate) fn prepare(connection: &mut Connection) -> Result<()> {
    connection.pragma_update(None, "application_id", APPLICATION_ID)?;
    migrate(connection)
}

/// Opens a register. A wrong key changes nothing.
pub(crate) fn open(path: &Path, secret: &Secret) -> Result<Connection> {
    let salt = salt_of(path)?;
    if Cost::of(&salt).is_none() {
        return Err(Error::NotARegister {
            path: path.to_owned(),
            reason: "it names no way to derive its key that this program knows; if it is one, use a newer program",
        });
    }
    let mut connection = connect(path, secret, &salt)?;
    let application: i32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    if application != APPLICATION_ID {
        return Err(Error::NotARegister {
            path: path.to_owned(),
            reason: "it is a database of something else",
        });
    }
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found > schema() {
        return Err(Error::Newer { path: path.to_owned(), found, known: schema() });
    }
    if found < schema() {
        migrate(&mut connection)?;
    }
    Ok(connection)
}

/// Copies an open register into a file of its own, with a salt of its own, while others use it.
pub(crate) fn copy(from: &Connection, to: &Path, secret: &Secret, salt: &Salt) -> Result<()> {
    create(to, secret, salt, |copy| {
        let backup = Backup::new(from, copy)?;
        let mut waited = 0;
        loop {
            match backup.step(PAGES_PER_STEP)? {
                StepResult::Done => return Ok(()),
                StepResult::More => {}
                _ if waited < BACKUP_PATIENCE => {
                    waited += 1;
                    std::thread::sleep(Duration::from_millis(10));
                }
                _ => {
                    return Err(Error::Refused(
                        "another program keeps writing: try the backup again later".to_owned(),
                    ));
                }
            }
        }
    })
}

/// Locks everybody else out, until the connection is closed.
pub(crate) fn lock(connection: &Connection) -> Result<()> {
    Ok(connection.pragma_update(None, "locking_mode", "EXCLUSIVE")?)
}

/// Encrypts a register that is locked under another key, in one transaction, and closes it. Its salt stays: the rollback
/// journal of a crash could not bring the old one back.
pub(crate) fn rekey(connection: Connection, path: &Path, secret: &Secret) -> Result<()> {
    let statement = secret.rekey_statement(&salt_of(path)?)?;
    connection
        .execute_batch(&statement)
        .map_err(|_| Error::Refused("the key could not be changed".to_owned()))?;
    connection.close().map_err(|(_, error)| error.into())
}

/// What the database itself says of its pages.
pub(crate) fn damage(connection: &Connection) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for pragma in ["cipher_integrity_check", "quick_check"] {
        connection.pragma_query(None, pragma, |row| {
            let line: String = row.get(0)?;
            if line != "ok" {
                problems.push(line);
            }
            Ok(())
        })?;
    }
    Ok(problems)
}

/// The statements that made the tables, indexes and triggers of a file.
pub(crate) fn definitions(connection: &Connection) -> Result<Vec<String>> {
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY type, name")?;
    let found = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    Ok(found)
}

/// The same of a new file.
pub(crate) fn definitions_expected() -> Result<Vec<String>> {
    set_up()?;
    let mut fresh = Connection::open_in_memory()?;
    migrate(&mut fresh)?;
    definitions(&fresh)
}

fn connect(path: &Path, secret: &Secret, salt: &Salt) -> Result<Connection> {
    set_up()?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    // A failure is told by its error; the log of SQLCipher would write to the standard error.
    connection.execute_batch("PRAGMA cipher_log_level = NONE")?;
    // Any key is taken here. What the store says of a failing key statement could repeat the statement.
    connection
        .execute_batch(&secret.key_statement(salt)?)
        .map_err(|_| Error::Refused("the encryption of the store could not be set up".to_owned()))?;
    connection.busy_timeout(WAIT)?;
    // The first page that is read tells whether the key is right.
    connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(())).map_err(
        |error| match error.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => Error::WrongKey(path.to_owned()),
            _ => Error::Store(error),
        },
    )?;
    connection.execute_batch(
        "PRAGMA foreign_keys = ON;
         PRAGMA synchronous = EXTRA;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA cache_size = -262144;",
    )?;
    Ok(connection)
}

/// Readies `SQLite` and `SQLCipher` for this process, once. `SQLite` calls itself ready before `SQLCipher` is: whoever
/// opened a second file in that moment could not give its key.
fn set_up() -> Result<()> {
    static READY: OnceLock<std::result::Result<(), String>> = OnceLock::new();
    let ready =
        READY.get_or_init(|| Connection::open_in_memory().map(drop).map_err(|error| error.to_string()));
    ready.clone().map_err(|why| Error::Refused(format!("the store could not be set up: {why}")))
}

fn migrate(connection: &mut Connection) -> Result<()> {
    Migrations::from_slice(MIGRATIONS).to_latest(connection).map_err(|error| match error {
        rusqlite_migration::Error::RusqliteError { err, .. } => Error::Store(err),
        other => Error::Damaged(other.to_string()),
    })
}

fn salt_of(path: &Path) -> Result<Salt> {
    const SMALLEST: u64 = 4_096;
    let mut salt = Salt::default();
    let mut file = File::open(path).map_err(|error| in_file(path, error))?;
    let length = file.metadata().map_err(|error| in_file(path, error))?.len();
    let no_register = |reason| Err(Error::NotARegister { path: path.to_owned(), reason });
    if length < SMALLEST {
        return no_register("it is too short");
    }
    file.read_exact(&mut salt).map_err(|error| in_file(path, error))?;
    if &salt == b"SQLite format 3\0" {
        return no_register("it is a database that is not encrypted");
    }
    Ok(salt)
}

/// An empty file that only its owner may read.
fn private(path: &Path) -> Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(|error| in_file(path, error))
}

fn beside(path: &Path) -> Result<PathBuf> {
    let name = path.file_name().ok_or_else(|| {
        in_file(path, std::io::Error::new(std::io::ErrorKind::InvalidInput, "is no name of a file"))
    })?;
    Ok(path.with_file_name(format!(".{}.{}.part", name.to_string_lossy(), std::process::id())))
}

fn sync_folder(path: &Path) -> Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder).and_then(|folder| folder.sync_all()).map_err(|error| in_file(folder, error))
}

fn in_file(path: &Path, error: std::io::Error) -> Error {
    Error::File { path: path.to_owned(), error }
}
