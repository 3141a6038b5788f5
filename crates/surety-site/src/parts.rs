//! What pages are put together from: badges, sources, tables, downloads.

use std::fmt::Display;

use maud::{Markup, PreEscaped, html};
use surety_core::{Level, MassRange, StateCode, Verdict};
use surety_statement::Statement;
use surety_view::Sheet;
use surety_world::{ActionId, Finding, Tally};

use crate::address::Address;
use crate::site::Cx;

/// The class of a verdict: colours, signs and patterns hang on it.
pub(crate) fn class(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "met",
        Verdict::PartlyMet => "partly",
        Verdict::NotMet => "not",
        Verdict::NoPublicEvidence => "silent",
        Verdict::NotApplicable => "na",
    }
}

/// A sign for a verdict, so that no one needs its colour.
pub(crate) fn sign(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Met => "●",
        Verdict::PartlyMet => "◐",
        Verdict::NotMet => "✕",
        Verdict::NoPublicEvidence => "○",
        Verdict::NotApplicable => "–",
    }
}

/// A verdict with its sign and its words.
pub(crate) fn verdict(cx: &Cx<'_>, verdict: Verdict) -> Markup {
    html! { span class={"v v-" (class(verdict))} { span aria-hidden="true" { (sign(verdict)) } " " (verdict_words(cx, verdict)) } }
}

pub(crate) fn verdict_words(cx: &Cx<'_>, verdict: Verdict) -> String {
    match verdict {
        Verdict::Met => cx.t("verdict-met"),
        Verdict::PartlyMet => cx.t("verdict-partly"),
        Verdict::NotMet => cx.t("verdict-not"),
        Verdict::NoPublicEvidence => cx.t("verdict-silent"),
        Verdict::NotApplicable => cx.t("verdict-na"),
    }
}

/// An assurance level: number and word.
pub(crate) fn level(cx: &Cx<'_>, level: Level) -> Markup {
    html! { span class={"lvl lvl-" (level.number())} title=(level_meaning(cx, level)) { (level.number()) " " (level) } }
}

/// What a level means.
pub(crate) fn level_meaning(cx: &Cx<'_>, level: Level) -> String {
    match level {
        Level::None => cx.t("level-0"),
        Level::Reported => cx.t("level-1"),
        Level::Declared => cx.t("level-2"),
        Level::Evidenced => cx.t("level-3"),
        Level::Reviewed => cx.t("level-4"),
        Level::Proven => cx.t("level-5"),
    }
}

/// A State with its code, linked.
pub(crate) fn state(cx: &Cx<'_>, code: StateCode) -> Markup {
    html! { a href=(cx.to(&Address::State(code))) { (cx.name(code)) } }
}

/// A list of States in order of name, linked, separated by commas.
pub(crate) fn states(cx: &Cx<'_>, codes: &[StateCode]) -> Markup {
    html! {
        @for (number, code) in cx.by_name(codes.to_vec(), |code| *code).into_iter().enumerate() {
            @if number > 0 { ", " }
            (state(cx, code))
        }
        @if codes.is_empty() { (cx.t("none")) }
    }
}

/// The statement that a value rests on: its id, linked, with its source and level, and the way to correct it.
pub(crate) fn provenance(cx: &Cx<'_>, statement: &Statement) -> Markup {
    html! {
        span.prov {
            a.id href=(cx.to(&Address::Statement(statement.id.clone()))) title=(cx.t("statement-link")) { (statement.id) }
            " " (level(cx, statement.level))
            @for id in &statement.sources {
                " " a.src href=(cx.to(&Address::Source(id.to_string()))) { (cx.context.source_title(id)) }
            }
        }
    }
}

/// The way to say that a value is wrong.
pub(crate) fn report_error(cx: &Cx<'_>, about: &str) -> Markup {
    html! { a.err href=(cx.to(&Address::Correct(about.to_owned()))) { (cx.t("report-error")) } }
}

/// What a finding rests on, in short: its first statement and how many more.
pub(crate) fn support(cx: &Cx<'_>, code: StateCode, finding: &Finding) -> Markup {
    let first = finding.statements.first().map(|cited| cx.context.statement(cited.statement));
    html! {
        @if let Some(first) = first {
            (provenance(cx, first))
            @if finding.statements.len() > 1 {
                " " a href=(cx.to(&Address::Why(code, finding.action))) { (cx.tf("more-statements", [("count", (finding.statements.len() - 1).to_string().into())])) }
            }
        } @else {
            a href=(cx.to(&Address::Why(code, finding.action))) { (cx.t("why-link")) }
        }
    }
}

/// Findings as one bar: how many of each verdict. Its words say the same.
pub(crate) fn tally_bar(cx: &Cx<'_>, tally: Tally) -> Markup {
    let asked = tally.asked().max(1);
    let shown = [Verdict::Met, Verdict::PartlyMet, Verdict::NotMet, Verdict::NoPublicEvidence];
    let words: Vec<String> =
        shown.iter().map(|v| format!("{} {}", tally.count(*v), verdict_words(cx, *v))).collect();
    let mut x = 0.0;
    html! {
        svg.bar viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label=(words.join(", ")) {
            @for kind in shown {
                @let width = ratio(tally.count(kind), asked) * 100.0;
                @if width > 0.0 {
                    rect class={"f-" (class(kind))} x=(format!("{x:.2}")) y="0" width=(format!("{width:.2}")) height="8" {}
                }
                (PreEscaped({ x += width; "" }))
            }
        }
    }
}

