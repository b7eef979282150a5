//! Subscriptions at hubs: what was asked of whom, and what came of it.
//! When a hub is asked, and what is believed of it, `feed::push` decides.

use chrono::{DateTime, Utc};

use super::{Conn, Result};
use crate::feed::push::{State, Subscription};

/// Seconds that a claimed one is left to the node that took it.
const CLAIM_SECONDS: f64 = 600.0;

/// A subscription as stored.
#[derive(Clone, Debug)]
pub struct WebSubRow {
    /// Id.
    pub id: i64,
    /// The feed that named the hub.
    pub feed_id: i64,
    /// The hub's address.
    pub hub: String,
    /// What the hub calls the feed.
    pub topic: String,
    /// A word of `feed::push::State`.
    pub state: String,
    /// Requests since the hub last verified one.
    pub attempts: i32,
    /// The last request.
    pub asked_at: Option<DateTime<Utc>>,
    /// The last verification.
    pub verified_at: Option<DateTime<Utc>>,
    /// How long the hub pushes.
    pub lease_until: Option<DateTime<Utc>>,
    /// The last signed push.
    pub pushed_at: Option<DateTime<Utc>>,
    /// The pull that found what no push had told.
    pub missed_at: Option<DateTime<Utc>>,
    /// When the hub's turn comes.
    pub next_at: DateTime<Utc>,
    /// Signed pushes.
    pub pushes: i64,
    /// Pushes without the right signature.
    pub ignored: i64,
    /// What went wrong last, or why the hub is not trusted.
    pub why: Option<String>,
}

impl WebSubRow {
    /// As `feed::push` knows it; none where a newer version wrote a state that this one does not know.
    pub fn subscription(&self) -> Option<Subscription> {
        Some(Subscription {
            id: self.id,
            state: State::of(&self.state)?,
            attempts: self.attempts,
            asked_at: self.asked_at,
            verified_at: self.verified_at,
            lease_until: self.lease_until,
            pushed_at: self.pushed_at,
            missed_at: self.missed_at,
        })
    }
}

/// What these feeds have at their present hubs.
pub async fn of_feeds(conn: &mut Conn, feeds: &[i64]) -> Result<Vec<WebSubRow>> {
    sqlx::query_as!(
        WebSubRow,
        "select id, feed_id, hub, topic, state, attempts, asked_at, verified_at, lease_until, pushed_at, missed_at, next_at,
            pushes, ignored, why
         from websub where feed_id = any($1) and state <> 'leaving'",
        feeds
    )
    .fetch_all(conn)
    .await
}

/// One of them, locked until the end of the transaction.
pub async fn locked(conn: &mut Conn, id: i64) -> Result<Option<WebSubRow>> {
    sqlx::query_as!(
        WebSubRow,
        "select id, feed_id, hub, topic, state, attempts, asked_at, verified_at, lease_until, pushed_at, missed_at, next_at,
            pushes, ignored, why
         from websub where id = $1 for update",
        id
    )
    .fetch_optional(conn)
    .await
}

