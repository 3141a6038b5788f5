//! Many entries at once: checked on all cores, accepted in order.

use std::num::NonZero;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::thread;

use crate::refusal::Refusal;
use crate::registry::{Accepted, Checked, Registry, Rules};

/// How many entries are checked before any of them is accepted: enough to keep all cores busy, and little to hold.
const BATCH: usize = 4096;

/// Folds the entries of a log into a registry, from the entry on that the registry has seen last, and verifies
/// every signature and shape on the way. `each` is told of every entry in order, accepted or refused, and can stop it.
///
/// An entry that is refused does not count; those after it are judged as if it were not there.
pub fn verify_entries<B: AsRef<[u8]> + Sync>(
    registry: &mut Registry,
    entries: impl IntoIterator<Item = B>,
    threads: NonZero<usize>,
    mut each: impl FnMut(u64, Result<Accepted, Refusal>) -> ControlFlow<()>,
) {
    let mut entries = entries.into_iter();
    let mut batch = Vec::with_capacity(BATCH);
    loop {
        batch.clear();
        batch.extend(entries.by_ref().take(BATCH));
        if batch.is_empty() {
            return;
        }
        let rules = registry.rules();
        let checked = check_all(&rules, &batch, threads);
        for (entry, checked) in batch.iter().zip(checked) {
            let index = registry.size();
            // What was refused by rules that have changed since may be good by those of now.
            let changed = !Arc::ptr_eq(&rules, &registry.rules());
            let checked = if changed && checked.is_err() { registry.check(entry.as_ref()) } else { checked };
            let result = checked.and_then(|checked| registry.accept(checked, index));
            registry.skip_to(index.saturating_add(1));
            if each(index, result).is_break() {
                return;
            }
        }
    }
}

/// Checks each entry, on as many threads as asked.
fn check_all<B: AsRef<[u8]> + Sync>(
    rules: &Rules,
    batch: &[B],
    threads: NonZero<usize>,
) -> Vec<Result<Checked, Refusal>> {
    let check = |entry: &B| rules.check(entry.as_ref());
    let share = batch.len().div_ceil(threads.get()).max(1);
    thread::scope(|scope| {
        let mut shares = batch.chunks(share);
        let own = shares.next().unwrap_or_default();
        let workers: Vec<_> = shares
            .map(|share| (share, scope.spawn(move || share.iter().map(check).collect::<Vec<_>>())))
            .collect();
        let mut all: Vec<_> = own.iter().map(check).collect();
        for (share, worker) in workers {
            // A worker that panicked is a defect; its share is checked again here rather than lost.
            all.extend(worker.join().unwrap_or_else(|_| share.iter().map(check).collect()));
        }
        all
    })
}
