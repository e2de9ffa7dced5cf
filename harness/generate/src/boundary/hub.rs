//! Hubs: tags, settings, and the ARN by which one is described.

use std::collections::BTreeMap;

use serde_json::json;

use super::Cases;
use super::forms::outside;
use super::stage::{A, B, C, describe, hub, joined, open, read};
use crate::alphabet::{call, enable};
use passmuster_contract::domain::{HubArn, Input, Operation, Region, Transition};

const ENABLE: Operation = Operation::EnableSecurityHub;
const DESCRIBE: Operation = Operation::DescribeHub;
const CONFIGURE: Operation = Operation::UpdateSecurityHubConfiguration;

pub(super) fn add(cases: &mut Cases<'_>) {
    enabling(cases);
    describing(cases);
    configuring(cases);
    let disable = call(A, Operation::DisableSecurityHub, Input::Empty);
    cases.add("hub-off", &[], disable.clone(), &[describe(A)]);
    cases.add("hub-on", &[hub(A)], disable, &[describe(A)]);
}

fn enabling(cases: &mut Cases<'_>) {
    let reads = [describe(A), read(A, Operation::GetEnabledStandards)];
    for (form, input, is_paired) in enable_forms() {
        cases.add(&form, &[], call(A, ENABLE, input.clone()), &reads);
        if is_paired {
            let fault = form.replace('/', "-");
            cases.add(&format!("pair/hub-on+{fault}"), &[hub(A)], call(A, ENABLE, input), &reads);
        }
    }
    cases.add("hub-on", &[hub(A)], hub(A), &reads);
    for name in ["Tags", "EnableDefaultStandards", "ControlFindingGenerator"] {
        cases.add(&format!("{name}/null"), &[], open(A, ENABLE, &json!({ name: null })), &reads);
    }
    let both = Input::Enable { standards: None, generator: Some("OTHER".to_owned()), tags: Some(BTreeMap::new()) };
    cases.add("pair/Tags-tags-0+ControlFindingGenerator-unknown", &[], call(A, ENABLE, both), &reads);
}

/// The inputs of `EnableSecurityHub`, and whether a server may have something against each, so that it is tried beside
/// another fault.
fn enable_forms() -> Vec<(String, Input, bool)> {
    let mut forms = vec![("nothing".to_owned(), enable(None), false)];
    for standards in [true, false] {
        let input = Input::Enable { standards: Some(standards), generator: None, tags: None };
        forms.push((format!("EnableDefaultStandards/{standards}"), input, false));
    }
    for generator in ["STANDARD_CONTROL", "SECURITY_CONTROL"] {
        forms.push((format!("ControlFindingGenerator/{generator}"), enable(Some(generator)), false));
    }
    for (name, generator) in outside("SECURITY_CONTROL") {
        forms.push((format!("ControlFindingGenerator/{name}"), enable(Some(&generator)), true));
    }
    let mut tagged = |name: String, tags: BTreeMap<String, String>, is_paired| {
        let input = Input::Enable { standards: None, generator: None, tags: Some(tags) };
        forms.push((format!("Tags/{name}"), input, is_paired));
    };
    for count in [0, 1, 50, 51] {
        // Of letters alone: some read the pattern of a key so that it has no digits.
        let tags = (1..=count).map(|length| ("k".repeat(length), "blue".to_owned())).collect();
        tagged(format!("tags-{count}"), tags, !(1..=50).contains(&count));
    }
    let one = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
    for length in [0, 1, 128, 129] {
        tagged(format!("key-{length}"), one(&"k".repeat(length), "blue"), !(1..=128).contains(&length));
    }
    for length in [0, 256, 257] {
        tagged(format!("value-{length}"), one("team", &"v".repeat(length)), length > 256);
    }
    tagged("key-aws".to_owned(), one("aws:team", "blue"), true);
    forms
}

fn describing(cases: &mut Cases<'_>) {
    let text = |text: &str| HubArn::Text(text.to_owned());
    let by = |arn| call(A, DESCRIBE, Input::Describe(Some(arn)));
    cases.add("HubArn/missing", &[hub(A)], describe(A), &[]);
    cases.add("HubArn/own", &[hub(A)], by(HubArn::Of(A, Region(0))), &[]);
    cases.add("hub-off", &[], describe(A), &[]);
    let foreign = [
        ("other-account", HubArn::Of(B, Region(0))),
        ("other-name", text("arn:aws:securityhub:us-east-1:111111111111:hub/other")),
        ("other-service", text("arn:aws:guardduty:us-east-1:111111111111:detector/default")),
        ("no-arn", text("default")),
        ("blank", text(" ")),
        ("empty", text("")),
    ];
    for (name, arn) in foreign {
        cases.add(&format!("HubArn/{name}"), &[hub(A), hub(B)], by(arn.clone()), &[describe(A)]);
        cases.add(&format!("pair/hub-off+HubArn-{name}"), &[hub(B)], by(arn), &[describe(A)]);
    }
    // The ARN of the caller's own hub in another Region, where the hub is on too.
    let elsewhere = Transition { region: Region(1), ..hub(A) };
    cases.add("HubArn/other-region", &[hub(A), elsewhere], by(HubArn::Of(A, Region(1))), &[describe(A)]);
    cases.add("HubArn/of-member", &joined(), by(HubArn::Of(B, Region(0))), &[describe(B)]);
}

fn configuring(cases: &mut Cases<'_>) {
    let by = |caller, auto_enable_controls, generator: Option<&str>| {
        let generator = generator.map(str::to_owned);
        call(caller, CONFIGURE, Input::Configure { auto_enable_controls, generator })
    };
    cases.add("nothing", &[hub(A)], by(A, None, None), &[describe(A)]);
    cases.add("hub-off", &[], by(A, Some(true), None), &[describe(A)]);
    for value in [true, false] {
        cases.add(&format!("AutoEnableControls/{value}"), &[hub(A)], by(A, Some(value), None), &[describe(A)]);
    }
    for name in ["AutoEnableControls", "ControlFindingGenerator"] {
        cases.add(&format!("{name}/null"), &[hub(A)], open(A, CONFIGURE, &json!({ name: null })), &[describe(A)]);
    }
    for value in ["STANDARD_CONTROL", "SECURITY_CONTROL"] {
        let form = format!("ControlFindingGenerator/{value}");
        cases.add(&form, &[hub(A)], by(A, None, Some(value)), &[describe(A)]);
        cases.add(&format!("{form}-by-member"), &joined(), by(B, None, Some(value)), &[describe(B)]);
    }
    for (name, value) in outside("SECURITY_CONTROL") {
        let reads = [describe(A)];
        cases.add(&format!("ControlFindingGenerator/{name}"), &[hub(A)], by(A, None, Some(&value)), &reads);
        if name != "unknown" {
            continue;
        }
        let off = by(C, None, Some(&value));
        cases.add(&format!("pair/hub-off+ControlFindingGenerator-{name}"), &[], off, &[describe(C)]);
        let member = by(B, None, Some(&value));
        let form = format!("pair/member+ControlFindingGenerator-{name}");
        cases.add(&form, &joined(), member, &[describe(B)]);
    }
}
