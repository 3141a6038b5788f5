//! The `OpenAPI` 3.1 document, made from the table of endpoints.

use std::sync::OnceLock;

use surety_law::Instrument;
use surety_world::ActionId;
use utoipa::openapi::path::{Operation, OperationBuilder, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{KnownFormat, Object, ObjectBuilder, SchemaFormat, Type};
use utoipa::openapi::{
    ComponentsBuilder, ContentBuilder, HttpMethod, InfoBuilder, LicenseBuilder, OpenApiBuilder, PathItem,
    PathsBuilder, Ref, Required, Response, ResponseBuilder,
};
use utoipa::{PartialSchema as _, ToSchema as _};

use crate::address::instrument_slug;
use crate::api::{ENDPOINTS, Endpoint};
use crate::problem::Problem;

/// The document as JSON.
pub(crate) fn document() -> String {
    static DOCUMENT: OnceLock<String> = OnceLock::new();
    DOCUMENT.get_or_init(write).clone()
}

fn write() -> String {
    let paths = ENDPOINTS.iter().fold(PathsBuilder::new(), |paths, endpoint| {
        paths.path(format!("/api/v1/{}", endpoint.path), PathItem::new(HttpMethod::Get, operation(endpoint)))
    });
    let info = InfoBuilder::new()
        .title("Surety")
        .version("1")
        .description(Some(
            "Everything that the pages show. Every answer is a function of the checkpoint, the date and the query. Add \
             `.csv` to the path of a table for a spreadsheet. The keys of each answer are described in docs/json.md.",
        ))
        .license(Some(LicenseBuilder::new().name("Apache-2.0").build()))
        .build();
    let schemas = ComponentsBuilder::new().schema(Problem::name(), Problem::schema()).build();
    let document = OpenApiBuilder::new().info(info).paths(paths.build()).components(Some(schemas)).build();
    document.to_pretty_json().unwrap_or_else(|_| "{}".to_owned())
}

fn operation(endpoint: &Endpoint) -> Operation {
    let in_path = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let in_path = in_path.map(|name| in_path_of(endpoint.path, name));
    let in_query = endpoint.query.iter().map(|one| {
        let value = Value { meaning: one.meaning, schema: text(), example: one.example };
        parameter(one.name, ParameterIn::Query, one.required, value)
    });
    let operation = OperationBuilder::new()
        .summary(Some(endpoint.summary))
        .operation_id(Some(operation_id(endpoint.path)));
    let operation = in_path.chain([as_of()]).chain(in_query).fold(operation, OperationBuilder::parameter);
    let object = ObjectBuilder::new().schema_type(Type::Object).build();
    let json = ContentBuilder::new().schema(Some(object)).build();
    let mut good = ResponseBuilder::new().description(endpoint.summary).content("application/json", json);
    if endpoint.csv {
        let table = ContentBuilder::new().schema(Some(text())).build();
        good = good.content("text/csv", table);
    }
    operation
        .response("200", good.build())
        .response(
            "304",
            ResponseBuilder::new().description("The tag that was sent still names this answer").build(),
        )
        .response("400", problem("The date or the query cannot be read, or something is missing from it"))
        .response("404", problem("What was named is not known"))
        .build()
}

/// What a parameter may be.
struct Value {
    meaning: &'static str,
    schema: Object,
    example: &'static str,
}

fn parameter(name: &str, place: ParameterIn, required: bool, value: Value) -> Parameter {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(place)
        .required(if required { Required::True } else { Required::False })
        .description(Some(value.meaning))
        .schema(Some(value.schema))
        .example(Some(value.example.into()))
        .build()
}

fn as_of() -> Parameter {
    let schema = ObjectBuilder::new()
        .schema_type(Type::String)
        .format(Some(SchemaFormat::KnownFormat(KnownFormat::Date)))
        .build();
    let meaning = "The date asked: YYYY-MM-DD, from 1980 to 2100 [default: today]";
    parameter("as_of", ParameterIn::Query, false, Value { meaning, schema, example: "2024-01-01" })
}

/// What stands at a place of a path.
fn in_path_of(path: &str, name: &str) -> Parameter {
    let one_of =
        |words: Vec<String>| ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words)).build();
    let value = match name {
        "state" => Value { meaning: "A State, by code or name", schema: text(), example: "JPN" },
        "action" => {
            let schema = one_of(ActionId::ALL.iter().map(ToString::to_string).collect());
            Value { meaning: "A charter action", schema, example: "L3" }
        }
        "instrument" => {
            let schema = one_of(Instrument::ALL.map(instrument_slug).into());
            Value { meaning: "A treaty or pledge", schema, example: "ICSANT" }
        }
        _ => Value { meaning: "The id", schema: text(), example: example_id(path) },
    };
    parameter(name, ParameterIn::Path, true, value)
}

fn example_id(path: &str) -> &'static str {
    match path.split('/').next() {
        Some("requirements") => "CPPNM-2-1",
        Some("sources") => "unodc-3",
        _ => "T0001",
    }
}

fn text() -> Object {
    ObjectBuilder::new().schema_type(Type::String).build()
}

fn problem(description: &str) -> Response {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new().description(description).content("application/problem+json", content).build()
}

fn operation_id(path: &str) -> String {
    path.replace(['{', '}'], "").replace('/', "_")
}
