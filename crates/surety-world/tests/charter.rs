//! The charter, action by action, on the invented State XAA: statements on the left, the finding on the right.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use Verdict::{Met, NoPublicEvidence, NotApplicable, NotMet, PartlyMet};
use surety_core::{
    Date, FactDate, IaeaStatus, Level, MassRange, PartialDate, Qualifier, State, StateCode, StateKind,
    StateTable, UnStatus, Verdict, parse_day,
};
use surety_law::{ActionKind, BindingText, Duty, DutyKind, DutyNature, Instrument};
use surety_material::{Basis, Purpose, Stock, StockMaterial};
use surety_statement::{
    Assessed, Attachment, Body, Bound, Claim, Coverage, Digest, Initiative, InitiativeKind, Issuer,
    IssuerKind, MilitaryCoverage, MilitaryPolicy, MilitaryPolicyKind, MilitaryStandard, Outcome, Parity,
    Programme, ProgrammeAction, ProvenClaim, Publication, Regime, RegisterClass, RegisterMaterial,
    RegisterRoot, ReportKind, ReviewKind, ReviewPublication, Stance, Statement,
};
use surety_world::{ActionId, Base, Cause, Direction, Facts, Finding, diff};

const AS_OF: &str = "2026-01-01";

fn day(text: &str) -> Date {
    parse_day(text).unwrap()
}

fn xaa() -> StateCode {
    "XAA".parse().unwrap()
}

fn states() -> StateTable {
    let state = State {
        code: xaa(),
        numeric: None,
        name: "Xanadu".to_owned(),
        kind: StateKind::State,
        un: UnStatus::Member,
        un_since: Some(day("1960-01-01")),
        iaea: IaeaStatus::Member,
        iaea_since: None,
        region: String::new(),
        subregion: String::new(),
        until: None,
        continued_by: None,
    };
    StateTable::new(vec![state], &[])
}

/// As the lists of the treaties, that of the holders.
fn lists() -> Vec<Coverage> {
    let holders = Coverage { list: "HOLDERS".to_owned(), ..complete_lists().swap_remove(0) };
    complete_lists().into_iter().chain([holders]).collect()
}

/// Three duty articles of ICSANT, and one limit that asks nothing.
fn duties() -> Vec<Duty> {
    let duty = |article: &str, nature| Duty {
        instrument: Instrument::Icsant,
        article: article.to_owned(),
        paragraph: String::new(),
        text: String::new(),
        addressee: "state party".to_owned(),
        kind: DutyKind::Other,
        nature,
        replaced_by_amendment: false,
    };
    vec![
        duty("5", DutyNature::Duty),
        duty("7", DutyNature::Duty),
        duty("8", DutyNature::Duty),
        duty("22", DutyNature::Limit),
    ]
}

fn complete_lists() -> Vec<Coverage> {
    Instrument::SECURITY_TREATIES
        .iter()
        .map(|instrument| Coverage {
            list: instrument.to_string(),
            title: String::new(),
            complete_to: Some(day("2025-06-30")),
            sources: Vec::new(),
            note: "one State is not identified".to_owned(),
        })
        .collect()
}

fn says(issuer: IssuerKind, level: Level, date: &str, body: Body) -> Statement {
    Statement {
        id: String::new(),
        issuer: Issuer { kind: issuer, name: issuer.to_string(), state: Some(xaa()) },
        subject: Some(xaa()),
        date: date.parse::<FactDate>().unwrap(),
        body,
        sources: Vec::new(),
        level,
        note: String::new(),
    }
}

fn reported(date: &str, body: Body) -> Statement {
    says(IssuerKind::Observer, Level::Reported, date, body)
}

fn declared(date: &str, body: Body) -> Statement {
    says(IssuerKind::StateAuthority, Level::Declared, date, body)
}

fn reviewed(date: &str, body: Body) -> Statement {
    says(IssuerKind::Reviewer, Level::Reviewed, date, body)
}

fn proven(date: &str, claim: Claim) -> Statement {
    says(IssuerKind::StateAuthority, Level::Proven, date, Body::Proof(proof_of(claim)))
}

const OUTSIDE: [Purpose; 3] = [Purpose::Military, Purpose::Naval, Purpose::ExcessDeclared];
const EVERY: [Purpose; 4] = [Purpose::Civilian, Purpose::Military, Purpose::Naval, Purpose::ExcessDeclared];

/// Of HEU: outside civilian programmes, or, where sites are counted, for every purpose.
fn proof_of(claim: Claim) -> ProvenClaim {
    let root = Digest::of(b"register");
    let proof = Attachment {
        media_type: "application/octet-stream".to_owned(),
        sha256: Digest::of(b"proof"),
        base64: None,
        address: Some("https://xaa.example/proof".to_owned()),
    };
    let bound = |name: &str, value: &str, unit: &str| Bound {
        name: name.to_owned(),
        value: value.to_owned(),
        unit: unit.to_owned(),
    };
    let (of, bounds) = match claim {
        Claim::Decrease => (&OUTSIDE[..], vec![bound("by-at-least", "5000", "g")]),
        Claim::FewerSites | Claim::Sites => (&EVERY[..], vec![bound("each", "site", "")]),
        _ => (&OUTSIDE[..], Vec::new()),
    };
    ProvenClaim {
        claim,
        roots: vec![root],
        of: of
            .iter()
            .map(|purpose| RegisterClass { material: RegisterMaterial::Heu, purpose: *purpose })
            .collect(),
        bounds,
        requirements: Vec::new(),
        proof,
        rests_on: Vec::new(),
    }
}

/// A proof on other classes.
fn proven_of(date: &str, claim: Claim, of: &[(RegisterMaterial, Purpose)]) -> Statement {
    let of = of.iter().map(|(material, purpose)| RegisterClass { material: *material, purpose: *purpose });
    let body = Body::Proof(ProvenClaim { of: of.collect(), ..proof_of(claim) });
    says(IssuerKind::StateAuthority, Level::Proven, date, body)
}

fn register_root() -> Body {
    let scheme = "surety-register/v1".to_owned();
    Body::RegisterRoot(RegisterRoot { scheme, root: Digest::of(b"register"), leaves: 1024, package: None })
}

