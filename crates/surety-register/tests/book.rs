//! The book inventory: equal to the sum of its changes, whatever they are; taken out and in again, the same.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::collections::BTreeMap;

use common::{area, book, change, day, held_mg, new, note, secret};
use proptest::prelude::*;
use surety_material::{Amount, Category, ChangeCode, Direction, Irradiation, MaterialKind, Purpose};
use surety_register::{
    BatchForm, By, Choices, Error, Holding, Readers, Register, Source, read_changes, read_listed,
};

/// What a person can do wrong, each named with its line, its column and the rule; nothing of it is booked.
#[test]
fn a_bad_line_is_named_and_nothing_of_its_file_is_taken_in() {
    let (_folder, _path, mut register) = new();
    let head = register.head().unwrap();
    let header = "date,mba,batch,material,code,element_g,isotope_g,pieces,corrects,purpose,irradiation";
    let good = "2026-01-02,XA01,B0,plutonium,RD,1000,,,,,";
    for (line, expected) in [
        ("2026-02-30,XA01,B1,plutonium,RD,1,,,,,", "line 3, date: `2026-02-30` is not a date"),
        (
            "2027-01-01,XA01,B1,plutonium,RD,1,,,,,",
            "line 3, date: 2027-01-01 lies before 1940-01-01 or after",
        ),
        (
            "2026-01-02,XA04,B1,plutonium,RD,1,,,,,",
            "line 3, mba: no material balance area is called `XA04`: did you mean XA0",
        ),
        ("2026-01-02,XA01,B 1,plutonium,RD,1,,,,,", "line 3, batch: `B 1` is no name of a batch"),
        ("2026-01-02,XA01,,plutonium,RD,1,,,,,", "line 3, batch: the cell is empty"),
        ("2026-01-02,XA01,B1,plutonum,RD,1,,,,,", "line 3, material: `plutonum` is not a material"),
        ("2026-01-02,XA01,B1,plutonium,RX,1,,,,,", "line 3, code: `RX` is not an inventory change code"),
        ("2026-01-02,XA01,B1,plutonium,EN,1,,,,,", "line 3, code: EN is no change of plutonium"),
        ("2026-01-02,XA01,B1,plutonium,RD,1.0001,,,,,", "line 3, element_g: `1.0001` is no mass in grams"),
        ("2026-01-02,XA01,B1,plutonium,RD,-1,,,,,", "line 3, element_g: RD says by itself which way it goes"),
        ("2026-01-02,XA01,B1,plutonium,RD,0,,,,,", "line 3, element_g: a change of nothing is none"),
        ("2026-01-02,XA01,B1,plutonium,RD,1,2,,,,", "line 3, isotope_g: an isotope weighs at least 0"),
        (
            "2026-01-02,XA01,B1,enriched-uranium,RD,1,,,,,",
            "line 3, isotope_g: enriched uranium needs its mass of U-235",
        ),
        ("2026-01-02,XA01,B1,plutonium,SD,1,,,,,", "line 3, batch: XA01 holds no batch `B1` of plutonium"),
        ("2026-01-02,XA01,B0,plutonium,SD,1000.001,,,,,", "line 3, element_g: the batch would hold -0.001 g"),
        ("2026-01-02,XA01,B0,plutonium,LD,1,,,7,,", "line 3, corrects: no change has the number 7"),
        ("2026-01-02,XA01,B0,plutonium,RD,1,,,,military,", "line 3, purpose: the batch is civilian"),
        (
            "2026-01-02,XA01,B0,plutonium,RD,1,,,,,irradiated",
            "line 3, irradiation: the batch is unirradiated",
        ),
        ("2026-01-02,XA01,B1,plutonium", "line 3: it has 4 cells, and the header has 11"),
    ] {
        let table = format!("{header}\n{good}\n{line}\n");
        let error =
            register.book(&note("import"), None, read_changes(table.as_bytes()).unwrap()).unwrap_err();
        assert!(matches!(error, Error::Lines(_)), "{line}: {error}");
        assert!(error.to_string().contains(expected), "{line}: {error}");
        assert_eq!((register.head().unwrap(), held_mg(&register, "B0")), (head.clone(), 0), "{line}");
    }
    for (header, expected) in [
        ("date,mba,batch,material,code", "line 1, element_g: this column is missing"),
        ("date,mba,batch,material,code,element_g,mba", "line 1, mba: this column stands twice"),
        (
            "date,mba,batch,material,code,element",
            "line 1, element: there is no such column: did you mean element_g?",
        ),
    ] {
        let error = read_changes(header.as_bytes()).err().unwrap().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let table = format!("{header}\n{good}\n");
    register.book(&note("import"), None, read_changes(table.as_bytes()).unwrap()).unwrap();
    assert_eq!(held_mg(&register, "B0"), 1_000_000);
}

#[test]
fn the_same_file_is_taken_in_once() {
    let (folder, _path, mut register) = new();
    let file = folder.path().join("changes.csv");
    std::fs::write(&file, "date,mba,batch,material,code,element_g\n2026-01-02,XA01,B0,plutonium,RD,1\n")
        .unwrap();
    let import = |register: &mut Register| {
        let (source, input) = Source::of(&file).unwrap();
        register.book(&note("import"), Some(source), read_changes(input).unwrap())
    };
    let first = import(&mut register).unwrap();
    let again = import(&mut register).unwrap_err().to_string();
    let expected = format!("changes.csv was taken in before, with entry {}", first.entry.seq);
    assert!(again.starts_with(&expected), "{again}");
}

/// A file from outside the register: named, and not seen before.
fn file(name: &str, again: bool) -> Source {
    Source { name: name.to_owned(), sha256: name.to_owned(), again }
}

#[test]
fn what_is_booked_already_is_refused_unless_it_happened_again() {
    let (_folder, _path, mut register) = new();
    let mut received = change("XA01 B1 plutonium RD 1000 10");
    (received.other, received.amount.pieces) = (Some("XAB".to_owned()), 3);
    let mut corrected = change("XA01 B1 plutonium LD 4 0");
    corrected.corrects = Some(2);
    let discard = change("XA01 B1 plutonium LD 5 0");
    book(&mut register, &[received, discard.clone(), corrected, change("XA01 B1 plutonium LD 1 0")]).unwrap();
    let head = register.head().unwrap();
    let header = "date,mba,batch,material,code,element_g,isotope_g,pieces,other,corrects";
    for (line, expected) in [
        // The same, and the same as a report tells it: without Pu-238, or without what else it leaves out.
        ("2026-01-10,XA01,B1,plutonium,RD,1000,10,3,XAB,", Some("change 1\n")),
        ("2026-01-10,XA01,B1,plutonium,RD,1000,,,,", Some("change 1\n")),
        ("2026-01-10,XA01,B1,plutonium,LD,5,,,,", Some("change 2, which 3 took the place of")),
        ("2026-01-10,XA01,B1,plutonium,LD,4,,,,", Some("change 3\n")),
        ("2026-01-10,XA01,B1,plutonium,LD,4,,,,3", Some("change 3\n")),
        // Another amount, number of pieces, sender, day, code, area or batch.
        ("2026-01-10,XA01,B1,plutonium,RD,1000.001,10,3,XAB,", None),
        ("2026-01-10,XA01,B1,plutonium,RD,1000,11,3,XAB,", None),
        ("2026-01-10,XA01,B1,plutonium,RD,1000,10,4,XAB,", None),
        ("2026-01-10,XA01,B1,plutonium,RD,1000,10,3,XAC,", None),
        ("2026-01-11,XA01,B1,plutonium,RD,1000,10,3,XAB,", None),
        ("2026-01-10,XA01,B1,plutonium,RF,1000,10,3,XAB,", None),
        ("2026-01-10,XA02,B1,plutonium,RD,1000,10,3,XAB,", None),
        ("2026-01-10,XA01,B2,plutonium,RD,1000,10,3,XAB,", None),
        // A correction may go back to an earlier figure.
        ("2026-01-10,XA01,B1,plutonium,LD,5,,,,3", None),
    ] {
        let (_folder, _path, mut other) = new();
        let mut table = Vec::new();
        register.write_changes(&mut table).unwrap();
        other.book(&note("import"), Some(file("all", false)), read_changes(&table[..]).unwrap()).unwrap();
        let table = format!("{header}\n2026-01-10,XA01,B9,plutonium,RD,1,,,,\n{line}\n");
        let before = other.head().unwrap();
        let booked =
            other.book(&note("import"), Some(file("one", false)), read_changes(table.as_bytes()).unwrap());
        let Some(expected) = expected else {
            booked.unwrap();
            continue;
        };
        let error = booked.unwrap_err().to_string();
        assert!(error.contains("line 3, code: ") && error.contains(expected), "{line}: {error}");
        assert_eq!(other.head().unwrap(), before, "{line}");
        if !line.ends_with('3') {
            other
                .book(&note("import"), Some(file("one", true)), read_changes(table.as_bytes()).unwrap())
                .unwrap();
            assert_eq!(other.check().unwrap().problems, [""; 0]);
        }
    }
    assert_eq!(register.head().unwrap(), head);

    // What stands twice in one file happened twice.
    let twice = format!("{header}\n{0}\n{0}\n", "2026-01-12,XA01,B1,plutonium,LD,1,,,,");
    register
        .book(&note("import"), Some(file("twice", false)), read_changes(twice.as_bytes()).unwrap())
        .unwrap();
    // A change that is entered by hand is meant.
    book(&mut register, &[discard]).unwrap();
}

#[test]
fn a_report_of_the_register_itself_is_refused_entry_by_entry() {
    let (_folder, _path, mut register) = new();
    let mut with_facility = area("XA01", "S1");
    with_facility.facility = "XA-S1".to_owned();
    register.put(&note("a facility"), &with_facility).unwrap();
    let mut received =
        [change("XA01 B1 plutonium RD 1000 10"), change("XA01 B2 enriched-uranium RD 500 450")];
    for one in &mut received {
        (one.other, one.form) = (Some("XAB".to_owned()), Some("CPCF".to_owned()));
    }
    book(&mut register, &received).unwrap();
    let mut changes = ["LD 2", "LD 3", "LD 4"].map(|lost| change(&format!("XA01 B1 plutonium {lost} 0")));
    (changes[1].corrects, changes[2].day) = (Some(3), day("2026-01-11"));
    book(&mut register, &changes).unwrap();
    let mut deleted = change("XA01 B1 plutonium LD 0 0");
    (deleted.corrects, deleted.day) = (Some(5), day("2026-01-11"));
    book(&mut register, &[deleted]).unwrap();
    let before = (register.head().unwrap(), held(&register));
    let icr =
        register.change_report("XA01", day("2026-01-01"), day("2026-01-31"), Readers::HadReports).unwrap();
    let error = register.take_report(&note("a report"), Some(file("icr", false)), &icr).unwrap_err();
    let Error::Lines(lines) = &error else { panic!("{error}") };
    let (hint, lines) = lines.split_last().unwrap();
    let named: Vec<&str> =
        lines.iter().map(|line| icr.lines().nth(usize::try_from(line.line).unwrap() - 1).unwrap()).collect();
    // Two receipts, a correction and a deletion: each with the first line of its entry.
    assert_eq!(named, ["309:N", "309:N", "309:C", "309:D"], "{error}\n{icr}");
    assert!(lines.iter().all(|line| line.label == "label 411"), "{error}");
    assert!(hint.to_string().starts_with("Leave out what is booked already"), "{error}");
    assert_eq!((register.head().unwrap(), held(&register)), before);
    // Whoever had no report before takes in what stands after the corrections, as new.
    let whole =
        register.change_report("XA01", day("2026-01-01"), day("2026-01-31"), Readers::HadNone).unwrap();
    let (_folder, _path, mut empty) = new();
    assert!(empty.take_report(&note("a report"), None, &icr).is_err(), "it corrects what is not here");
    empty.take_report(&note("a report"), None, &whole).unwrap();
    assert_eq!(held_mg(&empty, "B1"), held_mg(&register, "B1"));
    assert_eq!(held_mg(&empty, "B1"), 997_000, "3 g were lost, and the loss of 4 g was deleted");
    let receipts = icr.split("\n\n").take(3).collect::<Vec<_>>().join("\n\n");
    register.take_report(&note("they came again"), Some(file("icr", true)), &receipts).unwrap();
    assert_eq!(held_mg(&register, "B1"), 1_997_000);
}

#[test]
fn a_group_is_in_the_category_of_all_of_it_together() {
    let (_folder, _path, mut register) = new();
    let half = |batch: &str| change(&format!("XA01 {batch} plutonium RD 1000 10"));
    book(&mut register, &[half("B1"), half("B2"), change("XA02 B3 enriched-uranium RD 1000 190")]).unwrap();
    book(&mut register, &[change("XA03 B4 plutonium RD 15 0")]).unwrap();
    let category = |register: &Register, by: By, key: &str| {
        let groups = register.roll_up(&[by], None).unwrap();
        groups.into_iter().find(|group| group.key == [key]).map(|group| group.category)
    };
    assert_eq!(category(&register, By::Area, "XA01"), Some(Category::I), "two of category II");
    assert_eq!(category(&register, By::Area, "XA03"), Some(Category::BelowIII));
    assert_eq!(category(&register, By::Category, "II"), Some(Category::I));
    let groups = register.roll_up(&[By::Site, By::Purpose], None).unwrap();
    let keys: Vec<Vec<String>> = groups.iter().map(|group| group.key.clone()).collect();
    assert_eq!(keys, [["S1", "civilian"], ["S2", "military"]]);
    assert_eq!(
        register.roll_up(&[By::Site], Some(day("2026-01-09"))).unwrap(),
        [],
        "before the first change"
    );
    assert_eq!(
        register.roll_up(&[By::Site], Some(day("2026-01-10"))).unwrap(),
        register.roll_up(&[By::Site], None).unwrap()
    );
}

#[test]
fn a_choice_of_the_state_changes_the_categories_of_irradiated_items() {
    let (_folder, _path, mut register) = new();
    let mut hot = change("XA01 R1 enriched-uranium RD 6000 5400");
    hot.irradiation = Some(Irradiation::Above1GrayPerHourAt1m);
    book(&mut register, &[hot]).unwrap();
    let category = |register: &Register| register.holdings(None).unwrap()[0].category;
    assert_eq!(category(&register), Category::I);
    register.put(&note("a choice"), &Choices { reduce_irradiated: true }).unwrap();
    assert_eq!(category(&register), Category::II);
    assert_eq!(register.check().unwrap().problems, [""; 0]);
}

#[test]
fn an_inventory_books_what_was_found_and_the_balance_shows_it() {
    let (_folder, _path, mut register) = new();
    book(&mut register, &[change("XA01 B1 plutonium RD 1000 10"), change("XA01 B2 plutonium RD 500 5")])
        .unwrap();
    let take = |register: &mut Register, on: &str, table: &str| {
        let lines = read_listed(table.as_bytes()).unwrap();
        register.take_inventory(&note("count"), None, "XA01", day(on), lines).unwrap()
    };
    let taken =
        take(&mut register, "2026-01-11", "batch,material,element_g,isotope_g\nB1,plutonium,1000.5,9\n");
    assert_eq!(taken.differences[0].id(), Amount { element_mg: 499_500, isotope_mg: 6_000, pieces: 0 });
    assert_eq!((held_mg(&register, "B1"), held_mg(&register, "B2")), (1_000_500, 0), "B2 was not found");
    let mut lost = change("XA01 B1 plutonium LD 0.5 0");
    lost.day = day("2026-01-12");
    book(&mut register, &[lost]).unwrap();
    take(&mut register, "2026-01-20", "batch,material,element_g,isotope_g\nB1,plutonium,990,9\n");
    let periods = register.periods("XA01", MaterialKind::Plutonium).unwrap();
    let muf: Vec<i64> = periods.iter().map(|period| period.muf.element_mg).collect();
    assert_eq!(muf, [499_500, 10_000]);
    assert_eq!(periods[1].beginning, periods[0].physical);
    assert_eq!(register.check().unwrap().problems, [""; 0]);
}

#[test]
fn a_shipment_that_nobody_received_is_remarked() {
    let (_folder, _path, mut register) = new();
    let mut sent = change("XA01 B1 plutonium SD 1000 0");
    sent.other = Some("XA02".to_owned());
    book(&mut register, &[change("XA01 B1 plutonium RF 1000 0"), sent]).unwrap();
    let remarks = register.check().unwrap().remarks;
    assert_eq!(
        remarks,
        ["in transit: XA01 booked 1 shipments of plutonium to XA02, and XA02 booked 0 receipts"]
    );
    let mut came = change("XA02 B1 plutonium RD 1000 0");
    came.other = Some("XA01".to_owned());
    book(&mut register, &[came]).unwrap();
    assert_eq!(register.check().unwrap().remarks, [""; 0]);
}

#[test]
fn reports_of_one_register_can_be_taken_into_another() {
    let (_folder, _path, mut register) = new();
    let mut with_facility = area("XA01", "S1");
    with_facility.facility = "XA-S1".to_owned();
    register.put(&note("a facility"), &with_facility).unwrap();
    let mut changes = [
        change("XA01 B1 plutonium RD 1000 0"),
        change("XA01 B2 enriched-uranium RD 500 450"),
        change("XA01 B1 plutonium LD 2 0"),
    ];
    for received in &mut changes[..2] {
        received.other = Some("XAB".to_owned());
        received.form = Some("CPCF".to_owned());
        received.amount.pieces = 3;
    }
    book(&mut register, &changes).unwrap();
    let icr =
        register.change_report("XA01", day("2026-01-01"), day("2026-01-31"), Readers::HadReports).unwrap();
    let table =
        "batch,material,element_g,isotope_g,pieces\nB1,plutonium,997,0,3\nB2,enriched-uranium,500,450,3\n";
    register
        .take_inventory(
            &note("count"),
            None,
            "XA01",
            day("2026-01-20"),
            read_listed(table.as_bytes()).unwrap(),
        )
        .unwrap();
    let pil = register.inventory_report("XA01", day("2026-01-20")).unwrap();
    let mbr = register.balance_report("XA01", day("2026-01-20")).unwrap();
    assert!(mbr.contains("411:MF") && icr.contains("411:LD"), "{mbr}");

    let (_folder, _path, mut other) = new();
    other.take_report(&note("a report"), None, &icr).unwrap();
    other.take_report(&note("a report"), None, &pil).unwrap();
    let bare = |register: &Register| -> Vec<(String, Amount)> {
        register.holdings(None).unwrap().into_iter().map(|held| (held.batch, held.amount)).collect()
    };
    assert_eq!(bare(&other), bare(&register));
    assert_eq!(other.check().unwrap().problems, [""; 0]);
    let error = other.take_report(&note("a report"), None, &mbr).unwrap_err().to_string();
    assert!(error.contains("follows from the others"), "{error}");
    let bad = icr.replacen("411:RD", "411:RX", 1);
    let error = other.take_report(&note("a report"), None, &bad).unwrap_err().to_string();
    assert!(error.contains("label 411"), "{error}");
}

#[test]
fn the_form_of_a_batch_is_corrected_by_an_entry_and_nothing_is_overwritten() {
    let (folder, path, mut register) = new();
    let mut with_facility = area("XA01", "S1");
    with_facility.facility = "XA-S1".to_owned();
    register.put(&note("a facility"), &with_facility).unwrap();
    let mut wrong = change("XA01 B2 plutonium RF 1000 0");
    (wrong.other, wrong.form) = (Some("XAB".to_owned()), Some("CPCX".to_owned()));
    let mut none = change("XA01 B1 plutonium RF 500 0");
    none.other = Some("XAB".to_owned());
    let mut same_name = change("XA01 B1 thorium RF 7 0");
    (same_name.other, same_name.form) = (Some("XAB".to_owned()), Some("LNFI".to_owned()));
    book(&mut register, &[none, wrong, same_name]).unwrap();
    let icr = |register: &Register| {
        register.change_report("XA01", day("2026-01-01"), day("2026-01-31"), Readers::HadReports)
    };
    assert!(icr(&register).unwrap_err().to_string().contains("the form of batch B1 is no code for reports"));

    let history = register.entries(1, 1_000).unwrap();
    for batch in ["B1", "B2"] {
        let (area, batch, material) = ("XA01".to_owned(), batch.to_owned(), "plutonium".to_owned());
        let set = BatchForm { area, batch, material, form: "CPCF".to_owned() };
        register.put(&note("the form was coded wrongly"), &set).unwrap();
    }
    drop(register);
    let mut register = Register::open(&path, &secret()).unwrap();
    assert_eq!(register.entries(1, 1_000).unwrap()[..history.len()], history, "history was removed");
    assert_eq!(register.check().unwrap().problems, [""; 0]);
    let forms = |register: &Register| -> Vec<String> {
        register.holdings(None).unwrap().into_iter().map(|held| held.form).collect()
    };
    assert_eq!(forms(&register), ["CPCF", "CPCF", "LNFI"]);
    assert_eq!(icr(&register).unwrap().matches("430:CPCF").count(), 2);
    let listed = "batch,material,element_g\nB1,plutonium,500\nB2,plutonium,1000\nB1,thorium,7\n";
    let listed = read_listed(listed.as_bytes()).unwrap();
    register.take_inventory(&note("count"), None, "XA01", day("2026-01-20"), listed).unwrap();
    assert!(register.inventory_report("XA01", day("2026-01-20")).unwrap().contains("446:B2"));

    // What comes to it later is of the form that it has now.
    for (form, fits) in [("CPCF", true), ("CPCX", false)] {
        let mut more = change("XA01 B2 plutonium RF 1 0");
        more.form = Some(form.to_owned());
        let booked = book(&mut register, &[more]);
        assert_eq!(booked.is_ok(), fits, "{form}");
        if let Err(error) = booked {
            assert!(error.to_string().contains("the batch is `CPCF`, and not `CPCX`"), "{error}");
        }
    }
    for (batch, material, form, expected) in [
        ("B9", "plutonium", "CPCF", "XA01 knows no batch `B9` of plutonium"),
        ("B2", "plutonum", "CPCF", "`plutonum` is not a material"),
        ("B2", "plutonium", "C P", "`C P` is no name of a form"),
    ] {
        let [batch, material, form] = [batch, material, form].map(str::to_owned);
        let set = BatchForm { area: "XA01".to_owned(), batch, material, form };
        let error = register.put(&note("wrong"), &set).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    // Out and in again: a register that has each form from the beginning.
    let mut table = Vec::new();
    register.write_changes(&mut table).unwrap();
    let mut other = common::fill(&folder.path().join("other.register"));
    other.book(&note("import"), None, read_changes(&table[..]).unwrap()).unwrap();
    assert_eq!(forms(&other), forms(&register));
    assert_eq!(other.changes(None, None).unwrap(), register.changes(None, None).unwrap());
}

/// A change of some batch in some area; not every one can be booked.
fn any_change() -> impl Strategy<Value = (usize, usize, MaterialKind, ChangeCode, i64, i64)> {
    (
        0usize..3,
        0usize..4,
        prop::sample::select(MaterialKind::ALL),
        prop::sample::select(ChangeCode::ALL),
        -50_000i64..1_000_000,
        1i64..1_000,
    )
}

type Held = BTreeMap<(String, String, MaterialKind), Amount>;

fn held(register: &Register) -> Held {
    let holdings = register.holdings(None).unwrap();
    holdings.into_iter().map(|held| ((held.area, held.batch, held.material), held.amount)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(6))]

    #[test]
    fn the_book_inventory_is_the_sum_of_the_changes_and_reads_back(
        sequence in prop::collection::vec(any_change(), 1..60),
        corrected in prop::collection::vec((any::<prop::sample::Index>(), 0i64..500_000), 0..6),
    ) {
        let (folder, _path, mut register) = new();
        let mut expected = Held::new();
        let mut booked = Vec::new();
        for (area, batch, material, code, element_mg, permille) in sequence {
            let amount = Amount { element_mg, isotope_mg: element_mg / 1_000 * permille, pieces: 0 };
            let mut one = change("XA01 B plutonium RD 1 0");
            one.area = format!("XA0{}", area + 1);
            one.batch = format!("B{batch}");
            (one.material, one.code, one.amount) = (material, code, amount);
            let before = (register.head().unwrap(), held(&register));
            match book(&mut register, &[one.clone()]) {
                Ok(entry) => {
                    let sum = expected.entry((one.area.clone(), one.batch.clone(), material)).or_default();
                    *sum = sum.plus(amount.moved(code.direction(material).unwrap())).unwrap();
                    booked.push((entry.first_change, one));
                }
                Err(error) => {
                    prop_assert!(matches!(error, Error::Lines(_)), "{}", error);
                    prop_assert_eq!(&before, &(register.head().unwrap(), held(&register)), "refused, and yet changed");
                }
            }
        }
        for (which, element_mg) in corrected {
            if booked.is_empty() {
                break;
            }
            let at = which.index(booked.len());
            let (number, old) = booked[at].clone();
            let mut new = old.clone();
            new.amount = Amount { element_mg, isotope_mg: element_mg / 2, pieces: 0 };
            new.corrects = Some(number);
            let history = register.entries(1, 1_000).unwrap();
            if let Ok(entry) = book(&mut register, &[new.clone()]) {
                let direction: Direction = new.code.direction(new.material).unwrap();
                let sum = expected.get_mut(&(new.area.clone(), new.batch.clone(), new.material)).unwrap();
                *sum = sum.plus(old.amount.moved(direction).negated()).unwrap().plus(new.amount.moved(direction)).unwrap();
                booked[at] = (entry.first_change, new);
            }
            let now = register.entries(1, 1_000).unwrap();
            prop_assert_eq!(&now[..history.len()], &history[..], "history was removed");
        }
        expected.retain(|_, amount| *amount != Amount::default());
        prop_assert_eq!(held(&register), expected);
        prop_assert_eq!(register.check().unwrap().problems, [""; 0]);

        // Out and in again: the same changes, items, holdings and categories.
        let mut table = Vec::new();
        register.write_changes(&mut table).unwrap();
        let mut other = common::fill(&folder.path().join("other.register"));
        if register.check().unwrap().changes > 0 {
            other.book(&note("import"), None, read_changes(&table[..]).unwrap()).unwrap();
        }
        let all = |register: &Register| -> Vec<Holding> { register.holdings(None).unwrap() };
        prop_assert_eq!(all(&other), all(&register));
        prop_assert_eq!(other.changes(None, None).unwrap(), register.changes(None, None).unwrap());
        let mut again = Vec::new();
        other.write_changes(&mut again).unwrap();
        prop_assert_eq!(again, table);
    }
}

#[test]
fn material_is_for_what_its_site_is_for_unless_it_is_said() {
    let (_folder, path, mut register) = new();
    let mut naval = change("XA03 N1 enriched-uranium RS 100 93");
    naval.purpose = Some(Purpose::Naval);
    book(&mut register, &[change("XA01 B1 plutonium RS 1 0"), change("XA03 B1 plutonium RS 1 0"), naval])
        .unwrap();
    drop(register);
    let register = Register::open(&path, &secret()).unwrap();
    let purposes: Vec<Purpose> = register.holdings(None).unwrap().iter().map(|held| held.purpose).collect();
    assert_eq!(purposes, [Purpose::Civilian, Purpose::Military, Purpose::Naval]);
}
