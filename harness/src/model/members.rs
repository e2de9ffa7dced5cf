//! The administrator's list of members: putting accounts on it, and reading it.

use super::batch::{self, affirm, distinct, malformed, odd_list, repeats};
use super::branch::{Alternative, Branch, Branches, Expect, MemberList, MemberSlot, Presence, Text};
use super::context::{Context, Slot};
use super::effect::Effect;
use super::questions::{self, answer};
use super::refusals::{self, reasons};
use super::rules;
use super::state::{Because, Learned, Member, Standing};
use crate::domain::{Account, AccountDetail, AccountRef, Input, MemberStatus, Page, RuleId};

pub(super) fn create(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Create(details) = input else { return Branches::default() };
    let details = details.as_deref();
    let entries = details.unwrap_or_default();
    let blank = |email: &String| email.trim().is_empty();

    let mut guards = context.membership(&[rules::CREATE_005, rules::XX_001]);
    guards.refuse_if(context, details.is_none(), &[rules::CREATE_012], &refusals::CONSTRAINT);
    guards.refuse_if(context, details.is_some_and(<[_]>::is_empty), &[rules::CREATE_011], &refusals::CONSTRAINT);
    let nameless = entries.iter().any(|entry| entry.account.is_none());
    guards.refuse_if(context, nameless, &[rules::CREATE_016], &refusals::CONSTRAINT);
    let blank_email = entries.iter().any(|entry| entry.email.as_ref().is_some_and(blank));
    guards.refuse_if(context, blank_email, &[rules::CREATE_019], &refusals::CONSTRAINT);
    let too_many = entries.len() > batch::SIZE;
    guards.refuse_if(context, too_many, &[rules::CREATE_014, rules::CREATE_013], &refusals::TOO_MANY);
    let is_member = context.own_administrator().is_some();
    let only_member = is_member && guards.is_empty() && !context.ignores(rules::CREATE_020);

    let accounts = || entries.iter().filter_map(|entry| entry.account.clone());
    let named = || accounts().filter_map(|account| account.account());
    let untouched: Vec<Effect> = named().map(|member| Effect::Affirm(context.caller, member)).collect();
    let doubts = || {
        // What is let through without a proper id can't be named any more.
        let nameless = entries.iter().any(|entry| entry.account.as_ref().is_none_or(|id| id.account().is_none()));
        let lost = nameless.then_some(Effect::Lose);
        named().map(|member| Effect::DoubtEntry(context.caller, member)).chain(lost).collect()
    };
    let batch = |refuse_all: Option<RuleId>| {
        let slots = context.entries(accounts(), |slot, account| match refuse_all {
            Some(rule) => slot.refused(&[rule], reasons::MEMBER, account, Effect::DoubtEntry),
            None => create_one(&slot, account, email_of(entries, account)),
        });
        let full: &[_] = &[rules::CREATE_015, rules::CREATE_030];
        Branch::new(Expect::Batch(slots), if entries.len() == batch::SIZE { full } else { &full[1..] })
    };
    if only_member {
        return member_acts(batch(Some(rules::CREATE_020)), rules::CREATE_020, &untouched);
    }
    let mut branches = guards.conclude(&untouched, doubts, || {
        let mut branches = vec![batch(None)];
        branches.extend(whole_request_refused(context, entries, &untouched));
        branches
    });
    if too_many && branches.admissible.len() == 1 {
        branches.admissible.push(first_fifty(context, entries));
    }
    branches
}

