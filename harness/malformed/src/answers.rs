//! Answers that a server may give to a malformed request: named sets of answers, per profile.
//! The judge holds answers against them.

use std::collections::BTreeMap;

use passmuster_contract::domain::Profile;

/// A named set of answers (`fixtures/wire/protocol.toml` has their sources).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Set {
    /// The answer to the repaired request.
    AsRepaired,
    /// The input can't be read: 400 SerializationException, or 400 InvalidInputException or BadRequestException.
    Parse,
    /// The input breaks a constraint: 400 ValidationException, or 400 InvalidInputException or BadRequestException.
    Constraint,
    /// [`Set::Constraint`], or success with exactly the offending account among those left unprocessed.
    Partly,
    /// 415 UnsupportedMediaTypeException.
    MediaType,
    /// 406 NotAcceptableException.
    NotAcceptable,
    /// Nothing is there: 404 UnknownOperationException, or 403 AccessDeniedException or
    /// MissingAuthenticationTokenException.
    Route,
    /// [`Set::Route`], or 405, or 501.
    Method,
    /// The signature is missing, unreadable or wrong: the codes for that, 400 or 403.
    Authentication,
    /// Not HTTP: 400, 404, 405, 408, 411, 413, 414, 417, 431, 501, 505, or a close without an answer; in any form.
    Http,
    /// Too large: 413, 400, 431, or a close.
    Size,
    /// Too many requests: 429, or 400 ThrottlingException.
    Throttled,
    /// Something named is not there: 404 ResourceNotFoundException, 400 InvalidInputException or
    /// BadRequestException.
    NotFound,
    /// 403 AccessDeniedException, as the service may say of an invitation that isn't there (Q22).
    Denied,
    /// 417 to an expectation.
    Expectation,
    /// Success without a body, as to HEAD and to a question of CORS.
    Bare,
    /// An empty page, or the first one.
    AnyPage,
    /// 401 InvalidAccessException.
    InvalidAccess,
    /// 409 ResourceConflictException.
    Conflict,
    /// Success in which nothing was done.
    NothingDone,
    /// The operation's own error for it: 400 InvalidInputException or BadRequestException.
    Handled,
}

/// The firmness of a set among those allowed; of two that have it the firmer counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Firmness {
    /// By every profile.
    Always,
    /// Only where what is known of the service itself counts: its documents and sightings are silent.
    InAws,
    /// By every profile, and worth a note.
    Tolerated,
}

/// The answers that may be given to one malformed request.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Allowed(BTreeMap<Set, Firmness>);

impl Allowed {
    /// Exactly these.
    #[must_use]
    pub fn one_of(sets: &[Set]) -> Self {
        Self::default().adding(sets, Firmness::Always)
    }

    /// And these, by every profile but that of generated servers.
    #[must_use]
    pub fn in_aws(self, sets: &[Set]) -> Self {
        self.adding(sets, Firmness::InAws)
    }

    /// And these, which are worth a note.
    #[must_use]
    pub fn tolerating(self, sets: &[Set]) -> Self {
        self.adding(sets, Firmness::Tolerated)
    }

    fn adding(mut self, sets: &[Set], firmness: Firmness) -> Self {
        sets.iter().for_each(|set| self.add(*set, firmness));
        self
    }

    fn add(&mut self, set: Set, firmness: Firmness) {
        let known = self.0.entry(set).or_insert(firmness);
        *known = firmness.min(*known);
    }

    /// The part of it that this profile allows.
    #[must_use]
    pub fn under(&self, profile: Profile) -> Self {
        let mut allowed = Self::default();
        for (set, firmness) in &self.0 {
            match (firmness, profile) {
                (Firmness::InAws, Profile::Smithy) => {}
                (Firmness::InAws, Profile::Aws | Profile::Union) => allowed.add(*set, Firmness::Always),
                (firmness, _) => allowed.add(*set, *firmness),
            }
        }
        allowed
    }

    /// The answers where both are wrong at once: either, and success only if both may succeed.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let success = self.success().zip(other.success()).map(|(own, others)| own.max(others));
        let mut joined = Self::default();
        for (set, firmness) in self.0.iter().chain(&other.0) {
            match (set.is_success(), success) {
                (false, _) => joined.add(*set, *firmness),
                (true, Some(success)) => joined.add(*set, success.max(*firmness)),
                // Refused as a whole it may be, as before.
                (true, None) if *set == Set::Partly => joined.add(Set::Constraint, *firmness),
                (true, None) => {}
            }
        }
        joined
    }

    /// The firmness of a success among those allowed.
    fn success(&self) -> Option<Firmness> {
        self.0.iter().filter(|(set, _)| set.is_success()).map(|(_, firmness)| *firmness).min()
    }

    /// Whether the request may be taken for a well-formed one, by some profile.
    #[must_use]
    pub fn may_succeed(&self) -> bool {
        self.success().is_some()
    }

    /// Whether a set is among those allowed, by some profile.
    #[must_use]
    pub fn has(&self, set: Set) -> bool {
        self.0.get(&set).is_some_and(|firmness| *firmness != Firmness::Tolerated)
    }

    /// Whether a set is tolerated, and worth a note.
    #[must_use]
    pub fn tolerates(&self, set: Set) -> bool {
        self.0.get(&set) == Some(&Firmness::Tolerated)
    }

    /// The sets allowed, by some profile.
    pub fn sets(&self) -> impl Iterator<Item = Set> {
        self.0.keys().copied().filter(|set| self.has(*set))
    }

    /// The sets tolerated.
    pub fn tolerated(&self) -> impl Iterator<Item = Set> {
        self.0.keys().copied().filter(|set| self.tolerates(*set))
    }
}

