//! The reading of an answer by aws-sdk-go-v2, in three generations. (a) and (c) are measured, (b) is read off the
//! sources:
//! `GetErrorInfo` in `aws/protocol/restjson`, the generated `deserializers.go`, and smithy-go's
//! `transport/http/protocol/restjson1`.

use super::answer::{AnswerBody, SdkAnswer, bare};
use super::json::{LenientJson, Oddities};
use super::output;
use super::verdict::{Sdk, SdkVerdict};

/// The words for want of a code.
const UNKNOWN: &str = "UnknownError";

/// (a) and (b): code generated for each operation.
pub(super) fn read_generated(sdk: Sdk, answer: &SdkAnswer<'_>) -> SdkVerdict {
    if let Some(verdict) = unpack(answer) {
        return verdict;
    }
    if answer.is_success() {
        return output::read(sdk, answer);
    }
    let body = match GoErrorBody::read(&answer.body) {
        Ok(body) => body,
        Err(verdict) => return verdict,
    };
    // Without a type of its own a member of one of these names can't be read at all.
    let (Some(code), Some(kind), true) = (body.text("code"), body.text("__type"), body.text("message").is_some())
    else {
        return SdkVerdict::DecodeError;
    };
    let in_body = if code.is_empty() { kind } else { code };
    let header = answer.error_type().unwrap_or_default();
    let (first, second) = if sdk == Sdk::GoA { (in_body, header) } else { (header, in_body) };
    let code = bare(if first.is_empty() { second } else { first });
    if first.is_empty() && second.is_empty() {
        return SdkVerdict::Generic(UNKNOWN.to_owned());
    }
    let declared = answer.operation.shape().errors.iter().find(|kind| kind.code().eq_ignore_ascii_case(code));
    match declared {
        Some(kind) => SdkVerdict::Typed(kind.code().to_owned()),
        None => SdkVerdict::Generic(code.to_owned()),
    }
}

/// (c): by a schema. What it makes of outputs was not measured, nor of a body that a transport would have unpacked.
pub(super) fn read_by_schema(answer: &SdkAnswer<'_>) -> SdkVerdict {
    if answer.is_success() {
        return output::read(Sdk::GoC, answer);
    }
    let body = match GoErrorBody::read(&answer.body) {
        Ok(body) => body,
        Err(verdict) => return verdict,
    };
    let (Some(kind), true) = (body.text("__type"), body.text("message").is_some()) else {
        return SdkVerdict::DecodeError;
    };
    // Of several only the last counts, even where it is no string.
    let code = body.last("code").and_then(LenientJson::text).unwrap_or_default();
    let header = answer.error_type().unwrap_or_default();
    let found = [header, kind, code].into_iter().find(|code| !code.is_empty()).unwrap_or(UNKNOWN);
    SdkVerdict::Code(bare(found).to_owned())
}

/// Whether `encoding/json` reads it as the first value of a stream. Bytes that are not UTF-8 and lone surrogates are
/// replaced.
pub(super) const fn can_read(odd: Oddities) -> bool {
    !(odd.byte_order_mark || odd.constant || odd.loose_number || odd.broken_escape)
}

/// The verdict on an answer that says it is packed, which Go's transport takes at its word.
fn unpack(answer: &SdkAnswer<'_>) -> Option<SdkVerdict> {
    let packed = answer.values("content-encoding").next()?.eq_ignore_ascii_case("gzip");
    let body = &answer.response.body;
    let is_gzip = body.starts_with(&[0x1f, 0x8b]);
    let verdict = if is_gzip { SdkVerdict::NotPredicted } else { SdkVerdict::DecodeError };
    (packed && !body.is_empty()).then_some(verdict)
}

/// The body of an error.
struct GoErrorBody<'a>(Option<&'a LenientJson>);

impl<'a> GoErrorBody<'a> {
    fn read(body: &'a AnswerBody) -> Result<Self, SdkVerdict> {
        match body {
            AnswerBody::Empty | AnswerBody::Blank | AnswerBody::Json(LenientJson::Null, _) => Ok(Self(None)),
            AnswerBody::Json(value @ LenientJson::Object(_), odd) if can_read(*odd) => Ok(Self(Some(value))),
            AnswerBody::Json(..) | AnswerBody::Other => Err(SdkVerdict::DecodeError),
            AnswerBody::Deep => Err(SdkVerdict::NotPredicted),
        }
    }

    /// The values of the members of this name in any case.
    fn values(&self, name: &'static str) -> impl DoubleEndedIterator<Item = &'a LenientJson> {
        let members = self.0.map_or(&[][..], LenientJson::members).iter();
        members.filter(move |(known, _)| known.text.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }

    fn last(&self, name: &'static str) -> Option<&'a LenientJson> {
        self.values(name).next_back()
    }

    /// The last string among the members of this name in any case, or nothing; `None` where one of them is neither
    /// string nor null.
    fn text(&self, name: &'static str) -> Option<&'a str> {
        let readable = self.values(name).all(LenientJson::is_text_or_null);
        readable.then(|| self.values(name).filter_map(LenientJson::text).next_back().unwrap_or_default())
    }
}
