//! Passphrases and PINs: from a file, from the environment, or from a person; never from the arguments, which others
//! can see.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read as _};
use std::path::PathBuf;

use age::secrecy::{ExposeSecret as _, SecretString};
use anyhow::{Context as _, bail};
use clap::Args as ClapArgs;
use surety_statement::keyfile::check_passphrase;
use zeroize::Zeroizing;

/// The environment variable with the passphrase.
const VARIABLE: &str = "SURETY_PASSPHRASE";

/// The most bytes of a passphrase.
const LEN_MAX: u64 = 4096;

/// Where the passphrase of a key comes from.
#[derive(Debug, ClapArgs)]
pub(crate) struct Passphrase {
    /// A file whose first line is the passphrase of the keys [default: the environment variable
    /// `SURETY_PASSPHRASE`, or you are asked]
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// The passphrase of keys that are there.
    pub(crate) fn known(&self) -> anyhow::Result<SecretString> {
        match self.given()? {
            Some(given) => Ok(given),
            None => ask("Passphrase: "),
        }
    }

    /// The passphrase of new keys: long enough, and typed twice.
    pub(crate) fn new_one(&self) -> anyhow::Result<SecretString> {
        let given = self.given()?;
        let is_typed = given.is_none();
        let passphrase = given.map_or_else(|| ask("New passphrase: "), Ok)?;
        check_passphrase(&passphrase).map_err(anyhow::Error::msg)?;
        if is_typed && ask("The same again: ")?.expose_secret() != passphrase.expose_secret() {
            bail!("the two passphrases differ: try again");
        }
        Ok(passphrase)
    }

    fn given(&self) -> anyhow::Result<Option<SecretString>> {
        if let Some(path) = &self.passphrase_file {
            let mut text = Zeroizing::new(String::new());
            File::open(path)
                .and_then(|file| file.take(LEN_MAX).read_to_string(&mut text))
                .with_context(|| format!("cannot read {}", path.display()))?;
            return Ok(Some(SecretString::from(text.lines().next().unwrap_or_default().to_owned())));
        }
        Ok(std::env::var(VARIABLE).ok().map(SecretString::from))
    }
}

fn ask(prompt: &str) -> anyhow::Result<SecretString> {
    if !io::stdin().is_terminal() {
        bail!("no passphrase is given: use --passphrase-file, or set {VARIABLE}");
    }
    Ok(SecretString::from(rpassword::prompt_password(prompt).context("cannot read the passphrase")?))
}

/// Asks for the PIN of a token.
pub(crate) fn ask_pin(token: &str) -> io::Result<Zeroizing<String>> {
    if !io::stdin().is_terminal() {
        return Err(io::Error::other(
            "it is none: add pin-source=file:PATH or pin-source=env:NAME to the name of the key",
        ));
    }
    rpassword::prompt_password(format!("PIN of the token {token}: ")).map(Zeroizing::new)
}
