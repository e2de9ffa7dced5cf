//! The member's view of its administrator: look at it, leave it.

use super::branch::{AdministratorView, Branch, Branches, Expect};
use super::context::Context;
use super::effect::Effect;
use super::state::{Because, Invitation, InvitationState};
use super::{refusals, rules};
use crate::domain::Account;

/// The member of the answer that shows the administrator has this name.
pub(super) fn get(context: &Context<'_>, name: &'static str) -> Branches {
    let guards = context.membership(&[rules::ADMINISTRATOR_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    guards.conclude(&[], Vec::new, || {
        let member = context.caller;
        let held = context.state.administrators.get(&member);
        let administrator = held.and_then(|held| held.account);
        let invitation = administrator.and_then(|from| context.state.invitations.get(&(member, from)));
        // SH-ADMIN-004: no source says what an open invitation shows here.
        let is_open = |held: &Invitation| match held.state {
            // One without an entry may have been sent anew: that reading admits the most.
            Some(InvitationState::Open | InvitationState::Orphaned) => true,
            Some(_) => false,
            None => held.doubt,
        };
        let open = context.state.received(member).filter(|(_, held)| is_open(held));
        let open = open.map(|(inviter, held)| (inviter, held.state == Some(InvitationState::Open) && !held.doubt));
        // Without an invitation it is a membership by the organization.
        let accepted = invitation.is_some_and(|held| held.doubt || held.state == Some(InvitationState::Accepted));
        let either_kind = administrator.is_some_and(|leader| context.is_of_either_kind(leader, member));
        let organization = context.state.is_organization_member(member) || either_kind || !accepted;
        let rule = match administrator {
            Some(_) if organization => rules::ADMINISTRATOR_OF_ORGANIZATION_MEMBER,
            Some(_) => rules::ADMINISTRATOR_SHOWN,
            None if held.is_some_and(|held| held.because.0 == rules::DISASSOCIATE_ENABLED) => {
                rules::ADMINISTRATOR_AFTER_REMOVAL
            }
            None if context.state.list(member).any(|(_, entry)| entry.status.is_some()) => {
                rules::ADMINISTRATOR_OF_ADMINISTRATOR
            }
            None => rules::ADMINISTRATOR_NONE,
        };
        let view = AdministratorView {
            name,
            member,
            administrator,
            invitation: invitation.cloned(),
            organization,
            pending: open.collect(),
            loose: held.is_some_and(|held| held.doubt),
            because: held.map_or(Because::of(rule), |held| held.because),
            rule,
        };
        let nobody = administrator.is_none() || view.loose;
        let mut branches = vec![Branch::new(Expect::Administrator(view), &[rule])];
        if nobody {
            branches.push(Branch::new(Expect::Refused(refusals::NOBODY_ADMINISTERS), &[rule]));
        }
        branches
    })
}

pub(super) fn leave(context: &Context<'_>) -> Branches {
    let member = context.caller;
    let administrator = context.own_administrator();
    let mut guards = context.membership(&[rules::LEAVE_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    if guards.is_empty() && context.state.administrators.get(&member).is_some_and(|held| held.doubt) {
        return Branches::one(
            Branch::new(Expect::Anything, &[rules::LEAVE_WITHOUT_ADMINISTRATOR]).with(Effect::Lose),
        );
    }
    // Without a hub there is no administrator either; both errors are the same type.
    let nobody = context.state.is_on(member) && administrator.is_none();
    let left = context.state.has_left(member);
    let nobody_rules = if left {
        &[rules::LEAVE_TWICE, rules::LEAVE_WITHOUT_ADMINISTRATOR][..]
    } else {
        &[rules::LEAVE_WITHOUT_ADMINISTRATOR]
    };
    guards.refuse_if(context, nobody, nobody_rules, &refusals::NO_ADMINISTRATOR);
    let colleague = administrator.is_some() && context.state.is_organization_member(member);
    if let Some(administrator) = administrator.filter(|leader| context.is_of_either_kind(*leader, member))
        && guards.is_empty()
    {
        return leave_as_either(context, administrator, colleague);
    }
    guards.refuse_if(
        context,
        colleague,
        &[rules::LEAVE_AS_ORGANIZATION_MEMBER],
        &refusals::COLLEAGUE_CANNOT_LEAVE,
    );
    let doubts = || administrator.map(|administrator| Effect::Doubt(administrator, member)).into_iter().collect();
    let untouched: Vec<Effect> =
        administrator.map(|administrator| Effect::Affirm(administrator, member)).into_iter().collect();
    guards.conclude(&untouched, doubts, || {
        let left = administrator.map(|administrator| Effect::Leave(administrator, member));
        let mut branch = Branch::new(Expect::Done, &[rules::LEAVE_ENDS_MEMBERSHIP]);
        branch.effects.extend(left);
        vec![branch]
    })
}

/// Which kind of member it is, no source says.
fn leave_as_either(context: &Context<'_>, administrator: Account, colleague: bool) -> Branches {
    let member = context.caller;
    let invitation = context.state.invitations.get(&(member, administrator));
    let was_invited = invitation.is_some_and(|held| held.state.is_some() && !held.doubt);
    let (refuses, lets, effect) = if was_invited {
        let leaves = Effect::Leave(administrator, member);
        (rules::LEAVE_AS_ORGANIZATION_MEMBER, rules::LEAVE_ENDS_MEMBERSHIP, leaves)
    } else {
        // Where there is no invitation, none is left to be shown.
        let rule = rules::CREATE_COLLEAGUE_UNDELEGATED;
        (rule, rule, Effect::Doubt(administrator, member))
    };
    let left = Branch::new(Expect::Done, &[lets]).with(effect);
    let refused = Branch::new(Expect::Refused(refusals::COLLEAGUE_CANNOT_LEAVE), &[refuses]);
    Branches::any_of(if colleague { vec![refused, left] } else { vec![left, refused] })
}
