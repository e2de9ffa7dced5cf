//! `replay`: runs saved scenarios again.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::args::baseline_folder;
use super::config::ConfigArgs;
use super::files::{answers, read};
use super::open_target::{AnySupply, OpenTarget};
use super::run::failed;
use super::target::TargetArgs;
use super::{CliError, Environment, ExitCode, value};
use passmuster::baseline::Ending;
use passmuster::domain::{Profile, Scenario, printable};
use passmuster::engine::{Interrupt, ReplayedStep, RunError, RunSettings, replay as run_again};
use passmuster::generate::{extract_scenario, parse_scenario};
use passmuster::oracle::Strictness;
use passmuster::report;

/// `replay`: run saved scenarios or recorded divergences again.
#[derive(Clone, Debug, Args)]
pub(crate) struct ReplayArgs {
    /// Scenario files, or ids of reviewed or pending divergences
    #[arg(required = true, value_name = "FILE|ID")]
    pub(crate) scenarios: Vec<String>,
    /// The target.
    #[command(flatten)]
    pub(crate) target: TargetArgs,
    /// Hold the target to these answers to the open questions
    #[arg(long, value_name = "FILE")]
    pub(crate) answers: Option<PathBuf>,
    /// The number that account ids depend on, to repeat a run's own [default: a new one each time; 0 in process]
    #[arg(long, value_name = "N", env = "PASSMUSTER_NONCE")]
    pub(crate) nonce: Option<u64>,
    #[arg(long, value_name = "LEVEL", value_parser = value::strictness, help = value::help_on_strictness())]
    pub(crate) strictness: Option<Strictness>,
    /// The recorded run (JSON) where ids of divergences are looked up, instead of snapshots
    #[arg(long, value_name = "REPORT", conflicts_with = "baseline")]
    pub(crate) from: Option<PathBuf>,
    /// The folder where ids of divergences are looked up [default: snapshots/targets/TARGET]
    #[arg(long, value_name = "DIR", env = "PASSMUSTER_BASELINE")]
    pub(crate) baseline: Option<PathBuf>,
    /// The configuration.
    #[command(flatten)]
    pub(crate) config: ConfigArgs,
}

/// Does `replay`.
///
/// # Errors
///
/// When a scenario can't be read, or the target can't be reached.
pub(crate) async fn replay(
    args: &ReplayArgs,
    environment: &Environment,
    interrupt: &Interrupt,
    out: &mut dyn Write,
    chat: &mut (dyn Write + Send),
) -> Result<ExitCode, CliError> {
    let answers = answers(args.answers.as_deref())?;
    let scenarios: Vec<(String, Scenario)> = args
        .scenarios
        .iter()
        .map(|name| Ok((name.clone(), load(name, args)?)))
        .collect::<Result<_, CliError>>()?;
    let mut session = tokio::select! {
        biased;
        opened = OpenTarget::open(&args.target, answers.clone(), 1, Profile::default(), environment) => opened?,
        () = interrupt.raised() => return Ok(ExitCode::Run(Ending::Interrupted)),
    };
    let mut settings = session.settings(&args.target)?;
    settings.nonce = session.nonce(args.nonce);
    settings.strictness = args.strictness.unwrap_or_default();
    settings.answers = answers.into();
    for (name, scenario) in &scenarios {
        let highest = scenario.transitions.iter().map(|transition| usize::from(transition.region.0) + 1).max();
        if highest.is_some_and(|highest| highest > settings.regions.len()) {
            session.close().await;
            let message = format!("{name} calls more Regions than the {} of this target", settings.regions.len());
            return Err(CliError::usage(message, "name more, one --region for each"));
        }
    }
    session.plan(&args.target, &settings, false, chat)?;
    let mut ending = Ending::Clean;
    for (name, scenario) in &scenarios {
        let steps = tokio::select! {
            biased;
            () = interrupt.raised() => {
                ending = Ending::Interrupted;
                break;
            }
            steps = again(&session, &settings, scenario) => steps,
        };
        let steps = match steps {
            Ok(steps) => steps,
            Err(error) => {
                let error = session.explain_error(error).await;
                let _ = session.restore().await;
                let last_output = session.last_output();
                session.close().await;
                return Err(failed(&error, last_output.as_deref()));
            }
        };
        let head = match settings.nonce {
            0 => name.clone(),
            nonce => format!("{name} (nonce {nonce})"),
        };
        show(&head, &steps, out).map_err(CliError::unwritable)?;
        if is_id(name) {
            writeln!(out, "{name}: {}", fate(name, &steps)).map_err(CliError::unwritable)?;
        }
        if steps.iter().any(|step| !step.divergences.is_empty()) {
            ending = Ending::NewDivergence;
        } else if ending == Ending::Clean && steps.iter().any(|step| step.inconclusive.is_some()) {
            ending = Ending::NoVerdict;
        }
        // The next scenario finds the accounts of this one used, and takes others.
        settings.seed = settings.seed.wrapping_add(1);
    }
    let restored = session.restore().await;
    session.close().await;
    restored.map(|()| ExitCode::Run(ending))
}

