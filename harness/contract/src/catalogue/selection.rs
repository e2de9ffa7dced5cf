//! Selects the rules and open questions that a listing shows, by what users name.

use super::entry::{OpenQuestion, Rule, Section};
use super::index::{Catalogue, catalogue};
use super::nearest::nearest;
use crate::domain::{Grade, Operation, RuleId};

/// A part of the contract, as users name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// The rules and questions that name an operation.
    Operation(Operation),
    /// A family, what holds for all, or the form of answers.
    Section(Section),
    /// Ids that begin like this.
    Prefix(String),
}

impl Scope {
    /// Reads the name of an operation or a section, or the beginning of an id, in whatever case it is typed.
    ///
    /// # Errors
    ///
    /// An error for a text that names nothing, in words that fit after "invalid value …: ".
    pub fn parse(text: &str) -> Result<Self, String> {
        let same = |name: &str| name.eq_ignore_ascii_case(text);
        if let Some(operation) = Operation::ALL.iter().find(|known| same(known.name())) {
            return Ok(Self::Operation(*operation));
        }
        if let Some(section) = Section::ALL.iter().find(|known| same(known.name())) {
            return Ok(Self::Section(*section));
        }
        if !text.is_empty() && catalogue().ids().any(|id| begins(id, text)) {
            return Ok(Self::Prefix(text.to_owned()));
        }
        let sections = Section::ALL.iter().map(|section| section.name());
        let names = Operation::ALL.iter().map(|operation| operation.name());
        let fix = match nearest(text, names.chain(sections.clone()).chain(catalogue().ids())).first() {
            Some(nearest) => format!("did you mean {nearest}?"),
            None => format!(
                "name an operation, the beginning of an id such as SH-CREATE, or one of {}",
                sections.collect::<Vec<_>>().join(", ")
            ),
        };
        Err(format!("no operation, no part of the contract and no id begins so; {fix}"))
    }

    fn has(&self, rule: &Rule) -> bool {
        match self {
            Self::Operation(operation) => rule.operations.contains(operation),
            Self::Section(section) => rule.section == *section,
            Self::Prefix(prefix) => begins(rule.id.0, prefix),
        }
    }
}

/// The rules and questions that a listing shows: all, unless some are named.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// Any of these, or all where there is none.
    pub scopes: Vec<Scope>,
    /// Of this grade only.
    pub grade: Option<Grade>,
}

impl RuleSelection {
    /// The rules selected, in the order of the catalogue.
    pub fn rules<'a>(&'a self, catalogue: &'a Catalogue) -> impl Iterator<Item = &'a Rule> {
        catalogue.rules().iter().filter(|rule| self.has(rule))
    }

    /// The open questions selected, those by name and those about a rule selected.
    pub fn questions<'a>(&'a self, catalogue: &'a Catalogue) -> impl Iterator<Item = &'a OpenQuestion> {
        let named = |question: &OpenQuestion| {
            let by_id = |scope: &Scope| matches!(scope, Scope::Prefix(prefix) if begins(question.id.0, prefix));
            self.grade.is_none() && (self.scopes.is_empty() || self.scopes.iter().any(by_id))
        };
        let about = |id: &RuleId| catalogue.rule(id.0).is_some_and(|rule| self.has(rule));
        catalogue.questions().iter().filter(move |question| named(question) || question.rules.iter().any(about))
    }

    fn has(&self, rule: &Rule) -> bool {
        (self.scopes.is_empty() || self.scopes.iter().any(|scope| scope.has(rule)))
            && self.grade.is_none_or(|grade| rule.grade == grade)
    }
}

fn begins(id: &str, prefix: &str) -> bool {
    id.get(..prefix.len()).is_some_and(|head| head.eq_ignore_ascii_case(prefix))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Family;

    fn ids(scopes: &[&str], grade: Option<Grade>) -> Vec<&'static str> {
        let scopes = scopes.iter().map(|text| Scope::parse(text).unwrap_or_else(|error| panic!("{error}")));
        let selection = RuleSelection { scopes: scopes.collect(), grade };
        selection.rules(catalogue()).map(|rule| rule.id.0).collect()
    }

    #[test]
    fn an_operation_a_section_and_the_beginning_of_an_id_are_told_apart() {
        assert_eq!(Scope::parse("createmembers"), Ok(Scope::Operation(Operation::CreateMembers)));
        assert_eq!(Scope::parse("hub"), Ok(Scope::Section(Section::Family(Family::Hub))));
        assert_eq!(Scope::parse("sh-xx"), Ok(Scope::Prefix("sh-xx".to_owned())));
        assert!(Scope::parse("CreateMember").is_err_and(|error| error.ends_with("did you mean CreateMembers?")));
        assert!(Scope::parse("").is_err() && Scope::parse("SH-NOTHING").is_err());
    }

    #[test]
    fn scopes_add_up_and_a_grade_narrows_them() {
        assert_eq!(ids(&["SH-XX"], Some(Grade::Inferred)), ["SH-XX-008"]);
        assert_eq!(ids(&["findings", "standards"], None).len(), 13);
        assert!(ids(&["InviteMembers"], None).contains(&"SH-INVITE-001"));
    }

    #[test]
    fn questions_are_found_by_their_id_and_by_the_rules_they_concern() {
        let found = |text: &str| {
            let selection = RuleSelection { scopes: vec![Scope::parse(text).unwrap()], grade: None };
            selection.questions(catalogue()).map(|question| question.id.0).collect::<Vec<_>>()
        };
        assert_eq!(found("Q07"), ["Q07"]);
        assert_eq!(found("SH-CREATE-008"), ["Q07"]);
    }
}
