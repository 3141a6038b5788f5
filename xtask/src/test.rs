//! `cargo xtask test`: everything that must pass before a change lands.

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use crate::process::{self, install_cargo_tool};
use crate::{data, floors, interop, mutants, web};

/// A step that another program does.
struct Step {
    name: &'static str,
    args: &'static [&'static str],
    env: Option<(&'static str, &'static str)>,
}

const STEPS: [Step; 5] = [
    Step { name: "format", args: &["fmt", "--all", "--check"], env: None },
    Step {
        name: "lints",
        args: &["clippy", "--workspace", "--all-targets", "--quiet", "--", "--deny", "warnings"],
        env: None,
    },
    // Benchmarks are built by the lints and run by nobody here: a figure of a busy machine says nothing.
    Step {
        name: "tests",
        args: &["test", "--workspace", "--lib", "--bins", "--tests", "--examples", "--no-fail-fast"],
        env: None,
    },
    Step { name: "doc tests", args: &["test", "--workspace", "--doc"], env: None },
    Step {
        name: "docs",
        args: &["doc", "--workspace", "--no-deps", "--quiet"],
        env: Some(("RUSTDOCFLAGS", "--deny warnings")),
    },
];

/// Runs every step and stops at the first that fails.
pub(crate) fn run(root: &Path) -> anyhow::Result<()> {
    let started = Instant::now();
    for step in &STEPS {
        println!("== {}", step.name);
        let mut cargo = Command::new("cargo");
        cargo.args(step.args).current_dir(root);
        if let Some((key, value)) = step.env {
            cargo.env(key, value);
        }
        process::run(&mut cargo, step.name)?;
    }
    println!("== data");
    data::check(&root.join("data"))?;
    println!("== floors");
    floors::check(root)?;
    println!("== verification steps");
    mutants::check_list(root)?;
    println!("== interop");
    interop::check(root)?;
    println!("== script");
    web::check(root)?;
    println!("== browser");
    web::browser(root)?;
    println!("== licences and bans");
    licences(root)?;
    println!("== all passed in {} s", started.elapsed().as_secs());
    Ok(())
}

/// `cargo deny`, installed when it is missing. Advisories are left out: their database needs a network.
fn licences(root: &Path) -> anyhow::Result<()> {
    install_cargo_tool("deny")?;
    // It looks at what other systems would build too, and does so offline.
    process::run(
        Command::new("cargo").args(["fetch", "--locked", "--quiet"]).current_dir(root),
        "fetching crates",
    )?;
    process::run(
        Command::new("cargo")
            .args(["deny", "--offline", "--log-level", "error", "check", "bans", "licenses", "sources"])
            .current_dir(root),
        "licences and bans",
    )
}
