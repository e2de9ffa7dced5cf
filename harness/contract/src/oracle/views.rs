//! Compares reads of the hub, the count of invitations, and the administrator with what the model expects.

use serde_json::Value;

use crate::domain::{DivergenceKind, Document, Grade, HubArn, MemberStatus, Naming, RuleId, Timestamp};
use crate::model::questions::{self, answer};
use crate::model::{AdministratorView, Hub, rules};

use super::finding::{Continuation, Mismatch};
use super::invitations::is_hex32;
use super::learn::Learn;
use super::members::note;
use super::{FORMER_ENABLED, Observed};

pub(super) fn hub<N: Naming>(
    base: &mut Continuation,
    arn: &HubArn,
    hub: &Hub,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    let because = hub.because.0;
    let before = base.mismatches.len();
    let text = |name: &str| document.get(name).and_then(Value::as_str);
    let expected = arn.text(observed.naming);
    if text("HubArn") != Some(expected.as_str()) {
        let rules = [rules::WIRE_HUB_ARNS, rules::DESCRIBE_HUB];
        wrong(base, document, &rules, "HubArn", format!("{expected:?}"));
    }
    let subscribed_at = text("SubscribedAt").and_then(Timestamp::parse);
    match (subscribed_at, hub.subscribed_at.seen()) {
        (None, _) => {
            let rules = [rules::DESCRIBE_HUB, rules::WIRE_TIMESTAMPS];
            wrong(base, document, &rules, "SubscribedAt", "an ISO-8601 instant in UTC".into());
        }
        (Some(at), Some(before)) if at != *before => {
            wrong(base, document, &[rules::DESCRIBE_HUB], "SubscribedAt", format!("\"{before}\", as before"));
        }
        _ => {}
    }
    let auto = document.get("AutoEnableControls").and_then(Value::as_bool);
    let generator = text("ControlFindingGenerator");
    hub_settings(base, hub, document);
    if base.mismatches.len() == before {
        note(base, rules::DESCRIBE_HUB, because);
        note(base, rules::WIRE_HUB_ARNS, rules::WIRE_TIMESTAMPS);
    }
    if let (Some(subscribed_at), Some(auto_enable_controls), HubArn::Of(account, _)) = (subscribed_at, auto, arn) {
        // What a member shows is its administrator's.
        let own = because != rules::DESCRIBE_GENERATOR_OF_MEMBER && hub.generator.seen().is_none();
        let generator = generator.filter(|_| own).map(str::to_owned);
        let learn = Learn::Hub { account: *account, subscribed_at, auto_enable_controls, generator };
        if base.mismatches.len() == before { base.learned.push(learn) } else { base.adopted.push(learn) }
    }
}

fn hub_settings(base: &mut Continuation, hub: &Hub, document: &Document) {
    let because = hub.because.0;
    let of_administrator = because == rules::DESCRIBE_GENERATOR_OF_MEMBER;
    let by = if of_administrator { [because, rules::DESCRIBE_HUB] } else { [rules::DESCRIBE_HUB, because] };
    // No source says outright that a setting is shown as it was made, except to a member its administrator's.
    let unlike = |base: &mut Continuation, name: &str, expected: String| {
        wrong(base, document, &by, name, expected);
        if let Some(last) = base.mismatches.last_mut().filter(|_| !of_administrator) {
            last.cap = Grade::Inferred;
        }
    };
    let auto = document.get("AutoEnableControls").and_then(Value::as_bool);
    match (auto, hub.auto_enable_controls.seen()) {
        (None, _) => {
            wrong(base, document, &[rules::DESCRIBE_HUB], "AutoEnableControls", "true or false".into());
        }
        (Some(value), Some(before)) if value != *before => unlike(base, "AutoEnableControls", before.to_string()),
        _ => {}
    }
    let generator = document.get("ControlFindingGenerator").and_then(Value::as_str);
    let known = ["STANDARD_CONTROL", "SECURITY_CONTROL"];
    match (generator, hub.generator.seen()) {
        (Some(value), Some(before)) if value != before => {
            unlike(base, "ControlFindingGenerator", format!("{before:?}"));
        }
        (Some(value), _) if known.contains(&value) => {}
        _ => {
            wrong(base, document, &[rules::DESCRIBE_HUB], "ControlFindingGenerator", known.join(" or "));
        }
    }
}

/// Notes that a member of the answer has another value than expected.
fn wrong(base: &mut Continuation, document: &Document, rules: &[RuleId], name: &str, expected: String) {
    let shown = document.get(name).map_or_else(|| "absent".to_owned(), Value::to_string);
    let pointer = format!("/{name}");
    base.mismatches.push(Mismatch::new(DivergenceKind::WrongValue, rules, pointer, expected, shown));
}

pub(super) fn count(base: &mut Continuation, least: u64, most: u64, document: &Document) {
    let shown = document.get("InvitationsCount");
    if shown.and_then(Value::as_u64).is_some_and(|count| (least..=most).contains(&count)) {
        return;
    }
    let expected = if least == most { least.to_string() } else { format!("{least} to {most}") };
    let found = shown.map_or_else(|| "absent".to_owned(), Value::to_string);
    let rules = [rules::INVITATIONS_COUNT];
    base.mismatches.push(Mismatch::new(DivergenceKind::WrongValue, &rules, "/InvitationsCount", expected, found));
}

