//! Holds reports against their published schemas: members that a schema does not name are as wrong as missing ones.
#![allow(clippy::unwrap_used, dead_code, reason = "a test fails by panicking; two programs share it")]

use std::collections::BTreeSet;
use std::path::Path;

use passmuster::report::SCHEMAS;
use serde_json::{Map, Value};

/// A schema by its name.
pub(crate) fn schema(name: &str) -> Value {
    let schema = SCHEMAS.iter().find(|schema| schema.name == name).unwrap();
    serde_json::from_str(schema.text).unwrap()
}

/// Holds a document against a schema, and gives the members of objects that it shows, as `Type.member`.
///
/// The library that can do that for every schema takes a minute to compile; this one knows the words that ours have, and
/// panics at any other.
pub(crate) fn check(schema: &Value, document: &Value) -> BTreeSet<String> {
    let mut seen = BTreeSet::new();
    let found = Check { root: schema, seen: &mut seen }.fault(schema, "", document, "");
    assert!(found.is_none(), "{}", found.unwrap_or_default());
    seen
}

/// Holds the reports that these arguments of the program ask for against their schemas, where they were written.
pub(crate) fn check_written(folder: &Path, arguments: &[&str]) {
    let asked =
        arguments.windows(2).filter(|pair| pair[0] == "--report").filter_map(|pair| pair[1].split_once('='));
    for (format, path) in asked {
        let Ok(text) = std::fs::read_to_string(folder.join(path)) else { continue };
        match format {
            "json" => drop(check(&schema("run"), &serde_json::from_str(&text).unwrap())),
            "ndjson" => check_events(&text),
            _ => {}
        }
    }
}

/// Holds each line of a stream of events against its schema.
pub(crate) fn check_events(text: &str) {
    let events = schema("events");
    text.lines().for_each(|line| drop(check(&events, &serde_json::from_str(line).unwrap())));
}

struct Check<'a> {
    root: &'a Value,
    seen: &'a mut BTreeSet<String>,
}

impl Check<'_> {
    /// The first fault of a value at a place of the document; `name` is that of the schema's type.
    fn fault(&mut self, schema: &Value, name: &str, value: &Value, at: &str) -> Option<String> {
        for (word, wanted) in schema.as_object().unwrap() {
            let wrong = |is_wrong: bool| is_wrong.then(|| format!("{at}: {word} {wanted} is not {value:.200}"));
            let fault = match word.as_str() {
                "$schema" | "$defs" | "title" | "description" | "required" | "prefixItems" => None,
                "$ref" => {
                    let name = wanted.as_str().unwrap().strip_prefix("#/$defs/").unwrap();
                    let root = self.root;
                    self.fault(&root["$defs"][name], name, value, at)
                }
                "const" => wrong(value != wanted),
                "enum" => wrong(!wanted.as_array().unwrap().contains(value)),
                "type" => wrong(!is_of(value, wanted.as_str().unwrap())),
                // What a word is not about passes it: `type` says what a value has to be.
                "minimum" => wrong(value.as_f64() < wanted.as_f64() && value.is_number()),
                "maximum" => wrong(value.as_f64() > wanted.as_f64()),
                "minItems" => {
                    wrong(value.as_array().is_some_and(|items| Some(items.len() as u64) < wanted.as_u64()))
                }
                "uniqueItems" => wrong(value.as_array().is_some_and(|items| {
                    items.iter().map(Value::to_string).collect::<BTreeSet<_>>().len() != items.len()
                })),
                "properties" => value.as_object().and_then(|members| self.members(schema, name, members, at)),
                "additionalProperties" if *wanted == Value::Bool(false) => None,
                "additionalProperties" => value.as_object().and_then(|members| {
                    members.iter().find_map(|(key, one)| self.fault(wanted, "", one, &format!("{at}/{key}")))
                }),
                "items" => value.as_array().and_then(|items| self.items(schema, items, at)),
                "oneOf" | "anyOf" => self.one_of(wanted.as_array().unwrap(), name, value, at),
                other => panic!("the schema has {other}, which this check does not know"),
            };
            if fault.is_some() {
                return fault;
            }
        }
        None
    }

    fn members(&mut self, schema: &Value, name: &str, members: &Map<String, Value>, at: &str) -> Option<String> {
        let wanted = schema["required"].as_array().into_iter().flatten();
        if let Some(missing) = wanted.into_iter().find(|key| !members.contains_key(key.as_str().unwrap())) {
            return Some(format!("{at}: {missing} is missing"));
        }
        members.iter().find_map(|(key, one)| {
            let at = format!("{at}/{key}");
            let Some(wanted) = schema["properties"].get(key) else {
                return Some(format!("{at}: not in the schema"));
            };
            self.seen.insert(format!("{name}.{key}"));
            self.fault(wanted, "", one, &at)
        })
    }

    fn items(&mut self, schema: &Value, items: &[Value], at: &str) -> Option<String> {
        let first: Vec<&Value> = schema["prefixItems"].as_array().into_iter().flatten().collect();
        items.iter().enumerate().find_map(|(index, item)| {
            let wanted = first.get(index).copied().unwrap_or(&schema["items"]);
            if *wanted == Value::Bool(false) {
                return Some(format!("{at}: more items than the schema has"));
            }
            self.fault(wanted, "", item, &format!("{at}/{index}"))
        })
    }

    fn one_of(&mut self, forms: &[Value], name: &str, value: &Value, at: &str) -> Option<String> {
        let mut faults = Vec::new();
        for form in forms {
            let before = self.seen.clone();
            match self.fault(form, name, value, at) {
                None => return None,
                Some(fault) => faults.push(fault),
            }
            *self.seen = before;
        }
        // The one that got furthest tells most.
        faults.into_iter().max_by_key(|fault| fault.split(": ").next().unwrap_or_default().len())
    }
}

fn is_of(value: &Value, name: &str) -> bool {
    match name {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.is_u64() || value.is_i64(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        other => panic!("the schema has the type {other}, which this check does not know"),
    }
}
