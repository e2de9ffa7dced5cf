//! Judges what came over a connection: each answer by the catalogue's judge and the invariants, and what lies between
//! answers by itself.

use super::super::impact;
use super::super::symbols::SymbolicNames;
use crate::generate::CastNaming;
use crate::targets::{ConnectionEnd, RawExchange};
use passmuster_contract::domain::{Operation, Outcome};
use passmuster_contract::wire::{self, HttpResponse};
use passmuster_malformed::{
    Aspect, Class, Complaint, Delivery, ErrorAnswer, InvariantId, NormalResponse, Part, Trial, check_invariants,
    shortened,
};

/// A malformed request that was sent, and what comes back is held against.
pub(super) struct ConnectionTrial<'a> {
    /// The request and its answers.
    pub(super) trial: Trial<'a>,
    pub(super) class: &'a Class,
    pub(super) naming: &'a CastNaming,
    /// The answers to the well-formed request after it: before it did anything, and after.
    pub(super) follows: &'a [NormalResponse],
    pub(super) canary: &'a str,
}

/// An answer, normalised by the names of a stage.
pub(super) fn normalised(operation: Operation, response: &HttpResponse, naming: &CastNaming) -> NormalResponse {
    NormalResponse::of(operation, response, |text| SymbolicNames::new(naming.clone()).symbolic(text))
}

impl ConnectionTrial<'_> {
    /// Everything that is wrong with what came back.
    pub(super) fn judge(&self, exchange: &RawExchange) -> Vec<Complaint> {
        let mut complaints = Vec::new();
        let Some(answer) = exchange.answers.first() else {
            complaints.extend(self.without_answer(exchange));
            return complaints;
        };
        let response = &answer.response;
        if let Some(flaw) = &answer.flaw {
            complaints.push(Complaint::by_invariant(
                InvariantId::I02,
                Aspect::NotHttp,
                "an answer in valid HTTP",
                flaw,
            ));
        } else if let Some(mut complaint) =
            self.trial.judge(response, &normalised(self.trial.operation, response, self.naming))
        {
            if response.status >= 300 {
                complaint.impact = impact::of_answer(&(self.trial.operation, response.clone()));
            }
            complaints.push(complaint);
        }
        complaints.extend(self.desync(exchange));
        check_invariants(response, self.canary, &self.trial.malformed.message, &mut complaints);
        if let Outcome::Error(error) = wire::decode_error(response) {
            let refusal = ErrorAnswer { status: error.status, code: Some(error.kind.code()) };
            let is_admitted = self.trial.admits_pair(refusal);
            complaints.retain(|complaint| !(is_admitted && complaint.row == InvariantId::I09.name()));
        }
        // A server that answers before it knows what was asked owes no form.
        if (self.trial.is_free_in_form() || self.trial.malformed.is_open)
            && matches!(wire::decode_error(response), Outcome::Undecodable { .. })
        {
            complaints.retain(|complaint| complaint.aspect != Aspect::Note);
        }
        complaints
    }

    fn without_answer(&self, exchange: &RawExchange) -> Option<Complaint> {
        let stalled = self.trial.malformed.message.delivery == Delivery::Stall;
        if exchange.end == ConnectionEnd::Abandoned || stalled && exchange.garbage.is_none() {
            return None;
        }
        if let Some(garbage) = &exchange.garbage {
            let observed = format!("{}: {:?}", garbage.problem, shortened(&garbage.excerpt));
            return Some(Complaint::by_invariant(
                InvariantId::I02,
                Aspect::NotHttp,
                "an answer in valid HTTP",
                &observed,
            ));
        }
        let expected = self.trial.expected();
        match exchange.end {
            // Who waits for the rest of a request whose end can't be made out does no wrong.
            ConnectionEnd::Silent if exchange.waited && self.class.part == Part::Framing => None,
            ConnectionEnd::Silent => Some(Complaint::by_invariant(
                InvariantId::I01,
                Aspect::Hang,
                &expected,
                "no answer, and the connection stays open",
            )),
            _ if exchange.waited && self.class.part != Part::Framing => Some(Complaint::by_invariant(
                InvariantId::I01,
                Aspect::Hang,
                &expected,
                "no answer before the client ended its half of the connection",
            )),
            _ if self.trial.may_close() || self.trial.malformed.is_open => None,
            _ => Some(Complaint::by_invariant(
                InvariantId::I01,
                Aspect::NoAnswer,
                &expected,
                "the connection is closed without an answer",
            )),
        }
    }

    fn desync(&self, exchange: &RawExchange) -> Option<Complaint> {
        // After all that is wrong with the framing there is another request; most of it leaves open where it begins.
        let is_followed = match self.trial.malformed.message.delivery {
            Delivery::Pipelined => true,
            Delivery::Whole => self.class.part == Part::Framing && self.class.rows.contains(&"I13"),
            _ => false,
        };
        if !is_followed {
            return None;
        }
        let expected = "a closed connection, or the answer to the next request and nothing more";
        let complain =
            |observed: &str| Some(Complaint::by_invariant(InvariantId::I13, Aspect::Desync, expected, observed));
        match &exchange.answers[1..] {
            [] if exchange.end == ConnectionEnd::Silent && exchange.garbage.is_none() => {
                complain("one answer to two requests, and the connection stays open")
            }
            [] => None,
            [second] => {
                let normal = normalised(Operation::ListMembers, &second.response, self.naming);
                // Who refuses a length beside chunks closes: RFC 9112, section 6.1.
                let has_to_close =
                    self.class.rows.starts_with(&["D05", "I13"]) && exchange.answers[0].response.status >= 400;
                let closes = second.response.status == 400 && exchange.end != ConnectionEnd::Open && !has_to_close;
                // What was done before shows in the read after it.
                let done = exchange.answers[0].response.status < 300 && self.trial.operation.is_mutating();
                let fine = self.follows.contains(&normal)
                    || closes
                    || second.response.status == 429
                    || done && normal.is_success();
                if fine { None } else { complain(&format!("the next request is answered {}", normal.words())) }
            }
            _ => complain("more than two answers to two requests"),
        }
    }
}
