//! The catalogue of rules is complete, strict, and can be read.

use std::collections::{BTreeMap, BTreeSet};

use passmuster::catalogue::{
    Catalogue, Evidence, FixtureText, Section, catalogue, explain, grade, question, questions, rule, rules, table,
};
use passmuster::domain::{Family, Grade, Operation, RuleId};

/// The fixtures as they stand, one text.
#[expect(clippy::unwrap_used, reason = "the fixtures are files of ours")]
fn fixtures() -> String {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/contract");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    files.map(|path| std::fs::read_to_string(path).unwrap() + "\n").collect()
}

/// Finds a file that is not read, and an entry that gets lost on the way.
#[test]
fn the_catalogue_has_every_rule_and_question_of_the_fixtures_as_it_is_graded_there() {
    let text = fixtures();
    let lines = |wanted: &str| text.lines().filter(|line| *line == wanted).count();
    assert_eq!(rules().len(), lines("[[rule]]"));
    assert_eq!(questions().len(), lines("[[question]]"));
    for grade in [Grade::Documented, Grade::Observed, Grade::Inferred, Grade::Unknown] {
        let graded = catalogue().rules_graded(grade).count();
        assert_eq!(graded, lines(&format!("grade = \"{}\"", grade.name())), "{}", grade.name());
        assert!(graded > 0, "{}", grade.name());
    }
    for evidence in [Evidence::Log, Evidence::Test, Evidence::Code, Evidence::Recording] {
        let seen = catalogue().rules_seen(evidence).count();
        assert_eq!(seen, lines(&format!("kind = \"{}\"", evidence.name())), "{}", evidence.name());
        assert!(seen > 0, "{}", evidence.name());
    }
}

#[test]
fn every_section_has_rules() {
    let mut together = 0;
    for section in Section::ALL {
        let own = catalogue().rules_in(*section).count();
        assert!(own > 0, "{}", section.name());
        together += own;
    }
    assert_eq!(together, rules().len());
}

#[test]
fn questions_are_numbered_without_a_gap() {
    for prefix in ["Q", "N"] {
        let count = questions().iter().filter(|question| question.id.0.starts_with(prefix)).count();
        for number in 1..=count {
            let id = format!("{prefix}{number:02}");
            assert!(question(&id).is_some(), "{id} is missing");
        }
    }
}

#[test]
fn ids_are_unique_and_stand_in_the_file_of_their_section() {
    let prefixes = BTreeMap::from([
        ("hub", &["ENABLE", "HUB", "DISABLE"][..]),
        ("members", &["CREATE", "GET", "LIST", "DELETE", "DISASSOC"]),
        ("invitations", &["INVITE", "LINV", "ACCEPT", "DECLINE", "DELINV"]),
        ("administrator", &["LEAVE", "ADMIN"]),
        ("organization", &["ORG"]),
        ("standards", &["STD"]),
        ("findings", &["FIND"]),
        ("cross", &["XX"]),
        ("wire", &["WIRE"]),
    ]);
    let mut seen = BTreeSet::new();
    for rule in rules() {
        assert!(seen.insert(rule.id), "{} occurs twice", rule.id);
        let topic = rule.id.0.split('-').nth(1).unwrap();
        assert!(prefixes[rule.section.name()].contains(&topic), "{} is in the wrong file", rule.id);
    }
}

#[test]
fn every_rule_cites_a_source_or_says_why_not() {
    for rule in rules() {
        assert_eq!(rule.citations.is_empty(), rule.no_source.is_some(), "{}", rule.id);
        assert!(rule.citations.iter().all(|citation| !citation.source.title.is_empty()), "{}", rule.id);
    }
}

#[test]
fn every_source_is_cited_and_links_are_complete() {
    let rule_citations = rules().iter().flat_map(|rule| &rule.citations);
    let question_citations = questions().iter().flat_map(|question| &question.citations);
    let cited: BTreeSet<&str> =
        rule_citations.chain(question_citations).map(|citation| citation.source.key.as_str()).collect();
    for source in catalogue().sources() {
        assert!(cited.contains(source.key.as_str()), "nothing cites {}", source.key);
        assert!(source.link.as_ref().is_none_or(|link| link.starts_with("https://")), "{}", source.key);
    }
}

#[test]
fn texts_are_not_empty_and_fit_their_place() {
    for rule in rules() {
        assert!(rule.statement.ends_with(['.', '"']), "{}: {}", rule.id, rule.statement);
        assert!(rule.impact.ends_with('.'), "{}: {}", rule.id, rule.impact);
        assert!(!rule.title.ends_with('.') && rule.title.chars().count() <= 70, "{}", rule.id);
    }
    for question in questions() {
        assert!(question.answers.iter().all(|answer| !answer.meaning.is_empty()), "{}", question.id);
    }
}

