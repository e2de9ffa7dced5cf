//! Compares reads of an administrator's list with the members that the model expects there.

use serde_json::Value;

use crate::domain::{Account, AccountRef, DivergenceKind, Document, MemberStatus, Naming, RuleId, Timestamp};
use crate::model::questions::{self, answer};
use crate::model::{Learned, Member, MemberList, MemberSlot, Presence, rules};

use super::batch::unprocessed;
use super::finding::{Continuation, Mismatch};
use super::late::Lag;
use super::learn::{Learn, SeenEntry};
use super::{FORMER_ENABLED, Observed};

pub(super) fn compare<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    let shown = document.get("Members").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if let Some(size) = observed.pages.iter().find(|size| **size > list.page) {
        let expected = format!("at most {} entries a page", list.page);
        let found = format!("{size} entries on one page");
        base.mismatches.push(Mismatch::new(
            DivergenceKind::WrongValue,
            &[rules::LIST_PAGE_SIZE],
            "/Members",
            expected,
            found,
        ));
    } else if list.page != usize::MAX && observed.pages.len() > 1 {
        base.rules.push(rules::LIST_PAGE_SIZE);
    }
    if list.loose {
        return;
    }
    let mut seen: Vec<Account> = Vec::new();
    for entry in shown {
        let text = entry.get("AccountId").and_then(Value::as_str).unwrap_or_default();
        match observed.naming.account_from(text) {
            Some(member) if seen.contains(&member) => {
                let found = format!("{} twice", observed.name(member));
                let one = Mismatch::new(
                    DivergenceKind::WrongValue,
                    &[list.rule],
                    "/Members/-",
                    "each entry once",
                    found,
                );
                base.mismatches.push(one);
            }
            Some(member) => {
                seen.push(member);
                shown_entry(base, list, member, entry, observed);
            }
            None => base.mismatches.push(Mismatch::new(
                DivergenceKind::ExtraEffect,
                &[list.rule],
                "/Members/-/AccountId",
                "only accounts that were created",
                format!("{text:?}"),
            )),
        }
    }
    for slot in list.slots.iter().filter(|slot| !observed.partial && !seen.contains(&slot.member)) {
        missing_entry(base, list, slot, observed);
    }
    if shown.is_empty() && base.mismatches.is_empty() {
        base.rules.push(list.rule);
    }
    reported(base, list, &seen, document, observed);
}

/// Ids that `GetMembers` reports as unprocessed (Q12).
fn reported<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    seen: &[Account],
    document: &Document,
    observed: &Observed<'_, N>,
) {
    let reported = unprocessed(document, observed.naming);
    for (account, _) in &reported {
        // That it is not shown has been said already.
        let missing = account.account().is_some_and(|member| !seen.contains(&member));
        if !list.unknown.contains(account) && !missing {
            base.mismatches.push(Mismatch::new(
                DivergenceKind::WrongValue,
                &[list.rule],
                "/UnprocessedAccounts/-",
                "only ids that are on no list",
                format!("{} listed as unprocessed", observed.show(account)),
            ));
        }
    }
    let certain = |account: Account| {
        let slot = list.slots.iter().find(|slot| slot.member == account);
        !seen.contains(&account) && slot.is_some_and(|slot| slot.presence == Presence::MustNot)
    };
    if list.unknown.iter().filter_map(AccountRef::account).any(certain) {
        let name = if reported.is_empty() { "omitted" } else { "unprocessed" };
        base.answers.push(answer(questions::GET_UNKNOWN, name));
    }
    let was_deleted = |slot: &&MemberSlot| rules::is_deletion(slot.record.because.0);
    let of = |account: &Account| list.slots.iter().find(|slot| slot.member == *account);
    let is_unknown = |account: Account| certain(account) && !of(&account).is_some_and(|slot| was_deleted(&slot));
    if list.unknown.iter().filter_map(AccountRef::account).any(is_unknown) {
        base.rules.push(rules::GET_UNKNOWN);
    }
}

fn missing_entry<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    slot: &MemberSlot,
    observed: &Observed<'_, N>,
) {
    let gone = Learn::NoEntry { administrator: list.administrator, member: slot.member };
    match slot.presence {
        Presence::MustNot => {
            note(base, slot.rule, slot.record.because.0);
            if rules::is_deletion(slot.record.because.0) {
                note(base, rules::GET_DELETED, rules::GET_DELETED);
            }
            if slot.record.status.is_none() {
                base.learned.push(Learn::Seen { administrator: list.administrator, member: slot.member });
            }
        }
        Presence::May => {
            // What is deleted may be left out of a list, and shown to who asks for it.
            let may_be_there = slot.record.status == Some(MemberStatus::Deleted) && !slot.record.doubt;
            base.learned.extend((list.complete && !may_be_there).then_some(gone));
        }
        Presence::Must => {
            let status = slot.record.status.map_or("an entry", MemberStatus::name);
            let missing = Mismatch::new(
                DivergenceKind::MissingEffect,
                &[slot.record.because.0, slot.rule],
                "/Members/-",
                format!("{} with status {status}", observed.name(slot.member)),
                format!("{} not listed", observed.name(slot.member)),
            );
            let missing = missing.of_value(slot.record.because).of_state();
            // Of the list alone a lag is known.
            let is_list = list.rule != rules::GET_PARTICULARS;
            let lag = Lag::Entry(list.administrator, slot.member);
            base.mismatches.push(if is_list { missing.late_by(lag) } else { missing });
            base.adopted.push(gone);
        }
    }
}