fn stock(year: i16, material: StockMaterial, purpose: Purpose, kg: f64, spread_kg: f64) -> Statement {
    declared(
        &year.to_string(),
        Body::Stock(Stock {
            year,
            material,
            purpose,
            measure: "held".to_owned(),
            basis: Basis::Declared,
            compiler: "XAA".to_owned(),
            mass: MassRange::new(Some(kg), Some(spread_kg), None, None, Qualifier::Equal).unwrap(),
            part: false,
        }),
    )
}

fn civil_heu(year: i16, kg: f64) -> Statement {
    stock(year, StockMaterial::Heu, Purpose::Civilian, kg, 5.0)
}

fn military_heu(year: i16, kg: f64) -> Statement {
    stock(year, StockMaterial::Heu, Purpose::Military, kg, 5.0)
}

/// Ids and references as a dataset gives them.
fn numbered(mut statements: Vec<Statement>) -> Vec<Statement> {
    for (index, statement) in (0u32..).zip(&mut statements) {
        if statement.id.is_empty() {
            statement.id = format!("S{index}");
        }
    }
    statements
}

fn finding_on(as_of: &str, action: ActionId, statements: Vec<Statement>) -> Finding {
    let (states, duties, coverage, statements) = (states(), duties(), lists(), numbered(statements));
    let facts = Facts {
        compiled: day(AS_OF),
        states: &states,
        coverage: &coverage,
        duties: &duties,
        statements: &statements,
    };
    Base::new(facts).findings(xaa(), day(as_of)).swap_remove(action as usize)
}

fn finding(action: ActionId, statements: Vec<Statement>) -> Finding {
    finding_on(AS_OF, action, statements)
}

/// What every finding owes its reader.
fn check(action: ActionId, statements: Vec<Statement>, verdict: Verdict, level: Level) {
    let found = finding(action, statements);
    assert_eq!((found.verdict, found.level), (verdict, level), "{action}: {found:?}");
    assert!(found.next_step.ends_with('.'), "{action}: {}", found.next_step);
    let supports = found.cited(Stance::Supports).count();
    assert!(verdict != Met || supports > 0, "{action} is met by nothing");
    assert!(verdict != NoPublicEvidence || supports == 0, "{action} has evidence and calls it none");
}

fn listed(year: &str) -> Statement {
    reported(year, Body::ListedHolder { list: "HOLDERS".to_owned() })
}

fn cleared(date: &str) -> Statement {
    let programme = "programme".to_owned();
    reported(date, Body::Cleared { material: StockMaterial::Heu, programme, last_quantity: None, firm: true })
}

fn treaty(instrument: Instrument, action: ActionKind, date: &str) -> Statement {
    let body = Body::TreatyAction { instrument, action, effective: None };
    says(IssuerKind::Observer, Level::Evidenced, date, body)
}

fn policy(
    kind: MilitaryPolicyKind,
    covers: MilitaryCoverage,
    standard: MilitaryStandard,
    exchange: bool,
) -> Body {
    Body::MilitaryPolicy(MilitaryPolicy {
        kind,
        document: "policy".to_owned(),
        covers,
        standard,
        exchange,
        text: "text".to_owned(),
    })
}

fn initiative(kind: InitiativeKind, status: &str) -> Body {
    Body::Initiative(Initiative { name: "initiative".to_owned(), kind, status: status.to_owned() })
}

fn programme(action: ProgrammeAction, done: bool) -> Body {
    Body::Programme(Programme {
        action,
        materials: vec![StockMaterial::Heu],
        amount: None,
        cumulative: false,
        name: "programme".to_owned(),
        partner: None,
        done,
    })
}

fn report(kind: ReportKind, data_date: &str, filed: bool) -> Body {
    Body::Report {
        kind,
        data_date: data_date.parse::<PartialDate>().unwrap(),
        document: String::new(),
        filed,
    }
}

fn review(publication: ReviewPublication) -> Body {
    Body::Review { kind: ReviewKind::Mission, publication, scope: String::new() }
}

fn commitment(id: &str, due: &str, material: Option<StockMaterial>) -> Statement {
    let body = Body::Commitment { text: "reduce".to_owned(), due: due.parse().unwrap(), material };
    Statement { id: id.to_owned(), ..declared("2015", body) }
}

fn ended(id: &str, date: &str, outcome: Outcome) -> Statement {
    reported(date, Body::Fulfilment { commitment: id.to_owned(), outcome })
}

fn assessed(regime: Regime, met: u32) -> Body {
    Body::Assessment(Assessed { regime, met, of: 10 })
}

/// The changes of one action since a day, each with its direction, its cause and the newest date read.
fn changes_since(
    from: &str,
    action: ActionId,
    statements: Vec<Statement>,
) -> Vec<(Direction, Cause, Option<String>)> {
    let (states, duties, coverage, statements) = (states(), duties(), lists(), numbered(statements));
    let facts = Facts {
        compiled: day(AS_OF),
        states: &states,
        coverage: &coverage,
        duties: &duties,
        statements: &statements,
    };
    let base = Base::new(facts);
    let (before, after) = (base.world(day(from)), base.world(day(AS_OF)));
    let changes = diff(&base, &before, &after);
    let of_action = changes.iter().filter(|change| change.action == action);
    of_action
        .map(|change| (change.direction(), change.cause, change.newest.map(|date| date.to_string())))
        .collect()
}

#[test]
fn a_proof_that_allows_no_decrease_shows_none() {
    let by = |grams: &str| {
        let bounds = vec![Bound { name: "by-at-least".into(), value: grams.into(), unit: "g".into() }];
        let proof = Body::Proof(ProvenClaim { bounds, ..proof_of(Claim::Decrease) });
        let proof = says(IssuerKind::StateAuthority, Level::Proven, "2024", proof);
        finding(
            ActionId::D4,
            vec![listed("2022"), military_heu(2024, 100.0), declared("2020", register_root()), proof],
        )
    };
    assert_ne!(by("0").verdict, Met);
    let fell = by("5000");
    assert_eq!(fell.verdict, Met);
    assert!(fell.note.contains("by at least 5000 g of U-235 since 2020"), "{}", fell.note);
}

