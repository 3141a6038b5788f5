//! What the tests share: issuers with their keys, a log that serves, and a client that sends what it likes.
#![allow(dead_code, unreachable_pub, clippy::unwrap_used, reason = "every test uses its part of this")]

use std::fmt::Display;
use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use surety_log::{
    FolderStore, Identity, Log, Options, SEED_LEN as LOG_SEED_LEN, SignatureType, Signer, SignerKey, Store,
    Stores,
};
use surety_net::server::{Connections, Desk, Limits, LogKey, Rate, Site, WitnessCosigner, router, serve};
use surety_statement::{
    Admission, AdmittedKey, Algorithm, Body, Content, Draft, Entitlement, Initiative, InitiativeKind,
    IssuerId, IssuerKind, LogPolicy, Payload, Place, RootKeys, RootOfficer, SEED_LEN, SecretKey,
    SignedStatement, StatementSigner as _, Subject,
};
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;

pub const ORIGIN: &str = "log.example/surety";

/// An issuer with its key, and how far it has come.
pub struct Writer {
    pub issuer: IssuerId,
    pub key: SecretKey,
    pub place: Place,
}

impl Writer {
    pub fn new(issuer: &str, seed: u64) -> Self {
        let mut bytes = [7; SEED_LEN];
        bytes[..8].copy_from_slice(&seed.to_be_bytes());
        let key = SecretKey::from_seed(Algorithm::Ed25519, &bytes).unwrap();
        Self { issuer: issuer.parse().unwrap(), key, place: Place::FIRST }
    }

    /// Signs its next statement.
    pub fn sign(&mut self, subject: Subject, content: Content) -> Vec<u8> {
        let draft =
            Draft { issuer: self.issuer.clone(), payload: Payload::new(subject, content, self.place) };
        let signed = SignedStatement::sign(&draft, &self.key).unwrap();
        self.place = Place::after(self.place.number, signed.payload_digest());
        signed.bytes().to_vec()
    }

    /// Signs its next statement about a State, in these words.
    pub fn say(&mut self, words: &str) -> Vec<u8> {
        let initiative = Initiative {
            name: "a network of support centres".to_owned(),
            kind: InitiativeKind::Training,
            status: words.to_owned(),
        };
        self.sign(Subject::State("XAA".parse().unwrap()), Content::Fact(Body::Initiative(initiative)))
    }
}

/// The first statements of a log: a root of one officer, which admits so many observers.
pub fn founding(observers: u64) -> (Vec<Vec<u8>>, Vec<Writer>) {
    founding_by(&Setting { observers, ..Setting::default() })
}

fn founding_by(setting: &Setting) -> (Vec<Vec<u8>>, Vec<Writer>) {
    let mut officer = Writer::new("root.example/officer", 0);
    let mut entries = vec![root_of(&mut officer)];
    let writers: Vec<Writer> = (1..=setting.observers)
        .map(|number| Writer::new(&format!("observer.example/{number}"), number))
        .collect();
    for writer in &writers {
        let admission = observer(writer, setting.keys_end);
        entries.push(officer.sign(Subject::Policy, Content::Issuer(admission)));
    }
    if let Some(policy) = &setting.policy {
        entries.push(officer.sign(Subject::Policy, Content::Policy(policy.clone())));
    }
    (entries, writers)
}

/// The root of trust of a log: this officer alone.
pub fn root_of(officer: &mut Writer) -> Vec<u8> {
    let officers = vec![RootOfficer { issuer: officer.issuer.clone(), key: officer.key.key().clone() }];
    officer.sign(Subject::Policy, Content::Root(RootKeys { threshold: 1, officers }))
}

/// Admits an observer, with the last day of its key.
pub fn observer(writer: &Writer, key_ends: Option<&str>) -> Admission {
    let not_after = key_ends.map(|day| surety_core::parse_day(day).unwrap());
    Admission {
        issuer: writer.issuer.clone(),
        kind: IssuerKind::Observer,
        name: "An observer".to_owned(),
        state: None,
        keys: vec![AdmittedKey { key: writer.key.key().clone(), not_after }],
        may_say: Entitlement::default(),
    }
}

pub fn log_key() -> Arc<SignerKey> {
    let key = SignerKey::from_seed(ORIGIN.parse().unwrap(), SignatureType::Ed25519, &[42; LOG_SEED_LEN]);
    Arc::new(key.unwrap())
}

pub fn clock() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

pub fn folders(root: &Path) -> Stores {
    Stores {
        public: Arc::new(FolderStore::writer(root.join("public")).unwrap()),
        head: Arc::new(FolderStore::writer(root.join("private")).unwrap()),
    }
}

/// How a log of the tests is served.
#[derive(Clone)]
pub struct Setting {
    pub observers: u64,
    pub options: Options,
    pub rate: Rate,
    pub limits: Limits,
    pub connections: Connections,
    pub cosigner: Option<Arc<WitnessCosigner>>,
    pub needs_quorum: bool,
    /// The clock of the log.
    pub clock: fn() -> u64,
    /// The last day of the keys of the observers.
    pub keys_end: Option<&'static str>,
    /// What the root decides about the log.
    pub policy: Option<LogPolicy>,
}

