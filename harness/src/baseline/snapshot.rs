//! One reviewed or pending divergence as a file in insta's format: YAML, a line of dashes, and the text.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use insta::internals::Content;
use serde::de::IntoDeserializer;
use serde::{Deserialize, de};
use serde_json::Value;

use super::terms::{Terms, TermsError};
use super::{BaselineError, body, file};
use crate::record::{DivergenceRecord, WIRE};
use passmuster_contract::domain::{DivergenceKind, Grade, Severity, printable};

/// The version of the format, kept in each file.
const SCHEMA: &str = "passmuster.divergence/1";

/// The largest file that is read; a divergence fills a few thousand bytes.
const LIMIT: u64 = 4 << 20;

/// A divergence as a snapshot holds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reviewed {
    /// `D-` and eight hexadecimal digits.
    pub id: String,
    /// The identity.
    pub fingerprint: String,
    /// The target it was seen at.
    pub target: String,
    /// The operation whose answer shows it.
    pub operation: String,
    /// `divergence` or `suspicion`.
    pub severity: Severity,
    /// The weakest grade among what it rests on.
    pub grade: Grade,
    /// In which way it diverges.
    pub kind: DivergenceKind,
    /// The rules it violates.
    pub rules: Vec<String>,
    /// One sentence.
    pub summary: String,
    /// Which classes of malformed requests show it, on which operations; none for other findings.
    pub seen: BTreeMap<String, BTreeSet<String>>,
    /// The id of its cause, where one was found.
    pub cause: Option<String>,
    /// The terms on which it was accepted.
    pub terms: Terms,
    /// The text under review.
    pub body: String,
}

impl Reviewed {
    /// The part of a finding that is to be reviewed.
    #[must_use]
    pub fn of(found: &DivergenceRecord, target: &str) -> Self {
        Self {
            id: found.id.clone(),
            fingerprint: found.fingerprint.clone(),
            target: target.to_owned(),
            operation: found.operation.clone(),
            severity: found.severity,
            grade: found.grade,
            kind: found.kind,
            rules: found.rules.clone(),
            summary: found.summary.clone(),
            seen: found.seen.clone(),
            cause: found.cause.clone(),
            terms: Terms::default(),
            body: body(found),
        }
    }

    /// Whether the scenario in its text shows it each time: a law takes two, a malformed request is none.
    #[must_use]
    pub fn has_scenario(&self) -> bool {
        let is_none = self.kind == DivergenceKind::Law || self.fingerprint.starts_with(WIRE);
        !is_none && !body::is_flaky(&self.body)
    }

    /// The classes and operations that show a finding and were not reviewed with this one.
    #[must_use]
    pub fn uncovered(&self, found: &DivergenceRecord) -> BTreeMap<String, BTreeSet<String>> {
        let none = BTreeSet::new();
        let others = found.seen.iter().map(|(class, operations)| {
            let known = self.seen.get(class).unwrap_or(&none);
            (class.clone(), operations.difference(known).cloned().collect::<BTreeSet<_>>())
        });
        others.filter(|(_, operations)| !operations.is_empty()).collect()
    }

    /// Takes in what was reviewed before under the same identity.
    pub(super) fn take_in(&mut self, earlier: &Self) {
        for (class, operations) in &earlier.seen {
            self.seen.entry(class.clone()).or_default().extend(operations.iter().cloned());
        }
    }

    /// Whether a finding is what was reviewed: it fails in the same way, and weighs no more.
    pub(super) fn is_as(&self, found: &DivergenceRecord) -> bool {
        found.severity <= self.severity && body::is_same(&self.body, &body(found))
    }

