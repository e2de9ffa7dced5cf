//! Lists rules and open questions: for a terminal, and as JSON for programs.
//!
//! The evidence numbers its rules and its open questions. Facts of the wire and further questions came up while the
//! model was written: they are counted apart.

use std::fmt::Write as _;

use serde_json::{Value, json};

use super::entry::{Citation, OpenQuestion, Rule, Section};
use super::wrap::{NARROW, paragraph_within};
use crate::domain::Grade;

/// The version of the JSON listing.
pub const SCHEMA: &str = "passmuster.rules/1";

/// A remark of a listing on a rule, beside its id and title.
pub struct Remark {
    /// A word or two in a column of its own.
    pub column: String,
    /// A line below, where there is something more to say.
    pub below: Option<String>,
}

/// The grade of a rule, and why a run can't show it where that is so.
#[must_use]
pub fn grade(rule: &Rule) -> Remark {
    let below = rule.excused.as_ref().map(|reason| format!("excused: {reason}"));
    Remark { column: rule.grade.name().to_owned(), below }
}

/// One paragraph a rule, section by section, at most 80 columns wide.
pub fn rules<'a>(rules: impl IntoIterator<Item = &'a Rule>, remark: impl Fn(&Rule) -> Remark) -> String {
    let rows: Vec<(&Rule, Remark)> = rules.into_iter().map(|rule| (rule, remark(rule))).collect();
    let ids = rows.iter().map(|(rule, _)| rule.id.0.len()).max().unwrap_or(0);
    let columns = rows.iter().map(|(_, remark)| remark.column.chars().count()).max().unwrap_or(0);
    let mut out = String::new();
    for section in Section::ALL {
        let of_section: Vec<_> = rows.iter().filter(|(rule, _)| rule.section == *section).collect();
        if of_section.is_empty() {
            continue;
        }
        let _ =
            writeln!(out, "{}{} ({})", if out.is_empty() { "" } else { "\n" }, section.name(), of_section.len());
        for (rule, remark) in of_section {
            let head = format!("  {:ids$}  {:columns$}  ", rule.id.0, remark.column);
            paragraph_within(&mut out, &head, &rule.title, NARROW);
            if let Some(below) = &remark.below {
                paragraph_within(&mut out, &" ".repeat(head.chars().count()), below, NARROW);
            }
        }
    }
    out
}

/// Counts rules, by grade, and facts of the wire.
pub fn count_rules<'a>(rules: impl IntoIterator<Item = &'a Rule>) -> String {
    let (facts, rules): (Vec<&Rule>, Vec<&Rule>) = rules.into_iter().partition(|rule| is_fact(rule));
    let graded = |grade: Grade| {
        let number = rules.iter().filter(|rule| rule.grade == grade).count();
        format!("{number} {}", grade.name())
    };
    let grades = [Grade::Documented, Grade::Observed, Grade::Inferred, Grade::Unknown].map(graded);
    let excused = rules.iter().chain(&facts).filter(|rule| rule.excused.is_some()).count();
    let mut out = String::new();
    let text = format!(
        "{} rules ({}) and {} facts of the wire; {excused} excused",
        rules.len(),
        grades.join(", "),
        facts.len()
    );
    paragraph_within(&mut out, "", &text, NARROW);
    out
}

/// One paragraph per open question, at most 80 columns wide.
pub fn questions<'a>(questions: impl IntoIterator<Item = &'a OpenQuestion>) -> String {
    questions.into_iter().fold(String::new(), |mut out, question| {
        paragraph_within(&mut out, &format!("{}  ", question.id), &question.question, NARROW);
        out
    })
}

/// Counts open questions: those of the evidence, and further ones.
pub fn count_questions<'a>(questions: impl IntoIterator<Item = &'a OpenQuestion>) -> String {
    let (numbered, further): (Vec<_>, Vec<_>) = questions.into_iter().partition(|question| is_numbered(question));
    format!("{} open questions and {} further ones", numbered.len(), further.len())
}

/// Rules and open questions as one JSON document, of the schema [`SCHEMA`]; `more` is added to a rule, under the
/// names it gives.
pub fn json<'a>(
    rules: impl IntoIterator<Item = &'a Rule>,
    questions: impl IntoIterator<Item = &'a OpenQuestion>,
    more: impl Fn(&Rule) -> Option<(&'static str, Value)>,
) -> Value {
    let (facts, rules): (Vec<&Rule>, Vec<&Rule>) = rules.into_iter().partition(|rule| is_fact(rule));
    let (numbered, further): (Vec<_>, Vec<_>) = questions.into_iter().partition(|question| is_numbered(question));
    let entry = |rule: &&Rule| {
        let mut entry = rule_json(rule);
        if let Some((name, value)) = more(rule) {
            entry[name] = value;
        }
        entry
    };
    let list = |questions: &[&OpenQuestion]| questions.iter().map(|question| question_json(question)).collect();
    let (numbered, further): (Vec<Value>, Vec<Value>) = (list(&numbered), list(&further));
    json!({
        "schema": SCHEMA,
        "counts": {
            "rules": rules.len(),
            "wire_facts": facts.len(),
            "open_questions": numbered.len(),
            "further_questions": further.len(),
        },
        "rules": rules.iter().map(entry).collect::<Vec<_>>(),
        "wire_facts": facts.iter().map(entry).collect::<Vec<_>>(),
        "open_questions": numbered,
        "further_questions": further,
    })
}

fn is_fact(rule: &Rule) -> bool {
    rule.section == Section::Wire
}

/// The evidence numbers its questions Q01 to Q42.
fn is_numbered(question: &OpenQuestion) -> bool {
    question.id.0.starts_with('Q')
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
        "excused": rule.excused,
        "impact": rule.impact,
        "sources": rule.citations.iter().map(citation_json).collect::<Vec<_>>(),
        "no_source": rule.no_source,
    })
}

fn question_json(question: &OpenQuestion) -> Value {
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
