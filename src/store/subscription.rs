//! Who follows what, on which schedule; links are ended, never overwritten.
//! It does not decide what a link's window holds; `plan` does.

use chrono::{DateTime, Utc};

use super::{Conn, Result};
use crate::digest::Why;

/// Links that one reader may have at most.
pub const MAX_PER_READER: i64 = 200;
/// Zones of one schedule planned at most.
const MAX_GROUPS: i64 = 2_000;

/// What a new link is made of: a topic or a filter.
#[derive(Clone, Debug)]
pub struct NewSubscription {
    /// Reader.
    pub subscriber_id: i64,
    /// Topic of the catalogue.
    pub topic_id: Option<i64>,
    /// Filter of their own.
    pub filter_id: Option<i64>,
    /// Schedule.
    pub schedule_id: i32,
    /// IANA zone, empty for the instant schedule.
    pub zone: String,
    /// Order that the reader chose.
    pub position: i16,
    /// Told up to here under the link it replaces.
    pub told_seq: Option<i64>,
}

/// One live link of a reader, as shown to people.
#[derive(Clone, Debug)]
pub struct LinkRow {
    /// Id.
    pub id: i64,
    /// Reader.
    pub subscriber_id: i64,
    /// Topic's id.
    pub topic_id: Option<i64>,
    /// Topic's slug.
    pub slug: Option<String>,
    /// Filter's id.
    pub filter_id: Option<i64>,
    /// Filter's text.
    pub canonical: Option<String>,
    /// Schedule's id.
    pub schedule_id: i32,
    /// Schedule's name.
    pub schedule: String,
    /// Zone.
    pub zone: String,
    /// Order that the reader chose.
    pub position: i16,
}

impl LinkRow {
    /// What it stands under in mails.
    pub fn why(&self) -> Why {
        match (self.topic_id, self.filter_id) {
            (Some(id), _) => Why::Topic(id),
            (None, id) => Why::Filter(id.unwrap_or_default()),
        }
    }
}

