//! One reader in front of a page: where they stand, and what they change of themselves.
//! What they follow is in `store::membership` and `store::subscription`.

use chrono::{DateTime, Utc};

use super::{Conn, Result, filter, subscription, take_log_seq};
use crate::{delivery::SkipReason, subscriber::Status};

/// Pauses ended per round.
const MAX_ENDED: i64 = 10_000;

/// One reader as the pages need them.
#[derive(Clone, Debug)]
pub struct ReaderRow {
    /// Id.
    pub id: i64,
    /// Address as the reader writes it; empty where it was forgotten.
    pub address: String,
    /// Code of the status.
    pub status: i16,
    /// Since when.
    pub status_at: DateTime<Utc>,
    /// End of a pause; none for one until further notice.
    pub pause_until: Option<DateTime<Utc>>,
    /// Interface language.
    pub language: String,
    /// IANA zone.
    pub zone: String,
    /// When they signed up.
    pub created_at: DateTime<Utc>,
    /// When they confirmed.
    pub confirmed_at: Option<DateTime<Utc>>,
}

/// The reader with this id.
pub async fn by_id(conn: &mut Conn, id: i64) -> Result<Option<ReaderRow>> {
    sqlx::query_as!(
        ReaderRow,
        "select id, address, status, status_at, pause_until, language, zone, created_at, confirmed_at
         from subscriber where id = $1 and address <> ''",
        id
    )
    .fetch_optional(conn)
    .await
}

/// The same, locked until the transaction ends: two changes of one reader do not cross.
pub async fn lock(conn: &mut Conn, id: i64) -> Result<Option<ReaderRow>> {
    sqlx::query_as!(
        ReaderRow,
        "select id, address, status, status_at, pause_until, language, zone, created_at, confirmed_at
         from subscriber where id = $1 and address <> '' for update",
        id
    )
    .fetch_optional(conn)
    .await
}

/// Pauses a confirmed reader, or moves the end of a pause; false for anybody else.
pub async fn pause(conn: &mut Conn, now: DateTime<Utc>, id: i64, until: Option<DateTime<Utc>>) -> Result<bool> {
    let paused = sqlx::query!(
        "update subscriber set status = 3, pause_until = $3, status_at = case when status = 3 then status_at else $2 end
         where id = $1 and status in (2, 3)",
        id,
        now,
        until
    )
    .execute(conn)
    .await?;
    Ok(paused.rows_affected() == 1)
}

/// Ends a reader's pause; false where there is none.
pub async fn resume(conn: &mut Conn, now: DateTime<Utc>, id: i64) -> Result<bool> {
    let resumed = sqlx::query!(
        "update subscriber set status = 2, pause_until = null, status_at = $2 where id = $1 and status = 3",
        id,
        now
    )
    .execute(conn)
    .await?;
    Ok(resumed.rows_affected() == 1)
}

/// Ends the pauses whose time is over; gives how many.
pub async fn end_pauses(conn: &mut Conn, now: DateTime<Utc>) -> Result<u64> {
    let ended = sqlx::query!(
        "update subscriber set status = 2, pause_until = null, status_at = $1
         where id in (select id from subscriber where status = 3 and pause_until <= $1 order by pause_until limit $2)
           and status = 3 and pause_until <= $1",
        now,
        MAX_ENDED
    )
    .execute(conn)
    .await?;
    Ok(ended.rows_affected())
}

/// Sets language and zone.
pub async fn set_tongue(conn: &mut Conn, id: i64, language: &str, zone: &str) -> Result<()> {
    sqlx::query!("update subscriber set language = $2, zone = $3 where id = $1", id, language, zone)
        .execute(conn)
        .await
        .map(drop)
}

/// How a reader left last: what was written down with it.
pub async fn last_leaving(conn: &mut Conn, id: i64) -> Result<Option<serde_json::Value>> {
    sqlx::query_scalar!(
        "select detail from consent where subscriber_id = $1 and what = 'withdrawn' order by id desc limit 1",
        id
    )
    .fetch_optional(conn)
    .await
}

/// Forgets somebody who never confirmed: the address, what was asked in its name and its waiting mails go at once; the bare
/// number stays, so that the books still add up. False for anybody who confirmed.
pub async fn forget(conn: &mut Conn, now: DateTime<Utc>, id: i64) -> Result<bool> {
    let key = sqlx::query_scalar!("select address_key from subscriber where id = $1 and status = 1 for update", id)
        .fetch_optional(&mut *conn)
        .await?;
    let Some(key) = key else { return Ok(false) };
    sqlx::query!("delete from signup where address_key = $1", key).execute(&mut *conn).await?;
    sqlx::query!("delete from consent where subscriber_id = $1", id).execute(&mut *conn).await?;
    let since = sqlx::query_scalar!(
        "update subscriber set address = '', address_key = 'forgotten-' || id, status = $2, status_at = $3, pause_until = null
         where id = $1 returning created_at",
        id,
        Status::Unsubscribed.code(),
        now
    )
    .fetch_one(&mut *conn)
    .await?;
    sqlx::query!(
        "update delivery set state = 4, reason = $3, at = $4 where subscriber_id = $1 and state = 0 and slot_at >= $2",
        id,
        since,
        SkipReason::Erased.code(),
        now
    )
    .execute(&mut *conn)
    .await?;
    let seq = take_log_seq(conn, 1).await?;
    let filters = subscription::end_all(conn, id, seq).await?;
    filter::end_unused(conn, &filters, seq).await?;
    Ok(true)
}