#[test]
fn a_change_has_a_cause() {
    use Cause::{BecameKnown, Event, TimePassed};
    use Direction::{Fell, Rose};
    let since = |action, statements| changes_since("2024-01-01", action, statements);
    let newest = |date: &str| Some(date.to_owned());
    let hosted = |date| reported(date, review(ReviewPublication::Unknown));
    let known_by = |day: Date| {
        let mut hosted = hosted("");
        hosted.date.known_by = Some(day);
        hosted
    };
    let c1 = ActionId::C1;
    assert_eq!(since(c1, vec![hosted("2025-06-01")]), [(Rose, Event, newest("2025-06-01"))]);
    assert_eq!(since(c1, vec![hosted("")]), [(Rose, BecameKnown, None)]);
    assert_eq!(since(c1, vec![known_by(day("2024-06-01"))]), [(Rose, BecameKnown, None)]);
    assert_eq!(since(c1, vec![known_by(day("2017-03-31"))]), []);
    // A year can mean a day before the interval: no source dates it inside.
    assert_eq!(changes_since("2024-06-01", c1, vec![hosted("2024")]), [(Rose, BecameKnown, newest("2024"))]);
    assert_eq!(since(c1, vec![hosted("2015-06-01")]), [(Fell, TimePassed, newest("2015-06-01"))]);
    // An undated fact that came to light beside an event explains nothing more.
    assert_eq!(since(c1, vec![hosted(""), hosted("2025")]), [(Rose, Event, newest("2025"))]);

    let figures = |data_date| report(ReportKind::Infcirc549, data_date, true);
    let d7 = vec![civil_heu(2012, 100.0), listed("2022"), reported("2023-06-01", figures("2022-12-31"))];
    assert_eq!(since(ActionId::D7, d7), [(Fell, TimePassed, newest("2022-12-31"))]);
    // Deposited before, bound on the thirtieth day after: a day came.
    let cppnm = vec![treaty(Instrument::Cppnm, ActionKind::Accession, "2023-12-15")];
    assert!(since(ActionId::L2, cppnm).iter().all(|(_, cause, _)| *cause == TimePassed));
}

#[test]
fn silence_is_never_failure() {
    for action in ActionId::ALL {
        let found = finding(*action, Vec::new());
        match action {
            // The depositaries' lists are complete: a State that they do not name is no party.
            ActionId::L1 | ActionId::L2 | ActionId::L3 => assert_eq!(found.verdict, NotMet, "{action}"),
            _ => assert_eq!(found.verdict, NoPublicEvidence, "{action}"),
        }
    }
}

#[test]
fn silence_of_a_list_that_was_read_in_part_says_so() {
    let (states, duties) = (states(), duties());
    let list = |note: &str| Coverage {
        list: "INFCIRC/869".to_owned(),
        title: String::new(),
        complete_to: None,
        sources: Vec::new(),
        note: note.to_owned(),
    };
    let judge = |coverage: &[Coverage]| {
        let facts =
            Facts { compiled: day(AS_OF), states: &states, coverage, duties: &duties, statements: &[] };
        Base::new(facts).findings(xaa(), day(AS_OF)).swap_remove(ActionId::L7 as usize)
    };
    let found = judge(&[list("30 of 38 read")]);
    assert_eq!(found.verdict, NoPublicEvidence);
    assert_eq!(found.note, "the list that Surety has read is incomplete: 30 of 38 read");
    assert_eq!(
        found.next_step,
        "If it has not yet: subscribe to INFCIRC/869 by a note to the Director General of the IAEA, and tell us if it has."
    );
    assert!(judge(&[]).next_step.starts_with("Subscribe"), "no list is known: nothing was read in part");
}

#[test]
fn m_asks_only_holders_of_military_material() {
    let civil_only = || vec![listed("2022"), civil_heu(2024, 100.0)];
    for action in [ActionId::M1, ActionId::M2, ActionId::M3, ActionId::M4] {
        check(action, civil_only(), NotApplicable, Level::None);
        assert_ne!(finding(action, vec![military_heu(2024, 100.0)]).verdict, NotApplicable);
    }
}

#[test]
fn m1_same_or_higher_standard() {
    use MilitaryCoverage as Covers;
    use MilitaryPolicyKind as Kind;
    use MilitaryStandard as Standard;
    let with = |statement: Statement| vec![military_heu(2024, 100.0), statement];
    let words = |standard| declared("2024", policy(Kind::Statement, Covers::No, standard, false));
    let m1 = ActionId::M1;
    check(m1, with(words(Standard::SameOrHigher)), Met, Level::Declared);
    check(m1, with(words(Standard::Partly)), PartlyMet, Level::Declared);
    for nothing_said in
        [Standard::SeparateRegime, Standard::ResponsibilityOnly, Standard::Silent, Standard::NotStated]
    {
        check(m1, with(words(nothing_said)), NoPublicEvidence, Level::None);
    }
    check(
        m1,
        with(reviewed("2024", Body::ParityResult { result: Parity::SameOrHigher })),
        Met,
        Level::Reviewed,
    );
    check(m1, with(proven("2024", Claim::Parity)), Met, Level::Proven);
    let of_some = ProvenClaim { requirements: vec!["NSS13-3.1".to_owned()], ..proof_of(Claim::Parity) };
    let of_some = says(IssuerKind::StateAuthority, Level::Proven, "2024", Body::Proof(of_some));
    check(m1, with(of_some.clone()), PartlyMet, Level::Proven);
    check(m1, with(proven("2024", Claim::Decrease)), NoPublicEvidence, Level::None);
    let all = finding(m1, with(proven("2024", Claim::Parity)));
    assert!(all.note.contains("that the assessments are right is the State's word"), "{}", all.note);
    let some = finding(ActionId::M2, with(of_some));
    assert!(some.note.contains("proven for one requirement only"), "{}", some.note);
    check(ActionId::M2, with(proven("2024", Claim::Parity)), Met, Level::Proven);
    check(ActionId::M3, with(proven("2024", Claim::Parity)), Met, Level::Proven);
    check(m1, with(reviewed("2024", Body::ParityResult { result: Parity::Lower })), NotMet, Level::Reviewed);
}

#[test]
fn the_reviewer_prevails_over_the_state_and_the_conflict_is_shown() {
    let statements = vec![
        military_heu(2024, 100.0),
        declared("2025", Body::ParityResult { result: Parity::SameOrHigher }),
        reviewed("2024", Body::ParityResult { result: Parity::Lower }),
    ];
    let found = finding(ActionId::M1, statements);
    assert_eq!((found.verdict, found.level), (NotMet, Level::Reviewed));
    assert_eq!(found.cited(Stance::Contradicts).collect::<Vec<_>>(), [1]);
    assert!(found.is_contested());
}

