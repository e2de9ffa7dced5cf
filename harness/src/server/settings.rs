//! All that can be chosen about a reference server.

use super::verify::Signatures;
use super::{Answers, Fault, WireFault};
use passmuster_contract::domain::Profile;

/// What a reference server is to be like.
#[derive(Clone, Debug, Default)]
pub struct ServerSettings {
    /// Seeds the ids that are handed out.
    pub seed: u64,
    /// How it answers the open questions.
    pub answers: Answers,
    /// What is wrong with its behaviour.
    pub faults: Vec<Fault>,
    /// What is wrong with its protocol.
    pub wire_faults: Vec<WireFault>,
    /// Which truth its answers to malformed requests follow.
    ///
    /// By default they are such that either would do: media types are not looked at, and a broken constraint is
    /// answered as the open questions say.
    pub profile: Profile,
    /// How signatures are verified; without it the caller is whoever the request says.
    pub signatures: Option<Signatures>,
}