    fn render(&self) -> String {
        let mut text = String::from("---\nsource: passmuster\n");
        let mut field = |name: &str, value: &str| {
            // A string in JSON is one in YAML, too, and so are the escapes that make it printable. Writing to a
            // string can't fail.
            let _ = writeln!(text, "{name}: {}", printable(&Value::from(value).to_string()));
        };
        field("description", &self.summary);
        field("expression", &self.fingerprint);
        text.push_str("info:\n");
        let mut field = |name: &str, value: &str| {
            let _ = writeln!(text, "  {name}: {}", printable(&Value::from(value).to_string()));
        };
        field("schema", SCHEMA);
        field("id", &self.id);
        field("target", &self.target);
        field("operation", &self.operation);
        field("severity", self.severity.name());
        field("grade", self.grade.name());
        field("kind", self.kind.name());
        field("rules", &self.rules.join(" "));
        if !self.seen.is_empty() {
            field("seen", &places(&self.seen));
        }
        let Terms { reason, link, expires, versions } = &self.terms;
        let (expires, versions) =
            (expires.as_ref().map(ToString::to_string), versions.as_ref().map(ToString::to_string));
        for (name, value) in [
            ("cause", &self.cause),
            ("reason", reason),
            ("link", link),
            ("expires", &expires),
            ("versions", &versions),
        ] {
            if let Some(value) = value {
                field(name, value);
            }
        }
        text.push_str("---\n");
        text.push_str(&self.body);
        text.push('\n');
        text
    }
}

/// Writes a snapshot as a whole; its folder is made if need be.
pub(super) fn write(path: &Path, entry: &Reviewed) -> Result<(), BaselineError> {
    let failed = |source| BaselineError::Write { path: path.to_owned(), source };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    file::replace(path, entry.render().as_bytes()).map_err(failed)
}

/// Reads a snapshot, as written here or by `cargo insta`.
pub(super) fn read(path: &Path) -> Result<Reviewed, BaselineError> {
    let malformed = |detail: &str| BaselineError::Malformed { path: path.to_owned(), detail: detail.to_owned() };
    check(path)?;
    let snapshot =
        insta::Snapshot::from_file(path).map_err(|_| malformed("the lines between the dashes are no YAML"))?;
    let Some(body) = snapshot.as_text() else { return Err(malformed("it holds no text")) };
    let metadata = snapshot.metadata();
    let info = |name: &str| {
        let Some(Content::Map(members)) = metadata.private_info() else { return None };
        let (_, value) = members.iter().find(|(key, _)| key.as_str() == Some(name))?;
        value.as_str().map(str::to_owned)
    };
    let wanted = |name: &str| info(name).ok_or_else(|| malformed(&format!("its info has no {name}")));
    let not_known =
        |error: de::value::Error| malformed(&format!("its info has an {}", printable(&error.to_string())));
    let schema = wanted("schema")?;
    if schema != SCHEMA {
        let schema = printable(&schema).into_owned();
        return Err(malformed(&format!("its schema is {schema}, and this version reads {SCHEMA}")));
    }
    let Some(fingerprint) = metadata.expression() else {
        return Err(malformed("it has no expression, which holds the fingerprint"));
    };
    let rules: Vec<String> = wanted("rules")?.split_whitespace().map(str::to_owned).collect();
    let operation = wanted("operation")?;
    let seen = match info("seen") {
        Some(text) => read_places(&text).ok_or_else(|| malformed("its info has a seen that is no list"))?,
        None => own_place(fingerprint, &rules, &operation),
    };
    Ok(Reviewed {
        id: wanted("id")?,
        fingerprint: fingerprint.to_owned(),
        target: wanted("target")?,
        operation,
        severity: word(&wanted("severity")?).map_err(not_known)?,
        grade: word(&wanted("grade")?).map_err(not_known)?,
        kind: word(&wanted("kind")?).map_err(not_known)?,
        rules,
        seen,
        summary: metadata.description().unwrap_or_default().to_owned(),
        cause: info("cause"),
        terms: terms(&info).map_err(|error| malformed(&error.to_string()))?,
        body: body.to_string(),
    })
}

