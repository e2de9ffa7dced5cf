//! `check`: judges recorded conversations by the model, offline.

use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::OutputFormat;
use super::files::answer_sheet;
use super::{CliError, ExitCode, value};
use passmuster::baseline::Ending;
use passmuster::check::{
    CheckRecord, Checked, ConversationRecord, ConversationVerdict, UnreadRecord, check as judge,
    conversation_record,
};
use passmuster::domain::Severity;
use passmuster::files;
use passmuster::oracle::Strictness;
use passmuster::report::terminal::{self, TerminalStyle};
use passmuster::trace::{Conversation, TraceReader};

/// `check`: recorded conversations against the contract.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CheckArgs {
    /// Traces: passmuster.trace/1, one call a line
    #[arg(required = true, value_name = "TRACE")]
    pub(crate) traces: Vec<PathBuf>,
    /// The format of the output
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    pub(crate) format: OutputFormat,
    #[arg(long, value_name = "LEVEL", value_parser = value::strictness, help = value::help_on_strictness())]
    pub(crate) strictness: Option<Strictness>,
    /// Hold the traces to these answers to the open questions, as `run --learn` wrote them
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// Suspicions fail, too
    #[arg(long)]
    pub(crate) strict: bool,
    /// Say nothing of what is admissible
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// Does `check`.
///
/// # Errors
///
/// When the answers can't be read, or the report can't be written. A trace that can't be read is in the report, behind
/// all that could be.
pub(crate) fn check(args: &CheckArgs, style: TerminalStyle, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let (mut conversations, mut unread) = (Vec::new(), Vec::new());
    let sheet = args.answers.as_deref().map(answer_sheet).transpose()?;
    let (answers, _) = sheet.unwrap_or_default().answers();
    let judge = |conversation: &Conversation| judge(conversation, args.strictness.unwrap_or_default(), &answers);
    for path in &args.traces {
        let before = conversations.len();
        if let Err(problem) = read(path, judge, &mut conversations) {
            unread.push(problem);
        } else if conversations.len() == before {
            let what = "there is no conversation in it".to_owned();
            unread.push(UnreadRecord { file: path.display().to_string(), line: None, what, fix: None });
        }
    }
    let mut record = CheckRecord { unread, ..CheckRecord::new(conversations) };
    let ending = ending(&record, args.strict);
    // Half a check must not look like a whole one.
    let broken =
        record.unread.iter().find_map(|unread| Some((unread.place(), unread.what.clone(), unread.fix.clone()?)));
    let error = broken.map(|(place, what, fix)| CliError::usage(format!("{place}: {what}"), fix));
    record.exit_code = error.as_ref().map_or(ending.code(), |error| error.code().code());
    let written = match args.format {
        OutputFormat::Text => terminal::check(&record, meaning(ending, &record), args.quiet, style, out),
        OutputFormat::Json => serde_json::to_writer_pretty(&mut *out, &record)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
    };
    written.map_err(CliError::unwritable)?;
    error.map_or(Ok(ExitCode::Run(ending)), Err)
}

/// The largest trace that is read, in bytes: some million calls.
const LARGEST_TRACE: u64 = 768 << 20;

fn read(
    path: &Path,
    judge: impl Fn(&Conversation) -> Checked,
    read: &mut Vec<ConversationRecord>,
) -> Result<(), UnreadRecord> {
    let name = path.display().to_string();
    let unread =
        |line, what, fix: &str| UnreadRecord { file: name.clone(), line, what, fix: Some(fix.to_owned()) };
    let file = files::open(path, LARGEST_TRACE)
        .map_err(|error| unread(None, format!("failed to read it: {error}"), "name a trace that can be read"))?;
    for conversation in TraceReader::new(BufReader::new(file)) {
        let conversation = conversation.map_err(|error| unread(Some(error.line), error.what, &error.fix))?;
        read.push(conversation_record(&name, &conversation, &judge(&conversation)));
    }
    Ok(())
}

/// The meaning of the exit code after a check.
fn meaning(ending: Ending, record: &CheckRecord) -> &'static str {
    let suspects = |found: &ConversationRecord| found.verdict == ConversationVerdict::Diverges;
    match ending {
        _ if record.unread.iter().any(|unread| unread.fix.is_some()) => "not all of it could be read",
        Ending::Clean if record.conversations.iter().any(suspects) => {
            "nothing but suspicions, which fail with --strict"
        }
        Ending::Clean => "nothing diverges",
        Ending::NewDivergence => "divergence",
        _ => ending.meaning(),
    }
}

/// A suspicion fails only when `strict`, a note never.
fn ending(record: &CheckRecord, strict: bool) -> Ending {
    let fails = |conversation: &ConversationRecord| {
        conversation.divergences.iter().any(|found| {
            found.severity == Severity::Divergence || (strict && found.severity == Severity::Suspicion)
        })
    };
    if record.conversations.iter().any(fails) {
        Ending::NewDivergence
    } else if record.judged > 0 {
        Ending::Clean
    } else if record.conversations.iter().any(|conversation| !conversation.inconclusive.is_empty()) {
        Ending::NoVerdict
    } else {
        Ending::NothingChecked
    }
}
