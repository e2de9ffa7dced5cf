//! The shortest way to each rule: a breadth-first search of the model with a cast of three.
//!
//! A divergence names the rule it violates; the shortest scenario in which the model says that rule decides is the
//! first candidate for its smallest proof.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use crate::domain::{
    Account, AccountDetail, AccountRef, HubArn, Input, InvitationRef, Operation, Page, QuestionId, Region,
    Request, RuleId, Scenario, Timestamp, Transition,
};
use crate::model::{Branch, Expect, Learned, Mint, Presence, State, questions, step};

/// More states than these are not visited.
const MOST_STATES: usize = 6_000;

/// The shortest way to each pair of operation and rule.
#[derive(Debug, Default)]
pub struct Ways {
    shortest: BTreeMap<(Operation, RuleId), Vec<Transition>>,
}

/// A mint that gives each invitation an id of its own and lets no time pass.
struct Counter(u64);

impl Mint for Counter {
    fn invitation_id(&mut self) -> Learned<Arc<str>> {
        self.0 += 1;
        Learned::Is(format!("{:032x}", self.0).into())
    }
    fn now(&mut self) -> Learned<Timestamp> {
        Learned::Is(Timestamp(0))
    }
    fn answer(&self, question: QuestionId) -> Option<&'static str> {
        questions::ALL.iter().find(|(known, _)| *known == question)?.1.first().copied()
    }
}

impl Ways {
    /// The ways known, searched for once a process.
    #[must_use]
    pub fn get() -> &'static Self {
        static WAYS: std::sync::LazyLock<Ways> = std::sync::LazyLock::new(Ways::search);
        &WAYS
    }

    /// The shortest scenario whose last step is a call of the operation decided by the rule.
    #[must_use]
    pub fn to(&self, operation: Operation, rule: RuleId) -> Option<Scenario> {
        let transitions = self.shortest.get(&(operation, rule))?.clone();
        Some(Scenario { transitions })
    }

    /// The shortest scenario that exercises the rule by any operation.
    #[must_use]
    pub fn to_rule(&self, rule: RuleId) -> Option<Scenario> {
        let of_rule = self.shortest.iter().filter(|((_, known), _)| *known == rule);
        let transitions = of_rule.map(|(_, way)| way).min_by_key(|way| way.len())?.clone();
        Some(Scenario { transitions })
    }

    /// Every rule that some way leads to.
    pub fn rules(&self) -> impl Iterator<Item = RuleId> + '_ {
        self.shortest.keys().map(|(_, rule)| *rule)
    }

    fn search() -> Self {
        let alphabet = alphabet();
        let mut ways = Self::default();
        let mut visited: HashMap<State, ()> = HashMap::new();
        let mut queue: VecDeque<(State, Vec<Transition>)> = VecDeque::new();
        visited.insert(State::default(), ());
        queue.push_back((State::default(), Vec::new()));
        while let Some((state, way)) = queue.pop_front() {
            for transition in &alphabet {
                let bound = bind(&state, transition);
                let branches = step(&state, &bound);
                for branch in &branches.admissible {
                    for rule in rules_of(branch) {
                        ways.shortest.entry((transition.request.operation, rule)).or_insert_with(|| {
                            let mut way = way.clone();
                            way.push(transition.clone());
                            way
                        });
                    }
                }
                if !transition.request.operation.is_mutating() || visited.len() >= MOST_STATES {
                    continue;
                }
                for branch in &branches.admissible {
                    let next = after(&state, transition.region, branch);
                    if !next.lost && !visited.contains_key(&next) {
                        visited.insert(next.clone(), ());
                        let mut way = way.clone();
                        way.push(transition.clone());
                        queue.push_back((next, way));
                    }
                }
            }
        }
        ways
    }
}

