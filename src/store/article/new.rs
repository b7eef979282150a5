//! Writes new articles and revisions, of many feeds in one statement for each table.
//! What is new, `feed::verdict` decides.

use chrono::{DateTime, Utc};
use rustc_hash::FxHashMap;
use sqlx::types::Json;

use super::{
    super::{Conn, Result},
    ArticleState, NewArticle, NewRevision,
};
use crate::article::ArticleText;

/// Adds articles, each with its feed and when it was seen, and their first revisions; the live ones wait for match. Gives the feed
/// of each that was new.
pub async fn add(conn: &mut Conn, new: &[(i64, DateTime<Utc>, &NewArticle)]) -> Result<Vec<i64>> {
    if new.is_empty() {
        return Ok(Vec::new());
    }
    let feeds: Vec<i64> = new.iter().map(|(feed, ..)| *feed).collect();
    let seen: Vec<DateTime<Utc>> = new.iter().map(|(_, at, _)| *at).collect();
    let guids: Vec<&str> = new.iter().map(|(.., a)| a.keys.guid.as_str()).collect();
    let urls: Vec<Option<&str>> = new.iter().map(|(.., a)| a.keys.url.as_deref()).collect();
    let contents: Vec<Option<&str>> = new.iter().map(|(.., a)| a.keys.content.as_deref()).collect();
    let titles: Vec<Option<&str>> = new.iter().map(|(.., a)| a.keys.title.as_deref()).collect();
    let revisions: Vec<&str> = new.iter().map(|(.., a)| a.keys.revision.as_str()).collect();
    let states: Vec<i16> = new.iter().map(|(.., a)| a.state.code()).collect();
    let rows = sqlx::query!(
        "insert into article (feed_id, first_seen_at, guid_key, url_key, content_key, title_key, revision_key, state)
         select * from unnest($1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
            $8::smallint[])
         on conflict (feed_id, guid_key) do nothing returning id, feed_id, guid_key",
        &feeds,
        &seen,
        &guids as &[&str],
        &urls as &[Option<&str>],
        &contents as &[Option<&str>],
        &titles as &[Option<&str>],
        &revisions as &[&str],
        &states
    )
    .fetch_all(&mut *conn)
    .await?;
    let given: FxHashMap<(i64, &str), (DateTime<Utc>, &NewArticle)> =
        new.iter().map(|(feed, at, a)| ((*feed, a.keys.guid.as_str()), (*at, *a))).collect();
    let mut entered = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some((seen_at, article)) = given.get(&(row.feed_id, row.guid_key.as_str())) {
            let waits = article.state == ArticleState::Live;
            entered.push(Entered { article: row.id, rev: 1, seen_at: *seen_at, revision: &article.revision, waits });
        }
    }
    add_revisions(conn, &entered).await?;
    Ok(rows.into_iter().map(|row| row.feed_id).collect())
}

/// A revision of a stored article.
pub(super) struct Entered<'a> {
    pub(super) article: i64,
    pub(super) rev: i16,
    pub(super) seen_at: DateTime<Utc>,
    pub(super) revision: &'a NewRevision,
    /// Match is to look at it.
    pub(super) waits: bool,
}

pub(super) async fn add_revisions(conn: &mut Conn, new: &[Entered<'_>]) -> Result<()> {
    let articles: Vec<i64> = new.iter().map(|n| n.article).collect();
    let revs: Vec<i16> = new.iter().map(|n| n.rev).collect();
    let seen: Vec<DateTime<Utc>> = new.iter().map(|n| n.seen_at).collect();
    let bodies: Vec<Json<&ArticleText>> = new.iter().map(|n| Json(&n.revision.body)).collect();
    let analysers: Vec<i16> = new.iter().map(|n| n.revision.analyser).collect();
    let analysed: Vec<&[u8]> = new.iter().map(|n| n.revision.analysed.as_slice()).collect();
    let signatures: Vec<&[u8]> = new.iter().map(|n| n.revision.signature.as_slice()).collect();
    let html_bytes: Vec<i32> = new.iter().map(|n| n.revision.html_bytes).collect();
    let keys: Vec<String> = new.iter().map(|n| array(&n.revision.keys)).collect();
    sqlx::query!(
        "insert into revision (article_id, rev, seen_at, body, analyser, analysed, signature, html_bytes, keys)
         select a, r, at, b, v, z, s, h, k::integer[] || (hashint8(a) & 1023)
         from unnest($1::bigint[], $2::smallint[], $3::jsonb[], $4::smallint[], $5::bytea[], $6::bytea[], $7::int[],
            $8::timestamptz[], $9::text[]) as t(a, r, b, v, z, s, h, at, k)",
        &articles,
        &revs,
        &bodies as &[Json<&ArticleText>],
        &analysers,
        &analysed as &[&[u8]],
        &signatures as &[&[u8]],
        &html_bytes,
        &seen,
        &keys
    )
    .execute(&mut *conn)
    .await?;
    let waiting: Vec<&Entered<'_>> = new.iter().filter(|n| n.waits).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let articles: Vec<i64> = waiting.iter().map(|n| n.article).collect();
    let revs: Vec<i16> = waiting.iter().map(|n| n.rev).collect();
    let seen: Vec<DateTime<Utc>> = waiting.iter().map(|n| n.seen_at).collect();
    sqlx::query!(
        "insert into todo (article_id, rev, seen_at) select * from unnest($1::bigint[], $2::smallint[], $3::timestamptz[])
         on conflict do nothing",
        &articles,
        &revs,
        &seen
    )
    .execute(conn)
    .await
    .map(drop)
}

/// The text of an array: arrays of arrays must be of one length.
pub(super) fn array(keys: &[i32]) -> String {
    let mut text = String::with_capacity(keys.len() * 12 + 2);
    text.push('{');
    for key in keys {
        if text.len() > 1 {
            text.push(',');
        }
        text.push_str(&key.to_string());
    }
    text.push('}');
    text
}
