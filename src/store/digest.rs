//! Frozen digests, the readers' links that plan pages through, and what readers were told before.
//! It selects no items; `digest::select` does.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Conn, Result};
use crate::digest::FrozenItem;

/// Readers planned per page and commit.
pub const PAGE_READERS: i64 = 1_000;
/// Links read per page: the page's readers with the most links that a reader may have.
const PAGE_LINKS: i64 = PAGE_READERS * super::subscription::MAX_PER_READER;
/// Told stories looked at per page.
const MAX_TOLD: i64 = 1_000_000;

/// One link of a reader in a slot.
#[derive(Clone, Debug)]
pub struct ReaderLink {
    /// Reader.
    pub subscriber_id: i64,
    /// Code of the reader's status.
    pub status: i16,
    /// Languages of articles that they read.
    pub reads: Vec<String>,
    /// Topic followed.
    pub topic_id: Option<i64>,
    /// Filter followed.
    pub filter_id: Option<i64>,
    /// Order that the reader chose.
    pub position: i16,
    /// Number since which the link lives.
    pub from_seq: i64,
    /// Told up to here under the link it replaced.
    pub told_seq: Option<i64>,
    /// The reader has links on other schedules, or has had.
    pub several: bool,
    /// The number since which the reader wants to be told of updates; none where they do not.
    pub updates_seq: Option<i64>,
}

/// A story that a reader was told.
#[derive(Clone, Copy, Debug)]
pub struct ToldRow {
    /// Reader.
    pub subscriber_id: i64,
    /// Story.
    pub story: i64,
    /// Told by an alert.
    pub alert: bool,
    /// Slot it was told in.
    pub slot_at: DateTime<Utc>,
    /// Article that told it, where an alert did.
    pub article: i64,
    /// Its revision, where an alert told it.
    pub rev: i16,
}

/// The version of a story that a reader was told in one slot.
#[derive(Clone, Copy, Debug)]
pub struct VersionRow {
    /// Reader.
    pub subscriber_id: i64,
    /// Story.
    pub story: i64,
    /// Article that told it.
    pub article: i64,
    /// Its revision.
    pub rev: i16,
    /// Told once more, as an update.
    pub updated: bool,
    /// Slot it was told in.
    pub slot_at: DateTime<Utc>,
}

/// The lead of a reader's last digest.
#[derive(Clone, Copy, Debug)]
pub struct LastLead {
    /// Reader.
    pub subscriber_id: i64,
    /// Key of the lead title.
    pub lead_key: i64,
}

/// A digest to be written.
#[derive(Clone, Debug)]
pub struct NewDigest {
    /// Reader.
    pub subscriber_id: i64,
    /// Key of the lead title.
    pub lead_key: i64,
    /// Items in the order of the mail.
    pub items: Vec<FrozenItem>,
}

/// The live links of the next readers of a group, active at `to_seq`, ordered by reader; of one reader alone where `only` names one.
/// `offset 0` keeps the planner to one index look-up per reader: left free, it reads both tables whole for each page.
pub async fn page(
    conn: &mut Conn,
    schedule: i32,
    zone: &str,
    to_seq: i64,
    cursor: i64,
    only: Option<i64>,
) -> Result<Vec<ReaderLink>> {
    sqlx::query_as!(
        ReaderLink,
        r#"with readers as (
             select distinct subscriber_id as id from subscription
             where schedule_id = $1 and zone = $2 and subscriber_id > $4 and from_seq <= $3 and (until_seq is null or until_seq > $3)
               and ($7::bigint is null or subscriber_id = $7)
             order by id limit $5)
           select s.subscriber_id, r.status, r.reads, s.topic_id, s.filter_id, s.position, s.from_seq, s.told_seq, s.several as "several!",
                  r.updates_seq
           from readers,
             lateral (select status, reads, case when updates_until_seq is null then updates_seq end as updates_seq
                      from subscriber where id = readers.id offset 0) as r,
             lateral (select o.*, bool_or(o.schedule_id <> $1 or o.zone <> $2) over () as several
                      from subscription o where o.subscriber_id = readers.id offset 0) as s
           where s.schedule_id = $1 and s.zone = $2 and s.from_seq <= $3 and (s.until_seq is null or s.until_seq > $3)
           order by s.subscriber_id, s.position, s.id limit $6"#,
        schedule,
        zone,
        to_seq,
        cursor,
        PAGE_READERS,
        PAGE_LINKS,
        only
    )
    .fetch_all(conn)
    .await
}

