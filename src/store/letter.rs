//! What single mails (confirmations, corrections) hold beside their delivery row.
//! Digests and alerts have their items in `store::digest`.

use super::{Conn, Result, delivery::Key};

/// Keeps the body of a single mail.
pub async fn add(conn: &mut Conn, key: Key, body: serde_json::Value) -> Result<()> {
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
