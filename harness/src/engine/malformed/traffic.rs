//! Requests that affect each other: at once, over one connection, or one after another that was not waited for.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep};

use super::super::symbols::SymbolicNames;
use super::context::{BURST, CONNECTIONS, KEPT};
use super::judge::normalised;
use super::lane::{Control, LIMIT, OperationLane, Recipe, TIMES, is_accepted};
use super::sequences::Step;
use super::stage::{OperationStage, without_numbers};
use crate::targets::{ConnectionEnd, RawExchange, TransportError};
use passmuster_contract::domain::{Operation, Outcome};
use passmuster_contract::wire;
use passmuster_malformed::{
    Aspect, Base, Class, Complaint, Delivery, Framing, InvariantId, Message, NormalResponse, Part, Set,
};

/// The time that a burst may take.
const BURST_TIME: Duration = Duration::from_secs(2);
/// A target that takes longer over one request is busy enough.
const QUICK: Duration = Duration::from_millis(25);
/// The most different requests among them.
const MOST_KINDS: usize = 8;
/// The number of looks at the fate of a request that was not waited for, and the time between them.
const LOOKS: usize = 5;
const BETWEEN_LOOKS: Duration = Duration::from_millis(60);
/// Answers of a target that has too much to do.
const OVERLOADED: [u16; 3] = [429, 503, 504];

/// A request whose answer, over a connection of its own, is known.
struct KnownRead {
    operation: Operation,
    message: Message,
    alone: NormalResponse,
}

impl OperationLane {
    /// The same request over several connections at once.
    pub(super) async fn parallel(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        let alone = self.open_stage().await?;
        let mut readings = Vec::new();
        for _ in 0..2 {
            let exchange = self.send_plain(&alone, &alone.base.message).await?;
            let answer = exchange.answers.first().filter(|_| exchange.took < LIMIT / 10);
            let Some(answer) = answer else { return Ok(Vec::new()) };
            readings.push(normalised(self.operation, &answer.response, &alone.naming));
        }
        let stage = self.open_stage().await?;
        let bytes = self.context.fixture.transport.raw_request(&stage.caller, &stage.base.message)?;
        let mut connections = Vec::new();
        for _ in 0..CONNECTIONS {
            // A target that takes fewer connections at once is asked no more.
            let Ok(connection) = self.context.fixture.transport.open_raw(&stage.caller).await else { break };
            connections.push(connection);
        }
        let mut running = JoinSet::new();
        for mut connection in connections {
            let bytes = bytes.clone();
            self.count(recipe.class(), 1);
            // They may be served one after the other.
            running.spawn(async move { connection.ask(&bytes, LIMIT * 2).await });
        }
        let step = Step { stage: &stage, reference, recipe };
        let mut complaints = Vec::new();
        while let Some(exchange) = running.join_next().await {
            let Ok(exchange) = exchange else { continue };
            complaints.extend(self.crowded(step, &stage.base.message, &readings, &exchange, "D113"));
        }
        if let Some((entries, _)) = self.page(&stage, &json!({ "OnlyAssociated": false })).await? {
            complaints.extend(twice(&stage, &entries));
        }
        Ok(complaints)
    }

    /// Finds a fault of an answer beside others: to be refused, or not to be heard, is none.
    fn crowded(
        &self,
        step: Step<'_>,
        message: &Message,
        readings: &[NormalResponse],
        exchange: &RawExchange,
        row: &'static str,
    ) -> Vec<Complaint> {
        let refused = exchange.answers.first().is_some_and(|answer| {
            (400..500).contains(&answer.response.status) || OVERLOADED.contains(&answer.response.status)
        });
        if refused || exchange.answers.is_empty() && exchange.garbage.is_none() {
            return Vec::new();
        }
        let mut complaints = self.judged(step, message, &[Set::AsRepaired], readings, exchange);
        for complaint in &mut complaints {
            if matches!(complaint.aspect, Aspect::WrongAnswer | Aspect::Misread) {
                *complaint = Complaint { row, aspect: Aspect::WrongAnswer, ..complaint.clone() };
            }
        }
        complaints
    }

