//! The edges: both sides of every constraint in the wire table, and those that cases try.

use std::collections::BTreeSet;

use passmuster::domain::shape::{MemberShape, ShapeKind};
use passmuster::domain::{Document, Operation, PlainNaming, Transition};
use passmuster::generate::Case;
use passmuster::wire::violations;
use serde_json::Value;

/// The call that a case is about.
pub(crate) fn subject(case: &Case) -> &Transition {
    &case.scenario.transitions[case.stage]
}

fn members(transition: &Transition) -> Document {
    transition.request.to_document(transition.caller, transition.region, &PlainNaming)
}

/// Every edge, as operation, place and what stands there.
pub(crate) fn all() -> Vec<String> {
    let mut edges = Vec::new();
    for operation in Operation::ALL {
        structure(operation.shape().input, operation.name(), &mut edges);
    }
    edges
}

fn structure(known: &[MemberShape], place: &str, edges: &mut Vec<String>) {
    for member in known {
        let place = format!("{place}/{}", member.name);
        if member.required {
            edges.extend([format!("{place} is missing"), format!("{place} is there")]);
        }
        kind(&member.kind, &place, edges);
    }
}

fn kind(kind: &ShapeKind, place: &str, edges: &mut Vec<String>) {
    let mut add = |what: String| edges.push(format!("{place} {what}"));
    match kind {
        ShapeKind::NonEmpty => ["is empty", "is blank", "is text"].iter().for_each(|what| add((*what).to_owned())),
        ShapeKind::Enum(known) => {
            known.iter().for_each(|value| add(format!("is {value}")));
            add("is another word".to_owned());
        }
        ShapeKind::Integer(Some((least, most))) => {
            [least - 1, *least, *most, most + 1].iter().for_each(|value| add(format!("is {value}")));
        }
        ShapeKind::List { bounds, item } => {
            if let Some((least, most)) = bounds {
                [least - 1, *least, *most, most + 1].iter().for_each(|count| add(format!("holds {count}")));
            }
            self::kind(item, &format!("{place}/-"), edges);
        }
        ShapeKind::Tags => {
            [0, 1, 50, 51].iter().for_each(|count| add(format!("holds {count}")));
            [0, 1, 128, 129].iter().for_each(|length| add(format!("has a key of {length}")));
            [0, 256, 257].iter().for_each(|length| add(format!("has a value of {length}")));
            add("has a reserved key".to_owned());
        }
        ShapeKind::Structure(known) => structure(known, place, edges),
        ShapeKind::Boolean => [true, false].iter().for_each(|value| add(format!("is {value}"))),
        ShapeKind::String | ShapeKind::Timestamp | ShapeKind::Integer(None) | ShapeKind::Open => {}
    }
}

/// The edges that the calls try which the cases are about.
pub(crate) fn tried(cases: &[Case]) -> BTreeSet<String> {
    let mut tried = BTreeSet::new();
    for case in cases {
        let Transition { request, .. } = subject(case);
        let members = members(subject(case));
        // Two faults at once say nothing of the edge of either.
        if violations(request.operation, &members).len() < 2 {
            let mut shown = Vec::new();
            present(request.operation.shape().input, Some(&members), request.operation.name(), &mut shown);
            tried.extend(shown);
        }
    }
    tried
}

fn present(known: &[MemberShape], members: Option<&Document>, place: &str, shown: &mut Vec<String>) {
    for member in known {
        let place = format!("{place}/{}", member.name);
        match members.and_then(|members| members.get(member.name)) {
            None | Some(Value::Null) => shown.push(format!("{place} is missing")),
            Some(value) => {
                shown.push(format!("{place} is there"));
                shows(&member.kind, value, &place, shown);
            }
        }
    }
}

fn shows(kind: &ShapeKind, value: &Value, place: &str, shown: &mut Vec<String>) {
    let mut add = |what: String| shown.push(format!("{place} {what}"));
    match (kind, value) {
        (ShapeKind::NonEmpty, Value::String(text)) => add(match text.as_str() {
            "" => "is empty".to_owned(),
            text if text.trim().is_empty() => "is blank".to_owned(),
            _ => "is text".to_owned(),
        }),
        (ShapeKind::Enum(known), Value::String(text)) if !known.contains(&text.as_str()) => {
            add("is another word".to_owned());
        }
        (ShapeKind::Enum(_), Value::String(text)) => add(format!("is {text}")),
        (ShapeKind::Integer(_) | ShapeKind::Boolean, value) => add(format!("is {value}")),
        (ShapeKind::List { item, .. }, Value::Array(items)) => {
            add(format!("holds {}", items.len()));
            items.iter().for_each(|value| shows(item, value, &format!("{place}/-"), shown));
        }
        (ShapeKind::Tags, Value::Object(tags)) => {
            add(format!("holds {}", tags.len()));
            for (key, value) in tags {
                add(format!("has a key of {}", key.len()));
                add(format!("has a value of {}", value.as_str().unwrap().len()));
                if key.starts_with("aws:") {
                    add("has a reserved key".to_owned());
                }
            }
        }
        (ShapeKind::Structure(known), Value::Object(members)) => present(known, Some(members), place, shown),
        _ => {}
    }
}
