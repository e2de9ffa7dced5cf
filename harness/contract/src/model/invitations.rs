//! Invitations, as those invited list, accept, decline and delete them.

use super::batch::{AccountBatch, affirm, malformed, refused_somehow};
use super::branch::{
    Alternative, Branch, Branches, Expect, InvitationList, InvitationSlot, Presence, Refusal, Wording,
};
use super::context::{Context, Guards, Slot};
use super::effect::Effect;
use super::listing::{bogus_token, page_size};
use super::questions::{self, answer};
use super::refusals::{self, reasons};
use super::rules;
use super::state::{Invitation, InvitationState, Member};
use crate::domain::{Account, AccountRef, Input, InvitationRef, MemberStatus, RuleId};

pub(super) fn list(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Page(page) = input else { return Branches::default() };
    let odd_size = page.max_results.is_some_and(|size| !(1..=50).contains(&size));
    let mut guards = context.membership(&[rules::INVITATIONS_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    guards.refuse_if(
        context,
        odd_size,
        &[rules::WIRE_PAGE_BOUNDS, rules::LIST_PAGE_SIZE_BOUNDS],
        &refusals::CONSTRAINT,
    );
    guards.or_rather(page.next_token.is_some(), bogus_token);
    guards.conclude(&[], Vec::new, || {
        let slots: Vec<_> =
            context.state.received(context.caller).map(|(inviter, held)| invitation_slot(inviter, held)).collect();
        let empty = slots.iter().all(|slot| slot.presence == Presence::MustNot);
        let rule = if empty { rules::INVITATIONS_NONE } else { rules::INVITATIONS_OPEN };
        let list = InvitationList {
            invitee: context.caller,
            slots,
            rule,
            page: page_size(page),
            loose: page.next_token.is_some(),
        };
        let mut branches = vec![Branch::new(Expect::Invitations(list), &[rule])];
        if page.next_token.is_some() {
            branches.push(bogus_token());
        }
        branches
    })
}

/// An invitation as its invitee's list shows it.
fn invitation_slot(inviter: Account, held: &Invitation) -> InvitationSlot {
    use InvitationState::{Accepted, Declined, Left, Open, Orphaned, Removed};
    use Presence::{May, Must, MustNot};
    let hidden = |question, shown, hidden| Some((answer(question, shown), answer(question, hidden)));
    let (presence, statuses, rule, answers): (_, &'static [&'static str], _, _) = match held.state {
        _ if held.doubt => (May, &[], rules::INVITATIONS_AFTER_REMOVAL, None),
        None => (MustNot, &[], rules::INVITATIONS_NONE, None),
        Some(Open) => (Must, &["Invited"], rules::INVITATIONS_OPEN, None),
        Some(Accepted) => (
            May,
            &["Enabled"],
            rules::INVITATIONS_ACCEPTED,
            hidden(questions::ACCEPTED_LISTED, "listed", "omitted"),
        ),
        Some(Declined) => (Must, &["Resigned"], rules::INVITATIONS_DECLINED, None),
        Some(Left) => (Must, &[], rules::INVITATIONS_AFTER_LEAVING, None),
        Some(Removed) => (
            May,
            &["Removed"],
            rules::INVITATIONS_AFTER_REMOVAL,
            hidden(questions::AFTER_REMOVAL, "kept", "dropped"),
        ),
        Some(Orphaned) => (May, &[], rules::DELETE_WITH_OPEN_INVITATION, None),
    };
    InvitationSlot { inviter, presence, statuses, record: held.clone(), rule, answers }
}

pub(super) fn count(context: &Context<'_>) -> Branches {
    let guards = context.membership(&[rules::INVITATIONS_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    guards.conclude(&[], Vec::new, || {
        use InvitationState::{Accepted, Declined, Open};
        let (mut least, mut most) = (0, 0);
        for (_, held) in context.state.received(context.caller) {
            match held.state {
                Some(Open | Declined) if !held.doubt => {
                    least += 1;
                    most += 1;
                }
                Some(Accepted) | None if !held.doubt => {}
                _ => most += 1,
            }
        }
        vec![Branch::new(Expect::Count(least, most), &[rules::INVITATIONS_COUNT])]
    })
}

pub(super) fn accept(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accept { administrator, invitation } = input else { return Branches::default() };
    let caller = context.caller;
    let blank = |text: &String| text.trim().is_empty();
    let blank_id = invitation.as_ref().is_some_and(|id| matches!(id, InvitationRef::Text(text) if blank(text)));
    let missing = administrator.is_none() || invitation.is_none();

    let mut guards = context.membership(&[rules::ACCEPT_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    guards.refuse_if(context, missing, &[rules::ACCEPT_IDS_MISSING], &refusals::CONSTRAINT);
    guards.refuse_if(context, blank_id, &[rules::ACCEPT_EMPTY_ID], &refusals::CONSTRAINT);
    let from = administrator.as_ref().and_then(AccountRef::account);
    if guards.is_empty() && from.is_none() {
        return accept_unknowable(None, caller);
    }
    guards.or_rather(administrator.is_some() && from.is_none(), || refused_somehow(rules::ACCEPT_UNKNOWN));
    let inviter = from.unwrap_or(caller);
    let held = context.state.invitations.get(&(caller, inviter));
    // One that is no longer listed after a removal may still be good (Q21).
    let state = held.and_then(|held| held.state.or(held.withdrawn));
    let in_doubt = context.invitation_in_doubt(inviter, caller) || context.membership_in_doubt(inviter);
    let right_id = held.and_then(|held| context.is_its_id(held, invitation.as_ref()));
    refuse_acceptance(context, &mut guards, inviter);
    let cannot = &refusals::CANNOT_ACCEPT;
    guards.refuse_if(context, state.is_none() && !in_doubt, &[rules::ACCEPT_UNKNOWN], cannot);
    let is_wrong = state.is_some() && right_id == Some(false) && !in_doubt;
    guards.refuse_if(context, is_wrong, &[rules::ACCEPT_WRONG_ID], cannot);
    // No source says what a delegated administrator without members may accept.
    let delegated =
        held.is_some_and(is_there) && (context.delegation().is_some() || context.delegation_in_doubt());
    if guards.is_empty() && delegated {
        return accept_unknowable(from, caller);
    }
    let untouched = affirm(inviter, caller);
    // The invitation or its id being unknown, that may be the reason to refuse, and need not be.
    let id_unknown = state.is_some() && right_id.is_none();
    let removed = matches!(state, Some(InvitationState::Removed | InvitationState::Orphaned));
    let reason = if removed { rules::ACCEPT_AFTER_REMOVAL } else { rules::ACCEPT_UNKNOWN };
    let either_way = || (in_doubt || id_unknown).then(|| refused(reason, &untouched));
    let mut branches = guards.conclude(
        &untouched,
        || vec![Effect::Doubt(inviter, caller)],
        || {
            let mut branches = if in_doubt {
                // Whatever it was before, what is accepted is there.
                let rule = if removed { rules::ACCEPT_AFTER_REMOVAL } else { rules::ACCEPT_ENABLES };
                vec![enabled(rule, inviter, caller, state)]
            } else {
                answered(context, inviter, state, &untouched)
            };
            if let Some(InvitationRef::Text(id)) = invitation.as_ref().filter(|_| id_unknown || in_doubt) {
                for branch in branches.iter_mut().filter(|branch| matches!(branch.expect, Expect::Done)) {
                    branch.effects.push(Effect::Identify(inviter, caller, id.as_str().into()));
                }
            }
            branches.extend(either_way());
            branches
        },
    );
    if !context.state.is_on(caller) {
        branches.admissible.extend(either_way());
    }
    branches
}

/// The guards that refuse an acceptance whatever the invitation.
fn refuse_acceptance(context: &Context<'_>, guards: &mut Guards, inviter: Account) {
    let caller = context.caller;
    let cannot = &refusals::CANNOT_ACCEPT;
    let is_member = |entry: &Member| entry.status == Some(MemberStatus::Enabled) && !entry.doubt;
    let has_members = context.state.list(caller).any(|(_, entry)| is_member(entry));
    guards.refuse_if(context, has_members, &[rules::ACCEPT_AS_ADMINISTRATOR, rules::ONE_ROLE_AT_ONCE], cannot);
    let designated = context.state.delegated(caller);
    let is_designated = designated.is_some_and(|(_, held)| held.administrator == Some(caller) && !held.doubt);
    guards.refuse_if(context, is_designated && !has_members, &[rules::ONE_ROLE_AT_ONCE], cannot);
    let own = context.own_administrator().filter(|_| !context.membership_in_doubt(caller));
    let second = own.is_some_and(|own| own != inviter);
    let colleague = context.state.is_organization_member(caller);
    guards.refuse_if(context, second && colleague, &[rules::ACCEPT_AS_ORGANIZATION_MEMBER], cannot);
    guards.refuse_if(context, second && !colleague, &[rules::ACCEPT_SECOND_ADMINISTRATOR], cannot);
    let above = context.state.administrator(inviter).filter(|_| !context.membership_in_doubt(inviter));
    let rules = [rules::ACCEPT_FROM_MEMBER, rules::ONE_ROLE_AT_ONCE];
    guards.refuse_if(context, above.is_some(), &rules, cannot);
}

/// The acceptance, as a branch.
fn enabled(rule: RuleId, inviter: Account, caller: Account, state: Option<InvitationState>) -> Branch {
    let mut branch = Branch::new(Expect::Done, &[rule]).with(Effect::Accept(inviter, caller));
    if matches!(state, None | Some(InvitationState::Orphaned)) {
        // Its entry may have been deleted; no source says whether it comes back.
        branch.effects.push(Effect::DoubtEntry(inviter, caller));
    }
    branch
}

/// The branches where the invitation is there, its id is right, and no rule refuses.
fn answered(
    context: &Context<'_>,
    inviter: Account,
    state: Option<InvitationState>,
    untouched: &[Effect],
) -> Vec<Branch> {
    let caller = context.caller;
    let enabled = |rule| enabled(rule, inviter, caller, state);
    let refused = |rule| refused(rule, untouched);
    let not_enabled = |entry: &Member| {
        entry.doubt || matches!(entry.status, Some(MemberStatus::Created | MemberStatus::Invited))
    };
    let own = || context.state.list(caller).filter(|(_, entry)| not_enabled(entry));
    if own().next().is_some() && !context.ignores(rules::ACCEPT_AS_INVITER) {
        let branches = either(refused(rules::ACCEPT_AS_INVITER), enabled(rules::ACCEPT_AS_INVITER));
        if own().all(|(_, entry)| entry.doubt) {
            // Where no entry is certain, neither is what the answer is about.
            return branches;
        }
        let tagged = branches.into_iter().zip(["refused", "accepted"]);
        return tagged
            .map(|(branch, name)| branch.answering(answer(questions::ACCEPT_AS_INVITER, name)))
            .collect();
    }
    let mut branches = match state {
        Some(InvitationState::Declined) => either(
            enabled(rules::ACCEPT_DECLINED).answering(answer(questions::ACCEPT_DECLINED, "enabled")),
            refused(rules::ACCEPT_DECLINED).answering(answer(questions::ACCEPT_DECLINED, "refused")),
        ),
        Some(InvitationState::Removed) => either(
            refused(rules::ACCEPT_AFTER_REMOVAL).answering(answer(questions::ACCEPT_REMOVED, "refused")),
            enabled(rules::ACCEPT_AFTER_REMOVAL).answering(answer(questions::ACCEPT_REMOVED, "enabled")),
        ),
        Some(InvitationState::Accepted) if context.own_administrator() == Some(inviter) => either(
            refused(rules::ACCEPT_TWICE).answering(answer(questions::ACCEPT_TWICE, "refused")),
            still_member(inviter, caller).answering(answer(questions::ACCEPT_TWICE, "silent")),
        ),
        // Where the relation ended otherwise, as with a designation, no source says what is left of it.
        Some(InvitationState::Orphaned | InvitationState::Accepted) => {
            either(refused(rules::ACCEPT_AFTER_REMOVAL), enabled(rules::ACCEPT_AFTER_REMOVAL))
        }
        Some(InvitationState::Left) => vec![enabled(rules::ACCEPT_AFTER_LEAVING)],
        _ => vec![enabled(rules::ACCEPT_ENABLES)],
    };
    if context.had_members() {
        let tagged = |branch: Branch, name| branch.answering(answer(questions::ACCEPT_WITH_FORMER_MEMBERS, name));
        if branches.len() == 1 {
            branches = branches.into_iter().map(|branch| tagged(branch, "accepted")).collect();
        }
        branches.push(tagged(refused(rules::ACCEPT_AS_INVITER), "refused"));
    }
    branches
}

fn is_there(held: &Invitation) -> bool {
    held.state.is_some() || held.doubt
}

fn accept_unknowable(from: Option<Account>, caller: Account) -> Branches {
    let effect = from.map_or(Effect::Lose, |inviter| Effect::DoubtAnswered(inviter, caller));
    let refused = Branch::new(Expect::Refused(refusals::CANNOT_ACCEPT), &[rules::ACCEPT_UNKNOWN]);
    if from.is_none() {
        return Branches::any_of(vec![
            refused,
            // What is no id may as well be refused as such.
            refused_somehow(rules::ACCEPT_UNKNOWN),
            Branch::new(Expect::AnySuccess, &[rules::ACCEPT_UNKNOWN]).with(effect),
        ]);
    }
    Branches::one(Branch::new(Expect::Anything, &[rules::ACCEPT_UNKNOWN]).with(effect))
}

fn still_member(inviter: Account, caller: Account) -> Branch {
    Branch::new(Expect::Done, &[rules::ACCEPT_TWICE]).with(Effect::Affirm(inviter, caller))
}

fn refused(rule: RuleId, untouched: &[Effect]) -> Branch {
    let mut branch = Branch::new(Expect::Refused(refusals::CANNOT_ACCEPT), &[rule]);
    branch.effects = untouched.to_vec();
    branch
}

fn either(first: Branch, second: Branch) -> Vec<Branch> {
    vec![first, second]
}

pub(super) fn decline(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let guards = context.membership(&[rules::DECLINE_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    let batch = AccountBatch {
        context,
        accounts,
        rule: rules::DECLINE_UNKNOWN,
        administrators: true,
        at_most_fifty: false,
    };
    batch
        .conclude(guards, &|slot, account| decline_one(slot, account), |account| refused_decline(context, account))
}

fn refused_decline(context: &Context<'_>, account: &AccountRef) -> Option<(RuleId, Refusal)> {
    let inviter = account.account();
    let held = inviter.and_then(|inviter| context.state.invitations.get(&(context.caller, inviter)));
    if held.is_some_and(|held| held.doubt) {
        return Some((rules::DECLINE_UNKNOWN, refusals::SOME_4XX));
    }
    match held.and_then(|held| held.state) {
        Some(InvitationState::Open) => None,
        Some(InvitationState::Declined) => Some((rules::DECLINE_TWICE, refusals::DECLINED_BEFORE)),
        Some(InvitationState::Accepted) => Some((rules::DECLINE_ACCEPTED, refusals::ACCEPTED_BEFORE)),
        Some(InvitationState::Left) => Some((rules::DECLINE_UNKNOWN, refusals::LEFT_BEFORE)),
        Some(InvitationState::Removed | InvitationState::Orphaned) => {
            Some((rules::DECLINE_UNKNOWN, refusals::SOME_4XX))
        }
        None => Some((rules::DECLINE_UNKNOWN, refusals::NOTHING_TO_DECLINE)),
    }
}

fn decline_one(slot: &Slot<'_, '_>, account: &AccountRef) -> Vec<Alternative> {
    let context = slot.context;
    let invitee = context.caller;
    let AccountRef::Account(inviter) = *account else { return malformed(slot, rules::DECLINE_UNKNOWN) };
    if context.invitation_in_doubt(inviter, invitee) {
        return slot.anything(rules::DECLINE_UNKNOWN, answered_in_doubt(context, inviter));
    }
    let nothing = |rule| slot.processed(&[rule], Wording::Guess(""), affirm(inviter, invitee));
    let refused = |rule| slot.refused_by_invitee(&[rule], reasons::NO_RESOURCE, (inviter, invitee));
    let done = |rule, effect| slot.processed(&[rule], Wording::Guess(""), vec![effect]);
    let held = context.state.invitations.get(&(invitee, inviter));
    match held.and_then(|held| held.state) {
        Some(InvitationState::Open) => done(rules::DECLINE_RESIGNS, Effect::Decline(inviter, invitee)),
        Some(InvitationState::Accepted) => {
            let mut alternatives = slot.open(
                questions::DECLINE_PRESENT,
                vec![
                    ("silent", nothing(rules::DECLINE_ACCEPTED)),
                    ("unprocessed", refused(rules::DECLINE_ACCEPTED)),
                ],
            );
            // As one that was left, or as one that was declined: that shows only in what may be done with it later.
            let mut resigned = done(rules::DECLINE_ACCEPTED, Effect::Leave(inviter, invitee));
            let both = vec![Effect::Leave(inviter, invitee), Effect::Decline(inviter, invitee)];
            resigned.extend(slot.processed(&[rules::DECLINE_ACCEPTED], Wording::Guess(""), both));
            alternatives.extend(slot.open(questions::DECLINE_ENDS, vec![("resigned", resigned)]));
            alternatives
        }
        Some(InvitationState::Left) => {
            let mut alternatives = slot.open(
                questions::DECLINE_LEFT,
                vec![
                    ("silent", nothing(rules::DECLINE_UNKNOWN)),
                    ("unprocessed", refused(rules::DECLINE_UNKNOWN)),
                ],
            );
            // Whether the invitation then counts as declined shows only in what may be done with it later.
            alternatives.extend(done(rules::DECLINE_UNKNOWN, Effect::Decline(inviter, invitee)));
            alternatives
        }
        Some(InvitationState::Declined) => slot.open(
            questions::DECLINE_TWICE,
            vec![("silent", nothing(rules::DECLINE_TWICE)), ("unprocessed", refused(rules::DECLINE_TWICE))],
        ),
        Some(InvitationState::Removed | InvitationState::Orphaned) => {
            slot.anything(rules::DECLINE_UNKNOWN, Effect::DoubtInvited(inviter, invitee))
        }
        None => slot.open(
            questions::DECLINE_NOTHING,
            vec![("silent", nothing(rules::DECLINE_UNKNOWN)), ("unprocessed", refused(rules::DECLINE_UNKNOWN))],
        ),
    }
}

/// The effect of an answer to an invitation that may or may not be there: where it is known that the invitee is no
/// member, it stays none.
fn answered_in_doubt(context: &Context<'_>, inviter: Account) -> Effect {
    let invitee = context.caller;
    let is_free = !context.membership_in_doubt(invitee) && context.state.administrator(invitee).is_none();
    if is_free { Effect::DoubtInvited(inviter, invitee) } else { Effect::DoubtAnswered(inviter, invitee) }
}

pub(super) fn delete(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let guards = context.membership(&[rules::MEMBERSHIP_WITHOUT_HUB]);
    let batch = AccountBatch {
        context,
        accounts,
        rule: rules::DELETE_INVITATION_UNKNOWN,
        administrators: true,
        at_most_fifty: false,
    };
    batch.conclude(guards, &|slot, account| delete_one(slot, account), |_| None)
}

/// One invitation, as the account that received it may delete it, and as the one that sent it may: the texts contradict
/// each other (SH-DELINV-004).
fn delete_one(slot: &Slot<'_, '_>, account: &AccountRef) -> Vec<Alternative> {
    let context = slot.context;
    let caller = context.caller;
    let AccountRef::Account(other) = *account else { return malformed(slot, rules::DELETE_INVITATION_UNKNOWN) };
    let received = context.state.invitations.get(&(caller, other)).and_then(|held| held.state);
    let sent = context.state.invitations.get(&(other, caller)).filter(|held| is_there(held));
    let in_doubt = context.invitation_in_doubt(other, caller);
    let as_invitee = || {
        if in_doubt {
            return slot.anything(rules::DELETE_INVITATION_UNKNOWN, answered_in_doubt(context, other));
        }
        delete_between(slot, received, (other, caller))
    };
    let as_inviter = || {
        if sent.is_some_and(|held| held.doubt) {
            return slot.anything(rules::DELETE_INVITATION_WHOSE, Effect::DoubtInvited(caller, other));
        }
        let mut alternatives = delete_between(slot, sent.and_then(|held| held.state), (caller, other));
        alternatives.iter_mut().for_each(|found| found.rules.insert(0, rules::DELETE_INVITATION_WHOSE));
        alternatives
    };
    match (received, sent) {
        (_, None) if in_doubt => as_invitee(),
        (None, None) => delete_nothing(slot, other),
        _ => slot.open(questions::DELETE_WHOSE, vec![("invitee", as_invitee()), ("inviter", as_inviter())]),
    }
}

/// An invitation at this stage, between the account that sent it and the one that received it.
fn delete_between(
    slot: &Slot<'_, '_>,
    state: Option<InvitationState>,
    (inviter, invitee): (Account, Account),
) -> Vec<Alternative> {
    let context = slot.context;
    let other = if context.caller == invitee { inviter } else { invitee };
    let gone = |rule| slot.processed(&[rule], Wording::Guess(""), vec![Effect::DropInvitation(inviter, invitee)]);
    let refused = |rule| slot.refused_by_invitee(&[rule], reasons::NOT_DECLINED, (inviter, invitee));
    match state {
        Some(InvitationState::Declined) => gone(rules::DELETE_INVITATION_DECLINED),
        Some(InvitationState::Open) => slot.open(
            questions::DELETE_OPEN,
            vec![
                ("unprocessed", refused(rules::DELETE_INVITATION_OPEN)),
                ("deleted", gone(rules::DELETE_INVITATION_OPEN)),
            ],
        ),
        Some(InvitationState::Accepted) if !context.ignores(rules::DELETE_INVITATION_PRESENT) => {
            refused(rules::DELETE_INVITATION_PRESENT)
        }
        Some(InvitationState::Left) => slot.open(
            questions::DELETE_LEFT,
            vec![
                ("deleted", gone(rules::DELETE_INVITATION_UNKNOWN)),
                ("unprocessed", refused(rules::DELETE_INVITATION_UNKNOWN)),
            ],
        ),
        Some(InvitationState::Removed | InvitationState::Orphaned) => {
            slot.anything(rules::DELETE_INVITATION_UNKNOWN, Effect::DoubtInvited(inviter, invitee))
        }
        // Without the rule that keeps it.
        Some(InvitationState::Accepted) => {
            slot.anything(rules::DELETE_INVITATION_UNKNOWN, Effect::DoubtAnswered(inviter, invitee))
        }
        None => delete_nothing(slot, other),
    }
}

/// Where there is no invitation to delete.
fn delete_nothing(slot: &Slot<'_, '_>, other: Account) -> Vec<Alternative> {
    let caller = slot.context.caller;
    let rule = rules::DELETE_INVITATION_UNKNOWN;
    slot.open(
        questions::DELETE_NOTHING,
        vec![
            ("silent", slot.processed(&[rule], Wording::Guess(""), affirm(other, caller))),
            ("unprocessed", slot.refused_by_invitee(&[rule], reasons::NOT_DECLINED, (other, caller))),
        ],
    )
}
