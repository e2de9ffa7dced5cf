//! Laws on batches: each account is dealt with by itself.

use super::{Law, LawCase};
use crate::alphabet::{call, enable, ids};
use passmuster_contract::domain::{
    Account, AccountDetail, AccountRef, Grade, Input, InvitationRef, Operation, Page, RuleId, Transition,
};
use passmuster_contract::model::rules;

const ADMINISTRATOR: Account = Account(1);
const INVITEE: Account = Account(2);
/// Accounts that are on no list.
const UNLISTED: [Account; 2] = [Account(2), Account(100)];

/// A state, and accounts in it that a batch may name.
pub(super) struct BatchSituation {
    name: &'static str,
    pub(super) caller: Account,
    pub(super) prepare: Vec<Transition>,
    batch: Vec<AccountRef>,
    /// One account more.
    further: AccountRef,
    pub(super) views: Vec<Transition>,
}

/// The cases that take few calls.
pub(super) fn plain() -> Vec<LawCase> {
    [cases(&listed(), &BY_ADMINISTRATOR), cases(&received(), &BY_INVITEE)].concat()
}

/// The cases of members that have accepted, or that were members once.
pub(super) fn elaborate() -> Vec<LawCase> {
    [
        cases(&mixed(), &BY_ADMINISTRATOR),
        cases(&departed(), &BY_ADMINISTRATOR),
        cases(&received_mixed(), &BY_INVITEE),
        cases(&received_departed(), &BY_INVITEE),
    ]
    .concat()
}

/// Each operation on several members, with the nearest rule on what it does.
const BY_ADMINISTRATOR: [(Operation, RuleId); 5] = [
    (Operation::CreateMembers, rules::CREATE_MIXED_BATCH),
    (Operation::InviteMembers, rules::INVITE_CREATED),
    (Operation::DeleteMembers, rules::DELETE_CREATED),
    (Operation::DisassociateMembers, rules::DISASSOCIATE_ENABLED),
    (Operation::GetMembers, rules::GET_PARTICULARS),
];

/// Each operation on the invitations of several administrators, likewise.
const BY_INVITEE: [(Operation, RuleId); 2] = [
    (Operation::DeclineInvitations, rules::DECLINE_RESIGNS),
    (Operation::DeleteInvitations, rules::DELETE_INVITATION_DECLINED),
];

fn cases(situation: &BatchSituation, operations: &[(Operation, RuleId)]) -> Vec<LawCase> {
    operations.iter().flat_map(|(operation, rule)| of_operation(situation, *operation, *rule)).collect()
}

fn of_operation(situation: &BatchSituation, operation: Operation, rule: RuleId) -> Vec<LawCase> {
    let all = &situation.batch;
    let case = |law: Law, left: &[&[AccountRef]], right: &[&[AccountRef]]| {
        let make = |batches: &[&[AccountRef]]| {
            batches.iter().map(|batch| call(situation.caller, operation, input(operation, batch))).collect()
        };
        LawCase {
            id: format!("laws/{operation}/{}/{}", law.name(), situation.name),
            law,
            rule,
            // No source says it of any batch; SH-CREATE-030 was seen with one sort of neighbour.
            grade: Grade::Inferred,
            prepare: situation.prepare.clone(),
            left: make(left),
            right: make(right),
            views: situation.views.clone(),
        }
    };
    let reversed: Vec<_> = all.iter().rev().cloned().collect();
    let twice = [all.as_slice(), all].concat();
    let (first, second) = all.split_at(all.len() / 2);
    let more = [std::slice::from_ref(&situation.further), all].concat();
    let mut cases = vec![
        case(Law::Permute, &[all], &[&reversed]),
        case(Law::Duplicate, &[all], &[&twice]),
        case(Law::Split, &[all], &[first, second]),
        case(Law::Neighbour, &[all], &[&more]),
    ];
    // It has no place to list what is unprocessed.
    if operation != Operation::DisassociateMembers {
        cases.push(case(Law::Partition, &[], &[all]));
    }
    cases
}

pub(super) fn input(operation: Operation, accounts: &[AccountRef]) -> Input {
    if operation == Operation::CreateMembers {
        let detail = |account: &AccountRef| AccountDetail { account: Some(account.clone()), email: None };
        return Input::Create(Some(accounts.iter().map(detail).collect()));
    }
    Input::Accounts(Some(accounts.to_vec()))
}

/// A list of Created accounts, made by one caller alone.
pub(super) fn listed() -> BatchSituation {
    let created = [Account(3), Account(4)];
    BatchSituation {
        name: "plain",
        caller: ADMINISTRATOR,
        prepare: vec![hub(ADMINISTRATOR), create(ADMINISTRATOR, &created)],
        batch: refs(&[UNLISTED[0], created[0], created[1]]),
        further: ADMINISTRATOR.into(),
        views: vec![list(ADMINISTRATOR)],
    }
}

/// A list with an account of each status; a batch that also names the caller, and an id that is none.
pub(super) fn mixed() -> BatchSituation {
    let [created, invited, enabled] = [Account(3), Account(4), Account(5)];
    let mut batch = refs(&[UNLISTED[0], created, invited, enabled, ADMINISTRATOR]);
    batch.push(AccountRef::Text("12345".to_owned()));
    let prepare = vec![
        hub(ADMINISTRATOR),
        hub(enabled),
        create(ADMINISTRATOR, &[created, invited, enabled]),
        invite(ADMINISTRATOR, &[invited, enabled]),
        invitations(enabled),
        accept(enabled, ADMINISTRATOR),
    ];
    BatchSituation {
        name: "mixed",
        caller: ADMINISTRATOR,
        prepare,
        batch,
        further: AccountRef::Text("1234567890123".to_owned()),
        views: vec![list(ADMINISTRATOR), administrator(enabled), invitations(enabled)],
    }
}

