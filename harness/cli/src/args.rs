//! The command line as data.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};

use super::FuzzArgs;
use super::value::{self, Filter, ReportTo};
use passmuster::catalogue::Scope;
use passmuster::domain::{Grade, Profile};
use passmuster::engine::Shard;
use passmuster::generate::{MOST_CAST, MOST_DEPTH};
use passmuster::oracle::Strictness;
use passmuster::server::{AnyFault, Fault};
use passmuster::targets::{AccountSelection, OrganizationSetup, Reset};

/// Finds out whether an implementation of the AWS Security Hub membership API behaves as AWS does.
#[derive(Debug, Parser)]
#[command(name = "passmuster", version, disable_help_subcommand = true)]
#[command(after_help = "Without any arguments, `run` is done against the embedded reference server.")]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Sub,
}

/// The commands as they are spelt.
#[derive(Debug, Subcommand)]
pub(super) enum Sub {
    /// Test a target against the contract
    Run(Box<RunArgs>),
    /// Put the reports of all shards of a run together
    Merge(MergeArgs),
    /// Be the reference implementation over HTTP, as a stateful mock
    Serve(ServeArgs),
    /// Run saved scenarios or recorded divergences again
    Replay(Box<ReplayArgs>),
    /// Hold recorded conversations against the contract, without any target
    Check(CheckArgs),
    /// Accept or reject pending divergences
    Review(ReviewArgs),
    /// List the rules with grade and sources
    Rules(RulesArgs),
    /// Explain one rule, divergence, open question, point of the protocol or lint
    Explain(ExplainArgs),
    /// Render a recorded run into other formats
    Report(ReportArgs),
    /// Show how a target answers the open questions, or where two differ
    Answers(AnswersArgs),
    /// Measure how well the faults of the reference server are found
    Power(Box<PowerArgs>),
    /// Send malformed requests to a target
    #[command(visible_alias = "malformed")]
    Fuzz(Box<FuzzArgs>),
    /// Write the corpus of requests for other fuzzers
    #[command(subcommand)]
    Corpus(CorpusAction),
}

/// What was asked for.
#[derive(Debug)]
pub(crate) enum Command {
    /// Test a target.
    Run(Box<RunArgs>),
    /// Put the shards of a run together.
    Merge(MergeArgs),
    /// Serve the reference model over HTTP.
    Serve(ServeArgs),
    /// Run scenarios again.
    Replay(Box<ReplayArgs>),
    /// Hold recorded conversations against the contract.
    Check(CheckArgs),
    /// Accept or reject pending divergences.
    Review(ReviewArgs),
    /// List rules.
    Rules(RulesArgs),
    /// Explain one rule, divergence, open question, point of the protocol or lint
    Explain(ExplainArgs),
    /// Render a recorded run again.
    Report(ReportArgs),
    /// Show or compare answers to the open questions.
    Answers(AnswersArgs),
    /// Measure how well faults are found.
    Power(Box<PowerArgs>),
    /// Send malformed requests.
    Fuzz(Box<FuzzArgs>),
    /// Write the corpus of requests.
    Corpus(CorpusAction),
    /// Write this text to standard output: the help or the version.
    Print(String),
}

impl From<Sub> for Command {
    fn from(sub: Sub) -> Self {
        match sub {
            Sub::Run(args) => Self::Run(args),
            Sub::Merge(args) => Self::Merge(args),
            Sub::Serve(args) => Self::Serve(args),
            Sub::Replay(args) => Self::Replay(args),
            Sub::Check(args) => Self::Check(args),
            Sub::Review(args) => Self::Review(args),
            Sub::Rules(args) => Self::Rules(args),
            Sub::Explain(args) => Self::Explain(args),
            Sub::Report(args) => Self::Report(args),
            Sub::Answers(args) => Self::Answers(args),
            Sub::Power(args) => Self::Power(args),
            Sub::Fuzz(args) => Self::Fuzz(args),
            Sub::Corpus(action) => Self::Corpus(action),
        }
    }
}

