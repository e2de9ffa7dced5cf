//! The situation of one call, and how guards turn into branches.

use super::branch::{Alternative, BatchEntry, Branch, Branches, Expect, Refusal, Wording};
use super::effect::Effect;
use super::questions::{self, answer};
use super::state::{Invitation, Member, Organization, RegionState, Standing, State};
use crate::domain::{Account, AccountRef, InvitationRef, MemberStatus, QuestionId, Region, RuleId};

/// The situation of one call.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    /// All that is known.
    pub(super) whole: &'a State,
    /// The known state of the Region.
    pub(super) state: &'a RegionState,
    /// The account that calls.
    pub(super) caller: Account,
    /// The Region of the call.
    pub(super) region: Region,
    /// Rules that a faulty server doesn't apply.
    pub(super) ignoring: &'a [RuleId],
}

/// The guards of a call that refuse it.
#[derive(Default)]
pub(super) struct Guards {
    refusals: Vec<Branch>,
    /// The further refusals that a server may give where a guard refuses.
    besides: Vec<Branch>,
}

impl<'a> Context<'a> {
    pub(super) fn ignores(&self, rule: RuleId) -> bool {
        self.ignoring.contains(&rule)
    }

    /// Guards of a membership call: the first is that the hub is on.
    pub(super) fn membership(&self, hub_off: &[RuleId]) -> Guards {
        let mut guards = Guards::default();
        guards.refuse_if(self, !self.state.is_on(self.caller), hub_off, &super::refusals::HUB_OFF);
        guards
    }

    /// The management account of the caller's organization, and that organization.
    pub(super) fn organization(&self) -> Option<(Account, &'a Organization)> {
        self.whole.organization_of(self.caller)
    }

    /// The standing of an account of the caller's own organization; `None` for all others.
    pub(super) fn colleague(&self, account: Account) -> Option<Standing> {
        self.organization()?.1.accounts.get(&account).copied()
    }

    /// Whether the account has members, or has invited some: no source says what making it a member does then.
    pub(super) fn administers(&self, account: Account) -> bool {
        self.state.list(account).any(|(_, entry)| entry.doubt || entry.status.is_some())
            || self.state.designated_by(account).is_some()
    }

    /// Whether it is certain that the account has members of its own, so that it can't be one (SH-XX-005).
    pub(super) fn leads(&self, account: Account) -> bool {
        let enabled = |entry: &Member| entry.status == Some(MemberStatus::Enabled);
        self.state.designated_by(account).is_some()
            || self.state.list(account).any(|(one, entry)| enabled(entry) && !self.entry_in_doubt(account, one))
    }

    /// The administrator that the caller is an enabled member of.
    pub(super) fn own_administrator(&self) -> Option<Account> {
        self.state.administrator(self.caller)
    }

    /// Whether it is open which kind of member of the administrator the account is.
    pub(super) fn is_of_either_kind(&self, administrator: Account, member: Account) -> bool {
        self.state.members.get(&(administrator, member)).is_some_and(|entry| entry.either_kind)
    }

    /// Whether the account is an enabled member of an account other than the caller.
    pub(super) fn is_taken(&self, account: Account) -> bool {
        self.state.administrator(account).is_some_and(|administrator| administrator != self.caller)
    }

    /// Whether the list may have reached its quota with so many more: 1,000 members by invitation, and 5,000 at first
    /// with an organization (SH-CREATE-031).
    pub(super) fn may_be_full(&self, administrator: Account, more: usize) -> bool {
        let quota = if self.state.designated_by(administrator).is_some() { 5_000 } else { 1_000 };
        more > 0 && self.count(administrator, |entry| entry.status.is_some()) + more > quota
    }

    /// Whether there may be as many open invitations as there may (SH-INVITE-013).
    pub(super) fn may_have_invited_all(&self, administrator: Account, more: usize) -> bool {
        more > 0 && self.count(administrator, |entry| entry.status == Some(MemberStatus::Invited)) + more > 1_000
    }