fn create_one(slot: &Slot<'_, '_>, account: &AccountRef, email: Option<&String>) -> Vec<Alternative> {
    let context = slot.context;
    let caller = context.caller;
    let AccountRef::Account(member) = *account else { return malformed(slot, rules::CREATE_017) };
    let as_new = |rules: &[RuleId]| {
        slot.processed(rules, reasons::ALREADY_MEMBER, vec![Effect::Create(caller, member, email.cloned())])
    };
    let refused = |rule, text| slot.refused(&[rule], text, account, Effect::DoubtEntry);
    let already = |rule| refused(rule, reasons::ALREADY_MEMBER);
    if context.entry_in_doubt(caller, member) {
        return slot.anything(rules::CREATE_008, Effect::DoubtEntry(caller, member));
    }
    if member == caller && !context.ignores(rules::CREATE_006) {
        return refused(rules::CREATE_006, reasons::SELF);
    }
    if let Some(alternatives) = create_colleague(slot, account, member, email) {
        return alternatives;
    }
    match context.state.status(caller, member) {
        Some(MemberStatus::Created | MemberStatus::Invited | MemberStatus::Enabled)
            if !context.ignores(rules::CREATE_007) =>
        {
            already(rules::CREATE_007)
        }
        Some(MemberStatus::Removed | MemberStatus::Resigned) => slot.open(
            questions::CREATE_AGAIN,
            vec![
                ("unprocessed", already(rules::CREATE_008)),
                ("unchanged", slot.processed(&[rules::CREATE_008], Text::Guess(""), affirm(caller, member))),
                ("recreated", as_new(&[rules::CREATE_008])),
            ],
        ),
        None if context.is_taken(member) => slot.open(
            questions::CREATE_TAKEN,
            vec![
                ("created", as_new(&[rules::CREATE_021])),
                ("unprocessed", refused(rules::CREATE_021, reasons::TAKEN)),
            ],
        ),
        None if email.is_some_and(|email| !email.contains('@')) => slot.open(
            questions::MALFORMED_EMAIL,
            vec![
                ("accepted", as_new(&[rules::CREATE_018])),
                ("unprocessed", refused(rules::CREATE_018, reasons::INVALID)),
            ],
        ),
        None if context.was_deleted(caller, member) => as_new(&[rules::CREATE_009]),
        _ => {
            let mut rules = match email {
                Some(_) => vec![rules::CREATE_002, rules::CREATE_004],
                None => vec![rules::CREATE_001],
            };
            // Nobody looks at the account's hub.
            rules.extend((!context.state.is_on(member)).then_some(rules::CREATE_003));
            as_new(&rules)
        }
    }
}

/// An account of the caller's own organization. The delegated administrator makes it a member at once; what others
/// make of it is open. `None` where the organization makes no difference.
fn create_colleague(
    slot: &Slot<'_, '_>,
    account: &AccountRef,
    member: Account,
    email: Option<&String>,
) -> Option<Vec<Alternative>> {
    let context = slot.context;
    let caller = context.caller;
    let entry = context.state.members.get(&(caller, member));
    let status = entry.and_then(|entry| entry.status);
    let enrolled = |rule| slot.processed(&[rule], reasons::ALREADY_MEMBER, vec![Effect::Enroll(caller, member)]);
    let refused = |rule, text| slot.refused(&[rule], text, account, Effect::Doubt);
    let on = context.state.is_on(member);
    let unknowable = || {
        // Where it becomes a member, its hub is switched on; where not, not.
        let doubt = if on { Effect::Doubt(caller, member) } else { Effect::Lose };
        slot.anything(rules::CREATE_035, doubt)
    };
    let colleague = context.colleague(member);
    if context.delegation().is_none() {
        colleague?;
        if status.is_some() || context.is_taken(member) {
            return None;
        }
        if context.delegation_in_doubt() || context.may_administer(member) {
            return Some(slot.anything(rules::CREATE_035, Effect::Lose));
        }
        let created = Effect::Create(caller, member, email.cloned());
        let created = slot.processed(&[rules::CREATE_035], Text::Guess(""), vec![created]);
        if context.administers(member) {
            // SH-XX-005: it can't be enabled.
            return Some(created);
        }
        let mut enabled = enrolled(rules::CREATE_035);
        if !on {
            // Nobody says that its hub is switched on then.
            let alone = vec![Effect::EnrollAlone(caller, member)];
            enabled.extend(slot.processed(&[rules::CREATE_035], Text::Guess(""), alone));
        }
        let answers = vec![("created", created), ("enabled", enabled)];
        return Some(slot.open(questions::CREATE_COLLEAGUE, answers));
    }
    let Some(standing) = colleague else {
        // A delegated administrator may invite accounts of other organizations too, but no source shows one do it.
        return status.is_none().then(|| slot.anything(rules::CREATE_035, Effect::DoubtEntry(caller, member)));
    };
    let managing = context.organization().is_some_and(|(management, _)| management == member);
    let released = entry.is_some_and(|entry| entry.organization || entry.because.0 == rules::DISASSOC_002);
    Some(match status {
        Some(MemberStatus::Enabled) => return None,
        Some(MemberStatus::Created | MemberStatus::Invited) => slot.open(
            questions::CREATE_LISTED,
            vec![
                ("unprocessed", refused(rules::CREATE_007, reasons::ALREADY_MEMBER)),
                ("enabled", enrolled(rules::CREATE_022)),
            ],
        ),
        None if standing == Standing::Suspended => {
            let effect = Effect::EnrollSuspended(caller, member);
            slot.processed(&[rules::CREATE_026], reasons::ALREADY_MEMBER, vec![effect])
        }
        _ if standing == Standing::Suspended || context.administers(member) => unknowable(),
        None if context.is_taken(member) && !context.ignores(rules::CREATE_027) => {
            let mut alternatives = refused(rules::CREATE_027, reasons::TAKEN);
            // Whether it is reported at all is open; that it can't be enabled is not (SH-XX-006).
            alternatives.extend(slot.anything(rules::CREATE_027, Effect::DoubtEntry(caller, member)));
            alternatives
        }
        None if managing && !on && !context.ignores(rules::CREATE_024) => {
            refused(rules::CREATE_024, reasons::MANAGEMENT_OFF)
        }
        None | Some(MemberStatus::Removed) if released => enrolled(rules::CREATE_028),
        None if managing => enrolled(rules::CREATE_025),
        None if on => enrolled(rules::CREATE_023),
        None => enrolled(rules::CREATE_022),
        Some(_) => unknowable(),
    })
}