#[test]
fn a_later_word_of_the_same_issuer_supersedes_the_earlier() {
    let found = finding(
        ActionId::L8,
        vec![reviewed("2020", assessed(Regime::Civil, 4)), reviewed("2024", assessed(Regime::Civil, 10))],
    );
    assert_eq!(found.verdict, Met);
    assert!(!found.is_contested());
}

#[test]
fn m2_rules_that_cover_military_material() {
    use MilitaryPolicyKind::{Law, Statement as Words};
    let with = |statement: Statement| vec![military_heu(2024, 100.0), statement];
    let rule = |kind, covers| reported("2020", policy(kind, covers, MilitaryStandard::NotStated, false));
    let m2 = ActionId::M2;
    check(m2, with(rule(Law, MilitaryCoverage::Yes)), PartlyMet, Level::Reported);
    check(m2, with(rule(Law, MilitaryCoverage::No)), NoPublicEvidence, Level::None);
    check(m2, with(rule(Words, MilitaryCoverage::Yes)), NoPublicEvidence, Level::None);
    check(m2, with(reviewed("2024", assessed(Regime::Military, 10))), Met, Level::Reviewed);
    check(m2, with(reviewed("2024", assessed(Regime::Military, 3))), PartlyMet, Level::Reviewed);
    check(m2, with(reviewed("2024", assessed(Regime::Civil, 10))), NoPublicEvidence, Level::None);
}

#[test]
fn m3_reassurance_grows_old_after_five_years() {
    let exchange = |date: &str| {
        let text =
            policy(MilitaryPolicyKind::Report, MilitaryCoverage::No, MilitaryStandard::NotStated, true);
        vec![Statement { body: military_stock_body(), ..military_heu(2024, 100.0) }, reported(date, text)]
    };
    check(ActionId::M3, exchange("2021-01-02"), Met, Level::Reported);
    check(ActionId::M3, exchange("2021-01-01"), PartlyMet, Level::Reported);
    check(ActionId::M3, exchange(""), PartlyMet, Level::Reported);
}

/// An estimate of military HEU: it makes a holder and declares nothing.
fn military_stock_body() -> Body {
    match military_heu(2024, 100.0).body {
        Body::Stock(stock) => {
            Body::Stock(Stock { basis: Basis::Estimated, compiler: "observer".to_owned(), ..stock })
        }
        other => other,
    }
}

#[test]
fn m4_every_material_held_must_be_declared() {
    let estimate = || Statement { body: military_stock_body(), ..military_heu(2024, 100.0) };
    let plutonium = |basis| {
        let declared = stock(2024, StockMaterial::SeparatedPlutonium, Purpose::Military, 50.0, 1.0);
        let Body::Stock(figure) = declared.body.clone() else { unreachable!("a stock") };
        Statement { body: Body::Stock(Stock { basis, ..figure }), ..declared }
    };
    let m4 = ActionId::M4;
    check(m4, vec![estimate()], NoPublicEvidence, Level::None);
    check(m4, vec![military_heu(2024, 100.0)], Met, Level::Declared);
    check(m4, vec![military_heu(2024, 100.0), plutonium(Basis::Estimated)], PartlyMet, Level::Declared);
    check(m4, vec![military_heu(2024, 100.0), plutonium(Basis::Declared)], Met, Level::Declared);
    check(m4, vec![estimate(), reviewed("2025", register_root())], Met, Level::Reviewed);
}

#[test]
fn l1_to_l3_follow_the_treaty_engine() {
    let convention = || treaty(Instrument::Cppnm, ActionKind::Accession, "2020-01-01");
    // One party alone brings nothing into force.
    check(ActionId::L2, vec![convention()], PartlyMet, Level::Evidenced);
    let signed = treaty(Instrument::Icsant, ActionKind::Signature, "2005-09-14");
    let found = finding(ActionId::L1, vec![signed]);
    assert_eq!(found.verdict, NotMet);
    assert!(found.note.contains("signed, not joined") && found.cited(Stance::Context).count() == 1);
    for (action, before) in
        [(ActionId::L1, "2005-09-13"), (ActionId::L2, "1980-03-02"), (ActionId::L3, "2005-07-07")]
    {
        assert_eq!(finding_on(before, action, Vec::new()).verdict, NotApplicable, "{action}");
    }
}

#[test]
fn a_list_is_evidence_to_the_day_it_is_complete_and_a_report_after() {
    let level = |as_of| finding_on(as_of, ActionId::L2, Vec::new()).level;
    assert_eq!(level("2025-06-30"), Level::Evidenced);
    assert_eq!(level("2025-07-01"), Level::Reported);
    let note = finding_on("2025-07-01", ActionId::L2, Vec::new()).note;
    assert!(note.contains("complete to 2025-06-30") && note.contains("not identified"), "{note}");
}

#[test]
fn a_party_without_a_day_is_unknown_before_and_never_a_non_party() {
    let mut joined = treaty(Instrument::Icsant, ActionKind::Ratification, "");
    joined.date.known_by = Some(day("2019-05-02"));
    let verdict = |as_of| finding_on(as_of, ActionId::L1, vec![joined.clone()]).verdict;
    assert_eq!(verdict("2019-05-01"), NoPublicEvidence);
    assert_eq!(verdict("2019-05-02"), PartlyMet); // deposited; one party brings nothing into force
}

#[test]
fn the_depositary_prevails_over_the_state_on_a_deposit() {
    let body = |action| Body::TreatyAction { instrument: Instrument::Icsant, action, effective: None };
    let claim = declared("2010-01-01", body(ActionKind::Ratification));
    let record = says(IssuerKind::Depositary, Level::Evidenced, "2012-01-01", body(ActionKind::Ratification));
    let found = finding_on("2013-01-01", ActionId::L1, vec![claim, record]);
    assert_eq!(found.cited(Stance::Supports).collect::<Vec<_>>(), [1]);
    assert_eq!(found.cited(Stance::Contradicts).collect::<Vec<_>>(), [0]);
}

fn implements(articles: &[&str], published: bool) -> Body {
    Body::Implementation {
        text: BindingText::Icsant,
        articles: articles.iter().map(|article| (*article).to_owned()).collect(),
        published,
    }
}