    fn count(&self, administrator: Account, counts: impl Fn(&Member) -> bool) -> usize {
        self.state.list(administrator).filter(|(_, entry)| entry.doubt || counts(entry)).count()
    }

    /// Whether the id given is the invitation's; `None` where only a read could tell.
    pub(super) fn is_its_id(&self, held: &Invitation, given: Option<&InvitationRef>) -> Option<bool> {
        let Some(InvitationRef::Text(given)) = given else { return Some(false) };
        if let Some(id) = held.id.seen() {
            return Some(**id == **given);
        }
        if held.earlier_id.as_deref() == Some(given) {
            return None;
        }
        // An id that nothing has shown may have been learnt elsewhere, unless it is known to be another's, or nobody's.
        let is_its = |other: &Invitation| other.id.seen().is_some_and(|id| **id == **given);
        let is_anothers = self.state.invitations.values().any(is_its);
        let is_id = given.len() == 32 && given.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
        if is_id && !is_anothers && given != InvitationRef::UNKNOWN { None } else { Some(false) }
    }

    /// Whether the caller lists accounts that were its members once; no source says whether they count.
    pub(super) fn had_members(&self) -> bool {
        let former = |entry: &Member| matches!(entry.status, Some(MemberStatus::Removed | MemberStatus::Resigned));
        self.state.list(self.caller).any(|(_, entry)| former(entry))
    }

    /// Whether it is in doubt what the administrator's list says of the member, or whose member it is.
    pub(super) fn entry_in_doubt(&self, administrator: Account, member: Account) -> bool {
        let entry = self.state.members.get(&(administrator, member)).is_some_and(|entry| entry.doubt);
        entry || self.membership_in_doubt(member)
    }

    /// Whether it is in doubt whose member the account is.
    pub(super) fn membership_in_doubt(&self, account: Account) -> bool {
        self.state.administrators.get(&account).is_some_and(|held| held.doubt)
    }

    /// Whether it is in doubt what the invitee holds, or whose member it is.
    pub(super) fn invitation_in_doubt(&self, inviter: Account, invitee: Account) -> bool {
        let invitation = self.state.invitations.get(&(invitee, inviter)).is_some_and(|held| held.doubt);
        invitation || self.membership_in_doubt(invitee)
    }

    /// Whether the list has no such member, or may have none: one that shows as deleted may count as none.
    pub(super) fn may_be_unlisted(&self, administrator: Account, member: Account) -> bool {
        let entry = self.state.members.get(&(administrator, member));
        entry.is_none_or(|entry| entry.doubt || matches!(entry.status, None | Some(MemberStatus::Deleted)))
    }

    /// Whether the list had the member until it was deleted.
    pub(super) fn was_deleted(&self, administrator: Account, member: Account) -> bool {
        let entry = self.state.members.get(&(administrator, member));
        entry.is_some_and(|entry| entry.status.is_none() && super::rules::is_deletion(entry.because.0))
    }

    /// One entry for each distinct account of a batch, in the order of first mention.
    pub(super) fn entries(
        &self,
        accounts: impl IntoIterator<Item = AccountRef>,
        mut alternatives: impl FnMut(Slot<'_, 'a>, &AccountRef) -> Vec<Alternative>,
    ) -> Vec<BatchEntry> {
        let mut counted: Vec<(AccountRef, usize)> = Vec::new();
        for account in accounts {
            match counted.iter_mut().find(|(known, _)| *known == account) {
                Some((_, times)) => *times += 1,
                None => counted.push((account, 1)),
            }
        }
        counted
            .into_iter()
            .map(|(account, times)| {
                let slot = Slot { context: self, times };
                let alternatives = alternatives(slot, &account);
                BatchEntry { account, times, alternatives }
            })
            .collect()
    }
}

