//! The contents of findings and of subscriptions to standards, of which the model keeps names alone: shown again as they
//! were sent, findings filtered and sorted as the request asks.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Reply;
use passmuster_contract::domain::{Account, Document, Input, Operation, Region, Transition};

/// More findings or subscriptions than these are shown by their names alone.
const MOST: usize = 2_000;

/// The member of a finding that a filter or a sort criterion is about, by its name; findings have their own names, too.
const FIELDS: [(&str, &[&str]); 10] = [
    ("Type", &["Types", "*"]),
    ("SeverityLabel", &["Severity", "Label"]),
    ("RecommendationText", &["Remediation", "Recommendation", "Text"]),
    ("ResourceType", &["Resources", "*", "Type"]),
    ("ResourceId", &["Resources", "*", "Id"]),
    ("ResourceRegion", &["Resources", "*", "Region"]),
    ("ComplianceStatus", &["Compliance", "Status"]),
    ("ComplianceSecurityControlId", &["Compliance", "SecurityControlId"]),
    ("WorkflowStatus", &["Workflow", "Status"]),
    ("NoteText", &["Note", "Text"]),
];

/// What a finding has that doesn't say.
const DEFAULTS: [(&str, &str); 2] = [("RecordState", "ACTIVE"), ("WorkflowStatus", "NEW")];

/// An account's finding by its id, or its subscription by the standard's name.
type ContentKey = (Region, Account, String);

/// The contents that were sent.
#[derive(Debug, Default)]
pub(super) struct Contents {
    findings: BTreeMap<ContentKey, Value>,
    inputs: BTreeMap<ContentKey, Value>,
}

impl Contents {
    /// Keeps what a call that succeeded has sent, and puts what was kept into an answer that has the names.
    pub(super) fn fill(&mut self, transition: &Transition, sent: &Document, reply: Reply) -> Reply {
        let mut reply = reply;
        self.keep(transition, sent, &reply);
        self.show(transition, &mut reply);
        reply
    }

    fn keep(&mut self, transition: &Transition, sent: &Document, reply: &Reply) {
        if !matches!(reply, Reply::Success(_)) {
            return;
        }
        let (region, caller) = (transition.region, transition.caller);
        let entries = |name: &str| sent.get(name).and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
        if transition.request.operation == Operation::BatchImportFindings {
            for finding in entries("Findings") {
                let Some(id) = finding.get("Id").and_then(Value::as_str) else { continue };
                put(&mut self.findings, (region, caller, id.to_owned()), finding.clone());
            }
        }
        if transition.request.operation == Operation::BatchEnableStandards {
            for request in entries("StandardsSubscriptionRequests") {
                let Some(name) = request.get("StandardsArn").and_then(Value::as_str).and_then(end) else {
                    continue;
                };
                let input = request.get("StandardsInput").filter(|input| input.is_object());
                let input = input.cloned().unwrap_or_else(|| json!({}));
                put(&mut self.inputs, (region, caller, name.to_owned()), input);
            }
        }
    }

    fn show(&self, transition: &Transition, reply: &mut Reply) {
        let Reply::Success(document) = reply else { return };
        if let Some(Value::Array(subscriptions)) = document.get_mut("StandardsSubscriptions") {
            for entry in subscriptions {
                let name = entry.get("StandardsSubscriptionArn").and_then(Value::as_str).and_then(end);
                let key = name.map(|name| (transition.region, transition.caller, name.to_owned()));
                if let Some(input) = key.and_then(|key| self.inputs.get(&key)) {
                    entry["StandardsInput"] = input.clone();
                }
            }
        }
        if transition.request.operation == Operation::GetFindings
            && let Some(Value::Array(findings)) = document.get_mut("Findings")
        {
            findings.iter_mut().for_each(|finding| self.restore(transition.region, finding));
            if let Input::Open(text) = &transition.request.input {
                let request: Document = serde_json::from_str(text).unwrap_or_default();
                findings.retain(|finding| meets(finding, request.get("Filters")));
                sort(findings, request.get("SortCriteria"));
            }
        }
    }

    fn restore(&self, region: Region, finding: &mut Value) {
        let text = |name: &str| finding.get(name).and_then(Value::as_str);
        let owner = text("AwsAccountId").and_then(Account::from_digits);
        let key = owner.zip(text("Id")).map(|(owner, id)| (region, owner, id.to_owned()));
        if let Some(known) = key.and_then(|key| self.findings.get(&key)) {
            *finding = known.clone();
        }
    }
}

fn put(kept: &mut BTreeMap<ContentKey, Value>, key: ContentKey, value: Value) {
    if kept.len() < MOST || kept.contains_key(&key) {
        kept.insert(key, value);
    }
}

/// The end of an ARN, from the name on.
fn end(arn: &str) -> Option<&str> {
    arn.split_once('/').map(|(_, name)| name)
}

/// Whether a finding meets all filters on strings: one of those that ask for something, and each that forbids it. Other
/// filters hide nothing.
fn meets(finding: &Value, filters: Option<&Value>) -> bool {
    let Some(filters) = filters.and_then(Value::as_object) else { return true };
    filters.iter().all(|(name, wanted)| {
        let values = values(finding, name);
        let (mut asks, mut is_met) = (false, false);
        for filter in wanted.as_array().into_iter().flatten() {
            let text = |member: &str| filter.get(member).and_then(Value::as_str);
            let (Some(comparison), Some(value)) = (text("Comparison"), text("Value")) else { continue };
            let any = |matches: fn(&str, &str) -> bool| values.iter().any(|own| matches(own, value));
            let found = match comparison {
                "EQUALS" => any(|own, value| own == value),
                "PREFIX" => any(|own, value| own.starts_with(value)),
                "CONTAINS" => any(|own, value| own.contains(value)),
                "NOT_EQUALS" if any(|own, value| own == value) => return false,
                "PREFIX_NOT_EQUALS" if any(|own, value| own.starts_with(value)) => return false,
                "NOT_CONTAINS" if any(|own, value| own.contains(value)) => return false,
                _ => continue,
            };
            asks = true;
            is_met |= found;
        }
        !asks || is_met
    })
}

/// Sorts by the first criterion, and what is alike by the next ones.
fn sort(findings: &mut [Value], criteria: Option<&Value>) {
    let criteria = criteria.and_then(Value::as_array).map_or(&[][..], Vec::as_slice);
    for criterion in criteria.iter().rev() {
        let Some(field) = criterion.get("Field").and_then(Value::as_str) else { continue };
        let descends = criterion.get("SortOrder").and_then(Value::as_str) == Some("desc");
        findings.sort_by(|one, other| {
            let order = values(one, field).cmp(&values(other, field));
            if descends { order.reverse() } else { order }
        });
    }
}

/// The texts that a finding has in a field.
fn values<'f>(finding: &'f Value, field: &'f str) -> Vec<&'f str> {
    let own = [field];
    let path = FIELDS.iter().find(|(name, _)| *name == field).map_or(&own[..], |(_, path)| path);
    let mut found = vec![finding];
    for part in path {
        found = found
            .into_iter()
            .flat_map(|value| match (value, *part) {
                (Value::Array(entries), "*") => entries.iter().collect(),
                (value, part) => value.get(part).into_iter().collect::<Vec<_>>(),
            })
            .collect();
    }
    let mut texts: Vec<&str> = found.into_iter().filter_map(Value::as_str).collect();
    if texts.is_empty() {
        texts.extend(DEFAULTS.iter().find(|(name, _)| *name == field).map(|(_, value)| *value));
    }
    texts
}
