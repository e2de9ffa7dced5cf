//! Findings: imported into the account that has them, shown to it and to its administrator.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::batch::refused_somehow;
use super::branch::{Branch, Branches, Expect, FindingSlot, FindingsView, Presence};
use super::context::{Context, Guards};
use super::effect::Effect;
use super::listing::{bogus_token, page_beside, page_size};
use super::questions::{self, answer};
use super::state::ImportedFinding;
use super::{refusals, rules};
use crate::domain::{Account, Document, FindingRef, Input, MemberStatus, Page, RuleId};

/// The most findings that one request may hold.
const MOST: usize = 100;

/// The filters that are looked into.
const KNOWN_FILTERS: [&str; 2] = ["AwsAccountId", "Id"];

/// More findings of accounts that have nothing to do with the caller are not looked at.
const MOST_STRANGERS: usize = 64;

pub(super) fn import(context: &Context<'_>, input: &Input) -> Branches {
    let Input::Import(Some(findings)) = input else {
        return Branches::one(Branch::new(Expect::Anything, &[rules::IMPORT_OWN_FINDINGS]));
    };
    let caller = context.caller;
    let foreign = findings.iter().any(|finding| finding.account.account().is_some_and(|owner| owner != caller));
    let elsewhere = findings.iter().any(|finding| !finding.product.is_default(caller, context.region));
    // No source says whether such findings are reported one by one, or the whole request is refused.
    let is_odd = |finding: &FindingRef| finding.account.account().is_none() || finding.id.trim().is_empty();
    let mut ids: Vec<String> = findings.iter().map(|finding| finding.id.clone()).collect();
    ids.sort_unstable();
    ids.dedup();
    let odd = findings.iter().any(is_odd) || !(1..=MOST).contains(&findings.len());
    let mut guards = Guards::default();
    let off = !context.state.is_on(caller);
    guards.refuse_if(
        context,
        off,
        &[rules::IMPORT_WITHOUT_HUB, rules::OTHER_CALLS_WITHOUT_HUB],
        &refusals::NOT_ON,
    );
    if odd && !off {
        return Branches::one(Branch::new(Expect::Anything, &[rules::IMPORT_OWN_FINDINGS]));
    }
    guards.refuse_if(context, foreign, &[rules::IMPORT_FOREIGN_FINDING], &refusals::FOREIGN_FINDING);
    // Nor whether a finding given twice counts twice, or may be given twice at all.
    let is_twice = ids.len() < findings.len();
    guards.or_rather(odd || is_twice, || refused_somehow(rules::IMPORT_OWN_FINDINGS));
    guards.conclude(&[], Vec::new, || {
        let refused = Branch::new(Expect::Refused(refusals::FOREIGN_FINDING), &[rules::IMPORT_OWN_FINDINGS]);
        let once = is_twice.then_some(ids.len());
        let import = |count| {
            let effect = Effect::Import(caller, ids.clone());
            Branch::new(Expect::Imported(count), &[rules::IMPORT_OWN_FINDINGS]).with(effect)
        };
        let mut branches: Vec<Branch> = [findings.len()].into_iter().chain(once).map(import).collect();
        if elsewhere {
            // A product of another Region, or one that isn't switched on, is refused on AWS.
            let product = |branch: Branch, name| branch.answering(answer(questions::IMPORT_ELSEWHERE, name));
            branches = branches.into_iter().map(|branch| product(branch, "imported")).collect();
            branches.insert(0, product(refused, "refused"));
        }
        branches.extend(is_twice.then(|| refused_somehow(rules::IMPORT_OWN_FINDINGS)));
        branches
    })
}

/// `CreateFindingAggregator`, of which the sources say what a member is told.
pub(super) fn aggregate(context: &Context<'_>) -> Branches {
    let mut guards = Guards::default();
    let off = !context.state.is_on(context.caller);
    guards.refuse_if(context, off, &[rules::OTHER_CALLS_WITHOUT_HUB], &refusals::NOT_ON);
    let is_member = !off && context.own_administrator().is_some() && !context.membership_in_doubt(context.caller);
    guards.refuse_if(context, is_member, &[rules::AGGREGATOR_AS_MEMBER], &refusals::MEMBER_CANNOT_AGGREGATE);
    guards.conclude(&[], Vec::new, || {
        let linked = Effect::LinkRegions(context.caller);
        vec![
            Branch::new(Expect::AnySuccess, &[rules::FINDINGS_OF_MEMBERS]).with(linked),
            Branch::new(Expect::AnyRefusal, &[rules::FINDINGS_OF_MEMBERS]),
        ]
    })
}

