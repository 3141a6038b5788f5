//! What statements can be held to: that they do not contradict each other, and that commitments are answered for.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use surety_core::{Date, Level, MassRange, StateCode};
use surety_statement::{Body, Statement, Topic};

use crate::base::prevailing_actions;

/// Two statements that cannot both be true, by their index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Contradiction {
    /// The statement of higher standing; with equal standing the better assured, then the earlier.
    pub prevails: u32,
    /// The other one.
    pub contradicts: u32,
}

/// The statements that contradict others, whether one issuer makes both or two do.
///
/// Two statements cannot both be true when they date the same step of a State to different days, tell different ends
/// of the same commitment, or give figures for the same stock whose ranges do not meet.
pub fn contradictions(statements: &[Statement]) -> Vec<Contradiction> {
    let (_, overruled) = prevailing_actions(&(0u32..).zip(statements).collect::<Vec<_>>());
    let mut found: Vec<Contradiction> = overruled
        .iter()
        .map(|overruled| Contradiction { prevails: overruled.by, contradicts: overruled.statement })
        .collect();
    found.extend(of_outcomes(statements));
    found.extend(of_stocks(statements));
    found.sort_unstable();
    found
}

/// The commitments whose last day is before a date, while no statement dated by then says how they ended; with that
/// day. In order.
pub fn overdue(statements: &[Statement], as_of: Date) -> Vec<(u32, Date)> {
    let ended: BTreeSet<(Option<StateCode>, &str)> = statements
        .iter()
        .filter(|statement| statement.date.date.first_day().is_none_or(|day| day <= as_of))
        .filter_map(|statement| match &statement.body {
            Body::Fulfilment { commitment, .. } => Some((statement.subject, commitment.as_str())),
            _ => None,
        })
        .collect();
    (0u32..)
        .zip(statements)
        .filter_map(|(index, statement)| match &statement.body {
            Body::Commitment { due, .. } if !ended.contains(&(statement.subject, statement.id.as_str())) => {
                Some((index, due.last_day().filter(|day| *day < as_of)?))
            }
            _ => None,
        })
        .collect()
}

fn of_outcomes(statements: &[Statement]) -> Vec<Contradiction> {
    let mut ends = BTreeMap::<_, Vec<(u32, _)>>::new();
    for (index, statement) in (0u32..).zip(statements) {
        if let Body::Fulfilment { commitment, outcome } = &statement.body {
            ends.entry((statement.subject, commitment.as_str())).or_default().push((index, *outcome));
        }
    }
    let mut found = Vec::new();
    for told in ends.values() {
        let Some((best, how)) = told.iter().max_by_key(|(index, _)| rank(statements, *index)) else {
            continue;
        };
        let others = told.iter().filter(|(_, outcome)| outcome != how);
        found.extend(others.map(|(index, _)| Contradiction { prevails: *best, contradicts: *index }));
    }
    found
}

/// As [`surety_material::contradictions`] has it, and only with the figure that carries furthest: else many figures
/// would make very many pairs.
fn of_stocks(statements: &[Statement]) -> Vec<Contradiction> {
    let mut figures = BTreeMap::<_, Vec<(u32, MassRange)>>::new();
    for (index, statement) in (0u32..).zip(statements) {
        if let Body::Stock(stock) = &statement.body
            && stock.is_holding()
        {
            let of_what = (statement.subject, stock.year, stock.material, stock.purpose, stock.basis);
            figures.entry(of_what).or_default().push((index, stock.mass));
        }
    }
    let mut found = Vec::new();
    for same in figures.values() {
        let Some((best, mass)) = same.iter().max_by_key(|(index, _)| rank(statements, *index)) else {
            continue;
        };
        let apart = same
            .iter()
            .filter(|(index, other)| !mass.overlaps(*other) && !quotes_two(statements, *best, *index));
        found.extend(apart.map(|(index, _)| Contradiction { prevails: *best, contradicts: *index }));
    }
    found
}

/// Whether one issuer quotes two compilers, or two measures, side by side: that is no word against its own.
fn quotes_two(statements: &[Statement], one: u32, other: u32) -> bool {
    let (one, other) = (&statements[one as usize], &statements[other as usize]);
    match (&one.body, &other.body) {
        (Body::Stock(a), Body::Stock(b)) => {
            one.issuer == other.issuer && (&a.compiler, &a.measure) != (&b.compiler, &b.measure)
        }
        _ => false,
    }
}

