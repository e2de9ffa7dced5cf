//! Suspects: complaints by their cause, and as a record once they are confirmed.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::Arc;

use serde_json::{Value, json};

use super::super::curl;
use super::super::description::Description;
use super::super::settings::RunSettings;
use super::super::symbols::Names;
use super::MalformedOutcome;
use super::lane::{Recipe, Sighting};
use crate::generate::{CastNaming, principal_name};
use crate::record::{
    Disposition, DivergenceRecord, Reproduced, ScenarioRecord, StepRecord, WireFindingRecord, WirePart,
};
use crate::targets::AccountSelection;
use passmuster_contract::domain::{DivergenceKind, Fingerprint, Operation, Severity};
use passmuster_malformed::{
    Aspect, Cause, Class, Complaint, Delivery, Framing, Host, Malformed, Message, Procedure, line,
};

/// The longest request that a record shows whole.
const MOST_BYTES: usize = 4_000;

/// The causes that a complaint may have instead, as its request has other faults, too.
fn other_causes(complaint: &Complaint, recipe: &dyn Recipe) -> BTreeSet<Cause> {
    let class = recipe.class();
    let rows = class.rows.iter().chain(recipe.others().iter().flat_map(|class| class.rows));
    let by = |fault: &&'static str| {
        let row = if complaint.row == class.blamed() { fault } else { complaint.row };
        Cause::by_row(complaint, row, fault)
    };
    let mut others: BTreeSet<Cause> = rows.map(by).collect();
    others.remove(&Cause::of(complaint, class.blamed()));
    others
}

/// A complaint that is to be looked into, with all that was seen of its cause.
#[derive(Clone, Debug)]
pub(super) struct Suspect {
    pub(super) cause: Cause,
    /// The causes that it may have instead.
    pub(super) may_be: BTreeSet<Cause>,
    pub(super) complaint: Complaint,
    pub(super) class: &'static Class,
    pub(super) operation: Operation,
    pub(super) recipe: Arc<dyn Recipe>,
    /// Which classes show it, on which operations.
    pub(super) seen: BTreeMap<String, BTreeSet<Operation>>,
    /// The round, the operation and the request of it that showed it first, by number.
    pub(super) place: (u64, u64, u64),
}

/// Puts what was seen in one job with what was seen before.
pub(super) fn gather(findings: &mut Vec<Suspect>, seen: Vec<Sighting>, (round, job): (u64, u64)) {
    for Sighting { complaint, class, operation, recipe, order } in seen {
        let cause = Cause::of(&complaint, class.blamed());
        let may_be = other_causes(&complaint, &*recipe);
        let index = findings.iter().position(|finding| finding.cause == cause).unwrap_or_else(|| {
            findings.push(Suspect {
                cause,
                may_be: may_be.clone(),
                complaint,
                class,
                operation,
                recipe,
                seen: BTreeMap::new(),
                place: (round, job, order as u64),
            });
            findings.len() - 1
        });
        findings[index].may_be.retain(|other| may_be.contains(other));
        findings[index].seen.entry(class.id.to_string()).or_default().insert(operation);
    }
}

/// A finding that was looked into.
#[derive(Clone, Debug)]
pub struct Confirmed {
    pub(super) finding: Suspect,
    /// The smallest request found.
    pub(super) malformed: Malformed,
    pub(super) title: String,
    pub(super) naming: CastNaming,
    pub(super) caller: String,
    pub(super) reproduced: Reproduced,
    /// How long the request was at first, and is now, in bytes.
    pub(super) shrunk_from: usize,
}

impl Suspect {
    pub(super) fn severity(&self) -> Severity {
        self.complaint.severity()
    }

    /// One sentence.
    pub(super) fn sentence(&self) -> String {
        let (operation, title) = (self.operation, self.class.title);
        let observed = &self.complaint.observed;
        match self.complaint.aspect {
            Aspect::Panic => format!("{operation} panics on: {title}"),
            Aspect::RoundTrip => format!("{operation} does not read again what it has read: {title}"),
            Aspect::Hang => format!("{operation} brings no answer to: {title}"),
            Aspect::Busy => format!("{operation} keeps the server busy when the client has gone: {title}"),
            Aspect::NotHttp => format!("{operation} answers in broken HTTP to: {title}"),
            Aspect::NoAnswer => format!("{operation} closes the connection without an answer to: {title}"),
            Aspect::Crash => format!("{operation} fails with {observed} on: {title}"),
            Aspect::Accepted => format!("{operation} accepts what it should refuse: {title}"),
            Aspect::WrongAnswer => format!("{operation} answers {observed} to: {title}"),
            Aspect::Misread => format!("{operation} takes it for something else: {title}"),
            Aspect::Form => format!("{operation} refuses without a code ({observed}): {title}"),
            Aspect::State if self.recipe.procedure().is_some() => {
                format!("{operation} leaves a state behind that it should not: {title}")
            }
            Aspect::Desync if self.recipe.procedure().is_some() => {
                format!("{operation} is answered otherwise over a connection that was used before: {title}")
            }
            Aspect::State => format!("{operation} changes something though it refuses: {title}"),
            Aspect::Desync => format!("{operation} mistakes where the request ends: {title}"),
            Aspect::Leak => format!("{operation} tells what is inside the server: {observed}"),
            Aspect::Echo => format!("{operation} repeats a secret in its answer: {title}"),
            Aspect::Injection => format!("{operation} turns a line break of the request into a header line"),
            Aspect::Note if self.complaint.row.starts_with('D') => {
                format!("{operation} answers {observed} to: {title}; this is tolerated")
            }
            Aspect::Note => format!("answers have {observed} where there should be {}", self.complaint.expected),
        }
    }
}

