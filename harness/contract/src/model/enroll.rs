//! The changes of a state when an organization and its memberships change.

use std::collections::BTreeSet;

use super::effect::raise;
use super::state::{
    Because, Designation, Hub, ImportedFinding, Invitation, InvitationState, Learned, Member, Mint, RegionState,
    Standards, Standing, State,
};
use super::{questions, rules};
use crate::domain::{Account, MemberStatus, Region};

/// The standards that are enabled by default, by the ends of their ARNs (SH-ENABLE-003).
pub const DEFAULT_STANDARDS: [&str; 2] =
    ["aws-foundational-security-best-practices/v/1.0.0", "cis-aws-foundations-benchmark/v/1.2.0"];

impl Standards {
    /// The default standards, or none.
    pub(super) fn given(default: bool) -> Self {
        let named = DEFAULT_STANDARDS.iter().filter(|_| default);
        let enabled = Learned::Is(named.map(|name| (*name).to_owned()).collect());
        let rule = if default { rules::ENABLE_DEFAULT_STANDARDS } else { rules::ENABLE_WITHOUT_STANDARDS };
        Self { enabled, because: Because::of(rule) }
    }

    /// Whether they are as they were when the hub was switched on: nobody has disabled any.
    pub(crate) fn is_as_enabled(&self) -> bool {
        [rules::ENABLE_DEFAULT_STANDARDS, rules::STANDARDS_OF_NEW_HUB].contains(&self.because.0)
    }

    pub(super) fn resting_on(mut self, because: Because) -> Self {
        self.because = because;
        self
    }
}

impl State {
    /// An account comes into an organization. Where `AutoEnable` is on it becomes a member at once (SH-ORG-025,
    /// SH-ORG-026), in each Region by itself, unless it is another administrator's.
    pub(crate) fn enter(&mut self, management: Account, account: Account, mint: &mut impl Mint) {
        self.join(management, account);
        let mut lost = false;
        for region in self.regions_mut() {
            let Some(held) = region.designations.get(&management).filter(|held| !held.doubt).cloned() else {
                continue;
            };
            let Some(administrator) = held.administrator else { continue };
            let leader = region.administrator(account);
            if leader == Some(administrator) {
                // What becomes of a member by invitation that joins later, no source tells.
                region.doubt_entry(administrator, account, Because::of(rules::JOIN_AUTO_ENABLED));
            } else if leader.is_some() {
                // It is passed over.
            } else if held.auto_enable.seen().is_none() && !mint.decides() {
                // Whether it becomes a member, and its hub is switched on, no read can tell.
                lost = true;
            } else if held.auto_enable.seen() == Some(&true) {
                let because = Because::of(rules::JOIN_AUTO_ENABLED);
                let standards = match held.standards.seen() {
                    Some(setting) => Standards::given(setting == "DEFAULT").resting_on(because),
                    None => Standards { enabled: Learned::Unseen, because },
                };
                region.enroll(administrator, account, standards, because, mint);
            } else {
                let because = Because::of(rules::JOIN_STAYS_OUTSIDE);
                region.members.entry((administrator, account)).or_insert_with(|| Member::new(because));
                region.hubs.entry(account).or_insert_with(|| Hub::off(because));
            }
        }
        self.lost |= lost;
    }

    /// An account leaves its organization (SH-ORG-027).
    pub(super) fn leave(
        &mut self,
        account: Account,
        shown: Option<MemberStatus>,
        because: Because,
        mint: &mut impl Mint,
    ) {
        let management = self.organization_of(account).map(|(management, _)| management);
        self.depart(account);
        for region in self.regions_mut() {
            let held = management.and_then(|management| region.designations.get(&management));
            let Some(administrator) = held.and_then(|held| held.administrator) else { continue };
            if region.administrator(account) != Some(administrator) {
                let listed = region.members.get(&(administrator, account)).and_then(|entry| entry.status);
                if region.was_released(administrator, account) && shown != listed {
                    match shown {
                        Some(status) => region.set_status(administrator, account, status, because, mint),
                        None => drop(region.members.insert((administrator, account), Member::new(because))),
                    }
                }
                // No source shows one that leaves after it was listed as suspended.
                if listed == Some(MemberStatus::AccountSuspended) && !mint.decides() {
                    region.doubt_entry(administrator, account, because);
                }
                continue;
            }
            region.release(administrator, account, shown, because, mint);
        }
    }