/// The terms in the metadata of a snapshot.
fn terms(info: &dyn Fn(&str) -> Option<String>) -> Result<Terms, TermsError> {
    Ok(Terms {
        reason: info("reason"),
        link: info("link"),
        expires: info("expires").map(|text| text.parse()).transpose()?,
        versions: info("versions").map(|text| text.parse()).transpose()?,
    })
}

/// Classes with their operations as a text, such as `M145 CreateMembers ListMembers; M146 CreateMembers`.
pub(super) fn places(seen: &BTreeMap<String, BTreeSet<String>>) -> String {
    let line = |(class, operations): (&String, &BTreeSet<String>)| {
        let operations: Vec<&str> = operations.iter().map(String::as_str).collect();
        format!("{class} {}", operations.join(" "))
    };
    seen.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn read_places(text: &str) -> Option<BTreeMap<String, BTreeSet<String>>> {
    let place = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        Some((words.next()?, words.collect::<BTreeSet<_>>()))
    };
    text.split(';').map(place).collect()
}

/// The place of a finding that was reviewed before places were kept: the request that showed it first.
fn own_place(fingerprint: &str, rules: &[String], operation: &str) -> BTreeMap<String, BTreeSet<String>> {
    let class = rules.iter().find(|rule| rule.starts_with('M')).filter(|_| fingerprint.starts_with(WIRE));
    class.map(|class| (class.clone(), [operation.to_owned()].into())).into_iter().collect()
}

/// The value that a word stands for.
fn word<'w, T: Deserialize<'w>>(text: &'w str) -> Result<T, de::value::Error> {
    T::deserialize(IntoDeserializer::<de::value::Error>::into_deserializer(text))
}

/// Looks for what insta would read wrongly or not at all: it takes a file without dashes for one of an old format.
fn check(path: &Path) -> Result<(), BaselineError> {
    let malformed = |detail: &str| BaselineError::Malformed { path: path.to_owned(), detail: detail.to_owned() };
    let failed = |source| BaselineError::Read { path: path.to_owned(), source };
    let mut text = Vec::new();
    File::open(path).and_then(|file| file.take(LIMIT + 1).read_to_end(&mut text)).map_err(failed)?;
    if text.len() as u64 > LIMIT {
        return Err(malformed(&format!("it is larger than {LIMIT} bytes")));
    }
    let Ok(text) = String::from_utf8(text) else { return Err(malformed("it is not UTF-8")) };
    let mut lines = text.lines();
    if lines.next().map(str::trim_end) != Some("---") {
        return Err(malformed("its first line is not ---"));
    }
    for line in lines {
        if line.trim_end() == "---" {
            return Ok(());
        }
        // The reader takes it for the end of the line.
        if line.contains('\r') {
            return Err(malformed("its metadata holds a carriage return within a line"));
        }
        if is_special_number(line) {
            return Err(malformed("its metadata holds a number that is none"));
        }
        if !is_plain(line) {
            return Err(malformed("its metadata holds a line that is not a name and one plain or quoted value"));
        }
    }
    Err(malformed("no second line of --- ends its metadata"))
}

/// Whether the value of a line is infinite or no number: insta's reader does not survive that.
fn is_special_number(line: &str) -> bool {
    let value = line.split_once(':').map_or(line, |(_, value)| value);
    let value = value.trim().trim_start_matches(['-', '+', ' ']).to_ascii_lowercase();
    value == ".inf" || value == ".nan"
}

/// Whether a line of metadata is one of those that are ever written: a name and at most one plain or quoted value.
/// Collections within a line, aliases and tags are ways around the check above, and into the depth of the reader.
fn is_plain(line: &str) -> bool {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return true;
    }
    let Some((name, value)) = line.split_once(':') else { return false };
    let named = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    named && !value.trim_start().starts_with(['[', '{', '&', '*', '!', '|', '>', '?', '%', '@', '`'])
}