/// The same for an alert: only readers after `cursor` who follow one of these topics or filters, or whose bundle is due.
pub async fn page_alert(
    conn: &mut Conn,
    schedule: i32,
    to_seq: i64,
    cursor: i64,
    topics: &[i64],
    filters: &[i64],
    bundles: &[i64],
) -> Result<Vec<ReaderLink>> {
    sqlx::query_as!(
        ReaderLink,
        r#"with readers as (
             (select distinct subscriber_id as id from subscription where topic_id = any($4) and schedule_id = $1 and subscriber_id > $3
                and from_seq <= $2 and (until_seq is null or until_seq > $2) order by id limit $7)
             union
             (select distinct subscriber_id as id from subscription where filter_id = any($5) and schedule_id = $1 and subscriber_id > $3
                and from_seq <= $2 and (until_seq is null or until_seq > $2) order by id limit $7)
             union
             (select id from unnest($6::bigint[]) as t(id) where id > $3 order by id limit $7)
             order by id limit $7)
           select s.subscriber_id, r.status, r.reads, s.topic_id, s.filter_id, s.position, s.from_seq, s.told_seq, s.several as "several!",
                  r.updates_seq
           from readers,
             lateral (select status, reads, case when updates_until_seq is null then updates_seq end as updates_seq
                      from subscriber where id = readers.id offset 0) as r,
             lateral (select o.*, bool_or(o.schedule_id <> $1) over () as several
                      from subscription o where o.subscriber_id = readers.id offset 0) as s
           where s.schedule_id = $1 and s.from_seq <= $2 and (s.until_seq is null or s.until_seq > $2)
           order by s.subscriber_id, s.position, s.id limit $8"#,
        schedule,
        to_seq,
        cursor,
        topics,
        filters,
        bundles,
        PAGE_READERS,
        PAGE_LINKS
    )
    .fetch_all(conn)
    .await
}

/// Where the windows of a group's newly begun links start: the least of their told or begin numbers.
pub async fn new_links_from(
    conn: &mut Conn,
    schedule: i32,
    zone: &str,
    from_seq: i64,
    to_seq: i64,
) -> Result<Option<i64>> {
    sqlx::query_scalar!(
        "select min(coalesce(told_seq, from_seq)) from subscription
         where schedule_id = $1 and zone = $2 and from_seq > $3 and from_seq <= $4 and (until_seq is null or until_seq > $4)",
        schedule,
        zone,
        from_seq,
        to_seq
    )
    .fetch_one(conn)
    .await
}

/// Which of these stories these readers were told since `since`. What [`untell`] took back is none.
pub async fn told(conn: &mut Conn, subscribers: &[i64], stories: &[i64], since: DateTime<Utc>) -> Result<Vec<ToldRow>> {
    sqlx::query_as!(
        ToldRow,
        r#"select d.subscriber_id, t.story as "story!", s.zone = '' as "alert!", d.slot_at,
                  coalesce((a.item ->> 'article')::bigint, 0) as "article!", coalesce((a.item ->> 'rev')::smallint, 0::smallint) as "rev!"
           from digest d join slot s on s.id = d.slot_id, unnest(d.stories) as t(story)
                left join lateral (select i.item from jsonb_array_elements(d.items) as i(item)
                                   where s.zone = '' and (i.item ->> 'story')::bigint = t.story limit 1) as a on true
           where d.subscriber_id = any($1) and d.slot_at >= $2 and d.stories && $4 and t.story = any($4) limit $3"#,
        subscribers,
        since,
        MAX_TOLD,
        stories
    )
    .fetch_all(conn)
    .await
}

/// In which versions these readers were told these stories since `since`, oldest first.
pub async fn versions(
    conn: &mut Conn,
    subscribers: &[i64],
    stories: &[i64],
    since: DateTime<Utc>,
) -> Result<Vec<VersionRow>> {
    sqlx::query_as!(
        VersionRow,
        r#"select d.subscriber_id, (i.item ->> 'story')::bigint as "story!", (i.item ->> 'article')::bigint as "article!",
                  (i.item ->> 'rev')::smallint as "rev!", coalesce((i.item ->> 'updated')::boolean, false) as "updated!", d.slot_at
           from digest d, jsonb_array_elements(d.items) as i(item)
           where d.subscriber_id = any($1) and d.slot_at >= $2 and d.stories && $4 and (i.item ->> 'story')::bigint = any($4)
             and not coalesce((i.item ->> 'untold')::boolean, false)
           order by d.slot_at limit $3"#,
        subscribers,
        since,
        MAX_TOLD,
        stories
    )
    .fetch_all(conn)
    .await
}

/// The lead of each reader's last digest since `since`.
pub async fn last_leads(conn: &mut Conn, subscribers: &[i64], since: DateTime<Utc>) -> Result<Vec<LastLead>> {
    sqlx::query_as!(
        LastLead,
        r#"select l.subscriber_id as "subscriber_id!", l.lead_key as "lead_key!" from unnest($1::bigint[]) as r(id),
             lateral (select d.subscriber_id, d.lead_key from digest d where d.subscriber_id = r.id and d.slot_at >= $2
                      order by d.slot_at desc limit 1) as l"#,
        subscribers,
        since
    )
    .fetch_all(conn)
    .await
}

/// When each of these readers got alerts since `since`, newest first.
pub async fn alerts_since(
    conn: &mut Conn,
    subscribers: &[i64],
    since: DateTime<Utc>,
) -> Result<Vec<(i64, DateTime<Utc>)>> {
    let rows = sqlx::query!(
        "select d.subscriber_id, d.slot_at from digest d join slot s on s.id = d.slot_id and s.zone = ''
         where d.subscriber_id = any($1) and d.slot_at > $2 order by d.subscriber_id, d.slot_at desc limit $3",
        subscribers,
        since,
        MAX_TOLD
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.subscriber_id, row.slot_at)).collect())
}

