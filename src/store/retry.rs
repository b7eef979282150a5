//! Deferred mails and when they are tried again.
//! How long to wait is decided by the noun `delivery`.

use chrono::{DateTime, Utc};

use super::{Conn, Result, delivery::Key};

/// A deferred mail, claimed.
#[derive(Clone, Debug)]
pub struct RetryRow {
    /// Slot's time.
    pub slot_at: DateTime<Utc>,
    /// Batch.
    pub batch_no: i64,
    /// Place in the batch.
    pub n: i16,
    /// Epoch of this claim.
    pub epoch: i32,
    /// Slot, none for single mails.
    pub slot_id: Option<i64>,
    /// The frozen Date.
    pub due_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
}

/// Defers mails; a delivery waits once. What another node has claimed meanwhile stays claimed.
pub async fn put(conn: &mut Conn, node: i64, mails: &[(Key, DateTime<Utc>)]) -> Result<()> {
    let due: Vec<DateTime<Utc>> = mails.iter().map(|m| m.1).collect();
    let at: Vec<DateTime<Utc>> = mails.iter().map(|m| m.0.0).collect();
    let batch: Vec<i64> = mails.iter().map(|m| m.0.1).collect();
    let n: Vec<i16> = mails.iter().map(|m| m.0.2).collect();
    sqlx::query!(
        "insert into retry (due_at, slot_at, batch_no, n) select * from unnest($1::timestamptz[], $2::timestamptz[], $3::bigint[], $4::smallint[])
         on conflict (slot_at, batch_no, n) do update set due_at = excluded.due_at, node_id = null
            where retry.node_id is null or retry.node_id = $5",
        &due,
        &at,
        &batch,
        &n,
        node
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Takes mails off: they have a final result.
pub async fn remove(conn: &mut Conn, keys: &[Key]) -> Result<()> {
    let at: Vec<DateTime<Utc>> = keys.iter().map(|k| k.0).collect();
    let batch: Vec<i64> = keys.iter().map(|k| k.1).collect();
    let n: Vec<i16> = keys.iter().map(|k| k.2).collect();
    sqlx::query!(
        "delete from retry r using unnest($1::timestamptz[], $2::bigint[], $3::smallint[]) as t(slot_at, batch_no, n)
         where r.slot_at = t.slot_at and r.batch_no = t.batch_no and r.n = t.n",
        &at,
        &batch,
        &n
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Claims deferred mails of a lane that are due and that no hold on their schedule stops.
pub async fn claim(
    conn: &mut Conn,
    now: DateTime<Utc>,
    node: i64,
    lane: i16,
    held_schedules: &[i64],
    limit: i64,
) -> Result<Vec<RetryRow>> {
    sqlx::query_as!(
        RetryRow,
        "update retry r set node_id = $2, epoch = r.epoch + 1
         from (select o.slot_at, o.batch_no, o.n, b.slot_id, b.due_at, b.expires_at
               from retry o join batch b on b.slot_at = o.slot_at and b.no = o.batch_no left join slot s on s.id = b.slot_id
               where o.due_at <= $1 and o.node_id is null and b.lane = $3 and (s.id is null or s.schedule_id <> all($5::bigint[]))
               order by o.due_at limit $4 for update of o skip locked) as open
         where r.slot_at = open.slot_at and r.batch_no = open.batch_no and r.n = open.n
         returning r.slot_at, r.batch_no, r.n, r.epoch, open.slot_id, open.due_at, open.expires_at",
        now,
        node,
        lane,
        limit,
        held_schedules
    )
    .fetch_all(conn)
    .await
}

/// Gives claimed mails back without an attempt.
pub async fn give_back(conn: &mut Conn, node: i64, keys: &[Key]) -> Result<()> {
    let at: Vec<DateTime<Utc>> = keys.iter().map(|k| k.0).collect();
    let batch: Vec<i64> = keys.iter().map(|k| k.1).collect();
    let n: Vec<i16> = keys.iter().map(|k| k.2).collect();
    sqlx::query!(
        "update retry r set node_id = null from unnest($1::timestamptz[], $2::bigint[], $3::smallint[]) as t(slot_at, batch_no, n)
         where r.slot_at = t.slot_at and r.batch_no = t.batch_no and r.n = t.n and r.node_id = $4",
        &at,
        &batch,
        &n,
        node
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Frees everything that dead nodes had claimed.
pub async fn free_of(conn: &mut Conn, nodes: &[i64]) -> Result<()> {
    sqlx::query!("update retry set node_id = null where node_id = any($1)", nodes).execute(conn).await.map(drop)
}

/// Frees what a node had claimed in a lane.
pub async fn free_lane(conn: &mut Conn, node: i64, lane: i16) -> Result<()> {
    sqlx::query!(
        "update retry r set node_id = null from batch b
         where r.node_id = $1 and b.slot_at = r.slot_at and b.no = r.batch_no and b.lane = $2",
        node,
        lane
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Makes mails due that wait here without ever having been tried: those that a hold stopped.
pub async fn wake_held(conn: &mut Conn, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update retry r set due_at = $1 from delivery d
         where d.slot_at = r.slot_at and d.batch_no = r.batch_no and d.n = r.n and d.state = 0 and d.attempts = 0
           and r.node_id is null and r.due_at > $1",
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Makes deferred mails due at once, and enters those that are not deferred; one that a node is at work on stays as it is.
/// Gives how many are due.
pub async fn again(conn: &mut Conn, now: DateTime<Utc>, keys: &[Key]) -> Result<u64> {
    let at: Vec<DateTime<Utc>> = keys.iter().map(|k| k.0).collect();
    let batch: Vec<i64> = keys.iter().map(|k| k.1).collect();
    let n: Vec<i16> = keys.iter().map(|k| k.2).collect();
    let due = sqlx::query!(
        "insert into retry (due_at, slot_at, batch_no, n) select $4, t.* from unnest($1::timestamptz[], $2::bigint[], $3::smallint[]) as t
         on conflict (slot_at, batch_no, n) do update set due_at = excluded.due_at where retry.node_id is null",
        &at,
        &batch,
        &n,
        now
    )
    .execute(conn)
    .await?;
    Ok(due.rows_affected())
}
