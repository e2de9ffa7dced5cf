//! `review`: accepts or rejects pending divergences.

use std::collections::BTreeSet;
use std::io::{self, BufRead, Write};
use std::path::PathBuf;

use clap::Args;

use super::args::baseline_folder;
use super::config::ConfigArgs;
use super::{CliError, ExitCode};
use passmuster::baseline::{Baseline, BaselineError, Date, Reviewed, Terms, Versions};
use passmuster::domain::printable;
use passmuster::report;
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
    /// Accept the pending divergences of this cause
    #[arg(long, value_name = "CAUSE", value_delimiter = ',', requires = "reason")]
    pub(crate) accept_cause: Vec<String>,
    /// Accept all that is pending
    #[arg(long, requires = "reason")]
    pub(crate) accept_all: bool,
    /// Why they are accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// A place that tells more, such as the address of an issue
    #[arg(long, value_name = "URL", requires = "reason")]
    pub(crate) link: Option<String>,
    /// The last day on which they are accepted, such as 2027-01-31; after it they are new again
    #[arg(long, value_name = "DATE", requires = "reason")]
    pub(crate) expires: Option<Date>,
    /// The versions of the target that they are accepted for, such as '>=5.1, <5.3'; others are new again
    #[arg(long, value_name = "RANGE", requires = "reason")]
    pub(crate) versions: Option<Versions>,
    /// Throw these pending divergences away
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) reject: Vec<String>,
    /// Forget what this report in JSON says is gone: accepted and no longer seen, or pending and no longer found
    #[arg(long, value_name = "REPORT.json")]
    pub(crate) clean: Option<PathBuf>,
    /// List what is pending and what is accepted
    #[arg(long)]
    pub(crate) list: bool,
    /// The configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
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
    let is_told = args.is_told();
    let done = decide(args, &mut baseline)?;
    for (what, id) in &done {
        writeln!(out, "{what} {id}").map_err(|error| unwritable(&error))?;
    }
    if is_told && done.is_empty() {
        writeln!(out, "nothing to do in {}", baseline.dir().display()).map_err(|error| unwritable(&error))?;
    }
    if args.list || (!is_told && !interactive) {
        let pending = baseline.pending().map_err(|error| failed(&error))?;
        list(&baseline, &pending, style, out).map_err(|error| unwritable(&error))?;
    } else if !is_told {
        walk(&mut baseline, style, input, out)?;
    }
    Ok(ExitCode::SUCCESS)
}

impl ReviewArgs {
    /// Whether the command line decides.
    const fn is_told(&self) -> bool {
        let accepts = !self.accept.is_empty() || !self.accept_cause.is_empty() || self.accept_all;
        accepts || !self.reject.is_empty() || self.clean.is_some()
    }

    fn terms(&self) -> Terms {
        let reason = self.reason.as_deref().unwrap_or_default();
        Terms {
            link: self.link.clone(),
            expires: self.expires.clone(),
            versions: self.versions.clone(),
            ..Terms::because(reason)
        }
    }
}

/// Does what the command line decides, rejections first: all that is left is what --accept-all is about.
fn decide(args: &ReviewArgs, baseline: &mut Baseline) -> Result<Vec<(&'static str, String)>, CliError> {
    let mut done = Vec::new();
    for id in &args.reject {
        baseline.reject(id).map_err(|error| failed(&error))?;
        done.push(("rejected", id.clone()));
    }
    if let Some(path) = &args.clean {
        let record = report::read(path).map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
        if record.target.name != args.target {
            let message =
                format!("{} is of target {:?}, not {:?}", path.display(), record.target.name, args.target);
            return Err(CliError::usage(message, "name the target that it is of with --target"));
        }
        let cleaned = baseline.clean(&record).map_err(|error| failed(&error))?;
        done.extend(cleaned.into_iter().map(|id| ("cleaned", id)));
    }
    for id in accepted(args, baseline)? {
        baseline.accept(&id, args.terms()).map_err(|error| failed(&error))?;
        done.push(("accepted", id));
    }
    Ok(done)
}

/// The ids that the command line accepts, each once.
fn accepted(args: &ReviewArgs, baseline: &Baseline) -> Result<Vec<String>, CliError> {
    let mut ids = args.accept.clone();
    if args.accept_all || !args.accept_cause.is_empty() {
        let pending = baseline.pending().map_err(|error| failed(&error))?;
        for cause in &args.accept_cause {
            let own = pending.iter().filter(|entry| entry.cause.as_ref() == Some(cause));
            let before = ids.len();
            ids.extend(own.map(|entry| entry.id.clone()));
            if ids.len() == before {
                let message =
                    format!("nothing that is pending in {} has the cause {cause}", baseline.dir().display());
                return Err(CliError::usage(
                    message,
                    "`passmuster review --list` shows what is pending, and its causes",
                ));
            }
        }
        if args.accept_all {
            ids.extend(pending.into_iter().map(|entry| entry.id));
        }
    }
    let mut known = BTreeSet::new();
    ids.retain(|id| known.insert(id.clone()));
    Ok(ids)
}

fn list(baseline: &Baseline, pending: &[Reviewed], style: TerminalStyle, out: &mut dyn Write) -> io::Result<()> {
    let accepted: Vec<&Reviewed> = baseline.reviewed().collect();
    writeln!(out, "{}: {} pending, {} accepted", baseline.dir().display(), pending.len(), accepted.len())?;
    for entry in pending {
        let cause = entry.cause.as_deref().map_or_else(String::new, |cause| format!(" ({})", printable(cause)));
        writeln!(out, "{} {}{cause}  {}", style.yellow("pending "), entry.id, printable(&entry.summary))?;
    }
    for entry in accepted {
        let Terms { reason, link, expires, versions } = &entry.terms;
        let reason = reason.as_deref().unwrap_or("no reason given");
        writeln!(out, "{} {}  {}", style.green("accepted"), entry.id, printable(&entry.summary))?;
        writeln!(out, "                      because: {}", printable(reason))?;
        let (expires, versions) =
            (expires.as_ref().map(ToString::to_string), versions.as_ref().map(ToString::to_string));
        for (label, value) in [("see", link), ("until", &expires), ("for versions", &versions)] {
            if let Some(value) = value {
                writeln!(out, "                      {label}: {}", printable(value))?;
            }
        }
    }
    if !pending.is_empty() {
        writeln!(
            out,
            "accept one with `passmuster review --accept ID --reason TEXT` (a cause with --accept-cause, everything with \
             --accept-all), or reject it with --reject ID"
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
                baseline.accept(&entry.id, reason.unwrap_or_default().as_str()).map_err(|error| failed(&error))?;
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