    /// A request whose client goes away after its last byte.
    pub(super) async fn abandoned(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        let everybody = json!({ "OnlyAssociated": false });
        let whole = self.open_stage().await?;
        self.send_plain(&whole, &both(&whole.base)).await?;
        let Some((entries, _)) = self.page(&whole, &everybody).await? else { return Ok(Vec::new()) };
        let wanted = shown(&whole, &entries);
        let stage = self.open_stage().await?;
        let mut message = both(&stage.base);
        message.delivery = Delivery::Abandon;
        self.send(&stage, recipe.class(), &message).await?;
        let mut known = BTreeSet::new();
        for _ in 0..LOOKS {
            let Some((entries, _)) = self.page(&stage, &everybody).await? else { break };
            if let Some(complaint) = twice(&stage, &entries) {
                return Ok(vec![complaint]);
            }
            let now = shown(&stage, &entries);
            let halves: Vec<_> = now.iter().filter(|(id, entry)| wanted.get(*id) != Some(entry)).collect();
            if let Some((_, entry)) = halves.first() {
                return Ok(vec![state("each account a member as any other, or none", entry)]);
            }
            if known.iter().any(|account| !now.contains_key(account)) {
                return Ok(vec![state("who has become a member stays one", "a member is gone again")]);
            }
            known.extend(now.into_keys());
            sleep(BETWEEN_LOOKS).await;
        }
        // What it does next it should do as ever.
        let step = Step { stage: &stage, reference, recipe };
        let follow = self.send_plain(&stage, &stage.follow).await?;
        let mut complaints = self.judged(step, &stage.follow, &[Set::AnyPage], &[], &follow);
        complaints.retain(|complaint| matches!(complaint.aspect, Aspect::Crash | Aspect::Hang | Aspect::NotHttp));
        Ok(complaints)
    }

    /// The token of a page, used again.
    pub(super) async fn token_reused(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        let stage = self.open_stage().await?;
        self.send_plain(&stage, &both(&stage.base)).await?;
        let ask = |token: Option<&str>, associated: bool| {
            let mut members = json!({ "OnlyAssociated": associated, "MaxResults": 1 });
            if let (Some(members), Some(token)) = (members.as_object_mut(), token) {
                members.insert("NextToken".to_owned(), token.into());
            }
            members
        };
        let Some((first, Some(token))) = self.page(&stage, &ask(None, false)).await? else {
            return Ok(Vec::new());
        };
        self.page(&stage, &ask(Some(&token), false)).await?;
        let gone: Vec<&Value> = first.iter().filter_map(|entry| entry.get("AccountId")).collect();
        let delete = request(Operation::DeleteMembers, &json!({ "AccountIds": gone }));
        let step = Step { stage: &stage, reference, recipe };
        let mut complaints = Vec::new();
        for (associated, deletes) in [(false, false), (true, false), (false, true)] {
            if deletes && self.context.fixture.support.has(Operation::DeleteMembers) {
                self.send_plain(&stage, &delete).await?;
            }
            let message = request(Operation::ListMembers, &ask(Some(&token), associated));
            let exchange = self.send(&stage, recipe.class(), &message).await?;
            let sets = [Set::AnyPage, Set::Constraint, Set::NotFound, Set::Throttled];
            complaints.extend(self.judged(step, &message, &sets, &[], &exchange));
            let entries = listed(&exchange).map(|(entries, _)| entries).unwrap_or_default();
            complaints.extend(twice(&stage, &entries).map(|complaint| Complaint {
                row: "D114",
                grade: recipe.class().grade(),
                ..complaint
            }));
        }
        Ok(complaints)
    }

