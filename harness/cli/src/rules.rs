//! `rules`: lists the rules of the contract, with their grades and sources.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::args::OutputFormat;
use super::{CliError, ExitCode, value};
use passmuster::catalogue::{self, Rule, RuleSelection, Scope, table};
use passmuster::domain::Grade;
use passmuster::record::{RuleRecord, RuleStatus, RunRecord};
use passmuster::report;

/// `rules`: list the rules with grade and sources.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RulesArgs {
    /// The rules to list: operations, families, cross, wire, or ids by how they begin [default: everything]
    #[arg(value_name = "FILTER", value_parser = Scope::parse)]
    pub(crate) scopes: Vec<Scope>,
    #[arg(long, value_name = "GRADE", value_parser = value::grade, help = value::help_on_grades())]
    pub(crate) grade: Option<Grade>,
    /// Show how each rule fared in this JSON report
    #[arg(long, value_name = "REPORT", conflicts_with = "open")]
    pub(crate) coverage: Option<PathBuf>,
    /// List the open questions instead
    #[arg(long)]
    pub(crate) open: bool,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
}

/// Does `rules`.
///
/// # Errors
///
/// When a report can't be read.
pub(crate) fn rules(args: &RulesArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let read = |path| report::read(path).map_err(|error| CliError::from_message(&format!("failed to {error}")));
    let record = args.coverage.as_deref().map(read).transpose()?;
    let fared = record.as_ref().map(Fared::new);
    let catalogue = catalogue::catalogue();
    let selection = RuleSelection { scopes: args.scopes.clone(), grade: args.grade };
    let (rules, questions) = (|| selection.rules(catalogue), || selection.questions(catalogue));
    let text = match (args.format, fared) {
        (OutputFormat::Json, fared) => {
            let more = |rule: &Rule| Some(("coverage", json!(fared.as_ref()?.of(rule))));
            format!("{:#}", table::json(rules(), questions(), more))
        }
        (OutputFormat::Text, _) if args.open => {
            format!("{}\n{}", table::questions(questions()), table::count_questions(questions()))
        }
        (OutputFormat::Text, Some(fared)) => {
            format!("{}\n{}", table::rules(rules(), |rule| fared.remark(rule)), fared.counts(rules()))
        }
        (OutputFormat::Text, None) => {
            let counts = table::count_rules(rules());
            let open = table::count_questions(questions());
            format!("{}\n{counts}{open}: --open lists them", table::rules(rules(), table::grade))
        }
    };
    write(out, &text)
}

/// The standing of the rules in a recorded run.
struct Fared<'a>(BTreeMap<&'a str, &'a RuleRecord>);

impl<'a> Fared<'a> {
    fn new(record: &'a RunRecord) -> Self {
        Self(record.rules.iter().map(|rule| (rule.id.as_str(), rule)).collect())
    }

    fn of(&self, rule: &Rule) -> Option<&'a RuleRecord> {
        self.0.get(rule.id.0).copied()
    }

    fn status(&self, rule: &Rule) -> &'static str {
        self.of(rule).map_or("not-recorded", |fared| fared.status.name())
    }

    fn remark(&self, rule: &Rule) -> table::Remark {
        let exercised = self.of(rule).map_or(0, |fared| fared.exercised);
        let times = if exercised > 0 { format!(" {exercised}×") } else { String::new() };
        let blocked = self.of(rule).and_then(|fared| Some(format!("by {}", fared.blocked_by.as_ref()?)));
        let below = blocked.or_else(|| self.of(rule)?.reason.clone());
        table::Remark { column: format!("{}{times}", self.status(rule)), below }
    }

    /// One line for each status.
    fn counts<'r>(&self, rules: impl Iterator<Item = &'r Rule>) -> String {
        let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
        for rule in rules {
            *counts.entry(self.status(rule)).or_default() += 1;
        }
        let known = RuleStatus::ALL.iter().map(|status| status.name());
        let rows = known.chain(["not-recorded"]).filter_map(|status| Some((status, counts.get(status)?)));
        rows.fold(String::new(), |out, (status, count)| out + &format!("{status:<14} {count:>5}\n"))
    }
}

/// Writes a listing.
pub(super) fn write(out: &mut dyn Write, text: &str) -> Result<ExitCode, CliError> {
    let text = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    out.write_all(text.as_bytes()).map_err(CliError::unwritable)?;
    Ok(ExitCode::SUCCESS)
}
