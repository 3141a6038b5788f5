//! OSCAL 1.2: the catalogue, a profile for each regime, the mappings, assessment results, and the plan of action.
//!
//! Each requirement is a control. A profile is what the IAEA baseline asks of a regime. An assessment is an observation;
//! what it means for a requirement is a finding, inferred ones marked and related to the observations behind them. A
//! finding of a peer review is an observation in the plan of action, to which its actions relate.
//!
//! Validators of OSCAL look at the shape. That ids are unique, and that every link leads somewhere in the set, is checked
//! here ([`crate::check_links`]): a set with a dangling link is not given out.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use surety_core::Date;
use surety_standards::{
    Action, Answer, Assessment, Baseline, Comparison, Evidence, Finding, FindingKind, Gap, Maturity, Regime,
    Relation, Requirement,
};
use uuid::Uuid;

use crate::links::{Links, check_links};
use crate::visible::{Content, LeftOut, Visible, basis};

/// The version that the documents follow.
pub const OSCAL_VERSION: &str = "1.2.3";

/// The namespace of our properties.
const NAMESPACE: &str = "urn:surety:oscal";
const CATALOG: &str = "catalog.json";

/// One OSCAL document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document {
    /// The name of its file, by which the others refer to it.
    pub file: String,
    /// Its content.
    pub json: Value,
}

/// Every document, and how much was left out.
#[derive(Debug, Clone, PartialEq)]
pub struct Export {
    /// Catalogue, profiles, mappings, assessment results, and the plan of action when it has an item that may be seen:
    /// OSCAL knows no empty one.
    pub documents: Vec<Document>,
    /// What its readers may not see.
    pub left_out: LeftOut,
}

/// Makes every document, and checks every id and link of the set.
pub fn export(content: Content<'_>) -> Result<Export, Links> {
    let visible = Visible::new(content);
    let writer = Writer { visible: &visible, subject: content.subject, date: content.date };
    let mut documents = vec![
        writer.catalog(),
        writer.profile(Regime::Civil, content.civil),
        writer.profile(Regime::Military, content.military),
    ];
    documents.extend(writer.mappings());
    documents.push(writer.results());
    documents.extend(writer.plan());
    check_links(&documents)?;
    Ok(Export { documents, left_out: visible.left_out })
}

struct Writer<'v, 'a> {
    visible: &'v Visible<'a>,
    subject: &'a str,
    date: Date,
}

