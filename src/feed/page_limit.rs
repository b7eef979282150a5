//! How long a site is left alone that does not want its article pages fetched now: pure, state in, state out.
//! How often feeds themselves are asked is `polling`'s matter.

use chrono::{DateTime, TimeDelta, Utc};

use super::polling::{AnswerHeaders, MAX_WAIT, named, quota};

/// The first wait where the site names none; it doubles with every refusal in a row.
const FIRST: TimeDelta = TimeDelta::hours(1);
/// No wait is shorter: a site that names none at all still gets one page of a reading and not all.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// Refusals in a row from which on the site waits. One page that is forbidden without a word may be that page's own matter.
const ENOUGH: u32 = 2;
/// Doublings of the first wait that stay below a day.
const MAX_DOUBLINGS: u32 = 5;

/// What a site's answers to requests for pages have come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PageLimit {
    refusals: u32,
    until: DateTime<Utc>,
}

impl PageLimit {
    /// After an answer of this status; none where nothing is held against the next page.
    pub fn after(before: Option<Self>, status: u16, headers: &AnswerHeaders, now: DateTime<Utc>) -> Option<Self> {
        match status {
            200..=299 => {
                quota::until_filled(headers, now, false).map(|filled| Self { refusals: 0, until: now + filled })
            }
            403 | 429 | 503 => Some(Self::refused(before, status, headers, now)),
            _ => before,
        }
    }

    fn refused(before: Option<Self>, status: u16, headers: &AnswerHeaders, now: DateTime<Utc>) -> Self {
        let known = before.map_or(0, |limit| limit.refusals);
        let named = named(headers, true, now);
        let may_be_the_pages_own = status == 403 && named.is_none() && !quota::used_up(headers);
        let refusals = if may_be_the_pages_own { known + 1 } else { (known + 1).max(ENOUGH) };
        let Some(waits) = refusals.checked_sub(ENOUGH) else { return Self { refusals, until: now } };
        let usual = FIRST * (1 << waits.min(MAX_DOUBLINGS));
        let wait = named.unwrap_or(usual).clamp(SHORTEST, MAX_WAIT);
        Self { refusals: refusals.min(ENOUGH + MAX_DOUBLINGS), until: now + wait }
    }

    /// Whether no page of the site is to be asked for now.
    pub fn holds(&self, now: DateTime<Utc>) -> bool {
        now < self.until
    }

    /// When the site may be asked again.
    pub fn until(&self) -> DateTime<Utc> {
        self.until
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_waits_as_it_says_or_longer_each_time_and_never_beyond_a_day() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let check = |answers: &[(u16, &str)], minutes: Option<i64>| {
            let limit = answers.iter().fold(None, |before, (status, named)| {
                let named = Some((*named).to_owned()).filter(|named| !named.is_empty());
                PageLimit::after(
                    before,
                    *status,
                    &AnswerHeaders { retry_after: named, ..AnswerHeaders::default() },
                    now,
                )
            });
            let wait = limit.filter(|limit| limit.holds(now)).map(|limit| (limit.until() - now).num_minutes());
            assert_eq!(wait, minutes, "{answers:?}");
        };
        check(&[(200, "")], None);
        check(&[(404, ""), (410, ""), (500, ""), (304, "")], None);
        check(&[(403, "")], None);
        check(&[(403, ""), (200, ""), (403, "")], None);
        check(&[(403, ""), (404, ""), (403, "")], Some(60));
        check(&[(403, "7200"), (403, "7200")], Some(120));
        check(&[(429, "")], Some(60));
        check(&[(503, "")], Some(60));
        check(&[(429, ""), (429, "")], Some(120));
        check(&[(403, ""), (403, ""), (403, ""), (429, "")], Some(240));
        check(&[(429, "1800")], Some(30));
        check(&[(429, "0")], Some(1));
        check(&[(429, "-5")], Some(60));
        check(&[(429, "soon")], Some(60));
        check(&[(429, "Fri, 04 Oct 2024 02:00:00 GMT")], Some(120));
        check(&[(429, "99999999999")], Some(24 * 60));
        check(&[(429, ""); 40], Some(24 * 60));
        check(&[(403, "7200")], Some(120));
        check(&[(429, "7200"), (200, "")], None);
    }

    #[test]
    fn a_quota_that_is_used_up_is_a_limit_on_pages_too() {
        let now = DateTime::UNIX_EPOCH + TimeDelta::days(20_000);
        let check = |status: u16, headers: AnswerHeaders, minutes: Option<i64>| {
            let limit = PageLimit::after(None, status, &headers, now);
            let wait = limit.filter(|limit| limit.holds(now)).map(|limit| (limit.until() - now).num_minutes());
            assert_eq!(wait, minutes, "{status} {headers:?}");
        };
        let counted = |left: &str, reset: &str| AnswerHeaders {
            ratelimit_remaining: Some(left.to_owned()),
            ratelimit_reset: Some(reset.to_owned()),
            ..AnswerHeaders::default()
        };
        let listed = |text: &str| AnswerHeaders { ratelimit: Some(text.to_owned()), ..AnswerHeaders::default() };
        check(429, counted("0", "1800"), Some(30));
        check(429, listed("\"pages\";r=0;t=600"), Some(10));
        check(403, counted("0", "1800"), Some(30));
        check(200, counted("0", "1800"), Some(30));
        check(200, listed("\"pages\";r=0;t=600"), Some(10));
        check(429, counted("0", "0"), Some(1));
        check(429, AnswerHeaders { retry_after: Some("7200".to_owned()), ..counted("0", "60") }, Some(120));
        // Left alone: something is left.
        check(200, counted("7", "1800"), None);
        check(200, listed("\"pages\";r=3;t=600"), None);
        check(404, counted("0", "1800"), None);
    }
}
