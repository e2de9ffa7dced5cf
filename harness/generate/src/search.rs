//! Breadth-first search of the model: the states that calls lead to, each by a shortest path.
//!
//! The search knows neither calls nor rules. Who searches says which calls are tried in a state, what tells states
//! apart, and where to stop.

use std::collections::VecDeque;
use std::hash::Hash;

use rustc_hash::FxHashMap;

/// The limits of a search.
#[derive(Clone, Copy, Debug)]
pub(super) struct Bound {
    /// The most calls that lead to a state.
    pub(super) depth: u8,
    /// The most states.
    pub(super) states: usize,
}

/// A search under way. States with equal keys are one to it.
pub(super) struct Search<K, S> {
    bound: Bound,
    known: FxHashMap<K, u32>,
    open: VecDeque<(u32, S)>,
    tree: SearchTree,
}

/// The states found, by number, and how each was reached first.
#[derive(Debug)]
pub(super) struct SearchTree {
    found: Vec<Reached>,
    truncated: bool,
}

#[derive(Debug)]
struct Reached {
    /// The state before, and the call.
    parent: Option<(u32, u16)>,
    depth: u8,
}

impl<K: Eq + Hash, S> Search<K, S> {
    /// A search that begins at one state.
    pub(super) fn new(bound: Bound, key: K, start: S) -> Self {
        let tree = SearchTree { found: vec![Reached { parent: None, depth: 0 }], truncated: false };
        Self { bound, known: FxHashMap::from_iter([(key, 0)]), open: VecDeque::from([(0, start)]), tree }
    }

    /// The next state to look at: states come in the order of their numbers.
    pub(super) fn next(&mut self) -> Option<(u32, S)> {
        self.open.pop_front()
    }

    /// The states found so far.
    pub(super) const fn tree(&self) -> &SearchTree {
        &self.tree
    }

    /// The states found.
    pub(super) fn into_tree(self) -> SearchTree {
        self.tree
    }

    /// Whether a state could lead to further ones.
    pub(super) fn may_follow(&self, number: u32) -> bool {
        self.tree.depth(number) < self.bound.depth
    }

    /// Whether no further state is kept.
    pub(super) fn is_full(&self) -> bool {
        self.tree.len() >= self.bound.states
    }

    /// The number of the state that a call leads to; `None` where that is not known, and not kept: because the call
    /// is not `followed`, or the search ends here.
    pub(super) fn reach(&mut self, from: u32, call: usize, key: K, followed: bool, state: S) -> Option<u32> {
        if let Some(known) = self.known.get(&key) {
            return Some(*known);
        }
        if !followed || !self.may_follow(from) {
            return None;
        }
        if self.is_full() {
            self.tree.truncated = true;
            return None;
        }
        let number = u32::try_from(self.tree.len()).ok()?;
        let parent = Some((from, u16::try_from(call).ok()?));
        self.known.insert(key, number);
        self.tree.found.push(Reached { parent, depth: self.tree.depth(from) + 1 });
        self.open.push_back((number, state));
        Some(number)
    }
}

impl SearchTree {
    /// The number of states.
    pub(super) const fn len(&self) -> usize {
        self.found.len()
    }

    /// Whether there were too many states for all of them to be kept.
    pub(super) const fn is_truncated(&self) -> bool {
        self.truncated
    }

    /// The state that a state was first reached from, and the call.
    pub(super) fn parent(&self, number: u32) -> Option<(u32, u16)> {
        self.found.get(number as usize)?.parent
    }

    /// The calls that lead to a state.
    pub(super) fn path(&self, number: u32) -> Vec<u16> {
        let mut path = Vec::new();
        let mut at = number;
        while let Some((parent, call)) = self.parent(at) {
            path.push(call);
            at = parent;
        }
        path.reverse();
        path
    }

    fn depth(&self, number: u32) -> u8 {
        self.found.get(number as usize).map_or(0, |reached| reached.depth)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Searches the numbers from 1 on, where call 0 adds one and call 1 doubles.
    fn search(bound: Bound) -> (Vec<u32>, SearchTree) {
        let mut search = Search::new(bound, 1, 1);
        let mut seen = Vec::new();
        while let Some((at, number)) = search.next() {
            seen.push(number);
            for (call, after) in [number + 1, number * 2].into_iter().enumerate() {
                search.reach(at, call, after, true, after);
            }
        }
        (seen, search.into_tree())
    }

    #[test]
    fn each_state_is_looked_at_once_and_reached_by_a_shortest_path() {
        let (seen, tree) = search(Bound { depth: 3, states: 100 });
        assert_eq!(seen, [1, 2, 3, 4, 6, 5, 8]);
        assert_eq!((tree.path(6), tree.is_truncated()), (vec![0, 1, 1], false));
    }

    #[test]
    fn a_search_that_leaves_states_out_says_so() {
        let (seen, tree) = search(Bound { depth: 3, states: 4 });
        assert_eq!((seen, tree.is_truncated()), (vec![1, 2, 3, 4], true));
    }
}
