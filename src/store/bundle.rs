//! Readers over the alert limit: since when their alerts wait, and when the bundle may go.
//! The limit itself is applied by plan.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// Bundles looked at per alert slot.
const MAX_DUE: i64 = 10_000;

/// A reader whose alerts wait.
#[derive(Clone, Copy, Debug)]
pub struct BundleRow {
    /// Reader.
    pub subscriber_id: i64,
    /// Matches above this number wait.
    pub from_seq: i64,
    /// When it may go.
    pub due_at: DateTime<Utc>,
}

/// The bundles that may go now, oldest first.
pub async fn due(conn: &mut Conn, now: DateTime<Utc>) -> Result<Vec<BundleRow>> {
    sqlx::query_as!(
        BundleRow,
        "select subscriber_id, from_seq, due_at from bundle where due_at <= $1 order by due_at limit $2",
        now,
        MAX_DUE
    )
    .fetch_all(conn)
    .await
}

/// The bundles of these readers.
pub async fn of(conn: &mut Conn, subscribers: &[i64]) -> Result<Vec<BundleRow>> {
    sqlx::query_as!(
        BundleRow,
        "select subscriber_id, from_seq, due_at from bundle where subscriber_id = any($1)",
        subscribers
    )
    .fetch_all(conn)
    .await
}

/// Opens bundles; an open one keeps its beginning.
pub async fn open(conn: &mut Conn, bundles: &[BundleRow]) -> Result<()> {
    let subscribers: Vec<i64> = bundles.iter().map(|b| b.subscriber_id).collect();
    let from: Vec<i64> = bundles.iter().map(|b| b.from_seq).collect();
    let due: Vec<DateTime<Utc>> = bundles.iter().map(|b| b.due_at).collect();
    sqlx::query!(
        "insert into bundle (subscriber_id, from_seq, due_at) select * from unnest($1::bigint[], $2::bigint[], $3::timestamptz[])
         on conflict (subscriber_id) do update set due_at = excluded.due_at",
        &subscribers,
        &from,
        &due
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Closes bundles that went out or have nothing left to tell.
pub async fn close(conn: &mut Conn, subscribers: &[i64]) -> Result<()> {
    sqlx::query!("delete from bundle where subscriber_id = any($1)", subscribers).execute(conn).await.map(drop)
}

/// Closes the due bundles of readers who follow nothing on the schedule of alerts any more: they would come due for ever.
pub async fn close_abandoned(conn: &mut Conn, schedule: i32, to_seq: i64, now: DateTime<Utc>) -> Result<u64> {
    let closed = sqlx::query!(
        "delete from bundle b where b.due_at <= $3 and not exists (
            select from subscription s where s.subscriber_id = b.subscriber_id and s.schedule_id = $1
              and s.from_seq <= $2 and (s.until_seq is null or s.until_seq > $2))",
        schedule,
        to_seq,
        now
    )
    .execute(conn)
    .await?;
    Ok(closed.rows_affected())
}
