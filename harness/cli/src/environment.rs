//! The only place that reads the environment and the wall clock.

use std::io::{IsTerminal, stderr, stdin, stdout};
use std::path::PathBuf;

use super::keys::KeySources;
use passmuster::domain::Timestamp;
use passmuster::report::terminal::{Mode, TerminalStyle};

/// The wishes that the environment expresses.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Environment {
    /// Whether this is a build server: no prompts, no bar, no pending snapshots unless asked for.
    pub(crate) ci: bool,
    /// Standard output, where the report goes.
    pub(crate) output: Stream,
    /// Standard error, where progress and errors go.
    pub(crate) error: Stream,
    /// Whether snapshots are not to be written, as `INSTA_UPDATE=no` says to every program that has some.
    pub(crate) keeps_snapshots: bool,
    /// Whether somebody can answer questions on standard input.
    pub(crate) interactive: bool,
    /// The endpoint that the AWS tools would use.
    pub(crate) aws_endpoint: Option<String>,
    /// The keys of accounts.
    pub(crate) keys: KeySources,
    /// Whether this is a job of GitHub Actions.
    pub(crate) github: bool,
    /// The file that GitHub Actions makes the summary of a job from.
    pub(crate) job_summary: Option<PathBuf>,
}

/// One of the standard streams, as far as text for people depends on it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Stream {
    /// Whether it is a terminal that can draw a line again.
    pub(crate) terminal: bool,
    /// Whether to colour what goes there.
    pub(crate) colour: bool,
    /// The number of columns of text in it.
    pub(crate) columns: usize,
}

/// What is known of a standard stream: its columns, where it is a terminal.
pub(crate) type Columns = Option<Option<usize>>;

/// The columns of a terminal that does not tell.
const COLUMNS: usize = 80;

/// The fewest columns that a table of causes makes sense in.
const NARROWEST: usize = 40;

/// The words that the program was called with, its own name first.
pub(crate) fn arguments() -> impl Iterator<Item = std::ffi::OsString> {
    std::env::args_os()
}

/// The names of the variables that are set.
pub(crate) fn variables() -> impl Iterator<Item = String> {
    std::env::vars_os().filter_map(|(name, _)| name.into_string().ok())
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
        let output = stdout().is_terminal().then(|| columns(terminal_size::terminal_size_of(stdout())));
        let error = stderr().is_terminal().then(|| columns(terminal_size::terminal_size_of(stderr())));
        let interactive = error.is_some() && stdin().is_terminal();
        Self::from_variables(output, error, interactive, |name| std::env::var(name).ok())
    }

    /// Interprets variables from anywhere.
    #[must_use]
    pub(crate) fn from_variables(
        output: Columns,
        error: Columns,
        interactive: bool,
        read: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let set = |name: &str| read(name).filter(|value| !value.is_empty());
        let on = |name: &str| set(name).is_some_and(|value| value != "0" && value != "false");
        let ci = on("CI");
        let dumb = set("TERM").is_some_and(|term| term == "dumb");
        // The strongest wish wins: never, then always, then what Cargo was told, then what the terminal can.
        let wish = if set("NO_COLOR").is_some() {
            Some(false)
        } else if on("CLICOLOR_FORCE") {
            Some(true)
        } else {
            match set("CARGO_TERM_COLOR").as_deref() {
                Some("always") => Some(true),
                Some("never") => Some(false),
                _ => None,
            }
        };
        let wished = set("COLUMNS").and_then(|columns| columns.parse().ok());
        let stream = |known: Columns| {
            let terminal = known.is_some() && !dumb;
            // A file has no width: what suits most readers.
            let own = known.map_or(TerminalStyle::WIDTH, |columns| columns.unwrap_or(COLUMNS));
            Stream { terminal, colour: wish.unwrap_or(terminal), columns: wished.unwrap_or(own) }
        };
        Self {
            ci,
            output: stream(output),
            error: stream(error),
            keeps_snapshots: set("INSTA_UPDATE").is_some_and(|wish| wish == "no"),
            interactive: interactive && !ci,
            aws_endpoint: set("AWS_ENDPOINT_URL_SECURITYHUB").or_else(|| set("AWS_ENDPOINT_URL")),
            keys: KeySources::from_variables(set),
            github: on("GITHUB_ACTIONS"),
            job_summary: set("GITHUB_STEP_SUMMARY").map(PathBuf::from),
        }
    }

    /// The form in which progress is shown.
    #[must_use]
    pub(crate) fn progress(&self, quiet: bool) -> Mode {
        match (quiet, self.error.terminal && !self.ci) {
            (true, _) => Mode::Quiet,
            (false, true) => Mode::Bar,
            (false, false) => Mode::Lines,
        }
    }
}

