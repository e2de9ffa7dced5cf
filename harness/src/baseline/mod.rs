//! Reviewed divergences of a target: what is listed passes, what is not fails.
//!
//! Each is a snapshot in insta's format, so that `passmuster review` and `cargo insta review` work on the same files.
//! A pending one lies beside it under the name `<id>.snap.new`. What was accepted may have an end, or hold for some
//! versions of the target only: beyond them it is new again.

mod body;
mod ending;
mod error;
mod snapshot;
mod terms;
mod versions;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::record::{
    Disposition, DivergenceRecord, ReplayRecord, ReplayStanding, Reproduced, RuleStatus, RunRecord,
    ScenarioRecord, WIRE, WireRecord,
};
use passmuster_contract::domain::{Fingerprint, Severity};

pub use body::body;
pub use ending::{Ending, exit_code};
pub use error::BaselineError;
pub use snapshot::Reviewed;
pub use terms::{Date, DateError, Lapse, Terms};
pub use versions::{Versions, VersionsError};

/// The reviewed divergences of one target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Baseline {
    dir: PathBuf,
    reviewed: BTreeMap<String, Reviewed>,
}

impl Baseline {
    /// Reads a folder of snapshots; a folder that is not there lists nothing.
    ///
    /// # Errors
    ///
    /// When a snapshot can't be read: better no run than one that passes or fails by mistake.
    pub fn load(dir: &Path) -> Result<Self, BaselineError> {
        let mut reviewed = BTreeMap::new();
        for path in files(dir, ".snap")? {
            let entry = snapshot::read(&path)?;
            reviewed.insert(entry.fingerprint.clone(), entry);
        }
        Ok(Self { dir: dir.to_owned(), reviewed })
    }

    /// The folder.
    #[must_use]
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// The divergences that are listed, by fingerprint.
    pub fn reviewed(&self) -> impl Iterator<Item = &Reviewed> {
        self.reviewed.values()
    }

    /// The divergences that wait for a review, by id.
    ///
    /// # Errors
    ///
    /// When a pending snapshot can't be read.
    pub fn pending(&self) -> Result<Vec<Reviewed>, BaselineError> {
        files(&self.dir, ".snap.new")?.iter().map(|path| snapshot::read(path)).collect()
    }

    /// The ids of what is listed on terms that hold for a run.
    #[must_use]
    pub fn in_force(&self, run: &RunRecord) -> BTreeSet<String> {
        let listed = self.reviewed.values().filter(|reviewed| reviewed.terms.lapse(run).is_none());
        listed.map(|reviewed| reviewed.id.clone()).collect()
    }

    /// The disposition of a finding of a run by what is listed.
    #[must_use]
    pub fn disposition(&self, found: &DivergenceRecord, run: &RunRecord) -> Disposition {
        match self.reviewed.get(&found.fingerprint) {
            None => Disposition::New,
            Some(reviewed) if reviewed.terms.lapse(run).is_some() => Disposition::New,
            // Which request shows it first depends on which were sent; what none of those reviewed showed is another
            // fault, or the same one where nobody has looked at it.
            Some(reviewed) if found.is_malformed() && reviewed.uncovered(found).is_empty() => Disposition::Known,
            Some(_) if found.is_malformed() => Disposition::New,
            Some(reviewed) if reviewed.is_as(found) => Disposition::Known,
            Some(_) => Disposition::Changed,
        }
    }

    /// The listed divergences that were not seen and whose scenarios, replayed, show nothing any more. One that has no
    /// scenario to replay is gone where the run tried: it got to its end, called the operation, and checked the rule. A
    /// shard can't tell.
    #[must_use]
    pub fn resolved(&self, record: &RunRecord) -> Vec<&Reviewed> {
        if record.shard.is_some() {
            return Vec::new();
        }
        let tried = |reviewed: &Reviewed| match replay_of(reviewed, record) {
            Some(replay) => replay.standing == ReplayStanding::Conforms,
            None => record.stopped.is_none() && is_tried(reviewed, record),
        };
        let gone =
            |reviewed: &&Reviewed| is_meant(reviewed, record) && !is_seen(reviewed, record) && tried(reviewed);
        self.reviewed.values().filter(gone).collect()
    }

    /// Remarks on the listed divergences that were not seen because others show in their scenarios.
    fn hidden(&self, record: &RunRecord) -> Vec<String> {
        let name = |shown: &String| {
            let told = |found: &&DivergenceRecord| found.fingerprint == *shown || found.also.contains(shown);
            let told = record.divergences.iter().find(told).map(|found| found.id.clone());
            told.unwrap_or_else(|| Fingerprint(shown.clone()).id())
        };
        let remark = |reviewed: &Reviewed| {
            let replay = replay_of(reviewed, record)?;
            let by: BTreeSet<String> = replay.showed.iter().map(name).collect();
            let by: Vec<String> = by.into_iter().collect();
            (!by.is_empty()).then(|| {
                format!("{} was reviewed and is hidden: its scenario shows {} now", reviewed.id, by.join(", "))
            })
        };
        let unseen = |reviewed: &&Reviewed| is_meant(reviewed, record) && !is_seen(reviewed, record);
        self.reviewed.values().filter(unseen).filter_map(remark).collect()
    }