impl<'a> Writer<'_, 'a> {
    /// The id of a thing by its name: the same name gives the same id.
    fn id(&self, name: &str) -> String {
        let namespace = Uuid::new_v5(&Uuid::NAMESPACE_URL, NAMESPACE.as_bytes());
        Uuid::new_v5(&namespace, format!("{}/{}/{name}", self.subject, self.date).as_bytes()).to_string()
    }

    fn metadata(&self, title: &str, parties: &Parties) -> Value {
        let mut metadata = json!({
            "title": title,
            "last-modified": time(self.date),
            "version": self.date.to_string(),
            "oscal-version": OSCAL_VERSION,
            "props": [
                property("publication-level", self.visible.content.readers.as_str()),
                property("items-left-out", &self.visible.left_out.total().to_string()),
            ],
            "remarks": format!(
                "{} items were left out because of their publication level: {} assessments, {} inferred answers, {} \
                 findings, {} actions, {} links.",
                self.visible.left_out.total(),
                self.visible.left_out.assessments,
                self.visible.left_out.inferred,
                self.visible.left_out.findings,
                self.visible.left_out.actions,
                self.visible.left_out.links,
            ),
        });
        put(
            &mut metadata,
            "parties",
            parties.0.iter().map(|(name, id)| json!({ "uuid": id, "type": "organization", "name": name })),
        );
        metadata
    }

    fn catalog(&self) -> Document {
        let mut areas: Vec<(&str, Vec<Value>)> = Vec::new();
        for requirement in &self.visible.content.catalogue.requirements {
            let control = control(requirement);
            match areas.iter_mut().find(|(area, _)| *area == requirement.area) {
                Some((_, controls)) => controls.push(control),
                None => areas.push((&requirement.area, vec![control])),
            }
        }
        let groups = areas.into_iter().map(|(area, controls)| {
            json!({ "id": format!("area-{}", token(area)), "title": line(area), "controls": controls })
        });
        let mut catalog = json!({
            "uuid": self.id("catalog"),
            "metadata": self.metadata("Nuclear security requirements", &Parties::default()),
        });
        put(&mut catalog, "groups", groups);
        document(CATALOG, "catalog", catalog)
    }

    fn profile(&self, regime: Regime, baseline: Baseline) -> Document {
        let asked: Vec<&str> = self
            .visible
            .content
            .catalogue
            .requirements
            .iter()
            .filter(|requirement| baseline.asks(requirement).is_some())
            .map(|requirement| requirement.id.as_str())
            .collect();
        let import = if asked.is_empty() {
            // Nothing is asked: everything but everything.
            let all =
                self.visible.content.catalogue.requirements.iter().map(|requirement| requirement.id.as_str());
            json!({ "href": CATALOG, "include-all": {}, "exclude-controls": [{ "with-ids": all.collect::<Vec<_>>() }] })
        } else {
            json!({ "href": CATALOG, "include-controls": [{ "with-ids": asked }] })
        };
        let title = format!("IAEA baseline of the {regime} regime, category {}", baseline.category);
        let profile = json!({
            "uuid": self.id(&format!("profile/{regime}")),
            "metadata": self.metadata(&title, &Parties::default()),
            "imports": [import],
            "merge": { "as-is": true },
        });
        document(&format!("profile-{regime}.json"), "profile", profile)
    }

    /// None when nothing is mapped.
    fn mappings(&self) -> Option<Document> {
        let mappings = &self.visible.content.catalogue.mappings;
        let maps: Vec<Value> = mappings
            .iter()
            .enumerate()
            .map(|(at, mapping)| {
                let relationship = match mapping.relation {
                    Relation::Equal => "equal-to",
                    Relation::Subset => "subset-of",
                    Relation::Superset => "superset-of",
                    Relation::Intersects => "intersects-with",
                };
                let item = |id: &str| json!([{ "type": "control", "id-ref": id }]);
                let name = format!("map/{at}/{}/{}/{relationship}", mapping.from, mapping.to);
                let mut map = json!({
                    "uuid": self.id(&name),
                    "matching-rationale": "semantic",
                    "relationship": relationship,
                    "sources": item(&mapping.from),
                    "targets": item(&mapping.to),
                    "props": [property("both-ends-read", if mapping.both_ends_read { "yes" } else { "no" })],
                });
                if !mapping.rationale.trim().is_empty() {
                    map["remarks"] = json!(mapping.rationale);
                }
                map
            })
            .collect();
        let resource = || json!({ "type": "catalog", "href": CATALOG });
        let collection = json!({
            "uuid": self.id("mapping-collection"),
            "metadata": self.metadata("How requirements of different documents relate", &Parties::default()),
            "provenance": {
                "method": "human",
                "matching-rationale": "semantic",
                "status": "draft",
                "mapping-description":
                    "Every relation is a judgement of the authors of the catalogue; none comes from an official table.",
            },
            "mappings": [{
                "uuid": self.id("mapping"),
                "source-resource": resource(),
                "target-resource": resource(),
                "maps": maps,
            }],
        });
        (!mappings.is_empty()).then(|| document("mapping-collection.json", "mapping-collection", collection))
    }

    fn results(&self) -> Document {
        let visible = self.visible;
        let mut parties = Parties::default();
        let mut evidence = BTreeMap::new();
        let results: Vec<Value> = Regime::ALL
            .iter()
            .map(|regime| {
                let of_regime = visible.assessments.values().filter(|assessment| assessment.regime == *regime);
                let observations: Vec<Value> = of_regime
                    .map(|assessment| self.observation(assessment, &mut parties, &mut evidence))
                    .collect();
                let findings: Vec<Value> =
                    visible.parity.rows.iter().filter_map(|row| self.result_finding(row, *regime)).collect();
                let mut result = json!({
                    "uuid": self.id(&format!("result/{regime}")),
                    "title": format!("The {regime} regime on {}", self.date),
                    "description": "What the State says of each requirement. What is not stated, or does not apply, has no finding.",
                    "start": time(self.date),
                    "reviewed-controls": { "control-selections": [{ "include-all": {} }] },
                });
                put(&mut result, "observations", observations);
                put(&mut result, "findings", findings);
                result
            })
            .collect();
        let plan = self.id("assessment-plan");
        let basis = json!({
            "uuid": plan,
            "title": "Self-assessment",
            "description": "The State assesses every requirement of the catalogue in both regimes. There is no OSCAL \
                            assessment plan.",
        });
        let resources = evidence.into_iter().map(|(id, evidence)| resource(&id, evidence));
        let assessment = json!({
            "uuid": self.id("assessment-results"),
            "metadata": self.metadata("Assessment of nuclear security requirements", &parties),
            "import-ap": { "href": format!("#{plan}") },
            "results": results,
            "back-matter": { "resources": std::iter::once(basis).chain(resources).collect::<Vec<_>>() },
        });
        document("assessment-results.json", "assessment-results", assessment)
    }

    fn observation(
        &self,
        assessment: &'a Assessment,
        parties: &mut Parties,
        evidence: &mut BTreeMap<String, &'a Evidence>,
    ) -> Value {
        let stated: [(&str, Option<String>); 5] = [
            ("in-law", assessment.in_law.map(|extent| extent.to_string())),
            ("enforced", assessment.enforced.map(|extent| extent.to_string())),
            ("maturity", assessment.maturity.map(|maturity| maturity.to_string())),
            ("work-status", assessment.work.map(|work| work.to_string())),
            ("confidence", assessment.confidence.map(|confidence| confidence.to_string())),
        ];
        let mut props = vec![property("publication-level", assessment.publication.as_str())];
        props.extend(stated.into_iter().filter_map(|(name, value)| Some(property(name, &value?))));
        if assessment.not_applicable.is_some() {
            props.push(property("applicability", "not-applicable"));
        }
        let links = std::iter::once(link_to(&assessment.requirement));
        let shown = assessment.evidence.iter().map(|one| {
            let id = self.id(&format!("evidence/{}/{}/{}/{}", one.sha256, one.title, one.owner, one.date));
            let href = format!("#{id}");
            evidence.insert(id, one);
            json!({ "href": href, "description": line(&one.title) })
        });
        let shown: Vec<Value> = shown.collect();
        let mut observation = json!({
            "uuid": self.observation_id(&assessment.requirement, assessment.regime),
            "title": format!("{}, {} regime", assessment.requirement, assessment.regime),
            "description": format!("Self-assessment of {} in the {} regime.", assessment.requirement, assessment.regime),
            "props": props,
            "links": links.collect::<Vec<_>>(),
            "methods": ["EXAMINE"],
            "collected": time(assessment.date),
        });
        if let Some(id) = parties.id(self, &assessment.assessor) {
            observation["origins"] = json!([{ "actors": [{ "type": "party", "actor-uuid": id }] }]);
        }
        put(&mut observation, "relevant-evidence", shown);
        let why_not = assessment.not_applicable.as_ref().map(|reason| format!("Does not apply: {reason}"));
        let note = Some(assessment.note.clone()).filter(|note| !note.trim().is_empty());
        let remarks: Vec<String> = [why_not, note].into_iter().flatten().collect();
        if !remarks.is_empty() {
            observation["remarks"] = json!(remarks.join("\n\n"));
        }
        observation
    }

    fn observation_id(&self, requirement: &str, regime: Regime) -> String {
        self.id(&format!("observation/{regime}/{requirement}"))
    }

    /// What is known of one requirement in one regime; none where nothing is stated, or its readers may not see it. None
    /// where it does not apply either: OSCAL knows only satisfied and not satisfied, and it is neither.
    fn result_finding(&self, row: &Comparison<'_>, regime: Regime) -> Option<Value> {
        let maturity = &self.visible.answers(row, regime)?.maturity;
        let value = maturity.value()?;
        let id = &row.requirement.id;
        let satisfied = value >= Maturity::AS_ASKED;
        let origins = match maturity {
            Answer::Inferred { .. } => maturity.origins().into_iter().collect(),
            _ => vec![id.as_str()],
        };
        let related: Vec<Value> = origins
            .iter()
            .map(|origin| json!({ "observation-uuid": self.observation_id(origin, regime) }))
            .collect();
        let what = if maturity.is_inferred() {
            format!("Inferred from {}: {}.", origins.join(", "), value.meaning())
        } else {
            format!("Assessed: {}.", value.meaning())
        };
        let asked = match regime {
            Regime::Civil => row.civil_to_baseline,
            Regime::Military => row.military_to_baseline,
        };
        let mut props = vec![property("maturity", &value.to_string()), property("basis", basis(maturity))];
        props.extend(asked.map(|standing| property("against-baseline", standing.as_str())));
        Some(json!({
            "uuid": self.id(&format!("finding/{regime}/{id}")),
            "title": format!("{id}, {regime} regime"),
            "description": what,
            "props": props,
            "target": {
                "type": "statement-id",
                "target-id": statement_id(id),
                "status": {
                    "state": if satisfied { "satisfied" } else { "not-satisfied" },
                    "reason": if satisfied { "pass" } else { "fail" },
                },
            },
            "related-observations": related,
        }))
    }

    /// None when no action may be seen.
    fn plan(&self) -> Option<Document> {
        let mut parties = Parties::default();
        let observations: Vec<Value> =
            self.visible.findings.iter().map(|finding| self.review_finding(finding)).collect();
        let items: Vec<Value> =
            self.visible.actions.iter().map(|action| self.item(action, &mut parties)).collect();
        if items.is_empty() {
            return None;
        }
        let mut plan = json!({
            "uuid": self.id("poam"),
            "metadata": self.metadata("Plan of action", &parties),
            "system-id": { "identifier-type": "https://ietf.org/rfc/rfc4122", "id": self.id("system") },
        });
        put(&mut plan, "observations", observations);
        put(&mut plan, "poam-items", items);
        Some(document("poam.json", "plan-of-action-and-milestones", plan))
    }

    fn review_finding(&self, finding: &Finding) -> Value {
        let mut props = vec![
            property("kind", finding.kind.as_str()),
            property("regime", finding.regime.as_str()),
            property("publication-level", finding.publication.as_str()),
        ];
        if finding.kind != FindingKind::GoodPractice {
            props.push(property("follow-up", finding.status(self.date).as_str()));
        }
        let mut observation = json!({
            "uuid": self.id(&format!("review-finding/{}", finding.id)),
            "title": line(&format!("{} of {}", finding.kind, finding.review)),
            "description": finding.text,
            "props": props,
            "methods": ["EXAMINE"],
            "types": ["finding"],
            "collected": time(finding.date),
        });
        put(&mut observation, "links", finding.requirements.iter().map(|id| link_to(id)));
        observation
    }

    fn item(&self, action: &Action, parties: &mut Parties) -> Value {
        let state = if action.is_done(self.date) { "done" } else { "open" };
        let mut props = vec![
            property("priority", action.priority.as_str()),
            property("due", &action.due.to_string()),
            property("state", state),
            property("publication-level", action.publication.as_str()),
        ];
        if !action.help_wanted.trim().is_empty() {
            props.push(property("help-wanted", &line(&action.help_wanted)));
        }
        let mut item = json!({
            "uuid": self.id(&format!("action/{}", action.id)),
            "title": line(&action.need),
            "description": format!("To be done by {}.", action.due),
            "props": props,
        });
        if let Some(id) = parties.id(self, &action.owner) {
            item["origins"] = json!([{ "actors": [{ "type": "party", "actor-uuid": id }] }]);
        }
        if let Gap::Requirement { id, regime } = &action.closes {
            item["links"] = json!([link_to(id)]);
            item["description"] =
                json!(format!("To be done by {}: {id} in the {regime} regime.", action.due));
        }
        if let Some(finding) = self.visible.finding(action) {
            let id = self.id(&format!("review-finding/{}", finding.id));
            item["related-observations"] = json!([{ "observation-uuid": id }]);
        }
        item
    }
}

