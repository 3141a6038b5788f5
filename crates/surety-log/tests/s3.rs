//! A log in a bucket: the same promises as in a folder, kept on a real S3 server over HTTP (`s3s-fs`).
//!
//! S3 promises that a conditional write is one step. `s3s-fs` looks first and writes then; so this server takes
//! one write at a time.
#![expect(clippy::unwrap_used, reason = "helpers of tests may unwrap too")]

mod common;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use common::{Fault, Process, World, identity, log_verifier};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto::Builder;
use s3s::auth::SimpleAuth;
use s3s::service::S3ServiceBuilder;
use surety_log::{
    CommitError, Expected, Log, OpenError, Options, Reader, S3Store, Sequencer, Store as _, StoreError,
    Stores, fsck,
};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::Mutex;

const BUCKET: &str = "logs";

struct Server {
    root: TempDir,
    port: u16,
    /// It serves as long as this lives.
    _runtime: Runtime,
}

impl Server {
    fn start() -> Self {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir(root.path().join(BUCKET)).unwrap();
        let mut service = S3ServiceBuilder::new(s3s_fs::FileSystem::new(root.path()).unwrap());
        service.set_auth(SimpleAuth::from_single("writer", "secret of the writer"));
        let service = service.build();
        let runtime = Runtime::new().unwrap();
        let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0")).unwrap();
        let port = listener.local_addr().unwrap().port();
        let writing = Arc::new(Mutex::new(()));
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (service, writing) = (service.clone(), Arc::clone(&writing));
                tokio::spawn(async move {
                    let answer = service_fn(|request| {
                        let (service, writing) = (service.clone(), Arc::clone(&writing));
                        async move {
                            let _one = writing.lock().await;
                            hyper::service::Service::call(&service, request).await
                        }
                    });
                    drop(
                        Builder::new(TokioExecutor::new())
                            .serve_connection(TokioIo::new(stream), answer)
                            .await,
                    );
                });
            }
        });
        Self { root, port, _runtime: runtime }
    }

    fn store(&self, prefix: &str) -> Arc<S3Store> {
        self.store_with(prefix, "secret of the writer")
    }

    fn store_with(&self, prefix: &str, secret: &str) -> Arc<S3Store> {
        let settings = [
            ("AWS_ENDPOINT", format!("http://127.0.0.1:{}", self.port)),
            ("AWS_ALLOW_HTTP", "true".to_owned()),
            ("AWS_REGION", "us-east-1".to_owned()),
            ("AWS_ACCESS_KEY_ID", "writer".to_owned()),
            ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
            ("HOME", "/".to_owned()),
        ];
        let settings = settings.map(|(name, value)| (name.to_owned(), value));
        Arc::new(S3Store::new(&format!("s3://{BUCKET}/{prefix}"), settings).unwrap())
    }

    /// Public and private files of a log, under two prefixes of the same bucket.
    fn stores(&self, log: &str) -> Stores {
        Stores { public: self.store(&format!("{log}/public")), head: self.store(&format!("{log}/private")) }
    }

    fn open(&self, log: &str) -> Result<Sequencer, OpenError> {
        Sequencer::open(self.stores(log), identity(), &Expected::default())
    }

    fn folder(&self, prefix: &str) -> PathBuf {
        self.root.path().join(BUCKET).join(prefix)
    }
}

fn stores_under(store: &S3Store) -> Stores {
    Stores {
        public: Arc::new(store.under("public").unwrap()),
        head: Arc::new(store.under("private").unwrap()),
    }
}

fn entries(from: u32, to: u32) -> Vec<String> {
    (from..to).map(|number| format!("entry {number}")).collect()
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for found in fs::read_dir(from).unwrap() {
        let found = found.unwrap();
        let target = to.join(found.file_name());
        if found.file_type().unwrap().is_dir() {
            copy_folder(&found.path(), &target);
        } else {
            fs::copy(found.path(), target).unwrap();
        }
    }
}

