//! Delegated administration: designating an administrator in a Region, ending that, looking at it, and its settings.

use std::collections::BTreeSet;

use super::batch::refused_somehow;
use super::branch::{AdminAccounts, Branch, Branches, Configuration, Expect};
use super::context::{Context, Guards};
use super::effect::Effect;
use super::listing::bogus_token;
use super::questions::{self, answer};
use super::state::{Designation, Member, Organization, Standing};
use super::{refusals, rules};
use crate::domain::{Account, AccountRef, Input, MemberStatus, RuleId};

pub(super) fn enable(context: &Context<'_>, input: &Input) -> Branches {
    let Some((management, organization)) = managed(context) else { return not_management(context, input) };
    let named = if let Input::Account(id) = input { id.as_ref().and_then(AccountRef::account) } else { None };
    let ours = named.filter(|account| organization.accounts.get(account) == Some(&Standing::Active));
    let Some(administrator) = ours else {
        // An account that is none of the organization, or is closed, or another feature of Security Hub.
        return somehow(rules::DESIGNATE_ACCOUNT, Effect::DoubtDesignation(management));
    };
    if context.designation_in_doubt(management) {
        return enable_in_doubt(context, management, administrator);
    }
    let here = context.state.designations.get(&management);
    let current = here.and_then(|held| held.administrator);
    let elsewhere = context.designated_elsewhere(management);

    let mut guards = Guards::default();
    let own_hub_off = administrator == management && !context.state.is_on(management);
    // An acceptance test designates the management account where its hub is on in another Region only.
    let on_elsewhere = context.whole.regions().any(|region| context.whole.region(region).is_on(management));
    guards.refuse_if(
        context,
        own_hub_off && !on_elsewhere,
        &[rules::DESIGNATE_SELF_HUB_OFF],
        &refusals::OWN_HUB_OFF,
    );
    guards.refuse_if(
        context,
        current == Some(administrator),
        &[rules::DESIGNATE_AGAIN],
        &refusals::DESIGNATED_ALREADY,
    );
    let second = current.is_some_and(|current| current != administrator);
    guards.refuse_if(context, second, &[rules::DESIGNATE_SECOND], &refusals::SECOND_ADMINISTRATOR);
    let third = current.is_none() && elsewhere.is_some_and(|elsewhere| elsewhere != administrator);
    guards.refuse_if(context, third, &[rules::DESIGNATE_SECOND_ELSEWHERE], &refusals::SECOND_ADMINISTRATOR);
    guards.conclude(
        &[Effect::AffirmHub(administrator)],
        || vec![Effect::Lose],
        || {
            let rule = if administrator == management { rules::DESIGNATE_SELF } else { rules::DESIGNATE_ACCOUNT };
            let mut done = context.designated(management, administrator, rule);
            if organization.trusted && own_hub_off && on_elsewhere {
                done.insert(
                    0,
                    Branch::new(Expect::Refused(refusals::OWN_HUB_OFF), &[rules::DESIGNATE_SELF_HUB_OFF]),
                );
            }
            if organization.trusted {
                return done;
            }
            // No rule speaks of that.
            let refused = Branch::new(Expect::Refused(refusals::SOME_REFUSAL), &[]);
            let tagged = |branch: Branch| branch.answering(answer(questions::UNTRUSTED_DESIGNATION, "accepted"));
            let mut branches = vec![refused.answering(answer(questions::UNTRUSTED_DESIGNATION, "refused"))];
            branches.extend(done.into_iter().map(tagged));
            branches
        },
    )
}

/// The designation where nobody knows who is designated: it succeeds, or is refused for what may be the case.
fn enable_in_doubt(context: &Context<'_>, management: Account, administrator: Account) -> Branches {
    let refused = Branch::new(Expect::Refused(refusals::SOME_REFUSAL), &[rules::DESIGNATE_AGAIN]);
    let mut branches = context.designated(management, administrator, rules::DESIGNATE_ACCOUNT);
    branches.push(refused);
    Branches::any_of(branches)
}

