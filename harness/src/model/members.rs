//! The administrator's list of members: create, get, list, delete, disassociate.

use super::branch::{Alternative, Branch, Branches, Expect, MemberList, MemberSlot, Presence, Text};
use super::context::{Context, Guards, Slot};
use super::effect::Effect;
use super::questions::{self, answer};
use super::refusals::{self, reasons};
use super::rules;
use super::state::{Because, Learned, Member};
use crate::domain::{Account, AccountDetail, AccountRef, Input, MemberStatus, Page, QuestionId, RuleId};

/// The most accounts that one batch takes.
pub(super) const BATCH: usize = 50;

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
    let too_many = entries.len() > BATCH;
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
        Branch::new(Expect::Batch(slots), &[rules::CREATE_030])
    };
    if only_member {
        return member_acts(batch(Some(rules::CREATE_020)), rules::CREATE_020, &untouched);
    }
    let mut branches = guards.conclude(&untouched, doubts, || {
        let mut branches = vec![batch(None)];
        branches.extend(whole_request_refused(entries, &untouched));
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
        None if email.is_some() => as_new(&[rules::CREATE_002]),
        _ => as_new(&[rules::CREATE_001]),
    }
}

/// What other answers to open questions make of the whole request.
fn whole_request_refused(entries: &[AccountDetail], untouched: &[Effect]) -> Vec<Branch> {
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
    let (first, rest) = entries.split_at(BATCH);
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
                slots.push(slot(member, entry, Presence::Must, rules::GET_001));
            } else if let Some(member) = account.account() {
                let nothing = Member::new(Because::of(rules::GET_002));
                slots.push(slot(member, &nothing, Presence::Must, rules::GET_002));
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
            loose: accounts.len() > BATCH || repeats(accounts),
        };
        let mut branches = vec![Branch::new(Expect::Members(list), &[rules::GET_001])];
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
            let presence = if shown { Presence::Must } else { Presence::MustNot };
            slots.push(slot(member, entry, presence, rule));
        }
        let empty = slots.iter().all(|slot| slot.record.status.is_none() || slot.record.doubt);
        let list = MemberList {
            administrator: context.caller,
            slots,
            rule: if empty { rules::LIST_009 } else { rule },
            unknown: Vec::new(),
            page: page_size(page),
            complete: everything,
            loose: page.next_token.is_some(),
        };
        let mut branches = vec![Branch::new(Expect::Members(list), &[rule])];
        if empty || context.own_administrator().is_some() || context.membership_in_doubt(context.caller) {
            branches.push(Branch::new(Expect::Refused(refusals::NOT_AN_ADMINISTRATOR), &[rules::LIST_012]));
        }
        if page.next_token.is_some() {
            branches.push(bogus_token());
        }
        branches
    })
}

pub(super) fn delete(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let guards = context.membership(&[rules::DELETE_007, rules::XX_001]);
    let batch = Batch { context, accounts, rule: rules::DELETE_008, administrators: false };
    batch.conclude(guards, &|slot, account| delete_one(slot, account), |account| {
        let unknown = account.account().is_none_or(|member| context.may_be_unlisted(context.caller, member));
        unknown.then_some((rules::DELETE_005, refusals::NOTHING_TO_DELETE))
    })
}

fn delete_one(slot: &Slot<'_, '_>, account: &AccountRef) -> Vec<Alternative> {
    let context = slot.context;
    let caller = context.caller;
    let AccountRef::Account(member) = *account else { return malformed(slot, rules::DELETE_005) };
    let gone = |rule| slot.processed(&[rule], reasons::NO_RESOURCE, vec![Effect::Delete(caller, member)]);
    if context.entry_in_doubt(caller, member) {
        return slot.anything(rules::DELETE_005, Effect::DoubtDeleted(caller, member));
    }
    match context.state.status(caller, member) {
        Some(MemberStatus::Created) => gone(rules::DELETE_001),
        Some(MemberStatus::Invited) => gone(rules::DELETE_002),
        Some(MemberStatus::Enabled) if !context.ignores(rules::DELETE_004) => {
            slot.refused(&[rules::DELETE_004], reasons::STILL_ASSOCIATED, account, Effect::Doubt)
        }
        Some(MemberStatus::Removed | MemberStatus::Resigned | MemberStatus::Enabled) => gone(rules::DELETE_003),
        None => slot.open(
            questions::DELETE_UNKNOWN,
            vec![
                ("silent", slot.processed(&[rules::DELETE_005], reasons::NO_RESOURCE, affirm(caller, member))),
                (
                    "unprocessed",
                    slot.refused(&[rules::DELETE_005], reasons::NO_RESOURCE, account, Effect::DoubtEntry),
                ),
            ],
        ),
    }
}