    pub(super) fn suspend(&mut self, account: Account) {
        let management = self.organization_of(account).map(|(management, _)| management);
        let organization = management.and_then(|management| self.organizations.get_mut(&management));
        if let Some(organization) = organization {
            organization.accounts.insert(account, Standing::Suspended);
        }
        // SH-LIST-011: a member that is closed later stays what it was.
        for entry in self.regions_mut().flat_map(|region| region.members.iter_mut()) {
            if entry.0.1 == account {
                entry.1.because.affirm(Because::of(rules::LIST_SUSPENDED_LATER));
            }
        }
    }

    /// The members of an administrator whose account is closed have none any more, in any Region.
    pub(super) fn dissolve(&mut self, administrator: Account, because: Because, mint: &mut impl Mint) {
        for region in self.regions_mut() {
            let enabled = |entry: &Member| entry.status == Some(MemberStatus::Enabled);
            let members: Vec<Account> =
                region.list(administrator).filter(|(_, entry)| enabled(entry)).map(|(member, _)| member).collect();
            for member in members {
                region.remove(administrator, member, because, mint);
            }
        }
    }

    /// No source says what Security Hub shows of a delegated administrator that only AWS Organizations was told of.
    pub(super) fn register(&mut self, management: Account, account: Account) {
        self.organizations.entry(management).or_default().registered = Some(account);
    }

    /// Deregistered in AWS Organizations, an account is delegated administrator in no Region any more (SH-ORG-012).
    pub(super) fn deregister(
        &mut self,
        management: Account,
        account: Account,
        because: Because,
        mint: &mut impl Mint,
    ) {
        self.organizations.entry(management).or_default().registered = None;
        for region in self.regions_mut() {
            let held = region.designations.get(&management).and_then(|held| held.administrator);
            if held == Some(account) {
                region.undesignate(management, because, mint);
            }
        }
    }

    /// Without trusted access all members are on their own (SH-ORG-028). No source says whether the designation stays.
    pub(super) fn trust(&mut self, management: Account, trusted: bool, because: Because, mint: &mut impl Mint) {
        self.organizations.entry(management).or_default().trusted = trusted;
        if trusted {
            return;
        }
        for region in self.regions_mut() {
            region.undesignate(management, because, mint);
            if let Some(held) = region.designations.get_mut(&management) {
                held.doubt = !mint.decides();
            }
        }
    }

