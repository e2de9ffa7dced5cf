//! The published schemas and what is written are the same: a member or a word in only one of them fails here.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use passmuster::domain::{DivergenceKind, Grade, Severity};
use passmuster::record::{
    Disposition, GoalStatus, OperationSupport, ReplayStanding, RuleStatus, RunRecord, Uncertainty,
};
use passmuster::report::{SCHEMAS, format};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::report_html::hostile;
use crate::sample;
use crate::schema::{check, check_events, schema};

fn written(name: &str, record: &RunRecord) -> String {
    let mut out = Vec::new();
    format(name).unwrap().write(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

/// The members that a schema names, as `Type.member`.
fn members(schema: &Value) -> BTreeSet<String> {
    fn collect(schema: &Value, name: &str, found: &mut BTreeSet<String>) {
        let properties = schema["properties"].as_object();
        found.extend(properties.into_iter().flatten().map(|(key, _)| format!("{name}.{key}")));
        let parts = [("oneOf", schema["oneOf"].as_array()), ("anyOf", schema["anyOf"].as_array())];
        let forms = parts.into_iter().filter_map(|(_, forms)| forms).flatten();
        forms.into_iter().for_each(|form| collect(form, name, found));
        // Objects within objects have no name of their own.
        let inner = properties.into_iter().flatten().map(|(_, inner)| inner);
        inner.into_iter().for_each(|inner| collect(inner, "", found));
    }
    let mut found = BTreeSet::new();
    collect(schema, "", &mut found);
    for (name, one) in schema["$defs"].as_object().unwrap() {
        collect(one, name, &mut found);
    }
    found
}

/// The words that a type of the record has, by the message that refuses any other.
fn words<T: DeserializeOwned>() -> Value {
    let Err(refused) = serde_json::from_value::<T>(json!("?")) else { panic!("? is no word") };
    refused.to_string().split('`').skip(3).step_by(2).collect()
}

#[test]
fn what_is_written_is_as_the_schema_says() {
    for record in [sample::clean(), sample::flawed(), hostile(), sample::full()] {
        check(&schema("run"), &serde_json::from_str(&written("json", &record)).unwrap());
        check_events(&written("ndjson", &record));
    }
}

#[test]
fn every_member_of_the_schema_is_written_and_read() {
    let record = sample::full();
    let document: Value = serde_json::from_str(&written("json", &record)).unwrap();
    assert_eq!(check(&schema("run"), &document), members(&schema("run")));
    assert_eq!(serde_json::from_value::<RunRecord>(document).unwrap(), record);
}

#[test]
fn the_words_of_the_schema_are_those_of_the_record() {
    let schema = schema("run");
    for (name, words) in [
        ("Disposition", words::<Disposition>()),
        ("DivergenceKind", words::<DivergenceKind>()),
        ("GoalStatus", words::<GoalStatus>()),
        ("Grade", words::<Grade>()),
        ("OperationSupport", words::<OperationSupport>()),
        ("ReplayStanding", words::<ReplayStanding>()),
        ("RuleStatus", words::<RuleStatus>()),
        ("Severity", words::<Severity>()),
        ("Uncertainty", words::<Uncertainty>()),
    ] {
        assert_eq!(schema["$defs"][name]["enum"], words, "{name}");
    }
    let listed = schema["$defs"].as_object().unwrap().values().filter(|one| one.get("enum").is_some());
    assert_eq!(listed.count(), 9);
}

#[test]
fn the_schemas_agree_on_what_they_share() {
    let (run, events) = (schema("run"), schema("events"));
    for (name, one) in events["$defs"].as_object().unwrap() {
        assert_eq!(&run["$defs"][name], one, "{name}");
    }
}

#[test]
fn a_document_that_is_not_as_the_schema_says_is_refused() {
    let document: Value = serde_json::from_str(&written("json", &sample::full())).unwrap();
    for (place, value) in [
        ("/seed", json!("1")),
        ("/seed", json!(-1)),
        ("/schema", json!("passmuster.run/9")),
        ("/divergences/0/kind", json!("novel")),
        ("/divergences/0", json!({})),
        ("/target", json!({ "name": "", "endpoint": "", "colour": "red" })),
        ("/target/version", json!(5)),
        ("/shard/leads/0/looked", json!({ "lost": {} })),
    ] {
        let mut other = document.clone();
        *other.pointer_mut(place).unwrap() = value;
        let caught = std::panic::catch_unwind(|| check(&schema("run"), &other));
        assert!(caught.is_err(), "{place}");
    }
}

#[test]
fn a_line_of_events_is_one_whatever_ends_lines() {
    let mut record = sample::flawed();
    record.divergences[0].summary = "a\u{85}b\u{2028}c\u{2029}d\r\ne".to_owned();
    let text = written("ndjson", &record);
    assert!(!text.contains(['\u{85}', '\u{2028}', '\u{2029}', '\r']));
    let told = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let mut told = told.filter(|line| line["event"] == "divergence");
    assert_eq!(told.next().unwrap()["divergence"]["summary"], record.divergences[0].summary);
}

#[test]
fn each_schema_has_a_name_of_its_own_and_says_what_it_is_for() {
    let names: BTreeSet<&str> = SCHEMAS.iter().map(|schema| schema.name).collect();
    assert_eq!(names.len(), SCHEMAS.len());
    for one in SCHEMAS {
        assert_eq!(schema(one.name)["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
}
