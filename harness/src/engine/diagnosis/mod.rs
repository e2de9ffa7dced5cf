//! The diagnosis of a run: from findings to the few causes behind them.
//!
//! A cause is a change of the reference server under which its answers to the scenarios of findings are what the target
//! answered. Each change is tried on each finding that it could bear on, in process; a greedy cover takes the family of
//! changes that explains most first. What takes several causes at once is tried with all of them.

mod bench;
mod candidates;
mod case;
mod cover;
mod family;
mod names;
mod prospect;
mod together;
mod words;

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::thread;
use std::time::{Duration, Instant};

use crate::record::{CauseRecord, ChangeRecord, OperationSupport, RuleStatus, RunRecord};
use crate::server::{Change, GuardKind, Suspect};
use bench::{Bench, Showing};
use case::Case;
use cover::{Choice, Showings, Tried, cover};
use family::{Candidate, ChangeFamily};
use passmuster_contract::domain::{DivergenceKind, Operation, RuleId, Severity};
use passmuster_contract::model::rules;
pub use prospect::{Fate, what_if};

/// The most trials of a change on a finding.
const MOST_TRIALS: usize = 60_000;
/// The most passes in which causes are settled.
const MOST_PASSES: usize = 4;

/// The operations that need no hub.
const WITHOUT_HUB: [Operation; 4] = [
    Operation::EnableSecurityHub,
    Operation::EnableOrganizationAdminAccount,
    Operation::DisableOrganizationAdminAccount,
    Operation::ListOrganizationAdminAccounts,
];

/// The causes of what a run has found, and what to say of how they were sought.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnosis {
    /// The causes, the one to mend first at the head.
    pub causes: Vec<CauseRecord>,
    /// Remarks: where the search was cut.
    pub remarks: Vec<String>,
}

impl Diagnosis {
    /// Seeks the causes of what a run has found.
    #[must_use]
    pub fn of(record: &RunRecord) -> Self {
        Self::by(record, None)
    }

    /// Seeks them until then.
    fn by(record: &RunRecord, end: Option<Instant>) -> Self {
        let (cases, excess) = case::cases(record);
        if cases.is_empty() {
            return Self::default();
        }
        let bench = Bench::new(record, end);
        let candidates = gather(&bench, record, &cases);
        let (mut choices, cut) = choose(&bench, &cases, &candidates);
        let joint = together::explain(&bench, &cases, &candidates, &mut choices);
        let mut causes: Vec<(CauseRecord, (bool, usize))> = Vec::new();
        for choice in &choices {
            let told = Told { cases: &cases, candidates: &candidates, choice, joint: &joint, record };
            let cause = told.record(&causes);
            causes.push(cause);
        }
        causes.sort_by_key(|(cause, (grave, found))| (Reverse(*grave), Reverse(*found), cause.id.clone()));
        let mut remarks = Vec::new();
        if excess > 0 {
            remarks
                .push(format!("causes were sought of the first {} findings, not of {excess} more", cases.len()));
        }
        if cut {
            remarks.push(format!("the search for causes was cut after {MOST_TRIALS} trials"));
        }
        if bench.is_cut() {
            remarks
                .push("the time ran out before all causes were found; `report` seeks them in a report".to_owned());
        }
        let mut causes: Vec<CauseRecord> = causes.into_iter().map(|(cause, _)| cause).collect();
        if let Some(first) = causes.first().map(|cause| cause.id.clone()) {
            let fates = prospect::fates(&bench, &cases, &candidates, &causes, &[&first]);
            let gone = fates.iter().filter(|(_, fate)| *fate == Fate::Gone).count();
            causes[0].goes_away = Some(gone as u64).filter(|_| !bench.is_cut());
        }
        Self { causes, remarks }
    }
}

/// Seeks the causes of what a run has found, and puts them into its record.
pub fn diagnose(record: &mut RunRecord) {
    let diagnosis = Diagnosis::of(record);
    put(diagnosis, record);
}

