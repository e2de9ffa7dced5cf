//! Several runs beside each other: which causes and findings came and went.

use std::collections::{BTreeMap, BTreeSet};

use super::terminal::text::{abbreviated, count, plural};
use crate::record::{
    CauseRecord, Disposition, DivergenceRecord, OperationSupport, RuleStatus, RunRecord, WireRecord,
};
use passmuster_contract::domain::Severity;

/// The most rows of a table for people.
pub(super) const MOST_ROWS: usize = 500;

/// The most characters of a name or a title that stands in a sentence.
const MOST_NAME: usize = 90;

/// Several runs of one target or of several, the oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct History {
    /// The runs.
    pub(super) runs: Vec<HistoryColumn>,
    /// The causes: those of the newest run first, as it ranks them.
    pub(super) causes: Vec<HistoryRow>,
    /// The findings that no cause explains, in one of the runs at least.
    pub(super) findings: Vec<HistoryRow>,
}

/// A run in few words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HistoryColumn {
    /// The target.
    pub(super) target: String,
    /// Its version; empty where it told none.
    pub(super) version: String,
    /// The day, in UTC.
    pub(super) day: String,
    /// The time of the day, in hours and minutes.
    pub(super) time: String,
    pub(super) calls: u64,
    pub(super) causes: u64,
    pub(super) findings: u64,
    pub(super) violated: u64,
    pub(super) checked: u64,
}

/// A cause or a finding, and how it stands in each of the runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HistoryRow {
    pub(super) id: String,
    pub(super) title: String,
    pub(super) cells: Vec<HistoryCell>,
    /// Why causes of other ids stand in this row.
    pub(super) remarks: Vec<String>,
}

/// The standing of a cause or a finding in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HistoryCell {
    /// It was found; of a cause, with so many findings.
    Present(u64),
    /// The run tried what it takes to see it, and did not see it.
    Absent,
    /// It was seen, in part at least, and laid to a cause that has another row.
    Elsewhere,
    /// It was seen and not confirmed.
    Unsure,
    /// The run did not come to what it takes to see it.
    NotReached,
}

impl HistoryCell {
    /// The standings there are, with what each means.
    pub(super) const ALL: [(Self, &'static str); 5] = [
        (Self::Present(1), "it was found; the number is that of the findings"),
        (Self::Absent, "the run tried its operations and its rules, and did not see it"),
        (Self::Elsewhere, "it was seen, in part at least, and is told in another row"),
        (Self::Unsure, "it was seen, and could not be confirmed"),
        (Self::NotReached, "the run did not come to its operations or its rules"),
    ];

    /// The standing in a word or two.
    pub(super) fn words(self) -> String {
        match self {
            Self::Present(number) => number.to_string(),
            Self::Absent => "absent".to_owned(),
            Self::Elsewhere => "elsewhere".to_owned(),
            Self::Unsure => "not certain".to_owned(),
            Self::NotReached => "not reached".to_owned(),
        }
    }
}

/// Puts runs in the order in which they started; of those that started at once, the one that was named first is older.
pub fn oldest_first(runs: &mut [RunRecord]) {
    runs.sort_by(|a, b| a.started.cmp(&b.started));
}

impl History {
    /// The history of runs that stand in their order.
    #[must_use]
    pub fn of(runs: &[RunRecord]) -> Self {
        Self { runs: runs.iter().map(HistoryColumn::of).collect(), causes: causes(runs), findings: findings(runs) }
    }

    /// The sums of each run, by what they are of.
    pub(super) fn totals(&self) -> [(&'static str, Vec<String>); 4] {
        let of = |figure: &dyn Fn(&HistoryColumn) -> String| self.runs.iter().map(figure).collect();
        [
            ("calls", of(&|run| count(run.calls))),
            ("causes", of(&|run| count(run.causes))),
            ("findings", of(&|run| count(run.findings))),
            ("rules violated of those checked", of(&|run| format!("{} of {}", run.violated, run.checked))),
        ]
    }

    /// Whether there is something to compare.
    pub(super) const fn is_of_several(&self) -> bool {
        self.runs.len() > 1
    }

    /// The name of the target where all runs have the same.
    pub(super) fn target(&self) -> Option<&str> {
        let first = &self.runs.first()?.target;
        self.runs.iter().all(|run| run.target == *first).then_some(first)
    }
}

impl HistoryColumn {
    fn of(run: &RunRecord) -> Self {
        let number = |status| run.rules.iter().filter(|rule| rule.status == status).count() as u64;
        let (day, time) = run.started.split_once('T').unwrap_or((&run.started, ""));
        let start = |text: &str, length: usize| text.chars().take(length).collect();
        let violated = number(RuleStatus::Violated);
        Self {
            target: run.target.name.clone(),
            version: run.target.version.clone().unwrap_or_default(),
            day: start(day, "2026-01-31".len()),
            time: start(time, "23:59".len()),
            calls: run.totals.calls,
            causes: run.causes.len() as u64,
            findings: seen(run).count() as u64,
            violated,
            checked: violated + number(RuleStatus::Held),
        }
    }

