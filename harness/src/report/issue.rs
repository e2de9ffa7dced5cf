//! One cause as a text for those who can mend it: what it is, how to see it, what AWS does and who says so.

use std::fmt::Write as _;

use serde_json::Value;

use crate::record::{CauseRecord, DivergenceRecord, RunRecord, StepRecord};
use passmuster_contract::catalogue::{self, Rule};
use passmuster_contract::domain::{Operation, printable};

/// The most rules whose sources are cited.
const MOST_RULES: usize = 6;

/// The text on one cause; `None` where the run has no such cause.
#[must_use]
pub fn issue(record: &RunRecord, id: &str) -> Option<String> {
    let cause = record.causes.iter().find(|cause| cause.id == id)?;
    let proof = record.divergences.iter().find(|found| found.id == cause.proof)?;
    let mut text = String::new();
    // Writing to a string does not fail.
    let _ = write(&mut text, record, cause, proof);
    Some(text)
}

fn write(
    text: &mut String,
    record: &RunRecord,
    cause: &CauseRecord,
    proof: &DivergenceRecord,
) -> std::fmt::Result {
    writeln!(text, "# Security Hub: {}\n", printable(&cause.title))?;
    let version = record.target.version.as_deref().map_or_else(String::new, |version| format!(" {version}"));
    let target = format!("{}{version}", record.target.name);
    writeln!(text, "Seen with {}, by passmuster {}.\n", printable(&target), record.version)?;
    writeln!(text, "## To see it\n")?;
    for (index, step) in proof.scenario.steps.iter().enumerate() {
        let region = step.region.as_deref().map_or_else(String::new, |region| format!(" in {region}"));
        writeln!(text, "{}. {}{region}: {} `{}`", index + 1, step.principal, step.operation, step.request)?;
        writeln!(text, "   answers `{}`", printable(&step.response))?;
    }
    writeln!(text, "\nAWS: {}", shown(&proof.expected))?;
    writeln!(text, "\nThis server: {}", shown(&proof.observed))?;
    if !proof.curl.is_empty() {
        writeln!(text, "\n```sh\n{}\n```", printable(&proof.curl))?;
    }
    writeln!(text, "\n```python\n{}```", boto(&proof.scenario.steps, &record.target.endpoint))?;
    writeln!(text, "\n## What AWS does\n")?;
    for rule in cause.rules.iter().take(MOST_RULES).filter_map(|id| catalogue::rule(id)) {
        sources(text, rule)?;
    }
    writeln!(text, "\n## What users of SDKs notice\n\n{}.", cause.effect)?;
    for (client, reading) in &proof.sdk_impact {
        writeln!(text, "- {}: {}", printable(client), printable(reading))?;
    }
    let others: Vec<&DivergenceRecord> = record
        .divergences
        .iter()
        .filter(|found| found.id != proof.id && cause.findings.contains(&found.id))
        .collect();
    if !others.is_empty() {
        writeln!(text, "\n## Where else it shows\n")?;
    }
    for found in others {
        writeln!(text, "- {}", printable(&found.summary))?;
    }
    Ok(())
}

/// A rule with the places that say so.
fn sources(text: &mut String, rule: &Rule) -> std::fmt::Result {
    writeln!(text, "{} ({}, {})\n", rule.statement, rule.id, rule.grade.name())?;
    for citation in &rule.citations {
        let source = &citation.source;
        let link = source.link.as_ref().map_or_else(String::new, |link| format!(": {link}"));
        let date = source.date.as_ref().map_or_else(String::new, |date| format!(" ({date})"));
        writeln!(text, "- {}{date}{link}", source.title)?;
    }
    writeln!(text)
}

/// The scenario as a script for botocore, for a server that takes the access key for the account.
fn boto(steps: &[StepRecord], endpoint: &str) -> String {
    let names = accounts(steps);
    let with_ids = |text: String| {
        names.iter().enumerate().fold(text, |text, (index, name)| {
            text.replace(&format!("@{name}"), &format!("{:012}", 100_000_000_001 + index))
        })
    };
    // What ran in process is served at an address to be seen by others.
    let endpoint = if endpoint.starts_with("http") { endpoint } else { "http://127.0.0.1:4599" };
    let mut text = String::from("import boto3\n\ndef client(service, account, region):\n");
    let _ = writeln!(text, "    return boto3.client(service, endpoint_url={endpoint:?}, region_name=region,");
    text.push_str("                        aws_access_key_id=account, aws_secret_access_key=\"test\")\n\n");
    for step in steps {
        let region = match step.region.as_deref() {
            None | Some("region-1") => "us-east-1",
            Some(_) => "eu-west-1",
        };
        let service = match Operation::from_name(&step.operation) {
            Some(operation) if operation.is_setup() => "organizations",
            _ => "securityhub",
        };
        let members = step.request.as_object().into_iter().flatten();
        let members: Vec<String> = members.map(|(name, value)| format!("{name}={}", python(value))).collect();
        let call = format!(
            "print(client({service:?}, \"@{}\", {region:?}).{}({}))",
            step.principal,
            snake(&step.operation),
            members.join(", ")
        );
        let _ = writeln!(text, "{}", with_ids(call));
    }
    text
}

/// The names of the accounts that a scenario speaks of, the longest first.
fn accounts(steps: &[StepRecord]) -> Vec<String> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let mut names: Vec<String> = steps.iter().map(|step| step.principal.clone()).collect();
    for step in steps {
        let request = step.request.to_string();
        let named = request.split('@').skip(1).map(|rest| {
            let end = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
            rest.get(..end).unwrap_or_default().to_owned()
        });
        let is_cast = |name: &String| {
            ["administrator", "management"].contains(&name.as_str())
                || ["member-", "outsider-"].iter().any(|head| name.starts_with(head))
        };
        names.extend(named.filter(is_cast));
    }
    names.sort_by_key(|name| (std::cmp::Reverse(name.len()), name.clone()));
    names.dedup();
    names
}

fn python(value: &Value) -> String {
    match value {
        Value::Null => "None".to_owned(),
        Value::Bool(true) => "True".to_owned(),
        Value::Bool(false) => "False".to_owned(),
        Value::Array(list) => format!("[{}]", list.iter().map(python).collect::<Vec<_>>().join(", ")),
        Value::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name:?}: {}", python(value))).collect();
            format!("{{{}}}", members.join(", "))
        }
        Value::Number(_) | Value::String(_) => value.to_string(),
    }
}

/// The name of an operation as botocore has it.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let next_is_lower = letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before| !before.is_ascii_uppercase() || next_is_lower);
        if begins {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => printable(text).into_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operations_are_named_as_botocore_names_them() {
        let named = ["CreateMembers", "EnableAWSServiceAccess", "GetMasterAccount"].map(snake);
        assert_eq!(named, ["create_members", "enable_aws_service_access", "get_master_account"]);
    }
}
