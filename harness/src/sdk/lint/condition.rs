//! The conditions under which each rule on answers is broken.

use crate::sdk::answer::{AnswerBody, SERVICE_ERRORS, SdkAnswer, bare};
use crate::sdk::json::LenientJson;
use crate::sdk::retry;
use crate::sdk::verdict::{Sdk, SdkVerdict};
use passmuster_contract::domain::ErrorKind;

/// The places in a body where some client looks for the code.
const PLACES: [&str; 3] = ["code", "Code", "__type"];

/// The places where most look for the message.
const MESSAGES: [&str; 2] = ["message", "Message"];

impl<'a> SdkAnswer<'a> {
    const fn is_error(&self) -> bool {
        !self.is_success()
    }

    fn has_header(&self) -> bool {
        self.error_types().next().is_some()
    }

    /// The code of the header, where there is one.
    fn code_in_header(&self) -> Option<&'a str> {
        self.error_type().filter(|code| !code.is_empty())
    }

    /// The text of a member, where there is one.
    fn text(&self, name: &str) -> Option<&str> {
        self.member(name)?.text().filter(|text| !text.is_empty())
    }

    /// The code wherever it is, the header first.
    fn code(&self) -> Option<&str> {
        let code = self.code_in_header().or_else(|| PLACES.iter().find_map(|place| self.text(place)));
        code.map(bare)
    }

    fn any_member(&self, such: impl Fn(&str, &LenientJson) -> bool) -> bool {
        let members = self.json().map_or(&[][..], LenientJson::members);
        members.iter().any(|(name, value)| such(&name.text, value))
    }
}

pub(super) fn code_in_capitals_alone(answer: &SdkAnswer<'_>) -> bool {
    let elsewhere = answer.text("code").or_else(|| answer.text("__type"));
    answer.is_error() && !answer.has_header() && answer.text("Code").is_some() && elsewhere.is_none()
}

pub(super) fn places_disagree(answer: &SdkAnswer<'_>) -> bool {
    let differ = |(kind, code): (&str, &str)| bare(kind) != bare(code);
    let kind = || answer.text("__type");
    let code = || answer.member("code").or_else(|| answer.member("Code"))?.text();
    answer.is_error() && !answer.has_header() && kind().zip(code()).is_some_and(differ)
}

pub(super) fn header_and_body_disagree(answer: &SdkAnswer<'_>) -> bool {
    // As Go (a) looks for it.
    let is_code = |name: &str| name.eq_ignore_ascii_case("code");
    let members = answer.json().map_or(&[][..], LenientJson::members).iter().rev();
    let last = members.clone().find(|(name, value)| is_code(&name.text) && value.text().is_some());
    let code = last.and_then(|(_, value)| value.text()).filter(|code| !code.is_empty());
    let in_body = code.or_else(|| answer.text("__type"));
    let differ = |(header, body): (&str, &str)| !bare(header).eq_ignore_ascii_case(bare(body));
    answer.is_error() && answer.code_in_header().zip(in_body).is_some_and(differ)
}

pub(super) fn not_json(answer: &SdkAnswer<'_>) -> bool {
    let broken = matches!(answer.body, AnswerBody::Blank | AnswerBody::Other);
    answer.is_error() && answer.code_in_header().is_some() && broken
}

pub(super) fn no_object(answer: &SdkAnswer<'_>) -> bool {
    answer.is_error() && !matches!(answer.json(), None | Some(LenientJson::Object(_) | LenientJson::Null))
}

pub(super) fn null_body(answer: &SdkAnswer<'_>) -> bool {
    answer.is_error() && answer.json() == Some(&LenientJson::Null)
}

pub(super) fn code_is_no_string(answer: &SdkAnswer<'_>) -> bool {
    let wrong = |name: &str, value: &LenientJson| matches!(name, "code" | "Code") && !value.is_text_or_null();
    answer.is_error() && answer.any_member(wrong)
}

pub(super) fn code_is_null(answer: &SdkAnswer<'_>) -> bool {
    let null = |name: &str, value: &LenientJson| name.eq_ignore_ascii_case("code") && *value == LenientJson::Null;
    answer.is_error() && !answer.has_header() && answer.any_member(null)
}

pub(super) fn type_is_no_string(answer: &SdkAnswer<'_>) -> bool {
    answer.is_error() && answer.any_member(|name, value| name == "__type" && !value.is_text_or_null())
}

pub(super) fn empty_header(answer: &SdkAnswer<'_>) -> bool {
    answer.is_error() && answer.error_type() == Some("")
}

