//! Reads the catalogue from TOML, strictly: whatever doesn't fit is an error that names the file and the entry.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::entry::{AnswerText, Citation, Evidence, OpenQuestion, Rule, RulePart, Section, Source};
use super::index::Catalogue;
use crate::domain::{Answer, Grade, Oddity, Operation, QuestionId, RuleId};

/// A file of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct FixtureText<'a> {
    /// Its name, for messages.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// The reason why a catalogue could not be read.
#[derive(Debug, thiserror::Error)]
pub enum CatalogueError {
    /// The file as a whole doesn't have the expected form.
    #[error("{file}: {message}")]
    File {
        /// The file.
        file: String,
        /// The message of the parser.
        message: String,
    },
    /// An entry breaks a rule of the catalogue.
    #[error("{file}: {id}: {problem}")]
    Entry {
        /// The file.
        file: String,
        /// The id of the entry, or its number where it has none.
        id: String,
        /// The problem with it.
        problem: Problem,
    },
}

/// A problem with an entry.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A key is missing, unknown, or has a value of the wrong form.
    #[error("{0}")]
    Form(String),
    /// Another entry has the same id.
    #[error("the id is used twice")]
    Duplicate,
    /// No such operation.
    #[error("unknown operation {0}")]
    Operation(String),
    /// No such source.
    #[error("unknown source {0}")]
    Source(String),
    /// No such rule.
    #[error("unknown rule {0}")]
    Rule(String),
    /// It cites nothing and doesn't say why.
    #[error("cites no source and gives no reason")]
    NoSource,
    /// It cites something, yet says why it cites nothing.
    #[error("cites sources and says why it has none")]
    NeedlessReason,
    /// `kind` belongs to observed rules, and only to those.
    #[error("a rule has a kind if and only if it is observed")]
    Kind,
    /// A part is mentioned because it is weaker than the rest.
    #[error("the part is not weaker than the rule")]
    Part,
    /// A point that no source settles is open, and needs no excuse.
    #[error("excused, though its grade is unknown: an open rule needs no excuse")]
    NeedlessExcuse,
    /// No target is to be held to former behaviour.
    #[error("historical, but not excused")]
    Historical,
    /// The title is too long for a table.
    #[error("the title is longer than {} characters", MAX_TITLE)]
    Title,
    /// A question needs a choice.
    #[error("fewer than two answers")]
    TooFewAnswers,
    /// Two answers have the same name.
    #[error("the answer {0} is listed twice")]
    DuplicateAnswer(String),
    /// The expected answer must be the first.
    #[error("the expected answer {0} is not the first one")]
    Expected(String),
}

