//! `surety requirements`: the catalogue.

use std::collections::BTreeSet;

use serde::Serialize;
use surety_core::{Date, closest};
use surety_standards::{Confirmation, Relation, Requirement};

use crate::context::Context;
use crate::page::{Page, Sheet, Table, View};

/// The requirement catalogue, with how well each citation is confirmed.
pub struct Requirements<'c> {
    context: &'c Context,
    requirements: Vec<&'static Requirement>,
    one: bool,
}

#[derive(Serialize)]
struct RequirementsJson<'a> {
    as_of: Date,
    requirements: Vec<RequirementJson<'a>>,
}

#[derive(Serialize)]
struct RequirementJson<'a> {
    #[serde(flatten)]
    requirement: &'a Requirement,
    related: Vec<RelatedJson<'a>>,
}

#[derive(Serialize)]
struct RelatedJson<'a> {
    relation: Relation,
    to: &'a str,
    rationale: &'a str,
    both_ends_read: bool,
}

impl<'c> Requirements<'c> {
    /// Of one requirement, by id, or of all of one area, or of all.
    pub fn new(context: &'c Context, id: Option<&str>, area: Option<&str>) -> anyhow::Result<Self> {
        let catalogue = &context.dataset.catalogue;
        let requirements: Vec<_> = match (id, area) {
            (Some(id), _) => match catalogue.get(id) {
                Some(requirement) => vec![requirement],
                None => match closest(
                    id,
                    catalogue.requirements.iter().map(|requirement| requirement.id.as_str()),
                ) {
                    Some(near) => anyhow::bail!("no requirement has the id `{id}`: did you mean {near}?"),
                    None => {
                        anyhow::bail!("no requirement has the id `{id}`: `surety requirements` lists them")
                    }
                },
            },
            (None, Some(area)) => catalogue
                .requirements
                .iter()
                .filter(|requirement| requirement.area.eq_ignore_ascii_case(area))
                .collect(),
            (None, None) => catalogue.requirements.iter().collect(),
        };
        if let (true, Some(area)) = (requirements.is_empty(), area) {
            let areas: BTreeSet<&str> =
                catalogue.requirements.iter().map(|requirement| requirement.area.as_str()).collect();
            let near = closest(area, areas.iter().copied());
            let hint = near.map_or_else(
                || format!("use one of {}", areas.iter().copied().collect::<Vec<_>>().join("; ")),
                |near| format!("did you mean {near}?"),
            );
            anyhow::bail!("no requirement belongs to the area `{area}`: {hint}");
        }
        Ok(Self { context, requirements, one: id.is_some() })
    }

    fn related<'a>(&'a self, requirement: &'a Requirement) -> impl Iterator<Item = RelatedJson<'a>> {
        self.context.dataset.catalogue.related(&requirement.id).map(|(to, relation, mapping)| RelatedJson {
            relation,
            to,
            rationale: &mapping.rationale,
            both_ends_read: mapping.both_ends_read,
        })
    }

    fn in_full(&self, requirement: &Requirement) -> Page {
        let mut page = Page::new(&format!("{}: {}", requirement.id, requirement.document));
        let paragraph =
            if requirement.paragraph.is_empty() { "not read in any source" } else { &requirement.paragraph };
        page.indented("Paragraph:  ", paragraph);
        page.indented("Asks:       ", &requirement.text);
        page.indented("Whom:       ", &requirement.applies_to);
        page.indented("Area:       ", &requirement.area);
        page.indented(
            "Material:   ",
            &format!("{}, category {}", requirement.material, requirement.category),
        );
        page.indented("Scope:      ", &requirement.scope);
        page.indented("Shown by:   ", &requirement.evidence_expected);
        page.indented("Citation:   ", confirmation_words(requirement.confirmation));
        for id in &requirement.sources {
            page.indented("            ", &format!("[{id}] {}", self.context.source_title(id)));
        }
        let related: Vec<_> = self.related(requirement).collect();
        if !related.is_empty() {
            page.heading("Related (our judgement)");
            let mut table = Table::new(&["is", "of", "why", "read"]);
            for other in related {
                table.row([
                    other.relation.as_str(),
                    other.to,
                    other.rationale,
                    if other.both_ends_read { "both ends" } else { "not both ends" },
                ]);
            }
            page.table(&table);
        }
        page
    }
}

fn confirmation_words(confirmation: Confirmation) -> &'static str {
    match confirmation {
        Confirmation::Confirmed => "confirmed: paragraph and content were read",
        Confirmation::ContentConfirmed => "content was read; the paragraph was not",
        Confirmation::TitleConfirmed => "place and title were read; the content is general knowledge",
        Confirmation::NotConfirmed => "not confirmed: look at the original before use",
    }
}

impl View for Requirements<'_> {
    fn page(&self) -> Page {
        if let (true, Some(requirement)) = (self.one, self.requirements.first()) {
            return self.in_full(requirement);
        }
        let mut page = Page::new(&format!("{} requirements", self.requirements.len()));
        let confirmed = self
            .requirements
            .iter()
            .filter(|requirement| requirement.confirmation == Confirmation::Confirmed)
            .count();
        page.remark(&format!(
            "{confirmed} have paragraph and content confirmed; the column says how well the others are."
        ));
        for requirements in self.requirements.chunk_by(|a, b| a.document == b.document) {
            let document = requirements.first().map_or("", |first| first.document.as_str());
            page.heading(document);
            let mut table = Table::new(&["id", "area", "citation", "asks"]);
            for requirement in requirements {
                table.row([
                    requirement.id.as_str(),
                    &requirement.area,
                    requirement.confirmation.as_str(),
                    &requirement.text,
                ]);
            }
            page.table(&table);
        }
        page
    }

    fn json(&self) -> impl Serialize {
        let requirements = self
            .requirements
            .iter()
            .map(|requirement| RequirementJson { requirement, related: self.related(requirement).collect() });
        RequirementsJson { as_of: self.context.as_of, requirements: requirements.collect() }
    }

    fn sheet(&self) -> Sheet {
        let header = [
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
        let rows = self.requirements.iter().map(|requirement| {
            vec![
                requirement.id.clone(),
                requirement.document.clone(),
                requirement.paragraph.clone(),
                requirement.area.clone(),
                requirement.text.clone(),
                requirement.applies_to.clone(),
                requirement.material.clone(),
                requirement.category.clone(),
                requirement.scope.clone(),
                requirement.evidence_expected.clone(),
                requirement.confirmation.to_string(),
                requirement.sources.iter().map(surety_core::SourceId::as_str).collect::<Vec<_>>().join(" "),
            ]
        });
        Sheet::new(header, rows)
    }
}
