//! Puts the reports of all shards of a run together.

use std::collections::BTreeMap;

use super::RunRecord;
use super::fold::{RecordHead, explored, fold};
use super::shard::{MOST_SHARDS, ShardRecord};

/// The longest value that a message shows.
const LONGEST: usize = 40;
/// The most missing shards that a message names.
const MOST_NAMED: usize = 10;

/// Why reports are not the shards of one run.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// No report at all.
    #[error("no shard is given; name the reports of all shards")]
    None,
    /// A report of a run that was not split.
    #[error("{file} is no shard of a run; write it anew with `passmuster run --shard I/N --report json=FILE`")]
    NoShard {
        /// The report.
        file: String,
    },
    /// A shard that can't be.
    #[error(
        "{file} says that it is shard {index} of {of}; write it anew with `passmuster run --shard I/N --report json=FILE`"
    )]
    Impossible {
        /// The report.
        file: String,
        /// Which shard it says it is.
        index: u64,
        /// Out of how many.
        of: u64,
    },
    /// Two shards of different runs.
    #[error("{file}: {what} is {is}, but {was} in {other}; merge shards of one run, all with the same flags")]
    Foreign {
        /// The report.
        file: String,
        /// In what it differs.
        what: String,
        /// Its own value.
        is: String,
        /// The value of the other one.
        was: String,
        /// The report it differs from.
        other: String,
    },
    /// The probes of two shards did not find the same.
    #[error(
        "{what} is {is} in {file}, but {was} in {other}; run all shards against the same target, each begun alike"
    )]
    Probed {
        /// The report.
        file: String,
        /// In what the probes differ.
        what: String,
        /// The result of this one.
        is: String,
        /// The result of the other one.
        was: String,
        /// The report it differs from.
        other: String,
    },
    /// A shard that is there twice.
    #[error("shard {index} of {of} is given twice, as {other} and as {file}; name the report of each shard once")]
    Twice {
        /// Which.
        index: u64,
        /// Out of how many.
        of: u64,
        /// The one report.
        other: String,
        /// The other one.
        file: String,
    },
    /// Shards that are not there.
    #[error("{which} missing; name the reports of all {of} shards")]
    Missing {
        /// Which, in words that fit before "missing".
        which: String,
        /// Out of how many.
        of: u64,
    },
}

/// Puts the reports of all shards of a run together, each with the name of its file: they give the record that the
/// whole run has, its exit code not yet decided.
///
/// # Errors
///
/// When they are not the shards of one run, all of them and each once.
pub fn merge(reports: Vec<(String, RunRecord)>) -> Result<RunRecord, MergeError> {
    let mut parts = Vec::new();
    for (file, mut record) in reports {
        let Some(shard) = record.shard.take() else { return Err(MergeError::NoShard { file }) };
        let ShardRecord { index, of, .. } = *shard;
        if !(1..=of).contains(&index) || of > MOST_SHARDS {
            return Err(MergeError::Impossible { file, index, of });
        }
        parts.push(ShardPart { file, record, shard: *shard });
    }
    parts.sort_by_key(|part| part.shard.index);
    for pair in parts.windows(2) {
        if let [one, other] = pair {
            one.differs(other)?;
        }
    }
    complete(&parts)?;
    let started = parts.iter().map(|part| part.record.started.as_str()).min().unwrap_or_default().to_owned();
    let Some(first) = parts.first() else { return Err(MergeError::None) };
    let RunRecord { version, seed, nonce, target, .. } = first.record.clone();
    let shards: Vec<ShardRecord> = parts.into_iter().map(|part| part.shard).collect();
    let mut record = fold(RecordHead { version, seed, nonce, started, target }, &shards);
    record.remarks.extend(beyond(&shards));
    Ok(record)
}

/// The calls of the scenario that a whole run would have run last.
fn last_calls(shards: &[ShardRecord]) -> u64 {
    let last = |shard: &ShardRecord| Some(((shard.calls.len(), shard.index), *shard.calls.last()?));
    shards.iter().filter_map(last).max().map_or(0, |(_, calls)| calls)
}