pub(super) fn disable(context: &Context<'_>, input: &Input) -> Branches {
    let Some((management, _)) = managed(context) else { return not_management(context, input) };
    let named = if let Input::Account(id) = input { id.as_ref().and_then(AccountRef::account) } else { None };
    if named.is_none() || context.designation_in_doubt(management) {
        return somehow(rules::UNDESIGNATE_NOBODY, Effect::DoubtDesignation(management));
    }
    let administrator = named;
    let here = context.state.designations.get(&management);
    if here.and_then(|held| held.administrator) != administrator {
        let refused = Branch::new(Expect::Refused(refusals::NOBODY_DESIGNATED), &[rules::UNDESIGNATE_NOBODY]);
        let silent = Branch::new(Expect::Done, &[rules::UNDESIGNATE_NOBODY]);
        return Branches::any_of(vec![refused, silent.answering(answer(questions::UNDESIGNATE_NOBODY, "silent"))]);
    }
    let central = here.is_some_and(|held| held.is_central());
    let mut guards = Guards::default();
    guards.refuse_if(context, central, &[rules::UNDESIGNATE_CENTRAL], &refusals::CENTRAL_KEEPS_ADMINISTRATOR);
    guards.conclude(
        &[],
        || vec![Effect::Lose],
        || {
            vec![
                Branch::new(Expect::Done, &[rules::UNDESIGNATE_FREES_MEMBERS])
                    .with(Effect::Undesignate(management)),
            ]
        },
    )
}

pub(super) fn list(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Page(page) = input else {
        return Branches::one(Branch::new(Expect::Anything, &[rules::DESIGNATIONS_NONE]));
    };
    let odd_size = page.max_results.is_some_and(|size| !(1..=10).contains(&size));
    let odd_token = page.next_token.is_some();
    let Some((management, _)) = context.organization() else {
        let refused = Branch::new(Expect::Refused(refusals::NO_ORGANIZATION), &[rules::ORGANIZATION_MISSING]);
        let mut through = Branch::new(Expect::AnySuccess, &[rules::ORGANIZATION_MISSING]);
        through.ignored = vec![rules::ORGANIZATION_MISSING];
        if context.ignores(rules::ORGANIZATION_MISSING) {
            return Branches::one(Branch::new(
                Expect::AdminAccounts(AdminAccounts::default()),
                &[rules::DESIGNATIONS_NONE],
            ));
        }
        let odd = odd_size.then(|| Branch::new(Expect::Refused(refusals::CONSTRAINT), &[rules::WIRE_PAGE_BOUNDS]));
        let admissible = [refused].into_iter().chain(odd).chain(odd_token.then(bogus_token)).collect();
        return Branches { admissible, counterfactual: vec![through] };
    };
    if context.designation_in_doubt(management) {
        return Branches::one(Branch::new(Expect::Anything, &[rules::DESIGNATIONS_BY_ANYBODY]));
    }
    let delegate = context.state.designations.get(&management).and_then(|held| held.administrator);
    if delegate == Some(context.caller) && delegate != Some(management) {
        // The documentation speaks of the management account only, practice of both.
        let view = AdminAccounts { administrator: delegate, loose: true, ..AdminAccounts::default() };
        let rule = &[rules::DESIGNATIONS_BY_ANYBODY];
        let shown = Branch::new(Expect::AdminAccounts(view), rule);
        return Branches::any_of(vec![shown, Branch::new(Expect::AnyRefusal, rule)]);
    }
    let mut guards = Guards::default();
    guards.refuse_if(
        context,
        context.caller != management,
        &[rules::DESIGNATIONS_BY_ANYBODY],
        &refusals::NOT_MANAGEMENT_READS,
    );
    guards.refuse_if(context, odd_size, &[rules::WIRE_PAGE_BOUNDS], &refusals::CONSTRAINT);
    guards.or_rather(odd_token, bogus_token);
    guards.conclude(&[], Vec::new, || {
        let here = context.state.designations.get(&management);
        let rule = if here.is_some_and(|held| held.administrator.is_some()) {
            rules::DESIGNATE_ACCOUNT
        } else {
            rules::DESIGNATIONS_NONE
        };
        let view = AdminAccounts {
            administrator: here.and_then(|held| held.administrator),
            leaving: here.and_then(|held| held.before),
            because: here.map(Designation::designated_by),
            loose: odd_token,
        };
        let listed = Branch::new(Expect::AdminAccounts(view), &[rule]);
        [listed].into_iter().chain(odd_token.then(bogus_token)).collect()
    })
}

