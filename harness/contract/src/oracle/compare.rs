//! Holds one branch against one answer. Only `oracle` decides which branch explains it.

use crate::domain::{DivergenceKind, Document, ErrorKind, Naming, Outcome, RuleId, ServiceError, Transition};
use crate::model::{Branch, Expect, Refusal, RefusalForm, Wording, questions, rules};

use super::finding::{Continuation, Mismatch};
use super::{Observed, Strictness, batch, findings, invitations, members, organization, owed, standards, views};

/// Every way in which the branch and the answer go together; never empty.
pub(super) fn compare<N: Naming>(
    branch: &Branch,
    transition: &Transition,
    observed: &Observed<'_, N>,
) -> Vec<Continuation> {
    let mut base = Continuation {
        effects: Vec::new(),
        answers: branch.answers.clone(),
        rules: branch.rules.clone(),
        ignored: branch.ignored.clone(),
        is_anything: matches!(branch.expect, Expect::Anything | Expect::AnySuccess | Expect::AnyRefusal),
        is_refused_at_all: matches!(branch.expect, Expect::AnySuccess),
        ..Continuation::default()
    };
    let rule = branch.rules.first().copied().unwrap_or(RuleId("-"));
    base.effects.extend(branch.effects.iter().map(|effect| (effect.clone(), rule)));
    if let Outcome::Success(document) = observed.outcome
        && !matches!(branch.expect, Expect::Setup | Expect::Refused(_) | Expect::AnyRefusal)
    {
        owed::compare(&mut base, transition, document, observed);
    }
    match (&branch.expect, observed.outcome) {
        (expect, Outcome::Undecodable { status, pointer, reason }) if !pointer.is_empty() => {
            // A value has a wrong type whatever the rules say of this call.
            let (expected, read) = (wanted(expect), format!("{status}, {reason}"));
            base.mismatches.push(Mismatch::new(DivergenceKind::Wire, &[], pointer, expected, read));
            vec![base]
        }
        (Expect::AnySuccess | Expect::Setup, Outcome::Success(_)) => vec![base],
        // Whatever the contract leaves open, that a service fails is no answer to it.
        (Expect::Anything, Outcome::Success(_) | Outcome::Error(_)) if !is_failure(observed.outcome) => vec![base],
        (Expect::AnyRefusal, Outcome::Error(_)) if !is_failure(observed.outcome) => vec![base],
        // A failure to set a scenario up is no divergence: nothing is judged after it.
        (Expect::Setup, _) => Vec::new(),
        (_, Outcome::Undecodable { status, reason, .. }) => {
            let read = format!("{status}, {reason}");
            base.mismatches.push(Mismatch::new(
                DivergenceKind::Wire,
                &branch.rules,
                "",
                wanted(&branch.expect),
                read,
            ));
            vec![base]
        }
        (Expect::Refused(refusal), Outcome::Error(error)) => {
            refused(&mut base, &branch.rules, refusal, error, observed);
            vec![base]
        }
        (Expect::Refused(_) | Expect::AnyRefusal, Outcome::Success(_)) => {
            let kind = DivergenceKind::MissingRefusal;
            base.mismatches.push(Mismatch::new(kind, &branch.rules, "", wanted(&branch.expect), "200"));
            base.effects.clear();
            vec![base]
        }
        (_, Outcome::Error(_)) => {
            let (kind, shown) = (DivergenceKind::UnexpectedRefusal, observed.outcome.summary());
            base.mismatches.push(Mismatch::new(kind, &branch.rules, "", wanted(&branch.expect), shown));
            base.effects.clear();
            vec![base]
        }
        (Expect::Batch(entries), Outcome::Success(document)) => batch::compare(base, entries, document, observed),
        (expect, Outcome::Success(document)) => {
            if !shown_by(expect).iter().any(|name| observed.is_hidden(name)) {
                read(&mut base, expect, document, observed);
            }
            vec![base]
        }
    }
}

