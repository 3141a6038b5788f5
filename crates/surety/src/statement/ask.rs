//! Asks a person for what a JSON Schema describes: one question for each value.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{bail, ensure};
use serde_json::{Map, Value};

/// The most items of one list.
const ITEMS_MAX: usize = 64;

/// Answers are taken from those given in advance; the rest is asked for, on a terminal or from the lines of the standard
/// input.
pub(super) struct Asker<'a> {
    schema: &'a Value,
    answers: Vec<(String, String)>,
    /// What was asked for, whoever answered.
    asked: Vec<String>,
    ended: bool,
}

impl<'a> Asker<'a> {
    pub(super) fn new(schema: &'a Value, answers: &[(String, String)]) -> Self {
        Self { schema, answers: answers.to_vec(), asked: Vec::new(), ended: false }
    }

    /// That every answer given in advance was asked for.
    pub(super) fn finish(self) -> anyhow::Result<()> {
        match self.answers.first() {
            Some((name, _)) => {
                bail!(
                    "nothing asks for `{name}`, with the other answers as they are: {}",
                    self.asked.join(", ")
                )
            }
            None => Ok(()),
        }
    }

    /// Asks for a value. None where it can only be null, or is left out.
    pub(super) fn ask(
        &mut self,
        name: &str,
        field: &'a Value,
        required: bool,
    ) -> anyhow::Result<Option<Value>> {
        let about = field["description"].as_str().unwrap_or_default();
        let shape = Shape::new(self.schema, field);
        let about =
            if about.is_empty() { shape.schema["description"].as_str().unwrap_or_default() } else { about };
        match shape.asked() {
            Asked::Null => Ok(None),
            Asked::Object if shape.nullable && !self.knows(name) && !self.wants(name, about)? => {
                Ok(Some(Value::Null))
            }
            Asked::Object => self.object(name, shape.schema).map(Some),
            Asked::Objects => self.list(name, about, shape.schema).map(Some),
            _ => self.value(name, about, &shape, required),
        }
    }

    fn object(&mut self, name: &str, schema: &'a Value) -> anyhow::Result<Value> {
        let mut object = Map::new();
        for (field, of) in schema["properties"].as_object().into_iter().flatten() {
            let path = format!("{name}.{field}");
            let required = is_required(schema, field);
            if let Some(value) = self.ask(&path, of, required)? {
                object.insert(field.clone(), value);
            }
        }
        Ok(Value::Object(object))
    }

    fn list(&mut self, name: &str, about: &str, schema: &'a Value) -> anyhow::Result<Value> {
        let mut items = Vec::new();
        loop {
            let path = format!("{name}.{}", items.len());
            if items.len() == ITEMS_MAX || (!self.knows(&path) && !self.wants(&path, about)?) {
                return Ok(Value::Array(items));
            }
            let item = Shape::new(self.schema, &schema["items"]);
            items.push(self.object(&path, item.schema)?);
        }
    }

    /// Whether some answer to this, or to a part of it, was given in advance.
    fn knows(&self, name: &str) -> bool {
        let part =
            |given: &str| given == name || given.strip_prefix(name).is_some_and(|rest| rest.starts_with('.'));
        self.answers.iter().any(|(given, _)| part(given))
    }

    /// Whether the person wants to give it.
    fn wants(&mut self, name: &str, about: &str) -> anyhow::Result<bool> {
        let line = self.line(&format!("{name}: {about} Give it? [y/N] "))?;
        Ok(line.is_some_and(|line| line.eq_ignore_ascii_case("y") || line.eq_ignore_ascii_case("yes")))
    }

    fn value(
        &mut self,
        name: &str,
        about: &str,
        shape: &Shape<'_>,
        required: bool,
    ) -> anyhow::Result<Option<Value>> {
        self.asked.push(name.to_owned());
        if let Some(at) = self.answers.iter().position(|(given, _)| given == name) {
            let (_, text) = self.answers.remove(at);
            let value = shape.read(&text).map_err(|why| anyhow::anyhow!("--set {name}={text}: {why}"))?;
            return Ok(Some(value));
        }
        let words = shape.words();
        let hint = if words.is_empty() { String::new() } else { format!(" ({})", words.join(", ")) };
        let empty = if shape.nullable { " [empty: none]" } else { "" };
        let question = format!("{name}: {about}{hint}{empty} ");
        loop {
            let Some(line) = self.line(&question)? else {
                ensure!(!required || shape.nullable, "{name} is missing: answer it, or give --set {name}=…");
                return Ok(shape.nullable.then_some(Value::Null));
            };
            match shape.read(&line) {
                Ok(value) => return Ok(Some(value)),
                Err(why) if io::stdin().is_terminal() => {
                    let _ = writeln!(anstream::stderr(), "  {why}");
                }
                Err(why) => bail!("{name}: `{line}`: {why}"),
            }
        }
    }

