//! The site over HTTP, on a real socket: what is answered, with which headers, and what is refused.

#![expect(clippy::unwrap_used, reason = "helpers of tests, too")]

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use surety_core::{Date, parse_day};
use surety_log::FolderStore;
use surety_net::server::Connections;
use surety_site::{Entries, Limits, Settings, Site, mirror, router, serve};
use surety_view::Context;
use tokio::net::TcpListener;

fn day(text: &str) -> Date {
    parse_day(text).unwrap()
}

fn site() -> Arc<Site> {
    static SITE: OnceLock<Arc<Site>> = OnceLock::new();
    let make = || {
        let dataset = surety_data::embedded();
        let settings = Settings {
            public_address: Some("https://surety.example".to_owned()),
            contact: Some("mail@surety.example".to_owned()),
        };
        Arc::new(
            Site::new(&Context::new(dataset, dataset.compiled), Entries::of(dataset).unwrap(), settings)
                .unwrap(),
        )
    };
    Arc::clone(SITE.get_or_init(make))
}

/// The published files of a log, not all of them.
fn log() -> FolderStore {
    static FOLDER: OnceLock<tempfile::TempDir> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| tempfile::tempdir().unwrap()).path().join("public");
    std::fs::create_dir_all(folder.join("tile/entries")).unwrap();
    std::fs::create_dir_all(folder.join("tile/0")).unwrap();
    std::fs::write(folder.join("checkpoint"), "a checkpoint").unwrap();
    std::fs::write(folder.join("tile/0/000"), "hashes").unwrap();
    std::fs::write(folder.join("secret"), "not of the log").unwrap();
    FolderStore::read_only(folder).unwrap()
}

/// A server for all tests, that nobody stops.
fn server() -> SocketAddr {
    static SERVER: OnceLock<SocketAddr> = OnceLock::new();
    *SERVER.get_or_init(|| {
        let (sender, receiver) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let runtime =
                tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
                sender.send(listener.local_addr().unwrap()).unwrap();
                let connections =
                    Connections { head_time_max: Duration::from_millis(400), ..Connections::default() };
                let limits = Limits { connections, ..Limits::default() };
                let router = router(site(), || day("2026-01-01"), limits, Some(mirror(Arc::new(log()))));
                serve(listener, router, limits, std::future::pending()).await.unwrap();
            });
        });
        receiver.recv().unwrap()
    })
}

struct Answer {
    status: u16,
    head: String,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.head
            .lines()
            .find_map(|line| line.split_once(": ").filter(|(known, _)| known.eq_ignore_ascii_case(name)))
            .map(|(_, value)| value)
    }

    fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

/// Sends bytes and reads until the server closes.
fn raw(request: &[u8]) -> Answer {
    let mut stream = TcpStream::connect(server()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream.write_all(request).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let end = bytes.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(bytes.len());
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0);
    Answer { status, head, body: bytes.get(end + 4..).unwrap_or_default().to_vec() }
}

fn get(path: &str, headers: &str) -> Answer {
    raw(format!("GET {path} HTTP/1.1\r\nHost: surety.example\r\nConnection: close\r\n{headers}\r\n")
        .as_bytes())
}

#[test]
fn pages_are_answered_with_what_the_browser_must_know() {
    let page = get("/state/JPN", "");
    assert_eq!(page.status, 200);
    assert!(page.text().contains("<h1>Japan</h1>"));
    for (name, value) in [
        ("content-type", "text/html; charset=utf-8"),
        ("x-content-type-options", "nosniff"),
        ("referrer-policy", "no-referrer"),
        ("x-frame-options", "DENY"),
        ("cache-control", "public, max-age=300, stale-while-revalidate=86400"),
    ] {
        assert_eq!(page.header(name), Some(value), "{name}");
    }
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");
    assert_eq!(page.header("set-cookie"), None);
    assert_eq!(page.header("access-control-allow-origin"), None);
}

