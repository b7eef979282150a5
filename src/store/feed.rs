//! Feeds, what operators set of them, and how their polls stand.
//! It does not fetch or parse; `fetch` and the noun `feed` do.

mod polls;

use chrono::{DateTime, Utc};

use super::{
    Conn, Result,
    article::{self, ArticleState},
    notice, websub,
};
use crate::{feed::FeedUrl, topic::FeedFacts};

pub use polls::{
    DueRow, Polled, claim_due, domain_waits, free_of, give_back, memories, poll_now, polled, ring, set_aside,
};

/// Most feeds listed.
const MAX_FEEDS: i64 = 20_000;

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

impl FeedRow {
    /// What it adds to its articles for filters: the same whenever one of them is analysed.
    pub fn facts(&self) -> FeedFacts<'_> {
        FeedFacts { slug: "", title: &self.title, site: &self.site }
    }
}

/// One feed to poll, with what the last poll left.
#[derive(Clone, Debug)]
pub struct PollRow {
    /// Feed.
    pub feed_id: i64,
    /// When it was last polled.
    pub polled_at: Option<DateTime<Utc>>,
    /// Memory of `feed::verdict`.
    pub memory: serde_json::Value,
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

/// Adds a feed due as soon as a limit of its domain allows; none when it is there already. A removed one is taken up as if it had
/// never been read, so that what it brought meanwhile is as old as what a new feed holds; its articles are still known.
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
        // Where every other feed of its domain waits, so does this one.
        sqlx::query!(
            "with other as not materialized (select o.not_before from feed_poll o join feed g on g.id = o.feed_id
                            where g.domain = $3 and g.removed_at is null and o.feed_id <> $1),
             site as (select case when not exists (select from other where not_before is null or not_before <= $2)
                             then (select min(not_before) from other) end as until)
             insert into feed_poll (feed_id, next_poll_at, not_before) select $1, coalesce(until, $2), until from site
             on conflict (feed_id) do update set next_poll_at = excluded.next_poll_at, polled_at = null, succeeded_at = null,
                last_error = null, node_id = null, lease_until = null, not_before = excluded.not_before, rung_at = null",
            id,
            now,
            new.domain
        )
        .execute(&mut *conn)
        .await?;
        sqlx::query!("delete from feed_memory where feed_id = $1", id).execute(conn).await?;
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
        r#"select p.feed_id, p.polled_at, coalesce(m.memory, '{}') as "memory!", p.next_poll_at, p.last_error
           from feed_poll p left join feed_memory m on m.feed_id = p.feed_id where p.feed_id = $1"#,
        feed
    )
    .fetch_optional(conn)
    .await?;
    Ok(row.map(|r| {
        let poll = PollRow { feed_id: r.feed_id, polled_at: r.polled_at, memory: r.memory };
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
    for about in [notice::feed_quarantine(feed), notice::feed_stopped(feed), notice::feed_doubled(feed)] {
        notice::clear(conn, now, &about).await?;
    }
    Ok(removed.rows_affected() == 1)
}

/// Stops a feed, with the reason shown to the operator.
pub async fn stop(conn: &mut Conn, now: DateTime<Utc>, feed: i64, why: &str) -> Result<()> {
    sqlx::query!("update feed set stopped = $2 where id = $1", feed, why).execute(&mut *conn).await?;
    websub::leave(conn, now, feed).await
}

/// What came of a move.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// The feed has its new address.
    Adopted,
    /// This feed is there already.
    Taken(i64),
}

/// Follows a moved feed to its new address, and its host and limits with it, unless another feed is there. One that was removed is
/// in nobody's way: it gives its address up, and its articles stay.
pub async fn moved(conn: &mut Conn, feed: i64, to: &FeedUrl) -> Result<Moved> {
    let holder = sqlx::query_scalar!("select id from feed where url = $1 and id <> $2", to.as_str(), feed);
    if let Some(holder) = holder.fetch_optional(&mut *conn).await? {
        // No address of a feed has a fragment. A living feed's row is not locked: two that move to each other's would wait for
        // each other.
        let freed = sqlx::query!(
            "update feed set url = url || '#' || id where id = $1 and url = $2 and removed_at is not null",
            holder,
            to.as_str()
        );
        if freed.execute(&mut *conn).await?.rows_affected() == 0 {
            return Ok(Moved::Taken(holder));
        }
    }
    let (site, domain) = (to.site(), to.domain());
    sqlx::query!("update feed set url = $2, site = $3, domain = $4 where id = $1", feed, to.as_str(), site, domain)
        .execute(conn)
        .await?;
    Ok(Moved::Adopted)
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

/// Keeps the memory of `feed::verdict` after a release or drop of a quarantine.
pub async fn remember(conn: &mut Conn, feed: i64, memory: serde_json::Value) -> Result<()> {
    sqlx::query!("update feed_memory set memory = $2 where feed_id = $1", feed, memory).execute(conn).await.map(drop)
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
