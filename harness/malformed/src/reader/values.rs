//! Values held against the API model: what is wrong with them, and which readings of them are right.
//! It shares nothing with `wire::decode`.

use serde_json::Value;

use super::RefusalKind;
use super::expect::{Relief, RequestFault, wanted};
use super::json::{JsonMember, JsonNode, JsonText, LosslessJson};
use passmuster_contract::domain::shape::{Location, MemberShape, ShapeKind};

/// A walk through the members of a body.
pub(crate) struct BodyWalk<'a> {
    pub(crate) bytes: &'a [u8],
    pub(crate) faults: Vec<RequestFault>,
    pub(crate) leeway: Vec<RefusalKind>,
    pub(crate) anything: bool,
}

impl<'a> BodyWalk<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, faults: Vec::new(), leeway: Vec::new(), anything: false }
    }

    fn fault(&mut self, row: &'static str, cause: impl Into<String>, place: &str, relief: Relief) {
        let cause = cause.into();
        self.faults.push(RequestFault {
            row,
            refusal: RefusalKind::Parse,
            cause,
            place: place.to_owned(),
            relief,
        });
    }

    fn breach(&mut self, row: &'static str, cause: &str, place: &str, relief: Relief) {
        let cause = cause.to_owned();
        self.faults.push(RequestFault {
            row,
            refusal: RefusalKind::Constraint,
            cause,
            place: place.to_owned(),
            relief,
        });
    }

    /// Either refusal is right: the sources differ, or are silent.
    fn either(&mut self) {
        self.leeway.extend([RefusalKind::Parse, RefusalKind::Constraint]);
    }

    pub(crate) fn structure(
        &mut self,
        known: &[MemberShape],
        members: &[JsonMember],
        place: &str,
        relief: Relief,
    ) {
        let find =
            |name: &str| known.iter().find(|member| member.location == Location::Body && member.name == name);
        for written in members {
            match &written.name {
                JsonText::Plain(name) if find(name).is_some() => {}
                // Row D81: an unknown member is ignored or refused; whatever is odd inside it (D67, D69, D70) may be, too.
                JsonText::Plain(_) => {
                    self.leeway.push(RefusalKind::Parse);
                    self.skipped(written, place);
                }
                // Row D63.
                JsonText::NotUtf8 => self.fault("D63", "a name that is not UTF-8", place, Relief::None),
                // Row D64: a reader may leave out the half character, and find a name that it knows.
                JsonText::LoneSurrogate => self.anything = true,
            }
        }
        for member in known.iter().filter(|member| member.location == Location::Body) {
            let named = members.iter().filter(|written| written.name.plain() == Some(member.name));
            let values: Vec<&JsonNode> = named.map(|written| &written.value).collect();
            self.member(member, &values, &format!("{place}/{}", member.name), relief);
        }
    }

    /// Bytes that are not UTF-8 below an unknown member (row D63).
    fn skipped(&mut self, written: &JsonMember, place: &str) {
        let bad_name = |member: &&JsonMember| member.name == JsonText::NotUtf8;
        let bad = written.value.all().iter().any(|node| node.value == LosslessJson::String(JsonText::NotUtf8))
            || written.value.members().iter().any(bad_name);
        if bad {
            let cause = "bytes that are not UTF-8 in an unknown member";
            let place = if place.is_empty() { "body" } else { place };
            self.fault("D63", cause, place, Relief::Skipped);
        }
    }

    fn member(&mut self, member: &MemberShape, values: &[&JsonNode], place: &str, relief: Relief) {
        match values {
            [] if member.required => {
                self.faults.push(RequestFault { place: place.to_owned(), relief, ..RequestFault::missing() });
            }
            [] => {}
            [one] => self.given(member, one, place, relief),
            // Row D67: refused, or one of them counts. What is wrong with one is wrong with a reader that takes it.
            several => {
                let mut common: Option<Vec<RequestFault>> = None;
                for value in several {
                    let mut walk = BodyWalk::new(self.bytes);
                    walk.given(member, value, place, relief);
                    self.leeway.extend(walk.faults.iter().map(|fault| fault.refusal));
                    self.leeway.append(&mut walk.leeway);
                    self.anything |= walk.anything;
                    let mut shared = common.unwrap_or_else(|| walk.faults.clone());
                    shared.retain(|fault| walk.faults.contains(fault));
                    common = Some(shared);
                }
                self.either();
                self.faults.extend(common.unwrap_or_default());
            }
        }
    }

    fn given(&mut self, member: &MemberShape, node: &JsonNode, place: &str, relief: Relief) {
        match (&node.value, member.required) {
            // Rows D79 and D80: null is a member that was not sent.
            (LosslessJson::Null, true) => self.member(member, &[], place, relief),
            (LosslessJson::Null, false) => {}
            _ => self.value(&member.kind, node, place, relief),
        }
    }

    fn value(&mut self, kind: &ShapeKind, node: &JsonNode, place: &str, relief: Relief) {
        match (kind, &node.value) {
            (
                ShapeKind::String | ShapeKind::NonEmpty | ShapeKind::Timestamp | ShapeKind::Enum(_),
                LosslessJson::String(text),
            ) => {
                self.string(kind, text, place, relief);
            }
            (ShapeKind::Boolean, LosslessJson::Bool(_)) => {}
            (ShapeKind::Integer(bounds), LosslessJson::Number) => self.integer(*bounds, node, place),
            (ShapeKind::List { bounds, item }, LosslessJson::Array(items)) => {
                self.length(items.len(), bounds.unwrap_or((0, usize::MAX)), place);
                if bounds.is_none() && items.is_empty() {
                    // The model has no least length, the service may have one.
                    self.leeway.push(RefusalKind::Constraint);
                }
                for (index, value) in items.iter().enumerate() {
                    self.value(item, value, &format!("{place}/{index}"), Relief::Entry);
                }
            }
            (ShapeKind::Tags, LosslessJson::Object(tags)) => self.tags(tags, place),
            (ShapeKind::Structure(known), LosslessJson::Object(members)) => {
                self.structure(known, members, place, relief)
            }
            // Findings and their filters: this tool doesn't know their inside.
            (ShapeKind::Open, LosslessJson::Object(_)) => self.either(),
            (kind, value) => self.fault(row_of_type(value, kind), wrong(value, kind), place, relief),
        }
    }

    fn string(&mut self, kind: &ShapeKind, text: &JsonText, place: &str, relief: Relief) {
        let text = match text {
            JsonText::Plain(text) => text,
            JsonText::LoneSurrogate => return self.either(),
            JsonText::NotUtf8 => {
                return self.fault("D63", "bytes that are not UTF-8", place, Relief::None);
            }
        };
        match kind {
            // Row D102. What else is white space is each language's own idea.
            ShapeKind::NonEmpty
                if text.chars().all(|c| matches!(c, ' ' | '\t' | '\n' | '\u{b}' | '\u{c}' | '\r')) =>
            {
                self.breach("D102", "a blank string", place, relief);
            }
            ShapeKind::Enum(allowed) if !allowed.contains(&text.as_str()) => {
                self.breach("D104", "a word that is not on the list", place, Relief::None);
            }
            ShapeKind::Enum(_) => {}
            // Rows D103, D112, D114: a server may look closer than the model does.
            _ if !is_ordinary(text) => self.leeway.push(RefusalKind::Constraint),
            _ => {}
        }
    }

    fn integer(&mut self, bounds: Option<(i64, i64)>, node: &JsonNode, place: &str) {
        let text = String::from_utf8_lossy(&self.bytes[node.span.clone()]).into_owned();
        match read_integer(&text) {
            Integer::Whole(value) => {
                if bounds.is_some_and(|(least, most)| !(least..=most).contains(&value)) {
                    self.breach("D101", "a number out of bounds", place, Relief::None);
                }
                if i32::try_from(value).is_err() || text.starts_with("-0") {
                    self.leeway.push(RefusalKind::Parse);
                }
            }
            // Row D77: no source says whether 1.0 and 1e0 are integers.
            Integer::Disguised(_) => self.either(),
            Integer::Not => {
                self.leeway.push(RefusalKind::Constraint);
                self.fault("D77", "a number that is no integer of 64 bits", place, Relief::None);
            }
        }
    }

    fn tags(&mut self, tags: &[JsonMember], place: &str) {
        self.length(tags.len(), (1, 50), place);
        for tag in tags {
            let Some(key) = tag.name.plain() else {
                match tag.name {
                    JsonText::NotUtf8 => self.fault("D63", "a name that is not UTF-8", place, Relief::None),
                    _ => self.anything = true,
                }
                continue;
            };
            if tags.iter().filter(|other| other.name == tag.name).count() > 1 {
                // Which of them counts is open, and so is what is wrong.
                return self.anything = true;
            }
            // Row D105. The pattern of a key admits few characters, and not every server has it.
            if key.starts_with("aws:") || key.is_empty() || key.chars().count() > 128 {
                self.breach("D105", "a key that no tag may have", place, Relief::None);
            } else if !key.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-=._:/".contains(&byte)) {
                self.leeway.push(RefusalKind::Constraint);
            }
            match &tag.value.value {
                LosslessJson::String(JsonText::Plain(text)) if text.chars().count() > 256 => {
                    self.breach("D105", "a tag that is too long", place, Relief::None);
                }
                LosslessJson::String(text) => self.string(&ShapeKind::String, text, place, Relief::None),
                other => {
                    self.leeway.push(RefusalKind::Constraint);
                    self.fault(
                        row_of_type(other, &ShapeKind::String),
                        wrong(other, &ShapeKind::String),
                        place,
                        Relief::None,
                    );
                }
            }
        }
    }

    fn length(&mut self, length: usize, (least, most): (usize, usize), place: &str) {
        if length < least {
            self.breach("D100", "a list that is too short", place, Relief::None);
        } else if length > most {
            // Row D100: the service was seen to take 51 accounts and to report the surplus as unprocessed.
            self.breach("D100", "a list that is too long", place, Relief::Entry);
        }
    }

    /// Whether a value that was read is one of those that may be read from what was written.
    pub(crate) fn admits(&self, kind: &ShapeKind, written: &[&JsonNode], read: Option<&Value>) -> bool {
        match read {
            None | Some(Value::Null) => {
                written.is_empty() || written.iter().any(|node| node.value == LosslessJson::Null)
            }
            Some(value) => written.iter().any(|node| self.admits_one(kind, node, value)),
        }
    }

    fn admits_one(&self, kind: &ShapeKind, node: &JsonNode, read: &Value) -> bool {
        match (kind, &node.value, read) {
            (_, LosslessJson::String(JsonText::Plain(text)), Value::String(read)) => text == read,
            // Row D64: left out or replaced.
            (_, LosslessJson::String(_), Value::String(_)) => true,
            (_, LosslessJson::Bool(flag), Value::Bool(read)) => flag == read,
            (ShapeKind::Integer(_), LosslessJson::Number, Value::Number(read)) => {
                let text = String::from_utf8_lossy(&self.bytes[node.span.clone()]).into_owned();
                match read_integer(&text) {
                    Integer::Whole(value) => read.as_i64() == Some(value),
                    Integer::Disguised(value) => read.as_f64() == Some(value),
                    Integer::Not => false,
                }
            }
            (ShapeKind::List { item, .. }, LosslessJson::Array(items), Value::Array(read)) => {
                let same = |(node, value): (&JsonNode, &Value)| self.admits(item, &[node], Some(value));
                items.len() == read.len() && items.iter().zip(read).all(same)
            }
            (ShapeKind::Tags, LosslessJson::Object(tags), Value::Object(read)) => {
                let same = |tag: &JsonMember| {
                    let key = tag.name.plain().and_then(|key| read.get(key));
                    self.admits(&ShapeKind::String, &[&tag.value], key)
                };
                read.len() == tags.len() && tags.iter().all(same)
            }
            (ShapeKind::Structure(known), LosslessJson::Object(members), Value::Object(read)) => {
                known.iter().all(|member| {
                    let named = members.iter().filter(|written| written.name.plain() == Some(member.name));
                    let written: Vec<&JsonNode> = named.map(|written| &written.value).collect();
                    self.admits(&member.kind, &written, read.get(member.name))
                })
            }
            // An inside that no shape describes, or a wrong type that was kept as it came for other code to refuse.
            (_, LosslessJson::Number, Value::Number(_))
            | (_, LosslessJson::Array(_), Value::Array(_))
            | (_, LosslessJson::Object(_), Value::Object(_)) => true,
            _ => false,
        }
    }
}

