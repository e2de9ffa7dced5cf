//! One input, or many.

use std::collections::BTreeMap;

use super::chance::Chance;
use super::finding::{Finding, Identity, Property};
use super::judge::judge;
use super::reaction::{Reaction, show};
use super::seeds::seeds;
use super::{message, mutate};
use crate::reader::json;
use passmuster_contract::domain::{Profile, Severity};
use passmuster_contract::wire::{HttpRequest, encode_request};

/// How a subject is fuzzed.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Chooses the mutations.
    pub seed: u64,
    /// How many requests are made, the seeds among them.
    pub max_inputs: usize,
    /// After so many findings it ends.
    pub max_findings: usize,
    /// How many smaller requests are tried for each finding.
    pub max_shrinks: usize,
    /// What the subject claims to be.
    pub profile: Profile,
    /// Whether suspicions are found, too.
    pub suspicions: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 0,
            max_inputs: 10_000,
            max_findings: 50,
            max_shrinks: 2_000,
            profile: Profile::Union,
            suspicions: false,
        }
    }
}

/// Shows a request out of any bytes to a subject.
///
/// # Errors
///
/// The first property that does not hold; suspicions are none.
pub fn check<R: Into<Reaction>>(
    mut subject: impl FnMut(&HttpRequest) -> R,
    bytes: &[u8],
    profile: Profile,
) -> Result<(), Box<Finding>> {
    match find(&mut subject, &message::read(bytes), profile) {
        Some(finding) if finding.severity == Severity::Divergence => Err(Box::new(finding)),
        _ => Ok(()),
    }
}

/// Shows the seeds and mutations of them to a subject, and says what was found: each fault once, by the smallest request
/// that could be found to show it, in the order of weight.
#[must_use]
pub fn run<R: Into<Reaction>>(mut subject: impl FnMut(&HttpRequest) -> R, settings: &Settings) -> Vec<Finding> {
    let seeds = seeds();
    let mut chance = Chance::new(settings.seed);
    let mut found: BTreeMap<Identity, Finding> = BTreeMap::new();
    for number in 0..settings.max_inputs {
        let request = match seeds.get(number) {
            Some(seed) => seed.request.clone(),
            None => match mutate::next(&mut chance, &seeds) {
                Some(request) => request,
                None => break,
            },
        };
        let Some(finding) = find(&mut subject, &request, settings.profile) else { continue };
        let wanted = settings.suspicions || finding.severity == Severity::Divergence;
        if wanted && !found.contains_key(&finding.identity()) {
            let smallest = shrink(&mut subject, finding, settings);
            found.insert(smallest.identity(), smallest);
            if found.len() >= settings.max_findings {
                break;
            }
        }
    }
    found.into_values().collect()
}

fn find<R: Into<Reaction>>(
    subject: &mut impl FnMut(&HttpRequest) -> R,
    request: &HttpRequest,
    profile: Profile,
) -> Option<Finding> {
    let reaction = show(subject, request);
    judge(request, &reaction, profile).or_else(|| again(subject, request, &reaction, profile))
}

/// What was read, written afresh and read again.
fn again<R: Into<Reaction>>(
    subject: &mut impl FnMut(&HttpRequest) -> R,
    request: &HttpRequest,
    first: &Reaction,
    profile: Profile,
) -> Option<Finding> {
    let Reaction::Read(operation, members) = first else { return None };
    // What was kept in a wrong type may be refused in another place.
    let afresh = encode_request(*operation, members);
    let expected = crate::reader::expect::expect(&afresh);
    if expected.anything || !expected.faults.is_empty() {
        return None;
    }
    let second = show(subject, &afresh);
    judge(&afresh, &second, profile).map(|finding| Finding {
        property: Property::SurvivesTheRoundTrip,
        expected: "the same reading of the same members, written afresh".to_owned(),
        observed: format!("of {}: {}", afresh.body.escape_ascii(), finding.observed),
        request: request.clone(),
        ..finding
    })
}

/// The same finding by a smaller request, as far as leaving parts out leads.
fn shrink<R: Into<Reaction>>(
    subject: &mut impl FnMut(&HttpRequest) -> R,
    mut smallest: Finding,
    settings: &Settings,
) -> Finding {
    let identity = smallest.identity();
    let mut left = settings.max_shrinks;
    'smaller: loop {
        let request = smallest.request.clone();
        for candidate in values(&request).into_iter().chain(mutate::smaller(&request)) {
            if left == 0 {
                return smallest;
            }
            left -= 1;
            let again = find(subject, &candidate, settings.profile);
            if let Some(finding) = again.filter(|finding| finding.identity() == identity) {
                smallest = finding;
                continue 'smaller;
            }
        }
        return smallest;
    }
}

/// Requests without one of the values of the body, commas included.
fn values(request: &HttpRequest) -> Vec<HttpRequest> {
    let Ok(root) = json::read(&request.body) else { return Vec::new() };
    let members = root.members().into_iter().map(|member| member.span.clone());
    let items = root.all().into_iter().filter_map(|node| match &node.value {
        json::Json::Array(items) => Some(items.iter().map(|item| item.span.clone())),
        _ => None,
    });
    let mut without: Vec<HttpRequest> = Vec::new();
    for span in members.chain(items.flatten()) {
        let mut body = request.body.clone();
        let is_comma = |at: usize| body.get(at) == Some(&b',');
        let whole = match (is_comma(span.end), span.start > 0 && is_comma(span.start - 1)) {
            (true, _) => span.start..span.end + 1,
            (false, true) => span.start - 1..span.end,
            (false, false) => span,
        };
        body.drain(whole);
        without.push(HttpRequest { body, ..request.clone() });
    }
    without
}
