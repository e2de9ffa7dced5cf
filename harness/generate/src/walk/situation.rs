//! Situations, the abstract states of a call: as much of a state and a call as rules tell apart, and no more.
//!
//! | part | told apart |
//! | --- | --- |
//! | operation | each one, deprecated spellings too |
//! | arguments | plain; naming the caller itself; several accounts; each value of a filter or setting |
//! | caller | its hub (never on, off again, on); whose member it is (no account's, the target's, another's); what it is
//! in its organization; how much is on its list (nothing, entries, enabled members) |
//! | target | the same, for each account that is named; in a call that names none, what the read shows of each other
//! account |
//! | relation | what the caller's list says of the target, and the target's of the caller (never there, gone, deleted,
//! each status, by organization or not); invitations both ways (never, gone, each state) |
//! | the third account | whether it is the administrator of the caller or of the target |
//! | Region | whether the caller has a hub, a list or an administrator in another one |
//! | organization | whether it has a delegated administrator, here or elsewhere |
//! | outcome | what the model says first of the answer, and the rules that this rests on |
//!
//! Accounts are told apart by what they are, never by their names. How often something happened before is not told
//! apart, nor are timestamps, ids and settings that no rule looks at.

use super::facts::{EntryFact, Facts, Here, HubFact, InvitationFact, List, PairFacts, PlaceFact, Under};
use passmuster_contract::domain::{Account, Input, Operation, RuleId, Transition};
use passmuster_contract::model::{self, Answers, Branch, Branches, Expect, InvitationState, choose};

/// The part of an abstract state that can be read off a state and a call.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Circumstance {
    pub(super) operation: Operation,
    argument: Argument,
    caller: Party,
    others: Vec<Other>,
    elsewhere: Elsewhere,
    delegated: Delegated,
}

/// Whether the caller's organization has a delegated administrator.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Delegated {
    #[default]
    No,
    /// In this Region.
    Here,
    /// In another Region only.
    Elsewhere,
}

/// The kind of arguments that a call has.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Argument {
    /// The number of accounts that are named.
    accounts: usize,
    /// Whether the caller is among them.
    own: bool,
    /// A filter or settings, as they are written.
    words: String,
}

/// An account that takes part.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Party {
    hub: HubFact,
    under: Whose,
    place: PlaceFact,
    list: List,
}

/// Whose member an account is, seen from a call.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Whose {
    #[default]
    Nobodys,
    /// No account's since it left.
    Left,
    Callers,
    Targets,
    Anothers,
    Doubt,
}

/// Another account than the caller, and what is between the two.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Other {
    party: Party,
    /// The relation between the one of the two that acts as administrator in this call, and the other.
    ahead: PairFacts,
    /// The other way round: how much is on the list, and the invitation where it counts.
    back: (List, InvitationFact),
}

/// The caller's state in another Region.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Elsewhere {
    hub: bool,
    list: bool,
    under: bool,
}

/// The part of a call that does not depend on the state: who takes part, by places in the cast, and the arguments.
#[derive(Clone, Debug)]
pub(super) struct Shape {
    pub(super) operation: Operation,
    pub(super) parties: Parties,
    pub(super) argument: Argument,
}

/// Who takes part in a call, by places in the cast.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Parties {
    region: usize,
    caller: usize,
    pub(super) targets: Vec<usize>,
}

/// All that circumstances of calls with the same parties are made of. Where it is the same, so are they.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Scene {
    caller: Party,
    others: Vec<(Party, PairFacts, PairFacts)>,
    elsewhere: Elsewhere,
    delegated: Delegated,
}

impl Scene {
    pub(super) fn of(facts: &Facts, cast: usize, parties: &Parties) -> Option<Self> {
        let here = facts.regions.get(parties.region)?;
        let (caller, targets) = (parties.caller, &parties.targets);
        let seen = |other: usize| {
            (party(here, other, caller, targets), here.pairs[caller][other], here.pairs[other][caller])
        };
        let others = if targets.is_empty() {
            (0..cast).filter(|other| *other != caller).map(seen).collect()
        } else {
            targets.iter().copied().map(seen).collect()
        };
        let caller = party(here, caller, caller, targets);
        let elsewhere = Elsewhere::of(facts, parties);
        Some(Self { caller, others, elsewhere, delegated: Delegated::of(facts, parties) })
    }
}

