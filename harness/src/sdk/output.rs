//! How clients read the answer to a call that went well, as far as that was measured.

use super::answer::{Answer, Body};
use super::json::{Json, Oddities};
use super::verdict::{Sdk, Verdict};
use super::{botocore, go, javascript, rust};
use passmuster_contract::domain::Timestamp;
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};

/// What a client makes of an answer that it takes for a success.
pub(super) fn read(sdk: Sdk, answer: &Answer<'_>) -> Verdict {
    let members = answer.operation.shape().output;
    if matches!(answer.body, Body::Empty) || (members.is_empty() && sdk == Sdk::JavaScript) {
        return Verdict::Success;
    }
    if sdk == Sdk::Botocore && !answer.is_utf8 {
        return Verdict::Crash("UnicodeDecodeError");
    }
    let value = match &answer.body {
        Body::Deep => return Verdict::NotPredicted,
        Body::Json(value, odd) if can_read(sdk, answer, *odd) => Some(value),
        Body::Json(..) | Body::Empty | Body::Blank | Body::Other => None,
    };
    let is_object = matches!(value, Some(Json::Object(_)));
    if members.is_empty() && sdk != Sdk::Botocore && !is_object {
        // Most don't look at the body then, but nobody has tried.
        return Verdict::NotPredicted;
    }
    match value {
        Some(Json::Object(_)) => {}
        Some(Json::Null) if matches!(sdk, Sdk::Botocore | Sdk::JavaScript) => return Verdict::Crash("TypeError"),
        Some(Json::Null) if matches!(sdk, Sdk::GoA | Sdk::GoB) => return Verdict::Success,
        Some(_) if members.is_empty() || sdk == Sdk::JavaScript => return Verdict::Success,
        Some(_) => return fails(sdk),
        // botocore takes a body that is no JSON for a message, JavaScript can't, and Go ignores blanks.
        None if sdk == Sdk::Botocore => return Verdict::Success,
        None if sdk == Sdk::JavaScript => return Verdict::Crash("SyntaxError"),
        None if matches!(sdk, Sdk::GoA | Sdk::GoB) && matches!(answer.body, Body::Blank) => {
            return Verdict::Success;
        }
        None => return fails(sdk),
    }
    value.and_then(|value| misfit_among(sdk, members, value)).unwrap_or(Verdict::Success)
}

const fn can_read(sdk: Sdk, answer: &Answer<'_>, odd: Oddities) -> bool {
    match sdk {
        Sdk::Botocore => botocore::can_read(odd),
        Sdk::JavaScript => javascript::can_read(odd),
        Sdk::GoA | Sdk::GoB => go::can_read(odd),
        Sdk::Rust => rust::can_read(odd) && !odd.broken_escape && answer.is_utf8,
        Sdk::GoC | Sdk::Java => rust::can_read(odd) && !odd.broken_escape && !odd.loose_number && answer.is_utf8,
    }
}

/// What a client says to a value that it can't take; of Go (c) and Java nobody has tried.
const fn fails(sdk: Sdk) -> Verdict {
    match sdk {
        Sdk::Botocore => Verdict::Crash("AttributeError"),
        Sdk::Rust => Verdict::NoCode,
        Sdk::GoA | Sdk::GoB => Verdict::DecodeError,
        Sdk::GoC | Sdk::Java | Sdk::JavaScript => Verdict::NotPredicted,
    }
}

/// The first thing in a structure that a client can't take.
fn misfit_among(sdk: Sdk, known: &[MemberShape], value: &Json) -> Option<Verdict> {
    // Rust reads a member that is given twice twice.
    let times = if sdk == Sdk::Rust { usize::MAX } else { 1 };
    known.iter().find_map(|member| {
        let given = value.members().iter().rev().filter(|(name, _)| name.text == member.name);
        given.take(times).find_map(|(_, value)| misfit(sdk, &member.kind, value))
    })
}

fn misfit(sdk: Sdk, kind: &ShapeKind, value: &Json) -> Option<Verdict> {
    if *value == Json::Null {
        return None;
    }
    let takes_anything = matches!(sdk, Sdk::Botocore | Sdk::JavaScript);
    let fits = match (kind, value) {
        (ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_), Json::String(text)) => {
            !text.lone_surrogate || sdk != Sdk::Rust
        }
        (ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_), _) => takes_anything,
        (ShapeKind::List { item, .. }, Json::Array(items)) => {
            let is_dense = matches!(sdk, Sdk::Rust | Sdk::GoC | Sdk::Java);
            if is_dense && items.contains(&Json::Null) {
                return Some(fails(sdk));
            }
            return items.iter().find_map(|value| misfit(sdk, item, value));
        }
        (ShapeKind::Structure(known), Json::Object(_)) => return misfit_among(sdk, known, value),
        (ShapeKind::List { item, .. }, _) if sdk == Sdk::Botocore => return iterated(item, value),
        (ShapeKind::List { .. } | ShapeKind::Structure(_), _) => sdk == Sdk::JavaScript,
        // How tolerant clients are with these was not measured.
        (ShapeKind::Timestamp, value) => {
            return unless(value.text().is_some_and(|text| Timestamp::parse(text).is_some()));
        }
        (ShapeKind::Boolean, value) => return unless(matches!(value, Json::Bool(_))),
        (ShapeKind::Integer(_), Json::Number(number)) => return unless(number.parse::<i32>().is_ok()),
        (ShapeKind::Integer(_) | ShapeKind::Tags | ShapeKind::Open, value) => {
            return unless(matches!(value, Json::Object(members) if members.is_empty()));
        }
    };
    (!fits).then(|| fails(sdk))
}

fn unless(known: bool) -> Option<Verdict> {
    (!known).then_some(Verdict::NotPredicted)
}

/// What botocore says to something that it goes through as if it were a list: strings and objects it can.
fn iterated(item: &ShapeKind, value: &Json) -> Option<Verdict> {
    let is_empty = match value {
        Json::String(text) => text.text.is_empty(),
        Json::Object(members) => members.is_empty(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => return Some(Verdict::Crash("TypeError")),
    };
    let takes_anything = matches!(item, ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_));
    match item {
        _ if is_empty || takes_anything => None,
        ShapeKind::Structure(_) => Some(Verdict::Crash("AttributeError")),
        _ => Some(Verdict::NotPredicted),
    }
}
