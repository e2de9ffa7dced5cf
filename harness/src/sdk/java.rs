//! The reading of an answer by aws-sdk-java-v2, from its sources: `JsonErrorCodeParser` and
//! `AwsJsonProtocolErrorUnmarshaller`.

use super::answer::{AnswerBody, SERVICE_ERRORS, SdkAnswer, bare};
use super::json::{LenientJson, Oddities};
use super::output;
use super::verdict::{Sdk, SdkVerdict};

pub(super) fn read(answer: &SdkAnswer<'_>) -> SdkVerdict {
    if answer.is_success() {
        return output::read(Sdk::Java, answer);
    }
    let code = match header(answer) {
        Some(code) => code,
        None => match in_body(answer) {
            Ok(Some(code)) => code,
            Ok(None) => return SdkVerdict::NoCode,
            Err(verdict) => return verdict,
        },
    };
    let typed = SERVICE_ERRORS.contains(&code);
    if typed { SdkVerdict::Typed(code.to_owned()) } else { SdkVerdict::Generic(code.to_owned()) }
}

/// The code of the headers. A namespace before it is kept.
fn header<'a>(answer: &SdkAnswer<'a>) -> Option<&'a str> {
    let of_streams = || [":error-code", ":exception-type"].into_iter().find_map(|name| answer.values(name).next());
    let code = answer.error_type().map(|value| value.split(':').next().unwrap_or_default());
    code.or_else(of_streams)
}

/// The code of the body, which is as good as empty where it can't be read.
fn in_body<'a>(answer: &'a SdkAnswer<'_>) -> Result<Option<&'a str>, SdkVerdict> {
    let body = match &answer.body {
        AnswerBody::Empty | AnswerBody::Blank | AnswerBody::Other => return Ok(None),
        AnswerBody::Json(value @ LenientJson::Object(_), odd) if answer.is_utf8 && *odd == Oddities::default() => {
            value
        }
        // What its JSON reader makes of these is not measured.
        AnswerBody::Json(..) | AnswerBody::Deep => return Err(SdkVerdict::NotPredicted),
    };
    match body.member("__type").or_else(|| body.member("code")) {
        None => Ok(None),
        Some(LenientJson::String(code)) => Ok(Some(bare(&code.text))),
        Some(_) => Err(SdkVerdict::NotPredicted),
    }
}
