//! How long each page takes on a date that nobody asked before: `cargo bench -p surety-site`.
#![expect(clippy::unwrap_used, reason = "a benchmark")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use surety_core::{Date, parse_day};
use surety_site::{Entries, Settings, Site};
use surety_view::Context;

const PAGES: [&str; 27] = [
    "",
    "map/D4",
    "map/legal",
    "map/index",
    "states",
    "state/JPN",
    "state/JPN/L2",
    "treaty/cppnm",
    "materials",
    "commitments",
    "reviews",
    "reports",
    "requirements",
    "index",
    "compare",
    "search",
    "log",
    "sources",
    "method",
    "data",
    "about",
    "treaties",
    "pair",
    "requirement/CPPNM-PRE-MIL",
    "verify",
    "method/L2",
    "method/D4",
];
const DATES: [&str; 6] = ["1985-02-03", "1996-04-05", "2005-03-04", "2013-05-06", "2019-08-09", "2026-11-01"];

fn benches(criterion: &mut Criterion) {
    let dataset = surety_data::embedded();
    let today = parse_day("2026-11-22").unwrap();
    let context = Context::new(dataset, today);
    let site = Site::new(&context, Entries::of(dataset).unwrap(), Settings::default()).unwrap();
    for page in PAGES {
        let answer = |date: &str, today: Date| site.answer(page, &format!("as_of={date}"), today);
        let found = answer(DATES[0], today);
        assert_eq!(found.status, 200, "{page}: {}", String::from_utf8_lossy(&found.body));
        let mut dates = DATES.iter().cycle();
        criterion.bench_function(&format!("/{page}"), |bench| {
            bench.iter(|| black_box(answer(dates.next().unwrap(), today)));
        });
    }
}

criterion_group! {
    name = pages;
    config = Criterion::default().sample_size(20);
    targets = benches
}
criterion_main!(pages);
