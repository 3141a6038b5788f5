//! What the log costs: `cargo bench -p surety-log`. The figures of appending depend on the disk: compare
//! them with `fsync probe`, which writes and syncs one small file and its folder.
#![allow(missing_docs, clippy::unwrap_used, reason = "a benchmark that cannot run should stop")]

use std::fs::File;
use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use criterion::{BatchSize, Criterion, Throughput, criterion_group, criterion_main};
use surety_log::tile::Edge;
use surety_log::tree::{Tree, leaf_hash, verify_inclusion};
use surety_log::{
    FolderStore, Identity, Policy, Proof, Reader, SEED_LEN, Sequencer, SignatureType, Signer as _, SignerKey,
    Stores, fsck,
};

const ENTRIES: u64 = 1_000_000;
const ENTRY_LEN: usize = 256;

fn key() -> SignerKey {
    SignerKey::from_seed("log.example".parse().unwrap(), SignatureType::Ed25519, &[1; SEED_LEN]).unwrap()
}

fn entry(number: u64) -> [u8; ENTRY_LEN] {
    let mut entry = [7; ENTRY_LEN];
    entry[..8].copy_from_slice(&number.to_be_bytes());
    entry
}

fn new_log(root: &Path) -> (Sequencer, Stores) {
    let stores = Stores {
        public: Arc::new(FolderStore::writer(root.join("public")).unwrap()),
        head: Arc::new(FolderStore::writer(root.join("private")).unwrap()),
    };
    let identity = Identity::new("log.example".parse().unwrap(), vec![Arc::new(key())]).unwrap();
    (Sequencer::create(stores.clone(), identity, 0).unwrap(), stores)
}

fn trees(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("tree of 1,000,000 entries of 256 B");
    group.throughput(Throughput::Elements(ENTRIES)).sample_size(10);
    group.bench_function("edge only", |bencher| {
        bencher.iter(|| {
            let mut edge = Edge::default();
            (0..ENTRIES).for_each(|number| edge.push(leaf_hash(&entry(number)), |_, _| ()));
            black_box(edge.root())
        });
    });
    group.bench_function("all subtrees in memory", |bencher| {
        bencher.iter(|| (0..ENTRIES).map(|number| leaf_hash(&entry(number))).collect::<Tree>().root());
    });
    group.finish();
}

fn proofs(criterion: &mut Criterion) {
    let tree: Tree = (0..ENTRIES).map(|number| leaf_hash(&entry(number))).collect();
    let (root, proof) = (tree.root(), tree.prove_inclusion(333_333).unwrap());
    let leaf = leaf_hash(&entry(333_333));
    criterion.bench_function("verify inclusion in 1,000,000", |bencher| {
        bencher.iter(|| verify_inclusion(leaf, 333_333, ENTRIES, root, black_box(&proof)));
    });
    criterion.bench_function("make inclusion in 1,000,000", |bencher| {
        bencher.iter(|| tree.prove_inclusion(black_box(333_333)));
    });

    let text = "log.example\n1000000\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    for kind in SignatureType::ALL {
        let key = SignerKey::from_seed("log.example".parse().unwrap(), kind, &[1; SEED_LEN]).unwrap();
        let signature = key.sign(text, 1).unwrap();
        criterion.bench_function(&format!("verify {kind:?}"), |bencher| {
            bencher.iter(|| key.verifier().verify(text, black_box(&signature)));
        });
        criterion.bench_function(&format!("sign {kind:?}"), |bencher| {
            bencher.iter(|| key.sign(text, black_box(1)));
        });
    }
}

fn logs(criterion: &mut Criterion) {
    let root = tempfile::tempdir_in(".").unwrap();
    let (mut sequencer, stores) = new_log(root.path());
    let mut next = 0;
    let mut batch = |count: u64| {
        next += count;
        (next - count..next).map(entry).collect::<Vec<_>>()
    };
    let mut group = criterion.benchmark_group("append");
    group.sample_size(20);
    group.bench_function("fsync probe", |bencher| bencher.iter(|| fsync_probe(root.path())));
    for count in [1, 1024, 4096] {
        group.throughput(Throughput::Elements(count));
        group.bench_function(format!("{count} at once"), |bencher| {
            let commit = |entries: Vec<_>| sequencer.commit(&entries, 0).unwrap();
            bencher.iter_batched(|| batch(count), commit, BatchSize::PerIteration);
        });
    }
    group.finish();

    let signed = sequencer.checkpoint();
    let size = signed.checkpoint().size();
    let reader = Reader::new(stores.public.as_ref());
    let mut group = criterion.benchmark_group(format!("log of {size} on disk"));
    group.sample_size(20);
    group.bench_function("one proof", |bencher| {
        bencher.iter(|| reader.prove(black_box(size / 3), &signed).unwrap());
    });
    let last = 1024.min(size);
    group.throughput(Throughput::Elements(last));
    group.bench_function("proofs of the last 1,024", |bencher| {
        bencher.iter(|| {
            let prover = reader.prover(&signed);
            (size - last..size).for_each(|index| drop(black_box(prover.prove(index).unwrap())));
        });
    });
    let file = reader.prove(size / 3, &signed).unwrap().to_string();
    let logged = reader.entry(size / 3, &signed).unwrap();
    let policy = Policy::log_only(key().verifier().clone());
    group.throughput(Throughput::Elements(1));
    group.bench_function("read and verify a proof file", |bencher| {
        bencher.iter(|| Proof::parse(black_box(file.as_bytes())).unwrap().verify(&logged, &policy).unwrap());
    });
    group.throughput(Throughput::Elements(size));
    group.bench_function("fsck", |bencher| {
        bencher.iter(|| fsck::check(stores.public.as_ref(), &[key().verifier().clone()], |_, _| ()).unwrap());
    });
    group.finish();
}

fn fsync_probe(folder: &Path) {
    let mut file = File::create(folder.join("probe")).unwrap();
    file.write_all(&[7; 4096]).unwrap();
    file.sync_all().unwrap();
    File::open(folder).unwrap().sync_all().unwrap();
}

criterion_group!(benches, trees, proofs, logs);
criterion_main!(benches);
