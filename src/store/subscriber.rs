//! Who reads: address, state, languages and zone.
//! What they follow is in `store::subscription`; addresses that must not be mailed in `store::suppression`.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// Most subscribers listed per page.
pub const PAGE: i64 = 1_000;

/// One subscriber as stored; `status` is the code of `subscriber::Status`.
#[derive(Clone, Debug)]
pub struct SubscriberRow {
    /// Id.
    pub id: i64,
    /// The same mailbox, whatever its spelling.
    pub address_key: String,
    /// Address as the reader writes it.
    pub address: String,
    /// Code of the status.
    pub status: i16,
    /// Interface language.
    pub language: String,
    /// Languages of articles that they read.
    pub reads: Vec<String>,
    /// IANA zone.
    pub zone: String,
    /// When they signed up.
    pub created_at: DateTime<Utc>,
    /// When they confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
    /// They want to be told of updates.
    pub updates: bool,
}

/// What a new subscriber is made of.
#[derive(Clone, Debug)]
pub struct NewSubscriber<'a> {
    /// The same mailbox, whatever its spelling.
    pub address_key: &'a str,
    /// Address as the reader writes it.
    pub address: &'a str,
    /// Code of the status.
    pub status: i16,
    /// Interface language.
    pub language: &'a str,
    /// Languages of articles that they read.
    pub reads: &'a [String],
    /// IANA zone.
    pub zone: &'a str,
}

/// Adds a subscriber; none when the mailbox is known already.
pub async fn add(conn: &mut Conn, now: DateTime<Utc>, new: &NewSubscriber<'_>) -> Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into subscriber (address_key, address, status, status_at, language, reads, zone, created_at, confirmed_at)
         values ($1, $2, $3, $4::timestamptz, $5, $6, $7, $4::timestamptz, case when $3 = 2::smallint then $4::timestamptz end)
         on conflict (address_key) do nothing returning id",
        new.address_key,
        new.address,
        new.status,
        now,
        new.language,
        new.reads,
        new.zone
    )
    .fetch_optional(conn)
    .await
}

/// The subscriber with this mailbox.
pub async fn by_key(conn: &mut Conn, address_key: &str) -> Result<Option<SubscriberRow>> {
    sqlx::query_as!(
        SubscriberRow,
        r#"select id, address_key, address, status, language, reads, zone, created_at, confirmed_at,
                updates_seq is not null and updates_until_seq is null as "updates!"
         from subscriber where address_key = $1"#,
        address_key
    )
    .fetch_optional(conn)
    .await
}

/// These subscribers, in the order of their ids.
pub async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<SubscriberRow>> {
    sqlx::query_as!(
        SubscriberRow,
        r#"select id, address_key, address, status, language, reads, zone, created_at, confirmed_at,
                updates_seq is not null and updates_until_seq is null as "updates!"
         from subscriber where id = any($1) order by id"#,
        ids
    )
    .fetch_all(conn)
    .await
}

/// A page of subscribers after `cursor` in id order.
pub async fn page(conn: &mut Conn, cursor: i64) -> Result<Vec<SubscriberRow>> {
    sqlx::query_as!(
        SubscriberRow,
        r#"select id, address_key, address, status, language, reads, zone, created_at, confirmed_at,
                updates_seq is not null and updates_until_seq is null as "updates!"
         from subscriber where id > $1 and address <> '' order by id limit $2"#,
        cursor,
        PAGE
    )
    .fetch_all(conn)
    .await
}

/// Sets a status where it differs; true when something changed.
pub async fn set_status(conn: &mut Conn, now: DateTime<Utc>, id: i64, status: i16) -> Result<bool> {
    let changed = sqlx::query!(
        "update subscriber set status = $2, status_at = $3,
            confirmed_at = case when $2 = 2::smallint then coalesce(confirmed_at, $3) else confirmed_at end
         where id = $1 and status <> $2",
        id,
        status,
        now
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected() == 1)
}

/// Notes from which number on these readers want to be told of updates, or do no more; gives how many changed their mind.
pub async fn set_updates(conn: &mut Conn, ids: &[i64], wanted: bool, seq: i64) -> Result<u64> {
    let changed = sqlx::query!(
        "update subscriber set updates_seq = case when $2 then $3 else updates_seq end,
                updates_until_seq = case when $2 then null else $3 end
         where id = any($1) and (updates_seq is not null and updates_until_seq is null) <> $2",
        ids,
        wanted,
        seq
    )
    .execute(conn)
    .await?;
    Ok(changed.rows_affected())
}

/// Status code of each of these readers, and why they must not be mailed.
pub async fn standing(conn: &mut Conn, ids: &[i64]) -> Result<Vec<(i64, i16, bool)>> {
    let rows = sqlx::query!(
        r#"select s.id, s.status, exists (select from suppression p where p.address_key = s.address_key) as "suppressed!"
           from subscriber s where s.id = any($1)"#,
        ids
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.status, row.suppressed)).collect())
}