    /// The target with its version, or the version alone where the target goes without saying.
    pub(super) fn name(&self, with_target: bool) -> String {
        match (with_target, self.version.as_str()) {
            (true, "") => self.target.clone(),
            (true, version) => format!("{} {version}", self.target),
            (false, "") => "no version".to_owned(),
            (false, version) => version.to_owned(),
        }
    }
}

/// The divergences and suspicions that a run has seen.
fn seen(run: &RunRecord) -> impl Iterator<Item = &DivergenceRecord> {
    let counts =
        |found: &&DivergenceRecord| found.severity > Severity::Note && found.disposition != Disposition::Resolved;
    run.divergences.iter().filter(counts)
}

/// A run, with its findings by what they are known by.
struct PastRun<'r> {
    record: &'r RunRecord,
    by_id: BTreeMap<&'r str, &'r DivergenceRecord>,
    fingerprints: BTreeSet<&'r str>,
}

impl<'r> PastRun<'r> {
    fn of(record: &'r RunRecord) -> Self {
        Self {
            record,
            by_id: seen(record).map(|found| (found.id.as_str(), found)).collect(),
            fingerprints: seen(record).map(|found| found.fingerprint.as_str()).collect(),
        }
    }

    /// The standing of what is not told as found: these are the findings that would show it.
    fn without(&self, findings: &[&DivergenceRecord]) -> HistoryCell {
        let is_doubtful = |found: &&DivergenceRecord| {
            self.record.unstable.iter().any(|one| one.fingerprint == found.fingerprint)
        };
        if findings.iter().any(|found| self.fingerprints.contains(found.fingerprint.as_str())) {
            HistoryCell::Elsewhere
        } else if findings.iter().any(is_doubtful) {
            HistoryCell::Unsure
        } else if findings.iter().any(|found| self.came_to(found)) {
            HistoryCell::Absent
        } else {
            HistoryCell::NotReached
        }
    }

    /// Whether the run tried what shows a finding: every operation that it takes, and the rule to blame for it.
    fn came_to(&self, found: &DivergenceRecord) -> bool {
        if found.is_malformed() {
            let WireRecord { operations, classes, catalogue, not_sent, .. } = &self.record.wire;
            // Which classes were sent is not told, only how many: of fewer than there are, it may be any.
            let left = not_sent.values().map(Vec::len).sum::<usize>() as u64;
            return operations.contains(&found.operation) && *classes > 0 && *classes + left >= *catalogue;
        }
        let is_tried = |name: &str| {
            let tried = |support| matches!(support, OperationSupport::Supported | OperationSupport::Given);
            let known = self.record.operations.iter().find(|operation| operation.name == name);
            // What is given from the start is not called.
            known
                .is_some_and(|one| tried(one.support) && (one.calls > 0 || one.support == OperationSupport::Given))
        };
        let is_checked = |id: &String| {
            let known = self.record.rules.iter().find(|rule| rule.id == *id);
            known.is_none_or(|rule| matches!(rule.status, RuleStatus::Held | RuleStatus::Violated))
        };
        let set_up = |name: &str| self.record.operations.iter().all(|operation| operation.name != name);
        let mut steps = found.scenario.steps.iter().map(|step| step.operation.as_str());
        is_tried(&found.operation)
            && steps.all(|name| set_up(name) || is_tried(name))
            && found.rules.first().is_none_or(is_checked)
    }
}

/// A cause over the runs, as it is put together.
struct Lineage<'r> {
    /// Its record in the newest run that has it.
    newest: &'r CauseRecord,
    /// All of its ids.
    ids: BTreeSet<&'r str>,
    /// Its record in each of the runs.
    told: Vec<Option<&'r CauseRecord>>,
    remarks: Vec<String>,
}

fn causes(records: &[RunRecord]) -> Vec<HistoryRow> {
    let runs: Vec<PastRun<'_>> = records.iter().map(PastRun::of).collect();
    let mut lines: Vec<Lineage<'_>> = Vec::new();
    for (at, run) in runs.iter().enumerate().rev() {
        let mut strangers = Vec::new();
        for cause in &run.record.causes {
            match lines.iter_mut().find(|line| line.ids.contains(cause.id.as_str())) {
                Some(line) => line.told[at] = Some(cause),
                None => strangers.push(cause),
            }
        }
        reunite(&mut lines, at, &mut strangers, run.record);
        lines.extend(strangers.into_iter().map(|cause| {
            let mut told = vec![None; runs.len()];
            told[at] = Some(cause);
            Lineage { newest: cause, ids: [cause.id.as_str()].into(), told, remarks: Vec::new() }
        }));
    }
    lines.into_iter().map(|line| row(line, &runs)).collect()
}