/// The same, as far as it comes in that time. The record says where that was not enough.
pub fn diagnose_within(record: &mut RunRecord, most: Duration) {
    let diagnosis = Diagnosis::by(record, Instant::now().checked_add(most));
    put(diagnosis, record);
}

fn put(Diagnosis { causes, remarks }: Diagnosis, record: &mut RunRecord) {
    for found in &mut record.divergences {
        found.cause = causes.iter().find(|cause| cause.findings.contains(&found.id)).map(|cause| cause.id.clone());
    }
    record.causes = causes;
    record.remarks.extend(remarks);
}

/// All changes that may be behind the findings.
fn gather(bench: &Bench, record: &RunRecord, cases: &[Case]) -> Vec<Candidate> {
    let mut guards: BTreeMap<(Operation, RuleId), GuardKind> = BTreeMap::new();
    let none = [Suspect::Change(Change::ShowsDelegate(Operation::GetMasterAccount))];
    let mut changes: BTreeSet<Change> = BTreeSet::new();
    for case in cases {
        guards.extend(bench.suspect(case, &none, &[]).guards);
        changes.extend(candidates::of_case(case));
    }
    // Who has let a call through does not refuse every one, nor every one that its rule lets through.
    let lets_through = |operation| cases.iter().any(|case| case.succeeds(operation));
    let admits = |operation, rule| {
        cases.iter().any(|case| {
            case.kind == DivergenceKind::UnexpectedRefusal
                && case.operation == operation
                && case.rules.contains(&rule)
        })
    };
    changes.retain(|change| match change {
        Change::Refuses(operation, None, ..) => !lets_through(*operation),
        Change::Refuses(operation, Some(rule), ..) => !(admits(*operation, *rule) && lets_through(*operation)),
        _ => true,
    });
    // A rule that held is not what is broken, however well that would fit.
    let holds = |suspect: &Suspect| match suspect {
        Suspect::Fault(fault) => {
            record.rules.iter().any(|known| known.id == fault.rule().0 && known.status == RuleStatus::Held)
        }
        Suspect::Change(_) => false,
    };
    let catalogue = candidates::of_catalogue().into_iter().filter(|suspect| !holds(suspect));
    let catalogue = catalogue.map(|suspect| Candidate { suspect, guard: None });
    let omitted = guards.into_iter().map(|((operation, rule), kind)| Candidate {
        suspect: Suspect::Change(Change::Ignores(operation, rule)),
        guard: Some(kind),
    });
    let others = changes.into_iter().map(|change| Candidate { suspect: Suspect::Change(change), guard: None });
    catalogue.chain(omitted).chain(others).collect()
}

/// Chooses causes in some passes; also whether the search was cut. What one cause hides shows another, and what it lets
/// through seems to refute another: so causes that nothing speaks against are settled first, and the others are tried
/// with them.
fn choose(bench: &Bench, cases: &[Case], candidates: &[Candidate]) -> (Vec<Choice>, bool) {
    let mut settled: Vec<Choice> = Vec::new();
    let mut open: Vec<usize> = (0..cases.len()).collect();
    let mut is_cut = false;
    for pass in 1..=MOST_PASSES {
        let given: Vec<&Suspect> = settled
            .iter()
            .flat_map(|choice| &choice.parts)
            .filter_map(|part| candidates.get(*part))
            .map(|candidate| &candidate.suspect)
            .collect();
        let (showings, cut) = try_all(bench, cases, &open, candidates, &given);
        is_cut |= cut;
        if bench.is_cut() {
            // What was not tried may explain more, or refute what would be chosen.
            break;
        }
        let choices = cover(candidates, &showings);
        let firm = |choice: &Choice| choice.is_firm(&showings);
        let is_last = pass == MOST_PASSES || choices.iter().all(firm) || !choices.iter().any(firm);
        let taken = choices.into_iter().filter(|choice| is_last || firm(choice));
        for choice in taken {
            open.retain(|case| !choice.cases.contains(case));
            match settled.iter_mut().find(|known| known.family == choice.family) {
                Some(known) => {
                    known.parts.extend(choice.parts);
                    known.parts.sort_unstable();
                    known.parts.dedup();
                    known.cases.extend(choice.cases);
                }
                None => settled.push(choice),
            }
        }
        if is_last {
            break;
        }
    }
    (settled, is_cut)
}

