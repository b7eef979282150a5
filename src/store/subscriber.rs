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
        "select id, address_key, address, status, language, reads, zone, created_at, confirmed_at
         from subscriber where address_key = $1",
        address_key
    )
    .fetch_optional(conn)
    .await
}

/// These subscribers, in the order of their ids.
pub async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<SubscriberRow>> {
    sqlx::query_as!(
        SubscriberRow,
        "select id, address_key, address, status, language, reads, zone, created_at, confirmed_at
         from subscriber where id = any($1) order by id",
        ids
    )
    .fetch_all(conn)
    .await
}

/// A page of subscribers after `cursor` in id order.
pub async fn page(conn: &mut Conn, cursor: i64) -> Result<Vec<SubscriberRow>> {
    sqlx::query_as!(
        SubscriberRow,
        "select id, address_key, address, status, language, reads, zone, created_at, confirmed_at
         from subscriber where id > $1 order by id limit $2",
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
