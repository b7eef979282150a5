//! When a deferred mail is tried again, and when it is too late.
//! It does not decide whether a reply defers; `verdict` does.

use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

use super::{Key, Kind};

/// How deferred mails are tried again. Times of expiry run from the instant a mail was due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryConfig {
    /// Wait before the second attempt; doubled for each further one.
    pub first_seconds: u32,
    /// Longest wait between two attempts.
    pub longest_seconds: u32,
    /// An alert later than this is no news.
    pub alert_hours: u32,
    /// A confirmation later than this has been asked for again.
    pub confirmation_hours: u32,
    /// A digest later than this would meet the next one.
    pub digest_hours: u32,
    /// A correction is worth waiting for.
    pub correction_hours: u32,
    /// An editor waits for a proof.
    pub proof_hours: u32,
    /// What operators are told.
    pub notice_hours: u32,
}

impl Default for RetryConfig {
    fn default() -> Self {
        Self {
            first_seconds: 60,
            longest_seconds: 3600,
            alert_hours: 4,
            confirmation_hours: 24,
            digest_hours: 36,
            correction_hours: 72,
            proof_hours: 2,
            notice_hours: 24,
        }
    }
}

impl RetryConfig {
    /// The instant after which a mail of this kind is not sent any more.
    pub fn expires_at(&self, kind: Kind, due_at: DateTime<Utc>) -> DateTime<Utc> {
        let hours = match kind {
            Kind::Confirmation => self.confirmation_hours,
            Kind::Alert => self.alert_hours,
            Kind::Digest => self.digest_hours,
            Kind::Correction => self.correction_hours,
            Kind::Proof => self.proof_hours,
            Kind::Notice => self.notice_hours,
        };
        due_at.checked_add_signed(TimeDelta::hours(i64::from(hours))).unwrap_or(DateTime::<Utc>::MAX_UTC)
    }

    /// The wait after the `attempt`-th attempt (1 is the first) before jitter.
    fn wait(&self, attempt: u32) -> TimeDelta {
        // 2^20 minutes are two years: any larger power is cut by the longest wait anyway.
        let doubled = u64::from(self.first_seconds.max(1)) << attempt.saturating_sub(1).min(20);
        let seconds = doubled.min(u64::from(self.longest_seconds.max(1)));
        TimeDelta::seconds(i64::try_from(seconds).unwrap_or(i64::MAX / 1000))
    }
}

/// What comes after an attempt that deferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Try again then.
    At(DateTime<Utc>),
    /// The next attempt would be after its time.
    Expired,
}

/// Jitter in percent either way: mails deferred by one greylisting or one throttling do not come back as one crowd.
const JITTER_PERCENT: u32 = 20;

/// When to try again after the `attempt`-th attempt (1 is the first) was deferred at `now`. The jitter comes from `key`:
/// asked again, the answer is the same.
pub fn back_off(
    config: &RetryConfig,
    kind: Kind,
    key: Key,
    due_at: DateTime<Utc>,
    attempt: u32,
    now: DateTime<Utc>,
) -> Next {
    let wait = config.wait(attempt).num_milliseconds();
    let percent = 100 - JITTER_PERCENT + key.draw(attempt) % (2 * JITTER_PERCENT + 1);
    let jittered = wait / 100 * i64::from(percent);
    match now.checked_add_signed(TimeDelta::milliseconds(jittered)) {
        Some(at) if at < config.expires_at(kind, due_at) => Next::At(at),
        _ => Next::Expired,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + seconds, 0).expect("a valid instant")
    }

    #[test]
    fn the_wait_doubles_up_to_the_longest() {
        let config = RetryConfig::default();
        let waits: Vec<i64> = (1..=9).map(|attempt| config.wait(attempt).num_seconds()).collect();
        assert_eq!(waits, [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]);
        assert_eq!(config.wait(u32::MAX).num_seconds(), 3600);
    }

    #[test]
    fn an_alert_expires_within_hours_and_a_digest_within_days() {
        let config = RetryConfig::default();
        let key = Key::new(Kind::Alert, 1, b"x");
        let five_hours = at(5 * 3600);
        assert_eq!(back_off(&config, Kind::Alert, key, at(0), 3, five_hours), Next::Expired);
        assert!(matches!(back_off(&config, Kind::Digest, key, at(0), 3, five_hours), Next::At(_)));
    }

    #[test]
    fn a_mail_tried_until_the_end_expires_after_a_bounded_number_of_attempts() {
        let config = RetryConfig::default();
        for kind in Kind::ALL {
            let key = Key::new(kind, 9, b"end");
            let (mut now, mut attempt) = (at(0), 1);
            while let Next::At(next) = back_off(&config, kind, key, at(0), attempt, now) {
                now = next;
                attempt += 1;
                assert!(attempt < 200, "{kind} is tried without end");
            }
            assert!(attempt > 5, "{kind} gives up after {attempt} attempts");
        }
    }

    proptest! {
        #[test]
        fn the_next_attempt_is_later_within_the_jitter_and_the_same_when_asked_again(
            attempt in 1u32..40, subscriber: i64, elapsed in 0i64..100_000, first in 1u32..7200, longest in 1u32..7200,
        ) {
            let config = RetryConfig { first_seconds: first, longest_seconds: longest, ..RetryConfig::default() };
            let key = Key::new(Kind::Digest, subscriber, b"slot");
            let now = at(elapsed);
            let next = back_off(&config, Kind::Digest, key, at(0), attempt, now);
            prop_assert_eq!(next, back_off(&config, Kind::Digest, key, at(0), attempt, now));
            if let Next::At(then) = next {
                let wait = config.wait(attempt).num_milliseconds();
                let took = (then - now).num_milliseconds();
                prop_assert!(took > 0 && took * 10 >= wait * 8 && took * 10 <= wait * 12);
                prop_assert!(then < config.expires_at(Kind::Digest, at(0)));
            }
        }
    }
}