/// The organisations that a document names.
#[derive(Default)]
struct Parties(BTreeMap<String, String>);

impl Parties {
    /// None for one without a name.
    fn id(&mut self, writer: &Writer<'_, '_>, name: &str) -> Option<String> {
        let name = line(name);
        let id = writer.id(&format!("party/{name}"));
        (!name.is_empty()).then(|| self.0.entry(name).or_insert(id).clone())
    }
}

fn document(file: &str, root: &str, json: Value) -> Document {
    Document { file: file.to_owned(), json: Value::Object(Map::from_iter([(root.to_owned(), json)])) }
}

fn control(requirement: &Requirement) -> Value {
    let id = &requirement.id;
    let texts = [
        ("document", &requirement.document),
        ("paragraph", &requirement.paragraph),
        ("applies-to", &requirement.applies_to),
        ("material", &requirement.material),
        ("category", &requirement.category),
        ("scope", &requirement.scope),
    ];
    let mut props = vec![property("confirmation", requirement.confirmation.as_str())];
    props.extend(
        texts
            .iter()
            .map(|(name, text)| (name, line(text)))
            .filter(|(_, text)| !text.is_empty())
            .map(|(name, text)| property(name, &text)),
    );
    props.extend(requirement.sources.iter().map(|source| property("source", source.as_str())));
    let mut parts = vec![json!({ "id": statement_id(id), "name": "statement", "prose": requirement.text })];
    if !requirement.evidence_expected.trim().is_empty() {
        parts.push(json!({ "id": format!("{id}_gdn"), "name": "guidance", "title": "What shows it", "prose": requirement.evidence_expected }));
    }
    json!({ "id": id, "title": line(&format!("{id}: {}", requirement.document)), "props": props, "parts": parts })
}