/// How far a statement of a State's own affairs carries: standing, assurance, and then the earlier one.
fn rank(statements: &[Statement], index: u32) -> (u8, Level, Reverse<u32>) {
    let statement = &statements[index as usize];
    (statement.issuer.standing(Topic::OwnAffairs, statement.subject), statement.level, Reverse(index))
}

#[cfg(test)]
mod tests {
    use super::*;
    use surety_core::{FactDate, PartialDate, Qualifier, parse_day};
    use surety_law::{ActionKind, Instrument};
    use surety_material::{Basis, Purpose, Stock, StockMaterial};
    use surety_statement::{Issuer, IssuerKind, Outcome};

    fn day(text: &str) -> Date {
        parse_day(text).unwrap()
    }

    fn said(id: &str, by: IssuerKind, date: &str, body: Body) -> Statement {
        let state = (by == IssuerKind::StateAuthority).then(|| "XAA".parse().unwrap());
        Statement {
            id: id.to_owned(),
            issuer: Issuer { kind: by, name: by.to_string(), state },
            subject: "XAA".parse().ok(),
            date: FactDate::on(day(date)),
            body,
            sources: Vec::new(),
            level: Level::Reported,
            note: String::new(),
        }
    }

    fn deposit(by: IssuerKind, date: &str) -> Statement {
        let body = Body::TreatyAction {
            instrument: Instrument::Icsant,
            action: ActionKind::Ratification,
            effective: None,
        };
        said("", by, date, body)
    }

    fn commitment(id: &str, due: PartialDate) -> Statement {
        let body = Body::Commitment { text: "to reduce".to_owned(), due, material: None };
        said(id, IssuerKind::StateAuthority, "2014-01-01", body)
    }

    fn ended(id: &str, by: IssuerKind, date: &str, outcome: Outcome) -> Statement {
        said("", by, date, Body::Fulfilment { commitment: id.to_owned(), outcome })
    }

    fn stock(by: IssuerKind, kg: f64) -> Statement {
        let mass = MassRange::new(Some(kg), None, None, None, Qualifier::Equal).unwrap();
        let stock = Stock {
            year: 2020,
            material: StockMaterial::Heu,
            purpose: Purpose::Civilian,
            measure: "held in the State".to_owned(),
            basis: Basis::Declared,
            compiler: by.to_string(),
            mass,
            part: false,
        };
        said("", by, "2021-01-01", Body::Stock(stock))
    }

    fn pairs(statements: &[Statement]) -> Vec<(u32, u32)> {
        contradictions(statements).iter().map(|found| (found.prevails, found.contradicts)).collect()
    }

    #[test]
    fn of_two_that_cannot_both_be_true_the_higher_standing_prevails() {
        use IssuerKind::{Depositary, Observer, StateAuthority};
        assert_eq!(pairs(&[deposit(Observer, "2014-06-27"), deposit(Depositary, "2014-06-28")]), [(1, 0)]);
        assert_eq!(pairs(&[deposit(Observer, "2014-06-27"), deposit(Depositary, "2014-06-27")]), []);
        assert_eq!(pairs(&[deposit(Observer, "2014-06-27"), deposit(Observer, "2015-06-27")]), [(0, 1)]);
        assert_eq!(pairs(&[stock(Observer, 10.0), stock(StateAuthority, 20.0)]), [(1, 0)]);
        assert_eq!(pairs(&[stock(Observer, 10.0), stock(StateAuthority, 10.0)]), []);
        let (kept, broken) = (Outcome::Kept, Outcome::Broken);
        let ends =
            [ended("C1", Observer, "2020-01-01", broken), ended("C1", StateAuthority, "2020-01-01", kept)];
        assert_eq!(pairs(&ends), [(1, 0)]);
        assert_eq!(pairs(&[ends[0].clone(), ended("C2", StateAuthority, "2020-01-01", kept)]), []);
    }

    #[test]
    fn a_commitment_is_overdue_after_its_last_day_until_somebody_says_how_it_ended() {
        let due = commitment("C1", PartialDate::Year(2019));
        let open = commitment("C2", PartialDate::Unknown);
        let end = ended("C1", IssuerKind::Observer, "2020-03-01", Outcome::Late);
        let all = [due.clone(), open, end];
        assert_eq!(overdue(&all, day("2019-12-31")), []);
        assert_eq!(overdue(&all, day("2020-01-01")), [(0, day("2019-12-31"))]);
        assert_eq!(overdue(&all, day("2020-03-01")), []);
        let of_another = ended("C3", IssuerKind::Observer, "2020-03-01", Outcome::Late);
        assert_eq!(overdue(&[due, of_another], day("2020-04-01")).len(), 1);
    }
}
