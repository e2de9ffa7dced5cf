//! Switching Security Hub on and off, and describing it.

use super::batch::refused_somehow;
use super::branch::{Branch, Branches, Expect};
use super::context::{Context, Guards};
use super::effect::Effect;
use super::questions::{self, answer};
use super::state::{Because, Learned, Member};
use super::{refusals, rules};
use crate::domain::{Account, HubArn, Input, MemberStatus, RuleId};

/// The values of `ControlFindingGenerator`.
const GENERATORS: [&str; 2] = ["STANDARD_CONTROL", "SECURITY_CONTROL"];

pub(super) fn enable(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Enable { standards, generator, tags } = input else { return Branches::default() };
    let wrong_tags = tags.as_ref().is_some_and(|tags| !(1..=50).contains(&tags.len()));
    let wrong_generator = generator.as_deref().is_some_and(|value| !GENERATORS.contains(&value));

    let mut guards = Guards::default();
    let odd_tags = tags.as_ref().is_some_and(|tags| tags.iter().any(|(key, value)| is_odd_tag(key, value)));
    guards.refuse_if(context, wrong_tags, &[rules::ENABLE_TAGS], &refusals::CONSTRAINT);
    guards.refuse_if(context, wrong_generator, &[rules::ENABLE_UNKNOWN_GENERATOR], &refusals::CONSTRAINT);
    guards.refuse_if(context, context.state.is_on(context.caller), &[rules::ENABLE_TWICE], &refusals::ALREADY_ON);
    let refused = || Branch::new(Expect::Refused(refusals::CONSTRAINT), &[rules::ENABLE_TAGS]);
    guards.or_rather(odd_tags, refused);

    let on = |restore| {
        Branch::new(Expect::Done, &[rules::ENABLE_SWITCHES_ON]).with(Effect::EnableHub {
            account: context.caller,
            generator: generator.clone(),
            standards: standards.unwrap_or(true),
            restore,
        })
    };
    guards.conclude(
        &[Effect::AffirmHub(context.caller)],
        || {
            if context.state.is_on(context.caller) {
                return vec![Effect::DoubtHub(context.caller)];
            }
            let standards = standards.unwrap_or(true);
            vec![Effect::EnableHub { account: context.caller, generator: None, standards, restore: false }]
        },
        || {
            let mut branches = vec![on(false)];
            if context.state.archive.keys().any(|(account, _)| *account == context.caller) {
                // SH-ENABLE-010: what was before may come back.
                branches = vec![
                    on(false).answering(answer(questions::REENABLE, "dropped")),
                    on(true).answering(answer(questions::REENABLE, "restored")),
                ];
            }
            branches.extend(odd_tags.then(refused));
            branches
        },
    )
}

/// Whether the API model, but no source on this call, has something against a tag.
fn is_odd_tag(key: &str, value: &str) -> bool {
    let fits = |letter: char| letter.is_ascii_alphanumeric() || "+-=._:/".contains(letter);
    !(1..=128).contains(&key.chars().count())
        || value.chars().count() > 256
        || key.starts_with("aws:")
        || !key.chars().all(fits)
        || !value.chars().all(|letter| fits(letter) || " @".contains(letter))
}

pub(super) fn disable(context: &Context<'_>) -> Branches {
    let caller = context.caller;
    let on = context.state.is_on(caller);
    let is_delegate = on && context.delegation().is_some();
    let knows = !context.membership_in_doubt(caller);
    let is_colleague = on && knows && context.state.is_organization_member(caller);
    let is_member = on && knows && !is_colleague && context.own_administrator().is_some();
    let is_member_of_its = |(member, entry): (Account, &Member)| {
        entry.status == Some(MemberStatus::Enabled) && !context.entry_in_doubt(caller, member)
    };
    // Those of an organization count as well: what looks at members alone refuses its administrator, too.
    let has_members = on && context.state.list(caller).any(is_member_of_its);
    let mut guards = Guards::default();
    guards.refuse_if(context, !on, &[rules::DISABLE_WITHOUT_HUB], &refusals::NOTHING_TO_DISABLE);
    guards.refuse_if(context, is_delegate, &[rules::DISABLE_AS_DELEGATE], &refusals::DELEGATE_KEEPS_HUB);
    guards.refuse_if(
        context,
        is_colleague,
        &[rules::DISABLE_AS_ORGANIZATION_MEMBER],
        &refusals::COLLEAGUE_KEEPS_HUB,
    );
    guards.refuse_if(context, is_member, &[rules::DISABLE_AS_INVITATION_MEMBER], &refusals::MEMBER_KEEPS_HUB);
    guards.refuse_if(context, has_members, &[rules::DISABLE_AS_ADMINISTRATOR], &refusals::ADMINISTRATOR_KEEPS_HUB);

    let rule = if context.state.list(caller).any(|(_, entry)| entry.status.is_some()) {
        rules::DISABLE_WITHOUT_ENABLED_MEMBERS
    } else {
        rules::DISABLE_STANDALONE
    };
    guards.conclude(
        &[Effect::AffirmHub(caller)],
        // What is off stays off.
        || if on { vec![Effect::Lose] } else { Vec::new() },
        || {
            let mut branches = done(context, rule);
            // Where it may have the role that keeps it, it may be told so.
            let mut keeps = |may: bool, rule, refusal| {
                let refused = || Branch::new(Expect::Refused(refusal), &[rule]).with(Effect::AffirmHub(caller));
                branches.extend(may.then(refused));
            };
            keeps(context.delegation_in_doubt(), rules::DISABLE_AS_DELEGATE, refusals::DELEGATE_KEEPS_HUB);
            let has_doubtful =
                context.state.list(caller).any(|(member, _)| context.entry_in_doubt(caller, member));
            keeps(has_doubtful, rules::DISABLE_AS_ADMINISTRATOR, refusals::ADMINISTRATOR_KEEPS_HUB);
            let may_be_member = context.membership_in_doubt(caller);
            keeps(may_be_member, rules::DISABLE_AS_INVITATION_MEMBER, refusals::MEMBER_KEEPS_HUB);
            branches
        },
    )
}

