//! Drafts are the only bridge to what others see: they hold what was chosen and nothing else.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

mod common;

use std::num::NonZeroUsize;

use common::secret;
use serde_json::Value;
use surety_core::StateCode;
use surety_material::balance::{Alarms, PAGE_K, Run, Test};
use surety_material::{MaterialKind, Purpose, StockMaterial};
use surety_register::{
    Area, Commitment, Draft, Register, Regulation, SAMPLE_SEED, Site, StockChoice, sample,
};
use surety_standards::{
    Action, Assessment, Catalogue, Confirmation, Finding, Maturity, ParityVerdict, Publication, Regime,
    Requirement,
};
use surety_statement::{Payload, ProgrammeAction, Subject};

fn catalogue() -> Catalogue {
    let requirements = (0..40).map(|number| Requirement {
        id: format!("R-{number}"),
        document: "NSS 13".to_owned(),
        paragraph: String::new(),
        area: format!("area {}", number % 3),
        text: "invented".to_owned(),
        applies_to: "state".to_owned(),
        material: "NM".to_owned(),
        category: "any".to_owned(),
        scope: String::new(),
        evidence_expected: String::new(),
        confirmation: Confirmation::NotConfirmed,
        sources: Vec::new(),
    });
    Catalogue { requirements: requirements.collect(), mappings: Vec::new() }
}

fn made() -> (tempfile::TempDir, Register) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sample.register");
    sample(&path, &secret(), [5; 16], &catalogue(), SAMPLE_SEED).unwrap();
    let register = Register::open(&path, &secret()).unwrap();
    (folder, register)
}

/// Everything in the register that no draft may hold.
fn inside(register: &Register) -> Vec<String> {
    let mut words = Vec::new();
    for site in register.all::<Site>().unwrap() {
        words.extend([format!("\"{}\"", site.id), site.note]);
    }
    for area in register.all::<Area>().unwrap() {
        words.extend([area.code, area.facility]);
    }
    for held in register.holdings(None).unwrap() {
        words.push(format!("\"{}\"", held.batch));
        words.push(held.amount.element_mg.to_string());
    }
    for assessment in register.all::<Assessment>().unwrap() {
        words.push(assessment.requirement);
        words.push(assessment.assessor);
        words.extend(
            assessment.evidence.iter().flat_map(|shown| [shown.title.clone(), shown.sha256.to_string()]),
        );
    }
    for finding in register.all::<Finding>().unwrap() {
        words.extend([finding.text, finding.review]);
    }
    for action in register.all::<Action>().unwrap() {
        words.extend([action.need, action.owner]);
    }
    for entry in register.entries(1, 10_000).unwrap() {
        words.extend([entry.who, surety_register::hex(&entry.hash)]);
    }
    words.retain(|word| word.len() > 3);
    words
}