/// How many subscribers there are per status code.
pub async fn counts(conn: &mut Conn) -> Result<Vec<(i16, i64)>> {
    let rows =
        sqlx::query!(r#"select status, count(*) as "n!" from subscriber group by status order by status limit 16"#)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.status, row.n)).collect())
}

/// Records a consent given or withdrawn, with its source.
pub async fn consent(
    conn: &mut Conn,
    now: DateTime<Utc>,
    subscriber: i64,
    what: &str,
    source: &str,
    detail: serde_json::Value,
) -> Result<()> {
    sqlx::query!(
        "insert into consent (subscriber_id, at, what, source, detail) values ($1, $2, $3, $4, $5)",
        subscriber,
        now,
        what,
        source,
        detail
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Serialises planning per block of readers, so that two slots of one reader do not race.
pub async fn lock_blocks(conn: &mut Conn, ids: &[i64]) -> Result<()> {
    let mut blocks: Vec<i64> = ids.iter().map(|id| id >> LOCK_BLOCK_BITS).collect();
    blocks.dedup();
    sqlx::query!(
        "select pg_advisory_xact_lock(7023, (block % 1000000)::int)
         from (select block from unnest($1::bigint[]) as t(block) order by block) as ordered",
        &blocks
    )
    .fetch_all(conn)
    .await
    .map(drop)
}

/// Readers per lock: 2^16, so that a page of 1,000 readers takes a handful of locks even where ids are sparse.
const LOCK_BLOCK_BITS: u32 = 16;

/// A page of subscribers after `cursor` in id order, of one status or all, following one topic or whatever.
pub async fn listed(
    conn: &mut Conn,
    cursor: i64,
    status: Option<i16>,
    topic: Option<i64>,
    limit: i64,
) -> Result<Vec<SubscriberRow>> {
    sqlx::query_as!(
        SubscriberRow,
        r#"select id, address_key, address, status, language, reads, zone, created_at, confirmed_at,
                updates_seq is not null and updates_until_seq is null as "updates!"
         from subscriber s where id > $1 and address <> '' and ($2::smallint is null or status = $2)
           and ($3::bigint is null or exists (select from subscription l where l.subscriber_id = s.id and l.topic_id = $3 and l.until_seq is null))
         order by id limit $4"#,
        cursor,
        status,
        topic,
        limit.min(PAGE)
    )
    .fetch_all(conn)
    .await
}

/// The subscribers with these mailboxes.
pub async fn by_keys(conn: &mut Conn, address_keys: &[String]) -> Result<Vec<SubscriberRow>> {
    sqlx::query_as!(
        SubscriberRow,
        r#"select id, address_key, address, status, language, reads, zone, created_at, confirmed_at,
                updates_seq is not null and updates_until_seq is null as "updates!"
         from subscriber where address_key = any($1)"#,
        address_keys
    )
    .fetch_all(conn)
    .await
}

/// An imported subscriber.
#[derive(Clone, Debug)]
pub struct Imported {
    /// The same mailbox, whatever its spelling.
    pub address_key: String,
    /// Address as the reader writes it.
    pub address: String,
    /// Code of the status.
    pub status: i16,
    /// Interface language.
    pub language: String,
    /// Languages of articles that they read.
    pub reads: Vec<String>,
    /// IANA zone.
    pub zone: String,
    /// When they signed up, there.
    pub created_at: DateTime<Utc>,
}

/// Adds imported subscribers with their consent; gives id and mailbox of those that were not known.
pub async fn import(conn: &mut Conn, now: DateTime<Utc>, new: &[Imported], source: &str) -> Result<Vec<(i64, String)>> {
    let keys: Vec<String> = new.iter().map(|n| n.address_key.clone()).collect();
    let addresses: Vec<String> = new.iter().map(|n| n.address.clone()).collect();
    let statuses: Vec<i16> = new.iter().map(|n| n.status).collect();
    let languages: Vec<String> = new.iter().map(|n| n.language.clone()).collect();
    let reads: Vec<String> = new.iter().map(|n| n.reads.join(" ")).collect();
    let zones: Vec<String> = new.iter().map(|n| n.zone.clone()).collect();
    let created: Vec<DateTime<Utc>> = new.iter().map(|n| n.created_at).collect();
    let rows = sqlx::query!(
        r#"with added as (
             insert into subscriber (address_key, address, status, status_at, language, reads, zone, created_at, confirmed_at)
             select k, a, s, $8::timestamptz, l, string_to_array(r, ' '), z, c, case when s in (2, 3) then c end
             from unnest($1::text[], $2::text[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::timestamptz[])
                  with ordinality as t(k, a, s, l, r, z, c, n) order by n
             on conflict (address_key) do nothing returning id, address_key, status),
           consented as (
             insert into consent (subscriber_id, at, what, source)
             select id, $8::timestamptz, case when status in (4, 5) then 'withdrawn' else 'given' end, $9::text from added where status <> 1)
           select id as "id!", address_key as "address_key!" from added"#,
        &keys,
        &addresses,
        &statuses,
        &languages,
        &reads,
        &zones,
        &created,
        now,
        source
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.id, row.address_key)).collect())
}
