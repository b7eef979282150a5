//! Joining, following, leaving and coming back: the several writes of each, in the order that the commit number demands.
//! Each runs inside the caller's transaction, and its number is taken last, so the caller commits at once.

use chrono::{DateTime, Utc};
use serde::Deserialize;

use super::{
    Conn, Result, filter, reader,
    subscriber::{self, NewSubscriber},
    subscription::{self, NewSubscription},
    suppression, take_log_seq,
};
use crate::subscriber::Status;

/// What a reader wants to follow, before it has ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Follow {
    /// A topic of the catalogue.
    Topic(i64),
    /// A filter of their own, canonical.
    Filter(String),
}

/// A link to be begun.
#[derive(Clone, Debug)]
pub struct Wanted {
    /// What.
    pub follow: Follow,
    /// Schedule.
    pub schedule_id: i32,
    /// IANA zone, empty for the instant schedule.
    pub zone: String,
}

/// What came of adding a reader.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// A new subscriber.
    New(i64),
    /// The mailbox is known; nothing was changed.
    Known,
}

/// What came of leaving.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// Every link ended at this number; a return takes up exactly those.
    Ended(i64),
    /// They had left before.
    Already,
}

/// Why an address must not be mailed whose reader left; the only reason that a reader's own confirmation lifts.
const UNSUBSCRIBED: &str = "unsubscribed";

/// What a return takes up again, kept with the leaving.
#[derive(Clone, Copy, Debug, Deserialize)]
struct Before {
    /// The number at which every link ended.
    seq: i64,
    /// Code of the status before.
    status: i16,
}

/// Adds a reader with what they follow. A confirmed one gets mail from here on; a pending one only the confirmation.
pub async fn add(
    conn: &mut Conn,
    now: DateTime<Utc>,
    new: &NewSubscriber<'_>,
    wanted: &[Wanted],
    source: &str,
) -> Result<Added> {
    let Some(id) = subscriber::add(conn, now, new).await? else { return Ok(Added::Known) };
    subscriber::consent(conn, now, id, "given", source, serde_json::json!({})).await?;
    follow(conn, now, id, wanted).await?;
    Ok(Added::New(id))
}

/// Begins links of one reader; what they follow already on the same schedule is left as it is. Gives the number of new ones.
pub async fn follow(conn: &mut Conn, now: DateTime<Utc>, subscriber: i64, wanted: &[Wanted]) -> Result<usize> {
    if wanted.is_empty() {
        return Ok(0);
    }
    let seq = take_log_seq(conn, 1).await?;
    let live = subscription::live(conn, &[subscriber]).await?;
    let mut new: Vec<NewSubscription> = Vec::with_capacity(wanted.len());
    for (at, want) in wanted.iter().enumerate() {
        let (topic_id, filter_id) = match &want.follow {
            Follow::Topic(id) => (Some(*id), None),
            Follow::Filter(canonical) => (None, Some(filter::intern(conn, canonical, seq).await?)),
        };
        let known = live.iter().any(|l| {
            l.topic_id == topic_id
                && l.filter_id == filter_id
                && l.schedule_id == want.schedule_id
                && l.zone == want.zone
        });
        if known
            || new
                .iter()
                .any(|n| n.topic_id == topic_id && n.filter_id == filter_id && n.schedule_id == want.schedule_id)
        {
            continue;
        }
        let position = i16::try_from(live.len() + at).unwrap_or(i16::MAX);
        new.push(NewSubscription {
            subscriber_id: subscriber,
            topic_id,
            filter_id,
            schedule_id: want.schedule_id,
            zone: want.zone.clone(),
            position,
            told_seq: None,
        });
    }
    subscription::begin(conn, now, &new, seq).await?;
    Ok(new.len())
}

/// Readers ask to be told when a story they were mailed changes in a way that matters, from here on, or ask no more.
pub async fn ask_for_updates(conn: &mut Conn, subscribers: &[i64], wanted: bool) -> Result<u64> {
    let seq = take_log_seq(conn, 1).await?;
    subscriber::set_updates(conn, subscribers, wanted, seq).await
}

/// Ends some links of a reader and the filters that nobody else follows.
pub async fn unfollow(conn: &mut Conn, links: &[subscription::LinkRow]) -> Result<u64> {
    let seq = take_log_seq(conn, 1).await?;
    let ids: Vec<i64> = links.iter().map(|link| link.id).collect();
    let ended = subscription::end(conn, &ids, seq).await?;
    let filters: Vec<i64> = links.iter().filter_map(|link| link.filter_id).collect();
    filter::end_unused(conn, &filters, seq).await?;
    Ok(ended)
}

