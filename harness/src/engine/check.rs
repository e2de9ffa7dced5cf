//! Judges a recorded conversation, without any target.

use std::collections::BTreeMap;

use serde_json::Value;

use super::executor::{assigned_id, is_refused};
use super::opinion;
use passmuster_contract::catalogue;
use passmuster_contract::domain::{
    Divergence, DivergenceKind, Document, Input, Operation, Outcome, RuleId, Transition,
};
use passmuster_contract::model::Answers;
use passmuster_contract::oracle::{Belief, Observed, Strictness, Verdict};
use passmuster_contract::trace::{Answer, Call, Conversation, TraceNaming, list_of};
use passmuster_contract::wire::{self, HttpResponse};

/// What was found out about one conversation. Calls are named by their place in it.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Calls whose answer was held against some rule.
    pub judged: u64,
    /// What diverged, and where.
    pub found: Vec<(usize, Divergence)>,
    /// What could not be judged, and why.
    pub inconclusive: Vec<(usize, String)>,
    /// How often an answer rested on each rule.
    pub rules: BTreeMap<RuleId, u64>,
}

/// Judges a conversation as a run judges a scenario: one call after the other, the pages of a list as one. The
/// answers are those that the open questions are held to have.
#[must_use]
pub fn check(conversation: &Conversation, strictness: Strictness, answers: &Answers) -> Checked {
    let naming = match conversation.naming() {
        Ok(naming) => naming,
        Err(reason) => return Checked { inconclusive: vec![(0, reason)], ..Checked::default() },
    };
    let exchanges = exchanges(&conversation.calls, &naming);
    let mut judge =
        Judge { naming: &naming, strictness, answers, belief: Belief::default(), checked: Checked::default() };
    let mut next = 0;
    while let Some(exchange) = exchanges.get(next) {
        if judge.belief.is_lost() {
            judge.inconclusive(exchange, "the model could not follow any further");
            break;
        }
        match judge.step(exchange, exchanges.get(next + 1)) {
            Going::On => next += 1,
            Going::BehindTheNext => next += 2,
            Going::Nowhere => {
                if let Some(behind) = exchanges.get(next + 1) {
                    let reason = format!("what {} did before can't be known", exchange.call.operation);
                    judge.inconclusive(behind, &reason);
                }
                break;
            }
        }
    }
    judge.checked
}

/// One call with its whole answer.
struct Exchange<'c> {
    at: usize,
    call: &'c Call,
    /// The call in the terms of the model, or why it has none.
    transition: Result<Transition, String>,
    outcome: Outcome,
    pages: Vec<usize>,
    /// A list that goes on behind what was recorded.
    cut_short: bool,
}

/// Where a conversation goes on.
enum Going {
    On,
    /// The next exchange was the second opinion on this one.
    BehindTheNext,
    Nowhere,
}

struct Judge<'n> {
    naming: &'n TraceNaming,
    strictness: Strictness,
    answers: &'n Answers,
    belief: Belief,
    checked: Checked,
}

impl<'n> Judge<'n> {
    fn step(&mut self, exchange: &Exchange<'_>, next: Option<&Exchange<'_>>) -> Going {
        let transition = match &exchange.transition {
            Ok(transition) if !exchange.cut_short => transition,
            Ok(_) => {
                self.inconclusive(exchange, "the list goes on, and its next page doesn't follow");
                return Going::On;
            }
            Err(reason) => {
                self.inconclusive(exchange, reason);
                return Going::Nowhere;
            }
        };
        if exchange.call.operation.is_setup() {
            return self.set_up(exchange, transition);
        }
        let judgement = self.belief.judge(transition, &self.observed(exchange, self.answers));
        let mut divergences = match judgement.verdict {
            Verdict::Conforms => Vec::new(),
            Verdict::Diverges(divergences) => divergences,
            Verdict::Inconclusive(reason) => {
                self.inconclusive(exchange, &reason);
                // What was refused changed nothing; what can't be read may have.
                let refused = matches!(exchange.outcome, Outcome::Error(_));
                let harmless = refused || !exchange.call.operation.is_mutating();
                return if harmless { Going::On } else { Going::Nowhere };
            }
        };
        divergences.retain(|found| !is_unknown(exchange.call, found));
        self.checked.judged += u64::from(!judgement.rules.is_empty() || !divergences.is_empty());
        for rule in judgement.rules {
            if !divergences.iter().any(|found| found.rules.contains(&rule)) {
                *self.checked.rules.entry(rule).or_default() += 1;
            }
        }
        let mut going = Going::On;
        if let Some(rival) = judgement.rival
            && let Some(asked) = opinion::ask(transition, &rival, &divergences)
            && let Some(next) = next
                .filter(|next| next.transition.as_ref().is_ok_and(|next| is_same(next, &asked)) && !next.cut_short)
        {
            let adopted = std::mem::take(&mut self.belief);
            // Whose answer it is isn't asked here.
            let anybodys = Answers::default();
            let observed = self.observed(next, &anybodys);
            (self.belief, _) = opinion::settle(rival, adopted, &asked, &observed, &mut divergences);
            going = Going::BehindTheNext;
        }
        let broken = divergences.iter().any(|found| found.kind == DivergenceKind::Wire);
        self.checked.found.extend(divergences.into_iter().map(|found| (exchange.at, found)));
        if broken && exchange.call.operation.is_mutating() {
            return Going::Nowhere;
        }
        going
    }

