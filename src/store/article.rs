//! Articles and their immutable revisions.
//! It does not tell entries apart; `feed::identity` does.

mod known;
mod new;
mod older;
mod state;

use chrono::{DateTime, Utc};
use sqlx::types::Json;

use super::{Conn, Result};
use crate::{article::ArticleText, feed::identity::Keys};

pub use known::{KnownRow, known};
pub use new::add;
use new::{Entered, add_revisions};
pub use older::{of_older_analyser, reanalysed};
pub use state::{
    ArticleState, StandingRow, end_quarantine, left_and_waiting, quarantined, restore, standing, withdraw, withdrawn,
};

/// A new article with its first revision.
#[derive(Clone, Debug)]
pub struct NewArticle {
    /// Keys.
    pub keys: Keys,
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
    /// The keys that forecasts find it by.
    pub keys: Vec<i32>,
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
}

/// Where an article stands on the web.
#[derive(Clone, Debug)]
pub struct AddressRow {
    /// Article.
    pub article_id: i64,
    /// Feed.
    pub feed_id: i64,
    /// Address of its last revision.
    pub url: String,
    /// Whether its last revision is for the publisher's subscribers only.
    pub paid: bool,
}

/// Adds a next revision of a known article under these keys and queues it for match; false when nothing differs.
pub async fn revise(
    conn: &mut Conn,
    now: DateTime<Utc>,
    article: i64,
    keys: &Keys,
    revision: &NewRevision,
) -> Result<bool> {
    let updated = sqlx::query!(
        "update article set last_rev = last_rev + 1, content_key = $2, title_key = $3, revision_key = $4
         where id = $1 and revision_key <> $4 and last_rev < 1000 returning last_rev, state",
        article,
        keys.content,
        keys.title,
        keys.revision
    )
    .fetch_optional(&mut *conn)
    .await?;
    let Some(row) = updated else { return Ok(false) };
    let waits = row.state == ArticleState::Live.code();
    add_revisions(conn, &[Entered { article, rev: row.last_rev, seen_at: now, revision, waits }]).await?;
    Ok(true)
}

/// What the last revision of an article is, whatever of it was told.
pub async fn last_text(conn: &mut Conn, article: i64) -> Result<Option<ArticleText>> {
    let body = sqlx::query_scalar!(
        r#"select r.body as "body: Json<ArticleText>" from article a
             join revision r on r.article_id = a.id and r.rev = a.last_rev where a.id = $1"#,
        article
    )
    .fetch_optional(conn)
    .await?;
    Ok(body.map(|body| body.0))
}

/// The text that readers may have been told last: of the first revision, or of the last that told something new.
pub async fn told_text(conn: &mut Conn, article: i64) -> Result<Option<ArticleText>> {
    let body = sqlx::query_scalar!(
        r#"select body as "body: Json<ArticleText>" from revision where article_id = $1 and (rev = 1 or body ? 'update')
           order by rev desc limit 1"#,
        article
    )
    .fetch_optional(conn)
    .await?;
    Ok(body.map(|body| body.0))
}

/// Writes other keys over a known article's, unless another article of the feed has them.
pub async fn adopt(conn: &mut Conn, article: i64, keys: &Keys) -> Result<()> {
    sqlx::query!(
        "update article a set guid_key = $2, url_key = coalesce($3, url_key) where id = $1
           and not exists (select from article o where o.feed_id = a.feed_id and o.guid_key = $2 and o.id <> a.id)",
        article,
        keys.guid,
        keys.url
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
        r#"select r.article_id, r.rev, a.feed_id, r.seen_at, r.body as "body: Json<ArticleText>"
           from unnest($1::bigint[], $2::smallint[]) as w(article_id, rev)
                join revision r on r.article_id = w.article_id and r.rev = w.rev join article a on a.id = r.article_id"#,
        &articles,
        &revs
    )
    .fetch_all(conn)
    .await
}

/// Where these articles stand on the web.
pub async fn addresses(conn: &mut Conn, articles: &[i64]) -> Result<Vec<AddressRow>> {
    sqlx::query_as!(
        AddressRow,
        r#"select a.id as article_id, a.feed_id, coalesce(r.body ->> 'url', '') as "url!",
                  coalesce((r.body ->> 'paid')::boolean, false) as "paid!"
           from article a join revision r on r.article_id = a.id and r.rev = a.last_rev where a.id = any($1)"#,
        articles
    )
    .fetch_all(conn)
    .await
}

/// The analysed form of a revision.
pub async fn analysed(conn: &mut Conn, article: i64, rev: i16) -> Result<Option<Vec<u8>>> {
    sqlx::query_scalar!("select analysed from revision where article_id = $1 and rev = $2", article, rev)
        .fetch_optional(conn)
        .await
}

/// An article as listed under its feed.
#[derive(Clone, Debug)]
pub struct LatestRow {
    /// Article.
    pub id: i64,
    /// Its last revision.
    pub rev: i16,
    /// Code of the state.
    pub state: i16,
    /// First seen by us.
    pub first_seen_at: DateTime<Utc>,
    /// Title.
    pub title: String,
    /// Address.
    pub url: String,
}

/// The articles of a feed that were seen last, newest first.
pub async fn latest(conn: &mut Conn, feed: i64, limit: i64) -> Result<Vec<LatestRow>> {
    sqlx::query_as!(
        LatestRow,
        r#"select a.id, a.last_rev as rev, a.state, a.first_seen_at, coalesce(r.body ->> 'title', '') as "title!",
                  coalesce(r.body ->> 'url', '') as "url!"
           from (select * from article where feed_id = $1 order by first_seen_at desc, id desc limit $2) as a
                left join revision r on r.article_id = a.id and r.rev = a.last_rev
           order by a.first_seen_at desc, a.id desc"#,
        feed,
        limit
    )
    .fetch_all(conn)
    .await
}
