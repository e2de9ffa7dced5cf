//! Grades the answers of a run that are errors or can't be read, each kind of answer once.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

use super::answer::SdkAnswer;
use super::lint::LINTS;
use super::verdict::Sdk;
use passmuster_contract::domain::{Operation, Outcome};
use passmuster_contract::wire::HttpResponse;

/// Kinds of answers that are kept apart before they are graded.
const MOST_KINDS: usize = 512;

/// The largest body that is kept, in bytes.
const LARGEST: usize = 48 << 10;

/// Characters of a body that an example shows.
const MOST_SHOWN: usize = 200;

/// The clients' readings of the answers that were noted: errors, and successes that can't be read.
///
/// Answers that differ in nothing but the text of their message are of one kind: it is graded on request, not
/// while calls go on. Adding up is commutative, so that the order of workers doesn't show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Impact {
    kinds: BTreeMap<AnswerKind, CountedAnswer>,
    graded: Grades,
}

/// Headers that some client reads a code or a body by.
const READ_FROM: [&str; 4] = ["x-amzn-errortype", "content-encoding", ":error-code", ":exception-type"];

/// The key that an answer is graded by.
type AnswerKind = (Operation, u16, u64);

#[derive(Clone, Debug, PartialEq, Eq)]
struct CountedAnswer {
    times: u64,
    /// The smallest of them, by its body.
    response: HttpResponse,
}

/// Sums over answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Grades {
    /// Answers graded.
    pub answers: u64,
    /// The number of verdicts of each kind that each client came to.
    pub verdicts: BTreeMap<Sdk, BTreeMap<&'static str, u64>>,
    /// The number of times that each rule on answers was broken, by its id.
    pub lints: BTreeMap<&'static str, LintImpact>,
}

/// The number of times that a rule on answers was broken, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LintImpact {
    /// The number of times.
    pub times: u64,
    /// The first of the answers that broke it, by operation, status and body.
    pub example: Example,
}

/// An answer, in short.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Example {
    /// The operation that was called.
    pub operation: &'static str,
    /// The status.
    pub status: u16,
    /// The beginning of the body.
    pub body: String,
}

impl Impact {
    /// Takes note of an answer, if it is an error, says of itself that it is one, or can't be read as the success that
    /// it is meant to be. One that is larger than any of the service is left out.
    pub fn note(&mut self, operation: Operation, response: HttpResponse, read: &Outcome) {
        if response.body.len() > LARGEST
            || matches!(read, Outcome::Success(_)) && response.header("x-amzn-errortype").is_none()
        {
            return;
        }
        self.insert((operation, response.status, skeleton(&response)), CountedAnswer { times: 1, response });
    }

    /// Adds another's answers.
    pub fn add(&mut self, other: &Self) {
        self.graded.add(&other.graded);
        for (kind, seen) in &other.kinds {
            match self.kinds.get_mut(kind) {
                // What is not kept need not be copied.
                Some(known) if known.response.body <= seen.response.body => known.times += seen.times,
                _ => self.insert(*kind, seen.clone()),
            }
        }
    }

    fn insert(&mut self, kind: AnswerKind, seen: CountedAnswer) {
        if let Some(known) = self.kinds.get_mut(&kind) {
            known.times += seen.times;
            if seen.response.body < known.response.body {
                known.response = seen.response;
            }
            return;
        }
        if self.kinds.len() >= MOST_KINDS {
            self.graded = self.grades();
            self.kinds.clear();
        }
        self.kinds.insert(kind, seen);
    }

    /// The grades of all answers.
    #[must_use]
    pub fn grades(&self) -> Grades {
        let mut grades = self.graded.clone();
        for ((operation, ..), seen) in &self.kinds {
            grades.grade(*operation, seen);
        }
        grades
    }
}

impl Grades {
    fn grade(&mut self, operation: Operation, CountedAnswer { times, response }: &CountedAnswer) {
        let answer = SdkAnswer::new(operation, response);
        self.answers += times;
        for sdk in Sdk::ALL {
            let kind = super::read(sdk, &answer).verdict.kind();
            *self.verdicts.entry(sdk).or_default().entry(kind).or_default() += times;
        }
        for lint in LINTS.iter().filter(|lint| lint.fires(&answer)) {
            let body = shortened(&String::from_utf8_lossy(&response.body));
            let example = Example { operation: operation.name(), status: response.status, body };
            self.add_lint(lint.id, &LintImpact { times: *times, example });
        }
    }

    fn add(&mut self, other: &Self) {
        self.answers += other.answers;
        for (sdk, kinds) in &other.verdicts {
            let mine = self.verdicts.entry(*sdk).or_default();
            for (kind, times) in kinds {
                *mine.entry(kind).or_default() += times;
            }
        }
        for (id, impact) in &other.lints {
            self.add_lint(id, impact);
        }
    }