/// What other answers to open questions make of the whole request.
fn whole_request_refused(context: &Context<'_>, entries: &[AccountDetail], untouched: &[Effect]) -> Vec<Branch> {
    let malformed = entries.iter().any(|entry| matches!(entry.account, Some(AccountRef::Text(_))));
    let odd_email = entries.iter().any(|entry| entry.email.as_ref().is_some_and(|email| !email.contains('@')));
    let refused = |rule, question| {
        let mut branch = Branch::new(Expect::Refused(refusals::SOME_4XX), &[rule]);
        branch.effects = untouched.to_vec();
        branch.answering(answer(question, "refused"))
    };
    let mut branches = Vec::new();
    if malformed {
        branches.push(refused(rules::CREATE_017, questions::MALFORMED_ID));
    }
    if let Some((management, _)) = context.organization().filter(|_| context.delegation().is_some()) {
        let named = || entries.iter().filter_map(|entry| entry.account.as_ref()?.account());
        if !context.state.is_on(management) && named().any(|account| account == management) {
            branches.push(refused(rules::CREATE_024, questions::CREATE_MANAGEMENT));
        }
        if named().any(|account| context.colleague(account).is_some() && context.is_taken(account)) {
            branches.push(refused(rules::CREATE_027, questions::CREATE_TAKEN_COLLEAGUE));
        }
    }
    if odd_email {
        branches.push(refused(rules::CREATE_018, questions::MALFORMED_EMAIL));
    }
    if repeats(entries.iter().filter_map(|entry| entry.account.as_ref())) {
        branches.push(refused(rules::CREATE_010, questions::DUPLICATE));
    }
    branches
}

/// SH-CREATE-013: in 2021 the first fifty were processed, the rest reported.
fn first_fifty(context: &Context<'_>, entries: &[AccountDetail]) -> Branch {
    let (first, rest) = entries.split_at(batch::SIZE);
    let named = |entries: &[AccountDetail]| -> Vec<_> {
        entries.iter().filter_map(|entry| entry.account.clone()).collect()
    };
    let mut slots =
        context.entries(named(first), |slot, account| create_one(&slot, account, email_of(first, account)));
    slots.extend(context.entries(named(rest), |slot, account| {
        let mut alternatives = slot.refused(&[rules::CREATE_013], reasons::TOO_MANY, account, Effect::DoubtEntry);
        alternatives.truncate(1);
        alternatives
    }));
    Branch::new(Expect::Batch(slots), &[rules::CREATE_013]).answering(answer(questions::TOO_MANY, "unprocessed"))
}

pub(super) fn get(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let mut guards = context.membership(&[rules::GET_004, rules::XX_001]);
    guards.refuse_if(context, accounts.is_none(), &[rules::GET_008], &refusals::CONSTRAINT);
    let accounts = accounts.as_deref().unwrap_or_default();
    guards.conclude(&[], Vec::new, || {
        let mut slots = Vec::new();
        let mut unknown = Vec::new();
        for account in distinct(accounts) {
            let entry = account
                .account()
                .and_then(|member| Some((member, context.state.members.get(&(context.caller, member))?)));
            let listed = entry.is_some_and(|(_, entry)| entry.status.is_some() && !entry.doubt);
            if let Some((member, entry)) = entry {
                slots.push(slot(context, member, entry, Presence::Must, rules::GET_001));
            } else if let Some(member) = account.account() {
                let nothing = Member::new(Because::of(rules::GET_002));
                slots.push(slot(context, member, &nothing, Presence::Must, rules::GET_002));
            }
            if !listed {
                unknown.push(account.clone());
            }
        }
        let some_unknown = !unknown.is_empty();
        let list = MemberList {
            administrator: context.caller,
            slots,
            rule: rules::GET_001,
            unknown,
            page: usize::MAX,
            complete: true,
            loose: accounts.len() > batch::SIZE || repeats(accounts),
        };
        let without_list = context.state.list(context.caller).all(|(_, entry)| entry.status.is_none());
        let of_list: &[_] = &[rules::GET_001, rules::GET_009];
        let mut branches =
            vec![Branch::new(Expect::Members(list), if without_list { of_list } else { &of_list[..1] })];
        if some_unknown {
            branches.push(Branch::new(Expect::Refused(refusals::NO_SUCH_MEMBER), &[rules::GET_002]));
        }
        for question in odd_list(accounts) {
            let (rule, question) = match question {
                questions::EMPTY_LIST => (rules::GET_005, question),
                questions::LONG_LIST => (rules::GET_006, questions::GET_MANY),
                questions::DUPLICATE => (rules::GET_007, questions::GET_TWICE),
                _ => (rules::GET_002, question),
            };
            let branch = Branch::new(Expect::Refused(refusals::SOME_4XX), &[rule]);
            branches.push(branch.answering(answer(question, "refused")));
        }
        branches
    })
}

