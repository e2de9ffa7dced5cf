//! Delegated administration: who is designated, and what an organization's settings may be.

use serde_json::json;

use super::Cases;
use super::forms::{NO_ID, NO_IDS, outside};
use super::stage::{A, B, C, delegated, hub, look, open, organization, read};
use crate::MANAGEMENT;
use crate::alphabet::call;
use passmuster_contract::domain::{Account, AccountRef, Input, Operation, Transition};

const DESIGNATE: Operation = Operation::EnableOrganizationAdminAccount;
const UNDESIGNATE: Operation = Operation::DisableOrganizationAdminAccount;
const LIST: Operation = Operation::ListOrganizationAdminAccounts;
const CONFIGURE: Operation = Operation::UpdateOrganizationConfiguration;
const DESCRIBE: Operation = Operation::DescribeOrganizationConfiguration;

pub(super) fn add(cases: &mut Cases<'_>) {
    designating(cases);
    configuring(cases);
    settings(cases);
    for (form, caller, stage) in refused_to_configure() {
        cases.add(form, &stage, look(caller, DESCRIBE), &[]);
    }
    cases.add("delegate", &delegated(), look(A, DESCRIBE), &[]);
}

fn designating(cases: &mut Cases<'_>) {
    let list = [read(MANAGEMENT, LIST)];
    for (operation, stage) in [(DESIGNATE, organization()), (UNDESIGNATE, delegated())] {
        let of = |caller, id| call(caller, operation, Input::Account(id));
        let text = |text: &str| Some(AccountRef::Text(text.to_owned()));
        let mut forms = vec![
            ("missing", of(MANAGEMENT, None)),
            ("null", open(MANAGEMENT, operation, &json!({ "AdminAccountId": null }))),
            ("colleague", of(MANAGEMENT, Some(A.into()))),
            ("management", of(MANAGEMENT, Some(MANAGEMENT.into()))),
            ("outsider", of(MANAGEMENT, Some(C.into()))),
            ("by-colleague", of(B, Some(A.into()))),
            ("by-outsider", of(C, Some(A.into()))),
        ];
        forms.extend(NO_IDS.map(|(name, id)| (name, of(MANAGEMENT, text(id)))));
        for (name, call) in forms {
            let is_id = !call.request.named_accounts().is_empty();
            // It is said nowhere what becomes of the others: they take no more than an organization.
            let stage = if is_id { &stage[..] } else { &organization()[..1] };
            cases.add(&format!("AdminAccountId/{name}"), stage, call, &list);
        }
        for (name, id) in [("missing", None), ("empty", text("")), ("letters", text("abcdefghijkl"))] {
            cases.add(&format!("pair/not-management+AdminAccountId-{name}"), &stage, of(B, id.clone()), &list);
            cases.add(&format!("pair/no-organization+AdminAccountId-{name}"), &[], of(C, id), &[]);
        }
        cases.add("pair/not-management+AdminAccountId-second", &delegated(), of(B, Some(B.into())), &list);
        let known = ["SecurityHub", "SecurityHubV2"].map(|value| (value, value.to_owned()));
        for (name, feature) in known.into_iter().chain(outside("SecurityHub")) {
            // A name in the place of the id: no account is designated whatever the feature.
            let members = json!({ "AdminAccountId": NO_ID, "Feature": feature });
            let call = open(MANAGEMENT, operation, &members);
            cases.add(&format!("Feature/{name}"), &organization()[..1], call, &list);
        }
    }
    for (name, account) in [("again", A), ("second", B)] {
        let designate = call(MANAGEMENT, DESIGNATE, Input::Account(Some(account.into())));
        cases.add(&format!("AdminAccountId/{name}"), &delegated(), designate, &list);
    }
    let nobody = call(MANAGEMENT, UNDESIGNATE, Input::Account(Some(A.into())));
    cases.add("AdminAccountId/nobody", &organization(), nobody, &list);
}