    /// An account becomes delegated administrator: its hub is switched on (SH-ORG-010), and those that were its
    /// members by invitation stay (SH-ORG-011).
    pub(super) fn designate(
        &mut self,
        region: Region,
        management: Account,
        administrator: Account,
        because: Because,
        mint: &mut impl Mint,
    ) {
        let colleagues: BTreeSet<Account> = self
            .organizations
            .get(&management)
            .into_iter()
            .flat_map(|held| held.accounts.keys().copied())
            .collect();
        let region = self.region_mut(region);
        region.delegate(management, Designation::of(administrator, because));
        if !region.is_on(administrator) {
            let because = Because::of(rules::DESIGNATE_SWITCHES_HUB_ON);
            let standards = match mint.answer(questions::STANDARDS_OF_ADMINISTRATOR) {
                Some(answer) => Standards::given(answer == "default-standards"),
                None => Standards { enabled: Learned::Unseen, because },
            };
            region.switch_on(administrator, standards, because, mint);
        }
        let because = Because::of(rules::DESIGNATE_TAKES_MEMBERS_OVER);
        let listed: Vec<Account> = region.list(administrator).map(|(member, _)| member).collect();
        for member in listed {
            let Some(entry) = region.members.get_mut(&(administrator, member)) else { continue };
            let colleague = colleagues.contains(&member);
            match entry.status {
                Some(MemberStatus::Enabled) if colleague && !entry.doubt => {
                    entry.organization = true;
                    entry.because = because;
                    match mint.answer(questions::EMAIL_OF_CONVERT) {
                        Some("kept") => {}
                        Some(_) => entry.email = Learned::Is(None),
                        None => entry.email_open = true,
                    }
                }
                // What becomes of these is open (N16): the call has a branch for each answer.
                Some(MemberStatus::Created | MemberStatus::Invited) if colleague => entry.either_kind = true,
                // No source speaks of those of the organization that were members once.
                Some(_) if colleague && !mint.decides() => region.doubt_entry(administrator, member, because),
                // Those outside the organization are kept as they are; which kind of member they are now, T50 leaves open.
                Some(MemberStatus::Enabled) if !colleague => entry.either_kind = true,
                _ => {}
            }
        }
    }
}

impl RegionState {
    /// The account becomes an enabled member by its organization, and its hub is on afterwards.
    pub(super) fn enroll(
        &mut self,
        administrator: Account,
        member: Account,
        standards: Standards,
        because: Because,
        mint: &mut impl Mint,
    ) {
        self.enroll_alone(administrator, member, because, mint);
        match self.hubs.get_mut(&member).filter(|hub| hub.on) {
            Some(hub) => {
                hub.because.affirm(because);
                hub.standards.because.affirm(Because::of(rules::STANDARDS_KEPT_BY_MEMBER));
            }
            None => self.switch_on(member, standards, because, mint),
        }
    }

    /// The hub of an account is switched on by another account's call. No source tells whether its list of before comes
    /// back then (SH-ENABLE-010).
    fn switch_on(&mut self, account: Account, standards: Standards, because: Because, mint: &mut impl Mint) {
        self.enable(account, None, standards, because, mint);
        let answer = mint.answer(questions::REENABLE);
        let archived: Vec<_> = self.archive.keys().filter(|key| key.0 == account).copied().collect();
        self.unarchive(account, answer == Some("restored"), mint);
        if answer.is_none() {
            archived.into_iter().for_each(|key| self.doubt_invitation(key.0, key.1, because));
        }
    }

    /// The account becomes an enabled member by its organization.
    pub(super) fn enroll_alone(
        &mut self,
        administrator: Account,
        member: Account,
        because: Because,
        mint: &mut impl Mint,
    ) {
        let before = self.members.get(&(administrator, member)).filter(|entry| entry.status.is_some());
        let (email, email_open) = match before.map(|entry| entry.email.clone()) {
            // Whether the address that an invitation member had is kept is open (Q35).
            Some(email) => match mint.answer(questions::EMAIL_OF_CONVERT) {
                Some("kept") => (email, false),
                Some(_) => (Learned::Is(None), false),
                None => (email, true),
            },
            None => (Learned::Is(None), false),
        };
        self.set_status(administrator, member, MemberStatus::Enabled, because, mint);
        if let Some(entry) = self.members.get_mut(&(administrator, member)) {
            entry.organization = true;
            // No source shows whether the instant of an invitation outlives it.
            entry.stamped = false;
            entry.email = email;
            entry.email_open = email_open;
        }
        self.set_administrator(member, Some(administrator), because);
        // Accounts of the organization get no invitation (SH-INVITE-011); what becomes of one sent before is open.
        let none = Invitation::new(Because::of(rules::INVITE_COLLEAGUE));
        let held = self.invitations.entry((member, administrator)).or_insert(none);
        let is_unlisted = match held.state {
            Some(InvitationState::Removed) => mint.answer(questions::AFTER_REMOVAL) == Some("dropped"),
            Some(InvitationState::Accepted) => mint.answer(questions::ACCEPTED_LISTED) == Some("omitted"),
            _ => false,
        };
        if is_unlisted {
            // What is off the list doesn't come back to it.
            held.withdraw(because);
        } else if held.state.is_some() {
            held.state = Some(InvitationState::Orphaned);
            held.doubt = !mint.decides();
            held.because = because;
        }
        if !mint.decides() {
            self.doubt_invitations_of_others(administrator, member, because);
        }
    }