pub(super) fn administrator<N: Naming>(
    base: &mut Continuation,
    view: &AdministratorView,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    // The examples of the new operation once showed the old member, too (SH-ADMIN-001).
    let former = (view.name == "Administrator").then_some("Master");
    let shown = document.get(view.name).or_else(|| document.get(former?));
    let id = shown.and_then(|shown| shown.get("AccountId")).and_then(Value::as_str);
    let account = id.and_then(|id| observed.naming.account_from(id));
    let learn = Learn::Administrator { member: view.member, account };
    let status = shown.and_then(|shown| shown.get("MemberStatus")).and_then(Value::as_str);
    if view.loose {
        // What is shown otherwise may be an invitation (N32).
        let is_told = match account {
            Some(_) => status == Some(MemberStatus::Enabled.name()),
            None => shown.is_none() && view.administrator.is_none(),
        };
        base.learned.extend(is_told.then_some(learn));
        return;
    }
    let is_pending =
        view.pending.iter().any(|(inviter, _)| account == Some(*inviter)) && status != Some("Enabled");
    match (view.administrator, shown) {
        (None, Some(_)) if is_pending => base.answers.push(answer(questions::ADMINISTRATOR_INVITED, "present")),
        (None, None) => {
            let is_open = view.pending.iter().any(|(_, certain)| *certain);
            base.answers.extend(is_open.then(|| answer(questions::ADMINISTRATOR_INVITED, "omitted")));
            note(base, view.rule, view.because.0);
            base.learned.push(Learn::SeenMember(view.member));
        }
        (None, Some(shown)) => {
            let rules = [view.because.0, view.rule];
            let found = shown.to_string();
            let mismatch = Mismatch::new(
                DivergenceKind::ExtraEffect,
                &rules,
                "/Administrator",
                "absent: no administrator",
                found,
            );
            let mismatch = mismatch.of_value(view.because);
            base.mismatches.push(if account.is_some() { mismatch.of_state() } else { mismatch });
            base.adopted.push(learn);
        }
        (Some(expected), None) => {
            let rules = [view.because.0, view.rule];
            let expected = format!("the administrator {}", observed.name(expected));
            base.mismatches.push(
                Mismatch::new(DivergenceKind::MissingEffect, &rules, "/Administrator", expected, "absent")
                    .of_value(view.because)
                    .of_state(),
            );
            base.adopted.push(learn);
        }
        (Some(expected), Some(shown)) if account != Some(expected) => {
            let rules = [view.because.0, view.rule];
            base.mismatches.push(
                Mismatch::new(
                    DivergenceKind::WrongValue,
                    &rules,
                    "/Administrator/AccountId",
                    observed.name(expected),
                    shown.to_string(),
                )
                .of_value(view.because)
                .of_state(),
            );
            base.adopted.push(learn);
        }
        (Some(_), Some(shown)) => details(base, view, shown, observed),
    }
}

/// Compares what stands beside the administrator's id (SH-ADMIN-001).
fn details<N: Naming>(
    base: &mut Continuation,
    view: &AdministratorView,
    shown: &Value,
    observed: &Observed<'_, N>,
) {
    let text = |name: &str| shown.get(name).and_then(Value::as_str);
    let before = base.mismatches.len();
    let mut wrong = |name: &str, expected: String| {
        let found = shown.get(name).map_or_else(|| "absent".to_owned(), Value::to_string);
        let pointer = format!("/Administrator/{name}");
        base.mismatches.push(Mismatch::new(DivergenceKind::WrongValue, &[view.rule], pointer, expected, found));
    };
    let is_former = |word| word == FORMER_ENABLED && observed.status(word).is_some();
    if !text("MemberStatus").is_some_and(|word| word == "Enabled" || is_former(word)) {
        wrong("MemberStatus", "\"Enabled\"".into());
    }
    if view.organization {
        // SH-ADMIN-006: whether an invitation is shown where there was none is open (Q36).
        if base.mismatches.len() == before {
            let present = shown.get("InvitationId").is_some_and(|id| !id.is_null());
            let word = if present { "present" } else { "omitted" };
            base.answers.push(answer(questions::ADMINISTRATOR_DETAILS, word));
            note(base, view.rule, view.because.0);
            base.learned.push(Learn::SeenMember(view.member));
        }
        return;
    }
    let known = view.invitation.as_ref().and_then(|held| held.id.seen());
    match (text("InvitationId"), known) {
        (Some(id), Some(known)) if *id != **known => {
            wrong("InvitationId", format!("{known:?}, as in ListInvitations"))
        }
        (Some(id), _) if is_hex32(id) => {}
        _ => wrong("InvitationId", "32 lower-case hexadecimal digits".into()),
    }
    if text("InvitedAt").and_then(Timestamp::parse).is_none() {
        wrong("InvitedAt", "an ISO-8601 instant in UTC".into());
    }
    if base.mismatches.len() == before {
        note(base, view.rule, view.because.0);
        base.learned.push(Learn::SeenMember(view.member));
    }
}
