//! Waits for the first answer of a target that has just been started.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use passmuster::domain::{Document, Operation, shape};
use passmuster::targets::{Caller, SystemUnderTest, TransportError};
use passmuster::wire::{HttpRequest, encode_request};

/// Between two looks.
const PAUSE: Duration = Duration::from_millis(250);

/// What came of it.
pub(super) enum Readiness {
    /// It answers, after so long.
    After(Duration),
    /// It answers, but only to say that it is not ready: by this status at this path.
    NotReady(String, u16),
    /// It does not answer.
    Never(TransportError),
}

/// Asks until it answers, or the time is over; a server that has begun with an answer is waited for within its limit.
pub(super) async fn reach(
    service: &impl SystemUnderTest,
    ready: Option<&str>,
    caller: &Caller,
    wait: Duration,
) -> Readiness {
    let began = Instant::now();
    loop {
        let last = match look(service, caller, ready).await {
            Ok((_, status)) if status < 500 => return Readiness::After(began.elapsed()),
            Ok((path, status)) => Readiness::NotReady(path, status),
            // It will be no other the next time.
            Err(
                error @ (TransportError::Refused(_)
                | TransportError::Unsendable { .. }
                | TransportError::Tls { .. }),
            ) => {
                return Readiness::Never(error);
            }
            Err(error) => Readiness::Never(error),
        };
        if began.elapsed() >= wait {
            return last;
        }
        sleep(PAUSE).await;
    }
}

async fn look(
    service: &impl SystemUnderTest,
    caller: &Caller,
    ready: Option<&str>,
) -> Result<(String, u16), TransportError> {
    let Some(path) = ready else {
        let response = service.call(caller, encode_request(Operation::DescribeHub, &Document::new())).await?;
        // One that is broken answers all the same.
        let status = if response.status == 503 { 503 } else { 200 };
        return Ok(("/accounts".to_owned(), status));
    };
    let request = HttpRequest {
        method: shape::Method::Get,
        path: path.to_owned().into(),
        query: String::new(),
        headers: Vec::new(),
        body: Vec::new(),
    };
    let response = service.call(caller, request).await?;
    Ok((path.to_owned(), response.status))
}
