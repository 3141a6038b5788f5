//! The issuers of a trust file.

use serde::Serialize;
use serde_json::json;
use surety_statement::{Trust, TrustedIssuer, TrustedKey};

use crate::output::{Page, Sheet, Table, View};

pub(super) struct Issuers(pub(super) Trust);

/// In which entries a key counts.
fn entries(key: &TrustedKey) -> String {
    match key.until {
        Some(until) => format!("{} to {until}", key.from),
        None => format!("from {} on", key.from),
    }
}

fn row(issuer: &TrustedIssuer, key: &TrustedKey) -> Vec<String> {
    let not_after = key.not_after.map(|day| format!("; until {day}")).unwrap_or_default();
    let why = key.ended.as_ref().map(|why| format!("; {why}")).unwrap_or_default();
    vec![
        issuer.id.to_string(),
        issuer.kind.to_string(),
        issuer.state.map(|state| state.to_string()).unwrap_or_default(),
        issuer.name.clone(),
        format!("{} {}", key.key.algorithm(), key.key.thumbprint().short()),
        format!("{}{not_after}{why}", entries(key)),
    ]
}

impl Issuers {
    fn rows(&self) -> Vec<Vec<String>> {
        self.0
            .issuers()
            .iter()
            .flat_map(|issuer| issuer.keys.iter().map(move |key| row(issuer, key)))
            .collect()
    }
}

impl View for Issuers {
    fn page(&self) -> Page {
        let mut page = Page::new(&format!("Issuers as of entry {}", self.0.size()));
        let mut table = Table::new(&["Issuer", "Kind", "State", "Name", "Key", "Counts in entries"]);
        for row in self.rows() {
            table.row(row);
        }
        if table.is_empty() {
            page.line("None is admitted.");
        } else {
            page.table(&table);
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
        json!({ "size": self.0.size(), "issuers": all.collect::<Vec<_>>() })
    }

    fn sheet(&self) -> Sheet {
        Sheet::new(["issuer", "kind", "state", "name", "key", "entries"], self.rows())
    }
}