/// What the lane found, as far as it goes into a record.
pub(in crate::engine) fn part(
    outcome: &MalformedOutcome,
    settings: &RunSettings,
    description: &Description,
) -> WirePart {
    let finding = |confirmed: &Confirmed| WireFindingRecord {
        place: confirmed.finding.place,
        seen: confirmed
            .finding
            .seen
            .iter()
            .map(|(class, operations)| {
                (class.clone(), operations.iter().map(|operation| operation.name().to_owned()).collect())
            })
            .collect(),
        may_be: confirmed.finding.may_be.iter().map(|cause| cause.0.clone()).collect(),
        finding: Box::new(record(confirmed, description)),
    };
    WirePart {
        profile: settings.profile.name().to_owned(),
        requests: outcome.requests,
        calls: outcome.calls,
        compositions: outcome.compositions,
        sent: outcome.classes.iter().map(|(class, times)| (class.to_string(), *times)).collect(),
        operations: outcome.operations.iter().map(|operation| operation.name().to_owned()).collect(),
        not_sent: outcome.not_sent.iter().map(|(class, why)| (class.to_string(), why.clone())).collect(),
        findings: outcome.findings.iter().map(finding).collect(),
        unconfirmed: outcome.unconfirmed.clone(),
    }
}

/// A confirmed finding as reports have it.
fn record(confirmed: &Confirmed, description: &Description) -> DivergenceRecord {
    let Confirmed { finding, malformed, title, naming, caller, reproduced, shrunk_from } = confirmed;
    let fingerprint = Fingerprint(finding.cause.0.clone());
    let mut names = Names::new(naming.clone());
    let complaint = &finding.complaint;
    let bytes = sent(&malformed.message, caller, naming, description);
    let principal = naming_principal(naming, caller);
    let request = json!({ "malformed": format!("{} {title}", finding.class.id), "bytes": names.symbolic_accounts(&shown(&bytes)) });
    let mut rules = vec![complaint.row.to_owned()];
    rules.extend(finding.class.rows.iter().filter(|row| **row != complaint.row).map(|row| (*row).to_owned()));
    rules.push(finding.class.id.to_string());
    rules.extend(finding.recipe.others().iter().map(|class| class.id.to_string()));
    DivergenceRecord {
        id: fingerprint.id(),
        fingerprint: fingerprint.0.clone(),
        disposition: Disposition::New,
        severity: finding.severity(),
        grade: complaint.grade,
        operation: finding.operation.name().to_owned(),
        kind: if complaint.aspect == Aspect::Hang { DivergenceKind::Timeout } else { DivergenceKind::Wire },
        rules,
        ignored_rules: Vec::new(),
        summary: finding.sentence(),
        pointer: String::new(),
        expected: Value::from(names.symbolic(&complaint.expected)),
        observed: Value::from(names.symbolic(&complaint.observed)),
        sdk_impact: complaint.impact.clone(),
        reproduced: *reproduced,
        found_after_calls: 0,
        shrunk_from: *shrunk_from,
        scenario: ScenarioRecord {
            steps: vec![StepRecord {
                principal,
                region: None,
                operation: finding.operation.name().to_owned(),
                request,
                response: names.symbolic(&complaint.observed),
            }],
        },
        // One line can't send several requests at once, nor one after another that is not known yet.
        curl: match finding.recipe.procedure() {
            None | Some(Procedure::WithoutHub | Procedure::EnableTwice | Procedure::CreateTwice) => {
                send_line(&malformed.message, &bytes, description)
            }
            Some(_) => String::new(),
        },
        replay: format!(
            "passmuster fuzz --only {} --only {}{}",
            finding.class.id, finding.operation, description.replay_flags
        ),
        also: Vec::new(),
        seen: BTreeMap::new(),
    }
}