pub(super) fn get(context: &Context<'_>, input: &Input) -> Branches {
    if let Input::Open(text) = input {
        return filtered(context, &serde_json::from_str(text).unwrap_or_default());
    }
    let Input::Page(page) = input else {
        return Branches::one(Branch::new(Expect::Anything, &[rules::FINDINGS_OF_MEMBERS]));
    };
    let odd_size = page.max_results.is_some_and(|size| !(1..=100).contains(&size));
    let mut guards = Guards::default();
    guards.refuse_if(
        context,
        !context.state.is_on(context.caller),
        &[rules::OTHER_CALLS_WITHOUT_HUB],
        &refusals::NOT_ON,
    );
    guards.refuse_if(context, odd_size, &[rules::WIRE_PAGE_BOUNDS], &refusals::CONSTRAINT);
    guards.or_rather(page.next_token.is_some(), bogus_token);
    guards.conclude(&[], Vec::new, || {
        let odd_token = page.next_token.is_some();
        let (mut view, rule) = view(context, odd_token);
        view.page = page_size(page);
        let shown = Branch::new(Expect::Findings(view), &[rule]);
        [shown].into_iter().chain(odd_token.then(bogus_token)).collect()
    })
}

fn view(context: &Context<'_>, loose: bool) -> (FindingsView, RuleId) {
    let mut slots: Vec<FindingSlot> =
        relevant(context).into_iter().map(|(owner, id, held)| slot(context, owner, id, held)).collect();
    slots.extend(elsewhere(context));
    let member = context.own_administrator().is_some();
    let rule = if member { rules::FINDINGS_AS_MEMBER } else { rules::FINDINGS_OF_MEMBERS };
    let (owners, hiding) = owners(context);
    (FindingsView { slots, owners, hiding, page: usize::MAX, rule, loose }, rule)
}

/// `GetFindings` with filters: they hide findings, and show none that is hidden otherwise.
fn filtered(context: &Context<'_>, request: &Document) -> Branches {
    let page = page_beside(request, &["Filters", "SortCriteria"]);
    let mut guards = Guards::default();
    let off = !context.state.is_on(context.caller);
    guards.refuse_if(context, off, &[rules::OTHER_CALLS_WITHOUT_HUB], &refusals::NOT_ON);
    let filters = request.get("Filters").and_then(Value::as_object);
    let equals = |filter: &Value| filter.get("Comparison").and_then(Value::as_str) == Some("EQUALS");
    let is_known = |filters: &Document| {
        filters.iter().all(|(name, wanted)| {
            KNOWN_FILTERS.contains(&name.as_str()) && wanted.as_array().is_some_and(|all| all.iter().all(equals))
        })
    };
    // Of a page asked for by itself nothing is foretold but whose findings are on it.
    let is_whole = page == Some(Page::default());
    let odd = !is_whole || !filters.is_some_and(is_known);
    guards.or_rather(odd, || refused_somehow(rules::FINDINGS_OF_MEMBERS));
    guards.conclude(&[], Vec::new, || {
        let (mut view, rule) = view(context, !is_whole);
        for slot in &mut view.slots {
            let kept = filters.is_none_or(|filters| are_met(filters, slot));
            slot.wanted = kept || odd;
            if slot.presence == Presence::Must && !kept {
                slot.presence = Presence::May;
            }
        }
        let shown = Branch::new(Expect::Findings(view), &[rule]);
        [shown].into_iter().chain(odd.then(|| refused_somehow(rules::FINDINGS_OF_MEMBERS))).collect()
    })
}

/// Whether a finding surely meets all filters: those that ask for its owner or for its id are looked into.
fn are_met(filters: &Document, slot: &FindingSlot) -> bool {
    let owner = slot.owner.to_string();
    filters.iter().all(|(name, wanted)| {
        let value = match name.as_str() {
            "AwsAccountId" => &owner,
            "Id" => &slot.id,
            _ => return false,
        };
        let equals = |filter: &Value| {
            filter.get("Comparison").and_then(Value::as_str) == Some("EQUALS")
                && filter.get("Value").and_then(Value::as_str) == Some(value)
        };
        wanted.as_array().is_some_and(|filters| filters.iter().any(equals))
    })
}