pub(super) fn describe(context: &Context<'_>) -> Branches {
    let mut guards = Guards::default();
    let off = !context.state.is_on(context.caller);
    guards.refuse_if(
        context,
        off,
        &[rules::CONFIGURATION_WITHOUT_HUB, rules::OTHER_CALLS_WITHOUT_HUB],
        &refusals::NOT_ON,
    );
    if guards.is_empty() && context.delegation_in_doubt() {
        return Branches::one(Branch::new(Expect::Anything, &[rules::CONFIGURATION_BY_ANYBODY]));
    }
    let here = context.delegation();
    guards.refuse_if(
        context,
        !off && here.is_none(),
        &[rules::CONFIGURATION_BY_ANYBODY],
        &refusals::NOT_DELEGATED,
    );
    guards.conclude(&[], Vec::new, || {
        let Some((_, held)) = here else {
            return vec![Branch::new(Expect::AnySuccess, &[rules::CONFIGURATION_DEFAULTS])];
        };
        let view = Configuration {
            auto_enable: held.auto_enable.clone(),
            standards: held.standards.clone(),
            configuration: held.configuration.clone(),
            because: held.because.0,
        };
        let rule = if held.because.0 == rules::CONFIGURE_AUTO_ENABLE {
            rules::CONFIGURE_AUTO_ENABLE
        } else {
            rules::CONFIGURATION_DEFAULTS
        };
        vec![Branch::new(Expect::Configuration(view), &[rule])]
    })
}

pub(super) fn configure(context: &Context<'_>, input: &Input) -> Branches {
    let off = !context.state.is_on(context.caller);
    let mut guards = Guards::default();
    guards.refuse_if(context, off, &[rules::OTHER_CALLS_WITHOUT_HUB], &refusals::NOT_ON);
    let perhaps = guards.is_empty() && context.delegation_in_doubt();
    let here = context.delegation();
    let nobody = !off && !perhaps && here.is_none();
    guards.refuse_if(context, nobody, &[rules::CONFIGURE_BY_ANYBODY], &refusals::NOT_DELEGATED);
    let mut is_odd = false;
    let organized = if let Input::Organize { auto_enable, standards, configuration } = input {
        is_odd = is_other(standards, ["NONE", "DEFAULT"]) || is_other(configuration, ["CENTRAL", "LOCAL"]);
        (!is_odd && !perhaps).then_some((auto_enable, standards, configuration))
    } else {
        None
    };
    let Some((auto_enable, standards, configuration)) = organized else {
        // Values that the API model doesn't have, or a caller of whom nobody knows whether it may.
        let management = context.state.delegated(context.caller).map(|(management, _)| management);
        let management = here.map(|(management, _)| management).or(management);
        let doubt = management.map(Effect::DoubtConfiguration).into_iter();
        guards.or_rather(true, || refused_somehow(rules::CONFIGURE_BY_ANYBODY));
        let mut branches = guards.conclude(&[], Vec::new, || {
            let done = Branch::new(Expect::AnySuccess, &[rules::CONFIGURE_AUTO_ENABLE]);
            let done = doubt.fold(done, Branch::with);
            vec![done, Branch::new(Expect::AnyRefusal, &[rules::CONFIGURE_BY_ANYBODY])]
        });
        // A server that looks at its input first is the likelier one.
        let invalid = || Branch::new(Expect::Refused(refusals::CONSTRAINT), &[rules::CONFIGURE_BY_ANYBODY]);
        branches.admissible.splice(0..0, is_odd.then(invalid));
        return branches;
    };
    guards.refuse_if(
        context,
        auto_enable.is_none(),
        &[rules::CONFIGURE_AUTO_ENABLE_MISSING],
        &refusals::CONSTRAINT,
    );
    let is_central = here.is_some_and(|(_, held)| held.is_central());
    let stays_central = configuration.as_deref().map_or(is_central, |value| value == "CENTRAL");
    let enables = *auto_enable == Some(true) || standards.as_deref() == Some("DEFAULT");
    guards.refuse_if(
        context,
        stays_central && enables,
        &[rules::CONFIGURE_CENTRAL_AUTO_ENABLE],
        &refusals::NOT_WHILE_CENTRAL,
    );
    guards.conclude(
        &[],
        || vec![Effect::Lose],
        || {
            let Some((management, _)) = here else {
                return vec![Branch::new(Expect::AnySuccess, &[rules::CONFIGURE_AUTO_ENABLE])];
            };
            let auto_enable = auto_enable.unwrap_or_default();
            let mut done = arranged(context, management, auto_enable, standards.as_ref(), configuration.as_ref());
            // What else it takes to change the kind of configuration no source tells.
            let refused = Branch::new(Expect::Refused(refusals::SOME_4XX), &[]);
            let changes = configuration.is_some();
            if stays_central && !is_central {
                let early =
                    Branch::new(Expect::Refused(refusals::STILL_SYNCING), &[rules::CONFIGURE_CENTRAL_EARLY]);
                let at_once = |branch: Branch| branch.answering(answer(questions::CENTRAL_AT_ONCE, "at-once"));
                let mut branches: Vec<_> = done.into_iter().map(at_once).collect();
                branches.push(early.answering(answer(questions::CENTRAL_AT_ONCE, "still-syncing")));
                branches.push(refused);
                return branches;
            }
            done.extend(changes.then_some(refused));
            done
        },
    )
}

