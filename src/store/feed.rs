//! Feeds and their poll state, claimed for polling under a lease.
//! It does not fetch or parse; `fetch` and the noun `feed` do.

use chrono::{DateTime, Utc};

use super::{
    Conn, Result,
    article::{self, ArticleState},
    notice, websub,
};

/// Most feeds listed.
const MAX_FEEDS: i64 = 20_000;
/// How long a living node may work on a claimed feed before another takes it: over the five minutes that a feed may wait for its
/// turn, the minute that a site may keep its feeds, the caps of the last fetch and the minute for its article pages. What a dead
/// node had claimed is free as soon as its own lease has run out ([`free_of`]).
const POLL_LEASE_SECONDS: f64 = 600.0;
/// How long feeds are left alone whose address has enough to do with us.
const ASIDE_SECONDS: f64 = 15.0;
/// Seconds between two polls of a feed, however often somebody says that it has news.
const RING_SECONDS: f64 = 30.0;

/// One feed as stored.
#[derive(Clone, Debug)]
pub struct FeedRow {
    /// Id.
    pub id: i64,
    /// Address.
    pub url: String,
    /// Name shown to readers.
    pub title: String,
    /// The site's own address.
    pub home_url: Option<String>,
    /// Host name for `site:`.
    pub site: String,
    /// Registrable domain.
    pub domain: String,
    /// Declared language.
    pub language: Option<String>,
    /// The publisher's own feed.
    pub own: bool,
    /// What may be shown: key-points, summary, title.
    pub excerpt: String,
    /// Characters shown at most.
    pub max_chars: i32,
    /// What happens to pieces for subscribers only: hide, label, none.
    pub paid: String,
    /// Credit line.
    pub credit: Option<String>,
    /// How many of the first poll's newest entries are mailed.
    pub mail_newest: i32,
    /// Why it is not polled any more.
    pub stopped: Option<String>,
}

/// One feed to poll, with what the last poll left.
#[derive(Clone, Debug)]
pub struct PollRow {
    /// Feed.
    pub feed_id: i64,
    /// When it was last polled.
    pub polled_at: Option<DateTime<Utc>>,
    /// State of `feed::polling`.
    pub state: serde_json::Value,
    /// Memory of `feed::verdict`.
    pub memory: serde_json::Value,
}

/// A feed claimed for polling.
#[derive(Clone, Debug)]
pub struct DueRow {
    /// Feed.
    pub feed_id: i64,
    /// State of `feed::polling`.
    pub state: serde_json::Value,
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
    /// State of `feed::polling`.
    pub state: serde_json::Value,
    /// Memory of `feed::verdict`; none where it stays as it is.
    pub memory: Option<serde_json::Value>,
    /// What went wrong, as a sentence.
    pub last_error: Option<String>,
    /// Before this instant the server forbids another.
    pub not_before: Option<DateTime<Utc>>,
}

/// What a new feed is made of.
#[derive(Clone, Debug)]
pub struct NewFeed<'a> {
    /// Address.
    pub url: &'a str,
    /// Name shown to readers.
    pub title: &'a str,
    /// Host name for `site:`.
    pub site: &'a str,
    /// Registrable domain.
    pub domain: &'a str,
    /// Declared language.
    pub language: Option<&'a str>,
    /// The publisher's own feed.
    pub own: bool,
    /// How many of the first poll's newest entries are mailed.
    pub mail_newest: i32,
}

