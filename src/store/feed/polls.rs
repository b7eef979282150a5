//! Feeds claimed for polling under a lease, and what their polls leave.
//! When a feed is asked again, `feed::polling` decides.

use chrono::{DateTime, Utc};
use serde_json::value::RawValue;
use sqlx::types::Json;

use super::super::{Conn, Result};
use crate::feed::{polling::PollState, verdict::Memory};

/// How long a living node may work on a claimed feed before another takes it: over the five minutes that a feed may wait for its
/// turn, the minute that a site may keep its feeds, the caps of the last fetch and the minute for its article pages. What a dead
/// node had claimed is free as soon as its own lease has run out ([`free_of`]).
const POLL_LEASE_SECONDS: f64 = 600.0;
/// How long feeds are left alone whose address has enough to do with us.
const ASIDE_SECONDS: f64 = 15.0;
/// Failures in a row after which a feed goes first among its domain's, as the one that was not read for longest: it may have come
/// too late for what the service lets through. Where it is refused for its own sake, it keeps the others waiting ever more rarely.
const FIRST_ALL_THE_SAME: [i64; 6] = [1, 4, 16, 64, 256, 1024];
/// Seconds between two polls of a feed, however often somebody says that it has news.
const RING_SECONDS: f64 = 30.0;

/// A feed claimed for polling.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// Feed.
    pub feed_id: i64,
    /// State of `feed::polling`, as it was written.
    pub state: Json<Box<RawValue>>,
    /// The last time that it answered with itself or "not modified".
    pub succeeded_at: Option<DateTime<Utc>>,
    /// Since when it waits for its turn among the feeds of its domain: since it was last read, or asked in vain often enough.
    pub turn: Option<DateTime<Utc>>,
    /// Its place among those that wait for as long: 0 before, 1 amid, 2 behind them.
    pub place: i32,
}

impl DueRow {
    /// What the last poll left. One that does not read is a newer version's, and counts as none.
    pub fn poll_state(&self) -> PollState {
        let state: PollState = serde_json::from_str(self.state.get()).unwrap_or_default();
        PollState { last_success_at: self.succeeded_at, ..state }
    }
}

/// What a poll leaves behind.
#[derive(Clone, Debug)]
pub struct Polled {
    /// Feed.
    pub feed_id: i64,
    /// When it was polled.
    pub at: DateTime<Utc>,
    /// When to poll next.
    pub next_poll_at: DateTime<Utc>,
    /// When it last answered with itself or "not modified".
    pub succeeded_at: Option<DateTime<Utc>>,
    /// State of `feed::polling`; none where nothing but its instants has changed, as with most answers.
    pub state: Option<PollState>,
    /// Memory of `feed::verdict`; none where it stays as it is.
    pub memory: Option<Memory>,
    /// What went wrong, as a sentence.
    pub last_error: Option<String>,
    /// Before this instant the server forbids another.
    pub not_before: Option<DateTime<Utc>>,
}

