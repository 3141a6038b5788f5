//! What a served log does: `cargo bench -p surety-net --bench server`. Every statement is checked as always: strict
//! signature, schema, admission, numbering. Figures that wait for the disk are to be compared with the fsync probe of
//! the same minute: it writes and syncs one small file and its folder.
//!
//! `SURETY_BENCH_CLIENTS` and `SURETY_BENCH_STATEMENTS` (for each client) change the size; `-- idle`, `-- http` and
//! `-- process` run one of three.
#![allow(
    clippy::unwrap_used,
    clippy::cast_precision_loss,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    reason = "a benchmark that cannot run should stop"
)]

#[path = "../tests/common/mod.rs"]
mod common;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use common::{Server, Setting, folders, log_verifier};
use surety_log::{Policy, Proof};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

fn number(name: &str, default: usize) -> usize {
    std::env::var(name).ok().map_or(default, |text| text.parse().unwrap())
}

fn main() {
    let (clients, each) = (number("SURETY_BENCH_CLIENTS", 1024), number("SURETY_BENCH_STATEMENTS", 40));
    let wanted = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let is_wanted = |name: &str| wanted.as_ref().is_none_or(|wanted| name.contains(wanted.as_str()));
    // The folders stay to the end: ext4 is slow to make files for seconds after many were removed.
    let _folders = [
        is_wanted("idle").then(one_idle_client),
        is_wanted("http").then(|| over_http(clients, each)),
        is_wanted("process").then(|| in_process(clients, each)),
    ];
}

fn start(observers: usize) -> (tempfile::TempDir, Server) {
    let root = tempfile::tempdir_in(".").unwrap();
    let setting = Setting { observers: observers as u64, ..Setting::default() };
    let server = Server::start(folders(root.path()), setting);
    (root, server)
}

/// Each client is an issuer of its own, and has signed what it will say.
fn signed(server: &Server, each: usize) -> Vec<Vec<Vec<u8>>> {
    let sign = |writer: &std::sync::Mutex<common::Writer>| {
        let mut writer = writer.lock().unwrap();
        (0..each).map(|number| writer.say(&format!("statement {number} of a client"))).collect()
    };
    server.writers.iter().map(sign).collect()
}

fn request(statement: &[u8]) -> Vec<u8> {
    let head = format!(
        "POST /api/v1/entries HTTP/1.1\r\nHost: log\r\nAccept: text/plain\r\nContent-Type: application/cose\r\n\
         Content-Length: {}\r\n\r\n",
        statement.len()
    );
    [head.as_bytes(), statement].concat()
}

