//! The constants by which code names rules and open questions, as Rust, out of the text of the catalogue.
//!
//! Only what concerns names is checked here, when the crate is built; `catalogue` checks the rest when it is read.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use toml::{Table, Value};

/// A name has at most so many words.
const MOST_WORDS: usize = 5;

/// The sources of two modules.
#[derive(Debug, Default)]
pub(crate) struct Constants {
    pub(crate) rules: String,
    pub(crate) questions: String,
}

/// A constant that is to be.
struct Named<'a> {
    id: &'a str,
    name: String,
}

/// The constants of all rules and open questions in these files, each given by its name and its text.
///
/// # Errors
///
/// Says in which file which entry lacks a name, has a needless one, or shares it with another.
pub(crate) fn constants(files: &[(String, String)]) -> Result<Constants, String> {
    let mut constants = Constants::default();
    let (mut rules, mut questions) = (String::new(), String::new());
    let (mut rule_names, mut question_names) = (BTreeMap::new(), BTreeMap::new());
    for (file, text) in files {
        let parsed: Table = text.parse().map_err(|error| format!("{file}: {error}"))?;
        for entry in entries(&parsed, "rule") {
            let at = |problem: String| format!("{file}: {}: {problem}", text_of(entry, "id"));
            let Some(rule) = rule_name(entry).and_then(|name| unique(entry, name, &mut rule_names)).map_err(at)?
            else {
                continue;
            };
            let doc = format!("`{}`: {}.", rule.id, plain(text_of(entry, "title")));
            define(&mut constants.rules, &rule, "RuleId", &doc);
            let _ = write!(rules, "{}, ", rule.name);
        }
        for entry in entries(&parsed, "question") {
            let at = |problem: String| format!("{file}: {}: {problem}", text_of(entry, "id"));
            let Some(question) = unique(entry, given_name(entry), &mut question_names).map_err(at)? else {
                continue;
            };
            let answers = answers(entry).map_err(at)?;
            let admitted: Vec<String> = answers.iter().map(|answer| format!("`{answer}`")).collect();
            let (text, admitted) = (plain(text_of(entry, "question")), admitted.join(", "));
            let doc =
                format!("`{}`: {text}\n\nAdmissible answers, the preferred one first: {admitted}.", question.id);
            define(&mut constants.questions, &question, "QuestionId", &doc);
            let _ = write!(questions, "({}, &{answers:?}), ", question.name);
        }
    }
    let all = "pub const ALL: &[";
    let _ = writeln!(constants.rules, "/// Every rule that a target is held to.\n{all}RuleId] = &[{rules}];");
    let _ = writeln!(
        constants.questions,
        "/// Every question that a branch or an answer depends on, with its answers, the preferred one first.\n\
         {all}(QuestionId, &[&str])] = &[{questions}];"
    );
    Ok(constants)
}

fn entries<'a>(file: &'a Table, list: &str) -> impl Iterator<Item = &'a Table> {
    file.get(list).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_table)
}

fn text_of<'a>(entry: &'a Table, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn given_name(entry: &Table) -> Option<&str> {
    entry.get("name").and_then(Value::as_str)
}

/// The name of a rule, which it has if and only if targets are held to it; an open rule may be left aside. A rule on an
/// operation that no run calls is excused, and recorded conversations are held to it all the same.
fn rule_name(entry: &Table) -> Result<Option<&str>, String> {
    let (name, excused) = (given_name(entry), entry.contains_key("excused"));
    match name {
        Some(_) if excused && !entry.contains_key("outside") => {
            Err("excused, and yet it has a name: nothing may enforce it".to_owned())
        }
        None if !excused && text_of(entry, "grade") != "unknown" => {
            Err("has no name, and is neither excused nor of unknown grade".to_owned())
        }
        name => Ok(name),
    }
}

/// The constant of this name, which no other entry may have.
fn unique<'a>(
    entry: &'a Table,
    name: Option<&'a str>,
    seen: &mut BTreeMap<String, String>,
) -> Result<Option<Named<'a>>, String> {
    let Some(name) = name else { return Ok(None) };
    let words: Vec<&str> = name.split('-').collect();
    let is_word = |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    if words.len() > MOST_WORDS || !words.iter().all(is_word) {
        return Err(format!("the name {name:?} is not one to {MOST_WORDS} lower-case words with hyphens between"));
    }
    let id = text_of(entry, "id");
    if let Some(other) = seen.insert(name.to_owned(), id.to_owned()) {
        return Err(format!("the name {name:?} is that of {other}"));
    }
    Ok(Some(Named { id, name: name.replace('-', "_").to_ascii_uppercase() }))
}