#[test]
fn a_draft_holds_what_was_chosen_and_nothing_else() {
    let (_folder, register) = made();
    let catalogue = catalogue();
    let on = common::day("2025-12-31");
    let heu = StockChoice { material: StockMaterial::Heu, purpose: Purpose::ExcessDeclared, round_kg: 10 };
    let years = (common::day("2023-12-31"), common::day("2024-12-31"));
    let inside = inside(&register);
    assert!(inside.len() > 500);
    let drafts: Vec<(&str, Draft, &[&str])> = vec![
        ("parity", register.draft_parity(&catalogue, on, "").unwrap(), &["result"]),
        ("assessment", register.draft_assessment(Regime::Civil, on, "").unwrap(), &["regime", "met", "of"]),
        (
            "stock",
            register.draft_holdings(heu, 2023, "").unwrap(),
            &["year", "material", "purpose", "measure", "basis", "compiler", "mass", "part"],
        ),
        ("sites", register.draft_sites(on, 5, "").unwrap(), &["min", "max"]),
        (
            "reduction-programme",
            register.draft_reduction(heu, years, ProgrammeAction::Downblending, "own", "").unwrap(),
            &["action", "materials", "amount", "cumulative", "name", "partner", "done"],
        ),
        (
            "regulation",
            register.draft_regulation("D1", "").unwrap(),
            &["title", "regulation_type", "publication", "status"],
        ),
        ("peer-review", register.draft_review("V1", "").unwrap(), &["kind", "publication", "scope"]),
        ("commitment", register.draft_commitment("K1", "").unwrap(), &["text", "due", "material"]),
        ("progress", register.draft_progress("K1", "").unwrap(), &["commitment", "text", "percent"]),
    ];
    for (kind, draft, keys) in &drafts {
        let value: Value = serde_json::from_str(&draft.json).unwrap();
        assert_eq!(value["kind"], **kind, "{}", draft.json);
        let mut said: Vec<&str> = value["says"].as_object().unwrap().keys().map(String::as_str).collect();
        let mut expected = keys.to_vec();
        said.sort_unstable();
        expected.sort_unstable();
        assert_eq!(said, expected, "{kind}");
        assert_eq!(value["note"], "");
        assert!(value["evidence"].as_array().unwrap().is_empty() && value["id"].is_null());
        for word in &inside {
            assert!(!draft.json.contains(word.as_str()), "{kind} leaks `{word}`: {}", draft.json);
        }
        let xaa: StateCode = "XAA".parse().unwrap();
        Payload::parse(draft.json.as_bytes(), Subject::State(xaa)).unwrap();
    }
    // The true mass lies in the range; the range says no more than was chosen.
    let stock: Value = serde_json::from_str(&drafts[2].1.json).unwrap();
    assert_eq!(stock["says"]["mass"]["best_kg"], 100.0, "{stock}");
}

#[test]
fn what_does_not_apply_is_not_assessed_for_drafts_and_commitments() {
    let (_folder, mut register) = made();
    let (catalogue, on) = (catalogue(), common::day("2025-12-31"));
    let says = |draft: &Draft| serde_json::from_str::<Value>(&draft.json).unwrap()["says"].clone();
    let of = |register: &Register| {
        let draft = register.draft_assessment(Regime::Military, on, "").unwrap();
        (says(&draft)["met"].as_u64().unwrap(), says(&draft)["of"].as_u64().unwrap())
    };
    let before = of(&register);
    let met = register.all::<Assessment>().unwrap();
    let met = met.into_iter().rfind(|one| {
        one.regime == Regime::Military
            && one.date == common::day("2024-12-31")
            && one.maturity >= Some(Maturity::AS_ASKED)
    });
    let reason = "There is no such material.";
    let none = Assessment {
        date: on,
        in_law: None,
        enforced: None,
        maturity: None,
        work: None,
        not_applicable: Some(reason.to_owned()),
        ..met.unwrap()
    };
    register.assess(&common::note("it ended"), &catalogue, std::slice::from_ref(&none)).unwrap();
    assert_eq!(of(&register), (before.0 - 1, before.1 - 1), "neither met nor open");
    let parity = register.draft_parity(&catalogue, on, "").unwrap();
    assert!(
        parity.summary.ends_with("1 requirement does not apply, and counts for nothing"),
        "{}",
        parity.summary
    );
    assert!(!parity.json.contains(reason));
    let committed = register.commitable(&catalogue, on).unwrap().records;
    let same = committed.assessments().iter().find(|one| one.requirement == none.requirement).unwrap();
    assert!(same.civil.is_some() && same.military.is_none(), "committed to as not assessed: {same:?}");
    // Without a reason it is refused; what was kept stays.
    let mute = Assessment { not_applicable: Some(String::new()), ..none };
    let error = register.assess(&common::note("no reason"), &catalogue, &[mute]).unwrap_err().to_string();
    assert!(error.contains("say why"), "{error}");
    assert_eq!(register.check().unwrap().problems, [""; 0]);
}