/// A phase of a run, by the name that `--phases` takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, ValueEnum)]
pub(crate) enum PhaseName {
    /// Each operation once.
    Probe,
    /// Saved scenarios.
    Replay,
    /// Every constraint on both sides of its edge.
    Boundary,
    /// Pairs of runs that may not differ.
    Laws,
    /// Every situation the model can reach.
    Walk,
    /// Longer, odder sequences.
    Random,
    /// Malformed requests.
    #[value(alias = "wire")]
    Malformed,
    /// Overlapping calls.
    Concurrent,
}

impl PhaseName {
    /// The name in reports.
    #[must_use]
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Probe => "probe",
            Self::Replay => "replay",
            Self::Boundary => "boundary",
            Self::Laws => "laws",
            Self::Walk => "walk",
            Self::Random => "random",
            Self::Malformed => "malformed",
            Self::Concurrent => "concurrent",
        }
    }
}

/// Which target, and how to treat it.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Target")]
pub(crate) struct TargetArgs {
    /// A preset by its name [default: embedded, the reference server]
    #[arg(long, value_name = "NAME", env = "PASSMUSTER_TARGET")]
    pub(crate) target: Option<String>,
    /// The address of the target, instead of its preset's
    #[arg(long, value_name = "URL", env = "PASSMUSTER_ENDPOINT")]
    pub(crate) endpoint: Option<String>,
    /// How the target learns which account calls: access-key, single, or single=ID
    #[arg(long, value_name = "HOW", value_parser = value::accounts, conflicts_with = "account_header")]
    pub(crate) accounts: Option<AccountSelection>,
    /// Send the account id in this header
    #[arg(long, value_name = "NAME", value_parser = value::header)]
    pub(crate) account_header: Option<String>,
    /// Where an organization comes from: api, none, or MANAGEMENT_ID,ACCOUNT_ID,… for one that is there already (its
    /// accounts have to be clean, or be cleared by --reset)
    #[arg(long, value_name = "HOW", value_parser = value::organization)]
    pub(crate) organization: Option<OrganizationSetup>,
    /// A Region to use; the first is where most calls go
    #[arg(long = "region", value_name = "REGION")]
    pub(crate) regions: Vec<String>,
    /// Start the target with this line, in which {port} is replaced, and end it afterwards
    #[arg(long, value_name = "LINE")]
    pub(crate) spawn: Option<String>,
    /// A request that clears the target's state, such as 'POST /reset'
    #[arg(long, value_name = "REQUEST", value_parser = value::reset)]
    pub(crate) reset: Option<Reset>,
    /// The accounts that may be touched where the target is not this machine
    #[arg(long, value_name = "ID,ID", value_delimiter = ',', value_parser = value::account_id)]
    pub(crate) allow_accounts: Vec<String>,
    /// Certificates (PEM) to trust for https
    #[arg(long, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Switch on a fault of the embedded server; `serve --list-faults` lists them
    #[arg(long = "fault", value_name = "ID", value_parser = value::any_fault)]
    pub(crate) faults: Vec<AnyFault>,
    /// What the target claims to be, for malformed requests: smithy, a generated server, aws, the service itself, or
    /// union, either [default: union]
    #[arg(long, value_name = "PROFILE")]
    pub(crate) profile: Option<Profile>,
}

impl TargetArgs {
    /// The name of the target in reports and of its snapshots' folder.
    #[must_use]
    pub(crate) fn name(&self) -> &str {
        match (&self.target, &self.endpoint) {
            (Some(name), _) => name,
            (None, Some(_)) => "custom",
            (None, None) => "embedded",
        }
    }

    /// How the target learns which account calls, where that was said.
    #[must_use]
    pub(crate) fn selection(&self) -> Option<AccountSelection> {
        self.account_header.clone().map(AccountSelection::Header).or_else(|| self.accounts.clone())
    }
}

/// Where the reviewed snapshots are, and what may be written there.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Snapshots")]
pub(crate) struct BaselineArgs {
    /// The folder of the reviewed divergences [default: snapshots/targets/TARGET]
    #[arg(long, value_name = "DIR", env = "PASSMUSTER_BASELINE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write pending snapshots even on a build server
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
    /// Whether to write pending snapshots; on a build server only when told to.
    #[must_use]
    pub(crate) const fn writes(&self, ci: bool) -> bool {
        self.snapshots || !(ci || self.no_snapshots)
    }
}