/// Findings in words: how many of each verdict, silence among them.
pub(crate) fn tally_words(cx: &Cx<'_>, tally: Tally) -> String {
    let count = |verdict| tally.count(verdict).to_string().into();
    cx.tf(
        "tally-words",
        [
            ("met", count(Verdict::Met)),
            ("partly", count(Verdict::PartlyMet)),
            ("not", count(Verdict::NotMet)),
            ("silent", count(Verdict::NoPublicEvidence)),
        ],
    )
}

/// A share; counts of findings are small.
#[expect(clippy::cast_precision_loss, reason = "counts are small")]
pub(crate) fn ratio(part: usize, whole: usize) -> f64 {
    part as f64 / whole as f64
}

/// The verdicts and what they look like.
pub(crate) fn legend(cx: &Cx<'_>) -> Markup {
    html! {
        ul.legend aria-label=(cx.t("legend-label")) {
            @for kind in Verdict::ALL { li { (verdict(cx, kind)) } }
        }
    }
}

/// Where a table or figure can be had: as programs and spreadsheets read it.
pub(crate) fn downloads(cx: &Cx<'_>, api: &str, figure: Option<&str>) -> Markup {
    html! {
        p.downloads {
            span { (cx.t("download-label")) }
            a href=(cx.to_file(&format!("api/v1/{api}.csv"), [])) download { (cx.t("download-csv")) }
            a href=(cx.to_file(&format!("api/v1/{api}.json"), [])) download { (cx.t("download-json")) }
            @if let Some(figure) = figure { (figure_downloads(cx, figure)) }
        }
    }
}

/// The parts of a download line that stand for a figure.
pub(crate) fn figure_downloads(cx: &Cx<'_>, figure: &str) -> Markup {
    let address = cx.to_file(&format!("figure/{figure}.svg"), []);
    html! { a href=(address) download data-figure { (cx.t("download-svg")) } }
}

/// Code that shows a figure on another site, and leads from there to its page. Where the operator set no address, the
/// script puts the one of the browser before the paths.
pub(crate) fn embed(cx: &Cx<'_>, figure: &str, words: &str, page: &Address) -> Markup {
    let base = cx.site.settings.public_address.as_deref().unwrap_or_default();
    let date = cx.as_of();
    let code = html! { a href={(base) "/" (page.path()) "?as_of=" (date)} { img src={(base) "/figure/" (figure) ".svg?as_of=" (date)} alt=(words); } };
    html! {
        details.embed {
            summary { (cx.t("embed-title")) }
            pre tabindex="0" { code data-embed { (code.into_string()) } }
        }
    }
}

/// A table of words, as a spreadsheet has it.
pub(crate) fn sheet(caption: &str, sheet: &Sheet, headings: &[String]) -> Markup {
    html! {
        div.wide tabindex="0" role="group" aria-label=(caption) {
            table.data {
                caption { (caption) }
                thead { tr { @for heading in headings { th scope="col" { (heading) } } } }
                tbody { @for row in &sheet.rows { tr { @for cell in row { td { (cell) } } } } }
            }
        }
    }
}

/// Numbers, codes and dates, which read from left to right in every language.
pub(crate) fn ltr(text: impl Display) -> Markup {
    html! { bdi dir="ltr" { (text) } }
}

/// A mass in words, never without its range.
pub(crate) fn mass(mass: MassRange) -> String {
    mass.to_string()
}

/// A charter action: id and what a State that meets it does.
pub(crate) fn action(cx: &Cx<'_>, id: ActionId) -> Markup {
    html! { a.action href=(cx.to(&Address::MethodOf(id))) { (id) } " " (id.action().title) }
}

/// A text as it is looked up and sorted: in lower case, accents folded.
pub(crate) fn plain(text: &str) -> String {
    text.chars().map(fold).collect::<String>().to_lowercase()
}

/// The plain letter of the accented ones that names of States have.
fn fold(letter: char) -> char {
    match letter {
        'á' | 'à' | 'â' | 'ã' | 'ä' | 'å' | 'Å' => 'a',
        'é' | 'è' | 'ê' | 'ë' | 'É' => 'e',
        'í' | 'ì' | 'î' | 'ï' => 'i',
        'ó' | 'ò' | 'ô' | 'õ' | 'ö' => 'o',
        'ú' | 'ù' | 'û' | 'ü' => 'u',
        'ç' | 'Ç' => 'c',
        'ñ' => 'n',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_where_people_look_for_them() {
        let mut names = ["Zambia", "Côte d’Ivoire", "Åland", "Cuba", "Croatia", "côte"];
        names.sort_by_cached_key(|name| plain(name));
        assert_eq!(names, ["Åland", "côte", "Côte d’Ivoire", "Croatia", "Cuba", "Zambia"]);
    }
}