#[test]
fn what_is_not_public_is_not_drafted() {
    let (_folder, register) = made();
    for refused in [
        register.draft_regulation("D2", ""),
        register.draft_commitment("K2", ""),
        register.draft_progress("K2", ""),
    ] {
        let error = refused.unwrap_err().to_string();
        assert!(error.contains("it is not for the public"), "{error}");
    }
    assert_eq!(register.get::<Commitment>("K2").unwrap().unwrap().publication, Publication::Partners);
    assert_eq!(register.get::<Regulation>("D2").unwrap().unwrap().publication, Publication::National);
    let unknown = register.draft_regulation("D3", "").unwrap_err().to_string();
    assert!(unknown.contains("no regulation is called `D3`"), "{unknown}");
    let naval = StockChoice { material: StockMaterial::Heu, purpose: Purpose::Naval, round_kg: 100 };
    let days = (common::day("2021-12-31"), common::day("2025-12-31"));
    let error =
        register.draft_reduction(naval, days, ProgrammeAction::Disposal, "own", "").unwrap_err().to_string();
    assert!(error.contains("nothing is to be claimed"), "{error}");
}

#[test]
fn the_sample_is_whole_and_the_same_from_the_same_seed() {
    let (_folder, mut register) = made();
    let checked = register.check().unwrap();
    assert_eq!((checked.problems, checked.remarks), (vec![], vec![]));
    assert_eq!(register.check_standards(&catalogue()).unwrap(), [""; 0]);
    let (_other_folder, mut again) = made();
    assert_eq!(again.check().unwrap().head, checked.head);
    let catalogue = catalogue();
    let parity = register.parity(&catalogue, common::day("2025-12-31")).unwrap();
    assert_eq!(parity.verdict(), ParityVerdict::Lower);
    assert!(parity.counts().not_stated > 0, "some gaps");
    let assessed = register.assessed(&catalogue, common::day("2025-12-31")).unwrap();
    assert_eq!(assessed.len(), 80);
    // 180 g of plutonium are lost in five years: too little for one year to show.
    let balance = register.balance("XA01", MaterialKind::Plutonium).unwrap();
    let prepared = balance.prepare().unwrap();
    let found = prepared.evaluate(&balance.muf(), PAGE_K).unwrap();
    let run = Run { realisations: 10_000, seed: 1, threads: NonZeroUsize::MIN };
    let alarms = Alarms::find(&balance, &prepared, 0.05, PAGE_K, run).unwrap();
    let raised = |test| alarms.raised(&prepared, test, &found);
    assert_eq!(balance.periods(), 5);
    for test in [Test::Muf, Test::Sitmuf] {
        assert_eq!(raised(test), [0; 0], "no year by itself shows the loss: {found:?}");
    }
    for test in [Test::Page, Test::Cumuf] {
        assert!(raised(test).contains(&5), "{test}: all years together show it: {found:?}");
    }
}

#[test]
fn what_applies_to_the_civil_regime_alone_makes_parity_a_part() {
    let (_folder, _path, mut register) = common::new();
    let catalogue = catalogue();
    let on = common::day("2025-12-31");
    let assessed = |requirement: &Requirement, regime, not_applicable: Option<&str>| Assessment {
        requirement: requirement.id.clone(),
        regime,
        date: common::day("2025-06-01"),
        assessor: "keeper".to_owned(),
        in_law: None,
        enforced: None,
        maturity: not_applicable.is_none().then_some(Maturity::MAX),
        not_applicable: not_applicable.map(ToOwned::to_owned),
        work: None,
        evidence: Vec::new(),
        confidence: None,
        publication: Publication::National,
        note: String::new(),
    };
    let all: Vec<Assessment> = catalogue
        .requirements
        .iter()
        .flat_map(|requirement| Regime::ALL.iter().map(move |regime| assessed(requirement, *regime, None)))
        .collect();
    register.assess(&common::note("both"), &catalogue, &all).unwrap();
    let result = |register: &Register| {
        let draft = register.draft_parity(&catalogue, on, "").unwrap();
        serde_json::from_str::<Value>(&draft.json).unwrap()["says"]["result"].as_str().unwrap().to_owned()
    };
    assert_eq!(result(&register), "same or higher");
    let first = &catalogue.requirements[0];
    let none = |regime| assessed(first, regime, Some("no such transport"));
    register.assess(&common::note("military"), &catalogue, &[none(Regime::Military)]).unwrap();
    assert_eq!(result(&register), "partly");
    register.assess(&common::note("civil"), &catalogue, &[none(Regime::Civil)]).unwrap();
    assert_eq!(result(&register), "same or higher");
}
