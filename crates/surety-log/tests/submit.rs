//! Many who submit at once: group commit, a bounded queue, one place for each entry, proofs for all.

mod common;

use std::sync::{Arc, mpsc};
use std::thread;

use common::{Disk, Fault, Process, folders, identity, log_key, log_verifier};
use surety_log::witness::{AddCheckpoint, Witness};
use surety_log::{
    AppendError, Expected, Log, Options, Policy, Proof, Reader, SEED_LEN, SignatureType, Signer as _,
    SignerKey, Stores,
};

fn stores(process: &Arc<Process>, public: &Arc<Disk>, private: &Arc<Disk>) -> Stores {
    Stores { public: process.store(public), head: process.store(private) }
}

#[test]
fn every_submitter_gets_a_place_of_its_own_and_a_proof() {
    let root = tempfile::tempdir().unwrap();
    let stores = folders(root.path());
    let log = Log::create(stores.clone(), identity(), Options::default(), || 0).unwrap();
    let mut places: Vec<u64> = thread::scope(|scope| {
        let submit = |submitter: u32| {
            let (log, public) = (&log, &stores.public);
            scope.spawn(move || {
                let entry = |number: u32| format!("{submitter}: {number}").into_bytes();
                let policy = Policy::log_only(log_verifier());
                let append = |number| {
                    let receipt = log.append(entry(number)).unwrap();
                    let proof =
                        Reader::new(public.as_ref()).prove(receipt.index, &receipt.checkpoint).unwrap();
                    let proof = Proof::parse(proof.to_string().as_bytes()).unwrap();
                    assert_eq!(proof.verify(&entry(number), &policy).unwrap().index, receipt.index);
                    receipt.index
                };
                (0..20).map(append).collect::<Vec<_>>()
            })
        };
        let submitters: Vec<_> = (0..16).map(submit).collect();
        submitters.into_iter().flat_map(|submitter| submitter.join().unwrap()).collect()
    });
    places.sort_unstable();
    assert_eq!(places, (0..320).collect::<Vec<_>>());
    assert_eq!(log.append(b"3: 7".to_vec()).unwrap().checkpoint.checkpoint().size(), 320, "logged already");
}

#[test]
fn the_queue_is_bounded() {
    let (public, private) = (Arc::default(), Arc::default());
    let options = Options { queue_entries_max: 3, queue_bytes_max: 10, ..Options::default() };
    let log = Log::create(stores(&Process::sound(), &public, &private), identity(), options, || 0).unwrap();
    // The first callback holds the log up until the queue is full.
    let (started, wait_for_start) = mpsc::sync_channel(0);
    let (release, wait_for_release) = mpsc::sync_channel::<()>(0);
    log.submit(b"first".to_vec(), move |_| {
        started.send(()).unwrap();
        wait_for_release.recv().unwrap();
    })
    .unwrap();
    wait_for_start.recv().unwrap();
    let (done, results) = mpsc::channel();
    let submit = |entry: &[u8]| {
        let done = done.clone();
        log.submit(entry.to_vec(), move |result| done.send(result).unwrap())
    };
    assert!(submit(b"a").is_ok() && submit(b"b").is_ok());
    assert!(matches!(submit(&[0; 9]), Err(AppendError::Busy)), "too many bytes");
    assert!(submit(b"c").is_ok());
    assert!(matches!(submit(b"d"), Err(AppendError::Busy)), "too many entries");
    assert!(matches!(submit(&vec![0; 65_536]), Err(AppendError::TooLong(_))));
    release.send(()).unwrap();
    drop(log);
    let places: Vec<u64> = results.try_iter().map(|result| result.unwrap().index).collect();
    assert_eq!(places, [1, 2, 3], "what was taken is logged before the log closes");
}

#[test]
fn after_a_failure_the_log_mends_itself() {
    for fault in [Fault::Fails, Fault::FailsButPersists, Fault::FailsHalfway] {
        for write in 2..8 {
            let (public, private) = (Arc::default(), Arc::default());
            let stores = stores(&Process::failing_at(write, fault), &public, &private);
            let log = Log::create(stores, identity(), Options::default(), || 0).unwrap();
            for number in 0..4u64 {
                let entry = number.to_be_bytes().to_vec();
                let receipt = log.append(entry.clone()).or_else(|error| {
                    assert!(error.to_string().contains("submit it again"), "{error}");
                    log.append(entry)
                });
                assert_eq!(receipt.unwrap().index, number, "{fault:?} at {write}");
            }
        }
    }
}

#[test]
fn a_log_that_another_writer_took_over_stops() {
    let (public, private) = (Arc::default(), Arc::default());
    let stores = stores(&Process::sound(), &public, &private);
    let first = Log::create(stores.clone(), identity(), Options::default(), || 0).unwrap();
    let second = Log::open(stores, identity(), &Expected::default(), Options::default(), || 0).unwrap();
    first.append(b"a".to_vec()).unwrap();
    let error = second.append(b"b".to_vec()).unwrap_err().to_string();
    assert!(error.contains("another process"), "{error}");
    assert!(matches!(second.append(b"b".to_vec()), Err(AppendError::Closed)), "it does not race");
    assert_eq!(first.append(b"c".to_vec()).unwrap().index, 1);
}

