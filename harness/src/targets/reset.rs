//! Makes a target forget its state, and finds out whether it did.

use thiserror::Error;

use super::secrets::masked;
use super::{Caller, Reset, SystemUnderTest, TransportError};
use passmuster_contract::domain::shape::Method;
use passmuster_contract::wire::{HttpRequest, HttpResponse};

/// Why a target was not reset, or can't be known to be. Fits after "failed to …".
#[derive(Debug, Error)]
pub enum ResetError {
    /// A call was not answered.
    #[error("reset the target: {0}")]
    Transport(#[from] TransportError),
    /// The reset itself was refused.
    #[error(
        "reset the target by {request}: it answered {status}; correct --reset, or leave it out to use fresh accounts"
    )]
    Refused {
        /// The method and path.
        request: String,
        /// The status.
        status: u16,
    },
    /// The reset was answered like a success and changed nothing.
    #[error(
        "reset the target by {request}: the reset address answered {status} but state survived; leave out --reset to use fresh accounts"
    )]
    StateSurvived {
        /// The method and path.
        request: String,
        /// The status of the reset.
        status: u16,
    },
    /// Whether it worked can't be seen, since the target can't do what it takes to see it.
    #[error("find out whether the reset works: {operation} was answered by {status}")]
    Unclear {
        /// The operation that would have shown it.
        operation: &'static str,
        /// Its status.
        status: u16,
    },
}

/// Resets a target. That it answers with success is no proof; see [`reset_and_verify`].
///
/// # Errors
/// When there is no answer, or not a 2xx one.
pub async fn reset(sut: &impl SystemUnderTest, reset: &Reset, caller: &Caller) -> Result<(), ResetError> {
    send_reset(sut, reset, caller).await.map(drop)
}

/// Switches a hub on in the account of `probe`, resets, and looks whether the hub is gone.
///
/// The account should be one that the run doesn't use otherwise.
///
/// # Errors
/// When the hub survives, the reset is refused, or the target can't switch on and describe a hub to begin with.
pub async fn reset_and_verify(
    sut: &impl SystemUnderTest,
    reset: &Reset,
    probe: &Caller,
) -> Result<(), ResetError> {
    let enabled = sut.call(probe, hub(Method::Post, b"{}")).await?;
    // A hub that is on already serves as well.
    if !is_success(&enabled) && enabled.status != 409 {
        return Err(ResetError::Unclear { operation: "EnableSecurityHub", status: enabled.status });
    }
    let before = sut.call(probe, hub(Method::Get, b"")).await?;
    if !is_success(&before) {
        return Err(ResetError::Unclear { operation: "DescribeHub", status: before.status });
    }
    let status = send_reset(sut, reset, probe).await?;
    let after = sut.call(probe, hub(Method::Get, b"")).await?;
    match after.status {
        200..300 => Err(ResetError::StateSurvived { request: shown(reset), status }),
        // A hub that is off is refused as invalid access, as denied, or as not found, depending on the target.
        400..500 => Ok(()),
        status => Err(ResetError::Unclear { operation: "DescribeHub", status }),
    }
}

async fn send_reset(sut: &impl SystemUnderTest, reset: &Reset, caller: &Caller) -> Result<u16, ResetError> {
    let (path, query) = reset.path.split_once('?').unwrap_or((&reset.path, ""));
    let request = HttpRequest {
        method: reset.method,
        path: path.to_owned().into(),
        query: query.to_owned(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let response = sut.call(caller, request).await?;
    if is_success(&response) {
        Ok(response.status)
    } else {
        Err(ResetError::Refused { request: shown(reset), status: response.status })
    }
}

fn hub(method: Method, body: &[u8]) -> HttpRequest {
    let headers = match body {
        b"" => Vec::new(),
        _ => vec![("content-type".into(), "application/json".to_owned())],
    };
    HttpRequest { method, path: "/accounts".into(), query: String::new(), headers, body: body.to_vec() }
}

fn is_success(response: &HttpResponse) -> bool {
    (200..300).contains(&response.status)
}

fn shown(reset: &Reset) -> String {
    masked(&format!("{} {}", reset.method.name(), reset.path))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::{Reset, ResetError, reset_and_verify};
    use crate::targets::{Caller, SystemUnderTest, TransportError};
    use passmuster_contract::domain::shape::Method;
    use passmuster_contract::wire::{HttpRequest, HttpResponse};

    /// Gives the answers of a script, whatever is asked.
    struct ResetScript(Mutex<Vec<u16>>);

    impl SystemUnderTest for ResetScript {
        async fn call(&self, _: &Caller, _: HttpRequest) -> Result<HttpResponse, TransportError> {
            let status = self.0.lock().unwrap().remove(0);
            Ok(HttpResponse { status, headers: Vec::new(), body: Vec::new() })
        }
    }

    async fn verdict(enable: u16, before: u16, reset: u16, after: u16) -> Result<(), ResetError> {
        let script = ResetScript(Mutex::new(vec![enable, before, reset, after]));
        let reset = Reset { method: Method::Post, path: "/moto-api/reset".to_owned() };
        reset_and_verify(&script, &reset, &Caller::new("999999999999", "us-east-1")).await
    }

    #[tokio::test]
    async fn a_hub_that_is_gone_proves_the_reset() {
        for (enable, after) in [(200, 401), (409, 403), (200, 404)] {
            verdict(enable, 200, 200, after).await.unwrap();
        }
    }

    #[tokio::test]
    async fn a_reset_that_changes_nothing_is_found_out() {
        let error = verdict(200, 200, 200, 200).await.unwrap_err();
        assert!(error.to_string().contains("the reset address answered 200 but state survived"), "{error}");
    }

    #[tokio::test]
    async fn a_refused_reset_is_told_from_one_that_cannot_be_judged() {
        assert!(matches!(verdict(200, 200, 404, 200).await, Err(ResetError::Refused { status: 404, .. })));
        for (enable, before, after) in [(501, 200, 404), (200, 500, 404), (200, 200, 500)] {
            assert!(matches!(verdict(enable, before, 200, after).await, Err(ResetError::Unclear { .. })));
        }
    }
}
