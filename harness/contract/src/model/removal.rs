//! Taking members off an administrator's list: disassociate, then delete.

use super::batch::{AccountBatch, SIZE, affirm, distinct, malformed, odd_list, refused_as_odd, without_list};
use super::branch::{Alternative, Branch, Branches, Expect};
use super::context::{Context, Slot};
use super::effect::Effect;
use super::questions::{self, answer};
use super::refusals::{self, reasons};
use super::rules;
use crate::domain::{Account, AccountRef, Input, MemberStatus, QuestionId, RuleId};

pub(super) fn delete(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let guards = context.membership(&[rules::DELETE_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    let batch = AccountBatch {
        context,
        accounts,
        rule: rules::DELETE_ODD_LIST,
        administrators: false,
        at_most_fifty: false,
    };
    batch.conclude(guards, &|slot, account| delete_one(slot, account), |account| {
        let unknown = account.account().is_none_or(|member| context.may_be_unlisted(context.caller, member));
        unknown.then_some((rules::DELETE_UNKNOWN, refusals::NOTHING_TO_DELETE))
    })
}

fn delete_one(slot: &Slot<'_, '_>, account: &AccountRef) -> Vec<Alternative> {
    let context = slot.context;
    let caller = context.caller;
    let AccountRef::Account(member) = *account else { return malformed(slot, rules::DELETE_UNKNOWN) };
    let gone_by =
        |rules: &[RuleId]| slot.processed(rules, reasons::NO_RESOURCE, vec![Effect::Delete(caller, member)]);
    let gone = |rule| gone_by(&[rule]);
    if context.entry_in_doubt(caller, member) {
        return slot.anything(rules::DELETE_UNKNOWN, Effect::DoubtDeleted(caller, member));
    }
    let entry = context.state.members.get(&(caller, member));
    // One that was a member by its organization and was invited since, or was listed when its organization got this
    // administrator, may count as an account of the organization (T50).
    let counts_as_colleague = || {
        let may_be = entry.is_some_and(|entry| entry.organization || entry.either_kind);
        if may_be { slot.reported(&[rules::DELETE_ORGANIZATION_MEMBER], reasons::COLLEAGUE) } else { Vec::new() }
    };
    match entry.and_then(|entry| entry.status) {
        Some(MemberStatus::Created) => [gone(rules::DELETE_CREATED), counts_as_colleague()].concat(),
        Some(MemberStatus::Invited) => [gone(rules::DELETE_INVITED), counts_as_colleague()].concat(),
        // Of an organization's enabled member it is as open as of one that was disassociated (T51, Q17).
        Some(MemberStatus::Enabled) if context.state.is_organization_member(member) => {
            let mut alternatives = slot.reported(&[rules::DELETE_ORGANIZATION_MEMBER], reasons::STILL_ASSOCIATED);
            alternatives.extend(slot.processed(
                &[rules::DELETE_ORGANIZATION_MEMBER],
                reasons::NO_RESOURCE,
                vec![Effect::Release(caller, member, None)],
            ));
            alternatives
        }
        Some(MemberStatus::Enabled) if !context.ignores(rules::DELETE_ENABLED) => {
            slot.refused(&[rules::DELETE_ENABLED], reasons::STILL_ASSOCIATED, account, Effect::Doubt)
        }
        Some(MemberStatus::Removed | MemberStatus::Resigned) if entry.is_some_and(|entry| entry.organization) => {
            slot.open(
                questions::DELETE_RELEASED,
                vec![
                    ("deleted", gone(rules::DELETE_ORGANIZATION_MEMBER)),
                    (
                        "unprocessed",
                        slot.refused(
                            &[rules::DELETE_ORGANIZATION_MEMBER],
                            reasons::COLLEAGUE,
                            account,
                            Effect::DoubtEntry,
                        ),
                    ),
                ],
            )
        }
        Some(MemberStatus::Removed) => gone_by(&[rules::DELETE_REMOVED, rules::DELETE_AFTER_DISASSOCIATION]),
        Some(MemberStatus::Resigned | MemberStatus::Enabled) => gone(rules::DELETE_REMOVED),
        Some(status @ (MemberStatus::Deleted | MemberStatus::AccountSuspended)) => {
            let rule = rules::DELETE_ORGANIZATION_MEMBER;
            let mut alternatives = gone(rule);
            alternatives.extend(slot.reported(&[rule], reasons::COLLEAGUE));
            if status == MemberStatus::Deleted {
                alternatives.extend(slot.processed(&[rule], reasons::NO_RESOURCE, affirm(caller, member)));
            }
            alternatives
        }
        None => slot.open(
            questions::DELETE_UNKNOWN,
            vec![
                ("silent", slot.processed(&[rules::DELETE_UNKNOWN], reasons::NO_RESOURCE, affirm(caller, member))),
                (
                    "unprocessed",
                    slot.refused(&[rules::DELETE_UNKNOWN], reasons::NO_RESOURCE, account, Effect::DoubtEntry),
                ),
            ],
        ),
    }
}

pub(super) fn disassociate(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Accounts(accounts) = input else { return Branches::default() };
    let mut guards = context.membership(&[rules::DISASSOCIATE_WITHOUT_HUB, rules::MEMBERSHIP_WITHOUT_HUB]);
    if accounts.is_none() {
        return without_list(guards, rules::DISASSOCIATE_MIXED_LIST, Expect::Done);
    }
    let caller = context.caller;
    let known = accounts.as_deref().unwrap_or_default();
    let named = || distinct(known).filter_map(AccountRef::account);
    let untouched: Vec<Effect> = named().map(|member| Effect::Affirm(caller, member)).collect();
    let doubts = || named().map(|member| Effect::Doubt(caller, member)).collect();
    if guards.is_empty() && named().any(|member| context.entry_in_doubt(caller, member)) {
        let mut branch = Branch::new(Expect::Anything, &[rules::DISASSOCIATE_MIXED_LIST]);
        branch.effects = doubts();
        return Branches::one(branch);
    }
    for question in odd_list(known) {
        guards.or_rather(true, || refused_as_odd(question, rules::DISASSOCIATE_TOO_MANY));
    }
    guards.conclude(&untouched, doubts, || {
        let of = |accounts: &[AccountRef]| {
            let mut leaving = Leaving::default();
            distinct(accounts).for_each(|account| leaving.add(context, account));
            leaving.branches(caller, known, &untouched)
        };
        let mut branches = of(known);
        if known.len() > SIZE {
            // What is beyond fifty may be passed over (SH-DISASSOC-010).
            branches.extend(of(&known[..SIZE]).into_iter().filter(|branch| matches!(branch.expect, Expect::Done)));
        }
        branches
    })
}

/// The effects of disassociating on the accounts named, by what they are.
#[derive(Default)]
struct Leaving {
    effects: Vec<Effect>,
    rule: Option<RuleId>,
    invited: Vec<Account>,
    /// Members by their organization: what they show afterwards is open.
    released: Vec<Account>,
    refused: Option<(RuleId, super::Refusal)>,
}

impl Leaving {
    fn add(&mut self, context: &Context<'_>, account: &AccountRef) {
        let caller = context.caller;
        let entry =
            account.account().and_then(|member| Some((member, context.state.members.get(&(caller, member))?)));
        let Some((member, entry, status)) = entry.and_then(|(member, entry)| Some((member, entry, entry.status?)))
        else {
            self.refused = Some((rules::DISASSOCIATE_UNKNOWN, refusals::NOTHING_TO_DISASSOCIATE));
            return;
        };
        match status {
            MemberStatus::Enabled if entry.organization || entry.either_kind => self.released.push(member),
            MemberStatus::Enabled => self.effects.push(Effect::Remove(caller, member)),
            MemberStatus::Invited => self.invited.push(member),
            MemberStatus::Created => {
                self.rule = Some(rules::DISASSOCIATE_CREATED);
                self.effects.push(Effect::Affirm(caller, member));
            }
            MemberStatus::Removed | MemberStatus::Resigned => {
                self.effects.push(Effect::Affirm(caller, member));
                self.refused.get_or_insert((rules::DISASSOCIATE_AGAIN, refusals::NOT_ASSOCIATED));
            }
            MemberStatus::Deleted => {
                self.effects.push(Effect::Affirm(caller, member));
                self.refused.get_or_insert((rules::DISASSOCIATE_AGAIN, refusals::NOT_ASSOCIATED));
            }
            MemberStatus::AccountSuspended => {
                self.effects.push(Effect::DoubtEntry(caller, member));
                self.refused.get_or_insert((rules::DISASSOCIATE_AGAIN, refusals::NOT_ASSOCIATED));
            }
        }
    }

    /// As there is no place to report single accounts, either all that fits is done and the rest passed over, or
    /// the whole request is refused (SH-DISASSOC-007).
    fn branches(self, caller: Account, accounts: &[AccountRef], untouched: &[Effect]) -> Vec<Branch> {
        let removes = self.effects.iter().any(|effect| matches!(effect, Effect::Remove(..)));
        let rule = match self.rule {
            _ if !self.released.is_empty() => rules::DISASSOCIATE_ORGANIZATION_MEMBER,
            _ if !self.invited.is_empty() && !removes => rules::DISASSOCIATE_INVITED,
            rule => rule.unwrap_or(rules::DISASSOCIATE_ENABLED),
        };
        let mut done = Branch::new(Expect::Done, &[rule]);
        done.effects = self.effects;
        let mut branches = vec![done];
        let affirm = |member| Effect::Affirm(caller, member);
        let remove = |member| Effect::Remove(caller, member);
        let question = questions::DISASSOCIATE_INVITED;
        fork(&mut branches, question, &self.invited, &[("unchanged", &affirm), ("removed", &remove)]);
        let release = |status| move |member| Effect::Release(caller, member, status);
        let removed = release(Some(MemberStatus::Removed));
        let deleted = release(Some(MemberStatus::Deleted));
        let absent = release(None);
        let shown: Fork<'_> = &[("removed", &removed), ("deleted", &deleted), ("absent", &absent)];
        fork(&mut branches, questions::AFTER_RELEASE, &self.released, shown);
        let mixed = self.refused.is_some() && distinct(accounts).count() > 1;
        if mixed {
            for branch in &mut branches {
                branch.answers.push(answer(questions::DISASSOCIATE_MIXED, "skipped"));
            }
        }
        let refused = |refusal, rules: &[RuleId]| {
            let mut branch = Branch::new(Expect::Refused(refusal), rules);
            branch.effects = untouched.to_vec();
            branch
        };
        if let Some((rule, refusal)) = self.refused {
            let refusal = if mixed { refusals::SOME_4XX } else { refusal };
            let mut branch = refused(refusal, &[rule, rules::DISASSOCIATE_MIXED_LIST]);
            if mixed {
                branch.answers.push(answer(questions::DISASSOCIATE_MIXED, "refused"));
            }
            branches.push(branch);
        }
        for question in odd_list(accounts) {
            let mut branch = refused_as_odd(question, rules::DISASSOCIATE_TOO_MANY);
            branch.effects = untouched.to_vec();
            branches.push(branch);
        }
        branches
    }
}

/// Answers to a question, each with what it does to an account.
type Fork<'f> = &'f [(&'static str, &'f dyn Fn(Account) -> Effect)];

/// Splits each branch by the answers to a question, where there are accounts that it is about.
fn fork(branches: &mut Vec<Branch>, question: QuestionId, accounts: &[Account], answers: Fork<'_>) {
    if accounts.is_empty() {
        return;
    }
    *branches = answers
        .iter()
        .flat_map(|(name, effect)| {
            branches.iter().map(|branch| {
                let mut branch = branch.clone().answering(answer(question, name));
                branch.effects.extend(accounts.iter().map(|member| effect(*member)));
                branch
            })
        })
        .collect();
}