#[test]
fn a_bucket_does_what_a_store_must() {
    let server = Server::start();
    let store = server.store("a/b");
    let object = |key: &str, bytes: &[u8]| (key.to_owned(), bytes.to_vec());
    let many: Vec<_> = (1..100).map(|width| object(&format!("tile/0/000.p/{width}"), &[7; 32])).collect();
    store.put(&many).unwrap();
    store.put(&[object("tile/0/000", b"full"), object("tile/0/0001", b"neighbour")]).unwrap();
    assert_eq!(store.get("tile/0/000.p/99", 32).unwrap().as_deref(), Some(&[7; 32][..]));
    assert_eq!(store.get("tile/0/000.p/100", 32).unwrap(), None);
    assert!(matches!(store.get("tile/0/000.p/9", 31), Err(StoreError::TooLong { len_max: 31, .. })));
    store.remove_under("tile/0/000.p/").unwrap();
    store.remove_under("tile/0/001.p/").unwrap();
    assert_eq!(store.get("tile/0/000.p/99", 32).unwrap(), None);
    assert_eq!(store.get("tile/0/000", 32).unwrap().as_deref(), Some(&b"full"[..]));
    assert_eq!(store.get("tile/0/0001", 32).unwrap().as_deref(), Some(&b"neighbour"[..]));

    for bad in ["", "/etc/passwd", "../b2/x", "a//b", ".hidden"] {
        assert!(matches!(store.get(bad, 9), Err(StoreError::Key(_))), "{bad}");
        assert!(matches!(store.put(&[object(bad, b"")]), Err(StoreError::Key(_))), "{bad}");
    }
    assert_eq!(server.store("a/b2").get("tile/0/000", 32).unwrap(), None, "another prefix");
}

#[test]
fn a_swap_needs_what_was_there() {
    let server = Server::start();
    let (one, other) = (server.store("x"), server.store("x"));
    assert!(one.swap("head", Some(b"a"), b"b").unwrap_err().is_conflict());
    one.swap("head", None, b"a").unwrap();
    assert!(other.swap("head", None, b"b").unwrap_err().is_conflict());
    assert!(other.swap("head", Some(b"x"), b"b").unwrap_err().is_conflict());
    other.swap("head", Some(b"a"), b"b").unwrap();
    assert!(one.swap("head", Some(b"a"), b"c").unwrap_err().is_conflict(), "what it knew is stale");
    assert_eq!(one.get("head", 9).unwrap().as_deref(), Some(&b"b"[..]));
    one.swap("head", Some(b"b"), b"c").unwrap();
    one.put(&[("head".to_owned(), b"d".to_vec())]).unwrap();
    assert!(one.swap("head", Some(b"c"), b"e").unwrap_err().is_conflict());
    one.swap("head", Some(b"d"), b"d").unwrap();
    // It is as it should be: so it looks after a write whose answer was lost.
    other.swap("head", Some(b"b"), b"d").unwrap();
    assert!(other.swap("head", Some(b"b"), b"e").unwrap_err().is_conflict());
}

#[test]
fn of_many_writers_one_wins() {
    let server = Server::start();
    server.store("race").swap("head", None, b"start").unwrap();
    let stores: Vec<_> = (0..8).map(|_| server.store("race")).collect();
    let won: Vec<bool> = std::thread::scope(|scope| {
        let swaps: Vec<_> = stores
            .iter()
            .enumerate()
            .map(|(number, store)| {
                scope.spawn(move || store.swap("head", Some(b"start"), &number.to_le_bytes()[..1]))
            })
            .collect();
        swaps.into_iter().map(|swap| swap.join().unwrap().is_ok()).collect()
    });
    assert_eq!(won.iter().filter(|won| **won).count(), 1, "{won:?}");
    let winner = won.iter().position(|won| *won).unwrap();
    assert_eq!(server.store("race").get("head", 9).unwrap(), Some(winner.to_le_bytes()[..1].to_vec()));
}

#[test]
fn a_log_lives_in_a_bucket() {
    let server = Server::start();
    assert!(matches!(server.open("log"), Err(OpenError::NoLog)));
    let mut log = Sequencer::create(server.stores("log"), identity(), 0).unwrap();
    assert!(matches!(Sequencer::create(server.stores("log"), identity(), 0), Err(OpenError::Exists)));
    log.commit(&entries(0, 3), 0).unwrap();
    log.commit(&entries(3, 300), 0).unwrap();
    assert_eq!(log.commit(&entries(2, 4), 0).unwrap(), [2, 3], "submitted again");
    drop(log);
    assert_eq!(server.open("log").unwrap().checkpoint().checkpoint().size(), 300);

    let store = server.store("log/public");
    let sound = fsck::check(store.as_ref(), &[log_verifier()], |_, _| ()).unwrap();
    assert_eq!(sound.checkpoint.checkpoint().size(), 300);
    let reader = Reader::new(store.as_ref());
    assert_eq!(reader.entry(299, &sound.checkpoint).unwrap(), b"entry 299");
    assert_eq!(store.get("tile/0/000.p/3", 8192).unwrap(), None, "the full tile took its place");
    assert_eq!(store.get("head", 1 << 20).unwrap(), None, "the head is not public");
}