pub(super) fn several_codes(answer: &SdkAnswer<'_>) -> bool {
    let comma = answer.code_in_header().is_some_and(|code| bare(code).contains(','));
    answer.is_error() && (comma || answer.error_types().nth(1).is_some())
}

pub(super) fn namespace_in_header(answer: &SdkAnswer<'_>) -> bool {
    let name = answer.code_in_header().and_then(|code| code.split(':').next());
    answer.is_error() && name.is_some_and(|name| name.contains('#'))
}

pub(super) fn blanks_behind(answer: &SdkAnswer<'_>) -> bool {
    let name = answer.error_types().last().and_then(|code| code.split(':').next());
    answer.is_error() && name.is_some_and(|name| !name.trim().is_empty() && name.ends_with([' ', '\t']))
}

pub(super) fn wrong_case(answer: &SdkAnswer<'_>) -> bool {
    let Some(code) = answer.code().filter(|code| !SERVICE_ERRORS.contains(code)) else { return false };
    answer.is_error() && SERVICE_ERRORS.iter().any(|known| known.eq_ignore_ascii_case(code))
}

pub(super) fn no_code(answer: &SdkAnswer<'_>) -> bool {
    let is_nothing = |value: Option<&LenientJson>| match value {
        None | Some(LenientJson::Null) => true,
        Some(LenientJson::String(text)) => text.text.is_empty(),
        Some(LenientJson::Bool(_) | LenientJson::Number(_) | LenientJson::Array(_) | LenientJson::Object(_)) => {
            false
        }
    };
    let nowhere = PLACES.iter().all(|place| is_nothing(answer.member(place)));
    answer.is_error() && answer.code_in_header().is_none() && nowhere && !matches!(answer.body, AnswerBody::Deep)
}

pub(super) fn no_message(answer: &SdkAnswer<'_>) -> bool {
    let missing = match answer.json() {
        Some(body @ LenientJson::Object(_)) => MESSAGES.iter().all(|name| body.member(name).is_none()),
        _ => matches!(answer.body, AnswerBody::Empty),
    };
    let wrong = |name: &str, value: &LenientJson| MESSAGES.contains(&name) && value.text().is_none();
    answer.is_error() && (missing || answer.any_member(wrong))
}

pub(super) fn message_in_small_letters(answer: &SdkAnswer<'_>) -> bool {
    let declared = answer.code().is_some_and(|code| answer.declares(code));
    answer.is_error() && declared && answer.text("message").is_some() && answer.member("Message").is_none()
}

pub(super) fn lost_behind_5xx(answer: &SdkAnswer<'_>) -> bool {
    answer.code_in_header().is_some() && crate::sdk::botocore::is_from_elsewhere(answer)
}

pub(super) fn no_request_id(answer: &SdkAnswer<'_>) -> bool {
    answer.is_error() && answer.values("x-amzn-requestid").next().is_none()
}

pub(super) fn error_as_success(answer: &SdkAnswer<'_>) -> bool {
    let is_known = |code: &str| !matches!(ErrorKind::from_code(bare(code)), ErrorKind::Other(_));
    let in_body = || PLACES.iter().any(|place| answer.text(place).is_some_and(is_known));
    answer.is_success() && (answer.code_in_header().is_some() || in_body())
}

pub(super) const fn status_300(answer: &SdkAnswer<'_>) -> bool {
    answer.status() == 300
}

pub(super) fn odd_json(answer: &SdkAnswer<'_>) -> bool {
    let odd = answer.oddities();
    // Only Rust minds half a pair, and only where it looks.
    let looked_at = |name: &str| PLACES.contains(&name) || MESSAGES.contains(&name) || name == "errorMessage";
    let half = |name: &str, value: &LenientJson| {
        looked_at(name) && matches!(value, LenientJson::String(text) if text.lone_surrogate)
    };
    let anywhere = odd.byte_order_mark || odd.constant || odd.loose_number || odd.broken_escape || odd.text_behind;
    answer.is_error() && answer.json().is_some() && (anywhere || !answer.is_utf8 || answer.any_member(half))
}

pub(super) fn is_retried(answer: &SdkAnswer<'_>) -> bool {
    let throttled = || answer.code().is_some_and(|code| retry::is_throttled(Sdk::Botocore, code));
    answer.is_error() && (retry::is_passing(Sdk::Botocore, answer.status()) || throttled())
}

pub(super) fn no_output(answer: &SdkAnswer<'_>) -> bool {
    let misread = |sdk: Sdk| {
        let verdict = crate::sdk::read(sdk, answer).verdict;
        !matches!(verdict, SdkVerdict::Success | SdkVerdict::Odd(_) | SdkVerdict::NotPredicted)
    };
    answer.is_success() && Sdk::ALL.into_iter().any(misread)
}
