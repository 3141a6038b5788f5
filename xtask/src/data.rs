//! `cargo xtask data`: the tables on disk.

use std::fs;
use std::path::Path;

use anyhow::Context;
use surety_data::{Dataset, FILES, File};

/// Reads the tables of a folder and names every problem.
pub(crate) fn check(folder: &Path) -> anyhow::Result<()> {
    let mut texts = Vec::new();
    for (name, _) in FILES {
        let path = folder.join(name);
        let text = fs::read_to_string(&path).with_context(|| format!("cannot read {}", path.display()))?;
        texts.push((name, text));
    }
    let files: Vec<File<'_>> = texts.iter().map(|(name, text)| (*name, text.as_str())).collect();
    match Dataset::read(&files) {
        Ok(dataset) => {
            println!(
                "data: sound: {} statements, {} sources, {} entries in the State table, {} requirements, {} treaty items",
                dataset.statements.len(),
                dataset.sources.len(),
                dataset.states.iter().count(),
                dataset.catalogue.requirements.len(),
                dataset.duties.len()
            );
            Ok(())
        }
        Err(problems) => {
            for problem in &problems {
                eprintln!("{}/{problem}", folder.display());
            }
            anyhow::bail!(
                "{} problems in {}: correct them and run `cargo xtask data` again",
                problems.len(),
                folder.display()
            )
        }
    }
}
