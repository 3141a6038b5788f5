//! `/api/v1/…`: everything that the pages show, as programs and spreadsheets read it.
//!
//! One table, [`ENDPOINTS`], says what there is: requests are answered from it and the `OpenAPI` document is made from it.

use serde::Serialize;
use surety_core::{Aim, FactDate, Level, SourceId, State, StateCode};
use surety_law::{Counts, Instrument, InstrumentKind};
use surety_statement::{Issuer, Statement};
use surety_view::view::{
    CoverageView, Diff, Duties, Gaps, Pair, Requirements, Sources, StateView, States, Stocks, Summary,
    Treaty, Why, WorldView, index::UncertaintyView,
};
use surety_view::{Filter, Sheet, View};
use surety_world::ActionId;

use crate::address::{Query, decoded, instrument_of, instrument_slug, segment};
use crate::checkpoint::hex;
use crate::openapi;
use crate::page::{Hit, Kind, Promise, hits, named, promises, told};
use crate::problem::Problem;
use crate::site::{CSV, Cx, JSON};

/// One address of the API.
pub(crate) struct Endpoint {
    /// The path below `/api/v1/`, with its parameters in braces.
    pub(crate) path: &'static str,
    pub(crate) summary: &'static str,
    /// What the query may hold besides the date.
    pub(crate) query: &'static [Parameter],
    /// Whether it is a table, and can be had as CSV.
    pub(crate) csv: bool,
    answer: fn(&Cx<'_>, &[String]) -> Result<Answer, Problem>,
}

impl Endpoint {
    /// Whether the query holds what it must, and nothing that means nothing.
    fn check(&self, query: &Query) -> Result<(), Problem> {
        let names: Vec<&str> = self.query.iter().map(|one| one.name).collect();
        // Weights can be given one by one too, as the page does.
        let by_one: &[&str] = if names.contains(&"weights") { &["w-"] } else { &[] };
        query.allows(&[&names, by_one].concat())?;
        match self.query.iter().find(|one| one.required && query.get(one.name).is_none()) {
            Some(Parameter { name, meaning, example, .. }) => Err(Problem::bad_request(format!(
                "`{name}` is missing: {meaning}, such as `{name}={example}`"
            ))),
            None => Ok(()),
        }
    }
}

/// JSON, and the same as a table.
struct Answer {
    json: Vec<u8>,
    sheet: Option<Sheet>,
}

/// A value of the query.
pub(crate) struct Parameter {
    pub(crate) name: &'static str,
    pub(crate) meaning: &'static str,
    pub(crate) example: &'static str,
    pub(crate) required: bool,
}

const fn optional(name: &'static str, meaning: &'static str, example: &'static str) -> Parameter {
    Parameter { name, meaning, example, required: false }
}

const fn required(name: &'static str, meaning: &'static str, example: &'static str) -> Parameter {
    Parameter { required: true, ..optional(name, meaning, example) }
}

const FILTER: &[Parameter] = &[
    optional("aim", "Only this aim: legal, military, confidence or minimisation", "legal"),
    optional("state", "Only these States, by code or name, separated by commas", "JPN,KEN"),
    optional("action", "Only these charter actions, such as L3, separated by commas", "L3"),
];
const PAIR: &[Parameter] =
    &[required("a", "One State, by code or name", "JPN"), required("b", "The other State", "KEN")];
const RANGE: &[Parameter] = &[
    optional("from", "The earlier date [default: five years before the later]", "2020-01-01"),
    optional("to", "The later date [default: the date asked]", "2024-01-01"),
    optional("aim", "Only this aim", "legal"),
    optional("state", "Only these States", "JPN,KEN"),
    optional("action", "Only these charter actions", "L3"),
];
const WEIGHTS: &[Parameter] = &[
    optional("weights", "Other weights: CODE=WEIGHT, separated by commas", "legal=2,L3=0.5"),
    optional("peers", "Show only these States; ranks are among all", "JPN,KEN"),
];
const AREA: &[Parameter] = &[optional("area", "Only this area", "transport")];
const TEXT: &[Parameter] = &[required("q", "What is looked for", "Kenya")];

const fn endpoint(
    path: &'static str,
    summary: &'static str,
    query: &'static [Parameter],
    answer: fn(&Cx<'_>, &[String]) -> Result<Answer, Problem>,
) -> Endpoint {
    Endpoint { path, summary, query, csv: true, answer }
}

/// Everything there is.
pub(crate) const ENDPOINTS: &[Endpoint] = &[
    endpoint(
        "summary",
        "Where the world stands: aims, treaties, holders, stocks, commitments",
        &[],
        |cx, _| view(&Summary::new(&cx.context)?),
    ),
    endpoint("world", "Every finding on every State", &[], |cx, _| view(&WorldView::new(&cx.context)?)),
    endpoint("states", "Every State with its codes", &[], |cx, _| view(&States::new(&cx.context))),
    endpoint("states/{state}", "One State: treaties, holdings, findings with next steps", &[], |cx, at| {
        view(&StateView::new(&cx.context, &at[0])?)
    }),
    endpoint("states/{state}/{action}", "The statements and sources behind one verdict", &[], |cx, at| {
        view(&Why::new(&cx.context, &at[0], &at[1])?)
    }),
    endpoint("gaps", "What is left to do, by whom", FILTER, |cx, _| {
        view(&Gaps::new(&cx.context, &filter(cx)?)?)
    }),
    endpoint("diff", "What changed between two dates", RANGE, |cx, _| {
        view(&Diff::new(&cx.context, cx.query.get("from"), cx.query.get("to"), &filter(cx)?)?)
    }),
    endpoint("treaties", "Every instrument with its standing", &[], |cx, _| instruments(cx)),
    endpoint(
        "treaties/{instrument}",
        "One instrument: in force since when, parties, who is missing",
        &[],
        |cx, at| view(&Treaty::new(&cx.context, instrument(&at[0])?)),
    ),
    endpoint(
        "treaties/{instrument}/duties",
        "Its duties, options and limits, article by article",
        &[],
        |cx, at| view(&Duties::new(&cx.context, instrument(&at[0])?)?),
    ),
    endpoint("treaties/{instrument}/pair", "Which text and which duties bind two States", PAIR, |cx, at| {
        let state = |name: &str| cx.query.get(name).map(str::to_owned).unwrap_or_default();
        view(&Pair::new(&cx.context, instrument(&at[0])?, &[state("a"), state("b")])?)
    }),
    endpoint("stocks", "Stocks of weapons-usable material, with ranges and trends; holders", &[], |cx, _| {
        view(&Stocks::new(&cx.context, &[])?)
    }),
    endpoint("stocks/{state}", "The stocks of one State", &[], |cx, at| {
        view(&Stocks::new(&cx.context, &at[..1])?)
    }),
    endpoint("commitments", "Commitments: kept, late, due, unknown", &[], |cx, _| commitments(cx)),
    endpoint("reviews", "Peer reviews hosted", &[], |cx, _| statements(cx, &told(cx, Kind::Reviews))),
    endpoint("reports", "Reports filed", &[], |cx, _| statements(cx, &told(cx, Kind::Reports))),
    endpoint("reductions", "Steps that reduce material", &[], |cx, _| {
        statements(cx, &told(cx, Kind::Reductions))
    }),
    endpoint("requirements", "The requirement catalogue", AREA, |cx, _| {
        view(&Requirements::new(&cx.context, None, cx.query.get("area"))?)
    }),
    endpoint("requirements/{id}", "One requirement with its mappings", &[], |cx, at| {
        view(&Requirements::new(&cx.context, Some(&at[0]), None)?)
    }),
    endpoint("index", "The charter as an index: scores with their uncertainty", WEIGHTS, |cx, _| {
        view(&UncertaintyView(crate::page::index::spread(cx)?))
    }),
    endpoint("sources", "Every source", &[], |cx, _| view(&Sources::new(&cx.context, None)?)),
    endpoint("sources/{id}", "One source with what it is cited for", &[], |cx, at| {
        view(&Sources::new(&cx.context, Some(&at[0]))?)
    }),
    endpoint("coverage", "Which lists are complete, to which day", &[], |cx, _| {
        view(&CoverageView::new(&cx.context))
    }),
    endpoint("statements", "Every statement, in the order of the log", &[], |cx, _| {
        statements(cx, &cx.context.dataset.statements.iter().collect::<Vec<_>>())
    }),
    endpoint("statements/{id}", "One statement", &[], |cx, at| statements(cx, &[statement(cx, &at[0])?])),
    Endpoint {
        path: "statements/{id}/proof",
        summary: "The inclusion of a statement in the tree",
        query: &[],
        csv: false,
        answer: |cx, at| proof(cx, &at[0]),
    },
    Endpoint {
        path: "checkpoint",
        summary: "The root of the tree of the statements",
        query: &[],
        csv: false,
        answer: |cx, _| {
            let checkpoint = &cx.site.entries;
            let (origin, size, signed) =
                (&checkpoint.origin, checkpoint.size(), checkpoint.signed.as_ref().map(ToString::to_string));
            json(
                &serde_json::json!({ "origin": origin, "size": size, "root": checkpoint.root_hex(), "signed": signed }),
            )
        },
    },
    endpoint("search", "What fits a text, best first", TEXT, |cx, _| search(cx)),
    Endpoint {
        path: "openapi",
        summary: "This description",
        query: &[],
        csv: false,
        answer: |_, _| Ok(Answer { json: openapi::document().into_bytes(), sheet: None }),
    },
];

/// The answer at a path below `api/v1/`: JSON, or CSV where the path ends so.
pub(crate) fn answer(cx: &Cx<'_>, path: &str) -> Result<(&'static str, Vec<u8>), Problem> {
    let not_found = || Problem::not_found(&format!("api/v1/{path}"));
    let (name, as_csv) = match (path.strip_suffix(".csv"), path.strip_suffix(".json")) {
        (Some(name), _) => (name, true),
        (None, Some(name)) => (name, false),
        (None, None) => (path, false),
    };
    let segments: Vec<String> = name.split('/').map(decoded).collect::<Option<_>>().ok_or_else(not_found)?;
    let found = ENDPOINTS.iter().find_map(|endpoint| Some((endpoint, fits(endpoint.path, &segments)?)));
    let (endpoint, at) = found.ok_or_else(not_found)?;
    endpoint.check(cx.query)?;
    let answer = (endpoint.answer)(cx, &at)?;
    match (as_csv, answer.sheet) {
        (false, _) => Ok((JSON, answer.json)),
        (true, Some(sheet)) => Ok((CSV, csv_of(&sheet)?)),
        (true, None) => Err(not_found()),
    }
}

/// What stands at the root: where to read on.
pub(crate) fn overview(cx: &Cx<'_>) -> Vec<u8> {
    let [description, summary] = ["openapi", "summary"].map(|path| cx.file(&format!("api/v1/{path}")));
    let json = serde_json::json!({ "openapi": description, "summary": summary });
    format!("{json:#}\n").into_bytes()
}

/// What stands at the places in braces, if the path fits.
fn fits(pattern: &str, segments: &[String]) -> Option<Vec<String>> {
    let parts: Vec<&str> = pattern.split('/').collect();
    if parts.len() != segments.len() {
        return None;
    }
    let mut at = Vec::new();
    for (part, segment) in parts.iter().zip(segments) {
        if part.starts_with('{') {
            at.push(segment.clone());
        } else if part != segment {
            return None;
        }
    }
    Some(at)
}

fn csv_of(sheet: &Sheet) -> Result<Vec<u8>, Problem> {
    let mut table = csv::Writer::from_writer(Vec::new());
    let written = table
        .write_record(&sheet.header)
        .and_then(|()| sheet.rows.iter().try_for_each(|row| table.write_record(row)));
    written.map_err(|_| Problem::failed())?;
    table.into_inner().map_err(|_| Problem::failed())
}

fn json(value: &impl Serialize) -> Result<Answer, Problem> {
    let mut json = serde_json::to_vec_pretty(value).map_err(|_| Problem::failed())?;
    json.push(b'\n');
    Ok(Answer { json, sheet: None })
}

fn view(view: &impl View) -> Result<Answer, Problem> {
    Ok(Answer { sheet: Some(view.sheet()), ..json(&view.json())? })
}

fn filter(cx: &Cx<'_>) -> Result<Filter, Problem> {
    let aim = cx.query.get("aim").map(str::parse::<Aim>).transpose();
    let aim = aim.map_err(|error| Problem::bad_request(error.to_string()))?;
    Ok(Filter { aim, state: named(cx.query, "state"), action: named(cx.query, "action") })
}

fn instrument(slug: &str) -> Result<Instrument, Problem> {
    match instrument_of(slug) {
        Some(instrument) => Ok(instrument),
        None => Ok(slug.parse()?),
    }
}

#[derive(Serialize)]
struct InstrumentJson {
    instrument: Instrument,
    title: &'static str,
    kind: InstrumentKind,
    in_force: Option<bool>,
    in_force_since: Option<surety_core::Date>,
    counts: Counts,
    path: String,
}

fn instruments(cx: &Cx<'_>) -> Result<Answer, Problem> {
    let rows = Instrument::ALL.map(|instrument| {
        let status = cx.context.base.ledger().status(instrument, cx.as_of());
        InstrumentJson {
            instrument,
            title: instrument.title(),
            kind: instrument.kind(),
            in_force: status.in_force_if_computed(),
            in_force_since: status.in_force_since,
            counts: status.counts,
            path: format!("/api/v1/treaties/{}", instrument_slug(instrument)),
        }
    });
    let cells = |row: &InstrumentJson| {
        let since = row.in_force_since.map_or_else(String::new, |day| day.to_string());
        vec![row.instrument.to_string(), row.title.to_owned(), row.counts.parties.to_string(), since]
    };
    let sheet = Sheet::new(["instrument", "title", "parties", "in_force_since"], rows.iter().map(cells));
    let answer = json(&serde_json::json!({ "as_of": cx.as_of(), "instruments": rows }))?;
    Ok(Answer { sheet: Some(sheet), ..answer })
}

fn commitments(cx: &Cx<'_>) -> Result<Answer, Problem> {
    let all = promises(cx);
    let cells = |one: &Promise| {
        vec![
            one.id.to_owned(),
            one.state.to_string(),
            one.standing.as_str().to_owned(),
            one.due.last_day().map_or_else(String::new, |_| one.due.to_string()),
            one.told_by.unwrap_or_default().to_owned(),
            one.text.to_owned(),
        ]
    };
    let sheet = Sheet::new(["id", "state", "standing", "due", "told_by", "text"], all.iter().map(cells));
    let answer = json(&serde_json::json!({ "as_of": cx.as_of(), "commitments": all }))?;
    Ok(Answer { sheet: Some(sheet), ..answer })
}

#[derive(Serialize)]
struct StatementJson<'a> {
    index: Option<usize>,
    id: &'a str,
    subject: Option<StateCode>,
    kind: &'static str,
    date: FactDate,
    summary: String,
    issuer: &'a Issuer,
    level: Level,
    sources: &'a [SourceId],
    note: &'a str,
}

fn statements(cx: &Cx<'_>, all: &[&Statement]) -> Result<Answer, Problem> {
    let rows: Vec<StatementJson<'_>> = all
        .iter()
        .map(|one| StatementJson {
            index: cx.site.entries.entry(&one.id).map(|(place, _)| place),
            id: &one.id,
            subject: one.subject,
            kind: one.body.kind(),
            date: one.date,
            summary: one.body.summary(),
            issuer: &one.issuer,
            level: one.level,
            sources: &one.sources,
            note: &one.note,
        })
        .collect();
    let cells = |(row, one): (&StatementJson<'_>, &&Statement)| {
        vec![
            row.index.map_or_else(String::new, |index| index.to_string()),
            row.id.to_owned(),
            row.subject.map_or_else(|| "world".to_owned(), |code| code.to_string()),
            row.kind.to_owned(),
            one.date.date.last_day().map_or_else(String::new, |_| one.date.to_string()),
            row.summary.clone(),
            row.issuer.name.clone(),
            row.level.number().to_string(),
            row.sources.iter().map(SourceId::as_str).collect::<Vec<_>>().join(" "),
            row.note.to_owned(),
        ]
    };
    let header = ["index", "id", "subject", "kind", "date", "summary", "issuer", "level", "sources", "note"];
    let sheet = Sheet::new(header, rows.iter().zip(all).map(cells));
    let answer = json(&serde_json::json!({ "as_of": cx.as_of(), "statements": rows }))?;
    Ok(Answer { sheet: Some(sheet), ..answer })
}

fn statement(cx: &Cx<'_>, id: &str) -> Result<&'static Statement, Problem> {
    let index = cx.site.statements.get(id).copied();
    let index = index.ok_or_else(|| Problem::unknown(format!("No statement has the id `{id}`.")))?;
    Ok(cx.context.statement(index))
}

/// The path from a statement to the root, so that anyone can check it.
fn proof(cx: &Cx<'_>, id: &str) -> Result<Answer, Problem> {
    let checkpoint = &cx.site.entries;
    let found = checkpoint.entry(id);
    let (index, entry) = found.ok_or_else(|| Problem::unknown(format!("No entry has the id `{id}`.")))?;
    let path = checkpoint.path(index).ok_or_else(Problem::failed)?;
    // What is signed is no text: it is told as the bytes that were hashed.
    let text = std::str::from_utf8(entry).ok().filter(|_| checkpoint.signed.is_none());
    json(&serde_json::json!({
        "origin": checkpoint.origin,
        "size": checkpoint.size(),
        "root": checkpoint.root_hex(),
        "index": index,
        "entry": text,
        "entry_hex": text.is_none().then(|| hex(entry)),
        "path": path.iter().map(|hash| hex(&hash.0)).collect::<Vec<_>>(),
    }))
}

fn search(cx: &Cx<'_>) -> Result<Answer, Problem> {
    let found = hits(cx, cx.query.get("q").unwrap_or_default());
    let cells = |hit: &Hit| vec![hit.kind.to_owned(), hit.name.clone(), hit.detail.clone(), hit.path.clone()];
    let sheet = Sheet::new(["kind", "name", "detail", "path"], found.iter().map(cells));
    let answer = json(&serde_json::json!({ "hits": found }))?;
    Ok(Answer { sheet: Some(sheet), ..answer })
}

/// Every address of the API without a query, for the static site, and whether it is a table.
pub(crate) fn paths(cx: &Cx<'_>) -> Vec<(String, bool)> {
    let mut paths = Vec::new();
    for endpoint in
        ENDPOINTS.iter().filter(|endpoint| !["search", "treaties/{instrument}/pair"].contains(&endpoint.path))
    {
        paths.extend(filled(cx, endpoint.path).into_iter().map(|path| (path, endpoint.csv)));
    }
    paths
}

/// A path with everything that its braces can be.
fn filled(cx: &Cx<'_>, pattern: &str) -> Vec<String> {
    let dataset = cx.context.dataset;
    let with = |name: &str, value: &str| pattern.replace(name, &segment(value));
    let of_instruments =
        |all: &[Instrument]| all.iter().map(|one| with("{instrument}", &instrument_slug(*one))).collect();
    match pattern {
        "states/{state}/{action}" => {
            let of_state = |state: &State| {
                ActionId::ALL.iter().map(|id| format!("states/{}/{id}", state.code)).collect::<Vec<_>>()
            };
            dataset.states.iter().flat_map(of_state).collect()
        }
        "treaties/{instrument}/duties" => of_instruments(&Instrument::SECURITY_TREATIES),
        _ if pattern.contains("{state}") => {
            dataset.states.iter().map(|state| with("{state}", state.code.as_str())).collect()
        }
        _ if pattern.contains("{instrument}") => of_instruments(&Instrument::ALL),
        _ if pattern.starts_with("requirements/") => {
            dataset.catalogue.requirements.iter().map(|one| with("{id}", &one.id)).collect()
        }
        _ if pattern.starts_with("sources/") => {
            dataset.sources.iter().map(|one| with("{id}", one.id.as_str())).collect()
        }
        _ if pattern.starts_with("statements/") => {
            dataset.statements.iter().map(|one| with("{id}", &one.id)).collect()
        }
        fixed => vec![fixed.to_owned()],
    }
}