fn shown_entry<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    member: Account,
    entry: &Value,
    observed: &Observed<'_, N>,
) {
    let seen = read(entry, observed);
    let learn = Learn::Entry { administrator: list.administrator, member, seen: seen.clone() };
    if member == list.administrator && seen.status == Some(MemberStatus::Enabled) {
        // Administrator and member at once, it would be a member of itself.
        let rules = [list.rule, rules::ONE_ROLE_AT_ONCE];
        let expected = format!("{} no member of itself", observed.name(member));
        let found = "\"Enabled\"";
        base.mismatches.push(Mismatch::new(DivergenceKind::ExtraEffect, &rules, "/Members/-", expected, found));
        base.adopted.push(learn);
        return;
    }
    let Some(slot) = list.slots.iter().find(|slot| slot.member == member) else {
        extra_entry(base, list, member, &seen, observed);
        base.adopted.push(learn);
        return;
    };
    let record = &slot.record;
    if record.doubt {
        return doubtful_entry(base, list, slot, entry, learn, observed);
    }
    if slot.presence == Presence::MustNot {
        if record.status.is_some() && seen.status == Some(MemberStatus::Enabled) {
            // Shown as what was asked for: it is the status that is not as it should be.
            let expected = record.status.map_or("none", MemberStatus::name);
            base.mismatches.push(
                Mismatch::new(
                    DivergenceKind::WrongValue,
                    &[record.because.0, slot.rule],
                    "/Members/-/MemberStatus",
                    expected,
                    entry.get("MemberStatus").map_or_else(|| "absent".to_owned(), Value::to_string),
                )
                .of_value(record.because)
                .of_state(),
            );
            base.adopted.push(learn);
            return;
        }
        if record.status.is_some() {
            // On the list, but not among those asked for.
            let status = record.status.map_or("no", MemberStatus::name);
            base.mismatches.push(Mismatch::new(
                DivergenceKind::ExtraEffect,
                &[slot.rule],
                "/Members/-",
                "only enabled members",
                format!("{} with status {status}", observed.name(member)),
            ));
            return;
        }
        let forgotten = record.because.0;
        let rules = if rules::is_deletion(forgotten) {
            vec![forgotten, rules::GET_DELETED]
        } else {
            vec![forgotten, list.rule]
        };
        base.mismatches.push(
            Mismatch::new(
                DivergenceKind::ExtraEffect,
                &rules,
                "/Members/-",
                format!("{} not listed", observed.name(member)),
                format!("{} with status {}", observed.name(member), seen.status.map_or("?", MemberStatus::name)),
            )
            .of_value(record.because)
            .of_state(),
        );
        base.adopted.push(learn);
        return;
    }
    fields(base, list, slot, entry, &seen, observed);
}

/// An entry of which nothing is known: it is believed, unless it says what can't be in any case.
fn doubtful_entry<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    slot: &MemberSlot,
    entry: &Value,
    learn: Learn,
    observed: &Observed<'_, N>,
) {
    let seen = read(entry, observed);
    if slot.taken && seen.status == Some(MemberStatus::Enabled) {
        let rules = [slot.record.because.0, rules::ONE_ADMINISTRATOR_AT_ONCE];
        let expected = format!("{} not Enabled, being a member of somebody else", observed.name(slot.member));
        let pointer = "/Members/-/MemberStatus";
        let wrong = Mismatch::new(DivergenceKind::WrongValue, &rules, pointer, expected, "\"Enabled\"");
        base.mismatches.push(wrong);
        base.adopted.push(learn);
        return;
    }
    let before = base.mismatches.len();
    legible(base, list, slot, entry, &seen, observed);
    note_taken(base, slot, &seen);
    if base.mismatches.len() > before { base.adopted.push(learn) } else { base.learned.push(learn) }
}

/// That a member of another account is not shown as enabled bears out that it has one administrator.
fn note_taken(base: &mut Continuation, slot: &MemberSlot, seen: &SeenEntry) {
    if slot.taken && seen.status.is_some_and(|status| status != MemberStatus::Enabled) {
        base.rules.push(rules::ONE_ADMINISTRATOR_AT_ONCE);
    }
}