pub(super) fn disassociate(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let guards = context.membership(&[rules::DISASSOC_009, rules::XX_001]);
    let caller = context.caller;
    let known = accounts.as_deref().unwrap_or_default();
    let named = || distinct(known).filter_map(AccountRef::account);
    let untouched: Vec<Effect> = named().map(|member| Effect::Affirm(caller, member)).collect();
    let doubts = || named().map(|member| Effect::Doubt(caller, member)).collect();
    if guards.is_empty() && named().any(|member| context.entry_in_doubt(caller, member)) {
        let mut branch = Branch::new(Expect::Anything, &[rules::DISASSOC_007]);
        branch.effects = doubts();
        return Branches::one(branch);
    }
    guards.conclude(&untouched, doubts, || {
        let mut refused = None;
        let mut rule = rules::DISASSOC_001;
        let mut effects = Vec::new();
        let mut invited = Vec::new();
        for account in distinct(known) {
            match account.account().and_then(|member| Some((member, context.state.status(caller, member)?))) {
                Some((member, MemberStatus::Enabled)) => effects.push(Effect::Remove(caller, member)),
                Some((member, MemberStatus::Invited)) => invited.push(member),
                Some((member, MemberStatus::Created)) => {
                    rule = rules::DISASSOC_003;
                    effects.push(Effect::Affirm(caller, member));
                }
                Some((member, MemberStatus::Removed | MemberStatus::Resigned)) => {
                    effects.push(Effect::Affirm(caller, member));
                    refused = refused.or(Some((rules::DISASSOC_006, refusals::NOT_ASSOCIATED)));
                }
                None => refused = Some((rules::DISASSOC_005, refusals::NOTHING_TO_DISASSOCIATE)),
            }
        }
        disassociated(known, rule, effects, &invited, caller, refused, &untouched)
    })
}

/// The outcomes of disassociating: as there is no place to report single accounts, either all that fits is done
/// and the rest passed over, or the whole request is refused (SH-DISASSOC-007).
fn disassociated(
    accounts: &[AccountRef],
    rule: RuleId,
    effects: Vec<Effect>,
    invited: &[Account],
    caller: Account,
    refused: Option<(RuleId, super::Refusal)>,
    untouched: &[Effect],
) -> Vec<Branch> {
    let rule = if invited.is_empty() || effects.iter().any(|effect| matches!(effect, Effect::Remove(..))) {
        rule
    } else {
        rules::DISASSOC_004
    };
    let done = |effect: fn(Account, Account) -> Effect| {
        let mut branch = Branch::new(Expect::Done, &[rule]);
        branch.effects.clone_from(&effects);
        branch.effects.extend(invited.iter().map(|member| effect(caller, *member)));
        branch
    };
    let mut branches = Vec::new();
    if invited.is_empty() {
        branches.push(done(Effect::Affirm));
    } else {
        branches.push(done(Effect::Affirm).answering(answer(questions::DISASSOCIATE_INVITED, "unchanged")));
        branches.push(done(Effect::Remove).answering(answer(questions::DISASSOCIATE_INVITED, "removed")));
    }
    let mixed = refused.is_some() && distinct(accounts).count() > 1;
    if mixed {
        for branch in &mut branches {
            branch.answers.push(answer(questions::DISASSOCIATE_MIXED, "skipped"));
        }
    }
    if let Some((rule, refusal)) = refused {
        let refusal = if mixed { refusals::SOME_4XX } else { refusal };
        let mut branch = Branch::new(Expect::Refused(refusal), &[rule, rules::DISASSOC_007]);
        branch.effects = untouched.to_vec();
        if mixed {
            branch.answers.push(answer(questions::DISASSOCIATE_MIXED, "refused"));
        }
        branches.push(branch);
    }
    for question in odd_list(accounts) {
        let mut branch = Branch::new(Expect::Refused(refusals::SOME_4XX), &[rules::DISASSOC_010]);
        branch.effects = untouched.to_vec();
        branches.push(branch.answering(answer(question, "refused")));
    }
    branches
}

/// A batch of account ids with a result for each.
pub(super) struct Batch<'c, 'a> {
    pub(super) context: &'c Context<'a>,
    pub(super) accounts: &'c Option<Vec<AccountRef>>,
    /// The rule on empty, long and repetitive lists.
    pub(super) rule: RuleId,
    /// The ids name administrators of the caller rather than its members.
    pub(super) administrators: bool,
}

/// Gives one account of a batch its alternatives.
pub(super) type One<'f> = &'f dyn Fn(&Slot<'_, '_>, &AccountRef) -> Vec<Alternative>;