#[test]
fn l4_says_how_many_duties_a_non_party_carries_out() {
    let found = finding(ActionId::L4, vec![declared("2024", implements(&["5", "7", "22"], true))]);
    assert_eq!((found.verdict, found.level), (PartlyMet, Level::Declared));
    assert_eq!(found.note, "not party, but implements 2 of 3 duties voluntarily and has published it");
    check(ActionId::L4, vec![declared("2024", implements(&["5", "7", "8"], false))], Met, Level::Declared);
    // A limit is no duty.
    check(ActionId::L4, vec![declared("2024", implements(&["22"], true))], NoPublicEvidence, Level::None);
}

#[test]
fn l6_a_party_notifies_and_a_non_party_publishes() {
    let l6 = ActionId::L6;
    let party = || treaty(Instrument::Cppnm, ActionKind::Accession, "2020-01-01");
    let notified = |filed| reported("2021", report(ReportKind::CppnmArticle14, "", filed));
    let published = || declared("2024", implements(&["5"], true));
    check(l6, vec![published()], Met, Level::Declared);
    check(l6, vec![declared("2024", implements(&["5"], false))], NoPublicEvidence, Level::None);
    check(l6, vec![party(), notified(true)], Met, Level::Reported);
    check(l6, vec![party(), notified(false)], PartlyMet, Level::Reported);
    check(l6, vec![party(), published()], PartlyMet, Level::Declared);
    check(l6, vec![party()], NoPublicEvidence, Level::None);
}

#[test]
fn l7_a_list_that_broke_off_makes_no_one_a_no() {
    check(ActionId::L7, Vec::new(), NoPublicEvidence, Level::None);
    let subscribed = treaty(Instrument::Infcirc869, ActionKind::Subscription, "2014-10-09");
    check(ActionId::L7, vec![subscribed], Met, Level::Evidenced);
}

#[test]
fn l8_share_of_requirements() {
    for (met, verdict) in [(10, Met), (9, PartlyMet), (0, NotMet)] {
        check(ActionId::L8, vec![reviewed("2024", assessed(Regime::Civil, met))], verdict, Level::Reviewed);
    }
    let checklist = reported("2016", report(ReportKind::Infcirc869Checklist, "", true));
    check(ActionId::L8, vec![checklist], PartlyMet, Level::Reported);
}

#[test]
fn c1_a_review_grows_old_after_ten_years() {
    for (date, verdict) in
        [("2016-01-02", Met), ("2016-01-01", PartlyMet), ("2016", Met), ("2015", PartlyMet), ("", PartlyMet)]
    {
        check(
            ActionId::C1,
            vec![reported(date, review(ReviewPublication::Unknown))],
            verdict,
            Level::Reported,
        );
    }
}

#[test]
fn c2_what_the_review_found() {
    use ReviewPublication as P;
    for (publication, verdict) in [
        (P::Yes, Met),
        (P::Redacted, Met),
        (P::SummaryToParliament, Met),
        (P::CountsOfFindings, PartlyMet),
        (P::No, NotMet),
    ] {
        check(ActionId::C2, vec![reported("2024", review(publication))], verdict, Level::Reported);
    }
    check(ActionId::C2, vec![reported("2024", review(P::Unknown))], NoPublicEvidence, Level::None);
}

#[test]
fn c3_regulations() {
    use Publication as P;
    for (publication, verdict, level) in [
        (P::Yes, Met, Level::Reported),
        (P::Partly, PartlyMet, Level::Reported),
        (P::No, NotMet, Level::Reported),
        (P::Unknown, NoPublicEvidence, Level::None),
    ] {
        let body = Body::Regulation {
            title: "rule".to_owned(),
            regulation_type: String::new(),
            publication,
            status: String::new(),
        };
        check(ActionId::C3, vec![reported("2020", body)], verdict, level);
    }
}

#[test]
fn c4_to_c6_what_a_state_gives_and_takes_part_in() {
    use InitiativeKind as Kind;
    check(
        ActionId::C4,
        vec![reported("2020", initiative(Kind::Contribution, "contributor"))],
        Met,
        Level::Reported,
    );
    check(
        ActionId::C5,
        vec![reported("2020", initiative(Kind::TrainingPledge, "signatory"))],
        PartlyMet,
        Level::Reported,
    );
    check(ActionId::C5, vec![reported("2020", initiative(Kind::Training, "hosted"))], Met, Level::Reported);
    check(
        ActionId::C6,
        vec![reported("2020", initiative(Kind::Assistance, "partner"))],
        Met,
        Level::Reported,
    );
    for action in [ActionId::C4, ActionId::C5, ActionId::C6] {
        let absent = vec![reported("2020", initiative(Kind::Absence, "absent"))];
        check(action, absent, NoPublicEvidence, Level::None);
    }
}

#[test]
fn c6_counts_a_removal_that_it_helped() {
    let Body::Programme(removal) = programme(ProgrammeAction::Removal, true) else {
        unreachable!("a programme")
    };
    let helped = Statement {
        subject: None,
        ..reported("2020", Body::Programme(Programme { partner: Some(xaa()), ..removal }))
    };
    check(ActionId::C6, vec![helped], Met, Level::Reported);
}

#[test]
fn c7_reports_grow_old_after_five_years() {
    let filed = |date| vec![reported(date, report(ReportKind::Unscr1540Report, "", true))];
    check(ActionId::C7, filed("2022"), Met, Level::Reported);
    check(ActionId::C7, filed("2019"), PartlyMet, Level::Reported);
    check(
        ActionId::C7,
        vec![reported("2025", report(ReportKind::Unscr1540Report, "", false))],
        NoPublicEvidence,
        Level::None,
    );
    // A stock declaration is asked for elsewhere.
    check(
        ActionId::C7,
        vec![reported("2025", report(ReportKind::Infcirc549, "", true))],
        NoPublicEvidence,
        Level::None,
    );
}

