//! `cargo xtask mutants`: whether some test notices when a verification step is gone.
//!
//! `xtask/mutants.toml` lists the steps. A scratch copy of the workspace is built once, so that each can be disabled
//! as it runs; then the tests of its crate run without each, and must fail. A step that nobody misses is a hole in the
//! tests.

mod step;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use serde::Deserialize;
use step::{SWITCH, Step};

/// How long a test binary may take beyond ten times what it takes with every step: without one it may never end.
const EXTRA_TIME: Duration = Duration::from_secs(30);

/// What to disable, and which tests to run.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// Only steps whose file or description contains this
    #[arg(default_value = "")]
    filter: String,
    /// Only these test binaries: `lib`, or the name of a file in `tests/`
    #[arg(long, value_name = "NAME")]
    tests: Vec<String>,
    /// Leave out the steps that were noticed in runs before
    #[arg(long)]
    resume: bool,
}

/// A test binary of a crate.
struct Tests {
    package: String,
    name: String,
    binary: PathBuf,
    folder: PathBuf,
    /// How long it takes with every step.
    takes: Duration,
}

/// How a run of tests ended.
enum Outcome {
    Passed,
    Failed(String),
    NeverEnded,
}

/// Tests that every step is still where the list says. Quick: nothing is built.
pub(crate) fn check_list(root: &Path) -> anyhow::Result<()> {
    let steps = step::read(root)?;
    step::switchable(root, &steps)?;
    println!("mutants: {} verification steps are where the list says", steps.len());
    Ok(())
}

/// Disables each chosen step in turn and runs the tests of its crate.
pub(crate) fn run_all(root: &Path, args: &Args) -> anyhow::Result<()> {
    let scratch = root.join("target/mutants");
    let steps = step::read(root)?;
    let mut noticed = Noticed::read(&scratch)?;
    let left = |step: &Step| !(args.resume && noticed.steps.contains(&step.to_string()));
    let chosen: Vec<(usize, &Step)> =
        (1..).zip(&steps).filter(|(_, step)| step.matches(&args.filter) && left(step)).collect();
    ensure!(!chosen.is_empty(), "no verification step is left that is called like `{}`", args.filter);
    copy_workspace(root, &scratch, &step::switchable(root, &steps)?)?;
    let binaries = build(&scratch, &chosen, &args.tests)?;
    let (mut count, mut equivalent, mut wrong) = (0, 0, Vec::new());
    for (number, step) in chosen {
        let started = Instant::now();
        let by = noticed_by(&binaries, number, step)?;
        noticed.set(step, by.is_some() && step.equivalent.is_none())?;
        let seconds = started.elapsed().as_secs();
        match (by, &step.equivalent) {
            (Some(by), None) => {
                count += 1;
                println!("noticed    {seconds:>3} s  {step}  ({by})");
            }
            (None, Some(why)) => {
                equivalent += 1;
                println!("equivalent {seconds:>3} s  {step}  ({why})");
            }
            (None, None) => {
                println!("SURVIVED   {seconds:>3} s  {step}");
                wrong.push(step.to_string());
            }
            (Some(by), Some(_)) => {
                println!("NOTICED    {seconds:>3} s  {step}  ({by}), though the list says that nothing can");
                wrong.push(step.to_string());
            }
        }
    }
    println!("mutants: {count} noticed, {equivalent} equivalent, {} wrong", wrong.len());
    ensure!(wrong.is_empty(), "these survived, or are not equivalent:\n  {}", wrong.join("\n  "));
    Ok(())
}

/// Builds the tests, and runs them with every step. They run in order of how long that takes.
fn build(scratch: &Path, chosen: &[(usize, &Step)], names: &[String]) -> anyhow::Result<Vec<Tests>> {
    let mut packages: Vec<&str> = chosen.iter().map(|(_, step)| step.package()).collect();
    packages.sort_unstable();
    packages.dedup();
    let mut cargo = Command::new("cargo");
    cargo.args(["test", "--tests", "--no-run", "--quiet", "--offline"]);
    cargo.arg("--message-format=json-render-diagnostics").current_dir(scratch);
    for package in packages {
        cargo.args(["--package", package]);
    }
    println!("mutants: building the tests with {} steps that can be disabled", chosen.len());
    let built = cargo.output().context("cannot run cargo")?;
    if !built.status.success() {
        let said = String::from_utf8_lossy(&built.stderr);
        let errors = said.split("\n\n").filter(|part| part.trim_start().starts_with("error"));
        bail!(
            "this does not compile; where a step of xtask/mutants.toml is to blame, its name stands above it:\n{}",
            errors.collect::<Vec<_>>().join("\n\n")
        );
    }
    let mut all = Vec::new();
    for line in String::from_utf8(built.stdout)?.lines() {
        let Some(mut tests) = test_binary(line)? else { continue };
        if !names.is_empty() && !names.contains(&tests.name) {
            continue;
        }
        let started = Instant::now();
        match tests.run(0, Duration::from_mins(30))? {
            Outcome::Passed => tests.takes = started.elapsed(),
            _ => bail!("the tests {} of {} fail with every step in place", tests.name, tests.package),
        }
        println!("mutants: {} {} takes {:.1} s", tests.package, tests.name, tests.takes.as_secs_f64());
        all.push(tests);
    }
    ensure!(!all.is_empty(), "there are no such tests");
    all.sort_by_key(|tests| tests.takes);
    Ok(all)
}

