//! What a change does to the records of an implementation and what it leaves as it was, and the reads that show either.
//! It rests on the states before and after alone, and knows no rule.

use std::collections::{BTreeMap, BTreeSet};

use passmuster_contract::domain::{Account, Input, MemberStatus, Operation, Page, Region, Request, Transition};
use passmuster_contract::model::{RegionState, State};

/// A kind of record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum RecordKind {
    /// An entry on a list, by administrator and member.
    Entry,
    /// By invitee and inviter.
    Invitation,
    /// By its account, twice.
    Hub,
    /// Findings, by the account that imported them, twice.
    Findings,
    /// Findings of a member that its administrator sees, by both.
    Sight,
    /// A designation, by delegated administrator and management account.
    Designation,
}

/// One record in one Region.
pub(super) type RecordKey = (Region, RecordKind, Account, Account);

/// The stage of a record: nothing, or one of its kind's stages.
pub(super) type Stage = u16;

/// The records of a state with their stages.
pub(super) type Records = BTreeMap<RecordKey, Stage>;

/// A record that a change has altered.
#[derive(Clone, Copy, Debug)]
pub(super) struct Altered {
    pub(super) key: RecordKey,
    pub(super) before: Stage,
    pub(super) after: Stage,
    /// The account that it is about is named in the request behind another one.
    pub(super) is_later: bool,
}

/// A record that a change has left alone, though it has an account in common with one that it altered.
#[derive(Clone, Copy, Debug)]
pub(super) struct LeftAlone {
    pub(super) key: RecordKey,
    pub(super) kinship: Kinship,
    pub(super) stage: Stage,
}

/// The kinship of a record that was left alone with one that was altered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Kinship {
    pub(super) sharing: Sharing,
    /// It is in the stage that the other was in.
    pub(super) is_twin: bool,
}

impl Kinship {
    /// Whether it is the same record in another Region.
    pub(super) fn is_elsewhere(self) -> bool {
        self.sharing == Sharing::Both
    }

    /// Whether it is what the call was about.
    pub(super) fn is_of_named(self) -> bool {
        self.sharing == Sharing::Named
    }
}

/// The accounts that two records have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Sharing {
    /// The one that keeps it.
    Keeper,
    /// The one that it is about.
    Subject,
    /// Both, in another Region.
    Both,
    /// Some account, in a record of another kind.
    Account,
    /// Nothing was altered, and this is what the call was about.
    Named,
}

/// The records of a state.
pub(super) fn records(state: &State) -> Records {
    let mut found = Records::new();
    for region in state.regions() {
        let RegionState { members, invitations, hubs, designations, findings, .. } = state.region(region);
        let mut add = |kind, (keeper, subject): (Account, Account), stage: Option<Stage>| {
            if let Some(stage) = stage {
                found.insert((region, kind, keeper, subject), stage);
            }
        };
        for (pair, entry) in members {
            add(RecordKind::Entry, *pair, entry.status.map(entry_stage));
        }
        for (pair, invitation) in invitations {
            add(RecordKind::Invitation, *pair, invitation.state.map(|stage| 1 + stage as Stage));
        }
        for (account, hub) in hubs {
            let standards = hub.standards.enabled.seen().map_or(0, |enabled| 1 + enabled.len() as Stage);
            let generator = hub.generator.seen().map_or(0, |generator| generator.len() as Stage);
            let stage = 1 | standards << 1 | generator << 8;
            add(RecordKind::Hub, (*account, *account), hub.on.then_some(stage));
        }
        for ((owner, _), finding) in findings {
            add(RecordKind::Findings, (*owner, *owner), Some(1));
            if let Some(administrator) = state.region(region).administrator(*owner) {
                // Those from before need not be shown.
                let is_since = finding.under == Some(administrator);
                add(RecordKind::Sight, (administrator, *owner), Some(1 + Stage::from(is_since)));
            }
        }
        for (manager, designation) in designations {
            if let Some(delegate) = designation.administrator {
                let automatic = designation.auto_enable.seen().map_or(0, |on| 1 + Stage::from(*on));
                add(RecordKind::Designation, (delegate, *manager), Some(1 | automatic << 1));
            }
        }
    }
    found
}