/// Tries each change on each open finding that it could bear on, together with what is given; also whether the search
/// was cut.
fn try_all(
    bench: &Bench,
    cases: &[Case],
    open: &[usize],
    candidates: &[Candidate],
    given: &[&Suspect],
) -> (Showings, bool) {
    let suspects: Vec<Suspect> = candidates.iter().map(|candidate| candidate.suspect.clone()).collect();
    let workers = thread::available_parallelism().map_or(1, usize::from).min(8);
    let most = MOST_TRIALS / open.len().max(1);
    let try_one = |number: usize| {
        let Some(case) = cases.get(number) else { return (number, Vec::new(), false) };
        let before = bench.attempt(case, given);
        if before.as_ref().is_some_and(|before| before.showing.is_some()) {
            return (number, Vec::new(), false);
        }
        let touched = bench.suspect(case, &suspects, given).touched;
        let bearing: Vec<usize> = (0..suspects.len()).filter(|index| touched.get(*index) == Some(&true)).collect();
        let cut = bearing.len() > most;
        let tried = bearing.into_iter().take(most).filter_map(|index| {
            let with: Vec<&Suspect> = given.iter().copied().chain(suspects.get(index)).collect();
            let trial = bench.attempt(case, &with)?;
            let refuted = before.as_ref().map_or(0, |before| trial.refuted(before));
            Some((index, trial.showing.map(|showing| Showing { refuted: refuted > 0, ..showing }), refuted))
        });
        (number, tried.collect::<Vec<_>>(), cut)
    };
    let share = open.len().div_ceil(workers).max(1);
    let results = thread::scope(|scope| {
        let started: Vec<_> = open
            .chunks(share)
            .map(|part| scope.spawn(move || part.iter().map(|number| try_one(*number)).collect::<Vec<_>>()))
            .collect();
        started.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect::<Vec<_>>()
    });
    let mut showings = Showings::new();
    let mut is_cut = false;
    for (case, shown, cut) in results {
        is_cut |= cut;
        for (candidate, showing, refuted) in shown {
            let tried: &mut Tried = showings.entry(candidate).or_default();
            match showing {
                Some(showing) => drop(tried.shown.insert(case, showing)),
                None => tried.refuted += refuted,
            }
        }
    }
    (showings, is_cut)
}

/// A choice that is to be told as a cause.
struct Told<'a> {
    cases: &'a [Case],
    candidates: &'a [Candidate],
    choice: &'a Choice,
    /// The cases that take more than one cause.
    joint: &'a BTreeSet<usize>,
    record: &'a RunRecord,
}