    fn add_lint(&mut self, id: &'static str, impact: &LintImpact) {
        match self.lints.get_mut(id) {
            Some(known) => {
                known.times += impact.times;
                if impact.example < known.example {
                    known.example = impact.example.clone();
                }
            }
            None => {
                self.lints.insert(id, impact.clone());
            }
        }
    }
}

/// The part that all answers have in common that clients read alike: all but the text of a message, and headers that no
/// client reads a code from.
fn skeleton(response: &HttpResponse) -> u64 {
    let mut hasher = DefaultHasher::new();
    for (name, value) in &response.headers {
        let is = |known: &&&str| name.eq_ignore_ascii_case(known);
        if let Some(known) = READ_FROM.iter().find(is) {
            (known, value).hash(&mut hasher);
        } else if name.eq_ignore_ascii_case("x-amzn-requestid") {
            "x-amzn-requestid".hash(&mut hasher);
        }
    }
    let mut rest = response.body.as_slice();
    while let Some(at) = message(rest) {
        let (head, text) = rest.split_at(at);
        let plain = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'"' | b'\\');
        let length = text.iter().take_while(|byte| plain(byte)).count();
        (head, length == 0).hash(&mut hasher);
        rest = text.get(length..).unwrap_or_default();
    }
    rest.hash(&mut hasher);
    hasher.finish()
}

/// Where the text of the first message begins.
fn message(body: &[u8]) -> Option<usize> {
    let mut quotes = body.iter().enumerate().filter(|(_, byte)| **byte == b'"').map(|(at, _)| at);
    let behind = quotes.find(|at| body.get(..*at).is_some_and(|head| head.ends_with(b"essage")))? + 1;
    let gap = body.get(behind..)?.iter().take_while(|byte| matches!(byte, b' ' | b':')).count();
    (body.get(behind + gap) == Some(&b'"')).then_some(behind + gap + 1)
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(MOST_SHOWN) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sdk::tests::response;
    use passmuster_contract::wire;

    fn note(impact: &mut Impact, response: HttpResponse) {
        let read = wire::decode_response(Operation::CreateMembers, &response);
        impact.note(Operation::CreateMembers, response, &read);
    }

    const CODE: &str = "x-amzn-errortype: InvalidInputException";

    fn impact(bodies: &[&str]) -> Impact {
        let mut impact = Impact::default();
        for body in bodies {
            note(&mut impact, response(400, &[CODE], body.as_bytes()));
        }
        impact
    }

    #[test]
    fn answers_that_differ_in_their_message_alone_are_one_kind() {
        let same = impact(&[r#"{"Message":"account 1","Code":"X"}"#, r#"{"Message":"account 22","Code":"X"}"#]);
        assert_eq!(same.kinds.len(), 1);
        assert_eq!(same.grades().answers, 2);
        assert_eq!(impact(&[r#"{"Message": "a"}"#, r#"{"Message": "b"}"#]).kinds.len(), 1);
        for other in [r#"{"Message":"a","Code":"Y"}"#, r#"{"Message":1}"#, r#"{"Message":"\ud800"}"#, "{}"] {
            assert_eq!(impact(&[r#"{"Message":"a","Code":"X"}"#, other]).kinds.len(), 2, "{other}");
        }
    }

    #[test]
    fn successes_are_left_out_unless_they_say_that_they_are_errors() {
        let mut impact = Impact::default();
        note(&mut impact, response(200, &[], b"{}"));
        assert_eq!(impact.grades(), Grades::default());
        note(&mut impact, response(200, &[CODE], b"{}"));
        assert_eq!(impact.grades().lints["L20"].times, 1);
    }

    #[test]
    fn an_answer_that_is_too_large_is_not_kept() {
        let body = format!(r#"{{"Message":1,"More":"{}"}}"#, "x".repeat(LARGEST));
        assert_eq!(impact(&[&body]), Impact::default());
    }

    #[test]
    fn successes_that_can_not_be_read_are_graded() {
        let mut impact = Impact::default();
        note(&mut impact, response(200, &[], br#"{"UnprocessedAccounts":[null]}"#));
        let grades = impact.grades();
        assert_eq!((grades.answers, grades.lints["L24"].times), (1, 1));
    }

    #[test]
    fn the_order_of_answers_does_not_show_even_where_there_are_more_kinds_than_are_kept() {
        let bodies: Vec<String> = (0..3000).map(|number| format!(r#"{{"Code":"C{}"}}"#, number % 1500)).collect();
        let bodies: Vec<&str> = bodies.iter().map(String::as_str).collect();
        let mut turned = bodies.clone();
        turned.reverse();
        let (one, other) = (impact(&bodies), impact(&turned));
        assert!(one.kinds.len() <= MOST_KINDS);
        assert_eq!(one.grades(), other.grades());
        assert_eq!(one.grades().lints["L03"].times, 3000);
        assert_eq!(one.grades().lints["L03"].example.body, r#"{"Code":"C0"}"#);
        let mut sum = impact(&bodies[..1000]);
        sum.add(&impact(&bodies[1000..]));
        assert_eq!(sum.grades(), one.grades());
    }
}