fn configuring(cases: &mut Cases<'_>) {
    let show = [look(A, DESCRIBE)];
    for (form, call, is_paired) in forms() {
        cases.add(&form, &delegated(), call.clone(), &show);
        for (fault, caller, stage) in refused_to_configure().into_iter().filter(|_| is_paired) {
            let form = format!("pair/{fault}+{}", form.replace('/', "-"));
            cases.add(&form, &stage, Transition { caller, ..call.clone() }, &[]);
        }
    }
    for (fault, caller, stage) in refused_to_configure() {
        cases.add(fault, &stage, organize(caller, Some(true), None, None), &[]);
    }
    let central = [delegated(), vec![organize(A, Some(false), Some("NONE"), Some("CENTRAL"))]].concat();
    for (name, auto_enable, standards) in [
        ("AutoEnable-true", Some(true), None),
        ("AutoEnableStandards-DEFAULT", Some(false), Some("DEFAULT")),
        ("AutoEnable-missing", None, None),
        ("AutoEnable-missing+AutoEnableStandards-DEFAULT", None, Some("DEFAULT")),
    ] {
        cases.add(&format!("pair/central+{name}"), &central, organize(A, auto_enable, standards, None), &show);
    }
    let undesignate = call(MANAGEMENT, UNDESIGNATE, Input::Account(Some(A.into())));
    let stage = [central, show.to_vec()].concat();
    cases.add("AdminAccountId/central", &stage, undesignate, &[read(MANAGEMENT, LIST)]);
}

/// Who is refused whatever the settings, and where.
fn refused_to_configure() -> [(&'static str, Account, Vec<Transition>); 3] {
    let colleague = [delegated(), vec![hub(B)]].concat();
    [("hub-off", C, Vec::new()), ("no-organization", C, vec![hub(C)]), ("not-delegated", B, colleague)]
}

/// The settings to change to, and whether each is tried beside another fault.
fn forms() -> Vec<(String, Transition, bool)> {
    let mut forms = vec![
        ("AutoEnable/missing".to_owned(), organize(A, None, None, None), true),
        ("AutoEnable/null".to_owned(), open(A, CONFIGURE, &json!({ "AutoEnable": null })), false),
        ("AutoEnable/true".to_owned(), organize(A, Some(true), None, None), false),
        ("AutoEnable/false".to_owned(), organize(A, Some(false), None, None), false),
    ];
    for value in ["NONE", "DEFAULT"] {
        let call = organize(A, Some(true), Some(value), None);
        forms.push((format!("AutoEnableStandards/{value}"), call, false));
    }
    for value in ["LOCAL", "CENTRAL"] {
        let call = organize(A, Some(false), Some("NONE"), Some(value));
        forms.push((format!("ConfigurationType/{value}"), call, false));
    }
    let central = organize(A, Some(true), None, Some("CENTRAL"));
    forms.push(("ConfigurationType/CENTRAL-with-AutoEnable".to_owned(), central, true));
    for (name, value) in outside("DEFAULT") {
        let call = organize(A, Some(false), Some(&value), None);
        forms.push((format!("AutoEnableStandards/{name}"), call, name == "unknown"));
    }
    for (name, value) in outside("LOCAL") {
        let call = organize(A, Some(false), None, Some(&value));
        forms.push((format!("ConfigurationType/{name}"), call, name == "unknown"));
    }
    forms
}

/// Members of `OrganizationConfiguration` that only answers should have.
fn settings(cases: &mut Cases<'_>) {
    let mut add = |form: &str, member: &str, value: &str| {
        let members = json!({ "AutoEnable": false, "OrganizationConfiguration": { member: value } });
        cases.add(&format!("{member}/{form}"), &delegated(), open(A, CONFIGURE, &members), &[]);
    };
    for value in ["PENDING", "ENABLED", "FAILED", "DISABLED"] {
        add(value, "Status", value);
    }
    for (name, value) in outside("ENABLED") {
        add(name, "Status", &value);
    }
    add("text", "StatusMessage", "A message.");
    add("blank", "StatusMessage", " ");
    add("empty", "StatusMessage", "");
}

fn organize(
    caller: Account,
    auto_enable: Option<bool>,
    standards: Option<&str>,
    configuration: Option<&str>,
) -> Transition {
    let [standards, configuration] = [standards, configuration].map(|text| text.map(str::to_owned));
    call(caller, CONFIGURE, Input::Organize { auto_enable, standards, configuration })
}
