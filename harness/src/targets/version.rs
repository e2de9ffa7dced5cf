//! Asks a target for its version, where it has an address that tells.

use super::{Caller, SystemUnderTest};
use passmuster_contract::domain::printable;
use passmuster_contract::domain::shape::Method;
use passmuster_contract::wire::HttpRequest;

/// The longest version that is taken for one.
const LONGEST: usize = 100;

/// The `version` of the JSON object that a target answers at a path; none where it answers anything else. Nothing
/// depends on it but what was reviewed for some versions only.
pub async fn ask(sut: &impl SystemUnderTest, path: &str, caller: &Caller) -> Option<String> {
    let request = HttpRequest {
        method: Method::Get,
        path: path.to_owned().into(),
        query: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let response = sut.call(caller, request).await.ok()?;
    let told: serde_json::Value = serde_json::from_slice(&response.body).ok()?;
    let version = told.get("version")?.as_str()?.trim();
    let is_one = !version.is_empty() && version.len() <= LONGEST && printable(version) == version;
    (is_one && response.status == 200).then(|| version.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::targets::TransportError;
    use passmuster_contract::wire::HttpResponse;

    struct Telling(u16, &'static str);

    impl SystemUnderTest for Telling {
        async fn call(&self, _: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
            assert_eq!(request.method, Method::Get);
            Ok(HttpResponse { status: self.0, headers: Vec::new(), body: self.1.as_bytes().to_vec() })
        }
    }

    async fn told(status: u16, body: &'static str) -> Option<String> {
        ask(&Telling(status, body), "/health", &Caller::new("100000000001", "us-east-1")).await
    }

    #[tokio::test]
    async fn a_version_is_a_short_text_of_an_answer_that_is_one() {
        assert_eq!(told(200, r#"{"services":{},"version":"4.12.1"}"#).await.as_deref(), Some("4.12.1"));
        for body in
            ["", "5.1", "[]", r#"{"version":5}"#, r#"{"version":""}"#, r#"{"version":"5\u001b[2J"}"#, "<html>"]
        {
            assert_eq!(told(200, body).await, None, "{body}");
        }
        assert_eq!(told(404, r#"{"version":"4.12.1"}"#).await, None);
    }
}
