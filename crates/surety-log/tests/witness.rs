//! A witness never signs a fork or a rollback, whatever it is asked and whenever it is killed.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod common;

use std::sync::Arc;

use common::{Disk, Fault, MemoryStore, ORIGIN, Process, log_key, log_verifier};
use surety_log::tree::{Tree, leaf_hash};
use surety_log::witness::{AddCheckpoint, Refusal, Witness};
use surety_log::{
    Checkpoint, Hash, SEED_LEN, SignatureType, SignedCheckpoint, Signer, SignerKey, Store, VerifierKey,
};

fn witness_key(kind: SignatureType) -> SignerKey {
    SignerKey::from_seed("witness.example/w1".parse().unwrap(), kind, &[8; SEED_LEN]).unwrap()
}

fn witness_keys() -> Vec<VerifierKey> {
    [SignatureType::Cosignature, SignatureType::MlDsa44]
        .map(|kind| witness_key(kind).verifier().clone())
        .into()
}

fn witness(store: Arc<dyn Store>) -> Witness {
    let signers: Vec<Arc<dyn Signer>> = vec![
        Arc::new(witness_key(SignatureType::Cosignature)),
        Arc::new(witness_key(SignatureType::MlDsa44)),
    ];
    Witness::new([log_verifier()], signers, store).unwrap()
}

/// The log with one kind of entries. Two kinds are a fork.
fn tree(kind: &str, size: u64) -> Tree {
    (0..size).map(|number| leaf_hash(format!("{kind} {number}").as_bytes())).collect()
}

fn signed(size: u64, root: Hash) -> SignedCheckpoint {
    let checkpoint = Checkpoint::new(ORIGIN.parse().unwrap(), size, root).unwrap();
    SignedCheckpoint::sign(checkpoint, &[&log_key()], 0).unwrap()
}

fn request(kind: &str, old_size: u64, size: u64) -> AddCheckpoint {
    let tree = tree(kind, size);
    let proof = tree.prove_consistency(old_size.min(size)).unwrap();
    AddCheckpoint { old_size, proof, checkpoint: signed(size, tree.root()) }
}

fn ask(witness: &Witness, request: &AddCheckpoint, now: u64) -> Result<String, Refusal> {
    witness.add_checkpoint(request.to_body().as_bytes(), now)
}

fn status(result: Result<String, Refusal>) -> u16 {
    result.map_or_else(|refusal| refusal.status(), |_| 200)
}

#[test]
fn a_log_that_grows_is_cosigned_with_every_key() {
    let disk = Arc::new(Disk::default());
    let witness = witness(Process::sound().store(&disk));
    for (old, new, now) in [(0, 3, 10), (3, 3, 11), (3, 8, 12), (8, 300, 13)] {
        let request = request("a", old, new);
        let lines = ask(&witness, &request, now).unwrap();
        let mut published = request.checkpoint.clone();
        let keys = witness_keys();
        assert_eq!(published.add_cosignatures(&lines, &keys.iter().collect::<Vec<_>>()), Ok(2));
        for verified in published.note().verify(&keys).unwrap() {
            assert_eq!(verified.time, Some(now));
        }
    }
    assert_eq!(witness.last(&ORIGIN.parse().unwrap()).unwrap().unwrap().time, 13);
}

#[test]
fn every_refusal_has_the_status_of_the_specification() {
    let memory = Arc::<MemoryStore>::default();
    let disk = Disk::new(memory.clone());
    let witness = witness(Process::sound().store(&disk));
    ask(&witness, &request("a", 0, 5), 10).unwrap();
    let record = memory.objects.lock().unwrap().clone();

    let mut unsigned = request("a", 5, 9);
    let stranger =
        SignerKey::from_seed(ORIGIN.parse().unwrap(), SignatureType::Ed25519, &[1; SEED_LEN]).unwrap();
    unsigned.checkpoint =
        SignedCheckpoint::sign(unsigned.checkpoint.checkpoint().clone(), &[&stranger], 0).unwrap();
    let mut unknown = request("a", 5, 9);
    let checkpoint = Checkpoint::new("other.example".parse().unwrap(), 9, tree("a", 9).root()).unwrap();
    unknown.checkpoint = SignedCheckpoint::sign(checkpoint, &[&log_key()], 0).unwrap();
    let mut bad_proof = request("a", 5, 9);
    bad_proof.proof.pop();
    let mut needless_proof = request("a", 5, 5);
    needless_proof.proof.push(Hash::EMPTY_TREE);
    for (expected, what, request) in [
        (404, "unknown log", &unknown),
        (403, "not signed by the log", &unsigned),
        (400, "old size beyond the checkpoint", &request("a", 6, 5)),
        (409, "old size is not the last", &request("a", 0, 9)),
        (409, "old size is not the last", &request("a", 4, 9)),
        (409, "rollback", &request("a", 3, 4)),
        (409, "fork at the same size", &request("b", 5, 5)),
        (422, "fork", &request("b", 5, 9)),
        (422, "no proof", &bad_proof),
        (422, "proof where there is none", &needless_proof),
    ] {
        let refusal = ask(&witness, request, 11).unwrap_err();
        assert_eq!(refusal.status(), expected, "{what}: {refusal}");
        if expected == 409 {
            assert_eq!(refusal.answer(), ("text/x.tlog.size", "5\n".to_owned()), "{what}");
        }
    }
    let mut after = memory.objects.lock().unwrap().clone();
    after.retain(|key, _| !key.starts_with("forks/"));
    assert_eq!(after, record, "a refusal changes nothing but the evidence");
}

