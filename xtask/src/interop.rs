//! `cargo xtask interop`: others' code agrees with ours, in both directions.
//!
//! Ours writes samples, Go's `sumdb` and packages of `PyPI` check them; then theirs write, and ours checks.
//! What they need is installed when it is missing. What cannot be installed is named, and the check fails:
//! it never passes by having done nothing.

mod samples;
mod statements;
mod theirs;
mod tools;
mod witness;

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::Context;

use self::tools::Tools;
use crate::process::run;

/// Runs every check.
pub(crate) fn check(root: &Path) -> anyhow::Result<()> {
    let work = root.join("target/interop");
    let tools = Tools::install(root, &work)?;
    let folder = work.join("samples");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("cannot remove {}", folder.display()))?;
    }

    let ours = folder.join("surety");
    samples::write_log(&ours)?;
    run(Command::new(&tools.go_program).arg("read").arg(&ours), "reading our log with Go")?;
    run(tools.python("log.py").arg("read").arg(&ours), "reading our log with tlog-scales")?;

    let go = folder.join("go");
    samples::write_key_of_go(&go)?;
    run(Command::new(&tools.go_program).arg("write").arg(&go), "writing a log with Go")?;
    theirs::read_log(&go)?;

    let python = folder.join("python");
    samples::write_seeds_of_python(&python)?;
    run(tools.python("log.py").arg("write").arg(&python), "writing a log with tlog-scales")?;
    theirs::read_log(&python)?;

    let signed = ours.join("statements");
    statements::write_statements(&signed)?;
    run(
        tools.python("statements.py").arg("read").arg(&signed),
        "verifying our statements and receipts with Python",
    )?;
    let theirs = python.join("statements");
    run(
        tools.python("statements.py").arg("write").arg(&theirs).arg(&signed),
        "signing statements with Python",
    )?;
    let statements = statements::read_statements(&theirs)?;
    let receipts = statements::read_receipts(&theirs)?;
    println!("surety: {statements} statements of Python admitted, {receipts} receipts");
    witness::check(root, &work, &tools)
}
