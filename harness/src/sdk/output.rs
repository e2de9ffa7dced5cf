//! The clients' reading of the answer to a call that went well, as far as that was measured.

use super::answer::{AnswerBody, SdkAnswer};
use super::json::{LenientJson, Oddities};
use super::verdict::{Sdk, SdkVerdict};
use super::{botocore, go, javascript, rust};
use passmuster_contract::domain::Timestamp;
use passmuster_contract::domain::shape::{MemberShape, ShapeKind};

/// The verdict of a client on an answer that it takes for a success.
pub(super) fn read(sdk: Sdk, answer: &SdkAnswer<'_>) -> SdkVerdict {
    let members = answer.operation.shape().output;
    if matches!(answer.body, AnswerBody::Empty) || (members.is_empty() && sdk == Sdk::JavaScript) {
        return SdkVerdict::Success;
    }
    if sdk == Sdk::Botocore && !answer.is_utf8 {
        return SdkVerdict::Crash("UnicodeDecodeError");
    }
    let value = match &answer.body {
        AnswerBody::Deep => return SdkVerdict::NotPredicted,
        AnswerBody::Json(value, odd) if can_read(sdk, answer, *odd) => Some(value),
        AnswerBody::Json(..) | AnswerBody::Empty | AnswerBody::Blank | AnswerBody::Other => None,
    };
    let is_object = matches!(value, Some(LenientJson::Object(_)));
    if members.is_empty() && sdk != Sdk::Botocore && !is_object {
        // Most don't look at the body then, but that is not measured.
        return SdkVerdict::NotPredicted;
    }
    match value {
        Some(LenientJson::Object(_)) => {}
        Some(LenientJson::Null) if matches!(sdk, Sdk::Botocore | Sdk::JavaScript) => {
            return SdkVerdict::Crash("TypeError");
        }
        Some(LenientJson::Null) if matches!(sdk, Sdk::GoA | Sdk::GoB) => return SdkVerdict::Success,
        Some(_) if members.is_empty() || sdk == Sdk::JavaScript => return SdkVerdict::Success,
        Some(_) => return fails(sdk),
        // botocore takes a body that is no JSON for a message, JavaScript can't, and Go ignores blanks.
        None if sdk == Sdk::Botocore && members.is_empty() => return SdkVerdict::Success,
        None if sdk == Sdk::Botocore => return SdkVerdict::Odd("nothing of the output"),
        None if sdk == Sdk::JavaScript => return SdkVerdict::Crash("SyntaxError"),
        None if matches!(sdk, Sdk::GoA | Sdk::GoB) && matches!(answer.body, AnswerBody::Blank) => {
            return SdkVerdict::Success;
        }
        None => return fails(sdk),
    }
    value.and_then(|value| misfit_among(sdk, members, value)).unwrap_or(SdkVerdict::Success)
}

const fn can_read(sdk: Sdk, answer: &SdkAnswer<'_>, odd: Oddities) -> bool {
    match sdk {
        Sdk::Botocore => botocore::can_read(odd),
        Sdk::JavaScript => javascript::can_read(odd),
        Sdk::GoA | Sdk::GoB => go::can_read(odd),
        Sdk::Rust => rust::can_read(odd) && !odd.broken_escape && answer.is_utf8,
        Sdk::GoC | Sdk::Java => rust::can_read(odd) && !odd.broken_escape && !odd.loose_number && answer.is_utf8,
    }
}

/// The error of a client at a value that it can't take; of Go (c) and Java it is not measured.
const fn fails(sdk: Sdk) -> SdkVerdict {
    match sdk {
        Sdk::Botocore => SdkVerdict::Crash("AttributeError"),
        Sdk::Rust => SdkVerdict::NoCode,
        Sdk::GoA | Sdk::GoB => SdkVerdict::DecodeError,
        Sdk::GoC | Sdk::Java | Sdk::JavaScript => SdkVerdict::NotPredicted,
    }
}