    /// As many reads as go into two seconds, or two hundred.
    pub(super) async fn burst(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        let stage = self.open_stage().await?;
        let message = stage.base.message.clone();
        let mut is_quick = false;
        for _ in 0..3 {
            let first = self.send(&stage, recipe.class(), &message).await?;
            is_quick |= is_accepted(&first) && first.took <= QUICK;
        }
        if !is_quick {
            return Ok(Vec::new());
        }
        let end = self.context.deadline.min(Instant::now() + BURST_TIME);
        let each = BURST.min(self.most.saturating_sub(self.result.requests)) / CONNECTIONS as u64;
        let mut running = JoinSet::new();
        for _ in 0..CONNECTIONS {
            let (transport, interrupt) = (self.context.fixture.transport.clone(), self.context.interrupt.clone());
            let (caller, message) = (stage.caller.clone(), message.clone());
            running.spawn(async move {
                let mut exchanges = Vec::new();
                for _ in 0..each {
                    if Instant::now() >= end || interrupt.is_raised() {
                        break;
                    }
                    // A target that takes no more connections for now is asked no more.
                    let Ok(exchange) = transport.send_raw(&caller, &message, None, TIMES).await else { break };
                    exchanges.push(exchange);
                }
                exchanges
            });
        }
        let step = Step { stage: &stage, reference, recipe };
        let (mut complaints, mut ids) = (Vec::new(), BTreeSet::new());
        while let Some(exchanges) = running.join_next().await {
            for exchange in exchanges.unwrap_or_default() {
                self.count(recipe.class(), 1);
                let readings = std::slice::from_ref(&reference.answer);
                complaints.extend(self.crowded(step, &message, readings, &exchange, "D50"));
                let id = exchange.answers.first().and_then(|answer| answer.response.header("x-amzn-requestid"));
                if id.is_some_and(|id| !ids.insert(id.to_owned())) {
                    let expected = "an x-amzn-requestid of its own";
                    let observed = "the same x-amzn-requestid twice";
                    complaints.push(Complaint::by_invariant(InvariantId::I11, Aspect::Note, expected, observed));
                }
            }
        }
        Ok(complaints)
    }

    /// A hundred requests one after the other on one connection, or as many as the target takes.
    pub(super) async fn keep_alive(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        let stage = self.open_stage().await?;
        let kinds = self.kinds(&stage).await?;
        let transport = self.context.fixture.transport.clone();
        let mut connection = transport.open_raw(&stage.caller).await?;
        let step = Step { stage: &stage, reference, recipe };
        let mut complaints = Vec::new();
        for (number, kind) in kinds.iter().cycle().take(KEPT).enumerate() {
            if self.is_over() {
                break;
            }
            let bytes = transport.raw_request(&stage.caller, &kind.message)?;
            self.count(recipe.class(), 1);
            let exchange = connection.ask(&bytes, LIMIT).await;
            let Some(answer) = exchange.answers.first() else {
                complaints.extend(unanswered(number, &exchange));
                break;
            };
            if let Some(flaw) = &answer.flaw {
                let expected = "an answer in valid HTTP";
                complaints.push(Complaint::by_invariant(InvariantId::I02, Aspect::NotHttp, expected, flaw));
                break;
            }
            let normal = normalised(kind.operation, &answer.response, &stage.naming);
            if OVERLOADED.contains(&normal.status) {
                break;
            }
            if normal != kind.alone {
                complaints.push(desync(&kind.alone.words(), &normal.words()));
                break;
            }
            if kind.operation == self.operation && normal.is_success() {
                let readings = std::slice::from_ref(&kind.alone);
                complaints.extend(self.judged(step, &kind.message, &[Set::AsRepaired], readings, &exchange));
            }
            let closes = answer.response.header("connection").is_some_and(|value| value.contains("close"));
            if closes || exchange.end != ConnectionEnd::Open {
                break;
            }
        }
        Ok(complaints)
    }

    /// Requests that change nothing, and have the same answer twice: reads, and such as may be taken for one.
    async fn kinds(&mut self, stage: &OperationStage) -> Result<Vec<KnownRead>, TransportError> {
        let everybody = json!({ "OnlyAssociated": false });
        let member = json!({ "AccountIds": [stage.base.member] });
        let reads = [
            (Operation::ListMembers, json!({})),
            (Operation::GetMembers, member),
            (Operation::DescribeHub, json!({})),
            (Operation::ListMembers, everybody),
        ];
        let reads = reads.into_iter().filter(|(operation, _)| self.context.fixture.support.has(*operation));
        let mut messages: Vec<_> =
            reads.map(|(operation, members)| (operation, request(operation, &members))).collect();
        let soft = passmuster_malformed::classes().filter_map(|class| soft(class, &stage.base));
        messages.extend(soft.take(MOST_KINDS - messages.len()).map(|message| (Operation::ListMembers, message)));
        let mut kinds = Vec::new();
        for (operation, message) in messages {
            let mut answers = Vec::new();
            for _ in 0..2 {
                let exchange = self.send_plain(stage, &message).await?;
                let quick = exchange.answers.first().filter(|_| exchange.took < LIMIT / 10);
                answers.extend(quick.map(|answer| normalised(operation, &answer.response, &stage.naming)));
            }
            if let [alone, again] = &answers[..]
                && alone == again
            {
                kinds.push(KnownRead { operation, message, alone: alone.clone() });
            }
        }
        Ok(kinds)
    }

