//! A command line that sends the calls of a scenario, for people who would rather see it without this tool.

use std::fmt::Write as _;

use crate::generate::CastNaming;
use crate::targets::AccountSelection;
use passmuster_contract::domain::{Input, InvitationRef, Naming, Operation, Region, Transition};
use passmuster_contract::wire;

/// The most calls that still make a useful line.
const MOST_CALLS: usize = 12;

/// The line. Ids of invitations, and of accounts that the target creates, are only known at run time: calls that need
/// one are sent with a made-up one.
pub(super) fn line(
    transitions: &[Transition],
    naming: &CastNaming,
    endpoint: &str,
    accounts: &AccountSelection,
) -> String {
    let skipped = transitions.len().saturating_sub(MOST_CALLS);
    let calls: Vec<String> =
        transitions.iter().skip(skipped).map(|transition| one(transition, naming, endpoint, accounts)).collect();
    calls.join(" && ")
}

fn one(transition: &Transition, naming: &CastNaming, endpoint: &str, accounts: &AccountSelection) -> String {
    let bound = naming.bind(transition);
    let document = bound.request.to_document(bound.caller, bound.region, naming);
    let request = wire::encode_request(bound.request.operation, &document);
    let account = naming.account(bound.caller);
    let region = naming.region(bound.region);
    let mut url = format!("{}{}", endpoint.trim_end_matches('/'), request.path);
    if !request.query.is_empty() {
        url.push('?');
        url.push_str(&request.query);
    }
    let key = match accounts {
        AccountSelection::AccessKey => account.as_str(),
        AccountSelection::Header(_) | AccountSelection::Single(_) | AccountSelection::Keys(_) => "test",
    };
    let mut line = format!("curl -sS -w '\\n' -X {} {}", request.method.name(), quoted(&url));
    let scope = format!("authorization: {}", scope(key, &region, request.service()));
    // Writing to a string does not fail.
    let _ = write!(line, " -H {}", quoted(&scope));
    if let AccountSelection::Header(name) = accounts {
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {account}")));
    }
    for (name, value) in &request.headers {
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
    }
    if !request.body.is_empty() {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let _ = write!(line, " -d {}", quoted(&body));
    }
    line
}

/// A header that names the account and signs nothing.
pub(super) fn scope(key: &str, region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

/// Whether a scenario can be sent without knowing what is answered on the way.
pub(super) fn is_faithful(transitions: &[Transition]) -> bool {
    let symbolic = |transition: &Transition| {
        // The target assigns the id of a new account.
        transition.request.operation == Operation::CreateAccount
            || matches!(
                &transition.request.input,
                Input::Accept { invitation: Some(InvitationRef::Latest(_) | InvitationRef::Previous(_)), .. }
            )
    };
    transitions.len() <= MOST_CALLS && !transitions.iter().any(symbolic)
}

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The Regions a scenario names, for placeholders.
pub(super) fn region_name(region: Region) -> Option<String> {
    (region != Region(0)).then(|| format!("region-{}", u16::from(region.0) + 1))
}
