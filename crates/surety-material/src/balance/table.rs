//! A balance from a plain CSV table.

use std::collections::HashMap;

use super::{Balance, Error, Kind, LOCATIONS_MAX, Location, PERIODS_MAX};

/// The columns, in any order; `amount` may carry its unit, as `amount_kg`.
const COLUMNS: [&str; 6] = ["period", "location", "kind", "amount", "random_sd", "systematic_sd"];

/// No table of a balance has more rows.
const ROWS_MAX: u64 = 2_000_000;

impl Balance {
    /// Reads a table with the columns `period`, `location`, `kind`, `amount` (or `amount_kg`, `amount_g` …),
    /// `random_sd` and `systematic_sd`; `file` is its name, for messages.
    ///
    /// One row is one measurement. Periods count from 1; period 0 holds the opening inventories. Every inventory has an
    /// amount for every period; a flow without a row in a period was none. The standard deviations are relative, and
    /// the same in every row of a location.
    pub fn from_csv(file: &str, text: &str) -> Result<Self, Error> {
        let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.as_bytes());
        let header = reader.headers().map_err(|error| unreadable(file, &error))?.clone();
        let (columns, unit) = columns(file, &header)?;
        let mut rows = Rows { file, periods: 0, order: Vec::new(), locations: HashMap::new() };
        let mut record = csv::StringRecord::new();
        while reader.read_record(&mut record).map_err(|error| unreadable(file, &error))? {
            let line = record.position().map_or(0, csv::Position::line);
            if line > ROWS_MAX {
                return Err(Error::parse(file, line, format!("a table has at most {ROWS_MAX} rows")));
            }
            rows.add(line, columns.map(|column| &record[column]))?;
        }
        let balance = Self::new(rows.periods, rows.locations()?)?;
        Ok(Self { unit, ..balance })
    }
}

fn unreadable(file: &str, error: &csv::Error) -> Error {
    let line = error.position().map_or(1, csv::Position::line);
    let what = match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} cells where the header has {expected_len}: give each column a cell")
        }
        _ => error.to_string(),
    };
    Error::parse(file, line, what)
}

/// Where each column stands, and the unit of the amounts.
fn columns(file: &str, header: &csv::StringRecord) -> Result<([usize; 6], String), Error> {
    let mut unit = String::new();
    let mut found = [None; 6];
    for (at, title) in header.iter().enumerate() {
        let name = match title.strip_prefix("amount_") {
            Some(in_unit) => {
                in_unit.clone_into(&mut unit);
                "amount"
            }
            None => title,
        };
        let Some(column) = COLUMNS.iter().position(|column| *column == name) else {
            let hint = surety_core::closest(title, COLUMNS).map_or_else(
                || format!("the columns are {}", COLUMNS.join(", ")),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Error::parse(file, 1, format!("no column is called `{title}`: {hint}")));
        };
        if found[column].replace(at).is_some() {
            return Err(Error::parse(file, 1, format!("the column `{name}` stands twice")));
        }
    }
    let mut columns = [0; 6];
    for ((at, name), column) in found.into_iter().zip(COLUMNS).zip(&mut columns) {
        *column =
            at.ok_or_else(|| Error::parse(file, 1, format!("the column `{name}` is missing: add it")))?;
    }
    Ok((columns, unit))
}

/// What has been read so far.
struct Rows<'a> {
    file: &'a str,
    periods: usize,
    order: Vec<String>,
    locations: HashMap<String, Partial>,
}

/// A location of which not every amount may be known yet.
struct Partial {
    line: u64,
    kind: Kind,
    sds: [f64; 2],
    /// Period, amount, and the line that says so.
    amounts: HashMap<usize, (f64, u64)>,
}