#[test]
fn c8_only_what_is_due_is_judged() {
    let c8 = ActionId::C8;
    let kept = || vec![commitment("A", "2020", None), ended("A", "2020", Outcome::Kept)];
    check(c8, kept(), Met, Level::Reported.max(Level::Declared));
    check(c8, vec![commitment("A", "2020", None)], NoPublicEvidence, Level::None);
    check(c8, vec![commitment("A", "2030", None)], NoPublicEvidence, Level::None);
    check(
        c8,
        vec![commitment("A", "2020", None), ended("A", "2021", Outcome::Late)],
        PartlyMet,
        Level::Declared,
    );
    check(
        c8,
        vec![commitment("A", "2020", None), ended("A", "2021", Outcome::Broken)],
        NotMet,
        Level::Declared,
    );
    let mixed = [kept(), vec![commitment("B", "2020", None)]].concat();
    check(c8, mixed, PartlyMet, Level::Declared);
}

#[test]
fn d1_falling_means_more_than_the_uncertainty() {
    let d1 = ActionId::D1;
    check(d1, vec![civil_heu(2020, 100.0), civil_heu(2024, 80.0)], Met, Level::Declared);
    check(d1, vec![civil_heu(2019, 100.0), civil_heu(2024, 100.0)], NotMet, Level::Declared);
    // A fall that the uncertainty can explain is no trend, and no failure either.
    check(d1, vec![civil_heu(2019, 100.0), civil_heu(2024, 95.0)], PartlyMet, Level::Declared);
    // None, and too little to tell.
    check(
        d1,
        vec![civil_heu(2019, 100.0), stock(2024, StockMaterial::Heu, Purpose::Civilian, 0.0, 0.0)],
        Met,
        Level::Declared,
    );
    // That nothing fell is only told over the whole window; a rise shows at once.
    check(d1, vec![civil_heu(2020, 100.0), civil_heu(2024, 95.0)], NoPublicEvidence, Level::None);
    check(d1, vec![civil_heu(2023, 100.0), civil_heu(2024, 120.0)], NotMet, Level::Declared);
    check(d1, vec![civil_heu(2024, 80.0)], NoPublicEvidence, Level::None);
    // Five years apart is the window; six are too far.
    check(d1, vec![civil_heu(2018, 100.0), civil_heu(2024, 80.0)], NoPublicEvidence, Level::None);
    // A fall that ended more than five years ago is old.
    check(d1, vec![civil_heu(2010, 100.0), civil_heu(2014, 80.0)], PartlyMet, Level::Declared);
}

#[test]
fn d1_cleared_is_met_and_new_material_undoes_it() {
    let cleared = || cleared("2015-06-01");
    check(ActionId::D1, vec![civil_heu(2010, 100.0), cleared()], Met, Level::Reported);
    let back = finding(ActionId::D1, vec![civil_heu(2010, 100.0), cleared(), civil_heu(2024, 100.0)]);
    assert_ne!(back.verdict, Met);
    for asked_of_holders in [ActionId::D5, ActionId::D6, ActionId::D7] {
        check(asked_of_holders, vec![civil_heu(2010, 100.0), cleared()], NotApplicable, Level::None);
    }
}

#[test]
fn d3_conversions_shutdowns_removals() {
    let with = |action, done| vec![civil_heu(2024, 100.0), reported("2020", programme(action, done))];
    for action in [ProgrammeAction::Conversion, ProgrammeAction::Shutdown, ProgrammeAction::Removal] {
        check(ActionId::D3, with(action, true), Met, Level::Reported);
        check(ActionId::D3, with(action, false), PartlyMet, Level::Reported);
    }
    check(ActionId::D3, with(ProgrammeAction::ProductionEnd, true), NoPublicEvidence, Level::None);
}

#[test]
fn d4_excess_declared_and_disposed_of() {
    let d4 = ActionId::D4;
    let excess = || reported("2010", programme(ProgrammeAction::ExcessDeclaration, true));
    let disposed = || reported("2015", programme(ProgrammeAction::Downblending, true));
    check(d4, vec![military_heu(2024, 100.0), excess(), disposed()], Met, Level::Reported);
    check(d4, vec![military_heu(2024, 100.0), excess()], PartlyMet, Level::Reported);
    check(d4, vec![military_heu(2020, 100.0), military_heu(2024, 80.0)], Met, Level::Declared);
    check(d4, vec![military_heu(2020, 100.0), military_heu(2024, 120.0)], NotMet, Level::Declared);
    check(d4, vec![listed("2022"), civil_heu(2024, 100.0)], NotApplicable, Level::None);
}

#[test]
fn d5_fewer_sites() {
    let sites = |date: &str, min, max| declared(date, Body::Sites { min, max });
    let holder = || civil_heu(2024, 100.0);
    check(ActionId::D5, vec![holder(), sites("2020", 5, 6), sites("2024", 3, 4)], Met, Level::Declared);
    check(ActionId::D5, vec![holder(), sites("2020", 5, 6), sites("2024", 4, 5)], PartlyMet, Level::Declared);
    check(ActionId::D5, vec![holder(), sites("2024", 3, 4)], PartlyMet, Level::Declared);
    check(ActionId::D5, vec![holder(), proven("2024", Claim::FewerSites)], Met, Level::Proven);
    check(ActionId::D5, vec![holder(), proven("2024", Claim::Sites)], PartlyMet, Level::Proven);
    let leu = [(RegisterMaterial::Leu10To20, Purpose::Civilian)];
    let of_leu = proven_of("2024", Claim::FewerSites, &leu);
    check(ActionId::D5, vec![holder(), of_leu], NoPublicEvidence, Level::None);
    // Fewer sites with military HEU: it can have moved to sites with civil HEU.
    let of_a_part = proven_of("2024", Claim::FewerSites, &[(RegisterMaterial::Heu, Purpose::Military)]);
    check(ActionId::D5, vec![holder(), of_a_part], PartlyMet, Level::Proven);
    // Civil plutonium and the other HEU: what is left of each can have moved.
    let mixed = [
        (RegisterMaterial::Plutonium, Purpose::Civilian),
        (RegisterMaterial::Heu, Purpose::Military),
        (RegisterMaterial::Heu, Purpose::Naval),
        (RegisterMaterial::Heu, Purpose::ExcessDeclared),
    ];
    let of_both = proven_of("2024", Claim::FewerSites, &mixed);
    check(ActionId::D5, vec![holder(), of_both], PartlyMet, Level::Proven);
    // A balance area is no site.
    let areas = Bound { name: "each".to_owned(), value: "MBA".to_owned(), unit: String::new() };
    for claim in [Claim::FewerSites, Claim::Sites] {
        let body = Body::Proof(ProvenClaim { bounds: vec![areas.clone()], ..proof_of(claim) });
        let of_areas = says(IssuerKind::StateAuthority, Level::Proven, "2024", body);
        check(ActionId::D5, vec![holder(), of_areas], NoPublicEvidence, Level::None);
    }
}

