//! Weighs against each other what servers and publishers ask for, a feed's own rhythm and our patience: the wait until the next poll.
//! What headers say is read beside it, and so is what becomes of a feed's address.

use chrono::{DateTime, TimeDelta, Utc};

use super::{
    MAX_WAIT, PollConfig, PollState, quota,
    waits::{self, AnswerHeaders},
};

/// Doublings of the wait after failures: 15 min · 2^7 is beyond a day.
const MAX_DOUBLINGS: u32 = 7;

/// The wait after a good answer: half of the time in which news came so far, and not before the publisher wishes.
pub(super) fn usual_wait(
    next: &PollState,
    fresh: TimeDelta,
    headers: &AnswerHeaders,
    now: DateTime<Utc>,
    config: &PollConfig,
) -> TimeDelta {
    let arrivals = i32::try_from(next.arrivals.len()).unwrap_or(1);
    let rhythm = next.arrivals.first().map_or(config.longest(), |first| (now - *first) / arrivals.max(1) / 2);
    let longest = [
        wished(next),
        fresh,
        quota::until_filled(headers, now, false).unwrap_or_default(),
        waits::retry_after(headers, now).unwrap_or_default(),
    ];
    let longest = longest.into_iter().max().unwrap_or_default();
    rhythm.clamp(config.shortest(), config.longest()).max(longest).min(MAX_WAIT)
}

/// The wait that the document asks for.
pub(super) fn wished(next: &PollState) -> TimeDelta {
    TimeDelta::minutes(i64::from(next.hints.ttl.max(next.hints.update_every).unwrap_or(0)))
}

/// The wait that the server names, even 0.
pub(in crate::feed) fn named(headers: &AnswerHeaders, limited: bool, now: DateTime<Utc>) -> Option<TimeDelta> {
    waits::retry_after(headers, now).or_else(|| quota::until_filled(headers, now, limited))
}

/// How long the last good answer was fresh.
pub(super) fn was_fresh(next: &PollState) -> TimeDelta {
    TimeDelta::hours(i64::from(next.fresh_hours.unwrap_or(0)))
}

/// The wait after a failure: what the server names, else doubled with every failure.
pub(super) fn back_off(next: &PollState, named: Option<TimeDelta>, config: &PollConfig) -> TimeDelta {
    let doublings = next.failures.saturating_sub(1).min(MAX_DOUBLINGS);
    let wait = named.unwrap_or_else(|| config.shortest() * 2_i32.pow(doublings));
    wait.clamp(config.shortest(), MAX_WAIT)
}

/// The wait and up to a tenth of it; at the cap a tenth less, so that not all come at the same instant, but never less than what
/// was asked for.
pub(super) fn spread(id: i64, wait: TimeDelta, asked_for: TimeDelta) -> TimeDelta {
    let apart = jitter(id, wait);
    if wait + apart <= MAX_WAIT { wait + apart } else { (wait - apart).max(asked_for).min(MAX_WAIT) }
}

/// Up to a tenth of the wait, the same for a feed every time: feeds that were added together drift apart.
pub(in crate::feed) fn jitter(id: i64, wait: TimeDelta) -> TimeDelta {
    // splitmix64 (Steele, Lea, Flood 2014), so that consecutive numbers lie far apart.
    let mut mixed = id.cast_unsigned().wrapping_add(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    let part = i32::try_from((mixed ^ (mixed >> 31)) % 1_000).unwrap_or(0);
    TimeDelta::seconds((wait / 10_000 * part).num_seconds())
}