#[test]
fn every_point_that_nobody_settles_has_an_open_question() {
    for rule in catalogue().rules_graded(Grade::Unknown) {
        assert!(catalogue().questions_about(rule.id).next().is_some(), "{} has no question", rule.id);
    }
}

#[test]
fn answers_have_short_names_in_kebab_case() {
    for question in questions() {
        for answer in &question.answers {
            let name = answer.answer.answer;
            let words: Vec<&str> = name.split('-').collect();
            let plain = |word: &&str| {
                !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
            };
            assert!(words.len() <= 3 && words.iter().all(plain), "{}: {name}", question.id);
            assert_eq!(question.answer(name), Some(answer));
        }
    }
}

#[test]
fn an_expected_answer_is_the_first_one() {
    let accept = question("Q23").unwrap();
    assert_eq!(accept.expected().unwrap().answer.answer, "refused");
    assert_eq!(question("Q01").unwrap().expected(), None);
}

#[test]
fn every_operation_has_rules_of_its_own() {
    for operation in Operation::ALL {
        let own = rules().iter().any(|rule| rule.operations.contains(operation));
        assert!(own, "no rule names {operation}");
    }
}

#[test]
fn a_rule_about_a_foreign_operation_applies_to_none_of_ours() {
    let aggregator = rule("SH-FIND-007").unwrap();
    assert_eq!(aggregator.operation_names().collect::<Vec<_>>(), ["CreateFindingAggregator"]);
    assert!(!Operation::ALL.iter().any(|operation| aggregator.applies_to(*operation)));
}

#[test]
fn rules_without_operations_apply_to_all() {
    let isolation = rule("SH-XX-004").unwrap();
    assert!(Operation::ALL.iter().all(|operation| isolation.applies_to(*operation)));
    assert!(catalogue().rules_of(Operation::GetMembers).any(|rule| rule == isolation));
}

#[test]
fn a_rule_that_is_not_in_the_catalogue_is_graded_unknown() {
    assert_eq!(grade(RuleId("SH-CREATE-007")), Grade::Observed);
    assert_eq!(grade(RuleId("SH-CREATE-999")), Grade::Unknown);
}

const SOURCES: &str = "[BC]\ntitle = \"the model\"\n";
const RULE: &str = "[[rule]]\nid = \"SH-A-001\"\noperations = [\"GetMembers\"]\ntitle = \"t\"\n\
     statement = \"s\"\ngrade = \"documented\"\nsources = [\"BC\"]\nimpact = \"i\"\n";
const QUESTION: &str = "[[question]]\nid = \"Q01\"\nquestion = \"q\"\nrules = [\"SH-A-001\"]\nsources = []\n\
     answers = [{ name = \"a\", meaning = \"m\" }, { name = \"b\", meaning = \"m\" }]\n";

/// The error on loading a catalogue of one source, these rules and these questions.
fn load(sources: &str, rules: &str, questions: &str) -> String {
    let rules = FixtureText { name: "members.toml", text: rules };
    let loaded = Catalogue::load(
        FixtureText { name: "sources.toml", text: sources },
        &[(Section::Family(Family::Members), rules)],
        FixtureText { name: "questions.toml", text: questions },
    );
    match loaded {
        Ok(catalogue) => format!("{} rules, {} questions", catalogue.rules().len(), catalogue.questions().len()),
        Err(error) => error.to_string(),
    }
}

#[track_caller]
fn refused(from: &str, to: &str, expected: &str) {
    let whole = [SOURCES, RULE, QUESTION];
    assert!(whole.iter().any(|text| text.contains(from)), "nothing to replace");
    let [sources, rules, questions] = whole.map(|text| text.replace(from, to));
    assert_eq!(load(&sources, &rules, &questions), expected);
}

#[test]
fn a_catalogue_of_one_rule_and_one_question_loads() {
    assert_eq!(load(SOURCES, RULE, QUESTION), "1 rules, 1 questions");
}

#[test]
fn an_id_may_occur_only_once() {
    let twice = RULE.repeat(2);
    assert_eq!(load(SOURCES, &twice, QUESTION), "members.toml: SH-A-001: the id is used twice");
    refused("id = \"Q01\"", "id = \"SH-A-001\"", "questions.toml: SH-A-001: the id is used twice");
}

#[test]
fn names_that_lead_nowhere_are_refused() {
    refused("GetMembers", "GetMember", "members.toml: SH-A-001: unknown operation GetMember");
    refused("sources = [\"BC\"]", "sources = [\"XY: page\"]", "members.toml: SH-A-001: unknown source XY");
    refused("rules = [\"SH-A-001\"]", "rules = [\"SH-A-002\"]", "questions.toml: Q01: unknown rule SH-A-002");
}