fn statement_id(requirement: &str) -> String {
    format!("{requirement}_smt")
}

fn link_to(requirement: &str) -> Value {
    json!({ "href": format!("{CATALOG}#{requirement}"), "rel": "reference" })
}

fn property(name: &str, value: &str) -> Value {
    json!({ "name": name, "ns": NAMESPACE, "value": value })
}

fn resource(id: &str, evidence: &Evidence) -> Value {
    json!({
        "uuid": id,
        "title": line(&evidence.title),
        "description": "Attested: the document stays with its owner.",
        "props": [
            property("date", &evidence.date.to_string()),
            property("owner", &line(&evidence.owner)),
            property("sha-256", &evidence.sha256.to_string()),
        ],
    })
}

/// Sets a list, unless it is empty: OSCAL knows no empty lists.
fn put(object: &mut Value, key: &str, items: impl IntoIterator<Item = Value>) {
    let items: Vec<Value> = items.into_iter().collect();
    if !items.is_empty() {
        object[key] = Value::Array(items);
    }
}

fn time(date: Date) -> String {
    format!("{date}T00:00:00Z")
}

/// Text on one line, as OSCAL's strings must be.
fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A name that can be part of an id.
fn token(text: &str) -> String {
    let words = text.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("-").to_lowercase()
}
