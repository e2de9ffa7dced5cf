//! The readings of a run's answers by SDKs, in the words of its record.

use std::collections::BTreeMap;

use crate::record::{ExampleRecord, LintRecord, SdkRecord};
use crate::sdk::{self, Example, Grades, Lint, LintImpact};
use passmuster_contract::domain::Operation;
use passmuster_contract::wire::HttpResponse;

/// The readings of all answers that were graded by all of them.
pub(super) fn record(grades: &Grades) -> SdkRecord {
    let verdicts = |kinds: &BTreeMap<&str, u64>| {
        kinds.iter().map(|(kind, times)| ((*kind).to_owned(), *times)).collect::<BTreeMap<_, _>>()
    };
    let lint = |(id, impact): (&&str, &LintImpact)| Some(((*id).to_owned(), lint(Lint::find(id)?, impact)));
    SdkRecord {
        answers: grades.answers,
        verdicts: grades.verdicts.iter().map(|(sdk, kinds)| (sdk.name().to_owned(), verdicts(kinds))).collect(),
        lints: grades.lints.iter().filter_map(lint).collect(),
    }
}

fn lint(lint: &Lint, impact: &LintImpact) -> LintRecord {
    let Example { operation, status, body } = &impact.example;
    LintRecord {
        times: impact.times,
        what: lint.what.to_owned(),
        misread_by: lint.who.iter().map(|sdk| sdk.name().to_owned()).collect(),
        misread: lint.misread.to_owned(),
        example: ExampleRecord { operation: (*operation).to_owned(), status: *status, body: body.clone() },
    }
}

/// The reading of one answer by each of them.
pub(super) fn of_answer((operation, response): &(Operation, HttpResponse)) -> BTreeMap<String, String> {
    let readings = sdk::predict(*operation, response);
    readings.iter().map(|reading| (reading.sdk.name().to_owned(), reading.to_string())).collect()
}