#[test]
fn what_contradicts_is_kept_before_it_is_refused() {
    let disk = Arc::new(Disk::default());
    let log = ORIGIN.parse().unwrap();
    let witness = witness(Process::sound().store(&disk));
    assert!(ask(&witness, &request("a", 0, 5), 1).is_ok());
    assert_eq!(status(ask(&witness, &request("a", 0, 5), 1)), 409, "a replay");
    assert_eq!(status(ask(&witness, &request("a", 0, 3), 1)), 409, "an old checkpoint");
    let mut needless = request("a", 5, 5);
    needless.proof.push(Hash::EMPTY_TREE);
    assert_eq!(status(ask(&witness, &needless, 1)), 422, "the same, with a proof where there is none");
    assert_eq!(witness.fork(&log).unwrap(), None, "an honest log leaves nothing");

    assert_eq!(status(ask(&witness, &request("b", 5, 9), 1)), 422);
    let doubt = witness.fork(&log).unwrap().unwrap();
    assert!(!doubt.is_proven());
    assert_eq!(doubt.refused, request("b", 5, 9).checkpoint);

    // Whatever the old size says.
    assert_eq!(status(ask(&witness, &request("b", 0, 5), 1)), 409);
    assert_eq!(status(ask(&witness, &request("c", 5, 5), 1)), 409);
    assert_eq!(status(ask(&witness, &request("c", 5, 9), 1)), 422);
    assert!(ask(&witness, &request("a", 5, 8), 2).is_ok(), "the log goes on as it was");
    drop(witness);

    let witness = self::witness(Process::sound().store(&disk));
    let fork = witness.fork(&log).unwrap().unwrap();
    assert!(fork.is_proven());
    assert_eq!(fork.cosigned, request("a", 0, 5).checkpoint);
    assert_eq!(fork.refused, request("b", 0, 5).checkpoint, "what proves it stays");
    for signed in [&fork.cosigned, &fork.refused] {
        signed.verify([&log_verifier()]).unwrap();
    }

    // Without a place for the evidence, it says so rather than forget.
    let full = self::witness(Process::failing_at(1, Fault::Fails).store(&Arc::new(Disk::default())));
    assert!(ask(&full, &request("a", 0, 5), 1).is_ok());
    assert!(matches!(ask(&full, &request("b", 0, 5), 1), Err(Refusal::Store(_))));
}

#[test]
fn a_witness_has_keys_for_cosignatures_and_a_record_for_each_log() {
    let store = || -> Arc<dyn Store> { Arc::<MemoryStore>::default() };
    let key: Arc<dyn Signer> = Arc::new(witness_key(SignatureType::Ed25519));
    assert!(Witness::new([log_verifier()], vec![key], store()).is_err());

    let memory = Arc::<MemoryStore>::default();
    let name = "log.example/other".parse().unwrap();
    let other = SignerKey::from_seed(name, SignatureType::Ed25519, &[9; SEED_LEN]).unwrap();
    let signers: Vec<Arc<dyn Signer>> = vec![Arc::new(witness_key(SignatureType::Cosignature))];
    let logs = [log_verifier(), other.verifier().clone()];
    let witness = Witness::new(logs, signers, Arc::clone(&memory) as _).unwrap();
    ask(&witness, &request("a", 0, 5), 1).unwrap();
    let mut objects = memory.objects.lock().unwrap();
    let record = objects.values().next().unwrap().clone();
    let of_other = surety_log::witness::record_name(&"log.example/other".parse().unwrap());
    objects.insert(format!("witness/{of_other}"), record);
    drop(objects);
    let checkpoint = Checkpoint::new("log.example/other".parse().unwrap(), 9, tree("a", 9).root()).unwrap();
    let checkpoint = SignedCheckpoint::sign(checkpoint, &[&other], 0).unwrap();
    let proof = tree("a", 9).prove_consistency(5).unwrap();
    let refused = ask(&witness, &AddCheckpoint { old_size: 5, proof, checkpoint }, 2).unwrap_err();
    assert!(matches!(refused, Refusal::DamagedRecord(_)), "{refused}");
}