/// The first thing in a structure that a client can't take.
fn misfit_among(sdk: Sdk, known: &[MemberShape], value: &LenientJson) -> Option<SdkVerdict> {
    // Rust reads a member that is given twice twice.
    let times = if sdk == Sdk::Rust { usize::MAX } else { 1 };
    let of_member = |member: &MemberShape| {
        let given = value.members().iter().rev().filter(|(name, _)| name.text == member.name);
        given.take(times).filter_map(|(_, value)| misfit(sdk, &member.kind, value)).reduce(graver)
    };
    known.iter().filter_map(of_member).reduce(graver)
}

/// The verdict that counts, of two in their order: what is only odd doesn't keep a client from failing on the other.
fn graver(first: SdkVerdict, second: SdkVerdict) -> SdkVerdict {
    if matches!(first, SdkVerdict::Odd(_)) { second } else { first }
}

fn misfit(sdk: Sdk, kind: &ShapeKind, value: &LenientJson) -> Option<SdkVerdict> {
    if *value == LenientJson::Null {
        return None;
    }
    let takes_anything = matches!(sdk, Sdk::Botocore | Sdk::JavaScript);
    let fits = match (kind, value) {
        (ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_), LenientJson::String(text)) => {
            !text.lone_surrogate || sdk != Sdk::Rust
        }
        (ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_), _) if takes_anything => {
            return Some(SdkVerdict::Odd("a value that is no string"));
        }
        // aws-sdk-go-v2, issue 3391.
        (ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_), _) if sdk == Sdk::GoC => {
            return Some(SdkVerdict::DecodeError);
        }
        (ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_), _) => false,
        (ShapeKind::List { item, .. }, LenientJson::Array(items)) => {
            let null = items.contains(&LenientJson::Null).then(|| null_entry(sdk));
            return null
                .into_iter()
                .chain(items.iter().filter_map(|value| misfit(sdk, item, value)))
                .reduce(graver);
        }
        (ShapeKind::Structure(known), LenientJson::Object(_)) => return misfit_among(sdk, known, value),
        (ShapeKind::List { item, .. }, _) if sdk == Sdk::Botocore => return iterated(item, value),
        (ShapeKind::List { .. } | ShapeKind::Structure(_), _) => sdk == Sdk::JavaScript,
        // How tolerant clients are with these was not measured.
        (ShapeKind::Timestamp, value) => {
            return unless(value.text().is_some_and(|text| Timestamp::parse(text).is_some()));
        }
        (ShapeKind::Boolean, value) => return unless(matches!(value, LenientJson::Bool(_))),
        (ShapeKind::Integer(_), LenientJson::Number(number)) => return unless(number.parse::<i32>().is_ok()),
        (ShapeKind::Integer(_) | ShapeKind::Tags | ShapeKind::Open, value) => {
            return unless(matches!(value, LenientJson::Object(members) if members.is_empty()));
        }
    };
    (!fits).then(|| fails(sdk))
}

/// The reading of a null in a list.
const fn null_entry(sdk: Sdk) -> SdkVerdict {
    match sdk {
        Sdk::Rust | Sdk::GoC => fails(sdk),
        Sdk::GoA | Sdk::GoB => SdkVerdict::Odd("an empty entry for null"),
        // aws-sdk-java-v2, issue 896; aws-sdk-js, pull request 657.
        Sdk::Botocore | Sdk::Java | Sdk::JavaScript => SdkVerdict::Odd("null for an entry"),
    }
}

fn unless(known: bool) -> Option<SdkVerdict> {
    (!known).then_some(SdkVerdict::NotPredicted)
}

/// The error of botocore at a value that it goes through as if it were a list: strings and objects it can.
fn iterated(item: &ShapeKind, value: &LenientJson) -> Option<SdkVerdict> {
    let is_empty = match value {
        LenientJson::String(text) => text.text.is_empty(),
        LenientJson::Object(members) => members.is_empty(),
        LenientJson::Null | LenientJson::Bool(_) | LenientJson::Number(_) | LenientJson::Array(_) => {
            return Some(SdkVerdict::Crash("TypeError"));
        }
    };
    let takes_anything = matches!(item, ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Enum(_));
    match item {
        _ if is_empty || takes_anything => None,
        ShapeKind::Structure(_) => Some(SdkVerdict::Crash("AttributeError")),
        _ => Some(SdkVerdict::NotPredicted),
    }
}
