//! The standards of a hub: which are enabled, and that membership leaves them alone.

use std::collections::BTreeSet;

use super::batch::refused_somehow;
use super::branch::{Branch, Branches, Expect, StandardsView};
use super::context::{Context, Guards};
use super::effect::Effect;
use super::listing::{bogus_token, page_beside, page_size};
use super::{refusals, rules};
use crate::domain::{Document, Input, Operation, Page};

/// The most standards that one request may name.
const MOST: usize = 25;

pub(super) fn get(context: &Context<'_>, input: &Input) -> Branches {
    let (page, only) = match input {
        Input::Page(page) => (page.clone(), None),
        Input::Open(text) => {
            let request = serde_json::from_str(text).unwrap_or_default();
            let page = page_beside(&request, &["StandardsSubscriptionArns"]);
            let named = named(context, &request).filter(|_| page == Some(Page::default()));
            (page.unwrap_or_default(), Some(named))
        }
        Input::Empty
        | Input::Enable { .. }
        | Input::Describe(_)
        | Input::Configure { .. }
        | Input::Create(_)
        | Input::Accounts(_)
        | Input::Accept { .. }
        | Input::Account(_)
        | Input::Organize { .. }
        | Input::Standards(_)
        | Input::Import(_) => {
            return Branches::one(Branch::new(Expect::Anything, &[rules::STANDARDS_BECOME_READY]));
        }
    };
    // No source says what else than whole lists and own subscriptions finds.
    let vague = only.as_ref().is_some_and(Option::is_none);
    let only = only.map(Option::unwrap_or_default);
    let odd_size = page.max_results.is_some_and(|size| !(1..=100).contains(&size));
    let mut guards = Guards::default();
    let off = !context.state.is_on(context.caller);
    guards.refuse_if(
        context,
        off,
        &[rules::STANDARDS_WITHOUT_HUB, rules::OTHER_CALLS_WITHOUT_HUB],
        &refusals::NOT_ON,
    );
    guards.refuse_if(context, odd_size, &[rules::WIRE_PAGE_BOUNDS], &refusals::CONSTRAINT);
    guards.or_rather(page.next_token.is_some(), bogus_token);
    guards.or_rather(vague, || refused_somehow(rules::STANDARDS_BECOME_READY));
    guards.conclude(&[], Vec::new, || {
        let hub = context.state.hubs.get(&context.caller);
        let Some(standards) = hub.map(|hub| hub.standards.clone()) else {
            return vec![Branch::new(Expect::AnySuccess, &[rules::STANDARDS_BECOME_READY])];
        };
        let view = StandardsView {
            account: context.caller,
            region: context.region,
            standards,
            only,
            page: page_size(&page),
            loose: vague || page.next_token.is_some(),
        };
        let rule = if vague { rules::STANDARDS_BECOME_READY } else { rules::STANDARDS_OWN_ONLY };
        let mut branches = vec![Branch::new(Expect::Standards(view), &[rule])];
        branches.extend(page.next_token.is_some().then(bogus_token));
        branches.extend(vague.then(|| refused_somehow(rules::STANDARDS_BECOME_READY)));
        branches
    })
}

/// The standards that a request asks for by the caller's subscriptions; `None` where it asks for something else, or for
/// subscriptions by ARNs of another kind: no source says whether those find anything.
fn named(context: &Context<'_>, request: &Document) -> Option<BTreeSet<String>> {
    let arns = request.get("StandardsSubscriptionArns")?.as_array()?;
    let arns = Some(arns).filter(|arns| (1..=MOST).contains(&arns.len()))?;
    let own = format!(":{}:subscription/", context.caller);
    arns.iter().map(|arn| arn.as_str().filter(|arn| arn.contains(&own)).and_then(name)).collect()
}

pub(super) fn change(context: &Context<'_>, operation: Operation, input: &Input) -> Branches {
    let Input::Standards(arns) = input else {
        return Branches::any_of(vec![
            refused_somehow(rules::STANDARDS_BECOME_READY),
            Branch::new(Expect::Anything, &[rules::STANDARDS_BECOME_READY]),
        ]);
    };
    let arns = arns.as_deref().unwrap_or_default();
    let names: Vec<String> = arns.iter().filter_map(|arn| name(arn)).collect();
    let enables = operation == Operation::BatchEnableStandards;
    let off = !context.state.is_on(context.caller);
    let mut guards = Guards::default();
    guards.refuse_if(context, off, &[rules::OTHER_CALLS_WITHOUT_HUB], &refusals::NOT_ON);
    let malformed = enables && names.len() < arns.len();
    guards.refuse_if(context, malformed, &[rules::STANDARDS_MALFORMED_ARN], &refusals::NO_SUCH_STANDARD);
    let odd = !(1..=MOST).contains(&arns.len()) || arns.iter().any(|arn| name(arn).is_none());
    // The sources speak of ARNs that are none, not of lists of a wrong length, nor of blanks.
    let said = arns.len() <= MOST && arns.iter().all(|arn| !arn.trim().is_empty());
    guards.or_rather(odd && (off || !said), || refused_somehow(rules::STANDARDS_BECOME_READY));
    let doubt = || {
        let account = context.caller;
        if off {
            return vec![Effect::DoubtHub(account)];
        }
        vec![Effect::Subscribe { account, enable: Vec::new(), disable: Vec::new() }]
    };
    guards.conclude(&[], doubt, || {
        let own = |arn: &&String| is_own(context, arn);
        let ended = || arns.iter().filter(own).filter_map(|arn| name(arn)).collect();
        let (enable, disable) = if enables { (names, Vec::new()) } else { (Vec::new(), ended()) };
        // No source says what these calls answer in the ordinary case, only what a malformed ARN brings. A subscription of
        // somebody else is none of the caller's, who goes on with its own.
        let changed = Effect::Subscribe { account: context.caller, enable, disable };
        vec![Branch::new(Expect::Anything, &[rules::STANDARDS_BECOME_READY]).with(changed)]
    })
}

/// Whether an ARN is no subscription of another account.
fn is_own(context: &Context<'_>, arn: &str) -> bool {
    let subscription = arn.split_once(":subscription/").map(|(place, _)| place);
    subscription.is_none_or(|place| place.ends_with(&format!(":{}", context.caller)))
}

/// The end of a standard's ARN, or of a subscription's, from the name on (SH-WIRE-018).
fn name(arn: &str) -> Option<String> {
    let mut parts = arn.strip_prefix("arn:")?.splitn(5, ':');
    let (_partition, service, _region, _account) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let (kind, name) = parts.next()?.split_once('/')?;
    let known = service == "securityhub" && ["standards", "ruleset", "subscription"].contains(&kind);
    (known && !name.is_empty()).then(|| name.to_owned())
}
