//! `cargo xtask web` and `cargo xtask browser`: the script of the pages, and the pages in a browser.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process;

/// The script as it is checked in and built into the program.
const SCRIPT: &str = "crates/surety-site/assets/site.js";

/// Builds the program just as the tests do, so that what they have built is not built again.
const BUILD: [&str; 7] = ["build", "--quiet", "--workspace", "--bin", "surety", "--test", "site"];

/// Builds the script from `web/src`. The same sources give the same bytes.
pub(crate) fn build(root: &Path) -> anyhow::Result<()> {
    install(root)?;
    npm(root, &["run", "--silent", "check"])?;
    npm(root, &["run", "--silent", "build"])
}

/// Fails when the script that is checked in is not what its sources give; leaves the right one there.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let script = root.join(SCRIPT);
    let before = fs::read(&script).with_context(|| format!("cannot read {}", script.display()))?;
    build(root)?;
    if fs::read(&script)? != before {
        bail!("{SCRIPT} is stale: it has been rebuilt with `cargo xtask web`; look at it and commit it");
    }
    println!("web: {SCRIPT} is fresh");
    Ok(())
}

/// Runs the tests in a browser, on the real program. It is the one that the tests build too: a release takes minutes.
pub(crate) fn browser(root: &Path) -> anyhow::Result<()> {
    install(root)?;
    let chromium = needed(&["chromium", "chromium-browser", "google-chrome"], &["chromium"])?;
    process::run(Command::new("cargo").args(BUILD).current_dir(root), "building the program")?;
    let mut tests = Command::new("npm");
    tests.args(["test", "--silent"]).current_dir(root.join("web"));
    process::run(
        tests.env("SURETY", root.join("target/debug/surety")).env("CHROMIUM", chromium),
        "the pages in a browser",
    )
}

fn install(root: &Path) -> anyhow::Result<()> {
    needed(&["npm"], &["nodejs", "npm"])?;
    // It writes this file last.
    if root.join("web/node_modules/.package-lock.json").is_file() {
        return Ok(());
    }
    println!("web: installing what package-lock.json names (once)");
    npm(root, &["ci", "--no-audit", "--no-fund", "--silent"])
}

fn npm(root: &Path, args: &[&str]) -> anyhow::Result<()> {
    process::run(Command::new("npm").args(args).current_dir(root.join("web")), "npm")
}

/// Where the first of these programs stands. Where none does, it is installed on Debian, by root; else it fails, and
/// says what is missing.
fn needed(names: &[&str], packages: &[&str]) -> anyhow::Result<PathBuf> {
    let find = || names.iter().find_map(|name| which(name));
    if let Some(found) = find() {
        return Ok(found);
    }
    println!("{} is missing: installing it (once)", names[0]);
    let apt = |args: &[&str]| {
        process::run(
            Command::new("apt-get")
                .args(args)
                .args(["--yes", "--quiet"])
                .env("DEBIAN_FRONTEND", "noninteractive"),
            "installing",
        )
    };
    let installed =
        apt(&["update"]).and_then(|()| apt(&[&["install", "--no-install-recommends"], packages].concat()));
    let advice = || {
        format!(
            "{} is missing: install {} (Debian: apt-get install {})",
            names[0],
            packages.join(" and "),
            packages.join(" ")
        )
    };
    installed.with_context(advice)?;
    find().with_context(advice)
}

/// Where a program stands on the path.
fn which(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file())
}
