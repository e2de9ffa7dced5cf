//! Classes that take more than one request to go wrong.

use super::class::{Class, Part, Procedure};

const SEQUENCE: Part = Part::Sequence;

pub(super) const CLASSES: &[Class] = &[
    Class::sequence(283, SEQUENCE, "a call without a hub", &["D110"], Procedure::WithoutHub),
    Class::sequence(284, SEQUENCE, "a hub is enabled twice", &["D111"], Procedure::EnableTwice),
    Class::sequence(285, SEQUENCE, "a member is created twice", &["D113"], Procedure::CreateTwice),
    Class::sequence(
        286,
        SEQUENCE,
        "a refused request between two looks at the state",
        &["I12"],
        Procedure::RefusedBetweenViews,
    ),
    Class::sequence(
        287,
        SEQUENCE,
        "the same request over eight connections at once",
        &["I03", "D113"],
        Procedure::Parallel,
    ),
    Class::sequence(288, SEQUENCE, "the client goes away behind its request", &["I12"], Procedure::Abandoned),
    Class::sequence(289, SEQUENCE, "a token is used again", &["D114"], Procedure::TokenReused),
    Class::sequence(290, SEQUENCE, "many requests at once", &["D50"], Procedure::Burst),
    Class::sequence(291, SEQUENCE, "a hundred requests on one connection", &["I13"], Procedure::KeepAlive),
];
