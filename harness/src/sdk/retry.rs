//! The errors for which clients send a request again.

use super::verdict::{Sdk, SdkVerdict};

/// Statuses after which every client tries again.
const STATUSES: [u16; 4] = [500, 502, 503, 504];

/// Codes that say "slow down" to every client.
const THROTTLED: [&str; 9] = [
    "BandwidthLimitExceeded",
    "ProvisionedThroughputExceededException",
    "RequestLimitExceeded",
    "RequestThrottled",
    "SlowDown",
    "ThrottledException",
    "Throttling",
    "ThrottlingException",
    "TooManyRequestsException",
];

/// Codes that say so to all clients but that for Java.
const THROTTLED_BUT_JAVA: [&str; 5] = [
    "EC2ThrottledException",
    "LimitExceededException",
    "PriorRequestNotComplete",
    "RequestThrottledException",
    "TransactionInProgressException",
];

/// Whether a client sends the request again.
///
/// Sources: `_TRANSIENT_STATUS_CODES` and `_THROTTLED_ERROR_CODES` of botocore's standard mode (its legacy mode goes by
/// 429, 509 and the status above), `DefaultThrottleErrorCodes` of aws-sdk-go-v2, `AwsErrorCode` of aws-sdk-java-v2,
/// `THROTTLING_ERROR_CODES` of @smithy/core; aws-sdk-rust was measured with LimitExceededException and
/// TooManyRequestsException.
pub(super) fn is_retried(sdk: Sdk, status: u16, verdict: &SdkVerdict) -> bool {
    let failed = match verdict {
        SdkVerdict::Success | SdkVerdict::Odd(_) | SdkVerdict::NotPredicted => false,
        // botocore does not come to the question.
        SdkVerdict::Crash(_) => sdk != Sdk::Botocore,
        SdkVerdict::Typed(_)
        | SdkVerdict::Generic(_)
        | SdkVerdict::Code(_)
        | SdkVerdict::NoCode
        | SdkVerdict::DecodeError => true,
    };
    failed && (is_passing(sdk, status) || verdict.code().is_some_and(|code| is_throttled(sdk, code)))
}

/// Whether a status says that it may be better soon.
pub(super) fn is_passing(sdk: Sdk, status: u16) -> bool {
    STATUSES.contains(&status) || (status == 429 && matches!(sdk, Sdk::Java | Sdk::JavaScript))
}

/// Whether a code says that the caller is too fast.
pub(super) fn is_throttled(sdk: Sdk, code: &str) -> bool {
    THROTTLED.contains(&code) || (sdk != Sdk::Java && THROTTLED_BUT_JAVA.contains(&code))
}
