//! AWS STS, as far as callers ask it who they are, and for a session of a role. It speaks awsQuery: a form comes, XML goes.

use maud::{Markup, html};
use percent_encoding::percent_decode_str;

use super::SessionRules;
use super::issued::OpenSession;
use crate::targets::Caller;
use crate::targets::keys::role_parts;
use passmuster_contract::domain::{Account, ServiceError};
use passmuster_contract::wire::{HttpRequest, HttpResponse};

/// The namespace of its answers.
const NAMESPACE: &str = "https://sts.amazonaws.com/doc/2011-06-15/";

/// The answer to a request of a caller, or of one who is refused already. Whoever may call opens sessions in any account,
/// in the role of any name.
pub(super) fn answer(
    caller: &Result<Caller, ServiceError>,
    request: &HttpRequest,
    open: impl FnOnce(Account) -> OpenSession,
    rules: &SessionRules,
) -> HttpResponse {
    match (caller, parameter(request, "Action").as_deref()) {
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
        (Ok(caller), Some("AssumeRole")) => assumed(caller, request, open, rules),
        (Ok(_), _) => refused(400, "InvalidAction", "Could not find such an operation for version 2011-06-15."),
    }
}

fn assumed(
    caller: &Caller,
    request: &HttpRequest,
    open: impl FnOnce(Account) -> OpenSession,
    rules: &SessionRules,
) -> HttpResponse {
    let arn = parameter(request, "RoleArn").unwrap_or_default();
    let role = role_parts(&arn).and_then(|(partition, account)| Some((partition, Account::from_digits(account)?)));
    let name = parameter(request, "RoleSessionName").filter(|name| !name.is_empty());
    let (Some((partition, account)), Some(name)) = (role, name) else {
        return refused(400, "ValidationError", "A role's ARN and the name of a session are wanted.");
    };
    if rules.external_id.is_some() && rules.external_id != parameter(request, "ExternalId") {
        let from = &caller.account;
        let message = format!(
            "User: arn:{partition}:iam::{from}:user/passmuster is not authorized to perform: sts:AssumeRole on \
             resource: {arn}"
        );
        return refused(403, "AccessDenied", &message);
    }
    let role = arn.rsplit('/').next().unwrap_or_default();
    let session = open(account);
    response(
        200,
        &html! {
            AssumeRoleResponse xmlns=(NAMESPACE) {
                AssumeRoleResult {
                    AssumedRoleUser {
                        Arn { "arn:" (partition) ":sts::" (session.account) ":assumed-role/" (role) "/" (name) }
                        AssumedRoleId { "AROA" (session.account) ":" (name) }
                    }
                    Credentials {
                        AccessKeyId { (session.access_key) }
                        SecretAccessKey { (session.secret_key) }
                        SessionToken { (session.token) }
                        Expiration { (session.expires.to_string()) }
                    }
                }
                ResponseMetadata { RequestId { "of-the-header" } }
            }
        },
    )
}

/// A parameter of a form.
fn parameter(request: &HttpRequest, name: &str) -> Option<String> {
    let form = std::str::from_utf8(&request.body).ok()?;
    let value = form.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))?;
    Some(percent_decode_str(&value.replace('+', " ")).decode_utf8_lossy().into_owned())
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
