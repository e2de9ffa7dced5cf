//! Classes of malformed requests: an operator each, by an id that stays.

use std::fmt;
use std::ops::Range;

use crate::answers::{Allowed, Set};
use crate::message::{Base, Message};
use crate::protocol;
use passmuster_contract::domain::{Grade, Operation};

/// The number of a class in the catalogue, `M001` to `M309`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ClassId(pub u16);

impl fmt::Display for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "M{:03}", self.0)
    }
}

impl fmt::Debug for ClassId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self}")
    }
}

/// The part of a request that a class spoils. Of each part a composition spoils one at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// Request line, header syntax, the length of the body, how the bytes are sent.
    Framing,
    /// Method and path.
    Route,
    /// Header fields.
    Headers,
    /// The signature.
    Signature,
    /// The members of the body: their names, types and values.
    Members,
    /// The text of the body.
    Text,
    /// The query string.
    Query,
    /// Several requests.
    Sequence,
}

/// A class of malformed requests.
#[derive(Clone, Copy, Debug)]
pub struct Class {
    /// Its id.
    pub id: ClassId,
    /// The part that it spoils.
    pub part: Part,
    /// Its effect, in a few words.
    pub title: &'static str,
    /// The rows of the decision table, or the invariants, that say what may be answered; the first one is blamed.
    pub rows: &'static [&'static str],
    /// The way in which its requests are made.
    pub operator: Operator,
}

/// One operation with a body, and one without: to these a campaign sends every variant of every class.
pub const HOMES: [Operation; 2] = [Operation::CreateMembers, Operation::ListMembers];

/// A function that makes malformed requests out of a base and the message that it has become.
pub type Spoil = fn(&Base, &Message) -> Vec<Malformed>;

/// The way in which the requests of a class are made.
#[derive(Clone, Copy, Debug)]
pub enum Operator {
    /// Out of a request of the operation of the base: none where the class does not fit it. The message is that of the
    /// base, or what other classes have made of it.
    Spoils(Spoil),
    /// By a procedure of several requests; see [`Procedure`].
    Sequence(Procedure),
    /// Not at all, for this reason.
    Excused(&'static str),
}

/// A fault that takes more than one request to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Procedure {
    /// Each operation but EnableSecurityHub in an account and Region without a hub: [`Set::InvalidAccess`], or what
    /// the model admits.
    WithoutHub,
    /// EnableSecurityHub, and the same again: the second is [`Set::Conflict`].
    EnableTwice,
    /// CreateMembers, and the same again: the second is a success that names the account as unprocessed.
    CreateTwice,
    /// Every list of the account is read, a request is sent that must be refused, and every list is read again: they
    /// are equal. Each refused request of the other classes is one.
    RefusedBetweenViews,
    /// The same CreateMembers over eight connections, all open before the first byte goes out: no 5xx, each answer is
    /// one that the call may have alone, and the member is there once.
    Parallel,
    /// CreateMembers with two accounts whose client closes its connection after the last byte: each of the accounts
    /// is a member or is none, and stays so.
    Abandoned,
    /// Two pages of ListMembers, and the token of the first again: as it was, after the deletion of a member, and with
    /// the other `OnlyAssociated`. A success or [`Set::Constraint`]; no page names a member twice.
    TokenReused,
    /// Two hundred well-formed requests within two seconds, over eight connections at a time: each has its own answer,
    /// or [`Set::Throttled`].
    Burst,
    /// A hundred requests one after the other on one connection, well-formed ones and such as may be taken for them
    /// by turns: each is answered as over a connection of its own, in their order.
    KeepAlive,
    /// The token of a page of ListMembers, with each byte escaped, in either case: the page that it gives as it is. With
    /// each byte escaped twice it is a token that nobody gave: never that page, [`Set::Constraint`], [`Set::Handled`],
    /// or [`Set::AnyPage`].
    TokenEscaped,
    /// The bytes of a signed read, and the same bytes again over other connections: the same status and code.
    Replayed,
}

/// One malformed request.
#[derive(Clone, Debug)]
pub struct Malformed {
    /// Which of its class: stable, a few words.
    pub variant: String,
    /// The request.
    pub message: Message,
    /// The answers that may be given.
    pub allowed: Allowed,
    /// The requests that it may be taken for where it is accepted; that of the base where there are none.
    pub repaired: Vec<Message>,
    /// The accounts that are wrong, as they stand in the request, where single ones may be left unprocessed; none where
    /// what is wrong has no id.
    pub offending: Vec<String>,
    /// Whether it is unknown what may be answered: then the answer is held against the invariants alone.
    pub is_open: bool,
}

