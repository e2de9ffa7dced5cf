//! The ids of invitations, as answers show them.

use serde_json::Value;

use crate::generate::CastNaming;
use passmuster_contract::domain::{Input, Naming, Operation, Outcome, Transition};

/// An id that is longer, in bytes, is no id.
const LONGEST_ID: usize = 4 << 10;

/// Remembers the ids of the invitations that an answer shows.
pub(in crate::engine) fn learn_invitations(naming: &mut CastNaming, transition: &Transition, outcome: &Outcome) {
    // The answer to a token that was never handed out isn't judged, so it can't be built on either.
    let whole = matches!(&transition.request.input, Input::Page(page) if page.next_token.is_none());
    if transition.request.operation != Operation::ListInvitations || !whole {
        return;
    }
    let Outcome::Success(document) = outcome else { return };
    let shown = document.get("Invitations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for entry in shown {
        let text = |name: &str| entry.get(name).and_then(Value::as_str);
        if let (Some(inviter), Some(id)) = (text("AccountId"), text("InvitationId"))
            && id.len() <= LONGEST_ID
            && let Some(inviter) = naming.account_from(inviter)
        {
            naming.learn_invitation(transition.region, transition.caller, inviter, id);
        }
    }
}
