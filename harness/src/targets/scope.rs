//! Reads back who signed a request, without checking that they did.

use super::{AccountSelection, Caller};
use passmuster_contract::wire::HttpRequest;

/// The credential scope of an `Authorization` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CredentialScope<'a> {
    /// The access key id; for many stand-ins, the account.
    pub access_key: &'a str,
    /// The day, as `20181128`.
    pub date: &'a str,
    /// The Region.
    pub region: &'a str,
    /// The service, `securityhub` when it is meant for this one.
    pub service: &'a str,
}

impl<'a> CredentialScope<'a> {
    /// Reads the scope out of the value of an `Authorization` header; `None` where it holds no complete one.
    #[must_use]
    pub fn parse(authorization: &'a str) -> Option<Self> {
        let parameters = authorization.strip_prefix("AWS4-HMAC-SHA256")?;
        let credential = parameters.split(',').find_map(|part| part.trim().strip_prefix("Credential="))?;
        // From the right: nothing forbids a slash in an access key id, and four parts are known to follow it.
        let mut parts = credential.rsplitn(5, '/');
        let terminator = parts.next()?;
        let (service, region, date) = (parts.next()?, parts.next()?, parts.next()?);
        let access_key = parts.next()?;
        let complete = [access_key, date, region, service].iter().all(|part| !part.is_empty());
        (terminator == "aws4_request" && complete).then_some(Self { access_key, date, region, service })
    }
}

/// The caller of a request, by the rules of an account selection; `None` for an unsigned request.
///
/// A request without the header that should name its account, or by a key that is in no list, counts as its access
/// key's.
#[must_use]
pub fn caller(selection: &AccountSelection, request: &HttpRequest) -> Option<Caller> {
    let scope = CredentialScope::parse(request.header("authorization")?)?;
    let account = match selection {
        AccountSelection::AccessKey => scope.access_key,
        AccountSelection::Header(name) => request.header(name).unwrap_or(scope.access_key),
        AccountSelection::Single(account) => account,
        AccountSelection::Keys(keys) => keys
            .iter()
            .find(|(_, keys)| keys.fixed().is_some_and(|fixed| fixed.access_key == scope.access_key))
            .map_or(scope.access_key, |(account, _)| account),
    };
    Some(Caller::new(account, scope.region))
}

#[cfg(test)]
mod tests {
    use super::{AccountSelection, CredentialScope, caller};
    use passmuster_contract::domain::shape::Method;
    use passmuster_contract::wire::HttpRequest;

    const SIGNED: &str = "AWS4-HMAC-SHA256 Credential=111111111111/20181128/eu-west-1/securityhub/aws4_request, \
                          SignedHeaders=host;x-amz-date, Signature=00";

    fn request(headers: &[(&'static str, &str)]) -> HttpRequest {
        let headers = headers.iter().map(|(name, value)| ((*name).into(), (*value).to_owned())).collect();
        HttpRequest { method: Method::Get, path: "/".into(), query: String::new(), headers, body: Vec::new() }
    }

    #[test]
    fn a_complete_scope_is_read() {
        let scope = CredentialScope::parse(SIGNED).unwrap();
        assert_eq!(
            (scope.access_key, scope.date, scope.region, scope.service),
            ("111111111111", "20181128", "eu-west-1", "securityhub")
        );
    }

    #[test]
    fn what_is_no_complete_scope_is_refused() {
        for text in [
            "",
            "Bearer x",
            "AWS4-HMAC-SHA256",
            "AWS4-HMAC-SHA256 SignedHeaders=host",
            "AWS4-HMAC-SHA256 Credential=",
            "AWS4-HMAC-SHA256 Credential=a/b/c/d",
            "AWS4-HMAC-SHA256 Credential=a/20181128//securityhub/aws4_request",
            "AWS4-HMAC-SHA256 Credential=a/20181128/eu-west-1/securityhub/aws5_request",
        ] {
            assert_eq!(CredentialScope::parse(text), None, "{text}");
        }
    }

    #[test]
    fn each_selection_finds_its_account() {
        let account = |selection: AccountSelection, headers: &[(&'static str, &str)]| {
            caller(&selection, &request(headers)).map(|caller| caller.account.to_string())
        };
        let by_header = || AccountSelection::Header("x-moto-account-id".to_owned());
        let both = [("authorization", SIGNED), ("x-moto-account-id", "222222222222")];
        assert_eq!(account(AccountSelection::AccessKey, &both).as_deref(), Some("111111111111"));
        assert_eq!(account(by_header(), &both).as_deref(), Some("222222222222"));
        assert_eq!(account(by_header(), &both[..1]).as_deref(), Some("111111111111"));
        assert_eq!(account(by_header(), &both[1..]), None);
        assert_eq!(account(AccountSelection::Single("3".to_owned()), &both).as_deref(), Some("3"));
    }
}