#[test]
fn a_newer_cosignature_takes_the_place_of_the_older() {
    let witness = witness(Arc::new(MemoryStore::default()));
    let (keys, mut published) = (witness_keys(), request("a", 0, 5).checkpoint);
    for (old_size, now) in [(0, 10), (5, 20)] {
        let lines = ask(&witness, &request("a", old_size, 5), now).unwrap();
        published.add_cosignatures(&lines, &keys.iter().collect::<Vec<_>>()).unwrap();
        let verified = published.note().verify(&keys).unwrap();
        assert_eq!(verified.iter().map(|verified| verified.time).collect::<Vec<_>>(), [Some(now); 2]);
    }
    assert_eq!(published.note().signatures().len(), 3, "that of the log too");
}

#[test]
fn a_malformed_request_is_refused() {
    let witness = witness(Process::sound().store(&Arc::default()));
    let good = request("a", 0, 5).to_body();
    for (from, to) in [
        ("old 0", "old 00"),
        ("old 0", "old"),
        ("old 0", "Old 0"),
        ("old 0\n\n", "old 0\n"),
        ("old 0\n", "old 0\nx\n"),
        ("old 0\n", "old 0\r\n"),
        ("\n5\n", "\n05\n"),
        ("\u{2014} ", "- "),
    ] {
        let body = good.replacen(from, to, 1);
        assert_ne!(body, good);
        assert_eq!(status(witness.add_checkpoint(body.as_bytes(), 0)), 400, "{from} as {to}");
    }
    let long =
        good.replacen("old 0\n", &format!("old 0\n{}", format!("{}\n", Hash::EMPTY_TREE).repeat(64)), 1);
    assert_eq!(status(witness.add_checkpoint(long.as_bytes(), 0)), 400);
    assert_eq!(status(witness.add_checkpoint(&[0xff; 10], 0)), 400);
    assert_eq!(status(witness.add_checkpoint(good.as_bytes(), 0)), 200);
}

#[test]
fn an_empty_log_has_one_root_only() {
    let witness = witness(Process::sound().store(&Arc::default()));
    let wrong = AddCheckpoint { old_size: 0, proof: Vec::new(), checkpoint: signed(0, Hash([1; 32])) };
    assert_eq!(status(ask(&witness, &wrong, 0)), 409);
    assert_eq!(status(ask(&witness, &request("a", 0, 0), 0)), 200);
}

#[test]
fn a_clock_that_goes_back_is_refused_and_says_what_to_do() {
    let witness = witness(Process::sound().store(&Arc::default()));
    ask(&witness, &request("a", 0, 5), 1_000).unwrap();
    let refusal = ask(&witness, &request("a", 5, 6), 999).unwrap_err();
    assert!(matches!(refusal, Refusal::Clock { now: 999, last: 1_000 }));
    assert!(refusal.to_string().contains("set the clock right"), "{refusal}");
    assert!(ask(&witness, &request("a", 5, 6), 1_000).is_ok());
}

#[test]
fn whenever_it_is_killed_it_never_signs_two_histories() {
    for fault in Fault::ALL {
        for write in 0..3 {
            let disk = Arc::new(Disk::default());
            let failing = witness(Process::failing_at(write, fault).store(&disk));
            let mut cosigned = Vec::new();
            for (old, new) in [(0, 3), (3, 5), (5, 9)] {
                if ask(&failing, &request("a", old, new), 1).is_ok() {
                    cosigned.push(new);
                }
            }
            // The log tries every way to have another history cosigned by the next process.
            let next = witness(Process::sound().store(&disk));
            let largest = cosigned.iter().copied().max().unwrap_or(0);
            for old in 0..=9 {
                for new in [old.max(1), 9, 12] {
                    let Ok(_) = ask(&next, &request("b", old, new), 2) else { continue };
                    assert_eq!(
                        largest, 0,
                        "{fault:?} at {write}: signed b {old} to {new} after a {cosigned:?}"
                    );
                    return;
                }
            }
            for new in (0..largest).rev() {
                assert!(ask(&next, &request("a", largest.min(new), new), 2).is_err(), "rollback to {new}");
            }
        }
    }
}

#[test]
fn two_requests_at_once_do_not_roll_back() {
    let disk = Arc::new(Disk::default());
    let witness = witness(Process::sound().store(&disk));
    ask(&witness, &request("a", 0, 5), 0).unwrap();
    let requests = [request("a", 5, 7), request("a", 5, 9), request("b", 5, 9)];
    let signed: usize = std::thread::scope(|scope| {
        let asked: Vec<_> =
            requests.iter().map(|request| scope.spawn(|| ask(&witness, request, 0).is_ok())).collect();
        asked.into_iter().map(|asked| usize::from(asked.join().unwrap())).sum()
    });
    assert_eq!(signed, 1, "both go on from 5, so one of them comes too late");
}