/// An error answer, as far as sets tell them apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ErrorAnswer<'a> {
    /// The status.
    pub status: u16,
    /// The code, where one can be made out.
    pub code: Option<&'a str>,
}

const READ: &[&str] =
    &["SerializationException", "ValidationException", "InvalidInputException", "BadRequestException"];
const ROUTE: &[(u16, &str)] = &[
    (404, "UnknownOperationException"),
    (403, "AccessDeniedException"),
    (403, "MissingAuthenticationTokenException"),
];
/// With `Exception` at the end or without.
const AUTHENTICATION: &[&str] = &[
    "MissingAuthenticationToken",
    "IncompleteSignature",
    "UnrecognizedClient",
    "InvalidClientTokenId",
    "InvalidSignature",
    "SignatureDoesNotMatch",
    "RequestExpired",
    "ExpiredToken",
    "AccessDenied",
];

impl Set {
    /// Whether an error answer is in the set, by this profile. Sets of successes hold none.
    #[must_use]
    pub fn has(self, profile: Profile, refusal: ErrorAnswer<'_>) -> bool {
        let ErrorAnswer { status, code } = refusal;
        let is = |wanted: u16, name: &str| status == wanted && code == Some(name);
        let read = |own: &str| match profile {
            Profile::Smithy => is(400, own),
            Profile::Aws => [own, "InvalidInputException", "BadRequestException"].iter().any(|code| is(400, code)),
            // What one server calls unreadable another calls invalid: a swap is worth a note at most.
            Profile::Union => READ.iter().any(|code| is(400, code)),
        };
        match self {
            Self::Parse => read("SerializationException"),
            Self::Constraint | Self::Partly => read("ValidationException"),
            Self::MediaType => is(415, "UnsupportedMediaTypeException"),
            Self::NotAcceptable => is(406, "NotAcceptableException"),
            Self::Route => {
                let known = if profile == Profile::Smithy { &ROUTE[..1] } else { ROUTE };
                known.iter().any(|(wanted, name)| is(*wanted, name))
            }
            Self::Method => matches!(status, 405 | 501) || Self::Route.has(profile, refusal),
            Self::Authentication => {
                let bare = |code: &str| AUTHENTICATION.contains(&code.strip_suffix("Exception").unwrap_or(code));
                matches!(status, 400 | 403) && code.is_some_and(bare)
            }
            Self::Http => matches!(status, 400 | 404 | 405 | 408 | 411 | 413 | 414 | 417 | 431 | 501 | 505),
            Self::Size => matches!(status, 400 | 413 | 431),
            Self::Throttled => status == 429 || is(400, "ThrottlingException"),
            Self::NotFound => {
                is(404, "ResourceNotFoundException")
                    || is(400, "InvalidInputException")
                    || is(400, "BadRequestException")
            }
            Self::Denied => is(403, "AccessDeniedException"),
            Self::Handled => is(400, "InvalidInputException") || is(400, "BadRequestException"),
            Self::Expectation => status == 417,
            Self::InvalidAccess => is(401, "InvalidAccessException"),
            Self::Conflict => is(409, "ResourceConflictException"),
            Self::AsRepaired | Self::Bare | Self::AnyPage | Self::NothingDone => false,
        }
    }