#[test]
fn a_rule_without_source_must_say_why() {
    refused("sources = [\"BC\"]", "sources = []", "members.toml: SH-A-001: cites no source and gives no reason");
    refused(
        "sources = [\"BC\"]",
        "sources = [\"BC\"]\nno_source = \"none\"",
        "members.toml: SH-A-001: cites sources and says why it has none",
    );
}

#[test]
fn grades_must_be_known_and_fit_together() {
    refused(
        "\"documented\"",
        "\"certain\"",
        "members.toml: SH-A-001: unknown variant `certain`, expected one of `unknown`, `inferred`, `observed`, \
         `documented`",
    );
    let kind = "members.toml: SH-A-001: a rule has a kind if and only if it is observed";
    refused("\"documented\"", "\"observed\"", kind);
    refused("\"documented\"", "\"documented\"\nkind = \"log\"", kind);
    refused(
        "\"documented\"",
        "\"inferred\"\npart = { what = \"the text\", grade = \"observed\" }",
        "members.toml: SH-A-001: the part is not weaker than the rule",
    );
}

#[test]
fn only_what_is_settled_needs_an_excuse_and_former_behaviour_needs_one() {
    refused(
        "\"documented\"",
        "\"unknown\"\nexcused = \"no way\"",
        "members.toml: SH-A-001: excused, though its grade is unknown: an open rule needs no excuse",
    );
    refused(
        "\"documented\"",
        "\"documented\"\nhistorical = true",
        "members.toml: SH-A-001: historical, but not excused",
    );
    for rule in rules() {
        let reason = rule.excused.as_deref().unwrap_or("no more than a clause");
        assert!(!reason.ends_with('.') && (10..=100).contains(&reason.len()), "{}: {reason}", rule.id);
    }
}

#[test]
fn keys_must_be_known_and_complete() {
    let message = load(SOURCES, &RULE.replace("impact", "effect"), QUESTION);
    assert!(message.starts_with("members.toml: SH-A-001: unknown field `effect`"), "{message}");
    refused("impact = \"i\"\n", "", "members.toml: SH-A-001: missing field `impact`");
    refused("id = \"SH-A-001\"\n", "", "members.toml: rule number 1: missing field `id`");
    refused("title = \"the model\"", "date = \"2020\"", "sources.toml: BC: missing field `title`");
    refused("[[rule]]", "[[rules]]", "members.toml: holds [[rules]], where only [[rule]] is expected");
}

#[test]
fn a_question_needs_a_choice_of_distinct_answers() {
    refused(", { name = \"b\", meaning = \"m\" }", "", "questions.toml: Q01: fewer than two answers");
    refused("name = \"b\"", "name = \"a\"", "questions.toml: Q01: the answer a is listed twice");
    refused(
        "sources = []",
        "sources = []\nexpected = \"b\"",
        "questions.toml: Q01: the expected answer b is not the first one",
    );
}

#[test]
fn broken_toml_is_refused_with_the_name_of_the_file() {
    let message = load(SOURCES, "[[rule]]\nid = ", QUESTION);
    assert!(message.starts_with("members.toml: TOML parse error at line 2"), "{message}");
}

fn explained(id: &str) -> String {
    explain::explain(catalogue(), id).unwrap_or_else(|unknown| unknown.to_string())
}

