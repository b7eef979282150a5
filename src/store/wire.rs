//! Mails whose DATA has begun, one row per connection of a node.
//! What becomes of a dead node's rows is in `store::doubt`.

use chrono::{DateTime, Utc};

use super::{Conn, Result, delivery::Key};

/// A delivery that a node holds.
#[derive(Clone, Copy, Debug)]
pub struct Claim {
    /// Delivery.
    pub key: Key,
    /// Epoch of the claim.
    pub epoch: i32,
    /// The claim is in `retry`, not on the batch.
    pub from_retry: bool,
}

/// A mail about to go out on a connection.
#[derive(Clone, Debug)]
pub struct Start {
    /// Connection of the node.
    pub connection: i32,
    /// Delivery, as claimed.
    pub claim: Claim,
    /// Reader: must still be one.
    pub subscriber_id: i64,
    /// Code that the reader's status must have: confirmed, or pending for a confirmation.
    pub status: i16,
    /// SHA-256 of the unsigned bytes.
    pub sha256: Vec<u8>,
    /// Relay.
    pub relay: String,
}

/// Writes the starts that may go: claim and epoch still ours, node alive, reader still one and not suppressed.
/// Gives the connections whose start stands; the others must not begin. Until the commit nobody takes the node over.
pub async fn begin(conn: &mut Conn, now: DateTime<Utc>, node: i64, starts: &[Start]) -> Result<Vec<i32>> {
    let connection: Vec<i32> = starts.iter().map(|s| s.connection).collect();
    let at: Vec<DateTime<Utc>> = starts.iter().map(|s| s.claim.key.0).collect();
    let batch: Vec<i64> = starts.iter().map(|s| s.claim.key.1).collect();
    let n: Vec<i16> = starts.iter().map(|s| s.claim.key.2).collect();
    let subscriber: Vec<i64> = starts.iter().map(|s| s.subscriber_id).collect();
    let status: Vec<i16> = starts.iter().map(|s| s.status).collect();
    let epoch: Vec<i32> = starts.iter().map(|s| s.claim.epoch).collect();
    let from_retry: Vec<bool> = starts.iter().map(|s| s.claim.from_retry).collect();
    let sha256: Vec<Vec<u8>> = starts.iter().map(|s| s.sha256.clone()).collect();
    let relay: Vec<String> = starts.iter().map(|s| s.relay.clone()).collect();
    sqlx::query_scalar!(
        "with alive as materialized
            (select from node where id = $1 and stopped_at is null and lease_until > clock_timestamp() for key share)
         insert into wire (node_id, connection, slot_at, batch_no, n, epoch, sha256, relay, started_at)
         select $1, t.connection, t.slot_at, t.batch_no, t.n, t.epoch, t.sha256, t.relay, $2
         from unnest($3::int[], $4::timestamptz[], $5::bigint[], $6::smallint[], $7::bigint[], $8::smallint[], $9::int[], $10::bool[],
                     $11::bytea[], $12::text[])
              as t(connection, slot_at, batch_no, n, subscriber_id, status, epoch, from_retry, sha256, relay)
              join subscriber s on s.id = t.subscriber_id and s.status = t.status
         where not exists (select from suppression p where p.address_key = s.address_key)
           and exists (select from alive)
           and case when t.from_retry
               then exists (select from retry r where r.slot_at = t.slot_at and r.batch_no = t.batch_no and r.n = t.n
                            and r.node_id = $1 and r.epoch = t.epoch)
               else exists (select from batch b where b.slot_at = t.slot_at and b.no = t.batch_no
                            and b.node_id = $1 and b.epoch = t.epoch) end
         on conflict (node_id, connection) do update set slot_at = excluded.slot_at, batch_no = excluded.batch_no, n = excluded.n,
            epoch = excluded.epoch, sha256 = excluded.sha256, relay = excluded.relay, started_at = excluded.started_at
         returning connection",
        node,
        now,
        &connection,
        &at,
        &batch,
        &n,
        &subscriber,
        &status,
        &epoch,
        &from_retry,
        &sha256,
        &relay
    )
    .fetch_all(conn)
    .await
}

/// Which of these claims are still the node's, and stay so until the commit.
pub async fn held(conn: &mut Conn, node: i64, claims: &[Claim]) -> Result<Vec<Key>> {
    let at: Vec<DateTime<Utc>> = claims.iter().map(|c| c.key.0).collect();
    let batch: Vec<i64> = claims.iter().map(|c| c.key.1).collect();
    let n: Vec<i16> = claims.iter().map(|c| c.key.2).collect();
    let epoch: Vec<i32> = claims.iter().map(|c| c.epoch).collect();
    let from_retry: Vec<bool> = claims.iter().map(|c| c.from_retry).collect();
    let rows = sqlx::query!(
        r#"with alive as materialized
            (select from node where id = $1 and stopped_at is null and lease_until > clock_timestamp() for key share)
         select t.slot_at as "slot_at!", t.batch_no as "batch_no!", t.n as "n!"
         from unnest($2::timestamptz[], $3::bigint[], $4::smallint[], $5::int[], $6::bool[]) as t(slot_at, batch_no, n, epoch, from_retry)
         where exists (select from alive)
           and case when t.from_retry
               then exists (select from retry r where r.slot_at = t.slot_at and r.batch_no = t.batch_no and r.n = t.n
                            and r.node_id = $1 and r.epoch = t.epoch)
               else exists (select from batch b where b.slot_at = t.slot_at and b.no = t.batch_no
                            and b.node_id = $1 and b.epoch = t.epoch) end"#,
        node,
        &at,
        &batch,
        &n,
        &epoch,
        &from_retry
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.slot_at, row.batch_no, row.n)).collect())
}

/// Clears the rows of connections whose last mail has its result and that begin no other.
pub async fn clear(conn: &mut Conn, node: i64, connections: &[i32]) -> Result<()> {
    sqlx::query!("delete from wire where node_id = $1 and connection = any($2)", node, connections)
        .execute(conn)
        .await
        .map(drop)
}

/// Mails on the wire shown at most: more than all connections of all nodes.
const MAX_SHOWN: i64 = 10_000;

/// A mail between DATA and its result: node, connection, slot's time, batch, place, epoch.
pub type OnWire = (i64, i32, DateTime<Utc>, i64, i16, i32);

/// The mails on the wire now.
pub async fn all(conn: &mut Conn) -> Result<Vec<OnWire>> {
    let rows = sqlx::query!("select node_id, connection, slot_at, batch_no, n, epoch from wire limit $1", MAX_SHOWN)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(|r| (r.node_id, r.connection, r.slot_at, r.batch_no, r.n, r.epoch)).collect())
}
