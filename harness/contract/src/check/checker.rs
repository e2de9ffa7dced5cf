//! Goes through a conversation call by call, with the step loop that runs have, too.

use std::collections::BTreeMap;

use super::exchange::{Exchange, exchanges};
use crate::domain::{Divergence, Input, Operation, Outcome, RuleId, Transition};
use crate::model::Answers;
use crate::oracle::{Observation, Session, Strictness, Verdict, setup};
use crate::trace::{Conversation, TraceNaming};

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
    let mut checker = Checker { session, checked: Checked::default() };
    let mut next = 0;
    while let Some(exchange) = exchanges.get(next) {
        if checker.session.is_lost() {
            checker.inconclusive(exchange, "the model could not follow any further");
            break;
        }
        match checker.step(exchange, exchanges.get(next + 1)) {
            Going::On => next += 1,
            Going::AfterTheNext => next += 2,
            Going::Nowhere => {
                if let Some(after) = exchanges.get(next + 1) {
                    let reason = format!("what {} did before can't be known", exchange.call.operation);
                    checker.inconclusive(after, &reason);
                }
                break;
            }
        }
    }
    checker.checked
}

/// The place where a conversation goes on.
enum Going {
    On,
    /// The next exchange was the second opinion on this one.
    AfterTheNext,
    Nowhere,
}

struct Checker<'a> {
    session: Session<'a, TraceNaming>,
    checked: Checked,
}

impl Checker<'_> {
    fn step(&mut self, exchange: &Exchange<'_>, next: Option<&Exchange<'_>>) -> Going {
        let transition = match &exchange.transition {
            Ok(transition) => transition,
            Err(reason) => {
                self.inconclusive(exchange, reason);
                return Going::Nowhere;
            }
        };
        if exchange.call.operation.is_setup() {
            return self.set_up(exchange, transition);
        }
        if let Some(at) = exchange.loops {
            self.checked.found.push((at, Divergence::token_loop(exchange.call.operation)));
        }
        let before = self.session.clone();
        let noted = self.session.observe(transition, &exchange.observation());
        let mut divergences = match noted.verdict {
            Verdict::Conforms if exchange.cut_short && exchange.loops.is_none() => {
                self.inconclusive(exchange, "the list goes on, and its next page doesn't follow");
                return Going::On;
            }
            Verdict::Conforms => Vec::new(),
            Verdict::Diverges(divergences) => divergences,
            Verdict::Late(rule, _) => {
                self.checked.late.push((exchange.at, rule));
                return Going::On;
            }
            Verdict::Inconclusive(reason) => {
                self.inconclusive(exchange, &reason);
                return if noted.is_effect_unknown { Going::Nowhere } else { Going::On };
            }
        };
        self.checked.judged += u64::from(!noted.rests.is_empty() || !divergences.is_empty());
        for rule in noted.held {
            *self.checked.rules.entry(rule).or_default() += 1;
        }
        let mut going = Going::On;
        if let Some(question) = noted.question
            && let Some(next) = next.filter(|next| next.asks(&question.call))
        {
            self.session.settle(question, &next.observation(), &mut divergences);
            going = Going::AfterTheNext;
        }
        // What is firm comes first.
        divergences.sort_by_key(|found| std::cmp::Reverse(found.severity()));
        let at = if divergences.is_empty() { exchange.at } else { first_wrong(before, transition, exchange) };
        self.checked.found.extend(divergences.into_iter().map(|found| (at, found)));
        if noted.is_effect_unknown { Going::Nowhere } else { going }
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
        let creates = exchange.call.operation == Operation::CreateAccount;
        if let Some(id) = setup::assigned_id(document).filter(|_| creates) {
            transition.request.input = Input::Account(Some(id.into()));
        }
        if self.session.believe(&transition, &exchange.outcome) {
            return Going::On;
        }
        let reason = format!("the model has no place for this {}", exchange.call.operation);
        self.inconclusive(exchange, &reason);
        Going::Nowhere
    }

    fn inconclusive(&mut self, exchange: &Exchange<'_>, reason: &str) {
        self.checked.inconclusive.push((exchange.at, reason.to_owned()));
    }
}

/// The page that is wrong by itself; where only the whole list is, its first.
fn first_wrong(before: Session<'_, TraceNaming>, transition: &Transition, exchange: &Exchange<'_>) -> usize {
    let unknown = &exchange.call.unknown;
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
