//! AWS STS, as far as callers ask it who they are. It speaks awsQuery: a form comes, XML goes.

use maud::{Markup, html};

use crate::targets::Caller;
use passmuster_contract::domain::ServiceError;
use passmuster_contract::wire::{HttpRequest, HttpResponse};

/// The namespace of its answers.
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The answer to a request of a caller, or of one who is refused already.
pub(super) fn answer(caller: &Result<Caller, ServiceError>, request: &HttpRequest) -> HttpResponse {
    match (caller, action(request)) {
        (Err(refusal), _) => {
            refused(refusal.status, refusal.kind.code(), refusal.message.as_deref().unwrap_or_default())
        }
        (Ok(caller), Some("GetCallerIdentity")) => response(
            200,
            &html! {
                GetCallerIdentityResponse xmlns=(NAMESPACE) {
                    GetCallerIdentityResult {
                        Arn { "arn:aws:iam::" (caller.account) ":user/passmuster" }
                        UserId { "AIDA" (caller.account) }
                        Account { (caller.account) }
                    }
                    ResponseMetadata { RequestId { "of-the-header" } }
                }
            },
        ),
        (Ok(_), _) => refused(400, "InvalidAction", "Could not find such an operation for version 2011-06-15."),
    }
}

fn action(request: &HttpRequest) -> Option<&str> {
    let form = std::str::from_utf8(&request.body).ok()?;
    form.split('&').find_map(|pair| pair.strip_prefix("Action="))
}

fn refused(status: u16, code: &str, message: &str) -> HttpResponse {
    let kind = if status < 500 { "Sender" } else { "Receiver" };
    response(
        status,
        &html! {
            ErrorResponse xmlns=(NAMESPACE) {
                Error {
                    Type { (kind) }
                    Code { (code.trim_end_matches("Exception")) }
                    Message { (message) }
                }
            }
        },
    )
}

fn response(status: u16, xml: &Markup) -> HttpResponse {
    HttpResponse {
        status,
        headers: vec![("content-type".into(), "text/xml".to_owned())],
        body: xml.0.clone().into_bytes(),
    }
}