/// Claims feeds that are due, by registrable domain, the longest due domain first, and not more than `of_domain` of one, first
/// those that were not read for longest: where a service lets few through, nobody starves. One that it refuses again and again mostly
/// gets behind the others: it may never be let through. Of a domain that somebody is at, none; and a domain is not cut in two: a few
/// more than `limit` may be claimed.
pub async fn claim_due(
    conn: &mut Conn,
    now: DateTime<Utc>,
    node: i64,
    limit: i64,
    of_domain: i64,
) -> Result<Vec<DueRow>> {
    sqlx::query_as!(
        DueRow,
        r#"with busy as materialized (
               select distinct f.domain from feed_poll l join feed f on f.id = l.feed_id where l.lease_until > clock_timestamp()),
           free as materialized (
               select q.feed_id, q.next_poll_at, q.succeeded_at, q.polled_at, q.last_error, f.domain
               from feed_poll q join feed f on f.id = q.feed_id and f.removed_at is null and f.stopped is null
               where q.next_poll_at <= $1 and f.domain not in (select domain from busy)),
           turn as materialized (
               select domain, (sum(n) over (order by first_due, domain))::bigint - n as before
               from (select domain, min(next_poll_at) as first_due, least(count(*), $5) as n from free group by domain) as d),
           ranked as materialized (
               select k.feed_id, k.before, k.key, k.place,
                      row_number() over
                          (partition by k.before order by k.key nulls first, k.place, k.next_poll_at, k.feed_id) as nth
               from (select r.feed_id, r.next_poll_at, t.before, r.place,
                            case when r.place = 2 then r.polled_at else r.succeeded_at end as key
                     from (select f.*, case
                                      when f.last_error is null then 1
                                      when (select (m.state ->> 'failures')::bigint from feed_memory m where m.feed_id = f.feed_id)
                                          = any ($6) then 0
                                      else 2 end as place
                           from free f) r
                     join turn t on t.domain = r.domain where t.before < $3) k),
           due as materialized (
               select q.feed_id, r.key, r.place from feed_poll q join ranked r on r.feed_id = q.feed_id
               where r.nth <= $5 and (q.lease_until is null or q.lease_until <= clock_timestamp())
               order by r.before for update of q skip locked)
           update feed_poll p set node_id = $2, lease_until = clock_timestamp() + make_interval(secs => $4)
           from due left join feed_memory m on m.feed_id = due.feed_id where p.feed_id = due.feed_id
           returning p.feed_id, coalesce(m.state, '{}') as "state!: Json<Box<RawValue>>", p.succeeded_at, due.key as turn, due.place as "place!""#,
        now,
        node,
        limit,
        POLL_LEASE_SECONDS,
        of_domain,
        &FIRST_ALL_THE_SAME
    )
    .fetch_all(conn)
    .await
}