    /// Whether its answers are successes, or some of them.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::AsRepaired | Self::Partly | Self::Bare | Self::AnyPage | Self::NothingDone)
    }

    /// Whether the connection may be closed without an answer.
    #[must_use]
    pub const fn may_close(self) -> bool {
        matches!(self, Self::Http | Self::Size)
    }

    /// Whether an answer of the set need not say a code, nor be JSON.
    #[must_use]
    pub const fn is_free_in_form(self) -> bool {
        matches!(self, Self::Http | Self::Size | Self::Method | Self::Expectation)
    }

    /// The set in words, as a report says what was expected by this profile.
    #[must_use]
    pub fn words(self, profile: Profile) -> &'static str {
        if profile == Profile::Smithy {
            match self {
                Self::Parse => return "400 SerializationException",
                Self::Constraint => return "400 ValidationException",
                Self::Partly => return "400 ValidationException, or success with the account unprocessed",
                Self::Route => return "404 UnknownOperationException",
                Self::Method => return "404 UnknownOperationException, 405 or 501",
                _ => {}
            }
        }
        match self {
            Self::AsRepaired => "the answer to the repaired request",
            Self::Parse => "400 SerializationException (or InvalidInputException)",
            Self::Constraint => "400 ValidationException (or InvalidInputException)",
            Self::Partly => {
                "400 ValidationException (or InvalidInputException), or success with the account unprocessed"
            }
            Self::MediaType => "415 UnsupportedMediaTypeException",
            Self::NotAcceptable => "406 NotAcceptableException",
            Self::Route => "404 UnknownOperationException (or 403 AccessDeniedException)",
            Self::Method => "404 UnknownOperationException, 403 AccessDeniedException, 405 or 501",
            Self::Authentication => "403 with a code about the signature",
            Self::Http => "400 or another 4xx of HTTP, or a closed connection",
            Self::Size => "413, or a closed connection",
            Self::Throttled => "429",
            Self::NotFound => "404 ResourceNotFoundException (or 400 InvalidInputException)",
            Self::Denied => "403 AccessDeniedException",
            Self::Handled => "400 InvalidInputException or BadRequestException",
            Self::Expectation => "417",
            Self::Bare => "success without a body",
            Self::AnyPage => "an empty page or the first one",
            Self::InvalidAccess => "401 InvalidAccessException",
            Self::Conflict => "409 ResourceConflictException",
            Self::NothingDone => "success in which nothing is done",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn has(set: Set, profile: Profile, status: u16, code: &str) -> bool {
        set.has(profile, ErrorAnswer { status, code: Some(code) })
    }

    #[test]
    fn what_can_not_be_read_has_one_code_by_the_protocol_and_others_by_the_service() {
        assert!(has(Set::Parse, Profile::Smithy, 400, "SerializationException"));
        assert!(!has(Set::Parse, Profile::Smithy, 400, "InvalidInputException"));
        assert!(has(Set::Parse, Profile::Aws, 400, "InvalidInputException"));
        assert!(!has(Set::Parse, Profile::Aws, 400, "ValidationException"));
        assert!(has(Set::Parse, Profile::Union, 400, "ValidationException"));
        assert!(!has(Set::Parse, Profile::Union, 500, "SerializationException"));
    }

    #[test]
    fn an_unknown_path_is_not_found_by_the_protocol_and_forbidden_by_the_service() {
        for profile in Profile::ALL {
            assert!(has(Set::Route, profile, 404, "UnknownOperationException"), "{profile}");
            let forbidden = has(Set::Route, profile, 403, "AccessDeniedException");
            assert_eq!(forbidden, profile != Profile::Smithy, "{profile}");
        }
        assert!(Set::Method.has(Profile::Smithy, ErrorAnswer { status: 405, code: None }));
    }

    #[test]
    fn what_only_the_service_may_answer_is_refused_to_generated_servers() {
        let allowed = Allowed::one_of(&[Set::MediaType]).in_aws(&[Set::AsRepaired]).tolerating(&[Set::Parse]);
        assert!(allowed.has(Set::AsRepaired) && !allowed.under(Profile::Smithy).has(Set::AsRepaired));
        for profile in [Profile::Aws, Profile::Union] {
            assert!(allowed.under(profile).has(Set::AsRepaired), "{profile}");
        }
        for profile in Profile::ALL {
            let under = allowed.under(profile);
            assert!(
                under.has(Set::MediaType) && under.tolerates(Set::Parse) && !under.has(Set::Parse),
                "{profile}"
            );
        }
    }

    #[test]
    fn two_faults_may_be_refused_as_either_and_succeed_only_where_both_may() {
        let hard = Allowed::one_of(&[Set::Parse]);
        let soft = Allowed::one_of(&[Set::AsRepaired, Set::Route]);
        let tolerated = Allowed::one_of(&[Set::Http]).tolerating(&[Set::AsRepaired]);
        let partly = Allowed::one_of(&[Set::Partly]);
        assert_eq!(hard.and(&soft), Allowed::one_of(&[Set::Parse, Set::Route]));
        assert_eq!(soft.and(&soft), soft);
        assert_eq!(soft.and(&tolerated), Allowed::one_of(&[Set::Route, Set::Http]).tolerating(&[Set::AsRepaired]));
        assert_eq!(partly.and(&hard), Allowed::one_of(&[Set::Constraint, Set::Parse]));
        assert_eq!(partly.and(&soft), Allowed::one_of(&[Set::Partly, Set::AsRepaired, Set::Route]));
    }
}