/// The findings that say something of the read: those of the caller, of its members and of its administrator, and as
/// many of others as a scenario may have. A server that has been up for long holds those of many strangers.
fn relevant<'a>(context: &Context<'a>) -> Vec<(Account, &'a str, &'a ImportedFinding)> {
    let state = context.state;
    let mut owners = vec![context.caller];
    owners.extend(state.list(context.caller).map(|(member, _)| member));
    owners.extend(context.own_administrator());
    owners.sort_unstable();
    owners.dedup();
    let mut found: Vec<_> = owners.iter().flat_map(|owner| state.findings_of(*owner)).collect();
    let strangers = state.findings.iter().take(MOST_STRANGERS).filter(|((owner, _), _)| !owners.contains(owner));
    found.extend(strangers.map(|((owner, id), held)| (*owner, id.as_str(), held)));
    found
}

/// The findings of other Regions that are none of this one: an aggregator alone may show them here.
fn elsewhere(context: &Context<'_>) -> Vec<FindingSlot> {
    let presence =
        if context.state.aggregators.contains(&context.caller) { Presence::May } else { Presence::MustNot };
    let others = context.whole.regions().filter(|region| *region != context.region);
    let found = others.flat_map(|region| context.whole.region(region).findings.keys()).take(MOST_STRANGERS);
    let foreign = found.filter(|key| !context.state.findings.contains_key(*key));
    let rule = rules::REGIONS_APART;
    foreign
        .map(|(owner, id)| FindingSlot { owner: *owner, id: id.clone(), presence, wanted: true, rule })
        .collect()
}

/// A finding, and whether the caller is shown it.
fn slot(context: &Context<'_>, owner: Account, id: &str, held: &ImportedFinding) -> FindingSlot {
    let caller = context.caller;
    let entry = context.state.members.get(&(caller, owner));
    let departed = entry.is_some_and(|entry| entry.because.0 == rules::DEPARTURE_ENDS_VIEW);
    let (presence, rule) = if owner == caller {
        (if held.doubt { Presence::May } else { Presence::Must }, rules::FINDINGS_OF_MEMBERS)
    } else if context.own_administrator().is_some() {
        (Presence::MustNot, rules::FINDINGS_AS_MEMBER)
    } else if departed {
        // Out of the organization, out of its administrator's sight.
        (Presence::MustNot, rules::DEPARTURE_ENDS_VIEW)
    } else if context.entry_in_doubt(caller, owner) {
        (Presence::May, rules::FINDINGS_OF_MEMBERS)
    } else if context.state.administrator(owner) == Some(caller) {
        let since = held.under == Some(caller) && !held.doubt;
        let colleague = entry.is_some_and(|entry| entry.organization);
        let rule = if colleague { rules::CREATE_SHOWS_FINDINGS } else { rules::FINDINGS_OF_MEMBERS };
        (if since { Presence::Must } else { Presence::May }, rule)
    } else {
        (Presence::MustNot, hidden_by(entry.and_then(|entry| entry.status), entry.map(|entry| entry.because.0)))
    };
    FindingSlot { owner, id: id.to_owned(), presence, wanted: true, rule }
}

/// The accounts whose findings the caller may be shown: its own and those of its members; and the rules that hide those
/// of other accounts on its list, or of its administrator.
fn owners(context: &Context<'_>) -> (BTreeSet<Account>, BTreeMap<Account, RuleId>) {
    let caller = context.caller;
    let (mut owners, mut hiding) = (BTreeSet::from([caller]), BTreeMap::new());
    if let Some(administrator) = context.own_administrator() {
        hiding.insert(administrator, rules::FINDINGS_AS_MEMBER);
    }
    for (member, entry) in context.state.list(caller) {
        if context.entry_in_doubt(caller, member) || context.state.administrator(member) == Some(caller) {
            owners.insert(member);
        } else {
            hiding.insert(member, hidden_by(entry.status, Some(entry.because.0)));
        }
    }
    // Those whose administrator is not known may be members.
    let doubtful = context.state.administrators.iter().filter(|(_, held)| held.doubt).map(|(member, _)| *member);
    owners.extend(doubtful);
    (owners, hiding)
}

/// The rule that hides findings from an account that is not, or no longer, the administrator of their owner.
fn hidden_by(status: Option<MemberStatus>, because: Option<RuleId>) -> RuleId {
    match (status, because) {
        (Some(MemberStatus::Removed), _) => rules::DISASSOCIATE_HIDES_FINDINGS,
        (_, Some(rule)) if rule == rules::DISASSOCIATE_ORGANIZATION_MEMBER => rules::DISASSOCIATE_HIDES_FINDINGS,
        _ => rules::FINDINGS_OF_ENABLED_ONLY,
    }
}
