//! Ids that are unique, and links that lead somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde_json::Value;

use crate::oscal::Document;

/// An id that stands twice, or a link that leads nowhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Broken {
    /// The file.
    pub file: String,
    /// The place in it, as a JSON pointer (RFC 6901).
    pub pointer: String,
    /// What is wrong.
    pub what: String,
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}: {}", self.file, self.pointer, self.what)
    }
}

/// Every broken id and link of a set.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Links(pub Vec<Broken>);

/// What a set defines.
#[derive(Default)]
struct Defined {
    files: BTreeSet<String>,
    /// Ids of the whole set, with the kind of list that they stand in.
    uuids: BTreeMap<String, String>,
    /// Controls and parts of the catalogues, by id; true for a control.
    names: BTreeMap<String, bool>,
    /// Resources, file by file.
    resources: BTreeSet<(String, String)>,
}

/// Checks that every id of a set of documents is there once, and that every link leads to something in the set, or is an
/// address on the web.
pub fn check_links(documents: &[Document]) -> Result<(), Links> {
    let mut defined = Defined::default();
    let mut broken = Vec::new();
    for document in documents {
        if !defined.files.insert(document.file.clone()) {
            broken.push(Broken {
                file: document.file.clone(),
                pointer: String::new(),
                what: "the file stands twice".to_owned(),
            });
        }
        walk(document, &document.json, "", "", &mut |place| define(&mut defined, place, &mut broken));
    }
    for document in documents {
        walk(document, &document.json, "", "", &mut |place| {
            if let Some(what) = dangling(&defined, place) {
                broken.push(place.broken(what));
            }
        });
    }
    if broken.is_empty() { Ok(()) } else { Err(Links(broken)) }
}

/// One member of an object, or one text of a list under that key.
struct Place<'a> {
    file: &'a str,
    pointer: &'a str,
    /// The key of the list or object that holds the object.
    within: &'a str,
    key: &'a str,
    text: &'a str,
}

impl Place<'_> {
    fn broken(&self, what: String) -> Broken {
        Broken { file: self.file.to_owned(), pointer: self.pointer.to_owned(), what }
    }
}

/// Visits every text in a document. `within` is the key under which the object that holds it stands.
fn walk(document: &Document, value: &Value, pointer: &str, within: &str, visit: &mut impl FnMut(&Place<'_>)) {
    match value {
        Value::Object(members) => {
            for (key, member) in members {
                let pointer = format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"));
                let texts: Vec<&str> = match member {
                    Value::String(text) => vec![text],
                    Value::Array(items) => items.iter().filter_map(Value::as_str).collect(),
                    _ => Vec::new(),
                };
                for text in texts {
                    visit(&Place { file: &document.file, pointer: &pointer, within, key, text });
                }
                walk(document, member, &pointer, key, visit);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(document, item, &format!("{pointer}/{at}"), within, visit);
            }
        }
        _ => {}
    }
}

fn define(defined: &mut Defined, place: &Place<'_>, broken: &mut Vec<Broken>) {
    let text = place.text.to_owned();
    let twice = match (place.key, place.within) {
        ("uuid", within) => {
            if within == "resources" {
                defined.resources.insert((place.file.to_owned(), text.clone()));
            }
            // A party is the same in every document that names it.
            defined
                .uuids
                .insert(text, within.to_owned())
                .is_some_and(|before| within != "parties" || before != within)
        }
        ("id", "controls" | "parts" | "groups") => {
            defined.names.insert(text, place.within == "controls").is_some()
        }
        _ => false,
    };
    if twice {
        broken.push(place.broken(format!("the id `{}` stands twice", place.text)));
    }
}

/// What is wrong with a link; none when it leads somewhere, or is no link.
fn dangling(defined: &Defined, place: &Place<'_>) -> Option<String> {
    let text = place.text;
    let uuid = |within: &str| defined.uuids.get(text).is_some_and(|found| found == within);
    let there = match place.key {
        "observation-uuid" => uuid("observations"),
        "actor-uuid" | "party-uuids" => uuid("parties"),
        "finding-uuid" => uuid("findings"),
        "risk-uuid" => uuid("risks"),
        "control-id" | "id-ref" | "with-ids" => defined.names.get(text) == Some(&true),
        "target-id" => defined.names.contains_key(text),
        "href" => leads_somewhere(defined, place.file, text),
        _ => true,
    };
    (!there).then(|| format!("`{text}` leads nowhere"))
}

fn leads_somewhere(defined: &Defined, file: &str, href: &str) -> bool {
    match href.split_once('#') {
        Some(("", id)) => defined.resources.contains(&(file.to_owned(), id.to_owned())),
        Some((other, name)) if defined.files.contains(other) => defined.names.contains_key(name),
        Some((address, _)) => address.starts_with("https://"),
        None => defined.files.contains(href) || href.starts_with("https://"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn set(json: Value) -> Vec<Document> {
        let catalog =
            json!({ "catalog": { "uuid": "c", "controls": [{ "id": "A", "parts": [{ "id": "A_smt" }] }] } });
        vec![
            Document { file: "catalog.json".to_owned(), json: catalog },
            Document { file: "other.json".to_owned(), json },
        ]
    }

    #[test]
    fn every_link_must_lead_somewhere() {
        for (json, expected) in [
            (json!({ "links": [{ "href": "catalog.json#A" }, { "href": "https://example.org/#x" }] }), None),
            (
                json!({ "links": [{ "href": "catalog.json#B" }] }),
                Some("other.json/links/0/href: `catalog.json#B` leads nowhere"),
            ),
            (json!({ "import": { "href": "katalog.json" } }), Some("`katalog.json` leads nowhere")),
            (json!({ "href": "#r", "back-matter": { "resources": [{ "uuid": "r" }] } }), None),
            (json!({ "href": "#r" }), Some("`#r` leads nowhere")),
            (json!({ "target-id": "A_smt", "with-ids": ["A"], "id-ref": "A" }), None),
            (json!({ "target-id": "B_smt" }), Some("`B_smt` leads nowhere")),
            (json!({ "with-ids": ["A", "A_smt"] }), Some("`A_smt` leads nowhere")),
            (json!({ "observation-uuid": "c" }), Some("`c` leads nowhere")),
            (json!({ "observation-uuid": "o", "observations": [{ "uuid": "o" }] }), None),
            (json!({ "x": [{ "uuid": "u" }, { "uuid": "u" }] }), Some("the id `u` stands twice")),
        ] {
            let found = check_links(&set(json.clone())).map_err(|links| links.to_string());
            match expected {
                None => assert_eq!(found, Ok(()), "{json}"),
                Some(expected) => assert!(found.unwrap_err().contains(expected), "{json}"),
            }
        }
    }
}
