//! The daemons that share the work, each with a lease that it renews.
//! What a dead node left behind is taken over in `store::doubt` and `store::batch`.

use super::{Conn, Result};

/// How long a node lives without renewing its lease; renewed three times within it.
pub const LEASE_SECONDS: f64 = 10.0;

/// Most dead nodes taken over in one round.
const MAX_DEAD: i64 = 16;

/// Enters a node and gives its id.
pub async fn enter(conn: &mut Conn, name: &str, version: &str) -> Result<i64> {
    sqlx::query_scalar!(
        "insert into node (name, started_at, lease_until, version)
         values ($1, clock_timestamp(), clock_timestamp() + make_interval(secs => $3), $2) returning id",
        name,
        version,
        LEASE_SECONDS
    )
    .fetch_one(conn)
    .await
}

/// Enters a node whose lease ran out once more, under the same name and another id.
pub async fn enter_again(conn: &mut Conn, node: i64) -> Result<i64> {
    sqlx::query_scalar!(
        "insert into node (name, started_at, lease_until, version)
         select name, clock_timestamp(), clock_timestamp() + make_interval(secs => $2), version
         from node where id = $1 returning id",
        node,
        LEASE_SECONDS
    )
    .fetch_one(conn)
    .await
}

/// Renews the lease; false when it had run out, and the node must begin anew under another id.
pub async fn renew(conn: &mut Conn, node: i64) -> Result<bool> {
    let renewed = sqlx::query!(
        "update node set lease_until = clock_timestamp() + make_interval(secs => $2)
         where id = $1 and stopped_at is null and lease_until > clock_timestamp()",
        node,
        LEASE_SECONDS
    )
    .execute(conn)
    .await?;
    Ok(renewed.rows_affected() == 1)
}

/// Whether this node's lease is good.
pub async fn is_alive(conn: &mut Conn, node: i64) -> Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from node where id = $1 and stopped_at is null and lease_until > clock_timestamp()) as "alive!""#,
        node
    )
    .fetch_one(conn)
    .await
}

/// Marks a node as gone of its own will; what it still holds is taken over at once.
pub async fn leave(conn: &mut Conn, node: i64) -> Result<()> {
    sqlx::query!("update node set lease_until = clock_timestamp() where id = $1", node).execute(conn).await.map(drop)
}

/// Locks and lists nodes whose lease ran out and that nobody took over yet.
pub async fn lock_dead(conn: &mut Conn) -> Result<Vec<i64>> {
    sqlx::query_scalar!(
        "select id from node where stopped_at is null and lease_until <= clock_timestamp()
         order by id limit $1 for update skip locked",
        MAX_DEAD
    )
    .fetch_all(conn)
    .await
}

/// Closes the books on dead nodes.
pub async fn stop(conn: &mut Conn, nodes: &[i64]) -> Result<()> {
    sqlx::query!("update node set stopped_at = clock_timestamp() where id = any($1)", nodes)
        .execute(conn)
        .await
        .map(drop)
}
