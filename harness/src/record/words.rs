//! The words that a record tells its facts in: each is a value here, and the same text in JSON.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Makes an enum whose values are words: their names in reports, in JSON, and in what is read back. JSON with another
/// word is refused with a message that lists these.
macro_rules! words {
    ($(#[$of_enum:meta])* $name:ident { $($(#[$of_word:meta])* $word:ident = $text:literal,)+ }) => {
        $(#[$of_enum])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$of_word])* #[serde(rename = $text)] $word,)+
        }

        impl $name {
            /// Every value, in the order in which reports list them.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            /// The word.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$word => $text,)+
                }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.pad(self.name())
            }
        }
    };
}

words! {
    /// Whether a target has an operation.
    OperationSupport {
        /// It answers as a service that knows the operation.
        Supported = "supported",
        /// It says that it lacks the operation.
        Unsupported = "unsupported",
        /// It fails on a well-formed call.
        Broken = "broken",
        /// It lacks the operation, and what that does is taken to be done from the start.
        Given = "given",
        /// The run did not ask.
        NotChecked = "not-checked",
    }
}

words! {
    /// The standing of a finding against what has been reviewed.
    Disposition {
        /// Not listed.
        New = "new",
        /// Listed, and as it was.
        Known = "known",
        /// Listed, but it shows in another way than it was reviewed in: that was not reviewed.
        Changed = "changed",
        /// Listed, but gone.
        Resolved = "resolved",
    }
}

words! {
    /// What came of a known scenario that was replayed.
    ReplayStanding {
        /// Every answer was as it should be.
        Conforms = "conforms",
        /// A divergence or a suspicion showed, this one or another.
        Diverges = "diverges",
        /// Not all of it could be judged.
        Unjudged = "unjudged",
    }
}

words! {
    /// The result of a run for one rule.
    RuleStatus {
        /// An answer showed it, one that would have been another without it, and none broke it.
        Held = "held",
        /// A divergence or suspicion is blamed on it.
        Violated = "violated",
        /// A divergence is in the way.
        Blocked = "blocked",
        /// The target lacks an operation on the path.
        Unsupported = "unsupported",
        /// No answer showed it.
        NotExercised = "not-exercised",
        /// This run, or this version, can't check it.
        NotCheckable = "not-checkable",
        /// The behaviour of AWS is not known.
        Open = "open",
        /// A run can't show it.
        Excused = "excused",
    }
}

impl RuleStatus {
    /// An explanation in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Held => "answers rested on it, and none broke it",
            Self::Violated => "a divergence or suspicion is blamed on it",
            Self::Blocked => "a divergence is in the way",
            Self::Unsupported => "the target lacks an operation on the way",
            Self::NotExercised => "the run never came to it",
            Self::NotCheckable => "this run, or this version, can't check it",
            Self::Open => "nobody knows what AWS does",
            Self::Excused => "a run can't show it; the catalogue says why",
        }
    }
}

words! {
    /// The reason why it is not certain what was seen.
    Uncertainty {
        /// It showed in some of the tries only.
        Flaky = "flaky",
        /// No answer of the operation could be judged.
        NeverJudged = "never judged",
        /// Lists of the operation were left before they ended.
        Unending = "without an end",
        /// The time was over before it could be seen again.
        OutOfTime = "out of time",
        /// The run was interrupted before.
        Interrupted = "interrupted",
        /// The target was gone before.
        TargetLost = "target lost",
        /// No accounts were left that it could have been tried with.
        OutOfAccounts = "out of accounts",
        /// It is a difference of what moves by itself: no evidence of anything.
        Moving = "moves by itself",
        /// Whenever it was tried again, the answers could not be judged.
        NotJudgedAgain = "could not be judged again",
    }
}

impl Uncertainty {
    /// An explanation in a few words.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Flaky => "it showed in some of the tries only",
            Self::NeverJudged => "no answer of it could be judged",
            Self::Unending => "lists were left before they had ended",
            Self::OutOfTime => "the time was over before it could be seen again",
            Self::Interrupted => "the run was interrupted before it could be seen again",
            Self::TargetLost => "the target was gone before it could be seen again",
            Self::OutOfAccounts => "no accounts were left to see it again with",
            Self::Moving => "what differs moves by itself, which is no evidence of anything",
            Self::NotJudgedAgain => "when it was tried again, the answers could not be judged",
        }
    }
}

words! {
    /// The result of a run for one goal.
    GoalStatus {
        /// The run visited it.
        Visited = "visited",
        /// It could have been visited and was not.
        Missed = "missed",
        /// It is left to the other shards of the run.
        Elsewhere = "elsewhere",
        /// The target lacks what it takes.
        Unsupported = "unsupported",
    }
}

/// The reason why a run ended before it was done, in words that fit after "stopped early: ".
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Stopped {
    cause: StopCause,
    words: String,
}

