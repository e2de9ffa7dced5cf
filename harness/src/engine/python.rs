//! A script for boto3 that makes the calls of a scenario, for people who would rather see it without this tool.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;

use super::curl::{Addressee, accepted};
use crate::generate::{CastNaming, principal_name};
use crate::targets::AccountSelection;
use passmuster_contract::domain::{InvitationRef, Naming, Operation, Transition};

/// The script: all calls of a scenario, which takes the ids of new accounts and of invitations out of the answers.
pub(super) fn script(
    transitions: &[Transition],
    naming: &CastNaming,
    run: &CastNaming,
    addressee: &Addressee<'_>,
) -> String {
    let sent: Vec<&Transition> = transitions
        .iter()
        .filter(|transition| addressee.founds || !transition.request.operation.is_setup())
        .collect();
    let mut accounts: BTreeMap<String, String> = BTreeMap::new();
    for account in sent.iter().flat_map(|one| [vec![one.caller], one.request.named_accounts()].concat()) {
        accounts.insert(naming.account(account), principal_name(account));
    }
    let script = PythonScript { naming, run, accounts };
    let mut text = script.head(addressee);
    for (place, transition) in sent.iter().enumerate() {
        // Writing to a string does not fail.
        let _ = writeln!(text, "{}", script.call(transition, sent.get(place + 1..).unwrap_or_default()));
    }
    text
}

/// A script that is written.
struct PythonScript<'a> {
    naming: &'a CastNaming,
    run: &'a CastNaming,
    /// The names of the accounts, by id.
    accounts: BTreeMap<String, String>,
}

impl PythonScript<'_> {
    fn head(&self, addressee: &Addressee<'_>) -> String {
        let ids: Vec<String> = self.accounts.iter().map(|(id, name)| format!("{name:?}: {id:?}")).collect();
        let (key, header) = match addressee.accounts {
            AccountSelection::AccessKey => ("ids[who]", None),
            AccountSelection::Header(name) => ("\"test\"", Some(name)),
            AccountSelection::Single(_) | AccountSelection::Keys(_) => ("\"test\"", None),
        };
        let header = header.map_or_else(String::new, |name| {
            format!(
                "    account = ids[who]\n    client.meta.events.register(\"before-send\", lambda request, **_: \
                 request.headers.__setitem__({name:?}, account))\n"
            )
        });
        let trust = addressee.ca.map_or_else(String::new, |file| format!(", verify={file:?}"));
        format!(
            "import boto3\nfrom botocore.config import Config\nfrom botocore.exceptions import ClientError\n\n\
             ids = {{{}}}\n\n\
             def call(who, service, region, operation, **request):\n    \
             client = boto3.client(service, endpoint_url={:?}, region_name=region, aws_access_key_id={key},\n        \
             aws_secret_access_key=\"test\", config=Config(parameter_validation=False){trust})\n\
             {header}    try:\n        answer = getattr(client, operation)(**request)\n    \
             except ClientError as error:\n        answer = error.response\n    \
             print(who, operation, answer)\n    return answer\n\n",
            ids.join(", "),
            addressee.endpoint
        )
    }

    /// One call; where later ones need a part of its answer, with what takes it out.
    fn call(&self, transition: &Transition, later: &[&Transition]) -> String {
        let bound = self.naming.bind(transition);
        let document = bound.request.to_document(bound.caller, bound.region, self.naming);
        let operation = bound.request.operation;
        let service = if operation.is_setup() { "organizations" } else { "securityhub" };
        let region = self.naming.region(bound.region);
        let members: Vec<String> =
            document.iter().map(|(name, value)| format!(", {name}={}", self.value(value))).collect();
        let call = format!(
            "call({:?}, {service:?}, {region:?}, {:?}{})",
            principal_name(transition.caller),
            snake(operation.name()),
            members.concat()
        );
        let created = transition.request.named_accounts().first().copied();
        if let Some(account) =
            created.filter(|account| operation == Operation::CreateAccount && self.run.is_assigned(*account))
        {
            return format!("ids[{:?}] = {call}[\"CreateAccountStatus\"][\"AccountId\"]", principal_name(account));
        }
        match accepted(transition, later).filter(|_| operation == Operation::ListInvitations) {
            Some(inviter) => format!(
                "invitation = next(one[\"InvitationId\"] for one in {call}[\"Invitations\"] if one[\"AccountId\"] == \
                 ids[{:?}])",
                principal_name(inviter)
            ),
            None => call,
        }
    }

    fn value(&self, value: &Value) -> String {
        match value {
            Value::Null => "None".to_owned(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            Value::Array(list) => {
                format!("[{}]", list.iter().map(|value| self.value(value)).collect::<Vec<_>>().join(", "))
            }
            Value::Object(members) => {
                let members: Vec<String> =
                    members.iter().map(|(name, value)| format!("{name:?}: {}", self.value(value))).collect();
                format!("{{{}}}", members.join(", "))
            }
            Value::Number(number) => number.to_string(),
            Value::String(text) => self.text(text),
        }
    }

    /// A text, with what the target has given in the place of what was made up.
    fn text(&self, text: &str) -> String {
        if text == InvitationRef::UNKNOWN {
            return "invitation".to_owned();
        }
        let known = self.accounts.iter().find_map(|(id, name)| Some((text.split_once(id.as_str())?, name)));
        let Some(((before, after), name)) = known else { return Value::from(text).to_string() };
        let parts = [before, after].map(|part| (!part.is_empty()).then(|| self.text(part)));
        let [before, after] = parts;
        before.into_iter().chain([format!("ids[{name:?}]")]).chain(after).collect::<Vec<_>>().join(" + ")
    }
}