/// Adds a feed due at once; none when it is there already. A removed one is taken up as if it had never been read, so that
/// what it brought meanwhile is as old as what a new feed holds; its articles are still known.
pub async fn add(conn: &mut Conn, now: DateTime<Utc>, new: &NewFeed<'_>) -> Result<Option<i64>> {
    let id = sqlx::query_scalar!(
        "insert into feed (url, title, site, language, own, mail_newest, added_at, domain) values ($1, $2, $3, $4, $5, $6, $7, $8)
         on conflict (url) do update set title = excluded.title, site = excluded.site, domain = excluded.domain,
            language = excluded.language, own = excluded.own, mail_newest = excluded.mail_newest, added_at = excluded.added_at,
            removed_at = null, stopped = null
         where feed.removed_at is not null returning id",
        new.url,
        new.title,
        new.site,
        new.language,
        new.own,
        new.mail_newest,
        now,
        new.domain
    )
    .fetch_optional(&mut *conn)
    .await?;
    if let Some(id) = id {
        sqlx::query!(
            "insert into feed_poll (feed_id, next_poll_at) values ($1, $2)
             on conflict (feed_id) do update set next_poll_at = excluded.next_poll_at, polled_at = null, state = '{}',
                memory = '{}', last_error = null, node_id = null, lease_until = null, not_before = null, rung_at = null",
            id,
            now
        )
        .execute(conn)
        .await?;
    }
    Ok(id)
}

/// Feeds that are not removed, in the order of their ids.
pub async fn live(conn: &mut Conn) -> Result<Vec<FeedRow>> {
    sqlx::query_as!(
        FeedRow,
        "select id, url, title, home_url, site, domain, language, own, excerpt, max_chars, paid, credit, mail_newest, stopped
         from feed where removed_at is null order by id limit $1",
        MAX_FEEDS
    )
    .fetch_all(conn)
    .await
}

/// These feeds, removed ones too.
pub async fn by_ids(conn: &mut Conn, ids: &[i64]) -> Result<Vec<FeedRow>> {
    sqlx::query_as!(
        FeedRow,
        "select id, url, title, home_url, site, domain, language, own, excerpt, max_chars, paid, credit, mail_newest, stopped
         from feed where id = any($1) order by id",
        ids
    )
    .fetch_all(conn)
    .await
}

/// Poll state of one feed: state, next poll, last error.
pub async fn poll_state(conn: &mut Conn, feed: i64) -> Result<Option<(PollRow, DateTime<Utc>, Option<String>)>> {
    let row = sqlx::query!(
        "select feed_id, polled_at, state, memory, next_poll_at, last_error from feed_poll where feed_id = $1",
        feed
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| {
        let poll = PollRow { feed_id: r.feed_id, polled_at: r.polled_at, state: r.state, memory: r.memory };
        (poll, r.next_poll_at, r.last_error)
    }))
}

/// Removes a feed from polling; its articles stay, and what waits in quarantine is never mailed.
pub async fn remove(conn: &mut Conn, now: DateTime<Utc>, feed: i64) -> Result<bool> {
    let removed = sqlx::query!("update feed set removed_at = $2 where id = $1 and removed_at is null", feed, now)
        .execute(&mut *conn)
        .await?;
    article::end_quarantine(conn, feed, ArticleState::Adopted).await?;
    websub::leave(conn, now, feed).await?;
    notice::clear(conn, now, &notice::feed_quarantine(feed)).await?;
    notice::clear(conn, now, &notice::feed_stopped(feed)).await?;
    Ok(removed.rows_affected() == 1)
}

/// Stops a feed, with the reason shown to the operator.
pub async fn stop(conn: &mut Conn, now: DateTime<Utc>, feed: i64, why: &str) -> Result<()> {
    sqlx::query!("update feed set stopped = $2 where id = $1", feed, why).execute(&mut *conn).await?;
    websub::leave(conn, now, feed).await
}

/// Follows a moved feed to its new address unless another feed has it already.
pub async fn moved(conn: &mut Conn, feed: i64, url: &str, domain: &str) -> Result<bool> {
    let moved = sqlx::query!(
        "update feed set url = $2, domain = $3 where id = $1 and not exists (select from feed where url = $2)",
        feed,
        url,
        domain
    )
    .execute(conn)
    .await?;
    Ok(moved.rows_affected() == 1)
}