#[test]
fn a_tag_that_is_known_is_not_sent_again_and_another_date_has_another() {
    let first = get("/api/v1/states/JPN?as_of=2024-01-01", "");
    let tag = first.header("etag").unwrap();
    let again = get("/api/v1/states/JPN?as_of=2024-01-01", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!((again.status, again.body.len()), (304, 0));
    let other = get("/api/v1/states/JPN?as_of=2024-01-02", &format!("If-None-Match: {tag}\r\n"));
    assert_eq!(other.status, 200);
    assert_eq!(first.header("access-control-allow-origin"), Some("*"));
}

#[test]
fn answers_are_packed_as_the_client_takes_them() {
    let plain = get("/state/JPN", "");
    let packed = get("/state/JPN", "Accept-Encoding: gzip\r\n");
    assert_eq!(packed.header("content-encoding"), Some("gzip"));
    let mut unpacked = Vec::new();
    flate2::read::GzDecoder::new(&packed.body[..]).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    let smallest = get("/state/JPN", "Accept-Encoding: gzip, br\r\n");
    assert_eq!(smallest.header("content-encoding"), Some("br"));
    let mut unpacked = Vec::new();
    brotli::Decompressor::new(&smallest.body[..], 4096).read_to_end(&mut unpacked).unwrap();
    assert_eq!(unpacked, plain.body);
    assert_eq!(plain.header("vary"), Some("accept-encoding"));
}

#[test]
fn bad_input_gets_the_right_status_a_page_that_helps_and_nothing_more() {
    for (path, status, says) in [
        ("/nowhere", 404, "There is nothing at"),
        ("/state/ZZZ", 404, "No State is called"),
        ("/state/JPX", 404, "Did you mean"),
        ("/treaty/ICSANTT", 404, "There is nothing at"),
        ("/?as_of=2016-02-30", 400, "is not a date"),
        ("/?as_of=1979-12-31", 400, "is not a date from 1980-01-01"),
        ("/index?w-legal=-3", 400, "is not a number from 0 to 1000"),
        ("/index?weights=legal", 400, "is not CODE=WEIGHT"),
        ("/index?weights=nothing%3D2", 400, "nothing"),
        ("/?as-of=2016-05-08", 400, "`as-of` means nothing here"),
        ("/api/v1/gaps?actions=L3", 400, "the query may hold as_of, aim, state, action"),
        ("/api/v1/treaties/CPPNM/pair?a=JPN", 400, "`b` is missing"),
        ("/api/v1/search", 400, "`q` is missing"),
        ("/correct/nothing", 404, "no value called"),
        ("/correct/ZZZ%2FL3", 404, "no value called"),
        ("/state/Japann", 404, "Did you mean"),
        ("/state/", 404, "There is nothing at"),
        ("/compare?states=JPN,KEN,BRA,USA,FRA,GBR,CHN", 400, "at most 6"),
        ("/log?page=999", 400, "is not a page"),
        ("/%2e%2e/%2e%2e/etc/passwd", 404, "There is nothing at"),
        ("/assets/..%2fCargo.toml", 404, "There is nothing at"),
        ("/state/%00", 404, "There is nothing at"),
        ("/?q=%ff", 400, "percent signs"),
        ("/api/v1/states/JPN?as_of=soon", 400, "is not a date"),
        ("/api/v1/nothing", 404, "There is nothing at"),
        ("/api/v1/gaps?aim=peace", 400, "is not an aim"),
    ] {
        let answer = get(path, "");
        assert_eq!(answer.status, status, "{path}");
        assert!(answer.text().contains(says), "{path}: {}", answer.text());
        let kind =
            if path.starts_with("/api/") { "application/problem+json" } else { "text/html; charset=utf-8" };
        assert_eq!(answer.header("content-type"), Some(kind), "{path}");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "{path}");
        assert!(!answer.text().contains("src/") && !answer.text().contains("panicked"), "{path}");
        // The names of the command line, a place and a citation are for pages that are there.
        for never in ["--weights", "aria-current", "data-citation"] {
            assert!(!answer.text().contains(never), "{path}: {never}");
        }
    }
}

#[test]
fn other_forms_of_an_address_lead_to_the_one_that_is_cited() {
    for (path, location) in [
        ("/states/?as_of=2016-05-08", "/states?as_of=2016-05-08"),
        ("/state/Japan", "/state/JPN"),
        ("/state/Viet%20Nam", "/state/VNM"),
        ("/state/JPN/", "/state/JPN"),
    ] {
        let answer = get(path, "");
        assert_eq!((answer.status, answer.header("location")), (308, Some(location)), "{path}");
    }
    assert_eq!(get("//example.org/", "").status, 404, "it leads to no other site");
}

#[test]
fn what_programs_look_for_at_fixed_places_is_there() {
    assert!(get("/robots.txt", "").text().starts_with("User-agent: *\n"));
    assert_eq!(get("/favicon.ico", "").header("content-type"), Some("image/svg+xml"));
    for path in ["/api/v1", "/api/v1/"] {
        assert!(get(path, "").text().contains("/api/v1/openapi"), "{path}");
    }
}

