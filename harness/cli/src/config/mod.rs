//! `passmuster.toml`: what the flags of commands are in a project, beneath the command line and the environment.

mod file;
mod show;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use clap::parser::ValueSource;
use clap::{Arg, ArgAction, ArgMatches, Args, Command, Subcommand};

use super::CliError;
use file::{ConfigFile, Configured};

pub(crate) use show::config;

/// The commands that a file speaks to.
const COMMANDS: [&str; 6] = ["run", "fuzz", "replay", "merge", "review", "doctor"];

/// The help headings of the flags that a file may hold: what steers, not what decides once.
const HEADINGS: [&str; 4] = ["Target", "Steering", "Snapshots", "Output"];

/// The flags below those headings that are of no use in a file.
const NEVER: [&str; 4] = ["dry-run", "list", "quiet", "verbose"];

/// Where the configuration is.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Configuration")]
pub(crate) struct ConfigArgs {
    /// The configuration file [default: passmuster.toml here, or above in the same repository]
    #[arg(long, value_name = "FILE", env = "PASSMUSTER_CONFIG")]
    pub(crate) config: Option<PathBuf>,
    /// Take the flags of this profile of the configuration file
    #[arg(long, value_name = "NAME", env = "PASSMUSTER_CONFIG_PROFILE")]
    pub(crate) config_profile: Option<String>,
}

/// `config`: the configuration.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Show each flag of a run, its value, and where that comes from
    Show(ConfigArgs),
}

/// A command line with the values of the configuration file put in before those that were typed, which are stronger.
pub(super) struct CommandLine {
    pub(super) args: Vec<OsString>,
    /// The file that gave any.
    pub(super) file: Option<PathBuf>,
}

/// Puts the values of the configuration file into a command line, where the command takes any. One that makes no sense
/// by itself stays as it is: the error is its own.
///
/// # Errors
///
/// When the file can't be read, or holds something else than flags.
pub(super) fn configured(program: &Command, args: Vec<OsString>) -> Result<CommandLine, CliError> {
    let mut program = program.clone();
    program.build();
    let matches = program.clone().try_get_matches_from(&args);
    let Some((name, given)) = matches.as_ref().ok().and_then(ArgMatches::subcommand) else {
        return Ok(CommandLine { args, file: None });
    };
    if !COMMANDS.contains(&name) {
        return Ok(CommandLine { args, file: None });
    }
    let chosen = given.get_one::<PathBuf>("config").cloned();
    let profile = given.get_one::<String>("config_profile").cloned();
    let Some(file) = ConfigFile::open(chosen, profile.as_deref(), &names(&program))? else {
        return Ok(CommandLine { args, file: None });
    };
    let Some(command) = program.find_subcommand(name) else { return Ok(CommandLine { args, file: None }) };
    let mut own = Vec::new();
    for Chosen { arg, configured } in taken(command, given, &file) {
        own.extend(words(arg, &configured).map_err(|what| file.error(&configured, &what))?);
    }
    let mut all = args;
    let file = (!own.is_empty()).then(|| file.path().to_owned());
    // Behind the name of the program and that of the command.
    let at = all.len().min(2);
    all.splice(at..at, own);
    Ok(CommandLine { args: all, file })
}

/// A flag, and what the file says of it.
struct Chosen<'a> {
    arg: &'a Arg,
    configured: Configured,
}

/// What a command takes from the file: what it has a flag for, that was not given otherwise, nor anything against it.
fn taken<'a>(command: &'a Command, given: &ArgMatches, file: &ConfigFile) -> Vec<Chosen<'a>> {
    let is_given = |arg: &Arg| {
        let source = given.value_source(arg.get_id().as_str());
        matches!(source, Some(ValueSource::CommandLine | ValueSource::EnvVariable))
    };
    let typed: Vec<&Arg> = command.get_arguments().filter(|arg| is_given(arg)).collect();
    let is_against = |arg: &Arg| {
        typed.iter().any(|other| {
            let conflicts = |one: &Arg, two: &Arg| {
                command.get_arg_conflicts_with(one).iter().any(|known| known.get_id() == two.get_id())
            };
            conflicts(arg, other) || conflicts(other, arg) || are_ways_to_the_target(arg, other)
        })
    };
    let target = typed
        .iter()
        .find(|arg| arg.get_id() == "target")
        .and_then(|arg| given.get_one::<String>(arg.get_id().as_str()).map(String::as_str));
    let values = file.values(target);
    let own = command.get_arguments().filter(|arg| !is_given(arg) && !is_against(arg));
    let chosen = own.filter_map(|arg| {
        let configured = values.get(arg.get_long()?)?.clone();
        Some(Chosen { arg, configured })
    });
    chosen.collect()
}

/// Whether both say where the target is: then what was typed is meant.
fn are_ways_to_the_target(one: &Arg, other: &Arg) -> bool {
    let ways = ["spawn", "endpoint"];
    [one, other].iter().all(|arg| arg.get_long().is_some_and(|name| ways.contains(&name)))
}

/// The names that a file may use.
fn names(program: &Command) -> BTreeSet<String> {
    let commands = program.get_subcommands().filter(|command| ["run", "fuzz"].contains(&command.get_name()));
    let flags = commands.flat_map(Command::get_arguments).filter(|arg| is_for_files(arg));
    flags.filter_map(|arg| arg.get_long().map(str::to_owned)).collect()
}

fn is_for_files(arg: &Arg) -> bool {
    let heading = arg.get_help_heading().is_some_and(|heading| HEADINGS.contains(&heading));
    heading && arg.get_long().is_some_and(|name| !NEVER.contains(&name))
}

/// The words on a command line that say the same; what is wrong with the value otherwise.
fn words(arg: &Arg, configured: &Configured) -> Result<Vec<OsString>, String> {
    let name = arg.get_long().unwrap_or_default();
    let switches = matches!(arg.get_action(), ArgAction::SetTrue);
    let takes_many = matches!(arg.get_action(), ArgAction::Append);
    match &configured.value {
        toml::Value::Boolean(on) if switches => Ok(on.then(|| format!("--{name}").into()).into_iter().collect()),
        _ if switches => Err("is true or false".to_owned()),
        toml::Value::Array(all) if takes_many => all.iter().map(|one| word(name, one)).collect(),
        toml::Value::Array(_) => Err("takes one value, no list".to_owned()),
        one => word(name, one).map(|word| vec![word]),
    }
}

fn word(name: &str, value: &toml::Value) -> Result<OsString, String> {
    match value {
        toml::Value::String(text) => Ok(format!("--{name}={text}").into()),
        toml::Value::Integer(number) => Ok(format!("--{name}={number}").into()),
        toml::Value::Boolean(_)
        | toml::Value::Float(_)
        | toml::Value::Datetime(_)
        | toml::Value::Array(_)
        | toml::Value::Table(_) => Err("is a text or a whole number".to_owned()),
    }
}
