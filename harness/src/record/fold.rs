//! Folds the shards of a run into its record.

use std::collections::{BTreeMap, BTreeSet};

use super::shard::{LeadRecord, Looked, ShardRecord};
use super::{
    DivergenceRecord, GoalRecord, GoalStatus, InconclusiveRecord, OperationRecord, OperationSupport,
    QuestionRecord, ReplayRecord, RuleRecord, RuleStatus, RunRecord, SCHEMA, SdkRecord, Stopped, TargetRecord,
    Totals, Uncertainty, UnstableRecord, WalkRecord,
};
use passmuster_contract::domain::{DivergenceKind, Fingerprint, Operation, Severity};

/// The part that is the same for all shards of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordHead {
    /// The version of passmuster.
    pub version: String,
    /// The seed.
    pub seed: u64,
    /// The number that account ids depend on besides the seed.
    pub nonce: u64,
    /// When the first shard started.
    pub started: String,
    /// The target.
    pub target: TargetRecord,
}

/// Folds shards into the record of the run that they are, its exit code not yet decided. Shards that are missing are
/// as scenarios that were not run.
#[must_use]
pub fn fold(head: RecordHead, shards: &[ShardRecord]) -> RunRecord {
    let blank = ShardRecord::default();
    // One that was stopped before its probe knows nothing of the target.
    let probed = shards.iter().find(|shard| shard.probe.calls > 0).or(shards.first()).unwrap_or(&blank);
    let fold = Fold { shards, probed };
    let leads = fold.leads();
    let mut divergences = divergences(&leads);
    let (wire, wire_findings) = super::wire::fold(shards.iter().map(|shard| &shard.wire));
    divergences.extend(wire_findings);
    let operations = fold.operations(&divergences);
    let unstable = fold.unstable(&leads, &divergences, &operations);
    let looking = leads.iter().map(|(lead, _)| lead.took);
    let replays: Vec<ReplayRecord> = shards.iter().flat_map(|shard| &shard.replays).cloned().collect();
    let replaying = replays.iter().map(|replay| replay.calls);
    let calls =
        total([probed.probe.calls, explored(shards), wire.calls].into_iter().chain(looking).chain(replaying));
    let seconds = shards.iter().map(|shard| shard.seconds).fold(0.0, f64::max);
    RunRecord {
        schema: SCHEMA.to_owned(),
        version: head.version,
        seed: head.seed,
        nonce: head.nonce,
        started: head.started,
        exit_code: 0,
        target: head.target,
        totals: Totals {
            calls,
            judged: total(shards.iter().map(|shard| shard.judged).chain([wire.requests])),
            scenarios: total(shards.iter().map(|shard| shard.scenarios)),
            seconds,
            calls_per_second: if seconds > 0.0 { calls as f64 / seconds } else { 0.0 },
            wire_requests: wire.requests,
        },
        stopped: fold.stopped(),
        rules: fold.rules(&divergences, &unstable),
        operations,
        causes: Vec::new(),
        unstable,
        replays,
        open_questions: fold.questions(),
        goals: fold.goals(),
        walk: fold.walk(&divergences),
        wire,
        sdk: fold.sdk(),
        late: fold.sums(|shard| &shard.late),
        inconclusive: fold.sums(|shard| &shard.inconclusive),
        remarks: fold.remarks(),
        divergences,
        shard: None,
    }
}

struct Fold<'a> {
    shards: &'a [ShardRecord],
    /// One of the shards that have probed the target.
    probed: &'a ShardRecord,
}

impl<'a> Fold<'a> {
    /// The lead of each fingerprint where the whole run sees it first, in the order in which that would look into them,
    /// with the calls of the run before it was seen.
    fn leads(&self) -> Vec<(&'a LeadRecord, u64)> {
        let mut first: BTreeMap<&str, ((u64, usize), &LeadRecord)> = BTreeMap::new();
        for shard in self.shards {
            for (turn, lead) in shard.leads.iter().enumerate() {
                let place = (lead.number, turn);
                let known = first.entry(&lead.fingerprint).or_insert((place, lead));
                if place < known.0 {
                    *known = (place, lead);
                }
            }
        }
        let mut leads: Vec<_> = first.into_values().collect();
        leads.sort_by_key(|(place, lead)| (lead.open, *place));
        let with_calls = |((number, _), lead): ((u64, usize), &'a LeadRecord)| {
            (lead, total([self.calls_before(number), lead.calls]))
        };
        leads.into_iter().map(with_calls).collect()
    }

