//! The groups of options that several commands take.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::value::{self, ReportTo};
use passmuster::domain::Profile;
use passmuster::engine::Filter;

/// The place of the reviewed snapshots, and what may be written there.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Snapshots")]
pub(crate) struct BaselineArgs {
    /// The folder of the reviewed divergences [default: snapshots/targets/TARGET]
    #[arg(long, value_name = "DIR", env = "PASSMUSTER_BASELINE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write pending snapshots even on a build server, or with INSTA_UPDATE=no
    #[arg(long, overrides_with = "no_snapshots")]
    pub(crate) snapshots: bool,
    /// Write no pending snapshots
    #[arg(long)]
    pub(crate) no_snapshots: bool,
    /// Suspicions and stale snapshots fail, too
    #[arg(long)]
    pub(crate) strict: bool,
}

impl BaselineArgs {
    /// The folder of a target's reviewed divergences.
    #[must_use]
    pub(crate) fn folder(&self, target: &str) -> PathBuf {
        baseline_folder(self.baseline.as_deref(), target)
    }

    /// Whether to write pending snapshots; on a build server, or where the environment says no, only when told to.
    #[must_use]
    pub(crate) const fn writes(&self, unasked: bool) -> bool {
        self.snapshots || !(unasked || self.no_snapshots)
    }
}

/// The reports of a run, and how much it says.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    #[arg(long = "report", value_name = "FORMAT[=PATH]", value_parser = value::report_to, help = value::help_on_reports())]
    pub(crate) reports: Vec<ReportTo>,
    /// Say nothing but the verdict
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Tell each finding in full
    #[arg(long, short)]
    pub(crate) verbose: bool,
}

/// The options that decide where a run goes and when it stops, whatever it sends.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Steering")]
pub(crate) struct SteeringArgs {
    /// The seed that everything random follows from
    #[arg(long, value_name = "N", env = "PASSMUSTER_SEED")]
    pub(crate) seed: Option<u64>,
    /// The number that account ids depend on besides the seed, to repeat a run's own [default: a new one each time; 0 in process]
    #[arg(long, value_name = "N", env = "PASSMUSTER_NONCE")]
    pub(crate) nonce: Option<u64>,
    /// Stop after this time, such as 2m; calls are what a run is planned by [default: 600s; 60s for malformed requests without --max-calls]
    #[arg(long, value_name = "TIME", value_parser = value::duration, env = "PASSMUSTER_MAX_TIME")]
    pub(crate) max_time: Option<Duration>,
    /// The number of scenarios, or of operations with malformed requests, to try at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), env = "PASSMUSTER_WORKERS")]
    pub(crate) workers: Option<u16>,
    /// Check only this operation, family or rule; of malformed requests: class (M145) or row (D60, I12)
    #[arg(long, value_name = "FILTER", value_delimiter = ',', value_parser = value::filter)]
    pub(crate) only: Vec<Filter>,
    /// Don't check this operation, family, rule, class or row
    #[arg(long, value_name = "FILTER", value_delimiter = ',', value_parser = value::filter)]
    pub(crate) skip: Vec<Filter>,
    /// The profile that malformed requests are answered by.
    #[arg(long, value_name = "PROFILE", help = value::help_on_profiles("the target claims to be"))]
    pub(crate) profile: Option<Profile>,
}

impl SteeringArgs {
    /// The number of threads that are of use.
    #[must_use]
    pub(crate) fn threads(&self) -> usize {
        self.workers.map_or(2, usize::from)
    }
}

/// The folder of a target's reviewed divergences, where none was chosen: one of its name.
#[must_use]
pub(crate) fn baseline_folder(chosen: Option<&Path>, target: &str) -> PathBuf {
    // A target's name may come from a file of somebody else: it must not lead out of the folder.
    let safe = |c: char| if c.is_ascii_alphanumeric() || "-_".contains(c) { c } else { '_' };
    chosen.map_or_else(
        || PathBuf::from("snapshots").join("targets").join(target.chars().map(safe).collect::<String>()),
        Path::to_owned,
    )
}

/// A form of output.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum OutputFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}
