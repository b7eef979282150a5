//! When a feed is asked again, and what is kept of it until then: pure, state in, state out.
//! It fetches nothing and knows no clock; the caller stores the state and passes the time.

mod pace;
pub(super) mod quota;
pub(super) mod waits;
mod whereabouts;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::{FeedUrl, PollHints};
use pace::{back_off, spread, usual_wait, was_fresh, wished};
pub(super) use pace::{jitter, named};
pub use waits::AnswerHeaders;
pub use whereabouts::{Moving, Stop};
use whereabouts::{watch_absence, watch_move};

/// No wait is longer, whatever a header or a hint says: a lying one must not stop a feed.
pub const MAX_WAIT: TimeDelta = TimeDelta::hours(24);
/// Instants of arrival kept to learn a feed's rhythm.
const MAX_ARRIVALS: usize = 20;
/// Bytes kept of an error's text.
const MAX_ERROR: usize = 500;

/// How often feeds are asked; filled from the configuration.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PollConfig {
    /// Minutes between two polls of a feed that brings news all the time; nothing is asked more often.
    pub min_minutes: u32,
    /// Minutes between two polls of a feed that is quiet, where the publisher asks for nothing else.
    pub max_minutes: u32,
}

impl Default for PollConfig {
    fn default() -> Self {
        Self { min_minutes: 15, max_minutes: 60 }
    }
}

impl PollConfig {
    pub(super) fn shortest(&self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.min_minutes.max(1))).min(MAX_WAIT)
    }

    fn longest(&self) -> TimeDelta {
        TimeDelta::minutes(i64::from(self.max_minutes)).clamp(self.shortest(), MAX_WAIT)
    }
}

/// What is kept of a feed between two polls. Written is only what is there: ten thousand of these are read in a round.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PollState {
    /// When to ask again; a feed without it is asked at once. Kept beside the rest of the state, like all that every poll changes.
    #[serde(skip)]
    pub next_poll_at: Option<DateTime<Utc>>,
    /// Validators of the last body, sent with the next request.
    pub validators: Validators,
    /// The last hints of the document; a 304 repeats them.
    pub hints: PollHints,
    /// Whole hours for which the last good answer was fresh. Whole ones, so that a poll rarely changes them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fresh_hours: Option<u32>,
    /// The last time that the feed answered with itself or "not modified". Kept beside the rest, too.
    #[serde(skip)]
    pub last_success_at: Option<DateTime<Utc>>,
    /// Failures in a row.
    pub failures: u32,
    /// Begin of the present row of failures.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_since: Option<DateTime<Utc>>,
    /// What went wrong last, in the present row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_error: Option<String>,
    /// When new entries came, oldest first.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub arrivals: Vec<DateTime<Utc>>,
    /// A permanent redirect that is being watched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moving: Option<Moving>,
    /// The day of the first 410 in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone_on: Option<NaiveDate>,
    /// The first 404 in a row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_found_since: Option<DateTime<Utc>>,
    /// Why the feed is not asked any more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopped: Option<Stop>,
}

/// What makes a request conditional (RFC 9110, section 13.1).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Validators {
    /// `ETag`, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub etag: Option<String>,
    /// `Last-Modified`, byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_modified: Option<String>,
}

/// What came of a poll.
#[derive(Clone, Debug)]
pub enum Answer<'a> {
    /// The feed, read.
    Read {
        /// Entries never seen before.
        new_entries: usize,
        /// What the document says.
        hints: &'a PollHints,
        /// Validators of this answer; empty ones replace the old.
        validators: Validators,
    },
    /// 304.
    NotModified,
    /// Any other status.
    Status(u16),
    /// Any other status with a challenge for people in the feed's place, as a sentence.
    Challenged(u16, String),
    /// No answer, or one that is no feed.
    Failed(String),
}

impl Answer<'_> {
    fn status(&self) -> Option<u16> {
        match self {
            Self::Status(status) | Self::Challenged(status, _) => Some(*status),
            _ => None,
        }
    }

    /// What went wrong, where it did, as a sentence.
    fn fault(&self) -> String {
        match self {
            Self::Status(status) => format!("the server answered {status}"),
            Self::Challenged(_, why) | Self::Failed(why) => why.clone(),
            Self::Read { .. } | Self::NotModified => String::new(),
        }
    }
}

/// The result of a poll.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Polled {
    /// The state to store.
    pub state: PollState,
    /// The address to use from now on.
    pub adopt: Option<FeedUrl>,
    /// A permanent redirect that was watched is there no more: the feed has not moved after all.
    pub stays: bool,
    /// The feed was stopped by this poll: tell the operator.
    pub stopped: Option<Stop>,
    /// The server limits us.
    pub limit: Option<Limit>,
    /// The server's own demand: not even a publisher who says that there is news makes us ask before this instant.
    pub not_before: Option<DateTime<Utc>>,
}

