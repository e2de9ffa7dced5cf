//! Errors of commands: the reason why one could not do what was asked, and the way to mend it.

use std::fmt;
use std::io::{self, Write};
use std::path::Path;

use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::ExitCode;
use passmuster::domain::printable;
use passmuster::report::terminal::TerminalStyle;
use passmuster::targets::secrets::masked;

/// A command that could not run. A run that found divergences is none: see [`passmuster::baseline::Ending`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CliError {
    code: ExitCode,
    pub(crate) message: String,
    pub(crate) hint: Option<String>,
}

impl CliError {
    /// The command line, the configuration or the target named by them is wrong.
    #[must_use]
    pub(crate) fn usage(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: ExitCode::Usage, message: message.into(), hint: Some(hint.into()) }
    }

    /// A message that brings its fix along after a semicolon, as those of the other layers do. What a target said
    /// last stands in further lines, and may hold any semicolon.
    #[must_use]
    pub(crate) fn from_message(text: &str) -> Self {
        let first = text.lines().next().unwrap_or_default();
        let (message, hint) = match first.rsplit_once("; ") {
            Some((message, _)) => (message, text.get(message.len() + 2..).map(str::to_owned)),
            None => (text, None),
        };
        Self { code: ExitCode::Usage, message: message.to_owned(), hint }
    }

    /// passmuster itself is at fault.
    #[must_use]
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        let hint =
            "this is a fault of passmuster; please report it with the command line that shows it".to_owned();
        Self { code: ExitCode::Internal, message: message.into(), hint: Some(hint) }
    }

    /// An output can't be written, where somebody still reads it.
    #[must_use]
    #[expect(clippy::needless_pass_by_value, reason = "what `map_err` hands over")]
    pub(crate) fn unwritable(error: io::Error) -> Self {
        let hint = "see that standard output leads to where there is room".to_owned();
        Self { code: ExitCode::Internal, message: format!("failed to write: {error}"), hint: Some(hint) }
    }

    /// Another code for the same words: a target that can't be reached gives no verdict, say.
    #[must_use]
    pub(crate) fn with_code(mut self, code: impl Into<ExitCode>) -> Self {
        self.code = code.into();
        self
    }

    /// The same of a command line that a configuration file has a part in: what was typed was right by itself.
    #[must_use]
    pub(crate) fn of_file(self, file: Option<&Path>) -> Self {
        match file {
            Some(path) => Self { message: format!("{}: {}", path.display(), self.message), ..self },
            None => self,
        }
    }

    /// The code to exit with.
    #[must_use]
    pub(crate) const fn code(&self) -> ExitCode {
        self.code
    }

    /// Writes it for people.
    ///
    /// # Errors
    ///
    /// Those of the writer.
    pub(crate) fn write(&self, out: &mut dyn Write, style: TerminalStyle) -> io::Result<()> {
        labelled(out, &style.red("error:"), &self.message)?;
        match &self.hint {
            Some(hint) => labelled(out, &format!(" {}", style.bold("hint:")), hint),
            None => Ok(()),
        }
    }
}

/// A text after its label; further lines stand below the first.
fn labelled(out: &mut dyn Write, label: &str, text: &str) -> io::Result<()> {
    for (index, line) in text.lines().enumerate() {
        let before = if index == 0 { label } else { "      " };
        writeln!(out, "{before} {}", printable(&masked(line)))?;
    }
    Ok(())
}

impl fmt::Display for CliError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.hint {
            Some(hint) => write!(f, "{}; {}", masked(&self.message), masked(hint)),
            None => f.write_str(&masked(&self.message)),
        }
    }
}

impl std::error::Error for CliError {}

impl From<&clap::Error> for CliError {
    fn from(error: &clap::Error) -> Self {
        // The text is "error: <message>", then tips, usage and a pointer to --help, as paragraphs.
        let text = error.render().to_string();
        let mut paragraphs = text.split("\n\n");
        let first = paragraphs.next().unwrap_or_default();
        let mut lines = first.strip_prefix("error: ").unwrap_or(first).lines().map(str::trim);
        let head = lines.next().unwrap_or_default().to_owned();
        let message = lines.fold(head, |message, line| match line.strip_prefix('[') {
            Some(_) => message,
            None => format!("{message} {line}"),
        });
        let tip = paragraphs.find_map(|paragraph| paragraph.trim().strip_prefix("tip: ").map(one_line));
        // Messages of our own value parsers bring their fix along.
        match (tip, message.split_once("; ")) {
            (Some(tip), _) => Self::usage(message, tip),
            (None, Some((wrong, fix))) if error.kind() == ErrorKind::ValueValidation => Self::usage(wrong, fix),
            (None, _) => Self::usage(message, fallback(error)),
        }
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fallback(error: &clap::Error) -> String {
    for (kind, value) in error.context() {
        match (kind, value) {
            (ContextKind::ValidValue | ContextKind::ValidSubcommand, ContextValue::Strings(values))
                if !values.is_empty() =>
            {
                return format!("choose from {}", values.join(", "));
            }
            (ContextKind::Usage, ContextValue::StyledStr(usage)) => return one_line(&usage.to_string()),
            _ => {}
        }
    }
    "`passmuster --help` shows what there is".to_owned()
}