/// The member of an answer that shows what is expected, by each of its names.
const fn shown_by(expect: &Expect) -> &'static [&'static str] {
    match expect {
        Expect::Members(_) => &["Members"],
        Expect::Invitations(_) => &["Invitations"],
        Expect::Count(..) => &["InvitationsCount"],
        Expect::Administrator(_) => &["Administrator", "Master"],
        Expect::AdminAccounts(_) => &["AdminAccounts"],
        Expect::Standards(_) => &["StandardsSubscriptions"],
        Expect::Imported(_) => &["SuccessCount"],
        Expect::Findings(_) => &["Findings"],
        // Of these each member is looked at by itself.
        Expect::Hub(..)
        | Expect::Configuration(_)
        | Expect::Batch(_)
        | Expect::Anything
        | Expect::AnySuccess
        | Expect::AnyRefusal
        | Expect::Refused(_)
        | Expect::Done
        | Expect::Setup => &[],
    }
}

/// Whether the target failed instead of answering.
pub(super) const fn is_failure(outcome: &Outcome) -> bool {
    matches!(
        outcome,
        Outcome::Error(ServiceError { status: 500.., .. } | ServiceError { kind: ErrorKind::Internal, .. })
    )
}

/// Holds what a call shows against what it is expected to.
fn read<N: Naming>(base: &mut Continuation, expect: &Expect, document: &Document, observed: &Observed<'_, N>) {
    match expect {
        Expect::Hub(arn, hub) => views::hub(base, arn, hub, document, observed),
        Expect::Members(list) => members::compare(base, list, document, observed),
        Expect::Invitations(list) => invitations::compare(base, list, document, observed),
        Expect::Count(least, most) => views::count(base, *least, *most, document),
        Expect::Administrator(view) => views::administrator(base, view, document, observed),
        Expect::AdminAccounts(view) => organization::admin_accounts(base, view, document, observed),
        Expect::Configuration(view) => organization::configuration(base, view, document),
        Expect::Standards(view) => standards::compare(base, view, document, observed),
        Expect::Imported(count) => findings::imported(base, *count, document),
        Expect::Findings(view) => findings::compare(base, view, document, observed),
        Expect::Anything
        | Expect::AnySuccess
        | Expect::AnyRefusal
        | Expect::Refused(_)
        | Expect::Done
        | Expect::Batch(_)
        | Expect::Setup => {}
    }
}

fn refused<N: Naming>(
    base: &mut Continuation,
    by: &[RuleId],
    refusal: &Refusal,
    error: &ServiceError,
    observed: &Observed<'_, N>,
) {
    let shown = observed.outcome.summary();
    let Some(form) = form_of(refusal, error) else {
        let mismatch = Mismatch::new(DivergenceKind::WrongError, by, "/code", forms(refusal), shown);
        // That of leaving twice follows from what is known of leaving nobody (SH-LEAVE-006).
        let graded: Vec<RuleId> = by.iter().copied().filter(|rule| *rule != rules::LEAVE_TWICE).collect();
        base.mismatches.push(Mismatch { cap: refusal.grade, ..mismatch.graded_by(&graded) });
        return;
    };
    base.answers.extend(form.answer.filter(|_| form.kind == error.kind));
    if form.kind == ErrorKind::Serialization {
        // A request that can't be read is refused by the decoder, and says nothing on the order of the checks.
        base.answers.retain(|answer| answer.question != questions::ORDER);
    }
    let statuses = observed_statuses(&error.kind);
    let is_seen = statuses.is_empty() || statuses.contains(&error.status);
    // Clients send again what a server failed at.
    let is_failure = error.status >= 500 && error.kind.status() < 500;
    if observed.strictness >= Strictness::Status && (!is_seen || is_failure) {
        let expected = match statuses {
            [] => format!("{} with status {}", error.kind, error.kind.status()),
            _ => format!("{} with status {}", error.kind, list(statuses.iter())),
        };
        let of_status = rule_of_status(&error.kind);
        let rules: Vec<RuleId> = by.iter().copied().chain(of_status).collect();
        let mismatch = Mismatch::new(DivergenceKind::WrongStatus, &rules, "/status", expected, shown);
        // The status belongs to the error, whatever call has it.
        base.mismatches.push(mismatch.graded_by(of_status.as_slice()));
    } else if observed.strictness >= Strictness::Message
        && let Wording::Observed(words) = form.text
        && error.message.as_deref() != Some(words)
    {
        base.mismatches.push(Mismatch::new(DivergenceKind::WrongMessage, by, "/message", words, shown));
    } else if observed.strictness >= Strictness::Status {
        base.rules.extend(rule_of_status(&error.kind));
    }
}

