//! The members of what is read that move by themselves, and changes in the others: data only.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::stage::StageViews;

/// A read that shows something else than before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ReadChange {
    pub(super) read: String,
    pub(super) before: String,
    pub(super) after: String,
}

impl ReadChange {
    /// Whether another answer to the read shows what this one came to: members that did not change don't count, as
    /// they name accounts and instants.
    pub(super) fn is_shown_by(&self, shown: &str) -> bool {
        differing(&self.after, shown).is_disjoint(&differing(&self.before, &self.after))
    }
}

/// The members that were seen to move by themselves, by the read that shows them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct MovingMembers(BTreeMap<String, BTreeSet<String>>);

impl MovingMembers {
    /// The reads that show something else, of those that can be relied on, in what does not move by itself.
    pub(super) fn changes(
        &self,
        before: &StageViews,
        after: &StageViews,
        reliable: &StageViews,
    ) -> Vec<ReadChange> {
        let change = |(read, before): (&String, &String)| {
            let after = after.get(read).filter(|_| reliable.contains_key(read))?;
            let change = ReadChange { read: read.clone(), before: before.clone(), after: after.clone() };
            self.leaves(&change).then_some(change)
        };
        before.iter().filter_map(change).collect()
    }

    /// Whether the change is in more than what moves by itself.
    pub(super) fn leaves(&self, change: &ReadChange) -> bool {
        let none = BTreeSet::new();
        !differing(&change.before, &change.after).is_subset(self.0.get(&change.read).unwrap_or(&none))
    }

    pub(super) fn learn(&mut self, read: &str, members: BTreeSet<String>) {
        self.0.entry(read.to_owned()).or_default().extend(members);
    }
}

/// The names of the members in which two answers differ; the empty name for the answer as a whole.
pub(super) fn differing(one: &str, other: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    match (serde_json::from_str(one), serde_json::from_str(other)) {
        (Ok(one), Ok(other)) => note_differing("", &one, &other, &mut names),
        _ if one == other => {}
        _ => drop(names.insert(String::new())),
    }
    names
}

fn note_differing(name: &str, one: &Value, other: &Value, names: &mut BTreeSet<String>) {
    match (one, other) {
        (Value::Object(one), Value::Object(other)) => {
            for member in one.keys().chain(other.keys()) {
                match (one.get(member), other.get(member)) {
                    (Some(one), Some(other)) => note_differing(member, one, other, names),
                    _ => drop(names.insert(member.clone())),
                }
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            one.iter().zip(other).for_each(|(one, other)| note_differing(name, one, other, names));
        }
        _ if one == other => {}
        _ => drop(names.insert(name.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn views(standards: &str) -> StageViews {
        [("GetEnabledStandards".to_owned(), standards.to_owned())].into()
    }

    #[test]
    fn what_a_stage_comes_to_by_itself_is_shown_by_another_whose_members_differ_in_name_alone() {
        let standard = |arn: &str, status: &str| format!(r#"{{"List":[{{"Arn":"{arn}","Status":"{status}"}}]}}"#);
        let change = |after: &str| ReadChange {
            read: "GetEnabledStandards".to_owned(),
            before: standard("a", "PENDING"),
            after: after.to_owned(),
        };
        assert!(change(&standard("a", "READY")).is_shown_by(&standard("b", "READY")));
        assert!(!change(&standard("a", "READY")).is_shown_by(&standard("b", "PENDING")));
        assert!(!change(r#"{"List":[]}"#).is_shown_by(&standard("b", "READY")));
        assert!(!change("not JSON").is_shown_by(&standard("b", "READY")));
    }

    #[test]
    fn members_that_move_by_themselves_are_left_out_and_no_others() {
        let pending = r#"{"List":[{"Arn":"a","Status":"PENDING"}]}"#;
        let ready = r#"{"List":[{"Arn":"a","Status":"READY"}]}"#;
        let gone = r#"{"List":[]}"#;
        assert_eq!(differing(pending, ready), ["Status".to_owned()].into());
        let mut moving = MovingMembers::default();
        assert_eq!(moving.changes(&views(pending), &views(ready), &views(pending)).len(), 1);
        moving.learn("GetEnabledStandards", differing(pending, ready));
        assert_eq!(moving.changes(&views(pending), &views(ready), &views(pending)), []);
        assert_eq!(moving.changes(&views(pending), &views(gone), &views(pending)).len(), 1);
        assert_eq!(moving.changes(&views(pending), &views("500 x"), &views(pending)).len(), 1);
        // What is not the same each time to begin with is not relied on.
        assert_eq!(moving.changes(&views(pending), &views(gone), &StageViews::new()), []);
    }
}