/// Puts causes into rows of other ids, where the row has none in this run: for the findings that both explain, or the
/// changes that both are put together from. Of several the one with most in common goes first.
fn reunite<'r>(lines: &mut [Lineage<'r>], at: usize, strangers: &mut Vec<&'r CauseRecord>, record: &RunRecord) {
    loop {
        let free = lines.iter().enumerate().filter(|(_, line)| line.told[at].is_none());
        let pairs = free.flat_map(|(row, line)| {
            let of = |(number, cause): (usize, &&'r CauseRecord)| (line.likeness(cause), row, number);
            strangers.iter().enumerate().map(of).collect::<Vec<_>>()
        });
        let most = pairs
            .filter(|(likeness, ..)| *likeness != Likeness::None)
            .max_by_key(|(likeness, row, number)| (*likeness, std::cmp::Reverse((*row, *number))));
        let Some((likeness, row, number)) = most else { return };
        let (line, cause) = (&mut lines[row], strangers.remove(number));
        line.remarks.push(format!(
            "{} ({}) of {} is told in the row of {}: {}",
            abbreviated(&cause.id, MOST_NAME),
            abbreviated(&cause.title, MOST_NAME),
            abbreviated(&HistoryColumn::of(record).name(true), MOST_NAME),
            abbreviated(&line.newest.id, MOST_NAME),
            likeness.reason(),
        ));
        line.ids.insert(&cause.id);
        line.told[at] = Some(cause);
    }
}

/// The things that causes of different ids have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Likeness {
    /// Nothing that would make them one.
    None,
    /// So many of the changes that they are put together from. The id is that of a family of changes, or of a single one:
    /// where all of a family but one is mended, it is another.
    Parts(usize),
    /// So many findings, which are more than half of either. A finding is the same in every run, and has one cause in each;
    /// which one is chosen depends on all that was found besides.
    Findings(usize),
}

impl Likeness {
    fn reason(self) -> String {
        match self {
            Self::None => "nothing".to_owned(),
            Self::Parts(number) => {
                format!("they have {} of the reference server in common", plural(number as u64, "change"))
            }
            Self::Findings(number) => format!("they have {} in common", plural(number as u64, "finding")),
        }
    }
}

impl Lineage<'_> {
    fn likeness(&self, cause: &CauseRecord) -> Likeness {
        let shared = |mine: &[String], other: &[String]| mine.iter().filter(|one| other.contains(one)).count();
        let of = |told: &&CauseRecord| {
            let findings = shared(&told.findings, &cause.findings);
            if findings * 2 > told.findings.len().max(cause.findings.len()) {
                return Likeness::Findings(findings);
            }
            match shared(&told.change.parts, &cause.change.parts) {
                0 => Likeness::None,
                parts => Likeness::Parts(parts),
            }
        };
        self.told.iter().flatten().map(of).max().unwrap_or(Likeness::None)
    }
}

/// The row of a cause.
fn row(line: Lineage<'_>, runs: &[PastRun<'_>]) -> HistoryRow {
    let mut its_own: BTreeMap<&str, &DivergenceRecord> = BTreeMap::new();
    for (told, run) in line.told.iter().zip(runs) {
        let findings = told.iter().flat_map(|cause| &cause.findings);
        let findings = findings.filter_map(|id| run.by_id.get(id.as_str()).copied());
        its_own.extend(findings.map(|found| (found.fingerprint.as_str(), found)));
    }
    let its_own: Vec<&DivergenceRecord> = its_own.into_values().collect();
    let cell = |(told, run): (&Option<&CauseRecord>, &PastRun<'_>)| match told {
        Some(cause) => HistoryCell::Present(cause.findings.len() as u64),
        None => run.without(&its_own),
    };
    HistoryRow {
        id: line.newest.id.clone(),
        title: line.newest.title.clone(),
        cells: line.told.iter().zip(runs).map(cell).collect(),
        remarks: line.remarks,
    }
}

fn findings(records: &[RunRecord]) -> Vec<HistoryRow> {
    let runs: Vec<PastRun<'_>> = records.iter().map(PastRun::of).collect();
    let mut known = BTreeSet::new();
    let mut rows = Vec::new();
    for run in runs.iter().rev() {
        for found in seen(run.record).filter(|found| found.cause.is_none()) {
            if !known.insert(found.fingerprint.as_str()) {
                continue;
            }
            let cell = |run: &PastRun<'_>| match run.by_id.get(found.id.as_str()) {
                Some(there) if there.cause.is_none() => HistoryCell::Present(1),
                _ => run.without(&[found]),
            };
            rows.push(HistoryRow {
                id: found.id.clone(),
                title: found.summary.clone(),
                cells: runs.iter().map(cell).collect(),
                remarks: Vec::new(),
            });
        }
    }
    rows
}
