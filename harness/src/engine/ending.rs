//! The reasons for which a run ends before its time, and what the run says of them in the end.

use crate::record::{INTERRUPTED, TARGET_LOST};

/// A reason to end early.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    /// A part did not do all it was to do.
    Short(String),
    /// The target brings no answers any more.
    Lost(String),
    /// It brought none when what was found was looked into.
    StillLost,
    /// It was interrupted.
    Interrupted,
}

/// How a run ended.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ending {
    /// Why it stopped early.
    pub(super) stopped: Option<String>,
    pub(super) interrupted: bool,
    /// Whether the target became unreachable.
    pub(super) unreachable: bool,
}

impl Ending {
    /// Takes note of a reason. Reasons of parts add up; that the target is lost, or somebody interrupted, is reason
    /// enough.
    pub(super) fn note(&mut self, stop: Stop) {
        match stop {
            Stop::Short(why) => {
                self.stopped = Some(match self.stopped.take() {
                    Some(before) => format!("{before}; {why}"),
                    None => why,
                });
            }
            Stop::Lost(why) => {
                self.unreachable = true;
                self.stopped = Some(format!("{TARGET_LOST}: {why}"));
            }
            Stop::StillLost => {
                self.unreachable = true;
                let known = self.stopped.take().filter(|why| why.starts_with(TARGET_LOST));
                self.stopped = known.or_else(|| Some(format!("{TARGET_LOST}: it brings no answer any more")));
            }
            Stop::Interrupted => {
                self.interrupted = true;
                self.stopped = Some(INTERRUPTED.to_owned());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(stops: &[Stop]) -> Ending {
        let mut ending = Ending::default();
        stops.iter().cloned().for_each(|stop| ending.note(stop));
        ending
    }

    #[test]
    fn reasons_of_parts_add_up_until_one_says_it_all() {
        let (one, other) = (Stop::Short("one".to_owned()), Stop::Short("other".to_owned()));
        assert_eq!(ending(&[one.clone(), other.clone()]).stopped.as_deref(), Some("one; other"));
        let lost = Stop::Lost("gone".to_owned());
        assert_eq!(ending(&[one.clone(), lost.clone()]).stopped, Some(format!("{TARGET_LOST}: gone")));
        assert_eq!(ending(&[one, Stop::Interrupted]).stopped.as_deref(), Some(INTERRUPTED));
        assert_eq!(ending(&[lost, Stop::StillLost]).stopped, Some(format!("{TARGET_LOST}: gone")));
        assert!(ending(&[other, Stop::StillLost]).stopped.is_some_and(|why| why.starts_with(TARGET_LOST)));
    }
}
