//! The JSON Schema (2020-12) of each kind of payload, for those who write statements with tools of their own.
//!
//! The schemas are made from the types that read payloads, and checked in under `schemas/`; a test repairs them when they
//! are stale. At run time those types decide, not the schemas: they are as strict, they also know what no schema can tell
//! (that a day exists, that an attachment has its digest), and they are fast.

use crate::content::Kind;

macro_rules! schemas {
    ($($variant:ident => $file:literal),+ $(,)?) => {
        /// The schema of the payload of a statement of this kind.
        ///
        /// ```
        /// use surety_statement::{Kind, schema};
        ///
        /// assert!(schema(Kind::Commitment).contains("https://json-schema.org/draft/2020-12/schema"));
        /// ```
        pub fn schema(kind: Kind) -> &'static str {
            match kind {
                $(Kind::$variant => include_str!(concat!("../schemas/", $file, ".json")),)+
            }
        }
    };
}

schemas! {
    TreatyAction => "treaty-action",
    Territory => "territory",
    Implementation => "implementation",
    Regulation => "regulation",
    PeerReview => "peer-review",
    Contribution => "contribution",
    Training => "training",
    TrainingPledge => "training-pledge",
    Assistance => "assistance",
    Participation => "participation",
    Absence => "absence",
    Opposition => "opposition",
    Report => "report",
    Commitment => "commitment",
    Progress => "progress",
    Fulfilment => "fulfilment",
    Stock => "stock",
    ListedHolder => "listed-holder",
    Cleared => "cleared",
    ReductionProgramme => "reduction-programme",
    MilitaryPolicy => "military-policy",
    Assessment => "assessment",
    Parity => "parity",
    RegisterRoot => "register-root",
    Proof => "proof",
    Disclosure => "disclosure",
    DisclosureReceipt => "disclosure-receipt",
    ReviewFinding => "review-finding",
    Sites => "sites",
    Endorsement => "endorsement",
    Withdrawal => "withdrawal",
    Comment => "comment",
    ListCoverage => "list-coverage",
    OfficialCount => "official-count",
    Compilation => "compilation",
    Root => "root",
    Issuer => "issuer",
    KeyRotation => "key-rotation",
    Revocation => "revocation",
    Policy => "policy",
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::fs;
    use std::path::Path;

    use schemars::generate::SchemaSettings;
    use schemars::{JsonSchema, SchemaGenerator};
    use serde_json::{Value, json};

    use super::*;
    use crate::admission::{Admission, KeyRotation, LogPolicy, Revocation, RootKeys};
    use crate::body::Body;
    use crate::content::{InitiativeSays, initiative_kind};
    use crate::coverage::{Compilation, ListCoverage, PublishedCount};
    use crate::payload::{Reference, Wire};

    /// The schema of what stands under `says`.
    fn says(kind: Kind, generator: &mut SchemaGenerator) -> Value {
        fn of<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
            generator.subschema_for::<T>().to_value()
        }
        match kind {
            Kind::ListCoverage => of::<ListCoverage>(generator),
            Kind::OfficialCount => of::<PublishedCount>(generator),
            Kind::Compilation => of::<Compilation>(generator),
            Kind::Root => of::<RootKeys>(generator),
            Kind::Issuer => of::<Admission>(generator),
            Kind::KeyRotation => of::<KeyRotation>(generator),
            Kind::Revocation => of::<Revocation>(generator),
            Kind::Policy => of::<LogPolicy>(generator),
            fact if initiative_kind(fact).is_some() => of::<InitiativeSays>(generator),
            fact => {
                let body = Body::json_schema(generator).to_value();
                let variants = body["oneOf"].as_array().unwrap();
                let variant = variants.iter().find(|variant| !variant["properties"][fact.as_str()].is_null());
                let variant = variant.unwrap_or_else(|| panic!("{fact} is a kind of Body"));
                let mut says = variant["properties"][fact.as_str()].clone();
                if let (Some(says), Some(text)) = (says.as_object_mut(), variant.get("description")) {
                    says.insert("description".to_owned(), text.clone());
                }
                says
            }
        }
    }

    fn generate(kind: Kind) -> String {
        let mut generator = SchemaSettings::draft2020_12().into_generator();
        let mut schema = Wire::json_schema(&mut generator).to_value();
        let properties = &mut schema["properties"];
        properties["kind"] = json!({ "const": kind.as_str() });
        properties["says"] = says(kind, &mut generator);
        if kind.is_trust() {
            properties["about"] = json!({ "type": "null" });
        }
        if kind.is_trust() || kind.refers() {
            properties["corrects"] = json!({ "type": "null" });
        }
        properties["refers_to"] = if kind.refers() {
            generator.subschema_for::<Reference>().to_value()
        } else {
            json!({ "type": "null" })
        };
        if kind.refers() {
            schema["required"].as_array_mut().unwrap().push(json!("refers_to"));
        }
        schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
        schema["title"] = json!(format!("Statement: {}", kind.title()));
        schema["description"] = json!("The payload of a signed statement.");
        let mut definitions = generator.take_definitions(true);
        let used = used(&schema, &definitions);
        definitions.retain(|name, _| used.contains(name));
        schema["$defs"] = Value::Object(definitions);
        serde_json::to_string_pretty(&schema).unwrap() + "\n"
    }

    /// The definitions that a schema leads to.
    fn used(schema: &Value, definitions: &serde_json::Map<String, Value>) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        let mut open = vec![schema];
        while let Some(value) = open.pop() {
            match value {
                Value::Object(fields) => open.extend(fields.values()),
                Value::Array(items) => open.extend(items),
                Value::String(text) => {
                    if let Some(name) = text.strip_prefix("#/$defs/")
                        && found.insert(name.to_owned())
                    {
                        open.extend(definitions.get(name));
                    }
                }
                _ => {}
            }
        }
        found
    }

    #[test]
    fn the_schemas_are_those_of_the_types() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas");
        let mut stale = Vec::new();
        for kind in Kind::ALL.iter().copied() {
            let fresh = generate(kind);
            if schema(kind) != fresh {
                fs::write(folder.join(format!("{kind}.json")), fresh).unwrap();
                stale.push(kind);
            }
        }
        assert!(
            stale.is_empty(),
            "the schemas of {stale:?} were stale and are written anew: run the test again"
        );
        assert_eq!(
            fs::read_dir(folder).unwrap().count(),
            Kind::ALL.len(),
            "a schema for each kind, and no other"
        );
    }
}
