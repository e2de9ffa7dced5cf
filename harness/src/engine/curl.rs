//! A command line that sends the calls of a scenario, for people who would rather see it without this tool.

use std::fmt::Write as _;

use crate::generate::{CastNaming, principal_name};
use crate::targets::AccountSelection;
use passmuster_contract::domain::{Account, Input, InvitationRef, Naming, Operation, Region, Transition};
use passmuster_contract::wire;

/// The most calls that still make a useful line.
const MOST_CALLS: usize = 24;

/// The server that a line is for.
pub(super) struct Addressee<'a> {
    pub(super) endpoint: &'a str,
    /// The file with the certificate to trust.
    pub(super) ca: Option<&'a str>,
    pub(super) accounts: &'a AccountSelection,
    /// Whether an organization is founded by calls; without, its accounts are there already.
    pub(super) founds: bool,
}

/// The line: all calls of a scenario, in a shell that takes the ids of new accounts and of invitations out of the answers.
/// `None` where no line of calls shows what they showed.
pub(super) fn line(
    transitions: &[Transition],
    naming: &CastNaming,
    run: &CastNaming,
    addressee: &Addressee<'_>,
) -> Option<String> {
    let sent: Vec<&Transition> = transitions
        .iter()
        .filter(|transition| addressee.founds || !transition.request.operation.is_setup())
        .collect();
    let accepts = |wanted: fn(&InvitationRef) -> bool| {
        sent.iter().any(|transition| {
            matches!(&transition.request.input, Input::Accept { invitation: Some(invitation), .. } if wanted(invitation))
        })
    };
    // A made-up id stands for one that the shell finds out.
    let both =
        accepts(|id| matches!(id, InvitationRef::Latest(_))) && accepts(|id| matches!(id, InvitationRef::Unknown));
    if sent.len() > MOST_CALLS || both || accepts(|id| matches!(id, InvitationRef::Previous(_))) {
        return None;
    }
    let mut line = CurlLine { naming, addressee, variables: Vec::new() };
    let calls: Vec<String> =
        sent.iter().enumerate().map(|(place, one)| line.call(one, sent.get(place + 1..), run)).collect();
    Some(calls.join(" && "))
}

/// A line that is written.
struct CurlLine<'a> {
    naming: &'a CastNaming,
    addressee: &'a Addressee<'a>,
    /// The made-up values in the place of which the shell puts those that the target has given.
    variables: Vec<(String, String)>,
}

impl CurlLine<'_> {
    /// One call; where later ones need a part of its answer, with what takes it out.
    fn call(&mut self, transition: &Transition, later: Option<&[&Transition]>, run: &CastNaming) -> String {
        let mut text = one(transition, self.naming, self.addressee);
        for (value, variable) in &self.variables {
            text = text.replace(value, &format!("'\"${variable}\"'"));
        }
        let operation = transition.request.operation;
        let created = transition.request.named_accounts().first().copied();
        if let Some(account) =
            created.filter(|account| operation == Operation::CreateAccount && run.is_assigned(*account))
        {
            let variable = principal_name(account).replace('-', "_");
            self.variables.push((self.naming.account(account), variable.clone()));
            return format!(
                "{variable}=$({text} | tee /dev/stderr | sed -n 's/.*\"AccountId\": *\"\\([0-9]*\\)\".*/\\1/p')"
            );
        }
        let accepted = accepted(transition, later.unwrap_or_default());
        match accepted.filter(|_| operation == Operation::ListInvitations) {
            Some(inviter) => {
                self.variables.push((InvitationRef::UNKNOWN.to_owned(), "invitation".to_owned()));
                let id = self.naming.account(inviter);
                let known = self.variables.iter().find(|(value, _)| *value == id);
                let id = known.map_or(id.clone(), |(_, variable)| format!("${variable}"));
                format!(
                    "invitation=$({text} | tee /dev/stderr | tr -d '\\n' | grep -o '{{[^{{}}]*}}' | grep \"{id}\" \
                     | sed -n 's/.*\"InvitationId\": *\"\\([^\"]*\\)\".*/\\1/p')"
                )
            }
            None => text,
        }
    }
}

/// The inviter whose invitation is accepted by the same caller later, by the id that a list has shown.
pub(super) fn accepted(transition: &Transition, later: &[&Transition]) -> Option<Account> {
    later.iter().find_map(|later| match &later.request.input {
        Input::Accept { invitation: Some(InvitationRef::Latest(inviter)), .. }
            if (later.caller, later.region) == (transition.caller, transition.region) =>
        {
            Some(*inviter)
        }
        _ => None,
    })
}

