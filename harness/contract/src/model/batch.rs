//! The common part of all calls on several accounts: odd lists of ids, and the alternatives of each account.

use super::branch::{Alternative, BatchEntry, Branch, Branches, Expect};
use super::context::{Context, Guards, Slot};
use super::effect::Effect;
use super::questions::{self, answer};
use super::refusals::{self, reasons};
use super::rules;
use crate::domain::{Account, AccountRef, QuestionId, RuleId};

/// The most accounts that one batch takes.
pub(super) const SIZE: usize = 50;

/// A batch of account ids with a result for each.
pub(super) struct AccountBatch<'c, 'a> {
    pub(super) context: &'c Context<'a>,
    pub(super) accounts: &'c Option<Vec<AccountRef>>,
    /// The rule on empty, long and repetitive lists.
    pub(super) rule: RuleId,
    /// The ids name administrators of the caller rather than its members.
    pub(super) administrators: bool,
    /// What is beyond fifty ids is surely left.
    pub(super) at_most_fifty: bool,
}

/// Gives one account of a batch its alternatives.
pub(super) type One<'f> = &'f dyn Fn(&Slot<'_, '_>, &AccountRef) -> Vec<Alternative>;

impl AccountBatch<'_, '_> {
    /// `refusal` says under which rule an account may have the whole request refused.
    pub(super) fn conclude(
        &self,
        mut guards: Guards,
        one: One<'_>,
        refusal: impl Fn(&AccountRef) -> Option<(RuleId, super::Refusal)>,
    ) -> Branches {
        let accounts = self.accounts.as_deref().unwrap_or_default();
        let named = || distinct(accounts).filter_map(AccountRef::account).map(|other| self.pair(other));
        let untouched: Vec<Effect> = named().map(|(first, second)| Effect::Affirm(first, second)).collect();
        let doubts = || named().map(|(first, second)| Effect::Doubt(first, second)).collect();
        if self.accounts.is_none() {
            return without_list(guards, self.rule, Expect::Batch(Vec::new()));
        }
        for question in odd_list(accounts) {
            guards.or_rather(true, || refused_as_odd(question, self.rule));
        }
        let mut beyond = None;
        let mut branches = guards.conclude(&untouched, doubts, || {
            let mut branches = self.processed(accounts, one);
            if self.at_most_fifty && accounts.len() > SIZE {
                beyond = Some(branches.remove(0));
            }
            let mut refused = |rule, refusal| {
                let mut branch = Branch::new(Expect::Refused(refusal), &[rule]);
                branch.effects.clone_from(&untouched);
                branches.push(branch);
            };
            if let Some((rule, form)) = distinct(accounts).find_map(&refusal) {
                refused(rule, form);
            }
            for question in odd_list(accounts) {
                let mut branch = refused_as_odd(question, self.rule);
                branch.effects.clone_from(&untouched);
                branches.push(branch);
            }
            branches
        });
        branches.counterfactual.extend(beyond.map(|mut all| {
            all.answers.clear();
            all.ignored = vec![rules::INVITE_FIFTY];
            all
        }));
        branches
    }

    /// The branches with a result for each account.
    fn processed(&self, accounts: &[AccountRef], one: One<'_>) -> Vec<Branch> {
        let slots = self.context.entries(accounts.iter().cloned(), |slot, account| one(&slot, account));
        let own = if odd_list(accounts).is_empty() { spoken(&slots) } else { Vec::new() };
        let rules = if own.is_empty() { vec![self.rule] } else { own };
        let all = Branch::new(Expect::Batch(slots), &rules);
        let Some((first, rest)) = accounts.split_at_checked(SIZE).filter(|(_, rest)| !rest.is_empty()) else {
            return vec![all];
        };
        let slots = self.context.entries(accounts.iter().cloned(), |slot, account| {
            if !first.contains(account) {
                let pair = account.account().map(|other| self.pair(other));
                return slot.surplus(self.rule, pair.map(|(first, second)| Effect::Affirm(first, second)));
            }
            let mut alternatives = one(&slot, account);
            if rest.contains(account) {
                // Processed or not, and then reported as surplus or as a repetition.
                let doubt = account.account().map_or(Effect::Lose, |other| {
                    let (first, second) = self.pair(other);
                    Effect::DoubtInvited(first, second)
                });
                alternatives = slot.anything(self.rule, doubt);
            }
            alternatives
        });
        let fifty =
            Branch::new(Expect::Batch(slots), &rules).answering(answer(questions::LONG_LIST, "unprocessed"));
        vec![all.answering(answer(questions::LONG_LIST, "accepted")), fifty]
    }