/// What a run writes, and how much it says.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputArgs {
    /// Write a report: json or markdown; to standard output without a path
    #[arg(long = "report", value_name = "FORMAT[=PATH]", value_parser = value::report_to)]
    pub(crate) reports: Vec<ReportTo>,
    /// Say nothing but the verdict
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// What decides where a run goes and when it stops, whatever it sends.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Steering")]
pub(crate) struct SteeringArgs {
    /// The seed that everything random follows from
    #[arg(long, value_name = "N", env = "PASSMUSTER_SEED")]
    pub(crate) seed: Option<u64>,
    /// Stop after this time, such as 10m [default: 60s]
    #[arg(long, value_name = "TIME", value_parser = value::duration, env = "PASSMUSTER_MAX_TIME")]
    pub(crate) max_time: Option<Duration>,
    /// How many scenarios, or operations with malformed requests, to try at once
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), env = "PASSMUSTER_WORKERS")]
    pub(crate) workers: Option<u16>,
    /// Check only this operation, family or rule; of malformed requests: class (M145) or row (D60, I12)
    #[arg(long, value_name = "FILTER", value_delimiter = ',', value_parser = value::filter)]
    pub(crate) only: Vec<Filter>,
    /// Don't check this operation, family, rule, class or row
    #[arg(long, value_name = "FILTER", value_delimiter = ',', value_parser = value::filter)]
    pub(crate) skip: Vec<Filter>,
}

/// `run`: test a target against the contract.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RunArgs {
    /// Which target.
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// The phases to do: probe, replay, boundary, laws, walk, random, malformed, concurrent [default: probe, boundary, laws, walk, random]
    #[arg(
        long,
        value_name = "PHASE,…",
        value_delimiter = ',',
        help_heading = "Steering",
        hide_possible_values = true
    )]
    pub(crate) phases: Vec<PhaseName>,
    /// Where it goes and when it stops.
    #[command(flatten)]
    pub(crate) steering: SteeringArgs,
    /// Plan with so many calls; a run whose scenarios take longer stops an eighth above [default: 10000; 130000 in process]
    #[arg(long, value_name = "N", env = "PASSMUSTER_MAX_CALLS", help_heading = "Steering")]
    pub(crate) max_calls: Option<u64>,
    /// How many accounts the walk takes [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_CAST), help_heading = "Steering")]
    pub(crate) cast: Option<u64>,
    /// The most steps to a situation of the walk [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=i64::from(MOST_DEPTH)), help_heading = "Steering")]
    pub(crate) depth: Option<u8>,
    /// Stop after so many distinct findings
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Steering")]
    pub(crate) max_findings: Option<u64>,
    /// Run only every N-th scenario of each phase, from the I-th on; `merge` puts the N reports together
    #[arg(long, value_name = "I/N", value_parser = value::shard, help_heading = "Steering")]
    pub(crate) shard: Option<Shard>,
    /// Which differences in errors count: kind, status or message [default: status]
    #[arg(long, value_name = "LEVEL", value_parser = value::strictness, help_heading = "Steering")]
    pub(crate) strictness: Option<Strictness>,
    /// Hold the target to these answers to the open questions, as --learn wrote them; the embedded server gives them
    #[arg(long, value_name = "FILE", help_heading = "Steering")]
    pub(crate) answers: Option<PathBuf>,
    /// Write all calls and answers there, for `passmuster check`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) record: Option<PathBuf>,
    /// Write how the target answers the open questions
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) learn: Option<PathBuf>,
    /// List what would be run, and stop
    #[arg(long, help_heading = "Steering")]
    pub(crate) list: bool,
    /// The most malformed requests: the catalogue, and random compositions as long as there is time. Without it, the
    /// catalogue and a few hundred compositions.
    #[arg(skip)]
    pub(crate) malformed: Option<u64>,
    /// The reviewed divergences.
    #[command(flatten)]
    pub(crate) baseline: BaselineArgs,
    /// What to write.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `merge`: the report of a run from those of its shards.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct MergeArgs {
    /// The report of each shard, as `run --shard I/N --report json=FILE` wrote it
    #[arg(required = true, value_name = "SHARD.json")]
    pub(crate) shards: Vec<PathBuf>,
    /// The reviewed divergences.
    #[command(flatten)]
    pub(crate) baseline: BaselineArgs,
    /// What to write.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `serve`: be the reference implementation over HTTP.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ServeArgs {
    /// The port; 0 takes any that is free
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    pub(crate) port: u16,
    /// Switch on a fault
    #[arg(long = "fault", value_name = "ID", value_parser = value::any_fault)]
    pub(crate) faults: Vec<AnyFault>,
    /// List the faults and what they violate, and stop
    #[arg(long)]
    pub(crate) list_faults: bool,
    /// Which admissible answers to give to the open questions
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// What to answer to malformed requests: smithy, as generated servers do, aws, as the service does, or union,
    /// what both worlds admit
    #[arg(long, value_name = "PROFILE", default_value_t)]
    pub(crate) profile: Profile,
    /// Refuse requests with wrong signatures; access key ids are account ids
    #[arg(long)]
    pub(crate) verify_signatures: bool,
    /// The secret key of every account
    #[arg(
        long,
        value_name = "KEY",
        default_value = "test",
        requires = "verify_signatures",
        hide_default_value = true
    )]
    pub(crate) secret_key: String,
    /// The seed of the ids that are handed out
    #[arg(long, value_name = "N", default_value_t = 1)]
    pub(crate) seed: u64,
    /// Wait so long before each answer, such as 20ms
    #[arg(long, value_name = "TIME", value_parser = value::duration)]
    pub(crate) latency: Option<Duration>,
}

