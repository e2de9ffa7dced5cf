//! Classes of several requests: a server that does right is blamed for nothing, and each way to do wrong is seen.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use std::collections::{BTreeSet, HashMap};
use std::io;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::support::{Server, read_whole, write};
use passmuster::domain::Profile;
use passmuster::engine::{
    Description, EmbeddedSupply, Filter, HttpSupply, Interrupt, Phase, Run, RunSelection, RunSettings, Supply,
};
use passmuster::model::{Answers, questions};
use passmuster::record::DivergenceRecord;
use passmuster::server::{Fault, Reference, ServerSettings, WireFault};
use passmuster::targets::guard::Guard;
use passmuster::targets::{AccountSelection, HttpTransport, Target};
use passmuster::wire::{HttpRequest, HttpResponse};
use serde_json::Value;
use tokio::io::AsyncReadExt;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};

/// Every class that takes several requests.
const CLASSES: [&str; 11] =
    ["M140", "M283", "M284", "M285", "M286", "M287", "M288", "M289", "M290", "M291", "M309"];

fn settings(classes: &[&str]) -> RunSettings {
    let only = classes.iter().map(|class| Filter::Rule((*class).to_owned())).collect();
    RunSettings {
        phases: vec![Phase::Probe, Phase::Malformed],
        selection: RunSelection { only, skip: Vec::new() },
        malformed: Some(100_000),
        confirmations: 1,
        ..RunSettings::default()
    }
}

/// Every question answered in its `nth` way, as far as it has so many.
fn answers(nth: usize) -> Answers {
    let mut answers = Answers::default();
    for (question, admissible) in questions::ALL {
        if let Some(answer) = admissible.get(nth) {
            answers.choose(question.0, answer).unwrap();
        }
    }
    answers
}

/// The divergences that a run finds, and the number of requests of each class that it sent.
async fn find<S: Supply>(supply: S, settings: RunSettings) -> (Vec<DivergenceRecord>, HashMap<String, u64>) {
    let interrupt = Interrupt::default();
    let run = Run::start(Arc::new(supply), settings.clone(), &interrupt, |_| {});
    let run = timeout(Duration::from_secs(120), run).await.unwrap().unwrap();
    let description = Description {
        target: "some".to_owned(),
        endpoint: "http://127.0.0.1".to_owned(),
        curl_endpoint: "http://127.0.0.1".to_owned(),
        curl_ca: None,
        accounts: AccountSelection::AccessKey,
        version: None,
        replay_flags: String::new(),
    };
    let record = run.record(&settings, &description);
    let sent = run.malformed.unwrap().classes.iter().map(|(class, times)| (class.to_string(), *times)).collect();
    // How answers are to look is another matter.
    let found = record.divergences.into_iter().filter(|found| found.rules[0] != "I06").collect();
    (found, sent)
}

