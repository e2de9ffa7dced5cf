//! The only place that reads the environment and the wall clock.

use std::io::IsTerminal;

use passmuster::domain::Timestamp;
use passmuster::report::terminal::{Mode, TerminalStyle};

/// The wishes that the environment expresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// Whether this is a build server: no prompts, no bar, no pending snapshots unless asked for.
    pub(crate) ci: bool,
    /// Whether standard error is a terminal.
    pub(crate) terminal: bool,
    /// Whether somebody can answer questions on standard input.
    pub(crate) interactive: bool,
    /// Whether to colour what goes to standard error.
    pub(crate) colour: bool,
    /// The width of the terminal in columns, where that is known.
    pub(crate) columns: Option<usize>,
    /// The endpoint that the AWS tools would use.
    pub(crate) aws_endpoint: Option<String>,
}

/// The words that the program was called with, its own name first.
pub(crate) fn arguments() -> impl Iterator<Item = std::ffi::OsString> {
    std::env::args_os()
}

/// The wall clock.
#[expect(clippy::disallowed_methods, reason = "the one clock of the command line")]
pub(crate) fn now() -> Timestamp {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(0))
}

/// Whether this program was started in a way that it outlives its terminal, as by `nohup`. Only Linux tells.
#[cfg(unix)]
pub(crate) fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    // The signal of number 1 has the lowest bit.
    ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).is_some_and(|mask| mask & 1 == 1)
}

impl Environment {
    /// Reads the environment of this process.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where the environment is read")]
    pub(crate) fn read() -> Self {
        let terminal = std::io::stderr().is_terminal();
        let interactive = terminal && std::io::stdin().is_terminal();
        Self::from_variables(terminal, interactive, |name| std::env::var(name).ok())
    }

    /// Interprets variables from anywhere.
    #[must_use]
    pub(crate) fn from_variables(
        terminal: bool,
        interactive: bool,
        read: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let set = |name| read(name).filter(|value| !value.is_empty());
        let on = |name| set(name).is_some_and(|value| value != "0" && value != "false");
        let ci = on("CI");
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        // The strongest wish wins: never, then always, then what Cargo was told, then what the terminal can.
        let colour = if set("NO_COLOR").is_some() {
            false
        } else if on("CLICOLOR_FORCE") {
            true
        } else {
            match set("CARGO_TERM_COLOR").as_deref() {
                Some("always") => true,
                Some("never") => false,
                _ => terminal && !dumb,
            }
        };
        Self {
            ci,
            terminal: terminal && !dumb,
            interactive: interactive && !ci,
            colour,
            columns: set("COLUMNS").and_then(|columns| columns.parse().ok()),
            aws_endpoint: set("AWS_ENDPOINT_URL_SECURITYHUB").or_else(|| set("AWS_ENDPOINT_URL")),
        }
    }

    /// The style of text for people.
    #[must_use]
    pub(crate) fn style(&self) -> TerminalStyle {
        let width = self.columns.unwrap_or(TerminalStyle::WIDTH).clamp(40, TerminalStyle::WIDTH);
        TerminalStyle { colour: self.colour, width, ..TerminalStyle::PLAIN }
    }

    /// The form in which progress is shown.
    #[must_use]
    pub(crate) fn progress(&self, quiet: bool) -> Mode {
        match (quiet, self.terminal && !self.ci) {
            (true, _) => Mode::Quiet,
            (false, true) => Mode::Bar,
            (false, false) => Mode::Lines,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(terminal: bool, variables: &[(&str, &str)]) -> Environment {
        Environment::from_variables(terminal, terminal, |name| {
            variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
        })
    }

    #[test]
    fn a_terminal_gets_colours_and_a_bar_and_a_file_gets_neither() {
        assert!(environment(true, &[]).colour);
        assert_eq!(environment(true, &[]).progress(false), Mode::Bar);
        assert!(!environment(false, &[]).colour);
        assert_eq!(environment(false, &[]).progress(false), Mode::Lines);
        assert_eq!(environment(true, &[]).progress(true), Mode::Quiet);
    }

    #[test]
    fn no_color_is_stronger_than_forced_colours_and_these_than_cargos() {
        assert!(!environment(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]).colour);
        assert!(environment(false, &[("CLICOLOR_FORCE", "1"), ("CARGO_TERM_COLOR", "never")]).colour);
        assert!(environment(false, &[("CARGO_TERM_COLOR", "always")]).colour);
        assert!(!environment(true, &[("CARGO_TERM_COLOR", "never")]).colour);
        assert!(environment(true, &[("NO_COLOR", "")]).colour, "an empty NO_COLOR says nothing");
    }

    #[test]
    fn a_build_server_gets_no_bar_and_no_questions() {
        let environment = environment(true, &[("CI", "true")]);
        assert_eq!(environment.progress(false), Mode::Lines);
        assert!(!environment.interactive);
    }

    #[test]
    fn the_endpoint_for_this_service_is_stronger_than_the_one_for_all() {
        let variables = [("AWS_ENDPOINT_URL", "http://a"), ("AWS_ENDPOINT_URL_SECURITYHUB", "http://b")];
        assert_eq!(environment(false, &variables).aws_endpoint.as_deref(), Some("http://b"));
    }
}
