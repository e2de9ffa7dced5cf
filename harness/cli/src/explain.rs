//! `explain`: shows one rule, open question, divergence, cause, lint or point of the protocol, with its evidence.

pub(super) mod protocol;

use std::io::Write;
use std::path::PathBuf;
use std::slice;

use clap::Args;

use super::report::{diagnosed, no_cause};
use super::rules::write;
use super::{CliError, ExitCode};
use passmuster::catalogue::{self, explain as render};
use passmuster::domain::printable;
use passmuster::record::DivergenceRecord;
use passmuster::report;
use passmuster::sdk::Lint;

/// `explain`: one rule, divergence, cause, open question or lint.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ExplainArgs {
    /// SH-CREATE-005, D-1a2b3c4d, C-1a2b3c4d, Q12, L05, D60, I03 or M145, say
    pub(crate) id: String,
    /// The JSON report in which to look a divergence or a cause up
    #[arg(long, value_name = "REPORT")]
    pub(crate) from: Option<PathBuf>,
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
    if args.id.starts_with("C-") {
        return cause(args, out);
    }
    if let Some(lint) = Lint::find(&args.id) {
        return write(out, &misreading(lint));
    }
    if protocol::is_meant(&args.id) {
        let text = protocol::explain(&args.id)
            .map_err(|error| CliError::usage(error, "they are D01 to D114, I01 to I25, and M001 to M309"))?;
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

/// A cause out of a recorded run, with what it explains.
fn cause(args: &ExplainArgs, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let Some(path) = &args.from else {
        let hint = "name the recorded run it is in: --from REPORT";
        return Err(CliError::usage(format!("which run is {} of?", args.id), hint));
    };
    let record = diagnosed(path)?;
    let Some(cause) = record.causes.iter().find(|cause| cause.id == args.id) else {
        return Err(no_cause(&args.id, slice::from_ref(path)));
    };
    let told = |found: &&DivergenceRecord| cause.findings.contains(&found.id);
    let explained: Vec<String> = record
        .divergences
        .iter()
        .filter(told)
        .map(|found| format!("{} {}.", found.id, printable(&found.summary)))
        .collect();
    let explained = explained.join(" ");
    let (rules, parts) = (cause.rules.join(", "), cause.change.parts.join("; "));
    let verified = match cause.verified {
        true => "The reference server with this change alone shows each of them.",
        false => "The reference server shows some of them only with other causes besides.",
    };
    let proof = format!("{}: `passmuster explain {} --from {}`", cause.proof, cause.proof, path.display());
    let sections = [
        ("Explains", explained.as_str()),
        ("Rules", &rules),
        ("The change of the reference server", &parts),
        ("Verified", verified),
        ("The smallest proof", &proof),
        ("What the user of an SDK notices", &cause.effect),
    ];
    write(out, &render::entry(&cause.id, &cause.title, &sections))
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
