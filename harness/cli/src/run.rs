//! `run`: tests a target against the contract. Only what concerns the command line is here; the engine does the rest.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::Args;

use super::args::{BaselineArgs, OutputArgs, SteeringArgs};
use super::cast::CALLS_WITH_CAST;
use super::conclude::Asked;
use super::config::ConfigArgs;
use super::events::Events;
use super::files::{answer_sheet, check_place, write_file};
use super::open_target::{AnySupply, OpenTarget, settings_for};
use super::recorder::Recorder;
use super::report::check_reports;
use super::target::TargetArgs;
use super::{CliError, Environment, ExitCode, shard, value};
use passmuster::baseline::{Baseline, Ending};
use passmuster::domain::Profile;
use passmuster::engine::{
    AnswerSheet, Description, Interrupt, KnownDivergence, Phase, ProbeError, Run, RunError, RunSelection,
    RunSettings, Shard, Supply,
};
use passmuster::event::Event;
use passmuster::generate::{MOST_CAST, MOST_DEPTH, extract_scenario, parse_scenario};
use passmuster::oracle::Strictness;
use passmuster::record::{RunRecord, ShardRecord, Stopped};
use passmuster::report::terminal::Progress;
use passmuster::server::Answers;
use passmuster::targets::TransportError;

/// `run`: test a target against the contract.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct RunArgs {
    /// The target.
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    #[arg(long, value_name = "PHASE,…", value_delimiter = ',', value_parser = value::phase, help_heading = "Steering", help = value::help_on_phases())]
    pub(crate) phases: Vec<Phase>,
    /// The options that steer it and stop it.
    #[command(flatten)]
    pub(crate) steering: SteeringArgs,
    /// Plan this many calls, an eighth more at most; what is found takes others besides, to be seen again and made small [default: 10000; 130000 in process; 2000 with allowed accounts]
    #[arg(long, value_name = "N", env = "PASSMUSTER_MAX_CALLS", help_heading = "Steering")]
    pub(crate) max_calls: Option<u64>,
    /// The number of accounts that the walk takes [default: 3]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..=MOST_CAST), help_heading = "Steering")]
    pub(crate) cast: Option<u64>,
    /// The most steps to an abstract state of the walk [default: 10]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=i64::from(MOST_DEPTH)), help_heading = "Steering")]
    pub(crate) depth: Option<u8>,
    /// Stop after this many distinct findings
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = "Steering")]
    pub(crate) max_findings: Option<u64>,
    /// Run only every N-th scenario of each phase, from the I-th on; `merge` puts the N reports together
    #[arg(long, value_name = "I/N", value_parser = value::shard, help_heading = "Steering")]
    pub(crate) shard: Option<Shard>,
    #[arg(long, value_name = "LEVEL", value_parser = value::strictness, help_heading = "Steering", help = value::help_on_strictness())]
    pub(crate) strictness: Option<Strictness>,
    /// Hold the target to these answers to the open questions, as --learn wrote them; the embedded server gives them
    #[arg(long, value_name = "FILE", help_heading = "Steering")]
    pub(crate) answers: Option<PathBuf>,
    /// Write all calls and answers to this file, for `passmuster check`
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) record: Option<PathBuf>,
    /// Write how the target answers the open questions
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) learn: Option<PathBuf>,
    /// List what would be run, and stop
    #[arg(long, help_heading = "Steering")]
    pub(crate) list: bool,
    /// Tell what would be done to allowed accounts, having read whose they are and that they are empty, and stop
    #[arg(long, requires = "allow_accounts", help_heading = "Steering")]
    pub(crate) dry_run: bool,
    /// Whether nothing at all was asked for: somebody may be here for the first time.
    #[arg(skip)]
    pub(crate) bare: bool,
    /// The most malformed requests: the catalogue, and random compositions as long as there is time. Without it, the
    /// catalogue and a few hundred compositions.
    #[arg(skip)]
    pub(crate) malformed: Option<u64>,
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