/// The row that a value of another type breaks.
const fn row_of_type(value: &LosslessJson, kind: &ShapeKind) -> &'static str {
    match (value, kind) {
        (LosslessJson::Null, _) => "D78",
        (_, ShapeKind::Boolean) => "D76",
        (_, ShapeKind::Integer(_)) => "D77",
        (LosslessJson::Array(_), ShapeKind::Structure(_)) => "D84",
        _ => "D75",
    }
}

fn wrong(value: &LosslessJson, kind: &ShapeKind) -> String {
    format!("{} where {} belongs", value.described(), wanted(kind))
}

/// An account id or a mail address that is right in every way.
fn is_ordinary(text: &str) -> bool {
    let is_id = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit());
    let plain = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let mail = text.split_once('@').and_then(|(name, host)| Some((name, host.split_once('.')?)));
    let is_mail =
        text.len() < 64 && mail.is_some_and(|(name, (host, end))| plain(name) && plain(host) && plain(end));
    is_id || is_mail
}

/// A number in the place of an integer.
enum Integer {
    /// Digits that fit into 64 bits.
    Whole(i64),
    /// A whole number with a fraction or an exponent.
    Disguised(f64),
    /// Anything else.
    Not,
}

fn read_integer(text: &str) -> Integer {
    if !text.contains(['.', 'e', 'E']) {
        return text.parse().map_or(Integer::Not, Integer::Whole);
    }
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() && value.fract() == 0.0 => Integer::Disguised(value),
        _ => Integer::Not,
    }
}