/// A test binary in what cargo says it has built.
fn test_binary(line: &str) -> anyhow::Result<Option<Tests>> {
    #[derive(Deserialize)]
    struct Built {
        executable: Option<PathBuf>,
        manifest_path: Option<PathBuf>,
        target: Option<Target>,
        profile: Option<Profile>,
    }
    #[derive(Deserialize)]
    struct Target {
        name: String,
        kind: Vec<String>,
    }
    #[derive(Deserialize)]
    struct Profile {
        test: bool,
    }
    let built: Built = serde_json::from_str(line)?;
    let (Some(binary), Some(manifest), Some(target), Some(Profile { test: true })) =
        (built.executable, built.manifest_path, built.target, built.profile)
    else {
        return Ok(None);
    };
    let folder = manifest.parent().context("a manifest is in a folder")?.to_owned();
    let package = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let name = if target.kind.iter().any(|kind| kind == "lib") { "lib".to_owned() } else { target.name };
    Ok(Some(Tests { package, name, binary, folder, takes: Duration::ZERO }))
}

/// The first test that notices that a step is gone.
fn noticed_by(all: &[Tests], number: usize, step: &Step) -> anyhow::Result<Option<String>> {
    for tests in all.iter().filter(|tests| tests.package == step.package()) {
        match tests.run(number, tests.takes * 10 + EXTRA_TIME)? {
            Outcome::Passed => {}
            Outcome::Failed(test) => return Ok(Some(format!("{}::{test}", tests.name))),
            Outcome::NeverEnded => return Ok(Some(format!("{} never ends", tests.name))),
        }
    }
    Ok(None)
}

impl Tests {
    /// Runs the tests without a step; 0 is none.
    fn run(&self, number: usize, time_max: Duration) -> anyhow::Result<Outcome> {
        let mut running = Command::new(&self.binary)
            .current_dir(&self.folder)
            .env(SWITCH, number.to_string())
            .env("PROPTEST_CASES", "64")
            .env("PROPTEST_DISABLE_FAILURE_PERSISTENCE", "true")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .with_context(|| format!("cannot run {}", self.binary.display()))?;
        let mut stdout = running.stdout.take().context("the output of tests is read")?;
        let output = std::thread::spawn(move || {
            let mut text = Vec::new();
            stdout.read_to_end(&mut text).map(|_| String::from_utf8_lossy(&text).into_owned())
        });
        let started = Instant::now();
        let status = loop {
            if let Some(status) = running.try_wait()? {
                break status;
            }
            if started.elapsed() > time_max {
                running.kill()?;
                running.wait()?;
                return Ok(Outcome::NeverEnded);
            }
            std::thread::sleep(Duration::from_millis(20));
        };
        if status.success() {
            return Ok(Outcome::Passed);
        }
        let output = output.join().ok().context("the output of tests cannot be read")??;
        let failed = output.lines().find_map(|line| line.strip_prefix("test ")?.strip_suffix(" ... FAILED"));
        Ok(Outcome::Failed(failed.unwrap_or("(ends at once)").to_owned()))
    }
}

/// The steps that some test noticed, in this run and in those before.
struct Noticed {
    path: PathBuf,
    steps: BTreeSet<String>,
}

impl Noticed {
    fn read(scratch: &Path) -> anyhow::Result<Self> {
        fs::create_dir_all(scratch).with_context(|| format!("cannot create {}", scratch.display()))?;
        let path = scratch.join("noticed");
        let steps = fs::read_to_string(&path).unwrap_or_default().lines().map(str::to_owned).collect();
        Ok(Self { path, steps })
    }

    fn set(&mut self, step: &Step, noticed: bool) -> anyhow::Result<()> {
        let name = step.to_string();
        let changed = if noticed { self.steps.insert(name) } else { self.steps.remove(&name) };
        if changed {
            let mut text = self.steps.iter().map(String::as_str).collect::<Vec<_>>().join("\n");
            text.push('\n');
            fs::write(&self.path, text).with_context(|| format!("cannot write {}", self.path.display()))?;
        }
        Ok(())
    }
}

/// Copies what is under version control, or would be, with other texts for some files. What has not changed is left as
/// it is, and not built again.
fn copy_workspace(root: &Path, scratch: &Path, other: &BTreeMap<String, String>) -> anyhow::Result<()> {
    let listed = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .context("cannot run git")?;
    for name in String::from_utf8(listed.stdout)?.split_terminator('\0') {
        let (from, to) = (root.join(name), scratch.join(name));
        let bytes = match other.get(name) {
            Some(text) => text.clone().into_bytes(),
            None => match fs::read(&from) {
                Ok(bytes) => bytes,
                // A file that was removed and not committed is listed too.
                Err(_) => continue,
            },
        };
        if fs::read(&to).is_ok_and(|there| there == bytes) {
            continue;
        }
        let folder = to.parent().unwrap_or(scratch);
        fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
        fs::write(&to, bytes).with_context(|| format!("cannot write {}", to.display()))?;
    }
    Ok(())
}