/// Does `run`. What was asked for goes to `out`, the rest to `chat`.
///
/// # Errors
///
/// When the run can't begin, or its results can't be written.
pub(crate) async fn run(
    args: &RunArgs,
    environment: &Environment,
    interrupt: &Interrupt,
    out: &mut dyn Write,
    chat: &mut (dyn Write + Send),
) -> Result<ExitCode, CliError> {
    check_reports(&args.output.reports)?;
    check_cast(args)?;
    let seed = args.steering.seed.unwrap_or(1);
    let profile = args.steering.profile.unwrap_or_default();
    args.learn.as_deref().map_or(Ok(()), check_place)?;
    let sheet = args.answers.as_deref().map(answer_sheet).transpose()?;
    let (answers, vague) = sheet.unwrap_or_default().answers();
    let began = Instant::now();
    let opened = open_in_time(args, answers.clone(), seed, profile, environment, interrupt).await?;
    let mut session = match opened {
        Ok(session) => session,
        Err(why) => return unopened(args, why, environment, out, chat),
    };
    let mut settings = settings(args, session.settings(&args.target)?, session.is_in_process());
    settings.max_time = settings.max_time.saturating_sub(began.elapsed());
    settings.nonce = session.nonce(args.steering.nonce);
    settings.answers = answers.into();
    let baseline = reviewed(args, &session.description)?;
    if let Some(told) = told_before(args, &mut session, &settings, out, chat).await {
        return told;
    }

    settings.known = known_divergences(&baseline);
    let mut progress =
        Progress::new(&mut *chat, environment.progress(args.output.quiet), environment.error.style());
    let _ = progress.say(&opening(&settings, &session.description));
    let known = known(&baseline, &settings, &session.description);
    let mut recorder =
        args.record.as_deref().map(|path| Recorder::create(path, &session.description)).transpose()?;
    let mut events = Events::create(&args.output.reports, seed, &session.description)?;
    settings.record = recorder.is_some();
    let tell = |event: Event| {
        if let (Some(recorder), Event::Recorded(conversation)) = (&mut recorder, &event) {
            recorder.write(conversation);
        }
        events.iter_mut().for_each(|events| events.write(&event, began.elapsed()));
        if matches!(&event, Event::Found { id, .. } if known.contains(id)) {
            return;
        }
        // A closed terminal is no reason to stop: the reports are still wanted.
        let _ = progress.on(&event, began.elapsed());
    };
    let finished = session.explain(start_on(&session.supply, &settings, interrupt, tell).await).await;
    let _ = progress.finish();
    let restored = session.restore().await;
    let last_output = session.last_output();
    session.ask_to_end();
    let asked = |run: &Run, events| asked_of(args, environment, &settings, run, events);
    let record = |run: &Run| record_of(args, run, &settings, &session.description);
    let concluded = finished.map_err(|error| {
        let run = Run::ended_before(Stopped::target_lost(&error.to_string()));
        let told = || asked(&run, events.take()).report(&without_verdict(record(&run)), out);
        unanswered(failed(&error, last_output.as_deref()), told)
    });
    let concluded = concluded.and_then(|mut run| {
        run.remarks.extend(vague);
        let output = last_output.filter(|_| run.unreachable);
        run.remarks.extend(output.map(|output| format!("the target's last output: {output}")));
        let code = asked(&run, events).conclude(record(&run), &baseline, out, chat);
        // One file that can't be written is no reason to leave out another.
        let recorded = recorder.map_or(Ok(()), Recorder::finish);
        let learn = |path: &PathBuf| write_file(path, &AnswerSheet::of(&run).write(&session.description));
        let learnt = args.learn.as_ref().map_or(Ok(()), learn);
        code.and_then(|code| recorded.and(learnt).map(|()| code))
    });
    session.close().await;
    let code = concluded.and_then(|code| restored.map(|()| code))?;
    point_to_demo(args, code, out)?;
    Ok(code)
}

/// The record of a run that could tell nothing.
fn without_verdict(record: RunRecord) -> RunRecord {
    RunRecord { exit_code: Ending::NoVerdict.code(), ..record }
}

/// The failure of a run that got no answer. Reports are waited for all the same: an old one must not stand for this run.
fn unanswered(failure: CliError, told: impl FnOnce() -> Result<(), CliError>) -> CliError {
    if failure.code() != ExitCode::Run(Ending::NoVerdict) {
        return failure;
    }
    told().err().unwrap_or(failure)
}

/// What is to be done with the record of a run.
fn asked_of<'a>(
    args: &'a RunArgs,
    environment: &'a Environment,
    settings: &RunSettings,
    run: &Run,
    events: Option<Events>,
) -> Asked<'a> {
    let spent = Duration::try_from_secs_f64(run.seconds).unwrap_or_default();
    let time_for_causes = Some(settings.time_for_causes(spent));
    Asked { baseline: &args.baseline, output: &args.output, environment, events, time_for_causes }
}

/// The ids of what a run that begins now need not tell again.
fn known(baseline: &Baseline, settings: &RunSettings, description: &Description) -> BTreeSet<String> {
    baseline.in_force(&Run::ended_before(Stopped::because("not begun")).record(settings, description))
}

/// The reviewed divergences of the target.
fn reviewed(args: &RunArgs, description: &Description) -> Result<Baseline, CliError> {
    let folder = args.baseline.folder(&description.target);
    Baseline::load(&folder).map_err(|error| CliError::from_message(&error.to_string()))
}

