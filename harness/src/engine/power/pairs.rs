//! Faults two at a time, for one may hide the other.

use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::super::interrupt::Interrupt;
use super::super::outcome::Run;
use super::super::replay::replay;
use super::super::settings::RunSettings;
use super::{Measured, Proof, all, blamed_rules, run, supply};
use crate::record::{Missed, MissedFault, PairRecord, PairsRecord};
use crate::server::Fault;
use passmuster_contract::domain::RuleId;

/// Pairs drawn from all there are.
pub(super) struct Sample {
    pub(super) pairs: Vec<[Fault; 2]>,
    possible: usize,
    of_one_rule: usize,
}

/// Draws pairs of faults that violate different rules. A pair's place in the draw depends on the seed and its names
/// alone: a fault that is added to the catalogue doesn't change the order of the others.
pub(super) fn sample(faults: &[Fault], most: usize, seed: u64) -> Sample {
    let every = faults.iter().enumerate().flat_map(|(place, one)| {
        let others = faults.get(place + 1..).unwrap_or_default();
        others.iter().map(|other| [*one, *other])
    });
    let (mut pairs, of_one_rule): (Vec<_>, Vec<_>) = every.partition(|[one, other]| one.rule() != other.rule());
    let possible = pairs.len();
    pairs.sort_by_cached_key(|[one, other]| Sha256::digest(format!("{seed} {one} {other}")));
    pairs.truncate(most);
    Sample { pairs, possible, of_one_rule: of_one_rule.len() }
}

pub(super) async fn measure(
    sample: Sample,
    alone: &[Measured],
    settings: &RunSettings,
    workers: usize,
    interrupt: &Interrupt,
    done: &mut impl FnMut(),
) -> PairsRecord {
    let proof = |fault: Fault| {
        let measured = alone.iter().find(|measured| measured.fault == fault);
        measured.and_then(|measured| measured.proof.clone())
    };
    let runs = sample.pairs.iter().map(|pair| {
        let proofs = pair.map(proof);
        measure_pair(*pair, proofs, settings.clone(), interrupt.clone())
    });
    let pairs = all(runs, workers, interrupt, done).await;
    let missed = |number: usize| pairs.iter().filter(|pair| pair.missed.len() == number).count();
    PairsRecord {
        possible: sample.possible,
        of_one_rule: sample.of_one_rule,
        runs: pairs.len(),
        both: missed(0),
        one: missed(1),
        none: missed(2),
        incomplete: pairs.into_iter().filter(|pair| !pair.missed.is_empty()).collect(),
    }
}

async fn measure_pair(
    pair: [Fault; 2],
    proofs: [Option<Proof>; 2],
    settings: RunSettings,
    interrupt: Interrupt,
) -> Option<PairRecord> {
    let run = run(&pair, &settings, &interrupt).await?;
    let blamed: Vec<RuleId> = run.as_ref().map(|run: &Run| blamed_rules(run).collect()).unwrap_or_default();
    let mut missed = Vec::new();
    for (fault, proof) in pair.into_iter().zip(proofs) {
        if !blamed.contains(&fault.rule()) {
            let why = why(pair, proof, &settings).await;
            missed.push(MissedFault { id: fault.name().to_owned(), rule: fault.rule().to_string(), why });
        }
    }
    let blamed_rules = blamed.iter().map(ToString::to_string).collect();
    Some(PairRecord { faults: pair.map(|fault| fault.name().to_owned()), missed, blamed_rules })
}

/// Tries what shows a fault alone against a server that has both.
async fn why(pair: [Fault; 2], proof: Option<Proof>, settings: &RunSettings) -> Missed {
    let Some(proof) = proof else { return Missed::Alone };
    let steps = replay(&Arc::new(supply(&pair, settings)), settings, &proof.scenario).await.unwrap_or_default();
    let mut shown = steps.iter().flat_map(|step| &step.divergences);
    if shown.any(|divergence| proof.fingerprints.contains(&divergence.fingerprint())) {
        Missed::Overlooked
    } else {
        Missed::Masked
    }
}