#[test]
fn a_proof_shows_that_a_stock_fell_or_that_there_is_none() {
    use Claim::{Decrease, Elimination, Total};
    use RegisterMaterial::{Heu, Plutonium};
    let military = || military_heu(2024, 100.0);
    check(ActionId::D4, vec![military(), proven("2025", Decrease)], Met, Level::Proven);
    check(ActionId::D4, vec![military(), proven("2025", Elimination)], Met, Level::Proven);
    // Too old, of civil material, of both together, of another material, another claim: silence.
    for nothing in [
        proven("2019", Decrease),
        proven_of("2025", Decrease, &[(Heu, Purpose::Civilian)]),
        proven_of("2025", Decrease, &[(Heu, Purpose::Civilian), (Heu, Purpose::Military)]),
        proven_of("2025", Decrease, &[(Plutonium, Purpose::Military)]),
        proven("2025", Total),
    ] {
        check(ActionId::D4, vec![military(), nothing], NoPublicEvidence, Level::None);
    }
    let civil = || civil_heu(2024, 100.0);
    let of_civil = |claim, material| proven_of("2025", claim, &[(material, Purpose::Civilian)]);
    check(ActionId::D1, vec![civil(), of_civil(Decrease, Heu)], Met, Level::Proven);
    check(ActionId::D1, vec![civil(), of_civil(Elimination, Heu)], Met, Level::Proven);
    check(ActionId::D1, vec![civil(), proven("2025", Decrease)], NoPublicEvidence, Level::None);
    // All plutonium fell: whether separated plutonium did is not shown. That there is none, is.
    check(ActionId::D2, vec![civil(), of_civil(Decrease, Plutonium)], NoPublicEvidence, Level::None);
    check(ActionId::D2, vec![civil(), of_civil(Elimination, Plutonium)], Met, Level::Proven);
    check(ActionId::M4, vec![military(), proven("2025", Total)], Met, Level::Proven);
    // That there is no HEU at all says it of each part; that all of it fell, of none.
    let all = EVERY.map(|purpose| (Heu, purpose));
    check(ActionId::D4, vec![military(), proven_of("2025", Elimination, &all)], Met, Level::Proven);
    check(ActionId::D1, vec![civil(), proven_of("2025", Elimination, &all)], Met, Level::Proven);
    check(ActionId::D4, vec![military(), proven_of("2025", Decrease, &all)], NoPublicEvidence, Level::None);
}

#[test]
fn a_proof_on_a_part_of_what_is_outside_civilian_programmes_is_a_part_and_on_another_part_nothing() {
    use Claim::{Decrease, Elimination};
    use Purpose::{ExcessDeclared, Military, Naval};
    use RegisterMaterial::{Heu, Plutonium};
    let military = || military_heu(2024, 100.0);
    for claim in [Decrease, Elimination] {
        for of in [vec![(Heu, Military)], vec![(Heu, Military), (Heu, Naval)]] {
            let found =
                finding(ActionId::D4, vec![listed("2022"), military(), proven_of("2025", claim, &of)]);
            assert_eq!((found.verdict, found.level), (PartlyMet, Level::Proven), "{claim:?} {of:?}");
            assert!(found.next_step.contains("military and naval and excess HEU"), "{}", found.next_step);
        }
        // That there is no naval or excess material, or less of it, says nothing of the military one, of either material.
        for of in [vec![(Heu, Naval)], vec![(Heu, ExcessDeclared)], vec![(Plutonium, Naval)]] {
            check(
                ActionId::D4,
                vec![military(), proven_of("2025", claim, &of)],
                NoPublicEvidence,
                Level::None,
            );
        }
    }
    let none = [(Heu, Military), (Heu, Naval), (Heu, ExcessDeclared)];
    let found =
        finding(ActionId::D4, vec![listed("2022"), military(), proven_of("2025", Elimination, &none)]);
    assert!(found.note.contains("military and naval and excess HEU: a proof shows that there is none"));
}

#[test]
fn what_a_finding_tells_of_a_decrease_is_as_assured_as_the_finding() {
    let by = |grams: &str, level| {
        let bounds = vec![Bound { name: "by-at-least".into(), value: grams.into(), unit: "g".into() }];
        let body = Body::Proof(ProvenClaim { bounds, ..proof_of(Claim::Decrease) });
        says(IssuerKind::StateAuthority, level, "2025", body)
    };
    for proofs in [
        [by("40000", Level::Proven), by("60000", Level::Declared)],
        [by("60000", Level::Declared), by("40000", Level::Proven)],
    ] {
        let [one, other] = proofs;
        let found = finding(ActionId::D4, vec![listed("2022"), military_heu(2024, 100.0), one, other]);
        assert_eq!((found.verdict, found.level), (Met, Level::Proven));
        assert!(found.note.contains("by at least 40000 g"), "{}", found.note);
    }
}

#[test]
fn d6_reduction_commitments() {
    let d6 = ActionId::D6;
    let heu = Some(StockMaterial::Heu);
    let with = |mut statements: Vec<Statement>| {
        statements.push(civil_heu(2024, 100.0));
        statements
    };
    check(
        d6,
        with(vec![commitment("A", "2024", heu), ended("A", "2024", Outcome::Kept)]),
        Met,
        Level::Declared,
    );
    check(d6, with(vec![commitment("A", "2030", heu)]), PartlyMet, Level::Declared);
    check(d6, with(vec![commitment("A", "", heu)]), PartlyMet, Level::Declared);
    check(
        d6,
        with(vec![commitment("A", "2024", heu), ended("A", "2024", Outcome::Left)]),
        NotMet,
        Level::Declared,
    );
    check(d6, with(vec![commitment("A", "2030", None)]), NoPublicEvidence, Level::None);
}

#[test]
fn d7_stocks_reported_every_year() {
    let with = |data_date| {
        vec![civil_heu(2024, 100.0), reported("2025", report(ReportKind::Infcirc549, data_date, true))]
    };
    check(ActionId::D7, with("2024-12-31"), Met, Level::Reported);
    check(ActionId::D7, with("2023-12-31"), PartlyMet, Level::Reported);
}

