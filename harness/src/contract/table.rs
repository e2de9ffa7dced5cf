//! Lists rules and open questions: aligned for a terminal, and as JSON for programs.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::entry::{Citation, Question, Rule};

/// The version of the JSON listing.
pub const SCHEMA: &str = "passmuster.rules/1";

/// One line per rule: id, grade, operation, title; the columns aligned, blanks at no line's end.
pub fn rules<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> String {
    let rows: Vec<[String; 4]> = rules.into_iter().map(row).collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (ids, grades, operations) = (width(0), width(1), width(2));
    let mut out = String::new();
    for [id, grade, operation, title] in &rows {
        let _ = writeln!(out, "{id:ids$}  {grade:grades$}  {operation:operations$}  {title}");
    }
    out
}

fn row(rule: &Rule) -> [String; 4] {
    [rule.id.to_string(), rule.grade.name().to_owned(), operations(rule), rule.title.clone()]
}

/// The first operation, and how many more there are.
fn operations(rule: &Rule) -> String {
    let mut names = rule.operation_names();
    match (names.next(), names.count()) {
        (None, _) => "all".to_owned(),
        (Some(first), 0) => first.to_owned(),
        (Some(first), more) => format!("{first} +{more}"),
    }
}

/// One line per open question: id, question.
pub fn questions<'a>(questions: impl IntoIterator<Item = &'a Question>) -> String {
    questions.into_iter().fold(String::new(), |mut out, question| {
        let _ = writeln!(out, "{}  {}", question.id, question.question);
        out
    })
}

/// Rules and open questions as one JSON document, of the schema [`SCHEMA`].
pub fn json<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    questions: impl IntoIterator<Item = &'a Question>,
) -> Value {
    json!({
        "schema": SCHEMA,
        "rules": rules.into_iter().map(rule_json).collect::<Vec<_>>(),
        "open_questions": questions.into_iter().map(question_json).collect::<Vec<_>>(),
    })
}

fn rule_json(rule: &Rule) -> Value {
    json!({
        "id": rule.id.0,
        "section": rule.section.name(),
        "operations": rule.operation_names().collect::<Vec<_>>(),
        "title": rule.title,
        "statement": rule.statement,
        "grade": rule.grade,
        "kind": rule.evidence,
        "part": rule.part,
        "historical": rule.historical,
        "impact": rule.impact,
        "sources": rule.citations.iter().map(citation_json).collect::<Vec<_>>(),
        "no_source": rule.no_source,
    })
}

fn question_json(question: &Question) -> Value {
    let answer = |text: &super::AnswerText| json!({ "name": text.answer.answer, "meaning": text.meaning });
    json!({
        "id": question.id.0,
        "question": question.question,
        "rules": question.rules.iter().map(|rule| rule.0).collect::<Vec<_>>(),
        "answers": question.answers.iter().map(answer).collect::<Vec<_>>(),
        "expected": question.expected().map(|text| text.answer.answer),
        "sources": question.citations.iter().map(citation_json).collect::<Vec<_>>(),
    })
}

fn citation_json(Citation { source, place }: &Citation) -> Value {
    json!({
        "key": source.key,
        "title": source.title,
        "place": place,
        "link": source.link,
        "date": source.date,
        "region": source.region,
    })
}