const ENABLED: Stage = entry_stage(MemberStatus::Enabled);

const fn entry_stage(status: MemberStatus) -> Stage {
    1 + status as Stage
}

/// The records that a call has altered.
pub(super) fn altered(call: &Transition, before: &Records, after: &Records) -> Vec<Altered> {
    let named = call.request.named_accounts();
    let stage = |records: &Records, key| records.get(key).copied().unwrap_or(0);
    let keys = before.keys().chain(after.keys().filter(|key| !before.contains_key(*key)));
    let changed = keys.filter(|key| stage(before, key) != stage(after, key));
    let is_later = |(_, _, keeper, subject): &RecordKey| {
        named.iter().skip(1).any(|account| account == keeper || account == subject)
    };
    changed
        .map(|key| Altered {
            key: *key,
            before: stage(before, key),
            after: stage(after, key),
            is_later: is_later(key),
        })
        .collect()
}

/// The records that a call has left alone, which it might have altered by mistake.
pub(super) fn left_alone(call: &Transition, altered: &[Altered], before: &Records) -> Vec<LeftAlone> {
    if altered.is_empty() {
        return about(call, before);
    }
    let is_altered = |key: &RecordKey| altered.iter().any(|altered| altered.key == *key);
    let others = before.iter().filter(|(key, _)| !is_altered(key));
    let related = others.filter_map(|(key, stage)| {
        let kin = altered.iter().filter_map(|altered| {
            let sharing = sharing(key, &altered.key)?;
            Some(Kinship { sharing, is_twin: *stage == altered.before })
        });
        let kinship = kin.max_by_key(|kinship| kinship.is_twin)?;
        Some(LeftAlone { key: *key, kinship, stage: *stage })
    });
    related.chain(not_made(altered, before)).collect()
}

/// What came to be in one Region and not in the others that something is in.
fn not_made<'a>(altered: &'a [Altered], before: &'a Records) -> impl Iterator<Item = LeftAlone> + 'a {
    let made = altered.iter().filter(|altered| altered.before == 0);
    made.flat_map(move |made| {
        let (here, kind, keeper, subject) = made.key;
        let elsewhere = before.keys().map(|key| key.0).filter(move |region| *region != here);
        let elsewhere: BTreeSet<Region> = elsewhere.collect();
        let twins = elsewhere.into_iter().map(move |region| (region, kind, keeper, subject));
        let is_none =
            |key: &RecordKey| !before.contains_key(key) && !altered.iter().any(|altered| altered.key == *key);
        let kinship = Kinship { sharing: Sharing::Both, is_twin: true };
        twins.filter(is_none).map(move |key| LeftAlone { key, kinship, stage: 0 })
    })
}

/// The records that a call is about, which altered nothing: of those it names; where it names none, of its caller. An
/// account that comes into an organization might have come on the list of its delegated administrator.
fn about(call: &Transition, before: &Records) -> Vec<LeftAlone> {
    let named = call.request.named_accounts();
    if call.request.operation == Operation::CreateAccount {
        let designations = before.keys().filter(|(_, kind, ..)| *kind == RecordKind::Designation);
        let pairs =
            designations.flat_map(|key| named.iter().map(|account| (key.0, RecordKind::Entry, key.2, *account)));
        let kinship = Kinship { sharing: Sharing::Named, is_twin: false };
        return pairs.map(|key| LeftAlone { key, kinship, stage: 0 }).collect();
    }
    let is_named = |account: &Account| named.contains(account) || named.is_empty() && *account == call.caller;
    let is_about = |(region, _, keeper, subject): &RecordKey| {
        *region == call.region && (is_named(keeper) || is_named(subject))
    };
    let kinship = |(_, _, keeper, subject): &RecordKey| {
        let is_own = [keeper, subject].contains(&&call.caller);
        Kinship { sharing: Sharing::Named, is_twin: is_own }
    };
    let found = before.iter().filter(|(key, _)| is_about(key));
    found.map(|(key, stage)| LeftAlone { key: *key, kinship: kinship(key), stage: *stage }).collect()
}

