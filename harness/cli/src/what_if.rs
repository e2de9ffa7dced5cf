//! `what-if`: the findings that remain where a target mends some of its causes.

use std::io::Write;
use std::path::PathBuf;
use std::slice;

use clap::Args;

use super::report::{diagnosed, no_cause};
use super::{CliError, ExitCode};
use passmuster::domain::printable;
use passmuster::engine::{Fate, what_if as predict};

/// `what-if`: which findings remain where causes are mended.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct WhatIfArgs {
    /// The causes that are mended: C-1a2b3c4d, say
    #[arg(required = true, value_name = "CAUSE")]
    pub(crate) causes: Vec<String>,
    /// The JSON report of the run, as `run --report json=FILE` writes it
    #[arg(long, value_name = "FILE")]
    pub(crate) report: PathBuf,
}

/// Does `what-if`.
///
/// # Errors
///
/// When the recorded run can't be read, or has no such cause.
pub(crate) fn what_if(args: &WhatIfArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let record = diagnosed(&args.report)?;
    for id in &args.causes {
        if !record.causes.iter().any(|cause| cause.id == *id) {
            return Err(no_cause(id, slice::from_ref(&args.report)));
        }
    }
    let mended: Vec<&str> = args.causes.iter().map(String::as_str).collect();
    let fates = predict(&record, &mended);
    let mut text = String::new();
    for (fate, title) in [
        (Fate::Gone, "go away"),
        (Fate::Hidden, "are hidden: their own cause is still there, and does not show any more"),
        (Fate::Stays, "remain"),
        (Fate::Unknown, "remain, as far as is known: no cause explains them"),
    ] {
        let such: Vec<&String> = fates.iter().filter(|(_, known)| *known == fate).map(|(id, _)| id).collect();
        if such.is_empty() {
            continue;
        }
        text.push_str(&format!("{} {title}\n", such.len()));
        for found in record.divergences.iter().filter(|found| such.contains(&&found.id)) {
            text.push_str(&format!("  {}  {}\n", found.id, printable(&found.summary)));
        }
    }
    super::rules::write(out, &text)
}