/// The rows that a class blames a target for, with their severities.
fn blames(found: &[DivergenceRecord], class: &str) -> BTreeSet<(String, String)> {
    let of_class = found.iter().filter(|found| found.rules.iter().any(|rule| rule == class));
    of_class.map(|found| (found.rules[0].clone(), found.severity.name().to_owned())).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_blamed_on_a_server_that_does_it_right_whatever_it_answers_to_open_questions() {
    for (nth, profile) in (0..4).zip(Profile::ALL.into_iter().cycle()) {
        let supply =
            EmbeddedSupply(ServerSettings { answers: answers(nth), profile, ..ServerSettings::default() });
        let (found, sent) = find(supply, RunSettings { profile, ..settings(&CLASSES) }).await;
        assert!(found.is_empty(), "{nth}, {profile}: {found:#?}");
        for class in CLASSES {
            assert!(sent.get(class).is_some_and(|times| *times > 0), "{nth}: {class}: {sent:?}");
        }
        assert!(sent["M291"] >= 100, "{sent:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_one_account_after_the_other_is_seen() {
    let cases =
        [("M283", "list-hub-off", "D110"), ("M284", "enable-twice", "D111"), ("M285", "create-again", "D113")];
    for (class, fault, row) in cases {
        let mut supply = EmbeddedSupply::default();
        match WireFault::from_name(fault) {
            Ok(fault) => supply.0.wire_faults.push(fault),
            Err(_) => supply.0.faults.push(Fault::from_name(fault).unwrap()),
        }
        let (found, _) = find(supply, settings(&[class])).await;
        let rows: Vec<_> = blames(&found, class).into_iter().map(|(row, _)| row).collect();
        assert_eq!(rows, [row], "{fault}: {found:#?}");
    }
}

/// The faults of a server that only several requests show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Wrong {
    /// A refused request makes another account a member.
    DoesSomethingElse,
    /// Creating fails while another one is under way.
    FailsBesideAnother,
    /// An account created by two requests at once is listed twice.
    ListsTwice,
    /// An account created for a client that has gone away has no status.
    LeavesHalf,
    /// A token works once.
    TokenFails,
    /// It fails under load.
    FailsUnderLoad,
    /// The tenth answer on a connection is that to the request before.
    AnswersLate,
    /// The same signature is refused the third time.
    RefusesReplay,
    /// Nothing: it closes the connection after each answer, and takes its time.
    ClosesSlowly,
}

struct Sabotaged {
    wrong: Wrong,
    reference: Mutex<Reference>,
    busy: AtomicUsize,
    /// Signatures and tokens that were used.
    used: Mutex<HashMap<String, usize>>,
    /// Accounts with which something is wrong.
    marked: Mutex<BTreeSet<String>>,
}

impl Sabotaged {
    fn start(wrong: Wrong) -> impl Future<Output = Server> {
        let sabotaged = Arc::new(Self {
            wrong,
            reference: Mutex::new(Reference::new(1, Answers::default(), &[])),
            busy: AtomicUsize::new(0),
            used: Mutex::default(),
            marked: Mutex::default(),
        });
        Server::start(move |stream, _| sabotaged.clone().converse(stream))
    }

    async fn converse(self: Arc<Self>, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        let mut late = None;
        for number in 1.. {
            let request = read_whole(&mut stream).await?;
            let creates = request.path == "/members" && !request.body.is_empty();
            let lists = request.path == "/members" && request.body.is_empty();
            let others = self.busy.fetch_add(1, Ordering::SeqCst);
            let mut response = match self.wrong {
                Wrong::FailsBesideAnother | Wrong::ListsTwice if creates => {
                    sleep(Duration::from_millis(20)).await;
                    self.created_beside(&request, others)
                }
                Wrong::DoesSomethingElse if creates => {
                    let response = self.handle(&request);
                    if response.status >= 400 {
                        let body = br#"{"AccountDetails":[{"AccountId":"999999999999"}]}"#.to_vec();
                        let mut other = HttpRequest { body, ..request.clone() };
                        other.headers.retain(|(name, _)| name != "accept" && name != "content-type");
                        other.headers.push(("content-type".into(), "application/json".to_owned()));
                        self.handle(&other);
                    }
                    response
                }
                Wrong::LeavesHalf if creates => {
                    let gone = timeout(Duration::from_millis(10), stream.read(&mut [0])).await;
                    if matches!(gone, Ok(Ok(0) | Err(_))) {
                        self.mark(&request);
                    }
                    self.handle(&request)
                }
                Wrong::FailsUnderLoad if lists && others > 2 => failed(),
                Wrong::FailsUnderLoad if lists => {
                    sleep(Duration::from_millis(2)).await;
                    self.handle(&request)
                }
                Wrong::TokenFails if request.query.contains("NextToken") => {
                    let token = format!("{:?} {}", request.header("authorization").map(caller), request.query);
                    if self.uses(token) > 1 { failed() } else { self.handle(&request) }
                }
                Wrong::RefusesReplay if lists => {
                    let signature = format!("{:?} {}", request.header("authorization"), request.query);
                    let spent = self.uses(signature) > 2;
                    if spent { answer(403, "InvalidSignatureException") } else { self.handle(&request) }
                }
                Wrong::ClosesSlowly => {
                    sleep(Duration::from_millis(5)).await;
                    self.handle(&request)
                }
                _ => self.handle(&request),
            };
            self.busy.fetch_sub(1, Ordering::SeqCst);
            if lists {
                self.spoil(&mut response);
            }
            let previous = late.replace(response.clone());
            if self.wrong == Wrong::AnswersLate && number == 10 {
                response = previous.unwrap_or(response);
            }
            let lines: String =
                response.headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
            write(&mut stream, response.status, &lines, &response.body).await?;
            if self.wrong == Wrong::ClosesSlowly {
                break;
            }
        }
        Ok(())
    }

    fn handle(&self, request: &HttpRequest) -> HttpResponse {
        self.reference.lock().unwrap().handle(request)
    }

    /// The number of times that a text was used, this one included.
    fn uses(&self, text: String) -> usize {
        let mut used = self.used.lock().unwrap();
        let times = used.entry(text).or_default();
        *times += 1;
        *times
    }

    fn created_beside(&self, request: &HttpRequest, others: usize) -> HttpResponse {
        match (self.wrong, others) {
            (Wrong::FailsBesideAnother, 1..) => return failed(),
            (_, 1..) => self.mark(request),
            (_, 0) => {}
        }
        self.handle(request)
    }

    fn mark(&self, request: &HttpRequest) {
        let body: Value = serde_json::from_slice(&request.body).unwrap_or_default();
        let entries = body["AccountDetails"].as_array().cloned().unwrap_or_default();
        let ids = entries.iter().filter_map(|entry| entry["AccountId"].as_str()).map(str::to_owned);
        self.marked.lock().unwrap().extend(ids);
    }

    /// Shows what is wrong with marked accounts in a list of members.
    fn spoil(&self, response: &mut HttpResponse) {
        let Ok(mut body) = serde_json::from_slice::<Value>(&response.body) else { return };
        let Some(members) = body["Members"].as_array_mut() else { return };
        let marked = self.marked.lock().unwrap();
        let is_marked =
            |entry: &&mut Value| entry["AccountId"].as_str().is_some_and(|account| marked.contains(account));
        let copies: Vec<Value> = members
            .iter_mut()
            .filter(is_marked)
            .map(|entry| {
                if self.wrong == Wrong::LeavesHalf {
                    entry.as_object_mut().unwrap().remove("MemberStatus");
                }
                entry.clone()
            })
            .collect();
        if self.wrong == Wrong::ListsTwice {
            members.extend(copies);
        }
        response.body = body.to_string().into_bytes();
    }
}

/// The account in a signature.
fn caller(authorization: &str) -> String {
    authorization.split('/').next().unwrap_or_default().to_owned()
}

fn failed() -> HttpResponse {
    answer(500, "Oops")
}

fn answer(status: u16, code: &str) -> HttpResponse {
    let headers = vec![
        ("x-amzn-errortype".into(), code.to_owned()),
        ("content-type".into(), "application/json".to_owned()),
        ("x-amzn-requestid".into(), "1".to_owned()),
    ];
    HttpResponse { status, headers, body: br#"{"Message":"No."}"#.to_vec() }
}

/// The divergences that some classes find in a server with this fault.
async fn found_wrong(classes: &[&str], wrong: Wrong) -> Vec<DivergenceRecord> {
    let server = Sabotaged::start(wrong).await;
    let target = Target { endpoint: Some(server.endpoint.clone()), ..Target::default() };
    let transport = Arc::new(HttpTransport::new(target, Guard::default()).unwrap());
    // What other operations are tried on at the same time would trip such a server up, too.
    let settings = RunSettings { workers: 1, ..settings(classes) };
    let (found, sent) = find(HttpSupply { transport, reset: None }, settings).await;
    for class in classes {
        assert!(sent.contains_key(*class), "{class} {wrong:?}: {sent:?}");
    }
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn what_several_requests_do_to_each_other_is_seen() {
    let cases = [
        ("M286", Wrong::DoesSomethingElse, "I12", "suspicion"),
        ("M287", Wrong::FailsBesideAnother, "I03", "divergence"),
        ("M287", Wrong::ListsTwice, "I12", "suspicion"),
        ("M288", Wrong::LeavesHalf, "I12", "suspicion"),
        ("M289", Wrong::TokenFails, "I03", "divergence"),
        ("M290", Wrong::FailsUnderLoad, "I03", "divergence"),
        ("M291", Wrong::AnswersLate, "I13", "divergence"),
        ("M140", Wrong::RefusesReplay, "I19", "note"),
    ];
    for (class, wrong, row, severity) in cases {
        let seen = blames(&found_wrong(&[class], wrong).await, class);
        assert!(seen.contains(&(row.to_owned(), severity.to_owned())), "{class} {wrong:?}: {seen:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_takes_his_time_and_closes_each_connection_is_blamed_for_nothing() {
    let found = found_wrong(&CLASSES, Wrong::ClosesSlowly).await;
    assert!(found.is_empty(), "{found:#?}");
}