    /// The calls of all scenarios that come before the one of this place.
    fn calls_before(&self, place: u64) -> u64 {
        let before = |shard: &'a ShardRecord| shard.calls.iter().take(shard.scenarios_before(place)).copied();
        total(self.shards.iter().flat_map(before))
    }

    fn stopped(&self) -> Option<Stopped> {
        if let [only] = self.shards {
            return only.stopped.clone();
        }
        Stopped::of_shards(self.shards.iter().filter_map(|shard| Some((shard.index, shard.stopped.as_ref()?))))
    }

    fn operations(&self, divergences: &[DivergenceRecord]) -> Vec<OperationRecord> {
        let mut counts: BTreeMap<&str, [u64; 3]> = BTreeMap::new();
        for operation in self.shards.iter().flat_map(|shard| &shard.operations) {
            let counts = counts.entry(&operation.name).or_default();
            let own = [operation.calls, operation.judged, operation.unjudged];
            counts.iter_mut().zip(own).for_each(|(sum, count)| add(sum, count));
        }
        let sum = |known: &OperationRecord| {
            let probing = self.probed.probe.operations.get(&known.name).copied().unwrap_or(0);
            let seen = divergences.iter().filter(|divergence| divergence.operation == known.name).count();
            let [calls, judged, unjudged] = counts.get(known.name.as_str()).copied().unwrap_or_default();
            OperationRecord {
                calls: total([probing, calls]),
                judged,
                unjudged,
                divergences: seen as u64,
                ..known.clone()
            }
        };
        self.probed.operations.iter().map(sum).collect()
    }

    /// What is not certain: a divergence that showed in some tries, or was not tried again; and the operations of which
    /// no answer could be judged.
    fn unstable(
        &self,
        leads: &[(&LeadRecord, u64)],
        divergences: &[DivergenceRecord],
        operations: &[OperationRecord],
    ) -> Vec<UnstableRecord> {
        let mut sightings: BTreeMap<&str, u64> = BTreeMap::new();
        for lead in self.shards.iter().flat_map(|shard| &shard.leads) {
            add(sightings.entry(&lead.fingerprint).or_default(), lead.sightings);
        }
        let seen = |fingerprint: &str| sightings.get(fingerprint).copied().unwrap_or(1).max(1);
        let flaky = divergences.iter().filter(|found| found.is_flaky()).map(|found| {
            let seen = seen(&found.fingerprint);
            UnstableRecord {
                fingerprint: found.fingerprint.clone(),
                operation: found.operation.clone(),
                severity: found.severity,
                why: Uncertainty::Flaky,
                sightings: total([seen, found.reproduced.hits.into()]),
                judged: total([seen, found.reproduced.of.into()]),
                finding: None,
            }
        });
        let unconfirmed = leads.iter().filter_map(|(lead, _)| {
            let Looked::Unconfirmed { reason, finding } = &lead.looked else { return None };
            Some(UnstableRecord {
                fingerprint: lead.fingerprint.clone(),
                operation: finding.operation.clone(),
                severity: finding.severity,
                why: *reason,
                sightings: seen(&lead.fingerprint),
                judged: seen(&lead.fingerprint),
                finding: Some(finding.clone()),
            })
        });
        // That its lists have no end says why no answer could be judged.
        let own = || self.shards.iter().flat_map(|shard| shard.unstable.iter().chain(&shard.wire.unstable));
        let is_unending = |name: &str| own().any(|one| one.why == Uncertainty::Unending && one.operation == name);
        let silent = |operation: &&OperationRecord| {
            let is_supported = operation.support == OperationSupport::Supported;
            is_supported && operation.judged == 0 && operation.unjudged > 0 && !is_unending(&operation.name)
        };
        let silent = operations.iter().filter(silent).map(|operation| UnstableRecord {
            fingerprint: operation.name.clone(),
            operation: operation.name.clone(),
            severity: Severity::Divergence,
            why: Uncertainty::NeverJudged,
            sightings: 0,
            judged: 0,
            finding: None,
        });
        let mut known = BTreeSet::new();
        let all = flaky.chain(unconfirmed).chain(own().cloned()).chain(silent);
        all.filter(|unstable| known.insert(unstable.fingerprint.clone())).collect()
    }

