//! The waits for what may be late: long at first, and short once a target has shown that waiting is in vain.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use passmuster_contract::domain::RuleId;

/// The time before what may be late is asked for again, after so many late answers.
const WAITS: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(600)];

/// So many times something is waited for in full before any of its kind has come.
const MOST_IN_VAIN: u32 = 2;

/// The reason to wait: the rule that names the lag, and whether what the answer shows is wrong without it.
pub(super) type Lateness = (RuleId, bool);

/// The memory of one run of what has been waited for.
#[derive(Debug, Default)]
pub struct Waits(Mutex<BTreeMap<Lateness, Waited>>);

#[derive(Clone, Copy, Debug, Default)]
struct Waited {
    in_vain: u32,
    came: bool,
}

impl Waits {
    /// The time to wait after so many late answers in a row.
    pub(super) fn next(&self, lateness: Lateness, late: usize) -> Duration {
        let waited = self.lock().get(&lateness).copied().unwrap_or_default();
        let is_worth_it = waited.came || waited.in_vain < MOST_IN_VAIN;
        let nth = if is_worth_it { late.saturating_sub(1).min(WAITS.len() - 1) } else { 0 };
        WAITS[nth]
    }

    /// Takes note of how a wait has ended.
    pub(super) fn ended(&self, lateness: Lateness, came: bool) {
        let mut all = self.lock();
        let waited = all.entry(lateness).or_default();
        waited.came |= came;
        waited.in_vain += u32::from(!came);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<Lateness, Waited>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_never_comes_is_not_waited_for_in_full_for_long_unless_something_has_come() {
        let waits = Waits::default();
        let lateness = (RuleId("SH-CREATE-034"), true);
        let full = |waits: &Waits| (1..=3).map(|late| waits.next(lateness, late)).collect::<Vec<_>>();
        assert_eq!(full(&waits), WAITS);
        waits.ended(lateness, false);
        assert_eq!(full(&waits), WAITS);
        waits.ended(lateness, false);
        assert_eq!(full(&waits), [WAITS[0]; 3]);
        assert_eq!(waits.next((lateness.0, false), 3), WAITS[2]);
        waits.ended(lateness, true);
        assert_eq!(full(&waits), WAITS);
    }
}
