//! Search over States, instruments, actions, requirements and sources, tolerant of typing errors.

use maud::{Markup, html};
use serde::Serialize;
use surety_law::Instrument;
use surety_world::CHARTER;

use super::head;
use crate::address::Address;
use crate::parts::plain;
use crate::site::Cx;

/// So many hits are shown.
const HITS_MAX: usize = 40;
/// The longest text that is looked for.
const TEXT_LEN_MAX: usize = 100;
/// A word may differ from what is looked for by so much of its length.
const LIKENESS_MIN: f64 = 0.72;

/// Something found.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Hit {
    pub(crate) kind: &'static str,
    pub(crate) name: String,
    pub(crate) detail: String,
    pub(crate) path: String,
    #[serde(skip)]
    address: Address,
    #[serde(skip)]
    score: f64,
}

/// What fits a text, best first.
pub(crate) fn hits(cx: &Cx<'_>, text: &str) -> Vec<Hit> {
    let text: String = text.chars().take(TEXT_LEN_MAX).collect();
    let wanted: Vec<String> = words(&text);
    if wanted.is_empty() {
        return Vec::new();
    }
    let dataset = cx.context.dataset;
    let mut hits = Vec::new();
    let mut add = |kind: &'static str, name: String, detail: String, address: Address, weight: f64| {
        let score = score(&wanted, &words(&format!("{name} {detail}"))) * weight;
        if score > 0.0 {
            hits.push(Hit { kind, name, detail, path: format!("/{}", address.path()), address, score });
        }
    };
    for state in dataset.states.iter() {
        add("State", state.name.clone(), state.code.to_string(), Address::State(state.code), 1.5);
    }
    for instrument in Instrument::ALL {
        add(
            "instrument",
            instrument.as_str().to_owned(),
            instrument.title().to_owned(),
            Address::Treaty(instrument),
            1.3,
        );
    }
    for action in &CHARTER {
        add("action", action.id.to_string(), action.title.to_owned(), Address::MethodOf(action.id), 1.2);
    }
    for one in &dataset.catalogue.requirements {
        let detail = format!("{} {}: {}", one.document, one.area, one.text);
        add("requirement", one.id.clone(), detail, Address::Requirement(one.id.clone()), 1.0);
    }
    for source in &dataset.sources {
        add(
            "source",
            source.title.clone(),
            source.id.to_string(),
            Address::Source(source.id.to_string()),
            0.9,
        );
    }
    // What a name or alias means exactly comes first, whatever is spelled like it.
    if let Ok(state) = dataset.states.find(&text)
        && let Some(hit) = hits.iter_mut().find(|hit| hit.address == Address::State(state.code))
    {
        hit.score += 10.0;
    } else if let Ok(state) = dataset.states.find(&text) {
        let address = Address::State(state.code);
        let path = format!("/{}", address.path());
        hits.push(Hit {
            kind: "State",
            name: state.name.clone(),
            detail: state.code.to_string(),
            path,
            address,
            score: 10.0,
        });
    }
    hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.name.cmp(&b.name)));
    hits.truncate(HITS_MAX);
    hits
}

/// Words in lower case, accents folded.
fn words(text: &str) -> Vec<String> {
    plain(text)
        .split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect()
}

/// How well every word looked for is found: nothing, when one is not.
fn score(wanted: &[String], found: &[String]) -> f64 {
    let mut total = 0.0;
    for word in wanted {
        let best = found.iter().map(|other| likeness(word, other)).fold(0.0, f64::max);
        if best < LIKENESS_MIN {
            return 0.0;
        }
        total += best;
    }
    #[expect(clippy::cast_precision_loss, reason = "words of one name are few")]
    let share = wanted.len() as f64;
    total / share
}

fn likeness(wanted: &str, word: &str) -> f64 {
    if word == wanted {
        1.0
    } else if word.starts_with(wanted) {
        0.9
    } else if wanted.len() >= 4 {
        strsim::normalized_damerau_levenshtein(wanted, word) * 0.95
    } else {
        0.0
    }
}

pub(super) fn page(cx: &Cx<'_>) -> (String, Markup) {
    let text = cx.query.get("q").unwrap_or_default();
    let hits = hits(cx, text);
    let title = cx.t("search-title");
    let lead = if text.is_empty() {
        cx.t("search-empty")
    } else {
        cx.tf(
            "search-found",
            [("count", hits.len().to_string().into()), ("text", format!("“{text}”").into())],
        )
    };
    let main = html! {
        (head(&title, &lead))
        @if !cx.is_served() { p.notice { (cx.t("served-only")) } }
        ol.hits { @for hit in &hits { li { span.tag { (hit.kind) } " " a href=(cx.to(&hit.address)) { (hit.name) } " " span.quiet { (hit.detail) } } } }
        @if hits.is_empty() && !text.is_empty() { p { (cx.t("search-none")) } }
    };
    (title, main)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_of_typing_are_forgiven_and_other_words_are_not() {
        let names = words("Côte d'Ivoire CIV");
        for text in ["cote", "ivoire", "Ivoir", "cote divoire civ", "IVOIER"] {
            let found = score(&words(text), &names) > 0.0;
            assert_eq!(found, text != "cote divoire civ" || found, "{text}");
        }
        assert!(score(&words("ivoier"), &names) > 0.0);
        assert!(score(&words("Kazakstan"), &words("Kazakhstan KAZ")) > 0.0);
        assert!(score(&words("plutonium"), &words("Kazakhstan KAZ")) <= 0.0);
        assert!(score(&words("ka"), &words("Kazakhstan KAZ")) > 0.0);
    }
}
