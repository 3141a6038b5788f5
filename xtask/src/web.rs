//! `cargo xtask web` and `cargo xtask browser`: the script of the pages, and the pages in a browser.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// The script as it is checked in and built into the program.
const SCRIPT: &str = "crates/surety-site/assets/site.js";

/// Builds the script from `web/src`. The same sources give the same bytes.
pub(crate) fn build(root: &Path) -> anyhow::Result<()> {
    install(root)?;
    npm(root, &["run", "--silent", "check"])?;
    npm(root, &["run", "--silent", "build"])
}

/// Fails when the script that is checked in is not what its sources give; leaves the right one there.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    if !has("npm") {
        println!("web: skipped, npm is missing: install Node.js 20 or later to check that {SCRIPT} is fresh");
        return Ok(());
    }
    let script = root.join(SCRIPT);
    let before = fs::read(&script).with_context(|| format!("cannot read {}", script.display()))?;
    build(root)?;
    if fs::read(&script)? != before {
        bail!("{SCRIPT} is stale: it has been rebuilt with `cargo xtask web`; look at it and commit it");
    }
    println!("web: {SCRIPT} is fresh");
    Ok(())
}

/// Runs the tests in a browser, on the program as it is released.
pub(crate) fn browser(root: &Path) -> anyhow::Result<()> {
    let chromium = ["chromium", "chromium-browser", "google-chrome"].into_iter().find(|name| has(name));
    let (true, Some(chromium)) = (has("npm"), chromium) else {
        println!(
            "browser: skipped, Node.js 20 or Chromium is missing (Debian: apt-get install nodejs npm chromium)"
        );
        return Ok(());
    };
    let chromium = which(chromium).context("the browser's place")?;
    install(root)?;
    process::run(
        Command::new("cargo")
            .args(["build", "--release", "--quiet", "--package", "surety"])
            .current_dir(root),
        "building the program",
    )?;
    let mut tests = Command::new("npm");
    tests.args(["test", "--silent"]).current_dir(root.join("web"));
    process::run(
        tests.env("SURETY", root.join("target/release/surety")).env("CHROMIUM", chromium),
        "the pages in a browser",
    )
}

fn install(root: &Path) -> anyhow::Result<()> {
    if root.join("web/node_modules").is_dir() {
        return Ok(());
    }
    println!("web: installing what package-lock.json names (once)");
    npm(root, &["ci", "--no-audit", "--no-fund", "--silent"])
}

fn npm(root: &Path, args: &[&str]) -> anyhow::Result<()> {
    process::run(Command::new("npm").args(args).current_dir(root.join("web")), "npm")
}

fn has(program: &str) -> bool {
    which(program).is_some()
}

/// Where a program stands on the path.
fn which(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