/// The hub is off. Whether the account stays on the lists of others is open: N48.
fn done(context: &Context<'_>, rule: RuleId) -> Vec<Branch> {
    let caller = context.caller;
    let done = || Branch::new(Expect::Done, &[rule]).with(Effect::DisableHub(caller));
    if !context.state.is_listed(caller) {
        return vec![done()];
    }
    let kept = done().answering(answer(questions::LISTED_AFTER_DISABLE, "kept"));
    let dropped = done().with(Effect::Unlist(caller));
    vec![kept, dropped.answering(answer(questions::LISTED_AFTER_DISABLE, "dropped"))]
}

pub(super) fn describe(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Describe(arn) = input else { return Branches::default() };
    let own = HubArn::Of(context.caller, context.region);
    let is_text = matches!(arn, Some(HubArn::Text(_)));
    // A blank one may be taken for none.
    let is_blank = matches!(arn, Some(HubArn::Text(text)) if text.trim().is_empty());
    let foreign = arn.as_ref().is_some_and(|arn| *arn != own);

    let mut guards = Guards::default();
    guards.refuse_if(
        context,
        !context.state.is_on(context.caller),
        &[rules::DESCRIBE_WITHOUT_HUB, rules::OTHER_CALLS_WITHOUT_HUB],
        &refusals::NOT_ON,
    );
    let is_on = context.state.is_on(context.caller);
    guards.refuse_if(
        context,
        foreign && !(is_blank && is_on),
        &[rules::DESCRIBE_FOREIGN_ARN],
        &refusals::NO_SUCH_HUB,
    );
    guards.or_rather(is_text, || refused_somehow(rules::DESCRIBE_FOREIGN_ARN));

    let rule = if arn.is_some() { rules::DESCRIBE_OWN_ARN } else { rules::DESCRIBE_HUB };
    guards.conclude(&[], Vec::new, || {
        let Some(mut hub) = context.state.hubs.get(&context.caller).cloned() else {
            return vec![Branch::new(Expect::AnySuccess, &[rule])];
        };
        if context.membership_in_doubt(context.caller) {
            hub.generator = Learned::Unseen;
        }
        if let Some(administrator) = context.own_administrator() {
            // SH-HUB-006: a member shows its administrator's setting.
            let above = context.state.hubs.get(&administrator).map(|hub| hub.generator.clone());
            hub.generator = above.unwrap_or(Learned::Unseen);
            hub.because = Because::of(rules::DESCRIBE_GENERATOR_OF_MEMBER);
        }
        let mut branches = vec![Branch::new(Expect::Hub(own, hub), &[rule])];
        if is_blank {
            branches.push(Branch::new(Expect::Refused(refusals::NO_SUCH_HUB), &[rules::DESCRIBE_FOREIGN_ARN]));
            branches.push(refused_somehow(rules::DESCRIBE_FOREIGN_ARN));
        }
        branches
    })
}

pub(super) fn configure(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Configure { auto_enable_controls, generator } = input else { return Branches::default() };
    let wrong_generator = generator.as_deref().is_some_and(|value| !GENERATORS.contains(&value));
    let is_member = generator.is_some() && context.own_administrator().is_some();

    let mut guards = Guards::default();
    guards.refuse_if(
        context,
        !context.state.is_on(context.caller),
        &[rules::OTHER_CALLS_WITHOUT_HUB],
        &refusals::NOT_ON,
    );
    guards.refuse_if(context, wrong_generator, &[rules::ENABLE_UNKNOWN_GENERATOR], &refusals::CONSTRAINT);
    guards.refuse_if(context, is_member, &[rules::UPDATE_GENERATOR_AS_MEMBER], &refusals::MEMBER_CANNOT_CONFIGURE);
    guards.conclude(
        &[Effect::AffirmHub(context.caller)],
        || vec![Effect::DoubtHub(context.caller)],
        || {
            let done = Branch::new(Expect::Done, &[rules::DESCRIBE_HUB]).with(Effect::Configure {
                account: context.caller,
                auto_enable_controls: *auto_enable_controls,
                generator: generator.clone(),
            });
            // No source says whether a change of nothing is one.
            let nothing = auto_enable_controls.is_none() && generator.is_none();
            [done].into_iter().chain(nothing.then(|| refused_somehow(rules::DESCRIBE_HUB))).collect()
        },
    )
}
