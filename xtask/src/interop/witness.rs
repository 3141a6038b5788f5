//! Our witness passes the conformance suite that ships inside the crate `siglog`.

use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use super::tools::Tools;
use crate::process::run;

const CRATE: &str = "siglog";
const VERSION: &str = "0.1.0";

/// The suite wants 422 for another root at the same size. C2SP `tlog-witness` says 409 by now: "If the old size matches
/// the checkpoint size, the witness MUST check that the root hashes are also identical. If they don't match, the
/// witness MUST respond with a 409 Conflict". Our own tests hold the witness to that.
const OLDER_THAN_THE_SPECIFICATION: &str =
    "test/test_witness.py::test_witness_conformance[same_size_different_root_fail]";

/// Runs the suite against `surety witness serve`, a new process for each test.
pub(crate) fn check(root: &Path, work: &Path, tools: &Tools) -> anyhow::Result<()> {
    let suite = work.join("witness-conformance");
    copy(&sources()?.join("witness-conformance"), &suite)?;
    let temporary = work.join("witness-folders");
    if temporary.exists() {
        fs::remove_dir_all(&temporary).with_context(|| format!("cannot remove {}", temporary.display()))?;
    }
    fs::create_dir_all(&temporary).with_context(|| format!("cannot create {}", temporary.display()))?;
    run(Command::new("cargo").args(["build", "--package", "surety"]).current_dir(root), "building surety")?;
    let port = TcpListener::bind("127.0.0.1:0")
        .and_then(|free| free.local_addr())
        .context("no port is free")?
        .port();
    let mut pytest = tools.module("pytest");
    pytest.args(["--quiet", "--override-ini=addopts=", "--entrypoint"]).arg(root.join("interop/witness.sh"));
    pytest.arg(format!("--port={port}")).args(["--deselect", OLDER_THAN_THE_SPECIFICATION, "test"]);
    pytest.env("SURETY", root.join("target/debug/surety")).env("TMPDIR", &temporary);
    run(pytest.current_dir(&suite), "the witness conformance suite of siglog")
}

/// Where cargo has unpacked the crate. Asking cargo about a crate fetches that crate and nothing it depends on.
fn sources() -> anyhow::Result<PathBuf> {
    let mut info = Command::new("cargo");
    info.args(["info", "--quiet", "--registry", "crates-io", &format!("{CRATE}@{VERSION}")]);
    let done = info.output().context("cannot run cargo")?;
    if !done.status.success() {
        bail!(
            "the crate {CRATE} {VERSION} is needed from crates.io: {}",
            String::from_utf8_lossy(&done.stderr)
        );
    }
    let home = match std::env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => PathBuf::from(std::env::var_os("HOME").context("HOME is not set")?).join(".cargo"),
    };
    let registries = home.join("registry/src");
    let found = fs::read_dir(&registries)
        .with_context(|| format!("cannot read {}", registries.display()))?
        .filter_map(|registry| Some(registry.ok()?.path().join(format!("{CRATE}-{VERSION}"))))
        .find(|path| path.is_dir());
    found.with_context(|| format!("cargo has not unpacked {CRATE} under {}", registries.display()))
}

fn copy(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| format!("cannot create {}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), &target).with_context(|| format!("cannot write {}", target.display()))?;
        }
    }
    Ok(())
}
