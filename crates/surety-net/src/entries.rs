//! The entries of a log: checked on all cores, taken in order.
//!
//! Whoever folds a log checks each entry, which is most of the work and needs nothing but the rules, and takes it in at
//! its place. The first is done here by threads that go a little ahead of the second.

use std::num::NonZero;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, mpsc};
use std::thread;

use surety_log::tile::{TILE_WIDTH, Tile, row};
use surety_log::{Hash, ReadError, Reader};
use surety_statement::{Checked, Refusal, Registry, Rules};

/// How many bundles wait to be taken, of all threads together, but at least one of each: enough to keep two busy, and
/// little to hold.
const AHEAD: usize = 8;

/// Which entries of a log are read, and on how many threads they are checked.
pub(crate) struct Entries<'r> {
    /// The published log.
    pub reader: &'r Reader<'r>,
    /// How many entries are published.
    pub size: u64,
    /// Those to read.
    pub range: Range<u64>,
    /// How many threads check.
    pub threads: NonZero<usize>,
}

/// An entry, checked by the rules as they stand at its place.
pub(crate) struct CheckedEntry {
    pub index: u64,
    pub leaf: Hash,
    pub checked: Result<Checked, Refusal>,
}

/// An entry that was checked by rules which may have changed since.
struct Early {
    index: u64,
    leaf: Hash,
    /// Of an entry that was refused, the bytes too.
    checked: Result<Checked, (Refusal, Vec<u8>)>,
}

/// The entries of a bundle, and what they were checked by.
type Bundle = (Vec<Early>, Arc<Rules>);

impl Entries<'_> {
    /// Reads and checks the entries, and has each taken in order. `take` accepts it into the registry, or does not: the
    /// entries after it are judged by what is decided there.
    ///
    /// # Errors
    /// What `take` says, and when a bundle cannot be read. That the entries are those of a checkpoint is for the caller
    /// to see by their hashes.
    pub(crate) fn visit<E: From<ReadError>>(
        &self,
        registry: &mut Registry,
        check: impl Fn(&Rules, u64, &[u8]) -> Result<Checked, Refusal> + Sync,
        mut take: impl FnMut(&mut Registry, CheckedEntry) -> Result<(), E>,
    ) -> Result<(), E> {
        let bundles: Vec<Tile> = row(None, self.size)
            .skip_while(|tile| (tile.index() + 1) * TILE_WIDTH <= self.range.start)
            .take_while(|tile| tile.index() * TILE_WIDTH < self.range.end)
            .collect();
        // Who may speak stands at the beginning: with that known, the rest can be checked on all cores.
        let alone = usize::from(registry.root().is_none()).min(bundles.len());
        let (alone, rest) = bundles.split_at(alone);
        let shared = RwLock::new(registry.rules());
        let check_bundle = |tile: &Tile| {
            let rules = Arc::clone(&shared.read().unwrap_or_else(PoisonError::into_inner));
            Ok((self.check(*tile, |index, bytes| check(&rules, index, bytes))?, rules))
        };
        let mut take_bundle = |bundle: Result<Bundle, ReadError>| {
            let (entries, rules) = bundle?;
            for Early { index, leaf, checked } in entries {
                let checked = match checked {
                    Ok(checked) => registry.rules().renew(checked),
                    Err((why, _)) if Arc::ptr_eq(&rules, &registry.rules()) => Err(why),
                    // What was refused by rules that have changed since may be good by those of now.
                    Err((_, bytes)) => check(&registry.rules(), index, &bytes),
                };
                take(registry, CheckedEntry { index, leaf, checked })?;
            }
            *shared.write().unwrap_or_else(PoisonError::into_inner) = registry.rules();
            Ok::<(), E>(())
        };
        alone.iter().try_for_each(|tile| take_bundle(check_bundle(tile)))?;
        in_order(rest, self.threads, check_bundle, take_bundle)
    }

    /// Checks those of a bundle that are to be read.
    fn check(
        &self,
        tile: Tile,
        check: impl Fn(u64, &[u8]) -> Result<Checked, Refusal>,
    ) -> Result<Vec<Early>, ReadError> {
        let entries = (tile.index() * TILE_WIDTH..).zip(self.reader.entries(tile)?);
        let wanted = entries.filter(|(index, _)| self.range.contains(index));
        let checked = wanted.map(|(index, (leaf, bytes))| {
            let checked = check(index, &bytes).map_err(|why| (why, bytes));
            Early { index, leaf, checked }
        });
        Ok(checked.collect())
    }
}

/// Does `work` on every item on some threads, and has the results taken in the order of the items, while the threads go
/// on.
fn in_order<T: Sync, R: Send, E>(
    items: &[T],
    threads: NonZero<usize>,
    work: impl Fn(&T) -> R + Sync,
    mut take: impl FnMut(R) -> Result<(), E>,
) -> Result<(), E> {
    let threads = threads.get().min(items.len());
    let work = &work;
    thread::scope(|scope| {
        let (workers, results): (Vec<_>, Vec<_>) = (0..threads)
            .map(|first| {
                let (sender, results) = mpsc::sync_channel((AHEAD / threads).max(1));
                let mut own = items.iter().skip(first).step_by(threads);
                // It ends early when nobody waits for more.
                let worker = scope.spawn(move || own.try_for_each(|item| sender.send(work(item))).is_ok());
                (worker, results)
            })
            .unzip();
        let taken = items.iter().zip(results.iter().cycle()).try_for_each(|(item, results)| {
            // A thread that panicked is a defect; what it left is done here rather than lost.
            take(results.recv().unwrap_or_else(|_| work(item)))
        });
        drop(results);
        for worker in workers {
            let _ = worker.join();
        }
        taken
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn results_come_in_order_on_any_number_of_threads(count in 0..100_u32, threads in 1..9_usize) {
            let items: Vec<u32> = (0..count).collect();
            let mut taken = Vec::new();
            let threads = NonZero::new(threads).unwrap();
            in_order(&items, threads, |item| item * 2, |result| {
                taken.push(result);
                Ok::<(), ()>(())
            }).unwrap();
            prop_assert_eq!(taken, items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }

        #[test]
        fn nothing_is_taken_after_an_error(count in 1..100_u32, threads in 1..9_usize, at in 0..100_u32) {
            let items: Vec<u32> = (0..count).collect();
            let mut taken = 0;
            let threads = NonZero::new(threads).unwrap();
            let ended = in_order(&items, threads, |item| *item, |result| {
                taken += 1;
                if result == at { Err(result) } else { Ok(()) }
            });
            prop_assert_eq!(ended, if at < count { Err(at) } else { Ok(()) });
            prop_assert_eq!(taken, count.min(at + 1));
        }
    }

    /// The panic is seen where the work is done again.
    #[test]
    fn what_a_thread_left_is_done_by_who_waits() {
        let main = thread::current().id();
        let work = |item: &u32| {
            assert!(thread::current().id() == main || *item != 5, "a defect");
            *item
        };
        let mut taken = Vec::new();
        let items: Vec<u32> = (0..20).collect();
        in_order(&items, NonZero::new(3).unwrap(), work, |result| {
            taken.push(result);
            Ok::<(), ()>(())
        })
        .unwrap();
        assert_eq!(taken, items);
    }
}
