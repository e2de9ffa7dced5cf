//! `demo`: a run against the reference server with a few faults, for those who want to see what a run finds.

use std::io::Write;
use std::time::Instant;

use clap::Args;

use super::args::OutputArgs;
use super::open_target::{AnySupply, OpenTarget};
use super::report::{check_reports, summarise, write_reports};
use super::run::{failed, opening};
use super::target::TargetArgs;
use super::{CliError, Environment, ExitCode};
use passmuster::baseline::{Ending, exit_code};
use passmuster::domain::Profile;
use passmuster::engine::{Interrupt, Phase, Run, RunSettings, diagnose_within};
use passmuster::event::Event;
use passmuster::record::{CauseRecord, RunRecord};
use passmuster::report::terminal::Progress;
use passmuster::server::{Answers, AnyFault, Fault};

/// The faults that are switched on: a call that should fail, a list that shows too much, and a status that is another.
/// None of them hides another.
const FAULTS: [&str; 3] = ["create-again", "list-true-as-false", "leave-as-removed"];

/// The phases that find them, without the search for every state, which takes longer than all the rest.
const PHASES: [Phase; 4] = [Phase::Probe, Phase::Boundary, Phase::Laws, Phase::Random];

/// The calls that are planned: some seconds, even where nothing is optimized.
const CALLS: u64 = 2_000;

/// `demo`: what a run finds, shown on the reference server with three faults.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct DemoArgs {
    /// The reports.
    #[command(flatten)]
    pub(crate) output: OutputArgs,
}

/// Does `demo`. The report goes to `out`, progress to `chat`.
///
/// # Errors
///
/// When the run can't begin, or its results can't be written.
pub(crate) async fn demo(
    args: &DemoArgs,
    environment: &Environment,
    interrupt: &Interrupt,
    out: &mut dyn Write,
    chat: &mut (dyn Write + Send),
) -> Result<ExitCode, CliError> {
    check_reports(&args.output.reports)?;
    let faults: Result<Vec<Fault>, _> = FAULTS.iter().map(|name| Fault::from_name(name)).collect();
    let faults = faults.map_err(|unknown| CliError::internal(unknown.to_string()))?;
    let target =
        TargetArgs { faults: faults.iter().copied().map(AnyFault::Behaviour).collect(), ..TargetArgs::default() };
    let session = OpenTarget::open(&target, Answers::default(), 1, Profile::default(), environment).await?;
    let AnySupply::Embedded(supply) = &session.supply else {
        return Err(CliError::internal("the embedded server was not opened"));
    };
    let settings = RunSettings { phases: PHASES.to_vec(), max_calls: CALLS, ..session.settings(&target)? };
    let mut progress =
        Progress::new(&mut *chat, environment.progress(args.output.quiet), environment.error.style());
    let faults_on = format!("{}; faults: {}", opening(&settings, &session.description), FAULTS.join(", "));
    let _ = progress.say(&faults_on);
    let began = Instant::now();
    let tell = |event: Event| {
        // A closed terminal is no reason to stop.
        let _ = progress.on(&event, began.elapsed());
    };
    let finished = Run::start(supply.clone(), settings.clone(), interrupt, tell).await;
    let _ = progress.finish();
    let run = finished.map_err(|error| failed(&error, None))?;
    let mut record = run.record(&settings, &session.description);
    diagnose_within(&mut record, settings.time_for_causes(began.elapsed()));
    record.exit_code = exit_code(&record, false);
    summarise(&record, &args.output, environment, out, chat)?;
    write_reports(&record, None, &args.output.reports, out)?;
    let (text, ending) = conclusion(&record, &faults);
    // Whoever wants nothing but the verdict, or a report for programs, gets nothing but that.
    if !args.output.quiet && args.output.reports.iter().all(|asked| asked.path.is_some()) {
        out.write_all(text.as_bytes()).map_err(CliError::unwritable)?;
    }
    Ok(ExitCode::Run(ending))
}

/// The name of each fault's cause, what to do next, and how that ends.
fn conclusion(record: &RunRecord, faults: &[Fault]) -> (String, Ending) {
    let named: Vec<(&Fault, &CauseRecord)> =
        faults.iter().filter_map(|fault| Some((fault, cause_of(record, *fault)?))).collect();
    let ending = match Ending::from_code(record.exit_code) {
        // It was to show them, and has.
        Some(Ending::NewDivergence) if named.len() == faults.len() => Ending::Clean,
        Some(Ending::Clean) | None => Ending::NoVerdict,
        Some(other) => other,
    };
    let as_wanted =
        if ending == Ending::Clean { ": as it should be, and so the demo ends with exit code 0" } else { "" };
    let mut text = format!("\ndemo: {} of {} faults are named by a cause{as_wanted}\n", named.len(), faults.len());
    for (fault, cause) in &named {
        text.push_str(&format!("      {:<19} {}\n", fault.name(), cause.id));
    }
    if let Some((_, cause)) = named.first() {
        let id = &cause.id;
        text.push_str(&format!(
            "next: passmuster demo --report json=demo.json\n      \
             passmuster explain {id} --from demo.json\n      \
             passmuster report demo.json --issue {id}\n      \
             passmuster run --endpoint URL        # your own server; what is new ends with exit code 1\n"
        ));
    }
    (text, ending)
}

/// The cause that names a fault: by the change itself, or by its rule.
fn cause_of(record: &RunRecord, fault: Fault) -> Option<&CauseRecord> {
    let change = format!("fault {fault}");
    let by_change = record.causes.iter().find(|cause| cause.change.parts.contains(&change));
    by_change.or_else(|| record.causes.iter().find(|cause| cause.rules.iter().any(|rule| rule == fault.rule().0)))
}
