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

/// Parts that stored articles are dealt into, by a hash of their numbers; the part stands among an article's keys, so that the
/// index gives a fair sample of what holds a word without reading all of it.
const PARTS: i32 = 1_024;
/// Parts looked into at first; doubled until they hold enough.
const FIRST_PARTS: i32 = 8;

/// The articles first seen since `since` that hold any of the keys, newest first; of more than `limit`, about as many, drawn by
/// a hash of their numbers, with an estimate of how many there are.
pub async fn candidates(conn: &mut Conn, since: DateTime<Utc>, keys: &[i32], limit: usize) -> Result<Vec<Candidate>> {
    let wanted = i64::try_from(limit).unwrap_or(i64::MAX);
    let (mut parts, mut held) = (0, 0);
    while parts < PARTS && held <= wanted {
        let next = (parts * 2).max(FIRST_PARTS);
        held += holding(conn, since, keys, parts..next).await?;
        parts = next;
    }
    let all = held * i64::from(PARTS) / i64::from(parts);
    // What is beyond the sample was counted and is not read.
    let drawn = if held > wanted { i64::from(parts) * wanted / held } else { i64::from(parts) };
    let drawn = i32::try_from(drawn).unwrap_or(PARTS).max(1);
    sqlx::query_as!(
        Candidate,
        r#"select r.article_id, $4::bigint as "candidates!", r.analysed
           from revision r join article a on a.id = r.article_id and a.last_rev = r.rev
           where r.seen_at >= $1 and a.first_seen_at >= $1 and a.state in (0, 1) and r.keys && $2::integer[] and r.keys && $3::integer[]
           order by r.seen_at desc, r.article_id desc limit $5"#,
        since,
        keys,
        &(0..drawn).collect::<Vec<i32>>(),
        all,
        2 * wanted
    )
    .fetch_all(conn)
    .await
}

/// How many such articles there are in these parts.
async fn holding(conn: &mut Conn, since: DateTime<Utc>, keys: &[i32], parts: std::ops::Range<i32>) -> Result<i64> {
    sqlx::query_scalar!(
        r#"select count(*) as "count!" from revision r join article a on a.id = r.article_id and a.last_rev = r.rev
           where r.seen_at >= $1 and a.first_seen_at >= $1 and a.state in (0, 1) and r.keys && $2::integer[] and r.keys && $3::integer[]"#,
        since,
        keys,
        &parts.collect::<Vec<i32>>()
    )
    .fetch_one(conn)
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

/// What may be mailed of the articles first seen since `since`: how many, and when the first of them was.
pub async fn arrived(conn: &mut Conn, since: DateTime<Utc>) -> Result<(i64, Option<DateTime<Utc>>)> {
    let row = sqlx::query!(
        r#"select count(*) as "count!", min(first_seen_at) as first from article where first_seen_at >= $1 and state = 0"#,
        since
    )
    .fetch_one(conn)
    .await?;
    Ok((row.count, row.first))
}

/// Analysed forms of some of them, drawn by a hash of their numbers.
pub async fn drawn_analysed(conn: &mut Conn, since: DateTime<Utc>, limit: i64) -> Result<Vec<Vec<u8>>> {
    sqlx::query_scalar!(
        "select r.analysed from (select id, last_rev from article where first_seen_at >= $1 and state = 0
                                 order by hashint8(id), id limit $2) as a
         join revision r on r.article_id = a.id and r.rev = a.last_rev",
        since,
        limit
    )
    .fetch_all(conn)
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