/// The name of an operation as botocore has it.
fn snake(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut snake = String::new();
    for (index, letter) in letters.iter().enumerate() {
        let before = index.checked_sub(1).and_then(|before| letters.get(before));
        let next_is_lower = letters.get(index + 1).is_some_and(char::is_ascii_lowercase);
        let begins = letter.is_ascii_uppercase()
            && before.is_some_and(|before| !before.is_ascii_uppercase() || next_is_lower);
        if begins {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::parse_scenario;
    use passmuster_contract::domain::Account;

    #[test]
    fn operations_are_named_as_botocore_names_them() {
        let named = ["CreateMembers", "EnableAWSServiceAccess", "GetMasterAccount"].map(snake);
        assert_eq!(named, ["create_members", "enable_aws_service_access", "get_master_account"]);
    }

    #[test]
    fn ids_that_the_target_gives_are_taken_out_of_its_answers() {
        let steps = "passmuster scenario 1\n\
            management CreateAccount {\"AccountName\":\"@member-1\"}\n\
            member-1 ListInvitations {}\n\
            member-1 AcceptAdministratorInvitation {\"AdministratorId\":\"@administrator\",\"InvitationId\":\"@invitation from administrator\"}\n\
            administrator DescribeHub {\"HubArn\":\"arn:aws:securityhub:region-1:@member-1:hub/default\"}\n";
        let transitions = parse_scenario(steps).unwrap().transitions;
        let naming = CastNaming::new(100_000_000_000, 7, ["us-east-1", "eu-west-1"].map(Into::into).into());
        let mut run = naming.clone();
        run.bind_account(Account(2), Account(777_777_777_777));
        let accounts = &AccountSelection::Header("x-account".to_owned());
        let addressee =
            Addressee { endpoint: "http://127.0.0.1:5000", ca: Some("ca.pem"), accounts, founds: true };
        let text = script(&transitions, &naming, &run, &addressee);
        for wanted in [
            "verify=\"ca.pem\")",
            "request.headers.__setitem__(\"x-account\", account)",
            "ids[\"member-1\"] = call(\"management\", \"organizations\", \"us-east-1\", \"create_account\", ",
            "[\"CreateAccountStatus\"][\"AccountId\"]",
            "invitation = next(one[\"InvitationId\"] for one in call(\"member-1\", ",
            "AdministratorId=ids[\"administrator\"], InvitationId=invitation)",
            "HubArn=\"arn:aws:securityhub:us-east-1:\" + ids[\"member-1\"] + \":hub/default\")",
        ] {
            assert!(text.contains(wanted), "{wanted} is not in\n{text}");
        }
    }
}
