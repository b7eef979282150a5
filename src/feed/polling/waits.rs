//! Reads the waits that servers ask for out of headers, and the hours in which publishers rest.
//! It does not weigh them against each other.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};

use super::{MAX_WAIT, PollHints};
use crate::feed::date;

/// No answer counts as fresh for longer: time for any age to be taken off, and no number is too large to reckon with.
const LONGEST_LIFETIME: TimeDelta = TimeDelta::days(3_650);

/// The headers of an answer that say when to come again, as they were sent.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AnswerHeaders {
    /// `Retry-After` (RFC 9110, section 10.2.3).
    pub retry_after: Option<String>,
    /// `Cache-Control` (RFC 9111, section 5.2).
    pub cache_control: Option<String>,
    /// `Expires` (RFC 9111, section 5.3).
    pub expires: Option<String>,
    /// `Date`, against which `Expires` counts.
    pub date: Option<String>,
    /// `Age` (RFC 9111, section 5.1).
    pub age: Option<String>,
    /// `X-RateLimit-Remaining`, `X-Rate-Limit-Remaining` or `RateLimit-Remaining`.
    pub ratelimit_remaining: Option<String>,
    /// `X-RateLimit-Reset`, `X-Rate-Limit-Reset` or `RateLimit-Reset`: seconds, or an instant.
    pub ratelimit_reset: Option<String>,
    /// `RateLimit` (draft-ietf-httpapi-ratelimit-headers): what is left of which quota, and for how long.
    pub ratelimit: Option<String>,
    /// `RateLimit-Policy` (the same draft): the quotas and their windows.
    pub ratelimit_policy: Option<String>,
}

/// `Retry-After` as a wait; 0 is a value.
pub(in crate::feed) fn retry_after(headers: &AnswerHeaders, now: DateTime<Utc>) -> Option<TimeDelta> {
    wait(headers.retry_after.as_deref()?, now)
}

/// A wait as servers write it: in seconds, or as the instant at which it ends, be it a date or counted from 1970. Numbers are no
/// years here.
pub(super) fn wait(text: &str, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = text.trim();
    if let Some(instant) = date::since_1970(text) {
        return Some(until(instant, now));
    }
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Some(seconds_to_wait(seconds)),
        Ok(_) => None,
        Err(_) => Some(until(date::parse(text)?, now)),
    }
}

/// What is left of the time for which an answer is fresh (RFC 9111, section 4.2).
pub(super) fn left_of(lifetime: TimeDelta, headers: &AnswerHeaders) -> TimeDelta {
    let age = headers.age.as_deref().and_then(|age| age.trim().parse::<f64>().ok()).unwrap_or(0.0);
    (lifetime - whole(age, LONGEST_LIFETIME)).clamp(TimeDelta::zero(), MAX_WAIT)
}

/// How long an answer is fresh: `max-age`, else `Expires`; nothing where caching is forbidden.
pub(super) fn lifetime(headers: &AnswerHeaders, now: DateTime<Utc>) -> TimeDelta {
    if let Some(control) = headers.cache_control.as_deref() {
        let directives = || control.split(',').map(|d| d.trim().split_once('=').unwrap_or((d.trim(), "")));
        let is = |name: &str, other: &str| name.trim().eq_ignore_ascii_case(other);
        if directives().any(|(name, value)| value.is_empty() && (is(name, "no-cache") || is(name, "no-store"))) {
            return TimeDelta::zero();
        }
        let age = directives().find(|(name, _)| is(name, "max-age"));
        if let Some(seconds) = age.and_then(|(_, value)| value.trim().trim_matches('"').parse::<f64>().ok()) {
            return whole(seconds, LONGEST_LIFETIME);
        }
    }
    // `Expires: 0` and `-1` are no dates, and mean "stale already".
    let expires = headers.expires.as_deref().filter(|e| e.contains(':')).and_then(date::parse);
    let sent = headers.date.as_deref().and_then(date::parse).unwrap_or(now);
    expires.map_or(TimeDelta::zero(), |expires| (expires - sent).clamp(TimeDelta::zero(), LONGEST_LIFETIME))
}

/// `at`, or the first full hour after it that the publisher does not skip, and `latest` at the latest. Who skips all is not
/// believed.
pub(in crate::feed) fn outside_skipped(at: DateTime<Utc>, hints: &PollHints, latest: DateTime<Utc>) -> DateTime<Utc> {
    let skipped = |t: DateTime<Utc>| {
        u8::try_from(t.hour()).is_ok_and(|h| hints.skip_hours.contains(&h)) || hints.skip_days.contains(&t.weekday())
    };
    if !skipped(at) || skips_all(hints) {
        return at;
    }
    let mut candidate = at;
    // Ends: the candidate grows by up to an hour each time and stays below `latest`, a day away.
    while skipped(candidate) {
        let into_hour =
            TimeDelta::minutes(i64::from(candidate.minute())) + TimeDelta::seconds(i64::from(candidate.second()));
        candidate += TimeDelta::hours(1) - into_hour;
        if candidate > latest {
            return at.max(latest);
        }
    }
    candidate
}

fn skips_all(hints: &PollHints) -> bool {
    let days = hints.skip_days.iter().fold(0_u8, |days, day| days | 1 << day.num_days_from_monday());
    (0..24).all(|hour| hints.skip_hours.contains(&hour)) || days == 0b111_1111
}

/// The time from `now` to an instant, as a wait.
fn until(at: DateTime<Utc>, now: DateTime<Utc>) -> TimeDelta {
    (at - now).clamp(TimeDelta::zero(), MAX_WAIT)
}

pub(super) fn seconds_to_wait(seconds: f64) -> TimeDelta {
    whole(seconds, MAX_WAIT)
}

fn whole(seconds: f64, most: TimeDelta) -> TimeDelta {
    #[allow(clippy::cast_possible_truncation)]
    let whole = seconds.ceil() as i64;
    TimeDelta::seconds(whole.clamp(0, most.num_seconds()))
}
