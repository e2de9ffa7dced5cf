//! Sets a scenario up: calls to AWS Organizations are made and believed, but never judged.

use serde_json::Value;

use super::play::Play;
use crate::targets::{OrganizationSetup, SystemUnderTest};
use passmuster_contract::domain::{Account, Document, HubArn, Input, Operation, Outcome, Scenario, Transition};
use passmuster_contract::model::{self, choose};
use passmuster_contract::oracle::setup::{assigned_id, is_refused, status_member};

impl<S: SystemUnderTest> Play<'_, S> {
    /// Makes a step of the set-up; false when nothing after it could be judged.
    pub(super) async fn set_up(&mut self, transition: &Transition) -> bool {
        if let Some(account) = created(transition).filter(|account| self.has_appeared(*account)) {
            let name = crate::generate::principal_name(account);
            return self.stuck(transition, None, &format!("{name} has had an id before it was created"));
        }
        let answered = match self.organization {
            OrganizationSetup::Api => {
                let Some(whole) = self.call(transition).await else { return false };
                Ok(whole.outcome)
            }
            OrganizationSetup::Static { management, accounts } => self.take(transition, *management, accounts),
            OrganizationSetup::None => Err("there is none".to_owned()),
        };
        let outcome = match answered {
            Ok(outcome) => outcome,
            Err(reason) => return self.stuck(transition, None, &reason),
        };
        let operation = transition.request.operation;
        match (&outcome, is_refused(self.session.state(), transition)) {
            (Outcome::Success(document), false) => {
                if *self.organization == OrganizationSetup::Api
                    && let Some(account) = created(transition)
                    && let Err(reason) = self.bind_created(account, document)
                {
                    return self.stuck(transition, Some(outcome), &reason);
                }
                self.believe(transition, outcome)
            }
            (Outcome::Success(_), true) => {
                let reason = format!("{operation} was accepted where the model has no place for it");
                self.stuck(transition, Some(outcome), &reason)
            }
            // Nothing has happened, and nothing was to happen.
            (_, true) => {
                self.record(transition, Ok(outcome), Vec::new(), true);
                true
            }
            (Outcome::Error(error), false) => {
                let reason = format!("{operation} answered {} {}", error.status, error.kind);
                self.stuck(transition, Some(outcome), &reason)
            }
            (Outcome::Undecodable { status, .. }, false) => {
                let reason = format!("{operation} answered {status}, unreadable");
                self.stuck(transition, Some(outcome), &reason)
            }
        }
    }

    /// Takes what a call has done into the belief.
    fn believe(&mut self, transition: &Transition, outcome: Outcome) -> bool {
        if !self.session.believe(transition, &outcome) || self.session.is_lost() {
            let reason = format!("the model could not follow {}", transition.request.operation);
            return self.stuck(transition, Some(outcome), &reason);
        }
        self.record(transition, Ok(essence(&outcome)), Vec::new(), true);
        true
    }

    /// Whether a call could be made now, by what is known of where the organization comes from. A call that has no
    /// place in the organization there is would teach nothing: what a target says to it is never judged. Nor would
    /// one after which the state is not known.
    pub(super) fn can_take(&self, transition: &Transition) -> bool {
        let operation = transition.request.operation;
        if !operation.is_setup() {
            return true;
        }
        let known = created(transition).is_some_and(|account| self.has_appeared(account));
        let state = self.session.state();
        if known || is_refused(state, transition) || choose::may_lose(&model::step(state, transition)) {
            return false;
        }
        let earlier = self.execution.steps.iter().map(|step| step.transition.request.operation);
        match self.organization {
            OrganizationSetup::Api => true,
            OrganizationSetup::Static { accounts, .. } => unfit(operation, earlier, accounts.len()).is_none(),
            OrganizationSetup::None => false,
        }
    }

    /// Ends the scenario.
    fn stuck(&mut self, transition: &Transition, outcome: Option<Outcome>, reason: &str) -> bool {
        let reason = format!("the organization could not be set up: {reason}");
        self.execution.tally.could_not_judge(transition.request.operation, &reason);
        self.execution.fruitless = self.execution.steps.is_empty();
        self.record(transition, outcome.ok_or_else(|| reason.clone()), Vec::new(), true);
        self.execution.ended = Some(reason);
        false
    }

    fn bind_created(&mut self, account: Account, document: &Document) -> Result<(), String> {
        let Some(id) = assigned_id(document) else {
            let state = status_member(document, "State").unwrap_or("missing");
            return Err(format!("CreateAccount brought no account id (State {state:.40})"));
        };
        self.bind(account, id)
    }

    /// Takes an account of the organization that is there already instead of making a call.
    fn take(
        &mut self,
        transition: &Transition,
        management: Account,
        accounts: &[Account],
    ) -> Result<Outcome, String> {
        let operation = transition.request.operation;
        let earlier = self.execution.steps.iter().map(|step| step.transition.request.operation);
        let taken = earlier.clone().filter(|operation| *operation == Operation::CreateAccount).count();
        if let Some(reason) = unfit(operation, earlier, accounts.len()) {
            return Err(reason);
        }
        match (operation, created(transition)) {
            (Operation::CreateOrganization, _) => self.bind(transition.caller, management)?,
            (_, Some(account)) => self.bind(account, accounts[taken])?,
            (_, None) => {}
        }
        Ok(Outcome::Success(Document::new()))
    }

    fn bind(&mut self, account: Account, id: Account) -> Result<(), String> {
        if !self.session.naming_mut().bind_account(account, id) {
            return Err("the id of another account came for a new one".to_owned());
        }
        self.execution.assigned.push((account, id));
        Ok(())
    }

    /// Whether an account has called or was named already, by the id that it had then.
    fn has_appeared(&self, account: Account) -> bool {
        let created_before = self.execution.assigned.iter().any(|(known, _)| *known == account);
        created_before
            || self.execution.steps.iter().map(|step| &step.transition).any(|earlier| {
                let input = &earlier.request.input;
                let described = matches!(input, Input::Describe(Some(HubArn::Of(owner, _))) if *owner == account);
                // The name that an account is created by is no id.
                let named = created(earlier).is_none() && earlier.request.named_accounts().contains(&account);
                earlier.caller == account || named || described
            })
    }
}

