//! The `OpenAPI` 3.1 document, made from the table of endpoints.

use std::sync::OnceLock;

use utoipa::openapi::path::{OperationBuilder, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::{
    ContentBuilder, HttpMethod, InfoBuilder, LicenseBuilder, OpenApiBuilder, PathItem, PathsBuilder,
    Required, ResponseBuilder,
};

use crate::api::{ENDPOINTS, Endpoint};

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
    let document = OpenApiBuilder::new().info(info).paths(paths.build()).build();
    document.to_pretty_json().unwrap_or_else(|_| "{}".to_owned())
}

fn operation(endpoint: &Endpoint) -> utoipa::openapi::path::Operation {
    let text = || ObjectBuilder::new().schema_type(Type::String).build();
    let parameter = |name: &str, place: ParameterIn, meaning: &str| {
        let required = if place == ParameterIn::Path { Required::True } else { Required::False };
        ParameterBuilder::new()
            .name(name)
            .parameter_in(place)
            .required(required)
            .description(Some(meaning))
            .schema(Some(text()))
            .build()
    };
    let in_path = endpoint.path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}'));
    let mut operation = OperationBuilder::new()
        .summary(Some(endpoint.summary))
        .operation_id(Some(operation_id(endpoint.path)));
    for name in in_path {
        operation = operation.parameter(parameter(name, ParameterIn::Path, meaning(name)));
    }
    operation = operation.parameter(parameter(
        "as_of",
        ParameterIn::Query,
        "The date asked: YYYY-MM-DD, from 1980 to 2100 [default: today]",
    ));
    for (name, meaning) in endpoint.query {
        operation = operation.parameter(parameter(name, ParameterIn::Query, meaning));
    }
    let object = || ObjectBuilder::new().schema_type(Type::Object).build();
    let content = || ContentBuilder::new().schema(Some(object())).build();
    let problem = |description: &str| {
        ResponseBuilder::new().description(description).content("application/problem+json", content()).build()
    };
    let mut good =
        ResponseBuilder::new().description(endpoint.summary).content("application/json", content());
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
        .response("400", problem("The date or the query cannot be read"))
        .response("404", problem("What was named is not known"))
        .build()
}

fn meaning(name: &str) -> &'static str {
    match name {
        "state" => "A State, by code or name, such as JPN",
        "action" => "A charter action, such as L3",
        "instrument" => "A treaty or pledge, such as CPPNM-A or INFCIRC-869",
        _ => "The id",
    }
}

fn operation_id(path: &str) -> String {
    path.replace(['{', '}'], "").replace('/', "_")
}