    /// Writes into a record how each finding stands, and adds those that are gone.
    pub fn settle(&self, record: &mut RunRecord) {
        record.divergences.retain(|found| found.disposition != Disposition::Resolved);
        let standing: Vec<(Disposition, Option<String>)> = record
            .divergences
            .iter()
            .map(|found| {
                let disposition = self.disposition(found, record);
                (disposition, self.why_new(found, record).filter(|_| disposition == Disposition::New))
            })
            .collect();
        for (found, (disposition, remark)) in record.divergences.iter_mut().zip(standing) {
            found.disposition = disposition;
            let reviewed = self.reviewed.get(&found.fingerprint).filter(|_| disposition == Disposition::Known);
            found.accepted = reviewed.and_then(|reviewed| reviewed.terms.record());
            if let Some(remark) = remark.filter(|remark| !record.remarks.contains(remark)) {
                record.remarks.push(remark);
            }
        }
        for remark in self.hidden(record) {
            if !record.remarks.contains(&remark) {
                record.remarks.push(remark);
            }
        }
        let resolved: Vec<DivergenceRecord> = self.resolved(record).into_iter().map(resolved_record).collect();
        record.divergences.extend(resolved);
    }

    /// Why a finding that is listed is new all the same.
    fn why_new(&self, found: &DivergenceRecord, run: &RunRecord) -> Option<String> {
        let reviewed = self.reviewed.get(&found.fingerprint)?;
        if let Some(lapse) = reviewed.terms.lapse(run) {
            return Some(format!("{} was reviewed {lapse}", found.id));
        }
        let others = snapshot::places(&reviewed.uncovered(found));
        Some(format!("{} was reviewed, but not where it shows now, too: {others}", found.id))
    }

    /// Writes a pending snapshot for each divergence and suspicion that is new or has changed, and removes those of
    /// findings that are as reviewed; gives the files written. Notes are not reviewed.
    ///
    /// # Errors
    ///
    /// When a file can't be written.
    pub fn write_pending(&self, record: &RunRecord) -> Result<Vec<PathBuf>, BaselineError> {
        let mut written = Vec::new();
        for found in record.divergences.iter().filter(|found| found.severity != Severity::Note) {
            let path = self.path(&found.id, "snap.new")?;
            match found.disposition {
                Disposition::New | Disposition::Changed => {
                    snapshot::write(&path, &Reviewed::of(found, &record.target.name))?;
                    written.push(path);
                }
                Disposition::Known if path.exists() => remove(&path)?,
                Disposition::Known | Disposition::Resolved => {}
            }
        }
        Ok(written)
    }

    /// Lists a pending divergence on these terms; a reason by itself makes terms without an end.
    ///
    /// # Errors
    ///
    /// When none of that id is pending, or the files can't be written.
    pub fn accept(&mut self, id: &str, terms: impl Into<Terms>) -> Result<(), BaselineError> {
        let pending = self.pending_path(id)?;
        let mut entry = snapshot::read(&pending)?;
        if let Some(earlier) = self.reviewed.get(&entry.fingerprint) {
            entry.take_in(earlier);
        }
        entry.terms = terms.into();
        snapshot::write(&self.path(id, "snap")?, &entry)?;
        remove(&pending)?;
        self.reviewed.insert(entry.fingerprint.clone(), entry);
        Ok(())
    }

    /// Throws a pending divergence away; the next run that finds it says so again.
    ///
    /// # Errors
    ///
    /// When none of that id is pending, or the file can't be removed.
    pub fn reject(&self, id: &str) -> Result<(), BaselineError> {
        remove(&self.pending_path(id)?)
    }

    /// Takes off the list what a run has tried and not seen any more, and throws away what is pending and that run, which
    /// came to its end, has not found; gives their ids. Nothing is taken off for a version that the target does not have.
    ///
    /// # Errors
    ///
    /// When a file can't be read or removed.
    pub fn clean(&mut self, record: &RunRecord) -> Result<Vec<String>, BaselineError> {
        let gone: Vec<(String, String)> =
            self.resolved(record).into_iter().map(|one| (one.fingerprint.clone(), one.id.clone())).collect();
        let mut cleaned = Vec::new();
        for (fingerprint, id) in gone {
            remove(&self.path(&id, "snap")?)?;
            self.reviewed.remove(&fingerprint);
            cleaned.push(id);
        }
        if record.stopped.is_none() && record.shard.is_none() {
            let is_there = |id: &str| {
                let unsure = record.unstable.iter().filter_map(|one| one.finding.as_deref());
                record.divergences.iter().chain(unsure).any(|found| found.id == id)
            };
            for pending in self.pending()?.into_iter().filter(|pending| !is_there(&pending.id)) {
                self.reject(&pending.id)?;
                cleaned.push(pending.id);
            }
        }
        Ok(cleaned)
    }