/// The reviewed divergences that a scenario shows.
fn known_divergences(baseline: &Baseline) -> Arc<[KnownDivergence]> {
    let known = baseline.reviewed().filter(|reviewed| reviewed.has_scenario()).filter_map(|reviewed| {
        let scenario = parse_scenario(&extract_scenario(&reviewed.body)?).ok()?;
        Some(KnownDivergence { fingerprint: reviewed.fingerprint.clone(), scenario })
    });
    known.collect()
}

/// Refuses what would reach beyond allowed accounts, or use them twice at once.
fn check_cast(args: &RunArgs) -> Result<(), CliError> {
    let refused = |what: &str, why: &str| {
        Err(CliError::usage(format!("{what} can't be had with --allow-accounts: {why}"), "leave out one of both"))
    };
    if args.target.allow_accounts.is_empty() {
        return Ok(());
    }
    if args.phases.contains(&Phase::Malformed) {
        return refused("the phase malformed", "nobody can tell what a malformed request does");
    }
    if args.shard.is_some() {
        return refused("--shard", "the shards would use the same accounts at once");
    }
    Ok(())
}

/// Opens the target, or says what came first.
async fn open_in_time(
    args: &RunArgs,
    answers: Answers,
    seed: u64,
    profile: Profile,
    environment: &Environment,
    interrupt: &Interrupt,
) -> Result<Result<OpenTarget, Stopped>, CliError> {
    tokio::select! {
        biased;
        opened = OpenTarget::open(&args.target, answers, seed, profile, environment) => opened.map(Ok),
        () = interrupt.raised() => Ok(Err(Stopped::interrupted())),
        () = tokio::time::sleep(most_time(args)) => {
            Ok(Err(Stopped::because("the time ran out before the target was ready")))
        }
    }
}

/// Names the demo at the end of a first run, which finds nothing.
fn point_to_demo(args: &RunArgs, code: ExitCode, out: &mut dyn Write) -> Result<(), CliError> {
    if !args.bare || code != ExitCode::SUCCESS {
        return Ok(());
    }
    let hint = b"nothing to see here? `passmuster demo` shows what a run finds\n";
    out.write_all(hint).map_err(CliError::unwritable)
}

/// The end of a run whose target did not get ready.
fn unopened(
    args: &RunArgs,
    why: Stopped,
    environment: &Environment,
    out: &mut dyn Write,
    chat: &mut (dyn Write + Send),
) -> Result<ExitCode, CliError> {
    let (target, description) = OpenTarget::unreached(&args.target)?;
    let settings = settings(args, settings_for(&target, &args.target)?, false);
    let baseline = reviewed(args, &description)?;
    let run = Run::ended_before(why);
    let (baseline_args, output) = (&args.baseline, &args.output);
    let asked = Asked { baseline: baseline_args, output, environment, events: None, time_for_causes: None };
    asked.conclude(record_of(args, &run, &settings, &description), &baseline, out, chat)
}

/// What a run found out as data, with what `merge` needs where it is a shard.
fn record_of(args: &RunArgs, run: &Run, settings: &RunSettings, description: &Description) -> RunRecord {
    let mut record = run.record(settings, description);
    if args.shard.is_some() {
        let flags = shard::flags(args, settings);
        record.keep_shard(ShardRecord { flags, ..run.shard(settings, description) });
    }
    record
}

/// The first line of a run: what is tested, and with what budget.
pub(super) fn opening(settings: &RunSettings, description: &Description) -> String {
    let explores = settings.phases.iter().any(|phase| !matches!(phase, Phase::Probe | Phase::Malformed));
    let budget = match (explores, settings.malformed) {
        (true, _) => format!("{} calls planned", settings.max_calls),
        (false, Some(most)) if most < u64::MAX => format!("{most} malformed requests"),
        (false, _) => "malformed requests".to_owned(),
    };
    let nonce = if settings.nonce == 0 { String::new() } else { format!(", nonce {}", settings.nonce) };
    format!(
        "passmuster {} tests {} ({}): {budget}, {} s at most, seed {}{nonce}",
        env!("CARGO_PKG_VERSION"),
        description.target,
        description.endpoint,
        settings.max_time.as_secs(),
        settings.seed,
    )
}

/// The calls planned in process, where they cost next to nothing: enough to walk everything.
pub(super) const CALLS_IN_PROCESS: u64 = 130_000;

/// Malformed requests that no number bounds are sent for so long: there is always another composition.
const MALFORMED_TIME: Duration = Duration::from_secs(60);

/// Tells what would be run, or what will be done to whose accounts; the end of the command where that is all.
async fn told_before(
    args: &RunArgs,
    session: &mut OpenTarget,
    settings: &RunSettings,
    out: &mut dyn Write,
    chat: &mut (dyn Write + Send),
) -> Option<Result<ExitCode, CliError>> {
    let told = if args.list {
        list(settings, out)
    } else {
        let planned = session.plan(&args.target, settings, args.dry_run, chat);
        planned.map(|()| ExitCode::SUCCESS)
    };
    if told.is_ok() && !args.list && !args.dry_run {
        return None;
    }
    session.close().await;
    Some(told)
}

