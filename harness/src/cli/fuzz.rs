//! `fuzz`: the part of a run that sends malformed requests, alone.

use std::time::Duration;

use clap::Args;

use super::value::{self, Filter};
use super::{BaselineArgs, OutputArgs, PhaseName, RunArgs, TargetArgs};

/// `fuzz`: malformed requests alone.
#[derive(Clone, Debug, Default, Args)]
pub struct FuzzArgs {
    /// Which target.
    #[command(flatten)]
    pub target: TargetArgs,
    /// The seed of the random compositions
    #[arg(long, value_name = "N", env = "PASSMUSTER_SEED", help_heading = "Steering")]
    pub seed: Option<u64>,
    /// Stop after this time, such as 10m [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = value::duration, env = "PASSMUSTER_MAX_TIME", help_heading = "Steering")]
    pub max_time: Option<Duration>,
    /// Stop after so many malformed requests
    #[arg(long, value_name = "N", env = "PASSMUSTER_MAX_CALLS", help_heading = "Steering")]
    pub max_calls: Option<u64>,
    /// How many operations to try at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), env = "PASSMUSTER_WORKERS", help_heading = "Steering")]
    pub workers: Option<u16>,
    /// Try only this operation, family, class (M145) or row (D60, I12)
    #[arg(long, value_name = "FILTER", value_delimiter = ',', value_parser = value::filter, help_heading = "Steering")]
    pub only: Vec<Filter>,
    /// Don't try this operation, family, class or row
    #[arg(long, value_name = "FILTER", value_delimiter = ',', value_parser = value::filter, help_heading = "Steering")]
    pub skip: Vec<Filter>,
    /// The reviewed divergences.
    #[command(flatten)]
    pub baseline: BaselineArgs,
    /// What to write.
    #[command(flatten)]
    pub output: OutputArgs,
}

impl FuzzArgs {
    /// The run that does it.
    #[must_use]
    pub fn as_run(&self) -> RunArgs {
        let Self { target, seed, max_time, max_calls, workers, only, skip, baseline, output } = self.clone();
        RunArgs {
            target,
            phases: vec![PhaseName::Probe, PhaseName::Wire],
            seed,
            max_time,
            malformed: Some(max_calls.unwrap_or(u64::MAX)),
            workers,
            only,
            skip,
            baseline,
            output,
            ..RunArgs::default()
        }
    }
}
