//! Follows leads as they come up: each is looked into before more is planned, those that weigh nothing last.

use tokio::time::Instant;

use super::super::context::RunContext;
use super::super::ending::Stop;
use super::super::erased::Tell;
use super::super::interrupt::Interrupt;
use super::super::symbols::SymbolicNames;
use super::confirmed::{ConfirmedFinding, Followed, is_worth_it};
use super::investigate::Investigator;
use super::lead::Lead;
use super::record::said_of;
use crate::event::Event;
use crate::record::Uncertainty;
use passmuster_contract::domain::{Divergence, Fingerprint};

/// The results of all leads.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct FollowedLeads {
    /// Each lead, in the order in which they were looked into.
    pub(in crate::engine) followed: Vec<Followed>,
    /// Those that could be tried again, each cause once.
    pub(in crate::engine) confirmed: Vec<ConfirmedFinding>,
    /// Those that could not, with the reason.
    pub(in crate::engine) unconfirmed: Vec<(Fingerprint, Uncertainty)>,
    /// Calls that it took.
    pub(in crate::engine) calls: u64,
    /// Why some leads were not looked into.
    pub(in crate::engine) stops: Vec<Stop>,
}

/// Looks into leads, one after the other.
pub(in crate::engine) struct LeadFollower<'a> {
    investigator: Investigator,
    /// When following leads ends before all are followed.
    deadline: Instant,
    interrupt: &'a Interrupt,
    /// What the contract leaves open is only recorded: it waits until there is nothing else to do.
    open: Vec<Lead>,
    findings: FollowedLeads,
}

impl<'a> LeadFollower<'a> {
    pub(in crate::engine) fn new(context: RunContext, began: Instant, interrupt: &'a Interrupt) -> Self {
        let deadline = began + context.settings.max_time;
        let investigator = Investigator::new(context, deadline);
        Self { investigator, deadline, interrupt, open: Vec::new(), findings: FollowedLeads::default() }
    }

    /// Looks into each of these leads that weighs something, and keeps the others for later.
    pub(in crate::engine) async fn follow(&mut self, leads: &mut Vec<Lead>, tell: &mut Tell<'_>) {
        for lead in leads.drain(..) {
            if is_worth_it(&lead.found.divergence) {
                self.look_into(lead, tell).await;
            } else {
                self.open.push(lead);
            }
        }
    }

    /// Looks into what was kept for later.
    pub(in crate::engine) async fn follow_open(&mut self, tell: &mut Tell<'_>) {
        for lead in std::mem::take(&mut self.open) {
            self.look_into(lead, tell).await;
        }
    }

    /// The results; to be asked for once nothing is kept for later.
    pub(in crate::engine) fn finish(mut self) -> FollowedLeads {
        if self.investigator.lost() && !self.interrupt.is_raised() {
            self.findings.stops.push(Stop::StillLost);
        }
        self.findings.calls = self.investigator.calls;
        self.findings
    }

    async fn look_into(&mut self, lead: Lead, tell: &mut Tell<'_>) {
        if let Some(reason) = self.why_not() {
            return self.findings.add(lead, 0, Err(reason), tell);
        }
        let before = self.investigator.calls;
        let outcome = tokio::select! {
            looked = self.investigator.look_into(&lead) => looked,
            () = self.interrupt.raised() => {
                self.findings.stops.push(Stop::Interrupted);
                Err(Uncertainty::Interrupted)
            }
        };
        let outcome = outcome.map_err(|why| match why {
            // Why there was no trying it again is known better than that there was none.
            Uncertainty::NotJudgedAgain => self.why_not().unwrap_or(why),
            why => why,
        });
        let took = self.investigator.calls - before;
        self.findings.add(lead, took, outcome, tell);
    }

    /// Why another lead is not looked into.
    fn why_not(&self) -> Option<Uncertainty> {
        if self.interrupt.is_raised() {
            Some(Uncertainty::Interrupted)
        } else if self.investigator.lost() {
            Some(Uncertainty::TargetLost)
        } else if Instant::now() >= self.deadline {
            Some(Uncertainty::OutOfTime)
        } else {
            self.investigator.is_out_of_accounts().then_some(Uncertainty::OutOfAccounts)
        }
    }
}

impl FollowedLeads {
    /// Takes out the connections that a target which has ended closed, and could not be seen to close again: that was
    /// its end, and is no fault of its answers.
    pub(in crate::engine) fn take_hang_ups(&mut self) -> Vec<Divergence> {
        let is_end = |one: &mut Followed| one.lead.found.hung_up && one.outcome.is_err();
        let ends: Vec<_> = self.followed.extract_if(.., is_end).map(|one| one.lead.found.divergence).collect();
        let forgiven: Vec<_> = ends.iter().map(Divergence::fingerprint).collect();
        self.unconfirmed.retain(|(known, _)| !forgiven.contains(known));
        ends
    }

    /// Takes note of what became of a lead.
    fn add(&mut self, lead: Lead, took: u64, outcome: Result<ConfirmedFinding, Uncertainty>, tell: &mut Tell<'_>) {
        match &outcome {
            Ok(finding) => self.confirm(finding, tell),
            Err(reason) => self.unconfirmed.push((lead.found.divergence.fingerprint(), *reason)),
        }
        self.followed.push(Followed { lead, took, outcome });
    }

    fn confirm(&mut self, finding: &ConfirmedFinding, tell: &mut Tell<'_>) {
        let cause = finding.cause();
        match self.confirmed.iter_mut().find(|known| known.cause() == cause) {
            Some(known) => {
                if !known.take_in(finding) {
                    return;
                }
            }
            None => self.confirmed.push(finding.clone()),
        }
        tell(Event::Found {
            id: finding.divergence.fingerprint().id(),
            severity: finding.divergence.severity(),
            summary: said_of(finding, &mut SymbolicNames::new(finding.names.clone())),
        });
    }
}