/// `replay`: run saved scenarios or recorded divergences again.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Scenario files, JSON reports, or ids of divergences
    #[arg(required = true, value_name = "FILE|ID")]
    pub(crate) scenarios: Vec<String>,
    /// Which target.
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// How this implementation answers the open questions
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// Which differences in errors count: kind, status or message [default: status]
    #[arg(long, value_name = "LEVEL", value_parser = value::strictness)]
    pub(crate) strictness: Option<Strictness>,
    /// Where the ids of divergences are looked up.
    #[command(flatten)]
    pub(crate) baseline: BaselineArgs,
    /// What to write.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// `check`: recorded conversations against the contract.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct CheckArgs {
    /// Traces: passmuster.trace/1, one call a line
    #[arg(required = true, value_name = "TRACE")]
    pub(crate) traces: Vec<PathBuf>,
    /// How to tell what was found: text or json
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: CheckFormat,
    /// Which differences in errors count: kind, status or message [default: status]
    #[arg(long, value_name = "LEVEL", value_parser = value::strictness)]
    pub(crate) strictness: Option<Strictness>,
    /// Hold the traces to these answers to the open questions, as `run --learn` wrote them
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// Suspicions fail, too
    #[arg(long)]
    pub(crate) strict: bool,
    /// Say nothing of what is admissible
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// How `check` tells what it found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum CheckFormat {
    /// For people.
    #[default]
    Text,
    /// For programs: `passmuster.check/1`.
    Json,
}

/// `review`: accept or reject pending divergences.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReviewArgs {
    /// The target whose divergences to review
    #[arg(long, value_name = "NAME", default_value = "embedded", env = "PASSMUSTER_TARGET")]
    pub(crate) target: String,
    /// The folder of the reviewed divergences [default: snapshots/targets/TARGET]
    #[arg(long, value_name = "DIR", env = "PASSMUSTER_BASELINE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Accept these pending divergences
    #[arg(long, value_name = "ID", value_delimiter = ',', requires = "reason")]
    pub(crate) accept: Vec<String>,
    /// Why they are accepted
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
    /// Throw these pending divergences away
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(crate) reject: Vec<String>,
    /// List what is pending and what is accepted
    #[arg(long)]
    pub(crate) list: bool,
}

