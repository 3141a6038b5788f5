//! A site: the facts, their checkpoint, and how pages are linked. Every answer is a function of it, of a date and of
//! a query.

use std::borrow::Cow;
use std::collections::HashMap;

use anyhow::bail;
use sha2::{Digest as _, Sha256};
use surety_core::{Date, StateCode};
use surety_view::Context;

use crate::address::{Address, Query, QueryError, decoded};
use crate::api;
use crate::assets;
use crate::checkpoint::{Entries, hex};
use crate::figure::{self, WorldMap};
use crate::page;
use crate::parts::plain;
use crate::problem::Problem;
use crate::proof;
use crate::words::{ENGLISH, Words};

/// What an operator sets.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// The address under which the site is reached, such as `https://surety.example`, for citations and code to embed.
    pub public_address: Option<String>,
    /// An address for mail about errors.
    pub contact: Option<String>,
}

/// How pages name each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Links {
    /// By addresses that a server answers.
    Served,
    /// By files beside each other, on one date.
    Written,
}

/// The public face.
pub struct Site {
    pub(crate) context: Context,
    pub(crate) entries: Entries,
    pub(crate) words: Words,
    pub(crate) map: WorldMap,
    pub(crate) settings: Settings,
    /// Statements by id.
    pub(crate) statements: HashMap<&'static str, u32>,
}

/// An answer, before anything of HTTP.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reply {
    /// The status of HTTP.
    pub status: u16,
    /// The type of the content.
    pub content_type: &'static str,
    /// The content.
    pub body: Vec<u8>,
    /// Names this content: the same checkpoint, date and query give the same tag.
    pub etag: String,
    /// For how many seconds it holds without asking again.
    pub fresh_s: u32,
    /// Of what stands elsewhere, where.
    pub location: Option<String>,
}

impl Reply {
    /// That an address has another form, for good.
    fn elsewhere(address: &Address, query: &str) -> Self {
        let query = if query.is_empty() { String::new() } else { format!("?{query}") };
        let location = Some(format!("/{}{query}", address.path()));
        Self {
            status: 308,
            content_type: HTML,
            body: Vec::new(),
            etag: String::new(),
            fresh_s: 3_600,
            location,
        }
    }
}

pub(crate) const HTML: &str = "text/html; charset=utf-8";
pub(crate) const SVG: &str = "image/svg+xml";
pub(crate) const JSON: &str = "application/json";
pub(crate) const CSV: &str = "text/csv; charset=utf-8";

impl Site {
    /// Of what a context folds, with the entries that its statements stand in. The date of the pages is asked each time.
    ///
    /// # Errors
    /// When the entries are not those that the context was folded from.
    pub fn new(context: &Context, entries: Entries, settings: Settings) -> anyhow::Result<Self> {
        let checkpoint = context.checkpoint()?;
        if checkpoint.root != entries.root() {
            bail!("the entries form another tree than {checkpoint}: read the log again");
        }
        let dataset = context.dataset;
        let statements =
            (0u32..).zip(&dataset.statements).map(|(index, one)| (one.id.as_str(), index)).collect();
        // The root of what is built in is worked out once.
        let context = Context::of_log(dataset, checkpoint, context.as_of);
        let words = Words::new("en", ENGLISH)?;
        Ok(Self { context, entries, words, map: WorldMap::new()?, settings, statements })
    }

    /// What is at a path, without its first slash, with a query, without its question mark. `today` is the date where
    /// the query gives none.
    pub fn answer(&self, path: &str, query: &str, today: Date) -> Reply {
        self.linked(path, query, today, Links::Served)
    }

    pub(crate) fn linked(&self, path: &str, query: &str, today: Date, links: Links) -> Reply {
        if let Some(name) = assets::name_of(path) {
            return assets::get(name)
                .unwrap_or_else(|| self.refused(&Problem::not_found(path), path, today, links));
        }
        if let Some(address) = self.canonical(path) {
            return Reply::elsewhere(&address, query);
        }
        let answer = Query::parse(query).map_err(Problem::from).and_then(|query| {
            let as_of = query.as_of()?;
            let date = as_of.unwrap_or(today);
            let cx = Cx { asked: as_of, ..Cx::new(self, date, &query, links, path) };
            let (content_type, body) = self.content(&cx, path)?;
            // A page of a date that was not named is another one tomorrow.
            let fresh_s = if as_of.is_some() { 86_400 } else { 300 };
            let etag = self.etag(path, &query, date);
            Ok(Reply { status: 200, content_type, body, etag, fresh_s, location: None })
        });
        answer.unwrap_or_else(|problem| self.refused(&problem, path, today, links))
    }

    /// What is at a path: its type and its bytes.
    fn content(&self, cx: &Cx<'_>, path: &str) -> Result<(&'static str, Vec<u8>), Problem> {
        if ["api", "api/", "api/v1", "api/v1/"].contains(&path) {
            return Ok((JSON, api::overview(cx)));
        }
        if let Some(rest) = path.strip_prefix("api/v1/") {
            return api::answer(cx, rest);
        }
        if let Some(rest) = path.strip_prefix("figure/") {
            cx.query.allows(if rest == "map/index.svg" { &["weights", "w-", "peers"] } else { &[] })?;
            return Ok((SVG, figure::answer(cx, rest)?.into_bytes()));
        }
        if let Some(rest) = path.strip_prefix("entry/") {
            return proof::answer(cx, rest);
        }
        let address = Address::parse(path).ok_or_else(|| self.no_address(path))?;
        cx.query.allows(address.parameters())?;
        Ok((HTML, page::render(cx, &address)?.into_string().into_bytes()))
    }

