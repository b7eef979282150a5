//! Mails in doubt: the final dot went out and no reply came, or their node died between DATA and result.
//! Whether they are resent or kept back is the operator's choice, applied by deliver and sweep.

use std::ops::RangeInclusive;

use chrono::{DateTime, Utc};

use super::{Conn, Result, delivery::Key};

/// Mails in doubt listed at most.
const MAX_LISTED: i64 = 10_000;

/// Turns the wire rows that nodes left on these connections into doubt; gives the deliveries. Their state becomes in doubt (5).
pub async fn from_wire(
    conn: &mut Conn,
    now: DateTime<Utc>,
    nodes: &[i64],
    connections: &RangeInclusive<i32>,
) -> Result<Vec<Key>> {
    let rows = sqlx::query!(
        "with gone as (delete from wire where node_id = any($1) and connection between $3 and $4 returning *),
              unsettled as (update delivery d set state = 5, at = $2, attempts = d.attempts + 1, relay = gone.relay
                            from gone where d.slot_at = gone.slot_at and d.batch_no = gone.batch_no and d.n = gone.n and d.state in (0, 5)
                            returning d.slot_at, d.batch_no, d.n)
         insert into doubt (slot_at, batch_no, n, sha256, relay, since, node_id)
         select distinct on (gone.slot_at, gone.batch_no, gone.n)
            gone.slot_at, gone.batch_no, gone.n, gone.sha256, gone.relay, $2::timestamptz, gone.node_id
         from gone join unsettled u on u.slot_at = gone.slot_at and u.batch_no = gone.batch_no and u.n = gone.n
         on conflict (slot_at, batch_no, n) do update set settled = null, since = excluded.since
         returning slot_at, batch_no, n",
        nodes,
        now,
        *connections.start(),
        *connections.end()
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.slot_at, row.batch_no, row.n)).collect())
}

/// Lists mails of a live node whose dot went out without a reply.
pub async fn add(conn: &mut Conn, now: DateTime<Utc>, node: i64, mails: &[(Key, Vec<u8>, String)]) -> Result<()> {
    let at: Vec<DateTime<Utc>> = mails.iter().map(|m| m.0.0).collect();
    let batch: Vec<i64> = mails.iter().map(|m| m.0.1).collect();
    let n: Vec<i16> = mails.iter().map(|m| m.0.2).collect();
    let sha256: Vec<Vec<u8>> = mails.iter().map(|m| m.1.clone()).collect();
    let relay: Vec<String> = mails.iter().map(|m| m.2.clone()).collect();
    sqlx::query!(
        "insert into doubt (slot_at, batch_no, n, sha256, relay, since, node_id)
         select *, $6::timestamptz, $7::bigint from unnest($1::timestamptz[], $2::bigint[], $3::smallint[], $4::bytea[], $5::text[])
         on conflict (slot_at, batch_no, n) do update set settled = null, since = excluded.since",
        &at,
        &batch,
        &n,
        &sha256,
        &relay,
        now,
        node
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Settles doubts whose mail has had a full reply since, each with how.
pub async fn settle(conn: &mut Conn, mails: &[(Key, &str)]) -> Result<()> {
    let keys: Vec<Key> = mails.iter().map(|m| m.0).collect();
    let how: Vec<String> = mails.iter().map(|m| m.1.to_owned()).collect();
    let at: Vec<DateTime<Utc>> = keys.iter().map(|k| k.0).collect();
    let batch: Vec<i64> = keys.iter().map(|k| k.1).collect();
    let n: Vec<i16> = keys.iter().map(|k| k.2).collect();
    sqlx::query!(
        "update doubt d set settled = t.how
         from unnest($1::timestamptz[], $2::bigint[], $3::smallint[], $4::text[]) as t(slot_at, batch_no, n, how)
         where d.slot_at = t.slot_at and d.batch_no = t.batch_no and d.n = t.n and d.settled is null",
        &at,
        &batch,
        &n,
        &how
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The mails in doubt, oldest first: key and how they were settled.
pub async fn list(conn: &mut Conn) -> Result<Vec<(Key, DateTime<Utc>, Option<String>)>> {
    let rows =
        sqlx::query!("select slot_at, batch_no, n, since, settled from doubt order by since limit $1", MAX_LISTED)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|row| ((row.slot_at, row.batch_no, row.n), row.since, row.settled)).collect())
}
