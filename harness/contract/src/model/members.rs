//! The contract of `CreateMembers`: first what refuses the whole request, then what becomes of each account.

use super::batch::{self, affirm, malformed, refused_as_odd, repeats};
use super::branch::{Alternative, BatchEntry, Branch, Branches, Expect, Wording};
use super::context::{Context, Slot};
use super::effect::Effect;
use super::questions::{self, answer};
use super::refusals::{self, reasons};
use super::rules;
use super::state::Standing;
use crate::domain::{Account, AccountDetail, AccountRef, Input, MemberStatus, RuleId};

/// The rule on how many members there may be.
const CREATE_QUOTA: RuleId = RuleId("SH-CREATE-031");

pub(super) fn create(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Create(details) = input else { return Branches::default() };
    let details = details.as_deref();
    let entries = details.unwrap_or_default();

    let mut guards = context.membership(&[rules::CREATE_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    guards.refuse_if(context, details.is_none(), &[rules::CREATE_LIST_MISSING], &refusals::CONSTRAINT);
    guards.refuse_if(
        context,
        details.is_some_and(<[_]>::is_empty),
        &[rules::CREATE_LIST_EMPTY],
        &refusals::CONSTRAINT,
    );
    let nameless = entries.iter().any(|entry| entry.account.is_none());
    guards.refuse_if(context, nameless, &[rules::CREATE_ID_MISSING], &refusals::CONSTRAINT);
    let blank_email = entries.iter().any(|entry| entry.email.as_deref().is_some_and(blank));
    guards.refuse_if(context, blank_email, &[rules::CREATE_BLANK_EMAIL], &refusals::CONSTRAINT);
    let too_many = entries.len() > batch::SIZE;
    guards.refuse_if(
        context,
        too_many,
        &[rules::CREATE_TOO_MANY, rules::CREATE_SURPLUS_UNPROCESSED],
        &refusals::TOO_MANY,
    );
    let is_member = context.own_administrator().is_some() && !context.ignores(rules::CREATE_AS_MEMBER);
    let only_member = is_member && guards.is_empty();
    let only_too_many = too_many && guards.are(1);
    guards.or_rather(is_member, || {
        Branch::new(Expect::Refused(refusals::MEMBER_CANNOT), &[rules::CREATE_AS_MEMBER])
    });

    let named = || entries.iter().filter_map(|entry| entry.account.as_ref()?.account());
    let untouched: Vec<Effect> = named().map(|member| Effect::Affirm(context.caller, member)).collect();
    let doubts = || {
        // What is let through without a proper id can't be named any more.
        let nameless = entries.iter().any(|entry| entry.account.as_ref().is_none_or(|id| id.account().is_none()));
        let lost = nameless.then_some(Effect::Lose);
        named().map(|member| Effect::DoubtEntry(context.caller, member)).chain(lost).collect()
    };
    let full = context.may_be_full(context.caller, entries.len());
    let batch = |refuse_all, refuse_blank| one_by_one(context, entries, refuse_all, refuse_blank);
    let refused = || whole_request_refused(context, entries, &untouched);
    if only_member {
        let mut branches =
            member_acts(batch(Some(rules::CREATE_AS_MEMBER), false), rules::CREATE_AS_MEMBER, &untouched);
        branches.admissible.extend(refused());
        return branches;
    }
    if !guards.is_empty() {
        refused().into_iter().for_each(|branch| guards.or_rather(true, || branch));
        // The rows for malformed requests let it be reported account by account, too (D102).
        guards.or_rather(blank_email, || batch(None, true));
    }
    let mut branches = guards.conclude(&untouched, doubts, || {
        let mut branches = vec![batch(None, false)];
        branches.extend(refused());
        branches.extend(full.then(|| batch::quota_refusal(CREATE_QUOTA, &untouched)));
        branches
    });
    if only_too_many {
        branches.admissible.push(first_fifty(context, entries));
        let none =
            || batch(Some(rules::CREATE_AS_MEMBER), false).answering(answer(questions::TOO_MANY, "unprocessed"));
        branches.admissible.extend(is_member.then(none));
    }
    branches
}

/// The accounts one by one: all of them refused by a rule, or, where `refuse_blank`, those with a blank address.
fn one_by_one(
    context: &Context<'_>,
    entries: &[AccountDetail],
    refuse_all: Option<RuleId>,
    refuse_blank: bool,
) -> Branch {
    let full = context.may_be_full(context.caller, entries.len());
    let accounts = entries.iter().filter_map(|entry| entry.account.clone());
    let is_blank =
        |account: &AccountRef| emails_of(entries, account).into_iter().flatten().any(|email| blank(email));
    let slots = context.entries(accounts, |slot, account| match refuse_all {
        Some(rule) => slot.refused(&[rule], reasons::MEMBER, account, Effect::DoubtEntry),
        None if refuse_blank && is_blank(account) => {
            slot.refused(&[rules::CREATE_BLANK_EMAIL], reasons::INVALID, account, Effect::DoubtEntry)
        }
        None => {
            let emails = emails_of(entries, account).into_iter();
            emails.flat_map(|email| create_within_quota(&slot, account, email, full)).collect()
        }
    });
    let said = said_of(entries.len(), &slots);
    Branch::new(Expect::Batch(slots), &said)
}

fn blank(email: &str) -> bool {
    email.trim().is_empty()
}

/// One account; where the list may be `full`, it may be one too many.
fn create_within_quota(
    slot: &Slot<'_, '_>,
    account: &AccountRef,
    email: Option<&String>,
    full: bool,
) -> Vec<Alternative> {
    let mut alternatives = create_one(slot, account, email);
    alternatives.extend(full.then(|| slot.over_quota(CREATE_QUOTA, account)));
    alternatives
}

/// The rules by which a list of so many entries is not refused as a whole.
fn said_of(number: usize, slots: &[BatchEntry]) -> Vec<RuleId> {
    match number {
        1 => batch::spoken(slots),
        batch::SIZE => vec![rules::CREATE_FIFTY, rules::CREATE_MIXED_BATCH],
        _ => vec![rules::CREATE_MIXED_BATCH],
    }
}

/// One account, on its own: neighbours in the batch make no difference (SH-CREATE-030).
fn create_one(slot: &Slot<'_, '_>, account: &AccountRef, email: Option<&String>) -> Vec<Alternative> {
    let context = slot.context;
    let caller = context.caller;
    let AccountRef::Account(member) = *account else { return malformed(slot, rules::CREATE_MALFORMED_ID) };
    let as_new = |rules: &[RuleId]| {
        slot.processed(rules, reasons::ALREADY_MEMBER, vec![Effect::Create(caller, member, email.cloned())])
    };
    let refused = |rule, text| slot.refused(&[rule], text, account, Effect::DoubtEntry);
    let already = |rule| refused(rule, reasons::ALREADY_MEMBER);
    let unchanged = || slot.processed(&[rules::CREATE_AGAIN], Wording::Guess(""), affirm(caller, member));
    if context.entry_in_doubt(caller, member) {
        return slot.anything(rules::CREATE_AGAIN, Effect::DoubtEntry(caller, member));
    }
    if member == caller && !context.ignores(rules::CREATE_SELF) {
        return refused(rules::CREATE_SELF, reasons::SELF);
    }
    let in_organization = match context.delegation() {
        Some(_) => create_by_delegate(slot, account, member),
        None => create_colleague(slot, member, email),
    };
    if let Some(mut alternatives) = in_organization {
        // Whether the address of a member that needs none is looked at is as open as whether any is.
        let odd = email
            .is_some_and(|email| is_odd(email))
            .then(|| refused(rules::CREATE_MALFORMED_EMAIL, reasons::INVALID));
        alternatives.extend(odd.into_iter().flatten().take(1).map(|mut alternative| {
            alternative.answers.push(answer(questions::MALFORMED_EMAIL, "unprocessed"));
            alternative
        }));
        return alternatives;
    }
    match context.state.status(caller, member) {
        Some(MemberStatus::Created | MemberStatus::Invited | MemberStatus::Enabled)
            if !context.ignores(rules::CREATE_LISTED) =>
        {
            already(rules::CREATE_LISTED)
        }
        // Listed once, and no member any more: Q07.
        Some(MemberStatus::Removed | MemberStatus::Resigned) => slot.open(
            questions::CREATE_AGAIN,
            vec![
                ("unprocessed", already(rules::CREATE_AGAIN)),
                ("unchanged", unchanged()),
                ("recreated", as_new(&[rules::CREATE_AGAIN])),
            ],
        ),
        // What is left of an account that was closed or disassociated, and has left the organization since.
        Some(MemberStatus::AccountSuspended | MemberStatus::Deleted) => {
            [as_new(&[rules::CREATE_AGAIN]), already(rules::CREATE_AGAIN), unchanged()].concat()
        }
        // An enabled member of another account: Q08.
        None if context.is_taken(member) => slot.open(
            questions::CREATE_TAKEN,
            vec![
                ("created", as_new(&[rules::CREATE_TAKEN])),
                ("unprocessed", refused(rules::CREATE_TAKEN, reasons::TAKEN)),
            ],
        ),
        // An address that is none: Q06.
        None if email.is_some_and(|email| is_odd(email)) => slot.open(
            questions::MALFORMED_EMAIL,
            vec![
                ("accepted", as_new(&[rules::CREATE_MALFORMED_EMAIL])),
                ("unprocessed", refused(rules::CREATE_MALFORMED_EMAIL, reasons::INVALID)),
            ],
        ),
        None if context.was_deleted(caller, member) => as_new(&[rules::CREATE_DELETED]),
        _ => {
            let mut rules = match email {
                Some(_) => vec![rules::CREATE_KEEPS_EMAIL, rules::CREATE_UNVERIFIED_EMAIL],
                None => vec![rules::CREATE_NEW],
            };
            // No check asks for the account's hub.
            rules.extend((!context.state.is_on(member)).then_some(rules::CREATE_ANY_ACCOUNT));
            as_new(&rules)
        }
    }
}

/// An account of the caller's own organization, where the caller doesn't administer it: Q41. `None` where the
/// organization makes no difference.
fn create_colleague(slot: &Slot<'_, '_>, member: Account, email: Option<&String>) -> Option<Vec<Alternative>> {
    let context = slot.context;
    let caller = context.caller;
    context.colleague(member)?;
    let status = context.state.status(caller, member);
    let may_delegate = context.delegation_in_doubt() && status != Some(MemberStatus::Enabled);
    if (status.is_some() && !may_delegate) || context.is_taken(member) {
        return None;
    }
    let processed = |effects| slot.processed(&[rules::CREATE_COLLEAGUE_UNDELEGATED], Wording::Guess(""), effects);
    let enrolled = |effect| processed(vec![effect, Effect::Undelegated(caller, member, email.cloned())]);
    let mut created = processed(vec![Effect::Create(caller, member, email.cloned())]);
    let mut enabled = enrolled(Effect::Enroll(caller, member));
    if !context.state.is_on(member) {
        // No source says that its hub is switched on then.
        enabled.extend(enrolled(Effect::EnrollAlone(caller, member)));
    }
    let leads = context.leads(member);
    if status.is_some() {
        // What was listed before is left so, reported, or begins anew: as its own member, or its organization's.
        created.extend(processed(affirm(caller, member)));
    }
    if may_delegate || (context.administers(member) && !leads) {
        // By a delegated administrator, or of one that has put others on its list, it may as well be refused.
        created.extend(enabled);
        created.extend(slot.reported(&[rules::CREATE_COLLEAGUE_UNDELEGATED], reasons::TAKEN));
        return Some(created);
    }
    if leads {
        // SH-XX-005: it can't be enabled.
        return Some(created);
    }
    Some(slot.open(questions::CREATE_COLLEAGUE, vec![("created", created), ("enabled", enabled)]))
}

/// The same by the delegated administrator, whose members need no invitation. `None` where the organization makes no
/// difference: accounts outside it are created and invited like anybody's (SH-CREATE-035).
fn create_by_delegate(slot: &Slot<'_, '_>, account: &AccountRef, member: Account) -> Option<Vec<Alternative>> {
    let context = slot.context;
    let caller = context.caller;
    let standing = context.colleague(member)?;
    let entry = context.state.members.get(&(caller, member));
    let status = entry.and_then(|entry| entry.status);
    let enrolled = |rule| slot.processed(&[rule], reasons::ALREADY_MEMBER, vec![Effect::Enroll(caller, member)]);
    let suspended = || {
        let effect = Effect::EnrollSuspended(caller, member);
        slot.processed(&[rules::CREATE_SUSPENDED], reasons::ALREADY_MEMBER, vec![effect])
    };
    let refused = |rule, text| slot.refused(&[rule], text, account, Effect::Doubt);
    let reported = |rule, text| slot.reported(&[rule], text);
    let nothing = |rule| slot.processed(&[rule], Wording::Guess(""), affirm(caller, member));
    let on = context.state.is_on(member);
    let managing = context.organization().is_some_and(|(management, _)| management == member);
    let released = entry
        .is_some_and(|entry| entry.organization || entry.because.0 == rules::DISASSOCIATE_ORGANIZATION_MEMBER);
    let leads = context.leads(member);
    let join = |alternatives: [Vec<Alternative>; 3]| alternatives.into_iter().flatten().collect();
    Some(match status {
        // One that is closed and was a member before: no source shows it added once more.
        Some(_) if standing == Standing::Suspended => join([
            suspended(),
            nothing(rules::CREATE_SUSPENDED),
            reported(rules::CREATE_SUSPENDED, reasons::ALREADY_MEMBER),
        ]),
        Some(MemberStatus::Enabled) => return None,
        // An entry from before the designation: N17.
        Some(MemberStatus::Created | MemberStatus::Invited) if !context.is_taken(member) && !leads => slot.open(
            questions::CREATE_LISTED,
            vec![
                ("unprocessed", refused(rules::CREATE_LISTED, reasons::ALREADY_MEMBER)),
                ("enabled", enrolled(rules::CREATE_COLLEAGUE_HUB_OFF)),
            ],
        ),
        // A closed account is put on the list as such.
        None if standing == Standing::Suspended => suspended(),
        // What has members of its own can't be one (SH-XX-005); what has only created or invited some, may be.
        _ if context.administers(member) => {
            let rule = rules::CREATE_COLLEAGUE_UNDELEGATED;
            let taken = if leads { Vec::new() } else { enrolled(rule) };
            join([taken, nothing(rule), reported(rule, reasons::TAKEN)])
        }
        // A member of another account can't be enabled (SH-XX-006); whether that is reported is open.
        _ if context.is_taken(member) && !context.ignores(rules::CREATE_TAKEN_COLLEAGUE) => {
            let rule = rules::CREATE_TAKEN_COLLEAGUE;
            let afresh =
                || slot.processed(&[rule], Wording::Guess(""), vec![Effect::Create(caller, member, None)]);
            let created = if status.is_none() { afresh() } else { Vec::new() };
            join([reported(rule, reasons::TAKEN), nothing(rule), created])
        }
        // The management account has to enable its hub itself.
        None | Some(MemberStatus::Removed | MemberStatus::Deleted)
            if managing && !on && !context.ignores(rules::CREATE_MANAGEMENT_HUB_OFF) =>
        {
            refused(rules::CREATE_MANAGEMENT_HUB_OFF, reasons::MANAGEMENT_OFF)
        }
        None | Some(MemberStatus::Removed | MemberStatus::Deleted) if released => enrolled(rules::CREATE_RELEASED),
        None if managing => enrolled(rules::CREATE_MANAGEMENT_HUB_ON),
        None if on => enrolled(rules::CREATE_COLLEAGUE_HUB_ON),
        None | Some(MemberStatus::AccountSuspended) => enrolled(rules::CREATE_COLLEAGUE_HUB_OFF),
        // A member by invitation that left, or was removed, before the designation.
        Some(_) => join([
            enrolled(rules::CREATE_AGAIN),
            nothing(rules::CREATE_AGAIN),
            reported(rules::CREATE_AGAIN, reasons::ALREADY_MEMBER),
        ]),
    })
}

/// The refusals of the whole request by other answers to open questions.
fn whole_request_refused(context: &Context<'_>, entries: &[AccountDetail], untouched: &[Effect]) -> Vec<Branch> {
    let malformed = entries.iter().any(|entry| matches!(entry.account, Some(AccountRef::Text(_))));
    let odd_email = entries.iter().any(|entry| entry.email.as_ref().is_some_and(|email| is_odd(email)));
    let refused = |rule, question| {
        let mut branch = refused_as_odd(question, rule);
        branch.effects = untouched.to_vec();
        branch
    };
    let mut branches = Vec::new();
    if malformed {
        branches.push(refused(rules::CREATE_MALFORMED_ID, questions::MALFORMED_ID));
    }
    let may_delegate = context.delegation().is_some() || context.delegation_in_doubt();
    if let Some((management, _)) = context.organization().filter(|_| may_delegate) {
        let named = || entries.iter().filter_map(|entry| entry.account.as_ref()?.account());
        if !context.state.is_on(management) && named().any(|account| account == management) {
            branches.push(refused(rules::CREATE_MANAGEMENT_HUB_OFF, questions::CREATE_MANAGEMENT));
        }
        if named().any(|account| context.colleague(account).is_some() && context.is_taken(account)) {
            branches.push(refused(rules::CREATE_TAKEN_COLLEAGUE, questions::CREATE_TAKEN_COLLEAGUE));
        }
    }
    if odd_email {
        branches.push(refused(rules::CREATE_MALFORMED_EMAIL, questions::MALFORMED_EMAIL));
    }
    if repeats(entries.iter().filter_map(|entry| entry.account.as_ref())) {
        branches.push(refused(rules::CREATE_REPEATED_ID, questions::DUPLICATE));
    }
    branches
}

/// SH-CREATE-013: in 2021 the first fifty were processed, the rest reported.
fn first_fifty(context: &Context<'_>, entries: &[AccountDetail]) -> Branch {
    let (first, rest) = entries.split_at(batch::SIZE);
    let named = entries.iter().filter_map(|entry| entry.account.clone());
    let slots = context.entries(named, |slot, account| {
        match (names(first, account), names(rest, account), account.account()) {
            (true, false, _) => create_one(&slot, account, email_of(first, account)),
            // Processed or not, and then reported as surplus or as a repetition.
            (true, true, Some(member)) => {
                slot.anything(rules::CREATE_SURPLUS_UNPROCESSED, Effect::DoubtEntry(context.caller, member))
            }
            _ => {
                let surplus = slot.refused(
                    &[rules::CREATE_SURPLUS_UNPROCESSED],
                    reasons::TOO_MANY,
                    account,
                    Effect::DoubtEntry,
                );
                surplus.into_iter().take(1).collect()
            }
        }
    });
    Branch::new(Expect::Batch(slots), &[rules::CREATE_SURPLUS_UNPROCESSED])
        .answering(answer(questions::TOO_MANY, "unprocessed"))
}

fn names(entries: &[AccountDetail], account: &AccountRef) -> bool {
    entries.iter().any(|entry| entry.account.as_ref() == Some(account))
}

/// SH-CREATE-020, SH-INVITE-007: a member that acts as an administrator is refused, entry by entry or as a whole.
pub(super) fn member_acts(batch: Branch, rule: RuleId, untouched: &[Effect]) -> Branches {
    let mut whole = Branch::new(Expect::Refused(refusals::MEMBER_CANNOT), &[rule]);
    whole.effects = untouched.to_vec();
    Branches::any_of(vec![batch.answering(answer(questions::MEMBER_CREATES, "unprocessed")), whole])
}

/// Whether a server that looks at addresses may have something against this one: what is none is not said.
fn is_odd(email: &str) -> bool {
    let Some((name, host)) = email.split_once('@') else { return true };
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte);
    let is_host = host.contains('.') && host.split('.').all(|label| !label.is_empty());
    !(1..=64).contains(&name.len()) || host.len() > 253 || !is_host || !name.bytes().chain(host.bytes()).all(fits)
}

/// The addresses given for an account. Which of several is kept, no source says.
fn emails_of<'a>(entries: &'a [AccountDetail], account: &AccountRef) -> Vec<Option<&'a String>> {
    let of_account = entries.iter().filter(|entry| entry.account.as_ref() == Some(account));
    let mut emails: Vec<_> = Vec::new();
    for email in of_account.map(|entry| entry.email.as_ref()) {
        if !emails.contains(&email) {
            emails.push(email);
        }
    }
    emails
}

fn email_of<'a>(entries: &'a [AccountDetail], account: &AccountRef) -> Option<&'a String> {
    entries.iter().find(|entry| entry.account.as_ref() == Some(account))?.email.as_ref()
}