#[test]
fn a_figure_as_a_file_says_what_it_is_of_when_and_whence() {
    for (path, title) in [
        ("/figure/map/L3.svg?as_of=2020-01-01", "2020-01-01</text>"),
        ("/figure/treaty/ICSANT.svg?as_of=2020-01-01", "Parties to ICSANT over time · 2020-01-01</text>"),
        ("/figure/holders.svg?as_of=2020-01-01", "2020-01-01</text>"),
    ] {
        let text = get(path, "").text();
        assert!(text.contains(title) && text.contains("width=\"") && text.contains("height=\""), "{path}");
        assert!(text.contains("Surety, checkpoint"), "{path}");
    }
    let map = get("/figure/map/L3.svg", "").text();
    assert!(map.contains(">no public evidence</text>"), "{map}");
}

#[test]
fn what_is_not_known_of_a_date_is_not_drawn_as_nought() {
    let early = get("/materials?as_of=1985-01-01", "").text();
    assert!(early.contains("has read no list of holders before") && !early.contains("0 States"), "{early}");
    let unopened = get("/treaty/CPPNM-A?as_of=1995-01-01", "").text();
    assert!(unopened.contains("not open for signature") && !unopened.contains("States not party"));
}

#[test]
fn lists_of_states_stand_in_order_of_name() {
    let states = get("/states", "").text();
    let at = |name: &str| states.find(&format!(">{name}</a>")).unwrap();
    assert!(at("Cambodia") < at("Chad") && at("Chad") < at("Chile") && at("Croatia") < at("Cuba"));
    assert!(at("Costa Rica") < at("Croatia") && at("Austria") < at("Azerbaijan"));
    let world = get("/?as_of=2020-01-01", "").text();
    let joined = |state: &str| world.find(&format!("/state/{state}/L2")).unwrap();
    assert!(
        joined("BEN") < joined("TCD") && joined("TCD") < joined("PSE"),
        "Benin, Chad, State of Palestine"
    );
}

#[test]
fn what_is_shown_is_never_markup() {
    for path in [
        "/search?q=%3Cscript%3Ealert(1)%3C/script%3E",
        "/%3Cscript%3E",
        "/correct/%3Cscript%3E",
        "/state/%3Cscript%3E?as_of=%22%3E",
    ] {
        let text = get(path, "").text();
        assert!(!text.contains("<script>"), "{path}: {text}");
    }
}

