//! `cargo xtask mutants`: whether some test notices when a verification step is gone.
//!
//! `xtask/mutants.toml` lists the steps. Each is disabled in a scratch copy of the workspace, and the tests of its
//! crate must fail. A step that nobody misses is a hole in the tests.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use crate::process::run;

/// How long the tests of a crate may take: without a step they may never end.
const TIME_MAX: Duration = Duration::from_secs(600);

/// Steps to disable.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutant: Vec<Mutant>,
}

/// One step, and how to disable it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Mutant {
    /// The file, under `crates/`.
    file: String,
    /// What is gone.
    what: String,
    /// The text that stands there once.
    find: String,
    /// What takes its place.
    #[serde(default)]
    replace: String,
}

/// Tests that every step is still where the list says. Quick: nothing is built.
pub(crate) fn check_list(root: &Path) -> anyhow::Result<()> {
    let list = read_list(root)?;
    list.iter().try_for_each(|mutant| mutant.apply(root).map(drop))?;
    println!("mutants: {} verification steps are where the list says", list.len());
    Ok(())
}

/// Disables each step whose file or description contains the filter, and runs the tests of its crate.
pub(crate) fn run_all(root: &Path, filter: &str) -> anyhow::Result<()> {
    let mutants: Vec<Mutant> = read_list(root)?.into_iter().filter(|mutant| mutant.matches(filter)).collect();
    ensure!(!mutants.is_empty(), "no verification step is called like `{filter}`");
    let scratch = root.join("target/mutants");
    copy_workspace(root, &scratch)?;
    let mut packages: Vec<&str> = mutants.iter().map(Mutant::package).collect();
    packages.sort_unstable();
    packages.dedup();
    for package in packages {
        run(&mut tests(&scratch, package, "--tests"), &format!("the tests of {package} as they are"))?;
    }
    let mut survivors = 0;
    for mutant in &mutants {
        let path = mutant.path(&scratch);
        let sound = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        fs::write(&path, mutant.apply(&scratch)?)
            .with_context(|| format!("cannot write {}", path.display()))?;
        let started = Instant::now();
        let noticed = mutant.is_noticed(&scratch);
        fs::write(&path, sound).with_context(|| format!("cannot write {}", path.display()))?;
        let (word, seconds) = (if noticed? { "noticed " } else { "SURVIVED" }, started.elapsed().as_secs());
        survivors += usize::from(word == "SURVIVED");
        println!("{word} {seconds:>3} s  {}: {}", mutant.file, mutant.what);
    }
    println!("mutants: {} of {} noticed", mutants.len() - survivors, mutants.len());
    ensure!(survivors == 0, "no test misses {survivors} verification steps: write one for each");
    Ok(())
}

fn read_list(root: &Path) -> anyhow::Result<Vec<Mutant>> {
    let path = root.join("xtask/mutants.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let list: List = toml::from_str(&text).with_context(|| path.display().to_string())?;
    Ok(list.mutant)
}

impl Mutant {
    fn path(&self, root: &Path) -> PathBuf {
        root.join("crates").join(&self.file)
    }

    fn package(&self) -> &str {
        self.file.split('/').next().unwrap_or_default()
    }

    fn matches(&self, filter: &str) -> bool {
        self.file.contains(filter) || self.what.contains(filter)
    }

    /// The file without the step.
    fn apply(&self, root: &Path) -> anyhow::Result<String> {
        let path = self.path(root);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        let found = text.matches(&self.find).count();
        ensure!(
            found == 1,
            "xtask/mutants.toml: `{}` stands {found} times in {}, and must stand there once ({})",
            self.find,
            path.display(),
            self.what
        );
        Ok(text.replace(&self.find, &self.replace))
    }

    /// Whether some test fails, or never ends. Those beside the code go first: they are built sooner.
    fn is_noticed(&self, scratch: &Path) -> anyhow::Result<bool> {
        for which in ["--lib", "--tests"] {
            let built =
                tests(scratch, self.package(), which).arg("--no-run").output().context("cannot run cargo")?;
            if !built.status.success() {
                let why = String::from_utf8_lossy(&built.stderr).into_owned();
                bail!("xtask/mutants.toml: {} does not compile without `{}`:\n{why}", self.file, self.what);
            }
            if !passes(&mut tests(scratch, self.package(), which))? {
                return Ok(true);
            }
        }
        Ok(false)
    }
}

/// Whether tests pass in time.
fn passes(tests: &mut Command) -> anyhow::Result<bool> {
    let mut running =
        tests.stdout(Stdio::null()).stderr(Stdio::null()).spawn().context("cannot run cargo")?;
    let started = Instant::now();
    while started.elapsed() < TIME_MAX {
        if let Some(status) = running.try_wait()? {
            return Ok(status.success());
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    running.kill()?;
    running.wait()?;
    Ok(false)
}

/// Tests of a crate in the scratch copy.
fn tests(scratch: &Path, package: &str, which: &str) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--quiet", "--offline", "--package", package, which]);
    cargo.env("PROPTEST_CASES", "64").current_dir(scratch);
    cargo
}

/// Copies what is under version control, or would be. What has not changed is left as it is, and not built again.
fn copy_workspace(root: &Path, scratch: &Path) -> anyhow::Result<()> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot run git")?;
    for name in String::from_utf8(listed.stdout)?.split_terminator('\0') {
        let (from, to) = (root.join(name), scratch.join(name));
        // A file that was removed and not committed is listed too.
        let Ok(bytes) = fs::read(&from) else { continue };
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        let folder = to.parent().unwrap_or(scratch);
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}