    /// The address of what is asked with a slash too many, or of a State by its name.
    fn canonical(&self, path: &str) -> Option<Address> {
        if let Some(short) = path.strip_suffix('/') {
            return Address::parse(short).filter(|_| !short.is_empty());
        }
        let states = &self.context.dataset.states;
        match Address::parse(path) {
            None => Some(Address::State(states.find(&decoded(path.strip_prefix("state/")?)?).ok()?.code)),
            Some(_) => None,
        }
    }

    /// Why a path is none: of a State that is not known, who is spelled like it.
    fn no_address(&self, path: &str) -> Problem {
        let name = path.strip_prefix("state/").filter(|name| !name.contains('/')).and_then(decoded);
        match name
            .filter(|name| !name.is_empty())
            .map(|name| self.context.dataset.states.find(&name).map(|_| ()))
        {
            Some(Err(unknown)) => unknown.into(),
            _ => Problem::not_found(path),
        }
    }

    /// The tag of an address on a date.
    fn etag(&self, path: &str, query: &Query, date: Date) -> String {
        let mut hash = Sha256::new();
        for part in [
            self.entries.root().0.as_slice(),
            date.to_string().as_bytes(),
            env!("CARGO_PKG_VERSION").as_bytes(),
        ] {
            hash.update(part);
        }
        hash.update([assets::digest().as_slice(), path.as_bytes(), query.written().as_bytes()].join(&b'\n'));
        format!("\"{}\"", &hex(&hash.finalize())[..32])
    }

    fn refused(&self, problem: &Problem, path: &str, today: Date, links: Links) -> Reply {
        let (content_type, body) = if path.starts_with("api/") {
            ("application/problem+json", problem.json().into_bytes())
        } else {
            let query = Query::default();
            let cx = Cx::new(self, today, &query, links, path);
            (HTML, page::refused(&cx, problem).into_string().into_bytes())
        };
        Reply { status: problem.status, content_type, body, etag: String::new(), fresh_s: 0, location: None }
    }
}

/// What one answer is made from.
pub(crate) struct Cx<'s> {
    pub(crate) site: &'s Site,
    pub(crate) context: Context,
    /// The date that the address names.
    pub(crate) asked: Option<Date>,
    pub(crate) query: &'s Query,
    pub(crate) links: Links,
    depth: usize,
}

impl<'s> Cx<'s> {
    /// For an answer at a path, on a date that no address names.
    pub(crate) fn new(site: &'s Site, date: Date, query: &'s Query, links: Links, path: &str) -> Self {
        let depth = path.matches('/').count();
        Self { site, context: site.context.on(date), asked: None, query, links, depth }
    }

    pub(crate) fn t(&self, key: &str) -> String {
        self.site.words.get(key)
    }

    #[expect(clippy::needless_pass_by_value, reason = "an array that is written where it is used")]
    pub(crate) fn tf<const N: usize>(&self, key: &str, values: [(&'static str, Cow<'_, str>); N]) -> String {
        self.site.words.fill(key, &values)
    }

    pub(crate) fn as_of(&self) -> Date {
        self.context.as_of
    }

    /// When a fact happened, in words; the day of compilation is no date of its own.
    pub(crate) fn when(&self, date: surety_core::FactDate) -> String {
        self.context.when(date)
    }

    pub(crate) fn name(&self, code: StateCode) -> String {
        self.context.name(code)
    }

    /// What is told of States, in order of their names: as people look them up.
    pub(crate) fn by_name<T>(&self, mut all: Vec<T>, state: impl Fn(&T) -> StateCode) -> Vec<T> {
        all.sort_by_cached_key(|one| plain(&self.name(state(one))));
        all
    }

    pub(crate) fn is_served(&self) -> bool {
        self.links == Links::Served
    }

    /// The way from this page to a file of the site.
    pub(crate) fn file(&self, path: &str) -> String {
        if self.is_served() { format!("/{path}") } else { format!("{}{path}", "../".repeat(self.depth)) }
    }

    /// A link to a page, on the date of this one.
    pub(crate) fn to(&self, address: &Address) -> String {
        self.to_with(address, [])
    }

    /// A link to a page with more of a query.
    pub(crate) fn to_with<const N: usize>(&self, address: &Address, values: [(&str, &str); N]) -> String {
        let path = address.path();
        if self.is_served() {
            return format!("/{path}{}", self.query_with(values));
        }
        let path = if path.is_empty() { "index".to_owned() } else { path };
        // What is escaped in an address is part of the name of a file.
        self.file(&format!("{}.html", path.replace('%', "%25")))
    }

    /// A link to what the API or a figure gives: `path` has its extension.
    pub(crate) fn to_file<const N: usize>(&self, path: &str, values: [(&str, &str); N]) -> String {
        if self.is_served() {
            format!("/{path}{}", self.query_with(values))
        } else {
            self.file(&path.replace('%', "%25"))
        }
    }

    fn query_with<const N: usize>(&self, values: [(&str, &str); N]) -> String {
        let date = self.asked.map(|day| day.to_string());
        let mut text = date.map_or_else(String::new, |day| format!("?as_of={day}"));
        text.push_str(&Query::from(values).written().replacen(
            '?',
            if text.is_empty() { "?" } else { "&" },
            1,
        ));
        text
    }
}

impl From<QueryError> for Problem {
    fn from(error: QueryError) -> Self {
        Self::bad_request(error.to_string())
    }
}