#[test]
fn an_observed_rule_is_explained_with_its_open_questions() {
    insta::assert_snapshot!(explained("SH-CREATE-007"), @r#"
    SH-CREATE-007  an account already on the list is refused, one by one

    Applies to
      CreateMembers

    Evidence
      observed: a log or trace of a run against the real service quotes it (log)
      Seen in the ordinary case. Where two unusual circumstances meet that no source shows together, it
      is inferred at most.

    Statement
      If the account is Created, Invited or Enabled with the caller, the answer is 200 with the result
      "The request is rejected because the given account ID is already a member or associated member of
      the current account."; nothing changes.

    What the user of an SDK notices
      Idempotent code, which ignores exactly this text, fails or resets a member.

    Sources
      - aws-secure-environment-accelerator, issue 814 (2021)
        https://github.com/aws-samples/aws-secure-environment-accelerator/issues/814
      - org-formation aws-resource-providers, security-hub handlers
        https://github.com/org-formation/aws-resource-providers
      - a Python toolkit that classifies the per-account results of GuardDuty and Security Hub without
        telling the two apart

    Open questions
      N17  What does a delegated administrator's CreateMembers do with an entry that is still Created or
           Invited from before the designation?
    "#);
}

#[test]
fn a_documented_rule_is_explained_with_its_weaker_part() {
    insta::assert_snapshot!(explained("sh-delete-004"), @r#"
    SH-DELETE-004  an Enabled member cannot be deleted

    Applies to
      DeleteMembers

    Evidence
      documented: an official AWS text says it
      Weaker: the shape and text of the refusal (inferred).
      Seen in the ordinary case. Where two unusual circumstances meet that no source shows together, it
      is inferred at most.

    Statement
      An Enabled member must be disassociated first. The answer is 200 with the result "The request is
      rejected because the current account cannot delete the given member account ID since it is still
      associated to it.", and nothing changes.

    What the user of an SDK notices
      Code that forgets to disassociate works in the test only.

    Sources
      - AWS Security Hub User Guide, public source, securityhub-delete-member-accounts (2019-08 to
        2023-03)
        https://github.com/awsdocs/aws-security-hub-user-guide
      - Amazon GuardDuty API Reference of 2018 (sibling service), delete-members (2018)
        https://github.com/awsdocs/amazon-guardduty-user-guide
      - a Python toolkit that classifies the per-account results of GuardDuty and Security Hub without
        telling the two apart
    "#);
}

#[test]
fn a_rule_without_source_is_explained_as_such() {
    insta::assert_snapshot!(explained("SH-ADMIN-004"), @r#"
    SH-ADMIN-004  nobody says whether an open invitation shows an administrator

    Applies to
      GetAdministratorAccount, GetMasterAccount

    Evidence
      unknown: nobody says

    Statement
      While an invitation is open and not accepted, the administrator is expected to be absent; no
      source shows it.

    What the user of an SDK notices
      Code that polls for acceptance may believe an open invitation accepted.

    Sources
      none: nobody shows an answer of the real service

    Open questions
      N32  Does GetAdministratorAccount name an administrator whose invitation is still open?
    "#);
}

#[test]
fn an_open_question_is_explained_with_its_answers() {
    insta::assert_snapshot!(explained("Q23"), @r#"
    Q23  Can an account accept an invitation while its own list holds only Created or Invited entries?

    Admissible answers
      refused: an error (its type: Q22)
      accepted: 200, and the account becomes an Enabled member
      The evidence leans towards refused.

    Sources
      - Amazon GuardDuty API Reference of 2018 (sibling service), accept-invitation (2018)
        https://github.com/awsdocs/amazon-guardduty-user-guide

    Rules
      SH-ACCEPT-006  an account with a list of its own cannot accept
    "#);
}

#[test]
fn explanations_fit_a_terminal() {
    for id in catalogue().ids() {
        for line in explained(id).lines().filter(|line| !line.contains("https://")) {
            assert!(line.chars().count() <= 100 && !line.ends_with(' '), "{id}: {line}");
        }
    }
}

#[test]
fn a_mistyped_id_is_answered_with_the_closest_ones() {
    let message = |id| explain::explain(catalogue(), id).unwrap_err().to_string();
    assert_eq!(
        message("SH-DELINV-06"),
        "there is no rule or open question \"SH-DELINV-06\"; did you mean SH-DELINV-001, SH-DELINV-002 or \
         SH-DELINV-003?"
    );
    assert_eq!(message("banana"), "there is no rule or open question \"banana\"");
}

#[test]
fn the_listing_is_aligned() {
    let listing = table::rules(catalogue().rules_in(Section::Family(Family::Standards)), table::grade);
    insta::assert_snapshot!(listing, @r"
    standards (6)
      SH-STD-001  observed    listing standards fails while the hub is off
      SH-STD-002  observed    default standards are first PENDING, then READY
      SH-STD-003  documented  an organization member enabled from scratch has
                              default standards
      SH-STD-004  documented  becoming a member doesn't change existing standards
      SH-STD-005  observed    a malformed standards ARN is refused
      SH-STD-006  documented  each account sees its own standards only
    ");
    assert!(table::rules(rules(), table::grade).lines().all(|line| line.chars().count() <= 80));
    assert!(table::questions(questions()).lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn the_json_listing_names_its_schema_and_holds_everything() {
    let document = table::json(rules(), questions(), |_| None);
    let wire = catalogue().rules_in(Section::Wire).count();
    let behaviour = rules().len() - wire;
    let open = questions().iter().filter(|question| question.id.0.starts_with('Q')).count();
    let further = questions().len() - open;
    assert_eq!(document["schema"], "passmuster.rules/1");
    for (list, length) in
        [("rules", behaviour), ("wire_facts", wire), ("open_questions", open), ("further_questions", further)]
    {
        assert_eq!(document[list].as_array().unwrap().len(), length, "{list}");
        assert_eq!(document["counts"][list], length, "{list}");
    }
    let first = &document["rules"][0];
    assert_eq!(first["id"], "SH-ENABLE-001");
    assert_eq!((&first["grade"], &first["kind"]), (&"observed".into(), &"test".into()));
    assert_eq!(first["sources"][1]["place"], "EnableSecurityHub");
}
