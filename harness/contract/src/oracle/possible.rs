//! Which states are carried on: not too many, and none that no service may come to.

use super::{Belief, Candidate, MOST_CANDIDATES, Observed};
use crate::catalogue;
use crate::domain::{Divergence, DivergenceKind, Naming, Place, Transition};
use crate::model::State;

impl Belief {
    /// Leaves out states that no service may come to. Where every state is one, what the answer shows is impossible.
    pub(super) fn exclude_impossible<N: Naming>(
        &mut self,
        transition: &Transition,
        observed: &Observed<'_, N>,
    ) -> Option<Divergence> {
        let found = self.candidates.first()?.state.impossible();
        let possible = |candidate: &Candidate| candidate.state.impossible().is_none();
        if self.candidates.len() > 1 && self.candidates.iter().any(possible) {
            self.candidates.retain(possible);
            return None;
        }
        let found = found?;
        for candidate in &mut self.candidates {
            // Told once: what is the case is to be seen anew.
            candidate.state.doubt_all_of(&found.accounts);
        }
        let names: Vec<String> = found.accounts.iter().map(|account| observed.name(*account)).collect();
        let operation = transition.request.operation;
        let title = catalogue::rule(found.rule.0).map_or("", |rule| &rule.title);
        Some(Divergence {
            operation,
            kind: if operation.is_mutating() {
                DivergenceKind::MissingRefusal
            } else {
                DivergenceKind::WrongValue
            },
            rules: vec![found.rule],
            ignored: Vec::new(),
            place: Place::Whole,
            expected: format!("{title}: {}", names.join(" and ")),
            observed: observed.outcome.summary(),
            grade: (observed.grade)(found.rule),
            of_state: false,
        })
    }

    /// Admits the states of another belief as well.
    pub(super) fn admit(&mut self, other: Self) {
        self.adopts |= other.adopts;
        for candidate in other.candidates {
            if self.candidates.iter().all(|known| known.state != candidate.state) {
                self.candidates.push(candidate);
            }
        }
        self.limit();
    }

    /// Where there are too many states, what they differ in is in doubt from now on, until a read shows it.
    pub(super) fn limit(&mut self) {
        if self.candidates.len() <= MOST_CANDIDATES {
            return;
        }
        let mut all = std::mem::take(&mut self.candidates).into_iter();
        let Some(mut first) = all.next() else { return };
        let others: Vec<State> = all.map(|candidate| candidate.state).collect();
        if first.state.blur(&others) {
            first.assumed.clear();
            self.candidates.push(first);
        }
    }
}