    /// A page of ListMembers: its entries, and the token of the next one; none where there is none to be had.
    async fn page(
        &mut self,
        stage: &OperationStage,
        members: &Value,
    ) -> Result<Option<(Vec<Value>, Option<String>)>, TransportError> {
        if !self.context.fixture.support.has(Operation::ListMembers) {
            return Ok(None);
        }
        let exchange = self.send_plain(stage, &request(Operation::ListMembers, members)).await?;
        Ok(listed(&exchange))
    }
}

/// A well-formed request with these members.
pub(super) fn request(operation: Operation, members: &Value) -> Message {
    let document = members.as_object().cloned().unwrap_or_default();
    Message::of(&wire::encode_request(operation, &document))
}

/// Two accounts become members by one call.
pub(super) fn both(base: &Base) -> Message {
    let entries = base.strangers.each_ref().map(|account| json!({ "AccountId": account }));
    request(Operation::CreateMembers, &json!({ "AccountDetails": entries }))
}

/// A request that may be taken for a well-formed one, and leaves the connection as it is.
fn soft(class: &Class, base: &Base) -> Option<Message> {
    let is_soft = class.part == Part::Query;
    let requests = if is_soft { class.requests(base) } else { Vec::new() };
    let plain = |message: &Message| message.framing == Framing::Length && message.delivery == Delivery::Whole;
    let short = |message: &Message| message.target().len() < 1_000;
    let fits = |message: &Message| plain(message) && short(message);
    let fitting = requests.into_iter().find(|made| made.allowed.has(Set::AsRepaired) && fits(&made.message));
    fitting.map(|malformed| malformed.message)
}

pub(super) fn listed(exchange: &RawExchange) -> Option<(Vec<Value>, Option<String>)> {
    let response = &exchange.answers.first()?.response;
    let Outcome::Success(document) = wire::decode_response(Operation::ListMembers, response) else { return None };
    let token = document.get("NextToken").and_then(Value::as_str).filter(|token| !token.is_empty());
    let entries = document.get("Members").and_then(Value::as_array).cloned().unwrap_or_default();
    Some((entries, token.map(str::to_owned)))
}

/// The entry of a list for each account, by its name.
pub(super) fn shown(stage: &OperationStage, entries: &[Value]) -> BTreeMap<String, String> {
    let plain = |text: &str| without_numbers(&SymbolicNames::new(stage.naming.clone()).symbolic(text));
    let named = |entry: &Value| {
        let account = entry.get("AccountId")?.as_str()?;
        Some((plain(account), plain(&entry.to_string())))
    };
    entries.iter().filter_map(named).collect()
}

/// Complains of an account that a list names twice.
fn twice(stage: &OperationStage, entries: &[Value]) -> Option<Complaint> {
    let mut known = BTreeSet::new();
    let account = entries
        .iter()
        .filter_map(|entry| entry.get("AccountId")?.as_str())
        .find(|account| !known.insert(*account))?;
    let name = SymbolicNames::new(stage.naming.clone()).symbolic(account);
    Some(state("each member once", &format!("ListMembers names {name} twice")))
}

fn state(expected: &str, observed: &str) -> Complaint {
    Complaint::by_invariant(InvariantId::I12, Aspect::State, expected, observed)
}

fn desync(expected: &str, observed: &str) -> Complaint {
    let expected = format!("as over a connection of its own: {expected}");
    Complaint::by_invariant(InvariantId::I13, Aspect::Desync, &expected, observed)
}

/// Complains where a connection on which others were answered is neither closed nor answered on.
fn unanswered(number: usize, exchange: &RawExchange) -> Option<Complaint> {
    if let Some(garbage) = &exchange.garbage {
        let observed = format!("{}: {:?}", garbage.problem, garbage.excerpt);
        return Some(Complaint::by_invariant(
            InvariantId::I02,
            Aspect::NotHttp,
            "an answer in valid HTTP",
            &observed,
        ));
    }
    let hangs = number > 0 && exchange.end == ConnectionEnd::Silent;
    hangs.then(|| desync("an answer, or a closed connection", "no answer, and the connection stays open"))
}