impl Guards {
    /// Adds a guard: where the condition holds, the call is refused, resting on these rules.
    pub(super) fn refuse_if(
        &mut self,
        context: &Context<'_>,
        condition: bool,
        rules: &[RuleId],
        refusal: &Refusal,
    ) {
        if condition && !rules.first().is_some_and(|rule| context.ignores(*rule)) {
            self.refusals.push(Branch::new(Expect::Refused(refusal.clone()), rules));
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.refusals.is_empty()
    }

    /// Whether this many guards refuse.
    pub(super) fn are(&self, count: usize) -> bool {
        self.refusals.len() == count
    }

    /// Where a guard refuses the call, this refusal may come in its place: by itself it need not come at all.
    pub(super) fn or_rather(&mut self, condition: bool, branch: impl FnOnce() -> Branch) {
        if condition && !self.refusals.is_empty() {
            self.besides.push(branch());
        }
    }

    /// The branches: any refusing guard may speak first, as the order of checks is unknown. `untouched` are the
    /// records that a refusal leaves alone; `doubts` says what is in doubt where a server lets the call through.
    pub(super) fn conclude(
        self,
        untouched: &[Effect],
        doubts: impl FnOnce() -> Vec<Effect>,
        pass: impl FnOnce() -> Vec<Branch>,
    ) -> Branches {
        if self.refusals.is_empty() {
            return Branches::any_of(pass());
        }
        let rules: Vec<RuleId> = self.refusals.iter().filter_map(|branch| branch.rules.first().copied()).collect();
        let all: Vec<RuleId> = self.refusals.iter().flat_map(|branch| branch.rules.iter().copied()).collect();
        let mut admissible = self.refusals;
        let off = [super::rules::MEMBERSHIP_WITHOUT_HUB, super::rules::OTHER_CALLS_WITHOUT_HUB];
        let is_off = admissible[0].rules.iter().any(|rule| off.contains(rule));
        let contested = admissible.len() > 1 && is_off;
        for (index, branch) in admissible.iter_mut().enumerate() {
            if contested {
                let first = if index == 0 { "hub-first" } else { "validation-first" };
                branch.answers.push(answer(questions::ORDER, first));
            }
        }
        for mut branch in self.besides {
            branch.answers.extend(is_off.then_some(answer(questions::ORDER, "validation-first")));
            admissible.push(branch);
        }
        for branch in &mut admissible {
            branch.effects.extend_from_slice(untouched);
        }
        let mut through = Branch::new(Expect::AnySuccess, &all);
        through.effects = doubts();
        through.ignored = rules;
        Branches { admissible, counterfactual: vec![through] }
    }
}

/// One account of a batch, about to be given its alternatives.
pub(super) struct Slot<'c, 'a> {
    pub(super) context: &'c Context<'a>,
    times: usize,
}

impl Slot<'_, '_> {
    fn alternative(
        &self,
        unprocessed: (usize, usize),
        text: Wording,
        rules: &[RuleId],
        effects: Vec<Effect>,
    ) -> Alternative {
        Alternative { unprocessed, text, effects, rules: rules.to_vec(), answers: Vec::new(), ignored: None }
    }

    /// Processed, with this effect. Repeats of the account in the request may be reported (Q04).
    pub(super) fn processed(&self, rules: &[RuleId], text: Wording, effects: Vec<Effect>) -> Vec<Alternative> {
        let mut silent = self.alternative((0, 0), text, rules, effects);
        if self.times == 1 {
            return vec![silent];
        }
        silent.answers.push(answer(questions::DUPLICATE, "silent"));
        let mut reported = silent.clone();
        reported.unprocessed = (1, self.times - 1);
        reported.answers = vec![answer(questions::DUPLICATE, "unprocessed")];
        vec![silent, reported]
    }

    /// Reported as unprocessed, as one of several things that may be; nothing changes.
    pub(super) fn reported(&self, rules: &[RuleId], text: Wording) -> Vec<Alternative> {
        vec![self.alternative((1, self.times), text, rules, Vec::new())]
    }

    /// Reported as unprocessed; nothing changes. A server that ignores the rule processes it: `doubt` says what of
    /// the caller and the account is then in doubt.
    pub(super) fn refused(
        &self,
        rules: &[RuleId],
        text: Wording,
        account: &AccountRef,
        doubt: fn(Account, Account) -> Effect,
    ) -> Vec<Alternative> {
        let pair = account.account().map(|member| (self.context.caller, member));
        let untouched = pair.map(|(administrator, member)| Effect::Affirm(administrator, member));
        // What takes in an id that is none can't be named any more.
        let through = pair.map_or(Effect::Lose, |(administrator, member)| doubt(administrator, member));
        self.refused_or(rules, text, untouched, through)
    }

