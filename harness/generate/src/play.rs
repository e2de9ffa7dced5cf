//! A call played on the model: the state after it, on an implementation that gives certain answers.

use std::sync::Arc;

use passmuster_contract::domain::{Input, InvitationRef, QuestionId, Timestamp, Transition};
use passmuster_contract::model::{Answers, Learned, Mint, State, choose, step};

/// A mint that gives each invitation an id of its own and lets no time pass.
struct Counter<'a> {
    answers: &'a Answers,
    handed_out: u64,
}

impl Mint for Counter<'_> {
    fn invitation_id(&mut self) -> Learned<Arc<str>> {
        self.handed_out += 1;
        Learned::Is(format!("{:032x}", self.handed_out).into())
    }
    fn now(&mut self) -> Learned<Timestamp> {
        Learned::Is(Timestamp(0))
    }
    fn answer(&self, question: QuestionId) -> Option<&'static str> {
        self.answers.to(question)
    }
}

/// The side from which a call is seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Side {
    /// The implementation's: it knows what it has.
    Implementation,
    /// An observer's, who may be in doubt of it. A record in doubt names the rule that made it so.
    Observer,
}

/// The state after these calls, from the empty state on.
pub(super) fn play<'c>(calls: impl IntoIterator<Item = &'c Transition>, answers: &Answers, side: Side) -> State {
    calls.into_iter().fold(State::default(), |state, transition| next(&state, transition, answers, side))
}

/// The state after a call.
pub(super) fn next(state: &State, transition: &Transition, answers: &Answers, side: Side) -> State {
    // Ids only have to differ from one another; deriving them from the state keeps equal states equal.
    let handed_out = state.region(transition.region).invitations.len() as u64;
    next_with(state, transition, answers, side, &mut Counter { answers, handed_out })
}

/// The state after a call, whose ids and instants come from a mint.
pub(super) fn next_with(
    state: &State,
    transition: &Transition,
    answers: &Answers,
    side: Side,
    mint: &mut impl Mint,
) -> State {
    let mut next = state.clone();
    let branches = step(state, &bind(state, transition));
    let answers = &answers.of(transition.request.operation);
    let Some(branch) = choose::branch(&branches, answers) else { return next };
    let effects = match side {
        Side::Implementation => choose::effects(branch, answers),
        Side::Observer => choose::all_effects(branch, answers),
    };
    for (effect, rule) in effects {
        next.apply(transition.region, &effect, rule, mint);
    }
    next
}

/// The call with the id in place of the name of an invitation.
pub(super) fn bind(state: &State, transition: &Transition) -> Transition {
    let mut bound = transition.clone();
    if let Input::Accept { invitation: Some(invitation), .. } = &mut bound.request.input
        && let InvitationRef::Latest(inviter) = invitation
    {
        let region = state.region(transition.region);
        let held = region.invitations.get(&(transition.caller, *inviter));
        // Who never had a hub can't have listed its invitations.
        let held = held.filter(|_| region.hubs.contains_key(&transition.caller));
        let id = held.and_then(|held| held.id.seen()).map_or(InvitationRef::UNKNOWN, |id| id);
        *invitation = InvitationRef::Text(id.to_owned());
    }
    bound
}