#[test]
fn what_waits_when_another_writer_takes_over_is_refused_too() {
    let (public, private) = (Arc::default(), Arc::default());
    let stores = stores(&Process::sound(), &public, &private);
    let first = Log::create(stores.clone(), identity(), Options::default(), || 0).unwrap();
    first.append(b"a".to_vec()).unwrap();
    let options = Options { batch_entries_max: 1, ..Options::default() };
    let second = Log::open(stores, identity(), &Expected::default(), options, || 0).unwrap();
    // An entry that is logged already needs no write; its callback holds the second log up.
    let (started, wait_for_start) = mpsc::sync_channel(0);
    let (release, wait_for_release) = mpsc::sync_channel::<()>(0);
    second
        .submit(b"a".to_vec(), move |_| {
            started.send(()).unwrap();
            wait_for_release.recv().unwrap();
        })
        .unwrap();
    wait_for_start.recv().unwrap();
    let (done, results) = mpsc::channel();
    for entry in [b"b", b"c"] {
        let done = done.clone();
        second.submit(entry.to_vec(), move |result| done.send(result).unwrap()).unwrap();
    }
    first.append(b"z".to_vec()).unwrap();
    release.send(()).unwrap();
    drop(second);
    for result in results.try_iter().collect::<Vec<_>>() {
        let error = result.unwrap_err().to_string();
        assert!(error.contains("another process"), "{error}");
    }
    assert_eq!(first.append(b"y".to_vec()).unwrap().index, 2, "the second logged nothing");
}

#[test]
fn cosignatures_are_published_and_make_a_quorum() {
    let (public, private) = (Arc::default(), Arc::default());
    let stores = stores(&Process::sound(), &public, &private);
    let log = Log::create(stores.clone(), identity(), Options::default(), || 0).unwrap();
    let receipt = log.append(b"entry".to_vec()).unwrap();

    let name = "witness.example".parse().unwrap();
    let key = SignerKey::from_seed(name, SignatureType::MlDsa44, &[5; SEED_LEN]).unwrap();
    let verifier = key.verifier().clone();
    let witness =
        Witness::new([log_verifier()], vec![Arc::new(key)], Process::sound().store(&Arc::default())).unwrap();
    let mut cosigned = receipt.checkpoint.as_ref().clone();
    let request = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: cosigned.clone() };
    let lines = witness.add_checkpoint(request.to_body().as_bytes(), 77).unwrap();
    cosigned.add_cosignatures(&lines, &[&verifier]).unwrap();
    log.offer_cosigned(cosigned);
    drop(log);

    let policy = format!("log {}\nwitness w {verifier}\nquorum w\n", log_key().verifier());
    let policy = Policy::parse(policy.as_bytes()).unwrap();
    let reader = Reader::new(stores.public.as_ref());
    let signed = reader.checkpoint().unwrap();
    let logged = reader.prove(0, &signed).unwrap().verify(b"entry", &policy).unwrap();
    assert_eq!(logged.cosigned[0].time, 77);
    assert!(
        reader.prove(0, &receipt.checkpoint).unwrap().verify(b"entry", &policy).is_err(),
        "not yet seen then"
    );

    // The cosignatures outlive a restart.
    let log = Log::open(stores.clone(), identity(), &Expected::default(), Options::default(), || 0).unwrap();
    assert!(policy.check(&log.checkpoint()).is_ok());
}

#[test]
fn what_depends_on_lost_entries_is_not_logged() {
    let (public, private) = (Arc::default(), Arc::default());
    // The head of the second batch is not written.
    let process = Process::failing_at(5, Fault::Fails);
    let options = Options { batch_entries_max: 1, ..Options::default() };
    let log = Log::create(stores(&process, &public, &private), identity(), options, || 0).unwrap();
    let (sender, results) = mpsc::channel();
    for (place, entry) in ["first", "lost", "depends on it", "too"].into_iter().enumerate() {
        let sender = sender.clone();
        log.submit_at(place as u64, entry.as_bytes().to_vec(), move |result| {
            sender.send((entry, result.map(|receipt| receipt.index))).unwrap();
        })
        .unwrap();
    }
    assert_eq!(log.settle().unwrap().checkpoint().size(), 1, "no gap");
    let results: Vec<_> = results.try_iter().collect();
    assert!(matches!(results[0], ("first", Ok(0))), "{results:?}");
    assert!(matches!(results[1], ("lost", Err(AppendError::NotAcknowledged(_)))), "{results:?}");
    assert!(matches!(results[2], (_, Err(AppendError::Displaced { place: 2 }))), "{results:?}");
    assert!(matches!(results[3], (_, Err(AppendError::Displaced { place: 3 }))), "{results:?}");
    let (sender, again) = mpsc::channel();
    log.submit_at(7, b"first".to_vec(), move |result| sender.send(result.unwrap().index).unwrap()).unwrap();
    assert_eq!(again.recv(), Ok(0), "what is logged keeps its place");
}
