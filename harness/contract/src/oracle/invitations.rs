//! Compares reads of the invitations that an account has received with those that the model expects.

use std::sync::Arc;

use serde_json::Value;

use crate::domain::{Account, DivergenceKind, Document, Naming, Timestamp};
use crate::model::questions::{self, answer};
use crate::model::{InvitationList, InvitationSlot, InvitationState, Presence, rules};

use super::Observed;
use super::finding::{Continuation, Mismatch};
use super::late::Lag;
use super::learn::Learn;
use super::members::note;

pub(super) fn compare<N: Naming>(
    base: &mut Continuation,
    list: &InvitationList,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    let shown = document.get("Invitations").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    if let Some(size) = observed.pages.iter().find(|size| **size > list.page) {
        base.mismatches.push(Mismatch::new(
            DivergenceKind::WrongValue,
            &[rules::WIRE_PAGE_BOUNDS],
            "/Invitations",
            format!("at most {} entries a page", list.page),
            format!("{size} entries on one page"),
        ));
    }
    if list.loose {
        return;
    }
    let mut seen: Vec<Account> = Vec::new();
    for entry in shown {
        let text = entry.get("AccountId").and_then(Value::as_str).unwrap_or_default();
        let Some(inviter) = observed.naming.account_from(text) else {
            base.mismatches.push(Mismatch::new(
                DivergenceKind::ExtraEffect,
                &[list.rule],
                "/Invitations/-/AccountId",
                "only accounts that have invited the caller",
                format!("{text:?}"),
            ));
            continue;
        };
        if seen.contains(&inviter) {
            let found = format!("two invitations from {}", observed.name(inviter));
            let rules = [rules::INVITATIONS_ONE_EACH];
            let expected = "one entry for each administrator";
            base.mismatches.push(Mismatch::new(
                DivergenceKind::WrongValue,
                &rules,
                "/Invitations/-",
                expected,
                found,
            ));
            continue;
        }
        seen.push(inviter);
        shown_entry(base, list, inviter, entry, observed);
    }
    for slot in list.slots.iter().filter(|slot| !observed.partial && !seen.contains(&slot.inviter)) {
        missing_entry(base, list, slot, observed);
    }
    if seen.len() > 1 && base.mismatches.is_empty() {
        base.rules.push(rules::INVITATIONS_ONE_EACH);
    }
}

fn missing_entry<N: Naming>(
    base: &mut Continuation,
    list: &InvitationList,
    slot: &InvitationSlot,
    observed: &Observed<'_, N>,
) {
    let gone = Learn::NoInvitation { invitee: list.invitee, inviter: slot.inviter };
    match slot.presence {
        Presence::MustNot => note(base, list.rule, slot.record.because.0),
        Presence::May => {
            base.answers.extend(slot.answers.map(|(_, hidden)| hidden));
            if slot.record.doubt || slot.record.state != Some(InvitationState::Accepted) {
                base.learned.push(gone);
            }
        }
        Presence::Must => {
            let because = slot.record.because.0;
            base.mismatches.push(
                Mismatch::new(
                    DivergenceKind::MissingEffect,
                    &[because, slot.rule],
                    "/Invitations/-",
                    format!("an invitation from {}", observed.name(slot.inviter)),
                    "none",
                )
                .of_value(slot.record.because)
                .late_by(Lag::Invitation(list.invitee, slot.inviter))
                .of_state(),
            );
            base.adopted.push(gone);
        }
    }
}