/// Begins links at `seq`.
pub async fn begin(conn: &mut Conn, now: DateTime<Utc>, new: &[NewSubscription], seq: i64) -> Result<()> {
    let subscribers: Vec<i64> = new.iter().map(|n| n.subscriber_id).collect();
    let topics: Vec<Option<i64>> = new.iter().map(|n| n.topic_id).collect();
    let filters: Vec<Option<i64>> = new.iter().map(|n| n.filter_id).collect();
    let schedules: Vec<i32> = new.iter().map(|n| n.schedule_id).collect();
    let zones: Vec<String> = new.iter().map(|n| n.zone.clone()).collect();
    let positions: Vec<i16> = new.iter().map(|n| n.position).collect();
    let told: Vec<Option<i64>> = new.iter().map(|n| n.told_seq).collect();
    sqlx::query!(
        "insert into subscription (subscriber_id, topic_id, filter_id, schedule_id, zone, position, told_seq, from_seq, created_at)
         select *, $8::bigint, $9::timestamptz
         from unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::int[], $5::text[], $6::smallint[], $7::bigint[])",
        &subscribers,
        &topics as &[Option<i64>],
        &filters as &[Option<i64>],
        &schedules,
        &zones,
        &positions,
        &told as &[Option<i64>],
        seq,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Ends these links at `seq`.
pub async fn end(conn: &mut Conn, ids: &[i64], seq: i64) -> Result<u64> {
    let ended =
        sqlx::query!("update subscription set until_seq = $2 where id = any($1) and until_seq is null", ids, seq)
            .execute(conn)
            .await?;
    Ok(ended.rows_affected())
}

/// Begins on another schedule or zone, at `seq`, the links that were ended at `seq`. Each is told up to where its old chain of slots
/// has come, which no slot can move while the log's lock is held.
pub async fn succeed(
    conn: &mut Conn,
    now: DateTime<Utc>,
    ended: &[i64],
    schedule: i32,
    zone: &str,
    seq: i64,
) -> Result<u64> {
    let begun = sqlx::query!(
        "insert into subscription (subscriber_id, topic_id, filter_id, schedule_id, zone, position, told_seq, from_seq, created_at)
         select o.subscriber_id, o.topic_id, o.filter_id, $2, $3, o.position,
                case when o.from_seq > coalesce(b.from_seq, l.to_seq, 0) then coalesce(o.told_seq, o.from_seq)
                     else coalesce(b.from_seq, l.to_seq) end, $4::bigint, $5
         from subscription o
              left join lateral (select s.to_seq from slot s where s.schedule_id = o.schedule_id and s.zone = o.zone
                                 order by s.local_at desc limit 1) as l on true
              left join bundle b on b.subscriber_id = o.subscriber_id and o.zone = ''
         where o.id = any($1) and o.until_seq = $4
           and not exists (select from subscription n where n.subscriber_id = o.subscriber_id and n.until_seq is null
                           and n.schedule_id = $2 and n.zone = $3 and n.topic_id is not distinct from o.topic_id
                           and n.filter_id is not distinct from o.filter_id)",
        ended,
        schedule,
        zone,
        seq,
        now
    )
    .execute(conn)
    .await?;
    Ok(begun.rows_affected())
}

/// Ends every live link of a reader at `seq` and gives the filters they followed.
pub async fn end_all(conn: &mut Conn, subscriber: i64, seq: i64) -> Result<Vec<i64>> {
    let filters = sqlx::query_scalar!(
        "update subscription set until_seq = $2 where subscriber_id = $1 and until_seq is null returning filter_id",
        subscriber,
        seq
    )
    .fetch_all(conn)
    .await?;
    Ok(filters.into_iter().flatten().collect())
}

/// The live links of these readers, in the readers' own order.
pub async fn live(conn: &mut Conn, subscribers: &[i64]) -> Result<Vec<LinkRow>> {
    sqlx::query_as!(
        LinkRow,
        r#"select s.id, s.subscriber_id, s.topic_id, t.slug as "slug?", s.filter_id, f.canonical as "canonical?", s.schedule_id,
                  c.name as schedule, s.zone, s.position
           from subscription s join schedule c on c.id = s.schedule_id
                left join topic t on t.id = s.topic_id left join filter f on f.id = s.filter_id
           where s.subscriber_id = any($1) and s.until_seq is null
           order by s.subscriber_id, s.position, s.id limit $2"#,
        subscribers,
        MAX_PER_READER * i64::try_from(subscribers.len().max(1)).unwrap_or(i64::MAX / MAX_PER_READER)
    )
    .fetch_all(conn)
    .await
}

/// The links of a reader that were ended at exactly `seq`: what a return takes up again.
pub async fn ended_at(conn: &mut Conn, subscriber: i64, seq: i64) -> Result<Vec<NewSubscription>> {
    sqlx::query_as!(
        NewSubscription,
        r#"select subscriber_id, topic_id, filter_id, schedule_id, zone, position, null::bigint as told_seq
           from subscription where subscriber_id = $1 and until_seq = $2 order by position, id limit $3"#,
        subscriber,
        seq,
        MAX_PER_READER
    )
    .fetch_all(conn)
    .await
}

/// The (schedule, zone) pairs that have links at all, by hops over the index instead of a scan.
pub async fn groups(conn: &mut Conn) -> Result<Vec<(i32, String)>> {
    let rows = sqlx::query!(
        r#"with recursive hop as (
             (select schedule_id, zone from subscription order by schedule_id, zone limit 1)
             union all
             select n.schedule_id, n.zone from hop,
               lateral (select schedule_id, zone from subscription s
                        where (s.schedule_id, s.zone) > (hop.schedule_id, hop.zone)
                        order by schedule_id, zone limit 1) as n
           ) select schedule_id as "schedule_id!", zone as "zone!" from hop limit $1"#,
        MAX_GROUPS
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.schedule_id, row.zone)).collect())
}

/// Whether a live link of this group existed at `at`: a slot is not made up for readers who came after it.
pub async fn group_had_reader(conn: &mut Conn, schedule: i32, zone: &str, at: DateTime<Utc>) -> Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from subscription where schedule_id = $1 and zone = $2 and until_seq is null
                          and created_at <= $3) as "had!""#,
        schedule,
        zone,
        at
    )
    .fetch_one(conn)
    .await
}
