//! Writes out what a branch of the model expects.

use serde_json::{Value, json};

use super::Answers;
use passmuster_contract::domain::shape::ShapeKind;
use passmuster_contract::domain::{
    AccountRef, Document, ErrorKind, FindingRef, Input, MemberStatus, Naming, Operation, ServiceError, Timestamp,
    Transition, partition,
};
use passmuster_contract::model::questions::{self, answer};
use passmuster_contract::model::{
    AdministratorView, BatchEntry, Expect, FindingSlot, FindingsView, InvitationList, InvitationSlot,
    InvitationState, Learned, MemberList, Presence, Refusal, RegionState, choose,
};

/// The feature that the calls about the organization are about.
const FEATURE: &str = "SecurityHub";

/// An answer of the server, before it is put into HTTP.
#[derive(Clone, Debug, PartialEq)]
pub enum Reply {
    /// Success, with its members.
    Success(Document),
    /// An error.
    Error(ServiceError),
}

pub(super) struct Renderer<'a, N> {
    pub(super) answers: &'a Answers,
    pub(super) naming: &'a N,
    pub(super) transition: &'a Transition,
    pub(super) state: &'a RegionState,
    /// The instant shown where none is known.
    pub(super) unseen: Timestamp,
}

impl<N: Naming> Renderer<'_, N> {
    pub(super) fn reply(&self, expect: &Expect) -> Reply {
        match expect {
            Expect::Refused(refusal) => Reply::Error(self.error(refusal)),
            Expect::AnyRefusal => Reply::Error(ServiceError {
                kind: ErrorKind::AccessDenied,
                status: ErrorKind::AccessDenied.status(),
                message: Some("You are not authorized to perform this action.".to_owned()),
            }),
            Expect::Done => Reply::Success(self.done()),
            Expect::Setup => Reply::Success(Document::new()),
            Expect::Anything | Expect::AnySuccess => Reply::Success(self.canned()),
            Expect::Batch(entries) => Reply::Success(self.batch(entries)),
            Expect::Hub(arn, hub) => {
                let generator = hub.generator.seen().map_or("SECURITY_CONTROL", String::as_str);
                Reply::Success(object(json!({
                    "HubArn": arn.text(self.naming),
                    "SubscribedAt": self.stamp(&hub.subscribed_at),
                    "AutoEnableControls": hub.auto_enable_controls.seen().copied().unwrap_or(true),
                    "ControlFindingGenerator": generator,
                })))
            }
            Expect::Members(list) => Reply::Success(self.members(list)),
            Expect::Invitations(list) => Reply::Success(self.invitations(list)),
            Expect::Count(least, most) => {
                let counted = self.answers.gives(answer(questions::COUNT_AFTER_LEAVING, "counted"));
                Reply::Success(object(json!({ "InvitationsCount": if counted { most } else { least } })))
            }
            Expect::Administrator(view) => Reply::Success(self.administrator(view)),
            Expect::AdminAccounts(view) => {
                let shown = view
                    .administrator
                    .map(|account| json!({ "AccountId": self.naming.account(account), "Status": "ENABLED" }));
                let shown = shown.into_iter().collect::<Vec<_>>();
                Reply::Success(object(json!({ "AdminAccounts": shown, "Feature": FEATURE })))
            }
            Expect::Configuration(view) => Reply::Success(object(json!({
                "AutoEnable": view.auto_enable.seen(),
                "MemberAccountLimitReached": false,
                "AutoEnableStandards": view.standards.seen(),
                "OrganizationConfiguration": {
                    "ConfigurationType": view.configuration.seen(),
                    "Status": "ENABLED",
                },
            }))),
            Expect::Standards(view) => {
                let names = view.standards.enabled.seen().cloned().unwrap_or_default();
                let asked = |name: &String| view.only.as_ref().is_none_or(|only| only.contains(name));
                let names: Vec<String> = names.into_iter().filter(asked).collect();
                Reply::Success(object(json!({ "StandardsSubscriptions": self.subscriptions(&names, "READY") })))
            }
            Expect::Imported(count) => {
                Reply::Success(object(json!({ "FailedCount": 0, "SuccessCount": count, "FailedFindings": [] })))
            }
            Expect::Findings(view) => Reply::Success(self.findings(view)),
        }
    }

    fn error(&self, refusal: &Refusal) -> ServiceError {
        let form = choose::form(refusal.forms, self.answers).unwrap_or(&refusal.forms[0]);
        let caller = self.naming.account(self.transition.caller);
        let mut status = form.kind.status();
        if form.kind.code() == "InvalidInputException"
            && self.transition.request.operation == Operation::DisableSecurityHub
            && self.answers.gives(answer(questions::DISABLE_ADMINISTRATOR, "status-401"))
        {
            status = 401;
        }
        let message = Some(form.text.words().replace("{account}", &caller));
        ServiceError { kind: form.kind.clone(), status, message }
    }

    /// A success that says no more than what was asked for.
    fn done(&self) -> Document {
        match (self.transition.request.operation, &self.transition.request.input) {
            (Operation::EnableOrganizationAdminAccount, Input::Account(Some(account))) => {
                object(json!({ "AdminAccountId": self.text(account), "Feature": FEATURE }))
            }
            _ => Document::new(),
        }
    }

    /// A success where the model says nothing, as shallow mocks answer.
    fn canned(&self) -> Document {
        let mut document = Document::new();
        if let Input::Standards(Some(arns)) = &self.transition.request.input {
            let enables = self.transition.request.operation == Operation::BatchEnableStandards;
            // Of subscriptions of others there is nothing to say.
            let own = format!(":{}:", self.naming.account(self.transition.caller));
            let is_own = |arn: &&String| !arn.contains(":subscription/") || arn.contains(&own);
            let names: Vec<String> =
                arns.iter().filter(is_own).filter_map(|arn| Some(arn.split_once('/')?.1.to_owned())).collect();
            let status = if enables { "PENDING" } else { "DELETING" };
            document.insert("StandardsSubscriptions".to_owned(), self.subscriptions(&names, status).into());
            return document;
        }
        for member in self.transition.request.operation.shape().output {
            let nothing = match member.kind {
                ShapeKind::List { .. } => json!([]),
                ShapeKind::Integer(_) if member.required => json!(0),
                _ => continue,
            };
            document.insert(member.name.to_owned(), nothing);
        }
        if self.transition.request.operation == Operation::DescribeHub {
            document.insert("HubArn".to_owned(), json!("arn:aws:securityhub:us-east-1:000000000000:hub/default"));
        }
        document
    }

    /// Subscriptions to these standards, by the ends of their ARNs.
    fn subscriptions(&self, names: &[String], status: &str) -> Vec<Value> {
        let region = self.naming.region(self.transition.region);
        let account = self.naming.account(self.transition.caller);
        let prefix = format!("arn:{}:securityhub", partition(&region));
        let subscription = |name: &String| {
            // The oldest standard is spelled in a way of its own (SH-WIRE-018).
            let arn = if name.starts_with("cis-aws-foundations-benchmark/v/1.2.0") {
                format!("{prefix}:::ruleset/{name}")
            } else {
                format!("{prefix}:{region}::standards/{name}")
            };
            json!({
                "StandardsSubscriptionArn": format!("{prefix}:{region}:{account}:subscription/{name}"),
                "StandardsArn": arn,
                "StandardsInput": {},
                "StandardsStatus": status,
            })
        };
        names.iter().map(subscription).collect()
    }

    fn findings(&self, view: &FindingsView) -> Document {
        let shown = |slot: &&FindingSlot| {
            let own = slot.owner == self.transition.caller;
            let member = self.state.administrator(slot.owner) == Some(self.transition.caller);
            slot.wanted && (slot.presence == Presence::Must || slot.presence == Presence::May && (own || member))
        };
        let region = self.transition.region;
        let finding = |slot: &FindingSlot| {
            let finding = FindingRef::of(slot.owner, slot.id.clone());
            finding.to_value(slot.owner, region, self.naming)
        };
        object(json!({ "Findings": view.slots.iter().filter(shown).map(finding).collect::<Vec<_>>() }))
    }

    fn batch(&self, entries: &[BatchEntry]) -> Document {
        let mut unprocessed = Vec::new();
        for entry in entries {
            let Some(chosen) = choose::alternative(&entry.alternatives, self.answers) else { continue };
            for _ in 0..chosen.unprocessed.0 {
                let account = self.text(&entry.account);
                unprocessed.push(json!({ "AccountId": account, "ProcessingResult": reason(chosen.text.words()) }));
            }
        }
        object(json!({ "UnprocessedAccounts": unprocessed }))
    }

    fn stamp(&self, at: &Learned<Timestamp>) -> Value {
        at.seen().copied().unwrap_or(self.unseen).to_string().into()
    }

    fn text(&self, account: &AccountRef) -> String {
        match account {
            AccountRef::Account(account) => self.naming.account(*account),
            AccountRef::Text(text) => text.clone(),
        }
    }

    fn members(&self, list: &MemberList) -> Document {
        let administrator = self.naming.account(list.administrator);
        let mut members = Vec::new();
        for slot in list.slots.iter().filter(|slot| slot.presence == Presence::Must) {
            let record = &slot.record;
            let mut entry = object(json!({
                "AccountId": self.naming.account(slot.member),
                "MasterId": administrator,
                "AdministratorId": administrator,
                "MemberStatus": record.status.map_or("Created", MemberStatus::name),
                "UpdatedAt": self.stamp(&record.updated_at),
            }));
            if let Some(Some(email)) = record.email.seen() {
                entry.insert("Email".to_owned(), email.as_str().into());
            }
            if record.invited {
                entry.insert("InvitedAt".to_owned(), self.stamp(&record.invited_at));
            }
            members.push(Value::Object(entry));
        }
        let mut document = object(json!({ "Members": members }));
        if self.transition.request.operation == Operation::GetMembers {
            let reported = self.answers.gives(answer(questions::GET_UNKNOWN, "unprocessed"));
            let unknown = list.unknown.iter().filter(|_| reported);
            let unprocessed = unknown.map(|account| {
                json!({ "AccountId": self.text(account), "ProcessingResult": "The account is not a member." })
            });
            document.insert("UnprocessedAccounts".to_owned(), unprocessed.collect());
        }
        document
    }

    fn invitations(&self, list: &InvitationList) -> Document {
        let mut invitations = Vec::new();
        for slot in list.slots.iter().filter(|slot| self.shows(slot)) {
            invitations.push(json!({
                "AccountId": self.naming.account(slot.inviter),
                "InvitationId": slot.record.id.seen().map(|id| &**id),
                "InvitedAt": self.invited_at(slot),
                "MemberStatus": self.status_word(slot),
            }));
        }
        object(json!({ "Invitations": invitations }))
    }

    fn shows(&self, slot: &InvitationSlot) -> bool {
        match slot.presence {
            Presence::Must => true,
            Presence::MustNot => false,
            // An invitation that was to go when its membership ended is gone from the state already.
            Presence::May => match slot.record.state {
                Some(InvitationState::Accepted) => {
                    slot.answers.is_some_and(|(shown, _)| self.answers.gives(shown))
                }
                state => state.is_some(),
            },
        }
    }

    fn invited_at(&self, slot: &InvitationSlot) -> Value {
        let entry = self.state.members.get(&(slot.inviter, self.transition.caller));
        entry.map_or_else(|| self.stamp(&Learned::Unseen), |entry| self.stamp(&entry.invited_at))
    }

    fn status_word(&self, slot: &InvitationSlot) -> &'static str {
        match (slot.statuses, slot.record.state) {
            ([word, ..], _) => word,
            (_, Some(InvitationState::Left)) => match self.answers.to(questions::STATUS_AFTER_LEAVING) {
                Some("invited") => "Invited",
                Some("enabled") => "Enabled",
                _ => "Resigned",
            },
            _ => "Invited",
        }
    }

    fn administrator(&self, view: &AdministratorView) -> Document {
        let master = self.transition.request.operation == Operation::GetMasterAccount;
        let name = if master { "Master" } else { "Administrator" };
        let invited = self.answers.gives(answer(questions::ADMINISTRATOR_INVITED, "present"));
        let open = self.state.received(view.member).find(|(_, held)| held.state == Some(InvitationState::Open));
        let (account, invitation, status) = match (view.administrator, open) {
            (Some(administrator), _) => (administrator, view.invitation.as_ref(), "Enabled"),
            (None, Some((inviter, held))) if invited => (inviter, Some(held), "Invited"),
            _ => return Document::new(),
        };
        if view.organization && !self.answers.gives(answer(questions::ADMINISTRATOR_DETAILS, "present")) {
            return object(json!({ name: { "AccountId": self.naming.account(account), "MemberStatus": status } }));
        }
        let entry = self.state.members.get(&(account, view.member));
        let id = invitation.and_then(|held| held.id.seen()).map(ToString::to_string);
        // A member by its organization was never invited.
        let id = id.or_else(|| view.organization.then(|| format!("{:032x}", account.0)));
        object(json!({ name: {
            "AccountId": self.naming.account(account),
            "InvitationId": id,
            "InvitedAt": entry.map_or_else(|| self.stamp(&Learned::Unseen), |entry| self.stamp(&entry.invited_at)),
            "MemberStatus": status,
        }}))
    }
}

fn object(value: Value) -> Document {
    match value {
        Value::Object(document) => document,
        _ => Document::new(),
    }
}

fn reason(words: &str) -> &str {
    if words.is_empty() { "The request is rejected." } else { words }
}
