//! AWS Organizations, as far as scenarios are set up by it: it assigns ids, lists accounts, and says no in its own way.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Reply, mix};
use passmuster_contract::domain::{
    Account, AccountRef, Document, ErrorKind, Input, Operation, ServiceError, Timestamp, Transition,
};
use passmuster_contract::model::{RegionState, Standing, State};

/// The ids that are assigned begin with a nine; runs take theirs from below.
const FIRST_ID: u64 = 900_000_000_000;
/// So many ids are tried for one account.
const MOST_TRIES: u64 = 1000;

/// The accounts of organizations, and what they are called.
#[derive(Debug)]
pub(super) struct Organizations {
    seed: u64,
    drawn: u64,
    joined: BTreeMap<Account, Joined>,
}

/// The particulars of an account.
#[derive(Debug)]
struct Joined {
    name: String,
    email: String,
    at: Timestamp,
}

impl Organizations {
    pub(super) const fn new(seed: u64) -> Self {
        Self { seed, drawn: 0, joined: BTreeMap::new() }
    }

    /// Puts the id that a new account gets into the place of its name. `sent` is the request as it came.
    pub(super) fn assign(&mut self, transition: &mut Transition, sent: &Document, state: &State, at: Timestamp) {
        if transition.request.operation == Operation::CreateOrganization {
            let email = format!("{}@example.com", transition.caller);
            let founder = Joined { name: "management".to_owned(), email, at };
            self.joined.entry(transition.caller).or_insert(founder);
        }
        if transition.request.operation != Operation::CreateAccount || !manages(state, transition.caller) {
            return;
        }
        let Input::Account(Some(account)) = &mut transition.request.input else { return };
        let ids = (0..MOST_TRIES).map(|try_| FIRST_ID + mix(self.seed ^ mix(self.drawn + try_)) % 100_000_000_000);
        let Some((tries, id)) = ids.map(Account).enumerate().find(|(_, id)| !is_known(state, *id)) else { return };
        self.drawn += tries as u64 + 1;
        let name = match account {
            AccountRef::Account(named) => named.to_string(),
            AccountRef::Text(text) => std::mem::take(text),
        };
        let email = sent.get("Email").and_then(Value::as_str).unwrap_or_default().to_owned();
        self.joined.insert(id, Joined { name, email, at });
        *account = id.into();
    }

    /// The answer in the words of AWS Organizations, `reply` being what the model has of it.
    pub(super) fn reply(&self, reply: &Reply, transition: &Transition, state: &State) -> Reply {
        match reply {
            Reply::Success(_) => Reply::Success(self.answer(transition, state)),
            Reply::Error(_) => Reply::Error(refusal(transition, state)),
        }
    }

    fn answer(&self, transition: &Transition, state: &State) -> Document {
        let caller = transition.caller;
        let value = match (transition.request.operation, &transition.request.input) {
            (Operation::CreateOrganization, _) => json!({ "Organization": {
                "Id": format!("o-{caller}"),
                "Arn": format!("arn:aws:organizations::{caller}:organization/o-{caller}"),
                "FeatureSet": "ALL",
                "MasterAccountArn": format!("arn:aws:organizations::{caller}:account/o-{caller}/{caller}"),
                "MasterAccountId": caller.to_string(),
                "MasterAccountEmail": self.joined.get(&caller).map(|joined| &joined.email),
            }}),
            (Operation::CreateAccount, Input::Account(Some(AccountRef::Account(account)))) => {
                json!({ "CreateAccountStatus": {
                    "Id": format!("car-{:016x}", mix(account.0)),
                    "AccountName": self.joined.get(account).map(|joined| &joined.name),
                    "State": "SUCCEEDED",
                    "RequestedTimestamp": self.joined.get(account).map(|joined| seconds(joined.at)),
                    "CompletedTimestamp": self.joined.get(account).map(|joined| seconds(joined.at)),
                    "AccountId": account.to_string(),
                }})
            }
            (Operation::ListAccounts, _) => json!({ "Accounts": self.accounts(caller, state) }),
            _ => json!({}),
        };
        value.as_object().cloned().unwrap_or_default()
    }

    fn accounts(&self, caller: Account, state: &State) -> Vec<Value> {
        let Some((management, organization)) = state.organization_of(caller) else { return Vec::new() };
        let shown = |(account, standing): (&Account, &Standing)| {
            let joined = self.joined.get(account);
            json!({
                "Id": account.to_string(),
                "Arn": format!("arn:aws:organizations::{management}:account/o-{management}/{account}"),
                "Email": joined.map(|joined| &joined.email),
                "Name": joined.map(|joined| &joined.name),
                "Status": match standing {
                    Standing::Active => "ACTIVE",
                    Standing::Suspended => "SUSPENDED",
                },
                "JoinedMethod": if *account == management { "INVITED" } else { "CREATED" },
                "JoinedTimestamp": joined.map(|joined| seconds(joined.at)),
            })
        };
        organization.accounts.iter().map(shown).collect()
    }
}

/// An instant in the protocol of AWS Organizations: seconds since 1970.
#[expect(clippy::cast_precision_loss, reason = "milliseconds of this millennium fit")]
fn seconds(at: Timestamp) -> f64 {
    at.0 as f64 / 1000.0
}

/// Why AWS Organizations refuses a call, by its API reference.
fn refusal(transition: &Transition, state: &State) -> ServiceError {
    let own = state.organization_of(transition.caller);
    let (code, message) = match (transition.request.operation, own) {
        (Operation::CreateOrganization, _) => {
            ("AlreadyInOrganizationException", "The provided account is already a member of an organization.")
        }
        (_, None) => ("AWSOrganizationsNotInUseException", "Your account is not a member of an organization."),
        (_, Some((management, _))) if management != transition.caller => {
            ("AccessDeniedException", "You don't have permissions to access this resource.")
        }
        (Operation::RemoveAccountFromOrganization | Operation::CloseAccount, _) => {
            ("AccountNotFoundException", "You specified an account that doesn't exist.")
        }
        _ => ("InvalidInputException", "You provided invalid values for one or more of the request parameters."),
    };
    ServiceError { kind: ErrorKind::from_code(code), status: 400, message: Some(message.to_owned()) }
}

fn manages(state: &State, account: Account) -> bool {
    state.organization_of(account).is_some_and(|(management, _)| management == account)
}

/// Whether anything is known of an account in any Region.
fn is_known(state: &State, account: Account) -> bool {
    let in_region = |region: &RegionState| {
        let pair = |(first, second): &(Account, Account)| *first == account || *second == account;
        region.hubs.contains_key(&account) || region.members.keys().any(pair)
    };
    state.organization_of(account).is_some() || state.regions().any(|region| in_region(state.region(region)))
}
