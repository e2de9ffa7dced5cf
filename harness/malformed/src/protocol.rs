//! The decision table and the invariants as data: what may be answered, how firmly that is known, and by whom.
//! They come from `fixtures/wire/protocol.toml` alone.

use std::sync::LazyLock;

use serde::Deserialize;

use passmuster_contract::domain::Grade;

/// A row of the decision table: requests that are alike, and what may be answered to them.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Its id, `D01` to `D114`.
    pub id: String,
    /// Which requests it is about, in a sentence.
    pub statement: String,
    /// The answers that may be given, in words.
    pub allowed: String,
    /// The support for that.
    pub grade: Grade,
    /// Who says so.
    pub sources: Vec<String>,
    /// The row of the step of reading that it belongs to, where that is another one: a server that gets the one wrong
    /// gets the other wrong.
    #[serde(default)]
    family: Option<String>,
    /// Whether a server that does not see what is wrong finds a body that is no JSON, or not the whole of it.
    #[serde(default)]
    hides_body: bool,
}

/// A statement that must hold of the answer to any bytes.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Invariant {
    /// Its id, `I01` to `I25`.
    pub id: String,
    /// The statement, in a sentence.
    pub statement: String,
    /// The severity of an answer that breaks it.
    pub severity: RowSeverity,
    /// The support for it.
    pub grade: Grade,
    /// Who says so.
    pub sources: Vec<String>,
}

/// The severity of a broken invariant.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RowSeverity {
    /// A finding: it fails a run.
    Finding,
    /// Worth a note.
    Warning,
    /// Good to know.
    Information,
}

impl RowSeverity {
    /// The severity as reports call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Finding => "finding",
            Self::Warning => "warning",
            Self::Information => "information",
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Protocol {
    row: Vec<Row>,
    invariant: Vec<Invariant>,
}

#[expect(clippy::expect_used, reason = "the fixture is part of the program, and a test reads it")]
static PROTOCOL: LazyLock<Protocol> = LazyLock::new(|| {
    toml::from_str(include_str!("../../../fixtures/wire/protocol.toml"))
        .expect("the protocol fixture is well formed")
});

/// Every row of the decision table, in the order of their ids.
#[must_use]
pub fn rows() -> &'static [Row] {
    &PROTOCOL.row
}

/// Every invariant, in the order of their ids.
#[must_use]
pub fn invariants() -> &'static [Invariant] {
    &PROTOCOL.invariant
}

/// The row of this id.
#[must_use]
pub fn row(id: &str) -> Option<&'static Row> {
    rows().iter().find(|row| row.id == id)
}

/// The invariant of this id.
#[must_use]
pub fn invariant(id: &str) -> Option<&'static Invariant> {
    invariants().iter().find(|invariant| invariant.id == id)
}

/// The grade of a row or an invariant; unknown for any other id.
#[must_use]
pub fn grade(id: &str) -> Grade {
    row(id).map(|row| row.grade).or_else(|| invariant(id).map(|known| known.grade)).unwrap_or(Grade::Unknown)
}

/// The row that stands for all that a server gets wrong at once: rows that say the same of one step of reading.
#[must_use]
pub fn family(id: &str) -> &str {
    row(id).and_then(|row| row.family.as_deref()).unwrap_or(id)
}

/// Whether a server that does not see what the row is about finds a body that is no JSON, or not the whole of it.
#[must_use]
pub fn hides_body(id: &str) -> bool {
    row(id).is_some_and(|row| row.hides_body)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::classes;

    #[test]
    fn rows_and_invariants_are_complete_and_each_has_its_sources() {
        assert_eq!((rows().len(), invariants().len()), (94, 25));
        let ids = rows().iter().map(|row| &row.id).chain(invariants().iter().map(|invariant| &invariant.id));
        let distinct: BTreeSet<_> = ids.clone().collect();
        assert_eq!(distinct.len(), ids.count());
        for row in rows() {
            assert!(!row.sources.is_empty() && row.statement.ends_with('.'), "{}", row.id);
            assert!(row.allowed.ends_with('.'), "{}", row.id);
        }
        for invariant in invariants() {
            assert!(!invariant.sources.is_empty() && invariant.statement.ends_with('.'), "{}", invariant.id);
        }
    }

    #[test]
    fn a_class_rests_on_rows_that_there_are() {
        for class in classes() {
            for id in class.rows {
                assert!(row(id).is_some() || invariant(id).is_some(), "{}: {id}", class.id);
            }
        }
    }

    #[test]
    fn the_row_of_a_family_is_its_own() {
        for row in rows() {
            assert!(rows().iter().any(|known| known.id == family(&row.id)), "{}", row.id);
            assert_eq!(family(family(&row.id)), family(&row.id), "{}", row.id);
        }
        assert_eq!((family("D63"), family("D39c"), family("D60"), family("I03")), ("D60", "D80", "D60", "I03"));
        assert!(hides_body("D03") && !hides_body("D60"));
    }
}
