//! Reads out of an answer's headers whether a quota is used up, and when it is filled again.
//! It does not read the waits that servers name otherwise.

use chrono::{DateTime, TimeDelta, Utc};

use super::waits::{self, AnswerHeaders, seconds_to_wait};

/// One of the quotas that a server counts at the same time.
#[derive(Default)]
struct Quota<'a> {
    name: &'a str,
    left: Option<f64>,
    seconds: Option<f64>,
}

impl Quota<'_> {
    fn used_up(&self) -> bool {
        self.left.is_some_and(|left| left < 1.0)
    }
}

/// Whether the headers say that nothing is left of a quota.
pub(in crate::feed) fn used_up(headers: &AnswerHeaders) -> bool {
    left(headers).is_some_and(|left| left < 1.0)
        || headers.ratelimit.as_deref().is_some_and(|text| quotas(text).iter().any(Quota::used_up))
}

/// The time until the quota is filled up again, where it is used up: by the headers, or by the status (`limited`).
pub(in crate::feed) fn until_filled(headers: &AnswerHeaders, now: DateTime<Utc>, limited: bool) -> Option<TimeDelta> {
    let used_up = left(headers).is_some_and(|left| left < 1.0);
    let reset = headers.ratelimit_reset.as_deref().filter(|_| limited || used_up);
    reset.and_then(|text| waits::wait(text, now)).max(until_any_filled(headers, limited))
}

fn left(headers: &AnswerHeaders) -> Option<f64> {
    headers.ratelimit_remaining.as_deref()?.trim().parse().ok()
}

/// Of several quotas all that are used up must be filled again; where a status only says that one of them is, the first may be it.
fn until_any_filled(headers: &AnswerHeaders, limited: bool) -> Option<TimeDelta> {
    let text = headers.ratelimit.as_deref()?;
    let (quotas, policies) = (quotas(text), headers.ratelimit_policy.as_deref().map(quotas).unwrap_or_default());
    let window = |of: &Quota| policies.iter().find(|policy| policy.name == of.name).and_then(|policy| policy.seconds);
    let wait = |of: &Quota| of.seconds.or_else(|| window(of)).map(seconds_to_wait);
    let longest = quotas.iter().filter(|quota| quota.used_up()).filter_map(wait).max();
    longest.or_else(|| quotas.iter().filter(|_| limited).filter_map(wait).min())
}

/// What `RateLimit` or `RateLimit-Policy` lists: `"burst";r=0;t=30, "day";r=70;t=4000` in the newer drafts,
/// `limit=10, remaining=0, reset=30` in the older ones.
fn quotas(text: &str) -> Vec<Quota<'_>> {
    let mut quotas: Vec<Quota> = Vec::new();
    for item in text.split(',') {
        let begins = item.split(';').next().is_none_or(|name| !name.contains('='));
        if begins || quotas.is_empty() {
            quotas.push(Quota::default());
        }
        let Some(quota) = quotas.last_mut() else { continue };
        for part in item.split(';').map(str::trim) {
            let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite() && *n >= 0.0);
            match part.split_once('=').map(|(key, value)| (key.trim(), value)) {
                None => quota.name = part.trim_matches('"'),
                Some(("r" | "remaining", value)) => quota.left = number(value),
                Some(("t" | "reset", value)) => quota.seconds = number(value),
                // The whole window is the longest that it may take.
                Some(("w", value)) => quota.seconds = quota.seconds.or(number(value)),
                Some(_) => {}
            }
        }
    }
    quotas
}
