//! Whether a state is wrong or the read that showed it: what a second read of the same tells.

use super::views;
use passmuster_contract::domain::{Divergence, DivergenceKind, Naming, Transition};
use passmuster_contract::oracle::{Belief, Observed, Verdict};

/// The read that can tell, where there is one.
pub(super) fn ask(first: &Transition, rival: &Belief, divergences: &[Divergence]) -> Option<Transition> {
    let of_hub = divergences.iter().any(|found| {
        found.of_state && matches!(found.kind, DivergenceKind::MissingRefusal | DivergenceKind::UnexpectedRefusal)
    });
    views::second_opinion(first, rival.state().region(first.region), of_hub)
}

/// Judges the second read by both beliefs. Where it agrees with the state expected, the first read is to blame
/// rather than the call before it. Gives what to believe from then on, and whether the second read conforms to it.
pub(super) fn settle<N: Naming>(
    rival: Belief,
    adopted: Belief,
    second: &Transition,
    observed: &Observed<'_, N>,
    divergences: &mut [Divergence],
) -> (Belief, bool) {
    let (mut kept, mut adopted) = (rival, adopted);
    let expected = kept.judge(second, observed).verdict == Verdict::Conforms;
    let shown = adopted.judge(second, observed).verdict == Verdict::Conforms;
    if expected && !shown {
        divergences.iter_mut().for_each(blame_read);
        return (kept, true);
    }
    (adopted, expected || shown)
}

/// Puts the rule of the read in front of the rule that made the state so.
fn blame_read(divergence: &mut Divergence) {
    if divergence.of_state && divergence.rules.len() > 1 {
        divergence.rules.rotate_left(1);
    }
}
