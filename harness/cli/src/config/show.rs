//! `config show`: each flag of a run, its value, and where that comes from.

use std::io::Write;

use clap::parser::ValueSource;
use clap::{Arg, ArgMatches, Command};

use super::file::{ConfigFile, Configured, NAME};
use super::{ConfigAction, is_for_files, names, taken, words};
use crate::error::CliError;
use crate::exit_code::ExitCode;
use crate::rules::write;
use passmuster::domain::printable;
use passmuster::targets::secrets::{masked, masked_address};

/// Does `config`.
///
/// # Errors
///
/// When the file can't be read or holds what is no flag, or standard output fails.
pub(crate) fn config(action: &ConfigAction, program: &Command, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let ConfigAction::Show(args) = action;
    let mut program = program.clone();
    program.build();
    let file = ConfigFile::open(args.config.clone(), args.config_profile.as_deref(), &names(&program))?;
    // What the environment says, a run reads with nothing typed.
    let matches =
        program.clone().try_get_matches_from(["passmuster", "run"]).map_err(|error| CliError::from(&error))?;
    let (Some(run), Some(given)) = (program.find_subcommand("run"), matches.subcommand_matches("run")) else {
        return Err(CliError::internal("there is no command run"));
    };
    let chosen = file.as_ref().map(|file| taken(run, given, file)).unwrap_or_default();
    let mut text = match &file {
        Some(file) => format!("# {}\n", printable(&file.path().display().to_string())),
        None => format!("# no {NAME} here\n"),
    };
    for arg in run.get_arguments().filter(|arg| is_for_files(arg)) {
        let own = chosen.iter().find(|one| one.arg.get_id() == arg.get_id()).map(|one| &one.configured);
        if let (Some(file), Some(own)) = (&file, own) {
            words(arg, own).map_err(|what| file.error(own, &what))?;
        }
        let (value, source) = standing(arg, own, given);
        let name = arg.get_long().unwrap_or_default();
        let value = if name == "endpoint" { masked_address(&value) } else { masked(&value) };
        let line = format!("{name:<16} {:<40} {source}", printable(&value));
        text.push_str(line.trim_end());
        text.push('\n');
    }
    write(out, &text)
}

/// The value of a flag, and where it comes from.
fn standing(arg: &Arg, own: Option<&Configured>, given: &ArgMatches) -> (String, String) {
    let id = arg.get_id().as_str();
    if given.value_source(id) == Some(ValueSource::EnvVariable) {
        let values = given.get_raw(id).into_iter().flatten().map(|value| value.to_string_lossy().into_owned());
        let variable = arg.get_env().unwrap_or_default().to_string_lossy().into_owned();
        return (values.collect::<Vec<_>>().join(","), variable);
    }
    match own {
        Some(own) if own.section.is_empty() => (own.value.to_string(), NAME.to_owned()),
        Some(own) => (own.value.to_string(), own.section.clone()),
        None => {
            let help = arg.get_help().map(ToString::to_string).unwrap_or_default();
            let default = help.split_once("[default: ").and_then(|(_, rest)| rest.split(']').next());
            (default.unwrap_or_default().to_owned(), "default".to_owned())
        }
    }
}