    fn rules(&self, divergences: &[DivergenceRecord], unstable: &[UnstableRecord]) -> Vec<RuleRecord> {
        let mut exercised: BTreeMap<&str, u64> = BTreeMap::new();
        for rule in self.shards.iter().flat_map(|shard| &shard.rules) {
            add(exercised.entry(&rule.id).or_default(), rule.exercised);
        }
        let violated = blamed_rules(divergences, |found| found.severity != Severity::Note);
        // A wrong value somewhere in an answer does not keep a client from going on; a wrong state does.
        let blocking = blamed_rules(divergences, |found| {
            found.kind != DivergenceKind::WrongValue || found.pointer.ends_with("/MemberStatus")
        });
        let unsure: Vec<DivergenceRecord> =
            unstable.iter().filter_map(|unstable| unstable.finding.as_deref()).cloned().collect();
        let unsure = blamed_rules(&unsure, |found| found.severity != Severity::Note);
        let standing = |known: &RuleRecord| {
            let times = exercised.get(known.id.as_str()).copied().unwrap_or(0);
            let is = |status: RuleStatus, blocked_by: Option<&str>| RuleRecord {
                id: known.id.clone(),
                status,
                exercised: times,
                blocked_by: blocked_by.map(str::to_owned),
                reason: None,
            };
            // The shortest path to it may lead over a rule that this target violates.
            let way = || self.probed.on_the_way.get(&known.id).into_iter().flatten();
            if violated.contains_key(known.id.as_str()) {
                is(RuleStatus::Violated, None)
            } else if let Some(id) = unsure.get(known.id.as_str()) {
                is(RuleStatus::Blocked, Some(id))
            } else if known.status != RuleStatus::Open && times > 0 {
                is(RuleStatus::Held, None)
            } else if let Some(id) = way().find_map(|rule| blocking.get(rule.as_str())) {
                is(RuleStatus::Blocked, Some(id))
            } else {
                RuleRecord { exercised: times, ..known.clone() }
            }
        };
        self.probed.rules.iter().map(standing).collect()
    }

    fn questions(&self) -> Vec<QuestionRecord> {
        let mut merged: BTreeMap<&str, BTreeMap<&str, BTreeMap<String, u64>>> = BTreeMap::new();
        for (question, operations) in self.shards.iter().flat_map(|shard| &shard.answers) {
            for (operation, seen) in operations {
                let all = merged.entry(question).or_default().entry(operation).or_default();
                for (answer, times) in seen {
                    add(all.entry(answer.clone()).or_default(), *times);
                }
            }
        }
        let record = |(id, operations): (&str, BTreeMap<&str, BTreeMap<String, u64>>)| {
            // One question may be answered differently by different operations, but not by one of them.
            let consistent = operations.values().all(|seen| seen.len() == 1);
            let mut seen: BTreeMap<String, u64> = BTreeMap::new();
            for (answer, times) in operations.into_values().flatten() {
                add(seen.entry(answer).or_default(), times);
            }
            let most = seen.iter().max_by_key(|(_, times)| **times);
            let answer = most.map_or_else(String::new, |(answer, _)| answer.clone());
            QuestionRecord { id: id.to_owned(), answer, consistent, seen }
        };
        merged.into_iter().map(record).collect()
    }

    fn goals(&self) -> Vec<GoalRecord> {
        let all = self.shards.iter().flat_map(|shard| &shard.goals);
        let visited: BTreeSet<&str> = all.filter(|goal| goal.visited).map(|goal| goal.id.as_str()).collect();
        let fared = |known: &GoalRecord| {
            if !visited.contains(known.id.as_str()) {
                return known.clone();
            }
            GoalRecord { visited: true, status: GoalStatus::Visited, ..known.clone() }
        };
        self.probed.goals.iter().map(fared).collect()
    }

