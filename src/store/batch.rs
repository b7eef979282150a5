//! Batches of up to 500 deliveries: what nodes claim, with an epoch against a late sleeper.
//! The deliveries themselves are in `store::delivery`.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// Deliveries per batch: small enough to spread over nodes, large enough that a claim costs nothing per mail.
pub const MAX_DELIVERIES: usize = 500;

/// A claimed batch.
#[derive(Clone, Debug)]
pub struct BatchRow {
    /// Slot's time, first half of the key.
    pub slot_at: DateTime<Utc>,
    /// Number, second half of the key.
    pub no: i64,
    /// Slot, none for single mails.
    pub slot_id: Option<i64>,
    /// When it may first be sent: the frozen Date of its mails.
    pub due_at: DateTime<Utc>,
    /// When what is left of it is given up.
    pub expires_at: DateTime<Utc>,
    /// Epoch of this claim.
    pub epoch: i32,
}

/// A batch to be written with its deliveries.
#[derive(Clone, Debug)]
pub struct NewBatch {
    /// Slot's time.
    pub slot_at: DateTime<Utc>,
    /// Slot, none for single mails.
    pub slot_id: Option<i64>,
    /// Code of the lane.
    pub lane: i16,
    /// When it may first be sent.
    pub due_at: DateTime<Utc>,
    /// When it is given up.
    pub expires_at: DateTime<Utc>,
    /// How many deliveries it holds.
    pub deliveries: i16,
}

/// Adds a batch and gives its number.
pub async fn add(conn: &mut Conn, new: &NewBatch) -> Result<i64> {
    sqlx::query_scalar!(
        "insert into batch (slot_at, no, slot_id, lane, due_at, expires_at, deliveries)
         values ($1, nextval('batch_no'), $2, $3, $4, $5, $6) returning no",
        new.slot_at,
        new.slot_id,
        new.lane,
        new.due_at,
        new.expires_at,
        new.deliveries
    )
    .fetch_one(conn)
    .await
}

/// Claims due batches of a lane that no hold on their schedule stops.
pub async fn claim(
    conn: &mut Conn,
    now: DateTime<Utc>,
    node: i64,
    lane: i16,
    held_schedules: &[i64],
    limit: i64,
) -> Result<Vec<BatchRow>> {
    sqlx::query_as!(
        BatchRow,
        "update batch b set node_id = $2, epoch = b.epoch + 1
         from (select o.slot_at, o.no from batch o left join slot s on s.id = o.slot_id
               where o.done_at is null and o.lane = $3 and o.due_at <= $1 and o.node_id is null
                 and (s.id is null or s.schedule_id <> all($4::bigint[]))
               order by o.due_at, o.no limit $5 for update of o skip locked) as open
         where b.slot_at = open.slot_at and b.no = open.no
         returning b.slot_at, b.no, b.slot_id, b.due_at, b.expires_at, b.epoch",
        now,
        node,
        lane,
        held_schedules,
        limit
    )
    .fetch_all(conn)
    .await
}

/// Marks as done those batches of which each delivery has a result or waits in `retry`.
pub async fn done(conn: &mut Conn, now: DateTime<Utc>, node: i64, batches: &[(DateTime<Utc>, i64)]) -> Result<()> {
    let (at, no): (Vec<DateTime<Utc>>, Vec<i64>) = batches.iter().copied().unzip();
    sqlx::query!(
        "update batch b set done_at = $1, node_id = null from unnest($2::timestamptz[], $3::bigint[]) as d(slot_at, no)
         where b.slot_at = d.slot_at and b.no = d.no and b.node_id = $4
           and not exists (select from delivery w where w.slot_at = d.slot_at and w.batch_no = d.no and w.state = 0
               and not exists (select from retry r where r.slot_at = w.slot_at and r.batch_no = w.batch_no and r.n = w.n))",
        now,
        &at,
        &no,
        node
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Gives claimed batches back; what they still hold is claimed again at a higher epoch.
pub async fn give_back(conn: &mut Conn, node: i64, batches: &[(DateTime<Utc>, i64)]) -> Result<()> {
    let (at, no): (Vec<DateTime<Utc>>, Vec<i64>) = batches.iter().copied().unzip();
    sqlx::query!(
        "update batch b set node_id = null from unnest($1::timestamptz[], $2::bigint[]) as d(slot_at, no)
         where b.slot_at = d.slot_at and b.no = d.no and b.node_id = $3",
        &at,
        &no,
        node
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Frees everything that dead nodes had claimed.
pub async fn free_of(conn: &mut Conn, nodes: &[i64]) -> Result<u64> {
    let freed = sqlx::query!("update batch set node_id = null where node_id = any($1) and done_at is null", nodes)
        .execute(conn)
        .await?;
    Ok(freed.rows_affected())
}

/// Frees what a node had claimed in a lane.
pub async fn free_lane(conn: &mut Conn, node: i64, lane: i16) -> Result<()> {
    sqlx::query!("update batch set node_id = null where node_id = $1 and lane = $2 and done_at is null", node, lane)
        .execute(conn)
        .await
        .map(drop)
}
