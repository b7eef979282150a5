//! What stands in the database: which migrations, which server, which clock.
//! It changes nothing; `store::migrate` does.

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrate as _;

use super::{Conn, Result};

/// How the schema stands to this depeche.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Schema {
    /// Nothing of depeche's is there yet.
    #[error("the database has no tables of depeche yet; `depeche migrate` makes them")]
    Empty,
    /// Some migrations are missing.
    #[error("{missing} migrations are missing in the database; `depeche migrate` applies them")]
    Behind {
        /// How many.
        missing: usize,
    },
    /// As this depeche needs it.
    #[error("the schema is up to date")]
    Current,
    /// A newer depeche was here.
    #[error("the database was migrated by a newer depeche; run that version, or restore a backup made before")]
    Ahead,
}

/// Compares the applied migrations with ours.
pub async fn state(conn: &mut Conn) -> Result<Schema> {
    let known = sqlx::query_scalar!(r#"select to_regclass('_sqlx_migrations') is not null as "known!""#)
        .fetch_one(&mut *conn)
        .await?;
    if !known {
        return Ok(Schema::Empty);
    }
    let ours = sqlx::migrate!();
    let applied = conn
        .list_applied_migrations(&ours.table_name)
        .await
        .map_err(|error| sqlx::Error::Protocol(format!("the list of migrations cannot be read: {error}")))?;
    if applied.is_empty() {
        return Ok(Schema::Empty);
    }
    if applied.iter().any(|applied| !ours.iter().any(|own| own.version == applied.version)) {
        return Ok(Schema::Ahead);
    }
    let missing = ours.iter().filter(|own| !applied.iter().any(|applied| applied.version == own.version)).count();
    Ok(if missing == 0 { Schema::Current } else { Schema::Behind { missing } })
}

/// The server's version, such as `15.13`, the database's name and the server's clock.
pub async fn server(conn: &mut Conn) -> Result<(String, String, DateTime<Utc>)> {
    let row = sqlx::query!(
        r#"select split_part(current_setting('server_version'), ' ', 1) as "version!", current_database() as "name!", clock_timestamp() as "clock!""#
    )
    .fetch_one(conn)
    .await?;
    Ok((row.version, row.name, row.clock))
}
