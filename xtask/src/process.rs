//! Running other programs.

use std::process::Command;

use anyhow::{Context, bail};

/// Runs a program to its end.
pub(crate) fn run(command: &mut Command, doing: &str) -> anyhow::Result<()> {
    let status = command.status().with_context(|| format!("{doing}: `{}` cannot be run", words(command)))?;
    if !status.success() {
        bail!("{doing}: failed (`{}`)", words(command));
    }
    Ok(())
}

/// Installs `cargo-<name>` when it is missing.
pub(crate) fn install_cargo_tool(name: &str) -> anyhow::Result<()> {
    let installed =
        Command::new("cargo").args([name, "--version"]).output().is_ok_and(|output| output.status.success());
    if installed {
        return Ok(());
    }
    println!("cargo-{name} is missing: installing it (once, some minutes)");
    let package = format!("cargo-{name}");
    run(
        Command::new("cargo").args(["install", &package, "--locked", "--quiet"]),
        &format!("installing {package}"),
    )
}

fn words(command: &Command) -> String {
    let words = [command.get_program()].into_iter().chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}
