//! A refused request changes nothing. Whether it is refused is no matter of the law.

use super::batches::{
    BatchSituation, administrator, create, hub, input, listed, mixed, received, received_departed,
};
use super::{Law, LawCase};
use crate::alphabet::{call, detail, ids};
use passmuster_contract::domain::{
    Account, AccountDetail, AccountRef, Grade, Input, InvitationRef, Operation, RuleId, Transition,
};
use passmuster_contract::model::rules;

const ADMINISTRATOR: Account = Account(1);
const UNLISTED: Account = Account(2);
const CREATED: Account = Account(3);
const ENABLED: Account = Account(5);

pub(super) fn all() -> Vec<LawCase> {
    [malformed(), on_a_list(), among_members(), by_an_invitee(), after_leaving()].concat()
}

fn cases(situation: &BatchSituation, calls: Vec<(&str, RuleId, Transition)>) -> Vec<LawCase> {
    let case = |(name, rule, transition): (&str, RuleId, Transition)| {
        let caller = transition.caller;
        let mut views = situation.views.clone();
        views.push(call(caller, Operation::DescribeHub, Input::Describe(None)));
        LawCase {
            id: format!("laws/{}/{}/{name}", transition.request.operation, Law::Refusal.name()),
            law: Law::Refusal,
            rule,
            grade: Grade::Inferred,
            prepare: situation.prepare.clone(),
            left: Vec::new(),
            right: vec![transition],
            views,
        }
    };
    calls.into_iter().map(case).collect()
}

/// Requests of which one entry is good and the whole is not.
fn malformed() -> Vec<LawCase> {
    let creates =
        |details: Vec<AccountDetail>| call(ADMINISTRATOR, Operation::CreateMembers, Input::Create(Some(details)));
    let good = || detail(Some(UNLISTED), None);
    let many: Vec<Account> = [UNLISTED].into_iter().chain((100..150).map(Account)).collect();
    let no_id = AccountDetail { account: Some(AccountRef::Text("12345".to_owned())), email: None };
    cases(
        &listed(),
        vec![
            ("empty", rules::CREATE_LIST_EMPTY, creates(Vec::new())),
            ("nameless", rules::CREATE_ID_MISSING, creates(vec![good(), detail(None, None)])),
            ("blank-email", rules::CREATE_BLANK_EMAIL, creates(vec![good(), detail(Some(Account(6)), Some(" "))])),
            (
                "odd-email",
                rules::CREATE_UNVERIFIED_EMAIL,
                creates(vec![good(), detail(Some(Account(6)), Some("x"))]),
            ),
            ("too-many", rules::CREATE_TOO_MANY, create(ADMINISTRATOR, &many)),
            ("no-id", rules::CREATE_MIXED_BATCH, creates(vec![good(), no_id])),
            ("repeated", rules::CREATE_MIXED_BATCH, creates(vec![good(), good()])),
        ],
    )
}

/// Requests that name an account of the list and one that is on none.
fn on_a_list() -> Vec<LawCase> {
    let both = |operation| call(ADMINISTRATOR, operation, ids(&[CREATED, UNLISTED]));
    let leave = call(ADMINISTRATOR, Operation::DisassociateFromAdministratorAccount, Input::Empty);
    cases(
        &listed(),
        vec![
            ("unlisted", rules::INVITE_UNCREATED, both(Operation::InviteMembers)),
            ("unlisted", rules::DELETE_CREATED, both(Operation::DeleteMembers)),
            ("again", rules::ENABLE_TWICE, hub(ADMINISTRATOR)),
            ("no-administrator", rules::LEAVE_WITHOUT_ADMINISTRATOR, leave),
        ],
    )
}

/// Requests that members and their administrators may not make.
fn among_members() -> Vec<LawCase> {
    let both = [ENABLED, UNLISTED].map(AccountRef::from);
    let disassociate = input(Operation::DisassociateMembers, &both);
    let disable = |account| call(account, Operation::DisableSecurityHub, Input::Empty);
    cases(
        &mixed(),
        vec![
            (
                "unlisted",
                rules::DISASSOCIATE_ENABLED,
                call(ADMINISTRATOR, Operation::DisassociateMembers, disassociate),
            ),
            ("administrator", rules::DISABLE_AS_ADMINISTRATOR, disable(ADMINISTRATOR)),
            ("member", rules::DISABLE_AS_INVITATION_MEMBER, disable(ENABLED)),
            ("member", rules::CREATE_AS_MEMBER, create(ENABLED, &[UNLISTED])),
        ],
    )
}

/// Requests of an account that is invited.
fn by_an_invitee() -> Vec<LawCase> {
    let situation = received();
    let [open, nobody] = [Account(3), Account(4)];
    let accepts = |from: Account| {
        let input = Input::Accept { administrator: Some(from.into()), invitation: Some(InvitationRef::Unknown) };
        call(situation.caller, Operation::AcceptAdministratorInvitation, input)
    };
    let both = |operation| call(situation.caller, operation, ids(&[open, nobody]));
    let mut cases = cases(
        &situation,
        vec![
            ("unknown-id", rules::ACCEPT_WRONG_ID, accepts(open)),
            ("nobody", rules::ACCEPT_UNKNOWN, accepts(nobody)),
            ("nobody", rules::DECLINE_RESIGNS, both(Operation::DeclineInvitations)),
            ("nobody", rules::DELETE_INVITATION_DECLINED, both(Operation::DeleteInvitations)),
        ],
    );
    for case in &mut cases {
        case.views.push(administrator(situation.caller));
    }
    cases
}

/// Requests of an account that has left its administrator: how the invitation is shown then is open (N05).
fn after_leaving() -> Vec<LawCase> {
    let situation = received_departed();
    let administrator = Some(ADMINISTRATOR.into());
    let input = Input::Accept { administrator, invitation: Some(InvitationRef::Unknown) };
    let accept = call(situation.caller, Operation::AcceptAdministratorInvitation, input);
    cases(&situation, vec![("left", rules::ACCEPT_WRONG_ID, accept)])
}
