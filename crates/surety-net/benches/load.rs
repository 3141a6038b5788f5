//! Reading a whole log, against its signatures alone: `cargo bench -p surety-net --bench load`.
//!
//! `SURETY_BENCH_STATEMENTS` changes the size. With `SURETY_BENCH_FOLDER` the log is made in that folder and stays
//! there, with the trust file `trust.toml`, for `surety --log FOLDER --trust FOLDER/trust.toml world`.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark that cannot run should stop"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use common::{ORIGIN, Writer, folders, founding, log_key, log_verifier};
use surety_log::{FolderStore, Identity, Sequencer};
use surety_net::{Ask, Verified, load};
use surety_statement::{Registry, SignedStatement, StatementSigner as _, Trust};
use surety_world::Evidence;

/// How many statements are signed and logged at once.
const AT_ONCE: usize = 4_096;

fn main() {
    let count = std::env::var("SURETY_BENCH_STATEMENTS").map_or(100_000, |text| text.parse().unwrap());
    let kept = std::env::var_os("SURETY_BENCH_FOLDER").map(PathBuf::from);
    let scratch = tempfile::tempdir_in(".").unwrap();
    let root = kept.unwrap_or_else(|| scratch.path().to_owned());
    let (trust, statements, writer) = make(&root, count);
    let threads = thread::available_parallelism().unwrap();

    let bare = signatures_alone(&statements, &writer, threads);
    drop(statements);
    let (whole, known) = read(&root, &trust, threads, None);
    let (again, _) = read(&root, &trust, threads, Some(known));
    let ratio = whole.as_secs_f64() / bare.as_secs_f64();
    println!("{count} statements, {threads} threads");
    println!("signatures alone: {bare:.2?} ({:.0}/s)", count as f64 / bare.as_secs_f64());
    println!("the whole log, verified and folded: {whole:.2?}, {ratio:.2} times that");
    println!("the same again, verified before: {again:.2?}");
}

/// A log by one observer; who trusts it; the statements, to verify them alone.
fn make(root: &Path, count: usize) -> (Trust, Vec<SignedStatement>, Writer) {
    let (entries, mut writers) = founding(1);
    let mut writer = writers.remove(0);
    let mut registry = Registry::new();
    registry.accept(registry.check(&entries[0]).unwrap(), 0).unwrap();
    let policy = format!("log {}\nquorum none\n", log_verifier());
    let trust = Trust::of_registry(&registry, &policy).unwrap();

    let identity = Identity::new(ORIGIN.parse().unwrap(), vec![log_key()]).unwrap();
    let mut sequencer = Sequencer::create(folders(root), identity, 0).unwrap();
    sequencer.commit(&entries, 0).unwrap();
    let mut statements = Vec::with_capacity(count);
    while statements.len() < count {
        let number = statements.len()..count.min(statements.len() + AT_ONCE);
        let signed: Vec<_> = number.map(|number| writer.say(&format!("statement {number}"))).collect();
        sequencer.commit(&signed, 0).unwrap();
        statements.extend(signed.iter().map(|signed| SignedStatement::parse(signed).unwrap()));
    }
    std::fs::write(root.join("trust.toml"), trust.to_toml().unwrap()).unwrap();
    (trust, statements, writer)
}

fn signatures_alone(statements: &[SignedStatement], writer: &Writer, threads: NonZero<usize>) -> Duration {
    let started = Instant::now();
    thread::scope(|scope| {
        for share in statements.chunks(statements.len().div_ceil(threads.get())) {
            let key = writer.key.key();
            scope.spawn(move || share.iter().for_each(|signed| signed.verify(key).unwrap()));
        }
    });
    started.elapsed()
}

fn read(
    root: &Path,
    trust: &Trust,
    threads: NonZero<usize>,
    verified: Option<Verified>,
) -> (Duration, Verified) {
    let store = FolderStore::read_only(root.join("public")).unwrap();
    let started = Instant::now();
    let ask = Ask { verified, ..Ask::default() };
    let loaded = load(&store, trust, ask, &Evidence::none(), threads, |_, _| ()).unwrap();
    assert!(loaded.refused.is_empty());
    (started.elapsed(), loaded.folded)
}
