//! The journal of what people did, by name.
//! It does not do any of it.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// Writes one act in the caller's transaction, so that it stands exactly when the thing was done.
pub async fn write(
    conn: &mut Conn,
    now: DateTime<Utc>,
    who: &str,
    what: &str,
    detail: serde_json::Value,
) -> Result<()> {
    sqlx::query!("insert into act (at, who, what, detail) values ($1, $2, $3, $4)", now, who, what, detail)
        .execute(conn)
        .await
        .map(drop)
}
