//! Reads the waits that servers ask for out of headers, and the hours in which publishers rest.
//! It does not weigh them against each other.

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};

use super::{MAX_WAIT, PollHints};
use crate::feed::date;

/// Numbers above this are an instant in seconds since 1970, not a wait (it is in 2001).
const EPOCH_SECONDS: i64 = 1_000_000_000;
/// Numbers above this are an instant in milliseconds.
const EPOCH_MILLIS: i64 = 1_000_000_000_000;

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
    /// `X-RateLimit-Remaining` or `RateLimit-Remaining`.
    pub ratelimit_remaining: Option<String>,
    /// `X-RateLimit-Reset` or `RateLimit-Reset`: seconds, or an instant.
    pub ratelimit_reset: Option<String>,
}

/// `Retry-After` as a wait; 0 is a value.
pub(in crate::feed) fn retry_after(headers: &AnswerHeaders, now: DateTime<Utc>) -> Option<TimeDelta> {
    let text = headers.retry_after.as_deref()?.trim();
    match text.parse::<f64>() {
        Ok(seconds) if seconds.is_finite() && seconds >= 0.0 => Some(seconds_to_wait(seconds)),
        Ok(_) => None,
        Err(_) => Some((date::parse(text)? - now).clamp(TimeDelta::zero(), MAX_WAIT)),
    }
}

/// The time until the quota is filled up again, where it is used up: by the header, or by the status (`limited`).
pub(super) fn until_quota(headers: &AnswerHeaders, now: DateTime<Utc>, limited: bool) -> Option<TimeDelta> {
    let used_up = headers.ratelimit_remaining.as_deref().map(str::trim).and_then(|r| r.parse::<f64>().ok());
    if !limited && used_up.is_none_or(|remaining| remaining >= 1.0) {
        return None;
    }
    let reset = headers.ratelimit_reset.as_deref()?.trim().parse::<f64>().ok().filter(|r| *r >= 0.0)?;
    #[allow(clippy::cast_possible_truncation)]
    let whole = reset as i64;
    let instant = match whole {
        _ if whole > EPOCH_MILLIS => DateTime::from_timestamp_millis(whole),
        _ if whole > EPOCH_SECONDS => DateTime::from_timestamp(whole, 0),
        _ => return Some(seconds_to_wait(reset)),
    };
    Some((instant? - now).clamp(TimeDelta::zero(), MAX_WAIT))
}

/// How long the answer stays fresh: `max-age`, else `Expires`; nothing where caching is forbidden.
pub(super) fn fresh_for(headers: &AnswerHeaders, now: DateTime<Utc>) -> TimeDelta {
    if let Some(control) = headers.cache_control.as_deref() {
        let control = control.to_ascii_lowercase();
        let directives = || control.split(',').map(str::trim);
        if directives().any(|d| matches!(d, "no-cache" | "no-store")) {
            return TimeDelta::zero();
        }
        let seconds = directives().find_map(|d| d.strip_prefix("max-age=")?.trim_matches('"').parse::<f64>().ok());
        if let Some(seconds) = seconds {
            let age = headers.age.as_deref().and_then(|a| a.trim().parse::<f64>().ok()).unwrap_or(0.0);
            return seconds_to_wait((seconds - age.max(0.0)).max(0.0));
        }
    }
    // `Expires: 0` and `-1` are no dates, and mean "stale already".
    let expires = headers.expires.as_deref().filter(|e| e.contains(':')).and_then(date::parse);
    let sent = headers.date.as_deref().and_then(date::parse).unwrap_or(now);
    expires.map_or(TimeDelta::zero(), |e| (e - sent).clamp(TimeDelta::zero(), MAX_WAIT))
}

/// `at`, or the first full hour after it that the publisher does not skip, if that is before `latest`.
pub(in crate::feed) fn outside_skipped(at: DateTime<Utc>, hints: &PollHints, latest: DateTime<Utc>) -> DateTime<Utc> {
    let skipped = |t: DateTime<Utc>| {
        u8::try_from(t.hour()).is_ok_and(|h| hints.skip_hours.contains(&h)) || hints.skip_days.contains(&t.weekday())
    };
    let mut candidate = at;
    // Ends: the candidate grows by up to an hour each time and stays below `latest`, a day away.
    while skipped(candidate) {
        let into_hour =
            TimeDelta::minutes(i64::from(candidate.minute())) + TimeDelta::seconds(i64::from(candidate.second()));
        candidate += TimeDelta::hours(1) - into_hour;
        if candidate > latest {
            return at;
        }
    }
    candidate
}

fn seconds_to_wait(seconds: f64) -> TimeDelta {
    let most = MAX_WAIT.num_seconds();
    #[allow(clippy::cast_possible_truncation)]
    let whole = seconds.ceil() as i64;
    TimeDelta::seconds(whole.clamp(0, most))
}