impl Shape {
    /// The shape of a call; `None` where its caller is not in the cast.
    pub(super) fn of(transition: &Transition, cast: &[Account]) -> Option<Self> {
        let place = |account: Account| cast.iter().position(|known| *known == account);
        let caller = place(transition.caller)?;
        let request = &transition.request;
        let mut named = request.named_accounts();
        named.sort_unstable();
        named.dedup();
        let argument = Argument {
            accounts: named.len(),
            own: named.contains(&transition.caller),
            words: words(&request.input),
        };
        let others = named.iter().filter_map(|account| place(*account)).filter(|target| *target != caller);
        let targets = others.collect();
        let region = usize::from(transition.region.0);
        Some(Self { operation: request.operation, parties: Parties { region, caller, targets }, argument })
    }
}

impl Circumstance {
    /// Reads the circumstance off the facts.
    pub(super) fn of(facts: &Facts, cast: usize, shape: &Shape) -> Option<Self> {
        let here = facts.regions.get(shape.parties.region)?;
        let (caller, targets) = (shape.parties.caller, &shape.parties.targets);
        let own = party(here, caller, caller, targets).as_caller(shape.operation);
        let mut others: Vec<Other> =
            targets.iter().map(|target| other(shape.operation, here, caller, *target, targets)).collect();
        if targets.is_empty() {
            let beside = (0..cast).filter(|other| *other != caller);
            others.extend(beside.filter_map(|other| shown(shape.operation, here, caller, other)));
        }
        others.sort_unstable();
        let elsewhere = Elsewhere::of(facts, &shape.parties);
        let delegated = Delegated::of(facts, &shape.parties);
        let argument = shape.argument.clone();
        Some(Self { operation: shape.operation, argument, caller: own, others, elsewhere, delegated })
    }
}

impl Circumstance {
    /// Whether it is the other one, or may be where something is in doubt.
    pub(super) fn may_be(&self, other: &Self) -> bool {
        self.operation == other.operation
            && self.argument == other.argument
            && self.elsewhere == other.elsewhere
            && self.delegated == other.delegated
            && self.caller.may_be(&other.caller)
            && self.others.len() == other.others.len()
            && self.others.iter().zip(&other.others).all(|(one, other)| one.may_be(other))
    }
}

impl Other {
    fn may_be(&self, other: &Self) -> bool {
        let (ahead, planned) = (&self.ahead, &other.ahead);
        // Who deleted an entry that was in doubt can't be told once it isn't there.
        let gone = (ahead.entry, ahead.invitation, planned.entry)
            == (EntryFact::Gone, InvitationFact::Doubt, EntryFact::Deleted);
        self.party.may_be(&other.party)
            && (ahead.entry == EntryFact::Doubt || ahead.entry == planned.entry || gone)
            && (ahead.invitation == InvitationFact::Doubt || ahead.invitation == planned.invitation)
            && (self.back.0 == List::Doubt || self.back.0 == other.back.0)
            && (self.back.1 == InvitationFact::Doubt || self.back.1 == other.back.1)
    }
}

impl Party {
    /// The facts of a caller that count.
    fn as_caller(self, operation: Operation) -> Self {
        let short = self.in_short();
        let accepts = matches!(operation, Operation::AcceptAdministratorInvitation | Operation::AcceptInvitation);
        let leaves = matches!(
            operation,
            Operation::DisassociateFromAdministratorAccount | Operation::DisassociateFromMasterAccount
        );
        if accepts {
            Self { list: self.list, ..short }
        } else if leaves && self.hub == HubFact::On {
            Self { under: self.under, ..short }
        } else {
            short
        }
    }

    /// The facts of other Regions that count.
    fn in_short(self) -> Self {
        let under = if self.under == Whose::Left { Whose::Nobodys } else { self.under };
        Self { under, list: self.list.in_short(), ..self }
    }

    fn may_be(&self, other: &Self) -> bool {
        (self.hub, self.place) == (other.hub, other.place)
            && (self.under == Whose::Doubt || self.under == other.under)
            && (self.list == List::Doubt || self.list == other.list)
    }
}

