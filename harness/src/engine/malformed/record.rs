//! The outcome of a campaign as the part of a record; nothing is sent or judged here.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::curl;
use super::super::description::Description;
use super::super::settings::RunSettings;
use super::super::symbols::SymbolicNames;
use super::finding::{Confirmed, Doubtful};
use super::outcome::MalformedOutcome;
use crate::generate::{CastNaming, principal_name};
use crate::record::{
    Disposition, DivergenceRecord, ScenarioRecord, StepRecord, UnstableRecord, WireFindingRecord, WirePart,
};
use crate::targets::AccountSelection;
use passmuster_contract::domain::{DivergenceKind, Fingerprint};
use passmuster_malformed::{Aspect, Delivery, Framing, Host, Message, Procedure, line};

/// The longest request that a record shows whole.
const MOST_BYTES: usize = 4_000;

/// The part of a record that an outcome makes.
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
        composed: confirmed.finding.composed,
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
        unstable: outcome.unconfirmed.iter().map(|doubtful| unstable(doubtful, description)).collect(),
    }
}

/// A finding that could not be tried again as reports have it.
fn unstable(doubtful: &Doubtful, description: &Description) -> UnstableRecord {
    let finding = record(&doubtful.unconfirmed, description);
    UnstableRecord {
        fingerprint: finding.fingerprint.clone(),
        operation: finding.operation.clone(),
        severity: finding.severity,
        why: doubtful.why,
        sightings: 1,
        judged: 1,
        finding: Some(Box::new(finding)),
    }
}

/// A confirmed finding as reports have it.
fn record(confirmed: &Confirmed, description: &Description) -> DivergenceRecord {
    let Confirmed { finding, malformed, title, naming, caller, reproduced, shrunk_from } = confirmed;
    let fingerprint = Fingerprint(finding.cause.0.clone());
    let mut names = SymbolicNames::new(naming.clone());
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
        python: String::new(),
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
        cause: None,
        also: Vec::new(),
        seen: BTreeMap::new(),
        accepted: None,
    }
}

fn naming_principal(naming: &CastNaming, caller: &str) -> String {
    use passmuster_contract::domain::Naming as _;
    naming.account_from(caller).map_or_else(|| caller.to_owned(), principal_name)
}

/// The bytes with a signature that names the account and signs nothing, so that they are the same each time.
fn sent(message: &Message, caller: &str, naming: &CastNaming, description: &Description) -> Vec<u8> {
    use passmuster_contract::domain::{Naming as _, Region};
    let (_, host) = split_scheme(&description.curl_endpoint);
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
    curl_line(message, bytes, description).unwrap_or_else(|| {
        let (is_secure, address) = split_scheme(endpoint);
        let is_portless = address.ends_with(']') || !address.contains(':');
        let address = match (is_portless, is_secure) {
            (true, true) => format!("{address}:443"),
            (true, false) => format!("{address}:80"),
            (false, _) => address.to_owned(),
        };
        let send = if is_secure {
            format!("timeout 5 openssl s_client -quiet -connect {address}")
        } else {
            let (host, port) = address.rsplit_once(':').unwrap_or((&address, "80"));
            format!("nc -w 5 {} {port}", host.trim_matches(['[', ']']))
        };
        format!("printf '{}' | {send}", for_printf(bytes))
    })
}

/// Whether TLS is spoken, and the host with its port.
fn split_scheme(endpoint: &str) -> (bool, &str) {
    let endpoint = endpoint.trim_end_matches('/');
    endpoint
        .strip_prefix("https://")
        .map_or_else(|| (false, endpoint.trim_start_matches("http://")), |host| (true, host))
}

/// A command for what curl sends as it is: a request that is wrong in its path, its headers or its body alone.
fn curl_line(message: &Message, bytes: &[u8], description: &Description) -> Option<String> {
    let plain = message.before.is_empty()
        && message.is_http_1_1()
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
    let mut line = format!(
        "curl -sS{} -i --path-as-is -X {method} {}",
        curl::trusting(description.curl_ca.as_deref()),
        curl::quoted(&format!("{}{target}", description.curl_endpoint.trim_end_matches('/')))
    );
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