const MAX_TITLE: usize = 70;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SourceEntry {
    title: String,
    link: Option<String>,
    date: Option<String>,
    region: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleEntry {
    id: String,
    #[expect(dead_code, reason = "the build script makes a constant of it")]
    name: Option<String>,
    operations: Vec<String>,
    #[serde(default)]
    outside: Vec<String>,
    title: String,
    statement: String,
    grade: Grade,
    kind: Option<Evidence>,
    part: Option<RulePart>,
    seen_with: Option<Vec<Oddity>>,
    #[serde(default)]
    historical: bool,
    excused: Option<String>,
    sources: Vec<String>,
    no_source: Option<String>,
    impact: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct QuestionEntry {
    id: String,
    #[expect(dead_code, reason = "the build script makes a constant of it")]
    name: Option<String>,
    #[expect(dead_code, reason = "the build script puts this answer first")]
    preferred: Option<String>,
    question: String,
    rules: Vec<String>,
    answers: Vec<AnswerEntry>,
    expected: Option<String>,
    sources: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AnswerEntry {
    name: String,
    meaning: String,
}

/// Reads a whole catalogue.
pub(super) fn load(
    sources: FixtureText<'_>,
    rules: &[(Section, FixtureText<'_>)],
    questions: FixtureText<'_>,
) -> Result<Catalogue, CatalogueError> {
    let sources = read_sources(sources)?;
    let mut seen = BTreeSet::new();
    let mut all_rules = Vec::new();
    for (section, file) in rules {
        for (id, entry) in entries::<RuleEntry>(*file, "rule", &mut seen)? {
            let rule = read_rule(*section, entry, &sources).map_err(|problem| at(*file, id, problem))?;
            all_rules.push(rule);
        }
    }
    let known: BTreeMap<&str, RuleId> = all_rules.iter().map(|rule| (rule.id.0, rule.id)).collect();
    let mut all_questions = Vec::new();
    for (id, entry) in entries::<QuestionEntry>(questions, "question", &mut seen)? {
        let question = read_question(entry, &sources, &known).map_err(|problem| at(questions, id, problem))?;
        all_questions.push(question);
    }
    Ok(Catalogue::new(sources.into_values().collect(), all_rules, all_questions))
}

fn at(file: FixtureText<'_>, id: String, problem: Problem) -> CatalogueError {
    CatalogueError::Entry { file: file.name.to_owned(), id, problem }
}

fn parse<T: DeserializeOwned>(file: FixtureText<'_>) -> Result<T, CatalogueError> {
    toml::from_str(file.text).map_err(|error| CatalogueError::File {
        file: file.name.to_owned(),
        message: error.to_string().trim_end().to_owned(),
    })
}

fn read_sources(file: FixtureText<'_>) -> Result<BTreeMap<String, Source>, CatalogueError> {
    let tables: BTreeMap<String, toml::Value> = parse(file)?;
    let mut sources = BTreeMap::new();
    for (key, value) in tables {
        let entry: SourceEntry = value.try_into().map_err(|error| at(file, key.clone(), form(&error)))?;
        let SourceEntry { title, link, date, region } = entry;
        sources.insert(key.clone(), Source { key, title, link, date, region });
    }
    Ok(sources)
}

/// The entries of one list of tables, each with its id; an id may occur once in the whole catalogue.
fn entries<T: DeserializeOwned>(
    file: FixtureText<'_>,
    list: &str,
    seen: &mut BTreeSet<String>,
) -> Result<Vec<(String, T)>, CatalogueError> {
    let mut lists: BTreeMap<String, Vec<toml::Table>> = parse(file)?;
    let tables = lists.remove(list).unwrap_or_default();
    if let Some(other) = lists.keys().next() {
        let message = format!("holds [[{other}]], where only [[{list}]] is expected");
        return Err(CatalogueError::File { file: file.name.to_owned(), message });
    }
    let mut read = Vec::with_capacity(tables.len());
    for (index, table) in tables.into_iter().enumerate() {
        let id = match table.get("id").and_then(toml::Value::as_str) {
            Some(id) => id.to_owned(),
            None => format!("{list} number {}", index + 1),
        };
        let entry = table.try_into().map_err(|error| at(file, id.clone(), form(&error)))?;
        if !seen.insert(id.clone()) {
            return Err(at(file, id, Problem::Duplicate));
        }
        read.push((id, entry));
    }
    Ok(read)
}

fn form(error: &toml::de::Error) -> Problem {
    Problem::Form(error.message().to_owned())
}

/// Ids are constants everywhere else, so those of a catalogue live as long as the program; catalogues are few.
fn id(text: String) -> &'static str {
    text.leak()
}

fn read_rule(section: Section, entry: RuleEntry, sources: &BTreeMap<String, Source>) -> Result<Rule, Problem> {
    if entry.title.chars().count() > MAX_TITLE {
        return Err(Problem::Title);
    }
    if entry.kind.is_some() != (entry.grade == Grade::Observed) {
        return Err(Problem::Kind);
    }
    if entry.part.as_ref().is_some_and(|part| part.grade >= entry.grade) {
        return Err(Problem::Part);
    }
    match (entry.excused.is_some(), entry.grade == Grade::Unknown, entry.historical) {
        (true, true, _) => return Err(Problem::NeedlessExcuse),
        (false, false, true) => return Err(Problem::Historical),
        _ => {}
    }
    match (entry.sources.is_empty(), entry.no_source.is_some()) {
        (true, false) => return Err(Problem::NoSource),
        (false, true) => return Err(Problem::NeedlessReason),
        _ => {}
    }
    let named = |name: String| Operation::from_name(&name).ok_or(Problem::Operation(name));
    Ok(Rule {
        operations: entry.operations.into_iter().map(named).collect::<Result<_, _>>()?,
        citations: cite(&entry.sources, sources)?,
        id: RuleId(id(entry.id)),
        section,
        outside: entry.outside,
        title: entry.title,
        statement: entry.statement,
        grade: entry.grade,
        evidence: entry.kind,
        part: entry.part,
        seen_with: entry.seen_with,
        historical: entry.historical,
        excused: entry.excused,
        no_source: entry.no_source,
        impact: entry.impact,
    })
}

/// Resolves citations of the form "key" or "key: place".
fn cite(cited: &[String], sources: &BTreeMap<String, Source>) -> Result<Vec<Citation>, Problem> {
    let resolve = |text: &String| {
        let (key, place) = match text.split_once(": ") {
            Some((key, place)) => (key, Some(place.to_owned())),
            None => (text.as_str(), None),
        };
        let source = sources.get(key).ok_or_else(|| Problem::Source(key.to_owned()))?;
        Ok(Citation { source: source.clone(), place })
    };
    cited.iter().map(resolve).collect()
}

fn read_question(
    entry: QuestionEntry,
    sources: &BTreeMap<String, Source>,
    known: &BTreeMap<&str, RuleId>,
) -> Result<OpenQuestion, Problem> {
    if entry.answers.len() < 2 {
        return Err(Problem::TooFewAnswers);
    }
    let mut names = BTreeSet::new();
    if let Some(twice) = entry.answers.iter().find(|answer| !names.insert(&answer.name)) {
        return Err(Problem::DuplicateAnswer(twice.name.clone()));
    }
    let leans = entry.expected.is_some();
    match entry.expected {
        Some(expected) if entry.answers.first().is_none_or(|first| first.name != expected) => {
            return Err(Problem::Expected(expected));
        }
        _ => {}
    }
    let rule = |name: String| known.get(name.as_str()).copied().ok_or(Problem::Rule(name));
    let question = QuestionId(id(entry.id));
    let answer =
        |AnswerEntry { name, meaning }| AnswerText { answer: Answer { question, answer: id(name) }, meaning };
    Ok(OpenQuestion {
        id: question,
        question: entry.question,
        rules: entry.rules.into_iter().map(rule).collect::<Result<_, _>>()?,
        citations: cite(&entry.sources, sources)?,
        answers: entry.answers.into_iter().map(answer).collect(),
        leans,
    })
}
