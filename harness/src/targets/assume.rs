//! Gets the keys that an account signs with: from their source, or from STS (`sts:AssumeRole`), by a call as guarded as
//! any other.

use std::pin::Pin;

use percent_encoding::{percent_decode_str, utf8_percent_encode};

use super::identity::{QUESTION, element, form};
use super::keys::{AssumedRole, IssuedKeys, KeyOrigin, RenewedKeys, RoleSession, no_keys, role_parts};
use super::secrets::masked;
use super::{Caller, Credentials, HttpTransport, TransportError};
use passmuster_contract::domain::{Outcome, Timestamp, printable};
use passmuster_contract::wire::{HttpResponse, RESERVED, decode_error};

/// The parameters of a request for a session, each of which it may have once.
const PARAMETERS: [&str; 5] = ["Action", "Version", "RoleArn", "RoleSessionName", "ExternalId"];
/// The longest session token that is taken, in bytes; AWS promises no limit, and has some two thousand.
const MOST_TOKEN: usize = 16 << 10;
/// The part of an answer that is looked at, in bytes.
const MOST_ANSWER: usize = 64 << 10;
/// The longest text of an error that is shown, in characters.
const MOST_MESSAGE: usize = 300;

/// The future of an account's keys, boxed because a role's need those of another origin.
pub(super) type ComingKeys<'a> = Pin<Box<dyn Future<Output = Result<Credentials, TransportError>> + Send + 'a>>;

/// Whether the body of a request to STS does no more than ask for keys of a role in this account.
pub(super) fn opens_session_in(body: &[u8], account: &str) -> bool {
    let Ok(text) = std::str::from_utf8(body) else { return false };
    let mut seen: Vec<(&str, String)> = Vec::new();
    for pair in text.split('&') {
        let Some((name, value)) = pair.split_once('=') else { return false };
        if !PARAMETERS.contains(&name) || seen.iter().any(|(known, _)| *known == name) {
            return false;
        }
        seen.push((name, percent_decode_str(value).decode_utf8_lossy().into_owned()));
    }
    let is =
        |name: &str, fits: &dyn Fn(&str) -> bool| seen.iter().any(|(known, value)| *known == name && fits(value));
    is("Action", &|action| action == "AssumeRole")
        && is("RoleArn", &|arn| role_parts(arn).is_some_and(|(_, of)| of == account))
}

/// The request for a session of a role.
fn request(role: &AssumedRole) -> Vec<u8> {
    let encoded = |value: &str| utf8_percent_encode(value, RESERVED).to_string();
    let arn = encoded(role.arn());
    let mut body = format!("Action=AssumeRole&Version=2011-06-15&RoleArn={arn}&RoleSessionName=passmuster");
    if let Some(id) = role.external_id() {
        body.push_str(&format!("&ExternalId={}", encoded(id)));
    }
    body.into_bytes()
}

/// The keys in an answer of STS, or what is wrong with it.
fn session(role: &AssumedRole, response: &HttpResponse) -> Result<IssuedKeys, TransportError> {
    let failed = |why: &str| no_keys(&format!("assume {}: {why}", role.arn()));
    let body = String::from_utf8_lossy(response.body.get(..MOST_ANSWER).unwrap_or(&response.body));
    if response.status != 200 {
        let of = |name: &str| element(&body, name, MOST_MESSAGE).filter(|text| !text.is_empty());
        let code = of("Code").map_or_else(String::new, |code| format!(" ({code})"));
        let message =
            of("Message").map_or_else(String::new, |text| format!(": {}", masked(&text).replace(';', ",")));
        let fix = "; see that the role is there and trusts whoever signs, by its external id where it wants one";
        return Err(failed(&format!("STS answered {}{code}{message}{fix}", response.status)));
    }
    // Whose keys they are is asked of the target once; keys that come later have to be of the same account.
    let arn = element(&body, "Arn", MOST_MESSAGE).unwrap_or_default();
    let account = arn.split(':').nth(4).unwrap_or_default();
    if account != role.account() {
        return Err(failed(&format!("STS gave keys of {}, which is another account", printable(&arn))));
    }
    let text = |name: &str| element(&body, name, MOST_TOKEN).filter(|text| !text.is_empty());
    let (Some(access_key), Some(secret_key), Some(token)) =
        (text("AccessKeyId"), text("SecretAccessKey"), text("SessionToken"))
    else {
        return Err(failed("STS answered without keys"));
    };
    let expires = text("Expiration").as_deref().and_then(Timestamp::parse);
    Ok(IssuedKeys { credentials: Credentials { access_key, secret_key, session_token: Some(token) }, expires })
}

