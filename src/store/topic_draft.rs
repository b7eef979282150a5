//! Drafts of changed topics, the versions that went before, and the ceiling that a change may not pass unasked.
//! It does not count hits and does not parse.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// A filter that waits to be published.
#[derive(Clone, Debug)]
pub struct DraftRow {
    /// Canonical text.
    pub canonical: String,
    /// Who wrote it.
    pub by_whom: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Saves a draft; it takes the place of an earlier one.
pub async fn put(conn: &mut Conn, now: DateTime<Utc>, who: &str, topic: i64, canonical: &str) -> Result<()> {
    sqlx::query!(
        "insert into topic_draft (topic_id, canonical, by_whom, at) values ($1, $2, $3, $4)
         on conflict (topic_id) do update set canonical = excluded.canonical, by_whom = excluded.by_whom, at = excluded.at",
        topic,
        canonical,
        who,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The draft of a topic.
pub async fn of(conn: &mut Conn, topic: i64) -> Result<Option<DraftRow>> {
    sqlx::query_as!(DraftRow, "select canonical, by_whom, at from topic_draft where topic_id = $1", topic)
        .fetch_optional(conn)
        .await
}

/// Forgets the draft of a topic.
pub async fn forget(conn: &mut Conn, topic: i64) -> Result<()> {
    sqlx::query!("delete from topic_draft where topic_id = $1", topic).execute(conn).await.map(drop)
}

/// The filter that a topic had before its present one.
pub async fn before(conn: &mut Conn, topic: i64) -> Result<Option<String>> {
    sqlx::query_scalar!(
        "select f.canonical from topic_filter v join filter f on f.id = v.filter_id
         where v.topic_id = $1 and v.until_seq is not null order by v.from_seq desc limit 1",
        topic
    )
    .fetch_optional(conn)
    .await
}

/// Articles a day that a changed filter may bring unasked.
pub async fn ceiling(conn: &mut Conn, topic: i64) -> Result<Option<i32>> {
    sqlx::query_scalar!("select ceiling from topic where id = $1", topic).fetch_one(conn).await
}

/// Sets that number.
pub async fn set_ceiling(conn: &mut Conn, topic: i64, ceiling: i32) -> Result<()> {
    sqlx::query!("update topic set ceiling = $2 where id = $1", topic, ceiling).execute(conn).await.map(drop)
}
