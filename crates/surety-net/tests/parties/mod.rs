//! What the tests share: keys, logs on real files, and servers on real sockets.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "every test uses its part of this")]

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use surety_log::witness::Witness;
use surety_log::{
    Expected, FolderStore, Identity, Policy, Reader, SEED_LEN, Sequencer, SignatureType, SignedCheckpoint,
    Signer, SignerKey, Store, Stores, VerifierKey,
};
use surety_net::client::Location;
use surety_net::witness::{Options, router};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tower_http::services::ServeDir;

pub const ORIGIN: &str = "log.example/surety";

pub fn key(name: &str, kind: SignatureType, seed: u8) -> SignerKey {
    SignerKey::from_seed(name.parse().unwrap(), kind, &[seed; SEED_LEN]).unwrap()
}

pub fn log_key() -> SignerKey {
    key(ORIGIN, SignatureType::Ed25519, 42)
}

/// A log on real files. Two of them with other entries are a fork: they have the same key.
pub struct TestLog {
    pub folder: tempfile::TempDir,
    sequencer: Sequencer,
    pub time: u64,
}

impl TestLog {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = Identity::new(ORIGIN.parse().unwrap(), vec![Arc::new(log_key())]).unwrap();
        let stores = Stores {
            public: Arc::new(FolderStore::writer(folder.path().join("public")).unwrap()),
            head: Arc::new(FolderStore::writer(folder.path().join("private")).unwrap()),
        };
        Self { folder, sequencer: Sequencer::create(stores, identity, 0).unwrap(), time: 0 }
    }

    /// A log of entries that differ by their kind.
    pub fn of(kind: &str, count: u64) -> Self {
        let mut log = Self::new();
        log.grow(kind, count);
        log
    }

    /// Appends entries up to this count.
    pub fn grow(&mut self, kind: &str, count: u64) {
        let old = self.checkpoint().checkpoint().size();
        let entries: Vec<String> = (old..count).map(|number| format!("{kind} {number}")).collect();
        self.append(&entries);
    }

    pub fn append<E: AsRef<[u8]>>(&mut self, entries: &[E]) {
        self.sequencer.commit(entries, self.time).unwrap();
    }

    pub fn publish(&mut self, cosigned: SignedCheckpoint) {
        assert!(self.sequencer.publish_cosigned(cosigned).unwrap());
    }

    pub fn checkpoint(&self) -> SignedCheckpoint {
        self.sequencer.checkpoint().as_ref().clone()
    }

    pub fn public(&self) -> PathBuf {
        self.folder.path().join("public")
    }

    pub fn store(&self) -> FolderStore {
        FolderStore::read_only(self.public()).unwrap()
    }

    pub fn location(&self) -> Location {
        Location::Folder(self.public())
    }
}

/// The files of a folder as they are now, elsewhere.
pub fn copied(from: &Path) -> tempfile::TempDir {
    let to = tempfile::tempdir().unwrap();
    copy(from, to.path());
    to
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Servers that end with the test.
pub struct Servers(pub Runtime);

impl Servers {
    pub fn new() -> Self {
        Self(tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap())
    }

    pub fn serve(&self, router: Router) -> String {
        let listener = self.0.block_on(TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))).unwrap();
        let address = listener.local_addr().unwrap();
        self.0.spawn(async move { axum::serve(listener, router).await });
        format!("http://{address}")
    }

    pub fn serve_folder(&self, folder: &Path) -> String {
        self.serve(Router::new().fallback_service(ServeDir::new(folder)))
    }

    /// A witness with a clock that the test sets.
    pub fn witness(&self, party: &Party) -> String {
        let signers: Vec<Arc<dyn Signer>> =
            party.keys().into_iter().map(|key| Arc::new(key) as Arc<dyn Signer>).collect();
        let store: Arc<dyn Store> = Arc::new(FolderStore::writer(party.folder.path()).unwrap());
        let witness = Witness::new([log_key().verifier().clone()], signers, store).unwrap();
        let clock = Arc::clone(&party.clock);
        self.serve(router(witness, Options::new(move || clock.load(Ordering::Relaxed), |_| ())))
    }
}

/// A witness and all it has.
pub struct Party {
    pub name: String,
    pub seed: u8,
    pub folder: tempfile::TempDir,
    pub clock: Arc<AtomicU64>,
}

impl Party {
    pub fn new(name: &str, seed: u8) -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { name: name.to_owned(), seed, folder, clock: Arc::new(AtomicU64::new(1_000)) }
    }

    /// One key of each type.
    pub fn keys(&self) -> Vec<SignerKey> {
        let name = format!("{}.example", self.name);
        [SignatureType::Cosignature, SignatureType::MlDsa44].map(|kind| key(&name, kind, self.seed)).into()
    }

    pub fn verifiers(&self) -> Vec<VerifierKey> {
        self.keys().iter().map(|key| key.verifier().clone()).collect()
    }
}

/// A policy that wants one witness of each group.
pub fn policy(groups: &[&[(&Party, &str)]]) -> Policy {
    Policy::parse(policy_text(groups).as_bytes()).unwrap()
}

pub fn policy_text(groups: &[&[(&Party, &str)]]) -> String {
    let mut text = format!("log {}\n", log_key().verifier());
    let mut names = Vec::new();
    for (number, group) in groups.iter().enumerate() {
        let mut members = Vec::new();
        for (party, url) in *group {
            writeln!(text, "witness {} {} {url}", party.name, party.verifiers()[0]).unwrap();
            members.push(party.name.as_str());
        }
        writeln!(text, "group region{number} any {}", members.join(" ")).unwrap();
        names.push(format!("region{number}"));
    }
    if names.is_empty() {
        text.push_str("quorum none\n");
    } else {
        writeln!(text, "group regions all {}\nquorum regions", names.join(" ")).unwrap();
    }
    text
}

/// What is published.
pub fn published(folder: &Path) -> SignedCheckpoint {
    Reader::new(&FolderStore::read_only(folder).unwrap()).checkpoint().unwrap()
}

/// Not used by every test, and needed to open a log again.
pub fn expected_nothing() -> Expected {
    Expected::default()
}