    /// The administrator and the member.
    fn pair(&self, other: Account) -> (Account, Account) {
        let caller = self.context.caller;
        if self.administrators { (other, caller) } else { (caller, other) }
    }
}

/// The rules of the account for which it is clearest that the request is not refused as a whole: the rule on odd lists
/// has nothing to say of one that is not odd.
pub(super) fn spoken(slots: &[BatchEntry]) -> Vec<RuleId> {
    let clearness = |slot: &&BatchEntry| {
        let preferred = slot.alternatives.first();
        preferred.map(|first| (first.unprocessed == (0, 0), first.answers.is_empty()))
    };
    let clearest = slots.iter().rev().max_by_key(clearness).and_then(|slot| slot.alternatives.first());
    clearest.map(|first| first.rules.clone()).unwrap_or_default()
}

/// The oddities of a list of ids, each as the question of what becomes of the whole request then.
pub(super) fn odd_list(accounts: &[AccountRef]) -> Vec<QuestionId> {
    let odd = [
        (accounts.is_empty(), questions::EMPTY_LIST),
        (accounts.len() > SIZE, questions::LONG_LIST),
        (repeats(accounts), questions::DUPLICATE),
        (accounts.iter().any(|account| account.account().is_none()), questions::MALFORMED_ID),
    ];
    odd.into_iter().filter_map(|(is, question)| is.then_some(question)).collect()
}

/// A call without the list that the API model requires: refused, or taken as one whose list is empty.
pub(super) fn without_list(mut guards: Guards, rule: RuleId, nothing: Expect) -> Branches {
    guards.or_rather(true, || refused_somehow(rule));
    guards.conclude(&[], Vec::new, || vec![refused_somehow(rule), Branch::new(nothing, &[rule])])
}

/// The whole request is refused for what is odd about its list.
pub(super) fn refused_as_odd(question: QuestionId, rule: RuleId) -> Branch {
    let long = question == questions::LONG_LIST || question == questions::GET_MANY;
    let refusal = if long { refusals::LONG_LIST } else { refusals::SOME_4XX };
    Branch::new(Expect::Refused(refusal), &[rule]).answering(answer(question, "refused"))
}

/// The whole request is refused, by what error no source tells.
pub(super) fn refused_somehow(rule: RuleId) -> Branch {
    Branch::new(Expect::Refused(refusals::SOME_4XX), &[rule])
}

/// The whole request is refused because a quota is reached.
pub(super) fn quota_refusal(rule: RuleId, untouched: &[Effect]) -> Branch {
    let mut branch = Branch::new(Expect::Refused(refusals::QUOTA), &[rule]);
    branch.effects = untouched.to_vec();
    branch
}

/// Q05: malformed ids are reported; a server that takes one in holds what this model can't name.
pub(super) fn malformed(slot: &Slot<'_, '_>, rule: RuleId) -> Vec<Alternative> {
    slot.refused(&[rule], reasons::INVALID, &AccountRef::Text(String::new()), Effect::Doubt)
}

pub(super) fn affirm(administrator: Account, member: Account) -> Vec<Effect> {
    vec![Effect::Affirm(administrator, member)]
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
