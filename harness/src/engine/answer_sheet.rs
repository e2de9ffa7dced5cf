//! The answers of a target to the open questions, as a file: written by one run, read by others and by the server.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::{Table, Value};

use super::description::Description;
use super::outcome::Run;
use crate::generate::write_scenario;
use passmuster_contract::catalogue;
use passmuster_contract::domain::{Answer, Operation, QuestionId};
use passmuster_contract::model::{Answers, AnswersError, admissible};

/// The number of times that each answer was seen.
pub type AnswersSeen = BTreeMap<&'static str, u64>;

/// Answers to open questions, in the order of the questions' ids.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerSheet {
    /// The questions that are answered.
    pub questions: BTreeMap<QuestionId, SheetEntry>,
}

/// One answered question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SheetEntry {
    /// The answer; of several the one seen most often.
    pub answer: &'static str,
    /// The answers that each operation was seen to give. Empty where one answer was chosen for all of them.
    pub seen: BTreeMap<Operation, AnswersSeen>,
    /// The shortest scenario seen to show an answer, as saved scenarios are written.
    pub scenarios: BTreeMap<&'static str, String>,
}

/// Why a file of answers can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SheetError {
    /// It is no TOML.
    #[error(
        "line {line}: not a table of answers: {problem}; write lines like Q01 = \"bad-request\", or let `run --learn FILE` write it"
    )]
    Syntax {
        /// The line, from 1.
        line: usize,
        /// The fault in it.
        problem: String,
    },
    /// A question or an answer that there isn't.
    #[error(transparent)]
    Answer(#[from] AnswersError),
    /// A part of an entry that can't be understood.
    #[error("{question}: {problem}; write {question} = \"ANSWER\", or let `run --learn FILE` write it")]
    Entry {
        /// The question.
        question: String,
        /// The fault.
        problem: String,
    },
}

impl SheetEntry {
    /// Whether no operation gave two answers.
    #[must_use]
    pub fn is_consistent(&self) -> bool {
        self.seen.values().all(|seen| seen.len() <= 1)
    }

    /// The one answer that an operation gives.
    fn firm(&self) -> impl Iterator<Item = (Operation, &'static str)> {
        self.seen
            .iter()
            .filter(|(_, seen)| seen.len() == 1)
            .filter_map(|(operation, seen)| Some((*operation, *seen.keys().next()?)))
    }

    /// Whether two sheets say the same: of every operation that both have seen, else of the question.
    #[must_use]
    pub fn agrees_with(&self, other: &Self) -> bool {
        let of = |entry: &Self, operation: &Operation| match entry.seen.get(operation) {
            Some(seen) => Some(seen.keys().copied().collect::<Vec<_>>()),
            None if entry.seen.is_empty() => Some(vec![entry.answer]),
            None => None,
        };
        let mut common = self
            .seen
            .keys()
            .chain(other.seen.keys())
            .filter_map(|operation| Some(of(self, operation)? == of(other, operation)?));
        match common.next() {
            None => self.answer == other.answer,
            Some(first) => first && common.all(|same| same),
        }
    }
}

impl AnswerSheet {
    /// The answers that a run has seen.
    #[must_use]
    pub fn of(run: &Run) -> Self {
        let mut questions: BTreeMap<QuestionId, SheetEntry> = BTreeMap::new();
        for ((question, operation), seen) in &run.tally.answers {
            let new = || SheetEntry { answer: "", seen: BTreeMap::new(), scenarios: BTreeMap::new() };
            let entry = questions.entry(*question).or_insert_with(new);
            entry.seen.insert(*operation, seen.clone());
            for answer in seen.keys() {
                if let Some(scenario) = run.examples.get(&Answer { question: *question, answer }) {
                    entry.scenarios.insert(answer, write_scenario(scenario));
                }
            }
        }
        for entry in questions.values_mut() {
            entry.answer = most_seen(&entry.seen).unwrap_or_default();
        }
        Self { questions }
    }

    /// The answers to give and to expect, and a remark on each that is not firm.
    #[must_use]
    pub fn answers(&self) -> (Answers, Vec<String>) {
        let mut answers = Answers::default();
        let mut remarks = Vec::new();
        for (question, entry) in &self.questions {
            let answer = |answer| Answer { question: *question, answer };
            if entry.seen.is_empty() {
                answers.choose_for_all(answer(entry.answer));
            }
            // What is given most often goes first: it is also the answer where an operation has none of its own.
            let mut firm: Vec<_> = entry.firm().collect();
            firm.sort_by_key(|(_, own)| *own != entry.answer);
            for (operation, own) in firm {
                answers.choose_for(operation, answer(own));
            }
            let vague: Vec<&str> = entry
                .seen
                .iter()
                .filter(|(_, seen)| seen.len() > 1)
                .map(|(operation, _)| operation.name())
                .collect();
            if !vague.is_empty() {
                let operations = vague.join(", ");
                remarks.push(format!(
                    "{question} is left open for {operations}: the answers seen contradict each other"
                ));
            }
        }
        (answers, remarks)
    }