    /// As [`Slot::refused`], where the caller is the invitee.
    pub(super) fn refused_by_invitee(
        &self,
        rules: &[RuleId],
        text: Wording,
        pair: (Account, Account),
    ) -> Vec<Alternative> {
        self.refused_or(rules, text, Some(Effect::Affirm(pair.0, pair.1)), Effect::Doubt(pair.0, pair.1))
    }

    fn refused_or(
        &self,
        rules: &[RuleId],
        text: Wording,
        untouched: Option<Effect>,
        through: Effect,
    ) -> Vec<Alternative> {
        let stays = self.alternative((1, self.times), text, rules, untouched.into_iter().collect());
        let mut through = self.alternative((0, 0), text, rules, vec![through]);
        through.ignored = rules.first().copied();
        vec![stays, through]
    }

    /// Reported as beyond what one request may hold; nothing changes.
    pub(super) fn surplus(&self, rule: RuleId, untouched: Option<Effect>) -> Vec<Alternative> {
        let text = super::refusals::reasons::TOO_MANY;
        vec![self.alternative((1, self.times), text, &[rule], untouched.into_iter().collect())]
    }

    /// Reported as one more than a quota allows; nothing changes.
    pub(super) fn over_quota(&self, rule: RuleId, account: &AccountRef) -> Alternative {
        let untouched = account.account().map(|member| Effect::Affirm(self.context.caller, member));
        let text = super::refusals::reasons::QUOTA;
        self.alternative((1, self.times), text, &[rule], untouched.into_iter().collect())
    }

    /// One of several answers to an open question.
    pub(super) fn open(
        &self,
        question: QuestionId,
        answers: Vec<(&'static str, Vec<Alternative>)>,
    ) -> Vec<Alternative> {
        let tag = |(name, alternatives): (&'static str, Vec<Alternative>)| {
            alternatives.into_iter().filter(|alternative| alternative.ignored.is_none()).map(
                move |mut alternative| {
                    alternative.answers.push(answer(question, name));
                    alternative
                },
            )
        };
        answers.into_iter().flat_map(tag).collect()
    }

    /// The effect on the pair is unknown: that stays in doubt.
    pub(super) fn anything(&self, rule: RuleId, doubt: Effect) -> Vec<Alternative> {
        let doubt = vec![doubt];
        vec![self.alternative((0, self.times), super::refusals::reasons::INVALID, &[rule], doubt)]
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Observer, rules};

    /// Whether the account has put others on its list, or may have, and whether it is certain that one is its member.
    fn administration(effects: &[Effect]) -> (bool, bool) {
        let mut whole = State::default();
        for effect in effects {
            whole.apply(Region(0), effect, rules::CREATE_NEW, &mut Observer);
        }
        let (state, caller) = (whole.region(Region(0)), Account(1));
        let context = Context { whole: &whole, state, caller, region: Region(0), ignoring: &[] };
        (context.administers(caller), context.leads(caller))
    }

    #[test]
    fn an_account_leads_where_an_entry_of_its_list_is_certainly_enabled() {
        let [own, first, second] = [Account(1), Account(2), Account(3)];
        let create = |member| Effect::Create(own, member, None);
        let accept = |member| Effect::Accept(own, member);
        let doubt = |member| Effect::DoubtEntry(own, member);
        let delete = |member| Effect::Delete(own, member);
        assert_eq!(administration(&[]), (false, false));
        assert_eq!(administration(&[create(first)]), (true, false));
        assert_eq!(administration(&[create(first), delete(first)]), (false, false));
        assert_eq!(administration(&[create(first), accept(first)]), (true, true));
        assert_eq!(administration(&[create(first), accept(first), doubt(first)]), (true, false));
        assert_eq!(administration(&[create(first), accept(first), create(second), doubt(second)]), (true, true));
    }
}