    fn pending_path(&self, id: &str) -> Result<PathBuf, BaselineError> {
        let path = self.path(id, "snap.new")?;
        if path.exists() {
            return Ok(path);
        }
        Err(BaselineError::NotPending { id: id.to_owned(), dir: self.dir.clone() })
    }

    fn path(&self, id: &str, extension: &str) -> Result<PathBuf, BaselineError> {
        // An id comes from the command line, or from a report of other people: it must not lead out of the folder.
        if id.is_empty() || !id.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return Err(BaselineError::NoId(id.to_owned()));
        }
        Ok(self.dir.join(format!("{id}.{extension}")))
    }
}

/// Whether a listed divergence was reviewed for this version of the target: of another one it is neither gone nor hidden.
fn is_meant(reviewed: &Reviewed, record: &RunRecord) -> bool {
    !reviewed.terms.lapse(record).is_some_and(|lapse| lapse.is_of_version())
}

/// What came of the scenario of a listed divergence, where it was replayed.
fn replay_of<'r>(reviewed: &Reviewed, record: &'r RunRecord) -> Option<&'r ReplayRecord> {
    record.replays.iter().find(|replay| replay.fingerprint == reviewed.fingerprint)
}

/// Whether a run saw a listed divergence, certain or not.
fn is_seen(reviewed: &Reviewed, record: &RunRecord) -> bool {
    let is_it = |found: &DivergenceRecord| {
        found.disposition != Disposition::Resolved
            && (found.fingerprint == reviewed.fingerprint || found.also.contains(&reviewed.fingerprint))
    };
    record.unstable.iter().any(|one| one.fingerprint == reviewed.fingerprint)
        || record.divergences.iter().any(is_it)
}

/// Whether a run did what would have shown a listed divergence.
fn is_tried(reviewed: &Reviewed, record: &RunRecord) -> bool {
    if reviewed.fingerprint.starts_with(WIRE) {
        return was_sent(reviewed, &record.wire);
    }
    // Without scenarios no rule was checked.
    let explored = record.totals.scenarios > 0;
    let called = record.operations.iter().any(|known| known.name == reviewed.operation && known.calls > 0);
    let rule = reviewed.rules.first().and_then(|id| record.rules.iter().find(|rule| rule.id == *id));
    let checked =
        rule.is_none_or(|rule| matches!(rule.status, RuleStatus::Held | RuleStatus::Violated | RuleStatus::Open));
    explored && called && checked
}

/// Whether the malformed requests that showed it were sent. Of random compositions each run draws its own.
fn was_sent(reviewed: &Reviewed, wire: &WireRecord) -> bool {
    let classes: Vec<&String> = reviewed.rules.iter().filter(|rule| rule.starts_with('M')).collect();
    let [class] = classes[..] else { return false };
    let left_out = wire.not_sent.values().flatten().any(|known| known == class);
    wire.operations.contains(&reviewed.operation) && !left_out
}

/// The words of a record on a divergence that is gone; its scenario is in the snapshot.
fn resolved_record(reviewed: &Reviewed) -> DivergenceRecord {
    DivergenceRecord {
        id: reviewed.id.clone(),
        fingerprint: reviewed.fingerprint.clone(),
        disposition: Disposition::Resolved,
        severity: reviewed.severity,
        grade: reviewed.grade,
        operation: reviewed.operation.clone(),
        kind: reviewed.kind,
        rules: reviewed.rules.clone(),
        ignored_rules: Vec::new(),
        summary: reviewed.summary.clone(),
        pointer: String::new(),
        expected: serde_json::Value::Null,
        observed: serde_json::Value::Null,
        sdk_impact: [].into(),
        reproduced: Reproduced::default(),
        found_after_calls: 0,
        shrunk_from: 0,
        scenario: ScenarioRecord::default(),
        curl: String::new(),
        python: String::new(),
        replay: String::new(),
        cause: None,
        also: Vec::new(),
        seen: BTreeMap::new(),
        accepted: None,
    }
}

/// The files of a folder whose names end so, in the order of their names.
fn files(dir: &Path, ending: &str) -> Result<Vec<PathBuf>, BaselineError> {
    let failed = |source| BaselineError::Read { path: dir.to_owned(), source };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(failed(error)),
    };
    let mut paths = Vec::new();
    for entry in entries {
        let path = entry.map_err(failed)?.path();
        if path.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.ends_with(ending)) {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

fn remove(path: &Path) -> Result<(), BaselineError> {
    fs::remove_file(path).map_err(|source| BaselineError::Write { path: path.to_owned(), source })
}
