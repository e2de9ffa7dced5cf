//! `--help` names what there is, all of it, and nothing else.
#![expect(clippy::unwrap_used, reason = "a test that can't go on should stop there")]

use passmuster::domain::{Grade, Profile};
use passmuster::engine::{Phase, RunSettings};
use passmuster::oracle::Strictness;
use passmuster::report;
use passmuster::targets::presets;

use crate::support::{Folder, passmuster};

/// The help of a command.
fn help(command: &str) -> String {
    let folder = Folder::new("help");
    let ended = passmuster(folder.path(), &[command, "--help"]);
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{command}");
    ended.stdout
}

/// The help of one option: what stands between its name and the next option.
fn option(help: &str, name: &str) -> String {
    let is_option = |line: &&str| line.trim_start().starts_with('-');
    let mut lines = help.lines().skip_while(|line| !(is_option(line) && line.contains(&format!("{name} <"))));
    let first = lines.next().unwrap_or_else(|| panic!("{name} is not in\n{help}"));
    let rest = lines.take_while(|line| !line.is_empty() && !is_option(line));
    let text: Vec<&str> = std::iter::once(first).chain(rest).collect();
    text.join(" ")
}

/// The names that the help of an option lists: after its colon, each before a comma, or before its explanation where
/// semicolons part them.
fn listed(option: &str) -> Vec<String> {
    let (_, list) = option.split_once(": ").unwrap_or_else(|| panic!("{option}"));
    let list = list.split(" [").next().unwrap();
    let separator = if list.contains("; ") { "; " } else { ", " };
    list.split(separator).map(|part| part.split(',').next().unwrap().trim().to_owned()).collect()
}

/// The words after `[default: `.
fn default(option: &str) -> Vec<String> {
    let (_, rest) = option.split_once("[default: ").unwrap_or_else(|| panic!("{option}"));
    rest.split(']').next().unwrap().split(", ").map(str::to_owned).collect()
}

#[test]
fn the_phases_in_the_help_are_those_that_a_run_has() {
    let run = help("run");
    let phases = option(&run, "--phases");
    assert_eq!(listed(&phases), Phase::ALL.map(Phase::name));
    assert_eq!(default(&phases), RunSettings::default().phases.into_iter().map(Phase::name).collect::<Vec<_>>());
    assert_eq!(listed(&option(&help("power"), "--phases")), Phase::ALL.map(Phase::name));
    let folder = Folder::new("help-phases");
    let ended = passmuster(folder.path(), &["run", "--list", "--phases", &listed(&phases).join(",")]);
    assert_eq!(ended.code, Some(0), "{ended:?}");
    let told: Vec<&str> = ended.stdout.lines().filter(|line| !line.starts_with(' ')).collect();
    assert!(told.iter().zip(Phase::ALL).all(|(line, phase)| line.starts_with(phase.name())), "{told:?}");
    assert_eq!(told.len(), Phase::ALL.len());
}

#[test]
fn the_targets_in_the_help_are_the_presets() {
    for command in ["run", "fuzz", "replay"] {
        let target = option(&help(command), "--target");
        assert_eq!(listed(&target), presets::ALL.map(|(name, _)| name.to_owned()), "{command}");
        assert!(presets::by_name(&default(&target)[0]).is_ok(), "{command}");
    }
}

#[test]
fn the_profiles_strictnesses_and_grades_in_the_help_are_those_there_are() {
    for command in ["run", "fuzz", "serve"] {
        let profile = option(&help(command), "--profile");
        assert_eq!(listed(&profile), Profile::ALL.map(Profile::name), "{command}");
        assert_eq!(default(&profile), [Profile::default().name()], "{command}");
    }
    for command in ["run", "replay", "check"] {
        let strictness = option(&help(command), "--strictness");
        assert_eq!(listed(&strictness), Strictness::ALL.map(Strictness::name), "{command}");
        assert_eq!(default(&strictness), [Strictness::default().name()], "{command}");
    }
    let grades = [Grade::Documented, Grade::Observed, Grade::Inferred, Grade::Unknown];
    assert_eq!(listed(&option(&help("rules"), "--grade")), grades.map(Grade::name));
}

#[test]
fn the_report_formats_in_the_help_are_those_that_can_be_written() {
    let formats: Vec<&str> = report::FORMATS.iter().map(|format| format.name).collect();
    for command in ["run", "fuzz", "merge", "report"] {
        assert_eq!(listed(&option(&help(command), "--report")), formats, "{command}");
    }
}

#[test]
fn the_defaults_in_the_help_are_those_of_a_run() {
    let (run, settings) = (help("run"), RunSettings::default());
    for (name, value) in [
        ("--cast", settings.walk_cast.to_string()),
        ("--depth", settings.walk_depth.to_string()),
        (
            "--max-time",
            format!("{}s; 60s for malformed requests without --max-calls", settings.max_time.as_secs()),
        ),
        ("--max-calls", format!("{}; 130000 in process; 2000 with allowed accounts", settings.max_calls)),
    ] {
        assert_eq!(default(&option(&run, name)), [value], "{name}");
    }
}

#[test]
fn the_commands_in_the_help_are_those_that_have_help_of_their_own() {
    let all = help("--help");
    let commands = all.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let commands: Vec<&str> = commands.filter_map(|line| line.split_whitespace().next()).collect();
    assert!(commands.contains(&"run") && !commands.contains(&"print"), "{all}");
    for command in commands {
        assert!(help(command).contains(&format!("Usage: passmuster {command}")), "{command}");
    }
}
