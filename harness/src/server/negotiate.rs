//! The media types that are taken and given: the headers `Content-Type`, `Content-Encoding` and `Accept`.

use super::profile::unmodelled;
use passmuster_contract::domain::shape::Location;
use passmuster_contract::domain::{Operation, Profile, ServiceError};
use passmuster_contract::wire::HttpRequest;

/// The one media type of the protocol.
const JSON: &str = "application/json";

/// Why a request is refused for the media types it offers or wants.
///
/// Under [`Profile::Smithy`] by the tests of restJson1, else only where a body could be read in two ways: compressed,
/// or as a form.
pub(super) fn refusal(profile: Profile, operation: Operation, request: &HttpRequest) -> Option<ServiceError> {
    if profile == Profile::Smithy && !accepts_json(request) {
        let message = format!("Only {JSON} can be answered: leave Accept out, or let it include that.");
        return Some(unmodelled("NotAcceptableException", 406, &message));
    }
    let media_type = request.header("content-type").map(media_type);
    let input = operation.shape().input;
    let has_body = !request.body.is_empty() && input.iter().any(|member| member.location == Location::Body);
    let encoding = request.header("content-encoding").unwrap_or_default();
    let compressed = has_body && !(encoding.is_empty() || encoding.eq_ignore_ascii_case("identity"));
    let wrong = match profile {
        Profile::Smithy if has_body => media_type.as_deref() != Some(JSON),
        Profile::Smithy => input.is_empty() && media_type.is_some(),
        Profile::Aws | Profile::Union => has_body && media_type.as_deref().is_some_and(is_form),
    };
    let problem = if compressed {
        "A body can't be compressed: leave Content-Encoding out.".to_owned()
    } else if wrong && has_body {
        format!("The body must be JSON: send Content-Type: {JSON}.")
    } else if wrong {
        "The operation takes no body: leave Content-Type out.".to_owned()
    } else {
        return None;
    };
    Some(unmodelled("UnsupportedMediaTypeException", 415, &problem))
}

/// Type and subtype in lower case, without parameters.
fn media_type(header: &str) -> String {
    header.split(';').next().unwrap_or_default().trim().to_ascii_lowercase()
}

fn is_form(media_type: &str) -> bool {
    media_type == "application/x-www-form-urlencoded" || media_type.starts_with("multipart/")
}

/// Whether some range that the client accepts includes JSON; a request without `Accept` takes anything.
fn accepts_json(request: &HttpRequest) -> bool {
    let lines = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("accept"));
    let mut ranges =
        lines.flat_map(|(_, value)| value.split(',')).map(str::trim).filter(|range| !range.is_empty());
    let Some(first) = ranges.next() else { return true };
    std::iter::once(first).chain(ranges).any(|range| {
        let named = matches!(media_type(range).as_str(), "*/*" | "application/*" | JSON);
        let weights = range.split(';').skip(1).filter_map(|parameter| parameter.trim().strip_prefix("q="));
        named && !weights.filter_map(|weight| weight.trim().parse::<f64>().ok()).any(|weight| weight == 0.0)
    })
}
