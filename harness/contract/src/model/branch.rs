//! The expectation: every outcome the contract admits, and what ignoring one of its rules would look like.
//! It is data only: `step` fills it in, the oracle compares it with an answer.

use std::collections::{BTreeMap, BTreeSet};

use super::effect::Effect;
use super::state::{Because, Hub, Invitation, Learned, Member, Standards};
use crate::domain::{Account, AccountRef, Answer, ErrorKind, Grade, HubArn, Region, RuleId};

/// All that may follow a transition.
#[derive(Clone, Debug, Default)]
pub struct Branches {
    /// The branches that the contract admits: one where AWS's behaviour is known, one per admissible answer where not.
    pub admissible: Vec<Branch>,
    /// The branches that would follow if rules were ignored, fewest first.
    pub counterfactual: Vec<Branch>,
}

/// One outcome with what follows from it.
#[derive(Clone, Debug)]
pub struct Branch {
    /// The answer.
    pub expect: Expect,
    /// The changes of the state; each rests on the branch's first rule.
    pub effects: Vec<Effect>,
    /// The rules it rests on, the most telling first.
    pub rules: Vec<RuleId>,
    /// The answers to open questions that it embodies.
    pub answers: Vec<Answer>,
    /// The rules it ignores: empty for what the contract admits.
    pub ignored: Vec<RuleId>,
}

/// The answer of a branch.
#[derive(Clone, Debug)]
pub enum Expect {
    /// Any answer at all: the contract says nothing, or nothing is known any more.
    Anything,
    /// Any success.
    AnySuccess,
    /// Any refusal.
    AnyRefusal,
    /// A refusal of the whole request.
    Refused(Refusal),
    /// Success of an operation without output.
    Done,
    /// Success with a result for each account.
    Batch(Vec<BatchEntry>),
    /// `DescribeHub`
    Hub(HubArn, Hub),
    /// `GetMembers` and `ListMembers`
    Members(MemberList),
    /// `ListInvitations`
    Invitations(InvitationList),
    /// `GetInvitationsCount`: least and greatest
    Count(u64, u64),
    /// `GetAdministratorAccount` and `GetMasterAccount`
    Administrator(AdministratorView),
    /// `ListOrganizationAdminAccounts`
    AdminAccounts(AdminAccounts),
    /// `DescribeOrganizationConfiguration`
    Configuration(Configuration),
    /// `GetEnabledStandards`
    Standards(StandardsView),
    /// `BatchImportFindings`, with so many findings
    Imported(usize),
    /// `GetFindings`
    Findings(FindingsView),
    /// A call that sets the scenario up: success, or nothing can be said.
    Setup,
}

/// A refusal of the whole request.
#[derive(Clone, Debug)]
pub struct Refusal {
    /// The forms it may take, the preferred one first.
    pub forms: &'static [RefusalForm],
    /// The grade of the error's type, which may be less than that of the refusal itself.
    pub grade: Grade,
}

/// One form of an error answer.
#[derive(Clone, Debug)]
pub struct RefusalForm {
    /// The error's type.
    pub kind: ErrorKind,
    /// The text; `{account}` stands for the caller's id.
    pub text: Wording,
    /// The answer to an open question that this form embodies.
    pub answer: Option<Answer>,
}

/// The text of an error or of a per-account result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wording {
    /// Seen on AWS word for word, so that it can be compared.
    Observed(&'static str),
    /// Our best guess, never compared.
    Guess(&'static str),
}

impl Wording {
    /// The words.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Observed(words) | Self::Guess(words) => words,
        }
    }
}

/// One account of a batch, and what may become of it.
#[derive(Clone, Debug)]
pub struct BatchEntry {
    /// The account, or the text in its place.
    pub account: AccountRef,
    /// The number of times the request names it.
    pub times: usize,
    /// The alternatives, the preferred first; those that ignore a rule last.
    pub alternatives: Vec<Alternative>,
}

/// One thing that may become of an account of a batch.
#[derive(Clone, Debug)]
pub struct Alternative {
    /// The least and most times it may be listed in `UnprocessedAccounts`; `(0, 0)` is "processed".
    pub unprocessed: (usize, usize),
    /// The reason given.
    pub text: Wording,
    /// The changes of the state.
    pub effects: Vec<Effect>,
    /// The rules it rests on.
    pub rules: Vec<RuleId>,
    /// The answers to open questions that it embodies.
    pub answers: Vec<Answer>,
    /// The rule it ignores.
    pub ignored: Option<RuleId>,
}

/// The members that a read shows.
#[derive(Clone, Debug)]
pub struct MemberList {
    /// The administrator whose list it is.
    pub administrator: Account,
    /// The entries that may be asked for, by account.
    pub slots: Vec<MemberSlot>,
    /// The rule of the read itself.
    pub rule: RuleId,
    /// Accounts of the request that are on no list and may be reported as unprocessed.
    pub unknown: Vec<AccountRef>,
    /// At most so many entries a page.
    pub page: usize,
    /// Whether an entry that is not shown is not there, whatever its status.
    pub complete: bool,
    /// Nothing about the entries can be said: any of them may be missing, others may be there.
    pub loose: bool,
}

/// One entry of a read of members.
#[derive(Clone, Debug)]
pub struct MemberSlot {
    /// The member.
    pub member: Account,
    /// The certainty that it is shown.
    pub presence: Presence,
    /// The record, where it is shown.
    pub record: Member,
    /// The rule that says whether it is shown.
    pub rule: RuleId,
    /// Whether the account is surely an enabled member of another account (SH-XX-006).
    pub taken: bool,
}

