//! Addresses that must not be mailed, and why.
//! Subscribers' own states are in `store::subscriber`.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// Records that an address must not be mailed; the first reason stays.
pub async fn add(
    conn: &mut Conn,
    now: DateTime<Utc>,
    address_key: &str,
    reason: &str,
    detail: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "insert into suppression (address_key, reason, at, detail) values ($1, $2, $3, $4) on conflict do nothing",
        address_key,
        reason,
        now,
        detail
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Of these addresses, the ones that must not be mailed.
pub async fn among(conn: &mut Conn, address_keys: &[String]) -> Result<Vec<String>> {
    sqlx::query_scalar!("select address_key from suppression where address_key = any($1)", address_keys)
        .fetch_all(conn)
        .await
}

/// Lifts a suppression after the address confirmed again.
pub async fn lift(conn: &mut Conn, address_key: &str) -> Result<()> {
    sqlx::query!("delete from suppression where address_key = $1", address_key).execute(conn).await.map(drop)
}

/// Why and since when an address must not be mailed.
#[derive(Clone, Debug)]
pub struct SuppressionRow {
    /// The reason in a word.
    pub reason: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

/// Why this address must not be mailed; none where it may be.
pub async fn of(conn: &mut Conn, address_key: &str) -> Result<Option<SuppressionRow>> {
    sqlx::query_as!(SuppressionRow, "select reason, at from suppression where address_key = $1", address_key)
        .fetch_optional(conn)
        .await
}

/// Records that these addresses must not be mailed; first reasons stay.
pub async fn add_all(conn: &mut Conn, now: DateTime<Utc>, address_keys: &[String], reasons: &[String]) -> Result<()> {
    sqlx::query!(
        "insert into suppression (address_key, reason, at) select t.*, $3 from unnest($1::text[], $2::text[]) as t on conflict do nothing",
        address_keys,
        reasons,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}
