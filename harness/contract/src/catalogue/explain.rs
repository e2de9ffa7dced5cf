//! Puts one rule or one open question into words, for a terminal.

use std::fmt::Write as _;

use super::entry::{Citation, Evidence, OpenQuestion, Rule};
use super::index::Catalogue;
use super::nearest::nearest;
use super::wrap::paragraph;
use crate::domain::{Grade, Oddity};

/// There is no rule and no open question of this id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownId {
    /// The id as given.
    pub id: String,
    /// The ids closest to it.
    pub nearest: Vec<&'static str>,
}

impl std::fmt::Display for UnknownId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no rule or open question {:?}", self.id)?;
        match self.nearest.as_slice() {
            [] => Ok(()),
            [only] => write!(f, "; did you mean {only}?"),
            [others @ .., last] => write!(f, "; did you mean {} or {last}?", others.join(", ")),
        }
    }
}

impl std::error::Error for UnknownId {}

/// Explains the rule or open question of this id, in whatever case it is typed.
///
/// # Errors
///
/// Fails for an id that the catalogue doesn't have, and names the closest ones.
pub fn explain(catalogue: &Catalogue, id: &str) -> Result<String, UnknownId> {
    let same = |known: &str| known.eq_ignore_ascii_case(id);
    if let Some(found) = catalogue.rules().iter().find(|rule| same(rule.id.0)) {
        return Ok(rule(catalogue, found));
    }
    if let Some(found) = catalogue.questions().iter().find(|question| same(question.id.0)) {
        return Ok(question(catalogue, found));
    }
    Err(UnknownId { id: id.to_owned(), nearest: nearest(id, catalogue.ids()) })
}

/// Explains one rule.
#[must_use]
pub fn rule(catalogue: &Catalogue, rule: &Rule) -> String {
    let mut out = String::new();
    paragraph(&mut out, &format!("{}  ", rule.id), &rule.title);
    let operations: Vec<&str> = rule.operation_names().collect();
    let operations = if operations.is_empty() { "every operation".to_owned() } else { operations.join(", ") };
    section(&mut out, "Applies to", &operations);
    section(&mut out, "Evidence", &evidence(rule));
    if let Some(part) = &rule.part {
        paragraph(&mut out, "  ", &format!("Weaker: {} ({}).", part.what, part.grade.name()));
    }
    if let Some(seen) = &rule.seen_with {
        paragraph(&mut out, "  ", &circumstances(seen));
    }
    if rule.historical {
        paragraph(&mut out, "  ", "Historical: a target is not held to it.");
    }
    if let Some(reason) = &rule.excused {
        paragraph(&mut out, "  ", &format!("Excused: {reason}."));
    }
    section(&mut out, "Statement", &rule.statement);
    section(&mut out, "What the user of an SDK notices", &rule.impact);
    sources(&mut out, &rule.citations, rule.no_source.as_deref());
    let mut questions = catalogue.questions_about(rule.id).peekable();
    if questions.peek().is_some() {
        out.push_str("\nOpen questions\n");
    }
    for question in questions {
        paragraph(&mut out, &format!("  {}  ", question.id), &question.question);
    }
    out
}

/// Explains one open question.
#[must_use]
pub fn question(catalogue: &Catalogue, question: &OpenQuestion) -> String {
    let mut out = String::new();
    paragraph(&mut out, &format!("{}  ", question.id), &question.question);
    out.push_str("\nAdmissible answers\n");
    for answer in &question.answers {
        paragraph(&mut out, &format!("  {}: ", answer.answer.answer), &answer.meaning);
    }
    if let Some(expected) = question.expected() {
        paragraph(&mut out, "  ", &format!("The evidence leans towards {}.", expected.answer.answer));
    }
    sources(&mut out, &question.citations, Some("nobody says"));
    if !question.rules.is_empty() {
        out.push_str("\nRules\n");
    }
    for rule in question.rules.iter().filter_map(|id| catalogue.rule(id.0)) {
        paragraph(&mut out, &format!("  {}  ", rule.id), &rule.title);
    }
    out
}

/// Explains something else that has an id: its title, and sections with their headings.
#[must_use]
pub fn entry(id: &str, title: &str, sections: &[(&str, &str)]) -> String {
    let mut out = String::new();
    paragraph(&mut out, &format!("{id}  "), title);
    sections.iter().for_each(|(heading, text)| section(&mut out, heading, text));
    out
}

fn section(out: &mut String, heading: &str, text: &str) {
    let _ = writeln!(out, "\n{heading}");
    paragraph(out, "  ", text);
}

fn sources(out: &mut String, citations: &[Citation], none: Option<&str>) {
    out.push_str("\nSources\n");
    if citations.is_empty() {
        paragraph(out, "  none: ", none.unwrap_or("nobody says"));
    }
    for Citation { source, place } in citations {
        let mut line = source.title.clone();
        if let Some(place) = place {
            let _ = write!(line, ", {place}");
        }
        let when: Vec<&str> = [&source.date, &source.region].into_iter().flatten().map(String::as_str).collect();
        if !when.is_empty() {
            let _ = write!(line, " ({})", when.join(", "));
        }
        paragraph(out, "  - ", &line);
        if let Some(link) = &source.link {
            paragraph(out, "    ", link);
        }
    }
}

/// The grade of a rule in words.
fn evidence(rule: &Rule) -> String {
    match rule.evidence {
        Some(seen) => format!("{}: {}", rule.grade.name(), how_seen(seen)),
        None => grade(rule.grade).to_owned(),
    }
}

/// The circumstances that a rule was seen in, in words.
fn circumstances(seen: &[Oddity]) -> String {
    let seen: Vec<&str> = seen.iter().map(|oddity| oddity.in_words()).collect();
    let seen = match &seen[..] {
        [] => "Seen in the ordinary case.".to_owned(),
        seen => format!("Seen in the ordinary case, and of an account {}.", seen.join(", or ")),
    };
    format!("{seen} Where two unusual circumstances meet that no source shows together, it is inferred at most.")
}

const fn how_seen(evidence: Evidence) -> &'static str {
    match evidence {
        Evidence::Recording => "a stored answer of the real service shows it (recording)",
        Evidence::Log => "a log or trace of a run against the real service quotes it (log)",
        Evidence::Test => "a test that runs against the real service asserts it (test)",
        Evidence::Code => "client code for the real service relies on it (code)",
    }
}

const fn grade(grade: Grade) -> &'static str {
    match grade {
        Grade::Documented => "documented: an official AWS text says it",
        Grade::Observed => "observed: it was seen on the real service",
        Grade::Inferred => "inferred: reasoned, in most cases from the sibling service GuardDuty",
        Grade::Unknown => "unknown: nobody says",
    }
}
