//! Runs a saved scenario again, as it is: nothing is shrunk or looked into.

use std::sync::Arc;

use super::accounts::AccountUse;
use super::erased::{Boxed, ErasedSupply};
use super::executor::Executor;
use super::phase::probe;
use super::run::RunError;
use super::settings::RunSettings;
use super::supply::Supply;
use super::symbols::SymbolicNames;
use crate::generate::{principal_name, step_request};
use crate::record::StepRecord;
use passmuster_contract::domain::{Divergence, Scenario};

/// One step of a scenario that was run again.
#[derive(Clone, Debug, PartialEq)]
pub struct ReplayedStep {
    /// The calls and their answers, accounts by name.
    pub step: StepRecord,
    /// The divergences in it.
    pub divergences: Vec<Divergence>,
    /// Why it could not be judged.
    pub inconclusive: Option<String>,
}

/// Runs a scenario against a target.
///
/// # Errors
///
/// When the target can't be reached, or can't be made ready.
pub fn replay<'a, S: Supply>(
    supply: &Arc<S>,
    settings: &'a RunSettings,
    scenario: &'a Scenario,
) -> impl Future<Output = Result<Vec<ReplayedStep>, RunError>> + Send + use<'a, S> {
    boxed(ErasedSupply::new(supply.clone()), settings, scenario)
}

fn boxed<'a>(
    supply: ErasedSupply,
    settings: &'a RunSettings,
    scenario: &'a Scenario,
) -> Boxed<'a, Result<Vec<ReplayedStep>, RunError>> {
    Box::pin(replay_on(supply, settings, scenario))
}

async fn replay_on(
    supply: ErasedSupply,
    settings: &RunSettings,
    scenario: &Scenario,
) -> Result<Vec<ReplayedStep>, RunError> {
    supply.prepare().await.map_err(RunError::Reset)?;
    let probed = probe(&supply.open(), settings).await?;
    supply.prepare().await.map_err(RunError::Reset)?;
    let naming = probed.accounts.naming(AccountUse::Probe, 1);
    let sut = supply.open();
    let executor = Executor::new(&sut, &probed.support, settings, naming.clone());
    let execution = executor.scenario(scenario).await;
    let unfinished = execution.steps.len() < scenario.transitions.len();
    let cut_short = execution.found.is_empty() && (unfinished || !execution.tally.inconclusive.is_empty());
    let mut names = SymbolicNames::new(execution.names(naming));
    let mut steps = Vec::new();
    for (index, step) in execution.steps.iter().enumerate() {
        let (response, inconclusive) = match &step.answer {
            // What ended the scenario without diverging could not be judged, or nothing after it could.
            Ok(outcome) if index + 1 == execution.steps.len() && cut_short => {
                (outcome.summary(), execution.ended.clone())
            }
            Ok(outcome) => (outcome.summary(), None),
            Err(reason) => (String::new(), Some(reason.clone())),
        };
        let found = execution.found.iter().filter(|found| found.steps == index + 1);
        steps.push(ReplayedStep {
            step: StepRecord {
                principal: principal_name(step.transition.caller),
                region: super::curl::region_name(step.transition.region),
                operation: step.transition.request.operation.name().to_owned(),
                request: step_request(&step.transition),
                response: names.symbolic(&response),
            },
            divergences: found.map(|found| found.divergence.clone()).collect(),
            inconclusive,
        });
    }
    Ok(steps)
}