impl Delegated {
    fn of(facts: &Facts, parties: &Parties) -> Self {
        let has = |here: &Here| here.own.iter().any(|own| own.place == PlaceFact::Delegate);
        let Some(here) = facts.regions.get(parties.region) else { return Self::No };
        match here.own[parties.caller].place {
            PlaceFact::Outside => Self::No,
            _ if has(here) => Self::Here,
            _ if facts.regions.iter().any(has) => Self::Elsewhere,
            _ => Self::No,
        }
    }
}

impl Elsewhere {
    fn of(facts: &Facts, parties: &Parties) -> Self {
        let mut elsewhere = Self::default();
        for (region, there) in facts.regions.iter().enumerate() {
            if region != parties.region {
                elsewhere.hub |= there.own[parties.caller].hub == HubFact::On;
                elsewhere.list |= there.list(parties.caller) > List::Empty;
                elsewhere.under |= !matches!(there.own[parties.caller].under, Under::Nobody | Under::Left);
            }
        }
        elsewhere
    }
}

/// The judgement of a call by the model.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct JudgedCall {
    /// The form of the preferred answer.
    kind: &'static str,
    /// The first rule of each admissible answer; for a batch, of each result of each account.
    pub(super) rules: Vec<RuleId>,
    /// Whether an observer can tell what the call does.
    pub(super) certain: bool,
    /// Whether the call does anything.
    pub(super) moves: bool,
}

impl JudgedCall {
    /// The judgement for an implementation that gives these answers.
    pub(super) fn of(branches: &Branches, answers: &Answers) -> Self {
        let kind = branches.admissible.first().map_or("nothing", kind);
        let mut rules: Vec<RuleId> =
            branches.admissible.iter().filter_map(|branch| branch.rules.first().copied()).collect();
        if let Some(Expect::Batch(entries)) = branches.admissible.first().map(|branch| &branch.expect) {
            for alternative in entries.iter().flat_map(|entry| &entry.alternatives) {
                rules.extend(alternative.rules.first());
            }
        }
        rules.sort_unstable();
        rules.dedup();
        let branch = choose::branch(branches, answers);
        let certain = kind != "anything" && branch.is_some_and(|branch| choose::is_certain(branch, answers));
        let moves = branch.is_some_and(|branch| !choose::effects(branch, answers).is_empty());
        Self { kind, rules, certain, moves }
    }
}

fn kind(branch: &Branch) -> &'static str {
    match &branch.expect {
        Expect::Anything => "anything",
        Expect::Refused(_) => "refused",
        Expect::Batch(entries) => {
            let left = |entry: &&model::BatchEntry| {
                entry.alternatives.first().is_some_and(|alternative| alternative.unprocessed.0 > 0)
            };
            match entries.iter().filter(left).count() {
                0 => "processed",
                left if left == entries.len() => "unprocessed",
                _ => "mixed",
            }
        }
        _ => "done",
    }
}

fn party(here: &Here, account: usize, caller: usize, targets: &[usize]) -> Party {
    let own = here.own[account];
    let under = match own.under {
        Under::Nobody => Whose::Nobodys,
        Under::Left => Whose::Left,
        Under::Doubt => Whose::Doubt,
        Under::Member(administrator) if usize::from(administrator) == caller => Whose::Callers,
        Under::Member(administrator) if targets.contains(&usize::from(administrator)) => Whose::Targets,
        Under::Member(_) => Whose::Anothers,
    };
    Party { hub: own.hub, under, place: own.place, list: here.list(account) }
}

