//! `rules` and `explain`: the contract, and what it rests on.

use std::collections::BTreeMap;
use std::io::Write;

use serde_json::json;

use super::{CliError, ExitCode, ExplainArgs, Listing, RulesArgs};
use passmuster::catalogue::{self, Rule, Selection, explain as render, table};
use passmuster::record::{RuleRecord, RuleStatus, RunRecord};
use passmuster::report;
use passmuster::sdk::Lint;

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
    let selection = Selection { scopes: args.scopes.clone(), grade: args.grade };
    let (rules, questions) = (|| selection.rules(catalogue), || selection.questions(catalogue));
    let text = match (args.format, fared) {
        (Listing::Json, fared) => {
            let more = |rule: &Rule| Some(("coverage", json!(fared.as_ref()?.of(rule))));
            format!("{:#}", table::json(rules(), questions(), more))
        }
        (Listing::Text, _) if args.open => {
            format!("{}\n{}", table::questions(questions()), table::count_questions(questions()))
        }
        (Listing::Text, Some(fared)) => {
            format!("{}\n{}", table::rules(rules(), |rule| fared.remark(rule)), fared.counts(rules()))
        }
        (Listing::Text, None) => {
            let counts = table::count_rules(rules());
            let open = table::count_questions(questions());
            format!("{}\n{counts}{open}: --open lists them", table::rules(rules(), table::grade))
        }
    };
    write(out, &text)
}

/// How the rules fared in a recorded run.
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

/// Does `explain`.
///
/// # Errors
///
/// When nothing has that id.
pub(crate) fn explain(args: &ExplainArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    if args.id.starts_with("D-") {
        return divergence(args, out);
    }
    if let Some(lint) = Lint::find(&args.id) {
        return write(out, &misreading(lint));
    }
    if super::protocol::is_meant(&args.id) {
        let text = super::protocol::explain(&args.id)
            .map_err(|error| CliError::usage(error, "they are D01 to D114, I01 to I25, and M001 to M291"))?;
        return write(out, &text);
    }
    let text = render::explain(catalogue::catalogue(), &args.id)
        .map_err(|error| CliError::usage(error.to_string(), "`passmuster rules` lists them all"))?;
    write(out, &text)
}

/// A rule on what SDKs misread.
fn misreading(lint: &Lint) -> String {
    let who: Vec<&str> = lint.who.iter().map(|sdk| sdk.name()).collect();
    let who = if who.is_empty() { "no SDK".to_owned() } else { who.join(", ") };
    let title = format!("the answer has {}", lint.what);
    let sections =
        [("Misread by", &*who), ("What the user of an SDK notices", lint.misread), ("How to mend it", lint.mend)];
    render::entry(lint.id, &title, &sections)
}

/// A divergence out of a recorded run, with the rules it violates.
fn divergence(args: &ExplainArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let Some(path) = &args.from else {
        let hint = "name the recorded run it is in: --from REPORT";
        return Err(CliError::usage(format!("which run is {} of?", args.id), hint));
    };
    let record = report::read(path).map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
    let Some(found) = record.divergences.iter().find(|found| found.id == args.id) else {
        let hint = "`passmuster report FILE` shows those it has";
        return Err(CliError::usage(format!("{} has no divergence {}", path.display(), args.id), hint));
    };
    let mut text = format!("{}\n\n{}\n", passmuster::baseline::body(found), found.replay);
    for rule in &found.rules {
        if let Ok(explained) = render::explain(catalogue::catalogue(), rule) {
            text.push('\n');
            text.push_str(&explained);
        }
    }
    write(out, &text)
}

fn write(out: &mut dyn Write, text: &str) -> Result<ExitCode, CliError> {
    let text = if text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") };
    match out.write_all(text.as_bytes()) {
        // Whoever pipes a listing into `head` has seen enough.
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(CliError::internal(format!("failed to write: {error}")))
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}