fn one(transition: &Transition, naming: &CastNaming, addressee: &Addressee<'_>) -> String {
    let Addressee { endpoint, ca, accounts, .. } = addressee;
    let bound = naming.bind(transition);
    let document = bound.request.to_document(bound.caller, bound.region, naming);
    let request = wire::encode_request(bound.request.operation, &document);
    let account = naming.account(bound.caller);
    let region = naming.region(bound.region);
    let mut url = format!("{}{}", endpoint.trim_end_matches('/'), request.path);
    if !request.query.is_empty() {
        url.push('?');
        url.push_str(&request.query);
    }
    let key = match accounts {
        AccountSelection::AccessKey => account.as_str(),
        AccountSelection::Header(_) | AccountSelection::Single(_) | AccountSelection::Keys(_) => "test",
    };
    let mut line = format!("curl -sS{} -w '\\n' -X {} {}", trusting(*ca), request.method.name(), quoted(&url));
    let scope = format!("authorization: {}", scope(key, &region, request.service()));
    // Writing to a string does not fail.
    let _ = write!(line, " -H {}", quoted(&scope));
    if let AccountSelection::Header(name) = accounts {
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {account}")));
    }
    for (name, value) in &request.headers {
        let _ = write!(line, " -H {}", quoted(&format!("{name}: {value}")));
    }
    if !request.body.is_empty() {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        let _ = write!(line, " -d {}", quoted(&body));
    }
    line
}

/// The flag by which a certificate is trusted.
pub(super) fn trusting(ca: Option<&str>) -> String {
    ca.map_or_else(String::new, |file| format!(" --cacert {}", quoted(file)))
}

/// A header that names the account and signs nothing.
pub(super) fn scope(key: &str, region: &str, service: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={key}/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    )
}

pub(super) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// The Regions a scenario names, for placeholders.
pub(super) fn region_name(region: Region) -> Option<String> {
    (region != Region(0)).then(|| format!("region-{}", u16::from(region.0) + 1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::parse_scenario;

    /// The line of a scenario that was run with an id that the target gave to member-1.
    fn line_of(steps: &str, founds: bool) -> Option<String> {
        let scenario = parse_scenario(&format!("passmuster scenario 1\n{steps}")).unwrap();
        let naming =
            |place| CastNaming::new(100_000_000_000, place, ["us-east-1", "eu-west-1"].map(Into::into).into());
        let mut run = naming(1);
        run.bind_account(Account(2), Account(777_777_777_777));
        let accounts = &AccountSelection::AccessKey;
        let addressee = Addressee { endpoint: "http://127.0.0.1:5000", ca: None, accounts, founds };
        line(&scenario.transitions, &naming(7), &run, &addressee)
    }

    const JOINED: &str = "management CreateOrganization {}\n\
        management CreateAccount {\"AccountName\":\"@member-1\"}\n\
        member-1 EnableSecurityHub {}\n\
        administrator GetMembers {\"AccountIds\":[\"@member-1\"]}\n";

    #[test]
    fn a_line_founds_the_organization_and_goes_on_with_the_id_of_the_new_account() {
        let line = line_of(JOINED, true).unwrap();
        assert_eq!(line.matches("curl -sS").count(), 4, "{line}");
        assert!(line.contains("&& member_1=$(curl") && line.contains("AccountId"), "{line}");
        assert!(line.contains("Credential='\"$member_1\"'/"), "{line}");
        assert!(line.contains("{\"AccountIds\":[\"'\"$member_1\"'\"]}"), "{line}");
    }

    #[test]
    fn an_organization_that_is_there_already_is_not_founded() {
        let line = line_of(JOINED, false).unwrap();
        assert!(line.matches("curl -sS").count() == 2 && !line.contains("CreateOrganization"), "{line}");
    }

    #[test]
    fn an_invitation_is_taken_out_of_the_list_that_showed_it() {
        let steps = "member-1 ListInvitations {}\n\
            member-1 AcceptAdministratorInvitation {\"AdministratorId\":\"@administrator\",\"InvitationId\":\"@invitation from administrator\"}\n";
        let line = line_of(steps, true).unwrap();
        assert!(line.starts_with("invitation=$(curl") && line.contains("| grep \"100000001401\""), "{line}");
        assert!(line.contains("\"InvitationId\":\"'\"$invitation\"'\""), "{line}");
    }

    #[test]
    fn what_takes_too_many_calls_has_no_line() {
        assert_eq!(line_of(&"administrator DescribeHub {}\n".repeat(MOST_CALLS + 1), true), None);
    }
}
