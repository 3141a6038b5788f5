//! One function for each table: a row in, a value out.

use std::cell::RefCell;
use std::collections::{BTreeMap, HashSet};

use surety_core::{
    Date, FactDate, Level, MassRange, PartialDate, Qualifier, Source, SourceId, SourceKind, State, StateCode,
    StateTable, parse_day,
};
use surety_law::{ActionKind, Duty, Instrument, InstrumentKind};
use surety_material::{Basis, Stock, StockMaterial, YEARLY_DECLARATION, declared_rounding_kg};
use surety_standards::{Catalogue, Mapping, Requirement};
use surety_statement::{
    Body, Coverage, Evidence, Initiative, Issuer, MilitaryPolicy, OfficialCount, Outcome, Programme,
    Statement, assurance,
};

use crate::check;
use crate::table::{Problem, Problems, Row, rows};
use crate::{Dataset, File};

pub(crate) fn read(files: &[File<'_>]) -> Result<Dataset, Vec<Problem>> {
    let problems = Problems::default();
    let mut loader = Loader::new(files, &problems);
    let dataset = loader.dataset();
    check::dataset(&dataset, &loader.places, &loader.source_lines, &problems);
    let mut found = problems.into_inner();
    found.sort_by(|a, b| (&a.file, a.line, &a.column).cmp(&(&b.file, b.line, &b.column)));
    if found.is_empty() { Ok(dataset) } else { Err(found) }
}

/// Where a statement stands in the tables: file and line.
pub(crate) type Places = Vec<(String, u64)>;

struct Loader<'a> {
    files: &'a [File<'a>],
    problems: &'a Problems,
    compiled: Date,
    codes: HashSet<StateCode>,
    sources: BTreeMap<SourceId, SourceKind>,
    statements: Vec<Statement>,
    places: Places,
    source_lines: BTreeMap<SourceId, u64>,
    cited_elsewhere: RefCell<Vec<SourceId>>,
}