fn bind(state: &State, transition: &Transition) -> Transition {
    let mut bound = transition.clone();
    if let Input::Accept { invitation: Some(invitation), .. } = &mut bound.request.input
        && let InvitationRef::Latest(inviter) = invitation
    {
        let held = state.region(transition.region).invitations.get(&(transition.caller, *inviter));
        let id = held.and_then(|held| held.id.seen()).map_or(InvitationRef::UNKNOWN, |id| id);
        *invitation = InvitationRef::Text(id.to_owned());
    }
    bound
}

fn after(state: &State, region: Region, branch: &Branch) -> State {
    let mut next = state.clone();
    // Ids only have to differ from one another; deriving them from the state keeps equal states equal.
    let mut mint = Counter(state.region(region).invitations.len() as u64);
    let rule = branch.rules.first().copied().unwrap_or(RuleId("-"));
    for effect in &branch.effects {
        next.apply(region, effect, rule, &mut mint);
    }
    if let Expect::Batch(entries) = &branch.expect {
        for entry in entries {
            if let Some(first) = entry.alternatives.first() {
                for effect in &first.effects {
                    next.apply(region, effect, first.rules[0], &mut mint);
                }
            }
        }
    }
    next
}

/// The rules that an answer as the branch expects would rest on.
fn rules_of(branch: &Branch) -> Vec<RuleId> {
    let mut rules = branch.rules.clone();
    match &branch.expect {
        Expect::Batch(entries) => {
            for alternative in entries.iter().flat_map(|entry| &entry.alternatives) {
                rules.extend(alternative.rules.iter().filter(|_| alternative.ignored.is_none()));
            }
        }
        Expect::Members(list) => {
            rules.push(list.rule);
            if !list.slots.is_empty() {
                rules.push(crate::model::rules::WIRE_005B);
                rules.push(crate::model::rules::WIRE_014);
                rules.push(crate::model::rules::WIRE_017);
            }
            for slot in &list.slots {
                rules.extend([slot.rule, slot.record.because.0]);
                if slot.record.invited && slot.presence == Presence::Must {
                    rules.push(crate::model::rules::INVITE_017);
                }
            }
        }
        Expect::Invitations(list) => {
            rules.push(list.rule);
            for slot in &list.slots {
                rules.extend([slot.rule, slot.record.because.0, crate::model::rules::WIRE_015]);
            }
        }
        Expect::Administrator(view) => rules.extend([view.rule, view.because]),
        Expect::Hub(_, hub) => rules.push(hub.because.0),
        Expect::Anything | Expect::AnySuccess | Expect::Refused(_) | Expect::Done | Expect::Count(..) => {}
    }
    rules
}

/// The calls that are tried in every state: by an administrator, a member, and a second administrator.
fn alphabet() -> Vec<Transition> {
    const A: Account = Account(1);
    const B: Account = Account(2);
    const C: Account = Account(3);
    let mut calls = Vec::new();
    let mut call = |caller: Account, operation: Operation, input: Input| {
        calls.push(Transition { caller, region: Region(0), request: Request { operation, input } });
    };
    let ids =
        |accounts: &[Account]| Input::Accounts(Some(accounts.iter().copied().map(AccountRef::from).collect()));
    let enable = |generator: Option<&str>| Input::Enable {
        standards: None,
        generator: generator.map(str::to_owned),
        tags: None,
    };
    let detail = |account: Account, email: Option<&str>| AccountDetail {
        account: Some(account.into()),
        email: email.map(str::to_owned),
    };
    let create = |details: Vec<AccountDetail>| Input::Create(Some(details));
    for caller in [A, B, C] {
        call(caller, Operation::EnableSecurityHub, enable(None));
    }
    for (inviter, member) in [(A, B), (C, B), (C, A), (B, C)] {
        call(inviter, Operation::CreateMembers, create(vec![detail(member, None)]));
        call(inviter, Operation::InviteMembers, ids(&[member]));
        let accept =
            |invitation| Input::Accept { administrator: Some(inviter.into()), invitation: Some(invitation) };
        call(member, Operation::AcceptAdministratorInvitation, accept(InvitationRef::Latest(inviter)));
        call(member, Operation::AcceptInvitation, accept(InvitationRef::Latest(inviter)));
        call(member, Operation::DeclineInvitations, ids(&[inviter]));
        call(member, Operation::DeleteInvitations, ids(&[inviter]));
        call(inviter, Operation::DisassociateMembers, ids(&[member]));
        call(inviter, Operation::DeleteMembers, ids(&[member]));
        call(inviter, Operation::GetMembers, ids(&[member]));
    }
    for caller in [A, B] {
        call(caller, Operation::DisableSecurityHub, Input::Empty);
        for operation in [
            Operation::GetAdministratorAccount,
            Operation::GetMasterAccount,
            Operation::GetInvitationsCount,
            Operation::DisassociateFromAdministratorAccount,
            Operation::DisassociateFromMasterAccount,
        ] {
            call(caller, operation, Input::Empty);
        }
        call(caller, Operation::ListInvitations, Input::Page(Page::default()));
        call(caller, Operation::DescribeHub, Input::Describe(None));
        let generator = Some("STANDARD_CONTROL".to_owned());
        let configure = Input::Configure { auto_enable_controls: None, generator };
        call(caller, Operation::UpdateSecurityHubConfiguration, configure);
    }
    oddities(A, B, &mut call);
    calls
}