    /// The member that was just enrolled came by an administrator that is not its delegated one: of either kind.
    pub(super) fn undelegated(
        &mut self,
        administrator: Account,
        member: Account,
        email: Option<String>,
        because: Because,
        mint: &mut impl Mint,
    ) {
        if let Some(entry) = self.members.get_mut(&(administrator, member)) {
            entry.either_kind = true;
            entry.email = Learned::Is(email);
            entry.email_open = true;
        }
        if !mint.decides() {
            self.doubt_acceptance(administrator, member, because);
        }
    }

    /// A member by its organization has no invitation on its list (section 2.4 of the evidence); no source shows what
    /// becomes of those that others had sent to it before.
    fn doubt_invitations_of_others(&mut self, administrator: Account, member: Account, because: Because) {
        let others = self.invitations.iter_mut().filter(|((invited, inviter), held)| {
            *invited == member && *inviter != administrator && held.state.is_some()
        });
        for (_, held) in others {
            held.doubt = true;
            held.because = because;
        }
    }

    /// A membership by the organization ends.
    pub(super) fn release(
        &mut self,
        administrator: Account,
        member: Account,
        status: Option<MemberStatus>,
        because: Because,
        mint: &mut impl Mint,
    ) {
        if let Some(entry) = self.members.get_mut(&(administrator, member)) {
            entry.status = status;
            entry.organization = true;
            entry.doubt = false;
            entry.because = because;
            raise(&mut entry.updated_at, mint.now());
        }
        self.set_administrator(member, None, because);
        if let Some(hub) = self.hubs.get_mut(&member) {
            hub.because.affirm(because);
            hub.standards.because.affirm(because);
        }
    }

    /// The delegated administrator is one no more, and has no members left (SH-ORG-012). What becomes of members by
    /// invitation is open (N11).
    pub(super) fn undesignate(&mut self, management: Account, because: Because, mint: &mut impl Mint) {
        let Some(held) = self.designations.get_mut(&management) else { return };
        let Some(administrator) = held.administrator.take() else { return };
        held.before = Some(administrator);
        held.because = because;
        let listed: Vec<Account> = self.list(administrator).map(|(member, _)| member).collect();
        for member in listed {
            let Some(entry) = self.members.get(&(administrator, member)) else { continue };
            let Some(status) = entry.status else { continue };
            let entry_doubt = entry.doubt;
            let organization = entry.organization && !entry_doubt;
            let enabled = status == MemberStatus::Enabled;
            if organization && enabled {
                self.release(administrator, member, None, because, mint);
                continue;
            }
            match mint.answer(questions::INVITED_AFTER_DESIGNATION) {
                Some("removed") if enabled => {
                    self.set_status(administrator, member, MemberStatus::Removed, because, mint);
                    self.set_administrator(member, None, because);
                }
                Some("absent") => {
                    self.members.insert((administrator, member), Member::new(because));
                    if enabled {
                        self.set_administrator(member, None, because);
                    }
                }
                Some(_) => {}
                None if enabled || entry_doubt => self.doubt(administrator, member, because),
                // No account becomes a member by this.
                None => self.doubt_entry(administrator, member, because),
            }
        }
    }

    /// Whether the administrator lists an account of its organization that is no member any more.
    pub(super) fn was_released(&self, administrator: Account, account: Account) -> bool {
        let entry = self.members.get(&(administrator, account)).filter(|entry| !entry.doubt);
        entry.is_some_and(|entry| entry.organization && entry.status == Some(MemberStatus::Removed))
    }

