//! A second opinion: another read of the same tells whether a state is wrong or the read that showed it.

use super::{Belief, Observed, Verdict};
use crate::domain::{Account, Divergence, DivergenceKind, Input, Naming, Operation, Page, Request, Transition};
use crate::model::{RegionState, rules};

/// The most accounts that one read may name.
const MOST_NAMED: usize = 50;

/// A read that can tell, and the belief under which the first read is wrong and the state right.
#[derive(Clone, Debug)]
pub struct Question {
    /// The read.
    pub call: Transition,
    rival: Belief,
}

impl Question {
    /// The belief under which the first read is wrong and the state right.
    pub(super) fn into_rival(self) -> Belief {
        self.rival
    }
}

/// The question after these divergences, where there is one.
pub(super) fn ask(first: &Transition, rival: Belief, divergences: &[Divergence]) -> Option<Question> {
    let of_hub = divergences.iter().any(|found| {
        found.of_state && matches!(found.kind, DivergenceKind::MissingRefusal | DivergenceKind::UnexpectedRefusal)
    });
    let call = other_read(first, rival.state().region(first.region), of_hub)?;
    Some(Question { call, rival })
}

/// Judges the answer to a question by both beliefs. Where it agrees with the state expected, the first read is to
/// blame rather than the call before it. Gives what to believe from then on, and whether the answer conforms to it.
pub(super) fn settle<N: Naming>(
    question: Question,
    mut adopted: Belief,
    observed: &Observed<'_, N>,
    divergences: &mut [Divergence],
) -> (Belief, bool) {
    let Question { call, rival: mut kept } = question;
    let expected = kept.judge(&call, observed).verdict == Verdict::Conforms;
    let shown = adopted.judge(&call, observed).verdict == Verdict::Conforms;
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

/// The read that can tell. Where it is the `hub` that is not as expected, any other call that needs one tells.
#[expect(clippy::wildcard_enum_match_arm, reason = "few operations show what another one shows, too")]
fn other_read(first: &Transition, state: &RegionState, hub: bool) -> Option<Transition> {
    let caller = first.caller;
    let describe = Request { operation: Operation::DescribeHub, input: Input::Describe(None) };
    let request = match first.request.operation {
        Operation::DescribeHub if hub => {
            let held = state.hubs.get(&caller)?;
            if held.on && rules::is_automatic(held.because.0) {
                // It is much likelier that it was never switched on than that it is on and not shown.
                return None;
            }
            whole_list()
        }
        _ if hub => describe,
        Operation::GetMembers => whole_list(),
        Operation::ListMembers => {
            let listed = state.list(caller).map(|(member, _)| member);
            let mut listed: Vec<Account> = listed.take(MOST_NAMED).collect();
            listed.dedup();
            Request::accounts(Operation::GetMembers, listed)
        }
        Operation::GetAdministratorAccount => Request::empty(Operation::GetMasterAccount),
        Operation::GetMasterAccount => Request::empty(Operation::GetAdministratorAccount),
        Operation::ListInvitations => Request::empty(Operation::GetInvitationsCount),
        _ => return None,
    };
    Some(Transition { caller, region: first.region, request })
}

/// The read of all members, whatever their status.
#[must_use]
pub fn whole_list() -> Request {
    let page = Page { only_associated: Some("false".to_owned()), ..Page::default() };
    Request { operation: Operation::ListMembers, input: Input::Page(page) }
}
