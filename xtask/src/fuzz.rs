//! `cargo xtask fuzz`: libFuzzer against every decoder, from good inputs on.
//!
//! No sanitizer: our code has no `unsafe`, and without one the stable toolchain is enough.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};
use surety_decoders::{Decoder, decoders};

use crate::process::{install_cargo_tool, run};

/// The most bytes of an input: every good one fits.
const INPUT_LEN_MAX: &str = "65536";

/// Fuzzes the decoders of these names, or all, each for some seconds. Stops at the first that is wrong.
pub(crate) fn run_all(root: &Path, names: &[String], seconds: u32) -> anyhow::Result<()> {
    let chosen = chosen(names)?;
    install_cargo_tool("fuzz")?;
    for decoder in chosen {
        println!("== {} for {seconds} s", decoder.name);
        let corpus = root.join("target/fuzz-corpus").join(decoder.name);
        write_seeds(&corpus, &decoder)?;
        let mut fuzz = Command::new("cargo");
        fuzz.args(["fuzz", "run", "--sanitizer", "none", decoder.name]).arg(&corpus).arg("--");
        fuzz.arg(format!("-max_total_time={seconds}")).arg(format!("-max_len={INPUT_LEN_MAX}"));
        fuzz.args(["-timeout=10", "-rss_limit_mb=1024", "-print_final_stats=1", "-verbosity=0"]);
        fuzz.current_dir(root);
        run(&mut fuzz, &format!("fuzzing {}", decoder.name)).context(
            "if it found an input, that is under fuzz/artifacts: make a test of it, and correct the decoder",
        )?;
    }
    Ok(())
}

fn chosen(names: &[String]) -> anyhow::Result<Vec<Decoder>> {
    let all = decoders();
    let known: Vec<&str> = all.iter().map(|decoder| decoder.name).collect();
    if let Some(unknown) = names.iter().find(|name| !known.contains(&name.as_str())) {
        bail!("there is no decoder called {unknown}; there are {}", known.join(", "));
    }
    Ok(all
        .into_iter()
        .filter(|decoder| names.is_empty() || names.iter().any(|name| name == decoder.name))
        .collect())
}

fn write_seeds(corpus: &Path, decoder: &Decoder) -> anyhow::Result<()> {
    fs::create_dir_all(corpus).with_context(|| format!("cannot create {}", corpus.display()))?;
    for (number, seed) in (decoder.seeds)().iter().enumerate() {
        let path = corpus.join(format!("seed-{number}"));
        fs::write(&path, seed).with_context(|| format!("cannot write {}", path.display()))?;
    }
    Ok(())
}