    pub(super) fn doubt_designation(&mut self, management: Account, because: Because) {
        let held = self.designations.entry(management).or_insert_with(|| Designation::nobody(because));
        held.doubt = true;
        held.because = because;
    }

    pub(super) fn doubt_configuration(&mut self, management: Account) {
        let Some(held) = self.designations.get_mut(&management) else { return };
        held.auto_enable = Learned::Unseen;
        held.standards = Learned::Unseen;
        held.configuration = Learned::Unseen;
    }

    pub(super) fn organize(
        &mut self,
        management: Account,
        auto_enable: bool,
        standards: Option<&String>,
        configuration: Option<&String>,
        because: Because,
    ) {
        let Some(held) = self.designations.get_mut(&management) else { return };
        held.auto_enable = Learned::Is(auto_enable);
        if let Some(standards) = standards {
            held.standards = Learned::Is(standards.clone());
        }
        if let Some(configuration) = configuration {
            held.configuration = Learned::Is(configuration.clone());
        }
        held.because = because;
    }

    /// No source says what these calls do; an observer has to look.
    pub(super) fn subscribe(
        &mut self,
        account: Account,
        enable: &[String],
        disable: &[String],
        because: Because,
        mint: &impl Mint,
    ) {
        let Some(hub) = self.hubs.get_mut(&account) else { return };
        hub.standards.because = because;
        match &mut hub.standards.enabled {
            Learned::Is(enabled) if mint.decides() => {
                enabled.retain(|name| !disable.contains(name));
                enabled.extend(enable.iter().cloned());
            }
            enabled @ (Learned::Is(_) | Learned::Unseen) => *enabled = Learned::Unseen,
        }
    }

    pub(super) fn import(&mut self, account: Account, ids: &[String]) {
        let certain = self.administrators.get(&account).filter(|held| !held.doubt);
        let finding = ImportedFinding { under: certain.and_then(|held| held.account), doubt: false };
        self.findings.extend(ids.iter().map(|id| ((account, id.clone()), finding.clone())));
    }

    /// Findings live on for a while after the hub is switched off (SH-DISABLE-008).
    pub(super) fn forget_findings(&mut self, account: Account) {
        for ((owner, _), finding) in &mut self.findings {
            if *owner == account {
                finding.doubt = true;
            }
            if *owner == account || finding.under == Some(account) {
                finding.under = None;
            }
        }
    }

    /// Takes the findings of a member from its administrator. No source says whether a later one is shown them.
    pub(super) fn part_findings(&mut self, member: Account) {
        let all = (member, String::new())..(Account(member.0 + 1), String::new());
        for (_, finding) in self.findings.range_mut(all) {
            finding.under = None;
        }
    }
}

impl Hub {
    /// A hub that is off.
    const fn off(because: Because) -> Self {
        Self {
            on: false,
            subscribed_at: Learned::Unseen,
            auto_enable_controls: Learned::Unseen,
            generator: Learned::Unseen,
            standards: Standards { enabled: Learned::Unseen, because },
            because,
        }
    }
}

impl Designation {
    /// As nobody is designated, so far as is known.
    const fn nobody(because: Because) -> Self {
        Self {
            administrator: None,
            before: None,
            auto_enable: Learned::Unseen,
            standards: Learned::Unseen,
            configuration: Learned::Unseen,
            doubt: false,
            because,
        }
    }

    /// As designated, with the settings that stand at first (SH-ORG-029).
    fn of(administrator: Account, because: Because) -> Self {
        Self {
            administrator: Some(administrator),
            before: None,
            auto_enable: Learned::Is(false),
            standards: Learned::Is("DEFAULT".to_owned()),
            configuration: Learned::Is("LOCAL".to_owned()),
            doubt: false,
            because,
        }
    }
}
