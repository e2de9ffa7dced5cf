//! Runs a subject on one input, or on many: the requests of the catalogue and compositions of them. Makes what is found
//! smaller.

use std::collections::BTreeMap;

use super::finding::{FindingKey, KitFinding};
use super::judge::judge;
use super::message;
use super::reaction::{Reaction, show};
use super::seeds::{Seed, bases, seeds};
use crate::complaint::Aspect;
use crate::reader::expect::expect;
use crate::shrink::{fine_cuts, value_cuts};
use crate::{Composer, Message, SplitMix};
use passmuster_contract::domain::{Profile, Severity};
use passmuster_contract::wire::{HttpRequest, encode_request};

/// The knobs of a run of the kit.
#[derive(Clone, Debug)]
pub struct KitSettings {
    /// Chooses the compositions.
    pub seed: u64,
    /// The number of requests that are made, the seeds among them.
    pub max_inputs: usize,
    /// After so many findings it ends.
    pub max_findings: usize,
    /// The number of smaller requests that are tried for each finding.
    pub max_shrinks: usize,
    /// The profile whose answers are admissible.
    pub profile: Profile,
    /// Whether suspicions and notes are found, too.
    pub suspicions: bool,
}

impl Default for KitSettings {
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
/// The first complaint that weighs something; suspicions and notes don't.
pub fn check<R: Into<Reaction>>(
    subject: impl FnMut(&HttpRequest) -> R,
    bytes: &[u8],
    profile: Profile,
) -> Result<(), Box<KitFinding>> {
    match look(subject, bytes, profile) {
        Some(finding) if finding.severity() == Severity::Divergence => Err(Box::new(finding)),
        _ => Ok(()),
    }
}

/// Shows a request out of any bytes to a subject, and gives the first complaint, whatever it weighs.
pub fn look<R: Into<Reaction>>(
    mut subject: impl FnMut(&HttpRequest) -> R,
    bytes: &[u8],
    profile: Profile,
) -> Option<KitFinding> {
    find(&mut subject, &unnamed(message::read(bytes)), profile)
}

/// A request that no class is known of.
fn unnamed(request: HttpRequest) -> Seed {
    Seed { name: String::new(), classes: Vec::new(), request }
}

/// Shows the seeds and compositions of the catalogue to a subject, and says what was found: each fault once, by the
/// smallest request that could be found to show it, in the order of weight.
#[must_use]
pub fn run<R: Into<Reaction>>(
    mut subject: impl FnMut(&HttpRequest) -> R,
    settings: &KitSettings,
) -> Vec<KitFinding> {
    let (seeds, bases) = (seeds(), bases());
    let composer = Composer { bases: &bases, signatures: false };
    let mut dice = SplitMix::new(settings.seed);
    let composed = std::iter::from_fn(|| composer.draw(&mut dice)).filter_map(Seed::of);
    let mut found: BTreeMap<FindingKey, KitFinding> = BTreeMap::new();
    for seed in seeds.into_iter().chain(composed).take(settings.max_inputs) {
        let Some(finding) = find(&mut subject, &seed, settings.profile) else { continue };
        let wanted = settings.suspicions || finding.severity() == Severity::Divergence;
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
    seed: &Seed,
    profile: Profile,
) -> Option<KitFinding> {
    let reaction = show(subject, &seed.request);
    let verdict = judge(&seed.request, &reaction, profile);
    let finding = verdict.map(|verdict| KitFinding::new(verdict, &seed.classes, seed.request.clone()));
    finding.or_else(|| again(subject, seed, &reaction, profile))
}

/// Reads again what was read, once it is written afresh.
fn again<R: Into<Reaction>>(
    subject: &mut impl FnMut(&HttpRequest) -> R,
    seed: &Seed,
    first: &Reaction,
    profile: Profile,
) -> Option<KitFinding> {
    let Reaction::Read(operation, members) = first else { return None };
    // What was kept in a wrong type may be refused in another place.
    let afresh = encode_request(*operation, members);
    let expected = expect(&afresh);
    if expected.anything || !expected.faults.is_empty() {
        return None;
    }
    let second = show(subject, &afresh);
    let mut verdict = judge(&afresh, &second, profile)?;
    let observed = format!("of {}: {}", afresh.body.escape_ascii(), verdict.complaint.observed);
    verdict.complaint.aspect = Aspect::RoundTrip;
    verdict.complaint.expected = "the same reading of the same members, written afresh".to_owned();
    verdict.complaint.observed = observed;
    Some(KitFinding::new(verdict, &seed.classes, seed.request.clone()))
}

/// The same finding by a smaller request, as far as leaving parts out leads.
fn shrink<R: Into<Reaction>>(
    subject: &mut impl FnMut(&HttpRequest) -> R,
    mut smallest: KitFinding,
    settings: &KitSettings,
) -> KitFinding {
    let identity = smallest.identity();
    let mut left = settings.max_shrinks;
    'smaller: loop {
        let message = Message::of(&smallest.request);
        for cut in value_cuts(&message).into_iter().chain(fine_cuts(&message)) {
            if left == 0 {
                return smallest;
            }
            left -= 1;
            let mut candidate = message.clone();
            cut.apply(&mut candidate);
            let Some(request) = candidate.as_request() else { continue };
            let seed = Seed { name: String::new(), classes: smallest.classes.clone(), request };
            let again = find(subject, &seed, settings.profile);
            if let Some(finding) = again.filter(|finding| finding.identity() == identity) {
                smallest = finding;
                continue 'smaller;
            }
        }
        return smallest;
    }
}
