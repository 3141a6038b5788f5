//! The officers and issuers of a trust file.

use serde::Serialize;
use serde_json::json;
use surety_statement::{IssuerKey, Trust, TrustedIssuer, TrustedKey, TrustedOfficer};

use crate::output::{Page, Sheet, Table, View};

pub(super) struct Issuers(pub(super) Trust);

/// In which entries a key counts.
fn entries(from: u64, until: Option<u64>) -> String {
    match until {
        Some(until) => format!("{from} to {until}"),
        None => format!("from {from} on"),
    }
}

fn short(key: &IssuerKey) -> String {
    format!("{} {}", key.algorithm(), key.thumbprint().short())
}

fn officer_row(officer: &TrustedOfficer) -> Vec<String> {
    let together = match officer.threshold {
        1 => "decides alone".to_owned(),
        threshold => format!("{threshold} decide together"),
    };
    vec![
        officer.id.to_string(),
        "officer of the root".to_owned(),
        String::new(),
        together,
        short(&officer.key),
        entries(officer.from, officer.until),
    ]
}

fn row(issuer: &TrustedIssuer, key: &TrustedKey) -> Vec<String> {
    let not_after = key.not_after.map(|day| format!("; until {day}")).unwrap_or_default();
    let why = key.ended.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
    vec![
        issuer.id.to_string(),
        issuer.kind.to_string(),
        issuer.state.map(|state| state.to_string()).unwrap_or_default(),
        issuer.name.clone(),
        short(&key.key),
        format!("{}{not_after}{why}", entries(key.from, key.until)),
    ]
}

impl Issuers {
    fn rows(&self) -> Vec<Vec<String>> {
        let issuers = self.0.issuers().iter();
        let issuers = issuers.flat_map(|issuer| issuer.keys.iter().map(move |key| row(issuer, key)));
        self.0.officers().iter().map(officer_row).chain(issuers).collect()
    }
}

impl View for Issuers {
    fn page(&self) -> Page {
        let mut page = Page::new(&format!("Issuers as of entry {}", self.0.size()));
        let mut table = Table::new(&["Issuer", "Kind", "State", "Name", "Key", "Counts in entries"]);
        for row in self.rows() {
            table.row(row);
        }
        page.table(&table);
        if self.0.issuers().is_empty() {
            page.line("No issuer is admitted.");
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let key = |key: &TrustedKey| {
            json!({
                "key": key.key,
                "thumbprint": key.key.thumbprint(),
                "from": key.from,
                "until": key.until,
                "ended": key.ended,
                "not_after": key.not_after.map(|day| day.to_string()),
            })
        };
        let all = self.0.issuers().iter().map(|issuer| {
            json!({
                "issuer": issuer.id,
                "kind": issuer.kind,
                "name": issuer.name,
                "state": issuer.state,
                "may_say": issuer.may_say,
                "keys": issuer.keys.iter().map(key).collect::<Vec<_>>(),
            })
        });
        let officers = self.0.officers().iter().map(|officer| {
            json!({
                "officer": officer.id,
                "key": officer.key,
                "thumbprint": officer.key.thumbprint(),
                "from": officer.from,
                "until": officer.until,
                "threshold": officer.threshold,
            })
        });
        json!({
            "size": self.0.size(),
            "officers": officers.collect::<Vec<_>>(),
            "issuers": all.collect::<Vec<_>>(),
        })
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(["issuer", "kind", "state", "name", "key", "entries"], self.rows())
    }
}