fn naming_principal(naming: &CastNaming, caller: &str) -> String {
    use passmuster_contract::domain::Naming as _;
    naming.account_from(caller).map_or_else(|| caller.to_owned(), principal_name)
}

/// The bytes with a signature that names the account and signs nothing, so that they are the same each time.
fn sent(message: &Message, caller: &str, naming: &CastNaming, description: &Description) -> Vec<u8> {
    use passmuster_contract::domain::{Naming as _, Region};
    let host = description.curl_endpoint.trim_start_matches("http://").trim_end_matches('/');
    let (key, header) = match &description.accounts {
        AccountSelection::AccessKey => (caller, None),
        AccountSelection::Header(name) => ("test", Some(name)),
        AccountSelection::Single(_) | AccountSelection::Keys(_) => ("test", None),
    };
    let mut lines: Vec<Vec<u8>> = header.map(|name| line(name, caller)).into_iter().collect();
    if !matches!(message.signing, passmuster_malformed::Signing::None) {
        lines.push(line("authorization", curl::scope(key, &naming.region(Region(0)), "securityhub")));
    }
    message.render(host, &lines)
}

/// Bytes as text in which those that are no characters are escaped; JSON escapes what can't be printed.
fn shown(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes[..bytes.len().min(MOST_BYTES)].utf8_chunks() {
        text.push_str(chunk.valid());
        for byte in chunk.invalid() {
            // Writing to a string does not fail.
            let _ = write!(text, "\\x{byte:02x}");
        }
    }
    if bytes.len() > MOST_BYTES {
        let _ = write!(text, "… ({} bytes in all)", bytes.len());
    }
    text
}

/// A line for a shell that sends the request: by curl where it can, otherwise byte by byte.
fn send_line(message: &Message, bytes: &[u8], description: &Description) -> String {
    if bytes.len() > MOST_BYTES {
        return String::new();
    }
    let endpoint = description.curl_endpoint.trim_end_matches('/');
    curl_line(message, bytes, endpoint).unwrap_or_else(|| {
        let host = endpoint.trim_start_matches("http://");
        let (host, port) = host.rsplit_once(':').unwrap_or((host, "80"));
        format!("printf '{}' | nc -w 5 {host} {port}", for_printf(bytes))
    })
}

/// What curl sends as it is: a request that is wrong in its path, its headers or its body alone.
fn curl_line(message: &Message, bytes: &[u8], endpoint: &str) -> Option<String> {
    let plain = message.before.is_empty()
        && message.version == b" HTTP/1.1"
        && message.line_end == b"\r\n"
        && message.host == Host::Own
        && message.framing == Framing::Length
        && matches!(message.delivery, Delivery::Whole);
    let method = std::str::from_utf8(&message.method)
        .ok()
        .filter(|method| method.bytes().all(|byte| byte.is_ascii_uppercase()))?;
    let target = String::from_utf8(message.target()).ok()?;
    let body = String::from_utf8(message.body.clone()).ok()?;
    let fit =
        |text: &str| !text.chars().any(|c| c.is_control() && c != '\n' && c != '\t') && !text.starts_with('@');
    let url_fit = target.bytes().all(|byte| byte.is_ascii_graphic() && !b"[]{}#".contains(&byte));
    if !plain || !fit(&body) || !url_fit || method == "HEAD" {
        return None;
    }
    let head = std::str::from_utf8(&bytes[..bytes.len() - message.body.len()]).ok()?;
    let mut line =
        format!("curl -sS -i --path-as-is -X {method} {}", curl::quoted(&format!("{endpoint}{target}")));
    let own = ["host", "content-length", ""];
    for header in
        head.split("\r\n").skip(1).filter(|header| !own.contains(&header.split(':').next().unwrap_or_default()))
    {
        let _ = write!(line, " -H {}", curl::quoted(header));
    }
    if !body.is_empty() {
        let _ = write!(line, " --data-binary {}", curl::quoted(&body));
    }
    Some(line)
}

/// Bytes as the format of printf takes them.
fn for_printf(bytes: &[u8]) -> String {
    let mut text = String::new();
    for byte in bytes {
        match byte {
            b'\r' => text.push_str("\\r"),
            b'\n' => text.push_str("\\n"),
            b'\\' => text.push_str("\\\\"),
            b'%' => text.push_str("%%"),
            b'\'' => text.push_str("'\\''"),
            byte if byte.is_ascii_graphic() || *byte == b' ' => text.push(char::from(*byte)),
            byte => {
                let _ = write!(text, "\\{byte:03o}");
            }
        }
    }
    text
}