    /// A line of the standard input; none at its end.
    fn line(&mut self, question: &str) -> anyhow::Result<Option<String>> {
        const LINE_LEN_MAX: usize = 60_000;
        if self.ended {
            return Ok(None);
        }
        let mut line = String::new();
        if io::stdin().is_terminal() {
            let mut out = anstream::stderr().lock();
            write!(out, "{question}")?;
            out.flush()?;
        }
        self.ended = io::stdin().lock().read_line(&mut line)? == 0;
        ensure!(line.len() <= LINE_LEN_MAX, "an answer is too long");
        Ok((!self.ended).then(|| line.trim().to_owned()))
    }
}

/// Whether a schema asks for a field.
pub(super) fn is_required(schema: &Value, field: &str) -> bool {
    schema["required"].as_array().is_some_and(|required| required.iter().any(|name| name == field))
}

/// What a value looks like: a schema without its references and its null.
struct Shape<'a> {
    root: &'a Value,
    schema: &'a Value,
    nullable: bool,
}

/// How it is asked for.
enum Asked {
    Null,
    Text,
    Number,
    YesOrNo,
    Texts,
    Object,
    Objects,
}

impl<'a> Shape<'a> {
    fn new(root: &'a Value, field: &'a Value) -> Self {
        let mut shape = Self { root, schema: field, nullable: false };
        // References and alternatives are at most a few deep.
        for _ in 0..8 {
            if let Some(of) = shape.schema["$ref"].as_str().and_then(|of| of.strip_prefix('#')) {
                shape.schema = root.pointer(of).unwrap_or(&Value::Null);
            } else if let Some(choices) = shape.schema["anyOf"].as_array() {
                shape.nullable |= choices.iter().any(|choice| choice["type"] == "null");
                shape.schema = choices.iter().find(|choice| choice["type"] != "null").unwrap_or(&Value::Null);
            } else {
                break;
            }
        }
        shape.nullable |= shape.schema["type"].as_array().is_some_and(|types| types.contains(&"null".into()));
        shape
    }

    fn asked(&self) -> Asked {
        let types = &self.schema["type"];
        let is = |wanted: &str| {
            types == wanted || types.as_array().is_some_and(|types| types.iter().any(|one| one == wanted))
        };
        if is("object") {
            Asked::Object
        } else if is("array") {
            match Shape::new(self.root, &self.schema["items"]).asked() {
                Asked::Object => Asked::Objects,
                _ => Asked::Texts,
            }
        } else if is("integer") || is("number") {
            Asked::Number
        } else if is("boolean") {
            Asked::YesOrNo
        } else if is("string") || !self.words().is_empty() {
            Asked::Text
        } else {
            Asked::Null
        }
    }

    /// The words allowed.
    fn words(&self) -> Vec<&'a str> {
        let listed = self.schema["enum"].as_array().into_iter().flatten().filter_map(Value::as_str);
        let choices = self.schema["oneOf"].as_array().into_iter().flatten();
        listed.chain(choices.filter_map(|choice| choice["const"].as_str())).collect()
    }

    fn read(&self, text: &str) -> Result<Value, String> {
        if text.is_empty() && self.nullable {
            return Ok(Value::Null);
        }
        let words = self.words();
        match self.asked() {
            Asked::Text if !words.is_empty() && !words.contains(&text) => {
                Err(format!("use one of {}", words.join(", ")))
            }
            Asked::Number => match serde_json::from_str(text) {
                Ok(Value::Number(number)) => Ok(Value::Number(number)),
                _ => Err("give a number".to_owned()),
            },
            Asked::YesOrNo => match text {
                "yes" | "y" | "true" => Ok(Value::Bool(true)),
                "no" | "n" | "false" => Ok(Value::Bool(false)),
                _ => Err("answer yes or no".to_owned()),
            },
            Asked::Texts => {
                let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
                Ok(items.map(Value::from).collect())
            }
            _ => Ok(Value::from(text)),
        }
    }
}
