//! Invitations, as administrators send them.

use super::batch::{self, AccountBatch, distinct, malformed, odd_list, refused_as_odd};
use super::branch::{Alternative, Branch, Branches, Expect, Wording};
use super::context::{Context, Slot};
use super::effect::Effect;
use super::members::member_acts;
use super::questions;
use super::refusals::{self, reasons};
use super::rules;
use crate::domain::{Account, AccountRef, Input, MemberStatus, RuleId};

pub(super) fn invite(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let guards = context.membership(&[rules::INVITE_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    let caller = context.caller;
    if guards.is_empty() && context.own_administrator().is_some() && !context.ignores(rules::INVITE_AS_MEMBER) {
        let known = accounts.as_deref().unwrap_or_default();
        let slots = context.entries(known.iter().cloned(), |slot, account| {
            slot.refused(&[rules::INVITE_AS_MEMBER], reasons::MEMBER, account, Effect::DoubtInvited)
        });
        let untouched: Vec<Effect> = distinct(known)
            .filter_map(|account| account.account())
            .map(|member| Effect::Affirm(caller, member))
            .collect();
        let batch = Branch::new(Expect::Batch(slots), &[rules::INVITE_AS_MEMBER]);
        let mut branches = member_acts(batch, rules::INVITE_AS_MEMBER, &untouched);
        let odd = odd_list(known).into_iter().map(|question| refused_as_odd(question, rules::INVITE_ODD_LIST));
        let uncreated = distinct(known).any(|account| is_uncreated(context, account));
        let not_created = || Branch::new(Expect::Refused(refusals::NOT_CREATED), &[rules::INVITE_UNCREATED]);
        for mut branch in odd.chain(uncreated.then(not_created)) {
            branch.effects.clone_from(&untouched);
            branches.admissible.push(branch);
        }
        return branches;
    }
    let long = accounts.as_ref().is_some_and(|accounts| accounts.len() > batch::SIZE);
    let batch = AccountBatch {
        context,
        accounts,
        rule: if long { rules::INVITE_FIFTY } else { rules::INVITE_ODD_LIST },
        administrators: false,
        at_most_fifty: !context.ignores(rules::INVITE_FIFTY),
    };
    let full = context.may_have_invited_all(caller, accounts.as_ref().map_or(0, Vec::len));
    let one = |slot: &Slot<'_, '_>, account: &AccountRef| {
        let mut alternatives = invite_one(slot, account);
        alternatives.extend(full.then(|| slot.over_quota(INVITE_QUOTA, account)));
        alternatives
    };
    batch.conclude(guards, &one, |account| match is_uncreated(context, account) {
        true if *account == AccountRef::Account(caller) => Some((rules::INVITE_SELF, refusals::NOT_CREATED)),
        true => Some((rules::INVITE_UNCREATED, refusals::NOT_CREATED)),
        false => full.then_some((INVITE_QUOTA, refusals::QUOTA)),
    })
}

/// The rule on how many invitations may be open.
const INVITE_QUOTA: RuleId = RuleId("SH-INVITE-013");

fn is_uncreated(context: &Context<'_>, account: &AccountRef) -> bool {
    account.account().is_none_or(|member| context.may_be_unlisted(context.caller, member))
}

fn invite_one(slot: &Slot<'_, '_>, account: &AccountRef) -> Vec<Alternative> {
    let context = slot.context;
    let caller = context.caller;
    let AccountRef::Account(member) = *account else { return malformed(slot, rules::INVITE_UNCREATED) };
    let sent_by =
        |rules: &[RuleId]| slot.processed(rules, reasons::ALREADY_INVITED, vec![Effect::Invite(caller, member)]);
    let sent = |rule| sent_by(&[rule]);
    let refused = |rule, text| slot.refused(&[rule], text, account, Effect::DoubtInvited);
    if context.entry_in_doubt(caller, member) {
        return slot.anything(rules::INVITE_RESIGNED, Effect::DoubtInvited(caller, member));
    }
    if member == caller && !context.ignores(rules::INVITE_SELF) {
        return refused(rules::INVITE_SELF, reasons::INVITES_SELF);
    }
    let entry = context.state.members.get(&(caller, member));
    if let Some(alternatives) = invite_colleague(slot, account, member, &sent) {
        return alternatives;
    }
    match entry.and_then(|entry| entry.status) {
        None if !context.ignores(rules::INVITE_UNCREATED) => {
            refused(rules::INVITE_UNCREATED, reasons::NO_RESOURCE)
        }
        Some(MemberStatus::Invited) if !context.ignores(rules::INVITE_INVITED) => {
            refused(rules::INVITE_INVITED, reasons::ALREADY_INVITED)
        }
        Some(MemberStatus::Enabled) if !context.ignores(rules::INVITE_ENABLED) => {
            refused(rules::INVITE_ENABLED, reasons::ALREADY_INVITED)
        }
        _ if context.is_taken(member) => slot.open(
            questions::INVITE_TAKEN,
            vec![
                ("invited", sent(rules::INVITE_TAKEN)),
                ("unprocessed", refused(rules::INVITE_TAKEN, reasons::TAKEN)),
            ],
        ),
        Some(MemberStatus::Removed) => sent(rules::INVITE_REMOVED),
        Some(MemberStatus::Resigned) => slot.open(
            questions::INVITE_RESIGNED,
            vec![
                ("invited", sent(rules::INVITE_RESIGNED)),
                ("unprocessed", refused(rules::INVITE_RESIGNED, reasons::ALREADY_INVITED)),
            ],
        ),
        _ => {
            let without_email = entry.is_some_and(|entry| entry.email.seen() == Some(&None));
            let rule = if without_email { rules::INVITE_WITHOUT_EMAIL } else { rules::INVITE_CREATED };
            // No check asks for a hub, or whose account it is.
            if context.state.is_on(member) { sent(rule) } else { sent_by(&[rule, rules::INVITE_ANY_ACCOUNT]) }
        }
    }
}

/// Accounts of the organization get no invitation; whether that is reported is open (SH-INVITE-011). `None` where the
/// organization makes no difference.
fn invite_colleague(
    slot: &Slot<'_, '_>,
    account: &AccountRef,
    member: Account,
    sent: &dyn Fn(RuleId) -> Vec<Alternative>,
) -> Option<Vec<Alternative>> {
    let (context, rule) = (slot.context, rules::INVITE_COLLEAGUE);
    let entry = context.state.members.get(&(context.caller, member))?;
    let nothing = || slot.processed(&[rule], Wording::Guess(""), vec![Effect::Affirm(context.caller, member)]);
    let reported = || slot.reported(&[rule], reasons::INVITES_COLLEAGUE);
    let listed = |rule| slot.refused(&[rule], reasons::ALREADY_INVITED, account, Effect::DoubtInvited);
    let of_delegate = || context.delegation().is_some() && context.colleague(member).is_some();
    let together = |alternatives: [Vec<Alternative>; 3]| Some(alternatives.concat());
    match entry.status? {
        MemberStatus::Enabled if entry.organization && !context.ignores(rules::INVITE_ENABLED) => {
            together([listed(rules::INVITE_ENABLED), nothing(), Vec::new()])
        }
        MemberStatus::Removed if entry.organization => {
            let refused = slot.refused(&[rule], reasons::INVITES_COLLEAGUE, account, Effect::DoubtInvited);
            let answers = vec![("unprocessed", refused), ("invited", sent(rule))];
            Some(slot.open(questions::INVITE_RELEASED, answers))
        }
        // The reference server takes the first of them: the one answer that leaves no doubt of what it did.
        MemberStatus::Deleted | MemberStatus::AccountSuspended => together([reported(), nothing(), sent(rule)]),
        MemberStatus::Invited if of_delegate() && !context.ignores(rules::INVITE_INVITED) => {
            together([listed(rules::INVITE_INVITED), nothing(), Vec::new()])
        }
        // An entry from before the designation.
        MemberStatus::Created | MemberStatus::Removed | MemberStatus::Resigned
            if of_delegate() && !context.is_taken(member) =>
        {
            together([sent(rule), reported(), nothing()])
        }
        MemberStatus::Enabled
        | MemberStatus::Invited
        | MemberStatus::Created
        | MemberStatus::Removed
        | MemberStatus::Resigned => None,
    }
}
