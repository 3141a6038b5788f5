//! Opening a register: its file, its key, who makes an entry and why. Keys are wiped when they are no longer needed, and
//! come from a terminal or a file, never from the command line or the environment, where others could see them.

use std::fs::{self, File, OpenOptions};
use std::io::{IsTerminal as _, Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use dialoguer::theme::SimpleTheme;
use dialoguer::{Input, Password};
use surety_core::{Date, parse_day};
use surety_register::{KEY_FILE_LENGTH_MAX, Note, Register, Salt, Secret};
use zeroize::{Zeroize as _, Zeroizing};

use super::args::{Access, NewKey};

const DEFAULT: &str = "register.surety";

/// No dump of this process shall hold a key.
pub(crate) fn no_core_dumps() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        // Where it cannot be forbidden, the register works all the same.
        let _ = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) });
    }
    #[cfg(target_os = "linux")]
    {
        use rustix::process::{DumpableBehavior, set_dumpable_behavior};
        let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
    }
}

impl Access {
    /// The file of the register.
    pub(crate) fn path(&self) -> PathBuf {
        self.register.clone().unwrap_or_else(|| PathBuf::from(DEFAULT))
    }

    /// Opens the register.
    pub(crate) fn open(&self) -> anyhow::Result<Register> {
        let path = self.path();
        if !path.try_exists().unwrap_or(false) {
            bail!(
                "there is no register at {}: name it with --register, or make one with `surety register new`",
                path.display()
            );
        }
        Ok(Register::open(&path, &self.secret(false)?)?)
    }

    /// What opens the register, or will open a new one.
    pub(crate) fn secret(&self, new: bool) -> anyhow::Result<Secret> {
        match (&self.passphrase_file, &self.key_file) {
            (Some(file), _) => passphrase_of(file),
            (None, Some(file)) => key_of(file),
            (None, None) => ask_passphrase("Passphrase", new),
        }
    }

    /// Who makes an entry and why.
    pub(crate) fn note(&self, usual_reason: &str) -> anyhow::Result<Note> {
        let who = ask("Who makes the entry?", "--by", self.by.clone())?;
        let why = match &self.why {
            Some(why) => why.clone(),
            None => usual_reason.to_owned(),
        };
        Ok(Note::new(&who, &why, crate::moment())?)
    }
}

impl NewKey {
    /// What opens the register from now on.
    pub(crate) fn secret(&self) -> anyhow::Result<Secret> {
        match (&self.new_passphrase_file, &self.new_key_file) {
            (Some(file), _) => passphrase_of(file),
            (None, Some(file)) => {
                if self.make_key {
                    make_key(file)?;
                }
                key_of(file)
            }
            (None, None) => ask_passphrase("New passphrase", true),
        }
    }
}

/// A random salt for a new file.
pub(crate) fn salt() -> anyhow::Result<Salt> {
    let mut salt = Salt::default();
    getrandom::fill(&mut salt).context("the system gives no random bytes")?;
    Ok(salt)
}

/// Makes a key file of 32 random bytes that only its owner may read.
pub(crate) fn make_key(path: &Path) -> anyhow::Result<()> {
    let mut key = Zeroizing::new([0; 32]);
    getrandom::fill(key.as_mut()).context("the system gives no random bytes")?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file =
        options.open(path).with_context(|| format!("cannot make the key file {}", path.display()))?;
    file.write_all(key.as_ref())?;
    file.sync_all()?;
    Ok(())
}

/// The first line of a file, as a passphrase.
pub(crate) fn passphrase_of(path: &Path) -> anyhow::Result<Secret> {
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).with_context(|| format!("{} is no text", path.display()))?;
    Ok(Secret::passphrase(text.lines().next().unwrap_or_default())?)
}

/// What a key file holds.
pub(crate) fn key_of(path: &Path) -> anyhow::Result<Secret> {
    Ok(Secret::key_file(&read(path)?)?)
}

fn read(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let file = File::open(path).with_context(|| format!("cannot read {}", path.display()))?;
    let limit = u64::try_from(KEY_FILE_LENGTH_MAX + 1)?;
    // All at once: a buffer that grows would leave copies behind.
    let mut bytes = Zeroizing::new(Vec::with_capacity(KEY_FILE_LENGTH_MAX + 1));
    file.take(limit).read_to_end(&mut bytes).with_context(|| format!("cannot read {}", path.display()))?;
    Ok(bytes)
}

fn ask_passphrase(question: &str, new: bool) -> anyhow::Result<Secret> {
    if !is_interactive() {
        bail!(
            "the {} is missing: give it in a file, or run this at a terminal. `--help` names the options",
            question.to_lowercase()
        );
    }
    let prompt = Password::with_theme(&SimpleTheme).with_prompt(question);
    let prompt = if new { prompt.with_confirmation("Once more", "These differ: try again") } else { prompt };
    let mut text = prompt.interact().map_err(no_terminal)?;
    let secret = Secret::passphrase(&text);
    text.zeroize();
    Ok(secret?)
}

/// What was given, or what a person answers at a terminal.
pub(crate) fn ask(question: &str, flag: &str, given: Option<String>) -> anyhow::Result<String> {
    match given {
        Some(given) => Ok(given),
        None if is_interactive() => Input::<String>::with_theme(&SimpleTheme)
            .with_prompt(question)
            .interact_text()
            .map_err(no_terminal),
        None => bail!("{flag} is missing: give it, or run this at a terminal, which asks for it"),
    }
}

/// The same for anything that is read from text.
pub(crate) fn ask_for<T>(question: &str, flag: &str, given: Option<T>) -> anyhow::Result<T>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    match given {
        Some(given) => Ok(given),
        None => Ok(ask(question, flag, None)?.trim().parse()?),
    }
}

/// The same for a day.
pub(crate) fn ask_day(question: &str, flag: &str, given: Option<Date>) -> anyhow::Result<Date> {
    match given {
        Some(given) => Ok(given),
        None => Ok(parse_day(ask(question, flag, None)?.trim())?),
    }
}

/// The same for what may be left open: an empty answer is none. Without a terminal nobody is asked.
pub(crate) fn ask_if_known<T>(question: &str, given: Option<T>) -> anyhow::Result<Option<T>>
where
    T: std::str::FromStr<Err: std::error::Error + Send + Sync + 'static>,
{
    if given.is_some() || !is_interactive() {
        return Ok(given);
    }
    let prompt = Input::<String>::with_theme(&SimpleTheme).with_prompt(question).allow_empty(true);
    match prompt.interact_text().map_err(no_terminal)?.trim() {
        "" => Ok(None),
        answer => Ok(Some(answer.parse()?)),
    }
}

fn is_interactive() -> bool {
    std::io::stdin().is_terminal() && std::io::stderr().is_terminal()
}

fn no_terminal(error: dialoguer::Error) -> anyhow::Error {
    anyhow::Error::new(error).context("the terminal gave no answer")
}

/// Reads a JSON list of records.
pub(crate) fn read_list<T: serde::de::DeserializeOwned>(path: &Path) -> anyhow::Result<Vec<T>> {
    const LENGTH_MAX: u64 = 1 << 26;
    let length = fs::metadata(path).with_context(|| format!("cannot read {}", path.display()))?.len();
    if length > LENGTH_MAX {
        bail!("{} is larger than {LENGTH_MAX} bytes: divide it", path.display());
    }
    let bytes = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    serde_json::from_slice(&bytes)
        .with_context(|| format!("{} is no JSON list of such records", path.display()))
}
