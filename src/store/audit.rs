//! Reads the books for an audit: slots, links as they were, what digests hold and what became of their deliveries.
//! It judges nothing; `daemon::audit` does, with a planner of its own.

use chrono::{DateTime, Utc};

use super::{Conn, Result, slot::SlotRow};

/// Slots audited at once.
const MAX_SLOTS: i64 = 20_000;
/// Readers audited at once.
const BLOCK: i64 = 20_000;
/// Rows of one block: readers with all their links, and with some weeks of items.
const MAX_ROWS: i64 = 20_000_000;
/// Deliveries that do not fit their digests; more would tell nothing new.
const MAX_UNCARRIED: i64 = 10_000;

/// A link with its whole life.
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
    /// Schedule.
    pub schedule_id: i32,
    /// Zone.
    pub zone: String,
    /// Begin.
    pub from_seq: i64,
    /// End.
    pub until_seq: Option<i64>,
    /// Told up to here under the link it replaced.
    pub told_seq: Option<i64>,
    /// The number since which the reader wants, or last wanted, to be told of updates.
    pub updates_seq: Option<i64>,
    /// The number at which they wanted it no more.
    pub updates_until_seq: Option<i64>,
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
    /// Article that told it.
    pub article: i64,
    /// Its revision.
    pub rev: i16,
    /// Told once more, as an update.
    pub updated: bool,
    /// When the slot was.
    pub slot_at: DateTime<Utc>,
    /// Its piece was withdrawn before the digest left, if that ever did: it stands in the books and was not told.
    pub untold: bool,
}

/// A digest whose delivery is not as it should be.
#[derive(Clone, Debug)]
pub struct Uncarried {
    /// Slot.
    pub slot_id: i64,
    /// Reader.
    pub subscriber_id: i64,
    /// Deliveries of this slot to this reader, of which one is right; negative where there is no digest.
    pub deliveries: i64,
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

/// The log's number when the last slot before `at` closed.
pub async fn closed_before(conn: &mut Conn, at: DateTime<Utc>) -> Result<i64> {
    sqlx::query_scalar!(r#"select coalesce(max(to_seq), 0) as "seq!" from slot where cut_off < $1"#, at)
        .fetch_one(conn)
        .await
}

/// Where the oldest of the links begun after `seq` takes up what its forerunner left.
pub async fn oldest_begin(conn: &mut Conn, seq: i64) -> Result<Option<i64>> {
    sqlx::query_scalar!("select min(coalesce(told_seq, from_seq)) from subscription where from_seq > $1", seq)
        .fetch_one(conn)
        .await
}

/// The last reader of the block after `cursor`; none when there are no more.
pub async fn block(conn: &mut Conn, cursor: i64) -> Result<Option<i64>> {
    sqlx::query_scalar!(
        "select max(id) from (select id from subscriber where id > $1 order by id limit $2) as block",
        cursor,
        BLOCK
    )
    .fetch_one(conn)
    .await
}

/// Every link, living or ended, of a block of readers, in the order of the readers.
pub async fn links(conn: &mut Conn, after: i64, until: i64) -> Result<Vec<LinkThen>> {
    sqlx::query_as!(
        LinkThen,
        "select s.subscriber_id, r.reads, s.topic_id, s.filter_id, s.schedule_id, s.zone, s.from_seq, s.until_seq, s.told_seq,
                r.updates_seq, r.updates_until_seq
         from subscription s join subscriber r on r.id = s.subscriber_id
         where s.subscriber_id > $1 and s.subscriber_id <= $2 order by s.subscriber_id, s.id limit $3",
        after,
        until,
        MAX_ROWS
    )
    .fetch_all(conn)
    .await
}

/// What the digests of a block of readers hold since `since`, item by item.
pub async fn items(conn: &mut Conn, since: DateTime<Utc>, after: i64, until: i64) -> Result<Vec<ItemThen>> {
    sqlx::query_as!(
        ItemThen,
        r#"select d.slot_id, d.subscriber_id, (i.item ->> 'story')::bigint as "story!", i.item ->> 'place' as "place!",
                  (i.item ->> 'article')::bigint as "article!", (i.item ->> 'rev')::smallint as "rev!",
                  coalesce((i.item ->> 'updated')::boolean, false) as "updated!", d.slot_at,
                  coalesce((i.item ->> 'untold')::boolean, false) as "untold!"
           from digest d, jsonb_array_elements(d.items) as i(item)
           where d.slot_at >= $1 and d.subscriber_id > $2 and d.subscriber_id <= $3 limit $4"#,
        since,
        after,
        until,
        MAX_ROWS
    )
    .fetch_all(conn)
    .await
}

/// Digests since `since` without exactly one delivery, deliveries of a slot without a digest, and deliveries that nothing will send.
pub async fn uncarried(conn: &mut Conn, since: DateTime<Utc>) -> Result<Vec<Uncarried>> {
    sqlx::query_as!(
        Uncarried,
        r#"with sent as (
             select b.slot_id, d.subscriber_id, count(*) as deliveries,
                    bool_or(d.state = 0 and b.done_at is not null and not exists (
                        select from retry r where r.slot_at = d.slot_at and r.batch_no = d.batch_no and r.n = d.n)) as lost
             from delivery d join batch b on b.slot_at = d.slot_at and b.no = d.batch_no
             where d.slot_at >= $1 and b.slot_id is not null group by 1, 2)
           select coalesce(g.slot_id, s.slot_id) as "slot_id!", coalesce(g.subscriber_id, s.subscriber_id) as "subscriber_id!",
                  case when g.slot_id is null then -s.deliveries else coalesce(s.deliveries, 0) end as "deliveries!",
                  coalesce(s.lost, false) as "lost!"
           from (select slot_id, subscriber_id from digest where slot_at >= $1) g
                full join sent s on s.slot_id = g.slot_id and s.subscriber_id = g.subscriber_id
           where g.slot_id is null or s.deliveries is distinct from 1 or s.lost limit $2"#,
        since,
        MAX_UNCARRIED
    )
    .fetch_all(conn)
    .await
}

/// The readers of a block whose alerts wait in a bundle, with the number since which they wait.
pub async fn bundled(conn: &mut Conn, after: i64, until: i64) -> Result<Vec<(i64, i64)>> {
    let rows = sqlx::query!(
        "select subscriber_id, from_seq from bundle where subscriber_id > $1 and subscriber_id <= $2 limit $3",
        after,
        until,
        BLOCK
    )
    .fetch_all(conn)
    .await?;
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
