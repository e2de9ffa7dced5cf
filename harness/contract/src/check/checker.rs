//! Goes through a conversation call by call, with the step loop that runs have, too.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::beside::{self, Beside, Clouds};
use super::exchange::{Exchange, MOST_LISTS, exchanges};
use crate::domain::{Account, Divergence, Input, Operation, Outcome, RuleId, Transition};
use crate::model::Answers;
use crate::oracle::{Observation, Session, Strictness, Verdict, setup};
use crate::trace::{Called, Conversation, TraceNaming};

/// The result for one conversation. Calls are named by their place in it.
#[derive(Clone, Debug, Default)]
pub struct Checked {
    /// Calls whose answer was held against some rule.
    pub judged: u64,
    /// The divergences, each with its call.
    pub found: Vec<(usize, Divergence)>,
    /// The answers that may be late by a lag that the evidence names, each with its rule.
    pub late: Vec<(usize, RuleId)>,
    /// The calls that could not be judged, each with the reason.
    pub inconclusive: Vec<(usize, String)>,
    /// The number of answers that rested on each rule.
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
    let session = Session::new(naming, strictness, answers).with(conversation.header.circumstances());
    let handshakes = BTreeMap::new();
    let (begun, checked) = (BTreeMap::new(), Checked::default());
    let mut checker = Checker { session, clouds: Clouds::default(), handshakes, begun, checked };
    let cut: BTreeSet<usize> = exchanges.iter().filter_map(|later| later.goes_on_from).collect();
    let mut next = 0;
    while let Some(exchange) = exchanges.get(next) {
        if cut.contains(&next) {
            checker.begun.insert(next, checker.session.clone());
            if checker.begun.len() > MOST_LISTS {
                checker.begun.pop_first();
            }
        }
        if checker.session.is_lost() {
            checker.inconclusive(exchange, "the model could not follow any further");
            break;
        }
        next += checker.step(exchange, exchanges.get(next + 1));
    }
    checker.checked
}

struct Checker<'a> {
    session: Session<'a, TraceNaming>,
    clouds: Clouds,
    /// The management account that each invitation into an organization came from, by the handshake's id.
    handshakes: BTreeMap<String, Account>,
    /// What was the case when a list was begun that goes on behind a change, by its exchange.
    begun: BTreeMap<usize, Session<'a, TraceNaming>>,
    checked: Checked,
}