pub(super) fn list(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Page(page) = input else { return Branches::default() };
    let odd_flag = page.only_associated.as_deref().is_some_and(|flag| !matches!(flag, "true" | "false"));
    let odd_size = page.max_results.is_some_and(|size| !(1..=50).contains(&size));

    let mut guards = context.membership(&[rules::LIST_008, rules::XX_001]);
    guards.refuse_if(context, odd_size, &[rules::LIST_005], &refusals::CONSTRAINT);
    guards.refuse_if(context, odd_flag, &[rules::LIST_014], &refusals::CONSTRAINT);
    guards.conclude(&[], Vec::new, || {
        let everything = page.only_associated.as_deref() == Some("false");
        let rule = match page.only_associated.as_deref() {
            Some("false") => rules::LIST_002,
            Some(_) => rules::LIST_003,
            None => rules::LIST_001,
        };
        let mut slots = Vec::new();
        for (member, entry) in context.state.list(context.caller) {
            let shown = everything || entry.status == Some(MemberStatus::Enabled);
            let presence = match shown {
                false => Presence::MustNot,
                // SH-LIST-012: a member may be shown nothing of a list that it had before.
                true if context.own_administrator().is_some() => Presence::May,
                true => Presence::Must,
            };
            let colleague = entry.organization && entry.status == Some(MemberStatus::Enabled);
            let rule = if colleague { rules::LIST_010 } else { rule };
            slots.push(slot(context, member, entry, presence, rule));
        }
        let empty = slots.iter().all(|slot| slot.record.status.is_none() || slot.record.doubt);
        let is_member = context.own_administrator().is_some();
        let list = MemberList {
            administrator: context.caller,
            slots,
            rule: match empty {
                _ if is_member => rules::LIST_012,
                true => rules::LIST_009,
                false => rule,
            },
            unknown: Vec::new(),
            page: page_size(page),
            complete: everything && !is_member,
            loose: page.next_token.is_some(),
        };
        let said: &[_] = &[rule, rules::WIRE_019];
        let said = if page.only_associated.is_some() { said } else { &said[..1] };
        let mut branches = vec![Branch::new(Expect::Members(list), said)];
        if empty || is_member || context.membership_in_doubt(context.caller) {
            branches.push(Branch::new(Expect::Refused(refusals::NOT_AN_ADMINISTRATOR), &[rules::LIST_012]));
        }
        if page.next_token.is_some() {
            branches.push(bogus_token());
        }
        branches
    })
}

/// SH-CREATE-020, SH-INVITE-007: a member that acts as an administrator is refused, entry by entry or as a whole.
pub(super) fn member_acts(batch: Branch, rule: RuleId, untouched: &[Effect]) -> Branches {
    let mut whole = Branch::new(Expect::Refused(refusals::MEMBER_CANNOT), &[rule]);
    whole.effects = untouched.to_vec();
    Branches::any_of(vec![batch.answering(answer(questions::MEMBER_CREATES, "unprocessed")), whole])
}

fn email_of<'a>(entries: &'a [AccountDetail], account: &AccountRef) -> Option<&'a String> {
    entries.iter().find(|entry| entry.account.as_ref() == Some(account))?.email.as_ref()
}

pub(super) fn page_size(page: &Page) -> usize {
    page.max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX)
}

pub(super) fn bogus_token() -> Branch {
    Branch::new(Expect::Refused(refusals::SOME_4XX), &[rules::LIST_006])
        .answering(answer(questions::BOGUS_TOKEN, "refused"))
}

fn slot(context: &Context<'_>, member: Account, entry: &Member, presence: Presence, rule: RuleId) -> MemberSlot {
    let presence = match presence {
        _ if entry.doubt => Presence::May,
        _ if entry.status.is_none() => Presence::MustNot,
        presence => presence,
    };
    let mut record = entry.clone();
    if entry.doubt {
        record.email = Learned::Unseen;
    }
    let taken = context.is_taken(member) && !context.membership_in_doubt(member);
    MemberSlot { member, presence, record, rule, taken }
}