/// The names of a question's answers, the preferred one first.
fn answers(entry: &Table) -> Result<Vec<&str>, String> {
    let listed = entry.get("answers").and_then(Value::as_array).into_iter().flatten();
    let mut answers: Vec<&str> = listed.filter_map(|answer| answer.get("name")?.as_str()).collect();
    if let Some(preferred) = entry.get("preferred").and_then(Value::as_str) {
        match answers.iter().position(|answer| *answer == preferred) {
            None => return Err(format!("prefers {preferred:?}, which is not among its answers")),
            Some(0) => return Err(format!("prefers {preferred:?}, which stands first in any case")),
            Some(place) => answers[..=place].rotate_right(1),
        }
    }
    Ok(answers)
}

/// Text without marks that mean something in documentation.
fn plain(text: &str) -> String {
    text.replace('<', "\\<").replace('[', "\\[")
}

fn define(source: &mut String, named: &Named<'_>, kind: &str, doc: &str) {
    let Named { id, name } = named;
    let _ = writeln!(source, "#[doc = {doc:?}]\npub const {name}: {kind} = {kind}({id:?});");
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULE: &str =
        "[[rule]]\nid = \"SH-A-001\"\nname = \"get-it\"\ntitle = \"got <it>\"\ngrade = \"observed\"\n";
    const QUESTION: &str = "[[question]]\nid = \"Q01\"\nname = \"why\"\nquestion = \"Why?\"\n\
         answers = [{ name = \"a\" }, { name = \"b\" }, { name = \"c\" }]\n";

    fn read(rules: &str, questions: &str) -> Result<Constants, String> {
        constants(&[("a.toml".to_owned(), rules.to_owned()), ("q.toml".to_owned(), questions.to_owned())])
    }

    #[track_caller]
    fn refused(rules: &str, questions: &str, problem: &str) {
        assert_eq!(read(rules, questions).unwrap_err(), problem);
    }

    #[test]
    fn a_rule_and_a_question_are_named_as_they_say() {
        let Constants { rules, questions } = read(RULE, QUESTION).unwrap();
        assert_eq!(
            rules,
            "#[doc = \"`SH-A-001`: got \\\\<it>.\"]\npub const GET_IT: RuleId = RuleId(\"SH-A-001\");\n\
             /// Every rule that a target is held to.\npub const ALL: &[RuleId] = &[GET_IT, ];\n"
        );
        assert!(questions.contains("pub const WHY: QuestionId = QuestionId(\"Q01\");"), "{questions}");
        assert!(questions.contains("[(WHY, &[\"a\", \"b\", \"c\"]), ]"), "{questions}");
    }

    #[test]
    fn a_rule_that_targets_are_held_to_needs_a_name_and_no_other_may_have_one() {
        let nameless = RULE.replace("name = \"get-it\"\n", "");
        refused(&nameless, "", "a.toml: SH-A-001: has no name, and is neither excused nor of unknown grade");
        for excused in ["observed\"\nexcused = \"why", "unknown"] {
            let constants = read(&nameless.replace("observed", excused), "").unwrap();
            assert!(!constants.rules.contains("SH-A-001"), "{constants:?}");
        }
        let excused = RULE.replace("observed\"", "observed\"\nexcused = \"why\"");
        refused(&excused, "", "a.toml: SH-A-001: excused, and yet it has a name: nothing may enforce it");
        let outside = format!("{excused}outside = [\"GetIt\"]\n");
        assert!(read(&outside, "").unwrap().rules.contains("SH-A-001"));
    }

    #[test]
    fn a_name_is_short_and_belongs_to_one_entry() {
        let twice = format!("{RULE}{}", RULE.replace("001", "002"));
        refused(&twice, "", "a.toml: SH-A-002: the name \"get-it\" is that of SH-A-001");
        for odd in ["", "Get", "get_it", "get--it", "a-b-c-d-e-f", "get-2"] {
            let problem = format!(
                "a.toml: SH-A-001: the name {odd:?} is not one to 5 lower-case words with hyphens between"
            );
            refused(&RULE.replace("get-it", odd), "", &problem);
        }
        // A rule and a question may share a name: their constants stand in modules of their own.
        assert!(read(RULE, &QUESTION.replace("why", "get-it")).is_ok());
    }

    #[test]
    fn the_preferred_answer_comes_first_and_has_to_be_one_that_does_not() {
        let preferring = |answer: &str| QUESTION.replace("answers", &format!("preferred = \"{answer}\"\nanswers"));
        let constants = read("", &preferring("b")).unwrap();
        assert!(constants.questions.contains("&[\"b\", \"a\", \"c\"]"), "{constants:?}");
        refused("", &preferring("d"), "q.toml: Q01: prefers \"d\", which is not among its answers");
        refused("", &preferring("a"), "q.toml: Q01: prefers \"a\", which stands first in any case");
    }
}