impl Checker<'_> {
    /// Judges an exchange; says how many it took: the next one may be a second opinion on it.
    fn step(&mut self, exchange: &Exchange<'_>, next: Option<&Exchange<'_>>) -> usize {
        if let Some(reason) = self.clouds.over(exchange) {
            self.inconclusive(exchange, &reason);
            return 1;
        }
        match (&exchange.call.operation, &exchange.transition) {
            (Called::Other(name), _) if self.is_of_handshake(exchange, name) => {}
            (Called::Other(name), _) => self.pass(exchange, name),
            (Called::Known(operation), _) if self.is_refused_as_sent(exchange, *operation) => {}
            (Called::Known(_), Err(reason)) => {
                self.inconclusive(exchange, reason);
                self.cloud_unless_refused(exchange);
            }
            (Called::Known(operation), Ok(transition)) if operation.is_setup() => {
                self.set_up(exchange, transition)
            }
            (Called::Known(_), Ok(transition)) => return self.judge(exchange, transition, next),
        }
        1
    }

    fn judge(&mut self, exchange: &Exchange<'_>, transition: &Transition, next: Option<&Exchange<'_>>) -> usize {
        if let Some(at) = exchange.loops {
            self.checked.found.push((at, Divergence::token_loop(transition.request.operation)));
        }
        self.hold_rest(exchange, transition);
        let before = self.session.clone();
        let noted = self.session.observe(transition, &exchange.observation());
        let mut divergences = match noted.verdict {
            Verdict::Conforms if exchange.cut_short && exchange.loops.is_none() => {
                self.inconclusive(exchange, "the list goes on, and its next page doesn't follow");
                return 1;
            }
            Verdict::Conforms => Vec::new(),
            Verdict::Diverges(divergences) => divergences,
            Verdict::Late(rule, _) => {
                self.checked.late.push((exchange.at, rule));
                return 1;
            }
            Verdict::Inconclusive(reason) => {
                self.inconclusive(exchange, &reason);
                if noted.is_effect_unknown {
                    self.cloud(exchange);
                }
                return 1;
            }
        };
        self.checked.judged += u64::from(!noted.rests.is_empty() || !divergences.is_empty());
        for rule in noted.held {
            *self.checked.rules.entry(rule).or_default() += 1;
        }
        let mut taken = 1;
        match (noted.question, next) {
            (Some(question), Some(next)) if next.asks(&question.call) => {
                self.session.settle(question, &next.observation(), &mut divergences);
                taken = 2;
            }
            (Some(question), _) => self.session.leave_open(question),
            (None, _) => {}
        }
        divergences.extend(exchange.form_flaw(transition.request.operation));
        // What is firm comes first.
        divergences.sort_by_key(|found| std::cmp::Reverse(found.severity()));
        let at = if divergences.is_empty() { exchange.at } else { first_wrong(before, transition, exchange) };
        self.checked.found.extend(divergences.into_iter().map(|found| (at, found)));
        if noted.is_effect_unknown {
            self.cloud(exchange);
        }
        taken
    }

    /// Holds a page behind a change against what is the case now, and against what was when its list was begun: what
    /// neither has on the list is on no page of it.
    fn hold_rest(&mut self, exchange: &Exchange<'_>, transition: &Transition) {
        let Some(begun) = exchange.goes_on_from.and_then(|first| self.begun.get(&first)) else { return };
        let mut transition = transition.clone();
        let Input::Page(page) = &mut transition.request.input else { return };
        page.next_token = None;
        let observation = Observation { partial: true, ..exchange.observation() };
        let found = |mut session: Session<'_, _>| match session.observe(&transition, &observation).verdict {
            Verdict::Diverges(found) => Some(found),
            Verdict::Conforms | Verdict::Late(..) | Verdict::Inconclusive(_) => None,
        };
        if found(begun.clone()).is_some()
            && let Some(found) = found(self.session.clone())
        {
            self.checked.found.extend(found.into_iter().map(|found| (exchange.at, found)));
        }
    }

    /// Follows an invitation into an organization, and its acceptance; whether the call is one of these.
    fn is_of_handshake(&mut self, exchange: &Exchange<'_>, name: &str) -> bool {
        let call = exchange.call;
        match name {
            "InviteAccountToOrganization" => {
                let told = exchange.response().and_then(|document| document.get("Handshake")?.get("Id")?.as_str());
                self.handshakes.extend(told.map(|id| (id.to_owned(), call.account)));
                true
            }
            "AcceptHandshake" if matches!(exchange.outcome, Outcome::Success(_)) => {
                let id = call.request.get("HandshakeId").and_then(Value::as_str);
                let from = id.and_then(|id| self.handshakes.get(id)).copied();
                from.is_some_and(|management| self.session.join(management, call.account))
            }
            _ => false,
        }
    }

    /// Passes a call over that the model has no place for, and what depends on it, where it may have changed something.
    fn pass(&mut self, exchange: &Exchange<'_>, name: &str) {
        match beside::meaning(name, &exchange.outcome) {
            Beside::Passed => {}
            Beside::Slip(reason) => self.inconclusive(exchange, &reason),
            Beside::Unknown(reason) => {
                self.inconclusive(exchange, &reason);
                self.cloud(exchange);
                self.clouds.spread_to_organizations(self.session.state());
            }
        }
    }

    /// Whether the request was refused for members that the API doesn't have, or that have another type there: that may
    /// be, and changes nothing (Q39).
    fn is_refused_as_sent(&self, exchange: &Exchange<'_>, operation: Operation) -> bool {
        let odd = exchange.transition.is_err()
            || beside::has_unknown_members(operation.shape().input, &exchange.call.request);
        odd && beside::is_refused_as_unreadable(&exchange.outcome)
    }

    fn cloud_unless_refused(&mut self, exchange: &Exchange<'_>) {
        if !matches!(exchange.outcome, Outcome::Error(_)) {
            self.cloud(exchange);
        }
    }

    /// What the call did can't be known: nor can anything about those who have to do with it.
    fn cloud(&mut self, exchange: &Exchange<'_>) {
        let mut accounts: Vec<Account> = vec![exchange.call.account];
        beside::mentioned(&Value::Object(exchange.call.request.clone()), &mut accounts);
        self.clouds.spread(accounts, self.session.state(), exchange.call.operation.to_string());
    }

    /// Believes what a call to AWS Organizations did, without judging it: the contract is about what it does to
    /// Security Hub.
    fn set_up(&mut self, exchange: &Exchange<'_>, transition: &Transition) {
        let document = match &exchange.outcome {
            Outcome::Success(document) => document,
            // What AWS Organizations refuses has changed nothing.
            Outcome::Error(_) => return,
            Outcome::Undecodable { reason, .. } => {
                self.inconclusive(exchange, reason);
                return self.cloud(exchange);
            }
        };
        let mut transition = transition.clone();
        let operation = transition.request.operation;
        if exchange.creates() {
            match (setup::assigned_id(document), setup::status_member(document, "State")) {
                (Some(id), _) => transition.request.input = Input::Account(Some(id.into())),
                (None, Some("FAILED")) => return,
                (None, _) => {
                    self.inconclusive(exchange, "the id of the account that it creates isn't told");
                    return self.cloud(exchange);
                }
            }
        }
        if !operation.is_mutating() || self.session.believe(&transition, &exchange.outcome) {
            return;
        }
        self.inconclusive(exchange, &format!("the model has no place for this {operation}"));
        self.cloud(exchange);
    }

    fn inconclusive(&mut self, exchange: &Exchange<'_>, reason: &str) {
        self.checked.inconclusive.push((exchange.at, reason.to_owned()));
    }
}

/// The page that is wrong by itself; where only the whole list is, its first.
fn first_wrong(before: Session<'_, TraceNaming>, transition: &Transition, exchange: &Exchange<'_>) -> usize {
    let unknown = exchange.unknown();
    let is_wrong = |outcome: &Outcome, pages: &[usize]| {
        let observation = Observation { outcome, pages, unknown, partial: true };
        matches!(before.clone().observe(transition, &observation).verdict, Verdict::Diverges(_))
    };
    let wrong = exchange.beginnings().find(|(_, outcome, pages)| is_wrong(outcome, pages));
    wrong.map_or(exchange.at, |(at, ..)| at)
}

impl Exchange<'_> {
    /// Whether it asks the same as this call. In which order a run names accounts is lost with the names of its cast.
    fn asks(&self, call: &Transition) -> bool {
        let sorted = |transition: &Transition| {
            let mut transition = transition.clone();
            if let Input::Accounts(Some(accounts)) = &mut transition.request.input {
                accounts.sort_unstable();
            }
            transition
        };
        !self.is_partial() && self.transition.as_ref().is_ok_and(|own| sorted(own) == sorted(call))
    }
}