/// A remark where the whole run would not have come to all scenarios of the shards.
fn beyond(shards: &[ShardRecord]) -> Option<String> {
    let (most, calls) = (shards.first()?.most_calls, explored(shards));
    // A run ends after the scenario that goes beyond.
    (calls.saturating_sub(last_calls(shards)) >= most).then(|| {
        format!(
            "the scenarios of all shards took {calls} calls: the whole run would have stopped after {most} and left \
             some of these out"
        )
    })
}

/// One report.
struct ShardPart {
    file: String,
    record: RunRecord,
    shard: ShardRecord,
}

impl ShardPart {
    /// The values that all shards of a run have in common, by name.
    fn common(&self) -> BTreeMap<&str, String> {
        let of_flags = self.shard.flags.iter().map(|(flag, value)| (flag.as_str(), value.clone()));
        let of_run = [
            ("the number of shards", self.shard.of.to_string()),
            ("the version of passmuster", self.record.version.clone()),
            ("the seed", self.record.seed.to_string()),
            ("the target", self.record.target.name.clone()),
            ("the version of the target", self.record.target.version.clone().unwrap_or_default()),
        ];
        of_flags.chain(of_run).collect()
    }

    fn probed(&self) -> BTreeMap<&str, &str> {
        let probe = &self.shard.probe;
        let apart = if probe.one_caller { "unsupported" } else { "supported" };
        let operations = probe.support.iter().map(|(operation, support)| (operation.as_str(), support.name()));
        operations.chain([("telling accounts apart", apart)]).collect()
    }

    fn differs(&self, other: &Self) -> Result<(), MergeError> {
        let shown = |value: Option<String>| match value {
            None => "not given".to_owned(),
            Some(value) if value.is_empty() => "not given".to_owned(),
            Some(value) if value.chars().count() > LONGEST => "another".to_owned(),
            Some(value) => value,
        };
        let (file, was_in) = (other.file.clone(), self.file.clone());
        if let Some((what, was, is)) = difference(&self.common(), &other.common()) {
            return Err(MergeError::Foreign { file, what, is: shown(is), was: shown(was), other: was_in });
        }
        // One that was stopped before its probe has found nothing.
        let probed = self.shard.probe.calls > 0 && other.shard.probe.calls > 0;
        if let Some((what, was, is)) = difference(&self.probed(), &other.probed()).filter(|_| probed) {
            let shown = |value: Option<&str>| value.unwrap_or("not tried").to_owned();
            return Err(MergeError::Probed { file, what, is: shown(is), was: shown(was), other: was_in });
        }
        Ok(())
    }
}

/// The first name under which two maps hold different values, with both.
fn difference<V: Clone + PartialEq>(
    one: &BTreeMap<&str, V>,
    other: &BTreeMap<&str, V>,
) -> Option<(String, Option<V>, Option<V>)> {
    let mut names = one.keys().chain(other.keys());
    let name = names.find(|name| one.get(*name) != other.get(*name))?;
    Some(((*name).to_owned(), one.get(name).cloned(), other.get(name).cloned()))
}

/// Whether each shard is there, and once.
fn complete(parts: &[ShardPart]) -> Result<(), MergeError> {
    let mut files: BTreeMap<u64, &str> = BTreeMap::new();
    for ShardPart { file, shard, .. } in parts {
        if let Some(other) = files.insert(shard.index, file) {
            let (file, other) = (file.clone(), other.to_owned());
            return Err(MergeError::Twice { index: shard.index, of: shard.of, other, file });
        }
    }
    let of = parts.first().map_or(0, |part| part.shard.of);
    let missing: Vec<String> =
        (1..=of).filter(|index| !files.contains_key(index)).map(|index| index.to_string()).collect();
    match &missing[..] {
        [] => Ok(()),
        [one] => Err(MergeError::Missing { which: format!("shard {one} of {of} is"), of }),
        several => {
            let more = if several.len() > MOST_NAMED { ", …" } else { "" };
            let named: Vec<&str> = several.iter().take(MOST_NAMED).map(String::as_str).collect();
            let which = format!("shards {}{more} of {of} are", named.join(", "));
            Err(MergeError::Missing { which, of })
        }
    }
}