#[test]
fn other_methods_large_bodies_and_long_addresses_are_refused() {
    let post = raw(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 0\r\n\r\n");
    assert_eq!((post.status, post.header("allow")), (405, Some("GET, HEAD, OPTIONS")));
    let options = raw(b"OPTIONS /api/v1/world HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!((options.status, options.body.len()), (204, 0));
    for (name, value) in [
        ("allow", "GET, HEAD, OPTIONS"),
        ("access-control-allow-origin", "*"),
        ("access-control-allow-methods", "GET, HEAD, OPTIONS"),
        ("access-control-allow-headers", "Accept, If-None-Match"),
        ("access-control-expose-headers", "ETag"),
    ] {
        assert_eq!(options.header(name), Some(value), "{name}");
    }
    let large = raw(b"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 100000000\r\n\r\n");
    assert_eq!(large.status, 413);
    let long = get(&format!("/search?q={}", "a".repeat(5_000)), "");
    assert_eq!(long.status, 400);
    let head = raw(b"HEAD /about HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!((head.status, head.body.len()), (200, 0));
}

#[test]
fn tricks_with_headers_change_nothing() {
    let plain = get("/about", "");
    let tricked = get(
        "/about",
        "X-Forwarded-Host: evil.example\r\nX-Original-URL: /metrics\r\nForwarded: host=evil.example\r\n",
    );
    assert_eq!(plain.body, tricked.body);
    let two = raw(b"GET /about HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    assert_eq!(plain.body, two.body);
    let split = raw(b"GET /about HTTP/1.1\r\nHost: x\r\nBad Header: y\r\nConnection: close\r\n\r\n");
    assert_eq!(split.status, 400);
}

#[test]
fn a_client_that_sends_slowly_is_not_waited_for() {
    let started = Instant::now();
    let slow = raw(b"GET /about HTTP/1.1\r\nHost: x\r\nX-Slow");
    assert!(started.elapsed() < Duration::from_secs(10), "{:?}", started.elapsed());
    assert_ne!(slow.status, 200);
}

#[test]
fn the_files_of_a_log_are_served_beside_the_pages_and_nothing_else_of_its_folder() {
    let checkpoint = get("/checkpoint", "");
    assert_eq!((checkpoint.status, checkpoint.text().as_str()), (200, "a checkpoint"));
    assert_eq!(checkpoint.header("cache-control"), Some("no-cache"));
    let tile = get("/tile/0/000", "");
    assert_eq!((tile.status, tile.body.as_slice()), (200, b"hashes".as_slice()));
    assert!(tile.header("cache-control").unwrap().ends_with("immutable"));
    assert_eq!(tile.header("access-control-allow-origin"), Some("*"));
    for path in ["/tile/0/001", "/tile/../secret", "/tile/0/..%2f..%2fsecret", "/secret", "/tile/"] {
        assert_eq!(get(path, "").status, 404, "{path}");
    }
    // Nothing is taken in.
    let entry =
        raw(b"POST /api/v1/entries HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx");
    assert_eq!(entry.status, 404);
    assert!(entry.text().contains("takes no statements in"), "{}", entry.text());
    assert_eq!(get("/entry/0.tlog-proof", "").status, 404, "these statements stand in no log");
}

#[test]
fn health_readiness_and_figures_for_the_operator() {
    assert_eq!(get("/healthz", "").text(), "ok\n");
    assert!(get("/readyz", "").text().contains(&Entries::of(surety_data::embedded()).unwrap().root_hex()));
    let _ = get("/about", "");
    assert!(get("/metrics", "").text().contains("surety_requests_total{status=\"200\"}"));
}

#[test]
fn the_description_of_the_api_is_the_one_that_is_promised() {
    let ours = get("/api/v1/openapi", "").text();
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/openapi.json");
    if std::env::var_os("SURETY_OVERWRITE").is_some() {
        std::fs::write(file, &ours).unwrap();
    }
    let promised = std::fs::read_to_string(file).unwrap();
    assert!(ours.starts_with("{\n  \"openapi\": \"3.1"), "{}", &ours[..60]);
    assert!(
        ours == promised,
        "the API is another one: look at it, and run this test with SURETY_OVERWRITE=1"
    );
}

#[test]
fn every_address_of_the_description_answers() {
    let document: serde_json::Value = serde_json::from_slice(&get("/api/v1/openapi", "").body).unwrap();
    for (path, item) in document["paths"].as_object().unwrap() {
        let mut filled = path.clone();
        let mut query = Vec::new();
        for parameter in item["get"]["parameters"].as_array().unwrap() {
            let [name, example, place] =
                ["name", "example", "in"].map(|key| parameter[key].as_str().unwrap());
            if place == "path" {
                filled = filled.replace(&format!("{{{name}}}"), example);
            } else {
                query.push(format!("{name}={}", example.replace(' ', "%20")));
            }
        }
        let answer = get(&format!("{filled}?{}", query.join("&")), "");
        assert_eq!(answer.status, 200, "{filled}: {}", answer.text());
        assert!(serde_json::from_slice::<serde_json::Value>(&answer.body).is_ok(), "{filled}");
    }
}

#[test]
fn an_answer_is_a_function_of_checkpoint_date_and_query() {
    let site = site();
    for (path, query) in [
        ("", "as_of=1995-05-05"),
        ("state/FRA", ""),
        ("index", "w-legal=3"),
        ("materials", ""),
        ("api/v1/world", ""),
    ] {
        let date = day("2020-02-29");
        let first = site.answer(path, query, date);
        assert_eq!(first.status, 200, "{path}");
        assert_eq!(first, site.answer(path, query, date), "{path}");
        let named = format!("{query}{}as_of=2020-02-29", if query.is_empty() { "" } else { "&" });
        if !query.contains("as_of") {
            // The date that is named and the one that it is today make the same main part.
            let main = |reply: &surety_site::Reply| {
                let text = String::from_utf8_lossy(&reply.body).into_owned();
                text.split("<main")
                    .nth(1)
                    .unwrap_or(&text)
                    .split("<section class=\"cite\"")
                    .next()
                    .map(|main| main.replace("?as_of=2020-02-29", ""))
                    .unwrap_or_default()
            };
            let named = site.answer(path, &named, day("2026-01-01"));
            if path.starts_with("api/") || path.starts_with("state/") {
                assert_eq!(main(&first).len(), main(&named).len(), "{path}");
            }
        }
    }
}

#[test]
fn every_date_since_1980_can_be_asked() {
    let site = site();
    for year in [1980, 1991, 2005, 2016, 2030] {
        for path in
            ["", "state/RUS", "state/DDR", "treaty/CPPNM-A", "materials", "index", "commitments", "states"]
        {
            let reply = site.answer(path, &format!("as_of={year}-06-30"), day("2026-01-01"));
            // Before any State is asked there is no index: it says so.
            assert!(
                reply.status == 200 || (path == "index" && reply.status == 400),
                "{path} {year}: {}",
                String::from_utf8_lossy(&reply.body)
            );
        }
    }
}