/// The settings are as asked for. Whether one that is left out stays, or is what it is at first, no source tells.
fn arranged(
    context: &Context<'_>,
    management: Account,
    auto_enable: bool,
    standards: Option<&String>,
    configuration: Option<&String>,
) -> Vec<Branch> {
    let done = |standards: Option<String>| {
        let configuration = configuration.cloned();
        let effect = Effect::Organize { management, auto_enable, standards, configuration };
        Branch::new(Expect::Done, &[rules::CONFIGURE_AUTO_ENABLE]).with(effect)
    };
    let held = context.state.designations.get(&management).and_then(|held| held.standards.seen());
    let may_be_reset = standards.is_none() && held.is_none_or(|held| held != "DEFAULT");
    let reset = may_be_reset.then(|| done(Some("DEFAULT".to_owned())));
    [Some(done(standards.cloned())), reset].into_iter().flatten().collect()
}

/// Whether a setting has a value that the API model doesn't have.
fn is_other(value: &Option<String>, known: [&str; 2]) -> bool {
    value.as_deref().is_some_and(|value| !known.contains(&value))
}

/// The organization that the caller manages.
fn managed<'a>(context: &Context<'a>) -> Option<(Account, &'a Organization)> {
    context.organization().filter(|(management, _)| *management == context.caller)
}

/// Only the management account designates and ends that (SH-ORG-009, Q38).
fn not_management(context: &Context<'_>, input: &Input) -> Branches {
    let mut guards = Guards::default();
    guards.refuse_if(context, true, &[rules::DESIGNATE_BY_ANYBODY], &refusals::NOT_MANAGEMENT);
    let odd = !matches!(input, Input::Account(Some(AccountRef::Account(_))));
    guards.or_rather(odd, || refused_somehow(rules::DESIGNATE_BY_ANYBODY));
    guards.conclude(
        &[],
        || vec![Effect::Lose],
        || vec![Branch::new(Expect::AnySuccess, &[rules::DESIGNATE_BY_ANYBODY]).with(Effect::Lose)],
    )
}

/// No source says what such a call does; it is refused, or leaves something in doubt.
fn somehow(rule: RuleId, doubt: Effect) -> Branches {
    let refused = Branch::new(Expect::Refused(refusals::SOME_REFUSAL), &[rule]);
    Branches::any_of(vec![refused, Branch::new(Expect::AnySuccess, &[rule]).with(doubt)])
}

