//! Reads the books for an audit: slots, links as they were, what digests hold and what became of their deliveries.
//! It judges nothing; `daemon::audit` does, with a planner of its own.

use chrono::{DateTime, Utc};

use super::{Conn, Result, slot::SlotRow};

/// Slots audited at once.
const MAX_SLOTS: i64 = 5_000;
/// Rows of one slot; a slot of more readers is audited in pages by the caller's `cursor`.
pub const PAGE: i64 = 50_000;

/// A link as it was when a slot closed.
#[derive(Clone, Debug)]
pub struct LinkThen {
    /// Reader.
    pub subscriber_id: i64,
    /// Languages they read now.
    pub reads: Vec<String>,
    /// Topic followed.
    pub topic_id: Option<i64>,
    /// Filter followed.
    pub filter_id: Option<i64>,
    /// Begin.
    pub from_seq: i64,
    /// Told up to here under the link it replaced.
    pub told_seq: Option<i64>,
}

/// One item that a digest holds.
#[derive(Clone, Debug)]
pub struct ItemThen {
    /// Slot.
    pub slot_id: i64,
    /// Reader.
    pub subscriber_id: i64,
    /// Story.
    pub story: i64,
    /// Place in the mail.
    pub place: String,
}

/// A digest and the delivery that carries it.
#[derive(Clone, Debug)]
pub struct Carried {
    /// Slot.
    pub slot_id: i64,
    /// Reader.
    pub subscriber_id: i64,
    /// Deliveries of this slot to this reader: one is right.
    pub deliveries: i64,
    /// Code of the state.
    pub state: i16,
    /// It waits, but neither in an open batch nor in `retry`.
    pub lost: bool,
}

/// Slots closed since `since`, in the order of their chains.
pub async fn slots(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<SlotRow>> {
    sqlx::query_as!(
        SlotRow,
        "select id, schedule_id, zone, local_at, slot_at, cut_off, from_seq, to_seq, cursor_id, planned_at from slot
         where cut_off >= $1 order by schedule_id, zone, local_at limit $2",
        since,
        MAX_SLOTS
    )
    .fetch_all(conn)
    .await
}

/// The links of a group that were alive at `to_seq`.
pub async fn links(conn: &mut Conn, schedule: i32, zone: &str, to_seq: i64) -> Result<Vec<LinkThen>> {
    sqlx::query_as!(
        LinkThen,
        "select s.subscriber_id, r.reads, s.topic_id, s.filter_id, s.from_seq, s.told_seq
         from subscription s join subscriber r on r.id = s.subscriber_id
         where s.schedule_id = $1 and s.zone = $2 and s.from_seq <= $3 and coalesce(s.until_seq > $3, true)
         order by s.subscriber_id limit 5000000",
        schedule,
        zone,
        to_seq
    )
    .fetch_all(conn)
    .await
}

/// What digests of slots since `since` hold, item by item.
pub async fn items(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<ItemThen>> {
    sqlx::query_as!(
        ItemThen,
        r#"select d.slot_id, d.subscriber_id, (i.item ->> 'story')::bigint as "story!", i.item ->> 'place' as "place!"
           from digest d, jsonb_array_elements(d.items) as i(item) where d.slot_at >= $1 limit 20000000"#,
        since
    )
    .fetch_all(conn)
    .await
}

/// Every digest since `since` with its deliveries, and every delivery of a slot without a digest (then `deliveries` is negative).
pub async fn carried(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<Carried>> {
    sqlx::query_as!(
        Carried,
        r#"with sent as (
             select b.slot_id, d.subscriber_id, d.slot_at, count(*) as deliveries, max(d.state) as state,
                    bool_or(d.state = 0 and b.done_at is not null and not exists (
                        select from retry r where r.slot_at = d.slot_at and r.batch_no = d.batch_no and r.n = d.n)) as lost
             from delivery d join batch b on b.slot_at = d.slot_at and b.no = d.batch_no
             where d.slot_at >= $1 and b.slot_id is not null group by 1, 2, 3)
           select coalesce(g.slot_id, s.slot_id) as "slot_id!", coalesce(g.subscriber_id, s.subscriber_id) as "subscriber_id!",
                  case when g.slot_id is null then -s.deliveries else coalesce(s.deliveries, 0) end as "deliveries!",
                  coalesce(s.state, 0)::smallint as "state!", coalesce(s.lost, false) as "lost!"
           from (select slot_id, subscriber_id, slot_at from digest where slot_at >= $1) g
                full join sent s on s.slot_id = g.slot_id and s.subscriber_id = g.subscriber_id limit 20000000"#,
        since
    )
    .fetch_all(conn)
    .await
}

/// Readers whose alerts wait in a bundle, with the number since which they wait.
pub async fn bundled(conn: &mut Conn) -> Result<Vec<(i64, i64)>> {
    let rows = sqlx::query!("select subscriber_id, from_seq from bundle limit 5000000").fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.subscriber_id, row.from_seq)).collect())
}

/// Deliveries since `since` per state code.
pub async fn states(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<(i16, i64)>> {
    let rows = sqlx::query!(
        r#"select state, count(*) as "n!" from delivery where slot_at >= $1 group by state order by state limit 20"#,
        since
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.state, row.n)).collect())
}