#[test]
fn one_kilogram_makes_a_holder() {
    let d5 =
        |kg| finding(ActionId::D5, vec![stock(2024, StockMaterial::Heu, Purpose::Civilian, kg, 0.0)]).verdict;
    assert_eq!(d5(1.0), NoPublicEvidence);
    // No list of holders exists here, so less than that is unknown, not none.
    assert_eq!(
        finding(ActionId::D5, vec![stock(2024, StockMaterial::Heu, Purpose::Civilian, 0.9, 0.0)]).note,
        "no list of holders and no stock of that time was read"
    );
}

#[test]
fn a_complete_list_of_holders_decides_until_a_later_fact() {
    let listed = || listed("2023");
    let of_another = || Statement { subject: "XAB".parse().ok(), ..listed() };
    let d5 = |statements| finding(ActionId::D5, statements).verdict;
    assert_eq!(d5(vec![listed()]), NoPublicEvidence);
    assert_eq!(d5(vec![of_another()]), NotApplicable);
    assert_eq!(d5(vec![of_another(), civil_heu(2024, 100.0)]), NoPublicEvidence);
    assert_eq!(d5(vec![of_another(), civil_heu(2020, 100.0)]), NotApplicable);
}

#[test]
fn a_fact_is_unknown_before_its_day() {
    let body = || review(ReviewPublication::Yes);
    for (date, before, after) in [
        ("2020-05-05", "2020-05-04", "2020-05-05"),
        ("2020", "2020-12-30", "2020-12-31"),
        ("", "2025-12-31", AS_OF),
    ] {
        assert_eq!(
            finding_on(before, ActionId::C2, vec![reported(date, body())]).verdict,
            NoPublicEvidence,
            "{date}"
        );
        assert_eq!(finding_on(after, ActionId::C2, vec![reported(date, body())]).verdict, Met, "{date}");
    }
}

#[test]
fn a_clearing_in_the_year_of_a_list_is_newer_than_the_list() {
    let d7 = |statements| finding_on("2013-06-01", ActionId::D7, statements).verdict;
    assert_eq!(d7(vec![listed("2012"), civil_heu(2011, 10.0), cleared("2012-03-20")]), NotApplicable);
    assert_eq!(d7(vec![listed("2012"), civil_heu(2011, 10.0), cleared("2011-03-20")]), NoPublicEvidence);
}

#[test]
fn before_the_first_list_no_military_stock_says_nothing() {
    for action in [ActionId::M1, ActionId::D4] {
        check(action, vec![civil_heu(2024, 100.0)], NoPublicEvidence, Level::None);
    }
}

#[test]
fn d4_every_material_must_be_met() {
    let plutonium = |year, kg| stock(year, StockMaterial::SeparatedPlutonium, Purpose::Military, kg, 1.0);
    let falling = || vec![military_heu(2020, 100.0), military_heu(2024, 80.0)];
    let with = |more: Vec<Statement>| [falling(), more].concat();
    check(ActionId::D4, with(vec![plutonium(2020, 50.0), plutonium(2024, 40.0)]), Met, Level::Declared);
    check(ActionId::D4, with(vec![plutonium(2020, 50.0), plutonium(2024, 60.0)]), NotMet, Level::Declared);
    check(ActionId::D4, with(vec![plutonium(2024, 50.0)]), PartlyMet, Level::Declared);
}

#[test]
fn d6_a_promise_kept_long_ago_needs_a_new_one_and_one_that_was_left_is_shown() {
    let heu = Some(StockMaterial::Heu);
    let old =
        || vec![civil_heu(2024, 100.0), commitment("A", "2013", heu), ended("A", "2013", Outcome::Kept)];
    check(ActionId::D6, old(), PartlyMet, Level::Declared);
    let left = [old(), vec![commitment("B", "", heu), ended("B", "2025-10-08", Outcome::Left)]].concat();
    let found = finding(ActionId::D6, left.clone());
    assert!(found.verdict == PartlyMet && found.is_contested(), "{found:?}");
    let word = finding(ActionId::C8, left);
    assert!(word.verdict == PartlyMet && word.is_contested(), "{word:?}");
}

#[test]
fn d6_a_live_commitment_is_on_track_while_the_stock_falls() {
    let heu = Some(StockMaterial::Heu);
    let with = |kg| vec![civil_heu(2020, 100.0), civil_heu(2024, kg), commitment("A", "2030", heu)];
    check(ActionId::D6, with(80.0), Met, Level::Declared);
    check(ActionId::D6, with(120.0), PartlyMet, Level::Declared);
}

#[test]
fn figures_of_one_year_without_a_mass_in_common_are_a_conflict() {
    let other = |kg| {
        let statement = civil_heu(2024, kg);
        let Body::Stock(figure) = statement.body.clone() else { unreachable!("a stock") };
        Statement { body: Body::Stock(Stock { compiler: "another".to_owned(), ..figure }), ..statement }
    };
    let found = finding(ActionId::D1, vec![civil_heu(2020, 100.0), civil_heu(2024, 80.0), other(200.0)]);
    assert_eq!(found.cited(Stance::Contradicts).collect::<Vec<_>>(), [2]);
}

#[test]
fn an_undated_word_does_not_supersede_a_dated_one() {
    let found = finding(
        ActionId::L8,
        vec![reviewed("2024", assessed(Regime::Civil, 10)), reviewed("", assessed(Regime::Civil, 0))],
    );
    assert_eq!(found.verdict, Met);
}

#[test]
fn a_complete_list_makes_silence_a_no() {
    let l7 = |complete_to: Option<Date>| {
        let states = states();
        let list =
            Coverage { list: "INFCIRC/869".to_owned(), complete_to, ..complete_lists().swap_remove(0) };
        let facts =
            Facts { compiled: day(AS_OF), states: &states, coverage: &[list], duties: &[], statements: &[] };
        Base::new(facts).findings(xaa(), day(AS_OF)).swap_remove(ActionId::L7 as usize).verdict
    };
    assert_eq!(l7(Some(day("2026-06-01"))), NotMet);
    assert_eq!(l7(Some(day("2025-06-01"))), NoPublicEvidence);
    assert_eq!(l7(None), NoPublicEvidence);
}
