//! Articles and their immutable revisions.
//! It does not tell entries apart; `feed::identity` does.

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Conn, Result};
use crate::article::ArticleText;

/// Known articles of one feed looked at to tell entries apart; more than any feed's page of entries.
const MAX_KNOWN: i64 = 20_000;

/// What an article may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArticleState {
    /// Matched and mailed.
    Live,
    /// Known from the first poll or after rotated guids: never mailed.
    Adopted,
    /// Too many at once: waits for the operator.
    Quarantined,
    /// Taken back by the operator or the publisher.
    Withdrawn,
}

impl ArticleState {
    /// Its code in the database.
    pub const fn code(self) -> i16 {
        match self {
            Self::Live => 0,
            Self::Adopted => 1,
            Self::Quarantined => 2,
            Self::Withdrawn => 3,
        }
    }
}

/// The keys by which an entry is known again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KnownRow {
    /// Article.
    pub id: i64,
    /// Key of its guid, or of what stands in for it.
    pub guid_key: i64,
    /// Key of its address.
    pub url_key: Option<i64>,
    /// Key of its text.
    pub content_key: i64,
    /// Key of its title.
    pub title_key: i64,
    /// Last revision.
    pub last_rev: i16,
    /// When it was first seen.
    pub first_seen_at: DateTime<Utc>,
}

/// A new article with its first revision.
#[derive(Clone, Debug)]
pub struct NewArticle {
    /// Keys, see [`KnownRow`].
    pub guid_key: i64,
    /// Key of its address.
    pub url_key: Option<i64>,
    /// Key of its text.
    pub content_key: i64,
    /// Key of its title.
    pub title_key: i64,
    /// State.
    pub state: ArticleState,
    /// Text and analysed form.
    pub revision: NewRevision,
}

/// The text of a revision with what is derived from it.
#[derive(Clone, Debug)]
pub struct NewRevision {
    /// Text.
    pub body: ArticleText,
    /// Version of the analyser.
    pub analyser: i16,
    /// Analysed form.
    pub analysed: Vec<u8>,
    /// Signature for near-duplicates.
    pub signature: Vec<u8>,
    /// Upper bound of its HTML in a mail, bytes.
    pub html_bytes: i32,
}

/// One revision as loaded for rendering.
#[derive(Clone, Debug)]
pub struct RevisionRow {
    /// Article.
    pub article_id: i64,
    /// Revision.
    pub rev: i16,
    /// Feed.
    pub feed_id: i64,
    /// First seen by us.
    pub seen_at: DateTime<Utc>,
    /// Text.
    pub body: Json<ArticleText>,
    /// Analysed form.
    pub analysed: Vec<u8>,
    /// State of the article.
    pub state: i16,
}

/// The keys of a feed's articles, newest first.
pub async fn known(conn: &mut Conn, feed: i64) -> Result<Vec<KnownRow>> {
    sqlx::query_as!(
        KnownRow,
        "select id, guid_key, url_key, content_key, title_key, last_rev, first_seen_at from article
         where feed_id = $1 order by first_seen_at desc, id desc limit $2",
        feed,
        MAX_KNOWN
    )
    .fetch_all(conn)
    .await
}

/// Adds articles with their first revisions; the live ones wait for match. Gives the ids of those that were new.
pub async fn add(conn: &mut Conn, now: DateTime<Utc>, feed: i64, new: &[NewArticle]) -> Result<Vec<i64>> {
    let guid_keys: Vec<i64> = new.iter().map(|a| a.guid_key).collect();
    let url_keys: Vec<Option<i64>> = new.iter().map(|a| a.url_key).collect();
    let content_keys: Vec<i64> = new.iter().map(|a| a.content_key).collect();
    let title_keys: Vec<i64> = new.iter().map(|a| a.title_key).collect();
    let states: Vec<i16> = new.iter().map(|a| a.state.code()).collect();
    let rows = sqlx::query!(
        "insert into article (feed_id, guid_key, url_key, content_key, title_key, state, first_seen_at)
         select $1, t.*, $7 from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::smallint[]) as t
         on conflict (feed_id, guid_key) do nothing returning id, guid_key",
        feed,
        &guid_keys,
        &url_keys as &[Option<i64>],
        &content_keys,
        &title_keys,
        &states,
        now
    )
    .fetch_all(&mut *conn)
    .await?;
    let mut entered = Vec::with_capacity(rows.len());
    for row in &rows {
        if let Some(article) = new.iter().find(|a| a.guid_key == row.guid_key) {
            entered.push((row.id, 1_i16, &article.revision, article.state == ArticleState::Live));
        }
    }
    add_revisions(conn, now, &entered).await?;
    Ok(rows.into_iter().map(|row| row.id).collect())
}

