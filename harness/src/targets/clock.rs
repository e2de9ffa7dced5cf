//! The clock that signatures follow: that of this machine, corrected by a target whose clock is another.

use std::sync::atomic::{AtomicI64, Ordering};

use super::now;
use passmuster_contract::domain::Timestamp;
use passmuster_contract::wire::HttpResponse;

/// A difference up to this is none, in milliseconds: four minutes pass on every front end, fifteen on none (D44).
const TOLERANCE: i64 = 4 * 60_000;

const DAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// The clock of a target, as far as its answers have told.
#[derive(Debug, Default)]
pub(super) struct TargetClock {
    /// The milliseconds by which it is ahead of this machine.
    ahead: AtomicI64,
}

impl TargetClock {
    /// The present instant for the target.
    pub(super) fn now(&self) -> Timestamp {
        Timestamp(now().0.saturating_add(self.ahead()))
    }

    /// The correction that is in force.
    pub(super) fn ahead(&self) -> i64 {
        self.ahead.load(Ordering::Relaxed)
    }

    /// Follows the date of an answer to a request that was signed under this correction; whether that is far from it.
    pub(super) fn follow(&self, response: &HttpResponse, signed_under: i64) -> bool {
        let Some(date) = response.header("date").and_then(read_date) else { return false };
        let ahead = date.0.saturating_sub(now().0);
        let is_far = ahead.saturating_sub(signed_under).saturating_abs() > TOLERANCE;
        if is_far {
            self.ahead.store(ahead, Ordering::Relaxed);
        }
        is_far
    }
}

/// Reads the form of dates in HTTP: `Wed, 28 Nov 2018 22:14:06 GMT`.
fn read_date(text: &str) -> Option<Timestamp> {
    let mut parts = text.trim().strip_suffix(" GMT")?.split_once(", ")?.1.split(' ');
    let (day, month, year, time) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let month = MONTHS.iter().position(|name| *name == month)? + 1;
    let read = Timestamp::parse(&format!("{year}-{month:02}-{day}T{time}Z"));
    read.filter(|_| parts.next().is_none())
}

/// Writes a date as HTTP does.
pub(crate) fn write_date(at: Timestamp) -> String {
    let [year, month, day, hour, minute, second, _] = at.civil();
    let name = |names: &[&'static str], index: i64| {
        usize::try_from(index).ok().and_then(|index| names.get(index).copied()).unwrap_or_default()
    };
    let weekday = name(&DAYS, at.0.div_euclid(86_400_000).rem_euclid(7));
    let month = name(&MONTHS, month - 1);
    format!("{weekday}, {day:02} {month} {year:04} {hour:02}:{minute:02}:{second:02} GMT")
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000;

    fn dated(at: i64) -> HttpResponse {
        let headers = vec![("date".into(), write_date(Timestamp(at)))];
        HttpResponse { status: 403, headers, body: Vec::new() }
    }

    #[test]
    fn dates_survive_the_round_trip_and_what_is_none_is_not_read() {
        assert_eq!(write_date(Timestamp(784_111_777_000)), "Sun, 06 Nov 1994 08:49:37 GMT");
        for day in -400..30_000_i64 {
            let at = Timestamp(day * 86_400_000 + 3_661_000);
            assert_eq!(read_date(&write_date(at)), Some(at));
        }
        for text in [
            "",
            "GMT",
            "Sunday, 06-Nov-94 08:49:37 GMT",
            "Sun Nov  6 08:49:37 1994",
            "Sun, 06 Non 1994 08:49:37 GMT",
        ] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn a_date_is_followed_where_it_is_far_from_what_was_signed() {
        let clock = TargetClock::default();
        let near = now().0;
        for minutes in [0, 3, -3] {
            assert!(!clock.follow(&dated(near + minutes * MINUTE), 0), "{minutes}");
        }
        assert_eq!(clock.ahead(), 0);
        let far = dated(near - 60 * MINUTE);
        assert!(clock.follow(&far, 0));
        assert!((near - clock.now().0 - 60 * MINUTE).abs() < 3 * MINUTE, "{}", clock.ahead());
        // One that was signed before the correction is repeated as well, one signed after it is not.
        assert!(clock.follow(&far, 0) && !clock.follow(&far, clock.ahead()));
        let undated = HttpResponse { status: 403, headers: Vec::new(), body: Vec::new() };
        assert!(!clock.follow(&undated, 0));
    }
}
