//! What the commands on statements print.

use serde::Serialize;
use serde_json::{Value, json};
use surety_statement::{Exhibit, Kind, Payload, Reference, SignedStatement};

use crate::output::{Page, Sheet, Table, View};

/// A signed statement, or a draft.
pub(crate) struct Shown {
    pub(crate) payload: Payload,
    pub(crate) signed: Option<SignedStatement>,
}

impl Shown {
    /// Everything that stands under `says`, a line for each name: whoever signs or endorses it must have seen it.
    fn says(&self) -> Vec<String> {
        let payload = self.payload.to_bytes().ok();
        let payload = payload.and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        let said = payload.as_ref().and_then(|payload| payload["says"].as_object());
        let line = |(name, value): (&String, &Value)| match value {
            Value::String(text) => format!("{name}: {text}"),
            other => format!("{name}: {other}"),
        };
        said.into_iter().flatten().map(line).collect()
    }

    fn lines(&self) -> Vec<(&'static str, String)> {
        let Payload { id, subject, date, corrects, refers_to, note, .. } = &self.payload;
        let mut lines = Vec::new();
        if let Some(signed) = &self.signed {
            lines.push(("Issuer", signed.issuer().to_string()));
        }
        lines.push(("About", subject.to_string()));
        lines.push(("Kind", self.payload.kind().title()));
        lines.push(("Date of fact", date.to_string()));
        if self.signed.is_some() {
            lines.push(("Number", self.payload.number.to_string()));
        }
        lines.extend(id.iter().map(|id| ("Label", id.clone())));
        lines.extend(self.says().into_iter().map(|said| ("Says", said)));
        lines.extend(corrects.iter().map(|other| ("Corrects", named(other))));
        lines.extend(refers_to.iter().map(|other| ("Refers to", named(other))));
        lines.extend(self.payload.evidence.iter().map(|exhibit| ("Evidence", evidence(exhibit))));
        if !note.is_empty() {
            lines.push(("Note", note.clone()));
        }
        match &self.signed {
            Some(signed) => {
                let key = format!("{} {}", signed.algorithm(), signed.key());
                lines.push(("Signed with", key));
                lines.push(("Payload", signed.payload_digest().to_string()));
            }
            None => lines.push(("Signed", "no: this is a draft".to_owned())),
        }
        lines
    }
}

fn named(other: &Reference) -> String {
    format!("statement {} of {} ({})", other.number, other.issuer, other.sha256.short())
}

fn evidence(exhibit: &Exhibit) -> String {
    let Exhibit { title, address, sha256, read, kind, trust, .. } = exhibit;
    let mut text = format!("{title} ({kind}; {trust})");
    if !address.is_empty() {
        text = format!("{text}, {address}");
    }
    if let Some(read) = read {
        text = format!("{text}, read {read}");
    }
    if let Some(digest) = sha256 {
        text = format!("{text}, SHA-256 {}", digest.short());
    }
    text
}

impl View for Shown {
    fn page(&self) -> Page {
        let mut page = Page::new(&self.payload.content.summary());
        for (name, text) in self.lines() {
            page.indented(&format!("{name:12}  "), &text);
        }
        if self.signed.is_some() {
            page.remark("Not verified: this shows what it says, not that it is good.");
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let payload =
            self.payload.to_bytes().ok().and_then(|bytes| serde_json::from_slice::<Value>(&bytes).ok());
        match &self.signed {
            None => json!({ "signed": false, "payload": payload }),
            Some(signed) => json!({
                "signed": true,
                "issuer": signed.issuer(),
                "subject": signed.subject().to_string(),
                "algorithm": signed.algorithm(),
                "key": signed.key(),
                "payload_sha256": signed.payload_digest(),
                "payload": payload,
            }),
        }
    }

    fn sheet(&self) -> Sheet {
        let rows = self.lines().into_iter().map(|(name, text)| vec![name.to_owned(), text]);
        Sheet::new(["name", "value"], rows)
    }
}

/// A draft as it is written.
pub(super) struct Draft(pub(super) Value);

impl View for Draft {
    fn page(&self) -> Page {
        pretty(&self.0)
    }

    fn json(&self) -> impl Serialize {
        &self.0
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(["draft"], [vec![self.0.to_string()]])
    }
}

/// A JSON Schema as it is.
pub(super) struct SchemaView(pub(super) &'static str);

impl View for SchemaView {
    fn page(&self) -> Page {
        let mut page = Page::default();
        self.0.lines().for_each(|line| page.raw(line));
        page
    }

    fn json(&self) -> impl Serialize {
        serde_json::from_str::<Value>(self.0).unwrap_or_default()
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(["schema"], [vec![self.0.to_owned()]])
    }
}

fn pretty(value: &Value) -> Page {
    let mut page = Page::default();
    for line in serde_json::to_string_pretty(value).unwrap_or_default().lines() {
        page.raw(line);
    }
    page
}

/// The kinds of statement.
pub(super) struct Kinds;

impl Kinds {
    /// What a statement of this kind says, from its schema.
    fn about(kind: Kind) -> String {
        let schema: Value = serde_json::from_str(surety_statement::schema(kind)).unwrap_or_default();
        let says = &schema["properties"]["says"];
        let of = says["$ref"].as_str().and_then(|of| of.strip_prefix('#')).and_then(|of| schema.pointer(of));
        let text = says["description"].as_str().or_else(|| of?["description"].as_str()).unwrap_or_default();
        text.split("\n\n").next().unwrap_or_default().replace('\n', " ")
    }
}

impl View for Kinds {
    fn page(&self) -> Page {
        let mut page = Page::new("Kinds of statement");
        let mut table = Table::new(&["Kind", "What it says"]);
        for kind in Kind::ALL.iter().copied() {
            table.row([kind.as_str().to_owned(), Self::about(kind)]);
        }
        page.table(&table);
        page
    }

    fn json(&self) -> impl Serialize {
        let all = Kind::ALL.iter().copied();
        all.map(|kind| json!({ "kind": kind, "says": Self::about(kind) })).collect::<Vec<_>>()
    }

    fn sheet(&self) -> Sheet {
        let all = Kind::ALL.iter().copied();
        Sheet::new(["kind", "says"], all.map(|kind| vec![kind.as_str().to_owned(), Self::about(kind)]))
    }
}