/// A list with a Removed and a Resigned account: what becomes of those is open in many ways (Q07, Q10), and no
/// answer may depend on the neighbours.
fn departed() -> BatchSituation {
    let [created, removed, resigned] = [Account(3), Account(5), Account(6)];
    let mut prepare = vec![
        hub(ADMINISTRATOR),
        create(ADMINISTRATOR, &[created, removed, resigned]),
        invite(ADMINISTRATOR, &[removed, resigned]),
    ];
    for member in [removed, resigned] {
        prepare.extend([hub(member), invitations(member), accept(member, ADMINISTRATOR)]);
    }
    prepare.push(call(ADMINISTRATOR, Operation::DisassociateMembers, ids(&[removed])));
    prepare.push(call(resigned, Operation::DisassociateFromAdministratorAccount, Input::Empty));
    let mut views = vec![list(ADMINISTRATOR)];
    for member in [removed, resigned] {
        views.extend([administrator(member), invitations(member)]);
    }
    BatchSituation {
        name: "departed",
        caller: ADMINISTRATOR,
        prepare,
        batch: refs(&[created, removed, resigned]),
        further: UNLISTED[1].into(),
        views,
    }
}

/// An invitation that was declined, and an open one.
pub(super) fn received() -> BatchSituation {
    let [declined, open, nobody] = [Account(1), Account(3), Account(4)];
    let mut prepare = vec![hub(INVITEE)];
    prepare.extend([declined, open].into_iter().flat_map(invites));
    prepare.push(call(INVITEE, Operation::DeclineInvitations, ids(&[declined])));
    BatchSituation {
        name: "plain",
        caller: INVITEE,
        prepare,
        batch: refs(&[declined, open, nobody]),
        further: INVITEE.into(),
        views: seen_by_invitee(&[declined, open]),
    }
}

/// The same with one that was accepted; a batch that also names the caller, and an id that is none.
fn received_mixed() -> BatchSituation {
    let [declined, open, nobody, accepted] = [Account(1), Account(3), Account(4), Account(5)];
    let mut prepare = vec![hub(INVITEE)];
    prepare.extend([declined, open, accepted].into_iter().flat_map(invites));
    prepare.extend([
        call(INVITEE, Operation::DeclineInvitations, ids(&[declined])),
        invitations(INVITEE),
        accept(INVITEE, accepted),
    ]);
    let mut batch = refs(&[declined, open, nobody, accepted, INVITEE]);
    batch.push(AccountRef::Text("12345".to_owned()));
    BatchSituation {
        name: "mixed",
        caller: INVITEE,
        prepare,
        batch,
        further: AccountRef::Text("1234567890123".to_owned()),
        views: seen_by_invitee(&[declined, open, accepted]),
    }
}

/// The invitation of an administrator that was left (N07, N08), and an open one.
pub(super) fn received_departed() -> BatchSituation {
    let [left, open] = [Account(1), Account(3)];
    let mut prepare = vec![hub(INVITEE)];
    prepare.extend([left, open].into_iter().flat_map(invites));
    prepare.extend([
        invitations(INVITEE),
        accept(INVITEE, left),
        call(INVITEE, Operation::DisassociateFromAdministratorAccount, Input::Empty),
    ]);
    BatchSituation {
        name: "departed",
        caller: INVITEE,
        prepare,
        batch: refs(&[left, open]),
        further: UNLISTED[1].into(),
        views: seen_by_invitee(&[left, open]),
    }
}

fn refs(accounts: &[Account]) -> Vec<AccountRef> {
    accounts.iter().copied().map(AccountRef::from).collect()
}

fn seen_by_invitee(inviters: &[Account]) -> Vec<Transition> {
    let count = call(INVITEE, Operation::GetInvitationsCount, Input::Empty);
    let mut views = vec![invitations(INVITEE), count, administrator(INVITEE)];
    views.extend(inviters.iter().map(|inviter| call(*inviter, Operation::GetMembers, ids(&[INVITEE]))));
    views
}

fn invites(inviter: Account) -> [Transition; 3] {
    [hub(inviter), create(inviter, &[INVITEE]), invite(inviter, &[INVITEE])]
}

pub(super) fn hub(account: Account) -> Transition {
    call(account, Operation::EnableSecurityHub, enable(None))
}

pub(super) fn create(administrator: Account, members: &[Account]) -> Transition {
    call(administrator, Operation::CreateMembers, input(Operation::CreateMembers, &refs(members)))
}

pub(super) fn invite(administrator: Account, members: &[Account]) -> Transition {
    call(administrator, Operation::InviteMembers, ids(members))
}

pub(super) fn accept(member: Account, inviter: Account) -> Transition {
    let invitation = Some(InvitationRef::Latest(inviter));
    let input = Input::Accept { administrator: Some(inviter.into()), invitation };
    call(member, Operation::AcceptAdministratorInvitation, input)
}

pub(super) fn list(caller: Account) -> Transition {
    let page = Page { only_associated: Some("false".to_owned()), ..Page::default() };
    call(caller, Operation::ListMembers, Input::Page(page))
}

pub(super) fn invitations(invitee: Account) -> Transition {
    call(invitee, Operation::ListInvitations, Input::Page(Page::default()))
}

pub(super) fn administrator(member: Account) -> Transition {
    call(member, Operation::GetAdministratorAccount, Input::Empty)
}
