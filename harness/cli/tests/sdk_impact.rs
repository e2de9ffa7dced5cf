//! A run says what SDKs make of errors, and of what they can't read that it got.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::sync::Arc;
use std::time::Duration;

use crate::sample;
use crate::sample::description;
use crate::support::{Folder, passmuster};
use passmuster::domain::DivergenceKind;
use passmuster::engine::{EmbeddedSupply, Interrupt, Phase, Run, RunSettings, Supply};
use passmuster::record::{ExampleRecord, LintRecord, RunRecord, SdkRecord};
use passmuster::report::{self, terminal};
use passmuster::sdk::{LINTS, Sdk};
use passmuster::server::{Answers, Embedded};
use passmuster::targets::{Caller, SystemUnderTest, TransportError};
use passmuster::wire::{HttpRequest, HttpResponse};

/// A server that tells its errors in the body alone, and one of them under another status.
struct Mumbler(Embedded);

impl SystemUnderTest for Mumbler {
    async fn call(&self, caller: &Caller, request: HttpRequest) -> Result<HttpResponse, TransportError> {
        let mut response = self.0.call(caller, request).await?;
        response.headers.retain(|(name, _)| name == "content-type");
        if response.status == 401 {
            response.status = 418;
        }
        Ok(response)
    }
}

struct MumblerSupply;

impl Supply for MumblerSupply {
    type Sut = Mumbler;

    fn open(&self) -> Mumbler {
        Mumbler(Embedded::new(1, Answers::default(), &[]))
    }
}

async fn run(supply: impl Supply, workers: usize) -> RunRecord {
    let settings = RunSettings {
        seed: 3,
        phases: vec![Phase::Probe, Phase::Random],
        workers,
        max_calls: 600,
        max_time: Duration::from_secs(600),
        ..RunSettings::default()
    };
    let run = Run::start(Arc::new(supply), settings.clone(), &Interrupt::default(), |_| {}).await.unwrap();
    run.record(&settings, &description())
}

fn on_a_terminal(record: &RunRecord) -> String {
    let mut out = Vec::new();
    terminal::summary(
        record,
        terminal::TerminalStyle { verbose: true, ..terminal::TerminalStyle::PLAIN },
        &mut out,
    )
    .unwrap();
    String::from_utf8(out).unwrap()
}

fn in_markdown(record: &RunRecord) -> String {
    let mut out = Vec::new();
    report::format("markdown").unwrap().write(record, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[tokio::test]
async fn where_every_sdk_reads_every_error_one_line_says_so() {
    let record = run(EmbeddedSupply::default(), 1).await;
    let graded = record.sdk.answers;
    assert!(graded > 50, "{graded}");
    assert_eq!(record.sdk.misleading().count(), 0, "{:?}", record.sdk.lints);
    let line = format!("  {graded} answers: every SDK reads code and message\n");
    assert!(on_a_terminal(&record).contains(&line));
    assert!(in_markdown(&record).contains(&format!("{graded} answers: every SDK reads code and message.\n")));
}

#[tokio::test]
async fn what_is_misread_is_counted_whatever_the_number_of_workers() {
    let record = run(MumblerSupply, 1).await;
    let SdkRecord { answers, verdicts, lints } = &record.sdk;
    assert_eq!(verdicts.len(), Sdk::ALL.len());
    for (sdk, kinds) in verdicts {
        assert_eq!(kinds.values().sum::<u64>(), *answers, "{sdk}");
    }
    assert_eq!(verdicts["aws-sdk-rust"].keys().collect::<Vec<_>>(), ["no-code"]);
    assert_eq!(lints.keys().collect::<Vec<_>>(), ["L01", "L19"]);
    assert_eq!((lints["L01"].times, lints["L19"].times), (*answers, *answers));
    assert_eq!(lints["L01"].misread_by, ["aws-sdk-rust", "aws-sdk-java-v2"]);
    assert!(lints["L01"].example.body.contains("\"Code\""), "{:?}", lints["L01"].example);
    assert_eq!(record.sdk, run(MumblerSupply, 4).await.sdk);
}

#[tokio::test]
async fn a_divergence_that_is_an_error_says_what_each_sdk_makes_of_it() {
    let record = run(MumblerSupply, 2).await;
    let wrong = record.divergences.iter().find(|found| found.kind == DivergenceKind::WrongStatus).unwrap();
    assert_eq!(wrong.sdk_impact.len(), Sdk::ALL.len());
    assert_eq!(wrong.sdk_impact["botocore"], "InvalidAccessException (typed)");
    assert_eq!(wrong.sdk_impact["aws-sdk-rust"], "no code");
}

/// A run with an answer that somebody misreads, and one that is only sent again.
fn misread() -> RunRecord {
    let example = ExampleRecord {
        operation: "CreateMembers".to_owned(),
        status: 400,
        body: "<b>`no`</b> | \u{1b}[2J".to_owned(),
    };
    let lint = |misread_by: &[&str]| LintRecord {
        times: 1_234,
        what: "no code anywhere".to_owned(),
        misread_by: misread_by.iter().map(|name| (*name).to_owned()).collect(),
        misread: "botocore says the status".to_owned(),
        example: example.clone(),
    };
    let mut record = sample::clean();
    record.sdk.answers = 2_000;
    record.sdk.lints = [("L15".to_owned(), lint(&["botocore"])), ("L23".to_owned(), lint(&[]))].into();
    record
}

#[test]
fn reports_show_what_is_misread_and_nothing_else() {
    let (terminal, markdown) = (on_a_terminal(&misread()), in_markdown(&misread()));
    assert!(terminal.contains("\nwhat SDKs make of errors, and of what they can't read\n"), "{terminal}");
    assert!(terminal.contains("  L15          1,234× no code anywhere: botocore says the status"), "{terminal}");
    assert!(
        markdown.contains("| L15 | no code anywhere | 1234 | botocore | botocore says the status |"),
        "{markdown}"
    );
    for text in [terminal, markdown] {
        assert!(!text.contains("L23") && !text.contains('\u{1b}') && text.contains("CreateMembers"), "{text}");
    }
    assert!(!in_markdown(&misread()).contains("<b>"));
}

#[test]
fn a_report_of_before_sdks_were_asked_is_still_read() {
    let mut value = serde_json::to_value(sample::clean()).unwrap();
    value.as_object_mut().unwrap().remove("sdk");
    let record: RunRecord = serde_json::from_value(value).unwrap();
    assert_eq!(record.sdk, SdkRecord::default());
    assert!(!on_a_terminal(&record).contains("SDK"));
}

#[test]
fn each_rule_is_explained_by_its_id() {
    let folder = Folder::new("explain-lint");
    for lint in LINTS {
        let ended = passmuster(folder.path(), &["explain", &lint.id.to_lowercase()]);
        assert_eq!(ended.code, Some(0), "{ended:?}");
        assert!(ended.stdout.starts_with(lint.id) && ended.stdout.contains("How to mend it"), "{}", ended.stdout);
        assert!(ended.stdout.lines().all(|line| line.chars().count() <= 100), "{}", ended.stdout);
    }
}
