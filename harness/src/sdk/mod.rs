//! The clients' readings of an answer: botocore, and the AWS SDKs for Rust, Go, Java and JavaScript.
//!
//! Each of them looks for the code of an error in other places, in another order, with another JSON reader. So one
//! answer is a typed exception to the first, "unknown error" to the second, and crashes the third. [`predict`] says
//! which, [`lint`] what about the answer is to blame, and [`Impact`] counts both over the answers of a run.
//!
//! The clients were measured, or read where they are marked so, in these versions: botocore 1.43.11;
//! aws-sdk-securityhub (Rust) 1.137.0; aws-sdk-go-v2 1.17.1 with securityhub 1.23.7 (a), what was generated after its
//! pull request 2012 (b, read), the restJson1 of smithy-go 1.27.7 (c); aws-sdk-java-v2 (read);
//! @aws-sdk/client-securityhub 3.1108.0 with @aws-sdk/core 3.981.0. `fixtures/wire/sdk.toml` has what was measured,
//! `.ci/sdk` asks botocore and the JavaScript client again.

mod answer;
mod botocore;
mod go;
mod impact;
mod java;
mod javascript;
mod json;
mod lint;
mod number;
mod output;
mod retry;
mod rust;
#[cfg(test)]
mod tests;
mod verdict;

pub use impact::{Example, Grades, Impact, LintImpact};
pub use lint::{LINTS, Lint};
pub use verdict::{Reading, Sdk, SdkVerdict};

use answer::SdkAnswer;

use passmuster_contract::domain::Operation;
use passmuster_contract::wire::HttpResponse;

/// Each client's reading of an answer to an operation of Security Hub.
#[must_use]
pub fn predict(operation: Operation, response: &HttpResponse) -> [Reading; Sdk::ALL.len()] {
    let answer = SdkAnswer::new(operation, response);
    Sdk::ALL.map(|sdk| read(sdk, &answer))
}

/// The faults of an answer in the eyes of some client, in the order of [`LINTS`].
#[must_use]
pub fn lint(operation: Operation, response: &HttpResponse) -> Vec<&'static Lint> {
    let answer = SdkAnswer::new(operation, response);
    LINTS.iter().filter(|lint| lint.fires(&answer)).collect()
}

fn read(sdk: Sdk, answer: &SdkAnswer<'_>) -> Reading {
    let verdict = match sdk {
        Sdk::Botocore => botocore::read(answer),
        Sdk::Rust => rust::read(answer),
        Sdk::GoA | Sdk::GoB => go::read_generated(sdk, answer),
        Sdk::GoC => go::read_by_schema(answer),
        Sdk::Java => java::read(answer),
        Sdk::JavaScript => javascript::read(answer),
    };
    let retried = retry::is_retried(sdk, answer.status(), &verdict);
    Reading { sdk, verdict, retried }
}
