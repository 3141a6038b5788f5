//! The journal: nothing in it can be rewritten without being noticed, and a correction removes no history.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use common::{book, change, day, held_mg, note, raw, secret};
use surety_material::{Amount, MaterialKind};
use surety_register::{Choices, Error, Listed, Note, Register, read_listed};

/// A register with something in every table.
fn filled() -> (tempfile::TempDir, std::path::PathBuf) {
    let (folder, path, mut register) = common::new();
    book(
        &mut register,
        &[
            change("XA01 B1 plutonium RD 1000 10"),
            change("XA01 B2 enriched-uranium RD 5000 4500"),
            change("XA02 B1 plutonium RF 20 0"),
        ],
    )
    .unwrap();
    book(&mut register, &[change("XA01 B1 plutonium LD 4 0")]).unwrap();
    let table = "batch,material,element_g,isotope_g\nB1,plutonium,995.5,10\nB2,enriched-uranium,5000,4500\n";
    register
        .take_inventory(
            &note("yearly"),
            None,
            "XA01",
            day("2026-01-20"),
            read_listed(table.as_bytes()).unwrap(),
        )
        .unwrap();
    register.put(&note("a choice"), &Choices { reduce_irradiated: true }).unwrap();
    assert_eq!(register.check().unwrap().problems, [""; 0]);
    (folder, path)
}

#[test]
fn every_kind_of_tampering_is_noticed() {
    let rewritten = "UPDATE entry SET ";
    let (_folder, path) = filled();
    let whole = std::fs::read(&path).unwrap();
    for (statement, expected) in [
        // The chain.
        (format!("{rewritten} who = 'nobody' WHERE seq = 3"), "chain: entry 3 was rewritten"),
        (format!("{rewritten} why = 'no reason' WHERE seq = 3"), "chain: entry 3 was rewritten"),
        (format!("{rewritten} at = '2020-01-01T00:00:00Z' WHERE seq = 3"), "chain: entry 3 was rewritten"),
        (format!("{rewritten} body = replace(body, 'military', 'civil') WHERE seq = 3"), "chain: entry 3 was rewritten"),
        (format!("{rewritten} kind = 'area' WHERE seq = 3"), "chain: entry 3 was rewritten"),
        (format!("{rewritten} hash = zeroblob(32) WHERE seq = 3"), "chain: entry 4 does not follow"),
        (format!("{rewritten} previous = zeroblob(32) WHERE seq = 3"), "chain: entry 3 does not follow"),
        ("DELETE FROM entry WHERE seq = 3".to_owned(), "chain: entry 3 is missing"),
        ("DELETE FROM entry WHERE kind = 'choices'".to_owned(), "records: choices"),
        // The rows of entries.
        ("UPDATE change SET element_mg = element_mg - 1 WHERE id = 2".to_owned(), "rows: rows of entry 7 (changes) were rewritten"),
        ("UPDATE change SET day = day + 1 WHERE id = 2".to_owned(), "rows: rows of entry 7"),
        ("UPDATE change SET code = 'RF' WHERE id = 2".to_owned(), "rows: rows of entry 7"),
        ("UPDATE change SET entry = 8 WHERE id = 3".to_owned(), "rows: entry 7 has 5 rows, and says 6"),
        ("DELETE FROM change WHERE id = 4".to_owned(), "rows: change 4 is missing"),
        ("INSERT INTO change SELECT 99, entry, item, day, code, element_mg, isotope_mg, pieces, other, corrects FROM change WHERE id = 1".to_owned(), "rows: entry 7 has 7 rows"),
        ("UPDATE item SET batch = 'B9' WHERE id = 2".to_owned(), "rows: rows of entry 7"),
        ("UPDATE item SET purpose = 1 WHERE id = 2".to_owned(), "rows: rows of entry 7"),
        ("UPDATE listing SET element_mg = 0 WHERE id = 1".to_owned(), "rows: rows of entry 9 (inventory) were rewritten"),
        ("UPDATE change SET item = 77 WHERE id = 2".to_owned(), "links: change 2 is one of item 77"),
        // Where things stand.
        ("UPDATE holding SET element_mg = element_mg + 1 WHERE item = 1".to_owned(), "sums: item 1 holds"),
        ("UPDATE holding SET category = 4 WHERE item = 1".to_owned(), "categories: item 1 is of category II"),
        ("UPDATE holding SET purpose = 1 WHERE item = 1".to_owned(), "links: what is held of item 1"),
        ("DELETE FROM holding WHERE item = 3".to_owned(), "sums: what item 3 holds is missing"),
        ("INSERT INTO holding VALUES (9, 1, 0, 0, 0, 1, 1, 1, 1)".to_owned(), "links: something is held of item 9"),
        ("UPDATE record SET body = replace(body, 'military', 'civil') WHERE id = 'S2'".to_owned(), "records: site S2"),
        ("DELETE FROM record WHERE id = 'S2'".to_owned(), "records: 1 are missing"),
        ("UPDATE area SET site = 'S2' WHERE code = 'XA01'".to_owned(), "links: area XA01 at site S2"),
    ] {
        std::fs::write(&path, &whole).unwrap();
        let tampering = raw(&path);
        let triggers: Vec<(String, String)> = tampering
            .prepare("SELECT name, sql FROM sqlite_schema WHERE type = 'trigger'")
            .unwrap()
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?)))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(triggers.len(), 8);
        tampering.execute_batch("PRAGMA foreign_keys = OFF").unwrap();
        for (name, _) in &triggers {
            tampering.execute_batch(&format!("DROP TRIGGER {name}")).unwrap();
        }
        tampering.execute_batch(&statement).unwrap();
        for (_, sql) in &triggers {
            tampering.execute_batch(sql).unwrap();
        }
        drop(tampering);
        let problems = Register::open(&path, &secret()).unwrap().check().unwrap().problems;
        assert!(problems.iter().any(|problem| problem.starts_with(expected)), "{statement}: {problems:#?}");
    }
}