impl Told<'_> {
    /// The record of the cause, with what its rank depends on.
    fn record(&self, others: &[(CauseRecord, (bool, usize))]) -> (CauseRecord, (bool, usize)) {
        let parts: Vec<&Candidate> =
            self.choice.parts.iter().filter_map(|part| self.candidates.get(*part)).collect();
        let cases: Vec<&Case> = self.choice.cases.iter().filter_map(|case| self.cases.get(*case)).collect();
        let names: Vec<String> = parts.iter().map(|part| part.name()).collect();
        let mut key = match (&self.choice.family, parts.len()) {
            (_, 0 | 1) | (ChangeFamily::Single(_), _) => names.join("; "),
            (family, _) => format!("{family:?}"),
        };
        if others.iter().any(|(cause, _)| cause.id == id(&key)) {
            key.push_str(&names.join("; "));
        }
        let mut rules: Vec<String> = Vec::new();
        let own = parts.iter().filter_map(|part| match &part.suspect {
            Suspect::Fault(fault) => Some(fault.rule()),
            Suspect::Change(Change::Ignores(_, rule)) => Some(*rule),
            Suspect::Change(_) => None,
        });
        for rule in own.chain(
            cases
                .iter()
                .filter_map(|case| case.rules.first().copied())
                .chain(cases.iter().flat_map(|case| case.rules.iter().copied())),
        ) {
            if !rules.contains(&rule.0.to_owned()) {
                rules.push(rule.0.to_owned());
            }
        }
        let mut operations: Vec<Operation> =
            parts.iter().filter_map(|part| names::operation(&part.suspect)).collect();
        if operations.is_empty() {
            operations = cases.iter().map(|case| case.operation).collect();
        }
        operations.sort_unstable();
        operations.dedup();
        // That a word is spelled otherwise says less than that it is another.
        let is_of_spelling = |case: &Case| case.rules.first() == Some(&rules::WIRE_MEMBER_STATUSES);
        // Of those that are about as short, what is not of the kind that most are may mix another cause in.
        let as_rare = |case: &Case| cases.iter().filter(|other| other.kind != case.kind).count();
        let length = |case: &Case| case.scenario.transitions.len();
        let shortest =
            cases.iter().filter(|case| !is_of_spelling(case)).map(|case| length(case)).min().unwrap_or(0);
        let proof = cases.iter().min_by_key(|case| {
            (is_of_spelling(case), length(case) > shortest + 1, as_rare(case), length(case), case.place)
        });
        let blocks = cases.iter().filter_map(|case| self.record.walk.blocked_by.get(&case.id)).sum();
        let grave = cases.iter().any(|case| case.is_grave() && case.severity == Severity::Divergence);
        let cause = CauseRecord {
            id: id(&key),
            title: words::title(&self.choice.family, &parts, self.is_whole(&parts)),
            change: ChangeRecord {
                kind: parts.first().map_or("fault", |part| words::kind(&part.suspect)).to_owned(),
                operations: operations.iter().map(|operation| operation.name().to_owned()).collect(),
                parts: names,
            },
            findings: cases.iter().map(|case| case.id.clone()).collect(),
            rules,
            blocks,
            goes_away: None,
            verified: !self.choice.cases.iter().any(|case| self.joint.contains(case)),
            proof: proof.map_or_else(String::new, |case| case.id.clone()),
            effect: words::effect(&cases),
        };
        (cause, (grave, cases.len()))
    }

    /// Whether the family is there in all that it could be: for one on hubs every operation that needs one, else every
    /// rule that was met.
    fn is_whole(&self, parts: &[&Candidate]) -> bool {
        if self.choice.family == ChangeFamily::Guards(GuardKind::Hub) {
            let own = |name: &str| {
                parts.iter().filter_map(|part| names::operation(&part.suspect)).any(|known| known.name() == name)
            };
            let supported = self.record.operations.iter().filter(|known| {
                known.support == OperationSupport::Supported
                    && !WITHOUT_HUB.iter().any(|op| op.name() == known.name)
            });
            return supported.into_iter().all(|known| own(&known.name));
        }
        // Of two rules it can't be told.
        if parts.len() < 3 {
            return false;
        }
        let held = |rule: &str| self.record.rules.iter().any(|known| known.id == rule && known.exercised > 0);
        let is_held = |candidate: &Candidate| match &candidate.suspect {
            Suspect::Change(Change::Ignores(_, rule)) => held(rule.0),
            _ => false,
        };
        let family = &self.choice.family;
        let others = self.candidates.iter().filter(|candidate| {
            candidate.families().contains(family) && !parts.iter().any(|part| part.suspect == candidate.suspect)
        });
        !others.into_iter().any(is_held)
    }
}

/// A short name for people: `C-` and eight hexadecimal digits (FNV-1a).
fn id(key: &str) -> String {
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    format!("C-{hash:08x}")
}
