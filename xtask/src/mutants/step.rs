//! Verification steps, and sources in which each can be disabled.

use std::collections::BTreeMap;
use std::fmt::{self, Write as _};
use std::fs;
use std::ops::Range;
use std::path::Path;

use anyhow::{Context, ensure};
use serde::Deserialize;
use syn::visit::{self, Visit};

/// The variable that says which step is disabled: its number in the list, from 1 on.
pub(crate) const SWITCH: &str = "SURETY_MUTANT";

/// What a crate with steps gets at the end of its `lib.rs`.
const SWITCH_CODE: &str = r#"
pub(crate) fn disabled_step() -> usize {
    static STEP: std::sync::OnceLock<usize> = std::sync::OnceLock::new();
    *STEP.get_or_init(|| std::env::var("SURETY_MUTANT").map_or(0, |step| step.parse().unwrap()))
}
"#;

/// One step, and how to disable it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Step {
    /// The file, under `crates/`.
    pub(crate) file: String,
    /// What is gone without it.
    pub(crate) what: String,
    /// The text that stands there once.
    find: String,
    /// What takes its place.
    #[serde(default)]
    replace: String,
    /// Why no test can notice that it is gone, where none can.
    pub(crate) equivalent: Option<String>,
}

/// All steps, in the order of the list.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    mutant: Vec<Step>,
}

/// Reads `xtask/mutants.toml`.
pub(crate) fn read(root: &Path) -> anyhow::Result<Vec<Step>> {
    let path = root.join("xtask/mutants.toml");
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
    let list: List = toml::from_str(&text).with_context(|| path.display().to_string())?;
    Ok(list.mutant)
}

impl Step {
    /// The crate.
    pub(crate) fn package(&self) -> &str {
        self.file.split('/').next().unwrap_or_default()
    }

    /// Whether its file or its description contains the filter.
    pub(crate) fn matches(&self, filter: &str) -> bool {
        self.file.contains(filter) || self.what.contains(filter)
    }

    /// Where it stands in its file.
    fn place(&self, source: &str) -> anyhow::Result<Range<usize>> {
        let found: Vec<usize> = source.match_indices(&self.find).map(|(at, _)| at).collect();
        ensure!(
            found.len() == 1,
            "xtask/mutants.toml: `{}` stands {} times in crates/{}, and must stand there once ({})",
            self.find,
            found.len(),
            self.file,
            self.what
        );
        Ok(found[0]..found[0] + self.find.len())
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.file, self.what)
    }
}

/// The files with steps, by their path in the workspace, so written that [`SWITCH`] disables any one step. Each function
/// with steps has its body once for each, and once as it is: so all is built once, and not once for each step.
pub(crate) fn switchable(root: &Path, steps: &[Step]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut by_file: BTreeMap<String, Vec<(usize, &Step)>> = BTreeMap::new();
    for (number, step) in (1..).zip(steps) {
        by_file.entry(format!("crates/{}", step.file)).or_default().push((number, step));
        by_file.entry(format!("crates/{}/src/lib.rs", step.package())).or_default();
    }
    let mut sources = BTreeMap::new();
    for (name, steps) in by_file {
        let source = fs::read_to_string(root.join(&name)).with_context(|| format!("cannot read {name}"))?;
        let mut changed = with_switches(&source, &steps).with_context(|| name.clone())?;
        if name.ends_with("/src/lib.rs") {
            changed = format!("#![allow(warnings)]\n{changed}{SWITCH_CODE}");
        }
        sources.insert(name, changed);
    }
    Ok(sources)
}

fn with_switches(source: &str, steps: &[(usize, &Step)]) -> anyhow::Result<String> {
    let bodies = bodies(source)?;
    let mut arms: BTreeMap<usize, String> = BTreeMap::new();
    for (number, step) in steps {
        let at = step.place(source)?;
        let body = bodies
            .iter()
            .position(|body| body.start <= at.start && at.end <= body.end)
            .with_context(|| format!("`{}` does not stand in a function ({})", step.find, step.what))?;
        let (before, after) = (&source[bodies[body].start..at.start], &source[at.end..bodies[body].end]);
        write!(
            arms.entry(body).or_default(),
            "// {}\n{number} => {before}{}{after}\n",
            step.what,
            step.replace
        )?;
    }
    let (mut changed, mut done) = (String::new(), 0);
    for (body, arms) in arms {
        let Range { start, end } = bodies[body];
        let (before, sound) = (&source[done..start], &source[start..end]);
        write!(changed, "{before}{{ match crate::disabled_step() {{\n{arms}_ => {sound} }} }}")?;
        done = end;
    }
    changed.push_str(&source[done..]);
    Ok(changed)
}

/// Where the bodies of functions are, without those inside of others.
fn bodies(source: &str) -> anyhow::Result<Vec<Range<usize>>> {
    let mut bodies = Bodies(Vec::new());
    bodies.visit_file(&syn::parse_file(source)?);
    Ok(bodies.0)
}

struct Bodies(Vec<Range<usize>>);

impl Bodies {
    fn push(&mut self, block: &syn::Block) {
        let braces = block.brace_token.span;
        self.0.push(braces.open().byte_range().start..braces.close().byte_range().end);
    }
}

impl<'ast> Visit<'ast> for Bodies {
    fn visit_item_fn(&mut self, function: &'ast syn::ItemFn) {
        self.push(&function.block);
    }

    fn visit_impl_item_fn(&mut self, function: &'ast syn::ImplItemFn) {
        self.push(&function.block);
    }

    fn visit_trait_item_fn(&mut self, function: &'ast syn::TraitItemFn) {
        if let Some(block) = &function.default {
            self.push(block);
        }
        visit::visit_trait_item_fn(self, function);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(find: &str, replace: &str) -> Step {
        let (file, what) = ("surety-log/src/a.rs".to_owned(), "a step".to_owned());
        Step { file, what, find: find.to_owned(), replace: replace.to_owned(), equivalent: None }
    }

    #[test]
    fn a_function_has_its_body_once_for_each_step_and_once_as_it_is() {
        let source = "fn f(a: u8) -> u8 { if a > 3 { 1 } else { a } }\nfn g() {}\n";
        let (first, second) = (step("a > 3", "false"), step("{ 1 }", "{ 2 }"));
        let changed = with_switches(source, &[(1, &first), (2, &second)]).unwrap();
        assert_eq!(
            changed,
            "fn f(a: u8) -> u8 { match crate::disabled_step() {\n\
             // a step\n1 => { if false { 1 } else { a } }\n\
             // a step\n2 => { if a > 3 { 2 } else { a } }\n\
             _ => { if a > 3 { 1 } else { a } } } }\nfn g() {}\n"
        );
    }

    #[test]
    fn a_step_stands_once_and_in_a_function() {
        let source = "const A: u8 = 3;\nfn f() { a(); a(); }\n";
        assert!(with_switches(source, &[(1, &step("A: u8", ""))]).is_err());
        assert!(with_switches(source, &[(1, &step("a();", ""))]).is_err());
        assert!(with_switches(source, &[(1, &step("b();", ""))]).is_err());
    }
}