/// The kind of reason: it decides the exit code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopCause {
    /// Somebody interrupted the run.
    Interrupted,
    /// The target could not be reached, or no longer.
    TargetLost,
    /// The time was over before the scenarios were planned that a run is about.
    TooSoon,
    /// A limit of the run, or anything else.
    Other,
}

impl StopCause {
    /// The words that a reason of this kind begins with; none for other reasons.
    #[must_use]
    pub const fn words(self) -> &'static str {
        match self {
            Self::Interrupted => "interrupted",
            Self::TargetLost => "target lost",
            Self::TooSoon => "the time ran out before the scenarios were planned",
            Self::Other => "",
        }
    }
}

impl Stopped {
    /// The end of a reason that is a number which the run was asked for.
    pub const AS_ASKED: &str = "as many were sent as were asked for";

    /// Somebody interrupted the run.
    #[must_use]
    pub fn interrupted() -> Self {
        Self { cause: StopCause::Interrupted, words: StopCause::Interrupted.words().to_owned() }
    }

    /// The target brings no answers any more.
    #[must_use]
    pub fn target_lost(why: &str) -> Self {
        Self { cause: StopCause::TargetLost, words: format!("{}: {why}", StopCause::TargetLost.words()) }
    }

    /// Any other reason.
    #[must_use]
    pub fn because(why: &str) -> Self {
        why.to_owned().into()
    }

    /// This reason, and another one besides.
    #[must_use]
    pub fn and(self, why: &str) -> Self {
        Self { words: format!("{}; {why}", self.words), ..self }
    }

    /// Whether the run did less than it was asked for.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        !self.words.split("; ").all(|part| part.ends_with(Self::AS_ASKED))
    }

    /// The kind of reason.
    #[must_use]
    pub const fn cause(&self) -> StopCause {
        self.cause
    }

    /// The whole reason.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.words
    }

    /// The reason why shards of a run ended early, each with its number: what decides the exit code comes first.
    pub(super) fn of_shards<'s>(shards: impl Iterator<Item = (u64, &'s Self)>) -> Option<Self> {
        let mut all: Vec<(StopCause, String)> =
            shards.map(|(index, why)| (why.cause, why.in_shard(index))).collect();
        all.sort_by_key(|(cause, _)| *cause);
        let (cause, _) = *all.first()?;
        let words: Vec<String> = all.into_iter().map(|(_, words)| words).collect();
        Some(Self { cause, words: words.join("; ") })
    }

    fn in_shard(&self, index: u64) -> String {
        let opening = self.cause.words();
        let detail = self.words.strip_prefix(opening).unwrap_or(&self.words).trim_start_matches([':', ';', ' ']);
        let parts = [opening, &format!("shard {index}"), detail];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ")
    }
}

impl From<String> for Stopped {
    fn from(words: String) -> Self {
        let known = [StopCause::Interrupted, StopCause::TargetLost, StopCause::TooSoon];
        let cause = known.into_iter().find(|cause| words.starts_with(cause.words())).unwrap_or(StopCause::Other);
        Self { cause, words }
    }
}

impl From<Stopped> for String {
    fn from(stopped: Stopped) -> Self {
        stopped.words
    }
}

impl fmt::Display for Stopped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_read_back_in_the_words_it_was_written_in() {
        for status in RuleStatus::ALL {
            let text = serde_json::to_string(status).unwrap();
            assert_eq!(text, format!("\"{}\"", status.name()));
            assert_eq!(serde_json::from_str::<RuleStatus>(&text).unwrap(), *status);
        }
    }

    #[test]
    fn a_word_that_is_none_is_refused_with_those_there_are() {
        let error = serde_json::from_str::<Disposition>("\"novel\"").unwrap_err().to_string();
        assert!(
            error.starts_with("unknown variant `novel`, expected one of `new`, `known`, `changed`, `resolved`")
        );
    }

    #[test]
    fn a_number_that_was_asked_for_is_no_cut() {
        let is_cut = |words: &str| Stopped::because(words).is_cut();
        let asked = format!("not all malformed requests were sent: {}", Stopped::AS_ASKED);
        assert!(!is_cut(&asked));
        assert!(is_cut(&format!("the time ran out; {asked}")) && is_cut("interrupted"));
    }

    #[test]
    fn the_kind_of_a_reason_is_read_from_its_first_words() {
        let read = |words: &str| Stopped::from(words.to_owned());
        assert_eq!(read("interrupted"), Stopped::interrupted());
        assert_eq!(read("target lost: it is gone"), Stopped::target_lost("it is gone"));
        assert_eq!(read("the time ran out").cause(), StopCause::Other);
        let json = "\"target lost: it is gone\"";
        assert_eq!(serde_json::to_string(&serde_json::from_str::<Stopped>(json).unwrap()).unwrap(), json);
    }
}