    /// Reads a sheet: lines such as `Q01 = "access-denied"`, or what [`AnswerSheet::write`] writes.
    ///
    /// # Errors
    ///
    /// Names the line or the question, and what belongs there.
    pub fn parse(text: &str) -> Result<Self, SheetError> {
        let table: Table = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            SheetError::Syntax { line: before.matches('\n').count() + 1, problem: error.message().to_owned() }
        })?;
        let mut sheet = Self::default();
        for (name, value) in &table {
            let (question, entry) = entry(name, value)?;
            sheet.questions.insert(question, entry);
        }
        Ok(sheet)
    }

    /// Writes it for people and for [`AnswerSheet::parse`]. The same run gives the same text.
    #[must_use]
    pub fn write(&self, description: &Description) -> String {
        let version = description.version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
        let mut text = format!(
            "# How {}{version} answers the open questions of the contract, as passmuster {} saw it.\n\
             # `passmuster answers FILE` shows it in words; `run` and `serve` take it as --answers FILE.\n\
             # `seen` counts the answers of each operation; one that gave several is held to none.\n",
            one_line(&description.target),
            env!("CARGO_PKG_VERSION"),
        );
        for (question, entry) in &self.questions {
            let known = catalogue::question(question.0);
            let asked = known.map_or("", |known| &known.question);
            let meaning = known.and_then(|known| known.answer(entry.answer)).map_or("", |known| &known.meaning);
            // Writing to a string does not fail.
            let _ = writeln!(text, "\n[{question}]\n# {}", one_line(asked));
            let _ = writeln!(text, "answer = \"{}\" # {}", entry.answer, one_line(meaning));
            let _ = writeln!(text, "consistent = {}", entry.is_consistent());
            let _ = writeln!(text, "\n[{question}.seen]");
            for (operation, seen) in &entry.seen {
                let counts: Vec<String> =
                    seen.iter().map(|(answer, times)| format!("{answer} = {times}")).collect();
                let _ = writeln!(text, "{operation} = {{ {} }}", counts.join(", "));
            }
            if !entry.scenarios.is_empty() {
                let _ = writeln!(text, "\n[{question}.scenario]");
            }
            for (answer, scenario) in &entry.scenarios {
                let _ = writeln!(text, "{answer} = {}", quoted(scenario));
            }
        }
        text
    }
}

/// The answer seen most often over all operations; of equals the first by name.
fn most_seen(seen: &BTreeMap<Operation, AnswersSeen>) -> Option<&'static str> {
    let mut sums = AnswersSeen::new();
    for (answer, times) in seen.values().flatten() {
        *sums.entry(*answer).or_default() += times;
    }
    sums.into_iter().rev().max_by_key(|(_, times)| *times).map(|(answer, _)| answer)
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text of several lines as a TOML string.
fn quoted(text: &str) -> String {
    let plain = |c: char| c == '\n' || !c.is_control();
    if text.contains("'''") || !text.chars().all(plain) {
        return Value::from(text).to_string();
    }
    format!("'''\n{text}'''")
}

fn entry(name: &str, value: &Value) -> Result<(QuestionId, SheetEntry), SheetError> {
    let wrong = |problem: String| SheetError::Entry { question: name.to_owned(), problem };
    let table = match value {
        Value::String(answer) => {
            let Answer { question, answer } = admissible(name, answer)?;
            return Ok((question, SheetEntry { answer, seen: BTreeMap::new(), scenarios: BTreeMap::new() }));
        }
        Value::Table(table) => table,
        other => return Err(wrong(format!("no answer is of type {}", other.type_str()))),
    };
    let Some(answer) = table.get("answer").and_then(Value::as_str) else {
        return Err(wrong("the entry has no answer".to_owned()));
    };
    let Answer { question, answer } = admissible(name, answer)?;
    let mut entry = SheetEntry { answer, seen: BTreeMap::new(), scenarios: BTreeMap::new() };
    for (key, value) in table {
        match (key.as_str(), value) {
            ("answer", _) | ("consistent", Value::Boolean(_)) => {}
            ("seen", Value::Table(table)) => {
                for (operation, counts) in table {
                    let known = Operation::from_name(operation)
                        .ok_or_else(|| wrong(format!("no operation is called {operation:?}")))?;
                    entry.seen.insert(known, counted(name, operation, counts)?);
                }
            }
            ("scenario", Value::Table(table)) => {
                for (answer, text) in table {
                    let text = text.as_str().ok_or_else(|| wrong("a scenario is a text".to_owned()))?;
                    entry.scenarios.insert(admissible(name, answer)?.answer, text.to_owned());
                }
            }
            _ => return Err(wrong(format!("{key} is not what is expected here"))),
        }
    }
    if !entry.seen.is_empty() && !entry.seen.values().any(|seen| seen.contains_key(answer)) {
        return Err(wrong(format!("the answer {answer} is none of those seen")));
    }
    Ok((question, entry))
}

/// Reads the answers that one operation was seen to give.
fn counted(question: &str, operation: &str, value: &Value) -> Result<AnswersSeen, SheetError> {
    let wrong = |problem: String| SheetError::Entry { question: question.to_owned(), problem };
    let mut seen = AnswersSeen::new();
    for (answer, times) in value.as_table().into_iter().flatten() {
        let times = times.as_integer().and_then(|times| u64::try_from(times).ok()).filter(|times| *times > 0);
        let times =
            times.ok_or_else(|| wrong(format!("{operation}: how often {answer} was seen is no number")))?;
        seen.insert(admissible(question, answer)?.answer, times);
    }
    if seen.is_empty() {
        return Err(wrong(format!("{operation}: no answer is counted")));
    }
    Ok(seen)
}
