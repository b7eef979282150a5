//! Stops that people put on: all, a schedule, a topic, a feed, a relay.
//! Deliver reads them in the very commit that begins a mail.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// Holds in force at most; more would be a mistake.
const MAX_ACTIVE: i64 = 1_000;

/// A hold in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HoldRow {
    /// all, schedule, topic, feed, relay.
    pub scope: String,
    /// Name of what is held; empty for all.
    pub name: String,
    /// Id of the schedule, topic or feed.
    pub ref_id: Option<i64>,
    /// Why.
    pub reason: String,
    /// Who.
    pub by_whom: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// What holds stopped and what had left: accepted and waiting deliveries since `since`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LeftAndWaiting {
    /// Accepted by a relay.
    pub left: i64,
    /// Planned, deferred or claimed.
    pub waiting: i64,
}

/// Puts a hold on; false when it stands already. From its commit on nobody begins a mail without having seen it: who
/// reads the holds keeps the table until the commit that begins the mail, and this waits for them.
pub async fn put(
    conn: &mut Conn,
    now: DateTime<Utc>,
    scope: &str,
    name: &str,
    ref_id: Option<i64>,
    reason: &str,
    who: &str,
) -> Result<bool> {
    sqlx::query!("lock table hold in access exclusive mode").execute(&mut *conn).await?;
    let put = sqlx::query!(
        "insert into hold (scope, name, ref_id, reason, by_whom, at) values ($1, $2, $3, $4, $5, $6) on conflict do nothing",
        scope,
        name,
        ref_id,
        reason,
        who,
        now
    )
    .execute(conn)
    .await?;
    Ok(put.rows_affected() == 1)
}

/// Releases a hold; false when there was none.
pub async fn release(conn: &mut Conn, now: DateTime<Utc>, scope: &str, name: &str, who: &str) -> Result<bool> {
    let released = sqlx::query!(
        "update hold set released_at = $3, released_by = $4 where scope = $1 and name = $2 and released_at is null",
        scope,
        name,
        now,
        who
    )
    .execute(conn)
    .await?;
    Ok(released.rows_affected() == 1)
}

/// The holds in force.
pub async fn active(conn: &mut Conn) -> Result<Vec<HoldRow>> {
    sqlx::query_as!(
        HoldRow,
        "select scope, name, ref_id, reason, by_whom, at from hold where released_at is null order by id limit $1",
        MAX_ACTIVE
    )
    .fetch_all(conn)
    .await
}

/// How many deliveries since `since` that a hold touches have left, and how many wait.
pub async fn left_and_waiting(
    conn: &mut Conn,
    scope: &str,
    ref_id: Option<i64>,
    relay: &str,
    since: DateTime<Utc>,
) -> Result<LeftAndWaiting> {
    sqlx::query_as!(
        LeftAndWaiting,
        r#"select count(*) filter (where d.state = 1) as "left!", count(*) filter (where d.state = 0) as "waiting!"
           from delivery d join batch b on b.slot_at = d.slot_at and b.no = d.batch_no left join slot s on s.id = b.slot_id
           where d.slot_at >= $4 and case $1
             when 'all' then true
             when 'schedule' then s.schedule_id = $2::bigint
             when 'relay' then d.state = 0 or d.relay = $3
             when 'topic' then exists (select from digest g where g.slot_at = d.slot_at and g.slot_id = b.slot_id
                 and g.subscriber_id = d.subscriber_id and g.items @> jsonb_build_array(jsonb_build_object('why', jsonb_build_array(jsonb_build_object('topic', $2::bigint)))))
             else exists (select from digest g, jsonb_array_elements(g.items) i join article a on a.id = (i ->> 'article')::bigint
                 where g.slot_at = d.slot_at and g.slot_id = b.slot_id and g.subscriber_id = d.subscriber_id and a.feed_id = $2::bigint) end"#,
        scope,
        ref_id,
        relay,
        since
    )
    .fetch_one(conn)
    .await
}