impl Context<'_> {
    /// The designation by which the caller is delegated administrator here, with the management account that made it.
    pub(super) fn delegation(&self) -> Option<(Account, &Designation)> {
        let (management, _) = self.organization()?;
        let held = self.state.designations.get(&management)?;
        (held.administrator == Some(self.caller) && !held.doubt).then_some((management, held))
    }

    /// Whether it is unknown who is delegated administrator in this Region.
    pub(super) fn designation_in_doubt(&self, management: Account) -> bool {
        let here = self.state.designations.get(&management);
        let registered = self.whole.organizations.get(&management).is_some_and(|held| held.registered.is_some());
        here.is_some_and(|held| held.doubt)
            // Named to AWS Organizations alone, it may or may not be shown here.
            || registered && here.is_none_or(|held| held.administrator.is_none())
    }

    /// Whether the caller may or may not be delegated administrator.
    pub(super) fn delegation_in_doubt(&self) -> bool {
        self.state.delegated(self.caller).is_some_and(|(_, held)| held.doubt)
            // A delegated administrator that has left the organization: no source says what it is then.
            || self.delegation().is_none() && self.state.designated_by(self.caller).is_some()
    }

    /// Whom the organization has designated in another Region.
    fn designated_elsewhere(&self, management: Account) -> Option<Account> {
        let others = self.whole.regions().filter(|region| *region != self.region);
        others.filter_map(|region| self.whole.region(region).designations.get(&management)?.administrator).next()
    }

    /// The accounts of the organization on the list, created or invited, that could become members.
    fn listed_colleagues(&self, administrator: Account, restored: bool) -> Vec<Account> {
        let waits = |status| [MemberStatus::Created, MemberStatus::Invited].contains(&status);
        let before = self.archived(administrator).filter(|_| restored);
        let listed = self.state.list(administrator).chain(before);
        let listed = listed.filter(|(_, entry)| entry.doubt || entry.status.is_some_and(waits));
        let free = |account: &Account| {
            self.colleague(*account) == Some(Standing::Active)
                && self.state.administrator(*account).is_none()
                && !self.administers(*account)
        };
        let listed: BTreeSet<Account> = listed.map(|(member, _)| member).collect();
        listed.into_iter().filter(free).collect()
    }

    /// The list that the account had when its hub was switched off.
    fn archived(&self, administrator: Account) -> impl Iterator<Item = (Account, &Member)> {
        let own = self.state.archive.iter().filter(move |((owner, _), _)| *owner == administrator);
        own.map(|((_, member), entry)| (*member, entry))
    }

    /// The branches of a designation that succeeds.
    ///
    /// It is open (N16) what becomes of those listed, and whether their hubs are switched on; and, where it switches the
    /// administrator's hub on, whether the list of before comes back (Q27).
    fn designated(&self, management: Account, administrator: Account, rule: RuleId) -> Vec<Branch> {
        let designate = Effect::Designate { management, administrator };
        let done = || Branch::new(Expect::Done, &[rule]);
        let mut branches = Vec::new();
        if self.state.is_on(administrator) || self.archived(administrator).next().is_none() {
            branches = self.with_those_listed(administrator, false, done().with(designate));
        } else {
            for (name, restored) in [("dropped", false), ("restored", true)] {
                let done = done().with(Effect::BringBack(administrator, restored)).with(designate.clone());
                let done = done.answering(answer(questions::REENABLE, name));
                branches.extend(self.with_those_listed(administrator, restored, done));
            }
        }
        let member_of = self.state.administrator(administrator);
        if member_of.is_none() && !self.membership_in_doubt(administrator) {
            return branches;
        }
        // A member can't be an administrator (SH-XX-005): it is refused, or is a member no more.
        for branch in &mut branches {
            branch.effects.extend(member_of.map(|leader| Effect::Doubt(leader, administrator)));
        }
        branches.insert(0, Branch::new(Expect::Refused(refusals::SOME_REFUSAL), &[rules::ONE_ROLE_AT_ONCE]));
        branches
    }

    fn with_those_listed(&self, administrator: Account, restored: bool, done: Branch) -> Vec<Branch> {
        let (doubtful, listed): (Vec<Account>, Vec<Account>) = self
            .listed_colleagues(administrator, restored)
            .into_iter()
            .partition(|member| self.entry_in_doubt(administrator, *member));
        let mut done = done;
        done.effects.extend(doubtful.iter().map(|member| Effect::Doubt(administrator, *member)));
        if listed.is_empty() {
            return vec![done];
        }
        // The management account can't be added where its hub is off (SH-CREATE-024), nor perhaps taken over.
        let manages = |member| self.organization().is_some_and(|(management, _)| management == member);
        let stays = |member| manages(member) && !self.state.is_on(member);
        let with = |name, effect: fn(Account, Account) -> Effect, but: &dyn Fn(Account) -> bool| {
            let mut branch = done.clone().answering(answer(questions::LISTED_AT_DESIGNATION, name));
            let effect = |member| if but(member) { Effect::Affirm } else { effect };
            branch.effects.extend(listed.iter().map(|member| effect(*member)(administrator, *member)));
            branch
        };
        let mut branches = vec![
            with("unchanged", Effect::Affirm, &|_| false),
            with("enabled", Effect::Enroll, &|_| false),
            with("enabled", Effect::EnrollAlone, &|_| false),
        ];
        if listed.iter().any(|member| stays(*member)) {
            branches.push(with("enabled", Effect::Enroll, &stays));
            branches.push(with("enabled", Effect::EnrollAlone, &stays));
        }
        branches
    }
}

impl Designation {
    fn is_central(&self) -> bool {
        self.configuration.seen().is_some_and(|value| value == "CENTRAL")
    }

    /// The rule that says who is designated.
    fn designated_by(&self) -> RuleId {
        // What changed last may have been the settings.
        if self.because.0 == rules::CONFIGURE_AUTO_ENABLE { rules::DESIGNATE_ACCOUNT } else { self.because.0 }
    }
}
