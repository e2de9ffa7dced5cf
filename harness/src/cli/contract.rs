//! `rules` and `explain`: the contract, and what it rests on.

use std::io::Write;

use super::{CliError, ExitCode, ExplainArgs, RulesArgs};
use crate::contract::{self, explain as render, table};
use crate::report;

/// Does `rules`.
///
/// # Errors
///
/// When a report can't be read.
pub fn rules(args: &RulesArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let text = if let Some(path) = &args.coverage {
        let record = report::read(path).map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
        let line = |rule: &crate::record::RuleRecord| {
            let why = rule.blocked_by.as_ref().map_or_else(String::new, |by| format!(" ({by})"));
            format!("{:<16} {:<14} {:>6}{why}\n", rule.id, rule.status, rule.exercised)
        };
        record.rules.iter().map(line).collect()
    } else if args.open {
        table::questions(contract::questions())
    } else {
        table::rules(contract::rules())
    };
    write(out, &text)
}

/// Does `explain`.
///
/// # Errors
///
/// When nothing has that id.
pub fn explain(args: &ExplainArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    if args.id.starts_with("D-") {
        return divergence(args, out);
    }
    let text = render::explain(contract::catalogue(), &args.id)
        .map_err(|error| CliError::usage(error.to_string(), "`passmuster rules` lists them all"))?;
    write(out, &text)
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
    let mut text = format!("{}\n\n{}\n", crate::baseline::body(found), found.replay);
    for rule in &found.rules {
        if let Ok(explained) = render::explain(contract::catalogue(), rule) {
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
