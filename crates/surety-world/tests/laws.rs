//! The laws of the fold: the order of statements does not matter, and walking equals judging from scratch.
#![expect(clippy::unwrap_used, reason = "a test may fail loudly")]

use proptest::prelude::*;
use surety_core::{
    Date, FactDate, IaeaStatus, Level, MassRange, PartialDate, Qualifier, State, StateCode, StateKind,
    StateTable, UnStatus, parse_day,
};
use surety_law::{ActionKind, Instrument};
use surety_material::{Basis, Purpose, Stock, StockMaterial};
use surety_statement::{
    Body, Coverage, Issuer, IssuerKind, Outcome, Programme, ProgrammeAction, Publication, ReportKind,
    ReviewKind, ReviewPublication, Statement,
};
use surety_world::{Base, Facts, World};

fn day(text: &str) -> Date {
    parse_day(text).unwrap()
}

const CODES: [&str; 3] = ["XAA", "XAB", "XAC"];

fn code(index: usize) -> StateCode {
    CODES[index].parse().unwrap()
}

/// Two States of today, and a former one.
fn states() -> StateTable {
    let state = |index: usize| State {
        code: code(index),
        numeric: None,
        name: CODES[index].to_owned(),
        kind: if index == 2 { StateKind::Former } else { StateKind::State },
        un: UnStatus::Member,
        un_since: Some(day("1999-01-01")),
        iaea: IaeaStatus::Unknown,
        iaea_since: None,
        region: String::new(),
        subregion: String::new(),
        until: (index == 2).then(|| day("2004-06-30")),
        continued_by: None,
    };
    StateTable::new((0..CODES.len()).map(state).collect(), &[])
}

fn lists() -> Vec<Coverage> {
    ["CPPNM", "CPPNM-A", "ICSANT", "HOLDERS", "IPPAS"]
        .map(|list| Coverage {
            list: list.to_owned(),
            title: String::new(),
            complete_to: Some(day("2006-03-31")),
            sources: Vec::new(),
            note: String::new(),
        })
        .into()
}

fn a_date() -> impl Strategy<Value = FactDate> {
    let date = prop_oneof![
        6 => (2000i16..2010, 1i8..=12, 1i8..=28).prop_map(|(y, m, d)| PartialDate::Day(Date::new(y, m, d).unwrap())),
        1 => (2000i16..2010, 1i8..=12).prop_map(|(year, month)| PartialDate::Month(year, month)),
        2 => (2000i16..2010).prop_map(PartialDate::Year),
        1 => Just(PartialDate::Unknown),
    ];
    let known_by =
        prop::option::weighted(0.1, (2000i16..2010).prop_map(|year| Date::new(year, 7, 1).unwrap()));
    (date, known_by).prop_map(|(date, known_by)| FactDate { date, known_by })
}

fn a_stock() -> impl Strategy<Value = Body> {
    let purpose =
        prop_oneof![Just(Purpose::Civilian), Just(Purpose::Military), Just(Purpose::ExcessDeclared)];
    let basis = prop_oneof![Just(Basis::Declared), Just(Basis::Estimated)];
    (2000i16..2010, purpose, basis, 0.0..200.0f64, 0.0..20.0f64).prop_map(
        |(year, purpose, basis, kg, spread)| {
            Body::Stock(Stock {
                year,
                material: StockMaterial::Heu,
                purpose,
                measure: "held".to_owned(),
                basis,
                compiler: "INFCIRC/549".to_owned(),
                mass: MassRange::new(Some(kg), Some(spread), None, None, Qualifier::Equal).unwrap(),
                part: false,
            })
        },
    )
}

fn a_programme() -> impl Strategy<Value = Body> {
    let action = prop_oneof![
        Just(ProgrammeAction::Removal),
        Just(ProgrammeAction::ExcessDeclaration),
        Just(ProgrammeAction::Downblending),
    ];
    (action, any::<bool>()).prop_map(|(action, helped)| {
        Body::Programme(Programme {
            action,
            materials: vec![StockMaterial::Heu],
            amount: None,
            cumulative: false,
            name: "programme".to_owned(),
            partner: helped.then(|| code(1)),
            done: true,
        })
    })
}

