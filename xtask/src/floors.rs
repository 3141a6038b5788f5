//! `cargo xtask floors`: the floors are the architecture, and a dependency that points up is a bug.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use serde_json::Value;

/// The crates from the ground up. A crate may use only crates on lower floors.
const FLOORS: [(&str, u8); 19] = [
    ("surety-core", 0),
    ("surety-law", 1),
    ("surety-log", 1),
    ("surety-material", 1),
    ("surety-standards", 1),
    ("surety-proof", 2),
    ("surety-statement", 2),
    ("surety-index", 3),
    ("surety-token", 3),
    ("surety-world", 3),
    ("surety-data", 4),
    ("surety-net", 4),
    ("surety-report", 4),
    ("surety-register", 4),
    ("surety-view", 5),
    ("surety-site", 6),
    ("surety", 7),
    ("surety-decoders", 7),
    ("xtask", 8),
];

/// Checks every dependency between our own crates, for tests too.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let output = Command::new("cargo")
        .args(["metadata", "--format-version", "1", "--no-deps"])
        .current_dir(root)
        .output()
        .context("cannot run cargo metadata")?;
    let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata gave no JSON")?;
    let packages = metadata["packages"].as_array().context("cargo metadata gave no packages")?;
    let mut checked = 0;
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let floor = floor(name)
            .with_context(|| format!("{name} stands on no floor: add it to xtask/src/floors.rs"))?;
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let used = dependency["name"].as_str().unwrap_or_default();
            if let Some(below) = self::floor(used) {
                if below >= floor {
                    bail!(
                        "{name} (floor {floor}) uses {used} (floor {below}): a crate uses only lower floors"
                    );
                }
                checked += 1;
            }
        }
    }
    println!("floors: {checked} dependencies between our crates, all downwards");
    Ok(())
}

fn floor(name: &str) -> Option<u8> {
    FLOORS.iter().find(|(known, _)| *known == name).map(|(_, floor)| *floor)
}