async fn again(
    session: &OpenTarget,
    settings: &RunSettings,
    scenario: &Scenario,
) -> Result<Vec<ReplayedStep>, RunError> {
    match &session.supply {
        AnySupply::Embedded(supply) => run_again(supply, settings, scenario).await,
        AnySupply::Http(supply) => run_again(supply, settings, scenario).await,
    }
}

/// Whether this is the id of a divergence.
fn is_id(name: &str) -> bool {
    name.strip_prefix("D-").is_some_and(|rest| rest.len() == 8 && rest.bytes().all(|b| b.is_ascii_hexdigit()))
}

/// What has become of a divergence, by the scenario that showed it.
fn fate(id: &str, steps: &[ReplayedStep]) -> String {
    let shown = |step: &ReplayedStep| -> Vec<String> {
        step.divergences.iter().map(|divergence| divergence.fingerprint().id()).collect()
    };
    let all: Vec<String> = steps.iter().flat_map(shown).collect();
    let others = all.join(", ");
    if all.iter().any(|shown| shown == id) {
        "still there".to_owned()
    } else if steps.last().is_some_and(|last| !last.divergences.is_empty()) {
        format!("changed: its last step shows {others} now")
    } else if !all.is_empty() {
        format!("hidden by {others}")
    } else if steps.iter().any(|step| step.inconclusive.is_some()) {
        "hidden: not every answer could be judged".to_owned()
    } else {
        "fixed".to_owned()
    }
}

/// The scenario of a divergence in a recorded run.
fn recorded(id: &str, path: &Path) -> Result<String, CliError> {
    let record = report::read(path).map_err(|error| CliError::from_message(&format!("failed to {error}")))?;
    let Some(found) = record.divergences.iter().find(|found| found.id == id) else {
        let message = format!("there is no divergence {id} in {}", path.display());
        return Err(CliError::usage(message, "`passmuster report FILE` lists those that it has"));
    };
    Ok(found.scenario.to_text())
}

/// A scenario out of a file, or out of the snapshot of a divergence named by its id.
fn load(name: &str, args: &ReplayArgs) -> Result<Scenario, CliError> {
    let path = Path::new(name);
    let id = is_id(name);
    let text = if let Some(report) = args.from.as_deref().filter(|_| id) {
        recorded(name, report)?
    } else if id && !path.exists() {
        let folder = baseline_folder(args.baseline.as_deref(), args.target.name());
        let candidates = [folder.join(format!("{name}.snap")), folder.join(format!("{name}.snap.new"))];
        let Some(found) = candidates.iter().find(|candidate| candidate.exists()) else {
            let message = format!("there is no divergence {name} in {}", folder.display());
            return Err(CliError::usage(
                message,
                "name its folder with --baseline DIR, the recorded run it is in with --from REPORT, or a file with the \
                 scenario",
            ));
        };
        read(found)?
    } else {
        read(path)?
    };
    let scenario = extract_scenario(&text).map_or_else(|| parse_scenario(&text), |part| parse_scenario(&part));
    scenario.map_err(|error| CliError::usage(format!("{name}: {error}"), "see the example in README.md"))
}

fn show(name: &str, steps: &[ReplayedStep], out: &mut dyn Write) -> std::io::Result<()> {
    writeln!(out, "{}", printable(name))?;
    for (index, replayed) in steps.iter().enumerate() {
        let step = &replayed.step;
        let region = step.region.as_ref().map_or_else(String::new, |region| format!("@{region}"));
        let mark = match (&replayed.inconclusive, replayed.divergences.is_empty()) {
            (Some(_), _) => "?",
            (None, true) => " ",
            (None, false) => "!",
        };
        let call = format!("{}{region} {} {}", step.principal, step.operation, step.request);
        writeln!(out, "{mark} {:>3}. {}", index + 1, printable(&call))?;
        if let Some(reason) = &replayed.inconclusive {
            writeln!(out, "       could not be judged: {}", printable(reason))?;
            continue;
        }
        writeln!(out, "       {}", printable(&step.response))?;
        for divergence in &replayed.divergences {
            let rules: Vec<&str> = divergence.rules.iter().map(|rule| rule.0).collect();
            writeln!(out, "       {} {}", divergence.fingerprint().id(), rules.join(", "))?;
            writeln!(out, "       expected {}", printable(&divergence.expected))?;
            writeln!(out, "       observed {}", printable(&divergence.observed))?;
        }
    }
    Ok(())
}