/// What a read should not show, though there is a record that looks like it: of another Region, of another keeper, or
/// findings of an account that the caller has to do with, or an entry that is filtered out, with the stage of the entry.
pub(super) fn absent(read: &Transition, state: &State, records: &Records) -> Vec<(RecordKind, Sharing, Stage)> {
    let (caller, here) = (read.caller, read.region);
    let mut found = Vec::new();
    let is_absent =
        |key: RecordKey, stage: Stage| !records.contains_key(&key) && shows(read, state, &key, [stage, stage]);
    for ((region, kind, keeper, subject), stage) in records {
        if *region != here {
            let is_twin_absent = is_absent((here, *kind, *keeper, *subject), *stage);
            found.extend(is_twin_absent.then_some((*kind, Sharing::Both, 0)));
            continue;
        }
        let is_hidden = *kind == RecordKind::Entry && *keeper == caller && *stage != ENABLED && is_filtered(read);
        found.extend(is_hidden.then_some((*kind, Sharing::Keeper, *stage)));
        let is_anothers = *kind == RecordKind::Entry && is_absent((here, *kind, caller, *subject), *stage);
        found.extend(is_anothers.then_some((*kind, Sharing::Subject, 0)));
        let entries = [(caller, *keeper), (*keeper, caller)];
        let mut entries = entries.iter().map(|(one, other)| (here, RecordKind::Entry, *one, *other));
        let related = entries.find_map(|key| records.get(&key));
        let is_seen = |state: &State| state.region(here).administrator(*keeper) == Some(caller);
        let is_of_others = *kind == RecordKind::Findings && *keeper != caller;
        if let Some(stage) = related
            && is_of_others
            && read.request.operation == Operation::GetFindings
            && !is_seen(state)
        {
            found.push((*kind, Sharing::Account, *stage));
        }
    }
    found
}

fn sharing(one: &RecordKey, other: &RecordKey) -> Option<Sharing> {
    if one.1 != other.1 {
        let common = [one.2, one.3].iter().any(|account| [other.2, other.3].contains(account));
        return (common && one.0 == other.0).then_some(Sharing::Account);
    }
    match (one.0 == other.0, one.2 == other.2, one.3 == other.3) {
        (false, true, true) => Some(Sharing::Both),
        (true, true, false) => Some(Sharing::Keeper),
        (true, false, true) => Some(Sharing::Subject),
        _ => None,
    }
}

/// Whether a read leaves those out that are no members.
fn is_filtered(read: &Transition) -> bool {
    let Request { operation, input } = &read.request;
    let asks_for_all = |page: &Page| page.only_associated.as_deref() == Some("false");
    *operation == Operation::ListMembers && matches!(input, Input::Page(page) if !asks_for_all(page))
}

/// Whether the answer to a read tells of a record that is or was in one of these stages.
pub(super) fn shows(read: &Transition, state: &State, key: &RecordKey, stages: [Stage; 2]) -> bool {
    let (region, kind, keeper, subject) = key;
    let caller = read.caller;
    let Request { operation, .. } = &read.request;
    let joins = stages.contains(&ENABLED);
    // Without those that are no members, which stage another one has reached isn't told.
    let is_told = stages[1] == ENABLED || !is_filtered(read);
    let sees =
        |account: &Account| caller == *account || state.region(*region).administrator(*account) == Some(caller);
    if read.region != *region {
        return false;
    }
    match kind {
        RecordKind::Entry => match operation {
            Operation::ListMembers => caller == *keeper && is_told,
            Operation::GetMembers => caller == *keeper && read.request.named_accounts().contains(subject),
            Operation::GetAdministratorAccount | Operation::GetMasterAccount => caller == *subject && joins,
            _ => false,
        },
        RecordKind::Sight => operation == &Operation::GetFindings && caller == *keeper,
        RecordKind::Invitation => {
            caller == *keeper && matches!(operation, Operation::ListInvitations | Operation::GetInvitationsCount)
        }
        RecordKind::Findings => operation == &Operation::GetFindings && sees(keeper),
        RecordKind::Hub => {
            caller == *keeper && matches!(operation, Operation::DescribeHub | Operation::GetEnabledStandards)
        }
        RecordKind::Designation => match operation {
            Operation::ListOrganizationAdminAccounts => caller == *subject,
            Operation::DescribeOrganizationConfiguration => caller == *keeper,
            _ => false,
        },
    }
}