/// The certainty that something is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Presence {
    /// It is.
    Must,
    /// Either way will do.
    May,
    /// It is not.
    MustNot,
}

/// The invitations that a read shows.
#[derive(Clone, Debug)]
pub struct InvitationList {
    /// The account that was invited.
    pub invitee: Account,
    /// The invitations there may be, by inviter.
    pub slots: Vec<InvitationSlot>,
    /// The rule of the read itself.
    pub rule: RuleId,
    /// At most so many entries a page.
    pub page: usize,
    /// Nothing about the entries can be said.
    pub loose: bool,
}

/// One entry of a read of invitations.
#[derive(Clone, Debug)]
pub struct InvitationSlot {
    /// The account that sent it.
    pub inviter: Account,
    /// The certainty that it is shown.
    pub presence: Presence,
    /// The words that may stand in `MemberStatus`; empty for any.
    pub statuses: &'static [&'static str],
    /// The record, where it is shown.
    pub record: Invitation,
    /// The rule that says whether and how it is shown.
    pub rule: RuleId,
    /// The answers embodied by its being shown, and by its not being shown.
    pub answers: Option<(Answer, Answer)>,
}

/// The administrator that a member is shown.
#[derive(Clone, Debug)]
pub struct AdministratorView {
    /// The member of the answer that shows it.
    pub name: &'static str,
    /// The member that asks.
    pub member: Account,
    /// Its administrator.
    pub administrator: Option<Account>,
    /// The invitation that the membership came from.
    pub invitation: Option<Invitation>,
    /// Whether it is a membership by the organization, which needs none.
    pub organization: bool,
    /// Accounts that have invited it, and may be shown as having done so while there is no administrator (N32); each
    /// with whether it surely has.
    pub pending: Vec<(Account, bool)>,
    /// Whether anything may be shown.
    pub loose: bool,
    /// The rule that made it so.
    pub because: Because,
    /// The rule of the read itself.
    pub rule: RuleId,
}

/// The account that is shown as delegated administrator.
#[derive(Clone, Debug, Default)]
pub struct AdminAccounts {
    /// The delegated administrator.
    pub administrator: Option<Account>,
    /// The one before, which may still be shown on its way out.
    pub leaving: Option<Account>,
    /// The rule that made it so.
    pub because: Option<RuleId>,
    /// Whether anything may be shown.
    pub loose: bool,
}

/// The settings of an organization.
#[derive(Clone, Debug)]
pub struct Configuration {
    /// `AutoEnable`
    pub auto_enable: Learned<bool>,
    /// `AutoEnableStandards`
    pub standards: Learned<String>,
    /// `ConfigurationType`
    pub configuration: Learned<String>,
    /// The rule that made it so.
    pub because: RuleId,
}

/// The standards that are shown as enabled.
#[derive(Clone, Debug)]
pub struct StandardsView {
    /// The owner of the hub.
    pub account: Account,
    /// The Region of the hub.
    pub region: Region,
    /// The standards.
    pub standards: Standards,
    /// Those asked for, by the ends of their ARNs; `None` for all.
    pub only: Option<BTreeSet<String>>,
    /// At most so many a page.
    pub page: usize,
    /// Whether anything may be shown.
    pub loose: bool,
}

/// The findings that are shown. Findings that no scenario imported are not judged.
#[derive(Clone, Debug)]
pub struct FindingsView {
    /// The findings that were imported.
    pub slots: Vec<FindingSlot>,
    /// The accounts whose findings may be shown, whatever made them.
    pub owners: BTreeSet<Account>,
    /// The rules that hide the findings of others.
    pub hiding: BTreeMap<Account, RuleId>,
    /// At most so many entries a page.
    pub page: usize,
    /// The rule of the read itself.
    pub rule: RuleId,
    /// Whether anything may be shown.
    pub loose: bool,
}

/// One finding of a read.
#[derive(Clone, Debug)]
pub struct FindingSlot {
    /// The account that imported it.
    pub owner: Account,
    /// `Id`
    pub id: String,
    /// The certainty that it is shown.
    pub presence: Presence,
    /// Whether no filter leaves it out that was looked into.
    pub wanted: bool,
    /// The rule that says so.
    pub rule: RuleId,
}

impl Branch {
    /// An admissible branch without effects.
    #[must_use]
    pub fn new(expect: Expect, rules: &[RuleId]) -> Self {
        Self { expect, effects: Vec::new(), rules: rules.to_vec(), answers: Vec::new(), ignored: Vec::new() }
    }

    /// With this effect too.
    #[must_use]
    pub fn with(mut self, effect: Effect) -> Self {
        self.effects.push(effect);
        self
    }

    /// Tagged with this answer to an open question.
    #[must_use]
    pub fn answering(mut self, answer: Answer) -> Self {
        self.answers.push(answer);
        self
    }
}

impl Branches {
    /// One admissible branch.
    #[must_use]
    pub fn one(branch: Branch) -> Self {
        Self { admissible: vec![branch], counterfactual: Vec::new() }
    }

    /// Lets each admissible branch rest on this rule, too; it is the last to blame.
    pub(super) fn also_rests_on(&mut self, rule: RuleId) {
        for branch in &mut self.admissible {
            branch.rules.push(rule);
        }
    }

    /// Several admissible branches.
    #[must_use]
    pub fn any_of(admissible: Vec<Branch>) -> Self {
        Self { admissible, counterfactual: Vec::new() }
    }
}