/// Arguments that break a constraint or ask for something special.
fn oddities(a: Account, b: Account, call: &mut impl FnMut(Account, Operation, Input)) {
    let page = |only: Option<&str>, size: Option<i64>| {
        Input::Page(Page { only_associated: only.map(str::to_owned), max_results: size, next_token: None })
    };
    for only in [None, Some("true"), Some("false"), Some("maybe")] {
        call(a, Operation::ListMembers, page(only, None));
    }
    call(a, Operation::ListMembers, page(None, Some(0)));
    call(a, Operation::ListInvitations, page(None, Some(51)));
    call(a, Operation::DescribeHub, Input::Describe(Some(HubArn::Of(a, Region(0)))));
    call(a, Operation::DescribeHub, Input::Describe(Some(HubArn::Of(b, Region(0)))));
    let generator = Some("OTHER".to_owned());
    call(a, Operation::EnableSecurityHub, Input::Enable { standards: None, generator, tags: None });
    let tags = Some(BTreeMap::new());
    call(a, Operation::EnableSecurityHub, Input::Enable { standards: None, generator: None, tags });
    let detail = |account: Option<Account>, email: Option<&str>| AccountDetail {
        account: account.map(AccountRef::from),
        email: email.map(str::to_owned),
    };
    let many: Vec<_> = (0..51).map(|number| detail(Some(Account(100 + number)), None)).collect();
    for details in [
        None,
        Some(Vec::new()),
        Some(vec![detail(None, None)]),
        Some(vec![detail(Some(b), Some(" "))]),
        Some(vec![detail(Some(b), Some("b@example.com"))]),
        Some(vec![detail(Some(a), None)]),
        Some(many),
    ] {
        call(a, Operation::CreateMembers, Input::Create(details));
    }
    call(a, Operation::GetMembers, Input::Accounts(None));
    for invitation in [Some(InvitationRef::Unknown), Some(InvitationRef::Text(String::new())), None] {
        let accept = Input::Accept { administrator: Some(a.into()), invitation };
        call(b, Operation::AcceptAdministratorInvitation, accept);
    }
}

#[cfg(test)]
mod tests {
    use super::Ways;
    use crate::domain::Operation;
    use crate::model::rules;

    #[test]
    fn the_shortest_way_to_an_already_enabled_hub_is_two_calls() {
        let way = Ways::get().to(Operation::EnableSecurityHub, rules::ENABLE_002);
        assert_eq!(way.map(|way| way.transitions.len()), Some(2));
    }

    #[test]
    fn the_shortest_way_to_the_refusal_of_a_second_administrator_is_known() {
        let way = Ways::get().to(Operation::AcceptAdministratorInvitation, rules::ACCEPT_008);
        // Three hubs, two entries, two invitations, one accept, and the refused one.
        assert_eq!(way.map(|way| way.transitions.len()), Some(9));
    }
}
