//! `completions` and `man`: what shells and readers of manuals install.

use std::io::Write;

use clap::{Args, Command};
use clap_complete::Shell;

use super::rules::write;
use super::{CliError, ExitCode};
use passmuster::domain::suggestion;

/// The name of the program.
const NAME: &str = "passmuster";

/// `completions`: the completions of a shell.
#[derive(Clone, Debug, Args)]
pub(crate) struct CompletionsArgs {
    /// The shell
    pub(crate) shell: Shell,
}

/// `man`: a page of the manual.
#[derive(Clone, Debug, Args)]
pub(crate) struct ManArgs {
    /// The page of this command, instead of that of the program
    pub(crate) command: Option<String>,
}

/// Does `completions`.
///
/// # Errors
///
/// Those of the writer.
pub(crate) fn completions(
    args: &CompletionsArgs,
    program: &Command,
    out: &mut dyn Write,
) -> Result<ExitCode, CliError> {
    let mut text = Vec::new();
    clap_complete::generate(args.shell, &mut program.clone(), NAME, &mut text);
    write(out, &String::from_utf8_lossy(&text))
}

/// Does `man`.
///
/// # Errors
///
/// When there is no such command, or those of the writer.
pub(crate) fn man(args: &ManArgs, program: &Command, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let mut program = program.clone();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            Some(command) => command.clone(),
            None => {
                let names: Vec<&str> = program.get_subcommands().map(Command::get_name).collect();
                let message = format!("there is no command {name:?}");
                return Err(CliError::usage(message, suggestion(name, &names)));
            }
        },
    };
    let mut text = Vec::new();
    clap_mangen::Man::new(page).render(&mut text).map_err(CliError::unwritable)?;
    write(out, &String::from_utf8_lossy(&text))
}
