//! `answers`: shows how one target answers the open questions, or where two of them differ.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::args::OutputFormat;
use super::files::answer_sheet;
use super::{CliError, ExitCode};
use passmuster::baseline::Ending;
use passmuster::catalogue;
use passmuster::domain::{QuestionId, printable};
use passmuster::engine::{AnswerSheet, SheetEntry};

/// `answers`: how a target answers the open questions, or where two differ.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AnswersArgs {
    /// A file that `run --learn FILE` wrote, or lines such as Q01 = "bad-request"
    pub(crate) file: PathBuf,
    /// Another one, to compare with
    pub(crate) other: Option<PathBuf>,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
}

/// Does `answers`. Two sheets that differ end as a new divergence does.
///
/// # Errors
///
/// When a file can't be read, or is no sheet of answers.
pub(crate) fn answers(args: &AnswersArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let one = answer_sheet(&args.file)?;
    let other = args.other.as_deref().map(answer_sheet).transpose()?;
    let rows = rows(&one, other.as_ref());
    let text = if args.format == OutputFormat::Json {
        let rows: Vec<Value> = rows.iter().map(SheetRow::json).collect();
        format!("{:#}\n", json!({ "schema": "passmuster.answers/1", "questions": rows }))
    } else {
        rows.iter().map(SheetRow::text).collect()
    };
    out.write_all(text.as_bytes()).map_err(CliError::unwritable)?;
    let differ = rows.iter().any(|row| row.status.is_some_and(|status| status != "same"));
    Ok(if differ { ExitCode::Run(Ending::NewDivergence) } else { ExitCode::SUCCESS })
}

/// One question, as one sheet or two have it.
struct SheetRow<'a> {
    question: QuestionId,
    entries: Vec<(&'static str, &'a SheetEntry)>,
    /// The outcome of comparing two sheets.
    status: Option<&'static str>,
}

fn rows<'a>(one: &'a AnswerSheet, other: Option<&'a AnswerSheet>) -> Vec<SheetRow<'a>> {
    let questions: BTreeSet<QuestionId> =
        one.questions.keys().chain(other.iter().flat_map(|other| other.questions.keys())).copied().collect();
    let row = |question: QuestionId| {
        let a = one.questions.get(&question);
        let b = other.and_then(|other| other.questions.get(&question));
        let status = match (a, b) {
            (Some(a), Some(b)) if a.agrees_with(b) => "same",
            (Some(_), Some(_)) => "different",
            (Some(_), None) => "only-in-a",
            (None, _) => "only-in-b",
        };
        let entries = a.map(|a| ("a", a)).into_iter().chain(b.map(|b| ("b", b))).collect();
        SheetRow { question, entries, status: other.map(|_| status) }
    };
    questions.into_iter().map(row).collect()
}

fn meaning(question: QuestionId, answer: &str) -> &'static str {
    let known = catalogue::question(question.0).and_then(|question| question.answer(answer));
    known.map_or("", |known| &known.meaning)
}

impl SheetRow<'_> {
    fn text(&self) -> String {
        let asked = catalogue::question(self.question.0).map_or("", |known| &known.question);
        let status = self.status.map_or_else(String::new, |status| format!("{status:<10} "));
        let mut text = format!("{status}{}  {}\n", self.question, printable(asked));
        // What is the same is told once.
        let told = if self.status == Some("same") { 1 } else { 2 };
        for (sheet, entry) in self.entries.iter().take(told) {
            let sheet = if self.status.is_some_and(|status| status != "same") {
                format!("{sheet}: ")
            } else {
                String::new()
            };
            let meaning = meaning(self.question, entry.answer);
            let _ = writeln!(text, "    {sheet}{}: {}", entry.answer, printable(meaning));
            let odd = entry.seen.iter().filter(|(_, seen)| seen.len() > 1 || !seen.contains_key(entry.answer));
            for (operation, seen) in odd {
                let counts: Vec<String> =
                    seen.iter().map(|(answer, times)| format!("{answer} {times}×")).collect();
                let _ = writeln!(text, "        {operation}: {}", counts.join(", "));
            }
        }
        text
    }

    fn json(&self) -> Value {
        let mut row = json!({
            "id": self.question.0,
            "question": catalogue::question(self.question.0).map(|known| &known.question),
        });
        if let Some(status) = self.status {
            row["status"] = status.into();
        }
        for (sheet, entry) in &self.entries {
            let seen = entry.seen.iter().map(|(operation, seen)| (operation.name().to_owned(), json!(seen)));
            row[*sheet] = json!({
                "answer": entry.answer,
                "meaning": meaning(self.question, entry.answer),
                "consistent": entry.is_consistent(),
                "seen": seen.collect::<serde_json::Map<_, _>>(),
            });
        }
        row
    }
}