impl<'a> Loader<'a> {
    fn new(files: &'a [File<'a>], problems: &'a Problems) -> Self {
        Self {
            files,
            problems,
            compiled: Date::MAX,
            codes: HashSet::new(),
            sources: BTreeMap::new(),
            statements: Vec::new(),
            places: Vec::new(),
            source_lines: BTreeMap::new(),
            cited_elsewhere: RefCell::default(),
        }
    }

    /// Reads the tables in the order in which they refer to each other.
    fn dataset(&mut self) -> Dataset {
        self.compiled = self.compiled_on();
        let sources = self.source_table();
        let states = self.states();
        let coverage = self.coverage();
        let counts = self.counts();
        let duties = self.duties();
        let catalogue = self.catalogue();
        self.treaty_actions("treaty_actions.csv", InstrumentKind::Treaty);
        self.treaty_actions("pledges.csv", InstrumentKind::Pledge);
        self.territories();
        self.reviews();
        self.initiatives();
        self.regulations();
        self.reports();
        self.military_policies();
        self.stocks();
        self.infcirc549();
        self.cleared();
        self.holders();
        self.programmes();
        self.commitments();
        Dataset {
            compiled: self.compiled,
            states,
            sources,
            coverage,
            counts,
            duties,
            catalogue,
            statements: std::mem::take(&mut self.statements),
            comments: Vec::new(),
            cited_elsewhere: self.cited_elsewhere.take(),
        }
    }

    fn table<T>(&self, name: &str, columns: &[&str], read: impl FnMut(&Row<'_>) -> Option<T>) -> Vec<T> {
        let Some((_, text)) = self.files.iter().find(|(file, _)| *file == name) else {
            self.problems.add(Problem {
                file: name.to_owned(),
                line: 1,
                column: None,
                message: "the table is missing: put it back".to_owned(),
            });
            return Vec::new();
        };
        rows(name, text, columns, self.problems, read)
    }

    fn compiled_on(&self) -> Date {
        let days = self.table("dataset.csv", &["key", "value"], |row| match row.text("key") {
            "compiled" => {
                let day = row.filled("value")?;
                parse_day(&day).map_err(|error| row.problem_in("value", error)).ok()
            }
            other => {
                row.problem_in("key", format_args!("`{other}` is unknown: the only key is compiled"));
                None
            }
        });
        days.first().copied().unwrap_or(Date::MAX)
    }

    fn source_table(&mut self) -> Vec<Source> {
        let columns = ["id", "title", "address", "kind", "trust"];
        let mut sources = self.table("sources.csv", &columns, |row| {
            let source = Source {
                id: SourceId::from(row.filled("id")?.as_str()),
                title: row.filled("title")?,
                address: row.owned("address"),
                kind: row.parse("kind")?,
                trust: row.filled("trust")?,
            };
            let web = source.address.starts_with("http://") || source.address.starts_with("https://");
            if !source.address.is_empty() && !web {
                row.problem_in("address", "is not a web address: begin it with https:// or leave it empty");
            }
            Some((source, row.line()))
        });
        sources.sort_by(|a, b| a.0.id.cmp(&b.0.id));
        for (source, line) in &sources {
            if self.sources.insert(source.id.clone(), source.kind).is_some() {
                let message = format!("the id `{}` is given twice: give each source its own", source.id);
                self.problems.add(Problem {
                    file: "sources.csv".to_owned(),
                    line: *line,
                    column: None,
                    message,
                });
            }
        }
        self.source_lines = sources.iter().map(|(source, line)| (source.id.clone(), *line)).collect();
        sources.into_iter().map(|(source, _)| source).collect()
    }

    fn states(&mut self) -> StateTable {
        let columns = [
            "code",
            "numeric",
            "name",
            "kind",
            "un",
            "un_since",
            "iaea",
            "iaea_since",
            "region",
            "subregion",
            "until",
            "continued_by",
            "sources",
        ];
        let mut codes = HashSet::new();
        let states = self.table("states.csv", &columns, |row| {
            let code: StateCode = row.parse("code")?;
            if !codes.insert(code) {
                row.problem_in("code", format_args!("{code} is given twice: keep one line"));
            }
            let numeric = row.text("numeric");
            if !numeric.is_empty()
                && (numeric.len() != 3 || !numeric.bytes().all(|byte| byte.is_ascii_digit()))
            {
                row.problem_in("numeric", "is not an ISO 3166-1 number: write three digits, such as 008");
            }
            self.cited(row);
            Some(State {
                code,
                numeric: Some(numeric.to_owned()).filter(|numeric| !numeric.is_empty()),
                name: row.filled("name")?,
                kind: row.parse("kind")?,
                un: row.parse("un")?,
                un_since: day_or_empty(row, "un_since"),
                iaea: row.parse("iaea")?,
                iaea_since: row.optional("iaea_since")?,
                region: row.owned("region"),
                subregion: row.owned("subregion"),
                until: day_or_empty(row, "until"),
                continued_by: row.optional("continued_by")?,
            })
        });
        self.codes = codes;
        let aliases = self.table("aliases.csv", &["code", "alias"], |row| {
            Some((self.state(row, "code")?, row.filled("alias")?))
        });
        StateTable::new(states, &aliases)
    }

    fn coverage(&self) -> Vec<Coverage> {
        let columns = ["list", "title", "complete", "complete_to", "sources", "note"];
        self.table("lists.csv", &columns, |row| {
            let complete = row.yes_or_no("complete")?;
            let complete_to = day_or_empty(row, "complete_to");
            if complete != complete_to.is_some() {
                row.problem_in(
                    "complete_to",
                    "a complete list needs the day to which it is complete, and no other has one",
                );
            }
            let sources = row.sources();
            self.check_sources(row, &sources);
            Some(Coverage {
                list: row.filled("list")?,
                title: row.filled("title")?,
                complete_to,
                sources,
                note: row.owned("note"),
            })
        })
    }

    fn counts(&self) -> Vec<OfficialCount> {
        let columns = ["id", "list", "measure", "value", "date", "sources", "note"];
        self.table("official_counts.csv", &columns, |row| {
            let sources = row.sources();
            self.check_sources(row, &sources);
            Some(OfficialCount {
                id: row.filled("id")?,
                list: row.owned("list"),
                measure: row.filled("measure")?,
                value: row.filled("value")?,
                date: row.parse_or_empty("date")?,
                sources,
                note: row.owned("note"),
            })
        })
    }

    fn duties(&self) -> Vec<Duty> {
        let columns = [
            "instrument",
            "article",
            "paragraph",
            "text",
            "addressee",
            "kind",
            "nature",
            "replaced_by_amendment",
            "sources",
        ];
        self.table("duties.csv", &columns, |row| {
            self.cited(row);
            let duty = Duty {
                instrument: row.parse("instrument")?,
                article: row.filled("article")?,
                paragraph: row.owned("paragraph"),
                text: row.filled("text")?,
                addressee: row.filled("addressee")?,
                kind: row.parse("kind")?,
                nature: row.parse("nature")?,
                replaced_by_amendment: row.yes_or_no("replaced_by_amendment")?,
            };
            if duty.replaced_by_amendment && duty.instrument != Instrument::Cppnm {
                row.problem_in(
                    "replaced_by_amendment",
                    "only the 1980 text of the CPPNM was replaced: write no",
                );
            }
            Some(duty)
        })
    }

    fn catalogue(&self) -> Catalogue {
        let columns = [
            "id",
            "document",
            "paragraph",
            "area",
            "text",
            "applies_to",
            "material",
            "category",
            "scope",
            "evidence_expected",
            "confirmation",
            "sources",
        ];
        let mut ids = HashSet::new();
        let requirements = self.table("requirements.csv", &columns, |row| {
            let sources = row.sources();
            self.check_sources(row, &sources);
            let id = row.filled("id")?;
            if !ids.insert(id.clone()) {
                row.problem_in("id", format_args!("`{id}` is given twice: give each requirement its own"));
            }
            Some(Requirement {
                id,
                document: row.filled("document")?,
                paragraph: row.owned("paragraph"),
                area: row.filled("area")?,
                text: row.filled("text")?,
                applies_to: row.filled("applies_to")?,
                material: row.filled("material")?,
                category: row.filled("category")?,
                scope: row.filled("scope")?,
                evidence_expected: row.filled("evidence_expected")?,
                confirmation: row.parse("confirmation")?,
                sources,
            })
        });
        let columns = ["from_id", "to_id", "relation", "rationale", "basis"];
        let mappings = self.table("mappings.csv", &columns, |row| {
            for column in ["from_id", "to_id"] {
                if !ids.contains(row.text(column)) {
                    let message = format!(
                        "no requirement has the id `{}`: use one of requirements.csv",
                        row.text(column)
                    );
                    row.problem_in(column, message);
                }
            }
            let both_ends_read = match row.text("basis") {
                "read" => true,
                "memory" => false,
                other => {
                    row.problem_in("basis", format_args!("`{other}` is neither read nor memory"));
                    return None;
                }
            };
            Some(Mapping {
                from: row.filled("from_id")?,
                to: row.filled("to_id")?,
                relation: row.parse("relation")?,
                rationale: row.owned("rationale"),
                both_ends_read,
            })
        });
        Catalogue { requirements, mappings }
    }

    /// Reads a table of statements. `read` gives subject, date, body and note.
    fn statements(&mut self, name: &str, columns: &[&str], read: impl Fn(&Self, &Row<'_>) -> Option<Said>) {
        let said = self.table(name, columns, |row| {
            let id = row.filled("id")?;
            let sources = row.sources();
            if sources.is_empty() {
                row.problem_in("sources", "is empty: every fact needs a source");
            }
            self.check_sources(row, &sources);
            let said = read(self, row)?;
            let begins = [said.date.date.first_day(), said.date.known_by];
            if begins.into_iter().flatten().any(|day| day > self.compiled) {
                row.problem(format_args!(
                    "the fact lies after {}, the day of the dataset: correct it, or the day in dataset.csv",
                    self.compiled
                ));
            }
            Some((id, said, sources, row.owned("note"), row.line()))
        });
        for (id, mut said, sources, note, line) in said {
            let level = self.level(&said.body, &sources);
            if said.date.date == PartialDate::Unknown {
                // Whoever compiled the tables knew it on that day, and may not have known it before.
                said.date.known_by.get_or_insert(self.compiled);
            }
            self.places.push((name.to_owned(), line));
            self.statements.push(Statement {
                id,
                issuer: Issuer::built_in_observer(),
                subject: said.subject,
                date: said.date,
                body: said.body,
                sources,
                level,
                note,
            });
        }
    }

    /// The observer reports; a deposit that a depositary's record shows is evidenced.
    fn level(&self, body: &Body, sources: &[SourceId]) -> Level {
        let recorded = sources.iter().any(|id| self.sources.get(id) == Some(&SourceKind::Depositary));
        let deposit = matches!(body, Body::TreatyAction { .. } | Body::Territory { .. });
        let evidence = if recorded && deposit { Evidence::DepositaryRecord } else { Evidence::WordAlone };
        assurance(Issuer::built_in_observer().kind, evidence)
    }

    fn treaty_actions(&mut self, name: &str, kind: InstrumentKind) {
        let columns =
            ["id", "state", "instrument", "action", "date", "known_by", "effective", "sources", "note"];
        self.statements(name, &columns, |loader, row| {
            let instrument: Instrument = row.parse("instrument")?;
            if instrument.kind() != kind {
                row.problem_in("instrument", format_args!("{instrument} does not belong into this table"));
            }
            let action: ActionKind = row.parse("action")?;
            if (action == ActionKind::Subscription) != (kind == InstrumentKind::Pledge) {
                row.problem_in("action", "States subscribe to pledges, and to nothing else");
            }
            let effective = day_or_empty(row, "effective");
            if effective.is_some() && action != ActionKind::Succession {
                row.problem_in("effective", "only a succession has an effective date: leave it empty");
            }
            if action == ActionKind::Succession && effective.is_none() && instrument == Instrument::Cppnm {
                row.problem_in("effective", "a succession needs the day from which the successor is bound");
            }
            let date = fact_date(row, "date")?;
            if let (Some(day), Some(opened)) = (date.date.day(), instrument.opened())
                && day < opened
            {
                row.problem_in(
                    "date",
                    format_args!("{instrument} was not open before {opened}: correct the date"),
                );
            }
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date,
                body: Body::TreatyAction { instrument, action, effective },
            })
        });
    }

    fn territories(&mut self) {
        let columns = ["id", "state", "instrument", "territory", "effect", "date", "sources"];
        self.statements("territories.csv", &columns, |loader, row| {
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: row.parse_or_empty("date")?,
                body: Body::Territory {
                    instrument: row.parse("instrument")?,
                    territory: row.filled("territory")?,
                    effect: row.filled("effect")?,
                },
            })
        });
    }

    fn reviews(&mut self) {
        let columns =
            ["id", "state", "date", "known_by", "ended", "kind", "published", "scope", "sources", "note"];
        self.statements("reviews.csv", &columns, |loader, row| {
            let began: PartialDate = row.parse_or_empty("date")?;
            let ended: PartialDate = row.parse_or_empty("ended")?;
            if ended.last_day().is_some_and(|ended| began.first_day().is_some_and(|began| ended < began)) {
                row.problem_in("ended", "lies before the beginning: correct one of them");
            }
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: FactDate {
                    date: if ended == PartialDate::Unknown { began } else { ended },
                    known_by: day_or_empty(row, "known_by"),
                },
                body: Body::Review {
                    kind: row.parse("kind")?,
                    publication: row.parse("published")?,
                    scope: row.owned("scope"),
                },
            })
        });
    }

    fn initiatives(&mut self) {
        let columns = ["id", "state", "initiative", "kind", "date", "known_by", "status", "sources", "note"];
        self.statements("initiatives.csv", &columns, |loader, row| {
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: fact_date(row, "date")?,
                body: Body::Initiative(Initiative {
                    name: row.filled("initiative")?,
                    kind: row.parse("kind")?,
                    status: row.filled("status")?,
                }),
            })
        });
    }

    fn regulations(&mut self) {
        let columns =
            ["id", "state", "title", "type", "date", "known_by", "published", "status", "sources", "note"];
        self.statements("regulations.csv", &columns, |loader, row| {
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: fact_date(row, "date")?,
                body: Body::Regulation {
                    title: row.filled("title")?,
                    regulation_type: row.owned("type"),
                    publication: row.parse("published")?,
                    status: row.owned("status"),
                },
            })
        });
    }

    fn reports(&mut self) {
        let columns =
            ["id", "state", "kind", "date", "data_date", "document", "filed", "status", "sources", "note"];
        self.statements("reports.csv", &columns, |loader, row| {
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: row.parse_or_empty("date")?,
                body: Body::Report {
                    kind: row.parse("kind")?,
                    data_date: row.parse_or_empty("data_date")?,
                    document: row.owned("document"),
                    filed: row.yes_or_no("filed")?,
                },
            })
        });
    }

    fn military_policies(&mut self) {
        let columns = [
            "id",
            "state",
            "date",
            "kind",
            "document",
            "covers_military",
            "standard",
            "exchange",
            "text",
            "sources",
            "note",
        ];
        self.statements("military_policies.csv", &columns, |loader, row| {
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: row.parse_or_empty("date")?,
                body: Body::MilitaryPolicy(MilitaryPolicy {
                    kind: row.parse("kind")?,
                    document: row.filled("document")?,
                    covers: row.parse("covers_military")?,
                    standard: row.parse("standard")?,
                    exchange: row.yes_or_no("exchange")?,
                    text: row.filled("text")?,
                }),
            })
        });
    }

    fn stocks(&mut self) {
        const KG_PER_TONNE: f64 = 1000.0;
        let columns = [
            "id",
            "state",
            "year",
            "material",
            "purpose",
            "measure",
            "basis",
            "compiler",
            "quantity_t",
            "uncertainty_t",
            "min_t",
            "max_t",
            "qualifier",
            "scope",
            "sources",
            "note",
        ];
        self.statements("stocks.csv", &columns, |loader, row| {
            let kg = |column: &str| Some(row.optional::<f64>(column)?.map(|tonnes| tonnes * KG_PER_TONNE));
            let qualifier: Qualifier = row.parse("qualifier")?;
            let (best, spread) = (kg("quantity_t")?, kg("uncertainty_t")?);
            let mass = MassRange::new(best, spread, kg("min_t")?, kg("max_t")?, qualifier)
                .map_err(|error| row.problem_in("quantity_t", error))
                .ok()?;
            let part = match row.text("scope") {
                "whole" => false,
                "part" => true,
                other => {
                    row.problem_in("scope", format_args!("`{other}` is neither whole nor part"));
                    return None;
                }
            };
            let holder = if row.text("state").is_empty() { None } else { Some(loader.state(row, "state")?) };
            let stock = Stock {
                year: year(row)?,
                material: row.parse("material")?,
                purpose: row.parse("purpose")?,
                measure: row.filled("measure")?,
                basis: row.parse("basis")?,
                compiler: row.filled("compiler")?,
                mass,
                part,
            };
            Some(Said {
                subject: holder,
                date: PartialDate::Year(stock.year).into(),
                body: Body::Stock(stock),
            })
        });
    }

    fn infcirc549(&mut self) {
        let columns =
            ["id", "state", "year", "quantity", "purpose", "kg", "qualifier", "basis", "sources", "note"];
        self.statements("infcirc549.csv", &columns, |loader, row| {
            let holder = loader.state(row, "state")?;
            let stock = declared_stock(row)?;
            Some(Said {
                subject: Some(holder),
                date: PartialDate::Year(stock.year).into(),
                body: Body::Stock(stock),
            })
        });
    }

    fn cleared(&mut self) {
        let columns = [
            "id",
            "state",
            "date",
            "known_by",
            "material",
            "programme",
            "method",
            "last_quantity_kg",
            "grade",
            "sources",
            "note",
        ];
        self.statements("cleared.csv", &columns, |loader, row| {
            let last: Option<f64> = row.optional("last_quantity_kg")?;
            let last_quantity = last
                .map(|kg| MassRange::new(Some(kg), None, None, None, Qualifier::About))
                .transpose()
                .map_err(|error| row.problem_in("last_quantity_kg", error))
                .ok()?;
            let firm = match row.text("grade") {
                "A" => true,
                "B" => false,
                other => {
                    row.problem_in("grade", format_args!("`{other}` is neither A (firm) nor B"));
                    return None;
                }
            };
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: fact_date(row, "date")?,
                body: Body::Cleared {
                    material: row.parse("material")?,
                    programme: row.filled("programme")?,
                    last_quantity,
                    firm,
                },
            })
        });
    }

    fn holders(&mut self) {
        let columns = ["id", "state", "date", "edition_count", "basis", "sources", "note"];
        let mut named = BTreeMap::<(String, usize), usize>::new();
        let counted = self.table("holders.csv", &columns, |row| {
            Some((row.filled("date")?, row.parse::<usize>("edition_count")?))
        });
        for edition in counted {
            *named.entry(edition).or_default() += 1;
        }
        self.statements("holders.csv", &columns, |loader, row| {
            let edition = (row.filled("date")?, row.parse("edition_count")?);
            let listed = named.get(&edition).copied().unwrap_or_default();
            if listed != edition.1 {
                let message = format!(
                    "the edition counts {} holders and the table names {listed}: complete it",
                    edition.1
                );
                row.problem_in("edition_count", message);
            }
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: row.parse::<PartialDate>("date")?.into(),
                body: Body::ListedHolder { list: "HOLDERS".to_owned() },
            })
        });
    }

    fn programmes(&mut self) {
        let columns = [
            "id",
            "state",
            "date",
            "known_by",
            "action",
            "material",
            "amount_kg",
            "qualifier",
            "cumulative",
            "programme",
            "partner",
            "done",
            "status",
            "sources",
            "note",
        ];
        self.statements("programmes.csv", &columns, |loader, row| {
            let materials = row
                .filled("material")?
                .split('+')
                .map(|word| match word {
                    "Pu" => Ok(StockMaterial::SeparatedPlutonium),
                    word => word.parse::<StockMaterial>(),
                })
                .collect::<Result<Vec<_>, _>>()
                .map_err(|error| row.problem_in("material", error))
                .ok()?;
            let amount = match row.optional::<f64>("amount_kg")? {
                None => None,
                Some(kg) => Some(
                    MassRange::new(Some(kg), None, None, None, row.parse("qualifier")?)
                        .map_err(|error| row.problem_in("amount_kg", error))
                        .ok()?,
                ),
            };
            let subject = if row.text("state").is_empty() { None } else { Some(loader.state(row, "state")?) };
            let partner =
                if row.text("partner").is_empty() { None } else { Some(loader.state(row, "partner")?) };
            Some(Said {
                subject,
                date: fact_date(row, "date")?,
                body: Body::Programme(Programme {
                    action: row.parse("action")?,
                    materials,
                    amount,
                    cumulative: row.yes_or_no("cumulative")?,
                    name: row.filled("programme")?,
                    partner,
                    done: row.yes_or_no("done")?,
                }),
            })
        });
    }

    /// A commitment, and, where its outcome is known, a second statement that tells it on its own date.
    fn commitments(&mut self) {
        let columns = [
            "id",
            "state",
            "made",
            "known_by",
            "due",
            "text",
            "material",
            "amount_kg",
            "outcome",
            "outcome_date",
            "sources",
            "note",
        ];
        self.statements("commitments.csv", &columns, |loader, row| {
            Some(Said {
                subject: Some(loader.state(row, "state")?),
                date: fact_date(row, "made")?,
                body: Body::Commitment {
                    text: row.filled("text")?,
                    due: row.parse_or_empty("due")?,
                    material: row.optional("material")?,
                },
            })
        });
        let outcomes = self.table("commitments.csv", &columns, |row| {
            let outcome: Outcome = match row.text("outcome") {
                "unknown" => return None,
                _ => row.parse("outcome")?,
            };
            let date: PartialDate = row.parse("outcome_date")?;
            Some((row.filled("id")?, self.state(row, "state")?, outcome, date, row.sources(), row.line()))
        });
        for (commitment, state, outcome, date, sources, line) in outcomes {
            self.places.push(("commitments.csv".to_owned(), line));
            self.statements.push(Statement {
                id: format!("{commitment}-outcome"),
                issuer: Issuer::built_in_observer(),
                subject: Some(state),
                date: date.into(),
                body: Body::Fulfilment { commitment, outcome },
                sources,
                level: Level::Reported,
                note: String::new(),
            });
        }
    }

    fn state(&self, row: &Row<'_>, column: &str) -> Option<StateCode> {
        let code: StateCode = row.parse(column)?;
        if !self.codes.contains(&code) {
            row.problem_in(column, format_args!("{code} is not in states.csv: correct it or add the State"));
            return None;
        }
        Some(code)
    }

    /// Checks the sources of a row that becomes no statement, and remembers that something cites them.
    fn cited(&self, row: &Row<'_>) {
        let sources = row.sources();
        self.check_sources(row, &sources);
        self.cited_elsewhere.borrow_mut().extend(sources);
    }

    fn check_sources(&self, row: &Row<'_>, ids: &[SourceId]) {
        for id in ids.iter().filter(|id| !self.sources.contains_key(*id)) {
            row.problem_in("sources", format_args!("no source has the id `{id}`: add it to sources.csv"));
        }
    }
}

