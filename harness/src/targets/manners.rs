//! Manners towards a target that says it is asked too much: waits as it asks, and never for long.

use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use passmuster_contract::domain::Cause;
use passmuster_contract::wire::{HttpResponse, decode_error};

/// So many times a call that is throttled is made again.
const MOST_TRIES: u32 = 4;
/// The wait before the second try is drawn from this much; from twice as much before each further one.
const BACKOFF: Duration = Duration::from_millis(100);
/// The longest wait, whatever the target asks for.
const LONGEST_WAIT: Duration = Duration::from_secs(5);

/// The pace of calls to one target.
#[derive(Debug)]
pub(super) struct Manners {
    /// The least time from one call to the next.
    pause: Duration,
    next: Mutex<Option<Instant>>,
    /// Whether a call was throttled to the end: then others are made again once, until that has helped.
    is_worn: AtomicBool,
    draws: AtomicU64,
}

impl Manners {
    pub(super) fn new(pause: Duration) -> Self {
        let draws = AtomicU64::new(u64::from(std::process::id()));
        Self { pause, next: Mutex::new(None), is_worn: AtomicBool::new(false), draws }
    }

    /// Waits for the turn of a call.
    pub(super) async fn turn(&self) {
        if self.pause.is_zero() {
            return;
        }
        let turn = {
            let mut next = self.next.lock().unwrap_or_else(PoisonError::into_inner);
            let turn = next.map_or_else(Instant::now, |next| next.max(Instant::now()));
            *next = Some(turn + self.pause);
            turn
        };
        sleep_until(turn).await;
    }

    /// The time to wait before a call is made again that was answered so, having been made so many times; `None` where
    /// the answer stands.
    pub(super) fn wait(&self, response: &HttpResponse, tries: u32) -> Option<Duration> {
        if !is_throttled(response) {
            if tries > 1 {
                self.is_worn.store(false, Ordering::Relaxed);
            }
            return None;
        }
        if self.is_worn.load(Ordering::Relaxed) {
            return (tries == 1).then(|| self.jitter(BACKOFF));
        }
        if tries >= MOST_TRIES {
            self.is_worn.store(true, Ordering::Relaxed);
            return None;
        }
        let asked = response.header("retry-after").and_then(|value| value.trim().parse().ok());
        let asked = asked.map_or(Duration::ZERO, Duration::from_secs);
        let backoff = self.jitter(BACKOFF * 2_u32.pow(tries.saturating_sub(1)));
        Some(asked.saturating_add(backoff).min(LONGEST_WAIT))
    }

    /// Between half of a time and all of it: callers that were throttled together come back one by one.
    fn jitter(&self, whole: Duration) -> Duration {
        let draw = self.draws.fetch_add(1, Ordering::Relaxed).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48;
        let part = u32::try_from(draw).unwrap_or_default();
        whole / 2 + whole / 2 * part / (1 << 16)
    }
}

/// Whether an answer says that the target is asked too much: what was asked for is not done then.
fn is_throttled(response: &HttpResponse) -> bool {
    response.status >= 400 && Cause::of(&decode_error(response)) == Some(Cause::Throttling)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, code: &str, retry_after: &str) -> HttpResponse {
        let headers = [("x-amzn-errortype", code), ("retry-after", retry_after)];
        let headers = headers.map(|(name, value)| (name.into(), value.to_owned())).to_vec();
        HttpResponse { status, headers, body: b"{}".to_vec() }
    }

    #[test]
    fn a_throttled_call_is_made_again_a_few_times_and_where_that_is_in_vain_the_next_one_once() {
        let manners = Manners::new(Duration::ZERO);
        let throttled = answer(400, "ThrottlingException", "");
        let waits: Vec<_> = (1..6).map_while(|tries| manners.wait(&throttled, tries)).collect();
        assert_eq!(waits.len(), 3);
        for (tries, wait) in (0..).zip(&waits) {
            assert!((BACKOFF * 2_u32.pow(tries) / 2..=BACKOFF * 2_u32.pow(tries)).contains(wait), "{waits:?}");
        }
        let passed = answer(200, "", "");
        for times in [0, 1] {
            assert!(manners.wait(&throttled, 1).unwrap() <= BACKOFF, "{times}");
            assert_eq!(manners.wait(&throttled, 2), None);
            assert_eq!(manners.wait(&passed, 1), None);
        }
        assert_eq!(manners.wait(&passed, 2), None);
        assert!(manners.wait(&throttled, 1).is_some() && manners.wait(&throttled, 2).is_some());
    }

    #[test]
    fn a_wait_that_is_asked_for_is_kept_within_bounds() {
        let wait =
            |seconds: &str| Manners::new(Duration::ZERO).wait(&answer(429, "SlowDown", seconds), 1).unwrap();
        assert!((Duration::from_secs(2)..Duration::from_secs(3)).contains(&wait("2")));
        for long in ["6", "99999999999999", "18446744073709551615"] {
            assert!(wait(long) <= LONGEST_WAIT, "{long}");
        }
        for odd in ["", "-1", "soon", "Wed, 21 Oct 2026 07:28:00 GMT"] {
            assert!(wait(odd) <= BACKOFF, "{odd}");
        }
    }

    #[test]
    fn only_what_says_so_is_throttling() {
        for (status, code) in [
            (429, ""),
            (400, "Throttling"),
            (400, "ThrottledException"),
            (503, "SlowDown"),
            (503, "RequestLimitExceeded"),
            (400, "RequestThrottledException"),
            (429, "TooManyRequestsException"),
            (429, "NobodyKnowsException"),
        ] {
            assert!(is_throttled(&answer(status, code, "")), "{status} {code}");
        }
        for (status, code) in
            [(200, "Throttling"), (429, "LimitExceededException"), (400, "InvalidInputException"), (503, "")]
        {
            assert!(!is_throttled(&answer(status, code, "")), "{status} {code}");
        }
    }
}
