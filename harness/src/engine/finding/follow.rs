//! Follows all leads of a run, the ones that matter first.

use tokio::time::Instant;

use super::super::context::RunContext;
use super::super::ending::Stop;
use super::super::interrupt::Interrupt;
use super::super::supply::Supply;
use super::confirmed::{ConfirmedFinding, Followed, is_worth_it};
use super::investigate::Investigator;
use super::lead::Lead;
use crate::event::Event;
use crate::record::StopCause;
use passmuster_contract::catalogue::sentence;
use passmuster_contract::domain::Fingerprint;

/// The results of all leads.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct FollowedLeads {
    /// Each lead, in the order in which they were looked into.
    pub(in crate::engine) followed: Vec<Followed>,
    /// Those that were seen again, each cause once.
    pub(in crate::engine) confirmed: Vec<ConfirmedFinding>,
    /// Those that could not be confirmed, with the reason.
    pub(in crate::engine) unconfirmed: Vec<(Fingerprint, String)>,
    /// Calls that it took.
    pub(in crate::engine) calls: u64,
    /// Why some leads were not looked into.
    pub(in crate::engine) stops: Vec<Stop>,
}

/// When following leads ends before all are followed.
#[derive(Clone, Copy)]
pub(in crate::engine) struct Following<'a> {
    pub(in crate::engine) deadline: Instant,
    pub(in crate::engine) interrupt: &'a Interrupt,
    /// Whether the run was interrupted before.
    pub(in crate::engine) interrupted: bool,
}

impl Following<'_> {
    /// Looks into each lead.
    pub(in crate::engine) async fn follow<S: Supply>(
        mut self,
        context: &RunContext<S>,
        mut leads: Vec<Lead>,
        tell: &mut impl FnMut(Event),
    ) -> FollowedLeads {
        // A divergence that the contract leaves open is only recorded, so it comes last.
        leads.sort_by_key(|lead| std::cmp::Reverse(is_worth_it(&lead.found.divergence)));
        let mut findings = FollowedLeads::default();
        let mut investigator = Investigator::new(context, self.deadline);
        for lead in leads {
            if let Some(reason) = self.why_not(&investigator) {
                findings.add(lead, 0, Err(reason), tell);
                continue;
            }
            let before = investigator.calls;
            let looked = tokio::select! {
                looked = investigator.look_into(&lead) => looked,
                () = self.interrupt.raised() => {
                    self.interrupted = true;
                    findings.stops.push(Stop::Interrupted);
                    None
                }
            };
            let outcome = looked.ok_or_else(|| match (investigator.lost(), Instant::now() >= self.deadline) {
                (true, _) => StopCause::TargetLost.words(),
                (_, true) => "out of time",
                (false, false) if investigator.is_out_of_accounts() => OUT_OF_ACCOUNTS,
                (false, false) => "not seen again",
            });
            findings.add(lead, investigator.calls - before, outcome, tell);
        }
        if investigator.lost() && !self.interrupted {
            findings.stops.push(Stop::StillLost);
        }
        findings.calls = investigator.calls;
        findings
    }

    /// Why another lead is not looked into.
    fn why_not<S: Supply>(&self, investigator: &Investigator<'_, S>) -> Option<&'static str> {
        if self.interrupted {
            Some(StopCause::Interrupted.words())
        } else if investigator.lost() {
            Some(StopCause::TargetLost.words())
        } else if Instant::now() >= self.deadline {
            Some("out of time")
        } else {
            investigator.is_out_of_accounts().then_some(OUT_OF_ACCOUNTS)
        }
    }
}

const OUT_OF_ACCOUNTS: &str = "out of accounts";

impl FollowedLeads {
    /// Takes note of what became of a lead.
    fn add(
        &mut self,
        lead: Lead,
        took: u64,
        outcome: Result<ConfirmedFinding, &str>,
        tell: &mut impl FnMut(Event),
    ) {
        match &outcome {
            Ok(finding) => self.confirm(finding, tell),
            Err(reason) => {
                self.unconfirmed.push((lead.found.divergence.fingerprint(), (*reason).to_owned()));
            }
        }
        self.followed.push(Followed { lead, took, outcome: outcome.map_err(str::to_owned) });
    }

    fn confirm(&mut self, finding: &ConfirmedFinding, tell: &mut impl FnMut(Event)) {
        let cause = finding.cause();
        if let Some(known) = self.confirmed.iter_mut().find(|known| known.cause() == cause) {
            known.also.extend(finding.also.iter().cloned());
            return;
        }
        tell(Event::Found {
            id: finding.divergence.fingerprint().id(),
            severity: finding.divergence.severity(),
            summary: sentence(&finding.divergence),
        });
        self.confirmed.push(finding.clone());
    }
}