fn a_body() -> impl Strategy<Value = Body> {
    let treaty = (
        prop_oneof![Just(Instrument::Cppnm), Just(Instrument::CppnmAmendment), Just(Instrument::Icsant)],
        prop_oneof![Just(ActionKind::Signature), Just(ActionKind::Ratification), Just(ActionKind::Accession)],
    );
    prop_oneof![
        3 => treaty.prop_map(|(instrument, action)| Body::TreatyAction { instrument, action, effective: None }),
        3 => a_stock(),
        1 => a_programme(),
        1 => Just(Body::ListedHolder { list: "HOLDERS".to_owned() }),
        1 => Just(Body::Cleared {
            material: StockMaterial::Heu,
            programme: String::new(),
            last_quantity: None,
            firm: true,
        }),
        1 => Just(Body::Review {
            kind: ReviewKind::Mission,
            publication: ReviewPublication::Yes,
            scope: String::new(),
        }),
        1 => (2000i16..2012).prop_map(|due| Body::Commitment {
            text: String::new(),
            due: PartialDate::Year(due),
            material: Some(StockMaterial::Heu),
        }),
        1 => (0usize..30).prop_map(|of| Body::Fulfilment { commitment: format!("S{of}"), outcome: Outcome::Late }),
        1 => (2000i16..2010).prop_map(|year| Body::Report {
            kind: ReportKind::Infcirc549,
            data_date: PartialDate::Year(year),
            document: String::new(),
            filed: true,
        }),
        1 => Just(Body::Regulation {
            title: String::new(),
            regulation_type: String::new(),
            publication: Publication::Partly,
            status: String::new(),
        }),
    ]
}

fn a_statement() -> impl Strategy<Value = Statement> {
    let issuer = prop_oneof![
        Just(IssuerKind::Observer),
        Just(IssuerKind::StateAuthority),
        Just(IssuerKind::Depositary)
    ];
    (0usize..3, issuer, a_date(), a_body()).prop_map(|(subject, kind, date, body)| Statement {
        id: String::new(),
        issuer: Issuer { kind, name: kind.to_string(), state: Some(code(0)) },
        subject: Some(code(subject)),
        date,
        body,
        sources: Vec::new(),
        level: Level::Reported,
        note: String::new(),
    })
}

fn statements() -> impl Strategy<Value = Vec<Statement>> {
    prop::collection::vec(a_statement(), 0..30).prop_map(|mut statements| {
        for (index, statement) in statements.iter_mut().enumerate() {
            statement.id = format!("S{index}");
        }
        statements
    })
}

fn with_base<T>(statements: &[Statement], ask: impl FnOnce(&Base<'_>) -> T) -> T {
    let (states, lists) = (states(), lists());
    let compiled = day("2012-01-01");
    ask(&Base::new(Facts { compiled, states: &states, coverage: &lists, duties: &[], statements }))
}

/// Verdict, level and note of every finding: what does not depend on the numbering of statements.
fn judged(world: &World) -> Vec<String> {
    world
        .findings()
        .map(|(state, finding)| {
            format!("{state} {} {} {} {}", finding.action, finding.verdict, finding.level, finding.next_step)
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_walk_equals_the_world_of_each_day(statements in statements()) {
        with_base(&statements, |base| {
            let mut days = base.days(day("2003-12-01"), day("2007-01-31"));
            while let Some(world) = days.advance() {
                assert_eq!(world, &base.world(world.as_of), "{}", world.as_of);
            }
        });
    }

    #[test]
    fn what_comes_later_changes_nothing_today(mut statements in statements()) {
        let (compiled, today) = (day("2012-01-01"), day("2005-06-15"));
        // On purpose, a vague deposit that comes later leaves a doubt today, and a better record of the same step
        // overrules a word on an earlier day: here every deposit has its day, on the depositary's word.
        for statement in &mut statements {
            if matches!(statement.body, Body::TreatyAction { .. }) {
                statement.date = FactDate::on(statement.date.holds_from(compiled));
                statement.issuer.kind = IssuerKind::Depositary;
            }
        }
        let is_known = |statement: &&Statement| statement.date.holds_from(compiled) <= today;
        let known: Vec<Statement> = statements.iter().filter(is_known).cloned().collect();
        let now = |statements: &[Statement]| with_base(statements, |base| judged(&base.world(today)));
        prop_assert_eq!(now(&statements), now(&known));
    }
}