/// The facts of a named account that count.
fn other(operation: Operation, here: &Here, caller: usize, target: usize, targets: &[usize]) -> Other {
    let as_member = matches!(
        operation,
        Operation::AcceptAdministratorInvitation
            | Operation::AcceptInvitation
            | Operation::DeclineInvitations
            | Operation::DeleteInvitations
    );
    let (above, below) = if as_member { (target, caller) } else { (caller, target) };
    let ahead = here.pairs[above][below];
    let party = party(here, target, caller, targets).in_short();
    let only_read = operation == Operation::GetMembers;
    let back = here.pairs[below][above];
    let held = match (operation, back.invitation) {
        // The sender may mean what it sent.
        (Operation::DeleteInvitations, fact)
        | (_, fact @ (InvitationFact::Doubt | InvitationFact::Is(InvitationState::Open))) => fact,
        _ => InvitationFact::Never,
    };
    if targets.len() > 1 || only_read {
        // The law that entries do not depend on each other is tried elsewhere: here their mixture counts.
        let under = Party { under: party.under, ..Party::default() };
        let invitation = if only_read { InvitationFact::Never } else { ahead.invitation };
        let held = if operation == Operation::DeleteInvitations { held } else { InvitationFact::Never };
        return Other { party: under, ahead: PairFacts { invitation, ..ahead }, back: (List::Empty, held) };
    }
    let back = (List::of(back.entry).in_short(), held);
    Other { party, ahead, back }
}

/// The facts of another account than the caller that a call which names no account can show, or change.
fn shown(operation: Operation, here: &Here, caller: usize, other: usize) -> Option<Other> {
    let (from, to) = (here.pairs[caller][other], here.pairs[other][caller]);
    let nothing = PairFacts::default();
    let mut party = Party::default();
    let (ahead, back) = match operation {
        Operation::ListMembers => (PairFacts { entry: from.entry, ..nothing }, List::Empty),
        Operation::ListInvitations | Operation::GetInvitationsCount => {
            (PairFacts { invitation: to.invitation, ..nothing }, List::Empty)
        }
        Operation::GetAdministratorAccount
        | Operation::GetMasterAccount
        | Operation::DisassociateFromAdministratorAccount
        | Operation::DisassociateFromMasterAccount => (PairFacts { entry: to.entry, ..nothing }, List::Empty),
        Operation::DisableSecurityHub => {
            (PairFacts { entry: from.entry, ..nothing }, List::of(to.entry).in_short())
        }
        Operation::ListOrganizationAdminAccounts | Operation::DisableAWSServiceAccess => {
            party.place = here.own[other].place;
            (nothing, List::Empty)
        }
        Operation::EnableSecurityHub
        | Operation::DescribeHub
        | Operation::CreateMembers
        | Operation::GetMembers
        | Operation::DeleteMembers
        | Operation::InviteMembers
        | Operation::DisassociateMembers
        | Operation::AcceptAdministratorInvitation
        | Operation::AcceptInvitation
        | Operation::DeclineInvitations
        | Operation::DeleteInvitations
        | Operation::EnableOrganizationAdminAccount
        | Operation::DisableOrganizationAdminAccount
        | Operation::DescribeOrganizationConfiguration
        | Operation::UpdateOrganizationConfiguration
        | Operation::GetEnabledStandards
        | Operation::BatchEnableStandards
        | Operation::BatchDisableStandards
        | Operation::BatchImportFindings
        | Operation::GetFindings
        | Operation::UpdateSecurityHubConfiguration
        | Operation::CreateOrganization
        | Operation::CreateAccount
        | Operation::EnableAWSServiceAccess
        | Operation::RemoveAccountFromOrganization
        | Operation::CloseAccount
        | Operation::ListAccounts
        | Operation::LeaveOrganization
        | Operation::RegisterDelegatedAdministrator
        | Operation::DeregisterDelegatedAdministrator
        | Operation::CreateFindingAggregator => return None,
    };
    Some(Other { party, ahead, back: (back, InvitationFact::Never) })
}

/// Filters and settings, as they are written.
fn words(input: &Input) -> String {
    match input {
        Input::Page(page) => page.only_associated.clone().unwrap_or_default(),
        Input::Enable { standards, generator, .. } => format!("{standards:?} {generator:?}"),
        Input::Configure { auto_enable_controls, generator } => format!("{auto_enable_controls:?} {generator:?}"),
        Input::Organize { auto_enable, standards, configuration } => {
            format!("{auto_enable:?} {standards:?} {configuration:?}")
        }
        Input::Describe(arn) => format!("{arn:?}"),
        Input::Standards(list) => format!("{list:?}"),
        _ => String::new(),
    }
}
