//! Compares reads of delegated administration: who is designated, and how the organization is configured.

use serde_json::Value;

use crate::domain::{DivergenceKind, Document, Naming};
use crate::model::{AdminAccounts, Configuration, rules};

use super::Observed;
use super::finding::{Continuation, Mismatch};
use super::late::Lag;

pub(super) fn admin_accounts<N: Naming>(
    base: &mut Continuation,
    view: &AdminAccounts,
    document: &Document,
    observed: &Observed<'_, N>,
) {
    if view.loose {
        return;
    }
    let shown = document.get("AdminAccounts").and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    let text = |entry: &Value, name: &str| entry.get(name).and_then(Value::as_str).map(str::to_owned);
    let by: Vec<_> = view.because.into_iter().chain(base.rules.clone()).collect();
    let mut wrong = |kind, pointer: &str, expected: String, found: String| {
        base.mismatches.push(Mismatch::new(kind, &by, pointer, expected, found));
    };
    let mut seen = false;
    for entry in shown {
        let id = text(entry, "AccountId").unwrap_or_default();
        let account = observed.naming.account_from(&id);
        let status = text(entry, "Status");
        if account.is_some() && account == view.administrator {
            if std::mem::replace(&mut seen, true) {
                let found = format!("{id:?} twice");
                wrong(DivergenceKind::WrongValue, "/AdminAccounts/-", "each once".to_owned(), found);
            }
            if status.as_deref() != Some("ENABLED") {
                let found = entry.get("Status").map_or_else(|| "absent".to_owned(), Value::to_string);
                wrong(DivergenceKind::WrongValue, "/AdminAccounts/-/Status", "\"ENABLED\"".to_owned(), found);
            }
        } else if account.is_none() || account != view.leaving || status.as_deref() != Some("DISABLE_IN_PROGRESS")
        {
            // What was removed may show that it is on its way out (SH-ORG-012).
            let expected =
                view.administrator.map_or_else(|| "nobody".to_owned(), |account| observed.name(account));
            wrong(DivergenceKind::ExtraEffect, "/AdminAccounts/-", format!("only {expected}"), entry.to_string());
        }
    }
    if let Some(administrator) = view.administrator.filter(|_| !seen) {
        let expected = format!("{} with status ENABLED", observed.name(administrator));
        wrong(DivergenceKind::MissingEffect, "/AdminAccounts/-", expected, "not listed".to_owned());
        if let Some(missing) = base.mismatches.last_mut() {
            missing.lag = Some(Lag::Designation(administrator));
        }
    }
    base.rules.extend(view.because.filter(|rule| !base.rules.contains(rule)));
}

pub(super) fn configuration(base: &mut Continuation, view: &Configuration, document: &Document) {
    let nested = document.get("OrganizationConfiguration");
    let by = [view.because, rules::CONFIGURATION_DEFAULTS];
    let by = if view.because == rules::CONFIGURE_AUTO_ENABLE { &by[..1] } else { &by[1..] };
    let mut check = |pointer: &str, shown: Option<&Value>, expected: Option<Value>, required: bool| {
        let fits = match (shown, &expected) {
            (Some(shown), Some(expected)) => shown == expected,
            (None, _) => !required,
            (Some(_), None) => true,
        };
        if !fits {
            let expected = expected.map_or_else(|| "a value".to_owned(), |value| value.to_string());
            let found = shown.map_or_else(|| "absent".to_owned(), Value::to_string);
            base.mismatches.push(Mismatch::new(DivergenceKind::WrongValue, by, pointer, expected, found));
        }
    };
    let seen = |value: &crate::model::Learned<String>| value.seen().cloned().map(Value::from);
    let auto_enable = view.auto_enable.seen().map(|value| Value::from(*value));
    check("/AutoEnable", document.get("AutoEnable"), auto_enable, true);
    check("/AutoEnableStandards", document.get("AutoEnableStandards"), seen(&view.standards), true);
    let kind = nested.and_then(|nested| nested.get("ConfigurationType"));
    check("/OrganizationConfiguration/ConfigurationType", kind, seen(&view.configuration), true);
    let is_untouched = by[0] == rules::CONFIGURATION_DEFAULTS;
    let reached = document.get("MemberAccountLimitReached");
    check("/MemberAccountLimitReached", reached, Some(Value::Bool(false)), is_untouched);
    if is_untouched {
        let status = nested.and_then(|nested| nested.get("Status"));
        check("/OrganizationConfiguration/Status", status, Some(Value::from("ENABLED")), true);
    }
    if !base.rules.contains(&by[0]) {
        base.rules.push(by[0]);
    }
}
