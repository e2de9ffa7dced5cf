//! `review`: accepts or rejects pending divergences.

use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use clap::Args;

use super::args::baseline_folder;
use super::{CliError, ExitCode};
use passmuster::baseline::{Baseline, BaselineError, Reviewed};
use passmuster::domain::printable;
use passmuster::report::terminal::TerminalStyle;

/// `review`: accept or reject pending divergences.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReviewArgs {
    /// The target whose divergences to review
    #[arg(long, value_name = "NAME", default_value = "embedded", env = "PASSMUSTER_TARGET")]
    pub(crate) target: String,
    /// The folder of the reviewed divergences [default: snapshots/targets/TARGET]
    #[arg(long, value_name = "DIR", env = "PASSMUSTER_BASELINE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Accept these pending divergences
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "reason")]
    pub(crate) accept: Vec<String>,
    /// Why they are accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Throw these pending divergences away
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) reject: Vec<String>,
    /// List what is pending and what is accepted
    #[arg(long)]
    pub(crate) list: bool,
}

/// A decision on one divergence.
enum Decision {
    Accept,
    Reject,
    Skip,
    Quit,
}

/// Does `review`. Questions are asked only when `interactive`: on `out`, answered on `input`.
///
/// # Errors
///
/// When there is no such pending divergence, or a file can't be read or written.
pub(crate) fn review(
    args: &ReviewArgs,
    interactive: bool,
    style: TerminalStyle,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<ExitCode, CliError> {
    let dir = baseline_folder(args.baseline.as_deref(), &args.target);
    let mut baseline = Baseline::load(&dir).map_err(|error| failed(&error))?;
    let reason = args.reason.as_deref().unwrap_or_default();
    for id in &args.accept {
        baseline.accept(id, reason).map_err(|error| failed(&error))?;
        writeln!(out, "accepted {id}").map_err(|error| unwritable(&error))?;
    }
    for id in &args.reject {
        baseline.reject(id).map_err(|error| failed(&error))?;
        writeln!(out, "rejected {id}").map_err(|error| unwritable(&error))?;
    }
    if args.list || (args.accept.is_empty() && args.reject.is_empty() && !interactive) {
        let pending = baseline.pending().map_err(|error| failed(&error))?;
        list(&baseline, &pending, style, out).map_err(|error| unwritable(&error))?;
    } else if args.accept.is_empty() && args.reject.is_empty() {
        walk(&mut baseline, style, input, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

fn list(baseline: &Baseline, pending: &[Reviewed], style: TerminalStyle, out: &mut dyn Write) -> io::Result<()> {
    let accepted: Vec<&Reviewed> = baseline.reviewed().collect();
    writeln!(out, "{}: {} pending, {} accepted", baseline.dir().display(), pending.len(), accepted.len())?;
    for entry in pending {
        writeln!(out, "{} {}  {}", style.yellow("pending "), entry.id, printable(&entry.summary))?;
    }
    for entry in accepted {
        let reason = entry.reason.as_deref().unwrap_or("no reason given");
        writeln!(out, "{} {}  {}", style.green("accepted"), entry.id, printable(&entry.summary))?;
        writeln!(out, "                      because: {}", printable(reason))?;
    }
    if !pending.is_empty() {
        writeln!(
            out,
            "accept one with `passmuster review --accept ID --reason TEXT`, or reject it with --reject ID"
        )?;
    }
    Ok(())
}

/// Asks about each pending divergence in turn.
fn walk(
    baseline: &mut Baseline,
    style: TerminalStyle,
    input: &mut dyn BufRead,
    out: &mut dyn Write,
) -> Result<(), CliError> {
    let pending = baseline.pending().map_err(|error| failed(&error))?;
    let number = pending.len();
    if number == 0 {
        writeln!(out, "nothing is pending in {}", baseline.dir().display()).map_err(|error| unwritable(&error))?;
    }
    for (index, entry) in pending.iter().enumerate() {
        let was = baseline.reviewed().find(|known| known.fingerprint == entry.fingerprint);
        show(entry, was, &format!("{} of {number}", index + 1), style, out).map_err(|error| unwritable(&error))?;
        match decision(input, out).map_err(|error| unwritable(&error))? {
            Decision::Accept => {
                let reason = ask("why is it accepted? ", input, out).map_err(|error| unwritable(&error))?;
                baseline.accept(&entry.id, &reason.unwrap_or_default()).map_err(|error| failed(&error))?;
            }
            Decision::Reject => baseline.reject(&entry.id).map_err(|error| failed(&error))?,
            Decision::Skip => {}
            Decision::Quit => break,
        }
    }
    Ok(())
}

fn show(
    entry: &Reviewed,
    was: Option<&Reviewed>,
    place: &str,
    style: TerminalStyle,
    out: &mut dyn Write,
) -> io::Result<()> {
    writeln!(out)?;
    writeln!(out, "{} ({place}, target {})", style.bold(&entry.id), printable(&entry.target))?;
    let Some(was) = was else {
        return entry.body.lines().try_for_each(|line| writeln!(out, "  {}", printable(line)));
    };
    // Both are short, and most lines are the same: show what is gone, then what is there now.
    for line in was.body.lines().filter(|line| !entry.body.lines().any(|now| now == *line)) {
        writeln!(out, "{} {}", style.red("-"), printable(line))?;
    }
    for line in entry.body.lines() {
        let sign = if was.body.lines().any(|known| known == line) { " ".to_owned() } else { style.green("+") };
        writeln!(out, "{sign} {}", printable(line))?;
    }
    Ok(())
}

fn decision(input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<Decision> {
    // Whoever types anything else ten times wants to leave.
    for _ in 0..10 {
        let Some(answer) = ask("accept, reject, skip, quit? [a/r/s/q] ", input, out)? else { break };
        match answer.to_ascii_lowercase().as_str() {
            "a" | "accept" => return Ok(Decision::Accept),
            "r" | "reject" => return Ok(Decision::Reject),
            "s" | "skip" => return Ok(Decision::Skip),
            "q" | "quit" => break,
            _ => {}
        }
    }
    Ok(Decision::Quit)
}

/// One line of input; none when it has ended.
fn ask(question: &str, input: &mut dyn BufRead, out: &mut dyn Write) -> io::Result<Option<String>> {
    write!(out, "{question}")?;
    out.flush()?;
    let mut line = String::new();
    let read = input.read_line(&mut line)?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

fn failed(error: &BaselineError) -> CliError {
    CliError::from_message(&format!("failed to {error}"))
}

fn unwritable(error: &io::Error) -> CliError {
    CliError::from_message(&format!("failed to talk to you: {error}; give --accept or --reject instead"))
}

#[cfg(test)]
mod tests;
