//! Standards: how many are enabled or disabled at once, and by which ARNs.

use serde_json::json;

use super::Cases;
use super::stage::{A, hub, open, read};
use crate::alphabet::call;
use passmuster_contract::domain::{Input, Operation, Transition};

const ENABLE: Operation = Operation::BatchEnableStandards;
const DISABLE: Operation = Operation::BatchDisableStandards;
const GET: Operation = Operation::GetEnabledStandards;

/// An ARN of each kind that is known, and of none.
const ARNS: [(&str, &str); 7] = [
    ("ruleset", "arn:aws:securityhub:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"),
    ("standard", "arn:aws:securityhub:us-east-1::standards/aws-foundational-security-best-practices/v/1.0.0"),
    ("no-arn", "not-a-standard"),
    ("other-service", "arn:aws:guardduty:::ruleset/cis-aws-foundations-benchmark/v/1.2.0"),
    ("nameless", "arn:aws:securityhub:::ruleset/"),
    ("blank", " "),
    ("empty", ""),
];

pub(super) fn add(cases: &mut Cases<'_>) {
    for (operation, member, entry) in [
        (ENABLE, "StandardsSubscriptionRequests", "StandardsArn"),
        (DISABLE, "StandardsSubscriptionArns", "StandardsSubscriptionArn"),
    ] {
        let of = |arns| call(A, operation, Input::Standards(arns));
        let mut forms: Vec<(String, Transition, bool)> = vec![
            (format!("{member}/missing"), of(None), true),
            (format!("{member}/null"), open(A, operation, &json!({ member: null })), true),
        ];
        for count in [0, 1, 25, 26] {
            let is_paired = !(1..=25).contains(&count);
            forms.push((format!("{member}/entries-{count}"), of(Some(arns(count))), is_paired));
        }
        for (name, arn) in ARNS {
            let is_paired = !["ruleset", "standard"].contains(&name);
            forms.push((format!("{entry}/{name}"), of(Some(vec![arn.to_owned()])), is_paired));
        }
        let odd = [arns(25), vec!["not-a-standard".to_owned()]].concat();
        forms.push(("pair/entries-26+no-arn".to_owned(), of(Some(odd)), true));
        for (form, call, is_paired) in forms {
            cases.add(&form, &[hub(A)], call.clone(), &[read(A, GET)]);
            if is_paired {
                cases.add(&format!("pair/hub-off+{}", form.replace('/', "-")), &[], call, &[read(A, GET)]);
            }
        }
    }
    let missing = open(A, ENABLE, &json!({ "StandardsSubscriptionRequests": [{}] }));
    cases.add("StandardsArn/missing", &[hub(A)], missing, &[read(A, GET)]);
    for count in [0, 1, 25, 26] {
        let call = open(A, GET, &json!({ "StandardsSubscriptionArns": arns(count) }));
        cases.add(&format!("StandardsSubscriptionArns/entries-{count}"), &[hub(A)], call, &[read(A, GET)]);
    }
    for (name, arn) in [("blank", " "), ("empty", "")] {
        let call = open(A, GET, &json!({ "StandardsSubscriptionArns": [arn] }));
        cases.add(&format!("StandardsSubscriptionArn/{name}"), &[hub(A)], call, &[read(A, GET)]);
    }
}

/// As many ARNs as wanted, each of another standard.
fn arns(count: usize) -> Vec<String> {
    let known = (count > 0).then(|| ARNS[0].1.to_owned());
    let made_up = (1..count).map(|number| format!("arn:aws:securityhub:::ruleset/number-{number}/v/1.0.0"));
    known.into_iter().chain(made_up).collect()
}
