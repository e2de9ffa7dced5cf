//! How aws-sdk-java-v2 reads an answer, from its sources: `JsonErrorCodeParser` and `AwsJsonProtocolErrorUnmarshaller`.

use super::answer::{Answer, Body, SERVICE_ERRORS, bare};
use super::json::{Json, Oddities};
use super::output;
use super::verdict::{Sdk, Verdict};

pub(super) fn read(answer: &Answer<'_>) -> Verdict {
    if answer.is_success() {
        return output::read(Sdk::Java, answer);
    }
    let code = match header(answer) {
        Some(code) => code,
        None => match in_body(answer) {
            Ok(Some(code)) => code,
            Ok(None) => return Verdict::NoCode,
            Err(verdict) => return verdict,
        },
    };
    let typed = SERVICE_ERRORS.contains(&code);
    if typed { Verdict::Typed(code.to_owned()) } else { Verdict::Generic(code.to_owned()) }
}

/// The code of the headers. A namespace before it is kept.
fn header<'a>(answer: &Answer<'a>) -> Option<&'a str> {
    let of_streams = || [":error-code", ":exception-type"].into_iter().find_map(|name| answer.values(name).next());
    let code = answer.error_type().map(|value| value.split(':').next().unwrap_or_default());
    code.or_else(of_streams)
}

/// The code of the body, which is as good as empty where it can't be read.
fn in_body<'a>(answer: &'a Answer<'_>) -> Result<Option<&'a str>, Verdict> {
    let body = match &answer.body {
        Body::Empty | Body::Blank | Body::Other => return Ok(None),
        Body::Json(value @ Json::Object(_), odd) if answer.is_utf8 && *odd == Oddities::default() => value,
        // What its JSON reader makes of these nobody has tried.
        Body::Json(..) | Body::Deep => return Err(Verdict::NotPredicted),
    };
    match body.member("__type").or_else(|| body.member("code")) {
        None => Ok(None),
        Some(Json::String(code)) => Ok(Some(bare(&code.text))),
        Some(_) => Err(Verdict::NotPredicted),
    }
}
