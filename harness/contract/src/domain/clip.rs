//! Keeps no more of a foreign text or answer than anybody reads.

use std::borrow::Cow;

use serde_json::Value;

use super::{Divergence, Document, Outcome, Place, ServiceError};

/// The most bytes that are kept of an answer.
const MOST_OF_ANSWER: usize = 16 << 10;
/// The most bytes that are kept of one text in it, or of a name.
const MOST_OF_TEXT: usize = 2 << 10;
/// The most bytes that are kept of the place of a divergence.
const MOST_OF_PLACE: usize = 300;
/// Values that lie deeper are left out.
const DEEPEST: usize = 16;

/// The text, or its first bytes up to this number, with a mark that it was cut.
#[must_use]
pub fn clipped(text: &str, most: usize) -> Cow<'_, str> {
    if text.len() <= most {
        return Cow::Borrowed(text);
    }
    let mut end = most;
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(format!("{}…", text.get(..end).unwrap_or_default()))
}

impl Outcome {
    /// The answer with as much of it as a report shows.
    #[must_use]
    pub fn clipped(&self) -> Self {
        match self {
            Self::Success(document) => {
                let mut left = MOST_OF_ANSWER;
                Self::Success(members(document, &mut left, 0))
            }
            Self::Error(error) => Self::Error(ServiceError {
                message: error.message.as_deref().map(|text| clipped(text, MOST_OF_TEXT).into_owned()),
                ..error.clone()
            }),
            Self::Undecodable { status, pointer, reason } => Self::Undecodable {
                status: *status,
                pointer: clipped(pointer, MOST_OF_PLACE).into_owned(),
                reason: clipped(reason, MOST_OF_TEXT).into_owned(),
            },
        }
    }
}

impl Divergence {
    /// The divergence with as much of its texts as a report shows.
    #[must_use]
    pub fn clipped(self) -> Self {
        let place = match self.place {
            Place::Member(pointer) => Place::Member(clipped(&pointer, MOST_OF_PLACE).into_owned()),
            place @ (Place::Whole | Place::Http | Place::Form(_) | Place::Law(_) | Place::Question(_)) => place,
        };
        let cut = |text: String| match text.len() > MOST_OF_TEXT {
            true => clipped(&text, MOST_OF_TEXT).into_owned(),
            false => text,
        };
        Self { place, expected: cut(self.expected), observed: cut(self.observed), ..self }
    }
}

fn members(document: &Document, left: &mut usize, depth: usize) -> Document {
    let mut kept = Document::new();
    for (name, value) in document {
        if *left == 0 {
            break;
        }
        let name = clipped(name, MOST_OF_PLACE).into_owned();
        *left = left.saturating_sub(name.len() + 4);
        kept.insert(name, part(value, left, depth + 1));
    }
    kept
}

fn part(value: &Value, left: &mut usize, depth: usize) -> Value {
    *left = left.saturating_sub(4);
    if depth > DEEPEST {
        return Value::from("…");
    }
    match value {
        Value::String(text) => {
            let text = clipped(text, MOST_OF_TEXT.min(*left));
            *left = left.saturating_sub(text.len());
            Value::from(text)
        }
        Value::Array(items) => {
            let mut kept = Vec::new();
            for item in items {
                if *left == 0 {
                    break;
                }
                kept.push(part(item, left, depth + 1));
            }
            Value::Array(kept)
        }
        Value::Object(document) => Value::Object(members(document, left, depth)),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_text_is_cut_between_characters_and_says_so() {
        assert_eq!(clipped("abc", 3), "abc");
        assert_eq!(clipped("aéé", 4), "aé…");
    }

    #[test]
    fn of_a_large_answer_little_is_kept_and_of_a_small_one_everything() {
        let small = json!({"Members": [{"AccountId": "1", "Deep": {"More": [null, true, 1.5]}}]});
        let Value::Object(small) = small else { panic!("it is an object") };
        assert_eq!(Outcome::Success(small.clone()).clipped(), Outcome::Success(small));
        let mut deep = Value::Null;
        for _ in 0..100 {
            deep = json!([deep]);
        }
        let entries: Vec<Value> = (0..100_000).map(|number| json!({"AccountId": number.to_string()})).collect();
        let large = json!({
            "Deep": deep, "Long": "x".repeat(4 << 20), "Members": entries, "y".repeat(1 << 20): "z",
        });
        let Value::Object(large) = large else { panic!("it is an object") };
        let Outcome::Success(kept) = Outcome::Success(large).clipped() else { panic!("it is a success") };
        assert!(Value::Object(kept).to_string().len() < 2 * MOST_OF_ANSWER);
    }
}
