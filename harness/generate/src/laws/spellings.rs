//! The deprecated name of an operation does what the current one does.

use super::batches::{accept, administrator, create, hub, invitations, invite, list};
use super::{Law, LawCase};
use crate::alphabet::call;
use passmuster_contract::domain::{Account, Grade, Input, InvitationRef, Operation, RuleId, Transition};
use passmuster_contract::model::rules;

const ADMINISTRATOR: Account = Account(1);
const MEMBER: Account = Account(2);

/// The current name and the deprecated one, with the rule on both and how firmly that says they are the same.
struct SpellingPair {
    current: Operation,
    deprecated: Operation,
    rule: RuleId,
    grade: Grade,
}

const ACCEPT: SpellingPair = SpellingPair {
    current: Operation::AcceptAdministratorInvitation,
    deprecated: Operation::AcceptInvitation,
    rule: rules::ACCEPT_OLD_NAME,
    grade: Grade::Documented,
};
const LEAVE: SpellingPair = SpellingPair {
    current: Operation::DisassociateFromAdministratorAccount,
    deprecated: Operation::DisassociateFromMasterAccount,
    rule: rules::LEAVE_ENDS_MEMBERSHIP,
    grade: Grade::Inferred,
};
const GET: SpellingPair = SpellingPair {
    current: Operation::GetAdministratorAccount,
    deprecated: Operation::GetMasterAccount,
    rule: rules::ADMINISTRATOR_SHOWN,
    grade: Grade::Inferred,
};

pub(super) fn all() -> Vec<LawCase> {
    let alone = vec![hub(MEMBER)];
    let invited = vec![
        hub(ADMINISTRATOR),
        hub(MEMBER),
        create(ADMINISTRATOR, &[MEMBER]),
        invite(ADMINISTRATOR, &[MEMBER]),
        invitations(MEMBER),
    ];
    let then = |rest: &[Transition]| [&invited[..], rest].concat();
    let member = then(&[accept(MEMBER, ADMINISTRATOR)]);
    let left = then(&[accept(MEMBER, ADMINISTRATOR), by_member(LEAVE.current, &Input::Empty)]);
    let accepts =
        |invitation| Input::Accept { administrator: Some(ADMINISTRATOR.into()), invitation: Some(invitation) };
    let latest = accepts(InvitationRef::Latest(ADMINISTRATOR));
    let unknown = accepts(InvitationRef::Unknown);
    vec![
        ACCEPT.case("invited", invited.clone(), &latest),
        ACCEPT.case("unknown-id", invited, &unknown),
        ACCEPT.case("again", member.clone(), &latest),
        ACCEPT.case("left", left.clone(), &latest),
        LEAVE.case("member", member.clone(), &Input::Empty),
        LEAVE.case("alone", alone.clone(), &Input::Empty),
        GET.case("member", member, &Input::Empty),
        GET.case("left", left, &Input::Empty),
        GET.case("alone", alone, &Input::Empty),
    ]
}

impl SpellingPair {
    fn case(&self, name: &str, prepare: Vec<Transition>, input: &Input) -> LawCase {
        let alone = prepare.iter().all(|transition| transition.caller == MEMBER);
        let mut views = vec![administrator(MEMBER), invitations(MEMBER)];
        if !alone {
            views.push(list(ADMINISTRATOR));
        }
        LawCase {
            id: format!("laws/{}/{}/{name}", self.deprecated, Law::Spelling.name()),
            law: Law::Spelling,
            rule: self.rule,
            grade: self.grade,
            prepare,
            left: vec![by_member(self.current, input)],
            right: vec![by_member(self.deprecated, input)],
            views,
        }
    }
}

fn by_member(operation: Operation, input: &Input) -> Transition {
    call(MEMBER, operation, input.clone())
}