/// Fills in what only the feed itself can tell, where the operator said nothing.
pub async fn learn(
    conn: &mut Conn,
    feed: i64,
    title: Option<&str>,
    home_url: Option<&str>,
    language: Option<&str>,
) -> Result<()> {
    sqlx::query!(
        "update feed set title = case when title = '' then coalesce($2, site) else title end,
            home_url = coalesce(home_url, $3), language = coalesce(language, $4)
         where id = $1 and (title = '' or home_url is null or language is null)",
        feed,
        title,
        home_url,
        language
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Claims feeds that are due, the longest due first, and not more than `of_domain` of one registrable domain, first those that
/// were not read for longest: where a service lets few through, nobody starves. Of a domain that somebody is at, none.
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
           ranked as materialized (
               select q.feed_id, q.next_poll_at, row_number() over (partition by f.domain order by q.state ->> 'last_success_at' nulls first, q.next_poll_at, q.feed_id) as nth
               from feed_poll q join feed f on f.id = q.feed_id and f.removed_at is null and f.stopped is null
               where q.next_poll_at <= $1 and f.domain not in (select domain from busy)),
           due as materialized (
               select q.feed_id from feed_poll q join (select * from ranked where nth <= $5 order by next_poll_at limit $3) as r
                    on r.feed_id = q.feed_id
               where q.lease_until is null or q.lease_until <= clock_timestamp()
               order by r.next_poll_at for update of q skip locked)
           update feed_poll p set node_id = $2, lease_until = clock_timestamp() + make_interval(secs => $4)
           from due where p.feed_id = due.feed_id
           returning p.feed_id, p.state"#,
        now,
        node,
        limit,
        POLL_LEASE_SECONDS,
        of_domain
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

/// The memory of `feed::verdict` of a feed; none where there is no such feed.
pub async fn memory(conn: &mut Conn, feed: i64) -> Result<Option<serde_json::Value>> {
    sqlx::query_scalar!("select memory from feed_poll where feed_id = $1", feed).fetch_optional(conn).await
}

/// Makes a feed due at once.
pub async fn poll_now(conn: &mut Conn, now: DateTime<Utc>, feed: i64) -> Result<()> {
    sqlx::query!("update feed_poll set next_poll_at = least(next_poll_at, $2) where feed_id = $1", feed, now)
        .execute(conn)
        .await
        .map(drop)
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

/// Writes what polls left and gives up this node's claims; gives how many of them it still had. What another node has taken over
/// is that one's to write. Where there was news while a poll ran, the next is early.
pub async fn polled(conn: &mut Conn, node: i64, polls: &[Polled]) -> Result<u64> {
    // `coalesce`, as the statistics mostly say that no feed is claimed: for the one row it then expects, the planner would go
    // through all polls for each feed.
    let feeds: Vec<i64> = polls.iter().map(|p| p.feed_id).collect();
    let at: Vec<DateTime<Utc>> = polls.iter().map(|p| p.at).collect();
    let next: Vec<DateTime<Utc>> = polls.iter().map(|p| p.next_poll_at).collect();
    let states: Vec<serde_json::Value> = polls.iter().map(|p| p.state.clone()).collect();
    let memories: Vec<Option<serde_json::Value>> = polls.iter().map(|p| p.memory.clone()).collect();
    let errors: Vec<Option<String>> = polls.iter().map(|p| p.last_error.clone()).collect();
    let not_before: Vec<Option<DateTime<Utc>>> = polls.iter().map(|p| p.not_before).collect();
    let written = sqlx::query!(
        "update feed_poll p set polled_at = t.at, state = t.state, memory = coalesce(t.memory, p.memory), last_error = t.error,
            not_before = t.not_before, node_id = null, lease_until = null,
            next_poll_at = case when p.rung_at > t.at
                then least(t.next, greatest(p.rung_at, t.at + make_interval(secs => $9), t.not_before)) else t.next end
         from unnest($1::bigint[], $2::timestamptz[], $3::timestamptz[], $4::jsonb[], $5::jsonb[], $6::text[], $8::timestamptz[])
              as t(feed_id, at, next, state, memory, error, not_before)
         where p.feed_id = t.feed_id and coalesce(p.node_id, 0) = $7",
        &feeds,
        &at,
        &next,
        &states,
        &memories as &[Option<serde_json::Value>],
        &errors as &[Option<String>],
        node,
        &not_before as &[Option<DateTime<Utc>>],
        RING_SECONDS
    )
    .execute(conn)
    .await?;
    Ok(written.rows_affected())
}

/// Makes every feed of a domain wait: a limit that one of them met is the whole service's.
pub async fn domain_waits(conn: &mut Conn, domain: &str, until: DateTime<Utc>) -> Result<()> {
    sqlx::query!(
        "update feed_poll p set next_poll_at = greatest(p.next_poll_at, $2), not_before = greatest(p.not_before, $2) from feed f where f.id = p.feed_id and f.domain = $1",
        domain,
        until
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Keeps the memory of `feed::verdict` after a release or drop of a quarantine.
pub async fn remember(conn: &mut Conn, feed: i64, memory: serde_json::Value) -> Result<()> {
    sqlx::query!("update feed_poll set memory = $2 where feed_id = $1", feed, memory).execute(conn).await.map(drop)
}

/// How a feed's polls go.
#[derive(Clone, Debug)]
pub struct StandingRow {
    /// Feed.
    pub feed_id: i64,
    /// When it was last polled.
    pub polled_at: Option<DateTime<Utc>>,
    /// When it is polled next.
    pub next_poll_at: DateTime<Utc>,
    /// What went wrong last.
    pub last_error: Option<String>,
}

/// How the polls of the feeds that are not removed go, in the order of their ids.
pub async fn standing(conn: &mut Conn) -> Result<Vec<StandingRow>> {
    sqlx::query_as!(
        StandingRow,
        "select p.feed_id, p.polled_at, p.next_poll_at, p.last_error from feed_poll p join feed f on f.id = p.feed_id
         where f.removed_at is null order by p.feed_id limit $1",
        MAX_FEEDS
    )
    .fetch_all(conn)
    .await
}

/// Takes a stopped feed up again.
pub async fn resume(conn: &mut Conn, now: DateTime<Utc>, feed: i64) -> Result<()> {
    sqlx::query!("update feed set stopped = null where id = $1", feed).execute(&mut *conn).await?;
    notice::clear(conn, now, &notice::feed_stopped(feed)).await
}

/// What an operator sets of a feed; what is none stays as it is.
#[derive(Clone, Debug, Default)]
pub struct FeedRules<'a> {
    /// Name shown to readers.
    pub title: Option<&'a str>,
    /// Language; empty for what the text tells.
    pub language: Option<&'a str>,
    /// The publisher's own feed.
    pub own: Option<bool>,
    /// What may be shown.
    pub excerpt: Option<&'a str>,
    /// Characters shown at most.
    pub max_chars: Option<i32>,
    /// What happens to pieces for subscribers only.
    pub paid: Option<&'a str>,
    /// Credit line; empty for none.
    pub credit: Option<&'a str>,
}

/// Sets what is given, for all mails that are not yet composed.
pub async fn set(conn: &mut Conn, feed: i64, rules: &FeedRules<'_>) -> Result<()> {
    sqlx::query!(
        "update feed set title = coalesce($2, title), language = nullif(coalesce($3, language), ''), own = coalesce($4, own),
            excerpt = coalesce($5, excerpt), max_chars = coalesce($6, max_chars), paid = coalesce($7, paid),
            credit = nullif(coalesce($8, credit), '')
         where id = $1",
        feed,
        rules.title,
        rules.language,
        rules.own,
        rules.excerpt,
        rules.max_chars,
        rules.paid,
        rules.credit
    )
    .execute(conn)
    .await
    .map(drop)
}