/// A limit that a server set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// No other feed of the registrable domain is to be asked before this instant.
    pub until: DateTime<Utc>,
    /// The server named no wait, so that it may as well mean this feed alone: the limit is nobody else's where another feed of
    /// the domain has answered since the row of failures began.
    pub guessed: bool,
    /// Begin of the row of failures.
    pub since: DateTime<Utc>,
}

/// The poll of feed `id` at `url` that ended at `now`. `moved_to` is where the unbroken chain of permanent redirects
/// (301, 308) led that the request began with, if it began with one.
pub fn after(
    state: &PollState,
    feed: (i64, &FeedUrl),
    answer: &Answer<'_>,
    headers: &AnswerHeaders,
    moved_to: Option<&FeedUrl>,
    now: DateTime<Utc>,
    config: &PollConfig,
) -> Polled {
    let (id, url) = feed;
    let mut next = state.clone();
    let mut polled = Polled::default();
    let limited = answer.status().is_some_and(|status| is_limit(status, state, headers));
    let lifetime = waits::lifetime(headers, now);
    let fresh = waits::left_of(lifetime, headers);
    let wait = match answer {
        Answer::Read { new_entries, hints, validators } => {
            next.hints = (*hints).clone();
            next.validators = validators.clone();
            if *new_entries > 0 {
                next.arrivals.push(now);
                let surplus = next.arrivals.len().saturating_sub(MAX_ARRIVALS);
                next.arrivals.drain(..surplus);
            }
            succeeded(&mut next, lifetime, now);
            polled.adopt = watch_move(&mut next, url, moved_to, now);
            usual_wait(&next, fresh, headers, now, config)
        }
        Answer::NotModified => {
            succeeded(&mut next, lifetime, now);
            polled.adopt = watch_move(&mut next, url, moved_to, now);
            usual_wait(&next, fresh, headers, now, config)
        }
        Answer::Status(_) | Answer::Challenged(..) | Answer::Failed(_) => {
            failed(&mut next, &answer.fault(), now);
            if let Answer::Status(status) = answer {
                polled.stopped = watch_absence(&mut next, *status, now);
                next.stopped = next.stopped.or(polled.stopped);
            }
            let named = named(headers, limited, now);
            let wait = back_off(&next, named, config);
            if limited {
                // Who refuses may mean all of us or this one feed; the others of its site are to find out soon.
                let soon = named.is_none() && answer.status() == Some(403);
                let until = now + if soon { config.shortest() } else { wait };
                let since = next.failing_since.unwrap_or(now);
                polled.limit = Some(Limit { until, guessed: named.is_none(), since });
            }
            if limited && named.is_none() {
                // A limit makes us ask no sooner than a good answer would.
                wait.max(usual_wait(&next, fresh.max(was_fresh(&next)), headers, now, config))
            } else {
                wait
            }
        }
    };
    let demand = waits::retry_after(headers, now).max(quota::until_filled(headers, now, limited));
    polled.not_before = polled.limit.map(|limit| limit.until).max(demand.map(|wait| now + wait));
    let demanded = polled.not_before.map_or(TimeDelta::zero(), |at| at - now);
    // What goes wrong makes us ask no sooner than the document wishes.
    let wishes = wished(&next);
    let wait = spread(id, wait.max(wishes).min(MAX_WAIT), demanded.max(wishes).max(fresh));
    next.next_poll_at = Some(waits::outside_skipped(now + wait, &next.hints, now + MAX_WAIT));
    polled.stays = state.moving.is_some() && next.moving.is_none() && polled.adopt.is_none();
    polled.state = next;
    polled
}

/// Whether a status is the server's way to say "too often": 429, 503 with a time, 403 from a server that answered before, and
/// both where they come with a quota that is used up.
pub fn is_limit(status: u16, state: &PollState, headers: &AnswerHeaders) -> bool {
    match status {
        429 => true,
        503 => headers.retry_after.is_some() || quota::used_up(headers),
        403 => state.last_success_at.is_some() || headers.retry_after.is_some() || quota::used_up(headers),
        _ => false,
    }
}

fn succeeded(next: &mut PollState, lifetime: TimeDelta, now: DateTime<Utc>) {
    next.fresh_hours = u32::try_from(lifetime.num_hours()).ok().filter(|hours| *hours > 0);
    next.last_success_at = Some(now);
    next.failures = 0;
    next.failing_since = None;
    next.last_error = None;
    next.gone_on = None;
    next.not_found_since = None;
    next.stopped = None;
}

fn failed(next: &mut PollState, why: &str, now: DateTime<Utc>) {
    next.failures = next.failures.saturating_add(1);
    next.failing_since.get_or_insert(now);
    next.last_error = Some(super::bounded(why, MAX_ERROR).to_owned());
}

#[cfg(test)]
mod tests;