    fn walk(&self, divergences: &[DivergenceRecord]) -> WalkRecord {
        let walks = || self.shards.iter().map(|shard| &shard.walk);
        let exercised: BTreeSet<u32> = walks().flat_map(|walk| &walk.exercised).copied().collect();
        // What the first scenario that had something in its way had there.
        let mut missed: BTreeMap<u32, Option<&(u64, String)>> = BTreeMap::new();
        for entry in walks().flat_map(|walk| &walk.missed).filter(|entry| !exercised.contains(&entry.situation)) {
            let known = missed.entry(entry.situation).or_default();
            *known = known.iter().copied().chain(&entry.in_the_way).min_by_key(|(number, _)| *number);
        }
        let final_id = |fingerprint: &String| {
            let same =
                |found: &&DivergenceRecord| found.fingerprint == *fingerprint || found.also.contains(fingerprint);
            let found = divergences.iter().find(same).map(|found| found.id.clone());
            found.unwrap_or_else(|| Fingerprint(fingerprint.clone()).id())
        };
        let mut blocked_by: BTreeMap<String, u64> = BTreeMap::new();
        for (_, fingerprint) in missed.values().flatten() {
            *blocked_by.entry(final_id(fingerprint)).or_default() += 1;
        }
        let (exercised, missed) = (exercised.len() as u64, missed.len() as u64);
        let blocked = blocked_by.values().sum();
        let plan = &self.probed.walk.plan;
        WalkRecord {
            exercised,
            blocked,
            otherwise: missed - blocked,
            not_reached: plan.situations.saturating_sub(plan.unsupported + exercised + missed),
            blocked_by,
            complete: exercised > 0 && exercised == plan.situations && !plan.truncated,
            ..plan.clone()
        }
    }

    fn sdk(&self) -> SdkRecord {
        let mut sum = SdkRecord::default();
        self.shards.iter().for_each(|shard| sum.add(&shard.sdk));
        sum
    }

    fn sums(&self, of: impl Fn(&ShardRecord) -> &Vec<InconclusiveRecord>) -> Vec<InconclusiveRecord> {
        let mut sums: BTreeMap<(Option<Operation>, &str), (&InconclusiveRecord, u64)> = BTreeMap::new();
        for entry in self.shards.iter().flat_map(of) {
            let key = (Operation::from_name(&entry.operation), entry.reason.as_str());
            add(&mut sums.entry(key).or_insert((entry, 0)).1, entry.times);
        }
        sums.into_values().map(|(entry, times)| InconclusiveRecord { times, ..entry.clone() }).collect()
    }

    /// The remarks, each once.
    fn remarks(&self) -> Vec<String> {
        let mut remarks: Vec<String> = Vec::new();
        for remark in self.shards.iter().flat_map(|shard| &shard.remarks) {
            if !remarks.contains(remark) {
                remarks.push(remark.clone());
            }
        }
        remarks
    }
}

/// The findings, those of one cause told as one: by the smallest proof of it, and of equal ones the first.
fn divergences(leads: &[(&LeadRecord, u64)]) -> Vec<DivergenceRecord> {
    let mut causes: BTreeMap<&str, usize> = BTreeMap::new();
    let mut divergences: Vec<DivergenceRecord> = Vec::new();
    for (lead, found_after_calls) in leads {
        let Looked::Confirmed { cause, finding } = &lead.looked else { continue };
        if let Some(known) = causes.get(cause.as_str()).and_then(|place| divergences.get_mut(*place)) {
            let mut also: Vec<_> = known.also.iter().chain(&finding.also).cloned().collect();
            let worth = |found: &DivergenceRecord| (found.is_flaky(), found.scenario.steps.len());
            let mut other = finding.fingerprint.clone();
            if worth(finding) < worth(known) {
                let found_after_calls = known.found_after_calls;
                other = std::mem::replace(known, DivergenceRecord { found_after_calls, ..(**finding).clone() })
                    .fingerprint;
            }
            if other != known.fingerprint && !also.contains(&other) {
                also.push(other);
            }
            known.also = also;
        } else {
            causes.insert(cause, divergences.len());
            divergences.push(DivergenceRecord { found_after_calls: *found_after_calls, ..(**finding).clone() });
        }
    }
    divergences
}

/// The rules to blame for such divergences, each with the id of the last that is blamed on it. Another answer than
/// expected breaks no rule.
fn blamed_rules(
    divergences: &[DivergenceRecord],
    such: impl Fn(&DivergenceRecord) -> bool,
) -> BTreeMap<&str, &str> {
    divergences
        .iter()
        .filter(|found| found.kind != DivergenceKind::OtherAnswer && such(found))
        .filter_map(|found| Some((found.rules.first()?.as_str(), found.id.as_str())))
        .collect()
}

/// The calls of all scenarios.
pub(super) fn explored(shards: &[ShardRecord]) -> u64 {
    total(shards.iter().flat_map(|shard| &shard.calls).copied())
}

/// Reports may come from anywhere: what they count has to be added up whatever it is.
fn total(counts: impl IntoIterator<Item = u64>) -> u64 {
    counts.into_iter().fold(0, u64::saturating_add)
}

fn add(sum: &mut u64, count: u64) {
    *sum = sum.saturating_add(count);
}