/// The form that an error has. Clients since about 2024 expect the texts of `BadRequestException` under
/// `AccessDeniedException`, too.
fn form_of<'a>(refusal: &'a Refusal, error: &ServiceError) -> Option<&'a RefusalForm> {
    let of_kind = |kind: &ErrorKind| refusal.forms.iter().find(|form| form.kind == *kind);
    let is_renamed = error.kind == ErrorKind::AccessDenied
        && error.message.as_deref().is_some_and(|text| text.starts_with("The request is rejected because"));
    of_kind(&error.kind).or_else(|| is_renamed.then(|| of_kind(&ErrorKind::BadRequest)).flatten())
}

/// The rule on the status of such an error.
#[expect(clippy::wildcard_enum_match_arm, reason = "of an error that was never seen, no rule knows the status")]
fn rule_of_status(kind: &ErrorKind) -> Option<RuleId> {
    match kind {
        ErrorKind::InvalidInput => Some(rules::WIRE_UNMODELLED_STATUS),
        ErrorKind::InvalidAccess | ErrorKind::ResourceConflict | ErrorKind::BadRequest => {
            Some(rules::WIRE_SEEN_STATUSES)
        }
        _ => None,
    }
}

/// The statuses an error was seen with on AWS (SH-WIRE-006, SH-WIRE-007); empty where only the API model speaks.
#[expect(clippy::wildcard_enum_match_arm, reason = "all other errors were never seen")]
fn observed_statuses(kind: &ErrorKind) -> &'static [u16] {
    match kind {
        ErrorKind::InvalidAccess => &[401],
        ErrorKind::ResourceConflict => &[409, 401],
        ErrorKind::BadRequest => &[400],
        ErrorKind::InvalidInput => &[400, 401],
        _ => &[],
    }
}

fn forms(refusal: &Refusal) -> String {
    let name = |form: &RefusalForm| format!("{} {}", form.kind.status(), form.kind);
    let names: Vec<String> = refusal.forms.iter().map(name).collect();
    list(names.iter())
}

fn list(items: impl Iterator<Item = impl ToString>) -> String {
    items.map(|item| item.to_string()).collect::<Vec<_>>().join(" or ")
}

/// The expectation of a branch, in a few words.
pub(super) fn wanted(expect: &Expect) -> String {
    match expect {
        Expect::Refused(refusal) => forms(refusal),
        Expect::Anything => "any answer".to_owned(),
        Expect::AnyRefusal => "a refusal".to_owned(),
        Expect::AnySuccess | Expect::Done | Expect::Setup => "200".to_owned(),
        Expect::Batch(_) => "200, with a result for each account".to_owned(),
        Expect::Hub(..) => "200, with the hub".to_owned(),
        Expect::Members(_) => "200, with members".to_owned(),
        Expect::Invitations(_) => "200, with invitations".to_owned(),
        Expect::Count(..) => "200, with a count".to_owned(),
        Expect::Administrator(_) => "200, with or without an administrator".to_owned(),
        Expect::AdminAccounts(_) => "200, with administrators".to_owned(),
        Expect::Configuration(_) => "200, with the configuration".to_owned(),
        Expect::Standards(_) => "200, with standards".to_owned(),
        Expect::Imported(count) => format!("200, with a SuccessCount of {count}"),
        Expect::Findings(_) => "200, with findings".to_owned(),
    }
}
