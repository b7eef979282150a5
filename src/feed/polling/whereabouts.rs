//! Watches what answers say of a feed's address: moved for good, gone, or not found.
//! When the feed is asked again is decided above.

use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use super::PollState;
use crate::feed::FeedUrl;

/// Days of the same permanent redirect after which it is believed. Broken servers send some for hours.
const DAYS_TO_ADOPT: i64 = 7;
/// Days of 404 after which a feed is stopped; sites are rebuilt over a weekend.
const DAYS_NOT_FOUND: i64 = 14;
/// A permanent redirect seen on every poll since.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moving {
    /// Where to.
    pub to: FeedUrl,
    /// First seen.
    pub since: DateTime<Utc>,
}

/// Why a feed is not asked any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum Stop {
    /// 410 on two different days.
    #[error("the publisher says that the feed is gone for good (410 on two days)")]
    Gone,
    /// 404 for a long time.
    #[error("the feed has not been found for {DAYS_NOT_FOUND} days (404)")]
    NotFound,
}

/// Watches a permanent redirect. Only polls that ended with the feed count: a login page is a redirect too.
pub(super) fn watch_move(
    next: &mut PollState,
    url: &FeedUrl,
    moved_to: Option<&FeedUrl>,
    now: DateTime<Utc>,
) -> Option<FeedUrl> {
    let Some(to) = moved_to.filter(|to| *to != url) else {
        next.moving = None;
        return None;
    };
    let known = next.moving.as_ref().filter(|moving| moving.to == *to).map(|moving| moving.since);
    let since = known.unwrap_or(now);
    if now - since >= TimeDelta::days(DAYS_TO_ADOPT) {
        next.moving = None;
        return Some(to.clone());
    }
    // Where another feed is there already, it is tried again in days and not with every poll.
    let at_once = known.is_none() && to.is_https_twin_of(url);
    next.moving = Some(Moving { to: to.clone(), since });
    at_once.then(|| to.clone())
}

pub(super) fn watch_absence(next: &mut PollState, status: u16, now: DateTime<Utc>) -> Option<Stop> {
    // Only the same answer over and over counts; a 500 in between means that the server is being worked on.
    if status != 410 {
        next.gone_on = None;
    }
    if status != 404 {
        next.not_found_since = None;
    }
    match status {
        410 => {
            let first = *next.gone_on.get_or_insert(now.date_naive());
            (first != now.date_naive()).then_some(Stop::Gone)
        }
        404 => {
            let since = *next.not_found_since.get_or_insert(now);
            (now - since >= TimeDelta::days(DAYS_NOT_FOUND)).then_some(Stop::NotFound)
        }
        _ => None,
    }
}
