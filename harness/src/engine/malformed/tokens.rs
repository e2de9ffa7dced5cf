//! Tokens that a page gave, escaped in other ways than a client escapes them.

use serde_json::{Value, json};

use super::context::{TOKENS, WRITINGS};
use super::judge::normalised;
use super::lane::{Control, OperationLane, Recipe, is_accepted};
use super::sequences::Step;
use super::traffic::{both, listed, request, shown};
use crate::targets::TransportError;
use passmuster_contract::domain::Operation;
use passmuster_malformed::{Aspect, Complaint, Message, Set};

/// The token that is written so.
#[derive(Clone, Copy)]
enum Writing {
    /// The one that was given.
    Same,
    /// The escapes of the one that was given.
    Twice,
    /// One that is almost it. Some decoders leave out what they don't know.
    Broken,
}

impl OperationLane {
    /// The tokens of two pages, escaped otherwise, and escaped twice.
    pub(super) async fn token_escaped(
        &mut self,
        recipe: &dyn Recipe,
        reference: &Control,
    ) -> Result<Vec<Complaint>, TransportError> {
        let stage = self.open_stage().await?;
        self.send_plain(&stage, &both(&stage.base)).await?;
        let step = Step { stage: &stage, reference, recipe };
        let mut complaints = Vec::new();
        let mut token = None;
        let mut before: Vec<Value> = Vec::new();
        for _ in 0..=TOKENS {
            let asked = token.as_deref();
            let page = self.send_plain(&stage, &ask(asked)).await?;
            let Some((entries, next)) = listed(&page).filter(|_| is_accepted(&page)) else { break };
            if let Some(token) = asked
                && !entries.is_empty()
                && shown(&stage, &entries) != shown(&stage, &before)
            {
                complaints.extend(self.writings(step, token, &entries).await?);
            }
            let Some(next) = next else { break };
            (token, before) = (Some(next), entries);
        }
        Ok(complaints)
    }

    /// One token in each way of writing, where this is its page.
    async fn writings(
        &mut self,
        step: Step<'_>,
        token: &str,
        page: &[Value],
    ) -> Result<Vec<Complaint>, TransportError> {
        let mut complaints = Vec::new();
        for (writing, value) in written(token) {
            if self.is_over() {
                break;
            }
            let mut message = ask(None);
            message.query.push(format!("NextToken={value}").into_bytes());
            let found = self.writing(step, writing, &message, page).await?;
            if !found.is_empty() && matches!(writing, Writing::Same) {
                let again = self.send_plain(step.stage, &ask(Some(token))).await?;
                let same = listed(&again).filter(|_| is_accepted(&again));
                if same.is_none_or(|(entries, _)| shown(step.stage, &entries) != shown(step.stage, page)) {
                    // A token that serves once only may be written in any way (Q29).
                    break;
                }
            }
            complaints.extend(found);
        }
        Ok(complaints)
    }

    async fn writing(
        &mut self,
        step: Step<'_>,
        writing: Writing,
        message: &Message,
        page: &[Value],
    ) -> Result<Vec<Complaint>, TransportError> {
        let exchange = self.send(step.stage, step.recipe.class(), message).await?;
        let same = listed(&exchange)
            .filter(|_| is_accepted(&exchange))
            .map(|(entries, _)| shown(step.stage, &entries) == shown(step.stage, page));
        let blame = |expected: &str, observed: &str| Complaint::by_row("D27", Aspect::Misread, expected, observed);
        // What a page gives next is a token of its own each time.
        let sets: &[Set] = match writing {
            Writing::Same => &[Set::AnyPage],
            Writing::Twice | Writing::Broken => {
                &[Set::AnyPage, Set::Parse, Set::Constraint, Set::Handled, Set::NotFound, Set::Http]
            }
        };
        let mut complaints = self.judged(step, message, sets, &[], &exchange);
        match (writing, same) {
            (Writing::Same, Some(false)) => {
                let first = exchange.answers.first();
                let shown = first.map(|answer| {
                    normalised(Operation::ListMembers, &answer.response, &step.stage.naming).words()
                });
                let observed = format!("another page: {}", shown.unwrap_or_default());
                complaints.push(blame("the page of the same token, escaped as usual", &observed));
            }
            (Writing::Twice, Some(true)) => {
                let expected = "a refusal, an empty page or the first one, for it is another token";
                complaints.push(blame(expected, "the page of the token that was escaped once more"));
            }
            _ => {}
        }
        Ok(complaints)
    }
}

/// One entry of ListMembers.
fn ask(token: Option<&str>) -> Message {
    let mut members = json!({ "OnlyAssociated": false, "MaxResults": 1 });
    if let (Some(members), Some(token)) = (members.as_object_mut(), token) {
        members.insert("NextToken".to_owned(), token.into());
    }
    request(Operation::ListMembers, &members)
}

/// Ways to write a token in a query string.
fn written(token: &str) -> [(Writing, String); WRITINGS] {
    let each = |escape: fn(u8) -> String| token.bytes().map(escape).collect::<String>();
    let upper = each(|byte| format!("%{byte:02X}"));
    let (lower, twice) = (each(|byte| format!("%{byte:02x}")), each(|byte| format!("%25{byte:02X}")));
    let cut = upper.get(..upper.len().saturating_sub(3)).unwrap_or_default().to_owned();
    [
        (Writing::Same, upper.clone()),
        (Writing::Same, lower),
        (Writing::Twice, twice),
        (Writing::Broken, format!("{upper}%2B")),
        (Writing::Broken, format!("{upper}%00")),
        (Writing::Broken, cut),
    ]
}
