//! `run --shard`: the flags that it can't be combined with, and the settings that all shards of a run share.

use std::collections::BTreeMap;

use super::CliError;
use super::run::RunArgs;
use passmuster::domain::Fingerprint;
use passmuster::engine::{Filter, RunSettings};
use passmuster::targets::AccountSelection;

/// Refuses what depends on the order of all scenarios, of which a shard sees but a part.
pub(super) fn check(args: &RunArgs) -> Result<(), CliError> {
    let refused = |flag: &str, why: &str| {
        Err(CliError::usage(
            format!("{flag} can't be done by one shard of a run: {why}"),
            format!("leave out {flag}, or leave out --shard"),
        ))
    };
    if args.shard.is_some() && args.max_findings.is_some() {
        return refused("--max-findings", "it does not see what the others find");
    }
    if args.shard.is_some() && args.learn.is_some() {
        return refused("--learn", "it does not see what the others are answered");
    }
    Ok(())
}

/// The flags that decide what is found, by name: two shards belong to one run only where they agree on them.
pub(super) fn flags(args: &RunArgs, settings: &RunSettings) -> BTreeMap<String, String> {
    let phases: Vec<&str> = settings.phases.iter().map(|phase| phase.name()).collect();
    let faults: Vec<&str> = args.target.faults.iter().map(|fault| fault.name()).collect();
    let accounts = match args.target.selection() {
        None | Some(AccountSelection::AccessKey) => String::new(),
        Some(AccountSelection::Header(name)) => format!("header {name}"),
        Some(AccountSelection::Single(id)) => format!("single={id}"),
        Some(AccountSelection::Keys(_)) => "keys".to_owned(),
    };
    let reset = args.target.reset.as_ref().map_or_else(String::new, |reset| reset.path.clone());
    // Two sheets are compared by what they say, which would be long to show.
    let answers = Fingerprint(format!("{:?}", settings.answers)).id();
    let answers = args.answers.as_ref().map_or_else(String::new, |_| answers.replacen("D-", "sheet ", 1));
    let flags = [
        ("--phases", phases.join(",")),
        ("--max-calls", settings.max_calls.to_string()),
        ("--cast", settings.walk_cast.to_string()),
        ("--depth", settings.walk_depth.to_string()),
        ("--only", filters(&args.steering.only)),
        ("--skip", filters(&args.steering.skip)),
        ("--strictness", settings.strictness.name().to_owned()),
        ("--answers", answers),
        ("--region", settings.regions.join(",")),
        ("--organization", settings.organization.to_string()),
        ("--given", if settings.given_hubs { "hub" } else { "" }.to_owned()),
        ("--accounts", accounts),
        ("--reset", reset),
        ("--profile", settings.profile.to_string()),
        ("--fault", faults.join(",")),
    ];
    flags.into_iter().map(|(flag, value)| (flag.to_owned(), value)).collect()
}

fn filters(filters: &[Filter]) -> String {
    filters.iter().map(Filter::to_string).collect::<Vec<_>>().join(",")
}
