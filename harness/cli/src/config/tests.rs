//! The published schema of the file is what the program accepts: it is put together here from the flags themselves.

use std::any::TypeId;

use clap::builder::ValueParser;
use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command};
use serde_json::{Map, Value, json};

use super::file::Configured;
use super::{is_for_files, names, words};
use crate::command;

/// The program, as it reads its flags.
fn program() -> Command {
    let mut program = command::program();
    program.build();
    program
}

/// The flags that a file may hold, those of `run` before those that only `fuzz` has.
fn flags(program: &Command) -> Vec<&Arg> {
    let mut flags: Vec<&Arg> = Vec::new();
    for name in ["run", "fuzz"] {
        let of_command = program.find_subcommand(name).unwrap().get_arguments().filter(|arg| is_for_files(arg));
        for arg in of_command {
            if flags.iter().all(|known| known.get_long() != arg.get_long()) {
                flags.push(arg);
            }
        }
    }
    flags
}

fn is_number(parser: &ValueParser) -> bool {
    let numbers =
        [TypeId::of::<u64>(), TypeId::of::<u32>(), TypeId::of::<u16>(), TypeId::of::<u8>(), TypeId::of::<usize>()];
    numbers.iter().any(|number| parser.type_id() == *number)
}

/// The schema of what a file may say of a flag.
fn value(arg: &Arg) -> Value {
    let mut one = Map::new();
    if matches!(arg.get_action(), ArgAction::SetTrue) {
        one.insert("type".to_owned(), "boolean".into());
    } else if is_number(arg.get_value_parser()) {
        one.insert("type".to_owned(), "integer".into());
        one.insert("minimum".to_owned(), 0.into());
    } else {
        one.insert("type".to_owned(), "string".into());
        // A list in one text has commas.
        let words: Vec<String> = arg.get_possible_values().iter().map(|word| word.get_name().to_owned()).collect();
        if !words.is_empty() && arg.get_value_delimiter().is_none() {
            one.insert("enum".to_owned(), words.into());
        }
    }
    let mut whole = match arg.get_action() {
        ArgAction::Append => json!({ "anyOf": [one, { "type": "array", "items": one }] }),
        _ => Value::Object(one),
    };
    whole["description"] = arg.get_help().unwrap().to_string().into();
    whole
}

/// The schema that the flags make.
fn schema(program: &Command) -> Value {
    let flags = flags(program);
    let name = |arg: &Arg| arg.get_long().unwrap().to_owned();
    let table = |description: &str, more: &[(&str, Value)]| {
        let own = flags.iter().map(|arg| (name(arg), json!({ "$ref": format!("#/$defs/{}", name(arg)) })));
        let more = more.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
        let properties: Map<String, Value> = own.chain(more).collect();
        json!({ "description": description, "type": "object", "properties": properties, "additionalProperties": false })
    };
    let named =
        |name: &str| json!({ "type": "object", "additionalProperties": { "$ref": format!("#/$defs/{name}") } });
    let inherits = json!({ "description": "The profile that this one adds to.", "type": "string" });
    let profile = json!({ "anyOf": [{ "$ref": "#/$defs/profile" }, named("ProfileTable")] });
    let mut schema = table(
        "The flags of passmuster in a project, by their names. What is typed is stronger, then the environment, then the profile, the target, and the rest.",
        &[("targets", named("TargetTable")), ("profile", profile)],
    );
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema".into();
    schema["title"] = "passmuster.toml".into();
    let mut parts: Map<String, Value> = flags.iter().map(|arg| (name(arg), value(arg))).collect();
    parts.insert("TargetTable".to_owned(), table("The flags where this is the target.", &[]));
    let of_profile =
        table("The flags with --config-profile and the name of this table.", &[("inherits", inherits)]);
    parts.insert("ProfileTable".to_owned(), of_profile);
    schema["$defs"] = parts.into();
    schema
}

fn published() -> Value {
    let schema = passmuster::report::SCHEMAS.iter().find(|schema| schema.name == "config").unwrap();
    serde_json::from_str(schema.text).unwrap()
}

#[test]
fn the_published_schema_is_that_of_the_flags() {
    let expected = schema(&program());
    assert!(published() == expected, "harness/schema/config.json should be\n{expected:#}");
}

#[test]
fn a_file_may_hold_each_name_of_the_schema_and_no_other() {
    let program = program();
    let published = published();
    for (table, also) in [("", &["targets"][..]), ("TargetTable", &[]), ("ProfileTable", &["inherits"])] {
        let schema = if table.is_empty() { &published } else { &published["$defs"][table] };
        let told = schema["properties"].as_object().unwrap().keys().cloned();
        let known = names(&program).into_iter().chain(also.iter().map(|name| (*name).to_owned()));
        let (mut told, mut known): (Vec<String>, Vec<String>) = (told.collect(), known.collect());
        told.sort();
        known.sort();
        assert_eq!(told, known, "{table}");
    }
}

#[test]
fn a_flag_takes_from_a_file_what_its_schema_says_and_nothing_of_another_type() {
    let program = program();
    let samples: [(&str, toml::Value); 6] = [
        ("boolean", true.into()),
        ("integer", 2.into()),
        ("string", "x".into()),
        ("array", vec!["x"].into()),
        ("number", 0.5.into()),
        ("object", toml::Table::new().into()),
    ];
    for arg in flags(&program) {
        let name = arg.get_long().unwrap();
        let schema = &published()["$defs"][name];
        let forms: Vec<&Value> =
            schema["anyOf"].as_array().map_or_else(|| vec![schema], |forms| forms.iter().collect());
        for (kind, value) in &samples {
            let is_told = forms.iter().any(|form| form["type"] == *kind);
            let configured = Configured { name: name.to_owned(), value: value.clone(), section: String::new() };
            let is_taken = words(arg, &configured).is_ok();
            // A text may be written as a number, and a number as a text: which of both makes sense the flag decides.
            let is_either = ["integer", "string"].contains(kind) && is_taken && forms[0]["type"] != "boolean";
            assert!(is_told == is_taken || is_either, "{name}: {kind}");
        }
        if matches!(arg.get_action(), ArgAction::SetTrue) {
            continue;
        }
        let is_read = |word: &str| {
            let command = ["run", "fuzz"].map(|name| program.find_subcommand(name).unwrap().clone());
            let command =
                command.into_iter().find(|one| one.get_arguments().any(|own| own.get_long() == Some(name)));
            let read = command.unwrap().try_get_matches_from(["run", &format!("--{name}={word}")]);
            // That another flag is missing says nothing against the value.
            read.map_or_else(
                |error| !matches!(error.kind(), ErrorKind::ValueValidation | ErrorKind::InvalidValue),
                |_| true,
            )
        };
        let takes_numbers_alone = is_read("2") && !is_read("x") && !is_read("2s") && !is_read("2.5");
        assert_eq!(forms[0]["type"] == "integer", takes_numbers_alone, "{name}");
    }
}