/// The parts of an entry that are the same whatever has become of the member.
fn legible<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    slot: &MemberSlot,
    entry: &Value,
    seen: &SeenEntry,
    observed: &Observed<'_, N>,
) {
    let shown = |name: &str| entry.get(name).map_or_else(|| "absent".to_owned(), Value::to_string);
    if seen.status.is_none() {
        base.mismatches.push(Mismatch::new(
            DivergenceKind::WrongValue,
            &[rules::WIRE_MEMBER_STATUSES, slot.rule],
            "/Members/-/MemberStatus",
            "a status",
            shown("MemberStatus"),
        ));
    }
    let administrator = observed.naming.account(list.administrator);
    for name in ["AdministratorId", "MasterId"] {
        if entry.get(name).is_some_and(|id| id.as_str() != Some(administrator.as_str())) {
            base.mismatches.push(Mismatch::new(
                DivergenceKind::WrongValue,
                &[rules::WIRE_ADMINISTRATOR_TWICE, rules::GET_PARTICULARS],
                format!("/Members/-/{name}"),
                format!("{administrator:?}"),
                shown(name),
            ));
        }
    }
}

fn extra_entry<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    member: Account,
    seen: &SeenEntry,
    observed: &Observed<'_, N>,
) {
    let found = format!("{} with status {}", observed.name(member), seen.status.map_or("?", MemberStatus::name));
    base.mismatches.push(
        Mismatch::new(DivergenceKind::ExtraEffect, &[list.rule], "/Members/-", "no such entry", found).of_state(),
    );
}

/// The members of an entry that is rightly shown.
fn fields<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    slot: &MemberSlot,
    entry: &Value,
    seen: &SeenEntry,
    observed: &Observed<'_, N>,
) {
    let record = &slot.record;
    let because = record.because.0;
    let before = base.mismatches.len();
    let shown = |name: &str| entry.get(name).map_or_else(|| "absent".to_owned(), Value::to_string);
    let mut adopt = SeenEntry { invited_at: seen.invited_at, updated_at: seen.updated_at, ..SeenEntry::default() };
    adopt.status = record.status;
    if seen.status != record.status {
        let expected = record.status.map_or("none", MemberStatus::name);
        let mismatch = Mismatch::new(
            DivergenceKind::WrongValue,
            &[because, slot.rule],
            "/Members/-/MemberStatus",
            expected,
            shown("MemberStatus"),
        );
        let mismatch = mismatch.of_value(record.because).of_state();
        let was_invited =
            seen.status == Some(MemberStatus::Invited) && record.status == Some(MemberStatus::Enabled);
        let is_late = was_invited && !record.organization && observed.circumstances.asks_again();
        let lag = Lag::Entry(list.administrator, slot.member);
        base.mismatches.push(if is_late { mismatch.late_by(lag) } else { mismatch });
        adopt.status = seen.status.or(record.status);
    }
    let word = entry.get("MemberStatus").and_then(Value::as_str);
    let is_spelled =
        |status: MemberStatus| word.is_some_and(|word| status.name() == word || word == FORMER_ENABLED);
    if seen.status.is_some_and(|status| !is_spelled(status)) {
        base.mismatches.push(Mismatch::new(
            DivergenceKind::WrongValue,
            &[rules::WIRE_MEMBER_STATUSES, slot.rule],
            "/Members/-/MemberStatus",
            seen.status.map_or("", MemberStatus::name),
            shown("MemberStatus"),
        ));
    }
    if let Learned::Is(email) = &record.email
        && seen.email.as_ref().is_some_and(|seen| seen != email)
        && !(record.email_open && seen.email == Some(None))
    {
        let expected = email.as_ref().map_or_else(|| "absent".to_owned(), |email| format!("{email:?}"));
        let rules = [rule_on_email(record, email.as_ref()), slot.rule];
        let kind = DivergenceKind::WrongValue;
        base.mismatches.push(Mismatch::new(kind, &rules, "/Members/-/Email", expected, shown("Email")));
        adopt.email.clone_from(&seen.email);
    }
    names_administrator(base, list, entry, observed);
    stamps(base, record, because, entry, seen);
    let learn = Learn::Entry { administrator: list.administrator, member: slot.member, seen: adopt };
    if base.mismatches.len() > before {
        base.adopted.push(learn);
        if seen.status == record.status {
            note(base, slot.rule, because);
        }
    } else {
        base.learned.push(learn);
        note(base, slot.rule, because);
        note_taken(base, slot, seen);
        note(base, rules::WIRE_ADMINISTRATOR_TWICE, rules::WIRE_MEMBER_STATUSES);
        note(base, rules::WIRE_TIMESTAMPS, rules::GET_PARTICULARS);
        if record.organization && record.email.seen() == Some(&None) {
            note(base, rules::CREATE_COLLEAGUE_WITHOUT_EMAIL, rules::CREATE_COLLEAGUE_WITHOUT_EMAIL);
        }
    }
}