/// The feed names this hub: it is to be asked, and another that the feed had is to be left. A feed that was removed while it was
/// polled needs none.
pub async fn offered(conn: &mut Conn, now: DateTime<Utc>, feed: i64, hub: &str, topic: &str) -> Result<()> {
    leave(conn, now, feed).await?;
    sqlx::query!(
        "insert into websub (feed_id, hub, topic, next_at)
         select id, $2, $3, $4 from feed where id = $1 and removed_at is null
         on conflict (feed_id, hub, topic) do update set state = 'wanted', next_at = excluded.next_at, attempts = 0,
            verified_at = null, lease_until = null, pushed_at = null, missed_at = null, why = null",
        feed,
        hub,
        topic,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The feed has no hub any more, or nobody wants the feed.
pub async fn leave(conn: &mut Conn, now: DateTime<Utc>, feed: i64) -> Result<()> {
    sqlx::query!(
        "update websub set state = 'leaving', attempts = 0, next_at = $2 where feed_id = $1 and state <> 'leaving'",
        feed,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Takes some whose turn has come, locked until the end of the transaction; afterwards they are left to this node for a while.
pub async fn claim_due(conn: &mut Conn, now: DateTime<Utc>, limit: i64) -> Result<Vec<WebSubRow>> {
    sqlx::query_as!(
        WebSubRow,
        "with due as (select id from websub where next_at <= $1 order by next_at limit $2 for update skip locked)
         update websub w set next_at = $1 + make_interval(secs => $3) from due where w.id = due.id
         returning w.id, w.feed_id, w.hub, w.topic, w.state, w.attempts, w.asked_at, w.verified_at, w.lease_until,
            w.pushed_at, w.missed_at, w.next_at, w.pushes, w.ignored, w.why",
        now,
        limit,
        CLAIM_SECONDS
    )
    .fetch_all(conn)
    .await
}

/// Writes down that the hub is about to be asked: from here on it may verify. One that was given up, or whose lease is over,
/// has everything to prove anew.
pub async fn asking(conn: &mut Conn, now: DateTime<Utc>, id: i64) -> Result<()> {
    sqlx::query!(
        "update websub set asked_at = $2, attempts = attempts + 1,
            state = case when anew then 'wanted' else state end,
            pushed_at = case when anew then null else pushed_at end,
            missed_at = case when anew then null else missed_at end
         from (select state in ('denied', 'bad') or (state = 'active' and lease_until <= $2) as anew from websub where id = $1) as was
         where id = $1",
        id,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// What came of asking, unless the hub has verified or denied it meanwhile.
pub async fn asked(
    conn: &mut Conn,
    id: i64,
    asked_at: DateTime<Utc>,
    again_at: DateTime<Utc>,
    why: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "update websub set next_at = $3, why = $4
         where id = $1 and asked_at = $2 and (verified_at is null or verified_at < $2 or state = 'leaving') and state <> 'denied'",
        id,
        asked_at,
        again_at,
        why
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Leaves it alone until then.
pub async fn wait(conn: &mut Conn, id: i64, until: DateTime<Utc>) -> Result<()> {
    sqlx::query!("update websub set next_at = $2 where id = $1", id, until).execute(conn).await.map(drop)
}

/// The hub has verified it, until then.
pub async fn verified(
    conn: &mut Conn,
    now: DateTime<Utc>,
    id: i64,
    until: DateTime<Utc>,
    next_at: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update websub set state = 'active', verified_at = $2, lease_until = $3, next_at = $4, attempts = 0, why = null
         where id = $1",
        id,
        now,
        until,
        next_at
    )
    .execute(conn)
    .await
    .map(drop)
}

/// It is over for now, denied by the hub or called bad by us; tried again at `next_at`.
pub async fn given_up(conn: &mut Conn, id: i64, to: State, next_at: DateTime<Utc>, why: &str) -> Result<()> {
    sqlx::query!(
        "update websub set state = $2, next_at = $3, why = $4, lease_until = null, attempts = 0 where id = $1",
        id,
        to.word(),
        next_at,
        why
    )
    .execute(conn)
    .await
    .map(drop)
}

/// It has ended; a verification or push that comes yet is refused.
pub async fn forget(conn: &mut Conn, id: i64) -> Result<()> {
    sqlx::query!("delete from websub where id = $1", id).execute(conn).await.map(drop)
}

/// The hub pushed, signed.
pub async fn pushed(conn: &mut Conn, now: DateTime<Utc>, id: i64) -> Result<()> {
    sqlx::query!("update websub set pushed_at = $2, missed_at = null, pushes = pushes + 1 where id = $1", id, now)
        .execute(conn)
        .await
        .map(drop)
}

/// Somebody pushed without the right signature.
pub async fn ignored(conn: &mut Conn, id: i64) -> Result<()> {
    sqlx::query!("update websub set ignored = ignored + 1 where id = $1", id).execute(conn).await.map(drop)
}

/// A pull found news that no push since `last_news` had told. If none does until `settled`, the hub is bad. News that may be
/// older than the subscription, because the pull before (`last_pull`) was, is not the hub's to tell; a push before that pull shows
/// that there was one, however short the leases are by which the hub has it verified anew.
pub async fn missed(
    conn: &mut Conn,
    now: DateTime<Utc>,
    id: i64,
    (last_pull, last_news): (DateTime<Utc>, DateTime<Utc>),
    settled: DateTime<Utc>,
) -> Result<()> {
    sqlx::query!(
        "update websub set missed_at = $2, next_at = least(next_at, $5)
         where id = $1 and state = 'active' and missed_at is null and (verified_at <= $3 or pushed_at <= $3)
            and coalesce(pushed_at <= $4, true)",
        id,
        now,
        last_pull,
        last_news,
        settled
    )
    .execute(conn)
    .await
    .map(drop)
}
