//! The reasons for which a run ends before its time, and what the run says of them in the end.

use crate::record::{StopCause, Stopped};

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

/// The ending of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct RunEnding {
    /// Why it stopped early.
    pub(super) stopped: Option<Stopped>,
    pub(super) interrupted: bool,
    /// Whether the target became unreachable.
    pub(super) unreachable: bool,
}

impl RunEnding {
    /// Takes note of a reason. Reasons of parts add up; that the target is lost, or the run interrupted, is reason
    /// enough.
    pub(super) fn note(&mut self, stop: Stop) {
        match stop {
            Stop::Short(why) => {
                self.stopped = Some(match self.stopped.take() {
                    Some(before) => before.and(&why),
                    None => Stopped::because(&why),
                });
            }
            Stop::Lost(why) => {
                self.unreachable = true;
                self.stopped = Some(Stopped::target_lost(&why));
            }
            Stop::StillLost => {
                self.unreachable = true;
                let known = self.stopped.take().filter(|why| why.cause() == StopCause::TargetLost);
                self.stopped = known.or_else(|| Some(Stopped::target_lost("it brings no answer any more")));
            }
            Stop::Interrupted => {
                self.interrupted = true;
                self.stopped = Some(Stopped::interrupted());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ending(stops: &[Stop]) -> RunEnding {
        let mut ending = RunEnding::default();
        stops.iter().cloned().for_each(|stop| ending.note(stop));
        ending
    }

    #[test]
    fn reasons_of_parts_add_up_until_one_says_it_all() {
        let (one, other) = (Stop::Short("one".to_owned()), Stop::Short("other".to_owned()));
        let words = |stops: &[Stop]| ending(stops).stopped.map(|why| why.to_string());
        assert_eq!(words(&[one.clone(), other.clone()]).as_deref(), Some("one; other"));
        let lost = Stop::Lost("gone".to_owned());
        assert_eq!(words(&[one.clone(), lost.clone()]).as_deref(), Some("target lost: gone"));
        assert_eq!(words(&[one, Stop::Interrupted]).as_deref(), Some("interrupted"));
        assert_eq!(words(&[lost, Stop::StillLost]).as_deref(), Some("target lost: gone"));
        assert_eq!(words(&[other, Stop::StillLost]).as_deref(), Some("target lost: it brings no answer any more"));
    }
}