/// Gives up the claim on feeds that were not polled after all.
pub async fn give_back(conn: &mut Conn, node: i64, feeds: &[i64]) -> Result<()> {
    sqlx::query!(
        "update feed_poll set node_id = null, lease_until = null where feed_id = any($1) and node_id = $2",
        feeds,
        node
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Gives up the claim on feeds that nobody shall ask for some seconds. They keep their place in the order.
pub async fn set_aside(conn: &mut Conn, node: i64, feeds: &[i64]) -> Result<()> {
    sqlx::query!(
        "update feed_poll set node_id = null, lease_until = clock_timestamp() + make_interval(secs => $3)
         where feed_id = any($1) and node_id = $2",
        feeds,
        node,
        ASIDE_SECONDS
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Frees everything that these nodes had claimed.
pub async fn free_of(conn: &mut Conn, nodes: &[i64]) -> Result<u64> {
    let freed = sqlx::query!("update feed_poll set node_id = null, lease_until = null where node_id = any($1)", nodes)
        .execute(conn)
        .await?;
    Ok(freed.rows_affected())
}

/// The memories of `feed::verdict` of these feeds, as they were written.
pub async fn memories(conn: &mut Conn, feeds: &[i64]) -> Result<Vec<(i64, Json<Box<RawValue>>)>> {
    let rows = sqlx::query!(
        r#"select feed_id, memory as "memory!: Json<Box<RawValue>>" from feed_memory where feed_id = any($1) and memory is not null"#,
        feeds
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|row| (row.feed_id, row.memory)).collect())
}

/// Makes a feed due at once, or as soon as its server allows; gives the instant.
pub async fn poll_now(conn: &mut Conn, now: DateTime<Utc>, feed: i64) -> Result<DateTime<Utc>> {
    sqlx::query_scalar!(
        "update feed_poll set next_poll_at = least(next_poll_at, greatest($2, not_before)) where feed_id = $1 returning next_poll_at",
        feed,
        now
    )
    .fetch_one(conn)
    .await
}

/// Somebody who may says that there is news: the feed is polled as soon as [`RING_SECONDS`] and its server allow. One that is
/// being polled is polled again. Whether there is such a feed; one that is stopped stays so.
pub async fn ring(conn: &mut Conn, now: DateTime<Utc>, feed: i64) -> Result<bool> {
    let known = sqlx::query_scalar!(
        r#"select exists (select from feed where id = $1 and removed_at is null) as "known!""#,
        feed
    );
    if !known.fetch_one(&mut *conn).await? {
        return Ok(false);
    }
    // A feed that is due and waits for its poll needs no write: ringing without end writes next to nothing.
    sqlx::query!(
        "with may as (
             select feed_id, greatest($2, polled_at + make_interval(secs => $3), not_before) as at from feed_poll where feed_id = $1)
         update feed_poll p set rung_at = $2, next_poll_at = least(p.next_poll_at, may.at) from may
         where p.feed_id = may.feed_id and (p.next_poll_at > may.at or p.lease_until > clock_timestamp())",
        feed,
        now,
        RING_SECONDS
    )
    .execute(conn)
    .await?;
    Ok(true)
}

/// Writes what polls left and gives up this node's claims; gives the feeds of which it still had one. What another node has taken
/// over is that one's to write. Where there was news while a poll ran, the next is early.
pub async fn polled(conn: &mut Conn, node: i64, polls: &[&Polled]) -> Result<Vec<i64>> {
    // `coalesce`, as the statistics mostly say that no feed is claimed: for the one row it then expects, the planner would go
    // through all polls for each feed.
    let feeds: Vec<i64> = polls.iter().map(|p| p.feed_id).collect();
    let at: Vec<DateTime<Utc>> = polls.iter().map(|p| p.at).collect();
    let next: Vec<DateTime<Utc>> = polls.iter().map(|p| p.next_poll_at).collect();
    let succeeded: Vec<Option<DateTime<Utc>>> = polls.iter().map(|p| p.succeeded_at).collect();
    let states: Vec<Option<Json<&PollState>>> = polls.iter().map(|p| p.state.as_ref().map(Json)).collect();
    let memories: Vec<Option<Json<&Memory>>> = polls.iter().map(|p| p.memory.as_ref().map(Json)).collect();
    let errors: Vec<Option<String>> = polls.iter().map(|p| p.last_error.clone()).collect();
    let not_before: Vec<Option<DateTime<Utc>>> = polls.iter().map(|p| p.not_before).collect();
    sqlx::query_scalar!(
        r#"with poll as materialized (
               select * from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::jsonb[], $5::jsonb[], $6::text[],
                    $8::timestamptz[], $10::timestamptz[]) as t(feed_id, at, next, state, memory, error, not_before, succeeded)),
           held as (
               update feed_poll p set polled_at = t.at, succeeded_at = t.succeeded, last_error = t.error,
                    not_before = t.not_before, node_id = null, lease_until = null,
                    next_poll_at = case when p.rung_at > t.at
                        then least(t.next, greatest(p.rung_at, t.at + make_interval(secs => $9), t.not_before)) else t.next end
               from poll t where p.feed_id = t.feed_id and coalesce(p.node_id, 0) = $7 returning p.feed_id),
           kept as (
               insert into feed_memory as m (feed_id, state, memory)
               select t.feed_id, t.state, t.memory from poll t
               where (t.state is not null or t.memory is not null) and t.feed_id in (select feed_id from held)
               on conflict (feed_id) do update
                    set state = coalesce(excluded.state, m.state), memory = coalesce(excluded.memory, m.memory))
           select feed_id as "feed_id!" from held"#,
        &feeds,
        &at,
        &next,
        &states as &[Option<Json<&PollState>>],
        &memories as &[Option<Json<&Memory>>],
        &errors as &[Option<String>],
        node,
        &not_before as &[Option<DateTime<Utc>>],
        RING_SECONDS,
        &succeeded as &[Option<DateTime<Utc>>]
    )
    .fetch_all(conn)
    .await
}

/// Makes every feed of a domain wait: a limit that one of them met is the whole service's. With a doubt (a feed, and since when it
/// fails) it is so only where no other feed of the domain has answered since then. Whether they wait. Those at which another
/// transaction is at this moment are left out, so that no two wait for each other: they are just being polled themselves.
pub async fn domain_waits(
    conn: &mut Conn,
    domain: &str,
    until: DateTime<Utc>,
    doubt: Option<(i64, DateTime<Utc>)>,
) -> Result<bool> {
    let (feed, since) = doubt.unzip();
    let waiting = sqlx::query!(
        "update feed_poll p set next_poll_at = greatest(p.next_poll_at, $2), not_before = greatest(p.not_before, $2)
         from (select q.feed_id from feed_poll q join feed f on f.id = q.feed_id
               where f.domain = $1 and not exists (
                   select from feed_poll o join feed g on g.id = o.feed_id
                   where g.domain = $1 and o.feed_id <> $3 and o.succeeded_at > $4)
               for update of q skip locked) w
         where p.feed_id = w.feed_id",
        domain,
        until,
        feed,
        since
    )
    .execute(conn)
    .await?;
    Ok(waiting.rows_affected() > 0)
}
