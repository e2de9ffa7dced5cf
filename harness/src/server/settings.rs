//! All that can be chosen about a reference server.

use super::verify::Signatures;
use super::{Answers, Change, Fault, SessionRules, WireFault};
use passmuster_contract::domain::{Profile, Timestamp};

/// The clock that the instants of a server come from.
#[derive(Clone, Copy, Debug, Default)]
pub enum ServerClock {
    /// One that stands still, but moves on by a millisecond a change: the same calls have the same answers.
    #[default]
    Still,
    /// One that is asked for the present instant.
    Running(fn() -> Timestamp),
}

/// The properties of a reference server.
#[derive(Clone, Debug, Default)]
pub struct ServerSettings {
    /// Seeds the ids that are handed out.
    pub seed: u64,
    /// Where its instants come from.
    pub clock: ServerClock,
    /// Its answers to the open questions.
    pub answers: Answers,
    /// The faults of its behaviour.
    pub faults: Vec<Fault>,
    /// The deviations of its behaviour that were put together from parts of the model.
    pub changes: Vec<Change>,
    /// The faults of its protocol.
    pub wire_faults: Vec<WireFault>,
    /// Which truth its answers to malformed requests follow.
    ///
    /// By default they are such that either would do: media types are not looked at, and a broken constraint is
    /// answered as the open questions say.
    pub profile: Profile,
    /// The verification of signatures; without it the caller is the one that the request names.
    pub signatures: Option<Signatures>,
    /// The rules of the sessions that its STS opens.
    pub sessions: SessionRules,
}
