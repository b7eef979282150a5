//! The names of schedules that links hang on, with the rule that the config gave them last.
//! It does not evaluate rules; `digest::schedule` does.

use super::{Conn, Result};

/// Most schedules a config may name.
const MAX_SCHEDULES: i64 = 100;

/// The name of the schedule of alerts.
pub const INSTANT: &str = "instant";

/// Enters or updates a schedule and gives its id.
pub async fn put(conn: &mut Conn, name: &str, rule: &str) -> Result<i32> {
    sqlx::query_scalar!(
        "insert into schedule (name, rule) values ($1, $2) on conflict (name) do update set rule = excluded.rule returning id",
        name,
        rule
    )
    .fetch_one(conn)
    .await
}

/// All schedules: id, name.
pub async fn all(conn: &mut Conn) -> Result<Vec<(i32, String)>> {
    let rows =
        sqlx::query!("select id, name from schedule order by id limit $1", MAX_SCHEDULES).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.id, row.name)).collect())
}