pub const NO_LIMIT: Rate = Rate { burst: 1e9, per_second: 1e9 };

impl Default for Setting {
    fn default() -> Self {
        Self {
            observers: 3,
            options: Options::default(),
            rate: NO_LIMIT,
            limits: Limits { failures: NO_LIMIT, ..Limits::default() },
            connections: Connections::default(),
            cosigner: None,
            needs_quorum: false,
            clock,
            keys_end: None,
            policy: None,
        }
    }
}

/// A log that serves on this machine.
pub struct Server {
    pub address: SocketAddr,
    pub site: Arc<Site>,
    pub writers: Vec<Mutex<Writer>>,
    /// What the operator was told.
    pub reports: Arc<Mutex<Vec<String>>>,
    stop: Option<oneshot::Sender<()>>,
    served: Option<std::thread::JoinHandle<()>>,
}

impl Server {
    /// Makes a new log with its founding entries, and serves it.
    pub fn start(stores: Stores, setting: Setting) -> Self {
        let (entries, writers) = founding_by(&setting);
        let mut identity = Identity::new(ORIGIN.parse().unwrap(), vec![log_key()]).unwrap();
        if let Some(cosigner) = &setting.cosigner {
            identity = identity.with_cosigner(cosigner.clone());
        }
        let log = Log::create(stores.clone(), identity, setting.options, setting.clock).unwrap();
        for entry in entries {
            while log.submit(entry.clone(), |logged| drop(logged.unwrap())).is_err() {
                log.settle().unwrap();
            }
        }
        log.settle().unwrap();
        let mut server = Self::serve(log, stores.public, setting);
        server.writers = writers.into_iter().map(Mutex::new).collect();
        server
    }

    /// Serves a log that is open.
    pub fn serve(log: Log, public: Arc<dyn Store>, setting: Setting) -> Self {
        let desk =
            Desk::open(log, Arc::clone(&public), setting.options, setting.rate, setting.clock).unwrap();
        let reports = Arc::<Mutex<Vec<String>>>::default();
        let told = Arc::clone(&reports);
        let report = Arc::new(move |what: &dyn Display| told.lock().unwrap().push(what.to_string()));
        let key = LogKey::new(log_key()).unwrap();
        let mut site = Site::new(desk, public, key, setting.limits, report);
        if let Some(cosigner) = setting.cosigner {
            site = site.with_witnesses(cosigner, setting.needs_quorum);
        }
        let site = Arc::new(site);
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = std::sync::mpsc::channel();
        let router = router(Arc::clone(&site));
        let served = std::thread::spawn(move || {
            Runtime::new().unwrap().block_on(async move {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                ready.send(listener.local_addr().unwrap()).unwrap();
                let stop = async { drop(stopped.await) };
                serve(listener, router, setting.connections, stop).await.unwrap();
            });
        });
        let address = address.recv().unwrap();
        Self { address, site, writers: Vec::new(), reports, stop: Some(stop), served: Some(served) }
    }

    pub fn say(&self, writer: usize, words: &str) -> Vec<u8> {
        self.writers[writer].lock().unwrap().say(words)
    }

    pub fn get(&self, path: &str, headers: &str) -> Answer {
        self.send(
            format!("GET {path} HTTP/1.1\r\nHost: log\r\nConnection: close\r\n{headers}\r\n").as_bytes(),
        )
    }

    pub fn submit(&self, statement: &[u8], headers: &str) -> Answer {
        let len = statement.len();
        let head = format!(
            "POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nConnection: close\r\nContent-Type: application/cose\r\n\
             Content-Length: {len}\r\n{headers}\r\n"
        );
        self.send(&[head.as_bytes(), statement].concat())
    }

    /// Sends bytes, and reads until the server closes.
    pub fn send(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
        // A server that refuses early may close before it has read all.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::parse(&answer)
    }

    pub fn stop(&mut self) {
        drop(self.stop.take());
        if let Some(served) = self.served.take() {
            served.join().unwrap();
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// What a server answered.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn parse(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
        let head = String::from_utf8_lossy(&bytes[..end]).to_lowercase();
        let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
        Self { status, head, body: bytes.get(end + 4..).unwrap_or_default().to_vec() }
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
    }

    pub fn text(&self) -> String {
        String::from_utf8(self.body.clone()).unwrap()
    }

    /// The code of a problem, which must be one that says what to do.
    pub fn code(&self) -> String {
        assert_eq!(self.header("content-type"), Some("application/problem+json"), "{self:?}");
        let problem: serde_json::Value = serde_json::from_slice(&self.body).unwrap();
        assert_eq!(problem["status"], self.status, "{problem}");
        assert!(problem["detail"].as_str().unwrap().len() > 20, "{problem}");
        problem["code"].as_str().unwrap().to_owned()
    }
}

/// Every file under a folder, with its bytes.
pub fn files(root: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(root).unwrap() {
        let entry = entry.unwrap();
        if entry.file_type().unwrap().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push((entry.path().display().to_string(), std::fs::read(entry.path()).unwrap()));
        }
    }
    found.sort();
    found
}

/// The name under which the log's key signs.
pub fn log_verifier() -> surety_log::VerifierKey {
    log_key().verifier().clone()
}
