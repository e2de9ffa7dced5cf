//! `check`: judges recorded conversations by the model, offline.

use std::io::{BufReader, Write};
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::OutputFormat;
use super::files::answer_sheet;
use super::{CliError, ExitCode, value};
use passmuster::baseline::Ending;
use passmuster::check::{CheckRecord, Checked, ConversationRecord, check as judge, conversation_record};
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
/// When a trace can't be read: nothing is shown then, because half a check would look like a whole one.
pub(crate) fn check(args: &CheckArgs, style: TerminalStyle, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let mut conversations = Vec::new();
    let sheet = args.answers.as_deref().map(answer_sheet).transpose()?;
    let (answers, _) = sheet.unwrap_or_default().answers();
    let judge = |conversation: &Conversation| judge(conversation, args.strictness.unwrap_or_default(), &answers);
    for path in &args.traces {
        read(path, judge, &mut conversations)?;
    }
    let mut record = CheckRecord::new(conversations);
    let ending = ending(&record, args.strict);
    record.exit_code = ending.code();
    let written = match args.format {
        OutputFormat::Text => terminal::check(&record, meaning(ending), args.quiet, style, out),
        OutputFormat::Json => serde_json::to_writer_pretty(&mut *out, &record)
            .map_err(std::io::Error::from)
            .and_then(|()| out.write_all(b"\n")),
    };
    written.map_err(CliError::unwritable)?;
    Ok(ExitCode::Run(ending))
}

/// The largest trace that is read, in bytes: some million calls.
const LARGEST_TRACE: u64 = 768 << 20;

fn read(
    path: &Path,
    judge: impl Fn(&Conversation) -> Checked,
    read: &mut Vec<ConversationRecord>,
) -> Result<(), CliError> {
    let name = path.display().to_string();
    let file = files::open(path, LARGEST_TRACE).map_err(|error| {
        CliError::usage(format!("failed to read {name}: {error}"), "name a trace that can be read")
    })?;
    for conversation in TraceReader::new(BufReader::new(file)) {
        let conversation = conversation
            .map_err(|error| CliError::usage(format!("{name}:{}: {}", error.line, error.what), error.fix))?;
        read.push(conversation_record(&name, &conversation, &judge(&conversation)));
    }
    Ok(())
}

/// The meaning of the exit code after a check.
const fn meaning(ending: Ending) -> &'static str {
    match ending {
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