/// Moves links of a reader to another schedule or zone: what their old slots have not told comes in the new ones, once.
/// What the reader follows there already is only ended here. Gives the number of links moved.
pub async fn reschedule(
    conn: &mut Conn,
    now: DateTime<Utc>,
    links: &[subscription::LinkRow],
    schedule_id: i32,
    zone: &str,
) -> Result<u64> {
    let moving: Vec<i64> =
        links.iter().filter(|l| l.schedule_id != schedule_id || l.zone != zone).map(|l| l.id).collect();
    let seq = take_log_seq(conn, 1).await?;
    subscription::end(conn, &moving, seq).await?;
    subscription::succeed(conn, now, &moving, schedule_id, zone, seq).await
}

/// A reader leaves: status, links and filters end together; the address is suppressed, so that no import brings it back.
pub async fn leave(conn: &mut Conn, now: DateTime<Utc>, subscriber: i64, source: &str) -> Result<Left> {
    let Some(row) = reader::lock(conn, subscriber).await? else { return Ok(Left::Already) };
    if !subscriber::set_status(conn, now, subscriber, Status::Unsubscribed.code()).await? {
        return Ok(Left::Already);
    }
    for row in subscriber::by_ids(conn, &[subscriber]).await? {
        suppression::add(conn, now, &row.address_key, UNSUBSCRIBED, None).await?;
    }
    let seq = take_log_seq(conn, 1).await?;
    let filters = subscription::end_all(conn, subscriber, seq).await?;
    filter::end_unused(conn, &filters, seq).await?;
    let detail = serde_json::json!({"seq": seq, "status": row.status});
    subscriber::consent(conn, now, subscriber, "withdrawn", source, detail).await?;
    Ok(Left::Ended(seq))
}

/// A reader who left by mistake comes back to exactly what ended then, a pause too; false when they never left, or when the
/// address must not be mailed for another reason.
pub async fn come_back(conn: &mut Conn, now: DateTime<Utc>, subscriber: i64, source: &str) -> Result<bool> {
    if reader::lock(conn, subscriber).await?.is_none() {
        return Ok(false);
    }
    let Some(row) = subscriber::by_ids(conn, &[subscriber]).await?.pop() else { return Ok(false) };
    if row.status != Status::Unsubscribed.code() {
        return Ok(false);
    }
    let left = reader::last_leaving(conn, subscriber).await?;
    // Who was marked as having left by an import has nothing to come back to.
    let Some(before) = left.and_then(|detail| serde_json::from_value::<Before>(detail).ok()) else { return Ok(false) };
    let mailed = [Status::Confirmed, Status::Paused].into_iter().find(|status| status.code() == before.status);
    let suppressed = suppression::of(conn, &row.address_key).await?;
    let (Some(status), true) = (mailed, suppressed.is_none_or(|s| s.reason == UNSUBSCRIBED)) else { return Ok(false) };
    suppression::lift(conn, &row.address_key).await?;
    if !subscriber::set_status(conn, now, subscriber, status.code()).await? {
        return Ok(false);
    }
    subscriber::consent(conn, now, subscriber, "given", source, serde_json::json!({"undo": true})).await?;
    rebegin(conn, now, subscriber, before.seq).await?;
    Ok(true)
}

/// Somebody who asked confirms: from here on they are mailed, and what they follow begins. False when nothing waited for it.
pub async fn confirm(
    conn: &mut Conn,
    now: DateTime<Utc>,
    subscriber: i64,
    source: &str,
    version: &str,
) -> Result<bool> {
    let Some(row) = reader::lock(conn, subscriber).await? else { return Ok(false) };
    if row.status != Status::Pending.code() {
        return Ok(false);
    }
    subscriber::set_status(conn, now, subscriber, Status::Confirmed.code()).await?;
    for row in subscriber::by_ids(conn, &[subscriber]).await? {
        // Whoever had left and now confirms anew is a reader again; a bounce or a block stays.
        if suppression::of(conn, &row.address_key).await?.is_some_and(|s| s.reason == UNSUBSCRIBED) {
            suppression::lift(conn, &row.address_key).await?;
        }
    }
    subscriber::consent(conn, now, subscriber, "given", source, serde_json::json!({"version": version})).await?;
    let seq = take_log_seq(conn, 1).await?;
    subscription::end_all(conn, subscriber, seq).await?;
    rebegin(conn, now, subscriber, seq).await?;
    Ok(true)
}

/// Begins anew the links that ended at `ended`.
async fn rebegin(conn: &mut Conn, now: DateTime<Utc>, subscriber: i64, ended: i64) -> Result<()> {
    let links = subscription::ended_at(conn, subscriber, ended).await?;
    let seq = take_log_seq(conn, 1).await?;
    let filters: Vec<i64> = links.iter().filter_map(|link| link.filter_id).collect();
    for (_, canonical) in filter::texts(conn, &filters).await? {
        filter::intern(conn, &canonical, seq).await?;
    }
    subscription::begin(conn, now, &links, seq).await
}
