//! `fuzz`: does the phase of a run that sends malformed requests, alone.

use clap::Args;

use super::args::{BaselineArgs, OutputArgs, SteeringArgs};
use super::config::ConfigArgs;
use super::run::RunArgs;
use super::target::TargetArgs;
use passmuster::engine::Phase;

/// `fuzz`: malformed requests alone.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct FuzzArgs {
    /// The target.
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// The options that steer it and stop it.
    #[command(flatten)]
    pub(crate) steering: SteeringArgs,
    /// Stop after this many malformed requests, not counting those that confirm what was found
    #[arg(long, value_name = "N", env = "PASSMUSTER_MAX_CALLS", help_heading = "Steering")]
    pub(crate) max_calls: Option<u64>,
    /// The reviewed divergences.
    #[command(flatten)]
    pub(crate) baseline: BaselineArgs,
    /// The reports.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
    /// The configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

impl FuzzArgs {
    /// The run that does it.
    #[must_use]
    pub(crate) fn as_run(&self) -> RunArgs {
        let Self { target, steering, max_calls, baseline, output, config } = self.clone();
        RunArgs {
            target,
            phases: vec![Phase::Probe, Phase::Malformed],
            steering,
            malformed: Some(max_calls.unwrap_or(u64::MAX)),
            baseline,
            output,
            config,
            ..RunArgs::default()
        }
    }
}