/// What one row says.
struct Said {
    subject: Option<StateCode>,
    date: FactDate,
    body: Body,
}

fn fact_date(row: &Row<'_>, column: &str) -> Option<FactDate> {
    Some(FactDate { date: row.parse_or_empty(column)?, known_by: day_or_empty(row, "known_by") })
}

/// A cell that is a full day or empty. Anything vaguer would be lost, and is refused.
fn day_or_empty(row: &Row<'_>, column: &str) -> Option<Date> {
    match row.text(column) {
        "" => None,
        text => parse_day(text).map_err(|error| row.problem_in(column, error)).ok(),
    }
}

fn year(row: &Row<'_>) -> Option<i16> {
    let year: i16 = row.parse("year")?;
    if !(1940..=2100).contains(&year) {
        row.problem_in("year", format_args!("{year} cannot be right: stocks begin in the 1940s"));
        return None;
    }
    Some(year)
}

/// A line of a declaration under INFCIRC/549, as a stock.
///
/// A line is rounded to 100 kg, so a total of four is known to 200 kg.
fn declared_stock(row: &Row<'_>) -> Option<Stock> {
    const LINES_OF_A_TOTAL: u32 = 4;
    let quantity = row.filled("quantity")?;
    let basis = match row.text("basis") {
        "declared" | "national-report" | "computed" | "computed-sum" | "computed-in-source"
        | "quoted-by-IPFM" => Basis::Declared,
        "declared-suspect" | "ISIS-estimate" => Basis::Estimated,
        other => {
            row.problem_in(
                "basis",
                format_args!("`{other}` is not a basis of this table: see data/README.md"),
            );
            return None;
        }
    };
    let (material, whole, lines) = match quantity.as_str() {
        "Pu-unirradiated-held-in-country" => (StockMaterial::SeparatedPlutonium, true, LINES_OF_A_TOTAL),
        "Pu-owned-total" => (StockMaterial::SeparatedPlutonium, true, LINES_OF_A_TOTAL + 2),
        "HEU-total" => (StockMaterial::Heu, true, LINES_OF_A_TOTAL),
        "Pu-in-spent-fuel-total" => (StockMaterial::PlutoniumInSpentFuel, true, 1),
        part if part.starts_with("Pu-in-spent-fuel") => (StockMaterial::PlutoniumInSpentFuel, false, 1),
        part if part.starts_with("HEU-") => (StockMaterial::Heu, false, 1),
        part if part.starts_with("Pu-") => (StockMaterial::SeparatedPlutonium, false, 1),
        other => {
            row.problem_in(
                "quantity",
                format_args!("`{other}` is not a quantity of INFCIRC/549: see data/README.md"),
            );
            return None;
        }
    };
    let kg: f64 = row.parse("kg")?;
    let qualifier: Qualifier = row.parse("qualifier")?;
    // Only the plutonium of the form is rounded; the annex on HEU is not.
    let rounded = material == StockMaterial::SeparatedPlutonium && qualifier == Qualifier::Equal;
    let rounding = rounded.then(|| declared_rounding_kg(kg, lines));
    let mass = MassRange::new(Some(kg), rounding, None, None, qualifier)
        .map_err(|error| row.problem_in("kg", error))
        .ok()?;
    Some(Stock {
        year: year(row)?,
        material,
        purpose: row.parse("purpose")?,
        measure: measure(&quantity).to_owned(),
        basis,
        compiler: YEARLY_DECLARATION.to_owned(),
        mass,
        part: !whole,
    })
}

/// The totals have the names that other tables use; a line keeps its own.
fn measure(quantity: &str) -> &str {
    match quantity {
        "Pu-unirradiated-held-in-country" | "HEU-total" | "Pu-in-spent-fuel-total" => "held",
        "Pu-owned-total" => "owned",
        line => line,
    }
}