fn shown_entry<N: Naming>(
    base: &mut Continuation,
    list: &InvitationList,
    inviter: Account,
    entry: &Value,
    observed: &Observed<'_, N>,
) {
    let id = entry.get("InvitationId").and_then(Value::as_str).map(Arc::<str>::from);
    let status = entry.get("MemberStatus").and_then(Value::as_str);
    let learn =
        Learn::Invitation { invitee: list.invitee, inviter, id: id.clone(), status: status.and_then(state_of) };
    let slot = list.slots.iter().find(|slot| slot.inviter == inviter && slot.presence != Presence::MustNot);
    let Some(slot) = slot else {
        let gone = list.slots.iter().find(|slot| slot.inviter == inviter).map(|slot| slot.record.because);
        let rules: Vec<_> = gone.map(|because| because.0).into_iter().chain([list.rule]).collect();
        let extra = Mismatch::new(
            DivergenceKind::ExtraEffect,
            &rules,
            "/Invitations/-",
            format!("no invitation from {}", observed.name(inviter)),
            entry.to_string(),
        );
        let extra = gone.map_or(extra.clone(), |because| extra.of_value(because));
        base.mismatches.push(extra.of_state());
        base.adopted.push(learn);
        return;
    };
    if slot.record.doubt {
        base.learned.push(learn);
        return;
    }
    let before = base.mismatches.len();
    if !slot.statuses.is_empty() && !status.is_some_and(|status| slot.statuses.contains(&status)) {
        let known = status.and_then(state_of).is_some();
        // A word that is no status at all tells of the read, not of what happened.
        let rules =
            if known { [slot.record.because.0, slot.rule] } else { [slot.rule, rules::WIRE_MEMBER_STATUSES] };
        let mismatch = Mismatch::new(
            DivergenceKind::WrongValue,
            &rules,
            "/Invitations/-/MemberStatus",
            slot.statuses.join(" or "),
            status.map_or_else(|| "absent".to_owned(), |status| format!("{status:?}")),
        );
        let mismatch = mismatch.of_value(slot.record.because);
        base.mismatches.push(if known { mismatch.of_state() } else { mismatch });
    }
    invitation_id(base, slot, id.as_deref());
    if entry.get("InvitedAt").and_then(Value::as_str).and_then(Timestamp::parse).is_none() {
        base.mismatches.push(Mismatch::new(
            DivergenceKind::WrongValue,
            &[rules::INVITATIONS_OPEN, rules::WIRE_TIMESTAMPS],
            "/Invitations/-/InvitedAt",
            "an ISO-8601 instant in UTC",
            entry.get("InvitedAt").map_or_else(|| "absent".to_owned(), Value::to_string),
        ));
    }
    if base.mismatches.len() > before {
        base.adopted.push(learn);
    } else {
        base.learned.push(learn);
        base.answers.extend(slot.answers.map(|(shown, _)| shown));
        note(base, slot.rule, slot.record.because.0);
        note(base, rules::WIRE_INVITATION_IDS, rules::WIRE_MEMBER_STATUSES);
    }
}

fn invitation_id(base: &mut Continuation, slot: &InvitationSlot, id: Option<&str>) {
    let wrong = |rules: &[_], expected: String| {
        let shown = id.map_or_else(|| "absent".to_owned(), |id| format!("{id:?}"));
        Mismatch::new(DivergenceKind::WrongValue, rules, "/Invitations/-/InvitationId", expected, shown)
    };
    if !id.is_some_and(is_hex32) {
        let form = "32 lower-case hexadecimal digits".to_owned();
        base.mismatches.push(wrong(&[rules::WIRE_INVITATION_IDS, rules::INVITATIONS_OPEN], form));
        return;
    }
    if let (Some(known), Some(id)) = (slot.record.id.seen(), id)
        && **known != *id
    {
        base.mismatches.push(wrong(&[rules::INVITATIONS_OPEN], format!("{known:?}, as before")));
    }
    if let (Some(earlier), None, Some(id)) = (&slot.record.earlier_id, slot.record.id.seen(), id) {
        let name = if **earlier == *id { "same-id" } else { "new-id" };
        base.answers.push(answer(questions::REINVITE, name));
    }
}

/// SH-WIRE-015.
pub(super) fn is_hex32(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

fn state_of(word: &str) -> Option<InvitationState> {
    match word {
        "Invited" => Some(InvitationState::Open),
        "Enabled" => Some(InvitationState::Accepted),
        "Resigned" => Some(InvitationState::Declined),
        "Removed" => Some(InvitationState::Removed),
        _ => None,
    }
}