/// From the first byte of a submission to the complete proof, verified.
fn one_idle_client() -> tempfile::TempDir {
    let (root, server) = start(1);
    let statements = signed(&server, 300).remove(0);
    let policy = Policy::log_only(log_verifier());
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_nodelay(true).unwrap();
    let mut buffer = vec![0; 64 * 1024];
    let (mut times, mut probes) = (Vec::new(), Vec::new());
    for statement in &statements {
        let started = Instant::now();
        stream.write_all(&request(statement)).unwrap();
        let mut len = 0;
        while content(&buffer[..len]).is_none() {
            len += stream.read(&mut buffer[len..]).unwrap();
        }
        let (status, body) = content(&buffer[..len]).unwrap();
        assert_eq!(status, 201, "{}", String::from_utf8_lossy(&buffer[..len]));
        Proof::parse(body).unwrap().verify(statement, &policy).unwrap();
        times.push(started.elapsed());
        probes.push(fsync_probe(root.path()));
    }
    let (median, probe) = (median(times), median(probes));
    println!(
        "one idle client, submission to verified proof: p50 {median:?}; fsync probe p50 {probe:?}; ratio {:.1}",
        median.as_secs_f64() / probe.as_secs_f64()
    );
    root
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

fn fsync_probe(folder: &Path) -> Duration {
    let started = Instant::now();
    let mut file = File::create(folder.join("probe")).unwrap();
    file.write_all(&[7; 4096]).unwrap();
    file.sync_all().unwrap();
    File::open(folder).unwrap().sync_all().unwrap();
    started.elapsed()
}

/// Status and body of an answer, once it is whole.
fn content(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")? + 4;
    let head = std::str::from_utf8(&bytes[..end]).unwrap();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap();
    let body = bytes.get(end..end + length.parse::<usize>().unwrap())?;
    Some((head[9..12].parse().unwrap(), body))
}

fn over_http(clients: usize, each: usize) -> tempfile::TempDir {
    let (root, server) = start(clients);
    let requests: Vec<Vec<Vec<u8>>> = signed(&server, each)
        .into_iter()
        .map(|statements| statements.iter().map(|statement| request(statement)).collect())
        .collect();
    let probe = fsync_probe(root.path());
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let refused = Arc::new(AtomicUsize::new(0));
    let elapsed = runtime.block_on(async {
        let mut connected = Vec::new();
        for requests in requests {
            let stream = tokio::net::TcpStream::connect(server.address).await.unwrap();
            stream.set_nodelay(true).unwrap();
            connected.push((stream, requests));
        }
        let started = Instant::now();
        let clients: Vec<_> = connected
            .into_iter()
            .map(|(stream, requests)| tokio::spawn(client(stream, requests, Arc::clone(&refused))))
            .collect();
        for client in clients {
            client.await.unwrap();
        }
        started.elapsed()
    });
    let total = clients * each;
    println!(
        "HTTP, {clients} clients on this machine: {:.0}/s ({total} statements in {elapsed:?}, {} refused; fsync probe {probe:?})",
        total as f64 / elapsed.as_secs_f64(),
        refused.load(Ordering::Relaxed)
    );
    root
}

async fn client(mut stream: tokio::net::TcpStream, requests: Vec<Vec<u8>>, refused: Arc<AtomicUsize>) {
    let mut buffer = vec![0; 8 * 1024];
    for request in requests {
        stream.write_all(&request).await.unwrap();
        let mut len = 0;
        let status = loop {
            len += stream.read(&mut buffer[len..]).await.unwrap();
            if let Some((status, _)) = content(&buffer[..len]) {
                break status;
            }
        };
        if status != 201 {
            refused.fetch_add(1, Ordering::Relaxed);
        }
    }
}

/// The same without HTTP: from the bytes of statements to their proofs.
fn in_process(clients: usize, each: usize) -> tempfile::TempDir {
    let (root, server) = start(clients);
    let statements = signed(&server, each);
    let probe = fsync_probe(root.path());
    let logged = Arc::new(AtomicUsize::new(0));
    let threads = std::thread::available_parallelism().unwrap().get();
    let started = Instant::now();
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let (statements, site, logged) = (&statements, &server.site, &logged);
            scope.spawn(move || {
                for number in 0..each {
                    for statements in statements.iter().skip(thread).step_by(threads) {
                        loop {
                            let logged = Arc::clone(logged);
                            let done = move |result: Result<_, _>| {
                                logged.fetch_add(usize::from(result.is_ok()), Ordering::Relaxed);
                            };
                            match site.desk().submit(statements[number].clone(), Instant::now(), done) {
                                Ok(()) => break,
                                Err(surety_net::server::Refused::Busy) => std::thread::yield_now(),
                                Err(other) => panic!("{other}"),
                            }
                        }
                    }
                }
            });
        }
    });
    // A thread that waits for each would be woken for each.
    while logged.load(Ordering::Relaxed) < clients * each {
        std::thread::sleep(Duration::from_micros(200));
    }
    let elapsed = started.elapsed();
    println!(
        "in process, with proofs: {:.0}/s ({} statements in {elapsed:?}; fsync probe {probe:?})",
        (clients * each) as f64 / elapsed.as_secs_f64(),
        clients * each
    );
    root
}
