//! The catalogue of rules and open questions, and how to look something up in it.
//! It does no I/O: the texts are part of the program.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use super::entry::{Evidence, OpenQuestion, Rule, Section, Source};
use super::load::{self, CatalogueError, FixtureText};
use crate::domain::{Family, Grade, Operation, RuleId};

/// Every rule and every open question, in the order of their files.
#[derive(Clone, Debug)]
pub struct Catalogue {
    sources: Vec<Source>,
    rules: Vec<Rule>,
    questions: Vec<OpenQuestion>,
    rule_places: BTreeMap<&'static str, usize>,
    question_places: BTreeMap<&'static str, usize>,
}

macro_rules! fixture {
    ($name:literal) => {
        FixtureText {
            name: concat!("fixtures/contract/", $name),
            text: include_str!(concat!("../../../../fixtures/contract/", $name)),
        }
    };
}

const SOURCES: FixtureText<'static> = fixture!("sources.toml");
const QUESTIONS: FixtureText<'static> = fixture!("questions.toml");
const RULES: &[(Section, FixtureText<'static>)] = &[
    (Section::Family(Family::Hub), fixture!("hub.toml")),
    (Section::Family(Family::Members), fixture!("members.toml")),
    (Section::Family(Family::Invitations), fixture!("invitations.toml")),
    (Section::Family(Family::Administrator), fixture!("administrator.toml")),
    (Section::Family(Family::Organization), fixture!("organization.toml")),
    (Section::Family(Family::Standards), fixture!("standards.toml")),
    (Section::Family(Family::Findings), fixture!("findings.toml")),
    (Section::Cross, fixture!("cross.toml")),
    (Section::Wire, fixture!("wire.toml")),
];

#[expect(clippy::expect_used, reason = "the fixtures are part of the program, and a test reads them")]
static CATALOGUE: LazyLock<Catalogue> =
    LazyLock::new(|| Catalogue::load(SOURCES, RULES, QUESTIONS).expect("the contract fixtures are well formed"));

/// The catalogue that comes with the program.
#[must_use]
pub fn catalogue() -> &'static Catalogue {
    &CATALOGUE
}

/// The rule of this id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    CATALOGUE.rule(id)
}

/// The open question of this id.
#[must_use]
pub fn question(id: &str) -> Option<&'static OpenQuestion> {
    CATALOGUE.question(id)
}

/// Every rule, in the order of the files.
#[must_use]
pub fn rules() -> &'static [Rule] {
    CATALOGUE.rules()
}

/// Every open question, in the order of the file.
#[must_use]
pub fn questions() -> &'static [OpenQuestion] {
    CATALOGUE.questions()
}

/// The support that a rule has; unknown for one that the catalogue doesn't have.
#[must_use]
pub fn grade(id: RuleId) -> Grade {
    CATALOGUE.rule(id.0).map_or(Grade::Unknown, |rule| rule.grade)
}

impl Catalogue {
    /// Reads a catalogue from the text of its files.
    ///
    /// # Errors
    ///
    /// Whatever doesn't fit is refused, with the name of the file and the id of the entry.
    pub fn load(
        sources: FixtureText<'_>,
        rules: &[(Section, FixtureText<'_>)],
        questions: FixtureText<'_>,
    ) -> Result<Self, CatalogueError> {
        load::load(sources, rules, questions)
    }

    pub(super) fn new(sources: Vec<Source>, rules: Vec<Rule>, questions: Vec<OpenQuestion>) -> Self {
        let rule_places = rules.iter().enumerate().map(|(place, rule)| (rule.id.0, place)).collect();
        let question_places =
            questions.iter().enumerate().map(|(place, question)| (question.id.0, place)).collect();
        Self { sources, rules, questions, rule_places, question_places }
    }

    /// Every source, by key.
    #[must_use]
    pub fn sources(&self) -> &[Source] {
        &self.sources
    }

    /// Every rule, in the order of the files.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// Every open question, in the order of the file.
    #[must_use]
    pub fn questions(&self) -> &[OpenQuestion] {
        &self.questions
    }

    /// The rule of this id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&Rule> {
        self.rules.get(*self.rule_places.get(id)?)
    }

    /// The open question of this id.
    #[must_use]
    pub fn question(&self, id: &str) -> Option<&OpenQuestion> {
        self.questions.get(*self.question_places.get(id)?)
    }

    /// The ids of every rule and every open question.
    pub fn ids(&self) -> impl Iterator<Item = &'static str> {
        let rules = self.rules.iter().map(|rule| rule.id.0);
        rules.chain(self.questions.iter().map(|question| question.id.0))
    }

    /// The rules that speak of an operation, those that speak of all included.
    pub fn rules_of(&self, operation: Operation) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.applies_to(operation))
    }

    /// The rules of one part of the contract.
    pub fn rules_in(&self, section: Section) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.section == section)
    }

    /// The rules of one grade.
    pub fn rules_graded(&self, grade: Grade) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.grade == grade)
    }

    /// The rules that were seen in this way.
    pub fn rules_seen(&self, evidence: Evidence) -> impl Iterator<Item = &Rule> {
        self.rules.iter().filter(move |rule| rule.evidence == Some(evidence))
    }

    /// The open questions that concern a rule.
    pub fn questions_about(&self, rule: RuleId) -> impl Iterator<Item = &OpenQuestion> {
        self.questions.iter().filter(move |question| question.rules.contains(&rule))
    }
}