impl Rows<'_> {
    fn add(
        &mut self,
        line: u64,
        [period, location, kind, amount, random_sd, systematic_sd]: [&str; 6],
    ) -> Result<(), Error> {
        let file = self.file;
        let error = |what: String| Error::parse(file, line, what);
        let number = |column: &str, text: &str| {
            text.parse::<f64>()
                .ok()
                .filter(|number| number.is_finite() && *number >= 0.0)
                .ok_or_else(|| error(format!("{column}: `{text}` is no number of 0 or more")))
        };
        let kind: Kind =
            kind.parse().map_err(|unknown: surety_core::UnknownWord| error(unknown.to_string()))?;
        let at: usize =
            period.parse().ok().filter(|at| *at <= PERIODS_MAX).ok_or_else(|| {
                error(format!("period: `{period}` is no whole number from 0 to {PERIODS_MAX}"))
            })?;
        if at == 0 && kind != Kind::Inventory {
            return Err(error(format!(
                "period 0 holds opening inventories only, and `{location}` is an {kind}: periods count from 1"
            )));
        }
        if location.is_empty() {
            return Err(error("location: give it a name".to_owned()));
        }
        let amount = number("amount", amount)?;
        let sds = [number("random_sd", random_sd)?, number("systematic_sd", systematic_sd)?];
        if let Some(sd) = sds.iter().find(|sd| **sd > 1.0) {
            return Err(error(format!(
                "a relative standard deviation is from 0 to 1, not {sd}: write 0.01 for 1 %"
            )));
        }
        if !self.locations.contains_key(location) {
            if self.order.len() == LOCATIONS_MAX {
                return Err(error(format!("`{location}` is one location more than {LOCATIONS_MAX}")));
            }
            self.order.push(location.to_owned());
            self.locations.insert(location.to_owned(), Partial { line, kind, sds, amounts: HashMap::new() });
        }
        let Some(known) = self.locations.get_mut(location) else { return Ok(()) };
        if known.kind != kind {
            return Err(error(format!(
                "`{location}` is an {kind} here and an {} in line {}: give them two names",
                known.kind, known.line
            )));
        }
        if known.sds.map(f64::to_bits) != sds.map(f64::to_bits) {
            return Err(error(format!(
                "`{location}` has the standard deviations {} and {} here, {} and {} in line {}: a location has one of each",
                sds[0], sds[1], known.sds[0], known.sds[1], known.line
            )));
        }
        if let Some((_, first)) = known.amounts.insert(at, (amount, line)) {
            return Err(error(format!(
                "`{location}` has an amount for period {at} in line {first} already: a measurement of its own is a location of its own"
            )));
        }
        self.periods = self.periods.max(at);
        Ok(())
    }

    fn locations(mut self) -> Result<Vec<Location>, Error> {
        let (file, periods) = (self.file, self.periods);
        let order = std::mem::take(&mut self.order);
        let complete = |(name, partial): (String, Partial)| {
            let first = usize::from(partial.kind != Kind::Inventory);
            let amounts = (first..=periods).map(|period| match (partial.amounts.get(&period), partial.kind) {
                (Some((amount, _)), _) => Ok(*amount),
                (None, Kind::Input | Kind::Output) => Ok(0.0),
                (None, Kind::Inventory) => Err(Error::parse(
                    file,
                    partial.line,
                    format!(
                        "the inventory `{name}` has no amount for period {period}{}: add a row, with 0 if it was empty",
                        if period == 0 { " (the opening inventory)" } else { "" }
                    ),
                )),
            });
            let amounts = amounts.collect::<Result<_, Error>>()?;
            let [random_sd, systematic_sd] = partial.sds;
            Ok(Location { kind: partial.kind, random_sd, systematic_sd, amounts, name })
        };
        order.into_iter().filter_map(|name| self.locations.remove_entry(&name)).map(complete).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HEADER: &str = "period,location,kind,amount,random_sd,systematic_sd\n";

    #[test]
    fn a_table_in_any_order_is_the_same_balance() {
        let rows = [
            "0,vault,inventory,50,0.02,0.01",
            "1,vault,inventory,52,0.02,0.01",
            "2,vault,inventory,49,0.02,0.01",
            "2,feed,input,7,0.01,0.005",
        ];
        let balance = Balance::from_csv("a.csv", &format!("{HEADER}{}\n", rows.join("\n"))).unwrap();
        assert_eq!(balance.periods(), 2);
        assert_eq!(balance.locations()[1].amounts, [0.0, 7.0], "a flow without a row was none");
        assert_eq!(balance.muf(), [-2.0, 10.0]);
        assert_eq!(balance.unit(), "");
        let turned = "amount_kg, kind ,location,systematic_sd,period,random_sd\n7,input,feed,0.005,2,0.01\n";
        let turned = Balance::from_csv("a.csv", turned).unwrap();
        assert_eq!((turned.unit(), turned.muf()), ("kg", vec![0.0, 7.0]));
    }

    #[test]
    fn every_error_names_its_line_and_what_to_do() {
        let vault = "0,vault,inventory,50,0.02,0.01\n";
        for (rows, expected) in [
            ("", "from 1 to 2000 periods, not 0"),
            ("1,feed,input,7,0.01", "a.csv:2: 5 cells where the header has 6"),
            ("1.5,feed,input,7,0.01,0", "a.csv:2: period: `1.5` is no whole number"),
            ("2001,feed,input,7,0.01,0", "whole number from 0 to 2000"),
            ("0,feed,input,7,0.01,0", "a.csv:2: period 0 holds opening inventories only"),
            ("1,,input,7,0.01,0", "a.csv:2: location: give it a name"),
            (
                "1,feed,inptu,7,0.01,0",
                "a.csv:2: `inptu` is not a kind of location: use one of input output inventory",
            ),
            ("1,feed,input,seven,0.01,0", "a.csv:2: amount: `seven` is no number"),
            ("1,feed,input,-7,0.01,0", "amount: `-7` is no number of 0 or more"),
            ("1,feed,input,NaN,0.01,0", "amount: `NaN`"),
            ("1,feed,input,7,1 %,0", "random_sd: `1 %` is no number"),
            ("1,feed,input,7,0.01,2", "a.csv:2: a relative standard deviation is from 0 to 1, not 2"),
            (
                "1,feed,input,7,0.01,0\n2,feed,output,7,0.01,0",
                "a.csv:3: `feed` is an output here and an input in line 2",
            ),
            (
                "1,feed,input,7,0.01,0\n2,feed,input,7,0.02,0",
                "a.csv:3: `feed` has the standard deviations 0.02 and 0 here",
            ),
            (
                "1,feed,input,7,0.01,0\n1,feed,input,8,0.01,0",
                "a.csv:3: `feed` has an amount for period 1 in line 2 already",
            ),
            (
                "1,vault,inventory,7,0.01,0",
                "a.csv:2: the inventory `vault` has no amount for period 0 (the opening",
            ),
            (
                &format!("{vault}2,vault,inventory,7,0.02,0.01"),
                "a.csv:2: the inventory `vault` has no amount for period 1",
            ),
        ] {
            let error = Balance::from_csv("a.csv", &format!("{HEADER}{rows}\n")).unwrap_err().to_string();
            assert!(error.contains(expected), "{rows}: {error}");
        }
        for (header, expected) in [
            ("period,location,kind,amount,random_sd", "a.csv:1: the column `systematic_sd` is missing"),
            ("period,location,kind,amount,random_sd,systematic_ds", "did you mean `systematic_sd`?"),
            (
                "period,location,kind,amount,amount_kg,random_sd,systematic_sd",
                "the column `amount` stands twice",
            ),
        ] {
            let error = Balance::from_csv("a.csv", header).unwrap_err().to_string();
            assert!(error.contains(expected), "{error}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic(text in "\\PC{0,60}", rows in prop::collection::vec("[0-9a-z,.\"\\-]{0,30}", 0..5)) {
            let _ = Balance::from_csv("a.csv", &text);
            let _ = Balance::from_csv("a.csv", &format!("{HEADER}{}", rows.join("\n")));
        }
    }
}