/// Holds the administrator that an entry names, under both names of it, or under the former one alone.
fn names_administrator<N: Naming>(
    base: &mut Continuation,
    list: &MemberList,
    entry: &Value,
    observed: &Observed<'_, N>,
) {
    let administrator = observed.naming.account(list.administrator);
    let master_only = observed.circumstances.may_be_before("2021") && entry.get("AdministratorId").is_none();
    let names = ["MasterId", "AdministratorId"].into_iter().take(if master_only { 1 } else { 2 });
    for name in names {
        if entry.get(name).and_then(Value::as_str) != Some(administrator.as_str()) {
            base.mismatches.push(Mismatch::new(
                DivergenceKind::WrongValue,
                &[rules::WIRE_ADMINISTRATOR_TWICE, rules::GET_PARTICULARS],
                format!("/Members/-/{name}"),
                format!("{administrator:?}"),
                entry.get(name).map_or_else(|| "absent".to_owned(), Value::to_string),
            ));
        }
    }
}

/// The rule that says what `Email` shows.
fn rule_on_email(record: &Member, email: Option<&String>) -> RuleId {
    match email {
        _ if record.organization => rules::CREATE_COLLEAGUE_WITHOUT_EMAIL,
        Some(_) => rules::CREATE_KEEPS_EMAIL,
        None => rules::CREATE_NEW,
    }
}

/// `InvitedAt` and `UpdatedAt` (SH-GET-001, SH-INVITE-017, SH-WIRE-014).
fn stamps(base: &mut Continuation, record: &Member, because: RuleId, entry: &Value, seen: &SeenEntry) {
    let shown = |name: &str| entry.get(name).map_or_else(|| "absent".to_owned(), Value::to_string);
    let mut wrong = |rules: &[RuleId], name: &str, expected: String| {
        let pointer = format!("/Members/-/{name}");
        base.mismatches.push(Mismatch::new(DivergenceKind::WrongValue, rules, pointer, expected, shown(name)));
    };
    let missing =
        |name: &str| if entry.get(name).is_some() { rules::WIRE_TIMESTAMPS } else { rules::GET_PARTICULARS };
    let iso = || "an ISO-8601 instant in UTC".to_owned();
    match (seen.updated_at, record.updated_at.seen()) {
        (None, _) => wrong(&[missing("UpdatedAt"), rules::GET_PARTICULARS], "UpdatedAt", iso()),
        (Some(at), Some(before)) if at < *before => {
            wrong(&[rules::GET_PARTICULARS], "UpdatedAt", format!("not before {before}"));
        }
        _ => {}
    }
    if !record.stamped {
        return;
    }
    match (seen.invited_at, record.invited_at.seen()) {
        (None, _) => wrong(&[missing("InvitedAt"), rules::GET_PARTICULARS], "InvitedAt", iso()),
        (Some(at), Some(before)) if at != *before => {
            wrong(&[rules::INVITE_INSTANTS], "InvitedAt", format!("\"{before}\", as before"));
        }
        (Some(at), None) if is_first_invitation(record, because) && seen.updated_at.is_some_and(|u| u != at) => {
            wrong(&[rules::INVITE_INSTANTS], "InvitedAt", "the same instant as UpdatedAt".to_owned());
        }
        (Some(_), None) if is_first_invitation(record, because) => base.rules.push(rules::INVITE_INSTANTS),
        _ => {}
    }
}

/// SH-INVITE-017 speaks of an invitation just sent; whether sending again renews the instant is open (N14).
fn is_first_invitation(record: &Member, because: RuleId) -> bool {
    record.status == Some(MemberStatus::Invited)
        && !record.named_since.0
        && (because == rules::INVITE_CREATED || because == rules::INVITE_WITHOUT_EMAIL)
}

fn read<N: Naming>(entry: &Value, observed: &Observed<'_, N>) -> SeenEntry {
    let text = |name: &str| entry.get(name).and_then(Value::as_str);
    let is_shown = !observed.unknown.iter().any(|name| name == "Email");
    SeenEntry {
        status: text("MemberStatus").and_then(|word| observed.status(word)),
        email: is_shown.then(|| text("Email").map(str::to_owned)),
        invited_at: text("InvitedAt").and_then(Timestamp::parse),
        updated_at: text("UpdatedAt").and_then(Timestamp::parse),
    }
}

/// A read that agrees holds the rule of the read and the rule that made the state so.
pub(super) fn note(base: &mut Continuation, rule: RuleId, because: RuleId) {
    for rule in [rule, because] {
        if !base.rules.contains(&rule) {
            base.rules.push(rule);
        }
    }
}
