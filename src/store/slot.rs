//! Slots: one firing of a schedule in a zone, closed at its cut-off, planned page by page under a lease.
//! It does not evaluate schedules and selects nothing.

use chrono::{DateTime, NaiveDateTime, Utc};

use super::{Conn, Result};

/// How long a node may plan without moving the cursor before another goes on from it.
const PLAN_LEASE_SECONDS: f64 = 60.0;

/// One slot as stored.
#[derive(Clone, Debug)]
pub struct SlotRow {
    /// Id.
    pub id: i64,
    /// Schedule.
    pub schedule_id: i32,
    /// IANA zone, empty for alerts.
    pub zone: String,
    /// Local date and time: with schedule and zone the key.
    pub local_at: NaiveDateTime,
    /// When it is sent.
    pub slot_at: DateTime<Utc>,
    /// When its items froze.
    pub cut_off: DateTime<Utc>,
    /// Its window is `from_seq < seq <= to_seq`.
    pub from_seq: i64,
    /// End of the window.
    pub to_seq: i64,
    /// Readers up to this id are planned.
    pub cursor_id: i64,
    /// When the last page was planned.
    pub planned_at: Option<DateTime<Utc>>,
}

/// A slot to close.
#[derive(Clone, Debug)]
pub struct NewSlot<'a> {
    /// Schedule.
    pub schedule_id: i32,
    /// IANA zone, empty for alerts.
    pub zone: &'a str,
    /// Local date and time.
    pub local_at: NaiveDateTime,
    /// When it is sent.
    pub slot_at: DateTime<Utc>,
    /// When its items freeze.
    pub cut_off: DateTime<Utc>,
    /// Begin of the window.
    pub from_seq: i64,
    /// End of the window.
    pub to_seq: i64,
}

/// The last closed slot of a schedule in a zone.
pub async fn last(conn: &mut Conn, schedule: i32, zone: &str) -> Result<Option<SlotRow>> {
    sqlx::query_as!(
        SlotRow,
        "select id, schedule_id, zone, local_at, slot_at, cut_off, from_seq, to_seq, cursor_id, planned_at from slot
         where schedule_id = $1 and zone = $2 order by local_at desc limit 1",
        schedule,
        zone
    )
    .fetch_optional(conn)
    .await
}

/// Of these (schedule, zone) pairs, those that have slots, with the local time of the last one.
pub async fn last_locals(conn: &mut Conn, groups: &[(i32, String)]) -> Result<Vec<(i32, String, NaiveDateTime)>> {
    let (schedules, zones): (Vec<i32>, Vec<String>) = groups.iter().cloned().unzip();
    let rows = sqlx::query!(
        r#"select g.schedule as "schedule!", g.zone as "zone!", l.local_at as "local_at!"
           from unnest($1::int[], $2::text[]) as g(schedule, zone),
             lateral (select s.local_at from slot s where s.schedule_id = g.schedule and s.zone = g.zone
                      order by s.local_at desc limit 1) as l"#,
        &schedules,
        &zones
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.schedule, row.zone, row.local_at)).collect())
}

/// The slot with this key.
pub async fn by_key(conn: &mut Conn, schedule: i32, zone: &str, local_at: NaiveDateTime) -> Result<Option<SlotRow>> {
    sqlx::query_as!(
        SlotRow,
        "select id, schedule_id, zone, local_at, slot_at, cut_off, from_seq, to_seq, cursor_id, planned_at from slot
         where schedule_id = $1 and zone = $2 and local_at = $3",
        schedule,
        zone,
        local_at
    )
    .fetch_optional(conn)
    .await
}

/// These slots.
pub async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<SlotRow>> {
    sqlx::query_as!(
        SlotRow,
        "select id, schedule_id, zone, local_at, slot_at, cut_off, from_seq, to_seq, cursor_id, planned_at from slot
         where id = any($1)",
        ids
    )
    .fetch_all(conn)
    .await
}

/// Closes a slot; none when its key is there already: it cannot fire twice.
pub async fn close(conn: &mut Conn, new: &NewSlot<'_>) -> Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into slot (schedule_id, zone, local_at, slot_at, cut_off, from_seq, to_seq) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict do nothing returning id",
        new.schedule_id,
        new.zone,
        new.local_at,
        new.slot_at,
        new.cut_off,
        new.from_seq,
        new.to_seq
    )
    .fetch_optional(conn)
    .await
}

/// Claims the closed slot that is due next and not wholly planned.
pub async fn claim(conn: &mut Conn, node: i64) -> Result<Option<SlotRow>> {
    sqlx::query_as!(
        SlotRow,
        "update slot s set node_id = $1, lease_until = clock_timestamp() + make_interval(secs => $2)
         from (select id from slot where planned_at is null
                 and (node_id is null or node_id = $1 or lease_until <= clock_timestamp()
                      or not exists (select from node where node.id = slot.node_id and stopped_at is null
                                     and node.lease_until > clock_timestamp()))
               order by cut_off, id limit 1 for update skip locked) as open
         where s.id = open.id
         returning s.id, schedule_id, zone, local_at, slot_at, cut_off, from_seq, to_seq, cursor_id, planned_at",
        node,
        PLAN_LEASE_SECONDS
    )
    .fetch_optional(conn)
    .await
}

/// Moves the cursor over a planned page; false when another node has taken the slot, and the page must not be committed.
pub async fn advance(
    conn: &mut Conn,
    slot: i64,
    node: i64,
    from: i64,
    to: i64,
    readers: usize,
    digests: usize,
) -> Result<bool> {
    let moved = sqlx::query!(
        "update slot set cursor_id = $4, readers = readers + $5, digests = digests + $6,
            lease_until = clock_timestamp() + make_interval(secs => $7)
         where id = $1 and node_id = $2 and cursor_id = $3 and planned_at is null",
        slot,
        node,
        from,
        to,
        i32::try_from(readers).unwrap_or(i32::MAX),
        i32::try_from(digests).unwrap_or(i32::MAX),
        PLAN_LEASE_SECONDS
    )
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Marks a slot as wholly planned.
pub async fn finish(conn: &mut Conn, slot: i64, node: i64, now: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update slot set planned_at = $3, node_id = null, lease_until = null where id = $1 and node_id = $2 and planned_at is null",
        slot,
        node,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}
