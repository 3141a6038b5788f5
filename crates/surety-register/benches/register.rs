//! A large register: import, roll-up, check. `cargo bench -p surety-register`; `SURETY_ITEMS` sets the number of items,
//! one million when it is not set; there are five changes for each.
#![expect(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a benchmark may fail loudly, and prints what it measured"
)]

use std::fmt::Write as _;
use std::time::Instant;

use surety_register::{Area, By, Note, Register, Secret, Site, read_changes};
use surety_standards::Regime;

fn main() {
    let items: u32 =
        std::env::var("SURETY_ITEMS").ok().and_then(|text| text.parse().ok()).unwrap_or(1_000_000);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("large.register");
    let secret = Secret::key_file(&[7; 32]).unwrap();
    let note = Note::new("bench", "a large register", "2026-01-01T00:00:00Z".parse().unwrap()).unwrap();
    let mut register = Register::create(&path, &secret, [7; 16], "XAA".parse().unwrap(), &note).unwrap();
    let sites: Vec<Site> = (0..20)
        .map(|number| Site {
            id: format!("S{number}"),
            regime: if number % 2 == 0 { Regime::Civil } else { Regime::Military },
            note: String::new(),
        })
        .collect();
    register.put_all(&note, &sites).unwrap();
    let areas: Vec<Area> = (0..100)
        .map(|number| Area {
            code: format!("XA{number:02}"),
            site: format!("S{}", number % 20),
            facility: String::new(),
            note: String::new(),
        })
        .collect();
    register.put_all(&note, &areas).unwrap();

    let table = table(items);
    let rows = u64::from(items) * 5;
    let import = seconds("import of the changes", || {
        let changes = read_changes(table.as_bytes()).unwrap();
        assert_eq!(register.book(&note, None, changes).unwrap().new_items, i64::from(items));
    });
    // Items and changes are both rows.
    println!("{:.0} rows/s of {} items and {rows} changes", f64::from(items) * 6.0 / import, items);
    seconds("roll-up by site and category", || {
        assert!(register.roll_up(&[By::Site, By::Category], None).unwrap().len() >= 20);
    });
    seconds("roll-up on an earlier date", || {
        register.roll_up(&[By::Site], Some("2024-06-30".parse().unwrap())).unwrap();
    });
    seconds("check", || assert_eq!(register.check().unwrap().problems, [""; 0]));
    println!("{} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);
}

/// Wall-clock seconds; where the system tells, those that the processor spent are printed too, because they do not depend
/// on what else the machine does.
fn seconds(what: &str, run: impl FnOnce()) -> f64 {
    let (start, spent) = (Instant::now(), processor_seconds());
    run();
    let seconds = start.elapsed().as_secs_f64();
    let spent = processor_seconds().zip(spent).map_or_else(String::new, |(after, before)| {
        format!(", of which {:.2} s on the processor", after - before)
    });
    println!("{what}: {seconds:.2} s{spent}");
    seconds
}

fn processor_seconds() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/self/schedstat").ok()?;
    Some(text.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}

/// Every item is received and then changed four times, in the order of days, as reports tell it.
fn table(items: u32) -> String {
    let mut table = "date,mba,batch,material,code,element_g,isotope_g,pieces\n".to_owned();
    let materials =
        [("plutonium", 10), ("enriched-uranium", 900), ("enriched-uranium", 150), ("natural-uranium", 7)];
    for (year, code) in (2021..).zip(["RD", "NP", "LD", "LN", "GA"]) {
        for item in 0..items {
            let (material, share) = materials[(item % 4) as usize];
            let mass_g = if code == "RD" { 100 + item % 900 } else { 1 + item % 9 };
            let _ = writeln!(
                table,
                "{year}-{:02}-{:02},XA{:02},B{item},{material},{code},{mass_g}.125,{}.{:03},1",
                1 + item % 12,
                1 + item % 28,
                item % 100,
                mass_g * share / 1000,
                mass_g * share % 1000,
            );
        }
    }
    table
}
