//! How long a site is left alone that does not want its article pages fetched now: pure, state in, state out.
//! How often feeds themselves are asked is `polling`'s matter.

use chrono::{DateTime, TimeDelta, Utc};

use super::polling::{AnswerHeaders, MAX_WAIT, waits::retry_after};

/// The first wait where the site names none; it doubles with every refusal in a row.
const FIRST: TimeDelta = TimeDelta::hours(1);
/// No wait is shorter: a site that names none at all still gets one page of a reading and not all.
const SHORTEST: TimeDelta = TimeDelta::minutes(1);
/// Refusals in a row from which on the site waits. One forbidden page may be that page's own matter.
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
        let known = before.map_or(0, |limit| limit.refusals);
        let refusals = match status {
            200..=299 => return None,
            403 => known + 1,
            429 | 503 => (known + 1).max(ENOUGH),
            _ => return before,
        };
        let Some(waits) = refusals.checked_sub(ENOUGH) else { return Some(Self { refusals, until: now }) };
        let usual = FIRST * (1 << waits.min(MAX_DOUBLINGS));
        let wait = retry_after(headers, now).unwrap_or(usual).clamp(SHORTEST, MAX_WAIT);
        Some(Self { refusals: refusals.min(ENOUGH + MAX_DOUBLINGS), until: now + wait })
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
        check(&[(429, "7200"), (200, "")], None);
    }
}
