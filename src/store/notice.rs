//! What depeche tells its operators, one open notice per subject.
//! It does not deliver notices anywhere; `check` and `status` show them, the log carries them.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// The subject of a notice that a feed is not polled any more.
pub fn feed_stopped(feed: i64) -> String {
    format!("feed {feed} stopped")
}

/// The subject of a notice that articles of a feed wait in quarantine.
pub fn feed_quarantine(feed: i64) -> String {
    format!("feed {feed} quarantine")
}

/// The subject of a notice that a feed has moved to where another is.
pub fn feed_doubled(feed: i64) -> String {
    format!("feed {feed} doubled")
}

/// Most notices shown at once.
const MAX_SHOWN: i64 = 200;

/// Opens a notice or refreshes the text of the open one about the same thing; whether that says anything new.
pub async fn open(conn: &mut Conn, now: DateTime<Utc>, about: &str, text: &str) -> Result<bool> {
    let opened = sqlx::query!(
        "insert into notice (at, about, text) values ($1, $2, $3)
         on conflict (about) where cleared_at is null do update set text = excluded.text where notice.text <> excluded.text",
        now,
        about,
        text
    )
    .execute(conn)
    .await?;
    Ok(opened.rows_affected() > 0)
}

/// Clears the open notice about a thing that is well again.
pub async fn clear(conn: &mut Conn, now: DateTime<Utc>, about: &str) -> Result<()> {
    sqlx::query!("update notice set cleared_at = $1 where about = $2 and cleared_at is null", now, about)
        .execute(conn)
        .await
        .map(drop)
}

/// What the open notice about a thing says.
pub async fn about(conn: &mut Conn, about: &str) -> Result<Option<String>> {
    sqlx::query_scalar!("select text from notice where about = $1 and cleared_at is null", about)
        .fetch_optional(conn)
        .await
}

/// The open notices, newest first: subject and text.
pub async fn open_ones(conn: &mut Conn) -> Result<Vec<(String, String)>> {
    let rows =
        sqlx::query!("select about, text from notice where cleared_at is null order by at desc limit $1", MAX_SHOWN)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| (row.about, row.text)).collect())
}