    /// Believes what a call to AWS Organizations did, without judging it: the contract is about what it does to
    /// Security Hub.
    fn set_up(&mut self, exchange: &Exchange<'_>, transition: &Transition) -> Going {
        let document = match &exchange.outcome {
            Outcome::Success(document) => document,
            // What AWS Organizations refuses has changed nothing.
            Outcome::Error(_) => return Going::On,
            Outcome::Undecodable { reason, .. } => {
                self.inconclusive(exchange, reason);
                return Going::Nowhere;
            }
        };
        let mut transition = transition.clone();
        if let Some(id) = assigned_id(document).filter(|_| exchange.call.operation == Operation::CreateAccount) {
            transition.request.input = Input::Account(Some(id.into()));
        }
        let fits = !is_refused(self.belief.state(), &transition);
        let judged = fits.then(|| self.belief.judge(&transition, &self.observed(exchange, self.answers)));
        if judged.is_some_and(|judgement| judgement.verdict == Verdict::Conforms) {
            return Going::On;
        }
        let reason = format!("the model has no place for this {}", exchange.call.operation);
        self.inconclusive(exchange, &reason);
        Going::Nowhere
    }

    fn observed<'o>(&self, exchange: &'o Exchange<'_>, answers: &'o Answers) -> Observed<'o, TraceNaming>
    where
        'n: 'o,
    {
        let Self { naming, strictness, .. } = *self;
        let (outcome, pages) = (&exchange.outcome, &exchange.pages[..]);
        Observed { outcome, pages, naming, strictness, grade: catalogue::grade, answers }
    }

    fn inconclusive(&mut self, exchange: &Exchange<'_>, reason: &str) {
        self.checked.inconclusive.push((exchange.at, reason.to_owned()));
    }
}

/// Whether two calls ask the same. In which order a run names accounts is lost with the names of its cast.
fn is_same(one: &Transition, other: &Transition) -> bool {
    let sorted = |transition: &Transition| {
        let mut transition = transition.clone();
        if let Input::Accounts(Some(accounts)) = &mut transition.request.input {
            accounts.sort_unstable();
        }
        transition
    };
    sorted(one) == sorted(other)
}

/// Whether the divergence is only that a member is missing which the source doesn't show.
fn is_unknown(call: &Call, found: &Divergence) -> bool {
    let name = found.pointer.rsplit('/').next().unwrap_or_default();
    call.unknown.iter().any(|unknown| unknown == name)
}

/// The calls with their answers; the pages of one walk through a list, one right behind the other, are one.
fn exchanges<'c>(calls: &'c [Call], naming: &TraceNaming) -> Vec<Exchange<'c>> {
    let mut exchanges: Vec<Exchange<'c>> = Vec::new();
    // The token under which the list of the last exchange goes on.
    let mut open: Option<String> = None;
    for (at, call) in calls.iter().enumerate() {
        let outcome = outcome(call);
        let token = next_token(call, &outcome);
        if let Some(first) = exchanges
            .last_mut()
            .filter(|first| open.as_deref().is_some_and(|open| continues(first.call, call, open)))
        {
            first.append(call, outcome);
        } else {
            let own = call.request.contains_key("NextToken");
            let pages = if call.pages.is_empty() { sizes(call, &outcome) } else { call.pages.clone() };
            let transition = call.transition(naming).map_err(|wrong| wrong.to_string());
            exchanges.push(Exchange { at, call, transition, outcome, pages, cut_short: false });
            open = None;
            if own || !call.pages.is_empty() {
                continue;
            }
        }
        open = token;
        if let Some(exchange) = exchanges.last_mut() {
            exchange.cut_short = open.is_some();
        }
    }
    exchanges
}

/// Whether a call asks for the page behind the first one's.
fn continues(first: &Call, call: &Call, token: &str) -> bool {
    let mut request = first.request.clone();
    request.insert("NextToken".to_owned(), token.into());
    (first.account, &first.region, first.operation) == (call.account, &call.region, call.operation)
        && call.request == request
}

/// Absent, null and empty all say that there is no further page (SH-WIRE-021).
fn next_token(call: &Call, outcome: &Outcome) -> Option<String> {
    list_of(call.operation)?;
    let Outcome::Success(document) = outcome else { return None };
    let token = document.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    token.map(str::to_owned)
}

fn sizes(call: &Call, outcome: &Outcome) -> Vec<usize> {
    match (list_of(call.operation), outcome) {
        (Some(list), Outcome::Success(document)) => {
            vec![document.get(list).and_then(Value::as_array).map_or(0, Vec::len)]
        }
        _ => Vec::new(),
    }
}

impl Exchange<'_> {
    /// Adds a page, or takes an answer that is none for the whole.
    fn append(&mut self, call: &Call, page: Outcome) {
        let list = list_of(call.operation).unwrap_or_default();
        let entries = match &page {
            Outcome::Success(document) => document.get(list).and_then(Value::as_array).cloned(),
            Outcome::Error(_) | Outcome::Undecodable { .. } => None,
        };
        let Outcome::Success(whole) = &mut self.outcome else { return };
        match (entries, whole.get_mut(list)) {
            (Some(entries), Some(Value::Array(known))) => {
                self.pages.push(entries.len());
                known.extend(entries);
            }
            _ => self.outcome = page,
        }
    }
}

/// The answer as a client reads it.
fn outcome(call: &Call) -> Outcome {
    match &call.answer {
        Answer::Error(error) => Outcome::Error(error.clone()),
        Answer::Unreadable { status, reason } => Outcome::Undecodable { status: *status, reason: reason.clone() },
        Answer::Response { body: None, .. } => Outcome::Success(Document::new()),
        Answer::Response { status, body: Some(body) } => {
            let body = body.to_string().into_bytes();
            let response = HttpResponse { status: *status, headers: Vec::new(), body };
            wire::decode_response(call.operation, &response)
        }
    }
}
