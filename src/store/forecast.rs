//! Stored articles by the keys of their words: the candidates of a filter, and a sample for measuring how rare words are.
//! It does not evaluate filters; `topic::forecast` does.

use chrono::{DateTime, Utc};

use super::{Conn, Result};

/// A stored article that may match, as of its last revision.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// Article.
    pub article_id: i64,
    /// How many candidates there are, those left out included.
    pub candidates: i64,
    /// Analysed form.
    pub analysed: Vec<u8>,
}

/// A stored article as people are shown it.
#[derive(Clone, Debug)]
pub struct ShownRow {
    /// Article.
    pub article_id: i64,
    /// First seen by us.
    pub first_seen_at: DateTime<Utc>,
    /// Title.
    pub title: String,
    /// Address.
    pub url: String,
    /// Name of the feed.
    pub source: String,
}

/// The articles first seen since `since` that hold any of the keys, newest first; of more than `limit`, as many drawn
/// by a hash of their numbers.
pub async fn candidates(conn: &mut Conn, since: DateTime<Utc>, keys: &[i32], limit: usize) -> Result<Vec<Candidate>> {
    sqlx::query_as!(
        Candidate,
        r#"with drawn as materialized (
             select r.article_id, r.rev, r.seen_at, count(*) over () as candidates
             from revision r join article a on a.id = r.article_id and a.last_rev = r.rev
             where r.seen_at >= $1 and a.first_seen_at >= $1 and a.state in (0, 1) and r.keys && $2::integer[]
             order by hashint8(r.article_id), r.article_id limit $3)
           select r.article_id, d.candidates as "candidates!", r.analysed
           from drawn d join revision r on r.article_id = d.article_id and r.rev = d.rev and r.seen_at = d.seen_at
           order by r.seen_at desc, r.article_id desc"#,
        since,
        keys,
        i64::try_from(limit).unwrap_or(i64::MAX)
    )
    .fetch_all(conn)
    .await
}

/// Number of articles first seen since `since`.
pub async fn stored(conn: &mut Conn, since: DateTime<Utc>) -> Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from article where first_seen_at >= $1 and state in (0, 1)"#,
        since
    )
    .fetch_one(conn)
    .await
}

/// Analysed forms of the last articles.
pub async fn last_analysed(conn: &mut Conn, limit: i64) -> Result<Vec<Vec<u8>>> {
    sqlx::query_scalar!(
        "select r.analysed from (select id, last_rev from article order by id desc limit $1) as a
         join revision r on r.article_id = a.id and r.rev = a.last_rev",
        limit
    )
    .fetch_all(conn)
    .await
}

/// These articles as people are shown them, in the given order.
pub async fn shown(conn: &mut Conn, articles: &[i64]) -> Result<Vec<ShownRow>> {
    sqlx::query_as!(
        ShownRow,
        r#"select a.id as article_id, a.first_seen_at, coalesce(r.body ->> 'title', '') as "title!",
                  coalesce(r.body ->> 'url', '') as "url!", f.title as source
           from unnest($1::bigint[]) with ordinality as w(id, n) join article a on a.id = w.id
                join revision r on r.article_id = a.id and r.rev = a.last_rev join feed f on f.id = a.feed_id
           order by w.n"#,
        articles
    )
    .fetch_all(conn)
    .await
}