async fn start_on(
    supply: &AnySupply,
    settings: &RunSettings,
    interrupt: &Interrupt,
    tell: impl FnMut(Event) + Send,
) -> Result<Run, RunError> {
    match supply {
        AnySupply::Embedded(supply) => start(supply, settings, interrupt, tell).await,
        AnySupply::Http(supply) => start(supply, settings, interrupt, tell).await,
    }
}

async fn start<S: Supply>(
    supply: &Arc<S>,
    settings: &RunSettings,
    interrupt: &Interrupt,
    tell: impl FnMut(Event) + Send,
) -> Result<Run, RunError> {
    Run::start(supply.clone(), settings.clone(), interrupt, tell).await
}

/// The time that a run may take from its beginning on, the start of its target included.
fn most_time(args: &RunArgs) -> Duration {
    let phases = value::phases_or_default(&args.phases);
    let endless = phases.contains(&Phase::Malformed) && args.malformed.is_none_or(|most| most == u64::MAX);
    let usual = if endless { MALFORMED_TIME } else { RunSettings::default().max_time };
    args.steering.max_time.unwrap_or(usual)
}

/// The settings of a target, as the command line changes them.
fn settings(args: &RunArgs, mut settings: RunSettings, is_in_process: bool) -> RunSettings {
    settings.seed = args.steering.seed.unwrap_or(1);
    settings.profile = args.steering.profile.unwrap_or_default();
    settings.phases = value::phases_or_default(&args.phases);
    settings.selection = RunSelection { only: args.steering.only.clone(), skip: args.steering.skip.clone() };
    settings.max_time = most_time(args);
    if let Some(calls) = args.max_calls {
        settings.max_calls = calls;
    } else if is_in_process {
        settings.max_calls = CALLS_IN_PROCESS;
    } else if settings.cast.is_some() {
        settings.max_calls = CALLS_WITH_CAST;
    }
    if let Some(findings) = args.max_findings {
        settings.max_findings = usize::try_from(findings).unwrap_or(usize::MAX);
    }
    settings.malformed = args.malformed;
    if let Some(workers) = args.steering.workers {
        settings.workers = workers.into();
    }
    if let Some(cast) = args.cast {
        settings.walk_cast = cast;
    }
    if let Some(depth) = args.depth {
        settings.walk_depth = depth;
    }
    if let Some(strictness) = args.strictness {
        settings.strictness = strictness;
    }
    if let Some(shard) = args.shard {
        settings.shard = shard;
    }
    settings
}

fn list(settings: &RunSettings, out: &mut dyn Write) -> Result<ExitCode, CliError> {
    let operations = &settings.generate.operations;
    let ways =
        passmuster::generate::Ways::get().within(operations, settings.generate.cast, settings.generate.regions);
    let mut text = String::new();
    for phase in &settings.phases {
        text.push_str(match phase {
            Phase::Probe => "probe   one well-formed call of each of the 30 operations\n",
            Phase::Boundary => "boundary each constraint of each input on either side of its edge\n",
            Phase::Walk => "walk    every situation that the model can reach, the most valuable first\n",
            Phase::Laws => "laws    pairs of runs that may not differ, such as a batch in another order\n",
            Phase::Malformed => "malformed every class of malformed requests on every operation that it fits\n",
            Phase::Random => "random  scenarios of these operations, and the shortest way to each rule:\n",
        });
    }
    for operation in operations {
        text.push_str(&format!("        {operation}\n"));
    }
    text.push_str(&format!("        {} shortest ways, at most {} calls\n", ways.len(), settings.max_calls));
    out.write_all(text.as_bytes()).map_err(CliError::unwritable)?;
    Ok(ExitCode::SUCCESS)
}

/// Why a run could not begin, and with which exit code that ends.
pub(super) fn failed(error: &RunError, last_output: Option<&str>) -> CliError {
    let text = match last_output {
        Some(output) => format!("{error}\nthe target's last output:\n{output}"),
        None => error.to_string(),
    };
    let usage = CliError::from_message(&text);
    match error {
        RunError::Probe(ProbeError::Unreachable(TransportError::Refused(_))) | RunError::Reset(_) => usage,
        RunError::Probe(ProbeError::Unreachable(_) | ProbeError::Credentials(_)) => {
            usage.with_code(Ending::NoVerdict)
        }
        RunError::Probe(
            ProbeError::Used | ProbeError::NotEmpty(_) | ProbeError::OneAccount(_) | ProbeError::NotGiven(_),
        ) => usage,
    }
}