/// Whether an answer says that the keys have come to their end.
pub(super) fn says_expired(response: &HttpResponse) -> bool {
    has_code(response, &["ExpiredToken"])
}

/// Whether an answer says that the signature is wrong, or of another time, as it is where a clock is.
pub(super) fn says_skewed(response: &HttpResponse) -> bool {
    has_code(
        response,
        &[
            "SignatureDoesNotMatch",
            "InvalidSignature",
            "RequestTimeTooSkewed",
            "RequestExpired",
            "RequestInTheFuture",
            "AuthFailure",
        ],
    )
}

fn has_code(response: &HttpResponse, codes: &[&str]) -> bool {
    let Outcome::Error(error) = decode_error(response) else { return false };
    codes.contains(&error.kind.code().trim_end_matches("Exception"))
}

impl HttpTransport {
    /// The keys of an origin: those that are held, or others than the `stale` ones, which the target has refused.
    pub(super) fn keys<'a>(
        &'a self,
        origin: &'a KeyOrigin,
        caller: &'a Caller,
        stale: Option<&'a Credentials>,
    ) -> ComingKeys<'a> {
        Box::pin(async move {
            match origin {
                KeyOrigin::Fixed(credentials) => Ok(credentials.clone()),
                KeyOrigin::Renewed(keys) => {
                    let fetched = self.renew(keys, caller);
                    keys.0.cache.keys(self.clock.now(), stale, fetched).await
                }
                KeyOrigin::Role(keys) => {
                    let fetched = self.assume(&keys.0, caller);
                    keys.0.cache.keys(self.clock.now(), stale, fetched).await
                }
            }
        })
    }

    /// Asks a source. Where the target has said whose its keys were, it is asked about new ones, too: what a file or a
    /// program gives may have become another account's.
    async fn renew(&self, keys: &RenewedKeys, caller: &Caller) -> Result<IssuedKeys, TransportError> {
        let issued = keys.0.source.get().await.map_err(|reason| no_keys(&reason))?;
        let is_own = self.target.accounts.origin(&caller.account).is_some_and(|own| {
            // The keys that assume a role are somebody else's, and nobody asked whose.
            matches!(own, KeyOrigin::Renewed(known) if known == keys)
        });
        if is_own && self.guard.knows(&caller.account) {
            let origin = KeyOrigin::Fixed(issued.credentials.clone());
            let response = self.answered(caller, Some(&origin), form(QUESTION)).await?;
            let body = String::from_utf8_lossy(response.body.get(..MOST_ANSWER).unwrap_or(&response.body));
            if element(&body, "Account", MOST_MESSAGE).as_deref() != Some(&*caller.account) {
                let account = &caller.account;
                return Err(no_keys(&format!("renew the keys of account {account}: they are another's now")));
            }
        }
        Ok(issued)
    }

    /// Asks STS for keys of a role, by its base keys.
    async fn assume(&self, session_of: &RoleSession, caller: &Caller) -> Result<IssuedKeys, TransportError> {
        let RoleSession { role, base, .. } = session_of;
        let response = self.answered(caller, Some(base), form(&request(role))).await?;
        session(role, &response)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:iam::111111111111:role/path/name";

    fn role(external_id: Option<&str>) -> AssumedRole {
        AssumedRole::parse(ARN, external_id).unwrap()
    }

    fn answer(status: u16, body: &str) -> HttpResponse {
        HttpResponse { status, headers: Vec::new(), body: body.as_bytes().to_vec() }
    }

    fn given(arn: &str) -> HttpResponse {
        answer(
            200,
            &format!(
                "<AssumeRoleResult><AssumedRoleUser><Arn>{arn}</Arn></AssumedRoleUser><Credentials>\
                 <AccessKeyId>ASIA</AccessKeyId><SecretAccessKey>hunter2</SecretAccessKey>\
                 <SessionToken>{}</SessionToken><Expiration>2026-01-02T03:04:05Z</Expiration></Credentials>",
                "t".repeat(2_000)
            ),
        )
    }

    #[test]
    fn a_request_for_a_session_passes_for_the_account_of_its_role_alone() {
        for external_id in [None, Some("a+b &c=d")] {
            let body = request(&role(external_id));
            assert!(opens_session_in(&body, "111111111111"));
            assert!(!opens_session_in(&body, "222222222222"));
        }
        let plain = "Action=AssumeRole&Version=2011-06-15&RoleArn=arn:aws:iam::111111111111:role/x";
        assert!(opens_session_in(plain.as_bytes(), "111111111111"));
        for other in [
            plain.replace("AssumeRole", "GetSessionToken"),
            format!("{plain}&RoleArn=arn:aws:iam::222222222222:role/x"),
            format!("{plain}&PolicyArns.member.1.arn=x"),
            format!("{plain}&"),
            plain.replace("&RoleArn=arn:aws:iam::111111111111:role/x", ""),
            plain.replace(":role/", ":user/"),
            plain.replace("111111111111:role", "222222222222:111111111111:role"),
        ] {
            assert!(!opens_session_in(other.as_bytes(), "111111111111"), "{other}");
        }
        assert!(!opens_session_in(b"\xff", "111111111111"));
    }

    #[test]
    fn keys_are_taken_from_an_answer_for_the_same_account_alone() {
        let keys = session(&role(None), &given("arn:aws:sts::111111111111:assumed-role/name/passmuster")).unwrap();
        assert_eq!(keys.credentials.session_token.map(|token| token.len()), Some(2_000));
        assert_eq!(keys.expires, Timestamp::parse("2026-01-02T03:04:05Z"));
        for arn in ["arn:aws:sts::222222222222:assumed-role/name/passmuster", ""] {
            let error = session(&role(None), &given(arn)).unwrap_err().to_string();
            assert!(error.contains("another account") && !error.contains("hunter2"), "{error}");
        }
        assert!(session(&role(None), &answer(200, "")).is_err());
        let refused = "<Error><Code>AccessDenied</Code><Message>User: a; is not authorized</Message></Error>";
        let error = session(&role(None), &answer(403, refused)).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("assume {ARN}: STS answered 403 (AccessDenied): User: a, is not")),
            "{error}"
        );
    }

    #[test]
    fn an_end_and_a_wrong_clock_are_told_by_the_codes_of_either_protocol() {
        let json = |code: &str| HttpResponse {
            headers: vec![("x-amzn-errortype".into(), code.to_owned())],
            ..answer(403, "{}")
        };
        let xml = |code: &str| {
            answer(403, &format!("<ErrorResponse><Error><Code>{code}</Code></Error></ErrorResponse>"))
        };
        assert!(says_expired(&json("ExpiredTokenException")) && says_expired(&xml("ExpiredToken")));
        assert!(says_skewed(&json("InvalidSignatureException")) && says_skewed(&xml("SignatureDoesNotMatch")));
        assert!(says_skewed(&xml("RequestExpired")) && says_skewed(&json("RequestTimeTooSkewed")));
        for other in ["AccessDenied", "UnrecognizedClientException", ""] {
            assert!(!says_expired(&json(other)) && !says_skewed(&json(other)), "{other}");
        }
    }
}