/// Adds a next revision of a known article and queues it for match.
pub async fn revise(
    conn: &mut Conn,
    now: DateTime<Utc>,
    article: i64,
    content_key: i64,
    title_key: i64,
    revision: &NewRevision,
) -> Result<bool> {
    let updated = sqlx::query!(
        "update article set last_rev = last_rev + 1, content_key = $2, title_key = $3
         where id = $1 and content_key <> $2 and last_rev < 1000 returning last_rev, state",
        article,
        content_key,
        title_key
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = updated else { return Ok(false) };
    add_revisions(conn, now, &[(article, row.last_rev, revision, row.state == ArticleState::Live.code())]).await?;
    Ok(true)
}

async fn add_revisions(conn: &mut Conn, now: DateTime<Utc>, new: &[(i64, i16, &NewRevision, bool)]) -> Result<()> {
    let articles: Vec<i64> = new.iter().map(|n| n.0).collect();
    let revs: Vec<i16> = new.iter().map(|n| n.1).collect();
    let bodies: Vec<serde_json::Value> =
        new.iter().map(|n| serde_json::to_value(&n.2.body).expect("plain data serialises")).collect();
    let analysers: Vec<i16> = new.iter().map(|n| n.2.analyser).collect();
    let analysed: Vec<Vec<u8>> = new.iter().map(|n| n.2.analysed.clone()).collect();
    let signatures: Vec<Vec<u8>> = new.iter().map(|n| n.2.signature.clone()).collect();
    let html_bytes: Vec<i32> = new.iter().map(|n| n.2.html_bytes).collect();
    sqlx::query!(
        "insert into revision (article_id, rev, seen_at, body, analyser, analysed, signature, html_bytes)
         select a, r, $8, b, v, z, s, h
         from unnest($1::bigint[], $2::smallint[], $3::jsonb[], $4::smallint[], $5::bytea[], $6::bytea[], $7::int[])
              as t(a, r, b, v, z, s, h)",
        &articles,
        &revs,
        &bodies,
        &analysers,
        &analysed,
        &signatures,
        &html_bytes,
        now
    )
    .execute(&mut *conn)
    .await?;
    let waiting: Vec<i64> = new.iter().filter(|n| n.3).map(|n| n.0).collect();
    let waiting_revs: Vec<i16> = new.iter().filter(|n| n.3).map(|n| n.1).collect();
    sqlx::query!(
        "insert into todo (article_id, rev, seen_at) select a, r, $3 from unnest($1::bigint[], $2::smallint[]) as t(a, r)
         on conflict do nothing",
        &waiting,
        &waiting_revs,
        now
    )
    .execute(conn)
    .await
    .map(drop)
}

/// Loads revisions; those that are gone are left out.
pub async fn revisions(conn: &mut Conn, wanted: &[(i64, i16)]) -> Result<Vec<RevisionRow>> {
    let articles: Vec<i64> = wanted.iter().map(|w| w.0).collect();
    let revs: Vec<i16> = wanted.iter().map(|w| w.1).collect();
    sqlx::query_as!(
        RevisionRow,
        r#"select r.article_id, r.rev, a.feed_id, r.seen_at, r.body as "body: Json<ArticleText>", r.analysed, a.state
           from unnest($1::bigint[], $2::smallint[]) as w(article_id, rev)
                join revision r on r.article_id = w.article_id and r.rev = w.rev join article a on a.id = r.article_id"#,
        &articles,
        &revs
    )
    .fetch_all(conn)
    .await
}

/// Moves articles from one state to another; live ones are queued for match. Gives how many moved.
pub async fn set_state(conn: &mut Conn, articles: &[i64], from: ArticleState, to: ArticleState) -> Result<u64> {
    let moved = sqlx::query_scalar!(
        "update article set state = $3 where id = any($1) and state = $2 returning id",
        articles,
        from.code(),
        to.code()
    )
    .fetch_all(&mut *conn)
    .await?;
    if to == ArticleState::Live {
        sqlx::query!(
            "insert into todo (article_id, rev, seen_at)
             select r.article_id, r.rev, r.seen_at from article a join revision r on r.article_id = a.id and r.rev = a.last_rev
             where a.id = any($1) on conflict do nothing",
            &moved
        )
        .execute(conn)
        .await?;
    }
    Ok(u64::try_from(moved.len()).unwrap_or(u64::MAX))
}

/// The quarantined articles of a feed.
pub async fn quarantined(conn: &mut Conn, feed: i64) -> Result<Vec<i64>> {
    sqlx::query_scalar!("select id from article where feed_id = $1 and state = 2 order by id limit $2", feed, MAX_KNOWN)
        .fetch_all(conn)
        .await
}
