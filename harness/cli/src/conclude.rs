//! The end of a run: holds its record against the baseline, reports it and writes it, whether it comes from one run or
//! from shards put together.

use std::io::Write;
use std::time::Duration;

use super::args::{BaselineArgs, OutputArgs};
use super::events::Events;
use super::github;
use super::report::{summarise, write_reports};
use super::{CliError, Environment, ExitCode};
use passmuster::baseline::{Baseline, Ending, exit_code};
use passmuster::engine::{diagnose, diagnose_within};
use passmuster::record::RunRecord;
use passmuster::report::terminal::Mode;

/// The options that say what to do with a record.
pub(super) struct Asked<'a> {
    pub(super) baseline: &'a BaselineArgs,
    pub(super) output: &'a OutputArgs,
    pub(super) environment: &'a Environment,
    /// The stream of events that was written while the run went on.
    pub(super) events: Option<Events>,
    /// The time that is left to seek causes; as long as it takes where none is said.
    pub(super) time_for_causes: Option<Duration>,
}

impl Asked<'_> {
    /// Holds the record against what has been reviewed, and tells what came of it. What was asked for goes to `out`,
    /// the rest to `chat`.
    ///
    /// # Errors
    ///
    /// When something can't be written.
    pub(super) fn conclude(
        mut self,
        mut record: RunRecord,
        baseline: &Baseline,
        out: &mut dyn Write,
        chat: &mut (dyn Write + Send),
    ) -> Result<ExitCode, CliError> {
        baseline.settle(&mut record);
        if record.shard.is_none() {
            let hint = (self.environment.progress(self.output.quiet) == Mode::Bar).then(|| seeking(&record));
            // A closed terminal is no reason to stop.
            let _ = hint.as_ref().map_or(Ok(()), |hint| write!(chat, "{hint}").and_then(|()| chat.flush()));
            match self.time_for_causes {
                Some(most) => diagnose_within(&mut record, most),
                None => diagnose(&mut record),
            }
            let _ = hint.map_or(Ok(()), |hint| write!(chat, "\r{}\r", " ".repeat(hint.len())));
        }
        record.exit_code = exit_code(&record, self.baseline.strict);
        // A folder that can't be written is no reason to keep to ourselves what was found.
        let kept = self.keep(&mut record, baseline);
        // What somebody waits for comes before what may fail.
        let told = summarise(&record, self.output, self.environment, out, chat);
        let reported = self.report(&record, out);
        let annotated = github::tell(&record, self.output, self.environment, chat);
        reported.and(annotated).and(told).and(kept)?;
        Ok(Ending::from_code(record.exit_code).map_or(ExitCode::Internal, ExitCode::Run))
    }

    /// Writes the reports that were asked for.
    ///
    /// # Errors
    ///
    /// When one can't be written.
    pub(super) fn report(&mut self, record: &RunRecord, out: &mut dyn Write) -> Result<(), CliError> {
        let (streamed, rest) = match &self.events {
            Some(events) => self.output.reports.iter().partition(|asked| events.is(asked)),
            None => (Vec::new(), self.output.reports.iter().collect::<Vec<_>>()),
        };
        debug_assert!(streamed.len() <= 1, "a file is written once");
        let written = write_reports(record, None, rest, out);
        written.and(self.events.take().map_or(Ok(()), |events| events.finish(record)))
    }

    /// Writes a snapshot of each new finding where that is wanted, and says so.
    fn keep(&self, record: &mut RunRecord, baseline: &Baseline) -> Result<(), CliError> {
        // A shard may tell by another name what all of them together tell once.
        let part = record.shard.is_some();
        if !self.baseline.writes(self.environment.ci || self.environment.keeps_snapshots || part) {
            return Ok(());
        }
        let written = match baseline.write_pending(record) {
            Ok(written) => written,
            Err(error) => {
                record.remarks.push(format!("no snapshots: failed to {error}"));
                return Err(CliError::from_message(&format!("failed to {error}")));
            }
        };
        if !written.is_empty() {
            let (count, dir) = (written.len(), baseline.dir().display());
            record.remarks.push(format!(
                "{count} snapshots wait in {dir} for `passmuster review --target {}`",
                record.target.name
            ));
        }
        Ok(())
    }
}

/// What takes a while at the end of a run.
fn seeking(record: &RunRecord) -> String {
    format!("seeking the causes of {} findings", record.divergences.len())
}