#[test]
fn the_store_itself_refuses_to_rewrite_the_journal() {
    let (_folder, path) = filled();
    let connection = raw(&path);
    for table in ["entry", "item", "change", "listing"] {
        for statement in [format!("DELETE FROM {table}"), format!("UPDATE {table} SET rowid = rowid + 100")] {
            let error = connection.execute(&statement, []).unwrap_err().to_string();
            assert!(error.contains("never rewritten"), "{statement}: {error}");
        }
    }
    connection.execute_batch("DROP TRIGGER change_stays").unwrap();
    drop(connection);
    let problems = Register::open(&path, &secret()).unwrap().check().unwrap().problems;
    assert_eq!(problems, ["schema: missing or changed: CREATE TRIGGER change_stays"]);
}

#[test]
fn a_flipped_bit_of_the_file_is_noticed() {
    let (_folder, path) = filled();
    let whole = std::fs::read(&path).unwrap();
    for at in (0..whole.len()).step_by(9_001) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1;
        std::fs::write(&path, &damaged).unwrap();
        let told = Register::open(&path, &secret()).and_then(|mut register| register.check());
        assert!(told.as_ref().map_or(true, |checked| !checked.problems.is_empty()), "byte {at}: {told:?}");
    }
}

#[test]
fn what_an_auditor_noted_still_stands_or_does_not() {
    let (_folder, path) = filled();
    let mut register = Register::open(&path, &secret()).unwrap();
    let noted = register.head().unwrap();
    book(&mut register, &[change("XA01 B3 plutonium RD 1 0")]).unwrap();
    assert!(register.has(noted.seq, &noted.hash).unwrap());
    assert!(!register.has(noted.seq, &[0; 32]).unwrap() && !register.has(99, &noted.hash).unwrap());
}

#[test]
fn a_correction_is_an_entry_and_removes_no_history() {
    let (_folder, _path, mut register) = common::new();
    let booked = book(&mut register, &[change("XA01 B1 plutonium RD 1000 0")]).unwrap();
    let before = register.entries(1, 100).unwrap();
    let mut correction = change("XA01 B1 plutonium RD 900 0");
    correction.corrects = Some(booked.first_change);
    let corrected = book(&mut register, std::slice::from_ref(&correction)).unwrap();
    assert_eq!(held_mg(&register, "B1"), 900_000);
    // The same change is never corrected twice; the correction can be.
    let again = book(&mut register, std::slice::from_ref(&correction)).unwrap_err();
    assert!(again.to_string().contains("was corrected by 2: correct that one"), "{again}");
    correction.corrects = Some(corrected.first_change);
    correction.amount = Amount::default();
    book(&mut register, &[correction]).unwrap();
    assert_eq!(held_mg(&register, "B1"), 0, "deleted");
    assert_eq!(register.entries(1, 100).unwrap()[..before.len()], before);
    let checked = register.check().unwrap();
    assert_eq!((checked.problems, checked.changes), (vec![], 3));
    for corrects in [99, 1] {
        let mut wrong = change("XA01 B2 plutonium RD 900 0");
        wrong.corrects = Some(corrects);
        assert!(matches!(book(&mut register, &[wrong]), Err(Error::Lines(_))), "change {corrects}");
    }
}

#[test]
fn an_entry_without_author_or_reason_or_out_of_time_is_refused() {
    let at = "2026-01-31T12:00:00Z".parse().unwrap();
    for (who, why) in
        [("", "a reason"), ("somebody", " "), ("some\nbody", "a reason"), ("a", &"x".repeat(2000))]
    {
        assert!(Note::new(who, why, at).is_err());
    }
    let (_folder, _path, mut register) = common::new();
    let early = Note::new("a", "b", "2026-01-31T11:59:59Z".parse().unwrap()).unwrap();
    let error = register.put(&early, &Choices::default()).unwrap_err().to_string();
    assert!(error.contains("set the clock"), "{error}");
}

#[test]
fn an_inventory_that_breaks_a_rule_changes_nothing() {
    let (_folder, path) = filled();
    let mut register = Register::open(&path, &secret()).unwrap();
    let head = register.head().unwrap();
    let listed = |batch: &str| {
        Ok(Listed {
            line: 2,
            batch: batch.to_owned(),
            material: MaterialKind::Plutonium,
            amount: Amount { element_mg: 1, isotope_mg: 0, pieces: 0 },
        })
    };
    for (area, on, lines, expected) in [
        ("XA02", "2026-01-20", vec![listed("B7")], "know no batch `B7`"),
        ("XA02", "2026-01-20", vec![listed("B1"), listed("B1")], "listed twice"),
        ("XA01", "2026-01-20", vec![], "comes too late"),
        ("XA09", "2026-01-20", vec![], "did you mean XA0"),
    ] {
        let error =
            register.take_inventory(&note("count"), None, area, day(on), lines).unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    assert_eq!(register.head().unwrap(), head);
    assert_eq!(register.check().unwrap().problems, [""; 0]);
}