impl Stream {
    /// The style of text for people.
    #[must_use]
    pub(crate) fn style(self) -> TerminalStyle {
        let width = self.columns.clamp(NARROWEST, TerminalStyle::WIDTH);
        TerminalStyle { colour: self.colour, width, ..TerminalStyle::PLAIN }
    }
}

fn columns(size: Option<(terminal_size::Width, terminal_size::Height)>) -> Option<usize> {
    size.map(|(terminal_size::Width(columns), _)| usize::from(columns)).filter(|columns| *columns > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both streams go to a terminal, or to a file.
    fn environment(terminal: bool, variables: &[(&str, &str)]) -> Environment {
        let known = terminal.then_some(Some(100));
        Environment::from_variables(known, known, terminal, |name| value(variables, name))
    }

    fn value(variables: &[(&str, &str)], name: &str) -> Option<String> {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    }

    #[test]
    fn a_terminal_gets_colours_and_a_bar_and_a_file_gets_neither() {
        assert!(environment(true, &[]).output.colour && environment(true, &[]).error.colour);
        assert_eq!(environment(true, &[]).progress(false), Mode::Bar);
        assert!(!environment(false, &[]).output.colour);
        assert_eq!(environment(false, &[]).progress(false), Mode::Lines);
        assert_eq!(environment(true, &[]).progress(true), Mode::Quiet);
        assert_eq!(environment(true, &[("TERM", "dumb")]).progress(false), Mode::Lines);
    }

    #[test]
    fn a_report_into_a_file_has_no_colours_though_progress_goes_to_a_terminal() {
        let split = Environment::from_variables(None, Some(Some(100)), true, |_| None);
        assert!(!split.output.colour && split.error.colour);
        assert_eq!(split.progress(false), Mode::Bar);
    }

    #[test]
    fn lines_are_as_wide_as_the_terminal_or_as_columns_says_and_have_eighty_columns_where_nobody_knows() {
        assert_eq!(environment(true, &[]).error.style().width, 100);
        assert_eq!(environment(true, &[("COLUMNS", "72")]).error.style().width, 72);
        assert_eq!(environment(false, &[("COLUMNS", "72")]).output.style().width, 72);
        let untold = Environment::from_variables(Some(None), Some(None), true, |_| None);
        assert_eq!(untold.error.style().width, 80);
        assert_eq!(environment(true, &[("COLUMNS", "7")]).error.style().width, NARROWEST);
        assert_eq!(environment(true, &[("COLUMNS", "700")]).error.style().width, TerminalStyle::WIDTH);
    }

    #[test]
    fn no_color_is_stronger_than_forced_colours_and_these_than_cargos() {
        let colour = |terminal, variables: &[(&str, &str)]| environment(terminal, variables).output.colour;
        assert!(!colour(true, &[("NO_COLOR", "1"), ("CLICOLOR_FORCE", "1")]));
        assert!(colour(false, &[("CLICOLOR_FORCE", "1"), ("CARGO_TERM_COLOR", "never")]));
        assert!(colour(false, &[("CARGO_TERM_COLOR", "always")]));
        assert!(!colour(true, &[("CARGO_TERM_COLOR", "never")]));
        assert!(colour(true, &[("NO_COLOR", "")]), "an empty NO_COLOR says nothing");
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
