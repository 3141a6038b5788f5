//! Drafts: payloads in JSON, without the place in the issuer's sequence that they get when they are signed.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde_json::{Map, Value, json};
use surety_statement::{Kind, Payload, Place, STATEMENT_LEN_MAX, schema};

use super::ask::{Asker, is_required};
use super::subject_of;
use crate::files;

/// What a person is asked for, besides what the kind says, in this order.
const ASKED: [&str; 7] = ["about", "date", "id", "refers_to", "corrects", "evidence", "note"];

/// Reads `name=value`.
pub(super) fn answer(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("write NAME=VALUE, such as about=XAA")?;
    Ok((name.to_owned(), value.to_owned()))
}

/// Asks for what a draft of this kind needs.
pub(super) fn new(kind: Kind, answers: &[(String, String)]) -> anyhow::Result<Value> {
    let schema: Value = serde_json::from_str(schema(kind)).context("the schema of this kind is damaged")?;
    let mut asker = Asker::new(&schema, answers);
    let mut draft = Map::new();
    draft.insert("kind".to_owned(), json!(kind.as_str()));
    for name in ASKED.into_iter().chain(["says"]) {
        let field = &schema["properties"][name];
        if let Some(value) = asker.ask(name, field, is_required(&schema, name))? {
            draft.insert(name.to_owned(), value);
        }
    }
    asker.finish()?;
    Ok(Value::Object(draft))
}

/// Checks a draft as a payload of its own.
pub(super) fn check(draft: &Value) -> anyhow::Result<Payload> {
    read_bytes(draft.to_string().as_bytes(), None)
}

/// Reads a draft, and puts it in its place.
pub(super) fn read(path: &Path, place: Option<Place>) -> anyhow::Result<Payload> {
    let bytes = files::read(path, STATEMENT_LEN_MAX)?;
    read_bytes(&bytes, place).with_context(|| path.display().to_string())
}

/// Without a place, it is read as if it were the first of its issuer.
pub(super) fn read_bytes(bytes: &[u8], place: Option<Place>) -> anyhow::Result<Payload> {
    let mut draft: Map<String, Value> =
        serde_json::from_slice(bytes).context("it is neither a signed statement nor a draft in JSON")?;
    if place.is_some()
        && draft.get("number") == Some(&json!(1))
        && draft.get("previous") == Some(&Value::Null)
    {
        // A whole payload of a first statement, such as a register drafts: its place is given anew.
        draft.remove("number");
        draft.remove("previous");
    }
    if place.is_some() && (draft.contains_key("number") || draft.contains_key("previous")) {
        bail!(
            "it has a number or a previous statement already: take both out, they are given when it is signed"
        );
    }
    let kind: Kind = draft.get("kind").and_then(Value::as_str).context("it has no kind")?.parse()?;
    let subject = subject_of(kind, draft.get("about").unwrap_or(&Value::Null))?;
    let Place { number, previous } = place.unwrap_or(Place::FIRST);
    draft.entry("number").or_insert(json!(number));
    draft.entry("previous").or_insert(json!(previous));
    Ok(Payload::parse(&serde_json::to_vec(&draft)?, subject)?)
}

/// A payload as a draft.
pub(super) fn of(payload: &Payload) -> anyhow::Result<Value> {
    let mut draft: Map<String, Value> = serde_json::from_slice(&payload.to_bytes()?)?;
    for name in ["number", "previous"] {
        draft.remove(name);
    }
    Ok(Value::Object(draft))
}