impl Class {
    /// The row that is blamed.
    #[must_use]
    pub fn blamed(&self) -> &'static str {
        self.rows.first().copied().unwrap_or("-")
    }

    /// The grade of the row that is blamed.
    #[must_use]
    pub fn grade(&self) -> Grade {
        protocol::grade(self.blamed())
    }

    /// Its requests out of this base: every variant that there is.
    #[must_use]
    pub fn variants(&self, base: &Base) -> Vec<Malformed> {
        match self.operator {
            Operator::Spoils(operator) => operator(base, &base.message),
            Operator::Sequence(_) | Operator::Excused(_) => Vec::new(),
        }
    }

    /// The variant of this number, where the base has as many.
    #[must_use]
    pub fn variant(&self, base: &Base, number: usize) -> Option<Malformed> {
        self.variants(base).into_iter().nth(number)
    }

    /// Those of its requests that a campaign sends.
    #[must_use]
    pub fn requests(&self, base: &Base) -> Vec<Malformed> {
        let variants = self.variants(base);
        let chosen = self.chosen(base.operation, variants.len());
        let numbered = variants.into_iter().enumerate();
        numbered.filter(|(number, _)| chosen.contains(number)).map(|(_, malformed)| malformed).collect()
    }

    /// The numbers of those of so many variants that a campaign sends.
    ///
    /// A class that spoils members or the query string depends on the operation, and all its variants are sent. Any
    /// other hardly does: all its variants are sent to [`HOMES`], and one to each other operation, a different one each
    /// time. Framing and signatures come before the operation is known, so that of their classes each third is enough
    /// there.
    #[must_use]
    pub fn chosen(&self, operation: Operation, variants: usize) -> Range<usize> {
        if matches!(self.part, Part::Members | Part::Query) || HOMES.contains(&operation) {
            return 0..variants;
        }
        let place = Operation::ALL.iter().position(|known| *known == operation).unwrap_or_default();
        let turn = place + usize::from(self.id.0);
        let is_early = matches!(self.part, Part::Framing | Part::Signature);
        if variants == 0 || is_early && !turn.is_multiple_of(3) {
            return 0..0;
        }
        let only = turn % variants;
        only..only + 1
    }

    pub(super) const fn spoils(
        id: u16,
        part: Part,
        title: &'static str,
        rows: &'static [&'static str],
        operator: Spoil,
    ) -> Self {
        Self { id: ClassId(id), part, title, rows, operator: Operator::Spoils(operator) }
    }

    pub(super) const fn excused(
        id: u16,
        part: Part,
        title: &'static str,
        rows: &'static [&'static str],
        reason: &'static str,
    ) -> Self {
        Self { id: ClassId(id), part, title, rows, operator: Operator::Excused(reason) }
    }

    pub(super) const fn sequence(
        id: u16,
        part: Part,
        title: &'static str,
        rows: &'static [&'static str],
        procedure: Procedure,
    ) -> Self {
        Self { id: ClassId(id), part, title, rows, operator: Operator::Sequence(procedure) }
    }
}

impl Malformed {
    /// Whether it asks what a browser may send, which is answered in front of the operation, or not at all.
    #[must_use]
    pub fn asks_for_cors(&self) -> bool {
        self.message.method == b"OPTIONS"
    }

    /// A request to which one of these sets must be answered.
    #[must_use]
    pub fn new(variant: impl Into<String>, message: Message, sets: &[Set]) -> Self {
        Self {
            variant: variant.into(),
            message,
            allowed: Allowed::one_of(sets),
            repaired: Vec::new(),
            offending: Vec::new(),
            is_open: false,
        }
    }

    /// Where it is accepted, it may be taken for this one.
    #[must_use]
    pub fn as_if(mut self, repaired: Message) -> Self {
        self.repaired.push(repaired);
        self
    }

    /// Where it is accepted, it is to be taken as it stands: what is odd about it is no fault of the protocol.
    #[must_use]
    pub fn as_it_stands(self) -> Self {
        let message = self.message.clone();
        self.as_if(message)
    }

    /// These accounts are wrong.
    #[must_use]
    pub fn offending(mut self, accounts: impl IntoIterator<Item = String>) -> Self {
        self.offending.extend(accounts);
        self
    }

    /// These sets are allowed, too, by every profile but that of generated servers.
    #[must_use]
    pub fn in_aws(mut self, sets: &[Set]) -> Self {
        self.allowed = self.allowed.in_aws(sets);
        self
    }

    /// These sets are tolerated, too, and worth a note.
    #[must_use]
    pub fn tolerating(mut self, sets: &[Set]) -> Self {
        self.allowed = self.allowed.tolerating(sets);
        self
    }
}
