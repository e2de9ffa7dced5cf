//! Instants as the API writes them, without a clock.

use std::fmt;

/// Milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(pub i64);

const DAY: i64 = 86_400_000;

impl Timestamp {
    /// Reads an ISO-8601 instant in UTC (`2018-11-28T22:14:06.771Z`), with or without a fraction.
    ///
    /// `+00:00` is read like `Z`; digits beyond the millisecond are dropped (SH-WIRE-014).
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let rest = text.strip_suffix('Z').or_else(|| text.strip_suffix("+00:00"))?;
        let (date, clock) = rest.split_once('T')?;
        let [year, month, day] = fields(date, '-')?;
        let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
        let [hour, minute, second] = fields(clock, ':')?;
        let in_range =
            (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
        if !in_range || fraction.is_empty() || fraction.len() > 9 || !fraction.bytes().all(|b| b.is_ascii_digit())
        {
            return None;
        }
        let millisecond: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
        let seconds = (hour * 60 + minute) * 60 + second;
        Some(Self(days_from_civil(year, month, day) * DAY + seconds * 1000 + millisecond))
    }

    /// Year, month, day, hour, minute, second and millisecond in UTC.
    #[must_use]
    pub fn civil(self) -> [i64; 7] {
        let (year, month, day) = civil_from_days(self.0.div_euclid(DAY));
        let rest = self.0.rem_euclid(DAY);
        let seconds = rest / 1000;
        [year, month, day, seconds / 3600, seconds / 60 % 60, seconds % 60, rest % 1000]
    }

    /// The form that request signatures use: `20181128T221406Z`.
    #[must_use]
    pub fn basic(self) -> String {
        let [year, month, day, hour, minute, second, _] = self.civil();
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}Z")
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [year, month, day, hour, minute, second, millisecond] = self.civil();
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{millisecond:03}Z")
    }
}

fn fields(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut parts = text.split(separator).map(|part| {
        let plain = (1..=4).contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| part.parse::<i64>().ok()).flatten()
    });
    let fields = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(fields)
}

/// Days since 1970-01-01 of a date in the proleptic Gregorian calendar.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::Timestamp;

    #[test]
    fn an_instant_seen_on_aws_survives_the_round_trip() {
        let text = "2018-11-28T22:14:06.771Z";
        assert_eq!(Timestamp::parse(text).map(|instant| instant.to_string()).as_deref(), Some(text));
    }

    #[test]
    fn every_day_of_four_centuries_survives_the_round_trip() {
        for day in -30_000..130_000_i64 {
            let instant = Timestamp(day * 86_400_000 + 1);
            assert_eq!(Timestamp::parse(&instant.to_string()), Some(instant));
        }
    }

    #[test]
    fn what_is_no_utc_instant_is_refused() {
        for text in [
            "",
            "Z",
            "2018-11-28",
            "2018-13-01T00:00:00Z",
            "2018-11-28T22:14:06",
            "1543443246",
            "2018-11-28T22:14:06.Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
    }
}