impl Batch<'_, '_> {
    /// `refusal` says under which rule an account may have the whole request refused.
    pub(super) fn conclude(
        &self,
        guards: Guards,
        one: One<'_>,
        refusal: impl Fn(&AccountRef) -> Option<(RuleId, super::Refusal)>,
    ) -> Branches {
        let accounts = self.accounts.as_deref().unwrap_or_default();
        let caller = self.context.caller;
        let pair = |other| if self.administrators { (other, caller) } else { (caller, other) };
        let named = || distinct(accounts).filter_map(AccountRef::account).map(pair);
        let untouched: Vec<Effect> = named().map(|(first, second)| Effect::Affirm(first, second)).collect();
        let doubts = || named().map(|(first, second)| Effect::Doubt(first, second)).collect();
        guards.conclude(&untouched, doubts, || {
            let slots = self.context.entries(accounts.iter().cloned(), |slot, account| one(&slot, account));
            let mut branches = vec![Branch::new(Expect::Batch(slots), &[self.rule])];
            let mut refused = |rule, refusal| {
                let mut branch = Branch::new(Expect::Refused(refusal), &[rule]);
                branch.effects.clone_from(&untouched);
                branches.push(branch);
            };
            if let Some((rule, form)) = distinct(accounts).find_map(&refusal) {
                refused(rule, form);
            }
            for question in odd_list(accounts) {
                let mut branch = Branch::new(Expect::Refused(refusals::SOME_4XX), &[self.rule]);
                branch.effects.clone_from(&untouched);
                branches.push(branch.answering(answer(question, "refused")));
            }
            branches
        })
    }
}

/// SH-CREATE-020, SH-INVITE-007: a member that acts as an administrator is refused, entry by entry or as a whole.
pub(super) fn member_acts(batch: Branch, rule: RuleId, untouched: &[Effect]) -> Branches {
    let mut whole = Branch::new(Expect::Refused(refusals::MEMBER_CANNOT), &[rule]);
    whole.effects = untouched.to_vec();
    Branches::any_of(vec![batch.answering(answer(questions::MEMBER_CREATES, "unprocessed")), whole])
}

/// What is odd about a list of ids, by the question on what then becomes of the whole request.
fn odd_list(accounts: &[AccountRef]) -> Vec<QuestionId> {
    let odd = [
        (accounts.is_empty(), questions::EMPTY_LIST),
        (accounts.len() > BATCH, questions::LONG_LIST),
        (repeats(accounts), questions::DUPLICATE),
        (accounts.iter().any(|account| account.account().is_none()), questions::MALFORMED_ID),
    ];
    odd.into_iter().filter_map(|(is, question)| is.then_some(question)).collect()
}

/// Q05: malformed ids are reported; a server that takes one in holds what this model can't name.
pub(super) fn malformed(slot: &Slot<'_, '_>, rule: RuleId) -> Vec<Alternative> {
    slot.refused(&[rule], reasons::INVALID, &AccountRef::Text(String::new()), Effect::Doubt)
}

pub(super) fn affirm(administrator: Account, member: Account) -> Vec<Effect> {
    vec![Effect::Affirm(administrator, member)]
}

fn email_of<'a>(entries: &'a [AccountDetail], account: &AccountRef) -> Option<&'a String> {
    entries.iter().find(|entry| entry.account.as_ref() == Some(account))?.email.as_ref()
}

pub(super) fn distinct(accounts: &[AccountRef]) -> impl Iterator<Item = &AccountRef> {
    accounts
        .iter()
        .enumerate()
        .filter(|(index, account)| !accounts[..*index].contains(account))
        .map(|(_, account)| account)
}

pub(super) fn repeats<'a>(accounts: impl IntoIterator<Item = &'a AccountRef>) -> bool {
    let mut seen = std::collections::BTreeSet::new();
    !accounts.into_iter().all(|account| seen.insert(account))
}

pub(super) fn page_size(page: &Page) -> usize {
    page.max_results.and_then(|size| usize::try_from(size).ok()).unwrap_or(usize::MAX)
}

pub(super) fn bogus_token() -> Branch {
    Branch::new(Expect::Refused(refusals::SOME_4XX), &[rules::LIST_006])
        .answering(answer(questions::BOGUS_TOKEN, "refused"))
}

fn slot(member: Account, entry: &Member, presence: Presence, rule: RuleId) -> MemberSlot {
    let presence = match presence {
        _ if entry.doubt => Presence::May,
        _ if entry.status.is_none() => Presence::MustNot,
        presence => presence,
    };
    let mut record = entry.clone();
    if entry.doubt {
        record.email = Learned::Unseen;
    }
    MemberSlot { member, presence, record, rule }
}