#[test]
fn a_second_writer_is_refused() {
    let server = Server::start();
    let mut first = Sequencer::create(server.stores("log"), identity(), 0).unwrap();
    let mut second = server.open("log").unwrap();
    first.commit(&["of the first"], 0).unwrap();
    let error = second.commit(&["of the second"], 0).unwrap_err();
    assert!(error.is_conflict() && error.to_string().contains("another process"), "{error}");
    assert!(matches!(second.commit(&["again"], 0), Err(CommitError::Broken)));
    first.commit(&["more"], 0).unwrap();
    assert_eq!(server.open("log").unwrap().checkpoint().checkpoint().size(), 2);
}

#[test]
fn a_restored_old_bucket_refuses_to_start() {
    let server = Server::start();
    let mut log = Sequencer::create(server.stores("log"), identity(), 0).unwrap();
    log.commit(&["a"], 0).unwrap();
    copy_folder(&server.folder("log/public"), &server.folder("old/public"));
    copy_folder(&server.folder("log/private"), &server.folder("old/private"));
    log.commit(&["b"], 0).unwrap();
    log.commit(&["c"], 0).unwrap();

    let stores = Stores { public: server.store("old/public"), head: server.store("log/private") };
    let error = Sequencer::open(stores, identity(), &Expected::default()).err().unwrap();
    assert!(matches!(error, OpenError::OldCopy { found: 1, known: 2 }), "{error}");
    let stores = Stores { public: server.store("log/public"), head: server.store("old/private") };
    let error = Sequencer::open(stores, identity(), &Expected::default()).err().unwrap();
    assert!(matches!(error, OpenError::OldHead { found: 1, known: 3 }), "{error}");
    let known = Expected { at_least: Some(log.checkpoint().checkpoint().clone()) };
    let error = Sequencer::open(server.stores("old"), identity(), &known).err().unwrap();
    assert!(matches!(error, OpenError::OldCopy { found: 1, known: 3 }), "{error}");
}

#[test]
fn many_submitters_share_a_bucket() {
    let server = Server::start();
    let log = Log::create(server.stores("log"), identity(), Options::default(), || 0).unwrap();
    std::thread::scope(|scope| {
        for submitter in 0..8u32 {
            let log = &log;
            scope.spawn(move || {
                for entry in entries(submitter * 10, submitter * 10 + 10) {
                    log.append(entry.into_bytes()).unwrap();
                }
            });
        }
    });
    drop(log);
    let store = server.store("log/public");
    assert_eq!(
        fsck::check(store.as_ref(), &[log_verifier()], |_, _| ()).unwrap().checkpoint.checkpoint().size(),
        80
    );
}

/// Batches that leave a tile partial, fill it, and go on.
const BATCHES: &[u32] = &[2, 254, 1];

#[test]
fn at_every_write_everything_can_go_wrong() {
    let server = Server::start();
    let bucket = server.store("matrix");
    let mut write = 0;
    loop {
        let mut reached = false;
        for fault in [Fault::FailsButPersists, Fault::KilledHalfway] {
            let log = format!("{write}-{fault:?}");
            let stores = stores_under(&bucket.under(&log).unwrap());
            let mut world = World::new(stores.public, stores.head, BATCHES);
            let process = Process::failing_at(write, fault);
            world.survive(&[Arc::clone(&process)]);
            reached |= process.has_failed();
            world.check(&log);
        }
        if !reached {
            break;
        }
        write += 1;
    }
    assert!(write > 12, "the matrix has {write} writes: too few to be the whole log");
}

#[test]
fn what_is_refused_says_what_to_do() {
    let server = Server::start();
    let error = server.store_with("x", "another secret").get("head", 9).unwrap_err().to_string();
    assert!(error.contains("s3://logs/x/head") && error.contains("right to read"), "{error}");
}
