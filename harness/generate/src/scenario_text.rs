//! Saved scenarios: a versioned text of one call a line, accounts and invitations by name.
//!
//! ```text
//! passmuster scenario 1
//! administrator EnableSecurityHub {}
//! administrator CreateMembers {"AccountDetails":[{"AccountId":"@member-1"}]}
//! member-1@region-2 GetAdministratorAccount {}
//! ```

use std::fmt::Write as _;

use serde_json::Value;

use super::naming::{principal_from, principal_name};
use passmuster_contract::domain::{
    Account, Document, InvitationRef, Naming, Operation, Region, Request, Scenario, Transition,
};

/// The first line of a saved scenario.
const HEADER: &str = "passmuster scenario 1";
/// A longer scenario is refused.
const MOST_STEPS: usize = 10_000;

/// Why a saved scenario can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ScenarioError {
    /// The first line is another.
    #[error("line 1: {0:?} is no scenario of this version; the first line must be {HEADER:?}")]
    Header(String),
    /// A line can't be read.
    #[error("line {line}: {problem}")]
    Line {
        /// Its number, from 1.
        line: usize,
        /// The fault in it, and what belongs there.
        problem: String,
    },
    /// It has no steps.
    #[error("the scenario has no steps")]
    Empty,
}

struct Symbols;

impl Naming for Symbols {
    fn account(&self, account: Account) -> String {
        format!("@{}", principal_name(account))
    }
    fn account_from(&self, text: &str) -> Option<Account> {
        principal_from(text.strip_prefix('@')?)
    }
    fn invitation(&self, _: Account, invitation: &InvitationRef) -> String {
        invitation.symbolic(principal_name)
    }
    fn invitation_from(&self, text: &str) -> InvitationRef {
        InvitationRef::from_symbolic(text, principal_from)
    }
    fn region(&self, region: Region) -> String {
        format!("region-{}", u16::from(region.0) + 1)
    }
    fn region_from(&self, text: &str) -> Option<Region> {
        let number: u8 = text.strip_prefix("region-")?.parse().ok()?;
        number.checked_sub(1).map(Region)
    }
    fn findings_in_full(&self) -> bool {
        false
    }
}

/// The members of a call as a saved scenario has them.
#[must_use]
pub fn step_request(transition: &Transition) -> Value {
    Value::Object(transition.request.to_document(transition.caller, transition.region, &Symbols))
}

/// Writes a scenario.
#[must_use]
pub fn write_scenario(scenario: &Scenario) -> String {
    let mut text = format!("{HEADER}\n");
    for transition in &scenario.transitions {
        let region = if transition.region == Region(0) {
            String::new()
        } else {
            format!("@{}", Symbols.region(transition.region))
        };
        let name = principal_name(transition.caller);
        let operation = transition.request.operation;
        // Writing to a string does not fail.
        let _ = writeln!(text, "{name}{region} {operation} {}", step_request(transition));
    }
    text
}

/// The scenario that stands somewhere in a longer text, such as a snapshot: from its first line to the next blank
/// one.
#[must_use]
pub fn extract_scenario(text: &str) -> Option<String> {
    let mut lines = text.lines().map(str::trim).skip_while(|line| *line != HEADER).peekable();
    lines.peek()?;
    let lines: Vec<&str> = lines.take_while(|line| !line.is_empty()).collect();
    Some(lines.join("\n"))
}

/// Reads a scenario. Blank lines and lines that begin with `#` are passed over.
///
/// # Errors
///
/// Names the line, what is wrong with it, and what belongs there.
pub fn parse_scenario(text: &str) -> Result<Scenario, ScenarioError> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let first = lines.next().map_or("", |(_, line)| line);
    if first != HEADER {
        return Err(ScenarioError::Header(first.chars().take(60).collect()));
    }
    let mut transitions = Vec::new();
    for (line, text) in lines.filter(|(_, text)| !text.is_empty() && !text.starts_with('#')) {
        if transitions.len() == MOST_STEPS {
            let problem = format!("more than {MOST_STEPS} steps");
            return Err(ScenarioError::Line { line, problem });
        }
        transitions.push(parse_line(text).map_err(|problem| ScenarioError::Line { line, problem })?);
    }
    if transitions.is_empty() {
        return Err(ScenarioError::Empty);
    }
    Ok(Scenario { transitions })
}

fn parse_line(text: &str) -> Result<Transition, String> {
    let mut parts = text.splitn(3, char::is_whitespace);
    let (Some(principal), Some(operation)) = (parts.next(), parts.next()) else {
        return Err("a step is: principal, operation, members as JSON".to_owned());
    };
    let (name, region) = principal.split_once('@').unwrap_or((principal, "region-1"));
    let caller = principal_from(name).ok_or_else(|| {
        format!("no principal {name:?}; write administrator, management, member-1, member-2, … or outsider-100, …")
    })?;
    let region =
        Symbols.region_from(region).ok_or_else(|| format!("no Region {region:?}; write region-1 or region-2"))?;
    let operation = Operation::from_name(operation).ok_or_else(|| format!("no operation {operation:?}"))?;
    let members = parts.next().unwrap_or("{}");
    let members: Document =
        serde_json::from_str(members).map_err(|error| format!("the members are no JSON object: {error}"))?;
    let request = Request::from_document(operation, &members, &Symbols).map_err(|error| error.to_string())?;
    if let Some(id) = request.literal_account() {
        // The run would give the account another name than the scenario does.
        return Err(format!("{id:?} is an account id; write accounts by name: @administrator, @member-1, …"));
    }
    // Typed members have no place for what says nothing.
    let request = Request::spelled_out(operation, &members).unwrap_or(request);
    Ok(Transition { caller, region, request })
}