/// Whether a scenario can be run with an organization from this source.
pub(in crate::engine) fn is_possible(scenario: &Scenario, organization: &OrganizationSetup) -> bool {
    let operations = scenario.transitions.iter().map(|transition| transition.request.operation);
    match organization {
        OrganizationSetup::Api => true,
        OrganizationSetup::None => !operations.clone().any(Operation::is_setup),
        OrganizationSetup::Static { accounts, .. } => operations.clone().enumerate().all(|(index, operation)| {
            !operation.is_setup() || unfit(operation, operations.clone().take(index), accounts.len()).is_none()
        }),
    }
}

/// Names the reason not to take a step of the set-up for done in an organization that is there already, with so many
/// accounts besides the one that manages it.
fn unfit(
    operation: Operation,
    earlier: impl Iterator<Item = Operation> + Clone,
    accounts: usize,
) -> Option<String> {
    let taken = |wanted| earlier.clone().filter(|operation| *operation == wanted).count();
    let reason = match operation {
        _ if !earlier.clone().all(Operation::is_setup) => {
            "the accounts of a given organization are in it from the start".to_owned()
        }
        Operation::CreateOrganization if taken(operation) > 0 => "one organization is given".to_owned(),
        Operation::CreateAccount if taken(operation) >= accounts => format!("{accounts} accounts are given"),
        Operation::CreateOrganization | Operation::CreateAccount | Operation::EnableAWSServiceAccess => {
            return None;
        }
        _ => format!("a given organization takes no {operation}"),
    };
    Some(reason)
}

/// Keeps the part of an answer that is worth it: the rest is never judged, and differs from run to run.
fn essence(outcome: &Outcome) -> Outcome {
    let Outcome::Success(document) = outcome else { return outcome.clone() };
    let chosen = |value: &Value, names: [&str; 2]| -> Value {
        let kept = names.iter().filter_map(|name| Some(((*name).to_owned(), value.get(name)?.clone())));
        Value::Object(kept.collect())
    };
    let mut kept = Document::new();
    if let Some(status) = document.get("CreateAccountStatus") {
        kept.insert("CreateAccountStatus".to_owned(), chosen(status, ["State", "AccountId"]));
    }
    if let Some(accounts) = document.get("Accounts").and_then(Value::as_array) {
        let accounts = accounts.iter().map(|account| chosen(account, ["Id", "Status"]));
        kept.insert("Accounts".to_owned(), accounts.collect());
    }
    Outcome::Success(kept)
}

/// The account that a call creates.
fn created(transition: &Transition) -> Option<Account> {
    let creates = transition.request.operation == Operation::CreateAccount;
    transition.request.named_accounts().first().copied().filter(|_| creates)
}
