//! What single mails (confirmations, corrections) hold beside their delivery row.
//! Digests and alerts have their items in `store::digest`.

use chrono::{DateTime, Utc};

use super::{
    Conn, Result,
    batch::{self, NewBatch},
    delivery::{self, Key, NewDelivery},
};
use crate::delivery::{Kind, State};

/// Plans a mail that asks this reader to confirm, due at once.
pub async fn confirmation(
    conn: &mut Conn,
    now: DateTime<Utc>,
    subscriber: i64,
    expires_at: DateTime<Utc>,
) -> Result<()> {
    let kind = Kind::Confirmation;
    super::ensure_month(conn, now).await?;
    let new =
        NewBatch { slot_at: now, slot_id: None, lane: kind.lane().code(), due_at: now, expires_at, deliveries: 1 };
    let no = batch::add(conn, &new).await?;
    let planned = NewDelivery { subscriber_id: subscriber, kind: kind.code(), state: State::Planned.code(), reason: 0 };
    delivery::copy_in(conn, now, &[(no, &[planned])], now).await?;
    add(conn, (now, no, 0), serde_json::json!({})).await
}

/// Keeps the body of a single mail.
async fn add(conn: &mut Conn, key: Key, body: serde_json::Value) -> Result<()> {
    sqlx::query!("insert into letter (slot_at, batch_no, n, body) values ($1, $2, $3, $4)", key.0, key.1, key.2, body)
        .execute(conn)
        .await
        .map(drop)
}

/// The bodies of a batch's single mails, by place.
pub async fn of_batch(conn: &mut Conn, key: Key) -> Result<Vec<(i16, serde_json::Value)>> {
    let rows = sqlx::query!(
        "select n, body from letter where slot_at = $1 and batch_no = $2 order by n limit 500",
        key.0,
        key.1
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.n, row.body)).collect())
}