/// `rules`: list the rules with grade and sources.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RulesArgs {
    /// What to list: operations, families, cross, wire, or ids by how they begin [default: everything]
    #[arg(value_name = "FILTER", value_parser = Scope::parse)]
    pub(crate) scopes: Vec<Scope>,
    /// Only rules of this grade: documented, observed, inferred or unknown
    #[arg(long, value_name = "GRADE", value_parser = value::grade)]
    pub(crate) grade: Option<Grade>,
    /// Show how each rule fared in this JSON report
    #[arg(long, value_name = "REPORT", conflicts_with = "open")]
    pub(crate) coverage: Option<PathBuf>,
    /// List the open questions instead
    #[arg(long)]
    pub(crate) open: bool,
    /// How to write it
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub(crate) format: Listing,
}

/// How a listing is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Listing {
    /// For a terminal.
    #[default]
    Text,
    /// For programs, rules and open questions together, schema passmuster.rules/1.
    Json,
}

/// `corpus`: the requests that fuzzing begins with.
#[derive(Clone, Debug, Subcommand)]
pub(crate) enum CorpusAction {
    /// Write requests, bodies and a dictionary for AFL++, libFuzzer, Atheris and Jazzer
    Export {
        /// The folder: a new one, an empty one, or one that was written so before
        #[arg(value_name = "DIR")]
        dir: PathBuf,
    },
}

/// `explain`: one rule, divergence, open question or lint.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ExplainArgs {
    /// SH-CREATE-005, D-1a2b3c4d, Q12, L05, D60, I03 or M145, say
    pub(crate) id: String,
    /// The JSON report in which to look a divergence up
    #[arg(long, value_name = "REPORT")]
    pub(crate) from: Option<PathBuf>,
}

/// `report`: render a recorded run into other formats.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct ReportArgs {
    /// A report in JSON, as `run --report json=FILE` writes it
    pub(crate) file: PathBuf,
    /// What to write; the summary for people when nothing is named
    #[arg(long = "report", value_name = "FORMAT[=PATH]", value_parser = value::report_to)]
    pub(crate) reports: Vec<ReportTo>,
    /// Say nothing but the verdict
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

/// `answers`: how a target answers the open questions, or where two differ.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct AnswersArgs {
    /// A file that `run --learn FILE` wrote, or lines such as Q01 = "bad-request"
    pub(crate) file: PathBuf,
    /// Another one, to compare with
    pub(crate) other: Option<PathBuf>,
    /// How to show it: text or json [default: text]
    #[arg(long, value_name = "FORMAT", value_parser = ["text", "json"])]
    pub(crate) format: Option<String>,
}

/// `power`: how well the faults of the reference server are found.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct PowerArgs {
    /// Measure this fault; `serve --list-faults` lists them [default: all]
    #[arg(long = "fault", value_name = "ID", value_parser = value::fault)]
    pub(crate) faults: Vec<Fault>,
    /// And so many pairs of the faults
    #[arg(long, value_name = "N", default_value_t = 100)]
    pub(crate) pairs: usize,
    /// The seed of every run, and of the choice of pairs
    #[arg(long, value_name = "N", env = "PASSMUSTER_SEED")]
    pub(crate) seed: Option<u64>,
    /// Stop each run after so many calls [default: 130000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), env = "PASSMUSTER_MAX_CALLS")]
    pub(crate) max_calls: Option<u64>,
    /// How many runs go on at once [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=256), env = "PASSMUSTER_WORKERS")]
    pub(crate) workers: Option<u16>,
    /// The phases of every run, as `run` takes them [default: all]
    #[arg(long, value_name = "PHASE,…", value_delimiter = ',', hide_possible_values = true)]
    pub(crate) phases: Vec<PhaseName>,
    /// How to tell what was found: text or json
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t, hide_possible_values = true)]
    pub(crate) format: CheckFormat,
    /// Don't say that it gets on
    #[arg(long, short)]
    pub(crate) quiet: bool,
}
