//! Reads of the administrator's list of members: some accounts of it, or page by page.

use super::batch::{self, distinct, odd_list, refused_as_odd, refused_somehow, repeats};
use super::branch::{Branch, Branches, Expect, MemberList, MemberSlot, Presence};
use super::context::Context;
use super::questions;
use super::refusals;
use super::rules;
use super::state::{Because, Learned, Member};
use crate::domain::{Account, Document, Input, MemberStatus, Page, QuestionId, RuleId};

pub(super) fn get(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let mut guards = context.membership(&[rules::GET_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    guards.refuse_if(context, accounts.is_none(), &[rules::GET_LIST_MISSING], &refusals::CONSTRAINT);
    let accounts = accounts.as_deref().unwrap_or_default();
    for question in odd_list(accounts) {
        guards.or_rather(true, || refused_list(question));
    }
    // SH-LIST-012: a member may be shown nothing of a list that it had before.
    let may_be_member = context.own_administrator().is_some() || context.membership_in_doubt(context.caller);
    let presence = if may_be_member { Presence::May } else { Presence::Must };
    guards.conclude(&[], Vec::new, || {
        let mut slots = Vec::new();
        let mut unknown = Vec::new();
        for account in distinct(accounts) {
            let entry = account
                .account()
                .and_then(|member| Some((member, context.state.members.get(&(context.caller, member))?)));
            let listed = entry.is_some_and(|(_, entry)| entry.status.is_some() && !entry.doubt);
            if let Some((member, entry)) = entry {
                slots.push(slot(context, member, entry, presence, rules::GET_PARTICULARS));
            } else if let Some(member) = account.account() {
                let nothing = Member::new(Because::of(rules::GET_UNKNOWN));
                slots.push(slot(context, member, &nothing, Presence::Must, rules::GET_UNKNOWN));
            }
            if !listed || may_be_member {
                unknown.push(account.clone());
            }
        }
        let some_unknown = !unknown.is_empty();
        let list = MemberList {
            administrator: context.caller,
            slots,
            rule: rules::GET_PARTICULARS,
            unknown,
            page: usize::MAX,
            complete: !may_be_member,
            loose: accounts.len() > batch::SIZE || repeats(accounts),
        };
        let without_list = context.state.list(context.caller).all(|(_, entry)| entry.status.is_none());
        let of_list: &[_] = &[rules::GET_PARTICULARS, rules::GET_WITHOUT_MEMBERS];
        let mut branches =
            vec![Branch::new(Expect::Members(list), if without_list { of_list } else { &of_list[..1] })];
        if some_unknown {
            branches.push(Branch::new(Expect::Refused(refusals::NO_SUCH_MEMBER), &[rules::GET_UNKNOWN]));
        }
        if may_be_member {
            branches.push(no_administrator());
        }
        for question in odd_list(accounts) {
            branches.push(refused_list(question));
        }
        branches
    })
}

/// A refusal of an account that is a member, and may view no accounts.
fn no_administrator() -> Branch {
    Branch::new(Expect::Refused(refusals::NOT_AN_ADMINISTRATOR), &[rules::LIST_AS_MEMBER])
}

/// A refusal of an odd list of ids, which has questions of its own here.
fn refused_list(question: QuestionId) -> Branch {
    match question {
        questions::EMPTY_LIST => refused_as_odd(question, rules::GET_LIST_EMPTY),
        questions::LONG_LIST => refused_as_odd(questions::GET_MANY, rules::GET_TOO_MANY),
        questions::DUPLICATE => refused_as_odd(questions::GET_TWICE, rules::GET_REPEATED_ID),
        _ => refused_as_odd(question, rules::GET_UNKNOWN),
    }
}

pub(super) fn list(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Page(page) = input else { return Branches::default() };
    let odd_flag = page.only_associated.as_deref().is_some_and(|flag| !matches!(flag, "true" | "false"));
    let spelled = odd_flag && page.only_associated.as_deref().is_some_and(is_spelled_otherwise);
    let odd_size = page.max_results.is_some_and(|size| !(1..=50).contains(&size));

    let mut guards = context.membership(&[rules::LIST_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    guards.refuse_if(context, odd_size, &[rules::LIST_PAGE_SIZE_BOUNDS], &refusals::CONSTRAINT);
    guards.refuse_if(context, odd_flag && !spelled, &[rules::LIST_FILTER_TYPE], &refusals::CONSTRAINT);
    let is_member = context.own_administrator().is_some();
    let may_be_member = is_member || context.membership_in_doubt(context.caller);
    let nobody = context.state.list(context.caller).all(|(_, entry)| entry.status.is_none() || entry.doubt);
    guards.or_rather(nobody || may_be_member, no_administrator);
    guards.or_rather(page.next_token.is_some(), bogus_token);
    guards.or_rather(spelled, || refused_somehow(rules::LIST_FILTER_TYPE));
    guards.conclude(&[], Vec::new, || {
        let everything = page.only_associated.as_deref() == Some("false");
        let rule = match page.only_associated.as_deref() {
            Some("false") => rules::LIST_EVERY_ENTRY,
            Some(_) => rules::LIST_DEFAULT_FILTER,
            None => rules::LIST_ENABLED_ONLY,
        };
        let mut slots = Vec::new();
        for (member, entry) in context.state.list(context.caller) {
            let shown = everything || entry.status == Some(MemberStatus::Enabled);
            let presence = match shown {
                false => Presence::MustNot,
                // SH-LIST-012: a member may be shown nothing of a list that it had before.
                true if may_be_member => Presence::May,
                // GetMembers may show this one (Q16); of lists the guide says that they leave out what is deleted.
                true if entry.status == Some(MemberStatus::Deleted) => Presence::May,
                true => Presence::Must,
            };
            let colleague = entry.organization && entry.status == Some(MemberStatus::Enabled);
            let rule = if colleague { rules::LIST_ORGANIZATION_MEMBERS } else { rule };
            slots.push(slot(context, member, entry, presence, rule));
        }
        let empty = slots.iter().all(|slot| slot.record.status.is_none() || slot.record.doubt);
        let list = MemberList {
            administrator: context.caller,
            slots,
            rule: match empty {
                _ if is_member => rules::LIST_AS_MEMBER,
                true => rules::LIST_WITHOUT_MEMBERS,
                false => rule,
            },
            unknown: Vec::new(),
            page: page_size(page),
            complete: everything && !may_be_member,
            loose: spelled || page.next_token.is_some(),
        };
        let said: &[_] = &[rule, rules::WIRE_FILTER_PARAMETER];
        let said = if page.only_associated.is_some() { said } else { &said[..1] };
        let mut branches = vec![Branch::new(Expect::Members(list), said)];
        if empty || may_be_member {
            branches.push(no_administrator());
        }
        if spelled {
            branches.push(refused_somehow(rules::LIST_FILTER_TYPE));
        }
        if page.next_token.is_some() {
            branches.push(bogus_token());
        }
        branches
    })
}

/// Whether some servers may read the flag as a boolean, and others as none.
fn is_spelled_otherwise(flag: &str) -> bool {
    flag.trim().is_empty() || ["true", "false", "1", "0"].iter().any(|known| flag.eq_ignore_ascii_case(known))
}

pub(super) fn page_size(page: &Page) -> usize {
    page.max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX)
}

/// The page that a request asks for beside these members; `None` where it has others, or a page of another type.
pub(super) fn page_beside(request: &Document, members: &[&str]) -> Option<Page> {
    let mut page = Page::default();
    for (name, value) in request.iter().filter(|(name, _)| !members.contains(&name.as_str())) {
        match name.as_str() {
            "MaxResults" => page.max_results = Some(value.as_i64()?),
            "NextToken" => page.next_token = Some(value.as_str()?.to_owned()),
            _ => return None,
        }
    }
    Some(page)
}

pub(super) fn bogus_token() -> Branch {
    refused_as_odd(questions::BOGUS_TOKEN, rules::LIST_BOGUS_TOKEN)
}

fn slot(context: &Context<'_>, member: Account, entry: &Member, presence: Presence, rule: RuleId) -> MemberSlot {
    let presence = if entry.doubt {
        Presence::May
    } else if entry.status.is_none() {
        Presence::MustNot
    } else {
        presence
    };
    let mut record = entry.clone();
    if entry.doubt {
        record.email = Learned::Unseen;
    }
    let taken = context.is_taken(member) && !context.membership_in_doubt(member);
    MemberSlot { member, presence, record, rule, taken }
}