/// Copies a page of digests in.
///
/// # Panics
/// Never: plain data always serialises.
pub async fn copy_in(conn: &mut Conn, slot_at: DateTime<Utc>, slot: i64, digests: &[NewDigest]) -> Result<()> {
    use std::fmt::Write as _;
    let mut text = String::with_capacity(digests.len() * 512);
    let at = slot_at.to_rfc3339();
    for digest in digests {
        // Ids and fixed words only: nothing that COPY's text form would need escaped.
        let items = serde_json::to_string(&digest.items).expect("plain data serialises");
        let stories: Vec<String> = digest.items.iter().map(|item| item.story.to_string()).collect();
        let (subscriber, lead, stories) = (digest.subscriber_id, digest.lead_key, stories.join(","));
        writeln!(text, "{at}\t{slot}\t{subscriber}\t{lead}\t{items}\t{{{stories}}}").expect("writing to a string");
    }
    let mut copy =
        conn.copy_in_raw("copy digest (slot_at, slot_id, subscriber_id, lead_key, items, stories) from stdin").await?;
    copy.send(text.into_bytes()).await?;
    copy.finish().await.map(drop)
}

/// Stories that were frozen for a mail and did not leave with it.
#[derive(Clone, Debug)]
pub struct Untold {
    /// When the digest's slot was.
    pub slot_at: DateTime<Utc>,
    /// Its slot.
    pub slot_id: i64,
    /// Its reader.
    pub subscriber_id: i64,
    /// The stories.
    pub stories: Vec<i64>,
}

/// Has digests tell these stories no more, as their pieces were withdrawn before the mails left, so that others may tell them. What
/// was frozen stays in the books, marked so.
pub async fn untell(conn: &mut Conn, untold: &[&Untold]) -> Result<()> {
    let each = || untold.iter().flat_map(|of| of.stories.iter().map(move |story| (of, *story)));
    let at: Vec<DateTime<Utc>> = each().map(|(of, _)| of.slot_at).collect();
    let slots: Vec<i64> = each().map(|(of, _)| of.slot_id).collect();
    let readers: Vec<i64> = each().map(|(of, _)| of.subscriber_id).collect();
    let stories: Vec<i64> = each().map(|(_, story)| story).collect();
    sqlx::query!(
        r#"update digest d set stories = array(select s from unnest(d.stories) as t(s) where s <> all(u.stories)),
             items = (select jsonb_agg(case when (i.item ->> 'story')::bigint = any(u.stories)
                                            then i.item || '{"untold": true}' else i.item end order by i.at)
                      from jsonb_array_elements(d.items) with ordinality as i(item, at))
         from (select at, slot, reader, array_agg(story) as stories
               from unnest($1::timestamptz[], $2::bigint[], $3::bigint[], $4::bigint[]) as t(at, slot, reader, story)
               group by at, slot, reader) as u
         where d.slot_at = u.at and d.slot_id = u.slot and d.subscriber_id = u.reader"#,
        &at,
        &slots,
        &readers,
        &stories
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The frozen items of these readers in one slot, with the key of the lead title.
pub async fn items(
    conn: &mut Conn,
    slot_at: DateTime<Utc>,
    slot: i64,
    subscribers: &[i64],
) -> Result<Vec<(i64, Vec<FrozenItem>, i64)>> {
    let rows = sqlx::query!(
        r#"select subscriber_id, lead_key, items as "items: Json<Vec<FrozenItem>>" from digest
           where slot_at = $1 and slot_id = $2 and subscriber_id = any($3)"#,
        slot_at,
        slot,
        subscribers
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.subscriber_id, row.items.0, row.lead_key)).collect())
}

/// The next readers of a slot who got a digest, in the order of their ids.
pub async fn readers_of(conn: &mut Conn, slot_at: DateTime<Utc>, slot: i64, cursor: i64) -> Result<Vec<i64>> {
    sqlx::query_scalar!(
        "select subscriber_id from digest where slot_at = $1 and slot_id = $2 and subscriber_id > $3
         order by subscriber_id limit $4",
        slot_at,
        slot,
        cursor,
        PAGE_READERS
    )
    .fetch_all(conn)
    .await
}

/// What one reader was told in the slots of `from..until`: with each slot's instant.
pub async fn of_reader(
    conn: &mut Conn,
    subscriber: i64,
    from: DateTime<Utc>,
    until: DateTime<Utc>,
) -> Result<Vec<(DateTime<Utc>, Vec<FrozenItem>)>> {
    let rows = sqlx::query!(
        r#"select slot_at, items as "items: Json<Vec<FrozenItem>>" from digest
           where subscriber_id = $1 and slot_at >= $2 and slot_at < $3 order by slot_at, slot_id limit 100"#,
        subscriber,
        from,
        until
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.slot_at, row.items.0)).collect())
}
